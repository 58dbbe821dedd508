"""Each mistake in the deep networks, planted in a plain port, is named, and alone; so are pairs."""

import planted_deep
import pytest
from checked import finding
from planted import planted

from deltarule.check import check, mistakes
from deltarule.check.errors import PortError

PLANTS = {listing: planted_deep.plants(listing) for listing in planted_deep.LISTINGS}
ALL = [(listing, id) for listing, plants in PLANTS.items() for id in plants]


@pytest.mark.parametrize("listing", planted_deep.LISTINGS)
def test_every_mistake_of_the_catalogue_has_a_plant_and_every_plant_is_one_of_them(listing):
    assert PLANTS[listing].keys() == {mistake.id for mistake in mistakes(listing)}


@pytest.mark.parametrize("listing", planted_deep.LISTINGS)
def test_nothing_planted_is_right(listing):
    assert finding(planted(listing), listing).right


@pytest.mark.parametrize(("listing", "id"), ALL[::12])
def test_a_mistake_is_named_alone(listing, id):
    assert finding(planted(listing, *PLANTS[listing][id]), listing).mistakes == (id,)


@pytest.mark.slow
@pytest.mark.parametrize("listing", planted_deep.LISTINGS)
def test_each_mistake_is_named_alone(listing):
    found = {id: finding(planted(listing, *changes), listing).mistakes for id, changes in PLANTS[listing].items()}
    assert {id: named for id, named in found.items() if named != (id,)} == {}


PAIRS = [
    ("deep_relu", "error-twice", "no-slope-delta2"),
    ("deep_relu", "through-W3-e1", "alpha-0.05"),
    ("deep_relu", "slope-of-e-delta3", "last-left-out"),
    ("deep_dropout", "unscaled", "error-twice"),
    ("deep_dropout", "kept-and-dropped", "slope-1-y-delta1"),
    ("deep_dropout", "exact-slope-delta2", "not-transposed-e1"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("listing", "one", "other"), PAIRS)
def test_a_pair_of_mistakes_is_named(listing, one, other):
    found = finding(planted(listing, *PLANTS[listing][one], *PLANTS[listing][other]), listing)
    assert any(set(named.split("+")) == {one, other} for named in found.mistakes)


def test_a_port_of_dropout_that_asks_its_stream_for_something_else_is_told_by_its_own_error():
    def deep_dropout(W1, W2, W3, W4, X, D, rng):
        rng.permutation(20)

    with pytest.raises(PortError, match="AttributeError.*permutation"):
        check(deep_dropout)
