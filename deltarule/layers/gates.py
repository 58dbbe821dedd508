"""Perceptrons, and the gates that they make: AND, NAND, OR by one each, XOR by three of them."""

import numpy as np

from ..basics.arrays import namespace
from . import checks

# By name: the weights of the two inputs, and the bias
GATES = {
    "AND": ((0.5, 0.5), -0.7),
    "NAND": ((-0.5, -0.5), 0.7),
    "OR": ((0.5, 0.5), -0.2),
}

FORMS = ("bias", "threshold")


def perceptron(x, w, b):
    """1 where the sum of w x, plus b, is above 0, else 0.

    Parameters
    ----------
    x : array, shape (n,) or (..., n)
        The inputs; leading axes are many of them.
    w : array, shape (n,)
        The weights.
    b : float
        The bias.

    Returns
    -------
    int, or array of int with the leading axes of `x`

    Raises
    ------
    TypeError, ValueError
        If an argument is not of finite real numbers, or `x` and `w` do not fit together.

    Notes
    -----
    Source: the from-scratch notes, chapter 2, formula 2.2.

    Examples
    --------
    >>> print(perceptron([[0, 0], [1, 0], [0, 1], [1, 1]], [0.5, 0.5], -0.7))
    [0 0 0 1]
    """
    x = checks.real("x", x)
    w = checks.real("w", w, x)
    b = checks.number("b", b)
    if w.ndim != 1 or x.ndim == 0 or x.shape[-1] != len(w):
        raise ValueError(f"x must be of shape (..., n) and w of shape (n,), not {x.shape} and {w.shape}")
    return _plain(((x * w).sum(axis=-1) + b > 0).astype(np.int64))


def AND(x1, x2, *, form="bias"):
    """1 where both inputs are 1.

    Parameters
    ----------
    x1, x2 : number or array, of one shape
        0 or 1; any other numbers will do, as for a figure of the line that the gate draws.
    form : {"bias", "threshold"}
        Whether the weighted sum plus a bias is compared with 0, or the sum with a threshold.

    Returns
    -------
    int, or array of int of that shape

    Raises
    ------
    TypeError, ValueError
        If the inputs are not finite real numbers of one shape, or there is no such form.

    Notes
    -----
    Source: the from-scratch notes, ``AND_Func`` and ``AND_Func_Bias``, chapter 2.

    Examples
    --------
    >>> for x1, x2 in [(0, 0), (1, 0), (0, 1), (1, 1)]:
    ...     print(f"({x1},{x2})->{AND(x1, x2)}")
    (0,0)->0
    (1,0)->0
    (0,1)->0
    (1,1)->1
    """
    return _gate("AND", x1, x2, form)


def NAND(x1, x2, *, form="bias"):
    """0 where both inputs are 1; parameters, return value and errors are those of `AND`.

    Notes
    -----
    Source: the from-scratch notes, ``NAND_Bias_Func``, chapter 2.

    Examples
    --------
    >>> print(NAND([0, 1, 0, 1], [0, 0, 1, 1]))
    [1 1 1 0]
    """
    return _gate("NAND", x1, x2, form)


def OR(x1, x2, *, form="bias"):
    """1 where at least one input is 1; parameters, return value and errors are those of `AND`.

    Notes
    -----
    Source: the from-scratch notes, ``OR_Bias_Func``, chapter 2.

    Examples
    --------
    >>> print(OR([0, 1, 0, 1], [0, 0, 1, 1]))
    [0 1 1 1]
    """
    return _gate("OR", x1, x2, form)


def XOR(x1, x2, *, form="bias"):
    """1 where one input is 1 and the other is not; parameters, return value and errors are those of `AND`.

    AND of the answers of NAND and OR: no perceptron alone can do it.

    Notes
    -----
    Source: the from-scratch notes, ``XOR``, chapter 2.

    Examples
    --------
    >>> print(XOR([0, 1, 0, 1], [0, 0, 1, 1]))
    [0 1 1 0]
    """
    return AND(NAND(x1, x2, form=form), OR(x1, x2, form=form), form=form)


def _gate(name, x1, x2, form):
    """The gate of that name, in either form."""
    x1 = checks.real("x1", x1)
    x2 = checks.real("x2", x2, x1)
    form = checks.choice("form", form, FORMS)
    if x1.shape != x2.shape:
        raise ValueError(f"x2 must have the shape {x1.shape} of x1, not {x2.shape}")
    w, b = GATES[name]
    if form == "bias":
        x = namespace(x1).stack([x1, x2], axis=-1)
        return perceptron(x, namespace(x).asarray(w, dtype=x.dtype), b)
    theta = -b
    return _plain((x1 * w[0] + x2 * w[1] > theta).astype(np.int64))


def _plain(a):
    """One number of NumPy's as Python's own; arrays, and what lives on a GPU, stay."""
    return int(a) if a.ndim == 0 and namespace(a) is np else a
