"""A function of arrays, recorded once as a list of NumPy calls on fixed arrays, and replayed.

With arrays of a few elements most of a listing's time goes into reading its lines and making arrays, little into the
arithmetic. A replay makes the same NumPy calls in the same order, into arrays that stay.
"""

from functools import partial

import numpy as np


class Recording:
    """A function recorded for arguments of given shapes; called, it replays.

    Parameters
    ----------
    function : callable
        Takes arrays and returns a tuple of arrays; operators, element-wise functions, transposes, ``max`` and ``sum``
        along an axis, and loops over the first axis are all it does to them.
    shapes : sequence of tuple of int
        Of the arguments.
    dtype : dtype
        Of the arguments.
    """

    def __init__(self, function, shapes, dtype):
        self.arguments = [np.zeros(shape, dtype) for shape in shapes]
        self.calls = []
        self.results = [result.value for result in function(*(Recorder(a, self.calls) for a in self.arguments))]

    def __call__(self, *arguments):
        """The results for other arguments of the same shapes, as a tuple of new arrays."""
        for mine, given in zip(self.arguments, arguments, strict=True):
            mine[...] = given
        for call in self.calls:
            call()
        return tuple(result.copy() for result in self.results)


class Recorder(np.lib.mixins.NDArrayOperatorsMixin):
    """Stands for an array while a function is recorded: computes as NumPy does, and notes each call.

    Parameters
    ----------
    value : array
        The array it stands for; what is computed from it later is computed from this very array.
    calls : list
        Where the calls are noted.
    """

    def __init__(self, value, calls):
        self.value = value
        self.calls = calls

    def __array_ufunc__(self, ufunc, method, *operands, **options):
        arrays = [self._array(operand) for operand in operands]
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        if function is np.matmul:
            function = np.dot  # for two matrices they agree, and dot is quicker
        out = function(*arrays, **options)
        if options or ufunc is np.maximum:  # NumPy deprecates maximum(a, b, out) without the name
            self.calls.append(partial(function, *arrays, out=out, **options))
        else:
            self.calls.append(partial(function, *arrays, out))
        return Recorder(out, self.calls)

    def _array(self, operand):
        """The array an operand stands for; a number as an array, which NumPy takes more quickly."""
        if isinstance(operand, Recorder):
            return operand.value
        return np.asarray(operand, dtype=self.value.dtype)

    def filled(self, fill):
        """An array like this one that each replay fills anew, by ``fill(array)``: the way in for random numbers."""
        out = np.zeros_like(self.value)
        self.calls.append(partial(fill, out))
        return Recorder(out, self.calls)

    def __iter__(self):
        return (Recorder(a, self.calls) for a in self.value)

    @property
    def ndim(self):
        """Number of axes."""
        return self.value.ndim

    @property
    def T(self):
        """The transpose, a view."""
        return Recorder(self.value.T, self.calls)

    def swapaxes(self, *axes):
        """Two axes swapped, a view."""
        return Recorder(self.value.swapaxes(*axes), self.calls)

    def max(self, **options):
        """The largest element along an axis."""
        return np.maximum.reduce(self, **options)

    def sum(self, **options):
        """The sum along an axis."""
        return np.add.reduce(self, **options)
