"""Row by row, entry by entry, lists."""


def noisy_batch(batch_size, noise_level, rng):
    if batch_size < 0:
        raise ValueError("batch_size")
    if noise_level < 0 or noise_level != noise_level or noise_level == float("inf"):
        raise ValueError("noise_level")
    lines = rng.integers(2, size=batch_size)
    noise = rng.uniform(-0.5 * noise_level, 0.5 * noise_level, size=(batch_size, 4))
    X, Y = np.zeros((batch_size, 4)), np.zeros((batch_size, 2))
    for i in range(batch_size):
        if i % 2 == 0:
            line, Y[i] = HORIZONTAL[lines[i]], (1, 0)
        else:
            line, Y[i] = VERTICAL[lines[i]], (0, 1)
        for j in range(4):
            X[i, j] = min(1.0, max(0.0, line[j] + noise[i, j]))
    return X, Y


def mixed_batch(batch_size, clean_ratio, rng):
    if clean_ratio < 0 or clean_ratio > 1:
        raise ValueError("clean_ratio")
    n_clean = round(batch_size * clean_ratio)
    X, Y = np.zeros((batch_size, 4)), np.zeros((batch_size, 2))
    X[:n_clean], Y[:n_clean] = noisy_batch(n_clean, 0.05, rng)
    X[n_clean:], Y[n_clean:] = noisy_batch(batch_size - n_clean, 0.3, rng)
    return X, Y


def relu(z):
    out = np.array(z)
    out[out < 0] = 0
    return out


def relu_derivative(a):
    return (a > 0).astype(float)


def stress_test(predict):
    report = {}
    for name, pattern in STRESS.items():
        h, v = predict(np.array([pattern]))[0]
        winner = "vertical" if v > h else "horizontal"
        report[name] = dict(horizontal=h, vertical=v, winner=winner, confidence=v if v > h else h)
    return report
