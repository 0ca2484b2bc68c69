"""What a learner sees of where they stand: bars, the next thing to do, hints."""

from __future__ import annotations

import ast
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.catalogue import EXERCISES
from autograder.core.explain import LABEL, WIDTH, Verdict
from autograder.core.workbook import Workbook

BAR = 24
PATIENCE = 3
"""How often the same failure must come running for a hint to come unasked."""

Line = tuple[str, dict[str, bool]]
"""A text and how pytest's terminal is to print it."""


def marks() -> dict[str, str]:
    """Return the signs to draw with: plain ones where the terminal has no others."""
    pretty = {"right": "✓", "wrong": "✗", "waiting": "·", "full": "█", "empty": "░"}
    encoding = getattr(sys.__stdout__, "encoding", None) or "ascii"
    try:
        "".join(pretty.values()).encode(encoding)
    except UnicodeEncodeError:
        return {"right": "+", "wrong": "x", "waiting": "-", "full": "#", "empty": "."}
    return pretty


def lines(verdicts: Mapping[str, Verdict], signs: Mapping[str, str]) -> list[Line]:
    """Return a bar an exercise, and the points in all.

    Parameters
    ----------
    verdicts : mapping of str to Verdict
        By the check's id; exercises without any are left out.
    signs : mapping of str to str
        From `marks`.
    """
    shown: list[Line] = []
    earned_in_all = possible_in_all = 0
    for exercise in EXERCISES.values():
        own = [verdict for verdict in verdicts.values() if verdict.check in exercise.checks]
        if not own:
            continue
        possible = sum(verdict.check.points for verdict in own)
        earned = sum(verdict.points for verdict in own)
        earned_in_all, possible_in_all = earned_in_all + earned, possible_in_all + possible
        full = earned * BAR // possible
        bar = signs["full"] * full + signs["empty"] * (BAR - full)
        points = f"{earned:>3}/{possible}"
        text = f"{exercise.name:<16}{bar}  {points:<8} {_state(own)}".rstrip()
        shown.append((text, {"green": earned == possible}))
    total = f"{'':<{16 + BAR}}  {earned_in_all:>3}/{possible_in_all}"
    return [*shown, (total, {"bold": True})]


def _state(verdicts: list[Verdict]) -> str:
    holding = sum(verdict.outcome == "correct" for verdict in verdicts)
    if {verdict.outcome for verdict in verdicts} == {"not attempted"}:
        return "not attempted"
    return "done" if holding == len(verdicts) else f"{holding} of {len(verdicts)} properties hold"


def next_verdict(verdicts: Mapping[str, Verdict]) -> Verdict | None:
    """Return the first verdict in the order of the course that is not right."""
    for exercise in EXERCISES.values():
        for check in exercise.checks:
            if check.id in verdicts and verdicts[check.id].outcome != "correct":
                return verdicts[check.id]
    return None


def next_lines(verdicts: Mapping[str, Verdict], workbook: Workbook) -> list[Line]:
    """Return what to do next, with the file, the line and the section to read."""
    verdict = next_verdict(verdicts)
    if verdict is None:
        return [("Everything that ran is right.", {"green": True, "bold": True})]
    check = verdict.check
    path = workbook.file(check.exercise)
    place = f"{_relative(path)}:{_line_of(path, check.function)}"
    # A method's name alone, such as step, would select the checks of others.
    selected = check.name if "." in check.function else check.function
    return [
        (f"Next  {check.function} in {place}", {"bold": True}),
        (f'      read {_chapter(path.parent.parent, check.exercise)}, "{check.read}"', {}),
        (f"      then run  pytest exercises/ -k {selected}", {}),
    ]


def hint_lines(hint: str) -> list[str]:
    """Return a hint as lines of a failure's block."""
    wrapped = textwrap.wrap(hint, WIDTH - LABEL - 2)
    labels = ["Hint", *[""] * len(wrapped)]
    return [f"  {label:<{LABEL}}{text}" for label, text in zip(labels, wrapped, strict=False)]


def _chapter(folder: Path, exercise: str) -> str:
    """Return where a chapter is: a class may have the website's pages in place of their source."""
    page = folder / "website" / "course" / exercise / "index.html"
    return _relative(page) if page.is_file() else f"course/{exercise}/index.md"


def _relative(path: Path) -> str:
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)


def _line_of(path: Path, function: str) -> int:
    """Return the line of a definition such as "Network.backward"; 1 if it isn't found."""
    try:
        scope: list[Any] = ast.parse(path.read_bytes()).body
    except (OSError, ValueError, SyntaxError) as problem:
        return getattr(problem, "lineno", None) or 1
    line = 1
    for part in function.split("."):
        for node in scope:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == part:
                line, scope = node.lineno, list(node.body)
                break
    return line
