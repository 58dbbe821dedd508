"""The run of all scripts as a table: a row a script."""

from .tables import table

LISTED_SLOPE = "deep_dropout takes its slope as the listing has it, which is not the derivative: shown, not judged."


def text(result):
    """The table of the scripts, and what is printed below it."""
    rows = [HEADINGS, *map(row, result["scripts"])]
    return f"{table(rows)}\n\n{function_line(result['functions'])}\n{LISTED_SLOPE}"


HEADINGS = ["script", "from Octave", "as printed", "gradient error", "converged", "seconds", "verdict"]


def row(record):
    """A record as a row of the table."""
    judged = [reference for reference in record.get("references", ()) if reference["judged"]]
    matched = [match for reference in judged for match in reference["matched"]]
    octave = record.get("octave") or {}
    return [
        record["script"],
        "missing" if "error" in octave else f"{octave['deviation']:.1e}" if octave else "-",
        f"{sum(matched)} of {len(matched)}" if matched else "-",
        f"{record['gradient_error']:.1e}",
        {True: "yes", False: "no", None: "-"}[record.get("converged")],
        f"{record['seconds']:.2f}",
        record["verdict"] if record["verdict"] == "pass" else record["verdict"].upper(),
    ]


def function_line(entries):
    """In one line, how many of the printed values of functions ours gives."""
    matched = [match for entry in entries for match in entry.get("matched", [])]
    names = dict.fromkeys(entry["function"] for entry in entries if "function" in entry)
    return f"functions ({', '.join(names)}): {sum(matched)} of {len(matched)} numbers as printed"
