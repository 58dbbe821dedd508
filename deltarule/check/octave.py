"""The check of a MATLAB function: GNU Octave runs it from each start, in one process, and its weights are read back."""

import re
import shutil
import subprocess
import tempfile
from copy import copy
from dataclasses import replace
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from scipy.io import loadmat, savemat

from ..basics import places
from ..basics.arrays import T, vectors
from ..matlab import permutations
from . import looks, ports
from .checking import CONSTANTS, _checked
from .errors import CheckError, PortError
from .listings import LISTINGS
from .matlab_source import names_in, read_source, read_text
from .misprints import misprints
from .names import known, listing_of
from .subjects import LOOKS, first_update, subjects

LIMIT = 120.0  # seconds that Octave may take for all starts
THOROUGH = 3600.0  # the same, to the listing's last epoch
LONGEST = max(LOOKS)  # epochs that are looked at, but where the check is to be thorough: Octave is slow in loops
HELPERS = ("sigmoid", "softmax", "relu", "dropout", "conv", "pool")
MATLABS_OWN = ("conv",)  # which multiplies polynomials, and is no helper of the book in small letters
OURS = ("check_port", "random_numbers")
RANDOM = ("randperm", "rand")
DRAWS, KEPT, NODES = 3, 16, 20  # of deep_dropout: randperm(20, 16), three times for each sample
SPARE = 2  # times as many uniforms as the listing draws are there for a port
INSTALL = (
    "a MATLAB function is run by GNU Octave, and there is no octave-cli or octave on the path: on Debian and Ubuntu "
    "`apt-get install octave`, on macOS `brew install octave`, else https://octave.org/download"
)


def check_file(path, listing=None, thorough=False, limit=None):
    """Say whether a MATLAB function trains as a listing does, and if not, which mistake it makes.

    Parameters
    ----------
    path : path
        The function's file, with the book's arguments: ``[W1, W2] = BackpropXOR(W1, W2, X, D)``. Functions of the book
        that it calls, as ``Sigmoid``, are taken from the same file or folder; where they are not there, ours are.
    listing : str, optional
        As `deltarule.check.check` takes it; told by the name of the function or the file when None.
    thorough : bool
        As `deltarule.check.check` takes it.
    limit : float, optional
        The seconds that the function may take in all; `LIMIT`, or `THOROUGH`, when None.

    Returns
    -------
    Finding

    Raises
    ------
    CheckError
        If there is no Octave, the file holds no function or does not parse, the function raises, does not come to an
        end, or takes or returns what the listing does not.
    """
    port = octave_port(path, listing, thorough, limit)
    return _checked(port, port.listing, port.name, thorough, port.starts)


def octave_port(path, listing=None, thorough=False, limit=None, starts=None):
    """The function of a file as a `Port`; the arguments are those of `check_file`.

    Parameters
    ----------
    starts : list of Subject, optional
        What it will be trained from; `subjects` when None.
    """
    source = read_source(path)
    names = [name for name in (source.name, source.path.stem) if known(name)]
    listing = listing_of(SimpleNamespace(__name__=names[0] if names else source.name), listing)
    limit = limit or (THOROUGH if thorough else LIMIT)
    starts = starts or [s if thorough else up_to(s, LONGEST) for s in subjects(listing)]
    return OctavePort(source, listing, limit, float("inf") if thorough else looks.SECONDS, starts)


def up_to(subject, epochs):
    """A start with the looks up to so many epochs."""
    return replace(subject, epochs=tuple(e for e in subject.epochs if e <= epochs))


class OctavePort(ports.Port):
    """A MATLAB function that trains one epoch of a listing.

    What it comes to from all starts is worked out by one process of Octave, when the first weights are asked for.

    Parameters
    ----------
    source : Source
    listing : str
    limit : float
        Seconds that Octave may take.
    seconds : float
        That the later looks from one start may take.
    starts : list of Subject
        What it will be trained from.
    """

    def __init__(self, source, listing, limit, seconds, starts):
        self.source, self.listing, self.limit, self.seconds, self.starts = source, listing, limit, seconds, starts
        self.name, self.weights, self.notes = source.path.name, LISTINGS[listing].weights, []
        self.values = {**ports.VALUES, **CONSTANTS[listing]}
        self.own_conventions = conventions(listing, starts[0].D)
        self.convention, self.kept = self.own_conventions[0], {}
        self._bind()

    def begin(self):
        """Nothing is kept from one start to the next."""

    def conventions(self, D):
        """The conventions to try, MATLAB's own first."""
        return self.own_conventions

    def _bind(self):
        """Find out what each argument is."""
        expected, inputs = [*self.weights, "X", "D"], list(self.source.inputs)
        kinds = {name: what for what, names in ports.EXTRAS.items() for name in names}
        extra = [name for name in inputs if kinds.get(name.lower()) in self.values]
        wanted = [name for name in inputs if name not in extra]
        if wanted == ["varargin"]:
            wanted = inputs = expected
        if len(wanted) != len(expected):
            raise CheckError(
                f"{self.name} takes {len(wanted)} arguments ({', '.join(wanted) or 'none'}); "
                f"{self.listing} takes {len(expected)}: {', '.join(expected)}"
            )
        meant = dict(zip(wanted, ports._in_order(wanted, expected), strict=True))
        self.order = [meant.get(name, kinds.get(name.lower())) for name in inputs]
        outputs = self.source.outputs
        if len(outputs) < len(self.weights) and "varargout" not in outputs:
            raise CheckError(
                f"{self.name} returns {len(outputs)} value{'s' * (len(outputs) != 1)} "
                f"({', '.join(outputs) or 'none'}); {self.listing} returns {len(self.weights)}: "
                f"{', '.join(self.weights)}"
            )

    def __call__(self, weights, X, D, rng=None):
        """The new weights after one epoch."""
        raise NotImplementedError("Octave is asked for all epochs at once, by train")

    def train(self, subject):
        """The weights from a start, by epoch: at each look that it gets to, as `deltarule.check.looks` has them.

        Parameters
        ----------
        subject : Subject

        Returns
        -------
        dict from int to tuple of array
        """
        found = self.kept.get(self._key(self.convention, subject))
        if found is None or max(subject.epochs) > found.last:
            self._run(self._jobs(subject))
            found = self.kept[self._key(self.convention, subject)]
        if found.error:
            raise PortError(found.error)
        if len(self.source.outputs) > len(self.weights):
            self._note(
                f"of the {len(self.source.outputs)} values that come back the first {len(self.weights)} are taken"
            )
        if self.source.name != self.source.path.stem:
            self._note(f"the function is named {self.source.name}; MATLAB calls it by the name of its file")
        shapes = [ports.T2(W).shape if self.convention.transposed else W.shape for W in subject.weights]
        weights = {
            epoch: self._weights(W, shapes) for epoch, W in found.weights.items() if epoch <= max(subject.epochs)
        }
        turned = self.convention.transposed
        return {e: tuple(ports.T2(W) if turned else W for W in those) for e, those in weights.items()}

    def _key(self, convention, subject):
        return self.own_conventions.index(convention), subject.name, len(subject.X)

    def _jobs(self, subject):
        """What to ask Octave for, where the weights from a start are wanted.

        In MATLAB's own form all starts at once; the other forms are tried, all at once, for one epoch.
        """
        if self.convention is not self.own_conventions[0] and subject.epochs == (1,):
            return [(convention, subject) for convention in self.own_conventions[1:]]
        those = {self._key(self.convention, s): s for s in (subject, first_update(self.listing), *self.starts)}
        return [(self.convention, s) for s in those.values()]

    def _run(self, jobs):
        """Let Octave train, and keep what comes back."""
        request = {"name": self.source.name, "outputs": float(len(self.weights)), "jobs": float(len(jobs))}
        for k, (convention, subject) in enumerate(jobs, 1):
            request[f"job{k}"] = self._job(convention, subject)
        with tempfile.TemporaryDirectory() as folder:
            answer = octave_answers(self, request, Path(folder))
            if "parse" in answer:
                raise CheckError(told(self.source, text(answer["parse"]), Path(folder)))
            for k, (convention, subject) in enumerate(jobs, 1):
                self.kept[self._key(convention, subject)] = self._looks(answer, f"job{k}", subject, Path(folder))

    def _job(self, convention, subject):
        values = {**self.values, "X": convention.samples(subject.X), "D": convention.targets(subject.D)}
        for name, W in zip(self.weights, subject.weights, strict=True):
            values[name] = ports.T2(W) if convention.transposed else W
        arguments = np.empty((1, len(self.order)), dtype=object)
        for k, what in enumerate(self.order):
            arguments[0, k] = np.asarray(values[what], dtype=np.float64)
        weights = [float(self.order.index(name) + 1) for name in self.weights]
        seconds, (uniforms, permuted) = self.seconds, random_numbers(self.listing, subject)
        return {"arguments": arguments, "places": weights, "looks": np.array(subject.epochs, np.float64),
                "seconds": seconds, "uniforms": uniforms, "permutations": permuted}  # fmt: skip

    def _looks(self, answer, job, subject, folder):
        """What came back for one job; a file that Octave cannot parse ends the check."""
        error = ""
        if f"{job}_error" in answer:
            said, files = text(answer[f"{job}_error"]), text(answer[f"{job}_files"]).split("\n")
            stack = list(zip(files, answer[f"{job}_lines"].ravel().astype(int).tolist(), strict=False))
            error = told(self.source, said, folder, stack)
            if PARSE.search(said):
                raise CheckError(error)
        epochs = answer[f"{job}_looks"].ravel().astype(int).tolist()
        numbers = range(1, len(self.weights) + 1)
        weights = {e: tuple(self._read(answer[f"{job}_W{k}_{e}"]) for k in numbers) for e in epochs}
        return SimpleNamespace(weights=weights, error=error, last=max(subject.epochs))

    def _read(self, value):
        if value.dtype.kind in "US":
            raise PortError(f"{self.name} returns {text(value)}, where a matrix of numbers is wanted")
        return value


def same(a):
    """What it is given."""
    return a


def conventions(listing, D):
    """How samples and targets are handed to a MATLAB function: the book's form first, then what else may be meant."""
    column, row = (lambda D: D[:, None]), (lambda D: D[None])
    if listing == "mnist_conv":
        xs = [("", lambda X: np.moveaxis(X, 0, -1))]
        ds = [("", lambda D: classes(D)[:, None]), ("classes are a row", lambda D: classes(D)[None])]
    elif D.ndim == 2:
        xs = [("", lambda X: np.moveaxis(X, 0, -1)), ("images lie along the first axis", same),
              ("images are given as columns", lambda X: T(vectors(X))),
              ("images are given as rows", vectors)]  # fmt: skip
        ds = [("", same), ("targets are columns", T)]
    else:
        xs, ds = [("", same), ("samples are columns", T)], [("", column), ("targets are a row", row)]
    ws = [("", False), ("weights are transposed", True)][: 1 if listing == "mnist_conv" else None]
    return [
        ports.Convention(tuple(note for note in (w[0], x[0], d[0]) if note), x[1], d[1], w[1])
        for w, x, d in product(ws, xs, ds)
    ]


def classes(D):
    """Digits as MATLAB's classes: 0 is class 10."""
    return np.where(D == 0, 10, D)


def random_numbers(listing, subject):
    """The uniforms that a port draws from, and the permutations that come from them; none where nothing is drawn."""
    if not LISTINGS[listing].random:
        return np.zeros((0, 0)), np.zeros((0, 0), np.uint8)
    calls, each = DRAWS * len(subject.X) * max(subject.epochs), permutations.uniforms_of(NODES, KEPT)
    uniforms = copy(subject.rng).rand(1, calls * each * SPARE)
    return uniforms, T(permuted(uniforms.ravel()[: calls * each].reshape(calls, each)))


def permuted(uniforms):
    """The permutations randperm(20, 16) of many rows of uniforms, as `deltarule.matlab.permutations.ordered` has each."""
    skips, moves = uniforms[:, ::2], uniforms[:, 1::2]
    calls = len(uniforms)
    number, left, order = np.zeros(calls, np.int64), np.full(calls, NODES), np.empty((calls, KEPT), np.uint8)
    for i in range(KEPT):
        p, number = (KEPT - i) / left, number + 1
        while (skipped := skips[:, i] > p).any():
            number, left = number + skipped, left - skipped
            p = np.where(skipped, p + (1 - p) * ((KEPT - i) / np.maximum(left, 1)), p)
        left = left - 1
        place = (moves[:, i] * (i + 1)).astype(np.int64)
        order[:, i] = order[np.arange(calls), np.minimum(place, max(i - 1, 0))]
        order[np.arange(calls), place] = number
    return order


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
    (folder / "port" / f"{source.name}.m").write_text(source.text, encoding="utf-8")
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


PARSE = re.compile(r"parse error(?: near line (\d+) of file ([^\n]+)|:)")


def told(source, said, folder, stack=()):
    """What Octave says of an error, with the line of the reader's own file, and the page's misprints in that file.

    Parameters
    ----------
    source : Source
        The port's.
    said : str
        Octave's message.
    folder : Path
        That the port was copied to.
    stack : list of (str, int)
        The calls that the error came through, the innermost first, by file and line.
    """
    parse = PARSE.search(said)
    if parse and parse.group(1):
        file, number = own_file(source, parse.group(2).strip(), folder), int(parse.group(1))
        said = parse_message(said)
    else:
        own = [(own_file(source, file, folder), line) for file, line in stack]
        file, number = next(((file, line) for file, line in own if file is not None), (source.path, 0))
        said = re.sub(r" near line \d+, column \d+", "", said.strip())
    file = file or source.path
    content = source.text if file == source.path else read_text(file)
    lines = content.splitlines()
    line = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    where = f", line {number}" if line else ", at its end" if number else ""
    shown = [f"{file.name}{where}: {said}", *([f"    {line}"] if line else [])]
    return "\n".join([*shown, *of_the_page(content, number, line)])


def parse_message(said):
    """Octave's reason why a file does not parse, without the line, which is shown beside."""
    reason = [part.strip() for part in said.splitlines()[1:] if part.strip() and not part.startswith(">>>")]
    return f"it does not parse, {reason[0] if reason and reason[0] != '^' else 'a syntax error'}"


def of_the_page(content, number, line):
    """What the page has to do with an error: the misprints of the line, and those in other lines."""
    found = misprints(content)
    here = [str(each) for each in found if each.number == number]
    if line and not here:
        here = [f"line {number} is none of the page's misprints"]
    others = [f"{each.number} ({', '.join(e.id for e in each.errata)})" for each in found if each.number != number]
    if others:
        here.append(f"other lines that are misprints of the page (by erratum): {', '.join(others)}")
    return here


def own_file(source, file, folder):
    """The reader's file that Octave names: the port itself for its copy, a file beside it, or None for ours."""
    path = Path(file)
    if path.name == f"{source.name}.m" and path.parent.name == "port" and path.parent.parent.name == folder.name:
        return source.path
    return path if file and path.parent.resolve() == source.path.resolve().parent else None
