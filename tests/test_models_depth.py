"""Depth: the error of sigmoid layers vanishes, batch normalisation keeps it, and with it ten layers learn."""

import numpy as np
import pytest
from closeness import assert_within
from models import TOLERANCE, off_torch

from deltarule import data
from deltarule.models import depth, vanishing
from deltarule.models.experiments import EXPERIMENTS, IN_DEPTH, SEEDS

X, D = data.digits()
STARTS = range(1, 21)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ["deep_sigmoid", "batch_norm_depth"])
def test_the_run_ends_at_torchs_weights(name, seed):
    assert off_torch(name, seed) <= TOLERANCE  # measured: 2e-15 and 1e-13


@pytest.mark.parametrize(
    ("name", "count", "expected"),
    [
        ("sigmoid layers", 3, 0.21),
        ("sigmoid layers", 6, 0.020),
        ("sigmoid layers", 10, 0.00097),
        ("with batch normalisation", 3, 0.63),
        ("with batch normalisation", 6, 1.17),
        ("with batch normalisation", 10, 1.38),
    ],
)
def test_the_first_layers_delta_vanishes_without_normalisation_and_not_with_it(name, count, expected):
    experiments, layers = IN_DEPTH[name]
    found = layers(*experiments[count].starts(STARTS), X, D)
    assert found.shape == (20, count)
    assert_within(np.median(found[:, 0] / found[:, -1]), expected, absolute=0, relative=0.03)


def outputs(name, count, epochs, starts=STARTS):
    """What networks with so many layers give for the five digits after so many epochs, from each of the starts."""
    experiment = IN_DEPTH[name][0][count]
    weights = experiment.starts(starts)
    for _ in range(epochs):
        weights = experiment.epoch(weights, X, D)
    return experiment.outputs(weights, X)


def recognised(name, count, epochs, starts=STARTS):
    """How many of the starts give each of the five digits its own name."""
    return (outputs(name, count, epochs, starts).argmax(axis=-1) == np.arange(5)).all(axis=-1).sum()


def test_ten_layers_learn_with_normalisation_and_hardly_without():
    """20 and 2 of 20 starts. Were the rates 0.97 and 0.1, fewer than 17 or more than 8 had a probability of 3e-3."""
    assert recognised("with batch normalisation", 10, 20) >= 17
    assert recognised("sigmoid layers", 10, 1000) <= 8


@pytest.mark.slow
def test_a_hundred_starts_meet_the_criterion_of_the_script_and_few_learn_at_all_without_normalisation():
    """100 and 0, and 4 in five times as long. Were the rates 0.99, 0.01 and 0.05, it failed with a probability of 2e-4.

    By `scipy.stats.binom`: fewer than 94 and more than 6 have 7e-5 each, more than 15 have 4e-5.
    """
    hundred, right = range(1, 101), np.arange(5)
    for name, low, high in (("with batch normalisation", 94, 100), ("sigmoid layers", 0, 6)):
        y = outputs(name, 10, EXPERIMENTS["batch_norm_depth"].epochs, hundred)
        assert low <= (y[:, right, right] >= 0.9).all(axis=1).sum() <= high
    assert recognised("sigmoid layers", 10, 1000, hundred) <= 15


def test_three_and_six_layers_learn_without_normalisation_but_more_slowly():
    """All 20 starts: after 20 epochs with it; without it 3 layers within 100, and 6 layers within 500."""
    assert [recognised("with batch normalisation", count, 20) for count in (3, 6)] == [20, 20]
    assert [recognised("sigmoid layers", count, epochs) for count, epochs in ((3, 100), (6, 500))] == [20, 20]
    assert recognised("sigmoid layers", 6, 20) < 5


def test_the_plain_network_starts_from_the_same_matrices():
    """Gamma and beta draw nothing."""
    normalised = EXPERIMENTS["batch_norm_depth"]
    matrices = [W for name, W in zip(normalised.names, normalised.start(3)[0], strict=True) if name[0] == "W"]
    plain, _ = EXPERIMENTS["deep_sigmoid"].start(3)
    for W, V in zip(matrices, plain, strict=True):
        assert np.array_equal(W, V)


def test_normalised_sums_have_mean_0_and_variance_1_whatever_their_scale():
    v = 7 * np.arange(12.0).reshape(3, 4) ** 2 + 100
    xn, std = depth.normalised(v)
    assert_within(xn.mean(axis=1), 0, absolute=1e-14, relative=0)
    assert_within(xn.var(axis=1), 1, absolute=1e-6, relative=0)
    assert_within(xn * std + v.mean(axis=1, keepdims=True), v, absolute=1e-11, relative=0)


def test_scale_and_shift_of_the_sums_change_nothing():
    v = np.random.RandomState(1).randn(3, 8)
    assert_within(depth.normalised(3 * v + 5)[0], depth.normalised(v)[0], absolute=2e-5, relative=0)


@pytest.mark.parametrize("name", ["deep_sigmoid", "batch_norm_depth"])
def test_the_forward_pass_is_that_of_the_body(name):
    """The last delta is d - y."""
    experiment = EXPERIMENTS[name]
    weights, _ = experiment.start(1)
    y = experiment.outputs(weights, X)
    x = X.transpose(0, 2, 1).reshape(5, 25).T
    hidden = depth.plain_deltas(x, D.T, *weights) if name == "deep_sigmoid" else None
    if hidden is not None:
        assert_within(D - hidden[1][-1].T, y, absolute=1e-14, relative=0)
    else:
        *layers, Wo = weights
        _, _, delta = depth.normalised_deltas(x, D.T, Wo, *zip(layers[::3], layers[1::3], layers[2::3], strict=True))
        assert_within(D - delta.T, y, absolute=1e-14, relative=0)


def test_weights_that_are_no_layers_are_refused():
    weights, _ = EXPERIMENTS["batch_norm_depth"].start()
    with pytest.raises(ValueError, match=r"^weights_X_D must have W, gamma and beta of each layer and then Wo, not 30"):
        depth.batch_norm(*weights[1:], X, D)
    for call in (depth.deep_sigmoid, depth.batch_norm, vanishing.deep_layers):
        with pytest.raises(ValueError, match=r"^weights_X_D must"):
            call(X, D)


def test_a_single_sample_has_no_variance():
    weights, _ = EXPERIMENTS["batch_norm_depth"].start()
    with pytest.raises(ValueError, match=r"^X must be at least two samples"):
        depth.batch_norm(*weights, X[:1], D[:1])
    with pytest.raises(ValueError, match=r"^X must be at least two samples"):
        depth.batch_norm_forward(*weights, X[:1])
