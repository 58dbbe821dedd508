"""The training loop that the listings share: over samples or batches, with or without momentum."""

from functools import lru_cache, reduce
from operator import add
from threading import get_ident

import numpy as np

from .arrays import namespace
from .recording import Recording
from .sharing import SharedChanges, SharedStep, threads

SMALL = 4096  # elements of an epoch's samples, up to which it is recorded as a whole
FEW = 64  # batches in such an epoch: the recording takes memory for the calls of each


def train(changes, weights, x_batches, d_batches, alpha, *constants, beta=None, momenta=None, recorded=True, axes=None):
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
        Momentum: m = beta m + dW, W = W + m. None for W = W + dW.
    momenta : sequence of arrays, optional
        The m to start from, one for each of the weights; None for zero.
    recorded : bool
        Whether `changes` can be recorded: whether it does nothing but what `deltarule.recording.Recording` takes.
    axes : pair of int, optional
        Along which axis of a batch's x, and of its d, the samples lie: threads may share a large batch. None for one
        thread.

    Returns
    -------
    tuple of arrays
        The new weights; when `momenta` are given, the weights and then the new momenta.

    Notes
    -----
    On NumPy arrays the lines of `changes` are run once for each shape of the arrays and replayed from then on, see
    `deltarule.recording`: a short epoch is recorded as a whole, of a long one the step over one batch, which threads
    may share, see `deltarule.sharing`.
    """
    W = weights[0]
    arrays = (*weights, *(momenta or ()), x_batches, d_batches)
    if not recorded or set(map(type, arrays)) != {np.ndarray} or (constants and not _hashable(constants)):
        alpha = namespace(W).asarray(alpha, dtype=W.dtype)  # array times array is quicker than number times array
        return _epoch(changes, weights, momenta, x_batches, d_batches, alpha, beta, *constants)
    shapes = tuple([a.shape for a in arrays])
    kind = changes, len(weights), W.dtype, beta is not None, get_ident(), *constants
    rates = (alpha,) if beta is None else (alpha, beta)
    if len(x_batches) <= FEW and x_batches.size <= SMALL and W.size <= SMALL:
        return _recorded_epoch(shapes, *kind)(*arrays, *rates)
    state = weights if beta is None else (*weights, *(momenta or map(np.zeros_like, weights)))
    shapes = *(a.shape for a in state), x_batches.shape[1:], d_batches.shape[1:]
    count = threads(x_batches.shape[1 + axes[0]]) if axes else 1
    step = _recorded_step(shapes, axes, count, *kind)
    state = step.over(zip(x_batches, d_batches, strict=True), state, rates)
    return state[: len(weights)] if momenta is None else state


def _hashable(constants):
    """Whether a recording can be found by these constants: a stream of the caller's own making may not be hashable."""
    return all(type(constant).__hash__ for constant in constants)


def _epoch(changes, weights, momenta, x_batches, d_batches, alpha, beta, *constants):
    m = momenta
    for x, d in zip(x_batches, d_batches, strict=True):
        dW = changes(*weights, x, d, alpha, *constants)
        weights, m = _changed(weights, m, dW, beta)
    return weights if momenta is None else (*weights, *m)


def _changed(weights, m, dW, beta):
    """The weights and momenta after the weight changes dW of a batch."""
    if beta is not None:
        dW = m = dW if m is None else [beta * mi + dWi for dWi, mi in zip(dW, m, strict=True)]
    return tuple(map(add, weights, dW)), m


@lru_cache(maxsize=32)
def _recorded_epoch(shapes, changes, n, dtype, momentum, thread, *constants):
    """An epoch of a listing with n weights on arrays of these shapes, and with these constants.

    There is one for each thread, since a recording has arrays of its own.
    """

    return _recording(shapes, iter, changes, n, dtype, momentum, constants)


@lru_cache(maxsize=4)  # of large arrays
def _recorded_step(shapes, axes, count, changes, n, dtype, momentum, thread, *constants):
    """The step over one batch, from weights and momenta to weights and momenta; else as `_recorded_epoch`."""
    if count == 1:
        return _recording(shapes, lambda batch: (batch,), changes, n, dtype, momentum, constants)
    return _shared_step(shapes, axes, count, changes, n, dtype, momentum, constants)


def _shared_step(shapes, axes, count, changes, n, dtype, momentum, constants):
    """The same, where `count` threads share the batch: a recording of `changes` for each, and one of the rest."""
    state = [np.zeros(shape, dtype) for shape in shapes[:-2]]
    parts = SharedChanges(lambda *arguments: changes(*arguments, *constants), state[:n], shapes[-2:], axes, count)

    def update(*arguments):
        *arrays, beta = arguments if momentum else (*arguments, None)
        W, m, dW = arrays[:n], arrays[n : len(state)], arrays[len(state) :]
        W, m = _changed(W, m, [reduce(add, dW[k::n]) for k in range(n)], beta)
        return (*W, *m)

    rates = [()] if momentum else []
    return SharedStep(parts, Recording(update, (*state, *parts.results, *rates), dtype))


def _recording(shapes, batches, changes, n, dtype, momentum, constants):
    """The recording of `_epoch` for state, x, d, alpha and beta; `batches` makes the batches out of x, and out of d."""

    def function(*arguments):
        *arrays, alpha = arguments[:-1] if momentum else arguments
        *state, x, d = arrays
        beta = arguments[-1] if momentum else None
        return _epoch(changes, state[:n], state[n:] or None, batches(x), batches(d), alpha, beta, *constants)

    return Recording(function, (*shapes, (), ()) if momentum else (*shapes, ()), dtype)
