"""One run of a script: what was asked for, the loop over epochs, what came out, and the verdict."""

import argparse
import sys
import time
from pathlib import Path

import numpy as np

from .. import matlab
from ..basics.arrays import on_cpu
from ..basics.devices import to_device
from ..basics.files import ReferenceFileError
from ..evidence.textbook import read_textbook
from ..listings.labels import accuracy, recognised
from ..version import __version__
from . import weight_files
from .language import asked_for, translator
from .options import BOOK, OneLineParser, add_choices, add_options, check_epochs, check_seed, docstring
from .places import reference_of
from .tables import digit_rows, image_rows, padded, table, vector_rows
from .terminal import complain, delivered, progress, runs_as_program, take_ctrl_c
from .verdicts import CONVERGED_WITHIN, close, in_a_sentence, in_words, judge, verdict, verdict_in_words


def start(file, doc, *, epochs, seed="default", samples=None, convolution=False, **chosen):
    """Read a script's options and return its `Run`.

    Parameters
    ----------
    file : str
        The script's ``__file__``; its name is the listing's, and ``reference/`` lies beside its folder.
    doc : str
        The script's docstring; its first line is the title.
    epochs : int
        Epochs of training unless ``--epochs`` says otherwise.
    seed : int or "default"
        Seed of MATLAB's stream unless ``--seed`` says otherwise.
    samples : int, optional
        How many samples there are, the largest batch.
    convolution : bool
        Whether there is an option ``--convolution``, the form to give to `deltarule.mnist_conv`.
    **chosen : float or int
        What else the book chose and an option may change: ``alpha``, ``beta``, ``ratio``, ``hidden``, ``batch_size``.

    Returns
    -------
    Run

    Raises
    ------
    SystemExit
        With code 2 and one line on stderr for a bad option or an unreadable reference file, 0 for ``--help``.

    Notes
    -----
    Where `file` is the program that Python was started with, its command line is read and Ctrl-C ends it in one line;
    in a notebook or at a prompt neither the command line nor a signal is touched.
    """
    doc = doc or docstring(file)
    program = runs_as_program(file)
    arguments = sys.argv[1:] if program else []
    parser = _parser(file, doc, chosen, samples, convolution, asked_for(arguments))
    if program:
        take_ctrl_c()
    book = {"seed": seed, "epochs": epochs, **chosen}
    options = _options(parser, arguments, book)
    try:
        return Run(Path(file), doc.partition("\n")[0], options, book, parser.error)
    except ReferenceFileError as error:
        parser.error(str(error))


def _parser(file, doc, chosen, samples, convolution, language):
    """The parser of a script's options."""
    form = argparse.RawDescriptionHelpFormatter
    parser = OneLineParser(prog=Path(file).name, description=doc, formatter_class=form, language=language)
    add_options(parser)
    add_choices(parser, chosen, samples)
    if convolution:
        from ..listings.convolution import FORMS

        parser.add_argument("--convolution", choices=FORMS, default="auto", help="how the convolution is computed")
    weights = (
        ("--save", weight_files.file_to_write, "write the weights: FILE.mat or FILE.npz"),
        ("--load", weight_files.file_to_load, "start from the weights in a file: FILE.mat or FILE.npz"),
    )
    for name, kind, what in weights:
        parser.add_argument(name, type=kind, metavar="FILE", help=what)
    return parser


def _options(parser, arguments, book):
    """The options of a command line; what it leaves open is as in the file that is loaded, or else as in the book."""
    options = parser.parse_args(arguments)
    if options.load is not None:
        try:
            given = weight_files.options_of(options.load, book.keys() - {"seed", "epochs"})
        except ValueError as error:
            parser.error(str(error))
        parser.source = f"{options.load.path}: "  # in a message about one of them
        parser.parse_args(given)
        parser.source = ""
        options = parser.parse_args([*given, *arguments])
    for name in ("seed", "epochs"):
        setattr(options, name, book[name] if getattr(options, name) is None else getattr(options, name))
    check_seed(parser, options.seed, options.generator)
    check_epochs(parser, options.epochs, options.load)
    return options


class Run:
    """One run of a script.

    Attributes
    ----------
    options : argparse.Namespace
        What was asked for.
    rng : deltarule.matlab.Stream
        The stream that the script draws from.
    changed : dict
        By name, what this run has that is not the book's, as a pair: this run's value and the book's.
    """

    def __init__(self, file, title, options, book, refuse):
        self.name = file.stem
        self.title = title
        self.options = options
        self.translate = translator(options.language)
        book = book | BOOK
        given = {name: getattr(options, name) for name in book}
        self.changed = {name: (value, book[name]) for name, value in given.items() if value != book[name]}
        if options.load is not None:
            self.changed["start"] = (str(options.load.path), "drawn")
        self.chosen = {name: given[name] for name in book if name not in ("seed", "epochs", *BOOK)}
        self.refuse = refuse
        self.rng = matlab.rng(options.seed, options.generator)
        self.folder = reference_of(file)
        self.references = read_textbook(self.folder / "textbook.toml").get(self.name, []) if self.folder else []
        self.curves, self.measured = {}, ""
        self.started = time.perf_counter()

    def start_weights(self, **drawn):
        """The weights to start from, those drawn or those of ``--load``, as `to_device` gives them.

        Parameters
        ----------
        **drawn : array
            By the listing's names, in its order.

        Returns
        -------
        list of array

        Raises
        ------
        SystemExit
            With code 2 and one line on stderr where the file's weights do not fit.
        """
        held = self.options.load
        if held is None:
            return self.to_device(*drawn.values())
        shapes = {name: W.shape for name, W in drawn.items()}
        try:
            loaded = weight_files.fitting(held, shapes, self.name, self.chosen.get("hidden"))
            self.rng = weight_files.stream_of(held, self.options.seed, self.options.generator) or self.rng
        except ValueError as error:
            self.refuse(str(error))
        return self.to_device(*loaded)

    def to_device(self, *arrays):
        """The arrays where ``--device`` and in the dtype that ``--dtype`` asks for; integers stay integers."""
        placed = [a.astype(self.options.dtype, copy=False) if a.dtype.kind == "f" else a for a in arrays]
        return to_device(self.options.device, *placed)

    @property
    def caption(self):
        """The title of a figure: what the script does, and below it the seed, the epochs and what is not the book's."""
        changed = {name: pair for name, pair in self.changed.items() if name not in ("seed", "epochs")}
        epochs = f"{self.options.epochs:,} epoch{'s' * (self.options.epochs != 1)}"
        run = ", ".join([f"seed {self.options.seed}", epochs, *filter(None, [in_words(changed)])])
        return f"{self.title.rstrip('.')}\n{run}"

    def epochs(self, *, measured="mean squared error", **errors):
        """Count the epochs from 1, with progress on stderr where a run takes seconds.

        Parameters
        ----------
        measured : str
            What the errors are, in words.
        **errors : callable
            By label, what gives the error at the moment. They are called after `marked_epochs`, and only when a figure
            or JSON is asked for.

        Yields
        ------
        int
        """
        total = self.options.epochs
        wanted = self.options.json or self.options.plot is not None
        marks = marked_epochs(total) if wanted and total else ()
        self.curves, self.measured = {label: [] for label in errors} if wanted else {}, measured
        with progress(self.name, total) as bar:
            for epoch in range(1, total + 1):
                yield epoch
                if epoch in marks:
                    for label, error in errors.items():
                        self.curves[label].append((epoch, float(error())))
                bar.update()

    def finish(self, X, D, y, *, weights=None, converged=None, criterion=None, draw=None):
        """Print inputs, targets, outputs, references and the verdict, and draw what was asked for.

        Parameters
        ----------
        X : array, shape (N, inputs) or (N, rows, columns)
        D : array, shape (N,) or (N, outputs)
        y : array, shape (N, outputs), or a dict of such arrays by heading
            Outputs; references are held against the first.
        weights : dict from str to array, optional
            The trained weights by the listing's names, to be held against Octave's, and for ``--save``.
        converged : bool, optional
            Whether the training converged, by `criterion`; None to judge all outputs by their distance to the targets.
        criterion : str, optional
            The criterion in words.
        draw : callable, optional
            Makes the figure out of `deltarule.programs.figures`; None for the error curves.

        Returns
        -------
        int
            The exit code: 0 when the training converged and met its references, 1 when not, 2 when something could not
            be written.
        """
        X, D = on_cpu(X), on_cpu(D).reshape(len(D), -1)
        outputs = {label: on_cpu(y) for label, y in (y if isinstance(y, dict) else {"output": y}).items()}
        if converged is None:
            converged = all(close(D, y) for y in outputs.values())
            criterion = f"every output within {CONVERGED_WITHIN} of its target"
        quantities = {"output": next(iter(outputs.values()))}
        rows = (image_rows if X.ndim == 3 else vector_rows)(X, D, outputs, self.references, self.translate)
        record = {"targets": D.tolist(), "outputs": {label: y.tolist() for label, y in outputs.items()}}
        return self._conclude(rows, quantities, record, weights, converged, criterion, draw)

    def finish_digits(self, D, y, *, weights=None, shown=10, least=0.9, draw=None):
        """Print how many digits were recognised, references and the verdict, and draw what was asked for.

        Parameters
        ----------
        D : array of int, shape (N,)
            The digits.
        y : array, shape (N, 10)
            Class probabilities in MATLAB's order 1, 2, ..., 9, 0.
        weights : dict from str to array, optional
            The trained weights by the listing's names, to be held against Octave's, and for ``--save``.
        shown : int
            How many of the digits to print.
        least : float
            The accuracy from which on the training counts as converged.
        draw : callable, optional
            Makes the figure out of `deltarule.programs.figures`; None for the error curves.

        Returns
        -------
        int
            As `finish`.
        """
        D, y = on_cpu(D), on_cpu(y)
        digits, right = recognised(y), accuracy(D, y)
        rows = digit_rows(D, digits, right, self.references, shown, self.translate)
        record = {"accuracy": right, "digits": digits.tolist(), "outputs": {"output": y[:shown].tolist()}}
        criterion = f"at least {least:.0%} of the digits recognised"
        return self._conclude(rows, {"accuracy": right}, record, weights, right >= least, criterion, draw)

    def _conclude(self, rows, quantities, record, trained, converged, criterion, draw):
        """Judge, print and draw; the exit code."""
        trained = {name: on_cpu(W) for name, W in (trained or {}).items()}
        found = {
            "seconds": time.perf_counter() - self.started,
            "references": [judge(reference, quantities, self.changed) for reference in self.references],
            "octave": self._octave(list(trained.values())) if self.options.json else None,
            "converged": bool(converged),
            "criterion": criterion,
        }
        found["verdict"] = verdict(found, self.options)
        printed = self._json({**record, **found}, trained) if self.options.json else self._text(rows, found)

        def deliver():
            print(printed)  # before the files, so that it is there if one of them cannot be written
            if self.options.save is not None:
                self._save(trained)
            if self.options.plot is not None:
                self._draw(draw)

        return delivered(deliver) or int(found["verdict"] != "pass")

    def _text(self, rows, found):
        """What a person reads: table, references, verdict."""
        options, _ = self.options, self.translate
        epochs = (_("{n} epoch") if options.epochs == 1 else _("{n} epochs")).format(n=options.epochs)
        where = [name for name in (options.dtype, options.device) if name not in ("float64", "cpu")]
        seed = _("seed {seed}").format(seed=options.seed)
        seconds = _("{seconds} s").format(seconds=f"{found['seconds']:.2f}")
        reached = _("yes: {criterion}") if found["converged"] else _("no; it should be {criterion}")

        def line(label, text):
            return f"{padded(_(label), 9)}  {text}"

        lines = [
            f"{self.name}: {_(self.title)}",
            ", ".join([seed, epochs, *where, seconds]),
            *([_("not the book's run: {changes}").format(changes=in_words(self.changed, _))] if self.changed else []),
            "",
            table(rows),
            "",
            *(line("reference", in_a_sentence(reference, self.changed, _)) for reference in found["references"]),
            *([line("reference", _("none: the reference files are not installed"))] if self.folder is None else []),
            line("converged", reached.format(criterion=_(found["criterion"]))),
            line("verdict", verdict_in_words(found, self.changed, _)),
        ]
        return "\n".join(lines)

    def _json(self, record, trained):
        """What a program reads."""
        import json  # here, as are others that few runs need: a small listing trains in less time than they load

        from .environment import environment

        asked = {name: getattr(self.options, name) for name in ("seed", "generator", "epochs", "device", "dtype")}
        more = {
            "changed": {name: {"here": here, "book": book} for name, (here, book) in self.changed.items()},
            "choices": self.chosen,
            "curves": self.curves,
            "measured": self.measured,
            "weights": {name: W.tolist() for name, W in trained.items()},
            "weights_sha256": _digest(trained.values()),
            "version": __version__,
            "environment": environment(self.options.device),
        }
        return json.dumps({"script": self.name, "title": self.title, **asked, **record, **more})

    def _save(self, trained):
        """Write the file of ``--save``: the weights, and beside them what the run was."""
        options = self.options
        beside = {
            "listing": self.name,
            **{name: getattr(options, name) for name in ("seed", "generator", "epochs", "dtype")},
            "version": __version__,
            "loaded": "" if options.load is None else str(options.load.path),
            "state": self.rng.state["State"],
        }
        weight_files.write(options.save, {**trained, **self.chosen, **beside})

    def _octave(self, weights):
        """The deviation from Octave's weights, or why it cannot be told; None for a run that Octave did not make."""
        from ..evidence import golden

        if self.folder is None or self.changed.keys() - {"seed", "epochs", "dtype"}:
            return None  # Octave ran the book's choices, from several seeds
        try:
            return golden.judge(self.folder / "golden", self.name, self.options.seed, self.options.epochs, weights)
        except ReferenceFileError as error:
            complain(str(error))
            return {"error": str(error)}

    def _draw(self, draw):
        from . import figures

        options = {"measured": self.measured, "linear": self.options.linear}
        figure = draw(figures) if draw else figures.error_curves(self.caption, self.curves, **options)
        figures.show_or_save(figure, self.options.plot)


def marked_epochs(total):
    """The epochs after which errors are measured: some 200 evenly spread, and 200 on a logarithmic scale."""
    spread = (np.linspace(1, total, 200), np.geomspace(1, total, 200))
    return set(np.concatenate(spread).round().astype(int).tolist())


def _digest(weights):
    """The SHA-256 of the bytes of all weights, by which two runs are known to be identical."""
    import hashlib

    return hashlib.sha256(b"".join(W.tobytes() for W in weights)).hexdigest()
