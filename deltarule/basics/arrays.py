"""Where an array lives, and MATLAB's columns: all that the listings need to know of arrays.

A sample is a column, weights act from the left, and leading axes of the weights (many networks) broadcast.
"""

import sys
import warnings
from importlib import import_module

import numpy as np

from .networks import Networks


def namespace(a):
    """The array module that `a` belongs to: ``numpy``, or ``cupy`` for a CuPy array.

    It is the top-level module of the array's type, so that CuPy is never imported from here;
    numbers, lists and whatever else is not an array belong to NumPy.
    """
    if isinstance(a, np.ndarray):
        return np
    if isinstance(a, Networks):
        return namespace(a.values)
    module = sys.modules.get(type(a).__module__.partition(".")[0])
    return module if hasattr(module, "ndarray") else np


def signal(a):
    """The signal processing module for `a`: ``scipy.signal``, or ``cupyx.scipy.signal``.

    Imported here and not above, since it takes longer to import than a small listing to train.
    """
    xp = namespace(a)
    if xp is np:
        return import_module("scipy.signal")
    with warnings.catch_warnings():  # CuPy warns of what it makes its own filters with, and the listings do not use
        warnings.filterwarnings("ignore", r"cupyx\.jit\.rawkernel is experimental", FutureWarning)
        return import_module(f"{xp.__name__}x.scipy.signal")


def on_cpu(a):
    """`a` as a NumPy array: itself, or what comes back from the GPU."""
    xp = namespace(a)
    return a if xp is np else xp.asnumpy(a)


def T(a):
    """The transpose of the last two axes; leading axes (many networks) stay where they are."""
    return a.swapaxes(-1, -2)


def vectors(samples):
    """Each sample as one row, its elements in MATLAB's order, column by column.

    Parameters
    ----------
    samples : array, shape (N, ...)
        N samples: vectors, images (rows, columns) or stacks of maps (rows, columns, maps).

    Returns
    -------
    array, shape (N, elements of a sample)
    """
    if samples.ndim > 2:
        samples = samples.transpose(0, *range(samples.ndim - 1, 0, -1))
    return samples.reshape(len(samples), -1)


def columns(samples, size=1):
    """Batches of `size` consecutive samples, the samples of a batch as the columns of a matrix.

    Parameters
    ----------
    samples : array, shape (N, n)
        One sample a row.
    size : int
        Samples in a batch. An incomplete last batch is left out.

    Returns
    -------
    array, shape (N // size, n, size)
    """
    if size == 1:
        return samples[:, :, None]
    count = len(samples) // size
    return samples[: count * size].reshape(count, size, -1).swapaxes(1, 2)
