"""How a run of a script of the notes or of the other networks is judged: printed numbers, results, its own criterion.

Only the document's own run is judged, from whatever seed; any other is shown beside it.
"""

from itertools import groupby, pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..basics.places import FROM_SCRATCH, NETWORKS
from ..evidence import from_scratch
from ..evidence.archives import SHORTENED


class Words(NamedTuple):
    """What is said of the scripts of a part, and under which name a record has what they are compared with."""

    results: str  # the field of a record: how far the run is from the results of another program
    program: str  # whose they are
    printed: str  # the heading of what is printed
    matched: str
    as_printed: str
    as_computed: str
    as_it_should_be: str
    not_judged: str


WORDS = {
    FROM_SCRATCH: Words(
        results="book_code",
        program="book's code",
        printed="notes",
        matched="{right} of {all} numbers as the notes print them",
        as_printed="pass: as printed, though not the notes' run",
        as_computed="pass: as the book's code from this seed",
        as_it_should_be="as it should be; not judged against the notes",
        not_judged="not judged against the notes",
    ),
    NETWORKS: Words(
        results="torch",
        program="PyTorch",
        printed="printed",
        matched="{right} of {all} numbers as printed",
        as_printed="pass: as printed, though not the document's run",
        as_computed="pass: as PyTorch from this seed",
        as_it_should_be="as it should be; not judged against the document",
        not_judged="not judged against the document",
    ),
}
"""By part."""

NOTES = WORDS[FROM_SCRATCH]


def verdict(found, options, words=NOTES):
    """ "pass" when the criterion holds, every judged number is as printed, and the results are met; or "fail".

    Parameters
    ----------
    found : dict
        ``converged``, None without a criterion; ``references``, as `judge` gives them; under the name of
        ``words.results`` a deviation and its tolerance, an error, or None.
    options : argparse.Namespace
    words : Words
    """
    missed = any(reference["judged"] and not all(reference["matched"]) for reference in found["references"])
    results = found[words.results]
    agrees = results is None or options.dtype == "float32" or met(results)
    return "pass" if found["converged"] is not False and not missed and agrees else "fail"


def met(results):
    """Whether the results of the other program are met; an error is not."""
    return "error" not in results and results["deviation"] <= results["tolerance"]


def verdict_in_words(found, changed, _=str, words=NOTES):
    """The verdict of a run for a person; a run that is not the document's is not called a failure of it."""
    if not changed:
        return _("pass") if found["verdict"] == "pass" else _("FAIL")
    if any(reference["judged"] for reference in found["references"]):
        return _(words.as_printed) if found["verdict"] == "pass" else _("FAIL")
    if found[words.results] and "dtype" not in changed:
        return _(words.as_computed) if found["verdict"] == "pass" else _("FAIL")
    if found["converged"] is None:
        return _(words.not_judged)
    return _(words.as_it_should_be) if found["converged"] else _("not as it should be")


def judge(printed, ours, changed):
    """What the document prints of a quantity, held against ours: what matched, and whether it counts.

    It counts for the document's own run, from every seed: nothing that is printed was drawn.

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
        "document": printed.document,
        "lines": list(printed.lines),
        "source": source(printed.lines, document=printed.document),
        "form": printed.form,
        "printed": list(printed.printed),
        "values": np.ravel(ours).tolist(),
        "matched": printed.matched(ours),
        "judged": changed.keys() <= {"seed"},
    }


def source(lines, _=str, document="notes"):
    """Where something is printed, in words; lines that follow each other as one range.

    Examples
    --------
    >>> source([1314]), source([12, 18, 19, 20], document="lecture")
    ('notes, line 1314', 'lecture, lines 12, 18-20')
    """
    text = _("{document}, line {lines}") if len(lines) == 1 else _("{document}, lines {lines}")
    following = [k for k, (a, b) in enumerate(pairwise(lines), 1) if b != a + 1]
    parts = [lines[a:b] for a, b in zip([0, *following], [*following, len(lines)], strict=True)]
    return text.format(
        document=_(document), lines=", ".join(f"{p[0]}-{p[-1]}" if len(p) > 1 else f"{p[0]}" for p in parts)
    )


def in_a_sentence(references, changed, _=str, words=NOTES):
    """What came of all that `judge` has looked at, in a sentence that `_` translates."""
    matched = [match for reference in references for match in reference["matched"]]
    places = sorted({(reference["document"], line) for reference in references for line in reference["lines"]})
    where = "; ".join(
        source([line for _document, line in lines], _, document)
        for document, lines in groupby(places, key=lambda place: place[0])
    )
    if all(reference["judged"] for reference in references):
        outcome = _(words.matched).format(right=sum(matched), all=len(matched))
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
        wanted = {entry: a for entry, a in golden.items() if SHORTENED.sub("", entry.removeprefix(run)) in arrays}
        found += from_scratch.deviations(part, run, arrays, wanted)
    return {**from_scratch.worst(found)._asdict(), "entries": len(found)} if found else None


def results_in_words(found, _=str):
    """In a sentence, how far a run is from the results of the book's code, or of PyTorch, which are weights alone."""
    if "error" in found:
        return found["error"]
    if "entries" not in found:
        text = _("the weights within {deviation} of the largest, where {most} is allowed")
        return text.format(deviation=f"{found['deviation']:.1e}", most=f"{found['tolerance']:g}")
    text = _("{entries} results, the worst within {deviation}, where {most} is allowed ({entry})")
    return text.format(
        entries=found["entries"],
        deviation=f"{found['deviation']:.1e}",
        most=f"{found['tolerance']:g}",
        entry=found["entry"],
    )
