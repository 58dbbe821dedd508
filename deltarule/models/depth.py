"""Deep networks of sigmoid layers, with batch normalisation before each sigmoid and without."""

from numpy import sqrt

from ..basics.arrays import T, columns
from ..basics.functions import sigmoid, softmax
from ..listings.training import train
from . import checks
from .functions import mean

EPSILON = 1e-5  # under the root


def normalised(v):
    """Each row of v (..., nodes, samples) at mean 0 and variance 1 over the columns, and what it was divided by."""
    centred = v - mean(v)
    std = sqrt(mean(centred * centred) + EPSILON)
    return centred / std, std


def plain_deltas(x, d, *weights):
    """The layers' outputs, x and the softmax among them, and their deltas, in the order of the layers."""
    ys = [x]
    for W in weights[:-1]:
        ys.append(sigmoid(W @ ys[-1]))
    ys.append(softmax(weights[-1] @ ys[-1]))

    deltas = [d - ys[-1]]
    for W, y in zip(weights[:0:-1], ys[-2:0:-1], strict=True):
        e = T(W) @ deltas[0]
        deltas.insert(0, y * (1 - y) * e)
    return ys, deltas


def deep_sigmoid_changes(*weights_x_d_alpha):
    """Weight changes for cross-entropy, summed over the columns of x (n, samples) and d (m, samples)."""
    *weights, x, d, alpha = weights_x_d_alpha
    ys, deltas = plain_deltas(x, d, *weights)
    return tuple(alpha * delta @ T(y) for delta, y in zip(deltas, ys, strict=False))


def normalised_deltas(x, d, Wo, *layers):
    """Of each hidden layer what its sigmoid takes and gives, and the deltas on both sides of the normalisation.

    Parameters
    ----------
    x, d : array, shapes (n, samples) and (m, samples)
    Wo : array, shape (..., m, h)
    *layers : (W, gamma, beta)

    Returns
    -------
    list of (x, xn, deltau, deltav)
        Of each hidden layer its inputs, the normalised sums, the delta of u = gamma xn + beta and that of v = W x.
    y : array
        The outputs of the last hidden layer.
    delta : array
        That of the softmax.
    """
    forward, y = [], x
    for W, gamma, beta in layers:
        xn, std = normalised(W @ y)
        u = gamma * xn + beta
        forward.append((y, xn, std, y := sigmoid(u)))
    delta = d - softmax(Wo @ y)

    e, back = T(Wo) @ delta, []
    for (W, gamma, _), (x_in, xn, std, y_out) in zip(layers[::-1], forward[::-1], strict=True):
        deltau = y_out * (1 - y_out) * e
        en = gamma * deltau
        deltav = (en - mean(en) - xn * mean(en * xn)) / std
        back.insert(0, (x_in, xn, deltau, deltav))
        e = T(W) @ deltav
    return back, y, delta


def batch_norm_changes(*weights_x_d_alpha):
    """Weight changes with batch normalisation: of W, gamma and beta of each layer, and then of Wo."""
    *weights, Wo, x, d, alpha = weights_x_d_alpha
    layers = list(zip(weights[::3], weights[1::3], weights[2::3], strict=True))
    back, y, delta = normalised_deltas(x, d, Wo, *layers)
    changes = []
    for x, xn, deltau, deltav in back:
        dW = alpha * deltav @ T(x)
        dgamma = alpha * (deltau * xn).sum(axis=-1, keepdims=True)
        dbeta = alpha * deltau.sum(axis=-1, keepdims=True)
        changes += [dW, dgamma, dbeta]
    return (*changes, alpha * delta @ T(y))


def deep_sigmoid(*weights_X_D, alpha=0.1):
    """Train a network of sigmoid layers and a softmax output for one epoch, all samples as one batch.

    Parameters
    ----------
    *weights_X_D : arrays
        The weights from input to output, W of shape (..., nodes, nodes of the layer before); then the samples X, shape
        (N, n), or images (N, rows, columns), and their one-hot targets D, shape (N, m). Leading axes of the weights are
        independent networks.
    alpha : float
        Learning rate, above 0.

    Returns
    -------
    tuple of arrays, shapes and dtype of the weights
        The weights after the epoch; the arguments stay as they are.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type, shape, dtype or device, empty or not finite; the message names it: W1, W2
        and so on, X, D.

    Notes
    -----
    Source: the vanishing gradient of the Korean summary and of the primer (docs/sources.md).
    `deep_sigmoid_changes` is the body, `deltarule.listings.training.train` the loop.

    Examples
    --------
    >>> from deltarule import data, matlab
    >>> X, D = data.digits()
    >>> rng = matlab.rng(1)
    >>> W = [2 * rng.rand(*shape) - 1 for shape in ((20, 25), (20, 20), (5, 20))]
    >>> for epoch in range(200):
    ...     W = deep_sigmoid(*W, X, D)
    >>> print(deep_sigmoid_forward(*W, X).argmax(axis=1))
    [0 1 2 3 4]
    """
    *weights, X, D = checks.given(weights_X_D, "X", "D")
    X, D, weights = checked(weights, X, D)
    alpha = checks.rate("alpha", alpha)
    return train(deep_sigmoid_changes, weights, columns(X, len(X)), columns(D, len(X)), alpha)


def deep_sigmoid_forward(*weights_X):
    """Outputs of a network of sigmoid layers and a softmax output.

    Parameters
    ----------
    *weights_X : arrays
        As for `deep_sigmoid`, without the targets.

    Returns
    -------
    array, shape (..., N, m)
        One sample a row.

    Raises
    ------
    TypeError, ValueError
        As `deep_sigmoid`.

    Examples
    --------
    >>> print(deep_sigmoid_forward([[0.0]], [[1.0], [1.0]], [[3.0]]))
    [[0.5 0.5]]
    """
    *weights, X = checks.given(weights_X, "X")
    X, *weights, Wo = checks.inputs(X, **_named(weights))
    y = T(X)
    for W in weights:
        y = sigmoid(W @ y)
    return T(softmax(Wo @ y))


def batch_norm(*weights_X_D, alpha=0.1):
    """Train a network with batch normalisation before each sigmoid for one epoch, all samples as one batch.

    Between v = W x and the sigmoid stands u = gamma xn + beta, where xn is v at mean 0 and variance 1 over the batch:
    xn = (v - mean) / sqrt(variance + 1e-5). Back through it, with e = gamma delta of u, the delta of v is
    (e - mean(e) - xn mean(e xn)) / sqrt(variance + 1e-5).

    Parameters
    ----------
    *weights_X_D : arrays
        For each hidden layer W, shape (..., nodes, nodes of the layer before), gamma and beta, shape (..., nodes, 1);
        the weights Wo of the output layer; X and D as for `deep_sigmoid`, at least two samples.
    alpha : float
        Learning rate, above 0.

    Returns
    -------
    tuple of arrays, shapes and dtype of the weights
        The weights after the epoch, gamma and beta among them; the arguments stay as they are.

    Raises
    ------
    TypeError, ValueError
        As `deep_sigmoid`; the message names W1, gamma1, beta1 and so on.

    Notes
    -----
    Source: batch normalisation of the primer (docs/sources.md), which has no code for it.
    `batch_norm_changes` is the body, `deltarule.listings.training.train` the loop.

    Examples
    --------
    >>> import numpy as np
    >>> from deltarule import data, matlab
    >>> X, D = data.digits()
    >>> rng, W = matlab.rng(1), []
    >>> for shape in ((20, 25), (20, 20)):
    ...     W += [2 * rng.rand(*shape) - 1, np.ones((20, 1)), np.zeros((20, 1))]
    >>> W.append(2 * rng.rand(5, 20) - 1)
    >>> for epoch in range(50):
    ...     W = batch_norm(*W, X, D)
    >>> print(batch_norm_forward(*W, X).argmax(axis=1))
    [0 1 2 3 4]
    """
    *weights, X, D = checks.given(weights_X_D, "X", "D")
    X, D, weights = checked_normalised(weights, X, D)
    alpha = checks.rate("alpha", alpha)
    return train(batch_norm_changes, weights, columns(X, len(X)), columns(D, len(X)), alpha)


def batch_norm_forward(*weights_X):
    """Outputs of a network with batch normalisation, by the means and variances of the samples themselves.

    Parameters
    ----------
    *weights_X : arrays
        As for `batch_norm`, without the targets.

    Returns
    -------
    array, shape (..., N, m)
        One sample a row.

    Raises
    ------
    TypeError, ValueError
        As `batch_norm`.

    Examples
    --------
    >>> one = [[1.0]]
    >>> print(batch_norm_forward(one, one, [[0.0]], [[1.0], [-1.0]], [[0.0], [10.0]]).round(4))
    [[0.6313 0.3687]
     [0.8119 0.1881]]
    """
    *weights, X = checks.given(weights_X, "X")
    X, weights = checked_normalised(weights, X)
    y = T(X)
    for W, gamma, beta in zip(weights[:-1:3], weights[1::3], weights[2::3], strict=True):
        xn, _ = normalised(W @ y)
        y = sigmoid(gamma * xn + beta)
    return T(softmax(weights[-1] @ y))


def checked(weights, X, D):
    """X (N, n), D (N, m) and the weights from input to output."""
    X, D, *weights = checks.dense(X, D, one_hot=True, **_named(weights))
    return X, D, weights


def _named(weights):
    """Weights by the names of messages; ValueError where there are none."""
    if not weights:
        raise ValueError(
            "weights_X_D must be the weights of at least one layer, and X and D behind them; there are none"
        )
    return {f"W{i}": W for i, W in enumerate(weights, 1)}


def checked_normalised(weights, X, *D):
    """X (N, n), D (N, m) if it is given, and the weights with gamma and beta of each hidden layer among them."""
    if len(weights) % 3 != 1:
        raise ValueError(
            f"weights_X_D must have W, gamma and beta of each layer and then Wo, not {len(weights)} weights"
        )
    *layers, last = range(1, len(weights) // 3 + 2)
    matrices = {f"W{i}": W for i, W in enumerate(weights[::3], 1)}
    if D:
        X, *found = checks.dense(X, *D, one_hot=True, **matrices)
        D, arrays = found[:1], found[1:]
    else:
        X, *arrays = checks.inputs(X, **matrices)
    if len(X) < 2:
        raise ValueError("X must be at least two samples, since a single one has no variance")
    layered = []
    for i, W in zip(layers, arrays, strict=False):
        pair = [checks.real(f"{name}{i}", weights[3 * i - k], W) for k, name in ((2, "gamma"), (1, "beta"))]
        layered += checks.fitted("h n, h 1, h 1", (f"W{i}", f"gamma{i}", f"beta{i}"), [W, *pair], {})
    return X, *D, [*layered, arrays[last - 1]]
