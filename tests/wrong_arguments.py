"""Random wrong arguments for the public functions: each gives the right result, or an error that names the argument.

python tests/wrong_arguments.py [CALLS] [SEED]     10000 calls unless said otherwise; prints each find; exit 1 if any

A call is right when it returns what the same call with plain float64 arrays (float32 stays) returns, within rounding,
or raises TypeError or ValueError with a message that holds the name of one of the arguments. What an argument of a
class of its own raises when it is asked for its numbers arrives as it is.
"""

import collections
import decimal
import fractions
import re
import sys
import warnings

import numpy as np

import deltarule
from deltarule import matlab

SMALL = {  # by function, arguments that it takes
    "delta_sgd": {"W": (1, 3), "X": (4, 3), "D": (4,), "alpha": 0.9},
    "delta_batch": {"W": (1, 3), "X": (4, 3), "D": (4,), "alpha": 0.9},
    "delta_minibatch": {"W": (1, 3), "X": (4, 3), "D": (4,), "alpha": 0.9, "batch_size": 2},
    "single_layer_forward": {"W": (1, 3), "X": (4, 3)},
    "backprop_xor": {"W1": (4, 3), "W2": (1, 4), "X": (4, 3), "D": (4,), "alpha": 0.9},
    "backprop_mmt": {"W1": (4, 3), "W2": (1, 4), "X": (4, 3), "D": (4,), "alpha": 0.9, "beta": 0.9, "momenta": None},
    "backprop_ce": {"W1": (4, 3), "W2": (1, 4), "X": (4, 3), "D": (4,), "alpha": 0.9},
    "multi_layer_forward": {"W1": (4, 3), "W2": (1, 4), "X": (4, 3)},
    "multi_class": {"W1": (6, 25), "W2": (5, 6), "X": (5, 5, 5), "D": "one-hot", "alpha": 0.9},
    "multi_class_forward": {"W1": (6, 25), "W2": (5, 6), "X": (5, 5, 5)},
    "deep_relu": {
        "W1": (6, 25),
        "W2": (6, 6),
        "W3": (6, 6),
        "W4": (5, 6),
        "X": (5, 5, 5),
        "D": "one-hot",
        "alpha": 0.01,
    },
    "deep_relu_forward": {"W1": (6, 25), "W2": (6, 6), "W3": (6, 6), "W4": (5, 6), "X": (5, 5, 5)},
    "deep_dropout": {
        "W1": (6, 25),
        "W2": (6, 6),
        "W3": (6, 6),
        "W4": (5, 6),
        "X": (5, 5, 5),
        "D": "one-hot",
        "alpha": 0.01,
        "ratio": 0.2,
        "rng": "stream",
        "slope": "listing",
    },
    "deep_dropout_forward": {"W1": (6, 25), "W2": (6, 6), "W3": (6, 6), "W4": (5, 6), "X": (5, 5, 5)},
    "mnist_conv": {
        "W1": (3, 3, 2),
        "W5": (4, 8),
        "Wo": (10, 4),
        "X": (6, 6, 6),
        "D": "digits",
        "alpha": 0.01,
        "beta": 0.95,
        "batch_size": 3,
        "momenta": None,
        "form": "auto",
    },
    "mnist_conv_forward": {"W1": (3, 3, 2), "W5": (4, 8), "Wo": (10, 4), "X": (6, 6, 6), "form": "auto"},
    "conv": {"x": (6, 6), "W": (3, 3, 2), "form": "auto"},
    "pool": {"x": (4, 4, 2)},
    "feature_maps": {"W1": (3, 3, 2), "x": (6, 6, 6), "form": "auto"},
    "sigmoid": {"x": (3,)},
    "relu": {"x": (3,)},
    "softmax": {"x": (3, 2)},
    "dropout": {"y": (5, 1), "ratio": 0.2, "rng": "stream"},
    "sum_squared_error": {"d": (4,), "y": (4,)},
    "cross_entropy": {"d": (4,), "y": (4,)},
}


def right(spec, rng):
    """An argument that the function takes."""
    if isinstance(spec, tuple):
        return rng.random(spec)
    if spec == "one-hot":
        return np.eye(5)
    if spec == "digits":
        return np.array([7, 2, 1, 0, 4, 1])
    return matlab.rng(1) if spec == "stream" else spec


class OwnError(Exception):
    """What an argument of a class of its own raises."""


class Raises:
    """Has an array, and does not give it."""

    def __array__(self, dtype=None, copy=None):
        raise OwnError


def recursive():
    a = []
    a.append(a)
    return a


def wrong(value, rng):
    """Something else in the place of an argument: of another kind, shape, dtype, size, or with other numbers in it."""
    kinds = [*OTHER_KINDS]
    if isinstance(value, np.ndarray):
        kinds += [lambda kind=kind: kind(value, rng) for kind in CHANGED]
    return rng.choice_of(kinds)()


OTHER_KINDS = [
    lambda: None,
    lambda: "a",
    lambda: "",
    lambda: b"bytes",
    lambda: True,
    lambda: 0,
    lambda: -1,
    lambda: 3,
    lambda: 0.5,
    lambda: 2**70,
    lambda: -(2**63) - 1,
    lambda: 10**400,
    lambda: float("nan"),
    lambda: float("inf"),
    lambda: 1e308,
    lambda: 5e-324,
    lambda: 1j,
    lambda: fractions.Fraction(1, 2),
    lambda: decimal.Decimal("0.5"),
    lambda: np.float32(0.5),
    lambda: np.int8(-128),
    lambda: np.array(0.9),
    lambda: np.bool_(True),
    lambda: np.datetime64("2020-01-01"),
    lambda: [],
    lambda: (),
    lambda: {},
    lambda: {1, 2},
    lambda: [[1.0], [1.0, 2.0]],
    lambda: [1, "a"],
    lambda: [[1, 2], [3, 4]],
    lambda: recursive(),
    lambda: object(),
    lambda: int,
    lambda: len,
    lambda: iter([1.0]),
    lambda: range(3),
    lambda: Raises(),
    lambda: np.empty((0,)),
    lambda: np.empty((0, 3)),
    lambda: np.zeros((1,) * 12),
    lambda: np.array(None),
    lambda: np.array(["a"]),
    lambda: np.array([object()]),
    lambda: np.zeros(3, dtype=[("a", float)]),
    lambda: matlab.rng(2),
    lambda: "matmul",
    lambda: "exact",
    lambda: [0.1, 0.2],
    lambda: np.ma.masked,
    lambda: NotImplemented,
    lambda: ...,
]
CHANGED = [
    lambda a, rng: a.tolist(),
    lambda a, rng: np.asmatrix(a) if a.ndim == 2 else a,
    lambda a, rng: np.ma.array(a, mask=a > 0.5),
    lambda a, rng: a.astype(">f8"),
    lambda a, rng: a.astype(rng.choice_of(["f2", "f4", "g", "c16", "u1", "i1", "i8", "u8", "?", "O", "U8"])),
    lambda a, rng: (a * 1e300).astype("f8"),
    lambda a, rng: np.where(rng.random(a.shape) < 0.2, rng.choice_of([np.nan, np.inf, -np.inf, -1.0, 11.0, 1e308]), a),
    lambda a, rng: a[..., :-1],
    lambda a, rng: a[:1],
    lambda a, rng: a[:0],
    lambda a, rng: a[None],
    lambda a, rng: np.stack([a, a]),
    lambda a, rng: np.stack([a, a, a], axis=-1),
    lambda a, rng: a.T,
    lambda a, rng: a.ravel(),
    lambda a, rng: a[::-1],
    lambda a, rng: np.broadcast_to(a.ravel()[0], a.shape),
    lambda a, rng: np.asfortranarray(a),
    lambda a, rng: [a, a],
    lambda a, rng: (a, a[..., :1]),
]


class Random(np.random.Generator):
    """Random numbers, and random things out of a list."""

    def choice_of(self, things):
        return things[self.integers(len(things))]


def call(name, arguments):
    """Call a public function by position where it takes that, and by keyword where not."""
    function = getattr(deltarule, name)
    keywords = {
        key: value for key, value in arguments.items() if key in (function.__kwdefaults__ or {}) or key == "rng"
    }
    if name == "dropout":
        keywords = {}
    return function(*[value for key, value in arguments.items() if key not in keywords], **keywords)


def plain(value):
    """An array argument as plain float64, float32 staying; anything else as it is."""
    if isinstance(value, list | tuple | np.ndarray):
        try:
            a = np.asarray(value)
        except (ValueError, RecursionError):
            return value
        if a.dtype.kind in "iub" or (a.dtype.kind == "f" and a.dtype.itemsize != 4):
            return np.array(a, dtype=np.float64)
    return value


def same(a, b):
    """Whether two results are equal within rounding, of which the layout in memory decides; NaN included."""
    if isinstance(a, tuple) or isinstance(b, tuple):
        return isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b) and all(map(same, a, b))
    a, b = np.asarray(a), np.asarray(b)
    if a.dtype.kind != "f" or a.dtype != b.dtype or a.shape != b.shape:
        return False
    finite = np.isfinite(b)
    bound = 1e-12 + (1e-4 if a.dtype == np.float32 else 1e-10) * abs(b[finite])
    return np.array_equal(a[~finite], b[~finite], equal_nan=True) and bool((abs(a[finite] - b[finite]) <= bound).all())


def attempt(name, number, seed=0):
    """What is wrong with how a function takes random wrong arguments; empty if nothing is."""
    rng = Random(np.random.PCG64([seed, number, *name.encode()]))
    arguments = {key: right(spec, rng) for key, spec in SMALL[name].items()}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for key in rng.permutation(list(arguments))[: rng.integers(1, 3)]:
            arguments[key] = wrong(arguments[key], rng)
        try:
            found = call(name, arguments)
        except (TypeError, ValueError) as error:
            named = [key for key in arguments if re.search(rf"(?<!\w){key}(?!\w)", str(error))]
            if named or "weights" in str(error):
                return ""
            return f"{name}: {type(error).__name__} names no argument: {error}"
        except OwnError:
            return ""
        except Exception as error:
            return f"{name}: {type(error).__name__}: {error}"
        if "rng" in arguments:
            return ""  # the stream has moved on
        try:
            expected = call(name, {key: plain(value) for key, value in arguments.items()})
        except Exception as error:
            return f"{name}: takes what it refuses as float64: {error}"
    return "" if same(found, expected) else f"{name}: another result than from float64, {found} and {expected}"


def main(calls=10_000, seed=0):
    finds = collections.Counter()
    names = list(SMALL)
    for number in range(calls):
        find = attempt(names[number % len(names)], number, seed)
        if find:
            finds[find[:160]] += 1
    for find, count in finds.most_common():
        print(f"{count} times: {find}")
    print(f"{calls} calls of {len(names)} functions, {sum(finds.values())} finds")
    return int(bool(finds))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
