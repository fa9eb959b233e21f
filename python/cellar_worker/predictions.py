"""The Parquet file of what a model said of each row."""

import os

import numpy as np


def write(path: str, labels: np.ndarray, predictions: np.ndarray, probabilities: "np.ndarray | None") -> None:
    """Writes the columns row, label, prediction and, with probabilities, p_0, p_1 … in the order of the classes.

    The file is whole or not there: it gets its name when it is complete and on the disk.
    """
    import pyarrow
    import pyarrow.parquet

    columns = {
        "row": pyarrow.array(np.arange(len(labels), dtype=np.int64)),
        "label": _column(labels),
        "prediction": _column(predictions),
    }
    for place, column in enumerate(() if probabilities is None else probabilities.T):
        columns[f"p_{place}"] = pyarrow.array(np.ascontiguousarray(column, dtype=np.float64))
    folder, name = os.path.split(os.path.abspath(path))
    unfinished = os.path.join(folder, f".{name}.{os.getpid()}.tmp")
    try:
        with open(unfinished, "wb") as file:
            pyarrow.parquet.write_table(pyarrow.table(columns), file, compression="zstd")
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    except BaseException:
        if os.path.exists(unfinished):
            os.unlink(unfinished)
        raise


def _column(values: np.ndarray):
    """int64, double, bool or string; None is null, and NaN stays NaN."""
    import pyarrow

    if values.dtype.kind == "O":
        return pyarrow.array(values.tolist(), type=pyarrow.string())
    return pyarrow.array(values)
