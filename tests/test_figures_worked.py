"""The figures of the worked examples: the numbers on the graph, the bars, the points of the gates, the layers."""

import numpy as np
import pytest
from closeness import assert_within
from drawn import assert_readable, axes_of, overlap, texts, titles

from deltarule.models import Conv, Dense, Flatten, layer_table, neuron_graph, step_forward, xor_layers
from deltarule.programs import figures
from deltarule.programs.figures.graphs import graph
from deltarule.programs.figures.style import DARK, LIGHT, panels, sheet

TITLE = "What it is (lecture)\nno random numbers"


def test_the_graph_of_a_neuron_has_every_value_and_what_comes_back():
    neuron = neuron_graph(np.array([2.0, -3.0, -3.0]), np.array([-1.0, -2.0, 1.0]))
    figure = figures.neuron(TITLE, neuron.values, neuron.gradients)
    assert_readable(figure)
    written = texts(axes_of(figure)[0])
    for value in (2, -1, -3, -2, 6, 1, 0.3679, 1.368, 0.7311):
        assert f"{value:g}" in written
    for gradient in (-0.1966, -0.3932, 0.3932, -0.5898, -0.5344, 0.1966, 1):
        assert f"{gradient:.4f}" in written


BEFORE, AFTER = np.array([[0.6, 0.4], [0.7, 0.3]]), np.array([[0.995, 0.005], [0.004, 0.996]])


def test_the_bars_are_the_probabilities_before_and_after_and_only_those_that_round_to_nothing_have_no_number():
    figure = figures.classified(TITLE, ("dog", "cat"), BEFORE, AFTER, {"loss": [(1, 0.9), (100, 0.01)]})
    assert_readable(figure)
    *bars, curve = axes_of(figure)
    for k, axes in enumerate(bars):
        first, trained = (
            [bar.get_height() for bar in axes.patches if bar.get_facecolor()[:3] == rgb(colour)]
            for colour in (LIGHT, DARK)
        )
        assert (first, trained) == (BEFORE[k].tolist(), AFTER[k].tolist())
    assert [text.get_text() for text in bars[0].texts] == ["0.60", "0.40", "0.99", "0.01"]
    assert [text.get_text() for text in bars[1].texts] == ["0.70", "0.30", "", "1.00"]
    np.testing.assert_array_equal(curve.get_lines()[0].get_xydata(), [(1, 0.9), (100, 0.01)])


def rgb(name):
    return tuple(int(name[k : k + 2], 16) / 255 for k in (1, 3, 5))


X, D = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([[0.0], [1.0], [1.0], [0.0]])


def test_the_points_of_the_gates_are_full_where_they_say_1_and_the_output_sees_two_rows_in_one_place():
    figure = figures.layers_of_steps(TITLE, X, D, lambda X: step_forward(X, *xor_layers()))
    assert_readable(figure)
    assert titles(figure) == ["AND", "OR", "what the output sees", "XOR: OR and not AND"]
    said = [sorted(text.get_text() for text in axes.texts) for axes in axes_of(figure)]
    assert said == [["0", "0", "0", "1"], ["0", "1", "1", "1"], ["0", "0", "1  (2 rows)"], ["0", "0", "1", "1"]]
    for axes in axes_of(figure):
        for line, text in zip(axes.get_lines(), axes.texts, strict=True):
            assert (line.get_markerfacecolor() == DARK) == text.get_text().startswith("1")


def test_layers_have_their_parameters_as_bars_and_both_paddings_their_places():
    tables = {
        "MLP": layer_table((32, 32, 3), [Flatten(), Dense(200), Dense(10)]),
        "stack": layer_table((32, 32, 3), [Conv(10, 4, 2, "same"), Flatten(), Dense(10)]),
    }
    figure = figures.layer_tables(TITLE, tables, (0, 1))
    assert_readable(figure)
    mlp, stack, keras, torch = axes_of(figure)
    assert [bar.get_width() for bar in mlp.patches] == [2010, 614600]
    assert [bar.get_width() for bar in stack.patches] == [25610, 490]
    assert titles(figure)[0] == "MLP: 616,610 parameters"
    pixels = list(map(str, range(1, 17)))
    assert [text.get_text() for text in keras.texts] == [*pixels, "0"]
    assert [text.get_text() for text in torch.texts] == ["0", *pixels, "0"]


@pytest.mark.parametrize(("pads", "first"), [((0, 1), 0), ((1, 1), -1)], ids=["Keras", "PyTorch"])
def test_a_filter_takes_eight_places_from_the_first_pixel_or_the_zero_before_it(pads, first):
    axes = axes_of(figures.layer_tables("", {"empty": layer_table((4,), [Dense(1)])}, pads))[1]
    begins = [line.get_xdata()[0] for line in axes.get_lines()]
    assert_within(begins, first + 0.1 + 2 * np.arange(8), absolute=1e-12, relative=0)


def test_a_number_that_lies_on_an_arrow_is_noticed_and_one_along_it_is_not():
    figure = sheet("", (4, 4))
    (axes,) = panels(figure, 1, 1)
    graph(axes, {"a": (0, 0), "b": (1, 1)}, {}, [("a", "b", "0.1966", "-0.5344")])
    assert_readable(figure)
    axes.text(0.3, 0.3, "1.1", ha="center", va="bottom")
    with pytest.raises(AssertionError, match=r"^'1.1' touches an arrow"):
        assert_readable(figure)


def test_turned_type_covers_what_it_covers_and_not_the_box_around_it():
    square, diamond = np.array([(0, 0), (2, 0), (2, 2), (0, 2)]), np.array([(4, 1), (3, 0), (4, -1), (5, 0)])
    assert overlap(square, diamond) < 0  # the diamond's own box begins at x = 3
    assert_within(overlap(square, diamond - (1, 0)), 0, absolute=1e-12, relative=0)
    assert_within(overlap(square, diamond - (2, 0)), np.sqrt(0.5), absolute=1e-12, relative=0)
