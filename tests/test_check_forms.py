"""The listings as steps: they are the listings, and a mistake changes what it says and nothing else."""

from copy import copy
from itertools import combinations

import numpy as np
import pytest
from checked import small_images
from closeness import assert_within

from deltarule import matlab
from deltarule.check import LISTINGS, mistakes
from deltarule.check.compare import ROUNDING, agree, deviation
from deltarule.check.forms import Run
from deltarule.check.rates import start
from deltarule.check.search import variant
from deltarule.check.steps import causes, plan, run, step
from deltarule.check.subjects import subjects
from deltarule.listings.experiments import EXPERIMENTS

DENSE = [name for name in LISTINGS if name != "mnist_conv"]


@pytest.mark.parametrize("listing", LISTINGS)
def test_the_steps_of_a_listing_are_the_listing(listing):
    experiment = EXPERIMENTS[listing]
    epochs = 1 if listing == "mnist_conv" else 30
    for subject in subjects(listing):
        training, rng = Run(LISTINGS[listing], subject.X, subject.D, subject.rng), copy(subject.rng)
        mine = right = subject.weights
        for _ in range(epochs):
            mine, right = training.epoch(mine), experiment.epoch(right, subject.X, subject.D, rng)
        for a, b in zip(mine, right, strict=True):
            assert_within(a, b, relative=1e-12, absolute=1e-14)


@pytest.mark.parametrize("listing", LISTINGS)
def test_a_listing_has_mistakes_with_a_name_and_a_sentence_each(listing):
    found = mistakes(listing)
    assert len(found) >= 45
    assert len({m.id for m in found}) == len(found)
    for mistake in found:
        assert mistake.says, mistake.id
        assert mistake.should, mistake.id
        assert not mistake.says.endswith("."), mistake.id
        assert mistake.steps.keys() & LISTINGS[listing].steps.keys() or "b" in mistake.steps, mistake.id


def test_a_mistake_in_every_momentum_is_told_of_the_first():
    found = {m.id: m.says for m in mistakes("mnist_conv")}
    assert found["momentum-subtracted"] == "the momentum is dW1 - beta*m1, subtracted"
    assert found["no-momentum-o"] == "mo is dWo, without the momentum before"


def test_there_are_a_thousand_mistakes():
    assert sum(len(mistakes(listing)) for listing in LISTINGS) >= 1000


def _weights(form, starts, epochs):
    """The weights after each epoch from each start, in one vector."""
    found = []
    with np.errstate(all="ignore"):
        for subject in starts:
            training, weights = Run(form, subject.X, subject.D, subject.rng), subject.weights
            for _ in range(epochs):
                weights = training.epoch(weights)
                found += [W.ravel() for W in weights]
    return np.concatenate(found)


def same(first, second):
    """Whether two vectors are equal within 1e-9 of each element, and not numbers in the same places."""
    both = np.isnan(first) & np.isnan(second)
    with np.errstate(invalid="ignore"):
        off = abs(first - second) > 1e-13 + 1e-9 * abs(second)
    return bool((both | (first == second) | ~(off | np.isnan(first - second))).all())


@pytest.mark.parametrize("listing", DENSE)
def test_no_mistake_does_nothing_and_no_two_do_the_same(listing):
    form = LISTINGS[listing]
    found = {"right": form, **{m.id: form.changed(m.steps) for m in mistakes(listing)}}
    came_to = {id: _weights(each, subjects(listing), 2) for id, each in found.items()}
    for (a, first), (b, second) in combinations(came_to.items(), 2):
        assert not same(first, second), f"{a} and {b}"


@pytest.mark.parametrize("listing", LISTINGS)
def test_what_is_said_to_do_the_same_as_a_mistake_does_so(listing):
    starts = [small_images()] if listing == "mnist_conv" else subjects(listing)
    for mistake in mistakes(listing):
        for other in mistake.same:
            first, second = (
                _weights(LISTINGS[listing].changed(m.steps), starts, 2 + (listing == "backprop_mmt"))
                for m in (mistake, other)
            )
            assert same(first, second), (mistake.id, other.id)


def test_a_mistake_has_others_that_do_the_same():
    found = {m.id: m for m in mistakes("backprop_xor")}
    assert [m.id for m in found["error-sign"].same] == ["sign-of-update", "output-slope-sign"]
    assert [m.says for m in found["slope-sign-delta1"].same] == [
        "e1 is -W2'*delta, with a minus",
        "dW1 is -alpha*delta1*x', taken off in place of added",
    ]
    assert found["error-twice"].same == ()
    (minus,) = (m for m in found["error-sign"].same if m.id == "sign-of-update")
    assert minus.steps["alpha"].function() == -0.9
    assert not {m.id for m in found.values()} & {other.id for m in found.values() for other in m.same}


@pytest.mark.slow
def test_no_mistake_of_the_convolutional_network_does_nothing_and_no_two_do_the_same():
    form = LISTINGS["mnist_conv"]
    found = {"right": form, **{m.id: form.changed(m.steps) for m in mistakes("mnist_conv") if m.id != "momentum-kept"}}
    came_to = {id: _weights(each, subjects("mnist_conv")[1:2], 1) for id, each in found.items()}
    for (a, first), (b, second) in combinations(came_to.items(), 2):
        assert not same(first, second), f"{a} and {b}"


@pytest.mark.parametrize("listing", DENSE)
def test_a_mistake_does_to_many_networks_what_it_does_to_each(listing):
    X, D = EXPERIMENTS[listing].samples()
    for mistake in mistakes(listing)[::7]:
        form = LISTINGS[listing].changed(mistake.steps)
        with np.errstate(all="ignore"):
            many = Run(form, X, D, matlab.rng(0)).epoch(start(listing, range(1, 4)))
            alone = Run(form, X, D, matlab.rng(0)).epoch(EXPERIMENTS[listing].start(2)[0])
        for a, b in zip(alone, many, strict=True):
            finite = np.isfinite(a)
            assert np.array_equal(finite, np.isfinite(b.values[..., 1])), mistake.id
            if finite.any():
                assert_within(b.values[..., 1][finite], a[finite], relative=1e-9, absolute=1e-12)


def test_two_mistakes_in_one_step_make_no_variant():
    a, b = (m for m in mistakes("backprop_xor") if m.id in ("error-sign", "error-twice"))
    assert variant(LISTINGS["backprop_xor"], (a, b)) is None
    assert variant(LISTINGS["backprop_xor"], (a,)).steps["e"] is a.steps["e"]


def test_a_momentum_begins_at_zero_in_every_epoch_unless_it_is_kept():
    X, D = EXPERIMENTS["backprop_mmt"].samples()
    weights, _ = EXPERIMENTS["backprop_mmt"].start()
    kept = {m.id: m for m in mistakes("backprop_mmt")}["momentum-kept"]
    form = LISTINGS["backprop_mmt"]
    zeroed, stays = Run(form, X, D), Run(form.changed(kept.steps), X, D)
    first = zeroed.epoch(weights)
    assert all(np.array_equal(a, b) for a, b in zip(first, stays.epoch(weights), strict=True))
    assert not np.array_equal(zeroed.epoch(first)[0], stays.epoch(first)[0])


def test_a_plan_goes_from_what_is_given_to_what_is_wanted():
    steps = {"a": step("x", lambda x: x + 1), "b": step("a x", lambda a, x: a * x), "c": step("b", lambda b: -b)}
    assert [name for name, _ in plan(steps, ["b"], {"x"})] == ["a", "b"]
    assert run(plan(steps, ["c"], {"x"}), {"x": 2.0})["c"] == -6.0
    assert causes(steps, "b") == {"a", "b", "x"}


def test_a_plan_in_a_circle_or_without_its_beginning_is_refused():
    circle = {"a": step("b", abs), "b": step("a", abs)}
    with pytest.raises(ValueError, match="worked out from itself"):
        plan(circle, ["a"], ())
    with pytest.raises(KeyError, match="nothing"):
        plan({"a": step("nothing", abs)}, ["a"], ())


def test_a_deviation_is_relative_to_the_largest_change_and_counts_no_rounding():
    start, right = np.array([1.0, 2.0]), np.array([1.0, 2.5])
    assert_within(deviation(right + np.array([0, 1e-3]), right, start), 2e-3, relative=1e-9, absolute=0)
    assert deviation(right * (1 + np.finfo(float).eps), right, start) == 0.0
    assert deviation(right + np.array([0, 4 * ROUNDING]), right, start) > 0
    assert agree((right + np.array([0, 0.49e-9]),), (right,), (start,))
    assert not agree((right + np.array([0, 0.51e-9]),), (right,), (start,))


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_on_one_side_is_infinitely_far(wrong):
    start, right = np.zeros(2), np.ones(2)
    assert deviation(np.array([1.0, wrong]), right, start) == np.inf
    assert deviation(right, np.array([1.0, wrong]), start) == np.inf
    assert deviation(np.array([1.0, wrong]), np.array([1.0, wrong]), start) == 0.0


def test_weights_that_did_not_change_are_far_from_any_that_did():
    start = np.ones(3)
    assert deviation(start + 1e-6, start, start) == np.inf
    assert deviation(start, start, start) == 0.0
