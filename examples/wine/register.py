"""Register the best wine forest, put it into production, load it from there and predict."""

import mlflow
from mlflow import MlflowClient

from train import EXPERIMENT, FEATURES, LABEL, wine

MODEL = "winetest"

best = mlflow.search_runs(
    experiment_names=[EXPERIMENT],
    filter_string="tags.model_name = 'Wineforest' and attributes.status = 'FINISHED'",
    order_by=["metrics.Accuracy DESC", "attributes.start_time DESC"],
    max_results=1,
).iloc[0]

version = mlflow.register_model(f"runs:/{best.run_id}/model", MODEL)
MlflowClient().transition_model_version_stage(MODEL, version.version, "Production", archive_existing_versions=True)
print(f"{MODEL} version {version.version} (run {best.run_id}) is in Production")

model = mlflow.pyfunc.load_model(f"models:/{MODEL}/Production")
sample = wine().groupby(LABEL).head(2)
for expected, predicted in zip(sample[LABEL], model.predict(sample[FEATURES])):
    print(f"predicted class {predicted}, labelled {expected}")
