"""The run of all scripts as two tables: a row a script, the listings in one and the from-scratch notes in the other."""

from ..basics.places import FROM_SCRATCH
from .tables import table

LISTED_SLOPE = "deep_dropout takes its slope as the listing has it, which is not the derivative: shown, not judged."


def text(result, _=str):
    """The tables of the scripts, a table a part, and what is printed below that of the listings, translated by `_`."""
    listings = [row(record, _) for record in result["scripts"] if not of_notes(record)]
    notes = [notes_row(record, _) for record in result["scripts"] if of_notes(record)]
    below = f"{function_line(result['functions'], _)}\n{_(LISTED_SLOPE)}"
    first = [table([list(map(_, HEADINGS)), *listings]), below] if listings or not notes else []
    second = [table([list(map(_, NOTES_HEADINGS)), *notes])] if notes else []
    return "\n\n".join([*first, *second])


def of_notes(record):
    """Whether a record is that of a script of the from-scratch notes."""
    return record.get("part") == FROM_SCRATCH


def unit(record):
    """What a record's curves are counted in."""
    return record.get("unit", "epoch")


def passed(result):
    """Whether every script passed, every printed value of a function is met, and nothing has drifted."""
    functions = all(entry.get("matched") and all(entry["matched"]) for entry in result["functions"])
    drifted = not result.get("drift", {"passed": True})["passed"]
    return functions and not drifted and all(record["verdict"] == "pass" for record in result["scripts"])


HEADINGS = ["script", "from Octave", "as printed", "gradient error", "converged", "seconds", "verdict"]


def row(record, _=str):
    """A record as a row of the table."""
    judged = [reference for reference in record.get("references", ()) if reference["judged"]]
    matched = [match for reference in judged for match in reference["matched"]]
    octave = record.get("octave") or {}
    return [
        record["script"],
        _("missing") if "error" in octave else f"{octave['deviation']:.1e}" if octave else "-",
        _("{right} of {all}").format(right=sum(matched), all=len(matched)) if matched else "-",
        f"{record['gradient_error']:.1e}",
        {True: _("yes"), False: _("no"), None: "-"}[record.get("converged")],
        f"{record['seconds']:.2f}",
        _(record["verdict"] if record["verdict"] == "pass" else record["verdict"].upper()),
    ]


NOTES_HEADINGS = ["script", "from the book's code", "as in the notes", "criterion", "seconds", "verdict"]


def notes_row(record, _=str):
    """A record of a script of the notes as a row of their table."""
    judged = [reference for reference in record.get("references", ()) if reference["judged"]]
    matched = [match for reference in judged for match in reference["matched"]]
    code = record.get("book_code") or {}
    return [
        record["script"],
        _("missing") if "error" in code else f"{code['deviation']:.1e}" if code else "-",
        _("{right} of {all}").format(right=sum(matched), all=len(matched)) if matched else "-",
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
