"""Figures of the trainings of the from-scratch notes: losses, accuracies, comparisons side by side, filters, a search.

A loss is drawn smoothed, as the from-scratch book has it, over the losses of the single batches.
"""

import numpy as np

from .style import LIGHT, LINES, lecture, logarithmic, panels, say, sheet

REACH = 10  # values that the smoothing continues a curve by at either end
WINDOW = np.kaiser(11, 2)


def smoothed(values):
    """A curve smoothed as the from-scratch book does: by a Kaiser window of eleven, the ends mirrored.

    Parameters
    ----------
    values : sequence of float

    Returns
    -------
    array
        Of the same length; the values themselves where there are no more than ten.
    """
    a = np.asarray(values, float)
    if len(a) <= REACH:
        return a
    longer = np.concatenate([a[REACH:0:-1], a, a[: -REACH - 1 : -1]])
    return np.convolve(longer, WINDOW / WINDOW.sum(), mode="valid")[5:-5]


@lecture
def training(title, losses, accuracies, *, linear=False):
    """The loss of a training, and beside it the accuracies.

    Parameters
    ----------
    title : str
    losses : dict from str to list of float
        By label, after each iteration.
    accuracies : dict from str to list of (iteration, accuracy)
        By what they are of.
    linear : bool
        Whether the losses' axis is linear in any case.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = sheet(title, (12.8, 5))
    left, right = panels(figure, 1, 2)
    _draw_losses(left, losses, linear)
    draw_accuracies(right, accuracies)
    right.set_xlabel("iteration")
    return figure


@lecture
def losses(title, curves, *, linear=False):
    """The losses of several trainings in one panel.

    Parameters
    ----------
    title : str
    curves : dict from str to list of float
        By label, after each iteration.
    linear : bool
        As `training`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = sheet(title, (9, 5.4))
    (axes,) = panels(figure, 1, 1)
    _draw_losses(axes, curves, linear)
    return figure


def _draw_losses(axes, curves, linear):
    """Smoothed losses over the pale ones of the single batches; logarithmic where they go down to a tenth."""
    drawn = {label: np.asarray(values, float) for label, values in curves.items() if len(values)}
    if not drawn:
        say(axes, "no loss was measured")
        return
    for (colour, dashes), (label, values) in zip(LINES * len(drawn), drawn.items(), strict=False):
        count = np.arange(1, len(values) + 1)
        axes.plot(count, values, color=colour, linewidth=1, alpha=0.25)
        axes.plot(count, smoothed(values), dashes, color=colour, label=label, marker="o" if len(values) == 1 else None)
    every = np.concatenate(list(drawn.values()))
    axes.set(xlabel="iteration", ylabel="loss of the batch", xlim=(0, max(map(len, drawn.values()))))
    low, high = every.min(), every.max()
    if not linear and 0 < 10 * low <= high:
        logarithmic(axes, "y", low, high)
    else:
        axes.set_ylim(0, 1.1 * min(high, 10 * np.median(every)))
    if len(drawn) > 1:
        axes.legend()


def draw_accuracies(axes, curves):
    """Accuracies from 0 to 1, a line each, with points where there are few."""
    for (colour, dashes), (label, points) in zip(LINES * len(curves), curves.items(), strict=False):
        marker = "o" if len(points) < 15 else None
        axes.plot(*np.transpose(points), dashes, color=colour, label=label, marker=marker)
    axes.axhline(1, color=LIGHT, linewidth=1, zorder=0)
    axes.set(ylabel="accuracy", ylim=(0, 1.05), xlim=(0, None))
    axes.legend(loc="lower right")
