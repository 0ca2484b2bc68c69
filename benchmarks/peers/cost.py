"""What it costs to grade: measured of a command, and told apart from its start."""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """What a command used.

    Attributes
    ----------
    processor, wall : float
        Seconds; those of all its processes together, and those that passed.
    peak : float
        MiB of memory of the largest of its processes.
    """

    processor: float
    wall: float
    peak: float


@dataclass(frozen=True)
class Rate:
    """What a grader needs to start, and what it needs for each submission.

    Attributes
    ----------
    grader : str
    start : Cost or None
        None if it starts anew for each submission.
    each : Cost
    """

    grader: str
    start: Cost | None
    each: Cost


def cost(command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> Cost:
    """Return what a command uses.

    Parameters
    ----------
    command : sequence of str
    folder : Path
        It is run there.
    variables : mapping of str to str
        Its environment.

    Raises
    ------
    SystemExit
        If it fails; with what it said.
    """
    _adopt_orphans()
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=variables, stdout=said, stderr=said)
        _, status, its = os.wait4(process.pid, 0)  # and what it has waited for
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        used = [its]
        with contextlib.suppress(ChildProcessError):
            while True:
                used.append(os.wait4(-1, 0)[2])
        if process.returncode:
            said.seek(0)
            sys.exit(f"{' '.join(command)} failed:\n{said.read().decode(errors='replace')}")
    processor = sum(each.ru_utime + each.ru_stime for each in used)
    return Cost(processor, wall, max(each.ru_maxrss for each in used) / 1024)


def _adopt_orphans() -> None:
    """Become the parent of processes whose own has gone, so that they are counted, too."""
    if sys.platform == "linux":
        set_child_subreaper = 36
        ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0)


def rate(grader: str, one: Cost, many: Cost, submissions: int) -> Rate:
    """Return the rate of a grader from the costs of one submission and of many."""
    more = submissions - 1
    processor, wall = (many.processor - one.processor) / more, (many.wall - one.wall) / more
    start = Cost(one.processor - processor, one.wall - wall, one.peak)
    return Rate(grader, start, Cost(processor, wall, many.peak))


def expect(grader: str, scores: Sequence[float], wanted: Sequence[float]) -> None:
    """Leave if a grader gave other scores than it should: its costs then mean nothing.

    Raises
    ------
    SystemExit
        If one differs.
    """
    if list(scores) != list(wanted):
        pairs = enumerate(zip(scores, wanted, strict=False))
        wrong = [
            f"student {n} got {got}, not {should}" for n, (got, should) in pairs if got != should
        ]
        said = wrong[0] if wrong else f"{len(scores)} students, not {len(wanted)}"
        sys.exit(f"{grader} gave other scores than it should: {said}")
