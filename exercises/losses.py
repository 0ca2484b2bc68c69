"""Loss functions: one number that says how wrong a prediction is.

Chapter 1, "Loss functions" (course/losses/). Check your work with

    pytest exercises/test_losses.py
"""

import numpy as np


def mse_loss(predictions, targets):
    """Return the mean squared error, equation (1.1).

    Parameters
    ----------
    predictions, targets : ndarray
        Two arrays of the same shape, whatever that shape is.

    Returns
    -------
    float
        The mean over all entries of the squared difference.

    Raises
    ------
    ValueError
        If the shapes differ. NumPy would stretch one array to fit the other
        and go on without a word.

    Examples
    --------
    >>> float(mse_loss(np.array([1.0, 2.0]), np.array([1.0, 4.0])))
    2.0
    """
    raise NotImplementedError


def mse_gradient(predictions, targets):
    """Return the derivative of `mse_loss` by each prediction, equation (1.2).

    Parameters
    ----------
    predictions, targets : ndarray
        Two arrays of the same shape, `n` entries in all.

    Returns
    -------
    ndarray
        `2 (p - t) / n` for each entry, in the shape of `predictions`.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> mse_gradient(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    array([ 0., -2.])
    """
    raise NotImplementedError


def binary_cross_entropy(predictions, targets, eps=1e-15):
    """Return the mean binary cross-entropy, equation (1.3).

    Parameters
    ----------
    predictions : ndarray
        Probabilities between 0 and 1, both ends included.
    targets : ndarray
        The truth, 0 or 1, in the same shape.
    eps : float
        Predictions are clipped to `[eps, 1 - eps]` before the logarithm, so
        that the loss is finite at exactly 0 and 1.

    Returns
    -------
    float
        The mean over all entries, in nats.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> round(float(binary_cross_entropy(np.array([0.5, 0.5]), np.array([1.0, 0.0]))), 4)
    0.6931
    """
    raise NotImplementedError


def binary_cross_entropy_gradient(predictions, targets, eps=1e-15):
    """Return the derivative of `binary_cross_entropy`, equation (1.4).

    Parameters
    ----------
    predictions : ndarray
        Probabilities between 0 and 1, `n` entries in all; clipped to
        `[eps, 1 - eps]` as in the loss.
    targets : ndarray
        The truth, 0 or 1, in the same shape.
    eps : float
        The clipping distance.

    Returns
    -------
    ndarray
        `(p - t) / (p (1 - p)) / n` for each entry, with the clipped `p`, in
        the shape of `predictions`. It is finite everywhere.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> binary_cross_entropy_gradient(np.array([0.5, 0.5]), np.array([1.0, 0.0]))
    array([-1.,  1.])
    """
    raise NotImplementedError


def softmax(logits):
    """Return probabilities from scores, over the last axis, equation (1.5).

    Parameters
    ----------
    logits : ndarray, shape (..., n_classes)
        Scores, any real numbers: 1000 and -1000 included.

    Returns
    -------
    ndarray
        In the shape of `logits`; every row along the last axis is positive
        and sums to 1. `logits` itself is left as it was.

    Examples
    --------
    >>> softmax(np.array([0.0, 0.0]))
    array([0.5, 0.5])
    """
    raise NotImplementedError


def softmax_cross_entropy(logits, labels):
    """Return the mean cross-entropy of `softmax(logits)`, equation (1.6).

    Parameters
    ----------
    logits : ndarray, shape (n, n_classes)
        One row of scores an example; large ones must not overflow.
    labels : ndarray of int, shape (n,)
        The right class of each row.

    Returns
    -------
    float
        The mean over the rows of `-log softmax(logits)[row, label]`, in nats.

    Raises
    ------
    ValueError
        If `labels` does not have one entry a row.

    Examples
    --------
    >>> round(float(softmax_cross_entropy(np.zeros((1, 4)), np.array([2]))), 4)
    1.3863
    """
    raise NotImplementedError


def softmax_cross_entropy_gradient(logits, labels):
    """Return the derivative of `softmax_cross_entropy` by the logits, equation (1.7).

    Parameters
    ----------
    logits : ndarray, shape (n, n_classes)
        One row of scores an example.
    labels : ndarray of int, shape (n,)
        The right class of each row.

    Returns
    -------
    ndarray, shape (n, n_classes)
        `(softmax(logits) - one_hot(labels)) / n`.

    Raises
    ------
    ValueError
        If `labels` does not have one entry a row.

    Examples
    --------
    >>> softmax_cross_entropy_gradient(np.zeros((1, 2)), np.array([1]))
    array([[ 0.5, -0.5]])
    """
    raise NotImplementedError
