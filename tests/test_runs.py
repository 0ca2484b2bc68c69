"""Runs: nothing is lost, nothing is graded twice, and it doesn't matter where."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from autograder.grading.grades import Attempt
from autograder.grading.store import Store, StoreProblem
from conftest import ROOT, Run, best_tier, hand_in, solution

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes as on Unix")
CLASS = 40


@pytest.fixture
def solutions(tmp_path: Path) -> Path:
    """Return a copy of the reference: its path is a mark on every process of a run."""
    copy = tmp_path / "solutions"
    (copy / "mistakes").mkdir(parents=True)
    for path in [*(ROOT / "solutions").glob("*.py"), *(ROOT / "solutions").glob("mistakes/*")]:
        (copy / path.relative_to(ROOT / "solutions")).write_bytes(path.read_bytes())
    return copy


@pytest.fixture
def many(submissions: Path) -> Path:
    """Return a class whose submissions all differ; every fourth has a mistake."""
    right = solution("losses")
    wrong = right.replace("np.mean((", "np.sum((", 1)
    for number in range(CLASS):
        text = wrong if number % 4 == 0 else right
        hand_in(submissions, f"student-{number:03}", losses=f"{text}\n# {number}\n")
    return submissions


@pytest.fixture
def command(many: Path, solutions: Path, tmp_path: Path) -> Callable[..., list[str]]:
    """Return a function that makes the command line that grades the class."""

    def make(out: str = "out", *more: str | Path) -> list[str]:
        words = ["grade", many, "--out", tmp_path / out, "--solutions", solutions, "--unsafe"]
        words += ["--secret", tmp_path / "secret", "--exercise", "losses", *more]
        return [sys.executable, "-m", "autograder", *map(str, words)]

    return make


def finish(command: list[str]) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def finish_badly(command: list[str]) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stdout
    return done.stderr


def start(command: list[str]) -> subprocess.Popen[bytes]:
    nowhere = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=ROOT, stdout=nowhere, stderr=nowhere)


def graded(store: Path) -> set[str]:
    """Return the keys in a store; none if it isn't there yet."""
    if not store.exists():
        return set()
    with contextlib.closing(sqlite3.connect(store, timeout=60)) as db:
        try:
            return {row[0] for row in db.execute("select key from verdicts where final")}
        except sqlite3.OperationalError:  # no table yet
            return set()


def processes_with(mark: str) -> Iterator[tuple[int, str]]:
    """Yield the processes that have a mark on their command line, or whose parent has."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if mark in line:
                    yield int(entry.name), line


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it didn't happen"
        time.sleep(0.01)


def test_a_second_run_grades_only_what_changed(
    command: Callable[..., list[str]], many: Path, tmp_path: Path
) -> None:
    assert f"Graded {CLASS}, known from before 0" in finish(command())
    first = (tmp_path / "out" / "results.json").read_text()
    assert f"Graded 0, known from before {CLASS}" in finish(command())
    assert (tmp_path / "out" / "results.json").read_text() == first

    (many / "student-001" / "losses.py").write_text("changed = True\n")
    (many / "student-002").rename(many / "another name")  # the files are the same
    for file in (many / "student-003").iterdir():
        file.unlink()
    (many / "student-003").rmdir()
    assert f"Graded 1, known from before {CLASS - 2}" in finish(command())
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    totals = {student["student"]: student["total"] for student in results["students"]}
    assert len(totals) == CLASS - 1
    assert (totals["student-001"], totals["another name"]) == (0, 100)
    assert not {"student-002", "student-003"} & set(totals)


def test_what_a_verdict_rests_on_makes_it_new(
    command: Callable[..., list[str]], solutions: Path, tmp_path: Path
) -> None:
    finish(command())
    with (solutions / "losses.py").open("a") as file:
        file.write("# another reference\n")
    assert f"Graded {CLASS}," in finish(command())
    with (solutions / "mistakes" / "losses.toml").open("a") as file:
        file.write("# another catalogue\n")
    assert f"Graded {CLASS}," in finish(command())
    assert f"Graded {CLASS}," in finish(command("out", "--patience", "2"))
    assert f"Graded {CLASS}," in finish(command("out", "--secret", tmp_path / "another"))
    assert "Graded 0," in finish(command("out", "--secret", tmp_path / "another"))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_what_changed_for_whom_and_why_is_said(
    command: Callable[..., list[str]], many: Path, solutions: Path, tmp_path: Path
) -> None:
    roster = "student\n" + "".join(f"{folder.name}\n" for folder in many.iterdir())
    (tmp_path / "roster.csv").write_text(roster, encoding="utf-8")
    (tmp_path / "course.toml").write_text('roster = "roster.csv"\n', encoding="utf-8")
    command = partial(command, "out", "--course", tmp_path / "course.toml")
    assert "Since the last run" not in finish(command())  # there was none
    assert rows_of(tmp_path / "out" / "changes.csv") == []
    (many / "student-000" / "losses.py").write_text(solution("losses"))
    assert "Since the last run something changed for 1: changes.csv" in finish(command())
    (row,) = rows_of(tmp_path / "out" / "changes.csv")
    mean = "losses.mse_loss_is_a_mean_of_squares"
    assert (row["student"], row["check"]) == ("student-000", mean)
    assert (row["before"], row["now"]) == ("wrong values", "correct")
    assert int(row["points before"]) < int(row["points now"])
    assert row["because"] == "other files were handed in"

    (solutions / "mistakes" / "losses.toml").unlink()  # it would not fit any more
    reference = solutions / "losses.py"  # now the reference itself has the mistake
    reference.write_text(reference.read_text().replace("np.mean((", "np.sum((", 1))
    finish(command())
    changed = [r for r in rows_of(tmp_path / "out" / "changes.csv") if r["check"] == mean]
    assert len(changed) == CLASS
    assert {row["because"] for row in changed} == {
        "the same files; the course or the grader changed"
    }


def test_an_adjustment_is_kept_through_regrades(
    command: Callable[..., list[str]], many: Path, tmp_path: Path, autograder: Run
) -> None:
    check, out = "losses.mse_loss_is_a_mean_of_squares", tmp_path / "out"

    def total() -> int:
        return next(int(r["total"]) for r in rows_of(out / "grades.csv") if "000" in r["student"])

    finish(command())
    before = total()
    for wrong in (["99", "--why", "x"], ["1"], ["1", "--why", " "], ["-1", "--why", "x"], []):
        assert autograder("adjust", "student-000", check, *wrong, "--results", out).returncode == 2
    done = autograder(
        "adjust", "student-000", check, "5", "--why", "=a typo in the sheet", "--results", out
    )
    assert "0 → 5 points" in done.stdout
    assert total() == before + 5
    for _ in range(2):
        (many / "student-001" / "losses.py").write_text("another = True\n")
        finish(command())
        assert total() == before + 5
        results = json.loads((out / "results.json").read_text())
        ada = next(s for s in results["students"] if s["student"] == "student-000")
        assert ada["checks"][check]["adjusted"] == {"from": 0, "why": "=a typo in the sheet"}
        assert ada["exercises"]["losses"] == ada["total"] == before + 5
    feedback = (out / "feedback" / "student-000.md").read_text()
    assert "a typo in the sheet" in feedback
    assert autograder("adjust", "student-000", check, "--undo", "--results", out).returncode == 0
    assert total() == before
    assert autograder("adjust", "student-000", check, "--undo", "--results", out).returncode == 2


def test_a_run_that_is_killed_loses_nothing(
    command: Callable[..., list[str]], solutions: Path, tmp_path: Path
) -> None:
    finish(command("whole"))
    store = tmp_path / "out" / "store.sqlite"
    kept: set[str] = set()
    for enough in (1, 9, 22):
        running = start(command())
        wait_until(lambda enough=enough: len(graded(store)) >= enough)  # type: ignore[misc]
        seen = graded(store)
        running.kill()
        running.wait()
        now = graded(store)
        assert kept <= seen <= now
        kept = now
        wait_until(lambda: not list(processes_with(str(solutions))))  # it leaves nobody behind
    known = len(kept)
    assert f"Graded {CLASS - known}, known from before {known}" in finish(command())
    with contextlib.closing(sqlite3.connect(store)) as db:
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)
    whole = (tmp_path / "whole" / "results.json").read_text()
    assert (tmp_path / "out" / "results.json").read_text() == whole


def test_a_lost_result_is_found_out(command: Callable[..., list[str]], tmp_path: Path) -> None:
    finish(command())
    store = tmp_path / "out" / "store.sqlite"
    kept = graded(store)
    with contextlib.closing(sqlite3.connect(store)) as db, db:
        db.execute("delete from verdicts where key = ?", (min(kept),))
    assert not kept <= graded(store)
    assert f"Graded 1, known from before {CLASS - 1}" in finish(command())
    assert kept == graded(store)


def test_two_runs_on_one_store_at_a_time(command: Callable[..., list[str]], tmp_path: Path) -> None:
    finish(command("whole"))
    runs = [start(command()) for _ in range(2)]
    assert [run.wait() for run in runs] == [0, 0]
    for name in ("results.json", "grades.csv"):
        whole = (tmp_path / "whole" / name).read_bytes()
        assert (tmp_path / "out" / name).read_bytes() == whole


@pytest.mark.skipif(best_tier() == "portable", reason="there is no zygote to look for")
def test_a_grading_process_that_is_killed_costs_nothing(
    command: Callable[..., list[str]], solutions: Path, tmp_path: Path
) -> None:
    finish(command("whole"))
    running = start(command("out", "--jobs", "2"))
    store = tmp_path / "out" / "store.sqlite"
    wait_until(lambda: len(graded(store)) >= 4)
    pool = {parent_of(pid) for pid, line in processes_with(str(solutions)) if "zygote" in line}
    pool -= {running.pid, 1} | {pid for pid, _ in processes_with(str(solutions))}
    assert pool
    os.kill(min(pool), signal.SIGKILL)
    assert running.wait() == 0
    whole = (tmp_path / "whole" / "results.json").read_text()
    assert (tmp_path / "out" / "results.json").read_text() == whole


def parent_of(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("PPid"))


def test_what_only_the_clock_stopped_is_graded_again(
    submissions: Path, tmp_path: Path, autograder: Run
) -> None:
    hand_in(submissions, "sleeper", losses="import time\ntime.sleep(1000)\n")
    arguments: list[str | Path] = ["grade", submissions, "--out", tmp_path / "out", "--unsafe"]
    arguments += ["--secret", tmp_path / "secret", "--exercise", "losses", "--patience", "0.1"]
    for _ in range(2):
        done = autograder(*arguments)
        assert "Graded 1, known from before 0" in done.stdout
    (submissions / "sleeper" / "losses.py").write_text("while True: pass\n")
    assert "Graded 1," in autograder(*arguments).stdout
    assert "Graded 0, known from before 1" in autograder(*arguments).stdout  # it did compute


def test_shards_are_put_together(
    command: Callable[..., list[str]], tmp_path: Path, autograder: Run
) -> None:
    finish(command("whole"))
    for shard in (2, 3):
        printed = finish(command("out", "--shard", f"{shard}/3"))
        assert f"{shard}-of-3.sqlite" in printed
        assert not (tmp_path / "out" / "results.json").exists()
    missing = autograder("merge", tmp_path / "out")
    assert missing.returncode == 2
    assert "shards are missing: 1 of 3" in missing.stderr

    running = start(command("out", "--shard", "1/3"))
    path = tmp_path / "out" / "shards" / "1-of-3.sqlite"
    wait_until(lambda: len(graded(path)) >= 1)
    running.kill()
    running.wait()
    assert (
        "not finished yet, run them again: 1-of-3" in autograder("merge", tmp_path / "out").stderr
    )
    finish(command("out", "--shard", "1/3"))
    done = autograder("merge", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    for name in ("results.json", "grades.csv"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()

    finish(command("out", "--shard", "1/2"))
    assert "not of one run" in autograder("merge", tmp_path / "out").stderr


@pytest.fixture
def dask_cluster(tmp_path: Path) -> Iterator[dict[str, Any]]:
    pytest.importorskip("distributed")
    folder = tmp_path / "keys"
    folder.mkdir()
    script = str(ROOT / "tests" / "dask_cluster.py")
    with subprocess.Popen(
        [sys.executable, script, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    ) as process:
        assert process.stdout
        facts: dict[str, Any] = json.loads(process.stdout.readline())
        keys = {name: str(folder / f"{name}.pem") for name in ("ca", "cert", "key")}
        yield facts | keys
        process.kill()


@pytest.mark.skipif(best_tier() == "portable", reason="workers don't grade without a sandbox")
def test_a_cluster_grades_everybody_once_even_if_a_worker_is_killed(
    command: Callable[..., list[str]],
    dask_cluster: dict[str, Any],
    solutions: Path,
    tmp_path: Path,
) -> None:
    finish(command("whole"))
    keys = [w for name in ("ca", "cert", "key") for w in (f"--tls-{name}", dask_cluster[name])]
    tier = ("--isolation", str(best_tier()))
    unsafe = finish_badly(command("bad", "--scheduler", "tls://x:1", "--isolation", "portable"))
    assert "never without a sandbox" in unsafe
    grade = command("out", "--scheduler", dask_cluster["address"], *keys, *tier)
    running = subprocess.Popen(grade, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    store = tmp_path / "out" / "store.sqlite"
    wait_until(lambda: len(graded(store)) >= 1)
    assert len(graded(store)) < CLASS
    os.kill(dask_cluster["workers"][0], signal.SIGKILL)
    printed, _ = running.communicate()
    assert running.returncode == 0
    assert f"Graded {CLASS}, known from before 0" in printed
    whole = (tmp_path / "whole" / "results.json").read_text()
    assert (tmp_path / "out" / "results.json").read_text() == whole


def test_a_scheduler_without_keys_is_refused(
    autograder: Run, submissions: Path, tmp_path: Path
) -> None:
    pytest.importorskip("distributed")
    hand_in(submissions, "ada", losses="")
    arguments: list[str | Path] = ["grade", submissions, "--out", tmp_path / "out"]
    arguments += ["--secret", tmp_path / "secret", "--scheduler", "tcp://127.0.0.1:1"]
    if best_tier() != "portable":
        done = autograder(*arguments)
        assert done.returncode == 2
        assert "give --tls-ca, --tls-cert and --tls-key" in done.stderr
    (tmp_path / "pem").write_text("no key")
    keys = [w for name in ("ca", "cert", "key") for w in (f"--tls-{name}", tmp_path / "pem")]
    done = autograder(*arguments, "--unsafe", *keys)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_file_that_is_no_store_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    path.write_bytes(b"a letter to my grandmother, which is no database at all" * 20)
    before = path.read_bytes()
    with pytest.raises(StoreProblem, match="delete it, or move it"):
        Store(path)
    assert path.read_bytes() == before


def test_a_store_of_another_version_is_refused(tmp_path: Path) -> None:
    with Store(tmp_path / "store.sqlite") as store:
        store.note("version", 99)
    with pytest.raises(StoreProblem, match="another version"):
        Store(tmp_path / "store.sqlite")


def test_a_verdict_that_is_not_final_never_replaces_one_that_is(tmp_path: Path) -> None:
    with Store(tmp_path / "store.sqlite") as store:
        store.add([("k", False, 1.0, {"n": 0})])
        assert not store.has("k")
        store.add([("k", True, 2.0, {"n": 1})])
        store.add([("k", False, 3.0, {"n": 2})])
        store.enroll("ada", Attempt("ada.zip", "d", problems=["late"], key="k"))
        assert store.has("k")
        ((name, (attempt,)),) = store.attempts()
        assert (name, attempt.record, attempt.problems) == ("ada", {"n": 1}, ["late"])
        assert list(store.seconds()) == [2.0]
