"""nbgrader: its gradebook, filled in through its own API.

An exercise is an assignment with one notebook of the same name, as `autograder notebooks` writes
it, and a check is a grade cell in it. The cell with a function has the place for the feedback on
its checks. Cells that are graded by hand are left to those who do.

References
----------
https://nbgrader.readthedocs.io/en/stable/api/gradebook.html
https://nbgrader.readthedocs.io/en/stable/api/models.html
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sysconfig
import tempfile
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbgrader
from alembic.script import ScriptDirectory
from nbgrader.api import Gradebook, InvalidEntry, MissingEntry
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy.exc import SAWarning, SQLAlchemyError

from autograder.exports.plain_text import details

BY_HAND = "given by hand: "
"""How lines of comments on adjusted points begin, then the check; others are nbgrader's own."""

_KINDS = ("grade_cells", "solution_cells", "task_cells", "source_cells")


class BadGradebook(Exception):
    """A gradebook that can't be filled in; the message says why and what to do."""


@dataclass
class Outcome:
    """What became of whom, in an instructor's words.

    Attributes
    ----------
    students : set of str
        Whose grades are in the gradebook.
    kept : list of str
        Points and comments that were given in nbgrader, and left as they were.
    removed : list of str
        Submissions that are no more.
    """

    students: set[str] = field(default_factory=set)
    kept: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


def fill_in(
    path: Path,
    students: Iterable[dict[str, Any]],
    exercises: dict[str, Any],
    force: bool = False,
) -> Outcome:
    """Fill in a gradebook: with all students or, if anything fails, not at all.

    What is not about these exercises stays as it is.

    Parameters
    ----------
    path : Path
        nbgrader's `gradebook.db`; made if it isn't there.
    students : iterable of dict
        Records of the results, taken one at a time.
    exercises : dict
        See `results.possible`.
    force : bool
        Whether an assignment that has other cells is replaced, and points that were given
        in nbgrader.

    Raises
    ------
    BadGradebook
        If it is no gradebook of this nbgrader's, or may not be changed so.
    """
    outcome = Outcome()
    try:
        with tempfile.TemporaryDirectory() as folder:
            draft = Path(folder) / "gradebook.db"
            if path.exists():
                _copy(path, draft)
                _check(draft, path)
            with _opened(draft) as gradebook:
                class_ = _Class(gradebook, exercises, force)
                for student in students:
                    class_.enter(student, outcome)
            _copy(draft, path)
    except sqlite3.Error as problem:
        raise BadGradebook(f"{path} can't be used: {problem}") from None
    except (SQLAlchemyError, InvalidEntry) as problem:
        first = str(problem).partition("\n")[0]
        raise BadGradebook(
            f"nbgrader {nbgrader.__version__} can't fill in {path}: {first}"
        ) from None
    return outcome


def _copy(source: Path, target: Path) -> None:
    """Copy a database: a whole one, in one transaction, whoever else uses it."""
    with (
        contextlib.closing(sqlite3.connect(source)) as old,
        contextlib.closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new, progress=_give_up_if_locked)


def _give_up_if_locked(status: int, *_: int) -> None:
    """Stop a copy that would otherwise wait for ever; SQLite has waited some seconds by then."""
    if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        raise sqlite3.OperationalError("database is locked")


def _check(draft: Path, path: Path) -> None:
    """Refuse a database that isn't nbgrader's, or is one of another nbgrader's."""
    with contextlib.closing(sqlite3.connect(draft)) as database:
        tables = {row[0] for row in database.execute("select name from sqlite_master")}
        if not tables:
            return
        if not {"alembic_version", "submitted_assignment"} <= tables:
            raise BadGradebook(f"{path} is no gradebook of nbgrader's: give another name")
        version = database.execute("select version_num from alembic_version").fetchone()
    if version != (ScriptDirectory(ALEMBIC_DIR).get_current_head(),):
        raise BadGradebook(
            f"{path} was made by another version than nbgrader {nbgrader.__version__}: "
            "run `nbgrader db upgrade` where it is"
        )


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Gradebook]:
    with (
        warnings.catch_warnings(),
        _scripts_on_the_path(),
        Gradebook(f"sqlite:///{path}") as gradebook,
    ):
        # How nbgrader adds a submission makes SQLAlchemy warn, and works.
        warnings.simplefilter("ignore", SAWarning)
        yield gradebook


@contextlib.contextmanager
def _scripts_on_the_path() -> Iterator[None]:
    """Let nbgrader find `alembic`, also where the environment isn't activated."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before


class _Class:
    """A gradebook in which each exercise is an assignment.

    Parameters
    ----------
    gradebook : Gradebook
    exercises : dict
        See `results.possible`.
    force : bool
        As for `fill_in`.
    """

    def __init__(self, gradebook: Gradebook, exercises: dict[str, Any], force: bool) -> None:
        self.gradebook, self.exercises, self.force = gradebook, exercises, force
        self._names: dict[str, str] = {}  # of cells, by their ids: nbgrader would ask for each
        for name, exercise in exercises.items():
            self._assign(name, exercise)

    def _assign(self, name: str, exercise: dict[str, Any]) -> None:
        """See to it that there is an assignment whose tests are the checks of an exercise."""
        points = {id.partition(".")[2]: check["points"] for id, check in exercise["checks"].items()}
        due = None
        with contextlib.suppress(MissingEntry):
            assignment = self.gradebook.find_assignment(name)
            due = assignment.duedate
            found, wanted = _cells(assignment), {(name, cell) for cell in points}
            if found and _tests(assignment) != wanted:
                if not self.force:
                    raise BadGradebook(_other_cells(name, found, wanted))
                self.gradebook.remove_assignment(name)
        self.gradebook.update_or_create_assignment(name, duedate=due)
        self.gradebook.update_or_create_notebook(name, name)
        for cell, most in points.items():
            self.gradebook.update_or_create_grade_cell(
                cell, name, name, max_score=most, cell_type="code"
            )
        for check in exercise["checks"].values():
            self.gradebook.update_or_create_solution_cell(_written_in(check), name, name)
        [notebook] = self.gradebook.find_assignment(name).notebooks
        for kind in ("grade_cells", "solution_cells"):
            self._names |= {cell.id: cell.name for cell in getattr(notebook, kind)}

    def enter(self, student: dict[str, Any], outcome: Outcome) -> None:
        """Enter a student's grades."""
        name = student["student"]
        self.gradebook.update_or_create_student(name)
        for exercise in self.exercises:
            if student["exercises"][exercise] is None:
                with contextlib.suppress(MissingEntry):
                    self.gradebook.remove_submission(exercise, name)
                    outcome.removed.append(f"{name}, {exercise}")
                continue
            submission = self.gradebook.update_or_create_submission(
                exercise, name, timestamp=_time(student, exercise)
            )
            [notebook] = submission.notebooks
            late = student.get("late", {}).get(exercise, {})
            notebook.late_submission_penalty = float(-late.get("points", 0))
            kept = self._grade(notebook, student, exercise)
            outcome.kept += [f"{name}, {check_id}" for check_id in kept]
        self.gradebook.db.commit()
        outcome.students.add(name)

    def _grade(self, notebook: Any, student: dict[str, Any], exercise: str) -> Iterator[str]:
        """Set the grades and comments of a notebook; yield the checks where nbgrader's stay."""
        grades = {self._names[grade.cell_id]: grade for grade in notebook.grades}
        comments = {self._names[comment.cell_id]: comment for comment in notebook.comments}
        facts = self.exercises[exercise]
        functions: dict[str, dict[str, Any]] = defaultdict(dict)
        for check_id, check in facts["checks"].items():
            functions[_written_in(check)][check_id] = check
        for function, checks in functions.items():
            comment = comments[function]
            comment.auto_comment = (
                "\n\n".join(details(student, {exercise: facts | {"checks": checks}})) or None
            )
            said = (comment.manual_comment or "").splitlines()
            lines = [] if self.force else [line for line in said if not line.startswith(BY_HAND)]
            for check_id in checks:
                grade = grades.pop(check_id.partition(".")[2])
                mark = f"{BY_HAND}{check_id}: "
                found = student["checks"][check_id]
                adjusted = found.get("adjusted")
                grade.auto_score = adjusted["from"] if adjusted else found["points"]
                grade.needs_manual_grade = False
                ours = grade.manual_score is None or any(line.startswith(mark) for line in said)
                if not (ours or self.force):
                    yield check_id
                    continue
                grade.manual_score = found["points"] if adjusted else None
                lines += [mark + " ".join(adjusted["why"].split())] if adjusted else []
            comment.manual_comment = "\n".join(lines) or None
        for grade in grades.values():  # of what is graded by hand
            grade.needs_manual_grade = grade.auto_score is None and grade.manual_score is None


def _written_in(check: dict[str, Any]) -> str:
    """Return the name of the cell that has a check's function: a method is in its class's."""
    function: str = check["function"]
    return function.partition(".")[0]


def _tests(assignment: Any) -> set[tuple[str, str]]:
    """Return the notebooks and names of the cells that are graded by running them."""
    return {
        (notebook.name, cell.name)
        for notebook in assignment.notebooks
        for cell in notebook.grade_cells
        if cell.cell_type == "code"
    }


def _cells(assignment: Any) -> set[tuple[str, str]]:
    """Return the names of an assignment's notebooks and of the cells in each."""
    return {
        (notebook.name, cell.name)
        for notebook in assignment.notebooks
        for kind in _KINDS
        for cell in getattr(notebook, kind)
    }


def _other_cells(name: str, found: set[tuple[str, str]], wanted: set[tuple[str, str]]) -> str:
    said = [f"the gradebook has an assignment {name!r} with other cells than the checks"]
    for what, cells in (("only there", found - wanted), ("only here", wanted - found)):
        names = sorted(cell for _, cell in cells)
        if names:
            said.append(f"{what}: {', '.join(names[:3])}{', …' * (len(names) > 3)}")
    return (
        f"{'; '.join(said)}. Rename it in nbgrader or give another --out; "
        "--force replaces it, with all submissions and grades of it"
    )


def _time(student: dict[str, Any], exercise: str) -> str | None:
    """Return when the attempt that counts was handed in; nbgrader turns it into UTC."""
    counts = student.get("counts", {}).get(exercise)
    time: str | None = student["attempts"][counts].get("time") if counts is not None else None
    return time
