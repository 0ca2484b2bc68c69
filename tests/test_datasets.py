"""The drawn digits, the way to MNIST, and what the reference reads of both."""

import gzip
import hashlib
import http.server
import io
import json
import os
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from autograder import datasets
from autograder.datasets import (
    DatasetUnavailable,
    cache_folder,
    draw_digits,
    load_digits_for_project,
    load_mnist,
    parse_idx,
)

ROOT = Path(__file__).resolve().parents[1]
REAL_MNIST = Path(os.environ.get("MNIST_DIR") or ROOT.parent / "shared" / "data" / "mnist")
needs_mnist = pytest.mark.skipif(
    not REAL_MNIST.is_dir(), reason="the MNIST files aren't here: set MNIST_DIR to their folder"
)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test an empty home, and nobody to download from."""
    for name in ("HOME", "USERPROFILE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.delenv("MNIST_DIR", raising=False)
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(datasets, "MIRRORS", ())
    return cache_folder()


def run_python(code: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh process that has the reference and no network."""
    nowhere = "http://127.0.0.1:1"
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "solutions")]),
        "OPENBLAS_NUM_THREADS": "1",
        "no_proxy": "",
        "https_proxy": nowhere,
        "http_proxy": nowhere,
        **variables,
    }
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )


# --- Drawn digits ---------------------------------------------------------------------------------


def test_drawn_digits_are_images_with_their_labels() -> None:
    images, labels = draw_digits(30, np.random.default_rng(0))
    assert images.shape == (30, 28, 28)
    assert images.dtype == np.uint8
    assert labels.shape == (30,)
    assert labels.dtype == np.int64


def test_the_same_generator_state_draws_the_same_digits() -> None:
    first, second = np.random.default_rng(3), np.random.default_rng(3)
    for mine, yours in zip(draw_digits(50, first), draw_digits(50, second), strict=True):
        np.testing.assert_array_equal(mine, yours)
    assert first.random() == second.random()
    other_images, _ = draw_digits(50, np.random.default_rng(4))
    assert not np.array_equal(draw_digits(50, np.random.default_rng(3))[0], other_images)


def test_no_two_drawn_digits_are_the_same() -> None:
    images, _ = draw_digits(2500, np.random.default_rng(0), digits=(4,))
    assert len({image.tobytes() for image in images}) == 2500


@pytest.mark.parametrize("n", [0, 1, 7, 10, 23, 1000, 1001])
def test_labels_are_balanced_as_far_as_possible(n: int) -> None:
    images, labels = draw_digits(n, np.random.default_rng(n), digits=(2, 3, 5, 9))
    assert len(images) == len(labels) == n
    counts = [np.count_nonzero(labels == digit) for digit in (2, 3, 5, 9)]
    assert sum(counts) == n
    assert max(counts) - min(counts) <= 1


def test_labels_are_shuffled() -> None:
    _, labels = draw_digits(1000, np.random.default_rng(0))
    assert np.mean(labels[1:] == labels[:-1]) == pytest.approx(0.1, abs=0.04)
    assert np.mean(np.diff(labels) == 1) < 0.2


def test_which_digits_come_once_more_is_drawn_too() -> None:
    rng = np.random.default_rng(0)
    assert {int(draw_digits(1, rng)[1][0]) for _ in range(60)} == set(range(10))


@pytest.mark.parametrize(
    ("n", "digits", "words"),
    [
        (-1, (0, 1), "can't be negative"),
        (5, (), "0 to 9"),
        (5, (3, 10), "0 to 9"),
        (5, (-1,), "0 to 9"),
    ],
)
def test_what_cannot_be_drawn_is_an_error(n: int, digits: tuple[int, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        draw_digits(n, np.random.default_rng(0), digits)


def test_ink_lies_inside_a_dark_frame() -> None:
    images, _ = draw_digits(1000, np.random.default_rng(0))
    assert np.min(np.max(images, axis=(1, 2))) > 80  # every image has ink
    assert 0.08 < np.mean(images > 80) < 0.2  # and is mostly background
    frame = np.ones((28, 28), dtype=bool)
    frame[1:-1, 1:-1] = False
    assert np.mean(images[:, frame] > 80) < 0.005  # hardly any is cut off


def test_a_thousand_digits_take_a_moment() -> None:
    rng = np.random.default_rng(0)
    seconds = []
    for _ in range(3):
        start = time.process_time()
        draw_digits(1000, rng)
        seconds.append(time.process_time() - start)
    assert min(seconds) < 0.4  # about 0.08 on an idle core


def test_memory_does_not_grow_with_the_number_of_digits() -> None:
    rng = np.random.default_rng(0)
    draw_digits(10, rng)
    tracemalloc.start()
    images, _ = draw_digits(5000, rng)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < images.nbytes + 20e6


# Trains the reference, and the reference with its gradients turned round, in a process of its own.
TRAINING = """
import json
import numpy as np
import mnist_project
from autograder.datasets import draw_digits


def nearest_mean(images, labels):
    kinds = np.unique(labels)
    means = np.stack([np.mean(images[labels == kind], axis=0) for kind in kinds])
    def predict(images):
        return kinds[[np.argmin(np.sum((means - image) ** 2, axis=(1, 2))) for image in images]]
    return predict


def uphill(images, labels):
    right = mnist_project.backward_batch
    def wrong(*arguments):
        return [[-grad for grad in grads] for grads in right(*arguments)]
    mnist_project.backward_batch = wrong
    try:
        return mnist_project.train_classifier(images, labels)
    finally:
        mnist_project.backward_batch = right


readers = {
    "reference": mnist_project.train_classifier, "nearest mean": nearest_mean, "uphill": uphill
}
shares = {}
for n_digits in (5, 10):
    for seed in range(2):
        rng = np.random.default_rng(seed)
        known = draw_digits(1000, rng, range(n_digits))
        images, labels = draw_digits(500, rng, range(n_digits))
        for name, train in readers.items():
            share = float(np.mean(train(*known)(images) == labels))
            shares.setdefault(f"{name} {n_digits}", []).append(share)
print(json.dumps(shares))
"""


@pytest.fixture(scope="module")
def shares() -> dict[str, list[float]]:
    """How many of 500 fresh drawn digits are read right, by whom, after 1,000 drawn digits."""
    result: dict[str, list[float]] = json.loads(run_python(TRAINING).stdout)
    return result


@pytest.mark.parametrize(("n_digits", "goal"), [(5, 0.97), (10, 0.93)])
def test_the_reference_reads_drawn_digits(
    shares: dict[str, list[float]], n_digits: int, goal: float
) -> None:
    assert min(shares[f"reference {n_digits}"]) > goal


@pytest.mark.parametrize(("n_digits", "lead"), [(5, 0.02), (10, 0.06)])
def test_the_nearest_mean_reads_fewer(
    shares: dict[str, list[float]], n_digits: int, lead: float
) -> None:
    assert min(shares[f"reference {n_digits}"]) > max(shares[f"nearest mean {n_digits}"]) + lead


@pytest.mark.parametrize("n_digits", [5, 10])
def test_a_trainer_that_walks_uphill_is_no_better_than_a_guess(
    shares: dict[str, list[float]], n_digits: int
) -> None:
    assert max(shares[f"uphill {n_digits}"]) < 1.5 / n_digits


def test_offline_the_project_runs_on_drawn_digits(tmp_path: Path) -> None:
    run = run_python("import mnist_project; mnist_project.main()", MNIST_DIR="")
    assert run.stdout.startswith("Drawn digits, because MNIST can't be had here")
    assert float(run.stdout.splitlines()[-1].partition("%")[0]) > 97
    assert "set the environment variable MNIST_DIR" in run.stderr
    assert "Going on with drawn digits" in run.stderr


# --- A small MNIST with the same names, and servers on this machine -------------------------------


def idx(array: np.ndarray) -> bytes:
    header = bytes([0, 0, 8, array.ndim])
    for length in array.shape:
        header += length.to_bytes(4, "big")
    return header + array.tobytes()


SMALL = {
    "train-images-idx3-ubyte": np.arange(4 * 28 * 28).reshape(4, 28, 28).astype(np.uint8),
    "train-labels-idx1-ubyte": np.array([3, 1, 4, 1], dtype=np.uint8),
    "t10k-images-idx3-ubyte": np.arange(2 * 28 * 28)[::-1].reshape(2, 28, 28).astype(np.uint8),
    "t10k-labels-idx1-ubyte": np.array([5, 9], dtype=np.uint8),
}
PLAIN = {name: idx(array) for name, array in SMALL.items()}
PACKED = {f"{name}.gz": gzip.compress(content) for name, content in PLAIN.items()}
PACKED_AGAIN = {f"{name}.gz": gzip.compress(content, 1) for name, content in PLAIN.items()}
DOTTED = {name.replace("-idx", ".idx"): content for name, content in PLAIN.items()}


@pytest.fixture
def small_mnist(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the checksums of MNIST with those of the small files above."""
    files = tuple(
        datasets.PublishedFile(
            name,
            len(content),
            hashlib.sha256(content).hexdigest(),
            hashlib.sha256(PACKED[f"{name}.gz"]).hexdigest(),
        )
        for name, content in PLAIN.items()
    )
    monkeypatch.setattr(datasets, "MNIST_FILES", files)


def write(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def assert_small(data: datasets.DigitImages) -> None:
    arrays: list[np.ndarray] = [
        data.train_images,
        data.train_labels,
        data.test_images,
        data.test_labels,
    ]
    for loaded, original in zip(arrays, SMALL.values(), strict=True):
        np.testing.assert_array_equal(loaded, original)
        assert loaded.dtype == (np.int64 if loaded.ndim == 1 else np.uint8)


Answer = tuple[int, bytes, int]  # status, body, the length it announces


class Mirrors:
    """Servers, as folders of one on the loopback address."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.answers: dict[str, Callable[[str], Answer]] = {}
        self.asked: list[str] = []

    def are(self, monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
        urls = tuple(f"{self.address}/{name}/" for name in names)
        monkeypatch.setattr(datasets, "MIRRORS", urls)


@pytest.fixture
def mirrors(small_mnist: None) -> Iterator[Mirrors]:
    closing = threading.Event()

    def whole(content: bytes) -> Answer:
        return 200, content, len(content)

    def hang(name: str) -> Answer:
        closing.wait(10)
        return whole(PACKED[name])

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _, mirror, name = self.path.split("/")
            servers.asked.append(f"{mirror} {name}")
            status, body, announced = servers.answers[mirror](name)
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(announced))
                self.end_headers()
                self.wfile.write(body)
            except ConnectionError:
                pass  # the loader has heard enough

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        servers = Mirrors(f"http://127.0.0.1:{server.server_address[1]}")
        servers.answers = {
            "good": lambda name: whole(PACKED[name]),
            "unpacked": lambda name: whole(PLAIN[name.removesuffix(".gz")]),
            "404": lambda name: (404, b"gone", 4),
            "truncated": lambda name: (200, PACKED[name][:-9], len(PACKED[name])),
            "cut": lambda name: whole(PACKED[name][:-9]),
            "other": lambda name: whole(gzip.compress(PLAIN[name.removesuffix(".gz")][:-1] + b"!")),
            "longer": lambda name: whole(gzip.compress(PLAIN[name.removesuffix(".gz")] + b"!")),
            "page": lambda name: whole(b"<html>Please log in to this network</html>"),
            "huge": lambda name: whole(bytes(3 << 20)),
            "silent": hang,
        }
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield servers
        closing.set()
        server.shutdown()
        thread.join()


# --- Downloads ------------------------------------------------------------------------------------


def test_a_download_is_kept(
    mirrors: Mirrors,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    mirrors.are(monkeypatch, "good")
    assert_small(load_mnist())
    assert {path.name: path.read_bytes() for path in cache.iterdir()} == PACKED
    mirrors.asked.clear()
    assert_small(load_mnist(download=False))
    assert mirrors.asked == []
    assert capsys.readouterr() == ("", "")  # and nothing is drawn where nobody watches


@pytest.mark.parametrize(
    "bad", ["404", "truncated", "cut", "other", "longer", "page", "huge", "silent"]
)
def test_a_bad_mirror_is_passed_over(
    bad: str, mirrors: Mirrors, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets, "_SILENCE", 0.2)
    mirrors.are(monkeypatch, bad, "good")
    assert_small(load_mnist())
    assert {path.name: path.read_bytes() for path in cache.iterdir()} == PACKED
    # It is asked first for the first file, and not again while the other one answers.
    assert [line.split()[0] for line in mirrors.asked] == [bad, *["good"] * 4]


def test_a_mirror_may_send_the_files_unpacked(
    mirrors: Mirrors, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirrors.are(monkeypatch, "unpacked")
    assert_small(load_mnist())
    assert {path.name: path.read_bytes() for path in cache.iterdir()} == PLAIN
    assert_small(load_mnist(download=False))


def test_a_download_that_dribbles_is_given_up(
    mirrors: Mirrors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets, "_PATIENCE", 0.0)
    mirrors.are(monkeypatch, "good")
    with pytest.raises(DatasetUnavailable, match="not finished after 0 seconds"):
        load_mnist()


def test_when_all_mirrors_fail_the_message_says_what_was_tried_and_what_to_do(
    mirrors: Mirrors, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets, "_SILENCE", 0.2)
    mirrors.are(monkeypatch, "404", "truncated", "cut", "other", "longer", "page", "huge", "silent")
    unreachable = "http://127.0.0.1:1/"
    monkeypatch.setattr(datasets, "MIRRORS", (*datasets.MIRRORS, unreachable))
    with pytest.raises(OSError, match="no mirror gave it") as caught:
        load_mnist()
    assert caught.type is DatasetUnavailable
    message = str(caught.value)
    name = "train-images-idx3-ubyte.gz"
    size = len(PACKED[name])
    for mirror, reason in {
        "404": "HTTP 404 Not Found",
        "truncated": f"sent {size - 9:,} of {size:,} bytes",
        "cut": "is damaged: Compressed file ended",
        "other": "isn't the published file: its SHA-256 is ",
        "longer": "isn't the published file: more bytes instead of 3,152",
        "page": "isn't the published file: 42 bytes instead of 3,152",
        "huge": "sends more than the ",
        "silent": "timed out",
    }.items():
        assert f"{mirrors.address}/{mirror}/{name}: {reason}" in message
    assert f"{unreachable}{name}: " in message
    assert str(cache) in message
    assert "set the environment variable MNIST_DIR" in message
    assert "draw_digits" in message
    assert not cache.exists()


def test_a_cache_that_cannot_be_written_only_costs_time(
    mirrors: Mirrors,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    mirrors.are(monkeypatch, "good")
    cache.parent.mkdir(parents=True)
    cache.write_text("a file where the folder should be")
    assert_small(load_mnist())
    assert "can't be kept" in capsys.readouterr().err


def test_a_download_that_cannot_be_finished_leaves_nothing(
    mirrors: Mirrors,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    mirrors.are(monkeypatch, "good")
    monkeypatch.setattr(Path, "replace", full)
    assert_small(load_mnist())
    assert list(cache.iterdir()) == []
    assert "No space left on device" in capsys.readouterr().err


def test_a_terminal_sees_a_bar(mirrors: Mirrors, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    mirrors.are(monkeypatch, "good")
    monkeypatch.setattr(sys, "stderr", terminal)
    load_mnist()
    lines = terminal.getvalue().splitlines()
    assert any(
        line.startswith("train-images-idx3-ubyte.gz [####################] 100% of ")
        for line in lines
    )


# --- Files on this machine ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "files",
    [PACKED, PACKED_AGAIN, PLAIN, DOTTED],
    ids=["as published", "packed again", "unpacked", "unpacked, with a dot"],
)
@pytest.mark.parametrize("way", ["folder", "MNIST_DIR", "cache"])
def test_files_are_found(
    files: dict[str, bytes],
    way: str,
    small_mnist: None,
    tmp_path: Path,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = write(cache if way == "cache" else tmp_path / "digits", files)
    if way == "MNIST_DIR":
        monkeypatch.setenv("MNIST_DIR", str(folder))
    assert_small(load_mnist(folder if way == "folder" else None))


def test_a_folder_comes_before_the_variable_and_the_variable_before_the_cache(
    small_mnist: None, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, empty = write(tmp_path / "good", PACKED), write(tmp_path / "empty", {})
    monkeypatch.setenv("MNIST_DIR", str(empty))
    assert_small(load_mnist(good))
    monkeypatch.setenv("MNIST_DIR", str(good))
    write(cache, {"train-images-idx3-ubyte.gz": b"never read"})
    assert_small(load_mnist())
    monkeypatch.setenv("MNIST_DIR", "")
    with pytest.raises(DatasetUnavailable, match="isn't the published file"):
        load_mnist(download=False)


def test_a_bad_file_beside_a_good_one_does_no_harm(small_mnist: None, tmp_path: Path) -> None:
    folder = write(tmp_path, PLAIN | {"t10k-labels-idx1-ubyte.gz": b"\x1f\x8b"})
    assert_small(load_mnist(folder))


@pytest.mark.parametrize("way", ["folder", "MNIST_DIR"])
@pytest.mark.parametrize("name", ["t10k-labels-idx1-ubyte", "train-images-idx3-ubyte"])
@pytest.mark.parametrize("fault", ["missing", "truncated", "other", "a folder", "empty"])
def test_a_folder_that_was_named_and_is_not_right_is_an_error(
    fault: str,
    name: str,
    way: str,
    mirrors: Mirrors,
    tmp_path: Path,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = write(tmp_path / "digits", PACKED)
    write(cache, PACKED)  # neither these nor those of a mirror are an excuse
    mirrors.are(monkeypatch, "good")
    path = folder / f"{name}.gz"
    content = path.read_bytes()
    path.unlink()
    expected = f"{path} "
    if fault == "missing":
        expected = f"{folder} has no {name}.gz"
    elif fault == "truncated":
        path.write_bytes(content[: len(content) // 2])
        expected += "is damaged"
    elif fault == "other":
        path.write_bytes(gzip.compress(PLAIN[name][:-1] + b"!"))
        expected += "isn't the published file: its SHA-256 is"
    elif fault == "empty":
        path.write_bytes(b"")
        expected += "isn't the published file: 0 bytes"
    else:
        path.mkdir()
        expected += "can't be read"
    if way == "MNIST_DIR":
        monkeypatch.setenv("MNIST_DIR", str(folder))
    with pytest.raises(DatasetUnavailable) as caught:
        load_mnist(folder if way == "folder" else None)
    message = str(caught.value)
    assert expected in message
    assert ("MNIST_DIR is set to" in message) == (way == "MNIST_DIR")
    assert message.count("\n  - ") == 3  # this file and the two pieces of advice
    assert mirrors.asked == []


def test_a_folder_that_does_not_exist_is_an_error_with_all_four_names(
    small_mnist: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNIST_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(DatasetUnavailable) as caught:
        load_mnist()
    for name in PACKED:
        assert f"nowhere has no {name}" in str(caught.value)


def test_a_damaged_file_in_the_cache_is_named_and_downloaded_again(
    mirrors: Mirrors,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    mirrors.are(monkeypatch, "good")
    name = "t10k-images-idx3-ubyte.gz"
    write(cache, PACKED | {name: PACKED[name][:-20]})
    with pytest.raises(DatasetUnavailable, match=name):
        load_mnist(download=False)
    assert_small(load_mnist())
    said = capsys.readouterr().err
    assert f"{cache / name} is damaged" in said
    assert "Downloading it again" in said
    assert mirrors.asked == [f"good {name}"]
    assert_small(load_mnist(download=False))
    assert capsys.readouterr().err == ""


def test_without_download_nobody_is_asked(
    mirrors: Mirrors, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirrors.are(monkeypatch, "good")
    with pytest.raises(DatasetUnavailable, match="has no train-images-idx3-ubyte"):
        load_mnist(download=False)
    assert mirrors.asked == []


@pytest.mark.parametrize(
    ("platform", "variable", "expected"),
    [
        ("linux", "XDG_CACHE_HOME", "{cache}/downhill/mnist"),
        ("linux", None, "{home}/.cache/downhill/mnist"),
        ("darwin", "XDG_CACHE_HOME", "{home}/Library/Caches/downhill/mnist"),
        ("win32", "LOCALAPPDATA", "{cache}/downhill/mnist"),
        ("win32", None, "{home}/AppData/Local/downhill/mnist"),
    ],
)
def test_the_cache_is_where_the_platform_keeps_caches(
    platform: str,
    variable: str | None,
    expected: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.delenv("LOCALAPPDATA")
    if variable:
        monkeypatch.setenv(variable, str(tmp_path / "cache"))
    assert cache_folder() == Path(expected.format(cache=tmp_path / "cache", home=Path.home()))


def test_a_relative_cache_folder_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    assert cache_folder() == Path.home() / ".cache" / "downhill" / "mnist"


# --- The file format ------------------------------------------------------------------------------


def test_an_idx_file_is_an_array() -> None:
    for array in SMALL.values():
        parsed = parse_idx(idx(array))
        np.testing.assert_array_equal(parsed, array)
        assert parsed.flags.writeable


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not an IDX file"),
        (b"\0\0\x08", "not an IDX file"),
        (b"<html></html>", "not an IDX file: it begins with b'<htm'"),
        (b"\0\1\x08\1\0\0\0\1x", "not an IDX file"),
        (b"\0\0\x0d\1\0\0\0\1abcd", "type 0x0d"),
        (b"\0\0\x08\0x", "0 axes"),
        (b"\0\0\x08\3\0\0\0\1\0\0\0\1", "3 axes, but only 12 bytes"),
        (b"\0\0\x08\1\0\0\0\3ab", r"shape \[3\], but 2 entries"),
        (b"\0\0\x08\1\0\0\0\3abcd", r"shape \[3\], but 4 entries"),
        (b"\0\0\x08\2\xff\xff\xff\xff\xff\xff\xff\xff", "but 0 entries"),
        (b"\0\0\x08\xff" + bytes(4 * 255), "dimension"),
    ],
)
def test_an_idx_file_that_makes_no_sense_is_an_error(content: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_idx(content)


# --- What the project gets ------------------------------------------------------------------------


def test_the_project_gets_mnist_where_it_can_be_had(small_mnist: None, cache: Path) -> None:
    write(cache, PACKED)
    data = load_digits_for_project()
    assert_small(data)
    for words in ("MNIST", "LeCun", "Cortes", "Burges", "CC BY-SA 3.0"):
        assert words in data.description


def test_the_project_gets_drawn_digits_offline_and_says_so(
    small_mnist: None, capsys: pytest.CaptureFixture[str]
) -> None:
    data = load_digits_for_project()
    assert data.train_images.shape == (6000, 28, 28)
    assert data.test_images.shape == (1000, 28, 28)
    assert np.bincount(data.train_labels).tolist() == [600] * 10
    assert np.bincount(data.test_labels).tolist() == [100] * 10
    assert data.description.startswith("Drawn digits, because MNIST can't be had here")
    said = capsys.readouterr().err
    assert "has no" in said or "no mirror" in said
    assert "drawn digits" in said
    again = load_digits_for_project()
    np.testing.assert_array_equal(again.train_images, data.train_images)
    np.testing.assert_array_equal(again.test_labels, data.test_labels)


def test_a_wrong_variable_does_not_turn_into_drawn_digits(
    small_mnist: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNIST_DIR", str(tmp_path))
    with pytest.raises(DatasetUnavailable, match="MNIST_DIR is set to"):
        load_digits_for_project()


def test_importing_the_module_loads_nothing_for_downloads() -> None:
    code = "import sys, numpy; before = set(sys.modules); import autograder.datasets; print(*set("
    loaded = run_python(code + "sys.modules) - before)").stdout.split()
    assert "autograder.datasets" in loaded
    assert not {"urllib.request", "http.client", "gzip", "ssl", "matplotlib"} & set(loaded)


# --- The real MNIST -------------------------------------------------------------------------------


@needs_mnist
def test_the_real_files_are_read() -> None:
    data = load_mnist(REAL_MNIST)
    assert data.train_images.shape == (60_000, 28, 28)
    assert data.test_images.shape == (10_000, 28, 28)
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(data.train_labels).tolist() == counts
    assert len(data.test_labels) == 10_000


@needs_mnist
def test_the_real_files_may_be_unpacked_or_packed_again(tmp_path: Path) -> None:
    for file in datasets.MNIST_FILES:
        packed = REAL_MNIST / f"{file.name}.gz"
        plain = REAL_MNIST / file.name
        content = gzip.decompress(packed.read_bytes()) if packed.exists() else plain.read_bytes()
        if "labels" in file.name:
            (tmp_path / f"{file.name}.gz").write_bytes(gzip.compress(content, 1))
        else:
            (tmp_path / file.name).write_bytes(content)
    data = load_mnist(tmp_path)
    np.testing.assert_array_equal(data.test_labels, load_mnist(REAL_MNIST).test_labels)


@needs_mnist
def test_other_images_under_the_same_names_are_not_mnist(tmp_path: Path) -> None:
    for file in datasets.MNIST_FILES:
        (tmp_path / file.name).write_bytes(bytes(file.size))
    with pytest.raises(DatasetUnavailable, match="isn't the published file: its SHA-256 is"):
        load_mnist(tmp_path)


@needs_mnist
def test_the_reference_reads_the_real_digits_0_to_4() -> None:
    code = """
import sys
import numpy as np
from autograder.datasets import load_mnist
from mnist_project import train_classifier
data = load_mnist(sys.argv[1])
known, unseen = (np.isin(labels, range(5)) for labels in (data.train_labels, data.test_labels))
predict = train_classifier(data.train_images[known][:10_000], data.train_labels[known][:10_000])
print(np.mean(predict(data.test_images[unseen]) == data.test_labels[unseen]))
"""
    assert float(run_python(code, str(REAL_MNIST)).stdout) > 0.97
