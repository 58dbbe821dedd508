"""The pages of the check: the catalogue is the one that is looked for, and the commands print what is shown."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deltarule.basics.places import reference
from deltarule.check import LISTINGS, mistakes
from deltarule.check.rates import FILE, read_rates
from deltarule.check.table import page

DOCS = Path(__file__).resolve().parent.parent / "docs"
SHOWN = re.findall(
    r"```text\n\$ deltarule (check [^\n]+)\n(.*?)```", (DOCS / "check.md").read_text(encoding="utf-8"), re.S
)


def test_the_page_of_the_mistakes_is_made_from_the_catalogue():
    made = page(read_rates(reference() / FILE))
    assert made == (DOCS / "mistakes.md").read_text(encoding="utf-8"), (
        "`python -m deltarule.check.table > docs/mistakes.md` makes it"
    )


def test_the_page_of_the_check_shows_a_port_in_each_language():
    assert [command.split()[1].partition(":")[0] for command, _ in SHOWN] == [
        "docs/ports/mine.py",
        "docs/ports/BackpropXOR.m",
    ]


@pytest.mark.parametrize(("command", "printed"), SHOWN, ids=["Python", "MATLAB"])
def test_a_command_of_the_page_prints_what_the_page_shows(command, printed):
    if command.endswith(".m") and shutil.which("octave-cli") is None:
        pytest.skip("there is no Octave")
    done = subprocess.run(
        [sys.executable, "-m", "deltarule", *command.split()],
        cwd=DOCS.parent, capture_output=True, text=True, check=False, encoding="utf-8",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "")
    assert without_epochs(done.stdout)[0] == without_epochs(printed)[0]
    looked, shown = without_epochs(done.stdout)[1], without_epochs(printed)[1]
    assert looked == shown[: len(looked)]
    assert len(looked) >= 2  # the first and the tenth epoch


@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
def test_a_readme_shows_what_the_page_of_the_check_shows(name):
    text = (DOCS.parent / name).read_text(encoding="utf-8")
    (block,) = re.findall(r"```text\n(first update .*?)```", text, re.S)
    lines = dict(SHOWN)["check docs/ports/BackpropXOR.m"].splitlines()
    assert [line for line in block.splitlines() if line not in lines] == []


def test_the_readmes_have_the_number_of_mistakes():
    number = f"{sum(len(mistakes(listing)) for listing in LISTINGS):,}"
    for name in ("README.md", "README.ko.md"):
        assert f" {number}" in (DOCS.parent / name).read_text(encoding="utf-8")


def without_epochs(text):
    """A text without its line breaks and its list of epochs, and that list: the late ones take a machine with time."""
    whole = " ".join(text.split())
    listed = re.compile(r"(?<=after )\d+(?:, \d+)* and \d+(?= epochs)")
    (epochs,) = listed.findall(whole)
    return listed.sub("", whole), [int(epoch) for epoch in re.findall(r"\d+", epochs)]
