"""nbgrader's `autograded/`: each student's notebook, with what was said of every check.

So its formgrader and its feedback show them, and no notebook is run. Of a student's file only the
texts of cells are taken: tests, points and everything else are those of the release. nbgrader's
pages show HTML in a text as it is, so a tag becomes text here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from autograder.core.plain import clean
from autograder.exports.plain_text import details
from autograder.grading.submissions import MAX_NOTEBOOK
from autograder.grading.trees import Folder, Unreadable, bounded

SUBMITTED, RELEASED, AUTOGRADED = "submitted", "release", "autograded"
OF_THE_EXCHANGE = ("timestamp.txt", "submission_secret.txt")
"""What `nbgrader submit` puts beside a notebook, and `nbgrader release_feedback` asks for."""

TAG = re.compile("<(?=[a-zA-Z/!?])")

Cell = dict[str, Any]


class NoRelease(Exception):
    """There is no released notebook of an exercise; the message says what to do."""


def write(course: Path, students: Iterable[dict[str, Any]], exercises: dict[str, Any]) -> int:
    """Write the notebooks of those who handed one in; return how many there are.

    Parameters
    ----------
    course : Path
        nbgrader's folder, with `submitted/` and `release/`.
    students : iterable of dict
        Records of the results.
    exercises : dict
        See `results.possible`.

    Raises
    ------
    NoRelease
    """
    submitted = Folder(course / SUBMITTED)
    known = {entry.name for entry in submitted.top("") if entry.kind == "folder"}
    released: dict[str, list[Cell]] = {}
    written = 0
    for student in students:
        name = student["student"]
        for exercise in exercises:
            place = f"{name}/{exercise}"
            if name not in known or student["exercises"][exercise] is None:
                continue
            try:
                cells = _cells(_read(submitted, f"{place}/{exercise}.ipynb", MAX_NOTEBOOK))
            except Unreadable:  # a module was handed in, perhaps
                continue
            if exercise not in released:
                released[exercise] = _released(course, exercise)
            facts = exercises[exercise]
            page = list(_page(cells, released[exercise], student, exercise, facts))
            folder = course / AUTOGRADED / place
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{exercise}.ipynb").write_text(_notebook(page), encoding="utf-8")
            for fact in OF_THE_EXCHANGE:
                if submitted.has(f"{place}/{fact}"):
                    (folder / fact).write_bytes(_read(submitted, f"{place}/{fact}", 1000))
            written += 1
    return written


def _read(folder: Folder, path: str, most: int) -> bytes:
    with folder.open(path) as file:
        return bounded(file, most)


def _released(course: Path, exercise: str) -> list[Cell]:
    path = course / RELEASED / exercise / f"{exercise}.ipynb"
    try:
        return _cells(path.read_bytes())
    except (OSError, Unreadable):
        raise NoRelease(
            f"there is no {path}: run `nbgrader generate_assignment {exercise}` in {course}"
        ) from None


def _cells(content: bytes) -> list[Cell]:
    try:
        cells = json.loads(content)["cells"]
    except (ValueError, RecursionError, LookupError, TypeError):
        raise Unreadable("it is not a notebook") from None
    return [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []


def _page(
    cells: list[Cell],
    released: list[Cell],
    student: dict[str, Any],
    exercise: str,
    facts: dict[str, Any],
) -> Iterator[Cell]:
    """Yield the cells: the student's in their order, those of the release as it has them."""
    waiting = {id: cell for cell in released if (id := _id(cell))}
    said = {
        check_id.partition(".")[2]: _said(student, exercise, facts, check_id)
        for check_id in facts["checks"]
    }
    if student["problems"]:
        yield _cell("markdown", "\n".join(f"    {line}" for line in student["problems"]))
    for cell in cells:
        given = waiting.pop(_id(cell), None)
        if given is None:
            yield _cell(cell.get("cell_type"), _text(cell))
            continue
        mark = given["metadata"]["nbgrader"]
        text = _text(given) if mark["locked"] else _text(cell)
        yield _cell(given["cell_type"], text, mark, said.get(mark["grade_id"], ""))
    for id, given in waiting.items():  # what the student has deleted
        mark = given["metadata"]["nbgrader"]
        if mark["grade"]:
            yield _cell(given["cell_type"], _text(given), mark, said.get(id, ""))


def _id(cell: Cell) -> str:
    try:
        return str(cell["metadata"]["nbgrader"]["grade_id"])
    except (LookupError, TypeError):
        return ""


def _text(cell: Cell) -> str:
    source = cell.get("source", "")
    lines = source if isinstance(source, list) else [source]
    return clean("".join(line for line in lines if isinstance(line, str)))


def _said(student: dict[str, Any], exercise: str, facts: dict[str, Any], check_id: str) -> str:
    check = facts["checks"][check_id]
    alone = {exercise: facts | {"checks": {check_id: check}}}
    return "\n\n".join(details(student, alone)) or f"✓ {check['function']} · {check['title']}"


def _cell(kind: Any, text: str, mark: dict[str, Any] | None = None, said: str = "") -> Cell:
    cell: Cell = {
        "cell_type": kind if kind in ("code", "markdown") else "raw",
        "metadata": {"nbgrader": mark} if mark else {},
        "source": text if kind == "code" else TAG.sub("&lt;", text),
    }
    if kind == "code":
        output = {"output_type": "stream", "name": "stdout", "text": f"{said}\n"}
        cell |= {"execution_count": None, "outputs": [output] if said else []}
    return cell


def _notebook(cells: list[Cell]) -> str:
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    python = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": python, "language_info": {"name": "python"}}
    tree = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    text = json.dumps(tree, indent=1, ensure_ascii=False) + "\n"
    return text.encode("utf-8", "replace").decode("utf-8")
