"""What the tests share: where things are, and ways to use the course as people do."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from filelock import FileLock
from hypothesis import settings

# Two test processes with two threads each wait for one another; NumPy reads it when imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from autograder.catalogue import EXERCISES
from autograder.core.workbook import Workbook
from autograder.grading.slots import why_not
from autograder.isolation.tiers import SAFE, Tier

ROOT = Path(__file__).parent.parent

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

Run = Callable[..., "subprocess.CompletedProcess[str]"]

SLOW = (
    "test_attacks",
    "test_mistakes",
    "test_term",
    "test_site",
    "test_class",
    "test_notebooks",
    "test_lessons_generalization",
    "test_lessons_descent",
    "test_adding",
    "test_runs",
    "test_lessons_trainer",
    "test_grading",
    "test_gradescope",
)
"""The modules that take longest. They come last; of them the longest first, so that two
processes end at about the same time."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the fast tests come first."""
    items.sort(key=lambda item: SLOW.index(item.path.stem) if item.path.stem in SLOW else -1)


def best_tier() -> Tier:
    """Return the best tier that holds on this machine."""
    return next((tier for tier in SAFE if not why_not(tier)), Tier.PORTABLE)


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def reference() -> Workbook:
    return Workbook(ROOT / "solutions", EXERCISES)


@pytest.fixture(scope="session")
def stubs() -> Workbook:
    return Workbook(ROOT / "exercises", EXERCISES)


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a person would, and return what it printed."""
    env = {**os.environ, "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1", **environment}
    env.pop("PYTEST_ADDOPTS", None)
    return subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, encoding="utf-8", check=False
    )


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Return the website, built once for all processes, in a folder below that of a server."""
    base = tmp_path_factory.getbasetemp()
    web = (base if worker_id == "master" else base.parent) / "web"
    out = web / "some" / "where"
    web.mkdir(exist_ok=True)
    with FileLock(web / "lock"):
        if not (web / "built").exists():
            done = run(sys.executable, "docs/build.py", "--out", str(out))
            assert done.returncode == 0, done.stdout + done.stderr
            (web / "built").touch()
    return out


def go_without(what: str) -> NoReturn:
    """Skip a test for want of something; fail where all of it has to be there."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is not installed, and nothing may be skipped for that here")
    pytest.skip(f"{what} is not installed")


def program(*names: str) -> str:
    """Return where a program is, under the first name that it has."""
    found = [path for path in map(shutil.which, names) if path]
    return found[0] if found else go_without(names[0])


def package(name: str) -> Any:
    """Return a module that a plain installation lacks."""
    try:
        return importlib.import_module(name)
    except ImportError:
        go_without(name)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Return Chromium, started once a module.

    Not once for all of them: as long as it runs, nothing else in the process can run an event loop,
    and the tests of notebooks do.
    """
    api, path = package("playwright.sync_api"), program("chromium")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
    with api.sync_playwright() as play:
        started = play.chromium.launch(executable_path=path, args=flags)
        yield started
        started.close()


@pytest.fixture
def check_exercises() -> Run:
    """Return a function that runs `pytest exercises/` on a folder of modules."""

    def check(folder: Path | None, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        if folder:
            env["DOWNHILL_FOLDER"] = str(folder)
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
        return run(*(command if arguments else [*command, "exercises"]), **env)

    return check


@pytest.fixture
def autograder() -> Run:
    """Return a function that runs the command line."""

    def command(*arguments: str | Path, **options: str) -> subprocess.CompletedProcess[str]:
        return run(sys.executable, "-m", "autograder", *map(str, arguments), **options)

    return command


@pytest.fixture
def submissions(tmp_path: Path) -> Path:
    folder = tmp_path / "submissions"
    folder.mkdir()
    return folder


def solution(name: str) -> str:
    """Return the text of a reference module."""
    return (ROOT / "solutions" / f"{name}.py").read_text(encoding="utf-8")


def hand_in(folder: Path, student: str, **modules: str) -> Path:
    """Write a student's modules and return their folder."""
    own = folder / student
    own.mkdir(parents=True)
    for name, text in modules.items():
        (own / f"{name}.py").write_text(text, encoding="utf-8")
    return own
