"""The training loop that the listings share: over samples or batches, with or without momentum."""

from functools import lru_cache
from operator import add
from threading import get_ident

import numpy as np

from .arrays import namespace
from .recording import Recording

SMALL = 4096  # elements of a layer, and of the samples, up to which replaying a recorded epoch is quicker
FEW = 64  # batches in an epoch, up to which it is recorded: the recording takes memory for each


def train(changes, weights, x_batches, d_batches, alpha, *constants, beta=None, momenta=None):
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
        Momentum: m = dW + beta m, W = W + m. None for W = W + dW.
    momenta : sequence of arrays, optional
        The m to start from, one for each of the weights; None for zero.

    Returns
    -------
    tuple of arrays
        The new weights; when `momenta` are given, the weights and then the new momenta.

    Notes
    -----
    For small NumPy arrays the epoch is recorded at the first call and replayed from then on, see
    `deltarule.recording`: the lines of `changes` are run once for each shape of the arrays, not once a sample.
    """
    W = weights[0]
    state = (*weights, *(momenta or ()))
    hashable = all(type(constant).__hash__ for constant in constants)  # a stream of the caller's own making may not be
    if hashable and len(x_batches) <= FEW and _is_small(*state, x_batches):
        shapes = (*(a.shape for a in state), x_batches.shape, d_batches.shape)
        recorded = _recorded(changes, len(weights), shapes, W.dtype, beta is not None, get_ident(), *constants)
        return recorded(*state, x_batches, d_batches, alpha, *(() if beta is None else (beta,)))
    alpha = namespace(W).asarray(alpha, dtype=W.dtype)  # array times array is quicker than number times array
    return _epoch(changes, weights, momenta, x_batches, d_batches, alpha, beta, *constants)


def _epoch(changes, weights, momenta, x_batches, d_batches, alpha, beta, *constants):
    m = momenta
    for x, d in zip(x_batches, d_batches, strict=True):
        dW = changes(*weights, x, d, alpha, *constants)
        if beta is not None:
            dW = m = dW if m is None else [dWi + beta * mi for dWi, mi in zip(dW, m, strict=True)]
        weights = tuple(map(add, weights, dW))
    return weights if momenta is None else (*weights, *m)


def _is_small(*arrays):
    return all(type(a) is np.ndarray and a.size <= SMALL for a in arrays) and all(W.ndim == 2 for W in arrays[:-1])


@lru_cache(maxsize=32)
def _recorded(changes, n, shapes, dtype, momentum, thread, *constants):
    """An epoch of a listing with n weights on arrays of these shapes, and with these constants.

    There is one for each thread, since a recording has arrays of its own.
    """

    def epoch(*arguments):
        weights, (*momenta, x_batches, d_batches, alpha) = arguments[:n], arguments[n : len(shapes) + 1]
        beta = arguments[-1] if momentum else None
        return _epoch(changes, weights, momenta or None, x_batches, d_batches, alpha, beta, *constants)

    return Recording(epoch, (*shapes, (), ()) if momentum else (*shapes, ()), dtype)
