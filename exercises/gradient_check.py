"""Gradient checking: measure the gradient, and compare it with the one you derived.

Chapter 3, "Gradient checking" (course/gradient_check/). Check your work with

    pytest exercises/test_gradient_check.py
"""

import numpy as np


def numerical_gradient(loss, parameter, epsilon=1e-5):
    """Return the gradient of `loss` by `parameter`, measured, equation (3.1).

    Parameters
    ----------
    loss : callable
        Takes no argument and returns a float; it reads `parameter` whenever
        it is called.
    parameter : ndarray
        Any shape. One entry at a time is changed in place by plus and minus
        `epsilon`, and put back exactly as it was, bit for bit.
    epsilon : float
        The size of the change.

    Returns
    -------
    ndarray
        The central difference for each entry, in the shape of `parameter`.

    Examples
    --------
    >>> w = np.array([3.0, 5.0])
    >>> numerical_gradient(lambda: w[0] ** 2, w).round(6)
    array([6., 0.])
    """
    raise NotImplementedError


def gradient_check(net, x, target, epsilon=1e-5):
    """Compare `net.backward` with measured gradients, parameter by parameter.

    The loss is the mean squared error of `net.forward(x)`, equation (1.1).

    Parameters
    ----------
    net : object
        Has `weights` and `biases` (lists of ndarray), `forward(x)` and
        `backward(target) -> (weight_grads, bias_grads)`. Its parameters are
        the same after the check as before.
    x : ndarray, shape (n_in,)
    target : ndarray, shape (n_out,)
    epsilon : float
        For `numerical_gradient`.

    Returns
    -------
    dict of str to float
        For "W1", "b1", "W2", "b2", …: the largest absolute difference between
        the gradient of `backward` and the measured one. Layers count from 1.

    Examples
    --------
    >>> class Line:  # y = w x + b, with a backward that forgets the factor 2
    ...     weights, biases = [np.array([[3.0]])], [np.array([1.0])]
    ...     def forward(self, x):
    ...         self.x, self.y = x, self.weights[0] @ x + self.biases[0]
    ...         return self.y
    ...     def backward(self, target):
    ...         return [np.outer(self.y - target, self.x)], [self.y - target]
    >>> report = gradient_check(Line(), np.array([2.0]), np.array([5.0]))
    >>> {name: round(difference, 4) for name, difference in report.items()}
    {'W1': 4.0, 'b1': 2.0}
    """
    raise NotImplementedError


def passes(report, tolerance=1e-5):
    """Say whether every difference of a report is small enough.

    Parameters
    ----------
    report : dict of str to float
        What `gradient_check` returned.
    tolerance : float
        The largest difference that still passes. NaN never does.

    Returns
    -------
    bool

    Examples
    --------
    >>> passes({"W1": 2e-11, "b1": 3e-7})
    True
    >>> passes({"W1": 2e-11, "b1": 0.02})
    False
    """
    raise NotImplementedError
