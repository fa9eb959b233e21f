"""The worker as Cellar starts it: a process of its own, JSON lines on its streams."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet
import pytest

PACKAGE = Path(__file__).parent.parent
COMMAND = [sys.executable, "-m", "cellar_worker", "evaluate"]


class Worker:
    def __init__(self, folder: Path, **environment):
        self.process = subprocess.Popen(
            COMMAND,
            cwd=folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PACKAGE), "PYTHONDONTWRITEBYTECODE": "1", **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.ready = self.read()

    def read(self):
        line = self.process.stdout.readline()
        return json.loads(line) if line else None

    def write(self, message):
        self.process.stdin.write(message if isinstance(message, str) else json.dumps(message))
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def ask(self, message):
        """What it answers, after its progress."""
        self.write(message)
        while (answer := self.read()) is not None and "progress" in answer:
            pass
        return answer


@pytest.fixture
def worker(tmp_path):
    folder = tmp_path / "cwd"
    folder.mkdir()
    worker = Worker(folder)
    yield worker
    worker.process.kill()
    worker.process.communicate()


def request(samples, model, **more):
    holdout = {"path": str(samples / "wine.parquet"), "target": "class", "task": "classification"}
    return {"id": model, "model": str(samples / model), "holdout": holdout, **more}


def test_says_what_it_is_before_the_first_request(worker):
    import platform

    import mlflow

    assert worker.ready == {
        "ready": True,
        "evaluator": "1",
        "python": platform.python_version(),
        "mlflow": mlflow.__version__,
    }


def test_tells_of_its_progress_and_answers(worker, samples, tmp_path):
    latency = {"rowCalls": 1, "batchRows": 10, "batchCalls": 1}
    worker.write(request(samples, "forest", predictions=str(tmp_path / "out.parquet"), latency=latency))
    lines = [worker.read() for _ in range(5)]
    steps = ["loading", "predicting", "measuring latency", "writing"]
    assert lines[:4] == [{"id": "forest", "progress": step} for step in steps]
    assert lines[4]["id"] == "forest"
    assert lines[4]["status"] == "succeeded"
    assert lines[4]["rows"] == pyarrow.parquet.read_table(tmp_path / "out.parquet").num_rows == 45


def test_goes_on_after_what_fails(worker, samples):
    for name, kind in (("broken", "LoadFailed"), ("unreadable", "UnreadableModel"), ("absent", "ModelNotFound")):
        answer = worker.ask(request(samples, name))
        assert (answer["id"], answer["status"], answer["error"]["type"]) == (name, "failed", kind)
    assert worker.ask("{nonsense")["error"]["type"] == "MalformedRequest"
    assert worker.ask("[1]") == {
        "id": None,
        "status": "failed",
        "error": {"type": "MalformedRequest", "message": "A request is a JSON object, not a list."},
    }
    assert worker.ask("[" * 100_000)["id"] is None
    assert worker.ask({"id": 5})["id"] == 5
    assert worker.ask(request(samples, "forest"))["status"] == "succeeded"


def test_lets_no_model_break_the_protocol(worker, samples):
    for _ in range(2):
        answer = worker.ask(request(samples, "printing"))
        assert (answer["id"], answer["status"]) == ("printing", "succeeded")
    logged = worker.process.communicate()[1]
    for text in ('{"id": "forged"}', "to the first stdout", "to the file descriptor", "from a child process"):
        assert text in logged


def test_finishes_what_was_asked_and_ends_when_stdin_closes(worker, samples):
    worker.write(request(samples, "forest"))
    out, _ = worker.process.communicate()
    assert json.loads(out.splitlines()[-1])["status"] == "succeeded"
    assert worker.process.returncode == 0


def test_dies_with_the_model_that_ends_its_interpreter(worker, samples):
    assert worker.ask(request(samples, "exiting")) is None
    assert worker.process.wait() == 9


def test_reports_a_model_that_wants_more_memory_than_it_gets(worker, samples):
    answer = worker.ask(request(samples, "hungry"))
    assert answer["error"]["type"] == "PredictionFailed"
    assert "MemoryError" in answer["error"]["message"]


PARENT = """
import subprocess, sys, threading
worker = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE)
worker.stdin.write(sys.argv[1].encode() + b"\\n")
worker.stdin.flush()
threading.Event().wait()
"""


def test_ends_when_its_parent_is_killed_in_the_middle_of_an_evaluation(samples, tmp_path):
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PACKAGE), "PYTHONDONTWRITEBYTECODE": "1"}
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, json.dumps(request(samples, "forever")), *COMMAND],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    lines = [json.loads(parent.stdout.readline()) for _ in range(3)]
    assert lines[2] == {"id": "forever", "progress": "predicting"}
    parent.send_signal(signal.SIGKILL)
    # The pipe closes when the worker, which writes to it, is gone.
    assert parent.stdout.read() == ""
    parent.wait()


def test_reaches_for_no_server_and_writes_nothing_beside_its_answer(samples, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        worker = Worker(tmp_path, MLFLOW_TRACKING_URI=address, MLFLOW_REGISTRY_URI=address, HOME=str(tmp_path))
        assert worker.ask(request(samples, "forest"))["status"] == "succeeded"
        worker.process.communicate()
        with pytest.raises(BlockingIOError):
            server.accept()
    assert list(tmp_path.iterdir()) == []


def test_names_the_command_that_installs_mlflow(tmp_path):
    # Without site-packages there is no mlflow.
    command = [sys.executable, "-S", *COMMAND[1:]]
    done = subprocess.run(command, cwd=PACKAGE, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    told = json.loads(done.stdout)
    assert told["ready"] is False
    assert told["error"]["type"] == "ModuleNotFoundError"
    assert f"{sys.executable} -m pip install mlflow" in told["error"]["message"]


def test_says_how_it_is_called():
    done = subprocess.run([*COMMAND[:3], "--help"], cwd=PACKAGE, capture_output=True, text=True, check=True)
    assert "evaluate" in done.stdout
