"""What a script of the other networks asks of its result: met at its bound, and not just beyond it."""

import dataclasses
import json

import numpy as np
import pytest
import runs

from deltarule import models
from deltarule.layers import Trainer
from deltarule.layers.network import Network
from deltarule.models import experiments


@pytest.fixture
def converged(monkeypatch, capsys):
    """Runs a script in this process: whether it found its criterion met."""

    def run(name, *options):
        runs.here(monkeypatch, name, "--json", *options)
        return json.loads(capsys.readouterr().out)["converged"]

    return run


ARRIVES = ("RNN, 8 nodes, start 1", "LSTM, forget gate + 3", "with batch normalisation")
LEAST, LESS = 0.01, float(np.nextafter(0.01, 0))
AS_FOUND = {name: LEAST if name in ARRIVES else LESS for name in (*experiments.IN_TIME, *experiments.IN_DEPTH)}


@pytest.mark.parametrize(
    "others",
    [
        {},
        *({name: LESS if name in ARRIVES else LEAST} for name in AS_FOUND),
        {"RNN, 4 nodes, start 1": np.nan},
        {"with batch normalisation": np.nan},
    ],
    ids=str,
)
def test_a_hundredth_of_the_error_is_what_arrives_and_each_network_counts(others, converged, monkeypatch):
    for table, at in ((experiments.IN_TIME, -1), (experiments.IN_DEPTH, 0)):
        for name, (networks, _) in table.items():
            errors = np.ones((100, 30))
            errors[:, at] = {**AS_FOUND, **others}[name]
            monkeypatch.setitem(table, name, (networks, lambda *weights_and_samples, errors=errors: errors))
    assert converged("vanishing") is (not others)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 21))
def test_what_arrives_is_the_same_in_kind_from_every_seed(seed, converged):
    assert converged("vanishing", "--seed", str(seed)) is True


@pytest.mark.parametrize(
    ("normalised", "plain", "met"),
    [
        (0.9, np.nextafter(0.9, 0), True),
        (np.nextafter(0.9, 0), 0.2, False),
        (1.0, 0.9, False),
        (np.nan, 0.2, False),
    ],
)
def test_nine_tenths_are_what_ten_layers_have_learned(normalised, plain, met, converged, monkeypatch):
    """With normalisation the worst digit counts, without it the best."""
    for name, p, others in (("batch_norm_forward", normalised, 1.0), ("deep_sigmoid_forward", plain, 0.2)):
        y = np.full((5, 5), 0.1)
        np.fill_diagonal(y, [others, others, p, others, others])
        monkeypatch.setattr(models, name, lambda *weights_and_samples, y=y: y)
    assert converged("batch_norm_depth", "--epochs", "1") is met


@pytest.mark.parametrize(("error", "met"), [(0.0999, True), (0.1001, False), (np.nan, False)])
def test_a_tenth_is_how_far_an_output_of_xor_in_time_may_be(error, met, converged, monkeypatch):
    y = np.array([[0.0], [1.0 - error], [1.0], [0.0]])
    monkeypatch.setattr(models, "rnn_forward", lambda *weights_and_samples: y)
    assert converged("rnn_xor", "--epochs", "1") is met


@pytest.mark.parametrize("cell", ["LSTM", "GRU"])
@pytest.mark.parametrize(("error", "met"), [(0.0999, True), (0.1001, False), (np.nan, False)])
def test_a_hundredth_is_the_error_that_a_network_with_gates_may_have(error, met, cell, converged, monkeypatch):
    experiment = experiments.EXPERIMENTS[name := f"{cell.lower()}_adding"]
    _, D = experiment.test()
    off = dataclasses.replace(experiment, forward=lambda *weights_and_samples: D[:, None] + error)
    monkeypatch.setitem(experiments.EXPERIMENTS, name, off)
    assert converged("lstm_adding", "--epochs", "1", "--cell", cell) is met


@pytest.fixture
def few_images(monkeypatch):
    """Fifty images for `colour_digits` in place of 2,000."""
    for name in ("colour_training", "colour_test"):
        monkeypatch.setattr(experiments, name, lambda: (np.zeros((50, 3, 32, 32)), np.zeros(50, int)))


@pytest.mark.parametrize(
    ("mlp", "stack", "met"),
    [
        (0.5, 0.6, True),
        (0.5, np.nextafter(0.6, 0), False),
        (0.5, np.nan, False),
        (np.nan, 0.9, False),
        (0.9, 0.5, False),
    ],
)
def test_a_tenth_more_of_the_digits_is_what_the_stack_has_to_get_right(
    mlp, stack, met, converged, few_images, monkeypatch
):
    monkeypatch.setattr(Network, "accuracy", lambda network, x, t: mlp if network.params["W1"].ndim == 2 else stack)
    assert converged("colour_digits", "--epochs", "1") is met


def test_a_network_that_has_diverged_gets_nothing_right(converged, few_images, monkeypatch):
    monkeypatch.setattr(Trainer, "attempt", lambda trainer, batch: setattr(trainer, "diverged", True))
    assert converged("colour_digits", "--epochs", "1") is False


@pytest.mark.parametrize(("wrong", "met"), [(10, True), (11, False)])
def test_ten_of_a_thousand_are_how_many_boards_may_be_counted_wrong(wrong, met, converged, monkeypatch):
    y = np.array(experiments.EXPERIMENTS["relation_dots"].test()[1])
    y[:wrong] = np.roll(y[:wrong], 1, axis=1)
    monkeypatch.setattr(models, "relation_forward", lambda *weights_and_samples: y)
    assert converged("relation_dots", "--epochs", "1") is met
    y[:] = np.nan
    assert converged("relation_dots", "--epochs", "1") is False


@pytest.mark.parametrize(("wrong", "met"), [(29, True), (30, False)])
def test_29_of_3000_are_how_many_symbols_may_be_wrong(wrong, met, converged, monkeypatch):
    D = experiments.EXPERIMENTS["attention_reversal"].test()[1]
    y = np.array(D).reshape(-1, 5)
    y[:wrong] = np.roll(y[:wrong], 1, axis=1)
    y = y.reshape(D.shape)
    monkeypatch.setattr(models, "attention_forward", lambda *weights_X: y[: len(weights_X[-1])])
    assert converged("attention_reversal", "--epochs", "1") is met
    y[:] = np.nan
    assert converged("attention_reversal", "--epochs", "1") is False


@pytest.mark.parametrize(("wrong", "met"), [(1, True), (2, False)])
def test_one_is_how_many_members_may_be_on_the_wrong_side(wrong, met, converged, monkeypatch):
    y = np.array(experiments.EXPERIMENTS["gcn_karate"].test()[1])
    y[1 : 1 + wrong] = np.roll(y[1 : 1 + wrong], 1, axis=1)
    monkeypatch.setattr(models, "gcn_forward", lambda *weights_and_samples: y)
    assert converged("gcn_karate", "--epochs", "1") is met
    y[:] = np.nan
    assert converged("gcn_karate", "--epochs", "1") is False


@pytest.mark.parametrize(
    ("threshold", "plain", "skip", "met"),
    [
        (0.5, 0.6001, 0.6002, True),
        (0.5, 0.5999, 0.6002, False),
        (0.5, 0.6002, 0.6002, False),
        (0.5, 0.6002, 0.0, False),  # what `overlap` makes of outputs that are not numbers
    ],
)
def test_the_skip_is_to_be_better_and_both_better_than_a_threshold(threshold, plain, skip, met, converged, monkeypatch):
    shares = iter((threshold, plain, skip))
    monkeypatch.setattr(models, "unet_digits", lambda *weights_X_D, optimizer: weights_X_D[:-2])
    monkeypatch.setattr(models, "unet_forward", lambda *weights_X: np.zeros(weights_X[-1].shape))
    monkeypatch.setattr(models, "overlap", lambda D, y, *at: next(shares) if y.dtype == bool else 0.5)
    assert converged("unet_digits", "--epochs", "1") is met


@pytest.mark.parametrize(("better_by", "met"), [(25.001, True), (24.999, False), (np.nan, False), (np.inf, False)])
def test_the_machine_is_to_be_25_above_the_pixels_alone(better_by, met, converged, monkeypatch):
    """Of images of four pixels, half of which are ink."""
    X = np.zeros((100, 4))
    X[:50] = 1
    small = dataclasses.replace(
        experiments.EXPERIMENTS["rbm_digits"], samples=lambda: (X, None), test=lambda: (X, None),
        shapes={"W": (2, 4), "b": (4, 1), "c": (2, 1)}, draw=experiments.normal_start,
    )  # fmt: skip
    monkeypatch.setitem(experiments.EXPERIMENTS, "rbm_digits", small)
    alone = 4 * np.log(0.5)
    monkeypatch.setattr(models, "rbm_log_likelihood", lambda *weights_and_samples: np.full(100, alone + better_by))
    assert converged("rbm_digits", "--epochs", "1") is met


@pytest.mark.parametrize(
    ("machines", "glorot", "softmax", "met"),
    [(73, 70, 60, True), (73, 60, 70, True), (72, 70, 60, False), (72, 60, 70, False)],
)
def test_three_hundredths_more_are_what_the_machines_have_to_get_right(
    machines, glorot, softmax, met, converged, monkeypatch
):
    experiment = experiments.EXPERIMENTS["dbn_digits"]
    D = np.eye(10)[np.arange(100) % 10]
    start = dataclasses.replace(experiment, draw=experiments.glorot_start, test=lambda: (np.zeros((100, 784)), D))
    monkeypatch.setitem(experiments.EXPERIMENTS, "dbn_digits", start)
    right = iter((machines, glorot, softmax) * 2)

    def outputs(*weights_and_samples):
        y, n = np.roll(D, 1, axis=1), next(right)
        y[:n] = D[:n]
        return y

    monkeypatch.setattr(models, "dbn_forward", outputs)
    assert converged("dbn_digits", "--epochs", "1") is met
