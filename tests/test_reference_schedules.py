"""The reference of `schedules`: the rates that the formulas give, in any order, run after run."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from autograder.core.workbook import Workbook

SETTINGS: dict[str, dict[str, Any]] = {
    "constant": {},
    "step": {"step_size": 20, "gamma": 0.5},
    "exponential": {"gamma": 0.95},
    "cosine": {"T_max": 50},
    "plateau": {"patience": 3},
}
PURE = [kind for kind in SETTINGS if kind != "plateau"]


@pytest.fixture(scope="module")
def schedules(reference: Workbook) -> Any:
    return reference.module("schedules")


def run(schedule: Any, losses: list[float]) -> list[float]:
    """Return the rates of a run: of epoch 0, and of the epoch after each loss."""
    found = [schedule.step(0)]
    found += [schedule.step(e, {"val_loss": loss}) for e, loss in enumerate(losses, start=1)]
    return found


def test_the_rates_of_the_lab(schedules: Any) -> None:
    """With 50 epochs from 0.01, as they should have been."""
    made = {kind: schedules.make_schedule(kind, 0.01, **SETTINGS[kind]) for kind in PURE}
    assert [made["step"].step(e) for e in (0, 19, 20, 40)] == [0.01, 0.01, 0.005, 0.0025]
    assert_allclose(made["exponential"].step(49), 8.10e-4, rtol=1e-3)
    assert_allclose(made["cosine"].step(49), 9.87e-6, rtol=1e-3)
    assert made["constant"].step(49) == 0.01


@pytest.mark.parametrize("kind", PURE)
def test_a_rate_depends_on_the_epoch_alone(schedules: Any, kind: str) -> None:
    for seed in range(10):
        schedule = schedules.make_schedule(kind, 0.1, **SETTINGS[kind])
        in_order = [schedule.step(epoch) for epoch in range(120)]
        for epoch in np.random.default_rng(seed).integers(0, 120, 200).tolist():
            assert schedule.step(epoch, {"val_loss": 1.0}) == in_order[epoch]
        assert all(b <= a for a, b in zip(in_order[:-1], in_order[1:], strict=True))


@pytest.mark.parametrize("kind", SETTINGS)
def test_the_first_epoch_runs_at_the_first_rate(schedules: Any, kind: str) -> None:
    for seed in range(10):
        lr = float(np.random.default_rng(seed).uniform(0.001, 1))
        assert schedules.make_schedule(kind, lr, **SETTINGS[kind]).step(0) == lr


def test_the_cosine_stays_down(schedules: Any) -> None:
    schedule = schedules.CosineAnnealingLR(0.1, T_max=50, eta_min=0.001)
    assert {schedule.step(epoch) for epoch in (50, 51, 75, 100, 1000)} == {0.001}


def test_a_plateau_waits_drops_and_rests(schedules: Any) -> None:
    make = schedules.ReduceLROnPlateau
    flat = [1.0] * 9
    assert run(make(8.0, patience=2), flat) == [8, 8, 8, 4, 4, 2, 2, 1, 1, 0.5]
    assert run(make(8.0, patience=2, cooldown=1), flat) == [8, 8, 8, 4, 4, 4, 2, 2, 2, 1]
    assert run(make(8.0, patience=1, min_lr=3.0), flat)[:5] == [8, 8, 4, 3, 3]
    assert run(make(8.0, patience=2, mode="max"), [1.0, 2, 3, 4, 4, 4]) == [8] * 6 + [4]
    assert run(make(8.0, patience=2), [1.0, 2, 3, 4]) == [8, 8, 8, 4, 4]


def test_small_losses_can_still_improve(schedules: Any) -> None:
    falling = [1e-4 * 0.9**e for e in range(12)]
    assert set(run(schedules.ReduceLROnPlateau(8.0, patience=2), falling)) == {8.0}


def test_nan_is_no_lack_of_improvement(schedules: Any) -> None:
    for where in range(10):
        losses = [1.0, *[0.5] * 9]
        losses[where] = math.nan
        plain = [loss for loss in losses if not math.isnan(loss)]
        got = run(schedules.ReduceLROnPlateau(8.0, patience=2, cooldown=1), losses)
        expected = run(schedules.ReduceLROnPlateau(8.0, patience=2, cooldown=1), plain)
        del got[where + 1]
        assert got == expected
    assert run(schedules.ReduceLROnPlateau(8.0, patience=1), [math.nan] * 5) == [8] * 6


def test_a_schedule_can_be_used_twice(schedules: Any) -> None:
    for kind, settings in SETTINGS.items():
        for seed in range(10):
            losses = np.random.default_rng(seed).uniform(0, 1, 30).tolist()
            schedule = schedules.make_schedule(kind, 0.1, **settings)
            first = run(schedule, losses)
            run(schedule, [0.001 * loss for loss in losses])
            assert run(schedule, losses) == first


def test_the_state_of_a_plateau_is_plain_numbers(schedules: Any) -> None:
    """So that a run can be saved with it, and go on."""
    losses = np.random.default_rng(3).uniform(0, 1, 30).tolist()
    unbroken = schedules.ReduceLROnPlateau(0.1, patience=2, cooldown=2)
    rates = run(unbroken, losses)
    broken, resumed = (schedules.ReduceLROnPlateau(0.1, patience=2, cooldown=2) for _ in range(2))
    run(broken, losses[:13])
    assert all(isinstance(value, (int, float, str)) for value in vars(broken).values())
    vars(resumed).update(vars(broken))
    rest = [resumed.step(e, {"val_loss": losses[e - 1]}) for e in range(14, 31)]
    assert rest == rates[14:]


def test_what_refuses_says_what_it_expects(schedules: Any) -> None:
    plateau = schedules.ReduceLROnPlateau
    cases: list[tuple[Any, str]] = [
        (lambda: schedules.ConstantLR(0), "initial_lr must be positive and finite; it is 0"),
        (lambda: schedules.ConstantLR(math.nan), "initial_lr must be positive"),
        (lambda: schedules.StepLR(0.1, 0), "step_size must be a whole number, 1 or more"),
        (lambda: schedules.StepLR(0.1, 5, gamma=1.5), "gamma must be above 0 and at most 1"),
        (lambda: schedules.ExponentialLR(0.1, gamma=0), "gamma must be above 0"),
        (lambda: schedules.CosineAnnealingLR(0.1, 0), "T_max must be a whole number"),
        (lambda: schedules.CosineAnnealingLR(0.1, 5, 0.2), "eta_min must be from 0 to 0.1"),
        (lambda: plateau(0.1, mode="mni"), 'mode must be "min" or "max"; it is \'mni\''),
        (lambda: plateau(0.1, factor=1), "factor must be above 0 and below 1"),
        (lambda: plateau(0.1, patience=0), "patience must be a whole number"),
        (lambda: plateau(0.1, min_delta=-1), "min_delta must be 0 or more"),
        (lambda: plateau(0.1, min_lr=0.2), "min_lr must be from 0 to 0.1"),
        (lambda: plateau(0.1, cooldown=-1), "cooldown must be 0 or more"),
        (lambda: plateau(0.1).step(1), r"metrics must hold 'val_loss'; they hold \[\]"),
        (lambda: plateau(0.1).step(1, {"loss": 1.0}), r"they hold \['loss'\]"),
        (lambda: schedules.make_schedule("linear", 0.1), "kind must be one of constant, step"),
        (lambda: schedules.train_with_schedule(None, None, -1), "epochs must be 0 or more"),
    ]
    for call, says in cases:
        with pytest.raises(ValueError, match=says):
            call()
