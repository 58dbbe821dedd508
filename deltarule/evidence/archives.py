"""NumPy archives of reference results: read if they are the recorded ones, and how big arrays are kept in them."""

import re
from io import BytesIO

import numpy as np

from ..basics.arrays import on_cpu
from ..basics.files import ReferenceFileError
from .golden import summed_content

LARGEST_WHOLE = 1000  # elements of an array that is kept whole
EVERY = 97  # of a larger one, each so manieth element is kept
SHORTENED = re.compile(f"__(every{EVERY}|sum_norm|shape)$")  # how the names of the entries of a large one end


def read_archive(path, remedy):
    """What a NumPy archive holds, if it is the one that was recorded.

    Parameters
    ----------
    path : pathlib.Path
    remedy : str
        What to do where it is missing, damaged or another, in words.

    Returns
    -------
    dict from str to array

    Raises
    ------
    ReferenceFileError
        If the file is missing, damaged, no NumPy archive, or not the one whose SHA-256 is in SHA256SUMS beside it.
    """
    content = summed_content(path, remedy)
    try:
        with np.load(BytesIO(content), allow_pickle=False) as held:
            return {name: held[name] for name in held.files}
    except Exception as error:  # NumPy does not say what it raises for a file it cannot read
        raise ReferenceFileError(f"{path}: not a NumPy archive that can be read: {error}; {remedy}") from error


def as_kept(found):
    """Arrays as the archives keep them.

    Parameters
    ----------
    found : dict from str to array

    Returns
    -------
    dict from str to array
        Arrays of at most 1,000 elements as they are. Of a larger one NAME every 97th element in C order as
        ``NAME__every97``, its sum and Euclidean norm as ``NAME__sum_norm``, and ``NAME__shape``.

    Examples
    --------
    >>> {name: a.tolist() for name, a in as_kept({"b1": [0.5], "W1": np.ones((2, 800))}).items() if "every" not in name}
    {'b1': [0.5], 'W1__sum_norm': [1600.0, 40.0], 'W1__shape': [2, 800]}
    """
    kept = {}
    for name, value in found.items():
        a = np.asarray(on_cpu(value))
        if a.size <= LARGEST_WHOLE:
            kept[name] = a
        else:
            kept[f"{name}__every{EVERY}"] = a.ravel()[::EVERY]
            kept[f"{name}__sum_norm"] = np.array([a.sum(), np.linalg.norm(a)])
            kept[f"{name}__shape"] = np.array(a.shape)
    return kept


def off(ours, golden, absolute=False):
    """The largest difference between two arrays, relative to the largest element of `golden` unless `absolute`.

    Infinite if their shapes differ, or if anything on either side is not a finite number.
    """
    ours, golden = np.asarray(ours), np.asarray(golden)
    if ours.shape != golden.shape or not (np.isfinite(ours).all() and np.isfinite(golden).all()):
        return float("inf")
    difference, largest = (float(abs(a).max(initial=0)) for a in (ours - golden, golden))
    if absolute or difference == 0:
        return difference
    return difference / largest if largest else float("inf")
