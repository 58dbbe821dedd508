"""The listings as cases for tests: data, starting weights as the scripts draw them, routine, forward pass."""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np
import plain

import deltarule
from deltarule import data, matlab


@dataclass(frozen=True)
class Case:
    """One listing, with what it trains on."""

    name: str
    shapes: tuple
    samples: Callable
    forward: Callable
    seed: object = "default"

    @property
    def routine(self):
        return getattr(deltarule, self.name)

    @property
    def plain(self):
        return getattr(plain, self.name)

    def data(self):
        return self.samples()

    def start(self, seed=None):
        """Starting weights, and the stream as it stands after them."""
        rng = matlab.rng(self.seed if seed is None else seed)
        return tuple(2 * rng.rand(*shape) - 1 for shape in self.shapes), rng

    def train(self, weights, epochs=1, *, rng=None, routine=None, samples=None, **options):
        """So many epochs; weights always as a tuple."""
        X, D = samples or self.data()
        options |= {"rng": rng} if self.name == "deep_dropout" else {}
        for _ in range(epochs):
            weights = (routine or self.routine)(*weights, X, D, **options)
            weights = weights if isinstance(weights, tuple) else (weights,)
        return weights


DEEP = ((20, 25), (20, 20), (20, 20), (5, 20))
XOR = ((4, 3), (1, 4))
CASES = {
    case.name: case
    for case in (
        Case("delta_sgd", ((1, 3),), data.linear, deltarule.single_layer_forward),
        Case("delta_batch", ((1, 3),), data.linear, deltarule.single_layer_forward),
        Case("delta_minibatch", ((1, 3),), data.linear, deltarule.single_layer_forward),
        Case("backprop_xor", XOR, data.xor, deltarule.multi_layer_forward),
        Case("backprop_mmt", XOR, data.xor, deltarule.multi_layer_forward),
        Case("backprop_ce", XOR, data.xor, deltarule.multi_layer_forward),
        Case("multi_class", ((50, 25), (5, 50)), data.digits, deltarule.multi_class_forward, 3),
        Case("deep_relu", DEEP, data.digits, deltarule.deep_relu_forward),
        Case("deep_dropout", DEEP, data.digits, deltarule.deep_dropout_forward),
    )
}


def mnist_start(seed=1):
    """Starting weights of mnist_conv, as the script draws them."""
    rng = matlab.rng(seed)
    W1 = 0.01 * rng.randn(9, 9, 20)
    W5 = (2 * rng.rand(100, 2000) - 1) * sqrt(6) / sqrt(360 + 2000)
    Wo = (2 * rng.rand(10, 100) - 1) * sqrt(6) / sqrt(10 + 100)
    return W1, W5, Wo


def small_images(n=12, seed=5):
    """Images of 8 x 8 pixels, their digits, and weights for 3 filters of 3 x 3: mnist_conv in small."""
    rng = matlab.rng(seed)
    X = rng.rand(n, 8, 8)
    D = rng.randi([0, 9], n, 1).ravel()
    weights = 0.3 * rng.randn(3, 3, 3), 2 * rng.rand(7, 27) - 1, 2 * rng.rand(10, 7) - 1
    return X, np.asarray(D), weights


def relative(ours, theirs):
    """Largest difference, relative to the largest weight, over all the weights."""
    scale = max(abs(np.asarray(b)).max() for b in theirs)
    return max(abs(np.asarray(a) - b).max() for a, b in zip(ours, theirs, strict=True)) / scale
