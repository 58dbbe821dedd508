"""The convolution of the listing MnistConv, in three interchangeable forms.

``Conv`` filters an image with ``conv2(x, rot90(W, 2), 'valid')``: a correlation, kept where the filter lies within
the image. Each form is a pair of functions, the filtering and its gradient with respect to the filters:

========  ===============================================================================================
form      how
========  ===============================================================================================
direct    ``scipy.signal.convolve2d`` image by image and filter by filter, the listing's own operations
fft       ``scipy.signal.fftconvolve`` over all images and filters at once
matmul    one matrix product: the patches of the images times the filters
auto      matmul, the fastest of the three where they were timed (2 cores of an AMD EPYC)
========  ===============================================================================================

All agree within rounding. Images are (N, rows, columns), filters (..., p, q, f), maps (..., N, r, c, f) with
r = rows - p + 1 and c = columns - q + 1.
"""

import numpy as np

from .arrays import namespace, signal


def correlate_direct(x, W):
    """Maps (..., N, r, c, f) of the images x under the filters W, by ``convolve2d``."""
    conv2 = signal(x).convolve2d
    turned = W[..., ::-1, ::-1, :]
    maps = [
        [conv2(image, turned[(*index[:-1], slice(None), slice(None), index[-1])], mode="valid") for image in x]
        for index in np.ndindex(*W.shape[:-3], W.shape[-1])
    ]
    xp = namespace(x)
    y = xp.stack([xp.stack(row) for row in maps])
    y = y.reshape(*W.shape[:-3], W.shape[-1], *y.shape[1:])
    return xp.moveaxis(y, -4, -1)


def gradient_direct(x, delta):
    """The sum over the images x of their correlation with the maps delta, by ``convolve2d``."""
    conv2 = signal(x).convolve2d
    turned = delta[..., ::-1, ::-1, :]
    sums = [
        sum(
            conv2(image, turned[(*index[:-1], k, slice(None), slice(None), index[-1])], mode="valid")
            for k, image in enumerate(x)
        )
        for index in np.ndindex(*delta.shape[:-4], delta.shape[-1])
    ]
    xp = namespace(x)
    dW = xp.stack(sums)
    dW = dW.reshape(*delta.shape[:-4], delta.shape[-1], *dW.shape[1:])
    return xp.moveaxis(dW, -3, -1)


def correlate_fft(x, W):
    """Maps (..., N, r, c, f) of the images x under the filters W, by ``fftconvolve``."""
    turned = W[..., None, ::-1, ::-1, :]
    return signal(x).fftconvolve(_beside(x, turned), turned, mode="valid", axes=(-3, -2))


def gradient_fft(x, delta):
    """The sum over the images x of their correlation with the maps delta, by ``fftconvolve``."""
    turned = delta[..., ::-1, ::-1, :]
    return signal(x).fftconvolve(_beside(x, turned), turned, mode="valid", axes=(-3, -2)).sum(axis=-4)


def _beside(x, maps):
    """The images x (N, rows, columns) with as many axes as `maps` (..., N, r, c, f)."""
    return x.reshape((1,) * (maps.ndim - 4) + x.shape + (1,))


def correlate_matmul(x, W):
    """Maps (..., N, r, c, f) of the images x under the filters W, by one matrix product."""
    p, q, f = W.shape[-3:]
    N, rows, cols = x.shape
    r, c = rows - p + 1, cols - q + 1
    g = _together(c)
    y = _patches(x, p, q, g) @ _band(W, g)
    return y.reshape(*W.shape[:-3], N, r, c, f)


def gradient_matmul(x, delta):
    """The sum over the images x of their correlation with the maps delta, by one matrix product."""
    N, rows, cols = x.shape
    r, c, f = delta.shape[-3:]
    p, q = rows - r + 1, cols - c + 1
    g = _together(c)
    d = delta.reshape(*delta.shape[:-4], N * r * (c // g), g * f)
    band = (_patches(x, p, q, g).T @ d).reshape(*delta.shape[:-4], p, q + g - 1, g, f)
    return sum(band[..., j : j + q, j, :] for j in range(g))


def _together(c):
    """How many of c output columns one row of the product makes: enough to keep the BLAS busy."""
    return next(g for g in (5, 4, 3, 2, 1) if c % g == 0)


def _patches(x, p, q, g):
    """The patches of x that g neighbouring outputs see, one a row: (N r c / g, p (q + g - 1))."""
    window = namespace(x).lib.stride_tricks.sliding_window_view(x, (p, q + g - 1), axis=(-2, -1))
    return window[:, :, ::g].reshape(-1, p * (q + g - 1))


def _band(W, g):
    """The filters W spread over g neighbouring outputs: (..., p (q + g - 1), g f), zero where one sees nothing."""
    p, q, f = W.shape[-3:]
    band = namespace(W).zeros((*W.shape[:-3], p, q + g - 1, g, f), dtype=W.dtype)
    for j in range(g):
        band[..., j : j + q, j, :] = W
    return band.reshape(*W.shape[:-3], p * (q + g - 1), g * f)


FORMS = {
    "auto": (correlate_matmul, gradient_matmul),
    "direct": (correlate_direct, gradient_direct),
    "fft": (correlate_fft, gradient_fft),
    "matmul": (correlate_matmul, gradient_matmul),
}
