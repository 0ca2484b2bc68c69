"""What a class gets: all that a learner needs, and no line of a solution."""

from __future__ import annotations

import ast
import bz2
import gzip
import hashlib
import html
import io
import json
import os
import py_compile
import re
import shutil
import subprocess
import sys
import tarfile
import textwrap
import venv
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.authoring.stubs import BEGIN, END, stub
from autograder.catalogue import EXERCISES
from autograder.release import folder as releases
from autograder.release.contents import Choice, Course, contents, with_needed
from autograder.release.package import LEARNERS, package
from autograder.release.solution_text import IDIOMS, TAUGHT, TEACHING, SolutionText
from conftest import ROOT, run, solution

Tree = dict[str, bytes]


@pytest.fixture(scope="module")
def secrets() -> SolutionText:
    return SolutionText(ROOT / "solutions")


def small_website(folder: Path) -> Path:
    """Write what `make site` builds, with as much on a page as the tests need."""
    pages = {name: f"course/{name}/index.html" for name in EXERCISES}
    links = "".join(f'<a href="{page}">{name}</a>' for name, page in pages.items())
    site = {page: f"<!doctype html><h1>{name}</h1>" for name, page in pages.items()}
    site |= {"index.html": f"<!doctype html>{links}", "assets/run.js": "loadTheExercises()"}
    site |= dict.fromkeys(("run/course.zip", "404.html", "sitemap.xml", "assets/x.js.map"), "no")
    for chapter in (ROOT / "course").glob("*/index.md"):
        site.setdefault(f"course/{chapter.parent.name}/index.html", "<!doctype html>")
    for name, text in site.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def web(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the option that says where the website is."""
    return f"--site={small_website(tmp_path_factory.mktemp('site'))}"


@pytest.fixture(scope="module")
def released(web: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a whole release; nothing may be changed in it."""
    place = tmp_path_factory.mktemp("released")
    done = release(place / "class", "--with-course", web, "--zip", str(place / "class.zip"))
    assert done.returncode == 0, done.stderr
    return place / "class"


@pytest.fixture
def classroom(released: Path, tmp_path: Path) -> Path:
    """Return a release to work in."""
    return Path(shutil.copytree(released, tmp_path / "class"))


def release(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-m", "autograder", "release", str(folder), *options)


def learner(folder: Path, *command: str, said: str = "") -> subprocess.CompletedProcess[str]:
    """Run `python -m …` in a release, as a learner would."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    env |= {"PYTHONIOENCODING": "utf-8", "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=env, input=said,
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip


def read(folder: Path) -> Tree:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


# --- what is in it


def test_a_class_gets_what_learners_need(released: Path) -> None:
    tree = read(released)
    for name in EXERCISES:
        assert tree[f"exercises/{name}.py"].decode() == stub(solution(name))
        for path in (f"test_{name}.py", f"hints/{name}.toml", f"observations/{name}.json"):
            assert tree[f"exercises/{path}"] == (ROOT / "exercises" / path).read_bytes()
        assert f"exercises/observations/{name}.mistakes.json" in tree
        assert f"website/course/{name}/index.html" in tree
    for path in ("LICENSE", "LICENSE-TEXT", "exercises/conftest.py"):
        assert tree[path] == (ROOT / path).read_bytes()
    folders = {path.partition("/")[0] for path in tree}
    assert folders == {
        "exercises", "website", "autograder", "README.md", "pyproject.toml", "LICENSE",
        "LICENSE-TEXT", ".github", ".devcontainer", ".gitignore", ".gitattributes", ".autograder",
    }  # fmt: skip


def test_it_has_no_part_of_the_autograder_that_only_instructors_need(released: Path) -> None:
    inside = {path.name for path in (released / "autograder").iterdir()}
    assert inside == {
        "__init__.py", "__main__.py", "cli.py", "datasets.py", "editable.py",
        "core", "catalogue", "learner", "commands",
    }  # fmt: skip
    assert all(
        (released / "autograder" / path.relative_to(ROOT / "autograder")).read_bytes()
        == path.read_bytes()
        for part in ("core", "learner")
        for path in (ROOT / "autograder" / part).glob("*.py")
        if path.name != "browser.py"  # the website's
    )


def test_a_learner_checks_the_work_as_in_the_repository(classroom: Path) -> None:
    untouched = learner(classroom, "pytest", "exercises/")
    assert untouched.returncode == 1
    n_checks = sum(len(exercise.checks) for exercise in EXERCISES.values())
    assert f"{n_checks} not attempted" in untouched.stdout
    (classroom / "exercises" / "losses.py").write_text(solution("losses"), encoding="utf-8")
    solved = learner(classroom, "pytest", "exercises/", "-k", "losses")
    assert solved.returncode == 0
    assert re.search(r"losses .* 100/100  done", solved.stdout)
    wrong = solution("losses").replace("np.mean((pred", "np.sum((pred")
    (classroom / "exercises" / "losses.py").write_text(wrong, encoding="utf-8")
    told = learner(classroom, "pytest", "exercises/", "-k", "losses")
    assert "It looks like a sum where a mean belongs" in told.stdout
    shown = learner(classroom, "autograder", "progress").stdout
    assert re.search(r"losses .* 92/100  17 of 18 properties hold", shown)


def test_the_learners_commands_work_and_the_others_say_that_they_are_absent(
    classroom: Path,
) -> None:
    where = "import autograder.cli, sys; print(autograder.cli.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", where], cwd=classroom, capture_output=True, text=True, check=True
    )
    assert Path(done.stdout.strip()) == classroom / "autograder" / "cli.py"
    check = "losses.mse_loss_is_a_mean_of_squares"
    works = {
        "checks": [], "hint": ["losses.mse_loss"], "progress": [], "observe": [check], "watch": [],
    }  # fmt: skip
    assert set(works) == set(LEARNERS)
    for command, arguments in works.items():
        done = learner(classroom, "autograder", command, *arguments, said="q")
        assert done.returncode == (1 if command == "observe" else 0), done.stderr
        assert not done.stderr
    absent = [
        ["practice", "bug", "losses.mse_loss"], ["solution", "losses.mse_loss"], ["stubs"],
        ["freeze"], ["grade", "work", "--out", "out"], ["doctor"], ["audit"], ["release", "x"],
    ]  # fmt: skip
    for arguments in absent:
        done = learner(classroom, "autograder", *arguments)
        assert done.returncode == 2
        assert done.stderr == (
            f"autograder: this class doesn't include `autograder {arguments[0]}`\n"
        )
    modules = {path.stem for path in (ROOT / "autograder" / "commands").glob("*.py")}
    assert {path.stem for path in (classroom / "autograder" / "commands").glob("*.py")} == modules


def test_a_class_can_have_some_exercises_only(tmp_path: Path) -> None:
    done = release(tmp_path / "class", "--exercise", "overfitting", "--exercise", "losses")
    assert done.returncode == 0, done.stderr
    stubs = {path.name for path in (tmp_path / "class" / "exercises").glob("*.py")}
    assert stubs == {
        "conftest.py", "losses.py", "test_losses.py", "overfitting.py", "test_overfitting.py",
    }  # fmt: skip
    listed = learner(tmp_path / "class", "autograder", "checks").stdout
    assert re.findall(r"^\w+", listed, re.MULTILINE) == ["losses", "overfitting"]
    checked = learner(tmp_path / "class", "pytest")
    assert "28 not attempted" in checked.stdout
    assert "0/200" in checked.stdout
    refused = release(tmp_path / "other", "--exercise", "nothing")
    assert refused.returncode == 2
    assert "there is no exercise 'nothing'" in refused.stderr


def test_an_exercise_comes_with_those_that_it_imports(tmp_path: Path) -> None:
    course = Course(ROOT / "solutions", ROOT / "exercises")
    assert with_needed(["mnist_project"], course) == ("backprop", "minibatch", "mnist_project")
    assert with_needed(["minibatch", "losses"], course) == ("losses", "minibatch")
    done = release(tmp_path / "class", "--exercise", "mnist_project")
    assert "Added, because what was asked for imports them: backprop, minibatch" in done.stdout
    for name in ("backprop", "minibatch", "mnist_project"):
        (tmp_path / "class" / "exercises" / f"{name}.py").write_text(solution(name))
    fast = learner(tmp_path / "class", "pytest", "-k", "not classifier", "-W", "error")
    assert fast.returncode == 0, fast.stdout


def test_a_class_has_the_chapters_and_the_practice_only_if_asked(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    done = release(folder, "--exercise", "losses", "--with-practice")
    assert "It holds the solutions, as you asked for" in done.stdout
    assert not (folder / "course").exists()
    assert (folder / "solutions" / "losses.py").read_text() == solution("losses")
    assert not (folder / "solutions" / "backprop.py").exists()
    bug = learner(folder, "autograder", "practice", "bug", "losses.mse_loss", said="77")
    assert "Not that line." in bug.stdout, bug.stderr
    shown = learner(folder, "autograder", "solution", "losses.mse_loss", "--anyway").stdout
    assert "# The reference" in shown
    assert "# Another way." in shown
    assert learner(folder, "autograder", "audit").returncode == 2
    again = release(folder, "--exercise", "losses")
    assert again.returncode == 0, again.stderr
    assert not (folder / "solutions").exists()
    assert not (folder / "autograder" / "authoring").exists()


# --- how to begin


def test_the_instructions_name_what_there_is(classroom: Path) -> None:
    readme = (classroom / "README.md").read_text(encoding="utf-8")
    for path in re.findall(r"\]\(([^)]+)\)", readme):
        assert (classroom / path).is_file(), path
    commands = re.findall(r"`\.venv/bin/python -m (\w+) ([^`]+)`", readme)
    assert len(commands) == 5
    for module, arguments in commands:
        done = learner(classroom, module, *arguments.split(), said="q")
        assert done.returncode in (0, 1), done.stderr
        assert not done.stderr
    assert "open `website/index.html`" in readme


def test_the_website_is_as_built_but_for_what_needs_a_server(released: Path, web: str) -> None:
    site = read(Path(web.partition("=")[2]))
    inside = read(released / "website")
    assert {name for name in site if name not in inside} == {
        "run/course.zip", "404.html", "sitemap.xml", "assets/x.js.map",
    }  # fmt: skip
    assert {name for name in inside if inside[name] != site.get(name)} == {
        "assets/run.js", "search/search_index.js",
    }  # fmt: skip


def test_a_website_that_is_missing_or_stale_is_not_released(tmp_path: Path) -> None:
    nothing = release(tmp_path / "class", "--with-course", "--site", str(tmp_path))
    assert nothing.returncode == 2
    assert "holds no website; run `make site`" in nothing.stderr
    site = small_website(tmp_path / "site")
    os.utime(site / "course" / "losses" / "index.html", (0, 0))
    stale = release(tmp_path / "class", "--with-course", "--site", str(site))
    assert stale.returncode == 2
    assert re.search(r"losses.index\.html is older than .*losses.index\.md", stale.stderr)
    (site / "course" / "losses" / "index.html").unlink()
    assert release(tmp_path / "class", "--with-course", "--site", str(site)).returncode == 2
    assert not (tmp_path / "class").exists()


def test_a_learner_is_sent_to_a_chapter_that_is_there(classroom: Path) -> None:
    done = learner(classroom, "pytest", "exercises/test_losses.py", "-p", "no:cacheprovider")
    said = re.search(r"read (\S+), ", done.stdout)
    assert said, done.stdout
    assert (classroom / said[1]).is_file()


def test_every_system_is_told_its_three_lines(released: Path) -> None:
    readme = (released / "README.md").read_text(encoding="utf-8")
    for system, begins in (("Windows", "py "), ("macOS", "python3 "), ("Linux", "python3 ")):
        lines = readme.partition(f"\n{system}:\n\n")[2].partition("\n\n")[0].splitlines()
        assert len(lines) == 3
        assert lines[0] == f"    {begins}-m venv .venv"
        assert lines[1].endswith("-m pip install -e .")
        assert lines[2].endswith("-m pytest exercises/")
    for text in ("GitHub Classroom", ".zip"):
        assert text in readme.partition("## Hand in")[2]


def install(folder: Path, *options: str) -> Path:
    """Install a release into a new environment without a network, and return its Python."""
    place = folder / ".venv"
    venv.create(place, with_pip=True, symlinks=os.name != "nt")
    python = place / ("Scripts" if os.name == "nt" else "bin") / "python"
    subprocess.run(
        [str(python), "-m", "pip", "install", "--quiet", "--no-index", *options, "-e", "."],
        cwd=folder, check=True, env={**os.environ, "PIP_FIND_LINKS": ""},
    )  # fmt: skip
    return python


def fake_wheel(folder: Path, name: str, version: str) -> None:
    """Write an empty package that is as good as the real one for pip."""
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        wheel.writestr(f"{info}/METADATA", metadata)
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def test_a_class_with_a_wheelhouse_is_set_up_without_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = tmp_path / "index"
    index.mkdir()
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        if line.startswith(("numpy==", "matplotlib==", "pytest==")):
            fake_wheel(index, *line.split("=="))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    folder = tmp_path / "a class"
    done = release(folder, "--exercise", "losses", "--wheelhouse")
    assert done.returncode == 0, done.stderr
    assert len(list((folder / "wheelhouse").iterdir())) == 3
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert "-m pip install --no-index --find-links wheelhouse -e ." in readme

    python = install(folder, "--find-links", "wheelhouse")
    code = "import autograder; print(autograder.__file__)"
    seen = subprocess.run(
        [str(python), "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert Path(seen.stdout.strip()) == folder / "autograder" / "__init__.py"
    helped = subprocess.run(
        [str(python.with_name("autograder")), "--help"], cwd=tmp_path, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert "usage: autograder" in helped.stdout

    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    refused = release(tmp_path / "other", "--wheelhouse")
    assert refused.returncode == 2
    assert "pip download" in refused.stderr
    assert not (tmp_path / "other").exists()


def test_the_wheel_of_a_class_is_what_the_standard_asks_for(
    classroom: Path, tmp_path: Path
) -> None:
    code = f"from autograder import editable; print(editable.build_wheel({str(tmp_path)!r}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=classroom, capture_output=True, text=True, check=True
    )
    with zipfile.ZipFile(tmp_path / done.stdout.strip()) as wheel:
        names = wheel.namelist()
        record = wheel.read(next(name for name in names if name.endswith("/RECORD"))).decode()
        assert len(names) == len(set(names)) == len(record.splitlines())
        assert "autograder/core/plain.py" in names
        metadata = wheel.read(next(name for name in names if name.endswith("/METADATA"))).decode()
    assert "Name: downhill-class\n" in metadata
    assert "Requires-Dist: numpy>=1.26\n" in metadata


# --- GitHub


def test_the_workflow_checks_and_shows_the_feedback(classroom: Path) -> None:
    yaml = pytest.importorskip("yaml", reason="the site extra is not installed")
    text = (classroom / ".github" / "workflows" / "classroom.yml").read_text(encoding="utf-8")
    ours = (ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")
    actions = set(re.findall(r"uses: (.+)", text))
    assert actions
    assert actions <= set(re.findall(r"uses: (.+)", ours))
    assert "secrets" not in text
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {"contents": "read"}
    steps = [step for step in workflow["jobs"]["feedback"]["steps"] if "run" in step]
    assert [step["name"] for step in steps] == ["Install", "Check the exercises", "Feedback"]
    if os.name == "nt":
        pytest.skip("the workflow runs on Linux")
    summary = classroom / "summary.md"
    python = classroom / "bin"
    python.mkdir()
    (python / "python").symlink_to(sys.executable)
    env = {
        **os.environ, "GITHUB_STEP_SUMMARY": str(summary), "PYTHONPATH": os.pathsep.join(sys.path),
        "PATH": f"{python}{os.pathsep}{os.environ['PATH']}", "PYTHONIOENCODING": "utf-8",
    }  # fmt: skip
    (classroom / "exercises" / "losses.py").write_text(solution("losses"), encoding="utf-8")
    codes = [
        subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=classroom, env=env, check=False, capture_output=True,
        ).returncode
        for step in steps[1:]
    ]  # fmt: skip
    assert codes == [1, 0]
    shown = summary.read_text(encoding="utf-8")
    assert re.search(r"losses .* 100/100  done", shown)
    assert all(line.startswith("    ") for line in shown.splitlines())


def test_the_container_is_a_python_that_the_course_supports(released: Path) -> None:
    text = (released / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8")
    container = json.loads(text)
    assert container["image"] == "python:3.11"
    assert container["postCreateCommand"] == "python -m pip install -e ."


# --- no solution text


def test_no_file_holds_a_line_of_a_solution(released: Path, secrets: SolutionText) -> None:
    tree = read(released)
    assert len(tree) > 90
    assert secrets.leaks(tree) == []
    archive = released.with_suffix(".zip")
    assert secrets.leaks({"website/class.zip": archive.read_bytes()}) == secrets.leaks(
        {f"website/{path}": data for path, data in tree.items()}
    )


def regions(text: str) -> list[str]:
    """Return what stands between the markers of a reference."""
    return re.findall(rf"{BEGIN}\n(.*?)^ *{END}", text, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("name", EXERCISES)
def test_the_work_of_every_function_would_be_found(name: str, secrets: SolutionText) -> None:
    work = regions(solution(name))
    assert len(work) == len(EXERCISES[name].functions)
    for region in work:
        planted = {"exercises/notes.md": f"My notes:\n{textwrap.dedent(region)}".encode()}
        assert secrets.leaks(planted), region


def test_every_alternative_would_be_found(secrets: SolutionText) -> None:
    paths = sorted((ROOT / "solutions" / "alternatives").rglob("*.py"))
    assert len(paths) > 40
    for path in paths:
        assert secrets.leaks({"exercises/notes.py": path.read_bytes()}), path


WORK = regions(solution("losses"))[-2]


def zipped(name: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return file.getvalue()


def tarred(name: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:xz") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return file.getvalue()


def notebook(text: str) -> bytes:
    cell = {"cell_type": "code", "source": text.splitlines(keepends=True)}
    return json.dumps({"cells": [cell]}, indent=1).encode()


PLANTED: dict[str, tuple[str, bytes]] = {
    "a text": ("exercises/hints/more.toml", WORK.encode()),
    "another indentation": ("README.md", textwrap.indent(WORK, "\t").encode()),
    "other line ends": ("README.md", WORK.replace("\n", "\r\n").encode()),
    "one line": ("README.md", " ".join(WORK.split()).encode()),
    "wrapped lines": ("README.md", re.sub(r"([(,])", r"\1\n", WORK).encode()),
    "no spaces": ("README.md", WORK.replace(" ", "").encode()),
    "UTF-16": ("README.md", WORK.encode("utf-16")),
    "a notebook": ("exercises/losses.ipynb", notebook(WORK)),
    "a zip file": ("more.zip", zipped("deep/down.py", WORK.encode())),
    "a zip file under another name": ("more.txt", zipped("down.py", WORK.encode())),
    "a zip file in a zip file": ("a.zip", zipped("b.zip", zipped("c.py", WORK.encode()))),
    "a zip file behind a text": ("a.md", b"Read me\n" + zipped("down.py", WORK.encode())),
    "a wheel": ("wheelhouse/more-1-py3-none-any.whl", zipped("more/__init__.py", WORK.encode())),
    "a library in a wheel": (
        "wheelhouse/more-1-py3-none-any.whl",
        zipped("more/lib.so", b"\x7fELF\xff" + WORK.encode() + b"\xff\0"),
    ),
    "a notebook in a wheel in a zip file": (
        "a.zip",
        zipped("wheelhouse/b.whl", zipped("losses.ipynb", notebook(WORK))),
    ),
    "gzip": ("a.py.gz", gzip.compress(WORK.encode())),
    "bzip2": ("a.py.bz2", bz2.compress(WORK.encode())),
    "a compressed tape archive": ("a.tar.xz", tarred("a.py", WORK.encode())),
}


@pytest.mark.parametrize("form", PLANTED)
def test_a_planted_solution_is_found(form: str, secrets: SolutionText) -> None:
    place, data = PLANTED[form]
    leaks = secrets.leaks({"LICENSE": b"MIT", place: data})
    assert [
        leak for leak in leaks if re.search(r"holds line \d+ of solutions/losses.py", leak.what)
    ]
    assert all(leak.place.startswith(place) for leak in leaks)


def test_what_cannot_be_searched_is_refused(secrets: SolutionText, tmp_path: Path) -> None:
    compiled = tmp_path / "losses.pyc"
    py_compile.compile(str(ROOT / "solutions" / "losses.py"), str(compiled))
    damaged = bytearray(zipped("a.py", WORK.encode()))
    damaged[40] ^= 0xFF
    for place, data in {
        "exercises/losses.pyc": compiled.read_bytes(),
        "a.whl": zipped("a/losses.pyc", compiled.read_bytes()),
        "a.zip": bytes(damaged),
        "a.gz": gzip.compress(WORK.encode())[:-9],
        "noise.bin": bytes(range(256)),
    }.items():
        (leak,) = secrets.leaks({place: data})[:1]
        assert "can't be searched" in leak.what


def test_code_in_a_page_is_found_in_spite_of_its_colors(secrets: SolutionText) -> None:
    colored = re.sub(r"(\w+)", r'<span class="n">\1</span>', html.escape(WORK))
    page = f"<!doctype html><title>A page</title><pre>{colored}</pre>"
    assert any(
        "solutions/losses.py" in leak.what for leak in secrets.leaks({"a.html": page.encode()})
    )


def test_what_is_looked_for_is_not_given_away_by_the_exceptions(secrets: SolutionText) -> None:
    """Each line that may be shown is really shown, or the list would only grow."""
    assert TEACHING == ("website/", "exercises/hints/")
    taught = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("course", "docs", "exercises/hints")
        for path in (ROOT / folder).rglob("*.*")
        if path.suffix in (".md", ".toml")
    )
    for line in TAUGHT:
        assert line in taught, line
        assert secrets.leaks({"README.md": line.encode()}), line
        assert not secrets.leaks({"website/course/losses/index.html": line.encode()}), line
    for line in IDIOMS:
        assert not secrets.leaks({"README.md": line.encode()})


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Return a copy of what releases are made from."""
    folder = tmp_path / "course"
    for part in ("exercises", "solutions", "course"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / part, folder / part, ignore=ignored)
    for name in ("pyproject.toml", "LICENSE", "LICENSE-TEXT"):
        shutil.copy(ROOT / name, folder)
    return folder


def release_of(course: Path, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    parts = {part: str(course / part) for part in ("exercises", "solutions")}
    return release(folder, *(f"--{part}={path}" for part, path in parts.items()), *options)


@pytest.mark.parametrize("place", ["exercises/test_losses.py", "website/course/losses/index.html"])
def test_a_release_with_a_solution_in_it_is_refused(
    place: str, course: Path, tmp_path: Path
) -> None:
    site = small_website(course / "website")
    with (course / place).open("a", encoding="utf-8") as file:
        file.write(f"\n# As follows:\n{textwrap.indent(WORK, '#')}")
    refused = release_of(course, tmp_path / "class", "--with-course", f"--site={site}")
    assert refused.returncode == 2
    assert "nothing was released, to keep solutions secret" in refused.stderr
    assert re.search(rf"  {place} holds line \d+ of solutions/losses.py", refused.stderr)
    assert not (tmp_path / "class").exists()


def test_an_instructors_own_attempts_and_other_files_stay_at_home(
    course: Path, tmp_path: Path
) -> None:
    (course / "exercises" / "losses.py").write_text(solution("losses"), encoding="utf-8")
    (course / "exercises" / "solved.py").write_text(solution("backprop"), encoding="utf-8")
    (course / "exercises" / "observations" / "notes.txt").write_text("mine", encoding="utf-8")
    done = release_of(course, tmp_path / "class")
    assert done.returncode == 0, done.stderr
    made = read(tmp_path / "class")
    assert made["exercises/losses.py"].decode() == stub(solution("losses"))
    assert not [path for path in made if "solved" in path or "notes" in path]


def test_a_stale_course_is_not_released(course: Path, tmp_path: Path) -> None:
    changed = solution("losses").replace("np.mean((pred", "np.sum((pred")
    (course / "solutions" / "losses.py").write_text(changed, encoding="utf-8")
    refused = release_of(course, tmp_path / "class")
    assert refused.returncode == 2
    assert "autograder" in refused.stderr
    (course / "solutions" / "losses.py").write_text(solution("losses"), encoding="utf-8")
    (course / "exercises" / "hints" / "losses.toml").unlink()
    refused = release_of(course, tmp_path / "class")
    assert refused.returncode == 2
    assert "losses.toml can't be read" in refused.stderr


# --- the same each time, and nobody's work lost


def test_a_release_is_made_twice_and_is_the_same(
    released: Path, web: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    folder = tmp_path / "elsewhere" / "class"
    release(folder, "--with-course", web, "--zip", str(tmp_path / "class.zip"))
    assert read(folder) == read(released)
    archive = tmp_path / "class.zip"
    assert archive.read_bytes() == released.with_suffix(".zip").read_bytes()
    with zipfile.ZipFile(archive) as packed:
        assert {name: packed.read(name) for name in packed.namelist()} == {
            f"class/{path}": data for path, data in read(released).items()
        }
        assert packed.namelist() == sorted(packed.namelist())


def test_no_file_says_where_or_when_it_was_made(released: Path) -> None:
    for path, data in read(released).items():
        assert str(ROOT).encode() not in data, path
        assert b"\r" not in data, path


def test_a_second_release_changes_nothing_and_restores_what_is_missing(
    classroom: Path, web: str
) -> None:
    before = read(classroom)
    (classroom / "exercises" / "test_losses.py").unlink()
    (classroom / "exercises" / "my_notes.txt").write_text("mine", encoding="utf-8")
    again = release(classroom, "--with-course", web)
    assert again.returncode == 0, again.stderr
    assert read(classroom) == {**before, "exercises/my_notes.txt": b"mine"}


def test_what_was_edited_stays_where_the_release_has_nothing_new(classroom: Path, web: str) -> None:
    work = classroom / "exercises" / "losses.py"
    work.write_text("# my work\n", encoding="utf-8")
    again = release(classroom, "--with-course", web)
    assert again.returncode == 0, again.stderr
    assert "Left as they were edited: exercises/losses.py\n" in again.stdout
    assert work.read_text(encoding="utf-8") == "# my work\n"


def test_what_was_edited_is_never_overwritten(classroom: Path) -> None:
    before = read(classroom)
    for path in ("README.md", "website/index.html"):
        (classroom / path).write_bytes(before[path] + b"Due on Friday.\n")
    edited = read(classroom)
    refused = release(classroom)  # without the website: another README, and no page
    assert refused.returncode == 2
    assert "were edited, and are not overwritten: README.md, website/index.html" in (refused.stderr)
    assert read(classroom) == edited
    for path in ("README.md", "website/index.html"):
        (classroom / path).write_bytes(before[path])
    assert release(classroom).returncode == 0
    assert not (classroom / "website").exists()


@pytest.fixture
def small() -> Tree:
    return releases.with_manifest({"a.txt": b"1", "b/c.txt": b"2"}, {})


def written(tree: Tree, folder: Path) -> releases.Update:
    changes = releases.update(tree, folder)
    releases.carry_out(changes, tree, folder)
    return changes


def test_a_folder_that_is_no_release_is_left_alone(small: Tree, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()  # a new repository is as good as an empty folder
    assert written(small, tmp_path).write == ("a.txt", "b/c.txt")
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("years of work", encoding="utf-8")
    for place in (other, other / "thesis.txt"):
        with pytest.raises(releases.NotReleasable):
            releases.update(small, place)
    assert read(other) == {"thesis.txt": b"years of work"}
    with pytest.raises(releases.NotReleasable, match="not a release"):
        releases.pack(small, "class", other / "thesis.txt")
    taken = release(tmp_path / "new", "--exercise", "losses", "--zip", str(other / "thesis.txt"))
    assert taken.returncode == 2
    assert not (tmp_path / "new").exists()
    impossible = other / "thesis.txt" / "class"
    assert release(impossible, "--exercise", "losses").stderr.count("\n") == 1


def changed(manifest: dict[str, object], **facts: object) -> str:
    return json.dumps({**manifest, **facts})


BROKEN_MANIFESTS: dict[str, Callable[[dict[str, object]], str]] = {
    "no JSON": lambda _: "{",
    "a list": lambda _: "[]",
    "no files": lambda _: '{"version": 1}',
    "another version": lambda it: changed(it, version=99),
    "files elsewhere": lambda it: changed(it, files={"../thesis.txt": "0"}),
    "files at the root": lambda it: changed(it, files={"/thesis.txt": "0"}),
}


@pytest.mark.parametrize("broken", BROKEN_MANIFESTS)
def test_a_manifest_that_cannot_be_trusted_is_refused(
    broken: str, small: Tree, tmp_path: Path
) -> None:
    written(small, tmp_path)
    manifest = tmp_path / releases.MANIFEST
    manifest.write_text(BROKEN_MANIFESTS[broken](json.loads(manifest.read_text())))
    before = read(tmp_path)
    with pytest.raises(releases.NotReleasable):
        releases.update(small, tmp_path)
    assert read(tmp_path) == before


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_nothing_is_written_through_a_link(small: Tree, tmp_path: Path) -> None:
    folder, outside = tmp_path / "class", tmp_path / "outside"
    written(small, folder)
    outside.mkdir()
    shutil.rmtree(folder / "b")
    (folder / "b").symlink_to(outside)
    newer = releases.with_manifest({"a.txt": b"1", "b/c.txt": b"3"}, {})
    with pytest.raises(releases.NotReleasable, match="b/c"):
        releases.update(newer, folder)
    assert not any(outside.iterdir())


def test_a_new_file_does_not_replace_one_of_the_same_name(small: Tree, tmp_path: Path) -> None:
    written(small, tmp_path)
    (tmp_path / "new.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "folder.txt").mkdir()
    for name in ("new.txt", "folder.txt"):
        newer = releases.with_manifest({"a.txt": b"1", "b/c.txt": b"2", name: b"theirs"}, {})
        with pytest.raises(releases.NotReleasable, match=name):
            releases.update(newer, tmp_path)
    same = releases.with_manifest({"a.txt": b"1", "b/c.txt": b"2", "new.txt": b"mine"}, {})
    assert written(same, tmp_path) == releases.Update((), (), ())


def test_the_manifest_tells_what_was_given(released: Path) -> None:
    manifest = json.loads((released / releases.MANIFEST).read_text(encoding="utf-8"))
    assert manifest["exercises"] == list(EXERCISES)
    files = {path: data for path, data in read(released).items() if path != releases.MANIFEST}
    assert manifest["files"] == {
        path: hashlib.sha256(data).hexdigest() for path, data in files.items()
    }


# --- how it is made


def imports(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("autograder"):
            yield str(node.module)


@pytest.mark.parametrize("practice", [False, True])
def test_the_package_of_a_class_lacks_nothing_that_it_imports(practice: bool) -> None:
    files = package(["losses"], practice)
    for path, text in files.items():
        for module in imports(text):
            name = module.replace(".", "/")
            assert {f"{name}.py", f"{name}/__init__.py"} & set(files), f"{path} imports {module}"


def test_the_contents_are_what_is_written(released: Path, web: str) -> None:
    course = Course(ROOT / "solutions", ROOT / "exercises")
    tree = contents(Choice(tuple(EXERCISES), site=Path(web.partition("=")[2])), course)
    assert set(read(released)) == {*tree, releases.MANIFEST}
