"""What the gradient checks of the other networks are made with: sizes, weights and targets, from each seed its own."""

import inspect

import numpy as np
import pytest
from closeness import assert_within

from deltarule import matlab
from deltarule.evidence import model_gradients

SEEDS = (1, 2, 3)
RNN, DEEP = [(4, 3), (4, 4), (1, 4)], [(5, 6), (5, 5), (3, 5)]
NORM = [(5, 6), (5, 1), (5, 1), (5, 5), (5, 1), (5, 1), (3, 5)]
BIASED = [(5, 6), (5, 1), (4, 5), (4, 1), (3, 4), (3, 1)]
HEAD = [(2, 7), (2, 7), (2, 7), (3, 2)]
FEED = [(4, 4), (4, 1), (4, 1), (4, 1), (5, 4), (5, 1), (4, 5), (4, 1), (4, 1), (4, 1), (2, 4)]
MACHINE = [(4, 9), (9, 1), (4, 1)]
GAN = [(4, 2), (1, 4)]


def unet(channels):
    return [(2, 1, 3, 3), (2, 1), (3, 2, 3, 3), (3, 1), (2, channels, 3, 3), (2, 1), (1, 2), (1, 1)]


MADE_WITH = {
    "rnn_xor": (RNN, (3, 5, 3), (3, 1)),
    "rnn_adding": (RNN, (3, 5, 3), (3, 1)),
    "lstm_adding": ([(4, 7)] * 4 + [(1, 4)], (3, 5, 3), (3, 1)),
    "gru_adding": ([(4, 7)] * 3 + [(1, 4)], (3, 5, 3), (3, 1)),
    "deep_sigmoid": (DEEP, (4, 6), (4, 3)),
    "batch_norm_depth": (NORM, (4, 6), (4, 3)),
    "attention_reversal": (HEAD, (3, 4, 7), (3, 4, 3)),
    "attention_placeless": (HEAD, (3, 4, 7), (3, 4, 3)),
    "transformer_parity": ([(4, 2)] + [(2, 2, 4), (2, 2, 1)] * 3 + FEED, (2, 4, 2), (2, 4, 2)),
    "transformer_one_head": ([(4, 2)] + [(1, 4, 4), (1, 4, 1)] * 3 + FEED, (2, 4, 2), (2, 4, 2)),
    "relation_dots": ([(4, 6), (3, 4), (2, 3), (5, 2)], (3, 4, 3), (3, 5)),
    "row_dots": ([(4, 12), (3, 4), (2, 3), (5, 2)], (3, 4, 3), (3, 5)),
    "gcn_karate": ([(5, 4), (3, 5)], (6, 4), (6, 3)),
    "rbm_bars": (MACHINE, (9, 14), None),
    "rbm_exact": (MACHINE, (9, 14), None),
    "rbm_digits": (MACHINE, (9, 14), None),
    "dbn_digits": (BIASED, (4, 6), (4, 3)),
    "glorot_digits": (BIASED, (4, 6), (4, 3)),
    "unet_digits": (unet(5), (2, 4, 6), (2, 4, 6)),
    "unet_plain": (unet(3), (2, 4, 6), (2, 4, 6)),
    "gan_gaussian": (GAN, (5, 1), None),
}
"""By check, the shapes of its weights, of its samples and of its targets, if it has any."""
NORMAL = ("transformer_parity", "transformer_one_head", "rbm_bars", "rbm_exact", "rbm_digits")


def made(monkeypatch, name, seed):
    """What a check compares: the weight changes, the weights, and what its cost is a cost of; of each cost it has."""
    seen = []

    def note(changes, cost, weights):
        known = inspect.getclosurevars(cost).nonlocals
        seen.append((changes, weights, {key.upper(): known[key] for key in ("x", "X", "D", "v", "S") if key in known}))
        return float(len(seen))

    monkeypatch.setattr(model_gradients, "gradient_error", note)
    assert model_gradients.CHECKS[name](seed) == len(seen)  # of several it is the worst
    return seen


def test_what_every_check_is_made_with_is_said_here():
    assert MADE_WITH.keys() == model_gradients.CHECKS.keys()


@pytest.mark.parametrize("name", MADE_WITH)
def test_a_check_has_weights_samples_and_targets_of_its_sizes_and_each_seed_its_own(name, monkeypatch):
    shapes, samples, targets = MADE_WITH[name]
    found = [made(monkeypatch, name, seed) for seed in SEEDS]
    assert {len(each) for each in found} == {2 if name == "gan_gaussian" else 1}
    for each in found:
        for changes, weights, known in each:
            assert [W.shape for W in weights] == [dW.shape for dW in changes] == shapes
            assert known["X"].shape == samples
            assert not targets or known["D"].shape == targets
            assert all(dW.any() or W.shape[-1] == 1 for W, dW in zip(weights, changes, strict=True))
    for (_, first, _), (_, second, _) in zip(found[0], found[1], strict=True):
        assert all((other != W).all() for W, other in zip(first, second, strict=True))
    numbers = np.concatenate([W.ravel() for each in found for _, weights, _ in each for W in weights])
    if name in NORMAL:
        assert_within(np.std(numbers), 0.5, absolute=0.06, relative=0)
        assert abs(numbers).max() > 1
    else:
        assert -1 < numbers.min() < -0.9
        assert (numbers.max() < 1.5) if name == "batch_norm_depth" else (0.9 < numbers.max() < 1)


@pytest.mark.parametrize("name", ["rnn_xor", "rnn_adding", "lstm_adding", "gru_adding"])
def test_the_targets_of_a_sequence_are_half_the_sum_of_the_two_that_are_marked(name, monkeypatch):
    for seed in SEEDS:
        ((_, _, known),) = made(monkeypatch, name, seed)
        right = (known["X"][..., 0] * known["X"][..., 1]).sum(axis=1) / 2
        assert_within(known["D"][:, 0], right, absolute=1e-15, relative=0)
        assert known["X"][..., 1].sum() == 6


@pytest.mark.parametrize("name", ["deep_sigmoid", "batch_norm_depth", "dbn_digits", "glorot_digits"])
def test_four_samples_are_uniform_and_of_three_classes_that_the_stream_draws(name, monkeypatch):
    for seed in SEEDS:
        ((_, weights, known),) = made(monkeypatch, name, seed)
        rng = matlab.rng(seed)
        assert known["X"].tolist() == rng.rand(4, 6).tolist()
        classes = rng.randi(3, 4, 1).ravel()
        assert known["D"].tolist() == [[float(c == k) for k in (1, 2, 3)] for c in classes]
        assert_within(weights[0], 2 * rng.rand(5, 6) - 1, absolute=0, relative=0)
        if name == "batch_norm_depth":
            assert 0.5 < weights[1].min() < weights[1].max() < 1.5
            assert 0 < weights[2].min() < weights[2].max() < 1


def test_of_a_graph_two_nodes_of_two_classes_are_known_and_one_edge_crosses_the_ring(monkeypatch):
    for seed in SEEDS:
        ((_, _, known),) = made(monkeypatch, "gcn_karate", seed)
        assert np.argwhere(known["D"]).tolist() == [[0, seed % 3], [3, (seed + 1) % 3]]
        assert known["D"].sum() == 2
        ring = {(k, (k + 1) % 6) for k in range(6)}
        joined = {(i, j) for i, j in np.argwhere(known["S"]).tolist() if i != j}
        assert joined == {(i, j) for a, b in ring | {(1, 4)} for i, j in ((a, b), (b, a))}


@pytest.mark.parametrize("name", ["rbm_bars", "rbm_digits", "rbm_exact"])
def test_a_machine_sees_all_bars_and_stripes_and_its_chains_start_there(name, monkeypatch):
    for seed in SEEDS:
        ((_, _, known),) = made(monkeypatch, name, seed)
        boards = {tuple(column) for column in known["X"].T.tolist()}
        bars = {tuple(float(b[k // 3]) for k in range(9)) for b in np.ndindex(2, 2, 2)}
        stripes = {tuple(float(b[k % 3]) for k in range(9)) for b in np.ndindex(2, 2, 2)}
        assert boards == bars | stripes
        if name != "rbm_exact":
            assert set(known["V"].ravel().tolist()) == {0, 1}
            assert (known["V"] != known["X"]).any()


@pytest.mark.parametrize("name", ["unet_digits", "unet_plain"])
def test_the_masks_of_two_images_are_zeros_and_ones_in_equal_parts(name, monkeypatch):
    for seed in SEEDS:
        ((_, weights, known),) = made(monkeypatch, name, seed)
        rng = matlab.rng(10 + seed)
        assert known["X"].ravel().tolist() == rng.randn(2, 24).ravel().tolist()
        assert known["D"].ravel().tolist() == (rng.rand(2, 24).ravel() > 0.5).astype(float).tolist()
        assert_within(weights[0].ravel()[0], 2 * rng.rand(2, 1, 3, 3).ravel()[0] - 1, absolute=0, relative=0)
        assert 12 < known["D"].sum() < 36


def test_both_networks_of_a_gan_are_checked_with_five_samples_and_weights_of_their_own(monkeypatch):
    (_, D, ofD), (_, G, ofG) = made(monkeypatch, "gan_gaussian", 1)
    assert all((a != b).all() for a, b in zip(G, D, strict=True))
    assert ofD["X"].tolist() == ofG["X"].tolist()
    assert len(ofD["X"]) == 5
