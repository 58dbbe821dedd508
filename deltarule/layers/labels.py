"""The two kinds of labels: digits, one a sample, and one-hot rows, a single 1 among zeros.

They are told apart by their shape; a label of the wrong kind is named as such.
"""

import numpy as np

from ..basics.arrays import namespace
from ..basics.checks import plain_array, same_device
from . import checks


def one_hot(t, classes):
    """Digits as rows of zeros with a single 1.

    Parameters
    ----------
    t : int or array of int
        Digits from 0 to classes - 1.
    classes : int
        How many classes there are.

    Returns
    -------
    array of float64, the shape of `t` and one axis more, of length `classes`

    Raises
    ------
    TypeError, ValueError
        If `t` is not of integers, or has one that is not from 0 to classes - 1, or `classes` is not an integer of at
        least 1, or more than memory holds.

    Notes
    -----
    Source: the from-scratch notes, chapter 4, where one-hot encoding is described; the listings take such rows and
    load digits.

    Examples
    --------
    >>> print(one_hot([2, 0], 3))
    [[0. 0. 1.]
     [1. 0. 0.]]
    """
    classes = checks.size("classes", classes)
    t = plain_array("t", t)
    checks.room(t.size * classes, classes=classes)
    t = _digits_in_range("t", t, classes)
    xp = namespace(t)
    # where t is without axes, so is the comparison's left side: one row
    return (t[..., None] == xp.arange(classes)).astype(np.float64)


def as_digits(t, y, name="t"):
    """The digits that labels of either kind stand for.

    Parameters
    ----------
    t : array of int, shape (N,), or array, shape (N, n)
        Digits, or one-hot rows. For one sample a digit, or one row of shape (n,).
    y : array, shape (N, n) or (n,)
        What the labels belong to: scores or probabilities.
    name : str
        What to call `t` in messages.

    Returns
    -------
    array of int, shape (N,) or ()

    Raises
    ------
    TypeError, ValueError
        If `t` is neither kind, and what it is instead.
    """
    t = plain_array(name, t) if type(t) is not np.ndarray else t
    same_device(name, t, y)
    n = y.shape[-1]
    if t.shape == y.shape:
        return _rows_as_digits(name, t, n)
    if t.shape != y.shape[:-1]:
        raise ValueError(_of_no_kind(name, t, y))
    return _digits_in_range(name, t, n)


def _of_no_kind(name, t, y):
    """The message for labels whose shape is of neither kind."""
    *rows, n = y.shape
    wanted = f"digits of shape {tuple(rows)} or one-hot rows of shape {y.shape}"
    if t.shape[:-1] == y.shape[:-1] and t.shape[-1] == 1:
        return f"{name} must be {wanted}, not a column of shape {t.shape}; {name}.ravel() makes digits of it"
    return f"{name} must be {wanted}, for {n} classes, not of shape {t.shape}"


def _digits_in_range(name, t, classes):
    """`t` if it is of integers from 0 to classes - 1."""
    if t.dtype.kind not in "iu":
        raise TypeError(f"{name} must be digits of an integer type, not of dtype {t.dtype}; .astype(int) makes them so")
    if t.size == 0:
        raise ValueError(f"{name} must have at least one element, not the shape {t.shape}")
    if t.min() < 0 or t.max() >= classes:
        wrong = t.ravel()[((t < 0) | (t >= classes)).ravel()][0]
        raise ValueError(
            f"{name} must be digits from 0 to {classes - 1} for {classes} classes, but one is {int(wrong)}"
        )
    return t


def _rows_as_digits(name, t, classes):
    """Where the 1 of each row stands; ValueError unless each has a single 1 among zeros."""
    if t.dtype.kind not in "iubf":
        raise TypeError(f"{name} must be one-hot rows of numbers, not of dtype {t.dtype}")
    # a 1 in each row, and no more elements that are not 0 than rows
    if not (bool((t.max(axis=-1) == 1).all()) and int(np.count_nonzero(t)) == t.size // classes):
        digits = "; digits are turned into such rows by one_hot(t, n)" if t.ndim == 1 else ""
        raise ValueError(
            f"{name} must be one-hot, a single 1 among zeros in each row; it has a row that is not{digits}"
        )
    return t.argmax(axis=-1)
