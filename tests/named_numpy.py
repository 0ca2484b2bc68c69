"""A stand-in for NumPy that has its names and does nothing: enough to import the checks.

The tests of Python in the browser load it under NumPy's name, where the real one can't be had.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class Nothing:
    """Can be made, called and asked for attributes."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        pass

    def __class_getitem__(cls, item: Any) -> type:
        return cls

    def __getattr__(self, name: str) -> Nothing:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing()

    def __call__(self, *arguments: Any, **options: Any) -> Nothing:
        return Nothing()


class Names(ModuleType):
    """A module with every name, each a class of its own."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        made = type(name, (Nothing,), {})
        setattr(self, name, made)
        return made


for _name in ("numpy", "numpy.typing", "numpy.random", "numpy.random.bit_generator"):
    sys.modules[_name] = Names(_name)
    sys.modules[_name].__path__ = []
    _parent, _, _child = _name.rpartition(".")
    if _parent:
        setattr(sys.modules[_parent], _child, sys.modules[_name])
