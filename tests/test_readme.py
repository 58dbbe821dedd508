"""Full runs of the scripts: they converge, meet every reference, and print what the READMEs show."""

import doctest
import functools
import json
import os
import re
import tempfile
from pathlib import Path

import numpy as np
import pytest
import readme
import runs
from scipy.stats import binomtest

from deltarule.listings.experiments import EXPERIMENTS
from deltarule.programs import summary


@functools.cache
def compared():
    """What compare prints as JSON, its page and its figure."""
    with tempfile.TemporaryDirectory() as folder:
        done = runs.start("compare", "--json", "--plot", "curves.png", "--html", "page.html", cwd=folder)
        assert (done.returncode, done.stderr) == (0, "")
        assert sorted(os.listdir(folder)) == ["curves.png", "page.html"]
        return (
            json.loads(done.stdout),
            (Path(folder) / "page.html").read_text(encoding="utf-8"),
            (Path(folder) / "curves.png").read_bytes(),
        )


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_script_converges_and_says_so(name):
    code, printed = runs.text(name)
    assert printed.splitlines()[-1] == "verdict    pass"
    assert "converged  yes" in printed
    assert code == 0


@pytest.mark.slow
def test_compare_passes_with_every_known_number():
    records = compared()[0]["scripts"]
    assert [run["verdict"] for run in records] == ["pass"] * len(EXPERIMENTS)
    judged = [r for run in records for r in run["references"] if r["judged"]]
    assert all(all(reference["matched"]) for reference in judged)
    assert sum(len(reference["matched"]) for reference in judged) == 23


def outputs(name):
    (run,) = (run for run in compared()[0]["scripts"] if run["script"] == name)
    return np.array(run["outputs"]["output"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("delta_sgd", "0.0102 0.0083 0.9932 0.9917"),  # book, chapter 2
        ("delta_batch", "0.0102 0.0083 0.9932 0.9917"),
        ("delta_xor", "0.5297 0.5000 0.4703 0.4409"),  # book, chapter 2
        ("backprop_xor", "0.0053 0.9890 0.9882 0.0142"),  # MATLAB's stream, rng default
    ],
)
def test_script_prints_the_known_outputs(name, printed):
    assert " ".join(f"{y:.4f}" for y in outputs(name)[:, 0]) == printed


@pytest.mark.slow
def test_real_multi_class_takes_the_first_image_for_4_and_the_fourth_for_5_or_3():
    y = outputs("real_multi_class")
    # book, chapter 4, from rng(3): 96.66 %, 99.36 %, 97.62 %, 47.12 % and 32.08 %, 98.18 %
    found = [f"{y[k, c]:.4f}" for k, c in ((0, 3), (1, 1), (2, 2), (3, 4), (3, 2), (4, 4))]
    assert found == ["0.9666", "0.9936", "0.9762", "0.4712", "0.3208", "0.9818"]


@pytest.mark.slow
def test_mnist_conv_reaches_an_accuracy_of_exactly_0_9350():
    (run,) = (run for run in compared()[0]["scripts"] if run["script"] == "mnist_conv")
    assert run["accuracy"] == 0.9350


@pytest.mark.slow
def test_page_and_figure_of_compare_are_whole_and_need_no_network():
    _, page, figure = compared()
    assert page.startswith("<!DOCTYPE html>")
    assert page.endswith("</html>\n")
    assert not re.search(r"https?://|<script|<link", page)
    for name in EXPERIMENTS:
        assert f"<td>{name}</td>" in page
    assert page.count("data:image/png;base64,") == 16  # 14 curves, the maps, the misclassified digits
    assert figure.startswith(b"\x89PNG\r")
    assert len(figure) > 10_000


@pytest.mark.slow
@pytest.mark.parametrize("path", readme.FILES, ids=lambda path: path.name)
def test_readme_shows_what_compare_prints(path):
    result = compared()[0]
    shown = readme.blocks(path.read_text(encoding="utf-8"))["compare"]
    assert readme.without_times_and_rounding(shown) == readme.without_times_and_rounding(summary.text(result) + "\n")


@pytest.mark.slow
@pytest.mark.parametrize("path", readme.FILES, ids=lambda path: path.name)
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_readme_shows_what_the_script_prints(path, name):
    shown = readme.blocks(path.read_text(encoding="utf-8"))[name]
    assert readme.without_times_and_rounding(shown) == readme.without_times_and_rounding(runs.text(name)[1])


@pytest.mark.parametrize("path", readme.FILES, ids=lambda path: path.name)
def test_python_in_the_readme_runs_and_prints_what_it_shows(path, capsys):
    text = path.read_text(encoding="utf-8")
    plain, session = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(compile(plain, path.name, "exec"), {})
    assert np.array_equal(
        np.array(capsys.readouterr().out.translate(str.maketrans("[]", "  ")).split(), float),
        [0.0053, 0.9890, 0.9882, 0.0142],
    )
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner()
    assert runner.run(parser.get_doctest(session, {}, path.name, path.name, 0)).failed == 0


@pytest.mark.parametrize("path", readme.FILES, ids=lambda path: path.name)
def test_ci_runs_the_test_command_of_the_readme(path):
    commands = re.findall(r"```sh\n(.*?)\n```", path.read_text(encoding="utf-8"))
    assert len(commands) == 3  # compare, test, GPU
    assert commands[1] in (runs.ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "scripts/compare.py" in commands[0]


@pytest.mark.slow
@pytest.mark.parametrize("path", readme.FILES, ids=lambda path: path.name)
def test_readme_shows_the_rate_that_the_study_finds(path):
    text = path.read_text(encoding="utf-8")
    shown = re.search(r"\$ python scripts/study.py backprop_xor --starts 10000\n(.*?)```", text, re.DOTALL)
    starts, converged, seeds = re.search(r"(10000) +(\d{4}) .*by seed: ([\d ]+)", shown[1], re.DOTALL).groups()
    code, records = runs.record("study", "backprop_xor", "--starts", "1000")
    assert code == 0
    assert records[0]["failed"][:8] == list(map(int, seeds.split()))
    low, high = binomtest(records[0]["converged"], 1000).proportion_ci(1 - 1e-6, method="wilson")
    assert low < int(converged) / int(starts) < high
