"""The cost functions: the two of the from-scratch notes, and those that the Keras notes name."""

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
    y, t = _of_one_shape(y, t)
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
        raise ValueError(f"delta must be 0 or above, not {checks.shown(delta)}")
    if y.ndim not in (1, 2):
        raise ValueError(f"y must be probabilities (N, classes) or (classes,), not of shape {y.shape}")
    if not in_unit_interval(y):
        raise ValueError("y must be probabilities, in [0, 1]; it has elements outside")
    return cross_entropy_of(y, as_digits(t, y), delta)


def mse(y, t):
    """The mean of (y - t)^2 over all elements; `mean_squared_error` is half their sum.

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
    Source: the Keras notes, 2.3.2, which name it, as they do `mape` and `smape`.

    Examples
    --------
    >>> print(mse([1.0, 2.0, 5.0], [1.0, 4.0, 4.0]).round(4))
    1.6667
    """
    y, t = _of_one_shape(y, t)
    e = y - t
    return (e * e).mean()


def mape(y, t):
    """The mean absolute percentage error: 100 times the mean of abs(y - t) / abs(t).

    Parameters, return value and errors are those of `mse`; and ValueError if a target is 0, of which nothing is a
    share.

    Examples
    --------
    >>> print(mape([125.0, 50.0], [100.0, 100.0]))
    37.5
    """
    y, t = _of_one_shape(y, t)
    if bool((t == 0).any()):
        raise ValueError("t must have no element that is 0, by which the error would be divided")
    return (100 * abs(y - t) / abs(t)).mean()


def smape(y, t, *, halved=True):
    """The symmetric mean absolute percentage error: 100 times the mean of abs(y - t) / ((abs(y) + abs(t)) / 2).

    Parameters
    ----------
    y, t : array, of one shape
        Outputs and targets.
    halved : bool
        Whether the sum below is halved, so that the largest error is 200; without it, the other convention in use, the
        error is half as large, at most 100.

    Returns
    -------
    number

    Raises
    ------
    TypeError, ValueError
        If they are not arrays of finite real numbers of one shape and dtype, or `halved` neither True nor False.

    Notes
    -----
    Where output and target are both 0, the error is 0. It is not as symmetric as its name has it: of 100, an answer of
    150 costs 40 and one of 50 costs 66.7.

    Examples
    --------
    >>> print(smape([150.0], [100.0]), smape([50.0], [100.0]).round(1), smape([150.0], [100.0], halved=False))
    40.0 66.7 20.0
    """
    y, t = _of_one_shape(y, t)
    below = abs(y) + abs(t)
    most = 200 if checks.flag("halved", halved) else 100
    return (most * abs(y - t) / (below + (below == 0))).mean()


def binary_cross_entropy(y, t):
    """The mean over all elements of -t ln(y) - (1 - t) ln(1 - y).

    Parameters
    ----------
    y : array
        Probabilities.
    t : array, shape of `y`
        Targets from 0 to 1.

    Returns
    -------
    number
        Infinite where an answer is sure and wrong. A term whose factor is 0 adds nothing, whatever its logarithm.

    Raises
    ------
    TypeError, ValueError
        If they are not arrays of numbers in [0, 1], of one shape and dtype.

    Notes
    -----
    Source: the Keras notes, 2.3.2, which name it. Of a single output it is the categorical cross-entropy of the two
    classes (y, 1 - y). The categorical one is `cross_entropy_error`, without the from-scratch notes' 1e-7 by
    ``delta=0``.

    Examples
    --------
    >>> print(binary_cross_entropy([0.9, 0.2], [1.0, 0.0]).round(4))
    0.1643
    """
    y, t = _of_one_shape(y, t)
    for name, a in (("y", y), ("t", t)):
        if not in_unit_interval(a):
            raise ValueError(f"{name} must be in [0, 1]; it has elements outside")
    with np.errstate(divide="ignore"):  # ln(0) is -infinity by definition
        return abs((_times_ln(t, y) + _times_ln(1 - t, 1 - y)).mean())  # no logarithm is above 0; minus would give -0


def _times_ln(t, y):
    """t ln(y), and 0 where t is 0."""
    nothing = t == 0
    return t * np.log(y + nothing * (y == 0))


def _of_one_shape(y, t):
    """Outputs and targets as finite numbers of one shape."""
    y = checks.real("y", y)
    t = checks.real("t", t, y)
    if t.shape != y.shape:
        digits = f"; digits are turned into rows by one_hot(t, {y.shape[-1]})" if t.shape == y.shape[:-1] else ""
        raise ValueError(f"t must have the shape {y.shape} of y, not {t.shape}{digits}")
    return y, t


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
