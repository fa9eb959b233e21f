"""Evaluations as the worker makes them, in this process."""

import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest

import sample_models
from cellar_worker import request
from cellar_worker.refusal import Refusal
from cellar_worker.scoring import score


def evaluate(model, holdout, target="class", task="classification", **more):
    steps = []
    message = {"model": str(model), "holdout": {"path": str(holdout), "target": target, "task": task}, **more}
    return {**score(request.parse(message), steps.append), "steps": steps}


@pytest.mark.parametrize(("name", "holdout"), [("forest", "wine"), ("strings", "wine-names")])
def test_scores_a_classifier_as_scikit_learn_does(samples, tmp_path, name, holdout):
    import mlflow.sklearn
    from sklearn import metrics

    answer = evaluate(samples / name, samples / f"{holdout}.parquet")
    rows = pd.read_parquet(samples / f"{holdout}.parquet")
    estimator = mlflow.sklearn.load_model(str(samples / name))
    features, labels = rows.drop(columns=["class"]), rows["class"].astype(object if name == "strings" else "int64")
    predicted, probabilities = estimator.predict(features), estimator.predict_proba(features)
    assert answer["metrics"]["accuracy"] == metrics.accuracy_score(labels, predicted)
    assert answer["metrics"]["f1_weighted"] == pytest.approx(metrics.f1_score(labels, predicted, average="weighted"))
    assert answer["metrics"]["log_loss"] == pytest.approx(metrics.log_loss(labels, probabilities))
    assert answer["metrics"]["roc_auc"] == pytest.approx(
        metrics.roc_auc_score(labels, probabilities, multi_class="ovr")
    )
    assert answer["classes"] == estimator.classes_.tolist()
    assert answer["rows"] == 45
    assert answer["steps"] == ["loading", "predicting", "writing"]
    assert answer["latencyMs"] is None
    assert answer["warnings"] == []


def test_scores_a_regression(samples, tmp_path):
    out = tmp_path / "out.parquet"
    answer = evaluate(
        samples / "regression", samples / "proline.parquet", "Proline", "regression", predictions=str(out)
    )
    assert sorted(answer["metrics"]) == ["mae", "mape", "r2", "rmse"]
    assert 0.5 < answer["metrics"]["r2"] < 1
    assert answer["classes"] is None
    table = pyarrow.parquet.read_table(out)
    assert [(field.name, str(field.type)) for field in table.schema] == [
        ("row", "int64"),
        ("label", "double"),
        ("prediction", "double"),
    ]
    errors = table["label"].to_numpy() - table["prediction"].to_numpy()
    assert np.sqrt(np.square(errors).mean()) == pytest.approx(answer["metrics"]["rmse"])


@pytest.mark.parametrize(
    ("name", "holdout", "type_"), [("forest", "wine", "int64"), ("strings", "wine-names", "string")]
)
def test_keeps_what_was_said_of_each_row(samples, tmp_path, name, holdout, type_):
    out = tmp_path / "out.parquet"
    answer = evaluate(samples / name, samples / f"{holdout}.parquet", predictions=str(out))
    table = pyarrow.parquet.read_table(out)
    assert [(field.name, str(field.type)) for field in table.schema] == [
        ("row", "int64"),
        ("label", type_),
        ("prediction", type_),
        ("p_0", "double"),
        ("p_1", "double"),
        ("p_2", "double"),
    ]
    rows = table.to_pylist()
    assert [each["row"] for each in rows] == list(range(45))
    assert [each["label"] for each in rows] == pd.read_parquet(samples / f"{holdout}.parquet")["class"].tolist()
    right = [each["label"] == each["prediction"] for each in rows]
    assert np.mean(right) == answer["metrics"]["accuracy"]
    for each in rows:
        said = [each["p_0"], each["p_1"], each["p_2"]]
        assert answer["classes"][int(np.argmax(said))] == each["prediction"]
    assert [each.name for each in tmp_path.iterdir()] == ["out.parquet"]


def test_leaves_nothing_behind_when_the_file_cannot_be_written(samples, tmp_path):
    (tmp_path / "out.parquet").mkdir()
    with pytest.raises(OSError, match="directory"):
        evaluate(samples / "forest", samples / "wine.parquet", predictions=str(tmp_path / "out.parquet"))
    assert [each.name for each in tmp_path.iterdir()] == ["out.parquet"]


def test_measures_a_row_and_a_batch_no_larger_than_the_holdout(samples):
    latency = {"rowCalls": 3, "batchRows": 100, "batchCalls": 2}
    answer = evaluate(samples / "regression", samples / "proline.parquet", "Proline", "regression", latency=latency)
    taken = answer["latencyMs"]
    assert 0 < taken["row"]["p50"] <= taken["row"]["p95"]
    assert 0 < taken["batch"]["p50"] <= taken["batch"]["p95"]
    assert taken["batch"]["rows"] == 45


def test_is_not_a_number_where_the_model_gives_none(samples, tmp_path):
    out = tmp_path / "out.parquet"
    answer = evaluate(samples / "nan", samples / "wine.parquet", predictions=str(out))
    assert set(answer["metrics"].values()) == {"NaN"}
    assert answer["classes"] == [0, 1, 2]
    assert answer["warnings"] == ["The model gives no prediction for 15 rows (the first is row 2)."]
    assert np.isnan(pyarrow.parquet.read_table(out)["prediction"].to_numpy()[2])


def said(tmp_path, values, labels, task="classification", **more):
    """Scores a model that answers with these values on rows with these labels."""
    path = tmp_path / f"model-{len(list(tmp_path.iterdir()))}"
    body = """
    class Model:
        def __init__(self, values):
            self.values = values

        def predict(self, rows):
            return {table} if isinstance(self.values, dict) else np.array(self.values)[rows['at']]
    """.replace("{table}", "pd.DataFrame(self.values).iloc[rows['at']]")
    sample_models.save_pyfunc(path, body, values=values)
    pd.DataFrame({"at": range(len(labels)), "label": labels}).to_parquet(tmp_path / "rows.parquet")
    return evaluate(path, tmp_path / "rows.parquet", "label", task, **more)


@pytest.mark.parametrize(
    ("values", "labels", "classes"),
    [
        ([0.0, 1.0, 1.0], [0, 1, 0], [0, 1]),
        ([0, 1, 1], [0.0, 1.0, 0.0], [0.0, 1.0]),
        ([0, 1, 1], [False, True, False], [False, True]),
        ([False, True, True], [0, 1, 0], [0, 1]),
        (["a", "b", "b"], ["a", "b", "a"], ["a", "b"]),
        (["a", "b", "b"], pd.Categorical(["a", "b", "a"]), ["a", "b"]),
        ([0, 1, 2], [0, 1, 1], [0, 1, 2]),
        ([0, 1, 2], [False, True, True], [0, 1, 2]),
    ],
)
def test_compares_classes_of_different_number_types(tmp_path, values, labels, classes):
    answer = said(tmp_path, values, labels)
    assert answer["metrics"]["accuracy"] == pytest.approx(2 / 3)
    assert answer["classes"] == classes
    assert [type(each) for each in answer["classes"]] == [type(each) for each in classes]


def test_keeps_booleans_as_booleans(tmp_path):
    said(tmp_path, [0, 1], [False, True], predictions=str(tmp_path / "out.parquet"))
    schema = pyarrow.parquet.read_schema(tmp_path / "out.parquet")
    assert [str(field.type) for field in schema] == ["int64", "bool", "bool"]


def test_takes_a_missing_text_as_no_prediction(tmp_path):
    answer = said(tmp_path, {"prediction": ["a", None]}, ["a", "b"], predictions=str(tmp_path / "out.parquet"))
    assert answer["metrics"]["accuracy"] == "NaN"
    assert pyarrow.parquet.read_table(tmp_path / "out.parquet")["prediction"].to_pylist() == ["a", None]


@pytest.mark.parametrize(
    ("values", "labels", "message"),
    [
        (
            ["0", "1"],
            [0, 1],
            r"labels are numbers \(0, 1\), and the model predicts texts \('0', '1'\): none can be equal",
        ),
        ([0, 1], ["0", "1"], r"labels are texts \('0', '1'\), and the model predicts numbers \(0, 1\)"),
        ([0.25, 0.5], [0, 1], r"predicts 0.25, and the holdout's classes are whole numbers"),
        ({"prediction": [[1], [2]]}, [0, 1], "predictions are 'list'; they must all be integers, numbers"),
    ],
)
def test_says_why_predictions_are_no_classes(tmp_path, values, labels, message):
    with pytest.raises(Refusal, match=message) as caught:
        said(tmp_path, values, labels)
    assert caught.value.kind == "Labels"


def test_takes_columns_for_probabilities_only_where_they_name_all_classes_of_the_holdout(tmp_path):
    columns = {"a": [0.9, 0.2, 0.5], "b": [0.1, 0.8, 0.5]}
    answer = said(tmp_path, columns, ["a", "b", "b"])
    assert answer["classes"] == ["a", "b"]
    with pytest.raises(Refusal, match="The model answers with the columns 'a', 'b'"):
        said(tmp_path, columns, ["a", "b", "c"])


def test_ranks_a_model_that_never_saw_a_class_of_the_holdout(samples, tmp_path):
    from sklearn.ensemble import RandomForestClassifier

    train, holdout = sample_models.wine()
    seen = train[train["class"] != 2]
    features, labels = sample_models.xy(seen)
    sample_models.save_sklearn(
        tmp_path / "m", RandomForestClassifier(5, random_state=1).fit(features, labels), features
    )
    holdout.to_parquet(tmp_path / "rows.parquet")
    answer = evaluate(tmp_path / "m", tmp_path / "rows.parquet", predictions=str(tmp_path / "out.parquet"))
    assert answer["classes"] == [0, 1, 2]
    assert 5 < answer["metrics"]["log_loss"] < 36.1
    assert set(pyarrow.parquet.read_table(tmp_path / "out.parquet")["p_2"].to_pylist()) == {0.0}
    assert answer["warnings"] == [
        "The holdout has classes that the model does not know: 2. Their probability is taken as 0."
    ]
    holdout.assign(**{"class": 7}).to_parquet(tmp_path / "rows.parquet")
    with pytest.raises(Refusal, match=r"None of the holdout's classes \(7\) is among the model's \(0, 1\)"):
        evaluate(tmp_path / "m", tmp_path / "rows.parquet")


def test_has_no_auc_on_a_holdout_of_one_class(samples, tmp_path):
    rows = pd.read_parquet(samples / "wine.parquet")
    rows[rows["class"] == 1].to_parquet(tmp_path / "rows.parquet")
    answer = evaluate(samples / "forest", tmp_path / "rows.parquet")
    assert answer["metrics"]["roc_auc"] == "NaN"
    assert answer["warnings"] == ["The holdout has only the class 1: no ROC AUC."]


@pytest.mark.parametrize(
    ("change", "target", "task", "message"),
    [
        (lambda rows: rows, "species", "classification", "has no column 'species' to predict; it has 'Alcohol', "),
        (lambda rows: rows[:0], "class", "classification", "has no rows"),
        (lambda rows: rows.assign(**{"class": rows["class"].where(rows.index != 3)}), "class", "classification",
         r"column 'class' has no value in 1 rows \(the first is row 3\)"),
        (lambda rows: rows.assign(**{"class": "x"}), "class", "regression", "texts, and a regression is of numbers"),
        (lambda rows: rows.drop(columns=["Ash"]), "class", "classification", "asks for the column 'Ash'"),
        (lambda rows: rows.assign(Ash="wet"), "class", "classification", "'Ash' is double .* row 0 has the text 'wet'"),
    ],
)  # fmt: skip
def test_names_what_is_wrong_with_a_holdout(samples, tmp_path, change, target, task, message):
    change(pd.read_parquet(samples / "wine.parquet")).to_parquet(tmp_path / "rows.parquet")
    with pytest.raises(Refusal, match=message):
        evaluate(samples / "forest", tmp_path / "rows.parquet", target, task)


def test_names_a_holdout_that_is_no_parquet(samples, tmp_path):
    (tmp_path / "rows.parquet").write_text("a,b\n1,2\n")
    for path in (tmp_path / "rows.parquet", tmp_path / "absent.parquet"):
        with pytest.raises(Refusal, match="cannot be read as Parquet"):
            evaluate(samples / "forest", path)


METRICS = """
import numpy as np

def profit(labels, predictions, probabilities, frame):
    assert labels.shape == predictions.shape == (45,) and probabilities.shape == (45, 3)
    gained = frame["Proline"][labels == predictions].sum()
    labels[:] = 0
    frame["class"] = 0
    return np.float32(gained)

def boundless(labels, predictions, probabilities, frame):
    return -np.inf

def division(labels, predictions, probabilities, frame):
    return 1 / len(frame[:0])

def many(labels, predictions, probabilities, frame):
    return labels

def leaving(labels, predictions, probabilities, frame):
    exit(0)
"""


def with_metrics(samples, path, *functions, names=None):
    asked = [{"name": each, "path": str(path), "function": each} for each in functions]
    for each, name in zip(asked, names or (), strict=False):
        each["name"] = name
    return evaluate(samples / "forest", samples / "wine.parquet", metricFunctions=asked)


def test_adds_metrics_of_the_users_own(samples, tmp_path):
    path = tmp_path / "own.py"
    path.write_text(METRICS)
    answer = with_metrics(samples, path, "profit", "boundless", "profit", names=["profit", "worst", "again"])
    assert answer["metrics"]["profit"] == answer["metrics"]["again"] > 30_000
    assert answer["metrics"]["worst"] == "-Infinity"
    assert answer["metrics"]["accuracy"] > 0.9


def test_reads_a_metric_function_anew_for_each_evaluation(samples, tmp_path):
    path = tmp_path / "own.py"
    for value in (1, 2):
        path.write_text(f"def constant(labels, predictions, probabilities, frame):\n    return {value}\n")
        path.touch()
        assert with_metrics(samples, path, "constant")["metrics"]["constant"] == value


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("division", r"The metric 'division' \(division in .*own.py\) failed on line 15: ZeroDivisionError"),
        ("many", "returned ndarray; a metric is one number"),
        ("absent", "is not there: the file has boundless, division, leaving, many, profit"),
        ("leaving", "failed on line 21: SystemExit"),
    ],
)
def test_fails_with_the_name_of_the_metric_that_failed(samples, tmp_path, function, message):
    path = tmp_path / "own.py"
    path.write_text(METRICS)
    with pytest.raises(Refusal, match=message) as caught:
        with_metrics(samples, path, function)
    assert caught.value.kind == "MetricFunctionFailed"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def profit(:", "failed on line 1: SyntaxError"),
        ("\nimport nowhere_at_all", "failed on line 2: ModuleNotFoundError"),
    ],
)
def test_names_a_metric_file_that_does_not_load(samples, tmp_path, text, message):
    path = tmp_path / "own.py"
    path.write_text(text)
    with pytest.raises(Refusal, match=message):
        with_metrics(samples, path, "profit")
    with pytest.raises(Refusal, match="is no file"):
        with_metrics(samples, tmp_path / "absent.py", "profit")


def test_does_not_let_a_function_replace_a_metric(samples, tmp_path):
    path = tmp_path / "own.py"
    path.write_text("def f(*_):\n    return 1.0\n")
    with pytest.raises(Refusal, match="'accuracy' .* has the name of one that is computed already"):
        with_metrics(samples, path, "f", names=["accuracy"])


def test_passes_on_what_the_library_warns_of(tmp_path):
    body = """
    import warnings

    class Model:
        def predict(self, rows):
            warnings.warn('the sensor drifts\\n  a lot')
            warnings.warn('old spelling', DeprecationWarning)
            return np.zeros(len(rows), dtype='int64')
    """
    sample_models.save_pyfunc(tmp_path / "m", body)
    pd.DataFrame({"x": [1, 2], "y": [0, 1]}).to_parquet(tmp_path / "rows.parquet")
    latency = {"rowCalls": 5, "batchRows": 2, "batchCalls": 2}
    answer = evaluate(tmp_path / "m", tmp_path / "rows.parquet", "y", latency=latency)
    assert answer["warnings"] == ["UserWarning: the sensor drifts a lot"]


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        ({}, "'holdout' is missing; it must be an object"),
        ({"holdout": {"path": "p", "target": "t", "task": "ranking"}}, "'holdout.task' is 'ranking'; it must be one"),
        ({"holdout": {"path": 5, "target": "t", "task": "regression"}, "model": "m"}, "'holdout.path' is 5; it must"),
        ({"holdout": {"path": "p", "target": "t", "task": "regression"}}, "'model' is missing"),
        ({"model": "m", "metricFunctions": [{"name": "n"}]}, r"'metricFunctions\[0\].path' is missing"),
        ({"model": "m", "metricFunctions": "f"}, "must be a list of objects"),
        ({"model": "m", "latency": {"rowCalls": 0, "batchRows": 1, "batchCalls": 1}}, "must be at least 1"),
        ({"model": "m", "latency": {"rowCalls": True, "batchRows": 1, "batchCalls": 1}}, "'latency.rowCalls' is True"),
    ],
)  # fmt: skip
def test_names_the_field_of_a_malformed_request(message, complaint):
    if message and "holdout" not in message:
        message = {"holdout": {"path": "p", "target": "t", "task": "regression"}, **message}
    with pytest.raises(Refusal, match=complaint):
        request.parse(message)
