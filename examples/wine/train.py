"""Train the wine forest three times and track each training as a run.

Nothing in here knows Cellar: the tracking server comes from MLFLOW_TRACKING_URI.
"""

import getpass

import mlflow
import numpy as np
import pandas as pd
from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split

FEATURES = [
    "Alcohol",
    "Malic acid",
    "Ash",
    "Alcalinity of ash",
    "Magnesium",
    "Total phenols",
    "Flavanoids",
    "Nonflavanoid phenols",
    "Proanthocyanins",
    "Color intensity",
    "Hue",
    "OD280/OD315 of diluted wines",
    "Proline",
]
LABEL = "class"
EXPERIMENT = f"/Users/{getpass.getuser()}/WineClassifier"


def wine() -> pd.DataFrame:
    data = load_wine()
    table = pd.DataFrame(data.data, columns=FEATURES)
    table[LABEL] = data.target
    return table


def train(n_estimators: int, max_features: float) -> None:
    # The one source of randomness: the split and the forest both draw from it, so every training repeats exactly.
    np.random.seed(40)
    table = wine()
    x_train, x_test, y_train, y_test = train_test_split(
        table[FEATURES], table[LABEL], test_size=0.25, stratify=table[LABEL]
    )
    with mlflow.start_run():
        rf = RandomForestClassifier(n_estimators=n_estimators, max_features=max_features)
        rf.fit(x_train, y_train)
        predicted = rf.predict(x_test)
        accuracy = accuracy_score(y_test, predicted)
        f1 = f1_score(y_test, predicted, average="weighted")

        mlflow.log_metric("F1", f1)
        mlflow.log_metric("Accuracy", accuracy)
        mlflow.log_param("n_estimator", n_estimators)
        mlflow.log_param("max_features", max_features)
        mlflow.set_tag("model_name", "Wineforest")
        mlflow.sklearn.log_model(rf, "model")
    print(f"n_estimator={n_estimators} max_features={max_features}: Accuracy {accuracy:.4f}, F1 {f1:.4f}")


if __name__ == "__main__":
    mlflow.set_experiment(EXPERIMENT)
    train(1, 0.1)
    train(1, 0.5)
    train(100, 0.5)
