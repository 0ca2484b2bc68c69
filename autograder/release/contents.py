"""What is in a class's folder: the exercises, what checks them, and how to begin."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.authoring import made
from autograder.catalogue import EXERCISES
from autograder.core import frozen
from autograder.learner import hints
from autograder.release import texts
from autograder.release.package import package
from autograder.release.website import website

LICENSES = ("LICENSE", "LICENSE-TEXT")
SOLUTIONS, WHEELHOUSE = "solutions", "wheelhouse"


class Incomplete(Exception):
    """A part of the course that a release needs is missing or stale; the message says which."""


@dataclass(frozen=True)
class Course:
    """Where a release is made from.

    Attributes
    ----------
    solutions, exercises : Path
        The licenses and `pyproject.toml` are beside the latter.
    """

    solutions: Path
    exercises: Path

    @property
    def root(self) -> Path:
        """The folder of the course."""
        return self.exercises.resolve().parent

    @property
    def project(self) -> dict[str, object]:
        """What `pyproject.toml` says of the course."""
        text = text_of(self.root / "pyproject.toml")
        project: dict[str, object] = tomllib.loads(text)["project"]
        return project


@dataclass(frozen=True)
class Choice:
    """What an instructor wants in a release.

    Attributes
    ----------
    exercises : tuple of str
        In the order of the course, with those that they need.
    practice : bool
        Whether the solutions are in it, with what is made from them.
    site : Path or None
        The built website, if it is to be in it.
    wheels : mapping of str to bytes
        What learners have to install, by file name; none if they have a network.
    """

    exercises: tuple[str, ...]
    practice: bool = False
    site: Path | None = None
    wheels: Mapping[str, bytes] = field(default_factory=dict)


def with_needed(names: Iterable[str], course: Course) -> tuple[str, ...]:
    """Return exercises with those that they import, in the order of the course."""
    wanted: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        wanted.add(name)
        imported = re.findall(r"^from (\w+) import", _solution(course, name), re.MULTILINE)
        waiting += [other for other in imported if other in EXERCISES and other not in wanted]
    return tuple(name for name in EXERCISES if name in wanted)


def contents(choice: Choice, course: Course) -> dict[str, bytes]:
    """Return the files of a release, by their paths.

    Raises
    ------
    Incomplete
        If something of the course is missing or stale.
    NoWebsite
        If the website is.
    """
    pages = website(choice.site, course.root) if choice.site else {}
    files = _exercises(choice, course)
    files |= package(choice.exercises, choice.practice)
    files |= {name: text_of(course.root / name) for name in LICENSES}
    files |= {
        "README.md": texts.readme(
            choice.exercises, bool(choice.site), choice.practice, bool(choice.wheels)
        ),
        "pyproject.toml": texts.pyproject(course.project),
        ".gitignore": texts.GITIGNORE,
        ".gitattributes": texts.GITATTRIBUTES,
        ".github/workflows/classroom.yml": texts.WORKFLOW,
        ".devcontainer/devcontainer.json": texts.DEVCONTAINER,
    }
    if choice.practice:
        files |= _solutions(choice, course)
    tree = pages | {path: text.encode() for path, text in files.items()}
    return tree | {f"{WHEELHOUSE}/{name}": wheel for name, wheel in choice.wheels.items()}


def _exercises(choice: Choice, course: Course) -> dict[str, str]:
    files = {"exercises/conftest.py": text_of(course.exercises / "conftest.py")}
    for stub in made.stubs(course.solutions, course.exercises):
        if stub.path.stem in choice.exercises:
            files[f"exercises/{stub.path.name}"] = stub.text
    for file in made.observations(course.solutions, course.exercises):
        if not file.current:
            raise Incomplete(f"{file.path} is stale; run `autograder freeze`")
    for name in choice.exercises:
        for path in (
            f"test_{name}.py",
            f"{hints.FOLDER}/{name}.toml",
            f"{frozen.FOLDER}/{name}.json",
            f"{frozen.FOLDER}/{name}.mistakes.json",
        ):
            files[f"exercises/{path}"] = text_of(course.exercises / path)
    return files


def _solutions(choice: Choice, course: Course) -> dict[str, str]:
    """Return the reference, the known mistakes and the alternatives of a class's exercises."""
    paths = []
    for name in choice.exercises:
        paths += [f"{name}.py", f"mistakes/{name}.toml"]
        others = sorted((course.solutions / "alternatives" / name).glob("*.py"))
        paths += [f"alternatives/{name}/{path.name}" for path in others]
    return {f"{SOLUTIONS}/{path}": text_of(course.solutions / path) for path in paths}


def _solution(course: Course, name: str) -> str:
    return text_of(course.solutions / f"{name}.py")


def text_of(path: Path) -> str:
    """Read a part of the course.

    Raises
    ------
    Incomplete
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as problem:
        raise Incomplete(f"{path} can't be read: {problem.strerror}") from None
