"""scikit-learn's autologging: a fit becomes a run, a search becomes a parent with children."""

import unittest

from mlflow import MlflowClient
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, train_test_split

from suites.world import CLIENT_3, fresh_experiment, mlflow, wine


class Autologging(unittest.TestCase):
    def setUp(self):
        self.client = MlflowClient()
        self.experiment_id = fresh_experiment("autolog")
        self.addCleanup(mlflow.sklearn.autolog, disable=True)

    def runs(self, filter_string=""):
        return self.client.search_runs([self.experiment_id], filter_string, order_by=["start_time ASC"])

    def test_a_fit_logs_params_metrics_model_and_data(self):
        x, y = wine()
        x_train, x_test, y_train, y_test = train_test_split(x, y, random_state=0)
        mlflow.sklearn.autolog(log_input_examples=True)
        model = LogisticRegression(max_iter=60).fit(x_train, y_train)
        score = model.score(x_test, y_test)
        (run,) = self.runs()
        self.assertEqual(run.info.status, "FINISHED")
        self.assertEqual(run.data.params["max_iter"], "60")
        self.assertEqual(run.data.tags["estimator_name"], "LogisticRegression")
        self.assertIn("training_accuracy_score", run.data.metrics)
        self.assertAlmostEqual(run.data.metrics["LogisticRegression_score_x_test"], score)
        contexts = [t.value for i in run.inputs.dataset_inputs for t in i.tags if t.key == "mlflow.data.context"]
        self.assertIn("train", contexts)
        names = {f.path for f in self.client.list_artifacts(run.info.run_id)}
        self.assertIn("training_confusion_matrix.png", names)
        loaded = mlflow.sklearn.load_model(f"runs:/{run.info.run_id}/model")
        self.assertEqual(list(loaded.predict(x_test)), list(model.predict(x_test)))
        if CLIENT_3:
            (logged,) = mlflow.search_logged_models([self.experiment_id], output_format="list")
            self.assertEqual((logged.source_run_id, logged.params["max_iter"]), (run.info.run_id, "60"))

    def test_a_grid_search_logs_a_parent_and_its_children(self):
        x, y = wine()
        mlflow.sklearn.autolog(max_tuning_runs=3)
        search = GridSearchCV(LogisticRegression(max_iter=20), {"C": [0.01, 0.1, 1.0]}, cv=2).fit(x, y)
        mlflow.sklearn.autolog(disable=True)
        (parent,) = self.runs("tags.estimator_name = 'GridSearchCV'")
        children = self.runs(f"tags.mlflow.parentRunId = '{parent.info.run_id}'")
        self.assertEqual(sorted(run.data.params["C"] for run in children), ["0.01", "0.1", "1.0"])
        self.assertTrue(all(run.info.status == "FINISHED" for run in children))
        self.assertEqual(parent.data.params["best_C"], str(search.best_params_["C"]))
        self.assertAlmostEqual(parent.data.metrics["best_cv_score"], search.best_score_)
        self.assertAlmostEqual(max(run.data.metrics["mean_test_score"] for run in children), search.best_score_)
        self.assertIn("cv_results.csv", {f.path for f in self.client.list_artifacts(parent.info.run_id)})
        best = mlflow.sklearn.load_model(f"runs:/{parent.info.run_id}/best_estimator")
        self.assertEqual(list(best.predict(x)), list(search.predict(x)))
