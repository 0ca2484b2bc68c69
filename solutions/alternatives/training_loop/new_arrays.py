"""Puts new arrays into the network's lists, which is easy to reason about but allocates."""

import numpy as np


def train_step(net, x, target, learning_rate):
    """Replace every item of the two lists."""
    error = net.forward(x) - target
    weight_grads, bias_grads = net.backward(target)
    for i, (dW, db) in enumerate(zip(weight_grads, bias_grads, strict=True)):
        net.weights[i] = net.weights[i] - learning_rate * dW
        net.biases[i] = net.biases[i] - learning_rate * db
    return np.mean(error**2)


def train_epoch(net, X, y, learning_rate, batch_size, rng):
    """Replace the lists themselves, once a batch."""
    order = rng.permutation(len(X))
    losses = []
    for start in range(0, len(X), batch_size):
        gradients = []
        for i in order[start : start + batch_size]:
            losses.append(np.mean((net.forward(X[i]) - y[i]) ** 2))
            gradients.append(net.backward(y[i]))
        n = len(gradients)
        for layer in range(len(net.weights)):
            dW = sum(weight_grads[layer] for weight_grads, _ in gradients) / n
            db = sum(bias_grads[layer] for _, bias_grads in gradients) / n
            net.weights[layer] = net.weights[layer] - learning_rate * dW
            net.biases[layer] = net.biases[layer] - learning_rate * db
    return np.mean(losses)
