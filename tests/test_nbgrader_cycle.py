"""A class goes through nbgrader's whole cycle, with nbgrader itself, graded there and here.

nbgrader runs a student's notebook where it makes the verdict, so whoever cheats there has full
marks; here nothing of a notebook is run but what it defines, in the sandbox. The commands are
those of `docs/nbgrader.md`, as they stand there and in that order.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE
from typing import Any
from urllib.request import Request, urlopen

import pytest
from nbgrader.api import Gradebook
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeFetchAssignment, ExchangeSubmit
from sqlalchemy.exc import SAWarning
from traitlets.config import Config

from autograder.catalogue import EXERCISES
from conftest import ROOT, best_tier, solution

pytestmark = pytest.mark.skipif(os.name == "nt", reason="nbgrader's exchange is not for Windows")

NAME = "losses"
CHECKS = {check.name: check for check in EXERCISES[NAME].checks}
BY_HAND = "explain_mse_gradient"
TYPES = "mistaken"
"""Who types the commands for students; for the others the same is done by what is behind them."""
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
    starter: subprocess.Popen[str]
    results: dict[str, dict[str, Any]]

    @property
    def course(self) -> Path:
        return self.root / "class"

    @property
    def there(self) -> Path:
        return self.root / "there"

    @property
    def exchange(self) -> Path:
        return self.root / "exchange"

    def home(self, student: str) -> Path:
        return self.root / "home" / student

    def run(self, begin: str, *more: str, course: Path | None = None) -> str:
        """Run the handbook's command that begins so, and return what it says."""
        [command] = commands(begin)
        return self.say(*command, *more, course=course)

    def run_as(self, student: str, begin: str) -> str:
        """Run the handbook's command for students, as one of them."""
        more = () if "fetch" in begin else ("--student", student)
        return self.run(begin, *more, course=self.home(student))

    def exchanges(self, student: str, action: Any) -> None:
        """Do what a command for students does, without starting a process."""
        config = Config(
            CourseDirectory={"course_id": "downhill", "assignment_id": NAME, "student_id": student},
            Exchange={
                "root": str(self.exchange),
                "assignment_dir": str(self.home(student)),
                "cache": str(self.home(student) / "cache"),
            },
        )
        parts = {"coursedir": CourseDirectory(config=config), "config": config}
        action(authenticator=Authenticator(config=config), **parts).start()

    def say(self, *command: str, course: Path | None = None) -> str:
        """Run a command, as a person would where the environment is activated."""
        folder = (course or self.course) if command[0] == "nbgrader" else self.root
        home = {"HOME": str(folder), "JUPYTER_CONFIG_DIR": str(self.root)}
        path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
        env = {
            **os.environ,
            **home,
            "PATH": path,
            "PYTHONWARNINGS": "ignore",
            "PYTHONPATH": str(ROOT),
        }
        if command[0] == "nbgrader":
            code, said = self.start(list(command), folder, env)
        else:
            done = subprocess.run(
                [sys.executable, "-m", *command],
                cwd=folder,
                env=env,
                capture_output=True,
                text=True,
                check=False,
            )
            code, said = done.returncode, done.stdout + done.stderr
        assert code == 0 or "autograde" in command, said
        return said

    def start(self, command: list[str], folder: Path, env: dict[str, str]) -> tuple[int, str]:
        """Start one of nbgrader's commands; return how it ended and what it said."""
        assert self.starter.stdin
        assert self.starter.stdout
        said = self.root / "said.txt"
        asked = {"command": command, "folder": str(folder), "environment": env, "said": str(said)}
        self.starter.stdin.write(f"{json.dumps(asked)}\n")
        self.starter.stdin.flush()
        code = int(self.starter.stdout.readline())
        return code, said.read_text(encoding="utf-8", errors="replace")

    def hand_in(self) -> None:
        """Let the students fetch the assignment, work, and hand in."""
        text = solution(NAME)
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
            self.home(student).mkdir(parents=True)
            if student == TYPES:
                self.run_as(student, "nbgrader fetch_assignment")
            else:
                self.exchanges(student, ExchangeFetchAssignment)
            page = self.home(student) / NAME / f"{NAME}.ipynb"
            tree = json.loads(page.read_text(encoding="utf-8"))
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
            page.write_text(json.dumps(tree), encoding="utf-8")
            if student == TYPES:
                self.run_as(student, "nbgrader submit")
            else:
                self.exchanges(student, ExchangeSubmit)

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
def starter() -> Iterator[subprocess.Popen[str]]:
    """Return what runs nbgrader's commands; without it each would import nbgrader anew."""
    command = [sys.executable, str(Path(__file__).with_name("nbgrader_starter.py"))]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True, encoding="utf-8") as process:
        yield process
        process.communicate()


@pytest.fixture(scope="module")
def class_(starter: subprocess.Popen[str], tmp_path_factory: pytest.TempPathFactory) -> Class:
    own = Class(tmp_path_factory.mktemp("course"), starter, {})
    for part in ("solutions", "exercises"):
        (own.root / part).symlink_to(ROOT / part)
    own.run("autograder notebooks")
    own.run("nbgrader generate_assignment")
    assert "Success! Your notebook passes all the tests." in own.run("nbgrader validate")
    own.exchange.mkdir(mode=0o777)
    (own.root / "nbgrader_config.py").write_text(f"c.Exchange.root = {str(own.exchange)!r}\n")
    own.run("nbgrader release_assignment")
    own.hand_in()
    own.run("nbgrader collect")
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


@pytest.fixture
def formgrader(class_: Class) -> Iterator[Callable[[str], str]]:
    """Return a function that asks a running formgrader for one of its pages."""
    folders = ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")
    env = {**os.environ, **{name: str(class_.root / "jupyter") for name in folders}}
    command = [sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root"]
    others = ("jupyterlab", "jupyter_lsp", "notebook", "notebook_shim", "jupyter_server_terminals")
    config = {"ServerApp": {"jpserver_extensions": dict.fromkeys(others, False)}}
    (class_.root / "jupyter").mkdir()
    (class_.root / "jupyter" / "jupyter_server_config.json").write_text(json.dumps(config))
    with (class_.root / "said.txt").open("w") as said:
        server = subprocess.Popen(command, cwd=class_.course, env=env, stdout=said, stderr=said)

    def where() -> dict[str, Any] | None:
        for file in (class_.root / "jupyter").glob("jpserver-*.json"):
            with contextlib.suppress(ValueError):  # it is being written
                return dict(json.loads(file.read_text(encoding="utf-8")))
        return None

    def page(path: str) -> str:
        facts = where()
        assert facts
        asked = Request(f"{facts['url']}formgrader/{path}")
        asked.add_header("Authorization", f"token {facts['token']}")
        with urlopen(asked, timeout=120) as answer:
            return str(answer.read().decode())

    try:
        while where() is None:
            assert server.poll() is None, (class_.root / "said.txt").read_text()
            time.sleep(0.1)
        yield page
    finally:
        server.terminate()
        server.wait()


def test_the_formgrader_shows_what_ours_says(
    class_: Class, formgrader: Callable[[str], str]
) -> None:
    shown = {one["student"]: one for one in json.loads(formgrader(f"api/submissions/{NAME}"))}
    assert {name: one["code_score"] for name, one in shown.items()} == {
        name: sum(class_.points(name).values()) for name in class_.results
    }
    assert all(one["needs_manual_grade"] for name, one in shown.items() if name != "perfect")
    notebooks = json.loads(formgrader(f"api/submitted_notebooks/{NAME}/{NAME}"))
    [mistaken] = [one["id"] for one in notebooks if one["student"] == "mistaken"]
    text = formgrader(f"submissions/{mistaken}/?index=0")
    assert "It looks like a sum where a mean belongs" in text
    assert MARKUP not in text


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


def test_a_student_fetches_the_feedback_on_the_own_work(class_: Class) -> None:
    class_.run("nbgrader release_feedback")
    assert len(list((class_.exchange / "downhill" / "feedback").glob("*.html"))) == 6
    class_.run_as(TYPES, "nbgrader fetch_feedback")
    [fetched] = class_.home(TYPES).glob(f"{NAME}/feedback/*/*.html")
    released = class_.course / "feedback" / TYPES / NAME / f"{NAME}.html"
    assert fetched.read_bytes() == released.read_bytes()


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
    run_here = re.findall(r'\brun(?:_as)?\((?:\w+, )?"([^"]+)"', source)
    everything = [command for begin in ("autograder", "nbgrader") for command in commands(begin)]
    assert len(everything) == len(set(run_here)) == 14
    assert all(any(" ".join(c).startswith(one) for one in run_here) for c in everything)
