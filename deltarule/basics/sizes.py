"""Checks of how many: integers, and arrays that are made of them.

A size is refused by its name before anything is allocated, so that one that is absurd ends at once.
"""

import operator

from ..matlab.arguments import shown

MOST_NUMBERS = 2**28  # in an array that sizes make: 2 GiB of float64


def whole(name, value, least=0):
    """`value` as an integer of at least `least`."""
    try:
        value = operator.index(None if isinstance(value, bool) else value)
    except TypeError:
        raise TypeError(f"{name} must be an integer, not {shown(value)} of type {type(value).__name__}") from None
    if value < least:
        raise ValueError(f"{name} must be at least {least}, not {shown(value)}")
    return value


def room(numbers, **sizes):
    """ValueError unless an array of so many numbers, which the named sizes make, is one that can be meant.

    Examples
    --------
    >>> room(6 * 10**9, N=10**9, steps=6)
    Traceback (most recent call last):
    ValueError: N and steps must make arrays of at most 268435456 numbers, not 6000000000: N = 1000000000, steps = 6
    """
    if numbers > MOST_NUMBERS:
        *first, last = sizes
        named = f"{', '.join(first)} and {last}" if first else last
        given = ", ".join(f"{name} = {shown(size)}" for name, size in sizes.items())
        raise ValueError(f"{named} must make arrays of at most {MOST_NUMBERS} numbers, not {shown(numbers)}: {given}")
