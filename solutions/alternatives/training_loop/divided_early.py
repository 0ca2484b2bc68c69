"""Divides each gradient as it is added and weights each batch's mean loss by its size."""

import numpy as np


def train_epoch(net, X, y, learning_rate, batch_size, rng):
    """Keep running means in place of sums."""
    n = len(X)
    order = rng.permutation(n)
    epoch_loss = 0.0
    for batch in [order[i : i + batch_size] for i in range(0, n, batch_size)]:
        size = len(batch)
        mean_weights = [np.zeros_like(W) for W in net.weights]
        mean_biases = [np.zeros_like(b) for b in net.biases]
        batch_loss = 0.0
        for i in batch:
            batch_loss += np.mean((net.forward(X[i]) - y[i]) ** 2) / size
            dW, db = net.backward(y[i])
            mean_weights = [m + g / size for m, g in zip(mean_weights, dW, strict=True)]
            mean_biases = [m + g / size for m, g in zip(mean_biases, db, strict=True)]
        for W, m in zip(net.weights, mean_weights, strict=True):
            W -= learning_rate * m
        for b, m in zip(net.biases, mean_biases, strict=True):
            b -= learning_rate * m
        epoch_loss += batch_loss * size / n
    return epoch_loss


def sweep_learning_rates(make_net, X, y, learning_rates, epochs):
    """Measure the final loss over the whole table of outputs at once."""
    results = {}
    for rate in learning_rates:
        net = make_net()
        for _ in range(epochs):
            for i in range(len(X)):
                net.forward(X[i])
                dW, db = net.backward(y[i])
                for layer in range(len(net.weights)):
                    net.weights[layer] -= rate * dW[layer]
                    net.biases[layer] -= rate * db[layer]
        outputs = np.array([net.forward(x) for x in X])
        results[rate] = np.mean((outputs - y) ** 2)
    return results
