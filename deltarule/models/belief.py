"""The deep belief network: restricted Boltzmann machines one upon the other, and then a network that begins there."""

from itertools import pairwise
from math import sqrt

import numpy as np

from ..basics.arrays import T, columns
from ..basics.functions import sigmoid, softmax
from ..listings.training import train
from . import checks
from .energy import drawn, rbm, rbm_hidden


def biased_changes(*weights_x_d_alpha):
    """Weight changes for cross-entropy of sigmoid layers and a softmax, each W followed by its biases c.

    They are summed over the columns of x (n, samples) and d (m, samples).
    """
    *weights, x, d, alpha = weights_x_d_alpha
    layers = list(zip(weights[::2], weights[1::2], strict=True))
    ys = [x]
    for W, c in layers[:-1]:
        ys.append(sigmoid(W @ ys[-1] + c))
    Wo, co = layers[-1]
    delta = d - softmax(Wo @ ys[-1] + co)

    changes = []
    for (W, _), y in zip(layers[::-1], ys[::-1], strict=True):
        changes = [alpha * delta @ T(y), alpha * delta.sum(axis=-1, keepdims=True), *changes]
        delta = y * (1 - y) * (T(W) @ delta)
    return tuple(changes)


def dbn(*weights_X_D, alpha=0.5, size=10):
    """Train a network of sigmoid layers with biases and a softmax output for one epoch, by batches.

    Parameters
    ----------
    *weights_X_D : arrays
        For each layer W, shape (..., nodes, nodes of the layer before), and its biases, shape (..., nodes, 1); then the
        samples X, shape (N, n), or images (N, rows, columns), and their one-hot targets D, shape (N, m). Leading axes
        of the weights are independent networks.
    alpha : float
        Learning rate, above 0.
    size : int
        Samples in a batch, whose changes are averaged; an incomplete last batch is left out.

    Returns
    -------
    tuple of arrays, shapes and dtype of the weights
        The weights after the epoch; the arguments stay as they are.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type, shape, dtype or device, empty or not finite; the message names it: W1, c1
        and so on, X, D.

    Notes
    -----
    Source: the deep belief network of the Korean summary (docs/sources.md), which has no code for it. What makes the
    network one is where it begins: at the weights and hidden biases that `stacked_machines` found without any targets.
    `biased_changes` is the body, `deltarule.listings.training.train` the loop.

    Examples
    --------
    >>> from deltarule import data, matlab
    >>> X, D = data.digits()
    >>> weights = glorot(matlab.rng(1), (25, 20, 5))
    >>> for epoch in range(100):
    ...     weights = dbn(*weights, X, D, alpha=1.0, size=5)
    >>> print(dbn_forward(*weights, X).argmax(axis=1))
    [0 1 2 3 4]
    """
    *weights, X, D = checks.given(weights_X_D, "X", "D")
    X, D, *weights = _checked(weights, X, D)
    alpha, size = checks.rate("alpha", alpha), checks.count("size", size, len(X), "samples of X")
    return train(biased_changes, weights, columns(X, size), columns(D, size), alpha / size)


def dbn_forward(*weights_X):
    """Outputs of a network of sigmoid layers with biases and a softmax output.

    Parameters
    ----------
    *weights_X : arrays
        As for `dbn`, without the targets.

    Returns
    -------
    array, shape (..., N, m)
        One sample a row.

    Raises
    ------
    TypeError, ValueError
        As `dbn`.

    Examples
    --------
    >>> print(dbn_forward([[0.0], [0.0]], [[1.0], [1.0]], [[3.0]]))
    [[0.5 0.5]]
    """
    *weights, X = checks.given(weights_X, "X")
    X, *weights = _checked(weights, X)
    y = T(X)
    for W, c in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        y = sigmoid(W @ y + c)
    return T(softmax(weights[-2] @ y + weights[-1]))


def glorot(rng, sizes):
    """Weights uniform with variance 2 / (inputs + nodes), and biases of zero, layer by layer.

    Parameters
    ----------
    rng : deltarule.matlab.Stream
        Draws the weights by ``rand(nodes, inputs)``.
    sizes : sequence of int
        The nodes of each layer from input to output.

    Returns
    -------
    list of arrays
        W and c of each layer.

    Raises
    ------
    TypeError, ValueError
        If `rng` is no stream, or `sizes` are not integers of at least 1; the message names it, and nothing has been
        drawn.

    Examples
    --------
    >>> from deltarule import matlab
    >>> [W.shape for W in glorot(matlab.rng(1), (784, 100, 10))]
    [(100, 784), (100, 1), (10, 100), (10, 1)]
    """
    checks.draws("rng", rng, "rand")
    weights = []
    sizes = checks.sizes("sizes", sizes)
    checks.room(max((n * m for n, m in pairwise(sizes)), default=0), sizes=sizes)
    for n, m in pairwise(sizes):
        W = (2 * rng.rand(m, n) - 1) * sqrt(6 / (n + m))
        weights += [W, np.zeros((m, 1))]
    return weights


def machine_start(rng, X, hidden):
    """The start of a restricted Boltzmann machine: small weights, and visible biases that are the pixels' own odds.

    Parameters
    ----------
    rng : deltarule.matlab.Stream
        Draws the weights by ``randn(hidden, n)``.
    X : array, shape (N, n)
        Samples of 0 and 1.
    hidden : int
        Hidden nodes.

    Returns
    -------
    W, b, c : arrays
        W a hundredth of what is drawn; b = ln(p / (1 - p)), p the share of ones of each visible node, where one sample
        of ones and one of zeros counts with the others; c zero.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind, or X not binary; the message names it, and nothing has been drawn.

    Examples
    --------
    >>> from deltarule import matlab
    >>> W, b, c = machine_start(matlab.rng(1), np.array([[0.0, 1.0]]), 3)
    >>> print(W.shape, b.T.round(4), c.T)
    (3, 2) [[-0.6931  0.6931]] [[0. 0. 0.]]
    """
    checks.draws("rng", rng, "randn")
    X, hidden = _binary(X), checks.size("hidden", hidden)
    checks.room(hidden * X.shape[1], hidden=hidden)
    p = (X.sum(axis=0)[:, None] + 1) / (len(X) + 2)
    W = 0.01 * rng.randn(hidden, X.shape[1])
    return W, np.log(p / (1 - p)), np.zeros((hidden, 1))


def stacked_machines(X, hidden, *, rng, epochs=3, alpha=0.1, size=20):
    """Restricted Boltzmann machines one upon the other, each trained on what the hidden nodes of the one below are.

    Parameters
    ----------
    X : array, shape (N, n)
        Samples of 0 and 1; no targets.
    hidden : sequence of int
        The hidden nodes of each machine.
    rng : deltarule.matlab.Stream
        For each machine in turn: draws its start, then trains it, then draws its hidden nodes once, which are the next
        one's samples.
    epochs : int
        Of each machine, by CD-1.
    alpha : float
        Learning rate, above 0.
    size : int
        Samples in a batch.

    Returns
    -------
    list of (W, b, c)
        The weights, visible and hidden biases of each machine.

    Raises
    ------
    TypeError, ValueError
        As `deltarule.models.energy.rbm`, and if `hidden` are not integers of at least 1; nothing has been drawn then.

    Examples
    --------
    >>> from deltarule import matlab
    >>> from deltarule.models.tasks import bars_and_stripes
    >>> machines = stacked_machines(bars_and_stripes(3), (6, 4), rng=matlab.rng(1), size=7)
    >>> [W.shape for W, b, c in machines]
    [(6, 9), (4, 6)]
    """
    checks.draws("rng", rng, "rand", "randn")
    X, hidden, found = _binary(X), checks.sizes("hidden", hidden), []
    epochs, alpha = checks.size("epochs", epochs), checks.rate("alpha", alpha)
    size = checks.count("size", size, len(X), "samples of X")
    checks.room(max((n * max(m, len(X)) for m, n in pairwise([X.shape[1], *hidden])), default=0), hidden=hidden)
    for nodes in hidden:
        machine = machine_start(rng, X, nodes)
        for _ in range(epochs):
            machine = rbm(*machine, X, rng=rng, alpha=alpha, size=size)
        found.append(machine)
        X = T(drawn(T(rbm_hidden(*machine, X)), rng))
    return found


def _binary(X):
    """Samples (N, n) of 0 and 1."""
    X = checks.binary("X", checks.real("X", X))
    if X.ndim != 2:
        raise ValueError(f"X must have the shape (N, n), one sample a row, not {X.shape}")
    return X


def _checked(weights, X, *D):
    """X (N, n), D (N, m) if it is given, and W and c of each layer."""
    if not weights or len(weights) % 2:
        raise ValueError(f"weights_X_D must have W and its biases for each layer, not {len(weights)} weights")
    matrices = {f"W{i}": W for i, W in enumerate(weights[::2], 1)}
    X, *found = checks.dense(X, *D, one_hot=True, **matrices) if D else checks.inputs(X, **matrices)
    D, arrays = (found[:1], found[1:]) if D else ([], found)
    layers = []
    for i, (W, c) in enumerate(zip(arrays, weights[1::2], strict=True), 1):
        layers += checks.fitting("m n, m 1", {f"W{i}": W, f"c{i}": c})
    return [X, *D, *layers]
