"""The committed files that are made from others: write them, or say which are stale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring.stubs import stub
from autograder.catalogue import EXERCISES
from autograder.core import frozen
from autograder.core.compare import compare
from autograder.core.exercise import Exercise
from autograder.core.workbook import Workbook


@dataclass(frozen=True)
class Made:
    """A file that is made from others.

    Attributes
    ----------
    path : Path
    text : str
        What it should hold.
    current : bool
        Whether it does.
    """

    path: Path
    text: str
    current: bool

    def write(self) -> bool:
        """Bring the file up to date; return whether that was needed."""
        if not self.current:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(self.text, encoding="utf-8", newline="\n")
        return not self.current


def stubs(solutions: Path, exercises: Path) -> Iterator[Made]:
    """Yield the stub of every exercise."""
    for name in EXERCISES:
        path = exercises / f"{name}.py"
        source = (solutions / f"{name}.py").read_text(encoding="utf-8")
        text = stub(source, f"solutions/{name}.py")
        current = path.exists() and path.read_text(encoding="utf-8") == text
        yield Made(path, text, current)


def observations(solutions: Path, exercises: Path) -> Iterator[Made]:
    """Yield the frozen observations of every exercise.

    They are current if they agree with fresh ones to the last few digits, which
    differ between processors.
    """
    reference = Workbook(solutions, EXERCISES)
    for exercise in EXERCISES.values():
        fresh = frozen.observe_reference(exercise, reference)
        path = frozen.frozen_file(exercises, exercise)
        yield Made(path, frozen.to_text(fresh), _agree(exercises, exercise, fresh))


def _agree(exercises: Path, exercise: Exercise, fresh: dict[str, object]) -> bool:
    try:
        kept = frozen.read(exercises, exercise)
    except frozen.NotFrozen:
        return False
    return all(
        not compare(kept[check.name], fresh[check.name], check.tolerance)
        for check in exercise.checks
        if check.name in fresh
    )
