"""What the models learn: small tasks that are drawn from a stream, or written down."""

from math import ceil, sqrt

import numpy as np

from .. import data
from ..basics.checks import in_unit_interval
from ..layers import one_hot
from ..layers.checks import flag
from . import checks

MOST_NOISE = 1e100  # what is added to a pixel stays far from what a double cannot hold
LARGEST_SIDE = 16  # of bars and stripes: 131,070 images


def xor_in_time():
    """The table of XOR, the two bits one after the other.

    Returns
    -------
    X : array of float64, shape (4, 2, 2)
        Sequence, step, input: a bit, and the constant 1 that stands for a bias.
    D : array of float64, shape (4,)

    Examples
    --------
    >>> X, D = xor_in_time()
    >>> print(X[2], D[2])
    [[1. 1.]
     [0. 1.]] 1.0
    """
    table, D = data.xor()
    bits = table[:, :2]
    return np.stack([bits, np.ones_like(bits)], axis=-1), D


def adding(rng, N, steps):
    """The adding problem: which two numbers of a sequence are to be added is said by marks.

    Parameters
    ----------
    rng : deltarule.matlab.Stream
        Draws the values by ``rand(N, steps)``, then the places of the marks by ``randi``, those in the first half
        before those in the second.
    N : int
        Sequences.
    steps : int
        At least 2.

    Returns
    -------
    X : array of float64, shape (N, steps, 3)
        At each step a value in (0, 1), the mark, 1 at one step of each half and else 0, and the constant 1.
    D : array of float64, shape (N,)
        The sum of the two marked values. The best constant answer is 1, with a mean squared error of 1/6.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind; the message names it.

    Examples
    --------
    >>> from deltarule import matlab
    >>> X, D = adding(matlab.rng(100), 1000, 20)
    >>> print(X.shape, X[:, :10, 1].sum(axis=1).max(), round(float(D[0]), 4), round(float(D.var()), 3))
    (1000, 20, 3) 1.0 0.6922 0.169
    """
    checks.draws("rng", rng, "rand", "randi")
    N, steps = checks.size("N", N), checks.size("steps", steps, 2)
    checks.room(3 * N * steps, N=N, steps=steps)
    values, marks, half = rng.rand(N, steps), np.zeros((N, steps)), steps // 2
    for first, places in ((0, half), (half, steps - half)):
        marks[np.arange(N), first + rng.randi(places, N, 1).ravel() - 1] = 1
    return np.stack([values, marks, np.ones_like(values)], axis=-1), (values * marks).sum(axis=1)


def reversal(rng, N, places, symbols, *, with_places=True):
    """Sequences of symbols, and the same the other way round.

    Parameters
    ----------
    rng : deltarule.matlab.Stream
        Draws the symbols by ``randi(symbols, N, places)``.
    N, places, symbols : int
        How many sequences, places in each, and kinds of symbols.
    with_places : bool
        Whether each place also says which one it is.

    Returns
    -------
    X : array of float64, shape (N, places, symbols + places), or (N, places, symbols) without places
        The symbol of each place, one-hot, and then the place, one-hot.
    D : array of float64, shape (N, places, symbols)
        The symbol of the mirrored place, one-hot.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind; the message names it.

    Examples
    --------
    >>> from deltarule import matlab
    >>> X, D = reversal(matlab.rng(1), 1, 3, 2)
    >>> print(X[0], D[0].argmax(axis=1))
    [[1. 0. 1. 0. 0.]
     [0. 1. 0. 1. 0.]
     [1. 0. 0. 0. 1.]] [0 1 0]
    """
    checks.draws("rng", rng, "randi")
    N, places, symbols = checks.size("N", N), checks.size("places", places), checks.size("symbols", symbols)
    with_places = flag("with_places", with_places)
    checks.room(N * places * (symbols + (places if with_places else 0)), N=N, places=places, symbols=symbols)
    drawn = one_hot(rng.randi(symbols, N, places) - 1, symbols)
    which = [np.broadcast_to(np.eye(places), (N, places, places))] if with_places else []
    return np.concatenate([drawn, *which], axis=-1), drawn[:, ::-1].copy()


def two_lookups(rng, N, places):
    """Bits, and at each place whether two others differ: the mirrored one, and the one two places before.

    Parameters
    ----------
    rng : deltarule.matlab.Stream
        Draws the bits by ``randi(2, N, places)``.
    N, places : int
        How many sequences, and places in each. Two places before the first is the last but one.

    Returns
    -------
    X : array of float64, shape (N, places, 2)
        The bit of each place, one-hot.
    D : array of float64, shape (N, places, 2)
        Whether the two differ, one-hot.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind; the message names it.

    Examples
    --------
    >>> from deltarule import matlab
    >>> X, D = two_lookups(matlab.rng(1), 1, 5)
    >>> print(X[0].argmax(axis=1), D[0].argmax(axis=1))
    [0 1 0 0 0] [0 0 0 0 0]
    """
    checks.draws("rng", rng, "randi")
    N, places = checks.size("N", N), checks.size("places", places)
    checks.room(2 * N * places, N=N, places=places)
    bits = rng.randi(2, N, places) - 1
    return np.eye(2)[bits], np.eye(2)[bits[:, ::-1] ^ np.roll(bits, 2, axis=1)]


def bars_and_stripes(side):
    """All images whose columns are each all ink or none (bars), or whose rows are (stripes).

    Parameters
    ----------
    side : int
        Of the images, 16 at most.

    Returns
    -------
    array of float64, shape (2^(side + 1) - 2, side * side)
        One image a row, without repetition; 0 and 1.

    Raises
    ------
    TypeError, ValueError
        If `side` is not an integer from 1 to 16.

    Examples
    --------
    >>> print(bars_and_stripes(3).shape, bars_and_stripes(2).astype(int).tolist()[1])
    (14, 9) [0, 0, 1, 1]
    """
    side = checks.count("side", side, LARGEST_SIDE)
    lines = (np.arange(2**side)[:, None] >> np.arange(side)) & 1
    bars = np.repeat(lines[:, None, :], side, axis=1)
    images = np.concatenate([bars, bars.swapaxes(1, 2)]).reshape(-1, side * side)
    return np.unique(images, axis=0).astype(float)


def in_colour(rng, images, side=32):
    """Images of ink on paper in colour, each with a dark paper, a bright ink and a place of its own.

    Parameters
    ----------
    rng : deltarule.matlab.Stream
        Draws the papers and then the inks by ``rand(N, 3)``, then the first rows and the first columns by ``randi``.
    images : array, shape (N, rows, columns)
        1 is ink and 0 is paper.
    side : int
        Of the squares that the images are put into; at least their rows and columns.

    Returns
    -------
    array of float64, shape (N, 3, side, side)
        Red, green and blue, each below 0.5 where paper is and from 0.5 on where ink is.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind; the message names it.

    Examples
    --------
    >>> from deltarule import matlab
    >>> X = in_colour(matlab.rng(1), np.ones((4, 2, 2)), side=3)
    >>> print(X.shape, (X[1] >= 0.5).astype(int).tolist()[0])
    (4, 3, 3, 3) [[0, 0, 0], [0, 1, 1], [0, 1, 1]]
    """
    checks.draws("rng", rng, "rand", "randi")
    images = checks.real("images", images)
    if images.ndim != 3:
        raise ValueError(f"images must be of shape (N, rows, columns), not {images.shape}")
    if not in_unit_interval(images):
        raise ValueError("images must be in [0, 1], 1 for ink and 0 for paper; it has elements outside")
    N, rows, columns = images.shape
    side = checks.size("side", side, max(rows, columns))
    checks.room(3 * N * side * side, side=side)
    papers, inks = 0.5 * rng.rand(N, 3), 0.5 + 0.5 * rng.rand(N, 3)
    tops, lefts = (rng.randi(side - n + 1, N, 1).ravel() - 1 for n in (rows, columns))
    amount = np.zeros((N, side, side))
    for n, (top, left) in enumerate(zip(tops, lefts, strict=True)):
        amount[n, top : top + rows, left : left + columns] = images[n]
    papers, inks = papers[..., None, None], inks[..., None, None]
    return papers + amount[:, None] * (inks - papers)


def touching_dots(rng, N, dots=5, side=5):
    """Dots on a square board, and how many pairs of them lie side by side or one above the other.

    Parameters
    ----------
    rng : deltarule.matlab.Stream
        Draws the places of each board by ``randperm(side * side, dots)``, counted row by row.
    N : int
        Boards.
    dots : int
        On each of them, at least 2, no two in one place.
    side : int
        Of the boards.

    Returns
    -------
    X : array of float64, shape (N, dots, 3)
        The row and the column of each dot, from -1 to 1, and the constant 1; the dots in the order of the draw.
    D : array of float64, shape (N, classes)
        How many pairs touch, from 0 on, one-hot. There are 2 dots - ceil(2 sqrt(dots)) at most: of 5 dots 5.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind, or the board too small; the message names it.

    Examples
    --------
    >>> from deltarule import matlab
    >>> X, D = touching_dots(matlab.rng(100), 1000)
    >>> print(X.shape, X[0, 0], D.sum(axis=0))
    (1000, 5, 3) [0.  0.5 1. ] [198. 386. 307.  90.  18.   1.]
    """
    checks.draws("rng", rng, "randperm")
    N, dots, side = checks.size("N", N), checks.size("dots", dots, 2), checks.size("side", side, 2)
    checks.room(side * side, side=side)
    checks.count("dots", dots, side * side, "places of the board")
    checks.room(2 * N * dots * dots, N=N, dots=dots)
    places = np.array([rng.randperm(side * side, dots).ravel() for _ in range(N)], dtype=int) - 1
    board = np.stack(np.divmod(places, side), axis=-1)
    apart = abs(board[:, :, None] - board[:, None]).sum(axis=-1)
    touching = (apart == 1).sum(axis=(1, 2)) // 2
    classes = 2 * dots - ceil(2 * sqrt(dots)) + 1
    X = np.concatenate([2 * board / (side - 1) - 1, np.ones((N, dots, 1))], axis=-1)
    return X, np.eye(classes)[touching]


def noisy_digits(rng, first, N, noise=0.4):
    """Images of digits with noise on each pixel, and where the ink is.

    Parameters
    ----------
    rng : deltarule.matlab.Stream
        Draws the noise by ``randn(N, 784)``.
    first, N : int
        How many of the embedded images come before those that are taken, and how many are.
    noise : float
        Standard deviation of what is added to each pixel, 0 or above.

    Returns
    -------
    X : array of float64, shape (N, 28, 28)
    D : array of float64, shape (N, 28, 28)
        1 where a pixel of the image is more than one half, else 0.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind, or there are not so many images; the message names it.

    Examples
    --------
    >>> from deltarule import matlab
    >>> X, D = noisy_digits(matlab.rng(1), 0, 100)
    >>> print(X.shape, round(float(D.mean()), 3), round(float((X[D == 0]).std()), 2))
    (100, 28, 28) 0.121 0.41
    """
    checks.draws("rng", rng, "randn")
    images, _ = data.mnist()
    first = checks.size("first", first, 0)
    if first >= len(images):
        raise ValueError(f"first must be from 0 to {len(images) - 1}, not {checks.shown(first)}")
    N = checks.count("N", N, len(images) - first, f"images behind the first {first}")
    images = images[first : first + N]
    noise = checks.number("noise", noise)
    if not 0 <= noise <= MOST_NOISE:
        raise ValueError(f"noise must be from 0 to {MOST_NOISE:g}, not {noise!r}")
    return images + noise * rng.randn(N, 784).reshape(N, 28, 28), (images > 0.5).astype(float)
