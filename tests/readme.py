"""The printed outputs in README.md and README.ko.md: found, compared and, as a program, written anew.

``python tests/readme.py`` runs every script and puts what it printed into both files.
"""

import re
import sys

import runs

from deltarule.basics.files import write_whole

FILES = [runs.ROOT / "README.md", runs.ROOT / "README.ko.md"]
BLOCK = re.compile(r"```text\n\$ python scripts/(\w+)\.py\n(.*?)```", re.DOTALL)
SECONDS = re.compile(r"(?<= )\d+\.\d\d(?= s$|  )", re.MULTILINE)


def blocks(text):
    """What stands under each script's command, by script."""
    return {match[1]: match[2] for match in BLOCK.finditer(text)}


def without_times_and_rounding(printed):
    """A script's output with what differs from machine to machine made equal: times, and sizes of rounding errors."""
    return re.sub(r" +(?=#)", " ", re.sub(r"\d\.\de-\d\d", "#", SECONDS.sub("#", printed)))


def main():
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        filled = BLOCK.sub(lambda match: f"```text\n$ python scripts/{match[1]}.py\n{runs.text(match[1])[1]}```", text)
        write_whole(path, filled.encode())


if __name__ == "__main__":
    sys.exit(main())
