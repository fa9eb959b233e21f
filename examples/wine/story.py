"""What the models of the story share: their rows, and how a training is tracked.

The rows are split once, into rows to train on and two holdouts of 45, so that no model of the story has seen a row that
it is measured on. With this split the models rank strictly, each by at least one row of the first holdout:
AImodel 1.0 (worse < first < better) < AImodel 2.0 < MLmodel 1.0. `python scores.py` prints by how much.
"""

from __future__ import annotations

import argparse
import warnings
from typing import NamedTuple

import mlflow
import pandas as pd
import sklearn
from mlflow.models import infer_signature
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import cross_val_predict, train_test_split

from train import EXPERIMENT, FEATURES, LABEL, wine

SPLIT_SEED = 55

# Every row has its label, so an integer may stand for it.
warnings.filterwarnings("ignore", message="Hint: Inferred schema contains integer")


class Rows(NamedTuple):
    training: pd.DataFrame
    holdout: pd.DataFrame
    other_holdout: pd.DataFrame


def rows() -> Rows:
    table = wine()
    training, held_out = train_test_split(table, test_size=90, stratify=table[LABEL], random_state=SPLIT_SEED)
    holdout, other = train_test_split(held_out, test_size=45, stratify=held_out[LABEL], random_state=SPLIT_SEED)
    return Rows(training, holdout, other)


def options(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--env", help="the environment that it is trained for, as the tag env, e.g. INT")
    parser.add_argument("--log-only", action="store_true", help="log the model without registering it")
    return parser


def train_and_track(
    estimator: ClassifierMixin,
    *,
    model_name: str,
    code_version: str,
    params: dict[str, object],
    env: str | None,
    log_only: bool,
) -> None:
    """Trains on all training rows; the metrics are those of a cross-validation within them."""
    training = rows().training
    x, y = training[FEATURES], training[LABEL]
    mlflow.set_experiment(EXPERIMENT)
    with mlflow.start_run() as run:
        mlflow.set_tags({"model_name": model_name, "code_version": code_version})
        if env is not None:
            mlflow.set_tag("env", env)
        mlflow.log_params(params)
        mlflow.log_input(mlflow.data.from_pandas(training, targets=LABEL, name="wine"), context="training")

        predicted = cross_val_predict(estimator, x, y, cv=5)
        accuracy = accuracy_score(y, predicted)
        f1 = f1_score(y, predicted, average="weighted")
        mlflow.log_metrics({"F1": f1, "Accuracy": accuracy})

        estimator.fit(x, y)
        logged = mlflow.sklearn.log_model(
            estimator,
            name="model",
            signature=infer_signature(x, estimator.predict(x)),
            pip_requirements=[
                f"mlflow=={mlflow.__version__}",
                f"scikit-learn=={sklearn.__version__}",
                f"pandas=={pd.__version__}",
            ],
        )
    print(f"{model_name} {code_version}, run {run.info.run_id}: Accuracy {accuracy:.4f}, F1 {f1:.4f} in cross-validation")
    if log_only:
        print(f"logged as {logged.model_uri}")
    else:
        version = mlflow.register_model(logged.model_uri, model_name)
        print(f"registered as {model_name} version {version.version}")
