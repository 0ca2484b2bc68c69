"""Single keys from the terminal, without waiting for Enter, where the system allows it."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

END = "q"
"""What the end of the input counts as."""


@contextlib.contextmanager
def single_keys() -> Iterator[Callable[[float], str]]:
    """Yield a function that waits so many seconds for a key, and returns it or nothing."""
    if sys.platform == "win32":
        yield _windows_key
        return
    import termios
    import tty

    if not sys.stdin.isatty():
        yield _unix_key
        return
    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setcbreak(sys.stdin)
        yield _unix_key
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _unix_key(seconds: float) -> str:
    import os
    import select

    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    return (os.read(sys.stdin.fileno(), 1).decode(errors="replace") or END) if ready else ""


def _windows_key(seconds: float) -> str:
    import msvcrt

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if msvcrt.kbhit():  # type: ignore[attr-defined,unused-ignore]
            return str(msvcrt.getwch())  # type: ignore[attr-defined,unused-ignore]
        time.sleep(0.02)
    return ""
