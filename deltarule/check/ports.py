"""A reader's function, called as the listing is: which arguments it takes, and in which form it returns weights.

Samples may be rows or columns, targets (N,), (N, 1) or (1, N), weights transposed; the weights may come back as a
tuple, a list or a dict, or be changed in place. What differs from the listing is said, and is no mistake.
"""

import inspect
import traceback
from dataclasses import dataclass
from itertools import product

import numpy as np

from ..basics.arrays import T, vectors
from .errors import CheckError, PortError
from .listings import LISTINGS
from .memory import Memory

EXTRAS = {
    "alpha": ("alpha", "lr", "eta", "rate", "learning_rate", "a"),
    "beta": ("beta", "momentum", "mmt", "mu"),
    "ratio": ("ratio", "dropout_ratio", "drop", "p"),
    "rng": ("rng", "stream", "generator", "random", "random_state"),
    "batch_size": ("batch_size", "bsize", "batch", "size", "batchsize"),
    "epochs": ("epochs", "epoch", "n_epochs", "num_epochs", "iterations", "n_iter"),
}
"""By what it is, how a further argument of a port may be called."""
SAMPLES = ("x", "inputs", "input", "images", "samples", "data")
TARGETS = ("d", "t", "targets", "target", "labels", "label", "y")
FLAT = "images are given as vectors"
LIST = "a list of the weights"
VALUES = {"alpha": None, "beta": None, "ratio": 0.2, "batch_size": None, "epochs": 1}


@dataclass(frozen=True)
class Convention:
    """How samples, targets and weights are handed to a port.

    Attributes
    ----------
    notes : tuple of str
        What differs from the listing's own form, for people.
    samples, targets : callable
        From the listing's X or D to the port's.
    transposed : bool
        Whether the weights are.
    flat : bool
        Whether images are given as vectors, which is tried where a port refuses them as images: one that takes both
        reads images in its own order.
    """

    notes: tuple
    samples: object
    targets: object
    transposed: bool
    flat: bool = False


def _same(a):
    return a


def _as_columns(X):
    return T(X) if X.ndim == 2 else np.moveaxis(X, 0, -1)


def conventions(listing, D):
    """The conventions to try, the listing's own first."""
    one_hot = D.ndim == 2
    xs = [("", _same), ("samples are columns", _as_columns)]
    if listing in ("multi_class", "deep_relu", "deep_dropout"):
        xs[1:] = [
            ("images lie along the last axis, as in MATLAB", _as_columns),
            (FLAT, vectors),
            (f"{FLAT}, as columns", lambda X: T(vectors(X))),
        ]
    if listing == "mnist_conv":
        xs[1:] = [("images lie along the last axis, as in MATLAB", _as_columns)]
        ds = [("", _same), ("targets are (N, 1)", lambda D: D[:, None]),
              ("digits are classes 1 to 10", lambda D: np.where(D == 0, 10, D)),
              ("digits are classes 1 to 10, (N, 1)", lambda D: np.where(D == 0, 10, D)[:, None])]  # fmt: skip
    elif one_hot:
        ds = [("", _same), ("targets are columns", T)]
    else:
        ds = [("", _same), ("targets are (N, 1)", lambda D: D[:, None]), ("targets are (1, N)", lambda D: D[None])]
    weights = [("", False), ("weights are transposed", True)]
    return [
        Convention(tuple(note for note in (w[0], x[0], d[0]) if note), x[1], d[1], w[1], x[0].startswith(FLAT))
        for w, x, d in product(weights, xs, ds)
    ]


class Port:
    """A function that trains one epoch of a listing.

    Parameters
    ----------
    function : callable
    listing : str
    constants : dict
        The listing's alpha, beta and batch_size, for arguments that the function asks for.

    Raises
    ------
    CheckError
        If its arguments are none that a listing has.
    """

    def __init__(self, function, listing, constants):
        if not callable(function):
            raise CheckError(f"the port must be a function, not {function!r} of type {type(function).__name__}")
        self.function, self.listing = function, listing
        self.name = getattr(function, "__name__", type(function).__name__)
        self.weights = LISTINGS[listing].weights
        self.values = {**VALUES, **constants}
        self.convention = conventions(listing, np.zeros(1))[0]
        self.notes = []
        self.memory = Memory(function)
        self._bind()

    def begin(self):
        """Put back what the function keeps from one call to the next, before another start."""
        self.memory.restore()

    def conventions(self, D):
        """The conventions to try, the listing's own first."""
        return conventions(self.listing, D)

    def _bind(self):
        """Find out what each argument is."""
        parameters = _parameters(self.function)
        self.one_list, self.extra, self.keywords = False, {}, []
        expected = [*self.weights, "X", "D"]
        if parameters is None:
            self.order = expected
            return
        many = any(p.kind is p.VAR_POSITIONAL for p in parameters)
        plain = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
        wanted = [p for p in plain if p.default is p.empty and what_is(p) is None]
        self.extra = {p.name: what_is(p) for p in plain if what_is(p) and (p.default is p.empty or what_is(p) == "rng")}
        self._check_random(parameters)
        names = [p.name for p in wanted]
        if len(names) == 3 and len(expected) > 3:
            self.one_list, expected = True, [LIST, "X", "D"]
        if not many and len(names) != len(expected):
            several = "arguments" if len(names) != 1 else "argument"
            have = "have" if len(names) != 1 else "has"
            raise CheckError(
                f"{self.name} takes {len(names)} {several} ({', '.join(names) or 'none'}) that {have} no default; "
                f"{self.listing} takes {len(expected)}: {', '.join(expected)}"
            )
        self.order = expected if many else _in_order(names, expected)
        self.positional = [p.kind is not p.KEYWORD_ONLY for p in wanted]
        self.keywords = [] if many else names
        self._extra_positional(plain)

    def _check_random(self, parameters):
        """A port of a listing that draws must take the stream that it draws from, so that it can be followed."""
        takes = "rng" in self.extra.values() or any(p.kind is p.VAR_KEYWORD for p in parameters)
        if LISTINGS[self.listing].random and not takes:
            raise CheckError(
                f"{self.name} draws random numbers: let it take an argument rng, and draw with rng.randperm(n, k), as "
                "of deltarule.matlab.rng(); from elsewhere they cannot be followed"
            )

    def _extra_positional(self, plain):
        """What is between or behind the others goes by its name, unless it may go by its place alone."""
        only = [p.name for p in plain if p.kind is p.POSITIONAL_ONLY]
        if only and self.extra.keys() & set(only):
            raise CheckError(f"{self.name} takes {', '.join(only)} by place alone; let it take them by name")

    def __call__(self, weights, X, D, rng=None):
        """The new weights after one epoch: arrays of float64, or float32 where the port computes so."""
        given = [np.array(T2(W) if self.convention.transposed else W) for W in weights]
        before = [W.copy() for W in given]
        x, d = self.convention.samples(X), self.convention.targets(D)
        values = {**dict(zip(self.weights, given, strict=True)), LIST: list(given), "X": np.array(x), "D": np.array(d)}
        returned = self._call(values, rng)
        changed = any(not np.array_equal(a, b, equal_nan=True) for a, b in zip(given, before, strict=True))
        kept = values[LIST] if self.one_list else given
        nothing = returned is None or (changed and isinstance(returned, int | float | np.number))  # or an error
        new = self._weights(tuple(kept) if nothing else returned, [W.shape for W in before])
        if changed or (self.one_list and any(a is not b for a, b in zip(kept, given, strict=True))):
            self._note("the weights that it is given are changed in place, where MATLAB leaves them as they are")
        elif returned is None:
            raise PortError(f"{self.name} returns nothing, and does not change the weights that it is given")
        return tuple(T2(W) if self.convention.transposed else W for W in new)

    def _call(self, values, rng):
        extra = {name: rng if what == "rng" else self.values[what] for name, what in self.extra.items()}
        arguments = [values[what] for what in self.order]
        named = {}
        if getattr(self, "keywords", None):
            named = dict(zip(self.keywords, arguments, strict=True))
            arguments = []
            if not all(self.positional) or extra:
                return self._guarded([], {**named, **extra})
            return self._guarded(list(named.values()), {})
        return self._guarded(arguments, extra)

    def _guarded(self, arguments, named):
        try:
            with np.errstate(all="ignore"):
                return self.function(*arguments, **named)
        except Exception as error:  # whatever a reader's function raises is told as its own
            raise PortError(f"{self.name} raises {own_lines(error)}") from error

    def _weights(self, returned, shapes):
        if isinstance(returned, dict):
            names = {str(name).lower(): value for name, value in returned.items()}
            missing = [name for name in self.weights if name.lower() not in names]
            found = list(returned.values()) if missing else [names[name.lower()] for name in self.weights]
            self._note("the weights come back as a dict")
        elif isinstance(returned, tuple | list):
            found = list(returned)
            if isinstance(returned, list):
                self._note("the weights come back as a list")
        else:
            found = [returned]
        if len(found) > len(shapes):
            self._note(f"of the {len(found)} values that come back the first {len(shapes)} are taken")
        found = found[: len(shapes)]
        if len(found) < len(shapes):
            raise PortError(
                f"{self.name} returns {len(found)} value{'s' * (len(found) != 1)}; {self.listing} returns "
                f"{len(shapes)}: {', '.join(self.weights)}"
            )
        return [self._array(W, shape, name) for W, shape, name in zip(found, shapes, self.weights, strict=True)]

    def _array(self, W, shape, name):
        try:
            a = np.array(W)
        except ValueError as error:
            raise PortError(f"{self.name} returns a {name} that is no array: {error}") from None
        if a.dtype.kind not in "iufb":
            raise PortError(f"{self.name} returns a {name} of dtype {a.dtype}, where numbers are wanted")
        if a.shape != shape and a.size == np.prod(shape) and a.squeeze().shape == tuple(n for n in shape if n != 1):
            self._note(f"{name} comes back with the shape {a.shape} for {shape}")
            a = a.reshape(shape)
        if a.shape != shape:
            raise PortError(f"{self.name} returns a {name} of shape {a.shape}; {self.listing} returns {shape}")
        if a.dtype == np.float32:
            self._note("it computes in float32, where MATLAB computes in double precision")
        return a if a.dtype == np.float32 else a.astype(np.float64)

    def _note(self, text):
        if text not in self.notes:
            self.notes.append(text)


def _parameters(function):
    """The parameters of a function; None where it has no signature, and is called as the listing is."""
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None


def what_is(parameter):
    """Which of `EXTRAS` a parameter is, by its name; None where it is none."""
    name = parameter.name.lower()
    return next((what for what, names in EXTRAS.items() if name in names), None)


def T2(W):
    """The transpose of a matrix; filters, which have three axes, stay as they are."""
    return W.T if W.ndim == 2 else W


def _in_order(names, expected):
    """What each of the arguments is: by their names if all are known, else by their places."""
    weights = {name.lower(): name for name in expected[:-2]}
    known = {**weights, **dict.fromkeys(SAMPLES, "X"), **dict.fromkeys(TARGETS, "D")}
    found = [known.get(name.lower().replace("_", "")) for name in names]
    return found if sorted(map(str, found)) == sorted(expected) else expected


def own_lines(error):
    """An exception as Python shows it, with the lines of the port's own file alone."""
    frames = traceback.extract_tb(error.__traceback__)
    others = ("deltarule/check", "<frozen")  # ours, and Python's own import
    own = [frame for frame in frames if not any(each in frame.filename.replace("\\", "/") for each in others)]
    first = own[0].filename if own else ""
    shown = [f"  line {f.lineno}, in {f.name}: {f.line}" for f in own if f.filename == first]
    try:
        said = f": {error}"
    except Exception:  # an exception of the port's own, which cannot say what it is
        said = ""
    return "\n".join([f"{type(error).__name__}{said}", *shown])
