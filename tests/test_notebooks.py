"""The notebooks for nbgrader: what is in them, and what their cells say."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.preprocessors import ClearSolutions

from autograder.authoring.notebooks import BadQuestions, notebook, questions
from autograder.authoring.variants import Variants
from autograder.catalogue import EXERCISES
from autograder.cli import main
from autograder.core.exercise import Exercise
from autograder.core.explain import render
from autograder.learner.notebook import Checks, Wrong
from autograder.learner.verifier import Verifier
from autograder.release.solution_text import SolutionText
from conftest import ROOT, solution

SOLUTIONS, LEARNERS = ROOT / "solutions", ROOT / "exercises"
STUB = "raise NotImplementedError"
HOLDS = "holds"

Cell = dict[str, Any]


def cells_of(name: str, text: str = "") -> list[Cell]:
    exercise = EXERCISES[name]
    page = notebook(exercise, text or solution(name), questions(SOLUTIONS, exercise))
    cells: list[Cell] = nbformat.reads(page, as_version=4).cells
    return cells


def facts(cell: Cell) -> dict[str, Any]:
    found: dict[str, Any] = cell["metadata"].get("nbgrader", {})
    return found


SLOW = {check.name for check in EXERCISES["mnist_project"].checks if check.prepare}
"""Checks that train: the project's own tests run them."""


def in_cells(name: str, text: str, folder: Path = LEARNERS) -> dict[str, str]:
    """Run a notebook's cells in this process; return what each check says.

    `folder` is where the notebook would be: others are beside it.
    """
    said: dict[str, str] = {}
    before = list(sys.meta_path)
    others = {one: sys.modules.pop(one) for one in EXERCISES if one in sys.modules}
    try:
        names = {"__name__": "__main__", "check": Checks(name, LEARNERS)}
        Checks(name, folder)
        for number, cell in enumerate(cells_of(name, text)):
            id = facts(cell).get("grade_id", "")
            if cell["cell_type"] != "code" or id == "set_up" or id in SLOW:
                continue
            try:
                with redirect_stdout(io.StringIO()):
                    exec(compile(cell["source"], f"/tmp/cells/{number}.py", "exec"), names)
            except Wrong as problem:
                said[id] = str(problem)
            else:
                said |= {id: HOLDS} if facts(cell)["grade"] else {}
    finally:
        sys.meta_path[:] = before
        for one in EXERCISES:
            sys.modules.pop(one, None)
        sys.modules.update(others)
    return said


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_a_notebook_has_every_check_with_its_points(exercise: Exercise) -> None:
    page = notebook(exercise, solution(exercise.name), questions(SOLUTIONS, exercise))
    tree = nbformat.reads(page, as_version=4)
    nbformat.validate(tree)
    MetadataValidator().validate_nb(tree)
    by_id = {facts(cell)["grade_id"]: cell for cell in tree.cells if facts(cell)}
    assert len(by_id) == sum(bool(facts(cell)) for cell in tree.cells)
    graded = {id: cell for id, cell in by_id.items() if facts(cell)["grade"]}
    points = {id: facts(c)["points"] for id, c in graded.items() if c.cell_type == "code"}
    assert points == {check.name: check.points for check in exercise.checks}
    assert all(facts(graded[id])["locked"] and not facts(graded[id])["solution"] for id in points)
    by_hand = [cell for cell in graded.values() if cell.cell_type == "markdown"]
    assert len(by_hand) == len(graded) - len(points) >= 1
    assert all(facts(cell)["solution"] and facts(cell)["points"] > 0 for cell in by_hand)
    roots = {function.partition(".")[0] for function in exercise.functions}
    written = {i for i, c in by_id.items() if facts(c)["solution"] and c.cell_type == "code"}
    assert written == roots


@pytest.mark.parametrize("name", EXERCISES)
def test_what_is_released_is_the_stub(name: str) -> None:
    page = notebook(EXERCISES[name], solution(name), questions(SOLUTIONS, EXERCISES[name]))
    tree = nbformat.reads(page, as_version=4)
    config = {"python": STUB}
    cleared, _ = ClearSolutions(code_stub=config).preprocess(tree, {})
    code = [c.source for c in cleared.cells if c.cell_type == "code" and facts(c)]
    module = (LEARNERS / f"{name}.py").read_text(encoding="utf-8")
    lines = {line for text in code for line in text.split("\n") if line.strip()}
    rest = [line for line in module.split('"""', 2)[2].split("\n") if line.strip()]
    rest = [line for line in rest if line not in ('if __name__ == "__main__":', "    main()")]
    assert not [line for line in rest if line not in lines]
    text = nbformat.writes(cleared)
    assert not SolutionText(SOLUTIONS).leaks({f"{name}.ipynb": text.encode()})
    for question in questions(SOLUTIONS, EXERCISES[name]):
        assert question.ask.strip().split("\n")[0] in text
        assert question.answer.split("\n")[0] not in text


@pytest.mark.parametrize("name", EXERCISES)
def test_the_reference_earns_all_and_the_stub_nothing(name: str, tmp_path: Path) -> None:
    for other in ("backprop", "minibatch"):
        (tmp_path / other).mkdir()
        page = notebook(EXERCISES[other], solution(other), [])
        (tmp_path / other / f"{other}.ipynb").write_text(page, encoding="utf-8")
    wanted = {check.name for check in EXERCISES[name].checks} - SLOW
    assert in_cells(name, solution(name), tmp_path / name) == dict.fromkeys(wanted, HOLDS)
    stub = re.sub(
        r"( *)### BEGIN SOLUTION\n.*?### END SOLUTION",
        rf"\1### BEGIN SOLUTION\n\1{STUB}\n\1### END SOLUTION",
        solution(name),
        flags=re.DOTALL,
    )
    said = in_cells(name, stub, tmp_path / name)
    assert said.keys() == wanted
    assert all("not attempted" in text for text in said.values())


def test_a_cell_says_what_pytest_says(tmp_path: Path) -> None:
    for slip in Variants(SOLUTIONS).slips["losses"][:6]:
        text = slip.applied(solution("losses"))
        said = in_cells("losses", text)
        (tmp_path / "losses.py").write_text(text, encoding="utf-8")
        verifier = Verifier(tmp_path, LEARNERS)
        for check in EXERCISES["losses"].checks:
            verdict = verifier.verdict(check)
            right = verdict.outcome == "correct"
            assert said[check.name] == (HOLDS if right else render(verdict))
        assert any("It looks like" in text for text in said.values()), slip.mistake.id


def test_a_crash_is_shown_with_its_line_and_without_a_path() -> None:
    text = solution("losses").replace("return np.mean((predictions", "return np.maen((predictions")
    said = in_cells("losses", text)["mse_loss_is_a_mean_of_squares"]
    assert "It raised     AttributeError: module 'numpy' has no attribute 'maen'" in said
    assert "a cell of yours, line 2" in said
    assert "/tmp" not in said


def test_the_course_of_nbgrader(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    course = tmp_path / "course"
    command = ["notebooks", str(course), "--exercise", "mnist_project"]
    command += ["--solutions", str(SOLUTIONS), "--exercises", str(LEARNERS)]
    assert main(command) == 0
    folders = sorted(path.name for path in (course / "source").iterdir())
    assert folders == ["backprop", "minibatch", "mnist_project"]
    own = course / "source" / "mnist_project"
    code = [c["source"] for c in json.loads((own / "mnist_project.ipynb").read_text())["cells"]]
    lines = ["".join(code[i]) for i in (1, 2)] + ["print(Network.__module__, Checks.__module__)"]
    lines += ["import autograder; print(autograder.__file__)"]
    done = subprocess.run(
        [sys.executable, "-I", "-c", "\n".join(lines)],
        cwd=own, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.split() == [
        *("backprop", "autograder.learner.notebook"),
        str(Path("autograder.zip", "autograder", "__init__.py")),
    ], done.stderr
    own = course / "source" / "backprop"
    (course / "nbgrader_config.py").write_text("c = get_config()\n", encoding="utf-8")
    assert main(command) == 0
    assert "Left as it was: nbgrader_config.py" in capsys.readouterr().out
    (own / "backprop.ipynb").write_text("{}", encoding="utf-8")
    assert main(command) == 2
    assert "backprop.ipynb is there and differs: --force replaces it" in capsys.readouterr().err
    assert (own / "backprop.ipynb").read_text(encoding="utf-8") == "{}"
    assert main([*command, "--force"]) == 0
    assert main(["notebooks", str(course), "--exercise", "loses"]) == 2
    assert "there is no exercise 'loses'" in capsys.readouterr().err


def test_questions_that_fit_nothing_are_refused(tmp_path: Path) -> None:
    for text, why in (
        ('[losses.mse]\nask="a"\nanswer="b"\npoints=1\n', "losses has no function mse"),
        ('[losses.mse_loss]\nask="a"\n', "missing"),
        ("[losses", "questions.toml"),
    ):
        (tmp_path / "questions.toml").write_text(text, encoding="utf-8")
        with pytest.raises(BadQuestions, match=why):
            questions(tmp_path, EXERCISES["losses"])
