"""The figure of masks: its pixels have the colours of what was found, missed and taken for ink."""

import numpy as np
from drawn import assert_readable, axes_of, texts

from deltarule.programs import figures
from deltarule.programs.figures.masks import FALSE, MISSED, coloured
from deltarule.programs.figures.style import DARK


def rgb(colour):
    return tuple(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))


def test_a_pixel_is_found_missed_false_or_white():
    ink, found = np.array([[1, 1], [0, 0]]) == 1, np.array([[1, 0], [1, 0]]) == 1
    pixels = coloured(ink, found)
    assert [tuple(p) for p in pixels.reshape(4, 3)] == [rgb(DARK), rgb(MISSED), rgb(FALSE), (1, 1, 1)]


def test_the_figure_has_a_row_of_images_and_one_for_each_mask_and_the_curves():
    rng = np.random.default_rng(1)
    images = rng.random((7, 4, 6))
    ink = 1.0 * (images > 0.5)
    found = {"one": images > 0.4, "another": images > 0.6}
    figure = figures.masks("Masks (summary)", images, ink, found, {"one": [(1, 0.5), (2, 0.2)]}, "error", shown=5)
    assert_readable(figure)
    pictures = [axes for axes in axes_of(figure) if axes.images]
    assert len(pictures) == 15
    assert [axes.get_ylabel() for axes in pictures[::5]] == ["what is seen", "one", "another"]
    assert np.array_equal(pictures[2].images[0].get_array(), images[2])
    assert np.array_equal(pictures[12].images[0].get_array(), coloured(ink[2] == 1, found["another"][2]))
    assert {"ink that is found", "ink that is missed", "taken for ink"} <= set(texts(figure))


def test_of_fewer_images_than_asked_for_all_are_drawn():
    ink = np.zeros((2, 4, 4))
    figure = figures.masks("Masks (summary)", ink, ink, {"none": ink == 1}, {}, shown=5)
    assert sum(bool(axes.images) for axes in axes_of(figure)) == 4
