"""Backpropagation: the chain rule, from the loss back to every weight.

Chapter 2, "Backpropagation" (course/backprop/). Check your work with

    pytest exercises/test_backprop.py
"""

import numpy as np


def sigmoid(z):
    """Return `1 / (1 + exp(-z))` for each entry, equation (2.1).

    Parameters
    ----------
    z : ndarray or float
        Any real numbers: at -1000 the result is 0, and nothing overflows on
        the way.

    Returns
    -------
    ndarray or float
        In the shape of `z`, between 0 and 1.

    Examples
    --------
    >>> float(sigmoid(np.array(0.0)))
    0.5
    """
    ### BEGIN SOLUTION
    shrunk = np.exp(-np.abs(z))  # between 0 and 1: it can't overflow
    return np.where(np.greater_equal(z, 0), 1.0, shrunk) / (1.0 + shrunk)
    ### END SOLUTION


def sigmoid_derivative(a):
    """Return the derivative of the sigmoid, from its *output*, equation (2.2).

    Parameters
    ----------
    a : ndarray or float
        Outputs of the sigmoid, `a = sigmoid(z)`: not `z` itself.

    Returns
    -------
    ndarray or float
        The derivative by `z`, in the shape of `a`.

    Examples
    --------
    >>> sigmoid_derivative(0.5)
    0.25
    """
    ### BEGIN SOLUTION
    return a * (1 - a)
    ### END SOLUTION


class Network:
    """A network of sigmoid layers, for one example at a time.

    Parameters
    ----------
    layer_sizes : list of int
        Inputs, hidden units, …, outputs: `[3, 4, 2]` has two layers of
        weights.
    seed : int
        Draws the starting weights. The generator is `RandomState`, whose
        numbers never change (NEP 19), so yours are those of the book.

    Attributes
    ----------
    weights : list of ndarray
        `weights[i]` has the shape (n_out, n_in) of layer `i`.
    biases : list of ndarray
        `biases[i]` has the shape (n_out,).
    activations : list of ndarray
        Set by `forward`: the input first, the output last.
    """

    def __init__(self, layer_sizes, seed=42):
        draw = np.random.RandomState(seed)
        self.weights = []
        self.biases = []
        for n_in, n_out in zip(layer_sizes[:-1], layer_sizes[1:], strict=True):
            self.weights.append(draw.randn(n_out, n_in) * np.sqrt(2.0 / n_in))
            self.biases.append(np.zeros(n_out))
        self.activations = []

    def forward(self, x):
        """Return the output for one example, and keep every activation.

        Parameters
        ----------
        x : ndarray, shape (n_in,)

        Returns
        -------
        ndarray, shape (n_out,)
        """
        self.activations = [x]
        for W, b in zip(self.weights, self.biases, strict=True):
            self.activations.append(sigmoid(W @ self.activations[-1] + b))
        return self.activations[-1]

    def backward(self, target):
        """Return the gradients of the loss after the last `forward`, equations (2.3) to (2.6).

        The loss is the mean squared error over the outputs, so the `1/n_out`
        is applied here, in the error of the output layer.

        Parameters
        ----------
        target : ndarray, shape (n_out,)
            What the output should have been.

        Returns
        -------
        weight_grads : list of ndarray
            One for each of `weights`, in its shape.
        bias_grads : list of ndarray
            One for each of `biases`, in its shape. The network itself is left
            as it was.

        Examples
        --------
        >>> net = Network([1, 1], seed=0)
        >>> net.weights = [np.array([[0.0]])]
        >>> _ = net.forward(np.array([3.0]))
        >>> net.backward(np.array([1.0]))
        ([array([[-0.75]])], [array([-0.25])])
        """
        ### BEGIN SOLUTION
        output = self.activations[-1]
        delta = 2 * (output - target) / output.size * sigmoid_derivative(output)
        weight_grads, bias_grads = [], []
        for layer in reversed(range(len(self.weights))):
            weight_grads.insert(0, np.outer(delta, self.activations[layer]))
            bias_grads.insert(0, delta)
            if layer > 0:
                error = self.weights[layer].T @ delta
                delta = error * sigmoid_derivative(self.activations[layer])
        return weight_grads, bias_grads
        ### END SOLUTION
