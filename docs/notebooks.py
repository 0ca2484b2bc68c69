"""A page as a Jupyter notebook: its prose, and its blocks as cells to run.

In a notebook, `import notebooks` gives what a page's blocks expect: `%%shown` shows what a cell
prints as HTML, as the page does.
"""

import contextlib
import io
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pages import Fence, Prose, parts, substitute

Cell = dict[str, Any]

BEGIN = """\
# Run this first, anywhere in the course's folder. It finds the course's own modules.
import os
import sys
from pathlib import Path

folders = (Path.cwd(), *Path.cwd().parents)
course = next(folder for folder in folders if (folder / "docs" / "notebooks.py").exists())
os.chdir(course)
sys.path[:0] = [str(course / part) for part in ("solutions", "docs", ".")]
import notebooks
"""
BOX = re.compile(r"""(?:!!!|\?\?\?\+?|===)[ ]*[\w ]*?[ ]*(?:"(?P<title>[^"]*)")?\s*""")
ON_THE_SITE = ("order", "exercise", "play")
"""Fences that a notebook can't show."""


def notebook(text: str, value: Callable[[str, int], str]) -> str:
    """Return a page as the text of a notebook.

    Parameters
    ----------
    text : str
        The page.
    value : callable
        Returns the value of an expression on a line, as text.
    """
    return _tree([_code(BEGIN), *_cells(text, value)])


def from_script(text: str) -> str:
    """Return a script as the text of a notebook; `# %%` begins a cell, as in Jupytext."""
    cells: list[Cell] = []
    for part in re.split(r"^# %%", text, flags=re.MULTILINE)[1:]:
        kind, _, source = part.partition("\n")
        if "[markdown]" in kind:
            cells += _texts("\n".join(line[2:] for line in source.split("\n")))
        else:
            cells.append(_code(source.strip("\n")))
    return _tree(cells)


def _tree(cells: list[Cell]) -> str:
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    python = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    metadata = {"kernelspec": python, "language_info": {"name": "python"}}
    tree = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(tree, indent=1, ensure_ascii=False) + "\n"


def is_run(part: Prose | Fence) -> bool:
    """Say whether a part of a page is a block that the page runs."""
    return isinstance(part, Fence) and part.language == "python" and "exec" in part.options


def has_blocks(text: str) -> bool:
    """Say whether a page shows blocks that it runs."""
    return any(is_run(part) and "source" in part.text.split("\n")[0] for part in parts(text))


def _cells(text: str, value: Callable[[str, int], str]) -> Iterator[Cell]:
    prose = ""
    for part in parts(text):
        if isinstance(part, Prose):
            prose += substitute(part.text, part.line, value)
        elif is_run(part):
            assert isinstance(part, Fence)
            yield from _texts(prose)
            prose = ""
            shown = "%%shown\n" if part.options.get("html") == "true" else ""
            yield _code(shown + part.body)
        elif part.language == "quiz":
            prose += f"{substitute(_question(part.body), part.line, value)}\n"
        elif part.language not in ON_THE_SITE:
            prose += part.text
    yield from _texts(prose)


def _texts(prose: str) -> Iterator[Cell]:
    text = _without_boxes(prose).strip()
    if text:
        yield {"cell_type": "markdown", "metadata": {}, "source": text.splitlines(keepends=True)}


def _code(source: str) -> Cell:
    cell: Cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    return cell | {"source": source.rstrip().splitlines(keepends=True)}


def _question(body: str) -> str:
    """Return a question and its options, without what is right and why."""
    lines = (re.sub(r"^- \[[ x]\] (.*?)(?: \| .*)?$", r"- \1", line) for line in body.split("\n"))
    return "\n".join(lines)


def _without_boxes(prose: str) -> str:
    """Return the text with a title in bold in place of a box, and what is in it beside it."""
    lines = []
    for line in re.sub(r"^---\n.*?^---\n", "", prose, flags=re.DOTALL | re.MULTILINE).split("\n"):
        box = BOX.fullmatch(line.strip()) if line.strip()[:3] in ("!!!", "???", "===") else None
        if box:
            lines += [f"**{box['title'] or 'Note'}**", ""]
        else:
            lines.append(line.removeprefix("    "))
    return "\n".join(lines)


def _shown(line: str, cell: str) -> None:
    """Run a cell, and show what it prints as HTML."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        done = IPYTHON.run_cell(cell)
    done.raise_error()
    print_html({"text/html": printed.getvalue()}, raw=True)


IPYTHON: Any = None
print_html: Any = None
with contextlib.suppress(ImportError):
    from IPython.core.getipython import get_ipython
    from IPython.display import display

    IPYTHON, print_html = get_ipython(), display
if IPYTHON:
    IPYTHON.register_magic_function(_shown, "cell", "shown")


def main() -> None:
    """Write every chapter beside its page, and the lab beside its script.

    With the extra `site` the pages are woven, and the chapters hold the numbers that they compute.
    Without it nothing is run: in place of a number stands the code that computes it.
    """
    course = Path(__file__).resolve().parents[1] / "course"
    for path in sorted(course.glob("*/index.md")):
        if has_blocks(path.read_text("utf-8")):
            path.with_suffix(".ipynb").write_text(chapter(path), "utf-8")
    lab = course / "descent" / "lab.py"
    lab.with_suffix(".ipynb").write_text(from_script(lab.read_text("utf-8")), "utf-8")


def chapter(path: Path) -> str:
    """Return a page of the course as the text of a notebook."""
    try:
        from weave import outcome
    except ImportError:
        return notebook(path.read_text("utf-8"), lambda expression, line: f"`{expression}`")
    found = outcome(f"course/{path.parent.name}/index.md")
    if "error" in found:
        sys.exit(found["error"])
    return str(found["notebook"])


if __name__ == "__main__":
    main()
