"""Submissions as they arrive: read as bytes, bounded, and never through a link."""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.grading.arrivals import Found, apart, find
from autograder.grading.submissions import MAX_FILE, Submission

NAMES = ["losses", "backprop"]


def found(folder: Path) -> dict[str, Submission]:
    return {one.student: one.read(NAMES) for one in apart(find(folder).hand_ins)}


def zipped(path: Path, members: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_folders_and_zips_are_students(submissions: Path) -> None:
    (submissions / "ada").mkdir()
    (submissions / "ada" / "losses.py").write_text("x = 1")
    zipped(submissions / "bob.zip", {"homework/losses.py": "x = 2", "homework/backprop.py": "y"})
    students = found(submissions)
    assert students["ada"].files == {"losses": b"x = 1"}
    assert students["bob"].files == {"losses": b"x = 2", "backprop": b"y"}
    assert not students["ada"].problems
    assert not students["bob"].problems


def test_what_is_no_submission_is_said(submissions: Path) -> None:
    (submissions / "roster.csv").write_text("ada")
    (submissions / ".DS_Store").write_text("")
    nobody = Found([], ["roster.csv: neither a folder nor a .zip"], "a folder or .zip a student")
    assert find(submissions) == nobody


def test_another_archive_is_a_student_with_a_problem(submissions: Path) -> None:
    (submissions / "eve.rar").write_bytes(b"Rar!")
    assert found(submissions)["eve"].problems == [
        "eve.rar is not a .zip; hand in a folder or a .zip"
    ]


def test_the_top_comes_first_then_exercises_then_anywhere(submissions: Path) -> None:
    clone = {"exercises/losses.py": "right", "autograder/catalogue/losses.py": "wrong"}
    zipped(submissions / "clone.zip", clone)
    zipped(submissions / "top.zip", {"losses.py": "right", "exercises/losses.py": "wrong"})
    zipped(submissions / "deep.zip", {"a/b/losses.py": "right", "__MACOSX/a/losses.py": "wrong"})
    assert {one.files["losses"] for one in found(submissions).values()} == {b"right"}


def test_two_of_a_kind_are_not_guessed_between(submissions: Path) -> None:
    zipped(submissions / "twice.zip", {"a/losses.py": "1", "b/losses.py": "2", "backprop.py": "3"})
    student = found(submissions)["twice"]
    assert student.problems == ["losses.py: it is there 2 times; keep one"]
    assert student.files == {"backprop": b"3"}


def test_two_submissions_of_one_name_are_both_kept(submissions: Path) -> None:
    (submissions / "ada").mkdir()
    (submissions / "ada" / "losses.py").write_text("1")
    zipped(submissions / "Ada.zip", {"losses.py": "2"})
    students = found(submissions)
    assert set(students) == {"ada (ada)", "Ada (Ada.zip)"}
    assert all("another submission is called" in one.problems[-1] for one in students.values())


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_links_and_odd_files_are_not_followed(submissions: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.py"
    secret.write_text("secret")
    for student in ("symlink", "hardlink", "fifo", "folder", "unreadable"):
        (submissions / student).mkdir()
    (submissions / "symlink" / "losses.py").symlink_to(secret)
    (submissions / "hardlink" / "losses.py").hardlink_to(secret)
    os.mkfifo(submissions / "fifo" / "losses.py")
    (submissions / "folder" / "losses.py").mkdir()
    (submissions / "linked").symlink_to(tmp_path)
    students = found(submissions)
    assert "linked" not in students
    for one in students.values():
        assert one.files == {}
        assert one.problems


def test_a_large_file_is_refused(submissions: Path) -> None:
    (submissions / "ada").mkdir()
    (submissions / "ada" / "losses.py").write_bytes(b"#" * (MAX_FILE + 1))
    zipped(submissions / "bomb.zip", {"losses.py": b"\0" * 50_000_000})
    for student in found(submissions).values():
        assert student.problems == ["losses.py: it is larger than 1 MiB"]


def test_broken_archives_are_said(submissions: Path) -> None:
    (submissions / "no.zip").write_bytes(b"not a zip")
    (submissions / "empty.zip").write_bytes(b"")
    whole = zipped(submissions / "whole.zip", {"losses.py": "x" * 3000}).read_bytes()
    (submissions / "cut.zip").write_bytes(whole[: len(whole) // 2])
    (submissions / "bent.zip").write_bytes(whole[:40] + b"XXXX" + whole[44:])
    students = found(submissions)
    for name in ("no", "empty", "cut", "bent"):
        assert "the .zip is broken" in students[name].problems[0], name
    assert students["whole"].files


def test_nasty_members_stay_inside(submissions: Path, tmp_path: Path) -> None:
    link = zipfile.ZipInfo("losses.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(submissions / "link.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    zipped(submissions / "slip.zip", {"../../../escaped.py": "x", "/abs/losses.py": "y"})
    many = {f"f{i}.txt": "" for i in range(6000)}
    zipped(submissions / "many.zip", many)
    students = found(submissions)
    assert "it is a link" in students["link"].problems[0]
    assert "more than" in students["many"].problems[0]
    assert not list(tmp_path.rglob("escaped.py"))


def test_an_encrypted_archive_is_said(submissions: Path) -> None:
    path = zipped(submissions / "locked.zip", {"losses.py": "x"})
    raw = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.find(signature) + offset] |= 1
    path.write_bytes(raw)
    assert "encrypted" in found(submissions)["locked"].problems[0]


@pytest.mark.parametrize("name", ["a b", 'o\'neil "x"', "😀", "=1+1", "-rf", "x..", "a\x1b[31m"])
def test_names_that_hurt(submissions: Path, name: str) -> None:
    if os.name == "nt":
        pytest.skip("Windows has no such file names")
    (submissions / name).mkdir()
    (submissions / name / "losses.py").write_text("x")
    students = find(submissions).hand_ins
    assert len(students) == 1
    assert students[0].student.isprintable()


def test_no_submissions_folder(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError, match="is not a folder of submissions"):
        find(tmp_path / "nowhere")


def test_the_digest_is_of_names_and_contents() -> None:
    one = Submission("a", "a", {"losses": b"1", "backprop": b"2"})
    assert one.digest == Submission("b", "b", {"backprop": b"2", "losses": b"1"}).digest
    assert one.digest != Submission("a", "a", {"losses": b"2", "backprop": b"1"}).digest


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.binary(max_size=400), st.integers(0, 200), st.binary(min_size=1, max_size=20))
def test_no_bytes_in_an_archive_stop_the_class(
    submissions: Path, junk: bytes, at: int, patch: bytes
) -> None:
    (submissions / "junk.zip").write_bytes(junk)
    raw = bytearray(zipped(submissions / "bent.zip", {"losses.py": "x" * 90}).read_bytes())
    raw[at : at + len(patch)] = patch
    (submissions / "bent.zip").write_bytes(raw)
    zipped(submissions / "fine.zip", {"losses.py": "x"})
    assert found(submissions)["fine"].files == {"losses": b"x"}
