"""Digits as a Boltzmann machine describes them, and what labels add: images, filters, and curves."""

import numpy as np

from ...basics.arrays import on_cpu
from .curves import draw_curves
from .style import LIGHT, MIDDLE, WIDE, lecture, panels, sheet

SHOWN = 5  # images in a row
FILTERS = 10


@lecture
def described(title, images, W, curves, measured, alone):
    """Rows of images, the filters of the hidden nodes below them, and beside them what was measured.

    Parameters
    ----------
    title : str
    images : dict from str to array, shape (N, side * side)
        By name, images of which the first five are drawn, from 0, paper, to 1, ink.
    W : array, shape (h, side * side)
        The weights of the hidden nodes, of which the first ten are drawn.
    curves, measured
        As `error_curves`.
    alone : float
        What is measured of pixels that know nothing of each other, for a line.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = sheet(title, WIDE)
    left, right = figure.subfigures(1, 2, width_ratios=(1.15, 1))
    _rows(left, images, W)
    (axes,) = panels(right, 1, 1)
    draw_curves(axes, curves, measured)
    if curves:
        values = [value for points in curves.values() for _, value in points]
        axes.axhline(alone, color=MIDDLE, linewidth=1.5)
        axes.annotate("each pixel alone", (1, alone), (0, 4), textcoords="offset points", color=MIDDLE)
        axes.set_ylim(min(values) - 5, alone + 5)
    return figure


@lecture
def labelled(title, W, curves, measured, shown=42):
    """The filters of a first layer that has seen no labels, and what each start makes of a hundred labels.

    Parameters
    ----------
    title : str
    W : array, shape (h, side * side)
    curves, measured
        As `error_curves`.
    shown : int
        How many of the filters to draw, the first ones.

    Returns
    -------
    matplotlib.figure.Figure
    """
    W = on_cpu(W)[:shown]
    figure = sheet(title, WIDE)
    left, right = figure.subfigures(1, 2, width_ratios=(1.3, 1))
    left.suptitle("filters learned without labels: orange +, purple \N{MINUS SIGN}")
    axes = panels(left, -(-len(W) // 7), 7, len(W))
    for panel, filter in zip(axes, W, strict=True):
        _filter(panel, filter)
    draw_curves(panels(right, 1, 1)[0], curves, measured)
    return figure


def _rows(figure, images, W):
    """A row for each name, and two for the filters."""
    W = on_cpu(W)[:FILTERS]
    below = -(-len(W) // SHOWN)
    axes = panels(figure, len(images) + below, SHOWN, len(images) * SHOWN + len(W))
    for row, (name, of_name) in enumerate(images.items()):
        for panel, image in zip(axes[row * SHOWN :], on_cpu(of_name)[:SHOWN], strict=False):
            panel.imshow(_square(image), cmap="gray_r", vmin=0, vmax=1)
            _bare(panel)
        axes[row * SHOWN].set_ylabel(name)
    for panel, filter in zip(axes[len(images) * SHOWN :], W, strict=True):
        _filter(panel, filter)
    axes[len(images) * SHOWN].set_ylabel("filters")


def _filter(axes, weights):
    """The weights of a node as an image of its own scale."""
    limit = abs(weights).max() or 1
    axes.imshow(_square(weights), cmap="PuOr_r", vmin=-limit, vmax=limit)
    _bare(axes)


def _square(row):
    """A row of pixels as an image."""
    side = int(np.sqrt(len(row)))
    return row.reshape(side, side)


def _bare(axes):
    """A frame and no ticks."""
    axes.set(xticks=(), yticks=())
    for spine in axes.spines.values():
        spine.set(visible=True, color=LIGHT)
