"""The serving worker: loads one model and predicts for the gateway, a batch of requests at a time."""

import os
import resource
import signal
import sys
import traceback

from . import interpreter, lifeline
from .frames import Connection
from .refusal import Refusal


def run(descriptor: int, parent: int) -> int:
    """Answers requests until the gateway closes the socket; answers with the exit code."""
    lifeline.hold(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.dup2(2, 1)
    connection = Connection(descriptor)
    interpreter.settle()
    os.environ["_MLFLOW_IS_IN_SERVING_ENVIRONMENT"] = "true"
    try:
        versions = interpreter.versions()
    except ImportError as error:
        connection.send({"ready": False, "message": interpreter.explain_missing_mlflow(error)})
        return 3
    connection.send({"ready": True, **versions})
    from .serving import Served

    served = None
    while (request := connection.receive()) is not None:
        header, body = request
        try:
            if header["op"] == "load":
                served = Served(header["model"])
                answer, parts = served.described(), None
            elif header["op"] == "rows":
                from .served_rows import rows

                answer, parts = rows(header)
            elif header["op"] == "compile":
                from .compile_onnx import compile_model

                answer, parts = compile_model(header)
            elif served is None:
                raise Refusal("NotLoaded", "No model is loaded yet.")
            elif header["op"] == "predict":
                answer, parts = served.predict(header, body)
            else:
                answer, parts = served.invoke(header, body)
            sent = {"ok": True, **answer, "memoryBytes": memory_bytes()}
        except (Exception, SystemExit) as error:
            traceback.print_exc(file=sys.stderr)
            sent, parts = {"ok": False, "error": told(error), "memoryBytes": memory_bytes()}, None
        try:
            connection.send(sent, parts)
        except BrokenPipeError:
            return 0
    return 0


def told(error: BaseException) -> dict:
    """An error as the gateway is told of it."""
    if isinstance(error, Refusal):
        return {"type": error.kind, "message": str(error)}
    return {"type": type(error).__name__, "message": f"{type(error).__name__}: {error}"}


def memory_bytes() -> int:
    """The memory that this process holds now; where the system does not tell, the most that it ever held."""
    try:
        with open("/proc/self/statm", "rb") as statm:
            return int(statm.read().split()[1]) * resource.getpagesize()
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    sys.exit(run(int(sys.argv[1]), int(sys.argv[2])))
