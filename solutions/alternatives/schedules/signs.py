"""A plateau in terms of a sign, and a history instead of counters."""

import math


class ReduceLROnPlateau:
    """Looks back at what has been measured."""

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
        allowed = (
            mode in ("min", "max")
            and initial_lr > 0
            and math.isfinite(initial_lr)
            and 0 < factor < 1
            and patience >= 1
            and patience == int(patience)
            and min_delta >= 0
            and 0 <= min_lr <= initial_lr
            and cooldown >= 0
        )
        if not allowed:
            raise ValueError("a setting out of range")
        self.initial_lr = initial_lr
        self.metric = metric
        self.mode = mode
        self.factor = factor
        self.patience = patience
        self.min_delta = min_delta
        self.min_lr = min_lr
        self.cooldown = cooldown
        self.sign = {"min": -1.0, "max": 1.0}[mode]
        self.reset()

    def reset(self):
        """Forget all."""
        self.lr = self.initial_lr
        self.measured = []  # whether each counted epoch was an improvement
        self.record = -math.inf
        self.skip = 0

    def step(self, epoch, metrics=None):
        """Look at the last epochs that count."""
        if epoch == 0:
            self.reset()
            return self.lr
        try:
            score = self.sign * metrics[self.metric]
        except (TypeError, KeyError):
            raise ValueError(f"no {self.metric}") from None
        if math.isnan(score):
            return self.lr
        better = score - self.record > self.min_delta
        if better:
            self.record = score
        if better or self.skip == 0:
            self.measured.append(better)
        if self.skip > 0:
            self.skip -= 1
        last = self.measured[-self.patience :]
        if len(last) == self.patience and not any(last):
            self.lr = max(self.min_lr, self.lr * self.factor)
            self.measured = []
            self.skip = self.cooldown
        return self.lr
