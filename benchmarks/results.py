"""What was measured last, in `results.json`: an entry a row, each with its own date and machine."""

from __future__ import annotations

import datetime
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import Effort, Line, Measured

RESULTS = Path(__file__).with_name("results.json")
DIGITS = 5
"""Significant digits that are kept: more than any of the numbers has."""


@dataclass(frozen=True)
class Entry:
    """A row as it was measured.

    Attributes
    ----------
    date : str
        The day in UTC: "2026-11-26".
    effort : str
        "quick", "usual" or "full".
    seconds : int
        How long it took to measure.
    load : str
        How many processes waited for a processor before.
    machine, versions : dict of str to str
    lines : list of Line
    """

    date: str
    effort: str
    seconds: int
    load: str
    machine: dict[str, str]
    versions: dict[str, str]
    lines: list[Line]


def entry(
    measured: Measured, effort: Effort, seconds: float, load: str, machine: dict[str, str]
) -> Entry:
    """Return the entry of what has just been measured."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    name, versions = effort.name.lower(), measured.versions
    return Entry(today, name, round(seconds), load, machine, versions, measured.lines)


def read(path: Path = RESULTS) -> dict[str, Entry]:
    """Return the entry of each row that was ever measured.

    Raises
    ------
    ValueError
        If the file isn't what `write` writes.
    """
    if not path.exists():
        return {}
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return {name: _entry(row) for name, row in rows.items()}
    except (TypeError, KeyError, AttributeError, json.JSONDecodeError) as problem:
        message = f"{path} holds no results ({problem}): restore it, or remove it and measure anew"
        raise ValueError(message) from None


def _entry(row: dict[str, Any]) -> Entry:
    lines = [Line(**{**line, "samples": tuple(line["samples"])}) for line in row["lines"]]
    return Entry(**{**row, "lines": lines})


def write(name: str, new: Entry, path: Path = RESULTS) -> None:
    """Put a row's entry in place of its last one; all others stay as they are."""
    rows = {**read(path), name: new}
    data = {name: asdict(rows[name]) for name in sorted(rows)}
    for row in data.values():
        for line in row["lines"]:
            line["samples"] = [float(f"{sample:.{DIGITS}g}") for sample in line["samples"]]
    text = json.dumps(data, indent=1) + "\n"
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
