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
