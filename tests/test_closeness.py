"""The assertions about numbers in pairs: just within the bound passes, just beyond it fails by its place."""

import ast
import math

import numpy as np
import pytest
from closeness import assert_printed, assert_ulps, assert_within
from runs import ROOT

RIGHT = np.array([[1.0, -4.0], [0.0, 1e9]])
PLACES = list(np.ndindex(2, 2))
NOT_FINITE = [math.nan, math.inf, -math.inf]


def moved(place, by):
    """The right numbers with one moved."""
    found = RIGHT.copy()
    found[place] += by
    return found


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("sign", [1, -1])
def test_each_bound_holds_at_every_place_and_no_further(place, sign):
    size = abs(RIGHT[place])
    for absolute, relative, bound in ((1e-3, 0, 1e-3), (0, 1e-3, 1e-3 * size), (1, 1, 1 + size)):
        assert_within(moved(place, 0.999 * sign * bound), RIGHT, absolute=absolute, relative=relative)
        with pytest.raises(AssertionError, match=rf"at \({place[0]}, {place[1]}\): .* 1 of 4 are wrong"):
            assert_within(moved(place, sign * (1.001 * bound + 1e-9)), RIGHT, absolute=absolute, relative=relative)


@pytest.mark.parametrize("place", PLACES)
def test_ulps_are_counted_from_the_expected_number(place):
    found = RIGHT.copy()
    for _ in range(3):
        found[place] = np.nextafter(found[place], -np.inf if place == (0, 1) else np.inf)
    assert_ulps(found, RIGHT, 3)
    with pytest.raises(AssertionError, match=rf"at \({place[0]}, {place[1]}\): .* by 3.0 units .* more than 2"):
        assert_ulps(found, RIGHT, 2)


@pytest.mark.parametrize("place", PLACES)
def test_printed_digits_are_the_same_within_half_a_unit_of_the_last(place):
    assert_printed(moved(place, 0.00049), RIGHT, 3)
    with pytest.raises(AssertionError, match=rf"at \({place[0]}, {place[1]}\): .* other digits with 3 decimals"):
        assert_printed(moved(place, 0.00051), RIGHT, 3)


JUDGES = [
    lambda found, expected: assert_within(found, expected, absolute=1e300, relative=1),
    lambda found, expected: assert_ulps(found, expected, 1e300),
    lambda found, expected: assert_printed(found, expected, 4),
]


@pytest.mark.parametrize("judge", JUDGES)
@pytest.mark.parametrize("bad", NOT_FINITE)
@pytest.mark.parametrize("place", PLACES)
def test_what_is_not_finite_is_the_worst_on_either_side_and_on_both(judge, bad, place):
    judge(RIGHT, RIGHT)
    wrong = RIGHT + 1
    wrong[place] = bad
    for found, expected in ((wrong, RIGHT), (RIGHT, wrong), (wrong, wrong)):
        with pytest.raises(AssertionError, match=rf"^at \({place[0]}, {place[1]}\): "):
            judge(found, expected)


@pytest.mark.parametrize("judge", JUDGES)
def test_other_shapes_and_no_numbers_at_all_are_not_compared(judge):
    judge(np.ones(3), 1.0)  # one number stands for all
    judge(2.0, 2.0)
    for found, expected in ((np.ones(3), np.ones((1, 3))), (np.ones(3), np.ones(1)), (1.0, np.ones(1))):
        with pytest.raises(AssertionError, match="^shape .* is compared with"):
            judge(found, expected)
    with pytest.raises(AssertionError, match="^nothing is compared"):
        judge(np.ones((0, 2)), 1.0)


def test_the_worst_of_several_is_named():
    found = RIGHT + np.array([[0.1, 0.2], [0.3, 0.2]])
    with pytest.raises(AssertionError, match=r"^at \(1, 0\): 0.3 is not 0.0, by 0.3: .*; 4 of 4 are wrong$"):
        assert_within(found, RIGHT, absolute=1e-3, relative=0)
    with pytest.raises(AssertionError, match=r"^1.5 is not 1.0, by 0.5: "):
        assert_within(1.5, 1, absolute=0.1, relative=0)


# Judges of NumPy, pytest and Python that have a bound nobody stated, or that broadcast
UNSTATED = {
    *("allclose", "isclose", "approx", "assertAlmostEqual"),
    *("assert_allclose", "assert_almost_equal", "assert_approx_equal", "assert_array_almost_equal"),
}


def unstated(source):
    """The lines of a program that use such a judge."""
    tree = ast.parse(source)
    named = ((node, getattr(node, "attr", getattr(node, "id", None))) for node in ast.walk(tree))
    imported = ((n, a.name) for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for a in n.names)
    return sorted({node.lineno for node, name in (*named, *imported) if name in UNSTATED})


def test_no_number_is_judged_by_a_bound_that_is_not_stated():
    folders = [ROOT / name for name in ("tests", "deltarule", "scripts", "benchmarks", "reference")]
    programs = [path for folder in folders for path in folder.rglob("*.py")]
    assert len(programs) > 90
    assert {path.name: lines for path in programs if (lines := unstated(path.read_text(encoding="utf-8")))} == {}
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    code = {path.name: "\n".join(path.read_text(encoding="utf-8").split("```python")[1:]) for path in documents}
    assert {name for name, text in code.items() if "allclose(" in text and "rtol=0, atol=" not in text} == set()


@pytest.mark.parametrize(
    "line",
    [
        "np.testing.assert_allclose(a, b, rtol=0, atol=1)",
        "from numpy.testing import assert_allclose",
        "assert a == pytest.approx(b)",
        "assert math.isclose(a, b)",
        "assert numpy.allclose(a, b)",
    ],
)
def test_a_planted_one_is_noticed(line):
    assert unstated(f"x = 1\n{line}\n") == [2]
    assert unstated("np.testing.assert_array_equal(a, b)\nassert_within(a, b, absolute=0, relative=0)") == []
