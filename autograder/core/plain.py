"""Plain data: what an observation is made of, and how it travels.

Plain data is None, bool, int, float, str, a list or a dict with string keys of
plain data, or an array of numbers or booleans. `plain` makes it from whatever a
learner's function returned; `encode` and `decode` carry it through JSON, exactly,
to files that people read and through pipes that an attacker may write to.
"""

from __future__ import annotations

import binascii
import json
from dataclasses import dataclass
from typing import Any

import numpy as np

MAX_DEPTH = 12
MAX_NODES = 20_000
MAX_TEXT = 4_000
MAX_ARRAY_BYTES = 32 * 2**20
DTYPES = ("|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f4", "<f8")

_BY_NAME = {name: np.dtype(name) for name in DTYPES}
_NAMES = {dtype: name for name, dtype in _BY_NAME.items()}
_JSON = json.JSONEncoder(separators=(",", ":"), check_circular=False)


class NotPlain(ValueError):
    """What arrived is not the encoding of plain data."""


@dataclass(frozen=True)
class Opaque:
    """Something that is not plain data; it equals nothing that a check expects.

    Attributes
    ----------
    what : str
        A name for it in a message, such as "a generator".
    """

    what: str


def plain(value: Any) -> Any:
    """Return a copy of `value` as plain data, with `Opaque` where that fails.

    Tuples become lists. NumPy scalars become arrays of no dimension, which
    keeps their dtype. Nothing of the original is shared, and none of its
    methods is called but those of `ndarray` itself.
    """
    budget = MAX_NODES

    def copy(value: Any, depth: int) -> Any:
        nonlocal budget
        budget -= 1
        if depth > MAX_DEPTH or budget < 0:
            return Opaque("a structure that is too large to look at")
        kind = type(value)
        if kind is np.ndarray and value.dtype in _NAMES and value.nbytes <= MAX_ARRAY_BYTES:
            return value.copy()  # most are as plain as that
        if value is None or kind is bool or kind is float:
            return value
        if kind is int:
            return value if -(2**63) <= value < 2**63 else Opaque("a very large int")
        if isinstance(value, str):
            return _plain_text(value)
        if isinstance(value, list):
            return [copy(item, depth + 1) for item in list.__iter__(value)]
        if isinstance(value, tuple):
            return [copy(item, depth + 1) for item in tuple.__iter__(value)]
        if isinstance(value, dict):
            return {_key(key): copy(item, depth + 1) for key, item in dict.items(value)}
        if isinstance(value, (np.ndarray, np.generic)):
            return _plain_array(value)
        return Opaque(_article(kind.__name__))

    return copy(value, 0)


def _key(key: Any) -> str:
    if isinstance(key, str):
        return _plain_text(key)
    if isinstance(key, (int, float, np.number)):
        return repr(float(key))
    return f"a key of type {type(key).__name__}"[:MAX_TEXT]


def _plain_text(text: str) -> str:
    if type(text) is str and len(text) <= MAX_TEXT and text.isprintable():
        return text
    return clean(str.__str__(text)[:MAX_TEXT])  # NumPy's and enumerations' texts, too


def _plain_array(value: Any) -> Any:
    array = np.asarray(value)  # a plain view, even of a subclass
    dtype = array.dtype
    if dtype not in _NAMES:
        dtype = dtype.newbyteorder("<")
        if dtype not in _NAMES:
            return Opaque(f"an array of dtype {str(array.dtype)[:40]}")
    if array.nbytes > MAX_ARRAY_BYTES:
        return Opaque(f"an array of {array.nbytes} bytes")
    return array.astype(dtype, order="C")


def _article(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name[:80]}"


def encode(value: Any, compact: bool = False) -> Any:
    """Return plain data as a tree that `json.dumps` takes.

    Arrays of bytes (images) are written in base64, all others as lists of
    numbers in C order; `repr` of a float is exact, so nothing is lost.

    Parameters
    ----------
    value : plain data
    compact : bool
        Write all arrays in base64: short and quick, and nothing to read.
    """
    if isinstance(value, np.ndarray):
        return {"array": _encode_array(value, compact)}
    if isinstance(value, list):
        return [encode(item, compact) for item in value]
    if isinstance(value, dict):
        return {"dict": {key: encode(item, compact) for key, item in value.items()}}
    if isinstance(value, Opaque):
        return {"opaque": value.what}
    return value


def _encode_array(array: np.ndarray, compact: bool) -> dict[str, Any]:
    head = {"dtype": _NAMES[array.dtype], "shape": list(array.shape)}
    if compact or array.dtype.itemsize == 1:
        return {**head, "base64": binascii.b2a_base64(array.tobytes(), newline=False).decode()}
    return {**head, "entries": array.ravel().tolist()}


def decode(tree: Any) -> Any:
    """Return the plain data that `encode` wrote, trusting nothing.

    Raises
    ------
    NotPlain
        If the tree is anything but an encoding of plain data within the
        limits of this module.
    """
    budget = MAX_NODES

    def read(node: Any, depth: int) -> Any:
        nonlocal budget
        budget -= 1
        if depth > MAX_DEPTH + 1 or budget < 0:
            raise NotPlain("too deep or too many items")
        kind = type(node)
        if kind is dict and len(node) == 1:
            ((tag, body),) = node.items()
            if tag == "array":
                return _read_array(body)
            if tag == "dict" and type(body) is dict:
                return {_text(key): read(item, depth + 1) for key, item in body.items()}
            if tag == "opaque":
                return Opaque(_text(body))
        elif node is None or kind is bool or kind is float:
            return node
        elif kind is list:
            return [read(item, depth + 1) for item in node]
        elif kind is str:
            return _text(node)
        elif kind is int:
            if not -(2**63) <= node < 2**63:
                raise NotPlain("an int beyond 64 bits")
            return node
        raise NotPlain("an unknown node")

    return read(tree, 0)


def _text(node: Any) -> str:
    if type(node) is not str or len(node) > MAX_TEXT:
        raise NotPlain("a text that is none, or too long")
    return clean(node)


def clean(text: str) -> str:
    """Return a text without what a terminal would obey: only printed characters and lines."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def _read_array(body: Any) -> np.ndarray:
    if type(body) is not dict or len(body) != 3:
        raise NotPlain("an array without its parts")
    name, shape = body.get("dtype"), body.get("shape")
    if type(name) is not str or name not in _BY_NAME:
        raise NotPlain("an array of a forbidden dtype")
    if type(shape) is not list or len(shape) > 8:
        raise NotPlain("an array without a shape")
    size, dtype = 1, _BY_NAME[name]
    for length in shape:
        if type(length) is not int or not 0 <= length <= MAX_ARRAY_BYTES:
            raise NotPlain("an array of an impossible shape")
        size *= length
    if size * dtype.itemsize > MAX_ARRAY_BYTES:
        raise NotPlain("an array that is too large")
    if "base64" in body:
        flat = _from_base64(body["base64"], dtype, size)
    else:
        flat = _from_entries(body.get("entries"), dtype, size)
    try:
        return flat.reshape(shape)
    except ValueError:  # nothing in it, and yet too large for NumPy
        raise NotPlain("an array of an impossible shape") from None


def _from_base64(text: Any, dtype: np.dtype, size: int) -> np.ndarray:
    n_bytes = size * dtype.itemsize
    if type(text) is not str or len(text) != (n_bytes + 2) // 3 * 4:
        raise NotPlain("an array whose bytes do not fill its shape")
    try:
        raw = bytearray(binascii.a2b_base64(text, strict_mode=True))
    except ValueError:
        raise NotPlain("an array that is not base64") from None
    if len(raw) != n_bytes:
        raise NotPlain("an array whose bytes do not fill its shape")
    if dtype.kind == "b" and raw.strip(b"\0\1"):
        raise NotPlain("booleans that are neither")
    return np.ndarray(size, dtype, raw)


def _from_entries(entries: Any, dtype: np.dtype, size: int) -> np.ndarray:
    if type(entries) is not list or not {type(entry) for entry in entries} <= {int, float}:
        raise NotPlain("an array without numbers")
    if len(entries) != size:
        raise NotPlain("an array whose entries do not fill its shape")
    if dtype.kind in "iu":  # older NumPy would wrap them around
        limits = np.iinfo(dtype)
        if not all(type(e) is int and limits.min <= e <= limits.max for e in entries):
            raise NotPlain("an array whose numbers do not fit")
    try:
        return np.array(entries, dtype=dtype)
    except (OverflowError, ValueError):
        raise NotPlain("an array whose numbers do not fit") from None


def dumps(value: Any) -> bytes:
    """Return plain data as compact JSON text, in UTF-8."""
    return _JSON.encode(encode(value, compact=True)).encode()


def loads(raw: bytes) -> Any:
    """Return the plain data in JSON text from an untrusted source.

    Raises
    ------
    NotPlain
        If it is not JSON, or not plain data.
    """
    try:
        return decode(json.loads(raw.decode()))
    except (ValueError, RecursionError) as problem:
        if isinstance(problem, NotPlain):
            raise
        raise NotPlain(f"not JSON: {type(problem).__name__}") from None
