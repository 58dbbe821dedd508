"""The list of errata in ``reference/errata.toml``: read, checked and written as a table.

``python -m deltarule.evidence.errata reference/errata.toml`` prints the table of ``docs/errata.md``.
"""

import sys
from dataclasses import dataclass, fields
from pathlib import Path

from ..basics.files import ReferenceFileError
from .textbook import read_toml

KINDS = {"error": "does not run", "wrong": "runs, and gives something else", "quirk": "kept as listed"}


@dataclass(frozen=True)
class Erratum:
    """One misprint or quirk; the fields are those of the file, whose head says what they are."""

    id: str
    document: str
    place: str
    lines: list
    printed: str
    kind: str
    effect: str
    ported: str
    why: str
    test: str


def read_errata(path):
    """The errata in a file.

    Parameters
    ----------
    path : path

    Returns
    -------
    list of Erratum

    Raises
    ------
    ReferenceFileError
        If the file is missing or not TOML, or an entry lacks a field, has one too many, or is of an unknown kind.
    """
    entries = read_toml(path).get("erratum")
    if not isinstance(entries, list) or not entries:
        raise ReferenceFileError(f"{path}: no entries [[erratum]]")
    return [_erratum(path, entry) for entry in entries]


def _erratum(path, entry):
    names = {field.name for field in fields(Erratum)}
    if set(entry) != names:
        raise ReferenceFileError(f"{path}: an erratum must have {sorted(names)}, not {sorted(entry)}")
    if entry["kind"] not in KINDS:
        raise ReferenceFileError(
            f"{path}: the kind of {entry['id']} must be one of {list(KINDS)}, not {entry['kind']!r}"
        )
    return Erratum(**entry)


HEADINGS = ["where", "printed", "what it does", "ported", "proof"]


def rows(errata):
    """The errata as rows of a table with `HEADINGS`."""
    return [
        [
            f"{e.document}: {e.place}" + (f", line {', '.join(map(str, e.lines))}" if e.lines else ""),
            e.printed,
            f"{KINDS[e.kind].capitalize()}. {e.effect}",
            e.ported,
            e.test.rpartition("::")[2],
        ]
        for e in errata
    ]


def table(errata):
    """The errata as a page of Markdown."""

    def cell(text, code=False):
        text = text.replace("|", "\\|")
        return f"`{text}`" if code and text else text

    lines = [
        "# Errata",
        "",
        f"{len(errata)} misprints and quirks of the documents and the book, out of `reference/errata.toml`.",
        "",
        "| " + " | ".join(HEADINGS) + " |",
        "|---" * len(HEADINGS) + "|",
    ]
    for where, printed, effect, ported, test in rows(errata):
        cells = cell(where), cell(printed, True), cell(effect), cell(ported), cell(test, True)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(table(read_errata(Path(sys.argv[1]))))
