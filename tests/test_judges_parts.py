"""What the check of a part holds against what, and says: each mistake alone, in pairs, and word by word."""

import functools
import re
from dataclasses import FrozenInstanceError
from itertools import count, product
from types import SimpleNamespace

import numpy as np
import plain_parts
import pytest
from closeness import assert_within
from plants_parts import PLANTS
from test_check_parts import planted

from deltarule.check import PARTS, CheckError, check_part
from deltarule.check.errors import PortError
from deltarule.check.parts import compare, mine
from deltarule.check.parts.checking import explained
from deltarule.check.parts.compare import Result, Tried, factor, how, off_by
from deltarule.check.parts.finding import PartDifference, PartFinding, PartReason
from deltarule.check.parts.optimizers import OPTIMIZERS
from deltarule.check.parts.part import MISSING, Part, Probe, there_and_back
from deltarule.check.steps import step


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
    for field in ("steps", "probes", "use", "mistakes", "alike", "ways", "work", "labels"):
        assert f"{field}=" not in repr(PARTS["relu"])
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
        (2.0, 0.0, ["W is wrong at 1 of 1 places, by no constant factor"]),
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


@pytest.mark.parametrize(("by", "right"), [(0.995e-4, True), (1.005e-4, False)])
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


def test_a_deviation_of_just_what_is_allowed_is_right_and_one_above_it_wrong():
    relu, thing = PARTS["relu"], lambda x: np.maximum(x, 0) * 1.125
    tried = Tried(relu, relu.use, "", thing, "relu")
    right = [relu.quantities(relu.steps, result.probe, {}) for result in tried.results]
    off = {(result.probe.name, name): off_by(result.found[name], there[name])
           for result, there in zip(tried.results, right, strict=True) for name in result.probe.wanted}  # fmt: skip
    tried.tolerances = off
    assert tried.worst(relu.steps) == max(off.values())
    assert (tried.first(relu.steps), tried.known(relu.steps)) == ((None, True), ())
    for (probe, name), by in off.items():
        if name == "out":
            tried.tolerances = {**off, (probe, name): np.nextafter(by, 0)}
            assert tried.worst(relu.steps) is None
            assert tried.first(relu.steps)[0].when == probe
            assert tried.known(relu.steps)[0] == f"what it returns is 1.125 {TIMES}"


def test_of_a_wrong_object_no_deviation_of_a_right_one_is_told():
    found = check_part(lambda x: np.minimum(x, 0), "relu")
    assert (found.right, found.within, found.count) == (False, 0.0, 0)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "gives nothing as y, where numbers are wanted"),
        ("text", "gives 'text' of type str as y, where numbers are wanted"),
        ("t" * 70, f"gives '{'t' * 59} of type str as y, where numbers are wanted"),
        ({}, "gives {} of type dict as y, where numbers are wanted"),
        (1j, "gives 1j of type complex as y, where numbers are wanted"),
    ],
)
def test_what_comes_out_and_is_no_number_is_told_word_by_word(value, said):
    with pytest.raises(PortError) as refused:
        mine.Mine(object, "mine").array(value, "y")
    assert str(refused.value) == f"mine {said}"


def test_gradients_of_an_output_of_another_shape_are_missing_and_those_of_one_that_fits_are_worked_out():
    steps = {name: step(need, lambda each: each, "") for name, need in (("y", "x"), ("a", "dout"), ("z", "dout"))}
    for shape, there in (((2,), True), ((3,), False), ((2, 1), False)):
        found = there_and_back(steps, {"x": np.ones(2), "dout": np.ones(shape)}, ("a", "y", "z"))
        assert found["y"].tolist() == [1, 1]
        assert (found["a"] is not MISSING, found["z"] is not MISSING) == (there, there)


def test_a_quantity_goes_by_its_label_and_an_argument_after_the_call_is_called_so():
    part = Part("part", {}, (), None, (), labels={"cost": "the cost", "y_after": "what became of y"})
    called = [part.label(name) for name in ("cost", "dx", "x_after", "y_after", "after")]
    assert called == ["the cost", "dx", "x afterwards", "what became of y", "after"]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (lambda x: 1 - np.exp(-x) / (1 + np.exp(-x)), "what it returns is not finite at 1 of 5 places"),
        (lambda x: np.exp(x) / (1 + np.exp(x)), "what it returns is not finite at 1 of 5 places"),
        (lambda x: np.exp(np.minimum(x, 700)) / (1 + np.exp(np.minimum(x, 700))), ""),
        (lambda x: 1 - np.exp(np.minimum(-x, 700)) / (1 + np.exp(np.minimum(-x, 700))), ""),
    ],
)  # fmt: skip
def test_an_exponential_that_runs_over_on_either_side_is_noticed_and_one_that_is_kept_from_it_is_right(form, text):
    found = check_part(form, "sigmoid")
    assert found.right is not bool(text)
    assert (str(found.first) if found.first else "") == text
    assert found.first is None or found.first.when == "large numbers"


@pytest.mark.parametrize("name", ["perceptron", "AND", "NAND", "OR", "XOR"])
def test_what_answers_wrongly_in_one_of_the_four_cases_is_wrong(name):
    right = getattr(plain_parts, name)
    for case in ((0, 0), (0, 1), (1, 0), (1, 1), None):

        def turned(*given, case=case):
            answer = right(*given)
            return 1 - answer if tuple(given[0] if name == "perceptron" else given) == case else answer

        assert check_part(turned, name).right is (case is None), case


@pytest.mark.parametrize("part", [part.name for part in OPTIMIZERS])
def test_an_optimiser_is_tried_with_a_gradient_that_stays_0_with_tiny_ones_and_with_large_ones_of_either_sign(part):
    for probe in PARTS[part].probes:
        gradients = np.array([[*each["W"].ravel(), *each["b"]] for each in probe.given["grads"]])
        largest = abs(gradients).max(axis=0)
        assert [int(np.sum(those)) for those in (largest == 0, (largest > 1e-7) & (largest < 1e-3))] == [1, 2]
        there = gradients[:, largest > 0]
        assert ((there > 0).any(axis=0) & (there < 0).any(axis=0)).all()
        assert int(np.sum(largest > 0.5)) == 5


def test_no_element_of_what_numerical_gradients_are_tried_on_is_0_or_another_again():
    for name in ("numerical_gradient", "gradient_descent"):
        for probe in PARTS[name].probes:
            elements = probe.given["x"].ravel().tolist()
            assert len({abs(x) for x in elements}) == len(elements)
            assert 0 not in elements


@pytest.mark.parametrize("kind", [Part, Probe, Result, PartDifference, PartReason, PartFinding])
def test_what_has_been_found_of_a_part_cannot_be_changed(kind):
    found = object.__new__(kind)
    with pytest.raises(FrozenInstanceError):
        setattr(found, next(iter(kind.__dataclass_fields__)), None)


def test_what_a_part_gives_in_float32_is_worked_out_from_what_it_was_given_in_float64_and_nothing_else():
    given = {"x": np.ones(2), "digits": np.array([1], np.int64), "half": np.ones(2, np.float16), "lr": 0.1, "f": len}
    found = compare._single(given)
    assert [found[name].dtype.name for name in ("x", "digits", "half")] == ["float32", "int64", "float16"]
    assert (list(found), found["lr"], found["f"]) == (list(given), 0.1, len)


def test_rows_of_several_lengths_are_no_array():
    with pytest.raises(PortError, match=r"^mine gives a y that is no array: "):
        mine.Mine(object, "mine").array([[1.0, 2.0], [3.0]], "y")


def test_a_mistake_in_what_was_not_seen_explains_nothing_and_those_behind_it_are_tried():
    mistakes = tuple(SimpleNamespace(id=id, steps={step: step}) for id, step in zip("abcd", "xyxy", strict=True))

    def worst(steps):
        if "x" in steps:
            raise KeyError("mask")
        return 0.25 if steps == {"w": "w", "y": "y"} else None

    tried = SimpleNamespace(part=SimpleNamespace(mistakes=mistakes), worst=worst, count=3)
    (first, second) = explained(tried, {"w": "w"}, 1)
    assert [(reason.mistakes, reason.within, reason.count) for reason in (first, second)] == [
        ((mistakes[1],), 0.25, 3), ((mistakes[3],), 0.25, 3),
    ]  # fmt: skip
    assert explained(tried, {"w": "w"}, 2) == ()


def test_a_dropout_that_raises_in_use_is_told_by_its_own_error():
    class Dropout(plain_parts.Dropout):
        def forward(self, x, train_flg=True):
            if not train_flg:
                raise RuntimeError("not in use")
            return super().forward(x, train_flg)

    found = check_part(Dropout)
    assert (found.verdict, found.mistakes, found.first.when) == ("WRONG", (), "in use")
    assert "raises RuntimeError: not in use\n  line " in str(found.first)
    assert "nothing" not in str(found)


def test_a_dropout_that_returns_nothing_in_use_is_explained_by_that():
    class Dropout(plain_parts.Dropout):
        def forward(self, x, train_flg=True):
            return super().forward(x, train_flg) if train_flg else None

    found = check_part(Dropout)
    assert (found.verdict, found.mistakes, found.first.when) == ("WRONG", ("nothing-in-use",), "in use")


@pytest.mark.parametrize(("line", "mistakes"), [
    ("x.reshape(1, 1, -1, 5 * x.size)", ("pad-not-counted",)),
    ("x[(0,) * 5]", ("pad-not-counted",)),
    ("x.padded", ()),
    ("no_padding(ValueError)", ()),
    ("no_padding(NotImplementedError)", ()),
])  # fmt: skip
def test_only_arrays_that_do_not_fit_are_explained_by_a_size_and_any_other_error_is_told_as_it_is(line, mistakes):
    def no_padding(kind):
        raise kind("no padding")

    class Pooling(plain_parts.Pooling):
        def forward(self, x):
            if self.pad:
                eval(line, {"x": x, "no_padding": no_padding})
            return super().forward(x)

    found = check_part(Pooling)
    assert (found.verdict, found.mistakes, found.first.when) == ("WRONG", mistakes, "pad 1")
    assert str(found.first).startswith("Pooling.forward raises ")


@pytest.mark.parametrize("part", [name for name, part in PARTS.items() if part.is_class and len(part.probes) > 1])
def test_a_class_that_raises_at_any_call_is_told_by_its_own_error(part):
    methods = [name for name in ("forward", "backward", "update") if hasattr(getattr(plain_parts, part), name)]
    for single, at in product((False, True), (2, 4, 7)):
        calls = count()

        def failing(method, single=single, at=at, calls=calls):
            @functools.wraps(method)
            def called(*arguments, **named):
                if next(calls) >= at:
                    raise ValueError("its own")
                value = method(*arguments, **named)
                return value.astype(np.float32) if single and isinstance(value, np.ndarray) else value

            return called

        plain = getattr(plain_parts, part)
        made = type(plain.__name__, (plain,), {name: failing(getattr(plain, name)) for name in methods})
        try:
            found = check_part(made, part)
        except CheckError as error:
            said = str(error)
        else:
            said = "its own" if found.right else str(found.first)
            assert found.mistakes == ()
        assert "its own" in said
