"""The drift between two runs of all scripts, in outputs and weights, and whether it is more than a tolerance.

What is not finite, or cannot be compared, has drifted infinitely.
"""

import math
from dataclasses import dataclass

import numpy as np

from ..evidence.golden import OCTAVE_TOLERANCE, mnist_summary
from .tables import table

HEADINGS = ["script", "what", "at", "ulps", "relative", ""]
SAME_RUN = (
    "seed",
    "generator",
    "epochs",
    "iterations",
    "device",
    "dtype",
    "choices",
)  # runs that differ in one are not compared
FLOAT32_TOLERANCE = 1e-4


@dataclass(frozen=True)
class Drift:
    """How far one script has drifted: its worst number.

    Attributes
    ----------
    script : str
    what : str
        The output's label, or the name of the weights; empty where nothing was compared.
    at : tuple of int
        Where it stands, counted from 1 as the book does.
    ulps, relative : float
        Its difference in units in the last place, and relative to the largest number of what it belongs to.
    reason : str
        Why nothing was compared; empty where it was.
    """

    script: str
    what: str = ""
    at: tuple = ()
    ulps: float = math.inf
    relative: float = math.inf
    reason: str = ""


def ulps(a, b, dtype="float64"):
    """How many units in the last place lie between two numbers, element by element.

    Parameters
    ----------
    a, b : array
        Of one shape.
    dtype : {"float64", "float32"}
        Whose last place is meant.

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
        off = abs(a - b) / np.spacing(np.maximum(abs(a), abs(b)).astype(dtype))
    return np.where(finite, off, np.inf)


def relative(a, b):
    """How far numbers lie apart, relative to the largest of `b`, element by element.

    Parameters
    ----------
    a, b : array
        Of one shape.

    Returns
    -------
    array of float64
        Infinite where either is not finite.

    Examples
    --------
    >>> print(relative(np.array([1.0, 2.5]), np.array([1.0, 2.0])))
    [0.   0.25]
    """
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    finite = np.isfinite(a) & np.isfinite(b)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        off = np.where(a == b, 0, abs(a - b) / abs(b[finite]).max(initial=0))
    return np.where(finite, off, np.inf)


def drift(result, earlier):
    """How far each script has drifted from an earlier run, in the order of the scripts.

    Parameters
    ----------
    result, earlier : dict
        What ``compare.py --json`` prints, or `deltarule.programs.earlier.read` gives.

    Returns
    -------
    list of Drift
        Also of the scripts that only one of the two runs has.
    """
    before = {record["script"]: record for record in earlier["scripts"]}
    here = [record["script"] for record in result["scripts"]]
    found = [_drift(record, before.get(record["script"])) for record in result["scripts"]]
    return found + [Drift(name, reason="not run here") for name in before if name not in here]


def _drift(record, earlier):
    name = record["script"]
    if earlier is None:
        return Drift(name, reason="not in the earlier run")
    reason = _incomparable(record, earlier)
    if reason:
        return Drift(name, reason=reason)
    ours, theirs = _quantities(record, earlier), _quantities(earlier)
    if not {"outputs", "quantities"} & earlier.keys():  # a file of weights may hold other variables
        theirs = {what: _as_ours(theirs[what], ours[what]) for what in ours if what in theirs}
    reason = _unlike(ours, theirs)
    if reason:
        return Drift(name, reason=reason)
    found = [_worst(name, what, ours[what], theirs[what], record["dtype"]) for what in ours]
    return max(found, key=lambda each: (each.relative, each.ulps))


def _incomparable(record, earlier):
    """Why a script's record cannot be compared with the earlier one; empty if it can."""
    for where, run in (("here", record), ("there", earlier)):
        if not (run.get("weights") or run.get("quantities")) or run.get("verdict") == "error":
            return f"no result {where}"
    for field in SAME_RUN:
        if field in earlier and record.get(field) != earlier[field]:
            return f"{field} {_shown(record.get(field))} here, {_shown(earlier[field])} there"
    return f"started from {earlier['loaded']} there" if earlier.get("loaded") else ""


def _shown(value):
    """A field of a run in words; the choices as ``alpha 0.9, hidden 4``."""
    return ", ".join(f"{name} {n}" for name, n in value.items()) if isinstance(value, dict) else value


def _quantities(record, other=None):
    """The arrays of a record by what they are: outputs, quantities and weights, as far as the other has such.

    A quantity that is null, as that of a training that diverged, is none.
    """
    weights = {name: np.array(W, float) for name, W in record.get("weights", {}).items()}
    other = record if other is None else other
    if "W5_u" in other.get("weights", {}) and "W5" in weights:  # Octave's files hold two products with W5 in its place
        weights = mnist_summary(**weights)
    shown = {label: y for field in ("outputs", "quantities") if field in other for label, y in record[field].items()}
    return {**{label: np.array(y, float) for label, y in shown.items() if y is not None}, **weights}


def _as_ours(theirs, ours):
    """An array of a file, where MATLAB has made a matrix of one column or row of what has one axis here."""
    return theirs.ravel() if ours.ndim == 1 and theirs.size == max(theirs.shape) else theirs


def _unlike(ours, theirs):
    """What the one has and the other has not, or in another shape, in words; empty if they are alike."""
    for what in (*ours, *theirs):
        here, there = (run[what].shape if what in run else None for run in (ours, theirs))
        if here != there:
            return f"{what}: {_shape(here)} here, {_shape(there)} there"
    return ""


def _shape(shape):
    return "none" if shape is None else shape or "a number"


def _worst(name, what, ours, theirs, dtype):
    """The drift of one array: that of the number that lies furthest off."""
    off, last = relative(ours, theirs), ulps(ours, theirs, dtype)
    place = np.unravel_index(off.argmax(), off.shape)
    return Drift(name, what, tuple(int(i) + 1 for i in place), float(last[place]), float(off[place]))


def default_tolerance(result, earlier):
    """The largest relative drift that is taken for rounding, and why in words.

    On one machine, with one environment, two runs are identical. Others add in another order, and the drift that this
    makes is bounded as that from Octave is.
    """
    if earlier.get("environment") is not None and result["environment"] == earlier["environment"]:
        return 0.0, "the same environment"
    ran = result["scripts"][0] if result["scripts"] else {}
    if ran.get("dtype") == "float32":
        return FLOAT32_TOLERANCE, "another environment, float32"
    return OCTAVE_TOLERANCE[ran.get("device", "cpu")], "another environment"


def report(result, earlier, tolerance=None):
    """The drift as a program reads it.

    Parameters
    ----------
    result, earlier : dict
        As for `drift`.
    tolerance : float, optional
        The largest relative drift that passes; by default `default_tolerance`.

    Returns
    -------
    dict
        ``tolerance``, ``why`` it is that, ``passed``, and ``scripts``: for each its drift, null where it is infinite.
    """
    limit, why = default_tolerance(result, earlier) if tolerance is None else (tolerance, "as asked for")
    found = drift(result, earlier)
    return {
        "tolerance": limit,
        "why": why,
        "passed": all(each.relative <= limit for each in found),
        "scripts": [_plain(each, limit) for each in found],
    }


def _plain(each, limit):
    numbers = {name: n if math.isfinite(n := getattr(each, name)) else None for name in ("ulps", "relative")}
    passed = each.relative <= limit
    return {"script": each.script, "what": each.what, "at": each.at, **numbers, "reason": each.reason, "passed": passed}


def drift_text(result, earlier, tolerance=None):
    """The drift as text: what differs, the furthest first, the verdict, and what differs between the environments."""
    limit, why = default_tolerance(result, earlier) if tolerance is None else (tolerance, "as asked for")
    found = drift(result, earlier)
    moved = sorted((each for each in found if each.relative != 0), key=lambda each: -each.relative)
    rows = [HEADINGS, *(_row(each, limit) for each in moved)]
    same = len(found) - len(moved)
    lines = [
        "drift from the earlier run",
        *([table(rows), ""] if moved else []),
        f"{same} of {len(found)} scripts are identical to the last bit",
        _verdict(moved, limit, why),
        "",
        *(_changes(result, earlier) or ["the same environment"]),
    ]
    return printable("\n".join(lines))


def _row(each, limit):
    """A script that has moved as a row of the table."""
    passed = "" if each.relative <= limit else "DRIFT"
    if each.reason:
        return [each.script, each.reason, "-", "-", "-", passed]
    return [each.script, each.what, ", ".join(map(str, each.at)), f"{each.ulps:.0f}", f"{each.relative:.1e}", passed]


def _verdict(moved, limit, why):
    """In a line, whether all drift is within the tolerance."""
    past = [each.script for each in moved if not each.relative <= limit]
    if past:
        return f"drift      FAIL: {', '.join(past)} by more than {limit:g} ({why})"
    return f"drift      pass: none by more than {limit:g} ({why})"


def _changes(result, earlier):
    """What differs between the package and the environment of two runs, a line each."""
    if earlier.get("environment") is None:
        return ["the earlier run does not tell its environment"]
    here, there = ({**(run.get("deltarule") or {}), **(run.get("environment") or {})} for run in (result, earlier))
    names = [name for name in dict.fromkeys([*here, *there]) if here.get(name) != there.get(name)]
    return [f"{name}: {there.get(name, 'unknown')} there, {here.get(name, 'unknown')} here" for name in names]


def identical(result, earlier):
    """The scripts of two runs of which outputs and weights are the same to the last bit."""
    return [each.script for each in drift(result, earlier) if each.relative == 0]


def printable(text):
    """Text from a file, without what would steer a terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
