"""The transformer's encoder block: many heads of attention, residuals, layer normalisation, a two-layer network."""

from math import sqrt
from typing import Any, NamedTuple

import numpy as np

from ..basics.arrays import T, namespace
from ..basics.functions import relu, softmax
from ..layers.checks import dtype as float_dtype
from . import checks
from .attention import attention_weights, softmax_back
from .functions import mean, optimised_epoch, sequence_batches

EPSILON = 1e-5  # under the root
BLOCK = ("Wq", "bq", "Wk", "bk", "Wv", "bv", "Wo", "bo", "gamma1", "beta1", "W1", "b1", "W2", "b2", "gamma2", "beta2")
NAMES = ("We", *BLOCK, "Wc")
SHAPES = "H k n, H k 1, H k n, H k 1, H k n, H k 1, n n, n 1, n 1, n 1, f n, f 1, n f, n 1, n 1, n 1"


class Pass(NamedTuple):
    """What a forward pass through a block leaves for the way back.

    Attributes
    ----------
    q, k, v : array, shape (..., H, samples, k, T)
        What the places ask, offer and have to give, for each head.
    a : array, shape (..., H, samples, T, T)
        How much of each place (row) each place (column) takes.
    u : array, shape (..., n, samples T)
        What the heads give, one below the other; from here on the places of all sequences are columns of one matrix.
    n1, std1, z1 : array
        The first normalisation: what comes out of it, what it divided by, and its scaled and shifted output.
    y1 : array, shape (..., f, samples T)
        What the ReLU gives.
    n2, std2, z2 : array
        The second normalisation; z2 is the output of the block.
    """

    q: Any
    k: Any
    v: Any
    a: Any
    u: Any
    n1: Any
    std1: Any
    z1: Any
    y1: Any
    n2: Any
    std2: Any
    z2: Any


def positions(n, places, dtype=np.float64):
    """Sinusoids that say which place is which: sin(p / 10000^(2i/n)) in row 2i, the cosine in row 2i + 1.

    Parameters
    ----------
    n : int
        Rows, an even number.
    places : int
    dtype : float64 or float32

    Returns
    -------
    array, shape (n, places)

    Raises
    ------
    TypeError, ValueError
        If `n` or `places` is not an integer of at least 1, `n` is odd, or `dtype` another one.

    Examples
    --------
    >>> print(positions(4, 3).round(4))
    [[ 0.      0.8415  0.9093]
     [ 1.      0.5403 -0.4161]
     [ 0.      0.01    0.02  ]
     [ 1.      1.      0.9998]]
    """
    n, places = checks.size("n", n), checks.size("places", places)
    if n % 2:
        raise ValueError(f"n must be even, a sine and a cosine for each frequency, not {n}")
    checks.room(n * places, n=n, places=places)
    dtype = float_dtype("dtype", dtype)
    angles = np.arange(places) / 10000 ** (np.arange(0, n, 2)[:, None] / n)
    return np.stack([np.sin(angles), np.cos(angles)], axis=1).reshape(n, places).astype(dtype)


def layer_normalised(s):
    """Each column of s (..., n, T) at mean 0 and variance 1 over its elements, and what it was divided by."""
    centred = s - mean(s, axis=-2)
    std = (mean(centred * centred, axis=-2) + EPSILON) ** 0.5
    return centred / std, std


def normalised_back(e, xn, std):
    """The error of what a normalisation takes, from that of what it gives."""
    return (e - mean(e, axis=-2) - xn * mean(e * xn, axis=-2)) / std


def as_columns(x):
    """The places of all sequences x (..., samples, n, T) as the columns of one matrix (..., n, samples T)."""
    *lead, samples, n, places = x.shape
    return x.swapaxes(-3, -2).reshape(*lead, n, samples * places)


def as_sequences(z, places):
    """What `as_columns` made one matrix of, sequences of so many places."""
    return z.reshape(*z.shape[:-1], -1, places).swapaxes(-3, -2)


def as_heads(q, H, places):
    """To each of H heads its own rows of q (..., H k, samples T), sequence by sequence: (..., H, samples, k, T)."""
    *lead, rows, columns = q.shape
    return q.reshape(*lead, H, rows // H, columns // places, places).swapaxes(-3, -2)


def one_below_the_other(u):
    """What the heads u (..., H, samples, k, T) give as the rows of one matrix (..., H k, samples T)."""
    *lead, H, samples, k, places = u.shape
    return u.swapaxes(-3, -2).reshape(*lead, H * k, samples * places)


def of_all_heads(W):
    """The weights W (..., H, k, n) or biases (..., H, k, 1) of the heads, one below the other: (..., H k, n)."""
    *lead, H, k, n = W.shape
    return W.reshape(*lead, H * k, n)


def encoder_pass(x, places, Wq, bq, Wk, bk, Wv, bv, Wo, bo, gamma1, beta1, W1, b1, W2, b2, gamma2, beta2):
    """Forward through a block; x (..., n, samples T) has the places of all sequences as its columns."""
    H = Wq.shape[-3]
    q = as_heads(of_all_heads(Wq) @ x + of_all_heads(bq), H, places)
    k = as_heads(of_all_heads(Wk) @ x + of_all_heads(bk), H, places)
    v = as_heads(of_all_heads(Wv) @ x + of_all_heads(bv), H, places)
    a = attention_weights(q, k)
    u = one_below_the_other(v @ a)
    n1, std1 = layer_normalised(x + Wo @ u + bo)
    z1 = gamma1 * n1 + beta1
    y1 = relu(W1 @ z1 + b1)
    n2, std2 = layer_normalised(z1 + W2 @ y1 + b2)
    z2 = gamma2 * n2 + beta2
    return Pass(q, k, v, a, u, n1, std1, z1, y1, n2, std2, z2)


def total(delta):
    """The change of what is added to every place."""
    return delta.sum(axis=-1, keepdims=True)


def encoder_back(x, e, p, Wq, bq, Wk, bk, Wv, bv, Wo, bo, gamma1, beta1, W1, b1, W2, b2, gamma2, beta2):
    """Back through a block: the changes of its sixteen weights for the error e of its output, and the error of x."""
    s2 = normalised_back(gamma2 * e, p.n2, p.std2)
    delta1 = (p.y1 > 0) * (T(W2) @ s2)
    e1 = s2 + T(W1) @ delta1
    s1 = normalised_back(gamma1 * e1, p.n1, p.std1)

    eu = as_heads(T(Wo) @ s1, Wq.shape[-3], p.a.shape[-1])
    deltaa = softmax_back(p.a, T(p.v) @ eu) / sqrt(p.q.shape[-2])
    eq = one_below_the_other(p.k @ deltaa)
    ek = one_below_the_other(p.q @ T(deltaa))
    ev = one_below_the_other(eu @ T(p.a))
    ex = s1 + T(of_all_heads(Wq)) @ eq + T(of_all_heads(Wk)) @ ek + T(of_all_heads(Wv)) @ ev

    changes = []
    for error, W, b in ((eq, Wq, bq), (ek, Wk, bk), (ev, Wv, bv)):
        changes += [(error @ T(x)).reshape(W.shape), total(error).reshape(b.shape)]
    changes += [s1 @ T(p.u), total(s1), total(e1 * p.n1), total(e1)]
    changes += [delta1 @ T(p.z1), total(delta1), s2 @ T(p.y1), total(s2), total(e * p.n2), total(e)]
    return changes, ex


def embedded(We, x, places):
    """What goes into the block: the inputs x (n, samples T) through We, and to each place its sinusoids added."""
    z = We @ x
    P = namespace(x).asarray(positions(z.shape[-2], places, x.dtype))
    return (z.reshape(*z.shape[:-1], -1, places) + P[:, None]).reshape(z.shape)


def transformer_changes(*weights_x_d_alpha):
    """Weight changes for cross-entropy, summed over sequences x (samples, n, T), d (samples, m, T) and their places."""
    We, *block, Wc, x, d, alpha = weights_x_d_alpha
    places = x.shape[-1]
    x, d = as_columns(x), as_columns(d)
    z = embedded(We, x, places)
    p = encoder_pass(z, places, *block)
    y = softmax(Wc @ p.z2)

    e = d - y
    delta = e

    changes, ez = encoder_back(z, T(Wc) @ delta, p, *block)
    dWe, dWc = ez @ T(x), delta @ T(p.z2)
    return tuple(alpha * change for change in (dWe, *changes, dWc))


def transformer_encoder(*weights_X_D, optimizer, size=50):
    """Train an encoder block between two linear layers for one epoch, by the mean cross-entropy of batches.

    The inputs of each place go through We and get the sinusoids of `positions` added; then through the block, whose
    heads each look at other places; y = softmax(Wc z) is the output of each place.

    Parameters
    ----------
    *weights_X_D : arrays
        We, shape (..., n, inputs); the sixteen weights of the block as for `encoder_block`; Wc, shape (..., m, n);
        N sequences X of T places, shape (N, T, inputs), and their one-hot targets D, shape (N, T, m). Leading axes of
        the weights are independent networks; those of all weights must be the same.
    optimizer : object with ``update(params, grads)``
        One of `deltarule.layers.OPTIMIZERS`, which remembers the epochs before: Adam(lr=0.003).
    size : int
        Sequences in a batch, over which, and over their places, the gradient is averaged. An incomplete last batch is
        left out.

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
    Source: the Korean summary, transformer and attention (docs/sources.md), which has no code for it; the equations are
    those of Vaswani et al. (2017), with the normalisation behind the residual, as in
    ``torch.nn.TransformerEncoderLayer`` by default, and without dropout. `transformer_changes` is the body.

    Examples
    --------
    >>> from deltarule.layers import Adam
    >>> from deltarule.models.experiments import EXPERIMENTS
    >>> experiment = EXPERIMENTS["transformer_parity"]
    >>> X, D = experiment.samples()
    >>> weights, _ = experiment.start(1)
    >>> optimizer = Adam(lr=0.003)
    >>> for epoch in range(4):
    ...     weights = transformer_encoder(*weights, X, D, optimizer=optimizer)
    >>> y = transformer_forward(*weights, X)
    >>> bool((y.argmax(axis=-1) == D.argmax(axis=-1)).mean() > 0.6)
    True
    """
    *weights, X, D = checks.given(weights_X_D, "X", "D")
    X, *weights = _checked(X, weights)
    D = checks.place_targets(D, X, weights[-1])
    size = checks.count("size", size, len(X), "sequences of X")
    return optimised_epoch(
        transformer_changes, dict(zip(NAMES, weights, strict=True)), sequence_batches(X, size),
        sequence_batches(D, size), 1 / (size * X.shape[1]), optimizer,
    )  # fmt: skip


def transformer_forward(*weights_X):
    """Outputs of an encoder block between two linear layers, for each place.

    Parameters
    ----------
    *weights_X : arrays
        As for `transformer_encoder`, without the targets.

    Returns
    -------
    array, shape (..., N, T, m)

    Raises
    ------
    TypeError, ValueError
        As `transformer_encoder`.

    Examples
    --------
    >>> from deltarule.models.experiments import EXPERIMENTS
    >>> experiment = EXPERIMENTS["transformer_parity"]
    >>> X, _ = experiment.samples()
    >>> print(transformer_forward(*experiment.start()[0], X).shape)
    (2000, 8, 2)
    """
    *weights, X = checks.given(weights_X, "X")
    X, *weights = _checked(X, weights)
    y = softmax(weights[-1] @ _passed(weights, X).z2)
    return T(as_sequences(y, X.shape[1]))


def transformer_attention(*weights_X):
    """How much each place takes of each place, for each head.

    Parameters
    ----------
    *weights_X : arrays
        As for `transformer_encoder`, without the targets.

    Returns
    -------
    array, shape (..., N, H, T, T)
        Row i of a head says what place i takes of each place; it sums to 1.

    Raises
    ------
    TypeError, ValueError
        As `transformer_encoder`.

    Examples
    --------
    >>> from deltarule.models.experiments import EXPERIMENTS
    >>> experiment = EXPERIMENTS["transformer_parity"]
    >>> X, _ = experiment.samples()
    >>> print(transformer_attention(*experiment.start()[0], X).shape)
    (2000, 4, 8, 8)
    """
    *weights, X = checks.given(weights_X, "X")
    X, *weights = _checked(X, weights)
    return T(_passed(weights, X).a).swapaxes(-4, -3)


def encoder_block(*block_X):
    """The encoder block alone: what it makes of each place.

    Each of H heads asks q = Wq x + bq, offers k = Wk x + bk and has v = Wv x + bv to give, and takes of each place what
    softmax(k'q / sqrt(k)) says. The heads' outputs, one below the other, go through Wo; with x added they are
    normalised: z1. Then W2 relu(W1 z1 + b1) + b2, with z1 added, is normalised: the output.

    Parameters
    ----------
    *block_X : arrays
        Wq, bq, Wk, bk, Wv, bv, shapes (..., H, k, n) and (..., H, k, 1) with H k = n; Wo (..., n, n), bo (..., n, 1);
        gamma1, beta1 (..., n, 1) of the first normalisation; W1 (..., f, n), b1 (..., f, 1), W2 (..., n, f),
        b2 (..., n, 1); gamma2, beta2 (..., n, 1) of the second; and N sequences X of T places, shape (N, T, n).

    Returns
    -------
    array, shape (..., N, T, n)

    Raises
    ------
    TypeError, ValueError
        As `transformer_encoder`.

    Examples
    --------
    >>> import numpy as np
    >>> from deltarule.models.experiments import EXPERIMENTS
    >>> weights, rng = EXPERIMENTS["transformer_parity"].start()
    >>> y = encoder_block(*weights[1:-1], rng.randn(3, 5, 16))
    >>> print(y.shape, abs(y.mean(axis=-1)).max() < 1e-15)
    (3, 5, 16) True
    """
    *block, X = block_X
    X, *block = _checked_block(X, block)
    p = encoder_pass(as_columns(T(X)), X.shape[1], *block)
    return T(as_sequences(p.z2, X.shape[1]))


def encoder_block_gradients(*block_X_E):
    """The gradients of the sum of E times the block's output, with respect to its weights and its inputs.

    Parameters
    ----------
    *block_X_E : arrays
        As for `encoder_block`, and then E of the output's shape (N, T, n).

    Returns
    -------
    list of arrays
        Of the sixteen weights in their order, of their shapes, and of X, shape (..., N, T, n).

    Raises
    ------
    TypeError, ValueError
        As `transformer_encoder`.

    Examples
    --------
    >>> from deltarule.models.experiments import EXPERIMENTS
    >>> weights, rng = EXPERIMENTS["transformer_parity"].start()
    >>> X, E = rng.randn(3, 5, 16), rng.randn(3, 5, 16)
    >>> print(len(encoder_block_gradients(*weights[1:-1], X, E)))
    17
    """
    *block, X, E = block_X_E
    X, *block = _checked_block(X, block)
    E = checks.real("E", E, X)
    if E.shape != X.shape:
        raise ValueError(f"E must have the shape {X.shape} of the block's output, not {E.shape}")
    x, places = as_columns(T(X)), X.shape[1]
    p = encoder_pass(x, places, *block)
    e = namespace(E).broadcast_to(as_columns(T(E)), p.z2.shape)  # of many blocks each has its gradients
    gradients, ex = encoder_back(x, e, p, *block)
    return [*gradients, T(as_sequences(ex, places))]


def _passed(weights, X):
    """The pass of sequences X (N, T, n) through the block."""
    We, *block, _ = weights
    return encoder_pass(embedded(We, as_columns(T(X)), X.shape[1]), X.shape[1], *block)


def _checked(X, weights):
    """Sequences and the eighteen weights."""
    if len(weights) != len(NAMES):
        raise ValueError(f"the weights must be {len(NAMES)}, {', '.join(NAMES)}, not {len(weights)}")
    found = checks.sequences_weights(f"n i, {SHAPES}, m n", X, size="i", **dict(zip(NAMES, weights, strict=True)))
    return _whole_heads(found, found[2])


def _checked_block(X, block):
    """Sequences and the sixteen weights of the block."""
    if len(block) != len(BLOCK):
        raise ValueError(f"the weights must be {len(BLOCK)}, {', '.join(BLOCK)}, not {len(block)}")
    found = checks.sequences_weights(SHAPES, X, **dict(zip(BLOCK, block, strict=True)))
    return _whole_heads(found, found[1])


def _whole_heads(found, Wq):
    """What was found, unless the rows of all heads together are not as many as the block's inputs."""
    *_, H, k, n = Wq.shape
    if H * k != n:
        raise ValueError(f"Wq must have the shape (..., H, k, n) with H k = n, not {Wq.shape}")
    return found
