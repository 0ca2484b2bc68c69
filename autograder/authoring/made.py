"""The committed files that are made from others: write them, or say which are stale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.authoring.stubs import stub
from autograder.authoring.variants import LiveFingerprints, Variants
from autograder.catalogue import EXERCISES
from autograder.core import frozen
from autograder.core.compare import agree
from autograder.core.exercise import VISIBLE_SEED, Exercise
from autograder.core.mistakes import Unseen


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
    """Yield the frozen observations of every exercise and of its known mistakes.

    They are current if they agree with fresh ones within the checks' tolerances:
    the last few digits differ between processors.
    """
    variants = Variants(solutions)
    for exercise in EXERCISES.values():
        reference = {
            check.name: frozen.expected(check, variants.reference, VISIBLE_SEED)
            for check in exercise.checks
            if check.judge is None
        }
        current = _agree(exercises, exercise, reference)
        path = frozen.frozen_file(exercises, exercise)
        yield Made(path, frozen.to_text(reference), current)

        prints = fingerprints(variants, exercise, reference)
        current = _agree_on_mistakes(exercises, exercise, prints)
        path = frozen.mistakes_file(exercises, exercise)
        yield Made(path, frozen.mistakes_to_text(prints), current)


def fingerprints(
    variants: Variants, exercise: Exercise, reference: dict[str, Any]
) -> frozen.FrozenFingerprints:
    """Return what each known mistake shows on the visible draw, where it differs."""
    live = LiveFingerprints(variants, {check.id: VISIBLE_SEED for check in exercise.checks})
    marks: dict[str, dict[str, Any]] = {}
    mistakes = variants.mistakes(exercise.name)
    for mistake in mistakes:
        shown = {c.name: live(mistake, c) for c in exercise.checks if c.judge is None}
        marks[mistake.name] = {
            check.name: shown[check.name]
            for check in exercise.checks
            if check.judge is None and _differs(shown[check.name], reference[check.name], check)
        }
    return frozen.FrozenFingerprints(mistakes, marks, reference)


def _differs(mark: Any, other: Any, check: Any) -> bool:
    if mark is Unseen or other is Unseen:
        return mark is not other
    return not agree(mark, other, check.tolerance)


def _agree(exercises: Path, exercise: Exercise, fresh: dict[str, Any]) -> bool:
    try:
        kept = frozen.read(exercises, exercise)
    except frozen.NotFrozen:
        return False
    return not any(
        _differs(kept[check.name], fresh[check.name], check)
        for check in exercise.checks
        if check.name in fresh
    )


def _agree_on_mistakes(
    exercises: Path, exercise: Exercise, fresh: frozen.FrozenFingerprints
) -> bool:
    checks = {check.name: check for check in exercise.checks}
    try:
        kept = frozen.read_mistakes(exercises, exercise, {})
        return kept.mistakes == fresh.mistakes and all(
            kept.marks[mistake.name].keys() == fresh.marks[mistake.name].keys()
            and not any(
                _differs(kept.marks[mistake.name][name], mark, checks[name])
                for name, mark in fresh.marks[mistake.name].items()
            )
            for mistake in fresh.mistakes
        )
    except frozen.NotFrozen:
        return False
