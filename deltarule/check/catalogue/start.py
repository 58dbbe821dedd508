"""Mistakes in the start and in the data: they show in weights out of a run, where a function is handed both.

A start is drawn from a stream, shape by shape, column by column, and brought into a range; each of these may be
otherwise. The data are otherwise as the catalogue's mistakes are: by a step in place of a listing's.
"""

from copy import copy
from dataclasses import dataclass
from itertools import product

import numpy as np

from ... import data, matlab
from ...listings.experiments import EXPERIMENTS, uniform_start
from ..listings import laid_out
from ..steps import step
from .mistake import Mistake

SEEDS = ("default", *range(1, 21), 42, 100, 123, 1234, 12345, *range(2019, 2027))
"""Seeds that people take, for weights whose seed is not told; 0 is "default"."""
TWISTER = 5489  # the seed that 0 and "default" stand for
LATER = (1, 2, 3)  # runs of the same script before, in the same session


GATES = {
    "targets-separable": ("the separable [0 0 1 1]", (0, 0, 1, 1)),
    "targets-xor": ("XOR's [0 1 1 0]", (0, 1, 1, 0)),
    "targets-and": ("AND's [0 0 0 1]", (0, 0, 0, 1)),
    "targets-or": ("OR's [0 1 1 1]", (0, 1, 1, 1)),
}
"""By mistake, targets that four samples may have been given, and what they are called."""


@dataclass(frozen=True)
class Start:
    """Weights to begin with, and how they come about.

    Attributes
    ----------
    mistakes : tuple of Mistake
        What is wrong with them; none for the right start.
    seed : int or str
    weights : tuple of array
    rng : deltarule.matlab.Stream
        As it stands behind the start.
    """

    mistakes: tuple
    seed: object
    weights: tuple
    rng: object


class Source:
    """Uniform and normal numbers, shaped column by column as MATLAB does, or row by row.

    Parameters
    ----------
    numbers : deltarule.matlab.Stream, numpy.random.RandomState or numpy.random.Generator
    order : {"F", "C"}
    """

    def __init__(self, numbers, order):
        self.numbers, self.order = numbers, order
        self.of_matlab = isinstance(numbers, matlab.Stream)

    def rand(self, *shape):
        """Uniform numbers between 0 and 1."""
        n = int(np.prod(shape))
        flat = self.numbers.rand(n, 1) if self.of_matlab else getattr(self.numbers, "random_sample", self._random)(n)
        return flat.reshape(shape, order=self.order)

    def randn(self, *shape):
        """Normal numbers."""
        n = int(np.prod(shape))
        flat = self.numbers.randn(n, 1) if self.of_matlab else self.numbers.standard_normal(n)
        return flat.reshape(shape, order=self.order)

    def _random(self, n):
        return self.numbers.random(n)


def _wrong(id, says, should):
    return Mistake(id, says, {}, should)


def number(seed):
    """The seed as a number: 0 for "default"."""
    return 0 if seed == "default" else seed


def shown(seed, generator="twister"):
    """A seed as MATLAB has it: ``rng(3)``."""
    if generator == "v4":
        return f"rand('seed', {number(seed)})"
    return "rng default" if seed == "default" else f"rng({seed})"


def _sources(seed, generator):
    """Where the numbers come from: (mistake or None, function that begins them, order)."""
    s, should = number(seed), f"they should be those of MATLAB's {shown(seed, generator)}"
    numpy_s = np.random.RandomState

    def wrong(id, what, make, order="F"):
        return _wrong(id, f"the starting weights are {what}", should), make, order

    found = [(None, lambda: matlab.rng(seed, generator), "F")]
    if s == 0:
        what = "NumPy's numbers of np.random.seed(0), row by row, where MATLAB's rng(0) means 5489"
        found.append(wrong("seed-0", what, lambda: numpy_s(0), "C"))
    what = f"the numbers of Octave's rng({s}, 'twister'), or of Python's random.seed({s})"
    found.append(wrong("octave-stream", what, lambda: numpy_s([s])))
    what = f"NumPy's numbers of default_rng({s}), row by row"
    found.append(wrong("default-rng", what, lambda: np.random.default_rng(s), "C"))
    other = "v4" if generator == "twister" else "twister"
    what = f"the numbers of MATLAB's {'legacy ' * (other == 'v4')}generator {other}, {shown(s, other)}"
    found.append(wrong(f"generator-{other}", what, lambda: matlab.rng(s, other)))
    return found


ROWS = _wrong("filled-row-by-row", "the random numbers fill each matrix row by row", "MATLAB fills column by column")
COLUMNS = _wrong("filled-column-by-column", "those fill each matrix column by column", "so do MATLAB's own numbers")
ORDERS = (
    (None, "forward"),
    (_wrong("last-first", "the last weights are drawn first: W2 before W1", "they should be drawn in order"), "back"),
    (_wrong("seeded-again", "the stream is seeded again for each of the weights", "it should be seeded once"), "again"),
)
RANGE = "they should be 2*rand - 1, uniform between -1 and 1"
RANGES = (
    (None, lambda r, *shape: 2 * r.rand(*shape) - 1),
    (_wrong("rand-alone", "the starting weights are rand, between 0 and 1", RANGE), lambda r, *n: r.rand(*n)),
    (_wrong("rand-half", "the starting weights are rand - 0.5", RANGE), lambda r, *n: r.rand(*n) - 0.5),
    (_wrong("rand-minus-1", "the starting weights are rand - 1", RANGE), lambda r, *n: r.rand(*n) - 1),
    (_wrong("one-minus-2-rand", "the starting weights are 1 - 2*rand", RANGE), lambda r, *n: 1 - 2 * r.rand(*n)),
    (_wrong("randn", "the starting weights are randn, normal", RANGE), lambda r, *n: r.randn(*n)),
    (_wrong("randn-range", "the starting weights are 2*randn - 1", RANGE), lambda r, *n: 2 * r.randn(*n) - 1),
    (_wrong("randn-small", "the starting weights are 0.01*randn", RANGE), lambda r, *n: 0.01 * r.randn(*n)),
)


NORMAL = {"randn", "randn-range", "randn-small"}


def _drawn(experiment, shapes, make, order, way="forward", ranged=RANGES[0][1]):
    """Starting weights from a source, and what draws behind them; None where that is no stream of MATLAB's."""
    source, weights = Source(make(), order), {}
    if experiment.draw is not uniform_start:
        weights = dict(enumerate(experiment.draw(source, *shapes)))
    else:
        for at in range(len(shapes))[:: -1 if way == "back" else 1]:
            if way == "again":
                source = Source(make(), order)
            weights[at] = ranged(source, *shapes[at])
    return tuple(weights[at] for at in range(len(shapes))), source.numbers if source.of_matlab else None


def right(script, seed, generator="twister", shapes=None):
    """The start as a script has it, from a seed."""
    experiment = EXPERIMENTS[script]
    rng = matlab.rng(seed, generator)
    return Start((), seed, experiment.draw(rng, *(shapes or experiment.shapes())), rng)


def starts(script, seed, generator="twister", shapes=None):
    """The starts that are wrong, for a script and a seed: with one mistake, then with two.

    Parameters
    ----------
    script : str
        A name in `deltarule.listings.experiments.EXPERIMENTS`.
    seed : int or "default"
    generator : {"twister", "v4"}
    shapes : list of tuple, optional
        Of the weights, where they are not the script's.

    Returns
    -------
    list of Start
    """
    experiment = EXPERIMENTS[script]
    shapes = shapes or experiment.shapes()
    first = right(script, seed, generator, shapes)
    found = [
        *_combined(experiment, shapes, seed, generator),
        *_later(experiment, shapes, seed, generator),
        *_of_numpy(experiment, shapes, seed, generator),
    ]
    zeros = _wrong("zeros", "the starting weights are all 0", RANGE)
    found.append(Start((zeros,), seed, tuple(np.zeros(shape) for shape in shapes), None))
    found = [Start(s.mistakes, s.seed, s.weights, s.rng or copy(first.rng)) for s in found]
    return _different(sorted(found, key=lambda each: len(each.mistakes)), first)


def _combined(experiment, shapes, seed, generator):
    """The starts with one or two of: another source, order of filling, order of the weights, range."""
    plain = experiment.draw is uniform_start
    orders, ranges = (ORDERS if len(shapes) > 1 else ORDERS[:1], RANGES) if plain else (ORDERS[:1], RANGES[:1])
    for (source, make, order), turned, (late, way), (outside, ranged) in product(
        _sources(seed, generator), (False, True), orders, ranges
    ):
        fill = (COLUMNS if order == "C" else ROWS) if turned else None
        made = tuple(m for m in (source, fill, late, outside) if m)
        unknown = source and source.id == "octave-stream" and outside and outside.id in NORMAL  # Octave's are others
        if len(made) in (1, 2) and not unknown:
            filled = ("C" if order == "F" else "F") if turned else order
            yield Start(made, seed, *_drawn(experiment, shapes, make, filled, way, ranged))


def _of_numpy(experiment, shapes, seed, generator):
    """The starts with normal numbers of NumPy's RandomState, whose uniform ones are MATLAB's."""
    s = number(seed)
    if s == 0 or generator != "twister":
        return
    for outside, ranged in RANGES if experiment.draw is uniform_start else RANGES[:1]:
        if experiment.draw is not uniform_start or (outside and outside.id in NORMAL):
            says = f"the normal numbers of the start are those of NumPy's np.random.seed({s}), row by row"
            wrong = _wrong("numpy-normal", says, f"they should be those of MATLAB's {shown(seed)}")
            weights, _ = _drawn(experiment, shapes, lambda: np.random.RandomState(s), "C", ranged=ranged)
            yield Start((wrong, outside) if outside else (wrong,), seed, weights, None)


def _later(experiment, shapes, seed, generator):
    """The starts of later runs in one session, where the stream goes on."""
    if experiment.random:
        return []
    rng, found = matlab.rng(seed, generator), []
    experiment.draw(rng, *shapes)
    for runs in LATER:
        says = f"the start is that of run {runs + 1} in one session: the stream was not seeded anew"
        weights = experiment.draw(rng, *shapes)
        mistake = _wrong(f"not-seeded-{runs}", says, f"{shown(seed, generator)} should come before each run")
        found.append(Start((mistake,), seed, weights, copy(rng)))
    return found


def others(script, seed, generator="twister", shapes=None):
    """The starts from other seeds that people take."""
    told = f"it should be drawn from {shown(seed, generator)}"
    found = []
    for other in SEEDS:
        if number(other) not in (number(seed), TWISTER if number(seed) == 0 else None):
            mistake = _wrong(f"seed-{other}", f"the start is drawn from {shown(other, generator)}", told)
            start = right(script, other, generator, shapes)
            found.append(Start((mistake,), other, start.weights, start.rng))
    return found


def _different(found, first):
    """The starts whose weights are neither the first's nor those of one before."""
    seen, kept = {_key(first)}, []
    for start in found:
        if _key(start) not in seen:
            seen.add(_key(start))
            kept.append(start)
    return kept


def _key(start):
    return b"".join(W.tobytes() for W in start.weights)


def data_mistakes(script):
    """Mistakes in the samples and targets that no function sees, since it is handed them.

    Parameters
    ----------
    script : str

    Returns
    -------
    list of Mistake
        As those of the catalogue.
    """
    X, D = EXPERIMENTS[script].samples()
    if D.ndim > 1 or len(X) != 4:
        return []
    taken = "the separable" if np.array_equal(D, data.linear()[1]) else "XOR's"
    should = f"they should be {taken} [{' '.join(f'{d:g}' for d in D.ravel())}]"
    found = [
        Mistake(id, f"the targets are {what}", {"ds": _constant(values)}, should)
        for id, (what, values) in GATES.items()
        if not np.array_equal(values, D.ravel())
    ]
    if taken != "XOR's":
        found.append(Mistake("targets-xnor", "the targets are [1 0 0 1]", {"ds": _constant((1, 0, 0, 1))}, should))
    return found + _samples()


def _constant(values):
    return step("", lambda: np.array(values, dtype=np.float64)[:, None])


def _samples():
    def otherwise(id, function, says, should):
        return Mistake(id, says, {"xs": step("X", lambda X: function(laid_out(X)))}, should)

    return [
        otherwise("inputs-exchanged", lambda x: x[:, [1, 0, 2]], "the samples count with the first input fastest",
                  "they should be (0, 0), (0, 1), (1, 0), (1, 1)"),
        otherwise("constant-first", lambda x: x[:, [2, 0, 1]], "the constant input 1 comes first", "it should be last"),
        otherwise("inputs-bipolar", lambda x: x * [2, 2, 1] - [1, 1, 0], "the inputs are -1 and 1",
                  "they should be 0 and 1"),
        otherwise("constant-minus", lambda x: x * [1, 1, -1], "the constant input is -1", "it should be 1"),
    ]  # fmt: skip
