"""Learning-rate schedules: long steps first, short steps later.

Chapter 9, "Learning-rate schedules" (course/schedules/). Check your work with

    pytest exercises/test_schedules.py

A schedule is anything with `step(epoch, metrics=None) -> float`: it is asked *before*
each epoch, and returns the learning rate of that very epoch. Epochs count from 0.
"""

import numpy as np


def positive(name, number):
    """Return a number as it is, or raise ValueError unless it is positive and finite."""
    if not 0 < number < np.inf:
        raise ValueError(f"{name} must be positive and finite; it is {number}")
    return number


def share(name, number):
    """Return a number as it is, or raise ValueError unless it is above 0 and at most 1."""
    if not 0 < number <= 1:
        raise ValueError(f"{name} must be above 0 and at most 1; it is {number}")
    return number


def count(name, number):
    """Return a number as it is, or raise ValueError unless it is a whole one from 1 up."""
    if number < 1 or number != int(number):
        raise ValueError(f"{name} must be a whole number, 1 or more; it is {number}")
    return number


class ConstantLR:
    """The same rate in every epoch.

    Parameters
    ----------
    initial_lr : float
    """

    def __init__(self, initial_lr):
        self.initial_lr = positive("initial_lr", initial_lr)

    def step(self, epoch, metrics=None):
        """Return the rate of an epoch.

        Parameters
        ----------
        epoch : int
        metrics : dict, optional
            Not looked at.

        Returns
        -------
        float
        """
        ### BEGIN SOLUTION
        return self.initial_lr
        ### END SOLUTION


class StepLR:
    """A rate that drops by a factor every so many epochs.

    Parameters
    ----------
    initial_lr : float
    step_size : int
        The number of epochs from one drop to the next.
    gamma : float
        The factor, above 0 and at most 1.
    """

    def __init__(self, initial_lr, step_size, gamma=0.1):
        self.initial_lr = positive("initial_lr", initial_lr)
        self.step_size = count("step_size", step_size)
        self.gamma = share("gamma", gamma)

    def step(self, epoch, metrics=None):
        """Return the rate of an epoch, equation (9.2).

        It depends on the epoch alone: asked twice, or out of order, the
        answer is the same.

        Parameters
        ----------
        epoch : int
        metrics : dict, optional
            Not looked at.

        Returns
        -------
        float

        Examples
        --------
        >>> schedule = StepLR(8.0, step_size=10, gamma=0.5)
        >>> [schedule.step(epoch) for epoch in (0, 9, 10, 29)]
        [8.0, 8.0, 4.0, 2.0]
        """
        ### BEGIN SOLUTION
        return self.initial_lr * self.gamma ** (epoch // self.step_size)
        ### END SOLUTION


class ExponentialLR:
    """A rate that shrinks by the same factor in every epoch.

    Parameters
    ----------
    initial_lr : float
    gamma : float
        The factor, above 0 and at most 1.
    """

    def __init__(self, initial_lr, gamma=0.95):
        self.initial_lr = positive("initial_lr", initial_lr)
        self.gamma = share("gamma", gamma)

    def step(self, epoch, metrics=None):
        """Return the rate of an epoch, equation (9.3); it depends on the epoch alone.

        Parameters
        ----------
        epoch : int
        metrics : dict, optional
            Not looked at.

        Returns
        -------
        float

        Examples
        --------
        >>> ExponentialLR(8.0, gamma=0.5).step(3)
        1.0
        """
        ### BEGIN SOLUTION
        return self.initial_lr * self.gamma**epoch
        ### END SOLUTION


class CosineAnnealingLR:
    """A rate that comes down along half a cosine, and stays down.

    Parameters
    ----------
    initial_lr : float
    T_max : int
        The epoch at which the lowest rate is reached.
    eta_min : float
        The lowest rate: 0 or more, and at most `initial_lr`.
    """

    def __init__(self, initial_lr, T_max, eta_min=0.0):
        self.initial_lr = positive("initial_lr", initial_lr)
        self.T_max = count("T_max", T_max)
        if not 0 <= eta_min <= initial_lr:
            raise ValueError(f"eta_min must be from 0 to {initial_lr}; it is {eta_min}")
        self.eta_min = eta_min

    def step(self, epoch, metrics=None):
        """Return the rate of an epoch, equation (9.4); it depends on the epoch alone.

        Parameters
        ----------
        epoch : int
            From `T_max` on the rate is `eta_min`: it does not rise again.
        metrics : dict, optional
            Not looked at.

        Returns
        -------
        float

        Examples
        --------
        >>> schedule = CosineAnnealingLR(8.0, T_max=10, eta_min=2.0)
        >>> [float(schedule.step(epoch)) for epoch in (0, 5, 10, 20)]
        [8.0, 5.0, 2.0, 2.0]
        """
        ### BEGIN SOLUTION
        angle = np.pi * min(epoch / self.T_max, 1.0)
        return float(self.eta_min + (self.initial_lr - self.eta_min) * (1 + np.cos(angle)) / 2)
        ### END SOLUTION


class ReduceLROnPlateau:
    """A rate that drops when a metric has stopped improving.

    Parameters
    ----------
    initial_lr : float
    metric : str
        Which of the metrics to watch.
    mode : str
        "min" if the metric improves by falling, "max" if by rising.
    factor : float
        By which the rate drops; above 0 and below 1.
    patience : int
        How many epochs in a row have to pass without improvement before the
        rate drops; 1 or more.
    min_delta : float
        An improvement is *more* than this much better than the best so far;
        0 or more.
    min_lr : float
        The rate never drops below it.
    cooldown : int
        So many epochs after a drop are not counted as without improvement.

    Attributes
    ----------
    lr : float
        The rate of the current epoch.
    best : float
        The best value of the metric in this run.
    wait : int
        How many epochs in a row have been counted as without improvement.
    rest : int
        How many epochs of the cooldown are left.
    """

    def __init__(
        self,
        initial_lr,
        metric="val_loss",
        mode="min",
        factor=0.5,
        patience=10,
        min_delta=0.0,
        min_lr=0.0,
        cooldown=0,
    ):
        """Keep every argument under its own name, and begin a run with `reset`.

        Raises
        ------
        ValueError
            If `initial_lr` is not positive and finite, `mode` is neither
            "min" nor "max", `factor` is not above 0 and below 1, `patience`
            is not a whole number from 1 up, `min_delta` is negative,
            `min_lr` is not from 0 to `initial_lr`, or `cooldown` is negative.
        """
        ### BEGIN SOLUTION
        self.initial_lr, self.metric = positive("initial_lr", initial_lr), metric
        if mode not in ("min", "max"):
            raise ValueError(f'mode must be "min" or "max"; it is {mode!r}')
        if not 0 < factor < 1:
            raise ValueError(f"factor must be above 0 and below 1; it is {factor}")
        if not min_delta >= 0:
            raise ValueError(f"min_delta must be 0 or more; it is {min_delta}")
        if not 0 <= min_lr <= initial_lr:
            raise ValueError(f"min_lr must be from 0 to {initial_lr}; it is {min_lr}")
        if not cooldown >= 0:
            raise ValueError(f"cooldown must be 0 or more; it is {cooldown}")
        self.patience = count("patience", patience)
        self.mode, self.factor, self.min_delta = mode, factor, min_delta
        self.min_lr, self.cooldown = min_lr, cooldown
        self.reset()
        ### END SOLUTION

    def reset(self):
        """Begin a new run: the first rate again, and nothing seen yet."""
        self.lr = self.initial_lr
        self.best = np.inf if self.mode == "min" else -np.inf
        self.wait = 0
        self.rest = 0

    def step(self, epoch, metrics=None):
        """Return the rate of an epoch, from what was measured in the epoch before it.

        1. Epoch 0 begins a new run: `reset`, and the first rate.
        2. A metric that is NaN says nothing: all stays as it is.
        3. A metric better than `best` by more than `min_delta` is the new
           `best`, and `wait` begins at 0 again.
        4. Any other one is counted in `wait`, unless a cooldown is on. When
           `wait` reaches `patience`, the rate is multiplied by `factor`, but
           drops no lower than `min_lr`; `wait` begins at 0 again, and the
           cooldown with the epoch after.

        An epoch of a cooldown is over whether it was an improvement or not.

        Parameters
        ----------
        epoch : int
        metrics : dict of str to float, optional
            Measured at the end of epoch `epoch - 1`; not looked at in epoch 0.

        Returns
        -------
        float

        Raises
        ------
        ValueError
            If `epoch` is above 0, and `metrics` is None or lacks the metric.
        """
        ### BEGIN SOLUTION
        if epoch == 0:
            self.reset()
            return self.lr
        if metrics is None or self.metric not in metrics:
            raise ValueError(f"metrics must hold {self.metric!r}; they hold {list(metrics or ())}")
        value = float(metrics[self.metric])
        if np.isnan(value):
            return self.lr
        gain = self.best - value if self.mode == "min" else value - self.best
        if gain > self.min_delta:
            self.best, self.wait = value, 0
        elif self.rest == 0:
            self.wait += 1
        self.rest = max(self.rest - 1, 0)
        if self.wait >= self.patience:
            self.lr = max(self.lr * self.factor, self.min_lr)
            self.wait, self.rest = 0, self.cooldown
        return self.lr
        ### END SOLUTION


def make_schedule(kind, initial_lr, **settings):
    """Make a schedule by the name of its kind.

    Parameters
    ----------
    kind : str
        "constant", "step", "exponential", "cosine" or "plateau".
    initial_lr : float
    **settings
        Handed on to the class.

    Returns
    -------
    object
        A new schedule.

    Raises
    ------
    ValueError
        If there is no such kind; the message lists those that there are.
    """
    ### BEGIN SOLUTION
    kinds = {
        "constant": ConstantLR,
        "step": StepLR,
        "exponential": ExponentialLR,
        "cosine": CosineAnnealingLR,
        "plateau": ReduceLROnPlateau,
    }
    if kind not in kinds:
        raise ValueError(f"kind must be one of {', '.join(kinds)}; it is {kind!r}")
    return kinds[kind](initial_lr, **settings)
    ### END SOLUTION


def train_with_schedule(schedule, train_epoch, epochs):
    """Train with a schedule, and return the rates that were really used.

    Parameters
    ----------
    schedule : object
        Asked once before each epoch, `schedule.step(epoch, metrics)`, with
        the metrics of the epoch before it; None before the first.
    train_epoch : callable
        `train_epoch(lr)` trains for one epoch at the rate `lr` and returns
        the metrics measured at its end, a dict.
    epochs : int

    Returns
    -------
    list of float
        The rate of each epoch.

    Raises
    ------
    ValueError
        If `epochs` is negative.
    """
    ### BEGIN SOLUTION
    if epochs < 0:
        raise ValueError(f"epochs must be 0 or more; it is {epochs}")
    rates, metrics = [], None
    for epoch in range(epochs):
        rates.append(schedule.step(epoch, metrics))
        metrics = train_epoch(rates[-1])
    return rates
    ### END SOLUTION
