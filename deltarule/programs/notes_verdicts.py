"""How a run of a script of the from-scratch notes is judged: printed numbers, the book's code, its own criterion.

Only the notes' own run is judged, from whatever seed; any other is shown beside it.
"""

from itertools import pairwise
from pathlib import Path

import numpy as np

from ..evidence import from_scratch

SHORTENED = ("__every97", "__sum_norm", "__shape")  # what the golden files add to the name of a large array


def verdict(found, options):
    """ "pass" when the criterion holds, every judged number is as printed, and the book's code is met; or "fail".

    Parameters
    ----------
    found : dict
        ``converged``, None without a criterion; ``references``, as `judge` gives them; ``book_code``, as
        `against_book_code` gives it, an error, or None.
    options : argparse.Namespace
    """
    missed = any(reference["judged"] and not all(reference["matched"]) for reference in found["references"])
    agrees = found["book_code"] is None or options.dtype == "float32" or met(found["book_code"])
    return "pass" if found["converged"] is not False and not missed and agrees else "fail"


def met(book_code):
    """Whether the results of the book's code are met; an error is not."""
    return "error" not in book_code and book_code["deviation"] <= book_code["tolerance"]


def verdict_in_words(found, changed, _=str):
    """The verdict of a run for a person; a run that is not the notes' is not called a failure of theirs."""
    if not changed:
        return _("pass") if found["verdict"] == "pass" else _("FAIL")
    if any(reference["judged"] for reference in found["references"]):
        return _("pass: as printed, though not the notes' run") if found["verdict"] == "pass" else _("FAIL")
    if found["book_code"] and "dtype" not in changed:
        return _("pass: as the book's code from this seed") if found["verdict"] == "pass" else _("FAIL")
    if found["converged"] is None:
        return _("not judged against the notes")
    return _("as it should be; not judged against the notes") if found["converged"] else _("not as it should be")


def judge(printed, ours, changed):
    """What the document prints of a quantity, held against ours: what matched, and whether it counts.

    It counts for the notes' own run, from every seed: nothing that is printed was drawn.

    Parameters
    ----------
    printed : deltarule.evidence.notes.Printed
    ours : number, tuple or array
    changed : dict

    Returns
    -------
    dict
    """
    return {
        "quantity": printed.quantity,
        "lines": list(printed.lines),
        "source": source(printed.lines),
        "form": printed.form,
        "printed": list(printed.printed),
        "values": np.ravel(ours).tolist(),
        "matched": printed.matched(ours),
        "judged": changed.keys() <= {"seed"},
    }


def source(lines, _=str):
    """Where something is printed, in words; lines that follow each other as one range.

    Examples
    --------
    >>> source([1314]), source([12, 18, 19, 20])
    ('notes, line 1314', 'notes, lines 12, 18-20')
    """
    text = _("notes, line {lines}") if len(lines) == 1 else _("notes, lines {lines}")
    following = [k for k, (a, b) in enumerate(pairwise(lines), 1) if b != a + 1]
    parts = [lines[a:b] for a, b in zip([0, *following], [*following, len(lines)], strict=True)]
    return text.format(lines=", ".join(f"{p[0]}-{p[-1]}" if len(p) > 1 else f"{p[0]}" for p in parts))


def in_a_sentence(references, changed, _=str):
    """What came of all that `judge` has looked at, in a sentence that `_` translates."""
    matched = [match for reference in references for match in reference["matched"]]
    where = source(sorted({line for reference in references for line in reference["lines"]}), _)
    if all(reference["judged"] for reference in references):
        outcome = _("{right} of {all} numbers as the notes print them").format(right=sum(matched), all=len(matched))
    else:
        choices = ", ".join(changed).replace("_", " ")
        outcome = _("printed for other choices ({choices}): shown, not judged").format(choices=choices)
    return f"{outcome} ({where})"


def against_book_code(folder, seed, runs):
    """How far our arrays are from what the book's own code gave.

    Parameters
    ----------
    folder : path
        ``reference/golden``.
    seed : int or None
    runs : dict from (str, str) to dict
        By file without its seed and by run, as in `deltarule.evidence.from_scratch.RUNS`: arrays by the names of the
        golden file without what the run adds to them. What the file has beside these is not looked at.

    Returns
    -------
    dict or None
        ``entry``, ``deviation`` and ``tolerance`` of the worst entry, and how many ``entries`` there were; None when
        the book's code made no such run.

    Raises
    ------
    ReferenceFileError
        If a golden file cannot be used.
    """
    if seed is not None and seed not in from_scratch.SEEDS:
        return None
    found = []
    for (part, run), arrays in runs.items():
        golden = from_scratch.read_golden(Path(folder) / from_scratch.FOLDER / from_scratch.file_name(part, seed))
        wanted = {entry: a for entry, a in golden.items() if _whole(entry.removeprefix(run)) in arrays}
        found += from_scratch.deviations(part, run, arrays, wanted)
    return {**from_scratch.worst(found)._asdict(), "entries": len(found)} if found else None


def _whole(entry):
    """The name of the array that an entry of a golden file is of."""
    for end in SHORTENED:
        entry = entry.removesuffix(end)
    return entry


def book_code_in_words(found, _=str):
    """In a sentence, how far a run is from that of the book's code."""
    if "error" in found:
        return found["error"]
    text = _("{entries} results, the worst within {deviation}, where {most} is allowed ({entry})")
    return text.format(
        entries=found["entries"],
        deviation=f"{found['deviation']:.1e}",
        most=f"{found['tolerance']:g}",
        entry=found["entry"],
    )
