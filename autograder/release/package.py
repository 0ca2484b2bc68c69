"""The part of the autograder that learners need: their commands, and what these import."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.catalogue import EXERCISES

HOME = Path(__file__).parents[1]
LEARNERS = ("checks", "hint", "observe", "progress", "watch")
PRACTICE = ("practice", "solution")
"""Commands that show lines of the reference on purpose."""

CATALOGUE = "autograder/catalogue/__init__.py"
COMMANDS = "autograder.commands"
ABSENT = f'''\
"""A command that this class doesn't include."""

from {COMMANDS} import Refused


def run(options):
    """Say so."""
    command = getattr(options, "what", options.command)
    raise Refused(f"this class doesn't include `autograder {{command}}`")
'''


def package(exercises: Iterable[str], practice: bool) -> dict[str, str]:
    """Return the files of the package `autograder` for a class.

    Parameters
    ----------
    exercises : iterable of str
        The class's.
    practice : bool
        Whether the commands that show lines of the reference are among them.

    Returns
    -------
    dict of str to str
        Texts by path. Commands that are left out say so when they are called.
    """
    included = [*LEARNERS, *(PRACTICE if practice else ())]
    roots = [f"{COMMANDS}.{command}" for command in included]
    roots += ["autograder.__main__", "autograder.datasets"]
    roots += [f"autograder.learner.{part}" for part in ("plugin", "checks", "notebook")]
    files = with_imports(roots, exercises)
    for command in (HOME / "commands").glob("*.py"):
        files.setdefault(f"autograder/commands/{command.name}", ABSENT)
    editable = Path(__file__).with_name("editable.py")
    files["autograder/editable.py"] = editable.read_text(encoding="utf-8")
    return files


def with_imports(modules: Iterable[str], exercises: Iterable[str]) -> dict[str, str]:
    """Return modules of this package and all that they import, as texts by path.

    Parameters
    ----------
    modules : iterable of str
        Such as "autograder.learner.plugin".
    exercises : iterable of str
        Those that the catalogue is to name.
    """
    waiting = list(modules)
    files: dict[str, str] = {}
    while waiting:
        module = waiting.pop()
        path = _path(module)
        if path and path not in files:
            files[path] = _text(path, exercises)
            waiting += _imported(files[path])
            waiting += [module.rpartition(".")[0]]
    return files


def _path(module: str) -> str | None:
    """Return the file of "autograder.core.plain"; None if that is no module of ours."""
    name = module.replace(".", "/")
    candidates = (f"{name}.py", f"{name}/__init__.py")
    return next((path for path in candidates if name and (HOME.parent / path).is_file()), None)


def _text(path: str, exercises: Iterable[str]) -> str:
    text = (HOME.parent / path).read_text(encoding="utf-8")
    return _with_only(exercises, text) if path == CATALOGUE else text


def _with_only(exercises: Iterable[str], catalogue: str) -> str:
    """Leave out the lines of the catalogue that name another exercise."""
    others = {f"{name}," for name in EXERCISES if name not in exercises}
    lines = catalogue.splitlines(keepends=True)
    kept = [line for line in lines if line.strip() not in others]
    if len(lines) - len(kept) != 2 * len(others):
        raise RuntimeError(f"{CATALOGUE} does not name each exercise twice, alone on a line")
    return "".join(kept)


def _imported(source: str) -> Iterator[str]:
    """Yield everything that could be a module among what a module imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
