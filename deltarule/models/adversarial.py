"""The generative adversarial network: one network makes samples out of noise, another tells them from real ones."""

from operator import add

import numpy as np
from numpy import tanh

from ..basics.arrays import T, columns, namespace
from ..basics.functions import sigmoid
from . import checks

SHAPES = "g 2, 1 g, f 2, 1 f"  # of G1, G2, D1 and D2


def with_constant(x):
    """The row x (..., 1, samples), and below it the constant 1 that stands for a bias."""
    xp = namespace(x)
    return xp.concatenate((x, xp.zeros_like(x) + 1), axis=-2)


def generated(G1, G2, z):
    """What the generator makes of the noise z (1, samples): one number a column."""
    return G2 @ tanh(G1 @ with_constant(z))


def discriminator_changes(D1, D2, x, d, alpha):
    """Weight changes of the discriminator for cross-entropy, summed over x (1, samples); d is 1 for real ones."""
    x = with_constant(x)
    v1 = D1 @ x
    y1 = tanh(v1)
    v = D2 @ y1
    y = sigmoid(v)

    e = d - y
    delta = e

    e1 = T(D2) @ delta
    delta1 = (1 - y1 * y1) * e1

    dD1 = alpha * delta1 @ T(x)
    dD2 = alpha * delta @ T(y1)
    return dD1, dD2


def generator_changes(G1, G2, D1, D2, z, d, alpha):
    """Weight changes of the generator, which wants the discriminator to say d, summed over the noise z (1, samples)."""
    z = with_constant(z)
    u1 = tanh(G1 @ z)
    x = with_constant(G2 @ u1)
    y1 = tanh(D1 @ x)
    y = sigmoid(D2 @ y1)

    e = d - y
    delta = e

    e1 = T(D2) @ delta
    delta1 = (1 - y1 * y1) * e1
    ex = (T(D1) @ delta1)[..., :1, :]  # of the sample, not of the constant

    eu = T(G2) @ ex
    deltau = (1 - u1 * u1) * eu

    dG1 = alpha * deltau @ T(z)
    dG2 = alpha * ex @ T(u1)
    return dG1, dG2


def gan(G1, G2, D1, D2, X, *, rng, alpha=0.1, size=64, optimizers=None):
    """Train a generator and a discriminator for one epoch, one after the other on each batch.

    The discriminator climbs ln D(x) + ln(1 - D(G(z))) for real samples x and noise z; then the generator climbs
    ln D(G(z)) for the same noise.

    Parameters
    ----------
    G1 : array, shape (..., g, 2)
        Weights of the generator from noise and the constant 1 to its hidden nodes. Leading axes are independent
        networks, which share the noise.
    G2 : array, shape (..., 1, g)
        Weights to the sample that it makes.
    D1 : array, shape (..., f, 2)
        Weights of the discriminator from a sample and the constant 1 to its hidden nodes.
    D2 : array, shape (..., 1, f)
        Weights to the probability that the sample is real.
    X : array, shape (N, 1)
        Real samples.
    rng : deltarule.matlab.Stream
        Draws the noise of each batch, ``randn(1, size)``.
    alpha : float
        Learning rate, above 0.
    size : int
        Samples in a batch, whose changes are averaged. An incomplete last batch is left out.
    optimizers : pair of objects with ``update(params, grads)``, optional
        Of the generator and the discriminator, in place of plain descent; `alpha` is then not used.

    Returns
    -------
    G1, G2, D1, D2 : arrays, shapes and dtype of the arguments
        The weights after the epoch; the arguments stay as they are.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type, shape, dtype or device, empty or not finite; the message names it.

    Notes
    -----
    Source: GAN of the Korean summary (docs/sources.md), which has no code for it; the equations are those of Goodfellow
    et al. (2014), the generator's the second form that they propose. `discriminator_changes` and `generator_changes`
    are the bodies.

    Examples
    --------
    >>> from deltarule import matlab
    >>> X = 3 + 0.5 * matlab.rng(100).randn(6400, 1)
    >>> rng = matlab.rng(1)
    >>> W = [2 * rng.rand(*shape) - 1 for shape in ((8, 2), (1, 8), (8, 2), (1, 8))]
    >>> for epoch in range(40):
    ...     W = gan(*W, X, rng=rng)
    >>> y = gan_forward(*W, rng.randn(1000, 1))
    >>> bool(abs(y.mean() - 3) < 0.15), bool(abs(y.std() - 0.5) < 0.1)
    (True, True)
    """
    X, *weights = _checked(X, G1, G2, D1, D2)
    checks.draws("rng", rng, "randn")
    alpha, size = checks.rate("alpha", alpha), checks.count("size", size, len(X), "samples of X")
    generator, discriminator = _optimizers(optimizers)
    G, D = weights[:2], weights[2:]
    for x in columns(X, size):
        z = namespace(x).asarray(rng.randn(1, size).astype(x.dtype))
        real = discriminator_changes(*D, x, 1, alpha / size)
        made = discriminator_changes(*D, generated(*G, z), 0, alpha / size)
        D = _moved(D, map(add, real, made), alpha, discriminator)
        G = _moved(G, generator_changes(*G, *D, z, 1, alpha / size), alpha, generator)
    return *G, *D


def gan_forward(G1, G2, D1, D2, Z):
    """What the generator makes of noise.

    Parameters
    ----------
    G1, G2, D1, D2 : arrays
        As for `gan`; those of the discriminator are not used.
    Z : array, shape (N, 1)
        Noise.

    Returns
    -------
    array, shape (..., N, 1)

    Raises
    ------
    TypeError, ValueError
        As `gan`.

    Examples
    --------
    >>> print(gan_forward([[0.0, 50.0]], [[3.0]], [[0.0, 0.0]], [[0.0]], [[0.5], [-0.5]]))
    [[3.]
     [3.]]
    """
    Z, G1, G2, *_ = _checked(Z, G1, G2, D1, D2, name="Z")
    return T(generated(G1, G2, T(Z)))


def gan_probability(G1, G2, D1, D2, X):
    """How likely the discriminator finds it that samples are real.

    Parameters
    ----------
    G1, G2, D1, D2 : arrays
        As for `gan`; those of the generator are not used.
    X : array, shape (N, 1)
        Samples.

    Returns
    -------
    array, shape (..., N, 1)

    Raises
    ------
    TypeError, ValueError
        As `gan`.

    Examples
    --------
    >>> print(gan_probability([[0.0, 0.0]], [[0.0]], [[1.0, 0.0]], [[0.0]], [[3.0]]))
    [[0.5]]
    """
    X, _, _, D1, D2 = _checked(X, G1, G2, D1, D2)
    return T(sigmoid(D2 @ tanh(D1 @ with_constant(T(X)))))


def gan_cost(G1, G2, D1, D2, X, Z):
    """The discriminator's cost, the mean of -ln D(x) - ln(1 - D(G(z))): 2 ln 2 where it cannot tell them apart.

    Parameters
    ----------
    G1, G2, D1, D2 : arrays
        As for `gan`.
    X, Z : array, shape (N, 1)
        Real samples and noise.

    Returns
    -------
    number, or array with the leading axes of the weights

    Raises
    ------
    TypeError, ValueError
        As `gan`.

    Examples
    --------
    >>> round(float(gan_cost([[0.0, 0.0]], [[0.0]], [[1.0, 0.0]], [[0.0]], [[3.0]], [[0.0]])), 4)
    1.3863
    """
    real = gan_probability(G1, G2, D1, D2, X)
    Z, G1, G2, D1, D2 = _checked(Z, G1, G2, D1, D2, name="Z")
    made = sigmoid(D2 @ tanh(D1 @ with_constant(generated(G1, G2, T(Z)))))
    return -np.log(real).mean(axis=(-2, -1)) - np.log(1 - made).mean(axis=(-2, -1))


def _moved(weights, changes, alpha, optimizer):
    """The weights after a step, plain or of an optimiser, which takes the gradient without the rate."""
    if optimizer is None:
        return list(map(add, weights, changes))
    params = {str(i): W.copy() for i, W in enumerate(weights)}
    optimizer.update(params, {str(i): -dW / alpha for i, dW in enumerate(changes)})
    return list(params.values())


def _optimizers(given):
    """A pair of optimisers, or of None."""
    if given is None:
        return None, None
    pair = isinstance(given, tuple | list) and len(given) == 2
    if not pair or not all(callable(getattr(one, "update", None)) for one in given):
        raise TypeError(f"optimizers must be a pair, of the generator and the discriminator, not {checks.shown(given)}")
    return given


def _checked(X, G1, G2, D1, D2, name="X"):
    """Samples or noise (N, 1), by the name to use in messages, and the weights."""
    weights = checks.fitting(SHAPES, {"G1": G1, "G2": G2, "D1": D1, "D2": D2})
    X = checks.real(name, X, weights[0])
    if X.ndim != 2 or X.shape[1] != 1:
        raise ValueError(f"{name} must have the shape (samples, 1), not {X.shape}")
    return [X, *weights]
