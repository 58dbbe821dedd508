"""Many networks at once: what comes out of each is what NumPy gives for it alone, through the same lines."""

import numpy as np
import pytest
from closeness import assert_within

from deltarule import matlab, relu, sigmoid, softmax
from deltarule.basics.networks import Networks
from deltarule.listings.experiments import EXPERIMENTS
from deltarule.study.model_experiments import MODELS
from deltarule.study.network_experiments import NETWORKS
from deltarule.study.settings import ROUTINES, Settings
from deltarule.study.starts import starting_weights

RNG = np.random.default_rng(5)
SEEDS = [0, 1, 5489, 2**31, 2**32 - 1]  # MATLAB takes 0 for 5489
SMALL = [name for name in ROUTINES if name in EXPERIMENTS]


def each(networks):
    return [np.ascontiguousarray(a) for a in networks.values.transpose(2, 0, 1)]


def random(*shape):
    return Networks(RNG.standard_normal((*shape, 3)))


A, B, C = random(2, 4), random(4, 3), random(2, 4)
M, V = RNG.standard_normal((4, 3)), RNG.standard_normal((2, 1))
EXPRESSIONS = {
    "A @ B": lambda A, B, C: A @ B,
    "A @ M": lambda A, B, C: A @ M,
    "M @ A": lambda A, B, C: M.T[:2] @ A.T,
    "A + C": lambda A, B, C: A + C,
    "1 - A": lambda A, B, C: 1 - A,
    "V - A": lambda A, B, C: V - A,
    "A * V": lambda A, B, C: A * V,
    "2 * A / C": lambda A, B, C: 2 * A / C,
    "(A > 0) * C": lambda A, B, C: (A > 0) * C,
    "A <= C": lambda A, B, C: (A <= C) * 1.0,
    "-A.T": lambda A, B, C: -A.T,
    "swapaxes": lambda A, B, C: A.swapaxes(-1, -2),
    "sigmoid": lambda A, B, C: sigmoid(300 * A),
    "relu": lambda A, B, C: relu(A),
    "softmax": lambda A, B, C: softmax(A),
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_an_expression_gives_each_network_what_numpy_gives_it_alone(name):
    together = EXPRESSIONS[name](A, B, C)
    for found, *alone in zip(each(together), *map(each, (A, B, C)), strict=True):
        assert_within(found, EXPRESSIONS[name](*alone), absolute=1e-14, relative=0)


@pytest.mark.parametrize("name", SMALL)
def test_an_epoch_trains_each_network_as_the_listing_trains_it_alone(name):
    experiment = EXPERIMENTS[name]
    X, D = experiment.samples()
    starts = [experiment.start(seed)[0] for seed in (0, 1, 7)]
    together = [Networks(np.stack(W, axis=-1)) for W in zip(*starts, strict=True)]
    streams = [matlab.rng(3) for _ in range(4)]
    for _ in range(2):
        together = experiment.epoch(together, X, D, streams[3])
        starts = [experiment.epoch(W, X, D, rng) for W, rng in zip(starts, streams, strict=False)]
    for k, alone in enumerate(starts):
        for W, expected in zip(together, alone, strict=True):
            assert_within(each(W)[k], expected, absolute=2e-15 * 50, relative=0)


def test_a_print_shows_the_numbers_of_each_network(capsys):
    W = Networks(np.array([[[1.0, 10.0], [2.0, 20.0]]]))
    print(W)
    assert capsys.readouterr().out == "[[[ 1.  2.]]\n\n [[10. 20.]]]\n"


@pytest.mark.parametrize("use", [bool, np.asarray, np.linalg.norm, lambda A: A if A > 0 else -A])
def test_what_asks_for_one_array_is_refused(use):
    with pytest.raises((TypeError, ValueError)):
        use(A)


def test_a_network_that_is_not_finite_leaves_the_others_alone():
    experiment = EXPERIMENTS["backprop_xor"]
    X, D = experiment.samples()
    weights = [Networks(np.stack([W, W * np.nan, W], axis=-1)) for W in experiment.start(1)[0]]
    alone = experiment.epoch(experiment.start(1)[0], X, D)
    for W, expected in zip(experiment.epoch(weights, X, D), alone, strict=True):
        assert_within(each(W)[0], expected, absolute=1e-15, relative=0)
        assert_within(each(W)[2], expected, absolute=1e-15, relative=0)


@pytest.mark.parametrize("name", sorted(ROUTINES.keys() - NETWORKS.keys() - MODELS.keys()))
def test_the_starts_of_a_study_are_those_of_the_scripts(name):
    settings = Settings(name, scale=0.5)
    for W, *expected in zip(starting_weights(settings, SEEDS), *map(settings.start, SEEDS), strict=True):
        for found, alone in zip(each(W), expected, strict=True):
            np.testing.assert_array_equal(found, alone)


def test_networks_have_the_axes_and_the_shape_of_one_of_them_and_the_size_of_all():
    W = Networks(np.zeros((2, 3, 5)))
    assert (W.ndim, W.shape, W.size) == (2, (2, 3), 30)
