"""How much faster a batch is as matrix products than as a loop over its examples.

Run with `python benchmarks/batches.py`. One batch goes forward and backward through a
784-64-5 network, in both ways in turn, so that the ratio holds when the machine's speed
drifts. Chapter 5 quotes the ratios.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "solutions"))

import numpy as np
from backprop import Network
from minibatch import backward_batch, forward_batch

ROUNDS = 15
EXAMPLES_A_ROUND = 2048


def seconds(work: Callable[[], None], times: int) -> float:
    """Return the seconds for doing something a number of times."""
    start = time.perf_counter()
    for _ in range(times):
        work()
    return time.perf_counter() - start


def measure(batch_size: int) -> tuple[float, float, float]:
    """Return the median, the smallest and the largest ratio of loop to batch."""
    rng = np.random.default_rng(0)
    net = Network([784, 64, 5], seed=0)
    X, Y = rng.uniform(size=(batch_size, 784)), rng.uniform(size=(batch_size, 5))

    def loop() -> None:
        for x, target in zip(X, Y, strict=True):
            net.forward(x)
            net.backward(target)

    def batch() -> None:
        backward_batch(net.weights, forward_batch(net.weights, net.biases, X), Y)

    times = EXAMPLES_A_ROUND // batch_size
    ratios = [seconds(loop, times) / seconds(batch, times) for _ in range(ROUNDS + 1)][1:]
    return statistics.median(ratios), min(ratios), max(ratios)


def main() -> None:
    """Print one line a batch size."""
    print(f"{'batch size':>10}{'ratio':>8}{'spread':>16}")
    for batch_size in (1, 8, 32, 128, 512):
        ratio, least, most = measure(batch_size)
        print(f"{batch_size:>10}{ratio:>8.1f}{f'{least:.1f} to {most:.1f}':>16}")


if __name__ == "__main__":
    main()
