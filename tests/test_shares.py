"""Threads that share a batch: the weights are those of one thread, and the process is left as it was."""

import functools
import gc
import inspect
import os
import signal
import threading
import tracemalloc
import types

import numpy as np
import plain
import pytest
import strict
from closeness import assert_within
from networks import mnist_start, relative, small_images
from threadpoolctl import ThreadpoolController

import deltarule
from deltarule import data, matlab
from deltarule.basics.arrays import columns
from deltarule.listings import convnet, shares, squares
from deltarule.listings.convolution import FORMS
from deltarule.listings.labels import one_hot


def blas_threads():
    """How many threads each BLAS uses."""
    return [library["num_threads"] for library in ThreadpoolController().select(user_api="blas").info()]


known = pytest.mark.skipif(not blas_threads(), reason="threadpoolctl does not know this BLAS")


@pytest.fixture
def shared(monkeypatch):
    """Says among how many threads a batch is shared, however small."""

    def share(count):
        monkeypatch.setattr(shares, "threads", lambda images: count)

    return share


def images(rows, cols, p, q, f, N, seed=1):
    """Images, digits, and weights of a network with 7 hidden nodes for them."""
    rng = matlab.rng(seed)
    X, D = rng.rand(N, rows, cols), rng.randi([0, 9], N, 1).ravel()
    features = (rows - p + 1) // 2 * ((cols - q + 1) // 2) * f
    return X, D, (rng.randn(p, q, f), 2 * rng.rand(7, features) - 1, 2 * rng.rand(10, 7) - 1)


# ---------------------------------------------------------------- the numbers

SIZES = {
    "squares": (8, 8, 3, 3, 3),
    "other sizes": (9, 7, 2, 4, 2),
    "one column": (5, 6, 4, 5, 3),
    "single pixels": (4, 6, 1, 1, 2),
    "one filter": (6, 6, 5, 3, 1),
}


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("form", sorted(FORMS))
@pytest.mark.parametrize("size", SIZES)
def test_each_form_trains_as_the_plain_port_does(size, form, count, shared):
    X, D, weights = images(*SIZES[size], 23)
    shared(count)
    options = {"alpha": 0.5, "beta": 0.9, "batch_size": 7}
    found = deltarule.mnist_conv(*weights, X, D, form=form, **options)
    expected = plain.mnist_conv(*weights, X, D, **options)
    for a, b, start in zip(found, expected, weights, strict=True):
        assert_within(a - start, b - start, absolute=1e-12 * abs(b - start).max(), relative=0)


@pytest.mark.parametrize(("count", "places"), [(1, 1), (1, 4), (2, 64), (2, 3), (3, 64), (7, 1), (50, 64)])
@pytest.mark.parametrize("size", [1, 5, 20])
def test_a_shared_batch_changes_the_weights_as_one_share_does(size, count, places, shared, monkeypatch):
    X, D, weights = small_images(41)
    shared(1)
    expected = deltarule.mnist_conv(*weights, X, D, batch_size=size)
    shared(count)
    monkeypatch.setattr(squares, "MULTIPLICATIONS", 1)
    monkeypatch.setattr(squares, "PLACES", places)
    assert relative(deltarule.mnist_conv(*weights, X, D, batch_size=size), expected) < 1e-14


@pytest.mark.parametrize(("dtype", "bound"), [(np.float64, 1e-13), (np.float32, 1e-5)])
def test_the_books_network_is_that_of_one_thread_and_of_the_lines(dtype, bound, shared):
    X, D = data.mnist()
    X, *weights = (a.astype(dtype) for a in (X[:300], *mnist_start()))
    train = functools.partial(deltarule.mnist_conv, *weights, X, D[:300])
    expected = train(form="fft")
    found = train()
    assert {a.dtype for a in found} == {np.dtype(dtype)}
    assert relative(found, expected) < bound
    shared(1)
    assert relative(train(), expected) < bound


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_momenta_go_on_and_no_argument_is_written_to_or_returned(dtype, shared):
    X, D, weights = small_images(40)
    X, *weights = (a.astype(dtype) for a in (X, *weights))
    momenta = [0.1 * W for W in weights]
    for a in (X, D, *weights, *momenta):
        a.setflags(write=False)
    train = functools.partial(deltarule.mnist_conv, X=X, D=D, batch_size=20)
    expected = train(*weights, momenta=momenta, form="fft")
    shared(3)
    found = train(*weights, momenta=momenta)
    assert {a.dtype for a in found} == {np.dtype(dtype)}
    assert relative(found, expected) < 50 * np.finfo(dtype).eps
    again = train(*found[:3], momenta=found[3:])
    assert relative(again, train(*expected[:3], momenta=expected[3:], form="fft")) < 50 * np.finfo(dtype).eps
    kept = [a.copy() for a in found]
    for a in found:
        assert a.flags.writeable
        assert not any(np.may_share_memory(a, b) for b in (X, *weights, *momenta))
    for a, b in zip(found, kept, strict=True):
        np.testing.assert_array_equal(a, b)


def test_weights_in_any_order_of_memory_are_taken(shared):
    X, D, weights = small_images(20)
    shared(2)
    expected = deltarule.mnist_conv(*weights, X, D, batch_size=10)
    turned = [np.asfortranarray(W) for W in weights]
    found = deltarule.mnist_conv(*turned, X[::-1][::-1], D, batch_size=10)
    assert relative(found, expected) == 0


@pytest.mark.parametrize("form", sorted(FORMS))
def test_many_networks_at_once_train_as_each_does_alone(form, shared):
    X, D, weights = small_images(20)
    together = [np.stack([W, -W]) for W in weights]
    shared(2)
    found = deltarule.mnist_conv(*together, X, D, batch_size=10, form=form)
    for k, sign in enumerate((1, -1)):
        alone = deltarule.mnist_conv(*(sign * W for W in weights), X, D, batch_size=10)
        assert relative([W[k] for W in found], alone) < 1e-13


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_networks_that_differ_in_one_layer_are_many_as_well(layer, shared):
    X, D, weights = small_images(20)
    shared(2)
    together = list(weights)
    together[layer] = np.stack([weights[layer], -2 * weights[layer]])
    found = deltarule.mnist_conv(*together, X, D, batch_size=10)
    for k, factor in enumerate((1, -2)):
        alone = list(weights)
        alone[layer] = factor * weights[layer]
        assert relative([W[k] for W in found], deltarule.mnist_conv(*alone, X, D, batch_size=10)) < 1e-13


@pytest.mark.parametrize("form", sorted(FORMS))
def test_arrays_of_another_module_are_trained_by_it_alone(form, monkeypatch):
    X, D, weights = small_images(12)
    strict.install_signal()
    monkeypatch.setattr(shares, "threads", pytest.fail)
    moved = [strict.asarray(a) for a in (*weights, X, D)]
    found = deltarule.mnist_conv(*moved, batch_size=4, form=form)
    expected = deltarule.mnist_conv(*weights, X, D, batch_size=4, form="direct")
    assert relative([strict.asnumpy(W) for W in found], expected) < 1e-13
    y = deltarule.mnist_conv_forward(*moved[:4], form=form)
    assert_within(strict.asnumpy(y), deltarule.mnist_conv_forward(*weights, X), absolute=1e-13, relative=0)


# ---------------------------------------------------------------- what is read is what runs


def test_a_print_in_the_listing_shows_numbers_of_every_share_of_every_batch(shared, capsys):
    source = inspect.getsource(convnet)
    line = "    e = d - y\n"
    assert line in source
    edited = types.ModuleType("deltarule.listings.edited")
    edited.__package__ = "deltarule.listings"
    exec(source.replace(line, f"{line}    print(y.shape[1], float(abs(e).sum()))\n", 1), vars(edited))
    X, D, weights = small_images(21)
    expected = {}
    for k in range(3):
        before = deltarule.mnist_conv(*weights, X[: 7 * k], D[: 7 * k], batch_size=7, form="direct") if k else weights
        y = deltarule.mnist_conv_forward(*before, X[7 * k : 7 * k + 7], form="direct")
        expected[k] = abs(one_hot(D[7 * k : 7 * k + 7], y) - y).sum()
    for form, count, of_share in (("fft", 2, [7]), ("matmul", 1, [7]), ("matmul", 2, [3, 4]), ("matmul", 3, [2, 2, 3])):
        shared(count)
        found = edited.mnist_conv(*weights, X, D, batch_size=7, form=form)
        assert relative(found, deltarule.mnist_conv(*weights, X, D, batch_size=7)) < 1e-14
        printed = [row.split() for row in capsys.readouterr().out.splitlines()]
        assert len(printed) == 3 * len(of_share)
        for k in range(3):
            batch = printed[k * len(of_share) : (k + 1) * len(of_share)]
            assert sorted(int(n) for n, _ in batch) == of_share
            assert_within(sum(float(e) for _, e in batch), expected[k], absolute=0, relative=1e-12)


@pytest.mark.parametrize("form", ["fft", "matmul"])
def test_a_replaced_function_takes_effect_in_every_batch_of_every_call(form, shared, monkeypatch):
    def flat(v):
        ex = np.exp(v / 2)
        return ex / ex.sum(axis=0)

    X, D, weights = small_images(20)
    shared(2)
    train = functools.partial(deltarule.mnist_conv, *weights, X, D, batch_size=5, form=form)
    plainly = functools.partial(plain.mnist_conv, *weights, X, D, batch_size=5)
    expected = plainly()
    for _ in range(2):
        assert relative(train(), expected) < 1e-13
        with monkeypatch.context() as replaced:
            replaced.setattr(convnet, "softmax", flat)
            replaced.setattr(plain, "softmax", flat)
            other = plainly()
            assert relative(train(), other) < 1e-13
        assert relative(other, expected) > 1e-4


def linear(W, x, d, alpha, features):
    """The changes of a linear layer, which are sums over the samples; `features` is their number."""
    assert features == len(x) == d.shape[1]
    alpha *= 0.5
    return (alpha * (d - W @ x.T) @ x,)


@pytest.mark.parametrize("beta", [0.0, 0.9])
def test_a_body_of_ones_own_trains_as_a_plain_loop_does(beta, shared):
    rng = matlab.rng(2)
    W, x, d = rng.randn(2, 3), rng.randn(4, 10, 3), rng.randn(4, 2, 10)
    shared(3)
    found, momentum = shares.train(linear, (W,), x, d, 0.1, int, beta=beta, momenta=[0 * W])
    m = 0 * W
    for xi, di in zip(x, d, strict=True):
        m = sum(0.05 * np.outer(di[:, k] - W @ xi[k], xi[k]) for k in range(10)) + beta * m
        W = W + m
    assert_within(found, W, absolute=0, relative=1e-13)
    assert_within(momentum, m, absolute=0, relative=1e-12)


@pytest.mark.parametrize("changes", [lambda W, *_: (), lambda W, *_: (W, W)], ids=["too few", "too many"])
def test_a_body_that_gives_another_number_of_changes_is_refused(changes, shared):
    shared(2)
    with pytest.raises(ValueError, match="zip"):
        shares.train(changes, (np.ones((2, 2)),), np.ones((1, 4, 3)), np.ones((1, 2, 4)), 0.1, int, beta=0.5)


def test_inputs_and_targets_of_another_number_of_batches_are_refused(shared):
    shared(2)
    with pytest.raises(ValueError, match="zip"):
        shares.train(linear, (np.zeros((2, 3)),), np.ones((3, 4, 3)), np.ones((2, 2, 4)), 0.1, int, beta=0.5)


# ---------------------------------------------------------------- the threads


@pytest.mark.parametrize(("length", "parts"), [(10, 1), (10, 3), (9, 3), (3, 7), (1, 1)])
def test_slices_cover_all_and_are_as_equal_as_can_be(length, parts):
    found = shares.cut(length, parts)
    assert len(found) == parts
    assert [k for part in found for k in range(length)[part]] == list(range(length))
    sizes = {part.stop - part.start for part in found}
    assert max(sizes) - min(sizes) <= 1


class Blas:
    """A process in which each BLAS uses so many threads."""

    def __init__(self, *counts):
        self.counts = counts

    def info(self):
        return [{"num_threads": count} for count in self.counts]


@pytest.mark.parametrize(("images", "count"), [(1, 1), (24, 1), (49, 1), (50, 2), (74, 2), (75, 3), (10_000, 64)])
def test_a_thread_has_25_images_at_least(images, count, monkeypatch):
    monkeypatch.setattr(shares, "_blas", lambda: Blas(64))
    assert shares.threads(images) == count


@pytest.mark.parametrize(("counts", "count"), [((), 1), ((1,), 1), ((3,), 3), ((2, 3), 3)])
def test_a_batch_is_shared_among_no_more_threads_than_the_blas_uses(counts, count, monkeypatch):
    monkeypatch.setattr(shares, "_blas", lambda: Blas(*counts))
    assert shares.threads(100) == count


@known
def test_the_number_of_threads_that_the_blas_uses_is_found():
    with ThreadpoolController().limit(limits=2):
        assert shares.threads(1000) == 2


def test_another_thread_than_the_main_one_does_not_touch_the_number_of_the_blas(monkeypatch):
    monkeypatch.setattr(shares, "_blas", pytest.fail)
    found = []
    X, D, weights = small_images(100)
    train = functools.partial(deltarule.mnist_conv, *weights, X, D)
    thread = threading.Thread(target=lambda: found.append((shares.threads(10_000), train())))
    thread.start()
    thread.join()
    ((count, trained),) = found
    assert count == 1
    monkeypatch.undo()
    assert relative(trained, train()) < 1e-14


class Seen:
    """The body of the listing, which notes in which thread it runs and how many threads the BLAS has there."""

    def __init__(self, monkeypatch, meanwhile=lambda: None):
        self.names, self.blas, self.meanwhile = set(), [], meanwhile
        self.changes = convnet.mnist_conv_changes
        monkeypatch.setattr(convnet, "mnist_conv_changes", self)

    def __call__(self, *arguments):
        self.names.add(threading.current_thread().name)
        self.blas.append(set(blas_threads()))
        self.meanwhile()
        return self.changes(*arguments)


@known
def test_meanwhile_the_blas_stays_in_its_thread_and_afterwards_has_its_own_back(shared, monkeypatch):
    X, D, weights = small_images(30)
    shared(2)
    both = threading.Barrier(2)
    seen = Seen(monkeypatch, lambda: both.wait(timeout=60))
    running = threading.active_count()
    with ThreadpoolController().limit(limits=2):
        deltarule.mnist_conv(*weights, X, D, batch_size=10)
        assert set(blas_threads()) == {2}
    assert len(seen.names) == 2
    assert seen.blas == [{1}] * 6
    assert threading.active_count() == running


def test_one_thread_is_the_one_that_calls(shared, monkeypatch):
    X, D, weights = small_images(30)
    shared(1)
    seen = Seen(monkeypatch)
    deltarule.mnist_conv(*weights, X, D, batch_size=10)
    assert (len(seen.blas), seen.names) == (3, {threading.current_thread().name})


def interrupt():
    """Ctrl-C, which Python hands to the main thread."""
    os.kill(os.getpid(), signal.SIGINT)
    threading.Event().wait(0.2)


def fail(error):
    raise error


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize(
    ("failing", "error"),
    [
        (lambda: fail(MemoryError("no more")), MemoryError),
        (lambda: fail(KeyboardInterrupt()), KeyboardInterrupt),
        pytest.param(
            interrupt, KeyboardInterrupt, marks=pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
        ),
    ],
    ids=["an error", "an interruption", "Ctrl-C"],
)
def test_an_error_in_any_share_reaches_the_caller_and_leaves_no_trace(failing, error, count, shared, monkeypatch):
    X, D, weights = small_images(40)
    shared(count)
    expected = deltarule.mnist_conv(*weights, X, D, batch_size=10)
    before, running = blas_threads(), threading.active_count()
    calls = iter(range(12))

    def meanwhile():
        if next(calls, None) == 3:
            failing()

    with monkeypatch.context() as patch:
        Seen(patch, meanwhile)
        with pytest.raises(error):
            deltarule.mnist_conv(*weights, X, D, batch_size=10)
    assert blas_threads() == before
    assert threading.active_count() == running
    assert relative(deltarule.mnist_conv(*weights, X, D, batch_size=10), expected) == 0


# ---------------------------------------------------------------- nothing is kept


def test_nothing_is_kept_after_calls_of_many_shapes(shared):
    def work():
        for n in range(1, 16):
            shared(1 + n % 3)
            X, D, weights = images(12 + 2 * (n % 4), 12 + 2 * (n % 3), 3, 5, 1 + n % 4, 10 + n)
            for dtype in (np.float64, np.float32):
                deltarule.mnist_conv(*(W.astype(dtype) for W in weights), X.astype(dtype), D, batch_size=10)
            deltarule.mnist_conv(*(np.stack([W, W]) for W in weights), X, D, batch_size=10)

    work()  # what is imported or made once does not count
    gc.collect()
    tracemalloc.start()
    try:
        work()
        gc.collect()
        _, most = tracemalloc.get_traced_memory()
        arrays = tracemalloc.take_snapshot().filter_traces([tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)])
    finally:
        tracemalloc.stop()
    held = sum(trace.size for trace in arrays.traces)  # of arrays: a measurement of coverage keeps memory of its own
    assert held < 10_000
    assert most > 50_000


def test_memory_does_not_grow_with_the_batches_and_images_that_are_not_contiguous_are_not_copied(shared):
    X, D, weights = small_images(4000)
    assert not X.flags.c_contiguous
    shared(2)
    peaks = []
    for n in (400, 4000):
        tracemalloc.start()
        deltarule.mnist_conv(*weights, X[:n], D[:n], batch_size=20)
        peaks.append(tracemalloc.get_traced_memory()[1] - columns(one_hot(D[:n], X), 20).nbytes)
        tracemalloc.stop()
    # what is kept for a batch or copied of an image takes ten times as much; how far the threads overlap varies
    assert peaks[1] < 2 * peaks[0]
