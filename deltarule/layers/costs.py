"""The two cost functions: half the sum of squares, and the cross-entropy averaged over the batch."""

import math

import numpy as np

from ..basics.arrays import namespace
from ..basics.checks import in_unit_interval
from . import checks
from .labels import as_digits

DELTA = 1e-7  # the notes' number within the logarithm, which keeps ln(0) away


def mean_squared_error(y, t):
    """Half the sum of (y - t)^2 over all elements, whatever the name says.

    Parameters
    ----------
    y, t : array, of one shape
        Outputs and targets.

    Returns
    -------
    number

    Raises
    ------
    TypeError, ValueError
        If they are not arrays of finite real numbers of one shape and dtype.

    Notes
    -----
    Source: the from-scratch notes, ``mean_squared_error``, chapter 4. Nothing is averaged, neither over the elements
    nor over a batch.

    Examples
    --------
    >>> t = [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    >>> print(mean_squared_error([0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0], t))
    0.09750000000000003
    """
    y = checks.real("y", y)
    t = checks.real("t", t, y)
    if t.shape != y.shape:
        digits = f"; digits are turned into rows by one_hot(t, {y.shape[-1]})" if t.shape == y.shape[:-1] else ""
        raise ValueError(f"t must have the shape {y.shape} of y, not {t.shape}{digits}")
    e = y - t
    return (0.5 * e * e).sum()


def cross_entropy_error(y, t, delta=DELTA):
    """-ln(p + delta), p the probability of the right class; the mean over a batch.

    Parameters
    ----------
    y : array, shape (N, n) or (n,)
        Probabilities: a batch, or one sample.
    t : array of int, shape (N,) or (), or array, shape (N, n) or (n,)
        Labels: digits from 0 to n - 1, or one-hot rows.
    delta : float
        0 or above. With 0 a class that is not the right one adds nothing, whatever its probability (0 ln 0 is 0), and
        the cost is infinite where p is 0.

    Returns
    -------
    number

    Raises
    ------
    TypeError, ValueError
        If `y` is not of numbers in [0, 1], `t` of neither kind, or `delta` below 0 or not finite.

    Notes
    -----
    Source: the from-scratch notes, ``cross_entropy_error`` and its two forms for batches, chapter 4.

    Examples
    --------
    >>> y = [0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0]
    >>> print(cross_entropy_error(y, [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]))
    0.510825457099338
    >>> print(cross_entropy_error([y, y], [2, 2], delta=0).round(6))
    0.510826
    """
    y = checks.real("y", y)
    delta = checks.number("delta", delta)
    if delta < 0:
        raise ValueError(f"delta must be 0 or above, not {delta!r}")
    if y.ndim not in (1, 2):
        raise ValueError(f"y must be probabilities (N, classes) or (classes,), not of shape {y.shape}")
    if not in_unit_interval(y):
        raise ValueError("y must be probabilities, in [0, 1]; it has elements outside")
    return cross_entropy_of(y, as_digits(t, y), delta)


def cross_entropy_of(y, digits, delta=DELTA):
    """`cross_entropy_error` of arguments that are known to be right: probabilities and digits."""
    xp = namespace(y)
    if y.ndim == 1 and xp is np:
        return y.dtype.type(_minus_ln(float(y[digits]) + delta))
    p = y[digits] if y.ndim == 1 else y[xp.arange(len(y)), digits]
    with np.errstate(divide="ignore"):  # ln(0) is -infinity by definition
        return -np.log(p + delta).mean()


def _minus_ln(p):
    """-ln(p) by the C library: on some processors NumPy 1's own is off in the last digit that the notes print."""
    return -math.log(p) if p else math.inf
