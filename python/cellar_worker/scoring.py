"""One evaluation: a request in, its numbers out."""

import warnings
from collections.abc import Callable

import numpy as np

from . import holdout, labels, latency, metric_functions, metrics, model, predictions
from .protocol import number
from .refusal import Refusal, listed
from .request import Request

_MOST_WARNINGS = 20


def score(request: Request, progress: Callable[[str], None]) -> dict:
    """Scores a model on a holdout, writes its predictions and answers with all but the id and the status.

    Raises Refusal about what a person can put right, and otherwise what the model raises.
    """
    with model.undisturbed():
        return _score(request, progress)


def _score(request: Request, progress: Callable[[str], None]) -> dict:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        progress("loading")
        rows = holdout.read(request.holdout, request.target, request.task)
        loaded = model.load(request.model)
        cast = loaded.cast(rows.features)

        progress("predicting")
        said = _predict(loaded, cast, rows.labels if request.task == "classification" else None)
        if request.task == "classification":
            judged = _judge_classes(rows.labels, said)
        else:
            judged = _judge_numbers(rows.labels, said)
        if loaded.classes is not None and said.probabilities is None:
            judged.warnings.append("The model's predict_proba gives no probabilities that sum to 1; they are left out.")
        for each in request.metric_functions:
            judged.metrics[each.name] = _own_metric(each, judged, rows)

        taken = None
        if request.latency is not None:
            progress("measuring latency")
            taken = latency.measure(loaded, cast, *request.latency)

        progress("writing")
        if request.predictions is not None:
            predictions.write(request.predictions, judged.labels, judged.predictions, judged.probabilities)

    noted = loaded.warnings + judged.warnings + [_sentence(each) for each in caught if _is_about_results(each)]
    return {
        "metrics": {name: number(value) for name, value in judged.metrics.items()},
        "rows": len(rows.labels),
        "classes": None if judged.classes is None else judged.classes.tolist(),
        "latencyMs": taken,
        "sizeBytes": loaded.size_bytes,
        "signature": loaded.signature,
        "flavors": loaded.flavors,
        "warnings": list(dict.fromkeys(noted))[:_MOST_WARNINGS],
    }


class _Judged:
    """Labels and what the model said, in one type, with the metrics of the task."""

    def __init__(self, actual, predicted, probabilities=None, classes=None, notes=()) -> None:
        self.labels = actual
        self.predictions = predicted
        self.probabilities = probabilities
        self.classes = classes
        self.warnings = list(notes)
        self.metrics: dict[str, float] = {}


def _predict(loaded: model.LoadedModel, cast, known) -> model.Prediction:
    try:
        return loaded.predict(cast, None if known is None else np.unique(known).tolist())
    except Refusal:
        raise
    except (Exception, SystemExit) as error:
        hint = f" {' '.join(loaded.warnings)}" if loaded.warnings else ""
        raise Refusal(
            "PredictionFailed", f"The model fails to predict: {type(error).__name__}: {error}.{hint}"
        ) from error


def _judge_classes(actual: np.ndarray, said: model.Prediction) -> _Judged:
    predicted = labels.alike(labels.plain(said.values, "The model's predictions"), actual, "the model predicts")
    gaps = labels.missing(predicted)
    _demand_classes(actual, predicted[~gaps])
    judged = _Judged(actual, predicted)
    if gaps.any():
        judged.warnings.append(_unanswered(gaps))
        blank = metrics.classification(actual, actual)
        judged.metrics = dict.fromkeys(blank, float("nan"))
    else:
        judged.metrics = metrics.classification(actual, predicted)
    if said.probabilities is None:
        answered = labels.alike(predicted[~gaps], actual, "the model predicts")
        judged.classes = np.unique(np.concatenate([actual, answered]))
        return judged

    classes = labels.alike(labels.plain(said.classes, "The model's classes"), actual, "the model's classes are")
    judged.classes, unknown = labels.known_classes(actual, classes)
    # A class that the model does not know has, by the model, no chance at all.
    judged.probabilities = np.pad(said.probabilities, ((0, 0), (0, len(unknown))))
    place = {each: at for at, each in enumerate(judged.classes.tolist())}
    columns = np.array([place[each] for each in actual.tolist()])
    judged.metrics.update(metrics.probabilistic(columns, judged.probabilities))
    if len(unknown):
        judged.warnings.append(
            f"The holdout has classes that the model does not know: {listed(unknown.tolist())}. Their probability is "
            "taken as 0."
        )
    if np.isnan(judged.metrics["roc_auc"]):
        judged.warnings.append(f"The holdout has only the class {listed(np.unique(actual).tolist())}: no ROC AUC.")
    return judged


def _demand_classes(actual: np.ndarray, predicted: np.ndarray) -> None:
    if predicted.dtype.kind != "f" or actual.dtype.kind == "f":
        return
    odd = predicted[predicted != np.floor(predicted)]
    if len(odd) > 0:
        raise Refusal(
            "Labels",
            f"The model predicts {odd[0]:g}, and the holdout's classes are whole numbers. A regression is scored with "
            "the task regression; a model that answers with probabilities must name a column for each class.",
        )


def _judge_numbers(actual: np.ndarray, said: model.Prediction) -> _Judged:
    predicted = labels.plain(said.values, "The model's predictions")
    if predicted.dtype.kind == "O" and not labels.missing(predicted).all():
        raise Refusal("Labels", "The model predicts texts, and this holdout's task is regression: numbers are needed.")
    predicted = predicted.astype(np.float64)
    judged = _Judged(actual, predicted)
    judged.metrics = metrics.regression(actual, predicted)
    gaps = labels.missing(predicted)
    if gaps.any():
        judged.warnings.append(_unanswered(gaps))
    return judged


def _own_metric(each, judged: _Judged, rows: holdout.Holdout) -> float:
    if each.name in judged.metrics:
        raise Refusal(
            "MetricFunctionFailed",
            f"The metric '{each.name}' ({each.function} in {each.path}) has the name of one that is computed already; "
            "give it another.",
        )
    # Copies: a function that changes what it is given must not change what is kept.
    probabilities = None if judged.probabilities is None else judged.probabilities.copy()
    arguments = (judged.labels.copy(), judged.predictions.copy(), probabilities, rows.frame.copy())
    return metric_functions.compute(each.name, each.path, each.function, arguments)


def _unanswered(gaps: np.ndarray) -> str:
    return f"The model gives no prediction for {int(gaps.sum())} rows (the first is row {int(np.argmax(gaps))})."


def _is_about_results(each: warnings.WarningMessage) -> bool:
    return not issubclass(
        each.category, (DeprecationWarning, PendingDeprecationWarning, FutureWarning, ResourceWarning)
    )


def _sentence(each: warnings.WarningMessage) -> str:
    text = " ".join(str(each.message).split())
    return f"{each.category.__name__}: {text[:500]}"
