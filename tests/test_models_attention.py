"""Attention: the reversal of a sequence, what it does without places, and PyTorch's weights."""

import numpy as np
import pytest
from closeness import assert_within
from models import TOLERANCE, off_torch

from deltarule import matlab
from deltarule.models import attention, tasks
from deltarule.models.experiments import EXPERIMENTS, SEEDS


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ["attention_reversal", "attention_placeless"])
def test_the_reversal_ends_at_torchs_weights(name, seed):
    assert off_torch(name, seed) <= TOLERANCE  # measured: 4e-15


def trained(name, count):
    """So many starts after their training, and their share of right symbols in other sequences."""
    experiment = EXPERIMENTS[name]
    weights = experiment.train(experiment.starts(range(1, count + 1)))
    X, D = experiment.test()
    right = experiment.forward(*weights, X).argmax(axis=-1) == D.argmax(axis=-1)
    return weights, right.mean(axis=(-2, -1))


def test_the_reversal_is_learned_from_every_start_and_each_place_looks_at_its_mirror():
    """100 of the starts 1 to 100. Were the rate 0.99, fewer than 94 had a probability of 5e-4."""
    weights, right = trained("attention_reversal", 100)
    assert (right == 1).sum() >= 94
    a = attention.attention_matrix(*weights[:2], EXPERIMENTS["attention_reversal"].test()[0])
    assert np.median(np.diagonal(a[..., ::-1], axis1=-2, axis2=-1)) > 0.85  # measured: 0.92


def test_without_places_it_gets_less_than_half_of_them_right():
    """The best is to name a symbol that is frequent in the sequence; measured: 0.44 to 0.47, chance is 0.2."""
    _, right = trained("attention_placeless", 20)
    assert_within(right, 0.455, absolute=0.04, relative=0)


def test_without_places_the_outputs_follow_every_permutation_of_the_places():
    weights, _ = EXPERIMENTS["attention_placeless"].start(1)
    X, _ = EXPERIMENTS["attention_placeless"].test()
    for order in (matlab.rng(seed).randperm(6) - 1 for seed in (1, 2, 3)):
        there = attention.attention_forward(*weights, X[:, order])
        assert_within(there, attention.attention_forward(*weights, X)[:, order], absolute=1e-15, relative=0)


def test_with_places_they_do_not():
    weights, _ = EXPERIMENTS["attention_reversal"].start(1)
    X, _ = EXPERIMENTS["attention_reversal"].test()
    turned = np.concatenate([X[:, ::-1, :5], X[:, :, 5:]], axis=-1)
    y = attention.attention_forward(*weights, X)
    assert abs(attention.attention_forward(*weights, turned) - y[:, ::-1]).max() > 0.01


def test_the_attention_of_each_place_sums_to_1():
    weights, _ = EXPERIMENTS["attention_reversal"].start(1)
    a = attention.attention_matrix(*weights[:2], EXPERIMENTS["attention_reversal"].test()[0])
    assert a.shape == (500, 6, 6)
    assert_within(a.sum(axis=-1), 1, absolute=1e-14, relative=0)


def test_a_reversed_sequence_is_the_target():
    X, D = tasks.reversal(matlab.rng(3), 20, 5, 4)
    assert np.array_equal(X[:, ::-1, :4], D)
    assert np.array_equal(X[7, :, 4:], np.eye(5))
    assert np.array_equal(tasks.reversal(matlab.rng(3), 20, 5, 4, with_places=False)[0], X[:, :, :4])
    for name, arguments in (("N", (0, 1, 1)), ("places", (1, 0, 1)), ("symbols", (1, 1, 0))):
        with pytest.raises(ValueError, match=f"^{name} must"):
            tasks.reversal(matlab.rng(), *arguments)


def test_targets_that_are_not_one_hot_are_refused():
    experiment = EXPERIMENTS["attention_reversal"]
    X, D = experiment.samples()
    weights, _ = experiment.start()
    for wrong in (0 * D, D / 2, 1 - D, -D):
        with pytest.raises(ValueError, match=r"^D must be one-hot"):
            experiment.epoch(weights, X, wrong)
    with pytest.raises(ValueError, match=r"^D must have the shape \(200, 6, 5\)"):
        experiment.epoch(weights, X, D[:, :5])
    with pytest.raises(ValueError, match=r"^X must be sequences of at least one step"):
        experiment.epoch(weights, X[:, :0], D)
