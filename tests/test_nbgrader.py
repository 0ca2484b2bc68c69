"""nbgrader's gradebook holds each grade, as its own API and its own exporter read them."""

from __future__ import annotations

import csv
import os
import shutil
import sqlite3
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook, MissingEntry

from autograder.catalogue import EXERCISES
from autograder.cli import main
from autograder.exports.nbgrader import BadGradebook, Outcome, fill_in
from autograder.grading.results import possible
from autograder.grading.store import FILE, Store
from conftest import Run, best_tier, hand_in, solution

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
"""nbgrader's own ways with SQLAlchemy."""

HURTING = (
    "=cmd|' /C calc'!A0",
    'Bo "Bob" Bee; Jr.',
    "O'Brien'); drop table grade; --",
    "João d'Ávila",
    "李小龍",
    "مها",
    "🎓 Ada",
    "<script>alert(1)</script>",
    "../../up",
    "%s {0} ${HOME}",
    "ada",
    "ADA",
    "x" * 200,
)
GRADED = ("losses", "backprop")
CHECKS = [check for name in GRADED for check in EXERCISES[name].checks]
POSSIBLE = possible(CHECKS)
WRONG, CELL = "losses.mse_loss_is_a_mean_of_squares", "mse_loss_is_a_mean_of_squares"
FUNCTION = "mse_loss"
LOST = next(check.points for check in CHECKS if check.id == WRONG)
ATTACK = "</pre><script>alert(1)</script>\n=1+1 \"quoted\", 'too' {0} %s"


@pytest.fixture(autouse=True)
def scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nbgrader, where the tests call it, find `alembic`."""
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    monkeypatch.setenv("PATH", path)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a gradebook as nbgrader makes it."""
    path = tmp_path_factory.mktemp("empty") / "gradebook.db"
    fill_in(path, [], {})
    return path


@pytest.fixture
def path(empty: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(empty, tmp_path / "gradebook.db"))


def record(student: str, wrong: bool = False, missing: str = "", **more: Any) -> dict[str, Any]:
    """Return a student's record: all is right but what is wrong or missing."""
    checks: dict[str, dict[str, Any]] = {}
    for check in CHECKS:
        checks[check.id] = {"outcome": "correct", "points": check.points, "seed": 7}
        if check.exercise == missing:
            checks[check.id] |= {"outcome": "not attempted", "points": 0}
        elif wrong and check.id == WRONG:
            said = {"headline": "wrong values", "explanation": [["You returned", ATTACK]]}
            checks[check.id] |= {"outcome": "wrong values", "points": 0, **said}
    points = {
        name: sum(one["points"] for id, one in checks.items() if id.startswith(f"{name}."))
        for name in GRADED
    }
    return {
        "student": student,
        "attempts": [],
        "counts": {},
        "problems": [],
        "total": sum(points.values()),
        "exercises": {name: None if name == missing else points[name] for name in GRADED},
        "late": {},
        "checks": checks,
        **more,
    }


def adjusted(student: str, points: int, why: str) -> dict[str, Any]:
    one = record(student, wrong=True)
    one["checks"][WRONG] |= {"points": points, "adjusted": {"from": 0, "why": why}}
    return one


def fill(path: Path, *students: dict[str, Any], force: bool = False) -> Outcome:
    return fill_in(path, students, POSSIBLE, force)


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    with Gradebook(f"sqlite:///{path}") as gradebook:
        yield gradebook


def dump(path: Path) -> list[tuple[Any, ...]]:
    """Return what a gradebook says, without the ids that it makes up."""
    with opened(path) as gradebook:
        return [
            (
                assignment.name,
                assignment.duedate,
                assignment.max_score,
                one.student.id,
                one.timestamp,
                one.score,
                one.late_submission_penalty,
                one.needs_manual_grade,
                [
                    (grade.name, grade.auto_score, grade.manual_score, grade.max_score)
                    for notebook in one.notebooks
                    for grade in sorted(notebook.grades, key=lambda grade: str(grade.name))
                ],
                [
                    (comment.name, comment.auto_comment, comment.manual_comment)
                    for notebook in one.notebooks
                    for comment in sorted(notebook.comments, key=lambda one: str(one.name))
                ],
            )
            for assignment in gradebook.assignments
            for one in sorted(assignment.submissions, key=lambda one: str(one.student.id))
        ]


def exported(path: Path, folder: Path) -> dict[tuple[str, str], dict[str, str]]:
    """Return what `nbgrader export` writes, by assignment and student."""
    out = folder / "grades.csv"
    command = [sys.executable, "-m", "nbgrader", "export", "--db", f"sqlite:///{path}"]
    home = {name: str(folder) for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")}
    done = subprocess.run(
        [*command, f"--to={out}"],
        cwd=folder,
        env={**os.environ, **home, "PYTHONWARNINGS": "ignore", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with out.open(encoding="utf-8", newline="") as file:
        # It quotes nothing, so a name's own quotes mean nothing either.
        rows = list(csv.DictReader(file, quoting=csv.QUOTE_NONE))
    return {(row["assignment"], row["student_id"]): row for row in rows}


def test_nbgrader_reads_every_grade(path: Path, tmp_path: Path) -> None:
    class_ = [record(name, wrong=bool(i % 2)) for i, name in enumerate(HURTING)]
    assert fill(path, *class_).students == set(HURTING)
    with opened(path) as gradebook:
        assert {one.name for one in gradebook.assignments} == set(GRADED)
        assert {one.id for one in gradebook.students} == set(HURTING)
        for name in GRADED:
            [notebook] = gradebook.find_assignment(name).notebooks
            assert notebook.name == name
            cells = {cell.name: cell.max_score for cell in notebook.grade_cells}
            assert cells == {c.name: c.points for c in CHECKS if c.exercise == name}
        for number, name in enumerate(HURTING):
            for check in CHECKS:
                lost = number % 2 and check.id == WRONG
                grade = gradebook.find_grade(check.name, check.exercise, check.exercise, name)
                assert grade.auto_score == grade.score == (0 if lost else check.points)
                assert grade.manual_score is None
                assert not grade.needs_manual_grade
                place = check.function.partition(".")[0]
                comment = gradebook.find_comment(place, check.exercise, check.exercise, name)
                assert bool(comment.comment) == bool(number % 2 and place == FUNCTION)
            if number % 2:
                said = gradebook.find_comment(FUNCTION, "losses", "losses", name).auto_comment
                assert "You returned  </pre><script>alert(1)</script> =1+1" in said
    rows = exported(path, tmp_path)
    assert len(rows) == len(GRADED) * len(HURTING)
    for number, name in enumerate(HURTING):
        assert float(rows["losses", name]["score"]) == 100 - LOST * (number % 2)
        assert float(rows["backprop", name]["score"]) == 100
        assert float(rows["losses", name]["max_score"]) == 100


def test_a_second_time_makes_the_same(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    class_ = [adjusted("ada", 3, "a typo"), record("ben", missing="losses"), record("eve", True)]
    fill(path, *class_)
    first = dump(path)
    fill(path, *class_)
    fill(other, record("ada"), record("ben"), record("eve"))
    fill(other, *class_)
    assert dump(path) == dump(other) == first
    assert len(first) == 5


def test_points_by_hand_are_manual_scores(path: Path) -> None:
    why = "a sum was asked for, in <class>"
    fill(path, adjusted("ada", 3, why))
    with opened(path) as gradebook:
        grade = gradebook.find_grade(CELL, "losses", "losses", "ada")
        assert (grade.auto_score, grade.manual_score, grade.score) == (0, 3, 3)
        comment = gradebook.find_comment(FUNCTION, "losses", "losses", "ada")
        assert comment.comment == f"given by hand: {WRONG}: {why}"
        assert gradebook.find_submission("losses", "ada").score == 100 - LOST + 3
    fill(path, record("ada", wrong=True))
    with opened(path) as gradebook:
        grade = gradebook.find_grade(CELL, "losses", "losses", "ada")
        assert (grade.auto_score, grade.manual_score, grade.score) == (0, None, 0)
        comment = gradebook.find_comment(FUNCTION, "losses", "losses", "ada")
        assert comment.manual_comment is None


def test_late_and_when(path: Path, tmp_path: Path) -> None:
    attempts = [{"time": "2026-10-01T12:00:00+02:00"}, {"time": "2026-10-13T00:30:00+02:00"}, {}]
    late = {"losses": {"points": -25, "why": "1 day late"}}
    counts = {"losses": 1, "backprop": 2}
    fill(path, record("ada", attempts=attempts, counts=counts, late=late), record("ben"))
    with opened(path) as gradebook:
        losses, backprop = (gradebook.find_submission(name, "ada") for name in GRADED)
        assert losses.timestamp == datetime(2026, 10, 12, 22, 30)  # UTC, as nbgrader keeps it
        assert backprop.timestamp is None
        assert (losses.score, losses.late_submission_penalty) == (100, 25)
        assert backprop.late_submission_penalty == 0
    rows = exported(path, tmp_path)
    row = rows["losses", "ada"]
    columns = ("raw_score", "late_submission_penalty", "score")
    assert [float(row[name]) for name in columns] == [100, 25, 75]
    assert row["timestamp"] == "2026-10-12 22:30:00"
    assert float(rows["losses", "ben"]["score"]) == 100


def test_what_was_not_handed_in_is_no_submission(path: Path, tmp_path: Path) -> None:
    outcome = fill(path, record("ada", missing="losses"))
    assert (outcome.students, outcome.removed) == ({"ada"}, [])
    with opened(path) as gradebook:
        with pytest.raises(MissingEntry):
            gradebook.find_submission("losses", "ada")
        assert gradebook.find_submission("backprop", "ada").score == 100
    assert float(exported(path, tmp_path)["losses", "ada"]["score"]) == 0
    fill(path, record("ada"))
    assert fill(path, record("ada", missing="losses")).removed == ["ada, losses"]


def an_instructors(path: Path, assignment: str) -> None:
    """Make a gradebook that has been used: a student with a name, an essay that is graded."""
    with opened(path) as gradebook:
        gradebook.add_student("ada", first_name="Ada", last_name="Lovelace", email="ada@x.org")
        gradebook.add_student("zoe")
        gradebook.add_assignment(assignment, duedate="2026-10-12 12:00")
        gradebook.add_notebook("part 1", assignment)
        gradebook.add_grade_cell("essay", "part 1", assignment, max_score=9, cell_type="markdown")
        gradebook.add_solution_cell("essay", "part 1", assignment)
        gradebook.add_submission(assignment, "ada")
        gradebook.find_grade("essay", "part 1", assignment, "ada").manual_score = 8
        gradebook.find_comment("essay", "part 1", assignment, "ada").manual_comment = "fine"
        gradebook.db.commit()


def test_nothing_else_is_lost(path: Path) -> None:
    an_instructors(path, "essays")
    path.chmod(0o640)
    before = dump(path)
    fill(path, record("ada"), record("ben"))
    assert [row for row in dump(path) if row[0] == "essays"] == before
    assert path.stat().st_mode & 0o777 == 0o640
    with opened(path) as gradebook:
        ada = gradebook.find_student("ada")
        assert (ada.first_name, ada.last_name, ada.email) == ("Ada", "Lovelace", "ada@x.org")
        assert gradebook.find_student("zoe").score == 0
        assert ada.score == 8 + 200


def test_an_assignment_with_other_cells_is_refused(path: Path) -> None:
    an_instructors(path, "backprop")
    before = path.read_bytes()
    with pytest.raises(BadGradebook, match=r"'backprop' with other cells.*only there: essay;"):
        fill(path, record("ada"))
    assert path.read_bytes() == before
    fill(path, record("ada"), force=True)
    with opened(path) as gradebook:
        backprop = gradebook.find_assignment("backprop")
        assert backprop.duedate == datetime(2026, 10, 12, 12, 0)
        assert backprop.max_score == gradebook.find_submission("backprop", "ada").score == 100


def test_an_empty_assignment_keeps_its_due_date(path: Path) -> None:
    with opened(path) as gradebook:
        gradebook.add_assignment("losses", duedate="2026-10-12 12:00")
    fill(path, record("ada"))
    with opened(path) as gradebook:
        assert gradebook.find_assignment("losses").duedate == datetime(2026, 10, 12, 12, 0)


def test_points_given_in_nbgrader_stay(path: Path) -> None:
    fill(path, record("ada", wrong=True))
    with opened(path) as gradebook:
        gradebook.find_grade(CELL, "losses", "losses", "ada").manual_score = 2.5
        gradebook.db.commit()
    assert fill(path, record("ada", wrong=True)).kept == [f"ada, {WRONG}"]
    with opened(path) as gradebook:
        grade = gradebook.find_grade(CELL, "losses", "losses", "ada")
        assert (grade.auto_score, grade.manual_score) == (0, 2.5)
    assert fill(path, record("ada", wrong=True), force=True).kept == []
    with opened(path) as gradebook:
        assert gradebook.find_grade(CELL, "losses", "losses", "ada").manual_score is None


def test_what_is_no_gradebook_is_refused(path: Path, tmp_path: Path) -> None:
    text, other, old = tmp_path / "text.db", tmp_path / "other.db", path
    text.write_text("no database, but quite a long text" * 100, encoding="utf-8")
    with closing(sqlite3.connect(other)) as database:
        database.execute("create table verdicts (key text)")
        database.commit()
    fill(old, record("ada"))
    with closing(sqlite3.connect(old)) as database:
        database.execute("update alembic_version set version_num = '50a4d84c131a'")
        database.commit()
    for path, why in (
        (text, "file is not a database"),
        (other, "no gradebook of nbgrader"),
        (old, "nbgrader db upgrade"),
    ):
        before = path.read_bytes()
        with pytest.raises(BadGradebook, match=why):
            fill(path, record("ada"))
        assert path.read_bytes() == before


def test_a_gradebook_that_is_in_use_is_not_written(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as somebody:
        somebody.execute("begin exclusive")
        with pytest.raises(BadGradebook, match="database is locked"):
            fill(path, record("ada"))
    assert dump(path) == []
    with pytest.raises(BadGradebook, match=r"no folder/gradebook\.db can't be used: unable"):
        fill(path.parent / "no folder" / "gradebook.db", record("ada"))


def test_who_has_no_nbgrader_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Store(tmp_path / FILE) as store:
        store.note("names", [check.id for check in CHECKS])
    monkeypatch.delitem(sys.modules, "autograder.exports.nbgrader")
    monkeypatch.delattr("autograder.exports.nbgrader")
    monkeypatch.setitem(sys.modules, "nbgrader", None)
    arguments = ["export", "nbgrader", "--results", str(tmp_path)]
    assert main([*arguments, "--out", str(tmp_path / "gradebook.db")]) == 2
    assert "this needs nbgrader: python -m pip install -e '.[notebooks]'" in capsys.readouterr().err


def test_a_failure_leaves_the_gradebook_as_it_was(path: Path) -> None:
    fill(path, record("ada"))
    before = dump(path)

    def students() -> Iterator[dict[str, Any]]:
        yield record("ada", wrong=True)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fill_in(path, students(), POSSIBLE)
    assert dump(path) == before


def test_a_class_goes_from_files_to_nbgrader(
    autograder: Run,
    submissions: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    wrong = solution("losses").replace("np.mean(", "np.sum(")
    hand_in(submissions, "Ada Lovelace", losses=solution("losses"))
    hand_in(submissions, "bén", losses=wrong)
    hand_in(submissions, "nobody")
    results, path = tmp_path / "results", tmp_path / "new.db"
    graded = autograder(
        *("grade", submissions, "--out", results, "--secret", tmp_path / "secret"),
        *("--exercise", "losses", "--isolation", best_tier(), "--unsafe"),
    )
    assert graded.returncode == 0, graded.stderr
    monkeypatch.setenv("PATH", os.defpath)  # as where the environment isn't activated
    arguments = ["export", "nbgrader", "--results", str(results), "--out", str(path)]
    assert main(arguments) == 0
    assert "the grades of 3 students: losses" in capsys.readouterr().out
    rows = exported(path, tmp_path)
    assert float(rows["losses", "Ada Lovelace"]["score"]) == 100
    assert 0 < float(rows["losses", "bén"]["score"]) < 100
    assert float(rows["losses", "nobody"]["score"]) == 0
    assert main([*arguments[:-1], str(tmp_path / "results" / "store.sqlite")]) == 2
    assert "no gradebook of nbgrader" in capsys.readouterr().err
