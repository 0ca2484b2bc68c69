"""New files: whole or not at all, and in nobody's way."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


class InTheWay(Exception):
    """A file that would be lost, with a sentence that says which."""


def write(path: Path, lines: Iterable[str], force: bool = False) -> None:
    """Write a file once all its lines are known.

    Parameters
    ----------
    path : Path
    lines : iterable of str
        With their line endings; if it raises, nothing is written.
    force : bool
        Whether a file that is there may be replaced.

    Raises
    ------
    InTheWay
        If it is there and may not, or is no file.
    """
    free(path, force)
    unfinished = path.with_name(f".{os.getpid()}.unfinished")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            file.writelines(lines)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def free(path: Path, force: bool = False) -> None:
    """Raise `InTheWay` if a file can't be written without loss."""
    there = path.is_symlink() or path.exists()
    if there and not path.is_file():
        raise InTheWay(f"{path} is there and is no file; give another name")
    if there and not force:
        raise InTheWay(f"{path} is there already; give another name, or --force to replace it")
