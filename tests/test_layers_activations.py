"""Activation functions and their derivatives: against SciPy, central differences and the complex step; extremes."""

import math

import numpy as np
import pytest
import scipy.special
import strict
from closeness import assert_ulps, assert_within

from deltarule.layers import (
    ACTIVATIONS,
    elu,
    identity,
    leaky_relu,
    prelu,
    relu,
    sigmoid,
    softmax,
    step,
    tanh,
)

ELEMENTWISE = sorted(set(ACTIVATIONS) - {"softmax"})
X = np.random.RandomState(3).randn(4, 7) * 3
EXTREMES = np.array([-1e308, -1000.0, -40.0, -1e-300, 0.0, 1e-300, 40.0, 1000.0, 1e308])

# by name: the function of a complex number, right of 0 and left of it
COMPLEX = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.where(z.real > 0, z, 0 * z),
    "leaky_relu": lambda z: np.where(z.real > 0, z, 0.1 * z),
    "prelu": lambda z: np.where(z.real > 0, z, 0.5 * z),
    "elu": lambda z: np.where(z.real > 0, z, np.exp(z) - 1),
    "identity": lambda z: z,
}


def test_every_activation_is_in_the_table_by_its_own_name():
    assert {name: f.__name__ for name, f in ACTIVATIONS.items()} == {name: name for name in ACTIVATIONS}
    assert len(ACTIVATIONS) == 9


@pytest.mark.parametrize("name", COMPLEX)
def test_a_derivative_is_the_complex_steps(name):
    expected = COMPLEX[name](X + 1e-30j).imag / 1e-30
    assert_within(ACTIVATIONS[name](X, diff=True), expected, absolute=0, relative=1e-14)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_a_derivative_is_the_central_differences(name):
    f, h = ACTIVATIONS[name], 1e-6
    assert abs(X).min() > h
    assert_within(f(X, diff=True), (f(X + h) - f(X - h)) / (2 * h), absolute=2e-9, relative=0)


def test_values_are_those_of_other_libraries():
    assert_within(sigmoid(X), scipy.special.expit(X), absolute=0, relative=5e-15)
    assert_ulps(tanh(X), [[math.tanh(x) for x in row] for row in X], 2)
    assert_within(softmax(X), scipy.special.softmax(X, axis=-1), absolute=0, relative=1e-14)
    np.testing.assert_array_equal(relu(X), np.where(X > 0, X, 0))
    np.testing.assert_array_equal(step(X), (X > 0).astype(float))
    np.testing.assert_array_equal(leaky_relu(X, 0.01), np.where(X > 0, X, 0.01 * X))
    np.testing.assert_array_equal(prelu(X), np.where(X > 0, X, 0.5 * X))
    assert_within(elu(X, 0.5), np.where(X > 0, X, 0.5 * (np.exp(X) - 1)), absolute=1e-15, relative=1e-15)
    np.testing.assert_array_equal(identity(X), X)


@pytest.mark.parametrize(
    ("name", "values", "slopes"),
    [
        ("step", [0, 0, 0, 0, 0, 1, 1, 1, 1], [0] * 9),
        (
            "sigmoid",
            [0, 0, math.exp(-40), 0.5, 0.5, 0.5, 1, 1, 1],
            [0, 0, math.exp(-40), 0.25, 0.25, 0.25, math.exp(-40), 0, 0],
        ),
        (
            "tanh",
            [-1, -1, -1, -1e-300, 0, 1e-300, 1, 1, 1],
            [0, 0, 4 * math.exp(-80), 1, 1, 1, 4 * math.exp(-80), 0, 0],
        ),
        ("relu", [0, 0, 0, 0, 0, 1e-300, 40, 1000, 1e308], [0] * 5 + [1] * 4),
        ("leaky_relu", [-1e307, -100, -4, -1e-301, 0, 1e-300, 40, 1000, 1e308], [0.1] * 5 + [1] * 4),
        ("prelu", [-5e307, -500, -20, -5e-301, 0, 1e-300, 40, 1000, 1e308], [0.5] * 5 + [1] * 4),
        (
            "elu",
            [-1, -1, -1, -1e-300, 0, 1e-300, 40, 1000, 1e308],
            [0, 0, math.exp(-40), 1, 1, 1, 1, 1, 1],
        ),
        ("identity", EXTREMES, [1] * 9),
    ],
)
def test_extremes_are_right_and_warn_of_nothing(name, values, slopes):
    assert_within(ACTIVATIONS[name](EXTREMES), np.array(values, float), absolute=0, relative=4e-15)
    assert_within(ACTIVATIONS[name](EXTREMES, diff=True), np.array(slopes, float), absolute=0, relative=4e-15)


def test_softmax_of_extremes_is_right_and_warns_of_nothing():
    np.testing.assert_array_equal(softmax([1000.0, 1000.0, -1000.0]), [0.5, 0.5, 0])
    np.testing.assert_array_equal(softmax([-1e308, 1e308]), [0, 1])
    np.testing.assert_array_equal(softmax([[1000.0], [-1000.0]]), [[1], [1]])
    np.testing.assert_array_equal(softmax([1e308, 0.0], diff=True), np.zeros((2, 2)))


def test_softmax_goes_along_the_rows_of_any_number_of_axes():
    x = np.random.RandomState(1).randn(2, 3, 4)
    y = softmax(x)
    assert_within(y.sum(axis=-1), 1, absolute=0, relative=1e-15)
    np.testing.assert_array_equal(y[1, 2], softmax(x[1, 2]))


def test_the_derivative_of_softmax_is_the_complex_steps_in_every_pair():
    x = np.random.RandomState(2).randn(3, 5)
    found = softmax(x, diff=True)
    assert found.shape == (3, 5, 5)
    for j in range(5):
        z = x + 1e-30j * (np.arange(5) == j)
        expected = (np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)).imag / 1e-30
        assert_within(found[:, :, j], expected, absolute=1e-17, relative=1e-14)


def test_a_slope_above_1_is_a_slope_and_no_maximum():
    # max(b x, x), as the notes have it, gives -1 at -1
    np.testing.assert_array_equal(prelu([-1.0, 1.0], b=2), [-2, 1])
    np.testing.assert_array_equal(prelu([-1.0, 1.0], b=2, diff=True), [2, 1])
    np.testing.assert_array_equal(leaky_relu([-1.0, 1.0], a=3), [-3, 1])
    np.testing.assert_array_equal(leaky_relu([-1.0, 1.0], a=-1), [1, 1])


def test_the_slope_at_0_is_the_left_one():
    assert relu(0.0, diff=True) == 0
    assert leaky_relu(0.0, 0.3, diff=True) == 0.3
    assert prelu(0.0, 0.7, diff=True) == 0.7
    assert elu(0.0, 0.5, diff=True) == 0.5
    assert elu(1e-300, 0.5, diff=True) == 1
    assert relu(-0.0, diff=True) == 0


def test_elu_is_smooth_for_alpha_1_alone():
    for alpha, jump in ((1.0, 0.0), (0.5, 0.5), (2.0, -1.0)):
        assert elu(1e-300, alpha, diff=True) - elu(-1e-300, alpha, diff=True) == jump


def test_diff_may_be_given_by_place_as_in_the_notes():
    assert tanh(0.0, True) == 1
    assert_ulps(elu(-1.0, 2.0, True), 2 * math.exp(-1), 1)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("diff", [False, True])
def test_float32_stays_and_all_else_becomes_float64(name, diff):
    f = ACTIVATIONS[name]
    single = f(X.astype(np.float32), diff=diff)
    assert single.dtype == np.float32
    assert_within(single, f(X, diff=diff), absolute=2e-6, relative=2e-6)
    for whole in ([-3, 0, 2], np.array([1, 2], np.int8), np.array([True, False])):
        found = f(whole, diff=diff)
        assert found.dtype == np.float64
        np.testing.assert_array_equal(found, f(np.array(whole, float), diff=diff))


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("diff", [False, True])
def test_arrays_stay_on_their_device_and_are_not_written_to(name, diff):
    x = X.copy()
    found = ACTIVATIONS[name](strict.asarray(x), diff=diff)
    assert type(found) is strict.ndarray
    np.testing.assert_array_equal(strict.asnumpy(found), ACTIVATIONS[name](x, diff=diff))
    np.testing.assert_array_equal(x, X)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize(
    ("x", "message"),
    [
        ([1.0, np.nan], r"x must be finite, but it is nan at \(1,\)"),
        ([np.inf, 1.0], r"x must be finite, but it is inf at \(0,\)"),
        ([1j], "x must be of real numbers"),
        (["a"], "x must be of real numbers"),
        (None, "x must be of real numbers"),
        ([[1.0], [1.0, 2.0]], "x must be an array"),
        ([], "x must have at least one element"),
        (np.ma.masked_array([1.0, 2.0], [0, 1]), "x must not be a masked array"),
    ],
)
def test_bad_arrays_are_refused_by_name(name, x, message):
    with pytest.raises((ValueError, TypeError), match=message):
        ACTIVATIONS[name](x)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: leaky_relu([1.0], a=True), "a must be a real number"),
        (lambda: leaky_relu([1.0], a=np.nan), "a must be finite"),
        (lambda: prelu([1.0], b="0.5"), "b must be a real number"),
        (lambda: elu([1.0], alpha=None), "alpha must be a real number"),
        (lambda: elu([1.0], alpha=np.inf), "alpha must be finite"),
        (lambda: tanh([1.0], diff=1), "diff must be True or False, not 1"),
        (lambda: prelu([1.0], diff=None), "diff must be True or False, not None"),
        (lambda: softmax(1.0), "x must have at least one axis"),
    ],
)
def test_bad_arguments_are_refused_by_name(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()
