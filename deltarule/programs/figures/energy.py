"""What a restricted Boltzmann machine has learned: its samples beside the data, its filters, and its likelihood."""

import numpy as np
from matplotlib.patches import Rectangle

from ... import matlab
from ...basics.arrays import on_cpu
from ...models import rbm_log_likelihood, rbm_samples
from .style import DARK, LINES, MIDDLE, SMALL, WIDE, lecture, logarithmic, panels, say, sheet

ORANGE = LINES[1][0]
CHAINS, STEPS = 28, 200


@lecture
def machine(title, X, weights, curve, beside):
    """The data and samples of a machine, its filters, and the exact likelihood of several trainings.

    The samples are what chains that begin at random pixels are after 200 steps; those that are none of the data are in
    a frame.

    Parameters
    ----------
    title : str
    X : array, shape (N, side * side)
        All data, 0 and 1.
    weights : tuple of array
        W, b and c after the training.
    curve : list of (epoch, float)
        The mean of -ln of the probability in the training of this machine, by CD-1.
    beside : dict from str to iterable of tuple of array
        By name, the weights after each epoch of other trainings.

    Returns
    -------
    matplotlib.figure.Figure
    """
    X, W, b, c = (on_cpu(a).astype(float) for a in (X, *weights))
    rng = matlab.rng(500)  # of its own
    begun = np.round(rng.rand(CHAINS, X.shape[1]))
    samples = rbm_samples(W, b, c, begun, rng=rng, steps=STEPS)
    known = (samples[:, None] == X).all(axis=-1).any(axis=-1)
    figure = sheet(title, WIDE)
    left, right = figure.subfigures(1, 2, width_ratios=(1, 1.1))
    top, middle, bottom = panels(left, 3, 1, height_ratios=(2, 4.2, 2.2))
    _images(top, X, 7)
    top.set_title(f"the {len(X)} patterns")
    _images(middle, samples, 7, known)
    middle.set_title(f"{CHAINS} samples, {known.sum()} of them patterns")
    _images(bottom, W, 8, cmap="PuOr_r", limit=abs(W).max())
    bottom.set_title("weights of the hidden nodes: orange +, purple \N{MINUS SIGN}")
    measured = {epoch for epoch, _ in curve}
    curves = {"CD-1": [(epoch, -cost) for epoch, cost in curve]}
    for name, path in beside.items():
        each = ((n, weights) for n, weights in enumerate(path, 1) if n in measured)
        curves[name] = [(n, float(rbm_log_likelihood(*weights, X).mean())) for n, weights in each]
    _likelihoods(panels(right, 1, 1)[0], curves, X)
    return figure


def _images(axes, rows, across, known=None, cmap="Greys", limit=None):
    """Images (N, side * side) beside and below each other; a frame round those that are not known."""
    side = round(rows.shape[1] ** 0.5)
    axes.set_axis_off()
    down = -(-len(rows) // across)
    axes.set(xlim=(-0.3, across * (side + 1) - 0.7), ylim=(down * (side + 1) - 0.7, -0.3), aspect="equal")
    low, high = (0, 1) if limit is None else (-limit, limit)
    for k, image in enumerate(rows):
        left, top = k % across * (side + 1), k // across * (side + 1)
        axes.imshow(
            image.reshape(side, side), cmap=cmap, vmin=low, vmax=high, extent=(left, left + side, top + side, top)
        )
        frame = {"edgecolor": MIDDLE, "linewidth": 0.8}
        if known is not None and not known[k]:
            frame = {"edgecolor": ORANGE, "linewidth": 3}
        axes.add_patch(Rectangle((left, top), side, side, fill=False, **frame))
    axes.set(xlim=(-0.3, across * (side + 1) - 0.7), ylim=(down * (side + 1) - 0.7, -0.3))


def _likelihoods(axes, curves, X):
    """The curves, with lines at the best likelihood that there is and at that of independent pixels."""
    drawn = {name: points for name, points in curves.items() if points}
    if not drawn:
        say(axes, "no likelihood was measured")
        return
    for (name, points), (colour, dashes) in zip(drawn.items(), LINES, strict=False):
        axes.plot(*np.transpose(points), dashes, color=colour, label=f"{name}: {written(points[-1][1])} at the end")
    p = X.mean(axis=0)
    alone = (X * np.log(p) + (1 - X) * np.log(1 - p)).sum(axis=1).mean()
    best = -np.log(len(X))
    place = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "fontsize": SMALL, "color": DARK}
    for name, level in {f"best, \N{MINUS SIGN}ln {len(X)}": best, "independent pixels": alone}.items():
        axes.axhline(level, color=MIDDLE, linewidth=1.5)
        axes.annotate(f"{name}: {written(level)}", (0.01, level), (0, 3), **place)
    last = max(points[-1][0] for points in drawn.values())
    if last >= 10:
        logarithmic(axes, "x", 1, last)
    axes.set_ylim(top=best + 0.3)
    axes.set(xlabel="epoch", ylabel="mean log-likelihood, exact")
    axes.legend(loc="upper left", frameon=False, bbox_to_anchor=(0, 0.93))


def written(number):
    """A number with two places and a proper minus sign."""
    return f"{number:.2f}".replace("-", "\N{MINUS SIGN}")
