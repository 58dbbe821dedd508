"""The checks of arguments on either side of each bound, and what they say word by word."""

import math
from fractions import Fraction

import numpy as np
import pytest
import strict

from deltarule import matlab
from deltarule.basics import checks
from deltarule.basics.networks import Networks
from deltarule.listings import image_checks


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (checks.rate, (math.nextafter(0, 1), 1, 1e308), (0, -0.0, -1e-300)),
        (checks.ratio, (0, math.nextafter(1, 0), 0.5), (1, math.nextafter(0, -1), 1.5)),
        (checks.number, (0, -1e308, 1e308), (math.nan, math.inf, -math.inf)),
    ],
)
def test_a_number_is_taken_up_to_its_bounds_and_no_further(check, right, wrong):
    for value in right:
        found = check("alpha", value)
        assert (found, type(found)) == (value, float)
    for value in wrong:
        with pytest.raises(ValueError, match=r"^alpha must be (above 0|in \[0, 1\)|finite), (and is )?not "):
            check("alpha", value)


def test_real_numbers_of_any_type_are_taken_and_nothing_else():
    for value in (1, Fraction(1, 2), np.float32(0.5), np.int8(3), 2.5):
        found = checks.number("alpha", value)
        assert (found, type(found)) == (float(value), float)
    for value in (True, np.True_, "1", None, 1j, [1.0]):
        with pytest.raises(TypeError) as error:
            checks.number("alpha", value)
        assert str(error.value) == f"alpha must be a real number, not {value!r} of type {type(value).__name__}"
    holds = "a number that a double can hold, not an integer of 1329 bits"
    for value, said in ((10**400, holds), (math.inf, "finite, not inf")):
        with pytest.raises(ValueError, match=f"^alpha must be {said}$"):
            checks.number("alpha", value)


def test_a_count_is_taken_from_1_to_the_most():
    for value in (1, 7, np.int64(7), np.uint8(1)):
        found = checks.count("n", value, 7)
        assert (found, type(found)) == (value, int)
    for value in (0, 8, -1, np.int64(8)):
        with pytest.raises(ValueError, match=f"^n must be from 1 to 7, not {value}$"):
            checks.count("n", value, 7)
        with pytest.raises(ValueError, match=f"^n must be from 1 to 7, the number of samples, not {value}$"):
            checks.count("n", value, 7, "samples")
    for value in (True, 1.0, "1", None):
        with pytest.raises(TypeError) as error:
            checks.count("n", value, 7)
        assert str(error.value) == f"n must be an integer, not {value!r} of type {type(value).__name__}"


def test_a_choice_is_one_of_its_names():
    assert checks.choice("form", "a", {"a": 1, "b": 2}) == "a"
    for value in ("c", "", None, 3, ("a",), ["a"]):
        with pytest.raises(ValueError, match=r"^form must be one of 'a', 'b', not ") as error:
            checks.choice("form", value, {"a": 1, "b": 2})
        assert str(error.value).endswith(repr(value))


def test_a_stream_is_what_draws_permutations():
    checks.stream("rng", matlab.rng())
    for value in (None, 3, np.random.default_rng(0)):
        with pytest.raises(TypeError, match=r"^rng must be a stream such as deltarule\.matlab\.rng\(\), not "):
            checks.stream("rng", value)


@pytest.mark.parametrize("dtype", ["u1", "i8", "?", "f2", "f4", "f8"])
def test_numbers_become_floating_ones_and_float32_stays(dtype):
    given = np.array([[0, 1], [1, 0]]).astype(dtype)
    found = checks.floating("x", given)
    assert found.dtype == (np.float32 if dtype == "f4" else np.float64)
    np.testing.assert_array_equal(found, [[0, 1], [1, 0]])


@pytest.mark.parametrize("dtype", ["c16", "U1", "O", "S1", "M8[s]"])
def test_what_is_no_real_number_is_refused_by_name(dtype):
    given = np.zeros(2, dtype)
    with pytest.raises(TypeError, match=f"^x must be of real numbers, not of dtype {given.dtype}".replace("[", r"\[")):
        checks.floating("x", given)
    with pytest.raises(TypeError, match=r"^x must be of real numbers, float64 or float32, not of dtype "):
        checks.real("x", given)


def test_columns_have_an_axis_and_an_element():
    for right in ([1], [[1, 2]], np.ones((2, 1, 3))):
        assert checks.columns("x", right).shape == np.shape(right)
    for wrong, shape in ((3.0, "()"), ([], "(0,)"), (np.ones((2, 0)), "(2, 0)")):
        with pytest.raises(ValueError, match="^x must be a vector or a matrix with elements, not of shape ") as error:
            checks.columns("x", wrong)
        assert str(error.value).endswith(shape)


W32, W64 = np.ones((2, 3), np.float32), np.ones((2, 3))


def test_integers_take_the_dtype_of_the_weights_and_floating_numbers_must_have_it():
    for like, dtype in ((W32, np.float32), (W64, np.float64), (None, np.float64)):
        for given in ([1, 2], [True, False], np.array([1, 2], np.uint8)):
            assert checks.real("X", given, like).dtype == dtype
    assert checks.real("X", W32).dtype == np.float32
    assert checks.real("X", W64).dtype == np.float64
    for a, like in ((W32, W64), (W64, W32)):
        with pytest.raises(ValueError, match=f"^X must be {like.dtype} as the weights are, not {a.dtype}; convert one"):
            checks.real("X", a, like)
    for a, like in ((strict.asarray(W64), W64), (W64, strict.asarray(W64))):
        with pytest.raises(ValueError, match="^X must be a .* array as the weights are, not a .* one device$"):
            checks.real("X", a, like)
    with pytest.raises(ValueError, match=r"^X must have at least one element, not the shape \(0, 3\)$"):
        checks.real("X", W64[:0])


LAID_OUT = [
    lambda a: a,
    lambda a: np.asfortranarray(a),
    lambda a: np.repeat(a, 2, axis=1)[:, ::2],
    lambda a: a[::-1, ::-1],
    lambda a: np.broadcast_to(a, (2, *a.shape)).transpose(2, 0, 1),
]


@pytest.mark.parametrize("lie", range(len(LAID_OUT)))
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_found_however_the_array_lies_in_memory(lie, bad):
    huge = np.full((3, 4), 1e200)  # the sum of their squares runs over, they do not
    huge[0, 1] = -1e200
    for fine in (huge, np.zeros((3, 4))):
        a = LAID_OUT[lie](fine)
        assert checks.real("X", a) is a
        for place in ((0, 0), (1, 2), (2, 3)):
            wrong = fine.copy()
            wrong[place] = bad
            a = LAID_OUT[lie](wrong)
            index = tuple(int(i) for i in np.argwhere(~np.isfinite(a))[0])
            with pytest.raises(ValueError, match="^X must be finite, but it is ") as error:
                checks.real("X", a)
            assert str(error.value) == f"X must be finite, but it is {bad} at {index}"
            assert checks.real("X", a, finite=True) is a


def test_many_networks_pass_as_they_are():
    networks = Networks(np.full((2, 3, 4), math.nan))
    assert checks.real("W", networks) is networks
    assert checks.plain_array("W", networks) is networks


@pytest.mark.parametrize("value", [0.0, 1.0, math.nextafter(0, 1), math.nextafter(1, 0)])
@pytest.mark.parametrize("n", [1, 31, 32, 33, 1000])
def test_every_element_is_looked_at_for_the_unit_interval(value, n):
    for place in (0, n // 2, n - 1):
        a = np.full(n, 0.5)
        a[place] = value
        assert checks.in_unit_interval(a) is True
        for wrong in (math.nextafter(0, -1), math.nextafter(1, 2), math.nan):
            a[place] = wrong
            assert checks.in_unit_interval(a) is False


X4, W23, W12 = np.ones((4, 3)), np.ones((2, 3)), np.ones((1, 2))


@pytest.mark.parametrize(
    ("X", "weights", "said"),
    [
        (X4, {"W1": W23, "W2": W12}, ""),
        (np.ones((4, 3, 1)), {"W1": W23, "W2": W12}, ""),
        (X4, {"W1": np.ones((5, 2, 3)), "W2": W12}, ""),
        (X4, {"W1": np.ones((5, 2, 3)), "W2": np.ones((5, 1, 2))}, ""),
        (X4, {"W1": np.ones((5, 2, 3)), "W2": np.ones((4, 1, 2))},
         "the leading axes of the weights must broadcast together; they do not: W1 (5, 2, 3), W2 (4, 1, 2)"),
        (np.ones((4, 4)), {"W1": W23, "W2": W12},
         "W1 must have the shape (..., nodes, 4) for the 4 elements of a sample of X, not (2, 3)"),
        (X4, {"W1": W23, "W2": W23}, "W2 must have the shape (..., nodes, 2) for the 2 nodes of W1, not (2, 3)"),
        (X4, {"W1": np.ones(3), "W2": W12},
         "W1 must have the shape (..., nodes, 3) for the 3 elements of a sample of X, not (3,)"),
        (np.ones(3), {"W1": W23}, "X must be vectors (N, inputs) or images (N, rows, columns), not of shape (3,)"),
        (np.ones((1, 1, 1, 3)), {"W1": W23},
         "X must be vectors (N, inputs) or images (N, rows, columns), not of shape (1, 1, 1, 3)"),
        (np.ones((3, 1, 4)), {"W1": W23},
         "X must be images (N, rows, columns); of shape (3, 1, 4) they lie along the last axis, as in MATLAB: "
         "numpy.moveaxis(X, -1, 0) turns them, or deltarule.matlab.load(file, images='X')"),
        (np.ones((3, 2, 4)), {"W1": W23},
         "W1 must have the shape (..., nodes, 8) for the 8 elements of a sample of X, not (2, 3)"),
        (np.ones((3, 1, 3)), {"W1": W23}, ""),
        (np.ones((4, 300)), {"W1": np.ones((500, 300)), "W2": np.ones((1, 500))}, ""),
    ],
)  # fmt: skip
def test_each_layer_takes_what_the_one_before_gives(X, weights, said):
    if said:
        with pytest.raises(ValueError) as error:  # noqa: PT011
            checks.inputs(X, **weights)
        assert str(error.value) == said
    else:
        found = checks.inputs(X, **weights)
        assert found[0].shape == (len(X), X.size // len(X))
        assert [W.shape for W in found[1:]] == [W.shape for W in weights.values()]


@pytest.mark.parametrize(
    ("D", "outputs", "said"),
    [
        ([0, 1, 1], 1, ""),
        ([[0], [1], [1]], 1, ""),
        (np.eye(3), 3, ""),
        ([0, 1], 1, "D must have the shape (3, 1) or (3,) for 3 samples and 1 outputs, not (2, 1)"),
        ([0, 1, 1], 2, "D must have the shape (3, 2) for 3 samples and 2 outputs, not (3,)"),
        ([[0, 1, 1]], 1, "D must have the shape (3, 1) or (3,) for 3 samples and 1 outputs, not (1, 3)"),
        (np.eye(3)[:2], 3, "D must have the shape (3, 3) for 3 samples and 3 outputs, not (2, 3)"),
    ],
)
def test_there_is_a_target_for_each_output_of_each_sample(D, outputs, said):
    if said:
        with pytest.raises(ValueError) as error:  # noqa: PT011
            checks.targets(np.array(D), 3, outputs, W64)
        assert str(error.value) == said
    else:
        assert checks.targets(np.array(D), 3, outputs, W64).shape == (3, outputs)


@pytest.mark.parametrize(
    "wrong",
    [np.zeros((3, 3)), np.ones((3, 3)), 2 * np.eye(3), np.eye(3) - np.eye(3)[::-1], np.eye(3) * [[1], [1], [0]],
     np.eye(3) + np.eye(3, k=1), np.eye(3) + 1e-9 * np.eye(3, k=1), 0.5 * np.eye(3)],
)  # fmt: skip
def test_a_row_that_is_not_one_hot_is_refused(wrong):
    assert checks.targets(np.eye(3)[[2, 0, 0]], 3, 3, W64, one_hot=True).shape == (3, 3)
    with pytest.raises(
        ValueError, match="^D must be one-hot, a single 1 among zeros in each row; it has a row that is"
    ):
        checks.targets(wrong, 3, 3, W64, one_hot=True)
    assert checks.targets(wrong, 3, 3, W64).shape == (3, 3)


@pytest.mark.parametrize(
    ("d", "y", "shape"),
    [((3,), (3, 1), (3, 1)), ((3,), (5, 3, 1), (3, 1)), ((3, 2), (3, 2), (3, 2)), ((3, 2), (5, 3, 2), (3, 2)),
     ((3,), (3,), (3,)), ((3,), (3, 2), None), ((2,), (3, 1), None), ((), (3, 1), None), ((3, 2), (2, 3), None),
     ((), (), None), ((1,), (), None)],
)  # fmt: skip
def test_there_is_a_target_for_each_output_of_a_cost(d, y, shape):
    d, y = np.full(d, 0.5), np.full(y, 0.25)
    if shape is None:
        with pytest.raises(ValueError, match="^d must have one target for each output of y, ") as error:
            checks.targets_and_outputs(d, y)
        assert str(error.value).endswith(f"of y, {y.shape}, not the shape {d.shape}")
        return
    found = checks.targets_and_outputs(d, y, unit_interval=True)
    assert [a.shape for a in found] == [shape, y.shape]
    for name, a in (("d", d), ("y", y)):
        wrong = {"d": d, "y": y} | {name: a + 1}
        with pytest.raises(ValueError, match=rf"^{name} must be in \[0, 1\], as cross-entropy takes it"):
            checks.targets_and_outputs(**wrong, unit_interval=True)
        checks.targets_and_outputs(**wrong)


def test_momenta_are_arrays_of_the_shapes_of_the_weights():
    assert checks.momenta(None, W23, W12) is None
    for given in ((W23, W12), [W23, W12]):
        assert [m.shape for m in checks.momenta(given, W23, W12)] == [(2, 3), (1, 2)]
    for wrong in ((W23,), (W23, W12, W12), "ab", 3, {0: W23, 1: W12}):
        with pytest.raises(ValueError, match="^momenta must be 2 arrays, one for each of the weights, not "):
            checks.momenta(wrong, W23, W12)
    for wrong in ((W12, W12), (W23, W23)):
        with pytest.raises(
            ValueError, match=r"^momenta must have the shapes of the weights, \(., .\) and not \(., .\)$"
        ):
            checks.momenta(wrong, W23, W12)
    with pytest.raises(ValueError, match="^momenta must be finite"):
        checks.momenta((W23, W12 * math.nan), W23, W12)


FILTERS, HIDDEN, OUT = np.ones((3, 3, 2)), np.ones((5, 36)), np.ones((10, 5))


@pytest.mark.parametrize(
    ("X", "changed", "said"),
    [
        ((2, 8, 10), {"W5": (5, 24)}, ""),
        ((2, 8, 10), {"W5": (5, 25)}, "W5 must have the shape (..., nodes, 24) for the pooled maps of W1, not (5, 25)"),
        ((2, 8, 10), {"W5": (24,)}, "W5 must have the shape (..., nodes, 24) for the pooled maps of W1, not (24,)"),
        ((2, 8, 10), {"W5": (5, 24), "Wo": (9, 5)},
         "Wo must have the shape (..., 10, 5) for the nodes of W5, not (9, 5)"),
        ((2, 8, 10), {"W5": (5, 24), "Wo": (10, 6)},
         "Wo must have the shape (..., 10, 5) for the nodes of W5, not (10, 6)"),
        ((2, 8, 10), {"W5": (5, 24), "Wo": (10,)},
         "Wo must have the shape (..., 10, 5) for the nodes of W5, not (10,)"),
        ((2, 8, 10), {"W5": (7, 5, 24), "W1": (7, 3, 3, 2)}, ""),
        ((2, 8, 10), {"W5": (6, 5, 24), "W1": (7, 3, 3, 2)},
         "the leading axes of the weights must broadcast together; they do not: W1 (7, 3, 3, 2), W5 (6, 5, 24), "
         "Wo (10, 5)"),
        ((2, 9, 10), {"W5": (5, 24)},
         "W1 must make maps of even sizes for pooling; (3, 3, 2) on images (9, 10) makes 7 x 8"),
        ((2, 8, 9), {"W5": (5, 24)},
         "W1 must make maps of even sizes for pooling; (3, 3, 2) on images (8, 9) makes 6 x 7"),
        ((8, 10), {"W5": (5, 24)}, "X must be images (N, rows, columns), not of shape (8, 10)"),
        ((1, 2, 8, 10), {"W5": (5, 24)}, "X must be images (N, rows, columns), not of shape (1, 2, 8, 10)"),
        ((2, 2, 10), {}, "W1 must be no larger than the images, (2, 10), and has the shape (3, 3, 2)"),
        ((2, 10, 2), {}, "W1 must be no larger than the images, (10, 2), and has the shape (3, 3, 2)"),
        ((2, 8, 10), {"W1": (3, 3)}, "W1 must be filters (..., p, q, number), not of shape (3, 3)"),
        ((8, 10, 2), {"W5": (5, 24)},
         "X must be images (N, rows, columns); of shape (8, 10, 2) they lie along the last axis, as in MATLAB: "
         "numpy.moveaxis(X, -1, 0) turns them, or deltarule.matlab.load(file, images='X')"),
    ],
)  # fmt: skip
def test_the_layers_of_the_convolutional_network_fit_the_images_and_each_other(X, changed, said):
    given = {"W1": (3, 3, 2), "W5": (5, 36), "Wo": (10, 5)} | changed
    arguments = np.ones(X), *(np.ones(shape) for shape in given.values())
    if said:
        with pytest.raises(ValueError) as error:  # noqa: PT011
            image_checks.convolutional(*arguments)
        assert str(error.value) == said
    else:
        assert [a.shape for a in image_checks.convolutional(*arguments)] == [a.shape for a in arguments]


@pytest.mark.parametrize(
    ("image", "filters", "numbers"),
    [((8, 10), (3, 3, 2), 24), ((3, 3), (3, 3, 2), None), ((4, 4), (3, 3, 1), 1), ((4, 5), (3, 3, 1), None),
     ((2, 4), (3, 3, 1), None), ((4, 2), (3, 3, 1), None), ((1, 1), (3, 3, 1), None), ((6, 4), (1, 3, 5), 15)],
)  # fmt: skip
def test_pooled_maps_have_so_many_numbers(image, filters, numbers):
    assert image_checks.pooled(image, np.ones(filters)) == numbers


def test_images_are_no_smaller_than_the_filters():
    for x in ((3, 4), (2, 3, 4), (9, 9)):
        image_checks.images(np.ones(x), np.ones((3, 4, 1)))
        image_checks.images(np.ones(x), np.ones((2, 3, 4, 1)))
    for x, W, said in (
        ((2, 4), (3, 4, 1), "W must be no larger than the images, (2, 4), and has the shape (3, 4, 1)"),
        ((5, 3, 3), (3, 4, 1), "W must be no larger than the images, (3, 3), and has the shape (3, 4, 1)"),
        ((4,), (3, 4, 1), "x must be images (N, rows, columns) or one (rows, columns), not of shape (4,)"),
        (
            (1, 1, 3, 4),
            (3, 4, 1),
            "x must be images (N, rows, columns) or one (rows, columns), not of shape (1, 1, 3, 4)",
        ),
        ((3, 4), (3, 4), "W must be filters (..., p, q, number), not of shape (3, 4)"),
    ):
        with pytest.raises(ValueError) as error:  # noqa: PT011
            image_checks.images(np.ones(x), np.ones(W))
        assert str(error.value) == said


def test_maps_have_even_rows_and_columns():
    for shape in ((2, 2, 1), (4, 6, 3), (5, 2, 4, 3)):
        assert image_checks.maps("y", np.ones(shape, int)).dtype == np.float64
    for shape in ((3, 2, 1), (2, 3, 1), (2, 2), (5, 3, 4, 2), (5, 4, 3, 2)):
        with pytest.raises(
            ValueError, match=r"^y must be maps \(\.\.\., rows, columns, number\), rows and columns even"
        ) as e:
            image_checks.maps("y", np.ones(shape))
        assert str(e.value).endswith(f"not of shape {shape}")


def test_labels_are_the_digits_0_to_9_one_for_each_image():
    for right in ([0, 9, 5], np.array([0.0, 9.0, 5.0]), np.array([0, 9, 5], np.uint8)):
        found = image_checks.labels(right, 3, W64)
        assert (found.tolist(), found.dtype) == ([0, 9, 5], np.int64)
    for place in range(3):
        for wrong in (-1, 10, 0.5, 8.999, math.nan, math.inf):
            D = np.array([0.0, 9.0, 5.0])
            D[place] = wrong
            with pytest.raises(ValueError, match="^D must be of digits 0 to 9, and has others"):
                image_checks.labels(D, 3, W64)
    for wrong, said in ((np.ones((3, 1)), r"\(3,\), not \(3, 1\), a column as in MATLAB: D\.ravel\(\)"),
                        (np.ones(2), r"\(3,\), one digit for each image of X, not \(2,\)"),
                        (np.ones((1, 3)), r"\(3,\), one digit for each image of X, not \(1, 3\)")):  # fmt: skip
        with pytest.raises(ValueError, match=f"^D must have the shape {said}"):
            image_checks.labels(wrong, 3, W64)
    for wrong in (np.ones(3, bool), np.ones(3, complex), np.array(["1", "2", "3"])):
        with pytest.raises(TypeError, match="^D must be of the digits 0 to 9, not of dtype"):
            image_checks.labels(wrong, 3, W64)


def test_the_targets_of_dense_layers_may_be_any_numbers_unless_they_are_to_be_in_0_to_1():
    X, D, W = np.ones((2, 3)), [1.5, -0.5], np.ones((1, 3))
    assert checks.dense(X, D, W=W)[1].tolist() == [[1.5], [-0.5]]
    with pytest.raises(ValueError, match=r"^D must be in \[0, 1\], as cross-entropy takes it"):
        checks.dense(X, D, W=W, unit_interval=True)
    assert checks.dense(X, [1.0, 0.0], W=W, unit_interval=True)[1].tolist() == [[1], [0]]


def test_weights_of_one_axis_are_refused_as_such_though_images_turned_would_fit_them():
    for turned in (12, 6):
        with pytest.raises(ValueError, match=r"^W must have the shape \(\.\.\., nodes, 6\) .*, not \(\d+,\)$"):
            checks.inputs(np.ones((4, 3, 2)), W=np.ones(turned))


@pytest.mark.parametrize("n", [7, 300])
def test_images_that_fit_as_they_lie_are_taken_though_they_would_fit_if_turned(n):
    given, turned, wanted = (int(str(n)) for _ in range(3))  # as numbers that are worked out, each another object
    checks.images_first(np.ones((2, 2, 2)), given, turned, wanted)
    checks.images_first(np.ones((2, 2, 2)), given + 1, turned + 1, wanted)
    with pytest.raises(ValueError, match="they lie along the last axis, as in MATLAB"):
        checks.images_first(np.ones((2, 2, 2)), given + 1, turned, wanted)


@pytest.mark.parametrize("n", [3, 300])
def test_one_hot_targets_are_taken_whatever_their_number(n):
    D = np.eye(4)[np.arange(int(str(n))) % 4]
    assert checks.targets(D, n, 4, W64, one_hot=True).shape == (n, 4)
    D[-1] = 1
    with pytest.raises(ValueError, match="^D must be one-hot"):
        checks.targets(D, n, 4, W64, one_hot=True)


def test_a_single_number_is_no_row_of_targets():
    with pytest.raises(ValueError, match=r"^D must have the shape \(1, 1\) or \(1,\) for 1 samples"):
        checks.targets(np.array(1.0), 1, 1, W64)
    assert checks.targets([1.0], 1, 1, W64).shape == (1, 1)


def test_of_many_networks_the_last_two_axes_are_those_of_each_and_the_others_broadcast():
    X, W1, W2 = np.ones((4, 3)), np.ones((5, 4, 3)), np.ones((5, 3, 4))
    assert checks.dense(X, np.ones((4, 3)), W1=W1, W2=W2)[1].shape == (4, 3)
    assert [W.shape for W in checks.inputs(X, W1=W1, W2=W2[:1])[1:]] == [(5, 4, 3), (1, 3, 4)]
    with pytest.raises(ValueError, match=r"^D must have the shape \(4, 3\) .*, not \(4, 5\)$"):
        checks.dense(X, np.ones((4, 5)), W1=W1, W2=W2)
    with pytest.raises(ValueError, match=r"do not: W1 \(5, 4, 3\), W2 \(2, 3, 4\)$"):
        checks.dense(X, np.ones((4, 3)), W1=W1, W2=W2[:2])
