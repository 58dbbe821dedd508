"""Convolution and pooling, line by line: the three forms, the definition, the gradient."""

import numpy as np
import plain
import pytest
from closeness import assert_within
from networks import mnist_start

from deltarule import conv, data, feature_maps, matlab, mnist_conv, pool
from deltarule.listings import convolution
from deltarule.listings.convolution import FORMS, Features, unpool

SIZES = [
    *[((28, 28), (9, 9, 20)), ((8, 8), (3, 3, 2)), ((7, 9), (2, 4, 3)), ((5, 5), (5, 5, 1)), ((6, 8), (1, 1, 2))],
    *[((6, 7), (3, 3, 2)), ((7, 6), (3, 3, 2))],  # an even number of rows and an odd one of columns, and the other way
]


@pytest.mark.parametrize("form", sorted(FORMS))
@pytest.mark.parametrize(("image", "filters"), SIZES)
def test_each_form_is_the_correlation_by_its_definition(form, image, filters):
    rng = matlab.rng(1)
    x, W = rng.randn(2, *image), rng.randn(*filters)
    y = conv(x, W, form=form)
    for k in range(2):
        for f in range(filters[-1]):
            assert_within(y[k, :, :, f], plain.correlate(x[k], W[:, :, f]), absolute=1e-12, relative=0)


@pytest.mark.parametrize("form", sorted(FORMS))
@pytest.mark.parametrize(("image", "filters"), SIZES)
def test_gradient_of_each_form_is_its_adjoint(form, image, filters):
    correlate, gradient = FORMS[form]
    rng = matlab.rng(2)
    x, W = rng.randn(3, *image), rng.randn(*filters)
    y = correlate(x, W)
    delta = rng.randn(*y.shape)
    assert_within(np.vdot(y, delta), np.vdot(W, gradient(x, delta)), absolute=0, relative=1e-11)


@pytest.mark.parametrize("form", sorted(FORMS))
def test_one_image_gives_one_stack_of_maps(form):
    rng = matlab.rng(3)
    x, W = rng.randn(2, 6, 6), rng.randn(2, 3, 3, 4)
    y = conv(x, W, form=form)
    assert y.shape == (2, 2, 4, 4, 4)
    assert_within(conv(x[1], W, form=form), y[:, 1], absolute=1e-14, relative=0)


@pytest.mark.parametrize("form", sorted(FORMS))
def test_leading_axes_are_independent_filters(form):
    rng = matlab.rng(3)
    x, W = rng.randn(3, 6, 7), rng.randn(1, 2, 1, 2, 3, 3, 4)
    y = conv(x, W, form=form)
    assert y.shape == (1, 2, 1, 2, 3, 4, 5, 4)
    for index in np.ndindex(1, 2, 1, 2):
        assert_within(y[index], conv(x, W[index], form=form), absolute=1e-14, relative=0)


@pytest.mark.parametrize("leading", [(), (2, 1)])
@pytest.mark.parametrize("form", sorted(FORMS))
def test_gradient_of_many_filters_is_that_of_each(form, leading):
    correlate, gradient = FORMS[form]
    rng = matlab.rng(7)
    x, W = rng.randn(3, 6, 7), rng.randn(*leading, 2, 3, 4)
    delta = rng.randn(*correlate(x, W).shape)
    dW = gradient(x, delta)
    assert dW.shape == W.shape
    for index in np.ndindex(leading):
        for f in range(4):
            expected = sum(plain.correlate(x[n], delta[(*index, f, ..., n)].T) for n in range(3))
            assert_within(dW[(*index, ..., f)], expected, absolute=1e-12, relative=0)


@pytest.mark.parametrize("form", ["direct", "fft"])
def test_forms_train_alike_on_mnist(form):
    X, D = data.mnist()
    weights = mnist_start()
    fast = mnist_conv(*weights, X[:40], D[:40], batch_size=20)
    slow = mnist_conv(*weights, X[:40], D[:40], batch_size=20, form=form)
    for a, b in zip(fast, slow, strict=True):
        assert abs(a - b).max() / abs(b).max() < 1e-12


def test_features_are_the_pages_lines_forward_and_back():
    rng = matlab.rng(8)
    x, W = rng.randn(2, 6, 8), rng.randn(3, 3, 2)
    features = Features(*FORMS["direct"])
    y3 = features.forward(x, W)
    e3 = rng.randn(*y3.shape)
    dW = features.backward(e3)
    expected = np.zeros(W.shape)
    for n in range(2):
        for f in range(2):
            y2 = plain.relu(plain.correlate(x[n], W[:, :, f]))
            assert_within(y3[f, :, :, n].T, y2.reshape(2, 2, 3, 2).mean(axis=(1, 3)), absolute=1e-14, relative=0)
            delta2 = (y2 > 0) * np.kron(e3[f, :, :, n].T, np.ones((2, 2))) / 4
            expected[:, :, f] += plain.correlate(x[n], delta2)
    assert_within(dW, expected, absolute=1e-13, relative=0)


def test_columns_are_matlabs_reshape_of_each_image_and_lead_back():
    y3 = matlab.rng(6).randn(2, 3, 4, 5, 6)  # two networks, 3 maps of 5 x 4, 6 images
    y4 = convolution.columns(y3)
    assert y4.shape == (2, 60, 6)
    for k, n in np.ndindex(2, 6):
        image = y3[k, ..., n].transpose(2, 1, 0)  # rows, columns, maps
        np.testing.assert_array_equal(y4[k, :, n], matlab.reshape(image, None, 1)[:, 0])
    np.testing.assert_array_equal(convolution.maps_like(y3, y4), y3)
    np.testing.assert_array_equal(convolution.maps_like(y3[0], y4), y3)  # networks that share their filters


def test_pool_takes_the_mean_of_each_square():
    x = matlab.rng(4).randn(2, 4, 6, 3)
    expected = x.reshape(2, 2, 2, 3, 2, 3).mean(axis=(2, 4))
    assert_within(pool(x), expected, absolute=0, relative=1e-13)


def test_pool_keeps_a_constant():
    np.testing.assert_array_equal(pool(np.full((4, 4, 2), 0.3)), np.full((2, 2, 2), 0.3))


@pytest.mark.parametrize("value", [np.uint8(200), np.int8(-100), np.int64(2**60), True])
def test_pool_takes_integers_and_conditions_as_numbers(value):
    np.testing.assert_array_equal(pool(np.full((2, 4, 3), value)), np.full((1, 2, 3), float(value)))


def test_unpool_is_matlabs_kron_and_the_adjoint_of_pool():
    rng = matlab.rng(5)
    y, e = rng.randn(2, 3, 6, 4, 1), rng.randn(2, 3, 3, 2, 1)
    spread = unpool(e)
    for k, f in np.ndindex(2, 3):
        np.testing.assert_array_equal(spread[k, f, :, :, 0], np.kron(e[k, f, :, :, 0], np.ones((2, 2))) / 4)
    assert_within(np.vdot(convolution.pool(y), e), np.vdot(y, spread), absolute=0, relative=1e-12)


def test_feature_maps_are_convolution_relu_and_pooling():
    X, _ = data.mnist()
    W1 = mnist_start()[0]
    y1, y2, y3 = feature_maps(W1, X[0])
    np.testing.assert_array_equal(y1, conv(X[0], W1))
    np.testing.assert_array_equal(y2, np.where(y1 > 0, y1, 0))
    np.testing.assert_array_equal(y3, pool(y2))
    assert (y1.shape, y3.shape) == ((20, 20, 20), (10, 10, 20))


@pytest.mark.parametrize(
    ("x", "W", "message"),
    [
        (np.zeros(5), np.zeros((2, 2, 1)), r"^x must be images .*not of shape \(5,\)"),
        (np.zeros((5, 5)), np.zeros((2, 2)), r"^W must be filters .*not of shape \(2, 2\)"),
        (
            np.zeros((5, 5)),
            np.zeros((6, 2, 1)),
            r"^W must be no larger than .* \(5, 5\), and .* \(6, 2, 1\)",
        ),
        (np.full((5, 5), np.nan), np.zeros((2, 2, 1)), r"^x must be finite, but it is nan at \(0, 0\)"),
    ],
)
def test_conv_refuses_what_does_not_fit(x, W, message):
    with pytest.raises(ValueError, match=message):
        conv(x, W)


@pytest.mark.parametrize("form", ["banded", "", None, 3, ["fft"]])
def test_an_unknown_form_is_refused_by_name(form):
    with pytest.raises(ValueError, match="^form must be one of 'auto', 'direct', 'fft', 'matmul', not "):
        conv(np.zeros((5, 5)), np.zeros((2, 2, 1)), form=form)


@pytest.mark.parametrize("x", [np.zeros((3, 4, 1)), np.zeros((4, 3, 1)), np.zeros((4, 4))])
def test_pool_refuses_odd_maps(x):
    with pytest.raises(ValueError, match="^x must be maps .*even"):
        pool(x)


def test_pool_refuses_what_is_no_number():
    with pytest.raises(TypeError, match="^x must be of real numbers"):
        pool(np.full((2, 2, 1), "a"))
