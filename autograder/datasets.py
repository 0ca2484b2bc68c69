"""Digits to read: the drawn digits of this course, and MNIST.

Either way an image is 28 by 28 gray levels, 0 for the background and 255 for full ink.
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
        Gray levels from 0 (background) to 255 (ink).
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
_SHIFT = (-1.5, 1.5)  # pixels, across and down
_REACH = (1.1, 2.2)  # pixels from the middle of a stroke to where its ink ends
_EDGE = 1.2  # pixels over which the ink fades
_INK = (0.4, 1.0)  # where 1 is full ink
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
        Gray levels from 0 (background) to 255 (ink).
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

    gray = np.empty((n, SIZE, SIZE), dtype=np.float32)
    for digit in np.unique(labels):
        styles = _styles(int(digit))
        for number, style in enumerate(styles):
            rows = np.flatnonzero((labels == digit) & ((style_of * len(styles)) // 1 == number))
            points = style.points + rng.normal(0.0, _WOBBLE, (len(rows), *style.points.shape))
            points = points @ transform[rows] + shift[rows]
            distance = _distance(style.starts @ points, style.ends @ points)
            gray[rows] = np.clip((reach[rows] - distance) / _EDGE, 0.0, 1.0) * ink[rows]
    gray += _NOISE * rng.standard_normal(gray.shape, dtype=np.float32)
    return np.rint(np.clip(gray, 0.0, 1.0) * 255).astype(np.uint8)


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


MNIST_FILES = (  # training images and labels, test images and labels
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

# Each is tried in turn. All serve the published files; what counts is their checksum.
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)

_SILENCE = 10.0  # seconds without a byte until a mirror is given up
_PATIENCE = 600.0  # seconds for one file
_SLACK = 1 << 20  # bytes by which a file may be longer than its unpacked content

_ADVICE = """What you can do:
  - offline: put the four files train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz,
    t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz (or the unpacked files) into a
    folder, and set the environment variable MNIST_DIR to that folder;
  - without MNIST: use the digits that autograder.datasets.draw_digits draws."""


def load_mnist(folder: str | os.PathLike[str] | None = None, download: bool = True) -> DigitImages:
    """Load MNIST from a folder, from the cache, or from the Internet.

    Files may be packed (`.gz`) or not, and their content must be the published one, byte for
    byte. With neither `folder` nor `$MNIST_DIR`, the files come from `cache_folder()`, and those
    that aren't there are downloaded into it.

    Parameters
    ----------
    folder : path, optional
        Where the four files are. Then they are read there and nowhere else, and never
        downloaded. Without it, the environment variable `MNIST_DIR` can say the same.
    download : bool
        Whether missing or damaged files of the cache may be downloaded.

    Returns
    -------
    DigitImages
        60,000 images to train with and 10,000 to test with.

    Raises
    ------
    DatasetUnavailable
        If the files can't be had, or those in the folder named aren't the published ones.
    """
    if folder:
        contents = _read_folder(Path(folder), f"The folder {folder} doesn't hold MNIST:")
    elif named := os.environ.get("MNIST_DIR"):
        subject = (
            f"MNIST_DIR is set to {named}, but MNIST isn't there"
            " (unset it, and the files are downloaded):"
        )
        contents = _read_folder(Path(named).expanduser(), subject)
    else:
        contents = _read_cache(cache_folder(), download)
    train_images, train_labels, test_images, test_labels = map(parse_idx, contents)
    return DigitImages(
        train_images,
        train_labels.astype(np.int64),
        test_images,
        test_labels.astype(np.int64),
        f"MNIST: {len(train_images):,} images of handwritten digits to train with and"
        f" {len(test_images):,} to test with, collected by Yann LeCun, Corinna Cortes and"
        " Christopher J. C. Burges. License: CC BY-SA 3.0, as Keras and TensorFlow state it.",
    )


def load_digits_for_project() -> DigitImages:
    """Load MNIST if it can be had, and drawn digits if not.

    Returns
    -------
    DigitImages
        Its `description` says which. Drawn digits are always the same 6,000 to train with and
        1,000 to test with; why it isn't MNIST is printed on stderr.

    Raises
    ------
    DatasetUnavailable
        If `$MNIST_DIR` is set but doesn't hold MNIST: who sets it wants the real digits.
    """
    try:
        return load_mnist()
    except DatasetUnavailable as problem:
        if os.environ.get("MNIST_DIR"):
            raise
        print(f"{problem}\nGoing on with drawn digits.\n", file=sys.stderr)
    rng = np.random.default_rng(0)
    return DigitImages(
        *draw_digits(6000, rng),
        *draw_digits(1000, rng),
        "Drawn digits, because MNIST can't be had here: 6,000 images to train with and 1,000 to"
        " test with, all drawn by this course's own program. No person wrote them.",
    )


def cache_folder() -> Path:
    """Return the folder that downloads are kept in, by the custom of the platform.

    Raises
    ------
    DatasetUnavailable
        If this user has no home folder.
    """
    custom = ""
    if sys.platform == "win32":
        custom, usual = os.environ.get("LOCALAPPDATA", ""), "AppData/Local"
    elif sys.platform == "darwin":
        usual = "Library/Caches"
    else:
        custom, usual = os.environ.get("XDG_CACHE_HOME", ""), ".cache"
    if Path(custom).is_absolute():
        return Path(custom, "downhill", "mnist")
    try:
        return Path.home() / usual / "downhill" / "mnist"
    except RuntimeError as problem:
        raise DatasetUnavailable(f"No folder to keep MNIST in: {problem}\n{_ADVICE}") from None


def parse_idx(content: bytes) -> Images:
    """Return the array in an IDX file, the format of the MNIST files.

    Two zero bytes, the type, the number of axes, then the length of each axis in four bytes,
    most significant first, then the entries.

    Parameters
    ----------
    content : bytes
        The whole file, unpacked.

    Returns
    -------
    ndarray of uint8

    Raises
    ------
    ValueError
        If this isn't such a file, its entries aren't unsigned bytes, or there are fewer or
        more of them than it says.

    Examples
    --------
    >>> parse_idx(bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 9]))
    array([7, 9], dtype=uint8)
    """
    if len(content) < 4 or content[:2] != b"\0\0":
        raise ValueError(f"not an IDX file: it begins with {content[:4]!r}")
    kind, axes = content[2], content[3]
    if kind != 8:
        raise ValueError(f"an IDX file of type 0x{kind:02x}; 0x08, unsigned bytes, is wanted")
    start = 4 + 4 * axes
    if axes == 0 or len(content) < start:
        raise ValueError(f"an IDX file with {axes} axes, but only {len(content)} bytes")
    shape = [int.from_bytes(content[at : at + 4], "big") for at in range(4, start, 4)]
    if math.prod(shape) != len(content) - start:
        raise ValueError(f"an IDX file of shape {shape}, but {len(content) - start} entries")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape).copy()


def _read_folder(folder: Path, subject: str) -> list[bytes]:
    """Return the contents of the four files, or say all that is wrong with the folder."""
    contents, problems = [], []
    for file in MNIST_FILES:
        try:
            contents.append(_read(folder, file))
        except (FileNotFoundError, ValueError) as problem:
            problems.append(f"  - {problem}")
    if problems:
        raise DatasetUnavailable("\n".join([subject, *problems, _ADVICE]))
    return contents


def _read_cache(folder: Path, download: bool) -> list[bytes]:
    """Return the contents of the four files, downloading what isn't there."""
    contents = []
    mirrors = list(MIRRORS)
    for file in MNIST_FILES:
        try:
            contents.append(_read(folder, file))
        except (FileNotFoundError, ValueError) as problem:
            if not download:
                raise DatasetUnavailable(f"MNIST isn't here: {problem}\n{_ADVICE}") from None
            if isinstance(problem, ValueError):
                print(f"{problem}. Downloading it again.", file=sys.stderr)
            contents.append(_download(file, mirrors, folder))
    return contents


def _read(folder: Path, file: PublishedFile) -> bytes:
    """Return the content of a file, packed or not, under one of the names in use.

    Raises
    ------
    FileNotFoundError
        If it isn't there under any name.
    ValueError
        If it is there, but can't be read or isn't the published one.
    """
    failure = None
    dotted = file.name.replace("-idx", ".idx")
    for name in (f"{file.name}.gz", file.name, f"{dotted}.gz", dotted):
        path = folder / name
        try:
            with path.open("rb") as stored:
                return _unpack(stored.read(file.size + _SLACK), file)
        except FileNotFoundError:
            continue
        except OSError as problem:
            failure = failure or f"{path} can't be read: {problem.strerror}"
        except ValueError as problem:
            failure = failure or f"{path} {problem}"
    if failure:
        raise ValueError(failure)
    raise FileNotFoundError(f"{folder} has no {file.name}.gz")


def _unpack(stored: bytes, file: PublishedFile) -> bytes:
    """Return the content of what was stored or sent.

    Raises
    ------
    ValueError
        If it isn't the published content; the message goes on from a name.
    """
    import gzip
    import io
    import zlib

    content = stored
    if stored[:2] == b"\x1f\x8b":  # how every .gz begins
        try:
            with gzip.open(io.BytesIO(stored)) as packed:
                content = packed.read(file.size + 1)  # no further, whatever comes
        except (OSError, EOFError, zlib.error) as problem:
            raise ValueError(f"is damaged: {problem}") from None
    if len(content) != file.size:
        amount = "more" if len(content) > file.size else f"{len(content):,}"
        raise ValueError(f"isn't the published file: {amount} bytes instead of {file.size:,}")
    if _sha256(stored) != file.gz_sha256 and _sha256(content) != file.sha256:
        raise ValueError(f"isn't the published file: its SHA-256 is {_sha256(content)}")
    return content


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _download(file: PublishedFile, mirrors: list[str], folder: Path) -> bytes:
    """Return the content of a file from the first mirror that has it, and keep it in the folder.

    A mirror that fails goes to the end of `mirrors`, so that it is asked last for the next file.
    """
    import http.client

    failures = []
    for mirror in tuple(mirrors):
        url = f"{mirror}{file.name}.gz"
        try:
            sent = _fetch(url, file.size + _SLACK)
            content = _unpack(sent, file)
        except (OSError, http.client.HTTPException, ValueError) as problem:
            failures.append(f"  - {url}: {problem}")
            mirrors.remove(mirror)
            mirrors.append(mirror)
            continue
        _keep(sent, folder / (file.name if sent is content else f"{file.name}.gz"))
        return content
    raise DatasetUnavailable(
        "\n".join([f"MNIST isn't in {folder}, and no mirror gave it:", *failures, _ADVICE])
    )


def _fetch(url: str, limit: int) -> bytes:
    """Return what a server sends, with a bar on a terminal.

    Raises
    ------
    OSError, http.client.HTTPException, ValueError
        If it doesn't send everything, or sends more than `limit` bytes, or is too slow.
    """
    import urllib.error
    import urllib.request

    give_up = time.monotonic() + _PATIENCE
    received = bytearray()
    request = urllib.request.Request(url, headers={"User-Agent": "downhill"})
    try:
        answer = urllib.request.urlopen(request, timeout=_SILENCE)
    except urllib.error.HTTPError as refusal:
        refusal.close()
        raise OSError(f"HTTP {refusal.code} {refusal.reason}") from None
    except urllib.error.URLError as problem:
        raise OSError(str(problem.reason)) from None
    with answer:
        announced = int(answer.headers.get("Content-Length") or 0)
        try:
            while piece := answer.read1(1 << 16):
                received += piece
                if len(received) > limit:
                    raise ValueError(f"sends more than the {limit:,} bytes that are possible")
                if time.monotonic() > give_up:
                    raise TimeoutError(f"not finished after {_PATIENCE:.0f} seconds")
                _show_progress(url, len(received), announced)
        finally:
            if received and sys.stderr.isatty():
                print(file=sys.stderr)
    if len(received) < announced:
        raise ValueError(f"sent {len(received):,} of {announced:,} bytes")
    return bytes(received)


def _show_progress(url: str, received: int, announced: int) -> None:
    """Draw the bar again, if somebody can see it."""
    if not sys.stderr.isatty():
        return
    name = url.rpartition("/")[2]
    text = f"{received / 1e6:4.1f} MB"
    if announced:
        done = min(1.0, received / announced)
        text = f"[{'#' * round(20 * done):20}] {done:4.0%} of {announced / 1e6:.1f} MB"
    print(f"\r{name:26} {text}", end="", file=sys.stderr, flush=True)


def _keep(sent: bytes, path: Path) -> None:
    """Write a file whole or not at all; a cache that can't be written only costs time."""
    import tempfile

    part = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=f"{path.name}.", suffix=".part", delete=False
        ) as part:
            part.write(sent)
        Path(part.name).replace(path)
    except OSError as problem:
        print(f"{path} can't be kept ({problem.strerror}).", file=sys.stderr)
    finally:
        if part is not None:
            Path(part.name).unlink(missing_ok=True)
