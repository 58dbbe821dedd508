"""The comparison of all scripts: its page, the drift between two runs, and what happens when a reference is missing."""

import copy
import functools
import json
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
import runs

from deltarule import comparison, references, report


@functools.cache
def quick():
    """What compare prints as JSON after one epoch of everything."""
    done = runs.start("compare", "--epochs", "1", "--json")
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_ulps_count_neighbouring_numbers():
    a = np.array([1.0, -1.0, 1e-300, 0.0, 1e300])
    b = a.copy()
    for steps in (1, 2, 3):
        b = np.nextafter(b, 2e300)
        np.testing.assert_array_equal(report.ulps(a, b)[[0, 2, 3, 4]], steps)
    np.testing.assert_array_equal(report.ulps(a, a), 0)


def test_a_run_does_not_drift_from_itself():
    assert {rest[3] for _, *rest in report.drift(quick(), quick())} == {0.0}
    assert "the same environment" in report.drift_text(quick(), quick())


def test_drift_names_the_output_that_moved_most_and_what_else_is_different():
    saved = copy.deepcopy(quick())
    outputs = next(record for record in saved["scripts"] if record["script"] == "multi_class")["outputs"]["output"]
    outputs[2][4] = float(np.nextafter(np.nextafter(outputs[2][4], 1), 1))
    saved["environment"]["numpy"] = "1.0"
    found = dict((name, rest) for name, *rest in report.drift(quick(), saved))
    assert found["multi_class"][:4] == ["output", 3, 5, 2.0]
    assert found["deep_relu"][3] == 0
    assert re.search(r"multi_class +output +3 +5 +2 ", report.drift_text(quick(), saved))
    assert f"numpy: 1.0 there, {np.__version__} here" in report.drift_text(quick(), saved)


def test_runs_that_cannot_be_compared_are_named():
    saved = copy.deepcopy(quick())
    saved["scripts"][0]["seed"] = 5
    saved["scripts"][1]["epochs"] = 7
    saved["scripts"][5]["outputs"]["output"].pop()
    del saved["scripts"][3]
    text = report.drift_text(quick(), saved)
    for reason in ("seed default here, 5 there", "epochs 1 here, 7 there", "not in the earlier run", r"shape \(4, 1\)"):
        assert re.search(reason, text)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "No such file"),
        ("{", "not JSON"),
        ("[]", "not what compare.py --json prints"),
        ("{}", "not what compare"),
    ],
)
def test_a_bad_file_to_compare_with_gets_one_line_and_exit_2(content, reason, tmp_path):
    path = tmp_path / "earlier.json"
    if content is not None:
        path.write_text(content)
    done = runs.start("compare", "--against", str(path))
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert reason in done.stderr
    assert str(path) in done.stderr


def test_a_page_in_a_missing_folder_is_refused_before_anything_runs(tmp_path):
    done = runs.start("compare", "--html", str(tmp_path / "no" / "page.html"))
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)


def test_compare_goes_on_where_a_script_breaks_and_a_golden_file_is_missing_or_edited(tmp_path):
    for folder in ("scripts", "reference"):
        shutil.copytree(runs.ROOT / folder, tmp_path / folder)
    golden = tmp_path / "reference" / "golden"
    (golden / "delta_sgd_default.mat").unlink()
    edited = golden / "backprop_xor_default.mat"
    edited.write_bytes(edited.read_bytes()[:-1])
    (tmp_path / "scripts" / "delta_batch.py").write_text("raise RuntimeError('broken')\n")
    done = subprocess.run(
        [sys.executable, str(tmp_path / "scripts" / "compare.py"), "--epochs", "1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    first, *broken, second = done.stderr.splitlines()
    assert re.search(r"^delta_sgd: .*delta_sgd_default\.mat: No such file.*`python reference/regenerate\.py`", first)
    assert re.search(r"^backprop_xor: .*edited or damaged.*`python reference/regenerate\.py`", second)
    assert broken[-1] == "RuntimeError: broken"
    heading, *rows = done.stdout.splitlines()[: 1 + len(comparison.SCRIPTS)]
    assert heading.split() == " ".join(comparison.HEADINGS).split()
    assert [row.split()[0] for row in rows] == list(comparison.SCRIPTS)
    found = dict(zip(comparison.SCRIPTS, rows, strict=True))
    assert re.match(r"delta_sgd +missing ", found["delta_sgd"])
    assert re.fullmatch(r"delta_batch +- +- +[0-9.e-]+ +- +[0-9.]+ +ERROR", found.pop("delta_batch"))
    assert re.match(r"deep_relu +[0-9.]+e-1\d ", found["deep_relu"])
    assert {row.split()[-1] for row in found.values()} == {"FAIL"}  # none has converged after one epoch


def alone(monkeypatch, *options):
    """Run compare in this process, with one script and these options; its exit code."""
    monkeypatch.setattr(comparison, "SCRIPTS", {"delta_sgd": "delta_sgd"})
    monkeypatch.setattr(sys, "argv", ["compare.py", "--epochs", "5", *options])
    with pytest.raises(SystemExit) as ended:
        comparison.main(runs.SCRIPTS / "compare.py", "")
    return ended.value.code


def test_compare_hands_its_options_to_the_scripts(monkeypatch, capsys):
    assert alone(monkeypatch, "--json", "--seed", "7", "--dtype", "float32")
    (run,) = json.loads(capsys.readouterr().out)["scripts"]
    assert (run["seed"], run["epochs"], run["dtype"], run["device"]) == (7, 5, "float32", "cpu")


def test_compare_fails_where_a_gradient_is_wrong(monkeypatch, capsys):
    from deltarule import gradients

    monkeypatch.setitem(gradients.CHECKS, "delta_sgd", lambda seed: 1e-3)
    passing = {"verdict": "pass", "references": [], "octave": None, "converged": True}
    done = subprocess.CompletedProcess([], 0, json.dumps(passing | {"script": "delta_sgd"}), "")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    assert alone(monkeypatch) == 1
    assert re.search(r"delta_sgd .* 1\.0e-03 .* FAIL$", capsys.readouterr().out, re.MULTILINE)


def test_compare_goes_on_without_its_printed_functions_and_fails(tmp_path, monkeypatch, capsys):
    shutil.copytree(runs.SCRIPTS, tmp_path / "scripts")
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "textbook.toml").write_text("[[functions]]\nfunction = 3\n")
    monkeypatch.setattr(runs, "SCRIPTS", tmp_path / "scripts")
    assert alone(monkeypatch) == 1
    printed, said = capsys.readouterr()
    assert "functions (): 0 of 0 numbers as printed" in printed
    assert re.search(r"compare: .*textbook\.toml: an entry of \[\[functions\]\] has \['function'\]", said)


def test_a_page_without_its_errata_is_refused_before_anything_runs(tmp_path, monkeypatch, capsys):
    shutil.copytree(runs.SCRIPTS, tmp_path / "scripts")
    monkeypatch.setattr(runs, "SCRIPTS", tmp_path / "scripts")
    assert alone(monkeypatch, "--html", str(tmp_path / "page.html")) == 2
    assert re.search(r"compare\.py: .*errata\.toml: No such file", capsys.readouterr().err)


def test_a_printed_function_that_is_not_ours_is_refused(tmp_path):
    path = tmp_path / "textbook.toml"
    path.write_text('[[functions]]\nfunction = "gamma"\narguments = [1.0]\nprinted = ["1.0"]\nsource = "none"\n')
    with pytest.raises(references.ReferenceFileError, match=r"has \['gamma'\]; it takes"):
        comparison.printed_functions(path)


def test_the_page_says_where_the_convolutional_network_gave_no_result():
    assert "gave no result" in report._mnist([{"script": "mnist_conv", "verdict": "error"}])
