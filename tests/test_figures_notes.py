"""The figures of the from-scratch notes: their data, their numbers, and that they can be read."""

import warnings

import numpy as np
import pytest
from closeness import assert_within
from drawn import assert_readable, axes_of, texts, titles

from deltarule.layers import AND, NAND, OR, XOR
from deltarule.programs import figures
from deltarule.programs.figures.style import broken

TITLE = "What it is (chapter 2)\nseed 3"
GATES = {"AND": AND, "NAND": NAND, "OR": OR, "XOR": XOR}


def test_each_gate_has_its_four_points_full_where_it_says_1_and_its_line():
    figure = figures.gates(TITLE, GATES)
    assert_readable(figure)
    assert titles(figure) == list(GATES)
    for axes, gate in zip(axes_of(figure), GATES.values(), strict=True):
        points = {(float(line.get_xdata()[0]), float(line.get_ydata()[0])): line for line in axes.get_lines()}
        assert set(points) == {(0, 0), (1, 0), (0, 1), (1, 1)}
        for (a, b), line in points.items():
            assert (line.get_markerfacecolor() != "white") == bool(gate(int(a), int(b)))
        said = sorted(text.get_text() for text in axes.texts)
        assert said == sorted(str(gate(a, b)) for a in (0, 1) for b in (0, 1))


def test_the_line_of_and_is_that_of_its_weights():
    (axes, *_) = axes_of(figures.gates(TITLE, {"AND": AND}))
    (line,) = [drawn for drawn in axes.collections if drawn.get_linewidth()[0] == 2]
    x, y = np.concatenate([path.vertices for path in line.get_paths()]).T
    assert_within(0.5 * x + 0.5 * y, np.full(len(x), 0.7), absolute=0.01, relative=0)


def test_activations_are_drawn_with_their_derivatives():
    x = np.linspace(-5, 5, 50)
    functions = {"twice": (x, 2 * x, 2 + 0 * x), "square": (x, x**2, 2 * x), "zero": (x, 0 * x, 0 * x)}
    figure = figures.activations(TITLE, functions)
    assert_readable(figure)
    assert titles(figure) == ["twice", "square", "zero"]
    value, slope, *_ = axes_of(figure)[1].get_lines()
    np.testing.assert_array_equal(value.get_ydata(), x**2)
    np.testing.assert_array_equal(slope.get_ydata(), 2 * x)
    assert {"value", "derivative"} <= set(texts(figure))


APPLES = {"price": 220.00000000000003, "dapple": 2.2, "dapple_num": 110.00000000000001, "dtax": 200}
ORANGES = {"price": 715.0, "dapple_num": 110.0, "dapple": 2.2, "dorange": 3.3, "dorange_num": 165.0, "dtax": 650}


def test_the_graphs_of_the_shopping_have_what_flows_and_what_comes_back():
    figure = figures.shopping(TITLE, APPLES, ORANGES)
    assert_readable(figure)
    top, bottom = ([text.get_text() for text in axes.texts if text.get_text()] for axes in axes_of(figure))
    assert {"220", "2.2", "110", "200", "tax"} <= set(top)
    assert {"715", "2.2", "110", "3.3", "165", "650", "450", "+"} <= set(bottom)


def test_a_network_has_the_values_of_its_nodes():
    figure = figures.network(TITLE, {"X": np.array([1.0, 0.5]), "Y": np.array([0.25, -3.0, 0.125])}, [np.ones((2, 3))])
    assert_readable(figure)
    assert {"1", "0.5", "0.25", "-3", "0.125", "X", "Y"} <= set(texts(figure))


def test_answers_are_bars_and_the_right_class_is_dark():
    t = np.array([0, 1, 0])
    figure = figures.answers(TITLE, t, {"y1": np.array([0.2, 0.7, 0.1])}, {"y1": "cost 0.36"})
    assert_readable(figure)
    bars = axes_of(figure)[0].patches
    assert [bar.get_height() for bar in bars] == [0.2, 0.7, 0.1]
    assert len({bar.get_facecolor() for bar in bars}) == 2
    assert titles(figure) == ["y1: cost 0.36"]


def test_the_windows_of_an_image_are_rows_of_a_matrix():
    image, matrix = np.arange(9.0).reshape(3, 3), np.arange(16.0).reshape(4, 4)
    figure = figures.windows(TITLE, image, matrix)
    assert_readable(figure)
    drawn = [axes.images[0].get_array() for axes in axes_of(figure)]
    np.testing.assert_array_equal(drawn[0], image)
    np.testing.assert_array_equal(drawn[1], matrix)


def test_paths_are_drawn_point_by_point_with_what_they_end_at():
    path = np.array([[-7.0, 2.0], [-1.0, 1.0], [0.0, 0.1]])
    figure = figures.paths(TITLE, lambda x, y: x**2 / 20 + y**2, {"SGD": path, "Adam": path})
    assert_readable(figure)
    assert titles(figure) == ["SGD: ends at f = 0.01", "Adam: ends at f = 0.01"]
    np.testing.assert_array_equal(np.transpose(axes_of(figure)[0].get_lines()[0].get_data()), path)


def test_spreads_have_a_panel_for_each_function_and_start_and_say_what_is_beyond():
    rng = np.random.RandomState(1)
    layers = [rng.rand(100, 10) for _ in range(5)]
    layers[2] = 4 * layers[2]
    figure = figures.spreads(TITLE, {"ReLU": {"std1": layers, "he": layers}, "tanh": {"std1": layers, "he": layers}})
    assert_readable(figure)
    assert titles(figure) == ["ReLU, std1", "tanh, std1", "ReLU, he", "tanh, he"]
    beyond = (layers[2] > 1).mean()
    assert texts(figure).count(f"{beyond:.0%}\nbeyond") == 4
    assert len([text for text in texts(figure) if "beyond" in text]) == 4


@pytest.mark.parametrize("values", [np.zeros((10, 3)), np.full((10, 3), 1e300), np.full((10, 3), -5.0)])
def test_layers_that_are_dead_or_out_of_range_are_drawn_without_a_warning(values):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figures.spreads(TITLE, {"sigmoid": {"std1": [values] * 5}}).canvas.draw()


def test_differences_are_drawn_from_the_smallest_to_the_largest_with_their_mean():
    found = {"W1": np.array([1e-9, 1e-7]), "b1": np.array([0.0, 1e-8]), "W2": np.zeros(3)}
    figure = figures.differences(TITLE, found)
    assert_readable(figure)
    (axes,) = axes_of(figure)
    assert [label.get_text() for label in axes.get_yticklabels()] == list(found)
    ranges = [line.get_xdata().tolist() for line in axes.get_lines()[::2]]
    assert ranges == [[1e-9, 1e-7], [1e-9, 1e-8], [1e-9, 1e-9]]
    assert_within(axes.get_lines()[1].get_xdata()[0], 5.05e-8, absolute=0, relative=1e-12)


def test_curves_of_iterations_are_said_to_be():
    figure = figures.error_curves(TITLE, {"loss": [(1, 2.0), (2, float("nan"))]}, measured="loss", unit="iteration")
    assert axes_of(figure)[0].get_xlabel() == "iteration"
    assert "loss: not finite from iteration 2 on" in texts(figure)
    both = {"a": ("error", {"error": [(1, 1.0), (2, 0.9)]}), "b": ("loss", {"loss": [(1, 1.0)]}, "iteration")}
    assert [axes.get_xlabel() for axes in axes_of(figures.all_curves(TITLE, both))] == ["epoch", "iteration"]


@pytest.mark.parametrize(("count", "named"), [(8, True), (9, False), (32, False)])
def test_of_many_curves_the_number_is_said_in_place_of_their_names(count, named):
    curves = {f"trial {k}": [(1, 0.1 * k + 0.1), (2, 0.2)] for k in range(count)}
    figure = figures.error_curves(TITLE, curves, measured="loss of the batch")
    assert_readable(figure)
    (axes,) = axes_of(figure)
    assert len(axes.get_lines()) == count
    assert (axes.get_legend() is not None) is named
    assert (f"{count} curves" in texts(figure)) is not named


def test_accuracies_are_drawn_on_linear_axes():
    rising = [(n, min(1.0, 0.01 * n)) for n in range(1, 200)]
    for measured, scale in (("accuracy on the training images", "linear"), ("loss of the batch", "log")):
        (axes,) = axes_of(figures.error_curves(TITLE, {"error": rising}, measured=measured))
        assert (axes.get_xscale(), axes.get_yscale()) == (scale, scale)


def test_what_stands_in_parentheses_at_the_end_of_a_title_is_not_broken():
    title = "Four optimisers train one network each on the same batches of handwritten digits (chapter 6)\nseed 1"
    lines = broken(title, 10).splitlines()
    assert lines[1:] == ["(chapter 6)", "seed 1"]
    assert " ".join(lines) == title.replace("\n", " ")


def test_the_bars_of_answers_and_of_differences_say_what_they_are():
    figure = figures.answers(TITLE, np.array([0, 1]), {"y1": np.array([0.4, 0.6])}, {"y1": "cost 0.5"})
    assert axes_of(figure)[0].get_xlabel() == "class; the right one is dark"
    figure = figures.differences(TITLE, {"W1": np.array([1e-9, 3e-9]), "b1": np.array([2e-9, 0.0])})
    assert_readable(figure)
    assert [text.get_text() for text in axes_of(figure)[0].get_legend().get_texts()] == ["smallest to largest", "mean"]


def test_a_share_that_is_beyond_covers_no_bar():
    layers = {"ReLU": {"std1": [np.linspace(0, 2, 1000)] * 2}}
    figure = figures.spreads(TITLE, layers)
    assert_readable(figure)
    (axes,) = axes_of(figure)
    right = axes.get_window_extent().x1
    assert [text.get_window_extent().x0 > right for text in axes.texts] == [True, True]
