"""Threads that share a batch: the weights are those of one thread, and the process is left as it was."""

import functools
import threading
import time

import numpy as np
import pytest
from networks import relative, small_images
from threadpoolctl import ThreadpoolController

import deltarule
from deltarule import checks, recording, sharing, training
from deltarule.arrays import zeros


def blas_threads():
    """How many threads each BLAS uses."""
    return [library["num_threads"] for library in ThreadpoolController().select(user_api="blas").info()]


known = pytest.mark.skipif(not blas_threads(), reason="threadpoolctl does not know this BLAS")


@pytest.fixture
def shared(monkeypatch):
    """Says among how many threads a batch is shared, however small, and gives a list of how many samples they had."""
    samples = []

    def share(count):
        monkeypatch.setattr(training, "SMALL", 0)  # no epoch is recorded as a whole
        monkeypatch.setattr(training, "threads", lambda n: samples.append(n) or count)
        training._recorded_step.cache_clear()
        return samples

    yield share
    training._recorded_step.cache_clear()


def spy(monkeypatch):
    """The names of the threads that replay a recording from now on."""
    names = set()
    replay = recording.Recording._replay

    def noted(self):
        names.add(threading.current_thread().name)
        time.sleep(0.01)  # so that no thread is ready for a second part
        replay(self)

    monkeypatch.setattr(recording.Recording, "_replay", noted)
    return names


@pytest.mark.parametrize("count", [2, 3, 7])
def test_a_shared_batch_changes_the_weights_as_one_thread_does(count, shared, monkeypatch):
    X, D, weights = small_images(41)
    expected = deltarule.mnist_conv(*weights, X, D, batch_size=20)
    samples = shared(count)
    names = spy(monkeypatch)
    found = deltarule.mnist_conv(*weights, X, D, batch_size=20)
    assert len(names) == count
    assert samples == [20]
    assert relative(found, expected) < 1e-14


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_momenta_of_a_shared_batch_go_on_and_no_argument_is_written_to(dtype, shared):
    X, D, weights = small_images(40)
    X, *weights = (a.astype(dtype) for a in (X, *weights))
    momenta = [0.1 * W for W in weights]
    train = functools.partial(deltarule.mnist_conv, X=X, D=D, batch_size=20)
    expected = train(*weights, momenta=momenta)
    kept = [a.copy() for a in (X, *weights, *momenta)]
    shared(3)
    found = train(*weights, momenta=momenta)
    assert {a.dtype for a in found} == {np.dtype(dtype)}
    assert relative(found, expected) < 20 * np.finfo(dtype).eps
    again = train(*found[:3], momenta=found[3:])
    assert relative(again, train(*expected[:3], momenta=expected[3:])) < 20 * np.finfo(dtype).eps
    for a, b in zip((X, *weights, *momenta), kept, strict=True):
        np.testing.assert_array_equal(a, b)


def test_many_networks_at_once_share_a_batch_as_well(shared):
    X, D, weights = small_images(20)
    together = [np.stack([W, -W]) for W in weights]
    expected = deltarule.mnist_conv(*together, X, D, batch_size=10)
    shared(2)
    assert relative(deltarule.mnist_conv(*together, X, D, batch_size=10), expected) < 1e-14


def rank_one(W, x, d, alpha):
    """The changes of a linear layer, which are sums over the columns of x and d."""
    return (alpha * (d - W @ x) @ x.T,)


def decay(W, x, d, alpha):
    """Changes that could be computed in the place of W."""
    return (-alpha * W * (x[:1] @ d.T),)


def first_column(W, x, d, alpha):
    """Changes of which one column is written and the others stay."""
    out = zeros(W.shape, W)
    out[:, :1] = alpha * d @ x[:1].T
    return (out,)


@pytest.mark.parametrize("changes", [rank_one, decay, first_column])
def test_without_momentum_the_changes_of_the_parts_are_added(changes, shared):
    samples = shared(3)
    rng = np.random.default_rng(1)
    W, x, d = rng.normal(size=(2, 2)), rng.normal(size=(4, 2, 10)), rng.normal(size=(4, 2, 10))
    (found,) = training.train(changes, (W,), x, d, 0.1, axes=(1, 1))
    assert samples == [10]
    for xi, di in zip(x, d, strict=True):
        (dW,) = changes(W, xi, di, 0.1)
        W = W + dW
    np.testing.assert_allclose(found, W, rtol=1e-12)


class Blas:
    """A process in which each BLAS uses so many threads."""

    def __init__(self, *counts):
        self.counts = counts

    def info(self):
        return [{"num_threads": count} for count in self.counts]


@pytest.mark.parametrize(("samples", "count"), [(1, 1), (24, 1), (49, 1), (50, 2), (74, 2), (75, 3), (10_000, 64)])
def test_a_thread_has_25_samples_at_least(samples, count, monkeypatch):
    monkeypatch.setattr(sharing, "_blas", lambda: Blas(64))
    assert sharing.threads(samples) == count


@pytest.mark.parametrize(("counts", "count"), [((), 1), ((1,), 1), ((3,), 3), ((2, 3), 3)])
def test_a_batch_is_shared_among_no_more_threads_than_the_blas_uses(counts, count, monkeypatch):
    monkeypatch.setattr(sharing, "_blas", lambda: Blas(*counts))
    assert sharing.threads(100) == count


@known
def test_the_number_of_threads_that_the_blas_uses_is_found():
    with ThreadpoolController().limit(limits=2):
        assert sharing.threads(1000) == 2


def test_the_samples_lie_along_any_axis(shared):
    samples = shared(2)
    rng = np.random.default_rng(1)
    W, x, d = rng.normal(size=(2, 2)), rng.normal(size=(1, 3, 2, 10)), rng.normal(size=(1, 2, 10))
    (found,) = training.train(lambda W, x, d, alpha: rank_one(W, x[1], d, alpha), (W,), x, d, 0.1, axes=(2, 1))
    assert samples == [10]
    np.testing.assert_allclose(found, W + rank_one(W, x[0, 1], d[0], 0.1)[0], rtol=1e-12)


def test_another_thread_than_the_main_one_does_not_touch_the_number_of_the_blas(monkeypatch):
    monkeypatch.setattr(sharing, "_blas", pytest.fail)
    found = []
    thread = threading.Thread(target=lambda: found.append(sharing.threads(10_000)))
    thread.start()
    thread.join()
    assert found == [1]


@known
def test_meanwhile_the_blas_stays_in_its_thread_and_afterwards_has_its_own_back(shared, monkeypatch):
    def changes(W, x, d, alpha):
        found.append(set(blas_threads()))
        return rank_one(W, x, d, alpha)

    found = []
    shared(2)
    replay = recording.Recording._replay
    monkeypatch.setattr(recording.Recording, "_replay", lambda self: found.append(set(blas_threads())) or replay(self))
    arrays = np.zeros((2, 2)), np.zeros((3, 2, 10)), np.zeros((3, 2, 10))
    running = threading.active_count()
    with ThreadpoolController().limit(limits=2):
        for _ in range(2):
            training.train(changes, arrays[:1], *arrays[1:], 0.1, axes=(1, 1))
            assert set(blas_threads()) == {2}
    assert found == [{1}] * (2 * 2 + 2 * 3 * 3)  # two recordings of two tapes; three replays of each of the batches
    assert threading.active_count() == running


@pytest.mark.parametrize(
    ("error", "in_main"), [(MemoryError("no more"), True), (MemoryError("no more"), False), (KeyboardInterrupt(), True)]
)
def test_an_error_in_any_thread_reaches_the_caller_and_leaves_no_trace(error, in_main, shared, monkeypatch):
    X, D, weights = small_images(40)
    shared(2)
    expected = deltarule.mnist_conv(*weights, X, D, batch_size=10)
    before, running = blas_threads(), threading.active_count()
    replay = recording.Recording._replay
    left = iter(range(3))

    def failing(self):
        if in_main == (threading.current_thread() is threading.main_thread()) and next(left, None) is None:
            raise error
        replay(self)

    with monkeypatch.context() as patch:
        patch.setattr(recording.Recording, "_replay", failing)
        with pytest.raises(type(error)):
            deltarule.mnist_conv(*weights, X, D, batch_size=10)
    assert blas_threads() == before
    assert threading.active_count() == running
    assert relative(deltarule.mnist_conv(*weights, X, D, batch_size=10), expected) == 0


def test_what_lies_in_an_array_that_is_only_read_stays():
    a, b = np.ones(3, np.float32), np.full(3, 2, np.float32)
    a.flags.writeable = False
    replay = recording.Recording(lambda A, B: (A + B + 1,), [a, b], np.float32)
    assert replay.results[0] is b  # into which the sum may go, as it is read no more
    replay.run(a, b)
    np.testing.assert_array_equal(b, [4, 4, 4])
    np.testing.assert_array_equal(a, [1, 1, 1])


def test_large_arrays_are_checked_without_the_threads_of_the_blas(monkeypatch):
    monkeypatch.setattr(checks, "vdot", pytest.fail)
    a = np.full(checks.MANY + 1, 1e308)
    assert checks.finite(a)
    a[-1] = np.nan
    assert not checks.finite(a)
