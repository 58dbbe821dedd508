"""Variants of a listing trained beside each other, each from several starts: what they share is worked out once.

The weights of all are arrays with two leading axes, variants and starts. A step of the listing is worked out for all of
them at once; then each variant that has it otherwise writes its own over its part.
"""

from dataclasses import dataclass

import numpy as np

from ..forms import LAST, Run
from ..steps import Step, causes, plan, run


@dataclass(frozen=True)
class Member:
    """One variant, with what is worked out once for it.

    Attributes
    ----------
    index : int
        Among the variants that were given.
    steps : dict from str to Step
        Those it has otherwise than the form, or beside it.
    fixed : dict
        By name, what no update changes.
    """

    index: int
    steps: dict
    fixed: dict

    @property
    def kind(self):
        """What must be alike for variants to be trained beside each other."""
        return self.fixed["kept"], [(x.shape, d.shape) for x, d in self.fixed["updates"]]


def _lasts(steps):
    return {need for s in steps.values() for need in s.needs if need.startswith(LAST)}


def _member(form, index, steps, X, D):
    whole = form.changed(steps).steps
    moving = {"x", "d", "rng", *form.weights, *_lasts(whole)}
    names = [name for name in whole if not causes(whole, name) & moving]
    return Member(index, steps, run(plan(whole, names, {"X", "D"}), {"X": X, "D": D}))


def groups(form, variants, X, D, starts):
    """Variants of a form in as few groups as can be trained beside each other.

    Parameters
    ----------
    form : Form
    variants : list of dict from str to Step
        What each has otherwise than the form; an empty dict is the form itself.
    X, D : array
        As the listing takes them.
    starts : list of (tuple of array, Stream)
        The weights to begin with, and the stream behind them; a form that draws needs the same stream in all of them.

    Returns
    -------
    list of Beside or Alone
        Each with the `indices` of its variants, and a generator of the weights after 0, 1, 2, ... epochs.
    """
    drawing = causes(form.steps, "new_rng") if form.random else set()
    if "new_Wo" in form.news:  # the convolution takes the networks one by one
        return [Alone(form, i, v, X, D, starts) for i, v in enumerate(variants)]
    alone = [Alone(form, i, v, X, D, starts) for i, v in enumerate(variants) if drawing & v.keys()]
    together = []
    for i, v in enumerate(variants):
        if not drawing & v.keys():
            _put(together, form, _member(form, i, v, X, D))
    return [Beside(form, members, union, starts) for members, union in together] + alone


def _put(together, form, member):
    """Put a variant into the first group where its steps, with those of the others, go in no circle."""
    for k, (members, union) in enumerate(together):
        if members[0].kind == member.kind:
            joined = union.joined(form, member)
            try:
                joined.order(form)
            except ValueError:
                continue
            members.append(member)
            together[k] = members, joined
            return
    together.append(([member], _Union.of(form).joined(form, member)))


@dataclass(frozen=True)
class _Union:
    """The steps of some variants taken together, kept as they grow: thousands of pairs are put into one group.

    Attributes
    ----------
    needs : dict from str to dict
        By step, all that it needs in any of the variants, as keys.
    moving : frozenset of str
        The steps that the updates of any of the variants change.
    lasts : frozenset of str
        What is kept from one update to the next.
    """

    needs: dict
    moving: frozenset
    lasts: frozenset

    @classmethod
    def of(cls, form):
        """The union of no variants of a form."""
        return cls({name: dict.fromkeys(s.needs) for name, s in form.steps.items()}, frozenset(),
                   frozenset(_lasts(form.steps)))  # fmt: skip

    def joined(self, form, member):
        """The union with one more variant."""
        own = {name: self.needs.get(name, {}) | dict.fromkeys(s.needs) for name, s in member.steps.items()}
        moving = (form.steps.keys() | member.steps.keys()) - member.fixed.keys()
        return _Union(self.needs | own, self.moving | moving, self.lasts | _lasts(member.steps))

    @property
    def fixed(self):
        """The steps that no update changes in any of the variants."""
        return self.needs.keys() - self.moving

    def order(self, form):
        """The names of the steps of an update, each behind all that it needs in any variant."""
        steps = {name: Step(tuple(each), None) for name, each in self.needs.items()}
        given = {"x", "d", "rng", *form.weights, *self.lasts, *self.fixed}
        wanted = [*form.news, *(name.removeprefix(LAST) for name in sorted(self.lasts)), *["new_rng"] * form.random]
        return [name for name, _ in plan(steps, wanted, given)]


def _stacked(values):
    """One constant of all variants: itself where they have the same, else an array along the axis of the variants."""
    if all(value is values[0] or np.array_equal(value, values[0]) for value in values):
        return values[0]
    return np.array(values, dtype=np.float64).reshape(-1, *(1,) * 3)


def _sample(arrays):
    """A sample as all variants have it, or stacked along the axis of the variants."""
    same = all(np.array_equal(a, arrays[0]) for a in arrays)
    return arrays[0] if same else np.stack(arrays)[:, None]


def _part(value, k):
    """Of what all variants have, that of one."""
    if type(value) is dict or (type(value) is np.ndarray and value.ndim == 4):
        return value[k]
    return value


class Beside:
    """Variants that have the same pairs of samples, by shape, trained beside each other.

    Parameters
    ----------
    form : Form
    members : list of Member
    union : _Union
        Theirs.
    starts : list of (tuple of array, Stream)
    """

    def __init__(self, form, members, union, starts):
        self.form, self.indices = form, [m.index for m in members]
        self.kept = members[0].fixed["kept"]
        self.lasts = tuple(sorted(union.lasts))
        self.operations = [self._operation(name, members) for name in union.order(form)]
        each = [needs for _, right, own in self.operations for needs in (right[0], *(needs for _, needs, _ in own))]
        needed = set().union(*each)
        self.known = {name: self._constant(name, members) for name in needed & union.fixed}
        pairs = [m.fixed["updates"] for m in members]
        self.updates = [
            tuple(_sample([pair[at] for pair in each]) for at in (0, 1)) for each in zip(*pairs, strict=True)
        ]
        first = [np.stack([start[k] for start, _ in starts]) for k in range(len(form.weights))]
        self.first = tuple(np.repeat(W[None], len(members), axis=0) for W in first)
        self.rng, self.size = starts[0][1], (len(members), len(starts))

    def _operation(self, name, members):
        """A step of all variants, and of each that has it otherwise: needs and function."""
        own = [(k, m.steps[name].needs, m.steps[name].function) for k, m in enumerate(members) if name in m.steps]
        right = self.form.steps.get(name)
        return name, ((), None) if right is None else (right.needs, right.function), own

    def _constant(self, name, members):
        if name in self.form.steps:
            return _stacked([m.fixed[name] for m in members])
        return {k: m.fixed[name] for k, m in enumerate(members) if name in m.fixed}

    def _own_array(self, value):
        """A quantity of all variants, as an array that each may write its part of."""
        trail = np.shape(value)[-2:] if np.ndim(value) > 1 else (1, 1)
        return np.array(np.broadcast_to(value, (*self.size, *trail)), dtype=np.float64)

    def epochs(self):
        """The weights after 0, 1, 2, ... epochs, without an end."""
        weights, state, rng = self.first, dict.fromkeys(self.lasts, 0.0), self.rng
        while True:
            yield weights
            if not self.kept:
                state = dict.fromkeys(self.lasts, 0.0)
            for x, d in self.updates:
                known = {**self.known, **state, **dict(zip(self.form.weights, weights, strict=True))}
                known |= {"x": x, "d": d, "rng": rng}
                self._update(known)
                weights = tuple(known[name] for name in self.form.news)
                state = {last: known[last.removeprefix(LAST)] for last in self.lasts}
                rng = known.get("new_rng")

    def _update(self, known):
        """Work out the quantities of one update, into `known`."""
        for name, (needs, function), own in self.operations:
            value = {} if function is None else function(*[known[need] for need in needs])
            if own and function is not None:
                value = self._own_array(value)
            for k, needs_of_own, function_of_own in own:
                value[k] = function_of_own(*[_part(known[need], k) for need in needs_of_own])
            known[name] = value


class Alone:
    """One variant, whose networks are trained one by one, as `deltarule.check.forms.Run` does.

    Parameters
    ----------
    form : Form
    index : int
    steps : dict from str to Step
        What it has otherwise.
    X, D, starts
        As for `groups`.
    """

    def __init__(self, form, index, steps, X, D, starts):
        self.form, self.indices = form.changed(steps), [index]
        self.starts, self.samples = starts, (X, D)

    def epochs(self):
        """As `Beside.epochs`."""
        weights = [start for start, _ in self.starts]
        runs = [Run(self.form, *self.samples, rng) for _, rng in self.starts]
        while True:
            yield tuple(np.stack(each)[None] for each in zip(*weights, strict=True))
            weights = [one.epoch(W) for one, W in zip(runs, weights, strict=True)]
