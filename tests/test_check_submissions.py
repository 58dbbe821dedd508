"""A class of submissions: what one of them does to its process costs its line, and nothing more."""

import os
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from deltarule.check import CheckError, check, submissions
from deltarule.check.child import NOT_CHECKED
from deltarule.check.clock import Clock
from deltarule.check.submissions import How

pytestmark = pytest.mark.skipif(os.name != "posix", reason="process groups, signals and limits of POSIX")

RIGHT = """
import numpy as np

def delta_sgd(W, X, D):
    {before}
    for x, d in zip(X, D):
        y = 1 / (1 + np.exp(-W @ x))
        W = W + 0.9 * y * (1 - y) * (d - y) * x
    return W
"""

# By name, the text of a file; in `RIGHT` what it does before it trains
ATTACKS = {
    "exits": RIGHT.format(before="raise SystemExit(0)"),
    "exits at once": RIGHT.format(before="import os; os._exit(0)"),
    "exits on import": f"import sys\n{RIGHT.format(before='pass')}\nsys.exit(0)\n",
    "is killed": RIGHT.format(before="import os; os.kill(os.getpid(), 9)"),
    "crashes": RIGHT.format(before="import ctypes; ctypes.string_at(0)"),
    "raises": RIGHT.format(before="1 / 0"),
    "raises what says nothing": f"""
class Silent(Exception):
    def __str__(self):
        raise ValueError("no text")
{RIGHT.format(before="raise Silent")}
""",
    "raises at length": RIGHT.format(before='raise ValueError("x" * 10**7)'),
    "raises on import": "1 / 0\n",
    "calls itself": f"def again(): again()\n{RIGHT.format(before='again()')}",
    "imports what is not there": "import nothing_of_this_name\n",
    "takes all memory": RIGHT.format(before="np.ones((10**6, 10**6))"),
    "takes memory for good": f"kept = []\n{RIGHT.format(before='while True: kept.append(np.ones(10**6))')}",
    "has no function": "x = 1\n",
    "has another function": "def something(W, X, D): return W\n",
    "takes other arguments": "def delta_sgd(W): return W\n",
    "is empty": "",
    "is no Python": "def delta_sgd(W, X, D) return W\n",
    "is MATLAB": "function W = DeltaSGD(W, X, D)\nend\n",
    "has a wrong indent": "def delta_sgd(W, X, D):\nreturn W\n",
    "returns outside": "return 1\n",
    "is no text": b"\x89PNG\0\0\0",
    "is not UTF-8": 'def delta_sgd(W, X, D): "gr\xfc\xdfe"\n'.encode("latin-1"),
    "prints megabytes": RIGHT.format(before='import sys; print("x" * 10**6); sys.stderr.write("y" * 10**6)').replace(
        "W, X, D):", "W, X, D, seen=[]):\n    if len(seen) > 20: return train(W, X, D)\n    seen.append(1)"
    )
    + "\ndef train(W, X, D):"
    + RIGHT.format(before="pass").partition("W, X, D):")[2],
    "closes its files": RIGHT.format(before="import os; os.closerange(0, 100)"),
    "leaves a thread": RIGHT.format(before="pass") + "\nimport threading, time\n"
    "threading.Thread(target=time.sleep, args=(1000,)).start()\n",
    "leaves a process": RIGHT.format(before="pass") + "\nimport os, time\nif os.fork() == 0:\n"
    '    open("left.txt", "w").write(str(os.getpid()))\n    time.sleep(1000)\n    os._exit(0)\n',
    "is right": RIGHT.format(before="pass"),
}
HANGS = {
    "hangs": RIGHT.format(before="\n    while True: pass"),
    "hangs on import": "while True: pass\n",
    "waits": RIGHT.format(before="import time; time.sleep(1000)"),
    "lets nothing else run": RIGHT.format(before="9**9**9"),  # Python's lock is held all the while
    "takes no signal": RIGHT.format(
        before="import signal\n    for s in (2, 15): signal.signal(s, signal.SIG_IGN)\n    while True: pass"
    ),
}

SAID = {
    "exits": "{file} ends the program, by SystemExit: 0",
    "exits at once": "{file}:delta_sgd ends the process, with exit code 0",
    "exits on import": "{file} ends the program when it is imported",
    "is killed": "{file}:delta_sgd ends by the signal SIGKILL, as the system does when there is no memory left",
    "crashes": "{file}:delta_sgd ends by the signal SIGSEGV",
    "raises": "delta_sgd raises ZeroDivisionError: division by zero\n  line 5, in delta_sgd: 1 / 0",
    "raises what says nothing": "delta_sgd raises Silent\n  line",
    "raises at length": "delta_sgd raises ValueError: xxx",
    "raises on import": "{file} raises, when it is imported, ZeroDivisionError: division by zero\n  line 1",
    "calls itself": "delta_sgd raises RecursionError: maximum recursion depth exceeded",
    "imports what is not there": "{file} imports nothing_of_this_name, which is not there\n  line 1, in <module>",
    "takes all memory": "{file} takes more than 1500 MB of memory",
    "takes memory for good": "{file} takes more than 1500 MB of memory",
    "has no function": "{file} has no function with a listing's name; it has none",
    "has another function": "{file} has no function with a listing's name; it has something",
    "takes other arguments": "delta_sgd takes 1 argument (W)",
    "is empty": "{file} has no function with a listing's name; it has none",
    "is no Python": "{file}, line 1: expected ':': def delta_sgd(W, X, D) return W",
    "is MATLAB": "{file}, line 1: invalid syntax: function W = DeltaSGD(W, X, D)",
    "has a wrong indent": "{file}, line 2: expected an indented block after function definition on line 1: return W",
    "returns outside": "{file}, line 1: 'return' outside function: return 1",
    "is no text": "{file}",
    "is not UTF-8": "{file}",
}
FINE = ("prints megabytes", "closes its files", "leaves a thread", "leaves a process", "is right")


def written(folder, texts):
    """The files of texts, by name."""
    found = {}
    for name, text in texts.items():
        path = folder / f"{name.replace(' ', '_')}.py"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        found[name] = str(path)
    return found


def outcomes(folder, texts, how):
    """By name, the file and the records of what is checked."""
    files = written(folder, texts)
    done = dict(submissions.checked(list(files.values()), how))
    return {name: (file, done[k]) for k, (name, file) in enumerate(files.items())}


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    """What came of each attack; they are checked in a folder of their own."""
    folder = tmp_path_factory.mktemp("attacks")
    before = os.getcwd()
    os.chdir(folder)
    try:
        found = outcomes(folder, ATTACKS, How(seconds=60, megabytes=1500, jobs=3))
        found["folder"] = folder
        return found
    finally:
        os.chdir(before)


def gone(pid):
    """Whether a process has ended; one that nobody has asked for yet is a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z"


def wait_for(what, seconds=30):
    """Wait until something is so; whether it is."""
    limit = time.monotonic() + seconds
    while not what() and time.monotonic() < limit:
        time.sleep(0.02)
    return what()


@pytest.mark.slow
@pytest.mark.parametrize("name", SAID)
def test_a_file_that_cannot_be_checked_costs_its_line_which_says_why(name, attacked):
    file, (record,) = attacked[name]
    assert record["verdict"] == NOT_CHECKED
    assert record["says"].startswith(SAID[name].format(file=file)), record["says"]
    assert len(record["says"]) < 4000
    assert (record["mistake"], record["deviation"], record["finding"]) == ("", None, None)


@pytest.mark.slow
@pytest.mark.parametrize("name", FINE)
def test_what_trains_right_is_right_whatever_it_prints_closes_or_leaves(name, attacked):
    file, (record,) = attacked[name]
    assert (record["file"], record["listing"], record["verdict"]) == (f"{file}:delta_sgd", "delta_sgd", "RIGHT")


@pytest.mark.slow
def test_a_process_that_a_submission_leaves_is_ended(attacked):
    pid = int((attacked["folder"] / "left.txt").read_text())
    assert wait_for(lambda: gone(pid), 5)


@pytest.mark.slow
def test_nothing_is_left_in_the_folder_of_the_submissions(attacked):
    assert {path.suffix for path in attacked["folder"].iterdir()} == {".py", ".txt"}


@pytest.mark.slow
def test_what_hangs_is_ended_after_the_seconds_that_it_has(tmp_path):
    began = time.monotonic()
    for name, (file, (record,)) in outcomes(tmp_path, HANGS, How(seconds=2, jobs=5)).items():
        who = file if "import" in name else f"{file}:delta_sgd"
        assert (record["verdict"], record["says"]) == (NOT_CHECKED, f"{who} takes more than 2 s")
    assert time.monotonic() - began < 30


def test_a_submission_that_waits_is_ended_and_the_next_is_checked(tmp_path):
    texts = {"waits": HANGS["waits"], "has none": "x = 1\n"}
    waits, none = outcomes(tmp_path, texts, How(seconds=1, jobs=2)).values()
    assert waits[1][0]["says"] == f"{waits[0]}:delta_sgd takes more than 1 s"
    assert none[1][0]["verdict"] == NOT_CHECKED


def test_a_thread_that_lets_nothing_else_run_is_ended_though_no_function_is_called(tmp_path, monkeypatch):
    monkeypatch.setattr(submissions, "OURS", 2.0)
    text = "import threading, time\ndef hold():\n    time.sleep(0.3)\n    9**9**9\n"
    text += "threading.Thread(target=hold, daemon=True).start()\n"
    text += RIGHT.format(before="import time; time.sleep(0.01)")
    _, (record,) = outcomes(tmp_path, {"holds": text}, How(seconds=1))["holds"]
    assert record["verdict"] == NOT_CHECKED
    assert record["says"].endswith(("takes more than 1 s", "keeps its check from ending within 2 s"))


def test_the_search_for_a_mistake_is_not_held_against_the_submission(tmp_path):
    def backprop_xor(W1, W2, X, D):
        return 1.1 * W1, 0.8 * W2  # no mistake of the catalogue, nor two

    clock, began = Clock(tmp_path / "clock", new=True), time.monotonic()
    finding = check(clock.timed(backprop_xor))
    whole, spent = time.monotonic() - began, clock.seconds()
    clock.close()
    assert (finding.verdict, finding.mistakes) == ("WRONG", ())
    assert 0 < spent < whole / 2


def test_a_function_that_ends_the_process_leaves_the_others_of_its_file_to_be_checked(tmp_path):
    first = RIGHT.format(before="import os; os._exit(3)")
    text = first + RIGHT.format(before="1 / 0").replace("delta_sgd", "delta_batch")
    file, records = outcomes(tmp_path, {"two": text}, How(seconds=60))["two"]
    assert [(r["file"], r["listing"]) for r in records] == [
        (f"{file}:delta_sgd", "delta_sgd"),
        (f"{file}:delta_batch", "delta_batch"),
    ]
    assert records[0]["says"] == f"{file}:delta_sgd ends the process, with exit code 3"
    assert records[1]["says"].startswith("delta_batch raises ZeroDivisionError")


def test_a_notebooks_export_is_checked_and_its_commands_do_nothing(tmp_path):
    """As ``jupyter nbconvert --to script`` writes them, with commands for the shell and for IPython in it."""
    shell = "get_ipython()"
    text = f"""
{shell}.run_line_magic('matplotlib', 'inline')
{shell}.system('touch {tmp_path}/done')
{shell}.run_cell_magic('bash', '', 'touch {tmp_path}/done')
{RIGHT.format(before="pass")}
"""
    _, (record,) = outcomes(tmp_path, {"notebook": text}, How(seconds=60))["notebook"]
    assert (record["listing"], record["verdict"]) == ("delta_sgd", "RIGHT")
    assert not (tmp_path / "done").exists()


OTHERS = """
import numpy as np
def sgd({arguments}):
    pass
def sigmoid(x):
    return 1 / (1 + np.exp(-x))
"""


def test_a_function_of_a_listings_name_that_takes_no_samples_leaves_the_parts_to_be_checked(tmp_path):
    found = outcomes(tmp_path, {"optimiser": OTHERS.format(arguments="params, grads")}, How(seconds=60))["optimiser"]
    file, (first, second) = found
    assert first["says"].startswith("sgd takes 2 arguments (params, grads) that have no default; delta_sgd takes 3")
    assert (second["file"], second["verdict"]) == (f"{file}:sigmoid", "RIGHT")


def test_a_lambda_is_told_by_the_name_that_it_has_in_its_file(tmp_path):
    text = "import numpy as np\ndelta_sgd = lambda W, X, D: W\n"
    parts = "import numpy as np\nsigmoid = lambda x: 1 / (1 + np.exp(-x))\ndef f(x): return np.tanh(x)\ntanh = f\n"
    found = outcomes(tmp_path, {"listing": text, "parts": parts}, How(seconds=60))
    _, (record,) = found["listing"]
    assert (record["listing"], record["verdict"], record["mistake"]) == ("delta_sgd", "WRONG", "never-W")
    _, records = found["parts"]
    assert [(r["listing"], r["verdict"]) for r in records] == [("sigmoid", "RIGHT"), ("tanh", "RIGHT")]


def test_the_ending_of_a_file_may_be_in_capital_letters(tmp_path):
    file = tmp_path / "RIGHT.PY"
    file.write_text(RIGHT.format(before="pass"), encoding="utf-8")
    for name in (str(file), f"{file}:delta_sgd"):
        ((_, (record,)),) = submissions.checked([name], How(seconds=60))
        assert (record["listing"], record["verdict"]) == ("delta_sgd", "RIGHT")


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_a_file_in_utf_16_is_refused_with_what_to_do_and_one_with_a_mark_of_utf_8_is_read(order, tmp_path):
    text = RIGHT.format(before="pass")
    (tmp_path / "wide.py").write_bytes(f"\ufeff{text}".encode(order))
    (tmp_path / "marked.py").write_text(text, encoding="utf-8-sig")
    files = [str(tmp_path / name) for name in ("wide.py", "marked.py")]
    (wide,), (marked,) = (records for _, records in sorted(submissions.checked(files, How(seconds=60))))
    assert wide["says"] == f"{files[0]} is in UTF-16, which Python does not read; save it as UTF-8"
    assert marked["verdict"] == "RIGHT"


def test_a_listing_is_checked_without_the_helpers_of_its_file(tmp_path):
    _, (record,) = outcomes(tmp_path, {"one": OTHERS.format(arguments="W, X, D")}, How(seconds=60))["one"]
    assert record["listing"] == "delta_sgd"


def test_who_stops_listening_ends_what_runs(tmp_path):
    text = f'import os\nopen({str(tmp_path / "pid.txt")!r}, "w").write(str(os.getpid()))\nwhile True: pass\n'
    files = written(tmp_path, {"has none": "x = 1\n", "hangs": text})
    with closing(submissions.checked([*files.values()], How(seconds=600, jobs=2))) as coming:
        k, _ = next(coming)
        assert k == 0
        assert wait_for(lambda: (tmp_path / "pid.txt").exists() and (tmp_path / "pid.txt").read_text())
    assert gone(int((tmp_path / "pid.txt").read_text()))


def test_what_is_printed_is_kept_up_to_a_limit(tmp_path):
    files = written(tmp_path, {"prints": 'print("hello " * 10**6)\n1 / 0\n'})
    heard = []
    ((_, (record,)),) = submissions.checked([*files.values()], How(), heard.append)
    assert record["says"].startswith(files["prints"])
    (text,) = heard
    assert text.startswith("hello hello")
    assert text.endswith("... and more\n")
    assert len(text) < submissions.HEARD + 20


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nothing.py", "nothing.py: there is no such file"),
        ("nothing.py:f", "nothing.py: there is no such file"),
        ("folder.py", "folder.py is a folder; give its files"),
        ("text.txt", "text.txt: what is checked ends in .py, .m, .mat, .npz, .npy, .csv"),
        (
            "notes.ipynb",
            "notes.ipynb: what is checked ends in .py, .m, .mat, .npz, .npy, .csv; export a notebook as .py: "
            "jupyter nbconvert --to script",
        ),
        ("w.mat:f", "w.mat:f: a function is named of a Python file alone"),
    ],
)
def test_a_file_that_is_none_is_refused_before_a_process_begins(name, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.py").mkdir()
    for file in ("text.txt", "w.mat", "notes.ipynb"):
        (tmp_path / file).touch()
    with pytest.raises(CheckError) as refused:
        submissions.path_and_function(name)
    assert str(refused.value) == message
    ((k, (record,)),) = submissions.checked([name], How())
    assert (k, record["file"], record["says"]) == (0, name, message)


def test_the_clock_runs_while_it_is_told_to_and_another_process_can_read_it(tmp_path):
    mine, other = Clock(tmp_path / "clock", new=True), Clock(tmp_path / "clock")

    def slow(a, b=2):
        """Words."""
        time.sleep(0.05)
        assert other.seconds() >= 0.05
        return a + b

    timed = mine.timed(slow)
    assert (timed(1), timed(1, b=3), timed.__name__, timed.__doc__) == (3, 4, "slow", "Words.")
    spent = other.seconds()
    assert 0.1 <= spent == other.seconds()
    mine.reset()
    assert other.seconds() == 0
    mine.close()
    other.close()


def test_the_convolutional_network_has_twice_the_time(tmp_path):
    assert submissions.SECONDS["mnist_conv"] == 2 * submissions.USUAL_SECONDS == 120


HELD = """
import os, signal
from deltarule.check.submissions import signals_held
held = False
try:
    with signals_held():
        os.kill(os.getpid(), signal.SIGINT)
        held = True
    print("not interrupted")
except KeyboardInterrupt:
    print(held, signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))
"""


@pytest.mark.skipif(os.name != "posix", reason="signals wait on POSIX alone")
def test_a_signal_that_comes_while_a_process_begins_waits_until_it_is_known():
    # in a process with one thread: what tests run in has others, which take a signal meanwhile
    alone = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", HELD], capture_output=True, text=True, env=alone, check=False)
    assert (done.stdout, done.stderr) == ("True False\n", "")


@pytest.mark.slow
def test_a_submission_may_be_sent_signals(tmp_path):
    text = "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\nimport time\ntime.sleep(100)\n"
    file, (record,) = outcomes(tmp_path, {"ends": text}, How(seconds=60))["ends"]
    assert record["says"] == f"{file} ends by the signal SIGTERM"
