"""What the check of a reader's port says is wrong, and by how much: in pairs, and word by word."""

import json
import math
from dataclasses import FrozenInstanceError, replace
from types import SimpleNamespace

import numpy as np
import plain
import pytest
from checked import port, short
from closeness import assert_within
from planted import planted
from test_check_bounds import off_by

from deltarule.basics.differences import central_difference
from deltarule.check import LISTINGS, factors, gradient, looks, search
from deltarule.check.catalogue.mistake import Mistake
from deltarule.check.compare import ROUNDING, TOLERANCE, deviation, percent
from deltarule.check.difference import Difference, first_difference
from deltarule.check.finding import Finding, epochs_text, reason_text, rows, within_text
from deltarule.check.looks import LARGE, SECONDS, Agreement, Looks, agreement, of_listing, of_port
from deltarule.check.octave import errors
from deltarule.check.search import Reason
from deltarule.check.subjects import first_update, subjects
from deltarule.check.unexplained import Inquiry, Update, _named
from deltarule.listings.experiments import EXPERIMENTS


def test_the_bounds_are_those_that_the_documentation_states():
    assert (TOLERANCE, ROUNDING, SECONDS, LARGE) == (1e-9, 64 * 2.0**-52, 2.0, 709)
    assert (gradient.AGREES, gradient.STEP, gradient.DIRECTION) == (1e-6, 1e-7, 5)
    assert (factors.STEADY, factors.TELLS) == (1e-6, 1e-5)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e-4, "0.01 %"), (0.99e-4, "9.9e-05"), (0.0126, "1.3 %"), (1.0, "100 %"), (123.4, "12000 %"), (0, "0.0e+00")],
)
def test_a_difference_is_told_in_percent_from_a_ten_thousandth_on(value, text):
    assert percent(value) == text


@pytest.mark.parametrize(("by", "right"), [(60, True), (68, False)])
def test_of_the_largest_weight_so_many_roundings_do_not_count(by, right):
    weights, start = np.array([[-8.0, 1.0]]), np.array([[-7.0, 1.0]])
    found = deviation(weights + np.array([[0, by * 8 * 2.0**-52]]), weights, start)
    assert bool(found == 0) is right
    assert found < 1e-13
    assert deviation(weights, weights + np.array([[0, by * 8 * 2.0**-52]]), start) == found


def test_a_deviation_is_relative_to_the_largest_change_of_what_is_finite():
    right, start = np.array([[2.0, -6.0, math.inf, math.nan]]), np.array([[1.0, -2.0, 0.0, 0.0]])
    mine = right + np.array([[0.5, 0, 0, 0]])
    assert_within(deviation(mine, right, start), 0.125, absolute=1e-13, relative=0)
    for k in (2, 3):
        wrong = right.copy()
        wrong[0, k] = 1.0
        assert deviation(wrong, right, start) == deviation(right, wrong, start) == math.inf
    assert deviation(right, right, right) == 0


Q = 0.25


@pytest.mark.parametrize(
    ("name", "value"),
    [("{}", 0.25), ("1 - {}", 0.75), ("1 + {}", 1.25), ("{}^2", 0.0625), ("1/{}", 4), ("1/(1 - {})", 4 / 3),
     ("{}*(1 - {})", 0.1875), ("1/({}*(1 - {}))", 16 / 3), ("-{}", -0.25)],
)  # fmt: skip
def test_a_quantity_makes_the_factor_that_its_text_says(name, value):
    assert list(factors.FORMS) == [
        "{}", "1 - {}", "1 + {}", "{}^2", "1/{}", "1/(1 - {})", "{}*(1 - {})", "1/({}*(1 - {}))", "-{}",
    ]  # fmt: skip
    assert factors.FORMS[name](np.array([Q]))[0] == value
    ratios = [np.array([value]), np.array([factors.FORMS[name](0.5)])]
    updates = [Update(1, "", {}, {}, (), {"y": q}) for q in (np.array([[Q]]), 0.5)]
    assert name.replace("{}", "y") in factors.named(ratios, updates)


R = np.array([[1.0, -2.0, 0.5], [4.0, 3.0, -1.0]])
WORDS = "times what it should be, at every place"


def said(*pairs, known=({}, {}, {}), tolerance=1e-9):
    """What is said of a weight that some updates change by the first of each pair, where the second is right."""
    several = zip(pairs, known, strict=False)
    return factors.factor([Update(1, "", {"W": a}, {"W": b}, ("W",), q) for (a, b), q in several], "W", tolerance)


def test_a_factor_is_told_for_all_places_for_all_updates_for_rows_or_for_columns():
    rows, columns = np.array([[2.0], [3.0]]), np.array([[2.0, 3.0, 5.0]])
    assert said((1.5 * R, R)) == f"is 1.5 {WORDS}"
    assert said((-0.25 * R, R), (-0.25 * R, R)) == f"is -0.25 {WORDS}, and so in every other update"
    assert said((1.5 * R, R), (2 * R, R), (-0.5 * R, R)) == f"is 1.5 {WORDS}, and from -0.5 to 2 times in other updates"
    known = [{"y": np.array([[q]]), "count": 3, "t": "text"} for q in (0.5, 1.0, -1.5)]
    assert said((1.5 * R, R), (2 * R, R), (-0.5 * R, R), known=known) == (
        f"is 1.5 {WORDS}, and from -0.5 to 2 times in other updates: 1 + y"
    )
    assert said((rows * R, R)) == "is wrong by a factor of its own in each row"
    assert said((columns * R, R)) == "is wrong by a factor of its own in each column"
    assert said((rows * R, R), known=[{"y1": np.array([0.5, 1 / 3])}]) == (
        "is wrong by a factor of its own in each row: 1/y1"
    )
    assert said((columns * R, R), (rows * R, R)) == "is wrong at 6 of 6 places, by no constant factor"


def test_a_column_has_a_factor_for_each_row_only_where_a_quantity_says_which():
    R, wrong = np.array([[1.0], [2.0]]), np.array([[2.0], [6.0]])
    assert said((wrong, R)) == "is wrong at 2 of 2 places, by no constant factor"
    assert said((wrong, R), known=[{"a": np.array([2.0, 3.0])}]) == "is wrong by a factor of its own in each row: a"
    assert said((wrong.T, R.T)) == "is wrong at 2 of 2 places, by no constant factor"
    assert (
        said((wrong.T, R.T), known=[{"a": np.array([2.0, 3.0])}]) == "is wrong by a factor of its own in each column: a"
    )


def test_what_is_not_changed_and_what_is_not_finite_is_told():
    assert said((0 * R, R)) == said((0 * R, R), (0 * R, R)) == "is 0: it is not changed at all"
    assert said((0 * R, R), (R, R)) == f"is 0 {WORDS}, and from 0 to 1 times in other updates"
    bad = R.copy()
    bad[0, 1], bad[1, 1], bad[1, 2] = math.nan, math.inf, -math.inf
    assert said((bad, R)) == "is not finite at 3 of 6 places"
    later = said((2 * R, R), (bad, R))
    assert later == "is wrong at 6 of 6 places, by no constant factor"


@pytest.mark.parametrize(("off", "places"), [(3.9e-9, 1), (4.1e-9, 2)])
def test_a_place_counts_as_wrong_beyond_the_tolerance_of_the_largest_change(off, places):
    wrong = R.copy()
    wrong[0, 1] += 1.0
    wrong[1, 2] -= off
    assert said((wrong, R)) == f"is wrong at {places} of 6 places, by no constant factor"


@pytest.mark.parametrize("place", list(np.ndindex(2, 3)))
def test_one_place_off_by_just_more_than_the_tolerance_leaves_no_ratio(place):
    for sign in (1, -1):
        for off, right in ((7.8e-9, True), (8.2e-9, False)):
            wrong = 2 * R  # its largest element is 8, at the place that tells the factor
            wrong[place] += sign * off
            if place != (1, 0):
                assert (factors.ratio(wrong, R, None, 1e-9) is not None) is right
            if place[1]:
                assert (factors.ratio(wrong, R, 0, 1e-9) is not None) is (right if place[0] else True) or not place[0]


def test_a_line_that_changes_too_little_tells_no_factor():
    for least, told in ((3.9e-5, False), (4.1e-5, True)):
        right = np.array([[4.0, 1.0], [least, 0.0], [-1.0, 2.0]])
        found = factors.ratio(3 * right, right, 0, 1e-9)
        assert_within(found[[0, 2]], [3, 3], absolute=1e-12, relative=0)
        assert np.isnan(found[1]) == (not told)
        assert factors.ratio(3 * right.T, right.T, 1, 1e-9).tolist()[::2] == [3, 3]
    zero = np.array([[4.0, 1.0], [0.0, 0.0]])
    assert math.isnan(factors.ratio(3 * zero, zero, 0, 1e-9)[1])
    assert factors.ratio(np.array([[12.0, 3.0], [0.0, 1.0]]), zero, 0, 1e-9) is None


def test_no_axis_of_anything_but_a_matrix_has_factors_of_its_own():
    cube = np.arange(1.0, 9).reshape(2, 2, 2)
    assert factors.ratio(2 * cube, cube, None, 1e-9).tolist() == [2]
    assert factors.ratio(2 * cube, cube, 0, 1e-9) is None
    assert factors.ratio(2 * cube, cube, 1, 1e-9) is None
    assert factors.ratio(math.nan * R, R, None, 1e-9) is None


@pytest.mark.parametrize(("apart", "one"), [(0.9e-6, True), (1.1e-6, False)])
def test_factors_are_one_number_up_to_a_millionth(apart, one):
    text = said((2 * R, R), (2 * (1 + apart) * R, R))
    assert text.endswith("and so in every other update") is one
    text = said((-2 * R, R), (-2 * (1 + apart) * R, R))
    assert text.endswith("and so in every other update") is one
    updates = [Update(1, "", {}, {}, (), {"a": -2.0})]
    assert (factors.named([np.array([-2.0 * (1 + apart)])], updates) == ["a"]) is one


def test_at_most_two_quantities_are_named_and_none_that_the_page_does_not_have():
    same = np.array([2.0, 3.0])
    for names, found in (
        (("a", "b", "c"), ["a", "b"]),
        (("new_W", "last_m", "dW", "c"), ["c"]),
        (("new", "last", "e"), ["new", "last"]),
    ):
        assert factors.named([same], [Update(1, "", {}, {}, (), dict.fromkeys(names, same))]) == found
    for wrong in ("text", None, np.ones(3), 2.0, [2.0, 3.0]):
        assert factors.named([same], [Update(1, "", {}, {}, (), {"a": wrong})]) == []
    assert factors.named([np.array([2.0])], [Update(1, "", {}, {}, (), {"a": 2})]) == ["a"]
    two = [Update(k, "", {}, {}, (), {"a": np.array([q, 1.0])}) for k, q in ((1, 2.0), (2, 3.0))]
    assert factors.named([np.array([2.0, np.nan]), np.array([3.0, np.nan])], two) == ["a"]
    assert factors.named([np.array([2.0, np.nan]), np.array([2.0, np.nan])], two) == []


DENSE = sorted(set(gradient.COSTS) - {"mnist_conv"})


def first(listing, weight=None, by=0.0):
    """The first update of a listing, the change of one weight off at one place by a share of the largest slope."""
    subject = first_update(listing)
    (weights,) = of_listing(listing, subject, (1,)).weights.values()
    weights = [W.copy() for W in (weights if isinstance(weights, tuple) else (weights,))]
    if weight is not None:
        weights[weight].flat[-1] += by * max(abs(a - b).max() for a, b in zip(weights, subject.weights, strict=True))
    return Looks(subject, {1: tuple(weights)})


@pytest.mark.parametrize("listing", DENSE)
def test_a_first_update_agrees_with_the_slope_within_a_millionth_of_its_largest_and_no_further(listing, monkeypatch):
    name = gradient.COSTS[listing][0]
    slopes = central_difference(gradient._cost(listing, first_update(listing)), list(first_update(listing).weights))
    monkeypatch.setattr(gradient, "central_difference", lambda *_: slopes)  # the costly half, once
    right = f"the first update goes down the slope of {name}, within "
    assert gradient.gradient(listing, first(listing)).startswith(right)
    for weight in range(len(EXPERIMENTS[listing].shapes())):
        for sign in (1, -1):
            close, far = first(listing, weight, sign * 0.9e-6), first(listing, weight, sign * 1.1e-6)
            assert gradient.gradient(listing, close) == f"{right}9e-07 of central differences"
            assert gradient.gradient(listing, far) == (
                f"the first update is off by 1.1e-06 of the slope of {name}, by central differences"
            )
    twice = gradient.gradient(listing, first(listing, 0, 0.5))
    assert twice == f"the first update is off by 50 % of the slope of {name}, by central differences"
    for bad in (math.nan, math.inf):
        assert gradient.gradient(listing, first(listing, 0, bad)) == (
            f"the first update is off by what is not a finite number of the slope of {name}, by central differences"
        )


def test_the_first_update_of_the_convolutional_network_is_held_against_the_slope_along_a_direction(monkeypatch):
    right = first("mnist_conv")
    assert gradient.gradient("mnist_conv", right).startswith(
        "the first update goes down the slope of the cross-entropy"
    )
    subject, (W1, W5, Wo) = right.subject, right.weights[1]
    before = subject.weights
    for wrong in ((2 * W1 - before[0], W5, Wo), (W1, 2 * W5 - before[1], Wo), (W1, W5, 2 * Wo - before[2])):
        found = gradient.gradient("mnist_conv", Looks(subject, {1: wrong}))
        assert found.startswith("the first update is off by ")
    all_twice = tuple(2 * a - b for a, b in zip(right.weights[1], before, strict=True))
    assert_within(gradient.gradient_error("mnist_conv", Looks(subject, {1: all_twice})), 1, absolute=1e-6, relative=0)
    none = gradient.gradient_error("mnist_conv", Looks(subject, {1: before}))
    assert_within(none, 1, absolute=1e-6, relative=0)


def test_a_listing_without_a_cost_has_no_slope_to_be_held_against():
    assert gradient.gradient("deep_dropout", None) == ""
    assert set(EXPERIMENTS) - set(gradient.COSTS) >= {"deep_dropout"}


class Counted:
    """A port that adds 1 to all weights, on a clock that it moves on; from one epoch on they are no numbers."""

    def __init__(self, seconds=0.0, bad=None):
        self.seconds, self.bad, self.now, self.calls = seconds, bad, 0.0, 0

    def own(self, subject):
        return subject

    def begin(self):
        self.calls = 0

    def __call__(self, weights, X, D, rng):
        self.calls += 1
        self.now += self.seconds
        return tuple(W + (math.nan if self.calls == self.bad else 1) for W in weights)


@pytest.mark.parametrize(
    ("seconds", "limit", "epochs"),
    [
        (0.25, 250, (1, 10, 100, 1000)),
        (0.25, 249.9, (1, 10, 100)),
        (0.25, 25, (1, 10, 100)),
        (0.25, 24.9, (1, 10)),
        (0.25, 0, (1, 10)),
        (9.0, None, (1, 10, 100, 1000)),
    ],
)
def test_a_look_that_would_take_too_long_is_left_out_but_never_the_tenth_epoch(seconds, limit, epochs, monkeypatch):
    port = Counted(seconds)
    monkeypatch.setattr(looks.time, "perf_counter", lambda: 7 + port.now)
    subject = replace(subjects("delta_sgd")[0], epochs=(1, 10, 100, 1000))
    found = of_port(port, subject, limit)
    assert tuple(found.weights) == epochs
    for epoch, (W,) in found.weights.items():
        assert_within(W, subject.weights[0] + epoch, absolute=1e-9, relative=0)


@pytest.mark.parametrize(
    ("bad", "epochs"), [(1, (1,)), (2, (1, 2)), (7, (1, 6, 7)), (10, (1, 9, 10)), (11, (1, 10, 11))]
)
def test_the_epoch_in_which_weights_stop_being_finite_and_the_one_before_are_the_last_looks(bad, epochs):
    subject = replace(subjects("backprop_xor")[0], epochs=(1, 10, 100))
    found = of_port(Counted(bad=bad), subject)
    assert tuple(found.weights) == epochs
    assert [all(np.isfinite(W).all() for W in weights) for weights in found.weights.values()] == [True] * (
        len(epochs) - 1
    ) + [False]
    if bad > 1:
        assert_within(found.weights[bad - 1][0], subject.weights[0] + bad - 1, absolute=1e-12, relative=0)


MISTAKE = SimpleNamespace(id="sign", says="e is y - d", should="it is d - y", erratum="", same=())
ALIKE = SimpleNamespace(**{**vars(MISTAKE), "same": (
    SimpleNamespace(id="minus", says="W is less dW", should="it is W + dW"),
    SimpleNamespace(id="slope", says="delta is -e", should="it is e"),
)})  # fmt: skip
PRINTED = SimpleNamespace(id="order", says="W2 is new", should="it is the old one", erratum="swapped", same=())
AGREED = Agreement((1, 10), 2.3e-12)


@pytest.mark.parametrize(
    ("mistakes", "agreed", "text"),
    [
        ((MISTAKE,), AGREED, "e is y - d; it is d - y\nreproduces your weights within 2e-12 after 1 and 10 epochs"),
        (
            (MISTAKE, PRINTED),
            Agreement((), 0.0, sensitive=100),
            "e is y - d; it is d - y, and\nW2 is new; it is the old one\nreproduces your weights within rounding after "
            "the first update (by 100 epochs rounding decides); the document has it so (errata: swapped)",
        ),
        (
            (ALIKE,),
            AGREED,
            "e is y - d; it is d - y\n(or, to the same effect: W is less dW; it is W + dW)\n"
            "(or, to the same effect: delta is -e; it is e)\n"
            "reproduces your weights within 2e-12 after 1 and 10 epochs",
        ),
        (
            (ALIKE, MISTAKE),
            Agreement((), 0.0),
            "e is y - d; it is d - y\n(or, to the same effect: W is less dW; it is W + dW)\n"
            "(or, to the same effect: delta is -e; it is e), and\ne is y - d; it is d - y\n"
            "reproduces your weights within rounding after the first update",
        ),
        (
            (PRINTED, PRINTED),
            Agreement((1,), 0.0, overflow=7),
            "W2 is new; it is the old one, and\nW2 is new; it is the old one\nreproduces your weights within rounding "
            "after 1 epoch (after 7 epochs your weights are not finite); the document has it so (errata: swapped, "
            "swapped)",
        ),
    ],
)
def test_a_reason_is_told_word_by_word(mistakes, agreed, text):
    assert reason_text(Reason(mistakes, agreed)) == text


def test_epochs_and_deviations_are_told_in_words():
    assert [epochs_text(e) for e in ((), (1,), (2,), (1, 10), (1, 10, 100))] == [
        "the first update", "1 epoch", "2 epochs", "1 and 10 epochs", "1, 10 and 100 epochs",
    ]  # fmt: skip
    assert (within_text(0.0), within_text(1.6e-9)) == ("rounding", "2e-09")


def test_lines_are_wrapped_behind_a_head_of_fourteen_columns():
    (first, second) = rows("verdict", "word " * 25)
    assert first == "verdict       " + " ".join(["word"] * 21)
    assert second == " " * 14 + " ".join(["word"] * 4)
    assert rows("a", "x\n\ny") == ["a             x", "", "              y"]
    assert rows("a" * 13, "b") == ["a" * 13 + " b"]


def test_the_name_of_an_erratum_or_a_file_is_never_broken_over_two_lines():
    assert rows("a", "x" * 97 + " hidden-delta") == ["a             " + "x" * 97, " " * 14 + "hidden-delta"]
    assert rows("a", "x" * 120) == ["a             " + "x" * 120]


OFF = Difference("first update", ("W1",), {"W2": 0.5}, "the listing's start")
WRONG = Finding(
    "backprop_xor", "mine.py:f", "WRONG", OFF, (Reason((MISTAKE,), AGREED), Reason((PRINTED,), AGREED)), ("a note",),
    0.0, (1, 10), (), "the slope is off", "91 of 100 learn, which would not have told", {"epochs": [1]},
)  # fmt: skip
RIGHT = Finding("delta_sgd", "f", "RIGHT", None, (), ("one", "two"), 3e-12, (1, 10), learns="all")


def test_a_finding_is_told_line_by_line():
    assert str(WRONG).splitlines() == [
        "backprop_xor  mine.py:f",
        "note          a note",
        "first update  W1 agrees; W2 is off by 50 % of its largest element",
        "reason        e is y - d; it is d - y",
        "              reproduces your weights within 2e-12 after 1 and 10 epochs",
        "or            W2 is new; it is the old one",
        "              reproduces your weights within 2e-12 after 1 and 10 epochs; the document has it so (errata: "
        "swapped)",
        "gradient      the slope is off",
        "still learns  91 of 100 learn, which would not have told",
        "verdict       WRONG, exit 1",
    ]
    assert str(RIGHT).splitlines() == [
        "delta_sgd     f", "note          one", "note          two", "learns        all",
        "weights       agree within 3e-12 after 1 and 10 epochs", "verdict       RIGHT",
    ]  # fmt: skip
    elsewhere = replace(WRONG, first=replace(OFF, start="rng(3)"), reasons=(), unexplained=("x", "y"), notes=())
    assert str(elsewhere).splitlines()[1:4] == [
        "first update  W1 agrees; W2 is off by 50 % of its largest element, from rng(3)", "known         x",
        "known         y",
    ]  # fmt: skip


def test_what_is_wrong_is_told_for_programs():
    assert (RIGHT.right, WRONG.right) == (True, False)
    assert (RIGHT.deviation, WRONG.deviation, replace(WRONG, first=None, within=2.0).deviation) == (3e-12, 0.5, 2.0)
    assert WRONG.mistakes == ("sign", "order")
    assert replace(WRONG, reasons=(Reason((MISTAKE, PRINTED), AGREED),)).mistakes == ("sign+order",)
    assert RIGHT.says == "one; two"
    assert WRONG.says == "e is y - d; it is d - y, or: W2 is new; it is the old one"
    both = replace(WRONG, reasons=(Reason((MISTAKE, PRINTED), AGREED),))
    assert both.says == "e is y - d; it is d - y; and W2 is new; it is the old one"
    alike = replace(WRONG, reasons=(Reason((ALIKE, PRINTED), AGREED),))
    assert alike.says == (
        "e is y - d; it is d - y (or, to the same effect: W is less dW; it is W + dW) (or, to the same effect: "
        "delta is -e; it is e); and W2 is new; it is the old one"
    )
    known = replace(WRONG, reasons=(), unexplained=("x", "y"))
    assert known.says == "x; y"
    assert replace(known, unexplained=()).says == str(OFF)
    assert replace(known, unexplained=(), first=None).says == ""


def test_a_mistake_is_known_by_what_is_said_of_it_and_not_by_its_steps():
    a, b = (Mistake("sign", "e is y - d", {"e": step}, "it is d - y") for step in (1, 2))
    assert a == b
    assert repr(a) == "Mistake(id='sign', says='e is y - d', should='it is d - y', erratum='')"
    with pytest.raises(FrozenInstanceError):
        a.id = "another"


def test_a_verdict_is_right_in_one_word_alone():
    for verdict, right in (("RIGHT", True), ("WRONG", False), ("", False), ("NOT RIGHT", False), ("right", False)):
        assert replace(RIGHT, verdict="".join(list(verdict))).right is right


class Never:
    """A screen that lets nothing pass, and notes what it was asked about."""

    def __init__(self):
        self.asked = []

    def passes(self, those):
        self.asked.append("+".join(mistake.id for mistake in those))
        return False


@pytest.mark.parametrize("counted", [True, False])
def test_each_two_mistakes_of_different_steps_are_asked_for_once_and_each_pair_is_counted(counted):
    form, look = LISTINGS["delta_sgd"], of_listing("delta_sgd", first_update("delta_sgd"), (1,))
    a, b, c = (
        SimpleNamespace(id=name, steps=dict.fromkeys(steps)) for name, steps in (("a", "xy"), ("b", "y"), ("c", "z"))
    )
    steps, screen = [], Never()
    progress = SimpleNamespace(update=steps.append) if counted else None
    assert search.pairs(form, [a, b, c], look, [], 1e-9, progress, [screen]) == []
    assert (screen.asked, steps) == (["a+c", "b+c"], [1, 1, 1] if counted else [])
    assert search.singles(form, [a, b, c], look, [], 1e-9, [screen]) == []
    assert screen.asked[2:] == ["a", "b", "c"]


def test_a_finding_as_json_has_every_field_and_null_for_what_is_not_finite():
    reasons = Reason((ALIKE,), AGREED), Reason((PRINTED,), AGREED)
    first = replace(OFF, off={"W2": math.inf})
    found = json.loads(replace(WRONG, first=first, reasons=reasons, within=np.float64(2)).to_json())
    assert found == {
        "listing": "backprop_xor", "port": "mine.py:f", "verdict": "WRONG", "right": False, "notes": ["a note"],
        "within": 2.0, "epochs": [1, 10], "unexplained": [], "gradient": "the slope is off",
        "learns": "91 of 100 learn, which would not have told", "curves": {"epochs": [1]}, "deviation": None,
        "says": "e is y - d; it is d - y (or, to the same effect: W is less dW; it is W + dW) (or, to the same effect: "
                "delta is -e; it is e), or: W2 is new; it is the old one",
        "first": {"when": "first update", "start": "the listing's start", "agrees": ["W1"], "off": {"W2": None}},
        "reasons": [
            {"mistakes": [{"id": "sign", "says": "e is y - d", "should": "it is d - y", "erratum": "", "same": [
                {"id": "minus", "says": "W is less dW", "should": "it is W + dW"},
                {"id": "slope", "says": "delta is -e", "should": "it is e"},
             ]}],
             "epochs": [1, 10], "within": 2.3e-12, "sensitive": 0},
            {"mistakes": [{"id": "order", "says": "W2 is new", "should": "it is the old one", "erratum": "swapped",
                           "same": []}],
             "epochs": [1, 10], "within": 2.3e-12, "sensitive": 0},
        ],
    }  # fmt: skip
    assert json.loads(RIGHT.to_json())["first"] is None


def test_a_difference_names_all_weights_that_agree_and_all_that_do_not():
    for agrees, words in (((), ""), (("W1",), "W1 agrees; "), (("W1", "W3"), "W1 and W3 agree; "),
                          (("W1", "W3", "W4"), "W1, W3 and W4 agree; ")):  # fmt: skip
        found = Difference("first update", agrees, {"W2": 0.25, "W5": math.inf}, "")
        assert str(found) == (f"{words}W2 is off by 25 % of its largest element; W5 has numbers that are not finite")
    assert Difference("", (), {"W1": 0.25, "W2": 0.5, "W3": 0.1}, "").deviation == 0.5


@pytest.mark.parametrize(("epoch", "when"), [(1, "first update"), (2, "2 epochs"), (10, "10 epochs")])
def test_the_first_difference_is_relative_to_the_largest_element_that_is_right(epoch, when):
    subject = replace(subjects("delta_sgd")[0], weights=(np.zeros((1, 3)),))
    right = np.array([[1.0, -4.0, 2.0]])
    mine = right + np.array([[0.0, 0.0, 1.0]])
    pair = Looks(subject, {epoch: (mine,)}), Looks(subject, {epoch: (right,)})
    found = first_difference(("W",), [("first update", *pair)], lambda epochs: 1e-9)
    assert (found.when, found.off) == (when, {"W": 0.25})


def off_after(fine):
    """Lines of delta_batch that are wrong from the epoch behind so many on."""
    return (
        ("def delta_batch(W, X, D, alpha=0.9):", "def delta_batch(W, X, D, alpha=0.9, calls=[]):"),
        ("total = np.zeros(W.shape)", f"calls.append(1)\ntotal = np.full(W.shape, 0.01 * (len(calls) > {fine}))"),
    )


@pytest.mark.parametrize(
    ("epochs", "told"),
    [
        ((1, 5), "the first 4 epochs are right, and the next is not"),
        ((1, 6), "the first 4 epochs are right, and the next is not"),
        ((5,), "the first 4 epochs are right, and the next is not"),
        ((1, 4, 5), "the first 4 epochs are right, and the next is not"),
        ((1, 101), "the first 4 epochs are right, and the next is not"),
        ((1, 102), "the first epoch is right, and by 102 epochs it is wrong"),
        ((4, 105), "the first 4 epochs are right, and by 105 epochs it is wrong"),
    ],
)
def test_the_epoch_from_which_on_a_port_is_wrong_is_found_between_looks_a_hundred_apart_and_no_further(epochs, told):
    function = planted("delta_batch", *off_after(4))
    form, mine = (
        LISTINGS["delta_batch"],
        [of_port(port(function, "delta_batch"), s) for s in short("delta_batch", epochs)],
    )
    function.__defaults__[-1].clear()
    asked = Inquiry(form, Fresh(function), mine[0], mine, 1e-9)
    assert asked.from_where() == [
        f"from the listing's start {told}: it keeps something between calls, or does otherwise what comes up only later"
    ]


class Fresh:
    """A port of delta_batch that counts its calls anew each time it is begun."""

    listing = "delta_batch"

    def __init__(self, function):
        self.function, self.port = function, port(function, "delta_batch")

    def own(self, subject):
        return subject

    def begin(self):
        self.function.__defaults__[-1].clear()
        self.port.begin()

    def __call__(self, *given):
        return self.port(*given)


def asked_of(listing, weight, share, few=False):
    """The inquiry of a port whose change of one weight is off by a share of the largest."""
    mine = port(off_by(getattr(plain, listing), weight, share), listing)
    starts = short(listing, (1,))
    asked = Inquiry(
        LISTINGS[listing], mine, of_port(mine, first_update(listing)), [of_port(mine, s) for s in starts], 1e-9
    )
    asked.few = asked.few or few
    return asked


@pytest.mark.parametrize(
    ("listing", "weight", "name"), [("delta_sgd", 0, "W"), ("backprop_xor", 0, "W1"), ("backprop_xor", 1, "W2")]
)
def test_each_update_is_asked_for_alone_from_each_start_and_is_wrong_beyond_the_tolerance(listing, weight, name):
    for share, wrong in ((0.9e-9, ()), (-0.9e-9, ()), (1.1e-9, (name,)), (-1.1e-9, (name,))):
        asked = asked_of(listing, weight, share)
        updates = asked.updates()
        assert [(u.sample, u.start) for u in updates] == [
            (k, look.subject.name) for look in asked.looks for k in (1, 2, 3, 4)
        ]
        assert {u.wrong for u in updates} == {wrong}
    few = asked_of(listing, weight, 0.5, few=True)
    (update,) = few.updates()
    assert (update.sample, update.start, update.wrong) == (1, "the listing's start", (name,))
    assert few.from_where() == []
    x, d = few.first.subject.X, few.first.subject.D
    right = of_listing(listing, replace(few.first.subject, X=x[:1], D=d[:1]), (1,)).weights[1]
    for W, a, b in zip(LISTINGS[listing].weights, right, few.first.subject.weights, strict=True):
        assert_within(update.right[W], a - b, absolute=1e-15, relative=0)
        off = abs(update.changes[W] - update.right[W]).max()
        assert_within(off, 0.5 * abs(a - b).max() * (name == W), absolute=1e-15, relative=0)


@pytest.mark.parametrize(("share", "quiet"), [(0.9e-9, True), (1.1e-9, False), (-1.1e-9, False), (math.nan, False)])
def test_what_changes_where_the_targets_are_the_outputs_counts_beyond_the_tolerance(share, quiet):
    def delta_sgd(W, X, D):
        W = plain.delta_sgd(W, X, D).copy()
        W[0, 1] += share * abs(W).max()
        return W

    mine = port(delta_sgd, "delta_sgd")
    look = Looks(first_update("delta_sgd"), {})
    asked = Inquiry(LISTINGS["delta_sgd"], mine, look, [Looks(short("delta_sgd")[0], {})], 1e-9)
    assert bool(asked.quiet()) is quiet


def test_the_samples_that_are_trained_wrong_are_named_with_their_start_if_it_is_one():
    def update(sample, start):
        return Update(sample, start, {}, {}, ("W",), {})

    assert _named([update(3, "a")]) == "sample 3 from a is"
    assert _named([update(4, "a"), update(1, "a"), update(4, "a")]) == "samples 1 and 4 from a are"
    assert _named([update(4, "a"), update(1, "b"), update(2, "a")]) == "samples 1, 2 and 4 are"
    assert _named([update(2, "a"), update(2, "b")]) == "sample 2 is"


def looks_off(share, epochs=(1, 10), at=10, weight=1):
    """Looks at the weights of backprop_xor, off at one epoch in one weight by a share of its largest change."""
    subject = replace(subjects("backprop_xor")[1], epochs=epochs)
    found = dict(of_listing("backprop_xor", subject, epochs).weights)
    wrong = [W.copy() for W in found[at]]
    wrong[weight][0, -1] += share * abs(wrong[weight] - subject.weights[weight]).max()
    return Looks(subject, {**found, at: tuple(wrong)})


@pytest.mark.parametrize("weight", [0, 1])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_form_agrees_at_every_look_up_to_the_tolerance_and_tells_nothing_from_where_rounding_decides(
    weight, sign, monkeypatch
):
    form = LISTINGS["backprop_xor"]
    for at in (1, 10):
        found = agreement(form, looks_off(sign * 0.9e-9, at=at, weight=weight))
        assert (found.epochs, found.sensitive, found.overflow) == ((1, 10), 0, 0)
        assert_within(found.within, 0.9e-9, absolute=1e-12, relative=0)
        assert agreement(form, looks_off(sign * 1.1e-9, at=at, weight=weight)) is None
        assert agreement(form, looks_off(sign * 1.1e-9, at=at, weight=weight), 2e-9).epochs == (1, 10)
        for carried, sensitive in ((1.05e-13, False), (1.15e-13, at == 10)):
            with monkeypatch.context() as replaced:
                replaced.setattr(looks, "_rounding", lambda *_, carried=carried: carried)
                found = agreement(form, looks_off(sign * 1.1e-9, at=at, weight=weight))
            assert found == (Agreement((1,), found.within, 10) if sensitive else None)


def test_rounding_carries_a_form_as_far_as_a_start_one_step_off(monkeypatch):
    def apart(mine, right, start):
        return [float(abs(a - b).max()) for a, b in zip(mine, right, strict=True)]

    monkeypatch.setattr(looks, "deviations", apart)  # the real one leaves out what rounding does to the weights
    subject, form = subjects("backprop_xor")[1], LISTINGS["backprop_xor"]
    moved = replace(subject, weights=tuple(np.nextafter(W, np.inf) for W in subject.weights))
    ((_, right),) = looks.trained(form, subject, (50,))
    ((_, other),) = looks.trained(form, moved, (50,))
    assert 0 < looks._rounding(form, subject, 50, right) == max(apart(other, right, None)) < 1e-11


BIG = np.array([[1.0, -400.0, 309.0], [1.0, 2.0, 3.0]])  # the sums of what its rows hold are 710 and 6


@pytest.mark.parametrize(
    ("mine", "weights", "before", "overflows"),
    [(math.nan, 1.0, True, True), (math.inf, 1.0, True, True), (1.0, 1.0, True, False), (math.nan, 1.0, False, False),
     (math.nan, math.nan, False, True), (1.0, math.nan, False, False), (math.nan, BIG, False, True),
     (1.0, BIG, False, False), (math.nan, BIG * 709 / 710, False, False), (math.nan, BIG.T, False, False)],
)  # fmt: skip
def test_exponentials_overflow_where_weights_stop_being_finite_or_sums_have_grown_too_large(
    mine, weights, before, overflows
):
    ones = np.ones((2, 3))
    form = weights * np.ones(np.shape(weights) or (2, 3)), ones
    assert bool(looks._overflows((ones, ones * mine), form, before)) is overflows


def test_a_look_at_which_numbers_overflow_is_the_last_that_is_told():
    form, fine = LISTINGS["backprop_xor"], looks_off(0, epochs=(1, 2, 4), at=1)
    bad = tuple(W * math.nan for W in fine.weights[2])
    found = agreement(form, Looks(fine.subject, {**fine.weights, 2: bad}))
    assert (found.epochs, found.overflow, found.sensitive) == ((1,), 2, 0)
    assert agreement(form, Looks(fine.subject, {**fine.weights, 4: bad})) is None
    assert agreement(form, Looks(fine.subject, {1: bad})) is None


@pytest.mark.parametrize("kind", [Finding, Difference, Agreement, Looks, Reason, Update])
def test_what_has_been_found_cannot_be_changed(kind):
    found = object.__new__(kind)
    with pytest.raises(FrozenInstanceError):
        setattr(found, next(iter(kind.__dataclass_fields__)), None)


def test_octaves_copy_of_a_port_stands_for_the_file_and_what_lies_beside_it_for_itself(tmp_path):
    source, folder = SimpleNamespace(files=["train"], path=tmp_path / "mine.m"), tmp_path / "copies"
    copy = "/private" + str(folder / "port" / "train.m")  # as Octave names it, behind a link
    assert errors.own_file(source, copy, folder) == source.path
    beside = tmp_path / "sigmoid.m"
    assert errors.own_file(source, str(beside), folder) == beside
    elsewhere = folder / "port" / "sigmoid.m", folder / "train.m", tmp_path / "other" / "port" / "train.m", ""
    for file in elsewhere:
        assert errors.own_file(source, str(file), folder) is None
