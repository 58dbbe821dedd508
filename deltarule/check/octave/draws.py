"""The random numbers that a MATLAB function draws: MATLAB's, from the stream of its start."""

from copy import copy

import numpy as np

from ...basics.arrays import T
from ...matlab import permutations
from ..listings import LISTINGS

DRAWS, KEPT, NODES = 3, 16, 20  # of deep_dropout: randperm(20, 16), three times for each sample
SPARE = 2  # times as many uniforms as the listing draws are there for a port


def random_numbers(listing, subject):
    """The uniforms that a port draws from, and the permutations that come from them; none where nothing is drawn."""
    if not LISTINGS[listing].random:
        return np.zeros((0, 0)), np.zeros((0, 0), np.uint8)
    calls, each = DRAWS * len(subject.X) * max(subject.epochs), permutations.uniforms_of(NODES, KEPT)
    uniforms = copy(subject.rng).rand(1, calls * each * SPARE)
    return uniforms, T(permuted(uniforms.ravel()[: calls * each].reshape(calls, each)))


def permuted(uniforms):
    """randperm(20, 16) for each row of uniforms, as `deltarule.matlab.permutations.ordered` has it."""
    skips, moves = uniforms[:, ::2], uniforms[:, 1::2]
    calls = len(uniforms)
    number, left, order = np.zeros(calls, np.int64), np.full(calls, NODES), np.empty((calls, KEPT), np.uint8)
    for i in range(KEPT):
        p, number = (KEPT - i) / left, number + 1
        while (skipped := skips[:, i] > p).any():
            number, left = number + skipped, left - skipped
            p = np.where(skipped, p + (1 - p) * ((KEPT - i) / np.maximum(left, 1)), p)
        left = left - 1
        place = (moves[:, i] * (i + 1)).astype(np.int64)
        order[:, i] = order[np.arange(calls), np.minimum(place, max(i - 1, 0))]
        order[np.arange(calls), place] = number
    return order
