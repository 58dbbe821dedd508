"""What a generator makes while it learns, what the discriminator says of it, and what that costs."""

import numpy as np

from ...basics.arrays import on_cpu
from ...models import gan_cost, gan_forward, gan_probability
from .style import DARK, LIGHT, LINES, MIDDLE, SMALL, WIDE, lecture, panels, plain, sheet

ORANGE = LINES[1][0]
MEAN, DEVIATION = 3, 0.5  # of the normal distribution
BINS = np.linspace(-0.5, 6, 66)
RIDGES = 7
POINTS = 200  # of a curve at most


@lecture
def copies(title, runs, X, Z):
    """Histograms of what generators make over their trainings, what their discriminators say at the end, their costs.

    Parameters
    ----------
    title : str
    runs : dict from str to list of tuple of array
        By name, the weights at first and after each epoch.
    X, Z : array, shape (N, 1)
        Real samples and noise.

    Returns
    -------
    matplotlib.figure.Figure
    """
    X, Z = (on_cpu(a).astype(float) for a in (X, Z))
    runs = {name: [[on_cpu(W).astype(float) for W in each] for each in path] for name, path in runs.items()}
    figure = sheet(title, WIDE)
    left, right = figure.subfigures(1, 2, width_ratios=(1.5, 1))
    for panel, (name, path) in zip(panels(left, 1, len(runs)), runs.items(), strict=True):
        _ridges(panel, path, Z)
        panel.set_title(name)
    handles, labels = panel.get_legend_handles_labels()
    left.legend(handles[:2], labels[:2], loc="outside lower center", ncols=2, frameon=False)
    upper, lower = panels(right, 2, 1)
    x = np.linspace(BINS[0], BINS[-1], 241)
    for (colour, dashes), (name, path) in zip(LINES, runs.items(), strict=False):
        upper.plot(x, gan_probability(*path[-1], x[:, None])[:, 0], dashes, color=colour, label=name)
        epochs = np.unique(np.linspace(1, len(path) - 1, POINTS).round().astype(int)) if len(path) > 1 else [0]
        costs = [float(gan_cost(*path[epoch], X, Z)) for epoch in epochs]
        lower.plot(epochs, costs, dashes, color=colour, label=name)
    upper.axhline(0.5, color=MIDDLE, linewidth=1.5, zorder=0)
    upper.set(xlabel="x", ylabel="D(x), how likely x is real", ylim=(0, 1), title="the discriminator at the end")
    lower.axhline(2 * np.log(2), color=MIDDLE, linewidth=1.5, zorder=0, label="2 ln 2: it cannot tell")
    lower.set(xlabel="epoch", ylabel="cost of the discriminator")
    upper.legend(frameon=False)
    lower.legend(frameon=False)
    return figure


def _ridges(axes, path, Z):
    """Histograms of what is made at first, early and at the end, one above the other, and the density to copy."""
    last = len(path) - 1
    shown = sorted({0, last, *(n for n in (1, 2, 5, 10, 20, 50, 100, 1000) if n < last)})[-RIDGES:][::-1]
    density = np.exp(-(((BINS - MEAN) / DEVIATION) ** 2) / 2) / (DEVIATION * np.sqrt(2 * np.pi))
    for height, epoch in enumerate(shown):
        made = gan_forward(*path[epoch], Z)[:, 0]
        share = np.histogram(made, BINS)[0] / (len(made) * np.diff(BINS))
        scale = 0.85 / max(share.max(), density.max())  # the highest of both is as high in each
        axes.stairs(
            height + scale * share,
            BINS,
            baseline=height,
            fill=True,
            facecolor=LIGHT,
            edgecolor=DARK,
            linewidth=0.8,
            label="made",
        )
        axes.plot(BINS, height + scale * density, color=ORANGE, linewidth=1.8, label="to be copied")
        text = f"mean {made.mean():.2f}\nstd {made.std():.2f}"
        axes.text(1.02, height, text, fontsize=SMALL - 1, va="bottom", transform=axes.get_yaxis_transform())
    labels = [f"epoch {plain(epoch)}" if epoch else "at first" for epoch in shown]
    axes.set(yticks=range(len(shown)), yticklabels=labels, xlabel="x", xlim=(BINS[0], BINS[-1]))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
