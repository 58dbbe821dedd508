"""Nodes and dense layers: as printed, against numerical gradients, float32, devices, arrays left alone, bad input."""

import numpy as np
import pytest
import strict
from closeness import assert_within

from deltarule import matlab
from deltarule.layers import (
    AddLayer,
    Affine,
    LeakyRelu,
    MulLayer,
    Relu,
    Sigmoid,
    SoftmaxWithLoss,
    identity,
    leaky_relu,
    numerical_gradient,
    one_hot,
    softmax,
    starting_weights,
    weight_scale,
)


def randn(*shape, seed=0):
    return np.random.RandomState(seed).randn(*shape)


X, W, B, DOUT = randn(4, 3, seed=5), randn(3, 2, seed=6), randn(2, seed=7), randn(4, 2, seed=8)
T = np.array([1, 0, 2, 2])


def layers():
    """By name, a new layer, and an input and output gradient for it."""
    return {
        "Relu": (Relu(), X, X[::-1].copy()),
        "LeakyRelu": (LeakyRelu(), X, X[::-1].copy()),
        "LeakyRelu of another slope": (LeakyRelu(-1.5), X, X[::-1].copy()),
        "Sigmoid": (Sigmoid(), X, X[::-1].copy()),
        "Affine": (Affine(W, B), X, DOUT),
    }


NAMES = sorted(layers())


# Printed: the from-scratch notes, chapter 5


def test_two_apples_cost_and_change_as_printed():
    apple, number, tax = 100, 2, 1.1
    mul_apple, mul_tax = MulLayer(), MulLayer()
    price = mul_tax.forward(mul_apple.forward(apple, number), tax)
    dapple_price, dtax = mul_tax.backward(1)
    dapple, dnumber = mul_apple.backward(dapple_price)
    assert str(price) == "220.00000000000003"
    assert f"{dapple} {dnumber} {dtax}" == "2.2 110.00000000000001 200"


def test_apples_and_oranges_cost_and_change_as_printed():
    mul_apple, mul_orange, add, mul_tax = MulLayer(), MulLayer(), AddLayer(), MulLayer()
    price = mul_tax.forward(add.forward(mul_apple.forward(100, 2), mul_orange.forward(150, 3)), 1.1)
    dall, dtax = mul_tax.backward(1)
    dapple_price, dorange_price = add.backward(dall)
    dorange, dorange_number = mul_orange.backward(dorange_price)
    dapple, dapple_number = mul_apple.backward(dapple_price)
    assert str(price) == "715.0000000000001"
    printed = "110.00000000000001 2.2 3.3000000000000003 165.0 650"
    assert f"{dapple_number} {dapple} {dorange} {dorange_number} {dtax}" == printed


def test_the_mask_of_relu_is_as_printed():
    layer = Relu()
    layer.forward(np.array([[1.0, -0.5], [-2.0, 3.0]]))
    assert str(layer.mask) == "[[False  True]\n [ True False]]"


def test_a_product_of_matrices_is_as_printed():
    layer = Affine([[1, 3, 5], [2, 4, 6]], [0, 0, 0])
    np.testing.assert_array_equal(layer.forward([[1, 2]]), [[5, 11, 17]])


def test_the_three_layer_network_is_as_printed():
    # chapter 3; the output's activation is the identity
    first = Affine([[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]], [0.1, 0.2, 0.3])
    second = Affine([[0.1, 0.4], [0.2, 0.5], [0.3, 0.6]], [0.1, 0.2])
    third = Affine([[0.1, 0.3], [0.2, 0.4]], [0.1, 0.2])
    a1 = first.forward([[1.0, 0.5]])
    z1 = Sigmoid().forward(a1)
    a2 = second.forward(z1)
    z2 = Sigmoid().forward(a2)
    lines = [str(row[0]) for row in (a1, z1, a2, z2, identity(third.forward(z2)))]
    assert lines == [
        "[0.3 0.7 1.1]",
        "[0.57444252 0.66818777 0.75026011]",
        "[0.51615984 1.21402696]",
        "[0.62624937 0.7710107 ]",
        "[0.31682708 0.69627909]",
    ]


# Gradients


@pytest.mark.parametrize("name", NAMES)
def test_the_gradient_of_the_input_is_the_numerical_one(name):
    layer, x, dout = layers()[name]
    layer.forward(x)
    found = layer.backward(dout)
    assert_within(found, numerical_gradient(lambda x: (layer.forward(x) * dout).sum(), x), absolute=1e-8, relative=0)


def test_the_gradients_of_affines_weights_and_biases_are_the_numerical_ones():
    x = randn(4, 3, 1, 1)
    layer = Affine(W, B)
    layer.forward(x)
    dx = layer.backward(DOUT)
    for name, a, found in (("W", W, layer.dW), ("b", B, layer.db)):

        def cost(a, name=name):
            return (Affine(**{"W": W, "b": B, name: a}).forward(x) * DOUT).sum()

        assert_within(found, numerical_gradient(cost, a), absolute=1e-9, relative=0)
    assert dx.shape == x.shape
    assert_within(dx, numerical_gradient(lambda x: (layer.forward(x) * DOUT).sum(), x), absolute=1e-9, relative=0)


def test_the_gradient_of_softmax_with_loss_is_the_numerical_one_but_for_the_1e_7_within_the_logarithm():
    scores = randn(4, 3)
    layer = SoftmaxWithLoss()
    for t in (T, one_hot(T, 3)):
        layer.forward(scores, t)
        p = layer.y[np.arange(4), T][:, None]
        numerical = numerical_gradient(lambda x, t=t: layer.forward(x, t), scores)
        layer.forward(scores, t)
        assert_within(layer.backward() * p / (p + 1e-7), numerical, absolute=2e-9, relative=0)


def test_softmax_with_loss_gives_the_mean_and_keeps_probabilities_and_labels():
    scores = randn(4, 3)
    layer = SoftmaxWithLoss()
    loss = layer.forward(scores, T)
    np.testing.assert_array_equal(layer.y, softmax(scores))
    assert layer.t is T
    assert layer.loss == loss
    expected = np.mean([-np.log(layer.y[i, T[i]] + 1e-7) for i in range(4)])
    assert_within(loss, expected, absolute=0, relative=4e-16)
    assert_within(layer.backward(), (layer.y - one_hot(T, 3)) / 4, absolute=1e-17, relative=0)


def test_softmax_with_loss_takes_the_gradient_that_it_is_given():
    layer = SoftmaxWithLoss()
    layer.forward(X, T)
    assert_within(layer.backward(3), 3 * layer.backward(), absolute=1e-16, relative=0)
    np.testing.assert_array_equal(layer.backward(0), np.zeros((4, 3)))


def test_softmax_with_loss_of_extremes_is_bounded_by_the_1e_7_and_warns_of_nothing():
    layer = SoftmaxWithLoss()
    assert_within(layer.forward([[1000.0, -1000.0]], [1]), 7 * np.log(10), absolute=0, relative=1e-15)
    np.testing.assert_array_equal(layer.backward(), [[1, -1]])
    assert_within(layer.forward([[1000.0, -1000.0]], [0]), 0, absolute=1.1e-7, relative=0)


def test_sigmoid_of_extremes_warns_of_nothing():
    layer = Sigmoid()
    np.testing.assert_array_equal(layer.forward([-1000.0, 0.0, 1000.0]), [0, 0.5, 1])
    np.testing.assert_array_equal(layer.backward([1.0, 1.0, 1.0]), [0, 0.25, 0])


def test_relu_passes_nothing_back_at_0():
    layer = Relu()
    np.testing.assert_array_equal(layer.forward([-1.0, 0.0, 1e-300, 2.0]), [0, 0, 1e-300, 2])
    np.testing.assert_array_equal(layer.mask, [True, True, False, False])
    np.testing.assert_array_equal(layer.backward([5.0, 5.0, 5.0, 5.0]), [0, 0, 5, 5])


def test_affine_flattens_samples_of_any_number_of_axes_row_by_row():
    x = randn(5, 2, 3, 2)
    weights, b = randn(12, 4, seed=1), randn(4, seed=2)
    layer = Affine(weights, b)
    np.testing.assert_array_equal(layer.forward(x), x.reshape(5, 12) @ weights + b)
    assert layer.backward(randn(5, 4)).shape == x.shape


def test_the_first_layer_of_a_network_may_leave_out_the_gradient_of_its_input():
    one, other = Affine(W, B), Affine(W, B)
    one.forward(X)
    other.forward(X)
    one.backward(DOUT)
    np.testing.assert_array_equal(other.weight_gradients(DOUT), DOUT)
    np.testing.assert_array_equal(one.dW, other.dW)
    np.testing.assert_array_equal(one.db, other.db)


def test_affine_computes_with_the_weights_that_it_holds_at_the_time():
    weights, b = W.copy(), B.copy()
    layer = Affine(weights, b)
    assert layer.W is weights
    assert layer.b is b
    weights *= 2  # as an optimiser does
    np.testing.assert_array_equal(layer.forward(X), X @ weights + b)
    layer.W = -W
    np.testing.assert_array_equal(layer.forward(X), X @ -W + b)
    layer.backward(DOUT)
    np.testing.assert_array_equal(layer.backward(DOUT), DOUT @ -W.T)


def test_nodes_take_arrays_and_their_gradients_are_the_numerical_ones():
    x, y, dout = (randn(2, 3, seed=seed) for seed in (1, 2, 3))
    for layer in (MulLayer(), AddLayer()):
        layer.forward(x, y)
        dx, dy = layer.backward(dout)

        def of_x(x, layer=layer):
            return (layer.forward(x, y) * dout).sum()

        def of_y(y, layer=layer):
            return (layer.forward(x, y) * dout).sum()

        assert_within(dx, numerical_gradient(of_x, x), absolute=1e-9, relative=0)
        assert_within(dy, numerical_gradient(of_y, y), absolute=1e-9, relative=0)


def test_the_two_gradients_of_a_sum_are_arrays_of_their_own():
    layer, dout = AddLayer(), np.ones(2)
    layer.forward(np.ones(2), np.ones(2))
    dx, dy = layer.backward(dout)
    dx += 1
    np.testing.assert_array_equal(dy, 1)
    np.testing.assert_array_equal(dout, 1)


# Arrays: left alone, their dtype, their device


@pytest.mark.parametrize("name", NAMES)
def test_neither_the_input_nor_the_gradient_is_written_to(name):
    layer, x, dout = layers()[name]
    x, dout = x.copy(), dout.copy()
    x.flags.writeable = dout.flags.writeable = False
    out = layer.forward(x)
    kept = out.copy()
    first = layer.backward(dout)
    np.testing.assert_array_equal(layer.backward(dout), first)
    np.testing.assert_array_equal(out, kept)
    layer.forward(-x)
    np.testing.assert_array_equal(out, kept)  # an earlier output is not the buffer of a later one


def test_softmax_with_loss_writes_to_nothing_it_is_given():
    scores, t = X.copy(), one_hot(T, 3)
    scores.flags.writeable = t.flags.writeable = False
    layer = SoftmaxWithLoss()
    layer.forward(scores, t)
    y = layer.y.copy()
    layer.backward()[:] = 7
    np.testing.assert_array_equal(layer.y, y)


@pytest.mark.parametrize("name", NAMES)
def test_float32_stays_float32(name):
    layer, x, dout = layers()[name]
    if name == "Affine":
        layer = Affine(W.astype(np.float32), B.astype(np.float32))
    expected, _, _ = layers()[name]
    out, dx = layer.forward(x.astype(np.float32)), layer.backward(dout.astype(np.float32))
    assert (out.dtype, dx.dtype) == (np.float32, np.float32)
    assert_within(out, expected.forward(x), absolute=2e-6, relative=0)
    assert_within(dx, expected.backward(dout), absolute=2e-6, relative=0)
    if name == "Affine":
        assert (layer.dW.dtype, layer.db.dtype) == (np.float32, np.float32)


def test_softmax_with_loss_keeps_float32():
    layer = SoftmaxWithLoss()
    for t in (T, one_hot(T, 3), one_hot(T, 3).astype(int)):
        assert layer.forward(X.astype(np.float32), t).dtype == np.float32
        assert layer.backward().dtype == np.float32


@pytest.mark.parametrize("name", NAMES)
def test_layers_keep_arrays_on_their_device(name):
    layer, x, dout = layers()[name]
    out, dx = layer.forward(x), layer.backward(dout)
    other = Affine(strict.asarray(W), strict.asarray(B)) if name == "Affine" else layers()[name][0]
    strict_out, strict_dx = other.forward(strict.asarray(x)), other.backward(strict.asarray(dout))
    np.testing.assert_array_equal(strict.asnumpy(strict_out), out)
    np.testing.assert_array_equal(strict.asnumpy(strict_dx), dx)
    if name == "Affine":
        np.testing.assert_array_equal(strict.asnumpy(other.dW), layer.dW)
        np.testing.assert_array_equal(strict.asnumpy(other.db), layer.db)


def test_softmax_with_loss_and_nodes_keep_arrays_on_their_device():
    layer, other = SoftmaxWithLoss(), SoftmaxWithLoss()
    for t in (T, one_hot(T, 3)):
        assert float(other.forward(strict.asarray(X), strict.asarray(t))) == layer.forward(X, t)
        np.testing.assert_array_equal(strict.asnumpy(other.backward()), layer.backward())
    for node in (MulLayer(), AddLayer()):
        node.forward(strict.asarray(X), strict.asarray(X))
        assert all(type(d) is strict.ndarray for d in node.backward(strict.asarray(X)))


@pytest.mark.parametrize("a", [0, 0.1, 0.5, 1, 1.5, -2])
def test_leaky_relu_is_the_activation_of_its_name_and_its_slope_at_0_is_a(a):
    x = np.array([[-3.0, -0.0, 0.0], [1e-300, 2.0, -1e300]])
    layer = LeakyRelu(a)
    np.testing.assert_array_equal(layer.forward(x), leaky_relu(x, a))
    np.testing.assert_array_equal(layer.backward(np.ones_like(x)), leaky_relu(x, a, diff=True))
    np.testing.assert_array_equal(layer.mask, x <= 0)


def test_leaky_relu_of_slope_0_is_relu():
    leaky, relu = LeakyRelu(0), Relu()
    np.testing.assert_array_equal(leaky.forward(X), relu.forward(X))
    np.testing.assert_array_equal(leaky.backward(X), relu.backward(X))


# Bad input


@pytest.mark.parametrize("a", [np.nan, np.inf, "0.1", None, True, [0.1]])
def test_a_slope_that_is_no_finite_number_is_refused(a):
    with pytest.raises((ValueError, TypeError), match="^a must be"):
        LeakyRelu(a)


@pytest.mark.parametrize("layer", [Relu, LeakyRelu, Sigmoid, SoftmaxWithLoss, MulLayer, AddLayer, lambda: Affine(W, B)])
def test_backward_before_forward_is_refused(layer):
    with pytest.raises(RuntimeError, match="backward needs a forward pass before it"):
        layer().backward(1.0)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (lambda a: a * np.nan, "must be finite, but it is nan"),
        (lambda a: a.astype(str), "must be of real numbers"),
        (lambda a: a * 1j, "must be of real numbers"),
        (lambda a: a[:0], "must have at least one element"),
        (lambda a: np.ma.masked_array(a), "must not be a masked array"),
    ],
)
def test_bad_inputs_and_gradients_are_refused_by_name(name, bad, message):
    layer, x, dout = layers()[name]
    with pytest.raises((ValueError, TypeError), match=f"x {message}"):
        layer.forward(bad(x))
    layer.forward(x)
    with pytest.raises((ValueError, TypeError), match=f"dout {message}"):
        layer.backward(bad(dout))


@pytest.mark.parametrize("name", NAMES)
def test_a_gradient_that_does_not_fit_the_output_is_refused_and_changes_nothing(name):
    layer, x, dout = layers()[name]
    layer.forward(x)
    layer.backward(dout)
    kept = getattr(layer, "dW", None)
    for bad, message in (
        (dout[:, :1], rf"dout must have the shape \({dout.shape[0]}, {dout.shape[1]}\) of the forward pass's output"),
        (dout[0], "dout must have the shape"),
        (dout.astype(np.float32), "dout must be float64"),
        (strict.asarray(dout), "dout must be a numpy array"),
    ):
        with pytest.raises(ValueError, match=message):
            layer.backward(bad)
    assert getattr(layer, "dW", None) is kept


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Affine(B, B), r"W must be a matrix \(inputs, outputs\), not of shape \(2,\)"),
        (lambda: Affine(W[None], B), r"W must be a matrix \(inputs, outputs\), not of shape \(1, 3, 2\)"),
        (lambda: Affine(W, np.zeros(3)), r"b must have the shape \(2,\) for W of shape \(3, 2\), not \(3,\)"),
        (lambda: Affine(W, B[:1]), r"b must have the shape \(2,\) for W of shape \(3, 2\), not \(1,\)"),
        (lambda: Affine(W, B[None]), r"b must have the shape \(2,\)"),
        (lambda: Affine(W * np.inf, B), "W must be finite"),
        (lambda: Affine(W, B * np.nan), "b must be finite"),
        (lambda: Affine(W, B.astype(np.float32)), "b must be float64 as the weights are, not float32"),
        (lambda: Affine(W, strict.asarray(B)), "b must be a numpy array as the weights are"),
        (lambda: Affine(W, B).forward(X[0]), r"x must have one sample a row, .* not \(3,\); .* x\[None\]"),
        (
            lambda: Affine(W, B).forward(X[:, :2]),
            r"samples of 3 elements for W of shape \(3, 2\), not of 2: .*\(4, 2\)",
        ),
        (lambda: Affine(W, B).forward(X.astype(np.float32)), "x must be float64 as the weights are, not float32"),
        (lambda: SoftmaxWithLoss().forward(X[0], 1), r"x must have one sample a row"),
        (lambda: SoftmaxWithLoss().forward(X[None], T), r"x must be scores \(N, outputs\), not of shape \(1, 4, 3\)"),
        (lambda: SoftmaxWithLoss().forward(X * np.nan, T), "x must be finite"),
        (lambda: SoftmaxWithLoss().forward(X, T + 1), "t must be digits from 0 to 2 for 3 classes, but one is 3"),
        (lambda: SoftmaxWithLoss().forward(X, T[:, None]), r"t.ravel\(\) makes digits of it"),
        (lambda: SoftmaxWithLoss().forward(X, X), "t must be one-hot"),
        (lambda: MulLayer().forward([1.0, 2.0], 3), r"y must have the shape \(2,\) of x, not \(\)"),
        (lambda: AddLayer().forward(1, [1.0]), r"y must have the shape \(\) of x, not \(1,\)"),
        (lambda: AddLayer().forward(np.nan, 1), "x must be finite"),
        (lambda: MulLayer().forward(1, "2"), "y must be of real numbers"),
        (lambda: MulLayer().forward(True, 2), "x must be a real number, not True"),
    ],
)
def test_arguments_that_do_not_fit_are_refused_by_name(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()


def test_bad_gradients_of_the_loss_and_of_nodes_are_refused_by_name():
    loss, node = SoftmaxWithLoss(), MulLayer()
    loss.forward(X, T)
    node.forward(X, X)
    for call, message in (
        (lambda: loss.backward(np.nan), "dout must be finite"),
        (lambda: loss.backward(X), "dout must be a real number"),
        (lambda: node.backward(1.0), r"dout must have the shape \(4, 3\) of the output, not \(\)"),
        (lambda: node.backward(X.T), r"dout must have the shape \(4, 3\) of the output, not \(3, 4\)"),
        (lambda: node.backward(np.ones((5, 3))), r"dout must have the shape \(4, 3\) of the output, not \(5, 3\)"),
        (lambda: node.backward(X * np.inf), "dout must be finite"),
    ):
        with pytest.raises((ValueError, TypeError), match=message):
            call()


def test_labels_that_do_not_fit_leave_the_last_pass_as_it_was():
    layer = SoftmaxWithLoss()
    layer.forward(X, T)
    before = layer.backward()
    with pytest.raises(ValueError, match="t must be digits"):
        layer.forward(X * 2, T + 5)
    np.testing.assert_array_equal(layer.backward(), before)


# Starting weights


@pytest.mark.parametrize(
    ("init", "n_in", "scale"),
    [
        (0.01, 784, 0.01),
        (1, 784, 1),
        ("xavier", 100, 0.1),
        ("Sigmoid", 25, 0.2),
        ("he", 200, 0.1),
        ("ReLU", 8, 0.5),
    ],
)
def test_the_scale_of_starting_weights_is_a_number_or_xaviers_or_hes(init, n_in, scale):
    assert_within(weight_scale(init, n_in), scale, absolute=0, relative=2.3e-16)


def test_starting_weights_are_the_numbers_that_the_notes_draw_layer_by_layer():
    rng, other = np.random.RandomState(7), np.random.RandomState(7)
    np.testing.assert_array_equal(starting_weights(rng, (5, 4), 0.01), 0.01 * other.randn(5, 4))
    np.testing.assert_array_equal(starting_weights(rng, (4, 3), "he"), np.sqrt(2 / 4) * other.randn(4, 3))
    assert rng.rand() == other.rand()


def test_starting_weights_of_filters_count_the_inputs_of_one_pixel():
    drawn = np.random.RandomState(1).randn(2, 3, 4, 5)
    np.testing.assert_array_equal(
        starting_weights(np.random.RandomState(1), (2, 3, 4, 5), "xavier"), np.sqrt(1 / 60) * drawn
    )
    np.testing.assert_array_equal(
        starting_weights(np.random.RandomState(1), (2, 3, 4, 5), "xavier", n_in=4), 0.5 * drawn
    )


def test_starting_weights_come_from_matlabs_stream_too():
    np.testing.assert_array_equal(starting_weights(matlab.rng(3), (4, 2), 0.5), 0.5 * matlab.rng(3).randn(4, 2))


def test_starting_weights_of_float32_are_those_of_float64_rounded():
    W = starting_weights(np.random.RandomState(1), (4, 2), 0.5)
    single = starting_weights(np.random.RandomState(1), (4, 2), 0.5, dtype="float32")
    assert (W.dtype, single.dtype) == (np.float64, np.float32)
    np.testing.assert_array_equal(single, W.astype(np.float32))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: weight_scale("hee", 3),
            "init must be one of xavier, sigmoid, he, relu, not 'hee'; did you mean 'he'?",
        ),
        (lambda: weight_scale(0, 3), "init must be above 0, not 0"),
        (lambda: weight_scale(-0.01, 3), "init must be above 0"),
        (lambda: weight_scale(np.nan, 3), "init must be finite"),
        (lambda: weight_scale(True, 3), "init must be a real number, not True"),
        (lambda: weight_scale(None, 3), "init must be a real number, not None"),
        (lambda: weight_scale("he", 0), "n_in must be at least 1, not 0"),
        (lambda: weight_scale("he", 2.5), "n_in must be an integer"),
        (lambda: starting_weights(None, (1, 2), "he"), "rng must be a stream .* which has randn; not None"),
        (lambda: starting_weights(np.random.default_rng(1), (1, 2), "he"), "rng must be a stream"),
        (lambda: starting_weights(np.random, 5, "he"), r"shape must be \(inputs, outputs\) or \(filters"),
        (lambda: starting_weights(np.random, (5,), "he"), "shape must be"),
        (lambda: starting_weights(np.random, (5, 0), "he"), "shape must be at least 1, not 0"),
        (lambda: starting_weights(np.random, (5, 2), "he", dtype="int"), "dtype must be float64 or float32, not 'int'"),
        (lambda: starting_weights(np.random, (5, 2), "he", dtype=None), "dtype must be float64 or float32, not None"),
        (lambda: starting_weights(np.random, (5, 2), "he", dtype="x"), "dtype must be float64 or float32, not 'x'"),
    ],
)
def test_bad_starts_are_refused_by_name(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()


def test_a_start_that_is_refused_draws_nothing():
    rng = np.random.RandomState(2)
    with pytest.raises(ValueError, match="init must be one of"):
        starting_weights(rng, (5, 2), "hee")
    assert rng.rand() == np.random.RandomState(2).rand()
