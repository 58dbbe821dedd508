"""What a port is held against: the listing's samples, its own start, and two random ones."""

from dataclasses import dataclass

import numpy as np

from .. import matlab
from ..listings.experiments import EXPERIMENTS

RANDOM = (14, 24)  # seeds of the random starts: the outputs of two layers begin below 0 in the one, above in the other
IMAGES = 230  # of the convolutional network: two batches, and what the listing leaves out
LOOKS = (1, 10, 100, 1000)
FIRST = {"delta_batch": None, "delta_minibatch": 2, "mnist_conv": 100}  # samples of one update; else one
MNIST_LOOKS = (1, 2)
FEWER = {"mnist_conv": (1, 10, 50)}  # images that are no batch of 100, and are one where batches are smaller


@dataclass(frozen=True)
class Subject:
    """A start, with the samples that are trained from it, and how long.

    Attributes
    ----------
    name : str
        What the start is, for people.
    weights : tuple of array
    rng : deltarule.matlab.Stream
        As it stands behind the start; whoever draws from it makes a copy.
    X, D : array
    epochs : tuple of int
        After which the weights are looked at.
    """

    name: str
    weights: tuple
    rng: object
    X: np.ndarray
    D: np.ndarray
    epochs: tuple


def samples(listing):
    """The samples of a listing, fewer where there are thousands."""
    X, D = EXPERIMENTS[listing].samples()
    return (X[:IMAGES], D[:IMAGES]) if listing == "mnist_conv" else (X, D)


def first_update(listing):
    """The samples of the first update alone, from the listing's start."""
    weights, rng = EXPERIMENTS[listing].start()
    X, D = samples(listing)
    n = FIRST.get(listing, 1)
    return Subject("the listing's start", weights, rng, X[:n], D[:n], (1,))


def fewer_samples(listing):
    """The listing's start, with fewer images than a batch has: what a port makes of them tells of other batches."""
    weights, rng = EXPERIMENTS[listing].start()
    X, D = samples(listing)
    return [Subject("the listing's start", weights, rng, X[:n], D[:n], (1,)) for n in FEWER.get(listing, ())]


def first_and_zeros(listing):
    """The listing's start and all samples, but zeros behind the first update: for a port that takes no fewer."""
    weights, rng = EXPERIMENTS[listing].start()
    X, D = samples(listing)
    n = FIRST.get(listing, 1)
    X = np.concatenate([X[:n], 0 * X[n:]])
    return Subject("the listing's start, with zeros", weights, rng, X, D, (1,))


def subjects(listing, last=True, thorough=False):
    """The starts that a port of a listing is trained from: the listing's own, and two random ones.

    Parameters
    ----------
    listing : str
    last : bool
        Whether the listing's own start is trained to the listing's last epoch.
    thorough : bool
        Whether the random ones are as well.
    """
    experiment = EXPERIMENTS[listing]
    X, D = samples(listing)
    weights, rng = experiment.start()
    looks = MNIST_LOOKS if listing == "mnist_conv" else LOOKS
    longest = (*looks, experiment.epochs) if last and listing != "mnist_conv" else looks
    found = [Subject("the listing's start", weights, rng, X, D, longest)]
    for seed in RANDOM:
        short = longest if thorough else looks
        found.append(_random(listing, seed, X, D, looks[:1] if listing == "mnist_conv" else short))
    return found


def _random(listing, seed, X, D, looks):
    """A random start, with one sample more in the last batch than fits, where there are batches.

    A node of the first layers gets nothing but zeros where nodes are ReLU, so that their slope at 0 can be told.
    """
    rng = matlab.rng(seed)
    shapes = EXPERIMENTS[listing].shapes()
    weights = [2 * rng.rand(*shape) - 1 for shape in shapes]
    if listing == "mnist_conv":
        weights = [w * scale for w, scale in zip(weights, (0.1, 0.1, 0.5), strict=True)]
    if listing == "deep_relu":
        weights = [W / 2 for W in weights]  # so that a mistake does not leave the range of numbers at once
        for W in weights[:-1]:
            W[2] = 0
    if listing == "delta_minibatch":
        X, D = np.vstack([X, [[1.0, 0.0, 0.5]]]), np.append(D, 1.0)
    return Subject(f"a random start, rng({seed})", tuple(weights), rng, X, D, looks)
