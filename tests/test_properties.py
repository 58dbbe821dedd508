"""What holds for any network, any sizes and any data: properties of every public function, on random cases."""

import copy
import math
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from closeness import assert_within
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from networks import relative

import deltarule
from deltarule import data, matlab
from deltarule.evidence import gradients
from deltarule.listings.convolution import FORMS

few = settings(max_examples=25, deadline=None)
sizes = st.integers(1, 5)
seeds = st.integers(0, 2**32 - 1)
EXTREMES = [1e308, -1e308, 5e-324, -5e-324, 2.0**-1022, -0.0, 0.0, 1.0, -1.0]

# Layers, forward pass, and the cost that one step descends
LISTINGS = {
    "delta_sgd": (1, "single_layer_forward", gradients.half_squared_error),
    "delta_batch": (1, "single_layer_forward", gradients.half_squared_error),
    "delta_minibatch": (1, "single_layer_forward", gradients.half_squared_error),
    "backprop_xor": (2, "multi_layer_forward", gradients.half_squared_error),
    "backprop_mmt": (2, "multi_layer_forward", gradients.half_squared_error),
    "backprop_ce": (2, "multi_layer_forward", gradients.binary_cross_entropy),
    "multi_class": (2, "multi_class_forward", gradients.softmax_cross_entropy),
    "deep_relu": (4, "deep_relu_forward", gradients.softmax_cross_entropy),
    "deep_dropout": (4, "deep_dropout_forward", gradients.softmax_cross_entropy),
    "mnist_conv": (3, "mnist_conv_forward", gradients.softmax_cross_entropy),
}
DENSE = [name for name in LISTINGS if name != "mnist_conv"]
SOFTMAX = ("multi_class", "deep_relu", "deep_dropout", "mnist_conv")
every = pytest.mark.parametrize("name", LISTINGS)
dense = pytest.mark.parametrize("name", DENSE)


@dataclass(frozen=True)
class Network:
    """A listing with arguments that fit it."""

    name: str
    weights: tuple
    X: np.ndarray
    D: np.ndarray
    options: dict

    def trained(self, **changed):
        """The weights after an epoch, always as a tuple; a stream starts afresh for each call."""
        case = replace(self, **changed)
        options = copy.deepcopy(case.options)
        weights = getattr(deltarule, case.name)(*case.weights, case.X, case.D, **options)
        return weights if isinstance(weights, tuple) else (weights,)

    def outputs(self, **changed):
        case = replace(self, **changed)
        return getattr(deltarule, LISTINGS[case.name][1])(*case.weights, case.X)

    def cost(self, **changed):
        case = replace(self, **changed)
        D = np.eye(10)[(case.D + 9) % 10] if case.name == "mnist_conv" else case.D
        return LISTINGS[case.name][2](D, case.outputs())


@st.composite
def networks(draw, name, leading=(), samples=None):
    """A network of random sizes, with random weights and samples; `leading` axes make many of it."""
    rng = np.random.default_rng(draw(seeds))
    N = samples or draw(st.integers(1, 6))
    options = {}
    if name == "mnist_conv":
        p, q, f, h = (draw(st.integers(1, 3)) for _ in range(4))
        R, C = draw(st.integers(1, 2)), draw(st.integers(1, 2))
        shapes = [(p, q, f), (h, R * C * f), (10, h)]
        X, D = rng.random((N, 2 * R + p - 1, 2 * C + q - 1)), rng.integers(0, 10, N)
        options["batch_size"] = draw(st.integers(1, N))
        options["form"] = draw(st.sampled_from(sorted(FORMS)))
    else:
        nodes = [draw(sizes) for _ in range(1 + LISTINGS[name][0])]
        shapes = list(zip(nodes[1:], nodes[:-1], strict=True))
        X, D = rng.normal(size=(N, nodes[0])), rng.random((N, nodes[-1]))
        if name in SOFTMAX:
            D = np.eye(nodes[-1])[rng.integers(0, nodes[-1], N)]
    if name == "delta_minibatch":
        options["batch_size"] = draw(st.integers(1, N))
    if name == "deep_dropout":
        options |= {"ratio": draw(st.sampled_from([0.0, 0.2, 0.5])), "rng": matlab.rng(draw(seeds))}
    return Network(name, tuple(rng.normal(size=(*leading, *shape)) for shape in shapes), X, D, options)


def laid_out_otherwise(a, how):
    """The same array in memory that is Fortran-ordered, part of a larger one, reversed, or read-only."""
    if how == "F":
        return np.asfortranarray(a)
    if how == "part":
        larger = np.full([2 * n + 1 for n in a.shape], np.nan, dtype=a.dtype if a.dtype.kind == "f" else float)
        larger = larger if a.dtype.kind == "f" else np.zeros(larger.shape, a.dtype)
        view = larger[tuple(slice(1, None, 2) for _ in a.shape)]
        view[...] = a
        return view
    if how == "reversed":
        turned = (slice(None, None, -1),) * a.ndim
        return a[turned].copy()[turned]
    a = a.copy()
    a.flags.writeable = False
    return a


@every
@given(source=st.data(), dtype=st.sampled_from([np.float32, np.float64]))
@few
def test_results_have_the_shapes_and_the_dtype_of_the_weights(name, source, dtype):
    case = source.draw(networks(name))
    weights = tuple(W.astype(dtype) for W in case.weights)
    X, D = case.X.astype(dtype), case.D if case.D.dtype.kind == "i" else case.D.astype(dtype)
    for ours, W in zip(case.trained(weights=weights, X=X, D=D), weights, strict=True):
        assert (ours.shape, ours.dtype) == (W.shape, W.dtype)
        assert not any(np.may_share_memory(ours, a) for a in (*weights, X, D))
    y = case.outputs(weights=weights, X=X)
    assert (y.shape, y.dtype) == ((len(X), weights[-1].shape[0]), dtype)


@every
@given(source=st.data())
@few
def test_arguments_are_left_as_they_are(name, source):
    case = source.draw(networks(name))
    before = copy.deepcopy((*case.weights, case.X, case.D))
    case.trained()
    case.outputs()
    for a, b in zip((*case.weights, case.X, case.D), before, strict=True):
        np.testing.assert_array_equal(a, b)


@every
@given(source=st.data(), how=st.sampled_from(["F", "part", "reversed", "read-only"]))
@few
def test_memory_may_lie_in_any_way_and_be_read_only(name, source, how):
    case = source.draw(networks(name))
    other = replace(
        case,
        weights=tuple(laid_out_otherwise(W, how) for W in case.weights),
        X=laid_out_otherwise(case.X, how),
        D=laid_out_otherwise(case.D, how),
    )
    assert relative(other.trained(), case.trained()) < 1e-12
    assert_within(other.outputs(), case.outputs(), absolute=1e-15, relative=1e-12)


@every
@given(source=st.data(), leading=hnp.array_shapes(max_dims=2, max_side=3))
@few
def test_leading_axes_are_networks_of_their_own(name, source, leading):
    case = source.draw(networks(name, leading=leading))
    together, y = case.trained(), case.outputs()
    for index in np.ndindex(leading):
        alone = replace(case, weights=tuple(W[index] for W in case.weights))
        assert relative([W[index] for W in together], alone.trained()) < 1e-11
        assert_within(y[index], alone.outputs(), absolute=1e-14, relative=1e-11)


@every
@given(source=st.data())
@few
def test_samples_are_taken_in_their_order(name, source):
    case = source.draw(networks(name, samples=4))
    if "batch_size" in case.options:
        case = replace(case, options=case.options | {"batch_size": 2})
    if name == "delta_batch":
        shuffled = replace(case, X=case.X[[2, 0, 3, 1]], D=case.D[[2, 0, 3, 1]])
        assert relative(shuffled.trained(), case.trained()) < 1e-12  # all at once: their order does not matter
        return
    first, rest = replace(case, X=case.X[:2], D=case.D[:2]), replace(case, X=case.X[2:], D=case.D[2:])
    if name in ("backprop_mmt", "mnist_conv"):
        momenta = tuple(np.zeros_like(W) for W in case.weights)
        state = first.trained(options=case.options | {"momenta": momenta})
        k = len(case.weights)
        state = rest.trained(weights=state[:k], options=case.options | {"momenta": state[k:]})[:k]
    elif name == "deep_dropout":
        options = copy.deepcopy(case.options)  # one stream goes on through both
        state = deltarule.deep_dropout(*case.weights, first.X, first.D, **options)
        state = deltarule.deep_dropout(*state, rest.X, rest.D, **options)
    else:
        state = rest.trained(weights=first.trained())
    assert relative(state, case.trained()) < 1e-12


@every
@given(source=st.data())
@few
def test_outputs_come_in_the_order_of_the_samples(name, source):
    case = source.draw(networks(name))
    order = np.random.default_rng(len(case.X)).permutation(len(case.X))
    assert_within(case.outputs(X=case.X[order]), case.outputs()[order], absolute=1e-15, relative=1e-12)


@pytest.mark.parametrize("name", [name for name in LISTINGS if LISTINGS[name][0] > 1])
@given(source=st.data())
@few
def test_hidden_nodes_may_be_relabelled(name, source):
    case = source.draw(networks(name))
    if name == "deep_dropout":
        case = replace(case, options=case.options | {"ratio": 0.0})  # its masks go by place

    def relabelled(weights):
        weights = list(weights)
        for k in range(len(weights) - 1) if name != "mnist_conv" else [1]:
            order = np.random.default_rng(k).permutation(weights[k].shape[0])
            weights[k], weights[k + 1] = weights[k][order], weights[k + 1][:, order]
        return tuple(weights)

    other = replace(case, weights=relabelled(case.weights))
    assert_within(other.outputs(), case.outputs(), absolute=1e-14, relative=1e-11)
    assert relative(other.trained(), relabelled(case.trained())) < 1e-11


@every
@given(source=st.data())
@few
def test_a_step_with_a_small_alpha_decreases_the_cost(name, source):
    case = source.draw(networks(name, samples=1))
    options = case.options | ({"ratio": 0.0} if name == "deep_dropout" else {})
    alpha = 1e-6
    weights = case.trained(options=options | {"alpha": alpha})
    squares = sum(((new - old) ** 2).sum() for new, old in zip(weights, case.weights, strict=True)) / alpha**2
    assume(squares > 1e-6)  # not at a minimum, nor with all ReLU nodes silent
    # to first order it falls by alpha times the squared gradient
    assert_within(case.cost() - case.cost(weights=weights), alpha * squares, absolute=0, relative=0.05)


@every
@given(source=st.data())
@few
def test_outputs_are_probabilities(name, source):
    y = source.draw(networks(name)).outputs()
    assert ((y >= 0) & (y <= 1)).all()
    if name in SOFTMAX:
        assert_within(y.sum(axis=-1), 1, absolute=0, relative=1e-12)


@dense
@given(source=st.data())
@few
def test_extreme_weights_are_taken_without_warning_and_give_probabilities(name, source):
    case = source.draw(networks(name))
    # ReLU nodes are not bounded: what huge weights make of them is infinite in the listing as well
    extreme = source.draw(st.sampled_from(EXTREMES[2:] if name == "deep_relu" else EXTREMES))
    W1 = np.zeros_like(case.weights[0])
    W1[:, 0] = extreme  # one input alone, so that no infinite sums of opposite sign meet
    weights = (W1, *(abs(W) for W in case.weights[1:]))
    X = np.sign(case.X)
    y = case.outputs(weights=weights, X=X)
    assert ((y >= 0) & (y <= 1)).all()
    for W in case.trained(weights=weights, X=X):
        assert np.isfinite(W).all()


@dense
@given(source=st.data())
@few
def test_the_sign_of_zero_and_denormals_make_no_difference(name, source):
    case = source.draw(networks(name))
    X = case.X.copy()
    X[:, 0] = 0.0
    expected = case.trained(X=X)
    for tiny in (-0.0, 5e-324, -5e-324):
        X[:, 0] = tiny
        assert relative(case.trained(X=X), expected) < 1e-12


# ---------------------------------------------------------------- functions

numbers = st.floats(allow_nan=False, allow_infinity=False)
arrays = hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=4), elements=numbers)
unit = st.floats(0, 1)


# With u = 2**-53, the sum and the quotient of a sigmoid y are off by u y each, and its exp, off by up to 2 u of itself,
# moves it by no more than u / 2; y and the sigmoid of -x add up to 1, and 1 - y is rounded as well.
ROUNDINGS = 3.5 * 2**-53


@given(x=arrays)
@example(x=np.array([-3.65671341e-05]))
def test_sigmoid_of_minus_x_is_one_minus_sigmoid(x):
    y = deltarule.sigmoid(x)
    assert y.shape == x.shape
    assert ((y >= 0) & (y <= 1)).all()
    assert_within(deltarule.sigmoid(-x), 1 - y, absolute=ROUNDINGS, relative=0)


@given(x=arrays)
def test_sigmoid_and_relu_never_fall(x):
    x = np.sort(x.ravel())
    for function in (deltarule.sigmoid, deltarule.relu):
        assert (function(x[1:]) >= function(x[:-1])).all()


@given(x=arrays)
def test_relu_is_idempotent_and_splits_a_number_into_its_parts(x):
    y = deltarule.relu(x)
    np.testing.assert_array_equal(deltarule.relu(y), y)
    np.testing.assert_array_equal(y - deltarule.relu(-x), x)


@given(x=hnp.arrays(float, hnp.array_shapes(min_dims=2, max_dims=3), elements=st.floats(-1e3, 1e3)), shift=numbers)
def test_softmax_does_not_change_when_a_column_is_shifted(x, shift):
    shift = max(-1e3, min(1e3, shift))
    y = deltarule.softmax(x)
    assert_within(deltarule.softmax(x + shift), y, absolute=1e-300, relative=1e-11)
    assert_within(y.sum(axis=-2), 1, absolute=0, relative=1e-14)


@given(x=hnp.arrays(float, hnp.array_shapes(min_dims=2, max_dims=2), elements=st.sampled_from(EXTREMES)))
def test_softmax_of_extremes_is_a_distribution(x):
    with np.errstate(over="ignore"):  # 1e308 less -1e308, whose exponential is the 0 that it should be
        y = deltarule.softmax(x)
    assert_within(y.sum(axis=-2), 1, absolute=0, relative=1e-14)
    assert (y[x == x.max(axis=-2)] > 0).all()


@given(
    shape=hnp.array_shapes(min_dims=1, max_dims=3, max_side=9),
    ratio=st.floats(0, 0.99),
    seed=seeds,
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_dropout_keeps_the_rounded_share_and_scales_it_up(shape, ratio, seed, dtype):
    mask = deltarule.dropout(np.zeros(shape, dtype), ratio, matlab.rng(seed))
    assert (mask.shape, mask.dtype) == (shape[-2:], dtype)
    kept = Decimal(mask.size * (1 - ratio)).quantize(Decimal(1), ROUND_HALF_UP)
    assert (mask != 0).sum() == kept
    assert set(np.unique(mask).tolist()) <= {0, dtype(1 / (1 - ratio)).item()}


@given(source=st.data())
def test_costs_are_zero_for_the_targets_themselves_and_else_above(source):
    shape = source.draw(hnp.array_shapes(max_dims=2, max_side=4))
    d = source.draw(hnp.arrays(float, shape, elements=st.sampled_from([0.0, 1.0])))
    y = source.draw(hnp.arrays(float, shape, elements=st.floats(1e-6, 1 - 1e-6)))
    for cost in (deltarule.sum_squared_error, deltarule.cross_entropy):
        assert cost(d, d) == 0 < cost(d, y)
        assert_within(cost(1 - d, 1 - y), cost(d, y), absolute=0, relative=1e-9)
    # among all outputs, the target itself costs least
    assert deltarule.cross_entropy(y, y) <= deltarule.cross_entropy(y, np.clip(y + 0.01, 0, 1)) + 1e-12
    order = np.arange(len(d))[::-1]
    for cost in (deltarule.sum_squared_error, deltarule.cross_entropy):
        assert_within(cost(d[order], y[order]), cost(d, y), absolute=0, relative=1e-12)


# ---------------------------------------------------------------- convolution and pooling


@given(source=st.data(), form=st.sampled_from(sorted(FORMS)), seed=seeds)
@settings(max_examples=60, deadline=None)
def test_conv_is_its_definition(source, form, seed):
    rows, cols, f, N = (source.draw(st.integers(1, most)) for most in (7, 7, 3, 3))
    p, q = source.draw(st.integers(1, rows)), source.draw(st.integers(1, cols))
    rng = np.random.default_rng(seed)
    x, W = rng.normal(size=(N, rows, cols)), rng.normal(size=(p, q, f))
    expected = np.zeros((N, rows - p + 1, cols - q + 1, f))
    for n, i, j, k in np.ndindex(expected.shape):
        expected[n, i, j, k] = (x[n, i : i + p, j : j + q] * W[:, :, k]).sum()
    assert_within(deltarule.conv(x, W, form=form), expected, absolute=1e-12, relative=0)
    # linear in the filters, and the filter of a single one gives the image back
    assert_within(deltarule.conv(x, 2 * W, form=form), 2 * expected, absolute=1e-12, relative=0)
    one = np.ones((1, 1, 1))
    assert_within(deltarule.conv(x, one, form=form)[..., 0], x, absolute=1e-14, relative=0)


@given(source=st.data(), constant=st.floats(-1e307, 1e307))
def test_pooling_keeps_a_constant_and_the_mean(source, constant):
    *leading, R, C, f = source.draw(hnp.array_shapes(min_dims=3, max_dims=5, max_side=3))
    shape = (*leading, 2 * R, 2 * C, f)
    assert_within(deltarule.pool(np.full(shape, constant)), constant, absolute=0, relative=1e-15)
    x = np.random.default_rng(R).normal(size=shape)
    y = deltarule.pool(x)
    assert y.shape == (*leading, R, C, f)
    assert_within(y.mean(axis=(-3, -2)), x.mean(axis=(-3, -2)), absolute=1e-14, relative=0)
    assert_within(y[..., -1, -1, :], x[..., -2:, -2:, :].mean(axis=(-3, -2)), absolute=1e-14, relative=0)


@given(source=st.data())
@few
def test_feature_maps_never_fall_below_zero_and_are_the_parts(source):
    case = source.draw(networks("mnist_conv"))
    y1, y2, y3 = deltarule.feature_maps(case.weights[0], case.X)
    np.testing.assert_array_equal(y2, np.where(y1 > 0, y1, 0))
    assert_within(y3, deltarule.pool(y2), absolute=0, relative=1e-15)


# ---------------------------------------------------------------- streams and data


@given(seed=seeds, shape=hnp.array_shapes(min_dims=2, max_dims=3, max_side=6))
def test_uniforms_lie_between_0_and_1_and_fill_columns_first(seed, shape):
    a = matlab.rng(seed).rand(*shape)
    assert a.shape == shape
    assert ((a > 0) & (a < 1)).all()
    one, stream = matlab.rng(seed), []
    for _ in range(a.size):
        stream.append(one.rand())
    np.testing.assert_array_equal(a.ravel(order="F"), stream)


@given(seed=seeds, first=st.integers(0, 50), second=st.integers(0, 50), kind=st.sampled_from(["rand", "randn"]))
def test_a_stream_goes_on_where_it_was(seed, first, second, kind):
    whole = getattr(matlab.rng(seed), kind)(1, first + second)
    rng = matlab.rng(seed)
    parts = [getattr(rng, kind)(1, n) for n in (first, second)]
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)


@given(seed=seeds, low=st.integers(-(2**40), 2**40), span=st.integers(0, 2**40), n=st.integers(0, 20))
def test_integers_lie_within_their_limits(seed, low, span, n):
    drawn = matlab.rng(seed).randi((low, low + span), 1, n)
    assert drawn.shape == (1, n)
    assert drawn.dtype == np.int64
    assert ((drawn >= low) & (drawn <= low + span)).all()


@given(seed=seeds, n=st.integers(0, 60), k=st.integers(0, 60))
def test_randperm_gives_each_number_once(seed, n, k):
    assert sorted(matlab.rng(seed).randperm(n).tolist()) == list(range(1, n + 1))
    drawn = matlab.rng(seed).randperm(max(n, k), min(n, k)).tolist()
    assert len(set(drawn)) == min(n, k) == len(drawn)
    assert set(drawn) <= set(range(1, max(n, k) + 1))


@given(x=st.floats(-(2.0**52), 2.0**52))
def test_round_is_half_away_from_zero(x):
    assert matlab.round(x) == float(Decimal(x).quantize(Decimal(1), ROUND_HALF_UP))
    assert matlab.round(np.array([x]))[0] == matlab.round(x)
    assert math.copysign(1, matlab.round(x)) == math.copysign(1, x)


@given(shape=hnp.array_shapes(max_dims=4, max_side=4), seed=seeds)
def test_reshape_keeps_the_elements_in_matlabs_order(shape, seed):
    a = np.random.default_rng(seed).normal(size=shape)
    column = matlab.reshape(a, None, 1)
    assert column.shape == (a.size, 1)
    np.testing.assert_array_equal(column[:, 0], a.ravel(order="F"))
    np.testing.assert_array_equal(matlab.reshape(column, shape), a)


@pytest.mark.parametrize("table", [data.linear, data.xor, data.digits, data.contaminated_digits])
def test_tables_are_of_zeros_and_ones_and_new_each_time(table):
    first, second = table(), table()
    arrays = first if isinstance(first, tuple) else (first,)
    for a, b in zip(arrays, second if isinstance(second, tuple) else (second,), strict=True):
        assert a.dtype == np.float64
        assert set(np.unique(a).tolist()) == {0, 1}
        np.testing.assert_array_equal(a, b)
        assert not np.may_share_memory(a, b)
