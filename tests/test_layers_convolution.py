"""Convolution and pooling: against SciPy and by definition, gradients, memory, arrays left alone, bad input."""

import tracemalloc

import numpy as np
import pytest
import strict
from closeness import assert_within
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import correlate

from deltarule import conv
from deltarule.layers import Affine, Convolution, Pooling, convolution, im2col, numerical_gradient, output_size
from deltarule.layers.images import zeros_like


def randn(*shape, seed=0):
    return np.random.RandomState(seed).randn(*shape)


X, W, B = randn(3, 2, 7, 6, seed=1), randn(4, 2, 3, 2, seed=2), randn(4, seed=3)


@st.composite
def convolutions(draw):
    """Images, filters and biases, stride and padding that fit each other."""
    N, C, FN = (draw(st.integers(1, 3)) for _ in range(3))
    stride, pad = draw(st.integers(1, 3)), draw(st.integers(0, 2))
    FH, FW = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    H, W = (draw(st.integers(max(1, f - 2 * pad), f + 6)) for f in (FH, FW))
    return randn(N, C, H, W, seed=1), randn(FN, C, FH, FW, seed=2), randn(FN, seed=3), stride, pad


@st.composite
def poolings(draw):
    """Maps with many equal elements, and rows and columns of a window, stride and padding that fit them."""
    stride, pool_h, pool_w = (draw(st.integers(1, 3)) for _ in range(3))
    pad = draw(st.integers(0, min(pool_h, pool_w) - 1))
    H, W = (draw(st.integers(max(1, f - 2 * pad), f + 5)) for f in (pool_h, pool_w))
    x = np.random.RandomState(draw(st.integers(0, 9))).randint(-2, 2, (2, 3, H, W))
    return x.astype(float), pool_h, pool_w, stride, pad


def by_scipy(x, W, b, stride, pad):
    """The maps of images under filters, one by one."""
    x = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    maps = [[correlate(image, w, mode="valid")[0] for w in W] for image in x]
    return np.array(maps)[:, :, ::stride, ::stride] + b[:, None, None]


def by_definition(x, dout, pool_h, pool_w, stride, pad):
    """The largest elements of all windows, one by one, and the gradient: of equal ones, to the first."""
    padding = [(0, 0), (0, 0), (pad, pad), (pad, pad)]
    x = np.pad(x, padding, constant_values=-np.inf)
    dx, out = np.zeros(x.shape), np.zeros(dout.shape)
    for n, c, i, j in np.ndindex(dout.shape):
        top, left = i * stride, j * stride
        window = x[n, c, top : top + pool_h, left : left + pool_w]
        out[n, c, i, j] = window.max()
        row, column = divmod(window.argmax(), pool_w)
        dx[n, c, top + row, left + column] += dout[n, c, i, j]
    return out, dx[:, :, pad : x.shape[2] - pad, pad : x.shape[3] - pad]


def orders(x):
    """The same images in other orders of memory: images last, columns first, backwards, and every other element."""
    return [
        x.transpose(1, 2, 3, 0).copy().transpose(3, 0, 1, 2),
        np.asfortranarray(x),
        x[::-1, ::-1, ::-1, ::-1].copy()[::-1, ::-1, ::-1, ::-1],
        x.repeat(2, axis=3)[..., ::2],
    ]


def results(layer, x, dout):
    """All that a layer gives, forward and backward."""
    out, dx = layer.forward(x), layer.backward(dout)
    return [out, dx, layer.dW, layer.db] if isinstance(layer, Convolution) else [out, dx]


# Convolution


@given(convolutions())
@settings(deadline=None)
def test_maps_are_those_of_scipys_correlation(case):
    x, W, b, stride, pad = case
    out = Convolution(W, b, stride, pad, round_down=True).forward(x)
    assert_within(out, by_scipy(*case), absolute=1e-12, relative=0)


@pytest.mark.slow
@given(convolutions())
@settings(deadline=None, max_examples=30)
def test_the_gradients_of_a_convolution_are_the_numerical_ones(case):
    x, W, b, stride, pad = case
    layer = Convolution(W, b, stride, pad, round_down=True)
    dout = randn(*layer.forward(x).shape, seed=4)
    dx = layer.backward(dout)

    def cost(x, W, b):
        return (by_scipy(x, W, b, stride, pad) * dout).sum()

    assert_within(dx, numerical_gradient(lambda x: cost(x, W, b), x), absolute=1e-8, relative=0)
    assert_within(layer.dW, numerical_gradient(lambda W: cost(x, W, b), W), absolute=1e-8, relative=0)
    assert_within(layer.db, numerical_gradient(lambda b: cost(x, W, b), b), absolute=1e-8, relative=0)


def zeros_for_same(size, filter, stride):
    """Keras's rule, as TensorFlow's documentation has it."""
    over = size % stride
    wanted = max(filter - (over or stride), 0)
    return wanted // 2, wanted - wanted // 2


@given(convolutions())
@settings(deadline=None)
def test_same_is_the_convolution_of_images_with_kerass_zeros_around_them(case):
    x, W, b, stride, _ = case
    (H, FH), (V, FW) = zip(x.shape[2:], W.shape[2:], strict=True)
    pads = [(0, 0), (0, 0), zeros_for_same(H, FH, stride), zeros_for_same(V, FW, stride)]
    layer, padded = Convolution(W, b, stride, "same"), Convolution(W, b, stride, round_down=True)
    out, expected = layer.forward(x), padded.forward(np.pad(x, pads))
    assert out.shape[2:] == (-(-H // stride), -(-V // stride))
    np.testing.assert_array_equal(out, expected)
    dout = randn(*out.shape, seed=4)
    dx = np.pad(layer.backward(dout), pads)
    mask = np.pad(np.ones(x.shape), pads)
    np.testing.assert_array_equal(dx, padded.backward(dout) * mask)
    np.testing.assert_array_equal(layer.dW, padded.dW)
    np.testing.assert_array_equal(layer.db, padded.db)


def test_the_gradients_with_one_zero_more_behind_are_the_numerical_ones():
    layer = Convolution(W, B, 2, "same")
    dout = randn(3, 4, 4, 3, seed=4)
    layer.forward(X)
    dx = layer.backward(dout)

    def cost(x, W, b):
        return (Convolution(W, b, 2, "same").forward(x) * dout).sum()

    assert_within(dx, numerical_gradient(lambda x: cost(x, W, B), X), absolute=1e-8, relative=0)
    assert_within(layer.dW, numerical_gradient(lambda W: cost(X, W, B), W), absolute=1e-8, relative=0)
    assert_within(layer.db, numerical_gradient(lambda b: cost(X, W, b), B), absolute=1e-8, relative=0)


def test_a_layer_of_same_takes_images_of_another_size_each_time():
    layer = Convolution(W, B, 2, "same")
    sizes = [layer.forward(randn(1, 2, rows, columns)).shape[2:] for rows, columns in ((7, 6), (1, 1), (8, 9))]
    assert sizes == [(4, 3), (1, 1), (4, 5)]
    assert layer.backward(randn(1, 4, 4, 5)).shape == (1, 2, 8, 9)


def test_a_convolution_is_the_product_of_im2col_and_the_filters():
    # the from-scratch notes, chapter 7: np.dot(col, col_W) + b
    out = Convolution(W, B, pad=1).forward(X)
    rows = im2col(X, 3, 2, pad=1) @ W.reshape(4, -1).T + B
    assert_within(out, rows.reshape(3, 7, 7, 4).transpose(0, 3, 1, 2), absolute=1e-13, relative=0)


def test_the_maps_are_those_of_the_other_wings_conv():
    x, W = randn(5, 28, 28), randn(9, 9, 20, seed=1)  # MATLAB's order: rows, columns, filters
    maps = np.array([conv(image, W) for image in x])
    layer = Convolution(W.transpose(2, 0, 1)[:, None], np.zeros(20))
    assert_within(layer.forward(x[:, None]), maps.transpose(0, 3, 1, 2), absolute=1e-12, relative=0)


@pytest.mark.parametrize("block", [1, 700, 1500, 2**30])
@pytest.mark.parametrize("piece", [1, 7, 10**6])
@pytest.mark.parametrize("how", [(1, 0), (2, 1), (3, 2)])
def test_how_many_rows_are_computed_at_a_time_changes_nothing_but_rounding(block, piece, how, monkeypatch):
    stride, pad = how
    shape = 3, 4, output_size(7, 3, stride, pad, round_down=True), output_size(6, 2, stride, pad, round_down=True)
    expected = results(Convolution(W, B, stride, pad, round_down=True), X, randn(*shape))
    monkeypatch.setattr(convolution, "BLOCK", block)
    monkeypatch.setattr(convolution, "PIECE", piece)
    for a, b in zip(results(Convolution(W, B, stride, pad, round_down=True), X, randn(*shape)), expected, strict=True):
        assert_within(a, b, absolute=1e-13, relative=0)


def test_the_first_layer_of_a_network_may_leave_out_the_gradient_of_its_input():
    one, other = Convolution(W, B), Convolution(W, B)
    dout = randn(*one.forward(X).shape)
    one.backward(dout)
    other.forward(X)
    assert other.weight_gradients(dout) is dout
    np.testing.assert_array_equal(one.dW, other.dW)
    np.testing.assert_array_equal(one.db, other.db)


def test_a_convolution_computes_with_the_filters_that_it_holds_at_the_time():
    weights, b = W.copy(), B.copy()
    layer = Convolution(weights, b)
    assert layer.W is weights
    assert layer.b is b
    weights *= 2  # as an optimiser does
    assert_within(layer.forward(X), by_scipy(X, 2 * W, b, 1, 0), absolute=1e-12, relative=0)
    layer.W, layer.b = -W, -B
    assert_within(layer.forward(X), -by_scipy(X, W, B, 1, 0), absolute=1e-12, relative=0)


@pytest.mark.slow
def test_the_convolution_of_2000_images_takes_little_more_memory_than_its_maps():
    x = np.ones((2000, 1, 28, 28), np.float32)
    layer = Convolution(np.ones((30, 1, 5, 5), np.float32), np.zeros(30, np.float32))
    tracemalloc.start()
    out = layer.forward(x)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    layer.backward(out)
    before, peak_backward = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    windows = 25 * 24 * 24 * 2000 * 4  # bytes of im2col's matrix
    assert peak - out.nbytes < 0.2 * windows
    assert peak_backward - before < 0.4 * windows


# Pooling


@given(poolings())
@settings(deadline=None)
def test_pooling_keeps_the_largest_and_gives_the_gradient_to_the_first_of_equal_ones(case):
    x, *how = case
    layer = Pooling(*how, round_down=True)
    dout = randn(*layer.forward(x).shape)
    out, dx = by_definition(x, dout, *how)
    np.testing.assert_array_equal(layer.forward(x), out)
    assert_within(layer.backward(dout), dx, absolute=1e-13, relative=0)


@pytest.mark.parametrize("how", [(2, 2, 2), (3, 3, 2), (2, 3, 1, 1)])
def test_the_gradient_of_pooling_is_the_numerical_one(how):
    layer = Pooling(*how, round_down=True)
    dout = randn(*layer.forward(X).shape, seed=4)
    dx = layer.backward(dout)
    assert_within(dx, numerical_gradient(lambda x: (layer.forward(x) * dout).sum(), X), absolute=1e-8, relative=0)


def test_of_equal_elements_the_first_gets_the_gradient():
    layer = Pooling(2, 2, stride=2)
    np.testing.assert_array_equal(layer.forward(np.zeros((1, 1, 2, 4))), [[[[0, 0]]]])
    np.testing.assert_array_equal(layer.backward([[[[5.0, 7.0]]]]), [[[[5, 0, 7, 0], [0, 0, 0, 0]]]])
    layer.forward([[[[1, 2, 3, 0], [2, 2, 0, 3]]]])
    np.testing.assert_array_equal(layer.backward([[[[5.0, 7.0]]]]), [[[[0, 5, 7, 0], [0, 0, 0, 0]]]])


def test_a_window_may_have_more_than_256_places():
    x = np.zeros((1, 1, 20, 20))
    x[0, 0, 19, 17] = 1
    layer = Pooling(20, 20)
    assert layer.forward(x) == 1
    np.testing.assert_array_equal(layer.backward(np.ones((1, 1, 1, 1))), x)


def test_padding_is_never_the_largest():
    layer = Pooling(2, 2, stride=2, pad=1)
    np.testing.assert_array_equal(layer.forward(np.full((1, 1, 2, 2), -5)), np.full((1, 1, 2, 2), -5))
    np.testing.assert_array_equal(layer.backward(np.ones((1, 1, 2, 2))), np.ones((1, 1, 2, 2)))


# Both


LAYERS = {
    "convolution": (lambda W=W, B=B: Convolution(W, B), (3, 4, 5, 5)),
    "with stride and padding": (lambda W=W, B=B: Convolution(W, B, 2, 1, round_down=True), (3, 4, 4, 4)),
    "with one zero more behind": (lambda W=W, B=B: Convolution(W, B, 2, "same"), (3, 4, 4, 3)),
    "pooling": (lambda W=W, B=B: Pooling(2, 2, 2, round_down=True), (3, 2, 3, 3)),
    "overlapping": (lambda W=W, B=B: Pooling(3, 2, 1), (3, 2, 5, 5)),
    "pooling with padding": (lambda W=W, B=B: Pooling(3, 3, 3, 1, round_down=True), (3, 2, 3, 2)),
}
NAMES = sorted(LAYERS)


@pytest.mark.parametrize("name", NAMES)
def test_neither_the_input_nor_the_gradient_is_written_to_and_outputs_are_new(name):
    make, shape = LAYERS[name]
    layer, given = make(), randn(*shape)
    for x, dout in zip([X.copy(), *orders(X)], [given, *orders(given)], strict=True):
        kept_x, kept_dout = x.copy(), dout.copy()
        first = [a.copy() for a in results(layer, x, dout)]
        found = results(layer, x, dout)
        out, dx, *_ = found
        for a, b in zip(found, first, strict=True):
            np.testing.assert_array_equal(a, b)
        layer.forward(-x)
        layer.backward(-dout)
        np.testing.assert_array_equal(out, first[0])  # an earlier output is not the buffer of a later one
        np.testing.assert_array_equal(dx, first[1])
        out += 1
        dx += 1
        np.testing.assert_array_equal(x, kept_x)
        np.testing.assert_array_equal(dout, kept_dout)


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_memory_changes_nothing_but_rounding(name):
    make, shape = LAYERS[name]
    dout = randn(*shape)
    expected = results(make(), X, dout)
    for x, d in zip(orders(X), orders(dout), strict=True):
        for a, b in zip(results(make(), x, d), expected, strict=True):
            assert_within(a, b, absolute=1e-13, relative=0)


@pytest.mark.parametrize("name", NAMES)
def test_maps_and_their_gradients_lie_with_the_images_last(name):
    make, shape = LAYERS[name]
    out, dx, *_ = results(make(), X, randn(*shape))
    assert out.strides[0] == dx.strides[0] == 8


@pytest.mark.parametrize("name", NAMES)
def test_float32_stays_float32(name):
    make, shape = LAYERS[name]
    dout = randn(*shape)
    found = results(make(W.astype(np.float32), B.astype(np.float32)), X.astype(np.float32), dout.astype(np.float32))
    for a, b in zip(found, results(make(), X, dout), strict=True):
        assert a.dtype == np.float32
        assert_within(a, b, absolute=1e-4, relative=0)


@pytest.mark.parametrize("name", NAMES)
def test_integers_become_float64(name):
    make, shape = LAYERS[name]
    x, dout = X.round(), np.ones(shape)
    for a, b in zip(results(make(), x.astype(int), dout.astype(int)), results(make(), x, dout), strict=True):
        assert a.dtype == np.float64
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", NAMES)
def test_arrays_stay_on_their_device(name):
    make, shape = LAYERS[name]
    dout = randn(*shape)
    there = results(make(strict.asarray(W), strict.asarray(B)), strict.asarray(X), strict.asarray(dout))
    for a, b in zip(there, results(make(), X, dout), strict=True):
        assert_within(strict.asnumpy(a), b, absolute=1e-13, relative=0)


# Bad input


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((W[0], B), r"W must be filters .* not of shape \(2, 3, 2\)"),
        ((W, B[:3]), r"b must have the shape \(4,\) for W of shape \(4, 2, 3, 2\), not \(3,\)"),
        ((W, B[:, None]), r"b must have the shape \(4,\)"),
        ((W * np.nan, B), "W must be finite"),
        ((W, B * np.inf), "b must be finite"),
        ((W, B.astype(np.float32)), "b must be float64"),
        ((W, B, 0), "stride must be at least 1, not 0"),
        ((W, B, 1.5), "stride must be an integer, not 1.5"),
        ((W, B, 1, -1), "pad must be at least 0, not -1"),
        ((W, B, 1, "full"), "pad must be one of same, not 'full'"),
        ((W, B, 1, None), "pad must be an integer, not None"),
    ],
)
def test_what_a_convolution_cannot_be_made_of_is_refused_by_name(arguments, message):
    with pytest.raises((ValueError, TypeError), match=f"^{message}"):
        Convolution(*arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 2), "pool_h must be at least 1, not 0"),
        ((2, -2), "pool_w must be at least 1, not -2"),
        ((2.0, 2), "pool_h must be an integer"),
        ((2, 2, 0), "stride must be at least 1, not 0"),
        ((2, 3, 1, 2), "pad must be smaller than the window, 2 x 3, not 2"),
        ((2, 2, 1, -1), "pad must be at least 0, not -1"),
    ],
)
def test_what_a_pooling_cannot_be_made_of_is_refused_by_name(arguments, message):
    with pytest.raises((ValueError, TypeError), match=f"^{message}"):
        Pooling(*arguments)


def test_round_down_must_be_true_or_false():
    for make in (lambda: Convolution(W, B, round_down=1), lambda: Pooling(2, 2, round_down="no")):
        with pytest.raises(TypeError, match="^round_down must be True or False"):
            make()


BAD = [
    (lambda a: a * np.nan, "must be finite, but it is nan"),
    (lambda a: a * 1j, "must be of real numbers"),
    (lambda a: a.astype(str), "must be of real numbers"),
    (lambda a: a[:0], "must have at least one element"),
    (lambda a: np.ma.masked_array(a), "must not be a masked array"),
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("bad", "message"), [*BAD, (lambda a: a[0], "must be images")])
def test_images_that_do_not_fit_are_refused_and_the_last_pass_stays(name, bad, message):
    make, shape = LAYERS[name]
    layer, dout = make(), randn(*shape)
    expected = results(layer, X, dout)
    with pytest.raises((ValueError, TypeError), match=f"^x {message}"):
        layer.forward(bad(X))
    np.testing.assert_array_equal(layer.backward(dout), expected[1])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("bad", "message"), [*BAD, (lambda a: a[:2], "must have the shape")])
def test_gradients_that_do_not_fit_are_refused_and_the_last_ones_stay(name, bad, message):
    make, shape = LAYERS[name]
    layer, dout = make(), randn(*shape)
    expected = results(layer, X, dout)[2:]
    with pytest.raises((ValueError, TypeError), match=f"^dout {message}"):
        layer.backward(bad(dout))
    for a, b in zip([layer.dW, layer.db] if expected else [], expected, strict=True):
        assert a is b


@pytest.mark.parametrize("name", NAMES)
def test_backward_before_forward_is_refused(name):
    with pytest.raises(RuntimeError, match="backward needs a forward pass before it"):
        LAYERS[name][0]().backward(np.ones((1, 1, 1, 1)))


def test_images_of_more_than_256_channels_fit_filters_of_as_many():
    layer = Convolution(np.ones((1, 300, 1, 1)), np.zeros(1))
    np.testing.assert_array_equal(layer.forward(np.ones((2, 300, 1, 1))), np.full((2, 1, 1, 1), 300))


def test_images_must_fit_the_filters():
    layer = Convolution(W, B)
    with pytest.raises(ValueError, match=r"^x must have the 2 channels of W, of shape \(4, 2, 3, 2\), not the shape"):
        layer.forward(X[:, :1])
    with pytest.raises(ValueError, match=r"^x must have the 2 channels of W, of shape \(4, 2, 3, 2\), not the shape"):
        layer.forward(np.concatenate([X, X], axis=1))
    with pytest.raises(ValueError, match=r"^x must be float64 as the weights are, not float32"):
        layer.forward(X.astype(np.float32))
    with pytest.raises(ValueError, match="^x must be a numpy array as the weights are, not a strict array"):
        layer.forward(strict.asarray(X))
    with pytest.raises(ValueError, match="^FH of W must be no larger than the image, 2 and twice 0 of padding, not 3"):
        layer.forward(X[:, :, :2])
    with pytest.raises(ValueError, match="^pool_w must be no larger than the image, 3 and twice 0 of padding, not 4"):
        Pooling(2, 4).forward(np.ones((1, 1, 5, 3)))


def test_a_stride_that_does_not_divide_is_said_with_the_sizes_and_rounded_down_by_keyword():
    x = np.ones((1, 1, 8, 8))
    makers = {
        "convolution": lambda **how: Convolution(np.ones((1, 1, 3, 3)), np.zeros(1), 2, **how),
        "pooling": lambda **how: Pooling(3, 3, 2, **how),
    }
    for make in makers.values():
        with pytest.raises(ValueError, match=r"^stride must divide 8 \+ 2\*0 - 3 = 5 .* round_down=True"):
            make().forward(x)
        layer = make(round_down=True)
        assert layer.forward(x).shape == (1, 1, 3, 3)
        dx = layer.backward(np.ones((1, 1, 3, 3)))
        assert dx.shape == x.shape
        assert not dx[:, :, 7].any()
        assert not dx[:, :, :, 7].any()


def test_filters_put_in_place_that_do_not_fit_are_refused():
    layer = Convolution(W, B)
    layer.W = W * np.inf
    with pytest.raises(ValueError, match="^W must be finite"):
        layer.forward(X)
    layer.W, layer.b = W, B[:2]
    with pytest.raises(ValueError, match="^b must have the shape"):
        layer.forward(X)


def test_the_gradient_of_pooled_images_lies_as_they_do_so_that_nothing_is_copied():
    rng = np.random.RandomState(6)
    pooling, affine = Pooling(2, 2, stride=2), Affine(rng.randn(18, 5), np.zeros(5))
    dout = rng.randn(7, 5)
    pooled = pooling.forward(rng.randn(7, 2, 6, 6))
    affine.forward(pooled)
    dx = affine.backward(dout)
    assert dx.strides == pooled.strides
    affine.forward(np.ascontiguousarray(pooled))
    assert_within(dx, affine.backward(dout), absolute=1e-14, relative=0)


@pytest.mark.parametrize(("size", "options"), [(6, {}), (7, {"round_down": True}), (6, {"pad": 1})])
def test_what_no_window_sees_or_chooses_has_no_gradient(size, options, monkeypatch):
    """Memory that is not cleared holds anything."""
    monkeypatch.setattr("deltarule.layers.convolution.empty_like", lambda x, shape: zeros_like(x, shape) + np.nan)
    layer = Pooling(2, 2, stride=2, **options)
    out = layer.forward(np.random.RandomState(7).randn(3, 2, size, size))
    dx = layer.backward(np.ones_like(out))
    assert dx.shape == (3, 2, size, size)
    assert (dx == 1).sum() == out.size
    assert (dx == 0).sum() == dx.size - out.size
