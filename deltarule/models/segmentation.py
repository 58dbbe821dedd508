"""A U-Net of one level: maps, smaller maps of the whole, and back to a mask, with and without the skip connection."""

from typing import Any, NamedTuple

from ..basics.arrays import T, namespace
from ..basics.functions import relu, sigmoid
from . import checks
from .functions import optimised_epoch

NAMES = ("W1", "b1", "W2", "b2", "W3", "b3", "Wo", "bo")
SHAPES = "p 1 3 3, p 1, q p 3 3, q 1, r {} 3 3, r 1, 1 r, 1 1"


class Pass(NamedTuple):
    """What a forward pass leaves for the way back.

    Attributes
    ----------
    seen1, seen2, seen3 : array, shape (..., samples, 9 maps, pixels)
        What each filter of a layer sees at each pixel.
    v1, v2, v3 : array, shape (..., samples, maps, H, W)
        What the ReLU of each layer takes; those of the second are half as high and wide.
    which : array
        The place of the largest in each square of y1, 0 to 3.
    y3 : array, shape (..., samples, r, pixels)
    y : array, shape (..., samples, H, W)
        How likely each pixel is ink.
    """

    seen1: Any
    v1: Any
    which: Any
    seen2: Any
    v2: Any
    seen3: Any
    v3: Any
    y3: Any
    y: Any


def windows(x):
    """What a filter of 3 x 3 sees at each pixel of the maps x (..., c, H, W), zeros around: (..., 9 c, H W)."""
    *lead, c, H, W = x.shape
    around = namespace(x).zeros((*lead, c, H + 2, W + 2), dtype=x.dtype)
    around[..., 1:-1, 1:-1] = x
    seen = [around[..., i : i + H, j : j + W] for i in range(3) for j in range(3)]
    return namespace(x).stack(seen, axis=-3).reshape(*lead, 9 * c, H * W)


def windows_back(e, H, W):
    """The error of maps from that of what the filters saw of them: each pixel's sum."""
    *lead, rows, _ = e.shape
    e = e.reshape(*lead, rows // 9, 9, H, W)
    around = namespace(e).zeros((*lead, rows // 9, H + 2, W + 2), dtype=e.dtype)
    for k in range(9):
        i, j = divmod(k, 3)
        around[..., i : i + H, j : j + W] += e[..., k, :, :]
    return around[..., 1:-1, 1:-1]


def as_matrix(W):
    """Filters (..., m, c, 3, 3) as a matrix (..., 1, m, 9 c), the same for all samples."""
    return W.reshape(*W.shape[:-3], -1)[..., None, :, :]


def filtered(W, b, x):
    """The maps that filters make of maps x, and what they saw."""
    seen = windows(x)
    v = as_matrix(W) @ seen + b[..., None, :, :]
    return v.reshape(*v.shape[:-1], *x.shape[-2:]), seen


def filtered_back(delta, seen, W):
    """The changes of filters and biases for delta (..., samples, m, H, W), and the error of the maps they saw."""
    *_, H, width = delta.shape
    delta = delta.reshape(*delta.shape[:-2], -1)
    dW = (delta @ T(seen)).sum(axis=-3).reshape(W.shape)
    return dW, delta.sum(axis=-1, keepdims=True).sum(axis=-3), windows_back(T(as_matrix(W)) @ delta, H, width)


def squares(y):
    """The squares of 2 x 2 pixels of maps (..., H, W), along a new last axis, row by row: (..., H / 2, W / 2, 4)."""
    *lead, H, W = y.shape
    return y.reshape(*lead, H // 2, 2, W // 2, 2).swapaxes(-3, -2).reshape(*lead, H // 2, W // 2, 4)


def from_squares(s):
    """The maps whose squares these are."""
    *lead, H, W, _ = s.shape
    return s.reshape(*lead, H, W, 2, 2).swapaxes(-3, -2).reshape(*lead, 2 * H, 2 * W)


def doubled(y):
    """Maps twice as high and wide, each element four times."""
    return y.repeat(2, axis=-2).repeat(2, axis=-1)


def unet_pass(W1, b1, W2, b2, W3, b3, Wo, bo, x):
    """Forward; x (samples, 1, H, W)."""
    v1, seen1 = filtered(W1, b1, x)
    y1 = relu(v1)

    s = squares(y1)
    v2, seen2 = filtered(W2, b2, s.max(axis=-1))
    u = doubled(relu(v2))

    if has_skip(W1, W2, W3):
        u = namespace(u).concatenate([y1, u], axis=-3)  # U-Net puts them side by side; a ResNet would add them
    v3, seen3 = filtered(W3, b3, u)
    y3 = relu(v3).reshape(*v3.shape[:-2], -1)
    y = sigmoid(Wo[..., None, :, :] @ y3 + bo[..., None, :, :])
    return Pass(seen1, v1, s.argmax(axis=-1), seen2, v2, seen3, v3, y3, y.reshape(*y.shape[:-2], *x.shape[-2:]))


def unet_changes(W1, b1, W2, b2, W3, b3, Wo, bo, x, d, alpha):
    """Weight changes for cross-entropy, summed over the pixels of images x (samples, 1, H, W), d (samples, H, W)."""
    p = unet_pass(W1, b1, W2, b2, W3, b3, Wo, bo, x)
    e = d - p.y
    delta = e.reshape(*e.shape[:-2], 1, -1)

    e3 = (T(Wo)[..., None, :, :] @ delta).reshape(p.v3.shape)
    dW3, db3, eu = filtered_back((p.v3 > 0) * e3, p.seen3, W3)

    e2 = squares(eu[..., -W2.shape[-4] :, :, :]).sum(axis=-1)
    dW2, db2, es = filtered_back((p.v2 > 0) * e2, p.seen2, W2)

    places = namespace(x).arange(4)
    e1 = from_squares((places == p.which[..., None]) * es[..., None])
    if has_skip(W1, W2, W3):
        e1 = e1 + eu[..., : W1.shape[-4], :, :]
    dW1, db1, _ = filtered_back((p.v1 > 0) * e1, p.seen1, W1)

    dWo, dbo = (delta @ T(p.y3)).sum(axis=-3), delta.sum(axis=-1, keepdims=True).sum(axis=-3)
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
    *weights, X, D = weights_X_D
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
    *weights, X = weights_X
    X, *weights = _checked(X, weights)
    return unet_pass(*weights, X[:, None]).y


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
    D = checks.real("D", D, X)
    if D.shape != X.shape:
        raise ValueError(f"D must have the shape {X.shape}, a mask for each image of X, not {D.shape}")
    return checks.binary("D", D)
