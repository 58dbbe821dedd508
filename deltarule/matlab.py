"""MATLAB's own random numbers, its rounding and its reshape.

``rand``, ``randi`` and ``randperm(n)`` give MATLAB's default generator's numbers bit for bit, ``randn`` within 2e-14
relative. Worked out from published outputs and the literature: Matsumoto and Nishimura (1998) for the Mersenne
Twister, Marsaglia and Tsang (2000) for the ziggurat.
"""

import functools
import math
import operator

import numpy as np

_LARGEST_SEED = 2**32 - 1
_BLOCK = 1 << 15  # pairs of words handled at once: enough to be quick, few enough to stay in the cache
_R = 3.6541528853610088  # where the ziggurat's tail begins


def rng(seed="default"):
    """MATLAB's default random stream, as ``rng(seed)`` or a freshly started MATLAB (``rng default``) has it.

    Parameters
    ----------
    seed : int or "default"
        0 to 2**32 - 1. As in MATLAB, 0 and "default" mean 5489.

    Returns
    -------
    Stream

    Raises
    ------
    TypeError, ValueError
        If `seed` is neither an integer in that range nor "default".

    Examples
    --------
    >>> stream = rng()
    >>> print(f"{stream.rand():.4f} {stream.rand():.4f}")
    0.8147 0.9058
    >>> print(rng(1).randn(1, 4).round(4))
    [[-0.649   1.1812 -0.7585 -1.1096]]
    """
    return Stream(seed)


class Stream:
    """One of MATLAB's random streams (the Mersenne Twister, ``mt19937ar``), at some place in its sequence.

    Made by `rng`. Sizes are MATLAB's: no argument for one number, ``n`` for n x n, ``m, n, ...`` or a tuple for an
    array of that shape. Arrays are float64 (`randi`, `randperm`: int64), filled column by column.

    Notes
    -----
    A stream is the one thing here with a state: each call moves it on. It never touches NumPy's global state.
    """

    def __init__(self, seed="default"):
        self.seed = _seed(seed)
        # RandomState is frozen by NumPy's compatibility policy, and seeds as Matsumoto and Nishimura's init_genrand
        self._state = np.random.RandomState(self.seed)

    def __repr__(self):
        return f"<deltarule.matlab.Stream, seed {self.seed}>"

    def rand(self, *shape):
        """Uniform numbers in (0, 1), 53 bits each.

        Parameters
        ----------
        *shape : int, or one tuple of int
            As `Stream` says.

        Returns
        -------
        float, or array of that shape

        Raises
        ------
        TypeError, ValueError
            If a size is no integer, or negative.

        Examples
        --------
        >>> print(rng().rand(2).round(4))
        [[0.8147 0.127 ]
         [0.9058 0.9134]]
        """
        return self._fill(self._state.random_sample, shape)

    def randn(self, *shape):
        """Normal numbers of mean 0 and variance 1, by MATLAB's ziggurat.

        Parameters, return value and errors are those of `rand`.

        Notes
        -----
        The method is Marsaglia and Tsang's with 256 layers, its words as worked out from published outputs. Within
        2e-14 relative of MATLAB's numbers: their last bits hang on how its table was rounded.

        Examples
        --------
        >>> print(rng().randn(2).round(4))
        [[ 0.5377 -2.2588]
         [ 1.8339  0.8622]]
        """
        return self._fill(self._normals, shape)

    def randi(self, limits, *shape):
        """Uniform integers.

        Parameters
        ----------
        limits : int or pair of int
            The largest, from 1 on; or the smallest and the largest. Both ends may come out.
        *shape : int, or one tuple of int
            As `Stream` says.

        Returns
        -------
        int, or array of int64 of that shape

        Raises
        ------
        TypeError, ValueError
            If a limit or size is no integer, the limits are the wrong way round or more than 2**53 numbers apart,
            or a size is negative.

        Examples
        --------
        >>> print(rng().randi(10, 1, 5))
        [[ 9 10  2 10  7]]
        """
        low, high = _limits(limits)

        def draw(n):
            return low + np.floor(self._state.random_sample(n) * (high - low + 1)).astype(np.int64)

        return self._fill(draw, shape)

    def randperm(self, n, k=None):
        """The numbers 1 to n in random order, or k of them.

        Parameters
        ----------
        n : int
            At least 0.
        k : int, optional
            How many to draw, 0 to n; all n when None.

        Returns
        -------
        array of int64, shape (n,) or (k,)

        Raises
        ------
        TypeError, ValueError
            If `n` or `k` is no integer, negative, or `k` is above `n`.

        Notes
        -----
        ``randperm(n)`` is the order that sorts ``rand(1, n)``, bit for bit MATLAB's. What MATLAB's
        ``randperm(n, k)`` draws is **not established**: the published examples agree with no simple rule. Here draw
        number i, of k, takes place floor((n - i) rand) + 1 of the numbers left, and the last of those left moves
        into its place. That reproduces the published ``randperm(100, 2)`` of ``rng(1)``, not the two published
        examples with n = 8 and n = 10. The same rule serves k = n.

        Examples
        --------
        >>> print(rng().randperm(8))
        [6 3 7 8 5 1 2 4]
        >>> print(rng(1).randperm(100, 2))
        [42 72]
        """
        n = _count("n", n)
        if k is None:
            return np.argsort(self._state.random_sample(n), kind="stable") + 1
        k = _count("k", k)
        if k > n:
            raise ValueError(f"k is {k}; it takes 0 to {n}, the n given")
        numbers = list(range(1, n + 1)) if n < 1000 else _Numbers()  # a list is quicker where it is short
        drawn = []
        for u in self._state.random_sample(k).tolist():
            place = int(n * u)
            n -= 1
            drawn.append(numbers[place])
            numbers[place] = numbers[n]
        return np.array(drawn, dtype=np.int64)

    def _fill(self, draw, shape):
        """What `draw(number)` gives, laid out column by column; a plain number when no shape is asked for."""
        if not shape:
            return draw(1)[0].item()
        shape = _shape(shape)
        return draw(math.prod(shape)).reshape(shape, order="F")

    def _normals(self, n):
        """The next n normal numbers, a block at a time."""
        out = np.empty(n)
        done = 0
        while done < n:
            # a pair of words gives one number at most, so no pair is ever drawn too many
            block = self._normals_of_pairs(min(n - done, _BLOCK))
            out[done : done + len(block)] = block
            done += len(block)
        return out

    def _normals_of_pairs(self, k):
        """The normal numbers that the next k pairs of words give: k less those rejected or used up on the way."""
        X, f = _ziggurat()
        w0, w1 = self._state.randint(0, 2**32, size=(k, 2), dtype=np.uint32).T
        layer = w1 >> 24
        mantissa = (w0 >> 3).astype(np.int64) << 24 | (w1 & 0xFFFFFF)
        x = (2 * mantissa - 2**53) * 2.0**-53 * X[layer + 1]
        outside = np.flatnonzero(abs(x) >= X[layer])
        if len(outside) == 0:
            return x
        keep = np.ones(k, dtype=bool)
        words = _Pairs(w0, w1, self._state)
        for p in outside.tolist():
            if p < words.next:
                continue  # this pair went into the decision about an earlier one
            words.next = p + 1
            i = int(layer[p])
            if i == 255:
                x[p] = _tail(words, x[p])
            else:
                keep[p] = f[i + 1] + (f[i] - f[i + 1]) * words.rand() < math.exp(-0.5 * x[p] * x[p])
            keep[p + 1 : words.next] = False
        return x[keep]


class _Numbers(dict):
    """The numbers 1, 2, 3, ... at the places 0, 1, 2, ..., of which only those that change take memory."""

    def __missing__(self, place):
        return place + 1


class _Pairs:
    """The pairs of words behind the one at hand: those left in a block, then fresh ones from the stream."""

    def __init__(self, w0, w1, state):
        self.w0, self.w1, self.state = w0, w1, state
        self.next = 0

    def rand(self):
        """The uniform number that the next pair makes."""
        p = self.next
        self.next = p + 1
        if p >= len(self.w0):
            return self.state.random_sample()
        return ((int(self.w0[p]) >> 5) * 2**26 + (int(self.w1[p]) >> 6)) * 2.0**-53


def _tail(words, x):
    """A normal number beyond r, with the sign of x."""
    while True:
        a = -math.log(words.rand()) / _R
        b = -math.log(words.rand())
        if 2 * b > a * a:
            return math.copysign(_R + a, x)


@functools.cache
def _ziggurat():
    """Edges X[0..256] of the layers, and exp(-X**2 / 2) as a list.

    All layers have the area V of the lowest one, tail included. The edges are computed with 40 digits and rounded to
    15, as MATLAB's seem to be: of 104 published numbers of full precision that makes 79 identical to the last bit.
    """
    import decimal  # here, since few scripts draw normal numbers

    with decimal.localcontext(decimal.Context(prec=40)):
        r = decimal.Decimal(_R)
        f = (-r * r / 2).exp()
        fraction = r
        for i in range(400, 0, -1):  # the integral from r on is f(r) over this continued fraction
            fraction = r + i / fraction
        V = r * f + f / fraction
        edges = [V / f, r]
        while len(edges) < 256:
            above = (-edges[-1] * edges[-1] / 2).exp()
            edges.append((-2 * (V / edges[-1] + above).ln()).sqrt())
        edges.append(decimal.Decimal(0))
    X = np.array([float(f"{edge:.15g}") if edge != r else _R for edge in reversed(edges)])
    return X, [math.exp(-0.5 * x * x) for x in X]


def round(x):
    """MATLAB's round: to the nearest integer, halves away from zero.

    Parameters
    ----------
    x : array or number

    Returns
    -------
    array of float64 or float
        Of the shape of `x`.

    Examples
    --------
    >>> round(12.5), round(-2.5), round(0.49999999999999994)
    (13.0, -3.0, 0.0)
    """
    if isinstance(x, float):
        fraction, whole = math.modf(x)  # exact, as x + 0.5 is not
        return whole + math.copysign(abs(fraction) >= 0.5, x)
    fraction, whole = np.modf(x)
    rounded = whole + np.copysign(abs(fraction) >= 0.5, x)
    return rounded if rounded.ndim else rounded.item()


def reshape(a, *shape):
    """MATLAB's reshape: elements are taken, and laid out, column by column.

    Parameters
    ----------
    a : array
    *shape : int or None, or one tuple of them
        None stands for MATLAB's ``[]``: whatever is left.

    Returns
    -------
    array

    Raises
    ------
    TypeError, ValueError
        If a size is no integer or negative, more than one is None, or the number of elements does not fit.

    Examples
    --------
    >>> print(reshape([[1, 2], [3, 4]], None, 1).T)
    [[1 3 2 4]]
    """
    a = np.asarray(a)
    if len(shape) == 1 and isinstance(shape[0], tuple | list):
        shape = shape[0]
    if sum(n is None for n in shape) > 1:
        raise ValueError(f"shape is {tuple(shape)}; it takes None once at most")
    sizes = [-1 if n is None else _count("shape", n) for n in shape]
    try:
        return a.reshape(sizes, order="F")
    except ValueError:
        raise ValueError(f"shape is {tuple(shape)}; it takes sizes that hold the {a.size} elements of a") from None


def _seed(seed):
    if isinstance(seed, str):
        if seed == "default":
            return 5489
        raise ValueError(f"seed is {seed!r}; it takes 'default' or an integer from 0 to {_LARGEST_SEED}")
    seed = _integer("seed", seed)
    if not 0 <= seed <= _LARGEST_SEED:
        raise ValueError(f"seed is {seed}; it takes 0 to {_LARGEST_SEED}")
    return seed or 5489


def _integer(name, value):
    if type(value) is int:
        return value
    if isinstance(value, bool | np.bool_) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} is {value!r} of type {type(value).__name__}; it takes an integer")
    return operator.index(value)


def _count(name, value):
    value = _integer(name, value)
    if value < 0:
        raise ValueError(f"{name} is {value}; it takes 0 or more")
    return value


def _shape(shape):
    if len(shape) == 1 and isinstance(shape[0], tuple | list):
        return tuple(_count("shape", n) for n in shape[0])
    sizes = tuple(_count("shape", n) for n in shape)
    return sizes * 2 if len(sizes) == 1 else sizes


def _limits(limits):
    pair = limits if isinstance(limits, tuple | list | np.ndarray) else (1, limits)
    if len(pair) != 2:
        raise ValueError(f"limits is {limits!r}; it takes the largest integer, or the smallest and the largest")
    low, high = (_integer("limits", end) for end in pair)
    if low > high:
        raise ValueError(f"limits is {limits!r}; it takes the largest from 1 on, or the smallest before the largest")
    if high - low >= 2**53:
        raise ValueError(f"limits is {limits!r}; it takes at most 2**53 integers between them")
    return low, high
