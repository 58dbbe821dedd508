"""The misprints of the from-scratch notes beside `deltarule.layers`: what the printed forms do, and the right ones."""

import functools
import re
from pathlib import Path

import misprints_layers as misprints
import numpy as np
import pytest
from closeness import assert_within
from numpy.random import RandomState

from deltarule.evidence.errata import read_errata
from deltarule.layers import (
    AdaGrad,
    Affine,
    BatchNormalization,
    MultiLayerNet,
    Pooling,
    Relu,
    Sigmoid,
    SimpleConvNet,
    SoftmaxWithLoss,
    Trainer,
    TwoLayerNet,
    cross_entropy_error,
    elu,
    experiments,
    numerical_gradient,
    one_hot,
    output_size,
    prelu,
    softmax,
)
from deltarule.layers.experiments import EXPERIMENTS
from deltarule.layers.search import split

ERRATA = {e.id: e for e in read_errata(Path(__file__).resolve().parent.parent / "reference" / "errata.toml")}

# The notes, lines 1526 to 1533: a target and two outputs
T = np.eye(10)[2]
Y1 = np.array([0.1, 0.05, 0.6, 0, 0.05, 0.1, 0, 0.1, 0, 0])


def effect(name):
    return ERRATA[name].effect


def near(words, share, said):
    """Whether a text has these words with a share that is this one, to 0.02: rounding is another elsewhere."""
    (number,) = re.findall(re.escape(words).replace(r"\{\}", r"(\d\.\d+)"), said)
    return abs(float(number) - share) <= 0.02


mnist = functools.cache(experiments.mnist)


def start(size=100):
    """The two-layer network of the notes from RandomState(1), the stream behind it, and its first batch."""
    rng = RandomState(1)
    network = TwoLayerNet(784, 50, 10, rng=rng)
    batch = RandomState(1)
    batch.randn(784 * 50 + 50 * 10)
    chosen = batch.choice(8000, size)
    x, t, _, _ = mnist()
    return network, rng, x[chosen], t[chosen]


def trained(lr, scale=1.0):
    """The network after 200 batches of the listing's training."""
    network, rng, _, _ = start()
    x, t, _, _ = mnist()
    Trainer(network, scale * x, t, iterations=200, optimizer_param={"lr": lr}, rng=rng).train()
    return network


def refused(name):
    """The program of an erratum that does not run."""
    network = RandomState(1).rand(2, 30, 12, 12)
    return {
        "notes-affine-4d": lambda: np.dot(network, np.zeros((4320, 100))) + np.zeros(100),
        "notes-names-missing": lambda: eval("softmax(x)", {"x": T, "Softmax": softmax}),
        "notes-pool-padding": lambda: misprints.pool(network, 2, 2, 1),
        "notes-pool-output-size": lambda: np.dot(np.zeros((2, 30 * 12 * 12)), np.zeros((4687, 100))),
        "notes-elu-alpha": lambda: eval("ELU(x, alpha)", {"x": T, "ELU": misprints.elu}),
    }[name]


PYTHON = {
    "notes-affine-4d": "shapes (2,30,12,12) and (4320,100) not aligned",
    "notes-names-missing": "name 'softmax' is not defined",
    "notes-pool-padding": "cannot reshape array",
    "notes-pool-output-size": "not aligned",
    "notes-elu-alpha": "name 'alpha' is not defined",
}


@pytest.mark.parametrize("name", sorted(PYTHON))
@pytest.mark.errata(*PYTHON)
def test_python_refuses_the_printed_form(name):
    assert ERRATA[name].kind == "error"
    with pytest.raises((NameError, ValueError), match=re.escape(PYTHON[name])):
        refused(name)()


def test_affine_takes_the_maps_of_a_pooling_layer():
    maps = RandomState(1).rand(2, 30, 12, 12)
    out = Affine(np.ones((4320, 100)), np.zeros(100)).forward(maps)
    assert_within(out, np.repeat(maps.sum(axis=(1, 2, 3))[:, None], 100, axis=1), absolute=0, relative=1e-12)


def test_every_name_that_the_document_lacks_is_there():
    import deltarule.layers as layers

    for name in ("softmax", "numerical_gradient", "MultiLayerNet", "shuffle_dataset", "Adam", "BatchNormalization"):
        assert name in ERRATA["notes-names-missing"].ported
        assert name in layers.__all__


def test_the_size_that_is_printed_for_a_stride_of_two_is_that_of_no_layer():
    assert misprints.pooled_elements(28, stride=2) == 1171
    assert Pooling(2, 2, stride=2).forward(np.zeros((1, 30, misprints.output_size(28, 5, 2), 12))).size == 1080
    with pytest.raises(ValueError, match="stride must divide 28"):
        SimpleConvNet(conv_param={"filter_num": 30, "filter_size": 5, "pad": 0, "stride": 2}, rng=RandomState(1))
    assert "1171 for 1080" in effect("notes-pool-output-size")


@pytest.mark.parametrize(
    ("shape", "options", "said"), [((1, 28, 28), {"filter_size": 4}, 4687), ((1, 28, 20), {}, 4320)]
)
def test_a_convolutional_network_has_as_many_weights_as_its_pooling_layer_gives_numbers(shape, options, said):
    param = {"filter_num": 30, "filter_size": 5, "pad": 0, "stride": 1, **options}
    assert misprints.pooled_elements(shape[1], width=param["filter_size"], stride=param["stride"]) == said
    height, width = (misprints.output_size(size, param["filter_size"], param["stride"]) for size in shape[1:])
    images = RandomState(1).rand(2, *shape)
    maps = Pooling(2, 2, stride=2, round_down=True).forward(np.zeros((2, 30, height, width)))
    given = maps[0].size
    assert f"{said} " in effect("notes-pool-output-size")
    assert f"{given}" in effect("notes-pool-output-size")
    network = SimpleConvNet(shape, param, rng=RandomState(1))
    assert network.params["W2"].shape == (given, 100)
    assert network.predict(images).shape == (2, 10)


@pytest.mark.errata("notes-adagrad-once", "notes-adagrad-times")
def test_adagrad_as_printed_takes_one_step_of_ten_million_rates():
    path, printed = [np.array(1.0)], misprints.AdaGrad(0.01)
    for _ in range(3):
        path.append(printed.update(path[-1], 2 * path[-1]))
    assert_within(path, [1, -99999, -99999, -99999], absolute=0, relative=1e-12)
    assert "1, -99999, -99999, -99999" in effect("notes-adagrad-once")
    g = np.array([1e-3, 1.0, 1e3])
    assert_within(misprints.AdaGrad(0.01).update(np.zeros(3), g), -100_000, absolute=0, relative=1e-12)
    with np.errstate(invalid="ignore"):
        assert np.isnan(misprints.AdaGrad(0.01).update(np.zeros(1), np.zeros(1))).all()


def test_adagrad_moves_at_every_call_and_not_at_all_without_a_gradient():
    optimizer, params = AdaGrad(0.01), {"w": np.array([1.0, 1.0])}
    path = []
    for _ in range(3):
        optimizer.update(params, {"w": np.array([2 * params["w"][0], 0.0])})
        path.append(params["w"].copy())
    right = misprints.AdaGrad(0.01, once=False, times=False)
    w = np.array([1.0, 1.0])
    for found in path:
        w = right.update(w, np.array([2 * w[0], 0.0]))
        assert_within(found, w, absolute=0, relative=1e-15)
    assert 1 > path[0][0] > path[1][0] > path[2][0] > 0.9


def test_either_misprint_of_adagrad_does_harm_by_itself():
    once, times = misprints.AdaGrad(0.01, times=False), misprints.AdaGrad(0.01, once=False)
    w = once.update(np.array(1.0), np.array(2.0))
    assert_within(w, 0.99, absolute=1e-9, relative=0)
    assert once.update(w, np.array(2.0)) == w
    w = times.update(np.array(1.0), np.array(2.0))
    assert abs(times.update(w, 2 * w) - w) > 1000


@pytest.mark.errata("notes-cross-entropy-without-n")
def test_a_cost_that_is_not_divided_by_n_trains_at_n_times_the_rate():
    _, _, xt, tt = mnist()
    network, _, x, t = start()
    y = network.predict(x)
    assert_within(
        misprints.summed_cross_entropy(y, one_hot(t, 10)), 100 * network.loss(x, t), absolute=0, relative=1e-12
    )
    scores = np.log(y)
    layer = SoftmaxWithLoss()
    layer.forward(scores[:10], t[:10])
    numerical = numerical_gradient(
        lambda a: misprints.summed_cross_entropy(softmax(a), one_hot(t[:10], 10)), scores[:10]
    )
    # the layer's own gradient leaves out the 1e-7 in the logarithm: 1e-6 of it where y is 0.1
    assert_within(numerical, 10 * layer.backward(), absolute=1e-5, relative=0)
    for lr, words in ((10, "on the test images is {}"), (0.1, "with the mean {}")):
        assert near(words, trained(lr).accuracy(xt, tt), effect("notes-cross-entropy-without-n"))


@pytest.mark.errata("notes-labels-not-one-hot")
def test_digits_where_one_hot_rows_are_wanted_fail_or_at_ten_samples_go_unnoticed():
    network, _, x, t = start()
    y = network.predict(x)
    with pytest.raises(ValueError, match=r"\(100,\) \(100,10\)"):
        misprints.summed_cross_entropy(y, t)
    with pytest.raises(getattr(np, "exceptions", np).AxisError):  # NumPy 1.24 has it at its top
        misprints.accuracy(y, t)
    network, _, x, t = start(10)
    y, rows = network.predict(x), one_hot(t, 10)
    said = effect("notes-labels-not-one-hot")
    wrong, right = misprints.summed_cross_entropy(y, t), misprints.summed_cross_entropy(y, rows)
    assert f"the cost is {wrong:.2f} where it is {right:.2f} for the one-hot rows" in said
    off = abs(misprints.softmax_backward(y, t) - misprints.softmax_backward(y, rows)).max()
    assert f"off by up to {off:.1f}" in said


def test_digits_and_their_one_hot_rows_are_one_to_the_layers():
    network, _, x, t = start(10)
    rows = one_hot(t, 10)
    assert network.loss(x, t) == network.loss(x, rows)
    assert network.accuracy(x, t) == network.accuracy(x, rows)
    for layer, labels in ((first := SoftmaxWithLoss(), t), (second := SoftmaxWithLoss(), rows)):
        layer.forward(x[:, :10], labels)
    np.testing.assert_array_equal(first.backward(), second.backward())


def saturated(network, x):
    """The share of hidden outputs within 0.01 of 0 or 1."""
    z = Sigmoid().forward(Affine(network.params["W1"], network.params["b1"]).forward(x))
    return np.mean((z <= 0.01) | (z >= 0.99))


@pytest.mark.errata("notes-pixels-not-scaled")
def test_bytes_that_are_not_divided_saturate_the_hidden_layer_and_train_all_the_same():
    _, _, x, t = mnist()
    said, bytes_, divided = effect("notes-pixels-not-scaled"), trained(0.1, 255), trained(0.1)
    assert f"{saturated(start()[0], 255 * x):.0%} of".replace("%", " %") in said
    assert f"{saturated(bytes_, 255 * x):.0%} after".replace("%", " %") in said
    assert f"{saturated(start()[0], x):.0%} at the start.".replace("%", " %") in said
    least, most = map(float, re.search(r"accuracy (0\.\d+) to (0\.\d+) on", said).groups())  # measured, four kernels
    assert least - 0.02 <= bytes_.accuracy(255 * x, t) <= most + 0.02
    assert near("{} when divided", divided.accuracy(x, t), said)


@pytest.mark.errata("notes-batch-cross-entropy-log-0")
def test_the_batch_versions_of_cross_entropy_take_the_logarithm_of_zero():
    with np.errstate(divide="ignore", invalid="ignore"):
        assert np.isnan(misprints.batch_cross_entropy(Y1[None], T[None]))
        assert misprints.digit_cross_entropy(Y1[None], np.array([3])) == np.inf
    for delta, expected in ((1e-7, -np.log(0.6 + 1e-7)), (0, -np.log(0.6))):
        for labels in (T[None], np.array([2])):
            assert_within(cross_entropy_error(Y1[None], labels, delta=delta), expected, absolute=0, relative=1e-14)
    assert_within(cross_entropy_error(Y1[None], np.array([3])), -np.log(1e-7), absolute=0, relative=1e-14)


@pytest.mark.errata("notes-one-hot-as-labels")
def test_one_hot_rows_taken_for_digits_give_another_cost():
    said = effect("notes-one-hot-as-labels")
    wrong = misprints.digit_cross_entropy(Y1[None], T.astype(int)[None])
    right = cross_entropy_error(Y1[None], T[None])
    assert f"{wrong:.2f} where the cost of y1 is {right:.2f}" in said
    assert not hasattr(2, "reshape")
    assert right == cross_entropy_error(Y1[None], np.array([2])) == cross_entropy_error(Y1, 2)


@pytest.mark.errata("notes-output-size-floor")
def test_an_output_size_that_does_not_divide_is_rounded_down_without_a_word():
    assert misprints.output_size(8, 3, 2) == 3
    assert 1 + (8 - 3) / 2 == 3.5
    with pytest.raises(ValueError, match="round_down"):
        output_size(8, 3, 2)
    assert output_size(8, 3, 2, round_down=True) == 3
    for size in (7, 9):
        assert output_size(size, 3, 2) == misprints.output_size(size, 3, 2)


@pytest.mark.errata("notes-elu-overflow")
def test_elu_as_printed_is_nan_for_large_inputs():
    x = np.array([-1000.0, -1.0, 0.0, 1.0, 700.0])
    with np.errstate(over="ignore", invalid="ignore"):
        assert np.isnan(misprints.elu(np.array(1000.0), 1.0))
    assert elu(1000.0) == 1000
    assert_within(misprints.elu(x, 0.5), elu(x, 0.5), absolute=0, relative=1e-14)


@pytest.mark.errata("notes-elu-smooth")
def test_the_slope_of_elu_jumps_unless_alpha_is_one():
    for alpha, left in ((1.0, 1.0), (0.5, 0.5)):
        total = functools.partial(lambda alpha, x: elu(x, alpha).sum(), alpha)
        before, behind = (numerical_gradient(total, np.array([x]), h=1e-6) for x in (-1e-5, 1e-5))
        assert_within(before, left, absolute=2e-5, relative=0)  # the slope 1e-5 from 0 is alpha exp(-1e-5)
        assert_within(behind, 1, absolute=1e-8, relative=0)
        assert_within(elu(np.array([-1e-12, 1e-12]), alpha, diff=True), [left, 1], absolute=1e-11, relative=0)


@pytest.mark.errata("notes-prelu-maximum")
def test_prelu_by_a_maximum_is_another_function_where_b_is_above_one():
    x = np.array([-1.0, 1.0])
    np.testing.assert_array_equal(misprints.prelu(x, 2), [-1, 2])
    np.testing.assert_array_equal(prelu(x, 2), [-2, 1])
    for b in (-0.5, 0.5, 1):
        np.testing.assert_array_equal(misprints.prelu(x, b), prelu(x, b))


@pytest.mark.errata("notes-gradient-direction")
def test_a_step_along_the_gradient_raises_the_cost():
    network, _, x, t = start()
    costs, grads, before = {}, network.gradient(x, t), {key: W.copy() for key, W in network.params.items()}
    for sign in (0, 1, -1):
        for key, W in before.items():
            network.params[key] = W + sign * 0.1 * grads[key]
        costs[sign] = network.loss(x, t)
    said = effect("notes-gradient-direction")
    assert f"from {costs[0]:.4f} to {costs[1]:.4f}" in said
    assert f"falls to {costs[-1]:.4f}" in said
    assert costs[-1] < costs[0] < costs[1]


def through_sigmoids(scale, rng):
    """The root mean square of the gradient before the first of five sigmoids over that before the last."""
    x, layers = rng.randn(1000, 100), []
    for _ in range(5):
        layers += [Affine(scale * rng.randn(100, 100), np.zeros(100)), Sigmoid()]
        x = layers[-1].forward(layers[-2].forward(x))
    dout, found = rng.randn(1000, 100), []
    for affine, sigmoid in zip(layers[-2::-2], layers[-1::-2], strict=True):
        dout = sigmoid.backward(dout)
        found.append(np.sqrt(np.mean(dout**2)))
        dout = affine.backward(dout)
    return found[-1] / found[0]


@pytest.mark.errata("notes-vanishing-std-1")
def test_gradients_vanish_at_small_weights_and_not_at_large_ones():
    large, small, xavier = (through_sigmoids(scale, RandomState(1)) for scale in (1, 0.01, 0.1))
    said = effect("notes-vanishing-std-1")
    assert f"is {large:.2f} at 1" in said
    assert f"{small:.1e} at 0.01".replace("e-0", "e-") in said
    assert f"{xavier:.1e} for Xavier's".replace("e-0", "e-") in said


def from_zero(network, rng, changes=200):
    """The first gradient of a network whose weights are zero, which is trained by SGD."""
    x, t, _, _ = mnist()
    for key in network.params:
        network.params[key] = np.zeros_like(network.params[key])
    first = network.gradient(x[:100], t[:100])
    Trainer(network, x, t, iterations=changes, optimizer_param={"lr": 0.1}, rng=rng).train()
    return first


@pytest.mark.errata("notes-zero-weights")
def test_weights_that_start_at_zero_make_all_hidden_units_one():
    _, _, x, t = mnist()
    network = TwoLayerNet(784, 50, 10, rng=RandomState(3))
    first = from_zero(network, RandomState(1))
    assert not first["W1"].any()
    assert first["W2"].any()
    W1, W2 = network.params["W1"], network.params["W2"]
    assert np.linalg.matrix_rank(W1) == 1
    rounding = 200 * np.finfo(float).eps  # of so many updates; a BLAS adds up its blocks of columns in different orders
    assert np.ptp(W1, axis=1).max() <= rounding * abs(W1).max()  # one unit, fifty times
    assert np.ptp(W2, axis=0).max() <= rounding * abs(W2).max()
    assert np.ptp(W1, axis=0).max() > 1e-3  # but its weights differ
    assert np.ptp(W2, axis=1).max() > 1e-3
    assert f"accuracy is {network.accuracy(x, t):.4f}" in effect("notes-zero-weights")


def test_with_relu_and_weights_of_zero_only_the_last_bias_moves():
    network = MultiLayerNet(784, [50], 10, rng=RandomState(1))
    first = from_zero(network, RandomState(1))
    assert [key for key, grad in first.items() if grad.any()] == ["b2"]
    assert [key for key, W in network.params.items() if W.any()] == ["b2"]


@pytest.mark.errata("notes-lambda-for-gamma")
def test_gamma_scales_and_beta_shifts():
    x = RandomState(1).randn(50, 3)
    out = BatchNormalization(np.array([1.0, 2.0, 3.0]), np.array([0.0, 0.0, 5.0])).forward(x, True)
    assert_within(out.std(axis=0), [1, 2, 3], absolute=0, relative=1e-5)  # the 1e-6 under the root
    assert_within(out.mean(axis=0), [0, 0, 5], absolute=1e-12, relative=0)
    assert {"gamma1", "beta1"} < MultiLayerNet(4, [3], 2, use_batchnorm=True, rng=RandomState(1)).params.keys()


@pytest.mark.errata("notes-log-scale-repeats")
def test_a_logarithmic_range_gives_each_decade_its_share():
    rng, n = RandomState(1), 100_000
    even, powers = rng.uniform(1e-6, 1e-2, n), 10 ** rng.uniform(-6, -2, n)
    # six standard errors of a share of a half are 0.0095
    assert_within(np.mean(even > 1e-3), 0.9, absolute=0.01, relative=0)
    assert_within(np.mean(even < 2e-6), 1e-4, absolute=3e-4, relative=0)
    assert_within(np.histogram(np.log10(powers), 4, (-6, -2))[0] / n, 0.25, absolute=0.01, relative=0)


@pytest.mark.errata("notes-numerical-training")
def test_a_numerical_gradient_costs_two_losses_a_parameter():
    network = start()[0]
    parameters = sum(W.size for W in network.params.values())
    said, calls = effect("notes-numerical-training"), []
    numerical_gradient(lambda b: calls.append(b) or float(b.sum()), network.params["b2"])
    assert len(calls) == 2 * network.params["b2"].size
    assert f"{parameters:,} parameters, so {2 * parameters:,} costs" in said
    seconds = 0.25e-3 * 2 * parameters
    assert f"0.25 ms each {seconds:.0f} s, and {10_000 * seconds / 86_400:.1f} days in all" in said


@pytest.mark.errata("notes-sgd-one-sample")
def test_a_batch_drawn_with_replacement_has_fewer_samples():
    rng = RandomState(1)
    distinct = np.mean([len(np.unique(rng.choice(300, 100))) for _ in range(10_000)])
    assert f"has {distinct:.1f} different ones" in effect("notes-sgd-one-sample")
    # a standard error is 0.03
    assert_within(distinct, 300 * (1 - (299 / 300) ** 100), absolute=0.2, relative=0)


@pytest.mark.errata("notes-one-row-matrix")
def test_one_row_of_numbers_is_a_vector():
    X, W = np.array([1, 2]), np.array([[1, 3, 5], [2, 4, 6]])
    assert (X.shape, np.dot(X, W).shape) == ((2,), (3,))
    assert np.dot(X, W).tolist() == [5, 11, 17]


@pytest.mark.errata("notes-relu-in-place")
def test_relu_as_printed_overwrites_the_gradient_it_is_given():
    x, dout = np.array([[-1.0, 1.0]]), np.ones((1, 2))
    printed = dout.copy()
    assert misprints.relu_backward(x, printed) is printed
    assert printed.tolist() == [[0, 1]]
    layer = Relu()
    layer.forward(x)
    np.testing.assert_array_equal(layer.backward(dout), printed)
    assert dout.tolist() == [[1, 1]]


@pytest.mark.errata("notes-accuracy-nonsequitur")
def test_the_accuracy_is_flat_where_the_cost_is_not():
    network, _, x, t = start()
    cost, share = [], []
    for key in ("b1", "W2", "b2"):
        right = network.params[key]
        for k in range(right.size):
            found = []
            for h in (1e-4, -1e-4):
                network.params[key] = right.copy()
                network.params[key].flat[k] += h
                found.append((network.loss(x, t), network.accuracy(x, t)))
            cost.append(found[0][0] != found[1][0])
            share.append(found[0][1] != found[1][1])
        network.params[key] = right
    assert f"({len(cost)} numbers)" in effect("notes-accuracy-nonsequitur")
    assert all(cost)
    assert not any(share)


@pytest.mark.errata("notes-conv-param-keys")
def test_keys_of_conv_param_that_are_arguments_are_refused():
    given = {"filter_num": 30, "filter_size": 5, "pad": 0, "stride": 1, "hidden_size": 7}
    assert misprints.hidden_size(given) == 100
    with pytest.raises(ValueError, match="hidden_size"):
        SimpleConvNet(conv_param=given, rng=RandomState(1))
    del given["hidden_size"]
    assert SimpleConvNet(conv_param=given, hidden_size=7, rng=RandomState(1)).params["W2"].shape == (4320, 7)


@pytest.mark.errata("notes-five-layers")
def test_the_comparison_of_optimisers_has_four_hidden_layers():
    for candidate in EXPERIMENTS["optimizers_on_mnist"]["compare"].candidates:
        params = candidate.network(rng=RandomState(1)).params
        shapes = [W.shape for key, W in params.items() if key.startswith("W")]
        assert shapes == [(784, 100), (100, 100), (100, 100), (100, 100), (100, 10)]


@pytest.mark.errata("notes-softmax-1-sample")
def test_the_gradient_of_one_sample_as_a_vector_is_a_tenth():
    layer, scores = SoftmaxWithLoss(), np.log(Y1 + 0.01)
    with pytest.raises(ValueError, match=r"x\[None\]"):
        layer.forward(scores, T)
    layer.forward(scores[None], T[None])
    (right,) = layer.backward()
    # the layer's gradient leaves out the 1e-7 in the logarithm
    numerical = numerical_gradient(lambda a: cross_entropy_error(softmax(a), T), scores)
    assert_within(right, numerical, absolute=1e-6, relative=0)
    assert_within(misprints.softmax_backward(softmax(scores), T), right / 10, absolute=1e-15, relative=0)
    assert_within(layer.backward(2.0)[0], 2 * right, absolute=1e-15, relative=0)


@pytest.mark.slow
def test_another_decay_moves_the_cost_by_a_three_hundredth_at_most():
    costs = []
    for decay in (0, 1e-8, 1e-6, 1e-4):
        rng = RandomState(1)
        x, t, _, _ = split(*mnist(500)[:2], 0.2, rng=rng)
        network = MultiLayerNet(784, [100] * 6, 10, weight_decay_lambda=decay, rng=rng)
        Trainer(network, x, t, iterations=200, optimizer_param={"lr": 9.6e-3}, rng=rng).train()
        costs.append(network.loss(x, t) - network.decay())
    assert max(costs) / min(costs) - 1 < 0.004
    assert "by 0.3 % at most" in effect("notes-search-decay")
