"""Whatever arrives, from a student's process or in a class's folder, is read or refused."""

from __future__ import annotations

import json
import os
import shutil
import stat
import struct
import tempfile
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.core.observe import OUTCOMES, Crash, Frame, Seen
from autograder.core.plain import DTYPES, MAX_DEPTH, MAX_TEXT, Opaque, plain
from autograder.grading.arrivals import find
from autograder.grading.frames import LENGTH, MAX_FRAME, BadFrame, Reader, pack, unpack
from autograder.grading.submissions import MAX_FILE, Submission

MEBIBYTE = 2**20


@contextmanager
def little_memory(most: int) -> Iterator[None]:
    """See to it that no more than so many bytes are taken at a time."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


# --- frames

TEXTS = st.text(max_size=20)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | TEXTS
    | st.sampled_from(DTYPES).flatmap(
        lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, min_side=0, max_side=4))
    )
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
).map(plain)
LINES = st.builds(Frame, TEXTS, st.integers(0, 10**6), TEXTS, TEXTS)
CRASHES = st.builds(Crash, TEXTS, TEXTS, st.lists(LINES, max_size=8).map(tuple))
SEEN = st.one_of(
    st.builds(Seen, st.just("seen"), TREES, printed=TEXTS),
    st.builds(Seen, st.just("not attempted"), reason=TEXTS, printed=TEXTS),
    st.builds(Seen, st.just("crashed"), crash=CRASHES, printed=TEXTS, importing=TEXTS),
)


def same(one: Any, other: Any) -> bool:
    """Return whether two observations are equal, down to the types."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        alike = (one.dtype, one.shape) == (other.dtype, other.shape)
        return alike and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return bool(one == other) or one != one


def bodies(stream: bytes, cuts: list[int]) -> list[bytes]:
    """Return the bodies of the frames in a stream that arrives in pieces."""
    reader = Reader()
    found: list[bytes] = []
    ends = sorted({cut % (len(stream) + 1) for cut in cuts} | {0, len(stream)})
    for start, end in zip(ends, ends[1:], strict=False):
        found += reader.feed(stream[start:end])
    return found


CUTS = st.lists(st.integers(0, 10**6), max_size=8)


@given(st.lists(SEEN, max_size=4), CUTS)
def test_answers_arrive_as_they_were_sent(sent: list[Seen], cuts: list[int]) -> None:
    stream = b"".join(pack(f"task {at}", seen) for at, seen in enumerate(sent))
    arrived = bodies(stream, cuts)
    assert len(arrived) == len(sent)
    for at, (seen, body) in enumerate(zip(sent, arrived, strict=True)):
        back = unpack(body, f"task {at}").observed()
        wanted = plain({**vars(seen), "observation": None, "crash": None})
        assert plain({**vars(back), "observation": None, "crash": None}) == wanted
        assert same(back.observation, seen.observation)
        assert repr(back.crash) == repr(_cleaned(seen.crash))
        with pytest.raises(BadFrame):
            unpack(body, "another task")


def _cleaned(crash: Crash | None) -> Crash | None:
    if crash is None:
        return None
    lines = [Frame(*map(plain, (f.file, f.line, f.function, f.source))) for f in crash.frames]
    return Crash(plain(crash.kind), plain(crash.message), tuple(lines))


def take(stream: bytes, cuts: list[int], tasks: int = 3) -> list[Seen]:
    """Return what a grader would, up to the first thing that is no answer."""
    taken: list[Seen] = []
    try:
        for body in bodies(stream, cuts):
            taken.append(unpack(body, f"task {len(taken)}").observed())
            if len(taken) == tasks:
                break
    except BadFrame:
        pass
    return taken


@given(st.binary(max_size=300), CUTS)
@example(b"\xff" * 300, [])
@example(LENGTH.pack(MAX_FRAME + 1), [])
@example(bytes(300), [1])
def test_no_bytes_are_mistaken_for_an_answer(stream: bytes, cuts: list[int]) -> None:
    with little_memory(2 * MEBIBYTE):
        assert take(stream, cuts) == []
        assert take(_framed(stream), cuts) == []


EDITS = st.lists(st.tuples(st.integers(0, 10**6), st.binary(max_size=6)), min_size=1, max_size=5)


@given(SEEN, EDITS, CUTS)
def test_a_damaged_answer_is_refused_or_still_plain(
    seen: Seen, edits: list[tuple[int, bytes]], cuts: list[int]
) -> None:
    body = bytearray(pack("task 0", seen)[LENGTH.size :])
    for at, new in edits:
        at %= len(body) + 1
        body[at : at + len(new)] = new
    with little_memory(8 * MEBIBYTE):
        for back in take(_framed(bytes(body)), cuts, tasks=1):
            assert back.outcome in OUTCOMES
            assert is_plain(back.observation)
            for text in (back.reason, back.printed, back.importing):
                assert all(c.isprintable() or c in "\n\t" for c in text)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["array", "dict", "opaque", "dtype", "shape", "entries", "base64", "AAAA"])
    | st.sampled_from([*DTYPES, "|O", "f8,f8", "<U9", "<M8[s]", ">f8", "<c16", "<f2"]),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(
            st.sampled_from(["array", "dict", "opaque", "dtype", "shape", "entries", "base64"]),
            inner,
        )
    ),
    max_leaves=15,
)
ARRAYS = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from([*DTYPES, "|O", "f8,(99999999,)f8", "", "V9"]),
        "shape": st.lists(st.integers(-1, 2**40) | st.integers(0, 3), max_size=9),
    },
    optional={
        "entries": st.lists(st.integers() | st.floats() | st.booleans(), max_size=6),
        "base64": st.sampled_from(["", "AAAA", "////////", "Bw==", "?", "AAAAAAAAAAA="]),
    },
).map(lambda parts: {"array": parts})


def nested(depth: int, kind: str) -> Any:
    """Return lists in lists, or dicts in dicts."""
    tree: Any = 1
    for _ in range(depth):
        tree = [tree] if kind == "list" else {"dict": {"a": tree}}
    return tree


DEEP = st.builds(nested, st.integers(0, 40), st.sampled_from(["list", "dict"]))
HEAD, _, _ = pack("task 0", Seen("seen"))[LENGTH.size :].partition(b"\n")


def is_plain(value: Any, depth: int = 0) -> bool:
    """Return whether a value is what a judge may be given."""
    if depth > MAX_DEPTH + 1:
        return False
    if isinstance(value, np.ndarray):
        bits = value.view("u1") if value.dtype == bool else np.zeros(0)
        return type(value) is np.ndarray and value.dtype.str in DTYPES and not (bits > 1).any()
    if isinstance(value, list):
        return all(is_plain(item, depth + 1) for item in value)
    if isinstance(value, dict):
        return all(type(k) is str and is_plain(v, depth + 1) for k, v in value.items())
    if isinstance(value, str):
        return len(value) <= MAX_TEXT and all(c.isprintable() or c in "\n\t" for c in value)
    if type(value) is int:
        return -(2**63) <= value < 2**63
    return value is None or type(value) in (bool, float, Opaque)


@settings(max_examples=300)
@given(JSON | ARRAYS | DEEP)
@example({"array": {"dtype": "|b1", "shape": [1], "base64": "Bw=="}})
@example({"array": {"dtype": "<f8", "shape": [2**32, 2**32], "entries": []}})
def test_any_json_as_an_observation_is_plain_or_no_answer(tree: Any) -> None:
    with little_memory(8 * MEBIBYTE):
        back = unpack(HEAD + b"\n" + json.dumps(tree).encode(), "task 0").observed()
    assert back.outcome in ("seen", "died")
    assert is_plain(back.observation)


FIELDS = ("task", "outcome", "reason", "printed", "importing", "crash")
LINE = {"file": "losses.py", "line": 1, "function": "f", "source": "1 / 0"}


@settings(max_examples=300)
@given(JSON, st.sampled_from(["", "kind", "message", "frames", *LINE, *FIELDS]))
def test_any_json_as_a_head_is_an_answer_or_refused(tree: Any, field: str) -> None:
    line = LINE | ({field: tree} if field in LINE else {})
    crash = {"kind": "E", "message": "", "frames": [line]}
    crash |= {field: tree} if field in crash else {}
    head = json.loads(HEAD) | {"crash": crash}
    head |= {field: tree} if field in FIELDS else {}
    with little_memory(8 * MEBIBYTE):
        taken = take(_framed(json.dumps(head if field else tree).encode()), [], tasks=1)
    for back in taken:
        assert back.outcome in ("seen", "not attempted", "crashed", "died")
        lines = back.crash.frames if back.crash else ()
        told = [back.reason, back.printed, back.importing]
        told += [text for one in lines for text in (one.file, one.function, one.source)]
        told += [back.crash.kind, back.crash.message] if back.crash else []
        assert all(type(text) is str and is_plain(text) for text in told)
        assert all(type(one.line) is int for one in lines)


def _framed(body: bytes) -> bytes:
    return LENGTH.pack(len(body)) + body


@given(st.integers(MAX_FRAME + 1, 2**32 - 1), st.binary(max_size=9))
def test_a_frame_that_is_too_long_is_refused_before_it_arrives(length: int, some: bytes) -> None:
    with pytest.raises(BadFrame, match=str(length)):
        list(Reader().feed(LENGTH.pack(length) + some))


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 10**6,
        b'{"dict":{"a":' * 10**5,
        b"9" * 10**6,
        b"[" + b"0," * 10**5 + b"0]",
        b'"' + b"\\ud800" * 10**5 + b'"',
        b'{"array":{"dtype":"<f8","shape":[' + b"1," * 10**5 + b'1],"entries":[1]}}',
        b'{"array":{"dtype":"<f8","shape":[4194304],"entries":[]}}',
    ],
    ids=range(7),
)
def test_large_answers_cost_little(raw: bytes) -> None:
    with little_memory(100 * MEBIBYTE):
        assert unpack(HEAD + b"\n" + raw, "task 0").observed().outcome == "died"
        with pytest.raises(BadFrame):
            unpack(raw, "task 0")


# --- submissions

NAMES = ("losses", "backprop")
PARTS = st.sampled_from(
    [
        *("losses.py", "backprop.py", "exercises", "a", "..", ".", "", "LOSSES.PY", "x" * 300),
        *("__MACOSX", ".git", "é", "\x1b[2J", "a\nb", "C:", "\\", "losses.py ", "con", "🎈"),
    ]
)
EXERCISE = st.just("losses.py")  # often enough, what is looked for
PATHS = EXERCISE | st.lists(PARTS, min_size=1, max_size=6).map("/".join) | st.text("\0/a.é")
CONTENTS = st.binary(max_size=60) | st.just(bytes(MAX_FILE + 1))
MODES = st.sampled_from([stat.S_IFREG | 0o644, stat.S_IFLNK | 0o777, stat.S_IFDIR, stat.S_IFBLK, 0])
METHODS = st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
MEMBERS = st.lists(st.tuples(PATHS, CONTENTS, MODES, METHODS), max_size=6)


def archive(path: Path, members: list[tuple[str, bytes, int, int]]) -> None:
    """Write a .zip of members with any name, mode and method."""
    with zipfile.ZipFile(path, "w") as file:
        for name, content, mode, method in members:
            facts = zipfile.ZipInfo(name.encode("utf-8", "replace").decode())
            facts.external_attr, facts.compress_type = mode << 16, method
            if facts.filename not in file.namelist():
                file.writestr(facts, content)


@contextmanager
def a_class() -> Iterator[tuple[Path, Path]]:
    """Make a folder of submissions with an honest one in it, beside a secret."""
    with tempfile.TemporaryDirectory() as name:
        folder, secret = Path(name) / "class", Path(name) / "secret" / "losses.py"
        for own in (folder / "bob", secret.parent):
            own.mkdir(parents=True)
        (folder / "bob" / "losses.py").write_bytes(b"honest")
        secret.write_bytes(b"the secret")
        yield folder, secret


def snapshot(folder: Path) -> dict[str, tuple[int, int, int]]:
    status = {str(path): path.lstat() for path in [folder, *folder.rglob("*")]}
    return {path: (one.st_mode, one.st_size, one.st_mtime_ns) for path, one in status.items()}


def read_all(folder: Path) -> dict[str, Submission]:
    """Read a class, and see that this changed nothing and left the honest one alone."""
    before = snapshot(folder.parent)
    with little_memory(32 * MEBIBYTE):
        found = find(folder)
        hand_ins, ignored = found.hand_ins, found.ignored
        read = {one.student: one.read(NAMES) for one in hand_ins}
    assert snapshot(folder.parent) == before
    assert all(text.isprintable() for text in ignored)
    for submission in read.values():
        assert submission.files or submission.problems
        assert set(submission.files) <= set(NAMES)
        for content in submission.files.values():
            assert len(content) <= MAX_FILE
            assert b"the secret" not in content
        for problem in submission.problems:
            assert problem.isprintable()
    assert read["bob"].files == {"losses": b"honest"}
    return read


@settings(max_examples=60)
@given(MEMBERS)
def test_any_archive_is_read_or_refused(members: list[tuple[str, bytes, int, int]]) -> None:
    with a_class() as (folder, _):
        archive(folder / "eve.zip", members)
        read_all(folder)


@settings(max_examples=100)
@given(MEMBERS, EDITS, st.integers(0, 400))
def test_a_damaged_archive_is_read_or_refused(
    members: list[tuple[str, bytes, int, int]], edits: list[tuple[int, bytes]], cut: int
) -> None:
    small = [(name, content[:60], mode, method) for name, content, mode, method in members]
    with a_class() as (folder, _):
        path = folder / "eve.zip"
        archive(path, [("losses.py", b"x = 1\n", 0, zipfile.ZIP_DEFLATED), *small])
        raw = bytearray(path.read_bytes())
        for at, new in edits:  # most of it near the end, where the directory is
            at = max(0, len(raw) - 1 - at % 400)
            raw[at : at + len(new)] = new
        path.write_bytes(raw[: len(raw) - cut] if cut < 40 else raw)
        read_all(folder)


HEADERS = {b"PK\x01\x02": 46, b"PK\x03\x04": 30, b"PK\x05\x06": 22}


@settings(max_examples=100)
@given(
    st.sampled_from(sorted(HEADERS)),
    st.integers(4, 44),
    st.sampled_from([0, 1, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF]),
)
def test_every_field_of_an_archive_may_lie(signature: bytes, offset: int, value: int) -> None:
    with a_class() as (folder, _):
        path = folder / "eve.zip"
        archive(path, [(f"{name}.py", b"x = 1\n" * 99, 0, zipfile.ZIP_DEFLATED) for name in NAMES])
        raw = bytearray(path.read_bytes())
        size = 2 if value <= 0xFFFF else 4
        at = raw.index(signature) + min(offset, HEADERS[signature] - size)
        raw[at : at + size] = struct.pack("<I", value)[:size]
        path.write_bytes(raw)
        read_all(folder)


KINDS = st.sampled_from(["file", "large", "folder", "link", "link out", "pipe", "hard link"])
PLACES = st.lists(EXERCISE | PARTS, min_size=1, max_size=7) | EXERCISE.map(lambda name: [name])
TREE = st.lists(st.tuples(PLACES, KINDS), max_size=8)


def plant(own: Path, parts: list[str], kind: str, secret: Path) -> None:
    """Make something in a student's folder, if such a thing can be there."""
    names = [part for part in parts if part not in ("", ".", "..")]
    place = own.joinpath(*names) if names else own / "x"
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.parent.resolve().is_relative_to(own.resolve()) or os.path.lexists(place):
            return  # through a link, or there already
        if kind == "folder":
            place.mkdir()
        elif kind == "link":
            place.symlink_to(own)
        elif kind == "link out":
            place.symlink_to(secret if len(names) % 2 else secret.parent)
        elif kind == "pipe":
            os.mkfifo(place)
        elif kind == "hard link":
            place.hardlink_to(secret)
        else:
            place.write_bytes(b"x = 1\n" if kind == "file" else bytes(MAX_FILE + 1))
    except OSError:
        pass


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
@settings(max_examples=100)
@given(TREE)
def test_any_folder_is_read_or_refused(things: list[tuple[list[str], str]]) -> None:
    with a_class() as (folder, secret):
        own = folder / "eve"
        own.mkdir()
        for parts, kind in things:
            plant(own, parts, kind, secret)
        read_all(folder)
        shutil.rmtree(own)
