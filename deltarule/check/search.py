"""The search for the mistakes that reproduce a port's weights: each alone, and then every pair."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from .looks import Agreement, agreement
from .screen import Screen, variant


@dataclass(frozen=True)
class Reason:
    """Mistakes that together come to a port's weights.

    Attributes
    ----------
    mistakes : tuple of Mistake
        One or two.
    agreement : Agreement
        From the listing's own start.
    """

    mistakes: tuple
    agreement: Agreement


def singles(form, mistakes, first, looks, tolerance, screens=()):
    """The mistakes that come to a port's weights alone.

    Parameters
    ----------
    form : Form
    mistakes : list of Mistake
    first : Looks
        Of the port's first update.
    looks : list of Looks
        Of the port from each start.
    tolerance : float
    screens : iterable of Screen
        What is asked before the first update is.

    Returns
    -------
    list of Reason
    """
    return _reasons(form, ((mistake,) for mistake in mistakes), [first, *looks], tolerance, screens)


def pairs(form, mistakes, first, looks, tolerance, progress=None, screens=()):
    """As `singles`, of every two mistakes that concern different steps."""

    def those():
        for a, b in combinations(mistakes, 2):
            if progress:
                progress.update(1)
            if a.steps.keys().isdisjoint(b.steps):
                yield a, b

    return _reasons(form, those(), [first, *looks], tolerance, screens)


def _reasons(form, choices, looks, tolerance, screens):
    found, screens = [], [*screens, Screen(form, looks[0], tolerance)]
    with np.errstate(all="ignore"):
        for mistakes in choices:
            if all(screen.passes(mistakes) for screen in screens):
                reason = _explains(form, mistakes, looks, tolerance)
                if reason:
                    found.append(reason)
    return found


def _explains(form, mistakes, looks, tolerance):
    """The `Reason`, if the mistakes come to the weights at every look; it tells of the start trained longest."""
    those, agreed = variant(form, mistakes), []
    for each in looks:
        agreed.append(agreement(those, each, tolerance))
        if agreed[-1] is None:
            return None
    return Reason(mistakes, max(agreed, key=lambda a: (len(a.epochs), a.overflow)))
