"""A U-Net of one level: maps, smaller maps of the whole, and back to a mask, with and without the skip connection."""

from typing import Any, NamedTuple

from ..basics.arrays import T, namespace
from ..basics.functions import relu, sigmoid
from . import checks
from .functions import optimised_epoch

NAMES = ("W1", "b1", "W2", "b2", "W3", "b3", "Wo", "bo")
SHAPES = "p 1 3 3, p 1, q p 3 3, q 1, r {} 3 3, r 1, 1 r, 1 1"


class Pass(NamedTuple):
    """What a forward pass leaves for the way back; of all maps the images of a batch are the last axis.

    Attributes
    ----------
    seen1, seen2 : array, shape (..., 9 maps, pixels)
        What each filter of a layer sees at each pixel of each image.
    y1, y2 : array, shape (..., maps, H, W, samples)
        What the ReLU of each layer gives; those of the second are half as high and wide.
    which : array
        The place of the largest in each square of y1, 0 to 3.
    u : array, shape (..., maps, H, W, samples)
        What the third layer sees.
    y3 : array, shape (..., r, pixels)
    y : array, shape (..., 1, pixels)
        How likely each pixel is ink.
    """

    seen1: Any
    y1: Any
    which: Any
    seen2: Any
    y2: Any
    u: Any
    y3: Any
    y: Any


def images_last(x):
    """The images x (samples, ..., H, W) with the samples as the last axis, so that every shift moves long rows."""
    return namespace(x).ascontiguousarray(namespace(x).moveaxis(x, 0, -1))


def flat(maps):
    """The maps (..., m, H, W, samples) as the rows of a matrix (..., m, pixels)."""
    return maps.reshape(*maps.shape[:-3], -1)


def windows(x):
    """What a filter of 3 x 3 sees at each pixel of maps (..., c, H, W, samples), zeros around: (..., 9 c, pixels)."""
    *lead, c, H, W, samples = x.shape
    around = namespace(x).zeros((*lead, c, H + 2, W + 2, samples), dtype=x.dtype)
    around[..., 1:-1, 1:-1, :] = x
    seen = [around[..., i : i + H, j : j + W, :] for i in range(3) for j in range(3)]
    return namespace(x).stack(seen, axis=-4).reshape(*lead, 9 * c, -1)


def windows_back(e, H, W):
    """The error of maps from that of what the filters saw of them: each pixel's sum."""
    *lead, rows, pixels = e.shape
    c, samples = rows // 9, pixels // (H * W)
    e = e.reshape(*lead, c, 9, H, W, samples)
    around = namespace(e).zeros((*lead, c, H + 2, W + 2, samples), dtype=e.dtype)
    for k in range(9):
        i, j = divmod(k, 3)
        around[..., i : i + H, j : j + W, :] += e[..., k, :, :, :]
    return around[..., 1:-1, 1:-1, :]


def as_matrix(W):
    """Filters (..., m, c, 3, 3) as a matrix (..., m, 9 c)."""
    return W.reshape(*W.shape[:-3], -1)


def turned(W):
    """The filters (..., c, m, 3, 3) that take errors back to what filters (..., m, c, 3, 3) saw; twice it is these."""
    return W.swapaxes(-4, -3)[..., ::-1, ::-1]


def filtered(W, b, x):
    """The maps that filters make of maps x, and what they saw."""
    seen = windows(x)
    v = as_matrix(W) @ seen + b
    return v.reshape(*v.shape[:-1], *x.shape[-3:]), seen


def filtered_back(delta, seen, W):
    """The changes of filters and biases for delta (..., m, H, W, samples), and the error of the maps they saw."""
    H, width = delta.shape[-3:-1]
    delta = flat(delta)
    dW, db = (delta @ T(seen)).reshape(W.shape), delta.sum(axis=-1, keepdims=True)
    return dW, db, windows_back(T(as_matrix(W)) @ delta, H, width)


def spread(W, b, x):
    """The maps of `filtered`, where every pixel is multiplied first, and its products then go to the pixels around it.

    That moves 9 rows for each map that is made and not for each that is seen, where these are more.
    """
    v = windows_back(T(as_matrix(turned(W))) @ flat(x), *x.shape[-3:-1])
    return v + b[..., None, None]


def spread_back(delta, x, W):
    """`filtered_back` for the maps x that were seen, by the windows of delta in place of theirs."""
    seen, back = windows(delta), turned(W)
    dW, db = turned((flat(x) @ T(seen)).reshape(back.shape)), flat(delta).sum(axis=-1, keepdims=True)
    e = as_matrix(back) @ seen
    return dW, db, e.reshape(*e.shape[:-1], *x.shape[-3:])


def corners(y):
    """The four pixels of each square of 2 x 2 of maps (..., H, W, samples), row by row: four views, half as large."""
    return [y[..., i::2, j::2, :] for i in range(2) for j in range(2)]


def from_corners(pixels):
    """The maps whose squares have these pixels."""
    *lead, H, W, samples = pixels[0].shape
    y = namespace(pixels[0]).empty((*lead, 2 * H, 2 * W, samples), dtype=pixels[0].dtype)
    for corner, own in zip(corners(y), pixels, strict=True):
        corner[...] = own
    return y


def largest(y):
    """The largest pixel of each square of the maps y, and which of the four it is; of equal ones the first."""
    xp = namespace(y)
    most, *others = corners(y)
    which = xp.zeros(most.shape, dtype="int8")
    for k, pixels in enumerate(others, start=1):
        which = xp.where(pixels > most, k, which)
        most = xp.maximum(most, pixels)
    return most, which


def unet_pass(W1, b1, W2, b2, W3, b3, Wo, bo, x):
    """Forward; x (1, H, W, samples)."""
    v1, seen1 = filtered(W1, b1, x)
    y1 = relu(v1)

    s, which = largest(y1)
    v2, seen2 = filtered(W2, b2, s)
    y2 = relu(v2)
    u = from_corners([y2] * 4)  # twice as high and wide

    if has_skip(W1, W2, W3):
        u = namespace(u).concatenate([y1, u], axis=-4)  # U-Net puts them side by side; a ResNet would add them
    y3 = flat(relu(spread(W3, b3, u)))
    y = sigmoid(Wo @ y3 + bo)
    return Pass(seen1, y1, which, seen2, y2, u, y3, y)


def unet_changes(W1, b1, W2, b2, W3, b3, Wo, bo, x, d, alpha):
    """Weight changes for cross-entropy, summed over the pixels of images x (samples, 1, H, W), d (samples, H, W)."""
    p = unet_pass(W1, b1, W2, b2, W3, b3, Wo, bo, images_last(x))
    e = images_last(d).reshape(1, -1) - p.y
    delta = e

    delta3 = (p.y3 > 0) * (T(Wo) @ delta)
    dW3, db3, eu = spread_back(delta3.reshape(*delta3.shape[:-1], *p.u.shape[-3:]), p.u, W3)

    e2 = sum(corners(eu[..., -W2.shape[-4] :, :, :, :]))
    dW2, db2, es = filtered_back((p.y2 > 0) * e2, p.seen2, W2)

    e1 = from_corners([(p.which == k) * es for k in range(4)])
    if has_skip(W1, W2, W3):
        e1 = e1 + eu[..., : W1.shape[-4], :, :, :]
    delta1 = flat((p.y1 > 0) * e1)
    dW1, db1 = (delta1 @ T(p.seen1)).reshape(W1.shape), delta1.sum(axis=-1, keepdims=True)

    dWo, dbo = delta @ T(p.y3), delta.sum(axis=-1, keepdims=True)
    return tuple(alpha * change for change in (dW1, db1, dW2, db2, dW3, db3, dWo, dbo))


def has_skip(W1, W2, W3):
    """Whether the filters W3 see the first layer's maps beside those of the second."""
    return W3.shape[-3] == W1.shape[-4] + W2.shape[-4]


def unet_digits(*weights_X_D, optimizer, size=20):
    """Train a U-Net of one level for one epoch to tell ink from noise, by the mean cross-entropy of a batch's pixels.

    W1 makes p maps of the image; W2 makes q of these, the largest of each 2 x 2 square, which are half as high and
    wide; doubled again and put beside the first maps they are what W3 makes r maps of, and Wo a mask of those. The
    filters are 3 x 3, with zeros around, each layer with a ReLU, the mask with a sigmoid.

    Parameters
    ----------
    *weights_X_D : arrays
        W1, b1, shapes (..., p, 1, 3, 3) and (..., p, 1); W2, b2 (..., q, p, 3, 3), (..., q, 1); W3, b3
        (..., r, p + q, 3, 3), (..., r, 1), or (..., r, q, 3, 3) without the skip connection; Wo, bo (..., 1, r),
        (..., 1, 1); N images X, shape (N, H, W), H and W even, and their masks D of the same shape, 0 or 1. Leading
        axes of the weights are independent networks; those of all weights must be the same.
    optimizer : object with ``update(params, grads)``
        One of `deltarule.layers.OPTIMIZERS`, which remembers the epochs before: Adam(lr=0.01).
    size : int
        Images in a batch. An incomplete last batch is left out.

    Returns
    -------
    tuple of arrays, shapes and dtype of the weights
        The weights after the epoch; the arguments stay as they are, but for what the optimiser remembers.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type, shape, dtype or device, empty or not finite; the message names it.

    Notes
    -----
    Source: the Korean summary, U-Net (docs/sources.md), which has no code for it; the equations are those of
    Ronneberger, Fischer and Brox (2015), with zeros around the maps. `unet_changes` is the body.

    Examples
    --------
    >>> from deltarule.layers import Adam
    >>> from deltarule.models.experiments import EXPERIMENTS
    >>> experiment = EXPERIMENTS["unet_digits"]
    >>> X, D = experiment.samples()
    >>> weights, _ = experiment.start(3)
    >>> optimizer = Adam(lr=0.01)
    >>> for epoch in range(2):
    ...     weights = unet_digits(*weights, X[:200], D[:200], optimizer=optimizer)
    >>> overlap(D[:200], unet_forward(*weights, X[:200])) > 0.4
    True
    """
    *weights, X, D = checks.given(weights_X_D, "X", "D")
    X, *weights = _checked(X, weights)
    D = _masks(D, X)
    size = checks.count("size", size, len(X), "images of X")
    count, pixels = len(X) // size, X.shape[1:]
    x, d = X[: count * size].reshape(count, size, 1, *pixels), D[: count * size].reshape(count, size, *pixels)
    weights = dict(zip(NAMES, weights, strict=True))
    return optimised_epoch(unet_changes, weights, x, d, 1 / (size * X[0].size), optimizer)


def unet_forward(*weights_X):
    """How likely each pixel is ink.

    Parameters
    ----------
    *weights_X : arrays
        As for `unet_digits`, without the masks.

    Returns
    -------
    array, shape (..., N, H, W)

    Raises
    ------
    TypeError, ValueError
        As `unet_digits`.

    Examples
    --------
    >>> from deltarule.models.experiments import EXPERIMENTS
    >>> experiment = EXPERIMENTS["unet_digits"]
    >>> X, _ = experiment.samples()
    >>> print(unet_forward(*experiment.start()[0], X[:3]).shape)
    (3, 28, 28)
    """
    *weights, X = checks.given(weights_X, "X")
    X, *weights = _checked(X, weights)
    y = unet_pass(*weights, images_last(X[:, None])).y
    return namespace(y).moveaxis(y.reshape(*y.shape[:-2], *X.shape[1:], len(X)), -1, -3)


def overlap(D, y, threshold=0.5):
    """Intersection over union: of the pixels that are ink in D or above the threshold in y, the share that are both.

    Parameters
    ----------
    D : array, shape (N, H, W)
        0 or 1.
    y : array, shape (N, H, W)
    threshold : float

    Returns
    -------
    float
        From 0 to 1; 1 where there is no ink in either, 0 where an element of y is not a number.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind or the shapes differ; the message names it.

    Examples
    --------
    >>> overlap([[[1.0, 1.0, 0.0, 0.0]]], [[[0.9, 0.2, 0.8, 0.1]]])
    0.3333333333333333
    """
    D = checks.binary("D", checks.real("D", D))
    y, threshold = checks.floating("y", y), checks.number("threshold", threshold)
    if y.shape != D.shape:
        raise ValueError(f"y must have the shape {D.shape} of D, not {y.shape}")
    if bool((y != y).any()):
        return 0.0
    found, ink = y > threshold, D == 1
    union = float((found | ink).sum())
    return float((found & ink).sum()) / union if union else 1.0


def _checked(X, weights):
    """Images and the eight weights."""
    if len(weights) != len(NAMES):
        raise ValueError(f"the weights must be {len(NAMES)}, {', '.join(NAMES)}, not {len(weights)}")
    weights = dict(zip(NAMES, weights, strict=True))
    first = checks.real("W1", weights["W1"])
    X = checks.real("X", X, first)
    if X.ndim != 3 or X.shape[1] % 2 or X.shape[2] % 2:
        raise ValueError(f"X must be images (N, rows, columns) with even rows and columns, not of shape {X.shape}")
    W1, W2, W3 = (getattr(weights[name], "shape", ()) for name in ("W1", "W2", "W3"))
    plain = len(W3) > 3 and len(W2) > 3 and len(W1) > 3 and W3[-3] == W2[-4] != W1[-4] + W2[-4]
    return [X, *checks.fitting(SHAPES.format("q" if plain else "p+q"), weights)]


def _masks(D, X):
    """D as binary masks of the images X."""
    D = checks.real("D", D, X, finite=True)  # as what is binary is
    if D.shape != X.shape:
        raise ValueError(f"D must have the shape {X.shape}, a mask for each image of X, not {D.shape}")
    return checks.binary("D", D)
