"""The run of all scripts as tables, one for each part: a row a script."""

from .notes_verdicts import WORDS
from .parts import FROM_SCRATCH, LISTINGS, NETWORKS
from .tables import table

LISTED_SLOPE = "deep_dropout takes its slope as the listing has it, which is not the derivative: shown, not judged."


def text(result, _=str):
    """The tables of the scripts, a table a part, and what is printed below that of the listings, translated by `_`."""
    found = {part: of_part(result, part) for part in HEADINGS}
    tables = []
    for part, records in found.items():
        if records or (part == LISTINGS and not any(found.values())):
            tables.append(table([list(map(_, HEADINGS[part])), *(row(record, _) for record in records)]))
            if part == LISTINGS:
                tables.append(f"{function_line(result['functions'], _)}\n{_(LISTED_SLOPE)}")
    return "\n\n".join(tables)


def part_of(record):
    """The part that the script of a record belongs to; a listing where the record does not say."""
    return record.get("part", LISTINGS)


def of_part(result, part):
    """The records of the scripts of a part."""
    return [record for record in result["scripts"] if part_of(record) == part]


def unit(record):
    """What a record's curves are counted in."""
    return record.get("unit", "epoch")


def passed(result):
    """Whether every script passed, every printed value of a function is met, and nothing has drifted."""
    functions = all(entry.get("matched") and all(entry["matched"]) for entry in result["functions"])
    drifted = not result.get("drift", {"passed": True})["passed"]
    return functions and not drifted and all(record["verdict"] == "pass" for record in result["scripts"])


HEADINGS = {
    LISTINGS: ["script", "from Octave", "as printed", "gradient error", "converged", "seconds", "verdict"],
    FROM_SCRATCH: ["script", "from the book's code", "as in the notes", "criterion", "seconds", "verdict"],
    NETWORKS: ["script", "from PyTorch", "as printed", "criterion", "seconds", "verdict"],
}
"""The headings of each part's table."""


def row(record, _=str):
    """A record as a row of the table of its part."""
    part = part_of(record)
    judged = [reference for reference in record.get("references", ()) if reference["judged"]]
    matched = [match for reference in judged for match in reference["matched"]]
    results = record.get("octave" if part == LISTINGS else WORDS[part].results) or {}
    return [
        record["script"],
        _("missing") if "error" in results else f"{results['deviation']:.1e}" if results else "-",
        _("{right} of {all}").format(right=sum(matched), all=len(matched)) if matched else "-",
        *([f"{record['gradient_error']:.1e}"] if part == LISTINGS else []),
        {True: _("yes"), False: _("no"), None: "-"}[record.get("converged")],
        f"{record['seconds']:.2f}",
        _(record["verdict"] if record["verdict"] == "pass" else record["verdict"].upper()),
    ]


def function_line(entries, _=str):
    """In one line, how many of the printed values of functions ours gives."""
    matched = [match for entry in entries for match in entry.get("matched", [])]
    names = dict.fromkeys(entry["function"] for entry in entries if "function" in entry)
    line = _("functions ({names}): {right} of {all} numbers as printed")
    return line.format(names=", ".join(names), right=sum(matched), all=len(matched))
