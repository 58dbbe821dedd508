"""The benchmark script: what it measures, what it says, what it refuses. No test asserts how fast anything is."""

import json
import re
import shutil
import sys

import benchmark
import notes_networks
import numpy as np
import other_networks
import plain
import pytest
import runs
from closeness import assert_within

from deltarule.listings.experiments import EXPERIMENTS

LONGER = ("unet_digits", "MLP", "rbm_digits")  # of the other networks, more than a quarter of a second


@pytest.mark.slow
def test_one_round_of_a_script_against_its_plain_form(tmp_path):
    out = tmp_path / "measured.json"
    done = runs.start("benchmark", "--rounds", "2", "--only", "delta_sgd", "--out", str(out), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"plain NumPy +[\d.]+ s +[\d.]+ s +[\d.]+ s +[\d.]+", done.stdout)
    assert re.search(r"usable cores \d", done.stdout)
    saved = json.loads(out.read_text())
    (measured,) = saved["benchmarks"].values()
    assert {label: len(found["seconds"]) for label, found in measured.items()} == {"deltarule": 2, "plain NumPy": 2}
    assert {"python", "numpy", "cpu", "usable cores"} <= set(saved["environment"])


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--rounds", "0"), "rounds must be an integer from 1 to 1000000, not '0'"),
        (("--only", "nothing"), "no title has 'nothing'; they are 'mnist_conv, three"),
        (("--out", "no/such/folder.json"), "there is no folder 'no/such'"),
    ],
)
def test_a_bad_option_is_refused_in_one_line(options, reason, tmp_path):
    done = runs.start("benchmark", *options, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert reason in done.stderr


def test_every_script_is_measured_against_a_plain_one_that_trains_for_as_long():
    assert set(benchmark.SCRIPTS) == set(EXPERIMENTS) - {"mnist_conv", "plot_features"} == set(plain.PROGRAMS)
    for name in benchmark.SCRIPTS:
        experiment = EXPERIMENTS[name]
        _, targets, shapes, epochs = plain.PROGRAMS[name]
        assert epochs == experiment.epochs
        assert shapes == list(experiment.shapes()) * (1 + len(experiment.beside))
        np.testing.assert_array_equal(np.eye(5) if targets is None else targets, experiment.samples()[1])
    titles = benchmark.groups(runs.ROOT)
    assert len([title for title in titles if title.endswith("the whole script")]) == len(benchmark.SCRIPTS)


def test_what_is_not_installed_is_skipped_by_name():
    found = {
        "ours": {"seconds": [1.0, 3.0, 2.0], "megabytes": 12.3},
        "theirs": {"missing": "PyTorch (pip install torch)"},
    }
    lines = benchmark.text("work", found).splitlines()
    assert lines[1].split() == ["ours", "2.000", "s", "1.000", "s", "3.000", "s", "1.00", "12", "MB"]
    assert re.fullmatch(r"theirs +skipped +needs PyTorch \(pip install torch\)", lines[2])


def test_processor_time_stands_beside_where_it_is_known_of_all():
    ours = {"seconds": [1.0, 3.0, 2.0], "cpu": [0.5, 0.75, 1.0]}
    plain = {"seconds": [4.0], "cpu": [0.6]}
    header, *lines = benchmark.text("work", {"ours": ours, "plain": plain, "x": {"missing": "x"}}).splitlines()
    assert header.split() == ["work", *["median", "least", "most", "ratio"], *["processor", "least", "most", "ratio"],
                              "peak", "memory"]  # fmt: skip
    assert [lines[0].split()[k] for k in (1, 3, 5, 7, 8, 10, 12, 14)] == [
        "2.000", "1.000", "3.000", "1.00", "0.750", "0.500", "1.000", "1.00",
    ]  # fmt: skip
    assert [lines[1].split()[k] for k in (7, 14)] == ["2.00", "0.80"]
    assert "processor" not in benchmark.text("work", {"ours": ours, "plain": {"seconds": [4.0]}})


@pytest.mark.skipif(sys.platform == "win32", reason="the system does not tell")
def test_processor_time_is_that_of_the_program_and_does_not_count_its_waiting():
    working = "import time; end = time.process_time() + 0.1\nwhile time.process_time() < end: pass"
    seconds, said = benchmark.measure(benchmark.Contestant("works", [sys.executable, "-c", working]))
    assert said["cpu"] >= 0.1
    waiting = [sys.executable, "-c", "import time; time.sleep(0.3)"]
    seconds, said = benchmark.measure(benchmark.Contestant("waits", waiting))
    assert said["cpu"] < seconds
    _, said = benchmark.measure(benchmark.Contestant("says", [sys.executable, "-c", "print('{\"seconds\": 1.0}')"]))
    assert said == {}


def test_rounds_are_interleaved(monkeypatch):
    order = []

    def measure(contestant):
        order.append(contestant.label)
        return 1.0, {"cpu": 0.5}

    monkeypatch.setattr(benchmark, "measure", measure)
    pair = [benchmark.Contestant("a", []), benchmark.Contestant("b", []), benchmark.Contestant("c", [], rounds=1)]
    measured = benchmark.run("work", pair, 3)
    assert order == ["a", "b", "c", "a", "b", "a", "b"]
    assert len(measured["a"]["seconds"]) == len(measured["a"]["cpu"]) == 3


def test_a_program_that_fails_ends_the_benchmark_with_its_message():
    failing = benchmark.Contestant("x", [sys.executable, "-c", "import sys; sys.exit('no such thing')"])
    failing.command[-1] = "import sys; sys.stderr.write('no such thing'); sys.exit(3)"
    with pytest.raises(SystemExit, match="no such thing"):
        benchmark.measure(failing)


@pytest.mark.parametrize("form", benchmark.FORMS)
def test_mnist_is_trained_in_each_form_and_dtype(form):
    for dtype in ("float64", "float32"):
        measured = benchmark.mnist(dtype, 10, 1, form)
        assert measured["seconds"] > 0
        assert measured["cpu"] > 0
        assert measured["megabytes"] > 10


@pytest.mark.slow
def test_operations_are_those_of_the_three_epochs():
    # per image two products of 81 x 20 for 400 outputs, three of 2000 x 100; 91 GFLOP in all
    assert round(benchmark.OPERATIONS / 1e9) == 91
    assert benchmark.product()["seconds"] > 0
    assert benchmark.networks(10, 1)["seconds"] > 0
    assert benchmark.alone(10, 1)["seconds"] > 0


class Double:
    """Stands for CuPy where its arrays do not matter."""

    __spec__ = "of a module"
    __version__ = "14.0"
    asarray = staticmethod(np.asarray)

    class cuda:
        class Stream:
            class null:
                synchronize = staticmethod(lambda: None)

        class runtime:
            getDeviceCount = staticmethod(lambda: 1)
            getDeviceProperties = staticmethod(lambda device: {"name": b"a card"})


def test_a_gpu_is_measured_where_there_is_one(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", Double)
    assert benchmark._gpu_missing() == ""
    assert benchmark.mnist("float64", 10, 1, "auto", "gpu")["seconds"] > 0
    assert benchmark.networks(10, 1, "gpu")["seconds"] > 0


@pytest.mark.parametrize(("title", "named"), [("GPU: mnist", True), ("three epochs", False)])
def test_the_card_is_named_where_one_was_measured(title, named, monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(sys.modules, "cupy", Double)
    monkeypatch.setattr(benchmark, "measure", lambda contestant: (1.0, {}))
    options = ["--rounds", "1", "--only", title, "--out", str(tmp_path / "m.json")]
    monkeypatch.setattr(sys, "argv", ["benchmark.py", *options])
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)  # so that it is put back, which the program takes away
    monkeypatch.setattr(benchmark, "take_ctrl_c", lambda: None)
    assert benchmark.main("") == 0
    assert ("cupy 14.0, gpu a card" in capsys.readouterr().out) == named
    assert ("gpu" in json.loads((tmp_path / "m.json").read_text())["environment"]) == named


def test_without_a_gpu_it_is_said_what_is_missing(monkeypatch):
    def none():
        raise RuntimeError("no driver")

    monkeypatch.setitem(sys.modules, "cupy", Double)
    monkeypatch.setattr(Double.cuda.runtime, "getDeviceCount", staticmethod(none))
    assert benchmark._gpu_missing() == "a GPU (no driver)"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("octave-cli") is None, reason="needs GNU Octave")
def test_octave_is_measured_where_it_is_installed():
    assert benchmark.octave(runs.ROOT)["seconds"] > 0


@pytest.mark.parametrize("name", notes_networks.NETWORKS)
def test_networks_of_the_notes_train_alike_in_whatever_way(name, monkeypatch):
    monkeypatch.setitem(notes_networks.STEPS, name, 1)
    monkeypatch.setattr(notes_networks, "WARM_UP", 1)
    network, *_ = notes_networks.work(name, "float64")
    start = notes_networks.ends(network.params.values())["sum"]
    ours = notes_networks.ours(name, "float64")
    assert ours["seconds"] > 0
    assert abs(ours["sum"] - start) > 1e-6 * start
    single = notes_networks.ours(name, "float32")
    assert_within(single["sum"], ours["sum"], absolute=0, relative=1e-5)
    if name == "convnet":
        as_printed = notes_networks.printed(name, "float64")
        assert_within(as_printed["sum"], ours["sum"], absolute=0, relative=1e-12)


def test_their_benchmarks_have_ours_first_and_name_what_is_missing():
    titles = benchmark.of_the_notes(runs.ROOT, "PyTorch (pip install torch)")
    assert all(contestants[0].label in ("deltarule", "many at a time") for contestants in titles.values())
    assert sum(c.missing != "" for contestants in titles.values() for c in contestants) == 6


@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.slow] * (n in LONGER)) for n in benchmark.OTHERS])
def test_the_other_networks_are_measured_after_an_epoch_to_warm_up(name, monkeypatch):
    monkeypatch.setitem(other_networks.EPOCHS, name, 1)
    monkeypatch.setattr(other_networks, "COLOURED", 50)
    training = other_networks.Training(name)
    start = other_networks.ends(training.weights)["sum"]
    epochs = []
    measured = other_networks.timed(name, lambda: epochs.append(training.epoch()))
    assert len(epochs) == 2
    assert min(measured.values()) > 0
    assert abs(other_networks.ends(training.weights)["sum"] - start) > 1e-9 * start


def test_each_of_the_other_networks_has_ours_first_and_pytorch_beside():
    titles = benchmark.of_the_others(runs.ROOT, "PyTorch (pip install torch)")
    assert [[c.label for c in contestants] for contestants in titles.values()] == [["deltarule", "PyTorch"]] * 17
    made = (runs.ROOT / "benchmarks" / "torch_other_networks.py").read_text(encoding="utf-8")
    assert all(name in made for name in other_networks.EPOCHS)
    assert tuple(other_networks.EPOCHS) == benchmark.OTHERS
