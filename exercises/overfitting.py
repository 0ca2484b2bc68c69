"""Overfitting: learning the examples instead of what they are examples of.

Chapter 6, "Training in practice" (course/overfitting/). Check your work with

    pytest exercises/test_overfitting.py

A network is anything with `weights`, `biases`, `forward(x)` and
`backward(target)`, as in chapter 4.
"""

import numpy as np


def train_test_split(X, y, test_fraction, rng):
    """Shuffle examples and keep some back for testing.

    Parameters
    ----------
    X : ndarray, shape (n, n_in)
    y : ndarray, shape (n, n_out)
    test_fraction : float
        The share of the examples that goes into the test set, rounded to a
        whole number of them: `round(test_fraction * n)`.
    rng : numpy.random.Generator
        Shuffles: one call, `rng.permutation(n)`. The test set is the first
        part of that order, the training set the rest.

    Returns
    -------
    X_train, X_test, y_train, y_test : ndarray
        Row `i` of `y_train` still belongs to row `i` of `X_train`. `X` and `y`
        are left as they were.

    Raises
    ------
    ValueError
        If `X` and `y` have different numbers of rows.
    """
    raise NotImplementedError


def evaluate(net, X, y):
    """Return the mean loss over examples, without learning from them.

    Parameters
    ----------
    net : object
        The network; its weights and biases are the same afterwards.
    X : ndarray, shape (n, n_in)
    y : ndarray, shape (n, n_out)

    Returns
    -------
    float
        The mean over the examples of the mean squared error, equation (1.1).
    """
    raise NotImplementedError


def fit_and_track(net, X_train, y_train, X_test, y_test, learning_rate, epochs):
    """Train example by example, and measure both losses after every epoch.

    Parameters
    ----------
    net : object
        The network; its weights and biases change.
    X_train, y_train : ndarray, shapes (n, n_in) and (n, n_out)
        In each epoch visited once, in their order, one update an example,
        equation (4.1).
    X_test, y_test : ndarray, shapes (m, n_in) and (m, n_out)
        Only ever measured.
    learning_rate : float
    epochs : int

    Returns
    -------
    train_losses, test_losses : list of float
        One of each an epoch: the mean loss over the set, measured after the
        epoch's last update.
    """
    raise NotImplementedError


def best_epoch(test_losses):
    """Return the epoch at which to have stopped.

    Parameters
    ----------
    test_losses : list of float
        One an epoch.

    Returns
    -------
    int
        The index of the smallest, counted from 0; of the first, if several
        are equally small.

    Examples
    --------
    >>> best_epoch([0.5, 0.25, 0.75, 0.25])
    1
    """
    raise NotImplementedError


def diagnose(train_losses, test_losses):
    """Name what two loss curves show.

    Judge by these rules, in this order; `start` is the first training loss:

    1. "unstable": a training loss is not finite, or at least five times the
       training loss jumps up by more than a tenth of `start` from one epoch
       to the next;
    2. "underfit": the last training loss is above 70 % of `start`;
    3. "overfit": the last test loss is more than 1.5 times the smallest test
       loss, and the last training loss is below the training loss at that
       epoch;
    4. "converged": anything else.

    Parameters
    ----------
    train_losses, test_losses : list of float
        One of each an epoch, of the same length.

    Returns
    -------
    str
        One of "unstable", "underfit", "overfit", "converged".

    Examples
    --------
    >>> diagnose([0.7, 0.7, 0.7], [0.7, 0.7, 0.7])
    'underfit'
    >>> diagnose([0.7, 0.3, 0.01], [0.7, 0.4, 0.9])
    'overfit'
    """
    raise NotImplementedError
