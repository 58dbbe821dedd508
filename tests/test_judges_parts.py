"""What the check of a part holds against what, and says: each mistake alone, in pairs, and word by word."""

import re
from types import SimpleNamespace

import numpy as np
import plain_parts
import pytest
from closeness import assert_within
from plants_parts import PLANTS
from test_check_parts import planted

from deltarule.check import PARTS, check_part
from deltarule.check.errors import PortError
from deltarule.check.parts import compare, mine
from deltarule.check.parts.compare import Tried, factor, how, off_by
from deltarule.check.parts.finding import PartDifference, PartFinding, PartReason


def tries(part, thing):
    """A port of a part, used in each way that it can be."""
    for note, use in (("", part.use), *part.ways):
        try:
            yield Tried(part, use, note, thing, part.name)
        except PortError:
            continue


def reproduced(part, thing, changed):
    """Whether a right form of a part comes to all that a port gives, once these steps of it are changed."""
    forms = [steps for _, steps in part.forms()]
    return any(tried.worst({**steps, **changed}) is not None for tried in tries(part, thing) for steps in forms)


@pytest.mark.parametrize("name", PARTS)
def test_each_mistake_of_a_part_comes_to_what_it_says_and_no_right_form_does(name):
    part = PARTS[name]
    mistakes = {mistake.id: mistake for mistake in part.mistakes}
    assert reproduced(part, getattr(plain_parts, name), {})
    for id, changes in PLANTS[name].items():
        thing = planted(name, changes)
        assert reproduced(part, thing, mistakes[id].steps), id
        assert not reproduced(part, thing, {}), id


def test_a_probe_that_names_a_value_is_given_it():
    named = [(p, *found.groups()) for part in PARTS.values() for p in part.probes
             if (found := re.fullmatch(r"(\w+) = (-?[\d.]+)", p.name))]  # fmt: skip
    assert len(named) >= 4
    for probe, option, value in named:
        assert probe.given[option] == float(value)


@pytest.mark.parametrize(
    ("name", "option", "value"), [("leaky_relu", "a", 0.1), ("prelu", "b", 0.5), ("elu", "alpha", 1.0)]
)
def test_the_slope_that_a_function_is_first_tried_with_is_the_notes_own(name, option, value):
    assert PARTS[name].probes[0].given[option] == value


def test_what_a_part_is_told_by_is_its_name_and_not_its_steps():
    assert repr(PARTS["relu"]).startswith("Part(name='relu', is_class=False, names=(")
    assert "mistakes=" not in repr(PARTS["relu"])
    assert len(repr(PARTS["relu"])) < 200


@pytest.mark.parametrize(
    ("mine", "right", "text"),
    [
        (np.nan, [1.0, 2.0], "is missing, or no number"),
        (np.nan, [1.0], "is not finite"),
        (np.nan, 1.0, "is not finite"),
        ([np.nan, 1.0], [1.0, 2.0], "is not finite at 1 of 2 places"),
        ([np.nan, -np.inf], [1.0, 2.0], "is not finite at 2 of 2 places"),
        ([1.0, 2.0], [[1.0], [2.0], [3.0]], "has the shape (2,), where (3, 1) is wanted"),
        (np.ones((2, 3)), np.ones((3, 2)), "has the shape (2, 3), where (3, 2) is wanted"),
        ([0.5, 0.0], [0.0, 0.0], "is off by any measure: it should be 0"),
        ([2.5, -4.0], [2.0, -4.0], "is off by 12 % of its largest element"),
        ([[2.0], [-5.0]], [2.0, -4.0], "is off by 25 % of its largest element"),
        (1.0, 2.0, "is off by 50 % of its largest element"),
    ],
)
def test_how_a_quantity_differs_is_told_word_by_word(mine, right, text):
    assert how(np.array(mine), np.array(right)) == text


def test_a_quantity_is_off_relative_to_its_largest_element_and_infinitely_in_another_shape():
    right = np.array([[2.0, -4.0]])
    for place in ((0, 0), (0, 1)):
        for by in (0.5, -0.5):
            wrong = right.copy()
            wrong[place] += by
            for shaped in (wrong, wrong[0], wrong.T, wrong[None]):
                assert_within(off_by(shaped, right), 0.125, absolute=1e-13, relative=0)
    for shape in ((2, 2), (1, 3), (1,), (4,)):
        assert off_by(np.ones(shape), right) == np.inf
    assert off_by(np.ones((3, 2)), np.ones((2, 3))) == np.inf
    assert off_by(right * np.nan, right) == np.inf


TIMES, MORE = "times what it should be, at every place", "more than it should be, at every place"


@pytest.mark.parametrize(
    ("mine", "right", "said"),
    [
        ([2.0, -6.0], [1.0, -3.0], [f"W is 2 {TIMES}"]),
        ([-0.5, 1.5], [1.0, -3.0], [f"W is -0.5 {TIMES}"]),
        ([[2.0], [-6.0]], [1.0, -3.0], [f"W is 2 {TIMES}"]),
        ([2.0, 0.0, 5.0], [1.0, 0.0, 2.5], [f"W is 2 {TIMES}"]),
        (3.0, 2.0, [f"W is 1.5 {TIMES}"]),
        ([2.0, 1e-13, 5.0], [1.0, 0.0, 2.5], [f"W is 2 {TIMES}"]),
        ([2.0, 1e-11, 5.0], [1.0, 0.0, 2.5], ["W is wrong at 2 of 3 places, by no constant factor"]),
        ([0.0, 0.0, 0.0], [1.0, 0.0, 2.5], [f"W is 0 {TIMES}"]),
        ([0.0, 3.0, 0.0], [1.0, 0.0, 2.5], ["W is wrong at 3 of 3 places, by no constant factor"]),
        ([1.5, -2.5], [1.0, -3.0], [f"W is 0.5 {MORE}"]),
        ([0.25, -3.75], [1.0, -3.0], [f"W is -0.75 {MORE}"]),
        ([2.0, 2.0], [0.0, 0.0], [f"W is 2 {MORE}"]),
        ([1.0, 3.0, 2.0], [1.0, 2.0, 4.0], ["W is wrong at 2 of 3 places, by no constant factor"]),
        ([1.0, 2.0 + 3.9e-9, 5.0], [1.0, 2.0, 4.0], ["W is wrong at 1 of 3 places, by no constant factor"]),
        ([1.0, 2.0 + 4.1e-9, 5.0], [1.0, 2.0, 4.0], ["W is wrong at 2 of 3 places, by no constant factor"]),
        ([1.0, 2.0], [1.0, 2.0, 3.0], []),
        ([1.0, np.nan], [1.0, 2.0], []),
        ([1.0, 2.0], [1.0, np.inf], []),
        ([], [], []),
    ],
)  # fmt: skip
def test_a_factor_or_an_offset_is_told_where_it_is_one_at_every_place(mine, right, said):
    assert factor("W", np.array(mine), np.array(right)) == said


@pytest.mark.parametrize(("apart", "one"), [(0.9e-6, True), (1.1e-6, False)])
def test_a_factor_or_an_offset_is_one_number_up_to_a_millionth(apart, one):
    right = np.array([1.0, -3.0])
    for sign in (1, -1):
        (text,) = factor("W", sign * 2 * right * [1, 1 - apart], right)
        assert text.endswith(TIMES) is one
        (text,) = factor("W", right + sign * np.array([0.5, 0.5 * (1 - apart)]), right)
        assert text.endswith(MORE) is one


@pytest.mark.parametrize(("dtype", "single"), [("f4", True), ("f8", False), ("i8", False), ("i2", False), ("?", False)])
def test_a_port_is_held_to_less_where_it_computes_in_float32_and_nowhere_else(dtype, single):
    found = check_part(lambda x: (x > 0).astype(dtype), "step_function")
    assert (found.right, found.notes) == (True, ("it computes in float32",) if single else ())


@pytest.mark.parametrize(("by", "right"), [(3e-5, True), (2e-4, False)])
def test_float32_is_allowed_a_hundred_times_its_rounding(by, right):
    found = check_part(lambda x: (np.maximum(x, 0) * (1 + by)).astype(np.float32), "relu")
    assert found.right is right
    assert (compare.SINGLE, compare.LARGEST) == (1e-6, 1e-2)


MISTAKES = [SimpleNamespace(id=id, says=f"{id} is wrong", should=f"{id} should not be", erratum=erratum, same=())
            for id, erratum in (("a", ""), ("b", "first"), ("c", "second"))]  # fmt: skip


@pytest.mark.parametrize(
    ("those", "text"),
    [
        ("a", "a is wrong; a should not be\nreproduces all 7 quantities within 2e-12"),
        ("b", "b is wrong; b should not be\nreproduces all 7 quantities within 2e-12; the document has it so "
         "(errata: first)"),
        ("bc", "b is wrong; b should not be, and\nc is wrong; c should not be\nreproduces all 7 quantities within "
         "2e-12; the document has it so (errata: first, second)"),
    ],
)  # fmt: skip
def test_the_reason_of_a_part_is_told_word_by_word(those, text):
    mistakes = tuple(mistake for mistake in MISTAKES if mistake.id in those)
    assert str(PartReason(mistakes, 2.3e-12, 7)) == text


@pytest.mark.parametrize(
    ("agrees", "off", "text"),
    [
        ((), {"y": "is off by 2 %"}, "y is off by 2 %"),
        (("y",), {"dx": "is not finite"}, "y agrees; dx is not finite"),
        (("y", "dW"), {"dx": "is not finite", "db": "x"}, "y and dW agree; dx is not finite; db x"),
        (("y", "dW", "db"), {"": "ValueError: no"}, "y, dW and db agree; ValueError: no"),
    ],
)
def test_the_first_difference_of_a_part_is_told_word_by_word(agrees, off, text):
    assert str(PartDifference("a batch", agrees, off)) == text


def test_the_finding_of_a_part_is_told_line_by_line():
    first = PartDifference("a batch", ("y",), {"dx": "is off by 2 %"}, 0.02)
    reasons = tuple(PartReason((mistake,), 0.0, 7) for mistake in MISTAKES[:2])
    wrong = PartFinding(PARTS["relu"], "mine.py:f", "WRONG", first, reasons, ("a note",))
    assert str(wrong).splitlines() == [
        "relu          mine.py:f",
        "note          a note",
        "a batch       y agrees; dx is off by 2 %",
        "reason        a is wrong; a should not be",
        "              reproduces all 7 quantities within rounding",
        "or            b is wrong; b should not be",
        "              reproduces all 7 quantities within rounding; the document has it so (errata: first)",
        "verdict       WRONG, exit 1",
    ]
    assert (wrong.listing, wrong.deviation, wrong.right) == ("relu", 0.02, False)
    known = PartFinding(PARTS["relu"], "f", "WRONG", first, unexplained=("x", "y"))
    assert str(known).splitlines()[2:] == ["known         x", "known         y", "verdict       WRONG, exit 1"]
    right = PartFinding(PARTS["relu"], "f", "RIGHT", None, within=2.3e-12, count=7)
    assert str(right).splitlines() == [
        "relu          f", "quantities    all 7 agree within 2e-12", "verdict       RIGHT",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kept", "note"),
    [
        ({"dW": 3}, ()),
        ({"dw": 3, "grads": {"W": 4}}, ("dw stands for dW",)),
        ({"grad_W": 3}, ("grad_W stands for dW",)),
        ({"W_grad": 3}, ("W_grad stands for dW",)),
        ({"gradW": 3, "dW": None}, ("gradW stands for dW",)),
        ({"grads": {"W": 3}}, ("dW is kept in grads",)),
        ({"grad": {"dW": 3, "b": 4}}, ("dW is kept in grad",)),
        ({"gradients": {"dW": 4, "W": 3}}, ("dW is kept in gradients",)),
        ({"grads": {"b": 4}, "grad": {"W": 3}}, ("dW is kept in grad",)),
        ({"grads": [3], "grad": 3}, None),
        ({"W": 3}, None),
    ],
)
def test_a_gradient_is_found_where_a_layer_keeps_it_and_is_missing_where_it_does_not(kept, note):
    port = mine.Mine(object, "layer")
    found = mine.gradient_of(port, SimpleNamespace(**kept), "dW")
    assert np.isnan(found) if note is None else found == 3
    assert tuple(port.notes) == (note or ())
