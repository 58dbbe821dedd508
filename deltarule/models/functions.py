"""What several models are made of, beside the functions of the listings: batches of sequences, states, clipping."""

from numpy import maximum, sqrt

from ..basics.arrays import columns, namespace
from ..listings.training import train
from . import checks


def batches(X, size):
    """Batches of `size` consecutive sequences, one a column: step by step, as the bodies take them.

    Parameters
    ----------
    X : array, shape (N, T, n)
        N sequences of T steps.
    size : int
        Sequences in a batch. An incomplete last batch is left out.

    Returns
    -------
    array, shape (N // size, T, n, size)

    Examples
    --------
    >>> import numpy as np
    >>> batches(np.zeros((7, 5, 2)), 3).shape
    (2, 5, 2, 3)
    """
    count = len(X) // size
    return X[: count * size].reshape(count, size, *X.shape[1:]).transpose(0, 2, 3, 1)


def at_rest(W, x):
    """The state before the first step: zeros, a row for each node of W and a column for each of x."""
    return namespace(W).zeros((*W.shape[:-1], x.shape[-1]), dtype=W.dtype)


def stacked(x, h):
    """The rows of x above those of h; x is the same for all networks that h has leading axes for."""
    xp = namespace(h)
    return xp.concatenate((xp.broadcast_to(x, (*h.shape[:-2], *x.shape)), h), axis=-2)


def clipped(changes, most):
    """A body whose changes are scaled down where they are larger than `most`, all weights of a network together.

    Parameters
    ----------
    changes : callable
        A body as `deltarule.listings.training.train` takes it.
    most : float
        The largest Euclidean norm of all changes; a gradient that is clipped at 1 makes it the learning rate.

    Returns
    -------
    callable
        Such a body. Each of several networks has a norm of its own.

    Examples
    --------
    >>> import numpy as np
    >>> dW1, dW2 = clipped(lambda x: (3 * x, 4 * x), 1.0)(np.ones((1, 1)))
    >>> print(dW1, dW2)
    [[0.6]] [[0.8]]
    """

    def clipped_changes(*arguments):
        dW = changes(*arguments)
        norm = sqrt(sum((dWi * dWi).sum(axis=(-2, -1), keepdims=True) for dWi in dW))
        return tuple(dWi * (most / maximum(norm, most)) for dWi in dW)

    return clipped_changes


def mean(a, axis=-1):
    """The mean along an axis, which stays with one element: that of ``a.mean``, which for few elements takes longer."""
    return a.sum(axis=axis, keepdims=True) / a.shape[axis]


def linear(v):
    """The output of a node without an activation: v itself."""
    return v


def clipped_epoch(changes, weights, X, D, alpha, beta, size, norm):
    """One epoch over batches of sequences by the mean of their gradients, clipped, and momentum, which starts at zero.

    The numbers are checked; X (N, T, n), D (N, m) and the weights have been.
    """
    alpha, beta, norm = checks.rate("alpha", alpha), checks.ratio("beta", beta), checks.rate("norm", norm)
    size = checks.count("size", size, len(X), "sequences of X")
    return train(clipped(changes, alpha * norm), weights, batches(X, size), columns(D, size), alpha / size, beta=beta)


def sequence_batches(X, size):
    """Batches of `size` consecutive sequences, each a matrix with a column a place.

    Parameters
    ----------
    X : array, shape (N, T, n)
    size : int
        Sequences in a batch. An incomplete last batch is left out.

    Returns
    -------
    array, shape (N // size, size, n, T)
    """
    count = len(X) // size
    return X[: count * size].reshape(count, size, *X.shape[1:]).swapaxes(-1, -2)


def for_each(*weights):
    """The weights with an axis for the sequences of a batch, behind those for networks."""
    return [W[..., None, :, :] for W in weights]


def optimised_epoch(changes, weights, x_batches, d_batches, alpha, optimizer):
    """One epoch by an optimiser of `deltarule.layers`: for each batch in order, an update against the weight changes.

    Parameters
    ----------
    changes : callable
        A body as `deltarule.listings.training.train` takes it.
    weights : dict from str to array
        By the names of the page, in the order of the body; they are not written to.
    x_batches, d_batches : array
        Inputs and targets of the batches, along the first axis.
    alpha : float
        What the changes are multiplied by to be those of a mean; the learning rate is the optimiser's.
    optimizer : object with ``update(params, grads)``

    Returns
    -------
    tuple of arrays

    Raises
    ------
    TypeError
        If the optimiser has no ``update``.
    """
    checks.optimizer("optimizer", optimizer)
    params = {name: W.copy() for name, W in weights.items()}
    for x, d in zip(x_batches, d_batches, strict=True):
        dW = changes(*params.values(), x, d, alpha)
        optimizer.update(params, {name: -change for name, change in zip(params, dW, strict=True)})
    return tuple(params.values())
