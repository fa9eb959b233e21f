"""Runs as a data scientist leaves them, logged by MLflow's own client. Prints their ids as JSON."""

import json
import math
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from mlflow.models import infer_signature
from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split

POINTS = int(sys.argv[1])
CHILDREN = int(sys.argv[2])
STARTED = 1_778_932_800_000

client = MlflowClient()


def log_kinds(folder: Path) -> None:
    """A file of every kind that the page shows."""
    (folder / "plots").mkdir()
    (folder / "notes.md").write_text("# Notes\n\n- a **point**\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n")
    (folder / "config.yaml").write_text("trees: 100\nfeatures: 0.5\n")
    (folder / "log.txt").write_text("epoch 1\nepoch 2\n")
    (folder / "long.txt").write_text("one line of many\n" * 60_000)
    (folder / "numbers.json").write_text('{"id": 12345678901234567890, "classes": [0, 1, 2]}')
    (folder / "rows.csv").write_text("name,proof\n" + '"Barolo, 2016",13.5\n' + "".join(f"row {i},{i}\n" for i in range(600)))
    (folder / "report.html").write_text('<h1 id="h">A report</h1><p>Barolo</p>')
    (folder / "model.bin").write_bytes(bytes(2048))
    (folder / "plots" / "points.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="160">'
        '<rect width="320" height="160" fill="#fff"/><circle cx="80" cy="80" r="40" fill="#8c1d40"/></svg>'
    )
    mlflow.log_artifacts(str(folder))


curve = 0.4 * np.random.default_rng(40).standard_normal(POINTS)


def log_losses(run_id: str, start: int) -> None:
    losses = [
        Metric("loss", math.exp(-step / 3e5) * (2 + curve[step]) + 0.05, STARTED + step * 50, step)
        for step in range(start, start + 1000)
    ]
    MlflowClient().log_batch(run_id, metrics=losses, synchronous=True)


def wine(n_estimators: int, max_features: float) -> str:
    np.random.seed(40)
    data = load_wine(as_frame=True)
    x_train, x_test, y_train, y_test = train_test_split(data.data, data.target, test_size=0.25, stratify=data.target)
    with mlflow.start_run(run_name=f"forest of {n_estimators}, {max_features}") as run:
        forest = RandomForestClassifier(n_estimators=n_estimators, max_features=max_features).fit(x_train, y_train)
        predicted = forest.predict(x_test)
        mlflow.log_metric("F1", f1_score(y_test, predicted, average="weighted"))
        mlflow.log_metric("Accuracy", accuracy_score(y_test, predicted))
        mlflow.log_params({"n_estimator": n_estimators, "max_features": max_features, "bootstrap": True})
        mlflow.set_tags({"model_name": "Wineforest", "mlflow.source.git.commit": "4c2af65e" * 5})
        frame = x_train.assign(target=y_train)
        mlflow.log_input(mlflow.data.from_pandas(frame, name="wine", targets="target"), context="training")
        mlflow.sklearn.log_model(
            forest,
            name="model",
            signature=infer_signature(x_train, predicted),
            input_example=x_train.head(2),
            # Found out by loading the model in a process of its own, which takes longer than all the rest.
            pip_requirements=["scikit-learn"],
            skops_trusted_types=["sklearn.tree._tree.Tree"],
        )
    return run.info.run_id


experiment = mlflow.set_experiment("/Users/me/WineClassifier").experiment_id
wines = [wine(*settings) for settings in [(1, 0.1), (1, 0.5), (100, 0.5)]]

training = mlflow.set_experiment("training").experiment_id
with mlflow.start_run(run_name="a long training") as run, tempfile.TemporaryDirectory() as folder:
    log_kinds(Path(folder))
    # Nearly all of the time goes into making the requests, which two processes do at once.
    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool:
        list(pool.map(partial(log_losses, run.info.run_id), range(0, POINTS, 1000), chunksize=20))
    epochs = [
        Metric(name, value, STARTED + epoch * 60_000, epoch)
        for epoch in range(50)
        for name, value in [
            ("val/loss", 2 * math.exp(-epoch / 15) + 0.1),
            ("val/accuracy", 1 - 0.6 * math.exp(-epoch / 10)),
            ("grad norm", float("nan") if epoch == 20 else 10 ** (3 - epoch / 10)),
        ]
    ]
    client.log_batch(run.info.run_id, metrics=epochs, synchronous=True)
    long = run.info.run_id

with mlflow.start_run(run_name="sweep") as parent:
    pass
for i in range(CHILDREN):
    child = client.create_run(
        training, start_time=STARTED + i * 1000, run_name=f"trial {i}", tags={"mlflow.parentRunId": parent.info.run_id}
    ).info.run_id
    rate, depth, kind = 10 ** -(1 + (i * 37 % 100) / 25), 2 + i % 7, ["gini", "entropy", "log_loss"][i % 3]
    score = 0.9 - (math.log10(rate) + 2.5) ** 2 / 20 - abs(depth - 5) / 60 + (i * 13 % 10) / 500
    client.log_batch(
        child,
        params=[
            Param("learning_rate", f"{rate:.3g}"),
            Param("depth", str(depth)),
            Param("criterion", kind),
            Param("seed", "40"),
        ],
        metrics=[Metric("accuracy", score, STARTED, 0), Metric("fit_time", 1 + depth * 0.3, STARTED, 0)],
        tags=[RunTag("team", "cellar")],
        synchronous=True,
    )
    client.set_terminated(child, end_time=STARTED + i * 1000 + 900)

print(json.dumps({"experiment": experiment, "wines": wines, "long": long, "sweep": parent.info.run_id, "training": training}))
