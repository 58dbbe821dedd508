"""What came out of the trainings of a script of the notes: numbers, a table, and how they are named by the book's code.

A script trains with a `Trainer` for each network, and ends with what `outcome` makes of them.
"""

from copy import deepcopy
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np

from ..basics.files import ReferenceFileError
from ..evidence import from_scratch
from ..layers.experiments import EXPERIMENTS, SCALE, Trained, entries

LAST = 10  # batches whose mean loss is that of the end: one batch tells little


@dataclass(frozen=True)
class Outcome:
    """What came out of the trainings of a script, by what tells them apart.

    Attributes
    ----------
    loss : dict from str to float
        The mean of the last ten batches; NaN where the training diverged.
    train, test : dict from str to float
        The accuracies on all samples in the end; NaN as well.
    losses, accuracies : dict from str to list
        The losses of all batches; the accuracies as `accuracies` gives them.
    rows : list of list of str
        The table to print, with the loss of the book's code where that was run so.
    book_code : dict
        What `NotesRun.finish` takes.
    """

    loss: dict = field(default_factory=dict)
    train: dict = field(default_factory=dict)
    test: dict = field(default_factory=dict)
    losses: dict = field(default_factory=dict)
    accuracies: dict = field(default_factory=dict)
    rows: list = field(default_factory=list)
    book_code: dict = field(default_factory=dict)

    @property
    def quantities(self):
        """All numbers by what they are, for JSON, which has no NaN."""
        measured = {"loss": self.loss, "train accuracy": self.train, "test accuracy": self.test}
        return {f"{name}: {what}": _plain(values[name]) for name in self.loss for what, values in measured.items()}


def outcome(run, trained, what="network"):
    """What came out of trainings; their losses become the curves of the run.

    Parameters
    ----------
    run : NotesRun
    trained : dict from str to Trainer or dict of Trainer
        By run in the script's part of `EXPERIMENTS`, the trainer; or the trainers by candidate.
    what : str
        What the rows of the table are, in words.

    Returns
    -------
    Outcome
    """
    found, theirs = Outcome(), {}
    for name, trainers in trained.items():
        experiment = EXPERIMENTS[run.name][name]
        trainers = trainers if isinstance(trainers, dict) else {"": trainers}
        found.book_code.update(by_book(experiment, trainers))
        for candidate, trainer in trainers.items():
            alone = name if len(EXPERIMENTS[run.name]) > 1 else type(trainer.network).__name__
            label = candidate.replace("_", " ") or alone
            found.losses[label] = losses = trainer.train_loss_list
            found.loss[label] = float("nan") if trainer.diverged or not losses else float(np.mean(losses[-LAST:]))
            found.train[label], found.test[label] = end = in_the_end(trainer)
            found.accuracies[label] = accuracies(trainer, end)
            theirs[label] = book_loss(run, experiment, candidate)
    run.keep_curves(found.losses, "loss of the batch")
    found.rows.extend(_rows(found, theirs, what, run.translate))
    return found


def in_the_end(trainer):
    """The accuracies on all samples to train on and to test on; NaN where the training diverged."""
    if trainer.diverged:
        return float("nan"), float("nan")
    network = trainer.network
    test = float("nan") if trainer.x_test is None else network.accuracy(trainer.x_test, trainer.t_test)
    return network.accuracy(trainer.x_train, trainer.t_train), test


def accuracies(trainer, end=None):
    """The accuracies that a trainer recorded, by "train" and "test": pairs of the iteration, from 1, and the accuracy.

    The last accuracy of a training that diverged is NaN, at the iteration where it did.

    Parameters
    ----------
    trainer : Trainer
    end : tuple of float, optional
        The two accuracies in the end, for a last pair each.
    """
    every = Fraction(len(trainer.x_train), trainer.mini_batch_size).numerator  # iterations from one to the next
    points = {}
    for k, (name, recorded) in enumerate((("train", trainer.train_acc_list), ("test", trainer.test_acc_list))):
        points[name] = [(1 + n * every, accuracy) for n, accuracy in enumerate(recorded)]
        if trainer.diverged:
            points[name].append((trainer.current_iter + 1, float("nan")))
        elif end and points[name] and points[name][-1][0] < trainer.current_iter:
            points[name].append((trainer.current_iter, end[k]))
    return points


@dataclass(frozen=True)
class Comparison:
    """The accuracies of pairs of networks, each pair from another scale of the starting weights.

    Attributes
    ----------
    last : dict from str to dict from str to float
        By scale and by label the accuracy in the end on the samples trained on; NaN where the training diverged.
    curves : dict from str to dict from str to list of (iteration, accuracy)
    rows : list of list of str
        The table to print, with the accuracies of the book's code where that was run so.
    book_code : dict
        What `NotesRun.finish` takes.
    """

    last: dict = field(default_factory=dict)
    curves: dict = field(default_factory=dict)
    rows: list = field(default_factory=list)
    book_code: dict = field(default_factory=dict)

    @property
    def quantities(self):
        """All numbers by what they are, for JSON."""
        return {f"{scale}: {label}": _plain(value) for scale, by in self.last.items() for label, value in by.items()}

    def ahead(self, one, other):
        """From how many scales one is better in the end than the other; a training that diverged is behind any."""
        ends = ((by[one], by[other]) for by in self.last.values())
        return sum(a > b or (np.isnan(b) and not np.isnan(a)) for a, b in ends)


def comparison(run, pairs, labels):
    """The accuracies of pairs of networks; they become the curves of the run.

    Parameters
    ----------
    run : NotesRun
    pairs : dict from float to dict from str to Trainer
        By scale of the starting weights and by candidate.
    labels : dict from str to str
        What the candidates are, in words.

    Returns
    -------
    Comparison
    """
    experiment = EXPERIMENTS[run.name]["compare"]
    theirs = of_book(run, *experiment.golden)
    heading = [f"{label}, book's code" for label in labels.values()] if theirs else []
    found = Comparison(rows=[["scale", *labels.values(), *heading]], book_code=by_book(experiment, pairs[SCALE]))
    for scale, pair in pairs.items():
        name, by_label = f"{scale:.3g}", {labels[key]: trainer for key, trainer in pair.items()}
        last = {label: in_the_end(trainer)[0] for label, trainer in by_label.items()}
        row = [number(last[label]) or lost(t.train_loss_list, run.translate) for label, t in by_label.items()]
        book = [number(theirs[f"{key}train_acc"][-1]) if scale == SCALE else "" for key in labels] if theirs else []
        found.last[name] = last
        found.curves[f"scale {name}"] = {label: accuracies(t)["train"] for label, t in by_label.items()}
        found.rows.append([name, *row, *book])
    flat = {f"{name}, {label}": points for name, by in found.curves.items() for label, points in by.items()}
    finite = {label: [point for point in points if not np.isnan(point[1])] for label, points in flat.items()}
    run.keep_curves(finite, "accuracy on the training images")
    return found


def by_book(experiment, trainers):
    """What the trainers of an experiment hold, by the names of the book's golden file; the stream goes on as it was."""
    rng = deepcopy(next(iter(trainers.values())).rng)
    found = entries(replace(experiment, kept={}), Trained(trainers, {}, rng))
    return {(experiment.golden[0], run): arrays for run, arrays in found.items()}


def book_loss(run, experiment, candidate):
    """The mean of the last losses that the book's code had, or None where it was not run so."""
    named = [entry for entry, what in experiment.recorded.items() if what == "train_loss_list"]
    losses = of_book(run, *experiment.golden).get(named[0].format(name=candidate)) if named else None
    return None if losses is None else float(np.mean(losses[-LAST:]))


def _rows(found, theirs, what, _):
    """A row a network; the column of the book's code only where it has a number."""
    code = any(value is not None for value in theirs.values())
    rows = [[what, "loss", "train", "test", *(["loss, book's code"] if code else [])]]
    for name, loss in found.loss.items():
        ours = [number(value) for value in (loss, found.train[name], found.test[name])]
        if np.isnan(found.train[name]):
            ours[0] = lost(found.losses[name], _)
        rows.append([name, *ours, *([number(theirs[name])] if code else [])])
    return rows


def number(value):
    """A loss or an accuracy as it stands in a table; nothing for none."""
    return "" if value is None or np.isnan(value) else f"{value:.4f}"


def lost(losses, _=str):
    """That a training diverged, and when."""
    return _("not finite from batch {n} on").format(n=len(losses) + 1)


def _plain(value):
    """A number as JSON has it, which has no NaN."""
    return None if np.isnan(value) else value


def of_book(run, part, name):
    """What the book's code gave in a run, by the names of its golden file without what the run adds to them.

    Parameters
    ----------
    run : NotesRun
    part, name : str
        File and run, as in `deltarule.evidence.from_scratch.RUNS`.

    Returns
    -------
    dict from str to array
        Empty where the book's code was not run as `run` was, or its results cannot be read, which the verdict says.
    """
    if run.options.seed not in from_scratch.SEEDS or not run.as_the_code:
        return {}
    file = run.folder / "golden" / from_scratch.FOLDER / from_scratch.file_name(part, run.options.seed)
    try:
        return from_scratch.entries_of(part, name, from_scratch.read_golden(file))
    except ReferenceFileError:
        return {}
