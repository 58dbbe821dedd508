"""The small data of chapters 2 to 5: two truth tables, five digits of 5 x 5 pixels, five contaminated ones.

Each function makes new arrays, so that a caller may change them.
"""

import numpy as np

_INPUTS = ((0, 0, 1), (0, 1, 1), (1, 0, 1), (1, 1, 1))

_DIGITS = """
    01100 11110 11110 00010 11111
    00100 00001 00001 00110 10000
    00100 01110 01110 01010 11110
    00100 10000 00001 11111 00001
    01110 11111 11110 00010 11110
"""

_CONTAMINATED = """
    00110 11110 11110 01110 01111
    00110 00001 00001 01000 01000
    01010 01110 01110 01110 01110
    00010 10001 10001 00010 00010
    01110 11111 11110 01110 11110
"""


def linear():
    """The linearly separable table: the target is the first input.

    Returns
    -------
    X : array of float64, shape (4, 3)
        The third input is always 1 and serves as bias.
    D : array of float64, shape (4,)

    Examples
    --------
    >>> X, D = linear()
    >>> print(X[1], D)
    [0. 1. 1.] [0. 0. 1. 1.]
    """
    return np.array(_INPUTS, dtype=float), np.array([0.0, 0.0, 1.0, 1.0])


def xor():
    """The table of XOR: the target is 1 where the first two inputs differ.

    Returns
    -------
    X : array of float64, shape (4, 3)
        The third input is always 1 and serves as bias.
    D : array of float64, shape (4,)

    Examples
    --------
    >>> X, D = xor()
    >>> print(D)
    [0. 1. 1. 0.]
    """
    return np.array(_INPUTS, dtype=float), np.array([0.0, 1.0, 1.0, 0.0])


def digits():
    """The digits 1 to 5 as images of 5 x 5 pixels, and their one-hot targets.

    Returns
    -------
    X : array of float64, shape (5, 5, 5)
        Image, row, column; 1 is ink.
    D : array of float64, shape (5, 5)

    Examples
    --------
    >>> X, D = digits()
    >>> print(X[0].astype(int))
    [[0 1 1 0 0]
     [0 0 1 0 0]
     [0 0 1 0 0]
     [0 0 1 0 0]
     [0 1 1 1 0]]
    """
    return _images(_DIGITS), np.eye(5)


def contaminated_digits():
    """The five digits with pixels changed, and the one-hot targets of the digits they were.

    Returns
    -------
    X : array of float64, shape (5, 5, 5)
    D : array of float64, shape (5, 5)

    Examples
    --------
    >>> X, D = contaminated_digits()
    >>> clean, _ = digits()
    >>> print((X != clean).sum(axis=(1, 2)))
    [ 8  1  1 12  6]
    """
    return _images(_CONTAMINATED), np.eye(5)


def _images(sheet):
    """Five images side by side, as drawn above."""
    rows = [[[float(pixel) for pixel in row] for row in line.split()] for line in sheet.strip().splitlines()]
    return np.ascontiguousarray(np.array(rows).swapaxes(0, 1))
