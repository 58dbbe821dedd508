"""One run of all scripts: each converges, passes and has every number known of it; the table, the page, the figure."""

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
from test_networks_scripts import assert_right_network
from test_notes_training_scripts import SEEDS, SHORT, assert_as_the_books_code

from deltarule.basics.places import FROM_SCRATCH, NETWORKS
from deltarule.listings.experiments import EXPERIMENTS
from deltarule.programs import parts, summary

pytestmark = pytest.mark.slow


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


def test_compare_passes_with_every_known_number():
    records = compared()[0]["scripts"]
    assert [run["script"] for run in records] == list(parts.names())
    assert {run["verdict"] for run in records} == {"pass"}
    for part, numbers in ((parts.LISTINGS, 23), (FROM_SCRATCH, 105), (NETWORKS, 15)):
        judged = [r for run in records if run["part"] == part for r in run["references"] if r["judged"]]
        assert all(all(reference["matched"]) for reference in judged)
        assert sum(len(reference["matched"]) for reference in judged) == numbers


def record(name):
    (found,) = (run for run in compared()[0]["scripts"] if run["script"] == name)
    return found


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
    assert " ".join(f"{y:.4f}" for y in np.array(record(name)["outputs"]["output"])[:, 0]) == printed


def test_real_multi_class_takes_the_first_image_for_4_and_the_fourth_for_5_or_3():
    y = np.array(record("real_multi_class")["outputs"]["output"])
    # book, chapter 4, from rng(3): 96.66 %, 99.36 %, 97.62 %, 47.12 % and 32.08 %, 98.18 %
    found = [f"{y[k, c]:.4f}" for k, c in ((0, 3), (1, 1), (2, 2), (3, 4), (3, 2), (4, 4))]
    assert found == ["0.9666", "0.9936", "0.9762", "0.4712", "0.3208", "0.9818"]


def test_mnist_conv_reaches_an_accuracy_of_exactly_0_9350():
    assert record("mnist_conv")["accuracy"] == 0.9350


def test_page_and_figure_of_compare_are_whole_and_need_no_network():
    _, page, figure = compared()
    assert page.startswith("<!DOCTYPE html>")
    assert page.endswith("</html>\n")
    assert not re.search(r"https?://|<script|<link", page)
    for name in EXPERIMENTS:
        assert f'<td><a href="#{name}">{name}</a></td>' in page
    trained = [name for scripts in parts.FOLDERS.values() for name, counted in scripts.items() if counted]
    assert page.count("<figure") == 16 + len(trained)  # 14 curves, the maps, the misclassified digits, and a curve each
    assert "15 of 15 scripts agree with the book" in page
    assert "16 of 16 scripts agree with the page and the book" in page
    assert f"{len(parts.MODELS)} of {len(parts.MODELS)} scripts agree with the page and PyTorch" in page
    assert figure.startswith(b"\x89PNG\r")
    assert len(figure) > 10_000


@pytest.mark.parametrize("name", SHORT)
def test_a_whole_run_of_the_notes_passes_from_the_first_seed_of_the_books_code(name):
    assert record(name)["seed"] == SEEDS[0]
    assert_as_the_books_code(name, record(name))


@pytest.mark.parametrize("name", parts.MODELS)
def test_a_script_of_the_other_networks_passes_and_its_json_holds_what_the_table_does(name):
    assert_right_network(name, record(name))


WITH_TABLE = [path for path in readme.PAGES if ("compare",) in readme.blocks(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("path", WITH_TABLE, ids=lambda path: path.name)
def test_a_page_shows_the_table_that_compare_prints(path):
    shown = readme.blocks(path.read_text(encoding="utf-8"))["compare",]
    printed = readme.of_compare(path, summary.text(compared()[0]))
    assert readme.without_times_and_rounding(shown) == readme.without_times_and_rounding(printed)
