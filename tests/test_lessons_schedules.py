"""What the chapter on schedules teaches is true, over many seeds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.core.workbook import Workbook

SEEDS = range(20)
EPOCHS = 200
SETTINGS: dict[str, dict[str, Any]] = {
    "constant": {},
    "step": {"step_size": 50, "gamma": 0.3},
    "exponential": {"gamma": 0.98},
    "cosine": {"T_max": EPOCHS, "eta_min": 0.01},
    "plateau": {"patience": 15, "factor": 0.5, "min_lr": 0.01},
}


@pytest.fixture(scope="module")
def schedules(reference: Workbook) -> Any:
    return reference.module("schedules")


def noisy_descent(schedules: Any, kind: str, seed: int) -> tuple[list[float], float]:
    """Return the rates used and the final distance to the bottom of a parabola, of 200 runs."""
    rng = np.random.default_rng(seed)
    w = np.full(200, 10.0)

    def train_epoch(lr: float) -> dict[str, float]:
        nonlocal w
        w = w - lr * (w + rng.normal(size=200))
        return {"val_loss": float(np.sqrt(np.mean(w**2)))}

    schedule = schedules.make_schedule(kind, 0.5, **SETTINGS[kind])
    rates = schedules.train_with_schedule(schedule, train_epoch, EPOCHS)
    return rates, float(np.sqrt(np.mean(w**2)))


@pytest.mark.parametrize("seed", SEEDS)
def test_where_gradients_are_noisy_every_falling_rate_beats_the_constant_one(
    schedules: Any, seed: int
) -> None:
    ends = {kind: noisy_descent(schedules, kind, seed) for kind in SETTINGS}
    constant_rates, constant = ends.pop("constant")
    assert set(constant_rates) == {0.5}
    for rates, distance in ends.values():
        assert rates[0] == 0.5
        assert rates[-1] < 0.1
        assert distance < constant / 2


@pytest.mark.parametrize("seed", SEEDS)
def test_asking_after_the_epoch_is_one_epoch_late(schedules: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    schedule = schedules.ExponentialLR(0.5, gamma=float(rng.uniform(0.5, 0.9)))
    in_time = schedules.train_with_schedule(schedule, lambda lr: {}, 6)
    lr, late = 0.5, []
    for epoch in range(6):
        late.append(lr)
        lr = schedule.step(epoch)
    assert late == [in_time[0], *in_time[:-1]]
    assert lr == in_time[-1]
    assert lr not in late  # what it reports at the end was never used
