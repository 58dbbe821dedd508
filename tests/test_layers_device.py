"""The layers, optimisers and networks of the from-scratch notes on a GPU, where there is one, against the CPU."""

from functools import partial

import numpy as np
import pytest
from closeness import assert_within

from deltarule.layers import (
    ACTIVATIONS,
    OPTIMIZERS,
    Affine,
    BatchNormalization,
    Convolution,
    Dropout,
    LeakyRelu,
    MultiLayerNet,
    Pooling,
    Relu,
    Sigmoid,
    SimpleConvNet,
    SoftmaxWithLoss,
    Trainer,
    TwoLayerNet,
    col2im,
    cross_entropy_error,
    im2col,
    mean_squared_error,
)
from deltarule.layers.experiments import mnist

pytestmark = pytest.mark.gpu

DENSE = partial(MultiLayerNet, 784, [50, 30], 10)
NETWORKS = {
    "TwoLayerNet": partial(TwoLayerNet, 784, 50, 10),
    "MultiLayerNet": partial(DENSE, activation="sigmoid", weight_decay_lambda=0.01),
    "batch normalisation": partial(DENSE, use_batchnorm=True),
    "dropout": partial(DENSE, use_dropout=True, dropout_ratio=0.2),
    "SimpleConvNet": SimpleConvNet,
    "SimpleConvNet with stride and padding": partial(
        SimpleConvNet, conv_param={"filter_num": 6, "filter_size": 4, "pad": 1, "stride": 2}
    ),
}


def off(cupy, there, here):
    """The largest difference, relative to the largest element."""
    assert isinstance(there, cupy.ndarray)
    here = np.asarray(here)
    return abs(cupy.asnumpy(there) - here).max() / (abs(here).max() or 1)


@pytest.mark.parametrize("name", NETWORKS)
def test_network_on_a_gpu_trains_as_on_the_cpu(name, cupy):
    images = name.startswith("SimpleConvNet")
    samples = [a[:300] for a in mnist(images=images)]
    ended = []
    for place in (np.asarray, cupy.asarray):
        rng = np.random.RandomState(1)
        network = NETWORKS[name](rng=rng)
        network.params = {key: place(W) for key, W in network.params.items()}
        trainer = Trainer(network, *map(place, samples), iterations=12, mini_batch_size=50, optimizer="SGD", rng=rng)
        trainer.train()
        ended.append((network, trainer))
    (ours, here), (theirs, there) = ended
    for key, W in ours.params.items():  # before batch normalisation a b has no gradient but rounding
        assert_within(cupy.asnumpy(theirs.params[key]), W, absolute=1e-14 + 1e-10 * abs(W).max(), relative=0)
    assert here.train_acc_list == there.train_acc_list
    assert max(abs(a - b) for a, b in zip(here.train_loss_list, there.train_loss_list, strict=True)) < 1e-10


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimiser_on_a_gpu_steps_as_on_the_cpu(name, cupy):
    rng = np.random.RandomState(2)
    here, grads = {"W": rng.randn(40, 30), "b": rng.randn(30)}, {"W": rng.randn(40, 30), "b": rng.randn(30)}
    there, moved = ({key: cupy.asarray(a) for key, a in arrays.items()} for arrays in (here, grads))
    for params, gradients in ((here, grads), (there, moved)):
        optimizer = OPTIMIZERS[name]()
        for _ in range(5):
            optimizer.update(params, gradients)
    assert max(off(cupy, there[key], W) for key, W in here.items()) < 1e-14


def layers(place):
    """By name, a layer with its arrays in a place, and the shape of its input."""
    rng = np.random.RandomState(3)
    W, b, F, c = (place(rng.randn(*shape)) for shape in ((48, 5), (5,), (4, 3, 3, 3), (4,)))
    return {
        "Affine": (Affine(W, b), (6, 3, 4, 4)),
        "Relu": (Relu(), (6, 7)),
        "LeakyRelu": (LeakyRelu(), (6, 7)),
        "Sigmoid": (Sigmoid(), (6, 7)),
        "Dropout": (Dropout(0.3, rng=rng), (6, 7)),
        "BatchNormalization": (BatchNormalization(place(np.ones(7)), place(np.zeros(7))), (6, 7)),
        "BatchNormalization of channels": (
            BatchNormalization(place(np.ones(3)), place(np.zeros(3)), per_channel=True), (6, 3, 4, 4),
        ),
        "Convolution": (Convolution(F, c), (6, 3, 7, 7)),
        "Convolution with stride and padding": (Convolution(F, c, 2, 1), (6, 3, 7, 7)),
        "Convolution with as many zeros as Keras": (Convolution(F, c, 2, "same"), (6, 3, 8, 7)),
        "Pooling": (Pooling(2, 2, 2), (6, 3, 8, 8)),
        "Pooling that overlaps": (Pooling(3, 3, 1), (6, 3, 8, 8)),
    }  # fmt: skip


@pytest.mark.parametrize("name", layers(np.asarray))
def test_layer_on_a_gpu_is_that_on_the_cpu(name, cupy):
    passes = []
    for place in (np.asarray, cupy.asarray):
        layer, shape = layers(place)[name]
        x = np.random.RandomState(4).randn(*shape)
        y = layer.forward(place(x))
        dx = layer.backward(place(np.cos(np.arange(y.size)).reshape(y.shape)))
        passes.append([y, dx, *(getattr(layer, a) for a in ("dW", "db", "dgamma", "dbeta") if hasattr(layer, a))])
    assert max(off(cupy, there, here) for here, there in zip(*passes, strict=True)) < 1e-12


def test_functions_on_a_gpu_are_those_on_the_cpu(cupy):
    rng = np.random.RandomState(5)
    x = 3 * rng.randn(6, 10)
    for name, function in ACTIVATIONS.items():
        for diff in (False, True):
            found = off(cupy, cupy.asarray(function(cupy.asarray(x), diff=diff)), function(x, diff=diff))
            assert found < 1e-12, (name, diff)
    y, t = ACTIVATIONS["softmax"](x), rng.randint(0, 10, 6)
    one_hot = np.eye(10)[t]
    for labels in (t, one_hot):
        there = cross_entropy_error(cupy.asarray(y), cupy.asarray(labels))
        assert abs(float(there) - cross_entropy_error(y, labels)) < 1e-12
        last, first = SoftmaxWithLoss(), SoftmaxWithLoss()
        first.forward(x, labels)
        last.forward(cupy.asarray(x), cupy.asarray(labels))
        assert off(cupy, last.backward(), first.backward()) < 1e-12
    assert (
        abs(float(mean_squared_error(cupy.asarray(y), cupy.asarray(one_hot))) - mean_squared_error(y, one_hot)) < 1e-12
    )
    images = rng.randn(2, 3, 7, 7)
    col = im2col(images, 3, 3, 2, 1)
    assert off(cupy, im2col(cupy.asarray(images), 3, 3, 2, 1), col) == 0
    assert off(cupy, col2im(cupy.asarray(col), images.shape, 3, 3, 2, 1), col2im(col, images.shape, 3, 3, 2, 1)) < 1e-14


SMALL = {
    "TwoLayerNet": partial(TwoLayerNet, 20, 6, 4),
    "dropout": partial(MultiLayerNet, 20, [6], 4, use_dropout=True),
    "batch normalisation": partial(MultiLayerNet, 20, [6], 4, use_batchnorm=True),
}


@pytest.mark.parametrize("name", SMALL)
def test_numerical_gradient_on_a_gpu_is_that_on_the_cpu(name, cupy):
    x, t = np.random.RandomState(7).randn(5, 20), np.array([0, 1, 2, 3, 0])
    here, there = (SMALL[name](rng=np.random.RandomState(6)) for _ in range(2))
    there.params = {key: cupy.asarray(W) for key, W in there.params.items()}
    expected = here.numerical_gradient(x, t)
    found = there.numerical_gradient(cupy.asarray(x), cupy.asarray(t))
    for key, g in expected.items():
        assert abs(cupy.asnumpy(found[key]) - g).max() < 1e-9, key
