"""Observations of the visible draw, kept beside the exercises.

With them learners need no solution on their machine: `NAME.json` has what the
reference shows, one line a check, and `NAME.mistakes.json` what each known mistake
shows, one line a mistake.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from autograder.core.exercise import Check, Exercise
from autograder.core.mistakes import Mistake, Unseen
from autograder.core.observe import observe
from autograder.core.plain import NotPlain, decode, encode
from autograder.core.workbook import Workbook

FOLDER = "observations"
MEND = "restore it from the course, or run `autograder freeze` if you have the solutions"


class NotFrozen(Exception):
    """The frozen observations are missing or don't fit the checks."""


def frozen_file(folder: Path, exercise: Exercise) -> Path:
    """Return where the observations of an exercise are kept."""
    return folder / FOLDER / f"{exercise.name}.json"


def mistakes_file(folder: Path, exercise: Exercise) -> Path:
    """Return where the fingerprints of an exercise's known mistakes are kept."""
    return folder / FOLDER / f"{exercise.name}.mistakes.json"


def expected(check: Check, reference: Workbook, seed: int) -> Any:
    """Return the reference's observation of one draw of a check.

    Raises
    ------
    RuntimeError
        If there is none: the reference or the check is broken.
    """
    prepared = check.prepared(seed)
    inputs = prepared.inputs if prepared else None
    seen = observe(check, reference.module(check.exercise), check.inner_seed(seed), inputs)
    if seen.outcome != "seen":
        raise RuntimeError(
            f"{check.id} on the reference: {seen.outcome}: {seen.crash or seen.reason}"
        )
    return seen.observation


def to_text(observations: dict[str, Any]) -> str:
    """Return the text of a file of observations."""
    return _lines({name: encode(seen) for name, seen in observations.items()})


def read(folder: Path, exercise: Exercise) -> dict[str, Any]:
    """Return the frozen observations of an exercise, by the check's name.

    Raises
    ------
    NotFrozen
        If the file is missing, broken, or not of these checks.
    """
    path = frozen_file(folder, exercise)
    try:
        tree = json.loads(path.read_bytes())
        observations = {name: decode(seen) for name, seen in tree.items()}
    except (OSError, ValueError, AttributeError) as problem:
        raise NotFrozen(f"{path}: {problem}; {MEND}") from None
    wanted = {check.name for check in exercise.checks if check.judge is None}
    if set(observations) != wanted:
        raise NotFrozen(f"{path} is not of these checks; {MEND}")
    return observations


class FrozenFingerprints:
    """What each known mistake shows on the visible draw, as it was frozen.

    Parameters
    ----------
    mistakes : list of Mistake
    marks : dict of str to mapping
        By the mistake's name: what it shows of the checks where it differs from
        the reference, `Unseen` where it shows nothing.
    reference : dict of str to plain data
        What the reference shows, by the check's name.
    """

    def __init__(
        self,
        mistakes: list[Mistake],
        marks: Mapping[str, Mapping[str, Any]],
        reference: dict[str, Any],
    ) -> None:
        self.mistakes = mistakes
        self.marks = marks
        self._reference = reference

    def __call__(self, mistake: Mistake, check: Check) -> Any:
        """Return what a check observes on a mistake, or `Unseen`."""
        return self.marks[mistake.name].get(check.name, self._reference[check.name])


def mistakes_to_text(prints: FrozenFingerprints) -> str:
    """Return the text of a file of fingerprints."""
    lines = {}
    for mistake in prints.mistakes:
        marks = prints.marks[mistake.name]
        shown = {name: None if mark is Unseen else [encode(mark)] for name, mark in marks.items()}
        lines[mistake.name] = {**asdict(mistake), "shows": shown}
    return _lines(lines)


def read_mistakes(
    folder: Path, exercise: Exercise, reference: dict[str, Any]
) -> FrozenFingerprints:
    """Return the frozen fingerprints of an exercise's known mistakes.

    Raises
    ------
    NotFrozen
        If the file is missing or broken.
    """
    path = mistakes_file(folder, exercise)
    try:
        tree = json.loads(path.read_bytes())
        mistakes, marks = [], {}
        for name, facts in tree.items():
            marks[name] = _Marks(path, facts.pop("shows"))
            mistakes.append(Mistake(**facts))
    except (OSError, ValueError, AttributeError, KeyError, TypeError) as problem:
        raise NotFrozen(f"{path}: {problem}; {MEND}") from None
    return FrozenFingerprints(mistakes, marks, reference)


class _Marks(Mapping[str, Any]):
    """What a mistake shows, by the check's name; decoded when it is asked for."""

    def __init__(self, path: Path, encoded: dict[str, Any]) -> None:
        self._path = path
        self._encoded = dict(encoded)
        self._decoded: dict[str, Any] = {}

    def __getitem__(self, check: str) -> Any:
        if check not in self._decoded:
            mark = self._encoded[check]
            try:
                self._decoded[check] = Unseen if mark is None else decode(mark[0])
            except (TypeError, LookupError, NotPlain) as problem:
                raise NotFrozen(f"{self._path}: {problem}; {MEND}") from None
        return self._decoded[check]

    def __iter__(self) -> Iterator[str]:
        return iter(self._encoded)

    def __len__(self) -> int:
        return len(self._encoded)


def _lines(tree: dict[str, Any]) -> str:
    if not tree:
        return "{}\n"
    body = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in tree.items())
    return f"{{\n{body}\n}}\n"
