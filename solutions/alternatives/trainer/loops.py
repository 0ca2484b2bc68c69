"""Plain loops, lists in place of arrays, counters."""


def stratified_split(labels, val_fraction, test_fraction, rng):
    if val_fraction < 0 or test_fraction < 0:
        raise ValueError("a fraction can't be negative")
    if val_fraction + test_fraction >= 1:
        raise ValueError("nothing is left for training")
    train, val, test = [], [], []
    for label in sorted(set(labels.tolist())):
        members = []
        for i in range(len(labels)):
            if labels[i] == label:
                members.append(i)
        shuffled = rng.permutation(members)
        n_test = int(round(test_fraction * len(members)))
        n_val = int(round(val_fraction * len(members)))
        for place, i in enumerate(shuffled):
            if place < n_test:
                test.append(int(i))
            elif place < n_test + n_val:
                val.append(int(i))
            else:
                train.append(int(i))
    return sorted(train), sorted(val), sorted(test)


def minibatches(n, batch_size, rng):
    if batch_size <= 0:
        raise ValueError("batch_size must be positive")
    order = rng.permutation(n).tolist()
    batches = []
    while order:
        batches.append(order[:batch_size])
        order = order[batch_size:]
    return batches


def train_epoch(net, optimizer, X, y, learning_rate, batch_size, rng):
    losses = []
    for batch in minibatches(len(X), batch_size, rng):
        loss, gradients = net.loss_and_gradients(X[batch], y[batch])
        optimizer.step(net.parameters, gradients, learning_rate)
        losses += [loss] * len(batch)
    return sum(losses) / len(losses)


def progress_line(done, total, metrics, width=20):
    line = "["
    for place in range(width):
        line += "#" if place < (width * done) // total else "."
    line += "]  %d/%d" % (done, total)
    for name in metrics:
        line += "  %s %.4f" % (name, metrics[name])
    return line


def put_back(parameters, saved):
    if len(parameters) != len(saved):
        raise ValueError(f"{len(saved)} arrays, not {len(parameters)}")
    for i in range(len(parameters)):
        if parameters[i].shape != saved[i].shape:
            raise ValueError(f"shape {saved[i].shape}, not {parameters[i].shape}")
    for i in range(len(parameters)):
        np.copyto(parameters[i], saved[i])
