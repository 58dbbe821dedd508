"""The misprints of the two longer documents, which print Python: what the printed forms do."""

import re
from pathlib import Path
from types import SimpleNamespace

import misprints
import numpy as np
import pytest
import test_errata_layers
from closeness import assert_within

from deltarule import cross_entropy, data, dropout, matlab, relu, sigmoid, softmax, sum_squared_error
from deltarule.evidence import gradients
from deltarule.evidence.errata import read_errata
from deltarule.listings.multi_layer import backprop_changes, multi_layer_forward

ERRATA = {e.id: e for e in read_errata(Path(__file__).resolve().parent.parent / "reference" / "errata.toml")}

PYTHON = {
    "notes-output-width": ("out_h = 3\nout.w = 3", "name 'out' is not defined"),
    "notes-pool-size": ("self.pool * self.pool_w", "no attribute 'pool'"),
    "notes-params": ("self.parmas['W3'] = 0", "no attribute 'parmas'"),
    "notes-no-backward": ("layer = self\nlayer.backward(1)", "no attribute 'backward'"),
    "notes-ndim": ("np.zeros(3).dim == 1", "no attribute 'dim'"),
    "notes-bracket": ("B = np.array([[1, 2], [3, 4], [5, 6])", "does not match"),
    "notes-gradient-of-b1": ("b2 = np.zeros(10)\nb2 -= 0.1 * np.zeros(50)", "could not be broadcast"),
    "notes-images-not-flattened": ("np.dot(np.zeros((100, 28, 28)), np.zeros((784, 50)))", "not aligned"),
}


def test_every_python_fragment_that_does_not_run_is_tried():
    tried = {*PYTHON, *test_errata_layers.PYTHON, "notes-labels-not-one-hot"}  # the last by a test of its own
    assert tried == {name for name, e in ERRATA.items() if name.startswith("notes-") and e.kind == "error"}


@pytest.mark.parametrize("name", sorted(PYTHON))
@pytest.mark.errata(*PYTHON)
def test_python_refuses_the_printed_form(name):
    program, message = PYTHON[name]
    self = SimpleNamespace(params={}, pool_h=2, pool_w=2, forward=len)
    with pytest.raises((NameError, AttributeError, SyntaxError, ValueError), match=re.escape(message)):
        exec(program, {"np": np, "self": self})


@pytest.mark.errata("notes-momentum-once")
def test_momentum_indented_too_far_updates_once():
    X, D = data.xor()
    rng = matlab.rng()
    start = weights = [2 * rng.rand(4, 3) - 1, 2 * rng.rand(1, 4) - 1]
    printed = misprints.MomentumOnce()
    for _ in range(200):
        for x, d in zip(X, D, strict=True):
            weights = printed.update(weights, backprop_changes(*weights, x[:, None], np.array([[d]]), 0.9))
    first = backprop_changes(*start, X[0][:, None], D[:1, None], 0.9)
    for W, W0, dW in zip(weights, start, first, strict=True):
        np.testing.assert_array_equal(W, W0 + dW)
    assert (abs(multi_layer_forward(*weights, X)[:, 0] - D) > 0.3).any()  # not learned


@pytest.mark.errata("notes-dropout-test")
def test_dropout_that_is_not_scaled_returns_nothing_in_use():
    def printed(x, mask, train_flg):
        if train_flg:
            return x * mask

    mask = dropout(np.zeros((10, 1)), 0.2, matlab.rng(1))
    x = np.ones((10, 1))
    assert_within(printed(x, mask > 0, train_flg=True).mean(), 0.8, absolute=0, relative=1e-14)
    assert printed(x, mask > 0, train_flg=False) is None
    assert_within((x * mask).mean(), 1, absolute=0, relative=1e-14)


@pytest.mark.errata("notes-dropout-share")
def test_outputs_in_use_are_scaled_by_the_share_kept():
    rng = matlab.rng(1)
    x, ratio = rng.rand(50, 1), 0.2
    trained = np.mean([x * (dropout(x, ratio, rng) > 0) for _ in range(2000)], axis=0)
    assert_within(trained, (1 - ratio) * x, absolute=0, relative=0.1)  # 10 standard errors: 0.4 / sqrt(2000) / 0.8
    assert_within(np.median(trained / (ratio * x)), 4, absolute=0, relative=0.1)


@pytest.mark.errata("notes-choice")
def test_most_of_the_printed_samples_do_not_exist():
    printed = [70533, 465580, 501527, 363874, 118036, 136283, 57982, 367151, 514364, 529300]  # notes, lines 1609-1610
    assert sum(sample >= 60000 for sample in printed) == 9


@pytest.mark.errata("notes-softmax-of-a-batch")
def test_softmax_over_a_whole_batch_is_no_distribution():
    x = np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]])
    printed = np.exp(x) / np.sum(np.exp(x))
    assert_within(printed.sum(axis=1), [0.5, 0.5], absolute=0, relative=1e-14)
    assert_within(softmax(x.T).sum(axis=0), [1, 1], absolute=0, relative=1e-14)
    assert_within(softmax(x[0]), np.exp(x[0]) / np.sum(np.exp(x[0])), absolute=0, relative=1e-14)


# notes, lines 1527-1560: two outputs for the target "2"
T = np.eye(10)[2]
Y1 = np.array([0.1, 0.05, 0.6, 0, 0.05, 0.1, 0, 0.1, 0, 0])
Y2 = np.array([0.1, 0.05, 0.1, 0, 0.05, 0.1, 0, 0.6, 0, 0])


@pytest.mark.errata("notes-cross-entropy-offset")
def test_offset_in_the_logarithm_shows_in_the_seventh_digit():
    effect = ERRATA["notes-cross-entropy-offset"].effect
    for y, printed in ((Y1, "0.510825457099338"), (Y2, "2.302584092994546")):
        assert printed in effect
        assert_within(-np.sum(T * np.log(y + 1e-7)), float(printed), absolute=0, relative=1e-15)
        right = gradients.softmax_cross_entropy(T[T > 0], y[T > 0])
        assert f"{right:.13f}" in effect
        # ours counts the other outputs as well, those of sigmoids: the first term alone is that of a softmax
        others = -np.log(1 - np.delete(y, 2)).sum()
        assert_within(cross_entropy(T, y), right + others, absolute=0, relative=1e-14)
    assert -np.sum(T * np.log(T + 1e-7)) < 0
    assert cross_entropy(T, T) == 0


@pytest.mark.errata("notes-mean-without-n")
def test_the_mean_squared_error_of_the_notes_is_half_a_sum():
    for y, printed in ((Y1, 0.09750000000000003), (Y2, 0.5975)):
        assert_within(gradients.half_squared_error(T, y), printed, absolute=0, relative=1e-15)
        assert_within(sum_squared_error(T, y), printed / 5, absolute=0, relative=1e-14)


@pytest.mark.errata("notes-sigmoid-slope")
def test_slope_of_a_saturated_sigmoid_is_exactly_zero():
    y = sigmoid(np.array([36.0, 37.0]))
    assert (y * (1 - y) > 0).tolist() == [True, False]


@pytest.mark.errata("lecture-tanh")
def test_tanh_is_a_sigmoid_of_twice_the_input():
    x = np.linspace(-5, 5, 101)
    assert_within(2 * sigmoid(2 * x) - 1, np.tanh(x), absolute=1e-15, relative=0)
    assert_within(2 * sigmoid(x) - 1, np.tanh(x / 2), absolute=1e-15, relative=0)
    (slope,) = gradients.central_difference(lambda x: np.tanh(x).sum(), [np.array([0.0])])
    assert_within(slope[0], 1, absolute=1e-10, relative=0)  # of step**2 / 3, the next term of its series, 3.3e-11


@pytest.mark.errata("lecture-relu-slope")
def test_slope_of_relu_is_one_for_large_inputs():
    (slope,) = gradients.central_difference(lambda x: relu(x).sum(), [np.array([-3.0, 10.0, 1000.0])])
    assert_within(slope, [0, 1, 1], absolute=1e-8, relative=0)  # the rounding of 1010 over the step
