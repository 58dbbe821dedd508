"""Figures of networks with a memory: their hidden nodes over time, their gates, their cells."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from ...basics.arrays import on_cpu
from .curves import draw_curves
from .style import DARK, LIGHT, LINES, SHADES, SMALL, WIDE, lecture, panels, sheet

BOTH_SIGNS = "PuOr_r"  # orange above 0, purple below, as in the other figures; told apart by everyone
ORANGE = LINES[1][0]
GATES = {"i": "input", "f": "forget", "q": "output", "u": "update", "r": "reset"}


@lecture
def hidden_states(title, X, D, states, y, curves, *, linear=False):
    """What the hidden nodes of a recurrent network are after each step, for each sequence of bits; and the error.

    Parameters
    ----------
    title : str
    X : array, shape (N, T, n)
        The sequences; of each step the first input is drawn.
    D, y : array, shape (N,)
        Their targets, and the outputs.
    states : list of array, shape (h, N)
        The hidden nodes after each step.
    curves, linear
        As `error_curves`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    X, D, y = map(on_cpu, (X, D, y))
    h = np.stack(list(map(on_cpu, states)))
    figure = sheet(title, WIDE)
    top, bottom = figure.subfigures(2, 1, height_ratios=(1.35, 1))
    axes = panels(top, 1, len(X), sharey=True)
    for n, panel in enumerate(axes):
        image = panel.imshow(h[:, :, n].T, cmap=BOTH_SIGNS, vmin=-1, vmax=1, aspect="auto")
        for (step, node), value in np.ndenumerate(h[:, :, n]):
            ink = "white" if abs(value) > 0.7 else "black"
            panel.text(step, node, _signed(value), ha="center", va="center", color=ink, fontsize=SMALL)
        steps = range(len(h))
        panel.set_xticks(steps, [f"after a {x:g}" for x in X[n, :, 0]])
        panel.set_yticks(range(h.shape[1]), range(1, h.shape[1] + 1))
        bits = " then ".join(f"{x:g}" for x in X[n, :, 0])
        panel.set_title(f"{bits}\noutput {y[n]:.3f}, target {D[n]:g}")
    axes[0].set_ylabel("hidden node")
    top.colorbar(image, ax=axes, ticks=(-1, 0, 1), pad=0.01).set_label("value")
    (axes,) = panels(bottom, 1, 1)
    draw_curves(axes, curves, "mean squared error", linear=linear)
    return figure


def _signed(value):
    """A number with two digits and its sign."""
    return f"{value:+.2f}".replace("-", "\N{MINUS SIGN}")


@lecture
def gates_over_time(title, x, d, steps, y, curves, *, linear=False):
    """What a network with gates does step by step: inputs, gates, what is kept, output; and the error curves.

    Parameters
    ----------
    title : str
    x : array, shape (T, 3)
        The sequence: a value, its mark and the constant.
    d : float
        Its target, the sum of the marked values.
    steps : list of deltarule.models.gated.LSTMStep or GRUStep
        As they are for this sequence alone.
    y : array, shape (T,)
        What the output layer makes of the nodes after each step.
    curves, linear
        As `error_curves`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    x, y = on_cpu(x), on_cpu(y)
    figure = sheet(title, (12.8, 8.4))
    left, right = figure.subfigures(1, 2, width_ratios=(1.12, 1))
    names = [letter for letter in GATES if letter in steps[0]._fields]
    values, *gates = panels(left, 1 + len(names), 1, sharex=True)
    _marked_values(values, x)
    for panel, letter in zip(gates, names, strict=True):
        image = _over_time(panel, steps, letter, f"{GATES[letter]} gate", SHADES, 0, 1)
    gates[-1].set_xlabel("step")
    left.colorbar(image, ax=gates, ticks=(0, 0.5, 1), pad=0.01).set_label("closed at 0, open at 1")
    cells, output, error = panels(right, 3, 1)
    kept, name = ("c", "cells") if "c" in steps[0]._fields else ("h", "nodes")
    most = max(float(abs(on_cpu(getattr(step, kept))).max()) for step in steps)
    image = _over_time(cells, steps, kept, name, BOTH_SIGNS, -most, most)
    right.colorbar(image, ax=cells, pad=0.01)
    _output(output, x, float(d), y)
    for panel in (*gates, cells, output):
        for step in np.flatnonzero(x[:, 1]) + 1:
            panel.axvline(step, color=ORANGE, linewidth=1.4, linestyle=(0, (2, 2)))
    draw_curves(error, curves, "mean squared error", linear=linear, ticks=3)
    return figure


def _marked_values(axes, x):
    """The values of a sequence as bars, those that are marked dark, with their numbers."""
    marked = x[:, 1] > 0
    at = np.arange(1, len(x) + 1)
    bars = axes.bar(at, x[:, 0], color=[ORANGE if mark else LIGHT for mark in marked])
    axes.bar_label(bars, [f"{v:.2f}" if mark else "" for v, mark in zip(x[:, 0], marked, strict=True)], fontsize=SMALL)
    axes.set(title="values, two of them marked", ylim=(0, 1.3), yticks=(0, 1))


def _over_time(axes, steps, letter, name, colours, low, high):
    """What a part of the network is after each step, a row a node."""
    a = np.concatenate([on_cpu(getattr(step, letter)) for step in steps], axis=1)
    extent = (0.5, a.shape[1] + 0.5, len(a) + 0.5, 0.5)
    image = axes.imshow(a, cmap=colours, vmin=low, vmax=high, aspect="auto", extent=extent)
    axes.set(title=name, ylabel="node", yticks=(1, len(a)))
    axes.xaxis.set_major_locator(MaxNLocator(10, integer=True))
    return image


def _output(axes, x, d, y):
    """The output after each step, and the sum of the marked values so far."""
    at = np.arange(1, len(x) + 1)
    axes.step(at, np.cumsum(x[:, 0] * x[:, 1]), where="post", color=ORANGE, label=f"sum of the marked, {d:.3f}")
    axes.plot(at, y, color=DARK, marker="o", markersize=4, label=f"output, {y[-1]:.3f}")
    axes.set(ylabel="after the step", xlabel="step", xlim=(0.5, len(x) + 0.5))
    axes.xaxis.set_major_locator(MaxNLocator(10, integer=True))
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize=SMALL, frameon=False)
