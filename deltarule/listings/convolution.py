"""The convolution of the listing MnistConv, in three interchangeable forms, and the pooling behind it.

``Conv`` filters an image with ``conv2(x, rot90(W, 2), 'valid')``: a correlation, kept where the filter lies within
the image. Each form is a pair of functions, the filtering and its gradient with respect to the filters:

========  ===============================================================================================  ========
form      how                                                                                              a batch
========  ===============================================================================================  ========
direct    ``scipy.signal.convolve2d`` image by image and filter by filter, the listing's own operations    220 ms
fft       ``scipy.signal.fftconvolve`` over all images and filters at once                                 142 ms
matmul    matrix products of the filters and the patches of the images                                      10 ms
auto      matmul
========  ===============================================================================================  ========

The times are those of one batch of 100 images in training, on two cores (docs/benchmark.md, 2026-11-21). All agree
within rounding. Images are (N, rows, columns), filters (..., p, q, f). Maps are kept as the squares that
pooling adds, one column of squares after the other, and in it the images next to each other as the columns of a matrix:
(..., columns / 2, 2, 2, f, rows / 2, N). `maps` and `squares` lead from there to (..., N, rows, columns, f) and back.
"""

import numpy as np

from ..basics.arrays import T, namespace, signal


def squares(maps):
    """Maps (..., N, r, c, f) as squares (..., c / 2, 2, 2, f, r / 2, N), a view.

    The first of the two axes is the column within the square. An odd number of rows or columns is not divided:
    its axis within the square is of length 1.
    """
    *leading, N, r, c, f = maps.shape
    a, b = _side(r), _side(c)
    k = len(leading)
    divided = maps.reshape(*leading, N, r // a, a, c // b, b, f)
    return divided.transpose(*range(k), k + 3, k + 4, k + 2, k + 5, k + 1, k)


def maps(squares):
    """Squares (..., c / 2, 2, 2, f, r / 2, N) as maps (..., N, r, c, f)."""
    *leading, C, b, a, f, R, N = squares.shape
    k = len(leading)
    apart = squares.transpose(*range(k), k + 5, k + 4, k + 2, k, k + 1, k + 3)
    return apart.reshape(*leading, N, R * a, C * b, f)


def _side(length):
    """Into how many the elements along an axis of that length are grouped."""
    return 1 if length % 2 else 2


def pool(y):
    """The mean of each square of the maps y (..., C, 2, 2, f, R, N): (..., f, C, R, N), as MATLAB has pooled maps."""
    sums = y[..., 0, 0, :, :, :] + y[..., 0, 1, :, :, :] + y[..., 1, 0, :, :, :] + y[..., 1, 1, :, :, :]
    return sums.swapaxes(-4, -3) * 0.25  # to the bit what division by 4 gives, and quicker


def unpool(y):
    """Each element of y (..., f, C, R, N) for all of its square, divided by 4: (..., C, 1, 1, f, R, N).

    The gradient of `pool`; in the listing ``kron(e3, ones([2 2])) .* W3``.
    """
    return (y.swapaxes(-4, -3) * 0.25)[..., None, None, :, :, :]


def correlate_direct(x, W):
    """Maps of the images x under the filters W, by ``convolve2d``."""
    conv2 = signal(x).convolve2d
    turned = W[..., ::-1, ::-1, :]
    maps = [
        [conv2(image, turned[(*index[:-1], slice(None), slice(None), index[-1])], mode="valid") for image in x]
        for index in np.ndindex(*W.shape[:-3], W.shape[-1])
    ]
    xp = namespace(x)
    y = xp.stack([xp.stack(row) for row in maps])
    y = y.reshape(*W.shape[:-3], W.shape[-1], *y.shape[1:])
    return squares(xp.moveaxis(y, -4, -1))


def gradient_direct(x, delta):
    """The sum over the images x of their correlation with the maps delta, by ``convolve2d``."""
    conv2 = signal(x).convolve2d
    turned = maps(delta)[..., ::-1, ::-1, :]
    sums = [
        sum(
            conv2(image, turned[(*index[:-1], k, slice(None), slice(None), index[-1])], mode="valid")
            for k, image in enumerate(x)
        )
        for index in np.ndindex(*turned.shape[:-4], turned.shape[-1])
    ]
    xp = namespace(x)
    dW = xp.stack(sums)
    dW = dW.reshape(*turned.shape[:-4], turned.shape[-1], *dW.shape[1:])
    return xp.moveaxis(dW, -3, -1)


def correlate_fft(x, W):
    """Maps of the images x under the filters W, by ``fftconvolve``."""
    turned = W[..., None, ::-1, ::-1, :]
    return squares(signal(x).fftconvolve(_beside(x, turned), turned, mode="valid", axes=(-3, -2)))


def gradient_fft(x, delta):
    """The sum over the images x of their correlation with the maps delta, by ``fftconvolve``."""
    turned = maps(delta)[..., ::-1, ::-1, :]
    return signal(x).fftconvolve(_beside(x, turned), turned, mode="valid", axes=(-3, -2)).sum(axis=-4)


def _beside(x, maps):
    """The images x (N, rows, columns) with as many axes as `maps` (..., N, r, c, f)."""
    return x.reshape((1,) * (maps.ndim - 4) + x.shape + (1,))


def correlate_matmul(x, W):
    """Maps of the images x under the filters W, by one matrix product for each column of squares."""
    p, q, f = W.shape[-3:]
    N, rows, cols = x.shape
    r, c = rows - p + 1, cols - q + 1
    a, b = _side(r), _side(c)
    y = _spread(W, a, b)[..., None, :, :] @ _patches(x, p, q, a, b)
    return y.reshape(*W.shape[:-3], c // b, b, a, f, r // a, N)


def gradient_matmul(x, delta):
    """The sum over the images x of their correlation with the maps delta, by as many matrix products."""
    N, rows, cols = x.shape
    *leading, C, b, a, f, R, _ = delta.shape
    p, q = rows - R * a + 1, cols - C * b + 1
    d = delta.reshape(*leading, C, b * a * f, R * N)
    products = _patches(x, p, q, a, b) @ T(d)
    spread = T(products.sum(axis=-3)).reshape(*leading, b, a, f, q + b - 1, p + a - 1)
    dW = sum(spread[..., j, i, :, j : j + q, i : i + p] for j in range(b) for i in range(a))
    return dW.swapaxes(-1, -3)


def _patches(x, p, q, a, b):
    """What the squares of a x b outputs see of the images x: (C, (q + b - 1) (p + a - 1), R N), a patch a column.

    The rows of the patches are copied side by side; neighbouring columns of squares share most of theirs, as views.
    """
    window = namespace(x).lib.stride_tricks.sliding_window_view
    strips = window(x.T.copy(), p + a - 1, axis=1)[:, ::a].transpose(0, 3, 1, 2).copy()
    patches = window(strips, q + b - 1, axis=0)[::b].transpose(0, 4, 1, 2, 3)
    return patches.reshape(patches.shape[0], (q + b - 1) * (p + a - 1), -1)


def _spread(W, a, b):
    """The filters W for each output of a square, on what the square sees: (..., b a f, (q + b - 1) (p + a - 1))."""
    *leading, p, q, f = W.shape
    spread = namespace(W).zeros((*leading, b, a, f, q + b - 1, p + a - 1), dtype=W.dtype)
    for j in range(b):
        for i in range(a):
            spread[..., j, i, :, j : j + q, i : i + p] = W.swapaxes(-1, -3)
    return spread.reshape(*leading, b * a * f, -1)


FORMS = {
    "auto": (correlate_matmul, gradient_matmul),
    "direct": (correlate_direct, gradient_direct),
    "fft": (correlate_fft, gradient_fft),
    "matmul": (correlate_matmul, gradient_matmul),
}
