"""Figures of depth in time and in layers: how much of an error arrives, and what normalisation makes of it."""

import numpy as np
from matplotlib.ticker import FixedLocator, LogLocator

from .curves import draw_curves
from .style import DARK, LINES, MIDDLE, SHADES, SMALL, WIDE, lecture, on_shade, panels, sheet

ORANGE = LINES[1][0]
DASHES = ("-", "--", ":")
MOST_DECADES = 10
HUNDREDTH = 0.01  # what counts as having arrived


@lecture
def arriving(title, times, layers):
    """How much of an error arrives, by its distance from the last step, and by the layer.

    Parameters
    ----------
    title : str
    times : dict from str to array, shape (steps,)
        By network, the share that arrives so many steps before the last. Those whose name begins with RNN have one
        colour, the others another.
    layers : dict from str to dict from int to array
        By what stands between the layers and by their number, the share that arrives in each, the first one first; the
        first of the two kinds is that without normalisation.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = sheet(title, WIDE)
    left, right = panels(figure, 1, 2, sharey=True)
    kinds = {True: [], False: []}
    for name, shares in times.items():
        of_kind = kinds[name.startswith("RNN")]
        of_kind.append(name)
        colour = DARK if of_kind is kinds[True] else ORANGE
        left.plot(range(len(shares)), shares, DASHES[len(of_kind) - 1], color=colour, label=name)
    left.set(title="in time", xlabel="steps before the last", ylabel="share of the error at the end")
    for colour, (name, by_number) in zip((DARK, ORANGE), layers.items(), strict=True):
        for dashes, (number, shares) in zip(DASHES, by_number.items(), strict=False):
            style = {"color": colour, "marker": "o", "markersize": 5, "label": f"{number} {name}"}
            right.plot(range(1, number + 1), shares, dashes, **style)
    most = max(number for by_number in layers.values() for number in by_number)
    right.set(title="in depth", xlabel="layer", ylabel="share of the last hidden layer's delta")
    right.xaxis.set_major_locator(FixedLocator(range(1, most + 1)))
    for panel in (left, right):
        panel.set_yscale("log")
        panel.yaxis.set_major_locator(LogLocator(numticks=MOST_DECADES + 2))
        for share in (1, HUNDREDTH):
            panel.axhline(share, color=MIDDLE, linewidth=1, linestyle=(0, (1, 3)), zorder=0)
        panel.tick_params(labelleft=True)
        panel.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2, frameon=False, fontsize=SMALL)
    return figure


@lecture
def with_and_without(title, y, y_plain, curves, *, linear=False):
    """How two networks learn, with batch normalisation and without, and what they say at the end of each digit.

    Parameters
    ----------
    title : str
    y, y_plain : array, shape (digits, digits)
        The outputs with batch normalisation and without, one digit a row.
    curves : dict from str to list of (epoch, loss)
    linear : bool
        As `error_curves`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = sheet(title, (12.8, 6.0))
    left, right = figure.subfigures(1, 2, width_ratios=(1.25, 1))
    (axes,) = panels(left, 1, 1)
    draw_curves(axes, curves, "loss, -ln of the right class", linear=linear)
    both = panels(right, 2, 1)
    for panel, outputs, name in zip(both, (y, y_plain), ("with batch normalisation", "without"), strict=True):
        panel.imshow(outputs, cmap=SHADES, vmin=0, vmax=1, aspect="auto")
        for (row, column), p in np.ndenumerate(outputs):
            panel.text(column, row, f"{p:.2f}", ha="center", va="center", color=on_shade(p), fontsize=SMALL)
        digits = range(len(outputs))
        panel.set(title=f"outputs {name}", xticks=digits, yticks=digits, ylabel="digit shown")
        panel.set_xticklabels([k + 1 for k in digits])
        panel.set_yticklabels([k + 1 for k in digits])
    both[-1].set_xlabel("digit given")
    return figure
