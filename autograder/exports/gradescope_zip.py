"""The archive with which Gradescope grades by itself: two scripts, and all that grading needs.

References
----------
https://gradescope-autograders.readthedocs.io/en/latest/specs/
https://gradescope-autograders.readthedocs.io/en/latest/base_images/
https://gradescope-autograders.readthedocs.io/en/latest/troubleshooting/
"""

from __future__ import annotations

import os
import shlex
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.catalogue import EXERCISES
from autograder.exports import files, gradescope
from autograder.release.folder import FIRST_DATE

HOME = Path(__file__).parents[1]
TEMPLATES = Path(__file__).parent / "templates"
SCRIPTS = ("setup.sh", "run_autograder")
SPARE = 30
"""Seconds of Gradescope's limit that are left for everything but grading."""

REFUSED = (
    "not graded: there is no sandbox here in which your code could be run. Ask your instructor, "
    "who finds the reason in this run's output."
)


@dataclass(frozen=True)
class Choice:
    """What an instructor wants of the archive.

    Attributes
    ----------
    exercises : tuple of str
        What is graded, in the order of the course.
    visibility : str
        See `gradescope.results`.
    minutes : int
        The assignment's time limit there, at least 1.
    unsafe : bool
        Whether students are graded where there is no sandbox.
    """

    exercises: tuple[str, ...]
    visibility: str = "visible"
    minutes: int = 10
    unsafe: bool = False


def contents(choice: Choice, solutions: Path, secret: Path) -> dict[str, bytes]:
    """Return the files of the archive, by their paths.

    Parameters
    ----------
    choice : Choice
    solutions : Path
        The reference; beside it are `pyproject.toml` and `constraints.txt`.
    secret : Path

    Raises
    ------
    OSError
        If one of them can't be read.
    """
    root = solutions.resolve().parent
    texts = {name: (TEMPLATES / name).read_text(encoding="utf-8") for name in SCRIPTS}
    texts |= {
        "README.md": _readme(choice),
        "choices.sh": _choices(choice),
        "not_graded.json": "".join(gradescope.lines(gradescope.message(gradescope.NOT_GRADED))),
        "refused.json": "".join(gradescope.lines(gradescope.message(REFUSED) | {"score": 0})),
        "requirements.txt": "".join(f"{line}\n" for line in _requirements(root)),
    }
    found = {"constraints.txt": root / "constraints.txt", "secret": secret}
    found |= {f"autograder/{path.relative_to(HOME).as_posix()}": path for path in _package()}
    for pattern in ("*.py", "mistakes/*.toml"):
        for path in sorted(solutions.glob(pattern)):
            found[f"solutions/{path.relative_to(solutions).as_posix()}"] = path
    return {name: text.encode() for name, text in texts.items()} | {
        name: path.read_bytes() for name, path in found.items()
    }


def write(tree: Mapping[str, bytes], path: Path, force: bool = False) -> None:
    """Write the archive, whole or not at all, for its owner's eyes only.

    The same contents make the same file.

    Raises
    ------
    InTheWay
        If the file is there already, and may not be replaced.
    """
    files.free(path, force)
    unfinished = path.with_name(f".{os.getpid()}.unfinished")
    try:
        unfinished.touch(mode=0o600)
        with zipfile.ZipFile(unfinished, "w") as archive:
            for name in sorted(tree):
                member = zipfile.ZipInfo(name, FIRST_DATE)
                member.compress_type = zipfile.ZIP_DEFLATED
                member.create_system = 3  # Unix, wherever it is made
                member.external_attr = (0o100700 if name in SCRIPTS else 0o100600) << 16
                archive.writestr(member, tree[name])
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _package() -> Iterator[Path]:
    """Yield the files of the package."""
    yield from sorted(HOME.rglob("*.py"))
    yield from sorted(path for path in HOME.rglob("templates/*") if path.is_file())


def _requirements(root: Path) -> list[str]:
    """Return what an instructor installs: students' code may use what learners have."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *project["optional-dependencies"]["instructor"]]


def _choices(choice: Choice) -> str:
    grade = [word for name in choice.exercises for word in ("--exercise", name)]
    grade += ["--unsafe"] if choice.unsafe else []
    return (
        f"grade=({shlex.join(grade)})\n"
        f"export=(--visibility {shlex.quote(choice.visibility)})\n"
        f"seconds={60 * choice.minutes - SPARE}\n"
        f"unsafe={'yes' if choice.unsafe else 'no'}\n"
    )


def _readme(choice: Choice) -> str:
    able = "students' code can then read the solutions and the secret, and write its own grade"
    unsafe = (
        f"This archive was made with `--unsafe`, so it is run there all the same: **{able}.**"
        if choice.unsafe
        else f"`--unsafe` makes an archive that grades there all the same: {able}."
    )
    return (
        (TEMPLATES / "README.md")
        .read_text(encoding="utf-8")
        .format(
            exercises=", ".join(choice.exercises),
            modules=", ".join(f"`{name}.py`" for name in choice.exercises),
            points=sum(EXERCISES[name].points for name in choice.exercises),
            minutes=choice.minutes,
            visibility=choice.visibility,
            unsafe=unsafe,
        )
    )
