"""The process that checks one file of a class of submissions, for `deltarule.check.submissions`.

It reads ``request.json`` in its folder, and keeps ``state.json`` there: what is checked at the moment, and what was
found. So whatever the submission does to the process, the one that began it knows how far it got.
"""

import json
import os
import signal
import sys
import traceback
from contextlib import ExitStack, suppress
from pathlib import Path

from ..basics.process import SIGNALS
from . import python_files
from .checking import check, is_part, listing_for
from .clock import Clock
from .errors import CheckError
from .names import known
from .octave import checking as octave
from .parts import checking as parts
from .ports import own_lines
from .weights import files as weight_files

if sys.platform != "win32":
    import resource

MEBIBYTE = 2**20
SPARE = 256  # mebibytes to say in that there was no memory left
WEIGHTS = (".mat", ".npz", ".npy", ".csv")
KINDS = (".py", ".m", *WEIGHTS)
NOT_CHECKED = "NOT CHECKED"
LONGEST = 3000  # characters of why something cannot be checked


class State:
    """What is known so far, for the process that waits.

    Attributes
    ----------
    current : dict or None
        ``file``, ``function`` and ``listing`` of what is checked at the moment.
    left : list of str
        The functions of the file that are to come.
    records : list of dict
        What was found.
    """

    def __init__(self, folder):
        self.folder, self.current, self.left, self.records = folder, None, [], []

    def write(self, finished=False):
        """Write it, whole."""
        known_now = {"current": self.current, "left": self.left, "records": self.records, "finished": finished}
        part = self.folder / "state.part"
        part.write_text(json.dumps(known_now, allow_nan=False), encoding="utf-8")
        os.replace(part, self.folder / "state.json")
        if finished:
            (self.folder / "finished").touch()

    def begins(self, file, function, listing, left=()):
        """Another check begins."""
        self.current, self.left = {"file": file, "function": function, "listing": listing}, list(left)
        self.write()

    def found(self, record):
        """It is done."""
        self.records.append(record)
        self.current = None
        self.write()


def main(folder):
    """Do what the request in a folder asks for."""
    if os.name == "posix":  # which the process that began this one has blocked
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    state = State(Path(folder))
    request = json.loads((state.folder / "request.json").read_text(encoding="utf-8"))
    state.begins(request["file"], request["function"], request["listing"])
    sys.argv = [request["path"]]
    limit_memory(request["megabytes"])
    clock = Clock(state.folder / "clock")
    try:
        checked(request, state, clock)
    except BaseException as error:  # whatever ends it ends this file's check alone
        unlimited()
        state.found(refused(state.current or {"file": request["file"]}, message(error, request)))
    unlimited()
    state.write(finished=True)


def message(error, request):
    """What to say of an exception that ended a check."""
    if isinstance(error, MemoryError) or isinstance(error.__cause__, MemoryError):
        return f"{request['path']} takes more than {request['megabytes']} MB of memory"
    if isinstance(error, CheckError):
        return str(error)
    if isinstance(error, Exception):  # of ours: the submission's own are told as its own before
        with suppress(OSError, ValueError):  # the submission may have closed it
            traceback.print_exception(error)
        return f"{request['path']}: the check itself fails, by {type(error).__name__}: {error}"
    return f"{request['path']} ends the program, by {own_lines(error)}"


def limit_memory(megabytes):
    """Let this process take no more memory, where the system has such a limit."""
    if sys.platform != "win32" and megabytes:
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        hard = (megabytes + SPARE) * MEBIBYTE
        hard = hard if most == resource.RLIM_INFINITY else min(hard, most)
        resource.setrlimit(resource.RLIMIT_AS, (min(megabytes * MEBIBYTE, hard), hard))


def unlimited():
    """Let this process take what is spared for its last words."""
    if sys.platform != "win32":
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def checked(request, state, clock):
    """Check the file of a request, whatever it is; Octave, which runs a MATLAB function, is timed by its own check."""
    path, suffix = request["path"], Path(request["path"]).suffix.lower()
    if suffix == ".py":
        python_file(request, state, clock)
        return
    listing, thorough = request["listing"], request["thorough"]
    if suffix == ".m":
        finding = octave.check_file(path, listing, thorough, limit=request["seconds"])
    else:
        from_start = {"seed": request["seed"], "epochs": request["epochs"]}
        finding = weight_files.check_file(path, listing, **from_start, thorough=thorough, name=request["file"])
    state.found(record(request["file"], finding))


def python_file(request, state, clock):
    """Check the functions of a Python file, one after another."""
    path, asked = request["path"], request["function"]
    with ExitStack() as stack:
        with clock.running():
            module = stack.enter_context(python_files.imported(path))
        found = python_files.chosen(module, path, asked, request["listing"], parts.part_of)
        names = [name for name in found if request["only"] is None or name in request["only"]]
        for k, name in enumerate(names):
            clock.reset()
            one_function(request, state, clock, found[name], name, names[k + 1 :])


def one_function(request, state, clock, function, name, left):
    """Check a function, and keep what was found, or why it cannot be checked."""
    file, listing = request["file"], request["listing"]
    if listing is None and parts.name_of(function) != name and (known(name) or parts.part_of(function, name)):
        listing = name  # as of a lambda, which has no other
    called = file if request["function"] else f"{file}:{name}"
    try:
        state.begins(called, name, listing or name, left)
        if is_part(function, listing):
            with clock.running():
                finding = parts.check_part(function, listing, called=called)
        else:
            state.begins(called, name, listing_for(function, listing), left)
            finding = check(clock.timed(function), listing, thorough=request["thorough"], name=called)
    except Exception as error:
        state.found(refused(state.current or {"file": called}, message(error, request)))
    else:
        state.found(record(called, finding))


def record(file, finding):
    """A line of the table."""
    found = finding.as_dict()
    return {
        "file": file,
        "listing": finding.listing,
        "verdict": finding.verdict,
        "mistake": " or ".join(finding.mistakes),
        "says": found["says"],
        "deviation": found["deviation"],
        "finding": found,
        "text": str(finding),
    }


def refused(current, text):
    """A line of the table for what cannot be checked; of a long text the beginning."""
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."
    listing = current.get("listing") or ""
    nothing = {"mistake": "", "deviation": None, "finding": None, "text": ""}
    return {"file": current["file"], "listing": listing, "verdict": NOT_CHECKED, "says": text, **nothing}
