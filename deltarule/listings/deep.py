"""Deep networks of three hidden layers and a softmax output: ReLU, and sigmoid with dropout (chapter 5)."""

from numpy import maximum

from ..basics import checks
from ..basics.arrays import T, columns
from ..basics.functions import dropout, kept_nodes, relu, sigmoid, softmax
from .training import train


def deep_relu_changes(W1, W2, W3, W4, x, d, alpha):
    """Weight changes for cross-entropy, summed over the columns of x (n, samples) and d (m, samples)."""
    v1 = W1 @ x
    y1 = relu(v1)
    v2 = W2 @ y1
    y2 = relu(v2)
    v3 = W3 @ y2
    y3 = relu(v3)
    v = W4 @ y3
    y = softmax(v)

    e = d - y
    delta = e

    e3 = T(W4) @ delta
    delta3 = (v3 > 0) * e3
    e2 = T(W3) @ delta3
    delta2 = (v2 > 0) * e2
    e1 = T(W2) @ delta2
    delta1 = (v1 > 0) * e1

    dW4 = alpha * delta @ T(y3)
    dW3 = alpha * delta3 @ T(y2)
    dW2 = alpha * delta2 @ T(y1)
    dW1 = alpha * delta1 @ T(x)
    return dW1, dW2, dW3, dW4


def deep_dropout_changes(W1, W2, W3, W4, x, d, alpha, ratio, rng, slope):
    """Weight changes with dropout, summed over the columns of x (n, samples) and d (m, samples)."""
    v1 = W1 @ x
    y1 = sigmoid(v1)
    m1 = dropout(y1, ratio, rng)
    y1 = y1 * m1
    v2 = W2 @ y1
    y2 = sigmoid(v2)
    m2 = dropout(y2, ratio, rng)
    y2 = y2 * m2
    v3 = W3 @ y2
    y3 = sigmoid(v3)
    m3 = dropout(y3, ratio, rng)
    y3 = y3 * m3
    v = W4 @ y3
    y = softmax(v)

    e = d - y
    delta = e

    e3 = T(W4) @ delta
    delta3 = slope(y3, m3) * e3
    e2 = T(W3) @ delta3
    delta2 = slope(y2, m2) * e2
    e1 = T(W2) @ delta2
    delta1 = slope(y1, m1) * e1

    dW4 = alpha * delta @ T(y3)
    dW3 = alpha * delta3 @ T(y2)
    dW2 = alpha * delta2 @ T(y1)
    dW1 = alpha * delta1 @ T(x)
    return dW1, dW2, dW3, dW4


def listed_slope(y, m):
    """y(1 - y) of the masked and scaled output y = m s(v), as the listing has it."""
    return y * (1 - y)


def exact_slope(y, m):
    """The derivative of y = m s(v) with respect to v: m s(1 - s), which is y(1 - s) with s = y / m."""
    return y * (1 - y / maximum(m, 1))  # m is 0 or at least 1, and where it is 0 so is y


SLOPES = {"listing": listed_slope, "exact": exact_slope}


def masks_ahead(rng, calls):
    """A stream for the masks of one epoch, which are drawn from `rng` now, in one block, and not one at a time.

    The stream `rng` ends where drawing them one at a time would leave it.

    Parameters
    ----------
    rng : deltarule.matlab.Stream, or an object with ``randperm(n, k)``
        What cannot draw ahead is returned as it is.
    calls : list of (n, k)
        The arguments of the calls of ``randperm(n, k)``, in their order.
    """
    return Drawn(rng.chosen(calls)) if hasattr(rng, "chosen") else rng


class Drawn:
    """The numbers that calls of ``randperm(n, k)`` drew, handed out in their order.

    Each call's numbers are ascending: a mask depends on which they are, and not on their order.
    """

    def __init__(self, numbers):
        self._numbers = iter(numbers)

    def randperm(self, n, k):
        """The numbers of the next call."""
        return next(self._numbers)


def deep_relu(W1, W2, W3, W4, X, D, *, alpha=0.01):
    """Train a deep network of ReLU nodes for one epoch, one image at a time.

    Parameters
    ----------
    W1, W2, W3, W4 : array, shape (..., nodes, nodes of the layer before)
        Weights from n pixels through three hidden layers to m classes, the book's 20 x 25, 20 x 20, 20 x 20
        and 5 x 20. Leading axes are independent networks;
        those of the weights are broadcast together, and the new weights have them.
    X : array, shape (N, rows, columns) or (N, n)
        N images, the book's 5 x 5, each of which becomes a vector column by column; or the vectors.
    D : array, shape (N, m)
        One-hot targets.
    alpha : float
        Learning rate, above 0.

    Returns
    -------
    W1, W2, W3, W4 : arrays, shapes and dtype of the arguments
        The weights after the epoch; the arguments stay as they are.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type, shape, dtype or device, empty or not finite, or a row of `D` is
        not one-hot; the message names it.

    Notes
    -----
    Source: the book's listing ``DeepReLU``, chapter 5; the Korean summary (docs/sources.md) prints its pieces,
    ``ReLU``, its derivative and ``Softmax``. `deep_relu_changes` is the body of its loop,
    `deltarule.listings.training.train` the loop.

    Examples
    --------
    >>> from deltarule import data, matlab
    >>> X, D = data.digits()
    >>> rng = matlab.rng()
    >>> W1, W2, W3 = 2 * rng.rand(20, 25) - 1, 2 * rng.rand(20, 20) - 1, 2 * rng.rand(20, 20) - 1
    >>> W4 = 2 * rng.rand(5, 20) - 1
    >>> for epoch in range(1000):
    ...     W1, W2, W3, W4 = deep_relu(W1, W2, W3, W4, X, D)
    >>> print(deep_relu_forward(W1, W2, W3, W4, X).argmax(axis=1) + 1)
    [1 2 3 4 5]
    """
    X, D, W1, W2, W3, W4 = checks.dense(X, D, one_hot=True, W1=W1, W2=W2, W3=W3, W4=W4)
    alpha = checks.rate("alpha", alpha)
    return train(deep_relu_changes, (W1, W2, W3, W4), columns(X), columns(D), alpha)


def deep_dropout(W1, W2, W3, W4, X, D, *, alpha=0.01, ratio=0.2, rng, slope="listing"):
    """Train a deep network of sigmoid nodes with dropout for one epoch, one image at a time.

    Parameters, return value and errors are those of `deep_relu`, and:

    Parameters
    ----------
    ratio : float
        Share of the nodes of each hidden layer that a sample leaves out, in [0, 1).
    rng : deltarule.matlab.Stream
        The stream that the masks are drawn from, three for each sample, all of an epoch's in one block; it moves on as
        if they were drawn one by one. Any object with ``randperm(n, k)`` will do.
    slope : {"listing", "exact"}
        The derivative of a hidden layer: the listing's, or the true one.

    Notes
    -----
    Source: the book's listing ``DeepDropout``, chapter 5; the Korean summary (docs/sources.md) prints its
    ``Dropout``.
    `deep_dropout_changes` is the body of its loop, `deltarule.listings.training.train` the loop. As in the listing,
    the derivative y(1 - y) is taken from the masked and scaled output y, which is not the derivative of the
    layer (and negative where y is above 1); ``slope="exact"`` takes the true one.

    Examples
    --------
    >>> from deltarule import data, matlab
    >>> X, D = data.digits()
    >>> rng = matlab.rng()
    >>> W1, W2, W3 = 2 * rng.rand(20, 25) - 1, 2 * rng.rand(20, 20) - 1, 2 * rng.rand(20, 20) - 1
    >>> W4 = 2 * rng.rand(5, 20) - 1
    >>> for epoch in range(2000):
    ...     W1, W2, W3, W4 = deep_dropout(W1, W2, W3, W4, X, D, rng=rng)
    >>> print(deep_dropout_forward(W1, W2, W3, W4, X).argmax(axis=1) + 1)
    [1 2 3 4 5]
    """
    X, D, W1, W2, W3, W4 = checks.dense(X, D, one_hot=True, W1=W1, W2=W2, W3=W3, W4=W4)
    alpha = checks.rate("alpha", alpha)
    ratio = checks.ratio("ratio", ratio)
    checks.stream("rng", rng)
    slope = SLOPES[checks.choice("slope", slope, SLOPES)]
    nodes = [W.shape[-2] for W in (W1, W2, W3)]
    masks = masks_ahead(rng, [(n, kept_nodes(n, ratio)) for n in nodes] * len(X))
    return train(deep_dropout_changes, (W1, W2, W3, W4), columns(X), columns(D), alpha, ratio, masks, slope)


def deep_relu_forward(W1, W2, W3, W4, X):
    """Class probabilities of a deep network of ReLU nodes.

    Parameters
    ----------
    W1, W2, W3, W4 : array, shape (..., nodes, nodes of the layer before)
    X : array, shape (N, rows, columns) or (N, n)

    Returns
    -------
    array, shape (..., N, m)
        One sample a row; each row sums to 1.

    Raises
    ------
    TypeError, ValueError
        As `deep_relu`.

    Examples
    --------
    >>> W = [[1.0, 0.0], [0.0, 1.0]]
    >>> print(deep_relu_forward(W, W, W, W, [[1.0, 1.0]]))
    [[0.5 0.5]]
    """
    X, W1, W2, W3, W4 = checks.inputs(X, W1=W1, W2=W2, W3=W3, W4=W4)
    return T(softmax(W4 @ relu(W3 @ relu(W2 @ relu(W1 @ T(X))))))


def deep_dropout_forward(W1, W2, W3, W4, X):
    """Class probabilities of a deep network of sigmoid nodes, all of them kept.

    Parameters, return value and errors are those of `deep_relu_forward`.

    Examples
    --------
    >>> W = [[1.0, 0.0], [0.0, 1.0]]
    >>> print(deep_dropout_forward(W, W, W, W, [[1.0, 1.0]]))
    [[0.5 0.5]]
    """
    X, W1, W2, W3, W4 = checks.inputs(X, W1=W1, W2=W2, W3=W3, W4=W4)
    return T(softmax(W4 @ sigmoid(W3 @ sigmoid(W2 @ sigmoid(W1 @ T(X))))))
