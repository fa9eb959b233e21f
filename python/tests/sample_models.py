"""Makes the models and holdouts that the tests are about.

    python sample_models.py DIR [NAME …]

makes them (all, or those named) as DIR/NAME, and the holdouts as DIR/*.parquet. Needs scikit-learn.
"""

import inspect
import json
import logging
import os
import shutil
import sys
import tempfile
import textwrap
import warnings
from importlib import metadata
from pathlib import Path

import numpy as np
import pandas as pd

FEATURES = [
    "Alcohol", "Malic acid", "Ash", "Alcalinity of ash", "Magnesium", "Total phenols", "Flavanoids",
    "Nonflavanoid phenols", "Proanthocyanins", "Color intensity", "Hue", "OD280/OD315 of diluted wines", "Proline",
]  # fmt: skip
NAMES = np.array(["Barolo", "Grignolino", "Barbera"])


def wine() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The wine data as (training rows, holdout rows), the label in the column `class`."""
    from sklearn.datasets import load_wine
    from sklearn.model_selection import train_test_split

    data = load_wine()
    frame = pd.DataFrame(data.data, columns=FEATURES).assign(**{"class": data.target.astype("int64")})
    return train_test_split(frame, stratify=frame["class"], random_state=40)


def xy(frame: pd.DataFrame):
    return frame[FEATURES], frame["class"]


def save_sklearn(path: Path, estimator, rows: pd.DataFrame | None, **options) -> None:
    """Saves an estimator, with a signature made from `rows` unless they are None."""
    import mlflow.sklearn
    from mlflow.models import infer_signature

    if rows is not None:
        options["signature"] = infer_signature(rows, estimator.predict(rows))
    options = {"serialization_format": "cloudpickle", "pip_requirements": installed("scikit-learn"), **options}
    mlflow.sklearn.save_model(estimator, str(path), **options)


def installed(*distributions: str) -> list[str]:
    """Pins of what is installed here. Given to MLflow, which otherwise loads each model once more to find them out."""
    return [f"{name}=={metadata.version(name)}" for name in distributions]


def save_pyfunc(
    path: Path, body: str, rows: pd.DataFrame | None = None, module: str | None = None, signature=None, **state
) -> None:
    """Saves a model of its own code: `body` is the Python of a module with a class `Model` that has `predict`.

    With `module`, that name is used for the model's module: several models can have the same. Its signature is the one
    given, or made from `rows` unless they are None.
    """
    import mlflow.pyfunc
    from mlflow.models import infer_signature

    module = module or f"model_{path.name.replace('-', '_')}"
    text = (
        f"import json, os\nimport numpy as np, pandas as pd\n\n{textwrap.dedent(body)}\n\n"
        "def _load_pyfunc(path):\n"
        "    with open(os.path.join(path, 'state.json')) as file:\n"
        "        return Model(**json.load(file))\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        code = Path(folder, f"{module}.py")
        code.write_text(text)
        data = Path(folder, "data")
        data.mkdir()
        Path(data, "state.json").write_text(json.dumps(state))
        if rows is not None:
            signature = infer_signature(rows, np.zeros(len(rows), dtype="int64"))
        takes = inspect.signature(mlflow.pyfunc.save_model).parameters
        mlflow.pyfunc.save_model(
            str(path),
            loader_module=module,
            data_path=str(data),
            signature=signature,
            pip_requirements=installed("numpy", "pandas"),
            # As it was called before mlflow 2.12.
            **{"code_paths" if "code_paths" in takes else "code_path": [str(code)]},
        )


def forest(path: Path) -> None:
    from sklearn.ensemble import RandomForestClassifier

    features, labels = xy(wine()[0])
    save_sklearn(path, RandomForestClassifier(20, random_state=1).fit(features, labels), features)


def unsigned(path: Path) -> None:
    from sklearn.ensemble import RandomForestClassifier

    features, labels = xy(wine()[0])
    save_sklearn(path, RandomForestClassifier(5, random_state=1).fit(features, labels), None)


def tensor(path: Path) -> None:
    from sklearn.ensemble import RandomForestClassifier

    features, labels = xy(wine()[0])
    save_sklearn(path, RandomForestClassifier(5, random_state=1).fit(features.to_numpy(), labels), features.to_numpy())


def strings(path: Path) -> None:
    from sklearn.ensemble import RandomForestClassifier

    features, labels = xy(wine()[0])
    save_sklearn(path, RandomForestClassifier(20, random_state=1).fit(features, NAMES[labels]), features)


def regression(path: Path) -> None:
    from sklearn.linear_model import LinearRegression

    train = wine()[0]
    features = train[FEATURES[:-1]]
    save_sklearn(path, LinearRegression().fit(features, train["Proline"]), features)


def broken(path: Path) -> None:
    """Its pickle is cut off."""
    forest(path)
    pickle = path / "model.pkl"
    pickle.write_bytes(pickle.read_bytes()[:1000])


def unreadable(path: Path) -> None:
    """Its MLmodel is no YAML."""
    forest(path)
    (path / "MLmodel").write_text("flavors: {python_function: [")


def printing(path: Path) -> None:
    """Prints on every way there is, and reads from stdin, when loaded and when it predicts."""
    save_pyfunc(
        path,
        """
        import subprocess, sys

        def shout():
            print('{"id": "forged"}', flush=True)
            sys.__stdout__.write('to the first stdout\\n')
            sys.__stdout__.flush()
            os.write(1, b'to the file descriptor\\n')
            subprocess.run(['echo', 'from a child process'], check=True)
            assert sys.stdin.read() == ''

        class Model:
            def __init__(self):
                shout()

            def predict(self, rows):
                shout()
                return np.zeros(len(rows), dtype='int64')
        """,
        xy(wine()[0])[0],
    )


def nan(path: Path) -> None:
    """Answers NaN for every third row."""
    save_pyfunc(
        path,
        """
        class Model:
            def predict(self, rows):
                return np.where(np.arange(len(rows)) % 3 == 2, np.nan, 1.0)
        """,
        xy(wine()[0])[0],
    )


def forever(path: Path) -> None:
    """Never answers."""
    save_pyfunc(
        path,
        """
        import threading

        class Model:
            def predict(self, rows):
                threading.Event().wait()
        """,
        xy(wine()[0])[0],
    )


def hungry(path: Path) -> None:
    """Takes another 16 MiB of memory again and again, up to the 2 GiB at which it gives up."""
    save_pyfunc(
        path,
        """
        class Model:
            def predict(self, rows):
                eaten = []
                while len(eaten) < 128:
                    eaten.append(np.ones(2 * 1024 * 1024))
                raise MemoryError('2 GiB were not enough')
        """,
        xy(wine()[0])[0],
    )


def exiting(path: Path) -> None:
    """Ends its interpreter at once."""
    save_pyfunc(
        path,
        """
        class Model:
            def predict(self, rows):
                os._exit(9)
        """,
        xy(wine()[0])[0],
    )


MODELS = {
    each.__name__: each
    for each in (
        forest,
        unsigned,
        tensor,
        strings,
        regression,
        broken,
        unreadable,
        printing,
        nan,
        forever,
        hungry,
        exiting,
    )
}


def holdouts(folder: Path) -> None:
    """wine.parquet (class is 0, 1, 2), wine-names.parquet (class is a name) and proline.parquet (predict Proline)."""
    rows = wine()[1].reset_index(drop=True)
    rows.to_parquet(folder / "wine.parquet")
    rows.assign(**{"class": NAMES[rows["class"]]}).to_parquet(folder / "wine-names.parquet")
    rows.drop(columns=["class"]).to_parquet(folder / "proline.parquet")


def make(folder: Path, names) -> None:
    """Makes the models named in a folder, each as a folder of its own, in place of what had its name."""
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.rmtree(folder / name, ignore_errors=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            MODELS[name](folder / name)


if __name__ == "__main__":
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    target = Path(sys.argv[1])
    make(target, sys.argv[2:] or MODELS)
    holdouts(target)
