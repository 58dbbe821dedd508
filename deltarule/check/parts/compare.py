"""What an object gave on the probes of a part, held against the steps of the part or of a variant of it."""

import traceback
from dataclasses import dataclass

import numpy as np

from ..compare import TOLERANCE, deviation, percent
from ..errors import BackwardError, NothingError, PortError
from ..steps import causes
from .finding import PartDifference
from .form import expected
from .mine import Mine, NotTaken
from .part import AFTER, MISSING, NothingReturned

SINGLE = 1e-6  # the least deviation of float32, of which a hundred times is allowed
LARGEST = 1e-2  # the most that is allowed to an object that computes in float32
SHAPE = "has the shape"
UNFITTING = (ValueError, IndexError)  # what NumPy raises for arrays that do not fit together
QUIET = ("diff", "form")  # options that plain functions do without


@dataclass(frozen=True)
class Result:
    """What an object gave on one probe.

    Attributes
    ----------
    probe : Probe
    found : dict from str to array
        By quantity; empty where it raised.
    observed : dict
        What came beside them.
    error : PortError or None
        Why it gave none.
    """

    probe: object
    found: dict
    observed: dict
    error: PortError | None = None

    def fails_as(self, failure):
        """Whether it gave nothing, for the same reason as steps whose exception is given."""
        if isinstance(failure, NothingReturned):
            return isinstance(self.error, NothingError)
        cause = None if self.error is None else self.error.__cause__
        return isinstance(cause, UNFITTING) and not raised_by_hand(cause)


def raised_by_hand(error):
    """Whether an exception comes from a line of its own that raises it, and not out of what a line works out."""
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and (frames[-1].line or "").startswith("raise ")


class Tried:
    """An object used in one way on all probes of a part.

    Parameters
    ----------
    part : Part
    use : callable
    note : str
        What is said of this way of using it.
    object, name
        As `Mine` takes them.
    """

    def __init__(self, part, use, note, object, name):
        self.part, mine = part, Mine(object, name)
        if note:
            mine.note(note)
        self.results, self.notes = [], mine.notes
        for k, probe in enumerate(part.probes):
            try:
                self.results.append(_result(mine, probe, use(mine, probe.given, probe.demands)))
            except NotTaken as option:
                if str(option) not in QUIET:
                    mine.note(f"it takes no {option}, and is not tried with any")
            except PortError as error:
                if k == 0:
                    raise
                if probe.refusal and not isinstance(error, BackwardError):
                    mine.note(probe.refusal)
                else:
                    self.results.append(Result(probe, {}, {}, error))
        if not self.results:
            raise PortError(f"{name} takes none of the arguments of {part.name}: {expected(part, object)}")
        self.tolerances = {}
        if any(a.dtype == np.float32 for result in self.results for a in result.found.values()):
            mine.note("it computes in float32")
            self.tolerances = self._of_float32()

    def _of_float32(self):
        """By probe and quantity, the deviation to allow: a hundred times that of the part's own steps in float32."""
        allowed = {}
        for result in self._given():
            probe, part = result.probe, self.part
            single = type(probe)(probe.name, _single(probe.given), probe.wanted)
            exact = part.quantities(part.steps, probe, result.observed)
            rough = part.quantities(part.steps, single, _single(result.observed))
            for name in probe.wanted:
                off = off_by(rough[name], exact[name]) if isinstance(rough, dict) else SINGLE
                allowed[probe.name, name] = min(100 * max(off, SINGLE), LARGEST)
        return allowed

    def _given(self):
        """The results of the probes on which the object gave something."""
        return [result for result in self.results if result.error is None]

    @property
    def count(self):
        """How many quantities there are."""
        return sum(len(result.probe.wanted) for result in self.results)

    def worst(self, steps):
        """The largest deviation from what some steps give; None where it is more than is allowed."""
        largest = 0.0
        for result in self.results:
            right = self.part.quantities(steps, result.probe, result.observed)
            if isinstance(right, Exception) or result.error:
                if not (isinstance(right, Exception) and result.fails_as(right)):
                    return None
                continue
            for name in result.probe.wanted:
                off = off_by(result.found[name], right[name])
                if not off <= self.allowed(result.probe, name):
                    return None
                largest = max(largest, off)
        return largest

    def wrong(self, steps):
        """How many quantities are not what some steps give."""
        return sum(
            not off_by(result.found[name], right[name]) <= self.allowed(result.probe, name)
            for result in self._given()
            for right in [self.part.quantities(steps, result.probe, result.observed)]
            for name in result.probe.wanted
        )

    def allowed(self, probe, name):
        """The deviation that is allowed to a quantity."""
        return self.tolerances.get((probe.name, name), TOLERANCE)

    def first(self, steps):
        """The first difference from what some steps give, and whether it is one of numbers; (None, True) if none."""
        for k, result in enumerate(self.results):
            if result.error:
                return PartDifference(result.probe.name, (), {"": str(result.error)}), True
            right = self.part.quantities(steps, result.probe, result.observed)
            wanted, off = result.probe.wanted, {}
            by = {name: off_by(result.found[name], right[name]) for name in wanted}
            for name in wanted:
                if not by[name] <= self.allowed(result.probe, name):
                    off[name] = how(result.found[name], right[name])
            if off:
                agrees = tuple(self.part.label(name) for name in wanted if name not in off)
                if any(how.startswith(SHAPE) for how in off.values()):  # what fits no shape was not asked for
                    off = {name: how for name, how in off.items() if result.found[name] is not MISSING}
                clear = k > 0 or all(how.startswith("is off by") for how in off.values())
                largest = max(by[name] for name in off)
                told = {self.part.label(name): how for name, how in off.items()}
                number = float(largest) if np.isfinite(largest) else None
                return PartDifference(result.probe.name, agrees, told, number), clear
        return None, True

    def known(self, steps):
        """What is known of a difference that no mistake explains, as sentences."""
        wrong, fine, said = set(), set(), []
        for result in self._given():
            right = self.part.quantities(steps, result.probe, result.observed)
            for name in result.probe.wanted:
                same = off_by(result.found[name], right[name]) <= self.allowed(result.probe, name)
                if not same and name not in wrong and not said:
                    said += factor(self.part.label(name), result.found[name], right[name])
                (fine if same else wrong).add(name)
        fine -= wrong
        if wrong and wrong <= self.part.steps.keys():
            between = set.intersection(*(causes(steps, name) for name in wrong))
            between -= set().union(*(causes(steps, name) for name in fine & steps.keys()))
            told = list(dict.fromkeys(self.part.label(name) for name in steps if name in between))
            if told:
                said.append(f"what would have to differ is one of {', '.join(told)}, or more than one")
        return tuple(said)


def _result(mine, probe, found):
    """The result of a probe; an argument that is overwritten is noted, where it is no quantity."""
    for name, value in found.items():
        if name.endswith(AFTER) and name not in probe.wanted:
            before = probe.given.get(name.removesuffix(AFTER))
            if isinstance(before, np.ndarray) and not np.array_equal(before, value):
                argument = name.removesuffix(AFTER).removeprefix("given_")
                mine.note(f"it overwrites the {argument} that it is given")
    wanted = {name: found[name] for name in probe.wanted}
    return Result(probe, wanted, {name: value for name, value in found.items() if name not in wanted})


def _single(values):
    """Arrays of float64 as float32; anything else as it is."""
    floats = {k: v for k, v in values.items() if isinstance(v, np.ndarray) and v.dtype == np.float64}
    return {**values, **{k: v.astype(np.float32) for k, v in floats.items()}}


def off_by(mine, right):
    """How far an array is from another, relative to the largest element; infinite where the shapes do not fit."""
    mine, right = np.asarray(mine, np.float64), np.asarray(right, np.float64)
    if mine.shape != right.shape:
        if mine.squeeze().shape != right.squeeze().shape:
            return float("inf")
        mine = mine.reshape(right.shape)
    return deviation(mine, right, 0.0)


def how(mine, right):
    """How an array differs from what it should be."""
    if mine is MISSING:
        return "is missing"
    mine, right = np.asarray(mine, np.float64), np.asarray(right, np.float64)
    if mine.shape == () and np.isnan(mine) and right.size > 1:
        return "is missing, or no number"
    if mine.squeeze().shape != right.squeeze().shape:
        return f"{SHAPE} {mine.shape}, where {right.shape} is wanted"
    bad = int((~np.isfinite(mine)).sum())
    if bad:
        where = f" at {bad} of {mine.size} places" if mine.size > 1 else ""
        return f"is not finite{where}"
    off = off_by(mine, right)
    if not np.isfinite(off):
        return "is off by any measure: it should be 0"
    return f"is off by {percent(off)} of its largest element"


def factor(name, mine, right):
    """A sentence that says how a quantity compares with what it should be, where that is simple; else where it is."""
    mine, right = np.asarray(mine, np.float64), np.asarray(right, np.float64)
    if mine.size != right.size or not np.isfinite(mine).all() or not np.isfinite(right).all() or mine.size == 0:
        return []
    shapes = f"in the shape {mine.shape} and not {right.shape}"
    mine, right = np.atleast_1d(mine.reshape(right.shape)), np.atleast_1d(right)
    if off_by(mine, right) <= TOLERANCE:
        return [f"{name} has the right numbers, {shapes}"]
    there = abs(right) > 1e-12 * abs(right).max()
    ratios = mine[there] / right[there]
    elsewhere = abs(mine[~there]).max(initial=0)  # 0 times any factor is 0
    if there.any() and elsewhere <= 1e-12 * abs(mine).max() and np.ptp(ratios) <= 1e-6 * abs(ratios).max():
        return [f"{name} is {ratios.mean():.6g} times what it should be, at every place"]
    offsets = mine - right
    if mine.size > 1 and np.ptp(offsets) <= 1e-6 * abs(offsets).max():
        return [f"{name} is {offsets.mean():.6g} more than it should be, at every place"]
    off = int((abs(offsets) > TOLERANCE * abs(right).max()).sum())
    return [f"{name} is wrong at {off} of {mine.size} places, by no constant factor"]
