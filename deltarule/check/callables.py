"""What can be called as a function without being one: partials, methods, objects, and what decorators make."""

import functools
import inspect
from types import FunctionType

import numpy as np


def inner(thing):
    """The function or class that a callable calls in the end; itself where it is one, or none is known.

    Examples
    --------
    >>> inner(functools.partial(functools.partial(max, 3), 4)) is max
    True
    """
    while True:
        if isinstance(thing, functools.partial):
            thing = thing.func
        elif isinstance(thing, np.vectorize):
            thing = thing.pyfunc
        elif inspect.ismethod(thing):
            thing = thing.__func__
        elif hasattr(thing, "__wrapped__") and not inspect.isclass(thing):
            thing = thing.__wrapped__
        else:
            return thing


def makes_objects(thing):
    """Whether a callable is a class, or a partial of one."""
    return inspect.isclass(inner(thing))


def is_own(thing, module):
    """Whether a callable is a module's own: made there, of whatever kind, and not imported.

    A partial is always; of a decorator out of another module the function is that it was put on. A layer or an
    optimiser, an object with ``forward`` or ``update``, is not: its class is.
    """
    if isinstance(thing, functools.partial | np.vectorize):
        return True
    if not callable(thing) or (not inspect.isclass(thing) and _is_layer(thing)):
        return False
    return getattr(thing, "__module__", None) == module.__name__ or _holds_own(thing, module)


def _is_layer(thing):
    return hasattr(thing, "forward") or hasattr(thing, "update")


def _holds_own(thing, module):
    """Whether a function out of another module is made around one of this module, as a decorator does."""
    if not isinstance(thing, FunctionType):
        return False
    held = [_content(cell) for cell in thing.__closure__ or ()]
    return any(isinstance(f, FunctionType) and f.__module__ == module.__name__ for f in held)


def _content(cell):
    try:
        return cell.cell_contents
    except ValueError:  # nothing is in it yet
        return None
