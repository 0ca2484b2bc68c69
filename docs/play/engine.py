"""The playground's engine in Python: the twin of `js/numerics.mjs` to `js/run.mjs`.

Both give the same weights and losses to the bit. Every operation that feeds back into training is
+ - * / or a comparison of doubles, and every sum has a fixed order. NumPy does these operations
entry by entry, so arrays may stand where the script has loops; only `np.sum` must not be used,
which adds in an order of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

N_TRAIN, N_TEST = 40, 20
BUDGET = 4000  # epochs
SOLVED = 0.02  # a training loss that is low enough,
PATIENCE = 200  # for so many epochs in a row


@dataclass(frozen=True)
class Config:
    """What fixes a run: the task, the network, the learning rate and two seeds."""

    data: str = "xor"
    noise: bool = False
    hidden: int = 4
    rate: float = 0.3
    weights: int = 1
    sample: int = 22


# The four outcomes, and a fifth run that is only slow. All have the same points (moved where there
# is noise) and the same seed for the weights.
PRESETS = {
    "converges": Config(),
    "too-hot": Config(rate=30.0),
    "too-simple": Config(hidden=0),
    "overfits": Config(data="circle", noise=True, hidden=8),
    "too-slow": Config(rate=0.03),
}


# --- numerics -------------------------------------------------------------------------------------

LN2_HIGH = 6.93147180369123816490e-01
LN2_LOW = 1.90821492927058770002e-10
INVERSE_LN2 = 1.44269504088896338700
EXP = [1 / math.factorial(k) for k in reversed(range(14))]
ATANH = [1 / (2 * k + 1) for k in reversed(range(17))]


def horner(coefficients: Sequence[float], x: Array) -> Array:
    """Return the polynomial's values; its first coefficient is that of the highest power."""
    total = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        total *= x
        total += coefficient
    return total


def exp(x: Array) -> Array:
    """Return e^x as 2^k e^r with |r| <= ln(2)/2 (Cody and Waite, 1980), e^r by its Taylor sum."""
    inside = np.minimum(np.maximum(x, -708), 709)
    k = np.floor(inside * INVERSE_LN2 + 0.5)
    r = (inside - k * LN2_HIGH) - k * LN2_LOW
    values = np.ldexp(horner(EXP, r), k.astype(np.int64))
    return np.where(x < -708, 0.0, np.where(x > 709, np.inf, values))


def sigmoid(z: Array) -> Array:
    """Return 1 / (1 + e^-z)."""
    e = exp(-np.abs(z))
    return np.where(z < 0, e, 1.0) / (1 + e)


def tanh(x: Array) -> Array:
    """Return the hyperbolic tangent."""
    e = exp(-2 * np.abs(x))
    t = (1 - e) / (1 + e)
    return np.where(x < 0, -t, t)


def logistic_loss(z: Array, labels: Array) -> Array:
    """Return the binary cross-entropy of sigmoid(z), from z and therefore always finite."""
    s = np.where(labels == 1, -z, z)
    u = exp(-np.abs(z))
    v = u / (2 + u)
    return np.where(s > 0, s, 0.0) + 2 * v * horner(ATANH, v * v)


def ordered_sum(values: Array) -> Array:
    """Return the sum over the last axis, from its first entry to its last."""
    return np.add.accumulate(values, axis=-1)[..., -1]


def generator(seed: int) -> Callable[[], float]:
    """Return a source of uniform numbers in [0, 1): mulberry32 of Tommy Ettinger."""
    state = seed

    def uniform() -> float:
        nonlocal state
        state = (state + 0x6D2B79F5) & 0xFFFFFFFF
        t = (state ^ state >> 15) * (state | 1) & 0xFFFFFFFF
        t ^= t + (t ^ t >> 7) * (t | 61) & 0xFFFFFFFF
        return (t ^ t >> 14) / 4294967296

    return uniform


def normal(uniform: Callable[[], float]) -> float:
    """Return a nearly normal number: the sum of twelve uniform ones, which is exact."""
    total = -6.0
    for _ in range(12):
        total += uniform()
    return total


def direction(angle: float) -> tuple[float, float]:
    """Return cosine and sine: Taylor sums for a 64th of the angle, doubled six times."""
    a = angle / 64
    q = a * a
    c = 1 - (q / 2) * (1 - (q / 12) * (1 - (q / 30) * (1 - q / 56)))
    s = a * (1 - (q / 6) * (1 - (q / 20) * (1 - (q / 42) * (1 - q / 72))))
    for _ in range(6):
        c, s = c * c - s * s, 2 * c * s
    return c, s


# --- data -----------------------------------------------------------------------------------------


def xor_point(i: int, n: int, uniform: Callable[[], float]) -> tuple[float, float, int]:
    """Return a point of quadrant i mod 4; its label says whether both signs are the same."""
    right, up = [(1, 1), (1, -1), (-1, -1), (-1, 1)][i % 4]
    x = right * (0.15 + 0.85 * uniform())
    return x, up * (0.15 + 0.85 * uniform()), int(right == up)


def circle_point(i: int, n: int, uniform: Callable[[], float]) -> tuple[float, float, int]:
    """Return a point of the disk (label 1) or of the ring around it."""
    label = i % 2
    while True:
        x = 2 * uniform() - 1
        y = 2 * uniform() - 1
        q = x * x + y * y
        if q < 0.2025 if label else 0.49 < q < 1:
            return x, y, label


def spiral_point(i: int, n: int, uniform: Callable[[], float]) -> tuple[float, float, int]:
    """Return a point of one of two arms, which wind around each other."""
    label = i % 2
    t = 0.1 + (0.9 * (i // 2)) / (n / 2 - 1) + 0.02 * (2 * uniform() - 1)
    c, s = direction(t * 7.853981633974483)
    sign = -1 if label else 1
    return sign * t * c, sign * t * s, label


SHAPES = {"xor": xor_point, "circle": circle_point, "spiral": spiral_point}


@dataclass(frozen=True)
class Data:
    """The points of both sets, the training points first: `x`, `y` and `labels` of shape (n,)."""

    x: Array
    y: Array
    labels: Array


def make_data(config: Config) -> Data:
    """Draw the 40 training and 20 test points of a configuration."""
    uniform = generator(config.sample)
    draw = SHAPES[config.data]
    points = [draw(i, n, uniform) for n in (N_TRAIN, N_TEST) for i in range(n)]
    # The noise is drawn last: the noisy points are the clean ones, moved.
    if config.noise:
        points = [
            (x + 0.2 * normal(uniform), y + 0.2 * normal(uniform), label) for x, y, label in points
        ]
    x, y, labels = np.array(points).T
    return Data(3 * x, 3 * y, labels)


# --- network --------------------------------------------------------------------------------------


def initial_weights(hidden: int, seed: int) -> Array:
    """Draw a network's weights, as one row: W1 row by row, b1, W2, b2; or W, b if `hidden` is 0."""
    uniform = generator(seed)

    def draw(n: int, scale: float) -> list[float]:
        return [scale * normal(uniform) for _ in range(n)]

    if not hidden:
        return np.array([*draw(2, 0.1), 0])
    w1 = draw(2 * hidden, math.sqrt(0.5))
    return np.array([*w1, *[0.0] * hidden, *draw(hidden, 1 / math.sqrt(hidden)), 0])


def forward(weights: Array, hidden: int, x: Array, y: Array) -> tuple[Array, Array]:
    """Return hidden outputs (runs, hidden, n) and logits (runs, n) of `weights` (runs, k)."""
    if not hidden:
        w_x, w_y, b = weights.T[:, :, None]
        return np.empty((len(weights), 0, len(x))), w_x * x + w_y * y + b
    w1 = weights[:, : 2 * hidden].reshape(-1, hidden, 2)
    b1, w2 = weights[:, 2 * hidden : 3 * hidden], weights[:, 3 * hidden : 4 * hidden]
    a = tanh(w1[:, :, :1] * x + w1[:, :, 1:] * y + b1[:, :, None])
    z = weights[:, 4 * hidden :]
    for j in range(hidden):
        z = z + w2[:, j, None] * a[:, j]
    return a, z


def losses_and_gradient(weights: Array, hidden: int, data: Data) -> tuple[Array, Array, Array]:
    """Return the training losses (runs,), their gradients (runs, k) and the test losses (runs,)."""
    a, z = forward(weights, hidden, data.x, data.y)
    each = logistic_loss(z, data.labels)
    train, test = ordered_sum(each[:, :N_TRAIN]), ordered_sum(each[:, N_TRAIN:])

    x, y, a = data.x[:N_TRAIN], data.y[:N_TRAIN], a[:, :, :N_TRAIN]
    dz = (sigmoid(z[:, :N_TRAIN]) - data.labels[:N_TRAIN])[:, None]
    if hidden:
        w2 = weights[:, 3 * hidden : 4 * hidden, None]
        dz1 = dz * w2 * (1 - a * a)
        w1_gradient = np.stack([ordered_sum(dz1 * x), ordered_sum(dz1 * y)], axis=-1)
        parts = [w1_gradient.reshape(len(weights), -1), ordered_sum(dz1), ordered_sum(dz * a)]
    else:
        parts = [ordered_sum(dz * x), ordered_sum(dz * y)]
    gradient = np.concatenate([*parts, ordered_sum(dz)], axis=1) / N_TRAIN
    return train / N_TRAIN, gradient, test / N_TEST


# --- runs -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """A finished run: losses and weights after 0, 1, 2, … epochs, and which rule ended it.

    `train` and `test` have shape (epochs + 1,), `history` has shape (epochs + 1, weights); `end` is
    "solved", "budget" or "not finite".
    """

    config: Config
    train: Array
    test: Array
    history: Array
    end: str

    @property
    def epochs(self) -> int:
        """Return how many epochs were trained."""
        return len(self.train) - 1

    @property
    def best_epoch(self) -> int:
        """Return the first epoch with the smallest test loss."""
        return int(np.argmin(self.test))

    def predict(self, epoch: int, x: Array, y: Array) -> Array:
        """Return the probability of class 1 at points (n,), after so many epochs."""
        return sigmoid(forward(self.history[epoch, None], self.config.hidden, x, y)[1][0])

    def accuracies(self, epoch: int) -> tuple[float, float]:
        """Return the shares of training and test points answered rightly after so many epochs."""
        data = make_data(self.config)
        right = (self.predict(epoch, data.x, data.y) > 0.5) == (data.labels == 1)
        return float(np.mean(right[:N_TRAIN])), float(np.mean(right[N_TRAIN:]))


def train(config: Config, patience: float = PATIENCE) -> Run:
    """Train one network with full-batch gradient descent until a rule ends it."""
    return train_seeds(config, [config.weights], patience)[0]


def train_seeds(config: Config, seeds: Iterable[int], patience: float = PATIENCE) -> list[Run]:
    """Train one network a weight seed, side by side on the same data."""
    seeds = list(seeds)
    runs = train_from(config, [initial_weights(config.hidden, seed) for seed in seeds], patience)
    return [
        replace(run, config=replace(config, weights=seed))
        for run, seed in zip(runs, seeds, strict=True)
    ]


def train_from(config: Config, starts: Sequence[Array], patience: float = PATIENCE) -> list[Run]:
    """Train one network for each array of starting weights, side by side on the same data."""
    data = make_data(config)
    weights = np.stack(starts)
    history, trains, tests = [weights], [], []
    low = np.zeros(len(starts), int)  # epochs in a row below SOLVED
    lengths = np.full(len(starts), -1)  # epochs of the runs that have ended
    ends = ["budget"] * len(starts)
    with np.errstate(all="ignore"):
        for epoch in range(BUDGET + 1):
            train_loss, gradient, test_loss = losses_and_gradient(weights, config.hidden, data)
            trains.append(train_loss)
            tests.append(test_loss)
            finite = np.isfinite(train_loss + test_loss) & np.isfinite(weights).all(axis=1)
            low = np.where((train_loss < SOLVED) & (epoch > 0), low + 1, 0)
            for i in np.flatnonzero((lengths < 0) & (~finite | (low >= patience))):
                ends[i] = "solved" if finite[i] else "not finite"
                lengths[i] = epoch if finite[i] else epoch - 1
            if (lengths >= 0).all() or epoch == BUDGET:
                break
            weights = weights - config.rate * gradient
            history.append(weights)
    lengths[lengths < 0] = BUDGET
    return [
        Run(
            config=config,
            train=np.array(trains)[: n + 1, i],
            test=np.array(tests)[: n + 1, i],
            history=np.array(history)[: n + 1, i],
            end=end,
        )
        for i, (n, end) in enumerate(zip(lengths, ends, strict=True))
    ]
