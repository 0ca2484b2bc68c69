"""Straight lines through pieces of a curve: hardly moved by one rough epoch, but slow to notice."""

import numpy as np


def train_test_split(X, y, test_fraction, rng):
    n = len(X)
    if n != len(y):
        raise ValueError("one target for each example, please")
    places = np.empty(n, dtype=int)
    order = rng.permutation(n)
    places[order] = np.arange(n)
    by_place = np.argsort(places)
    n_test = round(test_fraction * n)
    return tuple(a[part] for a in (X, y) for part in (by_place[n_test:], by_place[:n_test]))


def evaluate(net, X, y):
    mean = 0.0
    for seen, (x, target) in enumerate(zip(X, y, strict=True)):
        loss = np.linalg.norm(net.forward(x) - target) ** 2 / np.size(target)
        mean += (loss - mean) / (seen + 1)
    return mean


def fit_and_track(net, X_train, y_train, X_test, y_test, learning_rate, epochs):
    pairs = []
    while len(pairs) < epochs:
        for x, target in zip(X_train, y_train, strict=True):
            net.forward(x)
            for parameters, gradients in zip(
                (net.weights, net.biases), net.backward(target), strict=True
            ):
                for i, gradient in enumerate(gradients):
                    parameters[i] = parameters[i] - learning_rate * gradient
        pairs.append((evaluate(net, X_train, y_train), evaluate(net, X_test, y_test)))
    train_losses, test_losses = map(list, zip(*pairs, strict=True))
    return train_losses, test_losses


def best_epoch(test_losses):
    return sorted(enumerate(test_losses), key=lambda pair: pair[1])[0][0]


def diagnose(train_losses, test_losses):
    """Fit a line to the second half of each curve: how far it leads, and how far points lie off."""
    train, test = np.array(train_losses), np.array(test_losses)
    if not np.isfinite(np.sum(train)):
        return "unstable"
    half = len(train) // 2
    epochs = np.arange(half)

    def line(curve):
        slope, first = np.polyfit(epochs, curve[-half:], 1)
        return slope * half, np.sqrt(np.mean((first + slope * epochs - curve[-half:]) ** 2))

    (train_trend, roughness), (test_trend, _) = line(train), line(test)
    if roughness > 0.1 * train[0]:
        return "unstable"
    if np.mean(train[-half:]) > 0.8 * train[0]:
        return "underfit"
    if test_trend > 0.25 * test.min() and train_trend < 0.1 * test_trend:
        return "overfit"
    return "converged"
