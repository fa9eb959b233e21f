"""Against scikit-learn, on inputs drawn at random and on those where definitions differ."""

import warnings

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from cellar_worker import metrics

CLASSES = {
    "numbers": [0, 1, 2, 3],
    "texts": ["Barbera", "Barolo", "Grignolino", "größe"],
    "two": [0, 1],
    "booleans": [False, True],
    "doubles": [0.5, 1.0, 2.25],
}


def array(values):
    return np.array(values, dtype=object if isinstance(values[0], str) else None)


def sklearn_classification(labels, predictions):
    answer = {"accuracy": sklearn_metrics.accuracy_score(labels, predictions)}
    for average in ("macro", "weighted"):
        for name in ("precision", "recall", "f1"):
            score = getattr(sklearn_metrics, f"{name}_score")
            answer[f"{name}_{average}"] = score(labels, predictions, average=average, zero_division=0)
    return answer


@pytest.mark.parametrize("kind", ["numbers", "texts", "two", "booleans"])
@pytest.mark.parametrize("seed", range(8))
def test_agrees_on_classes_drawn_at_random(kind, seed):
    random = np.random.default_rng(seed)
    rows = int(random.integers(1, 60))
    labels, predictions = array(CLASSES[kind])[random.integers(0, len(CLASSES[kind]), (2, rows))]
    assert metrics.classification(labels, predictions) == pytest.approx(sklearn_classification(labels, predictions))


@pytest.mark.parametrize(
    ("labels", "predictions"),
    [
        ([0, 1, 2, 2], [0, 1, 1, 1]),  # a class is never predicted
        ([0, 1, 1], [0, 1, 7]),  # a class is predicted that never occurs
        ([3, 3, 3], [3, 3, 3]),  # one class alone
        ([3, 3], [4, 4]),  # everything wrong
        ([1], [1]),
        (["a", "b", "a"], ["b", "b", "b"]),
        ([True, False, True], [True, True, True]),
    ],
)
def test_agrees_on_classes_that_are_degenerate(labels, predictions):
    labels, predictions = array(labels), array(predictions)
    assert metrics.classification(labels, predictions) == pytest.approx(sklearn_classification(labels, predictions))


def test_takes_doubles_as_classes():
    labels, predictions = np.array([0.5, 1.0, 2.25]), np.array([0.5, 1.0, 1.0])
    assert metrics.classification(labels, predictions) == metrics.classification(np.arange(3), np.array([0, 1, 1]))


def drawn(seed, rows, classes, ties):
    random = np.random.default_rng(seed)
    actual = np.concatenate([np.arange(classes), random.integers(0, classes, rows - classes)])
    probabilities = random.dirichlet(np.full(classes, 0.4), rows)
    if ties:
        votes = np.floor(probabilities * 4) + 1
        probabilities = votes / votes.sum(axis=1, keepdims=True)
    return actual, probabilities


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("seed", range(6))
def test_agrees_on_probabilities_with_and_without_ties(seed, classes, ties):
    actual, probabilities = drawn(seed, 40, classes, ties)
    ours = metrics.probabilistic(actual, probabilities)
    assert ours["log_loss"] == pytest.approx(sklearn_metrics.log_loss(actual, probabilities, labels=range(classes)))
    scores = probabilities[:, 1] if classes == 2 else probabilities
    options = {} if classes == 2 else {"multi_class": "ovr", "average": "macro"}
    assert ours["roc_auc"] == pytest.approx(sklearn_metrics.roc_auc_score(actual, scores, **options))


def test_agrees_on_a_probability_of_zero_and_of_one():
    actual, probabilities = np.array([0, 1, 1]), np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    ours = metrics.probabilistic(actual, probabilities)
    assert ours["log_loss"] == pytest.approx(sklearn_metrics.log_loss(actual, probabilities))
    assert np.isfinite(ours["log_loss"])


def test_averages_the_auc_over_the_classes_that_occur():
    actual, probabilities = drawn(1, 30, 3, False)
    kept = actual != 2
    occurring = [sklearn_metrics.roc_auc_score(actual[kept] == each, probabilities[kept, each]) for each in (0, 1)]
    assert metrics.probabilistic(actual[kept], probabilities[kept])["roc_auc"] == pytest.approx(np.mean(occurring))


def test_has_no_auc_of_a_single_class():
    ours = metrics.probabilistic(np.zeros(4, int), np.full((4, 2), 0.5))
    assert np.isnan(ours["roc_auc"])
    assert ours["log_loss"] == pytest.approx(np.log(2))


def sklearn_regression(labels, predictions):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            "rmse": np.sqrt(sklearn_metrics.mean_squared_error(labels, predictions)),
            "mae": sklearn_metrics.mean_absolute_error(labels, predictions),
            "mape": sklearn_metrics.mean_absolute_percentage_error(labels, predictions),
            "r2": sklearn_metrics.r2_score(labels, predictions),
        }


@pytest.mark.parametrize("seed", range(6))
def test_agrees_on_numbers_drawn_at_random(seed):
    labels, predictions = np.random.default_rng(seed).normal(3, 2, (2, 25))
    assert metrics.regression(labels, predictions) == pytest.approx(sklearn_regression(labels, predictions))


@pytest.mark.parametrize(
    ("labels", "predictions"),
    [
        ([1.0, 2.0], [1.0, 2.0]),
        ([5.0, 5.0, 5.0], [5.0, 5.0, 5.0]),  # a constant target, right
        ([5.0, 5.0, 5.0], [5.0, 5.0, 6.0]),  # and wrong
        ([0.0, 1.0], [0.5, 1.0]),  # a relative error of zero
        ([1.0], [2.0]),  # one row: no R²
        ([1e300, -1e300], [1e300, 0.0]),  # squares that overflow
    ],
)
def test_agrees_on_numbers_that_are_degenerate(labels, predictions):
    labels, predictions = np.array(labels), np.array(predictions)
    assert metrics.regression(labels, predictions) == pytest.approx(
        sklearn_regression(labels, predictions), nan_ok=True
    )


def test_is_not_a_number_where_a_prediction_is_none():
    assert all(np.isnan(value) for value in metrics.regression(np.arange(3.0), np.array([0, np.nan, 2])).values())


def test_is_infinite_where_a_prediction_is():
    ours = metrics.regression(np.arange(3.0), np.array([0, np.inf, 2]))
    assert (ours["rmse"], ours["mae"], ours["r2"]) == (np.inf, np.inf, -np.inf)
