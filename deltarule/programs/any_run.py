"""What the runs of all scripts have in common: options, arrays placed, what is printed, the files, the exit code."""

import time
from pathlib import Path

import numpy as np

from ..basics.devices import to_device
from ..basics.places import reference_of
from ..version import __version__
from .language import translator
from .options import OneLineParser, help_formatter
from .tables import padded, table, width
from .terminal import delivered, progress
from .verdicts import in_words


def parser_of(file, doc, language):
    """A parser for a script's options, which says the script's docstring in its help."""
    return OneLineParser(prog=Path(file).name, description=doc, formatter_class=help_formatter, language=language)


def add_weight_files(parser):
    """Add the options ``--save`` and ``--load``."""
    weights = (
        ("--save", _file_to_write, "write the weights: FILE.mat or FILE.npz"),
        ("--load", _file_to_load, "start from the weights in a file: FILE.mat or FILE.npz"),
    )
    for name, kind, what in weights:
        parser.add_argument(name, type=kind, metavar="FILE", help=what)


def _file_to_write(text):
    from . import weight_files  # in functions, here and below, since few runs read or write such a file

    return weight_files.file_to_write(text)


def _file_to_load(text):
    from . import weight_files

    return weight_files.file_to_load(text)


def with_loaded(parser, arguments, choices):
    """The options of a command line; what it leaves open is as in the file that is loaded.

    Parameters
    ----------
    parser : OneLineParser
    arguments : list of str
    choices : iterable of str
        What the script may be told, beside its seed and how long it trains.

    Returns
    -------
    argparse.Namespace
    """
    options = parser.parse_args(arguments)
    if getattr(options, "load", None) is None:
        return options
    from . import weight_files

    try:
        given = weight_files.options_of(options.load, choices)
    except ValueError as error:
        parser.error(str(error))
    parser.source = f"{options.load.path}: "  # in a message about one of them
    parser.parse_args(given)
    parser.source = ""
    return parser.parse_args([*given, *arguments])


class AnyRun:
    """One run of a script; what each kind of script adds stands in `deltarule.programs.run` and `document_run`.

    Attributes
    ----------
    options : argparse.Namespace
        What was asked for.
    changed : dict
        By name, what this run has that is not the document's, as a pair: this run's value and the document's.
    """

    ASKED: tuple[str, ...] = ("seed", "device", "dtype")  # options that stand in the JSON under their own names
    COUNTED = "epochs"  # what a run is long in
    CHANGES = "not the book's run: {changes}"
    EACH_CHANGE = "{name} {here} (book: {book})"

    def __init__(self, file, title, options, book, refuse):
        self.name = file.stem
        self.title = title
        self.options = options
        self.translate = translator(options.language)
        given = {name: getattr(options, name) for name in book}
        self.changed = {name: (value, book[name]) for name, value in given.items() if value != book[name]}
        if getattr(options, "load", None) is not None:
            self.changed["start"] = (str(options.load.path), "drawn")
        self.refuse = refuse
        self.folder = reference_of(file)
        self.curves, self.measured, self.unit = {}, "", "epoch"
        self.started = time.perf_counter()

    def to_device(self, *arrays):
        """The arrays where ``--device`` and in the dtype that ``--dtype`` asks for; integers stay integers."""
        placed = [a.astype(self.options.dtype, copy=False) if a.dtype.kind == "f" else a for a in arrays]
        return to_device(self.options.device, *placed)

    @property
    def caption(self):
        """The title of a figure: what the script does, and below it the seed, the length and what is not the book's."""
        changed = {name: pair for name, pair in self.changed.items() if name not in ("seed", self.COUNTED)}
        run = ", ".join(
            filter(None, [*self._length(digits=",", caption=True), in_words(changed, each=self.EACH_CHANGE)])
        )
        return "\n".join(filter(None, [self.title.rstrip("."), run]))

    def _counted(self, total, measured, errors):
        """Count from 1 to `total`, with progress on stderr, and keep the curves of `errors` where they are wanted."""
        wanted = self.options.json or self.options.plot is not None
        marks = marked_epochs(total) if wanted and total else ()
        self.curves, self.measured = {label: [] for label in errors} if wanted else {}, measured
        self.unit = self.COUNTED.removesuffix("s")
        with progress(self.name, total, self.unit) as bar:
            for count in range(1, total + 1):
                yield count
                if count in marks:
                    for label, error in errors.items():
                        self.curves[label].append((count, float(error())))
                bar.update()

    def _conclude(self, rows, found, record, trained, draw):
        """Print what was found, write and draw what was asked for; the exit code."""
        printed = self._json({**record, **found}, trained) if self.options.json else self._text(rows, found)

        def deliver():
            print(printed)  # before the files, so that it is there if one of them cannot be written
            if getattr(self.options, "save", None) is not None:
                self._save(trained)
            if self.options.plot is not None:
                self._draw(draw)

        return delivered(deliver) or int(found["verdict"] != "pass")

    def _text(self, rows, found):
        """What a person reads: table, references, verdict."""
        _ = self.translate
        changes = in_words(self.changed, _, each=self.EACH_CHANGE)
        where = [name for name in (self.options.dtype, self.options.device) if name not in ("float64", "cpu")]
        seconds = _("{seconds} s").format(seconds=f"{found['seconds']:.2f}")
        labelled = [(_(label), text) for label, text in self._outcome(found)]
        if self.folder is None:
            labelled.insert(0, (_("reference"), _("none: the reference files are not installed")))
        widest = max(9, *(width(label) for label, _text in labelled))
        lines = [
            f"{self.name}: {_(self.title)}",
            ", ".join([*self._length(_), *where, seconds]),
            *([_(self.CHANGES).format(changes=changes)] if self.changed else []),
            "",
            table(rows),
            "",
            *(f"{padded(label, widest)}  {text}" for label, text in labelled),
        ]
        return "\n".join(lines)

    def _length(self, _=str, digits="", caption=False):
        """In words, the seed and how long the run is."""
        n = getattr(self.options, self.COUNTED)
        words = {
            "epochs": _("{n} epoch") if n == 1 else _("{n} epochs"),
            "iterations": _("{n} iteration") if n == 1 else _("{n} iterations"),
        }
        seed = _("seed {seed}").format(seed=self.options.seed)
        return [seed, words[self.COUNTED].format(n=f"{n:{digits}}")]

    def _json(self, record, trained):
        """What a program reads."""
        import json  # here, as are others that few runs need: a small listing trains in less time than they load

        from .environment import environment

        asked = {name: getattr(self.options, name) for name in self.ASKED}
        more = {
            "changed": {name: {"here": here, "book": book} for name, (here, book) in self.changed.items()},
            "choices": self.chosen,
            "curves": self.curves,
            "measured": self.measured,
            "unit": self.unit,
            "weights": {name: W.tolist() for name, W in trained.items()},
            "weights_sha256": digest(trained.values()),
            "version": __version__,
            "environment": environment(self.options.device),
        }
        return json.dumps({"script": self.name, "title": self.title, **asked, **record, **more})

    def _save(self, trained):
        """Write the file of ``--save``: the weights, and beside them what the run was."""
        from . import weight_files

        options = self.options
        beside = {
            "listing": self.name,
            **{name: getattr(options, name) for name in self.ASKED if name != "device"},
            "version": __version__,
            "loaded": "" if options.load is None else str(options.load.path),
            "state": self._state(),
        }
        weight_files.write(options.save, {**trained, **self.chosen, **beside})

    def _draw(self, draw):
        from . import figures

        options = {"measured": self.measured, "linear": self.options.linear, "unit": self.unit}
        figure = draw(figures) if draw else figures.error_curves(self.caption, self.curves, **options)
        figures.show_or_save(figure, self.options.plot)


def marked_epochs(total):
    """The epochs after which errors are measured: some 200 evenly spread, and 200 on a logarithmic scale."""
    spread = (np.linspace(1, total, 200), np.geomspace(1, total, 200))
    return set(np.concatenate(spread).round().astype(int).tolist())


def digest(weights):
    """The SHA-256 of the bytes of all weights, by which two runs are known to be identical."""
    import hashlib

    return hashlib.sha256(b"".join(W.tobytes() for W in weights)).hexdigest()
