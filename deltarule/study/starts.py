"""The starting weights of many starts at once: start number k is drawn from MATLAB's ``rng(k)``."""

from math import prod

import numpy as np

from .. import matlab
from ..basics import checks
from ..basics.networks import Networks

SEEDS = 2**32  # of MATLAB's generator: 0 to 2**32 - 1


def numbers(starts, first=0):
    """The numbers of so many starts, a range.

    Raises
    ------
    ValueError, TypeError
        If `starts` or `first` is of the wrong type or out of range. The message names the argument.
    """
    checks.count("starts", starts, SEEDS, "MATLAB's seeds")
    if isinstance(first, bool) or not hasattr(first, "__index__") or not 0 <= first <= SEEDS - starts:
        raise ValueError(f"first must be from 0 to {SEEDS - starts}, so that the last start is a seed, not {first!r}")
    return range(first, first + starts)


def starting_weights(settings, starts):
    """The starting weights of some starts.

    Parameters
    ----------
    settings : Settings
    starts : sequence of int

    Returns
    -------
    list of Networks
    """
    shapes = settings.experiment.shapes(settings.hidden)
    streams = _Streams(starts, sum(map(prod, shapes)))
    return [Networks(settings.scale * W) for W in settings.experiment.draw(streams, *shapes)]


class _Streams:
    """The streams ``rng(k)`` of many starts k, which draw together.

    Parameters
    ----------
    starts : sequence of int
    count : int
        How many numbers will be drawn from each.
    """

    def __init__(self, starts, count):
        stream = matlab.rng()  # one for all starts: to seed it takes a seventh of the time of a new one
        self.left = np.empty((len(starts), count))
        for row, start in zip(self.left, starts, strict=True):
            stream.reseed(int(start))
            row[:] = stream.rand(1, count)[0]

    def rand(self, rows, columns):
        """What ``rand(rows, columns)`` of each stream gives, one after the other along the last axis."""
        drawn, self.left = np.split(self.left, [rows * columns], axis=1)
        return np.ascontiguousarray(drawn.reshape(-1, columns, rows).T)  # MATLAB fills column by column
