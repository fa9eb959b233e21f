"""Labels and predictions brought to one type, so that they can be compared and kept."""

import decimal

import numpy as np
import pandas as pd

from .refusal import Refusal, listed


def plain(values, what: str) -> np.ndarray:
    """Values as one of bool, int64, float64 or an object array of texts. What is missing is NaN or None.

    `what` names them in the Refusal (Labels) about values of any other type.
    """
    series = pd.Series(values)
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(series.dtype.categories.dtype)
    missing = series.isna().to_numpy()
    kind = series.dtype.kind if isinstance(series.dtype, np.dtype) else "O"
    if kind == "b":
        return series.to_numpy(np.bool_)
    if kind in "iu":
        return series.to_numpy().astype(np.int64)
    if kind == "f":
        return series.to_numpy().astype(np.float64)
    there = [value.item() if isinstance(value, np.generic) else value for value in series[~missing]]
    if all(isinstance(value, str) for value in there):
        return _with_gaps(there, missing, None, object)
    if all(isinstance(value, bool) for value in there):
        return _with_gaps(there, missing, None, object) if missing.any() else np.array(there, dtype=np.bool_)
    if all(isinstance(value, (int, float, decimal.Decimal)) for value in there):
        if all(isinstance(value, int) for value in there) and not missing.any():
            return np.array(there, dtype=np.int64)
        return _with_gaps([float(value) for value in there], missing, np.nan, np.float64)
    types = sorted({type(value).__name__ for value in there})
    raise Refusal("Labels", f"{what} are {listed(types)}; they must all be integers, numbers, texts or booleans.")


def missing(values: np.ndarray) -> np.ndarray:
    """Which values are missing."""
    return pd.isna(values)


def alike(said: np.ndarray, labels: np.ndarray, what: str) -> np.ndarray:
    """What a model said (`what`), in the type of the holdout's labels where nothing is lost by that.

    Raises Refusal (Labels) where one has texts and the other has none: they would never be equal.
    """
    gaps = missing(said)
    there = said[~gaps]
    is_text = labels.dtype.kind == "O"
    if len(there) > 0 and is_text != isinstance(there[0], str):
        raise Refusal(
            "Labels",
            f"The holdout's labels are {_described(labels)}, and {what} {_described(there)}: none can be equal. "
            "Upload the holdout with labels of the model's type, or log a model that predicts the holdout's.",
        )
    if is_text:
        return _with_gaps(list(there), gaps, None, object)
    if gaps.any():
        return _with_gaps([float(each) for each in there], gaps, np.nan, np.float64)
    cast = said.astype(labels.dtype)
    return cast if (cast.astype(np.float64) == said.astype(np.float64)).all() else said


def known_classes(labels: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The model's classes followed by those labels that it does not know, and these alone.

    Raises Refusal (Labels) when it knows none of the labels.
    """
    unknown = np.array([each for each in np.unique(labels) if each not in set(classes.tolist())], dtype=labels.dtype)
    if len(unknown) == len(np.unique(labels)):
        raise Refusal(
            "Labels",
            f"None of the holdout's classes ({listed(unknown.tolist())}) is among the model's "
            f"({listed(classes.tolist())}). Is this the holdout of another service, or the target another column?",
        )
    return np.concatenate([classes, unknown]) if len(unknown) else classes, unknown


def _described(values: np.ndarray) -> str:
    what = (
        "texts" if isinstance(values[0], str) else "booleans" if isinstance(values[0], (bool, np.bool_)) else "numbers"
    )
    return f"{what} ({listed(np.unique(values).tolist(), 3)})"


def _with_gaps(there: list, gaps: np.ndarray, gap, dtype) -> np.ndarray:
    values = np.full(len(gaps), gap, dtype=dtype)
    values[~gaps] = there
    return values
