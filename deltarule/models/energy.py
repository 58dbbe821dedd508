"""The restricted Boltzmann machine: binary nodes, visible and hidden, whose energy says how likely their states are."""

import numpy as np
from numpy import exp, log, logaddexp

from ..basics.arrays import T, columns, namespace
from ..basics.functions import sigmoid
from ..listings.training import train
from . import checks

SHAPES = "h n, n 1, h 1"  # of W, b and c
MOST_HIDDEN = 16  # nodes whose states are all gone through


def drawn(p, rng):
    """Nodes that are 1 with the probabilities p (..., nodes, samples), else 0; networks share what is drawn."""
    u = namespace(p).asarray(rng.rand(*p.shape[-2:]).astype(p.dtype, copy=False))
    return (u < p).astype(p.dtype)


def visible_nodes(W, b, p, rng):
    """Visible nodes (..., n, samples), drawn by hidden nodes, which are drawn with the probabilities p before.

    p has the shape (..., h, samples). Networks share what is drawn: what ``rand(h, samples)`` and then
    ``rand(n, samples)`` would give, in one call, which for few nodes takes half the time.
    """
    samples, (h, n) = p.shape[-1], W.shape[-2:]
    u = namespace(p).asarray(rng.rand(1, samples * (h + n))[0].astype(p.dtype, copy=False))
    hidden = (u[: samples * h].reshape(samples, h) < T(p)).astype(p.dtype)
    q = sigmoid(hidden @ W + T(b))  # of W'h, with the nodes of a sample side by side in memory, as they are drawn
    return T((u[samples * h :].reshape(samples, n) < q).astype(p.dtype))


def rbm_changes(W, b, c, x, d, alpha, steps, rng):
    """Weight changes of contrastive divergence, summed over the columns of the data d (n, samples).

    The chains begin at the data, which x is as well, and go `steps` times to the hidden nodes and back.
    """
    h_d = h_v = sigmoid(W @ d + c)
    for _ in range(steps):
        v = visible_nodes(W, b, h_v, rng)
        h_v = sigmoid(W @ v + c)

    dW = alpha * (h_d @ T(d) - h_v @ T(v))
    alphas = namespace(d).empty((d.shape[-1], 1), d.dtype)  # for many nodes quicker than .sum over samples
    alphas[...] = alpha
    db = (d - v) @ alphas
    dc = (h_d - h_v) @ alphas
    return dW, db, dc


def rbm_exact_changes(W, b, c, x, d, alpha):
    """Weight changes that climb the log-likelihood itself, summed over the columns of the data d (n, samples)."""
    h_d = sigmoid(W @ d + c)
    h = hidden_states(c)
    weights = T(hidden_probabilities(W, b, c, h)) * d.shape[-1]  # each state as often as there are samples
    v = sigmoid(T(W) @ h + b)

    dW = alpha * (h_d @ T(d) - (h * T(weights)) @ T(v))
    db = alpha * (d.sum(axis=-1, keepdims=True) - v @ weights)
    dc = alpha * (h_d.sum(axis=-1, keepdims=True) - h @ weights)
    return dW, db, dc


def hidden_states(c):
    """All states of the hidden nodes with the biases c (..., h, 1), one a column: shape (h, 2^h)."""
    h = c.shape[-2]
    states = (np.arange(2**h) >> np.arange(h)[:, None]) & 1
    return namespace(c).asarray(states.astype(c.dtype))


def log_sum_exp(a):
    """ln of the sum of exp(a) along the last axis, which stays with one element."""
    largest = a.max(axis=-1, keepdims=True)
    return largest + log(exp(a - largest).sum(axis=-1, keepdims=True))


def hidden_scores(W, b, c, h):
    """ln of the sum of exp(-energy) over all visible states, for each hidden state, a column of h: (..., 1, states)."""
    return T(c) @ h + logaddexp(0, T(W) @ h + b).sum(axis=-2, keepdims=True)


def hidden_probabilities(W, b, c, h):
    """How likely each hidden state is, given all of them as the columns of h: (..., 1, states)."""
    scores = hidden_scores(W, b, c, h)
    return exp(scores - log_sum_exp(scores))


def free_energy(W, b, c, v):
    """-ln of the sum of exp(-energy) over all hidden states, for each visible state, a column of v."""
    return -(T(b) @ v) - logaddexp(0, W @ v + c).sum(axis=-2, keepdims=True)


def log_probability(W, b, c, v):
    """The exact log-probability of each visible state, a column of v: (..., 1, states)."""
    return -free_energy(W, b, c, v) - log_sum_exp(hidden_scores(W, b, c, hidden_states(c)))


def rbm(W, b, c, X, *, rng, alpha=0.3, steps=1, size=None):
    """Train a restricted Boltzmann machine for one epoch by contrastive divergence.

    The energy of visible nodes v and hidden nodes h is -h'W v - b'v - c'h, so that p(h|v) = sigmoid(W v + c) and
    p(v|h) = sigmoid(W'h + b). What the data make likely is raised, dW = alpha p(h|d) d', and what a chain of draws
    that begins at the data gives, after a step or ten, is lowered.

    Parameters
    ----------
    W : array, shape (..., h, n)
        Weights between n visible and h hidden nodes. Leading axes are independent networks, which share what is drawn.
    b : array, shape (..., n, 1)
        Biases of the visible nodes.
    c : array, shape (..., h, 1)
        Biases of the hidden nodes.
    X : array, shape (N, n) or (N, rows, columns)
        N samples of 0 and 1.
    rng : deltarule.matlab.Stream
        Draws the nodes: at each step of each batch ``rand(h, samples)`` and then ``rand(n, samples)``.
    alpha : float
        Learning rate, above 0.
    steps : int
        Of the chain, 1 for CD-1.
    size : int, optional
        Samples in a batch, whose changes are averaged; all when None. An incomplete last batch is left out.

    Returns
    -------
    W, b, c : arrays, shapes and dtype of the arguments
        The weights after the epoch; the arguments stay as they are.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type, shape, dtype or device, empty, not finite, or not binary; the message names
        it.

    Notes
    -----
    Source: RBM of the Korean summary (docs/sources.md), which has no code for it; contrastive divergence is Hinton's
    (2002). `rbm_changes` is the body, `deltarule.listings.training.train` the loop.

    Examples
    --------
    >>> from deltarule import matlab
    >>> from deltarule.models.tasks import bars_and_stripes
    >>> X = bars_and_stripes(3)
    >>> rng = matlab.rng(1)
    >>> W, b, c = 0.1 * rng.randn(8, 9), np.zeros((9, 1)), np.zeros((8, 1))
    >>> for epoch in range(1500):
    ...     W, b, c = rbm(W, b, c, X, rng=rng)
    >>> bool(rbm_log_likelihood(W, b, c, X).mean() > -3.6)
    True
    """
    X, W, b, c = _checked(X, W, b, c)
    checks.draws("rng", rng, "rand")
    alpha, steps = checks.rate("alpha", alpha), checks.size("steps", steps)
    size = len(X) if size is None else checks.count("size", size, len(X), "samples of X")
    batches = columns(X, size)
    return train(rbm_changes, (W, b, c), batches, batches, alpha / size, steps, rng)


def rbm_exact(W, b, c, X, *, alpha=0.1):
    """Train a small restricted Boltzmann machine for one epoch by the gradient of the log-likelihood itself.

    Parameters
    ----------
    W, b, c, X : arrays
        As for `rbm`, with at most 16 hidden nodes.
    alpha : float
        Learning rate, above 0.

    Returns
    -------
    W, b, c : arrays, shapes and dtype of the arguments

    Raises
    ------
    TypeError, ValueError
        As `rbm`, and if there are more hidden nodes.

    Examples
    --------
    >>> W, b, c = rbm_exact(np.zeros((1, 2)), np.zeros((2, 1)), np.zeros((1, 1)), [[1.0, 1.0]], alpha=1.0)
    >>> print(W, b.T, abs(c).max() < 1e-15)
    [[0.25 0.25]] [[0.5 0.5]] True
    """
    X, W, b, c = _checked(X, W, b, c)
    _few(c)
    alpha = checks.rate("alpha", alpha)
    return train(rbm_exact_changes, (W, b, c), T(X)[None], T(X)[None], alpha / len(X))


def rbm_log_likelihood(W, b, c, X):
    """The exact log-probability of each sample, by going through all states of the hidden nodes.

    Parameters
    ----------
    W, b, c, X : arrays
        As for `rbm`, with at most 16 hidden nodes.

    Returns
    -------
    array, shape (..., N)

    Raises
    ------
    TypeError, ValueError
        As `rbm`, and if there are more hidden nodes.

    Examples
    --------
    >>> print(rbm_log_likelihood(np.zeros((1, 2)), np.zeros((2, 1)), np.zeros((1, 1)), [[0.0, 1.0]]).round(4))
    [-1.3863]
    """
    X, W, b, c = _checked(X, W, b, c)
    _few(c)
    return log_probability(W, b, c, T(X))[..., 0, :]


def rbm_samples(W, b, c, V, *, rng, steps):
    """What chains give that begin at some samples and go several times to the hidden nodes and back.

    Parameters
    ----------
    W, b, c : arrays
        As for `rbm`.
    V : array, shape (N, n)
        Where the chains begin, 0 and 1.
    rng : deltarule.matlab.Stream
    steps : int

    Returns
    -------
    array, shape (..., N, n)
        0 and 1.

    Raises
    ------
    TypeError, ValueError
        As `rbm`; the message calls V by the name X.

    Examples
    --------
    >>> from deltarule import matlab
    >>> always = np.full((2, 1), 50.0)
    >>> print(rbm_samples(np.zeros((1, 2)), always, np.zeros((1, 1)), [[0.0, 0.0]], rng=matlab.rng(), steps=1))
    [[1. 1.]]
    """
    V, W, b, c = _checked(V, W, b, c)
    checks.draws("rng", rng, "rand")
    v = T(V)
    for _ in range(checks.size("steps", steps)):
        v = visible_nodes(W, b, sigmoid(W @ v + c), rng)
    return T(v)


def rbm_hidden(W, b, c, X):
    """How likely each hidden node is to be 1, for each sample.

    Parameters
    ----------
    W, b, c, X : arrays
        As for `rbm`.

    Returns
    -------
    array, shape (..., N, h)

    Raises
    ------
    TypeError, ValueError
        As `rbm`.

    Examples
    --------
    >>> print(rbm_hidden(np.zeros((1, 2)), np.zeros((2, 1)), np.zeros((1, 1)), [[0.0, 1.0]]))
    [[0.5]]
    """
    X, W, _, c = _checked(X, W, b, c)
    return T(sigmoid(W @ T(X) + c))


def rbm_visible(W, b, c, H):
    """How likely each visible node is to be 1, for the hidden nodes of each sample.

    Parameters
    ----------
    W, b, c : arrays
        As for `rbm`.
    H : array, shape (..., N, h)
        States of the hidden nodes, or their probabilities as `rbm_hidden` gives them.

    Returns
    -------
    array, shape (..., N, n)

    Raises
    ------
    TypeError, ValueError
        As `rbm`, or if `H` does not fit or is not in [0, 1].

    Examples
    --------
    >>> W, b, c = np.array([[2.0, -2.0]]), np.zeros((2, 1)), np.zeros((1, 1))
    >>> print(rbm_visible(W, b, c, [[1.0], [0.0]]).round(4))
    [[0.8808 0.1192]
     [0.5    0.5   ]]
    """
    W, b, c = checks.fitting(SHAPES, {"W": W, "b": b, "c": c})
    H = checks.real("H", H, W)
    if H.ndim < 2 or H.shape[-1] != W.shape[-2]:
        raise ValueError(f"H must have the shape (..., N, {W.shape[-2]}) for the hidden nodes of W, not {H.shape}")
    if not checks.in_unit_interval(H):
        raise ValueError(
            "H must be in [0, 1], states of the hidden nodes or their probabilities; it has elements outside"
        )
    return T(sigmoid(T(W) @ T(H) + b))


def _checked(X, W, b, c):
    """Binary samples (N, n) and the weights."""
    W = checks.real("W", W)
    b, c = checks.real("b", b, W), checks.real("c", c, W)
    # one machine that fits is seen at a glance; what is wrong, or of many machines, takes longer to tell
    if W.ndim != 2 or b.shape != (W.shape[1], 1) or c.shape != (W.shape[0], 1):
        checks.fitted(SHAPES, "Wbc", (W, b, c), {})
    X = checks.real("X", X, W, finite=True)  # as what is binary is
    if X.ndim != 2 or X.shape[1] != W.shape[-1]:
        X, _ = checks.chain(X, "W", (W,), finite=True)
    return checks.binary("X", X), W, b, c


def _few(c):
    """ValueError where there are too many hidden nodes to go through all their states."""
    if c.shape[-2] > MOST_HIDDEN:
        raise ValueError(
            f"W must have at most {MOST_HIDDEN} hidden nodes, whose states are gone through, not {c.shape[-2]}"
        )
