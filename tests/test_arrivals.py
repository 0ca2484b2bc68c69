"""Submissions as learning platforms give them: each as a folder, and as the archive itself."""

from __future__ import annotations

import io
import os
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.grading import trees
from autograder.grading.arrivals import Found, HandIn, apart, find
from autograder.grading.arrivals import place as places
from autograder.grading.trees import Archive

NAMES = ["losses", "backprop"]
Members = Mapping[str, str | bytes]
Build = Callable[[Members], Path]


def zipped(members: Members, date: tuple[int, ...] = (2026, 10, 1, 12, 0, 0)) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, date), content)  # type: ignore[arg-type]
    return whole.getvalue()


def written(folder: Path, members: Members) -> Path:
    """Write a folder, as it is when the archive of these members was unpacked."""
    folder.mkdir()
    for name, content in members.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            path.mkdir(exist_ok=True)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


@pytest.fixture(params=["folder", "archive", "a folder in an archive"])
def build(request: pytest.FixtureRequest, tmp_path: Path) -> Build:
    def make(members: Members) -> Path:
        if request.param == "folder":
            return written(tmp_path / "hw-1-submissions", members)
        top = "hw-1-submissions/" if "in an" in request.param else ""
        path = tmp_path / "download.zip"
        path.write_bytes(zipped({f"{top}{name}": one for name, one in members.items()}))
        return path

    return make


def archive(tmp_path: Path, members: Members) -> Path:
    (tmp_path / "class.zip").write_bytes(zipped(members))
    return tmp_path / "class.zip"


def files(found: Found) -> dict[str, dict[str, bytes]]:
    """Return what was read of each student, and see that nothing is wrong with it."""
    read = {one.student: one.read(NAMES) for one in found.hand_ins}
    assert len(read) == len(found.hand_ins)
    assert len({one.source for one in found.hand_ins}) == len(found.hand_ins)
    assert [one.problems for one in read.values()] == [[] for _ in read]
    return {student: one.files for student, one in read.items()}


def problems(one: HandIn) -> str:
    return " | ".join(one.read(NAMES).problems)


HURTING = [
    "Ada Lovelace",
    unicodedata.normalize("NFC", "João d'Ávila"),
    unicodedata.normalize("NFD", "Zoë Müller"),
    "李小龍",
    "🎈 Emoji",
    "LATE",
    "con",
    "anon",
    "12",
    "Mary 2nd 34 56",
    "=1+1",
    "nul.txt",
    "Participant",
    "exercises",
]


# --- a folder or a .zip a student


def test_students_are_folders_and_archives(build: Build) -> None:
    inside = zipped({"losses.py": "zipped"})
    place = build({**{f"{name}/losses.py": name for name in HURTING}, "z.zip": inside})
    found = find(place)
    expected = {name: {"losses": name.encode()} for name in HURTING}
    assert files(found) == expected | {"z": {"losses": b"zipped"}}
    assert found.layout == "a folder or .zip a student"
    assert found.ignored == []


def test_names_that_no_disk_takes(tmp_path: Path) -> None:
    long = "n" * 300
    names = [long, "con", "a\x1b[2J", "LPT1.", "x:y"]
    found = find(archive(tmp_path, {f"{name}/losses.py": "1" for name in [*names, ".."]}))
    assert set(files(found)) == {long, "con", "a\ufffd[2J", "LPT1.", "x:y"}


CET = timezone(timedelta(hours=2))
NEWFOUNDLAND = timezone(-timedelta(hours=3, minutes=30))


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("2026-10-01T12-00-05+02-00", datetime(2026, 10, 1, 12, 0, 5, tzinfo=CET)),
        ("2026-10-01T12-00+0200", datetime(2026, 10, 1, 12, 0, tzinfo=CET)),
        ("20261001T120005Z", datetime(2026, 10, 1, 12, 0, 5, tzinfo=UTC)),
        ("2026-10-01 1200Z", datetime(2026, 10, 1, 12, 0, tzinfo=UTC)),
        ("2026-10-01T12-00-03-30", datetime(2026, 10, 1, 12, 0, tzinfo=NEWFOUNDLAND)),
        ("2026-10-01T12-00-59-03-30", datetime(2026, 10, 1, 12, 0, 59, tzinfo=NEWFOUNDLAND)),
        ("2026-10-01T120059-0330", datetime(2026, 10, 1, 12, 0, 59, tzinfo=NEWFOUNDLAND)),
        ("2026-10-01T12-00-00.5+02", datetime(2026, 10, 1, 12, 0, tzinfo=CET)),
    ],
)
def test_an_attempt_says_when_it_was_handed_in(build: Build, written: str, time: datetime) -> None:
    inside = zipped({"losses.py": "2"})
    place = build({f"ada@x.org@{written}/losses.py": "1", "bo@2026-10-02T00-00Z.zip": inside})
    ada, bo = find(place).hand_ins
    assert (ada.student, ada.time) == ("ada@x.org", time)
    assert (bo.student, bo.time) == ("bo", datetime(2026, 10, 2, tzinfo=UTC))
    assert (problems(ada), problems(bo)) == ("", "")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such file names")
def test_colons_may_stay(tmp_path: Path) -> None:
    place = written(tmp_path / "x", {"ada@2026-10-01T12:00:05-03:30/losses.py": "1"})
    assert find(place).hand_ins[0].time == datetime(2026, 10, 1, 12, 0, 5, tzinfo=NEWFOUNDLAND)


@pytest.mark.parametrize(
    "written",
    [
        "2026-10-01",
        "2026-10-01T12-00-05",
        "2026-10-01T12-00-05-11",
        "2026-10-01T120005",
        "2026-13-01T12-00Z",
        "20261001T120005+99",
        "2026-10-01_12-00Z",
        "2026-10-01T12-00 Europe",
    ],
)
def test_a_time_without_a_zone_is_a_problem(build: Build, written: str) -> None:
    one, _ = find(build({f"ada@{written}/losses.py": "1", "bo/losses.py": "2"})).hand_ins
    assert (one.student, one.time) == ("ada", None)
    assert problems(one) == (
        f"{written} is no time with a zone: name it as in ada@2026-10-12T23:59:00+02:00, "
        "if need be with - in place of :"
    )
    assert one.read(NAMES).files == {"losses": b"1"}


@pytest.mark.parametrize("name", ["ada@example.org", "ada@2026", "a@20261001.com", "@x", "ada@"])
def test_a_name_may_have_an_at(build: Build, name: str) -> None:
    assert set(files(find(build({f"{name}/losses.py": "1", "b/losses.py": "2"})))) == {name, "b"}


# --- Moodle


def test_moodle_in_folders(build: Build) -> None:
    members: dict[str, str | bytes] = {}
    for number, name in enumerate(HURTING):
        members[f"{name}_{number}_assignsubmission_file/losses.py"] = name
        members[f"{name}_{number}_assignsubmission_file/deeper/backprop.py"] = "b"
        members[f"{name}_{number}_assignsubmission_onlinetext/onlinetext.html"] = "<p>losses.py"
    members["Team A_7_assignsubmission_file_/losses.py"] = "with an underscore at the end"
    members["Zip_99_assignsubmission_file/hw.zip"] = zipped({"hw/losses.py": "zipped"})
    found = find(build(members))
    assert found.layout == "Moodle"
    read = files(found)
    for number, name in enumerate(HURTING):
        assert read[f"{name}_{number}"] == {"losses": name.encode(), "backprop": b"b"}
    assert read["Team A_7"] == {"losses": b"with an underscore at the end"}
    assert read["Zip_99"] == {"losses": b"zipped"}
    assert len(read) == len(found.ignored) + 2
    assert all(one.endswith(": not a file that was handed in") for one in found.ignored)
    identities = {one.student: one.identities for one in found.hand_ins}
    assert identities["Ada Lovelace_0"] == ("Ada Lovelace", "0", "Participant 0")


def test_moodle_without_folders(build: Build) -> None:
    members: dict[str, str | bytes] = {}
    for number, name in enumerate(HURTING):
        members[f"{name}_{number}_assignsubmission_file_losses.py"] = name
        members[f"{name}_{number}_assignsubmission_file_backprop.py"] = "b"
        members[f"{name}_{number}_assignsubmission_onlinetext_onlinetext.html"] = "x"
    # Whoever chooses the file's name chooses nothing else.
    members["Eve_50_assignsubmission_file_Bob_51_assignsubmission_file_losses.py"] = "eve"
    members["Default group_assignsubmission_file_hw.zip"] = zipped({"losses.py": "team"})
    found = find(build(members))
    assert found.layout == "Moodle"
    eve = next(one for one in found.hand_ins if one.student == "Eve_50")
    assert eve.read(NAMES).files == {}
    read = files(replace(found, hand_ins=[one for one in found.hand_ins if one is not eve]))
    for number, name in enumerate(HURTING):
        assert read[f"{name}_{number}"] == {"losses": name.encode(), "backprop": b"b"}
    assert read["Default group"] == {"losses": b"team"}
    assert len(read) == len(HURTING) + 1


def test_moodle_with_blind_marking(build: Build) -> None:
    found = find(build({f"Participant_{n}_assignsubmission_file_losses.py": "" for n in (5, 6)}))
    assert [one.student for one in found.hand_ins] == ["Participant_5", "Participant_6"]
    assert "Participant 5" in found.hand_ins[0].identities


# --- Canvas


def in_canvas(name: str) -> str:
    """Return a name as Canvas has it in file names: word characters, all small."""
    kept = "".join(c for c in name if c.isalnum() or c == "_" or unicodedata.combining(c))
    return kept.lower()


def test_canvas(build: Build) -> None:
    members: dict[str, str | bytes] = {}
    for number, name in enumerate(HURTING, 100):
        late = "_LATE" * (number % 2)
        members[f"{in_canvas(name)}{late}_{number}_{number + 800}_losses-2.py"] = name
        members[f"{in_canvas(name)}{late}_{number}_{number + 900}_backprop.py"] = "b"
    members["doejane_12_501_homework-1.zip"] = zipped({"homework/losses.py": "zipped"})
    members["x_12_LATE_16_505_losses.py"] = "a name with a number"
    members["doejim_13_text.html"] = "typed"
    members["doejill_LATE_14_link.html"] = "typed"
    found = find(build(members))
    assert found.layout == "Canvas"
    read = files(found)
    were_late = {one.student: one.marked_late for one in found.hand_ins}
    for number, name in enumerate(HURTING, 100):
        student = f"{in_canvas(name)}_{number}"
        assert read[student] == {"losses": name.encode(), "backprop": b"b"}
        assert were_late[student] is bool(number % 2)
    assert read["doejane_12"] == {"losses": b"zipped"}
    assert read["x_12_16"] == {"losses": b"a name with a number"}
    assert len(read) == len(HURTING) + 2
    assert [one.rpartition("/")[2] for one in found.ignored] == [
        "doejill_LATE_14_link.html: not a file that was handed in",
        "doejim_13_text.html: not a file that was handed in",
    ]
    identities = {one.student: one.identities for one in found.hand_ins}
    assert identities["adalovelace_100"] == ("adalovelace", "100")


def test_canvas_with_anonymous_students(build: Build) -> None:
    place = build(
        {"anon_aB3_5_losses.py": "1", "LATE_anon_7_6_losses.py": "2", "anon_q_text.html": ""}
    )
    found = find(place)
    assert files(found) == {"anon_aB3": {"losses": b"1"}, "anon_7": {"losses": b"2"}}
    assert [one.marked_late for one in found.hand_ins] == [True, False]
    assert [one.identities for one in found.hand_ins] == [("7",), ("aB3",)]


def test_canvas_files_that_could_be_two_students_are_nobodys(build: Build) -> None:
    """Of a student called x_12 (16), and of another called x (12), who names a file 505_..."""
    members = {"x_12_16_505_losses.py": "which", "x_12_17_losses.py": "x's", "y_1_2_03_a.py": ""}
    x, y = find(build(members)).hand_ins
    assert (x.student, x.read(NAMES).files) == ("x_12", {"losses": b"x's"})
    assert problems(x) == (
        "in x_12_16_505_losses.py the student's number can be 12 or 16: "
        "rename it to NAME_12_1_FILE or NAME_16_1_FILE, whichever it is"
    )
    assert y.student == "y_1"
    assert "number" not in problems(y)


def test_two_files_of_one_name_are_not_guessed_between(build: Build) -> None:
    (one,) = find(build({"x_1_2_losses.py": "1", "x_1_3_losses-1.py": "2"})).hand_ins
    assert problems(one) == "losses.py: it is there 2 times; keep one"


# --- nbgrader


@pytest.mark.parametrize("top", ["", "submitted/"])
def test_nbgrader_collected(build: Build, top: str) -> None:
    members: dict[str, str | bytes] = {}
    for name in HURTING:
        members[f"{top}{name}/ps1/timestamp.txt"] = "2026-02-02 15:58:23.948203 UTC"
        members[f"{top}{name}/ps1/losses.py"] = name
    members[f"{top}ada/ps2/backprop.py"] = "no time"
    members[f"{top}loose/losses.py"] = "in no folder"
    if top:
        members |= {"nbgrader_config.py": "", "source/ps1/losses.py": "", "gradebook.db": ""}
    found = find(build(members))
    assert found.layout == "nbgrader"
    by_name = {one.student: one for one in found.hand_ins}
    assert set(by_name) == {*HURTING, "ada", "loose"}
    for name in HURTING:
        assert by_name[name].time == datetime(2026, 2, 2, 15, 58, 23, 948203, UTC)
        assert by_name[name].read(NAMES).files == {"losses": name.encode()}
        assert by_name[name].assignment == "ps1"
    assert by_name["ada"].time is None
    assert problems(by_name["ada"]) == ""
    assert by_name["loose"].read(NAMES).files == {"losses": b"in no folder"}
    assert problems(by_name["loose"]) == "it is in no assignment's folder"


@pytest.mark.parametrize(
    ("text", "time"),
    [
        (
            "2015-02-02 15:58:23.948203 America/Los_Angeles",
            datetime(2015, 2, 2, 23, 58, 23, 948203),
        ),
        ("2015-02-02 15:58:23.948203 +0100\n", datetime(2015, 2, 2, 14, 58, 23, 948203)),
        ("2015-02-02 15:58:23", datetime(2015, 2, 2, 15, 58, 23)),
        ("2015-02-02 15:58:23 PST8", None),
        ("2015-02-02 15:58:23 ../../etc/passwd", None),
        ("2015-02-32 15:58:23 UTC", None),
        ("\x1b[2J", None),
    ],
)
def test_nbgrader_times(build: Build, text: str, time: datetime | None) -> None:
    place = build({"ada/ps/losses.py": "1", "ada/ps/timestamp.txt": text, "ada/ps/x": ""})
    (one,) = find(place).hand_ins
    assert one.time == (time and time.replace(tzinfo=UTC))
    assert problems(one).isprintable()
    assert ("nbgrader's time" in problems(one)) == (time is None)


def test_nbgrader_exchange_has_all_attempts(build: Build) -> None:
    stamp = "2026-02-02 15.58.{} UTC" if os.name == "nt" else "2026-02-02 15:58:{} UTC"
    if os.name == "nt":
        pytest.skip("nbgrader's exchange is not for Windows")
    members = {
        f"ada+b@x.org+ps1+{stamp.format('23.948203')}+iVBO-_x1/losses.py": "1",
        f"ada+b@x.org+ps1+{stamp.format('24.948203')}/losses.py": "2",
        f"ada+b@x.org+ps2+{stamp.format('25.948203')}/losses.py": "3",
        f"bo+ps1+{stamp.format('25')}/losses.py": "4",
    }
    found = find(build(members))
    assert found.layout == "nbgrader"
    told = apart(found.hand_ins)
    assert [one.student for one in told] == ["ada+b@x.org"] * 3 + ["bo"]
    assert [one.read(NAMES).files["losses"] for one in told] == [b"1", b"2", b"3", b"4"]
    assert [one.time.second for one in told if one.time] == [23, 24, 25, 25]
    assert [one.assignment for one in told] == ["ps1", "ps1", "ps2", "ps1"]


# --- GitHub Classroom


def test_classroom_clones(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subprocess.Popen", pytest.fail)  # no git in a hostile clone
    members = {}
    for name in ("hw-1-ada-lovelace", "hw-1-bo", "nodash"):
        members[f"{name}/.git/config"] = "[core]\n\tfsmonitor = touch escaped"
        members[f"{name}/.git/losses.py"] = "not this"
        members[f"{name}/exercises/losses.py"] = name
    found = find(build(members))
    assert found.layout == "GitHub Classroom"
    assert files(found) == {
        name: {"losses": name.encode()} for name in ("hw-1-ada-lovelace", "hw-1-bo", "nodash")
    }
    assert [one.identities for one in found.hand_ins] == [
        ("1-ada-lovelace", "ada-lovelace", "lovelace"),
        ("1-bo", "bo"),
        (),
    ]


# --- Gradescope

METADATA = """---
submission_11:
  :submitters:
  - :name: 'O''Neil, "Ada" 🎈'
    :sid: '007'
    :email: ada@example.org
  :created_at: 2026-09-07 20:05:06.309537000 Z
  :score: 1.0
  :results: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    tests: [{output: &x "submission_12:", name: *x}]
  :history:
  - :id: 10
    :created_at: 2026-09-06 20:05:06 +0200
  - :id: 9
    :created_at: 2026-09-05 20:05:06 Z
submission_12:
  :submitters:
  - :name: Bo
    :sid: '008'
    :email:
  - :name: Chen
    :sid:
    :email:
  :created_at: yesterday
submission_13:
  :submitters: []
  :created_at: 2026-09-07 20:05:06 Z
submission_14:
  :submitters:
  - :name: Dee
  :created_at: 2026-09-07 20:05:06 Z
"""


def test_gradescope(build: Build) -> None:
    members: dict[str, str | bytes] = {"submission_metadata.yml": METADATA}
    members |= {f"submission_{n}/losses.py": f"{n}" for n in (10, 11, 12, 13, 15)}
    found = find(build(members))
    assert found.layout == "Gradescope"
    facts = [(one.student, one.time, one.read(NAMES).files["losses"]) for one in found.hand_ins]
    moment = datetime(2026, 9, 7, 20, 5, 6, tzinfo=UTC)
    assert facts == [
        ("008", None, b"12"),
        ("Chen", None, b"12"),
        ("ada@example.org", datetime(2026, 9, 6, 18, 5, 6, tzinfo=UTC), b"10"),
        ("ada@example.org", moment.replace(microsecond=309537), b"11"),
        ("submission_13", moment, b"13"),
        ("submission_15", None, b"15"),
    ]
    assert [problems(one) for one in found.hand_ins] == [
        "submission_metadata.yml has no time of it that can be read",
        "submission_metadata.yml has no time of it that can be read",
        "",
        "",
        "submission_metadata.yml doesn't say whose it is",
        "submission_metadata.yml doesn't say whose it is",
    ]
    assert found.hand_ins[3].identities == ("007", 'O\'Neil, "Ada" 🎈')
    assert found.hand_ins[0].identities == ("Bo",)
    assert found.ignored == ["submission_14: in submission_metadata.yml, but not there"]
    sources = [one.source.rpartition("/")[2] for one in found.hand_ins]
    assert sources[:2] == ["submission_12 (008)", "submission_12 (Chen)"]
    assert [one.student for one in apart(found.hand_ins)].count("ada@example.org") == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [b", "line 2 is broken"),
        ("a: b: c", "is broken"),
        ("- a", "no list of submissions"),
        ("", "no list of submissions"),
        ("a: " + "[" * 200_000, "goes too deep"),
        ("\x00", "is broken"),
        ("a: &x [*x, *x]\nb: 3\nc:\n  :submitters: {x: y}\n  :history: [4, {}]", ""),
        ("? [a]\n: {}\n!!python/object:os.system a: b", ""),
    ],
)
def test_gradescope_metadata_that_is_none(build: Build, text: str, said: str) -> None:
    place = build({"submission_metadata.yml": text, "submission_1/losses.py": ""})
    if said:
        with pytest.raises(OSError, match=said):
            find(place)
    else:
        assert [one.student for one in find(place).hand_ins] == ["submission_1"]


# --- two of one name


def one(student: str, source: str, **facts: Any) -> HandIn:
    return HandIn(student, source, **facts)


EARLY, LATE = (datetime(2026, 10, day, tzinfo=UTC) for day in (1, 2))


def test_hand_ins_with_times_are_attempts() -> None:
    told = apart([one("ADA", "2", time=LATE), one("ada", "1", time=EARLY), one("bo", "3")])
    assert [(each.student, each.source) for each in told] == [
        ("ADA", "1"),
        ("ADA", "2"),
        ("bo", "3"),
    ]
    assert not any(each.problems for each in told)


@pytest.mark.parametrize(
    "two",
    [
        [one("ada", "ada"), one("ada", "ada.zip")],
        [one("ada", "ada"), one("Ada", "Ada")],
        [one("Zo\u00eb", "a"), one("Zoe\u0308", "b")],
        [one("ada", "a", time=EARLY), one("ada", "b")],
        [one("ada", "a", time=EARLY), one("ada", "b", time=EARLY)],
        [one("ada", "a", assignment="ps1"), one("ada", "b", assignment="ps1")],
    ],
)
def test_hand_ins_that_may_be_two_students_are_both_kept(two: list[HandIn]) -> None:
    taken = one(f"{two[0].student} ({two[0].source})", "c")
    told = [each for each in apart([*two, taken]) if each.source != "c"]
    assert {each.source for each in told} == {each.source for each in two}
    assert len({each.student for each in told} | {taken.student}) == 3
    for each in told:
        (problem,) = each.problems
        assert problem.startswith("another submission is called ")
        assert problem.endswith(
            "too: keep one, or name them STUDENT@TIME, as in ada@2026-10-12T23:59:00+02:00"
        )


def test_hand_ins_for_two_assignments_are_attempts() -> None:
    told = apart([one("ada", "a", assignment="ps1"), one("ada", "b", assignment="ps2")])
    assert [each.student for each in told] == ["ada", "ada"]


# --- what is in an archive, and how much of it is looked at


def test_a_students_own_archive_is_opened_and_none_in_it(build: Build) -> None:
    inner = zipped({"losses.py": "1"}, (2026, 10, 3, 4, 5, 6))
    place = build({
        "Ada_1_assignsubmission_file/hw.zip": inner,
        "Bo_2_assignsubmission_file/hw.zip": zipped({"hw.zip": inner}),
        "Eve_3_assignsubmission_file/hw.zip": b"PK\x03\x04 no",
        "Fay_4_assignsubmission_file/hw.rar": b"Rar!",
        "Gus_5_assignsubmission_file/a.zip": inner,
        "Gus_5_assignsubmission_file/b.zip": inner,
        "Hal_6_assignsubmission_file/a.zip": inner,
        "Hal_6_assignsubmission_file/losses.py": "loose",
    })  # fmt: skip
    ada, bo, eve, fay, gus, hal = find(place).hand_ins
    assert ada.read(NAMES).files == {"losses": b"1"}
    assert "only an archive in an archive" in problems(bo)
    assert problems(eve) == "hw.zip: the .zip is broken; make it again"
    assert problems(fay) == "hw.rar is not a .zip; hand in a folder or a .zip"
    assert problems(gus) == "losses.py: it is there 2 times; keep one"
    assert hal.read(NAMES).files == {"losses": b"loose"}


def test_bombs_in_a_download_are_refused(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "MAX_ARCHIVE", 2**23)
    small, listed = zipped({"losses.py": "1"}), {f"{n}": "" for n in range(60_000)}
    place = build({
        "a_1_2_hw.zip": zipped({"hw.py": b"", "losses.py": bytes(2**22)}),
        "b_2_3_hw.zip": bytes(2**24) + small,
        "c_3_4_losses.py": bytes(2**22),
        "d_4_5_hw.zip": zipped(listed),
        **{f"e_5_{n}_{n}x.zip": small for n in range(6, 12)},
    })  # fmt: skip
    a, b, c, d, e = map(problems, find(place).hand_ins)
    assert a == c == "losses.py: it is larger than 1 MiB"
    assert ("hw.zip: it is larger than 8 MiB" in b) == (place.suffix == ".zip")
    assert d == "hw.zip: its list of files is too long; leave out what isn't needed"
    assert e == (
        "it has more than 5 archives; put the files into one | "
        "losses.py: it is there 5 times; keep one"
    )


def test_the_clock_of_a_students_archive_is_told(build: Build) -> None:
    inside = {"losses.py": "1"}
    place = build({
        "ada.zip": zipped(inside, (2026, 10, 3, 4, 5, 6)),
        "bo.zip": zipped(inside, (1980, 1, 1, 0, 0, 0)),
        "chen.zip": b"broken",
        "dee/losses.py": "1",
    })  # fmt: skip
    hand_ins = find(place).hand_ins
    assert [one.read(NAMES).dated for one in hand_ins] == ["2026-10-03 04:05", "", "", ""]
    assert not any(one.time for one in hand_ins)


def test_looking_is_cheap(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    place = build({f"s{n}/exercises/losses.py": f"{n}" for n in range(200)})
    opened: list[object] = []

    class Counted(Archive):
        def __init__(self, *arguments: Any) -> None:
            opened.append(arguments)
            super().__init__(*arguments)

    monkeypatch.setattr(places, "Archive", Counted)
    with monkeypatch.context() as looking:
        looking.setattr(os, "walk", pytest.fail)
        found = find(place)
    assert len(files(found)) == 200
    assert len(opened) == (place.suffix == ".zip")


def test_one_student_does_not_choose_the_layout(tmp_path: Path) -> None:
    members = {f"s{n}/losses.py": "" for n in range(3)}
    members |= {"s3/ps1/timestamp.txt": "2026-01-01 00:00:00 UTC", "s3/.git/config": ""}
    members |= {"eve_1_assignsubmission_file/losses.py": "", "eve+a+2026-01-01 00:00:00/x": ""}
    members |= {"a_1_2_losses.py": ""}
    found = find(archive(tmp_path, members))
    assert found.layout == "a folder or .zip a student"
    assert len(found.hand_ins) == 6
    assert found.ignored == ["a_1_2_losses.py: neither a folder nor a .zip"]


def test_what_is_no_download_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.zip").write_bytes(b"PK")
    (tmp_path / "class.tar").write_bytes(b"")
    with pytest.raises(OSError, match=r"broken\.zip: the \.zip is broken"):
        find(tmp_path / "broken.zip")
    for name in ("class.tar", "nowhere", "nowhere.zip"):
        with pytest.raises(NotADirectoryError, match="is not a folder of submissions"):
            find(tmp_path / name)


def test_an_empty_folder_in_an_archive_is_a_student(tmp_path: Path) -> None:
    ada, bo = find(archive(tmp_path, {"ada/": "", "bo/losses.py": "1"})).hand_ins
    assert problems(ada) == "none of the exercises' files is in it: losses, backprop"
    assert problems(bo) == ""


def test_a_member_that_is_there_twice_is_one_students_problem(tmp_path: Path) -> None:
    inside = zipped({"losses.py": "1"})
    place = archive(tmp_path, {"ada/losses.py": "1", "ada/losses.px": "2", "bo/losses.py": "1"})
    place.write_bytes(place.read_bytes().replace(b".px", b".py"))
    ada, bo = find(place).hand_ins
    assert "losses.py is in it twice" in problems(ada)
    assert problems(bo) == ""
    place = archive(tmp_path, {"c.zip": inside, "c.zi_": inside, "d.zip": inside})
    place.write_bytes(place.read_bytes().replace(b".zi_", b".zip"))
    c, d = find(place).hand_ins
    assert problems(c) == "c.zip: it is in the archive twice"
    assert problems(d) == ""


PARTS = st.sampled_from(
    [
        *("losses.py", "ada", "Ada_1_assignsubmission_file", "a_1_2_x.zip", "..", ".", ""),
        *("a+b+2026-01-01 00:00:00 UTC", "timestamp.txt", ".git", "submission_metadata.yml"),
        *("\x1b[2J", "a\nb", "é", "e\u0301", "🎈", "ada@2026-01-01", "con", "C:", "hw.zip"),
        *("\\", "x" * 300),
    ]
)
CONTENTS = st.sampled_from([b"x = 1\n", zipped({"losses.py": "2"}), b"a: [b", bytes(2**20 + 1)])


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.lists(PARTS, min_size=1, max_size=4).map("/".join), CONTENTS, max_size=9))
def test_any_download_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, members: dict[str, bytes]
) -> None:
    place = tmp_path_factory.mktemp("any") / "class.zip"
    place.write_bytes(zipped(members))
    try:
        found = find(place)
    except OSError:
        assert any("submission_metadata.yml" in name for name in members)
        return
    told = apart(found.hand_ins)
    sources = [one.source for one in told]
    assert len(set(sources)) == len(sources) == len(found.hand_ins)
    for each in told:
        read = each.read(NAMES)
        assert read.files or read.problems
        texts = [each.student, each.source, read.dated, *each.identities, *read.problems]
        assert all(text.isprintable() for text in [*texts, *found.ignored])
