"""Which networks of the from-scratch notes a study can train, and on what: the one table of them.

Start number k draws its weights and then its batches from ``RandomState(k)``, as ``--seed k`` of a script does.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..layers.convnet import SimpleConvNet
from ..layers.experiments import TRAINED, mnist
from ..layers.multi_layer import MultiLayerNet
from ..layers.two_layer import TwoLayerNet


@dataclass(frozen=True)
class NetworkExperiment:
    """What a study trains of one of these networks. An epoch of the study is an iteration here: one batch.

    Attributes
    ----------
    network : callable
        ``network(hidden, rng=rng)`` makes it.
    hidden : int
        Nodes in each hidden layer.
    epochs : int
        Iterations, unless a study says otherwise.
    optimizer : str
        A name of ``deltarule.layers.OPTIMIZERS``.
    alpha : float
        Its learning rate.
    batch : int
        Samples of a batch.
    train : int
        Images trained on, the first ones of 8,000.
    images : bool
        Whether samples are images (1, 28, 28).
    """

    network: Callable
    hidden: int
    epochs: int
    optimizer: str
    alpha: float
    batch: int = 100
    train: int = TRAINED
    images: bool = False
    random = True  # batches are drawn, so that a start is trained to its end at once

    def samples(self):
        """What the one output of a start stands for, and its target: the test images, all of them recognised."""
        return np.zeros((1, 1)), np.ones((1, 1))

    def data(self):
        """x_train, t_train, x_test, t_test."""
        return mnist(self.train, images=self.images)

    def begun(self, seed, hidden=None):
        """A network as the script draws it, and the stream as it stands behind it."""
        rng = np.random.RandomState(seed)
        return self.network(self.hidden if hidden is None else hidden, rng=rng), rng

    def start(self, seed, hidden=None):
        """Its parameters as they start, and that stream."""
        network, rng = self.begun(seed, hidden)
        return tuple(network.params.values()), rng

    def shapes(self, hidden=None):
        """Shapes of the parameters."""
        return tuple(W.shape for W in self.start(0, hidden)[0])


def _two_layer_net(hidden, *, rng):
    return TwoLayerNet(784, hidden, 10, activation="relu", rng=rng)


def _multi_layer_net(hidden, *, rng):
    return MultiLayerNet(784, [hidden] * 4, 10, rng=rng)


def _simple_convnet(hidden, *, rng):
    return SimpleConvNet(hidden_size=hidden, rng=rng)


NETWORKS = {
    "two_layer_net": NetworkExperiment(_two_layer_net, 50, 1000, "SGD", 0.1),
    "multi_layer_net": NetworkExperiment(_multi_layer_net, 100, 1000, "SGD", 0.01, batch=128),
    "simple_convnet": NetworkExperiment(_simple_convnet, 100, 100, "Adam", 0.001, train=500, images=True),
}
"""By name. The networks of `two_layer_net`, `optimizers_on_mnist` and `simple_convnet`, trained for longer."""
