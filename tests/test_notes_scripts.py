"""The scripts of the from-scratch notes as a user meets them: tables, verdicts, options, figures, exit codes."""

import ast
import json
import re
import shutil
import subprocess
import sys

import pytest
import runs

from deltarule.evidence.from_scratch import RUNS, read_golden
from deltarule.evidence.notes import PRINTING, read_printed
from deltarule.programs.parts import NOTES

GOLDEN = runs.ROOT / "reference" / "golden"
BY_BOOK_CODE = {"gradient_check": 34, "optimizer_paths": 6, "activation_histograms": 39}  # results that are compared
OPTIONS = ("--seed", "--plot", "--linear", "--json", "--device", "--dtype", "--language")
UNTRAINED = [name for name, counted in NOTES.items() if counted is None]


def test_every_script_of_the_folder_is_in_the_table_of_the_parts():
    assert {path.stem for path in (runs.SCRIPTS / "from_scratch").glob("*.py")} == set(NOTES)


@pytest.mark.parametrize("name", NOTES)
def test_a_script_fits_one_screen_and_begins_with_its_title(name):
    text = runs.file(name).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 40
    title = ast.get_docstring(ast.parse(text)).partition("\n")[0]
    assert re.fullmatch(r"[A-Z].*\(chapters? [2-7]( and [2-7])?\)\.", title)


@pytest.mark.parametrize("name", UNTRAINED)
def test_a_script_that_trains_nothing_passes_and_says_so(name):
    code, printed = runs.text(name)
    assert code == 0
    assert printed.splitlines()[-1].split() == ["verdict", "pass"]
    assert "not the notes' run" not in printed


@pytest.mark.parametrize("name", UNTRAINED)
def test_json_holds_what_the_table_does(name):
    code, record = runs.record(name)
    assert (code, record["verdict"], record["script"], record["part"]) == (0, "pass", name, "from_scratch")
    known = read_printed(runs.ROOT / "reference" / "textbook.toml").get(name, [])
    assert [reference["quantity"] for reference in record["references"]] == [each.quantity for each in known]
    assert all(reference["judged"] and all(reference["matched"]) for reference in record["references"])
    assert bool(known) == (name in PRINTING)
    assert (record["book_code"] or {}).get("entries") == BY_BOOK_CODE.get(name)
    assert {
        "seed",
        "device",
        "dtype",
        "quantities",
        "references",
        "converged",
        "criterion",
        "seconds",
        "changed",
    } <= set(record)
    assert {"choices", "curves", "weights", "weights_sha256", "version", "environment"} <= set(record)
    assert record["seed"] == (1 if name in ("layer_examples", "gradient_check", "activation_histograms") else None)


def test_the_numbers_that_are_compared_with_the_book_code_are_all_that_its_files_have_but_one_erratum():
    paths = read_golden(GOLDEN / "from_scratch" / "h_paths.npz")
    assert len(paths) == BY_BOOK_CODE["optimizer_paths"] + 1  # the Korean repository's Nesterov, which is an erratum
    for part, name in (("i_gradient_check", "gradient_check"), ("j_activations", "activation_histograms")):
        assert len(read_golden(GOLDEN / "from_scratch" / f"{part}_seed1.npz")) == BY_BOOK_CODE[name]
        assert len(RUNS[part]) > 1


@pytest.mark.parametrize("name", ["gradient_check", "activation_histograms"])
def test_from_another_seed_of_the_books_code_it_passes_by_that_and_from_any_other_it_is_not_judged(name):
    code, printed = runs.text(name, "--seed", "2")
    assert code == 0
    assert "not the notes' run: seed 2 (default: 1)" in printed
    assert printed.splitlines()[-1].endswith("pass: as the book's code from this seed")
    code, printed = runs.text(name, "--seed", "5")
    assert code == 0
    assert "book's code" not in printed
    assert printed.splitlines()[-1].endswith("as it should be; not judged against the notes")


@pytest.mark.parametrize("name", UNTRAINED)
def test_float32_is_compared_but_not_judged(name):
    code, record = runs.record(name, "--dtype", "float32")
    assert (code, record["changed"]) == (0, {"dtype": {"here": "float32", "book": "float64"}})
    assert not any(reference["judged"] for reference in record["references"])


def test_a_seed_changes_nothing_where_nothing_is_drawn():
    assert runs.record("costs", "--seed", "7")[1]["changed"] == {}
    assert runs.text("costs", "--seed", "7")[1].splitlines()[1].startswith("no random numbers, ")


@pytest.mark.parametrize("name", NOTES)
def test_help_names_every_option(name):
    done = runs.start(name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    length = (f"--{NOTES[name]}",) if NOTES[name] else ()
    assert all(option in done.stdout for option in (*OPTIONS, *length))


@pytest.mark.parametrize(
    "options",
    [
        ("--seed", "-1"),
        ("--seed", "4294967296"),
        ("--seed", "1.5"),
        ("--seed", "default"),
        ("--seed",),
        ("--dtype", "float16"),
        ("--device", "tpu"),
        ("--language", "fr"),
        ("--plot", "figure.xyz"),
        ("--iterations", "3"),
        ("--hiden", "3"),
        ("--hidden", "0"),
        ("--mnist",),
        ("extra",),
    ],
    ids=" ".join,
)
def test_a_bad_option_gets_one_line_and_exit_2(options, tmp_path):
    done = runs.start("gradient_check", *options, cwd=tmp_path)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert options[-1] in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_the_sixty_thousand_is_named_in_one_line(tmp_path):
    done = runs.start("gradient_check", "--mnist", str(tmp_path / "none"))
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"gradient_check\.py: argument --mnist: .*none: there is no such folder\n", done.stderr)


@pytest.mark.parametrize("name", UNTRAINED)
def test_its_figure_is_written_whole(name, tmp_path):
    done = runs.start(name, "--plot", "figure.png", cwd=tmp_path)
    assert done.stderr == ""
    assert [path.name for path in tmp_path.iterdir()] == ["figure.png"]
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG\r")
    assert (tmp_path / "figure.png").stat().st_size > 15_000


# ---------------------------------------------------------------- the files it is held against


@pytest.fixture
def copied(tmp_path):
    """A script of the notes in a folder of scripts of its own, with references beside it; what runs it."""
    (tmp_path / "scripts" / "from_scratch").mkdir(parents=True)
    (tmp_path / "reference" / "golden" / "from_scratch").mkdir(parents=True)
    shutil.copy(runs.ROOT / "reference" / "textbook.toml", tmp_path / "reference")
    for file in ("h_paths.npz", "SHA256SUMS"):
        shutil.copy(GOLDEN / "from_scratch" / file, tmp_path / "reference" / "golden" / "from_scratch")

    def run(name, *options, cwd=None):
        copy = tmp_path / "scripts" / "from_scratch" / f"{name}.py"
        shutil.copy(runs.file(name), copy)
        return subprocess.run(
            [sys.executable, str(copy), *options], capture_output=True, text=True, check=False, cwd=cwd
        )

    return run


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "printed", "other"),
    [
        ("apples", "220.00000000000003", "220.00000000000006"),  # the next double
        ("costs", "2.302584092994546", "2.3025840929945462"),
        ("three_layers", '"0.69627909"', '"0.6962791"'),  # one of the last digit
        ("gates", '["1", "1", "1", "0"]', '["1", "1", "1", "1"]'),
        ("layer_examples", '["False", "True", "True", "False"]', '["False", "True", "True", "True"]'),
        ("layer_examples", '["90", "75"]', '["75", "90"]'),
        ("layer_examples", '["90", "75"]', '["90", "75", "1"]'),
    ],
)
def test_a_number_that_is_not_the_printed_one_fails_by_its_last_digit(name, printed, other, copied, tmp_path):
    assert copied(name).returncode == 0
    edit(tmp_path / "reference" / "textbook.toml", printed, other)
    done = copied(name)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[-1].split() == ["verdict", "FAIL"]


def test_damaged_references_end_it_in_one_line_before_anything_is_computed(copied, tmp_path):
    edit(tmp_path / "reference" / "textbook.toml", "[[from_scratch.gates]]", "[[from_scratch.gate]]")
    for name, code in (("apples", 2), ("optimizer_paths", 0)):  # of which nothing is printed
        done = copied(name)
        assert done.returncode == code
        assert len(done.stderr.splitlines()) == (code == 2)


def test_a_printed_quantity_that_the_script_has_not_is_said(copied, tmp_path):
    edit(tmp_path / "reference" / "textbook.toml", '"apples: dtax"', '"apples: dtex"')
    done = copied("apples")
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"apples\.py: .*textbook\.toml: apples has no quantity 'apples: dtex'\n", done.stderr)


@pytest.mark.parametrize("damage", ["missing", "edited"])
def test_without_the_book_codes_results_it_says_so_and_fails(damage, copied, tmp_path):
    file = tmp_path / "reference" / "golden" / "from_scratch" / "h_paths.npz"
    file.unlink() if damage == "missing" else file.write_bytes(file.read_bytes()[:-1])
    done = copied("optimizer_paths")
    assert done.returncode == 1
    assert re.search(r"optimizer_paths\.py: .*h_paths\.npz: (No such file|edited or damaged)", done.stderr)
    assert done.stdout.splitlines()[-1].split() == ["verdict", "FAIL"]
    assert json.loads(copied("optimizer_paths", "--json").stdout)["book_code"].keys() == {"error"}


def test_a_script_copied_elsewhere_is_held_against_the_references_of_the_package(copied, tmp_path):
    shutil.rmtree(tmp_path / "reference")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = copied("apples", cwd=elsewhere)
    assert (done.returncode, done.stderr) == (0, "")
    assert "10 of 10 numbers as the notes print them (notes, lines 1314, 1324, 1371-1372)" in done.stdout
