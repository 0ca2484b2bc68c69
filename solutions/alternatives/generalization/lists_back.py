"""Results as lists and tuples, whole numbers where they are whole."""


def relu_derivative(a):
    return (np.asarray(a) > 0).astype(int)


def train(net, next_batch, learning_rate, steps, weight_decay=0.0, log=None):
    if not (np.isfinite(weight_decay) and weight_decay >= 0):
        raise ValueError(weight_decay)
    losses = ()
    for step in range(steps):
        loss, slopes = net.gradients(*next_batch())
        for p, g in zip(net.parameters, slopes):
            p[...] = p - learning_rate * g - learning_rate * weight_decay * p
        losses += (loss,)
        if log:
            log.log({"loss": loss, "step": step})
    return losses
