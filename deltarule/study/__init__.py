"""How often a listing converges: thousands of starts trained at once, and the rate with its interval.

Start number k is drawn from MATLAB's ``rng(k)``, as ``--seed k`` of the listing's script draws it, so that each can be
replayed alone. The starts of a chunk are the leading axis of the weights; what comes out of one does not depend on the
others, on the size of the chunks or on the number of processes.
"""

import csv
import hashlib
import io
import json
import signal
import struct
import threading
import zipfile
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from functools import partial

import numpy as np

from .. import data, matlab
from ..basics import checks
from ..basics.arrays import namespace, on_cpu
from ..basics.files import ReferenceFileError
from ..listings.classifier import multi_class, multi_class_forward
from ..listings.deep import deep_dropout, deep_dropout_forward, deep_relu, deep_relu_forward
from ..listings.multi_layer import backprop_ce, backprop_mmt, backprop_xor, multi_layer_forward
from ..listings.single_layer import delta_batch, delta_minibatch, delta_sgd, single_layer_forward

CHUNK = 1000  # starts that are trained at once: as many as the caches take
EVERY = 10  # epochs between two looks at the outputs
MASKS = 1  # seed of the masks of dropout, which all starts share


@dataclass(frozen=True)
class Subject:
    """A listing that is studied, with what its script trains it on.

    Attributes
    ----------
    routine, forward, samples : callable
    shapes : callable
        From the number of hidden nodes to the shapes of the weights, in the order in which they are drawn.
    hidden : int or None
        The book's number of hidden nodes in each hidden layer; None where there is no hidden layer.
    epochs : int
        As many as the script trains.
    kept : bool
        Whether the momentum is kept across epochs.
    """

    routine: Callable
    forward: Callable
    samples: Callable
    shapes: Callable
    hidden: int | None
    epochs: int
    kept: bool = False


def _layer(hidden):
    return ((1, 3),)


def _two(hidden):
    return (hidden, 3), (1, hidden)


def _classes(hidden):
    return (hidden, 25), (5, hidden)


def _deep(hidden):
    return (hidden, 25), (hidden, hidden), (hidden, hidden), (5, hidden)


ROUTINES = {
    "delta_sgd": Subject(delta_sgd, single_layer_forward, data.linear, _layer, None, 10_000),
    "delta_batch": Subject(delta_batch, single_layer_forward, data.linear, _layer, None, 40_000),
    "delta_minibatch": Subject(delta_minibatch, single_layer_forward, data.linear, _layer, None, 20_000),
    "backprop_xor": Subject(backprop_xor, multi_layer_forward, data.xor, _two, 4, 10_000),
    "backprop_mmt": Subject(backprop_mmt, multi_layer_forward, data.xor, _two, 4, 10_000),
    "backprop_mmt_kept": Subject(backprop_mmt, multi_layer_forward, data.xor, _two, 4, 10_000, True),
    "backprop_ce": Subject(backprop_ce, multi_layer_forward, data.xor, _two, 4, 10_000),
    "multi_class": Subject(multi_class, multi_class_forward, data.digits, _classes, 50, 10_000),
    "deep_relu": Subject(deep_relu, deep_relu_forward, data.digits, _deep, 20, 10_000),
    "deep_dropout": Subject(deep_dropout, deep_dropout_forward, data.digits, _deep, 20, 20_000),
    "deep_dropout_exact": Subject(
        partial(deep_dropout, slope="exact"), deep_dropout_forward, data.digits, _deep, 20, 20_000
    ),
}


@dataclass(frozen=True)
class Settings:
    """What is studied.

    Attributes
    ----------
    routine : str
        One of `ROUTINES`. ``backprop_mmt_kept`` keeps its momentum across epochs, ``deep_dropout_exact`` takes the
        derivative in the place of the listing's slope.
    epochs : int, optional
        The longest a start is trained; the script's number when None.
    hidden : int, optional
        Hidden nodes in each hidden layer; the book's number when None.
    alpha : float, optional
        Learning rate; the book's when None.
    scale : float
        The starting weights are the script's, uniform in [-1, 1], times this.
    within : float
        A start has converged when every output lies so near its target, in (0, 0.5]; 0.5 asks for the right side only.
    every : int
        Epochs between two looks: a start counts as converged at the first look that finds it so.

    Raises
    ------
    ValueError, TypeError
        If the routine is unknown, a number is none or out of range; it is named.
    """

    routine: str
    epochs: int | None = None
    hidden: int | None = None
    alpha: float | None = None
    scale: float = 1.0
    within: float = 0.1
    every: int = EVERY

    def __post_init__(self):
        subject = ROUTINES[checks.choice("routine", self.routine, ROUTINES)]
        if self.hidden is not None and subject.hidden is None:
            raise ValueError(f"hidden is {self.hidden!r}; {self.routine} has no hidden layer")
        given = {"epochs": self.epochs or subject.epochs, "hidden": self.hidden or subject.hidden}
        for name in ("epochs", "every", "hidden"):
            value = getattr(self, name)
            if value is not None:
                checks.count(name, value, 10**9, f"{name} at most")
        if self.alpha is not None:
            checks.rate("alpha", self.alpha)
        checks.rate("scale", self.scale)
        if not 0 < checks.number("within", self.within) <= 0.5:
            raise ValueError(f"within is {self.within!r}; it takes a number above 0, up to 0.5, the right side")
        for name, value in given.items():
            object.__setattr__(self, name, value)

    @property
    def subject(self):
        """The listing."""
        return ROUTINES[self.routine]

    def start(self, number):
        """The starting weights of one start, a tuple of arrays."""
        rng = matlab.rng(int(number))
        return tuple(self.scale * (2 * rng.rand(*shape) - 1) for shape in self.subject.shapes(self.hidden))


@dataclass
class Outcome:
    """What became of some starts.

    Attributes
    ----------
    settings : Settings
    starts : array of int64, shape (n,)
        Their numbers, ascending.
    epochs : array of int64, shape (n,)
        The epoch at whose end each was found to have converged; 0 for those that had not.
    outputs : array of float64, shape (failed, N, outputs)
        Where those that had not converged ended.

    Examples
    --------
    >>> outcome = study(Settings("backprop_xor", epochs=2000), 100)
    >>> outcome.converged, len(outcome.failed) == 100 - outcome.converged
    (91, True)
    """

    settings: Settings
    starts: np.ndarray
    epochs: np.ndarray
    outputs: np.ndarray

    @property
    def converged(self):
        """How many converged."""
        return int((self.epochs > 0).sum())

    @property
    def failed(self):
        """The numbers of the starts that did not."""
        return self.starts[self.epochs == 0]

    def interval(self, confidence=0.95):
        """Wilson's interval of the rate, a pair of numbers."""
        from scipy.stats import binomtest

        found = binomtest(self.converged, len(self.starts)).proportion_ci(confidence, method="wilson")
        return float(found.low), float(found.high)

    def groups(self):
        """The outputs, to one decimal, that failed starts ended with, and how many each; the most frequent first."""
        rounded = (tuple((np.round(y, 1) + 0.0).ravel().tolist()) for y in self.outputs)
        return Counter(rounded).most_common()

    def joined(self, others):
        """This and the outcomes of other starts in one."""
        parts = [self, *others]
        starts, epochs, outputs, failed = (
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("starts", "epochs", "outputs", "failed")
        )
        order = np.argsort(starts)
        return Outcome(self.settings, starts[order], epochs[order], outputs[np.argsort(failed)])


def nothing(settings):
    """The outcome of no starts."""
    X, D = settings.subject.samples()
    none = np.zeros(0, dtype=np.int64)
    return Outcome(settings, none, none, np.zeros((0, len(X), D.size // len(X))))


def train(settings, starts, device="cpu"):
    """Train some starts at once.

    Parameters
    ----------
    settings : Settings
    starts : sequence of int
    device : {"cpu", "gpu"}
        Where; a GPU takes CuPy.

    Returns
    -------
    Outcome
    """
    starts = np.asarray(starts, dtype=np.int64)
    weights, step, look = _begin(settings, starts, device)
    state = weights
    epochs = np.zeros(len(starts), dtype=np.int64)
    there = np.arange(len(starts))  # which starts the state is of: those that have converged are left out in time
    for epoch in range(1, settings.epochs + 1):
        state = step(state)
        if epoch % settings.every == 0 or epoch == settings.epochs:
            y, off = look(state)
            close = (abs(off) <= settings.within).all(axis=(-2, -1))
            epochs[there[close & (epochs[there] == 0)]] = epoch
            left = epochs[there] == 0
            if not left.any():
                break
            if left.sum() <= len(left) // 2:  # each time, the routine is recorded anew
                kept = namespace(state[0]).asarray(left)
                there, y, state = there[left], y[left], tuple(a[kept] for a in state)
    failed = epochs[there] == 0
    return Outcome(settings, starts, epochs, y[failed])


def _begin(settings, starts, device="cpu"):
    """The weights of some starts, stacked, and two functions of them and their momenta.

    One trains them for an epoch; the other gives the outputs, and how far they are off their targets, on the CPU.
    """
    subject = settings.subject
    X, D = subject.samples()
    weights = tuple(np.stack(layer) for layer in zip(*map(settings.start, starts), strict=True))
    n, targets = len(weights), D.reshape(len(D), -1)
    if device != "cpu":
        import cupy

        X, D, *weights = map(cupy.asarray, (X, D, *weights))
    options = {} if settings.alpha is None else {"alpha": settings.alpha}
    if "dropout" in settings.routine:
        options["rng"] = matlab.rng(MASKS)

    def step(state):
        momenta = {"momenta": state[n:] or tuple(0 * W for W in state)} if subject.kept else {}
        trained = subject.routine(*state[:n], X, D, **options, **momenta)
        return trained if isinstance(trained, tuple) else (trained,)

    def look(state):
        y = on_cpu(subject.forward(*state[:n], X))
        return y, y - targets

    return tuple(weights), step, look


def error_curves(settings, starts):
    """How the error of some starts goes down.

    Parameters
    ----------
    settings : Settings
    starts : sequence of int

    Returns
    -------
    epochs : array, shape (m,)
        Some 100 of the epochs, evenly spread on a logarithmic scale.
    errors : array, shape (starts, m)
        The mean of the squared errors of all outputs, after each of them.
    """
    marks = np.unique(np.geomspace(1, settings.epochs, 100).round().astype(int))
    state, step, look = _begin(settings, starts)
    errors = []
    for epoch in range(1, settings.epochs + 1):
        state = step(state)
        if epoch in marks:
            errors.append((look(state)[1] ** 2).mean(axis=(-2, -1)))
    return marks, np.array(errors).T


def chunks(settings, starts, *, chunk=CHUNK, jobs=1, device="cpu"):
    """Train starts chunk by chunk, and yield the outcome of each as soon as it is there.

    Parameters
    ----------
    settings : Settings
    starts : sequence of int
        Their numbers, 0 to 2**32 - 1.
    chunk : int
        How many are trained at once.
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
        If `chunk`, `jobs` or `device` is none that can be; it is named.
    """
    checks.count("chunk", chunk, 10**9, "starts at most")
    checks.count("jobs", jobs, 10**6, "processes at most")
    checks.choice("device", device, ("cpu", "gpu"))
    parts = [starts[begin : begin + chunk] for begin in range(0, len(starts), chunk)]
    if jobs == 1:
        yield from (train(settings, part, device) for part in parts)
        return
    from joblib import Parallel, delayed

    with _leaving_ctrl_c_to_us():
        outcomes = Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)(
            delayed(train)(settings, part, device) for part in parts
        )
    yield from outcomes


@contextmanager
def _leaving_ctrl_c_to_us():
    """Processes begun in here take no Ctrl-C: a terminal sends it to all, and each would say so in its own way."""
    if threading.current_thread() is not threading.main_thread():  # others may not set handlers
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # which they inherit
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def study(settings, starts, *, first=0, chunk=CHUNK, jobs=1, device="cpu"):
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
        If a number is none or out of range; it is named.
    """
    return nothing(settings).joined(chunks(settings, numbers(starts, first), chunk=chunk, jobs=jobs, device=device))


def numbers(starts, first=0):
    """The numbers of so many starts, a range."""
    checks.count("starts", starts, 2**32, "MATLAB's seeds")
    if isinstance(first, bool) or not hasattr(first, "__index__") or not 0 <= first <= 2**32 - starts:
        raise ValueError(f"first is {first!r}; it takes 0 to {2**32 - starts}, so that the last start is a seed")
    return range(first, first + starts)


FORMATS = (".npz", ".csv")
COLUMNS = ["study", "start", "epoch", "outputs"]
ARRAYS = ("starts", "epochs", "outputs")


def write(outcomes, suffix):
    """Outcomes as the bytes of a file, ``.npz`` or ``.csv``.

    Each has the settings as JSON, and a SHA-256 by which damage is noticed; the table has a line for each start, with
    the outputs of those that failed.
    """
    settings = json.dumps([asdict(outcome.settings) for outcome in outcomes])
    if suffix == ".npz":
        content = io.BytesIO()
        arrays = {f"{name}_{k}": getattr(outcome, name) for k, outcome in enumerate(outcomes) for name in ARRAYS}
        np.savez_compressed(content, settings=np.array(settings), **arrays)
        return sealed(content.getvalue(), suffix)
    text = io.StringIO(newline="")
    text.write(f"# {settings}\n")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for k, outcome in enumerate(outcomes):
        ends = iter(outcome.outputs)
        for start, epoch in zip(outcome.starts.tolist(), outcome.epochs.tolist(), strict=True):
            end = "" if epoch else " ".join(map(repr, next(ends).ravel().tolist()))
            table.writerow([k, start, epoch, end])
    return sealed(text.getvalue().encode(), suffix)


def sealed(content, suffix):
    """Content with its SHA-256: as the first line of a table, as the comment at the end of an archive."""
    seal = b"deltarule study, sha256 " + hashlib.sha256(content).hexdigest().encode()
    if suffix == ".csv":
        return b"# " + seal + b"\n" + content
    return content[:-2] + struct.pack("<H", len(seal)) + seal  # the two bytes before a comment are its length, so far 0


def _unsealed(content, suffix):
    length = len(sealed(bytes(2), suffix))
    whole = content[length - 2 :] if suffix == ".csv" else content[:-length] + bytes(2)
    if len(content) < length or sealed(whole, suffix) != content:
        raise ValueError("its SHA-256 is not the one written in it")
    return whole


def read(path):
    """The outcomes in a file that `write` made.

    Raises
    ------
    ReferenceFileError
        If the file is missing, damaged or not of a study; nothing in it is executed.
    """
    try:
        content = _unsealed(path.read_bytes(), path.suffix)
        given = (_read_npz if path.suffix == ".npz" else _read_csv)(content)
        return [_outcome(settings, *arrays) for settings, *arrays in given]
    except OSError as error:
        raise ReferenceFileError(f"{path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, IndexError, EOFError, zipfile.BadZipFile, StopIteration) as error:
        raise ReferenceFileError(f"{path}: not a file of deltarule's studies, or damaged: {error}") from error


def _read_npz(content):
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        settings = json.loads(str(file["settings"]))
        return [(s, *(file[f"{name}_{k}"] for name in ARRAYS)) for k, s in enumerate(settings)]


def _read_csv(content):
    head, _, rest = content.decode().partition("\n")
    settings = json.loads(head.removeprefix("#"))
    columns, *rows = csv.reader(io.StringIO(rest))
    if columns != COLUMNS or any(len(row) != len(COLUMNS) for row in rows):
        raise ValueError(f"the columns are not {', '.join(COLUMNS)}")
    found = []
    for k, s in enumerate(settings):
        mine = [row for row in rows if int(row[0]) == k]
        ends = [list(map(float, row[3].split())) for row in mine if int(row[2]) == 0]
        found.append((s, *(np.array([int(row[j]) for row in mine], dtype=np.int64) for j in (1, 2)), np.array(ends)))
    return found


def _outcome(given, starts, epochs, outputs):
    if set(given) != {field.name for field in fields(Settings)}:
        raise ValueError(f"settings {sorted(given)}")
    settings = Settings(**given)
    shape = nothing(settings).outputs.shape[1:]
    failed = int((epochs == 0).sum())
    whole = starts.shape == epochs.shape == (len(starts),) and starts.dtype.kind == epochs.dtype.kind == "i"
    if not whole or outputs.size != failed * int(np.prod(shape)) or (np.diff(starts) <= 0).any():
        raise ValueError("the numbers of starts, epochs and outputs do not fit")
    return Outcome(settings, starts, epochs, outputs.reshape(failed, *shape).astype(float))
