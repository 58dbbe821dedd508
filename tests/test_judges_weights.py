"""How near weights out of a file have to come to those of a form: on either side of each bound."""

from types import SimpleNamespace

import numpy as np
import pytest
from closeness import assert_within

from deltarule.check import LISTINGS
from deltarule.check.compare import ROUNDING, TOLERANCE
from deltarule.check.weights import beside, files, reading
from deltarule.check.weights import search as searching
from deltarule.check.weights.search import FACTOR, LARGEST, Hit, Searched, Target

RIGHT = np.array([[3.0, -1.0]]), np.array([[2.0], [0.5]])
STARTS = [
    SimpleNamespace(weights=(np.array([[1.0, -1.0]]), np.array([[1.0], [0.5]]))),  # changes of 2 and of 1
    SimpleNamespace(weights=(np.array([[3.0, 3.0]]), np.array([[2.0], [0.75]]))),  # of 4 and of 0.25
]
CHANGES = [(2, 4), (1, 0.25)]


def bounds(units=(0.0, 0.0), starts=STARTS, epochs=3, tolerance=1e-6):
    return searching._Bounds(starts, Target(RIGHT, units, epochs, tolerance))


def stacks(variants=2, starts=2):
    """The right weights in every variant and from every start."""
    return [np.tile(W, (variants, starts, 1, 1)) for W in RIGHT]


def test_the_bounds_of_a_search_are_those_that_the_documentation_states():
    assert (FACTOR, LARGEST, TOLERANCE, reading.DIGITS) == (100, 1e-4, 1e-9, 12)
    assert Target((), (), 1).tolerance == TOLERANCE


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize(("k", "place"), [(0, (0, 0)), (0, (0, 1)), (1, (0, 0)), (1, (1, 0))])
def test_weights_agree_up_to_the_tolerance_of_the_largest_change_and_what_was_not_written(k, place, start, sign):
    assert bounds().agree(stacks(), 1e-6).all()
    unit = np.zeros(RIGHT[k].shape)
    unit[place] = 0.125
    for units in ((0.0, 0.0), tuple(unit if j == k else 0.0 for j in range(2))):
        wide = 0.125 * (units[k] is unit)
        for by, agrees in ((0.99e-6, True), (1.01e-6, False)):
            there = stacks()
            there[k][(1, start, *place)] += sign * (wide + by * CHANGES[k][start])
            found = bounds(units).agree(there, 1e-6)
            assert found.shape == (2, 2)
            assert found.sum() == 3 + agrees
            assert bool(found[1, start]) is agrees
            assert bounds(units).agree(there, 1.02e-6).all()


def test_of_the_largest_weight_sixty_four_roundings_do_not_count():
    at = [SimpleNamespace(weights=RIGHT)]  # no change at all
    for by, agrees in ((ROUNDING * 3, True), (ROUNDING * 3 * 1.1, False)):
        there = stacks(1, 1)
        there[0][0, 0, 0, 1] += by
        assert bool(bounds(starts=at).agree(there, 1e-6)[0, 0]) is agrees


def test_how_far_weights_are_off_is_told_of_the_largest_change_without_the_roundings():
    for k, s in ((0, 0), (0, 1), (1, 0), (1, 1)):
        for sign in (1, -1):
            there = stacks()
            there[k][1, s, 0, 0] += sign * 0.5
            there[k][0] += 7
            assert_within(bounds().within(there, 1, s), 0.5 / CHANGES[k][s], absolute=1e-12, relative=0)
            assert bounds().within(there, 1, 1 - s) == 0
    there = stacks()
    there[0][0, 0] += ROUNDING * 2
    assert bounds().within(there, 0, 0) == 0
    at = [SimpleNamespace(weights=RIGHT)]
    assert bounds(starts=at).within([W[:1, :1] + 1 for W in stacks()], 0, 0) == 0


def test_the_drift_is_what_a_rounding_at_the_start_has_grown_to_of_the_largest_change():
    found = bounds()
    found.first = [np.zeros((2, 4, 1, 2)), np.zeros((2, 4, 2, 1))]
    there = [np.concatenate([W, W], axis=1) for W in stacks()]
    assert found.drift(there).tolist() == [[0, 0], [0, 0]]
    assert found.drift(stacks()).tolist() == [[0, 0], [0, 0]]
    for sign in (1, -1):
        moved = [W.copy() for W in there]
        moved[0][1, 2, 0, 1] += sign * 0.75
        moved[1][1, 2, 0, 0] += 0.25
        moved[1][0, 3, 1, 0] += sign * 0.5
        moved[0][0, 2, 0, 0] += ROUNDING * 2  # no more than rounding does to the largest weight
        assert_within(found.drift(moved), [[0, 0.25], [0.25, 0]], absolute=1e-15, relative=0)


def watched(off, epochs=3, indices=(5, 9)):
    """What a search finds of variants that are off by so much, by epoch, variant and start."""
    steps, found = [], Searched([], {}, [])

    def each():
        for epoch in range(100):
            there = stacks(len(indices))
            for (when, m, s), by in off.items():
                if when in (epoch, "always"):
                    there[0][m, s, 0, 0] += by
            seen.append(epoch)
            yield there

    seen = []
    one = SimpleNamespace(indices=list(indices), epochs=each)
    searching._watch(one, 4, bounds(epochs=epochs), epochs + 1, found, SimpleNamespace(update=steps.append))
    assert seen == list(range(epochs + 2))
    assert steps == [1] * (epochs + 1)
    return found


NEVER = {("always", 0, 0): 1.0, ("always", 0, 1): 1.0, ("always", 1, 0): 1.0}


def test_what_agrees_after_the_epochs_asked_for_is_found_there_alone():
    (hit,) = watched({**NEVER, (3, 1, 1): 2e-6}).hits
    assert (hit.variant, hit.start, hit.epochs, hit.sensitive) == (9, 5, (3,), False)
    assert_within(hit.within, 0.5e-6, absolute=1e-12, relative=0)


def test_what_agrees_after_other_epochs_alone_is_found_with_the_deviation_of_the_nearest():
    (hit,) = watched({**NEVER, (3, 1, 1): 1.0, (1, 1, 1): 1.0, (2, 1, 1): 2e-6, (4, 1, 1): -1.0}).hits
    assert (hit.variant, hit.start, hit.epochs) == (9, 5, (0, 2))
    assert_within(hit.within, 0.5e-6, absolute=1e-12, relative=0)
    (hit,) = watched({**NEVER, (3, 1, 1): 1.0, **{(k, 1, 1): 1.0 for k in range(3)}, (4, 1, 1): 1e-6}).hits
    assert (hit.epochs, round(hit.within * 1e9)) == ((4,), 250)
    assert watched({**NEVER, ("always", 1, 1): 1.0}).hits == []


def test_the_weights_of_the_form_itself_are_kept_after_the_epochs_asked_for():
    assert watched(NEVER).last == {}
    kept = watched({**NEVER, (3, 1, 0): 0.5}, indices=(5, 0)).last
    assert kept.keys() == {4, 5}
    assert [W.tolist() for W in kept[4]] == [[[4.5, -1.0]], RIGHT[1].tolist()]
    assert [W.tolist() for W in kept[5]] == [W.tolist() for W in RIGHT]


@pytest.mark.parametrize(
    ("drift", "off", "found", "lost"),
    [
        (0.9e-8, 1.1e-6, None, False),  # what rounding does is below the tolerance, which stays
        (1.1e-8, 1.05e-6, True, False),
        (1.1e-8, 1.15e-6, None, False),
        (0.99e-6, 0.98e-4, True, False),
        (0.99e-6, 1.0e-4, None, False),
        (1.01e-6, 0.5e-4, None, True),  # more than that, and weights tell nothing
        (1.01e-6, 0.9e-6, False, True),
    ],
)
def test_what_rounding_does_widens_the_bound_a_hundredfold_up_to_a_ten_thousandth(drift, off, found, lost, monkeypatch):
    monkeypatch.setattr(searching._Bounds, "drift", lambda self, stacks: np.array([[0.0, 0.0], [0.0, drift]]))
    others = {**NEVER, **{(k, 1, 1): 1.0 for k in (0, 1, 2, 4)}}
    result = watched({**others, (3, 1, 1): 4 * off})
    assert result.lost == ([9] if lost else [])
    if found is None:
        assert result.hits == []
    else:
        ((variant, start, epochs, within, sensitive),) = [tuple(vars(hit).values()) for hit in result.hits]
        assert (variant, start, epochs, sensitive) == (9, 5, (3,), found)
        assert_within(within, off, absolute=1e-12, relative=0)


def test_a_start_off_by_a_rounding_stands_behind_each_where_it_is_wanted():
    starts = [SimpleNamespace(weights=(np.array([k, -k]),), rng=f"stream {k:.0f}") for k in (1.0, 2.0)]
    plain = searching._with_moved(starts, False)
    assert [(W.tolist(), rng) for (W,), rng in plain] == [([1, -1], "stream 1"), ([2, -2], "stream 2")]
    both = searching._with_moved(starts, True)
    assert both[:2] == plain
    assert [rng for _, rng in both[2:]] == ["stream 1", "stream 2"]
    assert both[2][0][0].tolist() == [1 + 2.0**-52, -1 + 2.0**-53]
    assert not Hit(1, 2, (3,), 0.0).sensitive


def test_a_constant_that_differs_between_variants_is_stacked_and_one_that_does_not_is_itself():
    a = np.ones((2, 2))
    for same in ([0.5, 0.5], [a, a], [a, a.copy()], [None, None]):
        assert beside._stacked(same) is same[0]
    for values in ([0.9, 0.5], [0.5, 0.9], [0.5, 0.5, 0.9], [0.5, 0.9, 0.5]):
        found = beside._stacked(values)
        assert (found.shape, found.ravel().tolist()) == ((len(values), 1, 1, 1), values)


def test_a_sample_that_differs_between_variants_is_stacked_along_their_axis():
    a, b = np.ones((3, 1)), np.zeros((3, 1))
    assert beside._sample([a, a.copy()]) is a
    for arrays in ([a, b], [b, a], [a, a, b], [a, b, a]):
        found = beside._sample(arrays)
        assert found.shape == (len(arrays), 1, 3, 1)
        assert [each.ravel().tolist() for each in found] == [each.ravel().tolist() for each in arrays]


def test_of_what_all_variants_have_a_part_is_that_of_one():
    four = np.arange(16.0).reshape(2, 2, 2, 2)
    assert beside._part(four, 1).tolist() == four[1].tolist()
    assert beside._part({1: "own"}, 1) == "own"
    for whole in (four[0], np.zeros((2, 2, 2, 2, 2)), 0.5, "text"):
        assert beside._part(whole, 1) is whole


def content(**named):
    return reading.Content("w.mat", named)


def test_weights_are_taken_as_they_lie_or_transposed_with_axes_of_one_added_or_left_out():
    W1, W2 = np.arange(12.0).reshape(4, 3) / 7, np.arange(1.0, 5).reshape(1, 4) / 7
    (found,) = list(reading.weights(content(W1=W1, W2=W2), "backprop_xor"))
    assert (found.script, found.notes, found.units, found.shapes) == ("backprop_xor", (), (0.0, 0.0), ((4, 3), (1, 4)))
    (flat,) = reading.weights(content(W1=W1, W2=W2.ravel()), "backprop_xor")
    (turned,) = reading.weights(content(W1=W1.T, W2=W2.T), "backprop_xor")
    assert (flat.notes, turned.notes) == ((), ("the weights are transposed",))
    for other in (found, flat, turned):
        assert [W.tolist() for W in other.weights] == [W1.tolist(), W2.tolist()]
    (five,) = reading.weights(content(W1=np.ones((5, 3)) / 7, W2=np.ones((1, 5)) / 7), "backprop_xor")
    assert five.notes == ("5 hidden nodes, where the listing has 4",)
    for wrong in ({"W1": W1, "W2": W1}, {"W1": W1}, {"W1": W1, "W2": W2[:, :3]}):
        with pytest.raises(reading.CheckError, match=r"^w\.mat has .*; backprop_xor takes W1 \(4, 3\), W2 \(1, 4\)$"):
            reading.weights(content(**wrong), "backprop_xor")


@pytest.mark.parametrize(
    ("numbers", "unit", "said"),
    [
        ([0.5, 0.1], 0.05, "written with 1 decimal"),
        ([0.12, -0.5], 0.005, "written with 2 decimals"),
        ([0.1234, -0.25], 0.00005, "written with 4 decimals"),
        ([1 / 3, 0.5], 0.0, ""),
        ([0.0, 0.0], 0.0, ""),
        ([0.123456789012, 0.5], 5e-13, "written with 12 decimals"),
        ([0.1234567890123, 0.5], 0.0, ""),
    ],
)
def test_as_many_decimals_as_the_longest_number_has_were_written(numbers, unit, said):
    found, text = reading.digits(np.array(numbers))
    assert text == said
    assert_within(np.broadcast_to(found, 2), [unit] * 2, absolute=0, relative=1e-12)


@pytest.mark.parametrize(
    ("numbers", "units", "said"),
    [
        ([0.1234, 12.5], [5e-5, 5e-3], "written with 4 digits"),
        ([300.0, 20.0], [50, 5], "written with 1 digit"),
        ([1e-13, 2e-14], [5e-14, 5e-15], "written with 1 digit"),
        ([1.5e-13, 0.0], [5e-15, 0.0], "written with 2 digits"),
    ],
)
def test_where_decimals_or_all_digits_may_have_been_counted_the_wider_of_the_two_is_taken(numbers, units, said):
    found, text = reading.digits(np.array(numbers))
    assert text == said
    assert_within(found, units, absolute=0, relative=1e-9)


def test_single_precision_is_kept_and_has_no_digits_that_were_not_written():
    whole = reading._numbers("w.mat", "W", np.array([1, 2]))
    half = reading._numbers("w.mat", "W", np.array([0.1, 2.0]))
    single = reading._numbers("w.mat", "W", np.array([np.float32(0.1), 2.0], np.float64))
    zeros = reading._numbers("w.mat", "W", np.zeros(2))
    assert [a.dtype.name for a in (whole, half, single, zeros)] == ["float64", "float64", "float32", "float64"]
    assert reading.digits(single) == (0.0, "")
    for wrong, said in (
        (np.array(["a"]), r"must be real numbers, not of dtype <U1"),
        (np.array([1j]), "must be real numbers, not of dtype complex128"),
        (np.zeros((0, 3)), r"must have numbers, and has none: its shape is \(0, 3\)"),
        (np.array([[1.0, np.nan], [np.inf, 2.0]]), "must be finite, and has NaN or infinity at 2 of 4 places"),
        (np.array(np.nan), "must be finite, and has NaN or infinity at 1 of 1 places"),
    ):
        with pytest.raises(reading.CheckError, match=rf"^W in w\.mat {said}$"):
            reading._numbers("w.mat", "W", wrong)


def test_every_step_of_the_listings_belongs_to_what_an_update_needs():
    for name in ("delta_sgd", "backprop_xor", "backprop_mmt"):
        form = LISTINGS[name]
        member = SimpleNamespace(steps={}, fixed={"updates": None})
        union = beside._Union.of(form).joined(form, member)
        assert union.moving <= union.needs.keys()
        assert union.fixed == union.needs.keys() - union.moving
        assert union.lasts == {need for s in form.steps.values() for need in s.needs if need.startswith(beside.LAST)}


@pytest.mark.parametrize(
    ("count", "wanted", "says", "should"),
    [
        (0, 10, "the weights are the start itself, as if nothing was trained", "they should be those after 10 epochs"),
        (0, 1, "the weights are the start itself, as if nothing was trained", "they should be those after 1 epoch"),
        (9, 10, "the weights are those after 9 epochs, 1 fewer than told", "they should be those after 10"),
        (1, 3, "the weights are those after 1 epoch, 2 fewer than told", "they should be those after 3"),
        (12, 10, "the weights are those after 12 epochs, 2 more than told", "they should be those after 10"),
    ],
)
def test_another_number_of_epochs_is_told_word_by_word(count, wanted, says, should):
    found = files._other_epochs(count, wanted)
    assert (found.id, found.says, found.should) == ("other-epochs" if count else "not-trained", says, should)


def hit(*epochs, sensitive=False, variant=0):
    return Hit(variant, 0, epochs, 2e-12, sensitive)


@pytest.mark.parametrize("told", [True, False])
def test_the_reason_of_a_hit_has_its_epochs_and_whether_rounding_decides(told):
    case = SimpleNamespace(target=SimpleNamespace(epochs=10), told_epochs=told)
    for epochs, count in (((10,), 10), ((9,), 9), ((7, 8, 13), 8), ((0,), 0)):
        for sensitive in (False, True):
            reason = files._reason(case, ("made",), hit(*epochs, sensitive=sensitive))
            assert (reason.agreement.epochs, reason.agreement.within) == ((count,), 2e-12)
            assert reason.agreement.sensitive == (count if sensitive else 0)
            assert len(reason.mistakes) == 1 + (count == 0 or (told and count != 10))


@pytest.mark.parametrize(
    ("epochs", "told", "near"), [((9,), True, True), ((11,), True, True), ((10,), True, True), ((8,), True, False),
                                 ((12,), True, False), ((8,), False, True)],
)  # fmt: skip
def test_where_the_epochs_are_told_one_more_and_one_fewer_are_taken_and_no_others(epochs, told, near, monkeypatch):
    searched = Searched([hit(*epochs)], {}, [1, 2])
    monkeypatch.setattr(files, "search", lambda *given: searched)
    monkeypatch.setattr(files, "_reason", lambda case, made, one: SimpleNamespace(mistakes=made, hit=one))
    monkeypatch.setattr(files, "_finding", lambda case, verdict, start, one, reasons: (verdict, one.epochs))
    a, b = (SimpleNamespace(id=id, steps={}) for id in "ab")
    case = SimpleNamespace(
        form=None, samples=None, target=SimpleNamespace(epochs=10), told_epochs=told, lost=set(), start=0
    )
    found = files._searched(case, [(a,), (b,), (a, b)], [SimpleNamespace(mistakes=())], "searched")
    assert found == (("WRONG", epochs) if near else None)
    assert case.lost == {"b"}
    assert files._searched(case, [(a,)] * 3, [SimpleNamespace(mistakes=())], "", any_epoch=True) == ("WRONG", epochs)


def test_axes_of_one_are_added_or_left_out_and_no_other_shape_is_taken():
    for shape, wanted in (((9, 9, 20, 1), (9, 9, 20)), ((1, 9, 9, 20), (9, 9, 20)), ((4,), (1, 4)), ((4,), (4, 1))):
        assert reading._shaped(np.ones(shape), wanted).shape == wanted
    for shape, wanted in (((1, 4), (4, 1)), ((1, 1, 4), (1, 4)), ((9, 20, 9), (9, 9, 20)), ((5,), (1, 4))):
        assert reading._shaped(np.ones(shape), wanted) is None
