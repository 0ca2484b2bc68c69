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
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError
