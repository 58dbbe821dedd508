"""MATLAB's random streams: `rng`, `RandStream` and the functions that draw from a stream."""

import itertools
import math
import secrets

import numpy as np

from . import arguments, permutations
from .legacy import Legacy
from .statistics import Distributions
from .twister import DEFAULT_SEED, Twister

GENERATORS = {"twister": Twister, "v4": Legacy}
FLOATS = ("double", "single")
BELOW_1 = np.float32(1 - 2**-24)  # the largest float32 below 1


def rng(seed="default", generator="twister"):
    """MATLAB's random stream, as ``rng(seed)`` or a freshly started MATLAB (``rng default``) has it.

    Parameters
    ----------
    seed : int, "default", "shuffle" or a state
        0 to 2**32 - 1; 0 to 2**31 - 2 for "v4". As in MATLAB, 0 and "default" mean 5489 for "twister". "shuffle" is a
        seed that nobody can foretell; ``stream.seed`` tells it. Or what `Stream.state` gives and MATLAB's ``s = rng``
        has, also as ``scipy.io.loadmat`` reads it: the stream goes on from there.
    generator : {"twister", "v4"}
        The Mersenne Twister, MATLAB's default, or the legacy generator: with "v4", uniform numbers are those after
        MATLAB's ``rand('seed', seed)``, normal ones those after ``randn('seed', seed)``.

    Returns
    -------
    Stream

    Raises
    ------
    TypeError, ValueError
        If `seed` or `generator` is none of these.

    Examples
    --------
    >>> stream = rng()
    >>> print(f"{stream.rand():.4f} {stream.rand():.4f}")
    0.8147 0.9058
    >>> print(rng(1, "twister").randn(1, 4).round(4))
    [[-0.649   1.1812 -0.7585 -1.1096]]
    >>> print(rng(0, "v4").randn(1, 4).round(4))
    [[1.165  0.6268 0.0751 0.3516]]
    """
    return Stream(seed, generator)


def RandStream(kind, *seed):
    """A stream as MATLAB's ``RandStream('mt19937ar', 'Seed', s)`` makes it.

    Parameters
    ----------
    kind : {"mt19937ar", "twister"}
    *seed : "Seed", int
        As for `rng`; without them the seed is 0.

    Returns
    -------
    Stream

    Raises
    ------
    TypeError, ValueError
        If `kind` is another generator, or `seed` is not "Seed" and a seed.

    Examples
    --------
    >>> print(RandStream("mt19937ar", "Seed", 0).randperm(6))
    [6 3 5 1 2 4]
    """
    if not isinstance(kind, str) or kind not in ("mt19937ar", "twister"):
        arguments.refuse_generator("kind", kind, ("mt19937ar", "twister"))
    if not seed:
        return Stream(0)
    if len(seed) != 2 or not isinstance(seed[0], str) or seed[0].lower() != "seed":
        raise ValueError(f"RandStream takes the kind and then 'Seed' and a seed, not {arguments.shown(seed)}")
    return Stream(seed[1])


class Stream(Distributions):
    """One of MATLAB's random streams, at some place in its sequence.

    Made by `rng`. Sizes are MATLAB's: no argument for one number, ``n`` or ``[n]`` for n x n, ``m, n, ...`` or one
    tuple, list or array of them for an array of that shape. A size may be a float without a fraction. (A negative one
    is refused; MATLAB takes it for 0.) Arrays are filled column by column.

    Notes
    -----
    A stream is the one thing here with a state: each call moves it on. It never touches NumPy's global state.
    `copy.copy` makes a stream that goes on by itself from the same place.
    """

    def __init__(self, seed="default", generator="twister"):
        if not isinstance(generator, str) or generator not in GENERATORS:
            arguments.refuse_generator("generator", generator, GENERATORS)
        if arguments.is_state(seed):
            self.state = seed
            if generator not in ("twister", self._generator.kind):
                raise ValueError(f"generator must be the state's, {self._generator.kind!r}, not {generator!r}")
        else:
            self._seed = _seed(seed, GENERATORS[generator].largest_seed)
            self._generator = GENERATORS[generator](self._seed)

    def __repr__(self):
        kind = self._generator.kind
        return f"<deltarule.matlab.Stream, seed {self.seed}{'' if kind == 'twister' else ', ' + kind}>"

    def __reduce__(self):
        return type(self), (self.state,)

    @property
    def seed(self):
        """The seed it began with, an int; 5489 for 0 and "default" of the Mersenne Twister."""
        return self._seed or (DEFAULT_SEED if self._generator.kind == "twister" else 0)

    @property
    def state(self):
        """The place in the sequence, as a dict with the fields of MATLAB's ``s = rng``; it may be set.

        ``Type`` is "twister", ``Seed`` a uint32 (0 for "default") and ``State`` an array of uint32 of shape (625, 1):
        624 words, and how many of them were used (624 after seeding). `deltarule.matlab.save` writes it for MATLAB's
        ``rng(s)``. For "v4" ``State`` holds two numbers, the states of `rand` and `randn`: how MATLAB shows that one
        is not known here.

        What is set may be such a dict, or the structure as ``scipy.io.loadmat`` reads it. TypeError or ValueError
        where it is not.

        Examples
        --------
        >>> stream = rng(3)
        >>> before = stream.state
        >>> a = stream.randn(2)
        >>> stream.state = before
        >>> bool((stream.randn(2) == a).all())
        True
        """
        generator = self._generator
        return {"Type": generator.kind, "Seed": np.uint32(self._seed), "State": generator.state[:, np.newaxis]}

    @state.setter
    def state(self, state):
        kind, seed, words = arguments.state(state, {name: g.state_size for name, g in GENERATORS.items()})
        generator = GENERATORS[kind](0)
        generator.state = words
        self._seed, self._generator = seed, generator

    def reseed(self, seed="default"):
        """Start again from a seed: the stream then gives what ``rng(seed)`` gives, without the cost of a new one.

        Parameters
        ----------
        seed : int, "default" or "shuffle"
            As for `rng`.

        Raises
        ------
        TypeError, ValueError
            If `seed` is none of these.

        Examples
        --------
        >>> stream = rng(1)
        >>> stream.reseed(7)
        >>> stream.rand() == rng(7).rand()
        True
        """
        if type(seed) is not int or not 0 <= seed <= self._generator.largest_seed:
            if arguments.is_state(seed):
                raise TypeError(f"seed must be an integer or 'default', not {arguments.shown(seed)}: set state instead")
            seed = _seed(seed, self._generator.largest_seed)
        self._seed = seed
        self._generator.reseed(seed)

    def rand(self, *shape):
        """Uniform numbers in (0, 1), 53 bits each.

        Parameters
        ----------
        *shape : int, or one tuple, list or array of int; then "double" or "single"
            As `Stream` says.

        Returns
        -------
        float, or array of float64 of that shape; with "single", float32

        Raises
        ------
        TypeError, ValueError
            If a size is not an integer of 0 or more, or the class is another.

        Notes
        -----
        Bit for bit MATLAB's. With "single" they are the same numbers, rounded: MATLAB prints the same four decimals,
        while its last bit is not established.

        Examples
        --------
        >>> print(rng().rand(2).round(4))
        [[0.8147 0.127 ]
         [0.9058 0.9134]]
        """
        if not shape:
            return self._generator.uniform()
        shape, kind = arguments.shape_and_class(shape, FLOATS)
        a = self._array(self._generator.uniforms, shape)
        return _of_class(a, kind) if kind != "single" else np.minimum(a.astype(np.float32), BELOW_1)[()]

    def randn(self, *shape):
        """Normal numbers of mean 0 and variance 1, by MATLAB's ziggurat.

        Parameters, return value and errors are those of `rand`.

        Notes
        -----
        Marsaglia and Tsang's method with 256 layers, with MATLAB's words and table as worked out from printed and
        saved outputs (6,602 numbers from 11 seeds, in all layers): bit for bit on each of the 1,115 numbers of full
        precision that the tests hold. Of the tail, beyond 3.654 (one number of 3,900), one number of full precision
        is published, and it agrees; whether MATLAB rounds its logarithms there as here is not known, so the last bit
        of others may differ. No platform's exp or log decides a number.

        With "v4" it is the polar method, whose last digit is that of the platform's log.

        Examples
        --------
        >>> print(rng().randn(2).round(4))
        [[ 0.5377 -2.2588]
         [ 1.8339  0.8622]]
        """
        if not shape:
            return self._generator.normal()
        shape, kind = arguments.shape_and_class(shape, FLOATS)
        return _of_class(self._array(self._generator.normals, shape), kind)

    def randi(self, limits, *shape):
        """Uniform integers.

        Parameters
        ----------
        limits : int or pair of int
            The largest, from 1 on; or the smallest and the largest. Both ends may come out.
        *shape : int, or one tuple, list or array of int; then the name of a class
            As `Stream` says. "int8" to "int64", "uint8" to "uint64", "single" or "double", MATLAB's default.

        Returns
        -------
        int, or array of int64 (without a class) or of the class

        Raises
        ------
        TypeError, ValueError
            If a limit is not an integer that int64 and the class hold, the limits are the wrong way round or more
            than 2**53 numbers apart, a size is not an integer of 0 or more, or the class is another.

        Examples
        --------
        >>> print(rng().randi(10, 1, 5))
        [[ 9 10  2 10  7]]
        """
        low, high = arguments.limits(limits)
        if not shape:
            return low + int(self._generator.uniform() * (high - low + 1))
        shape, kind = arguments.shape_and_class(shape, (*FLOATS, *arguments.INTEGERS))
        arguments.fits(limits, low, high, kind)
        return _of_class(
            low + np.floor(self._array(self._generator.uniforms, shape) * (high - low + 1)).astype(np.int64), kind
        )

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
        n = arguments.integer("n", n, 0, arguments.LARGEST_EXACT)
        if k is None:
            return permutations.all_of(self._generator.uniforms(n))
        k = arguments.integer("k", k, 0, n)
        uniforms = self._generator.uniforms(permutations.uniforms_of(n, k)).tolist()
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
        pairs = [arguments.pair(pair) for pair in pairs]
        if type(self).randperm is not Stream.randperm:  # a stream of one's own that draws otherwise
            return [np.sort(self.randperm(n, k)) for n, k in pairs]
        used = [permutations.uniforms_of(n, k) for n, k in pairs]
        uniforms = self._generator.uniforms(sum(used)).tolist()
        numbers, ends, end = [], [0], 0
        for (n, k), count in zip(pairs, used, strict=True):
            begin, end = end, end + count
            numbers += permutations.chosen(n, k, uniforms[begin:end])
            ends.append(len(numbers))
        numbers = np.array(numbers, dtype=np.int64)
        return [numbers[begin:end] for begin, end in itertools.pairwise(ends)]

    def _array(self, draw, shape):
        """What `draw(number)` gives, laid out column by column."""
        return draw(math.prod(shape)).reshape(shape, order="F")


def _seed(given, largest):
    """The seed as an int; of "shuffle" a new one."""
    if isinstance(given, str) and given == "shuffle":
        return secrets.randbelow(largest + 1)
    return arguments.seed(given, largest)


def _of_class(a, kind):
    """The numbers in the class of that name; a plain number in place of an array without axes."""
    if kind is not None:
        a = a.astype(kind, copy=False)
    return a if a.ndim else a[()] if kind not in (None, "double") else a.item()
