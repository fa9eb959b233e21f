"""What a model was saved with, against what is installed here."""

import platform
from pathlib import Path

from .interpreter import how_to_install, metadata_version

# Modules whose distribution has another name.
_DISTRIBUTIONS = {"sklearn": "scikit-learn", "cv2": "opencv-python", "PIL": "pillow", "yaml": "pyyaml"}


def pinned(path: Path) -> dict[str, str]:
    """The exact versions that a model's requirements.txt names, by distribution."""
    file = path / "requirements.txt"
    if not file.is_file():
        return {}
    versions = {}
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        name, equals, version = line.split("#")[0].split(";")[0].strip().partition("==")
        if equals and version and not version.endswith("*"):
            versions[name.split("[")[0].strip()] = version.strip()
    return versions


def mismatches(path: Path, described: dict) -> list[str]:
    """A sentence for each way in which this interpreter differs from the one that saved the model."""
    differing = {
        name: (version, metadata_version(name))
        for name, version in pinned(path).items()
        if name != "mlflow" and metadata_version(name) != version
    }
    found = []
    if differing:
        saved = ", ".join(f"{name} {version}" for name, (version, _) in differing.items())
        here = ", ".join(
            f"{name} {installed}" if installed else f"no {name}" for name, (_, installed) in differing.items()
        )
        install = how_to_install([f"{name}=={version}" for name, (version, _) in differing.items()])
        found.append(f"The model was saved with {saved}; here is {here}. To have the same: {install}")
    saved_by = str(described["flavors"]["python_function"].get("python_version", ""))
    if saved_by and saved_by.split(".")[:2] != platform.python_version().split(".")[:2]:
        found.append(f"The model was saved by Python {saved_by}; this is Python {platform.python_version()}.")
    return found


def explain_missing_module(path: Path, error: ModuleNotFoundError) -> str:
    """What to install when a model asks for a module that is not here."""
    module = (error.name or "").split(".")[0]
    distribution = _DISTRIBUTIONS.get(module, module)
    listed = {name.lower().replace("_", "-"): f"{name}=={version}" for name, version in pinned(path).items()}
    wanted = listed.get(distribution.lower().replace("_", "-"))
    if wanted is None and (path / "requirements.txt").is_file():
        return (
            f"The model needs the Python module '{error.name}', which is not installed here. If it is the model's own "
            f"code, log the model with code_paths. What the model lists is installed by: "
            f"{how_to_install(['-r', path / 'requirements.txt'])}"
        )
    return (
        f"The model needs the Python module '{error.name}', which is not installed here. "
        f"Install it: {how_to_install([wanted or distribution])}"
    )
