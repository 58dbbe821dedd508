"""The numbers that the Korean documents print, in ``reference/textbook.toml``: read, checked, held against ours.

Those of the from-scratch notes are printed by Python or by NumPy, to the last digit; those of the documents of the
other networks are rounded. The lines are those of the document.
"""

import re
from dataclasses import dataclass, fields

import numpy as np

from ..basics.files import ReferenceFileError
from ..basics.places import FROM_SCRATCH, NETWORKS
from .errata import DOCUMENTS
from .textbook import are, read_toml, require, same_digits

PRINTING = ("gates", "three_layers", "costs", "apples", "layer_examples")
"""The scripts of the notes of which the document prints numbers; of the others it prints none."""

PARTS = {FROM_SCRATCH: PRINTING, NETWORKS: ("neuron_graph", "softmax_classifier", "parameter_tables")}
"""By part, the scripts of which a document prints numbers."""

FORMS = ("repr", "numpy", "rounded")
ROUNDED = re.compile(r"-?(\d{1,3}(,\d{3})+|\d{1,30})(\.\d{1,30})?", re.ASCII)


@dataclass(frozen=True)
class Printed:
    """What the document prints of one quantity of a script.

    Attributes
    ----------
    quantity : str
        Its name in the script.
    printed : tuple of str
        The numbers as printed, in the order of the array.
    form : str
        ``"repr"``: as Python prints a number, so that it is ours to the last bit; ``"numpy"``: as NumPy prints the
        numbers of an array, to 8 digits behind the point; ``"rounded"``: rounded to the digits that are printed, with
        or without commas between the thousands.
    lines : tuple of int
        The lines of the document where it is printed.
    document : str
        Which it is, as in `deltarule.evidence.errata.DOCUMENTS`.
    """

    quantity: str
    printed: tuple
    form: str
    lines: tuple
    document: str = "notes"

    def matched(self, ours):
        """For each printed number, whether ours is printed so; all wrong if there are more or fewer of ours."""
        values = np.ravel(ours).tolist()
        if len(values) != len(self.printed):
            return [False] * len(self.printed)
        return [same(value, text, self.form) for value, text in zip(values, self.printed, strict=True)]


def same(value, text, form):
    """Whether a number is printed so, in one of `FORMS`.

    Examples
    --------
    >>> same(0.1 + 0.2, "0.30000000000000004", "repr"), same(0.3, "0.30000000000000004", "repr")
    (True, False)
    >>> same(0.7710107, "0.7710107", "numpy"), same(1.0, "1.", "numpy"), same(1, "1.", "numpy")
    (True, True, False)
    >>> same(-0.5344, "-0.53", "rounded"), same(614600, "614,600", "rounded"), same(0.1966, "0.195", "rounded")
    (True, True, False)
    """
    if form == "rounded":
        return same_digits(value, text.replace(",", ""))
    if form == "numpy" or isinstance(value, bool) or text in ("True", "False"):
        return as_numpy(value) == text
    return float(value) == float(text)


def as_numpy(value):
    """A number as NumPy prints it in an array whose numbers are neither large nor small."""
    if not isinstance(value, float):
        return str(value)
    return np.format_float_positional(value, precision=8, unique=True, trim=".")


def read_printed(path, part=FROM_SCRATCH):
    """What the documents of a part print, by script.

    Parameters
    ----------
    path : path
        A TOML file with entries ``[[PART.NAME]]`` for each script that `PARTS` has for the part.
    part : {"from_scratch", "networks"}

    Returns
    -------
    dict from str to list of Printed

    Raises
    ------
    ReferenceFileError
        If the file is missing or not TOML, if a script of `PARTS` has no entries or another one has, or if an entry
        has a field too few or too many, or one of the wrong type or range.
    """
    tables, scripts = read_toml(path).get(part), PARTS[part]
    if not isinstance(tables, dict) or set(tables) != set(scripts):
        there = sorted(tables) if isinstance(tables, dict) else tables
        raise ReferenceFileError(f"{path}: {part} must have entries of {', '.join(scripts)}, not {there!r}")
    return {name: _printed(path, f"{part}.{name}", tables[name], part != FROM_SCRATCH) for name in scripts}


def _printed(path, name, entries, of_several):
    """The entries of a script; whether it is one of several documents that they must name."""
    where = f"{path}: an entry of [[{name}]]"
    if not entries or not are(dict, entries):
        raise ReferenceFileError(f"{path}: {name} must be entries [[{name}]]")
    found = [_entry(where, entry, of_several) for entry in entries]
    names = [printed.quantity for printed in found]
    for each in names:
        require(names.count(each) == 1, where, "a quantity of its own", each)
    return found


def _entry(where, entry, of_several):
    names = sorted(field.name for field in fields(Printed) if of_several or field.name != "document")
    require(sorted(entry) == names, where, f"the fields {', '.join(names)}", sorted(entry))
    require(isinstance(entry["quantity"], str) and entry["quantity"], where, "a quantity", entry["quantity"])
    if of_several:
        require(entry["document"] in DOCUMENTS, where, f"a document of {', '.join(DOCUMENTS)}", entry["document"])
    require(entry["form"] in FORMS, where, f"a form of {', '.join(FORMS)}", entry["form"])
    printed, lines = entry["printed"], entry["lines"]
    require(are(str, printed) and printed, where, "a list of printed numbers, as text", printed)
    for text in printed:
        require(_is_printed(text, entry["form"]), where, f"what {entry['form']} prints of a number", text)
    rising = are(int, lines) and lines and all(a < b for a, b in zip([0, *lines], lines, strict=False))
    require(rising, where, "lines of the document, the first first", lines)
    return Printed(**dict(entry, printed=tuple(printed), lines=tuple(lines)))


def _is_printed(text, form):
    """Whether a text is a number or a truth value, in the form in which it would be printed."""
    if form == "rounded":
        return bool(ROUNDED.fullmatch(text))
    if text in ("True", "False"):
        return True
    try:
        value = float(text) if set(text) & set(".en") else int(text)
    except ValueError:
        return False
    return bool(np.isfinite(value)) and text == (repr(value) if form == "repr" else as_numpy(value))
