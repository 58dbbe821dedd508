"""Runs of the scripts in a process of their own, as a user would start them; each full run is made once."""

import functools
import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from threadpoolctl import threadpool_limits

from deltarule.programs import document_run, parts, run

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "scripts"
SHORT = ("--epochs", "1", "--iterations", "1")  # options of compare, for what needs no training


def file(name):
    """The file of a script, in the folder of its part."""
    return parts.file_of(SCRIPTS, name)


def start(name, *options, cwd=None, environment=None, **kwargs):
    """Run a script to its end, with these variables added to the environment."""
    return subprocess.run(
        [sys.executable, str(file(name)), *options],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        timeout=600,
        check=False,
        env=os.environ | {"PYTHONIOENCODING": "utf-8", "PYTHONWARNINGS": "error::RuntimeWarning"} | (environment or {}),
        **kwargs,
    )


@functools.cache
def text(name, *options):
    """Exit code and printed output of a script."""
    done = start(name, *options)
    assert done.stderr == ""
    return done.returncode, done.stdout


@functools.cache
def record(name, *options):
    """Exit code and JSON record of a script."""
    done = start(name, "--json", *options)
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def here(monkeypatch, name, *options):
    """Run a script in this process, as its own program; the code that it exits with."""
    with monkeypatch.context() as replaced:
        for module in (run, document_run):
            replaced.setattr(module, "runs_as_program", lambda file: True)
            replaced.setattr(module, "take_ctrl_c", lambda: None)
            replaced.setattr(module, "tell_of_divergence", lambda: None)
        replaced.setattr(sys, "argv", [f"{name}.py", *options])
        with pytest.raises(SystemExit) as ended, threadpool_limits(user_api="blas"):  # which it may set for itself
            runpy.run_path(str(file(name)), run_name="__main__")
    return ended.value.code
