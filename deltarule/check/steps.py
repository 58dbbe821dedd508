"""The quantities of a listing by name, each with how it comes from others, so that a mistake replaces one of them.

Nothing is run here but the functions that a step names, in an order in which what each needs is there.
"""

from collections.abc import Callable
from typing import NamedTuple


class Step(NamedTuple):
    """How one quantity comes from others.

    Attributes
    ----------
    needs : tuple of str
        The names of what it is worked out from.
    function : callable
        It takes them in this order.
    text : str
        The same as the page writes it, for people: ``y1*(1 - y1)*e1``.
    """

    needs: tuple
    function: Callable
    text: str = ""


def step(needs, function, text=""):
    """A step whose needs are written as words: ``step("W1 x", matmul, "W1*x")``."""
    return Step(tuple(needs.split()), function, text)


def plan(steps, wanted, given):
    """The steps that lead to what is wanted, each behind what it needs.

    Parameters
    ----------
    steps : dict from str to Step
    wanted : iterable of str
    given : container of str
        What is known before.

    Returns
    -------
    list of (str, Step)

    Raises
    ------
    KeyError
        If a quantity is neither given nor among the steps.
    ValueError
        If the steps go in a circle.
    """
    order, open_steps = {}, set()

    def visit(name):
        if name in given or name in order:
            return
        if name in open_steps:
            raise ValueError(f"{name} is worked out from itself")
        open_steps.add(name)
        for need in steps[name].needs:
            visit(need)
        order[name] = steps[name]

    for name in wanted:
        visit(name)
    return list(order.items())


def run(planned, known):
    """Work out the steps of a plan, each into `known`, under its name; `known` is the caller's own dict."""
    for name, (needs, function, _) in planned:
        known[name] = function(*[known[need] for need in needs])
    return known


def causes(steps, name):
    """All quantities that one comes from, itself included, those that are given too."""
    found, ahead = set(), [name]
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead += steps[name].needs if name in steps else ()
    return found
