"""Audits that are run once, and kept until something changes that they depend on.

The tests and the website show the same audits, which take minutes.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np

import autograder
from autograder.authoring.audit import Audit, Auditor

PACKAGE = Path(autograder.__file__).parent
PARTS = (
    "*.py",
    "authoring/*.py",
    "catalogue/*.py",
    "core/*.py",
    "learner/__init__.py",
    "learner/watchdog.py",
)
"""What of the package an audit runs."""


def kept_audit(solutions: Path, name: str) -> Audit:
    """Return the audit of an exercise, as kept in `build/audits/` beside the solutions.

    Parameters
    ----------
    solutions : Path
    name : str
        Of the exercise.
    """
    file = solutions.resolve().parent / "build" / "audits" / f"{name}.json"
    state = state_of(solutions)
    if file.exists():
        kept = json.loads(file.read_text("utf-8"))
        if kept.pop("state") == state:
            return Audit(**kept)
    audit = Auditor(solutions).audit(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps(asdict(audit) | {"state": state}), "utf-8")
    fresh.replace(file)
    return audit


def state_of(solutions: Path) -> str:
    """Return a digest of all that an audit depends on: what it runs, and on what."""
    digest = hashlib.sha256(f"{sys.version}\nNumPy {np.__version__}\n".encode())
    parts = [(PACKAGE, part) for part in PARTS] + [(solutions, "**/*.py"), (solutions, "**/*.toml")]
    for folder, pattern in parts:
        for file in sorted(folder.glob(pattern)):
            digest.update(f"{file.relative_to(folder).as_posix()}\n".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()
