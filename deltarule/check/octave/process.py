"""GNU Octave as a process: the files that it is given, its limit of time, and what it says."""

import re
import shutil
import subprocess

import numpy as np
from scipy.io import loadmat, savemat

from ...basics import places
from ..errors import CheckError
from ..listings import LISTINGS
from .source import names_in, read_text

HELPERS = ("sigmoid", "softmax", "relu", "dropout", "conv", "pool")
MATLABS_OWN = ("conv",)  # which multiplies polynomials, and is no helper of the book in small letters
OURS = ("check_port", "random_numbers")
RANDOM = ("randperm", "rand")
INSTALL = (
    "a MATLAB function is run by GNU Octave, and there is no octave-cli or octave on the path: on Debian and Ubuntu "
    "`apt-get install octave`, on macOS `brew install octave`, else https://octave.org/download"
)


def octave_answers(port, request, folder):
    """What Octave says to a request, by name of the variable.

    Parameters
    ----------
    port : OctavePort
    request : dict
        The variables of the input file of ``reference/octave/check/check_port.m``.
    folder : Path
        An empty one, for the files.
    """
    octave = shutil.which("octave-cli") or shutil.which("octave")
    if octave is None:
        raise CheckError(INSTALL)
    write_files(port, folder)
    savemat(folder / "request.mat", request)
    path = [folder / "ours", port.source.path.resolve().parent, folder / "port"]
    program = "warning('off', 'all'); " + "".join(f"addpath({quoted(place)}); " for place in path)
    program += "check_port('request.mat', 'answer.mat')"
    code = run([octave, "--no-gui", "--no-init-file", "--no-site-file", "--no-history", "--quiet", "--eval", program],
               folder, port)  # fmt: skip
    try:
        answer = loadmat(folder / "answer.mat", mat_dtype=False)
        assert answer["finished"] == 1
    except Exception:  # there is none, or half a file
        raise CheckError(
            f"{port.name} ends Octave, with exit code {code}, before it is done; does it call exit or quit, or take "
            f"more memory than there is?"
        ) from None
    return answer


def run(command, folder, port):
    """Run Octave to its end, within the port's limit; its exit code. It ends when this program is ended."""
    nowhere = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=folder, stdin=nowhere, stdout=nowhere, stderr=nowhere) as process:
        try:
            return process.wait(port.limit)
        except subprocess.TimeoutExpired:
            process.kill()
            raise CheckError(
                f"{port.name} does not come to an end within {port.limit:g} s; has it a loop that does not end?"
            ) from None
        except BaseException:  # a signal; on SIGTERM Octave would write all its variables to a file first
            process.kill()
            raise


def write_files(port, folder):
    """The port under the name of its function, and beside it what we give: the driver and the helpers it lacks."""
    reference = places.reference()
    if reference is None:
        raise CheckError("the folder reference/octave of the package, which runs MATLAB functions, is not there")
    for name in ("port", "ours"):
        (folder / name).mkdir()
    source = port.source
    for name, content in source.files.items():
        (folder / "port" / f"{name}.m").write_text(content, encoding="utf-8")
    ours = OURS + (RANDOM if LISTINGS[port.listing].random else ())
    for name in ours:
        shutil.copyfile(reference / "octave" / "check" / f"{name}.m", folder / "ours" / f"{name}.m")
    for name in lacking(source):
        file = f"{name.lower()}.m"
        there = [place / file for place in (reference / "octave" / "check", reference / "octave")]
        written = next(place for place in there if place.is_file()).read_text(encoding="utf-8")
        written = re.sub(r"^(function \w+ = )\w+", rf"\g<1>{name}", written, flags=re.MULTILINE)
        (folder / "ours" / f"{name}.m").write_text(written, encoding="utf-8")


def lacking(source):
    """The book's helpers that a port calls, itself or through its folder's files, and that are not there."""
    beside = {file.stem: file for file in source.path.resolve().parent.glob("*.m")}
    called, defined = set(source.calls), source.defines
    ahead = [name for name in called & beside.keys() if name not in defined and name != source.path.stem]
    for name in ahead:
        more = names_in(read_text(beside[name])) - called
        called |= more
        ahead += [other for other in more & beside.keys() if other not in defined]
    return sorted(
        name for name in called - defined - beside.keys() if name.lower() in HELPERS and name not in MATLABS_OWN
    )


def quoted(path):
    """A path as MATLAB's text."""
    return "'" + str(path).replace("'", "''") + "'"


def text(value):
    """MATLAB's text, as it is read from a file."""
    return "".join(str(part) for part in np.ravel(value))
