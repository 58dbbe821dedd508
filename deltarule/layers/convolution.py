"""The convolution and the pooling of images (N, C, H, W), and the way back of their gradients.

What both give has this shape too, but the images lie last in memory (see `deltarule.layers.images.images_last`).
"""

import numpy as np

from ..basics.arrays import namespace
from . import checks
from .images import (
    add_windows,
    cropped,
    empty_like,
    images_last,
    output_sizes,
    pads_of,
    places,
    windows,
    zeros_like,
)
from .layer import Layer

BLOCK = 2**20  # bytes of windows that are copied at a time, so that the matrix product finds them in the cache
GPU_BLOCK = 2**28  # the same where each call costs more than the cache brings
OF_FILTERS = ("FH of W", "FW of W")  # as messages call the sizes of filters, and of pools
OF_POOLS = ("pool_h", "pool_w")
PIECE = 1000  # how long the sums of a product of errors and windows are; OpenBLAS is slow from about 1,200 on


class Convolution(Layer):
    """A layer that lays filters on images: each on each window gives the sum of products, plus a bias.

    Parameters
    ----------
    W : array, shape (FN, C, FH, FW)
        FN filters for images of C channels, float64 or float32.
    b : array, shape (FN,)
        A bias for each filter, of the same dtype.
    stride : int
        From one window to the next, in both directions.
    pad : int or "same"
        Rows and columns of zeros around each image; "same" for as many as give side / stride places, rounded up, along
        each side. Where their number is odd, there is one more below and on the right, as Keras has it.
    round_down : bool
        Whether the stride may leave over rows and columns at the end; see `output_size`. With "same" it may.

    Attributes
    ----------
    W, b : array
        The arrays given, not copies; others may be put in their place between passes.
    dW, db : array or None
        Gradients with respect to them, from the last ``backward`` or ``weight_gradients``.

    Raises
    ------
    TypeError, ValueError
        If W and b do not fit together or have elements that are not finite real numbers, or a size is too small.

    Notes
    -----
    Source: the from-scratch notes, class ``Convolution``, chapter 7. The filters are not turned around, as they are in
    the convolution of mathematics and in MATLAB's ``conv2``.

    The windows are the columns of a matrix, with a row of ones below them for the biases. A few rows of the maps are
    computed at a time, and nothing but the images is kept for the way back: `im2col` of the whole batch would take
    FH * FW times their memory.

    Examples
    --------
    >>> import numpy as np
    >>> layer = Convolution(np.ones((1, 1, 2, 2)), np.zeros(1))
    >>> print(layer.forward(np.arange(9.0).reshape(1, 1, 3, 3))[0, 0])
    [[ 8. 12.]
     [20. 24.]]
    >>> print(layer.backward(np.ones((1, 1, 2, 2)))[0, 0], layer.db)
    [[1. 2. 1.]
     [2. 4. 2.]
     [1. 2. 1.]] [4.]
    >>> Convolution(np.ones((1, 1, 3, 3)), np.zeros(1), stride=2, pad="same").forward(np.ones((1, 1, 16, 16))).shape
    (1, 1, 8, 8)
    """

    def __init__(self, W, b, stride=1, pad=0, *, round_down=False):
        self.W, self.b = _filters(W, b)
        self.stride, self.pad = checks.size("stride", stride), _padding(pad)
        self.round_down = checks.flag("round_down", round_down)
        self.dW = self.db = None
        self._x = self._out = self._pads = None

    def forward(self, x):
        """The maps of images.

        Parameters
        ----------
        x : array, shape (N, C, H, W)

        Returns
        -------
        array, shape (N, FN, out_h, out_w)

        Raises
        ------
        TypeError, ValueError
            If `x` does not fit W in shape, dtype or device, or is not finite.
        """
        self.W, self.b = W, b = _filters(self.W, self.b)
        x = checks.images("x", x, W, finite=self._given_finite)
        if x.shape[1] != W.shape[1]:
            raise ValueError(f"x must have the {W.shape[1]} channels of W, of shape {W.shape}, not the shape {x.shape}")
        out_h, out_w = self._places(x.shape)
        self._pads = pads_of(x.shape, *W.shape[2:], self.stride, self.pad)
        xp = namespace(x)
        filters = xp.concatenate([W.reshape(len(W), -1), b[:, None]], axis=1)
        out = xp.empty((len(W), out_h, out_w, len(x)), dtype=x.dtype)
        self._x, self._out = images_last(x, self._pads), checks.outline(out.transpose(3, 0, 1, 2))
        for rows in self._blocks():
            xp.matmul(filters, self._columns(rows), out=out[:, rows].reshape(len(W), -1))
        return out.transpose(3, 0, 1, 2)

    def backward(self, dout):
        """The gradient with respect to the images, from that with respect to the maps; sets dW and db.

        Parameters
        ----------
        dout : array, shape and dtype of the maps

        Returns
        -------
        array, shape (N, C, H, W)

        Raises
        ------
        TypeError, ValueError
            If `dout` is not of the maps' shape, dtype and device, or not finite.
        RuntimeError
            If there was no forward pass.
        """
        errors = self._set_gradients(dout)
        FN, C, FH, FW = self.W.shape
        filters = self.W.reshape(FN, -1).T
        dx = zeros_like(errors, self._x.shape)
        for rows in self._blocks():
            some = errors[:, rows]
            seen = (filters @ some.reshape(FN, -1)).reshape(C, FH, FW, *some.shape[1:]).transpose(5, 0, 1, 2, 3, 4)
            top = self.stride * rows.start
            add_windows(seen, dx[:, :, top : top + self.stride * (some.shape[1] - 1) + FH], self.stride)
        return cropped(dx, self._pads)

    def weight_gradients(self, dout):
        """Sets dW and db alone, and returns `dout`: all that the first layer of a network needs."""
        self._set_gradients(dout)
        return dout

    def _places(self, shape):
        """How many windows images of a shape have, down and across."""
        if self.pad == "same":
            return tuple(-(-side // self.stride) for side in shape[2:])
        return output_sizes(shape, *self.W.shape[2:], self.stride, self.pad, self.round_down, OF_FILTERS)

    def _set_gradients(self, dout):
        """Sets dW and db; returns `dout` as an array (FN, out_h, out_w, N)."""
        dout = checks.gradient("dout", dout, self._out, finite=self._given_finite)
        errors = images_last(dout).transpose(1, 2, 3, 0)
        both = 0
        for rows in self._blocks():
            both = both + _sums_of_products(errors[:, rows].reshape(len(errors), -1), self._columns(rows))
        self.dW, self.db = both[:, :-1].reshape(self.W.shape), both[:, -1]
        return errors

    def _blocks(self):
        """The rows of the maps, as slices of so many as have their windows in one block."""
        N, _, out_h, out_w = self._out.shape
        size = (self.W[0].size + 1) * out_w * N * self.W.dtype.itemsize  # of the windows of one row
        step = max(1, (BLOCK if namespace(self.W) is np else GPU_BLOCK) // size)
        for begin in range(0, out_h, step):
            yield slice(begin, min(begin + step, out_h))

    def _columns(self, rows):
        """What the filters see for some rows of the maps, each window a column, and a row of ones below."""
        _, C, FH, FW = self.W.shape
        seen = windows(self._x, FH, FW, self.stride)[..., rows, :].transpose(1, 2, 3, 4, 5, 0)
        columns = namespace(seen).empty((C * FH * FW + 1, *seen.shape[3:]), dtype=seen.dtype)
        columns[:-1].reshape(seen.shape)[...] = seen
        columns[-1] = 1
        return columns.reshape(len(columns), -1)


class Pooling(Layer):
    """A layer that keeps the largest element of each window of each map.

    Parameters
    ----------
    pool_h, pool_w : int
        Rows and columns of a window.
    stride : int
        From one window to the next, in both directions.
    pad : int
        Rows and columns around each map, whose elements are never the largest; smaller than the window.
    round_down : bool
        Whether the stride may leave over rows and columns at the end; see `output_size`.

    Raises
    ------
    TypeError, ValueError
        If a size is not an integer or too small, or the padding not smaller than the window.

    Notes
    -----
    Source: the from-scratch notes, class ``Pooling``, chapter 7. Of equal elements the first, row by row, gets the
    gradient. The notes leave `pad` out of the size of the output, so that theirs fails with any; here it counts.

    Examples
    --------
    >>> import numpy as np
    >>> layer = Pooling(2, 2, stride=2)
    >>> print(layer.forward(np.arange(16.0).reshape(1, 1, 4, 4))[0, 0])
    [[ 5.  7.]
     [13. 15.]]
    >>> print(layer.backward(np.ones((1, 1, 2, 2)))[0, 0])
    [[0. 0. 0. 0.]
     [0. 1. 0. 1.]
     [0. 0. 0. 0.]
     [0. 1. 0. 1.]]
    """

    def __init__(self, pool_h, pool_w, stride=1, pad=0, *, round_down=False):
        self.pool_h, self.pool_w = checks.size("pool_h", pool_h), checks.size("pool_w", pool_w)
        self.stride, self.pad = checks.size("stride", stride), checks.whole("pad", pad)
        self.round_down = checks.flag("round_down", round_down)
        if self.pad >= min(self.pool_h, self.pool_w):
            raise ValueError(f"pad must be smaller than the window, {pool_h} x {pool_w}, not {pad}")
        self._x = self._out = self._largest = None

    @property
    def _keeps_finite(self):
        """Whether the windows lie apart, so that no element is in two of them, where the sum could run over."""
        return self.stride >= max(self.pool_h, self.pool_w)

    def forward(self, x):
        """The largest elements of the windows.

        Parameters
        ----------
        x : array, shape (N, C, H, W)

        Returns
        -------
        array, shape (N, C, out_h, out_w)

        Raises
        ------
        TypeError, ValueError
            If `x` is not of finite numbers with four axes, or the windows do not fit.
        """
        x = checks.images("x", x, finite=self._given_finite)
        output_sizes(x.shape, self.pool_h, self.pool_w, self.stride, self.pad, self.round_down, OF_POOLS)
        xp = namespace(x)
        x = images_last(x, self.pad, -np.inf)
        first, *others = places(x, self.pool_h, self.pool_w, self.stride)
        out = first.copy(order="K")
        largest = xp.zeros_like(out, dtype=np.min_scalar_type(len(others)))  # the number of the place in the window
        for k, pixels in enumerate(others, start=1):
            xp.maximum(largest, (pixels > out).view(np.uint8) * largest.dtype.type(k), out=largest)
            xp.maximum(out, pixels, out=out)
        self._x, self._out, self._largest = checks.outline(x), checks.outline(out), largest
        return out

    def backward(self, dout):
        """The gradient with respect to the maps: that of each element of the output, in the place that it came from.

        Parameters, return value and errors are those of `Convolution.backward`.
        """
        dout = images_last(checks.gradient("dout", dout, self._out, finite=self._given_finite))
        xp = namespace(dout)
        full = self._keeps_finite and dout.size * self.pool_h * self.pool_w == self._x.size  # each element in a window
        dx = (empty_like if full else zeros_like)(dout, self._x.shape)
        for k, pixels in enumerate(places(dx, self.pool_h, self.pool_w, self.stride)):
            if self._keeps_finite:
                xp.multiply(dout, self._largest == k, out=pixels)
            else:
                pixels += dout * (self._largest == k)
        return cropped(dx, self.pad)


def _sums_of_products(errors, columns):
    """errors @ columns.T."""
    step = PIECE if namespace(errors) is np else columns.shape[1]
    return sum(
        errors[:, begin : begin + step] @ columns[:, begin : begin + step].T
        for begin in range(0, columns.shape[1], step)
    )


def _padding(pad):
    """The padding of a convolution, checked."""
    return checks.choice("pad", pad, ("same",)) if isinstance(pad, str) else checks.whole("pad", pad)


def _filters(W, b):
    """Filters W (FN, C, FH, FW) and biases b (FN,), checked."""
    W = checks.real("W", W)
    b = checks.real("b", b, W)
    if W.ndim != 4:
        raise ValueError(f"W must be filters (number, channels, height, width), not of shape {W.shape}")
    if b.shape != W.shape[:1]:
        raise ValueError(f"b must have the shape {W.shape[:1]} for W of shape {W.shape}, not {b.shape}")
    return W, b
