"""Changes the network's arrays in place with `out=` and `[...]`, so no array is made twice."""

import numpy as np


def train_step(net, x, target, learning_rate):
    """Walk over the arrays themselves, weights and biases in one go."""
    output = net.forward(x)
    loss = ((output - target) ** 2).sum() / len(target)
    weight_grads, bias_grads = net.backward(target)
    for parameter, gradient in zip(
        [*net.weights, *net.biases], [*weight_grads, *bias_grads], strict=True
    ):
        np.subtract(parameter, learning_rate * gradient, out=parameter)
    return loss


def train_epoch(net, X, y, learning_rate, batch_size, rng):
    """Shuffle copies of the examples, and add up in buffers that are set back to zero."""
    order = rng.permutation(len(X))
    X_shuffled, y_shuffled = X[order], y[order]
    parameters = net.weights + net.biases
    buffers = [np.zeros(p.shape) for p in parameters]
    total, start = 0.0, 0
    while start < len(X):
        stop = min(start + batch_size, len(X))
        for buffer in buffers:
            buffer.fill(0.0)
        for x, target in zip(X_shuffled[start:stop], y_shuffled[start:stop], strict=True):
            total += np.mean(np.square(net.forward(x) - target))
            weight_grads, bias_grads = net.backward(target)
            for buffer, gradient in zip(buffers, weight_grads + bias_grads, strict=True):
                buffer += gradient
        for parameter, buffer in zip(parameters, buffers, strict=True):
            parameter[...] -= learning_rate / (stop - start) * buffer
        start = stop
    return total / len(X)


def train(net, X, y, learning_rate, epochs, batch_size, rng):
    """Fill an array of losses."""
    losses = np.zeros(epochs)
    for epoch in range(epochs):
        losses[epoch] = train_epoch(net, X, y, learning_rate, batch_size, rng)
    return losses
