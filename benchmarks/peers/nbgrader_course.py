"""A course of nbgrader's with one assignment: an answer cell and five test cells."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import Cost, cost
from benchmarks.peers.assignment import CHECKS, TITLE, Cell, cell, hand_in, write_notebook
from benchmarks.peers.environment import Environment
from benchmarks.peers.rate import Rate, expect, slope

CONFIGURATION = 'c = get_config()\nc.CourseDirectory.course_id = "downhill"\n'
NAME = "nbgrader autograde"


class NbgraderCourse:
    """A course in a folder, released, with a notebook handed in by every student.

    Parameters
    ----------
    folder : Path
        Is made.
    environment : Environment
    reference : str
        The reference module: the marks in it are nbgrader's own.
    modules : sequence of str
        What each student writes: all are right but the last, which fails one test.
    """

    def __init__(
        self, folder: Path, environment: Environment, reference: str, modules: Sequence[str]
    ) -> None:
        self._folder, self._environment = folder, environment
        self._students = len(modules)
        write_notebook(folder / "source/ps1/losses.ipynb", _cells(reference))
        (folder / "nbgrader_config.py").write_text(CONFIGURATION, encoding="utf-8")
        environment.run(folder, "-m", "nbgrader", "generate_assignment", "ps1")
        released = folder / "release/ps1/losses.ipynb"
        for number, module in enumerate(modules):
            hand_in(released, folder / f"submitted/{number}/ps1/losses.ipynb", module)
        shutil.copy(folder / "gradebook.db", folder / "gradebook.new.db")

    def rates(self) -> list[Rate]:
        """Measure one student against all of them."""
        return [slope(NAME, self._cost("0"), self._cost("*"), self._students)]

    def _cost(self, student: str) -> Cost:
        shutil.rmtree(self._folder / "autograded", ignore_errors=True)
        shutil.copy(self._folder / "gradebook.new.db", self._folder / "gradebook.db")
        arguments = ("-m", "nbgrader", "autograde", "ps1", f"--student={student}")
        command = [self._environment.python, *arguments]
        return cost(command, self._folder, self._environment.variables)

    def prove(self) -> None:
        """Leave if the students have other scores than they should."""
        self._environment.run(self._folder, "-m", "nbgrader", "export")
        with (self._folder / "grades.csv").open(encoding="utf-8", newline="") as file:
            scores = [float(row["score"]) for row in csv.DictReader(file)]
        right = float(len(CHECKS))
        expect(NAME, scores, [*[right] * (self._students - 1), right - 1])


def _cells(reference: str) -> list[Cell]:
    tests = [
        cell("code", test, nbgrader={**_nbgrader(f"q{number}", locked=True), "points": 1})
        for number, test in enumerate(CHECKS.values(), start=1)
    ]
    answer = cell("code", reference, nbgrader=_nbgrader("answer", locked=False))
    return [cell("markdown", TITLE), answer, *tests]


def _nbgrader(name: str, locked: bool) -> dict[str, object]:
    kind = {"grade": locked, "solution": not locked, "locked": locked, "task": False}
    return {"schema_version": 3, "grade_id": name, **kind}
