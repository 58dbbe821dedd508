"""What weights come to: those of a port, of the listing and of its variants, from the same starts."""

import time
from copy import copy
from dataclasses import dataclass

import numpy as np

from ..listings.experiments import EXPERIMENTS
from .compare import TOLERANCE, deviations
from .forms import Run

SECONDS = 2.0  # that the training may take up to a look behind the tenth epoch
LARGE = 709  # a weighted sum beyond which its exponential overflows


@dataclass(frozen=True)
class Looks:
    """The weights after some epochs of training from one start.

    Attributes
    ----------
    subject : Subject
    weights : dict from int to tuple of array
        By epoch.
    """

    subject: object
    weights: dict


def of_port(port, subject, seconds=None):
    """The weights of a port, at each look that it gets to within so many seconds.

    The looks up to the tenth epoch are taken in any case. Where weights stop being finite, the epoch before is
    looked at, and that epoch, and no more.
    """
    subject = port.own(subject)
    if hasattr(port, "train"):  # it is asked for all epochs at once
        return Looks(subject, port.train(subject))
    port.begin()
    rng, weights, found, epoch = copy(subject.rng), subject.weights, {}, 0
    began = time.perf_counter()
    for look in subject.epochs:
        spent = time.perf_counter() - began
        if seconds is not None and epoch >= 10 and spent / epoch * look > seconds:
            break
        for now in range(epoch + 1, look + 1):
            before, weights = weights, port(weights, subject.X, subject.D, rng)
            if not _finite(weights):
                last = {now - 1: before} if now > 1 else {}
                return Looks(subject, {**found, **last, now: weights})
        epoch = look
        found[look] = weights
    return Looks(subject, found)


def _finite(weights):
    return all(np.isfinite(W).all() for W in weights)


def of_listing(listing, subject, epochs):
    """The weights of the listing itself, after these epochs."""
    experiment, rng, weights = EXPERIMENTS[listing], copy(subject.rng), subject.weights
    found, done = {}, 0
    for epoch in epochs:
        for _ in range(epoch - done):
            weights = experiment.epoch(weights, subject.X, subject.D, rng)
        found[epoch], done = weights, epoch
    return Looks(subject, found)


def trained(form, subject, epochs, weights=None):
    """The weights of a form, after each of these epochs; a generator of (epoch, weights)."""
    run, weights, done = Run(form, subject.X, subject.D, subject.rng), weights or subject.weights, 0
    with np.errstate(all="ignore"):
        for epoch in epochs:
            for _ in range(epoch - done):
                weights = run.epoch(weights)
            done = epoch
            yield epoch, weights


@dataclass(frozen=True)
class Agreement:
    """How far a form has the weights of a port.

    Attributes
    ----------
    epochs : tuple of int
        The looks at which all weights agree.
    within : float
        The largest deviation at any of them.
    sensitive : int
        The first look at which rounding alone moves the form further than the tolerance, so that it tells nothing; 0
        if there is none.
    overflow : int
        The look at which the port's weights stop being finite, where the form's are others, as exp overflows in one
        of two ways to write a softmax; 0 if there is none.
    """

    epochs: tuple
    within: float
    sensitive: int = 0
    overflow: int = 0


def agreement(form, looks, tolerance=TOLERANCE):
    """The `Agreement` of a form with the looks of a port from one start; None where they do not agree.

    Where a form that agreed before is off later, it is asked how far rounding carries it by then, or whether numbers
    have grown so large that exponentials overflow.
    """
    subject, agreed, within = looks.subject, [], 0.0
    for epoch, weights in trained(form, subject, tuple(looks.weights)):
        mine = looks.weights[epoch]
        off = max(deviations(mine, weights, subject.weights))
        if off <= tolerance:
            agreed.append(epoch)
            within = max(within, off)
        elif _overflows(mine, weights, agreed[-1:] == [epoch - 1]):
            return Agreement(tuple(agreed), within, overflow=epoch)
        elif agreed and _rounding(form, subject, epoch, weights) * 1e4 > off:
            return Agreement(tuple(agreed), within, epoch)
        else:
            return None
    return Agreement(tuple(agreed), within)


def _overflows(mine, weights, agreed_before):
    """Whether a port's weights stop being finite, from one epoch to the next or since weighted sums grow too large.

    Or the form's do as well, at other places.
    """
    grown = not _finite(weights) or max(abs(W).sum(axis=-1).max() for W in weights) > LARGE
    return not _finite(mine) and (agreed_before or grown)


def _rounding(form, subject, epoch, weights):
    """How far a form gets from its own weights by an epoch, from a start that is off by a rounding."""
    start = tuple(np.nextafter(W, np.inf) for W in subject.weights)
    ((_, moved),) = trained(form, subject, (epoch,), start)
    return max(deviations(moved, weights, subject.weights))
