"""A folder on disk for a process that is confined without namespaces, kept small by a watch.

Nothing in the kernel bounds what a folder holds for a process without privileges. So
whoever started the process looks into the folder again and again, and ends the process
when it holds too much. Files that are deleted but still open aren't seen: the limits on a
file's size and on open files bound those.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

PAUSE = 0.05
"""Seconds between two looks."""


@contextlib.contextmanager
def folder_for_a_job(path: Path) -> Iterator[None]:
    """Make an empty folder, and remove it afterwards with all that is in it."""
    _remove(path)  # a process that was killed may have left it
    path.mkdir(mode=0o700)
    try:
        yield
    finally:
        _remove(path)


def _remove(path: Path) -> None:
    if path.exists():
        shutil.rmtree(path, onerror=_open_and_again)


def holds_too_much(path: Path, size: int, entries: int) -> bool:
    """Return whether there is too much in a folder, or something can't be looked into.

    Parameters
    ----------
    path : Path
    size : int
        Bytes that may be in it.
    entries : int
        Files and folders that may be in it.
    """
    waiting = [path]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as found:
                for entry in found:
                    status = entry.stat(follow_symlinks=False)
                    size -= status.st_size
                    entries -= 1
                    if size < 0 or entries < 0:
                        return True
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(Path(entry.path))
        except FileNotFoundError:  # it was there a moment ago
            continue
        except OSError:
            return True
    return False


def _open_and_again(function: Callable[[str], object], path: str, _: object) -> None:
    """Remove what its owner has made unreadable."""
    for place in (os.path.dirname(path), path):  # noqa: PTH120 - rmtree gives texts
        with contextlib.suppress(OSError):
            os.chmod(place, 0o700, follow_symlinks=False)  # noqa: PTH101
    with contextlib.suppress(OSError):
        if os.path.isdir(path) and not os.path.islink(path):  # noqa: PTH112, PTH114
            shutil.rmtree(path, ignore_errors=True)
        else:
            function(path)
