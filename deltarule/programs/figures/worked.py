"""Figures of the worked examples: a neuron as a graph, a softmax classifier, XOR by steps, tables of layers."""

import numpy as np
from matplotlib.patches import Rectangle

from ...basics.arrays import on_cpu
from .curves import draw_curves
from .graphs import graph, say_which_is_which
from .style import DARK, LIGHT, LINES, MIDDLE, SMALL, WIDE, lecture, panels, sheet

TIMES = "\N{MULTIPLICATION SIGN}"
PLANE = np.linspace(-0.5, 1.5, 801)  # as fine as the pixels, so that no edge is a stair
ORANGE = LINES[1][0]


@lecture
def neuron(title, values, gradients):
    """The graph of a sigmoid neuron of two inputs and a bias: values above the edges, what comes back below them.

    Parameters
    ----------
    title : str
    values, gradients : dict from str to array
        As `deltarule.models.Neuron` has them.

    Returns
    -------
    matplotlib.figure.Figure
    """
    v, g = ({name: on_cpu(a) for name, a in found.items()} for found in (values, gradients))
    figure = sheet(title, (12.8, 5.8))
    (axes,) = panels(figure, 1, 1)
    nodes = {
        "$w_0$": (0, 4.8), "$x_0$": (0, 3.6), "$w_1$": (0, 2.2), "$x_1$": (0, 1), "$w_2$": (2, 0),
        "p0": (2, 4.2), "p1": (2, 1.6), "sum": (4, 2.4), "minus": (5.8, 2.4), "exp": (7.6, 2.4), "one": (9.4, 2.4),
        "inverse": (11.2, 2.4), "$y$": (13, 2.4),
    }  # fmt: skip
    signs = {"p0": TIMES, "p1": TIMES, "sum": "+", "minus": f"{TIMES}-1", "exp": "exp", "one": "+1", "inverse": "1/x"}
    edges = [
        ("$w_0$", "p0", v["w"][0], g["w"][0]), ("$x_0$", "p0", v["x"][0], g["x"][0]),
        ("$w_1$", "p1", v["w"][1], g["w"][1]), ("$x_1$", "p1", v["x"][1], g["x"][1]),
        ("$w_2$", "sum", v["w"][2], g["w"][2]), ("p0", "sum", v["p"][0], g["p"][0]),
        ("p1", "sum", v["p"][1], g["p"][1]), ("sum", "minus", v["v"], g["v"]), ("minus", "exp", v["m"], g["m"]),
        ("exp", "one", v["q"], g["q"]), ("one", "inverse", v["r"], g["r"]), ("inverse", "$y$", v["y"], g["y"]),
    ]  # fmt: skip
    graph(axes, nodes, signs, [(a, b, f"{up:.4g}", f"{back:.4f}") for a, b, up, back in edges], radius=0.36)
    say_which_is_which(axes, (13, 4.4), "derivatives of y, backwards")
    return figure


@lecture
def classified(title, classes, before, after, curves, *, linear=False):
    """The probabilities of each image's classes before and after the training, and the loss on its way.

    Parameters
    ----------
    title : str
    classes : sequence of str
    before, after : array, shape (images, classes)
        The outputs; the right class of an image is that of its place.
    curves : dict from str to list of (epoch, loss)
    linear : bool
        Whether the curve is drawn on linear axes.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = sheet(title, (12.8, 5))
    *bars, last = panels(figure, 1, len(classes) + 1, width_ratios=[1] * len(classes) + [1.5])
    for k, (panel, name) in enumerate(zip(bars, classes, strict=True)):
        for shift, y, colour, label in ((-0.2, before, LIGHT, "at first"), (0.2, after, DARK, "trained")):
            places = np.arange(len(classes)) + shift
            panel.bar(places, on_cpu(y)[k], width=0.4, color=colour, edgecolor=DARK, label=label)
            for place, p in zip(places, on_cpu(y)[k], strict=True):
                text = f"{p:.2f}" if p >= 0.005 else ""
                panel.annotate(text, (place, p), (0, 2), textcoords="offset points", ha="center", fontsize=SMALL - 2)
        panel.set(title=f"an image of a {name}", xticks=range(len(classes)), xticklabels=classes, ylim=(0, 1.12))
        panel.axhline(0, color=DARK, linewidth=1)
    bars[0].set_ylabel("probability")
    bars[0].legend(frameon=False, loc="upper right")
    draw_curves(last, curves, "loss", linear=linear)
    return figure


@lecture
def layers_of_steps(title, X, D, forward):
    """XOR by two layers of steps: what AND and OR say over the plane, the plane of their answers, and XOR.

    Parameters
    ----------
    title : str
    X : array, shape (4, 2)
        The rows of the table.
    D : array, shape (4, 1)
        The targets.
    forward : callable
        ``forward(X)`` returns the answers of the hidden layer (N, 2), AND first, and of the output (N, 1).

    Returns
    -------
    matplotlib.figure.Figure
    """
    X, D = on_cpu(X), on_cpu(D)[:, 0]
    hidden = on_cpu(forward(X)[0])
    a, b = np.meshgrid(PLANE, PLANE)
    y1, y = (on_cpu(found) for found in forward(np.stack([a.ravel(), b.ravel()], axis=1)))
    both = {"AND": (y1[:, 0], hidden[:, 0]), "OR": (y1[:, 1], hidden[:, 1]), "XOR: OR and not AND": (y[:, 0], D)}
    figure = sheet(title, (12.8, 4.2))
    axes = panels(figure, 1, 4)
    places = [axes[0], axes[1], axes[3]]
    for panel, (name, (said, points)) in zip(places, both.items(), strict=True):
        panel.contourf(a, b, said.reshape(a.shape), levels=[-0.5, 0.5, 1.5], colors=["white", LIGHT])
        _points(panel, X, points)
        panel.set(title=name, xticks=(0, 1), yticks=(0, 1), xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
    panel = axes[2]
    panel.fill_between([-0.5, 1.5], [0, 2], 2, color=LIGHT)
    _points(panel, hidden, D)
    panel.set(title="what the output sees", xlabel="AND", ylabel="OR", aspect="equal")
    panel.set(xlim=(-0.5, 1.5), ylim=(-0.5, 1.5), xticks=(0, 1), yticks=(0, 1))
    return figure


def _points(axes, places, ones):
    """Points of a table, filled where the answer is 1; those that fall on one place are counted."""
    for place in np.unique(places, axis=0):
        here = (places == place).all(axis=1)
        colour = DARK if ones[here][0] else "white"
        axes.plot(*place, "o", markersize=12, color=colour, markeredgecolor=DARK, clip_on=False)
        text = f"{ones[here][0]:g}" + f"  ({here.sum()} rows)" * bool(here.sum() > 1)
        axes.annotate(text, place, (9, 9), textcoords="offset points", fontsize=SMALL)


@lecture
def layer_tables(title, tables, zeros):
    """The parameters of each layer of some networks as bars, and where a filter is laid on a padded side.

    Parameters
    ----------
    title : str
    tables : dict from str to list of deltarule.models.Row
        By network.
    zeros : tuple of int
        What Keras puts before and behind a side of 16 for a filter of 3 and the stride 2.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = sheet(title, WIDE)
    top, bottom = figure.subfigures(2, 1, height_ratios=(1.7, 1))
    for panel, (name, rows) in zip(panels(top, 1, len(tables), sharex=True), tables.items(), strict=True):
        counted = [row for row in rows if row.parameters][::-1]
        bars = panel.barh([row.layer for row in counted], [row.parameters for row in counted], color=DARK)
        panel.bar_label(bars, [f"{row.parameters:,}" for row in counted], padding=4, fontsize=SMALL)
        panel.set(title=f"{name}: {sum(row.parameters for row in rows):,} parameters", xscale="log", xlim=(100, 2e7))
        panel.set_xlabel("parameters of a layer")
    panels_below = panels(bottom, 1, 2, sharey=True)
    for panel, pads, name in zip(panels_below, (zeros, (1, 1)), ('Keras, "same"', "PyTorch, padding=1"), strict=True):
        _filter_places(panel, 16, 3, 2, *pads)
        panel.set_title(f"{name}: {pads[0]} before, {pads[1]} behind")
    return figure


def _filter_places(axes, size, filter, stride, before, after):
    """A side of pixels with its zeros, and below it the places that a filter takes."""
    for k in range(-before, size + after):
        inside = 0 <= k < size
        axes.add_patch(Rectangle((k, 0), 1, 1, facecolor=LIGHT if inside else "white", edgecolor=MIDDLE))
        colour = "black" if inside else ORANGE
        axes.text(k + 0.5, 0.5, k + 1 if inside else 0, ha="center", va="center", fontsize=SMALL - 2, color=colour)
    for number, k in enumerate(range(-before, size + after - filter + 1, stride)):
        colour = (DARK, ORANGE)[number % 2]
        height = -0.45 - 0.4 * (number % 2)
        axes.plot([k + 0.1, k + filter - 0.1], [height] * 2, color=colour, linewidth=4, solid_capstyle="butt")
    axes.set_axis_off()
    axes.set(xlim=(-1.4, size + 1.4), ylim=(-1.3, 1.1))
