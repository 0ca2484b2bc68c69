"""What is uploaded to Canvas, Moodle and Gradescope holds each grade once, in its own row."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.catalogue import EXERCISES
from autograder.cli import main
from autograder.exports.columns import scaled
from autograder.exports.template import BYTE_ORDER_MARK, BadTemplate, Template
from autograder.grading.grades import Adjustment, Attempt
from autograder.grading.names import same
from autograder.grading.store import FILE, Store
from conftest import Run, solution

HURTING = (
    "=cmd|' /C calc'!A0",
    "@SUM(A1)",
    "+1",
    "-2",
    'Bo "Bob" Bee, Jr.',
    "O'Brien; Al",
    "João d'Ávila",
    "Зоя Ёлкина",
    "李小龍",
    "مها",
    "🎓 Ada",
    "<script>alert(1)</script>",
    "x" * 200,
)
ATTACK = "</pre><script>alert(1)</script>\n=1+1 `${7*7}` &amp; \"quoted\", 'too'"
CHECKS = [check for exercise in EXERCISES.values() for check in exercise.checks]
GRADED = ("losses", "backprop")
"""Two exercises of 100 points."""


def record(
    wrong: Iterable[str] = (), missing: Iterable[str] = (), waiting: Iterable[str] = ()
) -> dict[str, Any]:
    """Return what a run keeps of a submission.

    Of its checks some fail, some were not attempted, and the others are right.
    """
    checks: dict[str, dict[str, Any]] = {}
    for check in (check for check in CHECKS if check.exercise in GRADED):
        if check.id in wrong:
            lines = [["We ran", check.ran], ["You returned", ATTACK]]
            printed = f"{ATTACK}\n{'x' * 50_000}"
            said = {"headline": "wrong values", "explanation": lines, "printed": printed}
            checks[check.id] = {"outcome": "wrong values", "points": 0, "seed": 7, **said}
        elif check.exercise in missing or check.id in waiting:
            checks[check.id] = {"outcome": "not attempted", "points": 0, "seed": 7}
        else:
            checks[check.id] = {"outcome": "correct", "points": check.points, "seed": 7}
    exercises = {
        name: None
        if name in missing
        else sum(one["points"] for id, one in checks.items() if id.startswith(f"{name}."))
        for name in GRADED
    }
    return {
        "isolation": "full",
        "problems": [],
        "total": sum(points or 0 for points in exercises.values()),
        "exercises": exercises,
        "checks": checks,
    }


Results = Callable[[Mapping[str, dict[str, Any] | None]], Path]


@pytest.fixture
def results(tmp_path: Path) -> Results:
    """Return a function that writes results; None stands for a submission without a verdict."""

    def write(students: Mapping[str, dict[str, Any] | None]) -> Path:
        folder = tmp_path / "results"
        folder.mkdir()
        with Store(folder / FILE) as store:
            store.note("names", [check.id for check in CHECKS if check.exercise in GRADED])
            for name, found in students.items():
                store.enroll(name, Attempt(name, "0", key=name))
                if found is not None:
                    store.add([(name, True, 0.0, found)])
        return folder

    return write


def export(platform: object, results: object, *arguments: object) -> int:
    return main(["export", *map(str, (platform, *arguments, "--results", results))])


def table(rows: Iterable[Iterable[object]], delimiter: str = ",", end: str = "\r\n") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
    return text.getvalue()


def read(path: Path, delimiter: str = ",") -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))


WRONG = "losses.mse_loss_is_a_mean_of_squares"
LOST = next(check.points for check in CHECKS if check.id == WRONG)


# --- the file itself ---

SPECIAL = st.sampled_from(',;\t"\r\n =+-@\u2028\u202eé🎓')
CELLS = st.text(SPECIAL | st.characters(exclude_categories=["Cs"]), max_size=6)


@given(
    st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=5),
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.booleans(),
)
def test_a_file_is_read_as_csv_and_written_byte_for_byte(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[list[str]],
    delimiter: str,
    end: str,
    quoting: int,
    mark: bool,
) -> None:
    text = io.StringIO()
    if end == "\n":  # csv.writer quotes a carriage return only if lines end with one
        rows = [[cell.replace("\r", "") for cell in row] for row in rows]
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows([["Student", "ID, or; so", "A\tB"], *rows])
    path = tmp_path_factory.mktemp("table") / "t.csv"
    path.write_bytes((BYTE_ORDER_MARK * mark + text.getvalue()).encode())
    template = Template(path)
    assert template.columns == ["Student", "ID, or; so", "A\tB"]
    read_back = list(template.rows())
    assert [[row.text(i) for i in range(3)] for row in read_back] == [
        [cell.strip() for cell in row] for row in rows
    ]
    written = [template.line(row, {}) for row in [template.head, *read_back]]
    assert "".join(written).encode() == path.read_bytes()
    filled = [template.line(row, {1: 'a "b",;\t\n'}) for row in read_back]
    assert list(csv.reader(io.StringIO("".join(filled), newline=""), delimiter=delimiter)) == [
        [row[0], 'a "b",;\t\n', row[2]] for row in rows
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        ("Student,ID\nJos\u00e9,1\n".encode("latin-1"), "not UTF-8"),
        ("Student,ID\nAda,1\n".encode("utf-16"), "not UTF-8"),
        (b'Student,ID\n"Ada,1\n', "line 2: the quotation marks"),
        (b'Student,ID\nAda,1\n"Bo" Bee,2\n', "line 3: the quotation marks"),
        (b'Student,ID\n5" disk and 6" disk,1\n', "line 2: the quotation marks"),
    ],
)
def test_a_file_that_is_unclear_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(BadTemplate, match=said):
        list(Template(path).rows())


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadTemplate, match=r"can't be read \(No such file"):
        Template(tmp_path / "t.csv")


# --- Canvas ---

CANVAS = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Notes"]
ASSIGNMENTS = ["Week 1: losses, “easy” (12345)", "Week 2 (12346)"]
TOTALS = ["Current Score", "Final Score"]
COLUMNS = ["--column", f"{ASSIGNMENTS[0]}=losses", "--column", f"{ASSIGNMENTS[1]}=backprop"]


def canvas(
    students: Iterable[tuple[str, str, str]], points: tuple[str, str] = ("100.00", "100.00")
) -> list[list[str]]:
    """Return a gradebook as Canvas exports it: name, ID and login of each student."""
    rows = [
        [*CANVAS, *ASSIGNMENTS, *TOTALS],
        ["", "", "", "", "", "", "Manual Posting", "", "", ""],
        ["    Points Possible", "", "", "", "", "", *points, "(read only)", "(read only)"],
    ]
    for name, id, login in students:
        rows.append([name, id, f"s{id}", login, "A and B, then C", "=1+1", "", "", "50.00", "=2"])
    return rows


def canvas_imports(path: Path) -> dict[str, dict[str, str]]:
    """Return the grades that Canvas would take from a file, by ID and assignment.

    After lib/gradebook_importer.rb: the header's rules, the rows that are no student's,
    the delimiter, and a grade's decimal comma.
    """
    text = path.read_text(encoding="utf-8-sig")
    semicolons = text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",")
    header, *rows = csv.reader(
        io.StringIO(text, newline=""), delimiter=";" if semicolons else ",", strict=True
    )
    assert len(header) > 3
    assert "Student" in header[0]
    assert "ID" in header[1]
    assert "Section" in header[4]
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        if "Points Possible" in row[0]:
            continue
        if all(re.fullmatch(r"\s*(Muted|Manual Posting.*)?\s*", cell, re.I) for cell in row):
            continue
        cells = {name: row[header.index(name)] for name in header if re.search(r"\(\d+\)$", name)}
        found[row[1]] = {name: cell.strip() for name, cell in cells.items() if cell}
    return found


def test_canvas_takes_every_grade_for_its_student(results: Results, tmp_path: Path) -> None:
    """Names that hurt, in the rows and as logins; matched by the login."""
    folder = results(
        {name: record(wrong=[WRONG] * (i % 2)) for i, name in enumerate(HURTING)}
        | {"missing": record(missing=["backprop"])}
    )
    students = [(f"{name}, Doe", str(i), name) for i, name in enumerate(HURTING)]
    template, out = tmp_path / "canvas.csv", tmp_path / "upload.csv"
    content = BYTE_ORDER_MARK + table(canvas([*students, ("Doe, Jane", "99", "missing")]))
    template.write_bytes(content.encode())
    arguments = ["canvas", folder, "--template", template, *COLUMNS, "--match", "SIS Login ID"]
    assert export(*arguments, "--out", out) == 0
    points = {str(i): str(100 - LOST * (i % 2)) for i in range(len(HURTING))}
    expected = {id: dict(zip(ASSIGNMENTS, (p, "100"), strict=True)) for id, p in points.items()}
    expected["99"] = dict(zip(ASSIGNMENTS, ("100", "0"), strict=True))
    assert canvas_imports(out) == expected
    by_hand = content
    for grades in expected.values():
        by_hand = by_hand.replace(",,,50.00", f",{','.join(grades.values())},50.00", 1)
    assert out.read_bytes().decode() == by_hand
    again = tmp_path / "again.csv"
    assert export(*arguments, "--out", again) == 0
    assert again.read_bytes() == out.read_bytes()


def test_canvas_takes_a_file_with_semicolons_and_scaled_grades(
    results: Results, tmp_path: Path
) -> None:
    folder = results({"ada": record(wrong=[WRONG])})
    template, out = tmp_path / "canvas.csv", tmp_path / "upload.csv"
    rows = canvas([("Lovelace, Ada", "1", "ada")], ("10,00", "100,00"))
    template.write_text(table(rows, ";", "\n"), encoding="utf-8", newline="")
    arguments = ["canvas", folder, "--template", template, *COLUMNS, "--match", "SIS Login ID"]
    assert export(*arguments, "--out", out) == 2
    assert not out.exists()
    assert export(*arguments, "--out", out, "--scale") == 0
    losses = f"{(100 - LOST) / 10:g}"
    assert canvas_imports(out) == {"1": dict(zip(ASSIGNMENTS, (losses, "100"), strict=True))}
    assert b"\r" not in out.read_bytes()


def test_canvas_knows_whose_a_downloaded_submission_is(
    results: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The ID counts with the name only: a student chooses names, but no other's row."""
    students = [
        ("Doe, Jane", "12", "jane"),
        ('="=O\'Brien, Al"', "13", "al"),
        ("d'Ávila, João 🎓", "14", "joao"),
        ("12", "15", "number"),
        ("x_12", "16", "evil"),
        ("李, 小龍", "17", "lee"),
        ("Doe, Jim", "18", "jim"),
    ]
    there = {
        "doejane_12": "12",
        "obrienal_13_502_18_19_20_a": "13",
        unicodedata.normalize("NFD", "dávilajoão_14"): "14",
        "12_15": "15",
        "x_12_16_505_exercises": "16",
        "李小龍_LATE_17_506_作业": "17",
    }
    elsewhere = [
        "doejane",
        "doejane_18",  # Jim's ID and Jane's name
        "doejane_18_507_exercises",
        "mallory_12_508_exercises",
        "mallory_999_509_doejane_12_510_x",
        "mallory_999_509_doejane_12",
        "anon_a1b2c",
    ]
    folder = results({name: record() for name in [*there, *elsewhere]})
    template, out = tmp_path / "canvas.csv", tmp_path / "upload.csv"
    template.write_text(table(canvas(students)), encoding="utf-8", newline="")
    assert export("canvas", folder, "--template", template, *COLUMNS, "--out", out) == 1
    assert sorted(canvas_imports(out)) == sorted(student[1] for student in students)
    taken = {id for id, grades in canvas_imports(out).items() if grades}
    assert taken == set(there.values())
    said = capsys.readouterr().out
    assert "without a row, and so without a grade there; see --match (7):" in said
    assert all(f"\n  {name}\n" in said for name in elsewhere)
    assert "Rows without a submission, left as they were (1):\n  row 10: Doe, Jim · 18\n" in said


def test_canvas_may_split_names_into_two_columns(results: Results, tmp_path: Path) -> None:
    rows = canvas([("Doe, Jane", "12", "jane")])
    for row, cells in zip(
        rows, (["LastName", "FirstName"], ["", ""], [rows[2][0], ""]), strict=False
    ):
        row[:1] = cells
    rows[3][:1] = ["Doe", "Jane"]
    template, out = tmp_path / "canvas.csv", tmp_path / "upload.csv"
    template.write_text(table(rows), encoding="utf-8", newline="")
    folder = results({"doejane_12_501_exercises": record()})
    assert export("canvas", folder, "--template", template, *COLUMNS, "--out", out) == 0
    rows[3][7:9] = ["100", "100"]
    assert read(out) == rows


def test_canvas_cells_that_are_no_grades_stay(
    results: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = results({name: record(wrong=[WRONG]) for name in ("ada", "bo", "chen")})
    rows = canvas([("Ada", "1", "ada"), ("Bo", "2", "bo"), ("Chen", "3", "chen")])
    rows[3][6:8] = ["EX", "100.00"]
    rows[4][6:8] = ["N/A", "77.5"]
    template, out = tmp_path / "canvas.csv", tmp_path / "upload.csv"
    template.write_text(table(rows), encoding="utf-8", newline="")
    arguments = ["canvas", folder, "--template", template, *COLUMNS, "--match", "SIS Login ID"]
    assert export(*arguments, "--out", out) == 0
    changed = read(out)
    assert changed[3][6:8] == ["EX", "100.00"]  # not "100": it is the same number
    assert changed[4][6:8] == ["N/A", "100"]
    assert changed[5][6:8] == [str(100 - LOST), "100"]
    said = capsys.readouterr().out
    assert f"row 4: Ada · 1, {ASSIGNMENTS[0]}: excused in Canvas" in said
    assert f"row 5: Bo · 2, {ASSIGNMENTS[0]}: not assigned to this student in Canvas" in said
    assert f"row 5: Bo · 2, {ASSIGNMENTS[1]}: 77.5 before, now 100" in said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows.pop(2), "no row 'Points Possible'"),
        (lambda rows: rows[0].__setitem__(4, "Group"), "is no gradebook of Canvas"),
        (lambda rows: rows[0].__setitem__(7, ASSIGNMENTS[0]), "2 columns"),
        (lambda rows: rows[2].__setitem__(6, "(read only)"), "is no assignment"),
        (lambda rows: rows[2].__setitem__(6, "0"), "no number of points"),
        (lambda rows: rows[2].__setitem__(6, "90"), "takes 90 points, but losses has 100"),
        (lambda rows: rows[3].pop(), "has 9 cells, the header 10"),
        (lambda rows: rows[3].__setitem__(0, "Points Possible, Jr."), "for the points possible"),
        (lambda rows: rows.append(rows[3]), "ada fits the rows 4, 5"),
        (lambda rows: rows.append([*rows[3][:3], "ADA", *rows[3][4:]]), "ada fits the rows 4, 5"),
        (lambda rows: rows.pop(3), "no submission fits a row"),
    ],
)
def test_canvas_gradebooks_that_are_unclear_are_refused(
    results: Results,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[list[list[str]]], object],
    said: str,
) -> None:
    rows = canvas([("Lovelace, Ada", "1", "ada")])
    change(rows)
    template, out = tmp_path / "canvas.csv", tmp_path / "upload.csv"
    template.write_text(table(rows), encoding="utf-8", newline="")
    arguments = ["--template", template, *COLUMNS, "--match", "SIS Login ID"]
    assert export("canvas", results({"ada": record()}), *arguments, "--out", out) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()
    assert {path.name for path in tmp_path.iterdir()} == {"canvas.csv", "results"}


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("Current Score=losses", "is no assignment"),
        ("ID=losses", "is no assignment"),
        ("Notes=losses", "is no assignment"),
        ("Week 2=losses", "has no column 'Week 2', only\n  Student\n"),
        ("Week 2 (12346)=minibatch", "no results for 'minibatch', only losses, backprop, total"),
        ("Week 2 (12346)", 'write "HEADER=EXERCISE"'),
        ("Week 2 (12346)=total", "takes 100 points, but total has 200"),
    ],
)
def test_columns_that_take_no_grades_are_refused(
    results: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str], column: str, said: str
) -> None:
    template, out = tmp_path / "canvas.csv", tmp_path / "upload.csv"
    template.write_text(table(canvas([("Lovelace, Ada", "1", "ada")])), encoding="utf-8")
    arguments = ["--template", template, "--column", column, "--match", "SIS Login ID"]
    assert export("canvas", results({"ada": record()}), *arguments, "--out", out) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()


# --- Moodle ---

WORKSHEET = (
    "Identifier",
    "Full name",
    "Email address",
    "Status",
    "Grade",
    "Maximum Grade",
    "Grade can be changed",
    "Last modified (submission)",
    "Last modified (grade)",
    "Feedback comments",
)
FEEDBACK = ["--feedback", "Feedback comments"]


def worksheet(students: Iterable[tuple[int, str, str]], maximum: str = "100.00") -> list[list[str]]:
    """Return a grading worksheet as Moodle exports it: number, name and address."""
    when = "Monday, 3 March 2025, 10:00 AM"
    rows = [list(WORKSHEET)]
    for number, name, email in students:
        status = "Submitted for grading - "
        who = [f"Participant {number}", name, email, status]
        rows.append([*who, "", maximum, "Yes", when, "-", ""])
    return rows


def moodle_imports(path: Path) -> dict[int, tuple[str, str]]:
    """Return the grade and the feedback that Moodle would take from a worksheet, by number.

    After mod/assign/feedback/offline: grades that are empty or above the maximum are skipped.
    """
    found = {}
    header, *rows = read(path)
    for row in rows:
        cells = dict(zip(header, row, strict=True))
        number = int(cells["Identifier"].removeprefix("Participant "))
        grade = cells["Grade"]
        if grade and not 0 <= float(grade.replace(",", ".")) <= float(cells["Maximum Grade"]):
            grade = "out of range"
        found[number] = (grade, cells["Feedback comments"])
    return found


def test_moodle_takes_every_grade_for_its_student(results: Results, tmp_path: Path) -> None:
    """Names that hurt, as addresses and in the rows."""
    folder = results({name: record(wrong=[WRONG] * (i % 2)) for i, name in enumerate(HURTING)})
    template, out = tmp_path / "worksheet.csv", tmp_path / "upload.csv"
    rows = worksheet((700 + i, f"{name} Doe", name) for i, name in enumerate(HURTING))
    content = table([*rows, *worksheet([(800, "Jane Doe", "jane")])[1:]], end="\n")
    template.write_bytes(content.encode())
    arguments = ["moodle", folder, "--template", template, "--match", "Email address"]
    assert export(*arguments, "--column", "Grade=losses", "--out", out) == 0
    expected = {700 + i: (str(100 - LOST * (i % 2)), "") for i in range(len(HURTING))}
    assert moodle_imports(out) == expected | {800: ("", "")}
    by_hand = content
    for grade, _ in expected.values():
        by_hand = by_hand.replace(
            "Submitted for grading - ,,", f"Submitted for grading - ,{grade},", 1
        )
    assert out.read_bytes().decode() == by_hand


def test_whom_the_roster_renames_has_a_row_all_the_same(
    autograder: Run, submissions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By what the roster has of them, or by what Moodle called what they handed in."""
    for folder in ("Ada Lovelace_17", "Zoë Müller_18"):
        (submissions / f"{folder}_assignsubmission_file_").mkdir()
        file = submissions / f"{folder}_assignsubmission_file_" / "losses.py"
        file.write_text(solution("losses"), encoding="utf-8")
    (tmp_path / "roster.csv").write_text(
        "student,name,email\nal,Ada Lovelace,ADA@example.org\nzm,Zoë Müller,zoe@example.org\n",
        encoding="utf-8",
    )
    (tmp_path / "course.toml").write_text('roster = "roster.csv"\n', encoding="utf-8")
    options = ["--course", tmp_path / "course.toml", "--secret", tmp_path / "secret", "--unsafe"]
    options += ["--check", WRONG, "--out", tmp_path / "results"]
    done = autograder("grade", submissions, *options)
    assert done.returncode == 0, done.stderr
    template = tmp_path / "worksheet.csv"
    rows = worksheet([(17, "Ada", "ada@example.org"), (18, "Zoë", "zoe@example.org")])
    template.write_text(table(rows), encoding="utf-8", newline="")
    for number, more in enumerate(([], ["--match", "Email address"])):
        out = tmp_path / f"{number}.csv"
        arguments = ["--template", template, "--column", "Grade=total", "--scale", "--out", out]
        assert export("moodle", tmp_path / "results", *arguments, *more) == 0, capsys.readouterr()
        assert all(grade for grade, _ in moodle_imports(out).values())


def test_moodle_knows_whose_a_downloaded_submission_is(
    results: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = {
        "Jane Doe_17": 17,
        "João d'Ávila 19_18_assignsubmission_file_": 18,
        "Participant_19_assignsubmission_file_x": 19,
        "LATE_21": 21,
    }
    elsewhere = ["Jane Doe_20_assignsubmission", "Jane Doe_99", "Default group", "20"]
    folder = results({name: record() for name in [*there, *elsewhere]})
    template, out = tmp_path / "worksheet.csv", tmp_path / "upload.csv"
    rows = worksheet((number, f"Somebody {number}", "") for number in (17, 18, 19, 20, 21))
    template.write_text(table(rows), encoding="utf-8", newline="")
    arguments = ["--template", template, "--column", "Grade=backprop", "--out", out]
    assert export("moodle", folder, *arguments) == 1
    graded = {number for number, (grade, _) in moodle_imports(out).items() if grade}
    assert graded == {17, 18, 19, 21}
    said = capsys.readouterr().out
    assert "(4):\n" in said
    assert all(f"\n  {name}\n" in said for name in elsewhere)
    assert "row 5: Participant 20 · Somebody 20" in said


def test_moodle_gets_feedback_in_which_nothing_is_html(results: Results, tmp_path: Path) -> None:
    ada_did = record([WRONG], waiting=["losses.softmax_survives_large_logits"])
    folder = results({"ada": ada_did, "bo": record(missing=["losses"])})
    template, out = tmp_path / "worksheet.csv", tmp_path / "upload.csv"
    rows = worksheet([(1, "Ada", "ada"), (2, "Bo", "bo")])
    template.write_text(table(rows), encoding="utf-8", newline="")
    arguments = ["--column", "Grade=losses", "--match", "Email address", *FEEDBACK]
    assert export("moodle", folder, "--template", template, *arguments, "--out", out) == 0
    (grade, ada), (nothing, bo) = moodle_imports(out).values()
    earned = ada_did["exercises"]["losses"]
    assert (grade, nothing) == (str(earned), "0")
    text = ada.removeprefix("<pre>").removesuffix("</pre>")
    assert "<" not in text
    assert ">" not in text
    shown = html.unescape(text)
    assert f"losses: {earned} of 100 points" in shown
    assert shown.endswith("Not attempted: softmax")
    assert max(map(len, shown.splitlines())) < 100
    assert "  You returned  </pre><script>alert(1)</script> =1+1 `${7*7}` &amp;" in shown
    assert "  Your code printed\n    </pre><script>alert(1)</script>\n    =1+1" in shown
    assert f"observe {WRONG} --seed 7" in shown
    assert "backprop" not in shown
    assert bo == "<pre>losses: 0 of 100 points\n\nlosses.py was not handed in.</pre>"


def test_moodle_cells_that_would_be_skipped_stay(
    results: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = results({"ada": record(), "bo": record()})
    rows = worksheet([(1, "Ada", "ada"), (2, "Bo", "bo")])
    rows[1][4:7] = ["55,5", "100,00", "No"]
    rows[2][4:7] = ["55,5", "100,00", "Yes"]
    template, out = tmp_path / "worksheet.csv", tmp_path / "upload.csv"
    template.write_text(table(rows), encoding="utf-8", newline="")
    arguments = ["--column", "Grade=losses", "--match", "Email address", *FEEDBACK]
    assert export("moodle", folder, "--template", template, *arguments, "--out", out) == 0
    changed = read(out)
    assert changed[1] == rows[1]
    assert changed[2][4] == "100"
    said = capsys.readouterr().out
    assert "row 2: Participant 1 · Ada, Grade: locked in Moodle's gradebook" in said
    assert "row 3: Participant 2 · Bo, Grade: 55,5 before, now 100" in said


def test_moodle_grades_are_scaled_to_the_maximum_or_refused(
    results: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = results({"ada": record(wrong=[WRONG])})
    template, out = tmp_path / "worksheet.csv", tmp_path / "upload.csv"
    arguments = ["moodle", folder, "--template", template, "--column", "Grade=total"]
    arguments += ["--match", "Email address", "--out", out]
    for maximum, error in (
        ("30.00", "Grade takes 30 points, but total has 200"),
        ("-", "no number"),
    ):
        template.write_text(table(worksheet([(1, "Ada", "ada")], maximum)), encoding="utf-8")
        assert export(*arguments) == 2
        assert error in capsys.readouterr().err
        assert not out.exists()
    template.write_text(table(worksheet([(1, "Ada", "ada")], "30.00")), encoding="utf-8")
    assert export(*arguments, "--scale") == 0
    assert moodle_imports(out)[1][0] == f"{(200 - LOST) * 30 / 200:g}"


def test_moodle_grades_of_the_gradebook_are_filled_in(results: Results, tmp_path: Path) -> None:
    """In any language: the instructor says which column is which."""
    folder = results({"ada@example.org": record(), "BO@example.org": record(wrong=[WRONG])})
    header = ["Vorname", "Nachname", "ID-Nummer", "E-Mail-Adresse", "Aufgabe: Woche 1 (Punkte)"]
    students = [["Ada", "Lovelace", "7", "Ada@example.org", "-"]]
    students += [["Bo", "Bee", "8", "bo@example.org", "12,00"]]
    template, out = tmp_path / "grades.csv", tmp_path / "upload.csv"
    template.write_text(table([header, *students], "\t"), encoding="utf-8", newline="")
    arguments = ["--column", f"{header[4]}=losses", "--match", header[3], "--out", out]
    assert export("moodle", folder, "--template", template, *arguments) == 0
    assert [row[4] for row in read(out, "\t")[1:]] == ["100", str(100 - LOST)]
    assert export("moodle", folder, "--template", template, *arguments, "--force", "--scale") == 2


@pytest.mark.parametrize(
    ("change", "arguments", "said"),
    [
        (lambda rows: rows[0].__setitem__(3, "Group"), [], "is about teams"),
        (lambda rows: rows[1].__setitem__(0, "Ada"), [], "has no number in row 2"),
        (lambda rows: None, ["--column", "Maximum Grade=losses"], "no column for grades"),
        (lambda rows: None, ["--column", "Grade=losses"], "only once"),
        (lambda rows: None, ["--match", "Grade"], "tells students apart"),
        (lambda rows: None, ["--feedback", "Grade"], "both grades and feedback"),
        (lambda rows: None, ["--feedback", "Kommentar"], "no column 'Kommentar'"),
        (lambda rows: rows.append(rows[1]), [], "fits the rows 2, 3"),
    ],
)
def test_moodle_worksheets_that_are_unclear_are_refused(
    results: Results,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[list[list[str]]], object],
    arguments: list[str],
    said: str,
) -> None:
    rows = worksheet([(1, "Ada", "ada")])
    change(rows)
    template, out = tmp_path / "worksheet.csv", tmp_path / "upload.csv"
    template.write_text(table(rows), encoding="utf-8", newline="")
    folder = results({"Ada_1_assignsubmission_file": record()})
    given = ["--template", template, "--column", "Grade=losses", *arguments]
    assert export("moodle", folder, *given, "--out", out) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()


# --- what holds for both ---


def test_two_submissions_for_one_row_are_refused(
    results: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = results({"doejane_12_501_a": record(), "doejane_12_502_b": record()})
    template, out = tmp_path / "canvas.csv", tmp_path / "upload.csv"
    template.write_text(table(canvas([("Doe, Jane", "12", "jane")])), encoding="utf-8")
    assert export("canvas", folder, "--template", template, *COLUMNS, "--out", out) == 2
    assert "row 4 fits doejane_12_501_a, doejane_12_502_b" in capsys.readouterr().err
    assert not out.exists()


def test_names_are_matched_as_they_are_shown(results: Results, tmp_path: Path) -> None:
    """Characters that aren't shown are replaced in submissions' names; nothing fits no name."""
    folder = results({"\N{WOMAN}\ufffd\N{GRADUATION CAP}": record(), " ": record(), "BO": record()})
    rows = canvas([("Ada", "1", "\N{WOMAN}\u200d\N{GRADUATION CAP}"), ("Bo", "2", " bo ")])
    template, out = tmp_path / "canvas.csv", tmp_path / "upload.csv"
    template.write_text(table([*rows, [*rows[-1][:3], "", *rows[-1][4:]]]), encoding="utf-8")
    arguments = ["--template", template, *COLUMNS, "--match", "SIS Login ID", "--out", out]
    assert export("canvas", folder, *arguments) == 1
    assert [row[6] for row in read(out)[3:]] == ["100", "100", ""]


def test_who_has_no_verdict_is_listed(
    results: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = record()
    other["checks"] = {id: one for id, one in other["checks"].items() if "backprop" not in id}
    folder = results({"ada": record(), "bo": None, "chen": other})
    rows = canvas([("Ada", "1", "ada"), ("Bo", "2", "bo"), ("Chen", "3", "chen")])
    template, out = tmp_path / "canvas.csv", tmp_path / "upload.csv"
    template.write_text(table(rows), encoding="utf-8")
    arguments = ["--template", template, *COLUMNS, "--match", "SIS Login ID", "--out", out]
    assert export("canvas", folder, *arguments) == 1
    assert "not been graded; grade again (2):\n  bo\n  chen\n" in capsys.readouterr().out
    assert [bool(row[6]) for row in read(out)[3:]] == [True, False, False]


def test_nothing_is_overwritten(
    results: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = results({"ada": record()})
    template, out = tmp_path / "canvas.csv", tmp_path / "upload.csv"
    template.write_text(table(canvas([("Lovelace, Ada", "1", "ada")])), encoding="utf-8")
    kept = template.read_bytes()
    out.write_text("something else", encoding="utf-8")
    arguments = ["canvas", folder, "--template", template, *COLUMNS, "--match", "SIS Login ID"]
    assert export(*arguments, "--out", out) == 2
    assert "is there already" in capsys.readouterr().err
    assert out.read_text(encoding="utf-8") == "something else"
    assert export(*arguments, "--out", template, "--force") == 2
    assert "is the template" in capsys.readouterr().err
    assert template.read_bytes() == kept
    assert export(*arguments, "--out", tmp_path, "--force") == 2
    assert export(*arguments, "--out", tmp_path / "no" / "such.csv") == 2
    assert export(*arguments, "--out", out, "--force") == 0
    assert out.read_bytes() != kept
    assert {path.name for path in tmp_path.iterdir()} == {"canvas.csv", "upload.csv", "results"}


def test_messages_are_safe_on_a_terminal(
    results: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = canvas([("Ada", "1", "ada"), ("\x1b[2J\u202eevil\nrow 9: Bo", "2", "bo")])
    template, out = tmp_path / "canvas.csv", tmp_path / "upload.csv"
    template.write_text(table(rows), encoding="utf-8", newline="")
    arguments = ["--template", template, *COLUMNS, "--match", "SIS Login ID", "--out", out]
    assert export("canvas", results({"ada": record()}), *arguments) == 0
    said = capsys.readouterr().out
    assert "  row 5: \ufffd[2J\ufffdevil\ufffdrow 9: Bo · 2\n" in said
    assert read(out)[4][0] == rows[4][0]


@given(st.integers(0, 100), st.integers(1, 100), st.integers(1, 40_000))
def test_scaled_grades_are_rounded_to_the_nearest_hundredth(
    earned: int, points: int, quarters: int
) -> None:
    exact = Decimal(earned * quarters) / (4 * points)
    rounded = exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
    shown = scaled(earned, points, Fraction(quarters, 4))
    assert Decimal(shown) == rounded
    assert "." not in shown or not shown.endswith(("0", "."))


@pytest.mark.parametrize("name", [*HURTING, "Straße", "İstanbul", "ﬁne", "a\u0345\u0301"])
def test_names_are_the_same_however_they_are_encoded(name: str) -> None:
    for form in ("NFC", "NFD"):
        assert same(unicodedata.normalize(form, f" {name} ")) == same(name)
    assert same(name + "\u200d") != same(name)


# --- Gradescope ---

RESULTS = {
    "score": int,
    "output": str,
    "output_format": str,
    "test_output_format": str,
    "test_name_format": str,
    "visibility": str,
    "stdout_visibility": str,
    "tests": list,
}
"""The fields of `results.json` that are written, by its documentation."""

TEST = {
    "number": str,
    "name": str,
    "name_format": str,
    "score": int,
    "max_score": int,
    "status": str,
    "output": str,
    "output_format": str,
    "tags": list,
    "visibility": str,
}


def test_gradescope_gets_every_check_as_text(results: Results, tmp_path: Path) -> None:
    student = "<b>=Ada</b> 🎓"
    folder = results({student: record(wrong=[WRONG], missing=["backprop"])})
    out = tmp_path / "results.json"
    arguments = ["gradescope", folder, "--student", student, "--visibility", "after_published"]
    assert export(*arguments, "--out", out) == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    assert {name: type(value) for name, value in found.items()} == RESULTS
    assert found["score"] == 100 - LOST
    assert found["output"] == "backprop.py was not handed in"
    assert found["stdout_visibility"] == "hidden"
    formats = ("output_format", "test_output_format", "test_name_format")
    assert {found[name] for name in formats} == {"text"}
    checks = [check for check in CHECKS if check.exercise in GRADED]
    for check, test in zip(checks, found["tests"], strict=True):
        assert {name: type(value) for name, value in test.items()} == TEST
        assert (test["output_format"], test["name_format"]) == ("text", "text")
        assert test["visibility"] == found["visibility"] == "after_published"
        assert test["max_score"] == check.points
        assert test["score"] == check.points * (test["status"] == "passed")
        assert test["status"] in ("passed", "failed")
        assert bool(test["output"]) == (check.id == WRONG)
        if check.id == WRONG:
            assert "You returned  </pre><script>alert(1)</script> =1+1" in test["output"]
            assert f"observe {WRONG} --seed 7" in test["output"]
    assert sum(test["score"] for test in found["tests"]) == found["score"]
    assert len({test["number"] for test in found["tests"]}) == len(checks)
    assert export(*arguments, "--out", out) == 2
    again = out.read_bytes()
    assert export(*arguments, "--out", out, "--force") == 0
    assert out.read_bytes() == again


def test_points_given_by_hand_are_exported(results: Results, tmp_path: Path) -> None:
    folder = results({"ada": record(wrong=[WRONG])})
    with Store(folder / FILE) as store:
        store.adjust(Adjustment("ada", WRONG, LOST, "a sum was asked for in <class>"))
    said = f"mse_loss: {LOST} points in place of 0, given by hand: a sum was asked for in <class>"
    out = tmp_path / "results.json"
    assert export("gradescope", folder, "--student", "ada", "--out", out) == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["score"] == sum(test["score"] for test in found["tests"]) == 200
    assert {test["status"] for test in found["tests"]} == {"passed"}
    assert [test["output"].endswith(said) for test in found["tests"]].count(True) == 1
    template, upload = tmp_path / "worksheet.csv", tmp_path / "upload.csv"
    template.write_text(table(worksheet([(1, "Ada", "ada")])), encoding="utf-8")
    arguments = ["--column", "Grade=losses", "--match", "Email address", *FEEDBACK]
    assert export("moodle", folder, "--template", template, *arguments, "--out", upload) == 0
    grade, feedback = moodle_imports(upload)[1]
    assert grade == "100"
    assert html.escape(said) in feedback


def test_gradescope_gets_a_file_a_student(
    results: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [*HURTING, "../../up", "ada", "ADA", "aDa", "con", ".hidden"]
    folder = results({name: record(wrong=[WRONG] * (i % 2)) for i, name in enumerate(names)})
    out = tmp_path / "made"
    assert export("gradescope", folder, "--out", out) == 0
    files = sorted(out.iterdir())
    assert len(files) == len(names)
    assert len({file.name.casefold() for file in files}) == len(names)
    assert not [file.name for file in files if re.search(r'[<>:"/\\|?*\x00-\x1f]', file.name)]
    scores = [json.loads(file.read_text(encoding="utf-8"))["score"] for file in files]
    assert sorted(scores) == sorted(200 - LOST * (i % 2) for i in range(len(names)))
    assert export("gradescope", folder, "--out", out) == 2
    assert "is not empty" in capsys.readouterr().err
    assert export("gradescope", folder, "--out", out, "--force") == 0
    assert sorted(out.iterdir()) == files
    assert export("gradescope", folder, "--student", "nobody", "--out", tmp_path / "x.json") == 2
    assert "no student 'nobody'" in capsys.readouterr().err


def test_results_that_are_not_there_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export("gradescope", tmp_path, "--out", tmp_path / "out") == 2
    assert "has no results" in capsys.readouterr().err
    with Store(tmp_path / FILE):
        pass
    assert export("gradescope", tmp_path, "--out", tmp_path / "out") == 2
    assert "nothing has been graded yet" in capsys.readouterr().err
    with Store(tmp_path / FILE) as store:
        store.note("names", ["losses.a_check_of_long_ago"])
    assert export("gradescope", tmp_path, "--out", tmp_path / "out") == 2
    assert "was graded with other checks" in capsys.readouterr().err
