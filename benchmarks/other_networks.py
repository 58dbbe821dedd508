"""The training of the other networks' scripts by this package, for the benchmarks.

python benchmarks/other_networks.py lstm_adding    prints the seconds as JSON
"""

from deltarule.basics import process  # noqa: F401  first: Ctrl-C ends it while NumPy is loading, too

# isort: split
import json
import sys
import time

import numpy as np

from deltarule import matlab
from deltarule.layers import Adam
from deltarule.models import COLOUR_NETWORKS, layered_network, softmax_classifier
from deltarule.models.experiments import COLOUR, EXPERIMENTS, colour_training

EPOCHS = {
    "softmax_classifier": 500,
    "rnn_xor": 500,
    "lstm_adding": 2,
    "gru_adding": 2,
    "rnn_adding": 2,
    "batch_norm_depth": 100,
    "attention_reversal": 10,
    "transformer_parity": 3,
    "relation_dots": 6,
    "gcn_karate": 500,
    "rbm_bars": 500,
    "rbm_digits": 1,
    "glorot_digits": 20,
    "gan_gaussian": 2,
    "unet_digits": 1,
    "MLP": 1,
    "stack": 1,
}
"""By what is trained, as many as are measured, after one to warm up."""
COLOURED = 500  # of the images in colour, which is an epoch here


def timed(name, epoch):
    """The seconds that the epochs of a network take, without the first."""
    epoch()
    began = time.perf_counter(), time.process_time()
    for _ in range(EPOCHS[name]):
        epoch()
    return {"seconds": time.perf_counter() - began[0], "cpu": time.process_time() - began[1]}


def three_images():
    """The weights, images and classes of the softmax classifier."""
    rng = matlab.rng(1)
    return 2 * rng.rand(3, 5) - 1, np.hstack([np.ones((3, 1)), rng.randn(3, 4)]), np.eye(3)


def coloured(name):
    """A network for digits in colour as it starts, and the batches of an epoch: images and labels."""
    network = layered_network((32, 32, 3), COLOUR_NETWORKS[name], rng=matlab.rng(1))
    batches = [a[:COLOURED].reshape(-1, COLOUR["size"], *a.shape[1:]) for a in colour_training()]
    return network, list(zip(*batches, strict=True))


class Training:
    """One of the networks in training: `weights` as they are, `epoch` gives them another."""

    def __init__(self, name):
        self.epoch = {"softmax_classifier": self.softmax, "MLP": self.layers, "stack": self.layers}.get(
            name, self.model
        )
        if name == "softmax_classifier":
            W, *self.samples = three_images()
            self.weights = [W]
        elif name in COLOUR_NETWORKS:
            self.network, self.batches = coloured(name)
            self.weights, self.optimizer = list(self.network.params.values()), Adam(COLOUR["lr"])
        else:
            self.experiment = EXPERIMENTS[name]
            self.weights, rng = self.experiment.start(1)
            self.samples = self.experiment.samples()
            self.learning = self.experiment.learning(self.weights, rng)

    def softmax(self):
        self.weights = [softmax_classifier(*self.weights, *self.samples)]

    def layers(self):
        for x, t in self.batches:
            self.optimizer.update(self.network.params, self.network.gradient(x, t))

    def model(self):
        self.weights = self.experiment.epoch(self.weights, *self.samples, self.learning)


def ends(arrays):
    """By which two ways are seen to end alike: the sum of the absolute values of all arrays."""
    return {"sum": float(sum(np.abs(a).sum() for a in arrays))}


def ours(name):
    """How long the epochs take."""
    training = Training(name)
    return {**timed(name, training.epoch), **ends(training.weights)}


if __name__ == "__main__":
    print(json.dumps(ours(*sys.argv[1:])))
