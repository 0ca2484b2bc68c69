"""The playground's still picture: what a reader without a script, or on paper, sees of a run."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from figures import svg
from play.engine import N_TRAIN, PRESETS, Run, make_data, train

SCRIPTS = ["play.js"]

ENDS = {
    "solved": "the training loss stayed below 0.02",
    "budget": "the budget of epochs is used up",
}


def static(preset: str = "converges", task: str = "", share: str = "") -> tuple[str, str]:
    """Return the picture of a preset's run and its caption.

    Parameters
    ----------
    preset : str
        One of `PRESETS`.
    task : str
        What to predict or to do; the script shows it above the figure.
    share : str
        "true" for the one playground of a page whose state is part of the address.
    """
    run = train(PRESETS[preset])
    alt = (
        f"Left: the plane as the network answers it after {run.epochs} epochs, with the points. "
        f"Right: training loss {run.train[-1]:.3f} and test loss {run.test[-1]:.3f} at the end, "
        f"the smallest test loss {run.test[run.best_epoch]:.3f} at epoch {run.best_epoch}."
    )
    picture = f'<div class="play-still">{svg(figure(run), alt)}</div>'
    caption = (
        f"{task} " if task else ""
    ) + f"A run of {run.epochs} epochs; it ended because {ENDS[run.end]}. With JavaScript, this "
    return picture, caption + "picture is a playground: you train the network yourself."


def figure(run: Run) -> Figure:
    """Draw the field and the points at the end of a run, and the two curves."""
    fig, (plane, curves) = plt.subplots(1, 2, figsize=(8, 3.6), width_ratios=(4, 5))
    data = make_data(run.config)
    limit = max(3.3, 1.06 * float(np.max(np.abs([data.x, data.y]))))
    side = np.linspace(-limit, limit, 61)
    x, y = np.meshgrid(side, side)
    p = run.predict(run.epochs, x.ravel(), y.ravel()).reshape(x.shape)
    plane.contourf(x, y, p, [0, 0.5, 1], colors=["#d1622b", "#4a7fd6"], alpha=0.25)
    plane.contour(x, y, p, [0.5], colors="black", linewidths=1.5)
    for label, marker, color in [(1, "o", "#4a7fd6"), (0, "^", "#d1622b")]:
        for name, part in [("", slice(N_TRAIN)), ("test, ", slice(N_TRAIN, None))]:
            own = data.labels[part] == label
            plane.scatter(
                data.x[part][own],
                data.y[part][own],
                marker=marker,
                facecolors="none" if name else color,
                edgecolors=color,
                s=28,
            )
    plane.set(aspect="equal", xlabel="$x_1$", ylabel="$x_2$")
    losses = np.concatenate([run.train, run.test])
    low, high = 0.5 * losses.min(), 2 * losses.max()
    curves.semilogy(run.train, label="training loss")
    curves.semilogy(run.test, label="test loss")
    curves.plot(run.best_epoch, run.test[run.best_epoch], "D", color="#2c9161", label="best test")
    curves.set(xlabel="epoch", ylabel="loss (log scale)")
    curves.set_yticks([value for value in (0.01, 0.1, 1, 10) if low <= value <= high])
    curves.yaxis.set_major_formatter("{x:g}")
    curves.yaxis.set_minor_formatter(NullFormatter())
    curves.legend()
    return fig
