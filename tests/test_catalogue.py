"""The checks: worth 100 points a chapter, passed by the reference, given away by nothing."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from autograder.authoring import made
from autograder.authoring.stubs import BrokenMarkers, stub
from autograder.catalogue import EXERCISES, find_check
from autograder.catalogue.stand_ins import ScriptedNetwork
from autograder.core import frozen
from autograder.core.exercise import VISIBLE_SEED, Check
from autograder.core.explain import judge
from autograder.core.observe import observe
from autograder.core.plain import dumps
from autograder.core.workbook import Workbook
from conftest import ROOT, solution

CHECKS = [check for exercise in EXERCISES.values() for check in exercise.checks]
QUICK = [check for check in CHECKS if check.prepare is None]


def verdict_of(check: Check, work: Workbook, reference: Workbook, seed: int) -> str:
    prepared = check.prepared(seed)
    inputs, kept = (prepared.inputs, prepared.kept) if prepared else (None, None)
    seen = observe(check, work.module(check.exercise), check.inner_seed(seed), inputs)
    expected = None if check.judge else frozen.expected(check, reference, seed)
    return judge(check, seen, expected, kept).outcome


@pytest.mark.parametrize("name", EXERCISES)
def test_a_chapter_is_worth_100_points(name: str) -> None:
    assert EXERCISES[name].points == 100


@pytest.mark.parametrize("name", EXERCISES)
def test_a_chapter_is_called_what_feedback_calls_it(name: str) -> None:
    text = (ROOT / "course" / name / "index.md").read_text(encoding="utf-8")
    assert f"\n# {EXERCISES[name].title}\n" in f"\n{text}"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_the_reference_passes_the_visible_draw(check: Check, reference: Workbook) -> None:
    assert verdict_of(check, reference, reference, VISIBLE_SEED) == "correct"


@pytest.mark.parametrize("check", QUICK, ids=lambda check: check.id)
def test_the_reference_passes_ten_hidden_draws(check: Check, reference: Workbook) -> None:
    outcomes = {verdict_of(check, reference, reference, seed) for seed in range(1, 11)}
    assert outcomes == {"correct"}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_stub_earns_nothing(check: Check, stubs: Workbook, reference: Workbook) -> None:
    assert verdict_of(check, stubs, reference, VISIBLE_SEED) == "not attempted"


@pytest.mark.parametrize("check", QUICK, ids=lambda check: check.id)
def test_a_draw_repeats_and_another_differs(check: Check, reference: Workbook) -> None:
    first, again, other = (dumps(frozen.expected(check, reference, s)) for s in (1, 1, 2))
    assert first == again
    if check.id != "gradient_check.gradient_check_trusts_a_sound_network":  # always near zero
        assert first != other


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_check_says_what_it_is_of_in_words_that_fit(check: Check) -> None:
    assert len(check.ran) <= 64
    assert len(check.title) <= 80
    assert check.tolerance.because
    text = (ROOT / "course" / check.exercise / "index.md").read_text(encoding="utf-8")
    headings = re.findall(r"^##+ (.+?)\s*(?:\{.*\})?$", text, re.MULTILINE)
    assert check.read in headings


def test_training_never_makes_stand_ins_equal_that_started_apart() -> None:
    for seed in range(300):
        rng = np.random.default_rng(seed)
        start, X, y = ScriptedNetwork(rng, 3, 2), rng.normal(size=(3, 3)), rng.normal(size=(3, 2))
        one, other = start.copy(), start.copy()
        other.weights[0] += rng.normal(size=other.weights[0].shape)
        for x, target in [*zip(X, y, strict=True)] * 3:
            outputs = []
            for net in (one, other):
                outputs.append(net.forward(x))
                for parameters, gradients in zip(
                    (net.weights, net.biases), net.backward(target), strict=True
                ):
                    for parameter, gradient in zip(parameters, gradients, strict=True):
                        parameter -= 0.3 * gradient
        assert np.abs(outputs[0] - outputs[1]).max() > 1e-6


def test_checks_are_found_by_name_and_by_nothing_else() -> None:
    assert find_check("losses.softmax_survives_large_logits").function == "softmax"
    for wrong in ("losses.nothing", "nothing.softmax", "softmax", ""):
        with pytest.raises(KeyError, match="there is no"):
            find_check(wrong)


def test_what_is_committed_is_what_would_be_made() -> None:
    solutions, exercises = ROOT / "solutions", ROOT / "exercises"
    files = [*made.stubs(solutions, exercises), *made.observations(solutions, exercises)]
    assert [file.path.name for file in files if not file.current] == []
    assert len(files) == 3 * len(EXERCISES)


def test_a_stale_file_is_noticed(tmp_path: Path) -> None:
    for file in made.stubs(ROOT / "solutions", tmp_path):
        assert not file.current
        assert file.write()
    (tmp_path / "losses.py").write_text("changed")
    stale = [
        file.path.name for file in made.stubs(ROOT / "solutions", tmp_path) if not file.current
    ]
    assert stale == ["losses.py"]


def solution_lines(name: str) -> set[str]:
    """Return the lines of a reference between its markers that say something."""
    regions = re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", solution(name), re.DOTALL)
    lines = {line.strip() for region in regions for line in region.splitlines()}
    return {line for line in lines if len(line) > 24 and not line.startswith(("#", "raise", "def"))}


@pytest.mark.parametrize("name", EXERCISES)
def test_nothing_that_learners_get_holds_a_line_of_a_solution(name: str) -> None:
    secret = solution_lines(name)
    assert secret
    given = [*ROOT.glob("exercises/**/*"), *ROOT.glob("autograder/**/*.py")]
    for path in given:
        if path.is_file() and "__pycache__" not in path.parts:
            lines = {line.strip() for line in path.read_text(encoding="utf-8").splitlines()}
            assert not lines & secret, path


def test_markers_must_come_in_pairs() -> None:
    for broken in (
        "x = 1\n",
        "### BEGIN SOLUTION\n",
        "### END SOLUTION\n",
        "### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION\n",
    ):
        with pytest.raises(BrokenMarkers):
            stub(broken)
