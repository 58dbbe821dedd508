"""One run of a script of the other networks: options, MATLAB's random numbers, PyTorch's weights, the verdict.

A script begins with ``run = start(__file__, __doc__, epochs=2_000, alpha=0.3, hidden=4)``, draws from ``run.rng``,
takes its start through ``run.start_weights``, counts with ``run.count()``, and ends with ``sys.exit(run.finish(...))``.
"""

from .. import matlab
from ..basics.places import NETWORKS
from ..evidence import networks
from . import weight_files
from .document_run import DocumentRun, started
from .options import seed as matlab_seed

SEED, GENERATOR = "default", "twister"  # as a freshly started MATLAB has them
JUDGED = {"seed", "dtype"}  # what may be changed and the weights still be held against PyTorch's


def start(file, doc, *, draws=True, epochs=None, iterations=None, samples=None, threads=1, **chosen):
    """Read a script's options and return its `NetworksRun`.

    Parameters
    ----------
    file : str
        The script's ``__file__``.
    doc : str
        The script's docstring; its first line is the title.
    draws : bool
        Whether it draws random numbers, from MATLAB's stream as a freshly started MATLAB has it unless ``--seed`` says
        otherwise.
    epochs, iterations : int, optional
        How long it trains unless ``--epochs`` or ``--iterations`` says otherwise; at most one of the two. With it there
        are ``--save`` and ``--load``, and golden files of PyTorch's.
    samples : int, optional
        How many samples there are, the largest batch.
    threads : int, optional
        Threads of the BLAS where it trains; as many as the BLAS takes by itself when None.
    **chosen : float, int or str
        What else the document chose and an option may change: ``alpha``, ``beta``, ``hidden``, ``batch_size``, or one
        of `deltarule.programs.options.NOTES_CHOICES`.

    Returns
    -------
    NetworksRun

    Raises
    ------
    SystemExit
        With code 2 and one line on stderr for a bad option or an unreadable reference file, 0 for ``--help``.

    Notes
    -----
    A notebook's or a prompt's command line and signals are left alone, as `deltarule.programs.run.start` has it.
    """
    return started(
        NetworksRun, file, doc, seed=SEED if draws else None, lengths={"epochs": epochs, "iterations": iterations},
        chosen=chosen, samples=samples, threads=threads,
    )  # fmt: skip


class NetworksRun(DocumentRun):
    """One run of a script of the other networks.

    Attributes
    ----------
    options : argparse.Namespace
        What was asked for.
    rng : deltarule.matlab.Stream
        The stream that the script draws from; None where it draws nothing.
    changed : dict
        By name, what this run has that is not the document's, as a pair: this run's value and the document's.
    """

    PART = NETWORKS
    DRAWS = "seed of MATLAB's stream, or 'default'"
    CHANGES = "not the document's run: {changes}"

    @staticmethod
    def read_seed(text):
        """What ``--seed`` takes."""
        return matlab_seed(text)

    def _stream(self):
        return matlab.rng(self.options.seed, GENERATOR)

    def _loaded_stream(self, held):
        return weight_files.stream_of(held, self.options.seed, GENERATOR)

    def _state(self):
        return "" if self.rng is None else self.rng.state["State"]

    def start_weights(self, **drawn):
        """The weights to start from, those drawn or those of ``--load``, as `to_device` gives them.

        Parameters
        ----------
        **drawn : array
            By the names of the page, in their order.

        Returns
        -------
        list of array

        Raises
        ------
        SystemExit
            With code 2 and one line on stderr where the file's weights do not fit.
        """
        params = dict(drawn)
        self.start_params(params)
        return list(params.values())

    def finish(
        self, quantities, *, rows=None, weights=None, reference=None, holds=None, criterion=None, draw=None, shown=None
    ):
        """Print the quantities, what the documents print of them, the verdict, and draw what was asked for.

        Parameters
        ----------
        quantities : dict from str to number, tuple or array
            By name, in the order of the table; shapes are tuples.
        rows : list of list of str, optional
            A table to print in place of that of the quantities, the first row of headings: input, target, output.
        weights : dict from str to array, optional
            The trained weights, for JSON and for ``--save``.
        reference : dict from str to array, optional
            What is held against PyTorch's golden file, by its names; the weights by default.
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
            The exit code: 0 when the criterion holds, printed numbers and PyTorch's weights are met, 1 when not, 2 when
            something could not be written.
        """
        return self._finish(
            quantities, reference, rows=rows, weights=weights, holds=holds, criterion=criterion, draw=draw, shown=shown
        )

    def _results(self, given, trained):
        """The deviation from PyTorch's weights; None for a run that it did not make."""
        if self.COUNTED is None or self.folder is None or not self.changed.keys() <= JUDGED:
            return None
        device = self.options.device
        return networks.judge(self.folder / "golden", self.name, self.options.seed, given or trained, device)
