"""Files of weights: what --save writes --load reads, training goes on as if it had not stopped, and what is refused."""

import io
import json
import re
import shutil
import subprocess
import zipfile

import numpy as np
import pytest
import runs
from closeness import assert_within
from scipy.io import savemat

import deltarule
from deltarule import matlab
from deltarule.listings.experiments import EXPERIMENTS
from deltarule.programs import weight_files

QUICK = [name for name in EXPERIMENTS if name not in ("mnist_conv", "plot_features")]


@pytest.fixture
def go(tmp_path, monkeypatch, capsys):
    """Run a script in a folder of its own; its exit code, and what it says on stderr or its JSON."""
    monkeypatch.chdir(tmp_path)

    def run(name, *options):
        code = runs.here(monkeypatch, name, "--json", *options)
        printed, said = capsys.readouterr()
        return code, json.loads(printed) if printed else said

    return run


@pytest.mark.parametrize("name", QUICK)
@pytest.mark.parametrize("suffix", weight_files.KINDS)
def test_training_goes_on_from_a_file_as_if_it_had_not_stopped(name, suffix, go):
    options = ("--seed", "5", "--alpha", "0.3", *(["--hidden", "6"] if EXPERIMENTS[name].hidden else []))
    whole = go(name, "--epochs", "7", *options)[1]
    go(name, "--epochs", "3", "--save", f"w{suffix}", *options)
    rest = go(name, "--epochs", "4", "--load", f"w{suffix}")[1]
    assert rest["weights"] == whole["weights"]
    assert rest["outputs"] == whole["outputs"]
    assert rest["changed"]["start"] == {"here": f"w{suffix}", "book": "drawn"}
    assert rest["changed"]["alpha"]["here"] == 0.3
    assert rest["seed"] == 5


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mnist_conv", "plot_features"])
def test_the_convolutional_network_goes_on_and_is_looked_at_from_a_file(name, go, tmp_path):
    trained = go("mnist_conv", "--epochs", "1", "--save", "w.mat")[1]
    held = matlab.load(tmp_path / "w.mat")
    assert [held[W].shape for W in ("W1", "W5", "Wo")] == [(9, 9, 20), (100, 2000), (10, 100)]
    seen = go(name, "--load", "w.mat", "--epochs", "0", "--plot", "seen.png")[1]
    assert (seen["accuracy"], seen["weights_sha256"]) == (trained["accuracy"], trained["weights_sha256"])
    assert (tmp_path / "seen.png").stat().st_size > 10_000


@pytest.mark.parametrize("name", QUICK)
def test_no_epochs_show_the_outputs_of_the_weights_in_a_file_and_change_nothing(name, go):
    trained = go(name, "--epochs", "9", "--save", "w.mat")[1]
    plot = ("--plot", "seen.png") if name in ("delta_xor", "backprop_xor", "real_multi_class", "deep_relu") else ()
    code, seen = go(name, "--load", "w.mat", "--epochs", "0", *plot)
    assert (seen["outputs"], seen["weights"]) == (trained["outputs"], trained["weights"])
    assert seen["epochs"] == 0
    assert all(not reference["judged"] for reference in seen["references"])
    assert code == int(not seen["converged"])


def test_a_trained_network_is_recognised_as_one_but_is_not_the_books_run(monkeypatch, capsys, tmp_path):
    file = str(tmp_path / "w.mat")
    runs.here(monkeypatch, "backprop_xor", "--save", file)
    capsys.readouterr()
    assert runs.here(monkeypatch, "backprop_xor", "--load", file, "--epochs", "0") == 0
    printed = capsys.readouterr().out
    assert f"not the book's run: epochs 0 (book: 10000), start {file} (book: drawn)" in printed
    assert printed.endswith("verdict    converged; not judged against the book\n")


@pytest.mark.parametrize("suffix", weight_files.KINDS)
def test_a_file_tells_what_the_run_was(suffix, go, tmp_path):
    go("backprop_mmt", "--epochs", "2", "--seed", "7", "--beta", "0.5", "--generator", "v4", "--save", f"w{suffix}")
    held = weight_files.read(tmp_path / f"w{suffix}").variables
    told = {name: value for name, value in held.items() if name not in ("W1", "W2", "state")}
    assert told == {
        "listing": "backprop_mmt",
        **{"seed": 7, "generator": "v4", "epochs": 2, "alpha": 0.9, "beta": 0.5, "hidden": 4},
        **{"dtype": "float64", "version": deltarule.__version__, "loaded": ""},
    }
    assert set(weight_files.BESIDE) - {"iterations"} <= held.keys()


def test_weights_of_float32_stay_single_and_come_back_as_such(go, tmp_path):
    trained = go("delta_sgd", "--epochs", "3", "--dtype", "float32", "--save", "w.mat")[1]
    assert matlab.load(tmp_path / "w.mat")["W"].dtype == np.float32
    seen = go("delta_sgd", "--load", "w.mat", "--epochs", "0")[1]
    assert (seen["dtype"], seen["weights_sha256"]) == ("float32", trained["weights_sha256"])


def test_a_seed_on_the_command_line_draws_other_masks_than_the_run_in_the_file_would_have(go):
    go("deep_dropout", "--epochs", "2", "--save", "w.npz")
    goes_on = go("deep_dropout", "--load", "w.npz", "--epochs", "2")[1]
    other = go("deep_dropout", "--load", "w.npz", "--epochs", "2", "--seed", "9")[1]
    assert goes_on["weights"] != other["weights"]
    assert other["seed"] == 9


def test_a_files_choices_give_way_to_the_command_lines(go):
    go("backprop_xor", "--epochs", "2", "--alpha", "0.3", "--save", "w.mat")
    assert "alpha" not in go("backprop_xor", "--load", "w.mat", "--epochs", "2", "--alpha", "0.9")[1]["changed"]


def test_what_a_user_of_matlab_has_is_taken_with_alpha_as_1_x_1_and_other_variables_beside_it(go, tmp_path):
    W1, W2 = np.ones((4, 3)), np.full((1, 4), 2.0)
    cell = np.empty((1, 2), dtype=object)
    cell[:] = [["a", 3.0]]
    other = {"c": cell, "s": {"x": 1.0}, "X": np.eye(4), "alpha": np.array([[0.25]]), "N": 4.0}
    savemat(tmp_path / "mine.mat", {"W1": W1, "W2": W2, **other})
    found = go("backprop_xor", "--load", "mine.mat", "--epochs", "0")[1]
    assert found["weights"] == {"W1": W1.tolist(), "W2": W2.tolist()}
    assert found["changed"]["alpha"]["here"] == 0.25


def test_one_hidden_node_whose_weight_matlab_has_as_a_number_is_taken(go):
    go("backprop_xor", "--epochs", "1", "--hidden", "1", "--save", "w.mat")
    assert np.shape(go("backprop_xor", "--load", "w.mat", "--epochs", "1")[1]["weights"]["W2"]) == (1, 1)


RIGHT = {"W1": np.ones((4, 3)), "W2": np.ones((1, 4))}
REFUSED = {
    "missing": ({"W1": RIGHT["W1"], "W": 1.0}, "has no W2: backprop_xor takes W1 (4, 3), W2 (1, 4); the file has W"),
    "transposed": (RIGHT | {"W1": np.ones((3, 4))}, "W1 in w.mat has the shape (3, 4); backprop_xor takes (4, 3); tra"),
    "too few": (RIGHT | {"W2": np.ones((1, 3))}, "W2 in w.mat has the shape (1, 3); backprop_xor takes (1, 4)\n"),
    "more nodes": (RIGHT | {"W1": np.ones((8, 3))}, "W1 in w.mat has the shape (8, 3); .*--hidden 8 takes it"),
    "complex": (RIGHT | {"W1": 1j * np.ones((4, 3))}, "W1 in w.mat must be real numbers, not of dtype complex128"),
    "text": (RIGHT | {"W1": "weights"}, "W1 in w.mat must be real numbers, not of dtype <U7"),
    "not finite": (RIGHT | {"W2": [[1, 2, np.nan, 4]]}, "W2 in w.mat must be finite, and has NaN or infinity"),
    "alphas": (RIGHT | {"alpha": [[0.9, 0.8]]}, "alpha in w.mat must be one number, not an array of shape (1, 2)"),
    "alpha": (RIGHT | {"alpha": -1.5}, "w.mat: argument --alpha: alpha must be .*above 0, not -1.5"),
    "hidden": (RIGHT | {"hidden": 2.5}, "w.mat: argument --hidden: hidden must be an integer .*, not '2.5'"),
    "seed": (RIGHT | {"seed": -2.0}, "w.mat: argument --seed: seed must be .*, not '-2'"),
    "generator": (RIGHT | {"generator": "v5"}, "w.mat: argument --generator: invalid choice: 'v5'"),
    "state": (
        RIGHT | {"state": [[1.0], [2.0]], "seed": "default", "generator": "twister"},
        "state in w.mat is not that of a random stream: State must be 625 integers .* for 'twister'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_weights_that_do_not_fit_are_refused_by_name_before_the_training(case, go, tmp_path):
    variables, reason = REFUSED[case]
    savemat(tmp_path / "w.mat", variables)
    code, said = go("backprop_xor", "--load", "w.mat")
    assert code == 2
    assert len(said.splitlines()) == 1
    assert re.search(re.sub(r"([()])", r"\\\1", reason), said)


def zipped(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in members.items():
            file.writestr(f"{name}.npy", content)
    return buffer.getvalue()


def npy(a):
    buffer = io.BytesIO()
    np.save(buffer, a)
    return buffer.getvalue()


def compressed(changed, method=None):
    """A compressed file, some of whose bytes are changed."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, W1=np.arange(12.0))
    content = bytearray(buffer.getvalue())
    for place, byte in changed.items():
        content[place] = byte
    if method is not None:
        content[content.index(b"PK\1\2") + 10] = method
    return bytes(content)


NO_WEIGHTS = {  # what is in the file, and what is said of it; named, since a zip file holds the time it was made
    "no MAT-file": ("w.mat", None, "w.mat: No such file"),
    "no zip file": ("w.npz", None, "w.npz: No such file"),
    "an empty one": ("w.mat", b"", "w.mat is empty"),
    "a zip file called .mat": ("w.mat", zipped(W1=npy(np.ones(3))), "w.mat is a zip file, as NumPy's"),
    "a MAT-file called .npz": ("w.npz", b"MATLAB 5.0", "w.npz is not a file of numpy.savez"),
    "the first bytes alone": ("w.npz", b"PK\3\4 and no more", "w.npz is damaged"),
    "a cut end": ("w.npz", zipped(W1=npy(np.ones(30)))[:-40], "w.npz is damaged"),
    "a cut array": ("w.npz", zipped(W1=b"\x93NUMPY\1"), "w.npz is damaged"),
    "an object": (
        *("w.npz", zipped(W1=npy(np.array([None])))),
        "w.npz is damaged, or holds what is no array of numbers or text",
    ),
    "no array": ("w.npz", zipped(W1=b"text"), "w.npz is not a file of numpy.savez: it holds 'W1', which is no array"),
    "what does not unpack": ("w.npz", compressed({70: 255, 71: 255}), "w.npz is damaged"),
    "another compression": ("w.npz", compressed({}, method=99), "w.npz is damaged"),
    "a header cut in a bracket": ("w.npz", zipped(W1=npy(np.ones(3)).replace(b"(3,)", b"((3,")), "w.npz is damaged"),
    "a header of more than there is memory for": (
        *("w.npz", zipped(W1=npy(np.ones(3)).replace(b"(3,), }" + b" " * 9, b"(10000000000,)}", 1))),
        "w.npz is damaged",
    ),
    "a table": ("w.csv", b"1,2", "must end in .mat or .npz"),
}


@pytest.mark.parametrize("case", NO_WEIGHTS)
def test_a_file_that_is_no_file_of_weights_is_named_as_what_it_is(case, go, tmp_path):
    name, content, reason = NO_WEIGHTS[case]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    code, said = go("backprop_xor", "--load", name)
    assert (code, len(said.splitlines())) == (2, 1)
    assert reason in said


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--save", "w"), "'w' must end in .mat or .npz"),
        (("--save", "no/w.mat"), "there is no folder 'no'"),
        (("--epochs", "0"), "epochs must be an integer above 0, not '0', which needs --load"),
        (("--generator", "v4", "--seed", "2147483647"), "0 to 2147483646 or 'default', not 2147483647 (generator v4)"),
    ],
)
def test_an_option_that_cannot_be_is_refused_before_the_training(options, reason, go, tmp_path):
    code, said = go("backprop_xor", *options)
    assert (code, len(said.splitlines())) == (2, 1)
    assert reason in said
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_leaves_the_one_before_and_the_results_are_printed(go, tmp_path, monkeypatch):
    file = tmp_path / "w.mat"
    file.write_bytes(b"before")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(deltarule.basics.files.os, "fsync", full)
    code, record = go("backprop_xor", "--epochs", "2", "--save", "w.mat")
    assert code == 2
    assert record["script"] == "backprop_xor"
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"before"]


def test_v4_seeds_both_streams_and_the_run_is_shown_but_not_judged(go):
    found = go("delta_sgd", "--generator", "v4")[1]
    assert found["changed"] == {"generator": {"here": "v4", "book": "twister"}}
    assert (found["generator"], found["octave"]) == ("v4", None)
    assert [reference["judged"] for reference in found["references"]] == [False]
    start = 2 * matlab.rng("default", "v4").rand(1, 3) - 1
    X, D = EXPERIMENTS["delta_sgd"].samples()
    one = go("delta_sgd", "--generator", "v4", "--epochs", "1")[1]
    np.testing.assert_array_equal(one["weights"]["W"], deltarule.delta_sgd(start, X, D))


@pytest.mark.skipif(shutil.which("octave-cli") is None, reason="needs GNU Octave")
def test_octave_reads_the_weights_trains_on_and_its_weights_are_read_again(go, tmp_path):
    go("backprop_xor", "--epochs", "3", "--save", "w.mat")
    program = (
        f"addpath('{runs.ROOT / 'reference' / 'octave'}'); load('w.mat'); "
        "X = [0 0 1; 0 1 1; 1 0 1; 1 1 1]; D = [0; 1; 1; 0]; "
        "for k = 1:4, [W1, W2] = backprop_xor(W1, W2, X, D, alpha); end; save('-v7', 'on.mat', 'W1', 'W2', 'alpha');"
    )
    done = subprocess.run(
        ["octave-cli", "--no-gui", "--no-init-file", "--quiet", "--eval", program], cwd=tmp_path, check=False
    )
    assert done.returncode == 0
    theirs = go("backprop_xor", "--load", "on.mat", "--epochs", "0")[1]
    ours = go("backprop_xor", "--epochs", "7")[1]
    for W, other in zip(ours["weights"].values(), theirs["weights"].values(), strict=True):
        assert_within(W, other, absolute=1e-14, relative=0)
