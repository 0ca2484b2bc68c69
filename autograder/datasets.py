"""Digits to read: the drawn digits of this course, and MNIST.

Either way an image is 28 by 28 grey levels, 0 for the background and 255 for full ink.
`draw_digits` needs no file and no network, so checks, chapters and tests use it. `load_mnist`
reads the real handwriting from the four published files, and `load_digits_for_project` takes
MNIST where it can be had and drawn digits where it can't.
"""

import functools
import hashlib
import math
import os
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "DatasetUnavailable",
    "DigitImages",
    "cache_folder",
    "draw_digits",
    "load_digits_for_project",
    "load_mnist",
    "parse_idx",
]

Images = NDArray[np.uint8]
Labels = NDArray[np.int64]
Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]


class DatasetUnavailable(OSError):
    """The data can't be had; the message says what was tried and what to do."""


@dataclass(frozen=True, eq=False)
class DigitImages:
    """Images of digits to train with, and others to test with.

    Attributes
    ----------
    train_images, test_images : ndarray of uint8, shape (n, 28, 28)
        Grey levels from 0 (background) to 255 (ink).
    train_labels, test_labels : ndarray of int64, shape (n,)
        The digit on each image.
    description : str
        Which digits these are and where they come from.
    """

    train_images: Images
    train_labels: Labels
    test_images: Images
    test_labels: Labels
    description: str


# ---------------------------------------------------------------------------------------
# Drawn digits

SIZE = 28  # pixels in a row and in a column

# The ways to write each digit, on paper 10 wide and 14 high, x to the right and y down. A "|"
# lifts the pen; where the next stroke starts in the same point, that makes a corner.
_GLYPHS = (
    (
        "5,0 1.5,2 0,7 1.5,12 5,14 8.5,12 10,7 8.5,2 5,0",
        "5.5,0 3,1.5 1.5,7 2.5,12 5,14 7.5,12 8.5,7 7.5,2 4.5,0.5",
    ),
    (
        "5,0 5,7 5,14",
        "2,4 5,0 | 5,0 5,7 5,14",
        "2.5,3 5,0 | 5,0 5,7 5,14 | 2,14 8,14",
    ),
    (
        "1,3.5 3,0.5 6,0 8.5,2.5 7,7 3.5,11 0,14 | 0,14 5,13.5 10,14",
        "1,3 4,0 8,1 8.5,5 5,10.5 2,13.5 0.5,12 2.5,10.5 6,13 10,13",
    ),
    (
        "1,2 4,0 8,1 8,4.5 4,6.5 | 4,6.5 8,7.5 9.5,10.5 7,13.5 3,14 0,12",
        "1,0 9,0 | 9,0 4,5.5 | 4,5.5 8,6.5 9.5,10 7,13.5 3,14 0,12.5",
    ),
    (
        "2,0 1,5 1.5,8 5,8.5 10,7.5 | 8,1 7.5,7 7,14",
        "7,0 3,5 0,9 | 0,9 5,9 10,9 | 7,0 7,7 7,14",
        "1.5,0 0.5,8 | 0.5,8 10,8 | 7,3.5 7,14",
    ),
    (
        "9,0 2,0 | 2,0 1,6 | 1,6 4,5 8,6 9.5,9.5 7,13.5 3,14 0,12",
        "9,0.5 5,0.5 2.5,2 2.5,5 6,6.5 9,9.5 7,13.5 3,14 0,12.5",
    ),
    (
        "7.5,0 3,3.5 1,9 2.5,13.5 6,14 9,11.5 8,8 5,7.5 1.5,10",
        "4,0 2,6 1.5,11.5 4.5,14 8,13 8.5,10 6,8.5 2,11",
    ),
    (
        "0,0 5,0.5 10,0 | 10,0 7,6 4.5,14",
        "0,0.5 5,0 10,0 | 10,0 7,6 4.5,14 | 3,7.5 9.5,7",
        "0,3 0.5,0 | 0.5,0 10,0 | 10,0 6.5,6 5.5,14",
    ),
    (
        "8,2 5,0 2,2 3,5.5 7,8 9,11 5,14 1,11 3,8 7,5.5 8,2",
        "5,6.5 2,4 3,0.5 7,0.5 8,4 5,6.5 | 5,6.5 1,9.5 2.5,13.5 7.5,13.5 9,9.5 5,6.5",
    ),
    (
        "8.5,2.5 5,0 1,3 3,7 7,6 8.5,2.5 | 8.5,2.5 8.5,8 7.5,14",
        "9,2 5,0 1,3 3,7 7,6.5 9,2 | 9,2 9,9 6.5,13.5 2,13.5",
    ),
)

# How far hands differ; every range is drawn from evenly, image by image.
_WOBBLE = 0.45  # standard deviation of each control point, in the units of the glyphs
_TURN = (-0.18, 0.18)  # radians
_SLANT = (-0.15, 0.35)  # sideways for each unit upwards
_WIDTH = (1.05, 1.6)  # pixels for each unit of a glyph
_HEIGHT = (1.2, 1.55)
_SHIFT = (-1.4, 1.4)  # pixels, across and down
_REACH = (1.1, 2.2)  # pixels from the middle of a stroke to where its ink ends
_EDGE = 1.2  # pixels over which the ink fades
_INK = (0.6, 1.0)  # the darkest grey of an image
_NOISE = 0.03  # standard deviation of every pixel
_AT_ONCE = 1000  # images drawn together: a bound for the memory


class _Style(NamedTuple):
    """One way to write a digit: control points, and segments as mixtures of them."""

    points: Floats  # (points, 2)
    starts: Floats  # (segments, points): starts @ points is where the segments start
    ends: Floats


def draw_digits(
    n: int, rng: np.random.Generator, digits: Iterable[int] = range(10)
) -> tuple[Images, Labels]:
    """Draw images of digits, as different hands would write them.

    Parameters
    ----------
    n : int
        How many.
    rng : numpy.random.Generator
        For everything random: in the same state it gives the same images.
    digits : iterable of int
        Which digits, each as often as the others (or once less, where `n` isn't a multiple of
        their number), in random order.

    Returns
    -------
    images : ndarray of uint8, shape (n, 28, 28)
        Grey levels from 0 (background) to 255 (ink).
    labels : ndarray of int64, shape (n,)
        The digit on each image.

    Raises
    ------
    ValueError
        If `n` is negative, or `digits` is empty or has anything but 0 to 9.

    Examples
    --------
    >>> images, labels = draw_digits(6, np.random.default_rng(0), digits=(3, 8))
    >>> images.shape, sorted(labels.tolist())
    ((6, 28, 28), [3, 3, 3, 8, 8, 8])
    """
    wanted = list(digits)
    if n < 0:
        raise ValueError(f"n is {n}: it can't be negative")
    if not wanted or any(digit not in range(10) for digit in wanted):
        raise ValueError(f"digits are {wanted}: one or more of 0 to 9 are wanted")
    labels = rng.permutation(np.resize(rng.permutation(np.array(wanted, dtype=np.int64)), n))
    images = np.empty((n, SIZE, SIZE), dtype=np.uint8)
    for start in range(0, n, _AT_ONCE):
        piece = slice(start, start + _AT_ONCE)
        images[piece] = _draw(labels[piece], rng)
    return images, labels


def _draw(labels: Labels, rng: np.random.Generator) -> Images:
    """Return one image a label."""
    n = len(labels)
    style_of = rng.random(n)
    angle, slant = rng.uniform(*_TURN, n), rng.uniform(*_SLANT, n)
    stretch = np.stack([rng.uniform(*_WIDTH, n), rng.uniform(*_HEIGHT, n)], axis=1)
    shift = (SIZE - 1) / 2 + rng.uniform(*_SHIFT, (n, 1, 2))
    reach, ink = rng.uniform(*_REACH, (n, 1, 1)), rng.uniform(*_INK, (n, 1, 1))
    # Slant and stretch, then turn. The matrices act on rows (x, y) from the right.
    lean = np.zeros((n, 2, 2))
    lean[:, 0, 0], lean[:, 1, 1], lean[:, 1, 0] = 1.0, 1.0, -slant
    cosine, sine = np.cos(angle), np.sin(angle)
    turn = np.array([[cosine, sine], [-sine, cosine]]).transpose(2, 0, 1)
    transform = lean * stretch[:, None, :] @ turn

    grey = np.empty((n, SIZE, SIZE), dtype=np.float32)
    for digit in np.unique(labels):
        styles = _styles(int(digit))
        for number, style in enumerate(styles):
            rows = np.flatnonzero((labels == digit) & ((style_of * len(styles)) // 1 == number))
            points = style.points + rng.normal(0.0, _WOBBLE, (len(rows), *style.points.shape))
            points = points @ transform[rows] + shift[rows]
            distance = _distance(style.starts @ points, style.ends @ points)
            grey[rows] = np.clip((reach[rows] - distance) / _EDGE, 0.0, 1.0) * ink[rows]
    grey += _NOISE * rng.standard_normal(grey.shape, dtype=np.float32)
    return np.rint(np.clip(grey, 0.0, 1.0) * 255).astype(np.uint8)


def _distance(starts: Floats, ends: Floats) -> Floats32:
    """Return each pixel's distance to the nearest segment of its image.

    For a segment from `a` along `d`, the foot of a pixel `p` is at `t = (p - a)·d / d·d`, held
    within 0 and 1, and the squared distance `|p - a|² - 2 t (p - a)·d + t² d·d`. Both products
    are sums of a part for the column and a part for the row, so most of the work is additions.

    Parameters
    ----------
    starts, ends : ndarray, shape (images, segments, 2)
        In pixels, as (x, y).

    Returns
    -------
    ndarray of float32, shape (images, 28, 28)
    """
    a = starts.astype(np.float32)
    d = ends.astype(np.float32) - a
    pixel = np.arange(SIZE, dtype=np.float32)
    length2 = np.sum(d * d, axis=-1) + np.float32(1e-6)  # never 0
    from_a = pixel - a[..., None]  # (images, segments, x or y, pixels)
    foot = from_a * (d / length2[..., None])[..., None]
    from_a *= from_a
    nearest = np.full((len(a), SIZE, SIZE), np.inf, dtype=np.float32)
    for segment in range(a.shape[1]):
        along = foot[:, segment, 1, :, None] + foot[:, segment, 0, None, :]
        t = np.clip(along, 0.0, 1.0)
        gain = (2 * along - t) * t * length2[:, segment, None, None]
        here = from_a[:, segment, 1, :, None] + from_a[:, segment, 0, None, :]
        here -= gain
        np.minimum(nearest, here, out=nearest)
    return np.sqrt(np.maximum(nearest, 0.0))


@functools.cache
def _styles(digit: int) -> tuple[_Style, ...]:
    """Return the ways to write a digit."""
    return tuple(_parse_glyph(glyph) for glyph in _GLYPHS[digit])


def _parse_glyph(glyph: str) -> _Style:
    """Turn the text of a glyph into points and segments."""
    strokes = [
        [tuple(float(number) for number in point.split(",")) for point in stroke.split()]
        for stroke in glyph.split("|")
    ]
    # Points with the same coordinates are one, so that strokes stay joined when it wobbles.
    points = list(dict.fromkeys(point for stroke in strokes for point in stroke))
    starts, ends = [], []
    for stroke in strokes:
        pick = np.eye(len(points))[[points.index(point) for point in stroke]]
        path = _smooth(len(stroke)) @ pick
        starts.append(path[:-1])
        ends.append(path[1:])
    middle = np.array([5.0, 7.0])
    return _Style(np.array(points) - middle, np.concatenate(starts), np.concatenate(ends))


def _smooth(n_points: int, pieces: int = 3) -> Floats:
    """Return the matrix from control points to points along the curve through them.

    The curve is a Catmull-Rom spline, with `pieces` segments between one control point and the
    next; two points make a straight line.
    """
    if n_points == 2:
        return np.eye(2)
    points = np.eye(n_points)
    before = np.concatenate([points[:1], points[:-2]])[:, None]
    here, there = points[:-1, None], points[1:, None]
    after = np.concatenate([points[2:], points[-1:]])[:, None]
    t = (np.arange(pieces) / pieces)[:, None]
    curve = here + 0.5 * t * (
        there
        - before
        + t * (2 * before - 5 * here + 4 * there - after)
        + t * t * (3 * here - before - 3 * there + after)
    )
    return np.concatenate([curve.reshape(-1, n_points), points[-1:]])


# ---------------------------------------------------------------------------------------
# MNIST


class PublishedFile(NamedTuple):
    """One of the four files of MNIST, as published."""

    name: str
    size: int  # bytes, unpacked
    sha256: str  # of the unpacked content: this decides
    gz_sha256: str  # of the .gz as published: what has it needs no second look


TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = MNIST_FILES = (
    PublishedFile(
        "train-images-idx3-ubyte",
        47_040_016,
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    ),
    PublishedFile(
        "train-labels-idx1-ubyte",
        60_008,
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    ),
    PublishedFile(
        "t10k-images-idx3-ubyte",
        7_840_016,
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    ),
    PublishedFile(
        "t10k-labels-idx1-ubyte",
        10_008,
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    ),
)
