"""A reader's function or class, called as a part is: what it takes, what it returns, and what it leaves behind."""

import inspect
from copy import deepcopy

import numpy as np

from ..errors import BackwardError, NothingError, PortError
from ..ports import own_lines
from .part import AFTER, MISSING

OPTIONS = {
    "diff": ("diff", "derivative", "deriv", "derive", "prime", "grad"),
    "a": ("a", "alpha", "slope", "negative_slope", "leak"),
    "b": ("b", "a", "alpha", "slope", "weight"),
    "alpha": ("alpha", "a"),
    "h": ("h", "eps", "epsilon", "delta", "dx", "step"),
    "lr": ("lr", "learning_rate", "eta", "alpha", "rate"),
    "momentum": ("momentum", "alpha", "mu", "beta", "gamma"),
    "decay_rate": ("decay_rate", "decay", "rho", "gamma", "alpha", "beta"),
    "beta1": ("beta1", "beta_1", "b1"),
    "beta2": ("beta2", "beta_2", "b2"),
    "epsilon": ("epsilon", "eps"),
    "stride": ("stride", "s"),
    "pad": ("pad", "padding", "p"),
    "dropout_ratio": ("dropout_ratio", "ratio", "p", "rate", "drop", "drop_prob"),
    "train_flg": ("train_flg", "train_flag", "train", "training", "is_training", "train_mode"),
    "rng": ("rng", "random", "random_state", "generator"),
    "steps": ("steps", "step_num", "n", "num_steps", "iterations", "n_iter"),
    "weight_init_std": ("weight_init_std", "std", "init_std"),
    "round_down": ("round_down",),
    "per_channel": ("per_channel",),
}
"""By what it is, how an argument with a name of its own may be called."""

NO_BACKWARD = "it has no backward"


class NotTaken(Exception):
    """An option that the reader's object has no argument for."""


class Mine:
    """A reader's object, and what is noticed about it.

    Parameters
    ----------
    object : callable
    name : str
        What it is called.
    """

    def __init__(self, object, name):
        self.object, self.name, self.notes = object, name, []

    def note(self, text):
        """Remember what differs from the part and is no mistake."""
        if text not in self.notes:
            self.notes.append(text)

    def call(self, function, arguments, options=None, demands=(), called=""):
        """What a function returns; PortError where it raises or takes other arguments.

        Parameters
        ----------
        function : callable
        arguments : list
            By place.
        options : dict, optional
            Handed over by name, where it has such an argument.
        demands : iterable of str
            Options that it must have; else NotTaken.
        called : str
            Behind the object's name in messages, as ``.forward``.
        """
        called = f"{self.name}{called}"
        named = self._named(function, len(arguments), options or {}, demands, called)
        try:
            with np.errstate(all="ignore"):
                return function(*arguments, **named)
        except Exception as error:  # whatever a reader's function raises is told as its own
            raise PortError(f"{called} raises {own_lines(error)}") from error

    def _named(self, function, n, options, demands, called):
        """The options that a function takes, under the names that it has for them."""
        try:
            signature = inspect.signature(function)
        except (TypeError, ValueError):
            if demands:
                raise NotTaken(*demands) from None
            return {}  # a function without a signature is called as the part is
        free = _by_name(signature, n)
        named = {}
        for option, value in options.items():
            found = next((name for name in OPTIONS[option] if name in free and name not in named), None)
            if found:
                named[found] = value
            elif option in demands:
                raise NotTaken(option)
        try:
            signature.bind(*[None] * n, **named)
        except TypeError as error:
            takes = ", ".join(signature.parameters) or "nothing"
            raise PortError(
                f"{called} takes ({takes}); it is called with {n} argument{'s' * (n != 1)} here: {error}"
            ) from None
        return named

    def takes(self, function, n, option):
        """Whether a function takes an option by name, when n arguments go by place."""
        try:
            return not _by_name(inspect.signature(function), n).isdisjoint(OPTIONS[option])
        except (TypeError, ValueError):
            return False

    def method(self, thing, names):
        """A method by the first of the names that there is; PortError where there is none."""
        for name in names:
            found = getattr(thing, name, None)
            if callable(found):
                if name != names[0]:
                    self.note(f"{name} stands for {names[0]}")
                return found
        raise PortError(f"{self.name} has no method {names[0]}")

    def array(self, value, label):
        """A value that came out as an array of numbers."""
        if isinstance(value, list):
            self.note(f"{label} comes back as a list")
        try:
            a = np.array(value)
        except ValueError as error:
            raise PortError(f"{self.name} gives a {label} that is no array: {error}") from None
        if value is None:
            raise NothingError(f"{self.name} gives nothing as {label}, where numbers are wanted")
        if a.dtype.kind not in "iufb":
            what = f"{value!r:.60} of type {type(value).__name__}"
            raise PortError(f"{self.name} gives {what} as {label}, where numbers are wanted")
        return a

    def several(self, value, n, label):
        """A value that came out as so many."""
        if not isinstance(value, tuple | list) or len(value) != n:
            raise PortError(f"{self.name} gives {label} as one value, where {n} are wanted")
        return value


def _by_name(signature, n):
    """The arguments that may be given by name when the first n go by place."""
    by_place = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    parameters = signature.parameters.values()
    taken = [p.name for p in parameters if p.kind in by_place][:n]
    return {p.name for p in parameters if p.kind in named and p.name not in taken}


def copied(value):
    """A value that the reader's object may do with as it likes."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, dict):
        return {key: copied(each) for key, each in value.items()}
    if hasattr(value, "rand"):  # a random stream, which each call has from its beginning
        return deepcopy(value)
    return value


def function(*arguments, options=(), result="y", change=None):
    """How a function is used: called with some arguments of a probe.

    Parameters
    ----------
    *arguments : str
        By place.
    options : tuple of str
        By name, where it takes them.
    result : str
        What it returns.
    change : dict from str to callable, optional
        What is made of an argument before; of the result under its name.
    """
    change = change or {}

    def use(mine, given, demands=()):
        values = [copied(change.get(name, _same)(given[name])) for name in arguments]
        named = {name: copied(given[name]) for name in options if name in given}
        returned = mine.call(mine.object, values, named, demands)
        found = {result: change.get(result, _same)(mine.array(returned, "its result"))}
        if not change:
            found |= {f"{n}{AFTER}": v for n, v in zip(arguments, values, strict=True) if isinstance(v, np.ndarray)}
        return found

    return use


def one_by_one(*arguments, options=(), result="y"):
    """How a function of numbers is used on arrays: element by element."""

    def use(mine, given, demands=()):
        arrays = np.broadcast_arrays(*[np.asarray(given[name]) for name in arguments])
        named = {name: given[name] for name in options if name in given}
        found = [
            mine.array(mine.call(mine.object, [a[at].item() for a in arrays], named, demands), "its result")
            for at in np.ndindex(arrays[0].shape)
        ]
        after = {f"{name}{AFTER}": given[name] for name in arguments}
        return {result: np.array(found).reshape(arrays[0].shape), **after}

    return use


def _same(a):
    return a


FORWARD, BACKWARD = ("forward", "__call__"), ("backward", "grad")


def made(mine, given, names, options, demands):
    """An object of the reader's class, made of some arguments of a probe."""
    named = {name: copied(given[name]) for name in options if name in given}
    return mine.call(mine.object, [copied(given[name]) for name in names], named, demands)


def called(mine, thing, names, values, options=None):
    """What a method of the reader's object returns."""
    method = mine.method(thing, names)
    return mine.call(method, values, options, (), f".{names[0]}")


def gradient_of(mine, thing, name):
    """A gradient that a layer keeps: as an attribute, or in a dict of gradients; MISSING where there is none."""
    key = name.removeprefix("d")
    for where in (name, name.lower(), f"grad_{key}", f"{key}_grad", f"grad{key}"):
        value = getattr(thing, where, None)
        if value is not None:
            if where != name:
                mine.note(f"{where} stands for {name}")
            return mine.array(value, name)
    for where in ("grads", "grad", "gradients"):
        kept = getattr(thing, where, None)
        if isinstance(kept, dict) and (key in kept or name in kept):
            mine.note(f"{name} is kept in {where}")
            return mine.array(kept[key] if key in kept else kept[name], name)
    return MISSING


def layer(*construct, options=(), inputs=("x",), output="y", backward=("dx",), gradients=(), dout="dout"):
    """How a layer is used: made, called forward, and backward.

    Parameters
    ----------
    *construct : str
        The arguments that it is made of, by place.
    options : tuple of str
        Those that go by name.
    inputs : tuple of str
        Of forward.
    output : str
        What forward gives.
    backward : tuple of str
        What backward gives.
    gradients : tuple of str
        What it keeps, as ``dW``.
    dout : str
        The argument of backward; empty where it has none.
    """

    def use(mine, given, demands=()):
        thing = made(mine, given, construct, options, demands)
        xs, nothing = [copied(given[name]) for name in inputs], dict.fromkeys((*backward, *gradients), MISSING)
        nothing |= {f"{dout}{AFTER}": given[dout]} if dout else {}
        found = {output: mine.array(called(mine, thing, FORWARD, xs), output)}
        found |= {f"{name}{AFTER}": x for name, x in zip(inputs, xs, strict=True)}
        if not any(callable(getattr(thing, name, None)) for name in BACKWARD):
            mine.note(NO_BACKWARD)
            return found | nothing
        if dout and found[output].shape != np.shape(given[dout]):
            return found | nothing  # there is no gradient that fits
        back = [copied(given[dout])] if dout else []
        try:
            returned = called(mine, thing, BACKWARD, back)
        except PortError as error:
            raise BackwardError(str(error)) from error.__cause__
        found |= {f"{dout}{AFTER}": back[0]} if dout else {}
        return found | _returned(mine, thing, returned, backward, gradients)

    return use


def _returned(mine, thing, returned, backward, gradients):
    """The gradients that backward gave, and those that the layer keeps."""
    if len(backward) > 1:
        returned = mine.several(returned, len(backward), "the gradients of backward")
        return {name: mine.array(value, name) for name, value in zip(backward, returned, strict=True)}
    if gradients and isinstance(returned, tuple) and len(returned) == 1 + len(gradients):
        mine.note(f"backward gives {', '.join(gradients)} as well")
        return {name: mine.array(value, name) for name, value in zip((*backward, *gradients), returned, strict=True)}
    kept = {name: gradient_of(mine, thing, name) for name in gradients}
    return {backward[0]: mine.array(returned, backward[0]), **kept}
