"""Weights, data and states from MATLAB and back: files of ``save -v7``, read and written by SciPy.

What MATLAB stores otherwise than Python is turned on request: images lie along the last axis, digit 0 is class 10.
"""

import inspect
import io
import os
import re
import struct
import zlib
from collections.abc import Mapping
from math import prod
from pathlib import Path

import numpy as np

from . import arguments, elements

HEADER = 128  # bytes before the first variable
MATRIX, COMPRESSED = elements.MATRIX, 15
LARGEST = 2**31
HDF5 = b"\x89HDF\r\n\x1a\n"
RESAVE = "save it again with MATLAB's or Octave's save -v7"
OTHER_KINDS = (
    (b"\x93NUMPY", "a file of NumPy", "read it with numpy.load"),
    (b"PK\x03\x04", "a zip file, as NumPy's .npz files are", "read it with numpy.load"),
    (b"Octave-1", "a binary file of Octave", RESAVE),
    (b"# Created by Octave", "a text file of Octave", RESAVE),
    (b"\x1f\x8b", "a file compressed by gzip", "unpack it first"),
    (HDF5, "an HDF5 file", f"{RESAVE}, or read it with h5py"),
)


def load(file, *names, images=(), labels=()):
    """Variables from a file that MATLAB's ``save -v7`` wrote (or ``-v6``, GNU Octave or `save`).

    Parameters
    ----------
    file : str or path
        ".mat" is added where it has no suffix.
    *names : str
        The variables wanted; all of them without names. What else the file holds does not matter then.
    images, labels : str or sequence of str
        Which variables to turn for `mnist_conv`: images from (rows, columns, N) to (N, rows, columns), labels from
        classes 1 to 10, (N, 1) or (1, N), to digits, (N,), class 10 being digit 0.

    Returns
    -------
    dict from str to array, float or str
        Arrays have MATLAB's shape, at least two axes, and class (float64 for double). A number, which MATLAB keeps as
        a 1 x 1 array, is a plain number, text of one row a string. A sparse matrix becomes an array; a cell or
        structure is what `scipy.io.loadmat` makes of it.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type, the file is of another kind or damaged, a variable is missing, or what is
        to be turned is not images or labels.
    OSError
        If the file cannot be opened.

    Examples
    --------
    >>> import os, tempfile
    >>> file = os.path.join(tempfile.mkdtemp(), "weights.mat")
    >>> save(file, {"W": [[0.1, 0.2, 0.3]], "alpha": 0.9, "D": [1, 2, 0]}, labels="D")
    >>> print(load(file, "W", "alpha"))
    {'W': array([[0.1, 0.2, 0.3]]), 'alpha': 0.9}
    >>> print(load(file, "D", labels="D"))
    {'D': array([1, 2, 0])}
    """
    path, images, labels = _path(file), _names("images", images), _names("labels", labels)
    wanted = {*_names("names", names), *images, *labels}
    content = path.read_bytes()
    _check(path, content)
    found = _read(path, content, wanted if names else None)
    missing = sorted(wanted - set(found))
    if missing:
        raise ValueError(f"{path} has no variable {', '.join(missing)}; it has {_listed(path, content)}")
    return {name: _loaded(name, value, images, labels) for name, value in found.items()}


def save(file, variables, *, images=(), labels=()):
    """Write variables into a file that MATLAB's ``load`` reads (``save -v7``).

    Parameters
    ----------
    file : str or path
        ".mat" is added where it has no suffix. A file that is there is replaced.
    variables : mapping from str to array, number, str or mapping
        By their MATLAB names. Integers become MATLAB's doubles where these are exact, vectors become columns, a
        mapping (such as `Stream.state`) a structure.
    images, labels : str or sequence of str
        Which variables to turn, the other way round than `load` does.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type, a name is none that MATLAB takes, a value is none that the file holds
        (a variable of 2 GiB among them), or what is to be turned is not images or labels.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import os, tempfile
    >>> from deltarule import matlab
    >>> file = os.path.join(tempfile.mkdtemp(), "state.mat")
    >>> stream = matlab.rng(3)
    >>> save(file, {"s": stream.state})  # in MATLAB: load state; rng(s)
    >>> matlab.rng(load(file)["s"]).rand() == stream.rand()
    True
    """
    import scipy.io  # here, since it takes longer to import than most scripts run

    path, images, labels = _path(file), _names("images", images), _names("labels", labels)
    if not isinstance(variables, Mapping):
        raise TypeError(f"variables must be a mapping from names to values, not {arguments.shown(variables)}")
    missing = sorted({*images, *labels} - set(variables))
    if missing:
        raise ValueError(f"variables must have {', '.join(missing)}, which images or labels name")
    stored = {_name(name): _stored(name, value, images, labels) for name, value in variables.items()}
    buffer = io.BytesIO()
    try:
        scipy.io.savemat(buffer, stored, do_compression=True, oned_as="column", long_field_names=True)
    except (TypeError, ValueError) as error:  # a cell or structure may hold anything
        raise ValueError(f"variables must hold numbers, text, or cells and structures of them: {error}") from error
    path.write_bytes(buffer.getvalue())


def _path(file):
    if not isinstance(file, str | os.PathLike):
        raise TypeError(f"file must be a path, not {arguments.shown(file)}")
    path = Path(file)
    if not path.name:
        raise ValueError(f"file must be the path of a file, not {arguments.shown(file)}")
    return path if path.suffix else path.with_suffix(".mat")


def _names(argument, given):
    """One name or several, as a tuple."""
    names = (given,) if isinstance(given, str) else given
    if not isinstance(names, tuple | list) or not all(isinstance(name, str) for name in names):
        raise TypeError(f"{argument} must be names of variables, not {arguments.shown(given)}")
    return tuple(names)


def _name(name):
    if not isinstance(name, str):
        raise TypeError(f"variables must have str for names, not {arguments.shown(name)}")
    if not re.fullmatch("[A-Za-z][A-Za-z0-9_]{0,62}", name):
        raise ValueError(
            "variables must have names that MATLAB takes, a letter and up to 62 letters, digits and underscores, "
            f"not {arguments.shown(name)}"
        )
    return name


# ---------------------------------------------------------------- reading


def _check(path, content):
    """ValueError unless these are all bytes of a file of ``save -v7`` or ``-v6``."""
    kind, advice = _other_kind(content)
    if kind:
        raise ValueError(f"{path} is {kind}, not one of MATLAB's save -v7: {advice}")
    order = "<" if content[126:128] == b"IM" else ">"
    position = HEADER
    while position < len(content):
        kind, size = struct.unpack(f"{order}II", content[position : position + 8].ljust(8, b"\0"))
        position += 8
        if kind not in (MATRIX, COMPRESSED) or position + size > len(content):
            raise ValueError(f"{path} is damaged or cut off: after {position - 8} bytes there is no whole variable")
        matrix = content[position : position + size]
        if kind == COMPRESSED:
            matrix = _unpacked(matrix, order)
        if matrix is None:
            raise ValueError(f"{path} is damaged: the variable after {position - 8} bytes does not unpack")
        try:
            elements.check_matrix(matrix, order)
        except elements.DamagedError:
            raise ValueError(f"{path} is damaged: the variable after {position - 8} bytes is not sound") from None
        position += size


def _other_kind(content):
    """What a file is that ``save -v7`` or ``-v6`` did not write, and what to do with it."""
    if not content:
        return "empty", "write it again"
    if content.startswith(b"MATLAB 5.0 MAT-file") and len(content) < HEADER:
        return "cut off", "write it again"
    if content[512:520] == HDF5:
        return "a file of MATLAB v7.3 (HDF5)", f"{RESAVE}, or read it with h5py"
    for beginning, kind, advice in OTHER_KINDS:
        if content.startswith(beginning):
            return kind, advice
    if content[124:128] in (b"\0\1IM", b"\1\0MI") and 0 not in content[:4]:  # by which SciPy knows version 4
        return None, None
    if _is_version_4(content):
        return "a file of MATLAB v4", RESAVE
    if re.fullmatch(rb"[\s\x20-\x7e]+", content[:1000]):
        return "a text file", "read it with numpy.loadtxt"
    return "a file of another kind", RESAVE


def _is_version_4(content):
    """Whether it begins with the five numbers before a variable of version 4: type, rows, columns, complex, name."""
    if len(content) < 20:
        return False
    for order in "<>":
        kind, rows, columns, is_complex, name = struct.unpack(f"{order}5i", content[:20])
        if 0 <= kind < 5000 and kind // 100 % 10 == 0 and min(rows, columns) >= 0 and is_complex in (0, 1) and name > 0:
            return content[20 + name - 1 : 20 + name] == b"\0"
    return False


def _unpacked(packed, order):
    """The matrix in a compressed element; None unless it is whole, as its checksum tells, and as long as it says.

    Octave counts four bytes too many for a text of several rows and four characters.
    """
    unpacker = zlib.decompressobj()
    try:
        tag = unpacker.decompress(packed, 8)
        kind, size = struct.unpack(f"{order}II", tag.ljust(8, b"\0"))
        if len(tag) < 8 or kind != MATRIX or size >= LARGEST:
            return None
        matrix = unpacker.decompress(unpacker.unconsumed_tail, size + 1)
        unpacker.decompress(unpacker.unconsumed_tail, 1)  # to the checksum
    except zlib.error:
        return None
    return matrix if size - 4 <= len(matrix) <= size and unpacker.eof else None


def _read(path, content, names):
    """What SciPy reads, of MATLAB's classes."""
    import scipy.io

    # SciPy 1.18 warns where it is not told which kind sparse matrices are to be; older ones cannot be told
    sparse = {"spmatrix": False} if "spmatrix" in inspect.signature(scipy.io.loadmat).parameters else {}
    try:
        held = scipy.io.whosmat(io.BytesIO(content))
        classes = {name: kind for name, _, kind in held}
        if len(classes) < len(held):
            raise ValueError("two variables have one name")
        found = scipy.io.loadmat(io.BytesIO(content), variable_names=names, **sparse)
    except Exception as error:  # whatever SciPy stumbles on is in the file
        raise ValueError(f"{path} is damaged, or holds what SciPy cannot read: {error}") from error
    return {
        name: _of_class(_dense(path, name, value), classes[name])
        for name, value in found.items()
        if not name.startswith("__")
    }


def _dense(path, name, value):
    """A sparse matrix as an array; anything else as it is."""
    if not hasattr(value, "toarray"):
        return value
    size = prod(value.shape) * value.dtype.itemsize
    try:
        if size < LARGEST:
            return value.toarray()
    except MemoryError:
        pass
    raise ValueError(f"{path} has a sparse matrix {name} of shape {value.shape}, whose array would take {size} bytes")


def _of_class(value, kind):
    """What MATLAB has, where the file stores it in fewer bytes (SciPy's ``mat_dtype`` drops imaginary parts)."""
    dtype = {"double": np.float64, "single": np.float32, "logical": np.bool_}.get(kind)
    return value if dtype is None or value.dtype.kind not in "biuf" else value.astype(dtype)


def _listed(path, content):
    """The names of a file's variables, for a message."""
    return ", ".join(sorted(_read(path, content, None))) or "none"


def _loaded(name, value, images, labels):
    """A variable as Python has it."""
    if name in images:
        return _images_last(name, value)
    if name in labels:
        return _digits(name, value)
    if value.dtype.kind == "U" and value.size < 2:
        return "".join(value.tolist())
    return value.item() if value.size == 1 and value.dtype.kind in "biufc" else value


def _images_last(name, a):
    """Images of shape (N, rows, columns) from MATLAB's (rows, columns, N), of which one alone has two axes."""
    if a.dtype.kind not in "biuf" or a.ndim not in (2, 3):
        raise ValueError(f"{name} must be images of shape (rows, columns, N), not an array of shape {a.shape}")
    return np.ascontiguousarray(np.moveaxis(a if a.ndim == 3 else a[:, :, np.newaxis], -1, 0))


def _digits(name, a):
    """The digits 0 to 9 of the classes 1 to 10."""
    if a.dtype.kind not in "iuf" or a.size != max(a.shape) or not np.isin(a, np.arange(1, 11)).all():
        raise ValueError(f"{name} must be labels, a column of classes from 1 to 10, not {arguments.shown(a)}")
    return a.ravel().astype(np.int64) % 10


# ---------------------------------------------------------------- writing


def _stored(name, value, images=(), labels=()):
    """A variable as the file is to hold it."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return {_name(field): _stored(f"{name}.{field}", inner) for field, inner in value.items()}
    if hasattr(value, "toarray"):
        return value
    a = arguments.array(name, value)
    if name in images:
        return _images_first(name, a)
    if name in labels:
        return _classes(name, a)
    if a.dtype.kind not in "biufcU" and not (isinstance(value, np.ndarray) and a.dtype.kind in "OV"):
        raise TypeError(f"{name} must be numbers, text or a mapping, not {arguments.shown(value)}")
    return _of_matlabs_class(name, a)


def _of_matlabs_class(name, a):
    """The array in a class that MATLAB has: double for integers and what is longer, single for what is shorter."""
    if a.nbytes >= LARGEST:
        raise ValueError(f"{name} must take less than {LARGEST} bytes, what save -v7 holds, not {a.nbytes}")
    if a.dtype.kind == "i" and a.dtype.itemsize == 8 and (abs(a) <= 2**53).all():
        return a.astype(np.float64)
    if a.dtype.kind == "f" and a.dtype.itemsize not in (4, 8):
        return a.astype(np.float32 if a.dtype.itemsize < 4 else np.float64)
    return a


def _images_first(name, a):
    """Images of MATLAB's shape (rows, columns, N) from (N, rows, columns)."""
    if a.dtype.kind not in "biuf" or a.ndim != 3:
        raise ValueError(f"{name} must be images of shape (N, rows, columns), not an array of shape {a.shape}")
    return _of_matlabs_class(name, np.moveaxis(a, 0, -1))


def _classes(name, a):
    """The classes 1 to 10 of the digits 0 to 9, as a column of doubles."""
    if a.dtype.kind not in "iuf" or a.ndim != 1 or not np.isin(a, np.arange(10)).all():
        raise ValueError(f"{name} must be labels, a vector of digits from 0 to 9, not {arguments.shown(a)}")
    return np.where(a == 0, 10, a).astype(np.float64)[:, np.newaxis]
