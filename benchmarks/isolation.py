"""What confining a process costs, in each tier: `python benchmarks/isolation.py`.

Measured inside: from the fork of a child to its last right given up, and for the tier
that has one, making and removing the folder in memory. Minimum and median of many.
"""

from __future__ import annotations

import os
import platform
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

TIMES = 300
SECONDS = struct.Struct("d")


def confining(zygote: Zygote) -> float:
    """Return the seconds that a child takes to confine itself."""
    answers, results = os.pipe()
    if os.fork() == 0:
        began = time.perf_counter()
        zygote.confine(2**30, 10, results)
        os.write(RESULTS, SECONDS.pack(time.perf_counter() - began))
        os._exit(0)
    os.close(results)
    (taken,) = SECONDS.unpack(os.read(answers, SECONDS.size))
    os.close(answers)
    os.wait()
    return float(taken)


def desk(zygote: Zygote) -> float:
    """Return the seconds that a folder for a job takes, made and removed."""
    began = time.perf_counter()
    with zygote.desk():
        pass
    return time.perf_counter() - began


def measure(tier: Tier) -> None:
    """Print the figures of a tier; in a process of its own, which it changes for good."""
    control, _ = socket.socketpair()
    desks = DESKS if tier is Tier.FULL else Path(tempfile.mkdtemp())
    settings = Settings(tier is Tier.FULL, readable_folders(), [], 0, desks)
    zygote = Zygote(control, settings)
    rows: dict[str, list[float]] = {"confine": [], "desk": []}
    for _ in range(TIMES):
        with zygote.desk():
            rows["confine"].append(confining(zygote))
        rows["desk"].append(desk(zygote))
    for name, taken in rows.items():
        least, middle = min(taken) * 1e3, statistics.median(taken) * 1e3
        print(f"{tier:<6}{name:<9}{least:8.3f}{middle:9.3f}", flush=True)


def main() -> None:
    print(f"{platform.platform()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    print("milliseconds    least   median")
    for tier in SAFE:
        reason = why_not(tier)
        if reason:
            print(f"{tier:<6}not here: {reason}")
            continue
        child = os.fork()
        if child == 0:
            measure(tier)
            os._exit(0)
        if os.waitpid(child, 0)[1]:
            sys.exit(f"{tier} could not be measured")


if __name__ == "__main__":
    main()
