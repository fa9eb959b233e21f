"""The evaluation worker: stays warm, and scores one model after the other."""

import signal
import sys
import traceback

from . import EVALUATOR, interpreter
from .protocol import Channel
from .refusal import Refusal


def run() -> int:
    """Answers requests until stdin closes; answers with the exit code."""
    channel = Channel.take_over()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    interpreter.settle()
    try:
        versions = interpreter.versions()
    except ImportError as error:
        message = interpreter.explain_missing_mlflow(error)
        channel.send({"ready": False, "error": {"type": type(error).__name__, "message": message}})
        return 3
    from .request import parse
    from .scoring import score

    channel.send({"ready": True, "evaluator": EVALUATOR, **versions})
    for request in channel.requests():
        if isinstance(request, Refusal):
            channel.send(_failed(None, request))
            continue
        request_id = request.get("id")
        try:
            answer = score(parse(request), lambda step, at=request_id: channel.send({"id": at, "progress": step}))
            channel.send({"id": request_id, "status": "succeeded", **answer})
        except (Exception, SystemExit) as error:
            if not isinstance(error, Refusal) or error.__cause__ is not None:
                traceback.print_exc(file=sys.stderr)
            channel.send(_failed(request_id, error))
    return 0


def _failed(request_id, error: BaseException) -> dict:
    if isinstance(error, Refusal):
        told = {"type": error.kind, "message": str(error)}
    else:
        told = {"type": type(error).__name__, "message": f"{type(error).__name__}: {error}"}
    return {"id": request_id, "status": "failed", "error": told}
