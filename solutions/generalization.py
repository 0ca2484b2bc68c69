"""From overfitting to generalization: noise, width and decay, measured on odd patterns.

Chapter 10, "From overfitting to generalization" (course/generalization/). Check your
work with

    pytest exercises/test_generalization.py

A pattern is a picture of 2 by 2 pixels, written as a row: top left, top right,
bottom left, bottom right; 1 is bright.
"""

import csv
import json
import math
import os
from pathlib import Path

import numpy as np

HORIZONTAL = np.array([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]])
VERTICAL = np.array([[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0]])
STRESS = {
    "horizontal": [1.0, 1.0, 0.0, 0.0],
    "vertical": [1.0, 0.0, 1.0, 0.0],
    "fuzzy horizontal": [0.88, 0.92, 0.12, 0.08],
    "fuzzy vertical": [0.91, 0.05, 0.89, 0.11],
    "diagonal up": [0.0, 1.0, 1.0, 0.0],
    "diagonal down": [1.0, 0.0, 0.0, 1.0],
    "gray block": [0.5, 0.5, 0.5, 0.5],
}


# --- the data


def noisy_batch(batch_size, noise_level, rng):
    """Draw line patterns with noise on every pixel.

    Rows take turns: the first is horizontal, the second vertical, and so on.
    The generator is called twice: `rng.integers` draws for each row one of the
    2 lines of its kind, then `rng.uniform` draws noise of the shape
    (batch_size, 4), half the noise level to either side of 0. The noise is added
    to the line, and the sum cut to [0, 1].

    Parameters
    ----------
    batch_size : int
        How many rows; any number from 0 on, odd ones included.
    noise_level : float
        The width of the noise; not negative.
    rng : numpy.random.Generator

    Returns
    -------
    X : ndarray, shape (batch_size, 4)
    Y : ndarray, shape (batch_size, 2)
        (1, 0) for a horizontal line, (0, 1) for a vertical one.

    Raises
    ------
    ValueError
        If the batch size is negative, or the noise level is negative, infinite
        or NaN.
    """
    ### BEGIN SOLUTION
    if batch_size < 0 or not 0 <= noise_level < math.inf:
        raise ValueError(
            "expected a size and a finite noise level of 0 or more, "
            f"not {batch_size} and {noise_level}"
        )
    lines = rng.integers(2, size=batch_size)
    noise = rng.uniform(-noise_level / 2, noise_level / 2, size=(batch_size, 4))
    kinds = np.arange(batch_size) % 2
    X = np.array([HORIZONTAL, VERTICAL])[kinds, lines] + noise
    return np.clip(X, 0.0, 1.0), np.eye(2)[kinds]
    ### END SOLUTION


def mixed_batch(batch_size, clean_ratio, rng):
    """Draw a batch that is partly clean.

    First `round(clean_ratio * batch_size)` rows of noise level 0.05, then the
    rest of noise level 0.3: two calls of `noisy_batch` in that order.

    Parameters
    ----------
    batch_size : int
    clean_ratio : float
        The share of clean rows, from 0 to 1.
    rng : numpy.random.Generator

    Returns
    -------
    X, Y : ndarray, shapes (batch_size, 4) and (batch_size, 2)

    Raises
    ------
    ValueError
        If the ratio is not from 0 to 1.
    """
    ### BEGIN SOLUTION
    if not 0 <= clean_ratio <= 1:
        raise ValueError(f"expected a ratio from 0 to 1, not {clean_ratio}")
    n_clean = round(clean_ratio * batch_size)
    clean, Y_clean = noisy_batch(n_clean, 0.05, rng)
    noisy, Y_noisy = noisy_batch(batch_size - n_clean, 0.3, rng)
    return np.concatenate([clean, noisy]), np.concatenate([Y_clean, Y_noisy])
    ### END SOLUTION


# --- the network


def relu(z):
    """Return `z` where it is positive and 0 elsewhere, equation (10.1).

    Parameters
    ----------
    z : ndarray

    Returns
    -------
    ndarray
        In the shape of `z`, which is left as it was.
    """
    ### BEGIN SOLUTION
    return np.maximum(z, 0.0)
    ### END SOLUTION


def relu_derivative(a):
    """Return the derivative of ReLU, from its *output*: 1 where `a` is positive, else 0.

    Parameters
    ----------
    a : ndarray
        Outputs of `relu`; at 0 the derivative is taken to be 0.

    Returns
    -------
    ndarray of float
        In the shape of `a`.
    """
    ### BEGIN SOLUTION
    return np.where(a > 0, 1.0, 0.0)
    ### END SOLUTION


def squash(z):
    """Return the sigmoid of `z`: given."""
    return 0.5 + 0.5 * np.tanh(0.5 * z)


class TinyNet:
    """A network with 4 inputs, one hidden layer, and a sigmoid for each of 2 outputs.

    Parameters
    ----------
    n_hidden : int
    activation : str
        Of the hidden layer: "sigmoid" or "relu".
    rng : numpy.random.Generator

    Attributes
    ----------
    parameters : list of ndarray
        `[V, c, U, d]` of shapes (4, n_hidden), (n_hidden,), (n_hidden, 2), (2,).
    """

    def __init__(self, n_hidden, activation, rng):
        if activation not in ("sigmoid", "relu"):
            raise ValueError(f"expected 'sigmoid' or 'relu', not {activation!r}")
        self.activation = activation
        self.parameters = []
        for n_in, n_out in ((4, n_hidden), (n_hidden, 2)):
            limit = 1 / np.sqrt(n_in)
            for shape in ((n_in, n_out), (n_out,)):
                self.parameters.append(rng.uniform(-limit, limit, shape))

    def forward(self, X):
        """Return what both layers put out, equation (10.2).

        Parameters
        ----------
        X : ndarray, shape (n, 4)

        Returns
        -------
        hidden : ndarray, shape (n, n_hidden)
        output : ndarray, shape (n, 2)
        """
        ### BEGIN SOLUTION
        V, c, U, d = self.parameters
        activate = relu if self.activation == "relu" else squash
        hidden = activate(X @ V + c)
        return hidden, squash(hidden @ U + d)
        ### END SOLUTION

    def gradients(self, X, Y):
        """Return the gradients of the mean squared error, over all entries of the output.

        Parameters
        ----------
        X, Y : ndarray, shapes (n, 4) and (n, 2)

        Returns
        -------
        loss : float
            The mean squared error, equation (1.1).
        gradients : list of ndarray
            One for each of `parameters`, in its shape, equations (10.3); the
            `1 / (2 n)` of the mean is in them.
        """
        ### BEGIN SOLUTION
        hidden, output = self.forward(X)
        _, _, U, _ = self.parameters
        miss = output - Y
        delta = 2 * miss / miss.size * output * (1 - output)
        slope = relu_derivative(hidden) if self.activation == "relu" else hidden * (1 - hidden)
        delta_hidden = delta @ U.T * slope
        gradients = [X.T @ delta_hidden, delta_hidden.sum(axis=0), hidden.T @ delta, delta.sum(0)]
        return float(np.mean(miss**2)), gradients
        ### END SOLUTION

    def predict(self, X):
        """Return the two outputs for each pattern, shape (n, 2): given."""
        return self.forward(np.atleast_2d(X))[1]


def train(net, next_batch, learning_rate, steps, weight_decay=0.0, log=None):
    """Train on a fresh batch in every step, with weight decay, equation (10.4).

    Parameters
    ----------
    net : object
        With `parameters` and `gradients(X, Y)`; all its parameters change in
        place, `weight_decay` times themselves added to their gradients, biases
        included.
    next_batch : callable
        Takes no argument and returns `X, Y`; called once a step.
    learning_rate : float
    steps : int
    weight_decay : float
        Not negative.
    log : RunLog or None
        After each step it is given the row `{"step": 0, "loss": …}`, counted
        from 0.

    Returns
    -------
    list of float
        The loss of each step, before its update, without the decay.

    Raises
    ------
    ValueError
        If the weight decay is negative, infinite or NaN; then nothing has changed.
    """
    ### BEGIN SOLUTION
    if not 0 <= weight_decay < math.inf:
        raise ValueError(f"expected a finite weight decay of 0 or more, not {weight_decay}")
    losses = []
    for step in range(steps):
        loss, gradients = net.gradients(*next_batch())
        for parameter, gradient in zip(net.parameters, gradients, strict=True):
            parameter -= learning_rate * (gradient + weight_decay * parameter)
        losses.append(loss)
        if log:
            log.log({"step": step, "loss": loss})
    return losses
    ### END SOLUTION


def stress_test(predict):
    """Show a network seven patterns, some of which are no line at all.

    Parameters
    ----------
    predict : callable
        Takes patterns, shape (n, 4), and returns two confidences for each,
        shape (n, 2): that it is horizontal, that it is vertical.

    Returns
    -------
    dict of str to dict
        For each name in `STRESS`: "horizontal" and "vertical" (float), the two
        confidences; "confidence", the larger of them; "winner", its name,
        "horizontal" if they are equal.
    """
    ### BEGIN SOLUTION
    rows = predict(np.array(list(STRESS.values())))
    report = {}
    for name, (h, v) in zip(STRESS, rows, strict=True):
        report[name] = {
            "horizontal": float(h),
            "vertical": float(v),
            "confidence": float(max(h, v)),
            "winner": "horizontal" if h >= v else "vertical",
        }
    return report
    ### END SOLUTION


# --- the record of an experiment


class RunLog:
    """Keeps a run on disk: its config, a row a step, its summary.

    In `folder/name/` it writes `config.json`, `rows.jsonl` (a JSON object a line),
    `rows.csv` (the same for a spreadsheet, under a line of names) and, at the end,
    `summary.json`. A row is in the files as soon as it is logged, so a run can be
    read while it goes on, and after a crash of the program. If the whole computer
    fails, the last rows may be lost: a log doesn't wait for the disk in every step,
    as `Checkpoint.save` of chapter 9 does. `finish` waits for it once.

    Parameters
    ----------
    folder : str or Path
    name : str
        A run of this name that is there already is not written over.
    config : dict
        What the run is made with: numbers and texts.

    Attributes
    ----------
    path : Path
        The run's own folder.
    names : list of str or None
        The columns; None before the first row.
    """

    def __init__(self, folder, name, config):
        self.path = Path(folder) / name
        if self.path.exists():
            raise ValueError(f"expected the name of a new run: {self.path} is there already")
        self.path.mkdir(parents=True)
        self.names = None
        (self.path / "config.json").write_text(json.dumps(config), encoding="utf-8")

    def log(self, row):
        """Append one row to both files.

        Parameters
        ----------
        row : dict of str to float, int or str

        Raises
        ------
        ValueError
            If its names are not those of the first row; nothing is written
            then.
        """
        ### BEGIN SOLUTION
        first = self.names is None
        if not first and set(row) != set(self.names):
            raise ValueError(f"expected the columns {self.names}, not {list(row)}")
        if first:
            self.names = list(row)
        with (self.path / "rows.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        with (self.path / "rows.csv").open("a", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, self.names)
            if first:
                writer.writeheader()
            writer.writerow(row)
        ### END SOLUTION

    def finish(self, summary):
        """Write `summary.json`, and wait until the whole run is on the disk: given."""
        (self.path / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
        for path in self.path.iterdir():
            with path.open("rb+") as file:
                os.fsync(file.fileno())


def read_run(path):
    """Read a run, finished or not.

    Parameters
    ----------
    path : str or Path
        The run's own folder.

    Returns
    -------
    dict
        "config" (dict), "rows" (list of dict, from `rows.jsonl`; none if there
        is no such file yet) and "summary" (dict, or None before the end). A
        last line without its line end is a row that was being written: it is
        left out.
    """
    ### BEGIN SOLUTION
    path = Path(path)
    rows, summary = path / "rows.jsonl", path / "summary.json"
    lines = rows.read_text(encoding="utf-8").split("\n")[:-1] if rows.exists() else []
    return {
        "config": json.loads((path / "config.json").read_text(encoding="utf-8")),
        "rows": [json.loads(line) for line in lines],
        "summary": json.loads(summary.read_text(encoding="utf-8")) if summary.exists() else None,
    }
    ### END SOLUTION


def compare_runs(folder, metric="loss"):
    """Compare the runs in a folder by the best value that a metric has reached.

    Parameters
    ----------
    folder : str or Path
    metric : str
        A column; the smaller, the better.

    Returns
    -------
    list of dict
        The best run first: its "name", its "config", its number of "rows", and
        the "best" and the "last" value of the metric. NaN is never the best: if
        there is nothing else, infinity is. A run that has ended in NaN or
        infinity has diverged: it comes after all that have not, whatever its
        best. A run without rows is left out.
    """
    ### BEGIN SOLUTION
    table = []
    for path in sorted(Path(folder).iterdir()):
        run = read_run(path)
        values = [row[metric] for row in run["rows"]]
        if values:
            best = min((value for value in values if not math.isnan(value)), default=math.inf)
            line = {"name": path.name, "config": run["config"], "rows": len(values)}
            table.append({**line, "best": best, "last": values[-1]})
    return sorted(table, key=lambda line: (not math.isfinite(line["last"]), line["best"]))
    ### END SOLUTION


def to_wandb(path, folder, project="downhill"):
    """Record a run once more for Weights & Biases, offline: given.

    Needs the package wandb, and no account: `wandb sync` can send the result
    later.

    Parameters
    ----------
    path : str or Path
        The folder of a run; see `RunLog`.
    folder : str or Path
        Where wandb puts its files.
    project : str

    Returns
    -------
    Path
        The folder that wandb has made. A process of wandb's own writes into it,
        for a moment longer; `wandb.teardown()` waits for it.
    """
    import wandb

    run = read_run(path)
    record = wandb.init(
        project=project, name=Path(path).name, config=run["config"], dir=folder, mode="offline"
    )
    for row in run["rows"]:
        record.log(row)
    record.summary.update(run["summary"] or {})
    record.finish()
    return Path(record.dir).parent


# --- given: pictures; each returns a Matplotlib figure


def draw_grids(rows, titles, low, high, colors):
    """Draw rows of 4 numbers as grids of 2 by 2, with their numbers."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(1.3 * len(rows), 1.7), layout="constrained")
    for axes, row, title in zip(
        figure.subplots(1, len(rows), squeeze=False)[0], rows, titles, strict=True
    ):
        axes.imshow(np.reshape(row, (2, 2)), vmin=low, vmax=high, cmap=colors)
        for place, number in enumerate(row):
            bright = (number - low) / (high - low) > 0.5
            axes.text(
                place % 2, place // 2, f"{number:.2f}", ha="center", va="center",
                color="0.1" if bright else "1.0",
            )  # fmt: skip
        axes.set_title(title, fontsize=9)
        axes.set_axis_off()
    return figure


def draw_patterns(X, titles):
    """Draw patterns, bright for 1."""
    return draw_grids(X, titles, 0.0, 1.0, "gray")


def draw_hidden_weights(net):
    """Draw what each hidden unit multiplies the four pixels by."""
    weights = net.parameters[0].T
    limit = float(np.abs(weights).max())
    return draw_grids(
        weights, [f"unit {unit + 1}" for unit in range(len(weights))], -limit, limit, "cividis"
    )


def draw_losses(losses):
    """Draw the losses of several runs, by name, on a logarithmic scale."""
    from matplotlib.figure import Figure

    axes = (figure := Figure(figsize=(5.6, 3.4), layout="constrained")).subplots()
    for (name, values), style in zip(losses.items(), ("-", "--", "-.", ":"), strict=False):
        axes.plot(values, style, label=name)
    axes.set(xlabel="step", ylabel="loss", yscale="log")
    axes.legend()
    return figure
