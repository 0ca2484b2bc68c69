"""Mini-batches as matrix products: the same numbers, many times faster.

Chapter 5, "Mini-batches" (course/minibatch/). Check your work with

    pytest exercises/test_minibatch.py

The network is that of chapter 2, sigmoid layers and the mean squared error,
given as two lists: `weights[i]` of shape (n_out, n_in) and `biases[i]` of shape
(n_out,). A batch is a matrix with one example a row.
"""

import numpy as np


def forward_batch(weights, biases, X):
    """Return the activations of every layer for a batch, equation (5.1).

    Parameters
    ----------
    weights, biases : list of ndarray
        The network's parameters.
    X : ndarray, shape (n, n_in)
        One example a row.

    Returns
    -------
    list of ndarray
        `X` first, then each layer's sigmoid activations of shape (n, n_out);
        the last is the output.

    Examples
    --------
    >>> forward_batch([np.zeros((1, 2))], [np.zeros(1)], np.ones((3, 2)))[-1]
    array([[0.5],
           [0.5],
           [0.5]])
    """
    ### BEGIN SOLUTION
    activations = [X]
    for W, b in zip(weights, biases, strict=True):
        z = activations[-1] @ W.T + b
        shrunk = np.exp(-np.abs(z))
        activations.append(np.where(z >= 0, 1.0, shrunk) / (1.0 + shrunk))
    return activations
    ### END SOLUTION


def backward_batch(weights, activations, Y):
    """Return the gradients of a batch's mean loss, equations (5.2) to (5.4).

    Parameters
    ----------
    weights : list of ndarray
        The network's weights.
    activations : list of ndarray
        What `forward_batch` returned.
    Y : ndarray, shape (n, n_out)
        The targets, one example a row.

    Returns
    -------
    weight_grads, bias_grads : list of ndarray
        In the shapes of the weights and biases: the mean over the examples of
        what `Network.backward` returns for each of them.

    Examples
    --------
    >>> weights, X, Y = [np.zeros((1, 1))], np.array([[1.0], [3.0]]), np.ones((2, 1))
    >>> activations = forward_batch(weights, [np.zeros(1)], X)
    >>> backward_batch(weights, activations, Y)
    ([array([[-0.5]])], [array([-0.25])])
    """
    ### BEGIN SOLUTION
    output = activations[-1]
    delta = 2 * (output - Y) / output.size * output * (1 - output)
    weight_grads, bias_grads = [], []
    for layer in reversed(range(len(weights))):
        weight_grads.insert(0, delta.T @ activations[layer])
        bias_grads.insert(0, np.sum(delta, axis=0))
        if layer > 0:
            a = activations[layer]
            delta = delta @ weights[layer] * a * (1 - a)
    return weight_grads, bias_grads
    ### END SOLUTION
