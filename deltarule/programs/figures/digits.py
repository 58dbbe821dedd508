"""Images of digits: what a classifier makes of them, which it takes for others, and what its filters make of one."""

import numpy as np

from ...basics.arrays import on_cpu
from ...listings.labels import recognised
from .style import DARK, FONT, LIGHT, SHADES, SMALL, WIDE, lecture, on_shade, panels, say, sheet

BRIGHT = 99  # per cent of the values of maps that lie within their scale, so that a few do not leave the rest dark
CLASSES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 0)  # MATLAB's order


@lecture
def class_probabilities(title, X, D, y):
    """Images, each over bars of its class probabilities; the largest is dark, the right class is outlined.

    Parameters
    ----------
    title : str
    X : array, shape (N, rows, columns)
        1 is ink.
    D : array, shape (N, classes)
        One-hot targets.
    y : array, shape (N, classes)
        Class probabilities; the classes are 1, 2, ...

    Returns
    -------
    matplotlib.figure.Figure
    """
    X, D, y = map(on_cpu, (X, D, y))
    figure = sheet(title, (max(8, 2.5 * len(X)), 6))
    axes = panels(figure, 2, len(X))
    for k, (image, bars) in enumerate(zip(axes[: len(X)], axes[len(X) :], strict=True)):
        right, taken = int(D[k].argmax()) + 1, int(y[k].argmax()) + 1
        _pixels(image, X[k])
        image.set_title(f"a {right}, recognised" if taken == right else f"a {right}, taken for a {taken}")
        draw_bars(bars, y[k], range(1, y.shape[1] + 1), right)
    axes[len(X)].set_ylabel("class probability, %")
    figure.supxlabel("dark: the largest; outlined: the right class", fontsize=FONT)
    return figure


def draw_bars(axes, y, classes, right):
    """Class probabilities as bars with their per cent: the largest dark, the right class outlined."""
    x = range(len(y))
    colours = [DARK if k == y.argmax() else LIGHT for k in x]
    edges = [2.5 if digit == right else 0 for digit in classes]
    bars = axes.bar(x, y, color=colours, edgecolor="black", linewidth=edges)
    for bar, share in zip(bars, y, strict=True):
        if share >= 0.01:
            axes.text(
                bar.get_x() + bar.get_width() / 2, share + 0.02, f"{100 * share:.0f}", ha="center", fontsize=SMALL - 1
            )
    axes.set(ylim=(0, 1.12), xlabel="class")
    axes.set_yticks((0, 0.5, 1), ("0", "50", "100"))
    axes.set_xticks(x, [str(digit) for digit in classes])


def _pixels(axes, image):
    """An image with dark ink, and a frame."""
    axes.imshow(image, cmap="gray_r", vmin=0, vmax=1)
    axes.set(xticks=(), yticks=())
    for spine in axes.spines.values():
        spine.set(visible=True, color=LIGHT)


@lecture
def recognition(title, X, D, y, shown=40):
    """What a network makes of test digits: the confusion matrix, and beside it the first that it does not recognise.

    Parameters
    ----------
    title : str
    X : array, shape (N, rows, columns)
    D : array of int, shape (N,)
        The digits.
    y : array, shape (N, 10)
        Class probabilities in MATLAB's order 1, 2, ..., 9, 0.
    shown : int
        How many of the misclassified to draw.

    Returns
    -------
    matplotlib.figure.Figure
    """
    X, D, y = map(on_cpu, (X, D, y))
    digits = recognised(y)
    figure = sheet(title, WIDE)
    left, right = figure.subfigures(1, 2)
    _draw_confusion(left, D, digits)
    wrong = np.flatnonzero(digits != D)
    _draw_misclassified(right, X[wrong], D[wrong], digits[wrong], shown)
    return figure


@lecture
def confusion(title, D, digits):
    """How many images of each digit are taken for which.

    Parameters
    ----------
    title : str
    D, digits : arrays of int, shape (N,)
        What they are, and what they are taken for.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = sheet(title, (7.2, 6.8))
    _draw_confusion(figure, np.asarray(D), np.asarray(digits))
    return figure


@lecture
def misclassified(title, images, digits, taken, shown=60):
    """The images that a network takes for another digit, the first `shown` of them.

    Parameters
    ----------
    title : str
    images : array, shape (n, rows, columns)
    digits, taken : array of int, shape (n,)
        What they are, and what they are taken for.
    shown : int

    Returns
    -------
    matplotlib.figure.Figure
    """
    rows = -(-min(shown, len(images)) // 12)
    figure = sheet(title, (WIDE[0], max(3, 1 + 1.3 * rows)))
    (below,) = figure.subfigures(1, 1, squeeze=False).flat
    _draw_misclassified(below, images, digits, taken, shown, across=12)
    return figure


def _draw_confusion(figure, D, digits):
    counts = np.zeros((10, 10), dtype=int)
    np.add.at(counts, (D, digits), 1)
    largest = max(1, counts[~np.eye(10, dtype=bool)].max())  # so that the few mistakes can be told from none
    (axes,) = panels(figure, 1, 1)
    axes.imshow(np.minimum(counts, 2 * largest), cmap=SHADES, vmin=0, vmax=2 * largest)
    for (digit, taken), count in np.ndenumerate(counts):
        if count:
            shade = min(1, count / (2 * largest))
            axes.text(taken, digit, count, ha="center", va="center", color=on_shade(shade), fontsize=SMALL)
    right = int(np.trace(counts))
    axes.set(xticks=range(10), yticks=range(10), xlabel="taken for", ylabel="digit")
    axes.set_title(f"{right:,} of {len(D):,} recognised ({right / max(1, len(D)):.1%})")
    axes.spines[:].set_visible(False)


def _draw_misclassified(figure, images, digits, taken, shown, across=8):
    drawn = min(shown, len(images))
    what = "all" if drawn == len(images) else f"the first {drawn} of"
    if not drawn:
        say(panels(figure, 1, 1)[0], "every digit is recognised")
        return
    figure.suptitle(f"{what} {len(images)} misclassified: digit \N{RIGHTWARDS ARROW} taken for", fontsize=FONT)
    axes = panels(figure, -(-drawn // across), across, drawn)
    for panel, image, digit, other in zip(axes, images, digits, taken, strict=False):
        _pixels(panel, image)
        panel.set_title(f"{digit} \N{RIGHTWARDS ARROW} {other}", pad=2)


@lecture
def features(title, x, W1, y1, y2, y3, y=None):
    """One image on its way through the convolutional network, with the filters and what each map makes of it.

    The panels are of one size, filters and maps are numbered alike, and each panel has one scale of greys for all that
    is in it.

    Parameters
    ----------
    title : str
    x : array, shape (rows, columns)
    W1 : array, shape (p, q, f)
    y1, y2, y3 : arrays, shape (r, c, f)
        The maps after convolution, ReLU and pooling.
    y : array, shape (10,), optional
        The class probabilities in the end, in MATLAB's order 1, 2, ..., 9, 0.

    Returns
    -------
    matplotlib.figure.Figure
    """
    x, W1, y1, y2, y3 = map(on_cpu, (x, W1, y1, y2, y3))
    figure = sheet(title, WIDE)
    axes = panels(figure, 2, 3, 5 if y is None else 6)
    stages = {
        f"image, {x.shape[0]} × {x.shape[1]}": x[:, :, None],
        f"{W1.shape[2]} filters, {W1.shape[0]} × {W1.shape[1]}": W1,
        f"convolution, {y1.shape[0]} × {y1.shape[1]}": y1,
        f"ReLU, {y2.shape[0]} × {y2.shape[1]}": y2,
        f"mean pooling, {y3.shape[0]} × {y3.shape[1]}": y3,
    }
    for panel, (name, maps) in zip(axes, stages.items(), strict=False):
        draw_maps(panel, maps)
        panel.set_title(name)
    if y is not None:
        draw_bars(axes[5], on_cpu(y), CLASSES, None)
        axes[5].set(title="class probabilities, %", box_aspect=1)
    return figure


def draw_maps(axes, maps):
    """Maps (rows, columns, f) side by side with their numbers, in one scale of greys that is drawn beside them."""
    sheet_of, corners = tiles(maps)
    within = BRIGHT if maps.shape[2] > 1 else 100
    largest = float(np.percentile(abs(maps), within)) or float(abs(maps).max()) or 1.0
    low = -largest if maps.min() < 0 else 0.0  # the middle grey is 0 where there are values on both sides of it
    image = axes.imshow(sheet_of, cmap="gray", vmin=low, vmax=largest, aspect="auto")
    for k, (top, left) in enumerate(corners if maps.shape[2] > 1 else ()):
        axes.text(left, top - 1, str(k + 1), fontsize=SMALL - 2, ha="left", va="bottom")
    axes.set_axis_off()
    axes.set_box_aspect(1)
    beyond = "neither" if abs(maps).max() <= largest else "both" if low < 0 else "max"
    bar = axes.figure.colorbar(image, ax=axes, shrink=0.9, pad=0.02, extend=beyond)
    bar.ax.tick_params(labelsize=SMALL)


def tiles(maps):
    """Maps (rows, columns, f) on one sheet, about as many across as down, and the corners (top, left) of each.

    Between them, and above each for its number, the sheet is NaN.
    """
    rows, cols, f = maps.shape
    across = int(np.ceil(np.sqrt(f)))
    down = -(-f // across)
    gap, strip = (0, 0) if f == 1 else (max(1, cols // 10), max(2, round(0.35 * rows)))
    sheet_of = np.full((down * (rows + strip), across * (cols + gap) - gap), np.nan)
    corners = [(k // across * (rows + strip) + strip, k % across * (cols + gap)) for k in range(f)]
    for k, (top, left) in enumerate(corners):
        sheet_of[top : top + rows, left : left + cols] = maps[:, :, k]
    return sheet_of, corners
