"""What confining a process costs, in each tier.

Measured inside: from the fork of a child to its last right given up, and, for the tier that has
one, making and removing the folder in memory.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import struct
import sys
import tempfile
import time
from pathlib import Path

from autograder.grading.slots import readable_folders, why_not
from autograder.grading.zygote import DESKS, RESULTS, Settings, Zygote
from autograder.isolation.tiers import SAFE, Tier
from benchmarks.machine import environment
from benchmarks.measure import Effort, Goal, Measured, Row, Samples, cost

TIMES = 40
SECONDS = struct.Struct("d")


def confining(zygote: Zygote) -> float:
    """Return the processor seconds that a child takes to confine itself."""
    answers, results = os.pipe()
    if os.fork() == 0:
        began = time.process_time()
        zygote.confine(2**30, 10, results)
        os.write(RESULTS, SECONDS.pack(time.process_time() - began))
        os._exit(0)
    os.close(results)
    (taken,) = SECONDS.unpack(os.read(answers, SECONDS.size))
    os.close(answers)
    os.wait()
    return float(taken)


def desk(zygote: Zygote) -> float:
    """Return the processor seconds that a folder for a job takes, made and removed."""
    began = time.process_time()
    with zygote.desk():
        pass
    return time.process_time() - began


def medians(tier: Tier) -> dict[str, float]:
    """Return the median milliseconds in a tier; to be called in a process that then ends."""
    control, _ = socket.socketpair()
    with tempfile.TemporaryDirectory() as elsewhere:
        desks = DESKS if tier is Tier.FULL else Path(elsewhere)
        zygote = Zygote(control, Settings(tier is Tier.FULL, readable_folders(), [], 0, desks))
        taken: dict[str, list[float]] = {"confine": [], "desk": []}
        for _ in range(TIMES):
            with zygote.desk():
                taken["confine"].append(confining(zygote))
            taken["desk"].append(desk(zygote))
    return {name: 1e3 * statistics.median(seconds) for name, seconds in taken.items()}


def confine(effort: Effort) -> Measured:
    """Measure each tier in processes of their own, in turn."""
    samples = Samples()
    for _ in range(effort.of(2, 5)):
        for tier in SAFE:
            if why_not(tier):
                continue
            # The process changes itself for good.
            code = f"from {__name__} import *; print(json.dumps(medians(Tier({str(tier)!r}))))"
            used = cost([sys.executable, "-c", code], variables=environment())
            found = json.loads(used.printed)
            samples.add(f"{tier}: confine", CPU_ms=found["confine"])
            samples.add(f"{tier}: its folder", CPU_ms=found["desk"])
    for tier in SAFE:
        if reason := why_not(tier):
            samples.miss(f"{tier}: confine", "CPU ms", reason)
    return Measured(samples.lines())


confinement = Row(
    "confinement",
    "Confining a submission",
    "Measured inside the process that is confined: all of its rights given up, and, where there is "
    f"one, the folder in memory made and removed. A sample is the median of {TIMES}.",
    confine,
    tuple(Goal(f"{tier}: confine", "CPU ms", at_most=2.0) for tier in SAFE),
)
