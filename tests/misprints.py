"""The misprinted forms that run at all, as loop bodies like those of the package: their damage is measured."""

import numpy as np

from deltarule import sigmoid
from deltarule.basics.arrays import T


def backprop_with_output_slope(W1, W2, x, d, alpha):
    """Back-propagation whose hidden delta has (1 - y), of the output, where (1 - y1) belongs."""
    y1 = sigmoid(W1 @ x)
    y = sigmoid(W2 @ y1)
    delta = y * (1 - y) * (d - y)
    delta1 = y1 * (1 - y) * (T(W2) @ delta)
    return alpha * delta1 @ x.T, alpha * delta @ T(y1)


def backprop_ce_with_output_slope(W1, W2, x, d, alpha):
    """The same misprint in the listing of cross-entropy."""
    y1 = sigmoid(W1 @ x)
    y = sigmoid(W2 @ y1)
    delta = d - y
    delta1 = y1 * (1 - y) * (T(W2) @ delta)
    return alpha * delta1 @ x.T, alpha * delta @ T(y1)


def matrix_division(x):
    """MATLAB's 1 / (1 + exp(-x)) for a column x: the row y of least norm with y (1 + exp(-x)) = 1."""
    a = 1 + np.exp(-x)
    return np.linalg.lstsq(a.T, np.ones((1, 1)), rcond=None)[0].T


def softmax_without_shift(x):
    """exp(x) over its sum."""
    ex = np.exp(x)
    return ex / ex.sum(axis=-2, keepdims=True)


class MomentumOnce:
    """Momentum whose update stands inside the branch that starts it: later calls return the weights as they are."""

    def __init__(self):
        self.momenta = None

    def update(self, weights, changes):
        if self.momenta is None:
            self.momenta = changes
            weights = [W + m for W, m in zip(weights, self.momenta, strict=True)]
        return weights
