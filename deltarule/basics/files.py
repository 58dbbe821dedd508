"""Files that appear whole or not at all, the lock of a file, and the error for one that cannot be used.

A file is replaced by a new one that was written beside it; what is not a plain file is written to as it is.
"""

import errno
import os
import secrets
import stat
import sys
from contextlib import contextmanager, suppress

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_PART = ".deltarule-", ".part"  # how the names of files that are being written begin and end


class ReferenceFileError(Exception):
    """A file of results or references is missing, damaged or of another kind; the message says which and why."""


def write_whole(path, content):
    """Write bytes to a file that appears whole or not at all.

    Parameters
    ----------
    path : path
        A new file gets the permissions that the umask gives, an existing one keeps its own. A link stays, and the file
        that it leads to is replaced. A pipe, a character device such as ``/dev/null``, and the file that standard
        output goes to are not replaced but written to.
    content : bytes

    Raises
    ------
    OSError
        If it cannot be written, or is a folder, a socket or a block device; `path` is its filename.

    Notes
    -----
    The bytes are written to ``.deltarule-....part`` in the same folder, which then takes the name of the file. A
    process that is killed leaves it; the next call for that folder removes it.
    """
    try:
        before = _status(path)
        if before is None or (stat.S_ISREG(before.st_mode) and _standard_stream(before) is None):
            _replace(os.path.realpath(path), content, before)
        else:
            with _opened(path, before) as file:
                file.write(content)
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fspath(path)) from error


def try_writing(path):
    """Find out whether `write_whole` could write a file, without writing it; what is there stays as it is.

    Raises
    ------
    OSError
        If it could not.
    """
    before = _status(path)
    if before is not None and _standard_stream(before) is not None:
        return  # it is open
    if before is not None and not stat.S_ISREG(before.st_mode):
        _check_kind(before)  # and no more: a pipe is not opened before there is something to write
        if not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return
    target = os.path.realpath(path)
    if before is not None and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    from tempfile import TemporaryFile  # here, since few runs write a file, and it loads four compressors

    TemporaryFile(dir=os.path.dirname(target)).close()  # where it can, without a name that could stay behind


def _part(folder):
    """A new name for a file that is being written."""
    return os.path.join(folder, secrets.token_hex(8).join(_PART))


def _status(path):
    """What is there, links followed; None where nothing is."""
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _standard_stream(status):
    """The descriptor of standard output or standard error, where that goes to this file; None otherwise."""
    for descriptor in (1, 2):
        with suppress(OSError):  # closed
            if os.path.samestat(status, os.fstat(descriptor)):
                return descriptor
    return None


def _check_kind(status):
    """OSError for what is neither a plain file nor one that is written to as it is."""
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISCHR(status.st_mode) or stat.S_ISFIFO(status.st_mode)):
        raise OSError(errno.EINVAL, "a socket or a block device; give the name of a file")


def _opened(path, status):
    """What is not to be replaced, opened to write to it."""
    if (stream := _standard_stream(status)) is not None:
        for file in filter(None, (sys.stdout, sys.stderr)):
            file.flush()  # what was printed before comes before it
        return open(os.dup(stream), "wb")
    _check_kind(status)
    if stat.S_ISFIFO(status.st_mode):  # opened without waiting for a reader: where there is none, this fails
        descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        os.set_blocking(descriptor, True)
        return open(descriptor, "wb")
    return open(path, "wb")


def _replace(target, content, before):
    """Put a new file in the place of `target`, which is a plain file of status `before`, or is not there."""
    if before is not None and not os.access(target, os.W_OK):  # the folder alone would allow it
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    folder = os.path.dirname(target)
    _remove_leftovers(folder)
    replaced = False
    while not replaced:
        part = _part(folder)
        try:
            replaced = _written_and_renamed(part, target, content, before)
        finally:
            with suppress(OSError):  # it has the name of the target, or was not made
                os.unlink(part)


def _written_and_renamed(part, target, content, before):
    """Write a new file and rename it; False where another process took it for a leftover before it was locked."""
    mode = 0o666 if before is None else before.st_mode & 0o777
    with open(part, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        with suppress(OSError):  # where there are no locks nothing is removed either
            _lock(file.fileno())
        file.write(content)
        file.flush()
        os.fsync(file.fileno())  # some disks are found to be full only now
        if before is not None:
            _keep_permissions(file.fileno(), before)
        if sys.platform == "win32":  # which renames no open file
            file.close()
        try:
            os.replace(part, target)
        except FileNotFoundError:
            return False
    return True


def _keep_permissions(descriptor, before):
    """Give a file the owner, where this process may, and the mode of another, whatever the umask took from it."""
    if os.chown in os.supports_fd and os.chmod in os.supports_fd:
        with suppress(PermissionError):
            os.chown(descriptor, before.st_uid, before.st_gid)
        os.chmod(descriptor, before.st_mode & 0o777)


def _remove_leftovers(folder):
    """Remove what processes that were killed left in a folder; what a living one is writing stays."""
    start, end = _PART
    with suppress(OSError):
        for name in os.listdir(folder):
            if name.startswith(start) and name.endswith(end):
                with suppress(OSError):
                    _remove_if_left(os.path.join(folder, name))


def _remove_if_left(part):
    """Remove a file unless a living process has it open."""
    if sys.platform == "win32":  # which removes no file that is open
        os.unlink(part)
        return
    descriptor = os.open(part, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        if stat.S_ISREG(os.fstat(descriptor).st_mode) and _lock(descriptor):
            os.unlink(part)
    finally:
        os.close(descriptor)


@contextmanager
def locked(path):
    """Keep other processes from the same file: while it runs, `locked` of that file is refused to all others.

    Parameters
    ----------
    path : path
        The file, which need not exist.

    Raises
    ------
    BlockingIOError
        If another process has it; `path` is its filename.
    OSError
        If the folder cannot be written, or has no locks; `path` is its filename.

    Notes
    -----
    The lock is held on ``.NAME.lock`` beside the file, since the file itself is replaced by `write_whole`. The system
    gives it back when the process ends, in whatever way; a lock file that stays after a kill is no hindrance.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp(), "rates.csv")
    >>> with locked(path):
    ...     write_whole(path, b"start,epochs")
    """
    folder, name = os.path.split(os.path.realpath(path))
    lock = os.path.join(folder, f".{name}.lock")
    try:
        descriptor = _opened_and_locked(lock)
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fspath(path)) from error
    try:
        yield
    finally:
        _remove_and_close(lock, descriptor)


def _opened_and_locked(lock):
    """The descriptor of a lock file that this process alone has locked."""
    while True:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
        try:
            if not _lock(descriptor):
                raise BlockingIOError(errno.EAGAIN, "another process is writing it")
            status = _status(lock)
            if status is not None and os.path.samestat(status, os.fstat(descriptor)):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # removed by who had it before, between the opening and the locking


def _remove_and_close(lock, descriptor):
    """Remove a lock file and give its lock back, in the order that the system allows."""
    if sys.platform == "win32":
        os.close(descriptor)
    with suppress(OSError):  # gone, or, on Windows, another's by now
        os.unlink(lock)
    if sys.platform != "win32":
        os.close(descriptor)


def _lock(descriptor):
    """Lock an open file until it is closed or the process ends; False if another process has locked it."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # PermissionError is how Windows says it
        return False
    return True
