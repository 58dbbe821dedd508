"""The generative adversarial network learns a normal distribution by plain descent, and does not by Adam."""

import numpy as np
import pytest
from closeness import assert_within
from models import TOLERANCE, off_torch

from deltarule import matlab
from deltarule.layers import SGD, Adam
from deltarule.models import adversarial
from deltarule.models.experiments import EXPERIMENTS, SEEDS

GAN = EXPERIMENTS["gan_gaussian"]
X, _ = GAN.samples()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_run_ends_at_torchs_weights(seed):
    assert off_torch("gan_gaussian", seed) <= TOLERANCE  # measured: 6e-15


def trained(count, optimizers=None):
    """So many starts after their training, what they make of the same noise, and the discriminators' costs."""
    weights, rng, Z = GAN.starts(range(1, count + 1)), matlab.rng(1), matlab.rng(300).randn(10_000, 1)
    for _ in range(GAN.epochs):
        weights = adversarial.gan(*weights, X, rng=rng, optimizers=optimizers)
    y = adversarial.gan_forward(*weights, Z)[..., 0]
    found = (abs(y.mean(axis=1) - 3) < 0.15) & (abs(y.std(axis=1) - 0.5) < 0.1)
    return found, adversarial.gan_cost(*weights, X, Z)


@pytest.mark.slow
def test_plain_descent_finds_mean_and_deviation_from_nearly_every_start():
    """92 of the starts 1 to 100, which share the noise. Were the rate 0.9, fewer than 78 had a probability of 2e-4."""
    found, cost = trained(100)
    assert found.sum() >= 78
    assert_within(np.median(cost), 2 * np.log(2), absolute=2e-3, relative=0)  # it cannot tell them apart


def test_adam_fails_at_the_same_rate_that_it_learns_other_things_at():
    """0 of the starts 1 to 20 at 0.01. Were the rate 0.1, more than 7 had a probability of 4e-4."""
    found, _ = trained(20, (Adam(lr=0.01), Adam(lr=0.01)))
    assert found.sum() <= 7


def test_an_optimiser_of_plain_descent_is_plain_descent():
    weights, _ = GAN.start(1)
    plain = adversarial.gan(*weights, X[:640], rng=matlab.rng(1))
    by_optimizer = adversarial.gan(*weights, X[:640], rng=matlab.rng(1), optimizers=(SGD(lr=0.1), SGD(lr=0.1)))
    for a, b in zip(plain, by_optimizer, strict=True):
        assert_within(a, b, absolute=0, relative=1e-12)


def test_the_best_discriminator_of_equal_samples_says_one_half_and_costs_2_ln_2():
    weights, _ = GAN.start(1)
    blind = [*weights[:3], 0 * weights[3]]
    assert np.array_equal(adversarial.gan_probability(*blind, X), np.full((6400, 1), 0.5))
    assert_within(adversarial.gan_cost(*blind, X, X), 2 * np.log(2), absolute=1e-14, relative=0)


def test_each_step_moves_one_network_and_leaves_what_the_other_takes_alone():
    """The generator's changes ask the discriminator that has just been moved."""
    weights, _ = GAN.start(1)
    G, D = weights[:2], weights[2:]
    x, z = X[:64].T, matlab.rng(1).randn(1, 64)
    made = adversarial.generated(*G, z)
    changes = [
        a + b
        for a, b in zip(
            adversarial.discriminator_changes(*D, x, 1, 0.1 / 64),
            adversarial.discriminator_changes(*D, made, 0, 0.1 / 64),
            strict=True,
        )
    ]
    D = [W + dW for W, dW in zip(D, changes, strict=True)]
    G = [W + dW for W, dW in zip(G, adversarial.generator_changes(*G, *D, z, 1, 0.1 / 64), strict=True)]
    for W, expected in zip(adversarial.gan(*weights, X[:64], rng=matlab.rng(1)), [*G, *D], strict=True):
        assert_within(W, expected, absolute=1e-15, relative=0)


def test_optimizers_streams_and_samples_that_do_not_fit_are_refused():
    weights, rng = GAN.start(1)
    for wrong in (Adam(), (Adam(),), (Adam(), 1), "Adam"):
        with pytest.raises(TypeError, match=r"^optimizers must be a pair"):
            adversarial.gan(*weights, X, rng=rng, optimizers=wrong)
    with pytest.raises(TypeError, match=r"^rng must be a stream"):
        adversarial.gan(*weights, X, rng=None)
    with pytest.raises(ValueError, match=r"^X must have the shape \(samples, 1\), not \(6400, 2\)"):
        adversarial.gan(*weights, np.hstack([X, X]), rng=rng)
    with pytest.raises(ValueError, match=r"^D1 must have the shape \(\.\.\., f, 2\)"):
        adversarial.gan_forward(*weights[:2], weights[2][:, :1], weights[3], X)
