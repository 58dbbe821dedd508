"""A listing as steps: what is worked out once for the data, and what for each update of the weights.

Names that begin with ``last_`` are what the update before left under the rest of the name: ``last_m1`` is the momentum
``m1`` before. They are 0 at the first update of an epoch, unless the step ``kept`` says that they stay.
"""

from copy import copy
from dataclasses import dataclass, replace

from .steps import plan, run

ONCE = ("updates", "kept")
LAST = "last_"


@dataclass(frozen=True)
class Form:
    """A listing, or a variant of it that differs in some steps.

    Attributes
    ----------
    weights : tuple of str
        Their names, as the listing's arguments have them. The step ``new_W1`` is what an update makes of ``W1``.
    steps : dict from str to Step
        They begin from ``X`` and ``D``, the samples as the listing takes them; then, for each pair (x, d) of the step
        ``updates``, from ``x``, ``d``, the weights, and the random stream ``rng``.
    random : bool
        Whether an update moves the random stream on; then the step ``new_rng`` is the stream behind it.
    """

    weights: tuple
    steps: dict
    random: bool = False

    def changed(self, steps):
        """The form with some steps in place of its own, or beside them."""
        return replace(self, steps={**self.steps, **steps})

    @property
    def news(self):
        """The names of the new weights."""
        return tuple(f"new_{name}" for name in self.weights)


class Run:
    """A form at work on its samples, for one network or many.

    Parameters
    ----------
    form : Form
    X, D : array
        As the listing takes them.
    rng : deltarule.matlab.Stream, optional
        Where the form draws from. It is copied, and stays where it is.
    """

    def __init__(self, form, X, D, rng=None):
        self.form = form
        steps, news = form.steps, form.news
        needs = {need for s in steps.values() for need in s.needs}
        self.lasts = tuple(sorted(need for need in needs if need.startswith(LAST)))
        given = {*form.weights, "x", "d", "rng", *self.lasts}
        known = run(plan(steps, ONCE, {"X", "D"}), {"X": X, "D": D})
        self.updates, self.kept = known.pop("updates"), known.pop("kept")
        wanted = [*news, *(name.removeprefix(LAST) for name in self.lasts), *["new_rng"] * form.random]
        whole = plan(steps, wanted, given | known.keys())
        constant = [(name, s) for name, s in whole if not s.needs]
        self.known = run(constant, known)
        self.plan = [(name, s) for name, s in whole if s.needs]
        self.rng, self.state = copy(rng), self._fresh()

    def _fresh(self):
        return dict.fromkeys(self.lasts, 0.0)

    def epoch(self, weights):
        """The new weights after one pass over the samples, a tuple."""
        names, news = self.form.weights, self.form.news
        state = self.state if self.kept else self._fresh()
        weights = tuple(weights)
        for x, d in self.updates:
            known = {**self.known, **state, **dict(zip(names, weights, strict=True)), "x": x, "d": d, "rng": self.rng}
            run(self.plan, known)
            weights = tuple(known[name] for name in news)
            state = {last: known[last.removeprefix(LAST)] for last in self.lasts}
            if self.form.random:
                self.rng = known["new_rng"]
        self.state = state
        return weights
