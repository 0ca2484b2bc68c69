"""A time limit for code in this process, on every system that has threads."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from autograder.core.observe import TooSlow


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TooSlow` in the block if it takes longer than so many seconds.

    The exception arrives between two steps of Python code, so it ends a loop but
    not a single long call into a library. It can be caught: this is help for a
    learner's own machine, not a defence.
    """
    thread = threading.get_ident()
    lock, done = threading.Lock(), False

    def interrupt() -> None:
        with lock:
            if not done:
                _raise_in(thread)

    timer = threading.Timer(seconds, interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        with lock:
            done = True
        timer.cancel()


def _raise_in(thread: int) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(TooSlow))
