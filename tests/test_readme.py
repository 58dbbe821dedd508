"""The pages: what a command prints stands there, links lead somewhere, and the scripts print what the pages show."""

import ast
import doctest
import inspect
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
import readme
import runs
from closeness import assert_within

import deltarule
from deltarule import backprop_xor, data, matlab, models, study
from deltarule.evidence.errata import DOCUMENTS
from deltarule.listings import multi_layer
from deltarule.listings.experiments import EXPERIMENTS
from deltarule.programs import drift


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_script_converges_and_says_so(name):
    code, printed = runs.text(name)
    assert printed.splitlines()[-1] == "verdict    pass"
    assert "converged  yes" in printed
    assert code == 0


SHOWN = [
    pytest.param(path, block, id=" ".join((path.name, *block)))
    for path in readme.PAGES
    for block in readme.blocks(path.read_text(encoding="utf-8"))
    if block != ("compare",)  # which test_all_scripts.py runs
]


@pytest.mark.slow
@pytest.mark.parametrize(("path", "block"), SHOWN)
def test_a_page_shows_what_its_command_prints(path, block):
    shown = readme.blocks(path.read_text(encoding="utf-8"))[block]
    printed = readme.printed(path, block)
    assert readme.without_times_and_rounding(shown) == readme.without_times_and_rounding(printed)


def test_every_script_of_the_book_is_shown_in_the_page_of_its_chapter():
    shown = {
        name: path.stem
        for path in readme.PAGES
        if path.stem.startswith("chapter-")
        for name, *options in readme.blocks(path.read_text(encoding="utf-8"))
        if not options
    }
    assert shown.keys() == EXPERIMENTS.keys()
    for name, page in shown.items():
        title = (runs.SCRIPTS / f"{name}.py").read_text(encoding="utf-8").partition("\n")[0]
        assert f"(chapter {page[-1]}" in title


def test_times_and_rounding_alone_are_left_out_of_the_comparison():
    printed = "seed 1, 3 epochs, 2.13 s\ndelta_sgd  5.8e-18  0.28     pass\n"
    slower = "seed 1, 3 epochs, 12.40 s\ndelta_sgd  5.9e-18  1.28     pass\n"
    assert readme.without_times_and_rounding(printed) == readme.without_times_and_rounding(slower)
    wrong = printed.replace("3 epochs", "4 epochs")
    assert readme.without_times_and_rounding(printed) != readme.without_times_and_rounding(wrong)
    assert readme.without_times_and_rounding("0 0 1  0  0.0102") != readme.without_times_and_rounding(
        "0 0 1  0  0.0103"
    )


CHOICES = ("epochs", "alpha", "beta", "ratio", "hidden", "batch size", "seed")


def choices(page):
    """By script, what the table of a chapter's page says that the book chose."""
    lines = [line for line in page.splitlines() if line.startswith("|")]
    names = [cell.strip() for cell in lines[0].split("|")[3:-1]]
    rows = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in lines[2:]]
    return {name: dict(zip(names, values, strict=True)) for name, _, *values in rows}


@pytest.mark.parametrize("number", [2, 3, 4, 5, 6])
def test_a_chapters_page_has_the_books_choices(number):
    table = choices((runs.ROOT / "docs" / f"chapter-{number}.md").read_text(encoding="utf-8"))
    for name, told in table.items():
        source = (runs.SCRIPTS / f"{name}.py").read_text(encoding="utf-8")
        (call,) = (node for node in ast.walk(ast.parse(source)) if is_start(node))
        given = {key.arg.replace("_", " "): str(ast.literal_eval(key.value)) for key in call.keywords}
        taken = {"seed": "default", **{name: value for name, value in given.items() if name in CHOICES}}
        assert {name: value for name, value in told.items() if value != "-"} == taken


def is_start(node):
    return isinstance(node, ast.Call) and getattr(node.func, "id", None) == "start"


@pytest.mark.parametrize("path", readme.FILES, ids=lambda path: path.name)
def test_readme_has_at_most_200_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 200


def test_the_two_readmes_have_the_same_parts_links_and_code():
    english, korean = (path.read_text(encoding="utf-8") for path in readme.FILES)
    assert [len(re.match("#+", h)[0]) for h in re.findall("^#+ .*", readme.without_code(english), re.MULTILINE)] == [
        len(re.match("#+", h)[0]) for h in re.findall("^#+ .*", readme.without_code(korean), re.MULTILINE)
    ]
    for language in ("sh", "matlab"):
        assert readme.code(english, language) == readme.code(korean, language)
    assert readme.blocks(english).keys() == readme.blocks(korean).keys()
    assert set(readme.links(english)) - {"README.ko.md"} == set(readme.links(korean)) - {"README.md"}


def test_the_korean_readme_has_one_word_for_convolution():
    korean = readme.FILES[1].read_text(encoding="utf-8")
    assert "합성곱" in korean
    assert not re.search("컨벌루션|컨볼루션|콘볼루션", korean)


@pytest.mark.parametrize("path", readme.PAGES, ids=lambda path: path.name)
def test_links_and_anchors_of_a_page_lead_somewhere(path):
    assert readme.broken(path) == []


def test_a_link_to_no_file_or_no_heading_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "ROOT", tmp_path)
    (tmp_path / "other.md").write_text("# How we know, briefly\n\n```sh\n# no heading\n```\n", encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text(
        "[a](other.md#how-we-know-briefly) [b](other.md#no-heading) [c](none.md) ![d](none.png) [e](#here) "
        "[f](https://example.org) `g[k](0)` [`h`](gone.md)\n\n## Here\n",
        encoding="utf-8",
    )
    assert readme.broken(page) == ["other.md#no-heading", "none.md", "none.png", "gone.md"]


ELSEWHERE = {
    "study.md",  # its program needs a Dask scheduler; tests/test_study.py runs one
    "matlab-and-back.md",  # tests/test_matlab_and_back.py runs all of it, in its order
}


@pytest.mark.parametrize("path", [p for p in readme.PAGES if p.name not in ELSEWHERE], ids=lambda path: path.name)
def test_python_in_a_page_runs_and_prints_what_it_shows(path):
    names = {"__name__": path.stem}
    exec("from deltarule.basics.arrays import T\nfrom deltarule import sigmoid", names)  # what README's listing uses
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner()
    for block in readme.code(path.read_text(encoding="utf-8"), "python"):
        if ">>>" in block:
            test = parser.get_doctest(block, names, path.name, path.name, 0)
            assert runner.run(test, clear_globs=False).failed == 0
            names.update(test.globs)
        else:
            exec(compile(block, path.name, "exec"), names)


@pytest.mark.parametrize("path", readme.FILES, ids=lambda path: path.name)
def test_the_program_in_the_readme_prints_the_known_outputs(path, capsys):
    exec(compile(readme.code(path.read_text(encoding="utf-8"), "python")[1], path.name, "exec"), {})
    printed = capsys.readouterr().out.translate(str.maketrans("[]", "  ")).split()
    assert list(map(float, printed)) == [0.0053, 0.9890, 0.9882, 0.0142]


@pytest.mark.parametrize("path", readme.FILES, ids=lambda path: path.name)
def test_the_python_listing_in_the_readme_is_the_one_that_runs(path):
    shown = ast.parse(readme.code(path.read_text(encoding="utf-8"), "python")[0]).body[0]
    (there,) = (node for node in ast.parse(inspect.getsource(multi_layer)).body if name_of(node) == "backprop_changes")
    assert ast.unparse(ast.Module(shown.body, [])) == ast.unparse(ast.Module(there.body[1:], []))  # but its docstring
    assert ast.unparse(shown.args) == ast.unparse(there.args)


def name_of(node):
    return getattr(node, "name", None)


@pytest.mark.skipif(shutil.which("octave-cli") is None, reason="needs GNU Octave")
@pytest.mark.parametrize("path", readme.FILES, ids=lambda path: path.name)
def test_the_matlab_listing_in_the_readme_gives_the_weights_of_backprop_xor(path, tmp_path):
    (listing,) = readme.code(path.read_text(encoding="utf-8"), "matlab")
    (tmp_path / "backprop_epoch.m").write_text(listing, encoding="utf-8")
    X, D = data.xor()
    rng = matlab.rng(1)
    W1, W2 = 2 * rng.rand(4, 3) - 1, 2 * rng.rand(1, 4) - 1
    matlab.save(tmp_path / "start", {"W1": W1, "W2": W2, "X": X, "D": D})
    program = "load start.mat; [W1, W2] = backprop_epoch(W1, W2, X, D); save('-v7', 'end.mat', 'W1', 'W2');"
    command = ["octave-cli", "--no-gui", "--no-init-file", "--quiet", "--eval", program]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    end = matlab.load(tmp_path / "end")
    for W, theirs in zip(backprop_xor(W1, W2, X, D), (end["W1"], end["W2"]), strict=True):
        assert_within(W, theirs, absolute=1e-14, relative=0)


@pytest.mark.parametrize("path", readme.FILES, ids=lambda path: path.name)
def test_ci_runs_the_test_command_of_the_readme(path):
    commands = readme.code(path.read_text(encoding="utf-8"), "sh")
    assert len(commands) == 2  # compare, test
    assert commands[1] in (runs.ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "scripts/compare.py" in commands[0]
    assert all("--editable" in command for command in commands)


@pytest.mark.parametrize("path", readme.PAGES, ids=lambda path: path.name)
def test_every_installation_in_a_page_is_editable(path):
    commands = "".join(readme.code(path.read_text(encoding="utf-8"), "sh"))
    installs = re.findall(r"pip install [^\n&]*", commands)
    assert [line for line in installs if "--editable" not in line] == []


TEACHER = runs.ROOT / "docs" / "teacher.md"
LESSONS = re.findall(
    r"^\| `(\w+)` \| (\d) \| [\d.]+ \| (?:nothing|`(.*?)`) \| (.*?) \| (.*?) \|$",
    TEACHER.read_text(encoding="utf-8"),
    re.MULTILINE,
)


def test_every_line_of_the_teachers_table_is_tried():
    table = TEACHER.read_text(encoding="utf-8").partition("## Exercises")[0]
    assert len(LESSONS) == sum(line.startswith("| `") for line in table.splitlines()) > 20


@pytest.mark.slow
@pytest.mark.parametrize(("name", "chapter", "options", "seen", "verdict"), LESSONS, ids=lambda text: text[:30])
def test_a_lesson_ends_as_the_teachers_page_says(name, chapter, options, seen, verdict):
    printed = runs.text(name, *options.split())[1]
    assert f"(chapter {chapter}" in printed.splitlines()[0]
    assert printed.splitlines()[-1] == f"verdict    {verdict}"
    assert [number for number in re.findall(r"\d\.\d{4}", seen) if number not in printed] == []


def test_the_checks_of_the_teachers_exercises_tell_right_from_wrong():
    names = {}
    for block in readme.code(TEACHER.read_text(encoding="utf-8"), "python"):
        exec(compile(block, TEACHER.name, "exec"), names)
    right, changes = names["my_delta_sgd"], names["my_changes"]
    assert names["check"](right)
    assert not names["check"](lambda W, X, D: right(W, X[::-1], D[::-1]))
    assert names["check_gradient"](changes)
    assert not names["check_gradient"](lambda W1, W2, x, d: [dW * (1 + 1e-5) for dW in changes(W1, W2, x, d)])


def test_both_services_run_the_commands_of_the_gate():
    page = (runs.ROOT / "docs" / "gate.md").read_text(encoding="utf-8")
    yaml = pytest.importorskip("yaml")  # Dask brings it
    write, against = readme.code(page, "sh")[0].splitlines()
    both = f"{write} {against.partition('compare.py ')[2].replace('run.json', 'baseline.json')}"
    github, gitlab = map(yaml.safe_load, readme.code(page, "yaml"))
    steps = github["jobs"]["compare"]["steps"]
    commands = {step["run"]: step.get("if", "") for step in steps if "run" in step}
    assert commands[write] == "${{ hashFiles('baseline.json') == '' }}"
    assert commands[both] == "${{ hashFiles('baseline.json') != '' }}"
    assert gitlab["compare"]["script"][1:] == [
        f"if [ ! -f baseline.json ]; then {write}; fi",
        f"if [ -f baseline.json ]; then {both}; fi",
    ]


def test_the_gates_report_is_that_of_compare():
    names = {}
    (block,) = readme.code((runs.ROOT / "docs" / "gate.md").read_text(encoding="utf-8"), "python")
    exec(compile(block, "gate.md", "exec"), names)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "run.json"
        result = {"scripts": [], "environment": {"python": "3.11"}}
        file.write_text(json.dumps(result), encoding="utf-8")
        assert names["report"](file, file) == drift.drift_text(result, result)


def test_sources_has_a_row_for_every_document_of_the_errata():
    page = (runs.ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    for name in DOCUMENTS.values():
        assert f"| {name[0].lower()}{name[1:]} |" in page


@pytest.mark.parametrize(
    ("page", "module"),
    [("listings", deltarule), ("matlab", matlab), ("data", data), ("study", study), ("models", models)],
)
def test_every_public_name_has_its_place_in_the_reference(page, module):
    text = (runs.ROOT / "docs" / f"api-{page}.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\.\. auto\w+:: (\w+)$", text, re.MULTILINE)
    public = {name: getattr(module, name) for name in module.__all__}
    own = {name for name, thing in public.items() if getattr(thing, "__name__", name) == name}  # no second names
    assert len(listed) == len(set(listed))
    assert set(listed) == own
