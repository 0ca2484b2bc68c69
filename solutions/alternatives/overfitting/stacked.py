"""Whole arrays at once: one expression in place of a loop, at the price of keeping every output."""

import numpy as np


def train_test_split(X, y, test_fraction, rng):
    if np.shape(X)[0] != np.shape(y)[0]:
        raise ValueError("different numbers of rows")
    test, train = np.split(rng.permutation(len(y)), [round(len(y) * test_fraction)])
    X_test, X_train = np.take(X, test, axis=0), np.take(X, train, axis=0)
    y_test, y_train = np.take(y, test, axis=0), np.take(y, train, axis=0)
    return X_train, X_test, y_train, y_test


def evaluate(net, X, y):
    outputs = np.stack([net.forward(x) for x in X])
    return np.square(outputs - y).mean()


def fit_and_track(net, X_train, y_train, X_test, y_test, learning_rate, epochs):
    losses = np.empty((2, epochs))
    for epoch in range(epochs):
        for i, x in enumerate(X_train):
            net.forward(x)
            dW, db = net.backward(y_train[i])
            net.weights = [W - learning_rate * d for W, d in zip(net.weights, dW, strict=True)]
            net.biases = [b - learning_rate * d for b, d in zip(net.biases, db, strict=True)]
        losses[0, epoch] = evaluate(net, X_train, y_train)
        losses[1, epoch] = evaluate(net, X_test, y_test)
    return losses[0], losses[1]


def best_epoch(test_losses):
    return np.flatnonzero(np.array(test_losses) == np.min(test_losses))[0]


def diagnose(train_losses, test_losses):
    """Compare levels: the middle value of the first, the last and the lowest stretch of a curve."""
    train, test = np.array(train_losses), np.array(test_losses)
    if np.isnan(train).any() or np.isinf(train).any():
        return "unstable"
    width = max(1, len(train) // 10)

    def levels(curve):
        stretches = np.array_split(curve, len(curve) // width)
        return np.array([np.median(stretch) for stretch in stretches])

    train_levels, test_levels = levels(train), levels(test)
    spread = np.ptp(train[-2 * width :])
    if spread > 0.25 * train[0]:
        return "unstable"
    if train_levels[-1] > 0.8 * train[0]:
        return "underfit"
    lowest = np.argmin(test_levels)
    if test_levels[-1] > 1.3 * test_levels[lowest] and train_levels[-1] <= train_levels[lowest]:
        return "overfit"
    return "converged"
