"""The registry: models, versions, stages, aliases, tags, descriptions, copies and searches."""

import unittest

from mlflow import MlflowClient

from suites.world import CLIENT_2_22, CLIENT_3, a_forest, error_code, fresh_experiment, log_forest, mlflow, only, same_predictions, unique


class Registry(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        fresh_experiment("registry")
        cls.forests, cls.runs, cls.infos = [], [], []
        for trees in (1, 3):
            forest = a_forest(trees)
            with mlflow.start_run() as run:
                cls.infos.append(log_forest(forest))
            cls.forests.append(forest)
            cls.runs.append(run.info.run_id)

    def setUp(self):
        self.client = MlflowClient()
        self.name = unique("wine model")

    def two_versions(self):
        return [mlflow.register_model(f"runs:/{run_id}/model", self.name) for run_id in self.runs]

    def stages(self):
        versions = self.client.search_model_versions(f"name = '{self.name}'", order_by=["version_number ASC"])
        return [v.current_stage for v in versions]

    def test_register_counts_up_and_remembers_the_run(self):
        first, second = self.two_versions()
        self.assertEqual((str(first.version), str(second.version)), ("1", "2"))
        found = self.client.get_model_version(self.name, "1")
        self.assertEqual((found.run_id, found.status, found.current_stage), (self.runs[0], "READY", "None"))
        same_predictions(self, mlflow.pyfunc.load_model(f"models:/{self.name}/1"), self.forests[0])
        same_predictions(self, mlflow.pyfunc.load_model(f"models:/{self.name}/2"), self.forests[1])
        same_predictions(self, mlflow.pyfunc.load_model(f"models:/{self.name}/latest"), self.forests[1])

    def test_stages_move_and_archive(self):
        self.two_versions()
        moved = self.client.transition_model_version_stage(self.name, 1, "production")
        self.assertEqual(moved.current_stage, "Production")
        same_predictions(self, mlflow.pyfunc.load_model(f"models:/{self.name}/Production"), self.forests[0])
        self.client.transition_model_version_stage(self.name, 2, "Production", archive_existing_versions=True)
        self.assertEqual(self.stages(), ["Archived", "Production"])
        same_predictions(self, mlflow.pyfunc.load_model(f"models:/{self.name}/Production"), self.forests[1])
        self.client.transition_model_version_stage(self.name, 1, "Staging")
        latest = self.client.get_latest_versions(self.name, ["Staging", "Production"])
        self.assertEqual({v.current_stage: str(v.version) for v in latest}, {"Staging": "1", "Production": "2"})
        in_model = self.client.get_registered_model(self.name).latest_versions
        self.assertEqual({v.current_stage: str(v.version) for v in in_model}, {"Staging": "1", "Production": "2"})
        with error_code(self, "INVALID_PARAMETER_VALUE"):
            self.client.transition_model_version_stage(self.name, 1, "Cellar")

    def test_archiving_others_for_a_stage_that_is_not_active_is_refused_at_once(self):
        self.two_versions()
        with self.assertRaises(Exception):
            self.client.transition_model_version_stage(self.name, 1, "Archived", archive_existing_versions=True)
        self.assertEqual(self.stages(), ["None", "None"])

    def test_aliases_point_to_one_version_and_move(self):
        self.two_versions()
        self.client.set_registered_model_alias(self.name, "champion", "1")
        same_predictions(self, mlflow.pyfunc.load_model(f"models:/{self.name}@champion"), self.forests[0])
        self.client.set_registered_model_alias(self.name, "champion", "2")
        self.client.set_registered_model_alias(self.name, "best-so-far", "2")
        found = self.client.get_model_version_by_alias(self.name, "champion")
        self.assertEqual((str(found.version), sorted(found.aliases)), ("2", ["best-so-far", "champion"]))
        aliases = self.client.get_registered_model(self.name).aliases
        self.assertEqual({k: str(v) for k, v in aliases.items()}, {"champion": "2", "best-so-far": "2"})
        self.client.delete_registered_model_alias(self.name, "champion")
        with error_code(self, "INVALID_PARAMETER_VALUE"):
            self.client.get_model_version_by_alias(self.name, "champion")
        with error_code(self, "INVALID_PARAMETER_VALUE"):
            self.client.set_registered_model_alias(self.name, "v7", "1")

    def test_descriptions_and_tags(self):
        self.client.create_registered_model(self.name, tags={"team": "wine"}, description="first words")
        self.two_versions()
        self.client.update_registered_model(self.name, "better words")
        self.client.update_model_version(self.name, "1", "version words")
        self.client.set_registered_model_tag(self.name, "k", "v")
        self.client.set_model_version_tag(self.name, "1", "k", "v 1")
        self.client.set_model_version_tag(self.name, "1", "gone", "soon")
        self.client.delete_model_version_tag(self.name, "1", "gone")
        model = self.client.get_registered_model(self.name)
        self.assertEqual((model.description, model.tags), ("better words", {"team": "wine", "k": "v"}))
        version = self.client.get_model_version(self.name, "1")
        self.assertEqual((version.description, version.tags), ("version words", {"k": "v 1"}))
        self.client.delete_registered_model_tag(self.name, "k")
        self.assertEqual(self.client.get_registered_model(self.name).tags, {"team": "wine"})
        self.client.transition_model_version_stage(self.name, "2", "Production")
        self.client.set_model_version_tag(self.name, key="s", value="by stage", stage="Production")
        self.assertEqual(self.client.get_model_version(self.name, "2").tags, {"s": "by stage"})

    def test_rename_carries_everything_along(self):
        self.two_versions()
        self.client.set_registered_model_alias(self.name, "champion", "2")
        renamed = self.name + " renamed"
        self.client.rename_registered_model(self.name, renamed)
        same_predictions(self, mlflow.pyfunc.load_model(f"models:/{renamed}@champion"), self.forests[1])
        with error_code(self, "RESOURCE_DOES_NOT_EXIST"):
            self.client.get_registered_model(self.name)
        self.client.create_registered_model(self.name)
        with error_code(self, "RESOURCE_ALREADY_EXISTS"):
            self.client.rename_registered_model(renamed, self.name)

    def test_copy_to_another_name(self):
        self.two_versions()
        copied = self.client.copy_model_version(f"models:/{self.name}/2", self.name + " copy")
        self.assertEqual((str(copied.version), copied.run_id), ("1", self.runs[1]))
        same_predictions(self, mlflow.pyfunc.load_model(f"models:/{self.name} copy/1"), self.forests[1])

    def test_delete_a_version_then_the_model(self):
        self.two_versions()
        self.client.set_registered_model_alias(self.name, "champion", "2")
        self.client.delete_model_version(self.name, "2")
        with error_code(self, "RESOURCE_DOES_NOT_EXIST"):
            self.client.get_model_version(self.name, "2")
        self.assertEqual(self.client.get_registered_model(self.name).aliases, {})
        third = mlflow.register_model(f"runs:/{self.runs[0]}/model", self.name)
        self.assertEqual(str(third.version), "3")
        self.client.delete_registered_model(self.name)
        with error_code(self, "RESOURCE_DOES_NOT_EXIST"):
            self.client.get_registered_model(self.name)
        self.assertEqual(list(self.client.search_model_versions(f"name = '{self.name}'")), [])

    def test_search_models_and_versions(self):
        stem = unique("Stem")
        for i in range(5):
            self.client.create_registered_model(f"{stem} {i}", tags={"n": str(i)})
        found = self.client.search_registered_models(f"name LIKE '{stem}%'", order_by=["name DESC"])
        self.assertEqual([m.name[-1] for m in found], ["4", "3", "2", "1", "0"])
        self.assertEqual(len(self.client.search_registered_models(f"name ILIKE '{stem.upper()}%'")), 5)
        tagged = self.client.search_registered_models(f"name LIKE '{stem}%' AND tags.n = '3'")
        self.assertEqual([m.name for m in tagged], [f"{stem} 3"])
        seen, token = [], None
        while True:
            page = self.client.search_registered_models(f"name LIKE '{stem}%'", max_results=2, page_token=token)
            seen += [m.name[-1] for m in page]
            token = page.token
            if not token:
                break
        self.assertEqual(seen, ["0", "1", "2", "3", "4"])
        self.two_versions()
        by_run = self.client.search_model_versions(f"run_id = '{self.runs[1]}' AND name = '{self.name}'")
        self.assertEqual([str(v.version) for v in by_run], ["2"])
        newest = self.client.search_model_versions(f"name = '{self.name}'", order_by=["version_number DESC"])
        self.assertEqual([str(v.version) for v in newest], ["2", "1"])

    @only(CLIENT_2_22)
    def test_the_download_address_is_where_the_files_are(self):
        self.two_versions()
        uri = self.client.get_model_version_download_uri(self.name, "1")
        names = {f.path.split("/")[-1] for f in mlflow.artifacts.list_artifacts(artifact_uri=uri)}
        self.assertIn("MLmodel", names)
        listed = mlflow.artifacts.list_artifacts(artifact_uri=f"models:/{self.name}/1")
        self.assertIn("MLmodel", {f.path.split("/")[-1] for f in listed})

    @only(CLIENT_3)
    def test_a_logged_model_can_be_registered_by_its_id(self):
        version = mlflow.register_model(f"models:/{self.infos[0].model_id}", self.name, tags={"g": "h"})
        self.assertEqual((version.run_id, version.tags), (self.runs[0], {"g": "h"}))
        same_predictions(self, mlflow.pyfunc.load_model(f"models:/{self.name}/1"), self.forests[0])
        logged = mlflow.get_logged_model(self.infos[0].model_id)
        self.assertIn(self.name, logged.tags["mlflow.modelVersions"])
