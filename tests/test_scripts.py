"""The scripts as a user meets them: tables, options, figures, exit codes, interruption."""

import inspect
import json
import os
import re
import runpy
import subprocess
import sys

import numpy as np
import pytest
from closeness import assert_within
from runs import SCRIPTS, record, start

from deltarule import data
from deltarule.listings.experiments import EXPERIMENTS, mnist_test
from deltarule.programs import any_run, run

NAMES = tuple(EXPERIMENTS)
QUICK = [name for name in NAMES if name not in ("mnist_conv", "plot_features")]


def test_every_script_is_compared():
    assert {path.stem for path in SCRIPTS.glob("*.py")} == {*NAMES, "check", "compare", "benchmark", "study"}


@pytest.mark.parametrize("name", QUICK)
def test_script_that_has_not_converged_says_so_and_exits_1(name, tmp_path):
    done = start(name, "--epochs", "1", cwd=tmp_path)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[-1] == "verdict    not converged"
    assert lines[2] == f"not the book's run: epochs 1 (book: {EXPERIMENTS[name].epochs})"
    assert done.stderr == ""


DIVERGED = (
    "the training has diverged, and ends: {} must be finite, but it is nan at (0, 0); a smaller learning rate may help"
)


@pytest.mark.parametrize(("name", "weight"), [("deep_relu", "W1"), ("attention_reversal", "Wq"), ("gcn_karate", "W1")])
def test_numbers_that_run_over_end_the_training_with_one_line_and_exit_1(name, weight, tmp_path):
    done = start(name, "--alpha", "1e200", "--epochs", "3", cwd=tmp_path, environment={"PYTHONWARNINGS": ""})
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"{name}.py: {DIVERGED.format(weight)}\n"


def test_what_else_ends_a_script_is_shown_as_python_shows_it(tmp_path):
    text = (SCRIPTS / "backprop_xor.py").read_text(encoding="utf-8")
    assert text.count("run.epochs(") == 1
    mine = tmp_path / "mine.py"
    mine.write_text(text.replace("run.epochs(", "run.epochs({}['none'], "), encoding="utf-8")
    done = subprocess.run([sys.executable, str(mine)], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback (most recent call last)")
    assert done.stderr.endswith("KeyError: 'none'\n")


@pytest.mark.parametrize("name", QUICK)
def test_json_holds_what_the_table_does(name):
    code, run = record(name, "--epochs", "20", "--seed", "7")
    assert (run["script"], run["seed"], run["epochs"]) == (name, 7, 20)
    assert run["verdict"] == ("fail" if code else "pass")
    for curve in run["curves"].values():
        epochs = [epoch for epoch, _ in curve]
        assert (epochs[0], epochs[-1]) == (1, 20)
        assert epochs == sorted(set(epochs))
    assert {"python", "numpy", "scipy", "blas", "cpu", "cores", "system", "usable cores"} <= set(run["environment"])


def test_seed_changes_the_start_and_default_is_the_fresh_stream():
    default, zero, one = (
        record("backprop_xor", "--epochs", "5", "--seed", seed)[1]["outputs"] for seed in ("default", "0", "1")
    )
    assert default == zero != one


@pytest.mark.slow
def test_a_reference_is_judged_only_for_its_own_start_and_epochs():
    run = record("backprop_xor", "--seed", "5")[1]
    assert [reference["judged"] for reference in run["references"]] == [False, False]
    run = record("delta_sgd", "--seed", "5")[1]
    assert [reference["judged"] for reference in run["references"]] == [True]
    run = record("delta_sgd", "--epochs", "9999")[1]
    assert [reference["judged"] for reference in run["references"]] == [False]


def as_trained(name, epochs, monkeypatch, capsys):
    """What a script asks for, and its JSON after so many epochs of the training that it would do without options."""
    asked, start_of_run = {}, run.start

    def start(file, doc, **given):
        started = start_of_run(file, doc, **given)
        asked.update(given, seed=started.options.seed, epochs=started.options.epochs)
        started.options.epochs = epochs
        return started

    monkeypatch.setattr(run, "start", start)
    monkeypatch.setattr(sys, "argv", [f"{name}.py", "--json"])
    with pytest.raises(SystemExit):
        runpy.run_path(str(SCRIPTS / f"{name}.py"), run_name="__main__")
    return asked, json.loads(capsys.readouterr().out)


ASKED_FOR_OTHERS = {
    "real_multi_class": lambda: data.contaminated_digits()[0],
    "mnist_conv": lambda: mnist_test()[0],
    "plot_features": lambda: mnist_test()[0],
}


@pytest.mark.parametrize("name", [*QUICK, *(pytest.param(n, marks=pytest.mark.slow) for n in NAMES if n not in QUICK)])
def test_a_script_trains_what_the_table_of_experiments_says(name, monkeypatch, capsys):
    epochs = 2 if name in QUICK else 1
    asked, record = as_trained(name, epochs, monkeypatch, capsys)
    experiment = EXPERIMENTS[name]
    assert (asked["seed"], asked["epochs"]) == (experiment.seed, experiment.epochs)
    assert asked.get("hidden") == experiment.hidden
    constants = inspect.signature(experiment.routine).parameters
    for constant in {"alpha", "beta", "ratio", "batch_size"} & constants.keys():
        assert asked[constant] == constants[constant].default
    if "batch_size" in constants:
        assert asked["samples"] == len(experiment.samples()[0])
        assert asked["batch_size"] == experiment.batch_size

    found, trained = [], []
    for each in (experiment, *experiment.beside):
        X, D = each.samples()
        weights, rng = each.start()
        for _ in range(epochs):
            weights = each.epoch(weights, X, D, rng)
        trained += weights
        found.append(each.forward(*weights, ASKED_FOR_OTHERS.get(name, lambda X=X: X)()))
    shown = len(next(iter(record["outputs"].values())))
    for outputs, y in zip(record["outputs"].values(), found, strict=True):
        assert_within(outputs, y[:shown], absolute=0, relative=1e-13)
    assert [np.shape(W) for W in record["weights"].values()] == [W.shape for W in trained]
    for W, ours in zip(record["weights"].values(), trained, strict=True):
        np.testing.assert_array_equal(W, ours)
    assert record["weights_sha256"] == any_run.digest(trained)
    if "targets" in record:
        np.testing.assert_array_equal(record["targets"], np.reshape(D, (len(D), -1)))


BAD_OPTIONS = [
    ("--epochs", "0"),
    ("--epochs", "-3"),
    ("--epochs", "many"),
    ("--epochs",),
    ("--seed", "-1"),
    ("--seed", "4294967296"),
    ("--seed", "1.5"),
    ("--seed", "shuffle"),
    ("--plot", "figure.xyz"),
    ("--plot", "figure"),
    ("--plot", os.path.join("no", "such", "folder.png")),
    ("--sed", "3"),
    ("extra",),
]


@pytest.mark.parametrize("options", BAD_OPTIONS, ids=" ".join)
@pytest.mark.parametrize("name", ["delta_sgd", "compare"])
def test_a_bad_option_gets_one_line_and_exit_2(name, options, tmp_path):
    done = start(name, *options, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert os.path.dirname(options[-1]) in done.stderr if os.sep in options[-1] else options[-1] in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_window_without_a_display_is_refused_before_training():
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run(
        [sys.executable, str(SCRIPTS / "delta_sgd.py"), "--plot"],
        env=environment | {"MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "no display" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("name", [*NAMES, "compare"])
def test_help_names_every_option(name):
    done = start(name, "--help")
    assert done.returncode == 0
    own = ("--output", "--against", "--tolerance") if name == "compare" else ("--save", "--load", "--alpha")
    for option in ("--seed", "--generator", "--epochs", "--plot", "--json", *own):
        assert option in done.stdout


@pytest.mark.parametrize("name", ["backprop_xor", "sgd_vs_batch", "ce_vs_sse"])
@pytest.mark.parametrize("suffix", ["png", "pdf", "svg"])
def test_figure_is_written_whole(name, suffix, tmp_path):
    done = start(name, "--epochs", "50", "--plot", f"figure.{suffix}", cwd=tmp_path)
    assert done.stderr == ""
    assert [path.name for path in tmp_path.iterdir()] == [f"figure.{suffix}"]
    assert (tmp_path / f"figure.{suffix}").read_bytes()[:5] in (b"\x89PNG\r", b"%PDF-", b"<?xml")


@pytest.mark.slow
def test_plot_features_draws_its_figure(tmp_path):
    done = start("plot_features", "--epochs", "1", "--plot", "features.png", cwd=tmp_path)
    assert done.stderr == ""
    assert (tmp_path / "features.png").stat().st_size > 10_000


@pytest.mark.parametrize("name", NAMES)
def test_script_fits_one_screen(name):
    assert len((SCRIPTS / f"{name}.py").read_text(encoding="utf-8").splitlines()) <= 40


def test_import_leaves_matplotlib_and_scipy_alone():
    code = "import sys, deltarule; print([m for m in ('matplotlib', 'scipy', 'cupy', 'pooch') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


SELDOM_NEEDED = {
    "bz2", "concurrent.futures", "gzip", "hashlib", "json", "matplotlib", "scipy", "shutil", "tempfile",
    "threadpoolctl", "tqdm", "unicodedata", "zipfile", "deltarule.evidence.golden", "deltarule.evidence.notes",
    "deltarule.programs.environment", "deltarule.programs.figures", "deltarule.programs.weight_files",
}  # fmt: skip


def loaded(*arguments):
    """The modules that Python loads with these arguments."""
    command = [sys.executable, "-X", "importtime", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}


def test_a_run_loads_nothing_that_it_does_not_need(tmp_path):
    script = [str(SCRIPTS / "backprop_xor.py"), "--epochs", "1"]
    run, numpy = loaded(*script), loaded("-c", "import numpy.random")
    assert "deltarule.programs.run" in run
    assert (run - numpy) & SELDOM_NEEDED == set()
    assert "deltarule.programs.weight_files" in loaded(*script, "--save", str(tmp_path / "w.npz"))


def copied(folder):
    """A script of its own folder."""
    (folder / "scripts").mkdir()
    copy = folder / "scripts" / "delta_sgd.py"
    copy.write_bytes((SCRIPTS / "delta_sgd.py").read_bytes())
    return [sys.executable, str(copy)]


def test_a_copied_script_is_held_against_the_references_of_the_package(tmp_path):
    done = subprocess.run(copied(tmp_path), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "reference  4 of 4 numbers as printed (book" in done.stdout


def test_a_script_with_damaged_references_beside_it_says_so_and_does_not_train(tmp_path):
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "textbook.toml").write_text("[[delta_sgd")
    done = subprocess.run(copied(tmp_path), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"delta_sgd\.py: .*textbook\.toml: not a TOML file.*\n", done.stderr)


def test_the_environment_is_told_where_the_system_tells_less(monkeypatch):
    from deltarule.programs import environment

    def none(*_, **__):
        raise OSError

    def prints(mode=None):
        raise TypeError

    monkeypatch.setattr(environment.Path, "read_text", none)
    monkeypatch.setattr(environment.np, "show_config", prints)
    found = environment.environment()
    assert found["blas"] == "unknown"
    assert found["cpu"]
