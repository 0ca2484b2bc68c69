"""The code that an exercise leads to, as text files of the site: its stub, and its checks."""

from pathlib import Path
from urllib.parse import quote

import autograder
from autograder.authoring import made
from autograder.catalogue import EXERCISES
from autograder.core.exercise import Check

ROOT = Path(autograder.__file__).resolve().parents[1]
TEXT = ":~:text="
"""Begins the part of an address that names a passage: browsers scroll to it."""


def write(pages: Path) -> None:
    """Add the folder `code/` to the pages."""
    checks = pages / "code" / "checks"
    checks.mkdir(parents=True)
    for stub in made.stubs(ROOT / "solutions", ROOT / "exercises"):
        (pages / "code" / f"{stub.path.stem}.txt").write_text(stub.text, "utf-8")
    for name in EXERCISES:
        text = (ROOT / "autograder" / "catalogue" / f"{name}.py").read_text("utf-8")
        (checks / f"{name}.txt").write_text(text, "utf-8")


def of_function(exercise: str, function: str) -> str:
    """Return the address of a function in its stub, of a method's class."""
    owner, _, method = function.partition(".")
    return f"code/{exercise}.txt#{TEXT}" + quote(f"class {owner}" if method else f"def {owner}(")


def of_check(check: Check) -> str:
    """Return the address of a check's code."""
    return f"code/checks/{check.exercise}.txt#{TEXT}" + quote(f"def {check.name}(")
