"""What the from-scratch notes print: the file, its damage, and the comparison to the last digit."""

import re

import numpy as np
import pytest
import runs
from hypothesis import given
from hypothesis import strategies as st

from deltarule.basics.files import ReferenceFileError
from deltarule.evidence.notes import PARTS, PRINTING, Printed, as_numpy, read_printed, same
from deltarule.evidence.textbook import read_textbook
from deltarule.programs.parts import FOLDERS, NOTES

TEXTBOOK = runs.ROOT / "reference" / "textbook.toml"


def test_five_scripts_have_printed_numbers():
    found = read_printed(TEXTBOOK)
    assert tuple(found) == PRINTING
    assert set(PRINTING) <= set(NOTES)
    counts = {name: sum(len(each.printed) for each in entries) for name, entries in found.items()}
    # counted in the document: five tables of four lines; chapter 3; four costs; two shopping problems; shapes and Relu
    assert counts == {"gates": 20, "three_layers": 37, "costs": 4, "apples": 10, "layer_examples": 34}


@given(st.floats(-1e300, 1e300).filter(lambda x: x != 0))
def test_what_python_prints_is_ours_to_the_last_bit(value):
    text = repr(value)
    assert same(value, text, "repr")
    for other in (np.nextafter(value, np.inf), np.nextafter(value, -np.inf)):
        assert not same(float(other), text, "repr")


@given(st.floats(0.001, 999))
def test_what_numpy_prints_is_ours_within_half_a_unit_of_its_last_digit(value):
    text = as_numpy(value)
    assert same(value, text, "numpy")
    assert not same(value + 1.01e-8, text, "numpy")
    assert not same(value - 1.01e-8, text, "numpy")


@given(st.lists(st.floats(0.01, 9.0), min_size=1, max_size=4))
def test_a_number_stands_in_the_form_in_which_numpy_prints_it_in_an_array(values):
    assert [as_numpy(v) for v in values] == str(np.array(values)).strip("[]").split()


def test_numpy_prints_whole_numbers_and_truth_values_as_words_do():
    for array, texts in (
        ([[19, 22], [43, 50]], "19 22 43 50"),
        ([[False, True], [True, False]], "False True True False"),
    ):
        assert [as_numpy(v) for v in np.ravel(array).tolist()] == texts.split()


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), True, 0.3])
@pytest.mark.parametrize("form", ["repr", "numpy"])
def test_what_is_not_finite_or_no_number_is_not_what_is_printed(wrong, form):
    assert not same(wrong, "1.5", form)
    assert not same(wrong, "False", form)


def test_more_or_fewer_numbers_than_are_printed_are_all_wrong():
    printed = Printed("x", ("1.", "2."), "numpy", (1,))
    assert printed.matched(np.array([1.0, 2.0])) == [True, True]
    assert printed.matched(np.array([1.0, 2.5])) == [True, False]
    for ours in (np.array([1.0]), np.array([1.0, 2.0, 3.0]), np.array([]), 1.0):
        assert printed.matched(ours) == [False, False]


def test_a_shape_is_compared_number_by_number():
    printed = Printed("x.shape", ("9", "75"), "repr", (81,))
    assert printed.matched((9, 75)) == [True, True]
    assert printed.matched((75, 9)) == [False, False]


WHOLE = TEXTBOOK.read_bytes()
FIRST = re.compile(rb"(?m)^\[\[from_scratch\.gates\]\]\n(?:.+\n)+")


def with_field(field, value):
    """The file with a field of the first entry of the notes replaced."""
    entry = FIRST.search(WHOLE)[0]
    return WHOLE.replace(entry, re.sub(rb"(?m)^" + field + rb" = .*$", field + b" = " + value, entry), 1)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "from_scratch must have entries of gates, .*, not None"),
        (b"from_scratch = 3", "from_scratch must have entries of gates, .*, not 3"),
        (WHOLE.replace(b"from_scratch.apples", b"from_scratch.aples"), "must have entries of .*'aples'"),
        (WHOLE + b'\n[[from_scratch.activations]]\nquantity = "x"\n', "must have entries of .*'activations'"),
        (re.sub(rb"(?m)^\[\[from_scratch\.costs\]\]\n(?:.+\n)+", b"", WHOLE), "must have entries of"),
        (FIRST.sub(b"", WHOLE) + b'\n[from_scratch.gates]\nquantity = "AND"\n', "from_scratch.gates must be entries"),
        (WHOLE.replace(b"[[from_scratch.gates]]\n", b"[[from_scratch.gates]]\npage = 3\n", 1), "must have the fields"),
        (with_field(b"form", b'"repr"\nseed = 1'), "must have the fields form, lines, printed, quantity"),
        (with_field(b"quantity", b'""'), "a quantity"),
        (with_field(b"quantity", b"3"), "a quantity"),
        (with_field(b"quantity", b'"NAND"'), "a quantity of its own, not 'NAND'"),
        (with_field(b"form", b'"matlab"'), "a form of repr, numpy, rounded, not 'matlab'"),
        (with_field(b"printed", b"[]"), "printed numbers, as text"),
        (with_field(b"printed", b"[0, 0, 0, 1]"), "printed numbers, as text"),
        (with_field(b"printed", b'"0001"'), "printed numbers, as text"),
        (with_field(b"printed", b'["0", "0", "0", "one"]'), "what repr prints of a number, not 'one'"),
        (with_field(b"printed", b'["0", "0", "0", "1.50"]'), "what repr prints of a number, not '1.50'"),
        (with_field(b"printed", b'["0", "0", "0", "+1"]'), "what repr prints of a number, not '.1'"),
        (with_field(b"printed", b'["0", "0", "0", "nan"]'), "what repr prints of a number, not 'nan'"),
        (with_field(b"printed", b'["0", "0", "0", "0.30000000000000001"]'), "what repr prints"),
        (
            with_field(b"form", b'"numpy"').replace(b'printed = ["0", "0", "0", "1"]', b'printed = ["1.0"]', 1),
            "what numpy",
        ),
        (with_field(b"lines", b"[]"), "lines of the document"),
        (with_field(b"lines", b"2363"), "lines of the document"),
        (with_field(b"lines", b"[0]"), "lines of the document"),
        (with_field(b"lines", b"[true]"), "lines of the document"),
        (with_field(b"lines", b"[2364, 2363]"), "lines of the document"),
        (with_field(b"lines", b"[2363, 2363]"), "lines of the document"),
        (with_field(b"lines", b'["2363"]'), "lines of the document"),
        (b"[[from_scratch", "not a TOML file"),
    ],
)
def test_a_damaged_file_is_refused_with_the_reason(content, reason, tmp_path):
    assert content != WHOLE
    path = tmp_path / "textbook.toml"
    path.write_bytes(content)
    with pytest.raises(ReferenceFileError, match=f"(?s){reason}") as error:
        read_printed(path)
    assert str(path) in str(error.value)


def test_the_entries_of_the_other_parts_are_no_scripts_of_the_book():
    assert not read_textbook(TEXTBOOK).keys() & FOLDERS.keys()


# ---------------------------------------------------------------- the documents of the other networks


def test_the_documents_of_the_other_networks_print_numbers_of_three_scripts():
    found = read_printed(TEXTBOOK, "networks")
    assert tuple(found) == PARTS["networks"]
    assert set(found) <= set(FOLDERS["networks"])
    assert PARTS.keys() == FOLDERS.keys()
    # counted in the documents: lecture, lines 49 to 57 and 27; primer, line 57; Keras notes, lines 105 to 167
    counts = {name: sum(len(each.printed) for each in entries) for name, entries in found.items()}
    assert {name: counts[name] for name in ("neuron_graph", "softmax_classifier", "parameter_tables")} == {
        "neuron_graph": 7, "softmax_classifier": 3, "parameter_tables": 5,
    }  # fmt: skip
    assert {each.document for entries in found.values() for each in entries} >= {"lecture", "primer", "keras"}


@given(st.floats(-999, 999), st.integers(0, 4))
def test_what_is_rounded_is_ours_within_half_a_unit_of_its_last_digit_and_no_further(value, decimals):
    text, unit = f"{value:.{decimals}f}", 10.0**-decimals
    assert same(value, text, "rounded")
    assert not same(float(text) + 0.51 * unit, text, "rounded")
    assert not same(float(text) - 0.51 * unit, text, "rounded")


def test_commas_between_thousands_are_left_out_and_what_is_not_a_number_is_not_what_is_printed():
    assert same(614600, "614,600", "rounded")
    assert not same(614601, "614,600", "rounded")
    assert not any(same(wrong, "1", "rounded") for wrong in (float("nan"), float("inf"), 2, 0.3))


OTHER = re.compile(rb"(?m)^\[\[networks\.neuron_graph\]\]\n(?:.+\n)+")


def with_other_field(field, value):
    """The file with a field of the first entry of the other networks replaced."""
    entry = OTHER.search(WHOLE)[0]
    return WHOLE.replace(entry, re.sub(rb"(?m)^" + field + rb" = .*$", field + b" = " + value, entry), 1)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "networks must have entries of neuron_graph, .*, not None"),
        (WHOLE.replace(b"networks.neuron_graph", b"networks.neuron"), "must have entries of .*'neuron'"),
        (
            WHOLE.replace(b'document = "lecture"\n', b"", 1),
            "must have the fields document, form, lines, printed, quantity",
        ),
        (with_other_field(b"document", b'"letter"'), "a document of book, summary, .*, not 'letter'"),
        (with_other_field(b"printed", b'["1,37"]'), "what rounded prints of a number, not '1,37'"),
        (with_other_field(b"printed", b'["1e3"]'), "what rounded prints of a number, not '1e3'"),
        (with_other_field(b"printed", b'["True"]'), "what rounded prints of a number, not 'True'"),
        (with_other_field(b"lines", b"[51, 49]"), "lines of the document"),
    ],
)
def test_a_damaged_entry_of_the_other_networks_is_refused_and_spares_the_notes(content, reason, tmp_path):
    assert content != WHOLE
    path = tmp_path / "textbook.toml"
    path.write_bytes(content)
    with pytest.raises(ReferenceFileError, match=f"(?s){reason}"):
        read_printed(path, "networks")
    if content:
        assert tuple(read_printed(path)) == PRINTING
