"""One run of a script of the from-scratch notes: options, random numbers, data, the verdict.

A script begins with ``run = start(__file__, __doc__, seed=1, iterations=200, lr=0.1)``, draws from ``run.rng``, takes
``run.digits()``, and ends with ``sys.exit(run.finish({"loss": loss}, ...))``.
"""

import numpy as np

from .. import data
from ..basics.places import FROM_SCRATCH
from ..data import IdxError
from . import notes_verdicts, weight_files
from .document_run import DocumentRun, started
from .options import add_search, integer_seed

TRAINED = 8000  # of the 10,000 images that come with the package; the others are for testing
NO_FOLDER = "the package's 10,000"
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

    def add(parser):
        if mnist:
            parser.add_argument("--mnist", metavar="FOLDER", help=SIXTY_THOUSAND)
        if trials is not None:
            add_search(parser, trials)

    return started(
        NotesRun, file, doc, seed=seed, lengths={"iterations": iterations, "epochs": epochs}, chosen=chosen,
        samples=samples, threads=threads, weights=weights, add=add, unchosen={"mnist": None} if mnist else {},
    )  # fmt: skip


class NotesRun(DocumentRun):
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

    PART = FROM_SCRATCH
    DRAWS = "seed of numpy.random.RandomState"
    CHANGES = "not the notes' run: {changes}"

    @staticmethod
    def read_seed(text):
        """What ``--seed`` takes."""
        return integer_seed(text)

    def __init__(self, file, title, options, book, chosen, refuse):
        super().__init__(file, title, options, book, chosen, refuse)
        if "mnist" in self.changed:
            self.changed["mnist"] = (options.mnist, NO_FOLDER)
        self.by_code = {"seed", "dtype"}

    def _stream(self):
        return np.random.RandomState(self.options.seed)

    def _loaded_stream(self, held):
        return weight_files.random_state_of(held, self.options.seed)

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
        return self._finish(
            quantities, book_code or {}, rows=rows, weights=weights, holds=holds, criterion=criterion, draw=draw,
            shown=shown,
        )  # fmt: skip

    def _state(self):
        return weight_files.words_of(self.rng)

    def _results(self, given, trained):
        """The worst deviation from the book's code; None for a run that it did not make."""
        if not given or not self.as_the_code:
            return None
        return notes_verdicts.against_book_code(self.folder / "golden", self.options.seed, given)
