"""How far weights are from others, and when they agree."""

import numpy as np

TOLERANCE = 1e-9  # of the largest change that the weights have gone through
ROUNDING = 64 * np.finfo(np.float64).eps  # of the largest weight, which no comparison counts


def deviation(mine, right, start):
    """How far one weight matrix is from another, relative to the largest change since the start.

    What rounding may do to the largest weight is not counted. Places where both are NaN, or the same infinity, agree;
    where one of them alone is not finite, the deviation is infinite.

    Parameters
    ----------
    mine, right, start : array
        Arrays of two shapes are infinitely far from each other.

    Returns
    -------
    float
    """
    mine, right = np.asarray(mine, dtype=np.float64), np.asarray(right, dtype=np.float64)
    if mine.shape != right.shape:  # of two mistakes that do not go together
        return float("inf")
    same = (mine == right) | (np.isnan(mine) & np.isnan(right))
    if same.all():
        return 0.0
    a, b = mine[~same], right[~same]
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return float("inf")
    finite = right[np.isfinite(right)]
    error = max(float(abs(a - b).max()) - ROUNDING * float(abs(finite).max()), 0.0)
    if error == 0:
        return 0.0
    changes = abs(right - start)[np.isfinite(right)]
    largest = float(changes.max())
    return error / largest if largest > 0 else float("inf")


def deviations(mine, right, start):
    """The `deviation` of each weight matrix, a list."""
    return [deviation(a, b, c) for a, b, c in zip(mine, right, start, strict=True)]


def agree(mine, right, start, tolerance=TOLERANCE):
    """Whether all weights agree; the last matrix is looked at first, which most mistakes change."""
    pairs = list(zip(mine, right, start, strict=True))
    return all(deviation(*three) <= tolerance for three in reversed(pairs))


def percent(value):
    """A relative difference in percent, of very small ones as it is.

    Examples
    --------
    >>> percent(0.0123), percent(1.449), percent(2e-7)
    ('1.2 %', '140 %', '2.0e-07')
    """
    return f"{float(f'{100 * value:.2g}'):g} %" if value >= 1e-4 else f"{value:.1e}"
