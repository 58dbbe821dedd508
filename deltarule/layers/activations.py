"""Activation functions, each with its derivative: ``tanh(x)`` and ``tanh(x, diff=True)``.

All but `softmax` go element by element. Numbers of any size give the right answer without a warning.
"""

import numpy as np

from ..basics import functions
from ..basics.arrays import namespace
from . import checks


def step(x, diff=False):
    """1 where x is above 0, else 0.

    Parameters
    ----------
    x : array or number
    diff : bool
        True for the derivative, which is 0; at 0 itself there is none, and 0 is given.

    Returns
    -------
    array or number
        Of the shape of `x`; float32 where `x` is, else float64.

    Raises
    ------
    TypeError, ValueError
        If `x` is not of finite real numbers, or `diff` neither True nor False.

    Notes
    -----
    Source: the from-scratch notes, chapters 2 and 3: the answer of a perceptron.

    Examples
    --------
    >>> print(step([-1.0, 0.0, 2.0]))
    [0. 0. 1.]
    """
    x = checks.real("x", x)
    return _where(x, 0.0, 0.0) if checks.flag("diff", diff) else _where(x, 1.0, 0.0)


def sigmoid(x, diff=False):
    """1 / (1 + exp(-x)).

    Parameters, return value and errors are those of `step`; the derivative is sigmoid(x) (1 - sigmoid(x)), here from
    exp(-abs(x)), which is right to the last digits where the sigmoid itself is 1 in floating numbers.

    Notes
    -----
    Source: the from-scratch notes, ``sigmoid``, chapter 3.

    Examples
    --------
    >>> print(sigmoid([-1000.0, 0.0, 1000.0]), sigmoid(0.0, diff=True))
    [0.  0.5 1. ] 0.25
    """
    x = checks.real("x", x)
    if not checks.flag("diff", diff):
        return functions.sigmoid(x)
    e = np.exp(-abs(x))
    return e / ((1 + e) * (1 + e))


def tanh(x, diff=False):
    """The hyperbolic tangent.

    Parameters, return value and errors are those of `step`; the derivative is (1 + tanh(x)) (1 - tanh(x)), here from
    exp(-abs(x)), for the reason that `sigmoid` gives.

    Notes
    -----
    Source: the from-scratch notes, ``tanh``, chapter 3.

    Examples
    --------
    >>> print(tanh([-1000.0, 0.0, 1000.0]), tanh(0.0, diff=True))
    [-1.  0.  1.] 1.0
    """
    x = checks.real("x", x)
    if not checks.flag("diff", diff):
        return np.tanh(x)
    e = np.exp(-abs(x))
    sech = 2 * e / (1 + e * e)
    return sech * sech


def relu(x, diff=False):
    """max(0, x).

    Parameters, return value and errors are those of `step`; the derivative at 0 is 0.

    Notes
    -----
    Source: the from-scratch notes, ``relu``, chapter 3.

    Examples
    --------
    >>> print(relu([-2.0, 0.0, 3.0]), relu([-2.0, 0.0, 3.0], diff=True))
    [0. 0. 3.] [0. 0. 1.]
    """
    x = checks.real("x", x)
    return _where(x, 1.0, 0.0) if checks.flag("diff", diff) else functions.relu(x)


def leaky_relu(x, a=0.1, diff=False):
    """x where it is above 0, else a x.

    Parameters
    ----------
    x : array or number
    a : float
        The slope on the left.
    diff : bool
        True for the derivative: 1 or `a`; at 0 it is `a`.

    Returns
    -------
    array or number
        Of the shape of `x`; float32 where `x` is, else float64.

    Raises
    ------
    TypeError, ValueError
        If `x` is not of finite real numbers, `a` not a finite number, or `diff` neither True nor False.

    Notes
    -----
    Source: the from-scratch notes, ``leaky_ReLU``, chapter 3. There it is max(a x, x), which is this for a <= 1 alone.

    Examples
    --------
    >>> print(leaky_relu([-2.0, 3.0]), leaky_relu([-2.0, 3.0], diff=True))
    [-0.2  3. ] [0.1 1. ]
    """
    return _two_slopes(x, checks.number("a", a), diff)


def prelu(x, b=0.5, diff=False):
    """x where it is above 0, else b x, the slope b being a parameter.

    Parameters, return value and errors are those of `leaky_relu`, with `b` for its `a`. Right for b above 1 as well.

    Notes
    -----
    Source: the from-scratch notes, ``PReLU``, chapter 3. There it is max(b x, x), which is this for b <= 1 alone.

    Examples
    --------
    >>> print(prelu([-1.0, 1.0], b=2))
    [-2.  1.]
    """
    return _two_slopes(x, checks.number("b", b), diff)


def elu(x, alpha=1.0, diff=False):
    """x where it is above 0, else alpha (exp(x) - 1).

    Parameters
    ----------
    x : array or number
    alpha : float
        Minus the limit on the left, and the slope left of 0: where it is not 1 there is a bend at 0.
    diff : bool
        True for the derivative; at 0 it is `alpha`.

    Returns
    -------
    array or number
        Of the shape of `x`; float32 where `x` is, else float64.

    Raises
    ------
    TypeError, ValueError
        If `x` is not of finite real numbers, `alpha` not a finite number, or `diff` neither True nor False.

    Notes
    -----
    Source: the from-scratch notes, ``ELU``, chapter 3. It takes exp of all x, which runs over from 710 on.

    Examples
    --------
    >>> print(elu([-1000.0, 0.0, 1000.0]), elu([-1000.0, 0.0, 1000.0], diff=True))
    [  -1.    0. 1000.] [0. 1. 1.]
    """
    x, alpha = checks.real("x", x), checks.number("alpha", alpha)
    left = np.minimum(x, 0)
    if checks.flag("diff", diff):
        return _where(x, 1.0, alpha * np.exp(left))
    return np.maximum(x, 0) + alpha * np.expm1(left)


def softmax(x, diff=False):
    """exp(x) divided by its sum, along the last axis: each row sums to 1.

    Parameters
    ----------
    x : array, shape (n,) or (..., n)
        One sample, or one a row.
    diff : bool
        True for the derivatives of each output (last axis but one) with respect to each input (last axis).

    Returns
    -------
    array, shape of `x`, or (..., n, n) with `diff`
        float32 where `x` is, else float64.

    Raises
    ------
    TypeError, ValueError
        If `x` is not of finite real numbers, or has no axis; or `diff` is neither True nor False.

    Notes
    -----
    Source: the from-scratch notes, ``Softmax``, chapter 3. It divides by the sum over all elements, which is right for
    one sample alone, and runs over from 710 on. Here the largest element of each row is subtracted first.

    Examples
    --------
    >>> print(softmax([[1000.0, 1000.0], [0.0, -1000.0]]))
    [[0.5 0.5]
     [1.  0. ]]
    >>> print(softmax([0.0, 0.0], diff=True))
    [[ 0.25 -0.25]
     [-0.25  0.25]]
    """
    x = checks.real("x", x)
    if x.ndim == 0:
        raise ValueError("x must have at least one axis, along which the softmax is taken")
    y = softmax_of(x)
    if not checks.flag("diff", diff):
        return y
    n = y.shape[-1]
    xp = namespace(y)
    own = xp.arange(n)[:, None] == xp.arange(n)
    return y[..., :, None] * (own - y[..., None, :])


def softmax_of(x):
    """`softmax` of an array that is known to be right."""
    with np.errstate(over="ignore"):  # a difference too large for a number is -infinity, of which exp is 0
        y = x - x.max(axis=-1, keepdims=True)
    np.exp(y, out=y)
    y /= y.sum(axis=-1, keepdims=True)
    return y


def identity(x, diff=False):
    """x itself: the activation of an output that is a number to be predicted.

    Parameters, return value and errors are those of `step`; the derivative is 1.

    Notes
    -----
    Source: the from-scratch notes, ``identity_function``, chapter 3.

    Examples
    --------
    >>> print(identity([0.5, -2.0]), identity([0.5, -2.0], diff=True))
    [ 0.5 -2. ] [1. 1.]
    """
    x = checks.real("x", x)
    return _where(x, 1.0, 1.0) if checks.flag("diff", diff) else x


def _where(x, right, left):
    """`right` where x is above 0 and `left` elsewhere, as numbers of the dtype of x."""
    return namespace(x).where(x > 0, right, left).astype(x.dtype)


def _two_slopes(x, slope, diff):
    """x right of 0, and `slope` times x left of it."""
    x = checks.real("x", x)
    if checks.flag("diff", diff):
        return _where(x, 1.0, slope)
    return np.maximum(x, 0) + slope * np.minimum(x, 0)


ACTIVATIONS = {
    "step": step,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "relu": relu,
    "leaky_relu": leaky_relu,
    "prelu": prelu,
    "elu": elu,
    "softmax": softmax,
    "identity": identity,
}
