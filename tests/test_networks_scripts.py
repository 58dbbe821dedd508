"""The scripts of the other networks as a user meets them: tables, verdicts, options, figures, exit codes."""

import ast
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
import readme
import runs
from closeness import assert_within

from deltarule.evidence.networks import NOT_RUN, SEEDS
from deltarule.evidence.notes import PARTS, read_printed
from deltarule.models.experiments import EXPERIMENTS
from deltarule.programs import any_run
from deltarule.programs.parts import MODELS

OPTIONS = ("--seed", "--plot", "--linear", "--json", "--device", "--dtype", "--language")
TRAINED = [name for name, counted in MODELS.items() if counted and name not in NOT_RUN]  # by PyTorch as well
SHOWN = readme.blocks((runs.ROOT / "docs" / "networks.md").read_text(encoding="utf-8"))
PRINTED = read_printed(runs.ROOT / "reference" / "textbook.toml", "networks")
QUICK = (  # about a second each
    *("neuron_graph", "softmax_classifier", "gates_xor", "parameter_tables"),
    *("rnn_xor", "vanishing", "batch_norm_depth", "attention_reversal", "gcn_karate", "rbm_bars"),
)
SCRIPTS = [pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow) for name in MODELS]


def test_every_script_of_the_folder_is_in_the_table_of_the_parts():
    assert {path.stem for path in (runs.SCRIPTS / "networks").glob("*.py")} == set(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_a_script_fits_one_screen_and_begins_with_its_title(name):
    text = runs.file(name).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 40
    title = ast.get_docstring(ast.parse(text)).partition("\n")[0]
    assert re.fullmatch(r"[A-Z].* \((lecture|primer|summary|Keras notes)(, [\w -]+)?\)\.", title)


def assert_right_network(name, record):
    assert (record["verdict"], record["script"], record["part"]) == ("pass", name, "networks")
    assert [each["quantity"] for each in record["references"]] == [each.quantity for each in PRINTED.get(name, [])]
    assert all(reference["judged"] and all(reference["matched"]) for reference in record["references"])
    assert bool(PRINTED.get(name)) == (name in PARTS["networks"])
    assert (record["torch"] is not None) == (name in TRAINED)
    if name in TRAINED:
        assert record["torch"]["deviation"] <= record["torch"]["tolerance"] == 1e-12
    assert record["changed"] == {}


@pytest.mark.parametrize("name", QUICK)  # all: test_all_scripts.py
def test_a_script_passes_and_its_json_holds_what_the_table_does(name):
    code, record = runs.record(name)
    assert code == 0
    assert_right_network(name, record)
    code, printed = runs.text(name)
    assert (code, printed.splitlines()[-1].split()) == (0, ["verdict", "pass"])


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAINED)
@pytest.mark.parametrize("seed", SEEDS[1:])
def test_from_each_seed_that_pytorch_ran_it_ends_with_its_weights(name, seed):
    _, record = runs.record(name, "--seed", str(seed))
    assert record["torch"]["deviation"] <= record["torch"]["tolerance"]


@pytest.mark.parametrize("name", SCRIPTS)
def test_float32_is_compared_but_not_judged(name):
    code, record = runs.record(name, "--dtype", "float32")
    assert (code, record["changed"]) == (0, {"dtype": {"here": "float32", "book": "float64"}})
    assert not any(reference["judged"] for reference in record["references"])


@pytest.mark.parametrize("name", MODELS)
def test_help_names_every_option(name):
    done = runs.start(name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    length = (f"--{MODELS[name]}", "--save", "--load") if MODELS[name] else ()
    assert all(option in done.stdout for option in (*OPTIONS, *length))


@pytest.mark.parametrize("name", SCRIPTS)
def test_its_figure_is_written_whole(name, tmp_path):
    short = () if name in QUICK else (f"--{MODELS[name]}", "1")
    done = runs.start(name, *short, "--plot", "figure.png", cwd=tmp_path)
    assert done.stderr == ""
    assert [path.name for path in tmp_path.iterdir()] == ["figure.png"]
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG\r")
    assert (tmp_path / "figure.png").stat().st_size > 15_000


@pytest.mark.parametrize("options", [("--seed", "x"), ("--epochs", "3"), ("--alpha", "0"), ("extra",)], ids=" ".join)
def test_a_bad_option_gets_one_line_and_exit_2(options, tmp_path):
    done = runs.start("neuron_graph", *options, cwd=tmp_path)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert options[-1] in done.stderr


@pytest.mark.parametrize("name", [name for name in PARTS["networks"] if name in QUICK])
def test_a_number_that_is_not_the_printed_one_fails_by_its_last_digit(name, tmp_path):
    (tmp_path / "scripts" / "networks").mkdir(parents=True)
    shutil.copytree(runs.ROOT / "reference", tmp_path / "reference")
    copy = shutil.copy(runs.file(name), tmp_path / "scripts" / "networks")
    printed = PRINTED[name][0].printed[0]
    other = printed[:-1] + str((int(printed[-1]) + 1) % 10)
    path = tmp_path / "reference" / "textbook.toml"
    text = path.read_text(encoding="utf-8")
    at = text.index(f"[[networks.{name}]]")
    path.write_text(text[:at] + text[at:].replace(f'"{printed}"', f'"{other}"', 1), encoding="utf-8")
    done = subprocess.run([sys.executable, str(copy)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[-1].split() == ["verdict", "FAIL"]


def test_another_rate_changes_the_step_and_is_not_judged():
    code, record = runs.record("neuron_graph", "--alpha", "1")
    assert (code, record["choices"]) == (0, {"alpha": 1.0})
    assert round(record["quantities"]["w0 after a step"], 4) == 2.1966
    assert not any(reference["judged"] for reference in record["references"])


def test_the_softmax_script_says_what_of_the_scores_is_known():
    found = runs.record("softmax_classifier")[1]["quantities"]
    assert [f"{x:.4f}" for x in found["losses of it"]] == ["1.0217", "0.4780", "3.9120"]
    assert [f"{x:.4f}" for x in found["score cat - dog"]] == ["0.5217", "0.5656"]
    assert [f"{x:.3f}" for x in found["score dog - frog"]] == ["2.653", "3.192"]


def test_the_adding_problem_takes_a_gru_in_place_of_the_lstm():
    gru = EXPERIMENTS["gru_adding"]
    _, record = runs.record("lstm_adding", "--cell", "GRU", "--epochs", "1")
    assert (record["choices"]["cell"], record["changed"]["cell"]) == ("GRU", {"here": "GRU", "book": "LSTM"})
    trained = gru.train(gru.start()[0], epochs=1)
    for name, W in zip(gru.names, trained, strict=True):
        assert_within(record["weights"][name], W, absolute=1e-13, relative=0)
    done = runs.start("lstm_adding", "--cell", "RNN")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "lstm_adding.py: argument --cell: cell must be one of LSTM, GRU, not 'RNN'\n"


@pytest.mark.slow
def test_by_adam_the_copy_is_too_narrow_though_the_discriminator_cannot_tell():
    code, record = runs.record("gan_gaussian", "--seed", "1", "--optimizer", "Adam", "--alpha", "0.01")
    assert (code, record["converged"], record["choices"]) == (1, False, {"alpha": 0.01, "optimizer": "Adam"})
    assert record["quantities"]["standard deviation"] < 0.25
    assert abs(record["quantities"]["cost"] - 1.3863) < 0.001
    assert runs.record("gan_gaussian", "--seed", "1", "--optimizer", "SGD")[1]["converged"]


def by_one_ulp(a, signs):
    """Each number that is no integer, one rounding up or down or as it is."""
    if a.dtype.kind != "f":
        return a
    return np.where(a == np.round(a), a, a * (1 + np.finfo(a.dtype).eps * signs.integers(-1, 2, a.shape)))


@pytest.mark.slow
@pytest.mark.parametrize("name", [block[0] for block in SHOWN if len(block) == 1 and block[0] in MODELS])
def test_what_the_page_shows_does_not_hang_on_rounding(monkeypatch, capsys, name):
    """The data and the starting weights are off by an ulp, as another BLAS, libm or processor has its sums off."""
    signs, placed = np.random.default_rng(0), any_run.AnyRun.to_device

    def off(run, *arrays):
        return placed(run, *(by_one_ulp(a, signs) for a in arrays))

    with monkeypatch.context() as replaced:
        replaced.setattr(any_run.AnyRun, "to_device", off)
        assert runs.here(replaced, name) == 0
    assert readme.without_times_and_rounding(capsys.readouterr().out) == readme.without_times_and_rounding(SHOWN[name,])
