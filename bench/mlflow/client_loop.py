"""What the Python client does for small runs, for a number of seconds. Needs MLFLOW_TRACKING_URI.

client_loop.py SECONDS prints one line of JSON."""

import json
import sys
import time

import mlflow


def one_run(i):
    with mlflow.start_run(run_name=f"client-{i}"):
        mlflow.log_param("n_estimators", i % 7)
        mlflow.log_param("max_depth", i % 5)
        mlflow.log_metric("F1", i / 1000)
        mlflow.log_metric("accuracy", i / 2000)
        mlflow.set_tag("team", "a")


mlflow.set_experiment("bench-client")
for i in range(3):
    one_run(i)
runs = 0
began, cpu = time.perf_counter(), time.process_time()
while time.perf_counter() - began < float(sys.argv[1]):
    one_run(runs)
    runs += 1
seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
found = mlflow.search_runs(experiment_names=["bench-client"], max_results=1)
assert len(found) == 1, "the runs that were logged are not found"
print(json.dumps({"runs": runs, "runsPerS": runs / seconds, "cpuMsPerRun": cpu * 1000 / runs, "version": mlflow.__version__}))
