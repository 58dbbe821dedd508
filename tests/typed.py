"""What a user of the package writes, for a type checker: every public function, called as it is meant."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import deltarule
from deltarule import data, matlab

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


def readers(folder: Path) -> None:
    """The functions that take files."""
    pixels, labels = data.read_mnist(folder / "images.gz", folder / "labels.gz")
    pixels, labels = data.mnist_train(str(folder))
    bytes_: NDArray[np.uint8] = data.read_idx(folder / "images.gz")
    print(pixels.shape, labels.shape, bytes_.shape)
