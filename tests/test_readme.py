"""The READMEs say what the scripts print and what the commands do."""

import doctest
import re

import numpy as np
import pytest
import readme
import runs

from deltarule.comparison import SCRIPTS


@pytest.mark.slow
@pytest.mark.parametrize("path", readme.FILES, ids=lambda path: path.name)
@pytest.mark.parametrize("name", runs.together([*SCRIPTS, "compare"]))
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
@pytest.mark.xdist_group("study")
@pytest.mark.parametrize("path", readme.FILES, ids=lambda path: path.name)
def test_readme_shows_the_rate_that_the_study_finds(path):
    text = path.read_text(encoding="utf-8")
    shown = re.search(r"\$ python scripts/study.py backprop_xor --starts 10000\n(.*?)```", text, re.DOTALL)
    converged, seeds = re.search(r"10000 +(\d{4}) .*by seed: ([\d ]+)", shown[1], re.DOTALL).groups()
    code, records = runs.record("study", "backprop_xor", "--starts", "10000")
    assert code == 0
    assert abs(records[0]["converged"] - int(converged)) <= 2  # a start at the very edge may fall to the other side
    assert records[0]["failed"][:8] == list(map(int, seeds.split()))
