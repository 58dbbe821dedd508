"""Recorded epochs: what is replayed is what the listing does, and nothing leaks from one call to the next."""

import functools
import threading

import numpy as np
import pytest
from networks import CASES, relative, small_images

from deltarule import (
    classifier,
    deep,
    delta_sgd,
    matlab,
    mnist_conv,
    multi_layer,
    recording,
    relu,
    sigmoid,
    single_layer,
    softmax,
    training,
)
from deltarule.arrays import zeros

RECORDED = sorted(CASES)


@pytest.mark.parametrize("name", RECORDED)
def test_replayed_epochs_are_those_of_the_listing_read_line_by_line(name, monkeypatch):
    case = CASES[name]
    weights, _ = case.start()
    replayed = case.train(weights, 200, rng=matlab.rng(5))
    monkeypatch.setattr(training, "FEW", 0)
    by_steps = case.train(weights, 200, rng=matlab.rng(5))
    assert relative(replayed, by_steps) < 1e-12
    monkeypatch.setattr(training, "train", functools.partial(training.train, recorded=False))
    for module in (single_layer, multi_layer, classifier, deep):
        monkeypatch.setattr(module, "train", training.train)
    assert relative(replayed, case.train(weights, 200, rng=matlab.rng(5))) < 1e-12


@pytest.mark.parametrize("name", RECORDED)
def test_results_are_arrays_of_their_own(name):
    case = CASES[name]
    weights, _ = case.start()
    first = case.train(weights, rng=matlab.rng(5))
    kept = [W.copy() for W in first]
    case.train([-W for W in weights], rng=matlab.rng(6))
    for W, K in zip(first, kept, strict=True):
        np.testing.assert_array_equal(W, K)
        W[:] = 0
    np.testing.assert_array_equal(case.train(weights, rng=matlab.rng(5))[0], kept[0])


def test_other_alpha_and_beta_take_effect_in_a_replay():
    case = CASES["backprop_mmt"]
    weights, _ = case.start()
    for options in ({"alpha": 0.1}, {"alpha": 0.1, "beta": 0.5}, {}):
        replayed = case.train(weights, 3, **options)
        assert relative(replayed, case.train(weights, 3, routine=case.plain, **options)) < 1e-13


def test_threads_do_not_share_a_recording():
    case = CASES["multi_class"]
    starts = [case.start(seed)[0] for seed in range(1, 5)]
    expected = [case.train(weights, 50) for weights in starts]
    found = [None] * 4

    def train(k):
        found[k] = case.train(starts[k], 50)

    threads = [threading.Thread(target=train, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for ours, theirs in zip(found, expected, strict=True):
        assert relative(ours, theirs) == 0


def test_a_replay_is_the_function_for_other_arguments():
    def function(A, B):
        rows = tuple(relu(a) for a in A)
        return (*rows, (A @ B.T > 1) * sigmoid(A @ B.swapaxes(0, 1)), softmax(3 - B))

    replay = recording.Recording(function, [(2, 3), (4, 3)], np.float64)
    for seed in range(3):
        A, B = np.random.RandomState(seed).randn(2, 3), np.random.RandomState(seed + 9).randn(4, 3)
        for ours, theirs in zip(replay(A, B), function(A, B), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-14)


def test_a_stream_that_cannot_be_hashed_serves_as_well():
    class Own:
        __hash__ = None

        def __init__(self):
            self.randperm = matlab.rng(5).randperm

    case = CASES["deep_dropout"]
    weights, _ = case.start()
    assert relative(case.train(weights, 5, rng=Own()), case.train(weights, 5, rng=matlab.rng(5))) < 1e-13


def test_of_a_long_epoch_the_step_is_recorded():
    case = CASES["delta_sgd"]
    (W,), _ = case.start()
    X, D = (np.tile(a, (20,) + (1,) * (a.ndim - 1)) for a in case.data())
    training._recorded_epoch.cache_clear()
    training._recorded_step.cache_clear()
    assert relative(case.train((W,), samples=(X, D)), case.train((W,), 20)) < 1e-12
    assert training._recorded_epoch.cache_info().misses == 1  # the 20 epochs of four samples
    assert training._recorded_step.cache_info().misses == 1


@pytest.mark.parametrize("name", RECORDED)
def test_many_networks_replayed_end_where_each_does_alone(name):
    case = CASES[name]
    weights = tuple(2 * matlab.rng(1).rand(300, *shape) - 1 for shape in case.shapes)
    trained = case.train(weights, 3, rng=matlab.rng(5))
    for k in (0, 299):
        single = case.train([W[k] for W in weights], 3, rng=matlab.rng(5))
        assert relative([W[k] for W in trained], single) < 1e-13


def test_mnist_conv_is_recorded_unless_scipy_convolves():
    X, D, weights = small_images(12)
    for form, recorded in (("auto", 1), ("matmul", 1), ("direct", 0), ("fft", 0)):
        training._recorded_epoch.cache_clear()
        mnist_conv(*weights, X, D, batch_size=4, form=form)
        assert training._recorded_epoch.cache_info().misses == recorded


def test_mnist_conv_replayed_is_mnist_conv_read_line_by_line(monkeypatch):
    X, D, weights = small_images(12)
    momenta = [0.1 * W for W in weights]
    replayed = mnist_conv(*weights, X, D, batch_size=4), mnist_conv(*weights, X, D, batch_size=4, momenta=momenta)
    monkeypatch.setattr("deltarule.convnet.train", functools.partial(training.train, recorded=False))
    assert relative(replayed[0], mnist_conv(*weights, X, D, batch_size=4)) < 1e-13
    assert relative(replayed[1], mnist_conv(*weights, X, D, batch_size=4, momenta=momenta)) < 1e-13


def test_results_read_no_more_share_memory():
    def function(A):
        for _ in range(300):
            A = relu(A + 1)
        return (A,)

    replay = recording.Recording(function, [(1000,)], np.float64)
    assert memory(replay) == 1
    np.testing.assert_array_equal(replay(np.zeros(1000))[0], np.full(1000, 300.0))


def memory(replay):
    """How many arrays the calls of a recording write."""
    written = [
        call.keywords.get("out", call.args[0] if call.func is np.copyto else call.args[-1]) for call in replay.calls
    ]
    return len({id(recording._owner(a)) for a in written})


@pytest.mark.parametrize(
    ("function", "shapes", "arrays"),
    [
        (lambda A: (A + 1 - 2 * A,), [(3, 4)], 2),  # A + 1 waits for 2 A, into which the difference goes
        (lambda A: (np.exp(-(A + 1)),), [(3, 4)], 1),  # each into its operand
        (lambda A, B: (A @ B,), [(3, 4), (4, 5)], 1),
        (lambda A, B: (((A @ B) @ A) @ B,), [(3, 4), (4, 3)], 2),  # a product is never written over its operand
        (lambda A: ((A + 1) @ (A + 2),), [(3, 3)], 3),
        (lambda A: (relu((A + 1) @ (A + 2)) + 1,), [(3, 3)], 3),
        (lambda A: ((A + 1).T * (A + 1).T,), [(3, 3)], 3),  # the transpose of an operand lies otherwise
        (lambda A: (A + 1, (A + 1) * 2), [(3, 4)], 2),  # what is returned stays
        (lambda A: ((A + 1).sum(axis=0, keepdims=True) + A,), [(3, 4)], 3),  # the last into the argument
        (lambda A: ((A + 1) * A + (A + 2),), [(3, 4)], 2),  # but not while it is still to be read
        (lambda A, b: (b + 1 + A,), [(3, 4), ()], 2),  # nor into a number, which an epoch is given once
        (lambda A, b: (b * b + b,), [(3, 4), ()], 1),
        (lambda A: ((A + 1)[:1] + A[:1],), [(3, 4)], 2),  # a part of an array is not all of its memory
        (lambda A: ((A > 0) * A,), [(3, 4)], 2),  # conditions are of another type
        (lambda A: (A + 1 > 0,), [(3, 4)], 2),
        (lambda A, B: (A + 1 + B,), [(4,), (3, 4)], 2),  # a row is not the size of what it is added to
    ],
)
def test_results_take_the_memory_of_what_is_read_no_more_and_of_nothing_else(function, shapes, arrays):
    given = [np.random.default_rng(1).normal(size=shape) for shape in shapes]
    replay = recording.Recording(function, shapes, np.float32)  # float64 would be computed in floats
    assert memory(replay) == arrays
    for _ in range(2):
        for ours, theirs in zip(replay(*given), function(*given), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-5)
            assert (ours.dtype == bool) == (theirs.dtype == bool)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_state_goes_on_wherever_its_results_lie(turns):
    def swapped(A, B, C, x, b):
        return (B + x, A * b, C + x @ x)

    replay = recording.Recording(swapped, [(2, 2)] * 4 + [()], np.float32)
    A, B, C = start = np.random.default_rng(1).normal(size=(3, 2, 2)).astype(np.float32)
    batches = np.random.default_rng(2).normal(size=(turns, 2, 2)).astype(np.float32)
    for x in batches:
        A, B, C = swapped(A, B, C, x, np.float32(3))
    for _ in range(2):
        for ours, theirs in zip(replay.over([(x,) for x in batches], start, (3,)), (A, B, C), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_a_state_that_stays_in_its_place_is_not_copied():
    replay = recording.Recording(lambda W, m, x: (W + (0.5 * m + x), 0.5 * m + x), [(5,)] * 3, np.float32)
    one = recording.Recording(training_step, [(5,)] * 3, np.float32)
    assert one.results[0] is one.arguments[0]
    assert one.results[1] is one.arguments[1]
    x = np.arange(5.0)
    for ours, theirs in zip(one.over([(x,)] * 4, (x, x), ()), replay.over([(x,)] * 4, (x, x), ()), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def training_step(W, m, x):
    m = 0.5 * m + x
    return W + m, m


@pytest.mark.parametrize(
    ("shape", "beside"),
    [
        ((3,), (3,)),
        ((2, 3), (2, 3)),
        ((0, 3), (0, 3)),
        ((7, 99, 101), (7, 99, 101)),
        ((3, 100, 100), (100, 100)),
        ((2, 3, 10_001), (10_001,)),
        ((2, 10_001), (10_001,)),
    ],
)
def test_a_number_stands_beside_the_last_axes_of_an_array_that_maximum_takes(shape, beside):
    replay = recording.Recording(lambda A: (np.maximum(0.25, A), np.maximum(A, -0.25) + 0), [shape], np.float32)
    assert [a.shape for call in replay.calls[:2] for a in call.args] == [beside, shape, shape, beside]
    A = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    np.testing.assert_array_equal(replay(A)[0], np.maximum(0.25, A))
    np.testing.assert_array_equal(replay(A)[1], np.maximum(A, -0.25))


@pytest.mark.parametrize(
    ("shapes", "taken"),
    [
        ([(5, 1), (1, 1)], [(5, 1), ()]),
        ([(1,), (2, 3)], [(), (2, 3)]),
        ([(1, 1), (1, 1)], [(1, 1), (1, 1)]),
        ([(1, 1), (5,)], [(1, 1), (5,)]),  # whose axes are the result's
        ([(0, 3), (1, 1)], [(0, 3), (1, 1)]),
        ([(1,), (0, 3)], [(1,), (0, 3)]),
        ([(0,), (2, 1)], [(0,), (2, 1)]),
    ],
)
def test_a_single_element_is_taken_without_axes_beside_more(shapes, taken):
    replay = recording.Recording(lambda A, B: (A - B,), shapes, np.float32)
    assert [a.shape for a in replay.calls[0].args[:2]] == taken
    A, B = (np.random.default_rng(1).normal(size=shape).astype(np.float32) for shape in shapes)
    np.testing.assert_array_equal(replay(A, B)[0], A - B)


def test_the_memory_of_a_result_read_no_more_serves_the_next_of_its_size():
    def function(A):
        for _ in range(200):
            A = (A @ A) / 3  # the product into one array, the quotient into it; the next product into another
        return (A,)

    replay = recording.Recording(function, [(3, 3)], np.float32)
    assert memory(replay) == 2
    A = np.ones((3, 3))  # whose square is thrice itself
    np.testing.assert_array_equal(replay(A)[0], A)


def test_a_wrong_number_of_arguments_is_an_error():
    replay = recording.Recording(lambda A, B: (A + B,), [(3,), (3,)], np.float32)
    with pytest.raises(ValueError, match="zip"):
        replay(np.zeros(3))


@pytest.mark.parametrize(
    ("W", "N", "inputs", "whole"),
    [
        ((1, 3), 64, 3, True),
        ((1, 3), 65, 3, False),
        ((1, 64), 64, 64, True),  # 4096 elements of the samples
        ((1, 241), 17, 241, False),  # 4097
        ((1, 4097), 1, 4097, False),
        ((64, 64), 2, 64, True),
        ((65, 64), 2, 64, False),
        ((17, 241), 2, 241, False),
    ],
)
def test_a_short_epoch_is_recorded_as_a_whole_and_a_long_one_batch_by_batch(W, N, inputs, whole):
    training._recorded_epoch.cache_clear()
    training._recorded_step.cache_clear()
    rng = np.random.default_rng(0)
    delta_sgd(rng.normal(size=W), rng.normal(size=(N, inputs)), rng.random((N, W[0])))
    made = training._recorded_epoch.cache_info().misses, training._recorded_step.cache_info().misses
    assert made == ((1, 0) if whole else (0, 1))


def test_the_first_of_several_weights_says_whether_an_epoch_is_short():
    training._recorded_epoch.cache_clear()
    training._recorded_step.cache_clear()
    multi_layer.backprop_xor(np.zeros((65, 64)), np.zeros((1, 65)), np.ones((2, 64)), np.ones(2))
    assert (training._recorded_epoch.cache_info().misses, training._recorded_step.cache_info().misses) == (0, 1)


def test_recordings_are_kept_for_the_next_epoch_and_not_without_end():
    training._recorded_epoch.cache_clear()
    training._recorded_step.cache_clear()
    for _ in range(3):
        delta_sgd(np.zeros((1, 3)), np.ones((2, 3)), np.ones(2))
        delta_sgd(np.zeros((1, 3)), np.ones((70, 3)), np.ones(70))
    assert training._recorded_epoch.cache_info()[:2] == (2, 1)
    assert training._recorded_step.cache_info()[:2] == (2, 1)
    for n in range(1, 41):
        delta_sgd(np.zeros((1, n)), np.ones((2, n)), np.ones(2))
        delta_sgd(np.zeros((1, n)), np.ones((70, n)), np.ones(70))
    assert training._recorded_epoch.cache_info().currsize == 32
    assert training._recorded_step.cache_info().currsize == 4


def test_a_copy_is_made_once_and_never_outlives_what_it_copies():
    def function(A):
        B = A.T.copy()
        C = A.T.copy() + B
        D = C + 1
        E = D.T.copy()
        D = D * 0 + 2
        return (E, D.T.copy(), C.T.reshape(-1))

    replay = recording.Recording(function, [(2, 3)], np.float64)
    A = np.arange(6.0).reshape(2, 3)
    for ours, theirs in zip(replay(A), function(A), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert sum(call.func is np.copyto for call in replay.calls) == 4


def test_a_copy_serves_as_long_as_what_it_copies_stays():
    def function(A):
        B = A.T.copy() + 1
        C = B @ A.T.copy().T
        return (C @ A.T.copy(),)

    replay = recording.Recording(function, [(2, 2)], np.float32)
    assert sum(call.func is np.copyto for call in replay.calls) == 1
    A = np.random.default_rng(1).normal(size=(2, 2))
    np.testing.assert_allclose(replay(A)[0], function(A)[0], rtol=1e-4)


def test_zeros_keep_what_is_not_written():
    def function(A):
        band = zeros((3, 4), A)
        band[:, 1:3] = A
        first = band.T.copy()
        band[:, 1:3] = A + 1
        return first, band.reshape(-1) + 0

    replay = recording.Recording(function, [(3, 2)], np.float64)
    for seed in range(3):
        A = np.random.RandomState(seed).randn(3, 2)
        for ours, theirs in zip(replay(A), function(A), strict=True):
            np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("name", "scalar"), [(name, name not in ("multi_class", "deep_relu", "deep_dropout")) for name in RECORDED]
)
def test_networks_of_a_few_weights_are_computed_in_floats(name, scalar):
    case = CASES[name]
    weights, rng = case.start()
    training._recorded_epoch.cache_clear()
    made = []
    original = recording.Recording.__init__

    def spy(self, *arguments):
        original(self, *arguments)
        made.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recording.Recording, "__init__", spy)
        case.train(weights, rng=rng)
    assert [replay.program is not None for replay in made] == [scalar]


def test_a_float_program_is_the_function_where_numpy_overflows():
    def function(A, b):
        return sigmoid(A @ A.T) * b, -A / (1 + b)

    replay = recording.Recording(function, [(2, 3), ()], np.float64)
    assert replay.program is not None
    for scale in (1, 30, -1000):
        A = scale * np.array([[1.0, -2, 0.5], [0.25, 1, -1]])
        for ours, theirs in zip(replay(A, 0.9), function(A, 0.9), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-14)


def test_a_float_program_does_not_hide_what_is_not_a_number():
    replay = recording.Recording(lambda A, B: (sigmoid(A @ B),), [(1, 2), (2, 1)], np.float64)
    assert replay.program is not None
    with np.errstate(over="ignore"):
        assert np.isnan(replay(np.array([[1e308, 1e308]]), np.array([[10.0], [-10.0]]))[0]).all()


def test_float32_is_not_computed_in_floats():
    assert recording.Recording(lambda A: (A + 1,), [(2, 2)], np.float32).program is None


def test_what_is_not_recorded_is_refused_and_not_computed_once_for_all():
    with pytest.raises(TypeError, match="no implementation found for 'numpy.concatenate'"):
        recording.Recording(lambda A: (np.concatenate([A, A]),), [(3,)], np.float64)
