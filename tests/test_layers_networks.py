"""The three networks: what they draw, what a pass goes through, their two gradients, and what they refuse."""

from functools import partial

import numpy as np
import pytest
import strict
from closeness import assert_within

from deltarule import conv, data, matlab
from deltarule.layers import MultiLayerNet, SimpleConvNet, TwoLayerNet, cross_entropy_error, one_hot, softmax
from deltarule.layers.convolution import Convolution, Pooling
from deltarule.layers.dense import LeakyRelu, Relu, Sigmoid
from deltarule.layers.differences import costs
from deltarule.layers.dropout import Dropout
from deltarule.layers.layer import told_finite
from deltarule.layers.network import Diverged
from deltarule.listings.classifier import multi_class_changes
from deltarule.listings.experiments import EXPERIMENTS

SMALL = {"filter_num": 3, "filter_size": 3, "pad": 1, "stride": 1}
NETWORKS = {
    "two layers, sigmoid": partial(TwoLayerNet, 12, 5, 4, 0.5),
    "two layers, relu": partial(TwoLayerNet, 12, 5, 4, 0.5, activation="relu"),
    "several layers": partial(MultiLayerNet, 12, [6, 5], 4),
    "several layers, sigmoid": partial(MultiLayerNet, 12, [6, 5], 4, "sigmoid", "xavier"),
    "weight decay": partial(MultiLayerNet, 12, [6, 5], 4, weight_decay_lambda=0.3),
    "dropout": partial(MultiLayerNet, 12, [6, 5], 4, use_dropout=True, dropout_ratio=0.4),
    "batch normalisation": partial(MultiLayerNet, 12, [6, 5], 4, use_batchnorm=True),
    "everything": partial(
        MultiLayerNet, 12, [6, 5], 4, "sigmoid", 0.8, 0.2, use_dropout=True, dropout_ratio=0.3, use_batchnorm=True
    ),
    "convolution": partial(SimpleConvNet, (1, 3, 4), SMALL, 5, 4, 0.5),
    "convolution, stride 2, odd maps": partial(
        SimpleConvNet, (2, 7, 5), {"filter_num": 2, "filter_size": 3, "pad": 1, "stride": 2}, 5, 4, 0.5
    ),
}
EACH = pytest.mark.parametrize("name", NETWORKS)


def made(name, seed=1, **options):
    """A network, and samples and digits for it, drawn behind its weights."""
    rng = np.random.RandomState(seed)
    network = NETWORKS[name](rng=rng, **options)
    other = np.random.RandomState(seed + 100)
    x = other.randn(6, *((2, 7, 5) if "odd" in name else (1, 3, 4) if "convolution" in name else (12,)))
    return network, x.astype(network.params["W1"].dtype), np.array([0, 1, 2, 3, 1, 1]), rng


def moved(network, rng):
    """All parameters moved away from their start, where biases are 0 and Relu has its kink."""
    for W in network.params.values():
        W += 0.1 * rng.randn(*W.shape)


# ---------------------------------------------------------------- the start


def test_two_layers_are_drawn_as_the_notes_draw_them():
    rng, theirs = np.random.RandomState(3), np.random.RandomState(3)
    network = TwoLayerNet(784, 50, 10, rng=rng)
    np.testing.assert_array_equal(network.params["W1"], 0.01 * theirs.randn(784, 50))
    np.testing.assert_array_equal(network.params["W2"], 0.01 * theirs.randn(50, 10))
    assert not network.params["b1"].any()
    assert not network.params["b2"].any()
    assert rng.rand() == theirs.rand()


@pytest.mark.parametrize(
    ("init", "scale"), [("relu", 2), ("He", 2), ("sigmoid", 1), ("Xavier", 1), (0.25, None)], ids=str
)
def test_the_scale_of_each_layer_goes_with_its_inputs_unless_it_is_a_number(init, scale):
    rng, theirs = np.random.RandomState(3), np.random.RandomState(3)
    network = MultiLayerNet(8, [5, 3], 2, weight_init_std=init, use_batchnorm=True, rng=rng)
    for key, shape in (("W1", (8, 5)), ("W2", (5, 3)), ("W3", (3, 2))):
        expected = (np.sqrt(scale / shape[0]) if scale else init) * theirs.randn(*shape)
        np.testing.assert_array_equal(network.params[key], expected)
    for key in ("b1", "b2", "b3", "beta1", "beta2"):
        assert not network.params[key].any()
    for key in ("gamma1", "gamma2"):
        assert (network.params[key] == 1).all()
    assert rng.rand() == theirs.rand()


def test_the_convolutional_network_is_drawn_as_the_notes_draw_it():
    rng, theirs = np.random.RandomState(3), np.random.RandomState(3)
    network = SimpleConvNet(rng=rng)
    for key, shape in (("W1", (30, 1, 5, 5)), ("W2", (4320, 100)), ("W3", (100, 10))):
        np.testing.assert_array_equal(network.params[key], 0.01 * theirs.randn(*shape))
    assert [network.params[key].shape for key in ("b1", "b2", "b3")] == [(30,), (100,), (10,)]
    assert rng.rand() == theirs.rand()


def test_matlabs_stream_draws_too():
    network = TwoLayerNet(4, 3, 2, 1.0, rng=matlab.rng(5))
    stream = matlab.rng(5)
    np.testing.assert_array_equal(network.params["W1"], stream.randn(4, 3))
    np.testing.assert_array_equal(network.params["W2"], stream.randn(3, 2))


def test_layers_have_the_books_names():
    network = MultiLayerNet(4, [3, 3], 2, use_batchnorm=True, use_dropout=True, rng=np.random.RandomState(1))
    one = "Affine{0} BatchNorm{0} Activation_function{0} Dropout{0}"
    assert " ".join(network.layers) == f"{one.format(1)} {one.format(2)} Affine3"
    assert list(SimpleConvNet(rng=np.random.RandomState(1)).layers) == [
        "Conv1", "Relu1", "Pool1", "Affine1", "Relu2", "Affine2",
    ]  # fmt: skip
    assert list(TwoLayerNet(4, 3, 2, rng=np.random.RandomState(1)).layers) == ["Affine1", "Sigmoid1", "Affine2"]


# ---------------------------------------------------------------- a pass


@EACH
def test_the_loss_is_the_cross_entropy_of_the_softmax_and_one_hot_rows_are_digits(name):
    network, x, t, _ = made(name)
    scores = network.predict(x)
    p = scores if isinstance(network, TwoLayerNet) else softmax(scores)
    decay = network.weight_decay_lambda / 2 * sum((W**2).sum() for key, W in network.params.items() if key[0] == "W")
    assert_within(network.loss(x, t), cross_entropy_error(p, t) + decay, absolute=1e-14, relative=0)
    assert network.loss(x, one_hot(t, 4)) == network.loss(x, t)
    assert network.accuracy(x, t) == network.accuracy(x, one_hot(t, 4)) == (p.argmax(axis=1) == t).mean()


def test_two_layers_predict_probabilities():
    network, x, _, _ = made("two layers, sigmoid")
    assert_within(network.predict(x).sum(axis=1), 1, absolute=1e-15, relative=0)


def test_right_answers_are_counted_a_few_samples_at_a_time_and_of_all(monkeypatch):
    network, x, t, _ = made("several layers")
    whole = network.accuracy(x, t)
    monkeypatch.setattr("deltarule.layers.network.AT_ONCE", 24)
    sizes = []
    forward = network.layers["Affine1"].forward
    monkeypatch.setattr(network.layers["Affine1"], "forward", lambda x: sizes.append(len(x)) or forward(x))
    assert network.accuracy(x, t) == whole
    assert sizes == [2, 2, 2]


def test_images_are_flattened_row_by_row():
    network, x, t, _ = made("several layers")
    assert network.loss(x.reshape(6, 3, 4), t) == network.loss(x, t)


@EACH
def test_what_stands_in_params_is_what_runs(name):
    network, x, _, _ = made(name)
    last = [key for key in network.params if key[0] == "W"][-1]
    before, kept = network.predict(x), network.params[last]
    network.params[last] = 2 * kept
    doubled = network.predict(x)
    assert (doubled != before).all()
    network.params[last] = kept
    np.testing.assert_array_equal(network.predict(x), before)
    kept *= 2  # in place, as an optimiser does
    np.testing.assert_array_equal(network.predict(x), doubled)


def test_a_parameter_of_another_shape_or_none_is_named():
    network, x, t, _ = made("several layers")
    network.params["b2"] = np.zeros(3)
    with pytest.raises(ValueError, match=r"params\['b2'\] must be an array of shape \(5,\), not \(3,\)"):
        network.gradient(x, t)
    del network.params["b2"]
    with pytest.raises(ValueError, match=r"params\['b2'\] must be an array of shape \(5,\), not None"):
        network.predict(x)


def test_weight_decay_is_half_lambda_times_the_squares_of_the_weights_and_not_of_the_biases():
    plain, x, t, _ = made("several layers")
    decaying, _, _, _ = made("weight decay")
    for network in (plain, decaying):
        moved(network, np.random.RandomState(5))
    grads, expected = decaying.gradient(x, t), plain.gradient(x, t)
    for key, W in plain.params.items():
        more = 0.3 * W if key[0] == "W" else 0
        np.testing.assert_array_equal(grads[key], expected[key] + more)


def test_dropout_draws_a_mask_a_layer_in_each_training_pass_from_the_stream_of_the_start():
    network, x, t, rng = made("dropout")
    theirs = np.random.RandomState(1)
    for shape in ((12, 6), (6, 5), (5, 4)):
        theirs.randn(*shape)
    network.loss(x, t)
    network.accuracy(x, t)  # in use nothing is drawn
    network.gradient(x, t)
    for i, nodes in enumerate((6, 5), start=1):
        np.testing.assert_array_equal(network.layers[f"Dropout{i}"].mask, theirs.rand(6, nodes) > 0.4)
    assert rng.rand() == theirs.rand()


def test_batch_normalisation_learns_its_averages_in_training_alone():
    network, x, t, _ = made("batch normalisation")
    layer = network.layers["BatchNorm1"]
    network.gradient(x, t)
    a = x @ network.params["W1"]
    assert_within(layer.running_mean, 0.1 * a.mean(axis=0), absolute=1e-15, relative=0)
    assert_within(layer.running_var, 0.1 * a.var(axis=0), absolute=1e-15, relative=0)
    mean = layer.running_mean
    network.loss(x, t)
    network.predict(x)
    np.testing.assert_array_equal(layer.running_mean, mean)
    assert network.loss(x, t) != network.loss(x, t, train_flg=True)
    assert (layer.running_mean != mean).any()


def test_the_first_layer_computes_no_gradient_of_the_samples(monkeypatch):
    def refused(layer, dout):
        raise AssertionError("the gradient of the samples is asked for")

    monkeypatch.setattr(Convolution, "backward", refused)
    network, x, t, _ = made("convolution")
    assert network.gradient(x, t).keys() == network.params.keys()


# ---------------------------------------------------------------- the two gradients


@EACH
def test_back_propagation_is_the_central_difference(name, monkeypatch):
    monkeypatch.setattr("deltarule.layers.differences.DELTA", 0)  # back-propagation leaves out the loss's 1e-7
    network, x, t, rng = made(name)
    moved(network, rng)
    state = rng.get_state()
    grads = network.gradient(x, t)
    rng.set_state(state)
    numerical = network.numerical_gradient(x, t)
    assert grads.keys() == numerical.keys() == network.params.keys()
    for key, g in grads.items():
        assert g.shape == network.params[key].shape
        assert_within(numerical[key], g, absolute=2e-8, relative=0)


def test_the_cost_of_the_differences_is_the_networks_for_small_probabilities_too():
    scores, digits = np.array([[0.0, -16.0, 1.0], [3.0, 0.0, -20.0]]), np.array([1, 2])  # of about 1e-7 and 1e-9
    stack = np.concatenate([scores, 2 * scores])
    expected = [cross_entropy_error(softmax(each), digits) for each in (scores, 2 * scores)]
    assert_within(costs(stack, digits), expected, absolute=1e-12, relative=0)


@pytest.mark.parametrize("stack", [2**16, 1])
@EACH
def test_many_parameters_at_a_time_give_what_one_at_a_time_gives(name, stack, monkeypatch):
    monkeypatch.setattr("deltarule.layers.differences.STACK", stack)
    network, x, t, rng = made(name)
    moved(network, rng)
    state = rng.get_state()
    batched = network.numerical_gradient(x, t)
    after = rng.rand()
    rng.set_state(state)
    plain = network.numerical_gradient(x, t, batched=False)
    assert rng.rand() == after
    for key in network.params:
        assert_within(batched[key], plain[key], absolute=1e-9, relative=0)


@pytest.mark.parametrize("batched", [True, False])
@pytest.mark.parametrize("name", ["everything", "convolution"])
def test_central_differences_change_nothing(name, batched):
    network, x, t, _ = made(name)
    network.gradient(x, t)
    layers = [layer for key, layer in network.layers.items() if key.startswith("BatchNorm")]
    averages = [layer.running_mean.copy() for layer in layers]
    arrays = dict(network.params)
    before = {key: W.copy() for key, W in arrays.items()}
    network.numerical_gradient(x, t, batched=batched)
    for layer, mean in zip(layers, averages, strict=True):
        np.testing.assert_array_equal(layer.running_mean, mean)
    for key, W in network.params.items():
        assert W is arrays[key]
        np.testing.assert_array_equal(W, before[key])


def test_an_interrupted_central_difference_leaves_the_parameters(monkeypatch):
    network, x, t, _ = made("several layers")
    kept = dict(network.params)
    monkeypatch.setattr(network.layers["Affine2"], "forward", lambda x: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        network.numerical_gradient(x, t, batched=False)
    assert all(network.params[key] is W for key, W in kept.items())


def test_gradients_of_another_pass_do_not_change_those_returned():
    network, x, t, _ = made("several layers")
    grads = network.gradient(x, t)
    kept = {key: g.copy() for key, g in grads.items()}
    network.gradient(x[::-1] * 2, t)
    for key, g in grads.items():
        np.testing.assert_array_equal(g, kept[key])


# ---------------------------------------------------------------- the two wings


def test_two_layers_from_multi_classs_start_change_as_multi_class_does():
    """Columns and W @ x there, rows and x @ W here; the sum over samples there, the mean here; no biases there."""
    X, D = data.digits()
    (W1, W2), _ = EXPERIMENTS["multi_class"].start()
    network = TwoLayerNet(25, 50, 5, rng=np.random.RandomState(1))
    rows = X.transpose(0, 2, 1).reshape(5, 25)  # column by column, as MATLAB lays out an image
    for _ in range(20):
        network.params["W1"], network.params["W2"] = W1.T, W2.T
        grads = network.gradient(rows, D)
        dW1, dW2 = multi_class_changes(W1, W2, rows.T, D.T, 0.9)
        assert_within(-0.9 * 5 * grads["W1"].T, dW1, absolute=1e-13 * abs(dW1).max(), relative=0)
        assert_within(-0.9 * 5 * grads["W2"].T, dW2, absolute=1e-13 * abs(dW2).max(), relative=0)
        W1, W2 = W1 + dW1, W2 + dW2


def test_the_convolution_gives_the_maps_of_conv():
    """There filters lie along the last axis, and so do maps; both correlate."""
    rng = np.random.RandomState(4)
    x, W = rng.randn(8, 7), rng.randn(3, 3, 4)
    maps = Convolution(W.transpose(2, 0, 1)[:, None], np.zeros(4)).forward(x[None, None])
    assert_within(maps[0].transpose(1, 2, 0), conv(x, W), absolute=1e-13, relative=0)


# ---------------------------------------------------------------- kinds of arrays


@EACH
def test_float32_stays_float32(name):
    network, x, t, _ = made(name, dtype=np.float32)
    assert {W.dtype for W in network.params.values()} == {np.dtype(np.float32)}
    assert network.predict(x).dtype == np.float32
    assert {g.dtype for g in network.gradient(x, t).values()} == {np.dtype(np.float32)}
    assert {g.dtype for g in network.numerical_gradient(x, t, 1e-2).values()} == {np.dtype(np.float32)}
    double, _, _, _ = made(name)
    for key, W in network.params.items():
        np.testing.assert_array_equal(W, double.params[key].astype(np.float32))
    with pytest.raises(ValueError, match="x must be float32 as the weights are, not float64"):
        network.predict(x.astype(np.float64))


@EACH
def test_a_network_whose_parameters_are_on_a_device_computes_there(name):
    network, x, t, _ = made(name)
    here, _, _, _ = made(name)
    network.params = {key: strict.asarray(W) for key, W in network.params.items()}
    x_there, t_there = strict.asarray(x), strict.asarray(t)
    found, expected = network.gradient(x_there, t_there), here.gradient(x, t)
    found |= {"loss": network.loss(x_there, t_there), "scores": network.predict(x_there)}
    expected |= {"loss": here.loss(x, t), "scores": here.predict(x)}
    for key, a in found.items():
        assert type(a) is strict.ndarray
        assert_within(strict.asnumpy(a), expected[key], absolute=1e-12, relative=0)
    assert network.accuracy(x_there, t_there) == here.accuracy(x, t)
    there = network.numerical_gradient(x_there, t_there)
    for key, g in here.numerical_gradient(x, t).items():
        assert_within(strict.asnumpy(there[key]), g, absolute=1e-9, relative=0)
    with pytest.raises(ValueError, match="x must be a strict array as the weights are"):
        network.predict(x)


# ---------------------------------------------------------------- what they refuse

RNG = np.random.RandomState(1)
SIZES = (12, [5], 4)
WRONG = {
    "no hidden nodes": (lambda: TwoLayerNet(12, 0, 4, rng=RNG), ValueError, "hidden_size must be at least 1, not 0"),
    "half a node": (lambda: TwoLayerNet(12, 2.5, 4, rng=RNG), TypeError, "hidden_size must be an integer"),
    "no stream": (lambda: TwoLayerNet(12, 5, 4, rng=7), TypeError, "rng must be a stream"),
    "a generator": (lambda: TwoLayerNet(12, 5, 4, rng=np.random.default_rng(1)), TypeError, "rng must be a stream"),
    "activation": (
        lambda: TwoLayerNet(12, 5, 4, rng=RNG, activation="sigmiod"), ValueError,
        "activation must be one of sigmoid, relu, not 'sigmiod'; did you mean 'sigmoid'",
    ),
    "scale": (lambda: TwoLayerNet(12, 5, 4, 0, rng=RNG), ValueError, "weight_init_std must be above 0"),
    "initialisation": (
        lambda: MultiLayerNet(*SIZES, weight_init_std="xaiver", rng=RNG), ValueError,
        "weight_init_std must be one of .*did you mean 'xavier'",
    ),
    "dtype": (lambda: TwoLayerNet(12, 5, 4, rng=RNG, dtype="int"), ValueError, "dtype must be float64 or float32"),
    "hidden sizes": (lambda: MultiLayerNet(12, 5, 4, rng=RNG), TypeError, "hidden_size_list must be a list"),
    "no hidden layer": (lambda: MultiLayerNet(12, [], 4, rng=RNG), ValueError, "hidden_size_list .* it is empty"),
    "one without nodes": (lambda: MultiLayerNet(12, [5, 0], 4, rng=RNG), ValueError, "hidden_size_list must be at"),
    "decay": (
        lambda: MultiLayerNet(*SIZES, weight_decay_lambda=-0.1, rng=RNG), ValueError,
        "weight_decay_lambda must be 0 or above, not -0.1",
    ),
    "decay that is nan": (
        lambda: MultiLayerNet(*SIZES, weight_decay_lambda=float("nan"), rng=RNG), ValueError, "weight_decay_lambda",
    ),
    "ratio": (
        lambda: MultiLayerNet(*SIZES, use_dropout=True, dropout_ratio=1.0, rng=RNG), ValueError, "dropout_ratio must",
    ),
    "flag": (lambda: MultiLayerNet(*SIZES, use_batchnorm="yes", rng=RNG), TypeError, "use_batchnorm must be True or"),
    "input_dim": (lambda: SimpleConvNet((28, 28), rng=RNG), ValueError, "input_dim must be .channels, height, width."),
    "input_dim of four": (lambda: SimpleConvNet((1, 1, 9, 9), rng=RNG), ValueError, "input_dim must be .channels, he"),
    "conv_param lacks": (
        lambda: SimpleConvNet(conv_param={"filter_num": 3, "pad": 0}, rng=RNG), ValueError,
        "conv_param must have the keys filter_num, filter_size, pad, stride; it lacks filter_size, stride",
    ),
    "conv_param has more": (
        lambda: SimpleConvNet(conv_param={**SMALL, "hidden_size": 9}, rng=RNG), ValueError,
        "conv_param must have .*; it has also hidden_size",
    ),
    "conv_param of a list": (lambda: SimpleConvNet(conv_param=[3, 3], rng=RNG), TypeError, "conv_param must be a dict"),
    "no stride": (
        lambda: SimpleConvNet(conv_param={**SMALL, "stride": 0}, rng=RNG), ValueError,
        r"conv_param\['stride'\] must be at least 1, not 0",
    ),
    "stride that leaves over": (
        lambda: SimpleConvNet(conv_param={**SMALL, "stride": 2}, rng=RNG), ValueError,
        "conv_param must fit the height of input_dim, 28: stride must divide",
    ),
    "filter larger than images": (
        lambda: SimpleConvNet((1, 9, 3), {**SMALL, "filter_size": 6}, rng=RNG), ValueError,
        "conv_param must fit the width of input_dim, 3",
    ),
    "nothing to pool": (
        lambda: SimpleConvNet((1, 5, 5), {**SMALL, "filter_size": 5, "pad": 0}, rng=RNG), ValueError,
        "conv_param must leave maps of at least 2 x 2 to be pooled, not of height 1",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_argument_of_a_network_is_named_and_nothing_is_drawn(name):
    call, kind, message = WRONG[name]
    before = RNG.get_state()[1:3]
    with pytest.raises(kind, match=message):
        call()
    assert RNG.get_state()[2] == before[1]
    np.testing.assert_array_equal(RNG.get_state()[1], before[0])


SAMPLES = {
    "one sample": (lambda x, t: (x[0], t[0]), r"x must have one sample a row, .*; a single sample is x\[None\]"),
    "other elements": (lambda x, t: (x[:, :-1], t), r"x must be samples of 12 elements, \(N, ...\), not of"),
    "more elements": (lambda x, t: (np.hstack([x, x]), t), r"x must be samples of 12 elements, \(N, ...\), not of"),
    "not finite": (lambda x, t: (np.where(x == x[2, 3], np.nan, x), t), r"x must be finite, but it is nan at \(2, 3\)"),
    "fewer labels": (lambda x, t: (x, t[:-1]), r"t must be digits of shape \(6,\) or one-hot rows of shape \(6, 4\)"),
    "a column of labels": (lambda x, t: (x, t[:, None]), r"not a column of shape \(6, 1\); t.ravel\(\) makes digits"),
    "a label too high": (lambda x, t: (x, t + 1), "t must be digits from 0 to 3 for 4 classes, but one is 4"),
    "digits as floats": (lambda x, t: (x, t * 1.0), "t must be digits of an integer type"),
    "rows that are not one-hot": (lambda x, t: (x, np.ones((6, 4))), "t must be one-hot, a single 1 among zeros"),
    "words": (lambda x, t: ("words", t), "x must be of real numbers"),
}  # fmt: skip


@pytest.mark.parametrize("method", ["loss", "accuracy", "gradient", "numerical_gradient"])
@pytest.mark.parametrize("wrong", SAMPLES)
def test_samples_and_labels_that_do_not_fit_are_named_before_anything_changes(wrong, method):
    network, x, t, rng = made("everything")
    change, message = SAMPLES[wrong]
    before = rng.get_state()[2]
    with pytest.raises((TypeError, ValueError), match=message):
        getattr(network, method)(*change(x, t))
    assert rng.get_state()[2] == before
    assert network.layers["BatchNorm1"].running_mean is None


def test_samples_are_of_the_dtype_of_the_first_layers_weights():
    network, *_ = made("two layers, relu")
    for key in ("W1", "b1"):
        network.params[key] = network.params[key].astype(np.float32)
    with pytest.raises(ValueError, match=r"^x must be float32 as the weights are, not float64"):
        network.predict(np.ones((2, 12)))


def test_rows_are_not_images():
    network, x, t, _ = made("convolution")
    with pytest.raises(
        ValueError, match=r"x must be images \(N, 1, 3, 4\), not of shape \(6, 12\); x.reshape\(-1, 1, 3, 4\)"
    ):
        network.gradient(x.reshape(6, 12), t)


@EACH
def test_a_network_with_a_number_that_is_not_finite_is_said_to_have_diverged_and_where(name):
    network, x, t, _ = made(name)
    network.params["W1"].flat[0] = np.inf
    for method in ("loss", "gradient", "accuracy"):
        with pytest.raises(Diverged, match=r"^(Affine|Activation_function|Relu|Sigmoid|Conv|BatchNorm)\d: "):
            getattr(network, method)(x, t)
    network, x, t, _ = made(name)
    network.params[list(network.learned)[-1][2]][0] = np.nan  # of the last biases
    with pytest.raises(Diverged, match="^scores: x must be finite, but it is nan"):
        network.loss(x, t)


def test_numbers_that_run_over_on_the_way_are_said_to_have_diverged_without_a_warning():
    network, x, t, _ = made("several layers")
    network.params["W1"] *= 1e200
    network.params["W2"] *= 1e200
    with pytest.raises(Diverged, match="^Activation_function2: x must be finite"):
        network.gradient(x, t)
    for batched in (True, False):
        with pytest.raises(Diverged, match="x must be finite"):
            network.numerical_gradient(x, t, batched=batched)


def test_errors_that_run_over_on_the_way_back_are_said_to_have_diverged_without_a_warning():
    network, x, t, _ = made("several layers")
    network.params["W1"] *= 1e-250
    network.params["W2"] *= 1e200
    network.params["W3"] *= 1e200
    with pytest.raises(Diverged, match="^(Affine|Activation_function)1: dout must be finite"):
        network.gradient(x, t)


KEEPING = {
    "Relu": Relu,
    "LeakyRelu": LeakyRelu,
    "Sigmoid": Sigmoid,
    "Dropout": partial(Dropout, 0.5, rng=np.random.RandomState(1)),
    "Pooling": partial(Pooling, 2, 2, stride=2),
}
RUNNING_OVER = {
    "LeakyRelu": partial(LeakyRelu, -2.0),
    "Dropout": partial(Dropout, 0.5, rng=np.random.RandomState(1), inverted=True),
    "Pooling": partial(Pooling, 2, 2, stride=1),
}


def spoiled(method):
    """A layer's method whose result has a NaN."""

    def spoil(*arguments):
        result = method(*arguments).copy()
        result[(-1,) * result.ndim] = np.nan
        return result

    return spoil


@EACH
def test_a_nan_that_a_layer_makes_of_finite_numbers_is_noticed_by_the_layer_that_gets_it(name):
    kinds = [type(layer).__name__ for layer in made(name)[0].layers.values()]
    for i, kind in enumerate(kinds):
        if kind in KEEPING:
            continue
        for way, message, other in (("forward", "x", i + 1), ("backward", "dout", i - 1)):
            if (i, way) == (0, "backward"):
                continue
            network, x, t, _ = made(name)
            names = [*network.layers, "scores"]
            layer = network.layers[names[i]]
            setattr(layer, way, spoiled(getattr(layer, way)))
            with pytest.raises(Diverged, match=f"^{names[other]}: {message} must be finite, but it is nan at "):
                network.gradient(x, t)


@EACH
def test_a_parameter_that_is_not_finite_is_noticed_where_it_would_be_if_all_was_checked(name, monkeypatch):
    messages = []
    for _ in range(2):
        for key in made(name)[0].params:
            network, x, t, _ = made(name)
            network.params[key].flat[-1] = np.nan
            with pytest.raises(Diverged) as caught:
                network.gradient(x, t)
            messages.append(str(caught.value))
        monkeypatch.setattr("deltarule.layers.network.told_finite", lambda layer, method, *given: method(*given))
    half = len(messages) // 2
    assert messages[:half] == messages[half:]


@EACH
def test_a_layer_of_a_network_still_checks_what_somebody_else_gives_it(name):
    network, x, t, _ = made(name)
    network.gradient(x, t)
    for layer in network.layers.values():
        out = layer.forward(x)
        with pytest.raises(ValueError, match="dout must be finite, but it is inf at"):
            layer.backward(np.full_like(out, np.inf))
        with pytest.raises(ValueError, match="x must be finite, but it is nan at"):
            layer.forward(np.full_like(x, np.nan))
        x = out


def test_an_error_ends_the_trust():
    layer = Relu()
    with pytest.raises(ZeroDivisionError):
        told_finite(layer, lambda x: 1 / 0, np.ones(1))
    np.testing.assert_array_equal(told_finite(layer, layer.forward, np.array([np.inf])), [np.inf])  # its word is taken
    with pytest.raises(ValueError, match="x must be finite"):
        layer.forward([np.inf])


def test_another_layer_put_into_a_network_is_not_trusted():
    network, x, _, _ = made("several layers")

    class Logarithm:
        def forward(self, x):
            return np.log(x)

    network.layers["Activation_function1"] = Logarithm()
    with pytest.raises(Diverged, match="^Affine2: x must be finite"):
        network.predict(x)


@pytest.mark.parametrize("name", KEEPING)
def test_a_layer_that_is_trusted_makes_finite_numbers_of_the_largest(name):
    layer, largest = KEEPING[name](), np.finfo(float).max
    assert layer._keeps_finite
    for sign in (1, -1):
        out = layer.forward(np.full((1, 2, 4, 6), sign * largest))
        assert np.isfinite(out).all()
        assert np.isfinite(layer.backward(np.full_like(out, largest))).all()


@pytest.mark.parametrize("name", RUNNING_OVER)
@pytest.mark.filterwarnings("ignore:overflow")
def test_a_layer_that_can_run_over_is_not_trusted(name):
    layer, largest = RUNNING_OVER[name](), np.finfo(float).max
    assert not layer._keeps_finite
    x = np.zeros((1, 2, 4, 6))
    x[..., 1::2, 1::2] = 1
    assert not np.isfinite(layer.backward(np.full_like(layer.forward(x), largest))).all()


def test_a_step_of_differences_that_is_not_above_0_is_refused():
    network, x, t, _ = made("several layers")
    with pytest.raises(ValueError, match="h must be above 0"):
        network.numerical_gradient(x, t, 0)
    with pytest.raises(TypeError, match="batched must be True or False"):
        network.numerical_gradient(x, t, batched=3)
