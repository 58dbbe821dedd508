"""The fast part of the convolutional network: against the page's lines, by any number of threads."""

import threading
import tracemalloc

import numpy as np
import plain
import pytest
from networks import mnist_start, small_images
from threadpoolctl import threadpool_info

from deltarule import data, matlab, mnist_conv
from deltarule.listings import convnet, shares
from deltarule.listings.convolution import FORMS, Features
from deltarule.listings.squares import Squares, images_at_once

SIZES = [((28, 28), (9, 9, 20)), ((8, 8), (3, 3, 2)), ((7, 9), (2, 4, 3)), ((4, 6), (3, 5, 1)), ((6, 8), (1, 1, 2))]


def relative(ours, theirs):
    return max(abs(a - b).max() for a, b in zip(ours, theirs, strict=True)) / max(abs(b).max() for b in theirs)


@pytest.mark.parametrize("form", ["direct", "fft", "matmul"])
@pytest.mark.parametrize("N", [1, 2, 7])
@pytest.mark.parametrize(("image", "filters"), SIZES)
def test_forward_and_backward_are_the_pages_lines(image, filters, N, form):
    rng = matlab.rng(1)
    x, W = rng.randn(N, *image), rng.randn(*filters)
    fast, page = Squares(N, image, filters, np.dtype(float)), Features(*FORMS[form])
    for _ in range(2):  # the buffers serve the second batch as they did the first
        y3 = page.forward(x, W)
        assert relative([fast.forward(x, W)], [y3]) < 1e-14
        e3 = rng.randn(*y3.shape)
        assert relative([fast.backward(e3)], [page.backward(e3)]) < 1e-13
        x = rng.randn(N, *image)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_an_epoch_is_that_of_the_page(dtype):
    X, D = (a[:300] for a in data.mnist())
    X, *weights = (a.astype(dtype) for a in (X, *mnist_start()))
    fast = mnist_conv(*weights, X, D)
    page = mnist_conv(*weights, X, D, form="fft")
    assert {a.dtype for a in fast} == {np.dtype(dtype)}
    assert relative(fast, page) < (1e-13 if dtype is np.float64 else 1e-5)


@pytest.mark.parametrize("size", [1, 2, 5, 12])
def test_an_epoch_in_small_is_the_plain_one(size):
    X, D, weights = small_images(12)
    assert (
        relative(mnist_conv(*weights, X, D, batch_size=size), plain.mnist_conv(*weights, X, D, batch_size=size)) < 1e-13
    )


@pytest.mark.parametrize("count", [1, 2, 3, 5, 40])
def test_any_number_of_threads_gives_the_same_weights(count, monkeypatch):
    X, D, weights = small_images(14)
    expected = plain.mnist_conv(*weights, X, D, batch_size=7)
    monkeypatch.setattr(shares, "threads", lambda images: min(count, images))
    assert relative(mnist_conv(*weights, X, D, batch_size=7), expected) < 1e-13


def test_shares_are_cut_so_that_each_is_small_enough_and_none_is_empty(monkeypatch):
    X, D, weights = small_images(12)
    expected = mnist_conv(*weights, X, D, batch_size=12)
    for at_once in (1, 2, 5, 100):
        monkeypatch.setattr(convnet, "images_at_once", lambda *_, at_once=at_once: at_once)
        assert relative(mnist_conv(*weights, X, D, batch_size=12), expected) < 1e-13
    assert images_at_once((28, 28), (9, 9, 20)) >= 1
    assert images_at_once((1000, 1000), (100, 100, 100)) == 1


@pytest.mark.parametrize("parts", range(1, 8))
def test_cut_covers_everything_once(parts):
    for length in range(parts, 20):
        pieces = [list(range(length))[part] for part in shares.cut(length, parts)]
        assert [k for piece in pieces for k in piece] == list(range(length))
        assert max(map(len, pieces)) - min(map(len, pieces)) <= 1


def test_a_batch_takes_as_many_threads_as_the_blas_and_one_outside_of_the_main_thread():
    most = max((library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"), default=1)
    assert shares.threads(10**6) == most
    assert shares.threads(1) == shares.threads(shares.IMAGES_PER_THREAD * 2 - 1) == 1
    assert shares.threads(shares.IMAGES_PER_THREAD * 2) == min(2, most)
    found = []
    thread = threading.Thread(target=lambda: found.append(shares.threads(10**6)))
    thread.start()
    thread.join()
    assert found == [1]


def blas_threads():
    return [library["num_threads"] for library in threadpool_info()]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
@pytest.mark.parametrize("count", [1, 3])
def test_an_error_in_one_share_arrives_and_leaves_the_blas_as_it_was(count, error, monkeypatch):
    X, D, weights = small_images(12)
    before = blas_threads()
    monkeypatch.setattr(shares, "threads", lambda images: count)
    calls = []

    def softmax(v):
        calls.append(v)
        if len(calls) == 2:
            raise error("in one share")
        return convnet.relu(v)

    monkeypatch.setattr(convnet, "softmax", softmax)
    with pytest.raises(error, match="in one share"):
        mnist_conv(*weights, X, D, batch_size=6)
    assert blas_threads() == before
    assert threading.active_count() == 1


def test_a_replaced_function_and_a_print_take_effect_in_every_batch(monkeypatch, capsys):
    X, D, weights = small_images(12)

    def relu(v):
        print("v", v.shape, float(v.max()))
        return np.maximum(v, 0)

    monkeypatch.setattr(convnet, "relu", relu)
    expected = plain.mnist_conv(*weights, X, D, batch_size=4)
    assert relative(mnist_conv(*weights, X, D, batch_size=4), expected) < 1e-13
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 3
    assert all(np.isfinite(float(line.split()[-1])) for line in printed)


def test_arguments_stay_as_they_are_and_the_results_are_new_arrays():
    X, D, weights = small_images(12)
    given = [X, D, *weights]
    copies = [a.copy() for a in given]
    for a in given:
        a.flags.writeable = False
    momenta = [0 * W for W in weights]
    found = mnist_conv(*weights, X, D, batch_size=4, momenta=momenta)
    assert all(np.array_equal(a, b) for a, b in zip(given, copies, strict=True))
    assert not any(np.shares_memory(a, b) for a in found for b in (*given, *momenta))
    assert all((m == 0).all() for m in momenta)
    assert all(a.flags.c_contiguous and a.flags.writeable for a in found)


def test_nothing_is_kept_after_a_call():
    X, D = (a[:100] for a in data.mnist())
    weights = mnist_start()
    mnist_conv(*weights, X, D)
    tracemalloc.start()
    try:
        mnist_conv(*weights, X, D)
        before = tracemalloc.get_traced_memory()[0]
        for size in (50, 30, 10):
            mnist_conv(*weights, X, D, batch_size=size)
        assert tracemalloc.get_traced_memory()[0] - before < 100_000  # the buffers of one call are 20 MB
    finally:
        tracemalloc.stop()


def test_leading_axes_that_differ_are_broadcast_as_the_docstring_says():
    X, D, (W1, W5, Wo) = small_images(6)
    found = mnist_conv(W1, np.stack([W5, 2 * W5]), Wo, X, D, batch_size=3)
    for k, factor in enumerate((1, 2)):
        alone = mnist_conv(W1, factor * W5, Wo, X, D, batch_size=3)
        assert relative([W[k] for W in found], alone) < 1e-13
