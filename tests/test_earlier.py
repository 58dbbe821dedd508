"""What compare --against takes: JSON in the encodings that shells write, files and folders of weights; its refusals."""

import codecs
import json
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
import runs
from scipy.io import savemat

from deltarule import matlab
from deltarule.basics import files
from deltarule.listings.experiments import EXPERIMENTS
from deltarule.programs import compare, drift, earlier, weight_files
from deltarule.programs.parts import NOTES

OCTAVE = pytest.mark.skipif(shutil.which("octave-cli") is None, reason="needs GNU Octave")


def gate(monkeypatch, *options, names=("backprop_xor", "delta_sgd"), notes=()):
    """Run compare in this process with a few scripts and epochs, and no judge but the drift; its exit code."""
    with monkeypatch.context() as replaced:
        replaced.setattr(compare, "EXPERIMENTS", {name: EXPERIMENTS[name] for name in names})
        replaced.setattr(compare, "FOLDERS", {"from_scratch": {name: NOTES[name] for name in notes}})
        replaced.setattr(compare, "take_ctrl_c", lambda: None)
        replaced.setattr(sys, "argv", ["compare.py", "--epochs", "3", *options])
        real = compare.run
        replaced.setattr(compare, "run", lambda *given: {**real(*given), "verdict": "pass"})
        return compare.main(runs.SCRIPTS / "compare.py", "")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """JSON that --output wrote."""
    file = tmp_path_factory.mktemp("saved") / "run.json"
    with pytest.MonkeyPatch.context() as patch:
        assert gate(patch, "--output", str(file)) == 0
    return file


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
    ],
)
def test_json_is_read_in_the_encodings_that_shells_write(encoding, mark, saved, tmp_path):
    text = saved.read_text(encoding="utf-8")
    file = tmp_path / "run.json"
    file.write_bytes(mark + text.replace("\n", "\r\n").encode(encoding))
    assert earlier.read(file) == {**json.loads(text), "whole": True}


def test_a_run_passes_against_itself_and_an_output_or_a_weight_that_is_off_fails(saved, tmp_path, monkeypatch, capsys):
    assert gate(monkeypatch, "--against", str(saved)) == 0
    assert "2 of 2 scripts are identical to the last bit\ndrift      pass" in capsys.readouterr().out
    for change in ("outputs", "weights"):
        wrong = json.loads(saved.read_text(encoding="utf-8"))
        next(iter(wrong["scripts"][0][change].values()))[0][0] += 0.01
        file = tmp_path / f"{change}.json"
        file.write_text(json.dumps(wrong), encoding="utf-8")
        assert gate(monkeypatch, "--against", str(file)) == 1
        assert "drift      FAIL: backprop_xor by more than 0 (the same environment)" in capsys.readouterr().out
        assert gate(monkeypatch, "--against", str(file), "--tolerance", "0.5", "--json") == 0
        assert json.loads(capsys.readouterr().out)["drift"]["tolerance"] == 0.5


def test_a_script_of_the_notes_passes_against_itself_and_a_quantity_that_is_off_fails(tmp_path, monkeypatch, capsys):
    file = tmp_path / "run.json"
    asked = {"names": (), "notes": ("apples", "layer_examples", "optimizer_paths")}
    assert gate(monkeypatch, "--output", str(file), **asked) == 0
    assert gate(monkeypatch, "--against", str(file), **asked) == 0
    assert "3 of 3 scripts are identical to the last bit\ndrift      pass" in capsys.readouterr().out
    whole = json.loads(file.read_text(encoding="utf-8"))

    def with_one(script, quantity, value):
        wrong = json.loads(file.read_text(encoding="utf-8"))
        (record,) = (record for record in wrong["scripts"] if record["script"] == script)
        record["quantities"][quantity] = value
        return wrong

    paths = whole["scripts"][2]["quantities"]["Adam"]
    paths = [*paths[:-1], [paths[-1][0], np.nextafter(paths[-1][1], 9)]]
    for wrong in (
        with_one("apples", "apples: price", 220.00000000000006),
        with_one("layer_examples", "im2col(x1).shape", [9, 76]),
        with_one("layer_examples", "mask", [[False, True], [True, True]]),
        with_one("optimizer_paths", "Adam", paths),
    ):
        file.write_text(json.dumps(wrong), encoding="utf-8")
        assert gate(monkeypatch, "--against", str(file), **asked) == 1
        assert "2 of 3 scripts are identical" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", ["text", [[1, 2], [3]], [], {"a": 1}, [["1"]]])
def test_a_quantity_that_is_no_array_of_numbers_is_refused(wrong):
    record = {"script": "apples", "part": "from_scratch", "quantities": {"x": wrong}}
    with pytest.raises(ValueError, match="the quantities of 'apples' must be arrays of numbers"):
        earlier.check_run({"environment": {}, "scripts": [record]})
    right = record | {"quantities": {"x": 1.5, "y": [True], "z": [[[None]]]}}
    earlier.check_run({"environment": {}, "scripts": [right]})
    for field, axes in (("weights", True), ("weights", [True])):
        with pytest.raises(ValueError, match="the weights of 'apples' must be arrays"):
            earlier.check_run({"environment": {}, "scripts": [{**record, "quantities": {}, field: {"W": axes}}]})


@pytest.mark.parametrize("suffix", ["mat", "npz"])
def test_weights_of_the_notes_are_read_with_their_axes(suffix, tmp_path):
    file = tmp_path / f"w.{suffix}"
    params = {"W1": np.ones((2, 1, 3, 3)), "b1": np.arange(2.0), "W2": np.ones((4, 2)), "b2": np.zeros(1)}
    told = {"listing": "gradient_check", "seed": 1, "iterations": 5, "dtype": "float64", "lr": 0.1, "loaded": ""}
    weight_files.write(file, {**params, **told})
    found = earlier.record(weight_files.read(file))
    assert {key: found[key] for key in ("script", "seed", "iterations", "dtype")} == {
        "script": "gradient_check", "seed": 1, "iterations": 5, "dtype": "float64",
    }  # fmt: skip
    assert found["choices"] == {"lr": 0.1}
    here = {"script": "gradient_check", "part": "from_scratch", "verdict": "pass", **told, "choices": {"lr": 0.1}}
    here |= {"quantities": {"loss": 1.0}, "weights": {key: W.tolist() for key, W in params.items()}}
    assert drift.report({"scripts": [here]}, {"scripts": [found], "environment": None})["passed"]
    here["weights"]["b1"][1] += 1e-6
    assert not drift.report({"scripts": [here]}, {"scripts": [found], "environment": None})["passed"]


def test_json_carries_weights_version_and_commit(saved):
    result = json.loads(saved.read_text(encoding="utf-8"))
    assert set(result["deltarule"]) == {"version", "commit"}
    assert re.fullmatch(r"[0-9a-f]{40}\+?", result["deltarule"]["commit"] or 40 * "0")
    for record in result["scripts"]:
        shapes = [np.shape(W) for W in record["weights"].values()]
        assert shapes == list(EXPERIMENTS[record["script"]].shapes())


@pytest.mark.parametrize("suffix", ["mat", "npz"])
def test_the_weights_that_a_script_saved_are_compared_and_only_its_listing_is_run(
    suffix, tmp_path, monkeypatch, capsys
):
    file = tmp_path / f"w.{suffix}"
    runs.here(monkeypatch, "backprop_xor", "--epochs", "3", "--save", str(file))
    capsys.readouterr()
    assert gate(monkeypatch, "--against", str(file)) == 0
    printed = capsys.readouterr().out
    assert "1 of 1 scripts are identical to the last bit" in printed
    assert "pass: none by more than 1e-12 (another environment)" in printed
    assert "delta_sgd" not in printed
    assert gate(monkeypatch, "--against", str(file), "--seed", "5") == 1
    assert "seed 5 here, default there" in capsys.readouterr().out


@pytest.mark.parametrize(("by", "code"), [(0.99e-12, 0), (1.01e-12, 1)])
def test_weights_from_matlab_pass_within_the_tolerance_and_fail_beyond_it(by, code, tmp_path, monkeypatch, capsys):
    runs.here(monkeypatch, "delta_sgd", "--epochs", "3", "--save", str(tmp_path / "w.mat"))
    W = matlab.load(tmp_path / "w.mat")["W"]
    W[0, 1] += by * abs(W).max()
    savemat(tmp_path / "mine.mat", {"listing": "delta_sgd", "W": W, "X": np.eye(3), "note": "by hand"})
    assert gate(monkeypatch, "--against", str(tmp_path / "mine.mat")) == code


@OCTAVE
@pytest.mark.slow
def test_what_octave_makes_of_the_inputs_in_a_folder_is_compared_in_one_go(tmp_path, monkeypatch, capsys):
    inputs, outputs = tmp_path / "in's", tmp_path / "out"
    inputs.mkdir()
    outputs.mkdir()
    regenerate = [sys.executable, str(runs.ROOT / "reference" / "regenerate.py"), "--inputs", str(inputs)]
    subprocess.run([*regenerate, "delta_sgd", "multi_class", "mnist_conv"], check=True)
    program = f"addpath('{runs.ROOT / 'reference' / 'octave'}'); run_all('{inputs}', '{outputs}')".replace(
        "in's", "in''s"
    )
    subprocess.run(["octave-cli", "--no-gui", "--no-init-file", "--quiet", "--eval", program], check=True)
    names = ("delta_sgd", "multi_class")
    before = earlier.read(outputs)
    assert [(record["script"], record["seed"]) for record in before["scripts"]] == [
        ("delta_sgd", "default"),
        ("multi_class", 3),
    ]
    assert {record["seed"] for record in earlier.read(outputs, 2)["scripts"]} == {2}
    for name, record in zip(names, before["scripts"], strict=True):
        weights, rng = EXPERIMENTS[name].start()
        for _ in range(record["epochs"]):
            weights = EXPERIMENTS[name].epoch(weights, *EXPERIMENTS[name].samples(), rng)
        ours = {"script": name, "weights": dict(zip(record["weights"], weights, strict=True))}
        asked = {"seed": record["seed"], "epochs": record["epochs"], "generator": "twister", "dtype": "float64"}
        (found,) = drift.drift({"scripts": [{**ours, **asked}]}, {"scripts": [record]})
        assert found.relative <= 1e-13


@pytest.mark.slow
def test_the_three_epochs_of_the_convolutional_network_are_compared_by_what_octave_kept():
    record = earlier.record(earlier.weight_files.read(runs.ROOT / "reference" / "golden" / "mnist_conv_epochs_1.mat"))
    assert (record["script"], record["seed"], record["epochs"]) == ("mnist_conv", 1, 3)
    ours = runs.record("mnist_conv")[1]
    (found,) = drift.drift({"scripts": [ours]}, {"scripts": [record]})
    assert found.relative <= 1e-12
    wrong = json.loads(json.dumps(ours))
    wrong["weights"]["W5"][50][1000] *= 1 + 1e-6
    (found,) = drift.drift({"scripts": [wrong]}, {"scripts": [record]})
    assert found.relative > 1e-12


REFUSED = [
    (None, "No such file"),
    (b"{", "cannot be used"),
    (b"\xff", "cannot be used"),
    (b"[" * 100_000, "cannot be used"),
    (b"[]", "cannot be used: it has no environment"),
    (b'{"environment": {}, "scripts": [{"script": "\\u001b[2J", "outputs": []}]}', "must be arrays of numbers"),
]


@pytest.mark.parametrize(
    ("content", "reason"), REFUSED, ids=["missing", "not JSON", "not UTF-8", "too deep", "a list", "escapes"]
)
def test_a_bad_file_to_compare_with_gets_one_line_and_exit_2(content, reason, tmp_path, monkeypatch, capsys):
    path = tmp_path / "earlier.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SystemExit, match="2"):
        gate(monkeypatch, "--against", str(path))
    printed, said = capsys.readouterr()
    assert (printed, len(said.splitlines())) == ("", 1)
    assert reason in said
    assert str(path) in said
    assert said.rstrip("\n").isprintable()


@pytest.mark.parametrize(
    ("name", "variables", "reason"),
    [
        ("w.mat", {"W1": 1.0}, "must have a variable listing that says which it is of"),
        ("w.mat", {"W1": 1.0, "listing": "xor"}, "not 'xor'"),
        ("folder", {}, "it has no files of weights"),
        (
            "folder",
            {"a": {"listing": "delta_sgd", "seed": "default"}, "b": {"listing": "delta_sgd", "seed": "default"}},
            "two",
        ),
    ],
)
def test_weights_of_no_known_listing_are_refused(name, variables, reason, tmp_path, monkeypatch, capsys):
    if name == "folder":
        (tmp_path / name).mkdir()
        for each, content in variables.items():
            savemat(tmp_path / name / f"{each}.mat", content)
    else:
        savemat(tmp_path / name, variables)
    with pytest.raises(SystemExit, match="2"):
        gate(monkeypatch, "--against", str(tmp_path / name))
    said = capsys.readouterr().err
    assert reason in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("text", ["-1", "nan", "inf", "little"])
def test_a_tolerance_must_be_a_finite_number_from_0_on(text, saved, monkeypatch, capsys):
    with pytest.raises(SystemExit, match="2"):
        gate(monkeypatch, "--against", str(saved), f"--tolerance={text}")
    assert f"tolerance must be a number from 0 on, not '{text}'" in capsys.readouterr().err


def test_the_earlier_run_is_not_written_over(saved, tmp_path, monkeypatch, capsys):
    before = saved.read_bytes()
    with pytest.raises(SystemExit, match="2"):
        gate(monkeypatch, "--against", str(saved), "--output", str(saved.parent / "." / saved.name))
    assert (
        "argument --output: it is the earlier run of --against, which would be written over" in capsys.readouterr().err
    )
    assert saved.read_bytes() == before
    assert gate(monkeypatch, "--against", str(saved), "--output", str(tmp_path / "other.json")) == 0
    assert (tmp_path / "other.json").exists()


def test_a_tolerance_without_an_earlier_run_is_refused(monkeypatch, capsys):
    with pytest.raises(SystemExit, match="2"):
        gate(monkeypatch, "--tolerance", "1e-9")
    assert "name the earlier run with --against" in capsys.readouterr().err


def test_a_file_that_is_too_long_is_not_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(earlier, "LARGEST_FILE", 1000)
    path = tmp_path / "earlier.json"
    path.write_bytes(b" " * 1001)
    with pytest.raises(ValueError, match="longer than 1000 bytes"):
        earlier.read(path)
    path.write_bytes(b'{"environment": {}, "scripts": []}'.ljust(1000))
    assert earlier.read(path) == {"environment": {}, "scripts": [], "whole": True}


@pytest.mark.parametrize(
    "saved",
    [
        [],
        {},
        {"scripts": [], "environment": []},
        {"scripts": {}, "environment": {}},
        {"scripts": [3], "environment": {}},
        {"scripts": [{"script": 3}], "environment": {}},
        {"scripts": [{"script": "a"}, {"script": "a"}], "environment": {}},
        *(
            {"scripts": [{"script": "a", field: wrong}], "environment": {}}
            for field in ("outputs", "weights")
            for wrong in (
                [],
                "0" * 64,
                {"y": [1.0]},
                {"y": [[1.0], [1.0, 2.0]]},
                {"y": [["1.0"]]},
                {"y": [[True]]},
                {"y": []},
                {"y": [[]]},
                {"y": 3.0},
            )
        ),
    ],
)
def test_an_earlier_run_of_another_form_is_refused(saved):
    with pytest.raises(ValueError, match="scripts|environment|outputs|weights"):
        earlier.check_run(saved)


def test_json_that_cannot_be_written_leaves_the_file_before_and_the_table_is_printed(tmp_path, monkeypatch, capsys):
    file = tmp_path / "run.json"
    file.write_bytes(b"before")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    assert gate(monkeypatch, "--output", str(file), names=("delta_sgd",)) == 2
    printed, said = capsys.readouterr()
    assert said == f"compare.py: {file}: No space left on device\n"
    assert printed.startswith("script ")
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"before"]
