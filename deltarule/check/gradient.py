"""A port's first update against the slope of its listing's cost, by central differences."""

from copy import copy

import numpy as np

from .. import matlab
from ..basics.differences import central_difference
from ..evidence.gradients import binary_cross_entropy, half_squared_error, softmax_cross_entropy
from ..listings.experiments import EXPERIMENTS
from ..listings.labels import one_hot
from .compare import percent
from .listings import LISTINGS

COSTS = {
    "delta_sgd": ("half the squared error", half_squared_error),
    "delta_batch": ("half the squared error", half_squared_error),
    "delta_minibatch": ("half the squared error", half_squared_error),
    "backprop_xor": ("half the squared error", half_squared_error),
    "backprop_mmt": ("half the squared error", half_squared_error),
    "backprop_ce": ("the cross-entropy", binary_cross_entropy),
    "multi_class": ("the cross-entropy", softmax_cross_entropy),
    "deep_relu": ("the cross-entropy", softmax_cross_entropy),
    "mnist_conv": ("the cross-entropy", softmax_cross_entropy),
}
"""By listing, its cost; deep_dropout's slope is none of a cost."""
AGREES = 1e-6
DIRECTION, STEP = 5, 1e-7  # a seed, and how far to go along it: less, and rounding counts; more, and ReLUs change sides


def gradient(listing, first):
    """How a first update compares with the gradient of the cost, as a sentence; empty where there is no cost.

    Parameters
    ----------
    listing : str
    first : Looks
        Of the port.
    """
    if listing not in COSTS:
        return ""
    name, _ = COSTS[listing]
    off = gradient_error(listing, first)
    if off <= AGREES:
        return f"the first update goes down the slope of {name}, within {off:.0e} of central differences"
    how_far = percent(off) if np.isfinite(off) else "what is not a finite number"
    return f"the first update is off by {how_far} of the slope of {name}, by central differences"


def gradient_error(listing, first):
    """The largest difference between the change over alpha and minus the gradient, relative to the largest element.

    Of mnist_conv it is the slope along one direction that is compared, since its weights are too many.
    """
    s = first.subject
    ((_, new),) = first.weights.items()
    alpha = LISTINGS[listing].steps["alpha"].function()
    changes = [(np.asarray(a, np.float64) - b) / alpha for a, b in zip(new, s.weights, strict=True)]
    if not all(np.isfinite(c).all() for c in changes):
        return float("inf")
    cost = _cost(listing, s)
    if listing == "mnist_conv":
        return _along_one_direction(changes, cost, s.weights)
    gradients = central_difference(cost, list(s.weights))
    largest = max(abs(g).max() for g in gradients)
    return float(max(abs(c + g).max() for c, g in zip(changes, gradients, strict=True)) / largest)


def _cost(listing, subject):
    """The cost of the first samples, averaged, as a function of the weights."""
    experiment, (_, cost) = EXPERIMENTS[listing], COSTS[listing]
    D = one_hot(subject.D, subject.X) if listing == "mnist_conv" else subject.D.reshape(len(subject.D), -1)
    return lambda *W: cost(D, experiment.forward(*W, subject.X)) / len(D)


def _along_one_direction(changes, cost, weights):
    rng = copy(matlab.rng(DIRECTION))
    along = [rng.randn(*W.shape) * abs(W).max() for W in weights]
    up, down = (cost(*(W + sign * STEP * u for W, u in zip(weights, along, strict=True))) for sign in (1, -1))
    slope = (up - down) / (2 * STEP)
    return float(abs(sum((c * u).sum() for c, u in zip(changes, along, strict=True)) + slope) / abs(slope))
