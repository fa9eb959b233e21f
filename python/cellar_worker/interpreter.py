"""What must be settled in the interpreter before mlflow is imported, and what it then is."""

import os
import platform
import sys
from importlib import metadata
from pathlib import Path

# An operator's ban on pickles stays a ban.
_KEPT = "MLFLOW_ALLOW_PICKLE_DESERIALIZATION"


def settle() -> None:
    """Makes mlflow keep to itself: no server, no telemetry, no settings from whoever started this process.

    Must run before the first import of mlflow, which reads some of these variables only then.
    """
    for name in list(os.environ):
        if name.startswith(("MLFLOW_", "DATABRICKS_", "_MLFLOW_")) and name != _KEPT:
            del os.environ[name]
    os.environ["MLFLOW_TRACKING_URI"] = (Path.cwd() / "mlruns").as_uri()
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["DO_NOT_TRACK"] = "true"
    # gitpython, which mlflow imports, warns on a machine without git.
    os.environ["GIT_PYTHON_REFRESH"] = "quiet"


def versions() -> dict:
    """The versions of Python and mlflow here. Raises what importing mlflow raises."""
    import mlflow.pyfunc

    return {"python": platform.python_version(), "mlflow": metadata_version("mlflow") or mlflow.__version__}


def metadata_version(distribution: str) -> str | None:
    """The version of an installed distribution, or None."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def how_to_install(requirements) -> str:
    """The exact command that installs requirements into this interpreter."""
    quoted = [f"'{each}'" if set(str(each)) & set("<>!~ ;[*") else str(each) for each in requirements]
    return f"{sys.executable} -m pip install {' '.join(quoted)}"


def explain_missing_mlflow(error: ImportError) -> str:
    """Why mlflow could not be imported, and the command that puts it right."""
    if getattr(error, "name", None) == "mlflow":
        return (
            f"{sys.executable} (Python {platform.python_version()}) does not have mlflow. Install it there, with what "
            f"your models need: {how_to_install(['mlflow'])}. Or name another Python with --python or CELLAR_PYTHON."
        )
    return (
        f"{sys.executable} (Python {platform.python_version()}) cannot import mlflow: {error}. "
        f"Repair it there: {how_to_install(['--upgrade', 'mlflow'])}. Or name another Python with --python or "
        "CELLAR_PYTHON."
    )
