"""MATLAB's normal numbers from the words of its Mersenne Twister: the ziggurat of Marsaglia and Tsang (2000)."""

import functools
import math

import numpy as np

_R = 3.6541528853610088  # where the ziggurat's tail begins


class Pairs:
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


def tail(words, x):
    """A normal number beyond r, with the sign of x."""
    while True:
        a = -math.log(words.rand()) / _R
        b = -math.log(words.rand())
        if 2 * b > a * a:
            return math.copysign(_R + a, x)


@functools.cache
def table():
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
