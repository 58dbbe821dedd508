"""Attention: what a place of a sequence gives is a mean over all places, weighted by how they fit what it asks for."""

from math import sqrt

from ..basics.arrays import T
from ..basics.functions import softmax
from ..listings.training import train
from . import checks
from .functions import for_each, sequence_batches

SHAPES = "h n, h n, h n, m h"  # of Wq, Wk, Wv and Wo


def attention_weights(q, k):
    """How much of each place (row) each place (column) takes: a column sums to 1."""
    return softmax(T(k) @ q / sqrt(q.shape[-2]))


def softmax_back(a, ea):
    """The error of what a softmax over columns takes, from that of what it gives."""
    return a * (ea - (a * ea).sum(axis=-2, keepdims=True))


def attention_changes(Wq, Wk, Wv, Wo, x, d, alpha):
    """Weight changes for cross-entropy, summed over sequences x (samples, n, T), d (samples, m, T) and their places."""
    Wq, Wk, Wv, Wo = for_each(Wq, Wk, Wv, Wo)
    q = Wq @ x
    k = Wk @ x
    v = Wv @ x
    a = attention_weights(q, k)
    u = v @ a
    y = softmax(Wo @ u)

    e = d - y
    delta = e

    eu = T(Wo) @ delta
    ev = eu @ T(a)
    ea = T(v) @ eu
    deltaa = softmax_back(a, ea) / sqrt(q.shape[-2])
    eq = k @ deltaa
    ek = q @ T(deltaa)

    dWq = (alpha * eq @ T(x)).sum(axis=-3)
    dWk = (alpha * ek @ T(x)).sum(axis=-3)
    dWv = (alpha * ev @ T(x)).sum(axis=-3)
    dWo = (alpha * delta @ T(u)).sum(axis=-3)
    return dWq, dWk, dWv, dWo


def attention_reversal(Wq, Wk, Wv, Wo, X, D, *, alpha=0.1, beta=0.9, size=10):
    """Train one head of self-attention with a softmax output for one epoch, by the mean cross-entropy of batches.

    Each place of a sequence x asks q = Wq x, offers k = Wk x, and has v = Wv x to give. a = softmax(k'q / sqrt(h)) says
    how much it takes of each place, and y = softmax(Wo v a) is its output.

    Parameters
    ----------
    Wq, Wk, Wv : array, shape (..., h, n)
        Weights from n inputs of a place. Leading axes are independent networks; those of the weights are broadcast
        together, and the new weights have them.
    Wo : array, shape (..., m, h)
        Weights to the m outputs of a place.
    X : array, shape (N, T, n)
        N sequences of T places.
    D : array, shape (N, T, m)
        The targets of each place, one-hot.
    alpha : float
        Learning rate, above 0.
    beta : float
        Share of the momentum that stays from batch to batch, in [0, 1); it is zero at the beginning of every epoch.
    size : int
        Sequences in a batch, over which the gradient is averaged; over their places it is summed. An incomplete last
        batch is left out.

    Returns
    -------
    Wq, Wk, Wv, Wo : arrays, shapes and dtype of the arguments
        The weights after the epoch; the arguments stay as they are.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type, shape, dtype or device, empty or not finite; the message names it.

    Notes
    -----
    Source: the Korean summary, transformer and attention (docs/sources.md), which has no code for it; the equations are
    those of Vaswani et al. (2017). `attention_changes` is the body, `deltarule.listings.training.train` the loop.

    Examples
    --------
    >>> from deltarule import matlab
    >>> from deltarule.models.tasks import reversal
    >>> X, D = reversal(matlab.rng(100), 200, 6, 5)
    >>> rng = matlab.rng(1)
    >>> W = [2 * rng.rand(*shape) - 1 for shape in ((8, 11), (8, 11), (8, 11), (5, 8))]
    >>> for epoch in range(20):
    ...     W = attention_reversal(*W, X, D)
    >>> y = attention_forward(*W, X)
    >>> print((y.argmax(axis=-1) == D.argmax(axis=-1)).mean())
    1.0
    """
    X, *weights = checks.sequences_weights(SHAPES, X, Wq=Wq, Wk=Wk, Wv=Wv, Wo=Wo)
    D = checks.place_targets(D, X, weights[-1])
    alpha, beta = checks.rate("alpha", alpha), checks.ratio("beta", beta)
    size = checks.count("size", size, len(X), "sequences of X")
    return train(
        attention_changes, weights, sequence_batches(X, size), sequence_batches(D, size), alpha / size, beta=beta
    )


def attention_forward(Wq, Wk, Wv, Wo, X):
    """Outputs of one head of self-attention, for each place.

    Parameters
    ----------
    Wq, Wk, Wv : array, shape (..., h, n)
    Wo : array, shape (..., m, h)
    X : array, shape (N, T, n)

    Returns
    -------
    array, shape (..., N, T, m)

    Raises
    ------
    TypeError, ValueError
        As `attention_reversal`.

    Examples
    --------
    >>> W = [[1.0]]
    >>> print(attention_forward(W, W, W, [[0.0], [0.0]], [[[1.0], [2.0]]]))
    [[[0.5 0.5]
      [0.5 0.5]]]
    """
    X, *weights = checks.sequences_weights(SHAPES, X, Wq=Wq, Wk=Wk, Wv=Wv, Wo=Wo)
    Wq, Wk, Wv, Wo = for_each(*weights)
    x = T(X)
    return T(softmax(Wo @ (Wv @ x) @ attention_weights(Wq @ x, Wk @ x)))


def attention_matrix(Wq, Wk, X):
    """How much each place takes of each place.

    Parameters
    ----------
    Wq, Wk : array, shape (..., h, n)
    X : array, shape (N, T, n)

    Returns
    -------
    array, shape (..., N, T, T)
        Row i says what place i takes of each place; it sums to 1.

    Raises
    ------
    TypeError, ValueError
        As `attention_reversal`.

    Examples
    --------
    >>> print(attention_matrix([[0.0]], [[1.0]], [[[1.0], [2.0]]]))
    [[[0.5 0.5]
      [0.5 0.5]]]
    """
    X, Wq, Wk = checks.sequences_weights("h n, h n", X, Wq=Wq, Wk=Wk)
    Wq, Wk = for_each(Wq, Wk)
    return T(attention_weights(Wq @ T(X), Wk @ T(X)))
