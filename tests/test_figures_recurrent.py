"""The figures of memory and depth: their data, their numbers, and that they can be read."""

import numpy as np
from closeness import assert_within
from drawn import assert_readable, axes_of, texts, titles

from deltarule.models import gated, recurrent, tasks
from deltarule.models.experiments import EXPERIMENTS
from deltarule.programs import figures

TITLE = "What it is (primer)\nseed 3"
CURVES = {"LSTM": [(k, 1 / k) for k in range(1, 41)], "RNN": [(k, 0.2) for k in range(1, 41)]}
LSTM = EXPERIMENTS["lstm_adding"]


def hidden(seed=1):
    """The figure of xor in time, and the states in it."""
    X, D = tasks.xor_in_time()
    Wx, Wh, Wo = EXPERIMENTS["rnn_xor"].start(seed)[0]
    h = recurrent.rnn_states(Wx, Wh, X.transpose(1, 2, 0))
    y = recurrent.rnn_forward(Wx, Wh, Wo, X)[:, 0]
    return figures.hidden_states(TITLE, X, D, h, y, {"error": CURVES["LSTM"]}), h, y


def test_each_sequence_has_the_hidden_nodes_after_each_step_and_its_output():
    figure, h, y = hidden()
    assert_readable(figure)
    *panels, curve = axes_of(figure)
    assert len(panels) == 4
    for n, (panel, bits) in enumerate(zip(panels, ("0 then 0", "0 then 1", "1 then 0", "1 then 1"), strict=True)):
        (image,) = panel.images
        assert image.get_array().tolist() == np.stack([h[0][:, n], h[1][:, n]], axis=1).tolist()
        assert image.get_clim() == (-1, 1)
        target = int(bits[0] != bits[-1])
        assert panel.get_title() == f"{bits}\noutput {y[n]:.3f}, target {target}"
        assert [label.get_text() for label in panel.get_xticklabels()] == [f"after a {bits[0]}", f"after a {bits[-1]}"]
        shown = [text.get_text().replace("\N{MINUS SIGN}", "-") for text in panel.texts]
        assert shown == [f"{h[step][node, n]:+.2f}" for step in range(2) for node in range(4)]
    assert curve.get_lines()[0].get_xydata().tolist() == [list(pair) for pair in CURVES["LSTM"]]


def over_time(number=4):
    """The figure of one sequence of the adding problem, its values and marks, and the steps of the LSTM."""
    X, D = LSTM.test()
    *gates, Wo = LSTM.start(1)[0]
    steps = gated.lstm_steps(*gates, X[number : number + 1].transpose(1, 2, 0))
    y = [float((Wo @ step.h)[0, 0]) for step in steps]
    return figures.gates_over_time(TITLE, X[number], D[number], steps, y, CURVES), X[number], D[number], steps, y


def test_the_gates_and_cells_of_every_step_are_drawn_and_the_marks_stand_in_each_panel():
    figure, x, d, steps, y = over_time()
    assert_readable(figure)
    values, *gates, cells, output, error = axes_of(figure)
    names = ["values, two of them marked", "input gate", "forget gate", "output gate", "cells", "", ""]
    assert titles(figure) == names
    assert [bar.get_height() for bar in values.patches] == x[:, 0].tolist()
    marked = np.flatnonzero(x[:, 1])
    colours = [bar.get_facecolor() for bar in values.patches]
    assert {k for k in range(20) if colours[k] == colours[marked[0]]} == set(marked)
    assert [text.get_text() for text in values.texts if text.get_text()] == [f"{v:.2f}" for v in x[marked, 0]]
    for panel, letter in zip((*gates, cells), "ifqc", strict=True):
        there = np.concatenate([getattr(step, letter) for step in steps], axis=1)
        assert panel.images[0].get_array().tolist() == there.tolist()
        low, high = panel.images[0].get_clim()
        assert (low, high) == (0, 1) if letter != "c" else low == -high == -abs(there).max()
    for panel in (*gates, cells, output):
        lines = {line.get_xdata()[0] for line in panel.get_lines() if len(set(line.get_xdata())) == 1}
        assert lines == set(marked + 1)
    so_far, ours, *_ = output.get_lines()
    assert ours.get_ydata().tolist() == y
    assert_within(so_far.get_ydata()[[0, -1]], [0 if marked[0] else x[0, 0], d], absolute=1e-15, relative=0)
    assert {f"sum of the marked, {d:.3f}", f"output, {y[-1]:.3f}"} <= set(texts(output))
    assert len(error.get_lines()) == 2


def test_a_gru_is_drawn_with_its_two_gates_and_its_nodes():
    gru, (X, D) = EXPERIMENTS["gru_adding"], LSTM.test()
    steps = gated.gru_steps(*gru.start(1)[0][:-1], X[:1].transpose(1, 2, 0))
    figure = figures.gates_over_time(TITLE, X[0], D[0], steps, [0.5] * 20, CURVES)
    assert_readable(figure)
    _, update, reset, nodes, *_ = axes_of(figure)
    for panel, letter, name in ((update, "u", "update gate"), (reset, "r", "reset gate"), (nodes, "h", "nodes")):
        there = np.concatenate([getattr(step, letter) for step in steps], axis=1)
        assert panel.images[0].get_array().tolist() == there.tolist()
        assert panel.get_title() == name


TIMES = {
    "RNN, small": 0.5 ** np.arange(30), "RNN, large": 0.9 ** np.arange(30), "LSTM": 0.99 ** np.arange(30),
}  # fmt: skip
LAYERS = {
    "plain": {n: 0.4 ** np.arange(n)[::-1] for n in (3, 6, 10)},
    "normalised": {n: 1.1 ** np.arange(n)[::-1] for n in (3, 6, 10)},
}


def test_what_arrives_is_a_line_a_network_in_the_colour_of_its_kind_on_one_scale():
    figure = figures.arriving(TITLE, TIMES, LAYERS)
    assert_readable(figure)
    left, right = axes_of(figure)
    assert (left.get_yscale(), right.get_yscale(), left.get_ylim()) == ("log", "log", right.get_ylim())
    small, large, gates, *_ = left.get_lines()
    assert small.get_ydata().tolist() == TIMES["RNN, small"].tolist()
    assert small.get_color() == large.get_color() != gates.get_color()
    assert small.get_linestyle() != large.get_linestyle()
    drawn = {line.get_label(): line for line in right.get_lines()}
    for name, by_number in LAYERS.items():
        for number, shares in by_number.items():
            line = drawn[f"{number} {name}"]
            assert line.get_xdata().tolist() == list(range(1, number + 1))
            assert line.get_ydata().tolist() == shares.tolist()
    assert drawn["3 plain"].get_color() == drawn["10 plain"].get_color() != drawn["10 normalised"].get_color()


def test_a_share_that_is_zero_or_not_finite_is_drawn_without_a_warning():
    spoiled = {"RNN": np.array([1, 0.1, 0.0]), "LSTM": np.array([1, np.nan, np.inf])}
    assert_readable(figures.arriving(TITLE, spoiled, LAYERS))


def test_with_and_without_normalisation_have_curves_and_their_outputs_as_numbers():
    y, plain = 0.95 * np.eye(5) + 0.01, np.full((5, 5), 0.2)
    curves = {"with batch normalisation": CURVES["LSTM"], "without": CURVES["RNN"]}
    figure = figures.with_and_without(TITLE, y, plain, curves)
    assert_readable(figure)
    curve, first, second = axes_of(figure)
    assert titles(figure) == ["", "outputs with batch normalisation", "outputs without"]
    assert [line.get_label() for line in curve.get_lines()] == list(curves)
    for panel, outputs in ((first, y), (second, plain)):
        assert panel.images[0].get_array().tolist() == outputs.tolist()
        assert [text.get_text() for text in panel.texts] == [f"{p:.2f}" for p in outputs.ravel()]
