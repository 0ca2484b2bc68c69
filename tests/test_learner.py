"""`pytest exercises/` as a learner meets it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from autograder.catalogue import EXERCISES, find_check
from autograder.core.exercise import Check, Prepared
from autograder.learner.verifier import Verifier
from conftest import ROOT, Run, solution

FAST = "not train_classifier"

N_FUNCTIONS = sum(len(exercise.functions) for exercise in EXERCISES.values())
N_CHECKS = sum(len(exercise.checks) for exercise in EXERCISES.values())
POINTS = sum(exercise.points for exercise in EXERCISES.values())


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Return a learner's folder with the stubs in it."""
    folder = tmp_path / "work"
    folder.mkdir()
    for path in (ROOT / "exercises").glob("[!tc]*.py"):
        (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    training = ROOT / "exercises" / "training_loop.py"
    (folder / "training_loop.py").write_text(training.read_text(encoding="utf-8"), encoding="utf-8")
    return folder


def solved(work: Path, name: str, old: str = "", new: str = "") -> None:
    """Put the reference into a learner's folder, with one change."""
    text = solution(name)
    assert old in text
    (work / f"{name}.py").write_text(text.replace(old, new) if old else text, encoding="utf-8")


def below_progress(output: str) -> str:
    return output.partition("[100%]")[2]


def test_untouched_stubs_are_quiet(check_exercises: Run) -> None:
    done = check_exercises(None)
    assert done.returncode == 1
    assert "✗" not in done.stdout
    assert "Traceback" not in done.stdout
    assert len(re.findall(r"^· .*: not attempted", done.stdout, re.MULTILINE)) == sum(
        len(exercise.functions) for exercise in EXERCISES.values()
    )
    assert f"{N_CHECKS} not attempted" in done.stdout
    assert re.search(rf"^ +0/{POINTS}$", done.stdout, re.MULTILINE)
    assert "Next  mse_loss in exercises/losses.py:11" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_the_reference_gets_everything(check_exercises: Run) -> None:
    done = check_exercises(ROOT / "solutions")
    assert done.returncode == 0
    assert f"{POINTS}/{POINTS}" in done.stdout
    assert "Everything that ran is right." in done.stdout


def test_a_wrong_function_gets_one_short_block(check_exercises: Run, work: Path) -> None:
    solved(
        work,
        "losses",
        "np.mean((predictions - targets) ** 2)",
        "np.sum((predictions - targets) ** 2)",
    )
    done = check_exercises(work, "exercises", "-k", "test_losses")
    assert done.returncode == 1
    assert done.stdout.count("✗") == 1
    assert "✗ mse_loss · wrong value for (4, 3) arrays" in done.stdout
    assert "It looks like a sum where a mean belongs" in done.stdout
    assert "Traceback" not in done.stdout
    assert "92/100" in done.stdout
    assert re.search(r"Next  mse_loss in .*losses\.py:11\n", done.stdout)
    assert 'read course/losses/index.md, "Mean squared error"' in done.stdout


def test_a_crash_shows_only_the_learners_own_lines(check_exercises: Run, work: Path) -> None:
    solved(
        work, "losses", "    exponentials = np.exp(shifted)", "    exponentials = np.expp(shifted)"
    )
    done = check_exercises(work, "exercises", "-k", "test_losses and softmax_is")
    assert "AttributeError: module 'numpy' has no attribute 'expp'" in done.stdout
    assert re.search(r"losses\.py, line \d+   exponentials = np\.expp\(shifted\)", done.stdout)
    for ours in ("catalogue", "observe.py", "plugin.py", "site-packages"):
        assert ours not in done.stdout


def test_one_cause_is_told_once(check_exercises: Run, work: Path) -> None:
    solved(work, "losses", "def softmax(logits):", "def softmax(logits:")
    done = check_exercises(work, "exercises/test_losses.py")
    assert done.stdout.count("✗") == 1
    assert "17 more checks, for the same reason" in done.stdout
    assert re.search(r"Next  mse_loss in .*losses\.py:\d+", done.stdout)


def test_what_the_code_printed_is_shown_where_it_helps(check_exercises: Run, work: Path) -> None:
    solved(
        work,
        "losses",
        "    shifted = logits",
        "    print('seen', logits.shape)\n    shifted = 2 * logits",
    )
    done = check_exercises(work, "exercises", "-k", "softmax_is_over")
    assert "Your code printed\n    seen (4,)" in done.stdout


def test_an_endless_loop_ends(check_exercises: Run, work: Path) -> None:
    solved(work, "overfitting", "    return int(np.argmin(test_losses))", "    while True: pass")
    done = check_exercises(work, "exercises", "-k", "test_overfitting")
    assert "✗ best_epoch · too slow" in done.stdout
    assert "90/100" in done.stdout


def test_pytest_options_work_as_its_users_expect(check_exercises: Run, work: Path) -> None:
    solved(work, "losses", "keepdims=True", "keepdims=False")
    one_file = check_exercises(work, "exercises/test_losses.py")
    assert "100%" in one_file.stdout
    assert "backprop " not in below_progress(one_file.stdout)
    one_test = check_exercises(
        work, "exercises/test_losses.py::test_losses[mse_loss_is_a_mean_of_squares]"
    )
    assert one_test.returncode == 0
    assert "1 passed" in one_test.stdout
    stopped = check_exercises(work, "exercises/test_losses.py", "-x")
    assert stopped.stdout.count("✗") == 1
    verbose = check_exercises(work, "exercises", "-v", "-k", "mse_loss")
    assert "✓ mse_loss · the mean over all entries of the squared difference" in verbose.stdout
    collected = check_exercises(work, "exercises", "--collect-only", "-q")
    assert (
        "exercises/test_losses.py::test_losses[softmax_is_over_the_last_axis]" in collected.stdout
    )
    assert f"{N_CHECKS} tests collected" in collected.stdout


def test_lf_runs_the_failed_ones_again(check_exercises: Run, work: Path, tmp_path: Path) -> None:
    solved(work, "losses", "keepdims=True", "keepdims=False")
    cache = ["-p", "cacheprovider", "-o", f"cache_dir={tmp_path / 'cache'}"]
    first = check_exercises(work, "exercises/test_losses.py", *cache)
    failed = int(re.search(r"(\d+) wrong", first.stdout)[1])  # type: ignore[index]
    again = check_exercises(work, "exercises/test_losses.py", "--lf", *cache)
    assert f"{failed} wrong" in again.stdout
    assert "passed" not in again.stdout


def test_a_terminal_without_these_signs_gets_plain_ones(check_exercises: Run, work: Path) -> None:
    solved(work, "losses", "keepdims=True", "keepdims=False")
    done = check_exercises(work, "exercises/test_losses.py", PYTHONIOENCODING="ascii:replace")
    assert "x softmax" in done.stdout
    assert "#" in done.stdout
    assert done.returncode == 1


def test_a_learners_own_test_beside_them_keeps_its_traceback(
    check_exercises: Run, tmp_path: Path
) -> None:
    own = tmp_path / "test_own.py"
    own.write_text("def test_mine():\n    x = 1\n    assert x == 2\n", encoding="utf-8")
    done = check_exercises(None, "exercises/test_losses.py", str(own), "-k", "mine or mse_loss_is")
    assert "assert 1 == 2" in done.stdout
    assert "1 failed" in done.stdout


def test_missing_files_and_folders_are_said(
    check_exercises: Run, work: Path, tmp_path: Path
) -> None:
    (work / "losses.py").unlink()
    done = check_exercises(work, "exercises/test_losses.py")
    assert "there is no file losses.py" in done.stdout
    done = check_exercises(tmp_path / "nowhere", "exercises/test_losses.py")
    assert "there is no folder" in done.stderr + done.stdout


def test_a_function_that_waits_for_another_says_so(check_exercises: Run, work: Path) -> None:
    done = check_exercises(work, "exercises/test_backprop.py")
    assert "Network.backward: not attempted (sigmoid is not written yet)" in done.stdout


def test_nothing_is_drawn_for_a_stub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(ROOT / "exercises" / "mnist_project.py", tmp_path)
    for name in ("backprop", "minibatch"):
        shutil.copy(ROOT / "solutions" / f"{name}.py", tmp_path)

    def draw(check: Check, seed: int) -> Prepared:
        raise AssertionError("drawn for nothing")

    monkeypatch.setattr(Check, "prepared", draw)
    check = find_check("mnist_project.train_classifier_reads_80_percent")
    verdict = Verifier(tmp_path, ROOT / "exercises").verdict(check)
    assert verdict.outcome == "not attempted"
    assert dict(verdict.lines)["Because"] == "train_classifier is not written yet"
    module = tmp_path / "mnist_project.py"
    text = module.read_text(encoding="utf-8")
    work = "    images + 1\n    raise NotImplementedError\n\n\ndef main"
    module.write_text(text.replace("    raise NotImplementedError\n\n\ndef main", work))
    with pytest.raises(AssertionError, match="drawn for nothing"):
        Verifier(tmp_path, ROOT / "exercises").verdict(check)
