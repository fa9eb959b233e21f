"""What every suite needs: the server under test, unique names, the wine data, and models to log."""

import os
import uuid
import warnings

# A server's mistake must show at once, not after the client's minutes of retries.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
if not os.environ.get("MLFLOW_TRACKING_URI"):
    raise SystemExit("Set MLFLOW_TRACKING_URI to the server that the suites shall use, e.g. http://127.0.0.1:5000")

import matplotlib

matplotlib.use("Agg")

import mlflow
import pandas as pd
from mlflow.exceptions import MlflowException
from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier

warnings.filterwarnings("ignore", category=FutureWarning)
warnings.filterwarnings("ignore", category=UserWarning)

VERSION = tuple(int(part) for part in mlflow.__version__.split(".")[:2])
CLIENT_3 = VERSION >= (3, 0)
# What the 2.9 client lacks: flush_async_logging, artifacts.list_artifacts, pictures of a series.
CLIENT_2_22 = VERSION >= (2, 22)
# The 3.17 client saves forests with skops, which asks to trust this type; the 2.x client knows no such option.
FOREST_OPTIONS = {"skops_trusted_types": ["sklearn.tree._tree.Tree"]} if CLIENT_3 else {}


def unique(name):
    return f"{name}-{uuid.uuid4().hex[:8]}"


def fresh_experiment(name="suite"):
    """Makes a new experiment the active one and returns its id."""
    return mlflow.set_experiment(unique(name)).experiment_id


def wine():
    data = load_wine(as_frame=True)
    return data.data, data.target


def a_forest(trees=2):
    x, y = wine()
    return RandomForestClassifier(n_estimators=trees, random_state=0).fit(x, y)


def log_forest(forest, **options):
    """Logs the forest under the name `model` in the way that the client at hand wants."""
    # Given requirements spare the client the seconds that it takes to find them out; wine.py lets it.
    return mlflow.sklearn.log_model(forest, "model", pip_requirements=["scikit-learn"], **FOREST_OPTIONS, **options)


def same_predictions(test, model, forest, rows=20):
    x, _ = wine()
    test.assertEqual(list(model.predict(x.head(rows))), list(forest.predict(x.head(rows))))


def only(condition):
    """Leaves out a test, or a class of them, that the client at hand has no calls for."""
    return lambda test: test if condition else None


class error_code:
    """Expects the block to fail with this MLflow error code: `with error_code(self, 'RESOURCE_DOES_NOT_EXIST'):`."""

    def __init__(self, test, code):
        self.test, self.code = test, code

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            self.test.fail(f"expected {self.code}, but nothing was raised")
        if not issubclass(kind, MlflowException):
            return False
        self.test.assertEqual(error.error_code, self.code, str(error))
        return True


__all__ = [
    "CLIENT_2_22",
    "CLIENT_3",
    "FOREST_OPTIONS",
    "MlflowException",
    "a_forest",
    "error_code",
    "fresh_experiment",
    "log_forest",
    "mlflow",
    "only",
    "pd",
    "same_predictions",
    "unique",
    "wine",
]
