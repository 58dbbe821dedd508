"""Which lines of a MATLAB file are misprints of the page, so that they are told apart from the reader's own."""

import re
from dataclasses import dataclass

from ...basics import places
from ...evidence.errata import read_errata
from .source import code_of_line

TELLING = {
    "sigmoid-operand": "",
    "sigmoid-matrix-division": r"=\s*1\s*/\s*\(\s*1\s*\+\s*exp\(\s*-\s*\w",
    "broken-element-product": r"\.\s+[*/^]",
    "hidden-delta": "",
    "hidden-delta-ce": "",
    "hidden-delta-multi-class": "",
    "momentum-names": r"\bmnt\d",
    "sizeof": r"\bsizeof\s*\(",
    "missing-parenthesis": r"\bzeros\s*\(\s*size(of)?\s*\([^)]*\)\s*;?\s*$",
    "momentum-variables": r"\bmomentum2\s*=",
    "momentum-variables-again": r"\bmomentum3\s*=",
    "e5-for-e3": "",
    "conv2-without-image": r"\bconv2\s*\(\s*:\s*,\s*:\s*\)",
    "book-text-delta2-x": r"\bdelta2_x\b",
    "end-run-together": r"\bendWo\b",
}
"""By erratum that keeps a function from running, or changes what it does, the pattern of its line; empty for the
printed fragment, white space aside. The others stand in right code as well: what is wrong is what is missing around."""

HIDDEN_DELTA = {"backprop_ce": "hidden-delta-ce", "multi_class": "hidden-delta-multi-class"}
"""By listing, which of the errata that share a fragment is its own; ``hidden-delta`` else."""


@dataclass(frozen=True)
class Misprint:
    """A line that the page prints so.

    Attributes
    ----------
    number : int
        Of the line in the reader's file, from 1 on.
    text : str
        The line.
    errata : tuple of Erratum
    """

    number: int
    text: str
    errata: tuple

    def __str__(self):
        said = [f"{e.effect} (errata: {e.id})" for e in self.errata]
        return f"line {self.number} is a misprint of the page: {self.text}\n  " + "\n  ".join(said)


def matlab_errata(listing):
    """The errata that a line of a listing tells; none where the list is not installed."""
    folder = places.reference()
    if folder is None:
        return []
    own = HIDDEN_DELTA.get(listing, "hidden-delta")
    known = TELLING.keys() - {"hidden-delta", *HIDDEN_DELTA.values()} | {own}
    return [e for e in read_errata(folder / "errata.toml") if e.id in known]


def misprints(source, listing):
    """The lines of a file that are misprints of the page.

    Parameters
    ----------
    source : str
        The file's text.
    listing : str
        That it is a port of.

    Returns
    -------
    list of Misprint
    """
    errata, found = matlab_errata(listing), []
    for number, line in enumerate(source.splitlines(), 1):
        those = tuple(e for e in errata if stands_in(e, line))
        if those:
            found.append(Misprint(number, line.strip(), those))
    return found


def stands_in(erratum, line):
    """Whether a line is printed as an erratum has it, white space aside."""
    pattern = TELLING[erratum.id]
    if pattern:
        return re.search(pattern, code_of_line(line)) is not None
    return without_space(erratum.printed) in without_space(line)


def without_space(text):
    """A text without its white space."""
    return "".join(text.split())
