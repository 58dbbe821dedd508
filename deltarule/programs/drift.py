"""The drift between two runs of all scripts, in units in the last place."""

import numpy as np

from .tables import table

HEADINGS = ["script", "output", "sample", "class", "ulps", "difference"]
SAME_RUN = ("seed", "generator", "epochs", "device", "dtype")  # runs that differ in one of these are not compared
LARGEST_FILE = 64 << 20  # bytes of the JSON of a run


def check_run(saved):
    """ValueError, which says why, unless `saved` has the form of what ``compare.py --json`` prints."""
    if not isinstance(saved, dict) or not isinstance(saved.get("environment"), dict):
        raise ValueError("it has no environment")
    records = saved.get("scripts")
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise ValueError("it has no list of scripts")
    names = [record.get("script") for record in records]
    if not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        raise ValueError("each of its scripts must have a name of its own")
    for record in records:
        outputs = record.get("outputs", {})
        if not isinstance(outputs, dict) or not all(_is_matrix(y) for y in outputs.values()):
            raise ValueError(f"the outputs of {record['script']!r} must be rows of numbers")


def _is_matrix(rows):
    """Whether this is a list of lists of one length, of numbers or null."""
    if not isinstance(rows, list) or not rows or not all(isinstance(row, list) and row for row in rows):
        return False
    numbers = (x is None or type(x) in (int, float) for row in rows for x in row)
    return len({len(row) for row in rows}) == 1 and all(numbers)


def ulps(a, b):
    """How many units in the last place lie between two numbers, element by element.

    Parameters
    ----------
    a, b : array of float64
        Of one shape.

    Returns
    -------
    array of float64
        Counted in the unit of the larger of the two; infinite where either is not finite.

    Examples
    --------
    >>> print(ulps(np.array([1.0, 3.0]), np.array([1.0, np.nextafter(3.0, 4.0)])))
    [0. 1.]
    """
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    finite = np.isfinite(a) & np.isfinite(b)
    a, b = np.where(finite, a, 0), np.where(finite, b, 0)
    with np.errstate(over="ignore"):  # numbers of opposite sign may be too far apart for a double
        off = abs(a - b) / np.spacing(np.maximum(abs(a), abs(b)))
    return np.where(finite, off, np.inf)


def drift(result, saved):
    """By script, the largest drift of its outputs between two runs.

    Parameters
    ----------
    result, saved : dict
        What ``compare.py --json`` prints.

    Returns
    -------
    list of (script, output, sample, class, ulps, difference), or (script, reason)
        Samples and classes from 1; the reason where two runs cannot be compared.
    """
    before = {record["script"]: record for record in saved["scripts"]}
    return [_drift(record, before.get(record["script"])) for record in result["scripts"]]


def _drift(record, earlier):
    name = record["script"]
    reason = _incomparable(record, earlier)
    if reason:
        return name, reason
    worst = (name, "", 1, 1, -1.0, 0.0)
    for label, outputs in record["outputs"].items():
        ours, theirs = np.array(outputs, float), np.array(earlier["outputs"][label], float)
        off = ulps(ours, theirs)
        k, c = np.unravel_index(off.argmax(), off.shape)
        if off[k, c] > worst[4]:
            difference = abs(ours[k, c] - theirs[k, c]) if np.isfinite(off[k, c]) else np.inf
            worst = (name, label, int(k) + 1, int(c) + 1, float(off[k, c]), float(difference))
    return worst


def _incomparable(record, earlier):
    """Why a script's record cannot be compared with the earlier one; empty if it can."""
    if earlier is None:
        return "not in the earlier run"
    for where, run in (("here", record), ("there", earlier)):
        if not run.get("outputs"):
            return f"no result {where}"
    for field in SAME_RUN:
        if record.get(field) != earlier.get(field):
            return f"{field} {record.get(field)} here, {earlier.get(field)} there"
    here, there = ({label: np.shape(outputs) for label, outputs in run["outputs"].items()} for run in (record, earlier))
    return "" if here == there else f"outputs of shapes {here} here, {there} there"


def drift_text(result, saved):
    """The drift as a table, and what differs between the two environments."""
    rows = [HEADINGS]
    for name, *rest in drift(result, saved):
        if len(rest) == 1:
            rows.append([name, "-", "-", "-", "-", rest[0]])
        else:
            label, sample, output, off, difference = rest
            rows.append([name, label, str(sample), str(output), f"{off:.0f}", f"{difference:.1e}"])
    same = identical(result, saved)
    every = f"{len(same)} of {len(result['scripts'])} scripts are identical to the last bit"
    lines = ["drift from the earlier run", table(rows), "", every + (f": {', '.join(same)}" if same else ""), ""]
    lines += _changes(result["environment"], saved["environment"]) or ["the same environment"]
    return printable("\n".join(lines))


def _changes(here, there):
    """What differs between two environments, a line each."""
    names = [name for name in dict.fromkeys([*here, *there]) if here.get(name) != there.get(name)]
    return [f"{name}: {there.get(name)} there, {here.get(name)} here" for name in names]


def identical(result, saved):
    """The scripts of two runs of which outputs and weights are the same to the last bit."""
    before = {record["script"]: record for record in saved["scripts"]}
    fields = (*SAME_RUN, "outputs", "weights")
    return [
        record["script"]
        for record in result["scripts"]
        if not _incomparable(record, before.get(record["script"]))
        and all(record.get(field) == before[record["script"]].get(field) for field in fields)
    ]


def printable(text):
    """Text from a file, without what would steer a terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
