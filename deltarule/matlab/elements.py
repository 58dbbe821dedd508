"""The elements of a file of ``save -v7``, checked whole: SciPy's compiled reader trusts what they say of themselves.

Each variable is a matrix, whose elements tell its class, its axes, its name and its numbers; a cell or structure holds
matrices again. A matrix is sound if every element is of a type that may stand there, and as long as the axes say.
"""

import struct
from math import prod

import numpy as np

UINT32, MATRIX = 6, 14  # types of elements
SIZES = (5, 6)  # axes and lengths, which some programs store unsigned
NAMES = (1, 16)  # names, which some store as UTF-8
NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
INTEGERS = (1, 2, 3, 4, 5, 6)
TEXT = {1: "ascii", 2: "ascii", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}
WIDE = (4, 17, 18)
CELL, STRUCTURE, OBJECT, CHARACTERS, SPARSE, FUNCTION, OPAQUE = 1, 2, 3, 4, 5, 16, 17  # classes of matrices
NUMERIC = range(6, 16)
COMPLEX = 0x800  # among the flags of a matrix
DEEPEST = 100  # cells and structures within each other
MOST_AXES = 32
MOST_BLANKS = 2**16  # characters that a text may have though none are stored


class DamagedError(Exception):
    """An element is not what it says, or not what may stand there."""


class Elements:
    """The elements of a matrix, taken one after the other.

    Attributes
    ----------
    rest : memoryview
        What has not been taken yet.
    order : {"<", ">"}
    suffix : str
        How the names of encodings end whose units have that order.
    """

    def __init__(self, content, order):
        self.rest, self.order = memoryview(content), order
        self.suffix = "-le" if order == "<" else "-be"

    def take(self, kinds):
        """The type and the bytes of the next element, which must be of one of these types."""
        if len(self.rest) < 8:
            raise DamagedError
        kind, size = struct.unpack(f"{self.order}II", self.rest[:8])
        begin = 8
        if kind >> 16:  # up to four bytes, within the tag
            kind, size, begin = kind & 0xFFFF, kind >> 16, 4
        end = begin + size
        if kind not in kinds or end > (len(self.rest) if begin == 8 else 8):
            raise DamagedError
        content = self.rest[begin:end]
        self.rest = self.rest[-(-end // 8) * 8 :]
        return kind, content

    def numbers(self, kinds, count=None):
        """The next element as an array, of so many numbers."""
        kind, content = self.take(kinds)
        dtype = np.dtype(self.order + NUMBERS[kind])
        if len(content) % dtype.itemsize or (count is not None and len(content) != count * dtype.itemsize):
            raise DamagedError
        return np.frombuffer(content, dtype)


def check_matrix(content, order, depth=0):
    """Check a matrix.

    Parameters
    ----------
    content : bytes
        What follows its tag.
    order : {"<", ">"}
        That of the bytes in the file.

    Raises
    ------
    DamagedError
        If it is not sound.
    """
    elements = Elements(content, order)
    flags = int(elements.numbers([UINT32], 2)[0])
    kind = flags & 0xFF
    if kind == OPAQUE:
        for _ in range(3):
            elements.take(NAMES)
        _check_matrices(elements, 1, depth)
    else:
        axes = [int(n) for n in elements.numbers(SIZES)]
        if not 2 <= len(axes) <= MOST_AXES or min(axes) < 0:
            raise DamagedError
        elements.take(NAMES)  # the name
        _check_values(elements, kind, axes, bool(flags & COMPLEX), depth)
    if elements.rest:
        raise DamagedError


def _check_values(elements, kind, axes, is_complex, depth):
    """Check what follows the name of a matrix of some class."""
    parts, count = 1 + is_complex, prod(axes)
    if kind in NUMERIC:
        for _ in range(parts):
            elements.numbers(NUMBERS, count)
    elif kind == CHARACTERS:
        _check_text(elements, count)
    elif kind == SPARSE:
        _check_sparse(elements, axes, parts)
    elif kind == CELL:
        _check_matrices(elements, count, depth)
    elif kind in (STRUCTURE, OBJECT):
        if kind == OBJECT:
            elements.take(NAMES)  # the name of its class
        _check_matrices(elements, count * _fields(elements), depth)
    elif kind == FUNCTION:
        _check_matrices(elements, 1, depth)
    else:
        raise DamagedError


def _check_text(elements, count):
    """Check characters; beyond the first 65,536 of Unicode one may count as two, and some programs leave out blanks."""
    kind, content = elements.take(TEXT)
    try:
        text = bytes(content).decode(TEXT[kind] + (elements.suffix if kind in WIDE else ""))
    except UnicodeDecodeError:
        raise DamagedError from None
    if count not in (len(text), len(text.encode("utf-16-le")) // 2) and (content or count > MOST_BLANKS):
        raise DamagedError


def _check_sparse(elements, axes, parts):
    """Check a sparse matrix: the rows of its elements, where each column begins among them, and their values."""
    rows, begins = elements.numbers(INTEGERS).astype(np.int64), elements.numbers(INTEGERS).astype(np.int64)
    if len(axes) != 2 or len(begins) != axes[1] + 1 or begins[0] != 0 or (np.diff(begins) < 0).any():
        raise DamagedError
    count = int(begins[-1])
    if count > len(rows) or (rows[:count] < 0).any() or (rows[:count] >= axes[0]).any():
        raise DamagedError
    for _ in range(parts):
        kind, content = elements.take(NUMBERS)
        in_bytes = len(content) == count  # as MATLAB stores logical ones, of whatever type it says they are
        if not in_bytes and len(content) < count * np.dtype(NUMBERS[kind]).itemsize:
            raise DamagedError


def _fields(elements):
    """How many fields a structure has: their names are in one element, each as long as another says."""
    (longest,) = elements.numbers(SIZES, 1)
    _, names = elements.take(NAMES)
    if longest < 1 or len(names) % longest:
        raise DamagedError
    return len(names) // int(longest)


def _check_matrices(elements, count, depth):
    """Check so many matrices, of which one of no bytes is empty."""
    if depth >= DEEPEST:
        raise DamagedError
    for _ in range(count):
        _, content = elements.take([MATRIX])
        if content:
            check_matrix(content, elements.order, depth + 1)
