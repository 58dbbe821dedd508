"""One run of a script: what was asked for, the loop over epochs, what came out, and the verdict."""

import sys
import time
from pathlib import Path

from .. import matlab
from ..basics.arrays import on_cpu
from ..basics.files import ReferenceFileError
from ..evidence.textbook import read_textbook
from ..listings.labels import accuracy, recognised
from .any_run import AnyRun, add_weight_files, parser_of, with_loaded
from .language import asked_for
from .options import BOOK, add_choices, add_options, check_epochs, check_seed, docstring
from .tables import digit_rows, image_rows, vector_rows
from .terminal import complain, runs_as_program, take_ctrl_c, tell_of_divergence
from .verdicts import CONVERGED_WITHIN, close, in_a_sentence, judge, verdict, verdict_in_words


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
        tell_of_divergence()
    book = {"seed": seed, "epochs": epochs, **chosen}
    options = _options(parser, arguments, book)
    try:
        return Run(Path(file), doc.partition("\n")[0], options, book, parser.error)
    except ReferenceFileError as error:
        parser.error(str(error))


def _parser(file, doc, chosen, samples, convolution, language):
    """The parser of a script's options."""
    parser = parser_of(file, doc, language)
    add_options(parser)
    add_choices(parser, chosen, samples)
    if convolution:
        from ..listings.convolution import FORMS

        parser.add_argument("--convolution", choices=FORMS, default="auto", help="how the convolution is computed")
    add_weight_files(parser)
    return parser


def _options(parser, arguments, book):
    """The options of a command line; what it leaves open is as in the file that is loaded, or else as in the book."""
    options = with_loaded(parser, arguments, book.keys() - {"seed", "epochs"})
    for name in ("seed", "epochs"):
        setattr(options, name, book[name] if getattr(options, name) is None else getattr(options, name))
    check_seed(parser, options.seed, options.generator)
    check_epochs(parser, options.epochs, options.load)
    return options


class Run(AnyRun):
    """One run of a script of the book.

    Attributes
    ----------
    options : argparse.Namespace
        What was asked for.
    rng : deltarule.matlab.Stream
        The stream that the script draws from.
    changed : dict
        By name, what this run has that is not the book's, as a pair: this run's value and the book's.
    """

    ASKED = ("seed", "generator", "epochs", "device", "dtype")

    def __init__(self, file, title, options, book, refuse):
        super().__init__(file, title, options, book | BOOK, refuse)
        self.chosen = {name: getattr(options, name) for name in book if name not in ("seed", "epochs")}
        self.rng = matlab.rng(options.seed, options.generator)
        self.references = read_textbook(self.folder / "textbook.toml").get(self.name, []) if self.folder else []

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
        from . import weight_files  # here, since few runs read such a file

        shapes = {name: W.shape for name, W in drawn.items()}
        try:
            loaded = weight_files.fitting(held, shapes, self.name, self.chosen.get("hidden"))
            self.rng = weight_files.stream_of(held, self.options.seed, self.options.generator) or self.rng
        except ValueError as error:
            self.refuse(str(error))
        return self.to_device(*loaded)

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
        yield from self._counted(self.options.epochs, measured, errors)

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
        return self._judged(rows, quantities, record, weights, converged, criterion, draw)

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
        return self._judged(rows, {"accuracy": right}, record, weights, right >= least, criterion, draw)

    def _judged(self, rows, quantities, record, trained, converged, criterion, draw):
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
        return self._conclude(rows, found, record, trained, draw)

    def _outcome(self, found):
        """Below the table: a label and a sentence each."""
        _ = self.translate
        reached = _("yes: {criterion}") if found["converged"] else _("no; it should be {criterion}")
        yield from (("reference", in_a_sentence(each, self.changed, _)) for each in found["references"])
        yield "converged", reached.format(criterion=_(found["criterion"]))
        yield "verdict", verdict_in_words(found, self.changed, _)

    def _state(self):
        return self.rng.state["State"]

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
