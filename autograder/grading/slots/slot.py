"""What a slot is, and what all kinds of it share."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import autograder
from autograder.core.observe import Seen
from autograder.core.plain import encode, plain
from autograder.grading.frames import Answer
from autograder.grading.observer import Task
from autograder.isolation.tiers import Tier

START_SECONDS = 120.0

MAX_BYTES = 64 * 2**20
"""Of all answers of one process."""

_PASSED_ON = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "LANG")
_START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); module = sys.argv.pop(1); "
    "import importlib; main = importlib.import_module(module).main; del sys.path[0]; main()"
)


@dataclass(frozen=True)
class Limits:
    """What a submission may use.

    Attributes
    ----------
    memory : int
        Bytes of address space beyond what Python and NumPy take.
    patience : float
        A factor on each check's seconds of processor time, for slow machines.
    wall : float
        Seconds that may pass for each second of processor time allowed. Only a
        backstop: on a busy machine much time passes in which nobody gets anything.
    processes : int
        How often a submission that ends its process gets a new one.
    """

    memory: int = 2**30
    patience: float = 1.0
    wall: float = 5.0
    processes: int = 8


class SlotBroken(RuntimeError):
    """A slot that failed before any student's code ran: our fault, not theirs."""


class Slot(Protocol):
    """Runs tasks on a student's files."""

    tier: Tier

    @property
    def seconds(self) -> float:
        """Processor time that students' processes have used so far."""
        ...

    def run(
        self, files: dict[str, bytes], tasks: Sequence[Task], limits: Limits
    ) -> Iterator[Answer]:
        """Yield an answer for each task, in order.

        An answer whose outcome is "too slow" or "died" is the last one.
        """
        ...

    def close(self) -> None:
        """End what the slot has started."""
        ...


def waited(task: Task, limits: Limits) -> Answer:
    """Return the answer to a task whose time is up by the clock on the wall."""
    seconds = limits.wall * task.seconds
    return Answer(Seen("too slow", reason=f"stopped after {seconds:g} seconds"), sure=False)


def ended_as(exit_code: int, task: Task, used: float = 0.0) -> Answer:
    """Return what the end of a process means; `used` are its seconds of processor time."""
    if exit_code >= 0:
        return Answer(Seen("died", reason=f"the process left with exit code {exit_code}"))
    name = signal.Signals(-exit_code).name
    if name == "SIGXCPU" or (name == "SIGKILL" and used >= task.seconds):
        reason = f"stopped after {task.seconds} s of computing"
        return Answer(Seen("too slow", reason=reason))
    return Answer(Seen("died", reason=f"the process was ended by {name}"))


def encoded(task: Task) -> dict[str, Any]:
    """Return a task as JSON takes it."""
    return {**vars(task), "inputs": encode(plain(task.inputs))}


def python_command(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module's `main`, without a user's own settings of Python."""
    root = str(Path(autograder.__file__).parent.parent)
    return [sys.executable, "-I", "-B", "-X", "utf8", "-c", _START, root, module, *arguments]


def environment() -> dict[str, str]:
    """Return the variables that a process with a student's code gets."""
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    one_thread = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")}
    return passed_on | one_thread | {"MPLBACKEND": "Agg"}
