"""Figures of the from-scratch notes: lines of gates, activations, graphs, paths of optimisers, spreads of layers."""

import numpy as np
from matplotlib.patches import Circle

from ...basics.arrays import on_cpu
from .graphs import graph, say_which_is_which
from .style import DARK, LIGHT, LINES, MIDDLE, SHADES, SMALL, WIDE, lecture, panels, plain, sheet

PLANE = np.linspace(-0.5, 1.5, 250)  # steps that put no point on a line
ENDS = "smallest to largest"  # what a bar reaches from and to
BARS = 30  # of a histogram, as in the notes
TIMES = "\N{MULTIPLICATION SIGN}"


@lecture
def gates(title, answers):
    """What each gate says over the plane of its inputs: its line, and the four points of its table.

    Parameters
    ----------
    title : str
    answers : dict from str to callable
        By name, ``answer(x1, x2)``: 0 or 1 for arrays of inputs.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = sheet(title, (12.8, 4.4))
    x1, x2 = np.meshgrid(PLANE, PLANE)
    for panel, (name, answer) in zip(panels(figure, 1, len(answers)), answers.items(), strict=True):
        said = answer(x1, x2)
        panel.contourf(x1, x2, said, levels=[-0.5, 0.5, 1.5], colors=["white", LIGHT])
        panel.contour(x1, x2, said, levels=[0.5], colors=DARK, linewidths=2)
        for a, b in ((0, 0), (1, 0), (0, 1), (1, 1)):
            one = answer(a, b)
            panel.plot(a, b, "o", markersize=12, color=DARK if one else "white", markeredgecolor=DARK, clip_on=False)
            panel.annotate(str(one), (a, b), (9, 9), textcoords="offset points", fontsize=SMALL)
        panel.set(title=name, xticks=(0, 1), yticks=(0, 1), xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
    return figure


@lecture
def activations(title, functions):
    """Each activation with its derivative, from -5 to 5.

    Parameters
    ----------
    title : str
    functions : dict from str to (array, array, array)
        By name, the points, the values, and the derivatives there.

    Returns
    -------
    matplotlib.figure.Figure
    """
    across = -(-len(functions) // 2)
    figure = sheet(title, WIDE)
    axes = panels(figure, 2, across, len(functions))
    for panel, (name, (x, y, slope)) in zip(axes, functions.items(), strict=True):
        for (colour, dashes), values, label in zip(LINES, (y, slope), ("value", "derivative"), strict=False):
            panel.plot(on_cpu(x), on_cpu(values), dashes, color=colour, label=label)
        panel.axhline(0, color=LIGHT, linewidth=1, zorder=0)
        panel.axvline(0, color=LIGHT, linewidth=1, zorder=0)
        panel.set_title(name)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    return figure


@lecture
def shopping(title, apples, oranges):
    """The two computational graphs of the shopping: what flows forwards above each edge, what comes back below it.

    Parameters
    ----------
    title : str
    apples, oranges : dict from str to float
        What two apples cost, and two apples and three oranges: ``price``, and by ``dapple``, ``dtax``, ... what comes
        back.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = sheet(title, (12.8, 7.6))
    top, bottom = panels(figure, 2, 1, height_ratios=(1, 2))
    nodes = {
        "an apple": (0, 1), "how many": (0, 0), "apples": (2, 1), "tax": (2, 0), "with tax": (4, 1), "price": (6, 1),
    }  # fmt: skip
    signs = {"apples": TIMES, "with tax": TIMES}
    edges = [
        ("an apple", "apples", "100", apples["dapple"]),
        ("how many", "apples", "2", apples["dapple_num"]),
        ("apples", "with tax", "200", 1.1),
        ("tax", "with tax", "1.1", apples["dtax"]),
        ("with tax", "price", apples["price"], 1),
    ]
    graph(top, nodes, signs, edges)
    nodes = {
        "how many apples": (0, 3), "an apple": (0, 2), "an orange": (0, 1), "how many oranges": (0, 0),
        "apples": (2, 2), "oranges": (2, 1), "sum": (4, 1.5), "tax": (4, 0.5), "with tax": (6, 1.5), "price": (8, 1.5),
    }  # fmt: skip
    signs = {name: TIMES for name in ("apples", "oranges", "with tax")} | {"sum": "+"}
    edges = [
        ("how many apples", "apples", "2", oranges["dapple_num"]),
        ("an apple", "apples", "100", oranges["dapple"]),
        ("an orange", "oranges", "150", oranges["dorange"]),
        ("how many oranges", "oranges", "3", oranges["dorange_num"]),
        ("apples", "sum", "200", 1.1),
        ("oranges", "sum", "450", 1.1),
        ("sum", "with tax", "650", 1.1),
        ("tax", "with tax", "1.1", oranges["dtax"]),
        ("with tax", "price", oranges["price"], 1),
    ]
    graph(bottom, nodes, signs, edges)
    top.set_xlim(bottom.get_xlim())  # so that both are drawn at one scale
    say_which_is_which(top, (8, 0.3), "derivatives of the price, backwards")
    return figure


@lecture
def network(title, layers, weights):
    """A network as circles and lines: the value of each node in its circle, the width of a line the size of a weight.

    Parameters
    ----------
    title : str
    layers : dict from str to array
        By the layer's name, the values of its nodes.
    weights : list of array
        Between a layer and the next, shape (nodes, nodes of the next).

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = sheet(title, (12.8, 5.4))
    (axes,) = panels(figure, 1, 1)
    axes.set_axis_off()
    rows = [on_cpu(values) for values in layers.values()]
    places = [[(2.2 * k, (len(row) - 1) / 2 - n) for n in range(len(row))] for k, row in enumerate(rows)]
    for left, right, W in zip(places, places[1:], weights, strict=False):
        for (i, j), w in np.ndenumerate(on_cpu(W)):
            axes.plot(*zip(left[i], right[j], strict=True), color=MIDDLE, linewidth=0.6 + 5 * abs(w), zorder=0)
    for name, row, column in zip(layers, rows, places, strict=True):
        for value, place in zip(row, column, strict=True):
            axes.add_patch(Circle(place, 0.34, facecolor="white", edgecolor=DARK, linewidth=1.6))
            axes.text(*place, f"{value:.3g}", ha="center", va="center", fontsize=SMALL)
        axes.text(column[0][0], -1.6, name, ha="center", va="center")
    axes.set(xlim=(-0.6, 2.2 * (len(rows) - 1) + 0.6), ylim=(-1.9, 1.5), aspect="equal")
    figure.supxlabel("the wider a line, the larger the weight", fontsize=SMALL)
    return figure


@lecture
def answers(title, t, outputs, notes):
    """Probabilities of the classes as bars, the right class in the dark colour; under each its costs.

    Parameters
    ----------
    title : str
    t : array, shape (n,)
        1 for the right class.
    outputs : dict from str to array
        By name, the probabilities.
    notes : dict from str to str
        By name, what stands above its bars.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = sheet(title, (12.8, 4.6))
    for panel, (name, y) in zip(panels(figure, 1, len(outputs), sharey=True), outputs.items(), strict=True):
        colours = [DARK if one else LIGHT for one in on_cpu(t)]
        panel.bar(np.arange(len(y)), on_cpu(y), color=colours, edgecolor=DARK)
        panel.set(
            title=f"{name}: {notes[name]}", xticks=range(len(y)), xlabel="class; the right one is dark", ylim=(0, 1)
        )
        panel.set_ylabel("probability")
    return figure


@lecture
def windows(title, image, matrix):
    """An image of numbers, and the matrix that im2col makes of it: a row a window, from the first to the last.

    Parameters
    ----------
    title : str
    image : array, shape (rows, columns)
    matrix : array, shape (windows, pixels of a window)

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = sheet(title, (12.8, 5))
    left, right = panels(figure, 1, 2, width_ratios=(1, 2.6))
    left.imshow(image, cmap=SHADES)
    left.set(title=f"an image of {len(image)} x {len(image)} pixels", xlabel="column", ylabel="row")
    right.imshow(matrix, cmap=SHADES, aspect="auto")
    right.set(title="its windows, a row each", xlabel="pixel of the window", ylabel="window")
    return figure


@lecture
def paths(title, function, found):
    """The way of each optimiser down a function of two numbers, over its contours.

    Parameters
    ----------
    title : str
    function : callable
        ``function(x, y)`` for arrays.
    found : dict from str to array, shape (points, 2)
        By optimiser, where it has been.

    Returns
    -------
    matplotlib.figure.Figure
    """
    x, y = np.meshgrid(np.linspace(-10, 10, 201), np.linspace(-5, 5, 201))
    height = function(x, y)
    down = -(-len(found) // 2)
    figure = sheet(title, (12.8, 3.6 * down))
    for panel, (name, path) in zip(panels(figure, down, 2, len(found)), found.items(), strict=True):
        panel.contour(x, y, height, levels=np.geomspace(0.05, 60, 16), colors=LIGHT, linewidths=1)
        panel.plot(*np.transpose(path), ".-", color=DARK, linewidth=1.4, markersize=7)
        panel.plot(0, 0, "+", color=LINES[1][0], markersize=14, markeredgewidth=2)
        panel.set(
            title=f"{name}: ends at f = {plain(round(float(function(*path[-1])), 5))}", xlim=(-10, 10), ylim=(-5, 5)
        )
        panel.set(xlabel="$x$", ylabel="$y$")
    return figure


@lecture
def spreads(title, found):
    """How the activations of the layers spread: a row a start, a column a function, the layers one above another.

    Parameters
    ----------
    title : str
    found : dict from str to dict from str to list of array
        By function and start, the activations of each layer. The highest bar of a histogram is cut to the height of the
        second; what lies beyond the ends is said.

    Returns
    -------
    matplotlib.figure.Figure
    """
    starts = list(next(iter(found.values())))
    figure = sheet(title, (12.8, 2.4 * len(starts) + 0.8))
    axes = np.reshape(panels(figure, len(starts), len(found)), (len(starts), len(found)))
    for column, (function, by_start) in zip(axes.T, found.items(), strict=True):
        low, high = (-1, 1) if function == "tanh" else (0, 1)
        for panel, (start, layers) in zip(column, by_start.items(), strict=True):
            for layer, values in enumerate(map(on_cpu, layers), 1):
                _ridge(panel, np.ravel(values), low, high, layer)
            panel.set(xlim=(low, high), ylim=(0.9, len(layers) + 1), yticks=range(1, len(layers) + 1))
            panel.set_xticks((low, (low + high) / 2, high))
            panel.set_title(f"{function}, {start}", fontsize=SMALL + 1)
    for panel in axes[:, 0]:
        panel.set_ylabel("layer")
    figure.supxlabel("activation (the highest bar of a layer is cut to the second)", fontsize=SMALL)
    return figure


def _ridge(axes, values, low, high, layer):
    """A histogram that stands on the line of its layer, and beside it the share of what is beyond its ends."""
    counts, edges = np.histogram(values, BARS, range=(low, high))
    heights = layer + 0.85 * np.minimum(1, counts / max(1, np.sort(counts)[-2]))
    axes.stairs(heights, edges, baseline=layer, fill=True, color=DARK)
    axes.axhline(layer, color=LIGHT, linewidth=1, zorder=0)
    beyond = ((values < low) | (values > high)).mean()
    if beyond >= 0.005:
        where = {"textcoords": "offset points", "va": "center", "fontsize": SMALL - 2, "color": LINES[1][0]}
        axes.annotate(f"{beyond:.0%}\nbeyond", (high, layer + 0.42), (4, 0), annotation_clip=False, **where)


@lecture
def differences(title, found):
    """Differences between two gradients: for each array a bar from the smallest to the largest, and a mark at the mean.

    Parameters
    ----------
    title : str
    found : dict from str to array
        By name, the differences without their signs; where they are 0, they are drawn at the smallest of all.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = sheet(title, (9.6, 0.5 * len(found) + 2))
    (axes,) = panels(figure, 1, 1)
    floor = min((off[off > 0].min(initial=1) for off in found.values()), default=1)
    for k, off in enumerate(found.values()):
        off = np.maximum(off, floor)
        axes.plot(
            [off.min(), off.max()], [k, k], color=LIGHT, linewidth=9, solid_capstyle="butt", label=None if k else ENDS
        )
        axes.plot(off.mean(), k, "D", color=DARK, markersize=8, label="mean" if k == 0 else None)
    axes.set(yticks=range(len(found)), yticklabels=list(found), xscale="log", xlabel="difference between the two")
    axes.invert_yaxis()
    axes.legend(loc="upper right")
    return figure
