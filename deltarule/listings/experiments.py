"""What each script of the book trains: the listing, its data, the start of its weights, its seeds and its epochs.

This is the only table of them: judges, studies, benchmarks and tests read it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import sqrt

from .. import data, matlab
from .classifier import multi_class, multi_class_changes, multi_class_forward
from .convnet import mnist_conv, mnist_conv_changes, mnist_conv_forward
from .deep import (
    deep_dropout,
    deep_dropout_changes,
    deep_dropout_forward,
    deep_relu,
    deep_relu_changes,
    deep_relu_forward,
)
from .multi_layer import (
    backprop_ce,
    backprop_ce_changes,
    backprop_changes,
    backprop_mmt,
    backprop_xor,
    multi_layer_forward,
)
from .single_layer import delta_batch, delta_minibatch, delta_rule_changes, delta_sgd, single_layer_forward

MNIST_TRAINED = 8000  # of the 10,000 images; the others are for testing
HIDDEN = "hidden"  # stands in the shapes for the number of hidden nodes


def uniform_start(rng, *shapes):
    """Weights uniform in [-1, 1], drawn in this order."""
    return tuple(2 * rng.rand(*shape) - 1 for shape in shapes)


def mnist_start(rng, filters, features, classes):
    """Weights of the convolutional network: small normal filters, and uniform layers scaled by their sizes.

    The book's range for W5 has 360 + 2000 under the root, where the nodes of its two layers are 2000 and 100.
    """
    W1 = 0.01 * rng.randn(*filters)
    W5 = (2 * rng.rand(*features) - 1) * sqrt(6) / sqrt(360 + 2000)
    Wo = (2 * rng.rand(*classes) - 1) * sqrt(6) / sqrt(10 + 100)
    return W1, W5, Wo


def mnist_training():
    """The images and digits that the convolutional network trains on."""
    X, D = data.mnist()
    return X[:MNIST_TRAINED], D[:MNIST_TRAINED]


def mnist_test():
    """The images and digits that the convolutional network is tested on."""
    X, D = data.mnist()
    return X[MNIST_TRAINED:], D[MNIST_TRAINED:]


@dataclass(frozen=True)
class Experiment:
    """What a script trains.

    Attributes
    ----------
    routine : callable
        The listing: ``routine(*weights, X, D)`` trains one epoch.
    changes : callable
        The body of its loop.
    forward : callable
        ``forward(*weights, X)`` gives the outputs.
    samples : callable
        Returns the inputs X and the targets D.
    layers : tuple of tuple
        Shapes of the weights, in the order in which they are drawn; "hidden" stands for the number of hidden nodes.
    hidden : int or None
        The book's number of nodes in each hidden layer; None where there is none to choose.
    epochs : int
        As many as the script trains.
    seed : int or "default"
        What the script's stream is seeded with.
    octave_seeds : tuple
        Seeds from which GNU Octave ran the same training; empty where it did not.
    batch_size : int or None
        Samples whose changes are averaged; None for all of them.
    draw : callable
        ``draw(rng, *shapes)`` draws the starting weights.
    random : bool
        Whether the listing itself draws random numbers, from the stream `rng` as the start leaves it.
    beside : tuple of Experiment
        What the script trains next to it from the same start, to compare.
    """

    routine: Callable
    changes: Callable
    forward: Callable
    samples: Callable
    layers: tuple
    hidden: int | None
    epochs: int
    seed: int | str = "default"
    octave_seeds: tuple = ("default", 1, 2)
    batch_size: int | None = 1
    draw: Callable = uniform_start
    random: bool = False
    beside: tuple = ()

    def shapes(self, hidden=None):
        """Shapes of the weights with so many hidden nodes; with the book's number when None."""
        nodes = self.hidden if hidden is None else hidden
        return tuple(tuple(nodes if n == HIDDEN else n for n in layer) for layer in self.layers)

    def start(self, seed=None, hidden=None):
        """Starting weights as the script draws them, and the stream as it stands behind them."""
        rng = matlab.rng(self.seed if seed is None else seed)
        return self.draw(rng, *self.shapes(hidden)), rng

    def epoch(self, weights, X, D, rng=None, **options):
        """One epoch of the listing; the new weights (and momenta, if given) as a tuple."""
        if self.random:
            options["rng"] = rng
        trained = self.routine(*weights, X, D, **options)
        return trained if isinstance(trained, tuple) else (trained,)


_ONE = ((1, 3),)
_TWO = ((HIDDEN, 3), (1, HIDDEN))
_CLASSES = ((HIDDEN, 25), (5, HIDDEN))
_DEEP = ((HIDDEN, 25), (HIDDEN, HIDDEN), (HIDDEN, HIDDEN), (5, HIDDEN))
_FILTERS = ((9, 9, 20), (100, 2000), (10, 100))

_SGD = Experiment(delta_sgd, delta_rule_changes, single_layer_forward, data.linear, _ONE, None, 10_000)
_BATCH = replace(_SGD, routine=delta_batch, batch_size=None, epochs=40_000)
_XOR = Experiment(backprop_xor, backprop_changes, multi_layer_forward, data.xor, _TWO, 4, 10_000)
_CE = replace(_XOR, routine=backprop_ce, changes=backprop_ce_changes)
_MULTI = Experiment(
    multi_class, multi_class_changes, multi_class_forward, data.digits, _CLASSES, 50, 10_000, 3, octave_seeds=(3, 1, 2)
)
_MNIST = Experiment(
    mnist_conv, mnist_conv_changes, mnist_conv_forward, mnist_training, _FILTERS, None, 3, 1,
    octave_seeds=(1, 2, 3), batch_size=100, draw=mnist_start,
)  # fmt: skip


def _compared(experiment):
    """What the two comparisons train: the separable targets, for a thousand epochs; Octave did not run them."""
    return replace(experiment, samples=data.linear, epochs=1_000, octave_seeds=())


EXPERIMENTS = {
    "delta_sgd": _SGD,
    "delta_batch": _BATCH,
    "delta_minibatch": replace(_SGD, routine=delta_minibatch, batch_size=2, epochs=20_000),
    "delta_xor": replace(_SGD, samples=data.xor, epochs=40_000),
    "sgd_vs_batch": replace(_compared(_SGD), beside=(_compared(_BATCH),)),
    "backprop_xor": _XOR,
    "backprop_mmt": replace(_XOR, routine=backprop_mmt),
    "backprop_ce": _CE,
    "ce_vs_sse": replace(_compared(_CE), beside=(_compared(_XOR),)),
    "multi_class": _MULTI,
    "real_multi_class": replace(_MULTI, octave_seeds=()),
    "deep_relu": Experiment(deep_relu, deep_relu_changes, deep_relu_forward, data.digits, _DEEP, 20, 10_000),
    "deep_dropout": Experiment(
        deep_dropout, deep_dropout_changes, deep_dropout_forward, data.digits, _DEEP, 20, 20_000, random=True
    ),
    "mnist_conv": _MNIST,
    "plot_features": replace(_MNIST, octave_seeds=()),
}
"""By script, in the order of the book."""
