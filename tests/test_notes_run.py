"""What a script of the notes gets from `start`: options, streams, data, weights that are saved and loaded, curves."""

import json
import runpy
import sys

import numpy as np
import pytest
import runs
from closeness import assert_within
from threadpoolctl import threadpool_info, threadpool_limits

from deltarule import data
from deltarule.layers import SGD, TwoLayerNet
from deltarule.programs import document_run, notes_run, weight_files

SCRIPT = '''"""A script that trains a small network (chapter 4)."""

import sys

from deltarule.layers import TwoLayerNet, optimizer
from deltarule.programs.notes_run import start

run = start(__file__, __doc__, seed=1, iterations=6, samples=50, mnist=True, lr=0.1, batch_size=10, hidden=5,
            optimizer="SGD")
options = run.options

(x, t), (x_test, t_test) = run.digits()
x, t = x[:50], t[:50]
network = TwoLayerNet(784, options.hidden, 10, rng=run.rng, dtype=options.dtype)
run.start_params(network.params)
by = optimizer(options.optimizer, lr=options.lr)
losses = []
for i in run.count(loss=lambda: network.loss(x, t)):
    batch = run.rng.choice(50, options.batch_size)
    by.update(network.params, network.gradient(x[batch], t[batch]))
    losses.append(float(network.loss(x, t)))

found = {"loss": float(network.loss(x, t)), "accuracy": network.accuracy(x_test[:100], t_test[:100])}
sys.exit(run.finish(found, weights=network.params, holds=found["loss"] < 2.4, criterion="a small loss"))
'''


@pytest.fixture
def script(tmp_path, monkeypatch, capsys):
    """Runs the script with options, as its own program in this process: the exit code, and what it printed."""
    file = tmp_path / "small_net.py"
    file.write_text(SCRIPT)
    monkeypatch.setattr(document_run, "runs_as_program", lambda file: True)
    monkeypatch.setattr(document_run, "take_ctrl_c", lambda: None)
    monkeypatch.setattr(document_run, "tell_of_divergence", lambda: None)
    monkeypatch.setattr(document_run, "_share_out", lambda threads: None)

    def run(*options):
        monkeypatch.setattr(sys, "argv", [str(file), *map(str, options)])
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(file), run_name="__main__")
        printed, said = capsys.readouterr()
        return ended.value.code, printed, said

    return run


def record(script, *options):
    code, printed, said = script("--json", *options)
    assert said == ""
    return code, json.loads(printed)


def trained(seed=1, iterations=6):
    """The same without a run: the network, and its loss."""
    X, D = data.mnist()
    x, t = X[:50].reshape(50, -1), D[:50]
    rng = np.random.RandomState(seed)
    network = TwoLayerNet(784, 5, 10, rng=rng)
    for _ in range(iterations):
        batch = rng.choice(50, 10)
        SGD(0.1).update(network.params, network.gradient(x[batch], t[batch]))
    return network, float(network.loss(x, t))


@pytest.mark.parametrize("seed", [1, 4])
def test_the_stream_is_numpys_from_the_seed_and_the_same_draws_come_in_the_same_order(seed, script):
    code, found = record(script, "--seed", seed)
    network, loss = trained(seed)
    assert (code, found["seed"], found["iterations"], found["quantities"]["loss"]) == (0, seed, 6, loss)
    for key, W in network.params.items():
        np.testing.assert_array_equal(found["weights"][key], W)
    assert found["changed"] == ({} if seed == 1 else {"seed": {"here": 4, "book": 1}})


def test_the_text_says_how_long_it_trains_and_what_is_not_the_notes(script):
    code, printed, said = script("--iterations", "1", "--lr", "0.01", "--optimizer", "Adam", "--batch-size", "50")
    assert (code, said) == (0, "")
    lines = printed.splitlines()
    assert lines[0] == "small_net: A script that trains a small network (chapter 4)."
    assert lines[1].startswith("seed 1, 1 iteration, ")
    assert lines[2] == (
        "not the notes' run: iterations 1 (default: 6), lr 0.01 (default: 0.1), batch size 50 (default: 10), "
        "optimizer Adam (default: SGD)"
    )
    assert lines[-2:] == ["criterion  yes: a small loss", "verdict    as it should be; not judged against the notes"]


def test_a_run_that_misses_its_criterion_exits_1(script):
    code, printed, _ = script("--lr", "50")
    assert code == 1
    assert printed.splitlines()[-2:] == ["criterion  no; it should be a small loss", "verdict    not as it should be"]


def test_curves_are_measured_after_each_iteration_for_json(script):
    _, found = record(script)
    (curve,) = found["curves"].values()
    assert [n for n, _ in curve] == [1, 2, 3, 4, 5, 6]
    assert (found["measured"], curve[-1][1]) == ("loss", found["quantities"]["loss"])
    assert found["choices"] == {"lr": 0.1, "batch_size": 10, "hidden": 5, "optimizer": "SGD"}


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--iterations", "0"], "iterations must be an integer above 0, not '0', which needs --load"),
        (["--iterations", "-1"], "iterations must be an integer from 1 to"),
        (["--iterations", "many"], "iterations must be an integer from 1 to"),
        (["--epochs", "3"], "unrecognized arguments: --epochs 3"),
        (["--lr", "0"], "lr must be above 0, not 0.0"),
        (["--lr", "nan"], "lr must be"),
        (["--lr", "fast"], "lr must be a number, not 'fast'"),
        (["--batch-size", "51"], "batch_size must be an integer from 1 to 50, not '51'"),
        (["--hidden", "0"], "hidden must be an integer from 1"),
        (["--optimizer", "rmsprpo"], "optimizer must be one of SGD, Momentum, Nesterov, AdaGrad, RMSprop, Adam, not"),
        (["--save", "w.txt"], "'w.txt' must end in .mat or .npz"),
        (["--load", "none.npz"], "none.npz: No such file"),
    ],
)  # fmt: skip
def test_a_bad_option_gets_one_line_and_exit_2(options, reason, script):
    code, printed, said = script(*options)
    assert (code, printed, len(said.splitlines())) == (2, "", 1)
    assert reason in said


@pytest.mark.parametrize("text", ["adam", "ADAM", "Adam"])
def test_a_name_may_be_written_in_capital_letters_or_small_ones(text, script):
    assert record(script, "--optimizer", text)[1]["choices"]["optimizer"] == "Adam"


@pytest.mark.parametrize("suffix", ["mat", "npz"])
def test_a_training_that_is_saved_goes_on_where_it_ended(suffix, script, tmp_path):
    file = tmp_path / f"w.{suffix}"
    assert script("--iterations", "4", "--save", file)[0] == 0
    code, found = record(script, "--iterations", "2", "--load", file)
    network, loss = trained(iterations=6)
    assert (code, found["changed"]["start"]) == (0, {"here": str(file), "book": "drawn"})
    assert_within(found["quantities"]["loss"], loss, absolute=0, relative=1e-14)
    for key, W in network.params.items():
        assert np.shape(found["weights"][key]) == W.shape
        assert_within(found["weights"][key], W, absolute=1e-15, relative=1e-14)


@pytest.mark.parametrize("suffix", ["mat", "npz"])
def test_of_weights_that_are_loaded_nothing_need_be_trained(suffix, script, tmp_path):
    file = tmp_path / f"w.{suffix}"
    script("--save", file, "--hidden", "7")
    code, found = record(script, "--iterations", "0", "--load", file)
    assert (code, found["iterations"], found["choices"]["hidden"]) == (0, 0, 7)
    held = weight_files.read(file).variables
    np.testing.assert_array_equal(found["weights"]["W1"], held["W1"])
    assert (held["listing"], held["iterations"], held["seed"]) == ("small_net", 6, 1)


def test_weights_that_do_not_fit_are_refused_by_name(script, tmp_path):
    file = tmp_path / "w.npz"
    script("--save", file)
    code, _, said = script("--load", file, "--hidden", "6")
    assert (code, said) == (2, f"small_net.py: W1 in {file} has the shape (784, 5); small_net takes (784, 6)\n")
    held = dict(np.load(file))
    for place, number in ((0, -1.0), (0, 2.0**32), (3, 0.5), (624, 625.0), (625, 2.0), (626, np.nan), (None, None)):
        state = held["state"].copy()
        if place is None:
            state = state[1:]
        else:
            state[place] = number
        np.savez(file, **{**held, "state": state})
        code, _, said = script("--load", file)
        assert code == 2
        assert said.startswith(f"small_net.py: state in {file} is not that of a random stream: ")


def test_biases_and_filters_keep_their_axes_through_both_kinds_of_files(tmp_path):
    rng = np.random.RandomState(3)
    rng.randn(5)  # which leaves a normal number for the next draw
    params = {
        "W1": rng.rand(3, 1, 2, 2),
        "b1": rng.rand(3),
        "W2": rng.rand(4, 1),
        "b2": rng.rand(1),
        "gamma1": rng.rand(1),
    }
    shapes = {key: W.shape for key, W in params.items()}
    for suffix in (".mat", ".npz"):
        file = tmp_path / f"w{suffix}"
        weight_files.write(file, {**params, "seed": 3, "state": weight_files.words_of(rng)})
        held = weight_files.read(file)
        loaded = weight_files.fitting(held, shapes, "a network")
        for W, given in zip(loaded, params.values(), strict=True):
            np.testing.assert_array_equal(W, given)
        again = weight_files.random_state_of(held, 3)
        np.testing.assert_array_equal(again.randn(4), upcoming(rng, 4))
        assert weight_files.random_state_of(held, 4) is None


def upcoming(rng, n):
    """What a stream will draw, without drawing it."""
    other = np.random.RandomState()
    other.set_state(rng.get_state())
    return other.randn(n)


def test_a_row_where_a_matrix_of_columns_is_wanted_is_not_taken(tmp_path):
    file = tmp_path / "w.npz"
    weight_files.write(file, {"W": np.ones((1, 6)), "b": np.ones((2, 3))})
    held = weight_files.read(file)
    for shapes in ({"W": (6, 1)}, {"b": (6,)}, {"W": (1, 6, 2)}, {"b": (3, 2)}):
        with pytest.raises(ValueError, match="has the shape"):
            weight_files.fitting(held, shapes, "a network")


def test_a_program_that_trains_takes_one_thread_of_the_blas_unless_it_says_otherwise(script, tmp_path, monkeypatch):
    taken = []
    monkeypatch.setattr(document_run, "_share_out", taken.append)
    script()
    file = tmp_path / "small_net.py"
    for threads in ("None", "3"):
        file.write_text(SCRIPT.replace("iterations=6", f"iterations=6, threads={threads}"))
        script()
    assert taken == [1, 3]


def test_the_blas_is_told(monkeypatch):
    with threadpool_limits(2, user_api="blas"):
        document_run._share_out(1)
        assert {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"} == {1}


def test_in_a_notebook_no_command_line_is_read(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["ipykernel_launcher.py", "-f", "kernel.json", "--seed", "3"])
    monkeypatch.setattr(document_run, "_share_out", None)  # it would raise
    run = notes_run.start(str(runs.file("costs")), "A title.", seed=2, iterations=5, lr=0.1)
    assert (run.options.seed, run.options.iterations, run.options.lr, run.changed) == (2, 5, 0.1, {})
    assert list(run.count()) == [0, 1, 2, 3, 4]
    assert run.rng.rand() == np.random.RandomState(2).rand()
    run.rewind()
    assert run.rng.rand() == np.random.RandomState(2).rand()


def test_curves_that_something_else_measured_are_kept_by_iteration():
    run = notes_run.start(str(runs.file("costs")), "A title.", seed=2, iterations=3)
    run.keep_curves({"train": [0.3, 0.2], "test": [(1, 0.5), (3, 0.4)]}, "accuracy")
    assert run.curves == {"train": [(1, 0.3), (2, 0.2)], "test": [(1.0, 0.5), (3.0, 0.4)]}
    assert run.measured == "accuracy"


def test_the_digits_are_the_first_8000_and_the_last_2000_or_with_a_folder_the_60000_and_all_of_them(monkeypatch):
    X, D = data.mnist()
    run = notes_run.start(str(runs.file("costs")), "A title.", seed=2, mnist=True)
    (x, t), (x_test, t_test) = run.digits()
    np.testing.assert_array_equal(np.vstack([x, x_test]), X.reshape(10_000, 784))
    np.testing.assert_array_equal(np.concatenate([t, t_test]), D)
    assert (len(x), len(x_test)) == (8000, 2000)
    asked = []
    monkeypatch.setattr(data, "mnist_train", lambda folder: asked.append(folder) or (X[:7], D[:7]))
    run.options.mnist = "a folder"
    (x, t), (x_test, t_test) = run.digits()
    assert (asked, x.shape, t.shape, x_test.shape, t_test.shape) == (
        ["a folder"], (7, 784), (7,), (10_000, 784), (10_000,)
    )  # fmt: skip
