"""A script's lines in a notebook or at a prompt: nothing exits, no command line is read, and Ctrl-C stays as it was."""

import builtins
import os
import signal
import subprocess
import sys
import types

import numpy as np
import pytest
from runs import ROOT, SCRIPTS

from deltarule import data, delta_sgd, single_layer_forward
from deltarule.programs import terminal
from deltarule.programs.run import start

FILE = str(SCRIPTS / "delta_sgd.py")
OTHERS = ["ipykernel_launcher.py", "-f", "kernel.json", "--seed", "3", "--epochs", "7", "--json"]


def as_main(monkeypatch, file):
    """Make a file the one that Python was started with."""
    main = types.ModuleType("__main__")
    if file is not None:
        main.__file__ = file
    monkeypatch.setitem(sys.modules, "__main__", main)


# Where the lines of a script run without being a program
TYPED = {
    "a prompt": lambda patch: (as_main(patch, FILE), patch.setattr(sys, "ps1", ">>> ", raising=False)),
    "IPython": lambda patch: (as_main(patch, FILE), patch.setattr(builtins, "get_ipython", object, raising=False)),
    "another program": lambda patch: as_main(patch, str(SCRIPTS / "compare.py")),
    "a program of that name in another folder": lambda patch: as_main(patch, str(ROOT / "delta_sgd.py")),
    "no program at all": lambda patch: as_main(patch, None),
}


def lines_of_a_script(epochs):
    """What a script does, up to the code that it exits with."""
    run = start(FILE, "The delta rule.", epochs=epochs)
    X, D = data.linear()
    W = 2 * run.rng.rand(1, 3) - 1
    for _ in run.epochs():
        W = delta_sgd(W, X, D)
    return run, run.finish(X, D, single_layer_forward(W, X), weights={"W": W})


@pytest.fixture
def unusual():
    """A handler of Ctrl-C that is someone else's."""

    def handler(signum, frame):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, handler)
    yield handler
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(("epochs", "code"), [(10_000, 0), (3, 1)])
@pytest.mark.parametrize("where", TYPED)
def test_no_command_line_is_read_no_handler_is_set_and_the_code_is_returned(
    where, epochs, code, unusual, monkeypatch, capsys
):
    TYPED[where](monkeypatch)
    monkeypatch.setattr(sys, "argv", OTHERS)
    run, found = lines_of_a_script(epochs)
    assert found == code
    assert (run.options.seed, run.options.epochs, run.options.json) == ("default", epochs, False)
    assert signal.getsignal(signal.SIGINT) is unusual
    printed, said = capsys.readouterr()
    assert printed.startswith("delta_sgd: The delta rule.\n")
    assert said == ""


def test_the_program_itself_reads_its_command_line_and_takes_ctrl_c(unusual, monkeypatch, capsys):
    as_main(monkeypatch, FILE)
    monkeypatch.setattr(sys, "argv", [FILE, "--seed", "3", "--epochs", "7", "--json"])
    run, found = lines_of_a_script(10_000)
    assert found == 1
    assert (run.options.seed, run.options.epochs, run.options.json) == (3, 7, True)
    assert signal.getsignal(signal.SIGINT) is terminal.interrupted
    assert capsys.readouterr().out.startswith('{"script": "delta_sgd"')


def test_a_program_named_by_another_path_is_the_program_all_the_same(unusual, monkeypatch, tmp_path):
    try:
        (tmp_path / "link.py").symlink_to(FILE)
    except OSError:
        pytest.skip("this account may not make links")
    as_main(monkeypatch, str(tmp_path / "link.py"))
    assert terminal.runs_as_program(FILE)
    monkeypatch.chdir(SCRIPTS)
    as_main(monkeypatch, "delta_sgd.py")
    assert terminal.runs_as_program(FILE)


RUN = """
import os, signal
from IPython.testing.globalipapp import start_ipython
shell = start_ipython()
before = signal.getsignal(signal.SIGINT)
study = "study.py backprop_xor --starts 1 --epochs 10"
for line in ("backprop_xor.py --epochs 200 --plot xor.png", "compare.py --help", study):
    shell.run_line_magic("run", os.path.join({scripts!r}, line))
    assert signal.getsignal(signal.SIGINT) is before, line
"""


@pytest.mark.slow
def test_run_in_ipython_reads_the_options_writes_the_figure_and_leaves_ctrl_c_alone(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", RUN.format(scripts=str(SCRIPTS)), "--epochs", "7"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=tmp_path,
        env=os.environ | {"MPLBACKEND": "module://matplotlib_inline.backend_inline", "IPYTHONDIR": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    assert "seed default, 200 epochs" in done.stdout
    assert "--against FILE" in done.stdout
    assert "by 10 epochs" in done.stdout
    assert (tmp_path / "xor.png").read_bytes().startswith(b"\x89PNG")


def test_ctrl_c_at_a_prompt_stops_the_training_and_not_the_prompt(monkeypatch, unusual):
    TYPED["a prompt"](monkeypatch)
    run = start(FILE, "The delta rule.", epochs=1000)
    reached = []

    def train():
        for epoch in run.epochs():
            reached.append(epoch)
            if epoch == 5:
                signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train()
    assert reached == [1, 2, 3, 4, 5]


def test_importing_the_package_and_its_programs_sets_no_handler():
    program = (
        "import signal\n"
        "before = {s: signal.getsignal(s) for s in signal.valid_signals()}\n"
        "import deltarule, deltarule.study, deltarule.study.program\n"
        "from deltarule.programs import compare, drift, environment, figures, options, page, run, tables, terminal\n"
        "from deltarule.evidence import errata, golden, gradients, textbook\n"
        "assert before == {s: signal.getsignal(s) for s in signal.valid_signals()}\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env=os.environ | {"MPLBACKEND": "agg"})


SESSION = f"""
import sys
from deltarule import data, delta_sgd, single_layer_forward
from deltarule.programs.run import start
run = start({FILE!r}, "The delta rule.", epochs=2)
X, D = data.linear()
W = 2 * run.rng.rand(1, 3) - 1
for epoch in run.epochs(): W = delta_sgd(W, X, D)

code = run.finish(X, D, single_layer_forward(W, X), weights={{"W": W}})
print("the code is", code)
print("the prompt goes on")
"""


@pytest.mark.parametrize("options", [["-i", "-q", "-"], ["-"]], ids=["interactive", "from standard input"])
def test_a_real_prompt_goes_on_after_a_script_that_failed(options):
    done = subprocess.run(
        [sys.executable, *options, "--epochs", "0"], input=SESSION, capture_output=True, text=True, check=False
    )
    assert "the code is 1" in done.stdout
    assert "the prompt goes on" in done.stdout
    assert "Traceback" not in done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize("name", ["delta_sgd", "mnist_conv"])
def test_what_cannot_be_written_is_code_2_and_no_exit(name, monkeypatch, tmp_path, capsys):
    TYPED["a prompt"](monkeypatch)
    run = start(str(SCRIPTS / f"{name}.py"), "A listing.", epochs=1)
    run.options.plot = str(tmp_path / "no such folder" / "figure.png")
    for _ in run.epochs(error=lambda: 0.5):
        pass
    X, D = data.linear() if name == "delta_sgd" else (None, np.array([1, 2, 0]))
    code = run.finish_digits(D, np.eye(3, 10)) if X is None else run.finish(X, D, D[:, None])
    printed, said = capsys.readouterr()
    assert code == 2
    assert printed.startswith(f"{name}: A listing.\n")  # the results are there all the same
    assert "no such folder" in said
