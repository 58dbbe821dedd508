"""What a script of the other networks gets from `start`: options, MATLAB's stream, weights saved and loaded, judges."""

import json
import runpy
import shutil
import sys

import numpy as np
import pytest
import runs
from closeness import assert_within

from deltarule import matlab
from deltarule.basics import places, process
from deltarule.evidence import networks
from deltarule.models import softmax_classifier
from deltarule.programs import document_run, networks_run, weight_files
from deltarule.programs.parts import FOLDERS, file_of, folder_of

SCRIPT = '''"""Trains a small network (lecture)."""

import sys

import numpy as np

from deltarule.models import softmax_classifier
from deltarule.programs.networks_run import start

run = start(__file__, __doc__, epochs=6, samples=3, alpha=0.5, hidden=2, batch_size=3)
(W,) = run.start_weights(W=run.rng.rand(3, run.options.hidden))
X, D = run.to_device(np.eye(3)[:, : run.options.hidden], np.eye(3))
for _ in run.count(loss=lambda: float(W[0, 0])):
    W = softmax_classifier(W, X, D, alpha=run.options.alpha)
found = {"next": float(run.rng.rand()), "W": W}
sys.exit(run.finish(found, weights={"W": W}, holds=run.options.alpha < 50, criterion="a small alpha"))
'''


@pytest.fixture
def script(tmp_path, monkeypatch, capsys):
    """Runs the script, in a folder with references of its own: the exit code, and what it printed."""
    (tmp_path / "scripts" / "networks").mkdir(parents=True)
    file = tmp_path / "scripts" / "networks" / "small_net.py"
    file.write_text(SCRIPT)
    golden = tmp_path / "reference" / "golden" / "networks"
    golden.mkdir(parents=True)
    shutil.copy(runs.ROOT / "reference" / "textbook.toml", tmp_path / "reference")
    monkeypatch.syspath_prepend(runs.ROOT / "reference")
    import regenerate  # which enters the sums of the files

    for seed in networks.SEEDS:
        np.savez(golden / f"small_net_{seed}.npz", W=trained(seed))
    regenerate.enter_sums(golden, [path.name for path in golden.glob("*.npz")])
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


def trained(seed="default", epochs=6):
    """The same without a run."""
    W = matlab.rng(seed).rand(3, 2)
    for _ in range(epochs):
        W = softmax_classifier(W, np.eye(3)[:, :2], np.eye(3), alpha=0.5)
    return W


def record(script, *options):
    code, printed, said = script("--json", *options)
    assert said == ""
    return code, json.loads(printed)


@pytest.mark.parametrize("seed", ["default", 1, 7])
def test_the_stream_is_matlabs_from_the_seed(seed, script):
    code, found = record(script, "--seed", seed)
    rng = matlab.rng(seed)
    rng.rand(3, 2)
    assert (code, found["seed"], found["part"], found["quantities"]["next"]) == (0, seed, "networks", float(rng.rand()))
    np.testing.assert_array_equal(found["weights"]["W"], trained(seed))
    assert found["changed"] == ({} if seed == "default" else {"seed": {"here": seed, "book": "default"}})


@pytest.mark.parametrize(
    ("options", "code", "judged", "words"),
    [
        ([], 0, True, "pass"),
        (["--seed", "2"], 0, True, "pass: as PyTorch from this seed"),
        (["--seed", "3"], 0, False, "as it should be; not judged against the document"),
        (["--epochs", "5"], 0, False, "as it should be; not judged against the document"),
        (["--alpha", "0.1"], 0, False, "as it should be; not judged against the document"),
        (["--alpha", "60"], 1, False, "not as it should be"),
    ],
)
def test_a_run_that_pytorch_made_is_judged_by_its_weights_and_no_other(options, code, judged, words, script):
    found, printed, said = script(*options)
    assert (found, said) == (code, "")
    lines = printed.splitlines()
    assert lines[-1] == f"verdict    {words}"
    assert ("PyTorch    the weights within 0.0e+00 of the largest, where 1e-12 is allowed" in lines) is judged


def test_float32_is_shown_and_not_judged(script):
    code, found = record(script, "--dtype", "float32")
    assert code == 0
    assert 1e-9 < found["torch"]["deviation"] < 1e-5


def test_weights_that_are_not_pytorchs_fail(script, tmp_path):
    file = tmp_path / "scripts" / "networks" / "small_net.py"
    file.write_text(SCRIPT.replace('weights={"W": W}', 'weights={"W": W * (1 + 1e-11)}'))
    code, printed, _ = script()
    assert (code, printed.splitlines()[-1]) == (1, "verdict    FAIL")


def test_what_is_held_against_pytorch_can_be_something_else_than_the_weights(script, tmp_path):
    file = tmp_path / "scripts" / "networks" / "small_net.py"
    file.write_text(SCRIPT.replace('weights={"W": W}', 'weights={"V": 2 * W}, reference={"W": W}'))
    code, found = record(script)
    assert (code, found["torch"]["deviation"]) == (0, 0)
    assert found["weights"].keys() == {"V"}


@pytest.mark.parametrize("damage", ["missing", "edited"])
def test_without_pytorchs_weights_it_says_so_and_fails(damage, script, tmp_path):
    file = tmp_path / "reference" / "golden" / "networks" / "small_net_default.npz"
    file.unlink() if damage == "missing" else file.write_bytes(file.read_bytes()[:-1])
    code, printed, said = script()
    assert (code, printed.splitlines()[-1]) == (1, "verdict    FAIL")
    assert "`python reference/torch_networks.py small_net` computes it again" in said


def test_the_text_says_how_long_it_trains_and_what_is_not_the_documents(script):
    code, printed, said = script("--epochs", "1", "--alpha", "0.01", "--hidden", "3")
    assert (code, said) == (0, "")
    lines = printed.splitlines()
    assert lines[0] == "small_net: Trains a small network (lecture)."
    assert lines[1].startswith("seed default, 1 epoch, ")
    assert lines[2] == (
        "not the document's run: epochs 1 (default: 6), alpha 0.01 (default: 0.5), hidden 3 (default: 2)"
    )


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--epochs", "0"], "epochs must be an integer above 0, not '0', which needs --load"),
        (["--iterations", "3"], "unrecognized arguments: --iterations 3"),
        (["--seed", "-1"], "seed must be 'default' or 0 to 4294967295, not '-1'"),
        (["--seed", "random"], "seed must be 'default' or 0 to 4294967295, not 'random'"),
        (["--alpha", "0"], "alpha must be above 0, not 0.0"),
        (["--hidden", "0"], "hidden must be an integer from 1"),
        (["--batch-size", "4"], "batch_size must be an integer from 1 to 3, not '4'"),
        (["--save", "w.txt"], "'w.txt' must end in .mat or .npz"),
        (["--load", "none.npz"], "none.npz: No such file"),
    ],
)  # fmt: skip
def test_a_bad_option_gets_one_line_and_exit_2(options, reason, script):
    code, printed, said = script(*options)
    assert (code, printed, len(said.splitlines())) == (2, "", 1)
    assert reason in said


@pytest.mark.parametrize("suffix", ["mat", "npz"])
def test_a_training_that_is_saved_goes_on_where_it_ended_and_so_does_its_stream(suffix, script, tmp_path):
    file = tmp_path / f"w.{suffix}"
    assert script("--epochs", "4", "--save", file)[0] == 0
    code, found = record(script, "--epochs", "2", "--load", file)
    assert (code, found["changed"]["start"], found["torch"]) == (0, {"here": str(file), "book": "drawn"}, None)
    assert_within(found["weights"]["W"], trained(), absolute=1e-15, relative=1e-14)
    rng = matlab.rng()
    rng.rand(3, 2), rng.rand()
    assert found["quantities"]["next"] == float(rng.rand())
    held = weight_files.read(file).variables
    assert (held["listing"], held["epochs"], held["seed"], held["alpha"]) == ("small_net", 4, "default", 0.5)


def test_weights_that_do_not_fit_are_refused_by_name(script, tmp_path):
    file = tmp_path / "w.npz"
    script("--save", file)
    code, _, said = script("--load", file, "--hidden", "3")
    assert (code, said) == (2, f"small_net.py: W in {file} has the shape (3, 2); small_net takes (3, 3)\n")


def test_in_a_notebook_no_command_line_is_read(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["ipykernel_launcher.py", "--seed", "3"])
    monkeypatch.setattr(document_run, "take_ctrl_c", None)  # it would raise
    monkeypatch.setattr(document_run, "tell_of_divergence", None)  # as above
    run = networks_run.start(str(runs.file("gates_xor")), "A title.", epochs=5, alpha=0.1)
    assert (run.options.seed, run.options.epochs, run.chosen) == ("default", 5, {"alpha": 0.1})
    assert networks_run.start(str(runs.file("gates_xor")), "A title.", draws=False).rng is None


def test_every_place_that_knows_the_folders_of_the_scripts_knows_the_same():
    assert tuple(FOLDERS) == places.FOLDERS
    of_process = {folder.rpartition("scripts")[2].strip("/\\") for folder in process.FOLDERS if "scripts" in folder}
    assert of_process == {"", *places.FOLDERS}
    assert {path.name for path in runs.SCRIPTS.iterdir() if path.is_dir() and path.name[0] != "_"} == set(FOLDERS)
    for name in ("delta_sgd", "apples", "gates_xor"):
        assert file_of(runs.SCRIPTS, name).is_file()
    assert (folder_of("delta_sgd"), folder_of("gates_xor")) == (None, "networks")
