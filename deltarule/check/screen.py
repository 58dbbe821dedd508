"""A quick question before a form is trained: can its first update come to a port's weights?

A port was trained a little from one start. What a form with two mistakes makes of the first update is mostly known from
the forms with either of them: a quantity is worked out again only where it depends on both. Where a weight depends on
one of them or on none, it is known at once whether it can be the port's.
"""

import numpy as np

from .compare import agree
from .forms import Run
from .steps import Step, causes, plan, run

BEFORE = {"xs", "ds", "updates"}  # steps that come before the first update
LARGE = 2**20  # bytes of a quantity that is worked out again in place of being kept for each mistake


def variant(form, mistakes):
    """A form with some mistakes in it; None where two of them concern the same step."""
    steps = {}
    for mistake in mistakes:
        if steps.keys() & mistake.steps.keys():
            return None
        steps |= mistake.steps
    return form.changed(steps)


def _ids(mistakes):
    return frozenset(mistake.id for mistake in mistakes)


class Screen:
    """A port's weights after one epoch of few samples, against forms with one mistake or two.

    Parameters
    ----------
    form : Form
        The listing.
    looks : Looks
        Of the port, after one epoch.
    tolerance : float
    zeros : bool
        Whether the samples behind the first update are zeros. They leave the first matrix as it is, in most forms: in
        those it is compared, after the first update, and nothing is asked of the others.
    """

    def __init__(self, form, looks, tolerance, zeros=False):
        self.form, self.subject, self.tolerance, self.zeros = form, looks.subject, tolerance, zeros
        ((_, self.mine),) = looks.weights.items()
        names = form.weights[:1] if zeros else form.weights[::-1]  # most mistakes change the last, at the least cost
        self.places = {f"new_{name}": form.weights.index(name) for name in names}
        s = self.subject
        self.given = {**dict(zip(form.weights, s.weights, strict=True)), "X": s.X, "D": s.D, "rng": s.rng}
        change = f"new_{form.weights[0]}"
        self.change = {"x", change, *form.steps[change].needs}
        self.unchanged = agree(self.mine, s.weights, s.weights, tolerance)
        self.updates, self.values, self.agreed, self.reached, self.steady = {}, {}, {}, {}, {}

    def passes(self, mistakes):
        """Whether a form with these mistakes may come to the port's weights."""
        form = variant(self.form, mistakes)
        try:
            updates = self._updates(mistakes)
            if self.zeros and not (len(updates) and self._all_steady(mistakes)):
                return True
            if not self.zeros and not len(updates):  # what a port does with less than a batch is nobody's mistake
                return self.unchanged or not len(self._updates(()))
            if not self.zeros and len(updates) != 1:
                return self._trained(form)
            return self._first(form, mistakes, updates[0])
        except ValueError:  # shapes that fit with either mistake alone, or a circle that both make
            if len(mistakes) == 1:
                raise
            return False

    def _first(self, form, mistakes, update):
        """Whether the first update comes to the weights."""
        origins = {name: self._origin(k, mistakes) for k, name in enumerate("xd")}
        tags = {name: self._tag(name, mistakes, origins) for name in self.places}
        if not all(self.agreed.get((name, tag), True) for name, tag in tags.items()):
            return False
        quantities = Quantities(self, form.steps, mistakes, update, origins)
        return all(self._agrees(name, tag, quantities) for name, tag in tags.items())

    def _agrees(self, name, tag, quantities):
        """Whether one weight is the port's; kept where at most one mistake changes it."""
        if (name, tag) in self.agreed:
            return self.agreed[name, tag]
        k = self.places[name]
        there = agree(self.mine[k : k + 1], (quantities.value(name),), self.subject.weights[k : k + 1], self.tolerance)
        if len(tag) < 2:
            self.agreed[name, tag] = there
        return there

    def _trained(self, form):
        """Whether all updates of a form come to the weights."""
        s = self.subject
        return agree(self.mine, Run(form, s.X, s.D, s.rng).epoch(s.weights), s.weights, self.tolerance)

    def _updates(self, mistakes):
        """The pairs (x, d), which mistakes may change."""
        those = [m for m in mistakes if BEFORE & m.steps.keys()]
        key = _ids(those)
        if key not in self.updates:
            known = {"X": self.subject.X, "D": self.subject.D}
            steps = variant(self.form, those).steps
            self.updates[key] = run(plan(steps, ("updates",), set(known)), known)["updates"]
        return self.updates[key]

    def _origin(self, k, mistakes):
        """The mistakes that the first x (k = 0) or d (k = 1) comes from: as few as have the same."""
        mine = self._updates(mistakes)[0][k]
        for fewer in ((), *((m,) for m in mistakes)):
            updates = self._updates(fewer)
            if len(updates) and np.array_equal(updates[0][k], mine):
                return _ids(m for m in fewer if BEFORE & m.steps.keys())
        return _ids(mistakes)

    def _tag(self, name, mistakes, origins):
        """The mistakes that a weight depends on: what it comes from, in the form with the other one, is theirs."""
        found = set()
        for mistake, other in zip(mistakes, mistakes[::-1], strict=True):
            theirs = mistake.steps.keys() | {given for given, ids in origins.items() if mistake.id in ids}
            if (name, other.id) not in self.reached:
                self.reached[name, other.id] = causes(self.form.steps | other.steps, name)
            if not theirs.isdisjoint(self.reached[name, other.id]):
                found.add(mistake.id)
        return frozenset(found)

    def _all_steady(self, mistakes):
        """Whether the updates behind the first leave the first matrix as it is: with none, with each, and with all."""
        return all(map(self._steady, [(), *((m,) for m in mistakes)])) and (
            self._times_zero(mistakes) or self._steady(mistakes)
        )

    def _times_zero(self, mistakes):
        """Whether the first matrix surely stays, where it does in the listing: its change is a product with x, all 0.

        What else the mistakes change is then a factor of 0, so that thousands of pairs need no training.
        """
        behind = self._updates(mistakes)[1:]
        return not any(self.change & m.steps.keys() for m in mistakes) and not any(x.any() for x, _ in behind)

    def _steady(self, mistakes):
        """Whether the updates behind the first leave the first matrix as it is, with a mistake or with none."""
        key = _ids(mistakes)
        if key not in self.steady:
            form, s, first = variant(self.form, mistakes), self.subject, self._updates(mistakes)[:1]
            alone = form.changed({"updates": Step((), lambda: first)})
            after, once = (Run(each, s.X, s.D, s.rng).epoch(s.weights)[0] for each in (form, alone))
            self.steady[key] = bool(np.isfinite(after).all()) and np.array_equal(after, once)
        return self.steady[key]


class Quantities:
    """The quantities of one update of a form with a mistake or two.

    Those that at most one of them changes are kept by the screen for other pairs, large ones only if none does.

    Parameters
    ----------
    screen : Screen
    steps : dict from str to Step
    mistakes : tuple of Mistake
    update : pair of array
    origins : dict from str to frozenset of str
        The ids of the mistakes that x and d come from.
    """

    def __init__(self, screen, steps, mistakes, update, origins):
        self.steps, self.kept, self.own = steps, screen.values, {}
        self.owner = {name: mistake.id for mistake in mistakes for name in mistake.steps}
        self.given = screen.given | dict(zip("xd", update, strict=True))
        self.tags, self.open = dict(origins), set()

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
        key = name, self.tag(name)
        for there in (self.own, self.kept):
            if key in there:
                return there[key]
        needs, function, _ = self.steps[name]
        found = function(*[self.value(need) for need in needs])
        lasts = len(key[1]) == 0 or (len(key[1]) == 1 and getattr(found, "nbytes", 0) < LARGE)
        (self.kept if lasts else self.own)[key] = found
        return found
