"""What files of weights hold: MATLAB's ``save -v7``, or NumPy's .npz and .npy, none of them with pickled objects."""

import io

import numpy as np

from .. import matlab

KINDS = (".mat", ".npz")


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
    from zipfile import BadZipFile  # here, since few programs read such a file

    content = path.read_bytes()
    if not content.startswith(b"PK"):
        raise ValueError(f"{path} is not a file of numpy.savez")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = dict(file)
    except (ValueError, OSError, EOFError, KeyError, BadZipFile) as error:
        raise ValueError(f"{path} is damaged, or holds what is no array of numbers or text: {error}") from error
    return {name: a.item() if a.size == 1 else a for name, a in arrays.items()}


def array(path):
    """The one array of a file of ``numpy.save``, which ends in .npy; it raises what `variables` does."""
    content = path.read_bytes()
    if not content.startswith(b"\x93NUMPY"):
        raise ValueError(f"{path} is not a file of numpy.save")
    try:
        return np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise ValueError(f"{path} is damaged, or holds objects, which are not read: {error}") from error
