"""The figure of the digits in colour: what is written below the images, which weights are drawn, the mistakes."""

import numpy as np
import pytest
from closeness import assert_within
from drawn import assert_readable, axes_of, texts, titles

from deltarule import matlab
from deltarule.models import Conv, Dense, Flatten, in_colour, layered_network
from deltarule.programs import figures

TITLE = "Digits in colour (Keras notes, CNN)\nseed 3"
X = in_colour(matlab.rng(1), np.random.RandomState(1).rand(12, 8, 8), side=8) - 0.5
LAYERS = {"MLP": [Flatten(), Dense(12), Dense(10)], "stack": [Conv(6, 3), Flatten(), Dense(10)]}
NETWORKS = {name: layered_network((8, 8, 3), layers, rng=matlab.rng(2)) for name, layers in LAYERS.items()}
TAKEN = {name: network.predict(X).argmax(axis=1) for name, network in NETWORKS.items()}
D = TAKEN["stack"].copy()
D[1:3] = (D[1:3] + 1) % 10  # two of twelve are mistakes
CURVES = {name: [(n, 2.3 / n) for n in range(1, 30)] for name in NETWORKS}


def drawn():
    return figures.colour_digits(TITLE, X, D, NETWORKS, CURVES)


def test_below_each_image_is_what_each_network_takes_it_for_and_whether_that_is_wrong():
    figure = drawn()
    assert_readable(figure)
    for n, axes in enumerate(axes_of(figure)[:10]):
        said = [f"{name}: {y[n]}" + " wrong" * bool(y[n] != D[n]) for name, y in TAKEN.items()]
        assert [text.get_text() for text in axes.texts] == said
        assert axes.get_title() == str(D[n])
        assert_within(axes.images[0].get_array(), np.moveaxis(X[n] + 0.5, 0, -1), absolute=1e-15, relative=0)


def test_the_weights_of_the_first_layers_are_pictures_with_grey_for_0():
    pictures = [axes.images[0].get_array() for axes in axes_of(drawn())[10:] if len(axes.images) and not axes.texts]
    dense, filters = NETWORKS["MLP"].params["W1"].T.reshape(12, 3, 8, 8)[:10], NETWORKS["stack"].params["W1"]
    assert len(pictures) == len(dense) + len(filters)
    for W, shown in ((dense, pictures[:10]), (filters, pictures[10:])):
        expected = np.moveaxis(0.5 + 0.5 * W / abs(W).max(), 1, -1)
        assert_within(np.array(shown), expected, absolute=1e-15, relative=0)
    assert {"first layer of the MLP", "first layer of the stack"} <= set(texts(drawn()))


def test_the_mistakes_of_the_last_network_are_counted_and_right_answers_have_no_shade():
    figure = drawn()
    assert "stack: 83.3% right" in titles(figure)
    (axes,) = [axes for axes in axes_of(figure) if axes.get_xlabel() == "taken for"]
    counts = np.zeros((10, 10), int)
    for text in axes.texts:
        other, digit = text.get_position()
        counts[digit, other] = int(text.get_text())
    expected = np.zeros((10, 10), int)
    np.add.at(expected, (D, TAKEN["stack"]), 1)
    np.testing.assert_array_equal(counts, expected)
    np.testing.assert_array_equal(axes.images[0].get_array(), expected * ~np.eye(10, dtype=bool))


@pytest.mark.parametrize("linear", [False, True])
def test_a_training_without_a_step_is_said_to_have_measured_nothing(linear):
    figure = figures.colour_digits("", X[:3], D[:3], NETWORKS, {name: [] for name in NETWORKS}, linear=linear)
    assert "no error was measured" in texts(figure)


def test_a_network_that_has_diverged_gives_no_answer_and_is_wrong():
    diverged = layered_network((8, 8, 3), LAYERS["stack"], rng=matlab.rng(2))
    diverged.params["W1"][0] = np.nan
    diverged.params["W2"] *= 1e308
    figure = figures.colour_digits(TITLE, X, D, {"MLP": NETWORKS["MLP"], "stack": diverged}, CURVES)
    assert_readable(figure)
    assert texts(figure).count("stack: none") == 10
    assert "stack: 0.0% right" in titles(figure)
    (axes,) = [axes for axes in axes_of(figure) if axes.get_xlabel() == "taken for"]
    assert not axes.texts
