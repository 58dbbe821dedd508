"""The weight changes of the other networks against the gradients of their costs, by central differences.

The costs are written here from the formulas and the forward passes, independent of the back-propagation they check.
"""

import numpy as np

from .. import matlab
from ..models import (
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
)
from ..models.experiments import block_shapes
from ..models.functions import batches, sequence_batches
from .gradients import binary_cross_entropy, gradient_error, half_squared_error, softmax_cross_entropy


def uniform(rng, *shapes):
    """Matrices uniform in [-1, 1]."""
    return [2 * rng.rand(*shape) - 1 for shape in shapes]


def _sequences(changes, forward, cost, *shapes):
    """The check of a recurrent body: three sequences of five steps, four hidden nodes, targets in (0, 1)."""

    def check(seed):
        rng = matlab.rng(seed)
        X, D = tasks.adding(rng, 3, 5)
        weights, D = uniform(rng, *shapes), D[:, None] / 2
        dW = changes(*weights, batches(X, 3)[0], D.T, 1.0)
        return gradient_error(dW, lambda *W: cost(D, forward(*W, X)), weights)

    return check


def _layers(changes, forward, normalised):
    """The check of a deep body: two hidden layers, four samples of three classes."""

    def check(seed):
        rng = matlab.rng(seed)
        X, D = rng.rand(4, 6), np.eye(3)[rng.randi(3, 4, 1).ravel() - 1]
        *weights, Wo = uniform(rng, (5, 6), (5, 5), (3, 5))
        if normalised:
            weights = [a for W in weights for a in (W, 0.5 + rng.rand(5, 1), rng.rand(5, 1))]
        weights.append(Wo)
        dW = changes(*weights, X.T, D.T, 1.0)
        return gradient_error(dW, lambda *W: softmax_cross_entropy(D, forward(*W, X)), weights)

    return check


def _attention(seed):
    """The check of a head of attention: three sequences of four places, symbols out of three."""
    rng = matlab.rng(seed)
    X, D = tasks.reversal(rng, 3, 4, 3)
    weights = uniform(rng, (2, 7), (2, 7), (2, 7), (3, 2))
    dW = attention.attention_changes(*weights, sequence_batches(X, 3)[0], sequence_batches(D, 3)[0], 1.0)
    return gradient_error(dW, lambda *W: softmax_cross_entropy(D, attention.attention_forward(*W, X)), weights)


def _transformer(heads):
    """The check of an encoder block between linear layers: two sequences of four places, all weights random."""

    def check(seed):
        rng = matlab.rng(seed)
        X, D = tasks.two_lookups(rng, 2, 4)
        shapes = (4, 2), *block_shapes(heads, 4, 5).values(), (2, 4)
        weights = [rng.randn(*shape) / 2 for shape in shapes]
        dW = transformer.transformer_changes(*weights, sequence_batches(X, 2)[0], sequence_batches(D, 2)[0], 1.0)
        return gradient_error(dW, lambda *W: softmax_cross_entropy(D, transformer.transformer_forward(*W, X)), weights)

    return check


def _relation(arranged, inputs):
    """The check of a relation network: three boards of four dots, two to four nodes a layer; or of all in a row."""

    def check(seed):
        rng = matlab.rng(seed)
        X, D = tasks.touching_dots(rng, 3, 4)
        weights = uniform(rng, (4, inputs), (3, 4), (2, 3), (5, 2))
        forward = relations.relation_forward if arranged is relations.pairs else relations.row_forward
        dW = relations.relation_changes(*weights, batches(arranged(X), 3)[0], D.T, 1.0)
        return gradient_error(dW, lambda *W: softmax_cross_entropy(D, forward(*W, X)), weights)

    return check


def _gcn(seed):
    """The check of a graph convolutional network: a ring of six nodes and a chord, four features, two classes known."""
    rng = matlab.rng(seed)
    S = graphs.normalised_adjacency([[0, 1], [1, 2], [2, 3], [3, 4], [4, 5], [5, 0], [1, 4]], 6)
    X, D = rng.randn(6, 4), np.zeros((6, 3))
    D[0, seed % 3] = D[3, (seed + 1) % 3] = 1
    weights = uniform(rng, (5, 4), (3, 5))
    dW = graphs.gcn_changes(*weights, X.T, D.T, 1.0, S)
    return gradient_error(dW, lambda *W: softmax_cross_entropy(D, graphs.gcn_forward(*W, X, S)), weights)


def _machine(seed):
    """Four hidden nodes, the weights of a machine, and the columns of all bars and stripes of 3 x 3 pixels."""
    rng = matlab.rng(seed)
    return [rng.randn(*shape) / 2 for shape in ((4, 9), (9, 1), (4, 1))], tasks.bars_and_stripes(3).T


def _divergence(seed):
    """The check of CD-2: it descends the free energy of the data less that of what the chains give, as constants."""
    weights, x = _machine(seed)
    v = energy.rbm_samples(*weights, x.T, rng=matlab.rng(seed), steps=2).T
    dW = energy.rbm_changes(*weights, x, x, 1.0, 2, matlab.rng(seed))
    return gradient_error(dW, lambda *W: (energy.free_energy(*W, x) - energy.free_energy(*W, v)).sum(), weights)


def _likelihood(seed):
    """The check of the exact gradient of the log-likelihood."""
    weights, x = _machine(seed)
    dW = energy.rbm_exact_changes(*weights, x, x, 1.0)
    return gradient_error(dW, lambda *W: -energy.log_probability(*W, x).sum(), weights)


def _biased(seed):
    """The check of layers with biases: two hidden layers, four samples of three classes."""
    rng = matlab.rng(seed)
    X, D = rng.rand(4, 6), np.eye(3)[rng.randi(3, 4, 1).ravel() - 1]
    weights = uniform(rng, (5, 6), (5, 1), (4, 5), (4, 1), (3, 4), (3, 1))
    dW = belief.biased_changes(*weights, X.T, D.T, 1.0)
    return gradient_error(dW, lambda *W: softmax_cross_entropy(D, belief.dbn_forward(*W, X)), weights)


def _adversaries(seed):
    """The check of both networks of a GAN, the worse of the two: five samples, noise or real ones."""
    rng = matlab.rng(seed)
    weights, x = uniform(rng, (4, 2), (1, 4), (4, 2), (1, 4)), rng.randn(5, 1)
    G, D = weights[:2], weights[2:]

    def of_discriminator(*D):
        return -np.log(adversarial.gan_probability(*G, *D, x)).sum()

    def of_generator(*G):
        return -np.log(adversarial.gan_probability(*G, *D, adversarial.gan_forward(*G, *D, x))).sum()

    return max(
        gradient_error(adversarial.discriminator_changes(*D, x.T, 1, 1.0), of_discriminator, D),
        gradient_error(adversarial.generator_changes(*G, *D, x.T, 1, 1.0), of_generator, G),
    )


def _unet(channels):
    """The check of a U-Net: two images of 4 x 6 pixels, two maps and three, filters that see so many below the mask."""

    def check(seed):
        rng = matlab.rng(10 + seed)  # from these no ReLU and no square has its corner within a step
        X, D = rng.randn(2, 24).reshape(2, 4, 6), 1.0 * (rng.rand(2, 24).reshape(2, 4, 6) > 0.5)
        shapes = (2, 1, 3, 3), (2, 1), (3, 2, 3, 3), (3, 1), (2, channels, 3, 3), (2, 1), (1, 2), (1, 1)
        weights = uniform(rng, *shapes)
        dW = segmentation.unet_changes(*weights, X[:, None], D, 1.0)
        return gradient_error(dW, lambda *W: binary_cross_entropy(D, segmentation.unet_forward(*W, X)), weights)

    return check


_RNN = (4, 3), (4, 4), (1, 4)

CHECKS = {
    "rnn_xor": _sequences(recurrent.rnn_changes, recurrent.rnn_forward, binary_cross_entropy, *_RNN),
    "rnn_adding": _sequences(
        recurrent.rnn_linear_changes, recurrent.rnn_linear_forward, half_squared_error, *_RNN
    ),
    "lstm_adding": _sequences(gated.lstm_changes, gated.lstm_forward, half_squared_error, *[(4, 7)] * 4, (1, 4)),
    "gru_adding": _sequences(gated.gru_changes, gated.gru_forward, half_squared_error, *[(4, 7)] * 3, (1, 4)),
    "deep_sigmoid": _layers(depth.deep_sigmoid_changes, depth.deep_sigmoid_forward, False),
    "batch_norm_depth": _layers(depth.batch_norm_changes, depth.batch_norm_forward, True),
    "attention_reversal": _attention,
    "attention_placeless": _attention,
    "transformer_parity": _transformer(2),
    "transformer_one_head": _transformer(1),
    "relation_dots": _relation(relations.pairs, 6),
    "row_dots": _relation(relations.in_a_row, 12),
    "gcn_karate": _gcn,
    "rbm_bars": _divergence,
    "rbm_exact": _likelihood,
    "rbm_digits": _divergence,
    "dbn_digits": _biased,
    "glorot_digits": _biased,
    "unet_digits": _unet(5),
    "unet_plain": _unet(3),
    "gan_gaussian": _adversaries,
}  # fmt: skip
"""By experiment of `deltarule.models.experiments`, a function from a seed to the gradient error at random weights."""
