"""What can be read in a figure, and whether it can be: nothing cut off, nothing over another, no type too small."""

import itertools
import warnings

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
    """All type that is drawn in a figure, with its place in pixels."""
    axes = [axes for axes in figure.axes if axes.axison]
    at_ticks = {label for a in figure.axes for axis in (a.xaxis, a.yaxis) for label in axis.get_ticklabels()}
    at_ticks |= {label for a in figure.axes for axis in (a.xaxis, a.yaxis) for label in axis.get_ticklabels(minor=True)}
    drawn = {label for a in axes for axis in (a.xaxis, a.yaxis) for label in labels_of(axis)}
    drawn |= {text for text in figure.findobj(Text) if text.get_visible()} - at_ticks
    return [(text.get_text(), text.get_window_extent()) for text in drawn if text.get_text().strip()]


def assert_readable(figure):
    """Draw it: no warning, nothing is cut off, no two pieces of type overlap, and none is small."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.canvas.draw()
    found = type_in(figure)
    width, height = figure.get_size_inches() * figure.dpi
    for text, box in found:
        inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1
        assert inside, f"{text!r} is cut off: {box} of {width} x {height}"
    for (a, first), (b, second) in itertools.combinations(found, 2):
        overlap = (
            min(first.x1, second.x1) - max(first.x0, second.x0),
            min(first.y1, second.y1) - max(first.y0, second.y0),
        )
        assert min(overlap) < 2, f"{a!r} overlaps {b!r} by {overlap} pixels"
    assert min(text.get_fontsize() for text in figure.findobj(Text)) >= 9
