"""Files from MATLAB and back: what GNU Octave writes and reads, and every kind of file that is refused."""

import io
import shutil
import struct
import subprocess
import zlib

import numpy as np
import pytest
import scipy.io
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from deltarule import matlab
from deltarule.matlab import files

W1 = np.array([[0.1, -0.2, 0.3], [1e-300, 5.0, -7.25]])


def octave(folder, program):
    """Runs a program of Octave in a folder; what it prints."""
    if not shutil.which("octave-cli"):
        pytest.skip("needs GNU Octave")
    ran = subprocess.run(
        ["octave-cli", "--norc", "--quiet", "--eval", program], cwd=folder, capture_output=True, text=True, check=True
    )
    return ran.stdout


@pytest.fixture
def file(tmp_path):
    return tmp_path / "weights.mat"


# ---------------------------------------------------------------- there and back


def test_what_is_saved_is_loaded(file):
    variables = {"W1": W1, "W5": matlab.rng(1).randn(2, 3, 4), "alpha": 0.9, "epochs": 10, "version": "0.1.0"}
    matlab.save(file, variables)
    loaded = matlab.load(file)
    assert set(loaded) == set(variables)
    for name in ("W1", "W5"):
        np.testing.assert_array_equal(loaded[name], variables[name])
        assert loaded[name].dtype == np.float64
    assert (loaded["alpha"], loaded["epochs"], loaded["version"]) == (0.9, 10.0, "0.1.0")
    assert isinstance(loaded["epochs"], float)


def test_weights_keep_both_axes_and_numbers_lose_them(file):
    scipy.io.savemat(file, {"W": np.ones((1, 3)), "column": np.ones((3, 1)), "alpha": [[0.9]], "c": [[1 + 2j]]})
    loaded = matlab.load(file)
    assert loaded["W"].shape == (1, 3)
    assert loaded["column"].shape == (3, 1)
    assert (loaded["alpha"], loaded["c"]) == (0.9, 1 + 2j)
    assert isinstance(loaded["alpha"], float)


def test_a_double_stays_one_though_the_file_stores_it_in_bytes(tmp_path):
    octave(
        tmp_path, "X = repmat(200, 2, 3); n = 7; b = [true false]; i = int8([100 27]); s = single(1:3); save -v7 o.mat"
    )
    loaded = matlab.load(tmp_path / "o.mat", "X", "n", "b", "i", "s")
    assert (loaded["X"] + loaded["X"]).tolist() == [[400.0] * 3] * 2
    assert isinstance(loaded["n"], float)
    assert [loaded[name].dtype for name in "bis"] == [np.bool_, np.int8, np.float32]


@pytest.mark.parametrize("version", ["-v7", "-v6"])
def test_variables_beside_those_wanted_hinder_nothing(tmp_path, version):
    octave(
        tmp_path,
        "c = {1, 'a', {2}}; st = struct('a', {1, 2}); sp = sparse([1 0; 0 2]); e = []; t = 'text'; z = 1 + 2i;"
        f"W1 = [1 2; 3 4]; alpha = 0.9; save {version} o.mat c st sp e t z W1 alpha",
    )
    loaded = matlab.load(tmp_path / "o.mat", "W1", "alpha")
    assert list(loaded) == ["W1", "alpha"]
    assert loaded["W1"].tolist() == [[1, 2], [3, 4]]
    everything = matlab.load(tmp_path / "o.mat")
    assert everything["sp"].tolist() == [[1, 0], [0, 2]]
    assert (everything["t"], everything["z"], everything["e"].shape) == ("text", 1 + 2j, (0, 0))
    assert everything["c"].dtype == object
    assert everything["st"].dtype.names == ("a",)


def test_octave_reads_what_is_saved(tmp_path):
    variables = {
        "W1": W1,
        "alpha": 0.9,
        "D": np.array([1, 2, 0]),
        "vector": [1, 2, 3],
        "name": "deltarule",
        "single": np.float32([0.1]),
        "half": np.float16([0.5]),
        "flag": True,
        "s": {"Seed": np.uint32(7), "inner": {"a": 1}},
        "a" * 63: 1,
        "X": np.arange(24.0).reshape(2, 3, 4),
    }
    matlab.save(tmp_path / "w.mat", variables, labels="D", images=["X"])
    shown = octave(
        tmp_path,
        "load w.mat; printf('%.17g ', W1, alpha, D, vector, half, s.Seed, s.inner.a, X(1, 2, 2), X(3, 4, 1));"
        "printf('|%s', name, class(vector), class(single), class(half), class(flag), class(s.Seed), mat2str(size(X)),"
        f" mat2str(size(vector)), mat2str(size(D)), class({'a' * 63}));",
    )
    numbers, *classes = shown.split("|")
    assert [float(number) for number in numbers.split()] == [
        *W1.ravel(order="F"), 0.9, 1, 2, 10, 1, 2, 3, 0.5, 7, 1, 13, 11,
    ]  # fmt: skip
    assert classes == [
        *("deltarule", "double", "single", "single", "logical", "uint32", "[3 4 2]"),
        *("[3 1]", "[3 1]", "double"),
    ]


def test_a_stream_goes_there_and_back(tmp_path):
    stream = matlab.rng(7)
    stream.randn(31)
    matlab.save(tmp_path / "s.mat", {"s": stream.state})
    octave(
        tmp_path, "load s.mat; assert(class(s.State), 'uint32'); assert(size(s.State), [625 1]); save -v7 back.mat s"
    )
    for name in ("s", "back"):
        assert matlab.rng(matlab.load(tmp_path / name)["s"]).randn() == matlab.rng(stream.state).randn()


def test_images_and_labels_are_turned_on_request(file):
    images, digits = np.random.default_rng(1).random((5, 28, 20)), np.array([0, 1, 9, 5, 0])
    matlab.save(file, {"X": images, "D": digits, "W": W1}, images="X", labels="D")
    raw = scipy.io.loadmat(file)
    assert raw["X"].shape == (28, 20, 5)
    np.testing.assert_array_equal(raw["X"][3, 7, 2], images[2, 3, 7])
    assert raw["D"].ravel().tolist() == [10, 1, 9, 5, 10]
    turned = matlab.load(file, images="X", labels=["D"])
    np.testing.assert_array_equal(turned["X"], images)
    assert turned["X"].flags.c_contiguous
    assert (turned["D"].tolist(), turned["D"].dtype) == (digits.tolist(), np.int64)
    assert set(turned) == {"X", "D", "W"}
    unturned = matlab.load(file, "X", "D")
    assert (unturned["X"].shape, unturned["D"].shape) == ((28, 20, 5), (5, 1))
    assert set(matlab.load(file, "W", labels="D")) == {"W", "D"}


def test_one_image_and_one_label_alone_are_turned(file):
    scipy.io.savemat(file, {"X": np.eye(28), "D": [[10.0]], "row": [[1, 10, 3]]})
    loaded = matlab.load(file, images="X", labels=("D", "row"))
    assert loaded["X"].shape == (1, 28, 28)
    assert (loaded["D"].tolist(), loaded["row"].tolist()) == ([0], [1, 0, 3])


def test_a_suffix_is_added_where_there_is_none(tmp_path):
    matlab.save(tmp_path / "w", {"W": W1})
    assert (tmp_path / "w.mat").exists()
    assert set(matlab.load(str(tmp_path / "w"))) == {"W"}
    matlab.save(tmp_path / "w.weights", {"W": W1})
    assert (tmp_path / "w.weights").exists()


def test_arguments_are_not_changed(file):
    variables = {"D": np.array([0, 1]), "W": W1.copy(), "s": {"a": [1]}}
    matlab.save(file, variables, labels="D")
    assert variables["D"].tolist() == [0, 1]
    np.testing.assert_array_equal(variables["W"], W1)
    assert variables["s"] == {"a": [1]}


@settings(derandomize=True, max_examples=50, deadline=None)
@given(st.lists(st.integers(-(2**63), 2**64 - 1), min_size=1, max_size=4))
def test_integers_are_kept_exactly_whatever_their_class(numbers):
    buffer = {}
    for name, dtype in (("i", np.int64), ("u", np.uint64)):
        fitting = [n for n in numbers if np.iinfo(dtype).min <= n <= np.iinfo(dtype).max]
        buffer[name] = np.array(fitting, dtype=dtype)
        stored = files._stored(name, buffer[name])
        assert [int(n) for n in stored.tolist()] == fitting
        if dtype == np.int64 and all(abs(n) <= 2**53 for n in fitting):
            assert stored.dtype == np.float64


# ---------------------------------------------------------------- what is refused


@pytest.fixture
def good(file):
    matlab.save(file, {"W1": W1, "W2": W1.T, "text": "a"})
    return file.read_bytes()


def npz():
    buffer = io.BytesIO()
    np.savez(buffer, W=W1)
    return buffer.getvalue()


def npy():
    buffer = io.BytesIO()
    np.save(buffer, W1)
    return buffer.getvalue()


def version_4():
    buffer = io.BytesIO()
    scipy.io.savemat(buffer, {"W1": W1}, format="4")
    return buffer.getvalue()


OTHERS = [
    (
        b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(512) + files.HDF5 + b"\0" * 99,
        "a file of MATLAB v7.3 (HDF5)",
        "h5py",
    ),
    (files.HDF5 + b"\0" * 200, "an HDF5 file", "save -v7"),
    (version_4(), "a file of MATLAB v4", "save -v7"),
    (b"# Created by Octave 7.3.0\n# name: W1\n", "a text file of Octave", "save -v7"),
    (b"Octave-1-L\0\2\0\0\0", "a binary file of Octave", "save -v7"),
    (npz(), "a zip file, as NumPy's .npz files are", "numpy.load"),
    (npy(), "a file of NumPy", "numpy.load"),
    (b"\x1f\x8b\x08\0\0", "a file compressed by gzip", "unpack"),
    (b"0.1 0.2\n0.3 0.4\n", "a text file", "numpy.loadtxt"),
    (b"", "empty", "again"),
    (bytes(range(256)) * 4, "a file of another kind", "save -v7"),
    (b"\0" * 300, "a file of another kind", "save -v7"),
    (b"MATLAB 5.0", "a text file", "numpy.loadtxt"),
    (b"MATLAB 5.0 MAT-file, Platform: GLNXA64".ljust(127), "cut off", "again"),
]


@pytest.mark.parametrize(("content", "kind", "advice"), OTHERS, ids=[kind for _, kind, _ in OTHERS])
def test_a_file_of_another_kind_is_named_as_what_it_is_with_what_to_do(file, content, kind, advice):
    file.write_bytes(content)
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is looked at below
        matlab.load(file)
    assert str(caught.value).startswith(f"{file} is {kind}, not one of MATLAB's save -v7: ")
    assert advice in str(caught.value)


@pytest.mark.parametrize("option", ["-v4", "-text", "-binary", "-hdf5", "-text -zip"])
def test_octaves_other_files_are_named_as_what_they_are(tmp_path, option):
    octave(tmp_path, f"W1 = rand(3, 4); save {option} o.mat W1")
    kind = {"-v4": "MATLAB v4", "-text": "a text", "-binary": "a binary", "-hdf5": "an HDF5", "-text -zip": "gzip"}[
        option
    ]
    with pytest.raises(ValueError, match=f"o.mat is .*{kind}.*, not one of MATLAB's save -v7: "):
        matlab.load(tmp_path / "o.mat")


def loaded_or_refused(file):
    """What is loaded, or None where the file is refused by its name."""
    try:
        return matlab.load(file)
    except ValueError as error:
        named = str(error).startswith(f"{file} is ")
    assert named
    return None


def test_every_file_cut_off_is_refused_as_such(file, good):
    for size in range(1, len(good)):
        file.write_bytes(good[:size])
        if size == 128:  # a whole header and no variable
            assert matlab.load(file) == {}
            continue
        kept = loaded_or_refused(file)
        assert kept is None or set(kept) < {"W1", "W2", "text"}  # cut between two variables


@settings(derandomize=True, max_examples=400, deadline=None)
@given(st.data())
def test_a_damaged_byte_is_noticed_or_changes_nothing(tmp_path_factory, data):
    file = tmp_path_factory.mktemp("damaged") / "w.mat"
    matlab.save(file, {"W1": W1, "text": "a"})
    content = bytearray(file.read_bytes())
    place = data.draw(st.integers(128, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    file.write_bytes(content)
    loaded = loaded_or_refused(file)
    if loaded is not None:
        np.testing.assert_array_equal(loaded["W1"], W1)


def test_what_scipy_cannot_read_is_named_as_damaged(file):
    inner = b"\x0e\0\0\0\x38\0\0\0" + b"\xff" * 56
    packed = zlib.compress(inner)
    header = b"MATLAB 5.0".ljust(124) + b"\0\1IM"
    file.write_bytes(header + b"\x0f\0\0\0" + len(packed).to_bytes(4, "little") + packed)
    with pytest.raises(ValueError, match="weights.mat is damaged: the variable after 128 bytes is not sound"):
        matlab.load(file)


def test_a_missing_variable_is_named_with_those_there_are(file, good):
    with pytest.raises(ValueError, match="weights.mat has no variable Q, W5; it has W1, W2, text"):
        matlab.load(file, "W5", "W1", "Q")
    for argument in ("images", "labels"):
        with pytest.raises(ValueError, match="weights.mat has no variable D; it has W1, W2, text"):
            matlab.load(file, **{argument: "D"})


def test_a_missing_file_is_an_oserror(tmp_path):
    with pytest.raises(FileNotFoundError):
        matlab.load(tmp_path / "none.mat")
    with pytest.raises(OSError, match="none"):
        matlab.save(tmp_path / "none" / "w.mat", {"W": W1})


@pytest.mark.parametrize("images", [np.zeros((2, 2, 2, 2)), "text", np.array([1j, 2])])
def test_what_is_not_images_is_refused(file, images):
    scipy.io.savemat(file, {"X": images})
    with pytest.raises(ValueError, match=r"^X must be images of shape \(rows, columns, N\), not an array of shape "):
        matlab.load(file, images="X")
    with pytest.raises(ValueError, match=r"^X must be images of shape \(N, rows, columns\), not an array of shape "):
        matlab.save(file, {"X": [list(images)] if isinstance(images, str) else images}, images="X")


@pytest.mark.parametrize("labels", [[0, 1], [1, 11], [1.5], [np.nan], np.ones((2, 2)), [[1j]]])
def test_what_is_not_labels_is_refused(file, labels):
    scipy.io.savemat(file, {"D": labels})
    with pytest.raises(ValueError, match="^D must be labels, a column of classes from 1 to 10, not "):
        matlab.load(file, labels="D")


@pytest.mark.parametrize("labels", [[1, 10], [-1], [1.5], [np.nan], np.ones((2, 2)), [1j], [True]])
def test_what_is_not_digits_is_refused_and_nothing_is_written(file, labels):
    with pytest.raises(ValueError, match="^D must be labels, a vector of digits from 0 to 9, not "):
        matlab.save(file, {"D": labels}, labels="D")
    assert not file.exists()


@pytest.mark.parametrize("name", ["", "1W", "_W", "W-1", "W 1", "W1\n", "Ж", "a" * 64])
def test_a_name_that_matlab_does_not_take_is_refused(file, name):
    for variables in ({name: 1}, {"s": {name: 1}}):
        with pytest.raises(ValueError, match="^variables must have names that MATLAB takes, .*, not "):
            matlab.save(file, variables)
    assert not file.exists()


@pytest.mark.parametrize("value", [None, object(), len, {1, 2}, b"bytes", [None]])
def test_a_value_that_the_file_does_not_hold_is_refused_by_its_name(file, value):
    with pytest.raises(TypeError, match="^W must be numbers, text or a mapping, not "):
        matlab.save(file, {"W": value})
    with pytest.raises(TypeError, match=r"^s\.W must be numbers, text or a mapping, not "):
        matlab.save(file, {"s": {"W": value}})
    assert not file.exists()


def test_a_cell_of_what_the_file_does_not_hold_is_refused(file):
    for value in (None, object()):
        with pytest.raises(ValueError, match="^variables must hold numbers, text, or cells and structures of them: "):
            matlab.save(file, {"W": np.array([value, 1], dtype=object)})
    assert not file.exists()


def test_rows_of_different_length_are_refused(file):
    with pytest.raises(ValueError, match="^W must be an array, not .*, whose rows differ in length"):
        matlab.save(file, {"W": [[1], [1, 2]]})


def test_cells_structures_and_sparse_matrices_that_were_loaded_are_saved_again(tmp_path):
    octave(tmp_path, "c = {1, 'a'}; st.a = 1; W = sparse([1 0; 0 2]); save -v7 o.mat c st W")
    loaded = matlab.load(tmp_path / "o.mat")
    matlab.save(tmp_path / "p.mat", loaded | {"sp": scipy.sparse.csc_matrix(loaded["W"])})
    octave(tmp_path, "load p.mat; assert(c, {1, 'a'}); assert(st.a, 1); assert(W, [1 0; 0 2]); assert(issparse(sp))")


def test_a_variable_beyond_what_the_format_holds_is_refused(file, monkeypatch):
    monkeypatch.setattr(files, "LARGEST", 100)
    matlab.save(file, {"W": np.zeros(12)})
    with pytest.raises(ValueError, match="^W must take less than 100 bytes, what save -v7 holds, not 104"):
        matlab.save(file, {"W": np.zeros(13)})


def test_wrong_types_are_refused_by_name(file, good):
    for wrong in (None, 3, b"w.mat", ["w.mat"]):
        with pytest.raises(TypeError, match="^file must be a path, not "):
            matlab.load(wrong)
        with pytest.raises(TypeError, match="^file must be a path, not "):
            matlab.save(wrong, {"W": W1})
    with pytest.raises(ValueError, match="^file must be the path of a file, not ''"):
        matlab.load("")
    for wrong in (None, W1, [("W", W1)], "W"):
        with pytest.raises(TypeError, match="^variables must be a mapping from names to values, not "):
            matlab.save(file, wrong)
    with pytest.raises(TypeError, match="^variables must have str for names, not 1"):
        matlab.save(file, {1: W1})
    for wrong in (1, None, [1], {"W"}):
        for argument in ("images", "labels"):
            with pytest.raises(TypeError, match=f"^{argument} must be names of variables, not "):
                matlab.load(file, **{argument: wrong})
            with pytest.raises(TypeError, match=f"^{argument} must be names of variables, not "):
                matlab.save(file, {"W": W1}, **{argument: wrong})
    with pytest.raises(TypeError, match="^names must be names of variables, not "):
        matlab.load(file, 1)
    with pytest.raises(ValueError, match="^variables must have D, X, which images or labels name"):
        matlab.save(file, {"W": W1}, images="X", labels="D")
    assert file.read_bytes() == good


def test_of_two_variables_of_one_name_none_is_taken(file):
    scipy.io.savemat(file, {"W": W1, "V": W1})
    file.write_bytes(file.read_bytes().replace(b"\1\0\1\0V", b"\1\0\1\0W"))
    with pytest.raises(ValueError, match=r"weights.mat is damaged, .*: two variables have one name"):
        matlab.load(file)


@pytest.mark.parametrize("variable", [np.array([["a", 1.0]], dtype=object), {"x": 1.0}])
def test_a_cell_or_structure_that_is_said_to_be_logical_is_itself(file, variable):
    scipy.io.savemat(file, {"c": variable})
    content = bytearray(file.read_bytes())
    before = matlab.load(file)["c"]
    content[128 + 8 + 9] |= 2  # among the flags
    file.write_bytes(content)
    np.testing.assert_array_equal(matlab.load(file)["c"], before)


def test_a_sparse_matrix_that_makes_no_array_is_refused_by_name(file):
    for rows, fits in ((10, True), (2**40 // 8, False)):
        scipy.io.savemat(file, {"S": scipy.sparse.csc_array(([1.0], ([3], [0])), shape=(min(rows, 2**31 - 1), 2))})
        if fits:
            assert matlab.load(file)["S"][3, 0] == 1
        else:
            with pytest.raises(ValueError, match=r"weights.mat has a sparse matrix S of shape \(\d+, 2\), whose array"):
                matlab.load(file)


@pytest.mark.parametrize(("kind", "off"), [(14, -8), (14, -1), (14, 5), (14, 8), (14, 2**31), (15, 0), (9, 0)])
def test_a_compressed_variable_of_another_length_or_kind_than_it_says_is_refused(file, kind, off):
    def packed(kind, length):
        scipy.io.savemat(file, {"W": W1})
        content = file.read_bytes()
        inner = zlib.compress(struct.pack("<II", kind, len(content) - 136 + length) + content[136:])
        file.write_bytes(content[:128] + b"\x0f\0\0\0" + len(inner).to_bytes(4, "little") + inner)

    packed(14, 0)
    np.testing.assert_array_equal(matlab.load(file)["W"], W1)
    packed(kind, off)
    with pytest.raises(ValueError, match="the variable after 128 bytes (does not unpack|is not sound)"):
        matlab.load(file)


def test_a_text_of_several_rows_from_octave_is_read_though_it_is_shorter_than_it_says(tmp_path):
    octave(tmp_path, "ch = ['ab'; 'cd']; save('-v7', 'text.mat', 'ch')")
    assert matlab.load(tmp_path / "text.mat")["ch"].tolist() == ["ab", "cd"]


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_a_file_that_scipy_would_take_for_version_4_is_refused(file, good, place):
    content = bytearray(good)
    content[place] = 0
    file.write_bytes(content)
    with pytest.raises(ValueError, match="weights.mat is a file of another kind"):
        matlab.load(file)
    file.write_bytes(good)
    matlab.load(file)
