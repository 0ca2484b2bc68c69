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


def results(
    student: dict[str, Any], exercises: dict[str, Any], visibility: str = "visible"
) -> dict[str, Any]:
    """Return a student's `results.json`.

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
    missing = [
        f"{name}.py was not handed in" for name, p in student["exercises"].items() if p is None
    ]
    return {
        "score": student["total"],
        "output": "\n".join([*student["problems"], *missing]),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": visibility,
        "stdout_visibility": "hidden",
        "tests": list(_tests(student, exercises, visibility)),
    }


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
