"""By which factor a change is wrong: one number, or one for each row or column, and which quantity it is."""

import numpy as np

STEADY = 1e-6  # to which two factors are one number
TELLS = 1e-5  # of the largest change: a row or column with less tells no factor
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


def factor(updates, weight, tolerance):
    """How the changes of a weight in some updates compare with what they should be, as the rest of a sentence.

    Parameters
    ----------
    updates : list of Update
        All are wrong in this weight; the first one is told of, and what they have in common.
    weight : str
    tolerance : float
        Of the largest change, which does not count.
    """
    mine, right = updates[0].changes[weight], updates[0].right[weight]
    if not np.isfinite(mine).all():
        return f"is not finite at {int((~np.isfinite(mine)).sum())} of {mine.size} places"
    if not any(u.changes[weight].any() for u in updates):
        return "is 0: it is not changed at all"
    for axis in (None, 0, 1):
        ratios = [ratio(u.changes[weight], u.right[weight], axis, tolerance) for u in updates]
        names = named(ratios, updates) if all(r is not None for r in ratios) else []
        if all(r is not None for r in ratios) and (axis is None or mine.shape[1 - axis] > 1 or names):
            return _text(ratios, axis, names)
    off = int((abs(mine - right) > tolerance * abs(right).max()).sum())
    return f"is wrong at {off} of {mine.size} places, by no constant factor"


def ratio(mine, right, axis, tolerance):
    """The factor between two changes along one axis of a matrix, or of all of it for None; None if there is none.

    It is NaN in a row or column that changes too little to tell.
    """
    if (axis is not None and mine.ndim != 2) or not np.isfinite(mine).all():
        return None
    lines = [(mine.ravel(), right.ravel())]
    if axis is not None:
        lines = zip(mine, right, strict=True) if axis == 0 else zip(mine.T, right.T, strict=True)
    bound, least = tolerance * max(abs(mine).max(), abs(right).max()), TELLS * abs(right).max()
    found = [_of_line(a, b, bound, least) for a, b in lines]
    return None if None in found else np.array(found)


def _of_line(mine, right, bound, least):
    """The factor of one line, by its largest element; None if it is not that of all others."""
    k = abs(right).argmax()
    factor = mine[k] / right[k] if abs(right[k]) > bound else 0.0
    if abs(mine - factor * right).max() > bound:
        return None
    return float(factor) if abs(right[k]) > least else np.nan


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
