"""Index notation, and gradients by way of the examples."""


class TinyNet(TinyNet):
    def forward(self, X):
        z = np.einsum("ni,ij->nj", X, self.parameters[0]) + self.parameters[1][None, :]
        hidden = z * (z > 0) if self.activation == "relu" else 1 / (1 + np.exp(-z))
        return hidden, 1 / (
            1 + np.exp(-(np.einsum("nj,jk->nk", hidden, self.parameters[2]) + self.parameters[3]))
        )

    def gradients(self, X, Y):
        a, p = self.forward(X)
        n = len(X)
        delta = (p - Y) * p * (1 - p) / n  # 2 / (2 n)
        slope = (a > 0) * 1.0 if self.activation == "relu" else a * (1 - a)
        below = np.einsum("nk,jk,nj->nj", delta, self.parameters[2], slope)
        grads = (
            np.einsum("ni,nj->ij", X, below),
            np.einsum("nj->j", below),
            np.einsum("nj,nk->jk", a, delta),
            np.einsum("nk->k", delta),
        )
        return np.mean(np.square(p - Y)), grads


def relu(z):
    return (np.abs(z) + z) / 2


def relu_derivative(a):
    return np.sign(a)
