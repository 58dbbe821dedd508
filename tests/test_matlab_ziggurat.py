"""MATLAB's normal numbers: the table and the numbers against published ones, and a second form written word by word."""

import decimal
import math

import numpy as np
import pytest
import scipy.integrate
import scipy.stats
from closeness import assert_ulps, assert_within
from hypothesis import given, settings
from hypothesis import strategies as st
from published import contents

from deltarule import matlab
from deltarule.matlab import ziggurat

# The 257 edges, worked out from printed and saved outputs of MATLAB: 6,602 normals from 11 seeds, in all layers.
EDGES = [float(edge) for row in contents("ziggurat_edges.json") for edge in row]
# Public files and demonstrations that hold MATLAB's normals in full: by source, [seed, index from 1, number].
FULL_PRECISION = contents("randn_full_precision.json")


class WordByWord:
    """MT19937 and the ziggurat from their descriptions, in plain Python, one word at a time."""

    def __init__(self, seed):
        self.mt = [seed]
        for i in range(1, 624):
            self.mt.append((1812433253 * (self.mt[-1] ^ self.mt[-1] >> 30) + i) & 0xFFFFFFFF)
        self.index = 624
        self.wedges = self.tails = self.tries = 0
        self.X = EDGES

    @staticmethod
    def f(x):
        return math.exp(-x * x / 2)

    @staticmethod
    def minus_log(u):
        with decimal.localcontext(decimal.Context(prec=40)):
            return -float(decimal.Decimal(u).ln())

    def word(self):
        if self.index == 624:
            for i in range(624):
                y = (self.mt[i] & 0x80000000) | (self.mt[(i + 1) % 624] & 0x7FFFFFFF)
                self.mt[i] = self.mt[(i + 397) % 624] ^ y >> 1 ^ (0x9908B0DF if y & 1 else 0)
            self.index = 0
        y = self.mt[self.index]
        self.index += 1
        y ^= y >> 11
        y ^= y << 7 & 0x9D2C5680
        y ^= y << 15 & 0xEFC60000
        return y ^ y >> 18

    def rand(self):
        a, b = self.word() >> 5, self.word() >> 6
        return (a * 67108864 + b) / 9007199254740992

    def randn(self):
        while True:
            w0, w1 = self.word(), self.word()
            i = w1 >> 24
            x = (2 * ((w0 >> 3) * 2**24 + (w1 & 0xFFFFFF)) / 2**53 - 1) * self.X[i + 1]
            if abs(x) < self.X[i]:
                return x
            if i == 255:
                self.tails += 1
                while True:
                    self.tries += 1
                    a, b = self.minus_log(self.rand()) / self.X[255], self.minus_log(self.rand())
                    if 2 * b > a * a:
                        return math.copysign(self.X[255] + a, x)
            self.wedges += 1
            low, high = self.f(self.X[i + 1]), self.f(self.X[i])
            if low + (high - low) * self.rand() < self.f(x):
                return x


def test_edges_are_those_of_the_evidence_to_the_last_bit():
    assert ziggurat.table()[0] == EDGES


def test_every_layer_of_the_ziggurat_has_the_area_of_the_tail_layer():
    X, f = ziggurat.table()
    r = X[255]
    area = r * math.exp(-r * r / 2) + scipy.integrate.quad(lambda x: math.exp(-x * x / 2), r, np.inf, epsabs=1e-18)[0]
    assert (len(X), X[0], r) == (257, 0, 3.65415288536101)
    for i in range(255):
        # the edges have 15 digits: half a unit of the last, 5e-15, on both sides of a layer 0.005 large
        assert_within(X[i + 1] * (f[i] - f[i + 1]), area, absolute=0, relative=2e-12)
    assert_within(X[256] * math.exp(-r * r / 2), area, absolute=0, relative=1e-12)


@pytest.mark.parametrize("source", FULL_PRECISION)
def test_every_normal_published_in_full_precision_is_identical_to_the_last_bit(source):
    printed = FULL_PRECISION[source]
    (seed,) = {seed for seed, _, _ in printed}
    ours = matlab.rng(seed).randn(max(index for _, index, _ in printed), 1).ravel()
    assert [ours[index - 1] for _, index, _ in printed] == [float(number) for _, _, number in printed]


def test_the_normals_published_in_full_precision_are_1115_of_five_seeds():
    printed = [tuple(entry[:2]) for entries in FULL_PRECISION.values() for entry in entries]
    assert (len(printed), len({seed for seed, _ in printed})) == (1115, 5)


def test_the_one_number_of_the_tail_published_in_full_precision_is_identical_to_the_last_bit():
    # rng(10), number 313
    assert matlab.rng(10).randn(1, 313)[0, 312] == -3.714927396584011
    stream = matlab.rng(10)
    assert [stream.randn() for _ in range(313)][312] == -3.714927396584011


def test_normals_agree_with_a_form_written_word_by_word():
    slow = WordByWord(2)
    expected = np.array([slow.randn() for _ in range(100_000)])
    assert slow.tails > 10
    assert slow.tries > slow.tails
    assert slow.wedges > 1000
    np.testing.assert_array_equal(matlab.rng(2).randn(100_000, 1).ravel(), expected)


def test_uniforms_agree_with_a_form_written_word_by_word():
    slow = WordByWord(2**32 - 1)
    expected = [slow.rand() for _ in range(2000)]
    np.testing.assert_array_equal(matlab.rng(2**32 - 1).rand(2000, 1).ravel(), expected)


@settings(derandomize=True, max_examples=30, deadline=None)
@given(st.integers(1, 2**32 - 1), st.lists(st.tuples(st.booleans(), st.integers(1, 400)), min_size=1, max_size=8))
def test_uniform_and_normal_numbers_share_one_sequence(seed, draws):
    stream, slow = matlab.rng(seed), WordByWord(seed)
    for normal, n in draws:
        ours = (stream.randn if normal else stream.rand)(n, 1).ravel()
        theirs = [(slow.randn if normal else slow.rand)() for _ in range(n)]
        np.testing.assert_array_equal(ours, theirs)


def test_a_number_of_the_tail_drawn_alone_takes_what_it_needs_from_the_stream():
    together = matlab.rng(5).randn(20_000, 1).ravel()
    tails = np.flatnonzero(abs(together) > EDGES[255])
    assert len(tails) > 1
    for tail in tails.tolist():
        stream = matlab.rng(5)
        stream.randn(tail, 1)
        np.testing.assert_array_equal([stream.randn() for _ in range(9)], together[tail : tail + 9])


def test_normals_have_the_moments_of_the_normal_distribution():
    x = matlab.rng(11).randn(2_000_000, 1)
    n = x.size
    assert abs(x.mean()) < 5 / math.sqrt(n)
    assert abs(x.var() - 1) < 5 * math.sqrt(2 / n)
    assert scipy.stats.kstest(x[:200_000, 0], "norm").pvalue > 1e-6
    beyond = (abs(x) > EDGES[255]).sum()
    expected = n * math.erfc(EDGES[255] / math.sqrt(2))
    assert abs(beyond - expected) < 5 * math.sqrt(expected)


@pytest.mark.parametrize(("b", "kept"), [(0.11, False), (0.12, False), (0.13, True), (0.3, True)])
@pytest.mark.parametrize("x", [-4.0, 4.0])
def test_a_pair_of_the_tail_is_kept_where_twice_b_is_above_the_square_of_a(b, kept, x):
    R = EDGES[255]
    uniforms = iter([math.exp(-0.5 * R), math.exp(-b), math.exp(-0.25 * R), math.exp(-1)])
    found = ziggurat.tail(lambda: next(uniforms), x)
    assert_ulps(found, math.copysign(R + (0.5 if kept else 0.25), x), 1)


def logarithms():
    """Uniforms whose logarithms are hard to round or far out, and some of a stream."""
    hard = [1 - 2.0**-53, 1 - 2.0**-52, 2.0**-53, 0.5, 0.25, 0.75]
    return hard + [1 - u * 2.0**-30 for u in matlab.rng(1).rand(1, 500)[0]] + matlab.rng(2).rand(1, 5000)[0].tolist()


def test_logarithms_are_correctly_rounded():
    for u in logarithms():
        assert ziggurat.minus_log(u) == WordByWord.minus_log(u), u
    assert ziggurat.minus_log(0.0) == math.inf


@pytest.mark.parametrize("ulps", [-3, 3])
def test_another_exp_or_log_of_the_platform_changes_no_number(ulps, monkeypatch):
    expected = matlab.rng(5).randn(1, 50_000)
    x = 0.7
    height = math.exp(-x * x / 2)
    heights = [height + i * math.ulp(height) for i in range(-3, 4)]
    below = [ziggurat.below(h, x) for h in heights]
    assert below == sorted(below, reverse=True)
    assert len(set(below)) == 2

    exp, log = math.exp, math.log
    monkeypatch.setattr(math, "exp", lambda x: exp(x) + ulps * math.ulp(exp(x)))
    monkeypatch.setattr(math, "log", lambda x: log(x) + ulps * math.ulp(log(x)))
    ziggurat.table.cache_clear()
    try:
        np.testing.assert_array_equal(matlab.rng(5).randn(1, 50_000), expected)
        assert [ziggurat.below(h, x) for h in heights] == below
    finally:
        ziggurat.table.cache_clear()
