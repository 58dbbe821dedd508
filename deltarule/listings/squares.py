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
multiplications, and where the second matrix is transposed, as on the way back, for at most 1,200 results. So a batch is
cut into shares of images (`images_at_once`), and a few of the q columns of the filters are taken at a time.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

MULTIPLICATIONS = 1_000_000  # of a product that OpenBLAS does without copies
RESULTS = 1200  # of such a product whose second matrix is transposed


def images_at_once(shape, filters):
    """How many images of a shape (rows, columns) to take at once under filters of a shape (p, q, f), at least one."""
    p, q, f = filters
    return max(1, MULTIPLICATIONS // (f * q * p * ((shape[0] - p + 1) // 2)))


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
        self.patches = patches.reshape(C, 2, 2, q * p, n)
        at_once = next((k for k in range(q, 1, -1) if q % k == 0 and f * k * p <= RESULTS), 1)
        self.parts = patches.reshape(C, 2, 2, q // at_once, at_once * p, n).swapaxes(-1, -2)
        self.y = np.empty((2, 2, f, n), dtype)
        self.upper_and_lower = np.empty((2, f, n), dtype)
        self.zeros = np.zeros((f, n), dtype)  # NumPy compares two arrays quicker than an array and a number
        self.active = np.empty((C, 2, 2, f, n), bool)
        self.pooled = f, C, R, N

    def forward(self, x, W1):
        """The pooled maps y3 (f, C, R, N) of the images x (N, rows, columns) under the filters W1 (p, q, f)."""
        self._lay_out(x)
        f, C, R, N = self.pooled
        y, halves = self.y, self.upper_and_lower
        filters = 0.25 * W1.T.reshape(f, -1)
        y3 = np.empty((f, C, R * N), x.dtype)
        for column, patches in enumerate(self.patches):
            np.matmul(filters, patches, out=y)
            np.maximum(y, self.zeros, out=y)
            np.greater(y, 0, out=self.active[column])
            np.add(y[0], y[1], out=halves)
            np.add(halves[0], halves[1], out=y3[:, column])
        return y3.reshape(self.pooled)

    def _lay_out(self, x):
        """Lay out the rows that the outputs see of the images x side by side."""
        cols, p, _, R, N = self.strips.shape
        rows = sliding_window_view(x.T.copy(), 2 * R, axis=1)  # cols, p, N, and the rows 2 R + a
        self.strips[...] = rows.reshape(cols, p, N, R, 2).transpose(0, 1, 4, 3, 2)

    def backward(self, e3):
        """The sum over the images of the correlation of x with delta2, from the error e3 (f, C, R, N)."""
        f, C, R, N = self.pooled
        y, e3 = self.y, e3.reshape(f, C, R * N)
        sums = 0
        for column, parts in enumerate(self.parts):
            np.multiply(self.active[column], e3[:, column], out=y)
            sums = sums + np.matmul(y[:, :, None], parts)
        filters = sums.sum(axis=(0, 1)).swapaxes(0, 1)  # f, q / at_once, at_once p
        return 0.25 * filters.reshape(f, -1, self.strips.shape[1]).T
