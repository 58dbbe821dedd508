"""What files of weights hold: MATLAB's ``save -v7``, or NumPy's .npz and .npy, none of them with pickled objects."""

import io
from tokenize import TokenError

import numpy as np

from .. import matlab

KINDS = (".mat", ".npz")
DAMAGED = (ValueError, OSError, EOFError, KeyError, TypeError, SyntaxError, MemoryError, TokenError)
"""What NumPy raises where bytes are damaged: the last ones of a header that is no Python, or tells of a huge array."""


def variables(path):
    """The variables of a file of weights.

    Parameters
    ----------
    path : pathlib.Path
        It ends in .mat or .npz.

    Returns
    -------
    dict from str to array, number or str

    Raises
    ------
    OSError, ValueError
        If it cannot be opened, or is of another kind or damaged.
    """
    return matlab.load(path) if path.suffix == ".mat" else _npz(path)


def _npz(path):
    import zlib  # here, since few programs read such a file
    from zipfile import BadZipFile

    content = path.read_bytes()
    if not content.startswith(b"PK"):
        raise ValueError(f"{path} is not a file of numpy.savez")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = dict(file)
    except (*DAMAGED, RuntimeError, BadZipFile, zlib.error) as error:  # RuntimeError of what is compressed otherwise
        raise ValueError(f"{path} is damaged, or holds what is no array of numbers or text: {error}") from error
    other = next((name for name, a in arrays.items() if not isinstance(a, np.ndarray)), None)
    if other is not None:  # the archive's member as it is
        raise ValueError(f"{path} is not a file of numpy.savez: it holds {other!r}, which is no array")
    return {name: a.item() if a.size == 1 else a for name, a in arrays.items()}


def array(path):
    """The one array of a file of ``numpy.save``, which ends in .npy; it raises what `variables` does."""
    content = path.read_bytes()
    if not content.startswith(b"\x93NUMPY"):
        raise ValueError(f"{path} is not a file of numpy.save")
    try:
        return np.load(io.BytesIO(content), allow_pickle=False)
    except DAMAGED as error:
        raise ValueError(f"{path} is damaged, or holds objects, which are not read: {error}") from error
