"""JSON lines between Cellar and a worker, over the streams that the worker was started with."""

import json
import math
import os
import queue
import sys
import threading
import time

from .refusal import Refusal


class Channel:
    """Requests in, messages out. Whatever a model prints or reads cannot come between: see `take_over`."""

    def __init__(self, requests_fd: int, answers_fd: int) -> None:
        self._answers = os.fdopen(answers_fd, "wb")
        self._writing = threading.Lock()
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        threading.Thread(target=self._read, args=(requests_fd, os.getppid()), daemon=True).start()

    @classmethod
    def take_over(cls) -> "Channel":
        """Keeps stdin and stdout for the protocol alone: from here on stdin is empty, and stdout goes to stderr.

        It is done to the file descriptors, so that it also holds for C libraries and child processes.
        """
        sys.stdout.flush()
        requests_fd, answers_fd = os.dup(0), os.dup(1)
        empty = os.open(os.devnull, os.O_RDONLY)
        os.dup2(empty, 0)
        os.close(empty)
        os.dup2(2, 1)
        return cls(requests_fd, answers_fd)

    def send(self, message: dict) -> None:
        """Writes one message. Ends the process when nobody reads any more."""
        line = json.dumps(message, allow_nan=False).encode() + b"\n"
        try:
            with self._writing:
                self._answers.write(line)
                self._answers.flush()
        except BrokenPipeError:
            os._exit(1)

    def requests(self):
        """The requests in their order, until stdin closes: each a dictionary, or the Refusal of a malformed line."""
        while (line := self._lines.get()) is not None:
            if not line.strip():
                continue
            try:
                request = json.loads(line)
            except (ValueError, RecursionError) as error:
                yield Refusal("MalformedRequest", f"A request is one line of JSON, and this is not: {error}")
                continue
            if isinstance(request, dict):
                yield request
            else:
                yield Refusal("MalformedRequest", f"A request is a JSON object, not a {type(request).__name__}.")

    def _read(self, requests_fd: int, parent: int) -> None:
        """Runs beside the work. A worker whose parent has died ends at once, also in the middle of a prediction."""
        with os.fdopen(requests_fd, "rb") as lines:
            for line in lines:
                self._lines.put(line)
        self._lines.put(None)
        # stdin is closed: whoever asked may still wait for what is under way, but only if he lives.
        while os.getppid() == parent:
            time.sleep(0.1)
        os._exit(1)


def number(value: float) -> "float | str":
    """A number as JSON has it; "NaN", "Infinity" and "-Infinity" are sent as these words."""
    value = float(value)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value
