"""The errata, the archives and PyTorch's weights as they are read and compared: in pairs, and word by word."""

import dataclasses
import hashlib
import runpy
import sys

import numpy as np
import pytest
import runs
from closeness import assert_within

from deltarule.basics.files import ReferenceFileError
from deltarule.evidence import archives, errata, networks
from deltarule.evidence.golden import SUMS

ERRATA = runs.ROOT / "reference" / "errata.toml"
ENTRY = {
    "id": '"wrong-sign"', "document": '"book"', "chapter": "3", "place": '"Back|Xor"', "lines": "[7, 9]",
    "printed": '"a | b"', "kind": '"wrong"', "effect": '"Turns back."', "ported": '"a"', "why": '"It learns."',
    "test": '"tests/test_errata.py::test_it"',
}  # fmt: skip


def listed(tmp_path, *entries):
    """A file of errata, each as ENTRY but for what is given."""
    path = tmp_path / "errata.toml"
    texts = ["[[erratum]]\n" + "".join(f"{k} = {v}\n" for k, v in {**ENTRY, **entry}.items()) for entry in entries]
    path.write_text("".join(texts), encoding="utf-8")
    return path


@pytest.mark.parametrize("entries", ['"text"', "3", "[]", "{}", "true"])
def test_what_is_no_list_of_errata_is_refused(entries, tmp_path):
    path = tmp_path / "errata.toml"
    path.write_text(f"erratum = {entries}\n", encoding="utf-8")
    with pytest.raises(ReferenceFileError, match=r"errata\.toml: no entries \[\[erratum\]\]$"):
        errata.read_errata(path)


def test_an_erratum_has_all_of_its_fields_and_no_other(tmp_path):
    (erratum,) = errata.read_errata(listed(tmp_path, {}))
    assert (erratum.id, erratum.chapter, erratum.lines, erratum.printed) == ("wrong-sign", 3, [7, 9], "a | b")
    with pytest.raises(ReferenceFileError, match=r"must have \['chapter', .*\], not .*'more'"):
        errata.read_errata(listed(tmp_path, {"more": "1"}))
    for name in ENTRY:
        path = listed(tmp_path, {})
        path.write_text(path.read_text(encoding="utf-8").replace(f"\n{name} = ", "\nother = "), encoding="utf-8")
        with pytest.raises(ReferenceFileError, match=r"an erratum must have \['chapter', .*\], not .*'other'"):
            errata.read_errata(path)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        *[("chapter", value, "an integer of 0 or more, not ") for value in ("-1", "true", "1.0", '"1"', "[1]")],
        *[("lines", value, "integers of 1 or more, not ") for value in ("7", '"7"', "[0]", "[7, true]", "[7.0]")],
        ("kind", '"odd"', r"one of \['error', 'wrong', 'quirk'\], not 'odd'$"),
        ("document", '"letter"', r"one of \['book', .*'keras'\], not 'letter'$"),
        *[(name, "[3]", r"text, not \[3\]$") for name in sorted(ENTRY.keys() - {"chapter", "lines"})],
    ],
)
def test_a_field_of_another_type_or_range_is_refused_by_name(field, value, said, tmp_path):
    with pytest.raises(ReferenceFileError, match=rf"the {field} of .*must be {said}"):
        errata.read_errata(listed(tmp_path, {field: value}))
    fine = {"chapter": "0", "lines": "[1]"}
    assert [e.chapter for e in errata.read_errata(listed(tmp_path, {}, fine))] == [0, 3]


def test_an_erratum_is_a_row_that_is_told_word_by_word(tmp_path):
    several = {"lines": "[7]"}, {"chapter": "0", "lines": "[]", "kind": '"quirk"', "printed": '""'}
    none, two, one = errata.read_errata(listed(tmp_path, {}, *several))
    wrong = "Runs, and gives something else. Turns back."
    assert errata.rows([none, two, one]) == [
        ["Back|Xor", "", "Works, in a way of its own. Turns back.", "a", "test_it"],
        ["chapter 3, Back|Xor, lines 7, 9", "a | b", wrong, "a", "test_it"],
        ["chapter 3, Back|Xor, line 7", "a | b", wrong, "a", "test_it"],
    ]
    head, page = errata.table([none, two]).split("## The book")
    assert head.startswith("# Errata\n\n2 misprints and quirks of the book")
    assert page.splitlines()[-4:] == [
        "| where | printed | what it does | ported | proof |",
        "|---|---|---|---|---|",
        "| Back\\|Xor |  | Works, in a way of its own. Turns back. | a | `test_it` |",
        f"| chapter 3, Back\\|Xor, lines 7, 9 | `a \\| b` | {wrong} | a | `test_it` |",
    ]
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.chapter = 4


def test_the_page_of_the_errata_is_what_the_module_prints_of_the_file_that_is_named(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["errata.py", str(ERRATA), "another"])
    monkeypatch.delitem(sys.modules, errata.__name__)
    runpy.run_module(errata.__name__, run_name="__main__")
    assert capsys.readouterr().out == errata.table(errata.read_errata(ERRATA))


def archive(folder, arrays=None, content=None):
    """The path of an archive of these arrays, or of this content, with its sum beside it."""
    path = folder / "a_1.npz"
    if content is None:
        np.savez(path, **arrays)
        content = path.read_bytes()
    path.write_bytes(content)
    (folder / SUMS).write_text(f"{hashlib.sha256(content).hexdigest()}  {path.name}\n", encoding="ascii")
    return path


def test_an_archive_that_is_recorded_and_holds_objects_or_is_none_is_refused_with_what_to_do(tmp_path):
    right = archive(tmp_path, {"W": np.arange(3.0)})
    assert {name: a.tolist() for name, a in archives.read_archive(right, "do this").items()} == {"W": [0, 1, 2]}
    whole = right.read_bytes()
    assert len(whole) > 200
    objects = archive(tmp_path, {"W": np.array([{}, 3], dtype=object)})
    with pytest.raises(ReferenceFileError, match=r"a_1\.npz: not a NumPy archive that can be read: .*; do this$"):
        archives.read_archive(objects, "do this")
    for content in (b"", b"PK", whole[:100], whole[:-60], b"no archive of anything"):
        with pytest.raises(ReferenceFileError, match=r"a_1\.npz: not a NumPy archive that can be read: .*; do this$"):
            archives.read_archive(archive(tmp_path, content=content), "do this")


@pytest.mark.parametrize(("size", "whole"), [(0, True), (1, True), (999, True), (1000, True), (1001, False)])
def test_an_array_of_at_most_a_thousand_elements_is_kept_whole(size, whole):
    a = np.sin(np.arange(size, dtype=float)).reshape(1, size)
    kept = archives.as_kept({"W": a})
    if whole:
        assert list(kept) == ["W"]
        assert kept["W"].tolist() == a.tolist()
    else:
        assert {name: held.shape for name, held in kept.items()} == {
            "W__every97": (11,), "W__sum_norm": (2,), "W__shape": (2,),
        }  # fmt: skip
        assert kept["W__every97"].tolist() == [np.sin(97.0 * k) for k in range(11)]
        norm = float((a**2).sum()) ** 0.5
        assert_within(kept["W__sum_norm"], [float(a.sum()), norm], absolute=1e-12, relative=0)
        assert kept["W__shape"].tolist() == [1, size]


def test_the_names_of_what_is_kept_of_a_big_array_are_known():
    for name in ("W__every97", "W__sum_norm", "W__shape"):
        assert archives.SHORTENED.sub("", name) == "W"
    for name in ("W", "W__every96", "W__shape_", "W_shape", "W__norm"):
        assert archives.SHORTENED.search(name) is None


@pytest.mark.parametrize(
    ("ours", "golden", "relative", "absolute"),
    [
        ([5.0], [4.0], 0.25, 1.0),
        ([1.0, -4.0], [1.5, -4.0], 0.125, 0.5),
        ([-4.5, 1.0], [-4.0, 1.0], 0.125, 0.5),
        ([0.0], [0.0], 0.0, 0.0),
        ([3.0], [3.0], 0.0, 0.0),
        ([], [], 0.0, 0.0),
        ([0.25], [0.0], np.inf, 0.25),
        ([1.0], [1.0, 1.0], np.inf, np.inf),
        ([1.0, 1.0], [1.0], np.inf, np.inf),
        ([[1.0]], [1.0], np.inf, np.inf),
        ([np.nan, 1.0], [1.0, 1.0], np.inf, np.inf),
        ([1.0, 1.0], [1.0, np.nan], np.inf, np.inf),
        ([np.inf], [np.inf], np.inf, np.inf),
    ],
)
def test_how_far_an_array_is_off_is_relative_to_the_largest_element_that_is_right_or_absolute(
    ours, golden, relative, absolute
):
    assert archives.off(ours, golden) == relative
    assert archives.off(ours, golden, absolute=True) == absolute


@pytest.mark.parametrize("place", [(0, 0), (1, 2), (2, 4)])
@pytest.mark.parametrize("by", [2**-4, -(2**-4)])
def test_a_weight_is_off_relative_to_the_largest_element_of_all_arrays_whatever_its_sign_and_place(place, by):
    golden = {"W": np.full((3, 5), 0.125), "b": np.array([[-0.25]]), "none": np.zeros((0, 3))}
    ours = {name: a.copy() for name, a in golden.items()}
    assert networks.deviation(ours, golden) == 0
    ours["W"][place] += by
    assert networks.deviation(ours, golden) == 0.25
    assert networks.deviation({**golden, "b": golden["b"] + by}, golden) == 0.25
    assert networks.deviation(golden, {**golden, "b": golden["b"] * np.nan}) == np.inf


def test_weights_of_zero_are_met_by_zeros_alone_and_no_weights_by_nothing():
    golden = {"W": np.zeros((2, 2)), "b": np.zeros((0, 1))}
    assert networks.deviation(dict(golden), golden) == 0
    assert networks.deviation({**golden, "W": np.full((2, 2), 1e-300)}, golden) == np.inf
    assert networks.deviation({}, {}) == np.inf


@pytest.mark.parametrize("shape", [(1, 5), (3, 1), (1, 1), (5,), (1, 3, 5)])
def test_an_array_of_another_shape_is_wrong_though_it_would_broadcast(shape):
    assert networks.deviation({"W": np.ones(shape)}, {"W": np.ones((3, 5))}) == np.inf
    assert networks.deviation({"W": np.ones((3, 5))}, {"W": np.ones(shape)}) == np.inf


@pytest.mark.parametrize("by", [1e-3, -1e-3])
def test_sum_and_norm_of_a_big_array_are_relative_to_its_norm(by):
    W = np.cos(np.arange(1100.0)).reshape(11, 100)
    golden = archives.as_kept({"W": W, "b": np.array([8.0])})
    moved = W.copy()
    moved[0, 1] += by  # which only sum and norm know
    norm = float((W**2).sum()) ** 0.5
    found = networks.deviation({"W": moved, "b": np.array([8.0])}, golden)
    assert_within(found, 1e-3 / norm, absolute=0, relative=1e-9)
    moved[0, 97] += 1.0  # which is kept: of all that is, 8 is the largest
    assert_within(networks.deviation({"W": moved, "b": np.array([8.0])}, golden), 0.125, absolute=1e-12, relative=0)
    assert networks.deviation({"W": W.reshape(100, 11), "b": np.array([8.0])}, golden) == np.inf


def test_the_tolerances_and_seeds_of_pytorchs_files_are_those_that_the_documentation_states():
    assert networks.TOLERANCE == {"cpu": 1e-12, "gpu": 1e-10}
    assert networks.SEEDS == ("default", 1, 2)
    assert (archives.LARGEST_WHOLE, archives.EVERY) == (1000, 97)
