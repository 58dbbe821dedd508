"""By which factor a change is wrong: one number, or one for each row or column, and which quantity it is."""

import numpy as np

STEADY = 1e-6  # to which a ratio is one number
SMALL = 1e-9  # of the largest change: a place where it is less tells no ratio
FORMS = {
    "{}": lambda q: q,
    "1 - {}": lambda q: 1 - q,
    "1 + {}": lambda q: 1 + q,
    "{}^2": lambda q: q * q,
    "1/{}": lambda q: 1 / q,
    "1/(1 - {})": lambda q: 1 / (1 - q),
    "{}*(1 - {})": lambda q: q * (1 - q),
    "1/({}*(1 - {}))": lambda q: 1 / (q * (1 - q)),
    "-{}": lambda q: -q,
}
"""Factors that a quantity makes."""
PLACES = {0: "in each row", 1: "in each column"}


def factor(updates, weight):
    """How the changes of a weight in some updates compare with what they should be, as the rest of a sentence.

    Parameters
    ----------
    updates : list of Update
        All are wrong in this weight; the first one is told of, and what they have in common.
    weight : str
    """
    mine, right = updates[0].changes[weight], updates[0].right[weight]
    if not np.isfinite(mine).all():
        return f"is not finite at {int((~np.isfinite(mine)).sum())} of {mine.size} places"
    if not any(u.changes[weight].any() for u in updates):
        return "is 0: it is not changed at all"
    for axis in (None, 0, 1):
        ratios = [ratio(u.changes[weight], u.right[weight], axis) for u in updates]
        if all(r is not None for r in ratios):
            return _text(ratios, axis, named(ratios, updates))
    off = int((abs(mine - right) > SMALL * abs(right).max()).sum())
    return f"is wrong at {off} of {mine.size} places, by no constant factor"


def ratio(mine, right, axis):
    """The factor between two changes along one axis of a matrix, or of all of it for None; None if there is none.

    It is NaN in a row or column that should not change.
    """
    if (axis is not None and (mine.ndim != 2 or min(mine.shape) < 2)) or not np.isfinite(mine).all():
        return None
    there = abs(right) > SMALL * abs(right).max()
    if abs(mine[~there]).max(initial=0) > SMALL * max(abs(mine).max(), abs(right).max()):
        return None  # it changes what should not change
    ratios = np.where(there, mine / np.where(there, right, 1), np.nan)
    lines = [ratios.ravel()] if axis is None else list(ratios if axis == 0 else ratios.T)
    return _of_lines([line[~np.isnan(line)] for line in lines])


def _of_lines(lines):
    """The one number of each line; None if a line has several."""
    found = np.full(len(lines), np.nan)
    for k, line in enumerate(lines):
        if line.size and np.ptp(line) > STEADY * abs(line).max():
            return None
        if line.size:
            found[k] = line.mean()
    return found


def named(ratios, updates):
    """The quantities whose value the factors are in all updates, as the page writes them; at most two."""
    found = []
    for name in updates[0].known:
        values = [u.known[name] for u in updates]
        if name.startswith(("new_", "last_", "d")) or not all(map(_is_number, values, ratios)):
            continue
        for text, form in FORMS.items():
            if _same(ratios, values, form):
                found.append(text.replace("{}", name))
    return found[:2]


def _is_number(value, ratios):
    """Whether a quantity has a number for each factor."""
    return isinstance(value, int | float | np.ndarray) and np.size(value) == len(ratios)


def _same(ratios, values, form):
    """Whether all factors are what a quantity makes."""
    for r, value in zip(ratios, values, strict=True):
        there = ~np.isnan(r)
        with np.errstate(all="ignore"):
            q = form(np.asarray(value, dtype=np.float64).ravel())[there]
        if not (abs(q - r[there]) <= STEADY * abs(r[there])).all():
            return False
    return True


def _text(ratios, axis, names):
    """The factors in words."""
    every = np.concatenate(ratios)
    every = every[~np.isnan(every)]
    what = f": {' or '.join(names)}" if names else ""
    if np.ptp(every) <= STEADY * abs(every).max():
        others = ", and so in every other update" if len(ratios) > 1 else ""
        return f"is {every.mean():.6g} times what it should be, at every place{others}"
    if axis is None:
        return (
            f"is {ratios[0][0]:.6g} times what it should be, at every place, and from {every.min():.4g} to "
            f"{every.max():.4g} times in other updates{what}"
        )
    return f"is wrong by a factor of its own {PLACES[axis]}{what}"
