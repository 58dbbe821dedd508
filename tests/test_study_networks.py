"""Studies of the from-scratch notes' networks: each start is its script's, and found converged when it is."""

import json

import numpy as np
import pytest
import runs
import strict
from closeness import assert_within

from deltarule.layers import TwoLayerNet
from deltarule.layers.experiments import EXPERIMENTS, train
from deltarule.study import Settings, read, study, write
from deltarule.study.network_experiments import NETWORKS
from deltarule.study.networks import CURVE, error_curves
from deltarule.study.networks import train as train_starts
from deltarule.study.networks import train as trained_starts

QUICK = Settings("two_layer_net", epochs=60, within=0.4, every=20)
SCRIPTS = {"two_layer_net": ("two_layer_net", "relu"), "simple_convnet": ("simple_convnet", "train")}


@pytest.mark.slow
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_start_ends_where_the_scripts_seed_of_that_number_does(name):
    script, run = SCRIPTS[name]
    experiment = EXPERIMENTS[script][run]
    outcome = study(Settings(name, epochs=experiment.iterations, within=0.01), 1, first=7)
    trained = train(experiment, 7)
    (trainer,) = trained.trainers.values()
    _, _, x, t = experiment.samples()
    assert outcome.outputs.tolist() == [[[trainer.network.accuracy(x, t)]]]
    assert outcome.epochs.tolist() == [0]


def test_the_other_routines_draw_as_their_scripts_do():
    rng = np.random.RandomState(3)
    theirs = EXPERIMENTS["optimizers_on_mnist"]["SGD"].candidates[0].network(rng=rng)
    ours, stream = NETWORKS["multi_layer_net"].begun(3)
    for key, W in theirs.params.items():
        np.testing.assert_array_equal(ours.params[key], W)
    assert stream.rand() == rng.rand()


def test_each_network_its_data_and_its_optimizer_are_the_scripts():
    scripts = {**SCRIPTS, "multi_layer_net": ("optimizers_on_mnist", "SGD")}
    assert scripts.keys() == NETWORKS.keys()
    for name, (script, run) in scripts.items():
        ours, theirs = NETWORKS[name], EXPERIMENTS[script][run]
        (candidate,) = theirs.candidates
        assert (ours.optimizer, {"lr": ours.alpha}) == (candidate.optimizer, candidate.optimizer_param)
        assert (ours.batch, ours.train, ours.images) == (theirs.batch, theirs.train, theirs.images)
        network = candidate.network(rng=np.random.RandomState(5))
        assert ours.shapes() == tuple(W.shape for W in network.params.values())
        for a, b in zip(ours.start(5)[0], network.params.values(), strict=True):
            np.testing.assert_array_equal(a, b)
    assert [each.epochs for each in NETWORKS.values()] == [1000, 1000, 100]


def test_the_hidden_layers_may_have_another_size():
    sizes = {name: [shape[1] for shape in NETWORKS[name].shapes(7) if len(shape) == 2] for name in NETWORKS}
    assert sizes == {"two_layer_net": [7, 10], "multi_layer_net": [7, 7, 7, 7, 10], "simple_convnet": [7, 10]}


@pytest.mark.parametrize(("epochs", "at"), [(60, [20, 40, 60]), (50, [20, 40, 50]), (10, [10])])
def test_a_start_is_looked_at_each_so_many_iterations_and_at_the_end(epochs, at, monkeypatch):
    done, looks = [0], []
    gradient = TwoLayerNet.gradient
    monkeypatch.setattr(TwoLayerNet, "gradient", lambda *given: done.__setitem__(0, done[0] + 1) or gradient(*given))
    monkeypatch.setattr(TwoLayerNet, "accuracy", lambda *_: looks.append(done[0]) or 0.5)
    outcome = study(Settings("two_layer_net", epochs=epochs, within=0.4, every=20), 1)
    assert looks == at
    assert (outcome.epochs.tolist(), outcome.outputs.tolist()) == ([0], [[[0.5]]])


@pytest.mark.parametrize(("share", "epochs"), [(0.75, [5]), (0.7499, [0])])
def test_a_share_within_the_bound_has_converged_and_one_just_below_has_not(share, epochs, monkeypatch):
    monkeypatch.setattr(TwoLayerNet, "accuracy", lambda *_: share)
    outcome = study(Settings("two_layer_net", epochs=10, within=0.25, every=5), 1)
    assert (outcome.epochs.tolist(), outcome.outputs.tolist()) == (epochs, [[[share]]])


def test_several_starts_come_out_in_their_order():
    outcome = train_starts(Settings("two_layer_net", epochs=5, within=0.01), [3, 1])
    assert outcome.starts.tolist() == [3, 1]
    alone = [study(Settings("two_layer_net", epochs=5, within=0.01), 1, first=first) for first in (3, 1)]
    assert outcome.outputs.tolist() == [each.outputs[0].tolist() for each in alone]


def test_the_table_has_the_networks_of_the_scripts():
    table = {
        name: (each.epochs, each.optimizer, each.alpha, each.batch, each.train, each.images, each.hidden)
        for name, each in NETWORKS.items()
    }
    assert table == {
        "two_layer_net": (1000, "SGD", 0.1, 100, 8000, False, 50),
        "multi_layer_net": (1000, "SGD", 0.01, 128, 8000, False, 100),
        "simple_convnet": (100, "Adam", 0.001, 100, 500, True, 100),
    }
    dense = [(784, 7), (7,), *[(7, 7), (7,)] * 3, (7, 10), (10,)]
    assert NETWORKS["multi_layer_net"].shapes(7) == tuple(dense)
    assert NETWORKS["two_layer_net"].shapes() == ((784, 50), (50,), (50, 10), (10,))
    assert NETWORKS["simple_convnet"].shapes(7) == ((30, 1, 5, 5), (30,), (4320, 7), (7,), (7, 10), (10,))
    assert CURVE == 50


def test_starts_are_looked_at_after_every_so_many_iterations():
    every, seldom = (study(Settings("two_layer_net", epochs=120, within=0.4, every=n), 2) for n in (1, 25))
    assert ((every.epochs > 1) & (every.epochs < 120)).all()
    assert (every.outputs >= 0.6).all()
    assert set(seldom.epochs.tolist()) <= {25, 50, 75, 100, 120}
    assert (seldom.epochs >= every.epochs).all()


def test_starts_trained_in_one_call_are_those_trained_apart():
    found, apart = trained_starts(QUICK, range(2)), study(QUICK, 2)
    np.testing.assert_array_equal(found.outputs, apart.outputs)
    np.testing.assert_array_equal(found.epochs, apart.epochs)


def test_the_iteration_is_the_first_look_that_finds_so_many_test_images_recognised():
    outcome = study(QUICK, 2)
    assert (outcome.outputs[outcome.epochs > 0] >= 0.6).all()
    assert set(outcome.epochs.tolist()) <= {0, 20, 40, 60}
    for start, epoch in zip(outcome.starts, outcome.epochs, strict=True):
        if epoch > 20:  # not at the look before
            before = study(Settings("two_layer_net", epochs=int(epoch) - 20, within=0.4, every=20), 1, first=int(start))
            assert before.converged == 0


def test_a_start_does_not_depend_on_those_beside_it_or_on_processes():
    together, alone = study(QUICK, 3), study(QUICK, 1, first=2)
    np.testing.assert_array_equal(together.outputs[2], alone.outputs[0])
    assert together.epochs[2] == alone.epochs[0]


@pytest.mark.slow
def test_two_processes_find_the_same():
    np.testing.assert_array_equal(study(QUICK, 4, jobs=2).outputs, study(QUICK, 4).outputs)


def test_a_start_that_diverges_has_not_converged_and_recognises_nothing():
    outcome = study(Settings("two_layer_net", epochs=30, alpha=1e200, within=0.5), 1)
    assert (outcome.converged, outcome.outputs.tolist()) == (0, [[[0.0]]])
    _, errors = error_curves(Settings("two_layer_net", epochs=30, alpha=1e200), [0])
    assert errors[0, -1] == 1


def test_the_scale_is_that_of_the_starting_weights():
    frozen = {"epochs": 1, "within": 0.01, "alpha": 1e-300}
    small, large = (study(Settings("two_layer_net", scale=scale, **frozen), 1) for scale in (1.0, 1e-3))
    network, _ = NETWORKS["two_layer_net"].begun(0)
    _, _, x, t = NETWORKS["two_layer_net"].data()
    assert small.outputs[0, 0, 0] == network.accuracy(x, t)
    for key in ("W1", "W2"):
        network.params[key] = network.params[key] * 1e-3
    assert large.outputs[0, 0, 0] == network.accuracy(x, t)


def test_error_curves_are_measured_at_50_iterations_evenly_spread_on_a_logarithmic_scale(monkeypatch):
    monkeypatch.setattr("deltarule.study.networks._iterations", lambda *_: iter(()))
    marks, errors = error_curves(Settings("two_layer_net", epochs=10**8), [0, 1])
    assert errors.shape == (2, len(marks))
    steps = np.diff(np.log10(marks[marks > 1000]))
    assert_within(steps, 8 / 49, absolute=1e-3, relative=0)


def test_error_curves_end_at_the_share_that_is_not_recognised():
    marks, errors = error_curves(QUICK, [0])
    assert marks[-1] == QUICK.epochs
    last = study(Settings("two_layer_net", epochs=60, within=0.01), 1)
    assert errors[0, -1] == 1 - last.outputs[0, 0, 0]


@pytest.mark.parametrize("share", [0.0, 0.25, 0.75])
def test_error_curves_hold_1_less_the_share_that_is_recognised(share, monkeypatch):
    monkeypatch.setattr(TwoLayerNet, "accuracy", lambda *_: share)
    marks, errors = error_curves(Settings("two_layer_net", epochs=3), [0])
    assert (marks.tolist(), errors.tolist()) == ([1, 2, 3], [3 * [1 - share]])


@pytest.mark.parametrize("suffix", [".csv", ".npz"])
def test_files_hold_them_as_they_hold_the_books(suffix, tmp_path):
    outcome = study(QUICK, 2)
    (tmp_path / f"found{suffix}").write_bytes(write([outcome], suffix))
    (found,) = read(tmp_path / f"found{suffix}")
    assert found.settings == QUICK
    np.testing.assert_array_equal(found.epochs, outcome.epochs)
    np.testing.assert_array_equal(found.outputs, outcome.outputs)


def test_arrays_of_a_gpu_are_trained_where_they_lie(monkeypatch):
    monkeypatch.setattr("deltarule.study.networks.to_device", lambda device, *arrays: tuple(map(strict.wrap, arrays)))
    moved = study(Settings("two_layer_net", epochs=3, within=0.01), 1)
    monkeypatch.undo()
    assert abs(moved.outputs - study(Settings("two_layer_net", epochs=3, within=0.01), 1).outputs).max() < 1e-3


def test_the_script_says_what_is_asked_of_a_network(tmp_path):
    done = runs.start("study", "two_layer_net", "--starts", "1", "--epochs", "5", "--alpha", "0.05", "0.1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("two_layer_net: 0.9 of the test images recognised by 5 iterations")
    options = "--starts", "1", "--epochs", "5", "--json", "--plot", "found.png"
    (found,) = json.loads(runs.start("study", "two_layer_net", *options, cwd=tmp_path).stdout)
    assert (found["starts"], found["converged"]) == (1, 0)
    assert (tmp_path / "found.png").stat().st_size > 10_000
