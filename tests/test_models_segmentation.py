"""The U-Net: PyTorch's weights, its windows and squares, the mask with and without the skip, and bad arguments."""

import numpy as np
import pytest
from closeness import assert_within
from models import TOLERANCE, off_torch

from deltarule import matlab
from deltarule.layers import Adam
from deltarule.models import noisy_digits, overlap, segmentation, unet_digits, unet_forward
from deltarule.models.experiments import EXPERIMENTS, SEEDS

UNET, PLAIN = EXPERIMENTS["unet_digits"], EXPERIMENTS["unet_plain"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["unet_digits", "unet_plain"])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_run_ends_at_torchs_weights(name, seed):
    assert off_torch(name, seed) <= TOLERANCE  # measured: 1.2e-15


@pytest.mark.parametrize("made", [lambda *a: segmentation.filtered(*a)[0], segmentation.spread])
def test_a_filter_of_one_in_the_middle_gives_the_maps_themselves_and_one_beside_it_shifts_them(made):
    rng = matlab.rng(1)
    x, W = rng.randn(24, 2).reshape(1, 4, 6, 2), np.zeros((2, 1, 3, 3))
    W[0, 0, 1, 1] = W[1, 0, 0, 2] = 1
    v = made(W, np.array([[0.0], [0.5]]), x)
    assert np.array_equal(v[0], x[0])
    assert_within(v[1, 1:, :-1], x[0, :-1, 1:] + 0.5, absolute=0, relative=1e-15)
    assert np.array_equal(v[1, 0], np.full((6, 2), 0.5))  # zeros around


def test_both_ways_of_a_layer_make_the_same_maps_and_changes():
    rng = matlab.rng(2)
    x, delta = rng.randn(40, 3).reshape(2, 4, 5, 3), rng.randn(60, 3).reshape(3, 4, 5, 3)
    W, b = rng.randn(9, 6).reshape(3, 2, 3, 3), rng.randn(3, 1)
    v, seen = segmentation.filtered(W, b, x)
    assert_within(segmentation.spread(W, b, x), v, absolute=1e-13, relative=0)
    for one, other in zip(
        segmentation.filtered_back(delta, seen, W), segmentation.spread_back(delta, x, W), strict=True
    ):
        assert_within(one, other, absolute=1e-13, relative=0)


@pytest.mark.parametrize("maps", [3, 8, 10])
def test_the_windows_and_their_way_back_are_transposes_of_each_other(maps):
    rng = matlab.rng(2)
    x, e = rng.randn(20 * maps, 2).reshape(maps, 4, 5, 2), rng.randn(9 * maps, 40)
    there, back = segmentation.windows(x), segmentation.windows_back(e, 4, 5)
    assert_within((there * e).sum(), (x * back).sum(), absolute=1e-12, relative=1e-13)


def test_the_corners_hold_each_pixel_once_and_go_back_to_the_maps():
    y = np.arange(24.0).reshape(1, 4, 6, 1)
    pixels = segmentation.corners(y)
    assert [p[0, 0, 0, 0] for p in pixels] == [0, 1, 6, 7]
    assert [p[0, 1, 2, 0] for p in pixels] == [16, 17, 22, 23]
    assert np.array_equal(segmentation.from_corners(pixels), y)
    for same in segmentation.corners(segmentation.from_corners([y] * 4)):
        assert np.array_equal(same, y)


def test_the_largest_of_a_square_is_the_first_of_equal_ones():
    y = np.array([[1.0, 2.0, 5.0, 5.0], [4.0, 3.0, 5.0, 5.0]]).reshape(1, 2, 4, 1)
    most, which = segmentation.largest(y)
    assert most.ravel().tolist() == [4, 5]
    assert which.ravel().tolist() == [2, 0]


def test_of_equal_elements_of_a_square_the_first_gets_the_error():
    """W1 passes the image on, all of one square alike; W2, W3 and Wo pass on the first map."""
    W1, W2, W3 = (np.zeros((1, 1, 3, 3)) for _ in range(3))
    W1[0, 0, 1, 1] = W2[0, 0, 1, 1] = W3[0, 0, 1, 1] = 1
    b, Wo = np.zeros((1, 1)), np.ones((1, 1))
    x, d = np.ones((1, 1, 2, 2)), np.zeros((1, 2, 2))
    dW1 = segmentation.unet_changes(W1, b, W2, b, W3, b, Wo, b, x, d, 1.0)[0]
    error = -4 / (1 + np.exp(-1))  # of the square, at its first pixel, which has all others behind it
    seen = np.array([[0, 0, 0], [0, 1, 1], [0, 1, 1]])
    assert_within(dW1[0, 0], error * seen, absolute=0, relative=1e-14)


def test_a_network_of_one_map_a_layer_and_no_skip_is_taken_as_it_is():
    W, b, Wo = np.zeros((1, 1, 3, 3)), np.zeros((1, 1)), np.ones((1, 1))
    assert (unet_forward(W, b, W, b, W, b, Wo, b, np.ones((1, 2, 2))) == 0.5).all()


def test_the_skip_is_there_where_the_filters_see_the_maps_of_both_layers():
    W1, W2 = np.zeros((6, 1, 3, 3)), np.zeros((8, 6, 3, 3))
    assert segmentation.has_skip(W1, W2, np.zeros((6, 14, 3, 3)))
    assert not segmentation.has_skip(W1, W2, np.zeros((6, 8, 3, 3)))


@pytest.mark.parametrize(
    ("y", "share"),
    [([1, 1, 0, 0], 1.0), ([1, 0, 0, 0], 0.5), ([1, 1, 1, 0], 2 / 3), ([0, 0, 1, 1], 0.0), ([0, 0, 0, 0], 0.0)],
)
def test_the_overlap_is_the_intersection_over_the_union(y, share):
    D = np.array([[[1.0, 1.0, 0.0, 0.0]]])
    assert overlap(D, np.array([[y]], float)) == share


def test_the_overlap_of_nothing_with_nothing_is_1_and_what_is_not_a_number_is_the_worst():
    D = np.zeros((1, 2, 2))
    assert overlap(D, D) == 1.0
    ink = np.ones((1, 2, 2))
    assert overlap(ink, ink) == 1.0
    ink[0, 0, 0] = np.nan
    assert overlap(np.ones((1, 2, 2)), ink) == 0.0


def test_the_threshold_counts_what_is_above_it():
    D = np.array([[[1.0, 0.0]]])
    assert overlap(D, np.array([[[0.6, 0.5]]]), 0.5) == 1.0
    assert overlap(D, np.array([[[0.6, 0.6]]]), 0.6) == 0.0


@pytest.mark.slow
def test_the_mask_is_better_with_the_skip_from_nearly_every_start():
    """From all of the starts 1 to 20, by 0.010 to 0.074. Were the rate 0.97, fewer than 6
    of 8 had a probability of 0.0013."""
    X_test, D_test = UNET.test()
    found = [
        [overlap(D_test, each.outputs(each.train(each.start(seed)[0]), X_test)) for each in (UNET, PLAIN)]
        for seed in range(1, 9)
    ]
    assert sum(with_skip > without for with_skip, without in found) >= 6


def test_noisy_digits_are_the_images_with_noise_and_their_ink():
    X, D = noisy_digits(matlab.rng(1), 5, 3, noise=0.0)
    assert np.array_equal(D, X > 0.5)
    noisy, same = noisy_digits(matlab.rng(1), 5, 3)
    assert np.array_equal(same, D)
    assert_within(noisy - X, 0.4 * matlab.rng(1).randn(3, 784).reshape(3, 28, 28), absolute=1e-15, relative=0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rng": None}, "^rng must be a stream"),
        ({"first": -1}, "^first must be at least 0"),
        ({"first": 10_000}, "^first must be from 0 to 9999, not 10000$"),
        ({"N": 0}, "^N must be from 1 to 10000"),
        ({"noise": np.nan}, "^noise must be finite"),
    ],
)
def test_noisy_digits_name_what_is_wrong(arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        noisy_digits(**{"rng": matlab.rng(1), "first": 0, "N": 3, **arguments})


def start():
    X, D = UNET.samples()
    return UNET.start(1)[0], X[:40], D[:40]


@pytest.mark.parametrize("rows", [27, 1])
def test_images_with_an_odd_side_are_refused(rows):
    weights, X, D = start()
    with pytest.raises(
        ValueError, match=rf"^X must be images .* even rows and columns, not of shape \(40, {rows}, 28\)"
    ):
        unet_digits(*weights, X[:, :rows], D[:, :rows], optimizer=Adam())


def test_masks_that_are_not_binary_or_of_another_shape_are_refused():
    weights, X, D = start()
    D[3, 4, 5] = 0.5
    with pytest.raises(ValueError, match=r"^D must be binary, 0 or 1, but it is 0.5 at \(3, 4, 5\)"):
        unet_digits(*weights, X, D, optimizer=Adam())
    with pytest.raises(ValueError, match=r"^D must have the shape \(40, 28, 28\)"):
        unet_digits(*weights, X, D[:, :26], optimizer=Adam())


def test_filters_of_neither_number_of_maps_and_a_missing_weight_are_refused():
    weights, X, D = start()
    weights[4] = np.zeros((6, 13, 3, 3))
    with pytest.raises(ValueError, match=r"^W3 must have the shape \(\.\.\., r, p \+ q, 3, 3\)"):
        unet_digits(*weights, X, D, optimizer=Adam())
    with pytest.raises(ValueError, match="^the weights must be 8"):
        unet_forward(*weights[1:], X)


def test_what_is_no_optimiser_is_refused():
    weights, X, D = start()
    with pytest.raises(TypeError, match=r"^optimizer must have update"):
        unet_digits(*weights, X, D, optimizer=0.01)
