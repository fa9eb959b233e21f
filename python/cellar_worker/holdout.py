"""The rows that a model is scored on."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import labels as labels_
from .refusal import Refusal, listed


@dataclass(frozen=True)
class Holdout:
    """`frame` is all rows as they were uploaded, `features` all columns but the target, `labels` the target alone."""

    frame: pd.DataFrame
    features: pd.DataFrame
    labels: np.ndarray


def read(path: str, target: str, task: str) -> Holdout:
    """Reads the Parquet of a holdout. Raises Refusal (Holdout), naming what is wrong with the file or its target."""
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.read_table(path)
    except (OSError, pyarrow.ArrowException) as error:
        raise Refusal("Holdout", f"The holdout {path} cannot be read as Parquet: {error}") from error
    if target not in table.column_names:
        raise Refusal(
            "Holdout", f"The holdout has no column '{target}' to predict; it has {listed(table.column_names, 40)}."
        )
    if table.num_rows == 0:
        raise Refusal("Holdout", f"The holdout {path} has no rows.")
    frame = table.to_pandas(ignore_metadata=True)
    labels = labels_.plain(frame[target], f"The labels in the holdout's column '{target}'")
    gaps = labels_.missing(labels)
    if gaps.any():
        raise Refusal(
            "Holdout",
            f"The holdout's column '{target}' has no value in {int(gaps.sum())} rows (the first is row "
            f"{int(np.argmax(gaps))}): every row needs its label.",
        )
    if task == "regression":
        if labels.dtype.kind == "O":
            raise Refusal("Holdout", f"The holdout's column '{target}' holds texts, and a regression is of numbers.")
        labels = labels.astype(np.float64)
    return Holdout(frame, frame.drop(columns=[target]), labels)
