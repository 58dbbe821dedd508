"""The numbers that the from-scratch notes print, in ``reference/textbook.toml``: read, checked, held against ours.

They are printed by Python or by NumPy, to the last digit; the lines are those of the document.
"""

from dataclasses import dataclass, fields

import numpy as np

from ..basics.files import ReferenceFileError
from .textbook import FROM_SCRATCH, are, read_toml, require

PRINTING = ("gates", "three_layers", "costs", "apples", "layer_examples")
"""The scripts of which the document prints numbers; of the others it prints none."""

FORMS = ("repr", "numpy")


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
        numbers of an array, to 8 digits behind the point.
    lines : tuple of int
        The lines of the document where it is printed.
    """

    quantity: str
    printed: tuple
    form: str
    lines: tuple

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
    """
    if form == "numpy" or isinstance(value, bool) or text in ("True", "False"):
        return as_numpy(value) == text
    return float(value) == float(text)


def as_numpy(value):
    """A number as NumPy prints it in an array whose numbers are neither large nor small."""
    if not isinstance(value, float):
        return str(value)
    return np.format_float_positional(value, precision=8, unique=True, trim=".")


def read_printed(path):
    """What the document prints, by script.

    Parameters
    ----------
    path : path
        A TOML file with entries ``[[from_scratch.NAME]]`` for each script of `PRINTING`.

    Returns
    -------
    dict from str to list of Printed

    Raises
    ------
    ReferenceFileError
        If the file is missing or not TOML, if a script of `PRINTING` has no entries or another one has, or if an entry
        has a field too few or too many, or one of the wrong type or range.
    """
    tables = read_toml(path).get(FROM_SCRATCH)
    if not isinstance(tables, dict) or set(tables) != set(PRINTING):
        there = sorted(tables) if isinstance(tables, dict) else tables
        raise ReferenceFileError(f"{path}: {FROM_SCRATCH} must have entries of {', '.join(PRINTING)}, not {there!r}")
    return {name: _printed(path, name, tables[name]) for name in PRINTING}


def _printed(path, name, entries):
    """The entries of a script."""
    where = f"{path}: an entry of [[{FROM_SCRATCH}.{name}]]"
    if not entries or not are(dict, entries):
        raise ReferenceFileError(f"{path}: {FROM_SCRATCH}.{name} must be entries [[{FROM_SCRATCH}.{name}]]")
    found = [_entry(where, entry) for entry in entries]
    names = [printed.quantity for printed in found]
    for each in names:
        require(names.count(each) == 1, where, "a quantity of its own", each)
    return found


def _entry(where, entry):
    names = sorted(field.name for field in fields(Printed))
    require(sorted(entry) == names, where, f"the fields {', '.join(names)}", sorted(entry))
    require(isinstance(entry["quantity"], str) and entry["quantity"], where, "a quantity", entry["quantity"])
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
    if text in ("True", "False"):
        return True
    try:
        value = float(text) if set(text) & set(".en") else int(text)
    except ValueError:
        return False
    return bool(np.isfinite(value)) and text == (repr(value) if form == "repr" else as_numpy(value))
