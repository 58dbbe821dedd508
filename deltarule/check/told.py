"""What a finding comes to for programs: a sentence, a number, and a dict of what JSON has."""

import json
import math

RIGHT, WRONG = "RIGHT", "WRONG"
KEPT = (
    "listing",
    "port",
    "verdict",
    "right",
    "notes",
    "within",
    "count",
    "epochs",
    "unexplained",
    "gradient",
    "learns",
)
SAID = ("id", "says", "should")


class Told:
    """What is common to what is found of a listing and of a part."""

    @property
    def right(self):
        """Whether it is right."""
        return self.verdict == RIGHT

    @property
    def mistakes(self):
        """The ids of the mistakes that explain it: of each reason, joined by +."""
        return tuple("+".join(m.id for m in reason.mistakes) for reason in self.reasons)

    @property
    def deviation(self):
        """How far it is off where it differs first, or at most where it is right; None where that is no number."""
        if self.right or self.first is None:
            return self.within
        return self.first.deviation

    @property
    def says(self):
        """What is wrong, in a sentence or two; of what is right, what it does in its own way."""
        if self.right:
            return "; ".join(self.notes)
        if not self.reasons:
            return "; ".join(self.unexplained) or str(self.first or "")
        return ", or: ".join("; and ".join(" ".join(lines(m)) for m in r.mistakes) for r in self.reasons)

    def as_dict(self):
        """The finding as what JSON takes: numbers that are not finite are None."""
        first = self.first and _of(self.first, ("when", "start", "agrees", "off"))
        found = {**_of(self, (*KEPT, "curves")), "says": self.says, "deviation": self.deviation}
        return _plain({**found, "first": first, "reasons": [_reason(reason) for reason in self.reasons]})

    def to_json(self):
        """The finding as JSON."""
        return json.dumps(self.as_dict(), allow_nan=False)


def lines(mistake):
    """What is wrong and what it should be, in a line; in others, in brackets, what would come to the same."""
    return [
        f"{mistake.says}; {mistake.should}",
        *(f"(or, to the same effect: {other.says}; {other.should})" for other in mistake.same),
    ]


def reason_lines(mistakes):
    """The lines of one mistake or two."""
    *before, last = map(lines, mistakes)
    return [*(line for some in before for line in (*some[:-1], f"{some[-1]}, and")), *last]


def _of(thing, names):
    return {name: getattr(thing, name) for name in names if hasattr(thing, name)}


def _reason(reason):
    mistakes = [
        {**_of(mistake, (*SAID, "erratum")), "same": [_of(other, SAID) for other in mistake.same]}
        for mistake in reason.mistakes
    ]
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
