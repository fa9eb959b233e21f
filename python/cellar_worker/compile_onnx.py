"""Compiles a scikit-learn, LightGBM or XGBoost model to ONNX, in the ways that may give the original's predictions."""

from pathlib import Path

from . import interpreter, model
from .refusal import Refusal

# What ONNX calls the types that a matrix of numbers is tried in; the cheap one first.
_TYPES = {"float32": "FloatTensorType", "float64": "DoubleTensorType"}


def compile_model(header: dict) -> "tuple[dict, None]":
    """Writes ONNX files to the folder `out` and tells how each is asked, the one to try first in front.

    `reason` says why there is none.
    """
    try:
        return {"plans": plans(Path(header["model"]), Path(header["out"]), header["columns"])}, None
    except Refusal as refusal:
        return {"plans": [], "reason": str(refusal)}, None


def plans(folder: Path, out: Path, columns: "list[str]") -> "list[dict]":
    """Raises Refusal where nothing can be compiled."""
    described = model.read_mlmodel(folder)
    convert = converter(described["flavors"])
    loaded = model.load(folder)
    wanted = described["flavors"]["python_function"].get("predict_fn", "predict")
    found, failures = [], []
    for kind in ("matrix", "columns"):
        for tensor in _TYPES:
            try:
                onnx_model = convert(loaded.raw, kind, tensor, columns)
            except (Exception, SystemExit) as error:
                failures.append(f"{type(error).__name__}: {error}")
                continue
            file = out / f"{kind}-{tensor}.onnx"
            file.write_bytes(onnx_model.SerializeToString())
            found.extend(described_plan(onnx_model, file, kind, tensor, wanted, hasattr(loaded.raw, "classes_")))
        if found:
            return found
    raise Refusal("NotConvertible", f"no converter takes it: {failures[0]}")


def converter(flavors: dict):
    """The function that converts a model of these flavors. Raises Refusal saying what to install."""
    try:
        if "sklearn" in flavors:
            import skl2onnx  # noqa: F401

            return _sklearn
        if "lightgbm" in flavors or "xgboost" in flavors:
            import onnxmltools  # noqa: F401

            return _lightgbm if "lightgbm" in flavors else _xgboost
    except ImportError as error:
        raise Refusal(
            "MissingModule",
            f"no converter is installed ({error}); {interpreter.how_to_install(['skl2onnx', 'onnxmltools'])}",
        ) from error
    known = ", ".join(sorted(set(flavors) - {"python_function"})) or "python_function"
    raise Refusal("NotConvertible", f"there is no converter for the flavor {known}")


def _types(module, kind: str, tensor: str, columns: "list[str]"):
    make = getattr(module, _TYPES[tensor])
    if kind == "matrix":
        return [("X", make([None, len(columns)]))]
    return [(name, make([None, 1])) for name in columns]


def _sklearn(raw, kind: str, tensor: str, columns: "list[str]"):
    from skl2onnx import convert_sklearn
    from skl2onnx.common import data_types

    options = {id(raw): {"zipmap": False}} if hasattr(raw, "classes_") else None
    onnx_model = convert_sklearn(raw, initial_types=_types(data_types, kind, tensor, columns), options=options)
    _keep_ways_of_missing_values(onnx_model, raw)
    return onnx_model


def _keep_ways_of_missing_values(onnx_model, raw) -> None:
    """Tells the nodes of a compiled tree or forest which way a missing value goes, which the converter leaves out."""
    import numpy as np

    estimator = raw.steps[-1][1] if hasattr(raw, "steps") else raw
    trees = [each.tree_ for each in np.ravel(getattr(estimator, "estimators_", [estimator])) if hasattr(each, "tree_")]
    ensembles = [node for node in onnx_model.graph.node if node.op_type.startswith("TreeEnsemble")]
    if not trees or len(ensembles) != 1:
        return
    of = {each.name: each for each in ensembles[0].attribute}
    places = list(zip(of["nodes_treeids"].ints, of["nodes_nodeids"].ints))
    if max(tree for tree, _ in places) >= len(trees) or "nodes_missing_value_tracks_true" not in of:
        return
    left = [tree.__getstate__()["nodes"] for tree in trees]
    if "missing_go_to_left" not in (left[0].dtype.names or ()):
        return
    ways = of["nodes_missing_value_tracks_true"]
    del ways.ints[:]
    ways.ints.extend(int(left[tree]["missing_go_to_left"][node]) for tree, node in places)


def _lightgbm(raw, kind: str, tensor: str, columns: "list[str]"):
    from onnxmltools import convert_lightgbm
    from onnxmltools.convert.common import data_types

    if kind == "columns":
        raise Refusal("NotConvertible", "LightGBM takes one matrix")
    return convert_lightgbm(raw, initial_types=_types(data_types, kind, tensor, columns), zipmap=False)


def _xgboost(raw, kind: str, tensor: str, columns: "list[str]"):
    from onnxmltools import convert_xgboost
    from onnxmltools.convert.common import data_types

    if kind == "columns":
        raise Refusal("NotConvertible", "XGBoost takes one matrix")
    booster = raw.get_booster() if hasattr(raw, "get_booster") else raw
    # The converter only understands the names that XGBoost gives itself.
    booster.feature_names = [f"f{at}" for at in range(len(columns))]
    return convert_xgboost(raw, initial_types=_types(data_types, kind, tensor, columns))


def described_plan(onnx_model, file: Path, kind: str, tensor: str, wanted: str, classifies: bool) -> "list[dict]":
    """How the gateway asks a compiled model for what pyfunc would answer."""
    inputs = [each.name for each in onnx_model.graph.input]
    outputs = [each.name for each in onnx_model.graph.output]
    if wanted == "predict":
        answers = [{"kind": "values", "name": outputs[0]}]
        if not classifies and len(outputs) > 1:
            # A booster without scikit-learn's face answers with scores.
            answers.append({"kind": "rows", "name": outputs[1]})
    elif wanted == "predict_proba" and len(outputs) > 1:
        answers = [{"kind": "rows", "name": outputs[1]}]
    else:
        raise Refusal("NotConvertible", f"it is asked for {wanted}")
    if kind == "matrix":
        asked = {"kind": "matrix", "name": inputs[0], "type": tensor}
        title = f"one matrix of {tensor}"
    else:
        asked = {"kind": "columns", "inputs": [{"name": name, "type": tensor} for name in inputs]}
        title = f"an input of {tensor} for each column"
    return [{"file": file.name, "title": title, "input": asked, "output": answer} for answer in answers]
