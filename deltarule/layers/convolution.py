"""The convolution and the pooling of images (N, C, H, W), and the way back of the gradients.

Both work on views of the images; a convolution copies the windows of a few images at a time, each time they are needed.
"""

from ..basics import checks
from ..basics.arrays import namespace
from .images import add_windows, cropped, images, output_sizes, padded, places, whole, windows

BLOCK = 2**20  # bytes of windows that are copied at a time, so that the matrix product finds them in the cache


class Convolution:
    """A layer that correlates images with filters: each filter, laid on each window, gives a weighted sum.

    Parameters
    ----------
    W : array, shape (FN, C, FH, FW)
        FN filters for images of C channels.
    b : array, shape (FN,)
        What is added to the map of each filter.
    stride : int
        From one window to the next, in both directions.
    pad : int
        Rows and columns of zeros around each image.
    round_down : bool
        Whether the stride may leave over rows and columns at the end; see `output_size`.

    Attributes
    ----------
    W, b : array
        The parameters, which may be replaced between passes.
    dW, db : array or None
        The gradients that the last `backward` found.
    needs_dx : bool
        Whether `backward` returns the gradient of the images. The first layer of a network needs none, and half of
        the work of `backward` is saved when this is false; `backward` then returns None.

    Raises
    ------
    TypeError, ValueError
        If the shapes do not fit, or a number is not finite.

    Notes
    -----
    Source: the from-scratch notes, chapter 7, class ``Convolution``. The filters are not turned, as they are in the
    convolution of mathematics and in MATLAB's ``conv2``.

    Examples
    --------
    >>> import numpy as np
    >>> layer = Convolution(np.ones((1, 1, 2, 2)), np.zeros(1))
    >>> print(layer.forward(np.arange(9.0).reshape(1, 1, 3, 3))[0, 0])
    [[ 8. 12.]
     [20. 24.]]
    """

    def __init__(self, W, b, stride=1, pad=0, *, round_down=False):
        self.W, self.b = _filters(W, b)
        self.stride, self.pad, self.round_down = whole("stride", stride), whole("pad", pad, least=0), round_down
        self.needs_dx = True
        self.x = self.dW = self.db = None

    def forward(self, x):
        """The maps (N, FN, out_h, out_w) of the images x (N, C, H, W)."""
        self.W, self.b = W, b = _filters(self.W, self.b)
        x = images("x", x, W)
        if x.shape[1] != W.shape[1]:
            raise ValueError(f"x must have the {W.shape[1]} channels of the filters W, not the shape {x.shape}")
        out_h, out_w = output_sizes(x.shape, *W.shape[2:], self.stride, self.pad, self.round_down)
        out = namespace(x).empty((len(x), len(W), out_h * out_w), dtype=x.dtype)
        filters = W.reshape(len(W), -1)
        self.x = x
        for block, columns in self._columns():
            out[block] = filters @ columns
            out[block] += b[:, None]
        return out.reshape(len(x), len(W), out_h, out_w)

    def backward(self, dout):
        """The gradient dx (N, C, H, W) from that of the maps; `dW` and `db` are left in the layer."""
        dout = _gradient(dout, self.x, self._out_shape(), self.W)
        dW, filters = 0, self.W.reshape(len(self.W), -1)
        dx = namespace(dout).empty(self.x.shape, dtype=dout.dtype) if self.needs_dx else None
        for block, columns in self._columns():
            errors = dout[block].reshape(columns.shape[0], len(self.W), -1)
            dW = dW + (errors @ columns.swapaxes(1, 2)).sum(axis=0)
            if dx is not None:
                dx[block] = self._add_columns(filters.T @ errors)
        self.dW, self.db = dW.reshape(self.W.shape), dout.sum(axis=(0, 2, 3))
        return dx

    def _out_shape(self):
        """The shape of the maps of the last images."""
        sizes = output_sizes(self.x.shape, *self.W.shape[2:], self.stride, self.pad, self.round_down)
        return len(self.x), len(self.W), *sizes

    def _columns(self):
        """For a few images at a time, which they are, and their windows as the columns (n, C FH FW, out_h out_w)."""
        _, C, FH, FW = self.W.shape
        seen = windows(padded(self.x, self.pad), FH, FW, self.stride)
        step = max(1, BLOCK // (seen[0].size * seen.dtype.itemsize))
        for begin in range(0, len(seen), step):
            block = slice(begin, begin + step)
            some = seen[block]
            yield block, some.reshape(len(some), C * FH * FW, -1)

    def _add_columns(self, columns):
        """Images into which the columns (n, C FH FW, out_h out_w) of their windows are added up."""
        sizes = self._out_shape()[2:]
        seen = columns.reshape(len(columns), *self.W.shape[1:], *sizes)
        return add_windows(seen, *self.x.shape[2:], self.stride, self.pad)


class Pooling:
    """A layer that keeps the largest element of each window of each map.

    Parameters
    ----------
    pool_h, pool_w : int
        Rows and columns of a window.
    stride : int
        From one window to the next, in both directions.
    pad : int
        Rows and columns around each map, which are never the largest; smaller than the window.
    round_down : bool
        Whether the stride may leave over rows and columns at the end; see `output_size`.

    Raises
    ------
    TypeError, ValueError
        If a size is not an integer, or does not fit.

    Notes
    -----
    Source: the from-scratch notes, chapter 7, class ``Pooling``. Of equal elements the first, row by row, gets the
    gradient. The listing leaves `pad` out of the size of what it returns; here it counts.

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
        self.pool_h, self.pool_w = whole("pool_h", pool_h), whole("pool_w", pool_w)
        self.stride, self.pad, self.round_down = whole("stride", stride), whole("pad", pad, least=0), round_down
        if pad >= min(pool_h, pool_w):
            raise ValueError(f"pad must be smaller than the window, {pool_h} x {pool_w}, not {pad}")
        self.x = self.out = None

    def forward(self, x):
        """The largest elements (N, C, out_h, out_w) of the windows of x (N, C, H, W)."""
        x = images("x", x)
        output_sizes(x.shape, self.pool_h, self.pool_w, self.stride, self.pad, self.round_down)
        xp = namespace(x)
        first, *others = self._places(padded(x, self.pad, -xp.inf))
        out = first.copy()
        for place in others:
            xp.maximum(out, place, out=out)
        self.x, self.out = x, out
        return out

    def backward(self, dout):
        """The gradient dx (N, C, H, W): that of each largest element, in its place."""
        out_shape = None if self.x is None else self.out.shape
        dout = _gradient(dout, self.x, out_shape, self.x)
        xp = namespace(dout)
        x = padded(self.x, self.pad, -xp.inf)
        dx = xp.zeros(x.shape, dtype=dout.dtype)
        left = xp.ones(dout.shape, dtype=bool)
        for place, gradient in zip(self._places(x), self._places(dx), strict=True):
            largest = (place == self.out) & left
            gradient += dout * largest
            left &= ~largest
        return cropped(dx, self.pad)

    def _places(self, x):
        """For each place in a window, row by row, a view (N, C, out_h, out_w) of that place in all windows of x."""
        return places(x, self.pool_h, self.pool_w, self.stride)


def _filters(W, b):
    """The filters W (FN, C, FH, FW) and b (FN,), checked."""
    W = checks.real("W", W)
    b = checks.real("b", b, W)
    if W.ndim != 4:
        raise ValueError(f"W must be filters (FN, C, FH, FW), not of shape {W.shape}")
    if b.shape != W.shape[:1]:
        raise ValueError(f"b must have the shape ({len(W)},), a number for each filter of W, not {b.shape}")
    return W, b


def _gradient(dout, x, shape, like):
    """`dout` after checking that it is the gradient of what the last forward pass gave."""
    if x is None:
        raise ValueError("backward needs a forward pass before it")
    dout = checks.real("dout", dout, like)
    if dout.shape != shape:
        raise ValueError(f"dout must have the shape {shape} of what forward gave, not {dout.shape}")
    return dout
