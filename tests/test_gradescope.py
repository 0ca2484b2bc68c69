"""The archive for Gradescope sets itself up, and always leaves a results.json that is right."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from test_exports import RESULTS, TEST

from autograder.catalogue import EXERCISES
from autograder.cli import main
from autograder.exports.gradescope import NOT_GRADED, results
from autograder.grading.results import possible
from autograder.isolation.tiers import Tier
from autograder.release.solution_text import SolutionText
from conftest import ROOT, best_tier, hand_in, solution

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the scripts are for Gradescope's Ubuntu"
)
SANDBOX = best_tier() is not Tier.PORTABLE
needs_a_sandbox = pytest.mark.skipif(not SANDBOX, reason="no sandbox here")
MESSAGE = {name: kind for name, kind in RESULTS.items() if name != "score"}
VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")


def make(path: Path, *arguments: str | Path, secret: str = "0123456789abcdef") -> int:
    file = path.with_suffix(".secret")
    file.write_text(secret, encoding="ascii")
    return main(["gradescope", str(path), "--secret", str(file), *map(str, arguments)])


@dataclass(frozen=True)
class Container:
    """A folder that is what Gradescope makes /autograder."""

    root: Path

    def run(self, script: str, **environment: str) -> str:
        """Run a script as Gradescope does, and return what staff read."""
        place = {"AUTOGRADER_ROOT": str(self.root), "AUTOGRADER_PYTHON": sys.executable}
        done = subprocess.run(
            [str(self.root / script)],
            cwd=self.root,
            env={"PATH": os.environ["PATH"], "NO_COLOR": "1", **place, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def grade(self, **modules: str) -> dict[str, Any]:
        """Grade a submission and return results.json, which is as documented."""
        shutil.rmtree(self.root / "submission", ignore_errors=True)
        hand_in(self.root, "submission", **modules)
        return self.graded()[0]

    def graded(self, **environment: str) -> tuple[dict[str, Any], str]:
        (self.root / "results" / "results.json").unlink(missing_ok=True)
        said = self.run("run_autograder", **environment)
        (self.root / "results" / "stdout").write_text(said, encoding="utf-8")
        text = (self.root / "results" / "results.json").read_text(encoding="utf-8")
        return as_documented(json.loads(text)), said


def as_documented(found: dict[str, Any]) -> dict[str, Any]:
    kinds = {name: type(value) for name, value in found.items()}
    assert kinds in (RESULTS, MESSAGE)
    assert found["stdout_visibility"] == "hidden"
    assert found["visibility"] in VISIBILITIES
    formats = ("output_format", "test_output_format", "test_name_format")
    assert {found[name] for name in formats} == {"text"}
    for test in found["tests"]:
        assert {name: type(value) for name, value in test.items()} == TEST
        assert test["visibility"] == found["visibility"]
        assert 0 <= test["score"] <= test["max_score"]
    if "score" in found:
        assert found["score"] == sum(test["score"] for test in found["tests"])
    return found


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Container:
    """Return what Gradescope has built of an archive for one exercise."""
    return built(tmp_path_factory.mktemp("gradescope"), "--exercise", "losses")


def built(folder: Path, *arguments: str) -> Container:
    archive, root = folder / "autograder.zip", folder / "autograder"
    assert make(archive, *arguments, *([] if SANDBOX else ["--unsafe"])) == 0
    for name in ("source", "results", "submission"):
        (root / name).mkdir(parents=True)
    with zipfile.ZipFile(archive) as file:
        file.extractall(root / "source")
    for script in ("setup.sh", "run_autograder"):
        shutil.copy(root / "source" / script, root)
        (root / script).chmod(0o755)
    metadata = {"users": [{"email": "ada@example.org", "name": "Ada"}]}
    (root / "submission_metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
    container = Container(root)
    said = container.run("setup.sh")
    assert ("Grading uses" in said) == SANDBOX
    return container


def test_only_its_owner_can_read_what_it_holds(container: Container, tmp_path: Path) -> None:
    path = tmp_path / "one.zip"
    assert make(path) == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        for member in archive.infolist():
            assert member.external_attr >> 16 & 0o077 == 0
    assert {"setup.sh", "run_autograder", "secret", "solutions/losses.py"} <= names
    assert {f"autograder/{name}" for name in ("cli.py", "reports/templates/class.html")} <= names
    assert not [name for name in names if "__pycache__" in name or name.endswith(".orig")]
    for file in (container.root / "source").rglob("*"):
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0


def test_the_same_makes_the_same_archive(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = tmp_path / "one.zip", tmp_path / "two.zip"
    assert make(one, "--exercise", "losses") == make(two, "--exercise", "losses") == 0
    assert one.read_bytes() == two.read_bytes()
    assert make(one) == 2
    assert "is there already" in capsys.readouterr().err
    assert make(one, "--force") == 0
    assert one.read_bytes() != two.read_bytes()
    for wrong in (["--exercise", "nothing"], ["--minutes", "0"], ["--solutions", tmp_path]):
        assert make(tmp_path / "three.zip", *wrong) == 2
        assert not (tmp_path / "three.zip").exists()


def test_a_right_submission_gets_every_point_again_and_again(container: Container) -> None:
    found = container.grade(losses=solution("losses"))
    assert found["score"] == EXERCISES["losses"].points
    assert {test["status"] for test in found["tests"]} == {"passed"}
    assert container.graded()[0] == found


def test_a_wrong_submission_is_told_what_is_wrong(container: Container) -> None:
    found = container.grade(losses=solution("losses").replace("np.mean(", "np.sum("))
    assert 0 < found["score"] < EXERCISES["losses"].points
    failed = [test for test in found["tests"] if test["status"] == "failed"]
    assert any("It looks like" in test["output"] for test in failed)


def test_an_empty_submission_gets_nothing(container: Container) -> None:
    found = container.grade()
    assert found["score"] == 0
    assert "none of the exercises' files is in it" in found["output"]
    found = container.grade(something="print('else')")
    assert found["score"] == 0


HOSTILE = """
import json, os, sys
from pathlib import Path

ROOT = Path({root!r})
LOOT = []
for path in ("source/secret", "source/solutions/losses.py", "submission_metadata.json",
             "source/choices.sh", "submission/losses.py"):
    try:
        LOOT.append((ROOT / path).read_text())
    except Exception:
        pass
for path in ("results/results.json", "source/secret", "run_autograder"):
    try:
        (ROOT / path).write_text(json.dumps({{"score": 100, "tests": []}}))
        LOOT.append(path)
    except Exception:
        pass
print(LOOT)
if LOOT:
    import importlib.util
    spec = importlib.util.spec_from_file_location("answers", ROOT / "source/solutions/losses.py")
    answers = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(answers)
    globals().update(vars(answers))

def mse_loss(*arguments):
    raise SystemExit(repr(LOOT))
"""


@needs_a_sandbox
def test_hostile_code_reaches_nothing(container: Container) -> None:
    before = {path: path.read_bytes() for path in files(container.root / "source")}
    found = container.grade(losses=HOSTILE.format(root=str(container.root)))
    assert found["score"] == 0
    outputs = json.dumps(found)
    assert "0123456789abcdef" not in outputs
    assert "ada@example.org" not in outputs
    assert any("[]" in test["output"] for test in found["tests"])
    assert {path: path.read_bytes() for path in files(container.root / "source")} == before


def test_the_hostile_code_would_reach_all_of_it(container: Container, tmp_path: Path) -> None:
    """Without a sandbox: a test that can't see a leak proves nothing."""
    root = tmp_path / "autograder"
    shutil.copytree(container.root, root)
    choices = root / "source" / "choices.sh"
    more = "--exercise losses --isolation portable --unsafe"
    choices.write_text(re.sub(r"grade=.*", f"grade=({more})", choices.read_text()))
    found = Container(root).grade(losses=HOSTILE.format(root=str(root)))
    assert found["score"] > 0
    assert "0123456789abcdef" in json.dumps(found)


def files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


def test_a_submission_is_never_taken_for_a_class(container: Container) -> None:
    """Whatever folders are in it, and whatever platform they look like."""
    root = container.root / "submission"
    shutil.rmtree(root)
    for name in ("Ada Lovelace_123_assignsubmission_file", "Bo Bee_124_assignsubmission_file"):
        hand_in(root, name, losses=solution("losses"))
    (root / "submission_metadata.yml").write_text("submission_1:\n  :submitters: []\n")
    found, _ = container.graded()
    assert "it is there 2 times" in found["output"]
    assert found["score"] == 0


def test_a_link_is_not_followed(container: Container) -> None:
    container.grade()
    answers = container.root / "source" / "solutions" / "losses.py"
    (container.root / "submission" / "losses.py").symlink_to(answers)
    found, _ = container.graded()
    assert found["score"] == 0
    assert "it is a link" in found["output"]


def python_that(folder: Path, word: str, does: str) -> str:
    """Return a Python that does something else if a word is among the arguments."""
    path = folder / f"python-{word}"
    path.write_text(
        f'#!/bin/sh\nfor one in "$@"; do [ "$one" = {word} ] && {does}; done\n'
        f'exec {sys.executable} "$@"\n'
    )
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("command", ["grade", "export"])
def test_no_score_is_given_when_grading_breaks(
    container: Container, tmp_path: Path, command: str
) -> None:
    container.grade(losses=solution("losses"))
    python = python_that(tmp_path, command, "{ echo 'no memory left' >&2; exit 1; }")
    found, said = container.graded(AUTOGRADER_PYTHON=python)
    assert (found["output"], found["tests"]) == (NOT_GRADED, [])
    assert "score" not in found
    assert "no memory left" in said
    assert "Not graded" in said


def test_no_score_is_given_when_time_is_up(container: Container, tmp_path: Path) -> None:
    root = tmp_path / "autograder"
    shutil.copytree(container.root, root)
    choices = root / "source" / "choices.sh"
    assert "seconds=570\n" in choices.read_text()
    choices.write_text(re.sub(r"seconds=\d+", "seconds=1", choices.read_text()))
    hand_in(root, "another", losses=solution("losses"))
    python = python_that(tmp_path, "grade", "sleep 600")
    found, said = Container(root).graded(AUTOGRADER_PYTHON=python)
    assert "score" not in found
    assert "took too long" in said


def test_no_score_is_given_when_the_grader_itself_fails() -> None:
    checks = {
        check.id: {"outcome": "not run", "points": 0, "seed": 7}
        for check in EXERCISES["losses"].checks
    }
    student = {
        "student": "ada",
        "problems": ["the grader itself failed"],
        "total": 0,
        "exercises": {"losses": 0},
        "checks": checks,
    }
    found = as_documented(results(student, possible(EXERCISES["losses"].checks)))
    assert "score" not in found
    assert found["output"] == NOT_GRADED
    first = next(iter(checks.values()))
    first |= {"outcome": "died", "headline": "your code ended the process"}
    assert results(student, possible(EXERCISES["losses"].checks))["score"] == 0


def test_nobody_is_graded_without_a_sandbox(container: Container, tmp_path: Path) -> None:
    root = tmp_path / "autograder"
    shutil.copytree(container.root, root)
    choices = root / "source" / "choices.sh"
    choices.write_text(choices.read_text().replace("unsafe=yes", "unsafe=no"))
    shutil.rmtree(root / "submission")
    hand_in(root, "submission", losses=solution("losses"))
    python = python_that(tmp_path, "doctor", "{ echo 'no Landlock'; exit 1; }")
    found, said = Container(root).graded(AUTOGRADER_PYTHON=python)
    assert (found["score"], found["tests"]) == (0, [])
    assert "there is no sandbox" in found["output"]
    assert "no Landlock" in said
    assert "Gradebook" not in said
    choices.write_text(choices.read_text().replace("unsafe=no", "unsafe=yes"))
    found, said = Container(root).graded(AUTOGRADER_PYTHON=python)
    assert found["score"] == EXERCISES["losses"].points


def test_what_was_chosen_is_in_the_archive(tmp_path: Path) -> None:
    path = tmp_path / "autograder.zip"
    arguments = ["--exercise", "backprop", "--exercise", "losses", "--minutes", "20", "--unsafe"]
    assert make(path, *arguments, "--visibility", "after_published") == 0
    with zipfile.ZipFile(path) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert texts["choices.sh"].splitlines() == [
        "grade=(--exercise losses --exercise backprop --unsafe)",
        "export=(--visibility after_published)",
        "seconds=1170",
        "unsafe=yes",
    ]
    assert texts["secret"] == "0123456789abcdef"
    assert {"numpy>=1.26", "rich>=13", "jinja2>=3.1"} <= set(texts["requirements.txt"].split())
    assert texts["constraints.txt"] == (ROOT / "constraints.txt").read_text(encoding="utf-8")
    readme = texts["README.md"]
    for said in (
        "losses, backprop",
        "200 points",
        "20 minutes",
        "`after_published`",
        "late policy",
    ):
        assert said in readme
    assert "{" not in readme
    for name in ("refused.json", "not_graded.json"):
        as_documented(json.loads(texts[name]))
    learners = {name: texts[name].encode() for name in ("README.md", "setup.sh", "run_autograder")}
    assert not SolutionText(ROOT / "solutions").leaks(learners)


PYTHON = """\
#!/bin/sh
if [ "$1" = -c ]; then exec {real} -c "import sys; sys.version_info = (3, {minor}); $2"; fi
echo "{name} $*" >> {log}
if [ "$2" = venv ]; then
    mkdir -p "$3/bin" && ln -s {python} "$3/bin/python"
fi
"""
"""A Python of a version that says what else it was asked for."""


@pytest.mark.parametrize("ubuntu", ["22.04", "24.04", "with a Python that is used"])
def test_it_sets_up_a_python_that_is_new_enough(
    container: Container, tmp_path: Path, ubuntu: str
) -> None:
    """The packages aren't there to be installed: it is seen what would be."""
    log, tools = tmp_path / "log", tmp_path / "bin"
    tools.mkdir()

    def tool(name: str, text: str) -> Path:
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
        return tools / name

    def python(name: str, minor: int) -> Path:
        paths = {"real": sys.executable, "log": log, "python": tools / "in-venv"}
        return tool(name, PYTHON.format(name=name, minor=minor, **paths))

    tool("in-venv", f'#!/bin/sh\necho "venv $*" >> {log}\n')
    python("python3", 11 if ubuntu.startswith("with") else 10)
    new = "python3.11" if ubuntu == "22.04" else "python3"
    ready = python(f"new-{new}", 12)
    tool(
        "apt-get",
        f'#!/bin/sh\necho "apt-get $*" >> {log}\n'
        f'case "$*" in "install -y {new} "*) cp {ready} {tools / new};; esac\n',
    )
    tool("add-apt-repository", f'#!/bin/sh\necho "add-apt-repository $*" >> {log}\n')
    for needed in ("chmod", "mkdir", "ln", "cp", "sh", "bash", "env"):
        (tools / needed).symlink_to(str(shutil.which(needed)))
    root = tmp_path / "autograder"
    shutil.copytree(container.root, root)
    Container(root).run("setup.sh", AUTOGRADER_PYTHON="", PATH=str(tools))
    said = log.read_text().splitlines()
    assert f"new-{new} -m venv {root}/venv" in said or f"{new} -m venv {root}/venv" in said
    [pip] = [line for line in said if "pip install" in line]
    source = root / "source"
    assert f"--constraint {source}/constraints.txt" in pip
    assert pip.endswith(f"--requirement {source}/requirements.txt")
    assert any("deadsnakes" in line for line in said) == (ubuntu == "22.04")
    assert any("apt-get install" in line for line in said) == (not ubuntu.startswith("with"))
