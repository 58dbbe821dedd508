"""Perceptrons and gates: their tables in both forms, the line that each draws, bad input."""

import numpy as np
import pytest
import strict

from deltarule.layers import AND, GATES, NAND, OR, XOR, perceptron

INPUTS = [(0, 0), (1, 0), (0, 1), (1, 1)]

# the from-scratch notes, chapter 2: what each gate prints for the inputs in this order
TABLES = {"AND": [0, 0, 0, 1], "NAND": [1, 1, 1, 0], "OR": [0, 1, 1, 1], "XOR": [0, 1, 1, 0]}
FUNCTIONS = {"AND": AND, "NAND": NAND, "OR": OR, "XOR": XOR}


@pytest.mark.parametrize("form", ["bias", "threshold"])
@pytest.mark.parametrize("name", TABLES)
def test_a_gate_has_its_table_in_both_forms(name, form):
    answers = [FUNCTIONS[name](x1, x2, form=form) for x1, x2 in INPUTS]
    assert answers == TABLES[name]
    assert all(type(answer) is int for answer in answers)  # as the notes print them


@pytest.mark.parametrize("name", TABLES)
def test_a_gate_takes_many_inputs_at_once(name):
    x1, x2 = np.array(INPUTS).T
    for form in ("bias", "threshold"):
        np.testing.assert_array_equal(FUNCTIONS[name](x1, x2, form=form), TABLES[name])
    grid = FUNCTIONS[name](x1.reshape(2, 2), x2.reshape(2, 2))
    assert grid.shape == (2, 2)
    assert grid.dtype.kind == "i"


@pytest.mark.parametrize("gate", FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_gate_takes_its_inputs_by_name_and_its_form_in_no_other_way(gate):
    assert gate(x2=0, x1=1, form="threshold") == gate(1, 0)
    with pytest.raises(TypeError, match="takes 2 positional arguments"):
        gate(0, 1, "bias")


def test_the_notes_lines_come_out_as_printed(capsys):
    for x1, x2 in INPUTS:
        print(f"({x1},{x2}=>{AND(x1, x2)})")
    assert capsys.readouterr().out == "(0,0=>0)\n(1,0=>0)\n(0,1=>0)\n(1,1=>1)\n"


def test_the_table_of_gates_holds_the_notes_weights_and_biases():
    assert GATES == {"AND": ((0.5, 0.5), -0.7), "NAND": ((-0.5, -0.5), 0.7), "OR": ((0.5, 0.5), -0.2)}


@pytest.mark.parametrize("name", GATES)
def test_a_gate_changes_its_answer_at_the_line_that_its_weights_draw(name):
    (w1, w2), b = GATES[name]
    side = np.sign(w2)
    x1 = np.linspace(-2, 2, 9)
    line = -(b + w1 * x1) / w2
    np.testing.assert_array_equal(FUNCTIONS[name](x1, line + side * 1e-9), 1)
    np.testing.assert_array_equal(FUNCTIONS[name](x1, line - side * 1e-9), 0)


@pytest.mark.parametrize("form", ["bias", "threshold"])
@pytest.mark.parametrize("name", GATES)
def test_a_gate_on_its_line_answers_0_in_both_forms(name, form):
    (w1, _), b = GATES[name]
    assert FUNCTIONS[name](-b / w1, 0, form=form) == 0  # w1 is a power of 2: no rounding


def test_a_perceptron_on_its_line_answers_0():
    assert perceptron([1.0, 1.0], [0.5, 0.5], -1.0) == 0
    assert perceptron([1.0, 1.0], [0.5, 0.5], -0.999) == 1


def test_a_perceptron_takes_any_number_of_inputs_and_leading_axes():
    x = np.arange(24).reshape(2, 3, 4) - 12
    w = np.array([1, -2, 0, 3])
    np.testing.assert_array_equal(perceptron(x, w, 2), ((x * w).sum(-1) + 2 > 0).astype(int))


def test_no_perceptron_makes_xor():
    # the four conditions add up to a contradiction; a search over a fine grid finds none either
    w1, w2, b = np.meshgrid(*[np.linspace(-2, 2, 41)] * 3)
    answers = [(w1 * x1 + w2 * x2 + b > 0) for x1, x2 in INPUTS]
    assert not (~answers[0] & answers[1] & answers[2] & ~answers[3]).any()
    assert (~answers[0] & answers[1] & answers[2] & answers[3]).any()  # while OR is found


def test_gates_and_perceptrons_keep_arrays_on_their_device():
    x1, x2 = (strict.asarray(column) for column in np.array(INPUTS).T)
    for name, gate in FUNCTIONS.items():
        for form in ("bias", "threshold"):
            answer = gate(x1, x2, form=form)
            assert type(answer) is strict.ndarray
            np.testing.assert_array_equal(strict.asnumpy(answer), TABLES[name])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: AND(0, "1"), "x2 must be of real numbers"),
        (lambda: AND(np.nan, 1), "x1 must be finite, but it is nan"),
        (lambda: XOR([0, 1], [0, 1, 1]), r"x2 must have the shape \(2,\) of x1, not \(3,\)"),
        (lambda: XOR([0, 1, 1], [0, 1]), r"x2 must have the shape \(3,\) of x1, not \(2,\)"),
        (lambda: AND([0, 1], 1), r"x2 must have the shape \(2,\) of x1, not \(\)"),
        (lambda: OR(0, 1, form="biass"), "form must be one of bias, threshold, not 'biass'; did you mean 'bias'?"),
        (lambda: NAND(0, 1, form=None), "form must be the name of one of bias, threshold, not None"),
        (lambda: perceptron([1, 2, 3], [1, 2], 0), r"x must be of shape \(..., n\) and w of shape \(n,\)"),
        (lambda: perceptron([1], [1, 2], 0), r"x must be of shape \(..., n\) and w of shape \(n,\), not \(1,\)"),
        (lambda: perceptron(1, [1], 0), r"x must be of shape \(..., n\)"),
        (lambda: perceptron([1, 2], [[1, 2]], 0), r"w of shape \(n,\), not \(2,\) and \(1, 2\)"),
        (lambda: perceptron([1, 2], 1, 0), r"w of shape \(n,\), not \(2,\) and \(\)"),
        (lambda: perceptron([1, 2], [1, np.inf], 0), "w must be finite"),
        (lambda: perceptron([1, 2], [1, 2], np.nan), "b must be finite"),
        (lambda: perceptron([1, 2], [1, 2], True), "b must be a real number"),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()
