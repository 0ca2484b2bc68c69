"""`grades.csv`: one row a student, for a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

FILE = "grades.csv"
LIVE = tuple("=+-@\t\r\n＝＋－＠")
"""What a formula begins with; some spreadsheets take the wide signs, too."""


def write(exercises: dict[str, Any], students: Iterable[dict[str, Any]], out: Path) -> Path:
    """Write `grades.csv` and return its path.

    A column for each exercise, the total, and remarks that say what is missing.
    It begins with a byte order mark, so that Excel reads the accents rightly, and
    a text that a spreadsheet would take for a formula gets an apostrophe.
    """
    path = out / FILE
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["student", *exercises, "total", "remarks"])
        for student in students:
            points = [student["exercises"][name] or 0 for name in exercises]
            row = [dead(student["student"]), *points, student["total"], dead(remarks(student))]
            writer.writerow(row)
    return path


def dead(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(LIVE) else text


def remarks(student: dict[str, Any]) -> str:
    """Return what an instructor should know of a student's row."""
    missing = [name for name, one in student["exercises"].items() if one is None]
    said = list(student["problems"])
    if missing and len(missing) == len(student["exercises"]):
        said.append("nothing was handed in that could be graded")
    elif missing:
        said.append(f"not handed in: {', '.join(missing)}")
    return "; ".join(said)
