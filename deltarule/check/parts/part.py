"""A part of a network as steps: what it is tried on, what comes out of it, and what can be wrong with it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from ..catalogue.mistake import Mistake
from ..steps import plan, run, step

FAILURES = (ValueError, IndexError, TypeError, ArithmeticError)  # of arrays that do not fit together
WORDS = {
    "added": "the number added",
    "back_scale": "the scale on the way back",
    "base": "where each element begins",
    "below": "the divisor",
    "by_mean": "the part through the mean",
    "by_var": "the part through var",
    "c1": "the correction of m",
    "c2": "the correction of v",
    "dseen": "the gradient of each window",
    "down": "the value at x - h",
    "dxs": "the gradient of the rows",
    "fits": "the size of the output",
    "four": "what each square holds",
    "inside": "what the logarithm is of",
    "keep": "the share kept",
    "left": "the numerator",
    "logs": "the logarithm",
    "mean2": "the mean of the second batch",
    "moved": "the variance averaged",
    "moved2": "the variance averaged of the second batch",
    "new_p": "the new p",
    "off": "the difference",
    "old": "the share that stays",
    "rates": "the series of rates",
    "root": "the root",
    "rows": "the logarithm of each sample",
    "seen": "what each window sees",
    "small": "the number added",
    "square": "the square of g",
    "step": "the step of the windows",
    "sums": "what the windows add up to",
    "up": "the value at x + h",
    "value": "the value of the margin",
    "var2": "the variance of the second batch",
    "where": "the place of the largest",
}
"""By quantity whose name is none of the document's, what it is called; a part may call it otherwise."""

AFTER = "_after"  # behind the name of an argument: what it is after the call


@dataclass(frozen=True)
class Probe:
    """What a part is tried on.

    Attributes
    ----------
    name : str
        What it is, for people: ``a batch``.
    given : dict
        The arguments by name; those of `Part.options` are handed over by name where the reader's object takes them.
    wanted : tuple of str
        The quantities that are compared.
    demands : tuple of str
        Options without which it cannot be tried.
    refusal : str
        What is said of an object that raises here, where that is no mistake; empty where it is one.
    """

    name: str
    given: dict
    wanted: tuple
    demands: tuple = ()
    refusal: str = ""


def straight(steps, known, wanted):
    """The wanted quantities, each worked out once."""
    known = run(plan(steps, wanted, known), dict(known))
    return {name: known[name] for name in wanted}


class NothingReturned(ValueError):
    """Of steps in which an object returns nothing."""


MISSING = np.array(np.nan)  # a quantity that an object has not got


def there_and_back(steps, known, wanted):
    """As `straight`; without any gradients where the output ``y`` is not of the shape of ``dout``."""
    known = run(plan(steps, ("y",), known), dict(known))
    if np.shape(known["y"]) != np.shape(known["dout"]):
        return {name: known[name] if name == "y" else MISSING for name in wanted}
    return straight(steps, known, wanted)


@dataclass(frozen=True)
class Part:
    """A function, a layer or an optimiser that readers write themselves.

    Attributes
    ----------
    name : str
        As `deltarule.layers` has it.
    steps : dict from str to Step
        How its quantities come from what it is given.
    probes : tuple of Probe
        The first is one that it cannot do without.
    use : callable
        ``use(mine, given)`` calls the reader's object, a `deltarule.check.parts.mine.Mine`, and gives what comes out by
        the names of the steps, and what was observed beside it.
    mistakes : tuple of Mistake
    is_class : bool
        Whether it is a class.
    names : tuple of str
        Other names that it goes by, in small letters without underscores.
    alike : tuple of tuple of (str, dict)
        Groups of steps that are right as well, each with what is said of it; one of each group at most.
    ways : tuple of (str, callable)
        Other ways of using it, each with what is said of it.
    work : callable
        ``work(steps, known, wanted)``: the quantities, by default each worked out once.
    labels : dict from str to str
        What quantities are called, where that is not their name.
    """

    name: str
    steps: dict = field(repr=False)
    probes: tuple = field(repr=False)
    use: Callable = field(repr=False)
    mistakes: tuple = field(repr=False)
    is_class: bool = False
    names: tuple = ()
    alike: tuple = field(default=(), repr=False)
    ways: tuple = field(default=(), repr=False)
    work: Callable = field(default=straight, repr=False)
    labels: dict = field(default_factory=dict, repr=False)

    def forms(self):
        """All right forms: pairs of what is said of them and their steps, the part's own first."""
        for chosen in product(*[((None, {}), *group) for group in self.alike]):
            steps = dict(self.steps)
            for _, changed in chosen:
                steps |= changed
            yield tuple(note for note, _ in chosen if note), steps

    def quantities(self, steps, probe, observed):
        """What comes out of some steps on a probe, by name; the exception where they do not fit together."""
        known = {**probe.given, **observed}
        known.update({f"{name}{AFTER}": a for name, a in probe.given.items() if f"{name}{AFTER}" not in steps})
        try:
            with np.errstate(all="ignore"):
                return self.work(steps, known, probe.wanted)
        except FAILURES as error:
            return error

    def label(self, name):
        """What a quantity is called."""
        plain = f"{name.removesuffix(AFTER)} afterwards" if name.endswith(AFTER) else WORDS.get(name, name)
        return self.labels.get(name, plain)


class Mistakes:
    """A maker of the mistakes of a part, which knows what its steps should be.

    Parameters
    ----------
    steps : dict from str to Step
        Of the part.
    words : dict from str to str, optional
        What quantities are called, beside `WORDS`.
    """

    def __init__(self, steps, words=None):
        self.steps, self.words = steps, {**WORDS, **(words or {})}

    def __call__(self, id, name, needs, function, text, remark="", erratum=""):
        """A mistake in one step: what the part has there is what it should be."""
        called = self.words.get(name, name)
        says = f"{called} is {text}{', ' * bool(remark)}{remark}"
        should = f"{name if called == name else 'it'} should be {self.steps[name].text}"
        return Mistake(id, says, {name: step(needs, function, text)}, should, erratum)


def mistake(id, says, should, erratum="", **steps):
    """A mistake that is told in words of its own; ``name=(needs, function)`` for each step that differs."""
    return Mistake(id, says, {name: step(*each) for name, each in steps.items()}, should, erratum)
