"""`autograder checks`: what is checked, and for how many points."""

from __future__ import annotations

import argparse

from autograder.catalogue import EXERCISES


def run(_options: argparse.Namespace) -> int:
    """List every check."""
    for exercise in EXERCISES.values():
        print(f"{exercise.name}: {exercise.title}, {exercise.points} points")
        for check in exercise.checks:
            print(f"  {check.points:>3}  {check.id.partition('.')[2]}")
            print(f"       {check.function}: {check.title}")
    return 0
