"""Labels of two kinds: digits and one-hot rows, told apart by their shape; wrong ones by name."""

import numpy as np
import pytest
import strict

from deltarule.layers import one_hot
from deltarule.layers.labels import as_digits

Y = np.full((3, 4), 0.25)


def test_one_hot_rows_hold_a_single_1_where_the_digit_is():
    np.testing.assert_array_equal(one_hot([2, 0, 1], 3), [[0, 0, 1], [1, 0, 0], [0, 1, 0]])
    assert one_hot([2, 0, 1], 3).dtype == np.float64


def test_more_classes_than_an_array_can_have_are_refused_by_name():
    with pytest.raises(ValueError, match="classes must make arrays of at most"):
        one_hot([0], 2**70)


def test_one_hot_takes_a_single_digit_and_any_number_of_axes():
    np.testing.assert_array_equal(one_hot(1, 3), [0, 1, 0])
    np.testing.assert_array_equal(one_hot(np.array([[1], [0]], np.uint8), 2), [[[0, 1]], [[1, 0]]])


def test_both_kinds_of_labels_are_understood():
    digits = np.array([3, 0, 2])
    for t in (digits, digits.astype(np.uint8), [3, 0, 2], one_hot(digits, 4), one_hot(digits, 4).astype(bool)):
        np.testing.assert_array_equal(as_digits(t, Y), digits)


def test_both_kinds_are_understood_for_one_sample():
    assert as_digits(2, Y[0]) == 2
    assert as_digits([0, 0, 1, 0], Y[0]) == 2


def test_as_many_samples_as_classes_are_no_reason_for_doubt():
    # the notes' batches of 10 digits for 10 classes
    y = np.full((10, 10), 0.1)
    t = np.arange(10)[::-1]
    np.testing.assert_array_equal(as_digits(t, y), t)
    np.testing.assert_array_equal(as_digits(one_hot(t, 10), y), t)


def test_there_may_be_more_than_256_rows():
    t = np.arange(300) % 4
    np.testing.assert_array_equal(as_digits(one_hot(t, 4), np.full((300, 4), 0.25)), t)


def test_labels_stay_on_their_device():
    y, t = strict.asarray(Y), strict.asarray([3, 0, 2])
    for found in (as_digits(t, y), as_digits(one_hot(t, 4), y), one_hot(t, 4)):
        assert type(found) is strict.ndarray
    np.testing.assert_array_equal(strict.asnumpy(as_digits(one_hot(t, 4), y)), [3, 0, 2])


@pytest.mark.parametrize(
    ("t", "error", "message"),
    [
        ([0, 1, 4], ValueError, "t must be digits from 0 to 3 for 4 classes, but one is 4"),
        ([0, 7, 2], ValueError, "t must be digits from 0 to 3 for 4 classes, but one is 7"),
        (np.zeros((5, 1), int), ValueError, r"for 4 classes, not of shape \(5, 1\)"),
        ([0, -1, 2], ValueError, "t must be digits from 0 to 3 for 4 classes, but one is -1"),
        ([0.0, 1.0, 2.0], TypeError, r"t must be digits of an integer type, not of dtype float64; .astype\(int\)"),
        ([True, False, True], TypeError, "t must be digits of an integer type, not of dtype bool"),
        (["0", "1", "2"], TypeError, "t must be digits of an integer type"),
        ([[0], [1], [2]], ValueError, r"not a column of shape \(3, 1\); t.ravel\(\) makes digits of it"),
        ([0, 1], ValueError, r"t must be digits of shape \(3,\) or one-hot rows of shape \(3, 4\), for 4 classes, not"),
        (np.eye(3), ValueError, r"for 4 classes, not of shape \(3, 3\)"),
        (1, ValueError, r"not of shape \(\)"),
        (np.zeros((3, 2, 1), int), ValueError, r"for 4 classes, not of shape \(3, 2, 1\)"),
        (np.full((3, 4), 0.25), ValueError, "t must be one-hot, a single 1 among zeros in each row"),
        (np.zeros((3, 4)), ValueError, "t must be one-hot"),
        (np.ones((3, 4)), ValueError, "t must be one-hot"),
        (np.eye(3, 4) * np.nan, ValueError, "t must be one-hot"),
        (np.eye(3, 4) * 1j, TypeError, "t must be one-hot rows of numbers, not of dtype complex128"),
        ([[1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0]], ValueError, "t must be one-hot"),
        ([[1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0]], ValueError, "t must be one-hot"),
        ([[1, -1, 1, 0], [1, 0, 0, 0], [0, 0, 1, 0]], ValueError, "t must be one-hot"),
        (strict.asarray([0, 1, 2]), ValueError, "t must be a numpy array as the weights are, not a strict array"),
    ],
    ids=range(21),
)
def test_wrong_labels_are_refused_with_what_they_are(t, error, message):
    with pytest.raises(error, match=message):
        as_digits(t, Y)


def test_a_column_of_columns_is_told_to_be_one():
    with pytest.raises(ValueError, match=r"not a column of shape \(3, 2, 1\); t.ravel"):
        as_digits(np.zeros((3, 2, 1), int), np.full((3, 2, 4), 0.25))


def test_labels_of_another_name_are_refused_by_it():
    with pytest.raises(ValueError, match=r"^t_test must be digits .* \(3, 1\); t_test.ravel\(\) makes digits of it"):
        as_digits([[0], [1], [2]], Y, "t_test")
    for t in ([0, 1, 4], [0.0, 1.0, 2.0], np.ones((3, 4)), np.eye(3, 4) * 1j):
        with pytest.raises((ValueError, TypeError), match="^t_test must be"):
            as_digits(t, Y, "t_test")


def test_digits_where_a_single_row_is_wanted_are_told_of_one_hot():
    with pytest.raises(ValueError, match=r"digits are turned into such rows by one_hot\(t, n\)"):
        as_digits([3, 0, 2, 1], Y[0])


@pytest.mark.parametrize(
    ("t", "classes", "message"),
    [
        ([0, 3], 3, "t must be digits from 0 to 2 for 3 classes, but one is 3"),
        ([0.5], 3, "t must be digits of an integer type"),
        ([], 3, "t must be digits of an integer type"),
        (np.zeros(0, int), 3, "t must have at least one element"),
        ([0], 0, "classes must be at least 1, not 0"),
        ([0], 2.0, "classes must be an integer, not 2.0"),
        ([0], True, "classes must be an integer, not True"),
    ],
)
def test_one_hot_refuses_what_it_cannot_turn(t, classes, message):
    with pytest.raises((ValueError, TypeError), match=message):
        one_hot(t, classes)
