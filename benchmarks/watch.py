"""How soon `autograder watch` answers after a save, against a bare pytest in the same run.

Run with `python benchmarks/watch.py`. A save is a new text in the file; the answer is
there when the checks of the exercise have run and their result is printed.
"""

import contextlib
import io
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from autograder.catalogue import EXERCISES
from autograder.commands.watch import POLL_SECONDS, Watch

ROOT = Path(__file__).resolve().parent.parent
SAVES = 15
GOAL = 0.3
BARE = "import numpy as np\n\n\ndef test_nothing():\n    pass\n"


def main() -> int:
    """Measure every exercise, print the table, and fail if the goal is missed."""
    worst = 0.0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bare = folder / "test_bare.py"
        bare.write_text(BARE, encoding="utf-8")
        exercises = folder / "exercises"
        shutil.copytree(ROOT / "exercises", exercises)
        print(f"{'exercise':16}{'median ms':>12}{'worst ms':>12}{'bare pytest ms':>16}{'ratio':>8}")
        for exercise in EXERCISES:
            text = (ROOT / "solutions" / f"{exercise}.py").read_text(encoding="utf-8")
            # With one wrong, so that the answer is a failure, and no training is waited for.
            text = text.replace("np.array(predicted) == labels", "np.array(predicted) != labels")
            watch = Watch(exercises)
            watch.current = exercise
            times, floors = [], []
            for save in range(SAVES):
                (exercises / f"{exercise}.py").write_text(f"{text}\n# {save}\n", encoding="utf-8")
                start = time.perf_counter()
                with contextlib.redirect_stdout(io.StringIO()):
                    watch.current = exercise
                    watch.check()
                times.append(time.perf_counter() - start + POLL_SECONDS)
                if save % 5 == 0:
                    start = time.perf_counter()
                    command = [sys.executable, "-m", "pytest", "-q", "--rootdir", name, str(bare)]
                    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
                    floors.append(time.perf_counter() - start)
            median, floor = statistics.median(times), statistics.median(floors)
            worst = max(worst, median)
            cells = f"{1e3 * median:>12.0f}{1e3 * max(times):>12.0f}{1e3 * floor:>16.0f}"
            print(f"{exercise:16}{cells}{median / floor:>8.2f}")
    met = "met" if worst < GOAL else "missed"
    print(f"{SAVES} saves each; the goal is a median under {1e3 * GOAL:.0f} ms: {met}")
    return int(worst >= GOAL)


if __name__ == "__main__":
    sys.exit(main())
