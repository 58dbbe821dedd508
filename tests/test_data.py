"""The data: tables, digits, MNIST and the IDX reader with every kind of damage."""

import gzip
import hashlib
import math
import struct
import tracemalloc
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from deltarule import data
from deltarule.data import idx as idx_module
from deltarule.data.mnist import MIRRORS

FOLDER = Path(str(resources.files("deltarule.data")))
IMAGES, LABELS = FOLDER / "t10k-images-idx3-ubyte.gz", FOLDER / "t10k-labels-idx1-ubyte.gz"


def idx(array, kind=8):
    """An IDX file of an array, as bytes."""
    return bytes([0, 0, kind, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def written(folder, content, name="file.idx"):
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("samples", [data.linear, data.xor, data.digits, data.contaminated_digits, data.mnist])
def test_samples_lie_in_memory_as_they_are_read(samples):
    assert all(a.flags.c_contiguous for a in samples())


def test_tables_are_the_books():
    X, D = data.linear()
    np.testing.assert_array_equal(X, [[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
    np.testing.assert_array_equal(D, X[:, 0])
    X, D = data.xor()
    np.testing.assert_array_equal(D, X[:, 0] != X[:, 1])


@pytest.mark.parametrize("table", [data.linear, data.xor, data.digits, data.contaminated_digits, data.mnist])
def test_each_call_makes_new_arrays(table):
    X, D = table()
    again = X[0].copy()
    X[:], D[:] = -1, -1
    X, D = table()
    np.testing.assert_array_equal(X[0], again)
    assert X.dtype == np.float64
    assert (D >= 0).all()


def test_digits_are_five_images_and_contaminated_ones_differ_from_them():
    X, D = data.digits()
    assert X.shape == (5, 5, 5)
    np.testing.assert_array_equal(D, np.eye(5))
    assert ["".join("#" if p else "." for p in row) for row in X[3]] == ["...#.", "..##.", ".#.#.", "#####", "...#."]
    contaminated, D = data.contaminated_digits()
    np.testing.assert_array_equal(D, np.eye(5))
    np.testing.assert_array_equal((contaminated != X).sum(axis=(1, 2)), [8, 1, 1, 12, 6])


@pytest.mark.parametrize(
    ("path", "digest"),
    [
        (IMAGES, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
        (LABELS, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
    ],
    ids=["images", "labels"],
)
def test_embedded_files_are_mnists_test_pair(path, digest):
    assert hashlib.sha256(gzip.decompress(path.read_bytes())).hexdigest() == digest
    assert digest in (FOLDER / "NOTICE.md").read_text(encoding="utf-8")


def test_mnist_is_10000_images_between_0_and_1_and_their_digits():
    X, D = data.mnist()
    assert X.shape == (10000, 28, 28)
    assert (X.min(), X.max()) == (0, 1)
    assert D.dtype == np.int64
    np.testing.assert_array_equal(np.bincount(D), [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
    np.testing.assert_array_equal(D[:10], [7, 2, 1, 0, 4, 1, 4, 9, 5, 9])


def test_mnist_agrees_with_a_reader_written_byte_by_byte():
    raw, labels = gzip.decompress(IMAGES.read_bytes()), gzip.decompress(LABELS.read_bytes())
    X, D = data.mnist()
    for k in (0, 1, 4321, 9999):
        for r in range(28):
            for c in range(28):
                assert X[k, r, c] == raw[16 + 784 * k + 28 * r + c] / 255.0
        assert D[k] == labels[8 + k]


@settings(derandomize=True, deadline=None)
@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5)), st.booleans())
def test_what_is_written_is_read_back(tmp_path_factory, array, zipped):
    content = idx(array)
    path = written(tmp_path_factory.mktemp("idx"), gzip.compress(content) if zipped else content)
    read = data.read_idx(path)
    np.testing.assert_array_equal(read, array)
    assert read.dtype == np.uint8
    assert read.flags.writeable
    np.testing.assert_array_equal(data.read_idx(str(path)), array)


GOOD = idx(np.arange(24, dtype=np.uint8).reshape(2, 3, 4))
ZIPPED = gzip.compress(GOOD)
DAMAGED = {
    "empty": (b"", "truncated: 0 bytes"),
    "three bytes": (GOOD[:3], "truncated: 3 bytes"),
    "half a header": (GOOD[:10], "truncated: its header has 10 bytes of 16"),
    "no data": (GOOD[:16], "truncated: 0 bytes of data, its header says 24"),
    "one byte short": (GOOD[:-1], "truncated: 23 bytes of data, its header says 24"),
    "one byte long": (GOOD + b"\0", "over-long: 25 bytes of data, its header says 24"),
    "two files in one": (GOOD + GOOD, "over-long"),
    "another magic": (b"\1" + GOOD[1:], "no IDX file: it begins with 01 00 08 03"),
    "a PNG file": (b"\x89PNG\r\n\x1a\n" + bytes(20), "no IDX file"),
    "text": (b"label,pixel\n", "no IDX file"),
    "int8": (idx(np.zeros(3, np.int8), 9), "elements are int8 .type 0x09"),
    "int16": (idx(np.zeros(3, ">i2"), 0x0B), "elements are int16"),
    "int32": (idx(np.zeros(3, ">i4"), 0x0C), "elements are int32"),
    "float32": (idx(np.zeros(3, ">f4"), 0x0D), "elements are float32"),
    "float64": (idx(np.zeros(3, ">f8"), 0x0E), "elements are float64"),
    "no axes": (bytes([0, 0, 8, 0]), "0 axes"),
    "200 axes": (bytes([0, 0, 8, 200]) + bytes(800), "200 axes"),
    "two thousand million images": (GOOD[:4] + struct.pack(">3I", 2**31, 28, 28) + bytes(99), "truncated: 99 bytes"),
    "axes that overflow": (GOOD[:4] + struct.pack(">3I", *[2**32 - 1] * 3) + bytes(99), "truncated: 99 bytes"),
    "gzip cut off": (ZIPPED[:-9], "damaged gzip"),
    "gzip of a wrong sum": (ZIPPED[:-8] + bytes(4) + ZIPPED[-4:], "damaged gzip"),
    "gzip of a wrong length": (ZIPPED[:-1] + b"\1", "damaged gzip"),
    "gzip with a flipped bit": (ZIPPED[:20] + bytes([ZIPPED[20] ^ 16]) + ZIPPED[21:], "damaged gzip|IDX|truncated"),
    "gzip with garbage behind": (ZIPPED + b"garbage", "damaged gzip"),
    "gzip twice": (gzip.compress(ZIPPED), "no IDX file"),
    "gzip of one byte more": (gzip.compress(GOOD + b"\0"), "over-long: more than the 24 bytes"),
    "gzip of one byte less": (gzip.compress(GOOD[:-1]), "truncated: 23 bytes of data, its header says 24"),
    "two gzip members": (ZIPPED + ZIPPED, "over-long"),
    "a gzip file that is too short for its header": (
        gzip.compress(GOOD[:4] + struct.pack(">3I", 2**20, 28, 28) + bytes(99)),
        r"truncated: \d+ bytes of gzip hold at most \d+ bytes, its header says 822083584",
    ),
    "empty and too large": (
        bytes([0, 0, 8, 3]) + struct.pack(">3I", 0, 2**32 - 1, 2**32 - 1),
        r"says \(0, 4294967295, 4294967295\), which no array can be",
    ),
    "gzip of nothing": (gzip.compress(b""), "truncated: 0 bytes"),
}


@pytest.mark.parametrize("damage", sorted(DAMAGED))
def test_a_damaged_file_is_refused_by_name_and_reason(damage, tmp_path):
    content, reason = DAMAGED[damage]
    path = written(tmp_path, content)
    with pytest.raises(data.IdxError, match=reason) as error:
        data.read_idx(path)
    assert str(error.value).startswith(str(path))
    assert isinstance(error.value, ValueError)


def test_a_missing_file_or_a_folder_stays_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        data.read_idx(tmp_path / "missing")
    with pytest.raises(OSError, match=str(tmp_path.name)):
        data.read_idx(tmp_path)


@contextmanager
def no_memory_taken(limit=2_000_000):
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < limit
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("zipped", [False, True])
def test_a_header_that_promises_too_much_and_a_gzip_bomb_take_no_memory(zipped, tmp_path):
    lie = GOOD[:4] + struct.pack(">3I", 2**31, 28, 28) + bytes(1000)
    bomb = GOOD + bytes(300_000_000)
    path = written(tmp_path, gzip.compress(bomb, 1) if zipped else lie)
    with no_memory_taken(), pytest.raises(data.IdxError, match="over-long" if zipped else "truncated"):
        data.read_idx(path)


def zeros(folder, *shape, name="bomb"):
    """An IDX file of zeros, in a thousandth of their bytes."""
    path = folder / name
    with gzip.open(path, "wb") as file:
        file.write(bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape))
        for _ in range(shape[0]):
            file.write(bytes(math.prod(shape[1:])))
    return path


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        ((100_000, 784), r"of shape \(100000, 784\); images of MNIST are \(N, 28, 28\)"),
        ((100_000, 28, 29), r"of shape \(100000, 28, 29\); images"),
        ((100_000, 28, 28), r"of shape \(10,\); 100000 images take \(100000,\)"),
        ((300_001, 28, 28), "300001 images; this reader takes up to 300000"),
    ],
)
def test_images_of_another_shape_are_refused_before_they_are_inflated(shape, reason, tmp_path):
    labels = written(tmp_path, idx(np.zeros(10, np.uint8)), "labels")
    bomb = zeros(tmp_path, *shape)
    with no_memory_taken(), pytest.raises(data.IdxError, match=reason):
        data.read_mnist(bomb, labels)


def test_labels_of_another_length_are_refused_before_they_are_inflated(tmp_path):
    images = written(tmp_path, idx(np.zeros((2, 28, 28), np.uint8)), "images")
    bomb = zeros(tmp_path, 10_000, 10_000)
    with no_memory_taken(), pytest.raises(data.IdxError, match=r"of shape \(10000, 10000\); 2 images take \(2,\)"):
        data.read_mnist(images, bomb)


def test_a_training_set_of_another_length_is_refused_before_it_is_inflated(tmp_path):
    zeros(tmp_path, 100_000, 28, 28, name="train-images-idx3-ubyte.gz")
    zeros(tmp_path, 100_000, name="train-labels-idx1-ubyte.gz")
    with no_memory_taken(), pytest.raises(data.IdxError, match="100000 images; the training set has 60000"):
        data.mnist_train(tmp_path)


def test_more_than_the_reader_takes_is_refused_before_it_is_inflated(tmp_path, monkeypatch):
    path = written(tmp_path, idx(np.zeros((10, 10), np.uint8)))
    monkeypatch.setattr(idx_module, "LARGEST", 100)
    assert data.read_idx(path).shape == (10, 10)
    monkeypatch.setattr(idx_module, "LARGEST", 99)
    with pytest.raises(
        data.IdxError, match=r"its header says 100, \(10, 10\); this reader takes up to 99 bytes of data"
    ):
        data.read_idx(path)


def test_the_elements_are_read_into_memory_once(tmp_path):
    path = zeros(tmp_path, 1000, 10_000)
    with no_memory_taken(14_000_000):
        data.read_idx(path)


def test_what_gzip_holds_at_most_is_what_zeros_take(tmp_path):
    path = zeros(tmp_path, 1000, 10_000)
    data.read_idx(path)
    assert 1000 < 10_000_000 / path.stat().st_size < idx_module.GZIP_RATIO


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.binary(max_size=64), st.sampled_from([b"", b"\0\0\x08", b"\0\0\x08\x01\0\0\0", b"\x1f\x8b\x08"]))
def test_any_bytes_are_read_or_refused(tmp_path_factory, content, start):
    path = written(tmp_path_factory.mktemp("idx"), start + content)
    try:
        array = data.read_idx(path)
    except data.IdxError:
        return
    assert idx(array) == start + content


def pair(folder, images, labels):
    return written(folder, idx(images), "images"), written(folder, idx(labels), "labels")


def test_a_pair_is_pixels_divided_by_255_and_digits(tmp_path):
    images = np.arange(2 * 784).astype(np.uint8).reshape(2, 28, 28)
    X, D = data.read_mnist(*pair(tmp_path, images, np.array([3, 9], np.uint8)))
    np.testing.assert_array_equal(X, images.astype(np.float64) / 255)
    np.testing.assert_array_equal(D, [3, 9])


@pytest.mark.parametrize(
    ("images", "labels", "reason"),
    [
        (np.zeros((2, 28, 28)), np.zeros(3), r"labels: of shape \(3,\); 2 images take"),
        (np.zeros((2, 28, 28)), np.zeros((2, 1)), r"labels: of shape \(2, 1\)"),
        (np.zeros((2, 28, 28)), np.array([0, 10]), "labels: a label of 10"),
        (np.zeros((2, 32, 32)), np.zeros(2), r"images: of shape \(2, 32, 32\); images of MNIST"),
        (np.zeros((2, 784)), np.zeros(2), r"images: of shape \(2, 784\)"),
        (np.zeros(2), np.zeros((2, 28, 28)), "swap the two"),
    ],
)
def test_files_that_are_no_pair_are_refused(images, labels, reason, tmp_path):
    with pytest.raises(data.IdxError, match=reason):
        data.read_mnist(*pair(tmp_path, images.astype(np.uint8), labels.astype(np.uint8)))


TRAINING_NAMES = [
    [f"train-{what}{sign}idx{axes}-ubyte{end}" for sign in "-." for end in (".gz", "")]
    for what, axes in (("images", 3), ("labels", 1))
]


@pytest.fixture(scope="module")
def training_set():
    """The content of a training set of zeros, plain and gzip, by whether it is gzip."""
    arrays = np.zeros((60000, 28, 28), np.uint8), np.zeros(60000, np.uint8)
    plain = [idx(array) for array in arrays]
    return {False: plain, True: [gzip.compress(content, 1) for content in plain]}


def put(training_set, folder, names):
    """Write a training set under two names."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in zip(names, training_set[names[0].lower().endswith(".gz")], strict=True):
        written(folder, content, name)


@pytest.mark.parametrize("names", [*zip(*TRAINING_NAMES, strict=True)], ids=lambda names: names[0])
def test_training_pair_is_found_in_a_folder_by_each_of_its_names(names, training_set, tmp_path):
    put(training_set, tmp_path, names)
    X, D = data.mnist_train(tmp_path)
    assert X.shape == (60000, 28, 28)
    assert D.shape == (60000,)


def test_training_pair_is_found_where_torchvision_puts_it_in_upper_case_and_at_home(
    training_set, tmp_path, monkeypatch
):
    put(training_set, tmp_path / "torch" / "MNIST" / "raw", [names[1] for names in TRAINING_NAMES])
    put(training_set, tmp_path / "upper", [names[2].upper() for names in TRAINING_NAMES])
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    for folder in (tmp_path / "torch", tmp_path / "torch" / "MNIST", tmp_path / "upper", "~/upper", Path("~/torch")):
        assert len(data.mnist_train(folder)[0]) == 60000


def test_a_training_pair_of_another_length_is_refused(tmp_path):
    written(tmp_path, idx(np.zeros((3, 28, 28), np.uint8)), "train-images-idx3-ubyte")
    written(tmp_path, idx(np.zeros(3, np.uint8)), "train-labels-idx1-ubyte")
    with pytest.raises(data.IdxError, match="3 images; the training set has 60000"):
        data.mnist_train(tmp_path)


def test_a_folder_without_the_training_pair_is_named(tmp_path):
    with pytest.raises(FileNotFoundError) as error:
        data.mnist_train(tmp_path)
    for name in TRAINING_NAMES[0]:
        assert f" {name}," in f"{error.value},"
    assert str(tmp_path) in str(error.value)
    assert "MNIST/raw" in str(error.value)
    with pytest.raises(FileNotFoundError, match="missing: there is no such folder"):
        data.mnist_train(tmp_path / "missing")


def test_fetching_without_pooch_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pooch", None)
    with pytest.raises(ImportError, match=r"pip install .*deltarule\[fetch\]"):
        data.mnist_train()


class FakePooch:
    """Stands for pooch where there is no network: fails with the given errors, then gives the given paths."""

    def __init__(self, answers):
        self.answers = iter(answers)
        self.asked = []

    def os_cache(self, name):
        return Path(name)

    def retrieve(self, url, known_hash, fname, path):
        self.asked.append((url, known_hash))
        answer = next(self.answers)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_mirrors_are_tried_in_order_and_checked_by_hash(monkeypatch, tmp_path):
    images, labels = pair(tmp_path, np.zeros((60000, 28, 28), np.uint8), np.zeros(60000, np.uint8))
    pooch = FakePooch([OSError("gone"), images, ValueError("SHA256 hash does not match"), labels])
    monkeypatch.setitem(__import__("sys").modules, "pooch", pooch)
    assert len(data.mnist_train()[0]) == 60000
    assert [url.rpartition("/")[0] + "/" for url, _ in pooch.asked] == [*MIRRORS, *MIRRORS]
    assert all(known_hash.startswith("sha256:") and len(known_hash) == 71 for _, known_hash in pooch.asked)


def test_when_no_mirror_answers_each_is_named_with_its_reason(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pooch", FakePooch([OSError("refused"), OSError("timed out")]))
    with pytest.raises(OSError, match="ossci.*refused.*cvdf.*timed out"):
        data.mnist_train()
