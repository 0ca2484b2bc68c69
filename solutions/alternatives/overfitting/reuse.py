"""Built from the chapters before: little that is new, and a mistake back there is back here."""

import numpy as np
from losses import mse_loss
from training_loop import train_step


def train_test_split(X, y, test_fraction, rng):
    if X.shape[0] != y.shape[0]:
        raise ValueError(f"X has {X.shape[0]} rows and y has {y.shape[0]}")
    order = rng.permutation(X.shape[0])
    test = order[: round(test_fraction * order.size)]
    train = order[test.size :]
    return X[train, :], X[test, :], y[train, :], y[test, :]


def evaluate(net, X, y):
    return np.average([mse_loss(net.forward(X[i]), y[i]) for i in range(len(X))])


def fit_and_track(net, X_train, y_train, X_test, y_test, learning_rate, epochs):
    history = {"train": [], "test": []}
    for _ in range(epochs):
        for x, target in zip(X_train, y_train, strict=True):
            train_step(net, x, target, learning_rate)
        history["train"] += [evaluate(net, X_train, y_train)]
        history["test"] += [evaluate(net, X_test, y_test)]
    return history["train"], history["test"]


def best_epoch(test_losses):
    return min(range(len(test_losses)), key=lambda epoch: test_losses[epoch])


def diagnose(train_losses, test_losses):
    """Judge as early stopping would: against the best so far, with some patience."""
    if not np.isfinite(train_losses).all():
        return "unstable"
    lowest = np.minimum.accumulate(train_losses)
    if np.count_nonzero(np.array(train_losses) > 1.5 * lowest) > 10:
        return "unstable"
    if lowest[-1] > 0.75 * train_losses[0]:
        return "underfit"
    best = best_epoch(test_losses)
    waited = len(test_losses) - 1 - best
    if waited > len(test_losses) // 4 and test_losses[-1] > 1.2 * test_losses[best]:
        return "overfit"
    return "converged"
