"""What a check comes to: the verdict, the first difference, the mistakes, and their text for people."""

from dataclasses import dataclass, field
from textwrap import wrap

from .told import Told, reason_lines

WIDTH = 120
COLUMN = 14
WHOLE = {"break_on_hyphens": False, "break_long_words": False}  # names of errata and files are copied from a row


@dataclass(frozen=True)
class Finding(Told):
    """What a check found.

    Attributes
    ----------
    listing : str
    port : str
        What was checked, as ``mine.py:backprop``.
    verdict : {"RIGHT", "WRONG"}
    first : Difference or None
        Where the weights differ first; None where they do not.
    reasons : tuple of Reason
        Each comes to the port's weights at every look; of two mistakes where no one does.
    notes : tuple of str
        What differs from the listing's form and is no mistake.
    within : float
        Of a right port, the largest deviation from the listing at any look.
    epochs : tuple of int
        The looks from the listing's own start.
    unexplained : tuple of str
        What is known, where no mistake explains a difference.
    gradient : str
        How the first update compares with central differences of the cost; empty where that was not asked.
    learns : str
        How often a port with this mistake learns all the same, where that was measured.
    curves : dict
        ``epochs``, and the mean squared error of the outputs after them: ``port`` and ``listing``.
    """

    listing: str
    port: str
    verdict: str
    first: object = None
    reasons: tuple = ()
    notes: tuple = ()
    within: float = 0.0
    epochs: tuple = ()
    unexplained: tuple = ()
    gradient: str = ""
    learns: str = ""
    curves: dict = field(default_factory=dict, compare=False)

    def __str__(self):
        return "\n".join(line for head, text in self._parts() for line in rows(head, text))

    def _parts(self):
        yield self.listing, self.port
        for note in self.notes:
            yield "note", note
        if self.first is not None:
            start = "" if self.first.start == "the listing's start" else f", from {self.first.start}"
            yield self.first.when, f"{self.first}{start}"
        for k, reason in enumerate(self.reasons):
            yield "reason" if k == 0 else "or", reason_text(reason)
        for text in self.unexplained:
            yield "known", text
        if self.gradient:
            yield "gradient", self.gradient
        if self.learns:
            yield "still learns" if "would not have told" in self.learns else "learns", self.learns
        if self.right:
            yield "weights", f"agree within {within_text(self.within)} after {epochs_text(self.epochs)}"
        yield "verdict", self.verdict if self.right else f"{self.verdict}, exit 1"


def reason_text(reason):
    """A reason in sentences."""
    errata = [m.erratum for m in reason.mistakes if m.erratum]
    agreed = reason.agreement
    text = f"reproduces your weights within {within_text(agreed.within)} after {epochs_text(agreed.epochs)}"
    if reason.agreement.sensitive:
        text += f" (by {reason.agreement.sensitive} epochs rounding decides)"
    if reason.agreement.overflow:
        text += f" (after {epochs_text((reason.agreement.overflow,))} your weights are not finite)"
    if errata:
        text += f"; the document has it so (errata: {', '.join(errata)})"
    return "\n".join([*reason_lines(reason.mistakes), text])


def within_text(deviation):
    """A deviation, of which 0 leaves out what rounding may do.

    Examples
    --------
    >>> within_text(0.0), within_text(2.3e-12)
    ('rounding', '2e-12')
    """
    return f"{deviation:.0e}" if deviation else "rounding"


def epochs_text(epochs):
    """1, 10 and 100 epochs."""
    if not epochs:
        return "the first update"
    if len(epochs) == 1:
        return "1 epoch" if epochs[0] == 1 else f"{epochs[0]} epochs"
    return f"{', '.join(map(str, epochs[:-1]))} and {epochs[-1]} epochs"


def rows(head, text):
    """The lines of a text, with a head before the first of them."""
    parts = [row for part in text.splitlines() for row in wrap(part, WIDTH - COLUMN, **WHOLE) or [""]]
    return [f"{head if k == 0 else '':{COLUMN - 1}} {row}".rstrip() for k, row in enumerate(parts)]
