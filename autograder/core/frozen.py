"""Observations of the reference on the visible draw, kept beside the exercises.

With them learners need no solution on their machine. One file an exercise, one
line a check, in JSON that a person can read.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from autograder.core.exercise import VISIBLE_SEED, Check, Exercise
from autograder.core.observe import Seen, observe
from autograder.core.plain import decode, encode
from autograder.core.workbook import Workbook

FOLDER = "observations"


class NotFrozen(Exception):
    """The frozen observations are missing or don't fit the checks."""


def frozen_file(folder: Path, exercise: Exercise) -> Path:
    """Return where the observations of an exercise are kept."""
    return folder / FOLDER / f"{exercise.name}.json"


def observe_reference(exercise: Exercise, reference: Workbook) -> dict[str, Any]:
    """Return the reference's observation of each check's visible draw.

    Checks with a judge of their own need none.

    Raises
    ------
    RuntimeError
        If a check sees no observation: the reference or the check is broken.
    """
    observations = {}
    for check in exercise.checks:
        if check.judge is None:
            observations[check.name] = expected(check, reference, VISIBLE_SEED)
    return observations


def expected(check: Check, reference: Workbook, seed: int) -> Any:
    """Return the reference's observation of one draw of a check.

    Raises
    ------
    RuntimeError
        If there is none.
    """
    prepared = check.prepared(seed)
    inputs = prepared.inputs if prepared else None
    module = reference.module(check.exercise)
    seen: Seen = observe(check, module, check.inner_seed(seed), inputs)
    if seen.outcome != "seen":
        what = seen.crash or seen.reason
        raise RuntimeError(f"{check.id} on the reference: {seen.outcome}: {what}")
    return seen.observation


def to_text(observations: dict[str, Any]) -> str:
    """Return the text of a file of observations."""
    lines = [
        f"{json.dumps(name)}: {json.dumps(encode(seen))}" for name, seen in observations.items()
    ]
    body = ",\n".join(lines)
    return f"{{\n{body}\n}}\n"


def read(folder: Path, exercise: Exercise) -> dict[str, Any]:
    """Return the frozen observations of an exercise, by the check's name.

    Raises
    ------
    NotFrozen
        If the file is missing, broken, or not of these checks.
    """
    path = frozen_file(folder, exercise)
    mend = "restore it from the course, or run `autograder freeze` if you have the solutions"
    try:
        tree = json.loads(path.read_bytes())
        observations = {name: decode(seen) for name, seen in tree.items()}
    except (OSError, ValueError, AttributeError) as problem:
        raise NotFrozen(f"{path}: {problem}; {mend}") from None
    wanted = {check.name for check in exercise.checks if check.judge is None}
    if set(observations) != wanted:
        raise NotFrozen(f"{path} is not of these checks; {mend}")
    return observations
