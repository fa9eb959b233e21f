"""An MLflow model: loaded once, asked for predictions and, where it has them, probabilities.

Both the evaluation and the serving worker stand on this. mlflow must be importable and `interpreter.settle()` have run.
"""

import gc
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from . import requirements, signature
from .refusal import Refusal, listed

# Flavors whose raw model follows scikit-learn's interface: predict_proba, and classes_ for the order of its columns.
_RAW_FLAVORS = {
    "sklearn": "sklearn_model",
    "lightgbm": "lgb_model",
    "xgboost": "xgb_model",
    "catboost": "cb_model",
}


@dataclass(frozen=True)
class Prediction:
    """What a model said of some rows.

    `values` has a prediction for each row. `probabilities` has a column for each of `classes`, or both are None.
    """

    values: np.ndarray
    probabilities: np.ndarray | None = None
    classes: np.ndarray | None = None


@dataclass
class LoadedModel:
    """A model that is ready to predict. Made by `load`."""

    path: Path
    pyfunc: object
    flavors: list[str]
    signature: dict | None
    size_bytes: int
    warnings: list[str] = field(default_factory=list)
    raw: object = None
    inputs: list[signature.Input] | signature.Tensor | None = None

    @property
    def classes(self) -> np.ndarray | None:
        """The classes in the order of the raw model's probabilities, or None where it does not say."""
        classes = getattr(self.raw, "classes_", None)
        if classes is None or not hasattr(self.raw, "predict_proba"):
            return None
        classes = np.asarray(classes)
        return classes if classes.ndim == 1 and len(classes) > 0 else None

    def cast(self, frame: pd.DataFrame) -> "pd.DataFrame | np.ndarray":
        """Rows in the columns, order and types that the model takes; raises Refusal as `signature.cast` does."""
        if self.inputs is not None:
            return signature.cast(frame, self.inputs)
        names = getattr(self.raw, "feature_names_in_", None)
        if self.signature is not None or names is None:
            return frame
        asked = [signature.Input(str(name), "any") for name in names]
        return signature.cast(frame, asked)

    def predict(self, rows: "pd.DataFrame | np.ndarray", labels=None) -> Prediction:
        """Predicts rows that `cast` returned, through MLflow's pyfunc.

        `labels` are classes that are known otherwise: a pyfunc that answers with a column of probabilities for each
        of them is understood by their names. Raises Refusal (Predictions) when what comes back is not one prediction
        a row, and whatever the model raises.
        """
        output = self.pyfunc.predict(rows)
        said = _read_output(output, len(rows), self.classes, labels)
        if said.probabilities is not None or self.classes is None:
            return said
        probabilities = as_probabilities(self.raw.predict_proba(rows), len(rows), len(self.classes))
        if probabilities is None:
            return said
        return Prediction(said.values, probabilities, self.classes)


def load(path: "str | os.PathLike") -> LoadedModel:
    """Loads the MLflow model in a folder.

    Raises Refusal (ModelNotFound, UnreadableModel, MissingModule, LoadFailed), saying what would help.
    """
    path = Path(path)
    described = read_mlmodel(path)
    import mlflow.pyfunc

    mismatches = requirements.mismatches(path, described)
    try:
        pyfunc = mlflow.pyfunc.load_model(str(path), suppress_warnings=True)
    except ModuleNotFoundError as error:
        raise Refusal("MissingModule", requirements.explain_missing_module(path, error)) from error
    except (Exception, SystemExit) as error:
        hint = f" {' '.join(mismatches)}" if mismatches else ""
        raise Refusal("LoadFailed", f"The model does not load: {type(error).__name__}: {error}.{hint}") from error

    parsed = signature.parse(described.get("signature"))
    return LoadedModel(
        path=path,
        pyfunc=pyfunc,
        flavors=sorted(described["flavors"]),
        signature=parsed,
        size_bytes=folder_size_bytes(path),
        warnings=mismatches,
        raw=_raw_model(pyfunc, described["flavors"]),
        inputs=signature.inputs_of(parsed),
    )


def read_mlmodel(path: Path) -> dict:
    """The MLmodel file of a model's folder; raises Refusal (ModelNotFound, UnreadableModel)."""
    import yaml

    file = path / "MLmodel"
    if not file.is_file():
        what = "has no file MLmodel" if path.is_dir() else "does not exist"
        raise Refusal("ModelNotFound", f"The model's folder {path} {what}; an MLflow model has one at its top.")
    try:
        described = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Refusal("UnreadableModel", f"{file} cannot be read as YAML: {error}") from error
    flavors = described.get("flavors") if isinstance(described, dict) else None
    if not isinstance(flavors, dict) or "python_function" not in flavors:
        has = (
            f"its flavors are {', '.join(sorted(flavors))}"
            if isinstance(flavors, dict) and flavors
            else "it lists none"
        )
        raise Refusal(
            "UnreadableModel", f"{file} lacks the flavor python_function, through which models are scored; {has}."
        )
    return described


@contextmanager
def undisturbed():
    """Gives back what loading a model changes in the interpreter, so that the next model does not meet it.

    Two code versions of a model usually bring modules of the same name (`code_paths`): without this the second model
    would run the first one's code.
    """
    search_path, known, folder = list(sys.path), set(sys.modules), os.getcwd()
    try:
        yield
    finally:
        added = [each for each in sys.path if each not in search_path]
        sys.path[:] = search_path
        for name in set(sys.modules) - known:
            origin = getattr(sys.modules[name], "__file__", None) or next(
                iter(getattr(sys.modules[name], "__path__", ())), None
            )
            if origin is not None and any(_lies_in(origin, each) for each in added):
                del sys.modules[name]
        os.chdir(folder)
        gc.collect()


def _lies_in(file: str, folder: str) -> bool:
    return os.path.realpath(file).startswith(os.path.realpath(folder) + os.sep)


def folder_size_bytes(path: Path) -> int:
    """The bytes of all files in a folder."""
    return sum(os.lstat(os.path.join(folder, file)).st_size for folder, _, files in os.walk(path) for file in files)


def as_probabilities(output, rows: int, classes: int) -> np.ndarray | None:
    """Probabilities as doubles, a row each and a column for each class, or None when the output is not that."""
    try:
        values = np.asarray(output, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    if values.shape != (rows, classes) or not np.isfinite(values).all():
        return None
    if (values < -1e-6).any() or (np.abs(values.sum(axis=1) - 1) > 1e-3).any():
        return None
    return values.clip(0, 1)


def _raw_model(pyfunc, flavors: dict):
    """The library's own model inside the pyfunc, where it follows scikit-learn's interface; otherwise None."""
    attribute = next((_RAW_FLAVORS[name] for name in _RAW_FLAVORS if name in flavors), None)
    if attribute is None:
        return None
    wrapped = getattr(pyfunc, "_model_impl", None)
    return getattr(wrapped, attribute, wrapped)


def _read_output(output, rows: int, classes: np.ndarray | None, labels) -> Prediction:
    if isinstance(output, pd.DataFrame):
        return _read_frame(output, rows, classes, labels)
    if isinstance(output, dict):
        try:
            return _read_frame(pd.DataFrame(output), rows, classes, labels)
        except ValueError as error:
            raise Refusal("Predictions", f"The model answers with a dictionary that is no table: {error}.") from error
    values = output.to_numpy() if isinstance(output, pd.Series) else np.asarray(output)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim == 2 and classes is not None:
        probabilities = as_probabilities(values, rows, len(classes))
        if probabilities is not None:
            return Prediction(classes[probabilities.argmax(axis=1)], probabilities, classes)
    if values.ndim != 1 or len(values) != rows:
        raise Refusal(
            "Predictions",
            f"The model answers {rows} rows with an array of shape {list(values.shape)}; one prediction a row is "
            "needed.",
        )
    return Prediction(values)


_PREDICTION_COLUMNS = ("prediction", "predictions", "predicted", "label")


def _read_frame(frame: pd.DataFrame, rows: int, classes: np.ndarray | None, labels) -> Prediction:
    if len(frame) != rows:
        raise Refusal(
            "Predictions", f"The model answers {rows} rows with {len(frame)}; one prediction a row is needed."
        )
    if frame.shape[1] == 1:
        return Prediction(frame.iloc[:, 0].to_numpy())
    named = next((name for name in _PREDICTION_COLUMNS if name in frame.columns), None)
    scored = frame if named is None else frame.drop(columns=[named])
    known = classes if classes is not None else labels
    by_text = {str(label): label for label in known} if known is not None else {}
    by_text = {str(column): by_text.get(str(column), column) for column in scored.columns}
    if known is not None and set(map(str, known)) <= set(by_text):
        probabilities = as_probabilities(scored, rows, scored.shape[1])
        if probabilities is not None:
            names = np.array(list(by_text.values()))
            order = np.argsort(names, kind="stable")
            names, probabilities = names[order], probabilities[:, order]
            values = names[probabilities.argmax(axis=1)] if named is None else frame[named].to_numpy()
            return Prediction(values, probabilities, names)
    if named is not None:
        return Prediction(frame[named].to_numpy())
    raise Refusal(
        "Predictions",
        f"The model answers with the columns {listed(map(str, frame.columns))}; one column of predictions is "
        "needed, or one named 'prediction', or one of probabilities for each class, named like it.",
    )
