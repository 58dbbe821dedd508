"""What a finding comes to for programs: a sentence, a number, and a dict of what JSON has.

They take what is found of a listing and of a part alike.
"""

import math


def says(finding):
    """What is wrong, in a sentence or two; of what is right, what it does in its own way."""
    if finding.right:
        return "; ".join(finding.notes)
    if not finding.reasons:
        return "; ".join(finding.unexplained)
    return ", or: ".join("; and ".join(f"{m.says}; {m.should}" for m in r.mistakes) for r in finding.reasons)


def deviation(finding):
    """How far it is off where it differs first, or at most where it is right; None where that is no number."""
    if finding.right or finding.first is None:
        return finding.within
    numbers = [off for off in finding.first.off.values() if not isinstance(off, str)]
    return max(numbers, default=None)


def as_dict(finding):
    """A finding as what JSON takes: numbers that are not finite are None."""
    kept = ("listing", "port", "verdict", "right", "notes", "within", "count", "epochs")
    kept += ("unexplained", "gradient", "learns", "curves")
    first = finding.first
    return _plain(
        {name: getattr(finding, name) for name in kept if hasattr(finding, name)}
        | {"first": first and _of(first, ("when", "start", "agrees", "off"))}
        | {"reasons": [_reason(reason) for reason in finding.reasons]}
        | {"says": says(finding), "deviation": deviation(finding)}
    )


def _of(thing, names):
    return {name: getattr(thing, name) for name in names if hasattr(thing, name)}


def _reason(reason):
    mistakes = [_of(mistake, ("id", "says", "should", "erratum")) for mistake in reason.mistakes]
    return {
        "mistakes": mistakes,
        **_of(getattr(reason, "agreement", reason), ("epochs", "within", "sensitive", "count")),
    }


def _plain(value):
    """A value of lists, dicts, text and numbers as JSON has them."""
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if hasattr(value, "item"):  # a number of NumPy's
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
