"""Splits the work into a generator of batches and small helpers, each of them easy to test."""

import numpy as np


def batches_of(order, size):
    """Yield consecutive pieces, the last as short as it has to be."""
    for start in range(0, order.size, size):
        yield order[start : start + size]


def loss_and_gradients(net, x, target):
    """Return the loss of one example, and all its gradients in one list."""
    error = np.subtract(net.forward(x), target)
    weight_grads, bias_grads = net.backward(target)
    return np.dot(error, error) / error.size, [*weight_grads, *bias_grads]


def update(net, gradients, learning_rate):
    """Change all parameters in place."""
    for parameter, gradient in zip([*net.weights, *net.biases], gradients, strict=True):
        parameter += -learning_rate * gradient


def train_step(net, x, target, learning_rate):
    """Return a 0-d array, as some NumPy code does."""
    loss, gradients = loss_and_gradients(net, x, target)
    update(net, gradients, learning_rate)
    return np.asarray(loss)


def train_epoch(net, X, y, learning_rate, batch_size, rng):
    """Turn a batch of pairs inside out."""
    total = 0.0
    for batch in batches_of(rng.permutation(len(X)), batch_size):
        pairs = [loss_and_gradients(net, X[i], y[i]) for i in batch]
        losses, gradients = zip(*pairs, strict=True)
        total += sum(losses)
        update(net, [sum(g) / len(batch) for g in zip(*gradients, strict=True)], learning_rate)
    return np.float64(total) / len(X)


def sweep_learning_rates(make_net, X, y, learning_rates, epochs):
    """Build the dictionary from two lists."""
    final_losses = []
    for learning_rate in learning_rates:
        net = make_net()
        for i in list(range(len(X))) * epochs:
            train_step(net, X[i], y[i], learning_rate)
        final_losses.append(sum(np.mean((net.forward(X[i]) - y[i]) ** 2) for i in range(len(X))))
    return dict(zip(learning_rates, np.array(final_losses) / len(X), strict=True))
