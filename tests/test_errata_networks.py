"""The errata of the lecture notes, the primer and the Keras notes: what the text says, and what is measured."""

import numpy as np
import pytest
import runs
from closeness import assert_printed, assert_within

from deltarule import data, matlab, models, relu, sigmoid
from deltarule.basics.arrays import columns
from deltarule.basics.differences import central_difference
from deltarule.evidence.errata import read_errata
from deltarule.evidence.notes import same
from deltarule.layers import SGD, BatchNormalization, Convolution, TwoLayerNet, optimizer
from deltarule.listings.experiments import EXPERIMENTS

ERRATA = {erratum.id: erratum for erratum in read_errata(runs.ROOT / "reference" / "errata.toml")}


# ---------------------------------------------------------------- the lecture notes


@pytest.mark.errata("lecture-above-the-boundary")
def test_a_point_above_the_decision_boundary_can_have_a_sum_below_zero():
    w, point = np.array([[1.0, -1.0, 0.0]]), np.array([[0.0, 1.0]])  # the boundary is x2 = x1
    assert point[0, 1] > point[0, 0]
    assert models.neuron_graph(w[0], [0.0, 1.0, 1.0]).values["v"] == -1
    assert models.step_forward(point, w)[0] == 0
    assert models.step_forward(point, -w)[0] == 1  # the same boundary


@pytest.mark.errata("lecture-dot")
def test_the_three_classes_of_the_example_have_all_of_the_probability():
    y = np.array([0.36, 0.62, 0.02])  # dog, cat and frog, in the same line
    assert_within(y.sum(), 1, absolute=1e-15, relative=0)
    W = models.with_first_outputs(np.zeros((3, 5)), np.ones(5), y)
    assert W.shape == (3, 5)  # as the line has it: no row is left for a dot
    assert_within(models.softmax_outputs(W, np.ones((1, 5)))[0], y, absolute=1e-15, relative=0)


@pytest.mark.errata("lecture-mae")
def test_least_squares_end_at_the_mean_and_absolute_errors_at_the_median():
    values = np.array([0.0, 1.0, 2.0, 3.0, 44.0])
    at = np.linspace(0, 44, 4401)[:, None]
    squares, absolute = ((values - at) ** 2).mean(axis=1), abs(values - at).mean(axis=1)
    assert_within(at[squares.argmin(), 0], values.mean(), absolute=1e-9, relative=0)
    assert_within(at[absolute.argmin(), 0], np.median(values), absolute=1e-9, relative=0)
    assert (values.mean(), np.median(values)) == (10, 2)


@pytest.mark.errata("lecture-0.195")
def test_what_comes_back_to_the_sum_is_0_1966_and_not_0_195():
    neuron = models.neuron_graph([2.0, -3.0, -3.0], [-1.0, -2.0, 1.0])
    back = float(neuron.gradients["v"])
    assert_printed(back, 0.1966, 4)
    assert same(back, "0.2", "rounded")
    assert not same(back, "0.195", "rounded")
    assert same(float(neuron.gradients["x"][0]), "0.39", "rounded")
    assert f"{back:.4f}" in ERRATA["lecture-0.195"].effect


@pytest.mark.errata("lecture-tanh-slope")
def test_slope_of_tanh_goes_up_to_1_and_that_of_2_sigmoid_minus_1_to_one_half():
    x = np.linspace(-5, 5, 1001)
    for function, most in ((np.tanh, 1), (lambda x: 2 * sigmoid(x) - 1, 0.5), (sigmoid, 0.25)):
        (slope,) = central_difference(lambda x, function=function: function(x).sum(), [x[400:601]])
        assert_within(slope.max(), most, absolute=1e-8, relative=0)  # of the rounding of a sum of 201 over 2e-5


@pytest.mark.errata("lecture-own-mean")
def test_scale_and_shift_are_shared_and_cannot_restore_the_mean_of_each_batch():
    rng = matlab.rng(1)
    v = 2 * rng.randn(10, 4) + 1
    gamma, beta = v.std(axis=0), v.mean(axis=0)
    ours = BatchNormalization(gamma, beta)
    assert_within(ours.forward(v), v, absolute=1e-6, relative=0)  # its own mean and deviation, as the text has it
    moved = ours.forward(3 * v + 5)  # another batch, through the same scale and shift
    assert abs(moved - ours.forward(v)).max() < 1.4e-5
    assert abs(moved.mean(axis=0) - (3 * v + 5).mean(axis=0)).min() > 3


# ---------------------------------------------------------------- the primer


@pytest.mark.errata("primer-linear-layers")
def test_three_linear_layers_are_one_and_not_just_like_one():
    rng, a = matlab.rng(1), 0.7
    W1, W2, W3 = (rng.randn(5, 4), rng.randn(6, 5), rng.randn(3, 6))
    x = rng.randn(4, 100)
    three = a * (W3 @ (a * (W2 @ (a * (W1 @ x)))))
    one = (a**3 * W3 @ W2 @ W1) @ x
    assert abs(three - one).max() <= 1e-15 * abs(one).max() * 10
    assert abs(W3 @ relu(W2 @ relu(W1 @ x)) - W3 @ W2 @ W1 @ x).max() > 1


@pytest.mark.errata("primer-step")
def test_the_slope_of_a_step_is_zero_everywhere_else_so_nothing_is_learned():
    x = np.concatenate([np.linspace(-3, -0.01, 50), np.linspace(0.01, 3, 50)])
    (slope,) = central_difference(lambda x: float(models.step_forward(x[:, None], [[1.0, 0.0]])[0].sum()), [x])
    assert not slope.any()
    X, D = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([[0.0], [1.0], [1.0], [0.0]])
    W1, W2 = models.xor_layers()
    cost = lambda W1, W2: float(((D - models.step_forward(X, W1, W2)[1]) ** 2).sum())  # noqa: E731
    assert all(not gradient.any() for gradient in central_difference(cost, [-W1, W2]))
    assert cost(-W1, W2) == 2  # wrong, and no way to go
    # relu, which the text takes instead, has a point without a derivative as well: a slope of 0 and one of 1
    (left, right) = (float(relu(h) - relu(0.0)) / h for h in (-1e-6, 1e-6))
    assert (left, right) == (0, 1)


@pytest.mark.errata("primer-dropout-parameters")
def test_dropout_leaves_no_fewer_weights_to_learn():
    experiment = EXPERIMENTS["deep_dropout"]
    X, D = experiment.samples()
    shares = []
    for seed in range(1, 21):
        weights, rng = experiment.start(seed)
        after = experiment.epoch(weights, X, D, rng)
        shares.append([float((a != b).mean()) for a, b in zip(after[1:], weights[1:], strict=True)])
    assert np.min(shares, axis=0).tolist() == [0.98, 0.98, 1]  # of W2, W3 and W4
    weights, rng = experiment.start(1)
    shapes = [W.shape for W in weights]
    assert [W.shape for W in experiment.epoch(weights, X, D, rng)] == shapes


@pytest.mark.errata("primer-covariance")
def test_a_shift_of_the_inputs_leaves_their_covariance_as_it_is():
    v = matlab.rng(1).randn(50, 3)
    moved = v + np.array([3.0, -1.0, 5.0])
    assert_within(np.cov(moved.T), np.cov(v.T), absolute=1e-14, relative=0)
    assert abs(moved.mean(axis=0) - v.mean(axis=0)).min() > 0.9
    normal = BatchNormalization(np.ones(3), np.zeros(3))
    assert_within(normal.forward(moved), normal.forward(v), absolute=1e-13, relative=0)  # what is done about the shift


@pytest.mark.errata("primer-flatten")
def test_flattening_loses_nothing_and_a_dense_layer_does_not_know_which_pixels_are_neighbours():
    images, digits = data.mnist()
    images, D = images[:60], np.eye(10)[digits[:60]]
    X = images.reshape(60, -1)
    np.testing.assert_array_equal(X.reshape(60, 28, 28), images)  # all of it comes back
    rng = matlab.rng(1)
    other = rng.randperm(784) - 1
    W = 0.1 * rng.randn(10, 784)
    moved, turned = W[:, other], X[:, other]
    assert abs(models.softmax_outputs(W, X) - models.softmax_outputs(moved, turned)).max() <= 1e-15
    for _ in range(5):
        W, moved = models.softmax_classifier(W, X, D), models.softmax_classifier(moved, turned, D)
    assert_within(moved, W[:, other], absolute=1e-13, relative=0)
    filter = Convolution(rng.randn(3, 3).reshape(1, 1, 3, 3), np.zeros(1))
    maps = [filter.forward(a.reshape(60, 1, 28, 28)) for a in (X, turned)]
    assert abs(np.sort(maps[0], axis=None) - np.sort(maps[1], axis=None)).max() > 1  # a filter looks at neighbours


@pytest.mark.errata("primer-padding")
def test_padding_keeps_the_size_for_one_number_of_zeros_and_the_stride_1():
    for k, kept in ((3, 1), (5, 2), (9, 4)):
        assert [pad for pad in range(10) if models.side(28, k, pad=pad) == 28] == [kept]
        assert models.side(28, k, 2, kept) == 14
    assert [models.side(28, 9, pad=pad) for pad in (0, 1, 4)] == [20, 22, 28]
    assert [pad for pad in range(10) if models.side(28, 4, pad=pad) == 28] == []  # none for an even filter


@pytest.mark.errata("primer-3288")
def test_thirty_two_maps_of_8_x_8_are_2048_numbers():
    assert models.layer_table((8, 8, 32), [models.Flatten()])[1].shape == (2048,)
    assert 3288 != 2048 == 32 * 8 * 8


# ---------------------------------------------------------------- the Keras notes


@pytest.mark.errata("keras-perception")
def test_a_perceptron_is_what_the_layers_are_made_of():
    rows = models.layer_table((3072,), [models.Dense(200), models.Dense(150), models.Dense(10)])
    assert len(rows) - 1 == 3  # layers of perceptrons: the P of MLP
    assert models.step_forward([[1.0, 1.0]], [[0.5, 0.5, -0.7]])[0] == 1  # one of them


@pytest.mark.errata("keras-54th")
def test_the_index_54_is_the_55th_image():
    images, _ = data.mnist()
    numbers = np.arange(1, len(images) + 1)  # as they are counted
    assert (numbers[54], numbers[53]) == (55, 54)
    assert abs(images[54] - images[53]).max() > 0.5


@pytest.mark.errata("keras-batch-size")
def test_a_batch_of_all_samples_is_one_update_an_epoch_and_learns_next_to_nothing():
    images, digits = data.mnist()
    X, t = images.reshape(-1, 784), digits
    assert [len(columns(np.zeros((50_000, 1)), size)) for size in (32, 50_000)] == [1562, 1]
    right = {}
    for size in (32, 8000):
        network = TwoLayerNet(784, 50, 10, activation="relu", rng=np.random.RandomState(1))
        by = SGD(lr=0.1)
        for k in range(0, 8000, size):
            by.update(network.params, network.gradient(X[k : k + size], t[k : k + size]))
        right[size] = network.accuracy(X[8000:], t[8000:])
    assert_within([right[32], right[8000]], [0.89, 0.21], absolute=0.01, relative=0)


@pytest.mark.errata("keras-sizes-of-a-sample")
def test_layers_have_the_size_of_one_sample_however_many_there_are():
    layers = [models.Flatten(), models.Dense(200), models.Dense(150), models.Dense(10)]
    rows = models.layer_table((32, 32, 3), layers)
    assert (rows[0].shape, rows[-1].shape) == ((32, 32, 3), (10,))  # not those of x_train (50000, 32, 32, 3)
    assert [row.shape for row in rows[2:4]] == [(200,), (150,)]  # nor is that of each dense layer y_train's
    wrong = models.layer_table((50_000, 32, 32, 3), layers)
    assert wrong[2].parameters == (50_000 * 3072 + 1) * 200


@pytest.mark.errata("keras-product")
def test_the_first_dense_layer_has_a_product_of_parameters_and_not_a_sum():
    (row,) = models.layer_table((3072,), [models.Dense(200)])[1:]
    assert (row.parameters, 32 * 32 * 3 * 200 + 200, 32 * 32 * 3 + 200) == (614_600, 614_600, 3_272)


@pytest.mark.errata("keras-adagrid")
def test_adagrad_is_the_name_of_the_optimiser():
    assert type(optimizer("AdaGrad", lr=0.01)).__name__ == "AdaGrad"
    with pytest.raises(ValueError, match="AdaGrad"):
        optimizer("Adagrid", lr=0.01)


@pytest.mark.errata("keras-alike")
def test_a_filter_answers_more_to_an_unlike_patch_that_is_bright_than_to_itself():
    W = np.array([[1.0, 0.0, -1.0]] * 3)
    unlike = np.array([[9.0, 5.0, 2.0]] * 3)
    filter = Convolution(W.reshape(1, 1, 3, 3), np.zeros(1))
    answers = [float(filter.forward(patch.reshape(1, 1, 3, 3))[0, 0, 0, 0]) for patch in (W, unlike)]
    assert answers == [6, 21]
    cosine = (W * unlike).sum() / np.sqrt((W**2).sum() * (unlike**2).sum())
    assert_printed(cosine, 0.47, 2)
