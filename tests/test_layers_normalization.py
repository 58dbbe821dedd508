"""Batch normalisation: by its formula, running averages, gradients, images both ways, bad input."""

import numpy as np
import pytest
import strict
from closeness import assert_within

from deltarule.layers import BatchNormalization, numerical_gradient


def randn(*shape, seed=0):
    return np.random.RandomState(seed).randn(*shape)


X, DOUT = 3 * randn(6, 5, seed=1) + 2, randn(6, 5, seed=2)
GAMMA, BETA = randn(5, seed=3), randn(5, seed=4)
IMAGES = randn(4, 3, 2, 5, seed=5)


def layer(**options):
    return BatchNormalization(GAMMA, BETA, **options)


def by_formula(x, gamma, beta, mean=None, var=None):
    """gamma (x - mean) / sqrt(var + 1e-6) + beta, column by column; mean and variance of the batch unless given."""
    out = np.empty(x.shape)
    for k in range(x.shape[1]):
        m = sum(x[:, k]) / len(x) if mean is None else mean[k]
        v = sum((x[:, k] - m) ** 2) / len(x) if var is None else var[k]
        out[:, k] = gamma[k] * (x[:, k] - m) / np.sqrt(v + 1e-6) + beta[k]
    return out


def results(bn, x, dout, train_flg=True):
    """All that a layer gives and keeps."""
    out, dx = bn.forward(x, train_flg), bn.backward(dout)
    return [out, dx, bn.dgamma, bn.dbeta, bn.running_mean, bn.running_var]


def test_training_normalises_by_the_mean_and_the_biased_variance_of_the_batch():
    assert_within(layer().forward(X), by_formula(X, GAMMA, BETA), absolute=1e-14, relative=0)
    out = BatchNormalization(np.ones(5), np.zeros(5)).forward(X)
    assert_within(out.mean(axis=0), 0, absolute=1e-15, relative=0)
    assert_within(out.var(axis=0), 1, absolute=1e-5, relative=0)


def test_running_averages_start_at_zero_and_take_in_a_tenth_of_each_batch():
    bn = layer()
    assert bn.running_mean is None
    bn.forward(X)
    assert_within(bn.running_mean, 0.1 * X.mean(axis=0), absolute=1e-15, relative=0)
    assert_within(bn.running_var, 0.1 * X.var(axis=0), absolute=1e-15, relative=0)
    bn.forward(-X)
    assert_within(bn.running_mean, (0.09 - 0.1) * X.mean(axis=0), absolute=1e-15, relative=0)
    assert_within(bn.running_var, 0.19 * X.var(axis=0), absolute=1e-14, relative=0)


def test_momentum_is_the_share_of_the_running_averages_that_stays():
    mean, var = np.arange(5.0), np.arange(1.0, 6.0)
    for momentum in (0, 0.25):
        bn = layer(momentum=momentum, running_mean=mean, running_var=var)
        bn.forward(X)
        expected = momentum * mean + (1 - momentum) * X.mean(axis=0)
        assert_within(bn.running_mean, expected, absolute=1e-15, relative=0)
        assert_within(bn.running_var, momentum * var + (1 - momentum) * X.var(axis=0), absolute=1e-14, relative=0)
    assert mean.tolist() == [0, 1, 2, 3, 4]


def test_use_normalises_by_the_running_averages_and_leaves_them_as_they_are():
    mean, var = randn(5), np.arange(5.0)
    bn = layer(running_mean=mean, running_var=var)
    for x in (X, X[:1]):
        expected = by_formula(x, GAMMA, BETA, mean, var)
        assert_within(bn.forward(x, train_flg=False), expected, absolute=0, relative=1e-13)
    np.testing.assert_array_equal(bn.running_mean, mean)
    np.testing.assert_array_equal(bn.running_var, var)


def test_used_before_any_training_it_divides_by_the_root_of_1e_6():
    bn = BatchNormalization(1, 0)
    assert_within(bn.forward(X, train_flg=False), 1000 * X, absolute=0, relative=1e-14)
    np.testing.assert_array_equal(bn.running_mean, np.zeros(5))


@pytest.mark.parametrize("train_flg", [True, False])
def test_the_gradients_are_the_numerical_ones(train_flg):
    averages = {"running_mean": randn(5), "running_var": np.arange(1.0, 6.0)}

    def cost(x, gamma, beta):
        return (BatchNormalization(gamma, beta, **averages).forward(x, train_flg) * DOUT).sum()

    bn = layer(**averages)
    _, dx, dgamma, dbeta, *_ = results(bn, X, DOUT, train_flg)
    assert_within(dx, numerical_gradient(lambda x: cost(x, GAMMA, BETA), X), absolute=1e-7, relative=0)
    assert_within(dgamma, numerical_gradient(lambda g: cost(X, g, BETA), GAMMA), absolute=1e-8, relative=0)
    assert_within(dbeta, numerical_gradient(lambda b: cost(X, GAMMA, b), BETA), absolute=1e-8, relative=0)


def test_the_gradient_of_what_went_before_is_free_of_what_the_batch_has_in_common():
    # a batch moved or (but for the 1e-6) scaled comes out the same
    _, dx, *_ = results(layer(), X, DOUT)
    assert_within(dx.sum(axis=0), 0, absolute=1e-14, relative=0)
    assert_within((dx * (X - X.mean(axis=0))).sum(axis=0), 0, absolute=1e-5, relative=0)


def test_a_feature_that_does_not_vary_comes_out_as_beta():
    x = X.copy()
    x[:, 2] = 7
    out = layer().forward(x)
    np.testing.assert_array_equal(out[:, 2], BETA[2])
    np.testing.assert_array_equal(layer().forward(X[:1]), BETA[None])


# Images


def test_each_pixel_of_images_is_a_feature_of_its_own():
    gamma, beta, dout = randn(30), randn(30, seed=1), randn(4, 3, 2, 5, seed=2)
    flat = results(BatchNormalization(gamma, beta), IMAGES.reshape(4, 30), dout.reshape(4, 30))
    found = results(BatchNormalization(gamma, beta), IMAGES, dout)
    assert found[0].shape == found[1].shape == IMAGES.shape
    for a, b in zip(found, flat, strict=True):
        np.testing.assert_array_equal(a.ravel(), b.ravel())


def test_each_channel_is_one_feature_with_per_channel():
    gamma, beta, dout = randn(3), randn(3, seed=1), randn(4, 3, 2, 5, seed=2)

    def rows(a):
        return np.array([a[:, c].ravel() for c in range(3)]).T

    flat = results(BatchNormalization(gamma, beta), rows(IMAGES), rows(dout))
    bn = BatchNormalization(gamma, beta, per_channel=True)
    out, dx, *others = results(bn, IMAGES, dout)
    assert out.shape == dx.shape == IMAGES.shape
    for a, b in zip([rows(out), rows(dx), *others], flat, strict=True):
        assert_within(a, b, absolute=1e-14, relative=0)

    def cost(x):
        return (BatchNormalization(gamma, beta, per_channel=True).forward(x) * dout).sum()

    assert_within(dx, numerical_gradient(cost, IMAGES), absolute=1e-7, relative=0)


def test_samples_are_rows_with_per_channel_too():
    np.testing.assert_array_equal(layer(per_channel=True).forward(X), layer().forward(X))


def test_a_number_stands_for_as_many_equal_ones_as_there_are_features():
    found = results(BatchNormalization(2, -1.5), X, DOUT)
    expected = results(BatchNormalization(np.full(5, 2.0), np.full(5, -1.5)), X, DOUT)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b)
    assert BatchNormalization(1, 0).forward(X.astype(np.float32)).dtype == np.float32


# Arrays: left alone, their dtype, their device


@pytest.mark.parametrize("train_flg", [True, False])
def test_nothing_that_is_given_is_written_to(train_flg):
    given = [X.copy(), DOUT.copy(), GAMMA.copy(), BETA.copy(), randn(5), np.ones(5)]
    for a in given:
        a.flags.writeable = False
    x, dout, gamma, beta, mean, var = given
    bn = BatchNormalization(gamma, beta, running_mean=mean, running_var=var)
    out, dx, *_ = results(bn, x, dout, train_flg)
    kept = out.copy()
    np.testing.assert_array_equal(bn.backward(dout), dx)
    bn.forward(-x, train_flg)
    np.testing.assert_array_equal(out, kept)
    assert bn.gamma is gamma


@pytest.mark.parametrize("train_flg", [True, False])
def test_float32_stays_float32(train_flg):
    x, dout, gamma, beta = (a.astype(np.float32) for a in (X, DOUT, GAMMA, BETA))
    bn, other = BatchNormalization(gamma, beta), layer()
    bn.forward(x)
    other.forward(X)
    for a, b in zip(results(bn, x, dout, train_flg), results(other, X, DOUT, train_flg), strict=True):
        assert a.dtype == np.float32
        assert_within(a, b, absolute=1e-4, relative=0)


@pytest.mark.parametrize("per_channel", [True, False])
def test_arrays_stay_on_their_device(per_channel):
    D = 3 if per_channel else 30
    arrays = randn(D), randn(D, seed=1)
    here = BatchNormalization(*arrays, per_channel=per_channel)
    there = BatchNormalization(*map(strict.asarray, arrays), per_channel=per_channel)
    for train_flg in (True, False):
        expected = results(here, IMAGES, -IMAGES, train_flg)
        found = results(there, strict.asarray(IMAGES), strict.asarray(-IMAGES), train_flg)
        for a, b in zip(found, expected, strict=True):
            assert_within(strict.asnumpy(a), b, absolute=1e-14, relative=1e-14)


def test_gamma_and_beta_put_in_place_are_what_runs():
    bn = layer()
    bn.forward(X)
    bn.gamma, bn.beta = -GAMMA, 2 * BETA
    assert_within(bn.forward(X), by_formula(X, -GAMMA, 2 * BETA), absolute=1e-14, relative=0)
    bn.gamma = GAMMA[:4]
    with pytest.raises(ValueError, match=r"^gamma must have the shape \(5,\) for x of shape \(6, 5\), not \(4,\)"):
        bn.forward(X)


# Bad input


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"gamma": GAMMA * np.nan}, "gamma must be finite"),
        ({"gamma": np.nan}, "gamma must be finite"),
        ({"gamma": "1"}, "gamma must be of real numbers"),
        ({"gamma": GAMMA[:, None]}, r"gamma must be a number or of shape \(D,\), not of shape \(5, 1\)"),
        ({"beta": BETA.astype(np.float32)}, "beta must be float64"),
        ({"beta": np.inf}, "beta must be finite"),
        ({"momentum": 1}, r"momentum must be in \[0, 1\), not 1.0"),
        ({"momentum": -0.1}, r"momentum must be in \[0, 1\), not -0.1"),
        ({"momentum": np.nan}, "momentum must be finite"),
        ({"momentum": "0.9"}, "momentum must be a real number"),
        ({"running_mean": BETA}, "running_mean and running_var must be given together"),
        ({"running_var": BETA}, "running_mean and running_var must be given together"),
        ({"running_mean": BETA, "running_var": -np.ones(5)}, "running_var must not be negative"),
        ({"running_mean": BETA * np.nan, "running_var": np.ones(5)}, "running_mean must be finite"),
        ({"running_mean": BETA, "running_var": np.ones(5, np.float32)}, "running_var must be float64"),
        ({"per_channel": 1}, "per_channel must be True or False"),
    ],
)
def test_what_it_cannot_be_made_of_is_refused_by_name(options, message):
    with pytest.raises((ValueError, TypeError), match=f"^{message}"):
        BatchNormalization(**{"gamma": GAMMA, "beta": BETA} | options)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (X * np.nan, "x must be finite, but it is nan"),
        (X[0], r"x must be samples \(N, D\) or images \(N, C, H, W\), not of shape \(5,\)"),
        (X[:, :4], r"gamma must have the shape \(4,\) for x of shape \(6, 4\), not \(5,\)"),
        (X[:0], "x must have at least one element"),
        (X.astype(np.float32), "x must be float64"),
        (X.astype(str), "x must be of real numbers"),
        (np.full((6, 5), 1e308), "x must have a variance that float64 can hold"),
        (X * 1e200, "x must have a variance that float64 can hold"),
    ],
)
def test_samples_that_do_not_fit_are_refused_and_nothing_changes(bad, message):
    bn = layer()
    expected = results(bn, X, DOUT)
    with pytest.raises((ValueError, TypeError), match=f"^{message}"):
        bn.forward(bad)
    assert bn.running_mean is expected[4]
    assert bn.running_var is expected[5]
    np.testing.assert_array_equal(bn.backward(DOUT), expected[1])


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (DOUT * np.inf, "dout must be finite"),
        (DOUT[:5], r"dout must have the shape \(6, 5\) of the forward pass's output, not \(5, 5\)"),
        (DOUT.astype(np.float32), "dout must be float64"),
    ],
)
def test_gradients_that_do_not_fit_are_refused_and_the_last_ones_stay(bad, message):
    bn = layer()
    results(bn, X, DOUT)
    dgamma, dbeta = bn.dgamma, bn.dbeta
    with pytest.raises((ValueError, TypeError), match=f"^{message}"):
        bn.backward(bad)
    assert bn.dgamma is dgamma
    assert bn.dbeta is dbeta


def test_running_averages_must_fit_the_features():
    bn = BatchNormalization(1, 0, running_mean=np.zeros(4), running_var=np.ones(4))
    with pytest.raises(
        ValueError, match=r"^running_mean must have the shape \(5,\) for x of shape \(6, 5\), not \(4,\)"
    ):
        bn.forward(X)


def test_backward_before_forward_is_refused():
    with pytest.raises(RuntimeError, match="backward needs a forward pass before it"):
        layer().backward(DOUT)


def test_train_flg_must_be_true_or_false():
    with pytest.raises(TypeError, match="^train_flg must be True or False"):
        layer().forward(X, "False")
