"""The program that checks ports: one with what was found, or a class of submissions in a table."""

import argparse
import csv
import io
import json
import sys
from contextlib import closing

from ..basics.files import write_whole
from ..check import names, submissions
from ..check.child import NOT_CHECKED, WEIGHTS
from ..check.parts.checking import part_of
from ..check.told import RIGHT
from .options import OneLineParser, output_file, positive, seed
from .tables import padded, width
from .terminal import complain, delivered, progress, status, take_ctrl_c

FIELDS = ("file", "listing", "verdict", "mistake", "says", "deviation")
LONGEST_CELL = 60  # characters of a cell of the table

DESCRIPTION = """\
Check ports of the listings: is each right, and if not, which mistake does it make?

deltarule check mine.py:backprop            a function of a Python file
deltarule check mine.py                     every function of it that has a listing's name
deltarule check mine.py:Adam                a function, layer or optimiser of the from-scratch notes
deltarule check BackpropXOR.m               a MATLAB function, run under Octave
deltarule check weights.mat --listing backprop_xor --epochs 10000
deltarule check submissions/*.py --csv marks.csv

What is handed in runs with your own rights: it can read and change what you can. The limits of time and memory stop
what is broken, and not what means harm. Fence in what you do not trust: a container without a network, or a user of
its own.

The exit code is 0 when all are right, 1 when one is wrong, 2 when one cannot be checked."""


def main(arguments=None, prog="deltarule check"):
    """Check what the arguments name, and print what was found; the exit code.

    Parameters
    ----------
    arguments : list of str, optional
        Those of the process when None.
    prog : str
        The name of the program, for its help and messages.

    Returns
    -------
    int
        0 when all are right, 1 when one is wrong, 2 when one cannot be checked.
    """
    take_ctrl_c()
    parser = parser_of(prog)
    options = parser.parse_args(arguments)
    check_options(parser, options)
    records = checked(options)
    for record in records:
        if record["verdict"] == NOT_CHECKED and (len(options.files) == 1 or options.json):
            complain_lines(record["says"], prog)
    return delivered(lambda: deliver(records, options)) or code(records)


def parser_of(prog):
    """The parser of the options."""
    parser = OneLineParser(prog=prog, description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("files", nargs="+", metavar="FILE", help="FILE.py, FILE.py:FUNCTION, FILE.m, or weights: .mat .npz .npy .csv")
    add("--listing", type=listing, metavar="NAME", help="what they are ports of; else their functions' names say it")
    add("--thorough", action="store_true", help="train from every start to the last epoch, however long that takes")
    add("--json", action="store_true", help="print JSON instead of text")
    add("--csv", type=output_file, metavar="FILE", help="write the table, as CSV")
    add("--seconds", type=_seconds, metavar="N", help="that a function may take; 60, or 120: mnist_conv and MATLAB")
    add("--megabytes", type=_megabytes, default=4096, metavar="N", help="of memory that one file may take; 4096")
    add("--jobs", type=_jobs, default=1, metavar="N", help="files that are checked at once; 1")
    add("--seed", type=seed, metavar="N", help="of weights: the seed of their start, or 'default'")
    add("--epochs", type=_epochs, metavar="N", help="of weights: how long they were trained")
    return parser


def listing(text):
    """The name of a listing, or of a part of the from-scratch notes."""
    if names.known(text) is None and not any(part_of(kind, text) for kind in (print, type)):  # a function and a class
        known = f"{', '.join(names.LISTINGS)}, or a part of the from-scratch notes such as softmax or Affine"
        raise argparse.ArgumentTypeError(f"listing must be one of {known}; not {text!r}")
    return text


def _seconds(text):
    return positive("seconds", text, 10**6)


def _megabytes(text):
    return positive("megabytes", text, 2**30, least=256)


def _jobs(text):
    return positive("jobs", text, 1024)


def _epochs(text):
    return positive("epochs", text, 10**9)


def check_options(parser, options):
    """One line and exit 2 for options that no file is asked with."""
    of_weights = any(file.lower().endswith(WEIGHTS) for file in options.files)
    for name in ("seed", "epochs"):
        if getattr(options, name) is not None and not of_weights:
            parser.error(f"argument --{name}: it is of weights, in a file that ends in {', '.join(WEIGHTS)}")


def checked(options):
    """The records of all files, in their order."""
    files, found = options.files, {}
    given = ("listing", "thorough", "seed", "epochs", "seconds", "megabytes", "jobs")
    how = submissions.How(**{name: getattr(options, name) for name in given})
    printed = []
    if len(files) == 1:
        status(f"{files[0]} is checked")
    try:
        with (
            progress("check", len(files), "file") as bar,
            closing(submissions.checked(files, how, printed.append if len(files) == 1 else None)) as coming,
        ):
            for k, records in coming:
                found[k] = records
                bar.update(1)
    finally:
        status()
    if sys.stderr is not None:
        sys.stderr.write("".join(printed))
    return [record for k in sorted(found) for record in found[k]]


def deliver(records, options):
    """Print what was found, and write the CSV."""
    if options.json:
        print(json.dumps({"checked": [{k: v for k, v in record.items() if k != "text"} for record in records]}))
    elif len(options.files) == 1:
        texts = [record["text"] for record in records if record["text"]]
        print("\n\n".join("\n".join(map(visible, text.splitlines())) for text in texts), end="\n" if texts else "")
    else:
        print(table([["file", "listing", "verdict", "mistake", "deviation"], *map(row, records)]))
    if options.csv:
        write_whole(options.csv, as_csv(records))


def row(record):
    """A record's line of the table; why it cannot be checked stands in place of a mistake."""
    what = record["says"].partition("\n")[0] if record["verdict"] == NOT_CHECKED else record["mistake"]
    off = record["deviation"]
    if record["verdict"] != RIGHT and not what:
        what = "unknown"
    cells = [record["file"], record["listing"], record["verdict"], what, "" if off is None else f"{off:.1e}"]
    return [cell(text) for text in cells]


def table(rows):
    """Rows of text as lines, each column to the left."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(padded, row, widths)).rstrip() for row in rows)


def cell(text):
    """A text of one line that is not too long."""
    text = visible(text)
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 4]} ..."


def visible(text):
    """A text in which what would steer a terminal is written as its escape."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def as_csv(records):
    """The table as CSV, in UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, FIELDS, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue().encode("utf-8", "backslashreplace")


def complain_lines(message, prog):
    """A message on stderr, and below it the lines that it came from."""
    first, *others = message.splitlines() or [""]
    complain(first, prog)
    if sys.stderr is not None:
        sys.stderr.write("".join(f"{visible(line)}\n" for line in others))


def code(records):
    """The exit code: 2 where one cannot be checked, 1 where one is wrong, else 0."""
    verdicts = {record["verdict"] for record in records}
    return 2 if NOT_CHECKED in verdicts else int(verdicts != {RIGHT})
