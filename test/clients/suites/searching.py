"""Search over runs: filters, order and pages."""

import unittest

from mlflow import MlflowClient

from suites.world import error_code, fresh_experiment, mlflow


class SearchRuns(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.client = MlflowClient()
        cls.experiment_id = fresh_experiment("search")
        cls.ids = {}
        for i in range(7):
            name = f"run {i}"
            run = cls.client.create_run(cls.experiment_id, run_name=name, start_time=1000 * (i + 1), tags={"n": str(i)})
            run_id = run.info.run_id
            cls.ids[name] = run_id
            cls.client.log_param(run_id, "kind", "even" if i % 2 == 0 else "odd")
            if i != 3:
                cls.client.log_metric(run_id, "acc", float("nan") if i == 5 else i / 10)
            cls.client.set_terminated(run_id, "FAILED" if i == 6 else "FINISHED", end_time=1000 * (i + 2))
        cls.client.set_tag(cls.ids["run 2"], "with space", "It's")

    def found(self, filter_string="", order_by=None, **options):
        runs = self.client.search_runs([self.experiment_id], filter_string, order_by=order_by or [], **options)
        return [run.info.run_name.removeprefix("run ") for run in runs]

    def test_filters(self):
        for filter_string, expected in [
            ("", "6543210"),
            ("metrics.acc > 0.2", "64"),
            ("metrics.acc >= 0.2 and metrics.acc < 0.6", "42"),
            ("metric.acc = 0.1", "1"),
            ("params.kind = 'odd'", "531"),
            ("param.kind != 'odd' AND tags.n != '0'", "642"),
            ("params.kind LIKE 'ev%'", "6420"),
            ("params.kind ILIKE 'EV%'", "6420"),
            ("params.kind LIKE 'EV%'", ""),
            ("tags.`with space` = \"It's\"", "2"),
            ("attributes.status = 'FAILED'", "6"),
            ("status != 'FAILED' and params.kind = 'even'", "420"),
            ("run_name = 'run 4'", "4"),
            ("attributes.run_name LIKE 'run%' and start_time > 5000", "65"),
            ("attributes.end_time <= 3000", "10"),
            ("metrics.never > 1", ""),
        ]:
            with self.subTest(filter_string):
                self.assertEqual("".join(self.found(filter_string)), expected)

    def test_filter_by_run_ids(self):
        ids = f"'{self.ids['run 1']}', '{self.ids['run 4']}'"
        self.assertEqual(self.found(f"attributes.run_id IN ({ids})"), ["4", "1"])
        self.assertEqual(self.found(f"attributes.run_id NOT IN ({ids})"), ["6", "5", "3", "2", "0"])

    def test_order(self):
        for order_by, expected in [
            (["metrics.acc DESC"], "6421053"),
            (["metrics.acc ASC"], "0124653"),
            (["params.kind", "start_time DESC"], "6420531"),
            (["params.kind DESC", "attributes.start_time ASC"], "1350246"),
            (["attributes.start_time"], "0123456"),
            (["tags.n DESC"], "6543210"),
        ]:
            with self.subTest(order_by):
                self.assertEqual("".join(self.found(order_by=order_by)), expected)

    def test_pages_give_every_run_once(self):
        for order_by in ([], ["metrics.acc DESC"], ["params.kind"]):
            whole, seen, token = self.found(order_by=order_by), [], None
            while True:
                page = self.client.search_runs(
                    [self.experiment_id], order_by=order_by, max_results=3, page_token=token
                )
                seen += [run.info.run_name.removeprefix("run ") for run in page]
                token = page.token
                if not token:
                    break
            self.assertEqual(seen, whole)

    def test_the_fluent_search_gives_a_table(self):
        table = mlflow.search_runs([self.experiment_id], "metrics.acc > 0.1", order_by=["metrics.acc DESC"])
        self.assertEqual(list(table["metrics.acc"]), [0.6, 0.4, 0.2])
        self.assertEqual(list(table["params.kind"]), ["even"] * 3)
        by_name = mlflow.search_runs(experiment_names=[mlflow.get_experiment(self.experiment_id).name])
        self.assertEqual(len(by_name), 7)

    def test_several_experiments_at_once(self):
        other = fresh_experiment("search-other")
        run = self.client.create_run(other, start_time=99_000)
        runs = self.client.search_runs([self.experiment_id, other])
        self.assertEqual(len(runs), 8)
        self.assertEqual(runs[0].info.run_id, run.info.run_id)

    def test_a_bad_filter_is_the_callers_mistake(self):
        for filter_string in ("metrics.acc >", "colour = 'red'", "metrics.acc = 'x'", "params.kind > 'a'", "params.kind = odd"):
            with self.subTest(filter_string), error_code(self, "INVALID_PARAMETER_VALUE"):
                self.found(filter_string)
        with self.subTest("order_by"), error_code(self, "INVALID_PARAMETER_VALUE"):
            self.found(order_by=["colour DESC"])
