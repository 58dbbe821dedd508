"""The elements of MATLAB's files in pairs: a sound matrix, and the same with one thing wrong, kept from SciPy."""

import io
import struct

import numpy as np
import pytest
import scipy.io

from deltarule.matlab import elements
from deltarule.matlab.elements import DamagedError, check_matrix

INT8, UINT8, UINT16, INT32, UINT32, DOUBLE, MATRIX, UTF8, UTF16, UTF32 = 1, 2, 4, 5, 6, 9, 14, 16, 17, 18
CELL, STRUCTURE, OBJECT, CHARACTERS, SPARSE, NUMBERS, FUNCTION, OPAQUE = 1, 2, 3, 4, 5, 6, 16, 17


def element(kind, content, order="<"):
    """An element, with its tag and to a multiple of eight bytes."""
    return struct.pack(f"{order}II", kind, len(content)) + content.ljust(-(-len(content) // 8) * 8, b"\0")


def numbers(kind, dtype, *values, order="<"):
    return element(kind, np.array(values, order + dtype).tobytes(), order)


def matrix(kind, axes, *parts, flags=0, order="<"):
    """What follows the tag of a matrix."""
    head = numbers(UINT32, "u4", kind | flags, 0, order=order) + numbers(INT32, "i4", *axes, order=order)
    return head + element(INT8, b"name", order) + b"".join(parts)


TWO = numbers(DOUBLE, "f8", 1.5, 2.5)
INNER = element(MATRIX, matrix(NUMBERS, (1, 2), TWO))
FIELDS = numbers(INT32, "i4", 4) + element(INT8, b"x\0\0\0y\0\0\0")
ROWS, BEGINS = numbers(INT32, "i4", 0, 2), numbers(INT32, "i4", 0, 1, 2)

# By name, a sound matrix and what it must not be
PAIRS = {
    "numbers": (
        matrix(NUMBERS, (1, 2), TWO),
        [
            matrix(NUMBERS, (1, 3), TWO),
            matrix(NUMBERS, (1, 1), TWO),
            matrix(NUMBERS, (1, 2), element(DOUBLE, b"\0" * 15)),
            matrix(NUMBERS, (1, 2), element(10, b"\0" * 16)),
            matrix(NUMBERS, (1, 2), element(1 << 16 | 9, b"\0" * 16)),
            matrix(NUMBERS, (1, 2), TWO, TWO),
            matrix(NUMBERS, (1, 2)),
            matrix(NUMBERS, (1, 2), TWO[:-1]),
            matrix(NUMBERS, (2,), TWO),
            matrix(NUMBERS, (-1, -2), TWO),
            matrix(NUMBERS, (1,) * 32 + (2,), TWO),
            matrix(0, (1, 2), TWO),
            matrix(18, (1, 2), TWO),
            matrix(NUMBERS, (1, 2), TWO)[8:],
            b"",
        ],
    ),
    "complex": (
        matrix(NUMBERS, (1, 2), TWO, TWO, flags=0x800),
        [matrix(NUMBERS, (1, 2), TWO, flags=0x800), matrix(NUMBERS, (1, 2), TWO, TWO[:8], flags=0x800)],
    ),
    "numbers within the tag": (
        matrix(NUMBERS, (1, 2), struct.pack("<HH4s", UINT8, 2, b"\1\2")),
        [matrix(NUMBERS, (1, 5), struct.pack("<HH4s", UINT8, 5, b"\1\2"))],
    ),
    "axes that are stored unsigned": (
        numbers(UINT32, "u4", NUMBERS, 0) + numbers(UINT32, "u4", 1, 2) + element(UTF8, b"name") + TWO,
        [numbers(UINT32, "u4", NUMBERS, 0) + numbers(DOUBLE, "f8", 1, 2) + element(UTF8, b"name") + TWO],
    ),
    "text": (
        matrix(CHARACTERS, (1, 3), element(UTF8, "가xδ".encode())),
        [
            matrix(CHARACTERS, (1, 2), element(UTF8, "가xδ".encode())),
            matrix(CHARACTERS, (1, 6), element(UTF8, "가xδ".encode())),
            matrix(CHARACTERS, (1, 3), element(UTF8, b"\xff\xfex")),
            matrix(CHARACTERS, (1, 3), element(UINT8, b"\xffxx")),
            matrix(CHARACTERS, (1, 3), element(INT32, b"abc")),
        ],
    ),
    "text in sixteen bits": (
        matrix(CHARACTERS, (1, 2), element(UINT16, "가δ".encode("utf-16-le"))),
        [
            matrix(CHARACTERS, (1, 2), element(UINT16, b"\x00\xd8x\0")),
            matrix(CHARACTERS, (1, 2), element(UINT16, b"\x00\xac\xb4")),
        ],
    ),
    "text of which nothing is stored": (
        matrix(CHARACTERS, (1, 2**16), element(UINT16, b"")),
        [matrix(CHARACTERS, (1, 2**16 + 1), element(UINT16, b""))],
    ),
    "sparse": (
        matrix(SPARSE, (3, 2), ROWS, BEGINS, TWO),
        [
            matrix(SPARSE, (2, 2), ROWS, BEGINS, TWO),
            matrix(SPARSE, (3, 3), ROWS, BEGINS, TWO),
            matrix(SPARSE, (3, 2, 1), ROWS, BEGINS, TWO),
            matrix(SPARSE, (3, 2), numbers(INT32, "i4", -1, 2), BEGINS, TWO),
            matrix(SPARSE, (3, 2), numbers(INT32, "i4", 0), BEGINS, TWO),
            matrix(SPARSE, (3, 2), ROWS, numbers(INT32, "i4", 1, 1, 2), TWO),
            matrix(SPARSE, (3, 2), ROWS, numbers(INT32, "i4", 0, 3, 2), TWO),
            matrix(SPARSE, (3, 2), ROWS, numbers(INT32, "i4", 0, 1, 3), TWO),
            matrix(SPARSE, (3, 2), ROWS, BEGINS, numbers(DOUBLE, "f8", 1.5)),
            matrix(SPARSE, (3, 2), ROWS, BEGINS),
        ],
    ),
    "sparse and logical, in bytes that are said to be doubles": (
        matrix(SPARSE, (3, 2), ROWS, BEGINS, element(DOUBLE, b"\1\1"), flags=0x200),
        [matrix(SPARSE, (3, 2), ROWS, BEGINS, element(DOUBLE, b"\1"), flags=0x200)],
    ),
    "a cell": (
        matrix(CELL, (1, 2), INNER, element(MATRIX, b"")),
        [
            matrix(CELL, (1, 3), INNER, element(MATRIX, b"")),
            matrix(CELL, (1, 1), INNER, element(MATRIX, b"")),
            matrix(CELL, (1, 1), element(MATRIX, matrix(NUMBERS, (1, 3), TWO))),
            matrix(CELL, (1, 1), element(15, matrix(NUMBERS, (1, 2), TWO))),
            matrix(CELL, (2**31 - 1, 2**31 - 1), INNER),
        ],
    ),
    "a structure": (
        matrix(STRUCTURE, (1, 1), FIELDS, INNER, INNER),
        [
            matrix(STRUCTURE, (1, 1), FIELDS, INNER),
            matrix(STRUCTURE, (1, 1), numbers(INT32, "i4", 3), FIELDS[16:], INNER, INNER),
            matrix(STRUCTURE, (1, 1), numbers(INT32, "i4", 0), FIELDS[16:], INNER, INNER),
            matrix(STRUCTURE, (1, 1), numbers(INT32, "i4", -4), FIELDS[16:], INNER, INNER),
        ],
    ),
    "an object": (
        matrix(OBJECT, (1, 1), element(INT8, b"inline"), FIELDS, INNER, INNER),
        [matrix(OBJECT, (1, 1), FIELDS, INNER, INNER)],
    ),
    "a function": (matrix(FUNCTION, (1, 1), INNER), [matrix(FUNCTION, (1, 1)), matrix(FUNCTION, (1, 1), INNER, INNER)]),
    "opaque": (
        numbers(UINT32, "u4", OPAQUE, 0) + element(INT8, b"a") + element(INT8, b"b") + element(INT8, b"c") + INNER,
        [numbers(UINT32, "u4", OPAQUE, 0) + element(INT8, b"a") + element(INT8, b"b") + INNER],
    ),
}
WRONG = [(name, k) for name, (_, wrong) in PAIRS.items() for k in range(len(wrong))]


def in_a_file(content):
    return io.BytesIO(b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM" + element(MATRIX, content))


@pytest.mark.filterwarnings("ignore:(?s).*spmatrix:DeprecationWarning")  # SciPy 1.18: which kind matters not here
@pytest.mark.parametrize("name", PAIRS)
def test_a_sound_matrix_is_taken_and_read_by_scipy(name):
    check_matrix(PAIRS[name][0], "<")
    assert any(not key.startswith("__") or name == "opaque" for key in scipy.io.loadmat(in_a_file(PAIRS[name][0])))


@pytest.mark.parametrize(("name", "k"), WRONG)
def test_a_matrix_with_one_thing_wrong_is_refused(name, k):
    with pytest.raises(DamagedError):
        check_matrix(PAIRS[name][1][k], "<")


@pytest.mark.parametrize("name", PAIRS)
def test_a_matrix_that_is_cut_off_anywhere_is_refused(name):
    right = PAIRS[name][0]
    for size in range(0, len(right), 4):
        cut = right[:size]
        if right[size:].strip(b"\0"):
            with pytest.raises(DamagedError):
                check_matrix(cut, "<")


def test_cells_within_each_other_are_taken_to_a_depth_of_a_hundred():
    inner = matrix(NUMBERS, (1, 2), TWO)
    for _ in range(elements.DEEPEST):
        inner = matrix(CELL, (1, 1), element(MATRIX, inner))
    check_matrix(inner, "<")
    with pytest.raises(DamagedError):
        check_matrix(matrix(CELL, (1, 1), element(MATRIX, inner)), "<")


def test_the_bytes_may_lie_in_the_other_order():
    values = numbers(DOUBLE, "f8", 1.5, 2.5, order=">")
    check_matrix(matrix(NUMBERS, (1, 2), values, order=">"), ">")
    with pytest.raises(DamagedError):
        check_matrix(matrix(NUMBERS, (1, 2), values, order=">"), "<")
    text = element(UINT16, "가δ".encode("utf-16-be"), ">")
    check_matrix(matrix(CHARACTERS, (1, 2), text, order=">"), ">")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_a_character_beyond_the_first_65536_counts_as_one_or_as_two(encoding):
    kind = UTF8 if encoding == "utf-8" else UTF16
    for count, sound in ((1, True), (2, True), (3, False), (4, False)):
        content = matrix(CHARACTERS, (1, count), element(kind, "😀".encode(encoding)))
        if sound:
            check_matrix(content, "<")
        else:
            with pytest.raises(DamagedError):
                check_matrix(content, "<")
