"""Each mistake in the convolutional network, planted in a plain port of whole batches, is named, and alone."""

from dataclasses import replace

import numpy as np
import plain
import planted_images
import pytest
from checked import finding, port
from closeness import assert_within

from deltarule import matlab
from deltarule.check import LISTINGS, mistakes
from deltarule.check.compare import TOLERANCE, deviations
from deltarule.check.forms import Run
from deltarule.check.subjects import subjects

PLANTS = planted_images.plants()
LISTING = "mnist_conv"


def test_every_mistake_of_the_catalogue_has_a_plant_and_every_plant_is_one_of_them():
    assert PLANTS.keys() == {mistake.id for mistake in mistakes(LISTING)}


def test_the_port_of_whole_batches_is_the_plain_listing():
    rng = matlab.rng(3)
    X, D = rng.rand(5, 8, 8), np.array([0, 1, 9, 5, 7])
    weights = 0.3 * rng.randn(3, 3, 2), rng.rand(6, 18) - 0.5, rng.rand(10, 6) - 0.5
    right = plain.mnist_conv(*weights, X, D, batch_size=2)
    for a, b in zip(planted_images.port()(*weights, X, D, batch_size=2), right, strict=True):
        assert_within(a, b, relative=1e-12, absolute=1e-15)


def test_nothing_planted_is_right():
    assert finding(planted_images.port(), LISTING, (1,)).right


def test_a_mistake_is_named_alone():
    assert finding(planted_images.port(*PLANTS["no-quarter"]), LISTING, (1,)).mistakes == ("no-quarter",)


@pytest.mark.slow
@pytest.mark.parametrize("id", sorted(PLANTS.keys() - {"momentum-kept"})[::9])
def test_some_mistakes_are_named_alone(id):
    assert finding(planted_images.port(*PLANTS[id]), LISTING, (1,)).mistakes == (id,)


@pytest.mark.slow
def test_momentum_that_is_kept_is_told_by_the_second_epoch():
    assert finding(planted_images.port(*PLANTS["momentum-kept"]), LISTING, (1, 2)).mistakes == ("momentum-kept",)


@pytest.mark.slow
def test_each_plant_trains_as_the_listing_with_its_mistake():
    (start,) = (replace(each, epochs=(1,)) for each in subjects(LISTING)[1:2])
    wrong = {}
    with np.errstate(all="ignore"):
        for mistake in mistakes(LISTING):
            mine = port(planted_images.port(*PLANTS[mistake.id]), LISTING)(start.weights, start.X, start.D)
            form = LISTINGS[LISTING].changed(mistake.steps)
            right = Run(form, start.X, start.D).epoch(start.weights)
            finite = all(np.isfinite(W).all() for W in right)
            if finite and not max(deviations(mine, right, start.weights)) <= TOLERANCE:
                wrong[mistake.id] = deviations(mine, right, start.weights)
            elif not finite and all(np.isfinite(W).all() for W in mine):
                wrong[mistake.id] = "finite"
    assert wrong == {}
