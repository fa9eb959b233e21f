"""How fast the model's own predict is, without a server: python own_predict.py MODEL → calls a second for 1 and 100 rows."""

import json
import sys
import time

import mlflow.pyfunc
import pandas as pd

model = mlflow.pyfunc.load_model(sys.argv[1])
own = model._model_impl.sklearn_model
row = pd.DataFrame([[13.0] * len(own.feature_names_in_)], columns=own.feature_names_in_)
figures = {}
for rows in (1, 100):
    frame = pd.concat([row] * rows, ignore_index=True)
    own.predict(frame)
    calls, end = 0, time.perf_counter() + 3
    while time.perf_counter() < end:
        own.predict(frame)
        calls += 1
    figures[rows] = calls / 3
print(json.dumps(figures))
