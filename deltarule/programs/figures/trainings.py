"""Figures of the trainings of the from-scratch notes: losses, accuracies, comparisons side by side, filters, a search.

A loss is drawn smoothed, as the from-scratch book has it, over the losses of the single batches.
"""

import numpy as np
from matplotlib.ticker import MaxNLocator

from ...basics.arrays import on_cpu
from .digits import draw_maps
from .style import FONT, LIGHT, LINES, MIDDLE, SHADES, SMALL, lecture, logarithmic, panels, say, sheet

REACH = 10  # values that the smoothing continues a curve by at either end
WINDOW = np.kaiser(11, 2)
FEW = 15  # points that are marked one by one
NAMES = {"lr": "learning rate", "weight_decay_lambda": "weight decay"}


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
    figure = sheet(title, (10, 5.6))
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
    _whole(axes)
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
        marker = "o" if len(points) < FEW else None
        axes.plot(*np.transpose(points), dashes, color=colour, label=label, marker=marker)
    axes.axhline(1, color=LIGHT, linewidth=1, zorder=0)
    axes.set(ylabel="accuracy", ylim=(0, 1.05), xlim=(0, None))
    _whole(axes)
    axes.legend(loc="lower right")


@lecture
def accuracies(title, runs, per_epoch=1):
    """Accuracies side by side, a panel a run, all on the same axes.

    Parameters
    ----------
    title : str
    runs : dict from str to dict from str to list of (iteration, accuracy)
        By run, which is the heading of its panel, the curves by label; all runs have the same labels. Where an accuracy
        is not finite, the panel says so.
    per_epoch : float
        Iterations of an epoch.

    Returns
    -------
    matplotlib.figure.Figure
    """
    across = min(4, len(runs))
    down = -(-len(runs) // across)
    figure = sheet(title, (12.8, 5) if down == 1 else (12.8, 2.3 * down + 1))
    axes = panels(figure, down, across, len(runs), sharex=True, sharey=True)
    ends = [1]
    for panel, (name, curves) in zip(axes, runs.items(), strict=True):
        ends.append(_draw_run(panel, curves, per_epoch))
        panel.set_title(name)
    axes[0].set(ylim=(0, 1.05), xlim=(0, max(ends)))
    _whole(axes[0])
    _below(axes[-across:])
    for panel in axes[::across]:
        panel.set_ylabel("accuracy")
    labels = next(iter(runs.values()))
    lines = axes[-1].get_lines()[: len(labels)]
    figure.legend(lines, labels, loc="outside lower center", ncols=len(labels), frameon=False)
    return figure


def _whole(axes):
    """Ticks only at whole iterations or epochs."""
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))


def _below(axes, **how):
    """The epochs below the lowest panel of each column, also where the last row is not full."""
    for panel in axes:
        panel.set_xlabel("epoch", **how)
        panel.tick_params(labelbottom=True)


def _draw_run(axes, curves, per_epoch):
    """The curves of a panel, as far as they are finite; its last epoch."""
    last = 0
    for (colour, dashes), (label, points) in zip(LINES, curves.items(), strict=False):
        iterations, values = np.reshape(points, (-1, 2)).T
        epochs = (iterations - 1) / per_epoch
        last = max([last, *epochs])
        axes.plot(epochs, values, dashes, color=colour, marker="o" if len(points) < FEW else None, linewidth=1.8)
        if not np.isfinite(values).all():
            text = f"{label}: not finite\nfrom epoch {np.ceil(epochs[np.isnan(values)][0]):.0f} on"
            axes.text(0.95, 0.9, text, ha="right", va="top", color=colour, fontsize=SMALL, transform=axes.transAxes)
    axes.axhline(1, color=LIGHT, linewidth=1, zorder=0)
    return last


@lecture
def filters(title, sets):
    """The filters of a convolution at several moments, numbered alike; each moment has a scale of greys of its own.

    Parameters
    ----------
    title : str
    sets : dict from str to array, shape (filters, channels, rows, columns)
        By moment. The first channel is drawn.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = sheet(title, (12.8, 6.6))
    for panel, (name, W) in zip(panels(figure, 1, len(sets)), sets.items(), strict=True):
        draw_maps(panel, np.moveaxis(on_cpu(W)[:, 0], 0, -1))
        panel.set_title(name)
    return figure


@lecture
def search(title, ranked, shown=20):
    """The trials of a search by their two values, and beside them how the best went on.

    Parameters
    ----------
    title : str
    ranked : list of deltarule.layers.search.Trial
        The best first.
    shown : int
        How many of them have their curves drawn.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = sheet(title, (14, 8))
    left, right = figure.subfigures(1, 2, width_ratios=(1, 1.4))
    _draw_settings(left, ranked)
    curves = ranked[:shown]
    across = min(5, len(curves))
    axes = panels(right, -(-len(curves) // across), across, len(curves), sharex=True, sharey=True)
    for k, (panel, trial) in enumerate(zip(axes, curves, strict=True)):
        validation = trial.val_acc_list if trial.diverged else (*trial.val_acc_list, trial.val_acc)
        for (colour, dashes), values in zip(LINES, (validation, trial.train_acc_list), strict=False):
            panel.plot(values, dashes, color=colour, linewidth=1.6)
        panel.set_title(f"{k + 1}: {'not finite' if trial.diverged else f'{trial.val_acc:.2f}'}", fontsize=SMALL)
    axes[0].set(ylim=(0, 1.05), xlim=(0, None))
    _whole(axes[0])
    _below(axes[-across:], fontsize=SMALL)
    right.suptitle(f"the best {len(curves)} of {len(ranked)}: accuracy", fontsize=FONT)
    labels = ("validation", "training")
    handles = axes[0].get_lines()
    right.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    return figure


def _draw_settings(figure, ranked):
    """Each trial at its two values, the darker the better; logarithmic axes."""
    (axes,) = panels(figure, 1, 1)
    across, along = list(ranked[0].values)[::-1]
    x, y = ([trial.values[name] for trial in ranked] for name in (across, along))
    found = [trial.val_acc for trial in ranked]
    drawn = axes.scatter(x, y, c=found, cmap=SHADES, vmin=0, vmax=1, s=70, edgecolors=MIDDLE, linewidths=0.8)
    axes.set(xscale="log", yscale="log", xlabel=NAMES.get(across, across), ylabel=NAMES.get(along, along))
    bar = figure.colorbar(drawn, ax=axes, location="bottom", shrink=0.8, label="validation accuracy in the end")
    bar.ax.tick_params(labelsize=SMALL)
