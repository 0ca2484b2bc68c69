"""The project: your own pieces, put together, read handwriting.

Chapter 7, "MNIST project" (course/mnist_project/). Check your work with

    pytest exercises/test_mnist_project.py

and run it on real digits with

    python exercises/mnist_project.py
"""

import numpy as np
from backprop import Network
from minibatch import backward_batch, forward_batch


def one_hot(labels, n_classes):
    """Return each label as a row with a single 1, equation (7.1).

    Parameters
    ----------
    labels : ndarray of int, shape (n,)
        Classes, from 0 to `n_classes - 1`.
    n_classes : int

    Returns
    -------
    ndarray of float, shape (n, n_classes)

    Examples
    --------
    >>> one_hot(np.array([2, 0]), 3)
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    raise NotImplementedError


def prepare(images, labels, digits=(0, 1, 2, 3, 4)):
    """Turn images into what a network takes.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width)
        Gray levels from 0 to 255.
    labels : ndarray of int, shape (n,)
        The digit on each image.
    digits : tuple of int
        The digits to keep; all other images are left out.

    Returns
    -------
    X : ndarray of float, shape (m, height * width)
        The images kept, in their order, one flattened image a row, scaled to
        [0, 1] by dividing by 255.
    y : ndarray of float, shape (m, len(digits))
        One-hot targets: column `j` stands for `digits[j]`.
    labels : ndarray of int, shape (m,)
        For each row the column of its 1: the position of its digit in
        `digits`. (For digits 0 to 4 that is the digit itself.)
    """
    raise NotImplementedError


def accuracy(net, X, labels):
    """Return the share of examples whose largest output is the right one.

    Parameters
    ----------
    net : object
        Has `forward(x)` for one example.
    X : ndarray, shape (n, n_in)
    labels : ndarray of int, shape (n,)
        The right column of each example's output.

    Returns
    -------
    float
        Between 0 and 1.
    """
    raise NotImplementedError


def train_classifier(images, labels, seed=0):
    """Train a network to read digits, with your own functions.

    Nothing is prescribed but the result: choose the layers, the learning rate,
    the batch size and the number of epochs, and stay under a minute.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width)
        Gray levels from 0 to 255.
    labels : ndarray of int, shape (n,)
        The digit on each image; any digits from 0 to 9 may occur.
    seed : int
        For everything random: the same seed gives the same classifier.

    Returns
    -------
    callable
        `predict(images) -> labels`: takes images like those above and returns
        an ndarray of int, shape (n,), with the digit it reads on each.
    """
    raise NotImplementedError


def main():
    """Train on digits 0 to 4 and say how well it reads images it has never seen."""
    from autograder.datasets import load_digits_for_project

    data = load_digits_for_project()
    print(data.description)
    known = np.isin(data.train_labels, range(5))
    unseen = np.isin(data.test_labels, range(5))
    predict = train_classifier(data.train_images[known], data.train_labels[known])
    correct = predict(data.test_images[unseen]) == data.test_labels[unseen]
    print(f"{np.mean(correct):.1%} of {correct.size} unseen images (0 to 4) are read right")


if __name__ == "__main__":
    main()
