"""Programs that a program of ours runs: what they print is UTF-8 whatever the locale, and they end when it is ended."""

import os
import subprocess


def run(command):
    """Run a program to its end.

    Parameters
    ----------
    command : list of str

    Returns
    -------
    subprocess.CompletedProcess
        Its ``stdout`` and ``stderr`` are text.
    """
    how = {"encoding": "utf-8", "errors": "backslashreplace", "env": {**os.environ, "PYTHONIOENCODING": "utf-8"}}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **how) as child:
        try:
            printed, said = child.communicate()
        except BaseException:  # a signal ends this program; SIGTERM lets the child end what it has begun
            child.terminate()
            raise
    return subprocess.CompletedProcess(command, child.returncode, printed, said)
