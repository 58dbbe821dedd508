"""Of a port that no mistake explains it is said from which update on it is wrong, where, and by which factor."""

import numpy as np
import plain
import planted_deep
import pytest
from checked import finding
from planted import planted

import deltarule
from deltarule.check.factors import factor, ratio
from deltarule.check.unexplained import Update

DELTA, DELTA1 = "delta = y * (1 - y) * e", "delta1 = y1 * (1 - y1) * e1"
X = "x = X[k, :].reshape(-1, 1)"
W2 = "W2 = W2 + alpha * delta @ y1.T"
LOOP = "for k in range(len(X)):"
FOUR = (LOOP, "for k in range(4):")
FROM_THE_FIRST = "it is wrong from the first update on"
QUIET = "where the targets are the outputs nothing changes, as it should be: y is right"
ALONE = "each sample alone is trained right: what differs is their order, or what one update leaves to the next"


def said(listing, *changes, epochs=(1, 10)):
    """What is said of a plain listing with some lines changed."""
    found = finding(planted(listing, *changes), listing, epochs)
    assert not found.right
    assert not found.mistakes
    return found.unexplained


def test_a_factor_that_is_no_constant_is_told_by_the_quantity_that_makes_it():
    first, change, quantities = said("backprop_xor", (DELTA1, f"{DELTA1} * (1 + y)"))
    assert first == FROM_THE_FIRST
    assert change == (
        "the change of W1 is 1.57883 times what it should be, at every place, and from 1.374 to 1.661 times in other "
        "updates: 1 + y"
    )
    assert quantities == "what would have to differ is one of e1, delta1, dW1, or more than one"


def test_a_port_that_takes_all_samples_alone_is_told_of_as_well():
    alone = said("backprop_xor", (DELTA1, f"{DELTA1} * (1 + y)"))
    assert said("backprop_xor", (DELTA1, f"{DELTA1} * (1 + y)"), FOUR) == alone[1:]


def test_a_factor_of_each_row_is_told():
    for listing in ("backprop_ce", "multi_class"):
        _, change, _ = said(listing, (DELTA1, f"{DELTA1} * (1 + y1)"))
        assert change == "the change of W1 is wrong by a factor of its own in each row: 1 + y1"


def test_a_factor_of_each_column_is_told():
    _, change, quantities = said("backprop_xor", (W2, f"{W2} * y1.T"))
    assert change == "the change of W2 is wrong by a factor of its own in each column: y1"
    assert quantities == "what would have to differ is dW2"


def test_a_constant_factor_is_told_once_for_all_updates():
    for listing in ("delta_sgd", "delta_batch", "delta_minibatch"):
        assert said(listing, (DELTA, f"{DELTA} * 1.7")) == (
            FROM_THE_FIRST,
            "the change of W is 1.7 times what it should be, at every place, and so in every other update",
            QUIET,
            "what would have to differ is one of n, alpha, e, delta, dW, or more than one",
        )


def test_two_factors_are_told_each_by_its_weight():
    changes = ("W1 = W1 + alpha * delta1 @ x.T", "W1 = W1 + 1.3 * alpha * delta1 @ x.T"), (W2, W2 + " * 1.15")
    assert said("backprop_xor", *changes) == (
        FROM_THE_FIRST,
        "the change of W1 is 1.3 times what it should be, at every place, and so in every other update",
        "the change of W2 is 1.15 times what it should be, at every place, and so in every other update",
        QUIET,
        "what would have to differ is one of n, alpha, e, delta, or one for each of W1 and W2",
    )


def test_what_has_no_factor_is_counted_by_places():
    _, change, zero, quantities = said("backprop_ce", ("W2 = W2 + alpha * e @ y1.T", "W2 = W2 + alpha*e @ y1.T + 1e-3"))
    assert change == "the change of W2 is wrong at 4 of 4 places, by no constant factor"
    assert zero == "where the targets are the outputs, so that e is 0, it changes weights all the same"
    assert quantities == "what would have to differ is dW2"


def test_an_output_that_is_wrong_is_told_by_what_changes_where_the_error_is_0():
    *_, zero, quantities = said("delta_sgd", ("y = sigmoid(W @ x)", "y = sigmoid(1.1 * W @ x)"))
    assert zero == "where the targets are the outputs, so that e is 0, it changes weights all the same"
    assert quantities == "what would have to differ is one of n, alpha, v, y, e, delta, dW, or more than one"


def test_a_sample_that_is_wrong_is_named():
    wrong = said("delta_sgd", ("e = d - y", "e = d - y if d else 1.3 * (d - y)"))
    assert wrong[:2] == (FROM_THE_FIRST, "of the samples alone, samples 1 and 2 are trained wrong")
    last = said("delta_sgd", ("e = d - y", "e = d - y if x[0] * x[1] == 0 else 1.3 * (d - y)"))
    assert last[0] == "from the listing's start the first 3 updates are right, and that by sample 4 is not"
    assert last[1] == "of the samples alone, sample 4 is trained wrong"


def test_an_update_that_is_wrong_by_its_place_alone_is_told():
    assert said("backprop_xor", (X, f"{X} * (1.1 if k == 2 else 1)")) == (
        "from the listing's start the first 2 updates are right, and that by sample 3 is not",
        ALONE,
    )


def test_what_one_update_leaves_to_the_next_is_told():
    line = "mmt1 = alpha * delta1 @ x.T + beta * mmt1"
    assert said("backprop_mmt", (line, line.replace("beta", "beta * beta"))) == (
        "from the listing's start the first update is right, and that by sample 2 is not",
        ALONE,
    )


@pytest.mark.parametrize(("epochs", "last"), [((1, 10), "the next is not"), ((1, 500), "by 500 epochs it is wrong")])
def test_an_epoch_that_is_wrong_is_told(epochs, last):
    changes = (
        ("def delta_batch(W, X, D, alpha=0.9):", "def delta_batch(W, X, D, alpha=0.9, calls=[]):"),
        ("total = np.zeros(W.shape)", "calls.append(1)\ntotal = np.full(W.shape, 0.01 * (len(calls) > 4))"),
    )
    fine = 4 if epochs[-1] == 10 else 1
    first = f"the first {f'{fine} epochs are' if fine > 1 else 'epoch is'} right, and {last}"
    assert said("delta_batch", *changes, epochs=epochs) == (
        f"from the listing's start {first}: it keeps something between calls, or does otherwise what comes up only "
        "later",
        ALONE,
    )


def test_a_port_that_is_wrong_from_another_start_alone_is_told_so():
    wrong = said("delta_sgd", (DELTA, "delta = y * (1 - y) * e * (1.3 if abs(W).max() > 0.985 else 1)"), epochs=(1,))
    assert wrong[0].startswith("from a random start, rng(")
    assert wrong[0].endswith(") it is wrong in the first epoch")


def test_a_port_that_trains_weights_of_its_own_is_told_so_and_nothing_else():
    own = "W1, W2 = np.full(W1.shape, 0.3), np.full(W2.shape, 0.3)"
    assert said("backprop_xor", (LOOP, f"{own}\n{LOOP}")) == (
        "it gives the same weights whatever weights it is given: it trains others, which it keeps itself",
    )
    assert said("backprop_xor", (LOOP, f"W2 = np.full(W2.shape, 0.3)\n{LOOP}"))[0] == FROM_THE_FIRST


def test_a_port_that_draws_where_the_listing_does_not_is_told_so_and_nothing_else():
    any_order = (LOOP, "for k in np.random.permutation(len(X)):")
    assert said("backprop_xor", any_order, (DELTA1, f"{DELTA1} * (1 + y)")) == (
        "it gives other weights each time from the same ones: it draws random numbers, and the listing draws none",
    )
    one_order = (LOOP, "for k in np.random.RandomState(1).permutation(len(X)):")
    assert said("backprop_xor", one_order, (DELTA1, f"{DELTA1} * (1 + y)"))[0] == FROM_THE_FIRST


LAST_AXIS = ('x = X[k].reshape(-1, 1, order="F")', 'x = X[:, :, k].reshape(-1, 1, order="F")')
ALONG = "images lie along the last axis, as in MATLAB"


def test_five_images_of_5_x_5_along_the_last_axis_and_a_mistake_are_told_apart():
    slope = ("delta1 = y1 * (1 - y1) * e1", "delta1 = e1")
    found = finding(planted("multi_class", LAST_AXIS, slope), "multi_class")
    assert (len(found.mistakes), found.reasons != (), ALONG in found.notes) == (1, True, True)
    assert found.mistakes == finding(planted("multi_class", slope), "multi_class").mistakes
    assert ALONG not in finding(planted("multi_class", slope), "multi_class").notes
    found = finding(planted("multi_class", LAST_AXIS), "multi_class")
    assert (found.right, ALONG in found.notes) == (True, True)


def test_numbers_that_run_over_with_images_along_another_axis_explain_nothing():
    pair = [change for id in ("times-v1-W2", "alpha-0.9") for change in planted_deep.plants("deep_relu")[id]]
    found = finding(planted("deep_relu", *pair), "deep_relu")
    assert found.mistakes == ("times-v1-W2+alpha-0.9",)
    assert found.notes == ()


def test_weights_that_do_not_change_are_told():
    changes = (W2, ""), ("e1 = W2.T @ delta", "e1 = 1.2 * W2.T @ delta * (1 + y)")
    assert "the change of W2 is 0: it is not changed at all" in said("backprop_xor", *changes)


def test_a_port_in_float32_that_is_wrong_is_told_of_within_its_limits():
    def delta_sgd(W, X, D):
        right = plain.delta_sgd(*(a.astype(np.float32) for a in (W, X, D)), np.float32(0.9))
        return (W + (right - W) * 1.7).astype(np.float32)

    _, change, *_ = finding(delta_sgd).unexplained
    assert change.startswith("the change of W is 1.7 times what it should be, at every place")


@pytest.mark.slow
def test_a_deep_network_with_dropout_is_told_of():
    line = "delta2 = y2 * (1 - y2) * (W3.T @ delta3)"
    _, _, change, quantities = said("deep_dropout", (line, f"{line} * (1 + y1)"), epochs=(1,))
    assert change == "the change of W2 is wrong by a factor of its own in each row: 1 + y1"
    assert quantities == "what would have to differ is one of e2, delta2, or one for each of W1 and W2"


def test_a_port_that_raises_where_it_is_asked_is_told_of_as_far_as_it_goes():
    def delta_sgd(W, X, D):
        if not set(D) <= {0.0, 1.0}:
            raise ValueError("targets must be 0 or 1")
        return deltarule.delta_sgd(W, X, D, alpha=0.9 * 1.7)

    assert finding(delta_sgd).unexplained == (
        FROM_THE_FIRST,
        "the change of W is 1.7 times what it should be, at every place, and so in every other update",
        "what would have to differ is one of n, alpha, v, y, e, delta, dW, or more than one",
    )


ROWS = np.array([[1.0, 2.0, 0.0], [3.0, 4.0, 5.0], [0.0, 0.0, 0.0]])


def test_the_ratio_of_changes_is_that_of_all_of_each_row_or_of_each_column():
    two_rows, two_columns = np.array([[2.0], [3.0], [7.0]]) * ROWS, np.array([2.0, 3.0, 7.0]) * ROWS
    assert ratio(2 * ROWS, ROWS, None, 1e-9).tolist() == [2.0]
    assert ratio(two_rows, ROWS, None, 1e-9) is None
    assert ratio(two_rows, ROWS, 1, 1e-9) is None
    assert ratio(two_columns, ROWS, 0, 1e-9) is None
    assert np.array_equal(ratio(two_rows, ROWS, 0, 1e-9), [2.0, 3.0, np.nan], equal_nan=True)
    assert ratio(two_columns, ROWS, 1, 1e-9).tolist() == [2.0, 3.0, 7.0]


@pytest.mark.parametrize("place", [(0, 0), (1, 2), (0, 2), (2, 1)])
def test_one_place_that_is_off_leaves_no_ratio(place):
    wrong = 2 * ROWS
    wrong[place] += 0.001
    assert ratio(wrong, ROWS, None, 1e-9) is None
    assert ratio(wrong, ROWS, None, 1e-3) is not None


def test_numbers_that_are_not_finite_have_no_factor():
    wrong = ROWS.copy()
    wrong[0, 1], wrong[1, 0] = np.nan, np.inf
    assert ratio(wrong, ROWS, None, 1e-9) is None
    update = Update(1, "", {"W": wrong}, {"W": ROWS}, ("W",), {})
    assert factor([update], "W", 1e-9) == "is not finite at 2 of 9 places"
