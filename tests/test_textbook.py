"""Reference values: the file, its damage, and the comparison digit by digit."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltarule.basics.files import ReferenceFileError
from deltarule.evidence.textbook import read_functions, read_textbook, read_toml, same_digits
from deltarule.listings.experiments import EXPERIMENTS
from deltarule.programs.compare import printed_functions

TEXTBOOK = Path(__file__).resolve().parent.parent / "reference" / "textbook.toml"


def test_every_script_has_printed_numbers_or_is_said_to_have_none():
    found = read_textbook(TEXTBOOK)
    assert set(found) | set(read_toml(TEXTBOOK)["none_known"]) == set(EXPERIMENTS)
    assert sum(len(reference.printed) for references in found.values() for reference in references) == 28


@given(st.floats(0, 1), st.integers(1, 8))
def test_same_digits_holds_within_half_a_unit_of_the_last_digit(value, decimals):
    printed = f"{value:.{decimals}f}"
    assert same_digits(value, printed)
    assert not same_digits(value + 10**-decimals * 1.01, printed)


WHOLE = TEXTBOOK.read_bytes()
DEEP = b"x = " + b"[" * 100_000 + b"]" * 100_000


def with_field(field, value):
    """The file with a field of its first entry, delta_sgd, replaced."""
    return re.sub(rb"(?m)^" + field + rb" = .*$", field + b" = " + value, WHOLE, count=1)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"[[delta_sgd", "not a TOML file"),
        (b"\xff\xfe", "not a TOML file"),
        (DEEP, "not a TOML file"),
        (b"x = " + b"1" * 5000, "not a TOML file|must have entries"),
        (b"# " + b"x" * (1 << 20), "longer than 1048576 bytes"),
        (b"", "must have entries, or stand in none_known"),
        (WHOLE.replace(b"[[delta_sgd]]", b"[[delta_sgt]]"), "delta_sgd must have entries"),
        (WHOLE.replace(b'"deep_relu",', b""), "deep_relu must have entries"),
        (WHOLE.replace(b'"deep_relu",', b'"deep_relu", "deep_reluu",'), "deep_reluu is not a script"),
        (WHOLE.replace(b'"deep_relu",', b'"deep_relu", "delta_sgd",'), "delta_sgd .* stands in none_known as well"),
        (WHOLE.replace(b'"deep_relu",', b'"deep_relu", 3,'), "none_known must be a list of scripts"),
        (WHOLE.replace(b"[[delta_sgd]]\n", b"[[delta_sgd]]\npage = 3\n"), "delta_sgd.* must have the fields"),
        (WHOLE.replace(b'label = "book"\n', b"", 1), "delta_sgd.* must have the fields"),
        (WHOLE.replace(b"[[delta_sgd]]", b"[delta_sgd]"), r"delta_sgd must be entries"),
        (with_field(b"label", b"3"), "a label"),
        (with_field(b"label", b'""'), "a label"),
        (with_field(b"source", b'""'), "a source"),
        (with_field(b"quantity", b'"weight"'), "delta_sgd.* a quantity of output, accuracy, not 'weight'"),
        (with_field(b"quantity", b'"accuracy"'), "a place|places"),
        (with_field(b"printed", b'["about 0.01", "0.0083", "0.9932", "0.9917"]'), "decimal digits.*about 0.01"),
        (with_field(b"printed", b'["0.0102", "0.0083", "0.9932", 0.9917]'), "printed numbers, as text"),
        (with_field(b"printed", b"[]"), "printed numbers"),
        (with_field(b"printed", b'["0.0102", "0.0083", "0.9932"]'), "a place for each of its 3 printed numbers"),
        (with_field(b"at", b"[[1, 1], [2, 1], [3, 1]]"), "a place for each of its 4 printed numbers"),
        (with_field(b"at", b"[[0, 1], [2, 1], [3, 1], [4, 1]]"), r"places from \[1, 1\] to \[4, 1\], not \[0, 1\]"),
        (with_field(b"at", b"[[1, 0], [2, 1], [3, 1], [4, 1]]"), "places from"),
        (with_field(b"at", b"[[1, 1], [2, 1], [3, 1], [5, 1]]"), "places from"),
        (with_field(b"at", b"[[1, 2], [2, 1], [3, 1], [4, 1]]"), "places from"),
        (with_field(b"at", b"[[1, 1], [1, 1], [3, 1], [4, 1]]"), "each place once"),
        (with_field(b"at", b"[[1], [2], [3], [4]]"), "places from"),
        (with_field(b"at", b"[[true, 1], [2, 1], [3, 1], [4, 1]]"), "a list of places"),
        (with_field(b"at", b'"everywhere"'), "a list of places"),
        (with_field(b"epochs", b"10001"), "the script's epochs, 10000, not 10001"),
        (with_field(b"epochs", b'"10000"'), "the script's epochs"),
        (with_field(b"epochs", b"10000.0"), "the script's epochs"),
        (with_field(b"seed", b'"defualt"'), "a seed of 'any', 'unknown', 'default', not 'defualt'"),
        (with_field(b"seed", b"3"), "a seed of"),
        (WHOLE.replace(b"seed = 3\n", b"seed = 3.0\n"), "a seed of 'any', 'unknown', 3"),
        (WHOLE.replace(b"\nseed = 1\n", b"\nseed = true\n"), "a seed of 'any', 'unknown', 1"),
    ],
)
def test_a_damaged_file_is_refused_with_the_reason(content, reason, tmp_path):
    assert content != WHOLE
    path = tmp_path / "textbook.toml"
    path.write_bytes(content)
    with pytest.raises(ReferenceFileError, match=f"(?s){reason}") as error:
        read_textbook(path)
    assert str(path) in str(error.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ReferenceFileError, match=r"textbook\.toml: No such file"):
        read_textbook(tmp_path / "textbook.toml")


def test_values_stand_where_the_printed_ones_do():
    reference = read_textbook(TEXTBOOK)["real_multi_class"][0]
    y = np.arange(25.0).reshape(5, 5)
    assert reference.values({"output": y}) == [3, 6, 12, 19, 17, 24]


def test_functions_give_the_printed_values():
    found = printed_functions(TEXTBOOK)
    assert sum(len(entry["printed"]) for entry in found) == 10
    assert all(all(entry["matched"]) for entry in found)
    assert all(entry["source"] for entry in found)


def test_a_value_that_is_not_the_printed_one_is_seen():
    (first, *_) = read_functions(TEXTBOOK)
    assert first.matched(lambda x: 1 / (1 + np.exp(x))) == [False, True, False]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", r"functions must be entries \[\[functions\]\], not None"),
        (b"[[functions]]\nfunction = 'sigmoid'\n", "entry of .*functions.* must have"),
        (TEXTBOOK.read_bytes().replace(b'"0.5975"', b'"0,5975"'), "0,5975"),
        (
            TEXTBOOK.read_bytes().replace(b'"half_squared_error"', b'"square"', 1),
            r"'sigmoid'\], not \['square'\]",
        ),
    ],
)
def test_damaged_values_of_functions_are_refused_with_the_reason(content, reason, tmp_path):
    path = tmp_path / "textbook.toml"
    path.write_bytes(content)
    with pytest.raises(ReferenceFileError, match=reason):
        printed_functions(path)
