"""Each listing a second time, written independently: one sample, one loop, plain NumPy, no checks.

The tests hold the package against these, and the benchmarks measure by them. No listing imports anything from
the package; sums run over explicit loops, images are indexed pixel by pixel, and one text serves one listing.
"""

import json
import sys
import time

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    ex = np.exp(x)
    return ex / np.sum(ex)


def relu(x):
    return np.where(x > 0, x, 0)


def pixels(image):
    """Column by column, as MATLAB's reshape takes them."""
    rows, cols = image.shape
    return np.array([[image[r, c]] for c in range(cols) for r in range(rows)])


def delta_sgd(W, X, D, alpha=0.9):
    for k in range(len(X)):
        x = X[k, :].reshape(-1, 1)
        d = D[k]
        y = sigmoid(W @ x)
        e = d - y
        delta = y * (1 - y) * e
        W = W + alpha * delta * x.T
    return W


def delta_minibatch(W, X, D, alpha=0.9, batch_size=2):
    for begin in range(0, len(X) - batch_size + 1, batch_size):
        total = np.zeros(W.shape)
        for k in range(begin, begin + batch_size):
            x = X[k, :].reshape(-1, 1)
            y = sigmoid(W @ x)
            e = D[k] - y
            delta = y * (1 - y) * e
            total = total + alpha * delta * x.T
        W = W + total / batch_size
    return W


def delta_batch(W, X, D, alpha=0.9):
    total = np.zeros(W.shape)
    for k in range(len(X)):
        x = X[k, :].reshape(-1, 1)
        d = D[k]
        y = sigmoid(W @ x)
        e = d - y
        delta = y * (1 - y) * e
        total = total + alpha * delta * x.T
    return W + total / len(X)


def backprop_xor(W1, W2, X, D, alpha=0.9):
    for k in range(len(X)):
        x = X[k, :].reshape(-1, 1)
        d = D[k]
        y1 = sigmoid(W1 @ x)
        y = sigmoid(W2 @ y1)
        e = d - y
        delta = y * (1 - y) * e
        e1 = W2.T @ delta
        delta1 = y1 * (1 - y1) * e1
        W1 = W1 + alpha * delta1 @ x.T
        W2 = W2 + alpha * delta @ y1.T
    return W1, W2


def sgd_vs_batch(W1, W2, X, D):
    return delta_sgd(W1, X, D), delta_batch(W2, X, D)


def ce_vs_sse(W11, W12, W21, W22, X, D):
    return *backprop_ce(W11, W12, X, D), *backprop_xor(W21, W22, X, D)


def backprop_mmt(W1, W2, X, D, alpha=0.9, beta=0.9):
    mmt1 = np.zeros(W1.shape)
    mmt2 = np.zeros(W2.shape)
    for k in range(len(X)):
        x = X[k, :].reshape(-1, 1)
        d = D[k]
        y1 = sigmoid(W1 @ x)
        y = sigmoid(W2 @ y1)
        e = d - y
        delta = y * (1 - y) * e
        e1 = W2.T @ delta
        delta1 = y1 * (1 - y1) * e1
        mmt1 = alpha * delta1 @ x.T + beta * mmt1
        W1 = W1 + mmt1
        mmt2 = alpha * delta @ y1.T + beta * mmt2
        W2 = W2 + mmt2
    return W1, W2


def backprop_ce(W1, W2, X, D, alpha=0.9):
    for k in range(len(X)):
        x = X[k, :].reshape(-1, 1)
        d = D[k]
        y1 = sigmoid(W1 @ x)
        y = sigmoid(W2 @ y1)
        e = d - y
        e1 = W2.T @ e
        delta1 = y1 * (1 - y1) * e1
        W1 = W1 + alpha * delta1 @ x.T
        W2 = W2 + alpha * e @ y1.T
    return W1, W2


def multi_class(W1, W2, X, D, alpha=0.9):
    for k in range(len(X)):
        x = X[k].reshape(-1, 1, order="F")
        d = D[k].reshape(-1, 1)
        y1 = sigmoid(W1 @ x)
        y = softmax(W2 @ y1)
        e = d - y
        e1 = W2.T @ e
        delta1 = y1 * (1 - y1) * e1
        W1 = W1 + alpha * delta1 @ x.T
        W2 = W2 + alpha * e @ y1.T
    return W1, W2


def deep_relu(W1, W2, W3, W4, X, D, alpha=0.01):
    for k in range(len(X)):
        x = X[k].reshape(-1, 1, order="F")
        d = D[k].reshape(-1, 1)
        y1 = relu(W1 @ x)
        y2 = relu(W2 @ y1)
        y3 = relu(W3 @ y2)
        y = softmax(W4 @ y3)
        e = d - y
        delta3 = (y3 > 0) * (W4.T @ e)
        delta2 = (y2 > 0) * (W3.T @ delta3)
        delta1 = (y1 > 0) * (W2.T @ delta2)
        W4 = W4 + alpha * e @ y3.T
        W3 = W3 + alpha * delta3 @ y2.T
        W2 = W2 + alpha * delta2 @ y1.T
        W1 = W1 + alpha * delta1 @ x.T
    return W1, W2, W3, W4


def dropout(y, ratio, rng):
    ym = np.zeros(y.shape)
    num = int(np.floor(y.size * (1 - ratio) + 0.5))
    for i in rng.randperm(y.size, num):
        ym[i - 1, 0] = 1 / (1 - ratio)
    return ym


def deep_dropout(W1, W2, W3, W4, X, D, alpha=0.01, ratio=0.2, *, rng):
    for k in range(len(X)):
        x = X[k].reshape(-1, 1, order="F")
        d = D[k].reshape(-1, 1)
        y1 = sigmoid(W1 @ x)
        y1 = y1 * dropout(y1, ratio, rng)
        y2 = sigmoid(W2 @ y1)
        y2 = y2 * dropout(y2, ratio, rng)
        y3 = sigmoid(W3 @ y2)
        y3 = y3 * dropout(y3, ratio, rng)
        y = softmax(W4 @ y3)
        e = d - y
        delta3 = y3 * (1 - y3) * (W4.T @ e)
        delta2 = y2 * (1 - y2) * (W3.T @ delta3)
        delta1 = y1 * (1 - y1) * (W2.T @ delta2)
        W4 = W4 + alpha * e @ y3.T
        W3 = W3 + alpha * delta3 @ y2.T
        W2 = W2 + alpha * delta2 @ y1.T
        W1 = W1 + alpha * delta1 @ x.T
    return W1, W2, W3, W4


def correlate(image, kernel):
    """The part of the correlation where the kernel lies within the image, by its definition."""
    p, q = kernel.shape
    rows, cols = image.shape[0] - p + 1, image.shape[1] - q + 1
    out = np.empty((rows, cols))
    for r in range(rows):
        for c in range(cols):
            out[r, c] = np.sum(image[r : r + p, c : c + q] * kernel)
    return out


def mnist_conv(W1, W5, Wo, X, D, alpha=0.01, beta=0.95, batch_size=100):
    filters = W1.shape[2]
    momentum1, momentum5, momentumo = np.zeros(W1.shape), np.zeros(W5.shape), np.zeros(Wo.shape)
    for begin in range(0, len(X) - batch_size + 1, batch_size):
        dW1, dW5, dWo = np.zeros(W1.shape), np.zeros(W5.shape), np.zeros(Wo.shape)
        for k in range(begin, begin + batch_size):
            x = X[k]
            y2 = relu(np.dstack([correlate(x, W1[:, :, f]) for f in range(filters)]))
            rows, cols = y2.shape[0] // 2, y2.shape[1] // 2
            y3 = np.empty((rows, cols, filters))
            for r in range(rows):
                for c in range(cols):
                    y3[r, c] = y2[2 * r : 2 * r + 2, 2 * c : 2 * c + 2].mean(axis=(0, 1))
            y4 = y3.reshape(-1, 1, order="F")
            y5 = relu(W5 @ y4)
            y = softmax(Wo @ y5)
            d = np.zeros((10, 1))
            d[9 if D[k] == 0 else D[k] - 1] = 1
            e = d - y
            delta5 = (y5 > 0) * (Wo.T @ e)
            e3 = (W5.T @ delta5).reshape(y3.shape, order="F")
            delta2 = np.empty(y2.shape)
            for f in range(filters):
                delta2[:, :, f] = (y2[:, :, f] > 0) * np.kron(e3[:, :, f], np.ones((2, 2)) / 4)
                dW1[:, :, f] += correlate(x, delta2[:, :, f])
            dW5 += delta5 @ y4.T
            dWo += e @ y5.T
        momentum1 = alpha * dW1 / batch_size + beta * momentum1
        momentum5 = alpha * dW5 / batch_size + beta * momentum5
        momentumo = alpha * dWo / batch_size + beta * momentumo
        W1, W5, Wo = W1 + momentum1, W5 + momentum5, Wo + momentumo
    return W1, W5, Wo


X = np.array([[0.0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
DIGITS = (
    "01100 00100 00100 00100 01110",
    "11110 00001 01110 10000 11111",
    "11110 00001 01110 00001 11110",
    "00010 00110 01010 11111 00010",
    "11111 10000 11110 00001 11110",
)
LINEAR, XOR = np.array([0.0, 0, 1, 1]), np.array([0.0, 1, 1, 0])
LAYER, TWO, DEEP = [(1, 3)], [(4, 3), (1, 4)], [(20, 25), (20, 20), (20, 20), (5, 20)]
PROGRAMS = {  # listing, targets (None for the digits), shapes of the weights, epochs: as the script of that name
    "delta_sgd": (delta_sgd, LINEAR, LAYER, 10_000),
    "delta_batch": (delta_batch, LINEAR, LAYER, 40_000),
    "delta_minibatch": (delta_minibatch, LINEAR, LAYER, 20_000),
    "delta_xor": (delta_sgd, XOR, LAYER, 40_000),
    "sgd_vs_batch": (sgd_vs_batch, LINEAR, LAYER + LAYER, 1_000),
    "backprop_xor": (backprop_xor, XOR, TWO, 10_000),
    "backprop_mmt": (backprop_mmt, XOR, TWO, 10_000),
    "backprop_ce": (backprop_ce, XOR, TWO, 10_000),
    "ce_vs_sse": (ce_vs_sse, LINEAR, TWO + TWO, 1_000),
    "multi_class": (multi_class, None, [(50, 25), (5, 50)], 10_000),
    "real_multi_class": (multi_class, None, [(50, 25), (5, 50)], 10_000),
    "deep_relu": (deep_relu, None, DEEP, 10_000),
    "deep_dropout": (deep_dropout, None, DEEP, 20_000),
}


class Permutations:
    """NumPy's own random numbers where a listing asks for MATLAB's."""

    def __init__(self, generator):
        self.generator = generator

    def randperm(self, n, k):
        return self.generator.permutation(n)[:k] + 1


def program(name):
    """A whole script in plain NumPy, for the benchmarks: draw weights, train, print the last of them."""
    listing, D, shapes, epochs = PROGRAMS[name]
    samples = X, D
    if D is None:
        samples = np.array([[[float(p) for p in row] for row in digit.split()] for digit in DIGITS]), np.eye(5)
    generator = np.random.RandomState(5489)
    W = tuple(2 * generator.random_sample(shape) - 1 for shape in shapes)
    options = {"rng": Permutations(generator)} if name == "deep_dropout" else {}
    for _ in range(epochs):
        W = listing(*W, *samples, **options)
        W = W if isinstance(W, tuple) else (W,)
    print(W[-1])


def batch():
    """One batch of mnist_conv, for the benchmarks."""
    from deltarule.listings.experiments import EXPERIMENTS, mnist_training

    images, digits = (a[:100] for a in mnist_training())
    began = time.perf_counter()
    mnist_conv(*EXPERIMENTS["mnist_conv"].start()[0], images, digits)
    print(json.dumps({"seconds": time.perf_counter() - began}))


if __name__ == "__main__":
    batch() if sys.argv[1] == "mnist_conv" else program(sys.argv[1])
