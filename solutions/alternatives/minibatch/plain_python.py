"""Uses lists and `math` alone: every multiplication is in sight, and it is very slow."""

import math


def sigmoid(z):
    """Return the sigmoid of one number, in the form that can't overflow for its sign."""
    if z >= 0:
        return 1 / (1 + math.exp(-z))
    return math.exp(z) / (1 + math.exp(z))


def forward_batch(weights, biases, X):
    """Return nested lists."""
    activations = [[[float(entry) for entry in row] for row in X]]
    for W, b in zip(weights, biases, strict=True):
        activations.append(
            [
                [
                    sigmoid(sum(float(w) * a for w, a in zip(unit, row, strict=True)) + float(bias))
                    for unit, bias in zip(W, b, strict=True)
                ]
                for row in activations[-1]
            ]
        )
    return activations


def backward_batch(weights, activations, Y):
    """Return nested lists, from sums that are written out."""
    n, n_out = len(Y), len(Y[0])
    delta = [
        [2 * (a - t) / (n * n_out) * a * (1 - a) for a, t in zip(outputs, targets, strict=True)]
        for outputs, targets in zip(activations[-1], Y, strict=True)
    ]
    weight_grads, bias_grads = [], []
    for layer in reversed(range(len(weights))):
        W, A = weights[layer], activations[layer]
        units, inputs = range(len(W)), range(len(W[0]))
        weight_grads.insert(
            0, [[sum(delta[i][j] * A[i][k] for i in range(n)) for k in inputs] for j in units]
        )
        bias_grads.insert(0, [sum(delta[i][j] for i in range(n)) for j in units])
        delta = [
            [sum(delta[i][j] * W[j][k] for j in units) * A[i][k] * (1 - A[i][k]) for k in inputs]
            for i in range(n)
        ]
    return weight_grads, bias_grads
