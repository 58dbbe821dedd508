"""The list of errata in ``reference/errata.toml``: read, checked and written as a page.

``python -m deltarule.evidence.errata reference/errata.toml`` prints ``docs/errata.md``.
"""

import sys
from dataclasses import dataclass, fields
from itertools import groupby
from pathlib import Path
from textwrap import wrap

from ..basics.files import ReferenceFileError
from .textbook import read_toml

KINDS = {"error": "does not run", "wrong": "runs, and gives something else", "quirk": "works, in a way of its own"}
DOCUMENTS = {
    "book": "The book",
    "summary": "The Korean summary",
    "notes": "The from-scratch notes",
    "lecture": "The lecture notes",
    "primer": "The primer",
    "keras": "The Keras notes",
}
"""By the name in the file, in the order of the page; ``docs/sources.md`` says what each is."""

ABOUT = {
    "book": "Phil Kim, *MATLAB Deep Learning* (Apress, 2017), and its Korean edition, 김성필, *딥러닝 첫걸음*. Where a "
    "line is given, it is one of the Korean summary, which prints the listing.",
    "summary": "A web article in Korean on deep learning, without title or author. Its programming part summarises "
    "김성필's book and prints most of its listings.",
    "notes": "Blog posts in Korean that go through *밑바닥부터 시작하는 딥러닝 1* (the Korean edition of *Deep "
    'Learning from Scratch*), in Python and NumPy. Chapters are those of that book, and "the book" here is that one.',
    "lecture": "A blog post in Korean, 이미지와 언어모델 학습을 위한 딥러닝 모델과 학습원리에 대해 알아보자, which "
    "sums up a course of LG Aimers.",
    "primer": "A text in Korean without a title, on machine learning and deep learning, from the perceptron over "
    "convolutional networks to RNN and LSTM.",
    "keras": "A blog post in Korean, in sections 2.1 to 2.5.1, on deep learning for generative AI, with Keras and "
    "CIFAR-10. Its code is in pictures.",
}
"""What each document is, for the head of its part."""


@dataclass(frozen=True)
class Erratum:
    """One misprint or quirk; the fields are those of the file, whose head says what they are."""

    id: str
    document: str
    chapter: int
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
        By document, the book first, and by chapter.

    Raises
    ------
    ReferenceFileError
        If the file is missing or not TOML, or an entry lacks a field, has one too many or one of another type, or is of
        an unknown kind or document.
    """
    entries = read_toml(path).get("erratum")
    if not isinstance(entries, list) or not entries:
        raise ReferenceFileError(f"{path}: no entries [[erratum]]")
    order = list(DOCUMENTS)
    return sorted((_erratum(path, entry) for entry in entries), key=lambda e: (order.index(e.document), e.chapter))


def _erratum(path, entry):
    names = {field.name for field in fields(Erratum)}
    if set(entry) != names:
        raise ReferenceFileError(f"{path}: an erratum must have {sorted(names)}, not {sorted(entry)}")
    for name in sorted(names - {"chapter", "lines"}):
        if not isinstance(entry[name], str):
            raise ReferenceFileError(f"{path}: the {name} of {entry['id']} must be text, not {entry[name]!r}")
    lines = entry["lines"]
    if not isinstance(lines, list) or not all(type(line) is int and line >= 1 for line in lines):
        raise ReferenceFileError(f"{path}: the lines of {entry['id']} must be integers of 1 or more, not {lines!r}")
    for field, known in (("kind", KINDS), ("document", DOCUMENTS)):
        if entry[field] not in known:
            raise ReferenceFileError(
                f"{path}: the {field} of {entry['id']} must be one of {list(known)}, not {entry[field]!r}"
            )
    if type(entry["chapter"]) is not int or entry["chapter"] < 0:
        raise ReferenceFileError(
            f"{path}: the chapter of {entry['id']} must be an integer of 0 or more, not {entry['chapter']!r}"
        )
    return Erratum(**entry)


HEADINGS = ["where", "printed", "what it does", "ported", "proof"]


def rows(errata):
    """The errata of one document as rows of a table with `HEADINGS`."""
    return [[_place(e), *_cells(e)] for e in errata]


def _place(e):
    chapter = f"chapter {e.chapter}, " if e.chapter else ""
    lines = f", line{'s' * (len(e.lines) > 1)} {', '.join(map(str, e.lines))}" if e.lines else ""
    return f"{chapter}{e.place}{lines}"


def _cells(e):
    """What stands behind the place of an erratum in its row."""
    return e.printed, f"{KINDS[e.kind].capitalize()}. {e.effect}", e.ported, e.test.rpartition("::")[2]


def table(errata):
    """The errata as a page of Markdown, one table for each document."""
    lines = [
        "# Errata",
        "",
        f"{len(errata)} misprints and quirks of the book and of five Korean texts; [Sources](sources.md) says what",
        "each is. The list is made from `reference/errata.toml`. Line numbers are those of the text files.",
    ]
    for document, entries in groupby(errata, key=lambda e: e.document):
        lines += ["", f"## {DOCUMENTS[document]}", "", *wrap(ABOUT[document], 120, break_on_hyphens=False), ""]
        lines += [f"| {' | '.join(HEADINGS)} |", "|---" * len(HEADINGS) + "|"]
        lines += map(_markdown_row, entries)
    return "\n".join(lines) + "\n"


def _markdown_row(e):
    where, printed, effect, ported, test = (cell.replace("|", "\\|") for cell in (_place(e), *_cells(e)))
    return f"| {where} | {f'`{printed}`' if printed else ''} | {effect} | {ported} | `{test}` |"


if __name__ == "__main__":
    sys.stdout.write(table(read_errata(Path(sys.argv[1]))))
