"""Gradients by central differences, and the descent that follows them."""

import numpy as np

from ..basics.arrays import namespace
from . import checks

STACK_BYTES = 2**24  # of the copies of x that a batched function gets at a time


def numerical_gradient(f, x, h=1e-4, *, batched=False):
    """The gradient of a function, by (f(x + h) - f(x - h)) / (2 h) for each element of x.

    Parameters
    ----------
    f : callable
        ``f(x)`` returns a number. It gets a copy of `x`, in which one element is changed at a time; it must not write
        to it. With `batched`, ``f(stack)`` gets k arrays of the shape of `x` along a first axis, and returns k numbers.
    x : array
        Where to take the gradient; it is not written to.
    h : float
        How far an element is moved each way, above 0.
    batched : bool
        Whether `f` takes many points at once, which saves most of the time where it is quick.

    Returns
    -------
    array, shape and dtype of `x`

    Raises
    ------
    TypeError, ValueError
        If `x` is not of finite real numbers, `h` not above 0, `f` not callable, or what it returns is not finite or not
        one number a point.

    Notes
    -----
    Source: the from-scratch notes, chapter 4, which call ``numerical_gradient`` and leave it out; h is that of their
    book. The error is of the order of h^2, and of rounding over h. In float32 it is useless with this h.

    Examples
    --------
    >>> print(numerical_gradient(lambda x: (x**2).sum(), [3.0, 4.0]).round(6))
    [6. 8.]
    >>> print(numerical_gradient(lambda x: (x**2).sum(axis=-1), [3.0, 4.0], batched=True).round(6))
    [6. 8.]
    """
    if not callable(f):
        raise TypeError(f"f must be a function, not {checks.shown(f)} of type {type(f).__name__}")
    x = checks.real("x", x)
    h = checks.rate("h", h)
    gradient = _batched(f, x, h) if checks.flag("batched", batched) else _one_by_one(f, x, h)
    if not bool(namespace(x).isfinite(gradient).all()):
        raise ValueError("f must return finite numbers around x, but it does not")
    return gradient


def _one_by_one(f, x, h):
    """The gradient by two calls of `f` for each element."""
    moved = x.copy()
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        ends = []
        for end in (x[index] + h, x[index] - h):
            moved[index] = end
            ends.append(_number(f(moved)))
        moved[index] = x[index]
        gradient[index] = (ends[0] - ends[1]) / (2 * h)
    return gradient


def _number(value):
    """What `f` returned as a float."""
    if getattr(value, "size", 1) != 1:
        raise ValueError(f"f must return one number, not an array of shape {value.shape}; see batched=True")
    try:
        return float(value)
    except TypeError:
        raise TypeError(f"f must return a number, not {checks.shown(value)} of type {type(value).__name__}") from None


def _batched(f, x, h):
    """The gradient by calls of `f` on stacks of points, each stack of a bounded size."""
    xp = namespace(x)
    gradient = np.zeros_like(x).reshape(-1)
    k = max(1, STACK_BYTES // (2 * x.nbytes))
    for first in range(0, x.size, k):
        where = xp.arange(first, min(first + k, x.size))
        n = len(where)
        stack = xp.empty((2 * n, x.size), dtype=x.dtype)
        stack[:] = x.reshape(-1)
        rows = xp.arange(n)
        stack[rows, where] += h
        stack[rows + n, where] -= h
        values = f(stack.reshape(2 * n, *x.shape))
        if getattr(values, "shape", None) != (2 * n,):
            what = getattr(values, "shape", type(values).__name__)
            raise ValueError(f"f must return an array of shape ({2 * n},) for {2 * n} points, not {what}")
        gradient[first : first + n] = (values[:n] - values[n:]) / (2 * h)
    return gradient.reshape(x.shape)


def gradient_descent(f, x, lr=0.01, steps=100, *, path=False):
    """Follow the numerical gradient of a function downwards.

    Parameters
    ----------
    f : callable
        ``f(x)`` returns a number.
    x : array
        Where to start; it is not written to.
    lr : float
        The learning rate, above 0.
    steps : int
        How many steps to take, at least 1.
    path : bool
        Whether to return all points.

    Returns
    -------
    array, shape of `x`; with `path`, steps + 1 of them along a first axis
        The last point; or all, from the start on.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind; the message names it.

    Notes
    -----
    Source: the from-scratch notes, chapter 4. They say that the weights move along the gradient: against it, they fall.

    Examples
    --------
    >>> print(gradient_descent(lambda x: (x**2).sum(), [-3.0, 4.0], lr=0.1, steps=100).round(6))
    [-0.  0.]
    """
    point = checks.real("x", x)
    lr = checks.rate("lr", lr)
    steps = checks.size("steps", steps)
    keep = checks.flag("path", path)
    points = [point]
    for _ in range(steps):
        point = point - lr * numerical_gradient(f, point)
        if keep:
            points.append(point)
    return namespace(point).stack(points) if keep else point
