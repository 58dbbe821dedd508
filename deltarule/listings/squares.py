"""Convolution, ReLU and pooling of MnistConv in one: the form `matmul` on NumPy arrays, for training one network.

The page's three lines each go once over all maps, 8,000 numbers of an image, which is more than a processor keeps close
at hand. Here one column of the squares that pooling adds is taken through all three before the next, in buffers that
are small enough for that (and on the way back through unpooling, ReLU's mask and the gradient of the filters).

The axes
--------
Images lie last, so that whatever happens to a pixel or a node happens to all images in one row of memory. A column of
squares is two columns of outputs, b = 0 and 1; in each of them the squares have an upper and a lower output, a = 0 and
1, and there are R squares one below the other::

            b=0  b=1
           +----+----+
      a=0  | y  | y  |  square 0      y[b, a, k, :] are the outputs of filter k at that place of the square,
      a=1  | y  | y  |                for the R squares one below the other and all images: n = R N numbers
           +----+----+
      a=0  | y  | y  |  square 1      column C of the pooled maps = sum of y over b and a
      a=1  | y  | y  |
           +----+----+
             ...         ... R - 1

Output (row r, column c) sees the p rows of the images from r on, and the q columns from c on. The rows are copied side
by side, once for all columns: strips[u, i, a, R, N] is the pixel in row 2 R + a + i and column u. The patch of a column
of outputs is then a view, the q columns of strips from c on, and neighbouring columns share q - 1 of them::

      strips   | u=0 | u=1 | u=2 |  ...  | u=8 | u=9 | u=10 | ...      each of p x 2 x R x N numbers
                <----------- c = 0 ----------->
                      <----------- c = 1 ----------->
                            <----------- c = 2 ---------->

One column of squares, forward and back
---------------------------------------
::

      filters / 4 (f, q p)  @  patches (q p, n)  ->  y (2, 2, f, n)      y1 / 4, one product for each b and a
                                           y  =  max(y, 0)               y2 / 4
                               active[column] =  y > 0                   a byte each, kept for the way back
                                 y3[:, column] =  sum of the four        their mean

      active[column] * e3[:, column]              ->  y (2, 2, f, n)     4 delta2
      y (f, n)  @  patches (q p, n) transposed    ->  added up           4 / 4 of the gradient of the filters

Divided by 4 are the filters on the way forward, and their gradient on the way back, since they are the smallest arrays;
4 is a power of two, so that no bit of a result differs.

The size of the products
------------------------
A BLAS copies the matrices of a product into an order of its own before it multiplies. OpenBLAS does without for small
products, which takes three quarters of the time (OpenBLAS 0.3.31, AMD EPYC with AVX-512): for at most a million
multiplications, and where the second matrix is transposed, as on the way back, for at most 1,200 results. So the n
places of a column are cut into parts (`cut`), each of which goes through all columns before the next, and on the way
back some of the q p pixels of a patch are taken at a time. OpenBLAS takes 64 places at a time on the way forward and 4
pixels on the way back; what is left over takes nearly as long as so many more.
"""

from math import ceil

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

MULTIPLICATIONS = 1_000_000  # of a product that OpenBLAS does without copies
RESULTS = 1200  # of such a product whose second matrix is transposed
PLACES = 64  # that OpenBLAS takes at a time, in float32; half as many in float64
PIXELS = 4  # that it takes at a time where the second matrix is transposed


def cut(n, filters):
    """The n places of a column under filters of a shape (p, q, f) as slices: few, equal, of whole `PLACES`."""
    p, q, f = filters
    all_of_them, most = ceil(n / PLACES), max(1, MULTIPLICATIONS // (f * q * p * PLACES))
    length = ceil(all_of_them / ceil(all_of_them / most)) * PLACES
    return [slice(begin, min(begin + length, n)) for begin in range(0, n, length)]


class Squares:
    """Convolution, ReLU and pooling of a number of images, forward and back, in buffers that it keeps.

    Parameters
    ----------
    N : int
        Number of images.
    shape : pair of int
        Of an image: rows and columns.
    filters : tuple of int
        Shape (p, q, f) of the filters; the maps they make have even numbers of rows and columns.
    dtype : dtype
    """

    def __init__(self, N, shape, filters, dtype):
        (rows, cols), (p, q, f) = shape, filters
        C, R = (cols - q + 1) // 2, (rows - p + 1) // 2
        n = R * N
        self.strips = np.empty((cols, p, 2, R, N), dtype)
        windows = sliding_window_view(self.strips.reshape(cols, p, 2, n), q, axis=0)
        patches = windows.reshape(C, 2, p, 2, n, q).transpose(0, 1, 3, 5, 2, 4)  # C, b, a, q, p, n
        patches = patches.reshape(C, 2, 2, q * p, n)
        self.parts = [(places, Part(patches[..., places], f)) for places in cut(n, filters)]
        self.pooled = f, C, R, N

    def forward(self, x, W1):
        """The pooled maps y3 (f, C, R, N) of the images x (N, rows, columns) under the filters W1 (p, q, f)."""
        self._lay_out(x)
        f, C, R, N = self.pooled
        filters = 0.25 * W1.T.reshape(f, -1)
        y3 = np.empty((f, C, R * N), x.dtype)
        for places, part in self.parts:
            part.forward(filters, y3[..., places].swapaxes(0, 1))
        return y3.reshape(self.pooled)

    def _lay_out(self, x):
        """Lay out the rows that the outputs see of the images x side by side."""
        cols, p, _, R, N = self.strips.shape
        pixels = x.transpose(1, 2, 0).copy()  # row by row: quicker than column by column, as the images have it
        rows = sliding_window_view(pixels, 2 * R, axis=0)  # p, cols, N, and the rows 2 R + a
        self.strips[...] = rows.reshape(p, cols, N, R, 2).transpose(1, 0, 4, 3, 2)

    def backward(self, e3):
        """The sum over the images of the correlation of x with delta2, from the error e3 (f, C, R, N)."""
        f, C, R, N = self.pooled
        e3 = e3.reshape(f, C, R * N)
        filters = sum(part.backward(e3[..., places].swapaxes(0, 1)) for places, part in self.parts)
        return 0.25 * filters.reshape(f, -1, self.strips.shape[1]).T


class Part:
    """Some of the places of each column of squares: one column forward after the other, and one back after the other.

    Parameters
    ----------
    patches : array, shape (C, 2, 2, q p, n)
        What each output sees, a view.
    f : int
        Number of filters.
    """

    def __init__(self, patches, f):
        C, _, _, pixels, n = patches.shape
        self.patches = patches
        self.y = np.empty((2, 2, f, n), patches.dtype)
        self.zeros = np.zeros((f, n), patches.dtype)  # NumPy compares two arrays quicker than an array and a number
        self.active = np.empty((C, 2, 2, f, n), bool)
        self.products = np.empty((2, 2, f, pixels), patches.dtype)
        at_once = RESULTS // f // PIXELS * PIXELS or pixels
        some = [slice(begin, begin + at_once) for begin in range(0, pixels, at_once)]
        # of each column, each factor with the place of its products: made once, since views take their time too
        self.turned = [[(seen[:, :, k].swapaxes(-1, -2), self.products[..., k]) for k in some] for seen in patches]

    def forward(self, filters, y3):
        """Put the pooled maps (C, f, n) into y3; the filters (f, q p) are divided by 4."""
        y, (left, right), (upper, lower) = self.y, self.y, self.y[0]
        for patches, active, pooled in zip(self.patches, self.active, y3, strict=True):
            np.matmul(filters, patches, out=y)
            np.maximum(y, self.zeros, out=y)
            np.greater(y, 0, out=active)
            np.add(left, right, out=left)
            np.add(upper, lower, out=pooled)

    def backward(self, e3):
        """The sum (f, q p) of the products of 4 delta2 and patches, from the error e3 (C, f, n)."""
        y, ones, sums = self.y, self.active.view(np.uint8), np.zeros_like(self.products)
        for turned, active, e in zip(self.turned, ones, e3, strict=True):
            y[...] = active  # and then the product in its place: quicker than a product of two types
            y *= e.copy()
            for patches, products in turned:
                np.matmul(y, patches, out=products)
            sums += self.products
        return sums.sum(axis=(0, 1))
