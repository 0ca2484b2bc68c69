"""The training loop: forward, loss, backward, update; again and again.

Chapter 4, "The training loop" (course/training_loop/). Check your work with

    pytest exercises/test_training_loop.py

A network here is anything with `weights` and `biases` (lists of ndarray),
`forward(x)` for one example and `backward(target)` after it, such as the
`Network` of chapter 2. The checks bring networks of their own, so you can write
this chapter before you have finished that one.
"""

import numpy as np


def train_step(net, x, target, learning_rate):
    """Take one step of gradient descent on one example, equation (4.1).

    Parameters
    ----------
    net : object
        The network; its weights and biases change.
    x : ndarray, shape (n_in,)
    target : ndarray, shape (n_out,)
    learning_rate : float

    Returns
    -------
    float
        The mean squared error, equation (1.1), *before* the update.
    """
    ### BEGIN SOLUTION
    loss = float(np.mean((net.forward(x) - target) ** 2))
    weight_grads, bias_grads = net.backward(target)
    for layer in range(len(net.weights)):
        net.weights[layer] -= learning_rate * weight_grads[layer]
        net.biases[layer] -= learning_rate * bias_grads[layer]
    return loss
    ### END SOLUTION


def train_epoch(net, X, y, learning_rate, batch_size, rng):
    """Train on every example once, in mini-batches, equation (4.2).

    Parameters
    ----------
    net : object
        The network; its weights and biases change, once a batch.
    X : ndarray, shape (n, n_in)
    y : ndarray, shape (n, n_out)
    learning_rate : float
    batch_size : int
        Examples a batch; the last batch has what is left.
    rng : numpy.random.Generator
        Shuffles: one call, `rng.permutation(len(X))`. Batches are consecutive
        pieces of that order.

    Returns
    -------
    float
        The mean loss over the examples, each measured before the update of
        its batch. Gradients are averaged over the batch's actual size.
    """
    ### BEGIN SOLUTION
    order = rng.permutation(len(X))
    total_loss = 0.0
    for start in range(0, len(X), batch_size):
        batch = order[start : start + batch_size]
        weight_sums = [np.zeros_like(W) for W in net.weights]
        bias_sums = [np.zeros_like(b) for b in net.biases]
        for i in batch:
            total_loss += float(np.mean((net.forward(X[i]) - y[i]) ** 2))
            weight_grads, bias_grads = net.backward(y[i])
            for layer in range(len(net.weights)):
                weight_sums[layer] += weight_grads[layer]
                bias_sums[layer] += bias_grads[layer]
        for layer in range(len(net.weights)):
            net.weights[layer] -= learning_rate * weight_sums[layer] / len(batch)
            net.biases[layer] -= learning_rate * bias_sums[layer] / len(batch)
    return total_loss / len(X)
    ### END SOLUTION


def train(net, X, y, learning_rate, epochs, batch_size, rng):
    """Train for several epochs.

    Parameters
    ----------
    net, X, y, learning_rate, batch_size, rng
        As for `train_epoch`.
    epochs : int
        How often to go through all examples.

    Returns
    -------
    list of float
        What `train_epoch` returned, one loss an epoch.
    """
    ### BEGIN SOLUTION
    return [train_epoch(net, X, y, learning_rate, batch_size, rng) for _ in range(epochs)]
    ### END SOLUTION


def sweep_learning_rates(make_net, X, y, learning_rates, epochs):
    """Train the same start with several learning rates, and compare.

    Parameters
    ----------
    make_net : callable
        Takes no argument and returns a fresh network, always the same one.
    X : ndarray, shape (n, n_in)
    y : ndarray, shape (n, n_out)
    learning_rates : list of float
    epochs : int
        In each epoch `train_step` visits the examples in their order.

    Returns
    -------
    dict of float to float
        For each learning rate the mean loss over the examples, measured after
        the last epoch.
    """
    ### BEGIN SOLUTION
    final_losses = {}
    for learning_rate in learning_rates:
        net = make_net()
        for _ in range(epochs):
            for x, target in zip(X, y, strict=True):
                train_step(net, x, target, learning_rate)
        losses = [np.mean((net.forward(x) - t) ** 2) for x, t in zip(X, y, strict=True)]
        final_losses[learning_rate] = float(np.mean(losses))
    return final_losses
    ### END SOLUTION
