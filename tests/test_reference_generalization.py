"""The reference of `generalization`: measured gradients, files that survive, the real wandb."""

from __future__ import annotations

import csv
import importlib.util
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.core.workbook import Workbook


@pytest.fixture(scope="module")
def course(reference: Workbook) -> Any:
    return reference.module("generalization")


@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
def test_gradients_are_those_that_are_measured(
    course: Any, reference: Workbook, activation: str
) -> None:
    rng = np.random.default_rng(0)
    net = course.TinyNet(5, activation, rng)
    X, Y = course.noisy_batch(7, 0.3, rng)
    _, gradients = net.gradients(X, Y)
    for parameter, gradient in zip(net.parameters, gradients, strict=True):
        measured = reference.module("gradient_check").numerical_gradient(
            lambda: net.gradients(X, Y)[0], parameter
        )
        np.testing.assert_allclose(gradient, measured, atol=1e-8)


def test_the_sizes_that_the_lab_gets_wrong_are_exact(course: Any) -> None:
    rng = np.random.default_rng(0)
    for size, ratio in ((64, 0.3), (20, 0.15), (32, 0.1), (13, 0.2), (1, 0.5), (0, 0.2)):
        X, Y = course.mixed_batch(size, ratio, rng)
        assert X.shape == (size, 4)
        assert Y.shape == (size, 2)


def test_the_network_has_the_labs_23_parameters(course: Any) -> None:
    net = course.TinyNet(3, "relu", np.random.default_rng(0))
    assert sum(parameter.size for parameter in net.parameters) == 23


def test_bad_input_says_what_was_expected(course: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    refused: dict[str, Callable[[], Any]] = {
        "0 or more, not -1 and 0.3": lambda: course.noisy_batch(-1, 0.3, rng),
        "a ratio from 0 to 1, not 1.2": lambda: course.mixed_batch(8, 1.2, rng),
        "'sigmoid' or 'relu', not 'tanh'": lambda: course.TinyNet(3, "tanh", rng),
        "a finite weight decay of 0 or more": lambda: course.train(None, None, 1.0, 1, -0.1),
        "weight decay of 0 or more, not nan": lambda: course.train(None, None, 1.0, 1, np.nan),
        "noise level of 0 or more, not 4 and inf": lambda: course.noisy_batch(4, np.inf, rng),
        "there already": lambda: [course.RunLog(tmp_path, "twice", {}) for _ in range(2)],
    }
    for says, act in refused.items():
        with pytest.raises(ValueError, match=says):
            act()


def a_run(course: Any, folder: Path) -> Path:
    rng = np.random.default_rng(0)
    log = course.RunLog(folder, "first", {"units": 3, "seed": 0})
    net = course.TinyNet(3, "relu", rng)
    course.train(net, lambda: course.noisy_batch(8, 0.3, rng), 0.1, 5, log=log)
    log.finish({"gray": 0.5})
    path: Path = log.path
    return path


def test_a_run_is_read_wherever_it_was_cut(course: Any, tmp_path: Path) -> None:
    path = a_run(course, tmp_path)
    rows = course.read_run(path)["rows"]
    file = path / "rows.jsonl"
    whole = file.read_bytes()
    for end in range(len(whole) + 1):
        file.write_bytes(whole[:end])
        assert course.read_run(path)["rows"] == rows[: whole[:end].count(b"\n")]
    with (path / "rows.csv").open(newline="") as table:
        assert [float(row["loss"]) for row in csv.DictReader(table)] == [r["loss"] for r in rows]


def test_a_run_that_diverged_is_last_although_it_was_the_best(course: Any, tmp_path: Path) -> None:
    losses = {
        "better": [0.5, 0.2, 0.3],
        "diverged": [0.4, 0.1, np.nan],
        "nothing": [np.nan],
        "overflowed": [0.3, np.inf],
        "recovered": [np.nan, 0.3, 0.4],
    }
    for name, values in losses.items():
        log = course.RunLog(tmp_path, name, {})
        for value in values:
            log.log({"loss": value})
    table = [(line["name"], line["best"]) for line in course.compare_runs(tmp_path)]
    assert table == [
        ("better", 0.2),
        ("recovered", 0.3),
        ("diverged", 0.1),
        ("overflowed", 0.3),
        ("nothing", np.inf),
    ]


def test_the_pictures_are_figures(course: Any) -> None:
    from matplotlib.figure import Figure

    net = course.TinyNet(3, "relu", np.random.default_rng(0))
    patterns = course.draw_patterns(list(course.STRESS.values()), list(course.STRESS))
    for figure, axes in (
        (patterns, 7),
        (course.draw_hidden_weights(net), 3),
        (course.draw_losses({"one": [0.3, 0.2], "two": [0.3, 0.1]}), 1),
    ):
        assert isinstance(figure, Figure)
        assert len(figure.axes) == axes


@pytest.mark.skipif(importlib.util.find_spec("wandb") is None, reason="wandb is not installed")
@pytest.mark.filterwarnings("default")
def test_the_real_wandb_keeps_the_run_offline(
    course: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect, asked = socket.socket.connect, []

    def watched(self: socket.socket, address: Any) -> Any:
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "localhost", "::1"):
            asked.append(address)
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", watched)
    monkeypatch.setenv("WANDB_SILENT", "true")
    monkeypatch.setenv("WANDB_ERROR_REPORTING", "false")
    for variable in ("CONFIG", "CACHE", "DATA"):
        monkeypatch.setenv(f"WANDB_{variable}_DIR", str(tmp_path / variable))
    path = a_run(course, tmp_path / "runs")
    made = course.to_wandb(path, tmp_path)
    importlib.import_module("wandb").teardown()  # wait until all is written
    assert made.name.startswith("offline-run-")
    (record,) = made.glob("run-*.wandb")
    kept = record.read_bytes()
    for row in course.read_run(path)["rows"]:
        assert json.dumps(row["loss"]).encode() in kept
    assert asked == []
