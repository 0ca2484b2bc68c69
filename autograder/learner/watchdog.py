"""A time limit for code in this process, on every system that has threads."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from autograder.core.observe import TooSlow


@contextmanager
def time_limit(seconds: float, clock: Callable[[], float] = time.monotonic) -> Iterator[None]:
    """Raise `TooSlow` in the block if it takes longer than so many seconds of a clock.

    The exception arrives between two steps of Python code, so it ends a loop but
    not a single long call into a library. It can be caught: this is help for a
    learner's own machine, not a defence.
    """
    thread = threading.get_ident()
    lock, done, end = threading.Lock(), threading.Event(), clock() + seconds

    def watch() -> None:
        while (left := end - clock()) > 0:
            if done.wait(left):
                return
        with lock:
            if not done.is_set():
                _raise_in(thread)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        with lock:
            done.set()


def _raise_in(thread: int) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(TooSlow))
