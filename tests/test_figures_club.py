"""The figure of the club: colours, shapes and lines are what was found and chosen, and the picture stays the same."""

import numpy as np
import pytest
from closeness import assert_within
from drawn import assert_readable, axes_of, texts
from matplotlib.colors import to_hex

from deltarule import data
from deltarule.models import cut
from deltarule.programs import figures
from deltarule.programs.figures import club, graphs

EDGES, CHOSEN = data.karate()
FOUND = np.where(np.arange(34) == 8, 1, CHOSEN)  # person 9 on the other side
TITLE = "What it is (summary, GCN)\nseed default, 300 epochs"
CURVE = {"wrong": [(1, 20), (10, 3), (20, 0), (300, 1)]}


def members(axes):
    """The markers of the members, in their order."""
    return [line for line in axes.get_lines() if line.get_marker() in ("o", "s")]


def lines(axes):
    """The friendships: the colour of each, and its ends."""
    return [(to_hex(line.get_color()), line.get_xydata()) for line in axes.get_lines() if len(line.get_xdata()) == 2]


@pytest.fixture(scope="module")
def drawn():
    return figures.divided(TITLE, EDGES, FOUND, CHOSEN, CURVE)


def test_it_can_be_read_and_names_the_leaders_and_who_went_elsewhere(drawn):
    assert_readable(drawn)
    axes, curve = axes_of(drawn)
    assert axes.get_title() == "1 is the instructor, 34 is the administrator; 9 went with the instructor"
    assert [text.get_text() for text in axes.texts] == [str(n + 1) for n in range(34)]
    np.testing.assert_array_equal(curve.get_lines()[0].get_xydata(), CURVE["wrong"])
    assert (curve.get_xscale(), curve.get_yscale(), curve.get_ylim()[0]) == ("log", "linear", 0)


def test_colour_is_what_was_found_shape_what_was_chosen_and_a_frame_says_that_they_differ(drawn):
    for n, member in enumerate(members(axes_of(drawn)[0])):
        assert member.get_color() == club.FILLS[FOUND[n]]
        assert member.get_marker() == club.SHAPES[CHOSEN[n]]
        assert (member.get_markeredgecolor() == club.ORANGE) == (n == 8)
        assert (member.get_markersize() > 20) == (n in (0, 33))


@pytest.mark.parametrize("found", [FOUND, CHOSEN], ids=["with person 9", "as they chose"])
def test_the_lines_drawn_differently_are_the_cut_and_the_key_counts_them(found):
    figure = figures.divided(TITLE, EDGES, found, CHOSEN, CURVE)
    friendships = lines(axes_of(figure)[0])
    assert len(friendships) == len(EDGES)
    across = [colour == club.ORANGE for colour, _ in friendships]
    np.testing.assert_array_equal(across, found[EDGES[:, 0]] != found[EDGES[:, 1]])
    assert f"friendship between the sides found: {cut(EDGES, found)}" in texts(figure)
    assert ("9 went with" in axes_of(figure)[0].get_title()) == (found is FOUND)


def test_lines_end_at_their_members(drawn):
    axes = axes_of(drawn)[0]
    places = np.array([member.get_xydata()[0] for member in members(axes)])
    for edge, (_, ends) in zip(EDGES, lines(axes), strict=True):
        np.testing.assert_array_equal(ends, places[edge])


def test_the_picture_is_the_same_each_time_and_no_two_members_or_lines_meet():
    places = graphs.laid_out(EDGES, 34, 0, 33)
    np.testing.assert_array_equal(places, graphs.laid_out(EDGES, 34, 0, 33))
    assert_within(places[0, 1] - places[33, 1], 0, absolute=1e-12, relative=0)
    assert places[0, 0] < places[33, 0]
    apart = np.hypot(*(places[:, None] - places).T) + 9 * np.eye(34)
    assert apart.min() > 0.4  # a marker is 0.25 wide


def test_a_ways_length_is_the_number_of_its_edges_and_infinite_where_there_is_none():
    edges = np.array([[0, 1], [1, 2], [2, 3]])
    np.testing.assert_array_equal(graphs.distances(edges, 4), abs(np.subtract.outer(range(4), range(4))))
    np.testing.assert_array_equal(graphs.distances(edges[1:], 4)[0], [0, np.inf, np.inf, np.inf])


def test_three_who_are_all_friends_are_laid_out_with_equal_sides():
    places = graphs.laid_out(np.array([[0, 1], [0, 2], [1, 2]]), 3, 2, 0)
    sides = np.hypot(*(places - np.roll(places, 1, axis=0)).T)
    assert_within(sides, np.ones(3), absolute=1e-9, relative=0)
    assert places[2, 0] < places[1, 0] < places[0, 0]


def test_a_node_on_an_edge_or_on_another_node_is_pushed_away_and_one_that_is_far_is_not():
    edges = np.array([[0, 1], [0, 2]])
    places = np.array([[0.0, 0.0], [2.0, 0.0], [1.0, 0.1]])
    pushes = graphs._pushes(places, edges)
    assert_within(pushes[2], [0, 0.2], absolute=1e-15, relative=0)  # 0.3 from the edge of the first two
    assert not pushes[:2].any()
    places[2] = 0.1, 0.5  # 0.51 from the first: each goes half of what is wanting to 0.6
    half = (np.sqrt(0.26) - 0.6) / 2 * places[2] / np.sqrt(0.26)
    assert_within(graphs._pushes(places, edges)[0], half, absolute=1e-15, relative=0)
    places[2] = 1, 0.6
    assert not graphs._pushes(places, edges).any()


def test_a_run_of_few_epochs_or_none_is_drawn():
    assert_readable(figures.divided(TITLE, EDGES, FOUND, CHOSEN, {"wrong": []}))
    few = axes_of(figures.divided(TITLE, EDGES, FOUND, CHOSEN, {"wrong": [(1, 20), (2, 20)]}))[1]
    assert (few.get_xscale(), few.get_yscale()) == ("linear", "linear")
    linear = axes_of(figures.divided(TITLE, EDGES, FOUND, CHOSEN, CURVE, linear=True))[1]
    assert (linear.get_xscale(), linear.get_yscale()) == ("linear", "linear")
