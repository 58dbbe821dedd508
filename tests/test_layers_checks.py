"""Checks of arguments that the from-scratch wing shares: what passes, what is refused and in which words."""

import numpy as np
import pytest
import strict

from deltarule import matlab
from deltarule.layers import checks


@pytest.mark.parametrize("value", [3, np.int8(3), np.uint64(3), np.array(3)], ids=repr)
def test_whole_numbers_of_any_kind_pass_as_pythons_own(value):
    for found in (checks.whole("pad", value), checks.size("stride", value)):
        assert found == 3
        assert type(found) is int


def test_a_whole_number_may_be_0_and_a_size_may_not():
    assert checks.whole("pad", 0) == 0
    assert checks.size("stride", 1) == 1
    with pytest.raises(ValueError, match="^pad must be at least 0, not -1$"):
        checks.whole("pad", -1)
    with pytest.raises(ValueError, match="^stride must be at least 1, not 0$"):
        checks.size("stride", 0)


@pytest.mark.parametrize("value", [1.0, True, "1", None, [1]])
def test_what_is_no_integer_is_refused(value):
    with pytest.raises(TypeError, match="^stride must be an integer, not .* of type"):
        checks.size("stride", value)


def test_a_flag_is_true_or_false_and_nothing_else():
    for value in (True, False, np.True_, np.False_):
        assert checks.flag("train_flg", value) is bool(value)
    for value in (1, 0, None, "yes", np.array([True])):
        with pytest.raises(TypeError, match="^train_flg must be True or False, not"):
            checks.flag("train_flg", value)


def test_a_choice_is_spelled_as_it_is_known():
    for value in ("Xavier", "xavier", "XAVIER"):
        assert checks.choice("init", value, ["he", "Xavier"]) == "Xavier"
    with pytest.raises(ValueError, match=r"^init must be one of he, Xavier, not 'xaver'; did you mean 'Xavier'\?$"):
        checks.choice("init", "xaver", ["he", "Xavier"])
    with pytest.raises(ValueError, match="^init must be one of he, Xavier, not 'orthogonal'$"):
        checks.choice("init", "orthogonal", ["he", "Xavier"])


def test_a_dtype_is_one_of_two_however_it_is_written():
    for value in (np.float32, "float32", np.dtype("f4")):
        assert checks.dtype("dtype", value) == np.float32
    assert checks.dtype("dtype", float) == np.float64
    for value in (None, np.float16, int, "complex64", "none", object(), ">f8"):
        with pytest.raises(ValueError, match="^dtype must be float64 or float32, not"):
            checks.dtype("dtype", value)


def test_a_stream_is_what_can_draw():
    for rng in (np.random.RandomState(1), matlab.rng(1)):
        checks.draws("rng", rng, "rand", "randn")
    with pytest.raises(TypeError, match="^rng must be a stream such as .*, which has choice; not .* of type Stream$"):
        checks.draws("rng", matlab.rng(1), "rand", "choice")
    with pytest.raises(TypeError, match="^rng must be a stream such as .*, which has randn; not 1 of type int$"):
        checks.draws("rng", 1, "randn")


def test_samples_have_two_axes_or_more_and_images_four():
    for shape in ((2, 3), (2, 3, 4), (2, 3, 4, 5)):
        assert checks.samples("x", np.zeros(shape)).shape == shape
    assert checks.images("x", np.zeros((1, 1, 2, 2))).shape == (1, 1, 2, 2)
    for shape in ((), (3,)):
        with pytest.raises(ValueError, match=r"^x must have one sample a row, the shape \(N, ...\), not \("):
            checks.samples("x", np.zeros(shape))
    for shape in ((3,), (2, 3, 4), (1, 2, 3, 4, 5)):
        with pytest.raises(ValueError, match=r"^x must be images \(N, channels, height, width\), not of shape"):
            checks.images("x", np.zeros(shape))


def test_samples_and_images_are_like_the_weights():
    W = np.zeros((2, 2), np.float32)
    for check in (checks.samples, checks.images):
        assert check("x", np.zeros((1, 1, 2, 2), int), W).dtype == np.float32
        with pytest.raises(ValueError, match="x must be float32 as the weights are, not float64"):
            check("x", np.zeros((1, 1, 2, 2)), W)
        with pytest.raises(ValueError, match="x must be a numpy array"):
            check("x", strict.asarray(np.zeros((1, 1, 2, 2), np.float32)), W)


def test_a_gradient_is_like_the_output_it_belongs_to():
    out = np.zeros((2, 3), np.float32)
    assert checks.gradient("dout", np.ones((2, 3), int), out).dtype == np.float32
    with pytest.raises(RuntimeError, match="backward needs a forward pass before it, whose output dout belongs to"):
        checks.gradient("dout", out, None)
    for shape in ((3, 2), (2, 2), (2, 4), (3,), (1, 2, 3)):
        with pytest.raises(ValueError, match=r"dout must have the shape \(2, 3\) of the forward pass's output, not"):
            checks.gradient("dout", np.zeros(shape, np.float32), out)
