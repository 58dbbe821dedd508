"""The page from MATLAB to Python and back: each of its commands is run, in its order, the MATLAB ones in GNU Octave."""

import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import runs

from deltarule import matlab
from deltarule.listings.experiments import EXPERIMENTS

PAGE = (runs.ROOT / "docs" / "matlab-and-back.md").read_text(encoding="utf-8")
OCTAVE = ["octave-cli", "--no-gui", "--no-init-file", "--quiet", "--eval"]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("octave-cli") is None, reason="needs GNU Octave"),
]


def in_octave(block, folder):
    """Run a block of MATLAB with the variables that the blocks before it left."""
    kept = "if exist('workspace.mat', 'file'), load('workspace.mat'); end"
    program = f"addpath('{runs.ROOT / 'reference' / 'octave'}')\n{kept}\n{block}\nsave('workspace.mat', '-v7');"
    return subprocess.run([*OCTAVE, program], cwd=folder, capture_output=True, text=True, check=False)


def in_python(block, folder):
    """Run a block of Python as a program of its own."""
    return subprocess.run([sys.executable, "-c", block], cwd=folder, capture_output=True, text=True, check=False)


def in_a_shell(block, folder):
    """Run the commands of a block, those of the package with this Python."""
    for line in block.splitlines():
        name, *rest = line.split()
        if name == "mkdir":
            command = [name, *rest]
        elif name == ".venv/bin/deltarule":
            command = [sys.executable, "-m", "deltarule", *rest]
        else:
            assert name == ".venv/bin/python"
            command = [sys.executable, str(runs.ROOT / rest[0]), *rest[1:]]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            return done
    return done


RUN = {"matlab": in_octave, "python": in_python, "sh": in_a_shell}


@functools.cache
def walked():
    """What each block of the page printed, in order, and the files that are there at the end, by name."""
    with tempfile.TemporaryDirectory() as folder:
        printed = []
        for language, block in re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE):
            done = RUN[language](block, folder)
            assert done.returncode == 0, (block, done.stdout, done.stderr)
            printed.append(done.stdout)
        files = {name: matlab.load(Path(folder) / name) for name in ("mine.mat", "more.mat", "on.mat", "back.mat")}
        return printed, files, sorted(os.listdir(folder))


def test_every_command_of_the_page_runs_in_its_order():
    printed, _, names = walked()
    assert len(printed) == PAGE.count("```") // 2 == 13
    assert "mine.png" in names
    assert "verdict    converged; not judged against the book" in printed[1]
    assert "drift      pass: none by more than 1e-12 (another environment)" in printed[-1]


def test_the_files_of_the_page_hold_what_it_says():
    files = walked()[1]
    told = set(re.findall(r"^\| `([^|]*)` \| ", PAGE.partition("what it is |")[2].partition("\n\n")[0], re.MULTILINE))
    names = {name.strip("` ") for row in told for name in row.split(",")}
    assert files["more.mat"].keys() - {"W1", "W2"} <= names
    assert names - files["more.mat"].keys() == {"beta", "ratio", "batch_size"}
    assert files["more.mat"]["loaded"] == "mine.mat"


def test_the_table_of_variables_is_that_of_the_scripts():
    table = PAGE.partition("| listing | variables |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (`.*?) \| (.*) \|$", table, re.MULTILINE)
    names = [name for scripts, _ in rows for name in re.findall(r"`(\w+)`", scripts)]
    assert sorted(names) == sorted(EXPERIMENTS)
    for scripts, told in rows:
        for name in re.findall(r"`(\w+)`", scripts):
            source = (runs.SCRIPTS / f"{name}.py").read_text(encoding="utf-8")
            (call,) = re.findall(r"start_weights\((.*?)\)", source)
            assert re.findall(r"`(\w+)`", told) == re.findall(r"(\w+)=", call)
            shapes = {" x ".join(map(str, shape)) for shape in EXPERIMENTS[name].shapes()}
            assert set(re.findall(r"\d+(?: x \d+)+", told)) == shapes


def test_a_wrong_command_in_the_page_would_be_noticed(tmp_path):
    assert in_octave("assert(false)", tmp_path).returncode != 0
    assert in_python("assert False", tmp_path).returncode != 0
    assert in_a_shell(".venv/bin/deltarule backprop_xor --load none.mat\nmkdir a", tmp_path).returncode == 2
    assert list(tmp_path.iterdir()) == []
