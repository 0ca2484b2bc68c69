"""What the chapter on the training loop teaches holds for ten starts, not for one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.core.workbook import Workbook

SEEDS = range(10)


@pytest.fixture(scope="module")
def trainer(reference: Workbook) -> Any:
    return reference.module("trainer")


def data(trainer: Any, seed: int) -> list[tuple[Any, Any]]:
    """Return a training, a validation and a test set of the same 1000 examples."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(1000, 10))
    y = X[:, 0] * X[:, 1] + 0.5 * X[:, 2] ** 2 - 0.5 + 0.7 * X[:, 3] > 0
    y = (y ^ (rng.random(1000) < 0.05)).astype(float)
    parts = trainer.stratified_split(y, 0.16, 0.2, np.random.default_rng(seed))
    assert [len(part) for part in parts] == [640, 160, 200]
    X = trainer.Scaler().fit(X[parts[0]]).transform(X)
    return [(X[part], y[part]) for part in parts]


def run(trainer: Any, seed: int, epochs: int, net: Any = None, **parts: Any) -> Any:
    train, val, _ = data(trainer, seed)
    net = net or trainer.Network(10, 32, np.random.default_rng(seed))
    rng = np.random.default_rng(seed)
    one = trainer.Trainer(net, trainer.Descent(), trainer.SameRate(0.3), rng, **parts)
    one.fit(*train, epochs, validation=val)
    return one


def test_stopping_in_time_beats_training_to_the_end(trainer: Any) -> None:
    for seed in SEEDS:
        _, val, test = data(trainer, seed)
        full = run(trainer, seed, 200)
        early = run(trainer, seed, 200, early_stopping=trainer.EarlyStopping(patience=15))
        _, best = full.history.best("val_loss")
        assert full.history.last()["val_loss"] > 1.7 * best
        assert full.history.last()["loss"] < 0.06
        assert len(early.history) < 60
        assert early.net.evaluate(*val)[0] == best  # to the last bit: these are the best weights
        assert early.net.evaluate(*test)[0] < 0.7 * full.net.evaluate(*test)[0]


def test_dividing_by_the_batch_twice_is_a_rate_that_is_32_times_smaller(trainer: Any) -> None:
    class DividesAgain(trainer.Network):  # type: ignore[misc]
        def loss_and_gradients(self, X: Any, y: Any) -> Any:
            loss, gradients = super().loss_and_gradients(X, y)
            return loss, [gradient / len(X) for gradient in gradients]

    for seed in SEEDS:
        right = run(trainer, seed, 20)
        wrong = run(trainer, seed, 20, DividesAgain(10, 32, np.random.default_rng(seed)))
        losses = wrong.history.values["loss"]
        assert losses == sorted(losses, reverse=True)  # nothing looks broken
        assert losses[-1] > 1.5 * right.history.last()["loss"]
        # All batches are full here, so the mistake is exactly a smaller rate.
        train, val, _ = data(trainer, seed)
        net = trainer.Network(10, 32, np.random.default_rng(seed))
        slow = trainer.SameRate(0.3 / 32)
        trainer.Trainer(net, trainer.Descent(), slow, np.random.default_rng(seed)).fit(
            *train, 20, validation=val
        )
        for one, other in zip(net.parameters, wrong.net.parameters, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def test_the_running_loss_is_above_the_loss_after_the_epoch_while_training_goes_well(
    trainer: Any,
) -> None:
    for seed in SEEDS:
        values = run(trainer, seed, 5).history.values
        assert np.mean(values["running_loss"]) > np.mean(values["loss"])
