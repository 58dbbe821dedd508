"""Digits as MATLAB's classes 1, 2, ..., 9, 0: as targets, and read from class probabilities."""

from ..basics.arrays import namespace


def one_hot(D, like):
    """Digits (N,) as rows (N, 10) in MATLAB's order 1, 2, ..., 9, 0, in the dtype and array module of `like`."""
    classes = namespace(like).arange(1, 11) % 10
    return (D[:, None] == classes).astype(like.dtype)


def recognised(y):
    """The digits (N,) that the class probabilities y (N, 10) say, whose classes are 1, 2, ..., 9, 0."""
    return (y.argmax(axis=1) + 1) % 10


def accuracy(D, y):
    """The share of the digits D (N,) that the class probabilities y (N, 10) recognise."""
    return float((recognised(y) == D).mean())
