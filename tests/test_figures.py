"""The figures: their data, titles, labels, limits and numbers, from ordinary data and from the worst."""

import itertools
import os
import re
import subprocess
import sys
from collections import Counter

import matplotlib
import numpy as np
import pytest
from closeness import assert_within
from drawn import assert_readable, axes_of, texts, ticks, titles
from matplotlib import pyplot
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from runs import SCRIPTS, start

from deltarule import data, matlab, multi_layer_forward, single_layer_forward
from deltarule.programs import figures
from deltarule.programs.any_run import marked_epochs
from deltarule.programs.figures import digits, output, style
from deltarule.study import Outcome, Settings

NAN, INFINITE = float("nan"), float("inf")
FALLING = [(epoch, 1 / epoch) for epoch in range(1, 101)]
TITLE = "The delta rule (chapter 2, DeltaSGD)\nseed 3, 100 epochs, alpha 0.3 (book: 0.9)"


SPOILED = {
    "cut off": lambda figure: figure.text(0.99, 0.5, "beyond the edge"),
    "overlaps": lambda figure: figure.axes[0].text(1, 0, "over the ticks", va="top"),
    "small": lambda figure: figure.axes[0].text(10, 0.5, "small", fontsize=8),
    "warning": lambda figure: figure.axes[0].text(10, 0.5, "\N{HANGUL SYLLABLE HAN}"),  # which the font does not have
}


@pytest.mark.parametrize("how", SPOILED)
def test_a_figure_that_cannot_be_read_is_noticed(how):
    figure = figures.error_curves(TITLE, {"error": FALLING})
    assert_readable(figure)
    SPOILED[how](figure)
    with pytest.raises((AssertionError, UserWarning)):
        assert_readable(figure)


# Error curves


def test_a_curve_has_its_title_its_data_and_says_what_is_measured():
    figure = figures.error_curves(TITLE, {"error": FALLING}, measured="mean squared error")
    (axes,) = figure.axes
    assert figure.get_suptitle() == TITLE
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("epoch", "mean squared error")
    (line,) = axes.get_lines()
    np.testing.assert_array_equal(line.get_xydata(), FALLING)
    assert axes.get_legend() is None
    assert_readable(figure)


def test_axes_are_logarithmic_where_numbers_differ_tenfold_and_linear_on_request():
    (axes,) = figures.error_curves("", {"error": FALLING}).axes
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    (axes,) = figures.error_curves("", {"error": FALLING}, linear=True).axes
    assert (axes.get_xscale(), axes.get_yscale()) == ("linear", "linear")
    assert_within([*axes.get_xlim(), *axes.get_ylim()], [0, 100, 0, 1.1], absolute=0, relative=1e-14)


@pytest.mark.parametrize(("last", "scale"), [(0.1, "log"), (0.1001, "linear")])
def test_an_error_that_falls_to_a_tenth_is_drawn_on_a_logarithmic_axis_and_one_that_does_not_from_zero(last, scale):
    (axes,) = figures.error_curves("", {"error": [(1, 1.0), (20, last)]}).axes
    assert axes.get_yscale() == scale
    assert (axes.get_ylim()[0] == 0) == (scale == "linear")


def test_an_error_that_stays_at_a_quarter_is_seen_to_stay():
    figure = figures.error_curves("", {"error": [(epoch, 0.25 + 0.014 / epoch) for epoch in range(1, 41)]})
    (axes,) = figure.axes
    figure.canvas.draw()
    assert axes.get_ylim()[0] == 0
    assert "0.25" in ticks(axes.yaxis)
    assert not any("10^" in tick for tick in ticks(axes.yaxis))


def test_ticks_are_plain_numbers_where_none_is_tiny():
    figure = figures.error_curves("", {"error": [(1, 0.5), (20_000, 0.0005)]})
    (axes,) = figure.axes
    figure.canvas.draw()
    assert ticks(axes.xaxis) == ["1", "10", "100", "1,000", "10,000"]
    assert ticks(axes.yaxis) == ["0.001", "0.01", "0.1"]


def test_lines_differ_in_style_and_in_grey():
    lines = figures.error_curves("", {name: FALLING for name in ("a", "b", "c", "d")}).axes[0].get_lines()
    assert len({line.get_linestyle() for line in lines}) == 4
    red, green, blue = (np.array([matplotlib.colors.to_rgb(line.get_color())[k] for line in lines]) for k in range(3))
    grey = 0.299 * red + 0.587 * green + 0.114 * blue
    assert np.sort(grey)[1:].min() - grey.min() > 0.2  # the first is much darker than the others


def test_a_legend_names_the_curves_and_the_points_of_octave():
    figure = figures.error_curves("", {"SGD": FALLING, "batch": FALLING}, marked={"Octave": FALLING[::10]})
    (axes,) = figure.axes
    assert texts(axes.get_legend()) == ["SGD", "batch", "Octave"]
    octave = axes.get_lines()[-1]
    assert (octave.get_linestyle(), octave.get_marker()) == ("None", "x")
    np.testing.assert_array_equal(octave.get_xydata(), FALLING[::10])


@pytest.mark.parametrize("lost", [NAN, INFINITE, -INFINITE])
def test_a_curve_that_is_not_finite_says_from_when_and_the_rest_is_drawn(lost):
    figure = figures.error_curves("", {"error": [(1, 0.5), (2, 0.4), *((k, lost) for k in range(3, 1235))]})
    (axes,) = figure.axes
    assert texts(axes.get_legend()) == ["error: not finite from epoch 3 on"]
    np.testing.assert_array_equal(axes.get_lines()[0].get_ydata()[:3], [0.5, 0.4, NAN])
    assert_readable(figure)


EXTREME = {
    "one epoch": {"error": [(1, 0.5)]},
    "two epochs": {"error": [(1, 0.5), (2, 0.4)]},
    "all zero": {"error": [(epoch, 0.0) for epoch in range(1, 31)]},
    "zero in the end": {"error": [*FALLING, (101, 0.0)]},
    "never finite": {"error": [(epoch, NAN) for epoch in range(1, 31)]},
    "one epoch, infinite": {"error": [(1, INFINITE)]},
    "tiny": {"error": [(1, 1e-300), (50, 1e-308)]},
    "huge": {"error": [(1, 1e200), (50, 1e250)]},
    "one of two is never finite": {"CE": FALLING, "SSE": [(epoch, NAN) for epoch, _ in FALLING]},
    "no curve": {},
    "no points": {"error": []},
}


@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize("curves", EXTREME.values(), ids=EXTREME)
def test_curves_of_extreme_data_are_drawn_without_a_warning(curves, linear):
    assert_readable(figures.error_curves(TITLE, curves, measured="mean squared error", linear=linear))


def test_no_curve_is_said_and_not_drawn_as_an_empty_axis():
    (axes,) = figures.error_curves("", {}).axes
    assert texts(axes) == ["no error was measured"]
    assert not axes.axison


def test_points_are_marked_where_they_are_few():
    few, many = (figures.error_curves("", {"error": FALLING[:n]}).axes[0].get_lines()[0] for n in (14, 15))
    assert (few.get_marker(), many.get_marker()) == ("o", "None")


@pytest.mark.slow
def test_each_script_has_a_panel_with_its_name_and_what_it_measures():
    runs = {
        "delta_sgd": ("mean squared error", {"error": FALLING}),
        "backprop_ce": ("cross-entropy", {"error": FALLING}),
        "mnist_conv": ("share of wrong test digits", {"error": [(1, 0.13), (2, 0.09), (3, 0.065)]}),
    }
    figure = figures.all_curves("All", runs)
    assert titles(figure) == list(runs)
    assert [axes.get_ylabel().replace("\n", " ") for axes in figure.axes] == [measured for measured, _ in runs.values()]
    assert_readable(figure)
    many = {f"script {k}": ("mean squared error, summed over the outputs", {"error": FALLING}) for k in range(15)}
    assert_readable(figures.all_curves("All", many))
    assert texts(figures.all_curves("", {})) == ["no script gave a curve"]


def test_errors_are_measured_often_enough_that_steps_stay_steps():
    for total in (1, 2, 3, 100, 10_000, 40_000):
        marks = np.array(sorted(marked_epochs(total)))
        assert (marks[0], marks[-1]) == (1, total)
        assert (marks[1:] - marks[:-1] <= np.maximum(1, total / 195)).all()  # on a linear axis
        assert (marks[1:] - marks[:-1] <= 1 + 0.055 * marks[:-1]).all()  # and on a logarithmic one
        assert len(marks) <= 400


# The plane of two inputs

SINGLE = (np.array([[0.7, 1.9, -1.1]]),)


def trained(hidden=4, epochs=(0, 10, 30)):
    """Weights of a network with one hidden layer, by epoch; they need not have learned anything."""
    rng = matlab.rng(1)
    return {epoch: (6 * rng.rand(hidden, 3) - 3, 6 * rng.rand(1, hidden) - 3) for epoch in epochs}


def plane(axes):
    """The image of a panel as a function of the two inputs."""
    (image,) = axes.get_images()
    shades, (left, right, bottom, top) = image.get_array(), image.get_extent()
    assert image.origin == "lower"

    def at(x1, x2):
        row, column = ((v - low) / (high - low) for v, low, high in ((x2, bottom, top), (x1, left, right)))
        return shades[round(row * (len(shades) - 1)), round(column * (shades.shape[1] - 1))]

    return at


def test_the_plane_shows_the_output_of_each_input():
    X, D = data.xor()
    figure = figures.boundary("", X, D, {0: SINGLE}, single_layer_forward, {"error": FALLING})
    at = plane(figure.axes[0])
    for x1, x2 in ((0, 0), (1, 0), (0, 1), (1, 1), (0.5, 1.0)):
        assert_within(at(x1, x2), 1 / (1 + np.exp(-(0.7 * x1 + 1.9 * x2 - 1.1))), absolute=0.01, relative=0)


def test_the_boundary_of_a_single_layer_is_the_line_of_its_weights():
    X, D = data.xor()
    figure = figures.boundary("", X, D, {0: SINGLE}, single_layer_forward, {"error": FALLING})
    (contour,) = (c for c in figure.axes[0].collections if isinstance(c, matplotlib.contour.ContourSet))
    points = np.concatenate([path.vertices for path in contour.get_paths()])
    assert len(points) > 10
    assert_within(points @ [0.7, 1.9] - 1.1, 0, absolute=0.02, relative=0)


def test_there_is_no_boundary_where_the_output_is_on_one_side_everywhere():
    X, D = data.xor()
    for W in ([[0.0, 0.0, 5.0]], [[0.0, 0.0, -5.0]], [[0.0, 0.0, 0.0]]):
        figure = figures.boundary("", X, D, {0: (np.array(W),)}, single_layer_forward, {"error": FALLING})
        assert not [c for c in figure.axes[0].collections if isinstance(c, matplotlib.contour.ContourSet)]
        assert_readable(figure)


def test_samples_are_full_where_the_target_is_1():
    X, D = data.xor()
    axes = figures.boundary("", X, D, {0: SINGLE}, single_layer_forward, {"error": FALLING}).axes[0]
    drawn = {tuple(line.get_xydata()[0]): to_hex(line.get_markerfacecolor()) for line in axes.get_lines()}
    black, white = "#000000", "#ffffff"
    assert drawn == {(0, 0): white, (0, 1): black, (1, 0): black, (1, 1): white}


def test_there_is_a_panel_for_each_epoch_and_a_line_in_the_error_curve():
    X, D = data.xor()
    kept = {40_000: SINGLE, 0: SINGLE, 1000: SINGLE}
    curves = {"error": [(1, 0.26), (40_000, 0.25)]}
    figure = figures.boundary(TITLE, X, D, kept, single_layer_forward, curves)
    *planes, curve = axes_of(figure)
    assert [axes.get_title() for axes in planes] == ["start", "after epoch 1,000", "after epoch 40,000"]
    assert curve.get_ylabel() == "mean squared error"
    assert curve.get_ylim()[0] == 0
    assert [line.get_xdata()[0] for line in curve.get_lines()[1:]] == [1000, 40_000]
    assert {"target 1", "target 0", "output 0.5"} <= set(texts(figure))
    assert_readable(figure)


@pytest.mark.parametrize(("weight", "said"), [(99_999.0, "+99999.0"), (-1e5, "-1e+05"), (-5.4e298, "-5e+298")])
def test_a_weight_that_is_no_short_number_is_written_by_its_power(weight, said):
    X, D = data.xor()
    kept = {epoch: (W1, np.full_like(W2, weight)) for epoch, (W1, W2) in trained().items()}
    figure = figures.boundary_and_nodes(TITLE, X, D, kept, multi_layer_forward, {"error": FALLING})
    nodes = [axes.get_title() for axes in axes_of(figure) if axes.get_title().startswith("hidden node")]
    assert nodes[0].replace("\N{MINUS SIGN}", "-") == f"hidden node 1,\nweight {said}"
    assert_readable(figure)


def test_each_hidden_node_has_its_outputs_for_the_samples_and_its_weight():
    X, D = data.xor()
    kept = trained()
    W1, W2 = kept[30]
    figure = figures.boundary_and_nodes(TITLE, X, D, kept, multi_layer_forward, {"error": FALLING})
    nodes = [axes for axes in axes_of(figure) if axes.get_title().startswith("hidden node")]
    for k, axes in enumerate(nodes):
        assert axes.get_title().replace("\N{MINUS SIGN}", "-") == f"hidden node {k + 1},\nweight {W2[0, k]:+.1f}"
        written = {tuple(np.sign(np.subtract(t.get_position(), 0.5))): t.get_text() for t in axes.texts}
        for x in X:
            y = 1 / (1 + np.exp(-(W1[k] * x).sum()))
            assert written[tuple(np.sign(x[:2] - 0.5))] == f"{y:.2f}"
            assert_within(plane(axes)(*x[:2]), y, absolute=0.03, relative=0)
    assert len(nodes) == 4
    assert_readable(figure)


@pytest.mark.parametrize(("hidden", "drawn"), [(1, 1), (5, 5), (8, 8), (12, 8)])
def test_of_many_hidden_nodes_the_first_are_drawn_and_that_is_said(hidden, drawn):
    X, D = data.xor()
    figure = figures.boundary_and_nodes("", X, D, trained(hidden), multi_layer_forward, {"error": FALLING}, linear=True)
    assert sum(title.startswith("hidden node") for title in titles(figure)) == drawn
    assert ("the first 8 of 12 hidden nodes" in texts(figure)) == (hidden == 12)
    assert_readable(figure)


@pytest.mark.parametrize("curves", EXTREME.values(), ids=EXTREME)
def test_the_planes_stand_beside_any_curve(curves):
    X, D = data.xor()
    kept = trained(epochs=(0, 1))
    assert_readable(figures.boundary_and_nodes(TITLE, X, D, kept, multi_layer_forward, curves))


def test_planes_are_drawn_in_the_dtype_of_the_weights():
    X, D = (a.astype("float32") for a in data.xor())
    kept = {0: tuple(W.astype("float32") for W in trained()[0])}
    assert_readable(figures.boundary_and_nodes("", X, D, kept, multi_layer_forward, {"error": FALLING}))


# Digits


def test_bars_are_the_class_probabilities_and_titles_say_what_is_taken_for_what():
    X, D = data.contaminated_digits()
    y = np.full((5, 5), 0.01) + 0.95 * np.eye(5)[[3, 1, 2, 4, 4]]
    figure = figures.class_probabilities(TITLE, X, D, y)
    images, bars = figure.axes[:5], figure.axes[5:]
    taken = ["a 1, taken for a 4", "a 2, recognised", "a 3, recognised", "a 4, taken for a 5", "a 5, recognised"]
    assert [axes.get_title() for axes in images] == taken
    for k in range(5):
        np.testing.assert_array_equal(images[k].get_images()[0].get_array(), X[k])
        np.testing.assert_array_equal([bar.get_height() for bar in bars[k].patches], y[k])
        assert sorted(t.get_text() for t in bars[k].texts) == ["1"] * 4 + ["96"]
        dark = [to_hex(bar.get_facecolor()) == style.DARK for bar in bars[k].patches]
        assert dark.index(True) == y[k].argmax()
        assert [bar.get_linewidth() > 0 for bar in bars[k].patches].index(True) == k
    assert_readable(figure)


def test_bars_of_one_image_and_of_probabilities_that_are_certain_are_drawn():
    X, D = data.digits()
    assert_readable(figures.class_probabilities(TITLE, X[:1], D[:1], np.eye(5)[:1]))
    assert_readable(figures.class_probabilities(TITLE, X, D, np.full((5, 5), 0.2)))


def some_digits(n=300, wrong=70):
    """Images, digits, and probabilities by which so many are taken for another."""
    rng = np.random.default_rng(0)
    X, D = rng.random((n, 28, 28)), rng.integers(0, 10, n)
    taken = np.where(np.arange(n) % n < wrong, (D + rng.integers(1, 10, n)) % 10, D)
    return X, D, taken, np.eye(10)[(taken - 1) % 10]


def test_the_confusion_matrix_has_the_counts():
    _, D, taken, _ = some_digits()
    figure = figures.confusion(TITLE, D, taken)
    (axes,) = figure.axes
    written = {t.get_position()[::-1]: int(t.get_text()) for t in axes.texts}
    assert written == Counter(zip(D.tolist(), taken.tolist(), strict=True))
    assert axes.get_title() == "230 of 300 recognised (76.7%)"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("taken for", "digit")
    assert_readable(figure)


def test_the_misclassified_are_shown_with_what_they_are_taken_for_and_counted():
    X, D, taken, y = some_digits()
    figure = figures.recognition(TITLE, X, D, y)
    assert "the first 40 of 70 misclassified: digit → taken for" in texts(figure)
    _, *images = figure.axes
    assert [axes.get_title() for axes in images] == [f"{D[k]} → {taken[k]}" for k in range(40)]
    for k, axes in enumerate(images):
        np.testing.assert_array_equal(axes.get_images()[0].get_array(), X[k])
    assert_readable(figure)


@pytest.mark.slow
@pytest.mark.parametrize("wrong", [0, 1, 8, 300])
def test_none_and_all_misclassified_are_drawn(wrong):
    X, D, taken, y = some_digits(wrong=wrong)
    figure = figures.recognition(TITLE, X, D, y)
    assert f"{300 - wrong} of 300 recognised ({(300 - wrong) / 300:.1%})" in texts(figure)
    assert ("every digit is recognised" in texts(figure)) == (wrong == 0)
    assert_readable(figure)
    assert_readable(figures.misclassified("", X[:wrong], D[:wrong], taken[:wrong], wrong))
    assert_readable(figures.misclassified(TITLE, X[:wrong], D[:wrong], taken[:wrong]))


def stages():
    """An image, filters and maps in the shapes of the book."""
    rng = np.random.default_rng(1)
    y1 = rng.normal(size=(20, 20, 20))
    return rng.random((28, 28)), rng.normal(size=(9, 9, 20)), y1, np.maximum(0, y1), rng.random((10, 10, 20))


@pytest.mark.parametrize("f", [1, 2, 5, 20])
def test_maps_lie_on_their_sheet_where_their_numbers_are(f):
    maps = np.random.default_rng(2).normal(size=(9, 7, f))
    sheet, corners = digits.tiles(maps)
    for k, (top, left) in enumerate(corners):
        np.testing.assert_array_equal(sheet[top : top + 9, left : left + 7], maps[:, :, k])
    assert np.isfinite(sheet).sum() == maps.size


def test_filters_are_numbered_panels_are_of_one_size_and_each_has_a_scale_of_greys():
    x, W1, y1, y2, y3 = stages()
    figure = figures.features(TITLE, x, W1, y1, y2, y3, np.full(10, 0.1))
    assert_readable(figure)
    panels = axes_of(figure)
    assert [axes.get_title() for axes in panels] == [
        "image, 28 × 28",
        "20 filters, 9 × 9",
        "convolution, 20 × 20",
        "ReLU, 20 × 20",
        "mean pooling, 10 × 10",
        "class probabilities, %",
    ]
    for axes in panels[1:5]:
        assert [t.get_text() for t in axes.texts] == [str(k) for k in range(1, 21)]
    sizes = [axes.get_window_extent().size for axes in panels]
    assert_within(sizes, [sizes[0]] * 6, absolute=1, relative=0)
    scales = [axes for axes in figure.axes if hasattr(axes, "_colorbar")]
    assert len(scales) == 5
    assert all(axes.get_images()[0].get_cmap().name == "gray" for axes in panels[:5])


def test_the_middle_grey_is_zero_where_maps_have_both_signs_and_black_where_not():
    x, W1, y1, y2, y3 = stages()
    image, filters, convolution, relu, pooled = axes_of(figures.features("", x, W1, y1, y2, y3))
    for axes in (filters, convolution):
        low, high = axes.get_images()[0].get_clim()
        assert low == -high < 0
    for axes, maps in ((relu, y2), (pooled, y3)):
        assert axes.get_images()[0].get_clim() == (0, np.percentile(maps, 99))
    assert image.get_images()[0].get_clim() == (0, x.max())


def test_dead_and_constant_maps_are_drawn():
    x, W1, y1, *_ = (np.zeros_like(a) for a in stages())
    assert_readable(figures.features(TITLE, x, W1, y1, y1, y1[:10, :10], np.eye(10)[0]))
    assert_readable(figures.features(TITLE, x + 1, W1 - 1, y1 - 1, y1, y1[:10, :10]))


# Studies


def outcome(converged, starts=100, *, outputs=None, **settings):
    """So many of the starts converged, at epochs 10, 20, ...; the others ended at one of these outputs."""
    epochs = np.where(np.arange(starts) < converged, 10 * (1 + np.arange(starts)), 0)
    outputs = [[0, 1, 1, 0.5]] if outputs is None else outputs
    ends = np.array([outputs[k % len(outputs)] for k in range(starts - converged)], dtype=float)
    learned = np.tile([0.0, 1.0, 1.0, 0.0], (converged, 1))
    ends = np.concatenate([learned, ends.reshape(-1, 4)]).reshape(starts, 4, 1)
    return Outcome(Settings("backprop_xor", epochs=1000, **settings), np.arange(starts), epochs, ends)


def fans(outcomes, m=30):
    """Marks, and for each outcome the errors of ten starts."""
    marks = np.unique(np.geomspace(1, 1000, m).round())
    return marks, [np.random.default_rng(k).random((10, len(marks))) + 1e-3 for k in range(len(outcomes))]


GRID = [outcome(9 * k + 3, alpha=a, scale=s) for k, (a, s) in enumerate(itertools.product((0.3, 0.9, 3), (0.5, 1, 2)))]
WIDTHS = [outcome(n, hidden=h) for h, n in ((2, 3), (3, 50), (4, 95), (8, 100))]
SWEEPS = {
    "one setting": [outcome(90)],
    "all converged": [outcome(100)],
    "none converged": [outcome(0)],
    "one start": [outcome(0, 1)],
    "four widths": WIDTHS,
    "two widths": WIDTHS[:2],
    "a table": GRID,
    "a table with a hole": GRID[:-1],
    "a table of none": [outcome(0, alpha=a, scale=s) for a in (0.3, 3) for s in (1, 2)],
    "a table of all": [outcome(100, alpha=a, scale=s) for a in (0.3, 3) for s in (1, 2)],
    "the book's rate and another": [outcome(90), outcome(80, alpha=0.3)],
    "three vary": [
        outcome(50, hidden=h, alpha=a, scale=s) for h, a, s in itertools.product((2, 4, 8), (0.3, 0.9), (0.5, 1, 2))
    ],
    "starts differ": [outcome(90, 100, hidden=2), outcome(1000, 1_000_000, hidden=4)],
    "not finite": [outcome(50, outputs=[[NAN] * 4, [INFINITE] * 4])],
}


@pytest.mark.slow
@pytest.mark.parametrize("outcomes", SWEEPS.values(), ids=SWEEPS)
def test_every_sweep_is_drawn_with_all_its_settings_and_the_routine_in_each_title(outcomes):
    drawn = figures.study(outcomes, *fans(outcomes))
    assert list(drawn) == ["rates", "epochs", "failures", "curves"]
    for figure in drawn.values():
        assert figure.get_suptitle().startswith("backprop_xor: ")
        assert_readable(figure)
    assert len(drawn["failures"].axes) == len(drawn["curves"].axes) == len(outcomes)
    labels = [label.get_text() for label in drawn["epochs"].axes[0].get_yticklabels()]
    assert len(set(labels)) == len(labels) == len(outcomes)


def test_a_table_of_rates_has_each_rate_and_interval_in_its_cell():
    figure = figures.study_rates(GRID)
    (axes,) = figure.axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("learning rate", "scale of the start")
    assert [t.get_text() for t in axes.get_xticklabels()] == ["0.3", "0.9", "3"]
    assert [t.get_text() for t in axes.get_yticklabels()] == ["0.5", "1", "2"]
    written = {t.get_position(): t.get_text() for t in axes.texts}
    shades = axes.get_images()[0].get_array()
    for k, found in enumerate(GRID):
        low, high = found.interval()
        rate = (9 * k + 3) / 100
        assert written[k // 3, k % 3] == f"{rate:.1%}\n{low:.1%} to {high:.1%}"
        assert shades[k % 3, k // 3] == rate
    assert axes.get_images()[0].get_clim() == (0, 1)


def test_rates_of_one_varied_setting_are_points_with_intervals_and_numbers():
    figure = figures.study_rates(WIDTHS)
    (axes,) = figure.axes
    assert [t.get_text() for t in axes.get_yticklabels()] == ["hidden 2", "hidden 3", "hidden 4", "hidden 8"]
    (bars,) = axes.containers
    np.testing.assert_array_equal(bars[0].get_xydata(), [(0.03, 0), (0.5, 1), (0.95, 2), (1.0, 3)])
    for found, ends, text in zip(WIDTHS, bars[2][0].get_segments(), axes.texts, strict=True):
        assert_within(ends[:, 0], found.interval(), absolute=0, relative=1e-14)
        low, high = found.interval()
        assert text.get_text() == f"{found.converged / 100:.1%}  [{low:.1%} to {high:.1%}]"
    assert axes.get_xlim() == (-0.02, 1.02)


def test_epochs_are_medians_with_quartiles_and_a_setting_where_none_converged_says_so():
    found = [outcome(99, hidden=2), outcome(0, hidden=4)]
    figure = figures.study_epochs(found)
    (axes,) = figure.axes
    (bars,) = axes.containers
    np.testing.assert_array_equal(bars[0].get_xdata(), [500, NAN])
    np.testing.assert_array_equal(bars[2][0].get_segments()[0][:, 0], [255, 745])
    assert [t.get_text() for t in axes.texts] == ["500  [255 to 745]", "none converged"]


def test_titles_say_how_many_starts_and_when_one_has_converged():
    title = figures.study_rates(GRID).get_suptitle()
    assert "100 starts for each setting, hidden nodes 4" in title
    assert "converged: every output within 0.1 of its target by 1,000 epochs" in title.replace("\n", " ")
    assert (
        "90 to 1,000 starts"
        in figures.study_rates([outcome(9, 90, hidden=2), outcome(9, 1000, hidden=3)]).get_suptitle()
    )


def test_all_failures_are_counted_in_one_scale():
    many = [[0, 1, 1, k / 10] for k in range(9)]
    found = [outcome(10, outputs=many, hidden=2), outcome(98, hidden=4), outcome(100, hidden=8)]
    figure = figures.study_failures(found)
    first, second, third = figure.axes
    assert [bar.get_width() for bar in first.patches] == [10] * 6 + [30]
    assert [t.get_text().strip() for t in first.texts] == ["10"] * 6 + ["30"]
    assert [t.get_text() for t in first.get_yticklabels()][-1] == "3 others"
    assert first.get_yticklabels()[0].get_text() == "0.0 1.0 1.0 0.0"
    assert first.get_xlabel() == "90 of 100 did not converge"
    assert [bar.get_width() for bar in second.patches] == [2]
    assert first.get_xlim() == second.get_xlim()
    assert first.get_xlim()[1] > 30
    assert sorted(texts(third)) == ["all 100 converged", "hidden 8"]


def test_ends_of_many_outputs_are_told_by_the_classes_they_give():
    ends = np.stack([np.eye(5)[[0, 1, 1, 3, 4]], np.eye(5)[[0, 1, 1, 3, 4]] + 0.01, np.eye(5)[[0, 0, 2, 3, 4]]])
    found = Outcome(Settings("deep_relu"), np.arange(3), np.zeros(3, dtype=int), ends)
    (axes,) = figures.study_failures([found]).axes
    assert [t.get_text() for t in axes.get_yticklabels()] == ["classes 1 2 2 4 5", "classes 1 1 3 4 5"]


def test_curves_of_every_setting_have_one_scale_and_their_median_is_drawn_thick():
    marks, errors = fans(WIDTHS)
    figure = figures.study_curves(WIDTHS, marks, errors)
    assert len({axes.get_ylim() for axes in figure.axes}) == len({axes.get_xlim() for axes in figure.axes}) == 1
    for axes, fan in zip(figure.axes, errors, strict=True):
        *thin, thick = axes.get_lines()
        np.testing.assert_array_equal([line.get_ydata() for line in thin], fan)
        np.testing.assert_array_equal(thick.get_ydata(), np.sort(fan, axis=0)[4:6].mean(axis=0))
        assert thick.get_linewidth() > thin[0].get_linewidth()


def test_a_start_whose_error_is_not_finite_counts_as_the_worst_in_the_median():
    marks = np.arange(1, 21)
    fan = np.tile([[0.1], [0.2], [0.3]], 20)
    for lost in (NAN, INFINITE):
        fan[0, 10:] = lost
        figure = figures.study_curves([outcome(5)], marks, [fan])
        np.testing.assert_array_equal(figure.axes[0].get_lines()[-1].get_ydata(), [0.2] * 10 + [0.3] * 10)
        assert_readable(figure)
    assert_readable(figures.study_curves([outcome(5)], marks, [np.full((3, 20), NAN)]))
    assert_readable(figures.study_curves([outcome(5)], np.array([1]), [np.array([[0.5]])]))


# Where figures go


def test_figures_leave_no_window_no_state_and_no_setting_behind():
    before = dict(matplotlib.rcParams)
    X, D = data.xor()
    figures.error_curves("", {"error": FALLING})
    figures.boundary_and_nodes("", X, D, trained(), multi_layer_forward, {"error": FALLING})
    figures.study(WIDTHS, *fans(WIDTHS))
    figures.png(figures.confusion("", D.astype(int), D.astype(int)))
    assert pyplot.get_fignums() == []
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("kind", output.FORMATS)
def test_every_kind_of_file_that_is_taken_can_be_written(kind, tmp_path):
    assert figures.cannot_draw(f"figure.{kind}") is None
    figures.show_or_save(figures.error_curves(TITLE, {"error": FALLING}), str(tmp_path / f"figure.{kind.upper()}"))
    assert [path.name for path in tmp_path.iterdir()] == [f"figure.{kind.upper()}"]
    assert (tmp_path / f"figure.{kind.upper()}").stat().st_size > 1000


@pytest.mark.parametrize("file", ["figure", "figure.pgf", "figure.txt", "figure.raw", ".png", "figure.png.gz"])
def test_other_kinds_are_refused_with_those_that_are_taken(file):
    assert (
        figures.cannot_draw(file) == f"{file!r} must end in one of {', '.join(f'.{kind}' for kind in output.FORMATS)}"
    )


def test_several_figures_are_written_beside_each_other(tmp_path):
    drawn = {name: figures.error_curves(name, {"error": FALLING}) for name in ("rates", "epochs", "curves")}
    figures.show_or_save(drawn, str(tmp_path / "sweep.svg"))
    written = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert written.keys() == {"sweep.svg", "sweep-epochs.svg", "sweep-curves.svg"}


def test_an_svg_is_the_same_each_time_and_its_type_is_type():
    first, second = (figures.svg(figures.error_curves(TITLE, {"error": FALLING})) for _ in range(2))
    assert first == second
    assert "mean squared" not in first
    assert ">The delta rule (chapter 2, DeltaSGD)<" in first


def test_a_window_is_refused_where_there_is_no_display_and_opened_where_there_is(monkeypatch):
    assert figures.cannot_draw("") == "there is no display for a window; name a file, as in --plot figure.png"
    monkeypatch.setattr(FigureCanvasAgg, "required_interactive_framework", "tk")
    assert figures.cannot_draw("") is None
    shown = []
    monkeypatch.setattr(pyplot, "show", lambda: shown.extend(map(pyplot.figure, pyplot.get_fignums())))
    drawn = [figures.error_curves(name, {"error": FALLING}) for name in ("a", "b")]
    figures.show_or_save(drawn[0], "")
    figures.show_or_save(dict(enumerate(drawn)), "")
    assert shown == [drawn[0], *drawn]
    assert pyplot.get_fignums() == []


BACKENDS = ["module://matplotlib_inline.backend_inline", "module://no_such_module", "no such backend", "tkagg", "pdf"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_file_is_written_whatever_backend_the_environment_names(backend, tmp_path):
    done = start("delta_sgd", "--epochs", "5", "--plot", "f.png", cwd=tmp_path, environment={"MPLBACKEND": backend})
    assert done.stderr == ""
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_window_of_a_backend_that_cannot_open_one_is_refused_in_one_line(backend):
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    command = [sys.executable, str(SCRIPTS / "delta_sgd.py"), "--epochs", "5", "--plot"]
    done = subprocess.run(
        command, env=environment | {"MPLBACKEND": backend}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr
        == "delta_sgd.py: argument --plot: there is no display for a window; name a file, as in --plot figure.png\n"
    )


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="a folder of Linux")
@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("/proc/a.png", "'/proc/a.png' cannot be written: its folder takes no files"),
        (f"{'x' * 300}.png", f"'{'x' * 300}.png' cannot be written: File name too long"),
    ],
    ids=["proc", "long"],
)
def test_a_file_that_cannot_be_written_is_refused_before_the_training(file, reason, tmp_path):
    done = start("delta_sgd", "--epochs", "100000000", "--plot", file, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"delta_sgd.py: argument --plot: {reason}\n"
    assert list(tmp_path.iterdir()) == []


# The scripts


CAPTIONS = {
    ("delta_sgd", "--alpha", "0.3"): "The delta rule, one sample at a time (chapter 2, DeltaSGD) "
    "seed default, 20 epochs, alpha 0.3 (book: 0.9)",
    ("backprop_ce", "--seed", "7"): "Back-propagation of the cross-entropy learns XOR (chapter 3, BackpropCE) "
    "seed 7, 20 epochs",
    ("real_multi_class",): "What the classifier of five digits makes of contaminated ones (chapter 4, RealMultiClass) "
    "seed 3, 20 epochs",
}


@pytest.mark.parametrize("run", CAPTIONS, ids=" ".join)
def test_a_scripts_figure_says_what_ran(run, tmp_path):
    name, *options = run
    figure = drawn_by(name, "--epochs", "20", *options, cwd=tmp_path)
    assert CAPTIONS[run] in figure


MEASURED = {
    "delta_sgd": "mean squared error",
    "backprop_ce": "cross-entropy",
    "ce_vs_sse": "mean squared error",
    "deep_relu": "mean squared error, summed over the outputs",
    "delta_xor": "mean squared error",
    "backprop_xor": "mean squared error",
}


@pytest.mark.parametrize("name", MEASURED)
def test_a_scripts_figure_says_what_is_measured(name, tmp_path):
    assert f" {MEASURED[name]} " in f" {drawn_by(name, '--epochs', '20', cwd=tmp_path)} "


def test_the_xor_scripts_draw_the_plane_and_the_hidden_nodes(tmp_path):
    single = drawn_by("delta_xor", "--epochs", "20", cwd=tmp_path)
    for shown in ("start", "after epoch 10", "after epoch 20", "output 0.5"):
        assert shown in single
    assert "hidden node" not in single
    assert "hidden node 4," in drawn_by("backprop_xor", "--epochs", "20", cwd=tmp_path)


def drawn_by(name, *options, cwd):
    """What can be read in the figure of a script: its SVG has each line of type as a comment."""
    done = start(name, *options, "--plot", "figure.svg", cwd=cwd)
    assert done.stderr == ""
    return " ".join(re.findall("<!-- (.*?) -->", (cwd / "figure.svg").read_text(encoding="utf-8")))
