"""A model as it is served: tables that the gateway has checked and cast, and bodies that MLflow's own code reads."""

import gc
import inspect
import json
import math
import sys
import traceback

import numpy as np
import pandas as pd

from . import forests, model
from .refusal import Refusal

# Blocks of these types travel as bytes, a row after the other.
_DTYPES = {"double": "<f8", "float": "<f4", "integer": "<i4", "long": "<i8", "boolean": "?"}


class Served:
    """Made once for a worker. Raises what `model.load` raises."""

    def __init__(self, path: str) -> None:
        self._model = model.load(path)
        forests.quicken(self._model.raw)
        self._layouts: dict[int, Layout] = {}
        # The gateway has done what MLflow's own predict would do first: columns, order and types by the signature.
        function = getattr(self._model.pyfunc, "_predict_fn", None)
        self._function = function if callable(function) else self._model.pyfunc.predict
        self._takes_params = "params" in inspect.signature(self._function).parameters
        gc.collect()
        gc.freeze()

    def described(self) -> dict:
        """What the gateway must know of the model."""
        names = getattr(self._model.raw, "feature_names_in_", None)
        return {
            "features": None if names is None else [str(name) for name in names],
            "warnings": self._model.warnings,
        }

    def predict(self, header: dict, body: bytearray) -> "tuple[dict, list[bytes]]":
        """Predicts the rows of one or several requests; each gets a part, JSON or what went wrong with it alone."""
        definition = header.get("layout")
        if definition is not None:
            self._layouts[header["layoutId"]] = Layout(definition)
        frame = self._layouts[header["layoutId"]].frame(header, body)
        counts, params = header["counts"], header.get("params")
        whole = self._attempt(frame, counts, params)
        if whole is None:
            parts, start = [], 0
            for count in counts:
                alone = frame.iloc[start : start + count]
                start += count
                parts.extend(self._attempt(alone, [count], params))
            answer = {"together": False}
        else:
            parts, answer = whole, {"together": True}
        texts = [part if isinstance(part, bytes) else b"" for part in parts]
        answer["parts"] = [len(part) if isinstance(part, bytes) else part for part in parts]
        return answer, texts

    def _attempt(self, frame: pd.DataFrame, counts: "list[int]", params) -> "list[bytes | dict] | None":
        """A part for each request; None when they must be predicted one by one."""
        try:
            output = self._call(frame, params)
        except (Exception, SystemExit) as error:
            if len(counts) > 1:
                return None
            traceback.print_exc(file=sys.stderr)
            return [{"type": type(error).__name__, "message": f"{type(error).__name__}: {error}"}]
        plain = as_json_values(output)
        if len(counts) == 1:
            return [as_json(plain)]
        if not isinstance(plain, list) or len(plain) != len(frame):
            return None
        parts, start = [], 0
        for count in counts:
            parts.append(as_json(plain[start : start + count]))
            start += count
        return parts

    def _call(self, frame: pd.DataFrame, params):
        if self._takes_params and params is not None:
            return self._function(frame, params=params)
        return self._function(frame)

    def invoke(self, header: dict, body: bytearray) -> "tuple[dict, list[bytes]]":
        """Answers a body of MLflow's scoring protocol by the code of MLflow's own scoring server."""
        from mlflow.exceptions import MlflowException
        from mlflow.pyfunc.scoring_server import invocations

        pyfunc = self._model.pyfunc
        try:
            reply = invocations(bytes(body).decode(), header["contentType"], pyfunc, pyfunc.metadata.get_input_schema())
        except MlflowException as error:
            traceback.print_exc(file=sys.stderr)
            code = getattr(error, "error_code", "BAD_REQUEST")
            return {"status": error.get_http_status_code(), "code": code, "message": error.message}, []
        if reply.status != 200:
            return {"status": reply.status, "code": "BAD_REQUEST", "message": reply.response}, []
        text = reply.response
        if "NaN" in text or "Infinity" in text:
            text = json.dumps(_finite(json.loads(text)))
        return {"status": 200}, [text.encode()]


class Layout:
    """Columns that several requests share."""

    def __init__(self, definition: dict) -> None:
        self._blocks = [(block["type"], block["columns"]) for block in definition["blocks"]]
        self._order = definition["columns"]
        self._index = pd.Index(self._order)

    def frame(self, header: dict, body: bytearray) -> pd.DataFrame:
        """The rows of a request as MLflow would hand them to the model."""
        rows, texts, offset = header["rows"], header.get("texts", {}), 0
        columns = {}
        for position, (kind, names) in enumerate(self._blocks):
            dtype = _DTYPES.get(kind)
            if dtype is None:
                columns.update(self._listed(kind, names, texts[str(position)]))
                continue
            matrix = np.frombuffer(body, dtype=dtype, count=rows * len(names), offset=offset).reshape(rows, len(names))
            offset += matrix.nbytes
            if len(self._blocks) == 1:
                return pd.DataFrame(matrix, columns=self._index, copy=False)
            columns.update((name, matrix[:, at]) for at, name in enumerate(names))
        return pd.DataFrame({name: columns[name] for name in self._order})

    @staticmethod
    def _listed(kind: str, names: "list[str]", cells: list):
        import base64

        for at, name in enumerate(names):
            values = cells[at :: len(names)]
            if kind == "datetime":
                yield name, pd.to_datetime(pd.Series(values, dtype=object)).to_numpy("datetime64[ns]")
            elif kind == "binary":
                yield name, pd.Series([None if v is None else base64.b64decode(v) for v in values], dtype=object)
            else:
                # Of the type that this pandas has for text, as in the frames that MLflow makes.
                yield name, pd.Series(values)


def as_json_values(output):
    """A model's output as MLflow's scoring server writes it: records of a frame, lists of an array, else as it is."""
    if isinstance(output, np.ndarray):
        return output.tolist()
    if isinstance(output, pd.Series):
        output = pd.DataFrame(output)
    if isinstance(output, pd.DataFrame):
        return output.to_dict(orient="records")
    return output


def as_json(value) -> bytes:
    """JSON, with null for numbers that JSON does not have."""
    from mlflow.utils.proto_json_utils import NumpyEncoder

    try:
        return json.dumps(value, cls=NumpyEncoder, allow_nan=False).encode()
    except ValueError:
        return json.dumps(_finite(json.loads(json.dumps(value, cls=NumpyEncoder)))).encode()
    except TypeError as error:
        raise Refusal("Predictions", f"The model's answer cannot be written as JSON: {error}.") from error


def _finite(value):
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        return [_finite(each) for each in value]
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    return value
