"""Checks of `overfitting`: splitting, measuring, stopping and naming what is seen."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.catalogue.stand_ins import (
    PARAMETER_NAMES,
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


def shuffler(rng: np.random.Generator) -> np.random.Generator:
    return np.random.default_rng(int(rng.integers(2**32)))


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
    return {"returned": m.train_test_split(X, y, 0.3, shuffler(rng)), "inputs": {"X": X, "y": y}}


@exercise.check(
    "train_test_split",
    points=10,
    title="the size of the test set is rounded to the nearest whole number",
    ran="train_test_split(…) on 7 to 11 examples, test_fraction 0.25",
    read="Keeping examples back",
    parts={f"returned/*/{i}": name for i, name in enumerate(("X_train", "X_test", "y_train"))},
)
def split_rounds_the_size(m: Any, rng: np.random.Generator) -> Any:
    sizes = [int(n) for n in shuffled(rng, [7, 8, 9, 11])]
    parts = {f"n={n}": m.train_test_split(*examples(rng, n), 0.25, shuffler(rng)) for n in sizes}
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
    answers = {}
    for rows, other in shuffled(rng, [(n, k), (n, 1), (n, n + 1), (k, n), (n, n), (k, k), (2, 2)]):
        X, y = rng.normal(size=(rows, 3)), rng.normal(size=(other, 2))
        answers[f"{rows} and {other} rows"] = refusal(m.train_test_split, X, y, 0.5, shuffler(rng))
    return {"returned": answers}


@exercise.check(
    "evaluate",
    points=10,
    title="the mean loss over the examples",
    ran="evaluate(net, X, y) on 5 examples",
    read="Two losses",
)
def evaluate_is_a_mean(m: Any, rng: np.random.Generator) -> Any:
    net, (X, y) = ScriptedNetwork(rng, 3, 2), examples(rng, 5)
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
    net, (X, y) = ScriptedNetwork(rng, 3, 2), examples(rng, 5)
    returned = [m.evaluate(net, X, y), m.evaluate(net, X, y)]
    return {"the two losses": returned, "inputs": parameters_of(net)}


def a_fit(m: Any, rng: np.random.Generator) -> tuple[Any, ScriptedNetwork]:
    net, train, test = ScriptedNetwork(rng, 3, 2), examples(rng, 5), examples(rng, 4)
    return m.fit_and_track(net, *train, *test, 0.1, 3), net


@exercise.check(
    "fit_and_track",
    points=15,
    title="both losses, measured after every epoch",
    ran="fit_and_track(…) for 3 epochs, 5 training and 4 test examples",
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
    return {"returned": a_fit(m, rng)[0]}


@exercise.check(
    "fit_and_track",
    points=10,
    title="one update a training example, and none from the test set",
    ran="fit_and_track(…) for 3 epochs, then looked at the network",
    read="Two losses",
    parts=PARAMETER_NAMES,
)
def fit_and_track_learns_from_the_training_set(m: Any, rng: np.random.Generator) -> Any:
    return {"parameters": parameters_of(a_fit(m, rng)[1])}


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
    lists = [[float(loss) for loss in rng.integers(1, 9, 12) / 8] for _ in range(20)]
    return {"returned": [m.best_epoch(losses) for losses in lists]}


def curves(rng: np.random.Generator, outcome: str) -> tuple[list[float], list[float]]:
    """Return two loss curves of 200 epochs that clearly show an outcome."""
    epochs = np.arange(200)
    t = epochs / 199
    start, speed = rng.uniform(0.5, 0.9), rng.uniform(12, 20)
    falling = start * (0.02 + 0.98 * np.exp(-speed * t))
    if outcome == "converged":
        # A steep fall is no jump, and a level distance is no rise.
        steep = np.clip(1.0 - epochs / rng.integers(6, 10), 0.0, 1.0)
        gap = rng.uniform(0.07, 0.15)
        train = start * (0.96 * steep + 0.04 - 0.02 * t)
        test = start * (0.96 * steep + gap * (1.0 + 0.08 * t))
    elif outcome == "overfit":
        # The test loss ends far above its best, and below its start.
        best = rng.uniform(0.25, 0.4)
        climb = rng.uniform(0.6, 0.68) * start * np.clip(t - best, 0.0, None) / (1.0 - best)
        train, test = falling, 0.27 * start + 0.73 * falling + climb
    elif outcome == "underfit":
        train = start * (1.0 - rng.uniform(0.0, 0.05) * t)
        test = train * rng.uniform(1.01, 1.05)
    else:
        train = start * (0.4 + rng.uniform(0.3, 1.5, t.size) * (np.arange(t.size) % 3 == 1))
        test = train * rng.uniform(1.0, 1.1)
    ripple = 1 + 0.002 * rng.normal(size=(2, t.size))
    return [float(v) for v in train * ripple[0]], [float(v) for v in test * ripple[1]]


@exercise.check(
    "diagnose",
    points=15,
    title="the four outcomes are called by their names",
    ran="diagnose(train_losses, test_losses) on 24 clear pairs of curves",
    read="Reading two curves",
    parts={"the names/*": "the name of pair {}"},
    tolerance=EXACT,
)
def diagnose_names_the_four_outcomes(m: Any, rng: np.random.Generator) -> Any:
    outcomes = shuffled(rng, ["converged", "overfit", "underfit", "unstable"] * 6)
    return {"the names": [m.diagnose(*curves(rng, outcome)) for outcome in outcomes]}


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
    named = []
    for spoilt in shuffled(rng, ["converged", "nan", "overfit", "inf", "underfit", "nan"]):
        train, test = curves(rng, spoilt if spoilt not in ("nan", "inf") else "converged")
        if spoilt in ("nan", "inf"):
            start = int(rng.integers(20, 150))
            train[start:] = test[start:] = [float(spoilt)] * (len(train) - start)
        with np.errstate(all="ignore"):
            named.append(m.diagnose(train, test))
    return {"the names": named}
