"""Back-propagation for one hidden layer: squared error, momentum, cross-entropy (chapter 3)."""

from ..basics import checks
from ..basics.arrays import T, columns
from ..basics.functions import sigmoid
from .training import train


def backprop_changes(W1, W2, x, d, alpha):
    """Weight changes for squared error, summed over the columns of x (n, samples) and d (m, samples)."""
    v1 = W1 @ x
    y1 = sigmoid(v1)
    v = W2 @ y1
    y = sigmoid(v)

    e = d - y
    delta = y * (1 - y) * e

    e1 = T(W2) @ delta
    delta1 = y1 * (1 - y1) * e1

    dW1 = alpha * delta1 @ T(x)
    dW2 = alpha * delta @ T(y1)
    return dW1, dW2


def backprop_ce_changes(W1, W2, x, d, alpha):
    """Weight changes for cross-entropy, summed over the columns of x (n, samples) and d (m, samples)."""
    v1 = W1 @ x
    y1 = sigmoid(v1)
    v = W2 @ y1
    y = sigmoid(v)

    e = d - y
    delta = e

    e1 = T(W2) @ delta
    delta1 = y1 * (1 - y1) * e1

    dW1 = alpha * delta1 @ T(x)
    dW2 = alpha * delta @ T(y1)
    return dW1, dW2


def backprop_xor(W1, W2, X, D, *, alpha=0.9):
    """Train one hidden layer for one epoch by back-propagation of the squared error.

    For each sample in order the hidden layer's error is e1 = W2' delta and its delta1 = y1(1 - y1)e1; then
    W1 = W1 + alpha delta1 x' and W2 = W2 + alpha delta y1'.

    Parameters
    ----------
    W1 : array, shape (..., h, n)
        Weights from n inputs to h hidden nodes, the book's 4 x 3. Leading axes are independent networks;
        those of the weights are broadcast together, and the new weights have them.
    W2 : array, shape (..., m, h)
        Weights from the hidden nodes to m outputs, the book's 1 x 4.
    X : array, shape (N, n)
        N samples, one a row.
    D : array, shape (N,) or (N, m)
        Their targets.
    alpha : float
        Learning rate, above 0.

    Returns
    -------
    W1, W2 : arrays, shapes and dtype of the arguments
        The weights after the epoch; the arguments stay as they are.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type, shape, dtype or device, empty or not finite; the message names it.

    Notes
    -----
    Source: the book's listing ``BackpropXOR``, chapter 3, and ``backprop`` of the Korean summary (docs/sources.md).
    `backprop_changes` is the body of its loop, `deltarule.listings.training.train` the loop. The summary prints
    ``(1-y)`` in delta1, where ``(1-y1)`` belongs.

    Examples
    --------
    >>> from deltarule import data, matlab
    >>> X, D = data.xor()
    >>> rng = matlab.rng()
    >>> W1, W2 = 2 * rng.rand(4, 3) - 1, 2 * rng.rand(1, 4) - 1
    >>> for epoch in range(10000):
    ...     W1, W2 = backprop_xor(W1, W2, X, D)
    >>> print(multi_layer_forward(W1, W2, X).round(4).T)
    [[0.0053 0.989  0.9882 0.0142]]
    """
    X, D, W1, W2 = checks.dense(X, D, W1=W1, W2=W2)
    alpha = checks.rate("alpha", alpha)
    return train(backprop_changes, (W1, W2), columns(X), columns(D), alpha)


def backprop_mmt(W1, W2, X, D, *, alpha=0.9, beta=0.9, momenta=None):
    """Train one hidden layer for one epoch by back-propagation with momentum.

    As `backprop_xor`, but what is added to the weights is the momentum m = dW + beta m. The momentum starts
    at zero in every call, as it does in the listing, where it lives inside the function.

    Parameters, return value and errors are those of `backprop_xor`, and:

    Parameters
    ----------
    beta : float
        Share of the momentum that stays from sample to sample, in [0, 1).
    momenta : pair of arrays, shapes of `W1` and `W2`, optional
        The momenta to start from, where they are to be kept across epochs. The new ones are then returned behind
        the weights: ``W1, W2, m1, m2 = backprop_mmt(W1, W2, X, D, momenta=(m1, m2))``. None for the listing's zero.

    Notes
    -----
    Source: the book's listing ``BackpropMmt``, chapter 3, and ``BackpropMnt`` of the Korean summary
    (docs/sources.md).

    Examples
    --------
    >>> from deltarule import data, matlab
    >>> X, D = data.xor()
    >>> rng = matlab.rng()
    >>> W1, W2 = 2 * rng.rand(4, 3) - 1, 2 * rng.rand(1, 4) - 1
    >>> for epoch in range(1000):
    ...     W1, W2 = backprop_mmt(W1, W2, X, D)
    >>> print(multi_layer_forward(W1, W2, X).round().T)
    [[0. 1. 1. 0.]]
    """
    X, D, W1, W2 = checks.dense(X, D, W1=W1, W2=W2)
    alpha = checks.rate("alpha", alpha)
    beta = checks.ratio("beta", beta)
    momenta = checks.momenta(momenta, W1, W2)
    return train(backprop_changes, (W1, W2), columns(X), columns(D), alpha, beta=beta, momenta=momenta)


def backprop_ce(W1, W2, X, D, *, alpha=0.9):
    """Train one hidden layer for one epoch by back-propagation of the cross-entropy.

    As `backprop_xor`, but the output's delta is its error e itself. Targets must lie in [0, 1].

    Parameters, return value and errors are otherwise those of `backprop_xor`.

    Notes
    -----
    Source: the listing ``BackpropCE`` of the book, chapter 3, and of the Korean summary (docs/sources.md).
    `backprop_ce_changes` is the body of its loop; it differs from `backprop_changes` in one line.

    Examples
    --------
    >>> from deltarule import data, matlab
    >>> X, D = data.xor()
    >>> rng = matlab.rng()
    >>> W1, W2 = 2 * rng.rand(4, 3) - 1, 2 * rng.rand(1, 4) - 1
    >>> for epoch in range(2000):
    ...     W1, W2 = backprop_ce(W1, W2, X, D)
    >>> print(multi_layer_forward(W1, W2, X).round().T)
    [[0. 1. 1. 0.]]
    """
    X, D, W1, W2 = checks.dense(X, D, unit_interval=True, W1=W1, W2=W2)
    alpha = checks.rate("alpha", alpha)
    return train(backprop_ce_changes, (W1, W2), columns(X), columns(D), alpha)


def multi_layer_forward(W1, W2, X):
    """Outputs of a network with one hidden layer, sigmoid throughout.

    Parameters
    ----------
    W1 : array, shape (..., h, n)
    W2 : array, shape (..., m, h)
    X : array, shape (N, n)

    Returns
    -------
    array, shape (..., N, m)
        One sample a row.

    Raises
    ------
    TypeError, ValueError
        As `backprop_xor`.

    Examples
    --------
    >>> print(multi_layer_forward([[0.0, 0.0]], [[0.0]], [[1.0, 2.0]]))
    [[0.5]]
    """
    X, W1, W2 = checks.inputs(X, W1=W1, W2=W2)
    return T(sigmoid(W2 @ sigmoid(W1 @ T(X))))
