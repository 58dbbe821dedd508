"""Computational graphs: nodes, and what flows along the edges, forwards and back."""

import numpy as np
from matplotlib.patches import Circle

from .style import DARK, LINES, MIDDLE, SMALL


def graph(axes, nodes, signs, edges, radius=0.27):
    """Nodes at places, those with a sign in circles, and edges with what flows forwards and comes back.

    The numbers lie along their edge, what flows forwards above it and what comes back below it.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    nodes : dict from str to tuple of float
        By name, the place.
    signs : dict from str to str
        What stands in the circles of those nodes that have one. The others are their names, which end at the place
        where edges begin there, and else begin at it.
    edges : list of tuple
        From which node, to which, what flows forwards, and what comes back.
    radius : float
        Of the circles.
    """
    axes.set_axis_off()
    for name, other, *flows in edges:
        start, end = np.array(nodes[name], float), np.array(nodes[other], float)
        along = (end - start) / np.hypot(*(end - start))
        begin = start + (radius + 0.03 if name in signs else 0.1) * along
        stop = end - (radius + 0.03 if other in signs else 0.1) * along
        axes.annotate("", stop, begin, arrowprops={"arrowstyle": "-|>", "color": MIDDLE, "linewidth": 1.6})
        _flows(axes, (begin + stop) / 2, along, *flows)
    sources = {name for name, *_ in edges}
    for name, place in nodes.items():
        if name in signs:
            axes.add_patch(Circle(place, radius, facecolor="white", edgecolor=DARK, linewidth=1.6))
            axes.text(*place, signs[name], ha="center", va="center", fontsize=SMALL + 4)
        else:
            axes.text(*place, name, ha="right" if name in sources else "left", va="center", fontsize=SMALL)
    places = np.array(list(nodes.values()), float)
    (left, low), (right, high) = places.min(axis=0), places.max(axis=0)
    axes.set(xlim=(left, right), ylim=(low - 0.4, high + 0.4), aspect="equal")


def _flows(axes, middle, along, forwards, back):
    """The two numbers of an edge, on either side of its middle."""
    for flow, colour, side in ((forwards, DARK, 1), (back, LINES[1][0], -1)):
        axes.annotate(
            flow if isinstance(flow, str) else f"{flow:.6g}",
            middle,
            4 * side * np.array([-along[1], along[0]]),  # points, at a right angle to the edge
            textcoords="offset points",
            rotation=np.degrees(np.arctan2(along[1], along[0])),
            rotation_mode="anchor",
            ha="center",
            va="bottom" if side > 0 else "top",
            fontsize=SMALL,
            color=colour,
        )


def say_which_is_which(axes, place, back):
    """Words in the two colours, which end at a place: what flows forwards, and below it what comes back."""
    axes.text(*place, "values, forwards", color=DARK, ha="right", va="bottom")
    axes.text(*place, back, color=LINES[1][0], ha="right", va="top")


def distances(edges, nodes):
    """How many edges the shortest way from each node to each other has, inf where there is none: (nodes, nodes)."""
    far = np.full((nodes, nodes), np.inf)
    np.fill_diagonal(far, 0)
    far[edges[:, 0], edges[:, 1]] = far[edges[:, 1], edges[:, 0]] = 1
    for k in range(nodes):
        far = np.minimum(far, far[:, k : k + 1] + far[k : k + 1])
    return far


def laid_out(edges, nodes, left, right, steps=300):
    """Places for the nodes of a graph, about as far apart as the graph has edges between them, and none on an edge.

    The nodes begin on a circle in their order, and each goes on to the mean of where the others would have it
    (majorisation of the stress, Gansner, Koren and North 2005); then those that are too close to another or to an edge
    are pushed away. Nothing is drawn at random: the same graph has the same picture.

    Parameters
    ----------
    edges : array of int, shape (E, 2)
    nodes : int
        All within reach of each other.
    left, right : int
        Two nodes of which the picture is turned to have one on either side.
    steps : int
        Of each of the two.

    Returns
    -------
    array, shape (nodes, 2)
    """
    far = distances(edges, nodes)
    weights = np.divide(1, far * far, out=np.zeros_like(far), where=far > 0)
    angle = 2 * np.pi * np.arange(nodes) / nodes
    places = far.max() / 2 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    for _ in range(steps):
        apart = places[:, None] - places
        wanted = places + _scaled(apart, far)
        places = (weights[..., None] * wanted).sum(axis=1) / weights.sum(axis=1, keepdims=True)
    for _ in range(steps):
        places = places + 0.3 * _pushes(places, edges)
    across, up = places[right] - places[left]
    turn = np.array([[across, -up], [up, across]]) / np.hypot(across, up)
    return (places - places.mean(axis=0)) @ turn


def _scaled(arrows, lengths):
    """Arrows in their directions with other lengths; those of no length stay so."""
    long = np.hypot(arrows[..., 0], arrows[..., 1])
    return np.divide(lengths, long, out=np.zeros_like(long), where=long > 0)[..., None] * arrows


def _pushes(places, edges, from_node=0.6, from_edge=0.3):
    """Where each node is pushed: away from nodes and from edges of others that are nearer than they should be."""
    apart = places[:, None] - places
    near = np.maximum(0, from_node - np.hypot(*apart.T))
    begin, along = places[edges[:, 0]], places[edges[:, 1]] - places[edges[:, 0]]
    share = ((places[:, None] - begin) * along).sum(axis=-1) / (along * along).sum(axis=-1)
    away = places[:, None] - begin - np.clip(share, 0, 1)[..., None] * along  # from the nearest point of each edge
    own = (np.arange(len(places))[:, None, None] == edges).any(axis=-1)
    beside = np.where(own, 0, np.maximum(0, from_edge - np.hypot(away[..., 0], away[..., 1])))
    return _scaled(apart, near).sum(axis=1) / 2 + _scaled(away, beside).sum(axis=1)
