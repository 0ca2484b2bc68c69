"""Checks of `trainer`, on scripted parts that show when and how they are used."""

from __future__ import annotations

import copy
import errno
import math
import pickle
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from autograder.catalogue.stand_ins import Array, in_a_folder, refusal, shuffled
from autograder.core.compare import EXACT
from autograder.core.exercise import Exercise

exercise = Exercise("trainer", "A training loop for real work")


class ScriptedNet:
    """A network whose losses and gradients are scripted by random numbers.

    They depend on the examples, on their targets and on all parameters.
    """

    def __init__(self, rng: np.random.Generator, n_in: int = 3) -> None:
        self.parameters = [rng.normal(size=shape) for shape in ((n_in, 4), (4,), (2, 5), ())]
        self._probes = [rng.normal(size=p.shape) for p in self.parameters]
        self._mix = rng.normal(size=n_in)

    def _misses(self, X: Array, y: Array) -> Array:
        level = sum(
            float(np.sum(np.sin(p) * probe))
            for p, probe in zip(self.parameters, self._probes, strict=True)
        )
        with np.errstate(invalid="ignore"):  # whoever lets infinity in hears of it in the feedback
            misses: Array = np.cos(X @ self._mix + level) - y
        return misses

    def loss_and_gradients(self, X: Array, y: Array) -> tuple[float, list[Array]]:
        misses = self._misses(X, y)
        mean = float(np.mean(misses)) + 0.3
        return float(np.mean(misses**2)), [mean * np.cos(p + 1.0) for p in self.parameters]

    def evaluate(self, X: Array, y: Array) -> tuple[float, float]:
        misses = self._misses(X, y)
        return float(np.mean(misses**2)), float(np.mean(np.abs(misses) < 0.7))


class ScriptedOptimizer:
    """An optimizer that remembers: its steps grow shorter."""

    def __init__(self) -> None:
        self.count = 0
        self.memory: list[Array] = []

    def step(self, parameters: list[Array], gradients: list[Array], rate: float) -> None:
        self.count += 1
        old = self.memory or [np.zeros_like(p) for p in parameters]
        self.memory = [
            before / 2 + gradient for before, gradient in zip(old, gradients, strict=True)
        ]
        for parameter, move in zip(parameters, self.memory, strict=True):
            parameter -= rate / math.sqrt(self.count) * move


class ScriptedSchedule:
    """A schedule whose rate depends on the epoch, on the metrics, and on how often it was asked."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.base = float(rng.uniform(0.1, 0.3))
        self.asked = 0

    def step(self, epoch: int, metrics: dict[str, float] | None = None) -> float:
        self.asked += 1
        seen = metrics["running_loss"] + metrics["loss"] / 2 if metrics else 3.0
        return self.base * (1.1 + math.cos(3 * epoch + self.asked + seen))


class ScriptedClock:
    """A clock that goes on by another time whenever it is asked."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.pace = float(rng.uniform(0.5, 1.5))
        self.asked = 0

    def __call__(self) -> float:
        self.asked += 1
        return self.pace * math.pow(self.asked, 1.5)


def examples(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    return rng.normal(size=(n, 3)), rng.integers(0, 2, n).astype(float)


def arrays(rng: np.random.Generator) -> list[Array]:
    return [rng.normal(size=shape) for shape in ((3, 4), (4,), ())]


PARAMETERS = {"parameters": "the parameters", "parameters/*": "parameter array {}"}


# --- the data

SETS = {
    "returned/*/0": "the training set",
    "returned/*/1": "the validation set",
    "returned/*/2": "the test set",
}


@exercise.check(
    "stratified_split",
    points=5,
    title="every class is divided by the same fractions",
    ran="stratified_split(labels, val, test, rng) on 41 and on 29 labels",
    read="Three sets",
    parts=SETS,
    tolerance=EXACT,
)
def split_divides_every_class(m: Any, rng: np.random.Generator) -> Any:
    # Fractions with halves on the way: a size that is cut off differs from a rounded one.
    three = rng.permutation(np.repeat([0, 1, 2], [21, 13, 7]))
    two = rng.permutation(np.repeat([3.0, 7.0], [9, 20]))
    returned = {
        "three classes": m.stratified_split(three, 0.13, 0.27, rng),
        "two classes": m.stratified_split(two, 0.2, 0.4, rng),
    }
    _, none, _ = m.stratified_split(two, 0.0, 0.4, rng)
    return {
        "returned": returned,
        "labels of an empty set": two[none],
        "inputs": {"labels": [three, two]},
    }


@exercise.check(
    "stratified_split",
    points=2,
    title="impossible fractions are refused",
    ran="stratified_split(…) with eight pairs of fractions",
    read="Three sets",
)
def split_refuses_impossible_fractions(m: Any, rng: np.random.Generator) -> Any:
    labels, answers = rng.integers(0, 2, 20), {}
    odd = round(float(rng.uniform(0.1, 0.3)), 3)
    pairs = [(odd, 0.2), (0.0, odd), (odd, 0.0), (-odd, 0.3), (0.3, -odd), (1.2, 0.0)]
    for val, test in shuffled(rng, [*pairs, (0.5, 0.5), (0.4, 0.6 + odd)]):
        answers[f"{val} and {test}"] = refusal(m.stratified_split, labels, val, test, rng)
    return {"returned": answers}


@exercise.check(
    "Scaler.fit",
    points=4,
    title="mean and deviation of each feature; a constant one divides by 1",
    ran="Scaler().fit(X), then its mean and std, on 6 examples",
    read="Scaling",
)
def scaler_measures_each_feature(m: Any, rng: np.random.Generator) -> Any:
    X = rng.normal(size=(6, 4)) * [1.0, 5.0, 0.2, 0.0] + [0.0, 3.0, -1.0, 2.0]
    scaler = m.Scaler().fit(X)
    return {"mean": scaler.mean, "std": scaler.std, "inputs": {"X": X}}


@exercise.check(
    "Scaler.fit",
    points=1,
    title="NaN and infinity are refused",
    ran="Scaler().fit(X) on six arrays, some with NaN or infinity",
    read="Scaling",
)
def scaler_refuses_nan(m: Any, rng: np.random.Generator) -> Any:
    answers = []
    for spoiled in shuffled(rng, [0.0, 1.0, 2.0, math.nan, math.inf, -math.inf]):
        X = rng.normal(size=(5, 3))
        X[tuple(rng.integers(0, 3, 2))] = spoiled
        answers.append(refusal(m.Scaler().fit, X))
    return {"returned": answers}


@exercise.check(
    "Scaler.transform",
    points=4,
    title="any set is scaled by the numbers of the training set",
    ran="Scaler().fit(X).transform(other), on 6 and on 3 examples",
    read="Scaling",
)
def scaler_uses_the_training_set(m: Any, rng: np.random.Generator) -> Any:
    train, other = rng.normal(size=(6, 4)) * 3 + 1, rng.normal(size=(3, 4))
    scaler = m.Scaler()
    scaler.fit(train)
    returned = [scaler.transform(other), scaler.transform(train)]
    return {"returned": returned, "inputs": {"X": [train, other]}}


# --- an epoch


@exercise.check(
    "minibatches",
    points=4,
    title="a shuffled epoch in consecutive pieces, the last one short",
    ran="minibatches(n, batch_size, rng): 10 in 4s, 6 in 3s, 5 in 99s",
    read="One epoch",
    tolerance=EXACT,
)
def minibatches_have_a_short_last_one(m: Any, rng: np.random.Generator) -> Any:
    cases = shuffled(rng, [(10, 4), (6, 3), (5, 99)])
    return {f"{n} in {size}s": list(m.minibatches(n, size, rng)) for n, size in cases}


@exercise.check(
    "minibatches",
    points=1,
    title="a batch of none is refused",
    ran="minibatches(…) with six batch sizes",
    read="One epoch",
)
def minibatches_refuse_an_empty_batch(m: Any, rng: np.random.Generator) -> Any:
    sizes = shuffled(rng, [0, -1, -4, 1, 2, 9])
    n = int(rng.integers(5, 9))
    answers = {f"size {s}": refusal(lambda s=s: list(m.minibatches(n, s, rng))) for s in sizes}
    return {"returned": answers}


@exercise.check(
    "train_epoch",
    points=10,
    title="one step of the optimizer a batch, with the gradients as they are",
    ran="train_epoch(…) on 10 examples, batch_size=4",
    read="Dividing twice",
    parts=PARAMETERS,
)
def train_epoch_steps_once_a_batch(m: Any, rng: np.random.Generator) -> Any:
    net, optimizer, (X, y) = ScriptedNet(rng), ScriptedOptimizer(), examples(rng, 10)
    m.train_epoch(net, optimizer, X, y, 0.2, 4, rng)
    return {"parameters": net.parameters, "inputs": {"X": X, "y": y}}


@exercise.check(
    "train_epoch",
    points=4,
    title="the mean loss over the examples, not over the batches",
    ran="train_epoch(…) on 7 examples, batch_size=3; on 4, batch_size=9",
    read="One epoch",
)
def train_epoch_weighs_batches_by_size(m: Any, rng: np.random.Generator) -> Any:
    X, y = examples(rng, 7)
    nets = [ScriptedNet(rng), ScriptedNet(rng)]
    losses = {
        "batch_size=3": m.train_epoch(nets[0], ScriptedOptimizer(), X, y, 0.2, 3, rng),
        "batch_size=9": m.train_epoch(nets[1], ScriptedOptimizer(), X[:4], y[:4], 0.2, 9, rng),
    }
    return {"returned": losses}


# --- what was seen


@exercise.check(
    "History.record",
    points=3,
    title="one value a metric and epoch, and other metrics are refused",
    ran="History().record(metrics) three times, then with other names",
    read="Keeping a record",
)
def history_keeps_every_epoch(m: Any, rng: np.random.Generator) -> Any:
    history, other = m.History(), m.History()
    rows = [dict(zip(("loss", "accuracy"), rng.random(2).tolist(), strict=True)) for _ in range(4)]
    for row in rows[:3]:
        history.record(row)
    other.record({"loss": 1.0})
    wrong = [{"loss": 0.5}, rows[3] | {"more": 1.0}, {"loss": 0.1, "acuracy": 0.2}, rows[3]]
    answers = [refusal(history.record, row) for row in shuffled(rng, wrong)]
    return {"values": history.values, "of another run": other.values, "refused": answers}


@exercise.check(
    "History.moving_average",
    points=3,
    title="the mean over a window that ends at each epoch",
    ran="moving_average(name, window) on 8 epochs, windows of 3, 1 and 10",
    read="Keeping a record",
)
def moving_average_looks_back(m: Any, rng: np.random.Generator) -> Any:
    history = m.History()
    history.values = {"loss": rng.random(8).tolist(), "val_loss": rng.random(12).tolist()}
    windows = shuffled(rng, [3, 1, 10])
    returned = {f"window={w}": history.moving_average("loss", w) for w in windows}
    returned["no window given"] = history.moving_average("val_loss")
    return {"returned": returned, "inputs": {"values": history.values}}


@exercise.check(
    "History.best",
    points=3,
    title="the first of the best epochs, and never NaN",
    ran="best(name, mode) on 16 columns with ties, some with NaN",
    read="Keeping a record",
    tolerance=EXACT,
)
def best_is_the_first_and_never_nan(m: Any, rng: np.random.Generator) -> Any:
    history, returned = m.History(), []
    for i in range(16):
        column = (rng.integers(1, 6, 9) / 8).tolist()
        if i % 2:
            column[int(rng.integers(0, 9))] = math.nan
        history.values = {"loss": column, "other": column[::-1]}
        returned.append(list(history.best("loss", ("min", "max")[int(rng.integers(2))])))
    returned.append(list(history.best("other")))
    return {"returned": returned}


MODES = ["min", "max", "Min", "minimum", "lower", "mx"]


@exercise.check(
    "History.best",
    points=1,
    title="another mode than min and max is refused",
    ran="best(name, mode) with six modes",
    read="Keeping a record",
)
def best_refuses_another_mode(m: Any, rng: np.random.Generator) -> Any:
    history = m.History()
    history.values = {"loss": rng.random(3).tolist()}
    return {"returned": [refusal(history.best, "loss", mode) for mode in shuffled(rng, MODES)]}


@exercise.check(
    "progress_line",
    points=3,
    title="a bar, the epochs and the metrics",
    ran="progress_line(done, total, metrics) for every done, and more",
    read="Keeping a record",
    tolerance=EXACT,
)
def progress_line_shows_a_bar(m: Any, rng: np.random.Generator) -> Any:
    loss, accuracy = (float(x) for x in rng.uniform(0.1, 2.0, 2))
    total, width = int(rng.integers(7, 40)), int(rng.integers(8, 15))
    part = int(rng.integers(1, total))
    return {
        "bars": [m.progress_line(done, total, {}) for done in range(1, total)],
        "returned": [
            m.progress_line(part, total, {"loss": loss, "accuracy": accuracy}),
            m.progress_line(0, total, {}, width),
            m.progress_line(total, total, {"loss": loss}, width=width),
            m.progress_line(part, total, {"val_loss": accuracy}, width),
        ],
    }


# --- stopping in time


@exercise.check(
    "put_back",
    points=3,
    title="numbers are copied into the arrays that are there",
    ran="put_back(parameters, saved), then a change to saved",
    read="Stopping in time",
    parts=PARAMETERS,
)
def put_back_copies_in_place(m: Any, rng: np.random.Generator) -> Any:
    parameters, saved = arrays(rng), arrays(rng)
    same = list(parameters)
    m.put_back(parameters, saved)
    kept = [value.copy() for value in saved]
    for value in saved:
        value[...] = 0.0
    return {"parameters": same, "inputs": {"saved": kept}}


@exercise.check(
    "put_back",
    points=2,
    title="another architecture is refused before anything changes",
    ran="put_back(parameters, saved), six kinds of saved arrays",
    read="Stopping in time",
    parts={"parameters after */*": "parameter array {}"},
)
def put_back_refuses_other_shapes(m: Any, rng: np.random.Generator) -> Any:
    def kinds() -> dict[str, list[Array]]:
        right, wide = arrays(rng), rng.normal(size=(3, 5))
        transposed = [right[0], right[1], right[2][None]]
        spread = [right[0], rng.normal(size=1), right[2]]
        return {
            "the same shapes": right,
            "one array less": right[:2],
            "one array more": [*right, rng.normal(size=2)],
            "one more unit": [wide, rng.normal(size=5), right[2]],
            "a scalar as an array": transposed,
            "one number for four": spread,
        }

    seen: dict[str, Any] = {}
    drawn = kinds()
    for name in shuffled(rng, list(drawn)):
        parameters = arrays(rng)
        seen[name] = refusal(m.put_back, parameters, drawn[name])
        seen[f"parameters after {name}"] = parameters
    return seen


def watched(m: Any, rng: np.random.Generator, values: list[float], **options: Any) -> Any:
    """Run early stopping over values, one an epoch, and return what it says, and itself."""
    stopping, parameters = m.EarlyStopping(**options), arrays(rng)
    metric = options.get("metric", "val_loss")
    said = []
    for value in values:
        for array in parameters:
            array += rng.normal(size=array.shape)  # in place, as training does
        said.append(stopping.update({metric: value, "other": -value}, parameters))
        if said[-1]:
            break
    for array in parameters:
        array += 1.0  # whoever has kept these very arrays has lost what was in them
    return {"epochs": len(said), "best": stopping.best}, stopping


@exercise.check(
    "EarlyStopping.update",
    points=5,
    title="stops when the epochs of its patience have passed without an improvement",
    ran="update(metrics, parameters) over 12 drawn curves",
    read="Stopping in time",
)
def stopping_waits_for_its_patience(m: Any, rng: np.random.Generator) -> Any:
    seen = {}
    for i in range(12):
        mode, patience = ("min", "max")[i % 2], int(rng.integers(1, 5))
        values = (rng.integers(0, 40, 25) / 8).tolist()
        metric = ("val_loss", "val_accuracy")[i % 2]
        said, _ = watched(m, rng, values, metric=metric, mode=mode, patience=patience)
        seen[f"curve {i + 1}"] = said
    return seen


@exercise.check(
    "EarlyStopping.update",
    points=3,
    title="only more than min_delta is an improvement",
    ran="update(metrics, parameters) over 16 curves, min_delta=0.25",
    read="Stopping in time",
)
def stopping_asks_for_min_delta(m: Any, rng: np.random.Generator) -> Any:
    seen = {}
    for i in range(16):
        steps = rng.choice([0.0, 0.125, 0.25, 0.375], 16)
        sign = (-1, 1)[i % 2]
        values = (8.0 + sign * np.cumsum(steps)).tolist()
        options = {"mode": ("min", "max")[i % 2], "patience": 2, "min_delta": 0.25}
        seen[f"curve {i + 1}"], _ = watched(m, rng, values, **options)
    return seen


@exercise.check(
    "EarlyStopping.update",
    points=2,
    title="NaN stops at once, and a missing metric is refused",
    ran="update(metrics, parameters) over 6 curves, and on other metrics",
    read="Stopping in time",
)
def stopping_at_nan(m: Any, rng: np.random.Generator) -> Any:
    seen: dict[str, Any] = {}
    for i in range(6):
        values = rng.random(9).tolist()
        if i % 2:
            values[int(rng.integers(0, 4))] = math.nan
        seen[f"curve {i + 1}"], _ = watched(m, rng, values, patience=99)
    stopping, answers = m.EarlyStopping(metric="val_loss"), []
    for names in shuffled(rng, [["val_loss"], ["loss"], ["loss", "val_loss"], []]):
        metrics = dict.fromkeys(names, 1.0)
        answers.append(refusal(stopping.update, metrics, arrays(rng)))
    return {**seen, "refused": answers}


@exercise.check(
    "EarlyStopping.restore",
    points=4,
    title="the weights of the best epoch come back",
    ran="restore(parameters) after three curves, one of them all NaN",
    read="Stopping in time",
    parts={"returned/*/*": "parameter array {}"},
)
def stopping_restores_the_best(m: Any, rng: np.random.Generator) -> Any:
    curve = rng.permutation(np.arange(6) / 8).tolist()
    ways: dict[str, Any] = {
        "to be small": (curve, {}),
        "to be large": (curve, {"mode": "max", "metric": "accuracy"}),
        "all NaN": ([math.nan], {}),
    }
    seen = {}
    for name, (values, options) in ways.items():
        _, stopping = watched(m, rng, values, patience=9, **options)
        seen[name] = arrays(rng)
        stopping.restore(seen[name])
    return {"returned": seen}


# --- saving


def a_state(rng: np.random.Generator) -> dict[str, Any]:
    """Return a state as a run has it, with every kind of value."""
    generator = np.random.default_rng(int(rng.integers(2**40)))
    generator.random(3)
    return {
        "epoch": int(rng.integers(1, 99)),
        "parameters": arrays(rng),
        "optimizer": {"kept": float(rng.random()) / 3, "steps": arrays(rng), "none": None},
        "history": {"loss": rng.random(5).tolist(), "val_loss": [math.inf, 0.1]},
        "rng": generator.bit_generator.state,
        "whole": rng.integers(0, 9, 4),
        "empty": [{}, []],
    }


def shown(state: Any) -> Any:
    """Return a state as plain data: the numbers of a generator are too large for it."""
    if isinstance(state, dict) and "rng" in state:
        return state | {"rng": str(state["rng"])}
    return state


@exercise.check(
    "Checkpoint.due",
    points=3,
    title="every so many epochs, or when the metric is best",
    ran="due(done, metrics) for 12 epochs, three ways",
    read="On disk",
    tolerance=EXACT,
)
def checkpoint_is_due(m: Any, rng: np.random.Generator) -> Any:
    every = int(rng.integers(2, 5))
    ways = {
        f"every {every}": m.Checkpoint("unused", every=every),
        "best val_loss": m.Checkpoint("unused", metric="val_loss"),
        "best accuracy": m.Checkpoint("unused", every=2, metric="accuracy", mode="max"),
    }
    values = (rng.integers(0, 12, (12, 2)) / 8).tolist()
    values[0] = values[int(rng.integers(2, 11))] = [math.nan, math.nan]
    seen = {}
    for name, checkpoint in ways.items():
        rows = [dict(zip(("val_loss", "accuracy"), row, strict=True)) for row in values]
        answers = [checkpoint.due(done, row) for done, row in enumerate(rows, start=1)]
        seen[name] = [bool(answer) for answer in answers]
    return seen


@exercise.check(
    "Checkpoint.save",
    points=3,
    title="a file that is there under its name, and comes back bit for bit",
    ran="save(state), then load() by another Checkpoint, two states",
    read="On disk",
    tolerance=EXACT,
)
def checkpoint_comes_back(m: Any, rng: np.random.Generator) -> Any:
    first, second = a_state(rng), a_state(rng)

    def look(folder: Path) -> Any:
        path = folder / "run.checkpoint"
        seen = {}
        for name, state in (("first", first), ("second", second)):
            m.Checkpoint(path).save(state)
            there = path.exists()
            seen[name] = shown(m.Checkpoint(str(path)).load()) if there else "no such file"
        return {**seen, "inputs": {"state": [shown(first), shown(second)]}}

    return in_a_folder(look)


class Unwritable(np.ndarray):
    """An array that can't be written to its end, as on a full disk."""

    def _full(self, *arguments: Any, **named: Any) -> Any:
        raise OSError(errno.ENOSPC, "no space left on device")

    itemsize = property(_full)
    tobytes = tofile = tolist = dump = _full


@exercise.check(
    "Checkpoint.save",
    points=4,
    title="if writing fails half-way, the old state is still there",
    ran="save(state), then save(other) on a full disk, then load()",
    read="On disk",
    tolerance=EXACT,
)
def checkpoint_survives_a_full_disk(m: Any, rng: np.random.Generator) -> Any:
    old, new = arrays(rng), arrays(rng)

    def look(folder: Path) -> Any:
        checkpoint = m.Checkpoint(folder / "run.npz")
        checkpoint.save({"epoch": 1, "parameters": old})
        cut = [new[0], new[1].view(Unwritable), new[2]]
        try:
            checkpoint.save({"epoch": 2, "parameters": cut})
            failed = 0.0
        except (OSError, ValueError):
            failed = 1.0
        try:
            state = m.Checkpoint(folder / "run.npz").load()
        except (ValueError, OSError):
            return {"loaded": "nothing"}
        # Whoever got round the full disk has saved the new state: that is as good.
        loaded = [np.asarray(p) for p in state["parameters"]]
        due = [failed * o + (1 - failed) * n for o, n in zip(old, new, strict=True)]
        return {"loaded": [o + (p - d) for o, p, d in zip(old, loaded, due, strict=True)]}

    return in_a_folder(look)


@exercise.check(
    "Checkpoint.load",
    points=3,
    title="what is no whole checkpoint is refused",
    ran="load() on eight files, some cut short, empty or with a pickle",
    read="On disk",
)
def load_refuses_what_is_not_whole(m: Any, rng: np.random.Generator) -> Any:
    state = {"epoch": 3, "parameters": [rng.normal(size=(9, 5))]}

    def look(folder: Path) -> Any:
        whole, other = folder / "whole", folder / "other"
        m.Checkpoint(whole).save(state)

        class NextVersion(m.Checkpoint):  # type: ignore[misc]
            VERSION = 99

        NextVersion(other).save(state)
        text = whole.read_bytes()
        (folder / "cut").write_bytes(text[: int(len(text) * rng.uniform(0.3, 0.9))])
        (folder / "empty").write_bytes(b"")
        (folder / "noise").write_bytes(rng.bytes(300))
        (folder / "pickle").write_bytes(pickle.dumps(state))
        with zipfile.ZipFile(folder / "zip", "w") as file:
            file.writestr("notes.txt", "nothing")
        (folder / "copy").write_bytes(text)
        answers = {}
        for name in shuffled(
            rng, ["whole", "copy", "other", "cut", "empty", "noise", "pickle", "zip"]
        ):
            try:
                answers[name] = refusal(m.Checkpoint(folder / name).load)
            except (pickle.UnpicklingError, OSError, EOFError, KeyError, zipfile.BadZipFile):
                answers[name] = "raises another error"
        return {"returned": answers}

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # np.load leaves a cut file open
        return in_a_folder(look)


# --- all of it together


class Run:
    """The scripted parts of a run, drawn from one generator."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.net = ScriptedNet(rng)
        self.optimizer = ScriptedOptimizer()
        self.schedule = ScriptedSchedule(rng)
        self.clock = ScriptedClock(rng)
        self.rng = np.random.default_rng(int(rng.integers(2**40)))

    def copy(self) -> Run:
        return copy.deepcopy(self)

    def trainer(self, m: Any, **options: Any) -> Any:
        return m.Trainer(
            self.net, self.optimizer, self.schedule, self.rng, clock=self.clock, **options
        )


class InMemory:
    """A checkpoint that keeps states in a list."""

    def __init__(self) -> None:
        self.states: list[Any] = []
        self.asked: list[int] = []
        self.known: list[float | str] = []
        self.reset()

    def reset(self) -> None:
        self.best: float | None = None

    def due(self, done: int, metrics: dict[str, float]) -> bool:
        self.asked.append(done)
        self.known.append("none yet" if self.best is None else self.best)
        self.best = float(metrics["loss"])
        return done % 2 == 0

    def save(self, state: Any) -> None:
        self.states.append(copy.deepcopy(state))


HISTORY = {"the history": "the history", "the history/*": "the metric {}"}


@exercise.check(
    "Trainer.fit",
    points=4,
    title="epochs at the schedule's rates, every metric recorded",
    ran="fit(X, y, epochs=3, batch_size=4, validation=…) on 10 examples",
    read="The order of an epoch",
    parts={**PARAMETERS, **HISTORY},
)
def fit_records_every_epoch(m: Any, rng: np.random.Generator) -> Any:
    run, (X, y), held = Run(rng), examples(rng, 10), examples(rng, 5)
    history = run.trainer(m).fit(X, y, 3, 4, held)
    alone = Run(rng)
    without = alone.trainer(m).fit(X, y, epochs=1, batch_size=3)
    return {
        "the history": history.values,
        "without validation": without.values,
        "parameters": run.net.parameters,
        "inputs": {"X": X, "y": y, "validation": list(held)},
    }


@exercise.check(
    "Trainer.fit",
    points=4,
    title="the best weights are back, whatever has ended the run",
    ran="fit(…) with early stopping, until it stops, and for 5 epochs",
    read="The order of an epoch",
    parts={"*/losses": "the losses", "*/parameters/*": "parameter array {}"},
)
def fit_gives_the_best_weights_back(m: Any, rng: np.random.Generator) -> Any:
    X, y = examples(rng, 9)
    seen = {}
    patient, hasty = (m.EarlyStopping(metric="loss", patience=epochs) for epochs in (99, 1))
    # A loss that jumps: the last epoch is hardly ever the best.
    for name, epochs, stopping in (
        ("out of epochs", 5, patient),
        ("out of 4 epochs", 4, patient),
        ("out of 6 epochs", 6, patient),
        ("stopped", 40, hasty),
        ("another run of the same", 2, hasty),
    ):
        run = Run(rng)
        history = run.trainer(m, early_stopping=stopping).fit(X, y, epochs, 4)
        seen[name] = {"losses": history.values.get("loss", []), "parameters": run.net.parameters}
    return seen


@exercise.check(
    "Trainer.fit",
    points=2,
    title="checkpoints when they are due, a line after each epoch",
    ran="fit(X, y, epochs=5) with a checkpoint and report",
    read="The order of an epoch",
)
def fit_saves_and_reports(m: Any, rng: np.random.Generator) -> Any:
    run, (X, y), kept = Run(rng), examples(rng, 8), InMemory()
    lines: list[str] = []
    run.trainer(m, checkpoint=kept).fit(X, y, 5, 3, report=lines.append)
    states = [{name: s[name] for name in ("epoch", "parameters", "history")} for s in kept.states]
    return {"asked after": kept.asked, "the states": states, "the lines": lines}


@exercise.check(
    "Trainer.fit",
    points=1,
    title="a checkpoint begins afresh with a run, and not when the run goes on",
    ran="fit(…) for 2 epochs, on to 4, then another run, one checkpoint",
    read="The order of an epoch",
)
def fit_begins_afresh(m: Any, rng: np.random.Generator) -> Any:
    (X, y), kept = examples(rng, 8), InMemory()
    first = Run(rng).trainer(m, checkpoint=kept)
    first.fit(X, y, 2, 3)
    first.fit(X, y, 4, 3)
    Run(rng).trainer(m, checkpoint=kept).fit(X, y, 2, 3)
    return {"the best": kept.known[:4], "the best of another run": kept.known[4:]}


@exercise.check(
    "Trainer.fit",
    points=2,
    title="NaN in the data, and unequal lengths, are refused",
    ran="fit(X, y, epochs=1, validation=…) on eight sets, some spoiled",
    read="The order of an epoch",
)
def fit_refuses_nan(m: Any, rng: np.random.Generator) -> Any:
    answers = {}
    kinds = ["sound", "also sound", "NaN in X", "NaN in y", "infinity in X", "short y", "short X"]
    kinds += ["NaN in the validation"]
    for kind in shuffled(rng, kinds):
        (X, y), validation = examples(rng, 6), examples(rng, 5)
        if kind == "NaN in the validation":
            validation[0][int(rng.integers(5)), int(rng.integers(3))] = math.nan
        if kind.endswith("in X"):
            X[int(rng.integers(6)), int(rng.integers(3))] = math.nan if "NaN" in kind else math.inf
        if kind == "NaN in y":
            y[int(rng.integers(6))] = math.nan
        X, y = (X, y[:-1]) if kind == "short y" else (X[:-1], y) if kind == "short X" else (X, y)
        answers[kind] = refusal(Run(rng).trainer(m).fit, X, y, 1, 4, validation)
    return {"returned": answers}


@exercise.check(
    "Trainer.resume",
    points=5,
    title="a run that was killed goes on to the numbers of an unbroken one",
    ran="fit(epochs=5), resume(its checkpoint), fit(epochs=7)",
    read="Killed and resumed",
    parts={**PARAMETERS, **HISTORY},
)
def resume_goes_on_as_if_unbroken(m: Any, rng: np.random.Generator) -> Any:
    run, (X, y) = Run(rng), examples(rng, 10)
    fresh, kept = run.copy(), InMemory()
    stopping = m.EarlyStopping(metric="loss", patience=50)
    run.trainer(m, checkpoint=kept, early_stopping=stopping).fit(X, y, 5, 4)
    # Another process: everything is made anew, and drawn otherwise.
    fresh.rng = np.random.default_rng(int(rng.integers(2**40)))
    for parameter in fresh.net.parameters:
        parameter += rng.normal(size=parameter.shape)
    fresh.clock.asked = run.clock.asked
    state = kept.states[-1]
    memory = InMemory()
    again = m.EarlyStopping(metric="loss", patience=50)
    trainer = fresh.trainer(m, early_stopping=again, checkpoint=memory)
    trainer.resume(state)
    taken = [trainer.epoch, memory.best, again.best, again.wait]
    history = trainer.fit(X, y, 7, 4)
    return {
        "taken over": taken,
        "the history": history.values,
        "parameters": fresh.net.parameters,
        "the rate's schedule": fresh.schedule.asked,
        "inputs": {"state": shown(state)},
    }


@exercise.check(
    "Trainer.resume",
    points=2,
    title="a state that doesn't fit is refused, and changes nothing",
    ran="resume(state) on six states, some of another network or trainer",
    read="Killed and resumed",
    parts={"after */parameters/*": "parameter array {}"},
)
def resume_refuses_another_network(m: Any, rng: np.random.Generator) -> Any:
    X, y = examples(rng, 6)
    seen: dict[str, Any] = {}
    kinds = ["its own", "one with early stopping", "wider", "narrower"]
    kinds += ["early stopping in the state alone", "early stopping in the trainer alone"]
    for name in shuffled(rng, kinds):
        saves = {"early_stopping": m.EarlyStopping("loss")} if "in the state" in name else {}
        takes = {"early_stopping": m.EarlyStopping("loss")} if "in the trainer" in name else {}
        if name == "one with early stopping":
            saves, takes = ({"early_stopping": m.EarlyStopping("loss")} for _ in range(2))
        run, kept = Run(rng), InMemory()
        run.trainer(m, checkpoint=kept, **saves).fit(X, y, 2, 4)
        state = kept.states[-1]
        if name in ("wider", "narrower"):
            other = ScriptedNet(rng, n_in=4 if name == "wider" else 2)
            state["parameters"] = other.parameters
        fresh = Run(rng)
        trainer = fresh.trainer(m, **takes)
        try:
            seen[name] = refusal(trainer.resume, state)
        except KeyError:
            seen[name] = "raises KeyError"
        seen[f"after {name}"] = {"epoch": trainer.epoch, "parameters": fresh.net.parameters}
    return seen
