import datetime
import decimal

import numpy as np
import pandas as pd
import pytest

from cellar_worker import signature
from cellar_worker.refusal import Refusal
from cellar_worker.signature import Input, Tensor, cast


def cast_one(values, type_):
    return cast(pd.DataFrame({"x": values}), [Input("x", type_)])["x"]


@pytest.mark.parametrize(
    ("values", "to", "dtype", "expected"),
    [
        ([1, 2], "double", "float64", [1.0, 2.0]),
        ([1, 2], "float", "float32", [1.0, 2.0]),
        (np.array([1, 2], "uint8"), "integer", "int32", [1, 2]),
        ([1, 2], "integer", "int32", [1, 2]),
        (np.array([1, 2], "int32"), "long", "int64", [1, 2]),
        ([1.0, 2.0], "long", "int64", [1, 2]),
        ([True, False], "long", "int64", [1, 0]),
        ([True, False], "double", "float64", [1.0, 0.0]),
        ([decimal.Decimal("1.5"), decimal.Decimal(2)], "double", "float64", [1.5, 2.0]),
        (pd.array([1, 2], "Int64"), "long", "int64", [1, 2]),
        (pd.array([1, 2], "Int64"), "double", "float64", [1.0, 2.0]),
        (pd.Series([1, 2], dtype=object), "long", "int64", [1, 2]),
        ([True, False], "boolean", "bool", [True, False]),
        (pd.Series([True, False], dtype=object), "boolean", "bool", [True, False]),
        (["a", "b"], "string", "object", ["a", "b"]),
        (pd.Categorical(["a", "b"]), "string", "object", ["a", "b"]),
        (pd.array(["a", None], "string"), "string", "object", ["a", None]),
        ([b"a", b"b"], "binary", "object", [b"a", b"b"]),
    ],
)
def test_casts_what_loses_nothing(values, to, dtype, expected):
    column = cast_one(values, to)
    assert str(column.dtype) == dtype
    assert column.tolist() == expected


def test_keeps_missing_numbers_as_nan_in_a_double_column():
    assert np.isnan(cast_one(pd.array([1, None], "Int64"), "double")[1])
    assert np.isnan(cast_one(pd.Series([1, None], dtype=object), "float")[1])


def test_reads_dates_and_iso_texts_as_datetime():
    expected = [pd.Timestamp("2026-01-02"), pd.Timestamp("2026-03-04 05:06")]
    for values in (
        ["2026-01-02", "2026-03-04T05:06:00"],
        ["2026-01-02T02:00:00+02:00", "2026-03-04T05:06:00Z"],
        [datetime.datetime(2026, 1, 2), datetime.datetime(2026, 3, 4, 5, 6)],
        pd.Series(expected).astype("datetime64[ms]"),
    ):
        column = cast_one(values, "datetime")
        assert str(column.dtype) == "datetime64[ns]"
        assert column.tolist() == expected


@pytest.mark.parametrize(
    ("values", "to", "kind", "message"),
    [
        (
            ["1", "2"],
            "double",
            "ColumnType",
            "Column 'x' is double in the model's signature; row 0 has the text '1', and 1 more",
        ),
        ([1, "two"], "double", "ColumnType", "row 1 has the text 'two'."),
        ([1.0, 2.5], "long", "ColumnType", "row 1 has 2.5 (float64)."),
        ([1.0, np.inf], "integer", "ColumnType", "row 1 has inf (float64)."),
        (
            [1.0, np.nan, np.nan],
            "long",
            "MissingValue",
            "Column 'x' has no value in 2 rows (the first is row 1), and is long",
        ),
        ([2**31, 1], "integer", "ColumnType", "row 0 has 2147483648"),
        ([2.0**63, 1], "long", "ColumnType", "row 0 has 9.2"),
        ([1, 0], "boolean", "ColumnType", "row 0 has 1 (int"),
        (pd.Series([True, None], dtype=object), "boolean", "MissingValue", "no value in row 1"),
        ([1, 2], "string", "ColumnType", "row 0 has 1 (int"),
        (["a"], "binary", "ColumnType", "row 0 has the text 'a'"),
        (["soon"], "datetime", "ColumnType", "row 0 has the text 'soon'"),
        ([5], "datetime", "ColumnType", "row 0 has 5"),
    ],
)
def test_refuses_what_would_change_a_value(values, to, kind, message):
    with pytest.raises(Refusal) as caught:
        cast_one(values, to)
    assert caught.value.kind == kind
    assert message in str(caught.value)


def test_takes_the_signatures_columns_in_its_order_and_leaves_out_others():
    frame = cast(pd.DataFrame({"b": [1], "z": ["?"], "a": [2]}), [Input("a", "double"), Input("b", "double")])
    assert list(frame.columns) == ["a", "b"]


def test_names_the_columns_that_are_missing_and_those_that_are_there():
    with pytest.raises(Refusal, match="asks for the columns 'b', 'c', which the rows do not have. They have 'a'."):
        cast(pd.DataFrame({"a": [1]}), [Input("a", "double"), Input("b", "double"), Input("c", "double")])


def test_does_without_columns_that_are_optional():
    assert list(cast(pd.DataFrame({"a": [1]}), [Input("a", "double"), Input("b", "double", False)]).columns) == ["a"]


def test_counts_unnamed_columns_by_their_place():
    frame = cast(pd.DataFrame({"p": [1], "q": [2], "r": [3]}), [Input(None, "double"), Input(None, "float")])
    assert [str(dtype) for dtype in frame.dtypes] == ["float64", "float32"]
    with pytest.raises(Refusal, match="takes 2 columns, and the rows have 1"):
        cast(pd.DataFrame({"p": [1]}), [Input(None, "double"), Input(None, "float")])


def test_makes_a_tensor_of_the_columns():
    rows = pd.DataFrame({"a": [1, 2], "b": [3, 4], "c": [5, 6], "d": [7, 8]})
    assert cast(rows, Tensor("float32", (-1, 4))).dtype == np.float32
    assert cast(rows, Tensor("float64", (-1, 2, 2))).tolist() == [[[1, 3], [5, 7]], [[2, 4], [6, 8]]]
    with pytest.raises(Refusal, match=r"shape \[-1, 5\], that is 5 columns; the rows have 4: 'a', 'b', 'c', 'd'"):
        cast(rows, Tensor("float64", (-1, 5)))


def test_reads_signatures_of_old_and_new_mlflow():
    inputs = '[{"type": "double", "name": "a", "optional": true}, {"type": "long", "name": "b", "required": false}]'
    parsed = signature.parse({"inputs": inputs, "outputs": None})
    assert parsed["outputs"] is None
    assert signature.inputs_of(parsed) == [Input("a", "double", False), Input("b", "long", False)]
    assert signature.parse(None) is None
    tensor = '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 13]}}]'
    assert signature.inputs_of(signature.parse({"inputs": tensor})) == Tensor("float64", (-1, 13))


def test_leaves_rows_as_they_are_without_a_signature():
    rows = pd.DataFrame({"a": ["x"]})
    assert cast(rows, None) is rows
