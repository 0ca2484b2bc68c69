"""The stress test of chapter 10 over noise, width, decay and starts.

The runs take a minute, so their results are kept in `tinynet.json`. `python docs/play/tinynet.py`
writes them again, from the chapter's own code; a test does some of them once more.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).parents[k] / name) for k, name in ((1, ""), (2, "solutions"))]

from generalization import STRESS, TinyNet, noisy_batch, stress_test, train  # noqa: E402

from play.drawing import data, still  # noqa: E402

SCRIPTS = ("play.js",)
KEPT = Path(__file__).with_suffix(".json")
NETWORKS = {  # units, activation, steps
    "4-3-2, sigmoid": (3, "sigmoid", 5000),
    "4-3-2, ReLU": (3, "relu", 2000),
    "4-16-2, ReLU": (16, "relu", 2000),
    "4-64-2, ReLU": (64, "relu", 2000),
}
NOISE = (0, 0.3, 0.8, 1.2)
DECAY = (0, 0.001, 0.003, 0.01)
SEEDS = (0, 1, 2)
CHOICES = {
    "Network": tuple(NETWORKS),
    "Noise in training": NOISE,
    "Weight decay": DECAY,
    "Start": tuple(seed + 1 for seed in SEEDS),
}


def cells() -> Iterator[tuple[str, float, float, int]]:
    """Yield every setting, in the order in which the results are kept."""
    yield from product(NETWORKS, NOISE, DECAY, SEEDS)


def measure(network: str, noise: float, decay: float, seed: int) -> list[int]:
    """Train one network and return its confidences, in percent.

    Two numbers a pattern of `STRESS`, in its order: that it is horizontal, that it is vertical.
    """
    units, activation, steps = NETWORKS[network]
    rng = np.random.default_rng(seed)
    net = TinyNet(units, activation, rng)
    train(net, lambda: noisy_batch(64, noise, rng), 1.0, steps, decay)
    report = stress_test(net.predict)
    return [
        round(100 * row[kind]) for row in report.values() for kind in ("horizontal", "vertical")
    ]


def pattern(pixels: list[float]) -> str:
    """Draw the four pixels of a pattern."""
    shades = [round(255 * pixel) for pixel in pixels]
    squares = "".join(
        f'<path d="M{k % 2} {k // 2}h1v1h-1z" fill="rgb({shade} {shade} {shade})"/>'
        for k, shade in enumerate(shades)
    )
    return f'<svg class="play-pattern" viewBox="0 0 2 2" aria-hidden="true">{squares}</svg>'


def bar(percent: int) -> str:
    """Return a cell with a number and a bar of its length."""
    return f'<td><span class="play-bar" style="--share:{percent}%">{percent} %</span></td>'


def static() -> tuple[str, str]:
    """Return the table of the first setting with all results, and the caption."""
    results = json.loads(KEPT.read_text(encoding="utf-8"))
    first = results[0]
    rows = "".join(
        f'<tr><th scope="row">{pattern(pixels)} {name}</th>'
        f"{bar(first[2 * k])}{bar(first[2 * k + 1])}</tr>\n"
        for k, (name, pixels) in enumerate(STRESS.items())
    )
    setting = ", ".join(f"{name.lower()} {values[0]}" for name, values in CHOICES.items())
    table = (
        '<table class="play-stress"><thead><tr><th scope="col">pattern</th>'
        '<th scope="col">horizontal</th><th scope="col">vertical</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )
    caption = f"What a trained network says of seven patterns. On paper: {setting}."
    return still(table + data({"choices": CHOICES, "results": results})), caption


def main() -> None:
    """Train all networks and keep what they say."""
    results = [measure(*cell) for cell in cells()]
    lines = ",\n".join(json.dumps(result, separators=(",", ":")) for result in results)
    KEPT.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
