"""How often a listing with a mistake in it learns all the same, as measured: ``reference/mistakes.toml``.

``python reference/measure_mistakes.py`` measures it.
"""

from dataclasses import dataclass

import numpy as np

from .. import matlab
from ..basics.arrays import T, columns
from ..basics.files import ReferenceFileError
from ..basics.networks import Networks
from ..basics.places import reference
from ..evidence.textbook import read_toml
from ..listings.experiments import EXPERIMENTS
from . import image_rates
from .forms import Run
from .steps import plan, run, step

WITHIN = 0.1  # of its target is every output of a network that has learned
EVERY = 50  # epochs between two looks
FILE = "mistakes.toml"
MEASURED = {
    "delta_sgd": (500, 5000),
    "delta_batch": (500, 20_000),
    "delta_minibatch": (500, 10_000),
    "backprop_xor": (500, 5000),
    "backprop_mmt": (500, 5000),
    "backprop_ce": (500, 5000),
    "multi_class": (500, 2000),
    "deep_relu": (500, 5000),
    "deep_dropout": (20, 20_000),
    image_rates.LISTING: (5, 3),
}
"""By listing, from how many starts, and for how many epochs at most: fewer where a start takes seconds."""
MASKS = 0  # the seed of the masks, which all networks share
RIGHT = "right"  # in place of a mistake's id: the listing as it should be


@dataclass(frozen=True)
class Rate:
    """How many of some starts learned within some epochs."""

    learned: int
    starts: int
    epochs: int


def start(listing, numbers):
    """The starting weights of ``rng(k)`` for each of some numbers k, at once: a list of Networks."""
    drawn = [EXPERIMENTS[listing].start(int(k))[0] for k in numbers]
    return [Networks(np.stack(W, axis=-1)) for W in zip(*drawn, strict=True)]


def measured(listing, form, starts, epochs):
    """How often a form of a listing learns: the `Rate` of ``rng(1)``, ``rng(2)``, ...

    A start has learned at the first look, every 50 epochs, that finds every output within 0.1 of its target, the
    outputs worked out as the form does. The convolutional network has learned where it reads nine tenths of the test
    images after one of its epochs.
    """
    if listing == image_rates.LISTING:
        found = sum(image_rates.learns(form, number, epochs) for number in range(1, starts + 1))
        return Rate(found, starts, epochs)
    X, D = EXPERIMENTS[listing].samples()
    targets = columns(D.reshape(len(D), -1), len(D))[0]
    training, weights, learned = Run(form, X, D, matlab.rng(MASKS)), start(listing, range(1, starts + 1)), 0
    with np.errstate(all="ignore"):
        for _ in range(epochs // EVERY):
            for _ in range(EVERY):
                weights = training.epoch(weights)
            off = abs(_outputs(form, weights, X, D) - targets[..., None])
            done = (off <= WITHIN).all(axis=(0, 1))
            lost = ~np.isfinite(weights[-1].values).all(axis=(0, 1))
            learned += int(done.sum())
            weights = _those(weights, ~(done | lost))
            if weights is None:
                break
            training.state = _state_of(training.state, ~(done | lost))
    return Rate(learned, starts, epochs)


def _outputs(form, weights, X, D):
    """The outputs for all samples, no node dropped: an array of shape (outputs, samples, networks)."""
    form = form.changed({name: step("", lambda: 1.0) for name in form.steps if name.startswith("mask")})
    known = run(plan(form.steps, ("xs",), {"X", "D"}), {"X": X, "D": D})
    given = {**dict(zip(form.weights, weights, strict=True)), "x": T(known["xs"])}
    lasts = {need: 0.0 for s in form.steps.values() for need in s.needs if need.startswith("last_")}
    return run(plan(form.steps, ("y",), {*given, *lasts}), {**given, **lasts})["y"].values


def _those(weights, left):
    """Some of the networks; None where none is left. One alone goes twice, since Networks are two at least."""
    index = np.flatnonzero(left)
    if not len(index):
        return None
    return [Networks(np.ascontiguousarray(W.values[..., index])) for W in weights]


def _state_of(state, left):
    return {name: Networks(v.values[..., np.flatnonzero(left)]) if isinstance(v, Networks) else v
            for name, v in state.items()}  # fmt: skip


def sentence(listing, mistakes):
    """How often the listing learns with one mistake in it, for people; empty where that was not measured."""
    folder = reference()
    if len(mistakes) != 1 or listing not in MEASURED or folder is None or not (folder / FILE).is_file():
        return ""
    rates = read_rates(folder / FILE).get(listing, {})
    rate, right = rates.get(mistakes[0].id), rates.get(RIGHT)
    if rate is None or right is None:
        return ""
    told = f"{rate.learned} of {rate.starts} starts in {rate.epochs:,} epochs, against {right.learned} as it should be"
    return f"{told}: an accuracy would not have told" if hides(rate, right) else told


def hides(rate, right):
    """Whether a mistake can hide: it learns at least nine tenths as often as the listing does."""
    return rate.learned >= 0.9 * right.learned


def read_rates(path):
    """The rates in a file.

    Parameters
    ----------
    path : path

    Returns
    -------
    dict of dict
        By listing and by id, "right" for the listing as it should be, the `Rate`.

    Raises
    ------
    ReferenceFileError
        If the file is missing or is not TOML, or a listing lacks one of ``starts``, ``epochs`` and ``learned``.
    """
    found = {}
    for listing, entries in read_toml(path).items():
        if not isinstance(entries, dict) or entries.keys() != {"starts", "epochs", "learned"}:
            raise ReferenceFileError(f"{path}: {listing} must have starts, epochs and learned")
        starts, epochs = entries["starts"], entries["epochs"]
        found[listing] = {id: Rate(learned, starts, epochs) for id, learned in entries["learned"].items()}
    return found
