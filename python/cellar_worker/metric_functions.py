"""Metrics of the user's own, from a Python file."""

import contextlib
import importlib.util
import itertools
import os
import sys
import traceback

import numpy as np

from .refusal import Refusal

_numbers = itertools.count()


def compute(name: str, path: str, function: str, arguments: tuple) -> float:
    """Calls `function(labels, predictions, probabilities, frame)` of a file, which is read anew each time.

    Raises Refusal (MetricFunctionFailed), naming file, function and line.
    """
    described = f"The metric '{name}' ({function} in {path})"
    with _loaded(path, described) as module:
        measure = getattr(module, function, None)
        if not callable(measure):
            found = sorted(each for each, value in vars(module).items() if callable(value) and not each.startswith("_"))
            raise Refusal(
                "MetricFunctionFailed",
                f"{described} is not there: the file has {', '.join(found) or 'no function'}.",
            )
        try:
            value = measure(*arguments)
        except (Exception, SystemExit) as error:
            raise _failed(described, path, error) from error
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Refusal("MetricFunctionFailed", f"{described} returned {type(value).__name__}; a metric is one number.")
    return float(value)


@contextlib.contextmanager
def _loaded(path: str, described: str):
    """The file as a module of a name of its own, which is forgotten afterwards."""
    if not os.path.isfile(path):
        raise Refusal("MetricFunctionFailed", f"{described} is not there: {path} is no file.")
    name = f"cellar_metric_{next(_numbers)}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise Refusal("MetricFunctionFailed", f"{described} is not there: {path} is no Python file (.py).")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        try:
            spec.loader.exec_module(module)
        except (Exception, SystemExit) as error:
            raise _failed(described, path, error) from error
        yield module
    finally:
        del sys.modules[name]


def _failed(described: str, path: str, error: BaseException) -> Refusal:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
    place = f" on line {line}" if line is not None else ""
    return Refusal("MetricFunctionFailed", f"{described} failed{place}: {type(error).__name__}: {error}")
