"""MATLAB's rounding and its reshape."""

import math

import numpy as np

from . import arguments


def round(x):
    """MATLAB's round: to the nearest integer, halves away from zero.

    Parameters
    ----------
    x : array or number

    Returns
    -------
    array of float64 or float
        Of the shape of `x`.

    Examples
    --------
    >>> round(12.5), round(-2.5), round(0.49999999999999994)
    (13.0, -3.0, 0.0)
    """
    if isinstance(x, float):
        fraction, whole = math.modf(x)  # exact, as x + 0.5 is not
        return whole + math.copysign(abs(fraction) >= 0.5, x)
    fraction, whole = np.modf(x)
    rounded = whole + np.copysign(abs(fraction) >= 0.5, x)
    return rounded if rounded.ndim else rounded.item()


def reshape(a, *shape):
    """MATLAB's reshape: elements are taken, and laid out, column by column.

    Parameters
    ----------
    a : array
    *shape : int or None, or one tuple of them
        None stands for MATLAB's ``[]``: whatever is left.

    Returns
    -------
    array

    Raises
    ------
    TypeError, ValueError
        If a size is no integer or negative, more than one is None, or the number of elements does not fit.

    Examples
    --------
    >>> print(reshape([[1, 2], [3, 4]], None, 1).T)
    [[1 3 2 4]]
    """
    a = np.asarray(a)
    sizes = arguments.reshaped(shape)
    try:
        return a.reshape(sizes, order="F")
    except ValueError:
        shown = tuple(None if n == -1 else n for n in sizes)
        raise ValueError(f"shape must hold the {a.size} elements of a, not {shown}") from None
