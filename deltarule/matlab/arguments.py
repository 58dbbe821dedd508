"""Checks of what `deltarule.matlab` is given, and its messages.

MATLAB has no integers of its own, so every number may come as an int, as a float without a fraction, or as an array of
one element, which is what a file of MATLAB holds.
"""

import math
import operator
import reprlib
import sys

import numpy as np

LARGEST_SEED = 2**32 - 1
MOST_NUMBERS = sys.maxsize // 8  # float64 numbers that an address can tell apart
MOST_DIMENSIONS = 32  # what every version of NumPy has


def integer(name, value, low, high):
    """`value` as an int from `low` to `high`; TypeError or ValueError that names it otherwise."""
    number = value if type(value) is int else _whole(name, value, f"an integer from {low} to {high}")
    if not low <= number <= high:
        raise ValueError(f"{name} must be an integer from {low} to {high}, not {number}")
    return number


def shape(sizes):
    """The shape that MATLAB's sizes mean: ``n``, ``m, n, ...``, or all of them in one tuple, list or array."""
    vector = len(sizes) == 1 and isinstance(sizes[0], tuple | list | np.ndarray)
    given = np.ravel(sizes[0]) if vector and isinstance(sizes[0], np.ndarray) else sizes[0] if vector else sizes
    checked = tuple([_size(n) for n in given])
    if not 1 <= len(checked) <= MOST_DIMENSIONS:
        raise ValueError(f"shape must hold 1 to {MOST_DIMENSIONS} sizes, not {len(checked)}")
    if math.prod(checked) > MOST_NUMBERS:
        raise ValueError(f"shape must stand for at most {MOST_NUMBERS} numbers, not {shown(checked)}")
    return checked * 2 if len(checked) == 1 else checked


def reshaped(sizes):
    """The sizes given to `reshape`, of which one may be None, as a list with -1 for it."""
    if len(sizes) == 1 and isinstance(sizes[0], tuple | list | np.ndarray):
        sizes = np.ravel(sizes[0]) if isinstance(sizes[0], np.ndarray) else sizes[0]
    checked = [-1 if n is None else _size(n) for n in sizes]
    if checked.count(-1) > 1:
        raise ValueError(f"shape must hold None once at most, not {shown(sizes)}")
    return checked


def pair(given, largest):
    """The arguments n and k of ``randperm(n, k)``."""
    if not isinstance(given, tuple | list | np.ndarray) or len(given) != 2:
        raise ValueError(f"pairs must be pairs of integers (n, k), not {shown(given)}")
    n = integer("n", given[0], 0, largest)
    return n, integer("k", given[1], 0, n)


def limits(given):
    """The smallest and the largest integer that `randi` may draw."""
    pair = given.ravel() if isinstance(given, np.ndarray) else given
    pair = pair if isinstance(pair, tuple | list | np.ndarray) else (1, pair)
    if len(pair) == 1:
        pair = (1, pair[0])
    if len(pair) != 2:
        raise ValueError(f"limits must be the largest integer, or the smallest and the largest, not {shown(given)}")
    low, high = (integer("limits", end, -(2**63), 2**63 - 1) for end in pair)
    if low > high:
        raise ValueError(
            f"limits must be the largest integer from 1 on, or the smallest before the largest, not {shown(given)}"
        )
    if high - low >= 2**53:
        raise ValueError(f"limits must have at most 2**53 integers between them, not {shown(given)}")
    return low, high


def seed(given):
    """The seed as an int; "default" is 0, as MATLAB's ``rng`` shows it."""
    if isinstance(given, str) and given == "default":
        return 0
    wanted = f"an integer from 0 to {LARGEST_SEED} or 'default'"
    if isinstance(given, str):
        raise ValueError(f"seed must be {wanted}, not {shown(given)}")
    number = given if type(given) is int else _whole("seed", given, wanted)
    if not 0 <= number <= LARGEST_SEED:
        raise ValueError(f"seed must be {wanted}, not {number}")
    return number


def shown(value):
    """The value as a message shows it: short."""
    return _short.repr(value)


_short = reprlib.Repr()
_short.maxother = _short.maxstring = _short.maxlong = 60


def _size(n):
    number = n if type(n) is int else _whole("shape", n, "sizes, integers of 0 or more")
    if number < 0:
        raise ValueError(f"shape must be sizes, integers of 0 or more, not {number} (MATLAB takes it for 0)")
    if number > sys.maxsize:
        raise ValueError(f"shape must be sizes of at most {sys.maxsize}, not {number}")
    return number


def _whole(name, value, wanted):
    """The int that `value` is, or errors that say what is wanted."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "iuf":
        if value.size != 1:
            raise ValueError(f"{name} must be {wanted}, not an array of {value.size} numbers")
        value = value.item()
    if isinstance(value, float | np.floating):
        if not float(value).is_integer():
            raise ValueError(f"{name} must be {wanted}, not {value}")
        return int(value)
    if isinstance(value, bool | np.bool_ | np.ndarray) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} must be {wanted}, not {shown(value)} of type {type(value).__name__}")
    return operator.index(value)
