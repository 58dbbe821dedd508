"""Random numbers of MATLAB's Statistics Toolbox, as methods that `deltarule.matlab.Stream` has.

Each is a formula on `rand`, `randn` and `randperm`, one number of the stream for each element, column by column.
"""

import math

import numpy as np

from . import arguments


class Distributions:
    """normrnd, unifrnd, exprnd and randsample of a stream."""

    def normrnd(self, mu, sigma, *shape):
        """Normal numbers of mean `mu` and standard deviation `sigma`: ``mu + sigma * randn``.

        Parameters
        ----------
        mu, sigma : number or array
            Finite; `sigma` 0 or more (MATLAB makes NaN of a negative one). Arrays of one shape, or one of them.
        *shape : int, or one tuple, list or array of int
            As `Stream` says; the shape of `mu` and `sigma` when there is none.

        Returns
        -------
        float, or array of float64

        Raises
        ------
        TypeError, ValueError
            If an argument is not what it must be, or the shapes differ.

        Examples
        --------
        >>> from deltarule import matlab
        >>> print(matlab.rng().normrnd(3, 10, [1, 5]).round(4))
        [[  8.3767  21.3389 -19.5885  11.6217   6.1877]]
        """
        shape, (mu, sigma) = arguments.parameters(shape, mu=mu, sigma=sigma)
        if (sigma < 0).any():
            raise ValueError(f"sigma must be 0 or more, not {arguments.shown(sigma.min().item())}")
        return _number(mu + sigma * self._array(self._generator.normals, shape))

    def unifrnd(self, a, b, *shape):
        """Uniform numbers between `a` and `b`: ``a + (b - a) * rand``.

        Parameters
        ----------
        a, b : number or array
            Finite, `a` not above `b` (MATLAB makes NaN of that). Arrays of one shape, or one of them.
        *shape
            As for `normrnd`, as are the return value and the errors.

        Notes
        -----
        No printed number tells in which order MATLAB adds and multiplies: the last digits are not established.

        Examples
        --------
        >>> from deltarule import matlab
        >>> print(f"{matlab.rng().unifrnd(2, 4):.4f}")
        3.6294
        """
        shape, (a, b) = arguments.parameters(shape, a=a, b=b)
        if (a > b).any():
            raise ValueError("b must not be smaller than a")
        with np.errstate(over="ignore"):
            width = b - a
        if not np.isfinite(width).all():
            raise ValueError("b must not be further from a than the largest float")
        return _number(a + width * self._array(self._generator.uniforms, shape))

    def exprnd(self, mu, *shape):
        """Exponential numbers of mean `mu`: ``-mu * log(rand)``.

        Parameters
        ----------
        mu : number or array
            Finite, 0 or more (MATLAB makes NaN of a negative one).
        *shape
            As for `normrnd`, as are the return value and the errors.

        Notes
        -----
        The last digit is that of the platform's log.

        Examples
        --------
        >>> from deltarule import matlab
        >>> print(f"{matlab.rng().exprnd(5):.4f}")
        1.0245
        """
        shape, (mu,) = arguments.parameters(shape, mu=mu)
        if (mu < 0).any():
            raise ValueError(f"mu must be 0 or more, not {arguments.shown(mu.min().item())}")
        logs = [math.log(u) if u else -math.inf for u in self._generator.uniforms(math.prod(shape)).tolist()]
        return _number(-mu * np.array(logs).reshape(shape, order="F"))

    def randsample(self, n, k, replacement=False):
        """k of the numbers 1 to n, or of the elements of a vector, in random order.

        Parameters
        ----------
        n : int or vector
            How many numbers there are, 0 to 2**53; or the elements to draw from, two or more.
        k : int
            How many to draw, 0 to n; any number of them with `replacement`.
        replacement : bool
            Whether one may be drawn again.

        Returns
        -------
        array, shape (k,)
            int64, or of the elements' type.

        Raises
        ------
        TypeError, ValueError
            If an argument is not what it must be.

        Notes
        -----
        With `replacement` each is ``floor(n * rand) + 1``. Without, and with 4 k > n, they are the first k of
        ``randperm(n)``; otherwise as many are drawn with replacement as are still missing, until k differ, and sorted;
        ``randperm(k)`` is their order.

        Examples
        --------
        >>> from deltarule import matlab
        >>> print(matlab.rng().randsample(8, 3))
        [6 3 7]
        """
        population = arguments.population(n)
        n = arguments.integer("n", n, 0, arguments.LARGEST_EXACT) if population is None else len(population)
        if not isinstance(replacement, bool | np.bool_):
            raise TypeError(f"replacement must be True or False, not {arguments.shown(replacement)}")
        k = arguments.integer("k", k, 0, arguments.MOST_NUMBERS if replacement and n else n)
        drawn = self._with_replacement(n, k) if replacement else self._without_replacement(n, k)
        return drawn if population is None else population[drawn - 1]

    def _with_replacement(self, n, k):
        return np.floor(n * self._generator.uniforms(k)).astype(np.int64) + 1

    def _without_replacement(self, n, k):
        if 4 * k > n:
            return self.randperm(n)[:k]
        numbers = set()
        while len(numbers) < k:
            numbers.update(self._with_replacement(n, k - len(numbers)).tolist())
        return np.array(sorted(numbers), dtype=np.int64)[self.randperm(k) - 1]


def _number(a):
    """A plain float in place of an array without axes."""
    return a if a.ndim else a.item()
