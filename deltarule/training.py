"""The training loop that the listings share: over samples or batches, with or without momentum."""

from operator import add

from .arrays import namespace


def train(changes, weights, x_batches, d_batches, alpha, *constants, beta=None):
    """One epoch: for each batch in order, compute the weight changes and add them.

    Parameters
    ----------
    changes : callable
        ``changes(*weights, x, d, alpha, *constants)`` returns the weight changes dW, one for each of the weights.
    weights : sequence of arrays
        Starting weights; they are not written to.
    x_batches, d_batches : iterable
        Inputs and targets of the batches.
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
    """
    W = weights[0]
    alpha = namespace(W).asarray(alpha, dtype=W.dtype)  # array times array is quicker than number times array
    momenta = [0.0] * len(weights)
    for x, d in zip(x_batches, d_batches, strict=True):
        dW = changes(*weights, x, d, alpha, *constants)
        if beta is not None:
            dW = momenta = [dWi + beta * mi for dWi, mi in zip(dW, momenta, strict=True)]
        weights = tuple(map(add, weights, dW))
    return tuple(weights)
