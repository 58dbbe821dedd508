"""Numerical gradients, one element at a time and in stacks, and the descent that follows them."""

import numpy as np
import pytest
import strict
from closeness import assert_within

from deltarule.layers import gradient_descent, numerical, numerical_gradient


def bowl(x):
    """A quadratic, of which central differences make no error but rounding."""
    return (x**2).sum()


def bowls(x):
    return (x**2).reshape(len(x), -1).sum(axis=1)


def test_the_gradient_of_a_quadratic_is_exact_but_for_rounding():
    x = np.random.RandomState(0).randn(3, 4)
    for found in (numerical_gradient(bowl, x), numerical_gradient(bowls, x, batched=True)):
        assert found.shape == x.shape
        assert_within(found, 2 * x, absolute=1e-10, relative=0)


def test_the_error_is_a_sixth_of_the_third_derivative_times_h_squared():
    for h in (1e-2, 1e-3):
        error = numerical_gradient(lambda x: np.exp(x).sum(), [0.5], h) - np.exp(0.5)
        assert_within(error, np.exp(0.5) * h**2 / 6, absolute=1e-12, relative=1e-4)


def test_h_is_the_books_unless_it_is_given():
    seen = []
    numerical_gradient(lambda x: seen.append(float(x[0])) or 0.0, [0.0])
    assert seen == [1e-4, -1e-4]


def test_stacks_of_a_bounded_size_make_up_the_same_gradient(monkeypatch):
    x = np.random.RandomState(1).randn(5, 3)
    whole = numerical_gradient(bowls, x, batched=True)
    for points in (1, 2, 7, 14, 15):
        sizes = []
        monkeypatch.setattr(numerical, "STACK_BYTES", points * 2 * x.nbytes)
        found = numerical_gradient(lambda s, sizes=sizes: sizes.append(len(s)) or bowls(s), x, batched=True)
        np.testing.assert_array_equal(found, whole)
        assert max(sizes) == 2 * points
        assert sum(sizes) == 2 * x.size


def test_a_stack_is_of_at_least_one_element_however_large():
    x = np.zeros(numerical.STACK_BYTES // 8)
    calls = iter(range(1))

    def f(stack):
        assert stack.shape == (2, x.size)
        next(calls)
        return np.zeros(1)

    with pytest.raises(ValueError, match=r"f must return an array of shape \(2,\) for 2 points, not \(1,\)"):
        numerical_gradient(f, x, batched=True)


def test_a_number_without_axes_has_a_gradient_too():
    assert_within(numerical_gradient(lambda x: x**2, 3.0), 6, absolute=1e-9, relative=0)
    assert_within(numerical_gradient(lambda x: x**2, 3.0, batched=True), 6, absolute=1e-9, relative=0)


def test_the_point_is_not_written_to_and_f_sees_one_element_changed():
    x = np.arange(4.0).reshape(2, 2)
    x.flags.writeable = False
    seen = []
    numerical_gradient(lambda z: seen.append(z - x) or 0.0, x, h=0.5)
    np.testing.assert_array_equal(np.abs(seen).reshape(8, 4).sum(axis=1), 0.5)
    np.testing.assert_array_equal(np.sum(seen, axis=0), 0)


def test_float32_stays_float32():
    x = np.array([1.0, 2.0], np.float32)
    for found in (
        numerical_gradient(bowl, x, h=0.125),
        numerical_gradient(bowls, x, h=0.125, batched=True),
        gradient_descent(bowl, x, lr=0.125, steps=1),
    ):
        assert found.dtype == np.float32


def test_arrays_stay_on_their_device():
    x = strict.asarray([1.0, -2.0])
    for found in (numerical_gradient(bowl, x), numerical_gradient(bowls, x, batched=True)):
        assert type(found) is strict.ndarray
        assert_within(strict.asnumpy(found), [2, -4], absolute=1e-9, relative=0)
    path = gradient_descent(bowl, x, 0.25, 2, path=True)
    assert_within(strict.asnumpy(path), [[1, -2], [0.5, -1], [0.25, -0.5]], absolute=1e-9, relative=0)


def test_descent_follows_the_gradient_down_and_its_path_holds_every_point():
    path = gradient_descent(bowl, [-3.0, 4.0], lr=0.1, steps=10, path=True)
    assert path.shape == (11, 2)
    assert_within(path, np.outer(0.8 ** np.arange(11), [-3, 4]), absolute=1e-9, relative=0)
    np.testing.assert_array_equal(gradient_descent(bowl, [-3.0, 4.0], lr=0.1, steps=10), path[-1])


def test_descent_goes_against_the_gradient():
    x = [1.0, 2.0]
    assert bowl(gradient_descent(bowl, x, steps=1)) < 5
    assert_within(gradient_descent(bowl, x, steps=1), np.array(x) * 0.98, absolute=1e-11, relative=0)


def test_descent_takes_a_hundred_steps_at_a_hundredth_unless_told():
    assert_within(gradient_descent(bowl, [1.0]), 0.98**100, absolute=1e-9, relative=0)


@pytest.mark.parametrize("kind", [numerical_gradient, gradient_descent])
@pytest.mark.parametrize(
    ("f", "x", "message"),
    [
        (3, [1.0], "f must be a function, not 3 of type int"),
        (bowl, [np.nan], "x must be finite"),
        (bowl, [], "x must have at least one element"),
        (bowl, ["a"], "x must be of real numbers"),
        (lambda x: None, [1.0], "f must return a number, not None"),
        (lambda x: x, [1.0, 2.0], r"f must return one number, not an array of shape \(2,\); see batched=True"),
        (lambda x: x[:0], [1.0], r"f must return one number, not an array of shape \(0,\)"),
        (lambda x: np.nan, [1.0], "f must return finite numbers around x"),
    ],
)
def test_bad_functions_and_points_are_refused_by_name(kind, f, x, message):
    with pytest.raises((ValueError, TypeError), match=message):
        kind(f, x)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: numerical_gradient(bowl, [1.0], h=0), "h must be above 0, not 0"),
        (lambda: numerical_gradient(bowl, [1.0], h=True), "h must be a real number"),
        (lambda: numerical_gradient(bowl, [1.0], batched=1), "batched must be True or False"),
        (lambda: numerical_gradient(bowl, [1.0, 2.0], batched=True), r"an array of shape \(4,\) for 4 points"),
        (lambda: numerical_gradient(lambda s: [0.0] * 2, [1.0], batched=True), "for 2 points, not list"),
        (lambda: gradient_descent(bowl, [1.0], lr=0), "lr must be above 0"),
        (lambda: gradient_descent(bowl, [1.0], lr=-0.1), "lr must be above 0"),
        (lambda: gradient_descent(bowl, [1.0], steps=0), "steps must be at least 1, not 0"),
        (lambda: gradient_descent(bowl, [1.0], steps=1.5), "steps must be an integer"),
        (lambda: gradient_descent(bowl, [1.0], path="yes"), "path must be True or False"),
    ],
)
def test_bad_arguments_are_refused_by_name(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()
