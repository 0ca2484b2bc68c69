"""The words of the benchmarks: a row has lines, a line has a sample a round.

What is compared is measured in turn, round after round, so that a ratio holds when the machine's
speed drifts: it is taken within each round, and shown as the median with the smallest and the
largest.
"""

from __future__ import annotations

import contextlib
import ctypes
import enum
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Effort(enum.Enum):
    """How long to measure."""

    QUICK = 0
    USUAL = 1
    FULL = 2

    def of(self, quick: int, usual: int, full: int | None = None) -> int:
        """Return the number for this effort; where nothing more is said, full is as usual."""
        return (quick, usual, usual if full is None else full)[self.value]


class NotMeasured(Exception):
    """Something can't be measured here; the message says why."""


@dataclass(frozen=True)
class Line:
    """What was measured of one thing.

    Attributes
    ----------
    name : str
        The thing; together with the unit unique in its row.
    unit : str
    samples : tuple of float
        One a round; those of a row's lines of one unit belong together.
    missing : str
        Why there are none.
    """

    name: str
    unit: str
    samples: tuple[float, ...] = ()
    missing: str = ""

    @property
    def middle(self) -> float:
        """The median of the samples."""
        return statistics.median(self.samples)

    def times(self, other: Line) -> tuple[float, float, float]:
        """Return the ratios to another line: their median, the smallest and the largest."""
        ratios = [one / two for one, two in zip(self.samples, other.samples, strict=True)]
        return statistics.median(ratios), min(ratios), max(ratios)


@dataclass(frozen=True)
class Goal:
    """What a line should reach.

    Attributes
    ----------
    line, unit : str
        Which line.
    at_most, at_least : float or None
        One of the two.
    against : str
        The line of the same unit to which the ratio counts; "" if the value itself does.
    why : str
        Where it was missed: why.
    """

    line: str
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    against: str = ""
    why: str = ""


@dataclass(frozen=True)
class Measured:
    """What measuring a row gave.

    Attributes
    ----------
    lines : list of Line
        The first of each unit is what the others of this unit are compared with.
    versions : dict of str to str
        What took part besides the machine's own Python and NumPy.
    """

    lines: list[Line]
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """A table of the benchmarks.

    Attributes
    ----------
    name : str
        By which it is asked for.
    title, about : str
        What is measured, and how; Markdown.
    measure : callable
        Raises `NotMeasured` if nothing of it can be measured here.
    goals : tuple of Goal
    """

    name: str
    title: str
    about: str
    measure: Callable[[Effort], Measured]
    goals: tuple[Goal, ...] = ()


class Samples:
    """Collects samples under the name and the unit of their line, in the order of appearance."""

    def __init__(self) -> None:
        self._samples: dict[tuple[str, str], list[float]] = defaultdict(list)
        self._missing: list[Line] = []

    def add(self, name: str, **values: float) -> None:
        """Add a sample a unit; an underscore in a unit stands for a space."""
        for unit, value in values.items():
            self._samples[name, unit.replace("_", " ")].append(value)

    def miss(self, name: str, unit: str, why: str) -> None:
        """Say why a line has no samples."""
        self._missing.append(Line(name, unit, missing=why))

    def lines(self) -> list[Line]:
        """Return the lines, unit after unit."""
        found = [Line(*key, tuple(values)) for key, values in self._samples.items()]
        units = list(dict.fromkeys(line.unit for line in [*found, *self._missing]))
        return sorted([*found, *self._missing], key=lambda line: units.index(line.unit))


def say(text: str) -> None:
    """Tell on stderr how far it is."""
    print(f"  {text}", file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Cost:
    """What a command used.

    Attributes
    ----------
    processor, wall : float
        Seconds; those of all its processes together, and those that passed.
    peak : float
        MiB of memory of the largest of its processes.
    printed : str
        What it printed on both streams.
    """

    processor: float
    wall: float
    peak: float
    printed: str = ""


def cost(
    command: Sequence[str],
    folder: Path = ROOT,
    variables: Mapping[str, str] | None = None,
    may_return: Sequence[int] = (0,),
    orphans: bool = True,
) -> Cost:
    """Return what a command uses.

    Parameters
    ----------
    command : sequence of str
    folder : Path
        It is run there.
    variables : mapping of str to str, optional
        Its environment.
    may_return : sequence of int
        The exit codes that are no failure.
    orphans : bool
        Whether to wait for processes that outlive those that started them, and count them:
        not where another child of this process goes on.

    Raises
    ------
    RuntimeError
        If it fails; with what it said.
    """
    if orphans:
        _adopt_orphans()
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=variables, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
        try:
            _, status, its = os.wait4(process.pid, 0)  # and what it has waited for
        except BaseException:
            process.kill()
            raise
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        used = [its]
        with contextlib.suppress(ChildProcessError):
            while orphans:
                used.append(os.wait4(-1, 0)[2])
        said.seek(0)
        printed = said.read().decode(errors="replace")
    if process.returncode not in may_return:
        raise RuntimeError(f"{' '.join(command)} failed ({process.returncode}):\n{printed}")
    processor = sum(each.ru_utime + each.ru_stime for each in used)
    return Cost(processor, wall, max(each.ru_maxrss for each in used) / 1024, printed)


def _adopt_orphans() -> None:
    """Become the parent of processes whose own has gone, so that they are counted, too."""
    if sys.platform == "linux":
        set_child_subreaper = 36
        ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0)
