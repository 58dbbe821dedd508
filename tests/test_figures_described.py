"""The figures of digits as Boltzmann machines describe them: their images, filters and curves."""

import numpy as np
import pytest
from drawn import assert_readable, axes_of, texts

from deltarule.programs import figures

CURVES = {"training images": [(1, 200.0), (2, 190.0)], "test images": [(1, 201.0), (2, 192.0)]}


def pictures(figure):
    return [axes.images[0].get_array() for axes in axes_of(figure) if axes.images]


@pytest.mark.parametrize("hidden", [10, 3, 12])
def test_the_first_five_images_of_each_name_and_the_first_ten_filters_are_drawn(hidden):
    rng = np.random.default_rng(1)
    seen, W = rng.random((7, 9)), rng.standard_normal((hidden, 9))
    figure = figures.described("Digits (summary)", {"seen": seen, "comes back": 1 - seen}, W, CURVES, "cost", 215.0)
    assert_readable(figure)
    found = pictures(figure)
    assert len(found) == 10 + min(hidden, 10)
    assert np.array_equal(found[2], seen[2].reshape(3, 3))
    assert np.array_equal(found[7], 1 - seen[2].reshape(3, 3))
    assert np.array_equal(found[12], W[2].reshape(3, 3))
    (labelled,) = (axes for axes in axes_of(figure) if axes.get_xlabel() == "epoch")
    assert labelled.get_ylim() == (185.0, 220.0)
    assert "each pixel alone" in texts(figure)


def test_without_curves_the_images_are_drawn_all_the_same():
    W = np.ones((2, 4))
    figure = figures.described("Digits (summary)", {"seen": W}, W, {}, "cost", 215.0)
    assert len(pictures(figure)) == 4


def test_the_first_filters_are_drawn_each_on_a_scale_of_its_own():
    W = np.arange(50.0 * 9).reshape(50, 9) - 100
    figure = figures.labelled("Labels (summary)", W, CURVES, "share wrong")
    assert_readable(figure)
    drawn = [axes.images[0] for axes in axes_of(figure) if axes.images]
    assert len(drawn) == 42
    assert all(image.get_clim() == (-abs(w).max(), abs(w).max()) for image, w in zip(drawn, W, strict=False))
