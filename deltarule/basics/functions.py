"""The functions the listings are made of: activations, dropout and the two cost functions.

Samples are columns: where a function looks along a sample (`softmax`), that is the last axis but one. NumPy's
element-wise functions serve CuPy arrays as well: they hand over to the module of their argument.
"""

import numpy as np
from numpy import errstate, exp, maximum, reciprocal

from .. import matlab
from . import checks
from .arrays import namespace

NO_OVERFLOW = -88.0  # above it no exp(-x) overflows: in float32 it does from -88.72 on, in float64 from -709.78 on
FEW = 10_000  # elements, of which to find the least takes less time than `errstate`


def sigmoid(x):
    """The logistic function 1 / (1 + exp(-x)), element by element.

    Parameters
    ----------
    x : array or number

    Returns
    -------
    array or number
        In [0, 1], of the shape of `x`; float32 where `x` is, else float64.

    Raises
    ------
    TypeError, ValueError
        If `x` is not an array of real numbers.

    Notes
    -----
    Source: the listing ``Sigmoid``, chapter 2. The listing divides with MATLAB's matrix ``/``, which works
    for one number at a time; this is the element-wise form that its later chapters use.

    Examples
    --------
    >>> print(sigmoid([-1000.0, 0.0, 1000.0]))
    [0.  0.5 1. ]
    """
    if type(x) is not np.ndarray or x.dtype.char not in "fd":  # asked here, since it is called for every layer
        x = checks.floating("x", x)
    elif 0 < x.size < FEW and x.item(x.argmin()) > NO_OVERFLOW:
        return reciprocal(1.0 + exp(-x))
    with errstate(over="ignore"):  # 1 / (1 + infinity) is the 0 that it should be
        return 1.0 / (1.0 + exp(-x))


def relu(x):
    """The rectified linear unit max(0, x), element by element.

    Parameters
    ----------
    x : array or number

    Returns
    -------
    array or number
        Of the shape of `x`; float32 where `x` is, else float64.

    Raises
    ------
    TypeError, ValueError
        If `x` is not an array of real numbers.

    Notes
    -----
    Source: the listing ``ReLU``, chapter 5.

    Examples
    --------
    >>> print(relu([-2.0, 0.0, 3.0]))
    [0. 0. 3.]
    """
    return maximum(0.0, checks.floating("x", x))


def softmax(x):
    """exp(x) divided by its sum over each column, so that a column sums to 1.

    The largest element of the column is subtracted first, which changes nothing but the overflow.

    Parameters
    ----------
    x : array, shape (n,) or (..., n, samples)
        One vector, or one column a sample.

    Returns
    -------
    array
        Of the shape of `x`; float32 where `x` is, else float64.

    Raises
    ------
    TypeError, ValueError
        If `x` is not an array of real numbers, or has no axis or no elements.

    Notes
    -----
    Source: the listing ``Softmax``, chapter 4.

    Examples
    --------
    >>> print(softmax([1000.0, 1000.0]))
    [0.5 0.5]
    """
    x = checks.columns("x", x)
    axis = -2 if x.ndim > 1 else -1
    ex = exp(x - x.max(axis=axis, keepdims=True))
    return ex / ex.sum(axis=axis, keepdims=True)


def dropout(y, ratio, rng):
    """The mask that drops the share `ratio` of the nodes of `y` and scales up the others.

    Parameters
    ----------
    y : array, shape (n,) or (..., n, samples)
        Outputs of a layer; only shape, dtype and device are used.
    ratio : float
        Share of nodes to drop, in [0, 1).
    rng : deltarule.matlab.Stream
        Where the kept nodes are drawn, by ``randperm(n * samples, kept)``. Any object with that method will do.

    Returns
    -------
    array, shape of the last two axes of `y`
        1 / (1 - ratio) for the nodes kept, 0 for those dropped. Leading axes (many networks) share the mask,
        as single runs from the same seed would.

    Raises
    ------
    ValueError, TypeError
        If `y` is not an array of real numbers with at least one axis, `ratio` not a number in [0, 1), or `rng` not a
        stream.

    Notes
    -----
    Source: the listing ``Dropout``, chapter 5. It keeps ``round(n * samples * (1 - ratio))`` nodes, halves
    rounded away from zero, and draws them as MATLAB's ``randperm(n, k)`` does: see
    `deltarule.matlab.Stream.randperm` for how far that is established.

    Examples
    --------
    >>> from deltarule import matlab
    >>> mask = dropout(np.zeros((10, 1)), 0.2, matlab.rng(1))
    >>> print(mask.shape, (mask == 1.25).sum(), (mask == 0).sum())
    (10, 1) 8 2
    """
    y = checks.columns("y", y)
    ratio = checks.ratio("ratio", ratio)
    checks.stream("rng", rng)
    *_, n, samples = (*y.shape, 1) if y.ndim == 1 else y.shape
    idx = rng.randperm(n * samples, kept_nodes(n * samples, ratio))
    ym = np.zeros(1 + n * samples, dtype=y.dtype)  # MATLAB counts from 1, column by column
    ym[idx] = 1 / (1 - ratio)
    return namespace(y).asarray(ym[1:].reshape(samples, n).T.reshape(y.shape[-2:]))


def kept_nodes(n, ratio):
    """How many of n nodes dropout keeps when it drops the share `ratio`; halves are rounded away from zero."""
    return int(matlab.round(n * (1 - ratio)))


def sum_squared_error(d, y):
    """The cost J = sum of (d - y)^2 / n over n samples.

    Parameters
    ----------
    d, y : array, shape (N,) or (..., N, outputs)
        Targets and outputs, one sample a row; `y` may have leading axes (many networks).

    Returns
    -------
    number, or array with the leading axes of `y`

    Raises
    ------
    ValueError, TypeError
        If the shapes do not match, or an element is not a finite real number.

    Notes
    -----
    Source: the cost J with 1/n of the Korean summary (docs/sources.md), which is also what the book's SGDvsBatch
    plots. The delta rule and back-propagation descend half the sum, (d - y)^2 / 2, of one sample at a time.

    Examples
    --------
    >>> float(sum_squared_error([0.0, 1.0], [0.5, 0.5]))
    0.25
    """
    d, y = checks.targets_and_outputs(d, y)
    return _sum_over_samples((d - y) ** 2) / d.shape[-2 if d.ndim > 1 else -1]


def cross_entropy(d, y):
    """The cost J = sum of -d ln(y) - (1 - d) ln(1 - y) over all samples and outputs.

    Parameters
    ----------
    d, y : array, shape (N,) or (..., N, outputs)
        Targets and outputs, all in [0, 1], one sample a row; `y` may have leading axes (many networks).
        0 ln(0) counts as 0.

    Returns
    -------
    number, or array with the leading axes of `y`
        Infinite where an output is 0 or 1 and its target is not.

    Raises
    ------
    ValueError, TypeError
        If the shapes do not match, or an element lies outside [0, 1].

    Notes
    -----
    Source: the second cost function of the Korean summary (docs/sources.md); chapter 3 of the book. It is the cost
    of sigmoid outputs; that of a softmax output is its first term alone, -d ln(y).

    Examples
    --------
    >>> print(round(float(cross_entropy([0.0, 1.0], [0.5, 0.5])), 4))
    1.3863
    """
    d, y = checks.targets_and_outputs(d, y, unit_interval=True)
    return _sum_over_samples(-_x_ln_y(d, y) - _x_ln_y(1 - d, 1 - y))


def _sum_over_samples(a):
    return a.sum(axis=(-2, -1) if a.ndim > 1 else -1)


def _x_ln_y(x, y):
    """x ln(y), and 0 where x is 0."""
    xp = namespace(y)
    x, y = xp.broadcast_arrays(x, y)
    with np.errstate(divide="ignore"):  # ln(0) is -infinity by definition
        return x * xp.log(xp.where(x == 0, 1, y))
