"""Digits in colour: images with what two networks take them for, what their first layers look for, losses, mistakes."""

import numpy as np

from ...basics.arrays import on_cpu
from ...layers import Diverged
from .curves import draw_curves
from .style import DARK, LINES, SHADES, SMALL, WIDE, lecture, on_shade, panels, sheet
from .trainings import smoothed

SHOWN = 10  # images, and as many of the filters and nodes
LEAST = 25  # mistakes that are as dark as can be


@lecture
def colour_digits(title, X, D, networks, curves, *, linear=False):
    """Images in colour with the answers of some networks, what their first layers look for, losses, and mistakes.

    Parameters
    ----------
    title : str
    X : array, shape (N, 3, rows, columns)
        Images from -0.5 to 0.5.
    D : array of int, shape (N,)
        The digits.
    networks : dict from str to Network
        By name; the table of mistakes is that of the last.
    curves : dict from str to list of (iteration, loss)
        By network.
    linear : bool
        Whether the losses are drawn on linear axes.

    Returns
    -------
    matplotlib.figure.Figure
    """
    taken = {name: _taken(network, X) for name, network in networks.items()}
    X, D = on_cpu(X), on_cpu(D)
    figure = sheet(title, WIDE)
    top, bottom = figure.subfigures(2, 1, height_ratios=(1, 1.75))
    for n, panel in enumerate(panels(top, 1, min(SHOWN, len(X)))):
        _picture(panel, X[n] + 0.5)
        panel.set_title(f"{D[n]}")
        for k, (name, y) in enumerate(taken.items()):
            colour, answer = (DARK, f"{y[n]}") if y[n] == D[n] else (LINES[1][0], f"{y[n]} wrong")
            where = {"xy": (0.5, -0.12 - 0.22 * k), "xycoords": "axes fraction", "ha": "center", "va": "top"}
            panel.annotate(f"{name}: {'none' if y[n] < 0 else answer}", color=colour, fontsize=SMALL, **where)
    left, middle, right = bottom.subfigures(1, 3, width_ratios=(1, 0.95, 1.05))
    for part, (name, network) in zip(left.subfigures(len(networks), 1), networks.items(), strict=True):
        W = on_cpu(network.params["W1"])
        _draw_filters(part, f"first layer of the {name}", W if W.ndim == 4 else W.T.reshape(-1, *X.shape[1:]))
    (panel,) = panels(middle, 1, 1)
    means = {name: list(enumerate(smoothed([loss for _, loss in curve]), 1)) for name, curve in curves.items()}
    draw_curves(panel, means, "loss, smoothed", linear=linear, unit="iteration")
    name, y = list(taken.items())[-1]
    (panel,) = panels(right, 1, 1)
    _draw_mistakes(panel, D, y)
    panel.set_title(f"{name}: {(y == D).mean():.1%} right")
    return figure


def _taken(network, X):
    """What a network takes images for; -1 where it has diverged and says nothing."""
    try:
        return on_cpu(network.predict(X)).argmax(axis=1)
    except Diverged:
        return np.full(len(X), -1)


def _picture(axes, image):
    """An image (3, rows, columns) from 0 to 1."""
    axes.imshow(np.clip(np.moveaxis(image, 0, -1), 0, 1))
    axes.set(xticks=(), yticks=())
    axes.spines[:].set_visible(False)


def _draw_filters(figure, name, W):
    """Weights as pictures: the middle grey is 0, and the largest of all is full colour."""
    W = np.nan_to_num(W[:SHOWN], nan=0.0)
    figure.suptitle(name, fontsize=SMALL + 1)
    largest = float(abs(W).max()) or 1.0
    for panel, w in zip(panels(figure, 2, -(-len(W) // 2), len(W)), W, strict=True):
        _picture(panel, 0.5 + 0.5 * w / largest)


def _draw_mistakes(axes, D, taken):
    """How many images of each digit are taken for which; only the mistakes have a shade."""
    counts = np.zeros((10, 10), dtype=int)
    np.add.at(counts, (D[taken >= 0], taken[taken >= 0]), 1)
    wrong = counts * ~np.eye(10, dtype=bool)
    axes.imshow(np.minimum(wrong, LEAST), cmap=SHADES, vmin=0, vmax=LEAST)
    for (digit, other), count in np.ndenumerate(counts):
        if count:
            shade = min(1, wrong[digit, other] / LEAST)
            weight = "bold" if digit == other else "normal"
            text = {"color": on_shade(shade), "fontsize": SMALL - 2, "fontweight": weight}
            axes.text(other, digit, count, ha="center", va="center", **text)
    axes.set(xticks=range(10), yticks=range(10), xlabel="taken for", ylabel="digit")
    axes.spines[:].set_visible(False)
