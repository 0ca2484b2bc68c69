"""Gradescope: `results.json`, what its autograders write.

References
----------
https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from autograder.exports.plain_text import details

NOT_GRADED = "not graded: ask your instructor"
"""What a student is told if the grader itself has failed."""


def results(
    student: dict[str, Any], exercises: dict[str, Any], visibility: str = "visible"
) -> dict[str, Any]:
    """Return a student's `results.json`; it has no score if the grader itself failed.

    A check is a test case. All of it is shown as text: nothing in it is HTML, Markdown or
    a terminal's color, whatever a student's code returned or printed.

    Parameters
    ----------
    student : dict
        A record of the results.
    exercises : dict
        See `results.possible`.
    visibility : str
        When students see it: "visible", "after_due_date", "after_published" or "hidden".
    """
    if _is_broken(student):
        return message(NOT_GRADED)
    missing = [
        f"{name}.py was not handed in" for name, p in student["exercises"].items() if p is None
    ]
    return message("\n".join([*student["problems"], *missing])) | {
        "score": student["total"],
        "visibility": visibility,
        "tests": list(_tests(student, exercises, visibility)),
    }


def message(text: str) -> dict[str, Any]:
    """Return a `results.json` that students see at once, with a text and no score."""
    return {
        "output": text,
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [],
    }


def _is_broken(student: dict[str, Any]) -> bool:
    """Return whether nothing was run: a student's code ends no more than comes after it."""
    return {
        check["outcome"]
        for check_id, check in student["checks"].items()
        if student["exercises"][check_id.partition(".")[0]] is not None
    } == {"not run"}


def _tests(
    student: dict[str, Any], exercises: dict[str, Any], visibility: str
) -> Iterator[dict[str, Any]]:
    for chapter, (name, exercise) in enumerate(exercises.items(), 1):
        for count, (check_id, check) in enumerate(exercise["checks"].items(), 1):
            found = student["checks"][check_id]
            alone = {name: exercise | {"checks": {check_id: check}}}
            yield {
                "number": f"{chapter}.{count}",
                "name": f"{check['function']}: {check['title']}",
                "name_format": "text",
                "score": found["points"],
                "max_score": check["points"],
                "status": "passed" if found["points"] == check["points"] else "failed",
                "output": "\n\n".join(details(student, alone)),
                "output_format": "text",
                "tags": [name, found["outcome"]],
                "visibility": visibility,
            }


def lines(document: dict[str, Any]) -> Iterable[str]:
    """Return a `results.json` as it is written."""
    return [json.dumps(document, indent=1, ensure_ascii=False), "\n"]
