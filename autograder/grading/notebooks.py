"""What a student's notebook defines, found in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys

from autograder.catalogue import EXERCISES
from autograder.core import notebook
from autograder.core.notebook import Module, NotANotebook
from autograder.core.plain import clean

SECONDS = 20
"""After which a notebook can't be read; a usual one takes a twentieth of a second."""


def definitions(content: bytes, exercise: str) -> Module:
    """Return what a notebook defines for an exercise; none of its code is run.

    Parameters
    ----------
    content : bytes
        Of the file, whatever it is.
    exercise : str

    Raises
    ------
    NotANotebook
        If nothing can be found in it; the message says why.
    """
    names = {function.partition(".")[0] for function in EXERCISES[exercise].functions}
    command = [sys.executable, "-I", "-S", notebook.__file__, *sorted(names)]
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=SECONDS, check=True
        )
        answer = json.loads(done.stdout)
    except (subprocess.SubprocessError, OSError, ValueError):
        raise NotANotebook("it takes too much time or memory to read") from None
    if "problem" in answer:
        raise NotANotebook(answer["problem"])
    return Module(answer["source"], [clean(place) for place in answer["left_out"]])
