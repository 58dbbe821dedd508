"""The quick question before forms are trained: it refuses no form that comes to the weights, and it saves the training.

A port is played by a form with mistakes in it; each pair is also trained in full, and the answers are the same.
"""

import random
from dataclasses import replace
from itertools import combinations

import numpy as np
import planted_deep
import planted_images
import pytest
from checked import finding
from planted import PlantError, planted

from deltarule.check import LISTINGS, mistakes
from deltarule.check.compare import TOLERANCE, agree
from deltarule.check.forms import Run
from deltarule.check.looks import Looks
from deltarule.check.screen import Screen, variant
from deltarule.check.subjects import fewer_samples, first_and_zeros, first_update

DENSE = [name for name in LISTINGS if name != "mnist_conv"]
CLASSES = {"deep_relu": planted_deep, "deep_dropout": planted_deep}


def trained(form, subject):
    """The weights after one epoch; None where shapes do not fit, or steps go in a circle."""
    try:
        with np.errstate(all="ignore"):
            return Run(form, subject.X, subject.D, subject.rng).epoch(subject.weights)
    except ValueError:
        return None


def screen(listing, those, subject, zeros=False):
    """A screen whose port is the listing with these mistakes; None where that cannot be."""
    form = variant(LISTINGS[listing], those)
    weights = None if form is None else trained(form, subject)
    if weights is None or not all(np.isfinite(W).all() for W in weights):
        return None
    return Screen(LISTINGS[listing], Looks(subject, {1: weights}), TOLERANCE, zeros)


def drawn(listing, count, seed):
    return random.Random(seed).sample(list(combinations(mistakes(listing), 2)), count)


def passes(asked, those):
    with np.errstate(all="ignore"):
        return asked.passes(those)


@pytest.mark.parametrize("listing", DENSE)
def test_what_passes_is_what_comes_to_the_weights_of_one_update(listing):
    subject, form = first_update(listing), LISTINGS[listing]
    pairs = drawn(listing, 100, seed=3)
    for port in (pairs[0][:1], *pairs[:4]):
        asked = screen(listing, port, subject)
        if asked is None:
            continue
        for pair in pairs:
            both = variant(form, pair)
            if both is not None:
                weights = trained(both, subject)
                right = weights is not None and agree(asked.mine, weights, subject.weights)
                assert passes(asked, pair) == right, (port, pair)


@pytest.mark.parametrize("listing", DENSE)
def test_no_pair_is_refused_by_the_weights_that_it_comes_to(listing):
    asked = 0
    for pair in drawn(listing, 300, seed=4):
        for subject, zeros in ((first_update(listing), False), (first_and_zeros(listing), True)):
            there = screen(listing, pair, subject, zeros)
            if there is not None:
                asked += 1
                assert passes(there, pair), pair
    assert asked > 200


@pytest.mark.parametrize("listing", ["backprop_xor", "deep_relu", "deep_dropout"])
def test_samples_of_zeros_behind_the_first_tell_of_most_mistakes_in_the_first_matrix(listing):
    right = screen(listing, (), first_and_zeros(listing), zeros=True)
    refused = {m.id for m in mistakes(listing) if not passes(right, (m,))}
    assert {"error-twice", "error-sign", "minus-e1" if listing == "deep_relu" else "no-slope-delta1"} <= refused
    assert "samples-bipolar" not in refused, "its other samples are no zeros, and it is trained in full"
    last = "W2" if listing == "backprop_xor" else "W4"
    assert f"alpha-twice-{last}" not in refused, "it leaves the first matrix right"
    assert len(refused) > len(mistakes(listing)) / 3


@pytest.mark.parametrize("listing", ["delta_sgd", "backprop_xor", "multi_class", "deep_relu"])
def test_few_pairs_are_trained_to_know_that_zeros_leave_the_first_matrix(listing):
    right, pairs = screen(listing, (), first_and_zeros(listing), zeros=True), drawn(listing, 400, seed=5)
    for pair in pairs:
        if variant(LISTINGS[listing], pair) is not None:
            passes(right, pair)
    assert 0 < sum(len(ids) == 2 for ids in right.steady) < len(pairs) / 4


@pytest.mark.parametrize("listing", DENSE)
def test_a_change_that_is_said_to_be_a_product_with_zeros_leaves_the_first_matrix_or_no_numbers_in_it(listing):
    subject, said = first_and_zeros(listing), 0
    right = screen(listing, (), subject, zeros=True)
    if right is None or not right._steady(()):
        return  # as with momentum, where the question is not asked
    for pair in drawn(listing, 150, seed=6):
        if variant(LISTINGS[listing], pair) is not None and right._times_zero(pair) and len(right._updates(pair)):
            weights, said = trained(variant(LISTINGS[listing], pair), subject), said + 1
            with np.errstate(all="ignore"):
                assert weights is None or not np.isfinite(weights[0]).all() or right._steady(pair), pair
    assert said > 50


@pytest.mark.parametrize("subject", fewer_samples("mnist_conv"), ids=lambda s: f"{len(s.X)} images")
def test_fewer_images_than_a_batch_tell_of_smaller_batches(subject):
    right = screen("mnist_conv", (), subject)
    refused = {m.id for m in mistakes("mnist_conv") if not passes(right, (m,))}
    smaller = {"partial-batch", "partial-batch-by-100", "one-by-one", "one-by-one-by-100"}
    more = {1: set(), 10: {"batches-of-10"}, 50: {"batches-of-10", "batches-of-50"}}[len(subject.X)]
    assert refused == smaller | more


@pytest.mark.slow
def test_no_pair_of_the_convolutional_network_is_refused_by_the_weights_that_it_comes_to():
    subject = first_update("mnist_conv")
    subjects = [*fewer_samples("mnist_conv")[:2], replace(subject, X=subject.X[:100], D=subject.D[:100])]
    for pair in drawn("mnist_conv", 60, seed=5):
        for each in subjects:
            asked = screen("mnist_conv", pair, each)
            assert asked is None or passes(asked, pair), pair


def test_large_quantities_of_one_mistake_are_not_kept():
    asked = screen("mnist_conv", (), first_update("mnist_conv"))
    for mistake in mistakes("mnist_conv")[12:24]:
        passes(asked, (mistake,))
    kept = [(tag, value.nbytes) for (_, tag), value in asked.values.items() if isinstance(value, np.ndarray)]
    assert max(size for tag, size in kept if not tag) > 2**20
    assert max(size for tag, size in kept if tag) < 2**20


def drawn_ports(count, seed):
    """Pairs of mistakes in different lines of the deep listings and the convolutional one: (listing, ids, function)."""
    drawn = random.Random(seed)
    while count:
        listing = drawn.choice(["deep_relu", "deep_dropout", "mnist_conv"])
        images = listing == "mnist_conv"
        plants = planted_images.plants() if images else planted_deep.plants(listing)
        there = {mistake.id: mistake for mistake in mistakes(listing)}
        pair = sorted(drawn.sample(sorted(plants), 2), key=list(there).index)
        if variant(LISTINGS[listing], [there[id] for id in pair]) is not None:
            changes = [change for id in pair for change in plants[id]]
            try:
                function = planted_images.port(*changes) if images else planted(listing, *changes)
            except PlantError:  # both change the same line
                continue
            count -= 1
            yield listing, pair, function


@pytest.mark.slow
def test_random_pairs_in_the_large_listings_are_named():
    for listing, pair, function in drawn_ports(30, seed=1):
        found = finding(function, listing, (1,) if listing == "mnist_conv" else (1, 10))
        assert "+".join(pair) in found.mistakes, (listing, pair, found.mistakes)


@pytest.mark.slow
def test_a_pair_is_named_where_the_port_trains_less_than_a_batch_too():
    plants = planted_images.plants()
    function = planted_images.port(*plants["gradient-convolved"], *plants["first-batch"])
    weights, X, D = (getattr(fewer_samples("mnist_conv")[1], name) for name in ("weights", "X", "D"))
    assert not np.array_equal(function(*weights, X, D)[2], weights[2])
    assert finding(function, "mnist_conv", (1,)).mistakes == ("gradient-convolved+first-batch",)


HARD = ("for k in range(len(X)):", "for k in range(5):")


@pytest.mark.parametrize("listing", ["deep_relu", pytest.param("deep_dropout", marks=pytest.mark.slow)])
def test_a_pair_in_a_port_that_takes_no_fewer_samples_is_named(listing):
    plants = planted_deep.plants(listing)
    function = planted(listing, HARD, *plants["error-twice"], *plants["no-slope-delta1"])
    assert finding(function, listing, (1,)).mistakes == ("error-twice+no-slope-delta1",)
