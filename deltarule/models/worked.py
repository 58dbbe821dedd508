"""The worked examples of the lecture notes: a neuron as a graph, a softmax classifier, XOR by gates.

A sample is a column and weights act from the left, as in the listings; leading axes of the weights are many networks.
"""

from typing import NamedTuple

import numpy as np

from ..basics.arrays import T, columns, namespace
from ..basics.functions import softmax
from ..layers.activations import step
from ..layers.checks import dtype as float_dtype
from ..layers.gates import GATES
from ..listings.training import train
from . import checks


class Neuron(NamedTuple):
    """What each node of the graph of a neuron gives, and the derivative of the output with respect to it.

    Attributes
    ----------
    values, gradients : dict from str to array
        By node: ``w`` and ``x``, which go in; ``p``, their products; ``v``, the sum; ``m`` = -v; ``q`` = exp(m);
        ``r`` = 1 + q; ``y`` = 1/r.
    """

    values: dict
    gradients: dict


def neuron_graph(w, x):
    """A sigmoid neuron taken apart: forwards node by node, and backwards by the derivative of each.

    Parameters
    ----------
    w, x : array, shape (..., n)
        Weights and inputs; a constant input 1 stands for the bias. Leading axes are many neurons.

    Returns
    -------
    Neuron

    Raises
    ------
    TypeError, ValueError
        If an argument is not of finite real numbers, or they do not fit together.

    Notes
    -----
    Source: the lecture notes, the part on back-propagation. The last five nodes are sigmoid(v): together their
    derivative is y (1 - y).

    Examples
    --------
    >>> neuron = neuron_graph([2.0, -3.0, -3.0], [-1.0, -2.0, 1.0])
    >>> print(round(float(neuron.values["y"]), 4), neuron.gradients["w"].round(4))
    0.7311 [-0.1966 -0.3932  0.1966]
    """
    w = checks.real("w", w)
    x = checks.real("x", x, w)
    if w.ndim == 0 or w.shape[-1:] != x.shape[-1:]:
        raise ValueError(f"w and x must have the shape (..., n) with one n, not {w.shape} and {x.shape}")

    p = w * x
    v = p.sum(axis=-1)
    m = -v
    q = np.exp(m)
    r = 1 + q
    y = 1 / r

    dy = 0 * y + 1
    dr = -1 / r**2 * dy
    dq = dr
    dm = q * dq
    dv = -dm
    dp = 0 * p + dv[..., None]  # an addition hands on what comes back, to each
    dw = x * dp
    dx = w * dp
    values = {"w": w, "x": x, "p": p, "v": v, "m": m, "q": q, "r": r, "y": y}
    gradients = {"w": dw, "x": dx, "p": dp, "v": dv, "m": dm, "q": dq, "r": dr, "y": dy}
    return Neuron(values, gradients)


def softmax_changes(W, x, d, alpha):
    """Weight change for the softmax loss -ln y of the right class, summed over the columns of x and d."""
    v = W @ x
    y = softmax(v)

    e = d - y
    delta = e

    dW = alpha * delta @ T(x)
    return (dW,)


def softmax_classifier(W, X, D, *, alpha=0.1):
    """Train a softmax classifier of one layer for one epoch, one sample at a time.

    For each sample in order: v = Wx, y = softmax(v), delta = d - y, W = W + alpha delta x'.

    Parameters
    ----------
    W : array, shape (..., classes, n)
        Weights; leading axes are independent networks.
    X : array, shape (N, n)
        N samples, one a row; a constant 1 in each stands for the bias.
    D : array, shape (N, classes)
        Their classes, one-hot.
    alpha : float
        Learning rate, above 0.

    Returns
    -------
    array, shape and dtype of `W`
        The weights after the epoch; `W` itself stays as it is.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type, shape, dtype or device, empty or not finite, or `D` not one-hot; the
        message names it.

    Notes
    -----
    Source: the lecture notes, the part on the softmax classifier. `softmax_changes` is the body of its loop.

    Examples
    --------
    >>> W = np.zeros((3, 2))
    >>> for epoch in range(100):
    ...     W = softmax_classifier(W, [[1.0, -1.0], [1.0, 0.0], [1.0, 1.0]], np.eye(3))
    >>> print(softmax_outputs(W, [[1.0, -1.0]]).round(2))
    [[0.85 0.15 0.  ]]
    """
    X, D, W = checks.dense(X, D, one_hot=True, W=W)
    alpha = checks.rate("alpha", alpha)
    (W,) = train(softmax_changes, (W,), columns(X), columns(D), alpha)
    return W


def softmax_outputs(W, X):
    """The probability of each class: softmax(Wx) for each sample.

    Parameters
    ----------
    W, X
        As `softmax_classifier`.

    Returns
    -------
    array, shape (..., N, classes)

    Raises
    ------
    TypeError, ValueError
        As `softmax_classifier`.

    Examples
    --------
    >>> print(softmax_outputs(np.log([[36.0], [62.0], [2.0]]), [[1.0]]).round(2))
    [[0.36 0.62 0.02]]
    """
    X, W = checks.inputs(X, W=W)
    return T(softmax(W @ T(X)))


def with_first_outputs(W, x, y):
    """Weights whose outputs for one sample are given: the constant's column of `W` is set, the others stay.

    Parameters
    ----------
    W : array, shape (classes, n)
        Its first column is that of the constant input.
    x : array, shape (n,)
        The sample; its first element is the constant 1.
    y : array, shape (classes,)
        The outputs that softmax(Wx) is to give, above 0; their sum is 1.

    Returns
    -------
    array, shape (classes, n)

    Raises
    ------
    TypeError, ValueError
        If an argument is not of finite real numbers, they do not fit together, `x` does not begin with 1, or `y` is not
        probabilities above 0.

    Notes
    -----
    Scores are known from probabilities up to a constant that is added to all of them: here they are ln y.

    Examples
    --------
    >>> W = with_first_outputs(np.ones((3, 2)), [1.0, 5.0], [0.36, 0.62, 0.02])
    >>> print(softmax_outputs(W, [[1.0, 5.0]]).round(2))
    [[0.36 0.62 0.02]]
    """
    W = checks.real("W", W)
    x, y = checks.real("x", x, W), checks.real("y", y, W)
    if W.ndim != 2 or x.shape != W.shape[1:] or y.shape != W.shape[:1]:
        raise ValueError(
            f"W must have the shape (classes, n), x (n,) and y (classes,), not {W.shape}, {x.shape} and {y.shape}"
        )
    if x[0] != 1:
        raise ValueError(f"x must begin with the constant 1, not with {float(x[0])!r}")
    if not (y > 0).all() or not abs(y.sum() - 1) <= 1e-6:
        raise ValueError("y must be probabilities above 0 whose sum is 1")
    constant = np.log(y) - W[:, 1:] @ x[1:]
    return namespace(W).concatenate([constant[:, None], W[:, 1:]], axis=1)


def score_differences(low, high, a, b):
    """Between which two numbers the score of class `a` minus that of class `b` lies, if probabilities lie in ranges.

    Parameters
    ----------
    low, high : array, shape (classes,)
        The smallest and the largest probability of each class, above 0: of 0.36 as printed, 0.355 and 0.365.
    a, b : int
        Two classes, from 0.

    Returns
    -------
    tuple of float

    Raises
    ------
    TypeError, ValueError
        If `low` and `high` are not of one shape and above 0, or there is no such class.

    Notes
    -----
    v_a - v_b = ln y_a - ln y_b: of the scores softmax keeps their differences, and no more.

    Examples
    --------
    >>> ranges = [0.355, 0.615, 0.015], [0.365, 0.625, 0.025]
    >>> print("%.4f to %.4f" % score_differences(*ranges, 1, 0))
    0.5217 to 0.5656
    """
    low = checks.real("low", low)
    high = checks.real("high", high, low)
    if low.ndim != 1 or high.shape != low.shape or not (low > 0).all() or not (low <= high).all():
        raise ValueError(f"low and high must be of one shape (classes,), 0 < low <= high, not {low} and {high}")
    a, b = (_class(name, k, len(low)) for name, k in (("a", a), ("b", b)))
    return float(np.log(low[a] / high[b])), float(np.log(high[a] / low[b]))


def _class(name, value, classes):
    """The number of one of so many classes, counted from 0."""
    value = checks.size(name, value, 0)
    if value >= classes:
        raise ValueError(f"{name} must be from 0 to {classes - 1}, a class, not {value}")
    return value


def logistic_as_softmax(v):
    """The output of logistic regression as that of a softmax classifier of two classes, whose scores are v and 0.

    Parameters
    ----------
    v : array

    Returns
    -------
    array, shape of `v`
        The first class's probability: sigmoid(v).

    Raises
    ------
    TypeError, ValueError
        If `v` is not of finite real numbers.

    Examples
    --------
    >>> print(logistic_as_softmax([0.0, 1.0]).round(4))
    [0.5    0.7311]
    """
    v = checks.real("v", v)
    both = namespace(v).stack([v.ravel(), namespace(v).zeros_like(v.ravel())])
    return softmax(both)[0].reshape(v.shape)


def xor_layers(dtype=np.float64):
    """The weights of XOR by two layers of step nodes: AND and OR in the hidden layer, OR minus AND behind it.

    Parameters
    ----------
    dtype : float64 or float32
        Of the weights.

    Returns
    -------
    W1 : array, shape (2, 3)
        A row for AND, a row for OR; the last column is that of the constant input 1.
    W2 : array, shape (1, 3)
        Of y = step(OR - AND - 1/2).

    Raises
    ------
    ValueError
        If `dtype` is another one.

    Notes
    -----
    Source: the lecture notes, which have AND and OR in the hidden layer; the numbers of these two are those of the
    from-scratch notes, whose XOR is AND of NAND and OR.
    """
    dtype = float_dtype("dtype", dtype)
    W1 = np.array([[*GATES[gate][0], GATES[gate][1]] for gate in ("AND", "OR")], dtype)
    return W1, np.array([[-1.0, 1.0, -0.5]], dtype)


def step_forward(X, *weights):
    """The outputs of each layer of a network of step nodes, with a constant 1 behind the inputs of every layer.

    Parameters
    ----------
    X : array, shape (N, n)
        N samples, one a row, without the constant.
    *weights : array, shape (nodes, nodes of the layer before + 1)

    Returns
    -------
    list of array, shape (N, nodes)
        One for each layer, 0 or 1.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of finite real numbers, or they do not fit together.

    Examples
    --------
    >>> y1, y = step_forward([[0, 0], [0, 1], [1, 0], [1, 1]], *xor_layers())
    >>> print(y1.T, y.T)
    [[0. 0. 0. 1.]
     [0. 1. 1. 1.]] [[0. 1. 1. 0.]]
    """
    if not weights:
        raise ValueError("weights must be those of at least one layer; there are none")
    layers = checks.same_kind(**{f"weights[{k}]": W for k, W in enumerate(weights)})
    y = checks.real("X", X, layers[0])
    if y.ndim != 2:
        raise ValueError(f"X must have the shape (N, n), not {y.shape}")
    found = []
    for k, W in enumerate(layers):
        if W.ndim != 2 or W.shape[1] != y.shape[1] + 1:
            raise ValueError(f"weights[{k}] must have the shape (nodes, {y.shape[1] + 1}), not {W.shape}")
        ones = namespace(y).ones_like(y[:, :1])
        y = T(step(W @ T(namespace(y).concatenate([y, ones], axis=1))))
        found.append(y)
    return found
