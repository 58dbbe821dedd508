"""Every listing against GNU Octave, weight by weight, and the files that hold Octave's results."""

import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from closeness import assert_within
from networks import mnist_start
from runs import ROOT
from scipy.io import savemat

from deltarule.basics.files import ReferenceFileError
from deltarule.evidence import golden
from deltarule.evidence.golden import MNIST_SEEDS, SMALL, deviation, file_name, kept_epochs, read_golden, weights_at
from deltarule.listings.convnet import mnist_conv_forward
from deltarule.listings.experiments import EXPERIMENTS, mnist_test, mnist_training

GOLDEN = ROOT / "reference" / "golden"
RUNS = [(name, seed) for name in SMALL for seed in EXPERIMENTS[name].octave_seeds]


@functools.cache
def trained(name, seed):
    """Our weights after each epoch that Octave's are kept of."""
    return dict(golden.trained(name, seed))


def test_nine_listings_are_trained_by_octave_from_three_seeds_each():
    assert len(SMALL) == 10  # delta_xor is delta_sgd on other targets
    assert {len(EXPERIMENTS[name].octave_seeds) for name in SMALL} == {3}
    assert kept_epochs("delta_batch") == [1, 10, 100, 1000, 40_000]
    assert kept_epochs("mnist_conv") == [1, 3]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "seed"), RUNS)
def test_trained_weights_are_octaves(name, seed):
    kept = read_golden(GOLDEN / file_name(name, seed))
    assert deviation(EXPERIMENTS[name].start(seed)[0], weights_at(kept, "start")) == 0
    assert list(trained(name, seed)) == kept_epochs(name)
    for epoch, weights in trained(name, seed).items():
        assert deviation(weights, weights_at(kept, epoch)) <= 1e-12, epoch  # measured: at most 1.4e-14


@pytest.mark.slow
@pytest.mark.parametrize(("name", "seed"), RUNS)
def test_outputs_are_octaves(name, seed):
    kept = read_golden(GOLDEN / file_name(name, seed))
    experiment = EXPERIMENTS[name]
    y = experiment.forward(*trained(name, seed)[experiment.epochs], experiment.samples()[0])
    assert_within(y.T, kept["outputs"], absolute=1e-12, relative=0)


@pytest.mark.parametrize(("name", "seed"), RUNS)
def test_outputs_that_octave_kept_are_those_of_the_weights_it_kept(name, seed):
    kept, experiment = read_golden(GOLDEN / file_name(name, seed)), EXPERIMENTS[name]
    y = experiment.forward(*weights_at(kept, experiment.epochs), experiment.samples()[0]).T
    assert_within(kept["outputs"], y, absolute=1e-14, relative=0)
    for index in np.ndindex(y.shape):
        changed = kept["outputs"].copy()
        changed[index] += 1e-9
        with pytest.raises(AssertionError, match=re.escape(f"at {index}: ")):
            assert_within(changed, y, absolute=1e-14, relative=0)


@pytest.mark.parametrize("seed", MNIST_SEEDS)
@pytest.mark.parametrize("batches", [1, 2, 3])
def test_mnist_conv_is_octaves_after_the_first_batches(seed, batches):
    kept = read_golden(GOLDEN / file_name("mnist_conv", seed))
    for name, value in golden.mnist_summary(*mnist_start(seed)).items():
        assert deviation([value], [kept[f"{name}_start"]]) <= 1e-13, name  # W5 by its products, which round
    ours = golden.mnist_summary(*golden.mnist_after_batches(seed, batches))
    for name, value in ours.items():
        assert deviation([value], [kept[f"{name}_batch_{batches}"]]) <= 1e-12, name


@pytest.mark.slow
@pytest.mark.parametrize("seed", MNIST_SEEDS)
def test_mnist_conv_is_octaves_after_three_epochs(seed):
    kept = read_golden(GOLDEN / file_name("mnist_conv_epochs", seed))
    weights = mnist_start(seed)
    for name, value in golden.mnist_summary(*weights).items():
        assert deviation([value], [kept[f"{name}_start"]]) <= 1e-13, name
    for _ in range(3):
        weights = EXPERIMENTS["mnist_conv"].epoch(weights, *mnist_training())
    for name, value in golden.mnist_summary(*weights).items():
        assert deviation([value], [kept[f"{name}_epoch_3"]]) <= 1e-12, name
    X, D = mnist_test()
    digits = (mnist_conv_forward(*weights, X).argmax(axis=1) + 1) % 10
    np.testing.assert_array_equal(digits, kept["predictions"].ravel())
    assert (digits == D).mean() == kept["accuracy"]


def test_any_change_to_w5_moves_its_summary():
    W1, W5, Wo = mnist_start(1)
    whole = golden.mnist_summary(W1, W5, Wo)
    # what a change of any one element by 1e-9 of the largest adds to each product
    u, v = golden.probes()
    step = 1e-9 * abs(W5).max()
    seen = np.maximum(u.T / abs(whole["W5_u"]).max(), v / abs(whole["v_W5"]).max()) * step
    assert seen.min() > 1e-12
    for index in ((0, 0), (57, 1234), (99, 1999)):
        changed = W5.copy()
        changed[index] += 1e-9 * abs(W5).max()
        summary = golden.mnist_summary(W1, changed, Wo)
        assert max(deviation([summary[name]], [whole[name]]) for name in ("W5_u", "v_W5")) > 1e-12


def test_every_file_says_who_made_it_and_stays_small():
    files = sorted(GOLDEN.glob("*.mat"))
    expected = {file_name(name, seed) for name, seed in RUNS}
    expected |= {file_name(name, seed) for name in ("mnist_conv", "mnist_conv_epochs") for seed in MNIST_SEEDS}
    assert {path.name for path in files} == expected
    for path in files:
        kept = read_golden(path)
        name, _, seed = path.stem.rpartition("_")
        assert kept["made_by"].item().startswith("GNU Octave")
        assert kept["command"].item().startswith("python reference/regenerate.py")
        assert (kept["name"].item(), str(kept["seed"].item())) == (name, seed)
        assert len(kept["date"].item()) == 10
    assert sum(path.stat().st_size for path in GOLDEN.iterdir()) < 3_000_000


def copy_of_golden(folder):
    return Path(shutil.copytree(GOLDEN, folder / "golden"))


def test_a_missing_golden_file_is_named_with_the_command_that_computes_it(tmp_path):
    folder = copy_of_golden(tmp_path)
    (folder / "delta_sgd_1.mat").unlink()
    with pytest.raises(ReferenceFileError, match=r"delta_sgd_1\.mat: No such file.*regenerate\.py"):
        read_golden(folder / "delta_sgd_1.mat")


@pytest.mark.parametrize(
    "edit", [lambda c: c[:-5], lambda c: c[:200] + b"\0" + c[201:], lambda c: b"", lambda c: c + b"x"]
)
def test_an_edited_golden_file_is_refused(edit, tmp_path):
    path = copy_of_golden(tmp_path) / "delta_sgd_1.mat"
    path.write_bytes(edit(path.read_bytes()))
    with pytest.raises(ReferenceFileError, match=r"delta_sgd_1\.mat: edited or damaged.*regenerate\.py"):
        read_golden(path)


def with_its_sum_entered(path):
    """Make a file pass for one that Octave wrote, as if someone had changed both the file and its sum."""
    (path.parent / golden.SUMS).write_text(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n")
    return path


@pytest.mark.parametrize(
    "edit",
    [
        lambda c: b"",
        lambda c: b"not a matrix in sight" * 20,
        lambda c: c[:128],
        lambda c: c[:400],
        lambda c: c[:160] + bytes(40) + c[200:],
    ],
    ids=["empty", "text", "its head", "cut off", "zeros inside"],
)
def test_a_damaged_file_is_refused_even_when_its_sum_is_entered(edit, tmp_path):
    path = copy_of_golden(tmp_path) / "delta_sgd_1.mat"
    path.write_bytes(edit(path.read_bytes()))
    reason = (
        r"delta_sgd_1\.mat: (not a MATLAB file|holds no run of a listing).*`python reference/regenerate\.py` computes"
    )
    with pytest.raises(ReferenceFileError, match=reason):
        read_golden(with_its_sum_entered(path))


def test_a_file_of_another_run_is_refused_even_when_its_sum_is_entered(tmp_path):
    path = copy_of_golden(tmp_path) / "delta_sgd_1.mat"
    savemat(path, {"something": 1})
    with pytest.raises(ReferenceFileError, match=r"delta_sgd_1\.mat: holds no run of a listing, not delta_sgd_1"):
        read_golden(with_its_sum_entered(path))
    savemat(path, {"name": np.zeros((0, 0)), "seed": 1})
    with pytest.raises(ReferenceFileError, match="holds 1, not delta_sgd_1"):
        read_golden(with_its_sum_entered(path))
    shutil.copyfile(GOLDEN / "delta_sgd_2.mat", path)
    with pytest.raises(ReferenceFileError, match="holds delta_sgd_2, not delta_sgd_1"):
        read_golden(with_its_sum_entered(path))


def test_a_file_is_not_parsed_before_its_sum_is_checked(tmp_path, monkeypatch):
    path = copy_of_golden(tmp_path) / "delta_sgd_1.mat"
    path.write_bytes(path.read_bytes() + b"x")
    monkeypatch.setattr(scipy.io, "loadmat", lambda *_, **__: pytest.fail("loadmat is called"))
    with pytest.raises(ReferenceFileError, match="its SHA-256 is not the one in SHA256SUMS"):
        read_golden(path)


def test_weights_that_are_not_in_a_file_are_named():
    with pytest.raises(ReferenceFileError, match="no weights W1_epoch_7"):
        weights_at(read_golden(GOLDEN / "delta_sgd_1.mat"), 7)


def test_damaged_sums_refuse_every_file(tmp_path):
    folder = copy_of_golden(tmp_path)
    (folder / golden.SUMS).write_bytes(b"\xff\xfe" * 10)
    with pytest.raises(ReferenceFileError, match="edited or damaged"):
        read_golden(folder / "delta_sgd_1.mat")


def test_three_epochs_of_mnist_conv_are_rebuilt_by_their_own_command(tmp_path):
    with pytest.raises(ReferenceFileError, match=r"`python reference/regenerate\.py --mnist` computes it again"):
        read_golden(tmp_path / "mnist_conv_epochs_1.mat")


def test_an_edited_file_stays_refused_when_others_are_computed_again(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "reference")
    import regenerate

    folder = copy_of_golden(tmp_path)
    path = folder / "mnist_conv_epochs_1.mat"
    path.write_bytes(path.read_bytes() + b"x")
    regenerate.enter_sums(folder, ["delta_sgd_1.mat"])
    read_golden(folder / "delta_sgd_1.mat")
    with pytest.raises(ReferenceFileError, match="edited or damaged"):
        read_golden(path)


def test_weights_of_another_shape_are_not_compared():
    with pytest.raises(ValueError, match=r"\(1, 3\) are compared with \(3, 1\)"):
        deviation([np.zeros((1, 3))], [np.zeros((3, 1))])


def test_regenerate_refuses_a_bad_option_in_one_line():
    done = subprocess.run(
        [sys.executable, str(ROOT / "reference" / "regenerate.py"), "--all"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)


def test_regenerate_without_octave_says_what_to_install(tmp_path):
    done = subprocess.run(
        [sys.executable, str(ROOT / "reference" / "regenerate.py"), "--check"],
        env=os.environ | {"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "apt-get install octave" in done.stderr


def test_nothing_is_computed_any_more_after_a_signal_that_comes_while_the_work_is_given_out(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "reference")
    import regenerate

    begun = []

    class Octave:
        def __init__(self):
            self.killed = threading.Event()
            self.kill = self.killed.set

    def compute(file, make, folder, command, running):
        begun.append(file)
        running.add(octave := Octave())
        assert octave.killed.wait(60)

    class Files(dict):
        def items(self):
            yield from list(super().items())[:4]
            raise SystemExit(130)

    monkeypatch.setattr(regenerate, "compute", compute)
    with pytest.raises(SystemExit):
        regenerate.compute_all(Files.fromkeys("abcdef"), tmp_path, 1, "")
    assert begun in ([], ["a"])


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("octave-cli") is None, reason="needs GNU Octave")
@pytest.mark.parametrize("name", ["delta_sgd", "backprop_ce", "multi_class"])  # .ci/run checks all
def test_golden_files_are_what_octave_computes(name):
    done = subprocess.run(
        [sys.executable, str(ROOT / "reference" / "regenerate.py"), "--check", name],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "3 golden files are what Octave computes\n"
    assert done.returncode == 0


def test_masks_are_those_that_the_script_draws():
    kept = golden.masks(2, 3)
    assert (kept.shape, kept.dtype) == ((20, 3, 5, 3), np.uint8)
    assert (kept.sum(axis=0) == 16).all()
    _, rng = EXPERIMENTS["deep_dropout"].start(2)
    for epoch, sample, layer in np.ndindex(3, 5, 3):
        nodes = np.flatnonzero(kept[:, layer, sample, epoch]) + 1
        assert set(nodes.tolist()) == set(rng.randperm(20, 16).tolist())
