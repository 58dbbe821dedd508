"""Studies of the other networks: each start is its script's, and is found converged when it is."""

import numpy as np
import pytest
import strict
from closeness import assert_within

from deltarule.models.experiments import EXPERIMENTS
from deltarule.study import Settings, error_curves, models, read, study, write
from deltarule.study.model_experiments import MODELS

QUICK = Settings("rnn_xor", epochs=60, every=20)


@pytest.mark.parametrize("name", MODELS)
def test_a_start_ends_where_its_experiment_does(name):
    experiment = EXPERIMENTS[name]
    outcome = study(Settings(name, epochs=30, within=1e-9), 1, first=7)
    X, _ = experiment.samples()
    y = experiment.outputs(experiment.train(experiment.start(7)[0], 30), X)
    assert_within(outcome.outputs[0], y, absolute=1e-13, relative=1e-12)
    assert outcome.epochs.tolist() == [0]


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


def test_arrays_that_refuse_numpy_give_the_same(monkeypatch):
    monkeypatch.setattr(models, "to_device", lambda device, *arrays: [strict.asarray(a) for a in arrays])
    monkeypatch.setattr(models, "on_cpu", strict.asnumpy)
    there = models.train(QUICK, [1, 2, 3])
    monkeypatch.undo()
    here = models.train(QUICK, [1, 2, 3])
    assert np.array_equal(there.epochs, here.epochs)
    assert_within(there.outputs, here.outputs, absolute=1e-13, relative=1e-12)


def test_of_a_hundred_starts_98_learn_xor_in_time():
    """98 of the starts 1 to 100, as many as its page has. Were the rate 0.95, fewer than 87 had a chance of 0.0005."""
    assert study(Settings("rnn_xor"), 100, first=1).converged >= 87
