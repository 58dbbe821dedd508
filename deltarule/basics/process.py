"""The process of a program of this project: its standard streams, and the signals that end it with one line.

The package imports it before NumPy, whose loading takes longer than a small listing trains. It does nothing but where
Python was started for one of the project's programs: not in a notebook, at a prompt or in another program.
"""

import builtins
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from functools import partial

SAID = {"SIGINT": "interrupted", "SIGTERM": "terminated", "SIGHUP": "hung up"}
SIGNALS = {getattr(signal, name): said for name, said in SAID.items() if hasattr(signal, name)}  # Windows lacks one
PATIENCE = 5.0  # seconds that a signal waits for an import
PACKAGE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
CLONE = os.path.dirname(PACKAGE)
FOLDERS = (
    *(
        os.path.join(place, "scripts", *more)
        for place in (PACKAGE, CLONE)
        for more in ((), ("from_scratch",), ("networks",))  # as places.FOLDERS has them, which is not loaded yet
    ),
    *(os.path.join(CLONE, name) for name in ("benchmarks", "reference")),
)


def begin():
    """What a program of this project does first.

    Until `take_ctrl_c` a signal ends it at once: there is nothing to clean up, and an exception might get lost in an
    import. Standard streams that are closed keep their places, so that no file is opened there; a character that
    standard output cannot show is printed as its escape.
    """
    if typed() or not runs_our_program():
        return
    _handle(end_at_once)
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stdout is not None:
        sys.stdout.reconfigure(errors="backslashreplace")


def runs_our_program():
    """Whether Python was started for a script, a benchmark, a program of ``reference/``, or the command."""
    main = getattr(sys.modules["__main__"], "__file__", None)
    if main is None:  # `python -m` imports the package before the program
        return sys.argv[:1] == ["-m"] and "deltarule" in sys.orig_argv
    folder, name = os.path.split(os.path.realpath(main))
    command = name == "deltarule" or os.path.basename(folder) == "deltarule.exe"
    return not sys.flags.inspect and (command or folder in FOLDERS)


def take_ctrl_c():
    """From now on Ctrl-C, SIGTERM and SIGHUP end the program with one line on stderr and exit code 130, 143 or 129.

    They raise SystemExit, so that files and other processes are cleaned up. A signal that is ignored stays so, as
    ``nohup`` has it, and a prompt's own handler of Ctrl-C is left alone.
    """
    if not typed():
        _handle(interrupted)


def typed():
    """Whether somebody types: at Python's prompt, or in IPython, which notebooks use."""
    return hasattr(sys, "ps1") or hasattr(builtins, "get_ipython")


def _handle(handler):
    for signum in SIGNALS:
        if signal.getsignal(signum) is not signal.SIG_IGN:
            signal.signal(signum, handler)


def end_at_once(signum, frame):
    """On a signal: one line on stderr, and the end."""
    _say(signum)
    os._exit(128 + signum)


def interrupted(signum, frame, until=None):
    """On a signal: one line on stderr, then SystemExit; whatever signal comes meanwhile changes nothing.

    One that comes while a module is imported waits for it: an extension that SystemExit leaves half loaded may say
    anything, or abort the process.
    """
    until = until or time.monotonic() + PATIENCE
    if _imports(frame) and time.monotonic() < until:
        _handle(partial(interrupted, until=until))
        _again_soon(signum)
        return
    _handle(signal.SIG_IGN)
    _say(signum)
    sys.unraisablehook = _end_all_the_same
    raise SystemExit(128 + signum)


def _imports(frame):
    """Whether an import statement is at work in a frame or in what has called it."""
    while frame is not None:
        if frame.f_code.co_name == "_find_and_load" and frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def _again_soon(signum):
    """Send the signal to this process once more, from a thread, while the main one goes on."""
    send = getattr(signal, "pthread_kill", None)  # Windows has none
    again = partial(send, threading.get_ident()) if send else signal.raise_signal
    timer = threading.Timer(0.02, again, [signum])
    timer.daemon = True
    timer.start()


def _end_all_the_same(unraisable):
    """End the program where SystemExit came at a moment that can raise nothing, as when an object is deleted."""
    if isinstance(unraisable.exc_value, SystemExit):
        os._exit(unraisable.exc_value.code)


def _say(signum):
    """Written past Python's buffer of stderr, which the signal may have come in the middle of."""
    if sys.stderr is not None:
        begin = "\n" if os.isatty(2) else ""  # below what the terminal shows of Ctrl-C
        with suppress(OSError):  # a terminal that is closed
            os.write(2, f"{begin}{program()}: {SIGNALS[signum]}\n".encode())


def program():
    """The name of the program as its user knows it."""
    name = os.path.basename(sys.argv[0])
    return "deltarule" if name in ("-m", "__main__.py") else name


begin()
