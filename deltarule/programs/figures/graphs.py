"""Computational graphs: nodes, and what flows along the edges, forwards and back."""

import numpy as np
from matplotlib.patches import Circle

from .style import DARK, LINES, MIDDLE, SMALL

BOX = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}  # behind text that stands on a line


def graph(axes, nodes, signs, edges, radius=0.27, letters=None):
    """Nodes at places, those with a sign in circles, and edges with what flows forwards and comes back.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    nodes : dict from str to tuple of float
        By name, the place.
    signs : dict from str to str
        What stands in the circles of those nodes that have one; the others are their names.
    edges : list of tuple
        From which node, to which, what flows forwards, and what comes back.
    radius : float
        Of the circles.
    letters : int, optional
        As how many a name counts that is a formula; as many as it has when None.
    """
    axes.set_axis_off()
    for name, other, *flows in edges:
        start, end = np.array(nodes[name], float), np.array(nodes[other], float)
        if name not in signs:
            start[0] += 0.075 * (letters or len(name))  # to the right of its text
        along = (end - start) / np.hypot(*(end - start))
        begin = start + (radius + 0.03 if name in signs else 0.1) * along
        stop = end - (radius + 0.03 if other in signs else 0.45 if letters is None else 0.2) * along
        axes.annotate("", stop, begin, arrowprops={"arrowstyle": "-|>", "color": MIDDLE, "linewidth": 1.6})
        for flow, colour, up in zip(flows, (DARK, LINES[1][0]), (1, -1), strict=True):
            where = {
                "ha": "center",
                "va": "bottom" if up > 0 else "top",
                "fontsize": SMALL,
                "color": colour,
                "bbox": BOX,
            }
            text = flow if isinstance(flow, str) else f"{flow:.6g}"
            axes.annotate(text, (begin + stop) / 2, (0, 3 * up), textcoords="offset points", **where)
    for name, place in nodes.items():
        if name in signs:
            axes.add_patch(Circle(place, radius, facecolor="white", edgecolor=DARK, linewidth=1.6))
        axes.text(*place, signs.get(name, name), ha="center", va="center", fontsize=SMALL + 4 * (name in signs))
    places = np.array(list(nodes.values()), float)
    (left, low), (right, high) = places.min(axis=0), places.max(axis=0)
    axes.set(xlim=(left - 0.8, right + 0.8), ylim=(low - 0.4, high + 0.4), aspect="equal")
