"""The listings as cases for tests: data, starting weights as the scripts draw them, routine, forward pass."""

from dataclasses import dataclass, replace

import numpy as np
import plain

from deltarule import matlab
from deltarule.listings.experiments import EXPERIMENTS, Experiment


@dataclass(frozen=True)
class Case:
    """One listing, with what its script trains it on, and the plain form of it."""

    name: str
    experiment: Experiment

    @property
    def routine(self):
        return self.experiment.routine

    @property
    def forward(self):
        return self.experiment.forward

    @property
    def shapes(self):
        return self.experiment.shapes()

    @property
    def plain(self):
        return getattr(plain, self.name)

    def data(self):
        return self.experiment.samples()

    def start(self, seed=None):
        """Starting weights, and the stream as it stands after them."""
        return self.experiment.start(seed)

    def train(self, weights, epochs=1, *, rng=None, routine=None, samples=None, **options):
        """So many epochs; weights always as a tuple."""
        X, D = samples or self.data()
        experiment = replace(self.experiment, routine=routine or self.routine)
        for _ in range(epochs):
            weights = experiment.epoch(weights, X, D, rng, **options)
        return weights


LISTINGS = (
    "delta_sgd",
    "delta_batch",
    "delta_minibatch",
    "backprop_xor",
    "backprop_mmt",
    "backprop_ce",
    "multi_class",
    "deep_relu",
    "deep_dropout",
)
CASES = {name: Case(name, EXPERIMENTS[name]) for name in LISTINGS}


def mnist_start(seed=1):
    """Starting weights of mnist_conv, as the script draws them."""
    return EXPERIMENTS["mnist_conv"].start(seed)[0]


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
