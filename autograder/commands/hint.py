"""`autograder hint`: where to look, which equation, the line with one blank."""

from __future__ import annotations

import argparse
import textwrap

from autograder.commands import Refused
from autograder.learner.hints import NoHint, hint

TITLES = ("Where to look", "Which equation", "The line with one blank")


def run(options: argparse.Namespace) -> int:
    """Show the hints for a function up to a level."""
    exercise, _, function = options.function.partition(".")
    try:
        found = hint(options.exercises, exercise, function)
    except NoHint as problem:
        raise Refused(str(problem)) from None
    print("You may see:")
    for symptom in found.symptoms:
        print(textwrap.fill(symptom, 78, initial_indent="  - ", subsequent_indent="    "))
    for title, text in list(zip(TITLES, found.levels, strict=True))[: options.level]:
        print(f"\n{title}")
        if title == TITLES[-1]:
            print(f"    {text}")
        else:
            print(textwrap.fill(text, 78, initial_indent="  ", subsequent_indent="  "))
    if options.level < len(TITLES):
        print(f"\nMore: autograder hint {options.function} --level {options.level + 1}")
    return 0
