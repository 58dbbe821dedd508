"""The run of all scripts: what it is told, what happens when a script breaks or a reference is missing."""

import json
import re
import shutil
import subprocess
import sys

import pytest
import runs

from deltarule.basics.files import ReferenceFileError
from deltarule.evidence import gradients
from deltarule.listings.experiments import EXPERIMENTS
from deltarule.programs import compare, summary
from deltarule.programs.parts import NOTES


def test_a_page_in_a_missing_folder_is_refused_before_anything_runs(tmp_path):
    done = runs.start("compare", "--html", str(tmp_path / "no" / "page.html"))
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)


@pytest.mark.slow
def test_compare_goes_on_where_a_script_breaks_and_a_golden_file_is_missing_or_edited(tmp_path):
    for folder in ("scripts", "reference"):
        shutil.copytree(runs.ROOT / folder, tmp_path / folder)
    golden = tmp_path / "reference" / "golden"
    (golden / "delta_sgd_default.mat").unlink()
    edited = golden / "backprop_xor_default.mat"
    edited.write_bytes(edited.read_bytes()[:-1])
    (tmp_path / "scripts" / "delta_batch.py").write_text("raise RuntimeError('broken')\n")
    done = subprocess.run(
        [sys.executable, str(tmp_path / "scripts" / "compare.py"), *runs.SHORT],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    first, *broken, second = done.stderr.splitlines()
    assert re.search(r"^delta_sgd\.py: .*delta_sgd_default\.mat: No such file.*`python reference/regenerate", first)
    assert re.search(r"^backprop_xor\.py: .*edited or damaged.*`python reference/regenerate\.py`", second)
    assert broken[-1] == "RuntimeError: broken"
    heading, *rows = done.stdout.splitlines()[: 1 + len(EXPERIMENTS)]
    assert heading.split() == " ".join(summary.HEADINGS["listings"]).split()
    assert [row.split()[0] for row in rows] == list(EXPERIMENTS)
    found = dict(zip(EXPERIMENTS, rows, strict=True))
    assert re.match(r"delta_sgd +missing ", found["delta_sgd"])
    assert re.fullmatch(r"delta_batch +- +- +[0-9.e-]+ +- +[0-9.]+ +ERROR", found.pop("delta_batch"))
    assert re.match(r"deep_relu +[0-9.]+e-1\d ", found["deep_relu"])
    assert {row.split()[-1] for row in found.values()} == {"FAIL"}  # none has converged after one epoch


def alone(monkeypatch, *options, notes=()):
    """Run compare in this process, with one script of the book, some of the notes and these options; its exit code."""
    monkeypatch.setattr(compare, "EXPERIMENTS", {"delta_sgd": EXPERIMENTS["delta_sgd"]})
    monkeypatch.setattr(compare, "FOLDERS", {"from_scratch": {name: NOTES[name] for name in notes}})
    monkeypatch.setattr(sys, "argv", ["compare.py", "--epochs", "5", *options])
    return compare.main(runs.SCRIPTS / "compare.py", "")


def test_compare_hands_its_options_to_the_scripts(monkeypatch, capsys):
    assert alone(monkeypatch, "--json", "--seed", "7", "--dtype", "float32") == 1
    (run,) = json.loads(capsys.readouterr().out)["scripts"]
    assert (run["seed"], run["epochs"], run["dtype"], run["device"]) == (7, 5, "float32", "cpu")


PASSING = {"script": "delta_sgd", "verdict": "pass", "references": [], "octave": None, "converged": True}


@pytest.mark.parametrize(
    ("code", "printed", "error", "verdict"),
    [
        (0, PASSING, gradients.GRADIENT_TOLERANCE, "pass"),
        (0, PASSING, 1.001 * gradients.GRADIENT_TOLERANCE, "FAIL"),
        (1, PASSING | {"verdict": "fail"}, 0.0, "FAIL"),
        (2, PASSING, 0.0, "ERROR"),
        (-9, None, 0.0, "ERROR"),
        (0, None, 0.0, "ERROR"),
    ],
)
def test_compare_passes_where_its_script_does_and_its_gradient_is_right(
    code, printed, error, verdict, monkeypatch, capsys
):
    monkeypatch.setitem(gradients.CHECKS, "delta_sgd", lambda seed: error)
    done = subprocess.CompletedProcess([], code, json.dumps(printed) if printed else "", "")
    with monkeypatch.context() as replaced:
        replaced.setattr(compare.children, "run", lambda command: done)
        assert alone(monkeypatch) == (0 if verdict == "pass" else 1)
    assert re.search(rf"^delta_sgd .* {verdict}$", capsys.readouterr().out, re.MULTILINE)


def test_what_a_script_says_goes_to_stderr_as_it_is(monkeypatch, capsys):
    done = subprocess.CompletedProcess([], 3, "", "delta_sgd.py: something is wrong\n")
    with monkeypatch.context() as replaced:
        replaced.setattr(compare.children, "run", lambda command: done)
        assert alone(monkeypatch) == 1
    assert capsys.readouterr().err == "delta_sgd.py: something is wrong\n"


def test_compare_goes_on_without_its_printed_functions_and_fails(tmp_path, monkeypatch, capsys):
    shutil.copytree(runs.SCRIPTS, tmp_path / "scripts")
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "textbook.toml").write_text("[[functions]]\nfunction = 3\n")
    monkeypatch.setattr(runs, "SCRIPTS", tmp_path / "scripts")
    assert alone(monkeypatch) == 1
    printed, said = capsys.readouterr()
    assert "functions (): 0 of 0 numbers as printed" in printed
    assert re.search(r"compare\.py: .*textbook\.toml: an entry of \[\[functions\]\] must have", said)


def test_a_page_without_its_errata_is_refused_before_anything_runs(tmp_path, monkeypatch, capsys):
    shutil.copytree(runs.SCRIPTS, tmp_path / "scripts")
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "textbook.toml").write_bytes((runs.ROOT / "reference" / "textbook.toml").read_bytes())
    monkeypatch.setattr(runs, "SCRIPTS", tmp_path / "scripts")
    with pytest.raises(SystemExit, match="2"):
        alone(monkeypatch, "--html", str(tmp_path / "page.html"))
    assert re.search(r"compare\.py: .*errata\.toml: No such file", capsys.readouterr().err)


def test_a_printed_function_that_is_not_ours_is_refused(tmp_path):
    path = tmp_path / "textbook.toml"
    path.write_text('[[functions]]\nfunction = "gamma"\narguments = [[1.0]]\nprinted = ["1.0"]\nsource = "none"\n')
    with pytest.raises(ReferenceFileError, match=r"must be of .*'sigmoid'\], not \['gamma'\]"):
        compare.printed_functions(path)


# ---------------------------------------------------------------- the second part, of the from-scratch notes


def test_the_scripts_of_the_notes_are_run_behind_those_of_the_book_and_have_a_table_of_their_own(monkeypatch, capsys):
    assert alone(monkeypatch, notes=("costs", "apples")) == 1
    first, _, second = capsys.readouterr().out.split("\n\n")
    assert [line.split()[0] for line in first.splitlines()] == ["script", "delta_sgd"]
    head, *rows = second.splitlines()
    assert head.split() == " ".join(summary.HEADINGS["from_scratch"]).split()
    assert re.fullmatch(r"costs +- +4 of 4 +yes +[0-9.]+ +pass", rows[0])
    assert re.fullmatch(r"apples +- +10 of 10 +- +[0-9.]+ +pass", rows[1])


def test_progress_counts_the_scripts_of_both_parts(monkeypatch):
    shown = []
    monkeypatch.setattr(compare, "status", lambda text="": shown.append(text))
    done = subprocess.CompletedProcess([], 2, "", "")
    monkeypatch.setattr(compare.children, "run", lambda command: done)
    alone(monkeypatch, notes=("costs", "apples"))
    assert shown[::2] == ["delta_sgd (1 of 3)", "costs (2 of 3)", "apples (3 of 3)"]


@pytest.mark.parametrize(
    ("counted", "options", "given"),
    [
        (None, [], []),
        (None, ["--seed", "7", "--epochs", "3", "--iterations", "2"], ["--seed", "7"]),
        (None, ["--seed", "default", "--generator", "v4"], []),  # which NumPy's stream has not
        ("iterations", ["--epochs", "3", "--iterations", "2"], ["--iterations", "2"]),
        ("epochs", ["--epochs", "3", "--iterations", "2"], ["--epochs", "3"]),
        ("epochs", ["--seed", "0"], ["--seed", "0"]),
    ],
)
def test_a_script_of_the_notes_gets_the_options_that_it_has(counted, options, given, monkeypatch):
    monkeypatch.setattr(compare, "FOLDERS", {"from_scratch": {"two_layers": counted}})
    monkeypatch.setattr(sys, "argv", ["compare.py", *options])
    read, _ = compare.read_options(runs.SCRIPTS / "compare.py", "")
    _python, file, json_option, *asked = compare.command(runs.SCRIPTS, "two_layers", read)
    assert (file, json_option) == (str(runs.SCRIPTS / "from_scratch" / "two_layers.py"), "--json")
    assert asked == ["--device", "cpu", "--dtype", "float64", *given]


PASSED = {"script": "costs", "part": "from_scratch", "verdict": "pass", "references": [], "book_code": None}


@pytest.mark.parametrize(
    ("code", "more", "row", "verdict"),
    [
        (0, {"converged": None}, r"costs +- +- +- ", "pass"),
        (0, {"converged": True, "book_code": {"deviation": 2e-15}}, r"costs +2.0e-15 +- +yes ", "pass"),
        (1, {"converged": False, "verdict": "fail"}, r"costs +- +- +no ", "FAIL"),
        (1, {"converged": True, "book_code": {"error": "gone"}, "verdict": "fail"}, r"costs +missing +- +yes ", "FAIL"),
        (2, {}, r"costs +- +- +- ", "ERROR"),
        (-11, {}, r"costs +- +- +- ", "ERROR"),
    ],
)
def test_compare_passes_where_a_script_of_the_notes_does(code, more, row, verdict, monkeypatch, capsys):
    monkeypatch.setattr(compare, "EXPERIMENTS", {})
    monkeypatch.setattr(compare, "FOLDERS", {"from_scratch": {"costs": None}})
    monkeypatch.setattr(sys, "argv", ["compare.py"])
    done = subprocess.CompletedProcess([], code, json.dumps(PASSED | more) if code in (0, 1) else "", "")
    with monkeypatch.context() as replaced:
        replaced.setattr(compare.children, "run", lambda command: done)
        assert compare.main(runs.SCRIPTS / "compare.py", "") == (0 if verdict == "pass" else 1)
    assert re.search(rf"^{row}.* {verdict}$", capsys.readouterr().out, re.MULTILINE)
