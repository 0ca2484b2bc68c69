"""The floor of grading: the same checks on the same modules, in one plain process.

`python -m benchmarks.peers.bare_checks TIMES CHECK...` compiles and imports the references as
often as it is told to, runs the checks on them, and prints processor milliseconds each time.
Nothing is confined, sent, compared or written.
"""

from __future__ import annotations

import json
import sys
import time

from autograder.catalogue import find_check
from autograder.core.observe import observe
from autograder.grading.observer import HandedIn
from benchmarks.measure import ROOT


def main() -> None:
    """Print the milliseconds."""
    times, checks = int(sys.argv[1]), [find_check(name) for name in sys.argv[2:]]
    names = dict.fromkeys(check.exercise for check in checks)
    sources = {name: (ROOT / "solutions" / f"{name}.py").read_bytes() for name in names}
    used = []
    for number in range(times + 1):
        start = time.process_time()
        handed_in = HandedIn(sources)
        for check in checks:
            module = handed_in.module(check.exercise)
            assert observe(check, module, check.inner_seed(number)).outcome == "seen", check.id
        if number:  # the first time is for the caches
            used.append(1000 * (time.process_time() - start))
        sys.meta_path.remove(handed_in)
        for name in names:
            del sys.modules[name]
    print(json.dumps(used))


if __name__ == "__main__":
    main()
