"""Networks made of a table's layers: leaky ReLU between them, softmax and cross-entropy on top.

They are of the classes of `deltarule.layers`, and so have its conventions: samples are rows, images (N, channels, rows,
columns).
"""

from itertools import pairwise

import numpy as np

from ..layers import Affine, Convolution, LeakyRelu, checks, starting_weights
from ..layers.network import Network
from .checks import listed
from .tables import Conv, Dense, Flatten, layer_table


def layered_network(shape, layers, *, rng, a=0.1, dtype=np.float64):
    """A network of the layers of a table.

    Parameters
    ----------
    shape : tuple of int
        Of a sample: (rows, columns, channels), as `layer_table` has it.
    layers : iterable of Flatten, Dense or Conv
        The last is Dense; its nodes are the classes.
    rng : deltarule.matlab.Stream or numpy.random.RandomState
        Draws W1, W2 and so on, normal numbers times sqrt(2 / n) for n inputs of a node, as He has it; biases are zero.
    a : float
        The slope of the leaky ReLU on the left.
    dtype : float64 or float32
        Of the parameters, and so of all that is computed.

    Returns
    -------
    deltarule.layers.network.Network
        With `params`, `gradient`, `predict` and `accuracy`, as `deltarule.layers.TwoLayerNet` has them. It takes images
        (N, channels, rows, columns).

    Raises
    ------
    TypeError, ValueError
        If the layers do not fit each other, the last is not Dense, or another argument is of the wrong kind; the
        message names it, and nothing has been drawn.

    Notes
    -----
    Source: the Keras notes, 2.3 and 2.5. Keras flattens (rows, columns, channels) and this (channels, rows, columns):
    the weights of the layer behind are the same in another order.

    Examples
    --------
    >>> from deltarule import matlab
    >>> network = layered_network((32, 32, 3), [Conv(10, 4, 2, "same"), Flatten(), Dense(10)], rng=matlab.rng(1))
    >>> print({key: W.shape for key, W in network.params.items()})
    {'W1': (10, 3, 4, 4), 'b1': (10,), 'W2': (2560, 10), 'b2': (10,)}
    >>> network.predict(np.zeros((5, 3, 32, 32))).shape
    (5, 10)
    """
    layers = listed("layers", layers, "Flatten, Dense and Conv")
    rows = layer_table(shape, layers)
    if not (layers and isinstance(layers[-1], Dense)):
        raise ValueError("layers must end with Dense, whose nodes are the classes")
    checks.draws("rng", rng, "randn")
    a, dtype = checks.number("a", a), checks.dtype("dtype", dtype)
    for k, (row, layer) in enumerate(zip(rows[1:], layers, strict=True)):
        checks.room(row.parameters, **{f"layers[{k}]": layer})
    params, parts, keys = {}, {}, {}
    learned = [(*pair, layer) for pair, layer in zip(pairwise(rows), layers, strict=True) if pair[1].parameters]
    for i, (given, row, layer) in enumerate(learned, start=1):
        name, part = _part(given.shape, row, layer, rng, dtype)
        keys[f"{name}{i}"], parts[f"{name}{i}"] = i, part
        params[f"W{i}"], params[f"b{i}"] = part.W, part.b
        if i < len(learned):
            parts[f"LeakyRelu{i}"] = LeakyRelu(a)
    return Network(params, parts, keys, (*shape[2:], *shape[:2]))


def _part(shape, row, layer, rng, dtype):
    """The name of a layer of the table, and that layer with weights of its own."""
    if isinstance(layer, Conv):
        W = _start(rng, (layer.filters, shape[2], layer.size, layer.size), dtype)
        return "Conv", Convolution(W, np.zeros(layer.filters, dtype), layer.stride, layer.pad, round_down=True)
    W = _start(rng, (shape[0], *row.shape), dtype)
    return "Affine", Affine(W, np.zeros(row.shape, dtype))


def _start(rng, shape, dtype):
    """He's start, row by row in memory as the gradients are: MATLAB's order makes an update four times as slow."""
    return np.ascontiguousarray(starting_weights(rng, shape, "he", dtype=dtype))


COLOUR_NETWORKS = {
    "MLP": (Flatten(), Dense(200), Dense(150), Dense(10)),
    "stack": (Conv(10, 4, 2, "same"), Conv(20, 3, 2, "same"), Flatten(), Dense(10)),
}
"""The two networks of the Keras notes, for images of 32 x 32 pixels in three colours."""
