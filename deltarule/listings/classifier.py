"""Multi-class classification of 5x5 images: a sigmoid hidden layer and a softmax output (chapter 4)."""

from ..basics import checks
from ..basics.arrays import T, columns
from ..basics.functions import sigmoid, softmax
from .training import train


def multi_class_changes(W1, W2, x, d, alpha):
    """Weight changes for cross-entropy, summed over the columns of x (n, samples) and d (m, samples)."""
    v1 = W1 @ x
    y1 = sigmoid(v1)
    v = W2 @ y1
    y = softmax(v)

    e = d - y
    delta = e

    e1 = T(W2) @ delta
    delta1 = y1 * (1 - y1) * e1

    dW1 = alpha * delta1 @ T(x)
    dW2 = alpha * delta @ T(y1)
    return dW1, dW2


def multi_class(W1, W2, X, D, *, alpha=0.9):
    """Train a classifier with one hidden layer for one epoch, one image at a time.

    Parameters
    ----------
    W1 : array, shape (..., h, n)
        Weights from n pixels to h hidden nodes, the book's 50 x 25. Leading axes are independent networks;
        those of the weights are broadcast together, and the new weights have them.
    W2 : array, shape (..., m, h)
        Weights from the hidden nodes to m classes, the book's 5 x 50.
    X : array, shape (N, rows, columns) or (N, n)
        N images, the book's 5 x 5, each of which becomes a vector column by column; or the vectors.
    D : array, shape (N, m)
        One-hot targets.
    alpha : float
        Learning rate, above 0.

    Returns
    -------
    W1, W2 : arrays, shapes and dtype of the arguments
        The weights after the epoch; the arguments stay as they are.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type, shape, dtype or device, empty or not finite, or a row of `D` is
        not one-hot; the message names it.

    Notes
    -----
    Source: the listing ``MultiClass`` of the book, chapter 4, and of the Korean summary (docs/sources.md).
    `multi_class_changes` is the body of its loop, `deltarule.listings.training.train` the loop. MATLAB keeps
    the samples on the last axis, ``X(:, :, k)``; here they are the first: ``numpy.moveaxis(X, -1, 0)`` turns one
    into the other.

    Examples
    --------
    >>> from deltarule import data, matlab
    >>> X, D = data.digits()
    >>> rng = matlab.rng(3)
    >>> W1, W2 = 2 * rng.rand(50, 25) - 1, 2 * rng.rand(5, 50) - 1
    >>> for epoch in range(100):
    ...     W1, W2 = multi_class(W1, W2, X, D)
    >>> print(multi_class_forward(W1, W2, X).argmax(axis=1) + 1)
    [1 2 3 4 5]
    """
    X, D, W1, W2 = checks.dense(X, D, one_hot=True, W1=W1, W2=W2)
    alpha = checks.rate("alpha", alpha)
    return train(multi_class_changes, (W1, W2), columns(X), columns(D), alpha)


def multi_class_forward(W1, W2, X):
    """Class probabilities of a network with a sigmoid hidden layer and a softmax output.

    Parameters
    ----------
    W1 : array, shape (..., h, n)
    W2 : array, shape (..., m, h)
    X : array, shape (N, rows, columns) or (N, n)

    Returns
    -------
    array, shape (..., N, m)
        One sample a row; each row sums to 1.

    Raises
    ------
    TypeError, ValueError
        As `multi_class`.

    Examples
    --------
    >>> print(multi_class_forward([[0.0, 0.0]], [[0.0], [0.0]], [[1.0, 2.0]]))
    [[0.5 0.5]]
    """
    X, W1, W2 = checks.inputs(X, W1=W1, W2=W2)
    return T(softmax(W2 @ sigmoid(W1 @ T(X))))
