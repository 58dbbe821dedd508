"""Reference values in ``reference/textbook.toml``: read, checked, and held against our own numbers."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..basics.files import ReferenceFileError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


QUANTITIES = ("output", "accuracy")
FUNCTIONS = "functions"  # the entries that belong to no listing


@dataclass(frozen=True)
class Reference:
    """Printed numbers for one quantity of one listing.

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
        The start they belong to: a seed of MATLAB's stream, ``"any"`` when every start ends there, or
        ``"unknown"`` when the start was not published; those are shown but not judged.
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
        """For each printed number, whether `function` gives the same digits."""
        values = np.ravel(function(*map(np.array, self.arguments)))
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
    """The references of each listing.

    Parameters
    ----------
    path : path
        A TOML file with one array of tables for each listing.

    Returns
    -------
    dict from str to list of Reference

    Raises
    ------
    ReferenceFileError
        If the file is missing or not TOML, or an entry lacks a field or has one too many.
    """
    tables = read_toml(path)
    tables.pop(FUNCTIONS, None)
    return {
        listing: [_reference(path, listing, entry) for entry in _entries(path, tables, listing)] for listing in tables
    }


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
    found = [_checked(path, FUNCTIONS, FunctionReference, entry) for entry in _entries(path, tables, FUNCTIONS)]
    return [FunctionReference(**dict(entry, arguments=tuple(entry["arguments"]))) for entry in found]


def read_toml(path):
    """A TOML file, or a `ReferenceFileError` that names it and says why not."""
    path = Path(path)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ReferenceFileError(f"{path}: {error.strerror}; `git checkout {path.name}` restores it") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ReferenceFileError(f"{path}: not a TOML file: {error}") from error


def _entries(path, tables, name):
    entries = tables.get(name)
    if not isinstance(entries, list):
        raise ReferenceFileError(f"{path}: {name} must be entries [[{name}]], not {entries!r}")
    return entries


def _checked(path, name, kind, entry):
    """An entry with the fields of `kind` and decimal digits for what was printed."""
    where = f"{path}: an entry of [[{name}]]"
    fields = set(kind.__dataclass_fields__)
    if not isinstance(entry, dict) or set(entry) != fields:
        given = sorted(entry) if isinstance(entry, dict) else entry
        raise ReferenceFileError(f"{where} must have {sorted(fields)}, not {given}")
    for digits in entry["printed"]:
        if not re.fullmatch(r"-?\d+(\.\d+)?", digits):
            raise ReferenceFileError(f"{where} must have decimal digits for what is printed, not {digits!r}")
    return dict(entry, printed=tuple(entry["printed"]))


def _reference(path, listing, entry):
    where = f"{path}: an entry of [[{listing}]]"
    entry = _checked(path, listing, Reference, entry)
    entry["at"] = tuple(map(tuple, entry["at"]))
    if len(entry["at"]) != len(entry["printed"]):
        raise ReferenceFileError(f"{where} has {len(entry['at'])} places for {len(entry['printed'])} printed numbers")
    if entry["quantity"] not in QUANTITIES:
        raise ReferenceFileError(f"{where} must have a quantity of {QUANTITIES}, not {entry['quantity']!r}")
    return Reference(**entry)
