"""Each listing's weight change against the gradient of its cost, by central differences.

A listing descends: with learning rate alpha its change must be minus alpha times the gradient. The costs are written
here from the formulas and the forward passes, independent of the back-propagation they check.
"""

import numpy as np

from .. import matlab
from ..basics.differences import central_difference
from ..basics.functions import dropout, sigmoid, softmax
from ..listings.convnet import mnist_conv_changes, mnist_conv_forward
from ..listings.deep import SLOPES, deep_dropout_changes
from ..listings.experiments import EXPERIMENTS
from ..listings.labels import one_hot
from ..listings.squares import Squares

GRADIENT_TOLERANCE = 1e-7  # of a listing's weight change against central differences, which round to 1e-10


def half_squared_error(d, y):
    """Half the sum of (d - y)^2: what the delta rule and back-propagation descend."""
    return ((d - y) ** 2).sum() / 2


def binary_cross_entropy(d, y):
    """The sum of -d ln(y) - (1 - d) ln(1 - y): for sigmoid outputs."""
    return -(d * np.log(y) + (1 - d) * np.log(1 - y)).sum()


def softmax_cross_entropy(d, y):
    """The sum of -d ln(y): for softmax outputs."""
    return -(d * np.log(y)).sum()


def gradient_error(changes, cost, weights):
    """How far a listing's weight changes, for alpha = 1, are from minus the gradient of its cost.

    Parameters
    ----------
    changes : sequence of arrays
        One for each of the weights.
    cost : callable
    weights : sequence of arrays

    Returns
    -------
    float
        The largest difference, relative to the largest element of the gradient; infinite if anything is not finite.
    """
    gradients = central_difference(cost, weights)
    if not all(np.isfinite(a).all() for a in (*changes, *gradients)):
        return float("inf")
    largest = max(abs(g).max() for g in gradients)
    return max(abs(dW + g).max() for dW, g in zip(changes, gradients, strict=True)) / largest


def _weights(rng, *shapes):
    return [2 * rng.rand(*shape) - 1 for shape in shapes]


def _dense(name, cost):
    """The check of a network of fully connected layers: of the sizes of its listing, for one random sample."""
    experiment = EXPERIMENTS[name]

    def check(seed):
        rng = matlab.rng(seed)
        weights = _weights(rng, *experiment.shapes())
        _, D = experiment.samples()
        x, d = rng.rand(1, weights[0].shape[1]), D.reshape(len(D), -1)[seed % len(D)][None]
        changes = experiment.changes(*weights, x.T, d.T, 1.0)
        return gradient_error(changes, lambda *W: cost(d, experiment.forward(*W, x)), weights)

    return check


def _dropout(slope):
    """The check of deep_dropout with the masks of one draw, on smaller layers."""

    def check(seed):
        rng = matlab.rng(seed)
        weights = _weights(rng, (8, 6), (8, 8), (8, 8), (5, 8))
        x, d = rng.rand(6, 1), np.eye(5)[:, [seed % 5]]
        masks = [dropout(np.ones((8, 1)), 0.2, rng) for _ in range(3)]

        def cost(*W):
            y = x
            for Wi, mask in zip(W, masks, strict=False):
                y = mask * sigmoid(Wi @ y)
            return softmax_cross_entropy(d, softmax(W[3] @ y))

        return gradient_error(
            deep_dropout_changes(*weights, x, d, 1.0, 0.2, _Replay(masks), SLOPES[slope]), cost, weights
        )

    return check


class _Replay:
    """A stream whose ``randperm`` gives the nodes that the given masks keep."""

    def __init__(self, masks):
        self.masks = iter(masks)

    def randperm(self, n, k):
        return np.flatnonzero(next(self.masks)) + 1


def _mnist(seed):
    """The check of mnist_conv in small: images of 8 x 8 pixels, 3 filters of 3 x 3, 20 hidden nodes, a batch of 2."""
    rng = matlab.rng(seed)
    x, digits = rng.rand(2, 8, 8), rng.randi([0, 9], 2, 1).ravel()
    weights = [rng.randn(3, 3, 3) / 3, *_weights(rng, (20, 27), (10, 20))]
    d = one_hot(digits, x)
    changes = mnist_conv_changes(*weights, x, d.T, 1.0, Squares(2, (8, 8), (3, 3, 3), x.dtype))
    return gradient_error(changes, lambda *W: softmax_cross_entropy(d, mnist_conv_forward(*W, x)), weights)


CHECKS = {
    "delta_sgd": _dense("delta_sgd", half_squared_error),
    "backprop_xor": _dense("backprop_xor", half_squared_error),
    "backprop_ce": _dense("backprop_ce", binary_cross_entropy),
    "multi_class": _dense("multi_class", softmax_cross_entropy),
    "deep_relu": _dense("deep_relu", softmax_cross_entropy),
    "deep_dropout": _dropout("listing"),
    "deep_dropout, exact slope": _dropout("exact"),
    "mnist_conv": _mnist,
}
"""By listing, a function from a seed to the gradient error at random weights and inputs."""


def experiment_error(experiment, seed=1):
    """The gradient error of what a script trains: the worst, where it trains two listings side by side."""
    checks = {EXPERIMENTS[name].changes: check for name, check in CHECKS.items() if name in EXPERIMENTS}
    return max(float(checks[each.changes](seed)) for each in (experiment, *experiment.beside))
