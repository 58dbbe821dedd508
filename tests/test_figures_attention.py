"""The figures of attention: who looks at whom is as it was computed, and letters and marks stand where they belong."""

import numpy as np
import pytest
from drawn import assert_readable, axes_of, texts, titles
from matplotlib.patches import Circle, Rectangle

from deltarule.programs import figures

TITLE = "What it is (summary, attention)\nseed default, 20 epochs"
SYMBOLS = np.array([4, 0, 0, 3])
CURVES = {"with places": [(1, 0.2), (20, 0.0)], "without places": [(1, 0.5), (20, 0.5)]}


def shares(*shape):
    """Attention of some size: each row sums to 1."""
    a = np.random.default_rng(1).random(shape) ** 4
    return a / a.sum(axis=-1, keepdims=True)


def labels(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def reversal(looks=None, curves=CURVES):
    looks = (shares(3, 4, 4), shares(3, 4, 4)[::-1]) if looks is None else looks
    return looks, figures.reversal(TITLE, SYMBOLS, (SYMBOLS[::-1], SYMBOLS), looks, curves)


def test_the_matrices_are_those_of_the_first_sequence_and_the_mean_of_all():
    (a, b), figure = reversal()
    assert_readable(figure)
    one, mean, without, curve = axes_of(figure)
    for axes, expected in ((one, a[0]), (mean, a.mean(axis=0)), (without, b[0])):
        (image,) = axes.get_images()
        np.testing.assert_array_equal(image.get_array(), expected)
        assert image.get_clim() == (0, 1)
    assert titles(figure)[:3] == [
        "one sequence, with places",
        "mean of 3 sequences, with places",
        "one sequence, without places",
    ]
    assert [line.get_ydata().tolist() for line in curve.get_lines()] == [[0.2, 0.0], [0.5, 0.5]]


def test_rows_have_their_symbol_and_what_is_given_for_it_and_columns_their_symbol():
    one, mean, without, _ = axes_of(reversal()[1])
    assert labels(one.xaxis) == labels(without.xaxis) == ["E", "A", "A", "D"]
    assert labels(one.yaxis) == ["E gives D", "A gives A", "A gives A", "D gives E"]
    assert labels(without.yaxis) == ["E gives E", "A gives A", "A gives A", "D gives D"]
    assert labels(mean.xaxis) == labels(mean.yaxis) == ["1", "2", "3", "4"]


@pytest.mark.parametrize(("share", "said"), [(0.1, ".10"), (0.0999, None), (1.0, "1.00")])
def test_a_share_of_a_tenth_is_written_in_its_cell_and_a_smaller_one_is_not(share, said):
    a = np.zeros((1, 4, 4))
    a[0, 1, 2] = share
    one = axes_of(reversal((a, a))[1])[0]
    assert {text.get_position(): text.get_text() for text in one.texts} == ({(2, 1): said} if said else {})


def test_a_run_without_epochs_says_that_nothing_was_measured():
    assert "no error was measured" in texts(reversal(curves={"with places": [], "without places": []})[1])


BITS = np.array([1, 0, 0, 1, 0, 1, 1, 0])


def test_every_head_has_its_matrix_and_the_only_head_of_the_other_block_is_beside_them():
    several, one = shares(4, 8, 8), shares(1, 8, 8)
    curves = {"four heads": [(1, 0.5), (60, 0.001)], "one head": [(1, 0.5), (60, 0.35)]}
    figure = figures.heads(TITLE, BITS, several, one, curves)
    assert_readable(figure)
    *matrices, curve = axes_of(figure)
    assert titles(figure)[:5] == [*(f"head {k} of 4" for k in (1, 2, 3, 4)), "the only head"]
    for axes, expected in zip(matrices, [*several, *one], strict=True):
        np.testing.assert_array_equal(axes.get_images()[0].get_array(), expected)
        assert labels(axes.xaxis) == labels(axes.yaxis) == list("10010110")
    assert [line.get_label() for line in curve.get_lines()] == ["four heads", "one head"]


def test_the_marked_cells_are_the_mirrored_place_and_the_one_two_before():
    axes = axes_of(figures.heads(TITLE, BITS, shares(2, 8, 8), shares(1, 8, 8), {}))[0]
    squares = {tuple(np.add(p.get_xy(), 0.5).tolist()) for p in axes.patches if isinstance(p, Rectangle)}
    circles = {tuple(p.center) for p in axes.patches if isinstance(p, Circle)}
    assert squares == {(7 - n, n) for n in range(8)}
    assert circles == {((n - 2) % 8, n) for n in range(8)}
