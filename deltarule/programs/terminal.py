"""The terminal of a program: progress on stderr, Ctrl-C, and output that arrives or is reported.

Only a program calls `take_ctrl_c`; nothing here changes how a notebook or a prompt handles signals.
"""

import builtins
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

INTERRUPTED = 130  # exit codes as a shell gives them: 128 and the number of the signal
BROKEN_PIPE = 141


def runs_as_program(file):
    """Whether `file` is run whole, with a command line of its own: as a program, or by ``%run`` in IPython.

    It is not where its lines stand in a cell of a notebook, or are typed at a prompt.
    """
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    if main is None or Path(main).resolve() != Path(file).resolve():
        return False
    return not _typed() or Path(sys.argv[0]).resolve() == Path(file).resolve()


def _typed():
    """Whether somebody types: at Python's prompt, or in IPython, which notebooks use."""
    return hasattr(sys, "ps1") or hasattr(builtins, "get_ipython")


def take_ctrl_c():
    """From now on Ctrl-C ends the program with one line on stderr and exit code 130; a prompt's own handler stays."""
    if not _typed():
        signal.signal(signal.SIGINT, interrupted)


def interrupted(signum, frame):
    """On Ctrl-C: one line on stderr, exit 130."""
    complain("interrupted", begin="\n")
    raise SystemExit(INTERRUPTED)


def complain(message, begin=""):
    """One line on stderr that begins with the program's name; nothing where stderr is closed, or its terminal is."""
    if sys.stderr is not None:
        with suppress(OSError):
            sys.stderr.write(f"{begin}{Path(sys.argv[0]).name}: {message}\n")


def on_terminal():
    """Whether stderr is a terminal, where progress may be drawn."""
    return sys.stderr is not None and sys.stderr.isatty()


def progress(name, total, unit="epoch"):
    """A progress bar on stderr, from its second second on; nothing where stderr is not a terminal.

    Returns
    -------
    context manager
        Its ``update(n)`` says that n more are done.
    """
    if not on_terminal():
        return _NoProgress()
    from tqdm.auto import tqdm  # here, since a small listing trains in less time than it takes to import

    return tqdm(total=total, desc=name, unit=unit, delay=1, leave=False, dynamic_ncols=True)


class _NoProgress:
    """Stands in for a progress bar where there is nothing to draw on."""

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        pass

    def update(self, n=1):
        """Nothing to draw."""


def status(text=""):
    """Draw a line of status on the terminal in place of the one before; clear it when there is no text."""
    if on_terminal():
        sys.stderr.write(f"\r{text}\x1b[K")
        sys.stderr.flush()


def delivered(work):
    """Do work that prints and writes files; the program's exit code: 0 when everything arrived.

    Where something could not be written, one line on stderr names it, and the code is 2. Where the reader of standard
    output has gone, as ``head`` goes, nothing is said and the code is 141, as other programs have it.
    """
    try:
        work()
        print(end="", flush=True)
    except OSError as error:
        if error.filename is None:  # standard output: what is left in it would be tried, and fail, once more at the end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return BROKEN_PIPE
        complain(f"{error.filename or 'standard output'}: {error.strerror}")
        return 2
    return 0
