"""Takes arrays apart row by row until only vectors are left: elegant, and harder to follow."""

import numpy as np


def numerical_gradient(loss, parameter, epsilon=1e-5):
    """Measure a vector entry by entry, and anything larger row by row."""
    if parameter.ndim > 1:
        return np.stack([numerical_gradient(loss, row, epsilon) for row in parameter])
    slopes = []
    for i, original in enumerate(parameter.tolist()):
        parameter[i] = original + epsilon
        above = loss()
        parameter[i] = original - epsilon
        slopes.append((above - loss()) / (2 * epsilon))
        parameter[i] = original
    return np.array(slopes)


def passes(report, tolerance=1e-5):
    """Count the differences that are small enough."""
    return sum(difference <= tolerance for difference in report.values()) == len(report)
