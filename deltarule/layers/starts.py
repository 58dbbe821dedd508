"""Starting weights: normal numbers times a scale that is a number, or Xavier's, or He's."""

import math

import numpy as np

from . import checks

# By name: the variance times the number of inputs
_VARIANCES = {"xavier": 1.0, "sigmoid": 1.0, "he": 2.0, "relu": 2.0}


def weight_scale(init, n_in):
    """The standard deviation of the starting weights of a layer.

    Parameters
    ----------
    init : float or str
        A number above 0, which it then is; "xavier" or "sigmoid" for sqrt(1 / n_in); "he" or "relu" for
        sqrt(2 / n_in). In capital letters or small ones.
    n_in : int
        The inputs of a node.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If `init` is neither a number above 0 nor one of the names, or `n_in` not an integer of at least 1.

    Notes
    -----
    Source: the from-scratch notes, chapter 6, "starting values of the weights".

    Examples
    --------
    >>> print(weight_scale("Xavier", 100), weight_scale("he", 50), weight_scale(0.01, 784))
    0.1 0.2 0.01
    """
    n_in = checks.size("n_in", n_in)
    if isinstance(init, str):
        return math.sqrt(_VARIANCES[checks.choice("init", init, _VARIANCES)] / checks.number("n_in", n_in))
    return checks.rate("init", init)


def starting_weights(rng, shape, init, n_in=None, dtype=np.float64):
    """Weights to start from: the scale times normal numbers.

    Parameters
    ----------
    rng : numpy.random.RandomState or deltarule.matlab.Stream
        One ``rng.randn(*shape)`` is drawn from it.
    shape : tuple of int
        (inputs, outputs), or (filters, channels, height, width).
    init : float or str
        As `weight_scale` takes it.
    n_in : int, optional
        The inputs of a node. When None: the first of two sizes, the product of the last three of four.
    dtype : float64 or float32
        What to convert the numbers to, which are drawn in float64.

    Returns
    -------
    array of that shape and dtype

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind; the message names it.

    Examples
    --------
    >>> W = starting_weights(np.random.RandomState(1), (784, 50), 0.01)
    >>> print(W.shape, (W == 0.01 * np.random.RandomState(1).randn(784, 50)).all())
    (784, 50) True
    """
    checks.draws("rng", rng, "randn")
    dtype = checks.dtype("dtype", dtype)
    if not isinstance(shape, tuple | list) or len(shape) not in (2, 4):
        raise ValueError(
            f"shape must be (inputs, outputs) or (filters, channels, height, width), not {checks.shown(shape)}"
        )
    shape = tuple(checks.size("shape", n) for n in shape)
    checks.room(math.prod(shape), shape=shape)
    if n_in is None:
        n_in = shape[0] if len(shape) == 2 else math.prod(shape[1:])
    scale = weight_scale(init, n_in)
    return (scale * rng.randn(*shape)).astype(dtype, copy=False)
