"""LightGBM's autologging: one training becomes a run with its curve, model and data, and the model is registered."""

import sys

import lightgbm
import mlflow
import numpy as np
from sklearn.datasets import load_diabetes

name = sys.argv[1]
x, y = load_diabetes(return_X_y=True, as_frame=True)

mlflow.set_experiment(name)
mlflow.lightgbm.autolog(log_input_examples=True, registered_model_name=name)
train = lightgbm.Dataset(x.head(300), y.head(300))
held_out = lightgbm.Dataset(x.tail(100), y.tail(100), reference=train)

booster = lightgbm.train(
    {"objective": "regression", "metric": "l2", "num_leaves": 7, "verbosity": -1, "num_threads": 1},
    train,
    num_boost_round=12,
    valid_sets=[held_out],
    valid_names=["held_out"],
)

loaded = mlflow.lightgbm.load_model(f"models:/{name}/1")
assert np.allclose(loaded.predict(x.tail(100)), booster.predict(x.tail(100)))
