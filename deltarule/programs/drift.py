"""The drift between two runs of all scripts, in units in the last place."""

import numpy as np

from .tables import table

HEADINGS = ["script", "output", "sample", "class", "ulps", "difference"]


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
    comparable = np.isfinite(a) & np.isfinite(b)
    unit = np.spacing(np.maximum(abs(a), abs(b), where=comparable, out=np.ones_like(a)))
    return np.where(comparable, abs(np.where(comparable, a - b, 0)) / unit, np.inf)


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
    if earlier is None:
        return name, "not in the earlier run"
    for field in ("seed", "epochs"):
        if record.get(field) != earlier.get(field):
            return name, f"{field} {record.get(field)} here, {earlier.get(field)} there"
    worst = (name, "", 1, 1, 0.0, 0.0)
    for label, outputs in record.get("outputs", {}).items():
        ours, theirs = np.array(outputs, float), np.array(earlier.get("outputs", {}).get(label), float)
        if ours.shape != theirs.shape:
            return name, f"outputs of shape {ours.shape} here, {theirs.shape} there"
        off = ulps(ours, theirs)
        k, c = np.unravel_index(off.argmax(), off.shape)
        if off[k, c] >= worst[4]:
            worst = (name, label, int(k) + 1, int(c) + 1, float(off[k, c]), float(abs(ours - theirs)[k, c]))
    return worst


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
    return "\n".join(lines + (_changes(result["environment"], saved["environment"]) or ["the same environment"]))


def _changes(here, there):
    """What differs between two environments, a line each."""
    names = [name for name in dict.fromkeys([*here, *there]) if here.get(name) != there.get(name)]
    return [f"{name}: {there.get(name)} there, {here.get(name)} here" for name in names]


def identical(result, saved):
    """The scripts of two runs of which outputs and weights are the same to the last bit."""
    before = {record["script"]: record for record in saved["scripts"]}
    fields = ("seed", "epochs", "outputs", "weights")
    return [
        record["script"]
        for record in result["scripts"]
        if "outputs" in record
        and all(record.get(field) == before.get(record["script"], {}).get(field) for field in fields)
    ]
