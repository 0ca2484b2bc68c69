"""Loops and counters only: every step can be followed with a pencil, but large sets take longer."""

import math

import numpy as np


def train_test_split(X, y, test_fraction, rng):
    n = len(X)
    if n != len(y):
        raise ValueError("X and y must have as many rows")
    n_test = round(n * test_fraction)
    X_train, X_test, y_train, y_test = [], [], [], []
    for place, row in enumerate(rng.permutation(n)):
        if place < n_test:
            X_test.append(X[row])
            y_test.append(y[row])
        else:
            X_train.append(X[row])
            y_train.append(y[row])
    return np.array(X_train), np.array(X_test), np.array(y_train), np.array(y_test)


def evaluate(net, X, y):
    total = 0.0
    for i in range(len(X)):
        output = net.forward(X[i])
        squares = 0.0
        for j in range(len(output)):
            squares += (output[j] - y[i][j]) ** 2
        total += squares / len(output)
    return total / len(X)


def fit_and_track(net, X_train, y_train, X_test, y_test, learning_rate, epochs):
    train_losses = []
    test_losses = []
    for _ in range(epochs):
        for i in range(len(X_train)):
            net.forward(X_train[i])
            weight_grads, bias_grads = net.backward(y_train[i])
            for k in range(len(net.weights)):
                for row in range(net.weights[k].shape[0]):
                    for column in range(net.weights[k].shape[1]):
                        step = learning_rate * weight_grads[k][row, column]
                        net.weights[k][row, column] -= step
                    net.biases[k][row] -= learning_rate * bias_grads[k][row]
        train_losses.append(evaluate(net, X_train, y_train))
        test_losses.append(evaluate(net, X_test, y_test))
    return train_losses, test_losses


def best_epoch(test_losses):
    best = 0
    for epoch in range(1, len(test_losses)):
        if test_losses[epoch] < test_losses[best]:
            best = epoch
    return best


def diagnose(train_losses, test_losses):
    start = train_losses[0]
    jumps = 0
    before = start
    for loss in train_losses:
        if not math.isfinite(loss):
            return "unstable"
        if loss - before > start / 10:
            jumps += 1
        before = loss
    if jumps > 4:
        return "unstable"
    if before > 0.7 * start:
        return "underfit"
    best = best_epoch(test_losses)
    risen = test_losses[-1] > 1.5 * test_losses[best]
    if risen and train_losses[-1] < train_losses[best]:
        return "overfit"
    return "converged"
