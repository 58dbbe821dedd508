"""Checks of what the convolutional network alone takes: images, filters, maps and digits.

They are called as those of `deltarule.basics.checks` are: one line, and a full sentence when one fails.
"""

import numpy as np

from ..basics import checks


def convolutional(X, W1, W5, Wo):
    """The arguments of the convolutional network: images X (N, rows, columns) and weights that fit."""
    W1, W5, Wo = weights = checks.same_kind(W1=W1, W5=W5, Wo=Wo)
    X = checks.samples(X, W1)
    if X.ndim != 3:
        raise ValueError(f"X must be images (N, rows, columns), not of shape {X.shape}")
    if W1.ndim >= 3 and W5.ndim >= 2:
        checks.images_first(X, pooled(X.shape[1:], W1), pooled(X.shape[:2], W1), W5.shape[-1])
    images(X, W1, "X", "W1")
    p, q, f = W1.shape[-3:]
    r, c = X.shape[1] - p + 1, X.shape[2] - q + 1
    if r % 2 or c % 2:
        raise ValueError(
            f"W1 must make maps of even sizes for pooling; {W1.shape} on images {X.shape[1:]} makes {r} x {c}"
        )
    features = r // 2 * (c // 2) * f
    if W5.ndim < 2 or W5.shape[-1] != features:
        raise ValueError(f"W5 must have the shape (..., nodes, {features}) for the pooled maps of W1, not {W5.shape}")
    if Wo.ndim < 2 or Wo.shape[-2:] != (10, W5.shape[-2]):
        raise ValueError(f"Wo must have the shape (..., 10, {W5.shape[-2]}) for the nodes of W5, not {Wo.shape}")
    checks.leading_axes(("W1", "W5", "Wo"), weights, (3, 2, 2))
    return [X, *weights]


def pooled(image, W1):
    """How many numbers the pooled maps of an image of this shape have; None if there are no such maps."""
    r, c = (n - m + 1 for n, m in zip(image, W1.shape[-3:-1], strict=True))
    return r // 2 * (c // 2) * W1.shape[-1] if min(r, c) > 0 and r % 2 == c % 2 == 0 else None


def images(x, W, name="x", filters="W"):
    """ValueError unless the filters W (..., p, q, f) fit the images x (N, rows, columns), or one (rows, columns)."""
    if x.ndim not in (2, 3):
        raise ValueError(f"{name} must be images (N, rows, columns) or one (rows, columns), not of shape {x.shape}")
    if W.ndim < 3:
        raise ValueError(f"{filters} must be filters (..., p, q, number), not of shape {W.shape}")
    if W.shape[-3] > x.shape[-2] or W.shape[-2] > x.shape[-1]:
        raise ValueError(f"{filters} must be no larger than the images, {x.shape[-2:]}, and has the shape {W.shape}")


def maps(name, x):
    """`x` as floating maps (..., rows, columns, f), rows and columns even in number; integers become float64."""
    x = checks.floating(name, x)
    if x.ndim < 3 or x.shape[-3] % 2 or x.shape[-2] % 2:
        raise ValueError(
            f"{name} must be maps (..., rows, columns, number), rows and columns even, not of shape {x.shape}"
        )
    return x


def labels(D, n, like):
    """D as an integer array of n digits 0-9, in the array module of `like`."""
    D = checks.plain_array("D", D)
    checks.same_device("D", D, like)
    if D.dtype.kind not in "iuf":
        raise TypeError(f"D must be of the digits 0 to 9, not of dtype {D.dtype}")
    if D.shape == (n, 1):
        raise ValueError(
            f"D must have the shape ({n},), not {D.shape}, a column as in MATLAB: D.ravel() makes a vector of digits, "
            "deltarule.matlab.load(file, labels='D') one of MATLAB's labels"
        )
    if D.shape != (n,):
        raise ValueError(f"D must have the shape ({n},), one digit for each image of X, not {D.shape}")
    if not (bool(((D >= 0) & (D <= 9)).all()) and bool((D % 1 == 0).all())):  # of infinity % 1 NumPy would warn
        raise ValueError("D must be of digits 0 to 9, and has others (MATLAB's label 10 is the digit 0)")
    return D.astype(np.int64)
