"""Each mistake in the convolutional network, planted in a plain port of whole batches, is named, and alone."""

from dataclasses import replace

import numpy as np
import plain
import planted_images
import pytest
from checked import finding, named, small_images
from closeness import assert_within

from deltarule import matlab
from deltarule.check import checking, mistakes

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
def test_each_mistake_is_named_alone(monkeypatch):
    """With smaller images in place of the check's own, of which an epoch takes milliseconds."""
    small = small_images()
    first = replace(small, X=small.X[:100], D=small.D[:100], epochs=(1,))
    monkeypatch.setattr(checking, "subjects", lambda listing, thorough=False: [small])
    monkeypatch.setattr(checking, "first_update", lambda listing: first)
    found = {id: named(planted_images.port(*changes), LISTING) for id, changes in PLANTS.items()}
    assert {id: names for id, names in found.items() if names != (id,)} == {}


@pytest.mark.slow
@pytest.mark.parametrize("id", sorted(PLANTS.keys() - {"momentum-kept"})[::20])
def test_a_mistake_is_named_alone_from_the_starts_of_the_check(id):
    assert finding(planted_images.port(*PLANTS[id]), LISTING, (1,)).mistakes == (id,)


@pytest.mark.slow
def test_momentum_that_is_kept_is_told_by_the_second_epoch():
    assert finding(planted_images.port(*PLANTS["momentum-kept"]), LISTING, (1, 2)).mistakes == ("momentum-kept",)


def in_place(W1, W5, Wo, X, D):
    for W, new in zip((W1, W5, Wo), planted_images.port()(W1, W5, Wo, X, D), strict=True):
        W[...] = new


def from_matlab(W1, W5, Wo, X, D):
    """With images (rows, columns, N) and targets (N, 1) from 1 to 10."""
    assert X.shape[:2] == (28, 28)
    assert D.shape == (X.shape[2], 1)
    assert D.min() == 1
    return planted_images.port()(W1, W5, Wo, np.moveaxis(X, -1, 0), D[:, 0] % 10)


def in_float32(W1, W5, Wo, X, D):
    weights = (W.astype(np.float32) for W in (W1, W5, Wo))
    return tuple(W.astype(np.float32) for W in planted_images.port()(*weights, X.astype(np.float32), D))


def ten_for_zero(W1, W5, Wo, X, D):
    """It gives the digit 0 no class, but knows it by the class that MATLAB's labels have for it."""
    line = planted_images.LABELS
    return planted_images.port((line, f"{line} * (D[begin : begin + batch_size] > 0)"))(W1, W5, Wo, X, D)


RIGHT = {
    in_place: ["the weights that it is given are changed in place, where MATLAB leaves them as they are"],
    from_matlab: ["images lie along the last axis, as in MATLAB", "digits are classes 1 to 10, (N, 1)"],
    ten_for_zero: ["digits are classes 1 to 10"],
    in_float32: ["it computes in float32, where MATLAB computes in double precision"],
}


@pytest.mark.parametrize("function", RIGHT, ids=lambda f: f.__name__)
def test_no_right_form_is_called_wrong(function):
    found = finding(function, LISTING, (1,))
    assert found.right, found
    assert list(found.notes) == RIGHT[function]
