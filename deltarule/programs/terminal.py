"""The terminal of a program: progress and complaints on stderr, and output that arrives or is reported."""

import os
import sys
import warnings
from contextlib import suppress
from pathlib import Path

from ..basics.checks import NotFinite
from ..basics.process import interrupted, program, take_ctrl_c, typed  # noqa: F401  what all programs use comes from here
from ..basics.progress import on_terminal, progress  # noqa: F401  as above

LONGEST = 3000  # characters of a message
BROKEN_PIPE = 141  # as a shell has it: 128 and the number of the signal


def runs_as_program(file):
    """Whether `file` is run whole, with a command line of its own: as a program, or by ``%run`` in IPython.

    It is not where its lines stand in a cell of a notebook, or are typed at a prompt.
    """
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    if main is None or Path(main).resolve() != Path(file).resolve():
        return False
    return not typed() or Path(sys.argv[0]).resolve() == Path(file).resolve()


def complain(message, name=None):
    """One line on stderr that begins with the program's name; nothing where stderr is closed, or its terminal is.

    What would begin a line or steer a terminal is written as its escape; of a long message the middle is left out.
    """
    if len(message) > LONGEST:
        message = f"{message[: LONGEST // 2]} ... {message[-LONGEST // 2 :]}"
    line = "".join(c if c.isprintable() else repr(c)[1:-1] for c in message)
    if sys.stderr is not None:
        with suppress(OSError):
            sys.stderr.write(f"{name or program()}: {line}\n")


def tell_of_divergence():
    """From now on numbers that are no longer finite end the program with one line on stderr and exit code 1.

    So it is where a learning rate is too large. NumPy's warnings on the way there are not shown, unless Python was
    asked for them. A prompt and a notebook are left alone.
    """
    if not typed():
        warnings.filterwarnings("ignore", "(overflow|invalid value|divide by zero) encountered", append=True)
        sys.excepthook = _diverged


def _diverged(kind, error, frames):
    """Python's own word on an exception that nothing has taken, but one line on numbers that are not finite."""
    if isinstance(error, NotFinite):
        complain(f"the training has diverged, and ends: {error}; a smaller learning rate may help")
    else:
        sys.__excepthook__(kind, error, frames)


def columns():
    """How wide the terminal is, as `shutil.get_terminal_size` has it: as COLUMNS says, or the system; else 80."""
    with suppress(KeyError, ValueError):
        if (asked := int(os.environ["COLUMNS"])) > 0:
            return asked
    with suppress(AttributeError, ValueError, OSError):  # no standard output, one that is closed, or none of a terminal
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or 80
    return 80


def status(text=""):
    """Draw a line of status on the terminal in place of the one before; clear it when there is no text."""
    if on_terminal():
        sys.stderr.write(f"\r{text}\x1b[K")
        sys.stderr.flush()


def delivered(work):
    """Do work that prints and writes files; the program's exit code: 0 when everything arrived.

    Where something could not be written, one line on stderr names it, and the code is 2; so it is where standard output
    is closed. Where its reader has gone, as ``head`` goes, nothing is said and the code is 141, as other programs have
    it.
    """
    try:
        work()
        print(end="", flush=True)
    except OSError as error:
        if error.filename is None and sys.stdout is not None:  # what is left in it would be tried once more at the end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return BROKEN_PIPE
        complain(f"{error.filename or 'standard output'}: {error.strerror}")
        return 2
    if sys.stdout is None:
        complain("standard output: it is closed, and the results went nowhere")
        return 2
    return 0
