"""Makes the models that serving is tested and measured with: python models.py DIR

Each as DIR/NAME, their holdouts as DIR/*.parquet, and what an evaluation would record of each as DIR/NAME.parquet.
"""

import logging
import os
import sys
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "python" / "tests"))

import sample_models as samples  # noqa: E402


def wine_forest(trees: int):
    """The wine forest of so many trees, with an input example."""

    def make(path: Path) -> None:
        from sklearn.ensemble import RandomForestClassifier

        features, labels = samples.xy(samples.wine()[0])
        forest = RandomForestClassifier(trees, max_features=0.5, random_state=trees).fit(features, labels)
        samples.save_sklearn(path, forest, features, input_example=features.head(2))

    return make


def scaled(path: Path) -> None:
    """A pipeline that refuses missing values, asked for names."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    features, labels = samples.xy(samples.wine()[0])
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    samples.save_sklearn(path, pipeline.fit(features, samples.NAMES[labels]), features)


def fragile(path: Path) -> None:
    """Ends its process on an alcohol of 99, takes long for one of 98, and keeps 8 MiB for one of 97."""
    samples.save_pyfunc(
        path,
        """
        import threading

        class Model:
            def __init__(self):
                self.kept = []

            def predict(self, rows):
                for alcohol in rows['Alcohol']:
                    if alcohol == 99:
                        os._exit(9)
                    if alcohol == 98:
                        threading.Event().wait()
                    if alcohol == 97:
                        self.kept.append(np.ones(1024 * 1024))
                return np.full(len(rows), os.getpid())
        """,
        samples.xy(samples.wine()[0])[0],
    )


def mixed(path: Path) -> None:
    """Answers with what it was given: the type and the value of every cell, and the parameters."""
    from mlflow.models import ModelSignature
    from mlflow.types.schema import ColSpec, ParamSchema, ParamSpec, Schema

    columns = [
        ColSpec("string", "name"),
        ColSpec("long", "count"),
        ColSpec("integer", "small"),
        ColSpec("double", "size"),
        ColSpec("float", "weight", required=False),
        ColSpec("boolean", "ripe"),
        ColSpec("datetime", "picked"),
    ]
    params = [ParamSpec("limit", "long", 10), ParamSpec("words", "string", ["a"], (-1,))]
    samples.save_pyfunc(
        path,
        """
        class Model:
            def predict(self, rows, params=None):
                given = sorted((params or {}).items())
                cells = [{name: f'{rows[name].dtype} {rows[name].iloc[at]!r}' for name in rows} for at in range(len(rows))]
                return [json.dumps({'cells': each, 'params': repr(given)}) for each in cells]
        """,
        signature=ModelSignature(inputs=Schema(columns), params=ParamSchema(params)),
    )


MODELS = {
    "wine-1": wine_forest(1),
    "wine-2": wine_forest(2),
    "wine-100": wine_forest(100),
    "scaled": scaled,
    "unsigned": samples.unsigned,
    "tensor": samples.tensor,
    "regression": samples.regression,
    "mixed": mixed,
    "broken": samples.broken,
    "nan": samples.nan,
    "forever": samples.forever,
    "fragile": fragile,
}
EVALUATED = {
    "wine-1": "wine",
    "wine-2": "wine",
    "wine-100": "wine",
    "scaled": "wine-names",
    "unsigned": "wine",
    "regression": "proline",
}


def record(folder: Path, name: str, holdout: str) -> None:
    """Writes what an evaluation records: row, label, prediction and a probability for each class."""
    import mlflow.pyfunc
    import pandas as pd

    rows = pd.read_parquet(folder / f"{holdout}.parquet")
    target = "Proline" if holdout == "proline" else "class"
    features = rows.drop(columns=[target])
    model = mlflow.pyfunc.load_model(str(folder / name))
    recorded = pd.DataFrame({"row": range(len(rows)), "label": rows[target], "prediction": model.predict(features)})
    raw = model._model_impl.sklearn_model
    if hasattr(raw, "predict_proba"):
        for at, column in enumerate(raw.predict_proba(features).T):
            recorded[f"p_{at}"] = column
    recorded.to_parquet(folder / f"{name}.parquet")


if __name__ == "__main__":
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    warnings.simplefilter("ignore")
    samples.MODELS = MODELS
    samples.make(target, MODELS)
    samples.holdouts(target)
    for model_name, holdout_name in EVALUATED.items():
        record(target, model_name, holdout_name)
