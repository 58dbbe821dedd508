"""Convolution, ReLU and 2 x 2 pooling in one: what the first three layers of `SimpleConvNet` do, for its passes.

The maps of 100 images are several times as many numbers as a processor keeps close at hand, and the three layers write
them or read them five times on the way forward and as often back. Here one row of the squares that pooling takes the
largest of goes through all three before the next, and the maps as a whole are never there.

A row of squares is two rows of outputs, i = 0 and 1; in each of them the squares have a left and a right output, j = 0
and 1, and there are R squares beside each other::

             square 0    square 1
            j=0   j=1   j=0   j=1
          +-----+-----+-----+-----+
      i=0 |  y  |  y  |  y  |  y  | ...     y[i, j, k, :] are the outputs of filter k at that place of the square,
          +-----+-----+-----+-----+         for the R squares beside each other and all images: n = R N numbers
      i=1 |  y  |  y  |  y  |  y  | ...
          +-----+-----+-----+-----+

An output sees FH rows of the images, and in each of them FW columns. The columns are copied once for all rows:
strips[u, c, q, j, R, N] is the pixel of channel c in row u that lies under column q of the filters. What a row of
outputs sees is then a view, FH rows of strips, which the rows of outputs share. So a pixel is copied FW times, where it
would be FH FW times window by window.

Bias and ReLU come after the largest is found, on a quarter of the numbers. They leave the order as it is: the largest
of max(0, y + b) is max(0, largest y + b). Of equal ones the first, row by row, gets the gradient, as in `Pooling`.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from . import checks
from .convolution import Convolution, Pooling
from .dense import Relu
from .images import images_last, pads_of
from .layer import Layer

MULTIPLICATIONS = 1_000_000  # of a product that OpenBLAS makes without copies of the matrices
MAPS = 2**21  # bytes of y, which the processor's cache should hold


def fits(layers, x):
    """Whether `Squares` does for the images x what the three layers would, and without numbers that run over.

    It does where they are what `SimpleConvNet` makes, of NumPy arrays, and none has been given a method of its own.
    Where a map might not be finite, the layers one after the other say which.
    """
    if [type(layer) for layer in layers] != [Convolution, Relu, Pooling]:
        return False
    convolution, _, pooling = layers
    arrays = x, convolution.W, convolution.b
    return (
        not any({"forward", "backward", "weight_gradients"} & vars(layer).keys() for layer in layers)
        and (pooling.pool_h, pooling.pool_w, pooling.stride, pooling.pad) == (2, 2, 2, 0)
        and pooling.round_down
        and all(type(a) is np.ndarray and a.dtype == x.dtype for a in arrays)
        and _bound(*arrays) < float(np.finfo(x.dtype).max) / 2
    )


def _bound(x, W, b):
    """A number that no sum of products of pixels and filters exceeds, with the bias, whatever its order."""
    with np.errstate(over="ignore"):
        largest, weights, bias = abs(x).max(), abs(W).sum(), abs(b).max()
    return float(largest) * float(weights) + float(bias)


class Squares(Layer):
    """`Convolution`, `Relu` and 2 x 2 `Pooling` as the first layer of a network, which learns the filters.

    Parameters
    ----------
    convolution : Convolution
        Its filters and biases are taken, and its dW and db are set.

    Notes
    -----
    `fits` says for which layers and images.
    """

    _keeps_finite = True

    def __init__(self, convolution):
        self.convolution = convolution
        self._x = self._out = None
        self._chosen = []

    def forward(self, x):
        """The pooled maps (N, FN, rows, columns) of the images x (N, C, H, W), images last in memory."""
        layer = self.convolution
        FN, _, FH, FW = layer.W.shape
        down, across = (places // 2 for places in layer._places(x.shape))
        self._x = images_last(x, pads_of(x.shape, FH, FW, layer.stride, layer.pad)).transpose(1, 2, 3, 0)
        out = np.empty((FN, down, across, len(x)), x.dtype)
        filters = layer.W.swapaxes(1, 2).reshape(FN, -1)  # in the order (row, channel, column), as the patches have it
        self._chosen = [
            _pooled(self._patches(images, down, across), filters, layer.b[:, None], out[..., images])
            for images in self._shares(across, len(x))
        ]
        self._out = out.transpose(3, 0, 1, 2)
        return self._out

    def weight_gradients(self, dout):
        """Sets dW and db of the convolution, from the gradient with respect to the pooled maps, which it returns."""
        errors = checks.gradient("dout", dout, self._out, finite=self._given_finite) * (self._out > 0)
        errors = images_last(errors).transpose(1, 2, 3, 0)
        FN, down, across, N = errors.shape
        sums = sum(
            _sums(errors[..., images], *chosen, self._patches(images, down, across))
            for images, chosen in zip(self._shares(across, N), self._chosen, strict=True)
        )
        _, C, FH, FW = self.convolution.W.shape
        self.convolution.dW = sums.reshape(FN, FH, C, FW).swapaxes(1, 2).copy()
        self.convolution.db = errors.sum(axis=(1, 2, 3))
        return dout

    def _shares(self, across, N):
        """So many images at a time as the products and y may have, as slices."""
        W = self.convolution.W
        most = min(MULTIPLICATIONS // (W.size * across), MAPS // (4 * len(W) * across * W.itemsize))
        return [slice(begin, begin + max(1, most)) for begin in range(0, N, max(1, most))]

    def _patches(self, images, down, across):
        """What the filters see of some images: (row of squares, i, j, pixel of the filter, place), a view of strips."""
        _, C, FH, FW = self.convolution.W.shape
        stride = self.convolution.stride
        x = self._x[..., images]
        places = sliding_window_view(x, FW, axis=2)[:, :, : 2 * across * stride : stride]
        places = places.reshape(C, -1, across, 2, x.shape[-1], FW).transpose(1, 0, 5, 3, 2, 4)
        strips = np.ascontiguousarray(places).reshape(len(places), C * FW, 2, -1)
        rows = sliding_window_view(strips, FH, axis=0)[: 2 * down * stride : stride]
        return rows.reshape(down, 2, *rows.shape[1:]).transpose(0, 1, 3, 5, 2, 4).reshape(down, 2, 2, FH * C * FW, -1)


def _pooled(patches, filters, b, out):
    """Put pooled maps into `out`, and return which of each square is the largest: in each row right, and the lower."""
    (down, *_, n), FN = patches.shape, len(filters)
    y, largest = np.empty((2, 2, FN, n), out.dtype), np.empty((2, FN, n), out.dtype)
    right, lower = np.empty((down, 2, FN, n), bool), np.empty((down, FN, n), bool)
    zeros = np.zeros((FN, n), out.dtype)  # NumPy compares two arrays quicker than an array and a number
    for row, patch in enumerate(patches):
        np.matmul(filters, patch, out=y)
        np.greater(y[:, 1], y[:, 0], out=right[row])
        np.maximum(y[:, 0], y[:, 1], out=largest)
        np.greater(largest[1], largest[0], out=lower[row])
        v = np.maximum(*largest) + b
        np.maximum(v, zeros, out=v)
        out[:, row] = v.reshape(FN, -1, out.shape[-1])
    return right, lower


def _sums(errors, right, lower, patches):
    """The products of errors and patches (FN, FH C FW), summed over all places; an error is of one of a square."""
    FN, n = len(errors), patches.shape[-1]
    halves, y = np.empty((2, FN, n), errors.dtype), np.empty((2, 2, FN, n), errors.dtype)
    sums = 0
    for row, patch in enumerate(patches):
        some = errors[:, row].reshape(FN, n)
        np.multiply(some, lower[row], out=halves[1])
        np.subtract(some, halves[1], out=halves[0])
        np.multiply(halves, right[row], out=y[:, 1])
        np.subtract(halves, y[:, 1], out=y[:, 0])
        sums = sums + np.matmul(y, patch.swapaxes(-1, -2))
    return sums.sum(axis=(0, 1))
