"""Loops over single numbers, with nothing of NumPy but the arrays: slow, and nothing hidden."""


def squared_error(output, target):
    """Return the mean squared error of one example."""
    total = 0.0
    for o, t in zip(output, target, strict=True):
        total += (float(o) - float(t)) ** 2
    return total / len(output)


def descend(net, weight_grads, bias_grads, rate):
    """Move every single number against its gradient."""
    for W, dW in zip(net.weights, weight_grads, strict=True):
        for j in range(W.shape[0]):
            for k in range(W.shape[1]):
                W[j, k] -= rate * dW[j][k]
    for b, db in zip(net.biases, bias_grads, strict=True):
        for j in range(len(b)):
            b[j] -= rate * db[j]


def train_step(net, x, target, learning_rate):
    """Take a step with the helpers."""
    loss = squared_error(net.forward(x), target)
    descend(net, *net.backward(target), learning_rate)
    return loss


def train_epoch(net, X, y, learning_rate, batch_size, rng):
    """Pop one example after the other off the shuffled list."""
    left = list(rng.permutation(len(X)))
    losses = []
    while left:
        batch, left = left[:batch_size], left[batch_size:]
        sums = None
        for i in batch:
            losses.append(squared_error(net.forward(X[i]), y[i]))
            weight_grads, bias_grads = net.backward(y[i])
            if sums is None:
                sums = [[g.copy() for g in weight_grads], [g.copy() for g in bias_grads]]
            else:
                for layer in range(len(weight_grads)):
                    sums[0][layer] += weight_grads[layer]
                    sums[1][layer] += bias_grads[layer]
        descend(net, *sums, learning_rate / len(batch))
    return sum(losses) / len(losses)


def train(net, X, y, learning_rate, epochs, batch_size, rng):
    """Append one loss after the other."""
    losses = []
    for _epoch in range(epochs):
        losses.append(train_epoch(net, X, y, learning_rate, batch_size, rng))
    return losses


def sweep_learning_rates(make_net, X, y, learning_rates, epochs):
    """Train and measure with two inner functions."""

    def trained(rate):
        net = make_net()
        for _epoch in range(epochs):
            for i in range(len(X)):
                train_step(net, X[i], y[i], rate)
        return net

    def final_loss(net):
        total = 0.0
        for i in range(len(X)):
            total += squared_error(net.forward(X[i]), y[i])
        return total / len(X)

    return {rate: final_loss(trained(rate)) for rate in learning_rates}
