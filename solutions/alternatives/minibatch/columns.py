"""Keeps one example a column inside, as some books do, and transposes on the way in and out."""

import numpy as np


def forward_batch(weights, biases, X):
    """Fill in the sigmoid with masks, one formula for each sign."""
    columns = [X.T]
    for W, b in zip(weights, biases, strict=True):
        z = W @ columns[-1] + b.reshape(-1, 1)
        a = np.empty_like(z)
        positive = z > 0
        a[positive] = 1 / (1 + np.exp(-z[positive]))
        small = np.exp(z[~positive])
        a[~positive] = small / (1 + small)
        columns.append(a)
    return [a.T for a in columns]


def backward_batch(weights, activations, Y):
    """Use the formulas for one example on columns, and sum over axis 1."""
    columns = [a.T for a in activations]
    output = columns[-1]
    delta = (output - Y.T) * output * (1 - output) * (2 / output.size)
    weight_grads, bias_grads = [delta @ columns[-2].T], [delta.sum(axis=1)]
    for layer in range(len(weights) - 1, 0, -1):
        a = columns[layer]
        delta = weights[layer].T @ delta * a * (1 - a)
        weight_grads = [delta @ columns[layer - 1].T, *weight_grads]
        bias_grads = [delta.sum(axis=1), *bias_grads]
    return weight_grads, bias_grads
