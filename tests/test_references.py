"""Reference values: the file, its damage, and the comparison digit by digit."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltarule.basics.files import ReferenceFileError
from deltarule.evidence.textbook import read_functions, read_textbook, same_digits
from deltarule.listings.experiments import EXPERIMENTS
from deltarule.programs.compare import printed_functions

TEXTBOOK = Path(__file__).resolve().parent.parent / "reference" / "textbook.toml"


def test_every_reference_belongs_to_a_script():
    assert set(read_textbook(TEXTBOOK)) <= set(EXPERIMENTS)


def test_every_printed_number_has_a_place_and_a_source():
    for references in read_textbook(TEXTBOOK).values():
        for reference in references:
            assert reference.source
            assert len(reference.at) == len(reference.printed)
            assert all(float(digits) >= 0 for digits in reference.printed)


@given(st.floats(0, 1), st.integers(1, 8))
def test_same_digits_holds_within_half_a_unit_of_the_last_digit(value, decimals):
    printed = f"{value:.{decimals}f}"
    assert same_digits(value, printed)
    assert not same_digits(value + 10**-decimals * 1.01, printed)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"[[delta_sgd", "not a TOML file"),
        (b"\xff\xfe", "not a TOML file"),
        (b"[[delta_sgd]]\nlabel = 'book'\n", "entry of .*delta_sgd.* must have"),
        (b"delta_sgd = [3]\n", "entry of .*delta_sgd.* must have"),
        (b"delta_sgd = 3\n", "delta_sgd"),
        (TEXTBOOK.read_bytes().replace(b", [4, 1]]", b"]", 1), "delta_sgd.*3 places for 4 printed numbers"),
        (TEXTBOOK.read_bytes().replace(b'"0.0102"', b'"about 0.01"', 1), "delta_sgd.*about 0.01"),
        (TEXTBOOK.read_bytes().replace(b'quantity = "output"', b'quantity = "weight"', 1), "delta_sgd.*weight"),
    ],
)
def test_a_damaged_file_is_refused_with_the_reason(content, reason, tmp_path):
    path = tmp_path / "textbook.toml"
    path.write_bytes(content)
    with pytest.raises(ReferenceFileError, match=reason) as error:
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
