"""Each mistake in the listings of one and two layers, planted in a plain port, is named, and alone; so are pairs."""

import random

import numpy as np
import planted_dense
import pytest
from checked import EPOCHS, finding, port, short
from planted import PlantError, planted

from deltarule.check import LISTINGS, check, mistakes
from deltarule.check.compare import agree
from deltarule.check.looks import of_port
from deltarule.check.search import variant

PLANTS = {listing: planted_dense.plants(listing) for listing in planted_dense.LISTINGS}
ALL = [(listing, id) for listing, plants in PLANTS.items() for id in plants]


@pytest.mark.parametrize("listing", planted_dense.LISTINGS)
def test_every_mistake_of_the_catalogue_has_a_plant_and_every_plant_is_one_of_them(listing):
    assert PLANTS[listing].keys() == {mistake.id for mistake in mistakes(listing)}


@pytest.mark.parametrize("listing", planted_dense.LISTINGS)
def test_nothing_planted_is_right(listing):
    found = finding(planted(listing), listing)
    assert found.right
    assert not found.notes


def descending(W1, W2, X, D):
    """Both changes are taken off the weights."""
    for x, d in zip(X, D, strict=True):
        x = x.reshape(-1, 1)
        y1 = 1 / (1 + np.exp(-W1 @ x))
        y = 1 / (1 + np.exp(-W2 @ y1))
        delta = y * (1 - y) * (d - y)
        delta1 = y1 * (1 - y1) * (W2.T @ delta)
        W1, W2 = W1 - 0.9 * delta1 @ x.T, W2 - 0.9 * delta @ y1.T
    return W1, W2


def test_of_mistakes_that_no_weights_tell_apart_all_are_said():
    found = finding(descending, "backprop_xor")
    assert found.mistakes == ("error-sign",)
    assert str(found).splitlines()[2:5] == [
        "reason        e is y - d, with the opposite sign; e should be d - y",
        "              (or, to the same effect: the changes are taken off the weights; they should be added)",
        "              (or, to the same effect: delta is y*(y - 1)*e, with the opposite sign; delta should be "
        "y*(1 - y)*e)",
    ]
    ((mistake,),) = (reason["mistakes"] for reason in found.as_dict()["reasons"])
    assert [other["id"] for other in mistake["same"]] == ["sign-of-update", "output-slope-sign"]


@pytest.mark.parametrize(("listing", "id"), ALL[::8])
def test_a_mistake_is_named_alone(listing, id):
    found = finding(planted(listing, *PLANTS[listing][id]), listing)
    assert found.mistakes == (id,)


@pytest.mark.slow
@pytest.mark.parametrize("listing", planted_dense.LISTINGS)
def test_each_mistake_is_named_alone(listing):
    wrong = {}
    for id, changes in PLANTS[listing].items():
        found = finding(planted(listing, *changes), listing)
        if found.mistakes != (id,):
            wrong[id] = found.mistakes
    assert not wrong


SAMPLE = [(listing, id) for listing, plants in PLANTS.items() for id in random.Random(2).sample(sorted(plants), 2)]


@pytest.mark.slow
@pytest.mark.parametrize(("listing", "id"), SAMPLE)
def test_the_public_check_names_a_mistake_after_as_many_epochs_as_the_listing_has(listing, id):
    found = check(planted(listing, *PLANTS[listing][id]))
    assert found.mistakes == (id,)
    assert found.epochs[:2] == EPOCHS or found.epochs[-1] < 10, "it looks at no fewer epochs than the tests do"


def drawn_pairs(count, seed):
    """Pairs of mistakes that concern different steps, and different lines: (listing, the two ids, function)."""
    drawn = random.Random(seed)
    while count:
        listing = drawn.choice(planted_dense.LISTINGS)
        plants, there = PLANTS[listing], {mistake.id: mistake for mistake in mistakes(listing)}
        pair = sorted(drawn.sample(sorted(plants), 2), key=list(there).index)
        if variant(LISTINGS[listing], [there[id] for id in pair]) is not None:
            try:
                function = planted(listing, *plants[pair[0]], *plants[pair[1]])
            except PlantError:  # both change the same line
                continue
            count -= 1
            yield listing, pair, function


def same(listing, one, other):
    """Whether two functions train the same weights from each start."""
    return all(
        agree(a, b, start.weights)
        for start in short(listing)
        for a, b in zip(*(of_port(port(f, listing), start).weights.values() for f in (one, other)), strict=True)
    )


def test_a_pair_of_mistakes_is_named():
    changes = PLANTS["backprop_xor"]
    found = finding(planted("backprop_xor", *changes["error-sign"], *changes["slope-y-delta1"]), "backprop_xor")
    assert "error-sign+slope-y-delta1" in found.mistakes


@pytest.mark.slow
def test_of_random_pairs_each_is_named_or_one_mistake_that_does_the_same():
    alone = 0
    for listing, pair, function in drawn_pairs(184, seed=1):
        found = finding(function, listing).mistakes
        if "+".join(pair) not in found:
            single = [id for id in found if "+" not in id]
            assert single, (listing, pair, found)
            assert same(listing, function, planted(listing, *PLANTS[listing][single[0]])), (listing, pair, single)
            alone += 1
    assert alone < 22, "most pairs are no single mistake"
