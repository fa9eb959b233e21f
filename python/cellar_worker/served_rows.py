"""Rows of a Parquet file for the gateway, which checks a model against what was recorded of it."""

import json

import pandas as pd

_TYPES = {"float64": "double", "float32": "float", "int64": "long", "int32": "integer", "bool": "boolean"}


def rows(header: dict) -> "tuple[dict, list[bytes]]":
    """The columns of a Parquet file, its types in MLflow's words, and its first `limit` rows (all without one)."""
    frame = pd.read_parquet(header["path"])
    total = len(frame)
    if header.get("limit") is not None:
        frame = frame.head(header["limit"])
    split = json.loads(frame.to_json(orient="split", date_format="iso", double_precision=15, index=False))
    for at, name in enumerate(frame.columns):
        if frame[name].dtype.kind == "f":
            # to_json rounds to 15 digits, and a double may need 17.
            for row, value in zip(split["data"], frame[name].tolist()):
                row[at] = None if pd.isna(value) else value
    return (
        {"total": total, "types": {str(name): column_type(frame[name]) for name in frame.columns}},
        [json.dumps({"columns": [str(name) for name in frame.columns], "data": split["data"]}).encode()],
    )


def column_type(column: pd.Series) -> str:
    """MLflow's word for the type of a column."""
    known = _TYPES.get(str(column.dtype))
    if known is not None:
        return known
    if column.dtype.kind == "M":
        return "datetime"
    return "double" if column.dtype.kind in "iuf" else "string"
