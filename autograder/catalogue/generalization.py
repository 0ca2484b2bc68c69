"""Checks of `generalization`: batches, a small network, odd patterns and the record of a run."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from autograder.catalogue.stand_ins import Array, in_a_folder, refusal, shuffled
from autograder.core.compare import EXACT
from autograder.core.exercise import Exercise

exercise = Exercise("generalization", "From overfitting to generalization")

BATCHES = {"returned/*/0": "X", "returned/*/1": "Y"}


# --- the data


@exercise.check(
    "noisy_batch",
    points=10,
    title="lines in turn, with noise, cut to [0, 1], of exactly that size",
    ran="noisy_batch(batch_size, noise_level, rng), sizes 8, 5, 1 and 0",
    read="Noise",
    parts=BATCHES,
)
def noisy_batch_has_its_size(m: Any, rng: np.random.Generator) -> Any:
    sizes = shuffled(rng, [8, 5, 1, 0])
    returned = {
        f"{n} rows": m.noisy_batch(n, float(rng.uniform(0.3, 1.2)), rng) for n in [*sizes, 7]
    }
    return {"returned": returned}


@exercise.check(
    "noisy_batch",
    points=3,
    title="a size or noise level below 0, infinity and NaN are refused",
    ran="noisy_batch(…) with eight pairs of size and noise level",
    read="Noise",
)
def noisy_batch_refuses_negative_numbers(m: Any, rng: np.random.Generator) -> Any:
    level = round(float(rng.uniform(0.1, 0.9)), 3)
    pairs = [(4, level), (4, 0.0), (1, level), (-1, level), (4, -level), (-3, 0.0)]
    answers = {}
    for size, noise in shuffled(rng, [*pairs, (4, math.nan), (4, math.inf)]):
        name = f"{size} rows, noise {noise}"
        try:
            answers[name] = refusal(m.noisy_batch, size, noise, rng)
        except OverflowError:  # the generator's own, which doesn't say what was expected
            answers[name] = "raises OverflowError"
    return {"returned": answers}


@exercise.check(
    "mixed_batch",
    points=8,
    title="first the clean rows, then the noisy ones, none lost to rounding",
    ran="mixed_batch(batch_size, clean_ratio, rng), five times",
    read="Mixed batches",
    parts=BATCHES,
)
def mixed_batch_keeps_its_size(m: Any, rng: np.random.Generator) -> Any:
    cases = shuffled(rng, [(11, 0.3), (13, 0.2), (9, 0.4), (6, 0.0), (5, 1.0)])
    return {"returned": {f"{n} rows, {ratio}": m.mixed_batch(n, ratio, rng) for n, ratio in cases}}


@exercise.check(
    "mixed_batch",
    points=2,
    title="a ratio that is no share is refused",
    ran="mixed_batch(…) with six ratios",
    read="Mixed batches",
)
def mixed_batch_refuses_no_share(m: Any, rng: np.random.Generator) -> Any:
    share = round(float(rng.uniform(0.1, 0.9)), 3)
    answers = {}
    for ratio in shuffled(rng, [share, 0.0, 1.0, -share, 1.0 + share, 20.0]):
        answers[f"ratio {ratio}"] = refusal(m.mixed_batch, 8, ratio, rng)
    return {"returned": answers}


# --- the network


@exercise.check(
    "relu",
    points=4,
    title="positive numbers as they are, 0 for the others",
    ran="relu(z) on (3, 4), (5,) and whole zeros",
    read="ReLU",
)
def relu_cuts_at_zero(m: Any, rng: np.random.Generator) -> Any:
    z, row = rng.normal(size=(3, 4)), rng.normal(size=5) * 100
    row[int(rng.integers(5))] = 0.0
    return {"returned": [m.relu(z), m.relu(row)], "inputs": {"z": [z, row]}}


@exercise.check(
    "relu_derivative",
    points=4,
    title="1 where the output is positive, 0 elsewhere, at 0 as well",
    ran="relu_derivative(a) on (3, 4) outputs and on 6, half of them 0",
    read="ReLU",
)
def relu_derivative_is_a_switch(m: Any, rng: np.random.Generator) -> Any:
    a = np.where(rng.random((3, 4)) < 0.5, 0.0, rng.uniform(0.01, 9.0, (3, 4)))
    row = rng.permutation([0.0, 0.0, 0.0, 1e-9, 0.5, 40.0])
    return {"returned": [m.relu_derivative(a), m.relu_derivative(row)], "inputs": {"a": [a, row]}}


def small_net(m: Any, rng: np.random.Generator, activation: str, n_hidden: int) -> Any:
    """Return a network of the learner's with numbers of ours."""
    net = m.TinyNet(n_hidden, activation, rng)
    shapes = ((4, n_hidden), (n_hidden,), (n_hidden, 2), (2,))
    net.parameters = [rng.normal(size=shape) for shape in shapes]
    return net


KINDS = {"sigmoid": 3, "relu": 5}


@exercise.check(
    "TinyNet.forward",
    points=10,
    title="the outputs of both layers, with either activation",
    ran="forward(X) on 6 patterns, a 4-3-2 and a 4-5-2 network",
    read="The network",
    parts={"returned/*/0": "the hidden layer", "returned/*/1": "the output"},
)
def forward_gives_both_layers(m: Any, rng: np.random.Generator) -> Any:
    X, seen = rng.random((6, 4)), {}
    for activation, n_hidden in KINDS.items():
        net = small_net(m, rng, activation, n_hidden)
        seen[activation] = net.forward(X)
    return {"returned": seen, "inputs": {"X": X}}


@exercise.check(
    "TinyNet.gradients",
    points=16,
    title="the loss and its gradients, averaged over all entries",
    ran="gradients(X, Y) on 7 patterns, a 4-3-2 and a 4-5-2 network",
    read="The network",
    parts={
        "returned/*/0": "the loss",
        "returned/*/1": "the list of gradients",
        "returned/*/1/0": "the gradient of V",
        "returned/*/1/1": "the gradient of c",
        "returned/*/1/2": "the gradient of U",
        "returned/*/1/3": "the gradient of d",
    },
)
def gradients_are_those_of_the_mean(m: Any, rng: np.random.Generator) -> Any:
    X, Y, seen = rng.random((7, 4)), rng.random((7, 2)), {}
    for activation, n_hidden in KINDS.items():
        net = small_net(m, rng, activation, n_hidden)
        seen[activation] = net.gradients(X, Y)
    return {"returned": seen, "inputs": {"X": X, "Y": Y}}


class ScriptedNet:
    """A network whose losses and gradients are scripted by random numbers."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.parameters = [rng.normal(size=shape) for shape in ((4, 3), (3,), (3, 2), (2,))]
        self._probes = [rng.normal(size=p.shape) for p in self.parameters]

    def gradients(self, X: Array, Y: Array) -> tuple[float, list[Array]]:
        level = sum(
            float(np.sum(np.sin(p) * probe))
            for p, probe in zip(self.parameters, self._probes, strict=True)
        )
        pull = float(np.sum(X) - 2 * np.sum(Y)) + level
        return pull**2, [np.sin(pull + probe) for probe in self._probes]


class Listener:
    """A log that keeps what it is told."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def log(self, row: dict[str, Any]) -> None:
        self.rows.append(dict(row))


@exercise.check(
    "train",
    points=10,
    title="a fresh batch a step, decay on every parameter, the bare losses",
    ran="train(net, next_batch, learning_rate, 4, weight_decay)",
    read="Weight decay",
    parts={"the losses/*": "the loss of step {}", "parameters/*": "parameter array {}"},
)
def train_decays_every_parameter(m: Any, rng: np.random.Generator) -> Any:
    net, plain = ScriptedNet(rng), ScriptedNet(rng)

    def next_batch() -> tuple[Array, Array]:
        return rng.random((5, 4)), rng.random((5, 2))

    decay = float(rng.uniform(0.1, 0.5))
    losses = m.train(net, next_batch, 0.2, 4, weight_decay=decay)
    without = m.train(plain, next_batch, 0.3, 2)
    return {
        "the losses": losses,
        "without decay": without,
        "parameters": net.parameters,
        "parameters without decay": plain.parameters,
    }


@exercise.check(
    "train",
    points=4,
    title="a row for the log after each step; a decay below 0, or NaN, is refused",
    ran="train(net, next_batch, …) with a log, and with eight decays",
    read="Weight decay",
)
def train_logs_every_step(m: Any, rng: np.random.Generator) -> Any:
    listener = Listener()

    def next_batch() -> tuple[Array, Array]:
        return rng.random((3, 4)), rng.random((3, 2))

    m.train(ScriptedNet(rng), next_batch, 0.1, 3, 0.01, log=listener)
    answers = {}
    for decay in shuffled(rng, [0.0, 0.003, 0.5, -0.001, -0.5, -3.0, math.nan, math.inf]):
        net = ScriptedNet(rng)
        answers[f"decay {decay}"] = refusal(m.train, net, next_batch, 0.1, 1, decay)
    return {"the rows": listener.rows, "returned": answers}


@exercise.check(
    "stress_test",
    points=9,
    title="two confidences, the larger one and the winner, for each pattern",
    ran="stress_test(predict) with three scripted networks",
    read="Seven patterns",
)
def stress_test_reports_seven_patterns(m: Any, rng: np.random.Generator) -> Any:
    seen = {}
    for i in range(3):
        mix, tie = rng.normal(size=(4, 2)), i == 2

        def predict(X: Array, mix: Array = mix, tie: bool = tie) -> Array:
            answers: Array = 0.5 + 0.5 * np.sin(np.asarray(X) @ mix + 1.0)
            if tie:
                answers[:, 1] = answers[:, 0]
            return answers

        seen[f"network {i + 1}"] = m.stress_test(predict)
    return {"returned": seen}


# --- the record of an experiment


def some_rows(rng: np.random.Generator, n: int) -> list[dict[str, Any]]:
    names = shuffled(rng, ["loss", "accuracy", "note"])
    values = {"loss": rng.random(n).tolist(), "accuracy": rng.random(n).tolist()}
    words = {"note": [f'wide, "{int(k)}"' for k in rng.integers(0, 99, n)]}
    columns = values | words
    return [{"step": i, **{name: columns[name][i] for name in names}} for i in range(n)]


@exercise.check(
    "RunLog.log",
    points=8,
    title="each row in both files as soon as it is logged",
    ran="log(row) three times, the files read after each",
    read="Keeping a record",
    tolerance=EXACT,
)
def log_is_on_disk_at_once(m: Any, rng: np.random.Generator) -> Any:
    rows = some_rows(rng, 3)

    def look(folder: Path) -> Any:
        log, seen = m.RunLog(folder, "a run", {"seed": 1}), {}
        for number, row in enumerate(rows, start=1):
            log.log(row if number < 3 else dict(reversed(row.items())))
            lines = (folder / "a run" / "rows.jsonl").read_text(encoding="utf-8").splitlines()
            with (folder / "a run" / "rows.csv").open(encoding="utf-8", newline="") as file:
                table = list(csv.reader(file))
            objects = [json.loads(line) for line in lines]
            seen[f"after row {number}"] = {"rows.jsonl": objects, "rows.csv": table}
        return seen

    return in_a_folder(look)


@exercise.check(
    "RunLog.log",
    points=2,
    title="a row with other columns is refused, and not written",
    ran="log(row) with six rows, then the file",
    read="Keeping a record",
)
def log_refuses_other_columns(m: Any, rng: np.random.Generator) -> Any:
    rows = some_rows(rng, 4)
    less = {name: value for name, value in rows[1].items() if name != "loss"}
    other = {**less, "los": 0.5}

    def look(folder: Path) -> Any:
        log = m.RunLog(folder, "run", {})
        log.log(rows[0])
        odd = shuffled(rng, [rows[2], rows[3], less, other, {**rows[1], "more": 1}])
        answers = [refusal(log.log, row) for row in odd]
        lines = (folder / "run" / "rows.jsonl").read_text(encoding="utf-8").splitlines()
        return {"returned": answers, "rows.jsonl": [json.loads(line) for line in lines]}

    return in_a_folder(look)


def write_run(folder: Path, name: str, config: Any, losses: list[float], cut: str = "") -> Path:
    """Write a run without the learner's `RunLog`, as far as it got."""
    path = folder / name
    path.mkdir()
    (path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    if losses:
        rows = [{"step": i, "loss": loss, "gap": -loss} for i, loss in enumerate(losses)]
        text = "".join(json.dumps(row) + "\n" for row in rows) + cut
        (path / "rows.jsonl").write_text(text, encoding="utf-8")
    return path


@exercise.check(
    "read_run",
    points=5,
    title="a finished run, one without rows, and one that was cut off",
    ran="read_run(path) on four runs",
    read="Keeping a record",
    tolerance=EXACT,
)
def read_run_survives_a_crash(m: Any, rng: np.random.Generator) -> Any:
    drawn = rng.random((3, 4)).tolist()

    def look(folder: Path) -> Any:
        config = {"units": int(rng.integers(2, 99)), "activation": "relu"}
        done = write_run(folder, "done", config, drawn[0])
        (done / "summary.json").write_text(json.dumps({"gray": drawn[0][0]}), encoding="utf-8")
        paths = [
            done,
            write_run(folder, "not begun", {}, []),
            write_run(folder, "cut in a row", config, drawn[1], '{"step": 4, "lo'),
            # It would be a row, but who knows whether the number goes on?
            write_run(folder, "cut in a number", config, drawn[2], "17"),
        ]
        seen = {}
        for path in paths:
            try:
                seen[path.name] = m.read_run(path)
            except ValueError:  # that of the json module, too
                seen[path.name] = "raises ValueError"
        return {**seen, "by its name": m.read_run(str(done))}

    return in_a_folder(look)


@exercise.check(
    "compare_runs",
    points=3,
    title="runs in order of their best value, those without rows left out",
    ran="compare_runs(folder), and by another metric, on five runs",
    read="Keeping a record",
    tolerance=EXACT,
)
def compare_runs_sorts_by_the_best(m: Any, rng: np.random.Generator) -> Any:
    def look(folder: Path) -> Any:
        for number, name in enumerate(shuffled(rng, ["a", "b", "c", "d"])):
            losses = (rng.permutation(5 * 5)[: 3 + number] / 8 + number / 100).tolist()
            write_run(folder, name, {"number": number}, losses)
        write_run(folder, "no rows", {}, [])
        return {"by loss": m.compare_runs(folder), "by gap": m.compare_runs(folder, "gap")}

    return in_a_folder(look)


@exercise.check(
    "compare_runs",
    points=2,
    title="a run that has diverged comes last, and NaN is never the best",
    ran="compare_runs(folder) on seven runs, five with NaN or infinity",
    read="Keeping a record",
    tolerance=EXACT,
)
def compare_runs_puts_diverged_runs_last(m: Any, rng: np.random.Generator) -> Any:
    spoiled: dict[str, Callable[[list[float]], list[float]]] = {
        "nothing but NaN": lambda losses: [math.nan] * len(losses),
        "ended in NaN": lambda losses: [*losses, math.nan],
        "ended in infinity": lambda losses: [*losses, math.inf],
        "began with NaN": lambda losses: [math.nan, *losses],
        "NaN on the way": lambda losses: [losses[0], math.nan, *losses[1:]],
        "sound": list,
        "also sound": list,
    }

    def look(folder: Path) -> Any:
        names = shuffled(rng, ["a", "b", "c", "d", "e", "f", "g"])
        drawn = rng.permutation(40) / 8
        for number, kind in enumerate(shuffled(rng, list(spoiled))):
            losses = drawn[5 * number : 5 * number + 5].tolist()
            write_run(folder, names[number], {"kind": kind}, spoiled[kind](losses))
        return {"returned": m.compare_runs(folder)}

    return in_a_folder(look)
