"""The convolutional network for MNIST: convolution, ReLU, mean pooling, ReLU layer, softmax (chapter 6)."""

from functools import partial

import numpy as np

from ..basics import checks
from ..basics.arrays import T, columns, namespace
from ..basics.functions import relu, softmax
from . import convolution, image_checks, shares
from .convolution import FORMS, Features
from .labels import one_hot
from .squares import Squares
from .training import train


def conv(x, W, *, form="auto"):
    """Filter images: the correlation of each with each filter, where the filter lies within the image.

    Parameters
    ----------
    x : array, shape (rows, columns) or (N, rows, columns)
        One image or N.
    W : array, shape (..., p, q, f)
        f filters, the book's 9 x 9 x 20. Leading axes are independent networks.
    form : {"auto", "direct", "fft", "matmul"}
        How it is computed; see `deltarule.listings.convolution`. The forms agree within rounding.

    Returns
    -------
    array, shape (..., r, c, f) or (..., N, r, c, f)
        The maps, r = rows - p + 1 and c = columns - q + 1.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type, shape, dtype or device, empty or not finite, or `form` is unknown.

    Notes
    -----
    Source: the listing ``Conv``, chapter 6: ``conv2(x, rot90(W(:, :, k), 2), 'valid')`` for each filter k.

    Examples
    --------
    >>> import numpy as np
    >>> conv(np.ones((28, 28)), np.ones((9, 9, 20))).shape
    (20, 20, 20)
    """
    return _conv(x, W, form, "W")


def _conv(x, W, form, name):
    """`conv`, for filters that go by a name of their own in messages."""
    (W,) = checks.same_kind(**{name: W})
    x = checks.samples(x, W, name="x")
    image_checks.images(x, W, "x", name)
    correlate, _ = FORMS[checks.choice("form", form, FORMS)]
    y = correlate(x if x.ndim == 3 else x[None], W)  # (..., f, c, r, N)
    maps = y.swapaxes(-4, -1).swapaxes(-3, -2)
    return maps if x.ndim == 3 else maps[..., 0, :, :, :]


def pool(x):
    """The mean of each 2 x 2 square of each map.

    Parameters
    ----------
    x : array, shape (..., rows, columns, f)
        Maps with an even number of rows and of columns.

    Returns
    -------
    array, shape (..., rows / 2, columns / 2, f)

    Raises
    ------
    TypeError, ValueError
        If `x` has fewer than three axes, or an odd number of rows or columns.

    Notes
    -----
    Source: the listing ``Pool``, chapter 6.

    Examples
    --------
    >>> import numpy as np
    >>> print(pool(np.arange(4.0).reshape(2, 2, 1)).ravel())
    [1.5]
    """
    x = image_checks.maps("x", x)
    return convolution.pool(x.swapaxes(-3, -1)[..., None])[..., 0].swapaxes(-3, -1)


def feature_maps(W1, x, form="auto"):
    """What the network makes of the images x before it classifies them.

    Parameters
    ----------
    W1 : array, shape (..., p, q, f)
    x : array, shape (N, rows, columns)
    form : {"auto", "direct", "fft", "matmul"}

    Returns
    -------
    y1, y2, y3 : arrays, shapes (..., N, r, c, f), the same, and (..., N, r / 2, c / 2, f)
        The maps after convolution, after ReLU and after pooling.

    Raises
    ------
    TypeError, ValueError
        As `conv`.
    """
    y1 = _conv(x, W1, form, "W1")
    y2 = relu(y1)
    y3 = pool(y2)
    return y1, y2, y3


def mnist_conv_changes(W1, W5, Wo, x, d, alpha, features):
    """Weight changes for cross-entropy, summed over the images x (N, rows, columns) and targets d (10, N).

    Convolution, ReLU and pooling are one part, `features`, as they are on the way back: line by line in
    `deltarule.listings.convolution.Features`, fast in `deltarule.listings.squares.Squares`.
    """
    y3 = features.forward(x, W1)  # y1 = Conv(x, W1), y2 = ReLU(y1), y3 = Pool(y2)
    y4 = convolution.columns(y3)
    v5 = W5 @ y4
    y5 = relu(v5)
    v = Wo @ y5
    y = softmax(v)

    e = d - y
    delta = e

    e5 = T(Wo) @ delta
    delta5 = (y5 > 0) * e5
    e4 = T(W5) @ delta5
    e3 = convolution.maps_like(y3, e4)
    delta1_x = features.backward(e3)  # e2 = kron(e3, 1/4), delta2 = (y2 > 0) * e2, conv2(x, delta2)

    dW1 = alpha * delta1_x
    dW5 = alpha * delta5 @ T(y4)
    dWo = alpha * delta @ T(y5)
    return dW1, dW5, dWo


def mnist_conv(W1, W5, Wo, X, D, *, alpha=0.01, beta=0.95, batch_size=100, momenta=None, form="auto"):
    """Train the convolutional network for one epoch in mini-batches with momentum.

    Convolution, ReLU and 2 x 2 mean pooling make 2000 features of an image; a ReLU layer of 100 nodes and a
    softmax layer of 10 classify them. The changes are averaged over each batch.

    Parameters
    ----------
    W1 : array, shape (..., p, q, f)
        Filters, the book's 9 x 9 x 20. Leading axes are independent networks.
    W5 : array, shape (..., h, features)
        Weights from the pooled maps, laid out in MATLAB's order, to the hidden nodes, the book's 100 x 2000.
    Wo : array, shape (..., 10, h)
        Weights from the hidden nodes to the classes, in MATLAB's order 1, 2, ..., 9, 0.
    X : array, shape (N, rows, columns)
        N images, the book's 28 x 28 with pixels from 0 to 1.
    D : array of int, shape (N,)
        Their digits, 0 to 9.
    alpha : float
        Learning rate, above 0.
    beta : float
        Share of the momentum that stays from batch to batch, in [0, 1). It starts at zero in every call.
    batch_size : int
        Images in a batch, 1 to N. An incomplete last batch is left out.
    momenta : three arrays, shapes of `W1`, `W5` and `Wo`, optional
        The momenta to start from, where they are to be kept across epochs; the new ones are then returned behind
        the weights. None for the listing's zero.
    form : {"auto", "direct", "fft", "matmul"}
        How the convolution is computed; see `deltarule.listings.convolution`.

    Returns
    -------
    W1, W5, Wo : arrays, shapes and dtype of the arguments
        The weights after the epoch; the arguments stay as they are.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type, shape, dtype or device, empty or not finite, a digit is not one
        of 0 to 9, or `form` is unknown; the message names it.

    Notes
    -----
    Source: the Korean summary's and the book's listing ``MnistConv``, chapter 6. `mnist_conv_changes` is the body of
    its loop over a batch, whose images are the columns of one matrix. The loop over batches is
    `deltarule.listings.training.train`, or `deltarule.listings.shares.train` where threads share a batch.

    Examples
    --------
    >>> from deltarule import data, matlab
    >>> X, D = data.mnist()
    >>> rng = matlab.rng(1)
    >>> W1 = 0.01 * rng.randn(9, 9, 20)
    >>> W5 = (2 * rng.rand(100, 2000) - 1) * 6**0.5 / (360 + 2000) ** 0.5
    >>> Wo = (2 * rng.rand(10, 100) - 1) * 6**0.5 / (10 + 100) ** 0.5
    >>> W1, W5, Wo = mnist_conv(W1, W5, Wo, X[:1000], D[:1000])
    >>> mnist_conv_forward(W1, W5, Wo, X[:5]).shape
    (5, 10)
    """
    X, W1, W5, Wo = image_checks.convolutional(X, W1, W5, Wo)
    D = image_checks.labels(D, len(X), X)
    alpha = checks.rate("alpha", alpha)
    beta = checks.ratio("beta", beta)
    size = checks.count("batch_size", batch_size, len(X), "images in X")
    momenta = checks.momenta(momenta, W1, W5, Wo)
    form = checks.choice("form", form, FORMS)
    images = X[: len(X) // size * size].reshape(-1, size, *X.shape[1:])
    d = columns(one_hot(D, X), size)
    options = {"beta": beta, "momenta": momenta}
    if FORMS[form] == FORMS["matmul"] and _one_network_on_the_cpu(W1, W5, Wo):
        features = partial(Squares, shape=X.shape[1:], filters=W1.shape, dtype=X.dtype)
        return shares.train(mnist_conv_changes, (W1, W5, Wo), images, d, alpha / size, features, **options)
    return train(mnist_conv_changes, (W1, W5, Wo), images, d, alpha / size, Features(*FORMS[form]), **options)


def _one_network_on_the_cpu(W1, W5, Wo):
    """Whether the weights are NumPy arrays without leading axes."""
    return isinstance(W1, np.ndarray) and (W1.ndim, W5.ndim, Wo.ndim) == (3, 2, 2)


def mnist_conv_forward(W1, W5, Wo, X, *, form="auto"):
    """Class probabilities of the convolutional network.

    Parameters
    ----------
    W1, W5, Wo, X, form
        As `mnist_conv`.

    Returns
    -------
    array, shape (..., N, 10)
        One image a row, classes in MATLAB's order 1, 2, ..., 9, 0; the digit is ``(argmax + 1) % 10``.

    Raises
    ------
    TypeError, ValueError
        As `mnist_conv`.

    Examples
    --------
    >>> import numpy as np
    >>> y = mnist_conv_forward(np.zeros((9, 9, 20)), np.zeros((100, 2000)), np.zeros((10, 100)), np.ones((3, 28, 28)))
    >>> y.shape, float(y[0, 0])
    ((3, 10), 0.1)
    """
    X, W1, W5, Wo = image_checks.convolutional(X, W1, W5, Wo)
    features = Features(*FORMS[checks.choice("form", form, FORMS)])
    outputs = []
    for begin in range(0, len(X), 100):  # a block at a time, so that memory does not grow with N
        y4 = convolution.columns(features.forward(X[begin : begin + 100], W1))
        outputs.append(T(softmax(Wo @ relu(W5 @ y4))))
    return namespace(X).concatenate(outputs, axis=-2)
