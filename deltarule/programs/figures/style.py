"""How the figures look: type that can be read from the last row, and colours whose order survives grey print."""

import re
import textwrap

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogFormatterSciNotation, LogLocator, NullFormatter

FONT = 13  # points, in figures of 8 to 13 inches
SMALL = 11  # for ticks, and where there are many panels
WIDE = (12.8, 7.2)  # inches, the shape of a slide
DARK, MIDDLE, LIGHT = "#08306b", "#6f6f6f", "#c9d3df"
LINES = ((DARK, "-"), ("#d95f02", "--"), ("#3a9d7a", ":"), ("#8c6bb1", "-."))
SHADES = "Blues"  # from light to dark, in grey print as well

lecture = matplotlib.rc_context(
    {
        "font.size": FONT,
        "axes.titlesize": FONT,
        "axes.labelsize": FONT,
        "figure.titlesize": FONT + 1,
        "legend.fontsize": FONT - 1,
        "lines.linewidth": 2.2,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
)
"""A decorator of functions that draw; the settings of matplotlib are as before when the function returns."""


def sheet(title, size):
    """An empty figure of `size` inches with a title, which is broken into lines where it is too long.

    No window and no state of `matplotlib.pyplot` belongs to it.
    """
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.08)
    if title:
        figure.suptitle(broken(title, size[0]))
    return figure


def broken(title, inches):
    """A title in lines that fit the width of a figure; what stands in parentheses stays together."""
    letters = int(inches * 72 / (0.56 * (FONT + 1)))  # a letter is about 0.56 as wide as it is high
    whole = re.sub(r"\([^()]*\)", lambda found: found[0].replace(" ", "\0"), title)
    return "\n".join(textwrap.fill(line, letters) for line in whole.splitlines()).replace("\0", " ")


def panels(figure, rows, columns, count=None, **options):
    """The axes of a grid in rows, a flat list of `count`; what is left of the grid is taken away."""
    axes = list(figure.subplots(rows, columns, squeeze=False, **options).flat)
    for panel in axes:
        panel.tick_params(labelsize=SMALL)
    for panel in axes[count:] if count is not None else ():
        panel.remove()
    return axes[:count]


def logarithmic(axes, along, low, high):
    """Make the axis ``"x"`` or ``"y"`` logarithmic, with plain numbers at its ticks where none is below 0.0001."""
    axes.set(**{f"{along}scale": "log"})
    axis = getattr(axes, f"{along}axis")
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 200 * low else (1,)))
    axis.set_major_formatter(FuncFormatter(plain) if low >= 1e-4 else LogFormatterSciNotation())
    axis.set_minor_formatter(NullFormatter())


def plain(number, _=None):
    """A number as it is written by hand: 0.001, 0.25, 10,000; with an exponent where that would be too long."""
    return f"{number:,.0f}" if 1 <= number < 1e15 else f"{number:g}"


def say(axes, text):
    """An empty panel that says why it is empty."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes)


def on_shade(shade):
    """The colour of type that can be read on a shade from 0, light, to 1, dark."""
    return "white" if shade > 0.55 else "black"
