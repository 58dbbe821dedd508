"""What a check of a part comes to, and its text for people."""

from dataclasses import dataclass

from ..finding import rows, within_text
from ..told import RIGHT, WRONG, Told, reason_lines
from .part import Part

__all__ = ["PartDifference", "PartFinding", "PartReason"]


@dataclass(frozen=True)
class PartDifference:
    """The first probe on which an object does not give what it should.

    Attributes
    ----------
    when : str
        The probe.
    agrees : tuple of str
        Quantities that are as they should be.
    off : dict from str to str
        By quantity that is not, how.
    deviation : float or None
        The largest difference of one, relative to its largest element; None where that is no number.
    """

    when: str
    agrees: tuple
    off: dict
    deviation: float | None = None

    def __str__(self):
        agrees = [f"{_listed(self.agrees)} agree{'s' * (len(self.agrees) == 1)}"] if self.agrees else []
        return "; ".join([*agrees, *(f"{name} {how}".strip() for name, how in self.off.items())])


def _listed(names):
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


@dataclass(frozen=True)
class PartReason:
    """Mistakes that together give what the object gives.

    Attributes
    ----------
    mistakes : tuple of Mistake
        One or two.
    within : float
        The largest deviation.
    count : int
        Of how many quantities.
    """

    mistakes: tuple
    within: float
    count: int

    def __str__(self):
        errata = [m.erratum for m in self.mistakes if m.erratum]
        every = f"all {self.count} quantities" if self.count > 1 else "the only quantity"
        text = f"reproduces {every} within {within_text(self.within)}"
        if errata:
            text += f"; the document has it so (errata: {', '.join(errata)})"
        return "\n".join([*reason_lines(self.mistakes), text])


@dataclass(frozen=True)
class PartFinding(Told):
    """What a check of a part found.

    Attributes
    ----------
    part : Part
    port : str
        What was checked, as ``mine.py:Affine``.
    verdict : {"RIGHT", "WRONG"}
    first : PartDifference or None
        Where it differs first; None where it does not.
    reasons : tuple of PartReason
        Each gives what the object gives on every probe; of two mistakes where no one does.
    notes : tuple of str
        What differs from the part's form and is no mistake.
    within : float
        Of a right object, the largest deviation, relative to the largest element of its quantity.
    count : int
        How many quantities were compared.
    unexplained : tuple of str
        What is known, where no mistake explains a difference.
    """

    part: Part
    port: str
    verdict: str
    first: PartDifference | None = None
    reasons: tuple = ()
    notes: tuple = ()
    within: float = 0.0
    count: int = 0
    unexplained: tuple = ()

    @property
    def listing(self):
        """The part's name; findings of listings have theirs under this name."""
        return self.part.name

    def __str__(self):
        return "\n".join(line for head, text in self._parts() for line in rows(head, text))

    def _parts(self):
        yield self.part.name, self.port
        for note in self.notes:
            yield "note", note
        if self.first is not None:
            yield self.first.when, str(self.first)
        for k, reason in enumerate(self.reasons):
            yield "reason" if k == 0 else "or", str(reason)
        for text in self.unexplained:
            yield "known", text
        if self.right:
            every = f"all {self.count} agree" if self.count > 1 else "the only one agrees"
            yield "quantities", f"{every} within {within_text(self.within)}"
        yield "verdict", RIGHT if self.right else f"{WRONG}, exit 1"
