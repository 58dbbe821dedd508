"""The convolutional network of the from-scratch notes, in the way of their page; the benchmarks measure by it.

Windows are copied through an array of six axes and its transpose, images are padded by `np.pad`, and the gradients of
the convolution and of the pooling come back through `col2im`. Written from the equations; nothing of the package is
imported, nothing is checked, and all is float64, or float32 where the images and the weights are.
"""

import numpy as np


def im2col(images, rows, columns, stride=1, pad=0):
    N, C, H, W = images.shape
    down, across = (H + 2 * pad - rows) // stride + 1, (W + 2 * pad - columns) // stride + 1
    images = np.pad(images, [(0, 0), (0, 0), (pad, pad), (pad, pad)], "constant")
    six = np.zeros((N, C, rows, columns, down, across), images.dtype)
    for i in range(rows):
        for j in range(columns):
            six[:, :, i, j] = images[:, :, i : i + stride * down : stride, j : j + stride * across : stride]
    return six.transpose(0, 4, 5, 1, 2, 3).reshape(N * down * across, -1)


def col2im(col, shape, rows, columns, stride=1, pad=0):
    N, C, H, W = shape
    down, across = (H + 2 * pad - rows) // stride + 1, (W + 2 * pad - columns) // stride + 1
    six = col.reshape(N, down, across, C, rows, columns).transpose(0, 3, 4, 5, 1, 2)
    images = np.zeros((N, C, H + 2 * pad + stride - 1, W + 2 * pad + stride - 1), col.dtype)
    for i in range(rows):
        for j in range(columns):
            images[:, :, i : i + stride * down : stride, j : j + stride * across : stride] += six[:, :, i, j]
    return images[:, :, pad : H + pad, pad : W + pad]


class Convolution:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        FN, _, FH, FW = self.W.shape
        N, _, H, W = x.shape
        down, across = (H + 2 * self.pad - FH) // self.stride + 1, (W + 2 * self.pad - FW) // self.stride + 1
        self.shape = x.shape
        self.col = im2col(x, FH, FW, self.stride, self.pad)
        out = np.dot(self.col, self.W.reshape(FN, -1).T) + self.b
        return out.reshape(N, down, across, -1).transpose(0, 3, 1, 2)

    def backward(self, dout):
        FN, _, FH, FW = self.W.shape
        dout = dout.transpose(0, 2, 3, 1).reshape(-1, FN)
        self.db = np.sum(dout, axis=0)
        self.dW = np.dot(self.col.T, dout).T.reshape(self.W.shape)
        return col2im(np.dot(dout, self.W.reshape(FN, -1)), self.shape, FH, FW, self.stride, self.pad)


class Pooling:
    def __init__(self, rows, columns, stride):
        self.rows, self.columns, self.stride = rows, columns, stride

    def forward(self, x):
        N, C, H, W = x.shape
        down, across = (H - self.rows) // self.stride + 1, (W - self.columns) // self.stride + 1
        col = im2col(x, self.rows, self.columns, self.stride).reshape(-1, self.rows * self.columns)
        self.shape, self.largest = x.shape, np.argmax(col, axis=1)
        return np.max(col, axis=1).reshape(N, down, across, C).transpose(0, 3, 1, 2)

    def backward(self, dout):
        dout = dout.transpose(0, 2, 3, 1)
        col = np.zeros((dout.size, self.rows * self.columns), dout.dtype)
        col[np.arange(dout.size), self.largest] = dout.flatten()
        N, down, across, _ = dout.shape
        return col2im(col.reshape(N * down * across, -1), self.shape, self.rows, self.columns, self.stride)


class Relu:
    def forward(self, x):
        self.off = x <= 0
        out = x.copy()
        out[self.off] = 0
        return out

    def backward(self, dout):
        dout = dout.copy()
        dout[self.off] = 0
        return dout


class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.shape = x.shape
        self.x = x.reshape(len(x), -1)
        return np.dot(self.x, self.W) + self.b

    def backward(self, dout):
        self.dW, self.db = np.dot(self.x.T, dout), np.sum(dout, axis=0)
        return np.dot(dout, self.W.T).reshape(self.shape)


class Network:
    """Convolution of 5 x 5 filters, ReLU, 2 x 2 pooling, and two layers of weights; six parameters W1, b1, ..., b3."""

    def __init__(self, W1, b1, W2, b2, W3, b3):
        self.weighted = [Convolution(W1, b1), Affine(W2, b2), Affine(W3, b3)]
        first, second, third = self.weighted
        self.layers = [first, Relu(), Pooling(2, 2, 2), second, Relu(), third]

    def gradients(self, x, t):
        """The gradients of the mean cross-entropy, in the order of the parameters; t are digits."""
        for layer in self.layers:
            x = layer.forward(x)
        e = np.exp(x - x.max(axis=1, keepdims=True))
        dout = e / e.sum(axis=1, keepdims=True)
        dout[np.arange(len(t)), t] -= 1
        dout = dout / len(t)
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return [a for layer in self.weighted for a in (layer.dW, layer.db)]

    def step(self, x, t, lr=0.01):
        """One step of stochastic gradient descent."""
        self.gradients(x, t)
        for layer in self.weighted:
            layer.W -= lr * layer.dW
            layer.b -= lr * layer.db
