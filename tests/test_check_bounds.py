"""What agrees and what does not: 1e-9 of the largest change, on either side of it."""

import numpy as np
import plain
import planted_dense
import pytest
from checked import finding, port, short
from closeness import assert_within
from planted import planted

from deltarule.check import LISTINGS, check
from deltarule.check.compare import agree, deviation
from deltarule.check.difference import first_difference
from deltarule.check.looks import Looks, of_port
from deltarule.check.subjects import subjects

CASES = [(listing, W) for listing in planted_dense.LISTINGS for W in range(len(LISTINGS[listing].weights))]


def off_by(function, weight, share):
    """A port whose change of one weight matrix is off at one place, by a share of the largest change."""

    def off(*arguments):
        before = arguments[: -len("XD")]
        after = function(*arguments)
        after = list(after) if isinstance(after, tuple) else [after]
        after[weight] = after[weight].copy()
        after[weight][-1, -1] += share * abs(after[weight] - before[weight]).max()
        return tuple(after)

    return off


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("listing", "weight"), CASES)
def test_a_port_that_is_off_by_a_little_less_than_the_bound_is_right(listing, weight, sign):
    assert finding(off_by(getattr(plain, listing), weight, sign * 0.9e-9), listing, (1,)).right


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("listing", "weight"), CASES)
def test_a_port_that_is_off_by_a_little_more_than_the_bound_is_wrong(listing, weight, sign):
    name = LISTINGS[listing].weights[weight]
    start = short(listing, (1,))
    function = off_by(getattr(plain, listing), weight, sign * 1.1e-9)
    mine = [of_port(port(function, listing), s) for s in start]
    right = [of_port(port(getattr(plain, listing), listing), s) for s in start]
    names = LISTINGS[listing].weights
    found = first_difference(names, zip(["first epoch"] * 3, mine, right, strict=True), lambda epochs: 1e-9)
    assert found.off.keys() == {name}
    assert found.agrees == tuple(n for n in names if n != name)
    assert (found.when, found.start) == ("first epoch", "the listing's start")


@pytest.mark.parametrize(("share", "right"), [(0.5e-9, True), (1.5e-9, False)])
def test_the_check_knows_the_bound(share, right):
    found = finding(off_by(plain.delta_batch, 0, share), "delta_batch", (1,))
    assert found.right is right
    assert not found.mistakes


@pytest.mark.parametrize(("share", "named"), [(0.5e-9, ("error-sign",)), (1.5e-9, ())])
def test_a_mistake_is_named_within_the_same_bound(share, named):
    wrong = planted("delta_batch", ("e = d - y", "e = y - d"))
    assert finding(off_by(wrong, 0, share), "delta_batch", (1,)).mistakes == named


START, RIGHT = np.zeros((2, 2)), np.array([[1.0, 2], [3, 4]])


def at(place, value):
    found = RIGHT.copy()
    found[place] = value
    return found


@pytest.mark.parametrize("place", [(0, 0), (0, 1), (1, 0), (1, 1)])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_deviation_is_relative_to_the_largest_change_wherever_it_lies(place, sign):
    assert_within(deviation(at(place, RIGHT[place] + sign * 4e-6), RIGHT, START), 1e-6, absolute=1e-13, relative=0)
    start = RIGHT - at(place, RIGHT[place] + 0.5)  # the largest change is 0.5, at this place
    moved = deviation(at((1, 1), 4 + 1e-6), RIGHT, RIGHT + start)
    assert_within(moved, 2e-6, absolute=1e-12, relative=0)


def test_what_rounding_does_to_a_large_weight_is_no_deviation():
    large, start = np.array([[1e6, 1.0]]), np.array([[1e6 - 1e-6, 1.0]])
    assert deviation(np.nextafter(large, np.inf), large, start) == 0
    assert deviation(large + np.array([[0, 1e-9]]), large, start) == 0
    assert deviation(large + np.array([[0, 1e-7]]), large, start) > 0.05


def test_without_any_change_any_other_weights_are_infinitely_far():
    assert deviation(RIGHT, RIGHT, RIGHT) == 0
    assert deviation(at((0, 0), 1 + 1e-9), RIGHT, RIGHT) == np.inf


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_the_worst_unless_both_are_so(bad):
    assert deviation(at((0, 1), bad), RIGHT, START) == np.inf
    assert deviation(RIGHT, at((0, 1), bad), START) == np.inf
    assert deviation(at((0, 1), bad), at((0, 1), bad), START) == 0
    both = at((0, 1), bad)
    other = both.copy()
    other[1, 1] += 4e-6
    assert_within(deviation(other, both, START), 1e-6, absolute=1e-12, relative=0)


def test_infinities_of_opposite_signs_are_infinitely_far():
    assert deviation(at((0, 0), np.inf), at((0, 0), -np.inf), START) == np.inf


def test_matrices_of_other_shapes_are_infinitely_far():
    assert deviation(RIGHT[:1], RIGHT, START) == np.inf
    assert not agree((RIGHT[:, :1],), (RIGHT,), (START,))


@pytest.mark.parametrize("k", [0, 1, 2])
def test_all_matrices_must_agree(k):
    mine, right, start = [RIGHT] * 3, [RIGHT] * 3, [START] * 3
    assert agree(mine, right, start)
    mine[k] = at((0, 1), 2 + 3.9e-9)
    assert agree(mine, right, start)
    mine[k] = at((0, 1), 2 + 4.1e-9)
    assert not agree(mine, right, start)
    assert agree(mine, right, start, tolerance=2e-9)


def looks(W1, W2):
    """Looks at two matrices by epoch."""
    subject = short("backprop_xor")[1]
    a, b = subject.weights
    return Looks(subject, {epoch: (a + W1[k], b + W2[k]) for k, epoch in enumerate((1, 10, 100))})


def test_the_first_difference_is_the_first_look_that_is_off():
    right = looks([1, 2, 3], [1, 2, 3])
    same = [("first update", right, right)]
    names = ("W1", "W2")
    assert first_difference(names, same, lambda epochs: 1e-9) is None
    off = looks([1, 2 + 1e-6, 3], [1, 2, 5])
    found = first_difference(names, [*same, ("first epoch", off, right)], lambda epochs: 1e-9)
    assert (found.when, found.agrees, list(found.off)) == ("10 epochs", ("W2",), ["W1"])
    assert found.start == right.subject.name
    text = f"W2 agrees; W1 is off by {found.off['W1']:.1e} of its largest element"
    assert str(found) == text
    later = first_difference(names, [("first epoch", off, right)], lambda epochs: 1e-9 if epochs > 10 else 1e-5)
    assert (later.when, list(later.off)) == ("100 epochs", ["W2"])


@pytest.mark.parametrize(("epoch", "when"), [(0, "first update"), (2, "100 epochs")])
def test_a_number_that_is_none_is_a_difference(epoch, when):
    numbers = [1.0, 2.0, 3.0]
    numbers[epoch] = np.nan
    found = first_difference(("W1", "W2"), [("first update", looks(numbers, [1, 2, 3]), looks([1, 2, 3], [1, 2, 3]))],
                             lambda epochs: 1e-9)  # fmt: skip
    assert (found.when, found.off) == (when, {"W1": np.inf})
    assert str(found) == "W2 agrees; W1 has numbers that are not finite"


def test_the_random_starts_are_trained_to_the_last_epoch_as_well_where_the_check_is_thorough():
    for listing, last in (("backprop_xor", 10_000), ("deep_dropout", 20_000)):
        longest = [[start.epochs[-1] for start in subjects(listing, thorough=how)] for how in (False, True)]
        assert longest == [[last, 1000, 1000], [last] * 3]


@pytest.mark.slow
def test_a_thorough_check_finds_what_goes_wrong_from_a_random_start_after_a_thousand_epochs():
    starts = [start.weights[0] for start in subjects("delta_sgd")]

    def late(after):
        calls, own = 0, None

        def delta_sgd(W, X, D):
            nonlocal calls, own
            own = next((k for k, start in enumerate(starts) if np.array_equal(W, start)), own)
            calls = 1 if any(np.array_equal(W, start) for start in starts) else calls + 1
            new = plain.delta_sgd(W, X, D)
            return new * 1.001 if own and calls > after else new

        return delta_sgd

    assert check(late(1000)).right
    assert not check(late(1000), thorough=True).right
    assert check(late(10_000), thorough=True).right


@pytest.mark.slow
@pytest.mark.parametrize("listing", ["backprop_xor", "backprop_mmt", "backprop_ce"])
def test_a_right_port_is_right_from_every_start_to_the_last_epoch(listing):
    found = check(getattr(plain, listing), thorough=True)
    assert found.right
    assert found.within <= 1e-10
