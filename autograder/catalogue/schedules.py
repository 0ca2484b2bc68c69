"""Checks of `schedules`: the rate of each epoch, and a loop that asks for it in time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.catalogue.stand_ins import refusal, shuffled
from autograder.core.exercise import Exercise

exercise = Exercise("schedules", "Learning-rate schedules")

RATES = {"returned": "the rates", "returned/*": "the rate for {}"}


def rates_by_epoch(schedule: Any, epochs: Sequence[int]) -> dict[str, Any]:
    """Ask for the rate of each epoch, in the order given; asked twice, the last answer stands."""
    return {f"epoch {epoch}": schedule.step(epoch) for epoch in epochs}


def some_epochs(rng: np.random.Generator, *wanted: int) -> list[int]:
    """Return the epochs wanted and a few more, in a random order, some of them twice."""
    epochs = [*wanted, *rng.integers(1, 40, 5).tolist()]
    return shuffled(rng, [*epochs, *epochs[:3]])


def initial_rate(rng: np.random.Generator) -> float:
    return float(rng.uniform(0.05, 0.5))


@exercise.check(
    "ConstantLR.step",
    points=5,
    title="the same rate in every epoch",
    ran="ConstantLR(…).step(epoch) for 8 epochs, in a random order",
    read="A schedule",
    parts=RATES,
)
def constant_stays(m: Any, rng: np.random.Generator) -> Any:
    return {"returned": rates_by_epoch(m.ConstantLR(initial_rate(rng)), some_epochs(rng, 0, 1, 39))}


@exercise.check(
    "StepLR.step",
    points=12,
    title="a drop every so many epochs, whatever was asked before",
    ran="StepLR(…).step(epoch) for some 10 epochs, in a random order",
    read="Steps and exponentials",
    parts=RATES,
)
def step_drops_at_multiples(m: Any, rng: np.random.Generator) -> Any:
    size = int(rng.integers(3, 8))
    schedule = m.StepLR(initial_rate(rng), step_size=size, gamma=float(rng.uniform(0.3, 0.8)))
    epochs = some_epochs(rng, 0, size - 1, size, size + 1, 2 * size, 3 * size - 1)
    return {"returned": rates_by_epoch(schedule, epochs)}


@exercise.check(
    "ExponentialLR.step",
    points=10,
    title="the same factor in every epoch, whatever was asked before",
    ran="ExponentialLR(…).step(epoch) for 8 epochs, in a random order",
    read="Steps and exponentials",
    parts=RATES,
)
def exponential_shrinks(m: Any, rng: np.random.Generator) -> Any:
    schedule = m.ExponentialLR(initial_rate(rng), gamma=float(rng.uniform(0.7, 0.98)))
    return {"returned": rates_by_epoch(schedule, some_epochs(rng, 0, 1, 2))}


@exercise.check(
    "CosineAnnealingLR.step",
    points=10,
    title="down along half a cosine",
    ran="CosineAnnealingLR(…).step(epoch) for epochs up to T_max",
    read="The cosine",
    parts=RATES,
)
def cosine_comes_down(m: Any, rng: np.random.Generator) -> Any:
    T_max = int(rng.integers(12, 30))
    high = initial_rate(rng)
    schedule = m.CosineAnnealingLR(high, T_max=T_max, eta_min=float(high * rng.uniform(0.05, 0.3)))
    epochs = shuffled(rng, [0, 1, T_max // 2, T_max - 1, T_max, *rng.integers(2, 11, 3).tolist()])
    return {"returned": rates_by_epoch(schedule, epochs)}


@exercise.check(
    "CosineAnnealingLR.step",
    points=6,
    title="it stays down after its end",
    ran="CosineAnnealingLR(…).step(epoch) for epochs beyond T_max",
    read="The cosine",
    parts=RATES,
)
def cosine_stays_down(m: Any, rng: np.random.Generator) -> Any:
    T_max = int(rng.integers(6, 20))
    high = initial_rate(rng)
    schedule = m.CosineAnnealingLR(high, T_max=T_max, eta_min=float(high * rng.uniform(0.05, 0.3)))
    epochs = [1, T_max - 1, T_max, T_max + 1, 3 * T_max // 2, 2 * T_max, 3 * T_max + 2]
    return {"returned": rates_by_epoch(schedule, epochs)}


def plateau_rates(
    schedule: Any, values: Sequence[float], metric: str = "val_loss", start: int = 0
) -> list[Any]:
    """Return the rates of a run, one for each epoch that is measured, and the one after."""
    rates = [schedule.step(start)]
    for epoch, value in enumerate(values, start=start + 1):
        # Another metric stands beside it and tells the opposite.
        rates.append(schedule.step(epoch, {"other": -value, metric: value, "loss": 1.0 / epoch}))
    return rates


EPOCHS = {"returned/*": "the list of rates", "returned/*/*": "rate {} of the run"}


@exercise.check(
    "ReduceLROnPlateau.__init__",
    points=3,
    title="every argument is kept under its own name, and a run begun",
    ran="ReduceLROnPlateau(initial_lr, …), then looked at its attributes",
    read="Waiting for a plateau",
    parts={"kept": "the attributes", "rates/*": "rate {} of the run"},
)
def plateau_keeps_its_settings(m: Any, rng: np.random.Generator) -> Any:
    settings = {
        "metric": "accuracy",
        "mode": str(rng.choice(["min", "max"])),
        "factor": float(rng.uniform(0.2, 0.8)),
        "patience": int(rng.integers(2, 9)),
        "min_delta": float(rng.uniform(0.1, 0.2)),
        "min_lr": float(rng.uniform(0.001, 0.01)),
        "cooldown": int(rng.integers(1, 9)),
    }
    own, usual = m.ReduceLROnPlateau(initial_rate(rng), **settings), m.ReduceLROnPlateau(0.5)
    names = ("initial_lr", "lr", *settings)
    kept = [
        {name: getattr(schedule, name, "missing") for name in names} for schedule in (own, usual)
    ]
    # Nobody says that the first question is about epoch 0: a run may be resumed.
    return {"kept": kept, "rates": [usual.step(3, {"val_loss": 1.0})]}


@exercise.check(
    "ReduceLROnPlateau.__init__",
    points=5,
    title="a wrong mode, and numbers out of range, are refused",
    ran="ReduceLROnPlateau(initial_lr, …) with 24 settings",
    read="Waiting for a plateau",
)
def plateau_refuses_bad_settings(m: Any, rng: np.random.Generator) -> Any:
    settings: list[dict[str, Any]] = [
        *({"mode": mode} for mode in ("min", "max", "mni", "MAX", "", "minimum")),
        *({"factor": factor} for factor in (0.0, 0.5, 1.0, 1.5, -0.5, math.nan)),
        *({"patience": patience} for patience in (0, 1, 3, -1, 2.5)),
        *({"min_delta": delta} for delta in (0.0, -0.1, math.nan)),
        *({"min_lr": low} for low in (0.0, 0.25, 0.5, -0.1)),
        *({"cooldown": epochs} for epochs in (0, 2, -1)),
    ]

    def make(one: dict[str, Any]) -> Any:
        return m.ReduceLROnPlateau(0.25, **one)

    answers = {str(one): refusal(make, one) for one in shuffled(rng, settings)}
    for rate in (0.0, -0.1, math.nan, math.inf, 0.1):
        answers[f"initial_lr={rate}"] = refusal(m.ReduceLROnPlateau, rate)
    return {"returned": answers}


@exercise.check(
    "ReduceLROnPlateau.step",
    points=9,
    title="a drop after so many epochs in a row without improvement",
    ran="ReduceLROnPlateau(…, patience=3).step(epoch, metrics), 20 epochs",
    read="Waiting for a plateau",
    parts=EPOCHS,
)
def plateau_waits_for_patience(m: Any, rng: np.random.Generator) -> Any:
    runs = []
    for _ in range(3):
        values = [1.0, 0.5, *rng.uniform(0.4, 0.9, 17).tolist()]
        schedule = m.ReduceLROnPlateau(initial_rate(rng), patience=3, factor=0.5)
        runs.append(plateau_rates(schedule, values))
    return {"returned": runs}


@exercise.check(
    "ReduceLROnPlateau.step",
    points=8,
    title="what counts as an improvement: by falling or rising, by min_delta",
    ran="ReduceLROnPlateau(…, mode, min_delta).step(…), 16 epochs",
    read="Waiting for a plateau",
    parts=EPOCHS,
)
def plateau_knows_an_improvement(m: Any, rng: np.random.Generator) -> Any:
    runs = []
    for mode, delta in (("min", 0.125), ("max", 0.25), ("max", 0.0), ("min", 0.0)):
        # In eighths, so that ties are ties in every way to compute them.
        gains = np.cumsum(rng.choice([-2, -1, 0, 0, 1, 1, 2, 3], 16)) / 8
        values = (gains if mode == "max" else -gains).tolist()
        schedule = m.ReduceLROnPlateau(
            initial_rate(rng), metric="score", mode=mode, patience=2, min_delta=delta
        )
        runs.append(plateau_rates(schedule, values, "score"))
    return {"returned": runs}


@exercise.check(
    "ReduceLROnPlateau.step",
    points=6,
    title="NaN is no improvement, and no lack of one",
    ran="ReduceLROnPlateau(…).step(epoch, metrics), some of them NaN",
    read="Waiting for a plateau",
    parts=EPOCHS,
)
def plateau_ignores_nan(m: Any, rng: np.random.Generator) -> Any:
    runs = []
    for mode in ("min", "max"):
        for first in (math.nan, 0.0):
            values = rng.uniform(-1, 1, 14)
            values[rng.permutation(14)[:5]] = math.nan
            schedule = m.ReduceLROnPlateau(initial_rate(rng), mode=mode, patience=2, cooldown=1)
            runs.append(plateau_rates(schedule, [first, *values.tolist()]))
    return {"returned": runs}


@exercise.check(
    "ReduceLROnPlateau.step",
    points=5,
    title="the rate drops no lower than min_lr",
    ran="ReduceLROnPlateau(…, min_lr).step(…) through five drops",
    read="Waiting for a plateau",
    parts=EPOCHS,
)
def plateau_stops_at_min_lr(m: Any, rng: np.random.Generator) -> Any:
    runs = []
    for low in (0.0, 0.2, 1.0):
        high = initial_rate(rng)
        schedule = m.ReduceLROnPlateau(
            high, factor=float(rng.uniform(0.3, 0.7)), patience=1, min_lr=low * high
        )
        runs.append(plateau_rates(schedule, [0.5, *rng.uniform(0.6, 0.9, 5).tolist()]))
    return {"returned": runs}


@exercise.check(
    "ReduceLROnPlateau.step",
    points=5,
    title="the epochs of a cooldown are not counted",
    ran="ReduceLROnPlateau(…, cooldown).step(epoch, metrics), 18 epochs",
    read="Waiting for a plateau",
    parts=EPOCHS,
)
def plateau_cools_down(m: Any, rng: np.random.Generator) -> Any:
    runs = []
    for cooldown in shuffled(rng, [0, 1, 2, 4]):
        values = rng.uniform(0.2, 1.0, 18)
        values[rng.permutation(18)[:6]] /= 8
        schedule = m.ReduceLROnPlateau(initial_rate(rng), patience=2, cooldown=cooldown)
        runs.append(plateau_rates(schedule, values.tolist()))
    return {"returned": runs}


@exercise.check(
    "ReduceLROnPlateau.step",
    points=4,
    title="epoch 0 begins a new run, and a missing metric is refused",
    ran="ReduceLROnPlateau(…).step(…) in two runs, and without its metric",
    read="Use it twice",
    parts={"runs/*": "the list of rates", "runs/*/*": "rate {} of the run"},
)
def plateau_can_be_used_twice(m: Any, rng: np.random.Generator) -> Any:
    schedule = m.ReduceLROnPlateau(initial_rate(rng), patience=2, cooldown=1)
    runs = [plateau_rates(schedule, rng.uniform(low, low + 1, 8).tolist()) for low in (0, 5, 2)]
    answers = {}
    for name in shuffled(rng, ["None", "another", "its own", "epoch 0"]):
        metrics = {"another": {"loss": 0.5}, "its own": {"val_loss": 0.5}}.get(name)
        answers[name] = refusal(schedule.step, 0 if name == "epoch 0" else 1, metrics)
    return {"runs": runs, "returned": answers}


KINDS: dict[str, dict[str, Any]] = {
    "constant": {},
    "step": {"step_size": 4, "gamma": 0.5},
    "exponential": {"gamma": 0.75},
    "cosine": {"T_max": 9},
    "plateau": {"patience": 2},
}


@exercise.check(
    "make_schedule",
    points=4,
    title="each kind by its name, with its settings",
    ran="make_schedule(kind, initial_lr, …) for each of the five kinds",
    read="A schedule",
    parts={"returned/*": "the name of the class", "rates/*": "the list of rates"},
)
def make_schedule_knows_five_kinds(m: Any, rng: np.random.Generator) -> Any:
    names, rates = {}, {}
    for kind in shuffled(rng, list(KINDS)):
        schedule = m.make_schedule(kind, initial_rate(rng), **KINDS[kind])
        names[kind] = type(schedule).__name__
        rates[kind] = [schedule.step(0), schedule.step(6, {"val_loss": 1.0})]
    return {"returned": names, "rates": rates}


@exercise.check(
    "make_schedule",
    points=2,
    title="an unknown kind is refused",
    ran="make_schedule(kind, 0.1, …) for eight kinds",
    read="A schedule",
)
def make_schedule_refuses_unknown_kinds(m: Any, rng: np.random.Generator) -> Any:
    def make(kind: str) -> Any:
        return m.make_schedule(kind, 0.1, **KINDS.get(kind, {}))

    kinds = shuffled(rng, [*KINDS, "linear", "", "steps"])
    return {"returned": {f"kind {kind!r}": refusal(make, kind) for kind in kinds}}


class Run:
    """A schedule and a training epoch, scripted, that record in which order they are used."""

    def __init__(self, rng: np.random.Generator, epochs: int) -> None:
        self.rates: list[float] = rng.uniform(0.01, 1.0, epochs + 3).tolist()
        self.losses: list[float] = rng.uniform(0.1, 2.0, epochs + 3).tolist()
        self.asked: list[Any] = []
        self.trained_at: list[Any] = []

    def step(self, epoch: int, metrics: Any = None) -> float:
        known = "no metrics" if metrics is None else metrics
        self.asked.append([epoch, known, len(self.trained_at)])
        return self.rates[epoch]

    def train_epoch(self, lr: float) -> dict[str, float]:
        self.trained_at.append(lr)
        return {"val_loss": self.losses[len(self.trained_at) - 1]}


@exercise.check(
    "train_with_schedule",
    points=6,
    title="each epoch runs at its own rate; the first one at the first",
    ran="train_with_schedule(…) for 0, 1 and 5 epochs",
    read="No epoch behind",
    parts={
        "*/returned": "the list of rates",
        "*/returned/*": "rate {} of those returned",
        "*/trained at": "the list of rates trained at",
        "*/trained at/*": "rate {} of those trained at",
        "*/asked": "the list of calls of step",
        "*/asked/*": "call {} of step",
        "*/asked/*/0": "the epoch that step was asked about",
        "*/asked/*/1": "what step was told of the epoch before",
        "*/asked/*/2": "the number of epochs trained when step was asked",
    },
)
def train_with_schedule_is_in_time(m: Any, rng: np.random.Generator) -> Any:
    seen = {}
    for epochs in (0, 1, 5):
        run = Run(rng, epochs)
        returned = m.train_with_schedule(run, run.train_epoch, epochs)
        seen[f"{epochs} epochs"] = {
            "returned": returned,
            "trained at": run.trained_at,
            "asked": run.asked,
        }
    return seen
