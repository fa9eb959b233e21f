"""The article's walk, asserted: three wine forests tracked, the best registered, put into production, loaded."""

import getpass
import sys
import unittest

import numpy as np
from mlflow import MlflowClient
from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split

from suites.world import CLIENT_3, mlflow, pd, unique

TRAININGS = {(1, 0.1): (0.7333, 0.7309), (1, 0.5): (0.9333, 0.9311), (100, 0.5): (0.9778, 0.9778)}


def train(n_estimators, max_features):
    np.random.seed(40)
    data = load_wine()
    x_train, x_test, y_train, y_test = train_test_split(
        pd.DataFrame(data.data), data.target, test_size=0.25, stratify=data.target
    )
    with mlflow.start_run() as run:
        rf = RandomForestClassifier(n_estimators=n_estimators, max_features=max_features)
        rf.fit(x_train, y_train)
        predicted = rf.predict(x_test)
        mlflow.log_metric("F1", f1_score(y_test, predicted, average="weighted"))
        mlflow.log_metric("Accuracy", accuracy_score(y_test, predicted))
        mlflow.log_param("n_estimator", n_estimators)
        mlflow.log_param("max_features", max_features)
        mlflow.set_tag("model_name", "Wineforest")
        if CLIENT_3:
            mlflow.sklearn.log_model(rf, "model", skops_trusted_types=["sklearn.tree._tree.Tree"])
        else:
            mlflow.sklearn.log_model(rf, "model")
    return run.info.run_id, rf, x_test


class Wine(unittest.TestCase):
    def test_track_register_and_load(self):
        client = MlflowClient()
        experiment = mlflow.set_experiment(unique(f"/Users/{getpass.getuser()}/WineClassifier"))
        trained = {parameters: train(*parameters) for parameters in TRAININGS}

        runs = client.search_runs([experiment.experiment_id], "tags.model_name = 'Wineforest'")
        tracked = {
            (int(r.data.params["n_estimator"]), float(r.data.params["max_features"])): (
                round(r.data.metrics["Accuracy"], 4),
                round(r.data.metrics["F1"], 4),
            )
            for r in runs
        }
        self.assertEqual(tracked, TRAININGS)
        best = client.search_runs([experiment.experiment_id], order_by=["metrics.Accuracy DESC"], max_results=1)[0]
        run_id, forest, x_test = trained[(100, 0.5)]
        self.assertEqual(best.info.run_id, run_id)

        name = unique("winetest")
        version = mlflow.register_model(f"runs:/{run_id}/model", name)
        self.assertEqual(str(version.version), "1")
        client.transition_model_version_stage(name, version.version, "Production", archive_existing_versions=True)
        self.assertEqual(client.get_model_version(name, "1").current_stage, "Production")
        model = mlflow.pyfunc.load_model(f"models:/{name}/Production")
        self.assertEqual(list(model.predict(x_test)), list(forest.predict(x_test)))


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=2, testRunner=unittest.TextTestRunner(stream=sys.stdout)).result
    sys.exit(0 if result.wasSuccessful() and result.testsRun > 0 else 1)
