"""Error curves: what a training measures, against the epoch."""

import textwrap

import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator

from .style import LINES, SMALL, lecture, logarithmic, panels, plain, say, sheet

FEW = 15  # points that are marked one by one
MOST_NAMED = 8  # curves that have a legend; of more there is no telling which is which


@lecture
def error_curves(title, curves, *, measured="error", linear=False, marked=None, unit="epoch"):
    """How an error goes down with the epochs, one line a curve.

    Axes are logarithmic where there are at least ten epochs, and where the largest error is at least ten times the
    smallest; otherwise the errors are drawn from 0 on, so that one that stays is seen to stay.

    Parameters
    ----------
    title : str
    curves : dict from str to list of (epoch, error)
        By label. A curve is not drawn where it is not finite; its label says from which epoch on.
    measured : str
        What is measured, in words, for the axis.
    linear : bool
        Whether both axes are linear in any case.
    marked : dict from str to list of (epoch, error), optional
        Single points to draw over the curves, by label.
    unit : str
        What is counted along the other axis.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = sheet(title, (8, 5))
    (axes,) = panels(figure, 1, 1)
    draw_curves(axes, curves, measured, linear=linear, marked=marked, unit=unit)
    return figure


@lecture
def all_curves(title, runs, *, linear=False):
    """The error curves of many scripts, one panel each.

    Parameters
    ----------
    title : str
    runs : dict from str to (str, dict) or (str, dict, str)
        By script, what is measured, the curves as `error_curves` takes them, and what is counted where that is not the
        epochs.
    linear : bool
        As `error_curves`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    across = max(1, min(4, len(runs)))
    down = max(1, -(-len(runs) // across))
    figure = sheet(title, (4.4 * across, 3.4 * down))
    axes = panels(figure, down, across, max(1, len(runs)))
    if not runs:
        say(axes[0], "no script gave a curve")
    for panel, (name, (measured, curves, *unit)) in zip(axes, runs.items(), strict=False):
        draw_curves(panel, curves, measured, linear=linear, ticks=3, unit=unit[0] if unit else "epoch")
        panel.set_title(name)
        panel.yaxis.label.set(text=textwrap.fill(measured, 24), fontsize=SMALL)
    return figure


def draw_curves(axes, curves, measured, *, linear=False, marked=None, ticks=5, unit="epoch"):
    """The curves of `error_curves` on given axes, with so many ticks at most where the epochs' axis is linear.

    Accuracies are drawn on linear axes; of more than eight curves their number is said in place of their names.
    """
    drawn = [(label, *_finite(points)) for label, points in curves.items() if points]
    if not drawn:
        say(axes, "no error was measured")
        return
    linear, many = linear or "accuracy" in measured, len(drawn) > MOST_NAMED
    for (colour, dashes), (label, epochs, errors) in zip(LINES * len(drawn), drawn, strict=False):
        marker = "o" if len(epochs) < FEW else None
        axes.plot(epochs, errors, dashes, color=colour, marker=marker, label=_named(label, epochs, errors, unit))
    for symbol, (label, points) in zip("xs^v" * len(marked or ()), (marked or {}).items(), strict=False):
        axes.plot(*_finite(points), symbol, color="black", label=label, linestyle="none")
    axes.set(xlabel=unit, ylabel=textwrap.fill(measured, 32))
    _scale_epochs(axes, np.concatenate([epochs for _, epochs, _ in drawn]), linear, ticks)
    _scale_errors(axes, np.concatenate([errors for _, _, errors in drawn]), linear)
    if many:
        axes.set_title(f"{len(drawn)} curves", loc="right", fontsize=SMALL)
    elif len(drawn) + len(marked or ()) > 1 or not np.isfinite(drawn[0][2]).all():
        axes.legend()


def _finite(points):
    """Epochs and errors; NaN in place of an error that is not finite."""
    epochs, errors = np.array(points, dtype=float).T
    return epochs, np.where(np.isfinite(errors), errors, np.nan)


def _named(label, epochs, errors, unit):
    lost = epochs[np.isnan(errors)]
    return f"{label}: not finite from {unit} {lost[0]:,.0f} on" if len(lost) else label


def _scale_epochs(axes, epochs, linear, ticks):
    if not linear and epochs.max() >= 10 * epochs.min():
        logarithmic(axes, "x", epochs.min(), epochs.max())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(ticks, integer=True, min_n_ticks=1))
        axes.xaxis.set_major_formatter(FuncFormatter(plain))
        if epochs.max() >= FEW:
            axes.set_xlim(0, epochs.max())


def _scale_errors(axes, errors, linear):
    """A logarithmic axis where errors differ by a factor of ten, one from 0 where they do not."""
    positive = errors[errors > 0]
    if not linear and len(positive) and positive.max() >= 10 * positive.min():
        logarithmic(axes, "y", positive.min(), positive.max())
    else:
        axes.set_ylim(0, 1.1 * positive.max() if len(positive) else 1)
