"""The training loop that the listings share: over samples or batches, with or without momentum."""

from functools import lru_cache
from operator import add
from threading import get_ident

import numpy as np

from .arrays import namespace
from .recording import Recording

SMALL = 4096  # elements of a layer, and of the samples, up to which replaying a recorded epoch is quicker


def train(changes, weights, x_batches, d_batches, alpha, *constants, beta=None):
    """One epoch: for each batch in order, compute the weight changes and add them.

    Parameters
    ----------
    changes : callable
        ``changes(*weights, x, d, alpha, *constants)`` returns the weight changes dW, one for each of the weights.
    weights : sequence of arrays
        Starting weights; they are not written to.
    x_batches, d_batches : array
        Inputs and targets of the batches, along the first axis.
    alpha : float
        Learning rate.
    *constants
        What else `changes` takes.
    beta : float, optional
        Momentum: m = dW + beta m, W = W + m, with m zero at the start of the epoch. None for W = W + dW.

    Returns
    -------
    tuple of arrays
        The new weights.

    Notes
    -----
    For small NumPy arrays the epoch is recorded at the first call and replayed from then on, see
    `deltarule.recording`: the lines of `changes` are run once for each shape of the arrays, not once a sample.
    """
    W = weights[0]
    if not constants and _is_small(*weights, x_batches):
        shapes = (*(W.shape for W in weights), x_batches.shape, d_batches.shape)
        if beta is None:
            return _recorded(changes, shapes, W.dtype, False, get_ident())(*weights, x_batches, d_batches, alpha)
        return _recorded(changes, shapes, W.dtype, True, get_ident())(*weights, x_batches, d_batches, alpha, beta)
    alpha = namespace(W).asarray(alpha, dtype=W.dtype)  # array times array is quicker than number times array
    return _epoch(changes, weights, x_batches, d_batches, alpha, beta, *constants)


def _epoch(changes, weights, x_batches, d_batches, alpha, beta, *constants):
    m = None
    for x, d in zip(x_batches, d_batches, strict=True):
        dW = changes(*weights, x, d, alpha, *constants)
        if beta is not None:
            dW = m = dW if m is None else [dWi + beta * mi for dWi, mi in zip(dW, m, strict=True)]
        weights = tuple(map(add, weights, dW))
    return weights


def _is_small(*arrays):
    return all(type(a) is np.ndarray and a.size <= SMALL for a in arrays) and all(W.ndim == 2 for W in arrays[:-1])


@lru_cache(maxsize=32)
def _recorded(changes, shapes, dtype, momentum, thread):
    """An epoch of a listing on arrays of these shapes; one for each thread, since a recording has arrays of its own."""
    n = len(shapes) - 2

    def epoch(*arguments):
        weights, (x_batches, d_batches, alpha, *beta) = arguments[:n], arguments[n:]
        return _epoch(changes, weights, x_batches, d_batches, alpha, *(beta or [None]))

    return Recording(epoch, (*shapes, (), ()) if momentum else (*shapes, ()), dtype)
