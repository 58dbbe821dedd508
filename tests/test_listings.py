"""Facts that hold for every listing: a second form agrees, arguments stay, many networks train as one does."""

import inspect

import numpy as np
import pytest
import strict
from closeness import assert_within
from networks import CASES, mnist_start, relative, small_images

import deltarule
from deltarule import data, matlab
from deltarule.listings.labels import accuracy, recognised

ALL = sorted(CASES)


@pytest.mark.parametrize("name", ALL)
def test_agrees_with_a_second_form_after_100_epochs(name):
    case = CASES[name]
    weights, _ = case.start()
    ours = case.train(weights, 100, rng=matlab.rng(7))
    theirs = case.train(weights, 100, rng=matlab.rng(7), routine=case.plain)
    assert relative(ours, theirs) < 1e-12


def test_mnist_conv_agrees_with_a_second_form():
    X, D, weights = small_images()
    theirs = weights
    for _ in range(3):
        weights = deltarule.mnist_conv(*weights, X, D, batch_size=5)
    import plain

    for _ in range(3):
        theirs = plain.mnist_conv(*theirs, X, D, batch_size=5)
    assert relative(weights, theirs) < 1e-12


@pytest.mark.parametrize("name", ALL)
def test_arguments_stay_as_they_are(name):
    case = CASES[name]
    weights, rng = case.start()
    X, D = case.data()
    arguments = [*weights, X, D]
    before = [a.copy() for a in arguments]
    for a in arguments:
        a.setflags(write=False)
    case.train(arguments[:-2], rng=rng, samples=arguments[-2:])
    for a, b in zip(arguments, before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_mnist_conv_leaves_its_arguments_as_they_are():
    X, D, weights = small_images()
    before = [a.copy() for a in (*weights, X, D)]
    for a in (*weights, X, D):
        a.setflags(write=False)
    deltarule.mnist_conv(*weights, X, D, batch_size=4)
    for a, b in zip((*weights, X, D), before, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", ALL)
def test_many_networks_train_as_each_does_alone(name):
    case = CASES[name]
    starts = [case.start(seed)[0] for seed in (1, 2, 3)]
    together = tuple(np.stack(layer) for layer in zip(*starts, strict=True))
    together = case.train(together, 1000, rng=matlab.rng(9))
    for k, weights in enumerate(starts):
        alone = case.train(weights, 1000, rng=matlab.rng(9))
        assert relative([W[k] for W in together], alone) < 1e-12


@pytest.mark.parametrize("form", ["direct", "fft", "matmul"])
def test_many_convolutional_networks_train_as_each_does_alone(form):
    starts = [small_images(seed=seed)[2] for seed in (1, 2)]
    X, D, _ = small_images()
    together = tuple(np.stack(layer) for layer in zip(*starts, strict=True))
    together = deltarule.mnist_conv(*together, X, D, batch_size=4, form=form)
    for k, weights in enumerate(starts):
        alone = deltarule.mnist_conv(*weights, X, D, batch_size=4, form=form)
        assert relative([W[k] for W in together], alone) < 1e-12
    y = deltarule.mnist_conv_forward(*together, X, form=form)
    alone = deltarule.mnist_conv_forward(*(W[1] for W in together), X, form=form)
    assert_within(y[1], alone, absolute=0, relative=1e-12)


@pytest.mark.parametrize("name", ALL)
def test_forward_pass_of_many_networks_is_that_of_each(name):
    case = CASES[name]
    starts = [case.start(seed)[0] for seed in (1, 2)]
    X, D = case.data()
    y = case.forward(*(np.stack(layer) for layer in zip(*starts, strict=True)), X)
    assert y.shape == (2, len(X), D.reshape(len(D), -1).shape[1])
    for k, weights in enumerate(starts):
        assert_within(y[k], case.forward(*weights, X), absolute=0, relative=1e-13)


@pytest.mark.parametrize("name", ALL)
def test_float32_stays_float32(name):
    case = CASES[name]
    weights, rng = case.start()
    X, D = (a.astype(np.float32) for a in case.data())
    single = case.train([W.astype(np.float32) for W in weights], rng=rng, samples=(X, D))
    double = case.train(weights, rng=case.start()[1])
    for W, reference in zip(single, double, strict=True):
        assert W.dtype == np.float32
        assert_within(W, reference, absolute=1e-5, relative=0)
    assert case.forward(*single, X).dtype == np.float32


@pytest.mark.parametrize("form", ["direct", "fft", "matmul"])
def test_mnist_conv_keeps_float32(form):
    X, D, weights = small_images()
    double = deltarule.mnist_conv(*weights, X, D, batch_size=4, form=form)
    weights = [W.astype(np.float32) for W in weights]
    single = deltarule.mnist_conv(*weights, X.astype(np.float32), D, batch_size=4, form=form)
    assert {W.dtype for W in single} == {np.dtype(np.float32)}
    assert relative(single, double) < 1e-5


@pytest.mark.parametrize("name", ALL)
def test_memory_order_of_the_arguments_does_not_matter(name):
    case = CASES[name]
    weights, _ = case.start()
    expected = case.train(weights, rng=matlab.rng(4))
    strided = [np.repeat(np.ascontiguousarray(a), 2, axis=0)[::2] for a in (*weights, *case.data())]
    given = case.train(strided[:-2], rng=matlab.rng(4), samples=strided[-2:])
    assert relative(given, expected) < 1e-14


@pytest.mark.parametrize("name", ALL)
def test_lists_integers_and_booleans_are_taken(name):
    case = CASES[name]
    weights, _ = case.start()
    X, D = case.data()
    expected = case.train(weights, rng=matlab.rng(4))
    given = case.train(
        [W.tolist() for W in weights], rng=matlab.rng(4), samples=(X.astype(int).tolist(), D.astype(bool))
    )
    assert relative(given, expected) < 1e-14


@pytest.mark.parametrize("name", ALL)
def test_runs_on_an_array_module_that_refuses_numpy_arrays(name):
    case = CASES[name]
    weights, rng = case.start()
    X, D = (strict.asarray(a) for a in case.data())
    moved = case.train([strict.asarray(W) for W in weights], rng=rng, samples=(X, D))
    assert all(isinstance(W, strict.ndarray) for W in moved)
    expected = case.train(weights, rng=case.start()[1])
    assert relative([strict.asnumpy(W) for W in moved], expected) < 1e-14
    y = case.forward(*moved, X)
    assert_within(strict.asnumpy(y), case.forward(*expected, strict.asnumpy(X)), absolute=0, relative=1e-13)


@pytest.mark.parametrize("form", ["direct", "fft", "matmul"])
def test_mnist_conv_runs_on_an_array_module_that_refuses_numpy_arrays(form):
    strict.install_signal()
    X, D, weights = small_images()
    moved = deltarule.mnist_conv(*map(strict.asarray, (*weights, X, D)), batch_size=4, form=form)
    expected = deltarule.mnist_conv(*weights, X, D, batch_size=4, form=form)
    assert relative([strict.asnumpy(W) for W in moved], expected) < 1e-14
    y = deltarule.mnist_conv_forward(*moved, strict.asarray(X), form=form)
    assert_within(strict.asnumpy(y), deltarule.mnist_conv_forward(*expected, X, form=form), absolute=0, relative=1e-12)


MATLAB_NAMES = {
    "DeltaSGD": "delta_sgd",
    "DeltaBatch": "delta_batch",
    "DeltaMiniBatch": "delta_minibatch",
    "BackpropXOR": "backprop_xor",
    "BackpropMmt": "backprop_mmt",
    "BackpropCE": "backprop_ce",
    "MultiClass": "multi_class",
    "DeepReLU": "deep_relu",
    "DeepDropout": "deep_dropout",
    "MnistConv": "mnist_conv",
    "Sigmoid": "sigmoid",
    "ReLU": "relu",
    "Softmax": "softmax",
    "Dropout": "dropout",
    "Conv": "conv",
    "Pool": "pool",
}


@pytest.mark.parametrize("name", sorted(MATLAB_NAMES))
@pytest.mark.errata("momentum-function-name")
def test_answers_to_its_matlab_name(name):
    assert getattr(deltarule, name) is getattr(deltarule, MATLAB_NAMES[name])


SIGNATURES = {
    "delta_sgd": "(W, X, D, *, alpha=0.9)",
    "delta_batch": "(W, X, D, *, alpha=0.9)",
    "delta_minibatch": "(W, X, D, *, alpha=0.9, batch_size=2)",
    "backprop_xor": "(W1, W2, X, D, *, alpha=0.9)",
    "backprop_mmt": "(W1, W2, X, D, *, alpha=0.9, beta=0.9, momenta=None)",
    "backprop_ce": "(W1, W2, X, D, *, alpha=0.9)",
    "multi_class": "(W1, W2, X, D, *, alpha=0.9)",
    "deep_relu": "(W1, W2, W3, W4, X, D, *, alpha=0.01)",
    "deep_dropout": "(W1, W2, W3, W4, X, D, *, alpha=0.01, ratio=0.2, rng, slope='listing')",
    "mnist_conv": "(W1, W5, Wo, X, D, *, alpha=0.01, beta=0.95, batch_size=100, momenta=None, form='auto')",
    "mnist_conv_forward": "(W1, W5, Wo, X, *, form='auto')",
    "conv": "(x, W, *, form='auto')",
}


@pytest.mark.parametrize("name", sorted(SIGNATURES))
@pytest.mark.errata("dropout-ratio")
def test_arguments_come_in_the_books_order_with_its_constants(name):
    assert str(inspect.signature(getattr(deltarule, name))) == SIGNATURES[name]


def test_minibatch_of_one_is_sgd_and_of_all_is_batch():
    X, D = data.linear()
    W = 2 * matlab.rng().rand(1, 3) - 1
    one = deltarule.delta_minibatch(W, X, D, batch_size=1)
    all_ = deltarule.delta_minibatch(W, X, D, batch_size=4)
    np.testing.assert_array_equal(one, deltarule.delta_sgd(W, X, D))
    np.testing.assert_array_equal(all_, deltarule.delta_batch(W, X, D))


def test_an_incomplete_last_batch_is_left_out():
    X, D = data.linear()
    W = 2 * matlab.rng().rand(1, 3) - 1
    short = deltarule.delta_minibatch(W, X[:3], D[:3], batch_size=3)
    np.testing.assert_array_equal(deltarule.delta_minibatch(W, X, D, batch_size=3), short)
    X, D, weights = small_images(n=11)
    short = deltarule.mnist_conv(*weights, X[:10], D[:10], batch_size=5)
    for a, b in zip(deltarule.mnist_conv(*weights, X, D, batch_size=5), short, strict=True):
        np.testing.assert_array_equal(a, b)


def test_samples_are_taken_in_order():
    X, D = data.linear()
    W = 2 * matlab.rng().rand(1, 3) - 1
    reordered = deltarule.delta_sgd(W, X[::-1], D[::-1])
    assert abs(reordered - deltarule.delta_sgd(W, X, D)).max() > 1e-3
    step = W
    for k in range(4):
        step = deltarule.delta_sgd(step, X[k : k + 1], D[k : k + 1])
    np.testing.assert_array_equal(step, deltarule.delta_sgd(W, X, D))


def test_momentum_starts_at_zero_in_every_epoch():
    X, D = data.xor()
    weights, _ = CASES["backprop_mmt"].start()
    first = deltarule.backprop_mmt(*weights, X[:1], D[:1])
    for a, b in zip(first, deltarule.backprop_xor(*weights, X[:1], D[:1]), strict=True):
        np.testing.assert_array_equal(a, b)


def test_images_become_vectors_column_by_column():
    X, D = data.digits()
    weights, _ = CASES["multi_class"].start()
    vectors = np.array([image.ravel(order="F") for image in X])
    for a, b in zip(deltarule.multi_class(*weights, X, D), deltarule.multi_class(*weights, vectors, D), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.slow
def test_images_laid_out_by_rows_are_told_apart_with_other_weights():
    # accuracy hides the mistake: the weights are what must be compared
    case = CASES["deep_relu"]
    weights, _ = case.start()
    X, D = case.data()
    by_rows = X.swapaxes(1, 2)
    wrong = case.train(weights, 10_000, samples=(by_rows, D))
    np.testing.assert_array_equal(case.forward(*wrong, by_rows).argmax(axis=1), range(5))
    right = case.train(weights, 10_000)
    assert max(abs(a - b).max() for a, b in zip(wrong, right, strict=True)).round(2) == 0.37


def test_hidden_nodes_may_be_relabelled():
    X, D = data.xor()
    (W1, W2), _ = CASES["backprop_xor"].start()
    order = [2, 0, 3, 1]
    for a, b in zip(
        deltarule.backprop_xor(W1[order], W2[:, order], X, D), deltarule.backprop_xor(W1, W2, X, D), strict=True
    ):
        assert_within(a, b[order] if a.shape[0] == 4 else b[:, order], absolute=0, relative=1e-12)


def test_output_rows_of_mnist_conv_stand_for_1_to_9_and_0():
    X, _, (W1, W5, Wo) = small_images()
    for digit in range(10):
        W = deltarule.mnist_conv(W1, W5, Wo, X[:1], np.array([digit]), batch_size=1)[2]
        grown = np.flatnonzero((W - Wo).sum(axis=1) > 0)
        assert list(grown) == [(digit - 1) % 10]


@pytest.mark.errata("w5-range", "book-360-nodes")
def test_mnist_start_is_drawn_in_the_order_w1_w5_wo():
    rng = matlab.rng(1)
    W1, W5, Wo = mnist_start()
    np.testing.assert_array_equal(W1, 0.01 * rng.randn(9, 9, 20))
    assert W5.shape == (100, 2000)
    assert abs(W5).max() <= np.sqrt(6 / 2360)
    assert abs(Wo).max() <= np.sqrt(6 / 110)


@pytest.mark.parametrize("n", [99, 100, 101, 205])
def test_forward_pass_of_mnist_conv_goes_block_by_block(n):
    _, _, weights = small_images()
    X = matlab.rng(4).rand(n, 8, 8)
    y = deltarule.mnist_conv_forward(*weights, X)
    alone = [deltarule.mnist_conv_forward(*weights, x[None])[0] for x in X]
    assert_within(y, alone, absolute=1e-14, relative=0)


def test_the_ten_classes_are_recognised_as_1_to_9_and_0():
    assert recognised(np.eye(10)).tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]
    assert accuracy(np.array([1, 2, 3, 4, 5, 6, 7, 8, 0, 9]), np.eye(10)) == 0.8
