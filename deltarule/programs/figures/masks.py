"""Masks of images beside the ink they should find: what is missed, and what is taken for ink and is none."""

import numpy as np

from ...basics.arrays import on_cpu
from .curves import draw_curves
from .style import DARK, LIGHT, LINES, WIDE, lecture, panels, sheet

MISSED, FALSE = LINES[1][0], "#56b4e9"  # orange and light blue, which differ in grey print and to the colour-blind


@lecture
def masks(title, images, ink, found, curves, measured="error", *, shown=5):
    """Images, and over each mask that was found of them the pixels that are right, missed and false.

    Parameters
    ----------
    title : str
    images : array, shape (N, H, W)
        As the network sees them.
    ink : array, shape (N, H, W)
        The masks as they should be, 0 or 1.
    found : dict from str to array of bool
        By name, the masks that were found.
    curves, measured
        As `error_curves`.
    shown : int
        How many of the images to draw, the first ones.

    Returns
    -------
    matplotlib.figure.Figure
    """
    images, ink, found = on_cpu(images), on_cpu(ink) == 1, {name: on_cpu(a) for name, a in found.items()}
    shown = min(shown, len(images))
    figure = sheet(title, WIDE)
    left, right = figure.subfigures(1, 2, width_ratios=(1.7, 1))
    axes = panels(left, 1 + len(found), shown)
    for panel, image in zip(axes, images, strict=False):
        panel.imshow(image, cmap="gray_r", vmin=-0.5, vmax=1.5)
    for row, masks_found in enumerate(found.values(), start=1):
        for k in range(shown):
            axes[row * shown + k].imshow(coloured(ink[k], masks_found[k]))
    for panel in axes:
        panel.set(xticks=(), yticks=())
        for spine in panel.spines.values():
            spine.set(visible=True, color=LIGHT)
    for row, name in enumerate(("what is seen", *found)):
        axes[row * shown].set_ylabel(name)
    below, above = right.subfigures(2, 1, height_ratios=(4, 1))
    draw_curves(panels(below, 1, 1)[0], curves, measured)
    _legend(above)
    return figure


def coloured(ink, found):
    """A mask as an image (H, W, 3): ink that was found dark, ink that was missed orange, what is no ink light blue."""
    pixels = np.ones((*ink.shape, 3))
    for where, colour in ((ink & found, DARK), (ink & ~found, MISSED), (~ink & found, FALSE)):
        pixels[where] = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return pixels


def _legend(figure):
    """What the colours say."""
    (axes,) = panels(figure, 1, 1)
    axes.set_axis_off()
    for colour, label in ((DARK, "ink that is found"), (MISSED, "ink that is missed"), (FALSE, "taken for ink")):
        axes.scatter([], [], marker="s", s=120, color=colour, label=label)
    axes.legend(loc="center", frameon=False)
