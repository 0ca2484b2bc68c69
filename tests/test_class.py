"""A class of 1,000 with 30 kinds of mistake and 50 attackers: every number is right."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from simulated_class import MISTAKES, NOT_ATTEMPTED, SIZES, Student, make_class, write

from autograder.catalogue import EXERCISES
from conftest import run

LIVE = ("=", "+", "-", "@")
"""A spreadsheet takes a text that begins so for a formula."""


class Class:
    """The students, and what became of them."""

    def __init__(self, folder: Path) -> None:
        self.students = make_class()
        submissions, out = folder / "submissions", folder / "out"
        submissions.mkdir()
        for student in self.students:
            write(student, submissions)
        secret = folder / "secret"
        secret.write_text("a secret for the tests, not for a course", encoding="ascii")
        files = [str(submissions), "--out", str(out), "--secret", str(secret)]
        # The loops end sooner with little patience. Without a sandbox, too, all attacks that
        # were chosen are contained.
        options = ["--patience", "0.1", "--unsafe"]
        self.done = run(sys.executable, "-m", "autograder", "grade", *files, *options)
        assert self.done.returncode == 0, self.done.stdout + self.done.stderr
        self.results = json.loads((out / "results.json").read_text(encoding="utf-8"))
        self.found = {one["student"]: one for one in self.results["students"]}
        with (out / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
            self.rows = list(csv.DictReader(file))

    def of(self, *kinds: str) -> list[tuple[Student, dict[str, Any]]]:
        """Return the students of some kinds, or of all, each with what was found."""
        chosen = [one for one in self.students if one.work.kind in kinds or not kinds]
        return [(student, self.found[student.name]) for student in chosen]


@pytest.fixture(scope="module")
def group(tmp_path_factory: pytest.TempPathFactory) -> Class:
    return Class(tmp_path_factory.mktemp("class"))


def test_the_class_is_as_large_as_it_says(group: Class) -> None:
    assert Counter(student.work.kind for student in group.students) == SIZES
    assert len(group.students) == 1000
    assert len(set(MISTAKES)) == 30
    made = Counter(mistake for student in group.students for mistake in student.work.mistakes)
    assert set(made) == set(MISTAKES)
    assert min(made.values()) >= 10
    assert {1, 2, 3} == {len(s.work.mistakes) for s, _ in group.of("mistaken")}


def test_it_is_the_same_every_time(group: Class) -> None:
    assert make_class() == group.students


def test_nobody_is_lost_and_nobody_is_added(group: Class) -> None:
    assert sorted(group.found) == [student.name for student in group.students]
    assert len(group.results["students"]) == len(group.students)


def test_every_point_is_right(group: Class) -> None:
    for student, found in group.of():
        expected = {name: student.work.points(name) for name in EXERCISES}
        assert found["exercises"] == expected, student
        assert found["total"] == sum(points or 0 for points in expected.values())
        for exercise in EXERCISES.values():
            for check in exercise.checks:
                right = exercise.name in student.work.modules and check.id not in student.work.lost
                assert found["checks"][check.id]["points"] == check.points * right, check.id


def test_every_outcome_is_right(group: Class) -> None:
    for student, found in group.of():
        for id, check in found["checks"].items():
            handed_in = id.split(".")[0] in student.work.modules
            default = frozenset({"correct"}) if handed_in else NOT_ATTEMPTED
            assert check["outcome"] in student.work.lost.get(id, default), (student.name, id, check)


def test_every_mistake_is_named_and_none_without_need(group: Class) -> None:
    for student, found in group.of("honest", "partial", "mistaken", "broken", "copied"):
        for id, check in found["checks"].items():
            allowed = student.work.named.get(id, {""})
            assert check.get("mistake", "") in allowed, (student.name, id, check)


def test_each_kind_of_mistake_is_named(group: Class) -> None:
    named = {c.get("mistake") for _, one in group.of("mistaken") for c in one["checks"].values()}
    assert set(MISTAKES) <= named


def test_no_attacker_has_a_point(group: Class) -> None:
    attackers = group.of("attacker")
    assert len(attackers) == 45
    assert not any(found["total"] for _, found in attackers)


def test_an_endless_loop_costs_its_own_function_only(group: Class) -> None:
    for student, found in group.of("endless"):
        outcomes = Counter(found["checks"][id]["outcome"] for id in student.work.lost)
        assert outcomes["too slow"] == 1
        assert found["total"] > 500


def test_what_cannot_be_read_is_said(group: Class) -> None:
    for student, found in group.of():
        assert bool(found["problems"]) == (student.work.kind == "unreadable"), found["problems"]


def test_the_gradebook_says_the_same(group: Class) -> None:
    by_name = {row["student"]: row for row in group.rows}
    assert len(by_name) == len(group.rows) == len(group.students)
    for student, _ in group.of():
        row = by_name[f"'{student.name}" if student.name.startswith(LIVE) else student.name]
        points = {name: student.work.points(name) or 0 for name in EXERCISES}
        assert {name: int(row[name]) for name in EXERCISES} == points
        assert int(row["total"]) == sum(points.values())
