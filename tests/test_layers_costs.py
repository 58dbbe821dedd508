"""The cost functions: as printed, for both kinds of labels, one sample and batches, with and without the 1e-7."""

import numpy as np
import pytest
import strict
from closeness import assert_within

from deltarule.layers import (
    binary_cross_entropy,
    cross_entropy_error,
    mape,
    mean_squared_error,
    mse,
    one_hot,
    smape,
)

# the from-scratch notes, chapter 4: two answers for the digit 2
T = [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
Y1 = [0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0]
Y2 = [0.1, 0.05, 0.1, 0.0, 0.05, 0.1, 0.0, 0.6, 0.0, 0.0]


def test_costs_are_as_printed_to_the_last_digit():
    assert repr(float(mean_squared_error(np.array(Y1), np.array(T)))) == "0.09750000000000003"
    assert repr(float(mean_squared_error(np.array(Y2), np.array(T)))) == "0.5975"
    for t in (T, 2):
        assert repr(float(cross_entropy_error(np.array(Y1), np.array(t)))) == "0.510825457099338"
        assert repr(float(cross_entropy_error(np.array(Y2), np.array(t)))) == "2.302584092994546"


def test_mean_squared_error_is_half_the_sum_and_no_mean():
    assert mean_squared_error([[1.0, 2.0], [3.0, 4.0]], np.zeros((2, 2))) == 15
    assert mean_squared_error([[1.0, 2.0]] * 7, np.zeros((7, 2))) == 7 * 2.5
    assert mean_squared_error(3.0, 1.0) == 2


def test_mse_is_the_mean_and_mean_squared_error_half_the_sum():
    y, t = np.random.RandomState(3).randn(2, 4, 5)
    assert mse(3.0, 1.0) == 4
    assert_within(mse(y, t), ((y - t) ** 2).mean(), absolute=0, relative=4e-16)
    assert_within(mse(y, t) * 20 / 2, mean_squared_error(y, t), absolute=0, relative=1e-15)


def test_mape_is_in_per_cent_of_the_target_whatever_its_sign():
    assert mape([125.0, 50.0], [100.0, 100.0]) == 37.5
    assert mape([-125.0, -50.0], [-100.0, -100.0]) == 37.5
    assert mape([0.0], [4.0]) == 100  # an answer of 0 costs 100, one that is far too large any number
    assert mape([40.0], [4.0]) == 900


def test_the_two_conventions_of_smape_differ_by_2():
    y, t = np.random.RandomState(4).randn(2, 6, 3)
    assert_within(smape(y, t), 2 * smape(y, t, halved=False), absolute=0, relative=1e-15)
    assert (smape([3.0], [-1.0]), smape([3.0], [-1.0], halved=False)) == (200, 100)  # the largest there is
    assert_within(smape(y, t), smape(t, y), absolute=0, relative=1e-15)
    assert smape([0.0, 2.0], [0.0, 2.0]) == 0
    assert smape([0.0, 3.0], [0.0, 1.0]) == 50


def test_the_numbers_of_the_table_in_the_documentation():
    found = [cost([y], [100.0]) for cost in (mse, mape, smape) for y in (150.0, 50.0)]
    found += [smape([y], [100.0], halved=False) for y in (150.0, 50.0)]
    assert [f"{x:.4g}" for x in found] == ["2500", "2500", "50", "50", "40", "66.67", "20", "33.33"]
    categorical, binary = cross_entropy_error([0.1, 0.7, 0.2], 1, delta=0), binary_cross_entropy([0.7], [1.0])
    assert f"{categorical:.4f} {binary:.4f}" == "0.3567 0.3567"


def test_smape_is_symmetric_in_its_arguments_and_not_about_the_target():
    assert smape([150.0], [100.0]) == 40
    assert_within(smape([50.0], [100.0]), 200 / 3, absolute=0, relative=1e-15)


def test_binary_cross_entropy_is_the_categorical_one_of_two_classes():
    rng = np.random.RandomState(5)
    y, t = rng.rand(7), rng.randint(0, 2, 7)
    two = np.stack([1 - y, y], axis=1)
    found = binary_cross_entropy(y, t.astype(float))
    assert_within(found, cross_entropy_error(two, t, delta=0), absolute=0, relative=1e-15)
    assert_within(binary_cross_entropy([[0.25]], [[0.5]]), -np.log(3 / 16) / 2, absolute=0, relative=1e-15)


def test_a_sure_answer_costs_nothing_where_it_is_right_and_without_bound_where_it_is_wrong():
    assert binary_cross_entropy([0.0, 1.0], [0.0, 1.0]) == 0
    assert binary_cross_entropy([0.0, 1.0], [1.0, 1.0]) == np.inf
    assert binary_cross_entropy([0.0, 1.0], [0.0, 0.0]) == np.inf


@pytest.mark.parametrize("cost", [mse, mape, smape, binary_cross_entropy])
def test_the_costs_that_the_keras_notes_name_keep_float32_and_their_device(cost):
    y, t = np.random.RandomState(6).rand(2, 3, 4)
    double = cost(y, t)
    single = cost(y.astype(np.float32), t.astype(np.float32))
    assert single.dtype == np.float32
    assert_within(single, double, absolute=0, relative=1e-5)
    there = cost(strict.asarray(y), strict.asarray(t))
    assert type(there) is strict.ndarray
    assert_within(float(there), double, absolute=0, relative=1e-15)


@pytest.mark.parametrize("delta", [1e-7, 0, 0.25])
def test_cross_entropy_is_the_mean_over_the_batch_for_both_kinds_of_labels(delta):
    y = np.random.RandomState(0).dirichlet(np.ones(4), 6)
    t = np.array([0, 3, 1, 1, 2, 0])
    expected = np.mean([-np.log(y[i, t[i]] + delta) for i in range(6)])
    for labels in (t, t.tolist(), one_hot(t, 4), one_hot(t, 4).astype(int)):
        assert_within(cross_entropy_error(y, labels, delta=delta), expected, absolute=0, relative=4e-16)
    ones = [cross_entropy_error(y[i], t[i], delta) for i in range(6)]
    assert_within(np.mean(ones), expected, absolute=0, relative=4e-16)


def test_cross_entropy_without_delta_takes_zeros_where_the_answer_is_not():
    # log(0) times 0 made the notes' batch form nan
    assert_within(cross_entropy_error([Y1, Y1], [T, T], delta=0), -np.log(0.6), absolute=0, relative=4e-16)


def test_cross_entropy_without_delta_is_infinite_where_the_answer_is_0_and_bounded_with_it():
    assert cross_entropy_error([0.0, 1.0], 0, delta=0) == np.inf
    assert_within(cross_entropy_error([0.0, 1.0], 0), 7 * np.log(10), absolute=0, relative=1e-15)


def test_digits_for_as_many_samples_as_classes_are_digits():
    # at a batch of 10 the notes' digits broadcast against 10 outputs and give a wrong number
    y = np.random.RandomState(1).dirichlet(np.ones(10), 10)
    t = np.array([5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
    assert_within(cross_entropy_error(y, t), cross_entropy_error(y, one_hot(t, 10)), absolute=0, relative=4e-16)


def test_costs_keep_float32():
    y, t = np.array([Y1, Y2], np.float32), np.array([T, T], np.float32)
    assert mean_squared_error(y, t).dtype == np.float32
    assert cross_entropy_error(y, t).dtype == np.float32
    assert cross_entropy_error(y, [2, 2]).dtype == np.float32
    assert_within(cross_entropy_error(y, t), (0.510825457099338 + 2.302584092994546) / 2, absolute=0, relative=3e-7)


def test_costs_stay_on_their_device():
    y, t = strict.asarray([Y1, Y2]), strict.asarray([T, T])
    digits = strict.asarray([2, 2])
    for found, expected in (
        (mean_squared_error(y, t), 0.09750000000000003 + 0.5975),
        (cross_entropy_error(y, t), (0.510825457099338 + 2.302584092994546) / 2),
        (cross_entropy_error(y, digits), (0.510825457099338 + 2.302584092994546) / 2),
        (cross_entropy_error(y[0], digits[0]), 0.510825457099338),
    ):
        assert type(found) is strict.ndarray
        assert_within(float(found), expected, absolute=0, relative=4e-16)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mean_squared_error([1.0, 2.0], [1.0]), r"t must have the shape \(2,\) of y, not \(1,\)"),
        (lambda: mean_squared_error(np.eye(3), [0, 1, 2]), r"digits are turned into rows by one_hot\(t, 3\)"),
        (lambda: mean_squared_error(np.zeros((2, 3, 4)), np.zeros((2, 3))), r"by one_hot\(t, 4\)"),
        (lambda: mean_squared_error(np.zeros((2, 3, 4)), np.zeros(2)), r"of y, not \(2,\)$"),
        (lambda: mean_squared_error(np.zeros((2, 3)), np.zeros(5)), r"of y, not \(5,\)$"),
        (lambda: mean_squared_error([np.nan], [1.0]), "y must be finite"),
        (lambda: mean_squared_error([1.0], [np.inf]), "t must be finite"),
        (lambda: mean_squared_error(np.float32([1.0]), np.array([1.0])), "t must be float32"),
        (lambda: mean_squared_error([1.0], ["a"]), "t must be of real numbers"),
        (lambda: mse(np.eye(3), [0, 1, 2]), r"^t must .* digits are turned into rows by one_hot\(t, 3\)"),
        (lambda: mse([np.nan], [1.0]), "^y must be finite"),
        (lambda: mape([1.0], [1.0, 2.0]), r"^t must have the shape \(1,\) of y, not \(2,\)"),
        (lambda: mape([1.0, 2.0], [1.0, 0.0]), "^t must have no element that is 0"),
        (lambda: smape([1.0], ["a"]), "^t must be of real numbers"),
        (lambda: smape([1.0], [1.0], halved=1), "^halved must be True or False, not 1"),
        (lambda: binary_cross_entropy([1.5], [1.0]), r"^y must be in \[0, 1\]"),
        (lambda: binary_cross_entropy([0.5], [-0.1]), r"^t must be in \[0, 1\]"),
        (lambda: binary_cross_entropy([0.5], [[1.0]]), r"^t must have the shape \(1,\) of y"),
        (lambda: cross_entropy_error([0.5, np.nan], 0), "y must be finite"),
        (lambda: cross_entropy_error([0.5, 1.5], 0), r"y must be probabilities, in \[0, 1\]"),
        (lambda: cross_entropy_error([-0.1, 1.1], 1), r"y must be probabilities, in \[0, 1\]"),
        (lambda: cross_entropy_error(0.5, 0), r"y must be probabilities \(N, classes\) or \(classes,\), not of"),
        (lambda: cross_entropy_error(np.full((2, 2, 2), 0.5), [0, 1]), r"not of shape \(2, 2, 2\)"),
        (lambda: cross_entropy_error([0.5, 0.5], 2), "t must be digits from 0 to 1 for 2 classes, but one is 2"),
        (lambda: cross_entropy_error([[0.5, 0.5]], [[1, 1]]), "t must be one-hot"),
        (lambda: cross_entropy_error([[0.5, 0.5]], [0.0]), "t must be digits of an integer type"),
        (lambda: cross_entropy_error([0.5, 0.5], 0, delta=-1e-9), "delta must be 0 or above, not -1e-09"),
        (lambda: cross_entropy_error([0.5, 0.5], 0, delta=np.nan), "delta must be finite"),
        (lambda: cross_entropy_error([0.5, 0.5], 0, delta=True), "delta must be a real number"),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()


def test_the_cost_of_answers_that_are_all_right_is_0_and_not_minus_0():
    assert str(float(binary_cross_entropy([0.0, 1.0], [0, 1]))) == "0.0"
    assert binary_cross_entropy(np.array([0, 1], np.float32), np.array([0, 1], np.float32)).dtype == np.float32
