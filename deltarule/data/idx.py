"""A reader of IDX files, the format of MNIST: plain or gzip, unsigned bytes, nothing accepted that is not whole."""

import gzip
import math
import struct
import sys
import zlib
from pathlib import Path

import numpy as np

_TYPES = {0x09: "int8", 0x0B: "int16", 0x0C: "int32", 0x0D: "float32", 0x0E: "float64"}


class IdxError(ValueError):
    """A file that is not a whole IDX file of unsigned bytes; the message names it and says why."""


def read_idx(path):
    """The array in an IDX file of unsigned bytes.

    Parameters
    ----------
    path : path
        The file, plain or gzip; its content decides, not its name.

    Returns
    -------
    array of uint8
        Of the shape in the file's header, 1 to 4 axes; its own memory.

    Raises
    ------
    IdxError
        A `ValueError` that names the file and the reason, if it is damaged, truncated or over-long, of another
        element type, or no IDX file. No more memory is taken than the file has data.
    OSError
        If the file cannot be read.

    Notes
    -----
    Source of the format: Y. LeCun, C. Cortes, C. Burges, the MNIST database. Two zero bytes, the type, the number of
    axes, then the axes as big-endian 32-bit integers, then the elements, last axis fastest.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp(), "two-by-two.idx")
    >>> _ = path.write_bytes(bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4]))
    >>> print(read_idx(path))
    [[1 2]
     [3 4]]
    """
    path = Path(path)
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        try:
            return _read(gzip.open(file) if zipped else file, path)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise IdxError(f"{path}: damaged gzip file: {error}") from error


def _read(stream, path):
    shape = _header(stream, path)
    size = math.prod(shape)
    data = _at_most(stream, size + 1)
    if len(data) < size:
        raise IdxError(f"{path}: truncated: {len(data)} bytes of data, its header says {size}, {shape}")
    if len(data) > size:
        raise IdxError(f"{path}: over-long: more than the {size} bytes of data its header says, {shape}")
    if math.prod(filter(None, shape)) > sys.maxsize:  # though there be no elements where one of them is 0
        raise IdxError(f"{path}: its header says {shape}, which no array can be")
    return np.frombuffer(data, dtype=np.uint8).reshape(shape)


def _header(stream, path):
    start = stream.read(4)
    if len(start) < 4:
        raise IdxError(f"{path}: truncated: {len(start)} bytes, an IDX header has at least 8")
    zeros, kind, axes = start[:2], start[2], start[3]
    if zeros != b"\0\0" or (kind != 0x08 and kind not in _TYPES):
        raise IdxError(f"{path}: no IDX file: it begins with {start.hex(' ')}, an IDX file of bytes with 00 00 08")
    if kind != 0x08:
        raise IdxError(f"{path}: elements are {_TYPES[kind]} (type 0x{kind:02x}); this reader takes uint8 (0x08)")
    if not 1 <= axes <= 4:
        raise IdxError(f"{path}: {axes} axes; this reader takes 1 to 4")
    sizes = stream.read(4 * axes)
    if len(sizes) < 4 * axes:
        raise IdxError(f"{path}: truncated: its header has {4 + len(sizes)} bytes of {4 + 4 * axes}")
    return struct.unpack(f">{axes}I", sizes)


def _at_most(stream, size):
    """Up to `size` bytes, in pieces, so that a header that promises too much allocates nothing."""
    data = bytearray()
    while len(data) < size:
        piece = stream.read(min(size - len(data), 1 << 20))
        if not piece:
            break
        data += piece
    return data
