"""What goes into a column: an exercise's points or the total, in the platform's points."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

TOTAL = "total"


@dataclass(frozen=True)
class Column:
    """A column that is filled in.

    Attributes
    ----------
    header : str
        What the platform calls it.
    what : str
        The exercise whose points it takes, or `TOTAL`.
    exercises : tuple of str
        The exercises that count.
    points : int
        What can be earned.
    """

    header: str
    what: str
    exercises: tuple[str, ...]
    points: int

    def earned(self, student: dict[str, Any]) -> int:
        """Return a student's points; what was not handed in counts 0, as in `grades.csv`."""
        return sum(student["exercises"][name] or 0 for name in self.exercises)


def column(text: str, exercises: dict[str, Any]) -> Column:
    """Read what an instructor asks for.

    Parameters
    ----------
    text : str
        "HEADER=EXERCISE" or "HEADER=total".
    exercises : dict
        See `results.possible`.

    Raises
    ------
    ValueError
        If it isn't of that form, or there is no such exercise.

    Examples
    --------
    >>> column("Week 1 (12)=losses", {"losses": {"points": 100}}).header
    'Week 1 (12)'
    """
    header, _, what = (part.strip() for part in text.rpartition("="))
    if not header:
        raise ValueError(f'--column {text!r}: write "HEADER=EXERCISE" or "HEADER={TOTAL}"')
    if what != TOTAL and what not in exercises:
        there = ", ".join([*exercises, TOTAL])
        raise ValueError(f"--column {text!r}: there are no results for {what!r}, only {there}")
    names = tuple(exercises) if what == TOTAL else (what,)
    return Column(header, what, names, sum(exercises[name]["points"] for name in names))


def number(text: str) -> Fraction | None:
    """Return the number that a cell shows, with a decimal point or comma; None if none.

    Examples
    --------
    >>> number("12,50")
    Fraction(25, 2)
    """
    return Fraction(text.replace(",", ".")) if re.fullmatch(r"\d+([.,]\d+)?", text) else None


def scaled(earned: int, points: int, possible: Fraction) -> str:
    """Return earned points in the platform's, to two decimals, halves up.

    Examples
    --------
    >>> scaled(2, 3, Fraction(10))
    '6.67'
    """
    hundredths = int(earned * possible / points * 100 + Fraction(1, 2))
    whole, rest = divmod(hundredths, 100)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".")
