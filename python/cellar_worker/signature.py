"""A model's signature, and rows cast to what it asks for."""

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .refusal import Refusal, listed

# The last pandas without a name for "any form of ISO 8601".
_PANDAS_1 = pd.__version__.startswith("1.")


@dataclass(frozen=True)
class Input:
    """One column of a signature's inputs; `name` is None where columns count by their place."""

    name: str | None
    type: str
    required: bool = True


@dataclass(frozen=True)
class Tensor:
    """A signature's single unnamed tensor; -1 in `shape` is any length."""

    dtype: str
    shape: tuple[int, ...]


def parse(signature: dict | None) -> dict | None:
    """The signature of an MLmodel file, its `inputs`, `outputs` and `params` as lists instead of JSON text."""
    if not signature:
        return None
    return {
        part: json.loads(signature[part]) if signature.get(part) else None
        for part in ("inputs", "outputs", "params")
        if part != "params" or signature.get(part)
    }


def inputs_of(signature: dict | None) -> list[Input] | Tensor | None:
    """What a parsed signature says of the inputs, or None where nothing can be cast by it."""
    specs = (signature or {}).get("inputs")
    if not specs:
        return None
    if all(spec["type"] != "tensor" for spec in specs):
        return [
            Input(spec.get("name"), spec["type"], spec.get("required", not spec.get("optional", False)))
            for spec in specs
        ]
    if len(specs) == 1 and specs[0].get("name") is None:
        spec = specs[0]["tensor-spec"]
        return Tensor(spec["dtype"], tuple(spec["shape"]))
    return None


def cast(frame: pd.DataFrame, inputs: list[Input] | Tensor | None) -> "pd.DataFrame | np.ndarray":
    """The rows as the model's signature wants them: its columns, in its order, in its types.

    Only casts that lose nothing are made, but for double to float. Raises Refusal (MissingColumns, ColumnType,
    MissingValue, Shape) that names column, row (counted from 0), what was found and what was expected.
    """
    if inputs is None:
        return frame
    if isinstance(inputs, Tensor):
        return _cast_tensor(frame, inputs)
    if all(each.name is None for each in inputs):
        if frame.shape[1] < len(inputs):
            raise Refusal(
                "MissingColumns",
                f"The model takes {len(inputs)} columns, and the rows have {frame.shape[1]}: {listed(frame.columns)}.",
            )
        chosen = list(zip(frame.columns, inputs))
    else:
        missing = [each.name for each in inputs if each.required and each.name not in frame.columns]
        if missing:
            raise Refusal(
                "MissingColumns",
                f"The model's signature asks for {_columns(missing)}, which the rows do not have. "
                f"They have {listed(frame.columns, 40)}.",
            )
        chosen = [(each.name, each) for each in inputs if each.name in frame.columns]
    return pd.DataFrame({name: cast_column(frame[name], each) for name, each in chosen}, index=frame.index)


def cast_column(values: pd.Series, to: Input) -> "pd.Series | np.ndarray":
    """One column in the type that the signature asks for; raises Refusal as `cast` does."""
    column = str(values.name)
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.dtype.categories.dtype)
    caster = _casters.get(to.type)
    return values if caster is None else caster(values, column, to)


def _to_integer(values: pd.Series, column: str, to: Input):
    target = np.dtype(np.int32 if to.type == "integer" else np.int64)
    if values.dtype == target:
        return values
    values = _numbers(values, column, to)
    if values.dtype.kind == "f":
        missing = np.isnan(values)
        if missing.any():
            raise Refusal(
                "MissingValue",
                f"Column '{column}' has no value in {_rows(missing)}, and is {to.type} in the model's signature, which "
                "cannot be missing. Give these rows a value, or log the model with this column as double.",
            )
        whole = np.isfinite(values) & (np.floor(values) == values)
        _demand(whole, values, column, to)
    low, high = np.iinfo(target).min, np.iinfo(target).max
    # 2**63 is a double, 2**63 - 1 is none: compare with what lies beyond.
    inside = (
        (values >= low) & (values < float(high) + 1) if values.dtype.kind == "f" else (values >= low) & (values <= high)
    )
    _demand(inside, values, column, to)
    return values.astype(target)


def _to_real(values: pd.Series, column: str, to: Input):
    target = np.dtype(np.float32 if to.type == "float" else np.float64)
    return values if values.dtype == target else _numbers(values, column, to).astype(target)


def _numbers(values: pd.Series, column: str, to: Input) -> np.ndarray:
    """A column of numbers (or booleans, as 0 and 1) as a plain array; what is missing is NaN."""
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "iuf":
        return values.to_numpy()
    if isinstance(values.dtype, np.dtype) and values.dtype.kind == "b":
        return values.to_numpy(np.int64)
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values.to_numpy(np.float64, na_value=np.nan) if values.hasnans else values.to_numpy()
    present = values.notna().to_numpy()
    if not pd.api.types.is_object_dtype(values.dtype):
        _demand(~present, values, column, to)
    fits = np.array([not there or _is_number(value) for there, value in zip(present, values)], dtype=bool)
    _demand(fits, values, column, to)
    if present.all() and all(isinstance(value, (int, np.integer)) for value in values):
        try:
            return np.array([int(value) for value in values], dtype=np.int64)
        except OverflowError:
            pass
    return np.array([float(value) if there else np.nan for there, value in zip(present, values)], dtype=np.float64)


def _is_number(value) -> bool:
    return isinstance(value, (bool, int, float, np.number, np.bool_)) or type(value).__name__ == "Decimal"


def _to_boolean(values: pd.Series, column: str, to: Input):
    if values.dtype == np.bool_:
        return values
    missing = values.isna().to_numpy()
    if missing.any():
        raise Refusal(
            "MissingValue",
            f"Column '{column}' has no value in {_rows(missing)}, and is boolean in the model's signature, which "
            "cannot be missing.",
        )
    _demand(np.array([isinstance(value, (bool, np.bool_)) for value in values], dtype=bool), values, column, to)
    return values.astype(bool)


def _to_string(values: pd.Series, column: str, to: Input):
    present = values.notna().to_numpy()
    fits = np.array([not there or isinstance(value, str) for there, value in zip(present, values)], dtype=bool)
    _demand(fits, values, column, to)
    # mlflow takes only plain objects for strings, whatever pandas makes of them by default.
    return pd.Series([value if there else None for there, value in zip(present, values)], values.index, object)


def _to_binary(values: pd.Series, column: str, to: Input):
    fits = np.array([isinstance(value, (bytes, bytearray)) or value is None for value in values], dtype=bool)
    _demand(fits, values, column, to)
    return pd.Series([None if value is None else bytes(value) for value in values], values.index, object)


def _to_datetime(values: pd.Series, column: str, to: Input):
    if values.dtype == np.dtype("datetime64[ns]"):
        return values
    if pd.api.types.is_numeric_dtype(values.dtype):
        _demand(values.isna().to_numpy(), values, column, to)
    texts_as = {} if pd.api.types.is_datetime64_any_dtype(values.dtype) or _PANDAS_1 else {"format": "ISO8601"}
    times = pd.to_datetime(values, errors="coerce", utc=True, **texts_as)
    _demand((times.notna() | values.isna()).to_numpy(), values, column, to)
    return times.dt.tz_localize(None).astype("datetime64[ns]")


_casters = {
    "integer": _to_integer,
    "long": _to_integer,
    "float": _to_real,
    "double": _to_real,
    "boolean": _to_boolean,
    "string": _to_string,
    "binary": _to_binary,
    "datetime": _to_datetime,
}


def _cast_tensor(frame: pd.DataFrame, to: Tensor) -> np.ndarray:
    width = 1
    for length in to.shape[1:]:
        width *= length
    if width >= 0 and frame.shape[1] != width:
        raise Refusal(
            "Shape",
            f"The model's signature asks for a tensor of shape {list(to.shape)}, that is {width} columns; the rows "
            f"have {frame.shape[1]}: {listed(frame.columns, 40)}.",
        )
    dtype = np.dtype(to.dtype)
    name = {"f": "double", "i": "long", "u": "long", "b": "boolean", "U": "string"}.get(dtype.kind)
    if name is None:
        return frame.to_numpy(dtype)
    columns = [np.asarray(cast_column(frame[column], Input(column, name))) for column in frame.columns]
    values = np.column_stack(columns) if columns else np.empty((len(frame), 0))
    shape = (len(frame), *to.shape[1:])
    return values.astype(dtype).reshape(shape)


def _demand(fits: np.ndarray, values, column: str, to: Input) -> None:
    """Raises ColumnType about the first row that does not fit."""
    fits = np.asarray(fits)
    if fits.all():
        return
    row = int(np.argmin(fits))
    value = values.iloc[row] if isinstance(values, pd.Series) else values[row]
    found = f"the text {value!r}" if isinstance(value, str) else f"{value} ({type(value).__name__})"
    others = int((~fits).sum()) - 1
    raise Refusal(
        "ColumnType",
        f"Column '{column}' is {to.type} in the model's signature; row {row} has {found}"
        f"{f', and {others} more rows do not fit' if others else ''}.",
    )


def _rows(chosen: np.ndarray) -> str:
    rows = np.flatnonzero(chosen)
    return f"row {rows[0]}" if len(rows) == 1 else f"{len(rows)} rows (the first is row {rows[0]})"


def _columns(names) -> str:
    return f"the column {listed(names)}" if len(names) == 1 else f"the columns {listed(names)}"
