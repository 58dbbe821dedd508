"""Printed numbers in ``reference/textbook.toml``: read, checked whole, and held against our own."""

import re
import sys
from dataclasses import dataclass, fields
from math import prod
from pathlib import Path

import numpy as np

from ..basics.files import ReferenceFileError
from ..basics.places import FOLDERS
from ..listings.experiments import EXPERIMENTS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

QUANTITIES = ("output", "accuracy")
FUNCTIONS = "functions"  # the entries that belong to no script
NONE_KNOWN = "none_known"  # the scripts of which no printed number is known
LARGEST_FILE = 1 << 20  # bytes of a TOML file
DIGITS = re.compile(r"-?\d{1,30}(\.\d{1,30})?", re.ASCII)


@dataclass(frozen=True)
class Reference:
    """Printed numbers for one quantity of one script.

    Attributes
    ----------
    label : str
        Heading for a table.
    quantity : str
        What was printed: ``"output"`` or ``"accuracy"``.
    printed : tuple of str
        The digits as printed.
    at : tuple of tuple of int
        For outputs, which sample and output each stands for, counted from 1 as the book does.
    epochs : int
        After how many epochs.
    seed : str or int
        The start they belong to: the script's own seed; ``"any"`` when every start ends there; or ``"unknown"`` when
        the start was not published: those are shown but not judged.
    source : str
        Document and place.
    """

    label: str
    quantity: str
    printed: tuple
    at: tuple
    epochs: int
    seed: object
    source: str

    def judges(self, seed, epochs):
        """Whether a run of so many epochs from `seed` should print these digits."""
        return epochs == self.epochs and self.seed in ("any", seed)

    def values(self, quantities):
        """Our numbers that stand where the printed ones do, out of a mapping from quantity to array."""
        ours = np.atleast_1d(quantities[self.quantity])
        return [float(ours[tuple(i - 1 for i in index)]) for index in self.at]

    def matched(self, quantities):
        """For each printed number, whether ours prints the same digits."""
        return [same_digits(value, digits) for value, digits in zip(self.values(quantities), self.printed, strict=True)]


@dataclass(frozen=True)
class FunctionReference:
    """Printed values of one of the functions the listings are made of.

    Attributes
    ----------
    function : str
        Its name.
    arguments : tuple of list
        What it was called with.
    printed : tuple of str
        The digits as printed, one for each element of the value.
    source : str
        Document and place.
    """

    function: str
    arguments: tuple
    printed: tuple
    source: str

    def matched(self, function):
        """For each printed number, whether `function` gives the same digits; all wrong if it gives more or fewer."""
        values = np.ravel(function(*map(np.array, self.arguments)))
        if len(values) != len(self.printed):
            return [False] * len(self.printed)
        return [same_digits(value, digits) for value, digits in zip(values, self.printed, strict=True)]


def same_digits(value, printed):
    """Whether `value`, rounded to as many decimals as `printed` has, prints the same digits.

    Examples
    --------
    >>> same_digits(0.01017, "0.0102"), same_digits(0.0098, "0.0102")
    (True, False)
    """
    decimals = len(printed.partition(".")[2])
    return f"{value:.{decimals}f}" == printed


def read_textbook(path):
    """The references of each script.

    Parameters
    ----------
    path : path
        A TOML file with one array of tables for each script, and a list ``none_known`` of the others.

    Returns
    -------
    dict from str to list of Reference

    Raises
    ------
    ReferenceFileError
        If the file is missing or not TOML; if a script of `EXPERIMENTS` has neither entries nor a place in
        ``none_known``; or if an entry has a field too few or too many, or one of the wrong type, range or place.
    """
    tables = read_toml(path)
    tables.pop(FUNCTIONS, None)
    for part in FOLDERS:  # the entries of the other documents, which `notes` reads
        tables.pop(part, None)
    silent = tables.pop(NONE_KNOWN, [])
    if not are(str, silent):
        raise ReferenceFileError(f"{path}: {NONE_KNOWN} must be a list of scripts, not {silent!r}")
    missing = EXPERIMENTS.keys() - tables.keys() - set(silent)
    if missing:
        raise ReferenceFileError(f"{path}: {', '.join(sorted(missing))} must have entries, or stand in {NONE_KNOWN}")
    odd = ((tables.keys() | set(silent)) - EXPERIMENTS.keys()) | (tables.keys() & set(silent))
    if odd:
        raise ReferenceFileError(f"{path}: {', '.join(sorted(odd))} is not a script, or stands in {NONE_KNOWN} as well")
    return {name: [_reference(path, name, entry) for entry in _entries(path, tables, name)] for name in tables}


def read_functions(path):
    """The printed values of functions in the same file.

    Parameters
    ----------
    path : path

    Returns
    -------
    list of FunctionReference

    Raises
    ------
    ReferenceFileError
        As `read_textbook`.
    """
    tables = read_toml(path)
    return [_function(path, entry) for entry in _entries(path, tables, FUNCTIONS)]


def read_toml(path):
    """A TOML file, or a `ReferenceFileError` that names it and says why not."""
    path = Path(path)
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise ReferenceFileError(f"{path}: not a reference file: longer than {LARGEST_FILE} bytes")
        return tomllib.loads(content.decode())
    except OSError as error:
        raise ReferenceFileError(f"{path}: {error.strerror}; `git checkout {path.name}` restores it") from error
    except (ValueError, RecursionError) as error:  # not TOML, not UTF-8, numbers too long, tables too deep
        raise ReferenceFileError(f"{path}: not a TOML file that can be read: {error}") from error


def _entries(path, tables, name):
    entries = tables.get(name)
    if not entries or not are(dict, entries):
        raise ReferenceFileError(f"{path}: {name} must be entries [[{name}]], not {entries!r}")
    return entries


def are(kind, values):
    """Whether `values` is a list of such things; True and False are not numbers."""
    return isinstance(values, list) and all(isinstance(v, kind) and not isinstance(v, bool) for v in values)


def require(holds, where, what, given):
    """ReferenceFileError, which says where and what is wanted there, unless it holds."""
    if not holds:
        raise ReferenceFileError(f"{where} must have {what}, not {given!r}")


def _checked(path, name, kind, entry):
    """Where an entry stands, in words, after a look at what every kind of entry has."""
    where = f"{path}: an entry of [[{name}]]"
    names = sorted(field.name for field in fields(kind))
    require(sorted(entry) == names, where, f"the fields {', '.join(names)}", sorted(entry))
    require(isinstance(entry["source"], str) and entry["source"], where, "a source", entry["source"])
    printed = entry["printed"]
    require(are(str, printed) and printed, where, "a list of printed numbers, as text", printed)
    for digits in printed:
        require(DIGITS.fullmatch(digits), where, "decimal digits for what is printed", digits)
    return where


def _reference(path, name, entry):
    where = _checked(path, name, Reference, entry)
    experiment = EXPERIMENTS[name]
    require(isinstance(entry["label"], str) and entry["label"], where, "a label", entry["label"])
    require(entry["quantity"] in QUANTITIES, where, f"a quantity of {', '.join(QUANTITIES)}", entry["quantity"])
    epochs = entry["epochs"]
    whole = isinstance(epochs, int) and epochs == experiment.epochs
    require(whole, where, f"the script's epochs, {experiment.epochs}", epochs)
    seeds = ("any", "unknown", experiment.seed)
    known = any(entry["seed"] == seed and type(entry["seed"]) is type(seed) for seed in seeds)
    require(known, where, f"a seed of {', '.join(map(repr, seeds))}", entry["seed"])
    at = _places(where, entry, experiment)
    return Reference(**dict(entry, printed=tuple(entry["printed"]), at=at))


def _places(where, entry, experiment):
    """The places of the printed numbers, each within what the script gives."""
    at, printed = entry["at"], entry["printed"]
    require(isinstance(at, list) and all(are(int, place) for place in at), where, "a list of places", at)
    require(len(at) == len(printed), where, f"a place for each of its {len(printed)} printed numbers", at)
    sizes = (1,) if entry["quantity"] == "accuracy" else (len(experiment.samples()[0]), experiment.shapes()[-1][0])
    for place in at:
        inside = len(place) == len(sizes) and all(1 <= i <= n for i, n in zip(place, sizes, strict=True))
        require(inside, where, f"places from {[1] * len(sizes)} to {list(sizes)}", place)
    require(len(set(map(tuple, at))) == len(at) <= prod(sizes), where, "each place once", at)
    return tuple(map(tuple, at))


def _function(path, entry):
    where = _checked(path, FUNCTIONS, FunctionReference, entry)
    require(isinstance(entry["function"], str), where, "the name of a function", entry["function"])
    arguments = entry["arguments"]
    numbers = isinstance(arguments, list) and arguments and all(are((int, float), a) and a for a in arguments)
    require(numbers, where, "arguments that are lists of numbers", arguments)
    return FunctionReference(**dict(entry, arguments=tuple(arguments), printed=tuple(entry["printed"])))
