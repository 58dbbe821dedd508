"""What a function keeps from one call to the next, put back as it was, so that each start is trained as the first one.

Kept may be globals that it names, what its closure holds, its defaults, its attributes and those of its object; also
those of the functions and objects of its own module that it names. It is data that is put back: numbers, text, arrays,
and lists and dicts of them.
"""

import functools
import inspect
from copy import deepcopy

import numpy as np

from .callables import inner

LARGEST = 2**20  # elements of an array that is put back: larger ones are data sets, not weights
PLAIN = (type(None), bool, int, float, complex, str, bytes, np.generic)
ABSENT = object()


class Memory:
    """What a function keeps, as it is when this is made.

    Parameters
    ----------
    function : callable
    """

    def __init__(self, function):
        self.places, self.seen, self.module = [], set(), getattr(inner(function), "__module__", None)
        self._look_into(function)
        self.values = [_copied(read()) for read, _ in self.places]

    def restore(self):
        """Put it back."""
        for (_, write), value in zip(self.places, self.values, strict=True):
            write(_copied(value))

    def _look_at(self, thing):
        """The places where a function, a method or an object of the module keeps data, or a partial of one."""
        own = isinstance(thing, functools.partial) or getattr(thing, "__module__", None) == self.module
        if own and id(thing) not in self.seen:
            self._look_into(thing)

    def _look_into(self, thing):
        self.seen.add(id(thing))
        if isinstance(thing, functools.partial):
            self._look_at(thing.func)
            for name in list(thing.keywords):
                self._place(thing.keywords, name)
        elif inspect.ismethod(thing):
            self._look_at(thing.__self__)
            self._look_at(thing.__func__)
        elif inspect.isfunction(thing):
            self._look_at_function(thing)
        elif not inspect.isclass(thing) and isinstance(getattr(thing, "__dict__", None), dict):
            for name in list(thing.__dict__):
                self._place(thing.__dict__, name)
            self._look_at(vars(type(thing)).get("__call__"))

    def _look_at_function(self, function):
        for name in ("__defaults__", "__kwdefaults__"):
            if _is_data(getattr(function, name)):
                self.places.append((_reader(function, name), _writer(function, name)))
        for name in list(function.__dict__):
            self._place(function.__dict__, name)
        for cell in function.__closure__ or ():
            self._cell(cell)
        for name in function.__code__.co_names:
            self._place(function.__globals__, name)

    def _place(self, mapping, name):
        value = mapping.get(name, ABSENT)
        if value is ABSENT or _is_data(value):
            self.places.append((lambda: mapping.get(name, ABSENT), lambda value: _put(mapping, name, value)))
        else:
            self._look_at(value)

    def _cell(self, cell):
        try:
            value = cell.cell_contents
        except ValueError:  # nothing is in it yet
            return
        if _is_data(value):
            self.places.append((_reader(cell, "cell_contents"), _writer(cell, "cell_contents")))
        else:
            self._look_at(value)


def _reader(thing, name):
    return lambda: getattr(thing, name)


def _writer(thing, name):
    return lambda value: setattr(thing, name, value)


def _put(mapping, name, value):
    if value is not ABSENT:
        mapping[name] = value
    else:
        mapping.pop(name, None)


def _copied(value):
    return value if value is ABSENT else deepcopy(value)


def _is_data(value):
    """Whether a value is one that is copied in whole."""
    if isinstance(value, np.ndarray):
        return value.size <= LARGEST and value.dtype.kind in "biufcSU"
    if isinstance(value, dict):
        return all(_is_data(item) for item in value.values())
    if isinstance(value, list | tuple | set):
        return all(_is_data(item) for item in value)
    return isinstance(value, PLAIN)
