"""How long a model takes to answer."""

import time

import numpy as np

from .model import LoadedModel

# A slow model is measured with fewer calls: each of the two measurements ends after this time.
LIMIT_S = 10.0


def measure(model: LoadedModel, rows, row_calls: int, batch_rows: int, batch_calls: int) -> dict:
    """p50 and p95 in milliseconds of the pyfunc for one row and for a batch of rows, each after a call to warm up.

    `rows` are the model's own (`LoadedModel.cast`); the batch is no larger than they are.
    """
    count = len(rows)
    batch = min(batch_rows, count)
    by_place = rows.iloc if hasattr(rows, "iloc") else rows
    singles = [by_place[at : at + 1] for at in range(min(count, row_calls))]
    starts = range(0, max(count - batch + 1, 1), batch)
    batches = [by_place[at : at + batch] for at in starts][:batch_calls]
    return {
        "row": _percentiles(model, singles, row_calls),
        "batch": {**_percentiles(model, batches, batch_calls), "rows": batch},
    }


def _percentiles(model: LoadedModel, inputs: list, calls: int) -> dict:
    predict = model.pyfunc.predict
    predict(inputs[0])
    taken = []
    until = time.perf_counter() + LIMIT_S
    while len(taken) < calls:
        given = inputs[len(taken) % len(inputs)]
        start = time.perf_counter()
        predict(given)
        end = time.perf_counter()
        taken.append((end - start) * 1000)
        if end > until:
            break
    p50, p95 = np.percentile(taken, [50, 95])
    return {"p50": float(p50), "p95": float(p95)}
