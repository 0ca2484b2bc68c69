"""Plain data survives its way exactly; everything else is refused."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.core.plain import (
    MAX_ARRAY_BYTES,
    NotPlain,
    Opaque,
    decode,
    dumps,
    encode,
    loads,
    plain,
)

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text("abc é🎈", max_size=20)
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("xy", max_size=3), inner),
    max_leaves=20,
)


@given(TREES)
def test_plain_data_comes_back_as_it_went(value: Any) -> None:
    assert loads(dumps(plain(value))) == value


@pytest.mark.parametrize("compact", [True, False], ids=["in a pipe", "in a file"])
@pytest.mark.parametrize(
    "array",
    [
        np.array(3.5),
        np.arange(6.0).reshape(2, 3).T,
        np.array([1.5, np.nan, np.inf]),
        np.array([[True, False]]),
        np.arange(5, dtype=np.int32),
        np.array([0, 255], dtype=np.uint8),
        np.arange(3, dtype=np.longlong),
        np.float32(0.1),
        np.zeros((0, 3)),
        np.array([1.0, 2.0], dtype=">f8"),
    ],
    ids=repr,
)
def test_arrays_keep_values_shape_and_dtype(array: Any, compact: bool) -> None:
    back = decode(json.loads(json.dumps(encode(plain(array), compact))))
    np.testing.assert_array_equal(back, array)
    assert back.shape == np.shape(array)
    assert back.dtype == np.asarray(array).dtype.newbyteorder("<")


def test_files_hold_numbers_and_pipes_hold_bytes() -> None:
    array = np.array([0.1, 2.0])
    assert encode(array)["array"]["entries"] == [0.1, 2.0]
    assert b"entries" not in dumps(array)
    assert len(dumps(np.zeros(1000))) < 1000 * 11


def test_what_is_read_can_be_written_to_and_shares_nothing() -> None:
    array = np.arange(3.0)
    for copied in (plain(array), loads(dumps(array)), decode(encode(array))):
        copied[0] = 9.0
    assert array[0] == 0.0


class Liar(np.ndarray):
    """An array that claims to equal everything."""

    def __eq__(self, other: object) -> Any:
        return True

    def __array_ufunc__(self, *args: Any, **kwargs: Any) -> Any:
        return True


@pytest.mark.parametrize(
    "value",
    [
        object(),
        {1, 2},
        (i for i in range(0)),
        1j,
        np.array([1j]),
        np.array([object()]),
        10**30,
        b"bytes",
    ],
    ids=["object", "set", "generator", "complex", "complex array", "object array", "huge", "bytes"],
)
def test_what_is_not_plain_is_named_and_equals_nothing(value: Any) -> None:
    assert isinstance(plain(value), Opaque)
    assert isinstance(loads(dumps(plain(value))), Opaque)


def test_a_lying_array_is_copied_to_an_honest_one() -> None:
    copied = plain(np.zeros(3).view(Liar))
    assert type(copied) is np.ndarray


def test_a_structure_without_end_is_cut() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert "too large" in repr(plain(endless))
    assert "too large" in repr(plain([[0.0] * 1000] * 1000))


def test_text_loses_what_a_terminal_would_obey() -> None:
    assert "\x1b" not in plain("\x1b[2Jcleared")
    assert "\x1b" not in loads(json.dumps("\x1b[2J").encode())


HOSTILE = [
    b"",
    b"{",
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"array": 1}',
    b'{"array": {"dtype": "|O", "shape": [1], "entries": [1]}}',
    b'{"array": {"dtype": "<f8", "shape": [2], "entries": [1]}}',
    b'{"array": {"dtype": "<f8", "shape": [-1], "entries": []}}',
    b'{"array": {"dtype": "<f8", "shape": [1e3], "entries": [1]}}',
    b'{"array": {"dtype": "<f8", "shape": [1000000, 1000000], "entries": []}}',
    b'{"array": {"dtype": "<f8", "shape": [1], "entries": ["1"]}}',
    b'{"array": {"dtype": "|u1", "shape": [1], "entries": [300]}}',
    b'{"array": {"dtype": "|u1", "shape": [1], "base64": "?"}}',
    b'{"array": {"dtype": "|b1", "shape": [1], "base64": "Bw=="}}',
    b'{"array": {"dtype": "|b1", "shape": [3], "base64": "AAIA"}}',
    b'{"array": {"dtype": "<f8", "shape": [1], "base64": "Bw=="}}',
    b'{"array": {"dtype": "<f8", "shape": [2], "base64": "AAAAAAAAAAA="}}',
    b'{"array": {"dtype": "<f8", "shape": [1], "base64": "AAAAAAAAAAAA"}}',
    b'{"array": {"dtype": "<f8", "shape": [1], "base64": "AAAAAAAAAA=="}}',
    b'{"array": {"dtype": "<f8", "shape": [1], "base64": "AAAAA\\nAAAAA="}}',
    b'{"array": {"dtype": "<f8", "shape": [1], "base64": "\xc3\xa9AAAAAAAAA=="}}',
    b'{"array": {"dtype": "<f8", "shape": [1], "base64": [0]}}',
    b'{"array": {"dtype": "<f8", "shape": [0, 33554432, 33554432, 33554432], "base64": ""}}',
    b'{"array": {"dtype": "<f8", "shape": [0, 33554432, 33554432, 33554432], "entries": []}}',
    b'{"array": {"dtype": "<f8", "shape": [1000000, 1000000], "base64": ""}}',
    b'{"dict": [1]}',
    b'{"dict": {"a": {"b": 1}}}',
    b'{"opaque": 1}',
    b'{"a": 1, "b": 2}',
    b"99999999999999999999999999",
    b"1" * 5000,
    json.dumps("x" * 5000).encode(),
    json.dumps([0] * 30_000).encode(),
]


@pytest.mark.parametrize("raw", HOSTILE, ids=lambda raw: raw[:40].decode("latin-1"))
def test_anything_else_is_refused(raw: bytes) -> None:
    with pytest.raises(NotPlain):
        loads(raw)


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(raw: bytes) -> None:
    with contextlib.suppress(NotPlain):
        loads(raw)


@given(
    st.recursive(
        st.none() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["array", "dict", "opaque", "dtype", "shape", "entries", "base64"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=15,
    )
)
def test_no_tree_does_more_than_be_refused(tree: Any) -> None:
    with contextlib.suppress(NotPlain):
        loads(json.dumps(tree).encode())


def test_an_array_of_more_than_the_limit_is_opaque() -> None:
    assert isinstance(plain(np.zeros(MAX_ARRAY_BYTES // 8 + 1)), Opaque)
    endless = np.broadcast_to(0.0, (10**6, 10**6))  # eight bytes that look like eight terabytes
    assert isinstance(plain(endless), Opaque)
