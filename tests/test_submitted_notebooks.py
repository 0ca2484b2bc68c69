"""Notebooks that are handed in: what is taken from them, and what nobody can do with one."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from autograder.core.notebook import Module, NotANotebook
from autograder.grading.arrivals import find
from autograder.grading.notebooks import definitions
from autograder.grading.submissions import MAX_NOTEBOOK


def notebook(*sources: Any) -> bytes:
    cells = [{"cell_type": "code", "source": source} for source in sources]
    return json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5}).encode()


def names(module: Module) -> dict[str, Any]:
    """Run what was taken, and return what it defines."""
    found: dict[str, Any] = {}
    exec(module.source, found)
    return found


def test_definitions_are_taken_and_experiments_are_not() -> None:
    module = definitions(
        notebook(
            "%matplotlib inline\n!pip install x \\\n  y\nimport math, os\nimport ipywidgets",
            "%%time\ndef mse_loss(p, t):\n    loss = TABLE[0]\n    return helper(math.pi) + loss\n",
            "TABLE = [1]\nSIZE = len(TABLE)\nloss = 1 / 0\nprint(mse_loss(1, 2))",
            ["def helper(x):\n", "    return x * SIZE\n"],
            "if True:\n    %run other.py\n    x = 3",
            "class A: pass\nA.twice = lambda self: 2 * SIZE\nwidgets = ipywidgets.Box()",
            "from __future__ import annotations",
            "mse_gradient = helper; print('%d'\n  % 3)",
            "def helper(x):\n    return x",
        ),
        "losses",
    )
    found = names(module)
    assert found["mse_loss"](0, 0) == pytest.approx(4.14159, abs=1e-4)
    assert found["A"]().twice() == 2
    assert found["mse_gradient"](5) == 5
    assert not {"loss", "ipywidgets", "os", "x"} & set(found) - {"os"}
    assert [place.partition(":")[0] for place in module.left_out] == [
        "cell 5, line 2",
        "cell 5, line 1",
    ]


def test_what_is_left_out_is_said() -> None:
    module = definitions(
        notebook("def mse_loss(:", "%%writefile losses.py\nx", 3, "for i in range(3):\n    x = i"),
        "losses",
    )
    assert module.source == ""
    assert module.left_out == [
        "cell 1, line 1: it is not valid Python",
        "cell 2: %%writefile losses.py",
        "cell 3: its source is not text",
        "cell 4, line 1: for i in range(3):",
    ]


HOSTILE = {
    "empty": (b"", "save it again"),
    "no JSON": (b"\xff\xfe\x00", "save it again"),
    "a list": (b"[]", "it has no cells"),
    "cells of no kind": (b'{"cells": {"a": 1}}', "it has no cells"),
    "deep": (b'{"cells":' + b"[" * 10**6, "nested too deep"),
    "an old format": (b'{"worksheets": []}', "old format"),
    "long code": (notebook("x = 1\n" * 50_000), "longer than 256 KiB"),
    "many statements": (notebook("a\n" * 20_000), "more than 5000 statements"),
}


@pytest.mark.parametrize(("content", "why"), HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_notebook_is_said(content: bytes, why: str) -> None:
    with pytest.raises(NotANotebook, match=why):
        definitions(content, "losses")


@pytest.mark.parametrize(
    "code",
    [
        "import a" + ".b" * 120_000,  # Python joins these names in quadratic memory
        "-" * 200_000 + "1",
        "(" * 100_000,
        "1" + "+1" * 100_000,
        "not " * 60_000 + "1",
        "\0",
        "x = '\ud800'",
        "9" * 200_000,
        " " * 200_000 + "x",
    ],
    ids=lambda code: repr(code[:12]),
)
def test_code_that_breaks_parsers_costs_its_own_cell_or_notebook(code: str) -> None:
    fine = "def mse_loss(p, t):\n    return 1"
    assert outcome(notebook(fine, code)) in ("1", "it takes too much time or memory to read")


def outcome(content: bytes) -> str:
    """Return what the function gives, or why there is none."""
    try:
        return str(names(definitions(content, "losses"))["mse_loss"](0, 0))
    except NotANotebook as problem:
        return str(problem)


def test_odd_cells_outputs_and_attachments_are_not_looked_at() -> None:
    cell = {
        "cell_type": "code",
        "source": ["def mse_loss(p, t):\n", "    return 1"],
        "outputs": [{"output_type": "x", "data": ["<script>"] * 1000}],
        "attachments": {"../../x": {"image/png": "!"}},
        "metadata": {"nbgrader": {"grade_id": ["no", "text"], "points": "1e999"}},
    }
    tree: dict[str, Any] = {"cells": [None, 3, [], {"cell_type": []}, {"cell_type": "code"}, cell]}
    module = definitions(json.dumps(tree).encode(), "losses")
    assert names(module)["mse_loss"](0, 0) == 1
    assert module.left_out == []


def test_the_checks_that_were_handed_out_with_a_notebook_are_no_modules(submissions: Path) -> None:
    """`nbgrader submit` hands in the whole assignment, with the part of the package that it has."""
    for student in ("ada", "ben"):
        own = submissions / student / "losses"
        own.mkdir(parents=True)
        (own / "timestamp.txt").write_text("2026-10-10 12:00:00 UTC", encoding="utf-8")
        (own / "losses.ipynb").write_bytes(notebook("def mine(): pass"))
    ours = "autograder/catalogue/losses.py"
    with zipfile.ZipFile(submissions / "ada" / "losses" / "autograder.zip", "w") as archive:
        archive.writestr(ours, "def ours(): pass")
    unpacked = submissions / "ben" / "losses" / ours
    unpacked.parent.mkdir(parents=True)
    unpacked.write_text("def ours(): pass", encoding="utf-8")
    for hand_in in find(submissions).hand_ins:
        found = hand_in.read(["losses"])
        assert b"def mine" in found.files["losses"]
        assert found.problems == []


def test_every_layout_may_have_notebooks(submissions: Path) -> None:
    good = notebook("def mse_loss(p, t): return 1")
    for student in ("ada", "ben", "cy", "dee", "eve"):
        (submissions / student).mkdir()
    (submissions / "ada" / "losses.ipynb").write_bytes(good)
    (submissions / "ben" / "losses.ipynb").write_bytes(good)
    (submissions / "ben" / "losses.py").write_bytes(b"x = 1")
    (submissions / "cy" / "losses.ipynb").write_bytes(b"nothing")
    (submissions / "dee" / "losses.ipynb").write_bytes(b" " * (MAX_NOTEBOOK + 1))
    (submissions / "eve" / "losses.ipynb").symlink_to("/etc/passwd")
    read = {one.student: one.read(["losses"]) for one in find(submissions).hand_ins}
    assert read["ada"].files == {"losses": b"# cell 1\ndef mse_loss(p, t): return 1\n"}
    assert read["ada"].problems == []
    assert read["ben"].files == {"losses": b"x = 1"}
    assert "losses.ipynb was not looked at" in read["ben"].problems[0]
    assert "it is not a notebook" in read["cy"].problems[0]
    assert "it is larger than 8 MiB" in read["dee"].problems[0]
    assert "it is a link" in read["eve"].problems[0]
    assert not any(read[student].files for student in ("cy", "dee", "eve"))


def test_what_another_assignment_has_is_there_to_import(submissions: Path) -> None:
    works = {
        "backprop": "class Network: pass",
        "minibatch": "def forward_batch(): pass",
        "mnist_project": "from backprop import Network\nimport minibatch\ndef accuracy():\n"
        "    return Network, minibatch",
    }
    for name, source in works.items():
        folder = submissions / "ada" / name
        folder.mkdir(parents=True)
        (folder / f"{name}.ipynb").write_bytes(notebook(*source.split("\n", name.count("_") * 2)))
        (folder / "timestamp.txt").write_text("2026-10-10 12:00:00 UTC")
    found = find(submissions)
    assert found.layout == "nbgrader"
    read = {one.assignment: one.read(list(works)) for one in found.hand_ins}
    assert {name: set(one.files) for name, one in read.items()} == {name: {name} for name in works}
    assert set(read["mnist_project"].beside) == {"backprop", "minibatch"}
    assert read["backprop"].beside == {}
    assert set(read["mnist_project"].modules) == set(works)
