"""Each mistake of the catalogue, planted in a plain port, trains what the listing trains with that mistake in it.

The other tests ask what a check names, of few of the mistakes unless the slow ones run. Here it is all of them, each
held against its own form alone.
"""

import numpy as np
import planted_deep
import planted_dense
import planted_images
import pytest
from checked import port, short, small_images
from planted import planted

from deltarule.check import LISTINGS, mistakes
from deltarule.check.looks import agreement, of_port

DENSE = {name: module for module in (planted_dense, planted_deep) for name in module.LISTINGS}


def differing(listing, subject, plant):
    """Those mistakes whose plant does not train what their form trains from a start."""
    found = []
    with np.errstate(all="ignore"):
        for mistake in mistakes(listing):
            looks = of_port(port(plant(mistake.id), listing), subject)
            form = LISTINGS[listing].changed(mistake.steps)
            if agreement(form, looks) is None:
                found.append(mistake.id)
    return found


@pytest.mark.parametrize("listing", DENSE)
def test_each_plant_trains_as_the_listing_with_its_mistake(listing):
    changes = DENSE[listing].plants(listing)
    for subject in short(listing, (1, 2))[: 1 if listing == "deep_dropout" else None]:
        assert differing(listing, subject, lambda id: planted(listing, *changes[id])) == []


def test_so_does_each_in_the_convolutional_network():
    changes = planted_images.plants()
    assert differing("mnist_conv", small_images(), lambda id: planted_images.port(*changes[id])) == []


@pytest.mark.parametrize("listing", ["delta_batch", "backprop_mmt", "multi_class", "deep_relu"])
def test_nothing_planted_is_what_the_listing_trains_with_none_of_them(listing):
    starts = short(listing, (1, 10))
    found = set().union(*(differing(listing, subject, lambda id: planted(listing)) for subject in starts))
    assert found == {mistake.id for mistake in mistakes(listing)}


def test_nor_in_the_convolutional_network():
    found = differing("mnist_conv", small_images(), lambda id: planted_images.port())
    assert found == [mistake.id for mistake in mistakes("mnist_conv")]
