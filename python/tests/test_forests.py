"""A forest that walks its trees itself says what scikit-learn's own method says."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from cellar_worker import forests
from sample_models import FEATURES, NAMES, wine, xy

TRAINING, HOLDOUT = wine()
ROWS, LABELS = xy(TRAINING)
ASKED, _ = xy(HOLDOUT)

MODELS = {
    "a classifier": (RandomForestClassifier(30, random_state=1), LABELS),
    "a classifier of names": (RandomForestClassifier(30, random_state=1), NAMES[LABELS]),
    "a classifier of two classes": (ExtraTreesClassifier(30, random_state=1), LABELS > 0),
    "a classifier with class weights": (RandomForestClassifier(9, random_state=1, class_weight="balanced"), LABELS),
    "a classifier on all cores": (RandomForestClassifier(30, random_state=1, n_jobs=-1), LABELS),
    "a regressor": (RandomForestRegressor(30, random_state=1), ROWS["Proline"]),
    "a regressor of extra trees": (ExtraTreesRegressor(30, random_state=1), ROWS["Proline"]),
    "a regressor of medians": (
        RandomForestRegressor(5, random_state=1, criterion="absolute_error"),
        ROWS["Hue"],
    ),
    "a pipeline": (make_pipeline(StandardScaler(), RandomForestClassifier(30, random_state=1)), LABELS),
}


@pytest.mark.parametrize("name", MODELS)
def test_the_same_answers(name):
    model, target = MODELS[name]
    model.fit(ROWS, target)
    asked = [ASKED, ASKED.iloc[:1], ASKED.astype("float32"), ASKED.astype("int64"), ROWS]
    before = [model.predict(each) for each in asked]
    assert forests.quicken(model)
    for own, rows in zip(before, asked, strict=True):
        answer = model.predict(rows)
        assert answer.dtype == own.dtype
        assert np.array_equal(answer, own)


def test_the_same_probabilities():
    model = RandomForestClassifier(30, random_state=2).fit(ROWS, LABELS)
    before = model.predict_proba(ASKED)
    assert forests.quicken(model)
    assert model.predict_proba(ASKED).tobytes() == before.tobytes()


def test_the_trees_are_asked_without_the_library():
    model = RandomForestClassifier(5, random_state=2).fit(ROWS, LABELS)
    forests.quicken(model)

    def refuse(*_, **__):
        raise AssertionError("scikit-learn's own way was taken")

    for tree in model.estimators_:
        tree.predict_proba = refuse
    assert model.predict(ASKED).shape == (len(ASKED),)
    with pytest.raises(AssertionError):
        model.predict_proba(ASKED.assign(Hue=np.nan))


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(ASKED.assign(Hue=np.nan), id="missing"),
        pytest.param(ASKED.assign(Hue=np.inf), id="infinite"),
        pytest.param(ASKED.assign(Hue=1e300), id="too large"),
        pytest.param(ASKED.assign(Hue="red"), id="text"),
        pytest.param(ASKED.assign(Hue=ASKED["Hue"].astype(object)), id="objects"),
        pytest.param(ASKED[FEATURES[::-1]], id="another order"),
        pytest.param(ASKED.iloc[:0], id="none"),
        pytest.param(ASKED.to_numpy(), id="no names"),
        pytest.param(ASKED.to_numpy()[:, :5], id="too few columns"),
        pytest.param(ASKED.to_numpy()[0], id="one dimension"),
    ],
)
def test_rows_that_the_library_must_judge_are_judged_by_it(rows):
    model = RandomForestClassifier(10, random_state=3).fit(ROWS, LABELS)
    own = _outcome(model, rows)
    assert forests.quicken(model)
    assert _outcome(model, rows) == own


def test_what_is_no_plain_forest_is_left_alone():
    class Own(RandomForestClassifier):
        """Predicts in its own way."""

    two = np.column_stack([LABELS, LABELS])
    for model, target in [
        (Own(5), LABELS),
        (GradientBoostingClassifier(n_estimators=5), LABELS),
        (RandomForestClassifier(5), two),
        (RandomForestRegressor(5), two),
    ]:
        model.fit(ROWS, target)
        assert not forests.quicken(model)
        assert not {"predict", "predict_proba"} & vars(model).keys()
    assert not forests.quicken(None)
    assert not forests.quicken(RandomForestClassifier())


def test_a_forest_that_says_something_else_is_left_alone():
    model = RandomForestClassifier(5, random_state=4, n_jobs=2).fit(ROWS, LABELS)
    own = model.predict_proba
    model.predict_proba = lambda rows: own(rows)[:, ::-1]
    assert not forests.quicken(model)
    assert model.n_jobs == 2


def _outcome(model, rows):
    try:
        return model.predict(rows).tolist()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def test_data_frames_are_read_as_the_gateway_makes_them():
    model = RandomForestClassifier(10, random_state=5).fit(ROWS, LABELS)
    own = model.predict(ASKED)
    forests.quicken(model)
    frame = pd.DataFrame(ASKED.to_numpy(), columns=pd.Index(FEATURES, dtype=object), copy=False)
    assert np.array_equal(model.predict(frame), own)
