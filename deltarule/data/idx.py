"""A reader of IDX files, the format of MNIST: plain or gzip, unsigned bytes, nothing accepted that is not whole."""

import math
import os
import struct
import sys
import zlib
from contextlib import contextmanager
from pathlib import Path

import numpy as np

LARGEST = 2**30  # bytes of elements: twice what the largest set of MNIST's family has, 697,932 images of EMNIST
GZIP_RATIO = 1032  # times as long, at most, is what a gzip file holds: 258 bytes for two bits
PIECE = 2**20  # bytes inflated at a time
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
        element type, no IDX file, or of more than 2**30 elements. The header is held against the size of the file
        before memory is taken or anything is inflated: gzip holds at most 1032 times the bytes that the file has.
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
    with _content(path) as (stream, size, zipped):
        shape = _header(stream, path)
        _check_size(shape, size, zipped, path)
        return _elements(stream, path, shape)


def idx_shape(path):
    """The shape in the header of an IDX file of unsigned bytes, without a look at its elements.

    Parameters
    ----------
    path : path
        As `read_idx`.

    Returns
    -------
    tuple of int

    Raises
    ------
    IdxError, OSError
        As `read_idx`, as far as the header and the size of the file tell.
    """
    path = Path(path)
    with _content(path) as (stream, size, zipped):
        shape = _header(stream, path)
        _check_size(shape, size, zipped, path)
        return shape


@contextmanager
def _content(path):
    """A file's content as a stream, inflated where it is gzip, the size of the file, and whether it is gzip."""
    import gzip  # here, since most of the data is in no file

    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        zipped = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        try:
            yield gzip.GzipFile(fileobj=file) if zipped else file, size, zipped
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise IdxError(f"{path}: damaged gzip file: {error}") from error


def _check_size(shape, size, zipped, path):
    """IdxError unless a file of this size can have the elements of its header, and this reader takes as many."""
    elements, data = math.prod(shape), size - 4 - 4 * len(shape)
    says = f"its header says {elements}, {shape}"
    if zipped and elements > GZIP_RATIO * size:
        raise IdxError(f"{path}: truncated: {size} bytes of gzip hold at most {GZIP_RATIO * size} bytes, {says}")
    if not zipped and elements != data:
        raise IdxError(f"{path}: {'truncated' if data < elements else 'over-long'}: {data} bytes of data, {says}")
    if elements > LARGEST:
        raise IdxError(f"{path}: {says}; this reader takes up to {LARGEST} bytes of data")
    if math.prod(filter(None, shape)) > sys.maxsize:  # though there be no elements where one of them is 0
        raise IdxError(f"{path}: its header says {shape}, which no array can be")


def _elements(stream, path, shape):
    """As many elements as the shape says, and the end of the stream behind them."""
    data = np.empty(math.prod(shape), dtype=np.uint8)
    done = 0
    while done < data.size:
        count = stream.readinto(data[done : done + PIECE])
        if not count:
            raise IdxError(f"{path}: truncated: {done} bytes of data, its header says {data.size}, {shape}")
        done += count
    if stream.read(1):
        raise IdxError(f"{path}: over-long: more than the {data.size} bytes of data its header says, {shape}")
    return data.reshape(shape)


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
