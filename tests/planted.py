"""Ports with a mistake: the text of a listing in benchmarks/plain.py with some of its lines changed.

A change is ``(old, new)`` or ``(old, new, times)``: each line that reads `old`, its indentation aside, becomes `new`,
one line or several, at the same indentation; it must be there exactly so many times, once if nothing is said. An empty
`new` takes the line away. The text holds the functions that the listing calls as well, so that a mistake in `sigmoid`
is one in every layer; it is independent of the steps that `deltarule.check` is made of.
"""

import inspect
import re
import textwrap

import plain


class PlantError(Exception):
    """A change whose line is not there as often as it says."""


def text(listing):
    """The text of a listing, behind that of the functions of benchmarks/plain.py that it calls."""
    parts, ahead = [], [listing]
    while ahead:
        source = inspect.getsource(getattr(plain, ahead.pop()))
        if source not in parts:
            parts.insert(0, source)
            called = re.findall(r"(?<![\w.])(\w+)\(", source.split("\n", 1)[1])
            ahead += [name for name in called if inspect.isfunction(getattr(plain, name, None))]
    return "\n".join(parts)


def changed(source, changes):
    """A text with some of its lines changed.

    Parameters
    ----------
    source : str
    changes : iterable of (str, str) or (str, str, int)

    Raises
    ------
    PlantError
        If a line is not there as often as the change says, as where two changes are of the same line.
    """
    for old, new, *times in changes:
        lines = source.split("\n")
        places = [k for k, line in enumerate(lines) if line.strip() == old]
        if len(places) != (times[0] if times else 1):
            raise PlantError(f"{old!r} is there {len(places)} times, not {times[0] if times else 1}")
        for k in reversed(places):
            indent = lines[k][: len(lines[k]) - len(lines[k].lstrip())]
            lines[k : k + 1] = textwrap.indent(textwrap.dedent(new), indent).split("\n") if new else []
        source = "\n".join(lines)
    return source


def made(source, name):
    """The function of a name that a text defines; it sees NumPy as np, and nothing else."""
    namespace = {"np": plain.np, "__name__": "planted"}
    exec(source, namespace)
    return namespace[name]


def planted(listing, *changes):
    """A listing of benchmarks/plain.py as a function, with some lines changed."""
    return made(changed(text(listing), changes), listing)
