"""A worker does not outlive the process that started it."""

import ctypes
import os
import signal
import sys
import threading

_PR_SET_PDEATHSIG = 1


def hold(parent: int) -> None:
    """Ends this process and all that it started when stdin closes, which a parent's death brings about however it dies.

    The kernel is asked for the same where it can, because code that never gives up the interpreter's lock would keep a
    thread from noticing.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    threading.Thread(target=_wait, args=(os.dup(0),), daemon=True).start()
    with open(os.devnull, "rb") as empty:
        os.dup2(empty.fileno(), 0)


def _wait(descriptor: int) -> None:
    while os.read(descriptor, 4096):
        pass
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)
