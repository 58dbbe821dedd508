"""The transformer's encoder block: many heads of attention, residuals, layer normalisation, a two-layer network."""

from math import sqrt
from typing import Any, NamedTuple

import numpy as np

from ..basics.arrays import T, namespace
from ..basics.functions import relu, softmax
from . import checks
from .attention import attention_weights, softmax_back
from .functions import optimised_epoch, sequence_batches

EPSILON = 1e-5  # under the root
BLOCK = ("Wq", "bq", "Wk", "bk", "Wv", "bv", "Wo", "bo", "gamma1", "beta1", "W1", "b1", "W2", "b2", "gamma2", "beta2")
NAMES = ("We", *BLOCK, "Wc")
SHAPES = "H k n, H k 1, H k n, H k 1, H k n, H k 1, n n, n 1, n 1, n 1, f n, f 1, n f, n 1, n 1, n 1"


class Pass(NamedTuple):
    """What a forward pass through a block leaves for the way back.

    Attributes
    ----------
    q, k, v : array, shape (..., samples, H, k, T)
        What the places ask, offer and have to give, for each head.
    a : array, shape (..., samples, H, T, T)
        How much of each place (row) each place (column) takes.
    u : array, shape (..., samples, n, T)
        What the heads give, one below the other.
    n1, std1, z1 : array
        The first normalisation: what comes out of it, what it divided by, and its scaled and shifted output.
    v1, y1 : array
        What the ReLU takes and gives.
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
    v1: Any
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
        If `n` or `places` is not an integer of at least 1, or `n` is odd.

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
    angles = np.arange(places) / 10000 ** (np.arange(0, n, 2)[:, None] / n)
    return np.stack([np.sin(angles), np.cos(angles)], axis=1).reshape(n, places).astype(dtype)


def layer_normalised(s):
    """Each column of s (..., n, T) at mean 0 and variance 1 over its elements, and what it was divided by."""
    centred = s - s.mean(axis=-2, keepdims=True)
    std = ((centred * centred).mean(axis=-2, keepdims=True) + EPSILON) ** 0.5
    return centred / std, std


def normalised_back(e, xn, std):
    """The error of what a normalisation takes, from that of what it gives."""
    return (e - e.mean(axis=-2, keepdims=True) - xn * (e * xn).mean(axis=-2, keepdims=True)) / std


def one_below_the_other(heads):
    """What the heads (..., H, k, T) give as the rows of one matrix (..., H k, T)."""
    *lead, H, k, places = heads.shape
    return heads.reshape(*lead, H * k, places)


def with_samples(weights):
    """The sixteen weights of a block with an axis for the sequences of a batch, behind those for networks."""
    return [W[..., None, :, :, :] if i < 6 else W[..., None, :, :] for i, W in enumerate(weights)]


def encoder_pass(x, Wq, bq, Wk, bk, Wv, bv, Wo, bo, gamma1, beta1, W1, b1, W2, b2, gamma2, beta2):
    """Forward through a block; x (..., samples, n, T), the weights as `with_samples` has them."""
    xh = x[..., None, :, :]  # the same for all heads
    q = Wq @ xh + bq
    k = Wk @ xh + bk
    v = Wv @ xh + bv
    a = attention_weights(q, k)
    u = one_below_the_other(v @ a)
    n1, std1 = layer_normalised(x + Wo @ u + bo)
    z1 = gamma1 * n1 + beta1
    v1 = W1 @ z1 + b1
    y1 = relu(v1)
    n2, std2 = layer_normalised(z1 + W2 @ y1 + b2)
    z2 = gamma2 * n2 + beta2
    return Pass(q, k, v, a, u, n1, std1, z1, v1, y1, n2, std2, z2)


def products(delta, y, samples=-3):
    """Changes of weights that turn y into what delta is of, summed over places and samples, which are that axis."""
    return (delta @ T(y)).sum(axis=samples)


def totals(delta, samples=-3):
    """Changes of what is added to every place: delta, summed over places and samples, which are that axis."""
    return delta.sum(axis=-1, keepdims=True).sum(axis=samples)


def encoder_back(x, e, p, Wq, bq, Wk, bk, Wv, bv, Wo, bo, gamma1, beta1, W1, b1, W2, b2, gamma2, beta2):
    """Back through a block: the changes of its sixteen weights for the error e of its output, and the error of x."""
    s2 = normalised_back(gamma2 * e, p.n2, p.std2)
    delta1 = (p.v1 > 0) * (T(W2) @ s2)
    e1 = s2 + T(W1) @ delta1
    s1 = normalised_back(gamma1 * e1, p.n1, p.std1)

    eu = T(Wo) @ s1
    eu = eu.reshape(*eu.shape[:-2], *p.v.shape[-3:-1], eu.shape[-1])  # to each head its own rows
    ev = eu @ T(p.a)
    deltaa = softmax_back(p.a, T(p.v) @ eu) / sqrt(p.q.shape[-2])
    eq = p.k @ deltaa
    ek = p.q @ T(deltaa)
    ex = s1 + (T(Wq) @ eq + T(Wk) @ ek + T(Wv) @ ev).sum(axis=-3)

    xh = x[..., None, :, :]
    changes = [products(eq, xh, -4), totals(eq, -4), products(ek, xh, -4), totals(ek, -4)]
    changes += [products(ev, xh, -4), totals(ev, -4)]
    changes += [products(s1, p.u), totals(s1), totals(e1 * p.n1), totals(e1)]
    changes += [products(delta1, p.z1), totals(delta1), products(s2, p.y1), totals(s2), totals(e * p.n2), totals(e)]
    return changes, ex


def transformer_changes(*weights_x_d_alpha):
    """Weight changes for cross-entropy, summed over sequences x (samples, n, T), d (samples, m, T) and their places."""
    We, *block, Wc, x, d, alpha = weights_x_d_alpha
    We, Wc = We[..., None, :, :], Wc[..., None, :, :]
    block = with_samples(block)
    z = We @ x + namespace(x).asarray(positions(We.shape[-2], x.shape[-1], x.dtype))
    p = encoder_pass(z, *block)
    y = softmax(Wc @ p.z2)

    e = d - y
    delta = e

    changes, ez = encoder_back(z, T(Wc) @ delta, p, *block)
    dWe, dWc = products(ez, x), products(delta, p.z2)
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
    *weights, X, D = weights_X_D
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
    *weights, X = weights_X
    X, *weights = _checked(X, weights)
    _, p = _embedded(weights, T(X))
    return T(softmax(weights[-1][..., None, :, :] @ p.z2))


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
    *weights, X = weights_X
    X, *weights = _checked(X, weights)
    _, p = _embedded(weights, T(X))
    return T(p.a)


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
    return T(encoder_pass(T(X), *with_samples(block)).z2)


def encoder_block_gradients(*block_X_E):
    """The gradients of the sum of E times the block's output, with respect to its weights and its inputs.

    Parameters
    ----------
    *block_X_E : arrays
        As for `encoder_block`, and then E of the output's shape (N, T, n).

    Returns
    -------
    list of arrays
        Of the sixteen weights in their order, and of X.

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
    block = with_samples(block)
    gradients, ex = encoder_back(T(X), T(E), encoder_pass(T(X), *block), *block)
    return [*gradients, T(ex)]


def _embedded(weights, x):
    """What goes into the block, inputs and positions, and its pass."""
    We, *block, _ = weights
    z = We[..., None, :, :] @ x + namespace(x).asarray(positions(We.shape[-2], x.shape[-1], x.dtype))
    return z, encoder_pass(z, *with_samples(block))


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
