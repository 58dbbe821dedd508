"""Many networks at once: a matrix whose elements are vectors over networks.

The networks lie last in memory, so that each operation of a listing is one pass over long rows, whatever the size of
the matrices.
"""

from operator import add, ge, gt, le, lt, mul, sub, truediv

import numpy as np


def _values(operand):
    """What to compute with: the values of networks; a plain array, the same for all networks, with an axis for them."""
    if isinstance(operand, Networks):
        return operand.values
    return operand[..., None] if getattr(operand, "ndim", 0) else operand


def _product(A, B):
    """The matrix product for each network: a_i1 b_1j + a_i2 b_2j + ..., added up in this order."""
    return np.einsum("ikn,kjn->ijn", A, B)


def _operators(function):
    """The methods for ``networks * other`` and ``other * networks``."""

    def forward(self, other):
        return Networks(function(self.values, _values(other)))

    def reflected(self, other):
        return Networks(function(_values(other), self.values))

    return forward, reflected


class Networks:
    """A matrix with an element for each network.

    It stands in a listing where the weights of one network would: ``W1 @ x``, ``1 - y``, ``alpha * delta``, ``v > 0``,
    `sigmoid`, `softmax` compute the same for each network, and what comes out of one does not depend on the others.
    Arrays of NumPy or CuPy, such as the sample x, are the same for all networks.

    Parameters
    ----------
    values : array, shape (rows, columns, networks)
        At least two networks: NumPy adds up a product in another order where there is one.

    Examples
    --------
    >>> W = Networks(np.array([[[1.0, 10.0], [2.0, 20.0]]]))
    >>> W
    2 networks, each of shape (1, 2):
    [[[ 1.  2.]]
    <BLANKLINE>
     [[10. 20.]]]
    >>> print(W @ np.array([[1.0], [1.0]]))
    [[[ 3.]]
    <BLANKLINE>
     [[30.]]]
    """

    ndim = 2
    __array_priority__ = 1000  # CuPy's arrays leave ``d - y`` to it

    def __init__(self, values):
        self.values = values

    # the operators do not go this way: it takes twice their time, half the time of an epoch of few networks
    def __array_ufunc__(self, ufunc, method, *operands, **options):
        """NumPy's element-wise functions, and its arrays where they come first, as in ``d - y``."""
        if method != "__call__" or options:
            return NotImplemented
        return Networks((_product if ufunc is np.matmul else ufunc)(*map(_values, operands)))

    __add__, __radd__ = _operators(add)
    __sub__, __rsub__ = _operators(sub)
    __mul__, __rmul__ = _operators(mul)
    __truediv__, __rtruediv__ = _operators(truediv)
    __matmul__, __rmatmul__ = _operators(_product)
    (__lt__, _), (__le__, _), (__gt__, _), (__ge__, _) = map(_operators, (lt, le, gt, ge))

    def __neg__(self):
        return Networks(-self.values)

    def __bool__(self):
        return bool(self.values)  # NumPy's error: it may be true of one network and not of another

    def __array__(self, *arguments, **options):
        raise TypeError("networks are no single array; NumPy's element-wise functions take them, others take .values")

    @property
    def shape(self):
        """Rows and columns."""
        return self.values.shape[:2]

    @property
    def size(self):
        """Elements, of all networks."""
        return self.values.size

    @property
    def dtype(self):
        """Of the values."""
        return self.values.dtype

    @property
    def T(self):
        """The transpose of each matrix, a view."""
        return self.swapaxes(0, 1)

    def swapaxes(self, first, second):
        """The two axes of each matrix swapped, a view."""
        return Networks(self.values.swapaxes(first % 2, second % 2))

    def max(self, axis, keepdims):
        """The largest elements of each matrix along an axis."""
        return Networks(self.values.max(axis=axis % 2, keepdims=keepdims))

    def sum(self, axis, keepdims):
        """The sums of each matrix along an axis."""
        return Networks(self.values.sum(axis=axis % 2, keepdims=keepdims))

    def __str__(self):
        return str(self.values.transpose(2, 0, 1))

    def __repr__(self):
        return f"{self.values.shape[2]} networks, each of shape {self.shape}:\n{self}"
