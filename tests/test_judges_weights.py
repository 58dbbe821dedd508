"""How near weights out of a file have to come to those of a form: on either side of each bound."""

from types import SimpleNamespace

import numpy as np
import pytest
from closeness import assert_within

from deltarule.check import LISTINGS
from deltarule.check.catalogue.start import right
from deltarule.check.compare import ROUNDING, TOLERANCE
from deltarule.check.finding import Finding
from deltarule.check.forms import Run
from deltarule.check.weights import beside, files, reading
from deltarule.check.weights import search as searching
from deltarule.check.weights.search import FACTOR, LARGEST, Hit, Searched, Target
from deltarule.listings.experiments import EXPERIMENTS

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
    steps, found = [], Searched([], {}, [], {})

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
        ([1.23456789012e-13, 0.0], [5e-25, 0.0], "written with 12 digits"),
        ([1.234567890123e-13, 0.0], [0.0, 0.0], ""),
    ],
)
def test_where_decimals_or_all_digits_may_have_been_counted_the_wider_of_the_two_is_taken(numbers, units, said):
    found, text = reading.digits(np.array(numbers))
    assert text == said
    assert_within(np.broadcast_to(found, 2), units, absolute=0, relative=1e-9)


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
    searched = Searched([hit(*epochs)], {}, [1, 2], {})
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


@pytest.mark.parametrize("name", ["backprop_xor", "deep_dropout"])
def test_of_several_starts_the_one_that_is_meant_is_told_whether_a_listing_draws_or_not(name):
    form, samples, begun = LISTINGS[name], EXPERIMENTS[name].samples(), [right(name, seed) for seed in (1, 2, 3)]
    each = [Run(form, *samples, start.rng).epoch(start.weights) for start in begun]
    for at, weights in enumerate(each):
        found = searching.search(form, [{}], samples, begun, Target(tuple(weights), (0.0,) * len(weights), 1), name)
        assert [(hit.variant, hit.start, hit.epochs) for hit in found.hits] == [(0, at, (1,))]
        for k, those in enumerate(each):
            for W, kept in zip(those, found.last[k], strict=True):
                assert_within(kept, W, absolute=1e-13, relative=1e-12)


@pytest.mark.parametrize(
    ("script", "weights", "said"),
    [
        ("delta_sgd", [[[2 * np.log(4), 0.0, -np.log(4)]]],
         ["the mean squared error of their outputs is 0.04",
          "their outputs are 0.2000 0.2000 0.8000 0.8000, the targets 0.0000 0.0000 1.0000 1.0000"]),
        ("delta_xor", [[[2 * np.log(4), 0.0, -np.log(4)]]],
         ["the mean squared error of their outputs is 0.34",
          "their outputs are 0.2000 0.2000 0.8000 0.8000, the targets 0.0000 1.0000 1.0000 0.0000"]),
        ("delta_xor", [[[2 * np.log(9.1), 0.0, -np.log(9.1)]]],
         ["the mean squared error of their outputs is 0.41",
          "their outputs are 0.0990 0.0990 0.9010 0.9010, the targets 0.0000 1.0000 1.0000 0.0000",
          "they have learned other targets: the separable [0 0 1 1]"]),
        ("delta_xor", [[[2 * np.log(8.9), 0.0, -np.log(8.9)]]],
         ["the mean squared error of their outputs is 0.41",
          "their outputs are 0.1010 0.1010 0.8990 0.8990, the targets 0.0000 1.0000 1.0000 0.0000"]),
        ("delta_sgd", [[[2 * np.log(9.1), 0.0, -np.log(9.1)]]],
         ["the mean squared error of their outputs is 0.0098",
          "their outputs are 0.0990 0.0990 0.9010 0.9010, the targets 0.0000 0.0000 1.0000 1.0000"]),
        ("multi_class", [np.zeros((50, 25)), np.zeros((5, 50))], ["the mean squared error of their outputs is 0.16"]),
        ("mnist_conv", [], []),
    ],
)  # fmt: skip
def test_the_outputs_of_weights_that_nothing_comes_to_are_told_beside_the_targets_where_they_are_few(
    script, weights, said
):
    samples = EXPERIMENTS[script].samples() if weights else None
    case = SimpleNamespace(script=script, samples=samples, target=SimpleNamespace(weights=list(map(np.array, weights))))
    case.weights = SimpleNamespace(listing=reading.FORM_OF.get(script, script))
    assert files._outputs(case) == said


def case_of(script, epochs=10, seed=3, weights=None, told=()):
    """What a file tells of a run, whose weights are those of another start if none are given."""
    names = LISTINGS[reading.FORM_OF.get(script, script)].weights
    there = content(**dict(zip(names, weights or right(script, 7).weights, strict=True)), **dict(told))
    (found,) = reading.weights(there, script)
    return files._case(there, found, seed, epochs)


@pytest.mark.parametrize(
    ("script", "updates"), [("delta_sgd", 40), ("delta_batch", 10), ("delta_minibatch", 20), ("multi_class", 50)]
)
def test_a_run_makes_an_update_for_each_batch_of_each_epoch(script, updates):
    assert case_of(script).updates == updates


def test_what_is_told_of_a_run_is_taken_from_the_arguments_then_from_the_file_then_from_the_script():
    whole = {"seed": 5.0, "epochs": 7.0, "generator": "v4"}
    for case, seed, epochs, generator, told in (
        (case_of("delta_sgd", 10, 3, told=whole), 3, 10, "v4", (True, True)),
        (case_of("delta_sgd", None, None, told=whole), 5, 7, "v4", (True, True)),
        (case_of("multi_class", None, None), 3, 10_000, "twister", (False, False)),
        (case_of("delta_sgd", 1, "default"), "default", 1, "twister", (True, True)),
        (case_of("delta_sgd", None, 0), 0, 10_000, "twister", (True, False)),
    ):
        assert (case.start.seed, case.target.epochs, case.generator) == (seed, epochs, generator)
        assert (case.told_seed, case.told_epochs) == told
        expected = right(case.script, seed, generator).weights
        assert [W.tolist() for W in case.start.weights] == [W.tolist() for W in expected]
    with pytest.raises(
        files.CheckError, match="^the run of w.mat started from the weights in first.mat: it has no start"
    ):
        case_of("delta_sgd", told={"loaded": "first.mat"})


@pytest.mark.parametrize(
    ("what", "value", "said"),
    [
        ("seed", 1.5, 'seed must be a whole number or "default", not 1.5 (w.mat)'),
        ("seed", True, 'seed must be a whole number or "default", not True (w.mat)'),
        ("seed", "3", "seed must be a whole number or \"default\", not '3' (w.mat)"),
        ("epochs", 0, "epochs must be a whole number of 1 or more, not 0 (w.mat)"),
        ("epochs", 2.5, "epochs must be a whole number of 1 or more, not 2.5 (w.mat)"),
        ("epochs", True, "epochs must be a whole number of 1 or more, not True (w.mat)"),
        ("epochs", "3", "epochs must be a whole number of 1 or more, not '3' (w.mat)"),
    ],
)
def test_a_seed_or_a_number_of_epochs_that_is_none_is_refused_word_by_word(what, value, said):
    with pytest.raises(files.CheckError) as refused:
        case_of("delta_sgd", **{what: value})
    assert str(refused.value) == said
    with pytest.raises(files.CheckError, match=r"seed.* \(w\.mat\)$"):
        case_of("delta_sgd", seed=-1)


def test_a_constant_that_the_file_tells_otherwise_is_taken_and_said():
    for told, notes, alpha in (({"alpha": 0.5}, ["alpha is 0.5, as the file tells"], 0.5), ({"alpha": 0.9}, [], 0.9),
                               ({"alpha": "0.5"}, [], 0.9), ({}, [], 0.9), ({"beta": 0.5}, [], 0.9)):  # fmt: skip
        case = case_of("delta_sgd", told=told)
        assert (case.notes, case.form.steps["alpha"].function()) == (notes, alpha)


def test_weights_in_float32_are_held_to_what_the_listing_does_in_it_and_others_to_a_billionth():
    single = [W.astype(np.float32) for W in right("delta_sgd", 7).weights]
    for epochs in (1, 10):
        case = case_of("delta_sgd", epochs, weights=single)
        assert case.target.tolerance == files.float32_tolerance("delta_sgd")(epochs) > 1e-5
        assert case.notes == ["computed or stored in float32"]
    assert case_of("delta_sgd").target.tolerance == TOLERANCE


@pytest.mark.parametrize(
    ("told", "epochs", "notes", "count"),
    [
        ((3, 10), (10,), ["start: rng(3)", "epochs: 10, as told"], 10),
        ((3, 10), (9,), ["start: rng(3)"], 9),
        ((3, 10), (0,), ["start: rng(3)"], 0),
        ((None, None), (10_000,), ["start: rng default, not told",
                                   "epochs: 10000, the number of the script, as none is told"], 10_000),
        ((None, None), (7,), ["start: rng default, not told",
                              "epochs: 7, where the script trains 10000 and none is told"], 7),
        ((None, None), (9, 8, 7), ["start: rng default, not told",
                                   "epochs: 7 to 9, where the script trains 10000 and none is told"], 9),
        ((None, None), (7, 8), ["start: rng default, not told",
                                "epochs: 7 to 8, where the script trains 10000 and none is told"], 8),
        ((None, None), (0,), ["start: rng default, not told"], 0),
    ],
)  # fmt: skip
def test_the_start_and_the_epochs_that_a_finding_rests_on_are_noted_word_by_word(told, epochs, notes, count):
    case = case_of("delta_sgd", told[1], told[0])
    case.notes = ["before"]
    case.last = tuple(W + 1 for W in case.target.weights)
    for verdict in ("RIGHT", "WRONG"):
        found = files._finding(case, verdict, case.start, hit(*epochs), ["a reason"])
        assert (found.notes, found.epochs, found.within) == (("before", *notes), (count,), 2e-12)
        assert (found.listing, found.verdict, found.reasons) == ("delta_sgd", verdict, ("a reason",))
        assert (found.first is None) is (verdict == "RIGHT")


@pytest.mark.parametrize(
    ("told", "epochs", "verdict", "mistakes"),
    [
        (10, (10,), "RIGHT", ()),
        (10, (9,), "WRONG", ("other-epochs",)),
        (10, (11, 12), "WRONG", ("other-epochs",)),
        (10, (0,), "WRONG", ("not-trained",)),
        (None, (10_000,), "RIGHT", ()),
        (None, (7,), "RIGHT", ()),
        (None, (0,), "WRONG", ("not-trained",)),
    ],
)
def test_the_listings_own_weights_are_right_but_after_other_epochs_than_told_or_none(told, epochs, verdict, mistakes):
    case = case_of("delta_sgd", told)
    found = files._of_the_listing(case, case.start, hit(*epochs))
    assert (found.verdict, found.mistakes) == (verdict, mistakes)


def off_by(*by, epochs=10):
    """How weights of two matrices differ first that are off from the right ones by so much, at one place each."""
    there, last = right("backprop_xor", 7).weights, []
    for W, each in zip(there, by, strict=True):
        last.append(W.copy())
        last[-1][0, 0] += each
    case = case_of("backprop_xor", epochs, 3, there)
    case.last = tuple(last)
    return case, last


@pytest.mark.parametrize("k", [0, 1])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_matrix_differs_where_it_is_off_by_more_than_the_tolerance_of_its_largest_change(k, sign):
    _, last = off_by(0, 0)
    change = abs(last[k] - right("backprop_xor", 3).weights[k]).max()
    for times, differs in ((0.99e-9, False), (1.01e-9, True)):
        by = [sign * times * change * (j == k) for j in range(2)]
        first = files._first(off_by(*by)[0])
        assert (first is not None) is differs
    assert (first.agrees, tuple(first.off)) == (("W2",), ("W1",)) if k == 0 else (("W1",), ("W2",))
    assert (first.when, files._first(off_by(*by, epochs=1)[0]).when) == ("10 epochs", "first epoch")


@pytest.mark.parametrize("k", [0, 1])
@pytest.mark.parametrize("sign", [1, -1])
def test_what_digits_that_were_not_written_may_hide_is_no_difference_in_that_matrix_and_in_no_other(k, sign):
    _, last = off_by(0, 0)
    change = abs(last[k] - right("backprop_xor", 3).weights[k]).max()
    for times, differs in ((0.99e-9, False), (1.01e-9, True)):
        case, _ = off_by(*(sign * (0.05 + times * change) * (j == k) for j in range(2)))
        case.target = Target(case.target.weights, tuple(0.05 * (j == k) for j in range(2)), 10)
        assert (files._first(case) is not None) is differs
        case.target = Target(case.target.weights, tuple(0.05 * (j != k) for j in range(2)), 10)
        assert tuple(files._first(case).off) == (("W1", "W2")[k],)


def test_weights_differ_from_a_listing_whose_own_are_no_numbers_by_then():
    case, last = off_by(0, 0)
    assert files._first(case) is None
    for value in (np.inf, np.nan):
        last[0][1, 1] = value
        assert str(files._first(case)) == "W2 agrees; W1 has numbers that are not finite"
    case.last = ()
    assert files._first(case) is None


def stages(monkeypatch, hits=(), lost=()):
    """What is searched for from now on, each search's arguments."""
    asked = []

    def search(form, variants, samples, begun, target, called, moved=True):
        asked.append((len(variants), len(begun), target.epochs, moved))
        return Searched(list(hits), {}, list(lost), {})

    monkeypatch.setattr(files, "search", search)
    return asked


def test_where_fewer_epochs_are_told_than_the_script_has_the_listing_is_trained_on(monkeypatch):
    asked = stages(monkeypatch)
    for epochs in (None, 9_999, 10_000, 10_001):
        assert files._more_epochs(case_of("delta_sgd", epochs), False, False) is None
    assert asked == []
    case = case_of("delta_sgd", 9_998)
    assert files._more_epochs(case, False, False) is None
    assert asked == [(1, 1, 10_000, False)]
    assert case.tried == ["the listing from the right start, up to 10000 epochs"]


def test_it_is_trained_three_times_as_long_before_single_mistakes_and_up_to_the_scripts_epochs_after_them(monkeypatch):
    asked = stages(monkeypatch)
    for epochs in (1, 3_333, 3_334):
        assert files._more_epochs(case_of("delta_sgd", epochs), False, False) is None
        assert files._many_more_epochs(case_of("delta_sgd", epochs), False, False) is None
    assert [epochs for _, _, epochs, _ in asked] == [3, 10_000, 9_999, 10_000, 10_000]
    order = [files.STAGES.index(stage) for stage in (files._more_epochs, files._one_mistake, files._many_more_epochs)]
    assert order == sorted(order)


def test_other_seeds_are_tried_where_none_is_told_and_the_one_nearest_to_the_epochs_is_meant(monkeypatch):
    hits = [Hit(0, 4, (8,), 0.0), Hit(0, 2, (3, 11), 0.0), Hit(0, 5, (13,), 0.0)]
    asked = stages(monkeypatch, hits)
    assert files._other_seed(case_of("delta_sgd"), False, False) is None
    assert asked == []
    case = case_of("delta_sgd", 10, None)
    own = files.others(*case.begin)
    found = files._other_seed(case, False, False)
    assert (found.verdict, found.notes[-1], asked) == ("WRONG", f"start: rng({own[2].seed}), not told",
                                                       [(1, len(own), 10, False)])  # fmt: skip
    assert case.tried == [f"the listing from {len(own)} other seeds"]
    stages(monkeypatch)
    assert files._other_seed(case, False, False) is None


@pytest.mark.parametrize("seed", [3, None])
def test_wrong_starts_are_those_of_the_seed_and_other_seeds_where_one_is_told(seed, monkeypatch):
    asked = stages(monkeypatch)
    case = case_of("delta_sgd", 10, seed)
    count = len(files.starts(*case.begin)) + (0 if seed is None else len(files.others(*case.begin)))
    assert files._wrong_start(case, False, False) is None
    assert (asked, case.tried) == ([(1, count, 10, False)], [f"the listing from {count} wrong starts"])


@pytest.mark.parametrize(
    ("seed", "several", "thorough", "searched"),
    [
        (3, False, False, ["plain"]),
        (None, False, False, ["plain", "seeds"]),
        (None, True, False, ["plain"]),
        (3, False, True, ["plain", "seeds", "double"]),
        (None, True, True, ["plain", "seeds", "double"]),
    ],
)
def test_mistakes_are_tried_from_wrong_starts_and_from_other_seeds_and_from_all_where_it_is_to_be_thorough(
    seed, several, thorough, searched, monkeypatch
):
    asked, case = stages(monkeypatch), case_of("delta_sgd", 10, seed)
    every = files.starts(*case.begin)
    sizes = {"plain": sum(len(s.mistakes) == 1 for s in every), "double": sum(len(s.mistakes) == 2 for s in every),
             "seeds": len(files.others(*case.begin))}  # fmt: skip
    each = len(files._catalogue(case))
    assert files._mistake_and_start(case, several, thorough) is None
    assert asked == [(each, sizes[those], 10, False) for those in searched]
    assert case.tried == [f"{each} mistakes from {sizes[those]} wrong starts" for those in searched]


def test_mistakes_from_wrong_starts_are_left_out_where_they_take_more_than_the_bound(monkeypatch):
    case = case_of("backprop_xor")
    plain = sum(len(s.mistakes) == 1 for s in files.starts(*case.begin))
    work = 16 * len(files._catalogue(case)) * 40 * plain
    assert (files.NETWORKS, files.PAIRS) == (4e10, 3e6)
    for bound, thorough, count in ((work, False, 1), (work - 1, False, 0), (work - 1, True, 3)):
        monkeypatch.setattr(files, "NETWORKS", bound)
        asked = stages(monkeypatch)
        assert files._mistake_and_start(case, False, thorough) is None
        assert len(asked) == count


def test_pairs_of_mistakes_are_left_out_where_they_take_more_than_the_bound(monkeypatch):
    case = case_of("delta_sgd")
    asked = stages(monkeypatch)
    assert files._two_mistakes(case, False, True) is None
    ((count, begun, epochs, moved),) = asked
    assert (begun, epochs, moved, case.tried) == (1, 10, False, [f"{count} pairs of mistakes from the right start"])
    assert count > len(files._catalogue(case)) * 10
    for bound, searched in ((count * 40, 1), (count * 40 - 1, 0)):
        monkeypatch.setattr(files, "PAIRS", bound)
        asked = stages(monkeypatch)
        assert files._two_mistakes(case, False, False) is None
        assert len(asked) == searched


def test_of_what_explains_weights_the_reasons_with_the_fewest_mistakes_are_told_and_the_epochs_told_before_others(
    monkeypatch,
):
    case, (a, b) = case_of("delta_sgd"), files._catalogue(case_of("delta_sgd"))[:2]
    begun = [case.start, files.starts(*case.begin)[0]]
    late = begun[1].mistakes[0].id
    for hits, mistakes in (
        ([Hit(0, 0, (10,), 0.0), Hit(1, 1, (10,), 0.0)], (a.id,)),
        ([Hit(0, 1, (10,), 0.0), Hit(1, 0, (10,), 0.0)], (b.id,)),
        ([Hit(0, 0, (10,), 0.0), Hit(1, 0, (9, 10), 0.0)], (a.id, b.id)),
        ([Hit(0, 0, (9,), 0.0), Hit(1, 1, (10,), 0.0)], (f"{late}+{b.id}",)),
        ([Hit(0, 0, (9,), 0.0), Hit(1, 0, (11,), 0.0)], (f"{a.id}+other-epochs", f"{b.id}+other-epochs")),
        ([Hit(0, 0, (8,), 0.0)], None),
    ):
        stages(monkeypatch, hits)
        found = files._searched(case, [(a,), (b,)], begun, "searched")
        assert (found if found is None else found.mistakes) == mistakes


def test_what_is_known_where_nothing_comes_to_the_weights_is_told_sentence_by_sentence():
    told, guessed = case_of("delta_sgd"), case_of("delta_xor", None, None)
    told.tried, guessed.tried, guessed.lost = ["this", "that"], ["this"], {"b", "a"}
    guessed.notes = ["before"]
    first = files._not_found([told], "mine.mat")
    assert (first.listing, first.port, first.verdict, first.epochs) == ("delta_sgd", "mine.mat", "WRONG", (10,))
    assert first.notes == ("start: rng(3)", "epochs: 10")
    assert first.unexplained[0] == "tried: this; that"
    assert [text.partition(" is")[0].partition(" are")[0] for text in first.unexplained[1:]] == [
        "the mean squared error of their outputs", "their outputs",
    ]  # fmt: skip
    both = files._not_found([guessed, told], "mine.mat")
    assert both.notes == ("before", "start: rng default", "epochs: 40000")
    assert both.unexplained[:4] == (
        "the weights fit delta_xor, delta_sgd by their shapes: name one of them; this is of delta_xor",
        "tried: this",
        "the start is not told: mistakes were looked for from rng default first",
        "of 2 mistakes weights cannot tell, as by then rounding alone decides: a, b",
    )


def test_of_several_listings_that_weights_fit_those_that_explain_them_are_named():
    found = [Finding(name, "", "RIGHT", notes=("a note",)) for name in ("delta_sgd", "delta_batch", "delta_xor")]
    cases = [SimpleNamespace(script=name) for name in ("delta_sgd", "delta_batch", "delta_xor")]
    fitting = "the weights fit delta_sgd, delta_batch, delta_xor by their shapes: delta_sgd explains them"
    for count, also in ((1, ""), (2, ", and so does delta_batch"), (3, ", and so does delta_batch and delta_xor")):
        told = files._told(found[:count], cases, "mine.mat")
        assert (told.port, told.notes) == ("mine.mat", (fitting + also, "a note"))
    assert files._told(found[:1], cases[:1], "mine.mat").notes == ("a note",)


def test_what_rounding_does_is_looked_at_but_for_the_convolutional_network():
    for listing, moved in (("delta_sgd", True), ("mnist_conv", False)):
        assert files.Case.moved.fget(SimpleNamespace(weights=SimpleNamespace(listing=listing))) is moved


def test_weights_after_one_epoch_more_than_asked_for_are_found_and_after_two_more_they_are_not():
    form, samples, begun = LISTINGS["backprop_xor"], EXPERIMENTS["backprop_xor"].samples(), right("backprop_xor", 3)
    one, weights = Run(form, *samples, begun.rng), begun.weights
    for epoch in range(1, 6):
        weights = one.epoch(weights)
        found = searching.search(form, [{}], samples, [begun], Target(tuple(weights), (0.0, 0.0), 3), "three epochs")
        assert [hit.epochs for hit in found.hits] == ([(epoch,)] if epoch < 5 else [])


def test_a_file_of_another_kind_is_refused_with_those_that_are_read():
    with pytest.raises(reading.CheckError) as refused:
        reading.read("weights.txt")
    assert str(refused.value) == "weights.txt must end in .mat, .npz, .npy or .csv"


@pytest.mark.parametrize("thorough", [True, False])
def test_each_stage_of_a_search_is_told_whether_several_listings_fit_and_what_is_right_goes_before(
    thorough, monkeypatch, tmp_path
):
    file, asked = tmp_path / "w.npz", []
    np.savez(file, W=right("delta_sgd", 7).weights[0])

    def nothing(case, *given):
        asked.append((case.script, *given))

    def found(case, *given):
        return Finding(case.script, "", "RIGHT" if case.script == "delta_batch" else "WRONG")

    monkeypatch.setattr(files, "STAGES", (nothing, found))
    alone = files.check_file(file, "delta_sgd", 3, 10, thorough=thorough)
    assert (alone.listing, alone.verdict, alone.port) == ("delta_sgd", "WRONG", "w.npz")
    fitting = files.check_file(file, None, 3, 10, thorough=thorough, name="mine.npz")
    assert (fitting.listing, fitting.verdict, fitting.port) == ("delta_batch", "RIGHT", "mine.npz")
    three = [(name, True, thorough) for name in ("delta_sgd", "delta_batch", "delta_minibatch")]
    assert asked == [("delta_sgd", False, thorough), *three]


def test_a_matrix_that_has_not_changed_differs_by_more_than_rounding_of_its_largest_weight():
    there = np.array([[3.0, -0.5]])
    for by, same in ((0.98, True), (1.02, False)):
        mine = there + np.array([[0.0, by * ROUNDING * 3]])
        found = files._beyond_digits(mine, 0.0, there, there, 1e-9)
        assert found.tolist() == (there if same else mine).tolist()
