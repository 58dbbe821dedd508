"""A reader's function, called as the listing is: which arguments it takes, and in which form it returns weights.

The weights may come back as a tuple, a list or a dict, be changed in place, or be global variables of its file. What
differs from the listing is said, and is no mistake.
"""

import inspect
import traceback
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..listings.experiments import EXPERIMENTS
from .conventions import conventions
from .drawn import Drawn, module_drawn_from
from .errors import CheckError, PortError
from .global_weights import GlobalWeights
from .listings import LISTINGS
from .memory import Memory

EXTRAS = {
    "alpha": ("alpha", "lr", "eta", "rate", "learning_rate", "a"),
    "beta": ("beta", "momentum", "mmt", "mu"),
    "ratio": ("ratio", "dropout_ratio", "drop", "p"),
    "rng": ("rng", "stream", "generator", "random", "random_state"),
    "batch_size": ("batch_size", "bsize", "batch", "size", "batchsize"),
    "epochs": ("epochs", "epoch", "n_epochs", "num_epochs", "iterations", "n_iter"),
    "hidden": ("hidden", "n_hidden", "hidden_nodes", "hidden_node", "hidden_size", "num_hidden", "nodes"),
}
"""By what it is, how a further argument of a port may be called."""
SAMPLES = ("x", "inputs", "input", "images", "samples", "data")
TARGETS = ("d", "t", "targets", "target", "labels", "label", "y")
LIST = "a list of the weights"
WHOLE_BATCHES = "it takes whole batches alone; the listing leaves out the samples over"
VALUES = {"alpha": None, "beta": None, "ratio": 0.2, "batch_size": None, "epochs": 1}
OTHERS = ("deltarule/check", "<frozen", Path(np.__file__).parent.as_posix())
"""Of files whose lines are not the port's: ours, Python's own import, and NumPy, by which np.vectorize calls."""


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

    keeps_weights = False  # as global variables
    whole_batches = False  # whether it takes no samples over
    takes_stream = True  # where the listing draws
    module = None  # else that from whose global stream it draws

    def __init__(self, function, listing, constants):
        if not callable(function):
            raise CheckError(f"the port must be a function, not {function!r} of type {type(function).__name__}")
        self.function, self.listing = function, listing
        self.name = getattr(function, "__name__", type(function).__name__)
        self.weights = LISTINGS[listing].weights
        self.values = {**VALUES, "hidden": EXPERIMENTS[listing].shapes()[0][0], **constants}
        self.convention = conventions(listing, np.zeros(1))[0]
        self.notes = []
        self.globals = GlobalWeights(function, self.weights)
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
        takes = "rng" in self.extra.values() or any(p.kind is p.VAR_KEYWORD for p in parameters)
        self.takes_stream = takes or not LISTINGS[self.listing].random
        names = [p.name for p in wanted]
        expected = self._expected(names, expected, many)
        self.order = expected if many else _in_order(names, expected)
        self.positional = [p.kind is not p.KEYWORD_ONLY for p in wanted]
        self.keywords = [] if many else names
        self._extra_positional(plain)

    def _expected(self, names, expected, many):
        """What the arguments of these names stand for; CheckError where there are more or fewer."""
        if len(names) == 3 and len(expected) > 3:
            self.one_list, expected = True, [LIST, "X", "D"]
        self.keeps_weights = bool(self.globals.names) and len(names) == 2
        if self.keeps_weights:
            expected = ["X", "D"]
        if not many and len(names) != len(expected):
            several, have = ("arguments", "have") if len(names) != 1 else ("argument", "has")
            raise CheckError(
                f"{self.name} takes {len(names)} {several} ({', '.join(names) or 'none'}) that {have} no default; "
                f"{self.listing} takes {len(expected)}: {', '.join(expected)}"
            )
        return expected

    def own(self, subject):
        """A start as the port takes it: whole batches alone where it takes no others, and the stream it draws from."""
        size = self.values["batch_size"]
        if self.whole_batches:
            n = len(subject.X) // size * size or len(subject.X)
            subject = replace(subject, X=subject.X[:n], D=subject.D[:n])
        if not self.takes_stream:
            self._find_module(subject)
        return replace(subject, rng=Drawn(self.module)) if self.module else subject

    def ways(self):
        """Notes of how it takes samples and draws numbers, where the listing does otherwise."""
        drawn = f"it draws with {self.module}: the listing is given the same numbers, which are not MATLAB's"
        return [*[WHOLE_BATCHES] * self.whole_batches, *[drawn] * bool(self.module)]

    def _find_module(self, subject):
        """Find out from which global stream it draws; CheckError if it draws from elsewhere."""
        if self.module:
            return
        found = []
        self.module = module_drawn_from(lambda: found.append(self(subject.weights, subject.X, subject.D)))
        if self.module:
            return
        self.begin()
        again = self(subject.weights, subject.X, subject.D)
        if not all(np.array_equal(a, b, equal_nan=True) for a, b in zip(found[0], again, strict=True)):
            raise CheckError(
                f"{self.name} draws random numbers: let it take an argument rng, and draw with rng.randperm(n, k), as "
                "of deltarule.matlab.rng(), or draw with numpy.random.permutation(n)[:k] or random.sample; from "
                "elsewhere they cannot be followed"
            )

    def _extra_positional(self, plain):
        """What is between or behind the others goes by its name, unless it may go by its place alone."""
        only = [p.name for p in plain if p.kind is p.POSITIONAL_ONLY]
        if only and self.extra.keys() & set(only):
            raise CheckError(f"{self.name} takes {', '.join(only)} by place alone; let it take them by name")

    def __call__(self, weights, X, D, rng=None):
        """The new weights after one epoch: arrays of float64, or float32 where the port computes so."""
        given = [np.array(self.convention.weights(W)) for W in weights]
        x, d = self.convention.samples(X), self.convention.targets(D)
        values = {**dict(zip(self.weights, given, strict=True)), LIST: list(given), "X": np.array(x), "D": np.array(d)}
        before = [W.copy() for W in given]
        if self.keeps_weights:
            self.globals.put(given)
        with rng.lent() if isinstance(rng, Drawn) else nullcontext():
            returned = self._call(values, rng)
        if self.keeps_weights:
            self._note(f"the weights are the global variables {' and '.join(self.globals.names)}")
            new = self.globals.taken()
        else:
            new = self._new(returned, values[LIST] if self.one_list else given, given, before)
        shapes = [W.shape for W in before]
        return self.convention.back(self._weights(new, shapes), [W.shape for W in weights])

    def _new(self, returned, kept, given, before):
        """What a port returns, or the arrays that it was given, where it changes those and returns nothing."""
        changed = any(not np.array_equal(a, b, equal_nan=True) for a, b in zip(given, before, strict=True))
        nothing = returned is None or (changed and isinstance(returned, int | float | np.number))  # or an error
        if changed or (self.one_list and any(a is not b for a, b in zip(kept, given, strict=True))):
            self._note("the weights that it is given are changed in place, where MATLAB leaves them as they are")
        elif returned is None:
            raise PortError(f"{self.name} returns nothing, and does not change the weights that it is given")
        return tuple(kept) if nothing else returned

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


def is_called_as(function, listing):
    """Whether a function takes the arguments of a listing."""
    try:
        Port(function, listing, {})
    except CheckError:
        return False
    return True


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


def _in_order(names, expected):
    """What each of the arguments is: by their names if all are known, else by their places."""
    weights = {name.lower(): name for name in expected[:-2]}
    known = {**weights, **dict.fromkeys(SAMPLES, "X"), **dict.fromkeys(TARGETS, "D")}
    found = [known.get(name.lower().replace("_", "")) for name in names]
    return found if sorted(map(str, found)) == sorted(expected) else expected


def own_lines(error):
    """An exception as Python shows it, with the lines of the port's own file alone."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not any(each in frame.filename.replace("\\", "/") for each in OTHERS)]
    first = own[0].filename if own else ""
    shown = [f"  line {f.lineno}, in {f.name}: {f.line}" for f in own if f.filename == first]
    try:
        said = f": {error}"
    except Exception:  # an exception of the port's own, which cannot say what it is
        said = ""
    return "\n".join([f"{type(error).__name__}{said}", *shown])
