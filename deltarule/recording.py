"""A function of arrays, recorded once as a list of NumPy calls on fixed arrays, and replayed.

With arrays of a few elements most of a listing's time goes into reading its lines and making arrays; with large ones,
into memory that is asked for and given back in each batch. A replay makes the same NumPy calls in the same order, into
arrays that stay, and an array that is read no more serves again.
"""

from functools import partial
from math import inf, prod

import numpy as np

LONG = 10_000  # elements of a row that is long enough for NumPy to be quick


class Recording:
    """A function recorded for arguments of given shapes; called, it replays.

    Parameters
    ----------
    function : callable
        Takes arrays and returns a tuple of arrays; operators, element-wise functions, transposes, slices, reshapes,
        ``max`` and ``sum`` along an axis, and loops over the first axis are all it does to them.
    shapes : sequence of tuple of int or array
        Of the arguments, or an array in which an argument lies; results may come to lie in it if it is writeable.
    dtype : dtype
        Of the arguments.
    """

    def __init__(self, function, shapes, dtype):
        self.arguments = [s if isinstance(s, np.ndarray) else np.zeros(s, dtype) for s in shapes]
        writeable = [a for a in self.arguments if a.ndim and a.flags.writeable]
        tape = None
        for _ in range(2):  # the first time only to see which results there are, and when each is read last
            tape = Tape(writeable, tape)
            with np.errstate(all="ignore"):  # what the first tape computes, of zeros, is of no use
                results = function(*(Recorder(a, tape) for a in self.arguments))
            self.results = [tape.kept(result) for result in results]
        self.calls = tape.calls
        self.program = None
        if dtype == np.float64:
            from . import scalars

            self.program = scalars.function(self.arguments, self.calls, self.results)

    def __call__(self, *arguments):
        """The results for other arguments of the same shapes, as a tuple of new arrays."""
        if self.program:
            return self.program(*arguments)
        self.run(*arguments)
        return tuple(result.copy() for result in self.results)

    def run(self, *arguments):
        """Compute the results for other arguments where they lie, in `results`."""
        _assign(self.arguments, arguments)
        self._replay()

    def over(self, batches, state, constants):
        """Replay for one batch after the other, the results of each being the state that the next starts from.

        Parameters
        ----------
        batches : iterable of tuple of arrays
            The arguments between the state and the constants, for each replay.
        state : sequence of arrays
            The first arguments, as many as there are results, for the first replay.
        constants : sequence of numbers
            The last arguments.

        Returns
        -------
        tuple of arrays
            The last results, as new arrays.
        """
        first, rest = len(state), len(self.arguments) - len(constants)
        mine, given, fixed = self.arguments[:first], self.arguments[first:rest], self.arguments[rest:]
        elsewhere = [k for k in range(first) if self.results[k] is not mine[k]]
        # a result that lies in the place of another has to be read before that is written
        mixed = any(np.may_share_memory(self.results[k], a) for k in elsewhere for a in mine)
        _assign([*mine, *fixed], [*state, *constants])
        for batch in batches:
            _assign(given, batch)
            self._replay()
            values = [self.results[k] for k in elsewhere]
            _assign([mine[k] for k in elsewhere], [a.copy() for a in values] if mixed else values)
        return tuple(a.copy() for a in mine)

    def _replay(self):
        with np.errstate(over="ignore"):  # of the sigmoid, which is right all the same
            for call in self.calls:
                call()


def _assign(targets, values):
    for target, value in zip(targets, values, strict=True):
        if target is not value:
            target[...] = value


class Tape:
    """The calls of a recording, and the arrays that they write.

    Parameters
    ----------
    arguments : list of arrays
        Those that are filled anew before each replay: what is computed from one that is read no more may go into it.
    first : Tape, optional
        The same calls noted before. It tells what each call results in and when that is read last, so that this tape
        need not compute, and lets a result have the memory of one that is read no more.
    """

    def __init__(self, arguments, first=None):
        self.first = first
        self.calls = []
        self.kinds = []  # shape and dtype of each result
        self.last = []  # the call that reads it last
        self.owners = []  # the array that has its memory
        self.number = {}  # by id of an owner, the result that is in it now
        self.free = {}  # by size and dtype, owners whose result is read no more
        self.ends = {}  # by call, the results that it reads last
        for number, call in enumerate(first.last if first else ()):
            self.ends.setdefault(call, []).append(number)
        self.copies = {}  # by address, shape and strides of an array, its contiguous copy
        for a in arguments:
            self._made(a)
        self.given = len(arguments)

    def call(self, function, arrays, options, *, elementwise):
        """Note a call, and return the array that it writes.

        Parameters
        ----------
        function : callable
            ``function(*arrays, out=out, **options)``
        arrays : list of arrays
        options : dict
        elementwise : bool
            Whether the result may have the memory of an operand.
        """
        self._read(*arrays)
        if self.first:
            out = self._again(arrays if elementwise else ())
        else:
            out = self._made(np.asarray(function(*arrays, **options), order="C"))
        # the name takes time, but NumPy deprecates maximum(a, b, out) without it
        named = options or function is np.maximum
        self._note(partial(function, *arrays, out=out, **options) if named else partial(function, *arrays, out))
        return out

    def copy(self, a):
        """A contiguous copy of an array; the same one as long as it holds."""
        place = a.__array_interface__["data"][0], a.shape, a.strides
        self._read(a)
        if place not in self.copies:
            out = self._again() if self.first else self._made(np.array(a, order="C"))
            self._note(partial(np.copyto, out, a))
            self.copies[place] = a, out
        return self.copies[place][1]

    def fill(self, fill, shape, dtype):
        """An array that each replay fills anew, by ``fill(array)``."""
        out = self._again() if self.first else self._made(np.zeros(shape, dtype))
        self._note(partial(fill, out))
        return out

    def put(self, target, value):
        """Note that `value` is written into `target`, a part of an array that keeps the rest."""
        self._read(value)
        self._forget_copies(_owner(target))
        self._note(partial(np.copyto, target, value))

    def kept(self, result):
        """The array of a recorder, which no other may overwrite from now on."""
        self._read(result.value, call=inf)
        return result.value

    def _note(self, call):
        for number in self.ends.get(len(self.calls), ()):
            owner = self.owners[number]
            if number >= self.given and self.number[id(owner)] == number:
                self.free.setdefault((owner.size, owner.dtype), []).append(owner)
        self.calls.append(call)

    def _read(self, *arrays, call=None):
        for a in arrays:
            number = self.number.get(id(_owner(a)))
            if number is not None:
                self.last[number] = max(self.last[number], len(self.calls) if call is None else call)

    def _made(self, result):
        """Enter a result, and return it."""
        owner = _owner(result)
        self._forget_copies(owner)
        self.number[id(owner)] = len(self.kinds)
        self.kinds.append((result.shape, result.dtype))
        self.last.append(len(self.calls))
        self.owners.append(owner)
        return result

    def _again(self, operands=()):
        """An array for the next result, which is known from the first tape."""
        shape, dtype = self.first.kinds[len(self.kinds)]
        for a in operands:
            if a.shape == shape and a.dtype == dtype and self._ends_here(a, operands):
                return self._made(a)
        size = prod(shape)
        free = self.free.get((size, dtype))
        return self._made((free.pop() if free else np.empty(size, dtype)).reshape(shape))

    def _ends_here(self, a, operands):
        """Whether the next call is the last to read `a`, and reads each element of its memory for itself alone."""
        owner = _owner(a)
        number = self.number.get(id(owner))
        alone = (
            a.flags.c_contiguous and a.size == owner.size and all(b is a or _owner(b) is not owner for b in operands)
        )
        return alone and number is not None and self.first.last[number] == len(self.calls)

    def _forget_copies(self, owner):
        self.copies = {place: pair for place, pair in self.copies.items() if all(_owner(a) is not owner for a in pair)}


def _owner(a):
    """The array that has the memory of `a`; a sliding window has something else than an array in between."""
    while getattr(a, "base", None) is not None:
        a = a.base
    return a


VIEWS = {np.lib.stride_tricks.sliding_window_view, np.broadcast_to}


class Recorder(np.lib.mixins.NDArrayOperatorsMixin):
    """Stands for an array while a function is recorded: does as NumPy does, and has each call noted.

    Parameters
    ----------
    value : array
        The array it stands for; what is computed from it later is computed from this very array.
    tape : Tape
        Where the calls are noted.
    """

    def __init__(self, value, tape):
        self.value = value
        self.tape = tape

    def __array_ufunc__(self, ufunc, method, *operands, **options):
        arrays = [self._array(operand) for operand in operands]
        if ufunc is np.maximum:
            arrays = [self._beside(a) if a.ndim == 0 else a for a in arrays]
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        if ufunc is np.matmul and all(a.ndim == 2 for a in arrays):
            function = np.dot  # for two matrices they agree, and dot is quicker
        elementwise = ufunc is not np.matmul and method == "__call__"
        if elementwise:
            largest = max(arrays, key=lambda a: (a.ndim, a.size))
            arrays = [a.reshape(()) if a.size == 1 < largest.size else a for a in arrays]  # no axes to go along
        return Recorder(self.tape.call(function, arrays, options, elementwise=elementwise), self.tape)

    def __array_function__(self, function, kinds, arguments, options):
        if function not in VIEWS:
            return NotImplemented
        return Recorder(function(self.value, *arguments[1:], **options), self.tape)

    def _array(self, operand):
        """The array an operand stands for; a number as an array, which NumPy takes more quickly."""
        if isinstance(operand, Recorder):
            return operand.value
        return np.asarray(operand, dtype=self.value.dtype)

    def _beside(self, number):
        """A number as often as there are elements along the last axes: NumPy's maximum takes two rows by vectors."""
        axes = next((k for k in range(1, self.ndim) if prod(self.shape[-k:]) >= LONG), self.ndim)
        return np.full(self.shape[self.ndim - axes :], number)

    def filled(self, fill, shape):
        """An array of this dtype that each replay fills anew, by ``fill(array)``: the way in for random numbers."""
        return Recorder(self.tape.fill(fill, shape, self.value.dtype), self.tape)

    def zeros(self, shape):
        """An array of zeros of this dtype, into parts of which others may be written."""
        return Recorder(np.zeros(shape, self.value.dtype), self.tape)

    def __setitem__(self, index, other):
        self.tape.put(self.value[index], other.value)

    def __getitem__(self, index):
        return Recorder(self.value[index], self.tape)

    def __iter__(self):
        return (Recorder(a, self.tape) for a in self.value)

    @property
    def shape(self):
        """Shape of the array."""
        return self.value.shape

    @property
    def ndim(self):
        """Number of axes."""
        return self.value.ndim

    @property
    def T(self):
        """The transpose, a view."""
        return Recorder(self.value.T, self.tape)

    def swapaxes(self, *axes):
        """Two axes swapped, a view."""
        return Recorder(self.value.swapaxes(*axes), self.tape)

    def transpose(self, *axes):
        """The axes in another order, a view."""
        return Recorder(self.value.transpose(*axes), self.tape)

    def reshape(self, *shape):
        """Another shape: a view where there is one, else a contiguous copy."""
        view = self.value.reshape(*shape)
        if not np.may_share_memory(view, self.value):
            view = self.tape.copy(self.value).reshape(*shape)
        return Recorder(view, self.tape)

    def copy(self):
        """A contiguous copy."""
        return Recorder(self.tape.copy(self.value), self.tape)

    def max(self, **options):
        """The largest element along an axis."""
        return np.maximum.reduce(self, **options)

    def sum(self, **options):
        """The sum along an axis."""
        return np.add.reduce(self, **options)
