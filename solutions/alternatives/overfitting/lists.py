"""Comprehensions and lists in place of arrays and tuples: short, but each item is touched alone."""

from math import inf

import numpy as np


def train_test_split(X, y, test_fraction, rng):
    assert_same_length(X, y)
    order = list(rng.permutation(len(X)))
    n_test = round(test_fraction * len(order))
    parts = order[n_test:], order[:n_test]
    return [np.array([values[i] for i in part]) for values in (X, y) for part in parts]


def assert_same_length(X, y):
    if len(X) - len(y):
        raise ValueError(len(X), len(y))


def evaluate(net, X, y):
    misses = [net.forward(x) - target for x, target in zip(X, y, strict=True)]
    return sum(miss @ miss / len(miss) for miss in misses) / len(misses)


def fit_and_track(net, X_train, y_train, X_test, y_test, learning_rate, epochs):
    def run_epoch():
        for x, target in zip(X_train, y_train, strict=True):
            net.forward(x)
            parameters = [*net.weights, *net.biases]
            gradients = [gradient for kind in net.backward(target) for gradient in kind]
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter -= learning_rate * gradient
        return [evaluate(net, X_train, y_train), evaluate(net, X_test, y_test)]

    curves = [run_epoch() for _ in range(epochs)]
    return [list(curve) for curve in zip(*curves, strict=True)]


def best_epoch(test_losses):
    return test_losses.index(min(test_losses))


def diagnose(train_losses, test_losses):
    start, end = train_losses[0], train_losses[-1]
    if not all(-inf < loss < inf for loss in train_losses):
        return "unstable"
    rises = [
        after - before for before, after in zip(train_losses[:-1], train_losses[1:], strict=True)
    ]
    if len([rise for rise in rises if rise > 0.1 * start]) >= 5:
        return "unstable"
    if end > 0.7 * start:
        return "underfit"
    best = best_epoch(test_losses)
    overfits = test_losses[-1] / test_losses[best] > 1.5 and end < train_losses[best]
    return "overfit" if overfits else "converged"
