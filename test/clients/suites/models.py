"""Models that a run logs: saved, listed, found again and loaded by every kind of address."""

import unittest

import numpy as np
from mlflow import MlflowClient
from sklearn.linear_model import LogisticRegression

from suites.world import CLIENT_2_22, CLIENT_3, a_forest, error_code, fresh_experiment, log_forest, mlflow, only, pd, same_predictions, unique, wine


class Echo(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input


class LoggedByAnyClient(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.client = MlflowClient()
        cls.experiment_id = fresh_experiment("models")
        cls.forest = a_forest()
        x, _ = wine()
        with mlflow.start_run() as run:
            cls.info = log_forest(cls.forest, input_example=x.head(2))
        cls.run_id = run.info.run_id

    def test_the_run_lists_the_model_files(self):
        names = {f.path for f in self.client.list_artifacts(self.run_id, "model")}
        self.assertIn("model/MLmodel", names)
        self.assertIn("model/requirements.txt", names)

    def test_load_from_the_run(self):
        same_predictions(self, mlflow.pyfunc.load_model(f"runs:/{self.run_id}/model"), self.forest)
        same_predictions(self, mlflow.sklearn.load_model(self.info.model_uri), self.forest)

    def test_the_signature_is_known_without_loading(self):
        info = mlflow.models.get_model_info(f"runs:/{self.run_id}/model")
        self.assertEqual(info.signature.inputs.input_names(), list(wine()[0].columns))
        self.assertIn("python_function", info.flavors)

    def test_a_model_can_be_registered_while_it_is_logged(self):
        name = unique("while-logging")
        with mlflow.start_run():
            log_forest(self.forest, registered_model_name=name)
            log_forest(self.forest, registered_model_name=name)
        versions = sorted(int(v.version) for v in self.client.search_model_versions(f"name = '{name}'"))
        self.assertEqual(versions, [1, 2])
        same_predictions(self, mlflow.pyfunc.load_model(f"models:/{name}/2"), self.forest)

    def test_evaluate_writes_metrics_and_plots(self):
        x, y = wine()
        evaluate = mlflow.models.evaluate if CLIENT_3 else mlflow.evaluate
        with mlflow.start_run() as run:
            result = evaluate(
                self.info.model_uri,
                x.assign(target=y),
                targets="target",
                model_type="classifier",
                evaluator_config={"log_model_explainability": False},
            )
        found = self.client.get_run(run.info.run_id)
        self.assertAlmostEqual(found.data.metrics["accuracy_score"], result.metrics["accuracy_score"])
        self.assertGreater(found.data.metrics["accuracy_score"], 0.9)
        self.assertIn("confusion_matrix.png", {f.path for f in self.client.list_artifacts(run.info.run_id)})
        self.assertEqual(len(found.inputs.dataset_inputs), 1)

    # The 2.9 client asks scikit-learn for squared=False, which scikit-learn has dropped.
    @only(CLIENT_2_22)
    def test_evaluate_predictions_that_exist_already(self):
        data = pd.DataFrame({"p": [1.0, 2.0, 3.0], "t": [1.0, 2.0, 2.5]})
        evaluate = mlflow.models.evaluate if CLIENT_3 else mlflow.evaluate
        with mlflow.start_run() as run:
            evaluate(data=data, predictions="p", targets="t", model_type="regressor")
        self.assertAlmostEqual(self.client.get_run(run.info.run_id).data.metrics["max_error"], 0.5)


@only(CLIENT_3)
class LoggedModels(unittest.TestCase):
    def setUp(self):
        self.client = MlflowClient()
        self.experiment_id = fresh_experiment("logged-models")

    def test_a_logged_model_carries_params_tags_metrics_and_status(self):
        x, y = wine()
        model = LogisticRegression(max_iter=20).fit(x, y)
        data = mlflow.data.from_pandas(x.assign(target=y), source="wine.csv", name="wine-all", targets="target")
        with mlflow.start_run() as run:
            mlflow.log_param("seed", 0)
            info = mlflow.sklearn.log_model(
                model, name="lr", step=3, params={"z": "1"}, tags={"tt": "v"}, model_type="classifier"
            )
            mlflow.log_metric("val_acc", 0.9, step=2, model_id=info.model_id, dataset=data)
        logged = mlflow.get_logged_model(info.model_id)
        self.assertEqual((logged.name, str(logged.status), logged.model_type), ("lr", "READY", "classifier"))
        self.assertEqual((logged.source_run_id, logged.experiment_id), (run.info.run_id, self.experiment_id))
        self.assertEqual((logged.params["z"], logged.params["seed"]), ("1", "0"))
        self.assertEqual(logged.tags["tt"], "v")
        metric = next(m for m in logged.metrics if m.key == "val_acc")
        self.assertEqual((metric.value, metric.step, metric.dataset_name), (0.9, 2, "wine-all"))
        outputs = self.client.get_run(run.info.run_id).outputs.model_outputs
        self.assertEqual([(o.model_id, o.step) for o in outputs], [(info.model_id, 3)])
        loaded = mlflow.sklearn.load_model(f"models:/{info.model_id}")
        self.assertTrue(np.allclose(loaded.predict_proba(x), model.predict_proba(x)))

    def test_search_filters_orders_and_pages(self):
        ids = {}
        for i in range(5):
            made = mlflow.create_external_model(
                name=f"m{i}", params={"depth": str(i)}, tags={"even": str(i % 2 == 0)}, model_type="tree"
            )
            ids[made.model_id] = made.name
            if i != 4:
                with mlflow.start_run():
                    mlflow.log_metric("score", i / 10, model_id=made.model_id)

        def found(**options):
            models = mlflow.search_logged_models([self.experiment_id], output_format="list", **options)
            return [m.name for m in models]

        self.assertEqual(sorted(found()), ["m0", "m1", "m2", "m3", "m4"])
        self.assertEqual(sorted(found(filter_string="tags.even = 'True'")), ["m0", "m2", "m4"])
        self.assertEqual(sorted(found(filter_string="metrics.score >= 0.2")), ["m2", "m3"])
        self.assertEqual(found(filter_string="name = 'm3' AND params.depth = '3'"), ["m3"])
        self.assertEqual(sorted(found(filter_string="model_type LIKE 'tr%'")), sorted(ids.values()))
        by_score = [{"field_name": "metrics.score", "ascending": False}]
        self.assertEqual(found(order_by=by_score), ["m3", "m2", "m1", "m0", "m4"])
        self.assertEqual(found(order_by=by_score, max_results=2), ["m3", "m2"])
        seen, token = [], None
        while True:
            page = self.client.search_logged_models([self.experiment_id], max_results=2, page_token=token)
            seen += [m.model_id for m in page]
            token = page.token
            if not token:
                break
        self.assertEqual(sorted(seen), sorted(ids))
        self.assertEqual(len(mlflow.search_logged_models([self.experiment_id])), 5)

    def test_params_tags_status_and_deletion(self):
        model = self.client.create_logged_model(self.experiment_id, name="by-hand", params={"p": "q"}, tags={"a": "b"})
        self.assertEqual(str(model.status), "PENDING")
        self.client.log_model_params(model.model_id, {f"p{i}": str(i) for i in range(120)})
        self.client.set_logged_model_tags(model.model_id, {"c": "d"})
        self.client.delete_logged_model_tag(model.model_id, "a")
        self.assertEqual(str(self.client.finalize_logged_model(model.model_id, "FAILED").status), "FAILED")
        found = self.client.get_logged_model(model.model_id)
        self.assertEqual((found.params["p119"], found.tags["c"]), ("119", "d"))
        self.assertNotIn("a", found.tags)
        with error_code(self, "RESOURCE_DOES_NOT_EXIST"):
            self.client.delete_logged_model_tag(model.model_id, "a")
        self.client.delete_logged_model(model.model_id)
        with error_code(self, "RESOURCE_DOES_NOT_EXIST"):
            self.client.get_logged_model(model.model_id)

    def test_active_model_and_files_of_a_model(self):
        active = mlflow.set_active_model(name="agent")
        with mlflow.start_run():
            mlflow.log_metric("quality", 0.5)
        quality = [m.value for m in mlflow.get_logged_model(active.model_id).metrics if m.key == "quality"]
        self.assertEqual(quality, [0.5])
        mlflow.clear_active_model()
        with mlflow.start_run():
            info = mlflow.pyfunc.log_model(name="echo", python_model=Echo(), input_example=pd.DataFrame({"x": [1]}))
        names = {f.path for f in self.client.list_logged_model_artifacts(info.model_id)}
        self.assertIn("MLmodel", names)
        echoed = mlflow.pyfunc.load_model(info.model_uri).predict(pd.DataFrame({"x": [1, 2]}))
        self.assertEqual(list(echoed["x"]), [1, 2])

    def test_a_model_that_cannot_be_saved_is_marked(self):
        class Broken(LogisticRegression):
            def __reduce__(self):
                raise RuntimeError("cannot be pickled")

        with mlflow.start_run():
            with self.assertRaises(Exception):
                mlflow.sklearn.log_model(Broken(), name="broken", serialization_format="cloudpickle")
        models = mlflow.search_logged_models([self.experiment_id], output_format="list")
        self.assertEqual([(m.name, str(m.status)) for m in models], [("broken", "FAILED")])
