"""Grading a class: right, reproducible, and stopped by nobody."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.catalogue import EXERCISES, find_check
from autograder.core.explain import Verdict
from autograder.core.workbook import Workbook
from autograder.grading.engine import Grader, course_secret
from autograder.grading.slots import Limits, SlotBroken
from autograder.grading.submissions import Submission
from autograder.isolation.kernel import NotConfined
from autograder.isolation.tiers import Tier
from autograder.reports import feedback, gradebook
from conftest import ROOT, Run, best_tier, hand_in, solution

SECRET = b"a secret for the tests, not for a course"
QUICK = [name for name in EXERCISES if name != "mnist_project"]


@pytest.fixture(scope="module", params=dict.fromkeys([best_tier(), Tier.PORTABLE]))
def grader(request: pytest.FixtureRequest) -> Iterator[Grader]:
    limits = Limits(patience=1 / 3)  # so that endless loops end soon
    with Grader(ROOT / "solutions", SECRET, limits=limits, tier=request.param) as grader:
        yield grader


def graded(grader: Grader, **modules: str | bytes) -> dict[str, Verdict]:
    """Grade one submission and return the verdicts of what was handed in."""
    files = {n: t if isinstance(t, bytes) else t.encode() for n, t in modules.items()}
    judged = grader.grade(Submission("ada", "ada", files)).judged
    return {
        check: one.verdict for check, one in judged.items() if one.verdict.check.exercise in files
    }


def outcomes(verdicts: dict[str, Verdict]) -> set[str]:
    return {verdict.outcome for verdict in verdicts.values()}


def text_of(verdict: Verdict) -> str:
    return " ".join(text for _, text in verdict.lines)


def losses_with(old: str, new: str) -> str:
    text = solution("losses")
    assert old in text
    return text.replace(old, new, 1)


def test_the_reference_gets_every_point(grader: Grader) -> None:
    submission = Submission("ada", "ada", {name: solution(name).encode() for name in EXERCISES})
    done = grader.grade(submission)
    assert done.total == sum(exercise.points for exercise in EXERCISES.values())
    assert len(done.judged) == sum(len(exercise.checks) for exercise in EXERCISES.values())


def test_a_stub_gets_none(grader: Grader) -> None:
    stubs = {n: (ROOT / "exercises" / f"{n}.py").read_bytes() for n in EXERCISES}
    assert outcomes(graded(grader, **stubs)) == {"not attempted"}


def test_what_is_missing_is_zero_and_said(grader: Grader) -> None:
    done = grader.grade(Submission("ada", "ada", {"losses": solution("losses").encode()}))
    assert (done.points("losses"), done.total) == (100, 100)
    assert "backprop.py was not handed in" in text_of(
        done.judged["backprop.sigmoid_of_every_entry"].verdict
    )


def test_hidden_draws_differ_between_submissions_and_repeat_for_one(grader: Grader) -> None:
    check = find_check("losses.mse_loss_is_a_mean_of_squares")
    one, other = (Submission("ada", "ada", {"losses": text}) for text in (b"1", b"2"))
    again = Submission("bob", "bob", {"losses": b"1"})
    assert grader.seed(one, check) == grader.seed(again, check)
    assert grader.seed(one, check) != grader.seed(other, check)
    with Grader(ROOT / "solutions", b"x" * 32, ["losses"], tier=grader.tier) as elsewhere:
        assert grader.seed(one, check) != elsewhere.seed(one, check)


def test_hard_coded_visible_numbers_earn_nothing(grader: Grader, reference: Workbook) -> None:
    """A table of the frozen observations passes the visible draw, and no hidden one."""
    frozen = json.loads((ROOT / "exercises/observations/losses.json").read_text())
    visible = frozen["mse_loss_is_a_mean_of_squares"]["dict"]["returned"]["dict"]
    values = [part["array"]["entries"][0] for part in visible.values()]
    cheat = f"VALUES = iter({values})\ndef mse_loss(p, t):\n    return next(VALUES)\n"
    verdict = graded(grader, losses=cheat)["losses.mse_loss_is_a_mean_of_squares"]
    assert verdict.outcome == "wrong values"


BAD_MODULES: list[tuple[str, str | bytes, str, str]] = [
    ("a syntax error", "def mse_loss(p, t:\n", "crashed", "SyntaxError"),
    ("a missing package", "import pandas\n", "crashed", "No module named 'pandas'"),
    ("another encoding", "x = 'caf\u00e9'\n".encode("latin-1"), "crashed", "utf-8"),
    ("null bytes", b"x = 1\0", "crashed", "null bytes"),
    ("an exception on import", "1 / 0\n", "crashed", "ZeroDivisionError"),
    ("leaving on import", "import sys; sys.exit(0)\n", "crashed", "SystemExit"),
    ("leaving hard on import", "import os; os._exit(0)\n", "died", "exit code 0"),
    ("nothing", "", "not attempted", "has no mse_loss"),
    ("no function but a number", "mse_loss = 3\n", "crashed", "not callable"),
]


@pytest.mark.parametrize(
    ("name", "module", "outcome", "says"), BAD_MODULES, ids=lambda v: str(v)[:24]
)
def test_a_module_that_cannot_be_used(
    grader: Grader, name: str, module: str | bytes, outcome: str, says: str
) -> None:
    verdicts = graded(grader, losses=module)
    first = verdicts["losses.mse_loss_is_a_mean_of_squares"]
    assert first.outcome == outcome
    assert says in text_of(first)
    assert not any(verdict.points for verdict in verdicts.values())


BAD_FUNCTIONS = [
    ("return ['a', 'b']", "wrong type", ""),
    ("pass", "wrong type", "is a return missing"),
    ("print('x' * 10_000_000); return 0.0", "wrong values", ""),
    ("return __import__('numpy').zeros(10**7)", "wrong type", "80000000 bytes"),
    ("raise SystemExit(0)", "crashed", "SystemExit"),
    ("raise KeyboardInterrupt", "crashed", "KeyboardInterrupt"),
    ("import os; os._exit(0)", "died", "exit code 0"),
    ("import os; os.kill(os.getpid(), 11)", "died", "SIGSEGV"),
    ("return mse_loss(p, t)", "crashed", "RecursionError"),
    ("x = bytearray(8 * 2**30); return 0.0", "crashed", "MemoryError"),
    ("import os; os.write(1, b'x' * 1000); return 0.0", "wrong values", ""),
    (
        "class E(Exception):\n        def __str__(self): 1 / 0\n    raise E",
        "crashed",
        "E: (a message",
    ),
]


@pytest.mark.parametrize(("body", "outcome", "says"), BAD_FUNCTIONS, ids=lambda v: v[:30])
def test_one_bad_function_leaves_the_others_their_points(
    grader: Grader, body: str, outcome: str, says: str
) -> None:
    bad = losses_with(
        "def mse_loss(predictions, targets):",
        f"def mse_loss(p, t):\n    {body}\ndef _(predictions, targets):",
    )
    verdicts = graded(grader, losses=bad)
    first = verdicts["losses.mse_loss_is_a_mean_of_squares"]
    assert first.outcome == outcome
    assert says in text_of(first)
    others = [v for v in verdicts.values() if v.check.function != "mse_loss"]
    assert {verdict.outcome for verdict in others} == {"correct"}
    assert len(first.printed) <= 2000


def test_an_endless_loop_costs_its_own_function_only(grader: Grader) -> None:
    slow = losses_with(
        "    exponentials = np.exp(shifted)", "    while True: pass\n    exponentials = 1"
    )
    verdicts = graded(grader, losses=slow)
    by_function: dict[str, set[str]] = {}
    for verdict in verdicts.values():
        by_function.setdefault(verdict.check.function, set()).add(verdict.outcome)
    assert by_function["softmax"] == {"too slow", "not run"}
    assert by_function["mse_loss"] == by_function["softmax_cross_entropy"] == {"correct"}


def test_what_was_right_before_the_loop_stays_right(grader: Grader) -> None:
    """The loop is in the second check of the function, which hands in unequal shapes."""
    slow = losses_with(
        "    if predictions.shape != targets.shape:",
        "    while predictions.shape != targets.shape: pass\n    if False:",
    )
    verdicts = graded(grader, losses=slow)
    assert verdicts["losses.mse_loss_is_a_mean_of_squares"].outcome == "correct"
    assert verdicts["losses.mse_loss_refuses_unequal_shapes"].outcome == "too slow"


def test_an_endless_loop_on_import_is_not_tried_for_every_function(grader: Grader) -> None:
    verdicts = graded(grader, losses="while True: pass\n", backprop=solution("backprop"))
    assert outcomes({c: v for c, v in verdicts.items() if c.startswith("losses")}) == {
        "too slow",
        "not run",
    }
    assert outcomes({c: v for c, v in verdicts.items() if c.startswith("backprop")}) == {"correct"}


FRAMES = (
    "import os\nfor fd in range(3, 20):\n"
    "    try: os.write(fd, {} * 100)\n    except OSError: pass\n"
)
FORGERIES = [
    FRAMES.format("b'\\0\\0\\0\\x04true'"),
    FRAMES.format("b'\\xff'"),
    "import autograder.core.observe as o\nfrom autograder.core.observe import Seen\n"
    "o.observe = lambda *a: Seen('correct')\nimport autograder.grading.worker as w\n"
    "w.observe = lambda *a: Seen('correct')\n",
    "import numpy as np\nnp.allclose = np.isclose = lambda *a, **k: True\n",
    "import numpy as np\nclass A(np.ndarray):\n    def __eq__(s, o): return True\n"
    "def mse_loss(p, t): return np.zeros(()).view(A)\n",
]


@pytest.mark.parametrize("module", FORGERIES, ids=range(len(FORGERIES)))
def test_forging_answers_earns_nothing(grader: Grader, module: str) -> None:
    verdicts = graded(grader, losses=module)
    assert not any(verdict.points for verdict in verdicts.values())


def test_the_worker_knows_no_solution_and_no_secret(
    grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_TOKEN", "a secret of the instructor's")
    spy = (
        "import os, sys\n"
        "def mse_loss(p, t):\n"
        "    ours = [n for n in sys.modules if 'solution' in n or 'authoring' in n]\n"
        f"    paths = [p for p in sys.path if p == {str(ROOT)!r}]\n"
        "    named = [n for n in os.environ if 'GRADER' in n or 'SECRET' in n or 'TOKEN' in n]\n"
        "    raise ValueError(f'{ours} {paths} {named}')\n"
    )
    verdict = graded(grader, losses=spy)["losses.mse_loss_is_a_mean_of_squares"]
    assert "ValueError: [] [] []" in text_of(verdict)


def test_the_labels_of_unseen_images_stay_outside(grader: Grader) -> None:
    """Drawing the digits again with everything the worker knows gives other labels."""
    cheat = (
        "import sys\n"
        "def train_classifier(images, labels, seed=0):\n"
        "    def predict(unseen):\n"
        "        from autograder.catalogue import find_check\n"
        "        frame = sys._getframe()\n"
        "        while 'check' not in frame.f_locals or 'seed' not in frame.f_locals:\n"
        "            frame = frame.f_back\n"
        "        return frame.f_locals['check'].prepared(frame.f_locals['seed']).kept\n"
        "    return predict\n"
    )
    verdicts = graded(grader, mnist_project=cheat)
    assert not any(verdict.points for verdict in verdicts.values())
    trained = verdicts["mnist_project.train_classifier_reads_80_percent"]
    assert trained.outcome == "wrong values"
    share = float(re.search(r"([\d.]+)% of 500", text_of(trained))[1])  # type: ignore[index]
    assert share < 40


def test_the_command_grades_a_whole_class(
    autograder: Run, submissions: Path, tmp_path: Path
) -> None:
    everything = {name: solution(name) for name in QUICK}
    hand_in(submissions, "ada lovelace", **everything)
    hand_in(submissions, "=cmd|'c calc'!A1", losses=solution("losses"))
    hand_in(submissions, 'zoë 🎈, "z"', losses=losses_with("np.mean((", "np.sum(("))
    (submissions / "nobody").mkdir()
    out = tmp_path / "results"
    arguments = ["grade", submissions, "--out", out, "--secret", tmp_path / "secret", "--unsafe"]
    arguments += [word for name in QUICK for word in ("--exercise", name)]
    done = autograder(*arguments)
    assert done.returncode == 0, done.stderr

    with (out / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert list(rows) == sorted(rows, key=lambda name: name.lstrip("'"))
    assert rows["ada lovelace"]["total"] == str(sum(EXERCISES[name].points for name in QUICK))
    assert rows["'=cmd|'c calc'!A1"]["losses"] == "100"
    assert "not handed in: backprop" in rows["'=cmd|'c calc'!A1"]["remarks"]
    assert rows['zoë 🎈, "z"']["losses"] == "92"
    assert rows["nobody"]["total"] == "0"

    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    possible = {id for exercise in results["exercises"].values() for id in exercise["checks"]}
    assert possible == {check.id for name in QUICK for check in EXERCISES[name].checks}
    for one in results["students"]:
        assert set(one["checks"]) == possible
        assert all({"points", "outcome", "seed"} <= set(check) for check in one["checks"].values())
        assert one["total"] == sum(check["points"] for check in one["checks"].values())
        assert [attempt["isolation"] for attempt in one["attempts"]] == [str(best_tier())]

    written = (out / "feedback").glob("*.md")
    texts = {path.name: path.read_text(encoding="utf-8") for path in written}
    assert len(texts) == 4
    zoe = next(text for text in texts.values() if "zoë" in text)
    assert "✗ mse_loss · wrong value for (4, 3) arrays" in zoe
    assert "It looks like a sum where a mean belongs" in zoe
    assert "You may think the sum is as good as the mean" in zoe
    assert "not handed in" in zoe

    again = autograder(*arguments[:3], tmp_path / "again", *arguments[4:])
    assert again.returncode == 0
    assert (tmp_path / "again" / "results.json").read_text() == (out / "results.json").read_text()


def test_a_fault_of_the_grader_costs_one_submission_and_is_said(
    grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*arguments: Any) -> Any:
        raise ZeroDivisionError("a bug of ours")

    with monkeypatch.context() as patched:
        patched.setattr("autograder.grading.engine.observe_in_sandbox", failing)
        eve = grader.grade(Submission("eve", "eve", {"losses": b""}))
    assert "please report it: ZeroDivisionError" in eve.problems[0]
    assert (eve.total, eve.final) == (0, False)
    ada = grader.grade(Submission("ada", "ada", {"losses": solution("losses").encode()}))
    assert (ada.total, ada.problems, ada.final) == (100, [], True)


@pytest.mark.parametrize("problem", [NotConfined, SlotBroken])
def test_nobody_is_graded_where_nobody_can_be_confined(
    grader: Grader, monkeypatch: pytest.MonkeyPatch, problem: type[Exception]
) -> None:
    def failing(*arguments: Any) -> Any:
        raise problem("it does not hold")

    monkeypatch.setattr("autograder.grading.engine.observe_in_sandbox", failing)
    with pytest.raises(problem, match="does not hold"):
        grader.grade(Submission("eve", "eve", {"losses": b""}))


def test_reproduce_shows_the_failing_draw_again(
    autograder: Run, submissions: Path, tmp_path: Path
) -> None:
    hand_in(submissions, "zoe", losses=losses_with("np.mean((", "np.sum(("))
    out, secret = tmp_path / "results", tmp_path / "secret"
    grading = ("--secret", secret, "--exercise", "losses", "--unsafe")
    autograder("grade", submissions, "--out", out, *grading)
    check = "losses.mse_loss_is_a_mean_of_squares"
    done = autograder("reproduce", "zoe", check, "--unsafe", "--results", out)
    text = next((out / "feedback").glob("*.md")).read_text(encoding="utf-8")
    shown = done.stdout.rpartition("\n  Seed")[0]
    assert done.returncode == 1
    assert shown in text
    seed = re.search(r"Seed +(\d+)", done.stdout)[1]  # type: ignore[index]
    assert f"autograder observe {check} --seed {seed}" in text

    seen = autograder("observe", check, "--seed", seed, "--folder", submissions / "zoe")
    returned = re.search(r"You returned  ([\d.]+)", shown)[1]  # type: ignore[index]
    assert seen.returncode == 0
    assert f"returned np.float64({returned[:5]}" in seen.stdout or returned[:5] in seen.stdout

    fine = autograder(
        "reproduce", "zoe", "losses.softmax_is_over_the_last_axis", "--unsafe", "--results", out
    )
    assert fine.returncode == 0
    for wrong, said in (
        (("zow", check), "no student 'zow': perhaps zoe"),
        (("zoe", "losses.nothing"), "there is no check 'losses.nothing'"),
        (("zoe", "backprop.sigmoid_of_every_entry"), "was not graded in this run"),
    ):
        refused = autograder("reproduce", *wrong, "--results", out)
        assert refused.returncode == 2
        assert said in refused.stderr
    (submissions / "zoe" / "losses.py").write_text("changed")
    assert (
        "have changed" in autograder("reproduce", "zoe", check, "--unsafe", "--results", out).stderr
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["grade", "nowhere", "--out", "x"], "is not a folder of submissions"),
        (["grade", "course", "--out", "x", "--exercise", "sums"], "no exercise sums"),
        (["grade", "course", "--out", "x", "--solutions", "docs", "--unsafe"], "can't be imported"),
        (["grade", "course", "--out", "x", "--check", "losses.no"], "there is no check"),
        (["grade", "course", "--out", "x", "--shard", "3/2"], "--shard 3/2: write I/N"),
        (["grade", "course", "--out", "x", "--isolation", "portable"], "portable is no sandbox"),
        (["merge", "docs"], "holds no shards"),
        (["reproduce", "ada", "losses.x", "--results", "docs"], "has no results"),
        (["observe", "losses.nothing"], "there is no check"),
        (["observe", "losses.softmax_is_over_the_last_axis", "--folder", "no"], "no folder no"),
        (["stubs", "--solutions", "nowhere"], "there is no folder nowhere"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    autograder: Run, arguments: list[str], says: str, tmp_path: Path
) -> None:
    secret = ["--secret", str(tmp_path / "secret")] if arguments[0] == "grade" else []
    done = autograder(*arguments, *secret)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "course" / "secret"
    first = course_secret(path)
    assert len(first) >= 32
    assert course_secret(path) == first
    assert path.stat().st_mode & 0o077 == 0 or not hasattr(path, "chmod")
    path.write_text("short")
    with pytest.raises(ValueError, match="too short"):
        course_secret(path)


NAMES = ["ada", "Ada", "a/b", "a\\b", "..", "con", "=1", "x" * 300, "é", "🎈", "a b", "a", ""]


def test_every_student_gets_a_file_of_their_own() -> None:
    files = {feedback.file_name(name).casefold() for name in NAMES if name != "Ada"}
    assert len(files) == len(NAMES) - 1
    for file in files:
        assert re.fullmatch(r"[\w.@+ -]{1,100}", file)
        assert file.strip(". ") == file


def test_feedback_shows_a_students_text_and_obeys_none_of_it() -> None:
    id = "losses.mse_loss_is_a_mean_of_squares"
    check = {
        "points": 0,
        "outcome": "crashed",
        "headline": "it raised X",
        "explanation": [["It raised", "X: ```\n# <script>alert(1)</script>"]],
        "printed": "````\n<b>bold</b>",
        "seed": 1,
    }
    student = {
        "student": "<b>[x](y)",
        "problems": [],
        "total": 0,
        "exercises": {"losses": 0},
        "checks": {id: check},
    }
    text = feedback.text(student, {"losses": {"points": 8, "checks": {id: {}}}})
    fence = re.search(r"^(`{4,})text$", text, re.MULTILINE)[1]  # type: ignore[index]
    assert len(fence) > 4
    inside = text.partition(f"{fence}text")[2].partition(f"\n{fence}\n")[0]
    assert "<script>" in inside
    assert "<script>" not in text.replace(inside, "")
    assert "<b>" not in text.splitlines()[0].replace("\\<", "")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_formula_is_dead(text: str) -> None:
    assert gradebook.dead(text).startswith("'")
    assert gradebook.dead(f"a{text}") == f"a{text}"


def test_a_course_file_says_what_is_graded_and_refuses_what_it_cannot_be(
    submissions: Path, tmp_path: Path, autograder: Run
) -> None:
    hand_in(submissions, "ada", losses=solution("losses"))
    course = tmp_path / "course.toml"
    command = ["grade", submissions, "--out", tmp_path / "out", "--unsafe", "--course", course]
    command += ["--secret", tmp_path / "secret"]
    for text, said in (
        ("[deadlines]\nlosses = 2026-10-12T23:59:00\n", "course.toml, line 2, deadlines.losses"),
        ('[[extensions]]\nstudent = "adda"\nuntil = 2026-10-12T23:59:00Z\n', "'adda'"),
        ('roster = "none.csv"\n', "line 1, roster: there is no file"),
    ):
        course.write_text(text)
        done = autograder(*command)
        assert (done.returncode, said in done.stderr) == (2, True), done.stderr
        assert not (tmp_path / "out").exists()
    course.write_text('exercises = ["losses"]\nroster = "roster.csv"\n')
    (tmp_path / "roster.csv").write_text("student\nada\nbo\n")
    assert autograder(*command).returncode == 0
    with (tmp_path / "out/grades.csv").open(encoding="utf-8-sig") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert list(rows["ada"]) == ["student", "losses", "total", "remarks"]
    assert {name: row["total"] for name, row in rows.items()} == {"ada": "100", "bo": "0"}
    assert rows["bo"]["remarks"] == "nothing was handed in that could be graded"
