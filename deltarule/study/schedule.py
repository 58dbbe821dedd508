"""Which starts are trained together, in one process or many.

A start that does not converge takes many times the epochs of one that does. So a chunk is trained only until a share of
its networks has ended; the others go on among new starts. The arrays stay full, and what is in memory at a time does
not depend on the number of starts.
"""

from contextlib import closing
from math import ceil, prod

import numpy as np

from ..basics import checks
from ..basics.devices import DEVICES
from ..basics.workers import results
from .outcome import nothing
from .starts import numbers
from .training import together, train

LEFT = 3 / 4  # share of a chunk that is left when it makes room for new starts
AT_ONCE = {"cpu": 2**13, "gpu": 2**17}  # networks of a chunk at most
TESTED_AT_ONCE = {"cpu": 16, "gpu": 256}  # the same of networks that have hundreds of test samples
WEIGHTS = {"cpu": 2**17, "gpu": 2**23}  # of all networks of a chunk: 1 MiB, 64 MiB
MOST_WEIGHTS = 2**28  # of a chunk that is asked for: 2 GiB, and training takes some times that


def networks_at_once(settings, device="cpu"):
    """How many networks to train at once.

    The more there are, the less of the time goes into calling NumPy. But what an epoch touches, the weights before and
    after and what lies between, some four times the weights, is to stay in the cache that a core can count on. A GPU
    takes as long for a few networks as for many thousands. Those of the from-scratch notes are trained one by one. Of
    those that have test samples what lies between counts, up to 3 MiB each, and not the weights.
    """
    if settings.of_networks:
        return 1
    weights = sum(map(prod, settings.experiment.shapes(settings.hidden)))
    most = TESTED_AT_ONCE if settings.tested else AT_ONCE
    return max(1, min(most[device], WEIGHTS[device] // weights))


def chunks(settings, starts, *, chunk=None, jobs=1, device="cpu"):
    """Train starts, and yield the outcomes of some as soon as they have ended.

    Parameters
    ----------
    settings : Settings
    starts : sequence of int
        Their numbers, 0 to 2**32 - 1.
    chunk : int, optional
        How many are trained at once; when None as many as the caches take, on a GPU many more.
    jobs : int
        Processes; more than one takes joblib, whose ``parallel_config`` may lead to other machines.
    device : {"cpu", "gpu"}
        Where each trains.

    Yields
    ------
    Outcome

    Raises
    ------
    ValueError, TypeError
        If `chunk`, `jobs` or `device` is of the wrong type or out of range. The message names the argument.
    """
    checks.choice("device", device, DEVICES)
    chunk = networks_at_once(settings, device) if chunk is None else checks.count("chunk", chunk, 10**9)
    checks.count("jobs", jobs, 10**6)
    chunk = min(chunk, ceil(len(starts) / jobs))
    left = []  # the groups that chunks have left
    with closing(results(train, _with_new_starts(settings, starts, chunk, left, device), jobs)) as ended:
        for outcome, group in ended:
            if len(group):
                left.append(group)
            yield outcome
    with closing(results(train, _to_the_end(settings, chunk, left, jobs, device), jobs)) as ended:
        yield from (outcome for outcome, _ in ended)


def _with_new_starts(settings, starts, chunk, left, device):
    """Chunks, each of a group that is left, if there is one, and of new starts; as long as there are new starts.

    Where dropout draws, all networks have to be of one age, since they share the masks: those are trained to the end.
    """
    fewest = 0 if settings.experiment.random else int(LEFT * chunk)
    begun = 0
    while begun < len(starts):
        older = [left.pop()] if left else []
        new = starts[begun : begun + chunk - sum(map(len, older))]
        begun += len(new)
        yield settings, older, new, fewest, device


def _to_the_end(settings, chunk, left, jobs, device):
    """The networks that are left, dealt out to chunks of one size, at least one for each process."""
    if left:
        group = together(left)
        hands = max(jobs, ceil(len(group) / chunk))
        for k in range(min(hands, len(group))):
            yield settings, [group.those(np.arange(len(group)) % hands == k)], (), 0, device


def study(settings, starts, *, first=0, chunk=None, jobs=1, device="cpu"):
    """The outcome of so many starts.

    Parameters
    ----------
    settings : Settings
    starts : int
        How many, above 0.
    first : int
        The number of the first.
    chunk, jobs, device
        As `chunks`.

    Returns
    -------
    Outcome

    Raises
    ------
    ValueError, TypeError
        If a number is of the wrong type or out of range. The message names the argument.
    """
    return nothing(settings).joined(chunks(settings, numbers(starts, first), chunk=chunk, jobs=jobs, device=device))
