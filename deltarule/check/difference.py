"""Where a port first differs from its listing."""

from dataclasses import dataclass

import numpy as np

from .compare import TOLERANCE, deviation, percent


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

    @property
    def deviation(self):
        """The largest of `off`."""
        return max(self.off.values())

    def __str__(self):
        off = [_off(name, value) for name, value in self.off.items()]
        agrees = [f"{_listed(self.agrees)} agree{'s' if len(self.agrees) == 1 else ''}"] if self.agrees else []
        return "; ".join(agrees + off)


def _listed(names):
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def _off(name, value):
    if not np.isfinite(value):
        return f"{name} has numbers that are not finite"
    return f"{name} is off by {percent(value)} of its largest element"


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
