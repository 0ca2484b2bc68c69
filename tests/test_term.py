"""An instructor's term, by the commands of the handbook, with a class of 200.

The commands and the course's file are taken from `docs/instructors.md` as they stand there
and run in its order, in a copy of the project. So no command can be in it that doesn't work.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from simulated_class import CRASHED, MISTAKES, SIZES, Student, Work, make_class, text_of, write

from autograder.catalogue import EXERCISES
from autograder.cli import main
from autograder.isolation.tiers import SAFE
from conftest import ROOT, best_tier

HANDBOOK = (ROOT / "docs/instructors.md").read_text(encoding="utf-8")
INSTALLED = ("python3 -m venv", "source .venv", "pip install")
"""Commands that were run before there could be a test: `.ci/run` does the same."""

TERM = SIZES | {
    "honest": 79,
    "partial": 37,
    "mistaken": 60,
    "broken": 5,
    "endless": 1,
    "attacker": 10,
    "copied": 5,
    "unreadable": 3,
}
DUE = {
    "losses": datetime(2026, 10, 12, 21, 59, tzinfo=UTC),
    "backprop": datetime(2026, 10, 19, 21, 59, tzinfo=UTC),
}
"""The deadlines of the handbook's example."""

IN_TIME = datetime(2026, 10, 10, 12, 0, tzinfo=UTC)
LATENESS = {
    timedelta(minutes=15): 0,
    timedelta(hours=1): 10,
    timedelta(hours=30): 20,
    timedelta(days=6): 50,
    timedelta(days=8): 100,
}
"""How late somebody is for `losses`, and what that costs in percent."""

EXTENDED = timedelta(days=2)
ABSENT = ("never, here", "Née Là")


def fenced(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", HANDBOOK, re.DOTALL | re.MULTILINE)


def commands() -> list[str]:
    """Return the handbook's commands, each in one line, but for those that install."""
    text = "".join(fenced("bash")).replace("\\\n", " ")
    return [line for line in text.splitlines() if not line.startswith(INSTALLED)]


class Term:
    """The class, where it is, and what the commands have printed."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "course"
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", "site", ".*", "demo", "build")
        shutil.copytree(ROOT, self.root, ignore=ignored)
        self.students = [replace(one) for one in make_class(TERM, ["broken zip"])]
        self.students[0] = self._ada()
        able = [s for s in self.students if "losses" in s.work.modules and s.name != "ada"]
        late = able[:: len(able) // 20][:20]
        self.late = {
            student.name: list(LATENESS)[number % len(LATENESS)]
            for number, student in enumerate(late)
        }
        self.extended = [name for name, by in self.late.items() if by == timedelta(hours=30)]
        self.extended = [*self.extended, "ada"][:5]
        self.favored = able[1].name
        self.again = [s.name for s in able if s.name not in self.late][:10]
        self._write_inputs()
        self.printed: dict[str, str] = {}

    @staticmethod
    def _ada() -> Student:
        modules = {name: text_of(name).encode() for name in ("losses", "backprop")}
        wrong = modules["losses"].replace(
            b"logits - np.max(logits, axis=-1, keepdims=True)", b"logits"
        )
        assert wrong != modules["losses"]
        lost = {check.id: CRASHED for check in EXERCISES["losses"].checks if "large" in check.name}
        return Student("ada", "zip", Work("mistaken", {**modules, "losses": wrong}, lost))

    def _write_inputs(self) -> None:
        submissions = self.root / "submissions"
        submissions.mkdir()
        for student in self.students:
            time = self.time(student)
            write(replace(student, name=f"{student.name}@{time:%Y-%m-%dT%H%M%SZ}"), submissions)
        for name in self.again:
            stubs = Work("partial", {"losses": text_of("losses", 0).encode()})
            earlier = f"{name}@{IN_TIME - timedelta(days=1):%Y-%m-%dT%H%M%SZ}"
            write(Student(earlier, "zip", stubs), submissions)
        (rules,) = fenced("toml")
        for name in self.extended:
            if name != "ada":
                until = (DUE["losses"] + EXTENDED).isoformat()
                rules += f"\n[[extensions]]\nstudent = {json.dumps(name)}\nuntil = {until}\n"
        (self.root / "course.toml").write_text(rules, encoding="utf-8")
        names = [*(student.name for student in self.students), *ABSENT]
        self._write_table(
            "roster.csv", [["student", "name", "email"], *([n, n, ""] for n in names)]
        )
        canvas = [
            ["Student", "ID", "SIS Login ID", "Section", "Exercise 1 (12345)"],
            ["    Points Possible", "", "", "", "100"],
            *([f"Doe, {n}", str(1000 + i), n, "A", ""] for i, n in enumerate(names)),
        ]
        self._write_table("canvas.csv", canvas)
        head = ["Identifier", "Full name", "Email address", "Grade", "Maximum Grade"]
        rows = ([f"Participant {i}", n, n, "", "1000"] for i, n in enumerate(names))
        worksheet = [[*head, "Feedback comments"], *([*row, ""] for row in rows)]
        self._write_table("worksheet.csv", worksheet)

    def _write_table(self, name: str, rows: list[list[str]]) -> None:
        with (self.root / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)

    def time(self, student: Student) -> datetime:
        by = self.late.get(student.name)
        return IN_TIME if by is None else DUE["losses"] + by

    def percent(self, student: Student, exercise: str) -> int:
        """Return what being late should cost, from the table above."""
        if student.name not in self.late or exercise not in DUE:
            return 0
        by = self.time(student) - DUE[exercise]
        if student.name in self.extended and by <= EXTENDED:
            return 0
        known = LATENESS | {timedelta(days=1): 10}
        return 0 if by <= timedelta(0) else known[by]

    def points(self, student: Student, exercise: str) -> int | None:
        """Return what a student should have for an exercise."""
        earned = student.work.points(exercise)
        if earned is None:
            return None
        return earned - earned * self.percent(student, exercise) // 100

    def run(self, command: str) -> str:
        """Run a command of the handbook and return what it printed."""
        words = shlex.split(command)
        assert words[0] == "autograder", command
        if words[1] in ("grade", "reproduce") and best_tier() not in SAFE:
            words.append("--unsafe")
        environment = {**os.environ, "PYTHONPATH": str(self.root), "NO_COLOR": "1"}
        done = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        expected = {"reproduce": (0, 1), "observe": (0, 1), "doctor": (0, 1)}.get(words[1], (0,))
        assert done.returncode in expected, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    @property
    def results(self) -> dict[str, dict[str, Any]]:
        text = (self.root / "results/results.json").read_text(encoding="utf-8")
        return {one["student"]: one for one in json.loads(text)["students"]}


SWAPPED = {"losses.mse_loss_is_a_mean_of_squares": 9, "losses.mse_loss_refuses_unequal_shapes": 3}
"""What two checks are worth after the change; 8 and 4 before."""

BY_HAND = "losses.softmax_cross_entropy_is_a_mean_over_rows"
"""A check that somebody gets points for, which must outlast the change."""


def change_two_checks(root: Path) -> None:
    """Make a check worth more and another one less, as after a complaint."""
    path = root / "autograder/catalogue/losses.py"
    text = path.read_text(encoding="utf-8")
    text = text.replace("points=8,", "points=9,", 1).replace("points=4,", "points=3,", 1)
    path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def term(tmp_path_factory: pytest.TempPathFactory) -> Term:
    """Return a term that is over."""
    term = Term(tmp_path_factory.mktemp("term"))
    graded = 0
    for command in commands():
        if command.startswith("autograder grade "):
            graded += 1
            if graded == 2:
                shutil.copytree(term.root / "results", term.root / "before")
                term.run(f"autograder adjust {shlex.quote(term.favored)} {BY_HAND} 7 --why =oral")
                change_two_checks(term.root)
        term.printed[command] = term.run(command)
    assert graded == 2
    return term


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def shown(name: str) -> str:
    """Return a name as a spreadsheet's cell has it."""
    return f"'{name}" if name.startswith(("=", "+", "-", "@")) else name


def test_the_class_is_as_large_as_it_says(term: Term) -> None:
    kinds = [student.work.kind for student in term.students]
    assert len(kinds) == 200
    assert (kinds.count("attacker"), kinds.count("unreadable")) == (10, 3)
    made = {mistake for student in term.students for mistake in student.work.mistakes}
    assert made == set(MISTAKES)
    assert (len(term.late), len(term.extended), len(term.again)) == (20, 5, 10)


def test_every_command_of_the_handbook_was_run(term: Term) -> None:
    run = {shlex.split(command)[1] for command in term.printed}
    assert run >= {"release", "doctor", "grade", "explain", "adjust", "similar", "export"}
    assert len(term.printed) == len(commands()) - 1  # the class is graded twice


def test_a_class_was_released(term: Term) -> None:
    assert (term.root / "class/exercises/losses.py").is_file()
    assert (term.root / "class.zip").is_file()
    assert not (term.root / "class/solutions").exists()


def test_every_point_is_right(term: Term) -> None:
    rows = {row["student"]: row for row in read(term.root / "before/grades.csv")}
    assert len(rows) == 200 + len(ABSENT)
    for student in term.students:
        expected = {name: term.points(student, name) or 0 for name in EXERCISES}
        row = rows[shown(student.name)]
        assert {name: int(row[name]) for name in EXERCISES} == expected, student.name
        assert int(row["total"]) == sum(expected.values())


def test_who_is_late_is_told_what_it_costs(term: Term) -> None:
    rows = {row["student"]: row["remarks"] for row in read(term.root / "results/grades.csv")}
    for student in term.students:
        late = [e for e in DUE if e in student.work.modules and term.percent(student, e)]
        for exercise in late:
            cost = term.percent(student, exercise)
            said = "too late to count" if cost == 100 else f"{cost}% off"
            assert f"{exercise}: " in rows[shown(student.name)]
            assert said in rows[shown(student.name)]
        assert ("late" in rows[shown(student.name)]) == bool(late), student.name
    assert sum(bool(term.percent(s, "losses")) for s in term.students) == 12


def test_who_has_handed_in_nothing_is_there(term: Term) -> None:
    for name in ABSENT:
        assert term.results[name]["total"] == 0
        assert name in (term.root / "results/class.html").read_text(encoding="utf-8")


def test_the_last_attempt_counts(term: Term) -> None:
    for name in term.again:
        found = term.results[name]
        assert len(found["attempts"]) == 2
        assert set(found["counts"].values()) == {1}


def test_attackers_have_nothing_and_broken_archives_are_said(term: Term) -> None:
    for student in term.students:
        found = term.results[student.name]
        if student.work.kind == "attacker":
            assert found["total"] == 0
        if student.work.kind == "unreadable":
            assert any("the .zip is broken" in problem for problem in found["problems"])


def test_every_number_is_explained(term: Term) -> None:
    """What `explain` lists adds up to what the gradebook says."""
    rows = {row["student"]: row for row in read(term.root / "before/grades.csv")}
    for student in term.students:
        for name in EXERCISES:
            lines = explained(term.root / "before", student.name, name)
            parts = [re.match(r" +(−?-?\d+) (?: of +\d+ [✓✗·]|.*late)", line) for line in lines]
            total = sum(int(part[1]) for part in parts if part)
            assert total == int(rows[shown(student.name)][name]), lines
            assert f" {total}  in all" in lines[-2] + lines[-1]


def explained(results: Path, *arguments: str) -> list[str]:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        assert main(["explain", "--results", str(results), "--", *arguments]) == 0
    return printed.getvalue().splitlines()


def test_the_handbooks_own_student_is_explained(term: Term) -> None:
    printed = term.printed["autograder explain ada losses"]
    assert "ada@2026-10-10T120000Z.zip, 2026-10-10T12:00:00+00:00" in printed
    assert "✗ losses.softmax_survives_large_logits" in printed


def test_a_changed_check_changes_what_it_must(term: Term) -> None:
    """Who has what other points, by the report, is as the checks say that passed."""
    rows = read(term.root / "results/changes.csv")
    told = {(row["student"], row["check"]): row for row in rows}
    for student in term.students:
        for check, points in SWAPPED.items():
            passed = "losses" in student.work.modules and check not in student.work.lost
            row = told.get((shown(student.name), check))
            assert bool(row) == passed, (student.name, check)
            if row:
                before = next(c.points for c in EXERCISES["losses"].checks if c.id == check)
                assert (int(row["points before"]), int(row["points now"])) == (before, points)
                assert row["because"] == "the same files; the course or the grader changed"
    late = {f"{e}, late" for e in EXERCISES}
    assert {row["check"] for row in rows} <= {*SWAPPED, *late}


def test_points_by_hand_outlast_a_changed_check(term: Term) -> None:
    found = term.results[term.favored]
    assert found["checks"][BY_HAND]["points"] == 7
    assert any("=oral" in problem for problem in found["problems"])
    assert "adjusted" not in term.results["ada"]["checks"]["losses.softmax_survives_large_logits"]


def test_the_platforms_get_what_the_gradebook_has(term: Term) -> None:
    results = term.results
    canvas = {row["SIS Login ID"]: row for row in read(term.root / "canvas-upload.csv")}
    moodle = {row["Email address"]: row for row in read(term.root / "moodle-upload.csv")}
    for student in term.students:
        found = results[student.name]
        grade = found["exercises"]["losses"]
        assert canvas[student.name]["Exercise 1 (12345)"] == str(grade or 0)
        assert moodle[student.name]["Grade"] not in ("", None)
    for name in ABSENT:
        assert canvas[name]["Exercise 1 (12345)"] == ""
    assert len(list((term.root / "gradescope").glob("*.json"))) == 200
