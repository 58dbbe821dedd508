"""One run of a script of the from-scratch notes: options, random numbers, data, the verdict.

A script begins with ``run = start(__file__, __doc__, seed=1, iterations=200, lr=0.1)``, draws from ``run.rng``, takes
``run.digits()``, and ends with ``sys.exit(run.finish({"loss": loss}, ...))``.
"""

import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from .. import data
from ..basics.arrays import on_cpu
from ..basics.files import ReferenceFileError
from ..data import IdxError
from ..evidence import from_scratch
from ..evidence.notes import PRINTING, read_printed
from . import notes_verdicts, weight_files
from .any_run import AnyRun, add_weight_files, parser_of, with_loaded
from .language import asked_for
from .options import (
    IN_THE_NOTES,
    add_choices,
    add_common_options,
    add_length,
    add_search,
    check_length,
    docstring,
    integer_seed,
)
from .tables import quantity_rows
from .terminal import complain, runs_as_program, take_ctrl_c

DTYPE = {"dtype": "float64"}  # what every script of the notes has
TRAINED = 8000  # of the 10,000 images that come with the package; the others are for testing
NO_FOLDER = "the package's 10,000"
DRAWS, DRAWS_NOTHING = "seed of numpy.random.RandomState", "taken by every script; this one draws nothing"
SIXTY_THOUSAND = "train on the 60,000 images in a folder, test on the 10,000 of the package"


def start(
    file, doc, *, seed=None, iterations=None, epochs=None, samples=None, mnist=False, weights=None, trials=None,
    threads=1, **chosen,
):  # fmt: skip
    """Read a script's options and return its `NotesRun`.

    Parameters
    ----------
    file : str
        The script's ``__file__``.
    doc : str
        The script's docstring; its first line is the title.
    seed : int, optional
        Seed of `numpy.random.RandomState` unless ``--seed`` says otherwise; None for a script that draws nothing.
    iterations, epochs : int, optional
        How long it trains unless ``--iterations`` or ``--epochs`` says otherwise; at most one of the two.
    samples : int, optional
        How many samples there are, the largest batch, where `NotesRun.digits` does not know it.
    mnist : bool
        Whether there is an option ``--mnist``, for `NotesRun.digits`.
    trials : int, optional
        How many a random search has unless ``--trials`` says otherwise; with it there are ``--processes`` and
        ``--resume``.
    threads : int, optional
        Threads of the BLAS where it trains: for products as small as those of the fully connected networks a second one
        gains some percent and keeps a second core busy. As many as the BLAS takes by itself when None.
    weights : bool, optional
        Whether there are ``--save`` and ``--load``; by default where it trains.
    **chosen : float, int or str
        What else the document chose and an option may change: ``lr``, ``momentum``, ``batch_size``, ``hidden``,
        ``optimizer``, ``activation``, ``init``, ``weight_decay``, ``dropout``, ``train``.

    Returns
    -------
    NotesRun

    Raises
    ------
    SystemExit
        With code 2 and one line on stderr for a bad option or an unreadable reference file, 0 for ``--help``.

    Notes
    -----
    A notebook's or a prompt's command line and signals are left alone, as `deltarule.programs.run.start` has it.
    """
    doc = doc or docstring(file)
    program = runs_as_program(file)
    arguments = sys.argv[1:] if program else []
    lengths = {name: n for name, n in (("iterations", iterations), ("epochs", epochs)) if n is not None}
    parser = parser_of(file, doc, asked_for(arguments))
    _add_options(parser, seed, lengths, mnist, bool(lengths) if weights is None else weights, trials)
    add_choices(parser, chosen, samples, IN_THE_NOTES)
    if program:
        take_ctrl_c()
        if lengths and threads is not None:
            _share_out(threads)
    book = {"seed": seed, **lengths, **chosen, **({"mnist": None} if mnist else {})}
    options = _options(parser, arguments, book)
    try:
        return NotesRun(Path(file), doc.partition("\n")[0], options, book, parser.error)
    except ReferenceFileError as error:
        parser.error(str(error))


def _share_out(threads):
    """Let the BLAS take so many threads, in this process, from now on."""
    from threadpoolctl import threadpool_limits  # here, since few scripts need it

    threadpool_limits(threads, user_api="blas")


def _add_options(parser, seed, lengths, mnist, weights, trials):
    """Add all options but those of what was chosen."""
    parser.add_argument("--seed", type=integer_seed, metavar="N", help=DRAWS_NOTHING if seed is None else DRAWS)
    add_length(parser, lengths)
    add_common_options(parser)
    if mnist:
        parser.add_argument("--mnist", metavar="FOLDER", help=SIXTY_THOUSAND)
    if weights:
        add_weight_files(parser)
    if trials is not None:
        add_search(parser, trials)


def _options(parser, arguments, book):
    """The options of a command line; what it leaves open is as in the file that is loaded, or as in the notes."""
    options = with_loaded(parser, arguments, book.keys() - {"seed", "iterations", "epochs", "mnist"})
    for name in {"seed", "iterations", "epochs"} & book.keys():
        setattr(options, name, book[name] if getattr(options, name) is None else getattr(options, name))
    if book["seed"] is None:
        options.seed = None
    check_length(parser, options)
    return options


class NotesRun(AnyRun):
    """One run of a script of the notes.

    Attributes
    ----------
    options : argparse.Namespace
        What was asked for.
    rng : numpy.random.RandomState
        The stream that the script draws from; None where it draws nothing.
    changed : dict
        By name, what this run has that is not the notes', as a pair: this run's value and the notes'.
    by_code : set of str
        What may be changed and the run still be held against the book's code; a script may add to it.
    """

    CHANGES = "not the notes' run: {changes}"
    EACH_CHANGE = "{name} {here} (default: {book})"

    def __init__(self, file, title, options, book, refuse):
        super().__init__(file, title, options, book | DTYPE, refuse)
        if "mnist" in self.changed:
            self.changed["mnist"] = (options.mnist, NO_FOLDER)
        self.COUNTED = next((name for name in ("iterations", "epochs") if name in book), None)
        self.ASKED = tuple(name for name in ("seed", self.COUNTED, "device", "dtype") if name)
        self.chosen = {n: getattr(options, n) for n in book if n not in ("seed", "iterations", "epochs", "mnist")}
        self.rng = None if options.seed is None else np.random.RandomState(options.seed)
        self.by_code = {"seed", "dtype"}
        self.printed = self._read_printed()

    def _read_printed(self):
        """What the document prints of this script, by quantity."""
        if self.folder is None or self.name not in PRINTING:
            return {}
        return {each.quantity: each for each in read_printed(self.folder / "textbook.toml")[self.name]}

    @property
    def as_the_code(self):
        """Whether the book's code was run so, from some seeds, and its results are installed."""
        return self.folder is not None and self.changed.keys() <= self.by_code

    def digits(self, images=False):
        """MNIST's images and digits to train on and to test on.

        Parameters
        ----------
        images : bool
            Whether a sample is an image (1, 28, 28), or its 784 pixels row by row.

        Returns
        -------
        (x_train, t_train), (x_test, t_test) : arrays
            Samples, 0 to 1; digits (N,) as integers. The first 8,000 and the last 2,000 of the package's 10,000; with
            ``--mnist`` the 60,000 and all 10,000. Where there is an option ``--train``, so many of the first.

        Raises
        ------
        SystemExit
            With code 2 and one line on stderr where the folder of ``--mnist`` does not have them, or there are not as
            many as ``--train`` or ``--batch-size`` takes.
        """
        X, D = data.mnist()
        train, test = (X[:TRAINED], D[:TRAINED]), (X[TRAINED:], D[TRAINED:])
        if self.options.mnist is not None:
            try:
                train, test = data.mnist_train(self.options.mnist), (X, D)
            except (OSError, IdxError) as error:
                self.refuse(f"argument --mnist: {error}")
        train = self._first(*train)
        shape = (1, 28, 28) if images else (784,)
        return tuple(self.to_device(X.reshape(-1, *shape), D) for X, D in (train, test))

    def _first(self, X, D):
        """What ``--train`` asks for."""
        n = getattr(self.options, "train", len(X))
        for name, most, what in (("train", len(X), "images there are"), ("batch_size", n, "images trained on")):
            value = getattr(self.options, name, 1)
            if value > most:
                option = name.replace("_", "-")
                self.refuse(f"argument --{option}: {name} must be at most {most}, the {what}, not {value}")
        return X[:n], D[:n]

    @contextmanager
    def refusing(self):
        """Within it, what a file or a missing library does not allow ends the program: one line on stderr, exit 2."""
        try:
            yield
        except OSError as error:
            self.refuse(f"{error.filename}: {error.strerror}")
        except (ImportError, ReferenceFileError) as error:
            self.refuse(str(error))

    def start_params(self, params, prefix=""):
        """Parameters to start from: those drawn, or those of ``--load``; as `to_device` gives them.

        Parameters
        ----------
        params : dict from str to array
            By name, as drawn. It is changed in place, so that a network starts from them.
        prefix : str
            What stands before the names in the file, where there are several networks.

        Raises
        ------
        SystemExit
            With code 2 and one line on stderr where the file's arrays do not fit.
        """
        held = getattr(self.options, "load", None)
        if held is not None:
            shapes = {f"{prefix}{key}": W.shape for key, W in params.items()}
            try:
                loaded = weight_files.fitting(held, shapes, self.name)
                self.rng = weight_files.random_state_of(held, self.options.seed) or self.rng
            except ValueError as error:
                self.refuse(str(error))
            params.update(zip(params, loaded, strict=True))
        params.update(self.placed(params))

    def placed(self, params):
        """Parameters by name, each as `to_device` gives it."""
        return dict(zip(params, self.to_device(*params.values()), strict=True))

    def rewind(self):
        """Begin the random stream again from the seed, where several networks are drawn from the same start."""
        self.rng = np.random.RandomState(self.options.seed)

    def count(self, *, measured="loss", **values):
        """Count the iterations or epochs from 0, as the document does, with progress on stderr.

        Parameters
        ----------
        measured : str
            What the values are, in words.
        **values : callable
            By label, what gives the value at the moment; called only when a figure or JSON is asked for.

        Yields
        ------
        int
        """
        for n in self._counted(getattr(self.options, self.COUNTED), measured, values):
            yield n - 1

    def keep_curves(self, curves, measured="loss", unit="iteration"):
        """Keep curves that something else has measured, such as a `Trainer`, for JSON and for the figure.

        Parameters
        ----------
        curves : dict from str to list
            By label, the values after each iteration, or pairs of iteration and value.
        measured : str
            What the values are, in words.
        unit : {"iteration", "epoch"}
            What they are counted in.
        """
        self.measured, self.unit = measured, unit
        self.curves = {label: _points(values) for label, values in curves.items()}

    def finish(
        self, quantities, *, rows=None, weights=None, book_code=None, holds=None, criterion=None, draw=None, shown=None
    ):
        """Print the quantities, what the document prints of them, the verdict, and draw what was asked for.

        Parameters
        ----------
        quantities : dict from str to number, tuple or array
            By name, in the order of the table; shapes are tuples.
        rows : list of list of str, optional
            A table to print in place of that of the quantities, the first row of headings.
        weights : dict from str to array, optional
            Trained parameters, for JSON and for ``--save``.
        book_code : dict from (str, str) to dict, optional
            By file without its seed and by run, as in `deltarule.evidence.from_scratch.RUNS`: our arrays by the names
            of the golden file, to be held against what the book's own code gave.
        holds : bool, optional
            Whether the script's own criterion is met; None where it has none but the printed numbers.
        criterion : str, optional
            The criterion in words.
        draw : callable, optional
            Makes the figure out of `deltarule.programs.figures`; None for the curves.
        shown : iterable of str, optional
            The quantities to print; all by default.

        Returns
        -------
        int
            The exit code: 0 when the criterion holds, printed numbers and the book's code are met, 1 when not, 2 when
            something could not be written.
        """
        quantities = {name: _plain(value) for name, value in quantities.items()}
        trained = {name: on_cpu(W) for name, W in (weights or {}).items()}
        unknown = sorted(self.printed.keys() - quantities.keys())
        if unknown:
            self.refuse(f"{self.folder / 'textbook.toml'}: {self.name} has no quantity {unknown[0]!r}")
        found = {
            "seconds": time.perf_counter() - self.started,
            "references": [notes_verdicts.judge(p, quantities[name], self.changed) for name, p in self.printed.items()],
            "book_code": self._book_code(book_code or {}),
            "converged": None if holds is None else bool(holds),
            "criterion": criterion,
        }
        found["verdict"] = notes_verdicts.verdict(found, self.options)
        if rows is None:
            rows = quantity_rows({name: quantities[name] for name in shown or quantities}, self.printed, self.translate)
        else:
            rows = [list(map(self.translate, rows[0])), *rows[1:]]
        listed = {name: v.tolist() if isinstance(v, np.ndarray) else v for name, v in quantities.items()}
        return self._conclude(rows, found, {"part": from_scratch.FOLDER, "quantities": listed}, trained, draw)

    def _outcome(self, found):
        """Below the table: a label and a sentence each."""
        _ = self.translate
        if found["references"]:
            yield "reference", notes_verdicts.in_a_sentence(found["references"], self.changed, _)
        if found["book_code"]:
            yield "book's code", notes_verdicts.book_code_in_words(found["book_code"], _)
        if found["criterion"]:
            holds = _("yes: {criterion}") if found["converged"] else _("no; it should be {criterion}")
            yield "criterion", holds.format(criterion=_(found["criterion"]))
        yield "verdict", notes_verdicts.verdict_in_words(found, self.changed, _)

    def _length(self, _=str, digits="", caption=False):
        if self.COUNTED is not None:
            return super()._length(_, digits)
        if self.rng is None:
            return [] if caption else [_("no random numbers")]
        return [_("seed {seed}").format(seed=self.options.seed)]

    def _state(self):
        return weight_files.words_of(self.rng)

    def _book_code(self, runs):
        """The worst deviation from the book's code, or why it cannot be told; None for a run that it did not make."""
        if not runs or not self.as_the_code:
            return None
        try:
            return notes_verdicts.against_book_code(self.folder / "golden", self.options.seed, runs)
        except ReferenceFileError as error:
            complain(str(error))
            return {"error": str(error)}


def _points(values):
    """A curve as a list of pairs; plain values are counted from 1."""
    points = [tuple(map(float, np.atleast_1d(value))) for value in values]
    return [(k, *point) if len(point) == 1 else point for k, point in enumerate(points, 1)]


def _plain(value):
    """A quantity as it is shown: a tuple or a number as it is, an array on the CPU."""
    if isinstance(value, tuple | int | float):
        return value
    a = np.asarray(on_cpu(value))
    return a if a.ndim else a.item()
