"""How a run of a script is judged: convergence, printed numbers, Octave's weights, and the verdict in words.

Only the book's own run is judged against the book; any other is shown beside it.
"""

CONVERGED_WITHIN = 0.1  # of its target, an output has converged


def verdict(found, options):
    """ "pass" when the training converged, every judged number is as printed, and the weights are Octave's; or "fail".

    Parameters
    ----------
    found : dict
        ``converged``; ``references``, as `judge` gives them; ``octave``, a deviation, an error, or None.
    options : argparse.Namespace
    """
    missed = any(reference["judged"] and not all(reference["matched"]) for reference in found["references"])
    agrees = found["octave"] is None or options.dtype == "float32" or _near(found["octave"], options.device)
    return "pass" if found["converged"] and not missed and agrees else "fail"


def _near(octave, device):
    """Whether the weights are Octave's within rounding; an error is not."""
    from ..evidence.golden import OCTAVE_TOLERANCE  # here, since only JSON holds weights against Octave's

    return octave.get("deviation", float("inf")) <= OCTAVE_TOLERANCE[device]


def verdict_in_words(found, changed, _=str):
    """The verdict of a run for a person; a run that is not the book's is not called a failure of the book's."""
    if not changed:
        return _("pass") if found["verdict"] == "pass" else _("FAIL")
    judged = any(reference["judged"] for reference in found["references"])
    if judged:
        return _("pass: as printed, though not the book's run") if found["verdict"] == "pass" else _("FAIL")
    return _("converged; not judged against the book") if found["converged"] else _("not converged")


def in_words(changed, _=str, each="{name} {here} (book: {book})"):
    """What a run has that is not the book's, as ``alpha 0.3 (book: 0.9), epochs 100 (book: 10000)``."""
    names = {name: name.replace("_", " ") for name in changed}
    each = _(each)
    return ", ".join(each.format(name=names[name], here=here, book=book) for name, (here, book) in changed.items())


def close(D, y):
    """Whether every output lies within `CONVERGED_WITHIN` of its target.

    Examples
    --------
    >>> import numpy as np
    >>> close(np.array([0.0, 1.0]), np.array([0.05, 0.95]))
    True
    """
    return bool((abs(D.reshape(y.shape) - y) <= CONVERGED_WITHIN).all())


def judge(reference, quantities, changed):
    """A reference held against our numbers: what matched, whether it counts, and a sentence that says so.

    It counts for the book's own run, and from every seed where every start ends at the printed digits.
    """
    own = changed.keys() <= ({"seed"} if reference.seed == "any" else set())
    found = {
        "label": reference.label,
        "source": reference.source,
        "seed": reference.seed,
        "printed": list(reference.printed),
        "values": reference.values(quantities),
        "matched": reference.matched(quantities),
        "judged": own and reference.seed != "unknown",
    }
    return found | {"sentence": in_a_sentence(found, changed)}


def in_a_sentence(reference, changed, _=str):
    """What came of a reference that `judge` has looked at, in a sentence that `_` translates."""
    matched = reference["matched"]
    if reference["judged"]:
        outcome = _("{right} of {all} numbers as printed").format(right=sum(matched), all=len(matched))
    elif reference["seed"] == "unknown":
        outcome = _("printed from a start that was not published: shown, not judged")
    else:
        choices = ", ".join(changed).replace("_", " ")
        outcome = _("printed for other choices ({choices}): shown, not judged").format(choices=choices)
    return f"{outcome} ({_(reference['source'])})"
