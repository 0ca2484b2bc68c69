"""Sources: files that are hard to read, to compile, or to find."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

from attacks.attack import Attack, FileAttack
from autograder.grading.submissions import MAX_FILE

ATTACKS = [
    Attack("latin_1", "is written in another encoding", "name = 'caf\u00e9'\n".encode("latin-1")),
    Attack("utf_16", "is written in UTF-16", "mse_loss = 1\n".encode("utf-16")),
    Attack(
        "a_byte_order_mark", "begins with a mark and ends in the middle", b"\xef\xbb\xbfx = '\n"
    ),
    Attack("null_bytes", "has bytes 0 in it", b"x = 1\0\ny = 2\n"),
    Attack(
        "hidden_code",
        "hides code in an encoding that only Python reads",
        b"# coding: utf-7\n+AGkAbQBwAG8AcgB0- os\n+AG8AcwAu-_exit(0)\n",
    ),
    Attack(
        "an_encoding_of_none", "names an encoding that isn't one", b"# coding: rot13\nvzcbeg bf\n"
    ),
    Attack("an_unknown_encoding", "names an unknown encoding", b"# coding: klingon\nx = 1\n"),
    Attack(
        "right_to_left",
        "shows other code than it runs",
        "admin = 'user\u202e \u2066# check\u2069 \u2066'\nmse_loss\u200b = 1\n",
    ),
    Attack(
        "other_letters", "uses letters that look alike", "def ms\u0435_loss(p, t): return 0.0\n"
    ),
    Attack("line_ends", "ends its lines in every known way", b"x = 1\r\ry = 2\x0c\r\nz = 3\x1a\n"),
    Attack("parentheses", "has 20,000 nested parentheses", f"x = {'(' * 20_000}{')' * 20_000}\n"),
    Attack("minus_signs", "has 100,000 minus signs", f"x = {'-' * 100_000}1\n"),
    Attack("a_long_sum", "has a sum of 50,000 terms", f"x = {'+'.join(['y'] * 50_000)}\n"),
    Attack("attributes", "has 100,000 attributes in a row", f"x = y{'.z' * 100_000}\n"),
    Attack(
        "blocks",
        "has 90 blocks in each other",
        "".join(f"{' ' * depth}if 1:\n" for depth in range(90)) + " " * 90 + "x = 1\n",
    ),
    Attack("a_long_number", "has a number of 900,000 digits", f"x = {'9' * 900_000}\n"),
    Attack(
        "a_folded_power",
        "has the compiler compute what is never used",
        "def f(): return 9**9**9, 'x' * 10**12, (0,) * 10**9, 1 << 10**10\n",
    ),
    Attack("a_large_literal", "has a list of 200,000 numbers", f"x = [{'1.5,' * 200_000}]\n"),
    Attack("a_long_line", "has a line of 1 MB", f"# {'x' * 1_000_000}\n"),
    Attack(
        "an_annotation",
        "runs code where nobody expects it",
        "def f(x: __import__('os')._exit(0)): ...\n",
    ),
    Attack("nothing", "is empty", b""),
    Attack("only_bytes", "is no text at all", bytes(range(256)) * 100),
]


def in_place_of_the_file(make: Callable[[Path, Path], object]) -> Callable[[Path, Path], None]:
    """Return how to build a folder in which something else is called losses.py."""

    def build(folder: Path, secret: Path) -> None:
        own = folder / "eve"
        own.mkdir()
        make(own / "losses.py", secret)

    return build


def beside_the_file(make: Callable[[Path, Path], object]) -> Callable[[Path, Path], None]:
    """Return how to build a folder with a good losses.py and something else."""

    def build(folder: Path, secret: Path) -> None:
        own = folder / "eve"
        own.mkdir()
        (own / "losses.py").write_text("x = 1\n")
        make(own, secret)

    return build


def _socket(path: Path, _: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's path must be short
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(path.name)
    finally:
        os.chdir(here)


def _sparse(path: Path, _: Path) -> None:
    with path.open("wb") as file:
        file.truncate(100 * 2**20)


def _deep(own: Path, _: Path) -> None:
    for _step in range(200):
        own = own / "d"
    own.mkdir(parents=True)
    (own / "losses.py").write_text("x = 2\n")


def _many(own: Path, _: Path) -> None:
    for number in range(5_001):
        (own / f"{number}.txt").touch()


def _names(own: Path, _: Path) -> None:
    for name in ("a\nb.py", "\x1b[2Jlosses.py", "-rf", "losses.py ", "LOSSES.PY", "$(id).py"):
        (own / name).write_text("x = 3\n")


FILES = [
    FileAttack(
        "a_link",
        "hands in a link to a file of the instructor's",
        in_place_of_the_file(lambda path, secret: path.symlink_to(secret)),
        "it is a link",
    ),
    FileAttack(
        "a_link_to_nothing",
        "hands in a link to what isn't there",
        in_place_of_the_file(lambda path, _: path.symlink_to("nowhere")),
        "it is a link",
    ),
    FileAttack(
        "a_link_to_itself",
        "hands in a link that leads to itself",
        in_place_of_the_file(lambda path, _: path.symlink_to(path)),
        "it is a link",
    ),
    FileAttack(
        "a_hard_link",
        "hands in a second name of a file of the instructor's",
        in_place_of_the_file(lambda path, secret: path.hardlink_to(secret)),
        "not an ordinary file",
    ),
    FileAttack(
        "a_pipe",
        "hands in a pipe, on which reading waits for ever",
        in_place_of_the_file(lambda path, _: os.mkfifo(path)),
        "not an ordinary file",
    ),
    FileAttack("a_socket", "hands in a socket", in_place_of_the_file(_socket), "can't be read"),
    FileAttack(
        "an_endless_device",
        "hands in a link to a device without end",
        in_place_of_the_file(lambda path, _: path.symlink_to("/dev/zero")),
        "it is a link",
    ),
    FileAttack(
        "a_folder",
        "hands in a folder of that name",
        in_place_of_the_file(lambda path, _: path.mkdir()),
        "none of the exercises' files",
    ),
    FileAttack(
        "a_large_file",
        "hands in 100 MiB",
        in_place_of_the_file(_sparse),
        f"larger than {MAX_FILE // 2**20} MiB",
    ),
    FileAttack(
        "a_folder_elsewhere",
        "hands in a link to a folder of the instructor's",
        beside_the_file(lambda own, secret: (own / "exercises").symlink_to(secret.parent)),
    ),
    FileAttack(
        "a_circle",
        "hands in a folder that leads back to itself",
        beside_the_file(lambda own, _: (own / "again").symlink_to(own)),
    ),
    FileAttack("depth", "hands in folders in folders, 200 deep", beside_the_file(_deep)),
    FileAttack("many_files", "hands in 5,001 files", beside_the_file(_many), "more than"),
    FileAttack("odd_names", "hands in files with names that hurt", beside_the_file(_names)),
    FileAttack(
        "settings",
        "hands in settings for pytest and Python besides",
        beside_the_file(
            lambda own, _: [
                (own / name).write_text("1 / 0\n")
                for name in ("conftest.py", "pytest.ini", "sitecustomize.py", "numpy.py", "x.pth")
            ]
        ),
    ),
]
