"""Work that is done in one process or many, by joblib, which leaves signals to the process that began the others.

joblib is imported only where there are to be more processes than this one.
"""

import os
import signal
import threading
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import islice

# a terminal sends these to all processes; those that work inherit that they are ignored, and leave them to this one
LEFT_TO_US = {getattr(signal, name): signal.SIG_IGN for name in ("SIGINT", "SIGHUP") if hasattr(signal, name)}


def results(work, tasks, jobs, shared=None):
    """The results of ``work(*task)`` for each of the tasks, as they come.

    Parameters
    ----------
    work : callable
        What other processes can import, where there are any.
    tasks : iterator of tuple
        Taken one by one, when they are due.
    jobs : int
        Processes; more than one takes joblib, whose ``parallel_config`` may lead to other machines.
    shared : int, optional
        Arrays of the tasks that have more bytes than that are written to a file, which all processes read; none are
        when None.

    Yields
    ------
    object
    """
    if jobs == 1:
        yield from (work(*task) for task in tasks)
        return
    from joblib import Parallel, delayed
    from joblib.parallel import BACKENDS, get_active_backend

    backend, _ = get_active_backend()
    if backend.supports_return_generator:
        done = partial(undisturbed, work, os.getpid()) if isinstance(backend, BACKENDS["loky"]) else work
        with _handlers(LEFT_TO_US):
            coming = Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1, max_nbytes=shared)(
                delayed(done)(*task) for task in tasks
            )
        yield from coming
        return
    with ExitStack() as processes:  # multiprocessing: rounds of tasks, in forks of this process that SIGTERM ends
        with _handlers(LEFT_TO_US | {signal.SIGTERM: signal.SIG_DFL}):
            parallel = processes.enter_context(Parallel(n_jobs=jobs, max_nbytes=shared))
        while round_of := list(islice(tasks, jobs)):
            yield from parallel(delayed(work)(*task) for task in round_of)


def undisturbed(work, caller, *task):
    """``work(*task)``; a process of loky's leaves SIGTERM to the one that began it, whose number is `caller`.

    loky waits for ever for a result of which a process that was ended has sent a part. Where it may not begin processes
    it works in the caller's own, whose signals stay as they are.
    """
    if os.getpid() != caller:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return work(*task)


@contextmanager
def _handlers(handlers):
    """Handle signals in this way while processes begin, which are to do so."""
    if threading.current_thread() is not threading.main_thread():  # others may not set handlers
        yield
        return
    before = {signum: signal.signal(signum, handler) for signum, handler in handlers.items()}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
