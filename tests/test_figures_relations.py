"""The figure of the touching dots: boards, what is said of two places, and a network that says nothing."""

import numpy as np
import pytest
from drawn import assert_readable, axes_of, texts, titles

from deltarule import matlab
from deltarule.models import touching_dots
from deltarule.programs import figures
from deltarule.programs.figures.relations import said_of_pairs

X, D = touching_dots(matlab.rng(3), 8)
COUNTS = {"pair by pair": D.argmax(axis=1), "all in a row": 0 * D.argmax(axis=1)}
CURVES = {name: [(1, 0.6), (2, 0.5), (3, last)] for name, last in (("pair by pair", 0.01), ("all in a row", 0.6))}


def beside(first, second):
    """1 for two dots that touch on a board of 5 x 5, else 0; and a constant."""
    near = abs(abs(first - second).sum(axis=1) - 0.5) < 0.01
    return np.stack([near, np.ones(len(near))], axis=1).astype(first.dtype)


def drawn(relation=beside, curves=CURVES):
    return figures.touching("How many touch", X, D, COUNTS, relation, curves, "share of wrong boards")


def test_each_board_has_its_dots_its_joints_and_what_each_network_counts():
    figure = drawn()
    assert_readable(figure)
    for n, axes in enumerate(axes_of(figure)[:6]):
        assert len(axes.collections[0].get_offsets()) == 5
        assert sum(line.get_linewidth() == 6 for line in axes.lines) == D[n].argmax()
    most = D.argmax(axis=1)
    assert f"pair by pair: {most[0]}\nall in a row: 0" in titles(figure)[0]
    assert titles(figure)[0].startswith(f"{most[0]} pair")


def test_what_is_said_is_1_on_average_of_touching_places_and_0_of_the_others():
    along, places, near = said_of_pairs(beside, 5)
    assert places.shape == (300, 2)
    assert near.sum() == 40
    assert np.array_equal(along, near)


def test_around_the_middle_the_four_places_beside_it_stand_out():
    middle = axes_of(drawn())[7]
    assert sorted(texts(middle)).count("1.0") == 4
    assert sorted(texts(middle)).count("0.0") == 20


@pytest.mark.parametrize("relation", [lambda first, second: 0 * first, lambda first, second: first])
def test_a_network_that_says_the_same_of_all_or_looks_at_one_dot_is_drawn_without_a_warning(relation):
    assert_readable(drawn(relation))
    assert abs(said_of_pairs(relation, 5)[0]).max() < 1e-3


def test_it_is_drawn_without_curves():
    assert_readable(drawn(curves={}))
