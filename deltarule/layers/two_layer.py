"""The network of one hidden layer that the from-scratch notes begin with."""

import numpy as np

from . import checks
from .activations import softmax_of
from .dense import Affine
from .multi_layer import ACTIVATION_LAYERS
from .network import Network, check_init
from .starts import starting_weights


class TwoLayerNet(Network):
    """A hidden layer with an activation, and an output layer with softmax.

    Parameters
    ----------
    input_size, hidden_size, output_size : int
        Elements of a sample, hidden nodes, classes.
    weight_init_std : float or str
        What the normal weights are multiplied by; or a name, as `weight_scale` takes it.
    rng : numpy.random.RandomState or deltarule.matlab.Stream
        Draws W1 and then W2; the biases are zero.
    activation : {"sigmoid", "relu"}
        Of the hidden layer: chapter 4 of the notes has the sigmoid, chapter 5 Relu.
    dtype : float64 or float32
        Of the parameters, and so of all that is computed.

    Attributes
    ----------
    params : dict
        ``W1`` (inputs, hidden), ``b1``, ``W2`` (hidden, outputs), ``b2``.
    layers : dict
        ``Affine1``, ``Sigmoid1`` or ``Relu1``, ``Affine2``.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind; the message names it, and nothing has been drawn.

    Notes
    -----
    Source: the from-scratch notes, class ``TwoLayerNet``, chapter 4. It has no other gradient than the numerical one,
    with which an iteration takes some seconds; and its loss is the sum over the batch.

    Examples
    --------
    >>> network = TwoLayerNet(784, 50, 10, rng=np.random.RandomState(1))
    >>> print({key: W.shape for key, W in network.params.items()})
    {'W1': (784, 50), 'b1': (50,), 'W2': (50, 10), 'b2': (10,)}
    >>> x, t = np.random.RandomState(2).rand(3, 784), [7, 2, 1]
    >>> print(network.predict(x).sum(axis=1), round(float(network.loss(x, t)), 4))
    [1. 1. 1.] 2.2802
    """

    def __init__(
        self, input_size, hidden_size, output_size, weight_init_std=0.01, *,
        rng, activation="sigmoid", dtype=np.float64,
    ):  # fmt: skip
        sizes = {"input_size": input_size, "hidden_size": hidden_size, "output_size": output_size}
        n, hidden, outputs = (checks.size(name, value) for name, value in sizes.items())
        checks.room(n * hidden, input_size=n, hidden_size=hidden)
        checks.room(hidden * outputs, hidden_size=hidden, output_size=outputs)
        check_init(weight_init_std)
        activation = checks.choice("activation", activation, ACTIVATION_LAYERS)
        dtype = checks.dtype("dtype", dtype)
        W1 = starting_weights(rng, (n, hidden), weight_init_std, dtype=dtype)
        W2 = starting_weights(rng, (hidden, outputs), weight_init_std, dtype=dtype)
        params = {"W1": W1, "b1": np.zeros(hidden, dtype), "W2": W2, "b2": np.zeros(outputs, dtype)}
        layer = ACTIVATION_LAYERS[activation]
        layers = {
            "Affine1": Affine(params["W1"], params["b1"]),
            f"{layer.__name__}1": layer(),
            "Affine2": Affine(params["W2"], params["b2"]),
        }
        super().__init__(params, layers, {"Affine1": 1, "Affine2": 2}, (n,))

    def predict(self, x, train_flg=False):
        """The probabilities of the classes, after softmax; arguments and errors are those of `Network.predict`.

        Returns
        -------
        array, shape (N, outputs)
            Each row sums to 1.
        """
        return softmax_of(super().predict(x, train_flg))
