"""Checks of `descent`: the gradient of nine weights, where to start, and how to step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.catalogue.stand_ins import Array, not_small, refusal, shuffled
from autograder.core.exercise import Exercise

exercise = Exercise("descent", "Better descent")


def points(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    return rng.normal(size=(n, 2)), rng.integers(0, 2, n).astype(float)


def drawn_net(m: Any, rng: np.random.Generator) -> Any:
    return m.TinyNetwork(not_small(rng, 9))


def downhill(net: Any, X: Array, y: Array, rng: np.random.Generator) -> Array:
    """Return a random direction along which the loss falls at first."""
    direction, start = not_small(rng, 9), net.get_weights()
    before = net.loss(X, y)
    net.set_weights(start + 1e-4 * direction)
    falls = net.loss(X, y) < before
    net.set_weights(start)
    return direction if falls else -direction


def valley(net: Any, X: Array, y: Array, rng: np.random.Generator) -> tuple[Array, float]:
    """Return a direction downhill, and how far along it the loss is lowest before it rises."""
    start, rates = net.get_weights(), np.geomspace(0.05, 5.0, 16)
    for _ in range(50):
        direction, losses = downhill(net, X, y, rng), []
        for rate in rates:
            net.set_weights(start + rate * direction)
            losses.append(net.loss(X, y))
        net.set_weights(start)
        lowest = int(np.argmin(losses))
        if 0 < lowest < 8:  # there is a way up behind it
            break
    return direction, float(rates[lowest])


STEPS = {
    "after/*/returned": "what the step returned",
    "after/*/returned/0": "the loss",
    "after/*/returned/1": "the velocity",
    "after/*/weights": "the network's weights",
}
"""Names for the parts of what a check of steps shows."""


@exercise.check(
    "loss_gradient",
    points=10,
    title="nine derivatives in the order of the weights, averaged over the examples",
    ran="loss_gradient(net, X, y) on 1, 4 and 7 examples",
    read="The gradient of nine weights",
)
def loss_gradient_is_of_the_mean_loss(m: Any, rng: np.random.Generator) -> Any:
    returned, after = {}, {}
    for n in (1, 4, 7):
        net, (X, y) = drawn_net(m, rng), points(rng, n)
        returned[f"n={n}"] = m.loss_gradient(net, X, y)
        after[f"n={n}"] = {"X": X, "y": y, "weights": net.get_weights()}
    return {"returned": returned, "inputs": after}


@exercise.check(
    "loss_gradient",
    points=6,
    title="a prediction that is saturated and wrong keeps its gradient",
    ran="loss_gradient(net, X, y), each prediction near 0 or 1 and wrong",
    read="Saturated and wrong",
)
def loss_gradient_survives_saturation(m: Any, rng: np.random.Generator) -> Any:
    returned = {}
    for size in (18.0, 24.0, 30.0, 700.0):
        weights = not_small(rng, 9)
        weights[6:8] *= 0.2 * size
        weights[8] = math.copysign(size, weights[8])
        net, (X, _) = m.TinyNetwork(weights), points(rng, 5)
        wrong = (net.forward(X)[1] < 0.5).astype(float)
        with np.errstate(all="ignore"):
            returned[f"c={weights[8]:.0f}"] = m.loss_gradient(net, X, wrong)
    return {"returned": returned}


@exercise.check(
    "loss_gradient",
    points=4,
    title="examples that can't be used are refused",
    ran="loss_gradient(net, X, y) on ten pairs of X and y",
    read="The gradient of nine weights",
)
def loss_gradient_refuses_bad_examples(m: Any, rng: np.random.Generator) -> Any:
    net = drawn_net(m, rng)
    n = int(rng.integers(3, 7))
    X, y = points(rng, n)
    hole, odd = X.copy(), y.copy()
    hole[int(rng.integers(n)), int(rng.integers(2))] = math.nan
    odd[int(rng.integers(n))] = math.nan
    pairs = {
        "a column for y": (X, y[:, None]),
        "one label too few": (X, y[:-1]),
        "one label": (X, y[:1]),
        "three inputs": (rng.normal(size=(n, 3)), y),
        "NaN in X": (hole, y),
        "NaN in y": (X, odd),
        "a label of 2": (X, y + 1 + (y == 0)),
        "no examples": (X[:0], y[:0]),
        "sound examples": (X, y),
        "one sound example": (X[:1], y[:1]),
    }
    names = shuffled(rng, list(pairs))
    return {"returned": {name: refusal(m.loss_gradient, net, *pairs[name]) for name in names}}


class Start:
    """A network to choose from: a number, and the losses that training would lead it through."""

    def __init__(self, number: int, losses: Sequence[float]) -> None:
        self.number = number
        self.losses = losses
        self.steps = 0

    def loss(self) -> float:
        return self.losses[min(self.steps, len(self.losses) - 1)]


class Starts:
    """Makes the networks to choose from, and records what is asked of them.

    There are three more than will be needed, and the first of them is the best: who takes one
    too many chooses it.
    """

    def __init__(self, curves: Sequence[Sequence[float]]) -> None:
        extra = [[-1.0]] * 3
        self.nets = [Start(number, losses) for number, losses in enumerate([*curves, *extra])]
        self.made = 0
        self.measured: list[int] = []

    def make(self) -> Start:
        self.made += 1
        return self.nets[self.made - 1]

    def step(self, net: Start) -> float:
        net.steps += 1
        return -2.0  # whatever it returns

    def loss(self, net: Start) -> float:
        self.measured.append(net.number)
        return net.loss()

    def shown(self, returned: Any) -> Any:
        """Return as an observation what came back, and what was asked."""
        if isinstance(returned, (list, tuple)):
            returned = [getattr(item, "number", item) for item in returned]
        return {
            "returned": returned,
            "made": self.made,
            "measured": self.measured,
            "steps": [net.steps for net in self.nets[: self.made]],
        }


CHOICE = {
    "*/returned": "the pair of network and loss",
    "*/returned/0": "the number of the network",
    "*/returned/1": "the loss of the network",
    "*/made": "the number of networks made",
    "*/measured": "the list of networks whose loss was measured",
    "*/measured/*": "the number of the network measured",
    "*/steps": "the list of steps that each network was trained",
    "*/steps/*": "the number of steps of network {}",
}


@exercise.check(
    "multistart",
    points=6,
    title="the first of the networks with the lowest loss, and that loss",
    ran="multistart(make_net, loss, n_starts) with 1, 4, 6 and 9 starts",
    read="Where to start",
    parts=CHOICE,
)
def multistart_takes_the_lowest(m: Any, rng: np.random.Generator) -> Any:
    seen = {}
    for n, size in ((1, 0.125), (4, 1000.0), (6, 0.125), (9, 2.0)):
        losses = rng.uniform(size, 2 * size, (n, 1))
        losses[rng.permutation(n)[:2]] = size / 2  # two are equally low
        starts = Starts(losses.tolist())
        seen[f"{n} starts"] = starts.shown(m.multistart(starts.make, starts.loss, n))
    return seen


@exercise.check(
    "multistart",
    points=4,
    title="a loss that is not finite never wins",
    ran="multistart(make_net, loss, 5), some losses NaN or infinite",
    read="Where to start",
    parts=CHOICE,
)
def multistart_passes_over_nan(m: Any, rng: np.random.Generator) -> Any:
    seen = {}
    for i, first in enumerate(shuffled(rng, [math.nan, math.inf, math.nan])):
        rest = shuffled(rng, [math.nan, 0.5, 0.25, float(rng.uniform(1, 2))])
        starts = Starts([[loss] for loss in [first, *rest]])
        seen[f"draw {i + 1}"] = starts.shown(m.multistart(starts.make, starts.loss, 5))
    return seen


@exercise.check(
    "multistart",
    points=2,
    title="no start, and no finite loss, is refused",
    ran="multistart(…) with n_starts from -2 to 2, and with NaN only",
    read="Where to start",
)
def multistart_refuses_no_start(m: Any, rng: np.random.Generator) -> Any:
    answers = {}
    for n in shuffled(rng, [-2, 0, 1, 2]):
        starts = Starts(rng.uniform(size=(3, 1)).tolist())
        answers[f"n_starts={n}"] = refusal(m.multistart, starts.make, starts.loss, n)
    for name in shuffled(rng, ["one of two losses NaN", "both losses NaN"]):
        starts = Starts([[math.nan], [0.5 if name.startswith("one") else math.nan]])
        answers[name] = refusal(m.multistart, starts.make, starts.loss, 2)
    return {"returned": answers}


@exercise.check(
    "multistart_trained",
    points=8,
    title="each network is trained a little, and then the lowest is chosen",
    ran="multistart_trained(make_net, step, loss, 5, n_steps), 3 times",
    read="Train a little, then choose",
    parts=CHOICE,
)
def multistart_trained_chooses_afterwards(m: Any, rng: np.random.Generator) -> Any:
    seen = {}
    for n_steps in shuffled(rng, [0, 3, 5]):
        starts = Starts(rng.uniform(0.1, 2.0, (5, 9)).tolist())
        returned = m.multistart_trained(starts.make, starts.step, starts.loss, 5, n_steps)
        seen[f"n_steps={n_steps}"] = starts.shown(returned)
    return seen


@exercise.check(
    "multistart_trained",
    points=2,
    title="a negative number of steps, or no start, is refused",
    ran="multistart_trained(…) with n_starts and n_steps from -1 to 2",
    read="Train a little, then choose",
)
def multistart_trained_refuses_negative_steps(m: Any, rng: np.random.Generator) -> Any:
    answers = {}
    for n, k in shuffled(rng, [(1, -1), (2, -1), (1, 0), (0, 1), (2, 2), (-1, 2)]):
        starts = Starts(rng.uniform(size=(3, 4)).tolist())
        arguments = (starts.make, starts.step, starts.loss, n, k)
        answers[f"{n} starts of {k} steps"] = refusal(m.multistart_trained, *arguments)
    return {"returned": answers}


@exercise.check(
    "line_search",
    points=6,
    title="the best of the rate, half of it and twice of it",
    ran="line_search(net, X, y, direction, base_lr) at 4 rates, downhill",
    read="How far to step",
    parts=STEPS,
)
def line_search_keeps_the_best(m: Any, rng: np.random.Generator) -> Any:
    after, given = {}, {}
    for times in (0.05, 0.4, 1.0, 1.6):  # twice the rate is best, twice, the rate, half of it
        net, (X, y) = drawn_net(m, rng), points(rng, 6)
        direction, best = valley(net, X, y, rng)
        base_lr = times * best
        returned = m.line_search(net, X, y, direction, base_lr)
        key = f"base_lr={base_lr:.3f}"
        after[key] = {"returned": returned, "weights": net.get_weights()}
        given[key] = {"X": X, "y": y, "direction": direction}
    return {"after": after, "inputs": given}


@exercise.check(
    "line_search",
    points=6,
    title="never uphill: if no step lowers the loss, the weights stay",
    ran="line_search(net, X, y, direction, base_lr), uphill, 3 times",
    read="How far to step",
    parts=STEPS,
)
def line_search_never_goes_uphill(m: Any, rng: np.random.Generator) -> Any:
    after = {}
    for times in shuffled(rng, [0.01, 0.03, 0.1]):
        net, (X, y) = drawn_net(m, rng), points(rng, 6)
        direction = -downhill(net, X, y, rng)
        base_lr = float(times * rng.uniform(0.8, 1.2))
        returned = m.line_search(net, X, y, direction, base_lr)
        after[f"base_lr={base_lr:.3f}"] = {"returned": returned, "weights": net.get_weights()}
    return {"after": after}


@exercise.check(
    "line_search",
    points=2,
    title="a rate that is not positive and finite is refused",
    ran="line_search(net, X, y, direction, base_lr) at seven rates",
    read="How far to step",
)
def line_search_refuses_bad_rates(m: Any, rng: np.random.Generator) -> Any:
    net, (X, y), direction = drawn_net(m, rng), points(rng, 3), not_small(rng, 9)
    rate = float(rng.uniform(0.1, 1.5))
    rates = shuffled(rng, [rate, -rate, 0.0, math.nan, math.inf, 0.5, -0.5])
    answers = {f"{lr}": refusal(m.line_search, net, X, y, direction, lr) for lr in rates}
    return {"returned": answers}


@exercise.check(
    "line_search_step",
    points=6,
    title="a search along the negative gradient, and the loss after it",
    ran="line_search_step(net, X, y, base_lr) on three networks",
    read="How far to step",
    parts=STEPS,
)
def line_search_step_goes_downhill(m: Any, rng: np.random.Generator) -> Any:
    after = {}
    for n, times in ((3, 0.05), (5, 2.0), (8, 20.0)):
        net, (X, y) = drawn_net(m, rng), points(rng, n)
        returned = m.line_search_step(net, X, y, float(times * rng.uniform(0.8, 1.2)))
        after[f"{n} examples"] = {"returned": returned, "weights": net.get_weights()}
    return {"after": after}


@exercise.check(
    "momentum_step",
    points=5,
    title="a search along the moving average of the gradients",
    ran="momentum_step(net, X, y, lr, velocity, beta), 3 times",
    read="Momentum",
    parts=STEPS,
)
def momentum_step_averages(m: Any, rng: np.random.Generator) -> Any:
    after, given = {}, {}
    for n, size, beta in ((3, 0.0, {}), (5, 0.2, {}), (7, 0.1, {"beta": 0.6})):
        net, (X, y) = drawn_net(m, rng), points(rng, n)
        velocity = -size * downhill(net, X, y, rng)
        lr = float(rng.uniform(0.05, 0.1))
        returned = m.momentum_step(net, X, y, lr, velocity, **beta)
        after[f"{n} examples"] = {"returned": returned, "weights": net.get_weights()}
        given[f"{n} examples"] = {"velocity": velocity}
    return {"after": after, "inputs": given}


@exercise.check(
    "momentum_step",
    points=4,
    title="never uphill, and the average moves on also then",
    ran="momentum_step(net, X, y, lr, velocity), uphill, twice",
    read="Momentum",
    parts=STEPS,
)
def momentum_step_never_goes_uphill(m: Any, rng: np.random.Generator) -> Any:
    after = {}
    for n, lr in ((4, 0.01), (6, 0.02)):
        net, (X, y) = drawn_net(m, rng), points(rng, n)
        velocity = 2.0 * downhill(net, X, y, rng)
        returned = m.momentum_step(net, X, y, lr, velocity)
        after[f"{n} examples"] = {"returned": returned, "weights": net.get_weights()}
    return {"after": after}


def betas_refused(step: Any, m: Any, rng: np.random.Generator) -> Any:
    answers = {}
    for beta in shuffled(rng, [-0.1, 0.0, 0.5, 0.99, 1.0, 1.1, math.nan]):
        arguments = (drawn_net(m, rng), *points(rng, 3), 0.1, np.zeros(9), beta)
        answers[f"beta={beta}"] = refusal(step, *arguments)
    return {"returned": answers}


@exercise.check(
    "momentum_step",
    points=1,
    title="a beta that makes no average is refused",
    ran="momentum_step(…) with beta from -0.1 to 1.1",
    read="Momentum",
)
def momentum_step_refuses_bad_betas(m: Any, rng: np.random.Generator) -> Any:
    return betas_refused(m.momentum_step, m, rng)


@exercise.check(
    "classical_momentum_step",
    points=4,
    title="one step along the decaying sum of the gradients, up or down",
    ran="classical_momentum_step(net, X, y, lr, velocity, beta), 4 times",
    read="Momentum",
    parts=STEPS,
)
def classical_momentum_step_sums(m: Any, rng: np.random.Generator) -> Any:
    after, given = {}, {}
    for n, size, beta in ((3, 0.0, {}), (5, 0.5, {}), (6, -2.0, {}), (7, 0.5, {"beta": 0.6})):
        net, (X, y) = drawn_net(m, rng), points(rng, n)
        velocity = -size * downhill(net, X, y, rng)
        lr = float(rng.uniform(0.1, 0.6))
        returned = m.classical_momentum_step(net, X, y, lr, velocity, **beta)
        after[f"{n} examples"] = {"returned": returned, "weights": net.get_weights()}
        given[f"{n} examples"] = {"velocity": velocity}
    return {"after": after, "inputs": given}


@exercise.check(
    "classical_momentum_step",
    points=1,
    title="a beta that lets the sum grow is refused",
    ran="classical_momentum_step(…) with beta from -0.1 to 1.1",
    read="Momentum",
)
def classical_momentum_step_refuses_bad_betas(m: Any, rng: np.random.Generator) -> Any:
    return betas_refused(m.classical_momentum_step, m, rng)


ADAM = {
    "parameters": "the list of parameters",
    "parameters/*": "parameter {}",
    "state": "the state",
    "state/t": "the number of steps in the state",
    "state/m": "the list of averages in the state",
    "state/m/*": "the average of gradient {}",
    "state/v": "the list of averages of squares in the state",
    "state/v/*": "the average of the squares of gradient {}",
}


def arrays(rng: np.random.Generator) -> list[Array]:
    return [not_small(rng, (2, 3)), not_small(rng, 4), not_small(rng, (5, 1))]


@exercise.check(
    "adam_step",
    points=8,
    title="three steps in place, with the averages and their correction",
    ran="adam_step(parameters, gradients, state, lr=…), 3 times",
    read="Adam",
    parts=ADAM,
)
def adam_step_takes_three_steps(m: Any, rng: np.random.Generator) -> Any:
    parameters, gradients = arrays(rng), arrays(rng)
    state: dict[str, Any] = {}
    rates = {"beta1": float(rng.uniform(0.5, 0.95)), "beta2": float(rng.uniform(0.8, 0.99))}
    for _ in range(3):
        # A list of its own, and gradients in buffers that are used again: as in a real loop.
        m.adam_step(list(parameters), list(gradients), state, lr=0.1, **rates)
        for gradient in gradients:
            gradient[...] = not_small(rng, gradient.shape)
    kept = {key: state.get(key) for key in ("t", "m", "v")}
    return {"parameters": parameters, "state": kept}


@exercise.check(
    "adam_step",
    points=4,
    title="the first step is as long as the rate, but for eps",
    ran="adam_step(…) once, on gradients from 1e-9 to 1e6 and exactly 0",
    read="Adam",
    parts=ADAM,
)
def adam_step_first_step_is_the_rate(m: Any, rng: np.random.Generator) -> Any:
    sizes = 10.0 ** np.array([-9, -8, -7, -4, -1, 2, 6]) * not_small(rng, 7)
    gradients = [rng.permutation(np.append(sizes, 0.0)), not_small(rng, 3)]
    before = [gradient.copy() for gradient in gradients]
    usual, coarse = ([np.zeros(8), np.zeros(3)] for _ in range(2))
    m.adam_step(usual, gradients, {})
    m.adam_step(coarse, before, {}, lr=0.25, eps=0.5)
    return {"parameters": [*usual, *coarse], "inputs": {"gradients": gradients}}


@exercise.check(
    "adam_step",
    points=2,
    title="rates and shapes that don't fit are refused, and nothing is changed",
    ran="adam_step(…) with thirteen settings, some of them wrong",
    read="Adam",
    parts={"left": "what it left behind"},
)
def adam_step_refuses_what_does_not_fit(m: Any, rng: np.random.Generator) -> Any:
    parameters, gradients = arrays(rng), arrays(rng)
    cases: dict[str, tuple[list[Array], dict[str, float]]] = {
        "lr=0": (gradients, {"lr": 0.0}),
        "lr=-0.1": (gradients, {"lr": -0.1}),
        "lr=nan": (gradients, {"lr": math.nan}),
        "lr=inf": (gradients, {"lr": math.inf}),
        "beta1=1": (gradients, {"beta1": 1.0}),
        "beta1=-0.1": (gradients, {"beta1": -0.1}),
        "beta1=0": (gradients, {"beta1": 0.0}),
        "beta2=1": (gradients, {"beta2": 1.0}),
        "beta2=-0.1": (gradients, {"beta2": -0.1}),
        "beta2=0": (gradients, {"beta2": 0.0}),
        "one gradient too few": (gradients[:2], {}),
        "a gradient of another shape": ([*gradients[:2], gradients[2].T], {}),
        "all in order": (gradients, {}),
    }
    answers, left = {}, {}
    for name in shuffled(rng, list(cases)):
        own: list[Array] = [parameter.copy() for parameter in parameters]
        state: dict[str, Any] = {}
        given, rates = cases[name]

        def step(
            own: Any = own, given: Any = given, state: Any = state, rates: Any = rates
        ) -> None:
            m.adam_step(own, given, state, **rates)

        answers[name] = refusal(step)
        left[name] = {"parameters": own, "steps": state.get("t", 0)}
    return {"returned": answers, "left": left}


@exercise.check(
    "l2_gradients",
    points=3,
    title="each gradient gets the penalty's, in a new array",
    ran="l2_gradients(parameters, gradients, weight_decay) on three pairs",
    read="Weight decay",
    parts={"returned": "the list of gradients", "returned/*": "gradient {}"},
)
def l2_gradients_add_the_penalty(m: Any, rng: np.random.Generator) -> Any:
    parameters, gradients = arrays(rng), arrays(rng)
    weight_decay = float(rng.uniform(0.01, 0.5))
    returned = m.l2_gradients(parameters, gradients, weight_decay)
    return {"returned": returned, "inputs": {"parameters": parameters, "gradients": gradients}}


@exercise.check(
    "l2_gradients",
    points=1,
    title="a weight decay below 0, infinity and NaN are refused",
    ran="l2_gradients(…) with seven weight decays",
    read="Weight decay",
)
def l2_gradients_refuse_growth(m: Any, rng: np.random.Generator) -> Any:
    rates = shuffled(rng, [-0.5, -0.1, 0.0, 0.1, 0.5, math.nan, math.inf])
    parameters, gradients = arrays(rng), arrays(rng)
    answers = {f"{rate}": refusal(m.l2_gradients, parameters, gradients, rate) for rate in rates}
    return {"returned": answers}


@exercise.check(
    "decay_weights",
    points=4,
    title="every parameter loses the same share of itself, in place",
    ran="decay_weights(parameters, lr, weight_decay) on three arrays",
    read="Weight decay",
    parts=ADAM,
)
def decay_weights_shrinks_in_place(m: Any, rng: np.random.Generator) -> Any:
    parameters = arrays(rng)
    m.decay_weights(list(parameters), float(rng.uniform(0.1, 0.5)), float(rng.uniform(0.1, 0.5)))
    return {"parameters": parameters}


@exercise.check(
    "decay_weights",
    points=1,
    title="a weight decay below 0, infinity and NaN are refused",
    ran="decay_weights(…) with seven weight decays",
    read="Weight decay",
)
def decay_weights_refuses_growth(m: Any, rng: np.random.Generator) -> Any:
    rates = shuffled(rng, [-0.5, -0.1, 0.0, 0.1, 0.5, math.nan, math.inf])
    answers = {f"{rate}": refusal(m.decay_weights, arrays(rng), 0.1, rate) for rate in rates}
    return {"returned": answers}
