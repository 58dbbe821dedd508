"""Dropout: what is drawn, what is let through and how it is scaled, both ways; bad input."""

import numpy as np
import pytest
import strict
from closeness import assert_within

from deltarule import matlab
from deltarule.layers import Dropout, numerical_gradient

X = np.random.RandomState(1).randn(6, 5)
DOUT = np.random.RandomState(2).randn(6, 5)


def rng():
    return np.random.RandomState(7)


@pytest.mark.parametrize("ratio", [0, 0.2, 0.5, 0.9])
def test_training_lets_through_where_what_is_drawn_is_above_the_ratio(ratio):
    layer = Dropout(ratio, rng=rng())
    mask = rng().rand(6, 5) > ratio
    np.testing.assert_array_equal(layer.forward(X), X * mask)
    np.testing.assert_array_equal(layer.mask, mask)
    np.testing.assert_array_equal(layer.backward(DOUT), DOUT * mask)


@pytest.mark.parametrize("shape", [(4,), (3, 2), (2, 3, 4, 5)])
def test_as_many_numbers_are_drawn_as_x_has_in_the_order_of_rand(shape):
    drawn, other = rng(), rng()
    layer = Dropout(0.4, rng=drawn)
    for _ in range(2):
        layer.forward(np.ones(shape))
        np.testing.assert_array_equal(layer.mask, other.rand(*shape) > 0.4)
    assert drawn.rand() == other.rand()


def test_use_draws_nothing_and_multiplies_by_what_is_let_through_on_average():
    drawn = rng()
    layer = Dropout(0.2, rng=drawn)
    assert_within(layer.forward(X, train_flg=False), 0.8 * X, absolute=0, relative=1e-15)
    assert_within(layer.backward(DOUT), 0.8 * DOUT, absolute=0, relative=1e-15)
    assert layer.mask is None
    assert drawn.rand() == rng().rand()


def test_inverted_it_is_scaled_in_training_and_not_in_use():
    layer = Dropout(0.2, rng=rng(), inverted=True)
    mask = rng().rand(6, 5) > 0.2
    assert_within(layer.forward(X), X * mask / 0.8, absolute=0, relative=3e-16)
    assert_within(layer.backward(DOUT), DOUT * mask / 0.8, absolute=0, relative=3e-16)
    np.testing.assert_array_equal(layer.forward(X, train_flg=False), X)
    np.testing.assert_array_equal(layer.backward(DOUT), DOUT)


@pytest.mark.parametrize("inverted", [True, False])
def test_training_gives_on_average_what_use_gives(inverted):
    layer = Dropout(0.3, rng=rng(), inverted=inverted)
    x = np.full((200, 500), 2.0)
    used = layer.forward(x, train_flg=False)[0, 0]
    # the standard deviation of the mean of 100,000 is 2 sqrt(0.21) / sqrt(100,000) = 0.0029, inverted 0.0041
    assert_within(layer.forward(x).mean(), used, absolute=4 * 0.0041, relative=0)


@pytest.mark.parametrize("inverted", [True, False])
@pytest.mark.parametrize("train_flg", [True, False])
def test_the_gradient_is_the_numerical_one(inverted, train_flg):
    layer = Dropout(0.4, rng=rng(), inverted=inverted)
    layer.forward(X, train_flg)
    dx = layer.backward(DOUT)

    def cost(x):
        return (Dropout(0.4, rng=rng(), inverted=inverted).forward(x, train_flg) * DOUT).sum()

    assert_within(dx, numerical_gradient(cost, X), absolute=1e-8, relative=0)


def test_the_document_s_ratio_is_one_half():
    assert Dropout(rng=rng()).dropout_ratio == 0.5


def test_matlab_s_stream_draws_too():
    for shape in ((4,), (3, 2), (2, 3, 4)):
        layer = Dropout(0.5, rng=matlab.rng(3))
        layer.forward(np.ones(shape))
        drawn = matlab.rng(3).rand(*shape if len(shape) > 1 else (1, *shape))
        np.testing.assert_array_equal(layer.mask, drawn.reshape(shape) > 0.5)


# Arrays: left alone, their dtype, their device


@pytest.mark.parametrize("inverted", [True, False])
@pytest.mark.parametrize("train_flg", [True, False])
def test_what_comes_out_is_new_and_what_goes_in_is_not_written_to(inverted, train_flg):
    x, dout = X.copy(), DOUT.copy()
    x.flags.writeable = dout.flags.writeable = False
    layer = Dropout(0.5, rng=rng(), inverted=inverted)
    for a in (layer.forward(x, train_flg), layer.backward(dout)):
        a += 1
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(dout, DOUT)


@pytest.mark.parametrize("inverted", [True, False])
@pytest.mark.parametrize("train_flg", [True, False])
def test_float32_stays_float32_and_integers_become_float64(inverted, train_flg):
    for dtype, expected in ((np.float32, np.float32), (int, np.float64)):
        layer = Dropout(0.5, rng=rng(), inverted=inverted)
        assert layer.forward(X.astype(dtype), train_flg).dtype == expected
        assert layer.backward(DOUT.astype(dtype)).dtype == expected


@pytest.mark.parametrize("inverted", [True, False])
@pytest.mark.parametrize("train_flg", [True, False])
def test_arrays_stay_on_their_device(inverted, train_flg):
    here, there = (Dropout(0.5, rng=rng(), inverted=inverted) for _ in range(2))
    out = there.forward(strict.asarray(X), train_flg)
    np.testing.assert_array_equal(strict.asnumpy(out), here.forward(X, train_flg))
    dx = there.backward(strict.asarray(DOUT))
    np.testing.assert_array_equal(strict.asnumpy(dx), here.backward(DOUT))


# Bad input


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dropout_ratio": 1}, r"dropout_ratio must be in \[0, 1\), not 1.0"),
        ({"dropout_ratio": -0.1}, r"dropout_ratio must be in \[0, 1\), not -0.1"),
        ({"dropout_ratio": np.nan}, "dropout_ratio must be finite, not nan"),
        ({"dropout_ratio": "0.5"}, "dropout_ratio must be a real number"),
        ({"rng": None}, "rng must be a stream such as .* which has rand; not None"),
        ({"rng": 1}, "rng must be a stream"),
        ({"rng": np.random.default_rng(1)}, "rng must be a stream"),
        ({"inverted": 1}, "inverted must be True or False"),
    ],
)
def test_what_it_cannot_be_made_of_is_refused_by_name(options, message):
    with pytest.raises((ValueError, TypeError), match=f"^{message}"):
        Dropout(**{"rng": rng()} | options)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (X * np.nan, "must be finite, but it is nan"),
        (X.astype(str), "must be of real numbers"),
        (X[:0], "must have at least one element"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_drawn(bad, message):
    drawn = rng()
    layer = Dropout(rng=drawn)
    layer.forward(X)
    mask, state = layer.mask, drawn.get_state()[2]
    with pytest.raises((ValueError, TypeError), match=f"^x {message}"):
        layer.forward(bad)
    with pytest.raises(TypeError, match="^train_flg must be True or False"):
        layer.forward(X, None)
    with pytest.raises((ValueError, TypeError), match=f"^dout {message}"):
        layer.backward(bad)
    assert layer.mask is mask
    assert drawn.get_state()[2] == state


def test_the_gradient_must_have_the_shape_of_x():
    layer = Dropout(rng=rng())
    layer.forward(X)
    with pytest.raises(ValueError, match=r"^dout must have the shape \(6, 5\) of the forward pass's output, not"):
        layer.backward(DOUT[:5])


def test_backward_before_forward_is_refused():
    with pytest.raises(RuntimeError, match="backward needs a forward pass before it"):
        Dropout(rng=rng()).backward(DOUT)
