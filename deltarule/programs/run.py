"""One run of a script: what was asked for, the loop over epochs, what came out, and the verdict."""

import argparse
import time
from pathlib import Path

import numpy as np

from .. import matlab
from ..basics.arrays import on_cpu
from ..basics.devices import to_device
from ..basics.files import ReferenceFileError
from ..evidence.textbook import read_textbook, same_digits
from ..listings.labels import accuracy, recognised
from .options import OneLineParser, add_choices, add_options, docstring
from .places import reference_of
from .tables import digit_rows, image_rows, table, vector_rows
from .terminal import complain, delivered, progress, runs_as_program, take_ctrl_c

CONVERGED_WITHIN = 0.1  # of its target, an output has converged


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
    parser = OneLineParser(prog=Path(file).name, description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    book = {"seed": seed, "epochs": epochs, **chosen}
    add_options(parser)
    add_choices(parser, chosen, samples)
    if convolution:
        from ..listings.convolution import FORMS

        parser.add_argument("--convolution", choices=FORMS, default="auto", help="how the convolution is computed")
    program = runs_as_program(file)
    if program:
        take_ctrl_c()
    options = parser.parse_args(None if program else [])
    for name in ("seed", "epochs"):
        setattr(options, name, book[name] if getattr(options, name) is None else getattr(options, name))
    try:
        return Run(Path(file), doc.partition("\n")[0], options, book)
    except ReferenceFileError as error:
        parser.error(str(error))


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

    def __init__(self, file, title, options, book):
        self.name = file.stem
        self.title = title
        self.options = options
        given = {name: getattr(options, name) for name in (*book, "dtype")}
        book = {**book, "dtype": "float64"}
        self.changed = {name: (value, book[name]) for name, value in given.items() if value != book[name]}
        self.rng = matlab.rng(options.seed)
        self.folder = reference_of(file)
        self.references = read_textbook(self.folder / "textbook.toml").get(self.name, []) if self.folder else []
        self.curves, self.measured = {}, ""
        self.started = time.perf_counter()

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
        marks = marked_epochs(total) if wanted else ()
        self.curves, self.measured = {label: [] for label in errors} if wanted else {}, measured
        with progress(self.name, total) as bar:
            for epoch in range(1, total + 1):
                yield epoch
                if epoch in marks:
                    for label, error in errors.items():
                        self.curves[label].append((epoch, float(error())))
                bar.update()

    def finish(self, X, D, y, *, weights=(), converged=None, criterion=None, draw=None):
        """Print inputs, targets, outputs, references and the verdict, and draw what was asked for.

        Parameters
        ----------
        X : array, shape (N, inputs) or (N, rows, columns)
        D : array, shape (N,) or (N, outputs)
        y : array, shape (N, outputs), or a dict of such arrays by heading
            Outputs; references are held against the first.
        weights : sequence of arrays
            The trained weights, to be held against Octave's.
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
        rows = (image_rows if X.ndim == 3 else vector_rows)(X, D, outputs, self.references)
        record = {"targets": D.tolist(), "outputs": {label: y.tolist() for label, y in outputs.items()}}
        return self._conclude(rows, quantities, record, weights, converged, criterion, draw)

    def finish_digits(self, D, y, *, weights=(), shown=10, least=0.9, draw=None):
        """Print how many digits were recognised, references and the verdict, and draw what was asked for.

        Parameters
        ----------
        D : array of int, shape (N,)
            The digits.
        y : array, shape (N, 10)
            Class probabilities in MATLAB's order 1, 2, ..., 9, 0.
        weights : sequence of arrays
            The trained weights, to be held against Octave's.
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
        rows = digit_rows(D, digits, right, self.references, shown)
        record = {"accuracy": right, "digits": digits.tolist(), "outputs": {"output": y[:shown].tolist()}}
        criterion = f"at least {least:.0%} of the digits recognised"
        return self._conclude(rows, {"accuracy": right}, record, weights, right >= least, criterion, draw)

    def _conclude(self, rows, quantities, record, weights, converged, criterion, draw):
        """Judge, print and draw; the exit code."""
        weights = [on_cpu(W) for W in weights]
        found = {
            "seconds": time.perf_counter() - self.started,
            "references": [judge(reference, quantities, self.changed) for reference in self.references],
            "octave": self._octave(weights) if self.options.json else None,
            "converged": bool(converged),
            "criterion": criterion,
        }
        found["verdict"] = verdict(found, self.options)
        printed = self._json({**record, **found}, weights) if self.options.json else self._text(rows, found)

        def deliver():
            print(printed)  # before the figure, so that it is there if that cannot be written
            if self.options.plot is not None:
                self._draw(draw)

        return delivered(deliver) or int(found["verdict"] != "pass")

    def _text(self, rows, found):
        """What a person reads: table, references, verdict."""
        options = self.options
        epochs = f"{options.epochs} epoch{'s' * (options.epochs != 1)}"
        where = [name for name in (options.dtype, options.device) if name not in ("float64", "cpu")]
        lines = [
            f"{self.name}: {self.title}",
            ", ".join([f"seed {options.seed}", epochs, *where, f"{found['seconds']:.2f} s"]),
            *([f"not the book's run: {in_words(self.changed)}"] if self.changed else []),
            "",
            table(rows),
            "",
            *(f"reference  {reference['sentence']}" for reference in found["references"]),
            *(["reference  none: the reference files are not installed"] if self.folder is None else []),
            f"converged  {'yes: ' if found['converged'] else 'no; it should be '}{found['criterion']}",
            f"verdict    {verdict_in_words(found, self.changed)}",
        ]
        return "\n".join(lines)

    def _json(self, record, weights):
        """What a program reads."""
        import json  # here, as are others that few runs need: a small listing trains in less time than they load

        from .environment import environment

        asked = {name: getattr(self.options, name) for name in ("seed", "epochs", "device", "dtype")}
        more = {
            "changed": {name: {"here": here, "book": book} for name, (here, book) in self.changed.items()},
            "curves": self.curves,
            "measured": self.measured,
            "weights": _digest(weights),
            "environment": environment(self.options.device),
        }
        return json.dumps({"script": self.name, **asked, **record, **more})

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


def verdict(found, options):
    """ "pass" when the training converged, every judged number is as printed, and the weights are Octave's; or "fail".

    Parameters
    ----------
    found : dict
        ``converged``; ``references``, as `judge` gives them; ``octave``, a deviation, an error, or None.
    options : argparse.Namespace
    """
    missed = any(reference["judged"] and not all(reference["matched"]) for reference in found["references"])
    agrees = found["octave"] is None or options.dtype == "float32" or _near(found["octave"], options.device)
    return "pass" if found["converged"] and not missed and agrees else "fail"


def _near(octave, device):
    """Whether the weights are Octave's within rounding; an error is not."""
    from ..evidence.golden import OCTAVE_TOLERANCE  # here, since only JSON holds weights against Octave's

    return octave.get("deviation", float("inf")) <= OCTAVE_TOLERANCE[device]


def verdict_in_words(found, changed):
    """The verdict of a run for a person; a run that is not the book's is not called a failure of the book's."""
    if not changed:
        return "pass" if found["verdict"] == "pass" else "FAIL"
    judged = any(reference["judged"] for reference in found["references"])
    if judged:
        return "pass: as printed, though not the book's run" if found["verdict"] == "pass" else "FAIL"
    return "converged; not judged against the book" if found["converged"] else "not converged"


def in_words(changed):
    """What a run has that is not the book's, as ``alpha 0.3 (book: 0.9), epochs 100 (book: 10000)``."""
    names = {name: name.replace("_", " ") for name in changed}
    return ", ".join(f"{names[name]} {here} (book: {book})" for name, (here, book) in changed.items())


def close(D, y):
    """Whether every output lies within `CONVERGED_WITHIN` of its target.

    Examples
    --------
    >>> close(np.array([0.0, 1.0]), np.array([0.05, 0.95]))
    True
    """
    return bool((abs(D.reshape(y.shape) - y) <= CONVERGED_WITHIN).all())


def judge(reference, quantities, changed):
    """A reference held against our numbers: what matched, whether it counts, and a sentence that says so.

    It counts for the book's own run, and from every seed where every start ends at the printed digits.
    """
    values = reference.values(quantities)
    matched = [same_digits(value, printed) for value, printed in zip(values, reference.printed, strict=True)]
    own = changed.keys() <= ({"seed"} if reference.seed == "any" else set())
    judged = own and reference.seed != "unknown"
    if judged:
        outcome = f"{sum(matched)} of {len(matched)} numbers as printed"
    elif reference.seed == "unknown":
        outcome = "printed from a start that was not published: shown, not judged"
    else:
        outcome = f"printed for other choices ({', '.join(changed).replace('_', ' ')}): shown, not judged"
    return {
        "label": reference.label,
        "source": reference.source,
        "printed": list(reference.printed),
        "values": values,
        "matched": matched,
        "judged": judged,
        "sentence": f"{outcome} ({reference.source})",
    }


def _digest(weights):
    """The SHA-256 of the bytes of all weights, by which two runs are known to be identical; None if there are none."""
    import hashlib

    return hashlib.sha256(b"".join(W.tobytes() for W in weights)).hexdigest() if weights else None
