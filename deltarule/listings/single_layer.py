"""The delta rule for a single layer: one sample at a time, all at once, or in mini-batches (chapter 2)."""

from ..basics import checks
from ..basics.arrays import T, columns
from ..basics.functions import sigmoid
from .training import train


def delta_rule_changes(W, x, d, alpha):
    """Weight change of the delta rule, summed over the columns of x (n, samples) and d (m, samples)."""
    v = W @ x
    y = sigmoid(v)

    e = d - y
    delta = y * (1 - y) * e

    dW = alpha * delta @ T(x)
    return (dW,)


def delta_sgd(W, X, D, *, alpha=0.9):
    """Train a single layer for one epoch with the delta rule, one sample at a time.

    For each sample in order: v = Wx, y = sigmoid(v), e = d - y, delta = y(1 - y)e, W = W + alpha delta x'.

    Parameters
    ----------
    W : array, shape (..., m, n)
        Weights of m outputs and n inputs, the book's 1 x 3. Leading axes are independent networks;
        those of the weights are broadcast together, and the new weights have them.
    X : array, shape (N, n)
        N samples, one a row.
    D : array, shape (N,) or (N, m)
        Their targets.
    alpha : float
        Learning rate, above 0.

    Returns
    -------
    array, shape and dtype of `W`
        The weights after the epoch; `W` itself stays as it is.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type, shape, dtype or device, empty or not finite; the message names it.

    Notes
    -----
    Source: the book's listing ``DeltaSGD``, chapter 2, and the first block of the Korean summary (docs/sources.md).
    `delta_rule_changes` is the body of its loop, `deltarule.listings.training.train` the loop.

    Examples
    --------
    >>> from deltarule import data, matlab
    >>> X, D = data.linear()
    >>> W = 2 * matlab.rng().rand(1, 3) - 1
    >>> for epoch in range(10000):
    ...     W = delta_sgd(W, X, D)
    >>> print(single_layer_forward(W, X).round(4).T)
    [[0.0102 0.0083 0.9932 0.9917]]
    """
    X, D, W = checks.dense(X, D, W=W)
    alpha = checks.rate("alpha", alpha)
    (W,) = train(delta_rule_changes, (W,), columns(X), columns(D), alpha)
    return W


def delta_batch(W, X, D, *, alpha=0.9):
    """Train a single layer for one epoch with the delta rule, the changes of all samples averaged.

    Parameters, return value and errors are those of `delta_sgd`; the weights change once, by the mean over
    all N samples of what `delta_sgd` adds for each.

    Notes
    -----
    Source: the book's listing ``DeltaBatch``, chapter 2, and the batch formula of the Korean summary
    (docs/sources.md), which prints no code for it. The samples are the columns of one matrix, so that the
    product ``delta @ T(x)`` is the sum the listing accumulates by hand.

    Examples
    --------
    >>> from deltarule import data, matlab
    >>> X, D = data.linear()
    >>> W = 2 * matlab.rng().rand(1, 3) - 1
    >>> for epoch in range(40000):
    ...     W = delta_batch(W, X, D)
    >>> print(single_layer_forward(W, X).round(4).T)
    [[0.0102 0.0083 0.9932 0.9917]]
    """
    X, D, W = checks.dense(X, D, W=W)
    alpha = checks.rate("alpha", alpha)
    N = len(X)
    (W,) = train(delta_rule_changes, (W,), columns(X, N), columns(D, N), alpha / N)
    return W


def delta_minibatch(W, X, D, *, alpha=0.9, batch_size=2):
    """Train a single layer for one epoch with the delta rule, averaged over consecutive mini-batches.

    Parameters, return value and errors are those of `delta_sgd`, and:

    Parameters
    ----------
    batch_size : int
        Samples in a batch, 1 to N. An incomplete last batch is left out.

    Notes
    -----
    Source: the mini-batch as the book, chapter 2, and the Korean summary (docs/sources.md) describe it; neither
    prints code. The last batch is treated as the listing ``MnistConv`` does. With `batch_size` 1 it is `delta_sgd`,
    with N `delta_batch`.

    Examples
    --------
    >>> from deltarule import data, matlab
    >>> X, D = data.linear()
    >>> W = 2 * matlab.rng().rand(1, 3) - 1
    >>> for epoch in range(20000):
    ...     W = delta_minibatch(W, X, D)
    >>> print(single_layer_forward(W, X).round(4).T)
    [[0.0102 0.0083 0.9932 0.9917]]
    """
    X, D, W = checks.dense(X, D, W=W)
    alpha = checks.rate("alpha", alpha)
    size = checks.count("batch_size", batch_size, len(X), "samples in X")
    (W,) = train(delta_rule_changes, (W,), columns(X, size), columns(D, size), alpha / size)
    return W


def single_layer_forward(W, X):
    """Outputs of a single layer of sigmoid nodes.

    Parameters
    ----------
    W : array, shape (..., m, n)
    X : array, shape (N, n)

    Returns
    -------
    array, shape (..., N, m)
        One sample a row.

    Raises
    ------
    TypeError, ValueError
        As `delta_sgd`.

    Examples
    --------
    >>> print(single_layer_forward([[0.0, 0.0]], [[1.0, 2.0]]))
    [[0.5]]
    """
    X, W = checks.inputs(X, W=W)
    return T(sigmoid(W @ T(X)))
