"""What can be read in a figure, and whether it can be: nothing cut off, nothing over another, no type too small."""

import itertools
import warnings

import numpy as np
from matplotlib.text import Text


def axes_of(figure):
    """The axes of a figure, without the scales beside images."""
    return [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]


def titles(figure):
    """The titles of the panels."""
    return [axes.get_title() for axes in axes_of(figure)]


def texts(artist):
    """All that can be read in a figure, or in a part of it."""
    return [text.get_text() for text in artist.findobj(Text) if text.get_visible() and text.get_text()]


def labels_of(axis):
    """The labels of the ticks within the limits of an axis, which are those that are drawn."""
    low, high = sorted(axis.get_view_interval())
    along = 0 if axis.axis_name == "x" else 1
    return [label for label in axis.get_ticklabels() if low <= label.get_position()[along] <= high]


def ticks(axis):
    """The numbers at an axis."""
    return [label.get_text() for label in labels_of(axis)]


def type_in(figure):
    """All type that is drawn in a figure."""
    axes = [axes for axes in figure.axes if axes.axison]
    at_ticks = {label for a in figure.axes for axis in (a.xaxis, a.yaxis) for label in axis.get_ticklabels()}
    at_ticks |= {label for a in figure.axes for axis in (a.xaxis, a.yaxis) for label in axis.get_ticklabels(minor=True)}
    drawn = {label for a in axes for axis in (a.xaxis, a.yaxis) for label in labels_of(axis)}
    drawn |= {text for text in figure.findobj(Text) if text.get_visible()} - at_ticks
    return [text for text in drawn if text.get_text().strip()]


def corners(text):
    """The corners of a piece of type in pixels, one after the other round it: (4, 2). The figure has been drawn."""
    turned = text.get_rotation_mode() == "anchor"
    angle = np.radians(text.get_rotation()) if turned else 0
    if turned:
        text.set_rotation(0)
    box = text.get_window_extent()
    plain = np.array([(box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1)])
    if turned:
        text.set_rotation(np.degrees(angle))
    anchor = text.get_transform().transform(text.get_unitless_position())
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return (plain - anchor) @ turn + anchor if turned else plain


def overlap(first, second):
    """By how many pixels one of two convex shapes, given by their corners, would have to move to leave the other.

    Below 0 where they do not touch: two such shapes lie apart along a direction at a right angle to one of their sides.
    """
    sides = np.concatenate([shape - np.roll(shape, 1, axis=0) for shape in (first, second)])
    sides = sides[np.hypot(*sides.T) > 0]
    across = np.stack([-sides[:, 1], sides[:, 0]]) / np.hypot(*sides.T)
    a, b = first @ across, second @ across
    return float((np.minimum(a.max(axis=0), b.max(axis=0)) - np.maximum(a.min(axis=0), b.min(axis=0))).min())


def arrows(figure):
    """The arrows of a figure that has been drawn: the ends of each in pixels, (2, 2)."""
    found = [text for text in figure.findobj(Text) if getattr(text, "arrow_patch", None) is not None]
    return [
        np.array([arrow.arrow_patch.get_path().vertices[0], arrow.arrow_patch.get_path().vertices[2]])
        for arrow in found
    ]


def assert_readable(figure):
    """Draw it: no warning, nothing is cut off, no two pieces of type overlap, and none is small."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.canvas.draw()
    found = type_in(figure)
    width, height = figure.get_size_inches() * figure.dpi
    shapes = [(text.get_text(), corners(text)) for text in found]
    for text, shape in shapes:
        inside = (shape >= -1).all() and (shape <= (width + 1, height + 1)).all()
        assert inside, f"{text!r} is cut off: {shape.tolist()} of {width} x {height}"
    for (a, first), (b, second) in itertools.combinations(shapes, 2):
        assert overlap(first, second) < 2, f"{a!r} overlaps {b!r} by {overlap(first, second)} pixels"
    for (text, shape), arrow in itertools.product(shapes, arrows(figure)):
        assert overlap(shape, arrow) < 0, f"{text!r} touches an arrow"
    assert min(text.get_fontsize() for text in figure.findobj(Text)) >= 9
