"""Relation networks: a small network looks at every two objects, and another judges the sum of what it gives.

Beside them, layers of the same kind that take all objects at once, to compare.
"""

from itertools import permutations
from math import sqrt
from typing import Any, NamedTuple

from numpy import tanh

from ..basics.arrays import T, columns, namespace
from ..basics.functions import softmax
from . import checks
from .functions import batches, for_each, optimised_epoch

NAMES = ("G1", "G2", "F1", "F2")
PAIRS = "h n+n, p h, q p, m q"  # of G1, G2, F1 and F2, for objects of n inputs
ROW = "h n, p h, q p, m q"  # the same for n inputs of all objects


class Pass(NamedTuple):
    """What a forward pass leaves for the way back.

    Attributes
    ----------
    g1 : array, shape (..., P, h, samples)
        What the first layer gives for each of P pairs.
    g2 : array, shape (..., P, p, samples)
        The same for the second: g(o_i, o_j).
    a : array, shape (..., p, samples)
        Its sum over the pairs, over the root of P.
    f1 : array, shape (..., q, samples)
    y : array, shape (..., m, samples)
    """

    g1: Any
    g2: Any
    a: Any
    f1: Any
    y: Any


def pairs(X):
    """All ordered pairs of two different objects of X (N, k, n), one above the other: (N, k (k - 1), 2 n)."""
    xp = namespace(X)
    both = [xp.concatenate((X[:, i], X[:, j]), axis=-1) for i, j in permutations(range(X.shape[1]), 2)]
    return xp.stack(both, axis=1)


def in_a_row(X):
    """All objects of X (N, k, n) as the inputs of the only one: (N, 1, k n)."""
    return X.reshape(len(X), 1, -1)


def relation_pass(G1, G2, F1, F2, x):
    """Forward; x (P, 2 n, samples)."""
    G1, G2 = for_each(G1, G2)  # the same for all pairs
    g1 = tanh(G1 @ x)
    g2 = tanh(G2 @ g1)
    a = g2.sum(axis=-3) / sqrt(len(x))
    f1 = tanh(F1 @ a)
    y = softmax(F2 @ f1)
    return Pass(g1, g2, a, f1, y)


def products(delta, y):
    """Changes of weights that turn y into what delta is of, summed over samples and pairs, which are the first axis."""
    return (delta @ T(y)).sum(axis=-3)


def relation_changes(G1, G2, F1, F2, x, d, alpha):
    """Weight changes for cross-entropy, summed over the columns of x (P, 2 n, samples) and d (m, samples)."""
    g1, g2, a, f1, y = relation_pass(G1, G2, F1, F2, x)

    e = d - y
    delta = e

    ef1 = T(F2) @ delta
    deltaf1 = (1 - f1**2) * ef1

    eg2 = (T(F1) @ deltaf1)[..., None, :, :] / sqrt(len(x))  # each pair gets the whole
    deltag2 = (1 - g2**2) * eg2

    eg1 = T(*for_each(G2)) @ deltag2
    deltag1 = (1 - g1**2) * eg1

    dG1 = alpha * products(deltag1, x)
    dG2 = alpha * products(deltag2, g1)
    dF1 = alpha * deltaf1 @ T(a)
    dF2 = alpha * delta @ T(f1)
    return dG1, dG2, dF1, dF2


def relation_dots(G1, G2, F1, F2, X, D, *, optimizer, size=20):
    """Train a relation network for one epoch, by the mean cross-entropy of batches.

    Each ordered pair of objects, one above the other, goes through g = tanh(G2 tanh(G1 [o_i; o_j])); a is the sum over
    all P pairs, divided by the root of P; and y = softmax(F2 tanh(F1 a)). In another order of the objects the sum has
    the same terms.

    Parameters
    ----------
    G1 : array, shape (..., h, 2 n)
        Weights from the n inputs of the one object and the n of the other. Leading axes are independent networks; those
        of all weights must be the same.
    G2 : array, shape (..., p, h)
    F1 : array, shape (..., q, p)
    F2 : array, shape (..., m, q)
        Weights to the m classes of a scene.
    X : array, shape (N, k, n)
        N scenes of k objects, at least two; a constant input 1 stands for a bias.
    D : array, shape (N, m)
        Their classes, one-hot.
    optimizer : object with ``update(params, grads)``
        One of `deltarule.layers.OPTIMIZERS`, which remembers the epochs before: Adam(lr=0.003).
    size : int
        Scenes in a batch. An incomplete last batch is left out.

    Returns
    -------
    G1, G2, F1, F2 : arrays, shapes and dtype of the arguments
        The weights after the epoch; the arguments stay as they are, but for what the optimiser remembers.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type, shape, dtype or device, empty or not finite; the message names it.

    Notes
    -----
    Source: the Korean summary, relation networks (docs/sources.md), which has no code for them; the sum over pairs is
    that of Santoro et al. (2017), here over the root of their number. `relation_changes` is the body.

    Examples
    --------
    >>> from deltarule.layers import Adam
    >>> from deltarule.models.experiments import EXPERIMENTS
    >>> experiment = EXPERIMENTS["relation_dots"]
    >>> X, D = experiment.samples()
    >>> weights, _ = experiment.start(1)
    >>> optimizer = Adam(lr=0.003)
    >>> for epoch in range(60):
    ...     weights = relation_dots(*weights, X, D, optimizer=optimizer)
    >>> right = relation_forward(*weights, X).argmax(axis=1) == D.argmax(axis=1)
    >>> bool(right.mean() > 0.9)
    True
    """
    X, *weights = _checked(PAIRS, X, (G1, G2, F1, F2))
    return _epoch(pairs(X), D, weights, optimizer, size)


def relation_forward(G1, G2, F1, F2, X):
    """Outputs of a relation network.

    Parameters
    ----------
    G1, G2, F1, F2 : arrays
        As for `relation_dots`.
    X : array, shape (N, k, n)

    Returns
    -------
    array, shape (..., N, m)

    Raises
    ------
    TypeError, ValueError
        As `relation_dots`.

    Examples
    --------
    >>> W = [[1.0]]
    >>> print(relation_forward([[1.0, 1.0]], W, W, [[0.0], [0.0]], [[[1.0], [2.0]]]))
    [[0.5 0.5]]
    """
    X, *weights = _checked(PAIRS, X, (G1, G2, F1, F2))
    return T(relation_pass(*weights, pairs(X).transpose(1, 2, 0)).y)


def relation_of(G1, G2, first, second):
    """What a relation network makes of pairs, before they are summed: g(o_i, o_j).

    Parameters
    ----------
    G1 : array, shape (..., h, 2 n)
    G2 : array, shape (..., p, h)
    first, second : array, shape (N, n)
        The one object of each of N pairs, and the other.

    Returns
    -------
    array, shape (..., N, p)

    Raises
    ------
    TypeError, ValueError
        As `relation_dots`.

    Examples
    --------
    >>> print(relation_of([[1.0, -1.0]], [[2.0]], [[0.5]], [[0.5]]))
    [[0.]]
    """
    G1, G2 = checks.same_kind(G1=G1, G2=G2)
    first, second = checks.real("first", first, G1), checks.real("second", second, G1)
    for name, a in (("first", first), ("second", second)):
        if a.ndim != 2 or a.shape != first.shape:
            raise ValueError(f"{name} must be objects (N, n), as many of the one as of the other, not {a.shape}")
    G1, G2 = checks.fitting("h n+n, p h", {"G1": G1, "G2": G2}, n=first.shape[1])
    x = namespace(G1).concatenate((T(first), T(second)))
    return T(tanh(G2 @ tanh(G1 @ x)))


def row_dots(G1, G2, F1, F2, X, D, *, optimizer, size=20):
    """Train the layers of a relation network for one epoch on all objects in a row, which makes them a plain MLP.

    y = softmax(F2 tanh(F1 tanh(G2 tanh(G1 [o_1; ...; o_k])))): the same body, with the row as its only pair.

    Parameters
    ----------
    G1 : array, shape (..., h, k n)
    G2, F1, F2, X, D, optimizer, size
        As for `relation_dots`.

    Returns
    -------
    G1, G2, F1, F2 : arrays, shapes and dtype of the arguments

    Raises
    ------
    TypeError, ValueError
        As `relation_dots`.

    Examples
    --------
    >>> from deltarule.layers import Adam
    >>> from deltarule.models.experiments import EXPERIMENTS
    >>> experiment = EXPERIMENTS["row_dots"]
    >>> weights, _ = experiment.start(1)
    >>> print([W.shape for W in row_dots(*weights, *experiment.samples(), optimizer=Adam(lr=0.003))])
    [(16, 15), (16, 16), (16, 16), (6, 16)]
    """
    X, *weights = _checked(ROW, X, (G1, G2, F1, F2))
    return _epoch(in_a_row(X), D, weights, optimizer, size)


def row_forward(G1, G2, F1, F2, X):
    """Outputs of the layers that `row_dots` trains.

    Parameters
    ----------
    G1, G2, F1, F2 : arrays
        As for `row_dots`.
    X : array, shape (N, k, n)

    Returns
    -------
    array, shape (..., N, m)

    Raises
    ------
    TypeError, ValueError
        As `relation_dots`.

    Examples
    --------
    >>> W = [[1.0]]
    >>> print(row_forward([[1.0, 1.0]], W, W, [[0.0], [0.0]], [[[1.0], [2.0]]]))
    [[0.5 0.5]]
    """
    X, *weights = _checked(ROW, X, (G1, G2, F1, F2))
    return T(relation_pass(*weights, in_a_row(X).transpose(1, 2, 0)).y)


def _epoch(x, D, weights, optimizer, size):
    """An epoch over x (N, P, inputs), what the first layer takes of each scene."""
    D = checks.targets(D, len(x), weights[-1].shape[-2], weights[0], one_hot=True)
    size = checks.count("size", size, len(x), "scenes of X")
    params = dict(zip(NAMES, weights, strict=True))
    return optimised_epoch(relation_changes, params, batches(x, size), columns(D, size), 1 / size, optimizer)


def _checked(shapes, X, weights):
    """Scenes (N, k, n) of at least two objects, and the weights."""
    weights = dict(zip(NAMES, weights, strict=True))
    arrays = checks.same_kind(**weights)
    shape = tuple(getattr(X, "shape", ()))
    if len(shape) != 3 or shape[1] >= 2:
        X = checks.real("X", X, arrays[0])
    if X.ndim != 3 or X.shape[1] < 2:
        raise ValueError(
            f"X must be scenes (N, objects, inputs) of at least two objects, not of shape {X.shape}; one is X[None]"
        )
    n = X.shape[2] if shapes is PAIRS else X[0].size
    return [X, *checks.fitting(shapes, dict(zip(NAMES, arrays, strict=True)), n=n)]
