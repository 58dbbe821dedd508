"""The worked examples of `deltarule.models`: by central differences, by a second form, on many networks; errors."""

from functools import partial
from itertools import product

import numpy as np
import pytest
import strict
from closeness import assert_printed, assert_within
from hypothesis import given
from hypothesis import strategies as st

from deltarule import matlab, models, sigmoid, softmax
from deltarule.basics.differences import central_difference
from deltarule.layers import XOR, Affine, Convolution
from deltarule.listings.training import train
from deltarule.models import tables, worked

RNG = matlab.rng(20)
GRADIENT_TOLERANCE = 1e-7  # relative to the largest, as for every other body


def assert_gradients(found, cost, arrays):
    for ours, slope in zip(found, central_difference(cost, arrays), strict=True):
        assert_within(ours, slope, absolute=GRADIENT_TOLERANCE * abs(slope).max(), relative=0)


# ---------------------------------------------------------------- the neuron as a graph


@pytest.mark.parametrize("n", [1, 3, 8])
def test_what_comes_back_through_the_graph_is_the_slope(n):
    w, x = RNG.randn(1, n)[0], RNG.randn(1, n)[0]
    neuron = models.neuron_graph(w, x)
    found = [neuron.gradients["w"], neuron.gradients["x"]]
    assert_gradients(found, lambda w, x: float(models.neuron_graph(w, x).values["y"]), [w, x])


def test_the_nodes_together_are_the_sigmoid_and_its_derivative():
    w, x = 2 * RNG.randn(50, 4), RNG.randn(50, 4)
    neuron = models.neuron_graph(w, x)
    y = sigmoid((w * x).sum(axis=1))
    assert_within(neuron.values["y"], y, absolute=0, relative=1e-15)
    assert_within(neuron.gradients["v"], y * (1 - y), absolute=np.spacing(1.0), relative=0)  # 1 - y is rounded


def test_many_neurons_are_the_single_ones_and_every_node_has_a_value_and_a_derivative():
    w, x = RNG.randn(6, 3).reshape(2, 3, 3), RNG.randn(2, 3).reshape(2, 1, 3)
    both = models.neuron_graph(w, x)
    assert both.values.keys() == both.gradients.keys()
    for i, j in product(range(2), range(3)):
        one = models.neuron_graph(w[i, j], x[i, 0])
        for name, value in one.values.items():
            there = np.broadcast_to(both.values[name], (2, 3, *np.shape(value)))[i, j]
            np.testing.assert_array_equal(there, value)
            np.testing.assert_array_equal(both.gradients[name][i, j], one.gradients[name])


# ---------------------------------------------------------------- the softmax classifier


def three_images(n=5, classes=3):
    return RNG.randn(classes, n), np.eye(classes), 2 * RNG.rand(classes, n) - 1


def loss(W, X, D):
    return -float((D * np.log(models.softmax_outputs(W, X))).sum())


def test_the_change_of_a_batch_is_minus_the_gradient_of_the_softmax_loss():
    X, D, W = three_images()
    (dW,) = worked.softmax_changes(W, X.T, D.T, 1.0)
    assert_gradients([-dW], lambda W: loss(W, X, D), [W])


def test_an_epoch_is_one_sample_after_the_other_written_out():
    X, D, W = three_images(n=4)
    ours, wanted = models.softmax_classifier(W, X, D, alpha=0.3), W.copy()
    for x, d in zip(X, D, strict=True):
        scores = [sum(wanted[c, i] * x[i] for i in range(4)) for c in range(3)]
        total = sum(np.exp(v) for v in scores)
        y = [np.exp(v) / total for v in scores]
        for c, i in product(range(3), range(4)):
            wanted[c, i] += 0.3 * (d[c] - y[c]) * x[i]
    assert_within(ours, wanted, absolute=1e-15, relative=1e-14)


def test_many_networks_are_the_single_ones_and_float32_stays_float32():
    X, D, _ = three_images()
    W = 2 * RNG.rand(6, 5).reshape(2, 3, 5) - 1
    both = models.softmax_classifier(W, X, D)
    outputs = models.softmax_outputs(both, X)
    for k in range(2):
        assert_within(both[k], models.softmax_classifier(W[k], X, D), absolute=1e-15, relative=0)  # of weights up to 1
        assert_within(outputs[k], models.softmax_outputs(both[k], X), absolute=1e-15, relative=0)
    small = models.softmax_classifier(*(a.astype(np.float32) for a in (W[0], X, D)))
    assert small.dtype == np.float32
    assert_within(small, both[0], absolute=1e-6, relative=0)


def test_a_gpus_arrays_are_taken_and_given_back():
    cupy = strict
    X, D, W = three_images()
    w, x = W[0], X[0]
    there = [cupy.asarray(a) for a in (W, X, D, w, x)]
    found = {
        "W": (models.softmax_classifier(*there[:3]), models.softmax_classifier(W, X, D)),
        "y": (models.softmax_outputs(*there[:2]), models.softmax_outputs(W, X)),
        "v": (models.logistic_as_softmax(there[3]), models.logistic_as_softmax(w)),
        "dw": (models.neuron_graph(*there[3:]).gradients["w"], models.neuron_graph(w, x).gradients["w"]),
        "xor": (models.step_forward(there[1][:, :2], *map(cupy.asarray, models.xor_layers()))[1],
                models.step_forward(X[:, :2], *models.xor_layers())[1]),
    }  # fmt: skip
    for ours, here in found.values():
        assert isinstance(ours, cupy.ndarray)
        assert_within(cupy.asnumpy(ours), here, absolute=1e-15, relative=0)


def test_the_first_column_makes_the_outputs_what_they_are_to_be():
    X, _, W = three_images()
    X[:, 0] = 1
    started = models.with_first_outputs(W, X[1], np.array([0.36, 0.62, 0.02]))
    assert_within(models.softmax_outputs(started, X)[1], [0.36, 0.62, 0.02], absolute=1e-15, relative=0)
    np.testing.assert_array_equal(started[:, 1:], W[:, 1:])
    # lecture, line 27, and the losses that follow from it
    assert_printed(-np.log(models.softmax_outputs(started, X)[1]), [1.0217, 0.4780, 3.9120], 4)


@given(st.lists(st.floats(-20, 20), min_size=2, max_size=5), st.floats(-50, 50))
def test_scores_are_known_from_probabilities_but_for_a_constant(scores, constant):
    v = np.array(scores)
    assert_within(softmax(v + constant), softmax(v), absolute=1e-13, relative=0)


def test_what_rounds_to_the_printed_probabilities_leaves_a_range_for_each_difference_of_scores():
    low, high = np.array([0.355, 0.615, 0.015]), np.array([0.365, 0.625, 0.025])
    found = models.score_differences(low, high, 1, 0)
    assert_printed(found, [0.5217, 0.5656], 4)
    v = np.log(low + (high - low) * RNG.rand(1000, 3))
    for a, b in ((1, 0), (0, 2), (2, 1)):
        least, most = models.score_differences(low, high, a, b)
        assert least <= (v[:, a] - v[:, b]).min() < (v[:, a] - v[:, b]).max() <= most


def test_logistic_regression_is_a_softmax_of_its_score_and_0():
    v = np.linspace(-30, 30, 601)
    assert_within(models.logistic_as_softmax(v), sigmoid(v), absolute=1.2e-16, relative=0)
    np.testing.assert_array_equal(
        models.logistic_as_softmax(v[:600].reshape(3, 4, 50)).ravel(), models.logistic_as_softmax(v[:600])
    )


def test_each_of_201_starts_of_the_script_ends_with_every_image_in_its_class():
    images, starts = [], []
    for seed in ("default", *range(1, 201)):
        rng = matlab.rng(seed)
        images.append(np.hstack([np.ones((3, 1)), rng.randn(3, 4)]))
        starts.append(models.with_first_outputs(2 * rng.rand(3, 5) - 1, images[-1][1], [0.36, 0.62, 0.02]))
    x = np.array(images).transpose(1, 0, 2)[..., None]  # the first image of each, the second, the third
    d = np.broadcast_to(np.eye(3)[:, None, :, None], (3, 201, 3, 1))
    W = np.array(starts)
    for _ in range(1_000):
        (W,) = train(worked.softmax_changes, (W,), x, d, 0.1)
    right = [softmax(W @ x[k])[:, k, 0] for k in range(3)]
    assert (np.min(right, axis=0) >= 0.9).sum() == 201  # as docs/networks.md has it


# ---------------------------------------------------------------- XOR by gates


def test_xor_by_and_and_or_is_the_xor_by_nand_and_or():
    X = np.array(list(product((0.0, 1.0), repeat=2)))
    y1, y = models.step_forward(X, *models.xor_layers())
    assert y1[:, 0].tolist() == [0, 0, 0, 1]
    assert y1[:, 1].tolist() == [0, 1, 1, 1]
    assert y[:, 0].tolist() == XOR(X[:, 0], X[:, 1]).tolist()


@given(st.lists(st.floats(-9, 9), min_size=3, max_size=3))
def test_no_single_node_gets_all_four_rows_of_xor(weights):
    X = np.array(list(product((0.0, 1.0), repeat=2)))
    (y,) = models.step_forward(X, np.array([weights]))
    assert y[:, 0].tolist() != [0, 1, 1, 0]


# ---------------------------------------------------------------- tables of layers

MLP = [models.Flatten(), models.Dense(200), models.Dense(150), models.Dense(10)]
STACK = [models.Conv(10, 4, 2, "same"), models.Conv(20, 3, 2, "same"), models.Flatten(), models.Dense(10)]


def test_the_parameters_are_those_that_the_keras_notes_print():
    rows = models.layer_table((32, 32, 3), MLP)
    assert [row.parameters for row in rows] == [0, 0, 614_600, 30_150, 1_510]  # Keras notes, lines 163 to 167
    assert (rows[1].shape, models.parameters(rows)) == ((3072,), 646_260)
    rows = models.layer_table((32, 32, 3), STACK)
    assert [row.shape for row in rows[1:]] == [(16, 16, 10), (8, 8, 20), (1280,), (10,)]
    assert ([row.parameters for row in rows[1:]], models.parameters(rows)) == ([490, 1_820, 0, 12_810], 15_120)


def test_the_layers_of_the_other_wing_have_the_shapes_and_parameters_of_the_table():
    x, rows = RNG.randn(2 * 3, 32 * 32).reshape(2, 3, 32, 32), models.layer_table((32, 32, 3), STACK)
    for layer, row in zip(STACK, rows[1:], strict=True):
        if isinstance(layer, models.Conv):
            x = padded(x, layer)
            W = np.zeros((layer.filters, x.shape[1], layer.size, layer.size))
            made = Convolution(W, np.zeros(layer.filters), layer.stride, 0, round_down=True)
            wanted = row.shape[2], *row.shape[:2]
        elif isinstance(layer, models.Dense):
            made, wanted = Affine(np.zeros((x.shape[1], layer.nodes)), np.zeros(layer.nodes)), row.shape
        else:
            x = x.reshape(2, -1)
            assert x.shape[1:] == row.shape
            continue
        x = made.forward(x)
        assert x.shape == (2, *wanted)
        assert made.W.size + made.b.size == row.parameters


def padded(x, layer):
    """Images with the zeros that Keras puts around them for a layer."""
    zeros = models.same_padding(x.shape[2], layer.size, layer.stride)
    return np.pad(x, ((0, 0), (0, 0), zeros, zeros))


def test_keras_and_pytorch_lay_the_filter_of_the_second_layer_on_other_places():
    x = RNG.randn(1, 16 * 16).reshape(1, 1, 16, 16)
    filter = Convolution(RNG.randn(3, 3).reshape(1, 1, 3, 3), np.zeros(1), 2, 0, round_down=True)
    keras = filter.forward(padded(x, models.Conv(1, 3, 2, "same")))
    torch = filter.forward(np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1))))
    assert keras.shape == torch.shape == (1, 1, 8, 8)
    assert abs(keras - torch).min() > 1e-3
    # PyTorch's places on the image without its last row and column are Keras's on the image turned around
    turned = Convolution(filter.W[..., ::-1, ::-1].copy(), filter.b, 2, 0, round_down=True)
    assert_within(turned.forward(padded(x[..., ::-1, ::-1].copy(), models.Conv(1, 3, 2, "same")))[..., ::-1, ::-1],
                  torch, absolute=1e-14, relative=0)  # fmt: skip


@given(st.integers(1, 40), st.integers(1, 12), st.integers(1, 5))
def test_same_keeps_the_size_divided_by_the_stride_and_adds_no_more_zeros_than_that_takes(size, filter, stride):
    before, after = models.same_padding(size, filter, stride)
    assert 0 <= after - before <= 1
    places = models.side(size, filter, stride, "same")
    if size + before + after > filter or (size + before + after - filter) % stride == 0:
        assert places >= -(-size // stride)
    if before + after:
        assert places == -(-size // stride)
        assert size + before + after - filter == (places - 1) * stride


def test_sizes_by_the_formula_and_the_padding_that_keeps_the_size():
    assert [models.side(28, 9, pad=pad) for pad in (0, 1, 4)] == [20, 22, 28]
    for filter in range(1, 12):
        kept = [pad for pad in range(12) if models.side(28, filter, pad=pad) == 28]
        assert kept == ([(filter - 1) // 2] if filter % 2 else [])


# ---------------------------------------------------------------- what is refused

WRONG = {
    "w and x must have the shape": lambda: models.neuron_graph(np.ones(3), np.ones(2)),
    "w and x must have the shape .*not \\(\\)": lambda: models.neuron_graph(1.0, np.ones(2)),
    "x must be finite": lambda: models.neuron_graph(np.ones(2), [1.0, np.nan]),
    "w must be of real numbers": lambda: models.neuron_graph(["a"], np.ones(1)),
    "D must be one-hot": lambda: models.softmax_classifier(np.ones((2, 2)), np.ones((2, 2)), np.ones((2, 2))),
    "alpha must be above 0": lambda: models.softmax_classifier(np.ones((2, 2)), np.ones((2, 2)), np.eye(2), alpha=0),
    "W must have the shape \\(..., nodes, 2\\)": lambda: models.softmax_outputs(np.ones((2, 3)), np.ones((2, 2))),
    "x must begin with the constant 1": lambda: models.with_first_outputs(np.ones((2, 2)), [2.0, 1.0], [0.5, 0.5]),
    "y must be probabilities": lambda: models.with_first_outputs(np.ones((2, 2)), [1.0, 1.0], [0.5, 0.6]),
    "y must be probabilities above 0": lambda: models.with_first_outputs(np.ones((2, 1)), [1.0], [0.0, 1.0]),
    "W must have the shape \\(classes, n\\)": lambda: models.with_first_outputs(np.ones((2, 2)), [1.0], [0.5, 0.5]),
    "W must have the shape \\(classes, n\\), .* not \\(2, 3, 4\\), \\(3, 4\\) and \\(2,\\)$": lambda: (
        models.with_first_outputs(np.ones((2, 3, 4)), np.ones((3, 4)), [0.5, 0.5])
    ),
    "W must have the shape \\(classes, n\\), .* not \\(2, 2\\), \\(3,\\) and \\(2,\\)$": lambda: (
        models.with_first_outputs(np.ones((2, 2)), np.ones(3), [0.5, 0.5])
    ),
    "low and high must be": lambda: models.score_differences([0.1, 0.0], [0.2, 0.1], 0, 1),
    "low and high must be of": lambda: models.score_differences([0.3, 0.1], [0.2, 0.1], 0, 1),
    "^b must be from 0 to 1, a class, not 2$": lambda: models.score_differences([0.1, 0.1], [0.2, 0.1], 0, 2),
    "^a must be at least 0, not -1$": lambda: models.score_differences([0.1, 0.1], [0.2, 0.1], -1, 0),
    "^a must be an integer, not True of": lambda: models.score_differences([0.1, 0.1], [0.2, 0.1], True, 0),
    "^b must be an integer, not 'b' of": lambda: models.score_differences([0.1, 0.1], [0.2, 0.1], 0, "b"),
    "a must be an integer, not None of type NoneType$": lambda: models.score_differences([0.1], [0.2], None, 0),
    "rows must be those of layer_table, not 3 of type int$": lambda: models.parameters(3),
    "rows must be those of layer_table, not \\[3\\] of type list$": lambda: models.parameters([3]),
    "v must be finite": lambda: models.logistic_as_softmax([np.inf]),
    "X must have the shape \\(N, n\\)": lambda: models.step_forward(np.ones(2), *models.xor_layers()),
    "weights\\[1\\] must have the shape \\(nodes, 3\\)": lambda: models.step_forward(
        np.ones((1, 2)), np.ones((2, 3)), np.ones((1, 2))
    ),
    "layers\\[0\\], dense, must be given samples of one axis": partial(tables.layer_table, (2, 2, 1), [MLP[1]]),
    "layers\\[1\\], conv, must be given samples": partial(tables.layer_table, (4, 4, 1), [MLP[0], STACK[0]]),
    "layers\\[0\\] must be Flatten, Dense or Conv": partial(tables.layer_table, (4, 4, 1), ["dense"]),
    "nodes of layers\\[0\\] must be": partial(tables.layer_table, (4,), [models.Dense(0)]),
    r"^shape\[1\] must be at least 1, not -1$": partial(tables.layer_table, (4, -1, 1), []),
    "pad must be one of same": partial(tables.side, 4, 2, 1, "valid"),
    "stride must be": partial(tables.same_padding, 4, 2, 0),
    "filter must be no larger": partial(tables.side, 4, 5),
}


@pytest.mark.parametrize("message", WRONG)
def test_a_wrong_argument_is_refused_by_name(message):
    with pytest.raises((TypeError, ValueError), match=message):
        WRONG[message]()


def test_arguments_stay_as_they_are():
    X, D, W = three_images()
    kept = W.copy(), X.copy(), D.copy()
    models.softmax_classifier(W, X, D)
    models.neuron_graph(W[0], X[0])
    for a, before in zip((W, X, D), kept, strict=True):
        np.testing.assert_array_equal(a, before)


def test_probabilities_sum_to_1_within_a_millionth_and_a_range_may_be_a_number():
    W, x = np.ones((2, 2)), [1.0, 3.0]
    for off in (9e-7, -9e-7):
        assert models.with_first_outputs(W, x, [0.25, 0.75 + off]).shape == (2, 2)
    for off in (1.1e-6, -1.1e-6):
        with pytest.raises(ValueError, match=r"^y must be probabilities above 0 whose sum is 1$"):
            models.with_first_outputs(W, x, [0.25, 0.75 + off])
    low, high = models.score_differences([0.2, 0.8], [0.2, 0.8], 1, 0)
    assert_within([low, high], np.log(4), absolute=0, relative=1e-15)
