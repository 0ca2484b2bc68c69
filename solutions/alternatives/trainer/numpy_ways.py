"""Everything by NumPy: convolution, array_split, masks, NumPy scalars returned."""


def stratified_split(labels, val_fraction, test_fraction, rng):
    rest = 1 - val_fraction - test_fraction
    if not (val_fraction >= 0 and test_fraction >= 0 and rest > 1e-12):
        raise ValueError(f"no split into {rest}, {val_fraction}, {test_fraction}")
    part = np.zeros(len(labels), dtype=np.int8)
    for label in np.unique(labels):
        order = rng.permutation(np.where(labels == label)[0])
        n_test = int(np.rint(test_fraction * len(order)))
        n_val = int(np.rint(val_fraction * len(order)))
        part[order[:n_test]] = 2
        part[order[n_test : n_test + n_val]] = 1
    return [np.flatnonzero(part == kind) for kind in (0, 1, 2)]


def minibatches(n, batch_size, rng):
    if batch_size < 1:
        raise ValueError("an empty batch")
    return np.split(rng.permutation(n), np.arange(batch_size, n, batch_size))


def train_epoch(net, optimizer, X, y, learning_rate, batch_size, rng):
    losses, sizes = [], []
    for batch in minibatches(len(X), batch_size, rng):
        loss, gradients = net.loss_and_gradients(X[batch], y[batch])
        losses.append(loss)
        sizes.append(len(batch))
        optimizer.step(net.parameters, gradients, learning_rate)
    return np.average(losses, weights=sizes)


class History(History):
    def moving_average(self, name, window=10):
        sums = np.cumsum([0.0, *self.values[name]])
        ends = np.arange(1, len(sums))
        starts = np.maximum(0, ends - window)
        return (sums[ends] - sums[starts]) / (ends - starts)

    def best(self, name, mode="min"):
        column = np.asarray(self.values[name])
        if mode == "min":
            epoch = np.argmin(np.where(np.isnan(column), np.inf, column))
        elif mode == "max":
            epoch = np.argmax(np.where(np.isnan(column), -np.inf, column))
        else:
            raise ValueError(mode)
        return epoch, column[epoch]


class Scaler(Scaler):
    def fit(self, X):
        if np.isnan(X).any() or np.isinf(X).any():
            raise ValueError("not finite")
        self.mean = np.mean(X, axis=0)
        self.std = np.sqrt(np.mean((X - self.mean) ** 2, axis=0))
        self.std[self.std == 0] = 1
        return self

    def transform(self, X):
        return np.divide(np.subtract(X, self.mean), self.std)
