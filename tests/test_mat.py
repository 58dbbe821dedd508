"""The reader of MATLAB's files: what SciPy writes and reads, and what it refuses."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from runs import ROOT
from scipy.io import loadmat, savemat

from deltarule.mat import MatError, read

GOLDEN = sorted((ROOT / "reference" / "golden").glob("*.mat"))
KINDS = ["f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"]


def saved(compressed=False, **arrays):
    file = io.BytesIO()
    savemat(file, arrays, do_compression=compressed)
    return file.getvalue()


def scipys(content):
    return {name: a for name, a in loadmat(io.BytesIO(content)).items() if not name.startswith("__")}


def assert_same(ours, theirs):
    assert list(ours) == list(theirs)
    for name, a in theirs.items():
        assert (ours[name].shape, ours[name].dtype) == (a.shape, a.dtype)
        np.testing.assert_array_equal(ours[name], a)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_what_octave_saved_is_read_as_scipy_reads_it(path):
    assert_same(read(path.read_bytes()), scipys(path.read_bytes()))


@given(
    source=st.data(),
    kind=st.sampled_from(KINDS),
    text=st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1),
    compressed=st.booleans(),
)
def test_what_scipy_saves_is_read_as_scipy_reads_it(source, kind, text, compressed):
    a = source.draw(hnp.arrays(kind, hnp.array_shapes(min_dims=2, max_dims=4, min_side=0, max_side=4)))
    content = saved(compressed, a=a, text=text, b=np.float64(3))
    assert_same(read(content), scipys(content))
    assert read(content)["text"].tolist() == [text]


def element(kind, data, order="<"):
    return struct.pack(f"{order}II", kind, len(data)) + data + bytes(-len(data) % 8)


def array(kind=6, sizes=(1, 2), name=b"a", stored=9, values=None, order="<", flags=0):
    """An array as an element, with what is to be wrong in it."""
    values = struct.pack(f"{order}2d", 1.5, -2.0) if values is None else values
    return element(
        14,
        element(6, struct.pack(f"{order}II", kind | flags << 8, 0), order)
        + element(5, struct.pack(f"{order}{len(sizes)}i", *sizes), order)
        + element(1, name, order)
        + element(stored, values, order),
        order,
    )


def file(*elements, order="<", version=0x0100):
    mark = {"<": b"IM", ">": b"MI"}[order]
    return b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack(f"{order}H", version) + mark + b"".join(elements)


def compressed(data, level=6):
    data = zlib.compress(data, level)
    return struct.pack("<II", 15, len(data)) + data


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_orders_of_bytes_are_read(order):
    np.testing.assert_array_equal(read(file(array(order=order), order=order))["a"], [[1.5, -2.0]])


def test_whole_numbers_kept_in_fewer_bytes_are_numbers_of_their_class():
    found = read(file(array(stored=2, values=b"\x01\xff")))["a"]
    assert found.dtype == np.float64
    assert found.tolist() == [[1.0, 255.0]]
    assert read(file(array(kind=9, stored=3, values=struct.pack("<2h", 3, 255))))["a"].dtype == np.uint8


def test_numbers_lie_column_by_column():
    values = struct.pack("<6d", *range(6))
    assert read(file(array(sizes=(2, 3), values=values)))["a"].tolist() == [[0, 2, 4], [1, 3, 5]]


def test_what_is_read_is_its_own_memory():
    content = saved(a=np.eye(2))
    found = read(content)["a"]
    found[0, 0] = 5
    assert read(content)["a"][0, 0] == 1


GOOD = file(array())
REFUSED = {
    "empty": (b"", "truncated: 0 bytes, its header has 128"),
    "no header": (b"x" * 200, "no MATLAB file of version 5 to 7: its header ends with 78 78 78 78"),
    "version 7.3": (file(array(), version=0x0200), "no MATLAB file of version 5 to 7"),
    "truncated tag": (GOOD + b"\0" * 5, "truncated: 5 bytes where an element is due"),
    "truncated data": (GOOD[:-8], "truncated: 72 bytes of an element that says 80"),
    "no array": (file(element(9, bytes(8))), "an element of type 9 where an array is due"),
    "twice": (file(array(), array()), "two arrays named a"),
    "cell": (saved(a=np.array([[1, "b"]], dtype=object)), "it holds a cell"),
    "structure": (saved(a={"b": 1}), "it holds a structure"),
    "complex": (saved(a=np.array([1j])), "it holds complex numbers"),
    "function": (file(array(kind=16)), "it holds a function"),
    "unknown class": (file(array(kind=99)), "an array of unknown class 99"),
    "one axis": (file(array(sizes=(2,))), "sizes of 4 bytes"),
    "33 axes": (file(array(sizes=(1,) * 33)), "sizes of 132 bytes"),
    "negative": (file(array(sizes=(-1, -2))), r"16 bytes of numbers for an array of shape \(-1, -2\)"),
    "too large": (file(array(sizes=(2**30, 2**30))), "16 bytes of numbers for an array of shape"),
    "empty and too large": (
        file(array(sizes=(0, 2**31 - 1, 2**31 - 1, 2**31 - 1), values=b"")),
        r"an array of shape \(0, 2147483647",
    ),
    "too small": (file(array(sizes=(1, 1))), "16 bytes of numbers for an array of shape"),
    "name": (file(array(name=b"1a")), "an array has the name b'1a'"),
    "no name": (file(array(name=b"")), "an array has the name b''"),
    "long name": (file(array(name=b"a" * 64)), "an array has the name b'aaa"),
    "stored": (file(array(stored=8)), "numbers of unknown type 8"),
    "does not fit": (
        file(array(kind=9, stored=3, values=struct.pack("<2h", 3, 256))),
        "numbers of int16 that are none",
    ),
    "no whole": (file(array(kind=9)), "numbers of float64 that are none of uint8"),
    "flags": (file(element(14, element(6, bytes(4)))), "flags of 4 bytes"),
    "no flags": (file(element(14, element(5, bytes(8)))), "an element of type 5 where flags of type 6 are due"),
    "text": (file(array(kind=4, stored=4, values=struct.pack("<2H", 65, 0xAC00))), "text that is not ASCII"),
    "text of numbers": (file(array(kind=4)), "numbers of unknown type 9"),
    "text with axes": (file(array(kind=4, sizes=(1, 1, 2), stored=2, values=b"ab")), r"text of shape \(1, 1, 2\)"),
    "short": (file(struct.pack("<HH4s", 14, 5, b"abcd")), "a short element of 5 bytes"),
    "compressed rubbish": (file(struct.pack("<II", 15, 4) + b"abcd"), "damaged compressed element"),
    "compressed, truncated": (file(compressed(array())[:-1]), "truncated: "),
    "compressed, cut": (file(compressed(array()[:-8])), "truncated: 72 bytes of an element that says 80"),
    "compressed, over-long": (file(compressed(array() + b"more")), "damaged compressed element: it does not end"),
    "compressed, more behind": (file(compressed(array() + bytes(8))), "damaged compressed element: it does not end"),
    "compressed twice": (file(compressed(compressed(array()))), "an element of type 15 where an array is due"),
    "compressed nothing": (file(compressed(b"")), "truncated: 0 bytes where an element is due"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_not_whole_or_neither_numbers_nor_text_is_refused_with_the_reason(what):
    content, reason = REFUSED[what]
    with pytest.raises(MatError, match=f"^{reason}"):
        read(content)


def test_bytes_behind_the_numbers_are_refused():
    body = array()[8:] + element(9, bytes(16))
    with pytest.raises(MatError, match="over-long: 24 bytes behind the numbers of a"):
        read(file(element(14, body)))


def test_a_checksum_that_does_not_fit_is_noticed():
    good = file(compressed(array()))
    assert read(good)["a"].tolist() == [[1.5, -2.0]]
    with pytest.raises(MatError, match="incorrect data check"):
        read(good[:-1] + bytes([good[-1] ^ 1]))


@pytest.mark.parametrize("zipped", [False, True])
def test_sizes_that_promise_too_much_and_a_bomb_take_no_memory(zipped):
    import tracemalloc

    large = array(sizes=(2**31 - 1, 1), values=bytes(1 << 24))  # 16 MB of zeros, and sizes for 16 GB
    bomb = zlib.compress(struct.pack("<II", 14, 64) + large)  # whose tag says 64 bytes
    content = file(struct.pack("<II", 15, len(bomb)) + bomb if zipped else large[: 1 << 10])
    tracemalloc.start()
    with pytest.raises(MatError):
        read(content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200_000


def test_compressed_data_that_ends_early_is_refused():
    data = zlib.compress(array())[:-6]
    with pytest.raises(MatError, match="it does not end where its data does"):
        read(file(struct.pack("<II", 15, len(data)) + data))


def test_bytes_behind_a_short_element_that_is_compressed_are_refused():
    with pytest.raises(MatError, match="over-long: 4 bytes behind the array in a compressed element"):
        read(file(compressed(struct.pack("<HHI", 14, 4, 4) + b"abcd")))
