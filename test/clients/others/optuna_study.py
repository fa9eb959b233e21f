"""Optuna's callback writes each trial of a study as a run; the study's name comes as the argument."""

import sys

import mlflow
import optuna
from optuna_integration import MLflowCallback

TRIALS = 6
callback = MLflowCallback(metric_name="distance", mlflow_kwargs={"tags": {"client": "optuna"}})


@callback.track_in_mlflow()
def distance(trial):
    x = trial.suggest_float("x", -5, 5)
    power = trial.suggest_categorical("power", [2, 4])
    trial.set_user_attr("worker", "größe ✓")
    for step in range(3):
        mlflow.log_metric("so_far", abs(x - 2) / (step + 1), step=step)
    # The third trial is given up: Optuna writes its run, too, but with no result.
    if trial.number == 2:
        raise optuna.TrialPruned()
    return (x - 2) ** power


study = optuna.create_study(study_name=sys.argv[1], sampler=optuna.samplers.TPESampler(seed=1))
study.optimize(distance, n_trials=TRIALS, callbacks=[callback])
assert len(study.trials) == TRIALS
