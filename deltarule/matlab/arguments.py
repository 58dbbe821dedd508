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
LARGEST_EXACT = 2**53  # beyond it, a float cannot tell neighbouring integers apart
INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
MOST_DIMENSIONS = 32  # what every version of NumPy has


def integer(name, value, low, high):
    """`value` as an int from `low` to `high`; TypeError or ValueError that names it otherwise."""
    number = value if type(value) is int else _whole(name, value, f"an integer from {low} to {high}")
    if not low <= number <= high:
        raise ValueError(f"{name} must be an integer from {low} to {high}, not {shown(number)}")
    return number


def shape(sizes):
    """The shape that MATLAB's sizes mean: ``n``, ``m, n, ...``, or all of them in one tuple, list or array."""
    checked = tuple([_size(n) for n in _listed(sizes)])
    if not 1 <= len(checked) <= MOST_DIMENSIONS:
        raise ValueError(f"shape must hold 1 to {MOST_DIMENSIONS} sizes, not {len(checked)}")
    if math.prod(checked) > MOST_NUMBERS:
        raise ValueError(f"shape must stand for at most {MOST_NUMBERS} numbers, not {shown(checked)}")
    return checked * 2 if len(checked) == 1 else checked


def reshaped(sizes):
    """The sizes given to `reshape`, of which one may be None, as a list with -1 for it."""
    checked = [-1 if n is None else _size(n) for n in _listed(sizes)]
    if checked.count(-1) > 1:
        raise ValueError(f"shape must hold None once at most, not {shown(sizes)}")
    return checked


def shape_and_class(sizes, classes):
    """The shape, () for one number, and the class named after it, or None."""
    name = sizes[-1] if isinstance(sizes[-1], str) else None
    if name is None:
        return shape(sizes), None
    if name not in classes:
        raise ValueError(f"class must be {_one_of(classes)}, not {shown(name)}")
    return shape(sizes[:-1]) if len(sizes) > 1 else (), name


def parameters(sizes, **given):
    """The shape for which parameters of a distribution stand, and these as finite float64 arrays."""
    arrays = [_finite(name, value) for name, value in given.items()]
    shapes = {a.shape for a in arrays if a.ndim}
    wanted = shape(sizes) if sizes else next(iter(shapes), ())
    for name, a in zip(given, arrays, strict=True):
        if a.ndim and a.shape != wanted:
            raise ValueError(f"{name} must be a number or an array of shape {wanted}, not of shape {a.shape}")
    return wanted, arrays


def _finite(name, value):
    """A real number or array of them, all finite; an array of one element is a number."""
    a = numbers(name, value).astype(np.float64)
    if not np.isfinite(a).all():
        raise ValueError(f"{name} must be finite, not {shown(value)}")
    return a.reshape(()) if a.size == 1 else a


def population(n):
    """The vector to draw from, or None where `n` is how many numbers there are."""
    if not isinstance(n, list | tuple | np.ndarray):
        return None
    a = array("n", n)
    if a.size == 1:
        return None
    if a.size != max(a.shape):
        raise ValueError(f"n must be a number or a vector, not an array of shape {a.shape}")
    return a.ravel()


def pair(given):
    """The arguments n and k of ``randperm(n, k)``."""
    if not isinstance(given, tuple | list | np.ndarray) or len(given) != 2:
        raise ValueError(f"pairs must be pairs of integers (n, k), not {shown(given)}")
    n = integer("n", given[0], 0, LARGEST_EXACT)
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


def fits(given, low, high, name):
    """ValueError unless the class holds the limits exactly."""
    if name is None:
        return
    ends = {"double": (-(2**53), 2**53), "single": (-(2**24), 2**24)}
    smallest, largest = ends.get(name) or (np.iinfo(name).min, np.iinfo(name).max)
    if low < smallest or high > largest:
        raise ValueError(f"limits must lie from {smallest} to {largest} for {name!r}, not {shown(given)}")


def seed(given, largest=LARGEST_SEED):
    """The seed as an int; "default" is 0, as MATLAB's ``rng`` shows it."""
    if isinstance(given, str) and given == "default":
        return 0
    wanted = f"an integer from 0 to {largest} or 'default'"
    if isinstance(given, str):
        raise ValueError(f"seed must be {wanted}, not {shown(given)}")
    number = given if type(given) is int else _whole("seed", given, wanted)
    if not 0 <= number <= largest:
        raise ValueError(f"seed must be {wanted}, not {shown(number)}")
    return number


def is_state(given):
    """Whether it is meant as a state: a dict, or a structure as a file of MATLAB holds it."""
    return isinstance(given, dict) or getattr(getattr(given, "dtype", None), "names", None) is not None


def state(given, sizes):
    """The generator's name, the seed and the words (uint32) of a state, of which each generator has so many."""
    if not is_state(given):
        raise TypeError(f"state must be a dict or structure with Type, Seed and State, not {shown(given)}")
    if not isinstance(given, dict):
        if given.size != 1:
            raise ValueError(f"state must be one structure, not {given.size} of them")
        record = given.reshape(-1)[0]
        given = {name: record[name] for name in given.dtype.names}
    missing = [name for name in ("Type", "Seed", "State") if name not in given]
    if missing:
        raise ValueError(f"state must have the fields Type, Seed and State; it lacks {', '.join(missing)}")
    name = given["Type"].item() if isinstance(given["Type"], np.ndarray) and given["Type"].size == 1 else given["Type"]
    if not isinstance(name, str) or name not in sizes:
        refuse_generator("Type", name, sizes)
    return name, integer("Seed", given["Seed"], 0, LARGEST_SEED), _words(given["State"], name, sizes[name])


def _words(given, name, size):
    """The field State as a vector of `size` words."""
    words = numbers("State", given).ravel()
    if words.size != size or not ((words >= 0) & (words <= LARGEST_SEED) & (words == np.floor(words))).all():
        raise ValueError(f"State must be {size} integers from 0 to {LARGEST_SEED} for {name!r}, not {shown(given)}")
    return words.astype(np.uint32)


def refuse_generator(name, given, known):
    """TypeError or ValueError: the generator is none of those known."""
    if not isinstance(given, str):
        raise TypeError(f"{name} must be {_one_of(known)}, not {shown(given)}")
    raise ValueError(f"{name} must be {_one_of(known)}, not {shown(given)}; the numbers of others are not known here")


def array(name, value):
    """`value` as an array; ValueError where it is a list whose rows differ in length."""
    try:
        return np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} must be an array, not {shown(value)}, whose rows differ in length") from None


def numbers(name, value):
    """`value` as an array of real numbers."""
    a = array(name, value)
    if a.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be a number or an array of numbers, not {shown(value)}")
    return a


def shown(value):
    """The value as a message shows it: short, on one line."""
    return " ".join(_SHORT.repr(value).split())


class _Short(reprlib.Repr):
    """What Python's short form does not do: integers too long to print."""

    def repr_int(self, x, level):
        return repr(x) if x.bit_length() <= 128 else f"an integer of {x.bit_length()} bits"


_SHORT = _Short()
_SHORT.maxother = _SHORT.maxstring = 60


def _listed(sizes):
    """The sizes, given one by one or in one tuple, list or array."""
    if len(sizes) != 1:
        return sizes
    if isinstance(sizes[0], np.ndarray):
        return sizes[0].ravel()
    return sizes[0] if isinstance(sizes[0], tuple | list) else sizes


def _size(n):
    number = n if type(n) is int else _whole("shape", n, "sizes, integers of 0 or more")
    if number < 0:
        raise ValueError(f"shape must be sizes, integers of 0 or more, not {shown(number)} (MATLAB takes it for 0)")
    if number > sys.maxsize:
        raise ValueError(f"shape must be sizes of at most {sys.maxsize}, not {shown(number)}")
    return number


def _one_of(names):
    """'a', 'b' or 'c'."""
    *first, last = map(repr, names)
    return f"{', '.join(first)} or {last}" if first else last


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
