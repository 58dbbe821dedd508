"""A network of two inputs, drawn over their plane: where its output says 1, and what each hidden node says."""

import numpy as np
from matplotlib.lines import Line2D

from ...basics.arrays import on_cpu
from ...basics.functions import sigmoid
from .curves import draw_curves
from .style import FONT, SHADES, SMALL, WIDE, lecture, panels, sheet

SIDE = 121  # points of the plane along each input
FROM, TO = -0.3, 1.3


@lecture
def boundary(title, X, D, kept, forward, curves, *, measured="mean squared error", linear=False):
    """What the output is over the plane of the inputs, with its boundary at 0.5, after some epochs; and the error.

    Parameters
    ----------
    title : str
    X : array, shape (N, 3)
        Samples: two inputs, and 1.
    D : array, shape (N,)
        Their targets, 0 or 1.
    kept : dict from int to tuple of arrays
        By epoch, the weights after it; 0 for the start.
    forward : callable
        ``forward(*weights, X)`` gives the outputs, shape (N, 1).
    curves, measured, linear
        As `error_curves`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = sheet(title, WIDE)
    top, bottom = figure.subfigures(2, 1, height_ratios=(1.15, 1))
    _planes_over_training(top, X, D, kept, forward)
    _curve(bottom, curves, measured, linear, kept)
    return figure


@lecture
def boundary_and_nodes(title, X, D, kept, forward, curves, *, measured="mean squared error", linear=False):
    """As `boundary`, for a network with a hidden layer; and what each hidden node says over the plane at the end.

    In each node's panel are its outputs for the samples, as numbers; its title has the weight from the node to the
    output. Of more than eight nodes the first eight are drawn.

    Parameters and return value are those of `boundary`.
    """
    W1, W2 = (on_cpu(W) for W in kept[max(kept)])
    nodes = min(8, len(W1))
    down = -(-nodes // 4)
    figure = sheet(title, (WIDE[0], WIDE[1] * (1 + down) / 2))
    top, bottom = figure.subfigures(2, 1, height_ratios=(1, down))
    _planes_over_training(top, X, D, kept, forward)
    left, right = bottom.subfigures(1, 2, width_ratios=(4, 1.7))
    if nodes < len(W1):
        left.suptitle(f"the first {nodes} of {len(W1)} hidden nodes", fontsize=FONT)
    for k, panel in enumerate(panels(left, down, 4, nodes)):
        _plane(panel, sigmoid(W1[k] @ _points(W1).T), X, D)
        _values(panel, X, sigmoid(W1[k] @ on_cpu(X).T))
        form = "+.1f" if abs(W2[0, k]) < 1e5 else "+.0e"  # a panel is some fifteen letters wide
        weight = f"{W2[0, k]:{form}}".replace("-", "\N{MINUS SIGN}")
        panel.set_title(f"hidden node {k + 1},\nweight {weight}", fontsize=SMALL)
    _curve(right, curves, measured, linear, kept)
    return figure


def _planes_over_training(figure, X, D, kept, forward):
    """One panel for each of the epochs, with what dark and light mean beside them."""
    axes = panels(figure, 1, max(5, len(kept)), len(kept))
    for panel, (epoch, weights) in zip(axes, sorted(kept.items()), strict=True):
        weights = [on_cpu(W) for W in weights]
        image = _plane(panel, forward(*weights, _points(weights[0])), X, D)
        panel.set_title(f"after epoch {epoch:,}" if epoch else "start")
    axes[0].set(xlabel="$x_1$", ylabel="$x_2$")
    bar = figure.colorbar(image, ax=axes, ticks=(0, 0.5, 1), pad=0.01, shrink=0.7)
    bar.set_label("output")
    bar.ax.axhline(0.5, color="black", linewidth=2)
    keys = [Line2D([], [], label=f"target {d}", **_marker(d), linestyle="none") for d in (1, 0)]
    keys.append(Line2D([], [], color="black", label="output 0.5"))
    figure.legend(handles=keys, loc="outside lower center", ncols=3, frameon=False)


def _marker(d):
    """How a sample is drawn: full where its target is 1."""
    ink, edge = ("black", "white") if d > 0.5 else ("white", "black")
    return {"marker": "o", "markersize": 11, "color": ink, "markeredgecolor": edge, "markeredgewidth": 1.5}


def _points(W):
    """The points of the plane as samples, in the dtype of the weights; the first input changes fastest."""
    along = np.linspace(FROM, TO, SIDE)
    x2, x1 = np.meshgrid(along, along, indexing="ij")
    return np.stack([x1.ravel(), x2.ravel(), np.ones(SIDE * SIDE)], axis=1).astype(W.dtype)


def _plane(axes, y, X, D):
    """Outputs over the plane as shades, a line where they are 0.5, and the samples: full where the target is 1."""
    plane = np.asarray(y).reshape(SIDE, SIDE)
    extent = (FROM, TO, FROM, TO)
    image = axes.imshow(plane, vmin=0, vmax=1, cmap=SHADES, origin="lower", extent=extent)
    if plane.min() < 0.5 < plane.max():
        axes.contour(plane, levels=[0.5], colors="black", linewidths=2, extent=extent)
    for (x1, x2, *_), d in zip(on_cpu(X), on_cpu(D).ravel(), strict=True):
        axes.plot(x1, x2, **_marker(d))
    axes.set(xticks=(0, 1), yticks=(0, 1), xlim=(FROM, TO), ylim=(FROM, TO))
    for spine in axes.spines.values():
        spine.set_visible(False)
    return image


def _values(axes, X, y):
    """The outputs for the samples as numbers, each a little towards the middle of its sample."""
    box = {"facecolor": "white", "edgecolor": "none", "boxstyle": "round,pad=0.15"}
    for (x1, x2, *_), value in zip(on_cpu(X), y, strict=True):
        place = (x1 + 0.36 * (0.5 - x1), x2 + 0.44 * (0.5 - x2))
        axes.text(*place, f"{value:.2f}", ha="center", va="center", fontsize=SMALL - 1, bbox=box)


def _curve(figure, curves, measured, linear, kept):
    """The error, with lines at the epochs whose weights are drawn."""
    (axes,) = panels(figure, 1, 1)
    draw_curves(axes, curves, measured, linear=linear, ticks=3)
    for epoch in sorted(kept):
        if epoch and axes.axison:
            axes.axvline(epoch, color="black", linewidth=1, linestyle=(0, (1, 3)), zorder=0)
