"""Hints: where to look, which equation, the line with one blank."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from autograder.catalogue import EXERCISES

FOLDER = "hints"


@dataclass(frozen=True)
class Hint:
    """The hints for one function.

    Attributes
    ----------
    where, equation, blank : str
        The three levels: a question, the equation with its shapes, a line of
        code with one blank.
    symptoms : tuple of str
        How a learner would put what they see.
    """

    where: str
    equation: str
    blank: str
    symptoms: tuple[str, ...]

    @property
    def levels(self) -> tuple[str, str, str]:
        """The three of them, from the least to the most."""
        return self.where, self.equation, self.blank


class NoHint(LookupError):
    """There is no such hint; the message says what there is."""


def hint(exercises: Path, exercise: str, function: str) -> Hint:
    """Return the hints for a function.

    Raises
    ------
    NoHint
        If there is no such exercise or function, or its file is missing or broken.
    """
    if exercise not in EXERCISES:
        raise NoHint(f"there is no exercise {exercise!r}: {', '.join(EXERCISES)}")
    if function not in EXERCISES[exercise].functions:
        known = ", ".join(EXERCISES[exercise].functions)
        raise NoHint(f"{exercise} has no function {function!r}: {known}")
    path = exercises / FOLDER / f"{exercise}.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))[function]
        return Hint(table["where"], table["equation"], table["blank"], tuple(table["symptoms"]))
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise NoHint(f"{path} has no hint for {function}: {problem}") from None
