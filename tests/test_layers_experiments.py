"""The table of this wing's trainings: complete, right in its numbers, and each runs as it says."""

import dataclasses

import numpy as np
import pytest
from closeness import assert_within
from runs import ROOT

from deltarule import data
from deltarule.basics.progress import progress
from deltarule.evidence.from_scratch import RUNS, deviations, entries_of, file_name, off, read_golden, tolerance
from deltarule.layers import experiments
from deltarule.layers.experiments import EXPERIMENTS, SEARCH, VALUES, batch_norm, entries, mnist, train

GOLDEN = ROOT / "reference" / "golden" / "from_scratch"
NAMES = [(script, run) for script, runs in EXPERIMENTS.items() for run in runs]
EACH = pytest.mark.parametrize(("script", "run"), NAMES)
UNTRAINED = {"h_paths", "i_gradient_check", "j_activations", "l_layers"}  # parts of the golden files without a training


def short(experiment, iterations):
    """An experiment of fewer iterations, on fewer samples where there are many."""
    return dataclasses.replace(experiment, iterations=iterations, kept={run: 1 for run in experiment.kept})


def test_every_run_of_the_golden_files_is_in_the_table_but_the_erratum_and_the_gradient_check():
    found = {experiment.golden for runs in EXPERIMENTS.values() for experiment in runs.values()} | {SEARCH.golden}
    found |= {(e.golden[0], run) for runs in EXPERIMENTS.values() for e in runs.values() for run in e.kept}
    wanted = {(part, run) for part, runs in RUNS.items() for run in runs if part not in UNTRAINED}
    assert wanted - found == {("b_optimizers", "Nesterov_"), ("g_convnet", "check_")}
    assert found <= wanted


@EACH
def test_an_experiment_records_what_its_golden_file_has(script, run):
    experiment = EXPERIMENTS[script][run]
    part, _ = experiment.golden
    golden = read_golden(GOLDEN / file_name(part, 1))
    experiment = short(experiment, 1)
    found = entries(experiment, train(experiment, 1, small(experiment)))
    for beginning, ours in found.items():
        theirs = {entry.partition("__")[0] for entry in entries_of(part, beginning, golden)}
        assert {name.partition("__")[0] for name in ours} == theirs


@EACH
def test_the_first_iteration_and_how_many_there_are_are_the_books(script, run):
    experiment = EXPERIMENTS[script][run]
    part, beginning = experiment.golden
    golden = entries_of(part, beginning, read_golden(GOLDEN / file_name(part, 1)))
    found = train(short(experiment, 1), 1)
    for name, trainer in found.trainers.items():
        for entry, what in experiment.recorded.items():
            if what == "accuracies":
                continue
            entry = entry.format(name=name)
            values = VALUES[what](trainer) if what in VALUES else getattr(trainer, what)
            most, absolute = tolerance(part, beginning + entry)
            assert off(values, golden[entry][:1], absolute) <= most
            epoch = experiment.train / experiment.batch if "acc" in entry else 1
            assert len(golden[entry]) == np.ceil(experiment.iterations / epoch)


def test_how_many_images_each_script_trains_on():
    trained = {script: {e.train for e in runs.values()} for script, runs in EXPERIMENTS.items()}
    few = {"batch_norm": {1000}, "overfitting": {300}, "simple_convnet": {500}}
    assert trained == {script: few.get(script, {8000}) for script in EXPERIMENTS}


def test_the_names_of_what_is_kept_on_the_way_say_when():
    kept = {
        run: i for runs in EXPERIMENTS.values() for experiment in runs.values() for run, i in experiment.kept.items()
    }
    assert kept == {"plain_at100_": 100, "decay_at100_": 100, "at30_": 30}


def small(experiment):
    """Fewer samples than the experiment has, and as many as a batch at least."""
    x, t, x_test, t_test = mnist(128, 50, experiment.images)
    return x, t, x_test, t_test


@EACH
def test_the_networks_are_drawn_one_after_the_other_and_then_a_batch_for_all(script, run):
    experiment = EXPERIMENTS[script][run]
    theirs = np.random.RandomState(3)
    starts = [candidate.network(rng=theirs).params for candidate in experiment.candidates]
    for _ in range(2):
        theirs.choice(128, experiment.batch)
    found = train(short(experiment, 2), 3, small(experiment))
    assert list(found.trainers) == [candidate.name for candidate in experiment.candidates]
    for trainer, start in zip(found.trainers.values(), starts, strict=True):
        assert trainer.network.params.keys() == start.keys()
        assert any((trainer.network.params[key] != W).any() for key, W in start.items())
        assert len(trainer.train_loss_list) == 2
    if run != "dropout":  # which draws masks
        assert found.rng.rand() == theirs.rand()


def test_dropout_draws_six_masks_an_iteration():
    found = train(short(EXPERIMENTS["overfitting"]["dropout"], 2), 3)
    theirs = np.random.RandomState(3)
    for shape in ((784, 100), *[(100, 100)] * 5, (100, 10)):
        theirs.randn(*shape)
    for _ in range(2):
        theirs.choice(300, 100)
        for _ in range(6):
            theirs.rand(100, 100)
    assert found.rng.rand() == theirs.rand()


def test_the_progress_of_an_experiment_has_its_iterations_and_the_name_that_is_given(monkeypatch):
    told = []
    monkeypatch.setattr(experiments, "progress", lambda *given: told.append(given) or progress(*given))
    experiment = short(EXPERIMENTS["two_layer_net"]["relu"], 2)
    train(experiment=experiment, seed=1)
    train(experiment, 1, name="relu")
    assert told == [("train", 2, "batch"), ("relu", 2, "batch")]
    with pytest.raises(TypeError, match="positional arguments"):
        train(experiment, 1, None, "relu")


def test_parameters_are_kept_as_they_were():
    experiment = dataclasses.replace(EXPERIMENTS["overfitting"]["plain"], iterations=3, kept={"a_": 1, "b_": 3})
    found = train(experiment, 1)
    (trainer,) = found.trainers.values()
    alone = train(dataclasses.replace(experiment, iterations=1), 1)
    for key, W in alone.trainers[""].network.params.items():
        np.testing.assert_array_equal(found.kept[1][key], W)
        np.testing.assert_array_equal(found.kept[3][key], trainer.network.params[key])
    assert (found.kept[1]["W1"] != found.kept[3]["W1"]).any()


@pytest.mark.parametrize(
    ("script", "run", "seed"),
    [("two_layer_net", "relu", 2), ("optimizers_on_mnist", "Adam", 2), ("starting_weights_on_mnist", "SGD", 1)],
)
@pytest.mark.slow
def test_an_experiment_comes_out_as_the_books_code(script, run, seed):
    """Three of them; all are held against the book's code where its golden files are."""
    experiment = EXPERIMENTS[script][run]
    part, _ = experiment.golden
    found = entries(experiment, train(experiment, seed))
    for beginning, ours in found.items():
        assert not [
            d for d in deviations(part, beginning, ours, read_golden(GOLDEN / file_name(part, seed))) if not d.right
        ]


def test_the_data_are_the_first_8000_images_and_the_last_2000_row_by_row():
    x, t, x_test, t_test = mnist()
    X, D = data.mnist()
    assert (x.shape, x_test.shape) == ((8000, 784), (2000, 784))
    np.testing.assert_array_equal(x[5].reshape(28, 28), X[5])
    np.testing.assert_array_equal(x_test[-1].reshape(28, 28), X[-1])
    np.testing.assert_array_equal(np.concatenate([t, t_test]), D)
    assert x.max() == 1
    images, _, few, _ = mnist(500, 1000, images=True)
    assert (images.shape, few.shape) == ((500, 1, 28, 28), (1000, 1, 28, 28))
    np.testing.assert_array_equal(few[0, 0], X[8000])


@pytest.mark.slow
def test_a_network_that_diverges_stops_and_the_one_beside_it_goes_on():
    """At the largest of the 16 scales the network without batch normalisation runs over."""
    experiment = batch_norm(experiments.SCALES[0], 60)
    found = train(experiment, 1)
    normalized, plain = found.trainers["bn_"], found.trainers[""]
    assert plain.diverged
    assert len(plain.train_loss_list) < 60
    assert not normalized.diverged
    assert len(normalized.train_loss_list) == 60


def test_the_sixteen_scales_are_the_books_and_the_golden_one_is_among_them():
    assert_within(np.log10(experiments.SCALES), np.linspace(0, -4, 16), absolute=1e-15, relative=0)
    assert (EXPERIMENTS["batch_norm"]["compare"].candidates[0].network.keywords["weight_init_std"]) == experiments.SCALE


def test_an_optimizer_may_be_anything_with_update():
    class Still:
        def __init__(self, lr):
            self.lr = lr

        def update(self, params, grads):
            """Nothing moves."""

    experiment = short(EXPERIMENTS["two_layer_net"]["relu"], 2)
    (candidate,) = experiment.candidates
    experiment = dataclasses.replace(experiment, candidates=(dataclasses.replace(candidate, optimizer=Still),))
    found = train(experiment, 1)
    assert found.trainers[""].optimizer.lr == 0.1
    start = candidate.network(rng=np.random.RandomState(1)).params
    np.testing.assert_array_equal(found.trainers[""].network.params["W1"], start["W1"])


def test_the_search_begins_as_the_books():
    first = dataclasses.replace(SEARCH, settings=dataclasses.replace(SEARCH.settings, epochs=2))
    found, (_, t, _, _), _ = experiments.search(first, 1, 1)
    golden = read_golden(GOLDEN / file_name("k_hyper", 1))
    assert len(found) == 1
    np.testing.assert_array_equal(t[:20], golden["first_train_labels"])
    np.testing.assert_array_equal(found[0].val_acc_list, golden["val_acc"][0, :2])
    np.testing.assert_array_equal(found[0].train_acc_list, golden["train_acc"][0, :2])
    assert golden["val_acc"].shape == (SEARCH.trials, SEARCH.settings.epochs)
    assert len(experiments.search(first, 1)[0]) == 3


@pytest.mark.slow
def test_the_search_is_the_books_from_one_stream():
    found = experiments.search_entries(*experiments.search(SEARCH, 1))[""]
    assert not [
        d for d in deviations("k_hyper", "", found, read_golden(GOLDEN / file_name("k_hyper", 1))) if not d.right
    ]
