"""The errata of the lecture notes, the primer and the Keras notes: what the text says, and what is measured."""

import numpy as np
import pytest
import runs
from closeness import assert_printed, assert_within
from scipy import ndimage

from deltarule import data, matlab, mnist_conv, mnist_conv_forward, models, relu, sigmoid
from deltarule.basics.arrays import columns
from deltarule.basics.differences import central_difference
from deltarule.evidence.errata import read_errata
from deltarule.evidence.notes import same
from deltarule.layers import SGD, BatchNormalization, Convolution, TwoLayerNet, optimizer
from deltarule.listings.experiments import EXPERIMENTS, mnist_test
from deltarule.listings.labels import accuracy
from deltarule.models.experiments import EXPERIMENTS as NETWORKS
from deltarule.models.experiments import IN_TIME, distant_steps
from deltarule.study import Settings, study

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


# ---------------------------------------------------------------- the summary


@pytest.mark.errata("summary-dbm")
def test_the_first_machine_of_a_stack_is_the_same_whether_a_second_follows_or_not():
    X = models.bars_and_stripes(3)
    (alone,), (below, above) = (
        models.stacked_machines(X, hidden, rng=matlab.rng(1), size=7) for hidden in ((6,), (6, 4))
    )
    assert above[0].shape == (4, 6)
    for a, b in zip(alone, below, strict=True):
        assert np.array_equal(a, b)


@pytest.mark.errata("summary-energy")
def test_the_energy_of_the_data_alone_is_not_what_a_machine_has_to_lower():
    X, (start, rng) = models.bars_and_stripes(3), NETWORKS["rbm_bars"].start()
    found = [models.rbm_log_likelihood(*start, X).mean()]
    W, b, c = start
    for _ in range(500):  # down the slope of the energy of the data, and nothing else
        h = models.rbm_hidden(W, b, c, X)
        W, b, c = W + 0.3 * h.T @ X / 14, b + 0.3 * X.mean(axis=0)[:, None], c + 0.3 * h.mean(axis=0)[:, None]
    found.append(models.rbm_log_likelihood(W, b, c, X).mean())
    both = start
    for _ in range(500):
        both = models.rbm(*both, X, rng=rng)
    found.append(models.rbm_log_likelihood(*both, X).mean())
    for value, printed in zip(found, ("-6.29", "-3031.6", "-4.49"), strict=True):
        assert same(float(value), printed, "rounded")
        assert printed in ERRATA["summary-energy"].effect


@pytest.mark.errata("summary-relation-name")
def test_a_relation_network_learns_from_targets_and_is_told_nothing_else():
    experiment = NETWORKS["relation_dots"]
    X, D = experiment.samples()
    weights, _ = experiment.start(1)
    learning = [experiment.learning(weights) for _ in range(3)]
    once, again = (experiment.epoch(weights, X[:50], D[:50], each) for each in learning[:2])
    other = experiment.epoch(weights, X[:50], D[49::-1], learning[2])
    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(once, other, strict=True))
    assert "relation network" in models.relation_dots.__doc__


@pytest.mark.errata("summary-alpha-below-1")
@pytest.mark.slow
def test_a_learning_rate_of_9_learns_xor_as_often_as_the_books():
    nine, book = (study(Settings("backprop_xor", alpha=alpha), 200, first=1).converged for alpha in (9, 0.9))
    assert abs(nine - 195) <= 1  # another BLAS may move one at the edge
    assert abs(book - 192) <= 1


def deltas_of_six_layers(function, slope, seed):
    """The norms of the deltas of six layers of 20 nodes, and their largest output, for the five digits."""
    rng, (X, D) = matlab.rng(seed), data.digits()
    y, d = [columns(X.transpose(0, 2, 1).reshape(5, 25), 5)[0]], D.T
    weights = [2 * rng.rand(20, n) - 1 for n in (25, 20, 20, 20, 20, 20)]
    Wo = 2 * rng.rand(5, 20) - 1
    for W in weights:
        y.append(function(W @ y[-1]))
    e, norms = Wo.T @ (d - models.softmax_outputs(Wo, y[-1].T).T), []
    for W, below in zip(weights[::-1], y[-2::-1], strict=True):
        delta = slope(W @ below) * e
        e = W.T @ delta
        norms.append(np.linalg.norm(delta))
    return norms[::-1], max(a.max() for a in y[1:])


@pytest.mark.errata("summary-relu-above-1")
def test_it_is_the_slope_and_not_the_size_of_the_output_that_keeps_a_gradient():
    activations = {
        "2.4": (lambda v: np.clip(v, 0, 1), lambda v: 1.0 * ((v > 0) & (v < 1))),
        "0.19": (lambda v: 2 * sigmoid(v), lambda v: 2 * sigmoid(v) * (1 - sigmoid(v))),
        "0.022": (sigmoid, lambda v: sigmoid(v) * (1 - sigmoid(v))),
    }
    largest = []
    for printed, (function, slope) in activations.items():
        found = [deltas_of_six_layers(function, slope, seed) for seed in range(1, 101)]
        assert same(float(np.median([norms[0] / norms[-1] for norms, _ in found])), printed, "rounded")
        assert printed in ERRATA["summary-relu-above-1"].effect
        largest.append(max(most for _, most in found))
    assert largest[0] == 1
    assert largest[1] > 1.9
    assert largest[2] < 1


@pytest.mark.errata("summary-pooling")
@pytest.mark.slow
def test_pooling_does_not_make_up_for_digits_that_are_moved_or_turned():
    experiment = EXPERIMENTS["mnist_conv"]
    (weights, _), (X, D), (X_test, D_test) = experiment.start(1), experiment.samples(), mnist_test()
    for _ in range(3):
        weights = mnist_conv(*weights, X, D)

    def right(images):
        return accuracy(D_test, mnist_conv_forward(*weights, images))

    def turned(degrees):
        return np.clip(ndimage.rotate(X_test, degrees, axes=(1, 2), reshape=False, order=1), 0, 1)

    assert_within(right(X_test), 0.935, absolute=0.001, relative=0)
    moved = [right(np.roll(X_test, pixels, axis=1)) for pixels in (1, 2, 3, 4)]
    assert_within(moved, [0.840, 0.633, 0.347, 0.147], absolute=0.002, relative=0)
    found = [right(turned(degrees)) for degrees in (10, 20, 30, 45)]
    assert_within(found, [0.921, 0.854, 0.671, 0.399], absolute=0.002, relative=0)


@pytest.mark.errata("summary-unet-resnet")
def test_the_skip_of_a_u_net_puts_maps_side_by_side_and_does_not_add_them():
    experiment, (X, _) = NETWORKS["unet_digits"], NETWORKS["unet_digits"].samples()
    weights = dict(zip(experiment.names, experiment.start(1)[0], strict=True))
    assert (len(weights["W1"]), len(weights["W2"]), weights["W3"].shape[1]) == (6, 8, 14)
    blind = {**weights, "W3": weights["W3"].copy()}
    blind["W3"][:, :6] = 0  # it sees nothing of the maps that are put beside
    plain = {**weights, "W3": weights["W3"][:, 6:]}
    ours, same_without = (models.unet_forward(*each.values(), X[:5]) for each in (blind, plain))
    assert_within(ours, same_without, absolute=1e-14, relative=1e-12)
    with pytest.raises(ValueError, match=r"could not be broadcast together"):
        np.add(weights["b1"], weights["b2"])  # six maps and eight


@pytest.mark.errata("summary-gcn")
def test_a_graph_network_need_not_be_a_gcn():
    edges = [[0, 1], [1, 2], [2, 3], [3, 0], [0, 2]]
    S = models.normalised_adjacency(edges, 4)
    sums = 1.0 * (S > 0)  # the neighbours and the node itself, not divided by anything
    rng = matlab.rng(1)
    W1, W2, X = rng.randn(3, 2), rng.randn(2, 3), rng.randn(4, 2)
    gcn, other = (models.gcn_forward(W1, W2, X, S=mixing) for mixing in (S, sums))
    assert abs(gcn - other).max() > 0.1
    order = [2, 0, 3, 1]
    for mixing, y in ((S, gcn), (sums, other)):
        renumbered = models.gcn_forward(W1, W2, X[order], S=mixing[np.ix_(order, order)])
        assert_within(renumbered, y[order], absolute=1e-14, relative=1e-12)


# ---------------------------------------------------------------- the primer, on rates and memory


@pytest.mark.errata("primer-small-rate")
@pytest.mark.slow
def test_a_small_learning_rate_takes_longer_and_ends_no_worse():
    small = study(Settings("backprop_xor", alpha=0.1, epochs=40_000), 200, first=1)
    book = study(Settings("backprop_xor", alpha=0.9, epochs=10_000), 200, first=1)
    assert abs(small.converged - 199) <= 1
    assert abs(book.converged - 192) <= 1
    assert np.median(small.epochs[small.epochs > 0]) > 5 * np.median(book.epochs[book.epochs > 0])


@pytest.mark.errata("primer-forgetting")
def test_an_rnn_need_not_forget_and_an_lstm_whose_forget_gate_is_half_open_does():
    printed = {"RNN, 8 nodes, start 1": "0.051", "LSTM, forget gate + 0": "0.00018", "LSTM, forget gate + 3": "0.47"}
    for name, share in printed.items():
        experiment, distances = IN_TIME[name]
        found = distances(*experiment.drawn(matlab.rng(1), 100), *distant_steps())
        assert same(float(np.median(found[:, -1] / found[:, 0])), share, "rounded")
        assert share in ERRATA["primer-forgetting"].effect


@pytest.mark.errata("primer-output-gate")
def test_without_its_output_gate_an_lstm_says_nothing():
    experiment = NETWORKS["lstm_adding"]
    weights = dict(zip(experiment.names, experiment.start(1)[0], strict=True))
    X = experiment.test()[0][:5]
    assert abs(models.lstm_forward(*weights.values(), X)).min() > 1e-3
    closed = {**weights, "Wq": 0 * weights["Wq"]}
    closed["Wq"][:, 2] = -1000  # the constant input
    assert not models.lstm_forward(*closed.values(), X).any()
