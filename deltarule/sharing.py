"""A batch shared among threads: each computes the weight changes over some of its samples.

NumPy lets threads compute side by side. For products as small as those of a batch it is quicker that each thread makes
its own than that the BLAS divides every one of them, and what a thread has computed lies in its own cache.
"""

from functools import partial
from itertools import pairwise
from threading import current_thread, main_thread

import numpy as np

from .recording import Recording

LEAST = 25  # samples that are worth a thread


def threads(samples):
    """Among how many threads to share a batch of so many samples: at most as many as the BLAS would use.

    Outside of the main thread it is one, since how many the BLAS uses is a matter of the whole process.
    """
    if current_thread() is not main_thread():
        return 1
    return min(max(samples // LEAST, 1), max((library["num_threads"] for library in _blas().info()), default=1))


def _blas():
    """The BLAS of this process, by threadpoolctl."""
    from threadpoolctl import ThreadpoolController  # here, as below, since it takes a small listing longer to import

    return ThreadpoolController().select(user_api="blas")


def _alone():
    """Keep the BLAS in the thread that calls it; on OpenMP each thread has to say so."""
    return _blas().limit(limits=1)


class SharedChanges:
    """The weight changes of a batch, one recording of them for each of the threads that share it.

    Parameters
    ----------
    changes : callable
        ``changes(*weights, x, d, alpha)`` returns the weight changes, summed over the samples.
    weights : list of arrays
        Where the weights lie; they are only read.
    shapes : pair of tuple of int
        Of x and d.
    axes : pair of int
        Along which axis of x, and of d, the samples lie.
    count : int
        How many threads.
    """

    def __init__(self, changes, weights, shapes, axes, count):
        x, d = shapes
        ends = [x[axes[0]] * k // count for k in range(count + 1)]
        self.parts = [[(slice(None),) * axis + (slice(*part),) for axis in axes] for part in pairwise(ends)]
        self.weights = [_only_read(W) for W in weights]
        self.recordings = []
        with _alone():  # or the BLAS's threads would go on looking for more, as `checks.MANY` says
            for of_x, of_d in self.parts:
                shapes = np.empty(x)[of_x].shape, np.empty(d)[of_d].shape
                self.recordings.append(Recording(changes, (*self.weights, *shapes, ()), weights[0].dtype))
        self.results = [_only_read(result) for recording in self.recordings for result in recording.results]

    def __call__(self, pool, x, d, alpha):
        """The weight changes over each part, one after the other, in arrays that stay.

        Parameters
        ----------
        pool : concurrent.futures.Executor
            Of the other threads.
        x, d : array
            The batch.
        alpha : float
        """
        first, *rest = (
            partial(recording.run, *self.weights, x[of_x], d[of_d], alpha)
            for recording, (of_x, of_d) in zip(self.recordings, self.parts, strict=True)
        )
        running = [pool.submit(run) for run in rest]
        first()
        for run in running:
            run.result()
        return self.results


def _only_read(a):
    """A view of an array that cannot be written to."""
    a = a.view()
    a.flags.writeable = False
    return a


class SharedStep:
    """The step over one batch, from state to state, that threads share.

    Parameters
    ----------
    changes : SharedChanges
    update : Recording
        From the state, the results of `changes` and perhaps constants to the state.
    """

    def __init__(self, changes, update):
        self.changes = changes
        self.update = update

    def over(self, batches, state, constants):
        """As `Recording.over`; the constants are alpha and those that `update` takes."""
        from concurrent.futures import ThreadPoolExecutor

        alpha, *others = constants
        with _alone(), ThreadPoolExecutor(len(self.changes.recordings), initializer=_alone) as pool:
            changes = (self.changes(pool, x, d, alpha) for x, d in batches)
            return self.update.over(changes, state, others)
