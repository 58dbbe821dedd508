"""What each script of the other networks trains: the routine, its data, the start of its weights, its epochs and rates.

This is the only table of them: scripts, judges, benchmarks and tests read it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial, reduce

import numpy as np

from .. import data, matlab
from ..basics.arrays import namespace
from ..layers import Adam
from ..listings.experiments import MNIST_TRAINED
from . import (
    adversarial,
    attention,
    belief,
    depth,
    energy,
    gated,
    graphs,
    recurrent,
    relations,
    segmentation,
    tasks,
    transformer,
    vanishing,
)

SEEDS = ("default", 1, 2)  # from which PyTorch trained as well


def uniform_start(rng, **shapes):
    """Weights uniform in [-1, 1], drawn in this order."""
    return {name: 2 * rng.rand(*shape) - 1 for name, shape in shapes.items()}


def small_start(rng, **shapes):
    """The same in a tenth of the range."""
    return {name: 0.1 * W for name, W in uniform_start(rng, **shapes).items()}


def half_start(rng, **shapes):
    """The same in half the range."""
    return {name: 0.5 * W for name, W in uniform_start(rng, **shapes).items()}


def normal_start(rng, **shapes):
    """Weights W normal with deviation 0.1; biases 0, which draw nothing."""
    return {name: 0.1 * rng.randn(*shape) if name == "W" else np.zeros(shape) for name, shape in shapes.items()}


def odds_start(rng, W, b, c):
    """The start of a machine on digits: small weights, and the pixels' odds for the visible biases."""
    X, _ = binary_training()
    return dict(zip("Wbc", belief.machine_start(rng, X, W[0]), strict=True))


def glorot_start(rng, **shapes):
    """Weights as Glorot and Bengio have them; biases 0."""
    matrices = [shape for name, shape in shapes.items() if name[0] == "W"]
    sizes = [matrices[0][1], *(shape[0] for shape in matrices)]
    return dict(zip(shapes, belief.glorot(rng, sizes), strict=True))


def belief_start(rng, **shapes):
    """The hidden layers as two machines have learned them from images without labels; the last as Glorot has it."""
    X, _ = binary_training()
    hidden = [shape[0] for name, shape in shapes.items() if name[0] == "W"]
    machines = belief.stacked_machines(X, hidden[:-1], rng=rng)
    learned = [a for W, _, c in machines for a in (W, c)]
    return dict(zip(shapes, [*learned, *belief.glorot(rng, hidden[-2:])], strict=True))


def remembering_start(rng, constant=1, **shapes):
    """Weights uniform in [-1, 1], more on the constant of the forget gate, so that at first little is forgotten."""
    weights = uniform_start(rng, **shapes)
    weights["Wf"][:, 2] += constant  # the third input is the constant
    return weights


def normalised_start(rng, **shapes):
    """Weights uniform in [-1, 1], gamma 1 and beta 0, which draw nothing."""
    fixed = {"gamma": np.ones, "beta": np.zeros}
    return {
        name: fixed[kind](shape) if (kind := name.rstrip("0123456789")) in fixed else 2 * rng.rand(*shape) - 1
        for name, shape in shapes.items()
    }


def scaled_start(rng, **shapes):
    """Weights, in capitals, uniform with variance 1 / columns; biases b and beta 0, gamma 1, which draw nothing."""
    weights = {}
    for name, shape in shapes.items():
        if name[0].isupper():
            weights[name] = (2 * rng.rand(*shape) - 1) * np.sqrt(3 / shape[-1])
        else:
            weights[name] = np.full(shape, 1.0 if name.startswith("gamma") else 0.0)
    return weights


def filter_start(rng, **shapes):
    """Weights W uniform with variance 2 / the number that a node sees; biases b 0, which draw nothing."""
    return {
        name: (2 * rng.rand(*shape) - 1) * np.sqrt(6 / np.prod(shape[1:])) if name[0] == "W" else np.zeros(shape)
        for name, shape in shapes.items()
    }


def wrong_share(y, D):
    """The share of wrong answers: of the places of one-hot targets D at which another output of y is the largest.

    y has the axes of D behind those for networks.
    """
    wrong = y.argmax(axis=-1) != D.argmax(axis=-1)
    return wrong.mean(axis=tuple(range(1 - D.ndim, 0)))


def mean_square(y, D):
    """The mean squared error of the outputs y (..., N, 1) for the targets D (N,)."""
    return ((y[..., 0] - D) ** 2).mean(axis=-1)


@dataclass(frozen=True)
class Experiment:
    """What a script trains.

    Attributes
    ----------
    routine : callable
        ``routine(*weights, X, D, **options)`` trains one epoch; without targets, ``routine(*weights, X, **options)``.
    changes : callable
        The body of its loop.
    forward : callable
        ``forward(*weights, X)`` gives the outputs.
    samples : callable
        Returns the inputs X and the targets D, which are None where the routine takes none.
    test : callable or None
        Returns others of the same kind, if any.
    error : callable or None
        ``error(y, D)`` says how wrong the outputs for the samples of `test` are, a number for each network.
    accepted : float or None
        The largest such error with which the script finds its criterion met; None where it asks for something else.
    shapes : dict from str to tuple
        The shape of each of the weights by name, in the order in which they are drawn.
    epochs : int
        As many as the script trains.
    options : dict
        What the routine takes beside: its learning rate `alpha` and more.
    constants : callable or None
        Returns what the routine and the forward pass take beside, arrays by name, on the CPU and of float64.
    optimizer : callable or None
        Makes what the routine takes as `optimizer`, or as `optimizers` where the options name these, new for each
        training; None where it takes none.
    draw : callable
        ``draw(rng, **shapes)`` draws the starting weights, by name.
    random : bool
        Whether the routine itself draws random numbers, from the stream `rng` as the start leaves it.
    seed : int or "default"
        What the script's stream is seeded with.
    seeds : tuple
        Seeds from which PyTorch trained as well.
    beside : dict from str to Experiment
        What the script trains next to it, to compare.
    """

    routine: Callable
    changes: Callable
    forward: Callable
    samples: Callable
    shapes: dict
    epochs: int
    options: dict = field(default_factory=dict)
    draw: Callable = uniform_start
    constants: Callable | None = None
    optimizer: Callable | None = None
    test: Callable | None = None
    error: Callable | None = None
    accepted: float | None = None
    random: bool = False
    seed: int | str = "default"
    seeds: tuple = SEEDS
    beside: dict = field(default_factory=dict)

    @property
    def names(self):
        """The names of the weights."""
        return tuple(self.shapes)

    def start(self, seed=None):
        """Starting weights as the script draws them, a list, and the stream as it stands behind them."""
        rng = matlab.rng(self.seed if seed is None else seed)
        return list(self.draw(rng, **self.shapes).values()), rng

    def starts(self, seeds):
        """The starting weights of many seeds as networks along a leading axis."""
        return [np.stack(W) for W in zip(*(self.start(seed)[0] for seed in seeds), strict=True)]

    def drawn(self, rng, count):
        """So many starts, drawn one after the other from one stream, as networks along a leading axis."""
        each = [list(self.draw(rng, **self.shapes).values()) for _ in range(count)]
        return [np.stack(W) for W in zip(*each, strict=True)]

    def given(self, weights):
        """The constants, of the dtype and on the device of the weights."""
        if self.constants is None:
            return {}
        W = weights[0]
        return {name: namespace(W).asarray(a.astype(W.dtype)) for name, a in self.constants().items()}

    def learning(self, weights, rng=None):
        """What each epoch of a training takes: options, constants, and an optimiser and a stream of its own, if any."""
        name = "optimizers" if "optimizers" in self.options else "optimizer"
        own = {} if self.optimizer is None else {name: self.optimizer()}
        if self.random:
            own["rng"] = matlab.rng(self.seed) if rng is None else rng
        return {**self.options, **self.given(weights), **own}

    def epoch(self, weights, X, D, learning=None):
        """One epoch with the script's options, or as `learning` returned them; the new weights."""
        samples = (X,) if D is None else (X, D)
        return self.routine(*weights, *samples, **(self.learning(weights) if learning is None else learning))

    def outputs(self, weights, X):
        """The outputs of a network for its inputs X."""
        return self.forward(*weights, X, **self.given(weights))

    def tested(self, weights, X, D):
        """How wrong networks are about the samples of `test`, which X and D are: a number for each."""
        return self.error(self.outputs(weights, X), D)

    def along(self, weights, epochs=None, rng=None, **options):
        """So many epochs on the script's samples, all of the script's when None; yields the weights after each.

        Options are those of the script unless they are given.
        """
        X, D = self.samples()
        learning = self.learning(weights, rng) | options
        for _ in range(self.epochs if epochs is None else epochs):
            weights = self.epoch(weights, X, D, learning)
            yield weights

    def train(self, weights, epochs=None, rng=None):
        """The weights after so many epochs, as `along` has them."""
        return reduce(lambda _, later: later, self.along(weights, epochs, rng), weights)


def _gates(names, n=3, h=8):
    """The shapes of gates by name, and those of the output's weights."""
    return {**{f"W{letter}": (h, n + h) for letter in names}, "Wo": (1, h)}


def _recurrent(h, n=3):
    """The shapes of a recurrent network's weights by name, for so many hidden nodes."""
    return {"Wx": (h, n), "Wh": (h, h), "Wo": (1, h)}


def _layers(count, normalised=False, n=25, h=20, m=5):
    """The shapes of so many hidden layers, with gamma and beta of each where they are normalised."""
    shapes = {}
    for i in range(1, count + 1):
        shapes[f"W{i}"] = (h, n if i == 1 else h)
        if normalised:
            shapes |= {f"gamma{i}": (h, 1), f"beta{i}": (h, 1)}
    return {**shapes, "Wo": (m, h)}


def adding_training():
    """The thousand sequences of 20 steps that the adding problem is learned from."""
    return tasks.adding(matlab.rng(100), 1000, 20)


def adding_test():
    """Another thousand."""
    return tasks.adding(matlab.rng(200), 1000, 20)


def distant_steps():
    """Twenty sequences of 30 steps, through which an error is followed back."""
    return tasks.adding(matlab.rng(100), 20, 30)


def block_shapes(H, n, f):
    """The shapes of the weights of an encoder block by name, for H heads, n rows and f nodes of the ReLU."""
    sizes = {"H": H, "k": n // H, "n": n, "f": f, "1": 1}
    shapes = [tuple(sizes[letter] for letter in shape.split()) for shape in transformer.SHAPES.split(",")]
    return dict(zip(transformer.BLOCK, shapes, strict=True))


def _between(H, n=16, f=64, inputs=2, m=2):
    """The shapes of an encoder block of so many heads between two linear layers."""
    return {"We": (n, inputs), **block_shapes(H, n, f), "Wc": (m, n)}


def lookups_training():
    """The two thousand sequences of 8 bits that the two look-ups are learned from."""
    return tasks.two_lookups(matlab.rng(100), 2000, 8)


def lookups_test():
    """Five hundred others."""
    return tasks.two_lookups(matlab.rng(200), 500, 8)


def karate_training():
    """The members of the karate club, without features, and the clubs of the instructor and the administrator alone."""
    D = np.zeros((34, 2))
    D[0, 0] = D[33, 1] = 1
    return np.eye(34), D


def karate_test():
    """The members, and the clubs of all of them."""
    return np.eye(34), np.eye(2)[data.karate()[1]]


def karate_constants():
    """What mixes the members: who was whose friend."""
    return {"S": graphs.normalised_adjacency(data.karate()[0], 34)}


def bars_training():
    """All bars and stripes of 3 x 3 pixels."""
    return tasks.bars_and_stripes(3), None


def gaussian_training():
    """As many normal numbers, of mean 3 and deviation 0.5, as a hundred batches take."""
    return 3 + 0.5 * matlab.rng(100).randn(6400, 1), None


def two_adams():
    """One for the generator and one for the discriminator."""
    return Adam(lr=0.01), Adam(lr=0.01)


def _ink():
    """The images as rows of 0 and 1, pixels of more than a half are ink; and the digits, one-hot."""
    images, digits = data.mnist()
    return (images.reshape(len(images), -1) > 0.5).astype(float), np.eye(10)[digits]


def binary_training():
    """The ink of the images that are not for testing."""
    return _ink()[0][:MNIST_TRAINED], None


def binary_test():
    """The ink of the others."""
    return _ink()[0][MNIST_TRAINED:], None


def labelled_training():
    """The ink of the first hundred images, and their digits."""
    X, D = _ink()
    return X[:100], D[:100]


def labelled_test():
    """The ink and the digits of the images for testing."""
    X, D = _ink()
    return X[MNIST_TRAINED:], D[MNIST_TRAINED:]


COLOUR = {"epochs": 4, "size": 50, "lr": 0.003}  # of Adam; how `colour_digits` trains both of its networks


def colour_training():
    """The first 2,000 digits in colour, from -0.5 to 0.5, and which they are."""
    images, digits = data.mnist()
    return tasks.in_colour(matlab.rng(100), images[:2000]) - 0.5, digits[:2000]


def colour_test():
    """The 2,000 for testing in other colours and places."""
    images, digits = data.mnist()
    return tasks.in_colour(matlab.rng(200), images[MNIST_TRAINED:]) - 0.5, digits[MNIST_TRAINED:]


def reversal_training(*, with_places=True):
    """The two hundred sequences of 6 symbols out of 5 that their reversal is learned from."""
    return tasks.reversal(matlab.rng(100), 200, 6, 5, with_places=with_places)


def reversal_test(*, with_places=True):
    """Five hundred others."""
    return tasks.reversal(matlab.rng(200), 500, 6, 5, with_places=with_places)


def masks_training():
    """The six hundred noisy digits that a U-Net learns to find the ink of."""
    return tasks.noisy_digits(matlab.rng(100), 0, 600)


def masks_test():
    """Two hundred others."""
    return tasks.noisy_digits(matlab.rng(200), MNIST_TRAINED, 200)


def dots_training():
    """The thousand boards that counting the touching pairs of their dots is learned from."""
    return tasks.touching_dots(matlab.rng(100), 1000)


def dots_test():
    """Another thousand."""
    return tasks.touching_dots(matlab.rng(200), 1000)


_LSTM = Experiment(
    gated.lstm_adding, gated.lstm_changes, gated.lstm_forward, adding_training, _gates("fiqg"), 40,
    {"alpha": 0.1, "beta": 0.9, "size": 20, "norm": 0.5}, remembering_start, test=adding_test,
    error=mean_square, accepted=0.01,
)  # fmt: skip
_GRU = replace(
    _LSTM, routine=gated.gru_adding, changes=gated.gru_changes, forward=gated.gru_forward, shapes=_gates("rug"),
    options={**_LSTM.options, "norm": 1.0}, draw=uniform_start,
)  # fmt: skip
_RNN = replace(
    _GRU, routine=recurrent.rnn_adding, changes=recurrent.rnn_linear_changes, forward=recurrent.rnn_linear_forward,
    shapes=_recurrent(8), options={**_GRU.options, "alpha": 0.03}, seeds=(),  # it does not settle: rounding grows
)  # fmt: skip
_BATCH_NORM = Experiment(
    depth.batch_norm, depth.batch_norm_changes, depth.batch_norm_forward, data.digits, _layers(10, normalised=True),
    200, {"alpha": 0.1}, normalised_start,
)  # fmt: skip
_DEEP = replace(
    _BATCH_NORM, routine=depth.deep_sigmoid, changes=depth.deep_sigmoid_changes, forward=depth.deep_sigmoid_forward,
    shapes=_layers(10), draw=uniform_start,
)  # fmt: skip

_REVERSAL = Experiment(
    attention.attention_reversal, attention.attention_changes, attention.attention_forward, reversal_training,
    {"Wq": (8, 11), "Wk": (8, 11), "Wv": (8, 11), "Wo": (5, 8)}, 20, {"alpha": 0.1, "beta": 0.9, "size": 10},
    test=reversal_test, error=wrong_share, accepted=29 / 3000,  # fewer than 0.01 of 500 times 6 symbols
)  # fmt: skip
_PLACELESS = replace(
    _REVERSAL, samples=partial(reversal_training, with_places=False), test=partial(reversal_test, with_places=False),
    shapes={"Wq": (8, 5), "Wk": (8, 5), "Wv": (8, 5), "Wo": (5, 8)},
)  # fmt: skip

_TRANSFORMER = Experiment(
    transformer.transformer_encoder, transformer.transformer_changes, transformer.transformer_forward, lookups_training,
    _between(4), 60, {"size": 50}, scaled_start, optimizer=partial(Adam, lr=0.003),
    test=lookups_test, error=wrong_share, accepted=0.01,
    seeds=(),  # Adam divides the gradient of bk, which is 0 but for rounding, by its own size
)  # fmt: skip
_ONE_HEAD = replace(_TRANSFORMER, shapes=_between(1))

_RELATION = Experiment(
    relations.relation_dots, relations.relation_changes, relations.relation_forward, dots_training,
    {"G1": (16, 6), "G2": (16, 16), "F1": (16, 16), "F2": (6, 16)}, 100, {"size": 20}, scaled_start,
    optimizer=partial(Adam, lr=0.003), test=dots_test, error=wrong_share, accepted=0.01,
)  # fmt: skip
_ROW = replace(
    _RELATION, routine=relations.row_dots, forward=relations.row_forward, shapes={**_RELATION.shapes, "G1": (16, 15)}
)  # fmt: skip

_GCN = Experiment(
    graphs.gcn_karate, graphs.gcn_changes, graphs.gcn_forward, karate_training, {"W1": (8, 34), "W2": (2, 8)}, 300,
    {"alpha": 0.5}, small_start, karate_constants, test=karate_test, error=wrong_share, accepted=1 / 34,
)  # fmt: skip

_BARS = Experiment(
    energy.rbm, energy.rbm_changes, energy.rbm_log_likelihood, bars_training, {"W": (8, 9), "b": (9, 1), "c": (8, 1)},
    1500, {"alpha": 0.3, "steps": 1, "size": None}, normal_start, random=True,
    seeds=(),  # draws decide, and multiply rounding; PyTorch's run of 500 epochs is kept
)  # fmt: skip
_EXACT = replace(
    _BARS, routine=energy.rbm_exact, changes=energy.rbm_exact_changes, options={"alpha": 0.1}, random=False, seeds=SEEDS
)  # fmt: skip
_RBM_DIGITS = replace(
    _BARS, samples=binary_training, test=binary_test, shapes={"W": (10, 784), "b": (784, 1), "c": (10, 1)}, epochs=5,
    options={"alpha": 0.05, "steps": 1, "size": 50}, draw=odds_start, seeds=SEEDS,
)  # fmt: skip
_GLOROT = Experiment(
    belief.dbn, belief.biased_changes, belief.dbn_forward, labelled_training,
    {"W1": (100, 784), "c1": (100, 1), "W2": (50, 100), "c2": (50, 1), "Wo": (10, 50), "co": (10, 1)}, 100,
    {"alpha": 0.5, "size": 10}, glorot_start, test=labelled_test,
)  # fmt: skip
_SOFTMAX = replace(_GLOROT, shapes={"Wo": (10, 784), "co": (10, 1)})

_GAN = Experiment(
    adversarial.gan, adversarial.generator_changes, adversarial.gan_forward, gaussian_training,
    {"G1": (8, 2), "G2": (1, 8), "D1": (8, 2), "D2": (1, 8)}, 40, {"alpha": 0.1, "size": 64, "optimizers": None},
    random=True,
)  # fmt: skip
_UNET = Experiment(
    segmentation.unet_digits, segmentation.unet_changes, segmentation.unet_forward, masks_training,
    {"W1": (6, 1, 3, 3), "b1": (6, 1), "W2": (8, 6, 3, 3), "b2": (8, 1), "W3": (6, 14, 3, 3), "b3": (6, 1),
     "Wo": (1, 6), "bo": (1, 1)}, 6, {"size": 20}, filter_start, optimizer=partial(Adam, lr=0.01), test=masks_test,
)  # fmt: skip
_NO_SKIP = replace(_UNET, shapes={**_UNET.shapes, "W3": (6, 8, 3, 3)})

EXPERIMENTS = {
    "rnn_xor": Experiment(
        recurrent.rnn_xor, recurrent.rnn_changes, recurrent.rnn_forward, tasks.xor_in_time,
        _recurrent(4, n=2), 2000, {"alpha": 0.3},
    ),
    "lstm_adding": replace(_LSTM, beside={"GRU": _GRU, "RNN": _RNN}),
    "gru_adding": _GRU,
    "rnn_adding": _RNN,
    "batch_norm_depth": replace(_BATCH_NORM, beside={"plain": _DEEP}),
    "deep_sigmoid": _DEEP,
    "attention_reversal": replace(_REVERSAL, beside={"without places": _PLACELESS}),
    "attention_placeless": _PLACELESS,
    "transformer_parity": replace(_TRANSFORMER, beside={"one head": _ONE_HEAD}),
    "transformer_one_head": _ONE_HEAD,
    "relation_dots": replace(_RELATION, beside={"all in a row": _ROW}),
    "row_dots": _ROW,
    "gcn_karate": _GCN,
    "rbm_bars": replace(
        _BARS, beside={"CD-10": replace(_BARS, options={"alpha": 0.1, "steps": 10, "size": None}), "exact": _EXACT}
    ),
    "rbm_exact": _EXACT,
    "rbm_digits": _RBM_DIGITS,
    "dbn_digits": replace(_GLOROT, draw=belief_start, seeds=(), beside={"Glorot": _GLOROT, "softmax": _SOFTMAX}),
    "glorot_digits": _GLOROT,
    "unet_digits": replace(_UNET, beside={"without skip": _NO_SKIP}),
    "unet_plain": _NO_SKIP,
    "gan_gaussian": replace(_GAN, beside={"Adam": replace(_GAN, optimizer=two_adams, seeds=())}),
}  # fmt: skip
"""By script, in the order of the documents; what a script trains beside it has an entry of its own, too."""

IN_TIME = {
    "RNN, 4 nodes, start 0.5": (replace(_RNN, shapes=_recurrent(4), draw=half_start), vanishing.rnn_distances),
    "RNN, 4 nodes, start 1": (replace(_RNN, shapes=_recurrent(4)), vanishing.rnn_distances),
    "RNN, 8 nodes, start 1": (_RNN, vanishing.rnn_distances),
    "LSTM, forget gate + 0": (replace(_LSTM, draw=uniform_start), vanishing.lstm_distances),
    "LSTM, forget gate + 3": (replace(_LSTM, draw=partial(remembering_start, constant=3)), vanishing.lstm_distances),
}
"""Networks, and what says how much of their error arrives by its distance from the last step."""

DEPTHS = (3, 6, 10)
IN_DEPTH = {
    "sigmoid layers": ({n: replace(_DEEP, shapes=_layers(n)) for n in DEPTHS}, vanishing.deep_layers),
    "with batch normalisation": (
        {n: replace(_BATCH_NORM, shapes=_layers(n, normalised=True)) for n in DEPTHS}, vanishing.batch_norm_layers,
    ),
}  # fmt: skip
"""The same by layer, for so many of them."""
