"""Names of people and files: how they are shown, and when two are the same."""

from __future__ import annotations

import unicodedata


def shown(text: str) -> str:
    """Return a text that is safe on a terminal, in one line: what isn't shown is replaced."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def same(text: str) -> str:
    """Return a text in the form in which two are compared.

    Capitals don't count, nor how accents are encoded.
    """
    folded = unicodedata.normalize("NFC", shown(text.strip())).casefold()
    return unicodedata.normalize("NFC", folded)
