"""Make an exercise's notebook, in nbgrader's form, from its solution and its checks.

A function has a text, a cell with the solution between nbgrader's markers, and a locked cell with
points for each of its checks. Where it teaches, a question follows that is graded by hand.

References
----------
https://nbgrader.readthedocs.io/en/stable/contributor_guide/metadata.html
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.authoring.stubs import BEGIN, END
from autograder.core.exercise import Check, Exercise

QUESTIONS = "questions.toml"
PACKAGE = "autograder.zip"
"""The part of the autograder that a notebook needs, beside it."""

Cell = dict[str, Any]


class BadQuestions(Exception):
    """A file of questions that can't be used; the message says why."""


@dataclass(frozen=True)
class Question:
    """Something to explain in one's own words, graded by hand.

    Attributes
    ----------
    function : str
        After whose checks it is asked.
    ask, answer : str
        What is asked, and what a good answer says.
    points : int
        Besides those of the checks.
    """

    function: str
    ask: str
    answer: str
    points: int


def questions(solutions: Path, exercise: Exercise) -> list[Question]:
    """Return the questions of an exercise.

    Raises
    ------
    BadQuestions
    """
    path = solutions / QUESTIONS
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get(exercise.name, {})
        asked = [Question(function, **table) for function, table in tables.items()]
    except (OSError, ValueError, TypeError, AttributeError) as problem:
        raise BadQuestions(f"{path}: {problem}") from None
    unknown = [one.function for one in asked if one.function not in exercise.functions]
    if unknown:
        raise BadQuestions(f"{path}: {exercise.name} has no function {unknown[0]}")
    return asked


def notebook(exercise: Exercise, solution: str, asked: list[Question]) -> str:
    """Return the text of a notebook.

    Parameters
    ----------
    exercise : Exercise
    solution : str
        The text of its module in `solutions/`.
    asked : list of Question
    """
    cells = list(_cells(exercise, solution, asked))
    for number, cell in enumerate(cells):
        cell["id"] = f"{exercise.name}-{number}"
        cell["source"] = cell["source"].strip("\n").splitlines(keepends=True)
    python = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    tree = {
        "cells": cells,
        "metadata": {"kernelspec": python, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(tree, indent=1, ensure_ascii=False) + "\n"


def _cells(exercise: Exercise, solution: str, asked: list[Question]) -> Iterator[Cell]:
    parts = _parts(solution)
    yield _text(_introduction(exercise, next(parts)))
    yield _code(SET_UP.format(package=PACKAGE, exercise=exercise.name), "set_up", locked=True)
    given = 0
    for part in parts:
        if BEGIN not in part:
            given += 1
            yield _code(part, f"given_{given}", locked=True)
            continue
        name = _name(part)
        checks = [one for one in exercise.checks if one.function.partition(".")[0] == name]
        yield _text(_about(name, checks))
        yield _code(part, name, solution=True)
        for check in checks:
            yield _code(f'check("{check.name}")', check.name, grade=True, points=check.points)
        for question in asked:
            if question.function.partition(".")[0] == name:
                yield _text(f"### In your own words\n\n{question.ask.strip()}")
                yield _answer(question)


def _parts(solution: str) -> Iterator[str]:
    """Yield a module's docstring, then what is given between functions, and each to write."""
    lines = solution.splitlines(keepends=True)
    tree = ast.parse(solution)
    yield ast.get_docstring(tree) or ""
    given = ""
    start = tree.body[0].end_lineno or 0
    for node in tree.body[1:]:
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]) - 1
        end = node.end_lineno or start
        end += lines[end : end + 1] != [] and lines[end].strip() == END
        before, text = "".join(lines[start:first]), "".join(lines[first:end])
        start = end
        given += before
        if BEGIN in text:
            if given.strip():
                yield given
            given = ""
            yield text
        elif not isinstance(node, ast.If):  # an If is what the module does when it is run
            given += text
    if given.strip():
        yield given


def _name(part: str) -> str:
    [node] = ast.parse(part).body
    assert isinstance(node, ast.FunctionDef | ast.ClassDef)
    return node.name


COMMANDS = r"Check your\s+work|^    |and run it"

SET_UP = """\
import sys

sys.path.insert(0, "{package}")  # what checks your work; NumPy is all that it needs
from autograder.learner.notebook import Checks

check = Checks("{exercise}")
"""


def _introduction(exercise: Exercise, docstring: str) -> str:
    # Not how the module is checked, or run.
    about = [part for part in docstring.split("\n\n") if not re.search(COMMANDS, part)]
    text = "\n\n".join(about)
    return f"""\
# {exercise.title}

{text}

Write each function in place of `raise NotImplementedError`, and run the cells below it: each checks
one property, and says what is wrong. Before you hand in, restart the kernel and run all cells.

Graded are imports, functions, classes, and the assignments that they use: add cells for experiments
wherever you like. It is done with other numbers, so what works only for those of a check earns
nothing.
"""


def _about(name: str, checks: list[Check]) -> str:
    read = list(dict.fromkeys(check.read for check in checks))
    rows = "\n".join(f"| `{c.function}`: {c.title} | {c.points} |" for c in checks)
    chapters = ", ".join(f"“{heading}”" for heading in read)
    points = sum(check.points for check in checks)
    return f"""\
## `{name}`

In the chapter: {chapters}. Worth {points} points:

| what is checked | points |
| :-- | --: |
{rows}
"""


def _text(source: str) -> Cell:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def _code(
    source: str,
    id: str,
    *,
    locked: bool = False,
    solution: bool = False,
    grade: bool = False,
    points: int | None = None,
) -> Cell:
    facts = _facts(id, locked=locked or grade, solution=solution, grade=grade)
    if points is not None:
        facts["points"] = points
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {"nbgrader": facts},
        "outputs": [],
        "source": source,
    }


def _answer(question: Question) -> Cell:
    """Return a cell for an answer, in which the instructor finds what a good one says."""
    id = f"explain_{question.function.replace('.', '_')}"
    facts = _facts(id, locked=False, solution=True, grade=True) | {"points": question.points}
    source = f"{BEGIN}\n{question.answer.strip()}\n{END}"
    return {"cell_type": "markdown", "metadata": {"nbgrader": facts}, "source": source}


def _facts(id: str, *, locked: bool, solution: bool, grade: bool) -> dict[str, Any]:
    return {
        "grade": grade,
        "grade_id": id,
        "locked": locked,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
