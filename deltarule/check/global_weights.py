"""Weights that a port keeps as global variables of its file, and does not take as arguments."""

import dis
import inspect


class GlobalWeights:
    """The global variables in which a function keeps a listing's weights.

    Parameters
    ----------
    function : callable
    weights : tuple of str
        The listing's names of them: the variables are named so, as ``W1`` or ``w1``, or begin so, as ``W1_BP``.

    Attributes
    ----------
    names : list of str
        Of the variables, in the order of the weights; empty if there are none such.
    """

    def __init__(self, function, weights):
        function = inspect.unwrap(function)
        self.values = getattr(function, "__globals__", {})
        stored = _stored(function)
        each = [[name for name in stored if name.lower().startswith(weight.lower())] for weight in weights]
        only = all(len(names) == 1 for names in each) and len(stored) == len(weights)
        self.names = [name for (name,) in each] if only else []

    def put(self, arrays):
        """Give the variables these values."""
        self.values.update(zip(self.names, arrays, strict=True))

    def taken(self):
        """What the variables hold."""
        return tuple(self.values[name] for name in self.names)


def _stored(function):
    """The global variables that a function stores."""
    if not inspect.isfunction(function):
        return []
    return sorted({i.argval for i in dis.get_instructions(function) if i.opname == "STORE_GLOBAL"})
