"""Checks of `training_loop`, on scripted networks that show when and how they are used."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.catalogue.stand_ins import (
    DEEP,
    PARAMETER_NAMES,
    SHALLOW,
    ScriptedNetwork,
    parameters_of,
)
from autograder.core.exercise import Exercise

exercise = Exercise("training_loop", "The training loop")

N_IN, N_OUT = 3, 2


def examples(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    return rng.normal(size=(n, N_IN)), rng.normal(size=(n, N_OUT))


@exercise.check(
    "train_step",
    points=15,
    title="the loss from before the update is returned",
    ran="train_step(net, x, target, learning_rate), three times",
    read="One step",
    parts={"the losses/*": "the loss of step {}"},
)
def train_step_returns_the_loss_before(m: Any, rng: np.random.Generator) -> Any:
    net, (X, y) = ScriptedNetwork(rng, N_IN, N_OUT), examples(rng, 3)
    returned = [m.train_step(net, X[i], y[i], 0.1) for i in range(3)]
    return {"the losses": returned, "inputs": {"x": X, "target": y}}


@exercise.check(
    "train_step",
    points=20,
    title="every weight and bias moves against its gradient",
    ran="train_step(net, x, target, learning_rate) once",
    read="One step",
    parts=PARAMETER_NAMES,
)
def train_step_moves_every_parameter(m: Any, rng: np.random.Generator) -> Any:
    net, (X, y) = ScriptedNetwork(rng, N_IN, N_OUT, DEEP), examples(rng, 1)
    m.train_step(net, X[0], y[0], float(rng.uniform(0.1, 0.5)))
    return {"parameters": parameters_of(net)}


@exercise.check(
    "train_epoch",
    points=20,
    title="one update a batch, with the mean of its gradients",
    ran="train_epoch(…) on 6 examples, batch_size=3",
    read="Mini-batches and epochs",
    parts=PARAMETER_NAMES,
)
def train_epoch_averages_over_the_batch(m: Any, rng: np.random.Generator) -> Any:
    net, (X, y) = ScriptedNetwork(rng, N_IN, N_OUT, DEEP), examples(rng, 6)
    m.train_epoch(net, X, y, 0.2, 3, rng)
    return {"parameters": parameters_of(net)}


@exercise.check(
    "train_epoch",
    points=15,
    title="a short last batch is used, and averaged over its own size",
    ran="train_epoch(…) on 7 examples, batch_size=3",
    read="Mini-batches and epochs",
    parts=PARAMETER_NAMES,
)
def train_epoch_uses_a_short_last_batch(m: Any, rng: np.random.Generator) -> Any:
    net, (X, y) = ScriptedNetwork(rng, N_IN, N_OUT), examples(rng, 7)
    m.train_epoch(net, X, y, 0.2, 3, rng)
    return {"parameters": parameters_of(net)}


@exercise.check(
    "train_epoch",
    points=10,
    title="the mean loss over examples is returned, each before its update",
    ran="train_epoch(…) on 7 examples, batch_size=2; on 3, batch_size=99",
    read="Mini-batches and epochs",
)
def train_epoch_returns_the_mean_loss(m: Any, rng: np.random.Generator) -> Any:
    one, other = (ScriptedNetwork(rng, N_IN, N_OUT, SHALLOW) for _ in range(2))
    X, y = examples(rng, 7)
    losses = {
        "batch_size=2": m.train_epoch(one, X, y, 0.2, 2, rng),
        "batch_size=99": m.train_epoch(other, X[:3], y[:3], 0.2, 99, rng),
    }
    return {"returned": losses, "inputs": {"X": X, "y": y}}


@exercise.check(
    "train",
    points=10,
    title="one loss an epoch, each epoch shuffled anew",
    ran="train(…) for 3 epochs on 6 examples, batch_size=2",
    read="Training",
    parts={**PARAMETER_NAMES, "the losses/*": "the loss of epoch {}"},
)
def train_returns_one_loss_an_epoch(m: Any, rng: np.random.Generator) -> Any:
    net, (X, y) = ScriptedNetwork(rng, N_IN, N_OUT, SHALLOW), examples(rng, 6)
    losses = m.train(net, X, y, 0.1, 3, 2, rng)
    return {"the losses": losses, "parameters": parameters_of(net)}


@exercise.check(
    "sweep_learning_rates",
    points=10,
    title="each rate starts afresh and gets its final mean loss",
    ran="sweep_learning_rates(make_net, X, y, two rates, epochs=3)",
    read="The learning rate",
)
def sweep_starts_afresh_for_each_rate(m: Any, rng: np.random.Generator) -> Any:
    start, (X, y) = ScriptedNetwork(rng, N_IN, N_OUT), examples(rng, 3)
    rates = [float(rate) for rate in rng.uniform(0.01, 0.5, 2)]
    return {"returned": m.sweep_learning_rates(start.copy, X, y, rates, 3)}
