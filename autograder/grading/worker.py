"""The process of the portable tier: started for one job, and confined by limits only.

Started by `autograder.grading.slots`; reads one request from its standard input.
"""

from __future__ import annotations

import json
import os
import sys

from autograder.core.plain import decode
from autograder.grading import observer
from autograder.grading.frames import READY


def main() -> None:
    """Serve one job."""
    requests, answers = sys.stdin.buffer, os.dup(1)
    job = json.loads(requests.readline())
    files = {name: requests.read(size) for name, size in job["files"]}
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    _limit_resources(job["memory"])

    def send(data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(answers, view) :]

    send(READY)
    tasks = [observer.Task(**{**task, "inputs": decode(task["inputs"])}) for task in job["tasks"]]
    observer.run(files, tasks, send)
    os._exit(0)  # whatever the student's code left running ends here


def _limit_resources(memory: int) -> None:
    """Bound memory, written files and core dumps where the system can."""
    try:
        import resource
    except ImportError:  # Windows: the time limit is all there is
        return
    limits = {
        "RLIMIT_AS": memory + 2**30,  # what Python and NumPy take is not known everywhere
        "RLIMIT_FSIZE": 2**20,
        "RLIMIT_CORE": 0,
    }
    for name, value in limits.items():
        try:
            resource.setrlimit(getattr(resource, name), (value, value))
        except (OSError, ValueError, AttributeError):  # macOS refuses some
            continue
