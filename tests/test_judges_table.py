"""The verdict on the run of all scripts, and what its table says: in pairs, and word by word."""

import argparse
import json
import math
import subprocess
import sys

import pytest
import runs

from deltarule.evidence.gradients import GRADIENT_TOLERANCE
from deltarule.programs import compare, figures, summary


def copied(text):
    """The same text as another object, as JSON gives it."""
    return "".join(list(text))


def read(monkeypatch, *options, program="compare.py"):
    """The options as compare reads them, and the earlier run."""
    monkeypatch.setattr(sys, "argv", [program, *options])
    return compare.read_options(runs.SCRIPTS / "compare.py", "")


def refused(monkeypatch, capsys, *options):
    """What is said of options that end the program."""
    with pytest.raises(SystemExit, match=r"^2$"):
        read(monkeypatch, *options)
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "value"), [("0", 0), ("0.5", 0.5), ("1e-300", 1e-300), ("1", 1), ("2", 2), ("1e300", 1e300)]
)
def test_a_tolerance_is_any_finite_number_from_0_on(text, value):
    assert compare.tolerance(text) == value


@pytest.mark.parametrize("text", ["-1e-300", "-0.5", "-1", "-2", "inf", "-inf", "nan", "x", "", "1,5", "1e999"])
def test_a_tolerance_of_anything_else_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match=rf"^tolerance must be a number from 0 on, not '{text}'$"):
        compare.tolerance(text)


def test_a_tolerance_needs_an_earlier_run_and_is_taken_with_one(monkeypatch, capsys):
    monkeypatch.setattr(compare.earlier, "read", lambda path, seed: {"path": path.name, "seed": seed})
    said = refused(monkeypatch, capsys, "--tolerance", "0")
    assert said == "compare.py: argument --tolerance: name the earlier run with --against\n"
    options, before = read(monkeypatch, "--tolerance", "0", "--against", "run.json", "--seed", "7")
    assert (options.tolerance, before) == (0, {"path": "run.json", "seed": 7})
    assert read(monkeypatch, "--against", "run.json")[0].tolerance is None
    assert read(monkeypatch)[1] is None


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (FileNotFoundError(2, "No such file or directory"), "run.json: No such file or directory"),
        (PermissionError(13, "Permission denied"), "run.json: Permission denied"),
        (ValueError("it is \x1b[1m none"), "run.json cannot be used: it is \N{REPLACEMENT CHARACTER}[1m none"),
        (RecursionError("too deep"), "run.json cannot be used: too deep"),
    ],
)
def test_an_earlier_run_that_cannot_be_read_is_refused_before_anything_runs(error, said, monkeypatch, capsys):
    def raise_it(path, seed):
        raise error

    monkeypatch.setattr(compare.earlier, "read", raise_it)
    assert refused(monkeypatch, capsys, "--against", "run.json") == f"compare.py: argument --against: {said}\n"


def test_a_page_needs_both_of_its_references_and_is_taken_with_them(monkeypatch, capsys, tmp_path):
    page = str(tmp_path / "page.html")
    assert read(monkeypatch, "--html", page)[0].html == tmp_path / "page.html"
    for name in ("errata", "textbook"):
        with monkeypatch.context() as replaced:
            replaced.setattr(compare, "reference_folder", lambda file: tmp_path)
            said = refused(monkeypatch, capsys, "--html", page)
        assert said.startswith(f"compare.py: {tmp_path / name}.toml: No such file")
        (tmp_path / f"{name}.toml").write_bytes((runs.ROOT / "reference" / f"{name}.toml").read_bytes())


@pytest.mark.parametrize(("options", "first"), [(("--language=ko", "--help"), "사용법:"), (("--help",), "usage:")])
def test_the_help_is_in_the_language_that_is_asked_for(options, first, monkeypatch, capsys):
    with pytest.raises(SystemExit, match=r"^0$"):
        read(monkeypatch, *options, program="--language=ko" if first == "usage:" else "compare.py")
    assert capsys.readouterr().out.split()[0] == first


RESULT = {"scripts": [], "functions": [], "environment": {}, "deltarule": {}}


@pytest.mark.parametrize(
    ("before", "names"),
    [(None, None), ({"whole": True, "scripts": [{"script": "delta_xor"}]}, None),
     ({"whole": False, "scripts": [{"script": "rnn_xor"}, {"script": "delta_xor"}, {"script": "gone"}]},
      ["delta_xor", "rnn_xor"])],
)  # fmt: skip
def test_beside_a_run_of_some_scripts_these_are_run_and_beside_a_whole_one_all(before, names, monkeypatch, capsys):
    known = [*compare.EXPERIMENTS, *(name for scripts in compare.FOLDERS.values() for name in scripts)]
    ran = []
    monkeypatch.setattr(compare, "run", lambda folder, name, options, which: ran.append((name, which)) or {})
    monkeypatch.setattr(
        compare, "read_options", lambda file, doc: (argparse.Namespace(device="cpu", tolerance=2), before)
    )
    monkeypatch.setattr(compare, "function_records", lambda path: [path.name])
    monkeypatch.setattr(compare.drift, "report", lambda result, earlier, tolerance: ("drift", earlier, tolerance))
    monkeypatch.setattr(compare.summary, "passed", lambda result: result["functions"] == ["textbook.toml"])
    handed = []
    monkeypatch.setattr(compare, "deliver", lambda *given: handed.append(given))
    assert compare.main(runs.SCRIPTS / "compare.py", "") == 0
    wanted = names or known
    assert ran == [(name, f"{k} of {len(wanted)}") for k, name in enumerate(wanted, 1)]
    ((result, earlier, _, reference),) = handed
    assert (earlier, reference) == (before, runs.ROOT / "reference")
    assert result.get("drift") == (("drift", before, 2) if before else None)
    monkeypatch.setattr(compare.summary, "passed", lambda result: False)
    assert compare.main(runs.SCRIPTS / "compare.py", "") == 1
    capsys.readouterr()


def delivered(monkeypatch, capsys, before=None, **options):
    """What is printed of RESULT, and what is drawn."""
    given = dict.fromkeys(("json", "output", "plot", "html", "tolerance"))
    given = argparse.Namespace(**{**given, "language": "en", "linear": False, **options})
    drawn = []
    monkeypatch.setattr(compare.drift, "drift_text", lambda result, earlier, tolerance: f"drift from {earlier}")
    monkeypatch.setattr(figures, "all_curves", lambda title, curves, linear: (title, curves, linear))
    monkeypatch.setattr(figures, "show_or_save", lambda figure, file: drawn.append((figure, file)))
    curves = {"script": "a", "verdict": "fail", "measured": "cost", "curves": {"seed 1": [2, 1]}, "seconds": 1.0,
              "gradient_error": 0.5}  # fmt: skip
    result = {**RESULT, "scripts": [curves, {**curves, "script": "b", "curves": {}, "unit": "iteration"},
                                    {**curves, "script": "c", "unit": "iteration"}]}  # fmt: skip
    compare.deliver(result, before, given, runs.ROOT / "reference")
    return capsys.readouterr().out, drawn, result


def test_the_drift_is_told_below_the_table_and_not_below_json(monkeypatch, capsys, tmp_path):
    table, drawn, result = delivered(monkeypatch, capsys)
    assert table.split()[0] == "script"
    assert "drift" not in table
    assert drawn == []
    assert delivered(monkeypatch, capsys, before="it")[0] == f"{table}\ndrift from it\n"
    for before in (None, "it"):
        file = tmp_path / f"{before}.json"
        printed = delivered(monkeypatch, capsys, before=before, json=True, output=file)[0]
        assert json.loads(printed) == json.loads(file.read_text(encoding="utf-8")) == result


@pytest.mark.parametrize("file", ["", "curves.png"])
def test_the_curves_of_the_scripts_that_have_some_are_drawn_where_a_figure_is_asked_for(file, monkeypatch, capsys):
    for linear in (False, True):
        _, ((figure, where),), _ = delivered(monkeypatch, capsys, plot=file, linear=linear)
        curves = {"a": ("cost", {"seed 1": [2, 1]}, "epoch"), "c": ("cost", {"seed 1": [2, 1]}, "iteration")}
        assert (figure, where) == (("The curves of the scripts", curves, linear), file)


@pytest.mark.parametrize("name", ["backprop_ce", "delta_sgd", "mnist_conv"])
def test_a_gradient_is_missed_beyond_its_tolerance_and_where_it_is_no_number(name):
    for error, missed in ((0.0, False), (0.5 * GRADIENT_TOLERANCE, False), (float(str(GRADIENT_TOLERANCE)), False),
                          (1.001 * GRADIENT_TOLERANCE, True), (math.inf, True), (math.nan, True)):  # fmt: skip
        assert compare.gradient_missed(name, error) is missed
        assert compare.gradient_missed(copied("deep_dropout"), error) is False


@pytest.mark.parametrize(
    ("name", "part", "gradient", "verdict"),
    [
        ("delta_sgd", "listings", 0.5, "fail"),
        ("apples", "from_scratch", None, "pass"),
        ("rnn_xor", "networks", None, "pass"),
    ],
)
def test_the_slope_of_a_listing_is_judged_and_each_script_is_timed(name, part, gradient, verdict, monkeypatch):
    clock = iter((1.5, 4.75))
    printed = json.dumps({"script": "x", "verdict": "pass", "seconds": 7, "part": "y", "n": 1})
    options = read(monkeypatch)[0]
    with monkeypatch.context() as replaced:
        replaced.setattr(compare.time, "perf_counter", lambda: next(clock))
        replaced.setattr(compare.gradients, "experiment_error", lambda experiment: 0.5)
        replaced.setattr(compare.children, "run", lambda command: subprocess.CompletedProcess([], 0, printed, ""))
        found = compare.run(runs.SCRIPTS, name, options, "1 of 1")
    wanted = {"script": name, "part": part, "seconds": 3.25, "verdict": verdict, "n": 1}
    assert found == {**wanted, **({} if gradient is None else {"gradient_error": gradient})}


RECORD = {"script": "a", "verdict": "pass", "converged": True, "seconds": 1.256, "references": []}
MATCHED = [{"judged": True, "matched": [True, False]}, {"judged": False, "matched": [True]},
           {"judged": True, "matched": [True]}]  # fmt: skip


@pytest.mark.parametrize(
    ("record", "row"),
    [
        ({"gradient_error": 2.34e-11}, ["a", "-", "-", "2.3e-11", "yes", "1.26", "pass"]),
        (
            {"gradient_error": 0.5, "part": "listings", "octave": {"deviation": 1.26e-15}, "references": MATCHED,
             "torch": {"deviation": 1}},
            ["a", "1.3e-15", "2 of 3", "5.0e-01", "yes", "1.26", "pass"],
        ),
        (
            {"gradient_error": 0.5, "octave": {"error": "gone"}, "converged": False, "verdict": "fail"},
            ["a", "missing", "-", "5.0e-01", "no", "1.26", "FAIL"],
        ),
        (
            {"part": "from_scratch", "book_code": {"deviation": 1e-15}, "octave": {"deviation": 1}},
            ["a", "1.0e-15", "-", "yes", "1.26", "pass"],
        ),
        (
            {"part": "networks", "torch": {"deviation": 2e-15}, "book_code": {"deviation": 1}, "converged": None,
             "verdict": "error"},
            ["a", "2.0e-15", "-", "-", "1.26", "ERROR"],
        ),
        ({"part": "networks", "verdict": "skipped"}, ["a", "-", "-", "yes", "1.26", "SKIPPED"]),
    ],
)  # fmt: skip
def test_a_script_is_a_row_of_the_table_of_its_part(record, row):
    record = {**RECORD, **record}
    if "part" in record:
        record["part"] = copied(record["part"])
    assert summary.row(record) == row
    assert len(row) == len(summary.HEADINGS[record.get("part", "listings")])


def test_the_parts_that_were_run_have_a_table_each_in_their_order():
    listing = {**RECORD, "gradient_error": 0.5}
    notes, network = ({**RECORD, "part": copied(part), "script": part} for part in ("from_scratch", "networks"))
    functions = [{"function": "f", "matched": [True, False]}, {"function": "f", "matched": [True]}, {"error": "x"}]
    line = "functions (f): 2 of 3 numbers as printed"

    def heads(*records):
        text = summary.text({**RESULT, "scripts": list(records), "functions": functions})
        blocks = text.split("\n\n")
        return [" ".join(line.split("  ")[0] for line in block.splitlines()) for block in blocks], text

    both = f"{line} {summary.LISTED_SLOPE}"
    assert heads(network, listing, notes)[0] == ["script a", both, "script from_scratch", "script networks"]
    assert heads(notes)[0] == ["script from_scratch"]
    assert heads(network)[0] == ["script networks"]
    assert heads(listing)[0] == ["script a", both]
    none, text = heads()
    assert none == ["script", both]
    assert text.splitlines()[0].split() == " ".join(summary.HEADINGS["listings"]).split()


FUNCTIONS = [{"function": "f", "matched": [True, True]}]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ({}, True),
        ({"scripts": []}, True),
        ({"functions": []}, True),
        ({"drift": {"passed": True}}, True),
        ({"drift": {"passed": False}}, False),
        ({"functions": [*FUNCTIONS, {"function": "g", "matched": [False, True]}]}, False),
        ({"functions": [{"function": "g", "matched": []}, *FUNCTIONS]}, False),
        ({"functions": [{"error": "gone"}]}, False),
        *[
            ({"scripts": [RECORD, {**RECORD, "verdict": verdict}]}, False)
            for verdict in ("fail", "error", "skipped", "")
        ],
    ],
)
def test_all_passes_where_every_script_every_function_and_the_drift_does(wrong, right):
    assert (
        summary.passed({"scripts": [RECORD, {**RECORD, "verdict": copied("pass")}], "functions": FUNCTIONS, **wrong})
        is right
    )
