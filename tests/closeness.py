"""Assertions about numbers: each states its bound in full, and names the place of the worst number when it fails.

What is not finite, on either side, is worse than any number; shapes must be equal, but that one number stands for all.
"""

import numpy as np


def assert_within(found, expected, *, absolute, relative):
    """Fails unless every |found - expected| is at most absolute + relative * |expected|."""
    found, expected = _arrays(found, expected)
    with np.errstate(invalid="ignore", over="ignore"):
        off = abs(found - expected)
        excess = off - (absolute + relative * abs(expected))
    _assert_none(excess > 0, excess, found, expected, f"by {{}}: more than {absolute} + {relative} * |expected|", off)


def assert_ulps(found, expected, ulps):
    """Fails unless every number found is at most so many units in the last place of the expected one away from it."""
    found, expected = _arrays(found, expected)
    with np.errstate(invalid="ignore", over="ignore"):
        off = abs(found - expected) / np.spacing(abs(expected))
    _assert_none(off > ulps, off, found, expected, f"by {{}} units in the last place: more than {ulps}", off)


def assert_printed(found, printed, decimals):
    """Fails unless every number found, rounded to so many decimals, is the printed one."""
    found, printed = _arrays(found, printed)
    rounded = np.array([float(f"{number:.{decimals}f}") for number in found.ravel()]).reshape(found.shape)
    with np.errstate(invalid="ignore", over="ignore"):
        off = abs(found - printed)
    _assert_none(rounded != printed, off, found, printed, f"by {{}}: other digits with {decimals} decimals", off)


def _arrays(found, expected):
    """Both as float64 arrays of one shape."""
    found, expected = np.asarray(found, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    assert expected.ndim == 0 or found.shape == expected.shape, f"shape {found.shape} is compared with {expected.shape}"
    assert found.size, f"nothing is compared: shape {found.shape}"
    return found, np.broadcast_to(expected, found.shape)


def _assert_none(wrong, badness, found, expected, words, off):
    """Fails if any number is wrong or not finite; the message tells of the worst."""
    bad = ~(np.isfinite(found) & np.isfinite(expected))
    wrong = wrong | bad
    if wrong.any():
        ranks = np.where(wrong, np.minimum(badness, np.finfo(np.float64).max), -np.inf)
        at = np.unravel_index(np.argmax(np.where(bad, np.inf, ranks)), found.shape)
        place = f"at {tuple(map(int, at))}: " if at else ""
        what = f"{float(found[at])!r} is not {float(expected[at])!r}, {words.format(float(off[at]))}"
        raise AssertionError(f"{place}{what}; {int(wrong.sum())} of {found.size} are wrong")
