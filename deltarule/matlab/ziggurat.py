"""MATLAB's normal numbers from pairs of its Mersenne Twister's words: the ziggurat of Marsaglia and Tsang (2000).

Below the curve f(x) = exp(-x^2 / 2) lie 256 layers of one area. A pair of words chooses a layer and a place in it, and
99 of 100 places are below the curve wherever it runs; the others are decided by further uniforms. The table is
computed with 40 digits and the decisions do not depend on a last digit of the platform's exp or log, so that every
platform returns the same numbers.
"""

import decimal
import functools
import math

import numpy as np

R = 3.65415288536101  # X[255], where the tail begins
TAIL_LAYER = 255
FEW = 40  # below it, one number at a time is quicker than array operations
BLOCK = 1 << 15  # pairs of words handled at once: enough to be quick, few enough to stay in the cache
CLOSE = 1e-12  # two heights nearer than this are compared with 40 digits; an exp is far more exact
FIXED = 192  # binary places of `minus_log`: enough to round a uniform's logarithm correctly

# MATLAB's edges have 15 digits. These are off by one in the last from those of `AREA` (in units of 1e-15, then 1e-14).
AREA = "0.00492867323397465687"
TAIL_EDGE = "3.6541528853610088"
CORRECTIONS = {
    **dict.fromkeys((8, 25, 27, 46), "1e-15"),
    43: "-1e-15",
    **dict.fromkeys((55, 66, 140, 147, 150, 168, 171, 181, 223), "-1e-14"),
}


@functools.cache
def table():
    """The layers' edges X[0..256] and f(X), as two lists of float."""
    with decimal.localcontext(decimal.Context(prec=40)):
        edges = _edges(decimal.Decimal(AREA), decimal.Decimal(TAIL_EDGE))
        for layer, correction in CORRECTIONS.items():
            edges[layer] += decimal.Decimal(correction)
        X = [float(f"{edge:.15g}") for edge in edges]
        return X, [float(_height(x)) for x in X]


@functools.cache
def _edge_array():
    return np.array(table()[0])


def _edges(area, r):
    """The edges X[0..256] of layers of one area, of which the lowest, with the tail, ends at `r`."""
    f = (-r * r / 2).exp()
    edges = [area / f, r]
    while len(edges) < 256:
        f += area / edges[-1]
        edges.append((-2 * f.ln()).sqrt())
    return [decimal.Decimal(0), *reversed(edges)]


def normal(word, uniform):
    """One normal number from functions that give the stream's next word and its next uniform."""
    X, f = table()
    while True:
        w0, w1 = word(), word()
        layer = w1 >> 24
        x = ((w0 >> 3 << 25 | (w1 & 0xFFFFFF) << 1) - 2**53) * 2.0**-53 * X[layer + 1]
        if abs(x) < X[layer]:
            return x
        if layer == TAIL_LAYER:
            return tail(uniform, x)
        if below(f[layer + 1] + (f[layer] - f[layer + 1]) * uniform(), x):
            return x


def normals(n, word, words, uniform):
    """The next n normal numbers, from functions that give the stream's next word, so many words, or next uniform."""
    out = np.empty(n)
    done = 0
    while n - done > FEW:
        # a pair of words gives one number at most, so no pair is ever drawn too many
        block = _of_pairs(words(2 * min(n - done, BLOCK)), uniform)
        out[done : done + len(block)] = block
        done += len(block)
    out[done:] = [normal(word, uniform) for _ in range(n - done)]
    return out


def _of_pairs(words, uniform):
    """The normal numbers that pairs of words give: one each, less those rejected or used up on the way."""
    X, f = _edge_array(), table()[1]
    w0, w1 = words[::2], words[1::2]
    layers = w1 >> 24
    mantissas = (w0 >> 3).astype(np.int64) << 25 | (w1 & 0xFFFFFF).astype(np.int64) << 1
    x = (mantissas - 2**53) * 2.0**-53 * X[layers + 1]
    outside = np.flatnonzero(abs(x) >= X[layers])
    keep = np.ones(len(x), dtype=bool)
    pairs = Pairs(w0, w1, uniform)
    for p, layer, candidate in zip(outside.tolist(), layers[outside].tolist(), x[outside].tolist(), strict=True):
        if p < pairs.next:
            continue  # this pair went into the decision about an earlier one
        pairs.next = p + 1
        if layer == TAIL_LAYER:
            x[p] = tail(pairs.rand, candidate)
        else:
            keep[p] = below(f[layer + 1] + (f[layer] - f[layer + 1]) * pairs.rand(), candidate)
        keep[p + 1 : pairs.next] = False
    return x[keep]


class Pairs:
    """The pairs of words behind the one at hand: those left in a block, then fresh uniforms of the stream."""

    def __init__(self, w0, w1, uniform):
        self.w0, self.w1, self.uniform = w0, w1, uniform
        self.next = 0

    def rand(self):
        """The uniform number that the next pair makes."""
        p = self.next
        self.next = p + 1
        if p >= len(self.w0):
            return self.uniform()
        return ((int(self.w0[p]) >> 5) * 2**26 + (int(self.w1[p]) >> 6)) * 2.0**-53


def below(height, x):
    """Whether `height` is below f(x), decided alike on every platform."""
    above = math.exp(-0.5 * x * x) - height
    if abs(above) > CLOSE:
        return above > 0
    with decimal.localcontext(decimal.Context(prec=40)):
        return decimal.Decimal(height) < _height(x)


def _height(x):
    """f(x) in the digits of the decimal context."""
    x = decimal.Decimal(x)
    return (-x * x / 2).exp()


def tail(uniform, x):
    """A normal number beyond R, with the sign of x."""
    while True:
        a = minus_log(uniform()) / R
        b = minus_log(uniform())
        if 2 * b > a * a:
            return math.copysign(R + a, x)


def minus_log(u):
    """-log(u) of a uniform, correctly rounded, in integers: a platform's log may differ in the last digit.

    With u = m 2^e and 1/2 <= m < 1 it is 2 artanh((1 - m) / (1 + m)) - e log 2, the artanh by its series.
    """
    if u == 0:
        return math.inf
    m, e = math.frexp(u)
    m = int(m * 2**53)
    power = ((2**53 - m) << FIXED) // (2**53 + m)
    square = power * power >> FIXED
    total, k = 0, 1
    while power:
        total += power // k
        power = power * square >> FIXED
        k += 2
    return (2 * total - e * _log_2()) / 2**FIXED


@functools.cache
def _log_2():
    """log 2 with `FIXED` binary places, as an int."""
    with decimal.localcontext(decimal.Context(prec=80)):
        return int(decimal.Decimal(2).ln() * 2**FIXED)
