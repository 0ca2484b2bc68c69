"""Networks that are copied rather than set and set back."""

import copy
import math

import numpy as np


def multistart(make_net, loss, n_starts):
    """Sort pairs of loss and position."""
    if n_starts < 1:
        raise ValueError("at least one start")
    drawn = []
    for position in range(n_starts):
        net = make_net()
        drawn.append((loss(net), position, net))
    finite = [one for one in drawn if math.isfinite(one[0])]
    if not finite:
        raise ValueError("no finite loss")
    lowest, _, net = min(finite, key=lambda one: one[:2])
    return net, lowest


def multistart_trained(make_net, step, loss, n_starts, n_steps):
    """Train and measure one after the other, without the other function."""
    if n_starts < 1 or n_steps < 0:
        raise ValueError("at least one start, and no negative number of steps")
    best = lowest = None
    for _ in range(n_starts):
        net = make_net()
        left = n_steps
        while left:
            step(net)
            left -= 1
        reached = loss(net)
        if math.isfinite(reached) and (lowest is None or reached < lowest):
            best, lowest = net, reached
    if best is None:
        raise ValueError("no finite loss")
    return best, np.float64(lowest)


def line_search(net, X, y, direction, base_lr):
    """Try each rate on a copy of the network."""
    if not (base_lr > 0 and math.isfinite(base_lr)):
        raise ValueError("a positive rate")
    candidates = [net]
    for lr in [base_lr / 2, base_lr, 2 * base_lr]:
        other = copy.deepcopy(net)
        other.set_weights(net.get_weights() + lr * np.array(direction))
        candidates.append(other)
    best = min(candidates, key=lambda one: one.loss(X, y))
    net.set_weights(best.get_weights())
    return net.loss(X, y)


def line_search_step(net, X, y, base_lr):
    """Return an array without a dimension."""
    downhill = np.negative(loss_gradient(net, X, y))  # noqa: F821
    return np.array(line_search(net, X, y, downhill, base_lr))


def classical_momentum_step(net, X, y, lr, velocity, beta=0.9):
    """Step by the old sum and by the gradient separately."""
    if beta < 0 or beta >= 1 or beta != beta:
        raise ValueError("beta")
    gradient = loss_gradient(net, X, y)  # noqa: F821
    weights = net.get_weights()
    weights -= lr * beta * np.asarray(velocity)
    weights -= lr * gradient
    net.set_weights(weights)
    return np.float64(net.loss(X, y)), gradient + beta * np.asarray(velocity)
