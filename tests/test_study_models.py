"""Studies of the other networks: each start is its script's, and is found converged when it is."""

import dataclasses
import json

import numpy as np
import pytest
import runs
import strict
from closeness import assert_within

from deltarule.models.experiments import EXPERIMENTS
from deltarule.study import Settings, error_curves, models, read, study, write
from deltarule.study.model_experiments import MODELS, ModelExperiment
from deltarule.study.schedule import networks_at_once
from deltarule.study.settings import ROUTINES

QUICK = Settings("rnn_xor", epochs=60, every=20)


TESTED = {
    "lstm_adding": 0.01, "gru_adding": 0.01, "attention_reversal": 29 / 3000, "attention_placeless": 29 / 3000,
    "relation_dots": 0.01, "row_dots": 0.01, "gcn_karate": 1 / 34,
}  # fmt: skip
"""By name, the largest error on the test samples that a script accepts."""


@pytest.mark.parametrize("name", MODELS)
def test_a_start_ends_where_its_experiment_does(name):
    experiment, epochs = EXPERIMENTS[name], 2 if name in TESTED else 30
    outcome = study(Settings(name, epochs=epochs, within=1e-9), 1, first=7)
    weights = experiment.train(experiment.start(7)[0], epochs)
    if name in TESTED:
        y = [[experiment.tested(weights, *experiment.test())]]
    else:
        y = experiment.outputs(weights, experiment.samples()[0])
    assert_within(outcome.outputs[0], y, absolute=1e-13, relative=1e-12)
    assert outcome.epochs.tolist() == [2 if name == "attention_reversal" else 0]  # that is learned by then


def test_what_is_asked_for_is_what_the_script_asks_for_unless_it_is_given():
    for name in ROUTINES:
        assert Settings(name).within == TESTED.get(name, 0.1)
        assert Settings(name, within=0.2).within == 0.2
        assert Settings(name).tested == (name in TESTED)
    assert TESTED.keys() == {name for name, each in MODELS.items() if each.tested}


def answering(y, name, monkeypatch):
    """Has a study's networks of this name answer y for their test samples."""
    stub = dataclasses.replace(
        EXPERIMENTS[name], forward=lambda W, *others, **constants: np.broadcast_to(y, (len(W), *y.shape))
    )
    monkeypatch.setitem(ROUTINES, name, ModelExperiment(stub))


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("attention_reversal", 29),
        ("attention_placeless", 29),
        ("relation_dots", 10),
        ("row_dots", 10),
        ("gcn_karate", 1),
    ],
)
def test_as_many_answers_may_be_wrong_as_the_script_accepts_and_no_more(name, most, monkeypatch):
    _, D = EXPERIMENTS[name].test()
    for wrong, converged in ((0, 1), (most, 1), (most + 1, 0)):
        y = np.array(D).reshape(-1, D.shape[-1])
        y[:wrong] = np.roll(y[:wrong], 1, axis=1)
        answering(y.reshape(D.shape), name, monkeypatch)
        outcome = study(Settings(name, epochs=1), 1)
        assert (outcome.converged, outcome.outputs.tolist()) == (converged, [[[wrong / len(y)]]])
    answering(np.full(D.shape, np.nan), name, monkeypatch)
    assert study(Settings(name, epochs=1), 1).converged == 0


@pytest.mark.parametrize("name", ["lstm_adding", "gru_adding"])
@pytest.mark.parametrize(("off", "converged"), [(0.0999, 1), (-0.0999, 1), (0.1001, 0), (-0.1001, 0)])
def test_a_hundredth_is_the_squared_error_that_a_network_with_gates_may_have(name, off, converged, monkeypatch):
    _, D = EXPERIMENTS[name].test()
    answering(D[:, None] + off, name, monkeypatch)
    outcome = study(Settings(name, epochs=1), 1)
    assert outcome.converged == converged
    assert_within(outcome.outputs, off**2, absolute=1e-14, relative=0)


def test_what_adam_remembers_stays_with_each_network_when_others_have_converged():
    settings = Settings("relation_dots", epochs=20, every=5, within=0.5)
    together = study(settings, 5)
    assert len(set(together.epochs)) > 1  # some go on without others
    for k in range(5):
        alone = study(settings, 1, first=k)
        assert alone.epochs[0] == together.epochs[k]
        assert_within(alone.outputs[0], together.outputs[k], absolute=1e-13, relative=0)


def test_another_rate_is_adams():
    experiment, settings = EXPERIMENTS["relation_dots"], {"epochs": 1, "within": 1e-9}
    at_first = experiment.tested(experiment.start(0)[0], *experiment.test())
    assert study(Settings("relation_dots", alpha=1e-12, **settings), 1).outputs == at_first
    own, same = (study(Settings("relation_dots", alpha=alpha, **settings), 1).outputs for alpha in (None, 0.003))
    assert own == same != at_first


def test_one_that_diverges_has_not_converged_and_leaves_the_others_as_they_are(monkeypatch):
    settings, start = Settings("attention_reversal", epochs=4, every=2, within=0.5), Settings.start
    alone, (_, curves) = [study(settings, 1, first=k) for k in (0, 2)], error_curves(settings, [0, 2])
    monkeypatch.setattr(Settings, "start", lambda s, k: [W * (1e200 if k == 1 else 1) for W in start(s, k)])
    outcome = study(settings, 3)
    assert (outcome.epochs[1], outcome.outputs[1]) == (0, 1)
    for k, other in zip((0, 2), alone, strict=True):
        assert outcome.epochs[k] == other.epochs[0] > 0
        assert_within(outcome.outputs[k], other.outputs[0], absolute=1e-13, relative=0)
    _, errors = error_curves(settings, [0, 1, 2])
    assert errors[1].tolist() == [1, 1, 1, 1]
    assert_within(errors[[0, 2]], curves, absolute=1e-13, relative=0)
    assert error_curves(settings, [1])[1].tolist() == [[1, 1, 1, 1]]


def test_the_error_of_tested_networks_is_that_on_the_test_samples_a_few_networks_at_a_time():
    experiment, settings = EXPERIMENTS["gcn_karate"], Settings("gcn_karate", epochs=4, within=1e-9)
    weights = experiment.starts(range(20))  # more than answer at once
    epochs, errors = error_curves(settings, range(20))
    assert (models.LOOKED_AT, epochs.tolist()) == (16, [1, 2, 3, 4])
    expected = [experiment.tested(W, *experiment.test()) for W in experiment.along(weights, 4)]
    assert_within(errors.T, expected, absolute=1e-13, relative=0)
    assert len(set(errors[:, -1])) > 1
    assert_within(study(settings, 20).outputs[:, 0, 0], errors[:, -1], absolute=1e-13, relative=0)


def test_few_of_those_that_have_test_samples_are_trained_at_once():
    for device, most in (("cpu", 16), ("gpu", 256)):
        assert {networks_at_once(Settings(name), device) for name in TESTED} == {most}
    assert networks_at_once(Settings("rnn_xor")) > 16


def test_the_script_says_what_is_asked_of_the_test_samples(tmp_path):
    done = runs.start("study", "gcn_karate", "--starts", "3", "--epochs", "20")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("gcn_karate: an error of at most 0.0294118 on the test samples by 20 epochs")
    options = "--starts", "2", "--epochs", "5", "--json", "--plot", "found.png", "--out", "found.csv"
    (found,) = json.loads(runs.start("study", "gcn_karate", *options, cwd=tmp_path).stdout)
    assert (found["starts"], found["settings"]["within"]) == (2, 1 / 34)
    assert (tmp_path / "found.png").stat().st_size > 10_000
    (outcome,) = read(tmp_path / "found.csv")
    assert outcome.outputs.shape == (2, 1, 1)


@pytest.mark.parametrize(("off", "converged"), [(0.0999, 1), (0.1001, 0), (np.nan, 0)])
def test_a_start_has_converged_when_every_output_is_within_a_tenth(off, converged, monkeypatch):
    targets = MODELS["rnn_xor"].samples()[1]
    y = np.array([targets])
    y[0, 2, 0] -= off
    monkeypatch.setattr(models._Training, "outputs", lambda training: y)
    assert study(QUICK, 1).converged == converged


def test_the_epoch_is_the_first_look_that_finds_it_and_does_not_depend_on_the_others():
    together = study(QUICK, 8, first=1)
    assert set(together.epochs) <= {0, 20, 40, 60}
    assert 0 < together.converged < 8
    for k, start in enumerate(together.starts):
        alone = study(QUICK, 1, first=int(start))
        assert alone.epochs[0] == together.epochs[k]
        assert_within(alone.outputs[0], together.outputs[k], absolute=1e-13, relative=1e-12)


def test_the_last_epoch_is_looked_at_where_it_is_no_multiple():
    settings = Settings("rnn_xor", epochs=65, every=20, within=0.5)
    X, D = MODELS["rnn_xor"].samples()
    experiment = EXPERIMENTS["rnn_xor"]
    y = experiment.outputs(experiment.train(experiment.start(34)[0], 65), X)
    assert not (abs(y - D) <= 0.1).all()
    assert_within(study(settings, 1, first=34).outputs[0], y, absolute=1e-13, relative=1e-12)


def test_chunks_and_processes_change_nothing():
    one, other = study(QUICK, 6, first=1), study(QUICK, 6, first=1, chunk=4)
    assert np.array_equal(one.epochs, other.epochs)
    assert_within(one.outputs, other.outputs, absolute=1e-13, relative=1e-12)


def test_rate_and_scale_are_those_of_the_training_and_gamma_and_beta_keep_theirs():
    plain, scaled = Settings("batch_norm_depth").start(3), Settings("batch_norm_depth", scale=0.5).start(3)
    for name, a, b in zip(EXPERIMENTS["batch_norm_depth"].names, plain, scaled, strict=True):
        assert np.array_equal(b, a / 2 if name[0] == "W" else a)
    for a, b in zip(*(Settings("relation_dots", scale=scale).start(3) for scale in (1, 0.5)), strict=True):
        assert np.array_equal(b, a / 2)
    slow = study(Settings("rnn_xor", epochs=60, alpha=1e-6), 1, first=1)
    experiment = EXPERIMENTS["rnn_xor"]
    at_first = experiment.outputs(experiment.start(1)[0], experiment.samples()[0])
    assert_within(slow.outputs[0], at_first, absolute=1e-3, relative=0)
    assert abs(study(QUICK, 1, first=1).outputs[0] - at_first).max() > 0.1


def test_the_error_goes_down_and_begins_after_the_first_epoch():
    epochs, errors = error_curves(QUICK, [1, 2])
    assert epochs[[0, -1]].tolist() == [1, 60]
    assert errors.shape == (2, len(epochs))
    _, D = MODELS["rnn_xor"].samples()
    outcome = study(Settings("rnn_xor", epochs=60, within=1e-9), 2, first=1)
    assert_within(errors[:, -1], ((outcome.outputs - D) ** 2).mean(axis=(1, 2)), absolute=1e-13, relative=1e-12)


def test_outcomes_are_written_and_read(tmp_path):
    outcome = study(QUICK, 4, first=1)
    (tmp_path / "rnn.npz").write_bytes(write([outcome], ".npz"))
    (back,) = read(tmp_path / "rnn.npz")
    assert back.settings == QUICK
    assert np.array_equal(back.epochs, outcome.epochs)


def test_hidden_nodes_are_refused_by_name():
    with pytest.raises(ValueError, match=r"^hidden must be None for rnn_xor, whose layers are those of the document"):
        Settings("rnn_xor", hidden=8)


@pytest.mark.parametrize("settings", [QUICK, *(Settings(name, epochs=4, every=2, within=0.5) for name in TESTED)])
def test_arrays_that_refuse_numpy_give_the_same(settings, monkeypatch):
    monkeypatch.setattr(models, "to_device", lambda device, *arrays: [strict.asarray(a) for a in arrays])
    monkeypatch.setattr(models, "on_cpu", strict.asnumpy)
    there = models.train(settings, [1, 2, 3])
    monkeypatch.undo()
    here = models.train(settings, [1, 2, 3])
    assert np.array_equal(there.epochs, here.epochs)
    assert_within(there.outputs, here.outputs, absolute=1e-13, relative=1e-12)


def test_of_a_hundred_starts_98_learn_xor_in_time():
    """98 of the starts 1 to 100, as many as its page has. Were the rate 0.95, fewer than 87 had a chance of 0.0005."""
    assert study(Settings("rnn_xor"), 100, first=1).converged >= 87
