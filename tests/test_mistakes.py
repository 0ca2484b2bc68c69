"""Known mistakes: named when they alone fit, told in every feedback, and never guessed."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder.authoring.audit import Audit, Auditor
from autograder.authoring.kept import PACKAGE, PARTS, kept_audit
from autograder.authoring.variants import BadCatalogue, Variants, read_slips
from autograder.catalogue import EXERCISES, find_check
from autograder.core.exercise import VISIBLE_SEED
from autograder.core.mistakes import Mistake, Unseen, name_mistake
from autograder.grading.engine import Grader
from autograder.grading.submissions import Submission
from autograder.learner.verifier import Verifier
from conftest import ROOT, Run, best_tier, run, solution

VARIANTS = Variants(ROOT / "solutions")
MISTAKES = [mistake for name in EXERCISES for mistake in VARIANTS.mistakes(name)]


def test_there_are_enough_of_them() -> None:
    assert len(MISTAKES) >= 80
    assert all(len(VARIANTS.mistakes(name)) >= 8 for name in EXERCISES)
    assert all(len(VARIANTS.alternatives(name)) >= 5 for name in EXERCISES)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.id)
def test_a_learner_is_told_the_mistake(mistake: Mistake, tmp_path: Path) -> None:
    """Without any solution: from the frozen fingerprints alone, and as often as the audit says."""
    slip = next(s for s in VARIANTS.slips[mistake.exercise] if s.mistake == mistake)
    for name in EXERCISES:
        (tmp_path / f"{name}.py").symlink_to(ROOT / "solutions" / f"{name}.py")
    (tmp_path / f"{mistake.exercise}.py").unlink()
    text = slip.applied(solution(mistake.exercise))
    (tmp_path / f"{mistake.exercise}.py").write_text(text, encoding="utf-8")
    verifier = Verifier(tmp_path, ROOT / "exercises")
    checks = [check for check in EXERCISES[mistake.exercise].checks if not check.prepare]
    verdicts = [verifier.verdict(check) for check in checks]
    wrong = [verdict for verdict in verdicts if verdict.outcome != "correct"]
    assert wrong
    group = {m.id for m in VARIANTS.mistakes(mistake.exercise) if m.group == mistake.group}
    names = {verdict.mistake for verdict in wrong} - {""}
    assert names <= group
    told = [verdict for verdict in wrong if verdict.mistake]
    assert told
    for verdict in told:
        assert "It looks like" in dict(verdict.lines)
        assert verifier.hint(verdict)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.id)
def test_its_sentences_give_no_solution_away(mistake: Mistake) -> None:
    lines = {line.strip() for line in solution(mistake.exercise).splitlines()}
    for text in (mistake.looks_like, mistake.think, mistake.fact, mistake.hint):
        assert text.strip() == text
        assert text
        assert not text.endswith((".", "!")) or text == mistake.hint
        assert not any(line in text for line in lines if len(line) > 24)
    assert len(mistake.looks_like) <= 64


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.id)
def test_it_says_where_to_read(mistake: Mistake) -> None:
    text = (ROOT / "course" / mistake.exercise / "index.md").read_text(encoding="utf-8")
    assert f"\n## {mistake.read}\n" in text or f"\n### {mistake.read}\n" in text


def test_grading_feedback_has_the_same_sentence(check_exercises: Run, tmp_path: Path) -> None:
    slip = next(s for s in VARIANTS.slips["losses"] if s.mistake.function == "mse_loss")
    text = slip.applied(solution("losses"))
    secret = b"a secret for the tests"
    with Grader(ROOT / "solutions", secret, ["losses"], tier=best_tier()) as grader:
        judged = grader.grade(Submission("ada", "ada", {"losses": text.encode()})).judged
    named = [one.verdict for one in judged.values() if one.verdict.mistake]
    assert {verdict.mistake for verdict in named} == {slip.mistake.id}
    (tmp_path / "losses.py").write_text(text, encoding="utf-8")
    done = check_exercises(tmp_path, "exercises", "-k", "mse_loss", "--hints")
    assert f"  It looks like {slip.mistake.looks_like}" in done.stdout
    assert f"  Hint          {slip.mistake.hint[:30]}" in done.stdout


CHECK = find_check("losses.mse_loss_is_a_mean_of_squares")
SHAPES = find_check("losses.mse_loss_refuses_unequal_shapes")
CHECKS = [CHECK, SHAPES]


def mistake(name: str, group: str = "") -> Mistake:
    return Mistake("losses", name, "mse_loss", "", "", "", "", "", group or name)


def named(seen: dict[str, Any], marks: dict[str, tuple[Any, Any]], groups: Any = ()) -> str:
    """Name by fingerprints of the two checks of `mse_loss`."""
    mistakes = [mistake(name, dict(groups).get(name, "")) for name in marks]
    found = name_mistake(
        CHECK,
        seen,
        CHECKS,
        mistakes,
        lambda one, check: marks[one.name][CHECKS.index(check)],
    )
    return found.name if found else ""


SEEN = {CHECK.id: 2.0, SHAPES.id: "fine"}


def test_one_that_alone_fits_is_named() -> None:
    assert named(SEEN, {"a": (2.0, "fine"), "b": (3.0, "fine")}) == "a"
    assert named(SEEN, {"b": (3.0, "fine")}) == ""
    assert named(SEEN, {"a": (Unseen, "fine")}) == ""
    assert named(SEEN, {}) == ""


def test_of_two_that_fit_the_one_that_fits_everywhere_is_named() -> None:
    assert named(SEEN, {"a": (2.0, "fine"), "b": (2.0, "other")}) == "a"
    assert named(SEEN, {"a": (2.0, "fine"), "b": (2.0, "fine")}) == ""
    assert named(SEEN, {"a": (2.0, "odd"), "b": (2.0, "other")}) == ""


def test_a_group_that_is_one_and_the_same_thing_is_named() -> None:
    marks = {"a": (2.0, "fine"), "b": (2.0, "fine")}
    assert named(SEEN, marks, {"a": "same", "b": "same"}) == "a"


def test_two_mistakes_in_one_function_are_each_named_where_they_alone_show() -> None:
    marks = {"a": (2.0, "fine"), "b": (1.0, "none raised")}
    assert named({CHECK.id: 2.0, SHAPES.id: "none raised"}, marks) == "a"


BROKEN = [
    ("[[mistake]]\nname = 1", "missing or unknown"),
    ("[[mistake", "TOML"),
    ('[[mistake]]\nname="a"\nfunction="nothing"\nlooks_like=""\nthink=""\nfact=""\nhint=""\n'
     'read=""\nchanges=[]', "no function nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "says"), BROKEN)
def test_a_broken_catalogue_says_where(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "mistakes").mkdir()
    (tmp_path / "mistakes" / "losses.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadCatalogue, match=r"losses\.toml"):
        read_slips(tmp_path, "losses")


def test_a_change_that_does_not_fit_is_refused() -> None:
    slip = VARIANTS.slips["losses"][0]
    with pytest.raises(BadCatalogue, match="occurs 0 times"):
        slip.applied("something else")


@pytest.mark.parametrize("name", EXERCISES)
def test_the_audit_finds_nothing_wrong(name: str) -> None:
    audit = kept_audit(ROOT / "solutions", name)
    assert audit.problems == []
    assert audit.counts["mistakes"] == audit.counts["named"] + audit.counts["silent"]
    assert audit.counts["alternatives"] >= 5
    assert audit.counts["mutants"] >= 10


def test_an_audit_is_kept_until_what_it_depends_on_changes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    solutions = tmp_path / "solutions"
    shutil.copytree(ROOT / "solutions", solutions)
    audited: list[str] = []

    def audit(self: Auditor, name: str) -> Audit:
        audited.append(name)
        return Audit(name, problems=[f"run {len(audited)}"])

    monkeypatch.setattr(Auditor, "audit", audit)
    first = kept_audit(solutions, "losses")
    assert kept_audit(solutions, "losses") == first
    slips = solutions / "mistakes" / "losses.toml"
    slips.write_text(slips.read_text("utf-8") + "\n", "utf-8")
    assert kept_audit(solutions, "losses").problems == ["run 2"]
    assert kept_audit(solutions, "backprop").problems == ["run 3"]
    monkeypatch.setattr("numpy.__version__", "0")
    assert kept_audit(solutions, "losses").problems == ["run 4"]


def test_an_audit_depends_on_no_other_part_of_the_package() -> None:
    code = (
        "import sys, autograder.authoring.audit; print(*(m.__file__ for m in sys.modules.values()"
    )
    done = run(sys.executable, "-c", f"{code} if m.__name__.startswith('autograder')))")
    loaded = {Path(file) for file in done.stdout.split()}
    assert len(loaded) > 10
    assert loaded <= {PACKAGE / "learner" / "__init__.py"} | {
        file for part in PARTS for file in PACKAGE.glob(part)
    }


def test_the_audit_sees_a_hole(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a check taken away, wrong code is accepted, and the audit says so."""
    exercise = EXERCISES["losses"]
    rest = [check for check in exercise.checks if check.name != CHECK.name]
    monkeypatch.setattr(exercise, "checks", rest)
    audit = Auditor(ROOT / "solutions").audit("losses")
    assert audit.counts["accepted"] > 0
    assert audit.counts["survived"] > 0


def test_the_audit_sees_a_wrong_rejection_and_a_wrong_name(monkeypatch: pytest.MonkeyPatch) -> None:
    auditor = Auditor(ROOT / "solutions")
    first, second = auditor.variants.mistakes("losses")[:2]
    wrong = auditor.variants.with_mistake(first)
    monkeypatch.setattr(auditor.variants, "alternatives", lambda name: {"wrong": wrong})
    monkeypatch.setattr("autograder.authoring.audit.name_mistake", lambda *arguments: second)
    audit = auditor.audit("losses")
    assert audit.counts["rejected"] == 1
    assert audit.counts["misnamed"] > 0


def test_a_visible_draw_is_what_was_frozen() -> None:
    assert VISIBLE_SEED == 0
