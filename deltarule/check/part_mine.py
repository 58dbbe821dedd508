"""A reader's function or class, called as a part is: what it takes, what it returns, and what it leaves behind."""

import inspect

import numpy as np

from .errors import PortError
from .part import AFTER
from .ports import own_lines

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

SHAPES = "no shapes that fit"


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
            raise PortError(f"{called} takes ({takes}); it is called with {n} arguments here: {error}") from None
        return named

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
        if a.dtype.kind not in "iufb":
            what = "nothing" if value is None else f"{value!r:.60} of type {type(value).__name__}"
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
        named = {name: given[name] for name in options if name in given}
        returned = mine.call(mine.object, values, named, demands)
        found = {result: change.get(result, _same)(mine.array(returned, result))}
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
            mine.array(mine.call(mine.object, [a[at].item() for a in arrays], named, demands), result)
            for at in np.ndindex(arrays[0].shape)
        ]
        after = {f"{name}{AFTER}": given[name] for name in arguments}
        return {result: np.array(found).reshape(arrays[0].shape), **after}

    return use


def _same(a):
    return a
