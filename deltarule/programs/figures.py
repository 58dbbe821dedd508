"""The figures the scripts draw on request; the one module that imports matplotlib."""

import io
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from ..basics.arrays import on_cpu
from ..basics.files import write_whole


def cannot_draw(file):
    """Why no figure can be drawn for `file`, or shown in a window when that is empty; None when it can."""
    if not file:
        if plt.get_backend().lower() == "agg":
            return "there is no display for a window; name a file, as in --plot figure.png"
        return None
    known = plt.figure().canvas.get_supported_filetypes()
    plt.close()
    if Path(file).suffix[1:].lower() not in known:
        return f"{file!r} must end in one of {', '.join(f'.{kind}' for kind in sorted(known))}"
    return None


def show_or_save(figure, file):
    """Show a figure in a window, or write it to `file`, which appears whole or not at all."""
    if not file:
        plt.show()
        return
    content = io.BytesIO()
    figure.savefig(content, format=Path(file).suffix[1:].lower(), dpi=150)
    write_whole(file, content.getvalue())
    plt.close(figure)


def error_curves(title, curves):
    """Error against epoch, one line a curve, both axes logarithmic.

    Parameters
    ----------
    title : str
    curves : dict from str to list of (epoch, error)

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
    draw_curves(axes, title, curves)
    return figure


def draw_curves(axes, title, curves):
    """The curves of `error_curves` on given axes."""
    for label, points in curves.items():
        epochs, errors = zip(*points, strict=True)
        axes.plot(epochs, errors, label=label, marker="o" if len(points) < 5 else None)
    axes.set(title=title, xlabel="epoch", ylabel="error")
    if len(points) >= 5:
        axes.set(xscale="log", yscale="log")
    else:
        axes.set_xticks(epochs)
    if len(curves) > 1:
        axes.legend()


def features(x, W1, y1, y2, y3):
    """One image on its way through the convolutional network.

    Parameters
    ----------
    x : array, shape (rows, columns)
    W1 : array, shape (p, q, f)
    y1, y2, y3 : arrays, shape (r, c, f)
        The maps after convolution, ReLU and pooling.

    Returns
    -------
    matplotlib.figure.Figure
    """
    x, W1, y1, y2, y3 = map(on_cpu, (x, W1, y1, y2, y3))
    figure, panels = plt.subplots(1, 5, figsize=(15, 3.6), layout="constrained")
    stages = {
        "input": x[:, :, None],
        f"{W1.shape[2]} filters": W1,
        "convolution": y1,
        "convolution + ReLU": y2,
        "convolution + ReLU + pooling": y3,
    }
    for axes, (title, maps) in zip(panels, stages.items(), strict=True):
        axes.imshow(tiles(maps), cmap="gray")
        axes.set_title(title)
        axes.set_axis_off()
    return figure


def tiles(maps):
    """Maps (rows, columns, f) side by side, four or five to a row where there are more, with a gap between.

    Each map is scaled to its own range, from 0 to 1; gaps are 1.
    """
    rows, cols, f = maps.shape
    low, high = maps.min(axis=(0, 1)), maps.max(axis=(0, 1))
    scaled = (maps - low) / np.where(high > low, high - low, 1)
    across = int(np.ceil(np.sqrt(f)))
    down = -(-f // across)
    gap = 0 if f == 1 else 1
    sheet = np.ones((down * (rows + gap) + gap, across * (cols + gap) + gap))
    for k in range(f):
        top, left = gap + (k // across) * (rows + gap), gap + (k % across) * (cols + gap)
        sheet[top : top + rows, left : left + cols] = scaled[:, :, k]
    return sheet


def all_curves(curves):
    """The error curves of many scripts, one panel each.

    Parameters
    ----------
    curves : dict from str to dict
        By script, what `error_curves` takes.

    Returns
    -------
    matplotlib.figure.Figure
    """
    across = 4
    down = -(-len(curves) // across)
    figure, panels = plt.subplots(down, across, figsize=(4 * across, 3 * down), layout="constrained", squeeze=False)
    for axes in panels.flat[len(curves) :]:
        axes.set_axis_off()
    for axes, (title, lines) in zip(panels.flat, curves.items(), strict=False):
        draw_curves(axes, title, lines)
    return figure


def misclassified(images, digits, taken):
    """The images a network takes for another digit.

    Parameters
    ----------
    images : array, shape (n, rows, columns)
    digits, taken : array of int, shape (n,)
        What they are, and what they are taken for.

    Returns
    -------
    matplotlib.figure.Figure
    """
    across = 15
    down = max(1, -(-len(images) // across))
    figure, panels = plt.subplots(down, across, figsize=(across * 0.8, down * 1.0), layout="constrained", squeeze=False)
    for axes in panels.flat:
        axes.set_axis_off()
    for axes, image, digit, other in zip(panels.flat, images, digits, taken, strict=False):
        axes.imshow(image, cmap="gray_r")
        axes.set_title(f"{digit} \N{RIGHTWARDS ARROW} {other}", fontsize=8)
    return figure


def study(outcomes, marks, errors):
    """What a study found: the rates and the epochs to converge, and of the first settings the fan of error curves and
    where the failures ended.

    Parameters
    ----------
    outcomes : list of deltarule.study.Outcome
    marks : array, shape (m,)
        Epochs.
    errors : array, shape (starts, m)
        The errors of some starts of the first outcome after them.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, ((rates, epochs), (fan, ends)) = plt.subplots(2, 2, figsize=(12, 8.4), layout="constrained")
    _rates(rates, outcomes)
    first = _varied(outcomes[0].settings, outcomes)
    fan.loglog(marks, errors.T, color="tab:blue", alpha=min(1, 10 / len(errors)), linewidth=1)
    fan.set(title=f"error of {len(errors)} starts, {first}", xlabel="epoch", ylabel="mean squared error")
    took = {_varied(o.settings, outcomes): o.epochs[o.epochs > 0] for o in outcomes[:6]}
    every = np.concatenate(list(took.values()))
    bins = np.geomspace(every.min(), every.max() + 1, 40) if len(every) else ()
    for label, found in took.items():
        if len(found):
            epochs.hist(found, bins=bins, histtype="step", label=label)
    epochs.set(title="epochs to converge", xlabel="epoch", ylabel="starts", xscale="log")
    if epochs.has_data():
        epochs.legend()
    groups = outcomes[0].groups()[:8]
    names = [
        " ".join(f"{y:.1f}" for y in end) if len(end) <= 8 else f"end {k + 1}" for k, (end, _) in enumerate(groups)
    ]
    ends.barh(names[::-1], [count for _, count in groups][::-1])
    ends.set(title=f"outputs of those that failed, {first}", xlabel="starts")
    return figure


def _varied(settings, outcomes):
    """What tells these settings from the others, in words."""
    names = [name for name in ("hidden", "alpha", "scale") if len({getattr(o.settings, name) for o in outcomes}) > 1]
    return ", ".join(f"{name} {getattr(settings, name):g}" for name in names) or settings.routine


def _rates(axes, outcomes):
    """The rates with their intervals; as a heat map where learning rate and scale were both varied."""
    alphas, scales, hidden = (
        sorted({getattr(o.settings, n) or 0 for o in outcomes}) for n in ("alpha", "scale", "hidden")
    )
    values = [outcome.converged / len(outcome.starts) for outcome in outcomes]
    if len(alphas) > 1 and len(scales) > 1 and len(hidden) == 1:
        grid = np.full((len(scales), len(alphas)), np.nan)
        for outcome, value in zip(outcomes, values, strict=True):
            s = outcome.settings
            grid[scales.index(s.scale), alphas.index(s.alpha)] = value
        image = axes.imshow(grid, vmin=0, vmax=1, origin="lower", aspect="auto")
        axes.set(title="rate", xlabel="learning rate", ylabel="scale of the start")
        axes.set_xticks(range(len(alphas)), [f"{a:g}" for a in alphas])
        axes.set_yticks(range(len(scales)), [f"{s:g}" for s in scales])
        axes.figure.colorbar(image, ax=axes)
        return
    intervals = np.array([outcome.interval() for outcome in outcomes]).T
    off = abs(intervals - values)
    axes.errorbar(range(len(values)), values, yerr=off, fmt="o", capsize=4)
    axes.set_xticks(range(len(values)), [_varied(o.settings, outcomes) for o in outcomes])
    axes.set(title="rate, with its 95 % interval", ylim=(-0.02, 1.02), xlim=(-0.5, len(values) - 0.5))
