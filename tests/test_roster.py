"""Who is in the class, and when they handed in."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autograder.grading.names import same
from autograder.grading.roster import BadTable, Roster, read_roster, read_times, with_time
from autograder.grading.submissions import HandIn

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")


def roster(tmp_path: Path, text: str, encoding: str = "utf-8") -> Roster:
    path = tmp_path / "roster.csv"
    path.write_bytes(text.encode(encoding))
    return read_roster(path)


def handed_in(name: str, *identities: str) -> HandIn:
    return HandIn(name, name, identities=identities)


CLASS = """student,name,email,section
ada,Ada Lovelace,al@example.org,A
zoe,Zoë Petrov,zp@example.org,A
section,Ben Bee,bb@example.org,B
"""


def test_submissions_are_recognized_by_any_cell(tmp_path: Path) -> None:
    known = roster(tmp_path, CLASS)
    assert known.students == ("ada", "section", "zoe")
    for hand_in, student in (
        (handed_in("ADA"), "ada"),
        (handed_in("Ada Lovelace_12", "Ada Lovelace", "12"), "ada"),
        (handed_in("x", "ZP@example.org"), "zoe"),
        (handed_in("Zoe\u0308 Petrov"), "zoe"),  # the accent in a character of its own
        (handed_in("week1-ada", "ada"), "ada"),
    ):
        assert known.claim(hand_in).student == student
        assert not known.claim(hand_in).problems


def test_what_several_rows_have_identifies_nobody(tmp_path: Path) -> None:
    known = roster(tmp_path, CLASS)
    assert known.claim(handed_in("A")).problems == (
        "it is on nobody's row in the roster: rename it, or add a row",
    )
    (problem,) = known.claim(handed_in("ada", "zp@example.org")).problems
    assert problem == "it could be ada or zoe: the roster has both"
    assert known.claim(handed_in("ada", "zp@example.org")).student == "ada"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CLASS + "ADA,Ada Byron,ab@example.org,B\n", "line 5: ADA is there twice, see line 2"),
        (CLASS + ",Nobody,n@example.org,B\n", "line 5: no student"),
        ("name,email\nAda,a@example.org\n", "line 1: no column called 'student'"),
        ("", "line 1: no column"),
    ],
)
def test_a_roster_that_is_unclear_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadTable, match=said) as refused:
        roster(tmp_path, text)
    assert str(tmp_path / "roster.csv") in str(refused.value)


def test_a_roster_is_read_as_spreadsheets_write_it(tmp_path: Path) -> None:
    for text in (CLASS.replace(",", ";"), CLASS.replace(",", "\t"), "\ufeff" + CLASS + ",,,\n"):
        assert roster(tmp_path, text).students == ("ada", "section", "zoe")
    with pytest.raises(BadTable, match="save it as CSV UTF-8"):
        roster(tmp_path, CLASS, "utf-16")


def times(
    tmp_path: Path, text: str, zone: zoneinfo.ZoneInfo | None = BERLIN
) -> dict[str, datetime]:
    path = tmp_path / "times.csv"
    path.write_text(text, encoding="utf-8")
    return read_times(path, zone)


NINE = datetime(2026, 10, 12, 19, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "student,time\nada,2026-10-12 21:00\n",
        "student,time\nada,2026-10-12T19:00:00Z\n",
        "student,time\nada,2026-10-12 14:00:00-05:00\n",
        "assignment_name,github_username,student_repository_name,submission_timestamp\n"
        "week1,ada,week1-ada,2026-10-12 19:00:00 UTC\n",
        "Identifier,Full name,Email address,Status,Last modified (submission)\n"
        'Participant 12,Ada Lovelace,ada,Submitted,"Monday, 12 October 2026, 9:00 PM"\n'
        "Participant 13,Ben Bee,ben,No submission,-\n",
    ],
)
def test_times_are_read_as_platforms_write_them(tmp_path: Path, text: str) -> None:
    found = times(tmp_path, text)
    hand_in = with_time(handed_in("ADA", "week1-ada", "12"), found)
    assert hand_in.time == NINE
    assert with_time(handed_in("ben"), found).time is None


def test_a_participants_number_is_an_identity(tmp_path: Path) -> None:
    found = times(
        tmp_path,
        'Identifier,Last modified (submission)\nParticipant 12,"12 October 2026, 9:00 PM"\n',
    )
    assert with_time(handed_in("Participant_12", "12"), found).time == NINE
    assert with_time(handed_in("Participant_13", "13"), found).time is None


def test_a_time_of_the_hand_ins_own_is_kept(tmp_path: Path) -> None:
    found = times(tmp_path, "student,time\nada,2026-10-12 21:00\n")
    own = HandIn("ada", "ada", time=NINE - timedelta(days=1))
    assert with_time(own, found).time == own.time


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("student,time\nada,12.10.2026\n", "line 2: '12.10.2026' is no time: write it as in"),
        ("student,time\nada,2026-10-12 21:00\n", "has no time zone"),
        ("student,when\nada,2026-10-12 21:00Z\n", "no column called 'time' or"),
        (
            "student,time\nada,2026-10-12 21:00Z\nADA,2026-10-13 21:00Z\n",
            "line 3: ada is there twice, see line 2",
        ),
    ],
)
def test_times_that_are_unclear_are_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadTable, match=said):
        times(tmp_path, text, None)


def test_names_are_compared_as_people_read_them() -> None:
    assert same("ZOE\u0308 ") == same("zoë")
    assert same("a\nb") != same("ab")
