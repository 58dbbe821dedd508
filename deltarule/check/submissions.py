"""A class of submissions: each file checked in a process of its own, within limits of time and memory.

The clock of a submission runs while its own code does, and not while its mistake is looked for.

A submission's code runs with the rights of whoever calls this. The limits keep one that is broken from costing more
than its line; they are no fence against one that means harm.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ..basics.process import SIGNALS
from .child import KINDS, refused
from .clock import Clock
from .errors import CheckError
from .python_files import split

SECONDS = {"mnist_conv": 120.0}
USUAL_SECONDS = 60.0
OURS = 600.0  # seconds that a check may take beside the submission's own code
LEAVING = 1.0  # seconds that a process may take to end when all is said
LOOK = 0.02  # seconds between two looks at the processes
HEARD = 4_000  # bytes of what a submission prints that are kept

PARENT = str(Path(__file__).resolve().parents[2])
CHILD = (  # not -m, which would look for every module in the caller's folder first
    "import sys; sys.path[:] = [*([] if sys.argv[1] in sys.path else [sys.argv[1]]), *filter(None, sys.path)]; "
    "from deltarule.check.child import main; main(sys.argv[2])"
)


@dataclass(frozen=True)
class How:
    """How submissions are checked.

    Attributes
    ----------
    listing : str or None
    thorough : bool
    seed : int, str or None
        Of the start that weights were trained from.
    epochs : int or None
        That weights were trained for.
    seconds : float or None
        That a submission's own code may take; 60 when None, and 120 of the convolutional network and of MATLAB files.
    megabytes : int
        Of memory that it may take.
    jobs : int
        Processes at once.
    """

    listing: str | None = None
    thorough: bool = False
    seed: object = None
    epochs: int | None = None
    seconds: float | None = None
    megabytes: int = 4096
    jobs: int = 1


def checked(files, how, heard=None):
    """Check files, each in a process of its own.

    Parameters
    ----------
    files : list of str
        ``mine.py:backprop``, ``mine.py``, ``BackpropXOR.m``, ``weights.mat``, ...
    how : How
    heard : callable, optional
        Is given what a submission prints, as text, when it is done; nobody is when None.

    Yields
    ------
    int, list of dict
        The place of a file among the files, and its records, as they are done. Leaving the generator ends what runs.
    """
    waiting, running, found = [(k, file, None) for k, file in enumerate(files)], [], {}
    try:
        while waiting or running:
            while waiting and len(running) < how.jobs:
                k, file, only = waiting.pop(0)
                try:
                    with signals_held():  # else one could come before what has begun is known here
                        running.append(Process(k, file, how, heard, only))
                except CheckError as error:
                    yield k, [*found.pop(k, []), refused({"file": file}, str(error))]
            ended = [process for process in running if process.is_over()]
            for process in ended:
                records, left = process.outcome()
                running.remove(process)
                records = [*found.pop(process.k, []), *records]
                if left:  # functions of the same file, which one of them kept from being checked
                    found[process.k] = records
                    waiting.insert(0, (process.k, process.file, left))
                else:
                    yield process.k, records
            if not ended and running:
                time.sleep(LOOK)
    finally:
        for process in running:
            process.end()


@contextmanager
def signals_held():
    """Let signals that end programs wait; the process that begins meanwhile takes them again."""
    if os.name != "posix":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def path_and_function(text):
    """The file and the function of a submission.

    Raises
    ------
    CheckError
        If there is no such file, or it is of a kind that is not checked.
    """
    path, function = (text, None) if os.path.exists(text) else split(text)
    if not os.path.exists(path):
        raise CheckError(f"{path}: there is no such file")
    if os.path.isdir(path):
        raise CheckError(f"{path} is a folder; give its files")
    if Path(path).suffix.lower() not in KINDS:
        exported = "; export a notebook as .py: jupyter nbconvert --to script" * path.lower().endswith(".ipynb")
        raise CheckError(f"{path}: what is checked ends in {', '.join(KINDS)}{exported}")
    if function and not path.lower().endswith(".py"):
        raise CheckError(f"{text}: a function is named of a Python file alone")
    return path, function


class Process:
    """A process that checks one file.

    Parameters
    ----------
    k : int
        The place of the file among the files.
    file : str
    how : How
    heard : callable or None
    only : list of str, optional
        The functions that are to be checked; all when None.
    """

    def __init__(self, k, file, how, heard=None, only=None):
        self.k, self.file, self.how, self.heard, self.reason = k, file, how, heard, None
        path, function = path_and_function(file)
        self.place = tempfile.TemporaryDirectory(prefix="deltarule-check-", ignore_cleanup_errors=True)
        self.folder = Path(self.place.name)
        asked = {"file": file, "path": path, "function": function, "listing": how.listing, "thorough": how.thorough}
        asked |= {"seed": how.seed, "epochs": how.epochs, "only": only}
        asked |= {"seconds": how.seconds, "megabytes": how.megabytes}
        self.ours = float("inf") if how.thorough else OURS + (how.seconds or 0) * path.endswith(".m")
        (self.folder / "request.json").write_text(json.dumps(asked), encoding="utf-8")
        (self.folder / "temporary").mkdir()
        self.clock = Clock(self.folder / "clock", new=True)
        self.began, self.finished, self.killed, self.kept = time.monotonic(), None, False, b""
        self.process = subprocess.Popen(
            [sys.executable, "-c", CHILD, PARENT, self.place.name],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if heard is None else subprocess.PIPE,
            stderr=subprocess.DEVNULL if heard is None else subprocess.STDOUT,
            start_new_session=True,  # so that what it begins can be ended with it
            env=environment(self.folder / "temporary"),
        )
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()

    def _listen(self):
        """Take what is printed, however much; keep the beginning."""
        if self.process.stdout is None:
            return
        with suppress(OSError, ValueError):
            while part := os.read(self.process.stdout.fileno(), 65536):
                self.kept += part[: max(HEARD + 1 - len(self.kept), 0)]

    def is_over(self):
        """Whether it has ended, or is to be ended."""
        now = time.monotonic()
        if self.process.poll() is not None:
            return True
        if self.finished is None and (self.folder / "finished").exists():
            self.finished = now
        if self.finished is not None:
            return now - self.finished > LEAVING
        spent = self.clock.seconds()
        if spent > (self.how.seconds or USUAL_SECONDS) and spent > self._allowed():
            self.reason = f"takes more than {self._allowed():g} s"
        elif now - self.began - spent > self.ours:
            self.reason = f"keeps its check from ending within {self.ours:g} s"
        return self.reason is not None

    def _allowed(self):
        if self.how.seconds is not None:
            return self.how.seconds
        listing = (self.state()["current"] or {}).get("listing") or self.how.listing
        return SECONDS.get(listing, USUAL_SECONDS)

    def state(self):
        """What the process has said so far."""
        try:
            return json.loads((self.folder / "state.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {"current": None, "left": [], "records": [], "finished": False}

    def outcome(self):
        """The records, and the functions that it did not come to; the process is ended, and all that it has begun."""
        self._kill()
        state = self.state()
        self.end()
        if self.heard is not None:
            self.heard(printed(self.kept))
        if state["finished"]:
            return state["records"], []
        current = state["current"] or {"file": self.file}
        why = self.reason or ended_how(self.process.returncode)
        return [*state["records"], refused(current, f"{current['file']} {why}")], state["left"]

    def end(self):
        """End the process, and what it has begun; nothing is left of it."""
        self._kill()
        self.place.cleanup()

    def _kill(self):
        if self.killed:  # another process may have its number by now
            return
        self.killed = True
        if os.name == "posix":
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        self.listener.join(LEAVING)
        if self.process.stdout is not None and not self.listener.is_alive():
            self.process.stdout.close()
        self.clock.close()


def environment(temporary):
    """The variables that a process gets: it computes in one thread, opens no windows, and has its own temporary folder.

    What it leaves there when it is killed, as the files for Octave, is removed with the folder.
    """
    fixed = {"PYTHONIOENCODING": "utf-8", "MPLBACKEND": "agg"}
    fixed |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))
    return {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", **os.environ, **fixed}


def printed(kept):
    """What a submission has printed, as text; of much the beginning."""
    text = kept[:HEARD].decode("utf-8", "backslashreplace")
    return f"{text}\n... and more\n" if len(kept) > HEARD else text


def ended_how(code):
    """What to say of a process that ended before all was said, by its exit code."""
    if code >= 0:
        return f"ends the process, with exit code {code}"
    name = next((s.name for s in signal.Signals if s == -code), str(-code))
    memory = ", as the system does when there is no memory left" if name == "SIGKILL" else ""
    return f"ends by the signal {name}{memory}"
