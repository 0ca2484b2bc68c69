"""The course's rules: what `course.toml` says, and what it costs to be late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autograder.grading import course_file
from autograder.grading.course_file import BadCourse
from autograder.grading.policy import Extension, Late, Policy, duration

WHOLE = """
attempts = "best"
time_zone = "Europe/Berlin"
roster = "roster.csv"

[late]
grace = "15 minutes"
every = "1 day"
percent = 10
at_most = 50
closed_after = "1 week"

[deadlines]
losses = 2026-10-12T23:59:00+02:00
backprop = 2026-10-19T21:59:00Z

[[extensions]]
student = "ada"
exercises = ["losses"]
until = 2026-10-14T23:59:00+02:00
why = "ill"

[[extensions]]
student = "ben"
until = 2026-10-30T23:59:00+02:00
"""
DUE = datetime(2026, 10, 12, 21, 59, tzinfo=UTC)


def test_all_of_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("student\nada\n")
    (tmp_path / "course.toml").write_text(WHOLE)
    course = course_file.read(tmp_path / "course.toml")
    late = Late(10, timedelta(days=1), 50, timedelta(minutes=15), timedelta(weeks=1))
    assert course.policy.attempts == "best"
    assert course.policy.late == late
    assert course.policy.deadlines["losses"] == DUE
    assert course.policy.extensions[0].exercises == ("losses",)
    assert course.roster == tmp_path / "roster.csv"
    assert course.text == WHOLE


def test_a_course_has_some_of_the_exercises() -> None:
    assert course_file.parse('exercises = ["losses"]').exercises == ("losses",)
    with pytest.raises(BadCourse, match="line 1, exercises: no exercise 'x'"):
        course_file.parse('exercises = ["x"]')


def test_an_empty_file_has_no_rules() -> None:
    assert course_file.parse("").policy == Policy()


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ('attempts = "best"', 'attempts = "first"', 2, '"last" or "best"'),
        ("Europe/Berlin", "Middle/Earth", 3, "Europe/Berlin"),
        ("roster.csv", "class.csv", 4, "there is no file"),
        ("[late]", "[laet]", 6, "laet: unknown: there are exercises, attempts"),
        ('"15 minutes"', "15", 7, '"15 minutes"'),
        ('every = "1 day"', 'every = "0 days"', 8, "a period"),
        ("percent = 10", "percent = 110", 9, "0 to 100"),
        ("percent = 10", "percent = true", 9, "0 to 100"),
        ("at_most", "at_least", 10, "unknown"),
        ("23:59:00+02:00\nbackprop", "23:59:00\nbackprop", 14, "no time zone"),
        ("losses = 2026", "lossses = 2026", 14, "unknown: there are losses, backprop"),
        ("2026-10-19T21:59:00Z", '"next Monday"', 15, "without quotes"),
        ("2026-10-19T21:59:00Z", "2026-10-19", 15, "a date and a time"),
        ('student = "ada"', "student = 7", 18, "a text"),
        ('["losses"]', '["loses"]', 19, "no exercise 'loses'"),
        ("2026-10-30T23:59:00+02:00", "2026-10-30T23:59:00", 25, "no time zone"),
        ('student = "ben"\n', "", 23, "needs 'student'"),
        ("[deadlines]", "[deadlines", 13, ""),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, reason: str
) -> None:
    (tmp_path / "roster.csv").write_text("student\n")
    path = tmp_path / "course.toml"
    assert WHOLE.count(old) == 1
    path.write_text(WHOLE.replace(old, new))
    with pytest.raises(BadCourse) as refused:
        course_file.read(path)
    assert str(refused.value).startswith(str(path))
    assert f"line {line}" in str(refused.value)
    assert reason in str(refused.value)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "course.toml").write_bytes("# für alle".encode("latin-1"))
    with pytest.raises(BadCourse, match="save it as UTF-8"):
        course_file.read(tmp_path / "course.toml")


def test_an_extension_for_nobody_is_told() -> None:
    course = course_file.parse(WHOLE)
    (line,) = course_file.nobody(course, ["ADA", "bea"], Path("course.toml"))
    assert line.startswith("course.toml, line 24")
    assert "'ben'" in line


POLICY = course_file.parse(WHOLE).policy


@pytest.mark.parametrize(
    ("late", "percent"),
    [
        (timedelta(days=-3), 0),
        (timedelta(0), 0),
        (timedelta(minutes=15), 0),
        (timedelta(minutes=15, seconds=1), 10),
        (timedelta(days=1), 10),
        (timedelta(days=1, seconds=1), 20),
        (timedelta(days=5), 50),
        (timedelta(days=7), 50),
        (timedelta(days=7, seconds=1), 100),
    ],
)
def test_what_is_late_costs_by_the_period(late: timedelta, percent: int) -> None:
    deduction = POLICY.deduction("cleo", "losses", DUE + late, False)
    assert deduction.percent == percent
    assert bool(deduction.why) == bool(percent)
    assert deduction.closed == (percent == 100)


def test_what_is_taken_off_is_rounded_in_the_students_favor() -> None:
    deduction = POLICY.deduction("cleo", "losses", DUE + timedelta(hours=1), False)
    assert [deduction.points(earned) for earned in (0, 9, 10, 45, 100)] == [0, 0, 1, 4, 10]


def test_an_extension_is_for_its_student_and_exercise() -> None:
    time = DUE + timedelta(days=1)
    assert not POLICY.deduction("ADA", "losses", time, False).percent
    assert POLICY.deduction("ada", "backprop", time + timedelta(days=7), False).percent
    assert not POLICY.deduction("ben", "losses", time, False).percent
    assert POLICY.deduction("cleo", "losses", time, False).percent


def test_an_extension_never_shortens() -> None:
    earlier = Extension("ada", (), DUE - timedelta(days=1))
    policy = Policy(deadlines={"losses": DUE}, late=Late(10), extensions=(earlier,))
    assert not policy.deduction("ada", "losses", DUE, False).percent


def test_what_is_not_known_costs_nothing_and_is_said() -> None:
    deduction = POLICY.deduction("cleo", "losses", None, True)
    assert not deduction.percent
    assert "marked late" in deduction.why
    assert "not known" in deduction.why
    assert not POLICY.deduction("cleo", "minibatch", None, True).why


def test_without_a_rule_being_late_is_only_said() -> None:
    policy = Policy(deadlines={"losses": DUE})
    deduction = policy.deduction("cleo", "losses", DUE + timedelta(days=2), False)
    assert deduction.percent == 0
    assert deduction.why.startswith("2 days late (due 2026-10-12 21:59 UTC")


def test_durations_are_in_words() -> None:
    assert duration(timedelta(days=2)) == "2 days"
    assert duration(timedelta(minutes=61)) == "1 h 1 min"
    assert duration(timedelta(seconds=1)) == "1 min"
