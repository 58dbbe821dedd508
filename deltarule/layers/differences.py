"""Central differences of a whole network's cost, for many of its parameters at a time.

A changed weight changes one column of what its layer gives, which goes by itself up to the next `Affine`; from there on
many changes go through the layers as one stack of batches, and what lies below is not computed again.
"""

import numpy as np

from ..basics.arrays import namespace
from .activations import softmax_of
from .convolution import Convolution
from .costs import DELTA
from .dense import Affine
from .dropout import Dropout
from .images import im2col, images_last, pads_of
from .normalization import EPSILON, BatchNormalization
from .numerical import numerical_gradient

STACK = 2**16  # numbers of a stack where a layer gives the most: 512 KiB, which a core has in its cache


def training_pass(layers, x):
    """The input of each layer, and last the output, as in training; running averages stay as they are.

    Dropout draws its masks, once, and keeps them for `through`.
    """
    given = [x]
    for layer in layers:
        x = layer.forward(x, True) if isinstance(layer, Dropout) else through(layer, x, len(given[0]))
        given.append(x)
    return given


def through(layer, x, n):
    """What a layer gives in training for x, which is any number of batches of n samples, one below the other."""
    if isinstance(layer, Dropout):
        return _in_batches(x, n, layer.mask.__mul__)
    if isinstance(layer, BatchNormalization):
        return _in_batches(x, n, lambda batches: layer.gamma * _normalized(batches) + layer.beta)
    return layer.forward(x)


def _in_batches(x, n, f):
    return f(x.reshape(-1, n, *x.shape[1:])).reshape(x.shape)


def _normalized(batches):
    """Each feature of batches (..., n, D) with mean 0 and variance 1 over its batch."""
    centred = batches - batches.mean(axis=-2, keepdims=True)
    return centred / ((centred * centred).mean(axis=-2, keepdims=True) + EPSILON) ** 0.5


def costs(scores, digits):
    """The mean over each batch of -ln(p + 1e-7), for scores of batches one below the other."""
    xp, n = namespace(scores), len(digits)
    p = softmax_of(scores).reshape(-1, n, scores.shape[-1])[:, xp.arange(n), digits]
    return -xp.log(p + DELTA).mean(axis=1)


def plain_gradient(network, x, digits, h):
    """The gradient by key, one parameter at a time, by passes through the whole network."""
    layers = list(network.layers.values())
    training_pass(layers, x)

    def cost(key, W):
        network.params[key] = W
        network.bind()
        out = x
        for layer in layers:
            out = through(layer, out, len(x))
        return costs(out, digits)[0] + network.decay()

    grads = {}
    for key, W in network.params.items():
        try:
            grads[key] = numerical_gradient(lambda changed, key=key: cost(key, changed), W, h)
        finally:
            network.params[key] = W
    network.bind()
    return grads


def batched_gradient(network, x, digits, h):
    """The gradient by key, of as many parameters at a time as a stack holds."""
    layers = list(network.layers.values())
    given = training_pass(layers, x)
    grads = {}
    for layer, attribute, key, _ in network.learned:
        k = layers.index(layer) + 1
        changes = _changes(layer, attribute, given[k - 1], given[k])
        W = getattr(layer, attribute)
        grads[key] = _differences(layers[k:], given[k:], *changes, W.size, digits, h).reshape(W.shape)
        if attribute == "W" and network.weight_decay_lambda:  # of half a square the central difference is exact
            grads[key] = grads[key] + network.weight_decay_lambda * W
    return {key: grads[key] for key in network.params}


def _changes(layer, attribute, x, out):
    """How the parameters of a layer change what it gives for x.

    Parameters
    ----------
    layer : layer
    attribute : str
    x, out : array
        The layer's input and output.

    Returns
    -------
    directions : array, shape (P, n, ...)
        What a column of the output, a map of a convolution, changes by when a parameter grows by 1.
    places : callable
        For the flat indices of parameters, the numbers of their directions and of their columns.
    """
    if attribute in ("b", "beta"):
        ones = namespace(x).asarray(np.ones((1,) * out.ndim, dtype=x.dtype))
        return ones, lambda index: (0 * index, index)
    if attribute == "gamma":
        return _normalized(x).swapaxes(0, 1), lambda index: (index, index)
    if isinstance(layer, Convolution):
        _, C, FH, FW = layer.W.shape
        n, _, rows, columns = out.shape
        padded = images_last(x, pads_of(x.shape, FH, FW, layer.stride, layer.pad))
        col = im2col(padded, FH, FW, layer.stride, round_down=True)  # the layer has said whether they fit
        directions = col.reshape(n, rows, columns, -1).transpose(3, 0, 1, 2)
        return directions, lambda index: (index % (C * FH * FW), index // (C * FH * FW))
    nodes = layer.W.shape[1]
    return x.reshape(len(x), -1).swapaxes(0, 1), lambda index: (index // nodes, index % nodes)


def _differences(layers, given, directions, places, size, digits, h):
    """The central difference of the cost by each of so many parameters, which change given[0], as a flat array."""
    xp, n = namespace(given[0]), len(digits)
    by_column = _up_to_affine(layers)
    mixed, first = (_mixed, by_column + 1) if given[0].ndim == 2 and by_column is not None else (_changed, 0)
    step = max(1, STACK // (2 * max(a.size for a in given[first:])))
    found = []
    for begin in range(0, size, step):
        direction, column = places(xp.arange(begin, min(begin + step, size)))
        change = h * directions[direction]
        x = mixed(layers, given, xp.concatenate([change, -change]), xp.concatenate([column, column]), first)
        x = x.reshape(-1, *x.shape[2:])
        for layer in layers[first:]:
            x = through(layer, x, n)
        above, below = costs(x, digits).reshape(2, -1)
        found.append((above - below) / (2 * h))
    return xp.concatenate(found)


def _up_to_affine(layers):
    """How many layers, each of which keeps columns to themselves, are below the next `Affine`; None without one."""
    return next((k for k, layer in enumerate(layers) if isinstance(layer, Affine)), None)


def _changed(layers, given, change, column, first):
    """A stack of what the layer below gives, in each of which one column is changed, or one map."""
    xp = namespace(change)
    stack = xp.broadcast_to(given[0], (len(column), *given[0].shape)).copy()
    stack[xp.arange(len(column)), :, column] += change
    return stack


def _mixed(layers, given, change, column, first):
    """A stack of what the next `Affine` gives, which each changed column reaches by itself, as a change of all."""
    *alone, affine = layers[:first]
    columns = given[0].swapaxes(0, 1)[column] + change
    for layer in alone:
        columns = _through_by_column(layer, columns, column)
    columns = columns - given[first - 1].swapaxes(0, 1)[column]
    return given[first] + columns[..., None] * affine.W[column][:, None]


def _through_by_column(layer, columns, column):
    """What a layer gives in training for single columns (changes, n) of its input, whose numbers are `column`."""
    if isinstance(layer, Dropout):
        return columns * layer.mask.swapaxes(0, 1)[column]
    if isinstance(layer, BatchNormalization):
        normalized = _normalized(columns[..., None])[..., 0]
        return layer.gamma[column][:, None] * normalized + layer.beta[column][:, None]
    return layer.forward(columns)
