"""The metrics of an evaluation, defined as scikit-learn defines them, computed with numpy alone.

What cannot be defined is NaN: every metric where a prediction is missing, ROC AUC where the holdout has one class.
"""

import numpy as np


def classification(labels: np.ndarray, predictions: np.ndarray) -> dict[str, float]:
    """Accuracy, precision, recall and F1 of predicted classes; both arrays have one type and nothing missing.

    Macro means are over the classes that occur in either array. A division by zero counts as 0.
    """
    occurring, codes = np.unique(np.concatenate([labels, predictions]), return_inverse=True)
    codes = codes.reshape(-1)
    actual, predicted = codes[: len(labels)], codes[len(labels) :]
    hits = np.bincount(actual[actual == predicted], minlength=len(occurring)).astype(float)
    support = np.bincount(actual, minlength=len(occurring)).astype(float)
    claimed = np.bincount(predicted, minlength=len(occurring)).astype(float)
    by_class = {
        "precision": _ratio(hits, claimed),
        "recall": _ratio(hits, support),
        "f1": _ratio(2 * hits, support + claimed),
    }
    metrics = {"accuracy": float((actual == predicted).mean())}
    for name, values in by_class.items():
        metrics[f"{name}_macro"] = float(values.mean())
        metrics[f"{name}_weighted"] = float(np.average(values, weights=support))
    return metrics


def probabilistic(actual: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """Log loss and ROC AUC; `actual` is the column of `probabilities` that holds each row's own class.

    With two classes the AUC is that of the second; with more it is the mean of each class against the rest, over the
    classes that occur in the holdout, which are the same for all models that it scores.
    """
    rows, classes = probabilities.shape
    own = probabilities[np.arange(rows), actual]
    log_loss = float(-np.log(np.clip(own, np.finfo(np.float64).eps, 1)).mean())
    occurring = np.unique(actual)
    if len(occurring) < 2:
        return {"log_loss": log_loss, "roc_auc": float("nan")}
    columns = [1] if classes == 2 else occurring
    areas = [_area_under_roc(actual == column, probabilities[:, column]) for column in columns]
    return {"log_loss": log_loss, "roc_auc": float(np.mean(areas))}


def regression(labels: np.ndarray, predictions: np.ndarray) -> dict[str, float]:
    """RMSE, MAE, MAPE (a fraction, not per cent) and R² of doubles. A prediction that is NaN makes them NaN."""
    with np.errstate(all="ignore"):
        errors = labels - predictions
        squared = float(np.square(errors).sum())
        spread = float(np.square(labels - labels.mean()).sum())
        if len(labels) < 2 or np.isnan(squared):
            r2 = float("nan")
        elif spread == 0:
            # A constant target: right or wrong, there is no in between.
            r2 = 1.0 if squared == 0 else 0.0
        else:
            r2 = 1 - squared / spread
        return {
            "rmse": float(np.sqrt(np.square(errors).mean())),
            "mae": float(np.abs(errors).mean()),
            "mape": float((np.abs(errors) / np.maximum(np.abs(labels), np.finfo(np.float64).eps)).mean()),
            "r2": r2,
        }


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _area_under_roc(positive: np.ndarray, scores: np.ndarray) -> float:
    """The chance that a positive row scores above a negative one; a tie counts half."""
    _, place, ties = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(ties) - (ties - 1) / 2)[place.reshape(-1)]
    positives = int(positive.sum())
    negatives = len(positive) - positives
    return float((ranks[positive].sum() - positives * (positives + 1) / 2) / (positives * negatives))
