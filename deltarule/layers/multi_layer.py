"""The network of any number of hidden layers, with weight decay, batch normalisation and dropout."""

from itertools import pairwise

import numpy as np

from . import checks
from .dense import Affine, Relu, Sigmoid
from .dropout import Dropout
from .network import Network, check_init
from .normalization import BatchNormalization
from .starts import starting_weights

ACTIVATION_LAYERS = {"sigmoid": Sigmoid, "relu": Relu}


class MultiLayerNet(Network):
    """Hidden layers, each with an activation, and an output layer with softmax.

    Parameters
    ----------
    input_size : int
        Elements of a sample.
    hidden_size_list : list of int
        The nodes of each hidden layer.
    output_size : int
        Classes.
    activation : {"relu", "sigmoid"}
        Of all hidden layers.
    weight_init_std : float or str
        What the normal weights are multiplied by; "he" or "relu", "xavier" or "sigmoid" for what goes with the inputs
        of a layer, as `weight_scale` has it.
    weight_decay_lambda : float
        0 or above: half of it times the squares of all W is added to the loss.
    use_dropout : bool
        Whether dropout follows each activation.
    dropout_ratio : float
        Share of the nodes to drop, in [0, 1).
    use_batchnorm : bool
        Whether batch normalisation goes before each activation.
    rng : numpy.random.RandomState or deltarule.matlab.Stream
        Draws W1, W2 and so on; the biases are zero. Dropout goes on drawing from it, in each training pass.
    dtype : float64 or float32
        Of the parameters, and so of all that is computed.

    Attributes
    ----------
    params : dict
        ``W1``, ``b1`` and so on; with batch normalisation ``gamma1``, ``beta1`` and so on, ones and zeros at first.
    layers : dict
        ``Affine1``, ``BatchNorm1``, ``Activation_function1``, ``Dropout1`` and so on.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind; the message names it, and nothing has been drawn.

    Notes
    -----
    Source: the from-scratch notes, ``MultiLayerNet``, chapter 6, which call it and do not print it. The book's code has
    two classes: one with batch normalisation and dropout, and one without.

    Examples
    --------
    >>> network = MultiLayerNet(784, [100, 100], 10, use_batchnorm=True, rng=np.random.RandomState(1))
    >>> print(*network.params)
    W1 b1 W2 b2 W3 b3 gamma1 beta1 gamma2 beta2
    >>> print(*network.layers)
    Affine1 BatchNorm1 Activation_function1 Affine2 BatchNorm2 Activation_function2 Affine3
    """

    def __init__(
        self, input_size, hidden_size_list, output_size, activation="relu", weight_init_std="relu",
        weight_decay_lambda=0, use_dropout=False, dropout_ratio=0.5, use_batchnorm=False, *, rng, dtype=np.float64,
    ):  # fmt: skip
        sizes = _sizes(input_size, hidden_size_list, output_size)
        activation = ACTIVATION_LAYERS[checks.choice("activation", activation, ACTIVATION_LAYERS)]
        check_init(weight_init_std)
        decay = _decay(weight_decay_lambda)
        use_dropout = checks.flag("use_dropout", use_dropout)
        checks.ratio("dropout_ratio", dropout_ratio)
        use_batchnorm = checks.flag("use_batchnorm", use_batchnorm)
        checks.draws("rng", rng, "randn", *(["rand"] if use_dropout else []))
        params = _parameters(sizes, weight_init_std, use_batchnorm, rng, checks.dtype("dtype", dtype))
        layers, keys = {}, {}
        for i in range(1, len(sizes)):
            keys[f"Affine{i}"] = i
            layers[f"Affine{i}"] = Affine(params[f"W{i}"], params[f"b{i}"])
            if i == len(sizes) - 1:
                break
            if use_batchnorm:
                keys[f"BatchNorm{i}"] = i
                layers[f"BatchNorm{i}"] = BatchNormalization(params[f"gamma{i}"], params[f"beta{i}"])
            layers[f"Activation_function{i}"] = activation()
            if use_dropout:
                layers[f"Dropout{i}"] = Dropout(dropout_ratio, rng=rng)
        super().__init__(params, layers, keys, sizes[:1], decay)


def _sizes(input_size, hidden_size_list, output_size):
    """The nodes of each layer from input to output, checked."""
    if isinstance(hidden_size_list, int | np.integer) or not np.iterable(hidden_size_list):
        raise TypeError(
            f"hidden_size_list must be a list of the nodes of each hidden layer, not {checks.shown(hidden_size_list)}"
        )
    hidden = [checks.size("hidden_size_list", n) for n in hidden_size_list]
    if not hidden:
        raise ValueError("hidden_size_list must have the nodes of at least one hidden layer, but it is empty")
    sizes = [checks.size("input_size", input_size), *hidden, checks.size("output_size", output_size)]
    largest = max(n * m for n, m in pairwise(sizes))
    checks.room(largest, input_size=sizes[0], hidden_size_list=hidden, output_size=sizes[-1])
    return sizes


def _parameters(sizes, init, use_batchnorm, rng, dtype):
    """The parameters by key, the weights drawn layer by layer."""
    params = {}
    for i, shape in enumerate(pairwise(sizes), start=1):
        params[f"W{i}"] = starting_weights(rng, shape, init, dtype=dtype)
        params[f"b{i}"] = np.zeros(shape[1], dtype)
    if use_batchnorm:
        for i, n in enumerate(sizes[1:-1], start=1):
            params[f"gamma{i}"], params[f"beta{i}"] = np.ones(n, dtype), np.zeros(n, dtype)
    return params


def _decay(value):
    """`weight_decay_lambda` as a number that is not negative."""
    value = checks.number("weight_decay_lambda", value)
    if value < 0:
        raise ValueError(f"weight_decay_lambda must be 0 or above, not {checks.shown(value)}")
    return value
