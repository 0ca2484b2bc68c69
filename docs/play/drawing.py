"""Still pictures for the interactive figures: SVG that a script then moves a marker in.

A drawing has units of its own, and the style sheet colors its classes. What changes with the state
of a figure says so itself: an element with `data-on="2 5"` is lit in the states 2 and 5, one with
`data-from="3"` is there from state 3 on. Without a script all is there, and unlit.
"""

from __future__ import annotations

import html
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

MARGIN = (50, 12, 12, 40)  # left, right, top, bottom


@dataclass(frozen=True)
class Axis:
    """An axis: from which number to which, whether it is logarithmic, and what it says."""

    low: float
    high: float
    label: str
    log: bool = False

    def share(self, value: float) -> float:
        """Return how far along the axis a value is: 0 at `low`, 1 at `high`."""
        low, high, at = self.low, self.high, min(max(value, min(self.low, self.high)), self.high)
        if self.log:
            low, high, at = math.log10(low), math.log10(high), math.log10(at)
        return (at - low) / (high - low)

    def ticks(self) -> list[tuple[float, str]]:
        """Return where numbers stand, and what they are written as."""
        if self.log:
            powers = range(math.ceil(math.log10(self.low) - 1e-9), 1 + int(math.log10(self.high)))
            powers = powers[:: math.ceil(len(powers) / 6)]
            return [(10.0**k, f"1e{k}" if abs(k) > 3 else f"{10.0**k:g}") for k in powers]
        step = (self.high - self.low) / 4
        values = [self.low + k * step for k in range(5)]
        return [(value, f"{value:g}".replace("-", "\N{MINUS SIGN}")) for value in values]


@dataclass(frozen=True)
class Chart:
    """A frame with two axes, in which data have their places."""

    x: Axis
    y: Axis
    width: int = 400
    height: int = 270

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the data is in the drawing."""
        left, right, top, bottom = MARGIN
        across = left + (self.width - left - right) * self.x.share(x)
        down = self.height - bottom - (self.height - top - bottom) * self.y.share(y)
        return round(across, 1), round(down, 1)

    def path(self, xs: Iterable[float], ys: Iterable[float]) -> str:
        """Return the `d` of a line through data."""
        points = [self.place(x, y) for x, y in zip(xs, ys, strict=True)]
        return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)

    def frame(self) -> str:
        """Return the axes with their numbers."""
        left, right, top, bottom = MARGIN
        base, end = self.height - bottom, self.width - right
        parts = [f'<path class="axis" d="M{left} {top}V{base}H{end}"/>']
        for value, name in self.x.ticks():
            at = self.place(value, self.y.low)[0]
            parts.append(f'<path class="grid" d="M{at:g} {base}v5"/>')
            parts.append(f'<text class="middle" x="{at:g}" y="{base + 18}">{name}</text>')
        for value, name in self.y.ticks():
            at = self.place(self.x.low, value)[1]
            parts.append(f'<path class="grid" d="M{left} {at:g}H{end}"/>')
            parts.append(f'<text class="end" x="{left - 6}" y="{at + 4:g}">{name}</text>')
        middle = (left + end) / 2
        parts.append(
            f'<text class="middle" x="{middle:g}" y="{self.height - 6}">{self.x.label}</text>'
            f'<text class="middle" transform="translate(12 {(top + base) / 2:g}) rotate(-90)">'
            f"{self.y.label}</text>"
        )
        return "\n".join(parts)


def svg(width: int, height: int, alt: str, *parts: str) -> str:
    """Return a drawing with a text alternative."""
    return (
        f'<svg class="play-drawing" role="img" viewBox="0 0 {width} {height}" width="{width}"'
        f' aria-label="{html.escape(alt)}" xmlns="http://www.w3.org/2000/svg">\n'
        + "\n".join(parts)
        + "\n</svg>"
    )


def states(
    title: str, names: Sequence[str], says: Sequence[str], at: Sequence[tuple[float, float]] = ()
) -> str:
    """Return what a figure says in each of its states, as a list that is complete without a script.

    Parameters
    ----------
    title : str
        What the states are: the name of the slider.
    names : sequence of str
        What the slider shows of each state.
    says : sequence of str
        HTML, one text a state.
    at : sequence of (float, float)
        Where the marker of each state is in the drawing, if it has one.
    """
    places = [f' data-at="{x:g} {y:g}"' for x, y in at] or [""] * len(says)
    items = "".join(
        f'<li data-name="{html.escape(name)}"{place}>{text}</li>\n'
        for name, text, place in zip(names, says, places, strict=True)
    )
    return f'<ol class="play-states" data-title="{html.escape(title)}">\n{items}</ol>'


def still(picture: str) -> str:
    """Return what is shown without a script, and on paper."""
    return f'<div class="play-still">{picture}</div>'


def data(value: Any) -> str:
    """Return data for the figure's script."""
    text = json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")
    return f'<script type="application/json">{text}</script>'
