"""`autograder merge`."""

from __future__ import annotations

import argparse

from autograder.commands import grade


def run(options: argparse.Namespace) -> int:
    """Put the shards of a class together, and write what `grade` writes."""
    return grade.merge(options)
