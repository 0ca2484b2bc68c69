"""A student's feedback as plain text, for platforms that show it as it is."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from autograder.core.explain import WIDTH, render
from autograder.reports.feedback import Told, parts


def about(student: dict[str, Any], exercises: dict[str, Any]) -> str:
    """Return what is right and what is wrong.

    Parameters
    ----------
    student : dict
        A record of the results.
    exercises : dict
        See `results.possible`; what isn't in it is left out.
    """
    said = ["\n".join(student["problems"])]
    for name, exercise in exercises.items():
        said.append(f"{name}: {student['exercises'][name] or 0} of {exercise['points']} points")
        if student["exercises"][name] is None:
            said.append(f"{name}.py was not handed in.")
    said += details(student, exercises)
    return "\n\n".join(filter(None, said))


def details(student: dict[str, Any], exercises: dict[str, Any]) -> Iterator[str]:
    """Yield what is said of each mistake, and of points that were given by hand.

    Nothing is said of what is right or not handed in. Parameters are as for `about`.
    """
    for part in parts(student, exercises):
        for told in part.wrong:
            yield "\n".join(_lines(told))
        if part.waiting:
            yield f"Not attempted: {', '.join(part.waiting)}"
    for check_id, check in ((i, c) for one in exercises.values() for i, c in one["checks"].items()):
        found = student["checks"][check_id]
        if "adjusted" in found:
            points = f"{found['points']} points in place of {found['adjusted']['from']}"
            yield f"{check['function']}: {points}, given by hand: {found['adjusted']['why']}"


def _lines(told: Told) -> Iterable[str]:
    yield render(told.verdict, also=told.also)
    if told.printed:
        yield "  Your code printed"
    for line in told.printed:
        yield f"    {line}" if len(line) <= WIDTH - 4 else f"    {line[: WIDTH - 5]}…"
    if told.lesson:
        yield textwrap.indent(textwrap.fill(told.lesson, WIDTH - 2), "  ")
    if told.again:
        yield "  To see this draw on your own code:"
        yield f"    {told.again}"
