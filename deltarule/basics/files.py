"""Files that appear whole or not at all, and the error for one that cannot be used."""

import os
from pathlib import Path


class ReferenceFileError(Exception):
    """A file of results or references is missing, damaged or of another kind; the message says which and why."""


def write_whole(path, content):
    """Write bytes to a file that appears whole or not at all.

    Raises
    ------
    OSError
        If it cannot be written; `path` is its filename.
    """
    path = Path(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        part.unlink(missing_ok=True)
