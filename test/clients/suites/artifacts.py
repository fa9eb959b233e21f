"""Artifacts of runs, tables, pictures and data sets."""

import json
import os
import tempfile
import unittest

import matplotlib.pyplot as plt
import numpy as np
from mlflow import MlflowClient
from requests import HTTPError

from suites.world import CLIENT_2_22, fresh_experiment, mlflow, only, pd, wine


class Artifacts(unittest.TestCase):
    def setUp(self):
        self.client = MlflowClient()
        self.experiment_id = fresh_experiment("artifacts")
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, *names):
        path = os.path.join(self.folder.name, *names)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def listed(self, run_id, path=None):
        return {f.path: (f.is_dir, f.file_size) for f in self.client.list_artifacts(run_id, path)}

    def test_files_and_folders_go_up_are_listed_and_come_down(self):
        names = ["plain.txt", "with space & ünicode.txt", "deep/er/than/you.think", "empty.txt", "100%.txt", "a+b=c.txt"]
        contents = {name: (f"content of {name}" if name != "empty.txt" else "") for name in names}
        for name, content in contents.items():
            with open(self.path("up", name), "w", encoding="utf-8") as file:
                file.write(content)
        with mlflow.start_run() as run:
            mlflow.log_artifacts(self.path("up"), "all")
            mlflow.log_artifact(self.path("up", "plain.txt"))
        run_id = run.info.run_id
        self.assertEqual(self.listed(run_id), {"all": (True, None), "plain.txt": (False, 20)})
        inside = self.listed(run_id, "all")
        self.assertEqual(set(inside), {"all/" + n for n in names if "/" not in n} | {"all/deep"})
        self.assertTrue(inside["all/deep"][0])
        self.assertIn(inside["all/empty.txt"][1], (None, 0))
        down = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="all", dst_path=self.path("down", ""))
        for name, content in contents.items():
            with open(os.path.join(down, name), encoding="utf-8") as file:
                self.assertEqual(file.read(), content)
        self.assertEqual(mlflow.artifacts.load_text(f"runs:/{run_id}/plain.txt"), "content of plain.txt")

    def test_a_large_file_comes_back_byte_for_byte(self):
        data = np.random.default_rng(0).bytes(12 * 1024 * 1024)
        with open(self.path("large.bin"), "wb") as file:
            file.write(data)
        with mlflow.start_run() as run:
            mlflow.log_artifact(self.path("large.bin"))
        self.assertEqual(self.listed(run.info.run_id)["large.bin"], (False, len(data)))
        down = mlflow.artifacts.download_artifacts(f"runs:/{run.info.run_id}/large.bin", dst_path=self.path("d", ""))
        with open(down, "rb") as file:
            self.assertEqual(file.read(), data)

    def test_an_artifact_can_be_replaced(self):
        with mlflow.start_run() as run:
            mlflow.log_text("old and longer", "note.txt")
            mlflow.log_text("new", "note.txt")
        self.assertEqual(mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/note.txt"), "new")

    def test_text_dict_figure_and_image(self):
        with mlflow.start_run() as run:
            mlflow.log_text("<h1>Grüße</h1>", "pages/hello.html")
            mlflow.log_dict({"k": [1, 2, {"ü": None}]}, "d.json")
            mlflow.log_dict({"k": "v"}, "d.yaml")
            figure = plt.figure()
            plt.plot([1, 2])
            mlflow.log_figure(figure, "plots/fig.png")
            plt.close(figure)
            picture = np.zeros((8, 6, 3), dtype=np.uint8)
            picture[2:4] = 255
            mlflow.log_image(picture, "picture.png")
        run_id = run.info.run_id
        self.assertEqual(mlflow.artifacts.load_text(f"runs:/{run_id}/pages/hello.html"), "<h1>Grüße</h1>")
        self.assertEqual(mlflow.artifacts.load_dict(f"runs:/{run_id}/d.json"), {"k": [1, 2, {"ü": None}]})
        image = mlflow.artifacts.load_image(f"runs:/{run_id}/picture.png")
        self.assertTrue((np.asarray(image.convert("RGB")) == picture).all())
        self.assertEqual(mlflow.artifacts.load_image(f"runs:/{run_id}/plots/fig.png").format, "PNG")

    @only(CLIENT_2_22)
    def test_pictures_of_a_series(self):
        with mlflow.start_run() as run:
            mlflow.log_image(np.zeros((8, 6, 3), dtype=np.uint8), key="over-time", step=3)
            # The client sends them in the background.
            mlflow.flush_artifact_async_logging()
        self.assertEqual(len(self.listed(run.info.run_id, "images")), 2)
        self.assertIn("mlflow.loggedImages", self.client.get_run(run.info.run_id).data.tags)

    def test_tables_are_appended_and_loaded(self):
        with mlflow.start_run() as first:
            mlflow.log_table({"question": ["a", "b"], "score": [1, 2]}, "eval/table.json")
            mlflow.log_table(pd.DataFrame({"question": ["c"], "score": [3]}), "eval/table.json")
        with mlflow.start_run() as second:
            mlflow.log_table({"question": ["d"], "score": [4]}, "eval/table.json")
        table = mlflow.load_table("eval/table.json", run_ids=[first.info.run_id])
        self.assertEqual((list(table["question"]), list(table["score"])), (["a", "b", "c"], [1, 2, 3]))
        both = mlflow.load_table("eval/table.json", extra_columns=["run_id"])
        self.assertEqual(sorted(zip(both["run_id"], both["score"])), sorted(
            [(first.info.run_id, s) for s in (1, 2, 3)] + [(second.info.run_id, 4)]
        ))

    def test_what_is_not_there_is_not_found(self):
        with mlflow.start_run() as run:
            mlflow.log_text("x", "there.txt")
        self.assertEqual(self.client.list_artifacts(run.info.run_id, "nowhere"), [])
        with self.assertRaises(Exception) as caught:
            mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="nowhere.txt")
        self.assertNotIn("500", str(caught.exception))

    def test_a_path_cannot_leave_the_run(self):
        with mlflow.start_run() as run:
            pass
        with self.assertRaisesRegex(HTTPError, "400 .*INVALID_PARAMETER_VALUE"):
            self.client.list_artifacts(run.info.run_id, "../..")

    @only(CLIENT_2_22)
    def test_artifacts_of_one_file_by_uri(self):
        with mlflow.start_run() as run:
            mlflow.log_dict({"a": 1}, "sub/a.json")
        uri = mlflow.get_run(run.info.run_id).info.artifact_uri
        self.assertTrue(uri.endswith(f"/{run.info.run_id}/artifacts"), uri)
        listed = mlflow.artifacts.list_artifacts(artifact_uri=uri + "/sub")
        self.assertEqual([(f.path, f.is_dir) for f in listed], [("sub/a.json", False)])
        with open(mlflow.artifacts.download_artifacts(artifact_uri=uri + "/sub/a.json"), encoding="utf-8") as file:
            self.assertEqual(json.load(file), {"a": 1})


class Datasets(unittest.TestCase):
    def setUp(self):
        self.client = MlflowClient()
        self.experiment_id = fresh_experiment("datasets")

    def test_inputs_are_kept_with_their_context(self):
        x, y = wine()
        table = x.assign(target=y)
        train = mlflow.data.from_pandas(table.head(100), source="train.csv", name="wine-train", targets="target")
        test = mlflow.data.from_numpy(x.tail(20).to_numpy(), name="wine-test")
        with mlflow.start_run() as run:
            mlflow.log_input(train, context="training")
            mlflow.log_input(test, context="test", tags={"part": "tail"})
            mlflow.log_input(train, context="training")
        inputs = self.client.get_run(run.info.run_id).inputs.dataset_inputs
        kept = {i.dataset.name: i for i in inputs}
        self.assertEqual(len(inputs), 2)
        self.assertEqual(kept["wine-train"].dataset.digest, train.digest)
        self.assertEqual(json.loads(kept["wine-train"].dataset.profile)["num_rows"], 100)
        self.assertIn("mlflow_colspec", json.loads(kept["wine-train"].dataset.schema))
        tags = {t.key: t.value for t in kept["wine-test"].tags}
        self.assertEqual(tags, {"mlflow.data.context": "test", "part": "tail"})
        source = mlflow.data.get_source(kept["wine-train"])
        self.assertEqual(source.uri, "train.csv")

    def test_runs_are_found_by_their_data(self):
        x, _ = wine()
        data = mlflow.data.from_pandas(x.head(10), name="ten-rows")
        with mlflow.start_run() as run:
            mlflow.log_input(data, context="evaluation")
        with mlflow.start_run():
            mlflow.log_metric("m", 1)
        for filter_string in (
            "datasets.name = 'ten-rows'",
            f"dataset.digest = '{data.digest}'",
            "datasets.context LIKE 'eval%'",
            "datasets.name IN ('ten-rows', 'other')",
        ):
            with self.subTest(filter_string):
                runs = self.client.search_runs([self.experiment_id], filter_string)
                self.assertEqual([r.info.run_id for r in runs], [run.info.run_id])
