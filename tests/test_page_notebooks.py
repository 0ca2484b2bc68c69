"""Each chapter as a notebook: the same blocks, which run in a kernel."""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.catalogue import EXERCISES
from conftest import ROOT

sys.path.insert(0, str(ROOT / "docs"))
from notebooks import has_blocks, is_run, notebook
from pages import Fence, parts


def text_of(chapter: str) -> str:
    return (ROOT / "course" / chapter / "index.md").read_text(encoding="utf-8")


PAGES = sorted(path.parent.name for path in (ROOT / "course").glob("*/index.md"))
CHAPTERS = [name for name in PAGES if has_blocks(text_of(name))]


def test_every_exercise_has_a_chapter_with_blocks() -> None:
    assert set(EXERCISES) <= set(CHAPTERS)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_is_a_notebook_with_its_blocks(chapter: str) -> None:
    text = text_of(chapter)
    tree = nbformat.reads(notebook(text, lambda expression, line: "VALUE"), as_version=4)
    nbformat.validate(tree)
    code = [cell.source for cell in tree.cells if cell.cell_type == "code"]
    blocks = [part for part in parts(text) if is_run(part)]
    assert len(code) == len(blocks) + 1 > 3
    for cell, block in zip(code[1:], blocks, strict=True):
        assert isinstance(block, Fence)
        source = cell.removeprefix("%%shown\n")
        assert source == block.body.rstrip()
        assert (source != cell) == (block.options.get("html") == "true")
        ast.parse(source)
    prose = "\n".join(cell.source for cell in tree.cells if cell.cell_type == "markdown")
    assert prose.startswith("# ")
    assert not re.search(r"\{python\}|^(\?\?\?|!!!)|^```(quiz|play|order|exercise)", prose, re.M)
    assert "- [x]" not in prose


def test_a_chapter_runs_in_a_kernel(tmp_path: Path) -> None:
    page = notebook(text_of("backprop"), lambda expression, line: "VALUE")
    tree = nbformat.reads(page, as_version=4)
    done = NotebookClient(
        tree, timeout=120, resources={"metadata": {"path": str(ROOT / "course" / "backprop")}}
    ).execute()
    outputs = json.dumps([cell.get("outputs", []) for cell in done.cells])
    assert "<svg" in outputs
    assert '"output_type": "error"' not in outputs
