"""The helpers of the listings: activations, dropout, cost functions."""

import math

import numpy as np
import pytest
import scipy.special
import strict
from closeness import assert_ulps, assert_within
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from deltarule import cross_entropy, dropout, matlab, relu, sigmoid, softmax, sum_squared_error
from deltarule.basics.functions import FEW, NO_OVERFLOW

finite = st.floats(-1e300, 1e300)


@settings(derandomize=True)
@given(st.floats(-700, 700))
def test_sigmoid_is_scipys_expit(x):
    # its relative error grows with |x|, the argument of the last exponential
    assert_within(sigmoid(x), scipy.special.expit(x), absolute=0, relative=2.3e-16 * (3 + abs(x)))


@settings(derandomize=True)
@given(finite)
def test_sigmoid_lies_between_0_and_1_and_never_overflows(x):
    assert 0 <= sigmoid(x) <= 1
    assert_within(sigmoid(x) + sigmoid(-x), 1, absolute=2.3e-16, relative=0)


def test_sigmoid_of_extremes():
    np.testing.assert_array_equal(
        sigmoid(np.array([-np.inf, -1e308, 0.0, -0.0, 1e308, np.inf])), [0, 0, 0.5, 0.5, 1, 1]
    )


@settings(derandomize=True)
@given(hnp.arrays(float, hnp.array_shapes(min_dims=2, max_dims=3, max_side=4), elements=finite))
def test_softmax_columns_sum_to_1_and_never_overflow(x):
    y = softmax(x)
    assert y.shape == x.shape
    assert_within(y.sum(axis=-2), 1, absolute=0, relative=1e-14)
    assert (y >= 0).all()


def test_softmax_does_not_change_when_a_column_is_shifted():
    x = np.arange(6.0).reshape(3, 2)
    assert_within(softmax(x + np.array([1000.0, -1000.0])), softmax(x), absolute=0, relative=1e-13)


def test_softmax_is_scipys():
    x = matlab.rng(2).randn(5, 3)
    assert_ulps(softmax(x), scipy.special.softmax(x, axis=0), 4)


def test_softmax_takes_a_vector_as_one_column():
    np.testing.assert_array_equal(softmax([1.0, 2.0]), softmax([[1.0], [2.0]]).ravel())


@pytest.mark.parametrize("function", [sigmoid, relu, softmax])
def test_activations_leave_their_argument_as_it_is_and_keep_float32(function):
    x = np.array([[1.0], [-2.0]], dtype=np.float32)
    x.setflags(write=False)
    assert function(x).dtype == np.float32


@pytest.mark.parametrize("function", [sigmoid, relu, softmax])
@pytest.mark.parametrize("dtype", [np.int8, np.uint8, bool, np.float16, np.longdouble, ">f8"])
def test_activations_compute_other_types_of_numbers_in_float64(function, dtype):
    x = np.array([[0], [1], [100]]).astype(dtype)
    y = function(x)
    assert y.dtype == np.float64
    np.testing.assert_array_equal(y, function(x.astype(np.float64)))


@pytest.mark.parametrize("function", [sigmoid, relu, softmax])
@pytest.mark.parametrize("x", [["a"], [1j], [None]])
def test_activations_refuse_what_holds_no_real_numbers(function, x):
    with pytest.raises(TypeError, match="^x must be of real numbers"):
        function(x)


@pytest.mark.parametrize("function", [sigmoid, relu, softmax])
def test_activations_refuse_ragged_and_endless_lists(function):
    endless = []
    endless.append(endless)
    for x in ([[1.0], [1.0, 2.0]], endless):
        with pytest.raises((TypeError, ValueError), match="^x must be"):
            function(x)


def test_sigmoid_gives_no_warning_and_leaves_those_of_others():
    with np.errstate(over="raise"):
        sigmoid(np.array([-1000.0]))
        with pytest.raises(FloatingPointError):
            np.exp(np.array([1000.0]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1, 2, FEW - 1, FEW, FEW + 1])
@pytest.mark.parametrize("least", [5.0, NO_OVERFLOW + 1, NO_OVERFLOW, -88.7, -88.8, -709.0, -710.0, -np.inf, np.nan])
def test_sigmoid_of_few_and_of_many_elements_is_the_same_to_the_last_bit_and_never_warns(dtype, size, least):
    x = np.linspace(-3, 3, size, dtype=dtype)
    x[-1] = least
    if size > 2:
        x[0] = -1000.0  # which overflows wherever NaN, which is neither less nor more, is seen first
    with np.errstate(over="ignore"):
        expected = 1 / (1 + np.exp(-x))
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        np.testing.assert_array_equal(sigmoid(x), expected, strict=True)


def test_a_sigmoid_within_a_sigmoid_leaves_the_warnings_as_they_were(monkeypatch):
    # as when a signal handler trains in the middle of one
    inner = strict.ndarray.__array_ufunc__

    def calling(self, *args, **kwargs):
        with monkeypatch.context() as plain:
            plain.setattr(strict.ndarray, "__array_ufunc__", inner)
            sigmoid(strict.asarray(np.zeros(2)))
        return inner(self, *args, **kwargs)

    monkeypatch.setattr(strict.ndarray, "__array_ufunc__", calling)
    with np.errstate(over="raise"):
        sigmoid(strict.asarray(np.zeros(2)))
        assert np.geterr()["over"] == "raise"


def test_relu_is_zero_at_and_below_zero():
    np.testing.assert_array_equal(relu(np.array([-3.0, -0.0, 0.0, 2.5])), [0, 0, 0, 2.5])


@pytest.mark.parametrize(
    ("n", "ratio", "kept"), [(20, 0.2, 16), (25, 0.5, 13), (10, 0.0, 10), (10, 0.99, 0), (5, 0.5, 3)]
)
def test_dropout_keeps_as_many_nodes_as_matlabs_round_says(n, ratio, kept):
    mask = dropout(np.ones((n, 1)), ratio, matlab.rng(1))
    assert mask.shape == (n, 1)
    assert (mask != 0).sum() == kept
    np.testing.assert_array_equal(mask[mask != 0], 1 / (1 - ratio))


def test_dropout_draws_the_kept_nodes_by_randperm_in_column_order():
    mask = dropout(np.ones((4, 3)), 0.5, matlab.rng(1))
    kept = matlab.rng(1).randperm(12, 6) - 1
    np.testing.assert_array_equal(np.flatnonzero(mask.ravel(order="F")), sorted(kept))


@pytest.mark.parametrize("ratio", [1.0, -0.1, math.nan, math.inf])
def test_dropout_refuses_a_ratio_outside_0_to_1(ratio):
    with pytest.raises(ValueError, match="^ratio must be"):
        dropout(np.ones((3, 1)), ratio, matlab.rng())


@pytest.mark.parametrize("ratio", ["0.2", True, None, [0.2]])
def test_dropout_refuses_a_ratio_that_is_no_number(ratio):
    with pytest.raises(TypeError, match="^ratio must be a real number"):
        dropout(np.ones((3, 1)), ratio, matlab.rng())


def test_sum_squared_error_is_the_mean_over_samples_of_the_sum_over_outputs():
    d = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    y = np.array([[0.5, 1.0], [1.0, 2.0], [0.0, 1.0]])
    assert_within(sum_squared_error(d, y), (0.25 + 4 + 1) / 3, absolute=0, relative=1e-14)
    assert_within(sum_squared_error(d[:, 0], y[:, :1]), (0.25 + 0 + 1) / 3, absolute=0, relative=1e-14)


def test_cross_entropy_is_the_binary_one_summed_over_everything():
    d, y = np.array([0.0, 1.0, 0.3]), np.array([0.2, 0.7, 0.5])
    expected = -math.log(0.8) - math.log(0.7) - 0.3 * math.log(0.5) - 0.7 * math.log(0.5)
    assert_within(cross_entropy(d, y), expected, absolute=0, relative=1e-15)


def test_cross_entropy_counts_0_ln_0_as_0_and_is_infinite_for_a_certain_mistake():
    assert cross_entropy([0.0, 1.0], [0.0, 1.0]) == 0
    assert cross_entropy([1.0], [0.0]) == math.inf


@pytest.mark.parametrize("cost", [sum_squared_error, cross_entropy])
def test_costs_of_many_networks_are_those_of_each(cost):
    rng = matlab.rng(1)
    d, y = np.eye(3), rng.rand(4, 3, 3)
    assert_within(cost(d, y), [cost(d, one) for one in y], absolute=0, relative=1e-14)


@pytest.mark.parametrize("cost", [sum_squared_error, cross_entropy])
def test_costs_refuse_shapes_that_do_not_match(cost):
    with pytest.raises(ValueError, match=r"^d must have one target for each output of y, \(4,\), not the shape \(3,\)"):
        cost(np.zeros(3), np.zeros(4))
    with pytest.raises(ValueError, match=r"^d must have one target for each output of y, \(5, 2\)"):
        cost(np.zeros(5), np.zeros((5, 2)))
    with pytest.raises(ValueError, match="^d must have one target"):
        cost(0.5, 0.5)


def test_cross_entropy_refuses_outputs_outside_0_to_1():
    with pytest.raises(ValueError, match=r"^y must be in \[0, 1\]"):
        cross_entropy([0.0], [1.5])
    with pytest.raises(ValueError, match=r"^d must be in \[0, 1\]"):
        cross_entropy([-1.0], [0.5])
