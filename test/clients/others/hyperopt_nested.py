"""Hyperopt searches inside a run, and each evaluation is a run nested in it; the experiment's name is the argument."""

import sys

import mlflow
import numpy as np
from hyperopt import STATUS_OK, Trials, fmin, hp, space_eval, tpe

SPACE = {
    "rate": hp.loguniform("rate", np.log(1e-3), np.log(1)),
    "depth": hp.quniform("depth", 2, 8, 1),
    "kind": hp.choice("kind", ["small", "large"]),
}


def loss_of(parameters):
    with mlflow.start_run(nested=True):
        mlflow.log_params(parameters)
        loss = parameters["depth"] + abs(np.log10(parameters["rate"]))
        mlflow.log_metric("loss", loss)
    return {"loss": loss, "status": STATUS_OK}


mlflow.set_experiment(sys.argv[1])
with mlflow.start_run(run_name="search"):
    trials = Trials()
    best = fmin(
        loss_of, SPACE, tpe.suggest, max_evals=6, trials=trials, rstate=np.random.default_rng(7), show_progressbar=False
    )
    mlflow.log_params(space_eval(SPACE, best))
    mlflow.log_metric("best_loss", min(trials.losses()))
