"""An assignment of Otter-Grader's: an answer cell and five questions with a test each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import Cost, cost
from benchmarks.peers.assignment import CHECKS, TITLE, Cell, cell, hand_in, write_notebook
from benchmarks.peers.environment import Environment
from benchmarks.peers.rate import Rate, expect, slope

NAME = "otter run"
IN_A_LOOP = "otter in a loop"
CONFIGURATION = """\
# ASSIGNMENT CONFIG
generate: true
init_cell: true
export_cell: false
check_all_cell: false
run_tests: false
"""
LOOP = """\
import sys
from otter.api import grade_submission
for submission in sys.argv[2:]:
    grade_submission(submission, sys.argv[1], quiet=True)
"""


class OtterAssignment:
    """An assignment in a folder, with a notebook handed in by every student.

    Parameters
    ----------
    folder : Path
        Is made.
    environment : Environment
    reference : str
        The reference module.
    modules : sequence of str
        What each student writes: all are right but the last, which fails one test.
    """

    def __init__(
        self, folder: Path, environment: Environment, reference: str, modules: Sequence[str]
    ) -> None:
        self._folder, self._environment = folder, environment
        self._submissions = [f"{number}.ipynb" for number in range(len(modules))]
        write_notebook(folder / "losses.ipynb", _cells(reference))
        environment.run(folder, "-m", "otter", "assign", "--no-pdfs", "losses.ipynb", "dist")
        (archive,) = (folder / "dist/autograder").glob("*.zip")
        self._archive = str(archive)
        for name, module in zip(self._submissions, modules, strict=True):
            hand_in(folder / "dist/student/losses.ipynb", folder / name, module)
        (folder / "out").mkdir()

    def rates(self) -> list[Rate]:
        """Measure `otter run`, which takes one student, and its own function in a loop."""
        alone = self._alone()
        one, many = self._loop(self._submissions[:1]), self._loop(self._submissions)
        return [alone, slope(IN_A_LOOP, one, many, len(self._submissions))]

    def _alone(self) -> Rate:
        used = self._run(self._submissions[0])
        return Rate(NAME, used.processor, used.wall)

    def _run(self, submission: str) -> Cost:
        arguments = (submission, "-a", self._archive, "-o", "out", "--no-logo")
        return self._cost("-m", "otter", "run", *arguments)

    def _loop(self, submissions: Sequence[str]) -> Cost:
        return self._cost("-c", LOOP, self._archive, *submissions)

    def _cost(self, *arguments: str) -> Cost:
        command = [self._environment.python, *arguments]
        return cost(command, self._folder, self._environment.variables)

    def prove(self) -> None:
        """Leave if the first and the last student don't get the scores that they should."""
        right = float(len(CHECKS))
        for submission, wanted in (
            (self._submissions[0], right),
            (self._submissions[-1], right - 1),
        ):
            self._run(submission)
            results = json.loads((self._folder / "out/results.json").read_text(encoding="utf-8"))
            expect(NAME, [sum(test.get("score", 0.0) for test in results["tests"])], [wanted])


def _cells(reference: str) -> list[Cell]:
    cells = [cell("raw", CONFIGURATION), cell("markdown", TITLE)]
    answer = [
        cell("raw", "# BEGIN SOLUTION"),
        cell("code", reference.replace("### ", "# ")),
        cell("raw", "# END SOLUTION"),
    ]
    for number, test in enumerate(CHECKS.values(), start=1):
        cells += [
            cell("raw", f"# BEGIN QUESTION\nname: q{number}\npoints: 1"),
            *(answer if number == 1 else []),
            cell("raw", "# BEGIN TESTS"),
            cell("code", test),
            cell("raw", "# END TESTS"),
            cell("raw", "# END QUESTION"),
        ]
    return cells
