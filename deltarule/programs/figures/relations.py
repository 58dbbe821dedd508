"""Boards of dots whose touching pairs are joined, and what a network says of two dots wherever they lie."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from ...basics.arrays import on_cpu
from .curves import draw_curves
from .style import DARK, FONT, LIGHT, LINES, MIDDLE, SHADES, SMALL, WIDE, lecture, on_shade, panels, sheet

SHOWN = 6  # boards


@lecture
def touching(title, X, D, counts, relation, curves, measured="share", *, linear=False):
    """Boards with what is counted on them, what the network says of two dots, and the share of wrong boards.

    Parameters
    ----------
    title : str
    X : array, shape (N, dots, 3)
        As `deltarule.models.touching_dots` gives them.
    D : array, shape (N, classes)
    counts : dict from str to array of int, shape (N,)
        By network, the touching pairs that it counts.
    relation : callable
        ``relation(first, second)`` gives what the network makes of pairs of dots, shape (pairs, nodes).
    curves, measured, linear
        As `error_curves`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    X, D = on_cpu(X), on_cpu(D).argmax(axis=-1)
    apart = min(abs(a - b) for a in np.unique(X[..., :2]) for b in np.unique(X[..., :2]) if a != b)
    side = round(2 / apart) + 1
    figure = sheet(title, WIDE)
    top, bottom = figure.subfigures(2, 1, height_ratios=(1, 1.35))
    for n, axes in enumerate(panels(top, 1, SHOWN)):
        _board(axes, ((X[n, :, :2] + 1) / apart).round(), side)
        said = (f"{name}: {int(on_cpu(count)[n])}" for name, count in counts.items())
        axes.set_title("\n".join((f"{_pairs(D[n])}", *said)), fontsize=SMALL)
    left, middle, right = bottom.subfigures(1, 3, width_ratios=(1.15, 1, 1.15))
    along, places, near = said_of_pairs(relation, side, X.dtype)
    _spread(panels(left, 1, 1)[0], along, near)
    left.legend(frameon=False, fontsize=SMALL, loc="outside upper center")
    _around(panels(middle, 1, 1)[0], along, places, side)
    draw_curves(panels(right, 1, 1)[0], curves, measured, linear=linear, ticks=3)
    return figure


def said_of_pairs(relation, side, dtype=float):
    """One number for each two places of a board: g(i, j) + g(j, i) along the line from other pairs to touching ones.

    Parameters
    ----------
    relation : callable
        As for `touching`.
    side : int
        Of the board.
    dtype : dtype

    Returns
    -------
    along : array
        0 is the mean of the pairs that do not touch, 1 that of those that do.
    places : array of int, shape (pairs, 2)
        Of each, counted row by row.
    near : array of bool
        Whether they touch.
    """
    board = np.stack(np.divmod(np.arange(side * side), side), axis=1)
    dots = np.hstack([2 * board / (side - 1) - 1, np.ones((side * side, 1))]).astype(dtype)
    i, j = np.triu_indices(side * side, 1)
    near = abs(board[i] - board[j]).sum(axis=1) == 1
    g = on_cpu(relation(dots[i], dots[j])) + on_cpu(relation(dots[j], dots[i]))
    to = g[near].mean(axis=0) - g[~near].mean(axis=0)
    rounding = 1e-12 * (g * g).sum(axis=1).max() + np.finfo(float).tiny  # where both means are the same
    along = (g - g[~near].mean(axis=0)) @ to / max(to @ to, rounding)
    return along, np.stack([i, j], axis=1), near


def _pairs(count):
    """How many pairs touch, in words."""
    return f"{count} pair touches" if count == 1 else f"{count} pairs touch"


def _board(axes, dots, side):
    """Dots at their rows and columns, those that touch joined."""
    for k in range(side + 1):
        axes.plot((-0.5, side - 0.5), (k - 0.5, k - 0.5), color=LIGHT, linewidth=1, zorder=0)
        axes.plot((k - 0.5, k - 0.5), (-0.5, side - 0.5), color=LIGHT, linewidth=1, zorder=0)
    for i, a in enumerate(dots):
        for b in dots[:i]:
            if abs(a - b).sum() == 1:
                axes.plot((a[1], b[1]), (a[0], b[0]), color=LINES[1][0], linewidth=6, zorder=1)
    axes.scatter(dots[:, 1], dots[:, 0], s=110, color=DARK, zorder=2)
    axes.set(xlim=(-0.6, side - 0.4), ylim=(side - 0.4, -0.6), aspect="equal")
    axes.set_axis_off()


def _spread(axes, along, near):
    """How many pairs of places have which number, those that touch and the others."""
    bins = np.linspace(along.min(), along.max(), 31)
    for which, colour, name in ((~near, MIDDLE, "do not touch"), (near, LINES[1][0], "touch")):
        label = f"the {which.sum()} pairs of places that {name}"
        axes.hist(along[which], bins, color=colour, label=label, alpha=0.9)
    axes.set(xlabel="what the network says of two dots", ylabel="pairs of places")
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))


def _around(axes, along, places, side):
    """The number for the place in the middle of the board and each other one."""
    centre = side * side // 2
    said = np.full(side * side, np.nan)
    for number, (i, j) in zip(along, places, strict=True):
        if centre in (i, j):
            said[i + j - centre] = number
    said = said.reshape(side, side)
    low, high = np.nanmin(said), np.nanmax(said)
    axes.imshow(said, cmap=SHADES)
    for (row, column), number in np.ndenumerate(said):
        if np.isnan(number):
            axes.scatter(column, row, s=220, color=DARK)
        else:
            shade = on_shade((number - low) / max(high - low, 1e-12))
            text = f"{number:.1f}".replace("-0.0", "0.0").replace("-", "\N{MINUS SIGN}")
            axes.text(column, row, text, ha="center", va="center", fontsize=SMALL, color=shade)
    axes.set(xticks=(), yticks=())
    axes.set_title("what it says of a dot in the middle\nand one at each other place", fontsize=FONT - 1)
    for spine in axes.spines.values():
        spine.set_visible(False)
