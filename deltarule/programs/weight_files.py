"""Files of weights, which ``--save`` writes and ``--load`` reads: MATLAB's ``save -v7`` or NumPy's .npz.

The weights stand there under the names of the listing, and beside them what the run was: `BESIDE` and the choices of
the script, such as alpha.
"""

import argparse
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .. import matlab
from ..basics import saved
from ..basics.files import write_whole
from .options import output_file

KINDS = saved.KINDS
BESIDE = ("listing", "seed", "generator", "epochs", "iterations", "dtype", "version", "loaded", "state")
"""What a file holds beside the weights and the choices: ``loaded`` is the file that the run started from, or empty, and
``state`` the words of its random stream as it stands at the end."""
STATE_WORDS = 624  # of the Mersenne twister
TAKEN_OVER = ("seed", "generator", "dtype")  # from a file that is loaded, beside the choices


@dataclass(frozen=True)
class Held:
    """What a file of weights holds.

    Attributes
    ----------
    path : pathlib.Path
    variables : dict from str to array, number or str
    """

    path: Path
    variables: dict


def file_to_write(text):
    """The name of a file of weights to write, checked before the training."""
    _check_kind(text)
    return output_file(text)


def file_to_load(text):
    """The content of a file of weights, read before the training."""
    _check_kind(text)
    try:
        return read(Path(text))
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text}: {error.strerror}") from None
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _check_kind(text):
    if Path(text).suffix not in KINDS:
        raise argparse.ArgumentTypeError(f"{text!r} must end in {' or '.join(KINDS)}")


def read(path):
    """A file of weights.

    Parameters
    ----------
    path : pathlib.Path
        It ends in .mat or .npz.

    Returns
    -------
    Held

    Raises
    ------
    OSError, ValueError
        If it cannot be opened, or is of another kind or damaged.
    """
    return Held(path, saved.variables(path))


def content(kind, variables):
    """The bytes of a file of this kind.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    variables : dict from str to array, number or str

    Returns
    -------
    bytes
    """
    if kind == ".npz":
        buffer = io.BytesIO()
        np.savez(buffer, **variables)
        return buffer.getvalue()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "weights.mat"
        matlab.save(file, variables)
        return file.read_bytes()


def options_of(held, choices):
    """The options of the run that a file is of, as a command line has them, so that training goes on as it began.

    Parameters
    ----------
    held : Held
    choices : iterable of str
        What the script may be told: ``alpha``, ``hidden``, ...

    Returns
    -------
    list of str

    Raises
    ------
    ValueError
        If one of them is not one number, or text; the message names it.
    """
    given = [name for name in (*TAKEN_OVER, *choices) if name in held.variables]
    return [f"--{name.replace('_', '-')}={_text(held, name)}" for name in given]


def _text(held, name):
    value = held.variables[name]
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return str(int(value)) if float(value).is_integer() else repr(value)
    raise ValueError(f"{name} in {held.path} must be one number, not an array of shape {np.shape(value)}")


def fitting(held, shapes, listing, hidden=None):
    """The weights in a file, each of the shape that the listing takes.

    Parameters
    ----------
    held : Held
    shapes : dict from str to tuple
        By name, in the listing's order.
    listing : str
    hidden : int, optional
        The number of hidden nodes that the shapes are for, where it may be chosen.

    Returns
    -------
    list of array of float64 or float32

    Raises
    ------
    ValueError
        If one is missing, is not of finite real numbers, or has another shape; the message names it, its shape, and
        what the listing takes.
    """
    missing = [name for name in shapes if name not in held.variables]
    if missing:
        takes = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        there = ", ".join(sorted(held.variables)) or "nothing"
        raise ValueError(f"{held.path} has no {' or '.join(missing)}: {listing} takes {takes}; the file has {there}")
    return [_fitting(held, name, shape, listing, hidden) for name, shape in shapes.items()]


def _fitting(held, name, shape, listing, hidden):
    a = _in_axes(held.variables[name], len(shape))
    if a.dtype.kind not in "iuf":
        raise ValueError(f"{name} in {held.path} must be real numbers, not of dtype {a.dtype}")
    if a.shape != shape:
        raise ValueError(
            f"{name} in {held.path} has the shape {a.shape}; {listing} takes {shape}{_advice(a.shape, shape, hidden)}"
        )
    if not np.isfinite(a).all():
        raise ValueError(f"{name} in {held.path} must be finite, and has NaN or infinity")
    # a file of MATLAB goes by columns, trained weights by rows: the order in memory decides the last bit of W @ x
    return np.ascontiguousarray(a, dtype=np.float32 if a.dtype == np.float32 else np.float64)


def _in_axes(value, axes):
    """An array with so many axes, as far as MATLAB may have taken some of length 1 away, or made a vector a matrix."""
    a = np.asarray(value)
    if axes == 1:
        return a.ravel() if a.size == max(a.shape, default=1) else a
    a = np.atleast_2d(a)
    return a.reshape(a.shape + (1,) * (axes - a.ndim))


def _advice(given, wanted, hidden):
    """What to do about a shape that is not the one wanted; empty where nothing is known."""
    if hidden is not None and given[1:] == wanted[1:] and wanted[0] == hidden:
        return f"; --hidden {given[0]} takes it"
    return "; transpose it" if given == wanted[::-1] else ""


def stream_of(held, seed, generator):
    """The random stream as the run left it, if it was one from this seed; None if the file does not tell.

    The scripts that know no other generator than MATLAB's own do not write its name.

    Raises
    ------
    ValueError
        If what stands for a state is none.
    """
    beside = held.variables
    if "state" not in beside or (beside.get("seed"), beside.get("generator", "twister")) != (seed, generator):
        return None
    state = {"Type": generator, "Seed": 0 if seed == "default" else seed, "State": beside["state"]}
    try:
        return matlab.rng(state)
    except (TypeError, ValueError) as error:
        raise ValueError(f"state in {held.path} is not that of a random stream: {error}") from error


def words_of(rng):
    """The state of a `numpy.random.RandomState` as numbers: its words, where it stands in them, and a normal number.

    Parameters
    ----------
    rng : numpy.random.RandomState or None

    Returns
    -------
    array of float64 or str
        Empty text where there is no stream.
    """
    if rng is None:
        return ""
    _, words, place, kept, normal = rng.get_state()
    return np.concatenate([words, [place, kept, normal]]).astype(np.float64)


def random_state_of(held, seed):
    """The `numpy.random.RandomState` as the run left it, if it was one from this seed; None if the file does not tell.

    Raises
    ------
    ValueError
        If what stands for a state is none.
    """
    beside = held.variables
    if seed is None or "state" not in beside or beside.get("seed") != seed:
        return None
    state = np.ravel(beside["state"])
    if state.shape != (STATE_WORDS + 3,) or state.dtype.kind not in "iuf" or not np.isfinite(state).all():
        raise ValueError(f"state in {held.path} is not that of a random stream: it must be {STATE_WORDS + 3} numbers")
    words, (place, kept, normal) = state[:-3], state[-3:].tolist()
    whole = (words == np.floor(words)).all() and (words >= 0).all() and (words < 2**32).all()
    if not whole or place not in range(STATE_WORDS + 1) or kept not in (0, 1):
        raise ValueError(f"state in {held.path} is not that of a random stream: a number is out of range")
    rng = np.random.RandomState()
    rng.set_state(("MT19937", words.astype(np.uint32), int(place), int(kept), normal))
    return rng


def write(path, variables):
    """Write a file of weights, whole or not at all; OSError if it cannot be."""
    write_whole(path, content(path.suffix, variables))
