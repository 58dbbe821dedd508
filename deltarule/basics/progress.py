"""A progress bar on stderr, for whoever waits: in a terminal, or below a cell of a notebook.

It appears after a second, so that a small training draws none, and is wiped off at the end.
"""

import sys


def on_terminal():
    """Whether stderr is a terminal, where progress may be drawn."""
    return sys.stderr is not None and sys.stderr.isatty()


def in_notebook():
    """Whether stderr goes below a cell of a notebook, which shows a line in place of the one before too."""
    return type(sys.stderr).__module__.partition(".")[0] == "ipykernel"


def progress(name, total, unit="epoch"):
    """A progress bar on stderr, from its second second on; nothing where nobody would see it.

    Parameters
    ----------
    name : str
        What stands before the bar.
    total : int
    unit : str

    Returns
    -------
    context manager
        Its ``update(n)`` says that n more are done.
    """
    if not (on_terminal() or in_notebook()):
        return _NoProgress()
    from tqdm import tqdm  # here, since a small listing trains in less time than it takes to import

    return tqdm(total=total, desc=name, unit=unit, delay=1, leave=False, dynamic_ncols=True)


class _NoProgress:
    """Stands in for a progress bar where there is nothing to draw on."""

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        pass

    def update(self, n=1):
        """Nothing to draw."""
