"""Bad input: every argument of every routine, refused by name before anything is computed."""

import numpy as np
import pytest
import strict
from networks import CASES, relative, small_images

import deltarule
from deltarule import data, matlab, mnist_conv, mnist_conv_forward
from deltarule.basics import checks

ALL = sorted(CASES)
SOFTMAX = ["multi_class", "deep_relu", "deep_dropout"]


def call(name, *, forward=False, **changed):
    """The routine (or forward pass) on good arguments, but for those changed by name."""
    case = CASES[name]
    weights, rng = case.start()
    names = ["W"] if len(weights) == 1 else [f"W{k + 1}" for k in range(len(weights))]
    X, D = case.data()
    arguments = dict(zip([*names, "X", "D"], [*weights, X, D], strict=True))
    arguments |= {"rng": rng} if name == "deep_dropout" else {}
    arguments |= changed
    if forward:
        return case.forward(*(arguments[n] for n in [*names, "X"]))
    return case.routine(**arguments)


def as_tuple(weights):
    return weights if isinstance(weights, tuple) else (weights,)


def arguments_of(name):
    weights = {"delta_": ["W"], "backpr": ["W1", "W2"], "multi_": ["W1", "W2"]}
    return [*weights.get(name[:6], ["W1", "W2", "W3", "W4"]), "X", "D"]


EVERY = [(name, argument) for name in ALL for argument in arguments_of(name)]


def good(name, argument):
    case = CASES[name]
    return dict(zip(arguments_of(name), [*case.start()[0], *case.data()], strict=True))[argument]


@pytest.mark.parametrize(("name", "argument"), EVERY)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite_is_refused_with_its_place(name, argument, bad):
    a = good(name, argument).copy()
    a[(-1,) * a.ndim] = bad
    with pytest.raises(ValueError, match=rf"^{argument} must be finite, but it is {bad} at \({a.shape[0] - 1},"):
        call(name, **{argument: a})


@pytest.mark.parametrize(("name", "argument"), EVERY)
def test_complex_numbers_strings_and_objects_are_refused(name, argument):
    for bad in (good(name, argument) + 0j, good(name, argument).astype(str), good(name, argument).astype(object)):
        with pytest.raises(TypeError, match=f"^{argument} must be of real numbers, float64 or float32, not of dtype"):
            call(name, **{argument: bad})


@pytest.mark.parametrize(("name", "argument"), EVERY)
def test_a_wrong_shape_is_refused_with_what_it_takes(name, argument):
    a = good(name, argument)
    for bad in (a[..., :-1], a[..., None, None] if argument == "X" else a[None][..., :-1], a.ravel()[:-1]):
        with pytest.raises(
            ValueError, match="must (have the shape|be vectors|be images).*(not (of shape )?|of shape )\\("
        ):
            call(name, **{argument: bad})


@pytest.mark.parametrize(("name", "argument"), EVERY)
def test_an_empty_array_is_refused(name, argument):
    with pytest.raises(ValueError, match=rf"^{argument} must have at least one element, not the shape \(0,"):
        call(name, **{argument: good(name, argument)[:0]})


@pytest.mark.parametrize(("name", "argument"), EVERY)
def test_mixed_dtypes_are_refused(name, argument):
    first = argument == arguments_of(name)[0]
    said = "must be float32 as the weights are, not float64" if first else f"^{argument} must be float64 .* not float32"
    with pytest.raises(ValueError, match=said):
        call(name, **{argument: good(name, argument).astype(np.float32)})


@pytest.mark.parametrize(("name", "argument"), EVERY)
def test_mixed_devices_are_refused(name, argument):
    with pytest.raises(ValueError, match="must be a (strict|numpy) array as the weights are, not a .* one device"):
        call(name, **{argument: strict.asarray(good(name, argument))})


@pytest.mark.parametrize(("name", "argument"), EVERY)
def test_a_ragged_list_is_refused(name, argument):
    with pytest.raises(ValueError, match=f"^{argument} must be an array, or lists that form one"):
        call(name, **{argument: [[1.0, 2.0], [3.0]]})


@pytest.mark.parametrize(("name", "argument"), EVERY)
def test_a_masked_array_is_refused_since_its_mask_would_be_lost(name, argument):
    with pytest.raises(TypeError, match=rf"^{argument} must not be a masked array; .*{argument}\.filled\(0\)"):
        call(name, **{argument: np.ma.masked_array(good(name, argument))})


@pytest.mark.parametrize(("name", "argument"), [pair for pair in EVERY if good(*pair).ndim == 2])
def test_a_matrix_is_taken_as_the_array_it_holds(name, argument):
    # np.matrix has another product for *, which would run through a listing in silence
    with pytest.warns(PendingDeprecationWarning):
        matrix = np.matrix(good(name, argument))
    weights = as_tuple(call(name, **{argument: matrix}))
    assert {type(W) for W in weights} == {np.ndarray}
    assert relative(weights, as_tuple(call(name))) < 1e-12


@pytest.mark.parametrize(("name", "argument"), EVERY)
def test_numbers_in_the_other_order_of_bytes_are_taken(name, argument):
    other = good(name, argument).astype(np.dtype(np.float64).newbyteorder())
    weights = as_tuple(call(name, **{argument: other}))
    assert {W.dtype.str for W in weights} == {np.dtype(np.float64).str}
    assert relative(weights, as_tuple(call(name))) < 1e-12


@pytest.mark.parametrize("name", ALL)
def test_alpha_must_be_a_number_above_0(name):
    for bad in (0, -0.9, np.nan, np.inf):
        with pytest.raises(ValueError, match="^alpha must be"):
            call(name, alpha=bad)
    with pytest.raises(ValueError, match="^alpha must be a number that a double can hold"):
        call(name, alpha=10**400)
    for bad in ("0.9", None, True, [0.9], 1j):
        with pytest.raises(TypeError, match="^alpha must be a real number, not"):
            call(name, alpha=bad)


def test_beta_must_lie_in_0_to_1():
    for bad in (-0.1, 1.0, np.nan):
        with pytest.raises(ValueError, match="^beta must be"):
            call("backprop_mmt", beta=bad)


@pytest.mark.parametrize("size", [0, -1, 5])
def test_batch_size_must_lie_between_1_and_the_samples(size):
    with pytest.raises(ValueError, match=f"^batch_size must be from 1 to 4, the number of samples in X, not {size}"):
        call("delta_minibatch", batch_size=size)


@pytest.mark.parametrize("size", [2.0, "2", None, True])
def test_batch_size_must_be_an_integer(size):
    with pytest.raises(TypeError, match="^batch_size must be an integer, not"):
        call("delta_minibatch", batch_size=size)


@pytest.mark.parametrize("name", SOFTMAX)
def test_rows_that_are_not_one_hot_are_refused(name):
    for bad in (np.zeros((5, 5)), np.ones((5, 5)), np.eye(5) / 2, 2 * np.eye(5) - np.eye(5)[::-1]):
        with pytest.raises(ValueError, match="^D must be one-hot"):
            call(name, D=bad)


def test_backprop_ce_refuses_targets_outside_0_to_1():
    with pytest.raises(ValueError, match=r"^D must be in \[0, 1\]"):
        call("backprop_ce", D=np.array([0.0, 1.0, 1.0, -1.0]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("elements", "within"),
    [
        ([0.0, 1.0], True),
        ([1.0, -0.0, 0.5], True),
        ([0.5, -1e-30], False),
        ([0.5, 1.0000002], False),
        ([np.nan, 0.5], False),
        ([0.5, np.nan], False),
        ([np.inf], False),
        ([-np.inf, 0.5], False),
    ],
)
def test_the_unit_interval_has_both_its_ends_and_no_nan(elements, within, dtype):
    a = np.array(elements, dtype)
    for each in (a, a[:, None], strict.asarray(a)):
        assert checks.in_unit_interval(each) is within


@pytest.mark.parametrize("ratio", [1, 1.5, -0.1, np.nan])
def test_deep_dropout_refuses_a_ratio_outside_0_to_1(ratio):
    with pytest.raises(ValueError, match="^ratio must be (in|finite)"):
        call("deep_dropout", ratio=ratio)


@pytest.mark.parametrize("rng", [None, 3, np.random.default_rng(0)])
def test_deep_dropout_refuses_what_is_no_stream(rng):
    with pytest.raises(TypeError, match="^rng must be a stream"):
        call("deep_dropout", rng=rng)


def test_a_refused_call_draws_nothing_from_the_stream():
    rng = matlab.rng(1)
    with pytest.raises(ValueError, match="one-hot"):
        call("deep_dropout", D=np.zeros((5, 5)), rng=rng)
    assert rng.rand() == matlab.rng(1).rand()


@pytest.mark.parametrize("name", ["backprop_xor", "deep_relu"])
def test_leading_axes_that_do_not_match_are_refused(name):
    weights, _ = CASES[name].start()
    with pytest.raises(ValueError, match="leading axes of the weights must broadcast together; they do not: W1 .*W2"):
        call(name, W1=np.stack([weights[0]] * 2), W2=np.stack([weights[1]] * 3))


@pytest.mark.parametrize(("name", "argument"), [pair for pair in EVERY if pair[1] != "D"])
def test_forward_passes_refuse_the_same(name, argument):
    a = good(name, argument).copy()
    with pytest.raises(ValueError, match="must (have the shape|be images)"):
        call(name, forward=True, **{argument: a[..., :-1]})
    a[(0,) * a.ndim] = np.nan
    with pytest.raises(ValueError, match=f"^{argument} must be finite, but it is nan"):
        call(name, forward=True, **{argument: a})


MNIST = {
    "X of two axes": ({"X": np.ones((3, 64))}, r"^X must be images .* not of shape \(3, 64\)"),
    "X smaller than a filter": (
        {"X": np.ones((12, 2, 2))},
        r"^W1 must be no larger than the images, \(2, 2\), and has the shape \(3, 3, 3\)",
    ),
    "odd maps": ({"X": np.ones((12, 7, 8))}, r"^W1 must make maps of even sizes for pooling; .* makes 5 x 6"),
    "filters of two axes": ({"W1": np.ones((3, 3))}, r"^W1 must be filters .* not of shape \(3, 3\)"),
    "features that do not fit": (
        {"W5": np.ones((7, 26))},
        r"^W5 must have the shape \(..., nodes, 27\) .* not \(7, 26\)",
    ),
    "nine classes": ({"Wo": np.ones((9, 7))}, r"^Wo must have the shape \(..., 10, 7\) .* not \(9, 7\)"),
    "too few labels": ({"D": np.ones(11, int)}, r"^D must have the shape \(12,\), .* not \(11,\)"),
    "label 10": ({"D": np.full(12, 10)}, r"^D must be of digits 0 to 9, and has others .MATLAB's label 10"),
    "label -1": ({"D": np.full(12, -1)}, r"^D must be of digits 0 to 9, and has others"),
    "label 1.5": ({"D": np.full(12, 1.5)}, r"^D must be of digits 0 to 9, and has others"),
    "label nan": ({"D": np.full(12, np.nan)}, r"^D must be of digits 0 to 9, and has others"),
    "one-hot labels": ({"D": np.eye(12)[:, :10]}, r"^D must have the shape \(12,\), .* not \(12, 10\)"),
    "nan pixels": ({"X": np.full((12, 8, 8), np.nan)}, r"^X must be finite, but it is nan at \(0, 0, 0\)"),
    "inf weights": ({"W5": np.full((7, 27), np.inf)}, r"^W5 must be finite, but it is inf at \(0, 0\)"),
    "float32 images": ({"X": np.ones((12, 8, 8), np.float32)}, r"^X must be float64 as the weights are, not float32"),
    "batch_size 0": ({"batch_size": 0}, r"^batch_size must be from 1 to 12, .* not 0"),
    "a batch larger than the data": ({"batch_size": 13}, r"^batch_size must be from 1 to 12, .* not 13"),
    "an unknown form": ({"form": "winograd"}, r"^form must be one of .* not 'winograd'"),
    "alpha 0": ({"alpha": 0}, r"^alpha must be above 0, not 0"),
    "beta 1": ({"beta": 1}, r"^beta must be in \[0, 1\), not 1"),
    "images on another device": (
        {"X": strict.asarray(np.ones((12, 8, 8)))},
        r"^X must be a numpy array as the weights are, not a strict array",
    ),
    "leading axes": ({"W1": np.ones((2, 3, 3, 3)), "Wo": np.ones((3, 10, 7))}, r"leading axes .*W1 .*W5 .*Wo"),
}


@pytest.mark.parametrize("case", sorted(MNIST))
def test_mnist_conv_refuses(case):
    changed, message = MNIST[case]
    X, D, (W1, W5, Wo) = small_images()
    arguments = {"W1": W1, "W5": W5, "Wo": Wo, "X": X, "D": D, "batch_size": 4} | changed
    with pytest.raises(ValueError, match=message):
        deltarule.mnist_conv(**arguments)


@pytest.mark.parametrize("D", [np.full(12, "1"), np.ones(12, bool), np.ones(12, complex)])
def test_mnist_conv_refuses_labels_that_are_no_numbers(D):
    X, _, weights = small_images()
    with pytest.raises(TypeError, match="^D must be of the digits 0 to 9, not of dtype"):
        deltarule.mnist_conv(*weights, X, D, batch_size=4)


def test_huge_finite_weights_are_taken():
    X, D = data.linear()
    W = np.full((1, 3), 1e200)  # the sum of their squares overflows, they do not
    assert np.isfinite(deltarule.delta_sgd(W, X, D)).all()


def test_a_column_of_targets_serves_a_single_output():
    X, D = data.linear()
    W = np.zeros((1, 3))
    np.testing.assert_array_equal(deltarule.delta_sgd(W, X, D[:, None]), deltarule.delta_sgd(W, X, D))


@pytest.mark.parametrize("name", ["multi_class", "deep_relu", "deep_dropout"])
@pytest.mark.parametrize("n", [3, 7])
def test_images_that_lie_along_the_last_axis_as_in_matlab_are_named_as_such(name, n):
    X = np.resize(good(name, "X"), (n, 5, 5))
    for forward in (False, True):
        with pytest.raises(
            ValueError, match=rf"^X must be images .*\(5, 5, {n}\) they lie along the last axis, as in M"
        ):
            call(name, forward=forward, X=np.moveaxis(X, 0, -1))


@pytest.mark.parametrize("n", [5, 12, 13])
def test_mnist_conv_names_images_and_labels_that_lie_as_in_matlab(n):
    W1, W5, Wo = np.ones((5, 5, 2)), np.ones((3, 8)), np.ones((10, 3))  # for images of 8 x 8
    X, D = np.ones((n, 8, 8)), np.arange(n) % 10
    turned = np.moveaxis(X, 0, -1)
    with pytest.raises(
        ValueError, match=rf"^X must be images .*\(8, 8, {n}\) they lie along the last axis, as in MATLAB"
    ):
        mnist_conv(W1, W5, Wo, turned, D, batch_size=n)
    with pytest.raises(ValueError, match=r"^X must be images .* along the last axis, as in MATLAB"):
        mnist_conv_forward(W1, W5, Wo, turned)
    with pytest.raises(ValueError, match=rf"^D must have the shape \({n},\), not \({n}, 1\), a column as in MATLAB"):
        mnist_conv(W1, W5, Wo, X, D[:, None], batch_size=n)
    mnist_conv(W1, W5, Wo, np.moveaxis(turned, -1, 0), D, batch_size=n)
    with pytest.raises(ValueError, match="^W5 must have the shape"):
        mnist_conv(W1, W5[:, :-1], Wo, X, D, batch_size=n)
