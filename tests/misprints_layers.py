"""What the from-scratch notes print, each in the smallest form that shows what the misprint does.

Arguments are NumPy arrays with samples as rows; `x` are inputs or scores, `y` probabilities and `t` the labels.
"""

import numpy as np

DELTA = 1e-7


class AdaGrad:
    """AdaGrad for one array, with either misprint of the listing or with both."""

    def __init__(self, lr, *, once=True, times=True):
        self.lr, self.once, self.times, self.h = lr, once, times, None

    def update(self, w, g):
        if self.h is not None and self.once:
            return w
        self.h = g * g + (0 if self.h is None else self.h)
        divisor = np.sqrt(self.h) * DELTA if self.times else np.sqrt(self.h) + DELTA
        return w - self.lr * g / divisor


def summed_cross_entropy(y, t):
    """The cost for one sample, given a batch."""
    return -np.sum(t * np.log(y + DELTA))


def batch_cross_entropy(y, t):
    """The cost for one-hot rows, which has lost the 1e-7."""
    return -np.sum(t * np.log(y)) / len(y)


def digit_cross_entropy(y, t):
    """The cost for digits, which has lost the 1e-7 too."""
    return -np.sum(np.log(y[np.arange(len(y)), t])) / len(y)


def accuracy(y, t):
    """The share of rows whose largest elements stand in one place."""
    return np.sum(np.argmax(y, axis=1) == np.argmax(t, axis=1)) / len(y)


def softmax_backward(y, t):
    """The gradient of the scores, divided by whatever the first axis of the labels is."""
    return (y - t) / t.shape[0]


def relu_backward(x, dout):
    """The gradient behind a ReLU, written into the array that came from above."""
    dout[x <= 0] = 0
    return dout


def elu(x, alpha):
    """Both branches times a truth value each."""
    return (x > 0) * x + (x <= 0) * (alpha * (np.exp(x) - 1))


def prelu(x, b):
    """The larger of both branches."""
    return np.maximum(b * x, x)


def output_size(size, width, stride=1, pad=0):
    """The size of a map, rounded down."""
    return int(1 + (size + 2 * pad - width) / stride)


def pool(x, width, stride, pad):
    """Maxima of windows; the padding is counted where the windows are cut, but not where the maps are put together."""
    N, C, H, W = x.shape
    padded = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, (width, width), axis=(2, 3))
    out = windows[:, :, ::stride, ::stride].max(axis=(-2, -1)).transpose(0, 2, 3, 1)
    return out.reshape(N, output_size(H, width, stride), output_size(W, width, stride), C).transpose(0, 3, 1, 2)


def pooled_elements(height, filters=30, width=5, stride=1):
    """How many numbers the pooling layer is said to give."""
    side = (height - width) / stride + 1
    return int(filters * (side / 2) * (side / 2))


def hidden_size(conv_param, hidden_size=100):
    """The hidden units of SimpleConvNet, whose keys of that name are not read."""
    assert conv_param
    return hidden_size
