"""MATLAB's randperm against printed permutations, and against second forms by exact chances and swaps."""

import collections
import math
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from published import after_rand, default, entries

from deltarule import matlab
from deltarule.matlab import permutations

PRINTED_PERMUTATIONS = entries("randperm_nk.json")


def test_randperm_is_the_order_that_sorts_the_uniforms():
    np.testing.assert_array_equal(matlab.rng(6).randperm(500), np.argsort(matlab.rng(6).rand(500, 1).ravel()) + 1)


# Where each printed call of randperm stands in its stream, and the call.
PERMUTATIONS = {
    "rpk-doc-1": lambda: default().randperm(8, 4),
    "rpk-doc-2": lambda: after_rand("default", 8).randperm(8, 4),
    "rpk-randstream": lambda: after_rand(0, 6).randperm(10, 3),
    "rpk-transcript-1": lambda: after_rand("default", 10010648 + 63).randperm(9, 3),
    "rpk-transcript-3": lambda: 2 + after_rand("default", 10010648 + 75).randperm(5, 3),
    "rpk-transcript-5": lambda: 2 + after_rand("default", 10010648 + 87).randperm(5, 3),
    "rp-transcript-9a": lambda: after_rand("default", 10010648 + 45).randperm(9),
    "rpk-rng1-100-2": lambda: matlab.rng(1).randperm(100, 2),
}


@pytest.mark.parametrize("name", PRINTED_PERMUTATIONS)
def test_every_printed_permutation_is_drawn(name):
    assert PERMUTATIONS[name]().tolist() == PRINTED_PERMUTATIONS[name]["printed_values"]


def test_prediction_of_the_first_dropout_mask_of_a_fresh_matlab():
    # predicted from the rule; no printed output of it is known
    mask = [20, 11, 19, 10, 7, 18, 2, 3, 12, 17, 4, 16, 13, 8, 5, 14]
    assert default().randperm(20, 16).tolist() == mask
    assert default().chosen([(20, 16)])[0].tolist() == sorted(mask)


def uniforms_used(n, k):
    return (k if n > 1 else 0) if k == n else 2 * k if n <= 4 * k else k


def skipped(n, k, u):
    """How many of n numbers are skipped before the first of k chosen, by the exact chances."""
    skip, none_yet = 0, Fraction(n - k, n)  # the chance that none of the first skip + 1 numbers is chosen
    while Fraction(u) > 1 - none_yet:
        skip += 1
        none_yet *= Fraction(n - k - skip, n - skip)
    return skip


def dense(n, k, uniforms):
    """randperm(n, k) for n <= 4 k: the numbers by exact chances, their order by swaps on an array of k places."""
    places, number = [None] * k, 0
    for i in range(k):
        u, v = uniforms[2 * i : 2 * i + 2]
        number += 1 + skipped(n - number, k - i, u)
        places[i] = number
        j = math.floor(Fraction(v) * (i + 1))
        places[i], places[j] = places[j], places[i]
    return places


def sparse(n, k, uniforms):
    """randperm(n, k) for n > 4 k: the number at a random place of those left changes places with their last."""
    left, drawn = np.arange(1, n + 1), []
    for i in range(k):
        place = math.floor(uniforms[i] * (n - i))
        drawn.append(int(left[place]))
        left[place] = left[n - i - 1]
    return drawn


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.integers(0, 60), st.integers(1, 2**32 - 1), st.data())
def test_randperm_of_k_agrees_with_a_second_form_and_uses_as_many_uniforms(n, seed, data):
    k = data.draw(st.integers(0, n))
    stream, uniforms = matlab.rng(seed), matlab.rng(seed).rand(1, uniforms_used(n, k) + 1)[0].tolist()
    drawn = stream.randperm(n, k)
    assert drawn.dtype == np.int64
    assert len(set(drawn.tolist())) == k
    if k < n:
        assert drawn.tolist() == (dense if n <= 4 * k else sparse)(n, k, uniforms)
    assert set(drawn.tolist()) <= set(range(1, n + 1))
    assert stream.rand() == uniforms[-1]


def test_randperm_of_n_numbers_out_of_n_is_the_inside_out_shuffle():
    # what MATLAB does is not established; this is what is done here
    for n in range(2, 30):
        order = []
        for i, u in enumerate(matlab.rng(n).rand(1, n)[0].tolist()):
            place = math.floor(u * (i + 1))
            order = [*order[:place], i + 1, *order[place + 1 :], *order[place : place + 1]]
        assert matlab.rng(n).randperm(n, n).tolist() == order


def test_randperm_of_one_number_out_of_one_draws_nothing():
    stream = default()
    assert stream.randperm(1, 1).tolist() == [1]
    assert stream.rand() == default().rand()


@pytest.mark.parametrize(("n", "k"), [(4, 2), (9, 2), (5, 3), (9, 1), (4, 4)])
def test_every_ordered_sample_is_equally_likely(n, k):
    stream = matlab.rng(1)
    counts = collections.Counter(tuple(stream.randperm(n, k).tolist()) for _ in range(20_000))
    possible = math.perm(n, k)
    assert len(counts) == possible
    assert scipy.stats.chisquare(list(counts.values())).pvalue > 1e-4


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 30).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), max_size=8))
def test_chosen_numbers_are_those_of_the_calls_and_leave_the_stream_where_they_do(pairs):
    stream, calls = matlab.rng(4), matlab.rng(4)
    chosen = stream.chosen(pairs)
    assert [numbers.tolist() for numbers in chosen] == [sorted(calls.randperm(n, k).tolist()) for n, k in pairs]
    assert all(numbers.dtype == np.int64 for numbers in chosen)
    assert stream.rand() == calls.rand()


@pytest.mark.parametrize("pairs", [[(20, 21)], [(-1, 0)], [(5,)], [5], ["53"], [(20, 16), (2.5, 1)], [(2**53 + 1, 1)]])
def test_bad_pairs_are_refused_and_draw_nothing(pairs):
    stream = default()
    with pytest.raises(ValueError, match=r"^(pairs|n|k) must be .*, not "):
        stream.chosen(pairs)
    assert stream.rand() == default().rand()


def test_randperm_of_k_draws_every_number_equally_often():
    stream = matlab.rng(2)
    counts = np.bincount(np.concatenate([stream.randperm(20, 16) for _ in range(5000)]), minlength=21)[1:]
    expected, spread = 5000 * 0.8, math.sqrt(5000 * 0.8 * 0.2)
    assert (abs(counts - expected) < 6 * spread).all()


def test_bad_sizes_of_randperm_are_refused():
    with pytest.raises(ValueError, match="^k must be an integer from 0 to 5, not 6"):
        default().randperm(5, 6)
    with pytest.raises(ValueError, match="^n must be an integer from 0 to 9007199254740992, not -1"):
        default().randperm(-1)
    with pytest.raises(
        ValueError, match="^n must be an integer from 0 to 9007199254740992, not 1180591620717411303424"
    ):
        default().randperm(2**70, 2)
    with pytest.raises(ValueError, match="^k must be an integer from 0 to 5, not 2.5"):
        default().randperm(5, 2.5)
    with pytest.raises(TypeError, match="^k must be an integer from 0 to 5, not '2' of type str"):
        default().randperm(5, "2")


def test_randperm_of_few_out_of_many_takes_memory_for_those_drawn_alone_and_draws_the_same():
    for n, k in ((999, 200), (1000, 249), (1001, 40), (5000, 300)):
        assert matlab.rng(3).randperm(n, k).tolist() == sparse(n, k, matlab.rng(3).rand(1, k)[0].tolist())
    tracemalloc.start()
    assert matlab.rng(3).randperm(10**9, 5).shape == (5,)
    assert tracemalloc.get_traced_memory()[1] < 1e5
    tracemalloc.stop()


def test_chosen_asks_a_stream_of_ones_own_that_draws_otherwise():
    class Last(matlab.Stream):
        def randperm(self, n, k=None):
            return np.arange(n, n - k, -1)

    assert [numbers.tolist() for numbers in Last(1).chosen([(5, 2), (4, 3)])] == [[4, 5], [2, 3, 4]]


@pytest.mark.parametrize("n", [2, 999, 1000, 1001, 3000])
def test_all_numbers_come_in_the_order_that_sorts_the_uniforms(n):
    uniforms = matlab.rng(4).rand(n, 1).ravel()
    expected = sorted(range(1, n + 1), key=lambda k: uniforms[k - 1])
    assert matlab.rng(4).randperm(n).ravel().tolist() == expected


@pytest.mark.parametrize("n", [3, 1500])
def test_k_may_be_n_as_another_object(n):
    k = int(str(n))
    found = matlab.rng(4).randperm(n, k).ravel().tolist()
    assert found == matlab.rng(4).randperm(n, n).ravel().tolist()
    assert sorted(found) == list(range(1, n + 1))
    assert permutations.chosen(n, k, n * [0.5]) == list(range(1, n + 1))
