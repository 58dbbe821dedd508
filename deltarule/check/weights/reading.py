"""Weights out of a file: which arrays they are, of which listing they may be, and how many digits were written."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...basics import saved
from ...listings.experiments import EXPERIMENTS
from ..errors import CheckError
from ..listings import LISTINGS
from ..names import known

KINDS = (".mat", ".npz", ".npy", ".csv")
FORM_OF = {"delta_xor": "delta_sgd", "real_multi_class": "multi_class", "plot_features": "mnist_conv"}
"""By script that trains another's listing on other data, or as it is, that listing."""
SCRIPTS = (*LISTINGS, *FORM_OF)
CSV = (
    "a .csv file has one matrix, or a matrix a block with an empty line between them, in the order of the listing's "
    "weights; numbers of a row are separated by commas, semicolons, tabs or blanks"
)
NAMES = ("W", "W1", "W2", "W3", "W4", "W5", "Wo")  # of weights, in any listing
DIGITS = 12  # of decimals or of all digits: who writes more writes numbers in full


@dataclass(frozen=True)
class Content:
    """What a file of weights holds.

    Attributes
    ----------
    path : pathlib.Path
    named : dict from str to array, number or str
        By name; empty where the file has no names.
    unnamed : tuple of array
        In order, where it has none.
    """

    path: Path
    named: dict
    unnamed: tuple = ()


@dataclass(frozen=True)
class Weights:
    """The weights of a file, as those of a script.

    Attributes
    ----------
    script : str
        A name in `deltarule.listings.experiments.EXPERIMENTS`.
    weights : tuple of array of float64
    units : tuple of array
        How far each number may be from the one that was written, for the digits that are left out.
    shapes : tuple of tuple
    notes : tuple of str
    """

    script: str
    weights: tuple
    units: tuple
    shapes: tuple
    notes: tuple = ()

    @property
    def listing(self):
        """The listing that the script trains."""
        return FORM_OF.get(self.script, self.script)


def read(path):
    """The content of a file of weights.

    Raises
    ------
    CheckError
        If it is missing, damaged or of another kind.
    """
    path = Path(path)
    if path.suffix.lower() not in KINDS:
        raise CheckError(f"{path} must end in {', '.join(KINDS[:-1])} or {KINDS[-1]}")
    try:
        if path.suffix.lower() == ".csv":
            return Content(path, *_csv(path))
        if path.suffix.lower() == ".npy":
            return Content(path, {}, _stack(saved.array(path)))
        return _of_variables(path, saved.variables(path))
    except OSError as error:
        raise CheckError(f"{path}: {error.strerror or error}") from None
    except ValueError as error:
        raise CheckError(str(error)) from None


def _of_variables(path, found):
    """Names of weights may be in small letters; numpy.savez calls what has no name arr_0, arr_1, ..."""
    unnamed = [found[f"arr_{k}"] for k in range(len(found)) if f"arr_{k}" in found]
    if unnamed and len(unnamed) == len(found):
        return Content(path, {}, tuple(unnamed))
    capital = {name.lower(): name for name in NAMES}
    return Content(path, {capital.get(name.lower(), name): value for name, value in found.items()})


def _stack(a):
    """The matrices of a .npy file: the one that it is, or those along its first axis."""
    return tuple(a) if a.ndim == 3 else (a,)


def _csv(path):
    """The matrices of a .csv file: those with a name above them, and those without."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise CheckError(f"{path} is no text: {CSV}") from None
    named, unnamed, name = {}, [], None
    for block in re.split(r"\n[ \t,;]*\n", text.replace("\r\n", "\n").strip()):
        lines = [line for line in block.split("\n") if line.strip(" \t,;")]
        if lines and (found := re.fullmatch(r"[#%\s]*([A-Za-z]\w*)\s*[=:]?[\s,;]*", lines[0])):
            name, lines = found[1], lines[1:]
        lines = lines[1:] if _heads(lines) else lines
        if not lines:
            continue
        if name is None:
            unnamed.append(_matrix(path, lines))
        else:
            named[name], name = _matrix(path, lines), None
    if bool(named) == bool(unnamed):
        what = "some matrices with a name above them, and some without" if named else "no numbers"
        raise CheckError(f"{path} has {what}: {CSV}")
    return named, tuple(unnamed)


def _heads(lines):
    """Whether the first of some lines names the columns below it, as the tables of MATLAB and pandas have it."""
    words = _cells(lines[0].strip().rstrip(",;")) if len(lines) > 1 else []
    named = [re.fullmatch(r'"?[A-Za-z_]\w*"?', word) and word.lower() not in ("nan", "inf") for word in words]
    return len(words) > 1 and all(named)


def _cells(line):
    return re.split(r"\s*[,;]\s*|\s+", line.strip())


def _matrix(path, lines):
    lines = [line.strip().rstrip(",;") for line in lines]  # which MATLAB's own text has behind a row
    if any("," in line and ";" in line for line in lines):
        both = "both commas and semicolons in a row; write numbers with a point, 0.5 for 0,5, and one mark between them"
        raise CheckError(f"{path} has {both}")
    rows = [_cells(line) for line in lines]
    if any("" in row for row in rows):
        raise CheckError(f"{path} has a row with a number left out: {CSV}")
    if len({len(row) for row in rows}) != 1:
        raise CheckError(f"{path} has rows of {min(map(len, rows))} and of {max(map(len, rows))} numbers: {CSV}")
    try:
        return np.array(rows, dtype=np.float64)
    except ValueError as error:
        raise CheckError(f"{path} has what is no number ({error}): {CSV}") from None


def told(content, name):
    """What a file tells beside its weights, such as ``seed``; None where it does not."""
    value = content.named.get(name)
    return value if isinstance(value, str | int | float) and value != "" else None


def weights(content, script=None):
    """The weights in a file, for each script that they fit.

    Parameters
    ----------
    content : Content
    script : str, optional
        The script or listing that is asked for; else the one that the file tells, else all that fit.

    Returns
    -------
    list of Weights

    Raises
    ------
    CheckError
        If they fit none, or are no finite numbers.
    """
    script = told(content, "listing") if script is None else script
    if script is not None:
        name = script if script in SCRIPTS else known(script) if isinstance(script, str) else None
        if name is None:
            raise CheckError(f"listing must be one of {', '.join(SCRIPTS)}, not {script!r}")
        return [_fitting(content, name, alone=False)]
    found, refused = [], []
    for name in LISTINGS:
        try:
            found.append(_fitting(content, name))
        except _FitsNot as error:
            refused.append(error)
    if not found:
        takes = "; ".join(f"{name} takes {_takes(name)}" for name in LISTINGS)
        raise CheckError(f"{content.path} has weights of no listing: it has {_there(content)}; {takes}")
    return found


class _FitsNot(CheckError):
    """Weights that are not those of a listing, by their names or shapes."""


def _takes(script):
    form = LISTINGS[FORM_OF.get(script, script)]
    return ", ".join(f"{n} {s}" for n, s in zip(form.weights, EXPERIMENTS[script].shapes(), strict=True))


def _there(content):
    named = [f"{name} {np.shape(value)}" for name, value in content.named.items() if np.ndim(value)]
    return ", ".join([*named, *(str(np.shape(a)) for a in content.unnamed)]) or "no arrays"


def _fitting(content, script, alone=True):
    """The weights of a script; if they must be alone, no others may stand beside them."""
    names = LISTINGS[FORM_OF.get(script, script)].weights
    if content.named:
        missing = [name for name in names if name not in content.named]
        more = [name for name in NAMES if alone and name in content.named and name not in names]
        given = [content.named.get(name) for name in names]
    else:
        missing, more, given = [], [], list(content.unnamed)
    if missing or more or len(given) != len(names):
        raise _FitsNot(f"{content.path} has {_there(content)}; {script} takes {_takes(script)}")
    arrays = [_numbers(content.path, name, a) for name, a in zip(names, given, strict=True)]
    for notes, turn in (((), lambda a: a), (("the weights are transposed",), lambda a: a.T if a.ndim < 3 else a)):
        turned = [turn(a) for a in arrays]
        hidden = turned[0].shape[0] if EXPERIMENTS[script].hidden else None
        shapes = EXPERIMENTS[script].shapes(hidden)
        shaped = [_shaped(a, shape) for a, shape in zip(turned, shapes, strict=True)]
        if all(a is not None for a in shaped):
            return _weights(content, script, names, shaped, shapes, hidden, notes)
    raise _FitsNot(f"{content.path} has {_there(content)}; {script} takes {_takes(script)}")


def _weights(content, script, names, arrays, shapes, hidden, notes):
    book, units, said = EXPERIMENTS[script].hidden, [], {}
    if book != hidden:
        notes = (*notes, f"{hidden} hidden nodes, where the listing has {book}")
    for name, a in zip(names, arrays, strict=True):
        unit, text = digits(a)
        units.append(unit)
        if text:
            said.setdefault(text, []).append(name)
    notes = (*notes, *(f"{', '.join(those)} {text}" for text, those in said.items()))
    return Weights(script, tuple(arrays), tuple(units), shapes, notes)


def _numbers(path, name, value):
    a = np.asarray(value)
    if a.dtype.kind not in "iufb":
        raise CheckError(f"{name} in {path} must be real numbers, not of dtype {a.dtype}")
    if a.size == 0:
        raise CheckError(f"{name} in {path} must have numbers, and has none: its shape is {a.shape}")
    if not np.isfinite(a).all():
        bad = np.argwhere(~np.isfinite(np.atleast_1d(a)))
        raise CheckError(f"{name} in {path} must be finite, and has NaN or infinity at {len(bad)} of {a.size} places")
    with np.errstate(over="ignore"):
        single = a.astype(np.float32)
    whole = not (a % 1).any()  # float32 has them, whatever they were computed in
    return single if a.dtype == np.float32 or (not whole and np.array_equal(single, a)) else a.astype(np.float64)


def _shaped(a, shape):
    """The array in a shape that differs by axes of length 1 alone; None where it differs otherwise."""
    if a.ndim < 2 or len(shape) > 2:
        same = tuple(n for n in a.shape if n != 1) == tuple(n for n in shape if n != 1)
        return np.ascontiguousarray(a.reshape(shape)) if same else None
    return np.ascontiguousarray(a) if a.shape == shape else None


def digits(a):
    """How far each number of an array may be off for the digits that were not written, and what to say of them.

    Numbers are as many digits long as the longest of them, behind the point or in all; where both may be meant, the
    wider of the two counts.

    Returns
    -------
    tuple of (array or float, str)
        0 and empty text where they are written in full.
    """
    if a.dtype == np.float32:
        return 0.0, ""
    decimals = next((d for d in range(1, DIGITS + 1) if np.array_equal(a, _rounded(a, d))), None)
    long = next((s for s in range(1, DIGITS + 1) if np.array_equal(a, _to_digits(a, s))), None)
    if not a.any() or (decimals is None and long is None):
        return 0.0, ""
    with np.errstate(divide="ignore"):
        size = np.where(a == 0, -np.inf, np.floor(np.log10(abs(a))))
    behind = None if decimals is None else np.full(a.shape, 0.5 * 10.0**-decimals)
    in_all = None if long is None else 0.5 * 10.0 ** (size - long + 1)
    if behind is not None and (in_all is None or long >= size.max() + 1 + decimals):
        return behind, f"written with {decimals} decimal{'s' * (decimals > 1)}"
    if behind is not None:
        return np.maximum(behind, in_all), f"written with {long} digit{'s' * (long > 1)}"
    return in_all, f"written with {long} digit{'s' * (long > 1)}"


def _rounded(a, decimals):
    return np.array([float(f"{v:.{decimals}f}") for v in a.ravel().tolist()]).reshape(a.shape)


def _to_digits(a, count):
    return np.array([float(f"{v:.{count - 1}e}") for v in a.ravel().tolist()]).reshape(a.shape)
