"""How samples, targets and weights are handed to a port, where that is not as the listing has them.

Samples may be rows or columns, targets (N,), (N, 1) or (1, N), weights transposed, or vectors where they are one row.
What differs from the listing is said, and is no mistake.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from ..basics.arrays import T, vectors

FLAT = "images are given as vectors"
AS_LAST = "images lie along the last axis, as in MATLAB"


def same(a):
    """What it is given."""
    return a


def turned(W):
    """The transpose of a matrix; filters, which have three axes, stay as they are."""
    return W.T if W.ndim == 2 else W


def vector(W):
    """A matrix of one row as a vector; others stay as they are."""
    return W[0] if W.ndim == 2 and len(W) == 1 else W


@dataclass(frozen=True)
class Convention:
    """How samples, targets and weights are handed to a port.

    Attributes
    ----------
    notes : tuple of str
        What differs from the listing's own form, for people.
    samples, targets, weights : callable
        From the listing's X, D or weights to the port's.
    flat : bool
        Whether images are given as vectors, which is tried where a port refuses them as images: one that takes both
        reads images in its own order.
    """

    notes: tuple
    samples: object
    targets: object
    weights: object = same
    flat: bool = False

    def back(self, new, shapes):
        """New weights as the listing has them, whose shapes these are."""
        new = map(turned, new) if self.weights is turned else new
        return tuple(W.reshape(shape) for W, shape in zip(new, shapes, strict=True))


WEIGHTS = (("", same), ("weights are transposed", turned), ("weights of one row are vectors", vector))


def as_columns(X):
    """Samples along the last axis."""
    return T(X) if X.ndim == 2 else np.moveaxis(X, 0, -1)


def conventions(listing, D):
    """The conventions to try, the listing's own first."""
    xs = [("", same), ("samples are columns", as_columns)]
    if listing in ("multi_class", "deep_relu", "deep_dropout"):
        xs[1:] = [(AS_LAST, as_columns), (FLAT, vectors), (f"{FLAT}, as columns", lambda X: T(vectors(X)))]
    elif listing == "mnist_conv":
        xs[1:] = [(AS_LAST, as_columns)]
    return combined(xs, targets(listing, D), WEIGHTS[: 2 if D.ndim == 2 or listing == "mnist_conv" else None])


def targets(listing, D):
    """How targets may be given: notes, and from the listing's D to the port's."""
    if listing == "mnist_conv":
        return [
            ("", same),
            ("targets are (N, 1)", lambda D: D[:, None]),
            ("digits are classes 1 to 10", classes),
            ("digits are classes 1 to 10, (N, 1)", lambda D: classes(D)[:, None]),
        ]
    if D.ndim == 2:
        return [
            ("", same),
            ("targets are columns", T),
            ("targets are (N, 1, classes)", lambda D: D[:, None]),
            ("targets are (N, classes, 1)", lambda D: D[:, :, None]),
        ]
    return [("", same), ("targets are (N, 1)", lambda D: D[:, None]), ("targets are (1, N)", lambda D: D[None])]


def classes(D):
    """Digits as MATLAB's classes: 0 is class 10."""
    return np.where(D == 0, 10, D)


def combined(samples, targets, weights):
    """A convention for each way to give samples, targets and weights, the first of all first."""
    return [
        Convention(tuple(note for note in (w[0], x[0], d[0]) if note), x[1], d[1], w[1], x[0].startswith(FLAT))
        for w, x, d in product(weights, samples, targets)
    ]
