"""The page "An exercise in an afternoon": each block of it is taken in order, and is true."""

from __future__ import annotations

import difflib
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT

PAGE = "docs/adding.md"
NEEDED = ("autograder", "course", "exercises", "solutions", "tests", "mkdocs.yml", "pyproject.toml")

BLOCK = re.compile(
    r'^(?P<fence>`{3,})(?P<kind>\w+)(?: title="(?P<file>[^"]+)")?\n(?P<text>.*?)^(?P=fence)$',
    re.DOTALL | re.MULTILINE,
)
ANYTHING = "..."
"""Stands for anything on its line, and alone on a line for any lines."""

PROGRAMS = {
    "autograder": [sys.executable, "-m", "autograder"],
    "pytest": [sys.executable, "-m", "pytest"],
    "python": [sys.executable],
}
"""What the commands of a page may be; this way they need no script on the path."""


def follow(page: str, folder: Path) -> None:
    """Do what a page says, in a folder; fail at the first block that isn't true."""
    prose = BLOCK.sub("", page)
    assert "```" not in prose, "a block that is no step"
    printed = None  # by the last command, until it has been compared
    for block in BLOCK.finditer(page):
        where = f"the block at line {page.count(chr(10), 0, block.start()) + 1}"
        kind, text = block["kind"], block["text"]
        assert (printed is not None) == (kind == "text"), f"{where}: a command, then its output"
        if kind == "text":
            assert shows(text, printed), f"{where} is not what is printed:\n{gap(text, printed)}"
            printed = None
        elif kind == "bash":
            printed = output(text, folder)
        else:
            assert block["file"], f"{where}: no file"
            write(folder / block["file"], text, kind == "diff", where)
    assert printed is None, "a command without its output"


def write(path: Path, text: str, is_change: bool, where: str) -> None:
    """Write a new file, or apply a change to one that is there."""
    assert path.exists() == is_change, f"{where}: {path.name} is there already, or is not"
    if is_change:
        old, lines = path.read_text(encoding="utf-8"), text.splitlines()
        before = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
        after = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("-"))
        assert old.count(before) == 1, f"{where} fits {old.count(before)} times"
        text = old.replace(before, after)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def output(command: str, folder: Path) -> str:
    """Run a command as a person would in a folder, and return everything that it prints."""
    program, *arguments = shlex.split(command)
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    done = subprocess.run(
        [*PROGRAMS[program], *arguments],
        cwd=folder,
        env={**kept, **PLAIN},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    return "\n".join(line.rstrip() for line in done.stdout.rstrip().splitlines())


PLAIN = {
    "COLUMNS": "90",
    "NO_COLOR": "1",
    "PYTHONIOENCODING": "utf-8",
    "PYTHONDONTWRITEBYTECODE": "1",  # it would be stale where a file changes within a second
}
OURS = ("BUILD_NUMBER", "CI", "DOWNHILL_FOLDER", "PYTEST_ADDOPTS", "PYTHONPATH")
"""Variables of whoever runs this test, which must not reach the commands.

pytest prints longer summaries where it takes a variable to mean a server for tests."""


def shows(text: str, printed: str | None) -> bool:
    """Say whether a block shows what was printed."""
    lines = (
        "(?s:.*)" if line == ANYTHING else ".*".join(map(re.escape, line.split(ANYTHING)))
        for line in text.splitlines()
    )
    return re.fullmatch("\n".join(lines), printed or "") is not None


def gap(text: str, printed: str | None) -> str:
    """Return the difference between a page and the truth, to be read."""
    lines = (text.splitlines(), (printed or "").splitlines())
    return "\n".join(difflib.unified_diff(*lines, "the page", "what is printed", lineterm=""))


def test_every_step_of_the_page_is_true(tmp_path: Path) -> None:
    for name in NEEDED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, tmp_path / name)
    follow((ROOT / PAGE).read_text(encoding="utf-8"), tmp_path)


FILE = '```python title="a.py"\nprint(6)\nprint(7)\n```\n'
RUN = "```bash\npython a.py\n```\n"
CHANGE = '```diff title="a.py"\n print(6)\n-print(7)\n+print(8)\n```\n'


def test_a_true_page_is_followed(tmp_path: Path) -> None:
    follow(
        f"{FILE}\n{RUN}\n```text\n6\n7\n```\n\n{CHANGE}\n{RUN}\n```text\n...\n8\n```\n", tmp_path
    )


LIES = {
    "another output": (f"{FILE}{RUN}```text\n6\n8\n```\n", "not what is printed"),
    "an output cut short": (f"{FILE}{RUN}```text\n6\n```\n", "not what is printed"),
    "a command whose output is not shown": (f"{FILE}{RUN}", "without its output"),
    "another step before the output": (f"{FILE}{RUN}{CHANGE}", "then its output"),
    "an output of nothing": ("```text\n6\n```\n", "then its output"),
    "a change that does not fit": (f"{FILE}{CHANGE}{CHANGE}", "fits 0 times"),
    "a change of no file": (CHANGE, "is not"),
    "a file that is there": (f"{FILE}{FILE}", "there already"),
    "code of no file": ("```python\nprint(6)\n```\n", "no file"),
    "a block that is not read": ("```\nprint(6)\n```\n", "no step"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_page_that_lies_is_found_out(lie: str, tmp_path: Path) -> None:
    page, says = LIES[lie]
    with pytest.raises(AssertionError, match=says):
        follow(page, tmp_path)
