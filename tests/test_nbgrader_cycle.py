"""A class goes through nbgrader's whole cycle, with nbgrader itself, graded there and here.

nbgrader runs a student's notebook where it makes the verdict, so whoever cheats there has full
marks; here nothing of a notebook is run but what it defines, in the sandbox. The commands are
those of `docs/nbgrader.md`, as they stand there and in that order.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from sqlalchemy.exc import SAWarning

from autograder.catalogue import EXERCISES
from conftest import ROOT, best_tier, solution

NAME = "losses"
CHECKS = {check.name: check for check in EXERCISES[NAME].checks}
BY_HAND = "explain_mse_gradient"
MARKUP = "<script>document.title = 'owned'</script>"

WRONG_CHECK = "import autograder.learner.notebook as own\nown.Checks.__call__ = lambda *_: None"
HOOK = """\
def nothing(lines):
    return ["pass\\n"] if any("check(" in line for line in lines) else lines

get_ipython().input_transformers_cleanup.append(nothing)
"""
DIES = "import os\nos._exit(1)"


def with_solutions(cells: list[dict[str, Any]], text: str) -> None:
    """Write the functions of a module into the cells of a notebook that are for them."""
    parts = {part.split("(")[0]: f"def {part}" for part in text.split("\ndef ")[1:]}
    for cell in cells:
        mark = cell["metadata"].get("nbgrader", {})
        if mark.get("grade_id") in parts and mark["solution"]:
            cell["source"] = parts[mark["grade_id"]]


def code(source: str) -> dict[str, Any]:
    empty: dict[str, Any] = {"cell_type": "code", "execution_count": None, "outputs": []}
    return empty | {"metadata": {}, "source": source}


def commands(begin: str) -> list[list[str]]:
    """Return the handbook's commands that begin so, but for those that install."""
    page = (ROOT / "docs/nbgrader.md").read_text(encoding="utf-8")
    fenced = re.findall(r"^```bash\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    lines = "".join(fenced).replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines if line.startswith(begin)]


@dataclass
class Class:
    """The folder of the course, that of nbgrader in it, and what was made of the class."""

    root: Path
    results: dict[str, dict[str, Any]]

    @property
    def course(self) -> Path:
        return self.root / "class"

    @property
    def there(self) -> Path:
        return self.root / "there"

    def run(self, begin: str, *more: str, course: Path | None = None) -> str:
        """Run the handbook's command that begins so, and return what it says."""
        [command] = commands(begin)
        return self.say(*command, *more, course=course)

    def say(self, *command: str, course: Path | None = None) -> str:
        """Run a command, as a person would where the environment is activated."""
        folder = (course or self.course) if command[0] == "nbgrader" else self.root
        home = {name: str(self.root) for name in ("HOME", "JUPYTER_CONFIG_DIR")}
        path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
        env = {**os.environ, **home, "PATH": path, "PYTHONWARNINGS": "ignore", "PYTHONPATH": ROOT}
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=folder,
            env={name: str(value) for name, value in env.items()},
            capture_output=True,
            text=True,
            check=False,
        )
        said = done.stdout + done.stderr
        assert done.returncode == 0 or "autograde" in command, said
        return said

    def hand_in(self) -> None:
        """Write what the students hand in."""
        text = solution(NAME)
        released = self.course / "release" / NAME / f"{NAME}.ipynb"
        wrong = text.replace("return np.mean((predictions", "return np.sum((predictions", 1)
        works = {
            "perfect": (text, []),
            "empty": ("", []),
            "mistaken": (wrong, [code("%matplotlib inline\nmse_loss(1, 2)")]),
            "cheating": ("", [code(WRONG_CHECK)]),
            "hooking": ("", [code(HOOK)]),
            "crashing": (text, [code(DIES)]),
        }
        for student, (module, more) in works.items():
            tree = json.loads(released.read_text(encoding="utf-8"))
            with_solutions(tree["cells"], module)
            tree["cells"][2:2] = [
                *({**one, "id": f"own-{i}"} for i, one in enumerate(more)),
                {"cell_type": "markdown", "id": "mine", "metadata": {}, "source": MARKUP},
            ]
            for cell in tree["cells"]:
                if (
                    student == "perfect"
                    and cell["metadata"].get("nbgrader", {}).get("grade_id") == BY_HAND
                ):
                    cell["source"] = "It says how the loss changes with this prediction alone."
            folder = self.course / "submitted" / student / NAME
            folder.mkdir(parents=True)
            (folder / f"{NAME}.ipynb").write_text(json.dumps(tree), encoding="utf-8")
            (folder / "timestamp.txt").write_text("2026-10-10 12:00:00 UTC")

    def grade(self) -> None:
        """Grade the class here, and fill in nbgrader's gradebook."""
        self.run("autograder grade", "--isolation", best_tier(), "--unsafe")
        self.export()
        path = self.root / "results" / "results.json"
        students = json.loads(path.read_text(encoding="utf-8"))["students"]
        self.results = {one["student"]: one for one in students}

    def export(self) -> None:
        """Write nbgrader's gradebook and its graded notebooks."""
        assert "Wrote 6 notebooks with what is said" in self.run("autograder export nbgrader")

    def points(self, student: str) -> dict[str, int]:
        """Return what each check earned here."""
        checks = self.results[student]["checks"].items()
        return {id.partition(".")[2]: found["points"] for id, found in checks}


@pytest.fixture(scope="module")
def class_(tmp_path_factory: pytest.TempPathFactory) -> Class:
    own = Class(tmp_path_factory.mktemp("course"), {})
    for part in ("solutions", "exercises"):
        (own.root / part).symlink_to(ROOT / part)
    own.run("autograder notebooks")
    own.run("nbgrader generate_assignment")
    assert "Success! Your notebook passes all the tests." in own.run("nbgrader validate")
    own.hand_in()
    shutil.copytree(own.course, own.there)
    own.grade()
    return own


def grades(course: Path, student: str) -> dict[str, tuple[float | None, float | None]]:
    """Return the automatic and the manual score of every cell in nbgrader's gradebook."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)
        with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
            [notebook] = gradebook.find_submission(NAME, student).notebooks
            return {one.name: (one.auto_score, one.manual_score) for one in notebook.grades}


def test_who_cheats_has_full_marks_there_and_none_here(class_: Class) -> None:
    said = class_.say("nbgrader", "autograde", NAME, course=class_.there)
    total = sum(check.points for check in CHECKS.values())
    earned = {
        student: sum(grades(class_.there, student)[name][0] or 0 for name in CHECKS)
        for student in ("perfect", "empty", "mistaken", "cheating", "hooking")
    }
    assert earned["cheating"] == earned["hooking"] == earned["perfect"] == total, said
    assert earned["empty"] == 0
    assert "error processing assignment 'losses' for student 'crashing'" in said
    here = {student: sum(class_.points(student).values()) for student in class_.results}
    assert here["perfect"] == here["crashing"] == total
    assert here["empty"] == here["cheating"] == here["hooking"] == 0
    assert (
        here["mistaken"]
        == earned["mistaken"]
        == total - CHECKS["mse_loss_is_a_mean_of_squares"].points
    )
    page = (class_.there / "autograded/mistaken" / NAME / f"{NAME}.ipynb").read_text()
    assert "It looks like a sum where a mean belongs" in page


def test_the_gradebook_says_what_ours_says(class_: Class) -> None:
    for student in class_.results:
        found = grades(class_.course, student)
        assert {name: found[name] for name in CHECKS} == {
            name: (points, None) for name, points in class_.points(student).items()
        }
        assert found[BY_HAND] == (None, None)


def test_what_is_graded_by_hand_stays_through_regrades_and_is_in_the_export(
    class_: Class,
) -> None:
    with Gradebook(f"sqlite:///{class_.course / 'gradebook.db'}") as gradebook:
        grade = gradebook.find_grade(BY_HAND, NAME, NAME, "perfect")
        assert grade.needs_manual_grade
        grade.manual_score = 4.5
        gradebook.find_comment(BY_HAND, NAME, NAME, "perfect").manual_comment = "good"
        gradebook.db.commit()
    class_.export()
    assert grades(class_.course, "perfect")[BY_HAND] == (None, 4.5)
    class_.run("nbgrader export")
    with (class_.course / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert {name: float(row["score"]) for name, row in rows.items()} == {
        student: sum(class_.points(student).values()) + 4.5 * (student == "perfect")
        for student in class_.results
    }


def test_the_feedback_says_what_ours_says(class_: Class) -> None:
    said = class_.run("nbgrader generate_feedback")
    pages = {
        student: class_.course / "feedback" / student / NAME / f"{NAME}.html"
        for student in class_.results
    }
    assert all(page.exists() for page in pages.values()), said
    texts = {student: page.read_text(encoding="utf-8") for student, page in pages.items()}
    assert "It looks like a sum where a mean belongs" in texts["mistaken"]
    assert "not attempted" in texts["empty"].lower()
    assert "not attempted" not in texts["perfect"].lower()
    assert all("document.title" in text and MARKUP not in text for text in texts.values())


def test_canvas_gets_the_points_of_the_checks(class_: Class) -> None:
    head = ["Student", "ID", "SIS Login ID", "Section", "Losses (12345)"]
    rows = [[f"Doe, {name}", str(i), name, "A", ""] for i, name in enumerate(class_.results)]
    with (class_.root / "canvas.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, ["    Points Possible", "", "", "", "100"], *rows])
    class_.run("autograder export canvas")
    with (class_.root / "canvas-upload.csv").open(encoding="utf-8", newline="") as file:
        found = {row[2]: row[4] for row in csv.reader(file)}
    points = {name: str(sum(class_.points(name).values())) for name in class_.results}
    assert {name: found[name] for name in points} == points


def test_every_command_of_the_handbook_was_run() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    run_here = re.findall(r'\brun\("([^"]+)"', source)
    everything = [command for begin in ("autograder", "nbgrader") for command in commands(begin)]
    assert len(everything) == len(set(run_here)) == 8
    assert all(any(" ".join(c).startswith(one) for one in run_here) for c in everything)
