"""Generators, running means, regular text formatting."""


def minibatches(n, batch_size, rng):
    if batch_size < 1:
        raise ValueError("at least 1")
    order = rng.permutation(n)
    for k in range(-(-n // batch_size)):
        yield order[k * batch_size : (k + 1) * batch_size]


def train_epoch(net, optimizer, X, y, learning_rate, batch_size, rng):
    mean = seen = 0
    for batch in minibatches(len(X), batch_size, rng):
        loss, gradients = net.loss_and_gradients(X[batch], y[batch])
        seen += len(batch)
        mean += (loss - mean) * len(batch) / seen
        optimizer.step(net.parameters, gradients, learning_rate)
    return np.float64(mean)


class History(History):
    def record(self, metrics):
        if self.values and self.values.keys() != metrics.keys():
            raise ValueError("other names")
        for name in metrics:
            if name not in self.values:
                self.values[name] = []
            self.values[name].append(metrics[name])

    def moving_average(self, name, window=10):
        recent, averages = [], []
        for value in self.values[name]:
            recent = [*recent, value][-window:]
            averages.append(sum(recent) / len(recent))
        return averages

    def best(self, name, mode="min"):
        choose = {"min": min, "max": max}
        if mode not in choose:
            raise ValueError("min or max")
        rows = [(epoch, v) for epoch, v in enumerate(self.values[name]) if v == v]
        return choose[mode](rows, key=lambda row: row[1])


def progress_line(done, total, metrics, width=20):
    bar = ("#" * (width * done // total)).ljust(width, ".")
    parts = [f"[{bar}]", f"{done}/{total}"] + [
        "{} {:.4f}".format(*item) for item in metrics.items()
    ]
    return "  ".join(parts)
