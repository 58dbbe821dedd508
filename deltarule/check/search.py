"""The search for the mistakes that reproduce a port's weights: each alone, and then every pair."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from .compare import agree
from .forms import Run
from .looks import Agreement, agreement
from .steps import plan, run


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


def variant(form, mistakes):
    """A form with some mistakes in it; None where two of them concern the same step."""
    steps = {}
    for mistake in mistakes:
        if steps.keys() & mistake.steps.keys():
            return None
        steps |= mistake.steps
    return form.changed(steps)


def singles(form, mistakes, first, looks, tolerance):
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

    Returns
    -------
    list of Reason
    """
    found = []
    for mistake in mistakes:
        reason = _explains(form, (mistake,), [first, *looks], tolerance)
        if reason:
            found.append(reason)
    return found


def pairs(form, mistakes, first, looks, tolerance, progress=None):
    """As `singles`, of every two mistakes that concern different steps."""
    found, tree = [], FirstUpdate(form, first)
    for a, b in combinations(mistakes, 2):
        if progress:
            progress.update(1)
        steps = variant(form, (a, b))
        if steps is None or not tree.agrees(steps, (a, b), tolerance):
            continue
        reason = _explains(form, (a, b), looks, tolerance)
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


class FirstUpdate:
    """A port's first update, against a form with two mistakes; what one mistake alone comes to is worked out once.

    Parameters
    ----------
    form : Form
    first : Looks
    """

    def __init__(self, form, first):
        self.form, self.subject, self.start = form, first.subject, first.subject.weights
        ((_, self.weights),) = first.weights.items()
        self.updates, self.values = {}, {}

    def agrees(self, variant, mistakes, tolerance):
        """Whether the weights after the first update are those of a variant of the form."""
        owner = {name: mistake.id for mistake in mistakes for name in mistake.steps}
        try:
            with np.errstate(all="ignore"):
                updates = self._updates(variant, frozenset(owner[name] for name in owner if name in BEFORE))
                if len(updates) != 1:
                    return self._trained(variant, tolerance)
                quantities = Quantities(self, variant.steps, owner, updates[0])
                return all(
                    agree((mine,), (quantities.value(name),), (start,), tolerance)
                    for name, mine, start in zip(variant.news[::-1], self.weights[::-1], self.start[::-1], strict=True)
                )
        except ValueError:  # shapes that fit with either mistake alone, or a circle that both make
            return False

    def _updates(self, variant, those):
        """The pairs (x, d) of the first call, which these mistakes may change."""
        if those not in self.updates:
            known = {"X": self.subject.X, "D": self.subject.D}
            self.updates[those] = run(plan(variant.steps, ("updates",), set(known)), known)["updates"]
        return self.updates[those]

    def _trained(self, variant, tolerance):
        s = self.subject
        return agree(self.weights, Run(variant, s.X, s.D, s.rng).epoch(self.start), self.start, tolerance)


class Quantities:
    """The quantities of one update with two mistakes; those that at most one of them changes are kept for other pairs.

    Parameters
    ----------
    first : FirstUpdate
    steps : dict from str to Step
    owner : dict from str to str
        By step that a mistake replaces, the mistake's id.
    update : pair of array
    """

    def __init__(self, first, steps, owner, update):
        self.steps, self.owner, self.kept = steps, owner, first.values
        s = first.subject
        self.given = {**dict(zip(first.form.weights, s.weights, strict=True)), "X": s.X, "D": s.D, "rng": s.rng}
        self.given |= dict(zip("xd", update, strict=True))
        of_update = frozenset(owner[name] for name in owner if name in BEFORE)
        self.tags = dict.fromkeys("xd", of_update)
        self.own, self.open = {}, set()

    def tag(self, name):
        """The mistakes that a quantity depends on.

        Raises
        ------
        ValueError
            If it is worked out from itself, as each of two mistakes alone has it not.
        """
        if name not in self.tags:
            if name in self.open:
                raise ValueError(f"{name} is worked out from itself")
            self.open.add(name)
            own = {self.owner[name]} if name in self.owner else set()
            needs = self.steps[name].needs if name in self.steps else ()
            self.tags[name] = frozenset(own.union(*map(self.tag, needs)))
        return self.tags[name]

    def value(self, name):
        """A quantity; ``last_...`` are 0, as they are at the first update."""
        if name not in self.steps:
            return self.given.get(name, 0.0)
        tag = self.tag(name)
        kept = self.kept if len(tag) < 2 else self.own
        if (name, tag) not in kept:
            needs, function, _ = self.steps[name]
            kept[name, tag] = function(*[self.value(need) for need in needs])
        return kept[name, tag]


BEFORE = ("xs", "ds", "updates")  # steps that come before the first update
