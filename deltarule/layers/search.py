"""Random search for hyperparameters: values drawn from logarithmic ranges, each tried on a share held back to validate.

A search can be gone on from where it ended, and tries several values at a time in processes of their own.
"""

import hashlib
import inspect
import json
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from math import log10, prod
from pathlib import Path

import numpy as np

from ..basics.arrays import on_cpu
from ..basics.files import ReferenceFileError, locked, write_whole
from ..basics.progress import progress
from ..basics.workers import results
from . import checks
from .multi_layer import MultiLayerNet
from .optimizers import OPTIMIZERS
from .training import Trainer, shuffle_dataset

RANGES = {"weight_decay_lambda": (1e-8, 1e-4), "lr": (1e-6, 1e-2)}
"""The book's, in the order in which it draws them."""
NETWORK = {"hidden_size_list": [100] * 6, "output_size": 10}
"""The book's, what `MultiLayerNet` takes."""
OF_NETWORKS = ("weight_decay_lambda", "weight_init_std", "dropout_ratio")  # what may be searched of a network
SHARED = 2**20  # bytes of an array that other processes read from a file
LAYOUT = 1  # of the files
KIND = "deltarule random search"


@dataclass(frozen=True)
class Trial:
    """What came of one trial.

    Attributes
    ----------
    number : int
        From 0 on.
    values : dict
        What was drawn, by name.
    val_acc : float
        The accuracy of validation at the end; 0, which none is below, if it diverged.
    val_acc_list, train_acc_list : tuple of float
        The lists of the trainer. The book shows the first, and sorts by its last number.
    diverged : bool
        Whether numbers were no longer finite; the lists then end early.
    """

    number: int
    values: dict
    val_acc: float
    val_acc_list: tuple
    train_acc_list: tuple
    diverged: bool = False


def best(trials, count=None):
    """Trials with the best accuracy of validation at the end first, of equal ones that with the lower number."""
    return sorted(trials, key=lambda trial: (-trial.val_acc, trial.number))[:count]


def sample(ranges, *, rng):
    """One value from each of the ranges, uniform in its logarithm.

    Parameters
    ----------
    ranges : dict
        By name the smallest and the largest value, above 0.
    rng : stream
        Draws one number for each, by ``rand()``, in the order of the dict.

    Returns
    -------
    dict

    Examples
    --------
    >>> import numpy as np
    >>> values = sample({"lr": (1e-6, 1e-2)}, rng=np.random.RandomState(1))
    >>> print(f"{values['lr']:.2e}")
    4.66e-05
    """
    return {name: 10 ** (log10(low) + (log10(high) - log10(low)) * rng.rand()) for name, (low, high) in ranges.items()}


def split(x, t, validation_rate=0.2, *, rng):
    """Samples in a random order, of which a share is held back.

    Parameters
    ----------
    x, t : array, shape (n, ...)
    validation_rate : float
        The share, above 0 and below 1; rounded down to a number of samples.
    rng : stream
        As for `shuffle_dataset`.

    Returns
    -------
    x_train, t_train, x_val, t_val : arrays

    Raises
    ------
    TypeError, ValueError
        As `shuffle_dataset`, or if the share leaves no sample on one side.

    Notes
    -----
    Source: the from-scratch notes, chapter 6.

    Examples
    --------
    >>> import numpy as np
    >>> x_train, t_train, x_val, t_val = split(np.arange(5.0), np.arange(5), rng=np.random.RandomState(1))
    >>> print(t_train, t_val)
    [1 4 0 3] [2]
    """
    rate = checks.rate("validation_rate", validation_rate)
    x, t = shuffle_dataset(x, t, rng=rng)
    held = int(len(x) * rate)
    if not 1 <= held < len(x):
        raise ValueError(
            f"validation_rate must leave samples on both sides, of {len(x)}; {validation_rate!r} holds back {held}"
        )
    return x[held:], t[held:], x[:held], t[:held]


@dataclass(frozen=True)
class Settings:
    """What every trial of a search has in common.

    Attributes
    ----------
    ranges : dict
    network : dict
        What `MultiLayerNet` takes.
    optimizer : str
    optimizer_param : dict
        What the optimiser takes beside what is drawn.
    epochs, mini_batch_size : int
    validation_rate : float
    seed : int
    """

    ranges: dict
    network: dict
    optimizer: str = "SGD"
    optimizer_param: dict | None = None
    epochs: int = 50
    mini_batch_size: int = 100
    validation_rate: float = 0.2
    seed: int = 0

    def made(self, values, rng):
        """A new network with these values."""
        searched = {name: value for name, value in values.items() if name in OF_NETWORKS}
        return MultiLayerNet(**{**self.network, **searched}, rng=rng)

    def trainer(self, values, data, rng):
        """A new network with these values, drawn from the stream, and its trainer."""
        of_optimizer = {name: value for name, value in values.items() if name not in OF_NETWORKS}
        return Trainer(
            self.made(values, rng), *data, epochs=self.epochs,
            mini_batch_size=self.mini_batch_size, optimizer=self.optimizer,
            optimizer_param={**(self.optimizer_param or {}), **of_optimizer}, rng=rng,
        )  # fmt: skip


def trial(number, settings, data, rng):
    """Draw values, train a network with them, and see how well it does.

    Parameters
    ----------
    number : int
    settings : Settings
    data : tuple of arrays
        As `split` returns it.
    rng : stream
        Draws the values, then the weights, then the batches.

    Returns
    -------
    Trial
    """
    values = sample(settings.ranges, rng=rng)
    trainer = settings.trainer(values, data, rng)
    while trainer.current_iter < trainer.max_iter and not trainer.diverged:
        trainer.attempt()
    val_acc = 0.0 if trainer.diverged else trainer.network.accuracy(trainer.x_test, trainer.t_test)
    return Trial(number, values, val_acc, tuple(trainer.test_acc_list), tuple(trainer.train_acc_list), trainer.diverged)


def _own_trial(number, settings, data):
    """`trial` with the stream that its number and the seed give it, and one thread, as it may be one of many."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        return trial(number, settings, data, np.random.RandomState([settings.seed, number]))


def random_search(
    x, t, ranges=None, *, trials=100, validation_rate=0.2, network=None, optimizer="SGD", optimizer_param=None,
    epochs=50, mini_batch_size=100, seed=0, processes=1, file=None,
):  # fmt: skip
    """Train networks with hyperparameters drawn at random.

    Parameters
    ----------
    x : array, shape (n, ...)
        Samples.
    t : array, shape (n,) or (n, classes)
        Digits, or one-hot rows.
    ranges : dict, optional
        By name the smallest and the largest value of what is searched, whose logarithm is uniform; `RANGES` when None.
        Names are what the optimiser takes, ``lr`` for one, and ``weight_decay_lambda``, ``weight_init_std`` and
        ``dropout_ratio`` of the network.
    trials : int
    validation_rate : float
        The share of the samples, shuffled, that is held back, and that accuracies of validation are of.
    network : dict, optional
        What `MultiLayerNet` takes; ``hidden_size_list`` and ``output_size`` are the book's where they are not in it,
        six times 100 and 10, and ``input_size`` is as the samples are.
    optimizer, optimizer_param, epochs, mini_batch_size
        As for `Trainer`.
    seed : int
        0 to 2**32 - 1. Each trial has a stream of its own, of the seed and its number; so the same trials come out in
        any order, in any number of processes, and when some are done later.
    processes : int
        How many to work in; more than one takes joblib.
    file : path, optional
        Where the trials are kept, line by line in JSON; it is written after each. Those that are in it are not done
        again.

    Returns
    -------
    list of Trial
        By number.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind; the message names it.
    ReferenceFileError
        If the file is damaged, or of another search; the message names it, and it stays as it is.
    ImportError
        If `processes` is more than 1 and joblib is not installed.
    OSError
        If the file cannot be written, or another process is writing it.

    Notes
    -----
    Source: the from-scratch notes, chapter 6, the search in 4 steps. The book draws everything from one stream, one
    trial after the other; `split` and `trial` with one `rng` do that.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.RandomState(1)
    >>> x = rng.rand(100, 2)
    >>> t = (x[:, 0] > x[:, 1]).astype(int)
    >>> small = {"hidden_size_list": [10], "output_size": 2}
    >>> found = random_search(x, t, {"lr": (1e-3, 1)}, trials=4, network=small, epochs=30, mini_batch_size=20)
    >>> for each in best(found):
    ...     print(each.number, f"{each.values['lr']:.4f}", each.val_acc)
    3 0.0067 0.8
    1 0.0022 0.65
    0 0.0028 0.6
    2 0.0011 0.4
    """
    settings = Settings(
        ranges, network, optimizer, optimizer_param, epochs, mini_batch_size, validation_rate, seed
    )  # fmt: skip
    settings, data = _prepared(settings, x, t)
    trials, processes = checks.size("trials", trials), checks.size("processes", processes)
    if processes > 1:
        _need_joblib()
    about = None if file is None else _about(settings, x, t)
    with nullcontext() if file is None else locked(file):
        done = {} if file is None else _read(Path(file), about)
        missing = [number for number in range(trials) if number not in done]
        tasks = ((number, settings, data) for number in missing)
        with progress("search", len(missing), "trial") as bar, closing(
            results(_own_trial, tasks, processes, SHARED)
        ) as coming:  # fmt: skip
            for ended in coming:
                done[ended.number] = ended
                if file is not None:
                    write_whole(file, _content(about, done))
                bar.update(1)
    return [done[number] for number in range(trials)]


def _prepared(given, x, t):
    """Settings and data, after trainers have been made of them: what does not fit shows now."""
    optimizer = checks.choice("optimizer", given.optimizer, OPTIMIZERS)
    ranges = _ranges(RANGES if given.ranges is None else given.ranges, optimizer)
    if checks.whole("seed", given.seed) >= 2**32:
        raise ValueError(f"seed must be below 2**32, not {given.seed}")
    if given.network is not None and not hasattr(given.network, "keys"):
        raise TypeError(f"network must be a dict of what MultiLayerNet takes, not {checks.shown(given.network)}")
    x = checks.samples("x", x)
    network = {"input_size": prod(x.shape[1:]), **NETWORK, **(given.network or {})}
    settings = replace(given, ranges=ranges, network=network, optimizer=optimizer)
    ends = [{name: both[end] for name, both in ranges.items()} for end in (0, 1)]
    try:
        made = settings.made(ends[0], np.random.RandomState(0))
    except TypeError as error:
        raise TypeError(f"network must be what MultiLayerNet takes: {error}") from None
    x, t = made.checked(x, t)
    data = split(x, t, given.validation_rate, rng=np.random.RandomState([given.seed]))
    for values in ends:
        settings.trainer(values, data, np.random.RandomState(0))
    return settings, data


def _ranges(ranges, optimizer):
    """The ranges, checked: known names, and two finite numbers above 0 in order."""
    known = [*list(inspect.signature(OPTIMIZERS[optimizer]).parameters), *OF_NETWORKS]
    if not hasattr(ranges, "items") or not ranges:
        raise TypeError(
            f"ranges must be a dict of at least one (smallest, largest) by name, not {checks.shown(ranges)}"
        )
    checked = {}
    for name, both in ranges.items():
        name = checks.choice("ranges", name, known)
        if not isinstance(both, tuple | list) or len(both) != 2:
            raise ValueError(f"ranges[{name!r}] must be (smallest, largest), not {checks.shown(both)}")
        low, high = (checks.rate(f"ranges[{name!r}]", end) for end in both)
        if low > high:
            raise ValueError(f"ranges[{name!r}] must be (smallest, largest), not {checks.shown(both)}")
        checked[name] = low, high
    return checked


def _need_joblib():
    try:
        import joblib  # noqa: F401
    except ImportError:
        raise ImportError("processes above 1 needs joblib, which is not installed: pip install joblib") from None


def _about(settings, x, t):
    """What a file says of its search: all that a trial depends on, the data by their SHA-256."""
    data = hashlib.sha256()
    for a in (x, t):
        a = np.ascontiguousarray(on_cpu(a))
        data.update(f"{a.dtype.str}{a.shape}".encode() + a.tobytes())
    about = {**vars(settings), "data": data.hexdigest()}
    return json.loads(json.dumps(about, default=str))  # tuples as the lists that come back


def _content(about, trials):
    """A file: a line with what it is and a SHA-256 of the rest, one with the settings, one for each trial."""
    lines = [about, *(vars(trials[number]) for number in sorted(trials))]
    rest = "".join(f"{json.dumps(line)}\n" for line in lines).encode()
    head = {"kind": KIND, "layout": LAYOUT, "sha256": hashlib.sha256(rest).hexdigest()}
    return f"{json.dumps(head)}\n".encode() + rest


def _read(path, about):
    """The trials in a file of this search, by number; none where there is no file.

    Raises
    ------
    ReferenceFileError
        If it is damaged, or of another search.
    """
    if not path.exists():
        return {}
    try:
        head, _, rest = path.read_bytes().partition(b"\n")
        head = json.loads(head)
        if head["kind"] != KIND or head["layout"] != LAYOUT:
            raise ValueError(f"it is {head['kind']!r}, layout {head['layout']!r}")
        if hashlib.sha256(rest).hexdigest() != head["sha256"]:
            raise ValueError("its SHA-256 is not the one written in it")
        theirs, *lines = map(json.loads, rest.splitlines())
        trials = [Trial(**{k: tuple(v) if type(v) is list else v for k, v in line.items()}) for line in lines]
    except OSError as error:
        raise ReferenceFileError(f"{path}: {error.strerror}") from error
    except Exception as error:  # whatever comes of bytes that are not what they should be
        raise ReferenceFileError(f"{path}: not a file of a random search, or damaged: {error}") from error
    others = [name for name in about.keys() | theirs.keys() if about.get(name) != theirs.get(name)]
    if others:
        raise ReferenceFileError(f"{path}: of another search; it differs in {', '.join(sorted(others))}")
    return {each.number: each for each in trials}
