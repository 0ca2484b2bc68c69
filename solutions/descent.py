"""Better descent: where to start, how far to step, and in which direction.

Chapter 8, "Better descent" (course/descent/). Check your work with

    pytest exercises/test_descent.py

Given are five data sets, a network of nine weights, and a loop that trains it.
"""

import numpy as np

CORNERS = np.array([[-1.0, -1.0], [1.0, 1.0], [-1.0, 1.0], [1.0, -1.0]])
KINDS = {  # what the corners are labeled, and how many times the noise is added
    "corner": ((0, 1, 1, 1), 1.0),
    "corner_noisy": ((0, 1, 1, 1), 1.5),
    "clean": ((0, 0, 1, 1), 1.0),
    "noisy": ((0, 0, 1, 1), 2.0),
    "perfect": ((0, 0, 1, 1), 0.25),
}


def make_xor(kind, n_per_cluster, noise, rng):
    """Draw a data set: four clusters of points around the corners of a square.

    Parameters
    ----------
    kind : str
        "clean", "noisy" and "perfect" are XOR with once, twice and a quarter
        of the noise; "corner" and "corner_noisy" set one corner apart from
        the three others, with once and one and a half times the noise.
    n_per_cluster : int
    noise : float
        Standard deviation of the points around their corner.
    rng : numpy.random.Generator

    Returns
    -------
    X : ndarray, shape (4 * n_per_cluster, 2)
    y : ndarray, shape (4 * n_per_cluster,)
        0.0 or 1.0.

    Raises
    ------
    ValueError
        If the kind is unknown, a cluster would be empty, or the noise is
        negative or not finite.
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}; it is {kind!r}")
    if n_per_cluster < 1:
        raise ValueError(f"n_per_cluster must be at least 1; it is {n_per_cluster}")
    if not 0 <= noise < np.inf:
        raise ValueError(f"noise must be 0 or more, and finite; it is {noise}")
    labels, times = KINDS[kind]
    X = np.repeat(CORNERS, n_per_cluster, axis=0)
    y = np.repeat(np.array(labels, dtype=float), n_per_cluster)
    return X + rng.normal(0.0, times * noise, size=X.shape), y


def examples(X, y):
    """Return X and y as arrays of floats, or say what is wrong with them.

    Raises
    ------
    ValueError
        Unless `X` has the shape (n, 2), `y` the shape (n,), n is at least 1,
        all of `X` is finite, and all of `y` is between 0 and 1.
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    if X.ndim != 2 or X.shape[1] != 2 or len(X) == 0:
        raise ValueError(f"X must have the shape (n, 2), n at least 1; it has {X.shape}")
    if y.shape != (len(X),):
        raise ValueError(f"y must have the shape ({len(X)},), as X has rows; it has {y.shape}")
    if not np.all(np.isfinite(X)):
        raise ValueError("X must be finite; it holds NaN or infinity")
    if not (y.min() >= 0 and y.max() <= 1):
        raise ValueError("y must be between 0 and 1; it holds something else")
    return X, y


class TinyNetwork:
    """Two inputs, two tanh units, one sigmoid output: nine weights.

    Parameters
    ----------
    weights : array_like, shape (9,)
        In the order w11, w12, b1, w21, w22, b2, v1, v2, c:

            h1 = tanh(w11 * x1 + w12 * x2 + b1)
            h2 = tanh(w21 * x1 + w22 * x2 + b2)
            z = v1 * h1 + v2 * h2 + c
            p = sigmoid(z)
    """

    def __init__(self, weights):
        self.set_weights(weights)

    def get_weights(self):
        """Return a copy of the nine weights."""
        return self._weights.copy()

    def set_weights(self, weights):
        """Take over nine weights.

        Raises
        ------
        ValueError
            If there are not nine of them.
        """
        weights = np.array(weights, dtype=float)
        if weights.shape != (9,):
            raise ValueError(f"weights must have the shape (9,); they have {weights.shape}")
        self._weights = weights

    def forward(self, X):
        """Return the hidden values and the prediction: (n, 2) and (n,) for X of shape (n, 2).

        For one point, of shape (2,), they have the shapes (2,) and ().
        """
        hidden, z = self._hidden_and_z(X)
        return hidden, 0.5 * (1.0 + np.tanh(0.5 * z))  # the sigmoid, without overflow

    def loss(self, X, y):
        """Return the mean binary cross-entropy, finite for every finite z."""
        X, y = examples(X, y)
        _, z = self._hidden_and_z(X)
        return float(np.mean(np.logaddexp(0.0, z) - y * z))

    def accuracy(self, X, y):
        """Return the share of the points on the right side of one half."""
        X, y = examples(X, y)
        return float(np.mean((self.forward(X)[1] > 0.5) == (y > 0.5)))

    def _hidden_and_z(self, X):
        first, second, output = self._weights.reshape(3, 3)
        sums = X @ np.array([first[:2], second[:2]]).T + [first[2], second[2]]
        hidden = np.tanh(sums)
        return hidden, hidden @ output[:2] + output[2]


def train_to_convergence(net, step, X, y, max_epochs=500, accuracy=0.99, loss=0.01):
    """Take steps until the network is good enough, and return the losses.

    Parameters
    ----------
    net : TinyNetwork
    step : callable
        `step(net)` changes the network once.
    X, y : ndarray, shapes (n, 2) and (n,)
    max_epochs : int
    accuracy, loss : float
        Training ends once one of the two is reached.

    Returns
    -------
    list of float
        The loss after each step.
    """
    losses = []
    while len(losses) < max_epochs:
        step(net)
        losses.append(net.loss(X, y))
        if net.accuracy(X, y) >= accuracy or losses[-1] < loss:
            break
    return losses


def loss_gradient(net, X, y):
    """Return the derivative of `net.loss(X, y)` by each of the nine weights.

    Parameters
    ----------
    net : TinyNetwork
        Its weights are the same afterwards.
    X : ndarray, shape (n, 2)
    y : ndarray, shape (n,)

    Returns
    -------
    ndarray, shape (9,)
        In the order of the weights, equations (8.1) and (8.2); averaged over
        the examples. A prediction that is wrong and saturated, `p` at 0 or 1
        to the last digit, keeps its gradient.

    Raises
    ------
    ValueError
        If `examples(X, y)` does.

    Examples
    --------
    With output weights of 0 only `c` can lower the loss of one point, and
    `p - y` is one half:

    >>> net = TinyNetwork(np.zeros(9))
    >>> float(loss_gradient(net, [[1.0, -1.0]], [0.0])[8])
    0.5
    """
    ### BEGIN SOLUTION
    X, y = examples(X, y)
    hidden, p = net.forward(X)
    by_z = (p - y) / len(y)
    by_sums = np.outer(by_z, net.get_weights()[6:8]) * (1 - hidden**2)
    first, second = by_sums.T
    by_hidden_weights = [*(first @ X), first.sum(), *(second @ X), second.sum()]
    return np.array([*by_hidden_weights, *(by_z @ hidden), by_z.sum()])
    ### END SOLUTION


def multistart(make_net, loss, n_starts):
    """Draw several networks and return the one with the lowest loss.

    Parameters
    ----------
    make_net : callable
        `make_net()` returns a new network; called `n_starts` times.
    loss : callable
        `loss(net)` returns a float; called once for each network.
    n_starts : int

    Returns
    -------
    net, lowest : object and float
        The network and its loss; the first one if several are equally low.
        A loss of NaN or infinity never wins.

    Raises
    ------
    ValueError
        If `n_starts` is below 1, or no loss is finite.
    """
    ### BEGIN SOLUTION
    if n_starts < 1:
        raise ValueError(f"n_starts must be at least 1; it is {n_starts}")
    best, lowest = None, np.inf
    for _ in range(n_starts):
        net = make_net()
        net_loss = float(loss(net))
        if net_loss < lowest:
            best, lowest = net, net_loss
    if best is None:
        raise ValueError(f"at least one of {n_starts} starts must have a finite loss")
    return best, lowest
    ### END SOLUTION


def multistart_trained(make_net, step, loss, n_starts, n_steps):
    """Draw several networks, train each a little, and return the one that came lowest.

    Parameters
    ----------
    make_net, loss, n_starts
        As in `multistart`.
    step : callable
        `step(net)` trains a network by one step; what it returns is ignored.
    n_steps : int
        How many steps each network gets before its loss is measured.

    Returns
    -------
    net, lowest : object and float
        The network, as trained so far, and its loss.

    Raises
    ------
    ValueError
        As `multistart`; and if `n_steps` is below 0.
    """
    ### BEGIN SOLUTION
    if n_steps < 0:
        raise ValueError(f"n_steps must be 0 or more; it is {n_steps}")

    def make_trained():
        net = make_net()
        for _ in range(n_steps):
            step(net)
        return net

    return multistart(make_trained, loss, n_starts)
    ### END SOLUTION


def line_search(net, X, y, direction, base_lr):
    """Try three step lengths along a direction and keep the best, equation (8.3).

    Parameters
    ----------
    net : TinyNetwork
        Gets the weights `w + lr * direction` with the lowest loss among `lr`
        of `base_lr`, `base_lr / 2` and `2 * base_lr`. If none of the three
        lowers the loss, it keeps the weights that it has: never uphill.
    X, y : ndarray, shapes (n, 2) and (n,)
    direction : ndarray, shape (9,)
    base_lr : float

    Returns
    -------
    float
        The loss of the weights that the network ends with.

    Raises
    ------
    ValueError
        If `base_lr` is not a positive, finite number.
    """
    ### BEGIN SOLUTION
    if not 0 < base_lr < np.inf:
        raise ValueError(f"base_lr must be positive and finite; it is {base_lr}")
    start = net.get_weights()
    best, lowest = start, net.loss(X, y)
    for lr in (base_lr, base_lr / 2, base_lr * 2):
        candidate = start + lr * np.asarray(direction)
        net.set_weights(candidate)
        loss = net.loss(X, y)
        if loss < lowest:
            best, lowest = candidate, loss
    net.set_weights(best)
    return lowest
    ### END SOLUTION


def line_search_step(net, X, y, base_lr):
    """Search along the direction of steepest descent, the negative gradient.

    Parameters
    ----------
    net : TinyNetwork
    X, y : ndarray, shapes (n, 2) and (n,)
    base_lr : float

    Returns
    -------
    float
        The loss after the step; never above the loss before it.

    Raises
    ------
    ValueError
        As `line_search`.
    """
    ### BEGIN SOLUTION
    return line_search(net, X, y, -loss_gradient(net, X, y), base_lr)
    ### END SOLUTION


def momentum_step(net, X, y, lr, velocity, beta=0.9):
    """Search along an exponential moving average of the gradients, equation (8.4).

    Parameters
    ----------
    net : TinyNetwork
    X, y : ndarray, shapes (n, 2) and (n,)
    lr : float
        The base of the line search.
    velocity : ndarray, shape (9,)
        The average so far: zeros before the first step. It is left as it is.
    beta : float
        The share of the old average in the new one.

    Returns
    -------
    loss, velocity : float and ndarray of shape (9,)
        The loss after the step, never above the loss before it, and the new
        average. It is new also where the network could not move.

    Raises
    ------
    ValueError
        As `line_search`; and unless `beta` is at least 0 and below 1.
    """
    ### BEGIN SOLUTION
    if not 0 <= beta < 1:
        raise ValueError(f"beta must be at least 0 and below 1; it is {beta}")
    velocity = beta * np.asarray(velocity) + (1 - beta) * loss_gradient(net, X, y)
    loss = line_search(net, X, y, -velocity, lr)
    return loss, velocity
    ### END SOLUTION


def classical_momentum_step(net, X, y, lr, velocity, beta=0.9):
    """Step along a decaying sum of the gradients, equation (8.5), without a line search.

    Parameters
    ----------
    net : TinyNetwork
    X, y : ndarray, shapes (n, 2) and (n,)
    lr : float
    velocity : ndarray, shape (9,)
        The sum so far: zeros before the first step. It is left as it is.
    beta : float
        What is left of the old sum in the new one.

    Returns
    -------
    loss, velocity : float and ndarray of shape (9,)
        The loss after the step, which may be higher, and the new sum.

    Raises
    ------
    ValueError
        Unless `beta` is at least 0 and below 1.
    """
    ### BEGIN SOLUTION
    if not 0 <= beta < 1:
        raise ValueError(f"beta must be at least 0 and below 1; it is {beta}")
    new_velocity = beta * np.asarray(velocity) + loss_gradient(net, X, y)
    net.set_weights(net.get_weights() - lr * new_velocity)
    return net.loss(X, y), new_velocity
    ### END SOLUTION


def adam_step(parameters, gradients, state, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """Take one step of Adam, equations (8.6) to (8.8).

    Parameters
    ----------
    parameters : list of ndarray
        The arrays themselves are changed, in place.
    gradients : list of ndarray
        Shaped as the parameters; left as they are.
    state : dict
        Empty before the first step. Afterwards `state["t"]` is the number of
        steps taken, and `state["m"]` and `state["v"]` are lists of arrays:
        the moving averages of the gradients and of their squares, without
        the correction.
    lr, beta1, beta2, eps : float

    Raises
    ------
    ValueError
        If `lr` is not positive and finite, a beta is not at least 0 and below 1,
        or the gradients don't have the shapes of the parameters; then nothing
        has been changed.

    Examples
    --------
    The first step is as long as the learning rate, whatever the gradient is:

    >>> w, state = np.array([1.0]), {}
    >>> adam_step([w], [np.array([400.0])], state, lr=0.25)
    >>> w.round(6), state["t"]
    (array([0.75]), 1)
    """
    ### BEGIN SOLUTION
    if not 0 < lr < np.inf:
        raise ValueError(f"lr must be positive and finite; it is {lr}")
    if not (0 <= beta1 < 1 and 0 <= beta2 < 1):
        raise ValueError(f"betas must be at least 0 and below 1; they are {beta1} and {beta2}")
    shapes, given = [p.shape for p in parameters], [np.shape(g) for g in gradients]
    if shapes != given:
        raise ValueError(f"gradients must have the shapes {shapes}; they have {given}")
    if not state:
        state["t"] = 0
        state["m"] = [np.zeros(shape) for shape in shapes]
        state["v"] = [np.zeros(shape) for shape in shapes]
    state["t"] += 1
    for i, (parameter, gradient) in enumerate(zip(parameters, gradients, strict=True)):
        state["m"][i] = beta1 * state["m"][i] + (1 - beta1) * gradient
        state["v"][i] = beta2 * state["v"][i] + (1 - beta2) * gradient**2
        m_hat = state["m"][i] / (1 - beta1 ** state["t"])
        v_hat = state["v"][i] / (1 - beta2 ** state["t"])
        parameter -= lr * m_hat / (np.sqrt(v_hat) + eps)
    ### END SOLUTION


def l2_gradients(parameters, gradients, weight_decay):
    """Return the gradients of the loss with an L2 penalty added to it, equation (8.9).

    Parameters
    ----------
    parameters, gradients : list of ndarray
        A gradient of the loss for each parameter; all left as they are.
    weight_decay : float
        The penalty is half of it times the sum of the squared parameters.

    Returns
    -------
    list of ndarray

    Raises
    ------
    ValueError
        If `weight_decay` is negative, infinite or NaN.

    Examples
    --------
    >>> l2_gradients([np.array([4.0])], [np.array([1.0])], 0.5)
    [array([3.])]
    """
    ### BEGIN SOLUTION
    if not 0 <= weight_decay < np.inf:
        raise ValueError(f"weight_decay must be 0 or more, and finite; it is {weight_decay}")
    return [g + weight_decay * p for p, g in zip(parameters, gradients, strict=True)]
    ### END SOLUTION


def decay_weights(parameters, lr, weight_decay):
    """Shrink the parameters in place: decoupled weight decay, equation (8.10).

    It goes with a step of whatever optimizer, and no gradient knows of it.

    Parameters
    ----------
    parameters : list of ndarray
        The arrays themselves are changed.
    lr, weight_decay : float
        Each parameter loses the share `lr * weight_decay` of itself.

    Raises
    ------
    ValueError
        If `weight_decay` is negative, infinite or NaN; then nothing has been changed.
    """
    ### BEGIN SOLUTION
    if not 0 <= weight_decay < np.inf:
        raise ValueError(f"weight_decay must be 0 or more, and finite; it is {weight_decay}")
    for parameter in parameters:
        parameter *= 1 - lr * weight_decay
    ### END SOLUTION
