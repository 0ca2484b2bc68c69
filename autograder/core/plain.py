"""Plain data: what an observation is made of, and how it travels.

Plain data is None, bool, int, float, str, a list or a dict with string keys of
plain data, or an array of numbers or booleans. `plain` makes it from whatever a
learner's function returned; `encode` and `decode` carry it through JSON, exactly,
to files that a person can read and through pipes that an attacker may write to.
"""

from __future__ import annotations

import base64
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
    budget = [MAX_NODES]

    def copy(value: Any, depth: int) -> Any:
        budget[0] -= 1
        if depth > MAX_DEPTH or budget[0] < 0:
            return Opaque("a structure that is too large to look at")
        kind = type(value)
        if value is None or kind in (bool, float):
            return value
        if kind is int:
            return value if -(2**63) <= value < 2**63 else Opaque("a very large int")
        if isinstance(value, str):  # NumPy's and enumerations' texts, too
            return clean(str.__str__(value)[:MAX_TEXT])
        if isinstance(value, list):
            return [copy(item, depth + 1) for item in list.__iter__(value)]
        if isinstance(value, tuple):
            return [copy(item, depth + 1) for item in tuple.__iter__(value)]
        if isinstance(value, dict):
            return {_key(key): copy(item, depth + 1) for key, item in dict.items(value)}
        if isinstance(value, np.ndarray | np.generic):
            return _plain_array(value)
        return Opaque(_article(kind.__name__))

    return copy(value, 0)


def _key(key: Any) -> str:
    if isinstance(key, str):
        return clean(str.__str__(key)[:MAX_TEXT])
    if isinstance(key, int | float | np.number):
        return repr(float(key))
    return f"a key of type {type(key).__name__}"[:MAX_TEXT]


def _plain_array(value: Any) -> Any:
    array = np.array(value, copy=True, order="C", subok=False)
    dtype = array.dtype.newbyteorder("<")
    if dtype.str not in DTYPES:
        return Opaque(f"an array of dtype {str(array.dtype)[:40]}")
    if array.nbytes > MAX_ARRAY_BYTES:
        return Opaque(f"an array of {array.nbytes} bytes")
    return array.astype(dtype, copy=False)


def _article(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name[:80]}"


def encode(value: Any) -> Any:
    """Return plain data as a tree that `json.dumps` takes.

    Arrays of small integers (images) are written in base64, all others as
    lists of numbers in C order; `repr` of a float is exact, so nothing is lost.
    """
    if isinstance(value, np.ndarray):
        head = {"dtype": value.dtype.str, "shape": list(value.shape)}
        if value.dtype.itemsize == 1:
            return {"array": {**head, "base64": base64.b64encode(value.tobytes()).decode()}}
        return {"array": {**head, "entries": value.ravel().tolist()}}
    if isinstance(value, list):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {"dict": {key: encode(item) for key, item in value.items()}}
    if isinstance(value, Opaque):
        return {"opaque": value.what}
    return value


def decode(tree: Any) -> Any:
    """Return the plain data that `encode` wrote, trusting nothing.

    Raises
    ------
    NotPlain
        If the tree is anything but an encoding of plain data within the
        limits of this module.
    """
    budget = [MAX_NODES]

    def read(node: Any, depth: int) -> Any:
        budget[0] -= 1
        if depth > MAX_DEPTH + 1 or budget[0] < 0:
            raise NotPlain("too deep or too many items")
        if node is None or type(node) in (bool, float):
            return node
        if type(node) is int:
            if not -(2**63) <= node < 2**63:
                raise NotPlain("an int beyond 64 bits")
            return node
        if type(node) is str:
            return _text(node)
        if type(node) is list:
            return [read(item, depth + 1) for item in node]
        if type(node) is dict and len(node) == 1:
            ((kind, body),) = node.items()
            if kind == "array":
                return _read_array(body)
            if kind == "opaque":
                return Opaque(_text(body))
            if kind == "dict" and type(body) is dict:
                return {_text(key): read(item, depth + 1) for key, item in body.items()}
        raise NotPlain("an unknown node")

    return read(tree, 0)


def _text(node: Any) -> str:
    if type(node) is not str or len(node) > MAX_TEXT:
        raise NotPlain("a text that is none, or too long")
    return clean(node)


def clean(text: str) -> str:
    """Return a text without what a terminal would obey: only printed characters and lines."""
    return "".join(
        c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def _read_array(body: Any) -> np.ndarray:
    if type(body) is not dict or len(body) != 3:
        raise NotPlain("an array without its parts")
    dtype, shape = body.get("dtype"), body.get("shape")
    if type(dtype) is not str or dtype not in DTYPES:
        raise NotPlain("an array of a forbidden dtype")
    if type(shape) is not list or len(shape) > 8:
        raise NotPlain("an array without a shape")
    size = 1
    for length in shape:
        if type(length) is not int or not 0 <= length <= MAX_ARRAY_BYTES:
            raise NotPlain("an array of an impossible shape")
        size *= length
    if size * np.dtype(dtype).itemsize > MAX_ARRAY_BYTES:
        raise NotPlain("an array that is too large")
    if "base64" in body:
        flat = _from_base64(body["base64"], dtype)
    else:
        flat = _from_entries(body.get("entries"), dtype)
    if flat.size != size:
        raise NotPlain("an array whose entries do not fill its shape")
    return flat.reshape(shape)


def _from_base64(text: Any, dtype: str) -> np.ndarray:
    try:
        raw = base64.b64decode(text, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise NotPlain("an array that is not base64") from None
    if len(raw) % np.dtype(dtype).itemsize:
        raise NotPlain("an array that is cut off")
    if dtype == "|b1" and raw.strip(b"\0\1"):
        raise NotPlain("booleans that are neither")
    return np.frombuffer(bytearray(raw), dtype=dtype)


def _from_entries(entries: Any, dtype: str) -> np.ndarray:
    if type(entries) is not list or not {type(entry) for entry in entries} <= {int, float}:
        raise NotPlain("an array without numbers")
    if np.dtype(dtype).kind in "iu":  # older NumPy would wrap them around
        limits = np.iinfo(dtype)
        if not all(type(e) is int and limits.min <= e <= limits.max for e in entries):
            raise NotPlain("an array whose numbers do not fit")
    try:
        return np.array(entries, dtype=dtype)
    except (OverflowError, ValueError):
        raise NotPlain("an array whose numbers do not fit") from None


def dumps(value: Any) -> bytes:
    """Return plain data as compact JSON text, in UTF-8."""
    return json.dumps(encode(value), separators=(",", ":")).encode()


def loads(raw: bytes) -> Any:
    """Return the plain data in JSON text from an untrusted source.

    Raises
    ------
    NotPlain
        If it is not JSON, or not plain data.
    """
    try:
        return decode(json.loads(raw))
    except (ValueError, RecursionError) as problem:
        if isinstance(problem, NotPlain):
            raise
        raise NotPlain(f"not JSON: {type(problem).__name__}") from None
