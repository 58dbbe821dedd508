"""A club that fell apart, as a graph: what was found of its members, and what they did."""

from matplotlib.lines import Line2D

from .curves import FEW, draw_curves
from .graphs import laid_out
from .style import DARK, LINES, SMALL, WIDE, lecture, logarithmic, panels, sheet

ORANGE, FAINT = LINES[1][0], "#b8b8b8"
SIDES = ("the instructor", "the administrator")
FILLS, SHAPES = (DARK, "#f6c09a"), ("o", "s")  # by the side that was found, and by the one that was chosen


@lecture
def divided(title, edges, found, chosen, curves, *, linear=False):
    """The members of a club and their friendships, those between the two sides drawn differently; and the errors.

    Colour tells the side that was found, shape the side that was chosen. The leaders are the first and the last member;
    those found on the wrong side have a frame.

    Parameters
    ----------
    title : str
    edges : array of int, shape (E, 2)
        The friendships, counted from 0.
    found, chosen : array of int, shape (N,)
        The side of each member, 0 or 1.
    curves : dict from str to list of (epoch, int)
        How many members were on the wrong side.
    linear : bool
        Whether the curve is drawn on linear axes.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = sheet(title, WIDE)
    left, right = figure.subfigures(1, 2, width_ratios=(2.4, 1))
    (axes,) = panels(left, 1, 1)
    places = laid_out(edges, len(chosen), 0, len(chosen) - 1)
    for a, b in edges:
        look = {"color": FAINT, "linewidth": 1}
        if found[a] != found[b]:
            look = {"color": ORANGE, "linewidth": 2.4, "linestyle": (0, (4, 2))}
        axes.plot(*places[[a, b]].T, zorder=1, **look)
    leaders = {0: SIDES[0], len(chosen) - 1: SIDES[1]}
    wrong = "".join(f"; {n + 1} went with {SIDES[chosen[n]]}" for n in range(len(chosen)) if found[n] != chosen[n])
    axes.set_title(", ".join(f"{n + 1} is {side}" for n, side in leaders.items()) + wrong)
    for n, place in enumerate(places):
        _member(axes, n, place, found[n], chosen[n], leads=n in leaders)
    axes.set_axis_off()
    axes.set_aspect("equal")
    axes.margins(0.06)
    left.legend(handles=_keys(found, edges), loc="outside lower center", ncols=2, frameon=False, fontsize=SMALL)
    (last,) = panels(right, 1, 1)
    draw_curves(last, curves, "members on the wrong side", linear=True, ticks=3)
    if last.axison and not linear and (epochs := last.get_xlim()[1]) >= FEW:  # 0 is a number of members, too
        logarithmic(last, "x", 1, epochs)
        last.set_xlim(1, epochs)
    return figure


def _member(axes, n, place, found, chosen, *, leads):
    """A member with its number: large where it leads, in a frame where what was found is not what it chose."""
    wrong = found != chosen
    look = {
        "color": FILLS[found],
        "markeredgecolor": ORANGE if wrong else "black",
        "markeredgewidth": 4 if wrong else 1,
    }
    axes.plot(*place, SHAPES[chosen], markersize=30 if leads else 20, zorder=2, **look)
    axes.text(*place, str(n + 1), ha="center", va="center", fontsize=SMALL + 3 * leads, zorder=3,
              color="white" if found == 0 else "black", weight="bold" if leads else "normal")  # fmt: skip


def _keys(found, edges):
    """What colours, shapes and lines mean."""
    plain = {"linestyle": "none", "markersize": 12, "markeredgecolor": "black"}
    keys = [Line2D([], [], marker="D", color=FILLS[k], label=f"found with {SIDES[k]}", **plain) for k in (0, 1)]
    keys += [Line2D([], [], marker=SHAPES[k], color="white", label=f"went with {SIDES[k]}", **plain) for k in (0, 1)]
    across = int((found[edges[:, 0]] != found[edges[:, 1]]).sum())
    cut = {"color": ORANGE, "linewidth": 2.4, "linestyle": (0, (4, 2))}
    keys.append(Line2D([], [], label=f"friendship between the sides found: {across}", **cut))
    keys.append(Line2D([], [], label="friendship", color=FAINT, linewidth=1))
    return keys
