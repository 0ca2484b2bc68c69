"""Five checks of the exercise `losses`, as an instructor would write them in a notebook."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Cell = dict[str, Any]

TITLE = "# Loss functions\n\nFill in the functions, then run the tests below them."
CHECKS = {
    "losses.mse_loss_is_a_mean_of_squares": """\
rng = np.random.default_rng(1)
for shape in ((4, 3), (5,), (1,)):
    predictions, targets = rng.normal(size=shape), rng.normal(size=shape)
    expected = np.mean((predictions - targets) ** 2)
    assert np.allclose(mse_loss(predictions, targets), expected)""",
    "losses.mse_gradient_is_the_derivative": """\
rng = np.random.default_rng(2)
for shape in ((4, 3), (5,), (1,)):
    predictions, targets = rng.normal(size=shape), rng.normal(size=shape)
    expected = 2 * (predictions - targets) / predictions.size
    assert np.allclose(mse_gradient(predictions, targets), expected)""",
    "losses.softmax_is_over_the_last_axis": """\
rng = np.random.default_rng(3)
for shape in ((4, 3), (5,), (2, 4, 3)):
    logits = rng.normal(size=shape)
    expected = np.exp(logits) / np.sum(np.exp(logits), axis=-1, keepdims=True)
    assert np.allclose(softmax(logits), expected)""",
    "losses.softmax_survives_large_logits": """\
logits = np.array([[800.0, 799.0, -800.0], [-800.0, -800.0, -801.0]])
shifted = logits - np.max(logits, axis=-1, keepdims=True)
expected = np.exp(shifted) / np.sum(np.exp(shifted), axis=-1, keepdims=True)
assert np.allclose(softmax(logits), expected)""",
    "losses.softmax_cross_entropy_is_a_mean_over_rows": """\
rng = np.random.default_rng(4)
logits, labels = rng.normal(size=(6, 4)), rng.integers(0, 4, size=6)
probabilities = np.exp(logits) / np.sum(np.exp(logits), axis=-1, keepdims=True)
expected = -np.mean(np.log(probabilities[np.arange(6), labels]))
assert np.allclose(softmax_cross_entropy(logits, labels), expected)""",
}
"""A test cell for each of our checks, by its id."""


def without_marks(reference: str) -> str:
    """Return the reference as a student hands it in: without the marks around a solution."""
    return re.sub(r"(?m)^ *### (BEGIN|END) SOLUTION\n", "", reference)


def cell(kind: str, source: str, **metadata: Any) -> Cell:
    """Return a cell of a notebook; the kinds are "markdown", "raw" and "code"."""
    made: Cell = {"cell_type": kind, "metadata": metadata, "source": source}
    return {**made, "execution_count": None, "outputs": []} if kind == "code" else made


def write_notebook(path: Path, cells: Iterable[Cell]) -> None:
    """Write cells as a notebook."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {
        "cells": [{"id": f"cell-{number}", **one} for number, one in enumerate(cells)],
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook, indent=1), encoding="utf-8")


def hand_in(released: Path, submitted: Path, source: str) -> None:
    """Write a student's notebook: the released one with a module in place of the stubs."""
    notebook = json.loads(released.read_text(encoding="utf-8"))
    (answer,) = [one for one in notebook["cells"] if "def mse_loss" in "".join(one["source"])]
    answer["source"] = source
    submitted.parent.mkdir(parents=True, exist_ok=True)
    submitted.write_text(json.dumps(notebook, indent=1), encoding="utf-8")
