"""The loop over batches whose images are shared among threads: the lines of `deltarule.listings.training` in two steps.

NumPy lets threads compute side by side. For products as small as those of a batch it is quicker that each thread makes
its own than that the BLAS divides every one of them, and what a thread has computed lies in its own cache.
"""

from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from threading import current_thread, main_thread

import numpy as np

IMAGES_PER_THREAD = 25  # a thread is worth its while from so many images on


def train(changes, weights, x_batches, d_batches, alpha, features, *, beta, momenta=None):
    """One epoch, as `deltarule.listings.training.train`; `changes` gives the changes over a share of each batch.

    The sum of the changes, the momenta and the weights are large beside a batch. So they are added in place, in arrays
    of the call, and each thread adds its rows: m = beta m + dW and W = W + m, where the general loop makes new arrays.

    Parameters
    ----------
    changes : callable
        ``changes(*weights, x, d, alpha, features)`` returns the weight changes, summed over the images x (N, rows,
        columns) and their targets d (classes, N). It is called for several shares at the same time.
    weights, x_batches, d_batches, alpha, beta, momenta
        As there.
    features : callable
        ``features(N)`` makes what `changes` takes, for a share of N images.

    Returns
    -------
    tuple of arrays
        As there.
    """
    N = x_batches.shape[1]
    count = threads(N)
    shares = cut(N, min(count, N))
    own = [features(share.stop - share.start) for share in shares]
    W = [np.array(Wi, order="C") for Wi in weights]
    m = [np.array(mi, order="C") for mi in momenta or map(np.zeros_like, weights)]
    with side_by_side(count) as each:
        for x, d in zip(x_batches, d_batches, strict=True):
            dW = list(each(partial(_changes, changes, W, x, d, alpha), shares, own))
            list(each(partial(_add, W, m, dW, beta, count), range(count)))
    return tuple(W) if momenta is None else (*W, *m)


def _changes(changes, W, x, d, alpha, share, features):
    """The weight changes over a share of a batch."""
    return changes(*W, x[share], d[:, share], alpha, features)


def _add(W, m, dW, beta, count, k):
    """Bring the k-th of `count` parts of the rows of the weights up to date; dW has the changes of each share."""
    for Wi, mi, *dWi in zip(W, m, *dW, strict=True):
        rows = cut(len(Wi), count)[k]
        Wi, mi = Wi[rows], mi[rows]
        mi *= beta
        for change in dWi:
            mi += change[rows]
        Wi += mi


def cut(length, parts):
    """So many slices, as equal as can be, one after the other."""
    return [slice(*ends) for ends in pairwise(length * k // parts for k in range(parts + 1))]


def threads(images):
    """Among how many threads to share a batch of so many images: at most as many as the BLAS would use.

    Outside of the main thread it is one, since how many the BLAS uses is a matter of the whole process.
    """
    if images < 2 * IMAGES_PER_THREAD or current_thread() is not main_thread():
        return 1
    return min(images // IMAGES_PER_THREAD, max((library["num_threads"] for library in _blas().info()), default=1))


@contextmanager
def side_by_side(count):
    """A ``map`` whose calls share so many threads, in each of which the BLAS stays; with one thread Python's own."""
    if count == 1:
        yield map
        return
    from concurrent.futures import ThreadPoolExecutor  # here, since other listings train in less time than it loads

    with _alone(), ThreadPoolExecutor(count, initializer=_alone) as pool:
        yield pool.map


def _blas():
    """The BLAS of this process, by threadpoolctl."""
    from threadpoolctl import ThreadpoolController  # here, since it takes longer to import than a small listing

    return ThreadpoolController().select(user_api="blas")


def _alone():
    """Keep the BLAS in the thread that calls it, until the end of a `with`; on OpenMP each thread has to say so."""
    return _blas().limit(limits=1)
