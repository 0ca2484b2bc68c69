"""`autograder audit`: the autograder's own error rates."""

from __future__ import annotations

import argparse

from autograder.authoring.audit import Auditor, table
from autograder.authoring.variants import BadCatalogue
from autograder.catalogue import EXERCISES
from autograder.commands import Refused


def run(options: argparse.Namespace) -> int:
    """Print the table; fail if wrong code is accepted, right code rejected, or a name is wrong."""
    unknown = set(options.exercises) - set(EXERCISES)
    if unknown:
        raise Refused(f"no exercise {', '.join(sorted(unknown))}: there are {', '.join(EXERCISES)}")
    auditor = Auditor(options.solutions)
    names = [name for name in EXERCISES if not options.exercises or name in options.exercises]
    try:
        audits = [auditor.audit(name) for name in names]
    except (BadCatalogue, OSError) as problem:
        raise Refused(str(problem)) from None
    rows = list(table(audits))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [f"{cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True)]
        print("  ".join([f"{row[0]:<{widths[0]}}", *cells]))
    found = [sentence for audit in audits for sentence in audit.problems]
    for sentence in found:
        print(f"✗ {sentence}")
    return int(bool(found))
