"""A clock that runs while a submission's own code does, in its process, and that another process can read.

It lies in a file that both map into memory: so it can be read however deep the submission is in a loop that lets
nothing else of its process run.
"""

import functools
import mmap
import struct
import time
from contextlib import contextmanager

FORM = struct.Struct("=dd")  # seconds so far, and since when the code is running; 0 where it is not


class Clock:
    """The seconds that a submission's own code has taken.

    Parameters
    ----------
    path : path
        Of its file.
    new : bool
        Whether it is made, or is there.
    """

    def __init__(self, path, new=False):
        if new:
            path.write_bytes(FORM.pack(0.0, 0.0))
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), FORM.size)

    def reset(self):
        """Begin again at 0."""
        FORM.pack_into(self.memory, 0, 0.0, 0.0)

    def seconds(self):
        """The seconds up to now."""
        spent, since = FORM.unpack_from(self.memory)
        return spent + (time.monotonic() - since if since else 0.0)

    @contextmanager
    def running(self):
        """Let it run."""
        spent, _ = FORM.unpack_from(self.memory)
        FORM.pack_into(self.memory, 0, spent, time.monotonic())
        try:
            yield
        finally:
            FORM.pack_into(self.memory, 0, self.seconds(), 0.0)

    def timed(self, function):
        """A function that lets the clock run while it is called; its name and arguments stay."""

        @functools.wraps(function, updated=())
        def called(*arguments, **named):
            with self.running():
                return function(*arguments, **named)

        return called

    def close(self):
        """Let go of the file."""
        self.memory.close()
