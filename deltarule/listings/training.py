"""The training loop that the listings share: over samples or batches, with or without momentum."""

from operator import add


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

    Raises
    ------
    ValueError
        If `changes` returns too few arrays or too many.
    """
    W, m = tuple(weights), momenta
    for x, d in zip(x_batches, d_batches, strict=True):
        dW = changes(*W, x, d, alpha, *constants)
        if len(dW) != len(W):
            raise ValueError(f"changes must return {len(W)} arrays, one for each of the weights, not {len(dW)}")
        if beta is not None:
            dW = m = dW if m is None else [dWi + beta * mi for dWi, mi in zip(dW, m, strict=True)]
        W = tuple(map(add, W, dW))
    return W if momenta is None else (*W, *m)
