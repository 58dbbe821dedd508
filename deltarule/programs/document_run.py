"""One run of a script whose results are quantities: of the from-scratch notes, or of the other networks.

What the two have in common: the options, the printed numbers, weights to start from, the table, the verdict.
"""

import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ..basics.arrays import on_cpu
from ..basics.files import ReferenceFileError
from ..evidence.notes import PARTS, read_printed
from . import notes_verdicts, weight_files
from .any_run import AnyRun, add_weight_files, parser_of, with_loaded
from .language import asked_for
from .options import IN_THE_NOTES, LENGTHS, add_choices, add_common_options, add_length, check_length, docstring
from .tables import quantity_rows
from .terminal import complain, runs_as_program, take_ctrl_c, tell_of_divergence

DTYPE = {"dtype": "float64"}  # what every script of these has
DRAWS_NOTHING = "taken by every script; this one draws nothing"


def started(
    kind, file, doc, *, seed, lengths, chosen, samples=None, threads=1, weights=None, add=None, unchosen=None
):  # fmt: skip
    """Read a script's options and return its run.

    Parameters
    ----------
    kind : type
        The class of the run.
    file, doc : str
        The script's ``__file__`` and its docstring.
    seed : int or str or None
        The seed unless ``--seed`` says otherwise; None for a script that draws nothing.
    lengths : dict from str to int or None
        How long it trains, in ``iterations`` or ``epochs``; what is None it has no option for.
    chosen : dict
        What else the document chose and an option may change.
    samples : int, optional
        How many samples there are, the largest batch.
    threads : int, optional
        Threads of the BLAS where it trains; as many as the BLAS takes by itself when None.
    weights : bool, optional
        Whether there are ``--save`` and ``--load``; by default where it trains.
    add : callable, optional
        ``add(parser)`` adds what other options there are.
    unchosen : dict, optional
        What else can make the run another one than the document's, and is no choice of it.

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
    lengths = {name: n for name, n in lengths.items() if n is not None}
    parser = parser_of(file, doc, asked_for(arguments))
    draws = DRAWS_NOTHING if seed is None else kind.DRAWS
    parser.add_argument("--seed", type=kind.read_seed, metavar="N", help=draws)
    add_length(parser, lengths)
    add_common_options(parser)
    if bool(lengths) if weights is None else weights:
        add_weight_files(parser)
    if add is not None:
        add(parser)
    add_choices(parser, chosen, samples, IN_THE_NOTES)
    if program:
        take_ctrl_c()
        tell_of_divergence()
        if lengths and threads is not None:
            _share_out(threads)
    book = {"seed": seed, **lengths, **chosen}
    options = _options(parser, arguments, book)
    try:
        title = doc.partition("\n")[0]
        return kind(Path(file), title, options, book | (unchosen or {}), list(chosen), parser.error)
    except ReferenceFileError as error:
        parser.error(str(error))


def _share_out(threads):
    """Let the BLAS take so many threads, in this process, from now on."""
    from threadpoolctl import threadpool_limits  # here, since few scripts need it

    threadpool_limits(threads, user_api="blas")


def _options(parser, arguments, book):
    """The options of a command line; what it leaves open is as in the file that is loaded, or as in the document."""
    options = with_loaded(parser, arguments, book.keys() - {"seed", *LENGTHS})
    for name in {"seed", *LENGTHS} & book.keys():
        setattr(options, name, book[name] if getattr(options, name) is None else getattr(options, name))
    if book["seed"] is None:
        options.seed = None
    check_length(parser, options)
    return options


class DocumentRun(AnyRun):
    """One run of a script whose results are quantities; `NotesRun` and `NetworksRun` say what is theirs.

    Each has ``_stream()``, the stream from the run's seed; ``_loaded_stream(held)``, the stream as a file of weights
    has it, or None; ``_state()``, what ``--save`` keeps of it; and ``_results(given, trained)``, how far the run is
    from the results of another program, or None for a run that it did not make.

    Attributes
    ----------
    options : argparse.Namespace
        What was asked for.
    rng : object
        The stream that the script draws from; None where it draws nothing.
    changed : dict
        By name, what this run has that is not the document's, as a pair: this run's value and the document's.
    """

    PART = ""  # one of `notes_verdicts.WORDS`
    DRAWS = ""  # the help of --seed
    EACH_CHANGE = "{name} {here} (default: {book})"
    read_seed: Callable  # what reads --seed

    def __init__(self, file, title, options, book, chosen, refuse):
        super().__init__(file, title, options, book | DTYPE, refuse)
        self.words = notes_verdicts.WORDS[self.PART]
        self.COUNTED = next((name for name in LENGTHS if name in book), None)
        self.ASKED = tuple(name for name in ("seed", self.COUNTED, "device", "dtype") if name)
        self.chosen = {name: getattr(options, name) for name in chosen}
        self.rng = None if options.seed is None else self._stream()
        self.printed = self._read_printed()

    def _read_printed(self):
        """What the documents print of this script, by quantity."""
        if self.folder is None or self.name not in PARTS[self.PART]:
            return {}
        found = read_printed(self.folder / "textbook.toml", self.PART)
        return {each.quantity: each for each in found[self.name]}

    def beside(self, quantity):
        """What the documents print of a quantity, as text for a table of the script's own; empty where they do not."""
        return " ".join(self.printed[quantity].printed) if quantity in self.printed else ""

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
                self.rng = self._loaded_stream(held) or self.rng
            except ValueError as error:
                self.refuse(str(error))
            params.update(zip(params, loaded, strict=True))
        params.update(self.placed(params))

    def placed(self, params):
        """Parameters by name, each as `to_device` gives it."""
        return dict(zip(params, self.to_device(*params.values()), strict=True))

    def rewind(self):
        """Begin the random stream again from the seed, where several networks are drawn from the same start."""
        self.rng = self._stream()

    def count(self, *, measured="loss", **values):
        """Count the iterations or epochs from 0, with progress on stderr.

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

    def _finish(self, quantities, given, *, rows, weights, holds, criterion, draw, shown):
        """Judge, print and draw; `given` is what is held against the results of another program. The exit code."""
        quantities = {name: _plain(value) for name, value in quantities.items()}
        trained = {name: on_cpu(W) for name, W in (weights or {}).items()}
        unknown = sorted(self.printed.keys() - quantities.keys())
        if unknown:
            self.refuse(f"{self.folder / 'textbook.toml'}: {self.name} has no quantity {unknown[0]!r}")
        found = {
            "seconds": time.perf_counter() - self.started,
            "references": [notes_verdicts.judge(p, quantities[name], self.changed) for name, p in self.printed.items()],
            self.words.results: self._judged(given, trained),
            "converged": None if holds is None else bool(holds),
            "criterion": criterion,
        }
        found["verdict"] = notes_verdicts.verdict(found, self.options, self.words)
        if rows is None:
            listed = {name: quantities[name] for name in shown or quantities}
            rows = quantity_rows(listed, self.printed, self.translate, self.words.printed)
        else:
            rows = [list(map(self.translate, rows[0])), *rows[1:]]
        listed = {name: v.tolist() if isinstance(v, np.ndarray) else v for name, v in quantities.items()}
        return self._conclude(rows, found, {"part": self.PART, "quantities": listed}, trained, draw)

    def _judged(self, given, trained):
        """How far the run is from the results of another program, or why it cannot be told; None as `_results`."""
        try:
            return self._results(given, trained)
        except ReferenceFileError as error:
            complain(str(error))
            return {"error": str(error)}

    def _outcome(self, found):
        """Below the table: a label and a sentence each."""
        _, words = self.translate, self.words
        if found["references"]:
            yield "reference", notes_verdicts.in_a_sentence(found["references"], self.changed, _, words)
        if found[words.results]:
            yield words.program, notes_verdicts.results_in_words(found[words.results], _)
        if found["criterion"]:
            holds = _("yes: {criterion}") if found["converged"] else _("no; it should be {criterion}")
            yield "criterion", holds.format(criterion=_(found["criterion"]))
        yield "verdict", notes_verdicts.verdict_in_words(found, self.changed, _, words)

    def _length(self, _=str, digits="", caption=False):
        if self.COUNTED is not None:
            return super()._length(_, digits)
        if self.rng is None:
            return [] if caption else [_("no random numbers")]
        return [_("seed {seed}").format(seed=self.options.seed)]


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
