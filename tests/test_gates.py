"""The gates of docs/gates.md: what it names is there, and something broken doesn't get through.

Where a gate is a test elsewhere, it is called here on something broken, and must fail.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import test_benchmarks
import test_browser
import test_catalogue
import test_repository

from autograder.authoring import audit as auditing
from autograder.authoring.audit import Auditor
from autograder.authoring.mutants import mutants
from autograder.catalogue import find_check
from autograder.core.workbook import Workbook
from benchmarks import results
from conftest import ROOT, solution

PAGE = (ROOT / "docs" / "gates.md").read_text(encoding="utf-8")
HEAD = "| gate | the defect it guards against | run it | what makes it fail |"
CODE = re.compile(r"`([^`]+)`")


# --- The table


@dataclass(frozen=True)
class Gate:
    """A row of the table."""

    name: str
    command: str
    failing: tuple[str, ...]


def gates(page: str) -> Iterator[Gate]:
    """Yield the rows of the page's tables."""
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and line != HEAD and not set(line) <= set("|- "):
            name, _, command, failing = cells
            yield Gate(name, command.strip("`"), tuple(CODE.findall(failing)))


def problems(page: str) -> Iterator[str]:
    """Yield what is wrong with the table."""
    for gate in gates(page):
        if not runs_something(gate.command):
            yield f"{gate.name}: there is no {gate.command}"
        if not gate.failing:
            yield f"{gate.name}: no test makes it fail"
        for test in gate.failing:
            file, _, name = test.partition("::")
            if name not in names_of_tests(ROOT / file):
                yield f"{gate.name}: there is no {test}"


def names_of_tests(file: Path) -> set[str]:
    """Return the names of a file's tests."""
    if not file.is_file():
        return set()
    body = ast.parse(file.read_text(encoding="utf-8")).body
    names = {each.name for each in body if isinstance(each, ast.FunctionDef)}
    return {name for name in names if name.startswith("test_")}


def runs_something(command: str) -> bool:
    """Say whether there is what a command runs."""
    program, *words = command.split()
    if program == "pytest":
        found = names_of_tests(ROOT / words[0])
        return any(words[-1] in name for name in found) if "-k" in words else bool(found)
    if program == "python":
        text = (ROOT / words[0]).read_text(encoding="utf-8")
        return all(f'"{option}"' in text for option in words[1:])
    if program == "autograder":
        return (ROOT / "autograder" / "commands" / f"{words[0]}.py").is_file()
    if program == "make":
        return f"\n{words[0]}:" in (ROOT / "Makefile").read_text(encoding="utf-8")
    return program == "nox" and (ROOT / "noxfile.py").is_file()


def test_every_gate_runs_and_has_a_test_that_makes_it_fail() -> None:
    assert len(list(gates(PAGE))) >= 25
    assert list(problems(PAGE)) == []


ROW = "| A gate | a defect | `{}` | {} |"
BROKEN = {
    ROW.format("make bench", ""): "no test makes it fail",
    ROW.format("make bench", "`tests/test_gates.py::test_nothing`"): "there is no tests",
    ROW.format("make bench", "`tests/test_nothing.py::test_it`"): "there is no tests",
    ROW.format("make nothing", "`tests/test_gates.py::test_every`"): "there is no make nothing",
    ROW.format("autograder nothing", ""): "there is no autograder nothing",
    ROW.format("pytest tests/test_gates.py -k nothing_of_the_kind", ""): "there is no pytest",
    ROW.format("python docs/build.py --nothing", ""): "there is no python",
}


@pytest.mark.parametrize("row", BROKEN)
def test_a_gate_that_cannot_fail_is_found_out(row: str) -> None:
    assert any(BROKEN[row] in problem for problem in problems(f"{HEAD}\n|---|---|\n{row}\n"))


# --- Right work, wrong work


def test_a_check_that_empty_work_passes_is_found_out(stubs: Workbook, reference: Workbook) -> None:
    check = find_check("losses.softmax_survives_large_logits")
    test_catalogue.test_a_stub_earns_nothing(check, stubs, reference)
    generous = replace(check, look=lambda module, rng: {"it is there": True})
    with pytest.raises(AssertionError):
        test_catalogue.test_a_stub_earns_nothing(generous, stubs, reference)


def test_a_check_that_depends_on_luck_is_found_out(reference: Workbook) -> None:
    check = find_check("losses.softmax_survives_large_logits")
    lucky = replace(check, look=lambda module, rng: float(np.random.default_rng().normal()))
    with pytest.raises(AssertionError):
        test_catalogue.test_the_reference_passes_ten_hidden_draws(lucky, reference)


MEAN = "np.mean((predictions - targets) ** 2)"
HARMLESS = [MEAN, "np.mean((targets - predictions) ** 2)"]
SUM = [MEAN, "np.sum((predictions - targets) ** 2)"]
SLIP = """
[[mistake]]
name = "{name}"
function = "{function}"
looks_like = "a"
think = "b"
fact = "c"
hint = "d"
read = "e"
changes = [{changes}]
"""


def audited(folder: Path, exercise: str, slips: str, **texts: str) -> str:
    """Audit an exercise with these mistakes and no others; return the problems."""
    solutions = folder / "solutions"
    shutil.copytree(ROOT / "solutions", solutions, ignore=shutil.ignore_patterns("alternatives"))
    (solutions / "mistakes" / f"{exercise}.toml").write_text(slips, encoding="utf-8")
    for name, text in texts.items():
        path = solutions / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return "\n".join(Auditor(solutions).audit(exercise).problems)


def test_an_audit_finds_what_must_not_be(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mutant = next(mutants(solution("losses"), set()))
    harmless = replace(mutant, name="a harmless mutant", source=solution("losses"))
    monkeypatch.setattr(auditing, "mutants", lambda source, judged: [harmless])
    monkeypatch.setattr(auditing, "PERTURBATIONS", 0)
    slips = SLIP.format(name="harmless", function="mse_loss", changes=HARMLESS)
    wrong = "def mse_loss(predictions, targets):\n    return 0.0\n"
    said = audited(tmp_path, "losses", slips, alternatives__losses__wrong=wrong)
    assert "losses.harmless is accepted on draw" in said
    assert "wrong.py fails losses.mse_loss" in said
    assert "accepted, and not listed as right: a harmless mutant" in said


def test_an_audit_finds_a_wrong_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(auditing, "mutants", lambda source, judged: [])
    monkeypatch.setattr(auditing, "PERTURBATIONS", 0)
    slip = SLIP.format(name="a-sum", function="mse_loss", changes=SUM)
    assert "is named" not in audited(tmp_path / "right", "losses", slip)

    def named(check: Any, seen: Any, checks: Any, mistakes: Any, marks: Any) -> Any:
        return replace(mistakes[0], name="another", group="another") if mistakes else None

    monkeypatch.setattr(auditing, "name_mistake", named)
    said = audited(tmp_path / "wrong", "losses", slip)
    assert "losses.a-sum is named losses.another on draw" in said


LEANING = """
from backprop import sigmoid_derivative

one_hot_alone = one_hot


def one_hot(labels, n_classes):
    return 4 * sigmoid_derivative(0.5) * one_hot_alone(labels, n_classes)
"""


def test_an_audit_finds_a_mistake_that_costs_points_elsewhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(auditing, "mutants", lambda source, judged: [])
    monkeypatch.setattr(auditing, "PERTURBATIONS", 0)
    monkeypatch.setattr(auditing, "MANY_HIDDEN", ())
    slip = SLIP.format(
        name="half", function="sigmoid_derivative", changes=["return a * (1 - a)", "return a"]
    )
    project = solution("mnist_project") + LEANING
    said = audited(tmp_path, "backprop", slip, mnist_project=project)
    assert "backprop.half costs points in mnist_project.one_hot" in said


def test_one_bit_in_a_trace_is_found_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import test_play_engine

    from play import golden
    from play.engine import PRESETS, train

    preset = "too-simple"
    monkeypatch.setattr(golden, "PRESETS", {preset: PRESETS[preset]})
    path = tmp_path / "golden.json"
    monkeypatch.setattr(test_play_engine, "TRACES", path)
    path.write_text(golden.golden(), encoding="utf-8")
    test_play_engine.test_the_golden_traces_are_current()

    def off_by_one_bit(*arguments: Any, **options: Any) -> Any:
        run = train(*arguments, **options)
        history = run.history.copy()
        history[-1, 0] = np.nextafter(history[-1, 0], np.inf)
        return replace(run, history=history)

    monkeypatch.setattr(golden, "train", off_by_one_bit)
    with pytest.raises(AssertionError):
        test_play_engine.test_the_golden_traces_are_current()


# --- The website


def test_a_figure_without_words_is_found_out() -> None:
    import matplotlib.pyplot as plt

    from figures import svg

    figure, _ = plt.subplots()
    with pytest.raises(ValueError, match="needs an alt text"):
        svg(figure, alt=" ")
    plt.close(figure)


UNREADABLE = """<!doctype html><html><head><title>Bad</title><link rel="icon" href="data:,">
<meta name="description" content="A page that nobody should get."></head>
<body data-md-color-scheme="default" style="background: white">
<p style="color: #ddd">Hardly to be seen.</p><img src="here.png" width="2000" height="9">
<button id="__palette_0" onclick="document.body.dataset.mdColorScheme = 'default'"></button>
<button id="__palette_1" onclick="document.body.dataset.mdColorScheme = 'slate'"></button>
<script>console.error("oh"); fetch("https://example.org/").catch(() => 0)</script></body></html>"""


@pytest.fixture(scope="module")
def bad_page(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """Return what a visit to a bad page finds."""
    folder = tmp_path_factory.mktemp("bad")
    (folder / "bad.html").write_text(UNREADABLE, encoding="utf-8")
    command = [sys.executable, "-u", "-m", "http.server", "-b", "127.0.0.1", "-d", str(folder), "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdout
        port = re.search(rb"port (\d+)", server.stdout.readline())
        assert port
        address = f"http://127.0.0.1:{port[1].decode()}"
        context = browser.new_context(viewport=test_browser.WIDE, color_scheme="light")
        seen = test_browser.visit(context, address, "bad.html")
        context.close()
        server.kill()
    return lambda name: seen


def test_a_page_that_some_cannot_read_is_found_out(bad_page: Any) -> None:
    found = " ".join(bad_page("bad").violations)
    assert "image-alt" in found
    assert "color-contrast" in found
    with pytest.raises(AssertionError):
        test_browser.test_axe_finds_nothing(bad_page, "bad")


def test_a_page_that_scrolls_complains_or_asks_others_is_found_out(bad_page: Any) -> None:
    with pytest.raises(AssertionError):
        test_browser.test_the_page_never_scrolls_sideways(bad_page, "bad")
    seen = bad_page("bad")
    assert any("oh" in said for said in seen.said)
    assert "https://example.org/" in seen.elsewhere
    with pytest.raises(AssertionError):
        test_browser.test_the_console_is_silent_and_no_other_host_is_asked(bad_page, "bad")


def test_a_heavy_page_is_found_out(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).bytes(test_browser.LIGHT)
    (tmp_path / "heavy.bin").write_bytes(noise)
    seen = test_browser.Visit(loaded={"http://host/site/heavy.bin"})
    with pytest.raises(AssertionError):
        test_browser.test_a_page_is_light(lambda name: seen, tmp_path, "http://host/site", "heavy")


# --- The repository


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return a copy of the package, which the tests of the repository look at."""
    shutil.copytree(ROOT / "autograder", tmp_path / "autograder")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    monkeypatch.setattr(test_repository, "ROOT", tmp_path)
    return tmp_path


def test_another_dependency_is_found_out(elsewhere: Path) -> None:
    test_repository.test_learners_install_little()
    project = elsewhere / "pyproject.toml"
    text = project.read_text(encoding="utf-8")
    project.write_text(text.replace('"pytest>=8"]', '"pytest>=8", "pandas"]'), encoding="utf-8")
    with pytest.raises(AssertionError):
        test_repository.test_learners_install_little()


def test_another_import_in_the_core_is_found_out(elsewhere: Path) -> None:
    with (elsewhere / "autograder" / "core" / "plain.py").open("a", encoding="utf-8") as file:
        file.write("\nimport packaging\n")
    with pytest.raises(AssertionError):
        test_repository.test_the_core_and_the_checks_import_numpy_and_the_standard_library_only()


def test_an_arrow_that_points_outward_is_found_out(elsewhere: Path) -> None:
    test_repository.test_arrows_point_inward()
    with (elsewhere / "autograder" / "core" / "plain.py").open("a", encoding="utf-8") as file:
        file.write("\nfrom autograder.grading import engine\n")
    with pytest.raises(AssertionError, match="imports grading"):
        test_repository.test_arrows_point_inward()


def test_a_readme_that_lies_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    lie = test_repository.README.replace("We expected   1.640263", "We expected   1.640264")
    monkeypatch.setattr(test_repository, "README", lie)
    with pytest.raises(AssertionError):
        test_repository.test_the_readme_shows_a_real_failure()


def test_another_numpy_than_asked_for_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(test_repository.ASKED_FOR, f"{np.__version__.split('.')[0]}.*")
    test_repository.test_numpy_is_the_one_asked_for()
    monkeypatch.setenv(test_repository.ASKED_FOR, "0.9.*")
    with pytest.raises(AssertionError):
        test_repository.test_numpy_is_the_one_asked_for()


def test_a_row_that_was_never_measured_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = results.read()
    monkeypatch.setattr(results, "read", lambda: kept)
    test_benchmarks.test_every_row_was_measured_and_every_goal_has_its_line()
    kept.pop("feedback")
    with pytest.raises(AssertionError):
        test_benchmarks.test_every_row_was_measured_and_every_goal_has_its_line()
