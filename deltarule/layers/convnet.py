"""The convolutional network that the from-scratch notes end with."""

from math import prod

import numpy as np

from . import checks
from .convolution import Convolution, Pooling
from .dense import Affine, Relu
from .images import output_size as output_side
from .network import Network, check_init
from .squares import Squares, fits
from .starts import starting_weights

CONV_PARAM = {"filter_num": 30, "filter_size": 5, "pad": 0, "stride": 1}
"""The notes' `conv_param`; it is not written to."""


class SimpleConvNet(Network):
    """Convolution, Relu and 2 x 2 pooling, then a hidden layer with Relu, and an output layer with softmax.

    Parameters
    ----------
    input_dim : tuple of int
        (channels, height, width) of the images.
    conv_param : dict, optional
        ``filter_num``, ``filter_size``, ``pad`` and ``stride`` of the convolution; those of the notes, 30, 5, 0 and 1,
        when None.
    hidden_size : int
        Nodes of the hidden layer.
    output_size : int
        Classes.
    weight_init_std : float or str
        What the normal weights are multiplied by; or a name, as `weight_scale` takes it.
    rng : numpy.random.RandomState or deltarule.matlab.Stream
        Draws W1, W2 and W3; the biases are zero.
    dtype : float64 or float32
        Of the parameters, and so of all that is computed.

    Attributes
    ----------
    params : dict
        ``W1`` (filters, channels, rows, columns), ``b1``, ``W2`` (elements of the pooled maps, hidden), ``b2``, ``W3``
        (hidden, outputs), ``b3``.
    layers : dict
        ``Conv1``, ``Relu1``, ``Pool1``, ``Affine1``, ``Relu2``, ``Affine2``.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind, or sizes do not fit; the message names it, and nothing has been drawn.

    Notes
    -----
    Source: the from-scratch notes, class ``SimpleConvNet``, chapter 7. Its number of pooled elements is right where the
    maps are square and even; here a row or column left over by the pooling is left out.

    A pass on the CPU takes the first three layers as one (`deltarule/layers/squares.py`), so that they keep nothing of
    it but the gradients of ``Conv1``. A layer put in the place of one of them, or given a method of its own, is used.

    Examples
    --------
    >>> network = SimpleConvNet(rng=np.random.RandomState(1))
    >>> print({key: W.shape for key, W in network.params.items() if key[0] == "W"})
    {'W1': (30, 1, 5, 5), 'W2': (4320, 100), 'W3': (100, 10)}
    >>> print(network.predict(np.zeros((2, 1, 28, 28))).shape)
    (2, 10)
    """

    def __init__(
        self, input_dim=(1, 28, 28), conv_param=None, hidden_size=100, output_size=10, weight_init_std=0.01, *,
        rng, dtype=np.float64,
    ):  # fmt: skip
        input_dim = _input_dim(input_dim)
        filters, size, pad, stride = _conv_param(conv_param)
        hidden, outputs = checks.size("hidden_size", hidden_size), checks.size("output_size", output_size)
        check_init(weight_init_std)
        dtype = checks.dtype("dtype", dtype)
        pooled = filters * _pooled("height", input_dim[1], size, stride, pad)
        pooled *= _pooled("width", input_dim[2], size, stride, pad)
        shapes = [(filters, input_dim[0], size, size), (pooled, hidden), (hidden, outputs)]
        given = {"input_dim": input_dim, "conv_param": conv_param, "hidden_size": hidden, "output_size": outputs}
        checks.room(max(map(prod, shapes)), **given)
        params = {}
        for i, shape in enumerate(shapes, start=1):
            params[f"W{i}"] = starting_weights(rng, shape, weight_init_std, dtype=dtype)
            params[f"b{i}"] = np.zeros(shape[0] if i == 1 else shape[1], dtype)
        layers = {
            "Conv1": Convolution(params["W1"], params["b1"], stride, pad),
            "Relu1": Relu(),
            "Pool1": Pooling(2, 2, stride=2, round_down=True),
            "Affine1": Affine(params["W2"], params["b2"]),
            "Relu2": Relu(),
            "Affine2": Affine(params["W3"], params["b3"]),
        }
        super().__init__(params, layers, {"Conv1": 1, "Affine1": 2, "Affine2": 3}, input_dim)

    def _steps(self, x):
        """The layers, of which the first three are taken as one where that makes no difference."""
        steps = super()._steps(x)
        first = [layer for _, layer in steps[:3]]
        if not fits(first, x):
            return steps
        return [("Pool1", Squares(first[0])), *steps[3:]]  # by the name of what gives its output, and gets its gradient


def _input_dim(given):
    """(channels, height, width), checked."""
    if not isinstance(given, tuple | list) or len(given) != 3:
        raise ValueError(f"input_dim must be (channels, height, width), not {checks.shown(given)}")
    return tuple(checks.size("input_dim", n) for n in given)


def _conv_param(given):
    """The number of filters, their size, the padding and the stride, checked."""
    given = CONV_PARAM if given is None else given
    if not hasattr(given, "keys"):
        raise TypeError(f"conv_param must be a dict, not {checks.shown(given)} of type {type(given).__name__}")
    for wrong, keys in (("lacks", CONV_PARAM.keys() - given.keys()), ("has also", given.keys() - CONV_PARAM.keys())):
        if keys:
            listed = ", ".join(sorted(map(str, keys)))
            raise ValueError(f"conv_param must have the keys {', '.join(CONV_PARAM)}; it {wrong} {listed}")
    least = {"filter_num": 1, "filter_size": 1, "pad": 0, "stride": 1}
    return tuple(checks.whole(f"conv_param[{key!r}]", given[key], n) for key, n in least.items())


def _pooled(name, side, size, stride, pad):
    """Rows or columns of the pooled maps; ValueError where a filter does not fit, or leaves nothing to pool."""
    try:
        maps = output_side(side, size, stride, pad)
    except ValueError as error:
        raise ValueError(f"conv_param must fit the {name} of input_dim, {side}: {error}") from error
    if maps < 2:
        raise ValueError(f"conv_param must leave maps of at least 2 x 2 to be pooled, not of {name} {maps}")
    return maps // 2
