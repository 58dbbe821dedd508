"""How a program begins and ends: signals from before NumPy is loaded, closed and full streams, -OO, any locale."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from runs import ROOT, SCRIPTS
from test_interruption import LONG, unmeasured

from deltarule.basics import process
from deltarule.listings.experiments import EXPERIMENTS
from deltarule.programs import children, terminal

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="looks at processes as Linux shows them")

NAMES = sorted(path.stem for path in SCRIPTS.glob("*.py"))
CAUGHT = 1 << (signal.SIGTERM - 1)  # of the mask in /proc: Python itself does not catch SIGTERM
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def command(name):
    """The command of a program with work that takes long, and the name by which it speaks."""
    if name == "python -m deltarule":
        return [sys.executable, "-m", "deltarule", "delta_sgd", *LONG["delta_sgd"][0]], ("deltarule", "delta_sgd.py")
    program = name.partition(" ")[0]
    folder = ROOT / "reference" if program == "regenerate" else SCRIPTS
    return [sys.executable, str(folder / f"{program}.py"), *LONG[name][0]], (f"{program}.py",)


def begun(arguments, folder):
    """A process, as soon as it handles signals."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    started = subprocess.Popen(arguments, cwd=folder, env=unmeasured(), text=True, **streams)
    status = Path(f"/proc/{started.pid}/status")
    limit = time.monotonic() + 60
    while time.monotonic() < limit and started.poll() is None:
        if int(status.read_text().partition("SigCgt:")[2].split()[0], 16) & CAUGHT:
            return started
        time.sleep(0.001)
    raise AssertionError(f"it handles no signals: {started.communicate()}")


def ended(name, signum, delay, folder):
    """What is wrong with how a program ends on a signal, so many seconds after its first line ran; "" if nothing is."""
    arguments, names = command(name)
    started = begun(arguments, folder)
    time.sleep(delay)
    started.send_signal(signum)
    _, said = started.communicate(timeout=120)
    expected = {f"{each}: {process.SIGNALS[signum]}\n" for each in names}
    if name.startswith("study"):  # from when it trains it keeps what is done
        done = ("what is done is above, and in the file", "nothing is done")
        expected |= {f"study.py: {process.SIGNALS[signum]}; {each}\n" for each in done}
    right = (started.returncode, said in expected) == (128 + signum, True)
    return "" if right else f"{name}, {signum!r} after {delay:.3f} s: {started.returncode}, {said}"


@pytest.mark.slow
def test_a_signal_at_any_moment_of_the_first_second_ends_a_script_with_one_line(tmp_path):
    runs = [("delta_sgd", SIGNALS[k % 3], k / 16) for k in range(16)]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda run: ended(*run, tmp_path), runs))
    assert [wrong for wrong in found if wrong] == []


@pytest.mark.slow
def test_a_signal_at_any_moment_of_the_first_second_ends_every_program_with_one_line(tmp_path):
    programs = ["mnist_conv", "compare", "benchmark", "study", "python -m deltarule", *{"regenerate"} & LONG.keys()]
    runs = [(name, SIGNALS[(j + k) % 3], (k + j / 6) / 6) for j, name in enumerate(programs) for k in range(6)]
    for j, _ in enumerate(runs):
        (tmp_path / str(j)).mkdir()  # of two studies in one folder the second is refused
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda j: ended(*runs[j], tmp_path / str(j)), range(len(runs))))
    assert [wrong for wrong in found if wrong] == []
    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "rates.npz"] == []


def descendants(pid):
    """The processes that a process has begun, and those that they have."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):  # it has ended meanwhile
            continue
        if parent == pid:
            found += [int(path.parent.name), *descendants(int(path.parent.name))]
    return found


def is_there(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


WORKERS = {
    "compare": [SCRIPTS / "compare.py", "--epochs", "100000000"],
    "benchmark": [SCRIPTS / "benchmark.py", "--only", "three epochs, float64"],
}
if "regenerate" in LONG:
    WORKERS["benchmark of Octave"] = [SCRIPTS / "benchmark.py", "--only", "one batch of 100"]
    WORKERS["regenerate"] = [ROOT / "reference" / "regenerate.py", "--check", "--jobs", "2"]


@pytest.mark.slow
@pytest.mark.parametrize("name", WORKERS)
def test_the_processes_that_a_program_has_begun_end_with_it(name, tmp_path):
    started = begun([sys.executable, *map(str, WORKERS[name])], tmp_path)
    limit = time.monotonic() + 60
    while not (working := descendants(started.pid)) and time.monotonic() < limit:
        time.sleep(0.05)
    time.sleep(2)
    working = descendants(started.pid)
    assert working
    started.send_signal(signal.SIGTERM)
    _, said = started.communicate(timeout=60)
    assert (started.returncode, said.splitlines()[-1]) == (143, f"{Path(WORKERS[name][0]).name}: terminated")
    limit = time.monotonic() + 10
    while any(map(is_there, working)) and time.monotonic() < limit:
        time.sleep(0.05)
    assert not any(map(is_there, working))
    assert list(tmp_path.iterdir()) == []


def outcome_of(body):
    """The exit code of a program with these lines that handles signals, what it prints, and what it says."""
    program = f"import os, signal\nfrom deltarule.basics import process\nprocess.take_ctrl_c()\n{body}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_a_second_signal_while_it_cleans_up_changes_nothing():
    found = outcome_of(
        "try:\n    os.kill(os.getpid(), signal.SIGTERM)\n"
        "finally:\n    os.kill(os.getpid(), signal.SIGTERM), os.kill(os.getpid(), signal.SIGINT), print('cleaned up')\n"
    )
    assert found == (143, "cleaned up\n", "-c: terminated\n")


def test_a_signal_in_the_deletion_of_an_object_ends_a_program_all_the_same():
    found = outcome_of(
        "class C:\n    def __del__(self):\n        os.kill(os.getpid(), signal.SIGINT)\n"
        "c = C()\ndel c\nprint('it goes on')\n"
    )
    assert found == (130, "", "-c: interrupted\n")


HALF = "import os, signal, time\nos.kill(os.getpid(), signal.SIGTERM)\n"


def test_a_signal_while_a_module_is_imported_waits_until_it_is_whole(tmp_path):
    (tmp_path / "module.py").write_text(f"{HALF}time.sleep(0.2)\nprint('whole')\n")
    found = outcome_of(f"import sys, time\nsys.path[0] = {str(tmp_path)!r}\nimport module\ntime.sleep(60)\n")
    assert found == (143, "whole\n", "-c: terminated\n")


def test_a_signal_waits_for_an_import_so_long_and_no_longer(tmp_path):
    (tmp_path / "module.py").write_text(f"{HALF}time.sleep(60)\n")
    body = f"import sys\nprocess.PATIENCE = 0.2\nsys.path[0] = {str(tmp_path)!r}\nimport module\n"
    assert outcome_of(body) == (143, "", "-c: terminated\n")


@pytest.mark.parametrize("how", ["-c", "a file", "-i", "-m"])
def test_in_any_other_program_an_import_sets_no_handler(how, tmp_path):
    program = (
        "import signal\nbefore = [signal.getsignal(n) for n in (2, 15, 1)]\nimport deltarule\n"
        "print(before == [signal.getsignal(n) for n in (2, 15, 1)])\n"
    )
    (tmp_path / "mine.py").write_text(program)
    arguments = {"-c": ["-c", program], "a file": ["mine.py"], "-i": ["-i", "mine.py"], "-m": ["-m", "mine"]}[how]
    done = subprocess.run(
        [sys.executable, *arguments], cwd=tmp_path, input="", capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "True\n")


def test_a_script_that_a_prompt_follows_takes_no_signals(monkeypatch):
    monkeypatch.setattr(sys.modules["__main__"], "__file__", str(SCRIPTS / "delta_sgd.py"), raising=False)
    assert process.runs_our_program()
    monkeypatch.setattr(process.sys, "flags", type("flags", (), {"inspect": 1}))
    assert not process.runs_our_program()


@pytest.mark.parametrize(
    ("main", "arguments", "expected"),
    [
        (SCRIPTS / "study.py", [], True),
        (ROOT / "benchmarks" / "benchmark.py", [], True),
        (ROOT / "reference" / "regenerate.py", [], True),
        (Path(process.PACKAGE) / "scripts" / "delta_sgd.py", [], True),
        ("/usr/local/bin/deltarule", [], True),
        ("/usr/local/bin/deltarule.exe/__main__.py", [], True),
        (None, ["python", "-m", "deltarule", "list"], True),
        (None, ["python", "-m", "pytest", "tests"], False),
        (ROOT / "tests" / "fuzz.py", [], False),
        ("/home/me/delta_sgd.py", [], False),
        ("/home/me/deltarule.py", [], False),
        ("/home/me/scripts/delta_sgd.py", [], False),
    ],
)
def test_a_program_of_the_project_is_known_by_its_folder_and_the_command_by_its_name(
    main, arguments, expected, monkeypatch
):
    monkeypatch.setattr(sys.modules["__main__"], "__file__", main if main is None else str(main), raising=False)
    monkeypatch.setattr(sys, "argv", ["-m"])
    monkeypatch.setattr(sys, "orig_argv", arguments)
    assert process.runs_our_program() is expected


# ---------------------------------------------------------------- streams

SHORT = {
    "delta_sgd": ["--epochs", "10000"],
    "study": ["backprop_xor", "--starts", "5", "--epochs", "20"],
    "compare": ["--help"],
    "deltarule": ["list"],
}


def shell(name, redirection):
    """Run a program in a shell with streams closed or led elsewhere."""
    program = ["-m", "deltarule"] if name == "deltarule" else [str(SCRIPTS / f"{name}.py")]
    line = '"$0" "$@" ' + redirection
    return subprocess.run(
        ["sh", "-c", line, sys.executable, *program, *SHORT[name]], capture_output=True, text=True, check=False
    )


def spoken(name):
    return name if name == "deltarule" else f"{name}.py"


@pytest.mark.parametrize("name", SHORT)
def test_where_standard_output_is_closed_one_line_says_so_and_the_code_is_2(name):
    done = shell(name, ">&-")
    said = f"{spoken(name)}: standard output: it is closed, and the results went nowhere\n"
    assert (done.returncode, done.stderr) == (2, said)


@pytest.mark.parametrize("name", SHORT)
def test_where_standard_output_is_full_one_line_says_so_and_the_code_is_2(name):
    done = shell(name, ">/dev/full")
    assert (done.returncode, done.stderr) == (2, f"{spoken(name)}: standard output: {os.strerror(errno.ENOSPC)}\n")


@pytest.mark.parametrize("name", SHORT)
def test_where_standard_error_is_closed_a_program_works_all_the_same(name):
    whole, done = shell(name, ""), shell(name, "2>&-")
    assert done.returncode == whole.returncode == 0
    assert len(done.stdout.splitlines()) == len(whole.stdout.splitlines()) > 3


def test_with_every_stream_closed_a_program_ends_in_silence():
    done = shell("delta_sgd", "<&- >&- 2>&-")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")


@pytest.mark.parametrize("name", SHORT)
def test_a_reader_that_takes_the_first_line_alone_ends_a_program_in_silence(name):
    done = shell(name, "2>&1 | head -n 1")
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""


@pytest.mark.parametrize("message", ["two\nlines", "\x1b[2J", "x" * 10_000])
def test_what_is_said_is_one_line_that_steers_no_terminal(message, capsys):
    terminal.complain(message, "name")
    said = capsys.readouterr().err
    assert said[:-1].isprintable()
    assert said[-1] == "\n"
    assert 10 < len(said) < 3100
    terminal.complain("plain", "name")
    assert capsys.readouterr().err == "name: plain\n"


# ---------------------------------------------------------------- -OO and locales


@pytest.mark.slow
def test_without_assertions_and_docstrings_every_script_says_what_it_does():
    def text(name, *options):
        arguments = [sys.executable, *options, str(SCRIPTS / f"{name}.py"), "--help"]
        return subprocess.run(arguments, capture_output=True, text=True, check=False)

    with ThreadPoolExecutor(2) as pool:
        for name, done in zip(NAMES, pool.map(lambda name: text(name, "-OO"), NAMES), strict=True):
            assert (done.returncode, done.stderr) == (0, ""), name
            if name in EXPERIMENTS:
                assert title_of(name) in done.stdout


def title_of(name):
    """The first line of a script."""
    return (SCRIPTS / f"{name}.py").read_text(encoding="utf-8").partition("\n")[0].strip('"')


@pytest.mark.parametrize("level", ["-O", "-OO"])
def test_without_assertions_and_docstrings_a_script_trains_and_prints_the_same(level):
    def text(*options):
        arguments = [sys.executable, *options, str(SCRIPTS / "delta_sgd.py")]
        return subprocess.run(arguments, capture_output=True, text=True, check=False)

    whole, bare = text(), text(level)
    assert (bare.returncode, bare.stderr) == (0, "")
    assert [line for line in bare.stdout.splitlines() if line[-2:] != " s"] == [
        line for line in whole.stdout.splitlines() if line[-2:] != " s"
    ]


ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def test_what_a_child_says_is_utf_8_whatever_the_locale(monkeypatch):
    for name, value in ASCII.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PYTHONIOENCODING", raising=False)
    program = r"import sys; print('\uac00 \u03b4'); print('\uc624', file=sys.stderr); sys.exit(3)"
    done = children.run([sys.executable, "-c", program])
    assert (done.returncode, done.stdout, done.stderr) == (3, "가 δ\n", "오\n")
    done = children.run([sys.executable, "-c", "import os; os.write(1, bytes([65, 255]))"])
    assert done.stdout == "A\\xff"


@pytest.mark.parametrize("name", ["list", "delta_sgd"])
def test_where_the_locale_has_no_such_characters_their_escapes_are_printed(name):
    done = subprocess.run(
        [sys.executable, "-m", "deltarule", name],
        capture_output=True,
        env={key: value for key, value in os.environ.items() if key != "PYTHONIOENCODING"} | ASCII,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.isascii()


def no_terminal(*descriptor):
    raise OSError


@pytest.mark.parametrize("given", [None, "", "0", "-3", "x", "132"])
@pytest.mark.parametrize(
    "size", [no_terminal, lambda *_: os.terminal_size((97, 40)), lambda *_: os.terminal_size((0, 0))]
)
def test_the_terminal_is_as_wide_as_shutil_says(given, size, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    if given is not None:
        monkeypatch.setenv("COLUMNS", given)
    monkeypatch.setattr(os, "get_terminal_size", size)
    for stdout in (sys.__stdout__, None):
        monkeypatch.setattr(sys, "__stdout__", stdout)
        assert terminal.columns() == (shutil.get_terminal_size().columns or 80)  # Python 3.10 may say 0
