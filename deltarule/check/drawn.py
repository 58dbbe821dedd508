"""Random numbers that a port draws from NumPy's or Python's own global stream, so that the listing draws the same.

``numpy.random.permutation(n)[:k]``, ``numpy.random.choice(n, k, replace=False)`` and ``numpy.random.shuffle`` give one
order, and ``random.sample(range(n), k)`` another. Neither is MATLAB's; which nodes are drawn makes no port wrong.
"""

import random
from contextlib import contextmanager

import numpy as np

SEED = 1
NUMPY, PYTHON = "numpy.random", "random"


class Drawn:
    """A stream that a port may draw from as the global one of a module, and the listing by ``randperm(n, k)``.

    Parameters
    ----------
    module : str
        `NUMPY` or `PYTHON`.
    """

    def __init__(self, module):
        self.module = module
        numpy = module == NUMPY  # of which a RandomState by its seed takes longer than by a generator
        self.numbers = np.random.RandomState(np.random.MT19937(SEED)) if numpy else random.Random(SEED)

    def __copy__(self):
        other = Drawn(self.module)
        _set(other.numbers, _state(self.numbers))
        return other

    def randperm(self, n, k):
        """k of the numbers 1 to n, as the module draws them."""
        if self.module == NUMPY:
            return self.numbers.permutation(n)[:k] + 1
        return np.array(self.numbers.sample(range(1, n + 1), k))

    @contextmanager
    def lent(self):
        """For as long as this lasts the module's global stream is this one; then it is again where it was."""
        with _kept():
            shared = np.random if self.module == NUMPY else random
            _set(shared, _state(self.numbers))
            yield
            _set(self.numbers, _state(shared))


def _state(numbers):
    """Where a stream of either module stands."""
    return numbers.get_state() if hasattr(numbers, "get_state") else numbers.getstate()


def _set(numbers, state):
    """Let a stream of either module stand there."""
    (numbers.set_state if hasattr(numbers, "set_state") else numbers.setstate)(state)


def module_drawn_from(call):
    """The module from whose global stream a call draws; None where it draws from neither."""
    with _kept():
        before, of_python = _state(np.random), _state(random)
        call()
        after = _state(np.random)
        if after[2:] != before[2:] or not np.array_equal(after[1], before[1]):
            return NUMPY
        return PYTHON if _state(random) != of_python else None


@contextmanager
def _kept():
    """Both global streams, put back afterwards."""
    states = [(module, _state(module)) for module in (np.random, random)]
    try:
        yield
    finally:
        for module, state in states:
            _set(module, state)
