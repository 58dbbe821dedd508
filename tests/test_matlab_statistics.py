"""Random numbers of MATLAB's Statistics Toolbox against its documentation's printed numbers, and by their formulas."""

import math

import numpy as np
import pytest
import scipy.stats
from closeness import assert_printed
from published import default

from deltarule import matlab


def test_numbers_of_the_documentation_pages_are_drawn():
    # the pages of normrnd and exprnd, from a freshly started MATLAB
    assert_printed(default().normrnd(3, 10, [1, 5]), [[8.3767, 21.3389, -19.5885, 11.6217, 6.1877]], 4)
    assert_printed(default().exprnd(5), 1.0245, 4)


def test_normal_uniform_and_exponential_numbers_are_their_formulas():
    z, u = matlab.rng(3).randn(4, 3), matlab.rng(3).rand(4, 3)
    assert matlab.rng(3).normrnd(-1, 0.3, 4, 3).tolist() == (-1 + 0.3 * z).tolist()
    assert matlab.rng(3).unifrnd(-1, 0.3, 4, 3).tolist() == (-1 + (0.3 - -1) * u).tolist()
    logs = [[math.log(number) for number in row] for row in u.tolist()]
    assert matlab.rng(3).exprnd(0.3, 4, 3).tolist() == (-0.3 * np.array(logs)).tolist()


def test_parameters_may_be_arrays_whose_shape_is_taken():
    mu, sigma = np.array([[1.0, 2, 3], [4, 5, 6]]), np.array([[0.5]])
    expected = mu + 0.5 * matlab.rng(3).randn(2, 3)
    for shape in ((), (2, 3), ([2, 3],)):
        np.testing.assert_array_equal(matlab.rng(3).normrnd(mu, sigma, *shape), expected)
    np.testing.assert_array_equal(matlab.rng(3).unifrnd(0, mu), mu * matlab.rng(3).rand(2, 3))
    assert matlab.rng(3).exprnd([1, 2, 3]).shape == (3,)
    assert isinstance(matlab.rng(3).normrnd([[1]], 2), float)
    assert isinstance(matlab.rng(3).unifrnd(1, np.array(2)), float)
    assert matlab.rng(3).exprnd(1, 0, 3).shape == (0, 3)


def test_numbers_have_the_distributions_they_are_named_for():
    n = 20_000
    for numbers, distribution in (
        (matlab.rng(1).normrnd(3, 2, n, 1), scipy.stats.norm(3, 2)),
        (matlab.rng(1).unifrnd(-4, -1, n, 1), scipy.stats.uniform(-4, 3)),
        (matlab.rng(1).exprnd(7, n, 1), scipy.stats.expon(scale=7)),
    ):
        assert scipy.stats.kstest(numbers.ravel(), distribution.cdf).pvalue > 1e-6


def test_degenerate_parameters_give_the_number_itself():
    assert default().normrnd(3, 0, 1, 2).tolist() == [[3, 3]]
    assert default().unifrnd(3, 3, 1, 2).tolist() == [[3, 3]]
    assert default().exprnd(0, 1, 2).tolist() == [[0, 0]]


@pytest.mark.parametrize("kind", ["normrnd", "unifrnd", "exprnd"])
def test_parameters_that_are_not_finite_numbers_are_refused_and_draw_nothing(kind):
    stream = default()
    draw = getattr(stream, kind)
    arguments = {"normrnd": ("mu", "sigma"), "unifrnd": ("a", "b"), "exprnd": ("mu",)}[kind]
    for position, name in enumerate(arguments):
        for bad in ("1", None, 1j, True, [None], {}):
            with pytest.raises(TypeError, match=f"^{name} must be a number or an array of numbers, not "):
                draw(*[1] * position, bad, *[1] * (len(arguments) - position - 1))
        for bad in (math.nan, math.inf, [1, -math.inf]):
            with pytest.raises(ValueError, match=f"^{name} must be finite, not "):
                draw(*[1] * position, bad, *[1] * (len(arguments) - position - 1))
        with pytest.raises(
            ValueError, match=rf"^{name} must be a number or an array of shape \(2, 2\), not of shape \(3,\)"
        ):
            draw(*[1] * position, [1, 1, 1], *[1] * (len(arguments) - position - 1), 2)
        with pytest.raises(ValueError, match="^shape must be sizes, integers of 0 or more, not -1"):
            draw(*[1] * len(arguments), -1)
    assert stream.rand() == default().rand()


def test_parameters_out_of_range_are_refused_and_draw_nothing():
    stream = default()
    for call, message in (
        (lambda: stream.normrnd(0, -1), "^sigma must be 0 or more, not -1.0"),
        (lambda: stream.normrnd(0, [1, -0.5]), "^sigma must be 0 or more, not -0.5"),
        (lambda: stream.exprnd(-2), "^mu must be 0 or more, not -2.0"),
        (lambda: stream.unifrnd(2, 1), "^b must not be smaller than a"),
        (lambda: stream.unifrnd(-1e308, 1e308), "^b must not be further from a than the largest float"),
        (
            lambda: stream.normrnd([1, 2], [1, 2, 3]),
            r"^sigma must be a number or an array of shape \(2,\), not of shape",
        ),
    ):
        with pytest.raises(ValueError, match=message):
            call()
    assert stream.rand() == default().rand()


def test_a_dense_sample_is_the_beginning_of_a_permutation():
    for n, k in ((8, 3), (8, 8), (11, 3), (1, 1)):
        assert matlab.rng(5).randsample(n, k).tolist() == matlab.rng(5).randperm(n)[:k].tolist()


@pytest.mark.parametrize(("n", "k"), [(12, 3), (100, 25), (100, 2), (10**6, 400), (2**53, 3), (5, 0), (0, 0)])
def test_a_sparse_sample_is_drawn_until_all_differ_then_sorted_and_permuted(n, k):
    stream, expected = matlab.rng(5), matlab.rng(5)
    found = np.array([], dtype=int)
    while len(found) < k:
        batch = [math.floor(n * expected.rand()) + 1 for _ in range(k - len(found))]
        found = np.unique(np.concatenate([found, batch]).astype(int))
    order = np.argsort([expected.rand() for _ in range(k)])
    drawn = stream.randsample(n, k)
    assert drawn.tolist() == found[order].tolist()
    assert drawn.dtype == np.int64
    assert stream.rand() == expected.rand()


def test_a_sample_with_replacement_is_the_floor_of_scaled_uniforms():
    drawn = matlab.rng(5).randsample(3, 10, True)
    assert drawn.tolist() == (np.floor(3 * matlab.rng(5).rand(10, 1).ravel()) + 1).tolist()
    assert matlab.rng(5).randsample(3, 10, replacement=np.True_).tolist() == drawn.tolist()


def test_a_sample_of_a_vector_is_its_elements_at_the_places_drawn():
    vector = np.array([[10.5, 20.5, 30.5, 40.5]])
    places = matlab.rng(5).randsample(4, 3)
    assert matlab.rng(5).randsample(vector, 3).tolist() == vector[0, places - 1].tolist()
    assert matlab.rng(5).randsample(["a", "b", "c"], 5, True).tolist() == [
        "abc"[i - 1] for i in matlab.rng(5).randsample(3, 5, True)
    ]
    assert matlab.rng(5).randsample(np.array([[9.0]]), 2).tolist() == matlab.rng(5).randsample(9, 2).tolist()


def test_every_sample_is_equally_likely():
    stream = matlab.rng(1)
    counts = np.zeros((9, 9))
    for _ in range(20_000):
        a, b = stream.randsample(9, 2)
        counts[a - 1, b - 1] += 1
    assert (counts.diagonal() == 0).all()
    assert scipy.stats.chisquare(counts[~np.eye(9, dtype=bool)]).pvalue > 1e-4


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((5, 6), ValueError, "^k must be an integer from 0 to 5, not 6"),
        ((0, 1, True), ValueError, "^k must be an integer from 0 to 0, not 1"),
        (([1, 2], 3), ValueError, "^k must be an integer from 0 to 2, not 3"),
        ((5, 2.5), ValueError, "^k must be an integer from 0 to 5, not 2.5"),
        ((-1, 0), ValueError, "^n must be an integer from 0 to 9007199254740992, not -1"),
        ((2**54, 1), ValueError, "^n must be an integer from 0 to 9007199254740992, not 18014398509481984"),
        (("5", 1), TypeError, "^n must be an integer from 0 to 9007199254740992, not '5' of type str"),
        ((np.ones((2, 2)), 1), ValueError, r"^n must be a number or a vector, not an array of shape \(2, 2\)"),
        (([[1], [1, 2]], 1), ValueError, "^n must be an array, not .*, whose rows differ in length"),
        ((5, 1, 1), TypeError, "^replacement must be True or False, not 1"),
        ((5, 1, [0.5, 0.5]), TypeError, "^replacement must be True or False, not "),
    ],
)
def test_bad_arguments_of_randsample_are_refused_and_draw_nothing(arguments, error, message):
    stream = default()
    with pytest.raises(error, match=message):
        stream.randsample(*arguments)
    assert stream.rand() == default().rand()


def test_a_uniform_of_zero_makes_an_infinite_waiting_time(monkeypatch):
    rng = matlab.rng(1)
    monkeypatch.setattr(rng._generator, "uniforms", lambda n: np.array([0.0, 0.5, 1.0][:n]))
    assert rng.exprnd(2, 1, 3).tolist() == [[math.inf, 2 * math.log(2), 0.0]]
