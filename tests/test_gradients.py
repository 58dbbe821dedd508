"""Weight changes are minus alpha times the gradient, for each listing but deep_dropout, which is honestly not."""

import numpy as np
import pytest
from closeness import assert_within
from networks import CASES, small_images

from deltarule import cross_entropy, delta_batch, delta_sgd, mnist_conv, sum_squared_error
from deltarule.evidence.gradients import (
    CHECKS,
    binary_cross_entropy,
    central_difference,
    gradient_error,
    half_squared_error,
    softmax_cross_entropy,
)

EXACT = sorted(set(CHECKS) - {"deep_dropout"})


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.errata("relu-of-two-letters")
def test_weight_change_is_minus_the_gradient_of_the_cost(name):
    errors = [CHECKS[name](seed) for seed in (1, 2, 3, 4, 204)]
    assert max(errors) < 1e-8  # central differences: step**2 = 1e-10, rounding over step = 1e-11


@pytest.mark.errata("dropout-slope")
def test_slope_of_the_listed_dropout_is_not_the_derivative():
    errors = [CHECKS["deep_dropout"](seed) for seed in range(1, 21)]
    assert min(errors) > 0.01  # measured 0.048 to 0.30, median 0.11
    assert 0.05 < np.median(errors) < 0.5


def test_listed_slope_of_dropout_turns_negative_above_1():
    from deltarule.listings.deep import exact_slope, listed_slope

    s, m = np.array([0.5, 0.9]), np.array([1.25, 1.25])
    assert listed_slope(m * s, m)[1] < 0
    assert_within(exact_slope(m * s, m), m * s * (1 - s), absolute=0, relative=1e-14)
    assert exact_slope(np.zeros(1), np.zeros(1)) == listed_slope(np.zeros(1), np.zeros(1)) == 0


def test_learning_rate_scales_the_change():
    case = CASES["backprop_xor"]
    weights, _ = case.start()
    X, D = case.data()
    one = case.train(weights, alpha=1e-3, samples=(X[:1], D[:1]))
    two = case.train(weights, alpha=2e-3, samples=(X[:1], D[:1]))
    for W, a, b in zip(weights, one, two, strict=True):
        assert_within(2 * (a - W), b - W, absolute=1e-15, relative=0)


def test_batch_change_is_the_mean_of_the_changes_of_its_samples():
    case = CASES["delta_sgd"]
    (W,), _ = case.start()
    X, D = case.data()
    each = [delta_sgd(W, X[k : k + 1], D[k : k + 1]) - W for k in range(4)]
    assert_within(delta_batch(W, X, D) - W, np.mean(each, axis=0), absolute=0, relative=1e-13)


@pytest.mark.errata("missing-ends")
def test_batch_change_of_mnist_conv_is_the_mean_of_the_changes_of_its_images():
    X, D, weights = small_images(n=6)
    batch = mnist_conv(*weights, X, D, batch_size=6)
    each = [mnist_conv(*weights, X[k : k + 1], D[k : k + 1], batch_size=1) for k in range(6)]
    for k, W in enumerate(weights):
        mean = np.mean([trained[k] - W for trained in each], axis=0)
        assert_within(batch[k] - W, mean, absolute=1e-12, relative=0)


def test_momenta_handed_on_make_one_run_of_many_epochs():
    case = CASES["backprop_mmt"]
    (W1, W2), _ = case.start()
    X, D = case.data()
    *once, m1, m2 = case.routine(W1, W2, np.tile(X, (3, 1)), np.tile(D, 3), momenta=(0 * W1, 0 * W2))
    kept = (W1, W2, 0 * W1, 0 * W2)
    for _ in range(3):
        kept = case.routine(*kept[:2], X, D, momenta=kept[2:])
    for a, b in zip((*once, m1, m2), kept, strict=True):
        assert_within(a, b, absolute=0, relative=1e-12)


def test_momenta_of_mnist_conv_handed_on_make_one_run_of_two_epochs():
    X, D, weights = small_images()
    zero = [0 * W for W in weights]
    first = mnist_conv(*weights, X[:6], D[:6], batch_size=3, momenta=zero)
    then = mnist_conv(*first[:3], X[6:], D[6:], batch_size=3, momenta=first[3:])
    for a, b in zip(then[:3], mnist_conv(*weights, X, D, batch_size=3), strict=True):
        assert_within(a, b, absolute=0, relative=1e-10)


@pytest.mark.parametrize("bad", [3, (np.zeros((4, 3)),), "m"])
def test_momenta_of_another_number_are_refused(bad):
    case = CASES["backprop_mmt"]
    with pytest.raises(ValueError, match="^momenta must be 2 arrays"):
        case.train(case.start()[0], momenta=bad)


def test_momenta_of_another_shape_are_refused():
    case = CASES["backprop_mmt"]
    with pytest.raises(ValueError, match=r"^momenta must have the shapes of the weights, .* not \(3, 4\)"):
        case.train(case.start()[0], momenta=(np.zeros((3, 4)), np.zeros((1, 4))))


def test_central_difference_is_exact_for_a_parabola():
    W = [np.array([[1.0, -2.0]]), np.array([0.5])]
    gradients = central_difference(lambda A, b: (A**2).sum() * b[0], W)
    assert_within(gradients[0], [[1.0, -2.0]], absolute=0, relative=1e-9)
    assert_within(gradients[1], [5.0], absolute=0, relative=1e-9)


def test_gradient_error_is_relative_to_the_gradient():
    weights = [np.array([[1.0, -3.0]]), np.array([[2.0]])]

    def cost(W, V):
        return (W**2).sum() + (V**3).sum()  # whose gradient is 2 W and 3 V^2, 12 at most

    right = [-2 * weights[0], -3 * weights[1] ** 2]
    assert gradient_error(right, cost, weights) < 1e-9
    assert_within(gradient_error([0 * W for W in weights], cost, weights), 1, absolute=1e-9, relative=0)
    assert_within(gradient_error([-dW for dW in right], cost, weights), 2, absolute=1e-9, relative=0)
    assert_within(gradient_error([right[0], right[1] + 3], cost, weights), 0.25, absolute=1e-9, relative=0)
    with pytest.raises(ValueError, match="zip"):
        gradient_error(right[:1], cost, weights)


def test_costs_of_the_check_are_those_of_the_package_but_for_their_factors():
    d, y = np.random.default_rng(1).random((2, 3, 4))
    assert_within(half_squared_error(d, y), 3 * sum_squared_error(d, y) / 2, absolute=0, relative=1e-14)
    assert_within(binary_cross_entropy(d, y), cross_entropy(d, y), absolute=0, relative=1e-14)
    assert_within(softmax_cross_entropy(d, y), -(d * np.log(y)).sum(), absolute=0, relative=1e-14)


def test_a_relu_node_at_exactly_zero_learns_nothing():
    case = CASES["deep_relu"]
    weights, _ = case.start()
    for silent in range(3):
        changed = [W.copy() for W in weights]
        changed[silent][0] = 0  # v is 0 for every sample
        trained = case.train(changed)
        np.testing.assert_array_equal(trained[silent][0], 0)
