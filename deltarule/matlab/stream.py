"""MATLAB's default random stream: `rng` and the functions that draw from it."""

import itertools
import math

import numpy as np

from . import arguments, permutations, ziggurat

MOST_PERMUTED = 2**53  # beyond it, a float cannot tell neighbouring integers apart
_BLOCK = 1 << 15  # pairs of words handled at once: enough to be quick, few enough to stay in the cache


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
        self.seed = arguments.seed(seed) or 5489
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
        low, high = arguments.limits(limits)

        def draw(n):
            return low + np.floor(self._state.random_sample(n) * (high - low + 1)).astype(np.int64)

        return self._fill(draw, shape)

    def randperm(self, n, k=None):
        """The numbers 1 to n in random order, or k of them.

        Parameters
        ----------
        n : int
            0 to 2**53.
        k : int, optional
            How many to draw, 0 to n; all n when None.

        Returns
        -------
        array of int64, shape (n,) or (k,)

        Raises
        ------
        TypeError, ValueError
            If `n` or `k` is not an integer in that range.

        Notes
        -----
        ``randperm(n)`` is the order that sorts ``rand(1, n)``, bit for bit MATLAB's. What ``randperm(n, k)`` draws was
        worked out from printed outputs:

        - *Established*, n <= 4 k and k < n: two uniforms for each number. The first decides how many numbers are
          skipped (Vitter's Method A), the second where the number goes (the inside-out shuffle). Nine of nine printed
          examples agree, and so do 32 integers that `randi` drew after five of them.
        - *Inferred*, that n = 4 k divides the two kinds: (10, 3) is of the first, (100, 2) of the second; for k = 1,
          n = 4 is reported to be of the first and n = 5 of the second.
        - n > 4 k: one uniform for each number, which takes one of those left; the last of those left fills its place.
          One printed example agrees. *Open*: what fills a place that is drawn twice.
        - *Open*, k = n given twice: here the inside-out shuffle alone, one uniform for each number, which fits one
          printed session; (1, 1) draws nothing, as MATLAB does.

        Examples
        --------
        >>> print(rng().randperm(8))
        [6 3 7 8 5 1 2 4]
        >>> print(rng().randperm(8, 4))
        [6 4 7 3]
        >>> print(rng(1).randperm(100, 2))
        [42 72]
        """
        n = arguments.integer("n", n, 0, MOST_PERMUTED)
        if k is None:
            return permutations.all_of(self._state.random_sample(n))
        k = arguments.integer("k", k, 0, n)
        uniforms = self._state.random_sample(permutations.uniforms_of(n, k)).tolist()
        return np.array(permutations.ordered(n, k, uniforms), dtype=np.int64)

    def chosen(self, pairs):
        """Which numbers the next calls of ``randperm(n, k)`` draw, without their order: the masks of dropout.

        Parameters
        ----------
        pairs : sequence of (n, k)
            The arguments of the calls.

        Returns
        -------
        list of arrays of int64, shape (k,)
            For each call its numbers, ascending.

        Raises
        ------
        TypeError, ValueError
            If an `n` or `k` is one that `randperm` does not take.

        Notes
        -----
        The stream ends where the calls would leave it. The uniforms of all calls are drawn at once.

        Examples
        --------
        >>> one, two = rng().chosen([(8, 4), (8, 4)])
        >>> print(one, two)
        [3 4 6 7] [4 5 7 8]
        """
        pairs = [arguments.pair(pair, MOST_PERMUTED) for pair in pairs]
        used = [permutations.uniforms_of(n, k) for n, k in pairs]
        uniforms = self._state.random_sample(sum(used)).tolist()
        numbers, end = [], 0
        for (n, k), count in zip(pairs, used, strict=True):
            begin, end = end, end + count
            numbers += permutations.chosen(n, k, uniforms[begin:end])
        ends = list(itertools.accumulate(k for _, k in pairs))
        numbers = np.array(numbers, dtype=np.int64)
        return [numbers[end - k : end] for (_, k), end in zip(pairs, ends, strict=True)]

    def _fill(self, draw, shape):
        """What `draw(number)` gives, laid out column by column; a plain number when no shape is asked for."""
        if not shape:
            return draw(1)[0].item()
        shape = arguments.shape(shape)
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
        X, f = ziggurat.table()
        w0, w1 = self._state.randint(0, 2**32, size=(k, 2), dtype=np.uint32).T
        layer = w1 >> 24
        mantissa = (w0 >> 3).astype(np.int64) << 24 | (w1 & 0xFFFFFF)
        x = (2 * mantissa - 2**53) * 2.0**-53 * X[layer + 1]
        outside = np.flatnonzero(abs(x) >= X[layer])
        if len(outside) == 0:
            return x
        keep = np.ones(k, dtype=bool)
        words = ziggurat.Pairs(w0, w1, self._state)
        for p in outside.tolist():
            if p < words.next:
                continue  # this pair went into the decision about an earlier one
            words.next = p + 1
            i = int(layer[p])
            if i == 255:
                x[p] = ziggurat.tail(words, x[p])
            else:
                keep[p] = f[i + 1] + (f[i] - f[i + 1]) * words.rand() < math.exp(-0.5 * x[p] * x[p])
            keep[p + 1 : words.next] = False
        return x[keep]
