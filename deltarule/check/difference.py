"""Where a port first differs from its listing, and what is known of a difference that no mistake explains."""

from copy import copy
from dataclasses import dataclass

import numpy as np

from .compare import TOLERANCE, deviation
from .forms import Run
from .steps import causes

PARTS = ("first update", "first epoch")


@dataclass(frozen=True)
class Difference:
    """The first look at which a port's weights are not the listing's.

    Attributes
    ----------
    when : str
        ``first update``, ``first epoch``, ``10 epochs``, ...
    agrees : tuple of str
        Weights that are as they should be.
    off : dict from str to float
        By weight that is not, the largest difference relative to its largest element.
    start : str
        The start that the training went from.
    """

    when: str
    agrees: tuple
    off: dict
    start: str

    def __str__(self):
        off = [f"{name} is off by {_percent(value)} of its largest element" for name, value in self.off.items()]
        agrees = [f"{_listed(self.agrees)} agree{'s' if len(self.agrees) == 1 else ''}"] if self.agrees else []
        return "; ".join(agrees + off)


def _listed(names):
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def _percent(value):
    if not np.isfinite(value):
        return "infinity, or is not a number,"
    return f"{100 * value:.2g} %" if value >= 1e-4 else f"{value:.1e}"


def first_difference(names, pairs, tolerance=TOLERANCE):
    """The first `Difference`; None if there is none.

    Parameters
    ----------
    names : tuple of str
        Of the weights.
    pairs : iterable of (str, Looks, Looks)
        What to call the first look, the port's and the listing's.
    tolerance : callable
        From a number of epochs to the deviation that is allowed.
    """
    for called, mine, right in pairs:
        start = mine.subject.weights
        for epoch in mine.weights:
            at = zip(names, mine.weights[epoch], right.weights[epoch], start, strict=True)
            off = {n: _relative(a, b) for n, a, b, c in at if not deviation(a, b, c) <= tolerance(epoch)}
            if off:
                when = called if epoch == 1 else f"{epoch} epochs"
                return Difference(when, tuple(n for n in names if n not in off), off, mine.subject.name)
    return None


def _relative(mine, right):
    with np.errstate(all="ignore"):
        value = float(abs(np.asarray(mine, np.float64) - right).max() / abs(right).max())
    return value if np.isfinite(value) else float("inf")


def unexplained(form, first):
    """What is known of a first update that no mistake explains, as sentences.

    Parameters
    ----------
    form : Form
    first : Looks
        Of the port.
    """
    s = first.subject
    ((_, mine),) = first.weights.items()
    run = Run(form, s.X, s.D, copy(s.rng))
    right = run.epoch(s.weights)
    said, wrong, fine = [], [], []
    for name, a, b, start in zip(form.weights, mine, right, s.weights, strict=True):
        if deviation(a, b, start) <= TOLERANCE:
            fine.append(name)
            continue
        wrong.append(name)
        said.append(f"the change of {name} {_factor(a - start, b - start)}")
    if not wrong:
        return ["the first update is right: the mistake shows in a later sample, or in what a call leaves behind"]
    between = set.intersection(*(causes(form.steps, f"new_{name}") for name in wrong))
    between -= set().union(*(causes(form.steps, f"new_{name}") for name in fine)) if fine else set()
    told = [name for name in form.steps if name in between and not name.startswith(("new_", "xs", "ds", "updates"))]
    if told:
        said.append(f"what would have to differ is one of {', '.join(told)}, or more than one")
    return said


def _factor(mine, right):
    """How a change compares with what it should be."""
    if not np.isfinite(mine).all():
        return f"is not finite at {int((~np.isfinite(mine)).sum())} of {mine.size} places"
    if not mine.any():
        return "is 0: it is not changed at all"
    there = abs(right) > 1e-12 * abs(right).max()
    ratios = mine[there] / right[there]
    if np.ptp(ratios) <= 1e-6 * abs(ratios).max():
        return f"is {ratios.mean():.6g} times what it should be, at every place"
    for axis, what in ((1, "row"), (0, "column")):
        if mine.ndim == 2 and mine.shape[1 - axis] > 1 and _steady(mine, right, axis):
            return f"is a constant times what it should be in each {what}, another in each"
    off = int((abs(mine - right) > 1e-9 * abs(right).max()).sum())
    return f"is wrong at {off} of {mine.size} places, by no constant factor"


def _steady(mine, right, axis):
    """Whether the ratio is one number along an axis."""
    if mine.shape[axis] < 2 or not right.all():
        return False
    ratios = mine / right
    return bool((np.ptp(ratios, axis=axis) <= 1e-6 * abs(ratios).max(axis=axis)).all())
