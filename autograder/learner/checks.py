"""Checks as parameters of a pytest test."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.catalogue import EXERCISES


def checks_of(name: str) -> list[Any]:
    """Return the checks of an exercise as parameters of a test."""
    return [pytest.param(check, id=check.name) for check in EXERCISES[name].checks]
