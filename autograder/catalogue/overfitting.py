"""Checks of `overfitting`: splitting, measuring, stopping and naming what is seen."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograder.catalogue.stand_ins import (
    DEEP,
    PARAMETER_NAMES,
    SHALLOW,
    ScriptedNetwork,
    parameters_of,
    refusal,
    shuffled,
)
from autograder.core.compare import EXACT
from autograder.core.exercise import Exercise

exercise = Exercise("overfitting", "Training in practice")

SPLIT = {
    "returned": "the four arrays",
    "returned/0": "X_train",
    "returned/1": "X_test",
    "returned/2": "y_train",
    "returned/3": "y_test",
}


def examples(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    return rng.normal(size=(n, 3)), rng.normal(size=(n, 2))


@exercise.check(
    "train_test_split",
    points=15,
    title="shuffled, the test set first, rows kept in pairs",
    ran="train_test_split(X, y, 0.3, rng) on 10 examples",
    read="Keeping examples back",
    parts=SPLIT,
)
def split_keeps_rows_in_pairs(m: Any, rng: np.random.Generator) -> Any:
    X, y = examples(rng, 10)
    return {"returned": m.train_test_split(X, y, 0.3, rng), "inputs": {"X": X, "y": y}}


@exercise.check(
    "train_test_split",
    points=10,
    title="the size of the test set is rounded to the nearest whole number",
    ran="train_test_split(…) on 7 to 11 examples, test_fraction 0.25",
    read="Keeping examples back",
    parts={f"returned/*/{i}": name for i, name in enumerate(("X_train", "X_test", "y_train"))},
)
def split_rounds_the_size(m: Any, rng: np.random.Generator) -> Any:
    drawn = {f"n={n}": examples(rng, n) for n in shuffled(rng, [7, 8, 9, 11])}
    parts = {name: m.train_test_split(X, y, 0.25, rng) for name, (X, y) in drawn.items()}
    return {"returned": parts}


@exercise.check(
    "train_test_split",
    points=5,
    title="unequal numbers of rows are refused",
    ran="train_test_split(X, y, 0.5, rng) on seven pairs of lengths",
    read="Keeping examples back",
)
def split_refuses_unequal_rows(m: Any, rng: np.random.Generator) -> Any:
    n, k = (int(size) for size in rng.permutation(np.arange(3, 12))[:2])
    X, y = examples(rng, 12)
    answers = {}
    for rows, other in shuffled(rng, [(n, k), (n, 1), (n, n + 1), (k, n), (n, n), (k, k), (2, 2)]):
        answer = refusal(m.train_test_split, X[:rows], y[:other], 0.5, rng)
        answers[f"{rows} and {other} rows"] = answer
    return {"returned": answers}


@exercise.check(
    "evaluate",
    points=10,
    title="the mean loss over the examples",
    ran="evaluate(net, X, y) on 5 examples",
    read="Two losses",
)
def evaluate_is_a_mean(m: Any, rng: np.random.Generator) -> Any:
    net, (X, y) = ScriptedNetwork(rng, 3, 2, SHALLOW), examples(rng, 5)
    one = examples(rng, 1)
    returned = {"5 examples": m.evaluate(net, X, y), "1 example": m.evaluate(net, *one)}
    return {"returned": returned, "inputs": {"X": X, "y": y}}


@exercise.check(
    "evaluate",
    points=5,
    title="the network learns nothing from being measured",
    ran="evaluate(net, X, y) twice, then looked at the network",
    read="Two losses",
    parts=PARAMETER_NAMES,
)
def evaluate_leaves_the_network(m: Any, rng: np.random.Generator) -> Any:
    net, (X, y) = ScriptedNetwork(rng, 3, 2, SHALLOW), examples(rng, 3)
    returned = [m.evaluate(net, X, y), m.evaluate(net, X, y)]
    return {"the two losses": returned, "inputs": parameters_of(net)}


@exercise.check(
    "fit_and_track",
    points=15,
    title="both losses, measured after every epoch",
    ran="fit_and_track(…) for 2 epochs, 3 training and 2 test examples",
    read="Two losses",
    parts={
        "returned": "the pair (train_losses, test_losses)",
        "returned/0": "the list of training losses",
        "returned/0/*": "the training loss of epoch {}",
        "returned/1": "the list of test losses",
        "returned/1/*": "the test loss of epoch {}",
    },
)
def fit_and_track_measures_after_every_epoch(m: Any, rng: np.random.Generator) -> Any:
    net, train, test = ScriptedNetwork(rng, 3, 2, SHALLOW), examples(rng, 3), examples(rng, 2)
    return {"returned": m.fit_and_track(net, *train, *test, 0.1, 2)}


@exercise.check(
    "fit_and_track",
    points=10,
    title="one update a training example, and none from the test set",
    ran="fit_and_track(…) for 2 epochs, then looked at the network",
    read="Two losses",
    parts=PARAMETER_NAMES,
)
def fit_and_track_learns_from_the_training_set(m: Any, rng: np.random.Generator) -> Any:
    net, train, test = ScriptedNetwork(rng, 3, 2, DEEP), examples(rng, 4), examples(rng, 1)
    m.fit_and_track(net, *train, *test, 0.1, 2)
    return {"parameters": parameters_of(net)}


@exercise.check(
    "best_epoch",
    points=10,
    title="the first of the smallest test losses",
    ran="best_epoch(test_losses) on 20 lists, some with ties",
    parts={"returned/*": "the epoch of list {}"},
    read="The best epoch",
    tolerance=EXACT,
)
def best_epoch_is_the_first_minimum(m: Any, rng: np.random.Generator) -> Any:
    lists = (rng.integers(1, 9, (20, 12)) / 8).tolist()
    return {"returned": [m.best_epoch(losses) for losses in lists]}


def curves(rng: np.random.Generator, n: int) -> dict[str, list[tuple[list[float], list[float]]]]:
    """Return for each outcome `n` pairs of loss curves of 60 epochs that clearly show it."""
    epochs = np.arange(60)
    t = epochs / 59

    def draw(low: float, high: float) -> np.ndarray:
        return rng.uniform(low, high, (n, 1))

    start = draw(0.5, 0.9)
    # A steep fall is no jump, and a level distance is no rise.
    steep = 0.96 * np.clip(1.0 - epochs / rng.integers(6, 10, (n, 1)), 0.0, 1.0)
    converged = steep + 0.04 - 0.02 * t, steep + draw(0.07, 0.15) * (1.0 + 0.08 * t)
    # The test loss ends far above its best, and below its start.
    falling, best = 0.02 + 0.98 * np.exp(-draw(12, 20) * t), draw(0.25, 0.4)
    climb = draw(0.6, 0.68) / (1.0 - best) * np.clip(t - best, 0.0, None)
    overfit = falling, 0.27 + 0.73 * falling + climb
    level = 1.0 - draw(0.0, 0.05) * t
    underfit = level, level * draw(1.01, 1.05)
    jumping = 0.4 + rng.uniform(0.3, 1.5, (n, 60)) * (epochs % 2)
    unstable = jumping, jumping * draw(1.0, 1.1)
    ripple = start * rng.uniform(0.996, 1.004, (4, 2, n, 60))
    train_and_test = (ripple * [converged, overfit, underfit, unstable]).tolist()
    outcomes = ("converged", "overfit", "underfit", "unstable")
    return {
        outcome: list(zip(*pair, strict=True))
        for outcome, pair in zip(outcomes, train_and_test, strict=True)
    }


@exercise.check(
    "diagnose",
    points=15,
    title="the four outcomes are called by their names",
    ran="diagnose(train_losses, test_losses) on 16 clear pairs of curves",
    read="Reading two curves",
    parts={"the names/*": "the name of pair {}"},
    tolerance=EXACT,
)
def diagnose_names_the_four_outcomes(m: Any, rng: np.random.Generator) -> Any:
    pairs = shuffled(rng, [pair for some in curves(rng, 4).values() for pair in some])
    return {"the names": [m.diagnose(*pair) for pair in pairs]}


@exercise.check(
    "diagnose",
    points=5,
    title="a loss that is not finite is unstable",
    ran="diagnose(train_losses, test_losses) with NaN or infinity in them",
    read="Reading two curves",
    parts={"the names/*": "the name of pair {}"},
    tolerance=EXACT,
)
def diagnose_calls_nan_unstable(m: Any, rng: np.random.Generator) -> Any:
    drawn = curves(rng, 2)
    sound, spoilt = zip(
        *(drawn[name] for name in ("converged", "overfit", "underfit")), strict=True
    )
    for (train, test), loss in zip(spoilt, (math.nan, math.inf, math.nan), strict=True):
        start = int(rng.integers(5, 50))
        train[start:] = test[start:] = [loss] * (len(train) - start)
    pairs = shuffled(rng, [*sound, *spoilt])
    with np.errstate(all="ignore"):
        return {"the names": [m.diagnose(*pair) for pair in pairs]}
