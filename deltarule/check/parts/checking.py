"""The check of a part: a function, a layer or an optimiser held against that of `deltarule.layers`."""

import inspect
from itertools import combinations

from ..callables import makes_objects
from ..errors import CheckError, PortError
from ..told import RIGHT, WRONG
from .compare import Tried
from .costs import COSTS
from .finding import PartFinding, PartReason
from .functions import FUNCTIONS
from .gates import GATES
from .images import IMAGES
from .layers import LAYERS
from .mine import NO_BACKWARD
from .networks import NETWORKS
from .normalization import NORMALIZATION
from .numerical import NUMERICAL
from .optimizers import OPTIMIZERS
from .softmax import SOFTMAX

ALL = (
    *FUNCTIONS, *SOFTMAX, *GATES, *COSTS, *NUMERICAL, *LAYERS, *NORMALIZATION, *IMAGES, *OPTIMIZERS, *NETWORKS,
)  # fmt: skip
PARTS = {part.name: part for part in ALL}
"""The parts by name."""


def part_of(object, name=None):
    """The part that an object is a port of, by a name that is given or by its own; None where there is none."""
    called = name if name is not None else name_of(object)
    is_class = makes_objects(object) or hasattr(object, "forward") or hasattr(object, "update")
    return part_named(called, is_class)


def part_named(name, is_class):
    """The class, or the function, among the parts that goes by a name; None where there is none."""
    if not isinstance(name, str):
        return None
    plain = name.replace("_", "").lower()
    found = [p for p in PARTS.values() if plain == p.name.replace("_", "").lower() or plain in p.names]
    return next((part for part in found if part.is_class == is_class), None)


def name_of(object):
    """What an object is called: its own name, or that of its class."""
    return getattr(object, "__name__", type(object).__name__)


def check_part(object, name=None, *, called=None):
    """Say whether a function or class does what a part of `deltarule.layers` does, and if not, which mistake it makes.

    Parameters
    ----------
    object : callable
        A function, as ``softmax``, or a class, as ``Affine``.
    name : str, optional
        One of `PARTS`; told by the object's own name when None.
    called : str, optional
        What the finding calls the object.

    Returns
    -------
    PartFinding

    Raises
    ------
    CheckError
        If the part is not known, or the object takes other arguments, raises, or gives what are no numbers.

    Examples
    --------
    >>> import numpy as np
    >>> def sigmoid(x):
    ...     return 1 / (1 + np.exp(x))
    >>> print(check_part(sigmoid).mistakes)
    ('exp-plus',)
    """
    part = part_of(object, name)
    if part is None:
        given = repr(name) if name is not None else f"that of {name_of(object)!r}; say which one"
        raise CheckError(f"name must be one of {', '.join(PARTS)}, and the object of that kind, not {given}")
    if inspect.ismodule(object) or not (callable(object) or part.is_class):
        raise CheckError(f"the object must be a function or a class, not {object!r} of type {type(object).__name__}")
    if part.is_class and not makes_objects(object):
        object = type(object)
    return _checked(part, object, called or name_of(object))


def _checked(part, object, called):
    """The finding: right in one of the ways of using the part, else with the mistakes that explain it."""
    tries, refused = [], []
    for note, use in (("", part.use), *part.ways):
        try:
            tried = Tried(part, use, note, object, called)
        except PortError as error:
            refused.append(error)
            continue
        for notes, steps in part.forms():
            within = tried.worst(steps)
            if within is not None:
                return PartFinding(part, called, RIGHT, None, (), (*tried.notes, *notes), within, tried.count)
        tries.append(tried)
    if not tries:
        raise refused[0]
    for number in (1, 2):
        for tried in tries:
            for notes, steps in part.forms():
                reasons = explained(tried, steps, number)
                if reasons:
                    first, _ = tried.first(steps)
                    return PartFinding(part, called, WRONG, first, reasons, (*tried.notes, *notes))
    return _unexplained(part, called, tries[0])


def explained(tried, steps, number):
    """The reasons of so many mistakes that give what an object gives."""
    found = []
    for mistakes in combinations(tried.part.mistakes, number):
        changed = [name for mistake in mistakes for name in mistake.steps]
        if len(set(changed)) < len(changed):
            continue
        variant = dict(steps)
        for mistake in mistakes:
            variant |= mistake.steps
        try:
            within = tried.worst(variant)
        except KeyError:  # a mistake in what was seen of the object, which raised there
            continue
        if within is not None:
            found.append(PartReason(mistakes, within, tried.count))
    return tuple(found)


def _unexplained(part, called, tried):
    """The finding of an object that no mistake explains, told by the right form that it has most in common with."""
    notes, steps = min(part.forms(), key=lambda form: tried.wrong(form[1]))
    first, clear = tried.first(steps)
    if not clear:
        why = f"; {NO_BACKWARD}" if NO_BACKWARD in tried.notes else ""
        raise PortError(f"{called}: {first.when}: {first}{why}")
    return PartFinding(part, called, WRONG, first, (), (*tried.notes, *notes), unexplained=tried.known(steps))
