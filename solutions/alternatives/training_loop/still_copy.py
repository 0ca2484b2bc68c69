"""Moves the network example by example, with gradients of a copy that stays: right, but slow."""

import copy

import numpy as np


def train_epoch(net, X, y, learning_rate, batch_size, rng):
    """Take the gradients of a whole batch from a copy of the network that never moves."""
    order = rng.permutation(len(X)).tolist()
    losses = np.empty(len(order))
    for start in range(0, len(order), batch_size):
        still = copy.deepcopy(net)
        batch = order[start : start + batch_size]
        rate = learning_rate / len(batch)
        for position, i in enumerate(batch, start):
            losses[position] = np.mean((still.forward(X[i]) - y[i]) ** 2)
            for parameters, gradients in zip(
                (net.weights, net.biases), still.backward(y[i]), strict=True
            ):
                for parameter, gradient in zip(parameters, gradients, strict=True):
                    parameter -= rate * gradient
    return losses.mean()
