"""Customers who leave: made data with a holdout of 5,000 rows, large enough that significance decides.

    python churn.py split FOLDER           writes holdout.csv, whose rows no model is trained on
    python churn.py train MODEL            trains current, lucky or better, and registers it as Churnmodel
    python churn.py scores                 prints how they score; needs no server

`better` finds more of the customers who leave. `lucky` is `current` trained again with another seed: a little ahead on
this holdout, and by chance. A minimum improvement of 0.002 lets both pass, a test of significance only the former.
Nothing in here knows Cellar: the tracking server comes from MLFLOW_TRACKING_URI.
"""

from __future__ import annotations

import argparse
import getpass
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import sklearn
from mlflow.models import infer_signature
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import cross_val_predict

TRAINING_ROWS, HOLDOUT_ROWS = 4_000, 5_000
LABEL = "left"
# Of each feature: its name, and the mean, the spread and the decimals that customers have of it.
FEATURES = [
    ("tenure_months", 32, 14, 1),
    ("monthly_charge", 68, 22, 2),
    ("calls_per_week", 11, 4, 1),
    ("data_gb", 18, 8, 2),
    ("support_tickets", 2.4, 1.1, 2),
    ("late_payments", 1.2, 0.6, 2),
    ("roaming_minutes", 41, 19, 1),
    ("app_logins_per_week", 6.5, 2.8, 1),
    ("contract_months_left", 9, 4, 1),
    ("devices", 2.1, 0.7, 2),
    ("discount_percent", 7, 3, 1),
    ("satisfaction", 6.8, 1.6, 2),
]
NAMES = [name for name, *_ in FEATURES]

EXPERIMENT = f"/Users/{getpass.getuser()}/Churn"
NAME = "Churnmodel"
CODE_VERSION = "1.0"
FORESTS = {
    "current": {"n_estimators": 20, "max_depth": 6, "random_state": 8},
    "lucky": {"n_estimators": 20, "max_depth": 6, "random_state": 5},
    "better": {"n_estimators": 60, "max_depth": 16, "random_state": 1},
}


def rows() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Training rows and holdout rows."""
    x, y = make_classification(
        n_samples=TRAINING_ROWS + HOLDOUT_ROWS,
        n_features=len(FEATURES),
        n_informative=7,
        n_redundant=2,
        weights=[0.73],
        class_sep=0.8,
        flip_y=0.08,
        random_state=7,
    )
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    columns = {
        name: np.round(mean + spread * x[:, at], decimals) for at, (name, mean, spread, decimals) in enumerate(FEATURES)
    }
    table = pd.DataFrame({**columns, LABEL: np.where(y == 1, "yes", "no")})
    return table[:TRAINING_ROWS], table[TRAINING_ROWS:]


def split(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    _, holdout = rows()
    holdout.to_csv(folder / "holdout.csv", index=False)
    print(f"{folder / 'holdout.csv'}: {len(holdout)} rows")


def train(forest: str) -> None:
    training, _ = rows()
    x, y = training[NAMES], training[LABEL]
    estimator = RandomForestClassifier(**FORESTS[forest])
    mlflow.set_experiment(EXPERIMENT)
    with mlflow.start_run() as run:
        mlflow.set_tags({"model_name": NAME, "code_version": CODE_VERSION})
        mlflow.log_params(FORESTS[forest])
        mlflow.log_input(mlflow.data.from_pandas(training, targets=LABEL, name="customers"), context="training")
        predicted = cross_val_predict(estimator, x, y, cv=5)
        mlflow.log_metrics(
            {"F1": f1_score(y, predicted, average="weighted"), "Accuracy": accuracy_score(y, predicted)}
        )
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
    version = mlflow.register_model(logged.model_uri, NAME)
    print(f"{forest}, run {run.info.run_id}: registered as {NAME} version {version.version}")


def scores() -> None:
    training, holdout = rows()
    print(f"{'model':<10}{'accuracy':>10}{'f1':>10}{'rows that differ from current':>32}")
    current = None
    for forest, params in FORESTS.items():
        predicted = RandomForestClassifier(**params).fit(training[NAMES], training[LABEL]).predict(holdout[NAMES])
        current = predicted if current is None else current
        accuracy = accuracy_score(holdout[LABEL], predicted)
        f1 = f1_score(holdout[LABEL], predicted, average="weighted")
        print(f"{forest:<10}{accuracy:>10.4f}{f1:>10.4f}{(predicted != current).sum():>32}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("split").add_argument("folder", type=Path)
    verbs.add_parser("train").add_argument("forest", choices=FORESTS)
    verbs.add_parser("scores")
    given = parser.parse_args()
    if given.verb == "split":
        split(given.folder)
    elif given.verb == "train":
        train(given.forest)
    else:
        scores()
