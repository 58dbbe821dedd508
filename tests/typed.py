"""What a user of the package writes, for a type checker: every public function, called as it is meant."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import deltarule
from deltarule import data, layers, matlab
from deltarule.check import (
    LISTINGS,
    PARTS,
    CheckError,
    Finding,
    Mistake,
    PartFinding,
    check,
    check_file,
    check_part,
    mistakes,
)
from deltarule.layers import AND, XOR, Adam, MultiLayerNet, SimpleConvNet, Trainer, TwoLayerNet
from deltarule.testing import assert_same_training

rng = matlab.rng("default")
number: float = rng.rand()
column: NDArray[np.float64] = rng.rand(4, 1)
square: NDArray[np.float64] = rng.randn((2, 2))
whole: int = rng.randi((1, 6))
many: NDArray[np.int64] = rng.randi(6, 1, 10)
order: NDArray[np.int64] = rng.randperm(8)
half: float = matlab.round(0.5)
row: NDArray[np.float64] = matlab.reshape(square, 1, None)

X, D = data.xor()
W: NDArray[np.float64] = deltarule.delta_sgd([[0.1, 0.2, 0.3]], X, D, alpha=0.5)
W = deltarule.delta_minibatch(deltarule.delta_batch(W, X, D), X, D, batch_size=2)
y: NDArray[np.float64] = deltarule.single_layer_forward(W, X)
W1, W2 = deltarule.backprop_xor(rng.rand(4, 3), rng.rand(1, 4), X, D)
W1, W2 = deltarule.backprop_ce(W1, W2, X, D)
W1, W2, m1, m2 = deltarule.backprop_mmt(W1, W2, X, D, momenta=(0 * W1, 0 * W2))
y = deltarule.multi_layer_forward(W1, W2, X)
cost: float = deltarule.cross_entropy(D, y[:, 0]) + deltarule.sum_squared_error(D, y[:, 0])

images, classes = data.digits()
W1, W2 = deltarule.multi_class(rng.rand(50, 25), rng.rand(5, 50), images, classes)
y = deltarule.multi_class_forward(W1, W2, data.contaminated_digits()[0])
deep = rng.rand(20, 25), rng.rand(20, 20), rng.rand(20, 20), rng.rand(5, 20)
deep = deltarule.deep_relu(*deep, images, classes)
deep = deltarule.deep_dropout(*deep, images, classes, rng=rng, ratio=0.2, slope="exact")
y = deltarule.deep_relu_forward(*deep, images) + deltarule.deep_dropout_forward(*deep, images)

pixels, labels = data.mnist()
W1, W5, Wo = rng.randn(9, 9, 20), rng.rand(100, 2000), rng.rand(10, 100)
W1, W5, Wo = deltarule.mnist_conv(W1, W5, Wo, pixels[:100], labels[:100], form="matmul")
y = deltarule.mnist_conv_forward(W1, W5, Wo, pixels[:5])
y1, y2, y3 = deltarule.feature_maps(W1, pixels[:1])
y3 = deltarule.pool(deltarule.relu(deltarule.conv(pixels[0], W1, form="fft")))
y = deltarule.softmax(deltarule.sigmoid(y * deltarule.dropout(y, 0.2, rng)))

answer: int = AND(0, 1) + XOR(1, 0, form="threshold")
answers = XOR([0, 1], [1, 1])
stream = np.random.RandomState(1)
slope: NDArray[np.float64] = layers.tanh(layers.elu([-1.0, 0.5], alpha=2), diff=True)
y = layers.softmax(layers.leaky_relu(layers.prelu(layers.identity(layers.step(y)), b=2.0), a=0.2), diff=False)
cost = layers.cross_entropy_error([[0.1, 0.9]], layers.one_hot([1], 2)) + layers.mean_squared_error(y, y)
down = layers.gradient_descent(lambda x: (x**2).sum(), [-3.0, 4.0], lr=0.1, steps=100, path=True)
slope = layers.numerical_gradient(lambda x: (x**2).sum(), down[-1], batched=False)
apple, orange = layers.MulLayer(), layers.AddLayer()
price = orange.forward(apple.forward(100, 2), 450)
dprice, dtax = apple.backward(orange.backward(1.1)[0])
affine, loss = layers.Affine([[1.0], [2.0]], [0.0]), layers.SoftmaxWithLoss()
cost = layers.mse(y, y) + layers.mape(y, y) + layers.smape(y, y, halved=False) + layers.binary_cross_entropy(y, y)
leaky: NDArray[np.float64] = layers.LeakyRelu(0.2).forward([[1.0, -2.0]])
halves: NDArray[np.float64] = layers.Convolution(stream.randn(2, 1, 3, 3), [0.0, 0.0], 2, "same").forward(
    pixels[:5, None]
)
loss.forward(layers.Relu().forward(affine.forward([[1.0, 2.0]])), [0])
dx: NDArray[np.float64] = affine.backward(loss.backward())
convolution, pooling = layers.Convolution(stream.randn(2, 1, 3, 3), [0.0, 0.0], pad=1), layers.Pooling(2, 2, stride=2)
maps: NDArray[np.float64] = pooling.forward(convolution.forward(pixels[:5, None]))
maps = convolution.weight_gradients(pooling.backward(maps))
maps = layers.col2im(layers.im2col(maps, 2, 2), maps.shape, 2, 2)
side: int = layers.output_size(28, 5, stride=2, round_down=True)
normalized = layers.BatchNormalization(1.0, 0.0, per_channel=True).forward(maps, train_flg=True)
dropped = layers.Dropout(0.5, rng=rng, inverted=True).forward(normalized)
W1 = layers.starting_weights(stream, (784, 50), "he") * layers.weight_scale(0.01, 784)

small = TwoLayerNet(784, 50, 10, rng=stream, activation="relu", dtype=np.float64)
deeper = MultiLayerNet(784, [100] * 5, 10, weight_init_std="he", use_batchnorm=True, rng=rng)
convolutional = SimpleConvNet((1, 28, 28), {"filter_num": 30, "filter_size": 5, "pad": 0, "stride": 1}, rng=stream)
grads = small.gradient(pixels[:5], labels[:5])
layers.optimizer("rmsprop", lr=0.01).update(small.params, grads)
layers.AdaGrad(lr=0.1, epsilon=1e-7).update(small.params, small.gradient(pixels[:5], labels[:5]))
grads = TwoLayerNet(784, 2, 10, rng=stream).numerical_gradient(pixels[:5], labels[:5], batched=True)
rows, digit = layers.shuffle_dataset(pixels, labels, rng=rng)
trainer = Trainer(deeper, rows, digit, pixels, labels, epochs=2, optimizer="Adam", optimizer_param={"lr": 0.1}, rng=rng)
trainer = Trainer(convolutional, rows[:, None], digit, optimizer=Adam(lr=0.001), iterations=2, rng=stream)
trainer.train()
shares: list[float] = [*trainer.train_acc_list, convolutional.accuracy(pixels[:5, None], labels[:5])]
for trial in layers.random_search(rows[:150], digit[:150], {"lr": (1e-6, 1e-2)}, trials=3, optimizer="Momentum"):
    shares.append(trial.val_acc)


def readers(folder: Path) -> None:
    """The functions that take files."""
    pixels, labels = data.read_mnist(folder / "images.gz", folder / "labels.gz")
    pixels, labels = data.mnist_train(str(folder))
    bytes_: NDArray[np.uint8] = data.read_idx(folder / "images.gz")
    print(pixels.shape, labels.shape, bytes_.shape)


def checks() -> dict[str, float]:
    """A port that is checked, and what was found of it."""
    assert_same_training(deltarule.backprop_xor, "backprop_xor")
    try:
        finding: Finding = check(lambda W, X, D: W, "DeltaSGD", thorough=True, name="mine")
    except CheckError as error:
        raise SystemExit(str(error)) from None
    catalogue: list[Mistake] = mistakes(next(iter(LISTINGS)))
    said = [m.says + m.should + m.erratum for reason in finding.reasons for m in (*reason.mistakes, *catalogue)]
    print(str(finding), finding.right, finding.verdict, finding.mistakes, finding.to_json(), finding.says, said)
    part: PartFinding = check_part(deltarule.softmax, next(iter(PARTS)), called="mine")
    either = check(deltarule.relu, name="mine")
    weights: Finding = check_file(Path("weights.mat"), "backprop_xor", "default", 10_000, thorough=False)
    print(part.listing, part.deviation, part.says, either.right, either.as_dict(), weights.curves)
    return {} if finding.first is None else {finding.first.when: finding.deviation, **finding.first.off}
