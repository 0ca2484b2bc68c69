"""Uses `np.nditer` with a multi-index, the idiom of many older courses, at the price of flags."""

import numpy as np


def numerical_gradient(loss, parameter, epsilon=1e-5):
    """Let an iterator hand out the indices."""
    gradient = np.zeros_like(parameter)
    iterator = np.nditer(parameter, flags=["multi_index"], op_flags=["readwrite"])
    while not iterator.finished:
        index = iterator.multi_index
        old = parameter[index]
        parameter[index] = old + epsilon
        plus = loss()
        parameter[index] = old - epsilon
        minus = loss()
        parameter[index] = old
        gradient[index] = (plus - minus) / (2.0 * epsilon)
        iterator.iternext()
    return gradient


def passes(report, tolerance=1e-5):
    """Compare all differences at once and return what NumPy returns."""
    return np.all(np.array(list(report.values())) <= tolerance)
