"""The page on running the scripts names every option that a script has."""

import re
import runpy
import sys
from pathlib import Path

import pytest

from deltarule.programs import document_run, figures
from deltarule.programs.figures.output import FORMATS

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted([*(ROOT / "scripts/from_scratch").glob("*.py"), *(ROOT / "scripts/networks").glob("*.py")])


@pytest.mark.parametrize("file", SCRIPTS, ids=[file.stem for file in SCRIPTS])
def test_every_option_of_a_script_of_the_other_documents_is_on_the_page(file, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [str(file), "--help"])
    for name in ("take_ctrl_c", "tell_of_divergence", "_share_out"):  # what belongs to a program of its own
        monkeypatch.setattr(document_run, name, lambda *_: None)
    with pytest.raises(SystemExit, match=r"^0$"):
        runpy.run_path(str(file), run_name="__main__")
    offered = set(re.findall(r"^  .*?(--[a-z-]+)", capsys.readouterr().out, re.MULTILINE))
    page = (ROOT / "docs/options.md").read_text(encoding="utf-8")
    assert {"--help", "--plot", "--seed"} <= offered
    assert offered <= set(re.findall(r"`(--[a-z-]+)", page))


def test_the_page_names_the_kinds_of_file_that_a_figure_is_drawn_into_and_no_others():
    page = (ROOT / "docs/options.md").read_text(encoding="utf-8")
    (said,) = re.findall(r"draws a figure into FILE \((.*?)\)", page)
    assert sorted(re.findall(r"`\.(\w+)`", said)) == FORMATS
    assert figures.cannot_draw("figure.jpg") is None
    assert figures.cannot_draw("figure.gif") is not None
