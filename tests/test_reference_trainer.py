"""The reference of `trainer`: what the checks can't ask, with real parts and real files."""

from __future__ import annotations

import io
import itertools
import zipfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.core.workbook import Workbook

X = np.random.default_rng(0).normal(size=(37, 4))
Y = (X[:, 0] * X[:, 1] > 0).astype(float)


@pytest.fixture(scope="module")
def trainer(reference: Workbook) -> Any:
    return reference.module("trainer")


class Plateau:
    """A schedule with a memory: it halves after two epochs that are no better."""

    def __init__(self, rate: float) -> None:
        self.rate, self.best, self.wait = rate, np.inf, 0

    def step(self, epoch: int, metrics: dict[str, float] | None = None) -> float:
        if metrics is not None:
            self.wait = 0 if metrics["val_loss"] < self.best else self.wait + 1
            self.best = min(self.best, metrics["val_loss"])
            if self.wait == 2:
                self.rate, self.wait = self.rate / 2, 0
        return self.rate


def make(trainer: Any, seed: int = 0, units: int = 5, **parts: Any) -> Any:
    ticks = itertools.count()
    return trainer.Trainer(
        trainer.Network(4, units, np.random.default_rng(seed)),
        trainer.Descent(kept=0.8),
        Plateau(0.2),
        np.random.default_rng(seed),
        clock=lambda: float(next(ticks)),
        **parts,
    )


HELD = X[:9], Y[:9]


def test_the_network_has_the_gradients_that_are_measured(trainer: Any, reference: Workbook) -> None:
    net = trainer.Network(4, 5, np.random.default_rng(3))
    numerical = reference.module("gradient_check").numerical_gradient
    for size in (1, 2, 8, 32):
        loss, gradients = net.loss_and_gradients(X[:size], Y[:size])
        assert loss == pytest.approx(net.evaluate(X[:size], Y[:size])[0])
        for parameter, gradient in zip(net.parameters, gradients, strict=True):
            measured = numerical(lambda n=size: net.evaluate(X[:n], Y[:n])[0], parameter)
            np.testing.assert_allclose(gradient, measured, atol=1e-8)


@pytest.mark.parametrize("killed_after", range(1, 12))
def test_a_run_that_is_killed_goes_on_as_if_unbroken(
    trainer: Any, tmp_path: Path, killed_after: int
) -> None:
    unbroken = make(trainer, early_stopping=trainer.EarlyStopping(patience=6))
    unbroken.fit(X, Y, 12, 8, HELD)

    class Killed(Exception):
        pass

    def kill(line: str) -> None:
        if len(first.history) == killed_after:
            raise Killed

    path = tmp_path / "run"
    parts = {"early_stopping": trainer.EarlyStopping(patience=6)}
    first = make(trainer, checkpoint=trainer.Checkpoint(path), **parts)
    with pytest.raises(Killed) if killed_after <= len(unbroken.history) else nullcontext():
        first.fit(X, Y, 12, 8, HELD, report=kill)
    parts = {"early_stopping": trainer.EarlyStopping(patience=6)}
    second = make(trainer, seed=99, checkpoint=trainer.Checkpoint(path), **parts)
    second.resume(trainer.Checkpoint(path).load())
    history = second.fit(X, Y, 12, 8, HELD)
    assert history.values == unbroken.history.values
    for one, other in zip(second.net.parameters, unbroken.net.parameters, strict=True):
        assert one.tobytes() == other.tobytes()


def test_a_checkpoint_of_another_architecture_changes_nothing(trainer: Any) -> None:
    state = make(trainer, units=6).state()
    one = make(trainer)
    before = one.state()
    with pytest.raises(ValueError, match="expected arrays of the shapes"):
        one.resume(state)
    np.testing.assert_equal(one.state(), before)


def test_early_stopping_has_to_be_on_both_sides_of_a_kill(trainer: Any) -> None:
    with_it = make(trainer, early_stopping=trainer.EarlyStopping())
    without = make(trainer)
    for one, other, says in (
        (with_it, without, "saved without early stopping: resume without it, too"),
        (without, with_it, "saved with early stopping: resume with it, too"),
    ):
        before = one.state()
        with pytest.raises(ValueError, match=says):
            one.resume(other.state())
        np.testing.assert_equal(one.state(), before)


def test_a_checkpoint_of_the_best_begins_afresh_with_each_run(trainer: Any, tmp_path: Path) -> None:
    """The second run is worse than the first, and still its own best is in the file."""
    checkpoint = trainer.Checkpoint(tmp_path / "best", metric="loss")
    make(trainer, checkpoint=checkpoint).fit(X, Y, 12, 8, HELD)
    worse = make(trainer, seed=1, checkpoint=checkpoint)
    values = worse.fit(X, Y, 2, 8, HELD).values["loss"]
    assert checkpoint.load()["history"]["loss"] == values
    assert checkpoint.best == min(values)
    gone_on = make(trainer, checkpoint=checkpoint)
    gone_on.resume(checkpoint.load())
    checkpoint.best = -1.0  # nothing is better: what goes on keeps this, what begins doesn't
    gone_on.fit(X, Y, 3, 8, HELD)
    assert checkpoint.best == -1.0


def test_a_file_that_is_cut_anywhere_is_refused_and_saving_leaves_nothing_beside(
    trainer: Any, tmp_path: Path
) -> None:
    path = tmp_path / "run"
    checkpoint = trainer.Checkpoint(path)
    checkpoint.save(make(trainer).state())
    assert [file.name for file in tmp_path.iterdir()] == ["run"]
    whole = path.read_bytes()
    for end in range(0, len(whole), 97):
        path.write_bytes(whole[:end])
        with pytest.raises(ValueError, match="expected a whole checkpoint"):
            checkpoint.load()
    with pytest.raises(FileNotFoundError):
        trainer.Checkpoint(tmp_path / "nothing").load()


def test_a_checkpoint_holds_no_pickle(trainer: Any, tmp_path: Path) -> None:
    trainer.Checkpoint(tmp_path / "run").save(make(trainer).state())
    with zipfile.ZipFile(tmp_path / "run") as file:
        for name in file.namelist():
            np.lib.format.read_array(io.BytesIO(file.read(name)), allow_pickle=False)


def test_bad_input_says_what_was_expected(trainer: Any) -> None:
    rng = np.random.default_rng(0)
    refused: dict[str, Callable[[], Any]] = {
        "at least 1 example, not 0": lambda: trainer.minibatches(4, 0, rng),
        "less than 1, not 1.2": lambda: trainer.stratified_split(Y, 1.2, 0.0, rng),
        "'min' or 'max', not 'least'": lambda: trainer.EarlyStopping(mode="least"),
        "'min' or 'max', not 'most'": lambda: trainer.Checkpoint("x", mode="most"),
        "every 1 epoch or more, not 0": lambda: trainer.Checkpoint("x", every=0),
        "every 1 epoch or more, not nan": lambda: trainer.Checkpoint("x", every=np.nan),
        "1 epoch or more, not 0": lambda: trainer.EarlyStopping(patience=0),
        "0 or more, and finite, not nan": lambda: trainer.EarlyStopping(min_delta=np.nan),
        "no metric 'val_loss'; there are": lambda: make(
            trainer, early_stopping=trainer.EarlyStopping()
        ).fit(X, Y, 1),
        "NaN or infinity": lambda: make(trainer).fit(X * np.nan, Y, 1),
        "a target for each of 37": lambda: make(trainer).fit(X, Y[:9], 1),
    }
    for says, act in refused.items():
        with pytest.raises(ValueError, match=says):
            act()


def test_every_picture_of_a_run_is_a_figure(trainer: Any) -> None:
    from matplotlib.figure import Figure

    history = make(trainer).fit(X, Y, 4, 8, HELD)
    lines = {"losses": 4, "accuracies": 3, "times": 2, "rates": 2, "gap": 2}
    for name, count in lines.items():
        figure = getattr(trainer, f"plot_{name}")(history)
        assert isinstance(figure, Figure)
        (axes,) = figure.axes
        assert len(axes.lines) == count
        assert axes.get_xlabel() == "epoch"
    drawn = trainer.plot_rates(history).axes[0].lines[0].get_ydata()
    assert list(drawn) == history.values["learning_rate"]
