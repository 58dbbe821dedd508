"""The form that a part has, as `deltarule.layers` has it, beside that of a reader's object which lacks it."""

import inspect

from ... import layers

METHODS = ("forward", "backward", "update")
BY_NAME = inspect.Parameter.KEYWORD_ONLY


def expected(part, object):
    """What is expected of an object that takes none of a part's arguments, and what was found, as text.

    Parameters
    ----------
    part : Part
    object : callable

    Returns
    -------
    str
    """
    found = f"found is {part.name}{_arguments(object)}"
    lacks = [name for name in _methods(part) if not callable(getattr(object, name, None))]
    if lacks:
        found += f" without {' and '.join(lacks)}"
    return f"expected is {part.name}{_arguments(getattr(layers, part.name))}{_with_methods(part)}; {found}"


def _methods(part):
    """By name, the methods that a part of the kind has."""
    own = getattr(layers, part.name)
    return {name: getattr(own, name) for name in METHODS if part.is_class and hasattr(own, name)}


def _with_methods(part):
    told = [f"{name}{_arguments(method, skipped=1)}" for name, method in _methods(part).items()]
    return f" with the method{'s' * (len(told) > 1)} {' and '.join(told)}" if told else ""


def _arguments(thing, skipped=0):
    """The arguments as ``(lr=0.01, momentum=0.9)``: those that go by place."""
    try:
        signature = inspect.signature(thing)
    except (TypeError, ValueError):
        return "(...)"
    taken = [p for p in list(signature.parameters.values())[skipped:] if p.kind is not BY_NAME]
    return str(signature.replace(parameters=taken, return_annotation=signature.empty))
