"""Printed and saved outputs of MATLAB, and the streams that they came from."""

import json
from pathlib import Path

from deltarule import matlab


def contents(name):
    """What a file of published outputs holds."""
    return json.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))


def entries(name):
    """The entries of a file of published outputs, by their id."""
    return {entry["id"]: entry for entry in contents(name)}


def default():
    """The stream of a freshly started MATLAB."""
    return matlab.rng()


def after_rand(seed, n):
    """A stream that has given n uniform numbers."""
    stream = matlab.rng(seed)
    stream.rand(n, 1)
    return stream
