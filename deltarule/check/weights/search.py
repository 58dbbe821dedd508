"""The search for what comes to weights out of a run: variants of a listing from several starts, after each epoch."""

from dataclasses import dataclass

import numpy as np

from ...basics.progress import progress
from ..compare import ROUNDING, TOLERANCE
from .beside import groups
from .order import alike, in_place, order

FACTOR = 100  # of what rounding does to a form by the last epoch, which a file may differ by
LARGEST = 1e-4  # of the largest change: where rounding does more, weights tell nothing


@dataclass(frozen=True)
class Target:
    """What is looked for.

    Attributes
    ----------
    weights : tuple of array
    units : tuple of array or float
        How far each number may be off, for digits that were not written.
    epochs : int
        After so many epochs.
    tolerance : float
        What is allowed besides, of the largest change of a weight matrix.
    """

    weights: tuple
    units: tuple
    epochs: int
    tolerance: float = TOLERANCE


@dataclass(frozen=True)
class Hit:
    """A variant that comes to the weights.

    Attributes
    ----------
    variant : int
        Which one, of those that were given.
    start : int
    epochs : tuple of int
        After which the weights agree: the number asked for alone, if they do there.
    within : float
        The largest deviation then, of the largest change.
    sensitive : bool
        Whether rounding alone does more by then than the tolerance.
    """

    variant: int
    start: int
    epochs: tuple
    within: float
    sensitive: bool = False


@dataclass(frozen=True)
class Searched:
    """What a search came to.

    Attributes
    ----------
    hits : list of Hit
    last : dict from int to tuple of array
        Of the first variant, by start, the weights after the number of epochs asked for.
    lost : list of int
        Variants in which rounding alone decides by then, so that weights cannot tell of them.
    orders : dict from (int, int) to tuple of tuple of int
        By variant and start that come near with their hidden nodes in another order, that order, as `order` gives it.
    """

    hits: list
    last: dict
    lost: list
    orders: dict


def search(form, variants, samples, starts, target, called, moved=True):
    """Train variants from each of the starts, and hold them against weights after every epoch.

    Parameters
    ----------
    form : Form
    variants : list of dict from str to Step
        As `deltarule.check.beside.groups` takes them.
    samples : tuple of array
        X and D.
    starts : list of Start
    target : Target
    called : str
        What the progress bar says.
    moved : bool
        Whether to train from starts that are off by a rounding too, which tells what rounding alone does.

    Returns
    -------
    Searched
    """
    last = target.epochs + 1  # one more, which is a mistake of its own
    each = [[start] for start in starts] if form.random else [starts]
    found = Searched([], {}, [], {})
    with np.errstate(all="ignore"):
        together = [(k * bool(form.random), those, one) for k, those in enumerate(each)
                    for one in groups(form, variants, *samples, _with_moved(those, moved))]  # fmt: skip
        with progress(called, len(together) * last) as bar:
            for at, those, one in together:
                _watch(one, at, _Bounds(those, target), last, found, bar)
    return found


def _with_moved(starts, wanted):
    """The starts, and each of them off by a rounding where that is wanted."""
    plain = [(start.weights, start.rng) for start in starts]
    if not wanted:
        return plain
    moved = [(tuple(np.nextafter(W, np.inf) for W in start.weights), start.rng) for start in starts]
    return plain + moved


class _Bounds:
    """A target, and how near weights from each of the starts have to come.

    Parameters
    ----------
    starts : list of Start
    target : Target
    """

    def __init__(self, starts, target):
        self.count, self.target = len(starts), target
        pairs = list(enumerate(target.weights))
        self.changes = [np.array([abs(W - start.weights[k]).max() for start in starts]) for k, W in pairs]
        self.rounding = [ROUNDING * abs(W).max() for W in target.weights]

    def excess(self, k, stack):
        """By variant and start, how far weight matrix k is off beyond the digits, with an axis for each."""
        off = abs(stack[:, : self.count] - self.target.weights[k]) - self.target.units[k]
        return off.max(axis=tuple(range(2, off.ndim)))

    def agree(self, stacks, tolerance):
        """By variant and start, whether all weights agree; the last matrix is looked at first."""
        there = None
        for k in reversed(range(len(stacks))):
            here = self.excess(k, stacks[k]) <= tolerance * self.changes[k] + self.rounding[k]
            there = here if there is None else there & here
            if not there.any():
                break
        return there

    def within(self, stacks, m, s):
        """The largest deviation of one variant, of the largest change."""
        off = [float(abs(W[m, s] - right).max()) for W, right in zip(stacks, self.target.weights, strict=True)]
        off = [max(d - rounding, 0.0) for d, rounding in zip(off, self.rounding, strict=True)]
        return max(d / float(c[s]) if c[s] > 0 else 0.0 for d, c in zip(off, self.changes, strict=True))

    def drift(self, stacks):
        """By variant and start, how far a rounding at the start has carried the weights, of the largest change."""
        found = np.zeros((*stacks[0].shape[:1], self.count))
        if stacks[0].shape[1] == self.count:
            return found
        for k, W in enumerate(stacks):
            plain, moved = W[:, : self.count], W[:, self.count :]
            off = abs(plain - moved).max(axis=tuple(range(2, W.ndim)))
            changes = abs(plain - self.first[k][:, : self.count]).max(axis=tuple(range(2, W.ndim)))
            found = np.maximum(found, np.where(off <= self.rounding[k], 0.0, off / changes))
        return found


def _watch(one, at, bounds, last, found, bar):
    """Train one group of variants, and enter what agrees into what was found."""
    agreed, near, target = {}, set(), bounds.target
    for epoch, stacks in enumerate(one.epochs()):
        if epoch == 0:
            bounds.first = stacks
        for m, s in np.argwhere(bounds.agree(stacks, target.tolerance)):
            agreed.setdefault((m, s), {})[epoch] = bounds.within(stacks, m, s)
        if epoch == target.epochs:
            near = _at_the_end(one, at, bounds, stacks, agreed, found)
        if epoch == last:
            break
        bar.update(1)
    for (m, s), by_epoch in agreed.items():
        epochs = (target.epochs,) if target.epochs in by_epoch else tuple(by_epoch)
        within = by_epoch[min(epochs, key=lambda e: abs(e - target.epochs))]
        found.hits.append(Hit(one.indices[m], at + int(s), epochs, within, (m, s) in near))


def _at_the_end(one, at, bounds, stacks, agreed, found):
    """At the epoch that was asked for, enter what agrees as near as rounding lets it; return which those are."""
    target, drift = bounds.target, bounds.drift(stacks) * FACTOR
    if 0 in one.indices:
        m = one.indices.index(0)
        found.last.update({at + s: tuple(W[m, s] for W in stacks) for s in range(bounds.count)})
    found.orders.update(_orders(one, at, bounds, stacks))
    found.lost.extend(one.indices[m] for m in np.flatnonzero((drift > LARGEST).any(axis=1)))
    allowed = np.where((drift > target.tolerance) & (drift <= LARGEST), drift, target.tolerance)
    here, near = bounds.agree(stacks, allowed), set()
    for m, s in np.argwhere(here):
        by_epoch = agreed.setdefault((m, s), {})
        if target.epochs not in by_epoch:
            by_epoch[target.epochs] = bounds.within(stacks, m, s)
            near.add((m, s))
    return near


def _orders(one, at, bounds, stacks):
    """The variants and starts that come near with their hidden nodes in another order, of a layered network."""
    target = bounds.target
    if len(stacks) < 2 or any(W.ndim != 2 for W in target.weights):
        return {}
    found = {}
    for m, s in np.argwhere(alike(stacks[-1][:, : bounds.count], target.weights[-1], target.units[-1])):
        places = order(target.weights, [W[m, s] for W in stacks])
        if not in_place(places):
            found[one.indices[m], at + int(s)] = tuple(tuple(map(int, each)) for each in places)
    return found
