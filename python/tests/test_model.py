import sys

import numpy as np
import pandas as pd
import pytest

import sample_models
from cellar_worker import model
from cellar_worker.refusal import Refusal


@pytest.fixture(scope="session")
def rows(samples):
    return pd.read_parquet(samples / "wine.parquet").drop(columns=["class"])


@pytest.mark.parametrize("name", ["forest", "unsigned", "tensor", "strings"])
def test_predicts_with_the_probabilities_of_each_class(samples, rows, name):
    loaded = model.load(samples / name)
    said = loaded.predict(loaded.cast(rows))
    assert said.probabilities.shape == (len(rows), 3)
    assert said.probabilities.sum(axis=1) == pytest.approx(1)
    assert (said.classes[said.probabilities.argmax(axis=1)] == said.values).all()


def test_does_not_mind_the_order_of_columns_or_integers_in_them(samples, rows):
    turned = rows.iloc[:, ::-1].assign(Proline=rows["Proline"].astype("int64"))
    for name in ("forest", "unsigned"):
        loaded = model.load(samples / name)
        assert loaded.predict(loaded.cast(turned)).values.tolist() == loaded.predict(loaded.cast(rows)).values.tolist()


def test_names_the_columns_that_a_model_without_signature_misses(samples, rows):
    with pytest.raises(Refusal, match="'Ash'"):
        model.load(samples / "unsigned").cast(rows.drop(columns=["Ash"]))


def test_describes_what_it_loaded(samples):
    loaded = model.load(samples / "forest")
    assert loaded.flavors == ["python_function", "sklearn"]
    assert loaded.size_bytes == sum(each.stat().st_size for each in (samples / "forest").rglob("*") if each.is_file())
    # Before 2.10 a signature does not say what is required, which is everything.
    assert {"required": True, **loaded.signature["inputs"][0]} == {
        "type": "double",
        "name": "Alcohol",
        "required": True,
    }
    assert loaded.classes.tolist() == [0, 1, 2]
    assert loaded.warnings == []


def test_has_no_probabilities_where_there_are_none(samples, rows):
    loaded = model.load(samples / "regression")
    assert loaded.predict(loaded.cast(rows)).probabilities is None


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("broken", "LoadFailed", "UnpicklingError"),
        ("unreadable", "UnreadableModel", "cannot be read as YAML"),
        ("absent", "ModelNotFound", "does not exist"),
        (".", "ModelNotFound", "has no file MLmodel"),
    ],
)
def test_says_why_a_model_does_not_load(samples, name, kind, message):
    with pytest.raises(Refusal, match=message) as caught:
        model.load(samples / name)
    assert caught.value.kind == kind


def test_asks_for_the_flavor_that_it_scores(tmp_path):
    (tmp_path / "MLmodel").write_text("flavors: {spark: {}}")
    with pytest.raises(Refusal, match="lacks the flavor python_function, .* its flavors are spark"):
        model.load(tmp_path)


ANSWERS = """
class Model:
    def __init__(self, kind):
        self.kind = kind

    def predict(self, rows):
        n = len(rows)
        return {
            "column": lambda: pd.DataFrame({"anything": np.ones(n)}),
            "list": lambda: [1] * n,
            "series": lambda: pd.Series(np.ones(n, dtype="int64")),
            "tall": lambda: np.ones((n, 1)),
            "classes": lambda: pd.DataFrame({"1": np.full(n, 0.7), "0": np.full(n, 0.3)}),
            "both": lambda: pd.DataFrame({"prediction": [1] * n, "0": [0.6] * n, "1": [0.4] * n}),
            "short": lambda: np.ones(n - 1),
            "wide": lambda: np.ones((n, 4)),
            "unknown": lambda: pd.DataFrame({"a": np.ones(n), "b": np.ones(n)}),
        }[self.kind]()
"""


def answer(tmp_path, rows, kind):
    sample_models.save_pyfunc(tmp_path / kind, ANSWERS, kind=kind)
    with model.undisturbed():
        loaded = model.load(tmp_path / kind)
        return loaded.predict(loaded.cast(rows), labels=[0, 1])


@pytest.mark.parametrize("kind", ["column", "list", "series", "tall"])
def test_takes_one_prediction_a_row_in_any_form(tmp_path, rows, kind):
    said = answer(tmp_path, rows, kind)
    assert said.values.tolist() == [1] * len(rows)
    assert said.probabilities is None


@pytest.mark.parametrize(("kind", "first"), [("classes", [0.3, 0.7]), ("both", [0.6, 0.4])])
def test_understands_columns_named_like_the_classes_as_probabilities(tmp_path, rows, kind, first):
    said = answer(tmp_path, rows, kind)
    assert said.classes.tolist() == [0, 1]
    assert said.probabilities[0].tolist() == first
    assert said.values.tolist() == [1] * len(rows)


@pytest.mark.parametrize(
    ("kind", "message"),
    [("short", "one prediction a row"), ("wide", r"shape \[45, 4\]"), ("unknown", "columns 'a', 'b'; one column")],
)
def test_refuses_answers_that_are_no_predictions(tmp_path, rows, kind, message):
    with pytest.raises(Refusal, match=message):
        answer(tmp_path, rows, kind)


def test_takes_probabilities_from_a_model_that_predicts_them(tmp_path, rows):
    from sklearn.linear_model import LogisticRegression

    features, labels = sample_models.xy(sample_models.wine()[0])
    estimator = LogisticRegression(max_iter=50).fit(features, labels)
    sample_models.save_sklearn(tmp_path / "m", estimator, features, pyfunc_predict_fn="predict_proba")
    loaded = model.load(tmp_path / "m")
    said = loaded.predict(loaded.cast(rows))
    assert said.values.tolist() == estimator.predict(rows).tolist()
    assert np.allclose(said.probabilities, estimator.predict_proba(rows))


def test_says_what_to_install_for_a_missing_module(tmp_path):
    sample_models.save_pyfunc(tmp_path / "m", "class Model: pass")
    code = next((tmp_path / "m" / "code").glob("*.py"))
    code.write_text("import left_pad_science\n")
    (tmp_path / "m" / "requirements.txt").write_text("left-pad-science==2.1\n")
    with pytest.raises(Refusal, match="-m pip install left-pad-science==2.1") as caught, model.undisturbed():
        model.load(tmp_path / "m")
    assert caught.value.kind == "MissingModule"
    (tmp_path / "m" / "requirements.txt").write_text("numpy\n")
    with pytest.raises(Refusal, match="log the model with code_paths"), model.undisturbed():
        model.load(tmp_path / "m")


def test_warns_of_other_versions_than_the_model_was_saved_with(samples, tmp_path):
    sample_models.make(tmp_path, ["broken"])
    (tmp_path / "broken" / "requirements.txt").write_text("scikit-learn==0.1.2\n")
    with pytest.raises(
        Refusal, match="saved with scikit-learn 0.1.2; here is scikit-learn .* pip install scikit-learn==0.1.2"
    ):
        model.load(tmp_path / "broken")


def test_keeps_models_with_modules_of_the_same_name_apart(tmp_path, rows):
    for version in (1, 2):
        body = f"class Model:\n    def predict(self, rows):\n        return np.full(len(rows), {version})"
        sample_models.save_pyfunc(tmp_path / f"v{version}", body, module="shared_name")
    before = list(sys.path)
    for version in (1, 2, 1):
        with model.undisturbed():
            loaded = model.load(tmp_path / f"v{version}")
            assert set(loaded.predict(loaded.cast(rows)).values) == {version}
    assert sys.path == before
    assert "shared_name" not in sys.modules
