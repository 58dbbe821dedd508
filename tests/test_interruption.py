"""Ctrl-C, full disks, read-only folders and readers that go away: one line that says so, and no half-written file."""

import fcntl
import os
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from runs import ROOT, SCRIPTS

from deltarule import study
from deltarule.basics import files
from deltarule.basics.files import write_whole
from deltarule.listings.experiments import EXPERIMENTS
from deltarule.programs import compare, page, terminal
from deltarule.study import program

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals, terminals and limits of POSIX")

# Programs, with options for work that would take long, and what they show when they are at it
LONG = {name: (["--epochs", "100000000", "--plot", "figure.png"], "epoch") for name in EXPERIMENTS}
LONG |= {
    "compare": (["--epochs", "100000000", "--html", "page.html"], "1 of"),
    "benchmark": (["--only", "delta_batch", "--rounds", "1000", "--out", "times.json"], "round"),
    "study": (["backprop_xor", "--starts", "10000000", "--out", "rates.npz"], "start"),
    "study --jobs": (["backprop_xor", "--starts", "10000000", "--jobs", "2", "--out", "rates.npz"], "start"),
}
if shutil.which("octave-cli"):
    LONG["regenerate"] = (["--check"], "mat")


def command(name, *options):
    folder = ROOT / "reference" if name == "regenerate" else SCRIPTS
    return [sys.executable, str(folder / f"{name.partition(' ')[0]}.py"), *options]


def unmeasured():
    """The environment without coverage, which writes files, and which a signal can leave waiting for its own lock."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}


class OnTerminal:
    """A program whose stderr is a terminal, where it shows its progress."""

    def __init__(self, name, options, folder):
        self.name, self.folder, self.said = name, folder, ""
        self.terminal, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
        self.process = subprocess.Popen(
            command(name, *options),
            cwd=folder,
            env=unmeasured(),
            stdout=subprocess.PIPE,
            stderr=theirs,
            text=True,
            start_new_session=True,
        )
        os.close(theirs)

    def listen(self, until):
        """Read what it says, up to a text or its end."""
        limit = time.monotonic() + 120
        while until not in self.said and time.monotonic() < limit:
            if select.select([self.terminal], [], [], 1)[0]:
                try:
                    self.said += os.read(self.terminal, 4096).decode()
                except OSError:  # Linux says so when the other side of a terminal is closed
                    return


def interrupt(name, folder):
    """Start a program, and interrupt it when it shows that it is at work."""
    options, sign = LONG[name]
    program = OnTerminal(name, options, folder)
    program.listen(sign)
    os.killpg(program.process.pid, signal.SIGINT)
    program.listen("interrupted")
    program.printed = program.process.communicate(timeout=120)[0]
    program.listen("\0")  # to the end
    os.close(program.terminal)
    return program


def shown(said):
    """The lines that a terminal shows, of which a carriage return overwrites the beginning."""
    lines = []
    for line in said.replace("\r\n", "\n").split("\n"):
        visible = ""
        for part in line.split("\r"):
            before, erased, after = part.partition("\x1b[K")  # which erases what lies to the right
            visible = before + after if erased else part + visible[len(part) :]
        lines.append(visible.rstrip())
    return [line for line in lines if line]


def test_lines_are_read_as_a_terminal_shows_them():
    assert shown("a: 1 %\ra: 20 %\r       \rdone\r\n\r\n") == ["done"]
    assert shown("one of 15\x1b[K\rtwo\x1b[K\nnext") == ["two", "next"]
    assert shown("a: 20 %\r\x1b[Kdone\r\n") == ["done"]


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory):
    """What came of each program, interrupted; some run side by side, since each shows nothing for a second."""
    with ThreadPoolExecutor(8) as pool:
        started = {name: pool.submit(interrupt, name, tmp_path_factory.mktemp(name)) for name in LONG}
        return {name: program.result() for name, program in started.items()}


@pytest.mark.slow
@pytest.mark.parametrize("name", LONG)
def test_ctrl_c_ends_with_one_line_exit_130_and_no_half_written_file(name, interrupted):
    program = interrupted[name]
    assert LONG[name][1] in program.said
    assert program.process.returncode == 130
    # a line of progress may stay where it was, but not beside what is said
    said = [line for line in shown(program.said) if LONG[name][1] not in line or "interrupted" in line]
    if name.startswith("study"):  # what is done is kept
        assert said == ["study.py: interrupted; what is done is above, and in the file"]
        (outcome,) = study.read(program.folder / "rates.npz")
        assert f" {len(outcome.starts)} " in program.printed
        assert [path.name for path in program.folder.iterdir()] == ["rates.npz"]
    else:
        assert said == [f"{name}.py: interrupted"]
        assert program.printed == ""
        assert list(program.folder.iterdir()) == []


def studying(folder, *options):
    """A study of two processes that would take long, when it shows that it is at work; and its processes."""
    psutil = pytest.importorskip("psutil")
    started = OnTerminal("study", [*LONG["study --jobs"][0], *options], folder)
    started.listen("start")
    mother = psutil.Process(started.process.pid)
    return started, [p for p in mother.children(recursive=True) if "LokyProcess" in " ".join(p.cmdline())]


def outcome_said(started, processes, lines):
    """The outcome in the file of a study that has ended, after a look at what it said and left."""
    psutil = pytest.importorskip("psutil")
    started.printed = started.process.communicate(timeout=120)[0]
    started.listen("\0")
    os.close(started.terminal)
    said = [line for line in shown(started.said) if "start/s" not in line or line in lines]
    assert said == lines
    assert psutil.wait_procs(processes, timeout=30)[1] == []
    assert [path.name for path in started.folder.iterdir()] == ["rates.npz"]
    (outcome,) = study.read(started.folder / "rates.npz")
    assert len(outcome.starts) > 0
    assert f" {len(outcome.starts)} " in started.printed
    return outcome


@pytest.mark.slow
@pytest.mark.parametrize(("name", "how"), [("SIGTERM", "terminated"), ("SIGHUP", "hung up")])
@pytest.mark.parametrize("group", [False, True])
def test_a_study_that_is_ended_by_a_signal_keeps_what_is_done(name, how, group, tmp_path):
    signum = getattr(signal, name)
    started, processes = studying(tmp_path)
    (os.killpg if group else os.kill)(started.process.pid, signum)
    outcome_said(started, processes, [f"study.py: {how}; what is done is above, and in the file"])
    assert started.process.returncode == 128 + signum


@pytest.mark.slow
def test_a_study_keeps_what_is_done_when_one_of_its_processes_is_killed(tmp_path):
    started, processes = studying(tmp_path)
    time.sleep(0.5)  # both have sent their first results by now: loky waits for ever for the rest of one half sent
    processes[0].kill()
    outcome_said(
        started, processes, ["study.py: a process that trained was killed; what is done is above, and in the file"]
    )
    assert started.process.returncode == 1


@pytest.mark.slow
def test_of_two_studies_with_one_file_the_second_is_refused_and_the_first_goes_on(tmp_path):
    started, processes = studying(tmp_path)
    for options in ((), ("--resume",)):
        second = subprocess.run(
            command("study", "backprop_xor", "--starts", "9", "--out", "rates.npz", *options),
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (second.returncode, second.stdout) == (2, "")
        assert second.stderr == "study.py: argument --out: rates.npz: another process is writing it\n"
    assert started.process.poll() is None
    os.kill(started.process.pid, signal.SIGTERM)
    outcome_said(started, processes, ["study.py: terminated; what is done is above, and in the file"])


def test_a_signal_that_is_ignored_stays_so_under_nohup():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with program.stopping():
            signal.raise_signal(signal.SIGHUP)
            with pytest.raises(program.Stopped):
                signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_ctrl_c_in_the_middle_of_writing_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    path = tmp_path / "result.json"
    path.write_bytes(b"old")
    monkeypatch.setattr(files.os, "fsync", lambda descriptor: signal.raise_signal(signal.SIGINT))
    signal.signal(signal.SIGINT, terminal.interrupted)
    with pytest.raises(SystemExit, match="130"):
        write_whole(path, b"new and longer")
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("result.json", b"old")]


@pytest.fixture
def disk(tmp_path):
    """A disk of 12 KB, which whoever may mount can have, and a function that makes it read-only."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    given = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=12k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if not given or given.returncode != 0:
        pytest.skip("this account may not mount a disk")
    yield folder, lambda: subprocess.run([mount, "-o", "remount,ro", str(folder)], check=True)
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def limited(tmp_path):
    """A folder, and a limit to the size of files for the programs started: each write stops in the middle."""
    import resource

    return tmp_path, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))


# Programs that write a file, and the file
WRITING = {
    "delta_sgd": (["--epochs", "50", "--plot", "figure.png"], "figure.png"),
    "study": (["backprop_xor", "--starts", "400", "--epochs", "100", "--out", "rates.csv"], "rates.csv"),
    "study --plot": (["backprop_xor", "--starts", "20", "--epochs", "100", "--plot", "rates.png"], "rates.png"),
}


def check_that_it_says_so(name, reason, folder, **options):
    arguments, file = WRITING[name]
    done = subprocess.run(command(name, *arguments), cwd=folder, capture_output=True, text=True, check=False, **options)
    assert done.stderr.splitlines() == [f"{name.partition(' ')[0]}.py: {file}: {reason}"]
    assert done.returncode == 2
    assert len(done.stdout.splitlines()) > 5  # the results are there all the same
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", WRITING)
def test_a_full_disk_is_reported_by_name_and_keeps_no_part_of_a_file(name, disk):
    check_that_it_says_so(name, "No space left on device", disk[0])


@pytest.mark.parametrize("name", WRITING)
def test_a_write_that_stops_in_the_middle_is_reported_by_name_and_keeps_no_part_of_a_file(name, limited, tmp_path):
    environment = unmeasured() | {"PYTHONDONTWRITEBYTECODE": "1"}
    check_that_it_says_so(name, "File too large", limited[0], preexec_fn=limited[1], env=environment)


def test_a_full_disk_leaves_the_file_of_a_study_that_goes_on_as_it_was(disk):
    folder, _ = disk
    study_of = ["backprop_xor", "--epochs", "100", "--out", "rates.csv"]
    subprocess.run(command("study", *study_of, "--starts", "20"), cwd=folder, capture_output=True, check=True)
    before = (folder / "rates.csv").read_bytes()
    done = subprocess.run(
        command("study", *study_of, "--starts", "800", "--resume"),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (2, "study.py: rates.csv: No space left on device\n")
    assert [(file.name, file.read_bytes()) for file in folder.iterdir()] == [("rates.csv", before)]


@pytest.mark.parametrize("option", ["--html", "--plot"])
def test_a_full_disk_is_reported_by_compare(option, disk, monkeypatch, capsys):
    path = disk[0] / ("page.html" if option == "--html" else "curves.png")
    monkeypatch.setattr(compare, "EXPERIMENTS", {"delta_sgd": EXPERIMENTS["delta_sgd"]})
    monkeypatch.setattr(compare, "FOLDERS", {})
    monkeypatch.setattr(sys, "argv", ["compare.py", "--epochs", "3", option, str(path)])
    monkeypatch.setattr(page, "page", lambda *_: "some lines\n" * 2000)
    code = compare.main(SCRIPTS / "compare.py", "")
    printed, said = capsys.readouterr()
    assert (code, said) == (2, f"compare.py: {path}: No space left on device\n")
    assert "delta_sgd" in printed
    assert list(disk[0].iterdir()) == []


def test_a_disk_that_is_full_for_a_while_does_not_end_a_study(tmp_path, capsys, monkeypatch):
    def full(path, content):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(program, "write_whole", full)
    monkeypatch.setattr(sys, "argv", ["study.py"])
    program.saved_meanwhile(tmp_path / "rates.csv", [study.nothing(study.Settings("backprop_xor"))])
    assert capsys.readouterr().err == f"study.py: {tmp_path / 'rates.csv'}: No space left on device; the work goes on\n"


READ_ONLY = {
    "delta_sgd": "--plot figure.png",
    "compare": "--html page.html",
    "benchmark": "--out times.json",
    "study": "backprop_xor --out rates.csv",
}


@pytest.mark.parametrize("name", READ_ONLY)
def test_a_read_only_folder_is_reported_by_name_before_any_work(name, disk):
    folder, make_read_only = disk
    make_read_only()
    done = subprocess.run(
        command(name, *READ_ONLY[name].split()), cwd=folder, capture_output=True, text=True, check=False
    )
    option, file = READ_ONLY[name].split()[-2:]
    reason = f"argument {option}: {file!r} cannot be written: its folder is read-only"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{name}.py: {reason}\n")


def test_a_folder_in_place_of_a_file_is_reported_by_name(tmp_path):
    (tmp_path / "times.json").mkdir()
    done = subprocess.run(
        command("benchmark", "--out", "times.json"), cwd=tmp_path, capture_output=True, text=True, check=False
    )
    reason = "argument --out: 'times.json' is a folder; give the name of a file"
    assert (done.returncode, done.stderr) == (2, f"benchmark.py: {reason}\n")


PRINTING = {
    "delta_sgd": ["--epochs", "5"],
    "study": ["backprop_xor", "--starts", "20", "--epochs", "100"],
    "benchmark": ["--only", "delta_batch", "--rounds", "1"],
}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device of Linux")
@pytest.mark.parametrize("name", PRINTING)
def test_results_that_cannot_be_printed_are_reported(name):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            command(name, *PRINTING[name]), stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (2, f"{name}.py: standard output: No space left on device\n")


@pytest.mark.parametrize("name", PRINTING)
def test_a_reader_that_goes_away_ends_a_script_in_silence(name):
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(command(name, *PRINTING[name]), stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_file_is_saved_though_nobody_reads_what_is_printed(tmp_path):
    read, write = os.pipe()
    os.close(read)
    options = [*PRINTING["study"], "--out", "rates.npz"]
    done = subprocess.run(command("study", *options), stdout=write, cwd=tmp_path, check=False)
    os.close(write)
    assert done.returncode == 141
    assert len(study.read(tmp_path / "rates.npz")[0].starts) == 20
