"""Convolution, ReLU and pooling in one: what the three layers give, and when the network takes them one by one."""

import tracemalloc

import numpy as np
import pytest
import strict
from closeness import assert_within
from hypothesis import given, settings
from hypothesis import strategies as st

from deltarule.layers import Convolution, LeakyRelu, Pooling, Relu, SimpleConvNet, squares
from deltarule.layers.network import Diverged
from deltarule.layers.squares import Squares, fits


def whole(*shape, seed=0, dtype=float):
    """Small whole numbers, of which every sum is exact and many are equal."""
    return np.random.RandomState(seed).randint(-2, 3, shape).astype(dtype)


def three(W, b, stride=1, pad=0):
    return Convolution(W, b, stride, pad, round_down=True), Relu(), Pooling(2, 2, stride=2, round_down=True)


def one_by_one(layers, x, dout=None):
    """The pooled maps, and the gradients of filters and biases, by the layers one after the other."""
    out = x
    for layer in layers:
        out = layer.forward(out)
    dout = whole(*out.shape, seed=9, dtype=out.dtype) if dout is None else dout
    convolution, *others = layers
    for layer in reversed(others):
        dout = layer.backward(dout)
    convolution.weight_gradients(dout)
    return out, convolution.dW, convolution.db


def in_one(layers, x, dout=None):
    """The same by `Squares`."""
    assert fits(layers, x)
    convolution = layers[0]
    both = Squares(convolution)
    out = both.forward(x)
    both.weight_gradients(whole(*out.shape, seed=9, dtype=out.dtype) if dout is None else dout)
    return out, convolution.dW, convolution.db


@st.composite
def networks(draw):
    """Images, filters, biases, stride and padding whose maps have at least 2 rows and columns."""
    N, C, FN = (draw(st.integers(1, 3)) for _ in range(3))
    stride, pad = draw(st.integers(1, 3)), draw(st.sampled_from([0, 1, 2, "same"]))
    FH, FW = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    H, W = (draw(st.integers(f + 2 * stride, f + 2 * stride + 5)) for f in (FH, FW))
    return whole(N, C, H, W), whole(FN, C, FH, FW, seed=1), whole(FN, seed=2), stride, pad


@given(networks())
@settings(deadline=None, max_examples=60)
def test_it_gives_what_the_three_layers_give_also_where_elements_are_equal(case):
    x, *how = case
    found, expected = in_one(three(*how), x), one_by_one(three(*how), x)
    assert found[0].transpose(1, 2, 3, 0).flags.c_contiguous  # images last in memory
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b, strict=True)


@pytest.mark.parametrize(
    ("name", "limit"), [("MULTIPLICATIONS", 1), ("MULTIPLICATIONS", 150), ("MAPS", 1), ("MAPS", 900)]
)
def test_how_many_images_are_taken_at_a_time_changes_nothing(name, limit, monkeypatch):
    x, W, b = whole(7, 2, 8, 7), whole(3, 2, 3, 2, seed=1), whole(3, seed=2)
    expected = in_one(three(W, b), x)
    monkeypatch.setattr(squares, name, limit)
    for a, e in zip(in_one(three(W, b), x), expected, strict=True):
        np.testing.assert_array_equal(a, e)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("across", [2, 12])
@pytest.mark.parametrize("shape", [(30, 2, 5, 5), (200, 2, 5, 5), (30, 1, 3, 3), (200, 1, 2, 3)])
def test_as_many_images_are_taken_at_a_time_as_product_and_maps_allow(shape, across, dtype):
    """At most a million multiplications in a product, and 2 MB of one row of squares; one image more is too many."""
    filters, size = shape[0], np.prod(shape)
    shares = Squares(Convolution(np.ones(shape, dtype), np.zeros(filters, dtype)))._shares(across, 1000)
    n = shares[0].stop

    def bounds(n):
        return size * across * n <= 1_000_000, 4 * filters * across * n * np.dtype(dtype).itemsize <= 2**21

    assert shares == [slice(i, i + n) for i in range(0, 1000, n)]
    assert all(bounds(n))
    assert not all(bounds(n + 1))


def test_an_image_that_is_too_large_is_taken_alone():
    both = Squares(Convolution(np.ones((200, 3, 9, 9)), np.zeros(200)))
    assert both._shares(100, 3) == [slice(0, 1), slice(1, 2), slice(2, 3)]


def test_float32_stays_float32():
    x, W, b = (whole(*shape, dtype=np.float32) for shape in ((3, 1, 6, 6), (2, 1, 3, 3), (2,)))
    for a, e in zip(in_one(three(W, b), x), one_by_one(three(W, b), x), strict=True):
        assert a.dtype == np.float32
        np.testing.assert_array_equal(a, e)


def test_nothing_that_it_is_given_is_written_to_and_its_outputs_are_new():
    x, W, b = whole(3, 2, 6, 6), whole(2, 2, 3, 3, seed=1), whole(2, seed=2)
    dout = whole(3, 2, 2, 2, seed=3)
    for a in (x, W, b, dout):
        a.flags.writeable = False
    layers = three(W, b)
    out, dW, db = in_one(layers, x, dout)
    kept = [a.copy() for a in (out, dW, db)]
    in_one(layers, 2 - x, dout[::-1])
    for a, k in zip((out, dW, db), kept, strict=True):
        np.testing.assert_array_equal(a, k)


@pytest.mark.parametrize("order", [(1, 2, 3, 0), (3, 2, 1, 0), (0, 1, 2, 3)])
def test_the_order_of_memory_changes_nothing(order):
    x, W, b, dout = whole(3, 2, 6, 6), whole(2, 2, 3, 3, seed=1), whole(2, seed=2), whole(3, 2, 2, 2, seed=3)
    expected = one_by_one(three(W, b), x, dout)
    x, dout = (a.transpose(order).copy().transpose(np.argsort(order)) for a in (x, dout))
    for a, e in zip(in_one(three(W, b), x, dout), expected, strict=True):
        np.testing.assert_array_equal(a, e)


def test_the_maps_as_a_whole_are_never_there():
    x = np.ones((1000, 1, 16, 16))
    layer = Squares(three(np.ones((20, 1, 3, 3)), np.zeros(20))[0])
    maps = 1000 * 20 * 14 * 14 * 8  # bytes
    tracemalloc.start()
    out = layer.forward(x)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    layer.weight_gradients(out)
    _, peak_backward = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 0.8 * maps
    assert peak_backward < maps


# ---------------------------------------------------------------- when it is taken


X, W, B = whole(3, 2, 6, 6), whole(2, 2, 3, 3, seed=1), whole(2, seed=2)


class Other(Convolution):
    """Somebody's own."""


def patched(k, method):
    """The three layers, one of which has a method of its own."""
    layers = three(W, B)
    setattr(layers[k], method, lambda a: a)
    return layers


def pooled(*arguments, **options):
    return (*three(W, B)[:2], Pooling(*arguments, **options))


OTHERS = {
    "two layers": lambda: three(W, B)[:2],
    "another order": lambda: three(W, B)[::-1],
    "another activation": lambda: (three(W, B)[0], LeakyRelu(), three(W, B)[2]),
    "a class of one's own": lambda: (Other(W, B), *three(W, B)[1:]),
    "forward of one's own": lambda: patched(0, "forward"),
    "backward of one's own": lambda: patched(1, "backward"),
    "gradients of one's own": lambda: patched(0, "weight_gradients"),
    "higher pools": lambda: pooled(3, 2, 2, round_down=True),
    "wider pools": lambda: pooled(2, 3, 2, round_down=True),
    "overlapping pools": lambda: pooled(2, 2, 1, round_down=True),
    "padded pools": lambda: pooled(2, 2, 2, 1, round_down=True),
    "pools that must divide": lambda: pooled(2, 2, 2),
    "another dtype of the filters": lambda: three(W.astype(np.float32), B.astype(np.float32)),
    "arrays of another device": lambda: three(strict.asarray(W), strict.asarray(B)),
    "filters that are not finite": lambda: bad("W", np.inf),
    "a bias that is not finite": lambda: bad("b", np.nan),
}


def bad(name, value):
    """The three layers, with an array put in place whose last element is no finite number."""
    layers = three(W, B)
    a = getattr(layers[0], name).copy()
    a.flat[-1] = value
    setattr(layers[0], name, a)
    return layers


@pytest.mark.parametrize("name", OTHERS)
def test_other_layers_are_taken_one_by_one(name):
    assert fits(three(W, B), X)
    assert not fits(OTHERS[name](), X)


SHARES = [
    (0.4, 0.31, 0, True),
    (0.4, 0.32, 0, False),
    (0.32, 0.4, 0, False),
    (0.1, 0.1, 0.45, True),
    (0.1, 0.1, 0.47, False),
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("pixel", "weight", "bias", "fitting"), SHARES)
def test_maps_that_might_be_more_than_half_the_largest_number_are_made_one_by_one(pixel, weight, bias, fitting, dtype):
    """Pixel and bias as shares of the root of the largest number and of itself; a filter has four equal weights."""
    most = np.finfo(dtype).max
    x = np.full((1, 1, 3, 3), -pixel * np.sqrt(most), dtype)
    layers = three(np.full((1, 1, 2, 2), -weight * np.sqrt(most), dtype), np.full(1, -bias * most, dtype))
    assert fits(layers, x) is fitting


def made(dtype=np.float64, scale=0.5):
    """A network, images and digits."""
    rng = np.random.RandomState(4)
    network = SimpleConvNet((1, 9, 9), {"filter_num": 4, "filter_size": 3, "pad": 1, "stride": 1}, 6, 5, scale, rng=rng)
    return network, rng.rand(8, 1, 9, 9), np.arange(8) % 5


def test_a_network_gives_the_same_either_way(monkeypatch):
    network, x, t = made()
    results = [network.predict(x), *network.gradient(x, t).values()]
    assert type(network._last_steps[0][1]) is Squares
    monkeypatch.setattr("deltarule.layers.convnet.fits", lambda layers, x: False)
    expected = [network.predict(x), *network.gradient(x, t).values()]
    assert [layer for _, layer in network._last_steps] == list(network.layers.values())
    for a, e in zip(results, expected, strict=True):
        assert_within(a, e, absolute=1e-14, relative=0)


def test_a_layer_put_into_the_network_is_used():
    network, x, _ = made()
    before = network.predict(x)
    network.layers["Relu1"] = LeakyRelu(0.9)
    assert (network.predict(x) != before).any()


def test_maps_that_run_over_are_said_as_ever():
    network, x, t = made()
    network.params["W1"] *= 1e308
    with pytest.raises(Diverged, match="^Relu1: x must be finite, but it is"):
        network.gradient(x, t)


def test_a_gradient_that_runs_over_behind_the_pooling_is_said_by_the_name_of_the_pooling():
    network, x, t = made()
    network.params["W1"] *= 1e-300
    network.params["W2"] *= 1e200
    network.params["W3"] *= 1e200
    with pytest.raises(Diverged, match="^Pool1: dout must be finite"):
        network.gradient(x, t)
