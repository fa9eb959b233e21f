"""A caller's mistakes: each answered with MLflow's own code, at once, and without side effects."""

import unittest

from mlflow import MlflowClient
from mlflow.entities import Metric, Param

from suites.world import CLIENT_3, error_code, fresh_experiment, mlflow, unique

ABSENT = "0" * 32


class Mistakes(unittest.TestCase):
    def setUp(self):
        self.client = MlflowClient()
        self.experiment_id = fresh_experiment("mistakes")
        self.run_id = self.client.create_run(self.experiment_id).info.run_id

    def test_what_does_not_exist(self):
        name = unique("nothing")
        calls = {
            "get run": lambda: self.client.get_run(ABSENT),
            "log metric": lambda: self.client.log_metric(ABSENT, "m", 1),
            "log param": lambda: self.client.log_param(ABSENT, "p", 1),
            "set tag": lambda: self.client.set_tag(ABSENT, "t", 1),
            "log batch": lambda: self.client.log_batch(ABSENT, [Metric("m", 1, 1, 0)]),
            "delete run": lambda: self.client.delete_run(ABSENT),
            "delete tag": lambda: self.client.delete_tag(self.run_id, "never set"),
            "get experiment": lambda: self.client.get_experiment("999999999"),
            "create run": lambda: self.client.create_run("999999999"),
            "get model": lambda: self.client.get_registered_model(name),
            "get version": lambda: self.client.get_model_version(name, "1"),
            "latest versions": lambda: self.client.get_latest_versions(name),
            "update model": lambda: self.client.update_registered_model(name, "d"),
            "delete model": lambda: self.client.delete_registered_model(name),
            "transition": lambda: self.client.transition_model_version_stage(name, "1", "Staging"),
            "load model": lambda: mlflow.pyfunc.load_model(f"models:/{name}/1"),
        }
        if CLIENT_3:
            calls["get logged model"] = lambda: self.client.get_logged_model("m-" + ABSENT)
        for what, call in calls.items():
            with self.subTest(what), error_code(self, "RESOURCE_DOES_NOT_EXIST"):
                call()

    def test_what_exists_already(self):
        name = unique("twice")
        self.client.create_experiment(name)
        with error_code(self, "RESOURCE_ALREADY_EXISTS"):
            self.client.create_experiment(name)
        self.client.create_registered_model(name)
        with error_code(self, "RESOURCE_ALREADY_EXISTS"):
            self.client.create_registered_model(name)

    def test_bad_values(self):
        calls = {
            "metric name": lambda: self.client.log_metric(self.run_id, "a//b", 1),
            "param name": lambda: self.client.log_param(self.run_id, "../x", 1),
            "tag name": lambda: self.client.set_tag(self.run_id, "x" * 300, 1),
            "model name": lambda: self.client.create_registered_model("a/b"),
            "empty experiment": lambda: self.client.create_experiment(""),
            "unknown stage": lambda: self.client.get_latest_versions(self.model(), ["Nowhere"]),
            "version": lambda: self.client.get_model_version(self.model(), "one"),
            "experiment filter": lambda: self.client.search_experiments(filter_string="colour = 'red'"),
            "model filter": lambda: self.client.search_registered_models("colour = 'red'"),
            "version filter": lambda: self.client.search_model_versions("colour = 'red'"),
            "page size": lambda: self.client.search_experiments(max_results=100_000),
            "page token": lambda: self.client.search_runs([self.experiment_id], page_token="%%%"),
        }
        for what, call in calls.items():
            with self.subTest(what), error_code(self, "INVALID_PARAMETER_VALUE"):
                call()

    def model(self):
        name = unique("mistaken")
        self.client.create_registered_model(name)
        return name

    def test_a_source_must_belong_to_its_run(self):
        other = self.client.create_run(self.experiment_id).info
        for source in (other.artifact_uri + "/model", "/etc", "file:///etc", "mlflow-artifacts:/../../etc"):
            with self.subTest(source), error_code(self, "INVALID_PARAMETER_VALUE"):
                self.client.create_model_version(self.model(), source, self.run_id)

    def test_a_deleted_run_takes_nothing_more(self):
        self.client.delete_run(self.run_id)
        with error_code(self, "INVALID_PARAMETER_VALUE"):
            self.client.log_metric(self.run_id, "m", 1)

    def test_a_deleted_experiment_takes_no_runs_and_keeps_its_name(self):
        name = unique("deleted")
        experiment_id = self.client.create_experiment(name)
        self.client.delete_experiment(experiment_id)
        with error_code(self, "INVALID_PARAMETER_VALUE"):
            self.client.create_run(experiment_id)
        with error_code(self, "RESOURCE_ALREADY_EXISTS"):
            self.client.create_experiment(name)
        with error_code(self, "INVALID_PARAMETER_VALUE"):
            mlflow.set_experiment(name)

    def test_a_batch_with_one_bad_part_writes_nothing(self):
        self.client.log_param(self.run_id, "p", "1")
        with error_code(self, "INVALID_PARAMETER_VALUE"):
            self.client.log_batch(self.run_id, [Metric("m", 1, 1, 0)], [Param("q", "1"), Param("p", "2")])
        data = self.client.get_run(self.run_id).data
        self.assertEqual(data.params, {"p": "1"})
