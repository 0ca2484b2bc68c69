"""The learner's commands: hints, practice, solutions, progress, and watching."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.authoring.practice import Practice
from autograder.authoring.variants import Variants
from autograder.catalogue import EXERCISES
from autograder.learner.hints import hint
from autograder.learner.progress import Progress
from conftest import ROOT, Run, solution

POSSIBLE = sum(exercise.points for exercise in EXERCISES.values())
FUNCTIONS = [(e.name, function) for e in EXERCISES.values() for function in e.functions]


@pytest.fixture
def exercises(tmp_path: Path) -> Path:
    """Return a learner's copy of the exercises."""
    folder = tmp_path / "exercises"
    shutil.copytree(ROOT / "exercises", folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.mark.parametrize(("exercise", "function"), FUNCTIONS)
def test_every_function_has_three_hints_and_its_symptoms(exercise: str, function: str) -> None:
    found = hint(ROOT / "exercises", exercise, function)
    assert len(set(found.levels)) == 3
    assert all(0 < len(level) <= 240 for level in found.levels)
    assert "____" in found.blank
    assert found.symptoms
    lines = {line.strip() for line in solution(exercise).splitlines()}
    assert found.blank.strip() not in lines


def test_hints_come_one_level_at_a_time(autograder: Run) -> None:
    first = autograder("hint", "losses.mse_loss")
    assert "Where to look" in first.stdout
    assert "____" not in first.stdout
    assert "--level 2" in first.stdout
    assert "____" in autograder("hint", "losses.mse_loss", "--level", "3").stdout
    for wrong in ("losses.nothing", "nothing.mse_loss", "mse_loss"):
        refused = autograder("hint", wrong)
        assert refused.returncode == 2
        assert "Traceback" not in refused.stderr


def answer(*arguments: str, said: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "autograder", *arguments],
        cwd=ROOT,
        input=said,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def practice() -> Practice:
    """Return the tasks that the command sets, too."""
    return Practice(Variants(ROOT / "solutions"), "losses", "mse_loss", 0)


def test_the_lines_in_order_are_right_and_out_of_order_are_not() -> None:
    task = practice().order()
    own = [line for line in solution("losses").splitlines() if line.strip()]
    place = {line.strip(): number for number, line in reversed(list(enumerate(own)))}
    right = [n for n in range(len(task.lines)) if task.lines[n].strip() in place]
    right.sort(key=lambda n: place[task.lines[n].strip()])
    assert task.needed == len(right)
    said = " ".join(str(n + 1) for n in right)
    assert (
        "Right: 2 of 2 properties hold"
        in answer("practice", "order", "losses.mse_loss", said=said).stdout
    )
    wrong = answer("practice", "order", "losses.mse_loss", said=" ".join(reversed(said.split())))
    assert wrong.returncode == 1
    assert answer("practice", "order", "losses.mse_loss", said="99").returncode == 1


def test_the_blank_is_filled_by_what_belongs_there() -> None:
    task = practice().blank()
    right = answer("practice", "blank", "losses.mse_loss", said=task.answer)
    assert "properties hold" in right.stdout, right.stdout
    assert answer("practice", "blank", "losses.mse_loss", said="nonsense(").returncode == 1


def test_the_bug_is_where_the_known_mistake_is() -> None:
    task = practice().bug()
    line = str(min(task.wrong))
    right = answer("practice", "bug", "losses.mse_loss", said=line)
    assert f"it looks like {task.mistake.looks_like}" in right.stdout
    wrong = answer("practice", "bug", "losses.mse_loss", said="77")
    assert wrong.returncode == 1
    assert "Not that line" in wrong.stdout


@pytest.mark.parametrize(("exercise", "function"), FUNCTIONS)
def test_every_function_can_be_practised(exercise: str, function: str) -> None:
    if function == "train_classifier":
        pytest.skip("it is judged by a goal, and has no known mistakes")
    tasks = Practice(Variants(ROOT / "solutions"), exercise, function, 1)
    task = tasks.order()
    assert len(task.lines) >= task.needed > 0
    bug = tasks.bug()
    assert bug.wrong <= set(range(1, len(bug.lines) + 2))
    assert tasks.with_lines(["pass"]) != tasks.source


def test_a_solution_is_shown_once_one_has_ones_own(exercises: Path) -> None:
    command = ["solution", "losses.mse_loss", "--exercises", str(exercises)]
    refused = answer(*command, said="n\n")
    assert refused.returncode == 1
    assert "np.mean" not in refused.stdout
    assert "# The reference" in answer(*command, said="y\n").stdout
    shown = answer(*command, "--anyway", said="").stdout
    assert "# The reference" in shown
    assert "# Another way." in shown
    assert "BEGIN SOLUTION" not in shown
    (exercises / "losses.py").write_text(solution("losses"), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "pytest", "-q", str(exercises), "-k", "mse_loss"],
                   cwd=exercises.parent, capture_output=True, check=False)  # fmt: skip
    assert "# The reference" in answer(*command, said="").stdout


def test_progress_and_the_third_failure_running(exercises: Path, autograder: Run) -> None:
    wrong = solution("losses").replace("np.mean((pred", "np.sum((pred")
    (exercises / "losses.py").write_text(wrong, encoding="utf-8")
    outputs = []
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", str(exercises), "-k", "test_losses"],
            cwd=exercises.parent, capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
        outputs.append(done.stdout)
    assert "  Hint  " not in outputs[1]
    assert "  Hint  " in outputs[2]
    shown = autograder("progress", "--exercises", exercises).stdout
    assert re.search(r"losses .* 92/100  17 of 18 properties hold", shown)
    assert re.search(r"backprop .* 0/100  not attempted", shown)
    assert not Progress(exercises).solved("losses")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"losses.x": 1}', '{"a": {"times": "x"}}'])
def test_a_broken_record_is_begun_again(exercises: Path, text: str, autograder: Run) -> None:
    record = Progress(exercises)
    record.path.parent.mkdir()
    record.path.write_text(text, encoding="utf-8")
    shown = autograder("progress", "--exercises", exercises)
    assert shown.returncode == 0
    assert f"0/{POSSIBLE}" in shown.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="keys come from a pipe here")
def test_watching_checks_on_save_and_moves_on(exercises: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", "watch", "--exercises", str(exercises)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None

    def until(text: str) -> str:
        seen = ""
        assert process.stdout is not None
        while text not in seen:
            line = process.stdout.readline()
            assert line, seen
            seen += line
        return seen

    def press(key: str) -> None:
        assert process.stdin is not None
        process.stdin.write(key)
        process.stdin.flush()

    def save(text: str) -> None:
        (exercises / "losses.py").write_text(text, encoding="utf-8")

    until("Next  mse_loss")
    save(solution("losses").replace("np.mean((pred", "np.sum((pred"))
    seen = until("Next  mse_loss")
    assert "It looks like" in seen
    press("h")
    until("  Hint")
    save(solution("losses"))
    until("losses is done. Going on with backprop.")
    until("Next  sigmoid")
    press("n")
    until("Next  numerical_gradient")
    press("l")
    until(f"100/{POSSIBLE}")
    press("q")
    assert process.wait(10) == 0
    process.stdout.close()
    process.stdin.close()


def test_a_save_is_checked_at_once_in_a_warm_process(exercises: Path) -> None:
    """The claim is measured in benchmarks/; here: it needs no new process and no import."""
    from autograder.commands.watch import Watch

    watch = Watch(exercises)
    watch.check()
    modules = set(sys.modules)
    (exercises / "losses.py").write_text(solution("losses"), encoding="utf-8")
    time.sleep(0.01)
    assert watch.changed()
    watch.check()
    assert set(sys.modules) == modules
    assert watch.current == "backprop"
