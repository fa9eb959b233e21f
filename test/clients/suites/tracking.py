"""Experiments, runs, metrics, params and tags through the fluent API and the client."""

import math
import time
import unittest

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag, ViewType

from suites.world import CLIENT_2_22, CLIENT_3, error_code, fresh_experiment, mlflow, only, unique


class Experiments(unittest.TestCase):
    def setUp(self):
        self.client = MlflowClient()

    def test_set_experiment_creates_once_and_finds_again(self):
        name = unique("/Users/suite/Ünïcode & more")
        first = mlflow.set_experiment(name)
        self.assertEqual(mlflow.set_experiment(name).experiment_id, first.experiment_id)
        found = self.client.get_experiment_by_name(name)
        self.assertEqual((found.experiment_id, found.lifecycle_stage), (first.experiment_id, "active"))
        self.assertGreater(found.creation_time, 0)

    def test_create_rename_tag_delete_restore(self):
        name = unique("life")
        experiment_id = self.client.create_experiment(name, tags={"team": "wine"})
        self.client.set_experiment_tag(experiment_id, "owner", "me")
        self.client.rename_experiment(experiment_id, name + "-renamed")
        found = self.client.get_experiment(experiment_id)
        self.assertEqual(found.name, name + "-renamed")
        self.assertEqual(found.tags["team"], "wine")
        self.assertEqual(found.tags["owner"], "me")
        self.assertIsNone(self.client.get_experiment_by_name(name))
        self.client.delete_experiment(experiment_id)
        self.assertEqual(self.client.get_experiment(experiment_id).lifecycle_stage, "deleted")
        self.client.restore_experiment(experiment_id)
        self.assertEqual(self.client.get_experiment(experiment_id).lifecycle_stage, "active")

    @only(CLIENT_3)
    def test_delete_experiment_tag(self):
        experiment_id = self.client.create_experiment(unique("tagged"), tags={"a": "b", "c": "d"})
        self.client.delete_experiment_tag(experiment_id, "a")
        self.assertNotIn("a", self.client.get_experiment(experiment_id).tags)
        self.assertIn("c", self.client.get_experiment(experiment_id).tags)

    def test_search_by_name_tag_and_view_with_paging(self):
        stem = unique("find")
        ids = [self.client.create_experiment(f"{stem}-{i}", tags={"n": str(i)}) for i in range(5)]
        self.client.delete_experiment(ids[4])
        by_name = self.client.search_experiments(filter_string=f"name LIKE '{stem}%'", order_by=["name DESC"])
        self.assertEqual([e.name for e in by_name], [f"{stem}-{i}" for i in (3, 2, 1, 0)])
        by_tag = self.client.search_experiments(filter_string=f"name LIKE '{stem}%' AND tags.n = '2'")
        self.assertEqual([e.experiment_id for e in by_tag], [ids[2]])
        deleted = self.client.search_experiments(
            view_type=ViewType.DELETED_ONLY, filter_string=f"name LIKE '{stem}%'"
        )
        self.assertEqual([e.experiment_id for e in deleted], [ids[4]])
        seen, token = [], None
        while True:
            page = self.client.search_experiments(
                view_type=ViewType.ALL,
                max_results=2,
                filter_string=f"name LIKE '{stem}%'",
                order_by=["name"],
                page_token=token,
            )
            seen += [e.experiment_id for e in page]
            token = page.token
            if not token:
                break
        self.assertEqual(seen, ids)


class Runs(unittest.TestCase):
    def setUp(self):
        self.client = MlflowClient()
        self.experiment_id = fresh_experiment("runs")

    def test_fluent_run_keeps_everything(self):
        with mlflow.start_run(run_name="first", description="what it is about", tags={"given": "at start"}) as run:
            mlflow.log_metric("acc", 0.91)
            mlflow.log_metric("acc", 0.93, step=1)
            mlflow.log_metrics({"loss": 0.5, "a/b.c-d e": 1e-300}, step=7)
            mlflow.log_param("n", 5)
            mlflow.log_params({"x": "ein Wert mit Ümläuten 🍷", "empty": ""})
            mlflow.set_tag("team", "wine")
            mlflow.set_tags({"t1": "v", "t2": 2})
            mlflow.delete_tag("t1")
        found = self.client.get_run(run.info.run_id)
        self.assertEqual((found.info.status, found.info.run_name), ("FINISHED", "first"))
        self.assertGreaterEqual(found.info.end_time, found.info.start_time)
        self.assertEqual(found.data.metrics, {"acc": 0.93, "loss": 0.5, "a/b.c-d e": 1e-300})
        self.assertEqual(found.data.params, {"n": "5", "x": "ein Wert mit Ümläuten 🍷", "empty": ""})
        own = {k: v for k, v in found.data.tags.items() if not k.startswith("mlflow.")}
        self.assertEqual(own, {"given": "at start", "team": "wine", "t2": "2"})
        self.assertEqual(found.data.tags["mlflow.note.content"], "what it is about")
        self.assertEqual(found.data.tags["mlflow.runName"], "first")

    def test_a_run_that_raises_is_failed_and_can_be_resumed(self):
        with self.assertRaises(ZeroDivisionError):
            with mlflow.start_run() as run:
                1 / 0
        self.assertEqual(self.client.get_run(run.info.run_id).info.status, "FAILED")
        with mlflow.start_run(run_id=run.info.run_id):
            self.assertEqual(self.client.get_run(run.info.run_id).info.status, "RUNNING")
            mlflow.log_metric("again", 1)
        resumed = self.client.get_run(run.info.run_id)
        self.assertEqual((resumed.info.status, resumed.data.metrics), ("FINISHED", {"again": 1.0}))

    def test_nested_runs_know_their_parent(self):
        with mlflow.start_run(run_name="parent") as parent:
            for i in range(3):
                with mlflow.start_run(nested=True, run_name=f"child {i}"):
                    mlflow.log_metric("i", i)
        children = self.client.search_runs(
            [self.experiment_id], f"tags.mlflow.parentRunId = '{parent.info.run_id}'", order_by=["metrics.i"]
        )
        self.assertEqual([run.info.run_name for run in children], ["child 0", "child 1", "child 2"])
        self.assertEqual(mlflow.get_parent_run(children[0].info.run_id).info.run_id, parent.info.run_id)

    def test_delete_and_restore(self):
        run = self.client.create_run(self.experiment_id, run_name="gone")
        self.client.delete_run(run.info.run_id)
        self.assertEqual(self.client.get_run(run.info.run_id).info.lifecycle_stage, "deleted")
        self.assertEqual(self.client.search_runs([self.experiment_id]), [])
        deleted = self.client.search_runs([self.experiment_id], run_view_type=ViewType.DELETED_ONLY)
        self.assertEqual([r.info.run_id for r in deleted], [run.info.run_id])
        self.client.restore_run(run.info.run_id)
        self.assertEqual(len(self.client.search_runs([self.experiment_id])), 1)

    def test_update_name_and_status_by_the_client(self):
        run = self.client.create_run(self.experiment_id, start_time=1_700_000_000_000, tags={"x": "y"})
        self.client.update_run(run.info.run_id, status="SCHEDULED", name="renamed")
        self.assertEqual(self.client.get_run(run.info.run_id).info.status, "SCHEDULED")
        self.client.set_terminated(run.info.run_id, "KILLED", end_time=1_700_000_000_500)
        info = self.client.get_run(run.info.run_id).info
        self.assertEqual((info.run_name, info.status), ("renamed", "KILLED"))
        self.assertEqual((info.start_time, info.end_time), (1_700_000_000_000, 1_700_000_000_500))

    def test_metric_history_keeps_every_point_once(self):
        run_id = self.client.create_run(self.experiment_id).info.run_id
        points = [Metric("m", i / 7, 1000 + i, i) for i in range(2500)]
        for start in range(0, len(points), 1000):
            self.client.log_batch(run_id, metrics=points[start : start + 1000])
        self.client.log_batch(run_id, metrics=points[:10])
        history = self.client.get_metric_history(run_id, "m")
        self.assertEqual([(m.value, m.timestamp, m.step) for m in history], [(p.value, p.timestamp, p.step) for p in points])
        self.assertEqual(self.client.get_metric_history(run_id, "never logged"), [])

    def test_the_latest_metric_is_by_step_then_time_then_value(self):
        run_id = self.client.create_run(self.experiment_id).info.run_id
        for value, timestamp, step in [(1.0, 50, 3), (2.0, 10, 4), (9.0, 99, 2), (1.5, 10, 4), (7.0, 5, 4)]:
            self.client.log_metric(run_id, "m", value, timestamp=timestamp, step=step)
        self.assertEqual(self.client.get_run(run_id).data.metrics["m"], 2.0)

    def test_nan_and_infinity_survive(self):
        with mlflow.start_run() as run:
            mlflow.log_metrics({"nan": math.nan, "up": math.inf, "down": -math.inf})
        metrics = self.client.get_run(run.info.run_id).data.metrics
        self.assertTrue(math.isnan(metrics["nan"]))
        # MLflow itself answers the largest double for infinity; a server may keep it whole.
        self.assertGreaterEqual(metrics["up"], 1.7976931348623157e308)
        self.assertLessEqual(metrics["down"], -1.7976931348623157e308)
        self.assertTrue(math.isnan(self.client.get_metric_history(run.info.run_id, "nan")[0].value))

    def test_log_batch_takes_what_the_limits_allow(self):
        run_id = self.client.create_run(self.experiment_id).info.run_id
        self.client.log_batch(
            run_id,
            [Metric(f"k{i}", i, 1000, 0) for i in range(1200)],
            [Param(f"p{i}", str(i)) for i in range(250)],
            [RunTag(f"t{i}", str(i)) for i in range(150)],
        )
        data = self.client.get_run(run_id).data
        self.assertEqual(data.metrics, {f"k{i}": float(i) for i in range(1200)})
        self.assertEqual(data.params, {f"p{i}": str(i) for i in range(250)})
        self.assertEqual(data.tags["t149"], "149")

    @only(CLIENT_2_22)
    def test_asynchronous_logging_arrives(self):
        with mlflow.start_run() as run:
            mlflow.log_metric("am", 1.0, synchronous=False)
            mlflow.log_params({"ap": 1, "aq": 2}, synchronous=False)
            mlflow.set_tags({"at": "x"}, synchronous=False)
            for i in range(50):
                mlflow.log_metric("series", i, step=i, synchronous=False)
            mlflow.flush_async_logging()
        data = self.client.get_run(run.info.run_id).data
        self.assertEqual(data.metrics, {"am": 1.0, "series": 49.0})
        self.assertEqual(data.params, {"ap": "1", "aq": "2"})
        self.assertEqual(len(self.client.get_metric_history(run.info.run_id, "series")), 50)

    def test_last_active_run(self):
        with mlflow.start_run() as run:
            pass
        self.assertEqual(mlflow.last_active_run().info.run_id, run.info.run_id)

    def test_no_experiment_set_means_the_default_one(self):
        run = self.client.create_run("0", start_time=int(time.time() * 1000))
        self.assertEqual(self.client.get_run(run.info.run_id).info.experiment_id, "0")
        self.client.delete_run(run.info.run_id)

    def test_a_param_cannot_change(self):
        run_id = self.client.create_run(self.experiment_id).info.run_id
        self.client.log_param(run_id, "p", "1")
        self.client.log_param(run_id, "p", "1")
        with error_code(self, "INVALID_PARAMETER_VALUE"):
            self.client.log_param(run_id, "p", "2")
        self.assertEqual(self.client.get_run(run_id).data.params, {"p": "1"})
