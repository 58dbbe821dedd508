"""Recorded epochs: what is replayed is what the listing does, and nothing leaks from one call to the next."""

import threading

import numpy as np
import pytest
from networks import CASES, relative

from deltarule import matlab, recording, relu, sigmoid, softmax, training

RECORDED = sorted(CASES)


@pytest.mark.parametrize("name", RECORDED)
def test_replayed_epochs_are_those_of_the_listing_read_line_by_line(name, monkeypatch):
    case = CASES[name]
    weights, _ = case.start()
    replayed = case.train(weights, 200, rng=matlab.rng(5))
    monkeypatch.setattr(training, "_is_small", lambda *arrays: False)
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


def test_an_epoch_of_many_samples_is_not_recorded():
    case = CASES["delta_sgd"]
    (W,), _ = case.start()
    X, D = (np.tile(a, (20,) + (1,) * (a.ndim - 1)) for a in case.data())
    before = training._recorded.cache_info().misses
    assert relative(case.train((W,), samples=(X, D)), case.train((W,), 20)) < 1e-12
    assert training._recorded.cache_info().misses - before <= 1  # the 20 epochs of four samples


def test_large_arrays_and_many_networks_are_not_recorded():
    small, large = np.zeros((4, 3)), np.zeros((100, 100))
    assert training._is_small(small, small, small[:, :, None])
    assert not training._is_small(small, large, small)
    assert not training._is_small(np.zeros((2, 4, 3)), small, small)
    assert not training._is_small(small, small, large)
