"""What an evaluation is asked for."""

from dataclasses import dataclass

from .refusal import Refusal

_TASKS = ("classification", "regression")


@dataclass(frozen=True)
class MetricFunction:
    name: str
    path: str
    function: str


@dataclass(frozen=True)
class Request:
    """One evaluation. `latency` is (calls of a row, rows of a batch, calls of a batch), or None to measure none."""

    model: str
    holdout: str
    target: str
    task: str
    metric_functions: tuple[MetricFunction, ...] = ()
    predictions: "str | None" = None
    latency: "tuple[int, int, int] | None" = None


def parse(message: dict) -> Request:
    """The request in a message; raises Refusal (MalformedRequest) that names the field."""
    holdout = _field(message, "holdout", dict, "")
    task = _field(holdout, "task", str, "holdout.")
    if task not in _TASKS:
        raise Refusal("MalformedRequest", f"'holdout.task' is '{task}'; it must be one of {', '.join(_TASKS)}.")
    functions = message.get("metricFunctions") or []
    if not isinstance(functions, list) or not all(isinstance(each, dict) for each in functions):
        raise Refusal("MalformedRequest", "'metricFunctions' must be a list of objects with name, path and function.")
    predictions = message.get("predictions")
    return Request(
        model=_field(message, "model", str, ""),
        holdout=_field(holdout, "path", str, "holdout."),
        target=_field(holdout, "target", str, "holdout."),
        task=task,
        metric_functions=tuple(
            MetricFunction(
                *(_field(each, name, str, f"metricFunctions[{at}].") for name in ("name", "path", "function"))
            )
            for at, each in enumerate(functions)
        ),
        predictions=None if predictions is None else _field(message, "predictions", str, ""),
        latency=None if message.get("latency") is None else _latency(_field(message, "latency", dict, "")),
    )


def _latency(asked: dict) -> tuple[int, int, int]:
    counts = tuple(_field(asked, name, int, "latency.") for name in ("rowCalls", "batchRows", "batchCalls"))
    if min(counts) < 1:
        raise Refusal("MalformedRequest", "'latency.rowCalls', 'batchRows' and 'batchCalls' must be at least 1.")
    return counts


def _field(message: dict, name: str, type_: type, prefix: str):
    value = message.get(name)
    if not isinstance(value, type_) or isinstance(value, bool) or value == "":
        what = {str: "a text", int: "a whole number", dict: "an object"}[type_]
        found = "is missing" if name not in message else f"is {value!r:.100}"
        raise Refusal("MalformedRequest", f"'{prefix}{name}' {found}; it must be {what}.")
    return value
