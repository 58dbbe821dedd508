"""The scripts of the notes that train: what they train, their verdicts, their figures, and searches that go on."""

import json
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import runs
from closeness import assert_within
from threadpoolctl import threadpool_limits

from deltarule.evidence.from_scratch import SEEDS, read_golden
from deltarule.layers import SGD, MultiLayerNet, Trainer
from deltarule.layers.experiments import EXPERIMENTS, SCALES, mnist, train
from deltarule.layers.search import Trial
from deltarule.programs import figures, searches, trainings
from deltarule.programs.figures import trainings as drawn
from deltarule.programs.parts import NOTES

GOLDEN = runs.ROOT / "reference" / "golden" / "from_scratch"
SHORT = {  # options with which each takes a second or two
    "two_layer_net": ("--iterations", "3"),
    "optimizers_on_mnist": ("--iterations", "2"),
    "starting_weights_on_mnist": ("--iterations", "2"),
    "batch_norm": ("--epochs", "1"),
    "overfitting": ("--epochs", "2"),
    "hyperparameter_search": ("--epochs", "1", "--trials", "3"),
    "simple_convnet": ("--iterations", "1", "--batch-size", "10"),
}
ENTRIES = {  # results of the book's code that each is held against
    "two_layer_net": 10,
    "optimizers_on_mnist": 5,
    "starting_weights_on_mnist": 4,
    "batch_norm": 3,
    "overfitting": 90,
    "hyperparameter_search": 5,
    "simple_convnet": 13,
}
QUICK = [pytest.param(n, marks=[pytest.mark.slow] * (n in ("batch_norm", "simple_convnet"))) for n in SHORT]
SAVED = ("two_layer_net", "simple_convnet")


def short(name, *options):
    return runs.record(name, *SHORT[name], *options)


def test_these_are_all_that_train():
    assert SHORT.keys() == {name for name, counted in NOTES.items() if counted}
    assert SHORT.keys() - EXPERIMENTS.keys() == {"hyperparameter_search"}


@pytest.mark.parametrize("name", SHORT)
def test_weights_are_saved_and_loaded_where_there_is_one_network(name):
    printed = runs.start(name, "--help").stdout
    assert ("--save" in printed, "--load" in printed) == (name in SAVED,) * 2
    assert ("--resume" in printed) == ("--processes" in printed) == (name == "hyperparameter_search")
    assert "--mnist FOLDER" in printed


# ---------------------------------------------------------------- what a run prints


@pytest.mark.parametrize("name", SHORT)
def test_changed_options_are_shown_and_not_judged(name):
    code, printed = runs.text(name, *SHORT[name])
    lines = printed.splitlines()
    assert lines[2].startswith("not the notes' run: ")
    assert "book's code" not in printed
    said = "not as it should be" if code else "as it should be; not judged against the notes"
    if name == "hyperparameter_search":  # three trials promise nothing
        said = "not judged against the notes"
    assert lines[-1].split(maxsplit=1) == ["verdict", said]


@pytest.mark.parametrize("name", QUICK)
def test_json_has_the_numbers_and_the_curves(name):
    code, record = short(name)
    assert (record["verdict"], record["book_code"]) == ("fail" if code else "pass", None)
    assert record["quantities"]
    assert all(value is None or np.isfinite(value) for value in record["quantities"].values())
    assert record["curves"]
    for points in record["curves"].values():
        assert np.isfinite(points).all()
        assert points[0][0] == 1
    assert bool(record["weights"]) == (name in SAVED)


@pytest.mark.parametrize("name", QUICK)
def test_the_figure_is_written(name, tmp_path):
    done = runs.start(name, *SHORT[name], "--plot", "figure.svg", cwd=tmp_path)
    assert (done.stderr, [file.name for file in tmp_path.iterdir()]) == ("", ["figure.svg"])
    assert (tmp_path / "figure.svg").read_bytes().count(b"<path") > 20


@pytest.mark.parametrize("name", QUICK)
def test_another_seed_is_another_run_and_float32_the_same_one(name):
    quantities = short(name)[1]["quantities"]
    assert short(name, "--seed", "2")[1]["quantities"] != quantities
    single = short(name, "--dtype", "float32")[1]["quantities"]
    assert single.keys() == quantities.keys()
    if name not in ("batch_norm", "hyperparameter_search"):  # whose numbers are accuracies, or what was drawn
        losses = [label for label in quantities if label.endswith("loss")]
        assert_within([single[k] for k in losses], [quantities[k] for k in losses], relative=1e-4, absolute=0)
        assert single != quantities


# ---------------------------------------------------------------- what a run trains


def trained_as_the_table_says(name, run, seed, iterations):
    """By label, the losses of the table's experiment, cut short; in as many threads as the script takes."""
    experiment = EXPERIMENTS[name][run]
    with threadpool_limits(None if name == "simple_convnet" else 1, user_api="blas"):
        found = train(type(experiment)(**{**vars(experiment), "iterations": iterations, "kept": {}}), seed)
    return {key.replace("_", " "): trainer.train_loss_list for key, trainer in found.trainers.items()}


@pytest.mark.parametrize(
    ("name", "run"),
    [
        ("two_layer_net", "relu"),
        ("two_layer_net", "sigmoid"),
        ("optimizers_on_mnist", "compare"),
        ("starting_weights_on_mnist", "compare"),
        pytest.param("simple_convnet", "train", marks=pytest.mark.slow),
    ],
)
def test_a_script_trains_what_the_table_of_experiments_says(name, run):
    options = ("--activation", run) if name == "two_layer_net" else ()
    record = runs.record(name, "--iterations", "2", *options)[1]
    expected = trained_as_the_table_says(name, run, 1, 2)
    found = {label: [loss for _, loss in points] for label, points in record["curves"].items()}
    assert list(found.values()) == list(expected.values())
    if len(expected) > 1:
        assert list(found) == list(expected)


def test_overfitting_trains_the_three_of_the_table_from_one_start_each():
    found = short("overfitting")[1]["curves"]
    assert list(found) == list(EXPERIMENTS["overfitting"])
    assert [len(points) for points in found.values()] == [4, 4, 9]
    for name, points in found.items():
        (expected,) = trained_as_the_table_says("overfitting", name, 1, len(points)).values()
        assert [loss for _, loss in points] == expected


@pytest.mark.parametrize(("options", "told"), [
    (("--epochs", "4"), "seed 1, 4 epochs, epochs with dropout: 6"),
    (("--epochs", "1", "--seed", "2"), "seed 2, 1 epoch, epochs with dropout: 1"),
])  # fmt: skip
def test_the_figure_of_overfitting_tells_how_long_each_of_its_networks_is_trained(options, told, monkeypatch, capsys):
    seen = []
    monkeypatch.setattr(figures, "show_or_save", lambda figure, _: seen.append(figure))
    runs.here(monkeypatch, "overfitting", "--plot", "figure.png", "--json", *options)
    lengths = {name: len(losses) for name, losses in json.loads(capsys.readouterr().out)["curves"].items()}
    (figure,) = seen
    assert figure.get_suptitle().split("\n")[1] == told
    assert lengths["dropout"] == 3 * int(told.split()[-1])


def test_lengths_are_the_books():
    experiments = EXPERIMENTS["overfitting"]
    assert [experiments[name].iterations for name in ("plain", "decay", "dropout")] == [601, 601, 903]
    assert EXPERIMENTS["batch_norm"]["compare"].iterations == 1 + 19 * 10
    for name, counted in (("two_layer_net", 200), ("optimizers_on_mnist", 100), ("starting_weights_on_mnist", 100)):
        assert {experiment.iterations for experiment in EXPERIMENTS[name].values()} == {counted}


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("two_layer_net", ("--batch-size", "8001"), "--batch-size: batch_size must be at most 8000"),
        ("overfitting", ("--train", "90"), "--batch-size: batch_size must be at most 90, the images trained on"),
        ("batch_norm", ("--train", "8001"), "--train: train must be at most 8000, the images there are, not 8001"),
        ("hyperparameter_search", ("--trials", "0"), "--trials: trials must be"),
        ("hyperparameter_search", ("--processes", "0"), "--processes: processes must be"),
        ("hyperparameter_search", ("--device", "tpu"), "--device: "),
        ("simple_convnet", ("--iterations", "0"), "--iterations: iterations must be"),
        ("simple_convnet", ("--mnist", "nowhere"), "--mnist: "),
        ("two_layer_net", ("--activation", "relo"), "--activation: activation must be one of relu, sigmoid"),
        ("overfitting", ("--save", "w.npz"), "unrecognized arguments"),
        ("overfitting", ("--epochs", "0"), "epochs must be an integer above 0, not '0'\n"),
        ("hyperparameter_search", ("--train", "123"), "--train: train must be at least 124, a fifth held back and a"),
    ],
)  # fmt: skip
def test_a_bad_option_ends_it_in_one_line(name, options, message):
    done = runs.start(name, *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert message in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", SAVED)
def test_weights_that_were_saved_are_gone_on_from(name, tmp_path):
    two = {"two_layer_net": 2, "simple_convnet": 1}[name]
    done = runs.start(name, "--iterations", str(two), "--save", "w.npz", cwd=tmp_path)
    assert done.stderr == ""
    shown = runs.start(name, "--iterations", "0", "--load", "w.npz", "--json", cwd=tmp_path)
    again = json.loads(shown.stdout)
    assert again["weights_sha256"] == runs.record(name, "--iterations", str(two))[1]["weights_sha256"]
    assert again["changed"]["start"]["here"].endswith("w.npz")
    if name == "two_layer_net":  # SGD has no memory: two and one are three
        longer = json.loads(runs.start(name, "--iterations", "1", "--load", "w.npz", "--json", cwd=tmp_path).stdout)
        assert longer["weights_sha256"] == short(name)[1]["weights_sha256"]


def test_a_training_that_diverges_says_when_and_is_not_as_it_should_be():
    options = ("starting_weights_on_mnist", "--iterations", "3", "--lr", "1e10")
    code, printed = runs.text(*options)
    assert code == 1
    assert re.search(r"\nHe +not finite from batch 3 on\n", printed)
    record = runs.record(*options)[1]
    assert record["quantities"]["He: loss"] is None
    assert len(record["curves"]["He"]) == 2
    assert "not finite" not in runs.text("starting_weights_on_mnist", "--iterations", "2", "--lr", "1e10")[1]


# ---------------------------------------------------------------- the search


def test_a_search_goes_on_from_its_file_and_finds_the_same(tmp_path):
    few = ("--epochs", "1", "--resume", "trials.jsonl")
    first = runs.start("hyperparameter_search", *few, "--trials", "2", cwd=tmp_path)
    assert first.stderr == ""
    kept = (tmp_path / "trials.jsonl").read_bytes().splitlines()
    more = runs.start("hyperparameter_search", *few, "--trials", "3", "--processes", "2", "--json", cwd=tmp_path)
    assert more.stderr == ""
    assert json.loads(more.stdout)["curves"] == short("hyperparameter_search")[1]["curves"]
    assert (tmp_path / "trials.jsonl").read_bytes().splitlines()[2:4] == kept[2:]
    other = runs.start("hyperparameter_search", *few, "--seed", "2", cwd=tmp_path)
    assert (other.returncode, other.stdout) == (2, "")
    assert re.fullmatch(r"hyperparameter_search\.py: .*of another search; it differs in seed\n", other.stderr)


def test_trials_are_printed_the_best_first():
    trials = [
        Trial(7, {"weight_decay_lambda": 1e-5, "lr": 0.00123456}, 0.75, (0.1, 0.5), (0.2, 0.625)),
        Trial(3, {"weight_decay_lambda": 1e-6, "lr": 0.5}, 0.0, (0.1,), (0.2,), diverged=True),
    ]
    assert searches.trial_rows(trials) == [
        ["rank", "trial", "validation", "training", "learning rate", "weight decay"],
        ["1", "7", "0.7500", "0.6250", "0.00123", "1e-05"],
        ["2", "3", "0.0000", "not finite", "0.5", "1e-06"],
    ]


# ---------------------------------------------------------------- what comes of trainings


class Asked:
    """What `outcome` and `comparison` use of a run."""

    def __init__(self, name, seed=1, as_the_code=True):
        self.name, self.as_the_code, self.curves = name, as_the_code, None
        self.options = type("Options", (), {"seed": seed})
        self.folder, self.translate = runs.ROOT / "reference", str

    def keep_curves(self, curves, measured):
        self.curves = curves


def small_trainer(lr=0.1, iterations=25, test=True, **more):
    x_train, t_train, x_test, t_test = mnist(100, 50)
    rng = np.random.RandomState(1)
    network = MultiLayerNet(784, [5], 10, rng=rng, **more)
    samples = (x_train, t_train, x_test, t_test) if test else (x_train, t_train)
    trainer = Trainer(
        network, *samples, mini_batch_size=10, iterations=iterations, optimizer=SGD(lr), rng=rng
    )  # fmt: skip
    trainer.train()
    return trainer


def test_the_loss_in_the_end_is_the_mean_of_the_last_ten_batches():
    trainer, run = small_trainer(), Asked("two_layer_net", seed=5)
    found = trainings.outcome(run, {"relu": trainer}, "activation")
    assert found.loss == {"relu": np.mean(trainer.train_loss_list[-10:])}
    assert found.train["relu"] == trainer.network.accuracy(trainer.x_train, trainer.t_train)
    assert found.test["relu"] == trainer.network.accuracy(trainer.x_test, trainer.t_test)
    assert run.curves == {"relu": trainer.train_loss_list}
    numbers = [f"{each['relu']:.4f}" for each in (found.loss, found.train, found.test)]
    assert found.rows == [["activation", "loss", "train", "test"], ["relu", *numbers]]
    assert found.quantities == {
        "relu: loss": found.loss["relu"],
        "relu: train accuracy": found.train["relu"],
        "relu: test accuracy": found.test["relu"],
    }


def test_the_books_loss_stands_beside_ours_only_for_its_own_run():
    theirs = read_golden(GOLDEN / "a_two_layer_seed1.npz")["ch05_train_loss_list"]
    found = trainings.outcome(Asked("two_layer_net"), {"relu": small_trainer()})
    assert found.rows[0][-1] == "loss, book's code"
    assert found.rows[1][-1] == f"{theirs[-10:].mean():.4f}"
    found = trainings.outcome(Asked("two_layer_net", as_the_code=False), {"relu": small_trainer()})
    assert len(found.rows[1]) == 4


def test_what_is_compared_leaves_the_stream_where_it_was():
    trainer = small_trainer()
    expected = np.random.RandomState()
    expected.set_state(trainer.rng.get_state())
    (found,) = trainings.by_book(EXPERIMENTS["two_layer_net"]["relu"], {"": trainer}).values()
    assert found["next_rand"] == expected.rand()
    assert trainer.rng.rand() == found["next_rand"]
    assert found.keys() == {
        "W1", "b1", "W2", "b2", "next_rand", "train_loss_list", "train_acc_list", "test_acc_list"
    }  # fmt: skip


def test_accuracies_stand_at_their_iterations_and_at_the_last():
    trainer = small_trainer()
    found = trainings.accuracies(trainer, (0.25, 0.5))
    assert [k for k, _ in found["train"]] == [1, 11, 21, 25]
    assert [accuracy for _, accuracy in found["train"]] == [*trainer.train_acc_list, 0.25]
    assert [accuracy for _, accuracy in found["test"]] == [*trainer.test_acc_list, 0.5]
    assert [k for k, _ in trainings.accuracies(small_trainer(iterations=21), (0, 0))["test"]] == [1, 11, 21]
    lost = small_trainer(lr=1e100)
    assert lost.diverged
    assert lost.current_iter == 1
    first, (k, accuracy) = trainings.accuracies(lost)["train"]
    assert first == (1, lost.train_acc_list[0])
    assert (k, np.isnan(accuracy)) == (2, True)


def test_pairs_are_compared_by_their_scale_and_one_that_diverged_is_said():
    pairs = {scale: {"bn_": small_trainer(test=False), "": small_trainer(test=False)} for scale in SCALES[:5]}
    pairs[SCALES[0]][""] = small_trainer(lr=1e100, test=False)
    run = Asked("batch_norm")
    found = trainings.comparison(run, pairs, {"bn_": "normalised", "": "plain"})
    theirs = read_golden(GOLDEN / "d_batchnorm_seed1.npz")
    assert found.rows[0] == ["scale", "normalised", "plain", "normalised, book's code", "plain, book's code"]
    assert found.rows[1][::2] == ["1", "not finite from batch 2 on", ""]
    assert found.rows[5][3:] == [f"{theirs[f'script_{key}train_acc'][-1]:.4f}" for key in ("bn_", "")]
    assert found.quantities["1: plain"] is None
    assert found.quantities["0.0858: plain"] == pairs[SCALES[4]][""].network.accuracy(*mnist(100)[:2])
    assert np.isfinite(np.concatenate([*run.curves.values()])).all()
    assert found.book_code.keys() == {("d_batchnorm", "script_")}


@pytest.mark.parametrize(
    ("one", "other", "ahead"),
    [
        (0.5, 0.4, 1),
        (0.5, 0.5, 0),
        (0.4, 0.5, 0),
        (0.1, np.nan, 1),
        (0.0, np.nan, 1),
        (np.nan, 0.1, 0),
        (np.nan, np.nan, 0),
    ],
)
def test_a_training_that_diverged_is_behind_any_other_and_ahead_of_none(one, other, ahead):
    ends = {"1": {"a": one, "b": other}, "0.1": {"a": 0.2, "b": 0.1}, "0.01": {"a": 0.1, "b": 0.2}}
    assert trainings.Comparison(last=ends).ahead("a", "b") == 1 + ahead


# ---------------------------------------------------------------- figures


@pytest.mark.parametrize("seed", SEEDS)
def test_the_smoothing_is_the_books(seed):
    rng = np.random.RandomState(seed)
    for shape in ((2, 3, 7, 7), (4, 3, 3, 3), (4,), (6, 5)):
        rng.randn(*shape)
    rng.rand(5)
    for shape in ((5,), (6, 5), (3, 2, 2, 2), (6, 5)):
        rng.randn(*shape)
    rng.randint(0, 5, 6)
    smooth = read_golden(GOLDEN / f"l_layers_seed{seed}.npz")["smooth"]
    assert_within(drawn.smoothed(rng.randn(40)), smooth, absolute=1e-14, relative=0)


@pytest.mark.parametrize("n", [1, 2, 10, 11, 40])
def test_smoothing_keeps_the_length_and_what_is_level(n):
    assert_within(drawn.smoothed(np.full(n, 3.0)), np.full(n, 3.0), absolute=1e-14, relative=0)
    if n <= 10:
        np.testing.assert_array_equal(drawn.smoothed(range(n)), np.arange(n))


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_losses_are_smoothed_over_pale_ones_and_logarithmic_where_they_fall_to_a_tenth():
    falling = list(np.geomspace(2, 0.1, 30))
    (axes,) = figures.losses("A title", {"a": falling, "b": [1.0] * 12}).axes
    assert axes.get_yscale() == "log"
    assert [len(line.get_xdata()) for line in axes.get_lines()] == [30, 30, 12, 12]
    assert_within(axes.get_lines()[1].get_ydata(), drawn.smoothed(falling), absolute=1e-14, relative=0)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a", "b"]
    (axes,) = figures.losses("A title", {"a": falling}, linear=True).axes
    assert (axes.get_yscale(), axes.get_legend()) == ("linear", None)
    assert axes.get_ylim()[0] == 0
    assert texts(figures.losses("A title", {"a": []})) == ["no loss was measured"]


def test_accuracies_are_drawn_by_epoch_on_common_axes_and_one_that_is_not_finite_is_said():
    runs_of = {
        "plain": {"train": [(1, 0.1), (11, 0.5)], "test": [(1, 0.1), (11, 0.25)]},
        "other": {"train": [(1, 0.1), (31, 0.5)], "test": [(1, 0.2), (12, float("nan"))]},
    }
    figure = figures.accuracies("A title", runs_of, per_epoch=10)
    first, second = figure.axes
    assert first.get_xlim() == second.get_xlim() == (0, 3)
    assert [list(line.get_xdata()) for line in first.get_lines()[:2]] == [[0, 1], [0, 1]]
    assert texts(figure) == ["test: not finite\nfrom epoch 2 on"]
    assert len(figures.accuracies("A title", dict.fromkeys(map(str, range(16)), runs_of["plain"])).axes) == 16


def test_filters_are_drawn_by_their_first_channel():
    W = np.arange(30.0 * 2 * 5 * 5).reshape(30, 2, 5, 5)
    figure = figures.filters("A title", {"before": W, "after": -W})
    titles = [axes.get_title() for axes in figure.axes[:2]]
    assert titles == ["before", "after"]
    image = figure.axes[0].get_images()[0].get_array()
    assert set(image.compressed()) == set(W[:, 0].ravel())


def test_a_search_is_drawn_with_one_trial_and_with_some_that_diverged():
    trial = Trial(0, {"weight_decay_lambda": 1e-5, "lr": 0.001}, 0.75, (0.1, 0.5), (0.2, 0.625))
    lost = Trial(1, {"weight_decay_lambda": 1e-6, "lr": 1.0}, 0.0, (), (), diverged=True)
    for ranked, panels in (([trial], 3), ([trial, lost], 4), ([trial] * 30, 22)):  # with settings and a bar of colours
        assert len(figures.search("A title", ranked).axes) == panels


# ---------------------------------------------------------------- whole runs


WHOLE = [pytest.param(name, seed, id=f"{name}, seed {seed}") for name in SHORT for seed in SEEDS[1:]]


def assert_as_the_books_code(name, record):
    assert (record["verdict"], record["converged"]) == ("pass", True)
    assert record["book_code"]["deviation"] <= record["book_code"]["tolerance"]
    assert record["book_code"]["entries"] == ENTRIES[name]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "seed"), WHOLE)
def test_a_whole_run_passes_from_the_other_seeds_of_the_books_code(name, seed):  # the first: test_all_scripts.py
    code, record = runs.record(name, "--seed", str(seed))
    assert code == 0
    assert_as_the_books_code(name, record)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_the_sigmoid_network_of_chapter_4_is_held_against_the_books_code_as_well(seed):
    code, printed = runs.text("two_layer_net", "--activation", "sigmoid", "--seed", str(seed))
    assert code == 0
    assert printed.splitlines()[-1] == "verdict      pass: as the book's code from this seed"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["overfitting", "hyperparameter_search", "batch_norm"])
def test_ctrl_c_ends_it_in_one_line(name, tmp_path):
    done = subprocess.Popen(
        [sys.executable, str(runs.file(name))], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path
    )
    time.sleep(6)
    done.send_signal(signal.SIGINT)
    out, err = done.communicate(timeout=60)
    assert (done.returncode, out, err) == (130, "", f"{name}.py: interrupted\n")
