"""The convolution of the listing MnistConv in three interchangeable forms; ReLU and pooling behind it; the way back.

``Conv`` filters an image with ``conv2(x, rot90(W, 2), 'valid')``: a correlation, kept where the filter lies within
the image. A form is a pair of functions, the filtering and its gradient with respect to the filters:

========  ==================================================================================================
direct    ``scipy.signal.convolve2d`` image by image and filter by filter, the listing's own operations
fft       ``scipy.signal.fftconvolve`` over all images and filters at once
matmul    a product of the filters and the patches of the images for each column of the maps
auto      matmul
========  ==================================================================================================

All agree within rounding. On NumPy arrays, `deltarule.listings.squares` is `matmul` for training one network.

Images are (N, rows, columns) and filters (..., p, q, f), as the caller has them. Maps are kept in MATLAB's order with
the images last, (..., f, columns, rows, N): then each image, column by column and map by map as ``reshape(y3, [], 1)``
has it, is one column of the matrix that `columns` makes of them.
"""

import numpy as np

from ..basics.arrays import T, namespace, signal
from ..basics.functions import relu


class Features:
    """Convolution, ReLU and pooling, line by line as on the page.

    Parameters
    ----------
    correlate, gradient : callable
        A form of the convolution, one of `FORMS`.
    """

    def __init__(self, correlate, gradient):
        self.correlate = correlate
        self.gradient = gradient

    def forward(self, x, W1):
        """The pooled maps y3 (..., f, C, R, N) of the images x (N, rows, columns) under the filters W1."""
        y1 = self.correlate(x, W1)
        y2 = relu(y1)
        y3 = pool(y2)
        self.x, self.y2 = x, y2
        return y3

    def backward(self, e3):
        """The sum over the images of the correlation of x with delta2, from the error e3 of the pooled maps."""
        e2 = unpool(e3)
        delta2 = (self.y2 > 0) * e2
        return self.gradient(self.x, delta2)


def columns(y3):
    """Pooled maps (..., f, C, R, N) as the columns of a matrix: MATLAB's ``reshape(y3, [], 1)`` of each image."""
    return y3.reshape(*y3.shape[:-4], -1, y3.shape[-1])


def maps_like(y3, e4):
    """The columns of a matrix e4 as pooled maps of the size of y3: MATLAB's ``reshape(e4, size(y3))`` of each image."""
    return e4.reshape(*e4.shape[:-2], *y3.shape[-4:])


def pool(y):
    """The mean of each 2 x 2 square of the maps y (..., columns, rows, N)."""
    sums = y[..., 0::2, 0::2, :] + y[..., 0::2, 1::2, :] + y[..., 1::2, 0::2, :] + y[..., 1::2, 1::2, :]
    return sums * 0.25  # to the bit what division by 4 gives, and quicker


def unpool(y):
    """Each element of y (..., C, R, N) for all of its square, divided by 4.

    The gradient of `pool`; in the listing ``kron(e3, ones([2 2])) .* W3``.
    """
    return (y * 0.25).repeat(2, axis=-3).repeat(2, axis=-2)


def correlate_direct(x, W):
    """Maps (..., f, c, r, N) of the images x under the filters W, by ``convolve2d``."""
    conv2, xp = signal(x).convolve2d, namespace(x)
    turned = xp.moveaxis(W, -1, -3)[..., ::-1, ::-1]
    filters = [turned[index] for index in np.ndindex(turned.shape[:-2])]
    y = xp.stack([xp.stack([conv2(image, w, mode="valid") for image in x]) for w in filters])
    return y.reshape(*turned.shape[:-2], *y.shape[1:]).swapaxes(-1, -3)


def gradient_direct(x, delta):
    """The sum (..., p, q, f) over the images x of their correlation with the maps delta, by ``convolve2d``."""
    conv2, xp = signal(x).convolve2d, namespace(x)
    turned = delta.swapaxes(-1, -3)[..., ::-1, ::-1]
    maps = [turned[index] for index in np.ndindex(turned.shape[:-3])]
    dW = xp.stack([sum(conv2(image, d, mode="valid") for image, d in zip(x, m, strict=True)) for m in maps])
    return xp.moveaxis(dW.reshape(*turned.shape[:-3], *dW.shape[1:]), -3, -1)


def correlate_fft(x, W):
    """Maps (..., f, c, r, N) of the images x under the filters W, by ``fftconvolve``."""
    turned = namespace(x).moveaxis(W, -1, -3)[..., None, ::-1, ::-1]
    return signal(x).fftconvolve(_beside(x, turned), turned, mode="valid", axes=(-2, -1)).swapaxes(-1, -3)


def gradient_fft(x, delta):
    """The sum (..., p, q, f) over the images x of their correlation with the maps delta, by ``fftconvolve``."""
    turned = delta.swapaxes(-1, -3)[..., ::-1, ::-1]
    dW = signal(x).fftconvolve(_beside(x, turned), turned, mode="valid", axes=(-2, -1)).sum(axis=-3)
    return namespace(x).moveaxis(dW, -3, -1)


def _beside(x, other):
    """The images x (N, rows, columns) with as many axes as another array (..., f, N, r, c)."""
    return x.reshape((1,) * (other.ndim - 3) + x.shape)


def correlate_matmul(x, W):
    """Maps (..., f, c, r, N) of the images x under the filters W, by a product for each column of the maps."""
    *leading, p, q, f = W.shape
    N, rows, _ = x.shape
    y = W.swapaxes(-1, -3).reshape(*leading, 1, f, q * p) @ _patches(x, p, q)
    return y.reshape(*y.shape[:-1], rows - p + 1, N).swapaxes(-3, -4)


def gradient_matmul(x, delta):
    """The sum (..., p, q, f) over the images x of their correlation with the maps delta, by as many products."""
    *leading, f, c, r, N = delta.shape
    p, q = x.shape[1] - r + 1, x.shape[2] - c + 1
    products = delta.swapaxes(-3, -4).reshape(*leading, c, f, r * N) @ T(_patches(x, p, q))
    return products.sum(axis=-3).reshape(*leading, f, q, p).swapaxes(-1, -3)


def _patches(x, p, q):
    """What each column of the maps sees of the images x (N, rows, columns): (c, q p, r N), a patch a column.

    The rows of the patches are copied side by side; neighbouring columns of the maps share most of theirs, as views.
    """
    window = namespace(x).lib.stride_tricks.sliding_window_view
    strips = window(x.T.copy(), x.shape[1] - p + 1, axis=1).swapaxes(-1, -2).copy()
    patches = window(strips.reshape(*strips.shape[:2], -1), q, axis=0)
    return patches.transpose(0, 3, 1, 2).reshape(patches.shape[0], q * p, -1)


FORMS = {
    "auto": (correlate_matmul, gradient_matmul),
    "direct": (correlate_direct, gradient_direct),
    "fft": (correlate_fft, gradient_fft),
    "matmul": (correlate_matmul, gradient_matmul),
}
