"""The recurrent network: each step's hidden nodes take the step's inputs and what they gave at the step before."""

from functools import partial

from numpy import tanh

from ..basics.arrays import T
from ..basics.functions import sigmoid
from ..listings.training import train
from . import checks
from .functions import batches, clipped_epoch, linear

SHAPES = "h n, h h, m h"  # of Wx, Wh and Wo


def rnn_states(Wx, Wh, x):
    """The hidden nodes after each step of x (T, n, samples), which are 0 before the first."""
    h = [tanh(Wx @ x[0])]
    for x_t in x[1:]:
        h.append(tanh(Wx @ x_t + Wh @ h[-1]))
    return h


def rnn_errors(Wh, h, e):
    """The errors of the hidden nodes after each step, the first one first, from that after the last."""
    errors = [e]
    for h_t in h[:0:-1]:
        delta_t = (1 - h_t * h_t) * errors[0]
        errors.insert(0, T(Wh) @ delta_t)
    return errors


def rnn_changes(Wx, Wh, Wo, x, d, alpha, output=sigmoid):
    """Weight changes for cross-entropy, summed over the columns of x (T, n, samples) and d (m, samples).

    With the output `linear` they are those for half the squared error.
    """
    h = rnn_states(Wx, Wh, x)
    v = Wo @ h[-1]
    y = output(v)

    e = d - y
    delta = e

    errors = rnn_errors(Wh, h, T(Wo) @ delta)
    deltas = [(1 - h_t * h_t) * e_t for h_t, e_t in zip(h, errors, strict=True)]

    dWx = sum(alpha * delta_t @ T(x_t) for delta_t, x_t in zip(deltas, x, strict=True))
    dWh = sum((alpha * delta_t @ T(h_t) for delta_t, h_t in zip(deltas[1:], h, strict=False)), 0 * Wh)
    dWo = alpha * delta @ T(h[-1])
    return dWx, dWh, dWo


rnn_linear_changes = partial(rnn_changes, output=linear)


def rnn_xor(Wx, Wh, Wo, X, D, *, alpha=0.3):
    """Train a recurrent network with a sigmoid output for one epoch, all sequences as one batch.

    After each step h = tanh(Wx x + Wh h), after the last one y = sigmoid(Wo h) and delta = d - y. The error goes back
    through time: delta_t = (1 - h_t^2) e_t, and Wh' delta_t is the error of the step before. The changes
    alpha delta_t x_t' of all steps are added up.

    Parameters
    ----------
    Wx : array, shape (..., h, n)
        Weights from n inputs to h hidden nodes. Leading axes are independent networks; those of the weights are
        broadcast together, and the new weights have them.
    Wh : array, shape (..., h, h)
        Weights from the hidden nodes of the step before.
    Wo : array, shape (..., m, h)
        Weights from the hidden nodes after the last step to m outputs.
    X : array, shape (N, T, n)
        N sequences of T steps; a constant input 1 stands for a bias.
    D : array, shape (N,) or (N, m)
        Their targets, in [0, 1].
    alpha : float
        Learning rate, above 0.

    Returns
    -------
    Wx, Wh, Wo : arrays, shapes and dtype of the arguments
        The weights after the epoch; the arguments stay as they are.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type, shape, dtype or device, empty or not finite, or a target outside [0, 1];
        the message names it.

    Notes
    -----
    Source: the primer (docs/sources.md), which has no code for them. `rnn_changes` is the body,
    `deltarule.listings.training.train` the loop.

    Examples
    --------
    >>> from deltarule import matlab
    >>> from deltarule.models.tasks import xor_in_time
    >>> X, D = xor_in_time()
    >>> rng = matlab.rng()
    >>> Wx, Wh, Wo = 2 * rng.rand(4, 2) - 1, 2 * rng.rand(4, 4) - 1, 2 * rng.rand(1, 4) - 1
    >>> for epoch in range(2000):
    ...     Wx, Wh, Wo = rnn_xor(Wx, Wh, Wo, X, D)
    >>> print(rnn_forward(Wx, Wh, Wo, X).round(4).T)
    [[0.     0.9984 0.9987 0.0013]]
    """
    X, D, *weights = checks.sequences_targets(SHAPES, X, D, Wx=Wx, Wh=Wh, Wo=Wo)
    checks.unit_interval("D", D)
    alpha = checks.rate("alpha", alpha)
    return train(rnn_changes, weights, batches(X, len(X)), D.T[None], alpha)


def rnn_adding(Wx, Wh, Wo, X, D, *, alpha=0.03, beta=0.9, size=20, norm=1.0):
    """Train a recurrent network with a linear output for one epoch, by the mean squared error of batches.

    Momentum and clipping are those of `deltarule.models.gated.lstm_adding`, which learns what this network does not.

    Parameters
    ----------
    Wx, Wh, Wo, X : arrays
        As for `rnn_xor`.
    D : array, shape (N,) or (N, m)
        The targets.
    alpha : float
        Learning rate, above 0.
    beta : float
        Share of the momentum that stays from batch to batch, in [0, 1); it is zero at the beginning of every epoch.
    size : int
        Sequences in a batch; an incomplete last batch is left out.
    norm : float
        What the norm of the gradient is clipped at, above 0.

    Returns
    -------
    Wx, Wh, Wo : arrays, shapes and dtype of the arguments

    Raises
    ------
    TypeError, ValueError
        As `rnn_xor`.

    Examples
    --------
    >>> import numpy as np
    >>> from deltarule import matlab
    >>> from deltarule.models.tasks import adding
    >>> X, D = adding(matlab.rng(100), 100, 20)
    >>> rng = matlab.rng(1)
    >>> weights = 2 * rng.rand(8, 3) - 1, 2 * rng.rand(8, 8) - 1, 2 * rng.rand(1, 8) - 1
    >>> for epoch in range(5):
    ...     weights = rnn_adding(*weights, X, D)
    >>> y = rnn_linear_forward(*weights, X)[:, 0]
    >>> bool(np.mean((D - y) ** 2) < 0.3)
    True
    """
    X, D, *weights = checks.sequences_targets(SHAPES, X, D, Wx=Wx, Wh=Wh, Wo=Wo)
    return clipped_epoch(rnn_linear_changes, weights, X, D, alpha, beta, size, norm)


def rnn_forward(Wx, Wh, Wo, X):
    """Outputs of a recurrent network after the last step, through the sigmoid.

    Parameters
    ----------
    Wx : array, shape (..., h, n)
    Wh : array, shape (..., h, h)
    Wo : array, shape (..., m, h)
    X : array, shape (N, T, n)

    Returns
    -------
    array, shape (..., N, m)
        One sequence a row.

    Raises
    ------
    TypeError, ValueError
        As `rnn_xor`.

    Examples
    --------
    >>> print(rnn_forward([[0.0]], [[0.0]], [[0.0]], [[[1.0], [2.0]]]))
    [[0.5]]
    """
    return sigmoid(rnn_linear_forward(Wx, Wh, Wo, X))


def rnn_linear_forward(Wx, Wh, Wo, X):
    """Outputs of a recurrent network after the last step, without an activation.

    Parameters, return value and errors are those of `rnn_forward`.

    Examples
    --------
    >>> print(rnn_linear_forward([[0.0]], [[0.0]], [[3.0]], [[[1.0], [2.0]]]))
    [[0.]]
    """
    X, Wx, Wh, Wo = checks.sequences_weights(SHAPES, X, Wx=Wx, Wh=Wh, Wo=Wo)
    return T(Wo @ rnn_states(Wx, Wh, X.transpose(1, 2, 0))[-1])
