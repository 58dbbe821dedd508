"""The options of the scripts: read, and checked before anything is trained."""

import argparse
import ast
import os
from functools import partial
from pathlib import Path

from .. import matlab
from ..basics import checks
from ..basics.devices import DEVICES, why_no_gpu
from ..basics.files import try_writing
from ..matlab.stream import GENERATORS
from .language import LANGUAGES, translator
from .terminal import columns, complain, delivered

BOOK = {"dtype": "float64", "generator": "twister"}  # what every script of the book has
MOST_EPOCHS = 10**9
TRIALS, PROCESSES = "how many settings are tried", "how many processes to work in"
KEPT = "keep each trial in a file, and go on from those that are in it"
LENGTHS = {"iterations": "iterations of training", "epochs": "epochs of training"}
IN_THE_BOOK, IN_THE_NOTES = "{what}; {value} in the book", "{what}; {value} by default"
STAYS = "share of the momentum that stays, in [0, 1)"
DROPPED = "share of the nodes dropped, in [0, 1)"


class OneLineParser(argparse.ArgumentParser):
    """A parser that says what is wrong with an option in one line, and exits with 2; its help is in a language.

    The description is translated line by line, and the help of each option whole; what is wrong is said in English.
    """

    source = ""  # the file that options come from, where they are not the command line's

    def __init__(self, *, language="en", description=None, **more):
        self.translate = translator(language)
        super().__init__(description="\n".join(map(self.translate, (description or "").splitlines())), **more)
        self._optionals.title = self.translate("options")
        self._positionals.title = self.translate("positional arguments")

    def add_argument(self, *names, help="", **more):
        """Add an option, or an argument, with its help translated."""
        return super().add_argument(*names, help=self.translate(help), **more)

    def format_help(self):
        """The help, from its first word on in the language."""
        return super().format_help().replace("usage:", self.translate("usage:"), 1)

    def error(self, message):
        """One line on stderr, exit 2."""
        complain(f"{self.source}{message}", self.prog)
        self.exit(2)

    def print_help(self, file=None):
        """Print the help; exit 2 or 141 where it does not arrive."""
        code = delivered(lambda: print(self.format_help(), end="", file=file))
        if code:
            self.exit(code)


def help_formatter(prog):
    """What argparse formats a help with, as wide as the terminal; argparse itself asks `shutil`, 2 ms to load."""
    return argparse.RawDescriptionHelpFormatter(prog, width=columns() - 2)


def docstring(file):
    """The docstring of a program, which ``python -OO`` leaves out of what it runs."""
    return ast.get_docstring(ast.parse(Path(file).read_text(encoding="utf-8")))


def add_options(parser):
    """Add the options that every script of the book has."""
    parser.add_argument("--seed", type=seed, metavar="N", help="seed of MATLAB's stream, or 'default'")
    parser.add_argument(
        "--generator",
        choices=list(GENERATORS),
        default=BOOK["generator"],
        help="MATLAB's generator: twister, its default; or v4, the legacy one that the author's rng.m turns on",
    )
    parser.add_argument("--epochs", type=epochs, metavar="N", help="epochs of training")
    add_common_options(parser)


def add_common_options(parser):
    """Add the options of output, device, precision and language, which the scripts of every document have."""
    parser.add_argument(
        "--plot", nargs="?", const="", type=figure_file, metavar="FILE", help="draw a figure: in FILE, or in a window"
    )
    parser.add_argument("--linear", action="store_true", help="draw error curves on linear axes")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--device", type=device, default="cpu", metavar="{cpu,gpu}", help="where to compute")
    parser.add_argument(
        "--dtype", choices=["float64", "float32"], default=BOOK["dtype"], help="float32 is compared, but not judged"
    )
    add_language(parser)


def add_language(parser):
    """Add the option for the language of the text that is printed; JSON and messages of errors are in English."""
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="of tables and help: English or Korean")


def add_length(parser, names):
    """Add those of ``--iterations`` and ``--epochs`` that are named: how long a script of the notes trains."""
    for name in names:
        kind = partial(length, name)
        parser.add_argument(f"--{name}", type=kind, metavar="N", help=LENGTHS[name])


def add_search(parser, trials):
    """Add the options of a random search, which change nothing in what a trial comes to."""
    for name, n, what in (("trials", trials, TRIALS), ("processes", 1, PROCESSES)):
        parser.add_argument(f"--{name}", type=partial(positive, name), default=n, metavar="N", help=what)
    parser.add_argument("--resume", type=output_file, metavar="FILE", help=KEPT)


def add_choices(parser, chosen, samples=None, where=IN_THE_BOOK):
    """Add an option for each of the document's choices that a script has, with the document's value as default.

    Parameters
    ----------
    parser : argparse.ArgumentParser
    chosen : dict
        By name (``alpha``, ``beta``, ``ratio``, ``hidden``, ``batch_size``, or one of `NOTES_CHOICES`), its value.
    samples : int, optional
        How many samples there are, the largest batch.
    where : str
        The words for the help of an option and the document's value.
    """
    kinds = {
        **NOTES_CHOICES,
        "alpha": (lambda text: number("alpha", text, checks.rate), "X", "learning rate, above 0"),
        "beta": (lambda text: number("beta", text, checks.ratio), "X", STAYS),
        "ratio": (lambda text: number("ratio", text, checks.ratio), "X", DROPPED),
        "hidden": (lambda text: positive("hidden", text, 10_000), "N", "nodes in each hidden layer"),
        "batch_size": (lambda text: positive("batch_size", text, samples), "N", "samples in a batch"),
    }
    for name, value in chosen.items():
        kind, metavar, what = kinds[name]
        option = "--" + name.replace("_", "-")
        what = parser.translate(where).format(what=parser.translate(what), value=value)
        parser.add_argument(option, type=kind, default=value, metavar=metavar, help=what)


NOTES_CHOICES = {
    "lr": (lambda text: number("lr", text, checks.rate), "X", "learning rate, above 0"),
    "momentum": (lambda text: number("momentum", text, checks.ratio), "X", STAYS),
    "dropout": (lambda text: number("dropout", text, checks.ratio), "X", DROPPED),
    "weight_decay": (lambda text: number("weight_decay", text, not_negative), "X", "factor of the weight decay"),
    "init": (lambda text: start_scale(text), "X", "standard deviation of the starting weights, or xavier, or he"),
    "optimizer": (lambda text: one_of("optimizer", text), "NAME", "SGD, Momentum, Nesterov, AdaGrad, RMSprop or Adam"),
    "activation": (lambda text: one_of("activation", text), "NAME", "activation of the hidden layers: relu or sigmoid"),
    "train": (lambda text: positive("train", text), "N", "images to train on, the first ones"),
    "cell": (lambda text: one_of("cell", text), "NAME", "what the hidden nodes are: LSTM or GRU"),
}
"""What the scripts of the from-scratch notes may be told: by name, what reads it, its letter, and what it is."""

NAMES = {
    "optimizer": ("SGD", "Momentum", "Nesterov", "AdaGrad", "RMSprop", "Adam"),
    "activation": ("relu", "sigmoid"),
    "cell": ("LSTM", "GRU"),
}


def not_negative(name, value):
    """A finite number from 0 on."""
    value = checks.number(name, value)
    if value < 0:
        raise ValueError(f"{name} must be 0 or more, not {value!r}")
    return value


def one_of(name, text):
    """The one of the names in `NAMES` that a text spells, in capital letters or small ones."""
    names = {one.lower(): one for one in NAMES[name]}
    if text.lower() not in names:
        raise argparse.ArgumentTypeError(f"{name} must be one of {', '.join(NAMES[name])}, not {text!r}")
    return names[text.lower()]


def start_scale(text):
    """The scale of starting weights: a number above 0, "xavier" or "he"."""
    return text if text in ("xavier", "he") else number("init", text, checks.rate)


def integer_seed(text):
    """A seed of `numpy.random.RandomState`: an integer."""
    try:
        value = int(text)
    except ValueError:
        value = -1
    if not 0 <= value < 2**32:
        raise argparse.ArgumentTypeError(f"seed must be 0 to 4294967295, not {text!r}")
    return value


def check_length(parser, options):
    """One line and exit 2 where nothing is to be trained, unless there are weights that were trained before."""
    for name in ("iterations", "epochs"):
        if getattr(options, name, None) == 0 and getattr(options, "load", None) is None:
            loads = ", which needs --load" if hasattr(options, "load") else ""
            parser.error(f"argument --{name}: {name} must be an integer above 0, not '0'{loads}")


def check_seed(parser, given, generator):
    """One line and exit 2 where the generator does not take the seed: v4 takes fewer than the parser knew."""
    try:
        matlab.rng(given, generator)
    except ValueError as error:
        parser.error(f"argument --seed: {error} (generator {generator})")


def check_epochs(parser, given, loaded=None):
    """One line and exit 2 for no epochs, unless there are weights that were trained before."""
    check_length(parser, argparse.Namespace(epochs=given, load=loaded))


def device(text):
    """Where to compute; a GPU needs CuPy and a driver that finds one."""
    if text not in DEVICES:
        raise argparse.ArgumentTypeError(f"device must be 'cpu' or 'gpu', not {text!r}")
    if text == "gpu" and (reason := why_no_gpu()):
        raise argparse.ArgumentTypeError(reason)
    return text


def seed(text):
    """A seed of MATLAB's stream: an integer, or "default"."""
    try:
        value = text if text == "default" else int(text)
        matlab.rng(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"seed must be 'default' or 0 to 4294967295, not {text!r}") from None
    return value


def epochs(text):
    """A number of epochs; 0 is one that `check_epochs` may refuse."""
    return length("epochs", text)


def length(name, text):
    """How long a run trains; 0 is a number that is refused later unless weights are loaded."""
    return 0 if text.strip() == "0" else positive(name, text, MOST_EPOCHS)


def positive(name, text, most=None, least=1):
    """An integer above 0, from `least` to `most`."""
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < least or (most is not None and value > most):
        kind = "an integer above 0" if most is None else f"an integer from {least} to {most}"
        raise argparse.ArgumentTypeError(f"{name} must be {kind}, not {text!r}")
    return value


def number(name, text, check):
    """A number that one of the checks of the listings takes."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{name} must be a number, not {text!r}") from None
    try:
        return check(name, value)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def figure_file(text):
    """The name of a figure's file, checked before the training, not after it; empty for a window."""
    from . import figures  # here, since only figures take matplotlib

    reason = figures.cannot_draw(text)
    if reason:
        raise argparse.ArgumentTypeError(reason)
    return str(output_file(text)) if text else text


def output_file(text):
    """The name of a file to write, checked before the work, not after it."""
    path = Path(text)
    if os.path.isdir(path):
        raise argparse.ArgumentTypeError(f"{text!r} is a folder; give the name of a file")
    if os.path.isfile(path) or not os.path.exists(path):  # a device or a pipe is written to, whatever its folder takes
        folder = Path(os.path.realpath(path)).parent if os.path.islink(path) else path.parent
        if not os.path.isdir(folder):
            raise argparse.ArgumentTypeError(f"{text!r}: there is no folder {str(folder)!r}")
        if not os.access(folder, os.W_OK):
            raise argparse.ArgumentTypeError(f"{text!r} cannot be written: its folder is read-only")
    try:
        try_writing(path)
    except OSError as error:
        reason = "its folder takes no files" if isinstance(error, FileNotFoundError) else error.strerror
        raise argparse.ArgumentTypeError(f"{text!r} cannot be written: {reason}") from None
    return path
