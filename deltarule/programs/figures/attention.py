"""Who looks at whom: matrices of attention, with the symbols of a sequence on their axes."""

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Rectangle

from ...basics.arrays import on_cpu
from .curves import draw_curves
from .style import LINES, MIDDLE, SHADES, SMALL, WIDE, lecture, on_shade, panels, sheet

LOOKS = "looks at"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
OUTLINES = LINES[1][0], LINES[2][0]
SAID = 0.1  # smaller shares are left to the shade


@lecture
def reversal(title, symbols, outputs, looks, curves, *, linear=False):
    """The attention of one sequence with places and without, its mean over others, and the share of errors.

    Parameters
    ----------
    title : str
    symbols : array of int, shape (T,)
        Those of the sequence, drawn as letters.
    outputs : pair of array of int, shape (T,)
        The symbols that the network with places gives for the sequence, and those of the one without.
    looks : pair of array, shape (N, T, T)
        The attention of the two in N sequences, this one first: row i says what place i takes of each place.
    curves : dict from str to list of (epoch, share)
    linear : bool
        Whether the curves are drawn on linear axes.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = sheet(title, WIDE)
    top, bottom = figure.subfigures(2, 1, height_ratios=(1.25, 1))
    axes = panels(top, 1, 3)
    letters = [LETTERS[k] for k in symbols]
    names = "with places", "without places"
    for panel, name, given, a in zip((axes[0], axes[2]), names, outputs, looks, strict=True):
        labels = [f"{here} gives {LETTERS[k]}" for here, k in zip(letters, given, strict=True)]
        matrix(panel, a[0], labels, letters)
        panel.set_title(f"one sequence, {name}")
    places = [str(place + 1) for place in range(len(letters))]
    matrix(axes[1], looks[0].mean(axis=0), places, places)
    axes[1].set(title=f"mean of {len(looks[0])} sequences, with places", ylabel="place")
    axes[0].set_ylabel("symbol of the place")
    (last,) = panels(bottom, 1, 1)
    draw_curves(last, curves, "share of wrong symbols", linear=linear)
    return figure


@lecture
def heads(title, symbols, several, one, curves, *, linear=False):
    """The attention of each head of a block and of the only head of another, in one sequence; and the share of errors.

    Parameters
    ----------
    title : str
    symbols : array of int, shape (T,)
        Those of the sequence.
    several : array, shape (H, T, T)
        Of the block of H heads: row i says what place i takes of each place. The cells of the two places that it has to
        look up, the mirrored one and that two before, have an outline.
    one : array, shape (1, T, T)
        Of the block of one head.
    curves : dict from str to list of (epoch, share)
    linear : bool
        Whether the curves are drawn on linear axes.

    Returns
    -------
    matplotlib.figure.Figure
    """
    labels, places = [str(k) for k in symbols], np.arange(len(symbols))
    mirrored, before = places[::-1], (places - 2) % len(places)
    figure = sheet(title, WIDE)
    top, bottom = figure.subfigures(2, 1)
    left, right = bottom.subfigures(1, 2, width_ratios=(1.25, 2.75))
    names = [f"head {k + 1} of {len(several)}" for k in range(len(several))] + ["the only head"]
    axes = [*panels(top, 1, len(several)), *panels(left, 1, 1)]
    for panel, name, a in zip(axes, names, [*several, *one], strict=True):
        matrix(panel, a, labels, labels, written=False)
        panel.set_title(name)
        for n in places:
            panel.add_patch(Rectangle((mirrored[n] - 0.5, n - 0.5), 1, 1, **_outline(0)))
            panel.add_patch(Circle((before[n], n), 0.4, **_outline(1)))
    for panel in (axes[0], axes[-1]):
        panel.set_ylabel("bit of the place")
    top.colorbar(axes[0].get_images()[0], ax=axes[: len(several)], shrink=0.9, pad=0.01).set_label("share")
    keys = [Rectangle((0, 0), 1, 1, label="the mirrored place", **_outline(0))]
    keys.append(Line2D([], [], marker="o", linestyle="none", markersize=12, markerfacecolor="none",
                       markeredgecolor=OUTLINES[1], markeredgewidth=2, label="two places before"))  # fmt: skip
    right.legend(handles=keys, loc="outside upper center", ncols=2, frameon=False)
    (last,) = panels(right, 1, 1)
    draw_curves(last, curves, "share of wrong bits", linear=linear)
    return figure


def _outline(k):
    """How the first or the second of the places to be looked up is told."""
    return {"fill": False, "edgecolor": OUTLINES[k], "linewidth": 2, "clip_on": False}


def matrix(axes, a, rows, columns, *, written=True):
    """A matrix of shares as shades, with what stands for its rows and columns; large shares can be written in it."""
    a = np.asarray(on_cpu(a), dtype=float)
    axes.imshow(a, vmin=0, vmax=1, cmap=SHADES)
    axes.set(xticks=range(len(columns)), yticks=range(len(rows)), xlabel=LOOKS)
    axes.set_xticklabels(columns)
    axes.set_yticklabels(rows)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set(visible=True, color=MIDDLE)
    for (i, k), share in np.ndenumerate(a):
        if written and share >= SAID:
            text = f"{share:.2f}".lstrip("0")
            axes.text(k, i, text, ha="center", va="center", fontsize=SMALL - 1, color=on_shade(share))
