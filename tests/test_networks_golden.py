"""PyTorch's golden files for the scripts of the other networks: the files, and the judge at its tolerance."""

import hashlib
import importlib
import shutil
import sys

import numpy as np
import pytest
import runs

from deltarule.basics.files import ReferenceFileError
from deltarule.evidence import networks
from deltarule.models.experiments import EXPERIMENTS
from deltarule.programs.parts import MODELS

GOLDEN = runs.ROOT / "reference" / "golden"
FOLDER = GOLDEN / networks.FOLDER
TRAINED = [name for name, counted in MODELS.items() if counted and name not in networks.NOT_RUN]
FILE = FOLDER / networks.file_name("softmax_classifier", "default")


def program_of(monkeypatch):
    """The program that writes the files."""
    monkeypatch.syspath_prepend(runs.ROOT / "reference")
    return importlib.import_module("torch_networks")


def test_there_is_a_file_for_all_that_the_program_trains_and_every_seed_and_the_sums_are_theirs(monkeypatch):
    trained = program_of(monkeypatch).SCRIPTS
    wanted = {networks.file_name(name, seed) for name in trained for seed in networks.SEEDS}
    assert {path.name for path in FOLDER.glob("*.npz")} == wanted
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in sorted(FOLDER.glob("*.npz"))]
    assert (FOLDER / "SHA256SUMS").read_text(encoding="ascii").splitlines() == lines
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 2_000_000


def test_the_program_that_writes_them_knows_every_script_that_trains_and_every_experiment_with_seeds(monkeypatch):
    program = program_of(monkeypatch)
    assert program.SCRIPTS.keys() >= set(TRAINED)
    assert program.SCRIPTS.keys() >= {name for name, experiment in EXPERIMENTS.items() if experiment.seeds}
    shorter = {"encoder_block", "transformer_sgd", "rbm_bars_500"}  # of runs that multiply rounding
    assert program.SCRIPTS.keys() <= {*TRAINED, *EXPERIMENTS, *shorter}
    assert {file.name for files in program.FILES.values() for file in files} == {p.name for p in FOLDER.glob("*.npz")}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.npz")), ids=lambda path: path.name)
def test_a_file_says_which_pytorch_and_which_seed_made_it(path):
    with np.load(path) as held:
        told = {name: str(held[name]) for name in held.files if name.startswith(networks.MADE_BY)}
    assert told.keys() == {f"made_by.{what}" for what in ("torch", "numpy", "python", "seed")}
    assert path.stem.endswith(f"_{told['made_by.seed']}")
    assert not networks.read_golden(path).keys() & told.keys()


def weights():
    return {name: a.copy() for name, a in networks.read_golden(FILE).items()}


@pytest.mark.parametrize(("by", "met"), [(0, True), (0.99e-12, True), (1.01e-12, False), (np.nan, False)])
def test_weights_are_met_within_the_tolerance_of_the_largest_and_not_beyond_it(by, met):
    W = weights()
    W["W"][0, 0] += by * abs(W["W"]).max()
    found = networks.judge(GOLDEN, "softmax_classifier", "default", W)
    assert (found["deviation"] <= found["tolerance"]) is met
    assert networks.judge(GOLDEN, "softmax_classifier", "default", W, "gpu")["tolerance"] == 1e-10


@pytest.mark.parametrize(
    "wrong", [{}, {"V": np.ones(2)}, {"W": np.ones((5, 3))}, {"W": np.ones((3, 5)), "V": np.ones(2)}]
)
def test_a_weight_that_is_missing_too_many_or_of_another_shape_is_wrong(wrong):
    assert networks.judge(GOLDEN, "softmax_classifier", "default", wrong)["deviation"] == np.inf


def test_a_seed_that_pytorch_did_not_run_is_not_judged():
    assert networks.judge(GOLDEN, "softmax_classifier", 3, {}) is None


def test_a_big_array_is_compared_by_what_is_kept_of_it():
    rng = np.random.RandomState(1)
    W = {"W1": rng.randn(60, 50), "b1": rng.randn(3)}
    kept = networks.as_kept(W)
    assert kept.keys() == {"W1__every97", "W1__sum_norm", "W1__shape", "b1"}
    assert networks.deviation(W, kept) == 0
    for place, least in (((0, 0), 1e-6), ((0, 1), 1e-9)):  # one that is kept, and one that only sum and norm know
        moved = {**W, "W1": W["W1"].copy()}
        moved["W1"][place] += 1e-5
        assert networks.deviation(moved, kept) > least
    assert networks.deviation({**W, "W1": W["W1"].T}, kept) == np.inf
    assert networks.deviation({**W, "W1": np.zeros((50, 61))}, kept) == np.inf


def test_a_missing_or_edited_file_is_named_with_what_computes_it(tmp_path):
    again = r"`python reference/torch_networks\.py softmax_classifier` computes it again"
    with pytest.raises(ReferenceFileError, match=rf"softmax_classifier_1\.npz: No such file.*{again}"):
        networks.judge(tmp_path, "softmax_classifier", 1, {})
    copy = shutil.copytree(FOLDER, tmp_path / networks.FOLDER) / FILE.name
    copy.write_bytes(copy.read_bytes()[:-1])
    with pytest.raises(ReferenceFileError, match=rf"_default\.npz: edited or damaged.*{again}"):
        networks.judge(tmp_path, "softmax_classifier", "default", {})


@pytest.fixture
def program(monkeypatch):
    """The module torch_files, with something in the place of PyTorch."""
    monkeypatch.syspath_prepend(runs.ROOT / "reference")
    files = importlib.import_module("torch_files")
    monkeypatch.setattr(files, "take_ctrl_c", lambda: None)
    torch = type("Torch", (), {"__version__": "9.9", "set_num_threads": staticmethod(lambda n: None)})
    monkeypatch.setattr(files, "torch", torch)
    return files


def run(program, monkeypatch, files, *options, names=None):
    monkeypatch.setattr(sys, "argv", ["torch_networks.py", *options])
    return program.main("A program.", files, names)


def test_a_file_that_is_computed_is_installed_with_its_sum_and_then_checked(program, monkeypatch, tmp_path, capsys):
    file, other = tmp_path / "new" / "a_1.npz", tmp_path / "new" / "b_1.npz"
    entries = {"W": np.arange(3.0), "made_by.seed": np.array("1")}
    files = {file: lambda: entries, other: lambda: {"n": np.arange(2)}}
    names = {"a": [file], "b": [other]}
    assert run(program, monkeypatch, files, "a", names=names) == 0
    assert [path.name for path in sorted(file.parent.iterdir())] == ["SHA256SUMS", "a_1.npz"]
    assert run(program, monkeypatch, files, "--check", "a", names=names) == 0
    assert capsys.readouterr().out == "a_1.npz: what PyTorch 9.9 computes\n"
    assert run(program, monkeypatch, files, "--check", names=names) == 1
    assert "b_1.npz: No such file" in capsys.readouterr().out
    entries["W"] = np.array([0.0, 1.0, 2.0 + 5e-12])
    assert run(program, monkeypatch, files, "--check", "a", names=names) == 1
    assert capsys.readouterr().out == "a_1.npz: W differs by 2.5e-12 of its largest element\n"


def test_a_name_that_is_no_script_is_refused(program, monkeypatch, capsys):
    with pytest.raises(SystemExit, match="2"):
        run(program, monkeypatch, {}, "c", names={"a": [], "b": []})
    assert "NAME must be one of a, b, not 'c'" in capsys.readouterr().err
