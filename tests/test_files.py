"""Files that appear whole or not at all, links, devices and pipes in their place, what a kill leaves, and locks."""

import errno
import os
import secrets
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from argparse import ArgumentTypeError
from pathlib import Path

import pytest

from deltarule.basics import files
from deltarule.basics.files import locked, write_whole
from deltarule.programs.options import output_file

posix = pytest.mark.skipif(os.name != "posix", reason="links, devices, modes and signals of POSIX")
NOBODY = 65534


@pytest.fixture(params=["this account", "nobody"])
def folder(request):
    """An empty folder; once with the rights of this account and, where that is root, once with those of nobody."""
    path = Path(os.path.realpath(tempfile.mkdtemp()))
    if request.param == "this account":
        yield path
    elif os.name == "posix" and os.getuid() == 0 and hasattr(os, "setresuid"):
        os.chown(path, NOBODY, NOBODY)
        groups = os.getgroups()
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, 0)
        os.setresuid(NOBODY, NOBODY, 0)
        yield path
        os.setresuid(0, 0, 0)
        os.setresgid(0, 0, 0)
        os.setgroups(groups)
    else:
        pytest.skip("only root can take the rights of nobody")
    shutil.rmtree(path)


@pytest.fixture
def umask():
    """A function that sets the umask, which is as before afterwards."""
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


def mode(path):
    return stat.S_IMODE(path.lstat().st_mode)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_made_and_replaced_whole(folder):
    path = folder / "rates.csv"
    for content in (b"first", b"the second is longer", b""):
        write_whole(path, content)
        assert path.read_bytes() == content
        assert names(folder) == ["rates.csv"]
    write_whole(str(path), b"by a string")
    assert path.read_bytes() == b"by a string"


def test_what_fails_in_the_middle_leaves_the_old_file_and_no_other(folder, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    path = folder / "rates.csv"
    path.write_bytes(b"old")
    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as error:
        write_whole(path, b"new and longer")
    assert (error.value.errno, error.value.filename) == (errno.ENOSPC, str(path))
    assert names(folder) == ["rates.csv"]
    assert path.read_bytes() == b"old"


def test_a_file_of_the_longest_name_is_written(folder):
    path = folder / ("n" * 251 + ".csv")
    write_whole(path, b"content")
    assert path.read_bytes() == b"content"


@posix
@pytest.mark.parametrize(("mask", "expected"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664), (0o777, 0)])
def test_a_new_file_has_the_mode_that_the_umask_gives(mask, expected, folder, umask):
    umask(mask)
    write_whole(folder / "new", b"content")
    assert mode(folder / "new") == expected


@posix
@pytest.mark.parametrize("before", [0o640, 0o600, 0o664, 0o777])
@pytest.mark.parametrize("mask", [0o022, 0o077, 0])
def test_an_existing_file_keeps_its_mode(before, mask, folder, umask):
    path = folder / "rates.csv"
    path.write_bytes(b"old")
    path.chmod(before)
    umask(mask)
    write_whole(path, b"new")
    assert mode(path) == before
    assert path.read_bytes() == b"new"


@posix
def test_nobody_else_can_read_a_private_file_while_it_is_written(folder, umask, monkeypatch):
    path = folder / "rates.csv"
    path.write_bytes(b"old")
    path.chmod(0o600)
    seen = []
    monkeypatch.setattr(files.os, "fsync", lambda descriptor: seen.append(stat.S_IMODE(os.fstat(descriptor).st_mode)))
    write_whole(path, b"new")
    assert seen == [0o600]


@posix
@pytest.mark.skipif(os.name == "posix" and os.getuid() != 0, reason="only root can give files away")
def test_root_leaves_a_file_to_its_owner(tmp_path):
    path = tmp_path / "rates.csv"
    path.write_bytes(b"old")
    path.chmod(0o640)
    os.chown(path, NOBODY, NOBODY)
    write_whole(path, b"new")
    assert (path.stat().st_uid, path.stat().st_gid, mode(path)) == (NOBODY, NOBODY, 0o640)


@posix
def test_a_write_protected_file_is_not_replaced(folder):
    path = folder / "rates.csv"
    path.write_bytes(b"old")
    path.chmod(0o444)
    if os.getuid() == 0:  # to whom it is not protected
        write_whole(path, b"new")
        assert (path.read_bytes(), mode(path)) == (b"new", 0o444)
    else:
        with pytest.raises(PermissionError) as error:
            write_whole(path, b"new")
        assert error.value.filename == str(path)
        assert path.read_bytes() == b"old"


@posix
@pytest.mark.parametrize("target", ["there/target", "{}/there/target", "second"])
@pytest.mark.parametrize("exists", [True, False])
def test_a_link_stays_one_and_its_target_is_replaced_whole(target, exists, folder):
    (folder / "there").mkdir()
    os.symlink("there/target", folder / "second")
    os.symlink(target.format(folder), folder / "link")
    if exists:
        (folder / "there" / "target").write_bytes(b"old")
        (folder / "there" / "target").chmod(0o640)
    write_whole(folder / "link", b"new")
    assert (folder / "link").is_symlink()
    assert (folder / "there" / "target").read_bytes() == b"new"
    assert mode(folder / "there" / "target") == 0o640 or not exists
    assert names(folder / "there") == ["target"]
    assert names(folder) == ["link", "second", "there"]


@posix
def test_a_link_that_leads_nowhere_is_refused_by_name(folder):
    os.symlink("loop", folder / "loop")
    os.symlink("missing/file", folder / "link")
    for name, reason in (("loop", errno.ELOOP), ("link", errno.ENOENT)):
        with pytest.raises(OSError, match=name) as error:
            write_whole(folder / name, b"new")
        assert (error.value.errno, error.value.filename) == (reason, str(folder / name))
        assert (folder / name).is_symlink()


@posix
def test_a_planted_link_in_place_of_the_part_is_not_followed(folder, monkeypatch):
    monkeypatch.setattr(secrets, "token_hex", lambda _: "guessed")
    (folder / "victim").write_bytes(b"untouched")
    os.symlink("victim", folder / ".deltarule-guessed.part")
    with pytest.raises(FileExistsError) as error:
        write_whole(folder / "rates.csv", b"new")
    assert error.value.filename == str(folder / "rates.csv")
    assert (folder / "victim").read_bytes() == b"untouched"


def test_no_two_parts_have_the_same_name(folder, monkeypatch):
    used = []
    rename = os.replace
    monkeypatch.setattr(files.os, "replace", lambda part, path: (used.append(Path(part).name), rename(part, path)))
    for _ in range(50):
        write_whole(folder / "rates.csv", b"new")
    assert len(set(used)) == 50
    assert all(name.startswith(".deltarule-") and name.endswith(".part") for name in used)


# What is no plain file


@posix
@pytest.mark.parametrize("named", ["device", "link"])
def test_a_device_is_written_to_and_stays_one(named, tmp_path):
    if os.getuid() == 0:
        device = tmp_path / "null"
        try:
            os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))  # Linux's /dev/null
        except OSError:
            pytest.skip("this account may not make a device")
    else:
        device = Path(os.devnull)
    os.symlink(device, tmp_path / "link")
    write_whole({"device": device, "link": tmp_path / "link"}[named], b"content")
    assert stat.S_ISCHR(device.lstat().st_mode)
    assert (tmp_path / "link").is_symlink()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device of Linux")
def test_a_device_that_takes_nothing_is_refused_by_name(folder):
    with pytest.raises(OSError, match="No space left") as error:
        write_whole("/dev/full", b"content")
    assert error.value.filename == "/dev/full"
    assert stat.S_ISCHR(os.lstat("/dev/full").st_mode)


@posix
def test_a_pipe_with_a_reader_is_written_to(folder):
    path = folder / "pipe.csv"
    os.mkfifo(path)
    content = bytes(range(256)) * 1000  # more than a pipe holds
    got = []

    def read():
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            opened.set()
            select.select([file], [], [])
            os.set_blocking(file.fileno(), True)
            got.append(file.read())

    opened = threading.Event()
    reader = threading.Thread(target=read)
    reader.start()
    opened.wait()
    write_whole(path, content)
    reader.join()
    assert got == [content]
    assert stat.S_ISFIFO(path.lstat().st_mode)
    assert names(folder) == ["pipe.csv"]


@posix
def test_a_pipe_without_a_reader_is_refused_by_name(folder):
    path = folder / "pipe.csv"
    os.mkfifo(path)
    with pytest.raises(OSError, match="No such device") as error:
        write_whole(path, b"content")
    assert (error.value.errno, error.value.filename) == (errno.ENXIO, str(path))
    assert stat.S_ISFIFO(path.lstat().st_mode)


@posix
def test_a_socket_is_refused_by_name(folder):
    path = folder / "socket.csv"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        with pytest.raises(OSError, match="a socket or a block device; give the name of a file") as error:
            write_whole(path, b"content")
    assert error.value.filename == str(path)
    assert stat.S_ISSOCK(path.lstat().st_mode)


@posix
def test_a_block_device_is_refused_by_name(tmp_path):
    path = tmp_path / "disk.csv"
    try:
        os.mknod(path, 0o600 | stat.S_IFBLK, os.makedev(7, 255))
    except OSError:
        pytest.skip("this account may not make a device")
    with pytest.raises(OSError, match="a socket or a block device; give the name of a file") as error:
        write_whole(path, b"content")
    assert error.value.filename == str(path)
    assert stat.S_ISBLK(path.lstat().st_mode)


def links_and_others(folder):
    """By name, a path of each kind that `--out` may be given."""
    (folder / "plain").write_bytes(b"old")
    (folder / "inner").mkdir()
    links = {
        "link": "plain",
        "link to a new file": "inner/new",
        "link to a folder": "inner",
        "link to no folder": "missing/new",
        "loop": "loop",
        "link to a device": os.devnull,
    }
    for name, target in links.items():
        (folder / name).symlink_to(target)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(folder / "socket"))
    listening.close()
    others = ["plain", "new", "inner", "inner/new", "missing/new", "plain/new", "socket", os.devnull]
    return {name: folder / name for name in [*links, *others]}


@posix
def test_what_an_option_takes_before_the_work_is_written_after_it_and_what_it_refuses_is_not(folder):
    taken, said = {}, {}
    for name, path in links_and_others(folder).items():
        try:
            taken[name] = bool(output_file(str(path)))
        except ArgumentTypeError as error:
            taken[name], said[name] = False, str(error)
    assert {name for name in taken if not taken[name]} == {
        *("link to a folder", "link to no folder", "loop", "inner", "missing/new", "plain/new", "socket"),
    }
    assert all(str(folder / name) in text for name, text in said.items())
    assert (folder / "plain").read_bytes() == b"old"
    (folder / "again").mkdir()
    for name, path in links_and_others(folder / "again").items():
        try:
            write_whole(path, b"new")
            written = True
        except OSError:
            written = False
        assert written is taken[name], name


@posix
def test_a_device_is_taken_though_its_folder_takes_no_files(monkeypatch):
    access = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: str(path) != os.path.dirname(os.devnull) and access(path, mode)
    )
    assert output_file(os.devnull) == Path(os.devnull)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(ArgumentTypeError, match="cannot be written: Permission denied"):
        output_file(os.devnull)


def test_a_folder_is_refused_by_name(folder):
    with pytest.raises(IsADirectoryError) as error:
        write_whole(folder, b"content")
    assert error.value.filename == str(folder)
    assert names(folder) == []


def test_a_missing_folder_is_refused_by_the_name_of_the_file(folder):
    with pytest.raises(FileNotFoundError) as error:
        write_whole(folder / "missing" / "rates.csv", b"content")
    assert error.value.filename == str(folder / "missing" / "rates.csv")


WRITES_TO_STANDARD_OUTPUT = """
from deltarule.basics.files import write_whole
print("printed before")
write_whole("/dev/stdout", b"content\\n")
print("printed after")
"""


@pytest.mark.skipif(not os.path.exists("/dev/stdout"), reason="a name that POSIX systems give")
@pytest.mark.parametrize("where", ["file", "pipe"])
def test_standard_output_by_name_gets_the_content_between_what_is_printed(where, tmp_path):
    program = [sys.executable, "-c", WRITES_TO_STANDARD_OUTPUT]
    if where == "pipe":
        printed = subprocess.run(program, capture_output=True, check=True).stdout
    else:
        with (tmp_path / "out.txt").open("wb") as out:
            subprocess.run(program, stdout=out, check=True)
        printed = (tmp_path / "out.txt").read_bytes()
    assert printed.split(b"\n") == [b"printed before", b"content", b"printed after", b""]


@pytest.mark.skipif(not os.path.exists("/dev/stdout"), reason="a name that POSIX systems give")
def test_standard_output_that_is_closed_is_refused_by_name():
    program = f"import os, sys; os.close(1); sys.stdout = None\n{WRITES_TO_STANDARD_OUTPUT}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "No such file or directory: '/dev/stdout'" in done.stderr


# What a kill leaves

HOLDS_A_PART = """
import os, sys, time
from deltarule.basics.files import write_whole
os.fsync = lambda descriptor: (print("writing", flush=True), time.sleep(600))
write_whole(sys.argv[1], b"never finished")
"""


@pytest.fixture
def writing(tmp_path):
    """A process in the middle of writing a file, and its part."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS_A_PART, str(tmp_path / "slow.csv")], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline().strip() == b"writing"
        (part,) = tmp_path.iterdir()
        yield process, part
        process.kill()


def test_what_a_killed_process_was_writing_is_removed_by_the_next(writing, tmp_path):
    process, part = writing
    process.kill()
    process.wait()
    assert part.exists()
    write_whole(tmp_path / "other.csv", b"content")
    assert names(tmp_path) == ["other.csv"]


def test_what_a_living_process_is_writing_stays(writing, tmp_path):
    _, part = writing
    write_whole(tmp_path / "other.csv", b"content")
    assert names(tmp_path) == sorted([part.name, "other.csv"])


@posix
def test_only_plain_files_are_taken_for_leftovers(folder):
    others = folder / "others"
    others.mkdir()
    (others / ".rates.csv.part").write_bytes(b"another program's")
    (others / ".deltarule-notes").write_bytes(b"a person's")
    os.mkfifo(others / ".deltarule-fifo.part")
    os.symlink("elsewhere", others / ".deltarule-link.part")
    (others / ".deltarule-folder.part").mkdir()
    (others / ".deltarule-0123.part").write_bytes(b"half")
    before = names(others)
    write_whole(others / "rates.csv", b"content")
    assert set(before) - set(names(others)) == {".deltarule-0123.part"}


def test_a_part_removed_before_it_was_locked_is_written_again(folder, monkeypatch):
    lock, removed = files._lock, []

    def swept_first(descriptor):
        if len(removed) < 3:  # as another process does that lists the folder in this very moment
            removed.extend(folder.glob(".deltarule-*.part"))
            removed[-1].unlink()
        return lock(descriptor)

    monkeypatch.setattr(files, "_lock", swept_first)
    write_whole(folder / "rates.csv", b"content")
    assert len(removed) == 3
    assert names(folder) == ["rates.csv"]
    assert (folder / "rates.csv").read_bytes() == b"content"


WRITES_OFTEN = """
import sys
from deltarule.basics.files import write_whole
for k in range(100):
    write_whole(sys.argv[1], sys.argv[2].encode() * 10_000)
"""


def test_processes_that_write_the_same_file_leave_one_of_their_contents_whole(tmp_path):
    path = tmp_path / "rates.csv"
    processes = [subprocess.Popen([sys.executable, "-c", WRITES_OFTEN, str(path), letter]) for letter in "abc"]
    whole = {letter.encode() * 10_000 for letter in "abc"}
    while any(process.poll() is None for process in processes):
        assert not path.exists() or path.read_bytes() in whole
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert names(tmp_path) == ["rates.csv"]


# Locks

HOLDS_A_LOCK = """
import sys, time
from deltarule.basics.files import locked
with locked(sys.argv[1]):
    print("locked", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def holder(tmp_path):
    """A process that holds the lock of rates.csv, until it is told to go on."""
    program = [sys.executable, "-c", HOLDS_A_LOCK, str(tmp_path / "rates.csv")]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline().strip() == b"locked"
        yield process
        process.kill()


def test_a_file_that_another_process_has_locked_is_refused_by_name(holder, tmp_path):
    path = tmp_path / "rates.csv"
    with pytest.raises(BlockingIOError, match="another process is writing it") as error, locked(path):
        pytest.fail("two have the lock")
    assert error.value.filename == str(path)
    with locked(tmp_path / "other.csv"):
        pass


@posix
def test_a_link_has_the_lock_of_the_file_that_it_leads_to(holder, tmp_path):
    os.symlink("rates.csv", tmp_path / "link.csv")
    with pytest.raises(BlockingIOError), locked(tmp_path / "link.csv"):
        pytest.fail("two have the lock")


def test_a_lock_is_free_when_its_holder_has_ended(holder, tmp_path):
    holder.communicate(b"\n")
    assert names(tmp_path) == []
    with locked(tmp_path / "rates.csv"):
        pass
    assert names(tmp_path) == []


def test_a_lock_is_free_when_its_holder_was_killed(holder, tmp_path):
    holder.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    holder.wait()
    assert names(tmp_path) == [".rates.csv.lock"]
    with locked(tmp_path / "rates.csv"), pytest.raises(BlockingIOError), locked(tmp_path / "rates.csv"):
        pytest.fail("two have the lock")
    assert names(tmp_path) == []


def test_a_lock_is_given_back_when_the_work_fails(folder):
    with pytest.raises(ZeroDivisionError), locked(folder / "rates.csv"):
        raise ZeroDivisionError
    assert names(folder) == []


def test_a_locked_file_can_be_written(folder):
    with locked(folder / "rates.csv"):
        write_whole(folder / "rates.csv", b"content")
    assert names(folder) == ["rates.csv"]


def test_a_lock_in_a_missing_folder_is_refused_by_the_name_of_the_file(folder):
    with pytest.raises(FileNotFoundError) as error, locked(folder / "missing" / "rates.csv"):
        pytest.fail("locked")
    assert error.value.filename == str(folder / "missing" / "rates.csv")


@posix
def test_a_planted_link_in_place_of_a_lock_is_not_followed(folder):
    os.symlink("victim", folder / ".rates.csv.lock")
    with pytest.raises(OSError, match="rates.csv"), locked(folder / "rates.csv"):
        pytest.fail("locked")
    assert names(folder) == [".rates.csv.lock"]


@posix
def test_a_lock_file_removed_between_opening_and_locking_is_not_taken_for_the_lock(folder, monkeypatch):
    lock, removed = files._lock, []

    def removed_first(descriptor):
        if not removed:  # as the process does that had it before
            removed.append(folder / ".rates.csv.lock")
            removed[0].unlink()
        return lock(descriptor)

    monkeypatch.setattr(files, "_lock", removed_first)
    with locked(folder / "rates.csv"):
        assert names(folder) == [".rates.csv.lock"]
        with pytest.raises(BlockingIOError), locked(folder / "rates.csv"):
            pytest.fail("two have the lock")
    assert names(folder) == []


COUNTS = """
import sys
from argparse import ArgumentTypeError
from pathlib import Path
from deltarule.basics.files import locked, write_whole
from deltarule.programs.options import output_file
done = 0
path = Path(sys.argv[1])
while done < 50:
    try:
        with locked(path):
            write_whole(path, str(int(path.read_bytes()) + 1).encode())
        done += 1
    except BlockingIOError:
        pass
"""


def test_of_processes_that_count_in_one_file_no_count_is_lost(tmp_path):
    path = tmp_path / "count"
    path.write_bytes(b"0")
    processes = [subprocess.Popen([sys.executable, "-c", COUNTS, str(path)]) for _ in range(3)]
    assert [process.wait(120) for process in processes] == [0, 0, 0]
    assert path.read_bytes() == b"150"
    assert names(tmp_path) == ["count"]
