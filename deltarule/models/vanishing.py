"""How much of the error arrives: by the distance in time of a recurrent network, by the layer of a deep one."""

from numpy import sqrt

from ..basics.arrays import T, namespace
from . import checks, depth, gated, recurrent


def norms(errors):
    """The Euclidean norm of each error, a matrix with a column a sample, along a new last axis."""
    return namespace(errors[0]).stack([sqrt((e * e).sum(axis=(-2, -1))) for e in errors], axis=-1)


def rnn_distances(Wx, Wh, Wo, X, D):
    """How large the error of a recurrent network's hidden nodes is, by its distance from the last step.

    The error is that of `deltarule.models.recurrent.rnn_adding`, whose output is linear.

    Parameters
    ----------
    Wx, Wh, Wo, X, D : arrays
        As for `deltarule.models.recurrent.rnn_adding`.

    Returns
    -------
    array, shape (..., T)
        The norm of the error after the last step, a step before it, and so on.

    Raises
    ------
    TypeError, ValueError
        As `deltarule.models.recurrent.rnn_adding`.

    Examples
    --------
    >>> print(rnn_distances([[0.0]], [[0.5]], [[1.0]], [[[1.0], [1.0], [1.0]]], [4.0]))
    [4. 2. 1.]
    """
    X, D, Wx, Wh, Wo = checks.sequences_targets(recurrent.SHAPES, X, D, Wx=Wx, Wh=Wh, Wo=Wo)
    h = recurrent.rnn_states(Wx, Wh, X.transpose(1, 2, 0))
    delta = T(D) - Wo @ h[-1]
    return norms(recurrent.rnn_errors(Wh, h, T(Wo) @ delta)[::-1])


def lstm_distances(Wf, Wi, Wq, Wg, Wo, X, D):
    """How large the error of an LSTM's cells is, by its distance from the last step.

    Parameters
    ----------
    Wf, Wi, Wq, Wg, Wo, X, D : arrays
        As for `deltarule.models.gated.lstm_adding`.

    Returns
    -------
    array, shape (..., T)
        The norm of the error of the cells c after the last step, a step before it, and so on.

    Raises
    ------
    TypeError, ValueError
        As `deltarule.models.gated.lstm_adding`.

    Examples
    --------
    >>> W = [[[0.0, 0.0]]]  # all gates are half open
    >>> print(lstm_distances(*W, *W, *W, *W, [[1.0]], [[[1.0], [1.0], [1.0]]], [4.0]))
    [2.  1.  0.5]
    """
    X, D, *gates, Wo = checks.sequences_targets(gated.LSTM_SHAPES, X, D, Wf=Wf, Wi=Wi, Wq=Wq, Wg=Wg, Wo=Wo)
    steps = gated.lstm_steps(*gates, X.transpose(1, 2, 0))
    delta = T(D) - Wo @ steps[-1].h
    return norms([ec for _, ec, _ in gated.lstm_back(*gates, steps, T(Wo) @ delta)])


def deep_layers(*weights_X_D):
    """How large the deltas of the hidden layers are, by layer, the first one first.

    Parameters
    ----------
    *weights_X_D : arrays
        As for `deltarule.models.depth.deep_sigmoid`.

    Returns
    -------
    array, shape (..., hidden layers)

    Raises
    ------
    TypeError, ValueError
        As `deltarule.models.depth.deep_sigmoid`.

    Examples
    --------
    >>> W1, W2, W3 = [[0.0]], [[4.0]], [[1.0], [-1.0]]
    >>> print(deep_layers(W1, W2, W3, [[1.0]], [[1.0, 0.0]]).round(4))
    [0.0308 0.0308]
    """
    *weights, X, D = checks.given(weights_X_D, "X", "D")
    X, D, weights = depth.checked(weights, X, D)
    _, deltas = depth.plain_deltas(T(X), T(D), *weights)
    return norms(deltas[:-1])


def batch_norm_layers(*weights_X_D):
    """How large the deltas of the hidden layers are with batch normalisation, those of v = W x, the first layer first.

    Parameters
    ----------
    *weights_X_D : arrays
        As for `deltarule.models.depth.batch_norm`.

    Returns
    -------
    array, shape (..., hidden layers)

    Raises
    ------
    TypeError, ValueError
        As `deltarule.models.depth.batch_norm`.

    Examples
    --------
    >>> from deltarule import matlab
    >>> from deltarule.models.experiments import EXPERIMENTS
    >>> X, D = EXPERIMENTS["batch_norm_depth"].samples()
    >>> W, _ = EXPERIMENTS["batch_norm_depth"].start()
    >>> print(batch_norm_layers(*W, X, D).shape)
    (10,)
    """
    *weights, X, D = checks.given(weights_X_D, "X", "D")
    X, D, weights = depth.checked_normalised(weights, X, D)
    *layers, Wo = weights
    layers = zip(layers[::3], layers[1::3], layers[2::3], strict=True)
    back, _, _ = depth.normalised_deltas(T(X), T(D), Wo, *layers)
    return norms([deltav for _, _, _, deltav in back])
