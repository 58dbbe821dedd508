"""The command ``deltarule``: every script by its name, from any folder, and what it says to anything else."""

import json
import os
import platform
import subprocess
import sys

import pytest
from runs import ROOT, SCRIPTS

import deltarule
from deltarule.basics import places
from deltarule.listings.experiments import EXPERIMENTS
from deltarule.programs import command
from deltarule.programs.parts import HEADINGS, MODELS, NOTES


def test_the_list_has_every_script_the_books_first_and_in_its_order(capsys):
    assert command.main(["list"]) == 0
    parts = [part.splitlines() for part in capsys.readouterr().out.split("\n\n")]
    assert [part[0] for part in parts] == list(HEADINGS.values())
    names = [[line.split()[0] for line in part[1:]] for part in parts]
    assert names == [list(EXPERIMENTS), list(NOTES), list(MODELS), ["benchmark", "check", "compare", "study"]]
    assert sorted(name for part in names for name in part) == sorted(path.stem for path in SCRIPTS.rglob("*.py"))
    assert all(len(line.split()) > 3 for part in parts for line in part[1:])


def test_no_two_scripts_have_one_name():
    names = [path.stem for path in SCRIPTS.rglob("*.py")]
    assert sorted(names) == sorted(set(names))


def test_a_script_of_the_notes_runs_by_its_name_with_its_options(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", sys.argv)
    with pytest.raises(SystemExit) as ended:
        command.main(["apples", "--json"])
    assert ended.value.code == 0
    assert json.loads(capsys.readouterr().out)["quantities"]["apples: dtax"] == 200


def test_the_version_says_which_folder_is_read(capsys):
    assert command.main(["--version"]) == 0
    said, folder = capsys.readouterr().out.splitlines()
    assert said.startswith(f"deltarule {deltarule.__version__}, Python {platform.python_version()}, NumPy ")
    assert folder == os.path.dirname(deltarule.__file__)


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["help"]])
def test_without_a_script_it_says_how_it_is_used(arguments, capsys):
    assert command.main(arguments) == 0
    assert "deltarule list" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["backprop_xorr", "", "../setup", "--seed"])
def test_an_unknown_script_is_refused_in_one_line(name, capsys):
    with pytest.raises(SystemExit, match="2"):
        command.main([name])
    printed, said = capsys.readouterr()
    assert printed == ""
    assert said == f"deltarule: there is no script {name!r}; `deltarule list` shows them\n"


def test_a_script_runs_with_its_options_and_gives_its_exit_code(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", sys.argv)
    for epochs, code, verdict in (("10000", 0, "pass"), ("5", 1, "not converged")):
        with pytest.raises(SystemExit) as ended:
            command.main(["delta_sgd", "--epochs", epochs])
        assert ended.value.code == code
        assert capsys.readouterr().out.splitlines()[-1] == f"verdict    {verdict}"


def test_it_runs_as_a_module_from_another_folder(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "deltarule", "delta_sgd", "--epochs", "3"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("delta_sgd: ")


def test_without_scripts_it_says_so(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(places, "PACKAGE", tmp_path / "deltarule")
    with pytest.raises(SystemExit, match="2"):
        command.main(["list"])
    assert "there are no scripts" in capsys.readouterr().err


def test_scripts_and_references_are_found_beside_the_package_or_inside_it(monkeypatch, tmp_path):
    assert (places.scripts(), places.reference()) == (ROOT / "scripts", ROOT / "reference")
    package = tmp_path / "deltarule"
    for folder, file in (("scripts", "backprop_xor.py"), ("reference", "textbook.toml")):
        (package / folder).mkdir(parents=True)
        (package / folder / file).touch()
    monkeypatch.setattr(places, "PACKAGE", package)
    assert (places.scripts(), places.reference()) == (package / "scripts", package / "reference")


def test_a_copied_script_takes_the_references_beside_it_and_else_the_packages_own(tmp_path):
    copy = tmp_path / "scripts" / "delta_sgd.py"
    of_notes = tmp_path / "scripts" / "from_scratch" / "apples.py"
    assert places.reference_of(copy) == places.reference_of(of_notes) == ROOT / "reference"
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "textbook.toml").touch()
    assert places.reference_of(copy) == places.reference_of(of_notes) == tmp_path / "reference"
