"""The commands of `autograder`, one module each: what is outermost, and imports the rest."""

from __future__ import annotations


class Refused(Exception):
    """A command that can't be carried out, with a sentence that says what to do."""
