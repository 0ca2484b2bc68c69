"""A training loop for real work: split, scale, watch, stop in time, save and resume.

Chapter 9, "A training loop for real work" (course/trainer/). Check your work with

    pytest exercises/test_trainer.py

A network here is anything with `parameters` (a list of ndarray, changed in place),
`loss_and_gradients(X, y)` and `evaluate(X, y)`, such as `Network` below; an optimizer
is anything with `step(parameters, gradients, learning_rate)`, a schedule anything with
`step(epoch, metrics=None)`. The checks bring their own.
"""

import copy
import json
import os
import time
import zipfile
from pathlib import Path

import numpy as np

# --- given: a network, an optimizer, a schedule


class Network:
    """Two classes, one hidden layer of ReLU units, binary cross-entropy.

    Parameters
    ----------
    n_in, n_hidden : int
    rng : numpy.random.Generator
        Draws the weights.

    Attributes
    ----------
    parameters : list of ndarray
        The hidden layer's weights, shape (n_in, n_hidden), and biases; the
        output's weights, shape (n_hidden,), and its bias, shape ().
    """

    def __init__(self, n_in, n_hidden, rng):
        hidden = rng.normal(0.0, np.sqrt(2 / n_in), (n_in, n_hidden))
        output = rng.normal(0.0, np.sqrt(2 / n_hidden), n_hidden)
        self.parameters = [hidden, np.zeros(n_hidden), output, np.zeros(())]

    def _scores(self, X):
        V, c, u, d = self.parameters
        units = np.maximum(X @ V + c, 0.0)
        return units, units @ u + d

    def evaluate(self, X, y):
        """Return the mean loss and the accuracy on examples; nothing changes."""
        _, scores = self._scores(X)
        losses = np.logaddexp(0.0, scores) - y * scores
        return float(np.mean(losses)), float(np.mean((scores > 0) == (y > 0.5)))

    def loss_and_gradients(self, X, y):
        """Return the mean loss of a batch and its gradients, one for each of `parameters`.

        The `1/n` of the mean is in the gradients.
        """
        units, scores = self._scores(X)
        pull = (0.5 + 0.5 * np.tanh(0.5 * scores) - y) / len(X)
        by_units = np.outer(pull, self.parameters[2]) * (units > 0)
        gradients = [X.T @ by_units, by_units.sum(axis=0), units.T @ pull, pull.sum()]
        return float(np.mean(np.logaddexp(0.0, scores) - y * scores)), gradients


class Descent:
    """Gradient descent that keeps some of its last step.

    Parameters
    ----------
    kept : float
        The share of the last step; 0 for none.
    """

    def __init__(self, kept=0.0):
        self.kept = kept
        self.steps = None

    def step(self, parameters, gradients, learning_rate):
        """Move every parameter in place."""
        before = self.steps or [0.0] * len(parameters)
        self.steps = [
            self.kept * old - learning_rate * slope
            for old, slope in zip(before, gradients, strict=True)
        ]
        for parameter, move in zip(parameters, self.steps, strict=True):
            parameter += move


class SameRate:
    """The schedule that has one learning rate for all epochs."""

    def __init__(self, rate):
        self.rate = rate

    def step(self, epoch, metrics=None):
        """Return the learning rate of an epoch."""
        return self.rate


# --- the data


def stratified_split(labels, val_fraction, test_fraction, rng):
    """Divide examples into three sets with the same mix of classes.

    Class by class, in increasing order: shuffle the indices of its examples by
    one call, `rng.permutation(indices)`; the first
    `round(test_fraction * how many)` are for testing, the next
    `round(val_fraction * how many)` for validation, the rest for training.

    Parameters
    ----------
    labels : ndarray, shape (n,)
        The class of each example.
    val_fraction, test_fraction : float
        The shares; not negative, together less than 1.
    rng : numpy.random.Generator

    Returns
    -------
    train, val, test : ndarray of int
        Indices of examples, each array in increasing order; every example is in
        exactly one of them.

    Raises
    ------
    ValueError
        If a fraction is negative or the two together reach 1.
    """
    raise NotImplementedError


class Scaler:
    """Brings every feature to mean 0 and standard deviation 1.

    Attributes
    ----------
    mean, std : ndarray, shape (n_features,)
        Set by `fit`.
    """

    def fit(self, X):
        """Measure the features of the training set, and of nothing else.

        Parameters
        ----------
        X : ndarray, shape (n, n_features)

        Returns
        -------
        Scaler
            Itself, with `mean` and `std`: for each feature its mean, and its
            standard deviation with the divisor `n`; a deviation of 0 is
            replaced by 1.

        Raises
        ------
        ValueError
            If a number is not finite.
        """
        raise NotImplementedError

    def transform(self, X):
        """Scale examples of any set with what `fit` measured, equation (9.5).

        Parameters
        ----------
        X : ndarray, shape (m, n_features)

        Returns
        -------
        ndarray, shape (m, n_features)
        """
        raise NotImplementedError


def minibatches(n, batch_size, rng):
    """Cut a shuffled epoch into batches.

    Parameters
    ----------
    n : int
        How many examples there are.
    batch_size : int
    rng : numpy.random.Generator
        Shuffles: one call, `rng.permutation(n)`.

    Returns
    -------
    list of ndarray of int
        Consecutive pieces of that order; the last one has what is left.

    Raises
    ------
    ValueError
        If the batch size is less than 1.
    """
    raise NotImplementedError


def train_epoch(net, optimizer, X, y, learning_rate, batch_size, rng):
    """Train on every example once, one step of the optimizer a mini-batch.

    Parameters
    ----------
    net : object
        Its `loss_and_gradients(X, y)` are *means* over the batch.
    optimizer : object
        Its `step` is given the network's parameters, the gradients and the rate.
    X, y : ndarray, shapes (n, n_in) and (n,)
    learning_rate : float
    batch_size : int
    rng : numpy.random.Generator
        For `minibatches`, called once.

    Returns
    -------
    float
        The mean loss over the *examples*, each measured before the step of its
        batch.
    """
    raise NotImplementedError


# --- what was seen


class History:
    """The metrics of a run, one row an epoch.

    Attributes
    ----------
    values : dict of str to list of float
        For each metric its values, one an epoch.
    """

    def __init__(self):
        self.values = {}

    def __len__(self):
        return len(next(iter(self.values.values()), []))

    def last(self):
        """Return the last epoch's metrics as a dict; None before the first."""
        return {name: column[-1] for name, column in self.values.items()} or None

    def record(self, metrics):
        """Append one epoch.

        Parameters
        ----------
        metrics : dict of str to float

        Raises
        ------
        ValueError
            If the names are not those of the epochs before; nothing is appended
            then.
        """
        raise NotImplementedError

    def moving_average(self, name, window=10):
        """Smooth a metric.

        Parameters
        ----------
        name : str
        window : int

        Returns
        -------
        list of float
            For each epoch the mean over it and the `window - 1` epochs before,
            or over as many as there are.
        """
        raise NotImplementedError

    def best(self, name, mode="min"):
        """Return the best epoch of a metric, counted from 0, and its value.

        Parameters
        ----------
        name : str
        mode : str
            Whether the "min" or the "max" is best; of equals the first. NaN is
            never best.

        Returns
        -------
        epoch : int
        value : float

        Raises
        ------
        ValueError
            For another mode.
        """
        raise NotImplementedError


def progress_line(done, total, metrics, width=20):
    """Return one line of text that shows how far a run is.

    Parameters
    ----------
    done, total : int
        Epochs.
    metrics : dict of str to float
    width : int
        Characters between the brackets: of them `width * done // total` are `#`,
        the others `.`.

    Returns
    -------
    str
        Then two spaces and `done/total`, then for each metric two spaces, its
        name, a space and its value with 4 digits after the point.

    Examples
    --------
    >>> progress_line(3, 12, {"loss": 0.25, "accuracy": 1.0}, width=8)
    '[##......]  3/12  loss 0.2500  accuracy 1.0000'
    """
    raise NotImplementedError


# --- stopping in time


def put_back(parameters, saved):
    """Copy saved numbers into a network's arrays, in place.

    Parameters
    ----------
    parameters : list of ndarray
        Changed; they stay the same arrays.
    saved : list of ndarray

    Raises
    ------
    ValueError
        If the number of arrays or any shape differs: they belong to another
        architecture. Then no array has changed.
    """
    raise NotImplementedError


class EarlyStopping:
    """Stops a run that gets no better, and keeps the best weights.

    Parameters
    ----------
    metric : str
        Which of an epoch's metrics is watched.
    mode : str
        Whether "min" or "max" is better.
    patience : int
        Stop after so many epochs in a row without an improvement.
    min_delta : float
        An improvement is better than the best by *more* than this.

    Attributes
    ----------
    best : float or None
        The best value so far.
    best_parameters : list of ndarray or None
        Copies of the parameters that had it.
    wait : int
        Epochs since then.
    stopped : bool
    """

    def __init__(self, metric="val_loss", mode="min", patience=10, min_delta=0.0):
        if mode != "min" and mode != "max":
            raise ValueError(f"the mode must be 'min' or 'max', not {mode!r}")
        if not patience >= 1:
            raise ValueError(f"the patience must be 1 epoch or more, not {patience}")
        if not 0 <= min_delta < np.inf:
            raise ValueError(f"min_delta must be 0 or more, and finite, not {min_delta}")
        self.metric, self.mode = metric, mode
        self.patience, self.min_delta = patience, min_delta
        self.reset()

    def reset(self):
        """Forget what was seen, for another run."""
        self.best = None
        self.best_parameters = None
        self.wait = 0
        self.stopped = False

    def update(self, metrics, parameters):
        """Look at one epoch, and say whether to stop.

        Parameters
        ----------
        metrics : dict of str to float
            A value that is NaN stops at once: a run doesn't come back from it.
            It is never the best.
        parameters : list of ndarray
            The network's, after the epoch.

        Returns
        -------
        bool
            `self.stopped`.

        Raises
        ------
        ValueError
            If the metric is not among them; the message lists what there is.
        """
        raise NotImplementedError

    def restore(self, parameters):
        """Put the best weights back in place, if there are any."""
        raise NotImplementedError


# --- saving


def take_apart(state):
    """Divide a state into a JSON text and its arrays: given, for `Checkpoint.save`.

    Parameters
    ----------
    state : dict
        Of numbers, texts, None, arrays, and lists and dicts of them.

    Returns
    -------
    text : str
    arrays : dict of str to ndarray
        Under the names that the text has in their place.
    """
    arrays = {}

    def without_arrays(value):
        if isinstance(value, np.ndarray):
            name = f"array{len(arrays)}"
            arrays[name] = value
            return {"array": name}
        if isinstance(value, dict):
            return {"dict": {key: without_arrays(item) for key, item in value.items()}}
        if isinstance(value, list):
            return [without_arrays(item) for item in value]
        return value.item() if isinstance(value, np.generic) else value

    return json.dumps(without_arrays(state)), arrays


def put_together(text, arrays):
    """Return the state that `take_apart` has divided: given, for `Checkpoint.load`."""

    def with_arrays(value):
        if isinstance(value, dict):
            if "array" in value:
                return arrays[value["array"]]
            return {key: with_arrays(item) for key, item in value["dict"].items()}
        return [with_arrays(item) for item in value] if isinstance(value, list) else value

    return with_arrays(json.loads(text))


class Checkpoint:
    """Keeps the state of a run in a file that is whole at every moment.

    Parameters
    ----------
    path : str or Path
        The file; its name is used as it is.
    every : int
        Save after each so many epochs.
    metric : str or None
        Instead, save whenever this metric is better than ever before.
    mode : str
        Whether its "min" or "max" is better.

    Attributes
    ----------
    best : float or None
        The best value of the metric so far.
    """

    VERSION = 1

    def __init__(self, path, every=1, metric=None, mode="min"):
        if mode != "min" and mode != "max":
            raise ValueError(f"the mode must be 'min' or 'max', not {mode!r}")
        if not every >= 1:
            raise ValueError(f"save after every 1 epoch or more, not {every}")
        self.path = Path(path)
        self.every, self.metric, self.mode = every, metric, mode
        self.reset()

    def reset(self):
        """Forget the best value, for another run."""
        self.best = None

    def due(self, done, metrics):
        """Say whether to save now.

        Parameters
        ----------
        done : int
            Epochs that are done: 1 after the first.
        metrics : dict of str to float
            Of the last of them.

        Returns
        -------
        bool
            With a metric: whether it is the best so far, which NaN never is.
            Without: whether `done` is a multiple of `every`.
        """
        raise NotImplementedError

    def save(self, state):
        """Write a state to the file, in place of what was there.

        It is written to another file beside it, which then takes its name: if
        writing fails, or the computer does, the old state is still there.

        Parameters
        ----------
        state : dict
            As for `take_apart`. The file has NumPy's own format `.npz`, holds
            the text, the arrays and `VERSION`, and no pickle.
        """
        raise NotImplementedError

    def load(self):
        """Read the state back, bit for bit.

        Returns
        -------
        dict

        Raises
        ------
        FileNotFoundError
            If there is no file.
        ValueError
            If the file is no checkpoint, is cut short, holds a pickle, or has
            another version.
        """
        raise NotImplementedError


# --- all of it together


class Trainer:
    """Trains a network, and can be interrupted at any time.

    Parameters
    ----------
    net, optimizer, schedule : object
        As described at the top of this file.
    rng : numpy.random.Generator
        Shuffles the examples.
    early_stopping : EarlyStopping or None
    checkpoint : Checkpoint or None
    clock : callable
        Returns seconds.

    Attributes
    ----------
    epoch : int
        Epochs that are done.
    history : History
    """

    def __init__(
        self,
        net,
        optimizer,
        schedule,
        rng,
        early_stopping=None,
        checkpoint=None,
        clock=time.perf_counter,
    ):
        self.net, self.optimizer, self.schedule, self.rng = net, optimizer, schedule, rng
        self.early_stopping, self.checkpoint, self.clock = early_stopping, checkpoint, clock
        self.epoch = 0
        self.history = History()

    def state(self):
        """Return all that a run needs to go on elsewhere: given.

        Of the optimizer, the schedule and the early stopping those are their
        attributes.
        """
        parts = {"optimizer": self.optimizer, "schedule": self.schedule}
        if self.early_stopping:
            parts["early_stopping"] = self.early_stopping
        return {
            "epoch": self.epoch,
            "parameters": copy.deepcopy(list(self.net.parameters)),
            "rng": copy.deepcopy(self.rng.bit_generator.state),
            "history": copy.deepcopy(self.history.values),
            "best": self.checkpoint.best if self.checkpoint else None,
            **{name: copy.deepcopy(vars(part)) for name, part in parts.items()},
        }

    def resume(self, state):
        """Go on where a run has saved its state.

        Parameters
        ----------
        state : dict
            From `state`, and usually through a file. Everything in it is put
            back: the next epoch is the one that would have followed. It stays
            as it is, and is not shared.

        Raises
        ------
        ValueError
            If it is of another architecture; see `put_back`. If it is of a run
            with early stopping ("early_stopping" is in it) and this trainer has
            none, or the other way round: the numbers would not be those of the
            unbroken run. Then nothing has changed.
        """
        raise NotImplementedError

    def fit(self, X, y, epochs, batch_size=32, validation=None, report=None):
        """Train until `epochs` epochs are done, or early stopping says so.

        A run that begins, with no epoch done, first resets early stopping and
        checkpoint; one that goes on doesn't. Each epoch: ask the clock; ask the
        schedule, `schedule.step(epoch, metrics)`, with the epoch's number counted
        from 0 and the metrics of the epoch before (None in the first);
        `train_epoch` at that rate; measure; ask the clock again; record; early
        stopping; checkpoint (`due`, then `save(self.state())`); report.

        Parameters
        ----------
        X, y : ndarray, shapes (n, n_in) and (n,)
        epochs : int
            In all, counted from the start of the run, also if it was resumed.
        batch_size : int
        validation : tuple of ndarray or None
            Examples that are measured and never trained on.
        report : callable or None
            Is given a line of `progress_line` after each epoch.

        Returns
        -------
        History
            With, in this order, "running_loss" (from `train_epoch`), "loss" and
            "accuracy" (from `net.evaluate`, after the epoch), "val_loss" and
            "val_accuracy" if there is validation, "learning_rate" (the one of
            this epoch) and "seconds". If there is early stopping, the network
            has its best weights back, whatever has ended the run.

        Raises
        ------
        ValueError
            If `X` and `y` differ in length, or they or the validation have NaN or
            infinity in them.
        """
        raise NotImplementedError


# --- given: pictures of a run; each returns a Matplotlib figure


def plot(history, names, ylabel):
    """Draw metrics over the epochs, the first one also smoothed."""
    from matplotlib.figure import Figure

    axes = (figure := Figure(figsize=(5.6, 3.4), layout="constrained")).subplots()
    for name, style in zip(names, ("-", "--", "-."), strict=False):
        if name in history.values:
            axes.plot(history.values[name], style, label=name)
    axes.plot(history.moving_average(names[0]), ":", label=f"{names[0]}, mean of the last 10")
    axes.set(xlabel="epoch", ylabel=ylabel)
    axes.legend()
    return figure


def plot_losses(history):
    """Draw the losses on both sets."""
    return plot(history, ["loss", "val_loss", "running_loss"], "loss")


def plot_accuracies(history):
    """Draw the accuracies on both sets."""
    return plot(history, ["accuracy", "val_accuracy"], "accuracy")


def plot_times(history):
    """Draw how long each epoch has taken."""
    return plot(history, ["seconds"], "seconds")


def plot_rates(history):
    """Draw the learning rates that were used."""
    return plot(history, ["learning_rate"], "learning rate")


def plot_gap(history):
    """Draw by how much the loss on the validation set is above the one on the training set."""
    pairs = zip(history.values["val_loss"], history.values["loss"], strict=True)
    gap = History()
    gap.values = {"gap": [val - train for val, train in pairs]}
    return plot(gap, ["gap"], "val_loss − loss")
