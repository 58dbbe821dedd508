"""A reader of MATLAB's files, version 5 to 7: numbers and text, nothing accepted that is not whole.

SciPy's ``loadmat`` reads more, but trusts what the file says of itself: on damaged files it has ended the whole process
with a bus error. This one takes nothing on trust, and executes nothing.
"""

import math
import re
import struct
import sys
import zlib

import numpy as np

_HEADER = 128
_MATRIX, _COMPRESSED, _INT8, _INT32, _UINT32 = 14, 15, 1, 5, 6
STORED = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_TEXT = {2: "u1", 4: "u2", 16: "u1", 17: "u2"}  # bytes and 16-bit units, under their own type or as numbers
_CLASSES = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8"}
_CHAR = 4
_OTHERS = {1: "a cell", 2: "a structure", 3: "an object", 5: "a sparse matrix", 16: "a function", 17: "an object"}
_COMPLEX = 0x08
_PIECE = 1 << 20


class MatError(ValueError):
    """Bytes that are no whole file of MATLAB with numbers and text; the message says why."""


def read(content):
    """The variables in a file of MATLAB.

    Parameters
    ----------
    content : bytes
        Of a file that ``save -v6`` or ``-v7`` writes, in MATLAB, GNU Octave or ``scipy.io.savemat``.

    Returns
    -------
    dict from str to array
        Numbers in their own dtype, of MATLAB's shape; text as one string for each row.

    Raises
    ------
    MatError
        A `ValueError` that says why, if the content is damaged, truncated or over-long, or holds what is neither real
        numbers nor text. No more memory is taken than there is data.

    Notes
    -----
    Source of the format: MathWorks, MAT-File Format, level 5. Elements of a tag (type, number of bytes) and data,
    padded to 8 bytes; a compressed one holds another. An array is an element of elements: class and flags, sizes,
    name, numbers column by column, in any type that holds them.

    Examples
    --------
    >>> import io
    >>> from scipy.io import savemat
    >>> file = io.BytesIO()
    >>> savemat(file, {"W": np.eye(2), "name": "delta_sgd"})
    >>> found = read(file.getvalue())
    >>> print(found["W"], found["name"])
    [[1. 0.]
     [0. 1.]] ['delta_sgd']
    """
    if len(content) < _HEADER:
        raise MatError(f"truncated: {len(content)} bytes, its header has {_HEADER}")
    order = {b"IM": "<", b"MI": ">"}.get(content[126:128])
    if order is None or struct.unpack(f"{order}H", content[124:126])[0] != 0x0100:
        raise MatError(f"no MATLAB file of version 5 to 7: its header ends with {content[124:128].hex(' ')}")
    found = {}
    rest = memoryview(content)[_HEADER:]
    while rest:
        kind, data, rest = _element(rest, order)
        if kind == _COMPRESSED:
            kind, data = _inflated(data, order)
        if kind != _MATRIX:
            raise MatError(f"an element of type {kind} where an array is due")
        name, array = _array(data, order)
        if name in found:
            raise MatError(f"two arrays named {name}")
        found[name] = array
    return found


def _element(rest, order):
    """The type and data of the element that comes first, and what is behind it."""
    if len(rest) < 8:
        raise MatError(f"truncated: {len(rest)} bytes where an element is due")
    kind, size = struct.unpack(f"{order}II", rest[:8])
    if kind >> 16:  # up to 4 bytes of data, within the tag
        kind, size, begin, end = kind & 0xFFFF, kind >> 16, 4, 8
        if size > 4:
            raise MatError(f"a short element of {size} bytes; it has 4 at most")
    else:
        begin, end = 8, 8 + size + (0 if kind == _COMPRESSED else -size % 8)
    if len(rest) < end:
        raise MatError(f"truncated: {len(rest)} bytes of an element that says {end}")
    return kind, rest[begin : begin + size], rest[end:]


def _inflated(data, order):
    """The type and data of the one element that is compressed in `data`."""
    stream = zlib.decompressobj()
    try:
        inflated = bytearray(stream.decompress(data, 8))
        size = 8 + (struct.unpack(f"{order}II", inflated)[1] if len(inflated) == 8 else 0)
        while not stream.eof and len(inflated) <= size:  # in pieces, so that a tag that promises too much takes nothing
            piece = stream.decompress(stream.unconsumed_tail, min(size + 1 - len(inflated), _PIECE))
            if not piece and not stream.unconsumed_tail:
                break
            inflated += piece
    except zlib.error as error:
        raise MatError(f"damaged compressed element: {error}") from None
    if not stream.eof or stream.unused_data:
        raise MatError("damaged compressed element: it does not end where its data does")
    kind, data, rest = _element(memoryview(bytes(inflated)), order)
    if rest:
        raise MatError(f"over-long: {len(rest)} bytes behind the array in a compressed element")
    return kind, data


def _array(data, order):
    """The name and value of an array."""
    flags, rest = _of_type(data, order, _UINT32, "flags")
    if len(flags) != 8:
        raise MatError(f"flags of {len(flags)} bytes; they have 8")
    word = struct.unpack(f"{order}I", flags[:4])[0]
    kind = word & 0xFF
    if kind in _OTHERS:
        raise MatError(f"it holds {_OTHERS[kind]}; this reader takes real numbers and text")
    if kind != _CHAR and kind not in _CLASSES:
        raise MatError(f"an array of unknown class {kind}")
    if word >> 8 & _COMPLEX:
        raise MatError("it holds complex numbers; this reader takes real numbers and text")
    sizes, rest = _of_type(rest, order, _INT32, "sizes")
    if len(sizes) % 4 or not 8 <= len(sizes) <= 128:
        raise MatError(f"sizes of {len(sizes)} bytes; they have 4 for each of 2 to 32 axes")
    shape = struct.unpack(f"{order}{len(sizes) // 4}i", sizes)
    name, rest = _of_type(rest, order, _INT8, "name")
    if not re.fullmatch(rb"[A-Za-z][A-Za-z0-9_]{0,62}", name):
        raise MatError(f"an array has the name {bytes(name)!r}")
    stored, values, rest = _element(rest, order)
    if rest:
        raise MatError(f"over-long: {len(rest)} bytes behind the numbers of {name.tobytes().decode()}")
    dtype = (_TEXT if kind == _CHAR else STORED).get(stored)
    if dtype is None:
        raise MatError(f"numbers of unknown type {stored}")
    numbers = _numbers(values, np.dtype(order + dtype), shape)
    return name.tobytes().decode(), _text(numbers) if kind == _CHAR else _as_class(numbers, _CLASSES[kind])


def _of_type(rest, order, wanted, what):
    kind, data, rest = _element(rest, order)
    if kind != wanted:
        raise MatError(f"an element of type {kind} where {what} of type {wanted} are due")
    return data, rest


def _numbers(values, dtype, shape):
    """The stored numbers of an array of this shape, column by column."""
    if min(shape) < 0 or math.prod(shape) * dtype.itemsize != len(values):
        raise MatError(f"{len(values)} bytes of numbers for an array of shape {shape}")
    if math.prod(filter(None, shape)) > sys.maxsize // 8:  # though there be no elements where one of them is 0
        raise MatError(f"an array of shape {shape}, which none can be")
    return np.frombuffer(values, dtype).reshape(shape, order="F")


def _as_class(numbers, kind):
    """The numbers in the dtype of their class, which must hold them: files keep whole numbers in fewer bytes."""
    with np.errstate(all="ignore"):  # what does not fit is told by the comparison
        array = numbers.astype(kind, order="C")
        same = np.array_equal(array.astype(numbers.dtype), numbers, equal_nan=True)
    if not same:
        raise MatError(f"numbers of {numbers.dtype} that are none of {array.dtype}")
    return array


def _text(units):
    """One string for each row of characters."""
    if units.ndim != 2:
        raise MatError(f"text of shape {units.shape}; it takes rows and columns")
    if (units > 127).any():
        raise MatError("text that is not ASCII")
    return np.array(["".join(map(chr, row)) for row in units.tolist()], dtype=np.str_)
