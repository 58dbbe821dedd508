"""The names of the tests, by which workers that share them have to agree."""

import os
import subprocess
import sys

import pytest
import runs


@pytest.mark.slow
def test_names_of_the_tests_are_the_same_in_every_process():
    # sets in another order, another process's number, another second: none of them may be in a name
    command = [sys.executable, "-m", "pytest", "--collect-only", "--quiet", "-p", "no:cacheprovider", "-o", "addopts="]
    names = [
        subprocess.run(
            [*command, "--doctest-modules"],
            cwd=runs.ROOT,
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout.rpartition("\n\n")[0]
        for seed in "12"
    ]
    assert "tests/test_names.py::test_names_of_the_tests_are_the_same_in_every_process" in names[0].splitlines()
    assert names[0] == names[1]


def collected(folder, *which):
    """The names of the tests in a folder that pytest finds with the options of tests/conftest.py."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "--quiet", "-p", "no:cacheprovider", "-p", "conftest"]
    tests = os.pathsep.join([str(runs.ROOT / "tests"), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": tests}
    done = subprocess.run([*command, *which], cwd=folder, capture_output=True, text=True, check=True, env=environment)
    return sorted(line for line in done.stdout.splitlines() if "::" in line)


@pytest.mark.slow
def test_each_slow_test_is_in_one_share_and_every_quick_one_in_all(tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = slow\n")
    for k in range(12):
        both = "import pytest\n\n@pytest.mark.slow\ndef test_slow(): ...\n\ndef test_quick(): ...\n"
        (tmp_path / f"test_{k}.py").write_text(both)
    shares = [collected(tmp_path, "-m", "slow", "--share", f"{k}/3") for k in (1, 2, 3)]
    assert all(shares)
    assert sorted(shares[0] + shares[1] + shares[2]) == [f"test_{k}.py::test_slow" for k in sorted(map(str, range(12)))]
    quick = [f"test_{k}.py::test_quick" for k in sorted(map(str, range(12)))]
    assert collected(tmp_path, "-m", "not slow", "--share", "2/3") == quick


def test_a_share_that_is_none_is_refused():
    command = [sys.executable, "-m", "pytest", "--collect-only", "-p", "no:cacheprovider", "--share"]
    for share in ("0/2", "3/2", "half"):
        done = subprocess.run([*command, share, __file__], cwd=runs.ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 4
        assert f"--share takes K/N, with K from 1 to N, not {share}" in done.stdout + done.stderr
