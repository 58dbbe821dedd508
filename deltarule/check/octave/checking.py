"""The check of a MATLAB function: GNU Octave runs it from each start, in one process, and its weights are read back."""

import tempfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from ...basics.arrays import T, vectors
from .. import looks, ports
from ..checking import CONSTANTS, _checked
from ..conventions import WEIGHTS, as_columns, classes, combined, same
from ..errors import CheckError, PortError
from ..listings import LISTINGS
from ..names import known, listing_of
from ..subjects import LOOKS, Subject, first_update, subjects
from .draws import random_numbers
from .errors import does_not_parse, told
from .process import octave_answers, text
from .source import read_source

LIMIT = 120.0  # seconds that Octave may take for all starts
THOROUGH = 3600.0  # the same, to the listing's last epoch
LONGEST = max(LOOKS)  # epochs that are looked at, but where the check is to be thorough: Octave is slow in loops


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
    source = read_source(path, known)
    names = [name for name in (source.name, source.path.stem) if known(name)]
    listing = listing_of(SimpleNamespace(__name__=names[0] if names else source.name), listing)
    limit = limit or (THOROUGH if thorough else LIMIT)
    starts = starts or [s if thorough else up_to(s, LONGEST) for s in subjects(listing, thorough=thorough)]
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
        """The new weights after one epoch, in a process of its own; `rng` stays where it is."""
        subject = Subject("a call", weights, rng, X, D, (1,))
        self._run([(self.convention, subject)])
        return self._trained(self.kept.pop(self._key(self.convention, subject)), subject)[1]

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
        return self._trained(found, subject)

    def _trained(self, found, subject):
        """What Octave came to from a start, as the listing has its weights; with notes of what differs."""
        if found.error:
            raise PortError(found.error)
        if len(self.source.outputs) > len(self.weights):
            self._note(
                f"of the {len(self.source.outputs)} values that come back the first {len(self.weights)} are taken"
            )
        if self.source.script:
            self._note(f"it is a script, whose function {self.source.name} is checked; the rest of it is not run")
        elif self.source.name != self.source.path.stem:
            self._note(f"the function is named {self.source.name}; MATLAB calls it by the name of its file")
        shapes = [self.convention.weights(W).shape for W in subject.weights]
        weights = {
            epoch: self._weights(W, shapes) for epoch, W in found.weights.items() if epoch <= max(subject.epochs)
        }
        own = [W.shape for W in subject.weights]
        return {e: self.convention.back(those, own) for e, those in weights.items()}

    def _key(self, convention, subject):
        return self.own_conventions.index(convention), subject.name, len(subject.X)

    def _jobs(self, subject):
        """What to ask Octave for, where the weights from a start are wanted.

        In MATLAB's own form all starts at once that are not known; the other forms are tried, all at once, for one
        epoch.
        """
        if self.convention is not self.own_conventions[0] and subject.epochs == (1,):
            return [(convention, subject) for convention in self.own_conventions[1:]]
        starts = map(self.own, (subject, first_update(self.listing), *self.starts))
        those = {self._key(self.convention, s): s for s in starts}
        known = {key for key, s in those.items() if key in self.kept and max(s.epochs) <= self.kept[key].last}
        return [(self.convention, s) for key, s in those.items() if key not in known]

    def _run(self, jobs):
        """Let Octave train, and keep what comes back."""
        request = {"name": self.source.name, "outputs": float(len(self.weights)), "jobs": float(len(jobs))}
        for k, (convention, subject) in enumerate(jobs, 1):
            request[f"job{k}"] = self._job(convention, subject)
        with tempfile.TemporaryDirectory() as folder:
            answer = octave_answers(self, request, Path(folder))
            if "parse" in answer:
                raise CheckError(told(self.source, self.listing, text(answer["parse"]), Path(folder)))
            for k, (convention, subject) in enumerate(jobs, 1):
                self.kept[self._key(convention, subject)] = self._looks(answer, f"job{k}", subject, Path(folder))

    def _job(self, convention, subject):
        values = {**self.values, "X": convention.samples(subject.X), "D": convention.targets(subject.D)}
        for name, W in zip(self.weights, subject.weights, strict=True):
            values[name] = convention.weights(W)
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
            error = told(self.source, self.listing, said, folder, stack)
            if does_not_parse(said):
                raise CheckError(error)
        epochs = answer[f"{job}_looks"].ravel().astype(int).tolist()
        numbers = range(1, len(self.weights) + 1)
        weights = {e: tuple(self._read(answer[f"{job}_W{k}_{e}"]) for k in numbers) for e in epochs}
        return SimpleNamespace(weights=weights, error=error, last=max(subject.epochs))

    def _read(self, value):
        if value.dtype.kind in "US":
            raise PortError(f"{self.name} returns {text(value)}, where a matrix of numbers is wanted")
        return value


def conventions(listing, D):
    """How samples and targets are handed to a MATLAB function: the book's form first, then what else may be meant."""
    column, row = (lambda D: D[:, None]), (lambda D: D[None])
    if listing == "mnist_conv":
        xs = [("", as_columns)]
        ds = [("", lambda D: classes(D)[:, None]), ("classes are a row", lambda D: classes(D)[None])]
        return combined(xs, ds, WEIGHTS[:1])
    if D.ndim == 2:
        xs = [("", as_columns), ("images lie along the first axis", same),
              ("images are given as columns", lambda X: T(vectors(X))),
              ("images are given as rows", vectors)]  # fmt: skip
        return combined(xs, [("", same), ("targets are columns", T)], WEIGHTS[:2])
    return combined([("", same), ("samples are columns", T)], [("", column), ("targets are a row", row)], WEIGHTS[:2])
