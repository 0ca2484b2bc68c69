"""How long a learner waits: all checks of the reference against a bare pytest.

Run with `python benchmarks/feedback.py`. Each pair is measured in turn, so that the
ratio holds when the machine's speed drifts. The bare pytest imports NumPy and runs one
empty test. The training checks of the project are left out: they train three networks.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAIRS = 9
GOAL = 1.5
BARE = "import numpy as np\n\n\ndef test_nothing():\n    pass\n"


def seconds(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Run a command; return its processor seconds and its wall seconds."""
    before, start = os.times(), time.perf_counter()
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    after, end = os.times(), time.perf_counter()
    used = after.children_user - before.children_user
    used += after.children_system - before.children_system
    return used, end - start


def main() -> int:
    """Measure, print the table, and fail if the goal is missed."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    with tempfile.TemporaryDirectory() as folder:
        bare_test = Path(folder) / "test_bare.py"
        bare_test.write_text(BARE, encoding="utf-8")
        bare = [*pytest, "--rootdir", folder, str(bare_test)]
        ours = [*pytest, "exercises", "-k", "not train_classifier"]
        rows = []
        for pair in range(PAIRS + 1):
            one = seconds(bare, environment)
            other = seconds(ours, {**environment, "DOWNHILL_FOLDER": str(ROOT / "solutions")})
            if pair:  # the first fills the caches
                rows.append((*one, *other))
    print(f"{'':24}{'bare pytest':>14}{'all checks':>14}{'ratio':>8}{'spread':>14}")
    ratio = 0.0
    for name, column in (("processor seconds", 0), ("wall seconds", 1)):
        ratios = [row[column + 2] / row[column] for row in rows]
        medians = [statistics.median(row[column + i] for row in rows) for i in (0, 2)]
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        middle = statistics.median(ratios)
        print(f"{name:24}{medians[0]:>14.3f}{medians[1]:>14.3f}{middle:>8.2f}{spread:>14}")
        ratio = max(ratio, middle)
    met = "met" if ratio < GOAL else "missed"
    print(f"{len(rows)} pairs; the goal is a ratio under {GOAL}: {met}")
    return int(ratio >= GOAL)


if __name__ == "__main__":
    sys.exit(main())
