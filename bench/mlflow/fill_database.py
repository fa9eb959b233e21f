"""Writes runs or registered models straight into the database of an `mlflow server`, as the driver would have made them
through the API: there, 20,000 runs take the better part of an hour. To be run with the server's own Python.

fill_database.py DATABASE_URI runs|models FIRST LAST EXPERIMENT_ID"""

import sys
import uuid

import sqlalchemy as sa
from mlflow.store.model_registry.dbmodels import models as registry
from mlflow.store.tracking.dbmodels import models as tracking

BASE_TIME = 1_700_000_000_000
NOTES = ["baseline", "weekly retrain", "tuning sweep", "feature test", "drift check"]
ROWS_AT_ONCE = 1000


def mix(x):
    """The finaliser of splitmix64, as in driver/bodies.go."""
    mask = (1 << 64) - 1
    x = (x + 0x9E3779B97F4A7C15) & mask
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & mask
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & mask
    return x ^ (x >> 31)


def run_rows(i, experiment):
    """The rows of run i by table; runBody in driver/bodies.go says the same as JSON."""

    def h(k):
        return mix(i * 64 + k)

    def unit(k):
        return h(k) % 1_000_000 / 1e6

    run_id, name = uuid.uuid4().hex, f"run-{i:07d}"
    note = NOTES[4] if h(31) % 20 == 0 else NOTES[h(30) % 4]
    params = {
        "n_estimators": ["50", "100", "200", "500"][h(1) % 4],
        "max_depth": str(h(2) % 20),
        "learning_rate": f"{unit(3):.3f}",
        **{f"param_{k}": str(h(k + 10) % 100) for k in range(3, 10)},
    }
    tags = {
        "mlflow.runName": name,
        "note": f"{note} {i}",
        "team": f"team-{h(32) % 8}",
        "dataset": f"ds-{h(33) % 50}",
        "git": f"{h(34):016x}",
        "env": ["INT", "PROD"][h(35) % 2],
    }
    values = {"F1": unit(20), **{f"metric_{k}": unit(20 + k) for k in range(1, 10)}}
    metrics = [
        dict(key=key, value=value, timestamp=BASE_TIME + i, step=0, is_nan=False, run_uuid=run_id)
        for key, value in values.items()
    ]
    run = dict(
        run_uuid=run_id,
        name=name,
        source_type="UNKNOWN",
        source_name="",
        entry_point_name="",
        user_id="",
        status="FINISHED",
        start_time=BASE_TIME + i,
        end_time=BASE_TIME + i + 1000,
        source_version="",
        lifecycle_stage="active",
        artifact_uri=f"mlflow-artifacts:/{experiment}/{run_id}/artifacts",
        experiment_id=int(experiment),
    )
    return {
        tracking.SqlRun: [run],
        tracking.SqlParam: [dict(key=key, value=value, run_uuid=run_id) for key, value in params.items()],
        tracking.SqlTag: [dict(key=key, value=value, run_uuid=run_id) for key, value in tags.items()],
        tracking.SqlMetric: metrics,
        tracking.SqlLatestMetric: metrics,
    }


def model_rows(i, workspace):
    """The rows of model i by table; the job "models" of the driver says the same as requests."""
    name = f"bench-model-{i:05d}"
    times = dict(creation_time=BASE_TIME + i, last_updated_time=BASE_TIME + i)
    versions = [
        dict(
            workspace=workspace,
            name=name,
            version=version,
            current_stage="None",
            source=f"s3://bench/{name}/{version}",
            storage_location=f"s3://bench/{name}/{version}",
            status="READY",
            **times,
        )
        for version in range(1, 5)
    ]
    return {
        registry.SqlRegisteredModel: [dict(workspace=workspace, name=name, **times)],
        registry.SqlRegisteredModelTag: [dict(workspace=workspace, name=name, key="team", value=f"team-{i % 8}")],
        registry.SqlModelVersion: versions,
        registry.SqlRegisteredModelAlias: [dict(workspace=workspace, name=name, alias="champion", version=3)],
    }


def fill(connection, rows_of, first, last):
    for begin in range(first, last, ROWS_AT_ONCE):
        rows = {}
        for i in range(begin, min(last, begin + ROWS_AT_ONCE)):
            for table, values in rows_of(i).items():
                rows.setdefault(table, []).extend(values)
        for table, values in rows.items():
            connection.execute(table.__table__.insert(), values)


def main(uri, what, first, last, experiment):
    engine = sa.create_engine(uri)
    with engine.begin() as connection:
        if what == "runs":
            fill(connection, lambda i: run_rows(i, experiment), int(first), int(last))
        else:
            workspace = connection.execute(sa.select(registry.SqlRegisteredModel.workspace).limit(1)).scalar_one()
            fill(connection, lambda i: model_rows(i, workspace), int(first), int(last))
    if engine.dialect.name == "postgresql":  # what autovacuum would do in time
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("VACUUM ANALYZE"))


main(*sys.argv[1:])
