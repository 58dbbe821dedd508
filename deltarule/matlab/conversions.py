"""MATLAB's rounding and its reshape."""

import math

import numpy as np

from . import arguments


def round(x, digits=0):
    """MATLAB's round: to the nearest integer, or to so many decimals, halves away from zero.

    Parameters
    ----------
    x : array or number
        Real.
    digits : int
        -308 to 308; negative ones are left of the decimal point.

    Returns
    -------
    array of float or float
        Of the shape of `x`; float32 for float32.

    Raises
    ------
    TypeError, ValueError
        If `x` is not an array of real numbers, or `digits` not an integer in that range.

    Notes
    -----
    With `digits` it is ``round(x * 10**digits) / 10**digits``, so that 2.675, which is stored as 2.67499..., becomes
    2.68. A number so large that the product overflows has no such decimals and stays.

    Examples
    --------
    >>> round(12.5), round(-2.5), round(0.49999999999999994)
    (13.0, -3.0, 0.0)
    >>> round(3.14159, 3), round(1250.0, -2)
    (3.142, 1300.0)
    """
    if isinstance(x, float) and type(digits) is int and digits == 0:
        fraction, whole = math.modf(x)  # exact, as x + 0.5 is not
        return whole + math.copysign(abs(fraction) >= 0.5, x)
    x = arguments.numbers("x", x)
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    digits = arguments.integer("digits", digits, -308, 308)
    rounded = _rounded(x) if digits == 0 else _rounded_to(x, digits)
    return rounded if rounded.ndim else rounded.item()


def _rounded(x):
    fraction, whole = np.modf(x)
    return np.asarray(whole + np.copysign(abs(fraction) >= 0.5, x))


def _rounded_to(x, digits):
    scale, a = 10.0 ** abs(digits), x.astype(np.float64)
    with np.errstate(over="ignore"):
        scaled = a * scale if digits > 0 else a / scale
        rounded = _rounded(scaled) / scale if digits > 0 else _rounded(scaled) * scale
    return np.where(np.isfinite(scaled), rounded, a).astype(x.dtype)


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
    a = arguments.array("a", a)
    sizes = arguments.reshaped(shape)
    try:
        return a.reshape(sizes, order="F")
    except ValueError:
        shown = tuple(None if n == -1 else n for n in sizes)
        raise ValueError(f"shape must hold the {a.size} elements of a, not {shown}") from None
