"""The run of all scripts: each in a process of its own, their JSON in one table, a page, or beside an earlier run."""

import argparse
import json
import math
import sys
import time
from pathlib import Path

from ..basics import functions
from ..basics.files import ReferenceFileError, write_whole
from ..evidence import gradients
from ..evidence.errata import read_errata
from ..evidence.textbook import read_functions, read_textbook
from ..listings.experiments import EXPERIMENTS
from ..version import __version__
from . import children, drift, earlier, parts, summary
from .environment import commit, environment
from .language import asked_for, translator
from .options import OneLineParser, add_length, add_options, check_length, check_seed, output_file
from .terminal import complain, delivered, status, take_ctrl_c

FOLDERS = parts.FOLDERS  # the scripts of the other parts of the table, by their folders


def main(file, doc):
    """Read the options, run the scripts beside `file`, and print the table.

    Returns
    -------
    int
        The exit code: 0 when every script passed, 1 when not, 2 when something could not be written.
    """
    take_ctrl_c()
    options, before = read_options(file, doc)
    folder = Path(file).resolve().parent
    names = [*EXPERIMENTS, *(name for scripts in FOLDERS.values() for name in scripts)]
    if before and not before["whole"]:
        there = [record["script"] for record in before["scripts"]]
        names = [name for name in names if name in there]
    result = {
        "scripts": [run(folder, name, options, f"{k} of {len(names)}") for k, name in enumerate(names, 1)],
        "functions": function_records(reference_folder(file) / "textbook.toml"),
        "environment": environment(options.device),
        "deltarule": {"version": __version__, "commit": commit()},
    }
    if before:
        result["drift"] = drift.report(result, before, options.tolerance)
    failed = not summary.passed(result)
    return delivered(lambda: deliver(result, before, options, reference_folder(file))) or int(failed)


def reference_folder(file):
    """``reference/``, beside the folder of the scripts."""
    return Path(file).resolve().parent.parent / "reference"


def read_options(file, doc):
    """The options, and the earlier run to compare with, if one is named; what cannot be used ends it with exit 2."""
    parser = OneLineParser(description=doc, language=asked_for(sys.argv[1:]))
    add_options(parser)
    add_length(parser, ["iterations"])
    parser.add_argument(
        "--html", metavar="FILE", type=output_file, help="write one page with tables, curves and figures"
    )
    parser.add_argument("--output", metavar="FILE", type=output_file, help="write the JSON into a file")
    parser.add_argument(
        "--against",
        metavar="FILE",
        type=Path,
        help="fail if outputs or weights have drifted from an earlier run: JSON of --output, or a .mat or .npz of a "
        "script's --save, or a folder of these",
    )
    parser.add_argument(
        "--tolerance",
        metavar="X",
        type=tolerance,
        help="the largest relative drift that passes; 0 in the same environment, 1e-12 in another",
    )
    options = parser.parse_args()
    check_seed(parser, "default" if options.seed is None else options.seed, options.generator)
    check_length(parser, options)
    if options.html:
        try:
            read_errata(reference_folder(file) / "errata.toml")
            read_textbook(reference_folder(file) / "textbook.toml")
        except ReferenceFileError as error:
            parser.error(str(error))
    if options.tolerance is not None and not options.against:
        parser.error("argument --tolerance: name the earlier run with --against")
    if options.output and options.against and options.output.resolve() == options.against.resolve():
        parser.error("argument --output: it is the earlier run of --against, which would be written over")
    return options, read_earlier(parser, options) if options.against else None


def tolerance(text):
    """The largest relative drift, 0 or more."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"tolerance must be a number from 0 on, not {text!r}")
    return value


def deliver(result, before, options, reference):
    """Print the table or JSON, and write the files that are asked for."""
    print(json.dumps(result) if options.json else summary.text(result, translator(options.language)))
    if before and not options.json:
        print(f"\n{drift.drift_text(result, before, options.tolerance)}")
    if options.output:
        write_whole(options.output, f"{json.dumps(result)}\n".encode())
    if options.plot is not None:
        from . import figures  # here, since matplotlib takes long to import

        drawn = [record for record in result["scripts"] if record.get("curves")]
        runs = {r["script"]: (r["measured"], r["curves"], summary.unit(r)) for r in drawn}
        figures.show_or_save(figures.all_curves("The curves of the scripts", runs, linear=options.linear), options.plot)
    if options.html:
        from . import page

        write_whole(options.html, page.page(result, reference, options.language).encode())


def read_earlier(parser, options):
    """The earlier run that ``--against`` names; one line on stderr and exit 2 if it is none."""
    path = options.against
    try:
        return earlier.read(path, options.seed)
    except OSError as error:
        parser.error(f"argument --against: {path}: {error.strerror}")
    except (ValueError, RecursionError) as error:
        parser.error(f"argument --against: {path} cannot be used: {drift.printable(str(error))}")


def function_records(path):
    """The printed values of functions, each with which of its digits ours gives; or why they cannot be read."""
    try:
        return printed_functions(path)
    except ReferenceFileError as error:
        complain(str(error))
        return [{"error": str(error)}]


def printed_functions(path):
    """The printed values of functions, each with which of its digits ours gives.

    Raises
    ------
    ReferenceFileError
        If the file cannot be used, or has a function that is not known here.
    """
    ours = {"sigmoid": functions.sigmoid, "half_squared_error": gradients.half_squared_error}
    found = read_functions(path)
    unknown = {reference.function for reference in found} - ours.keys()
    if unknown:
        raise ReferenceFileError(f"{path}: [[functions]] must be of {sorted(ours)}, not {sorted(unknown)}")
    return [
        {
            "function": reference.function,
            "printed": list(reference.printed),
            "matched": reference.matched(ours[reference.function]),
            "source": reference.source,
        }
        for reference in found
    ]


def run(folder, name, options, which):
    """One script's JSON record; a script that gives none has the verdict "error" and says why on stderr.

    Parameters
    ----------
    folder : pathlib.Path
        Of the scripts.
    name : str
    options : argparse.Namespace
    which : str
        Which of the scripts it is, in words, for whoever waits.

    Returns
    -------
    dict
    """
    status(f"{name} ({which})")
    started = time.perf_counter()
    done = children.run(command(folder, name, options))
    part = parts.folder_of(name, FOLDERS) or parts.LISTINGS
    record = {"script": name, "part": part, "seconds": time.perf_counter() - started}
    status()
    if sys.stderr is not None:
        sys.stderr.write(done.stderr)
    if part == parts.LISTINGS:
        record["gradient_error"] = gradients.experiment_error(EXPERIMENTS[name])
    if done.returncode not in (0, 1) or not done.stdout:
        return {**record, "verdict": "error"}
    record = {**json.loads(done.stdout), **record}
    missed = part == parts.LISTINGS and gradient_missed(name, record["gradient_error"])
    return {**record, "verdict": "fail"} if missed else record


def gradient_missed(name, error):
    """Whether a gradient error fails the script; deep_dropout's slope is not the derivative, as the listing has it."""
    return name != "deep_dropout" and not error <= gradients.GRADIENT_TOLERANCE


def command(folder, name, options):
    """The command that runs a script with the same options, as far as it has them, and prints JSON."""
    asked = {"device": options.device, "dtype": options.dtype, "seed": options.seed}
    part = parts.folder_of(name, FOLDERS)
    if part is None:
        asked |= {"generator": options.generator, "epochs": options.epochs}
    elif (counted := FOLDERS[part][name]) is not None:
        asked[counted] = getattr(options, counted)
    if part == parts.FROM_SCRATCH and options.seed == "default":
        asked["seed"] = None  # NumPy's stream has no such seed
    file = parts.file_of(folder, name, FOLDERS)
    given = [text for option, value in asked.items() if value is not None for text in (f"--{option}", str(value))]
    return [sys.executable, str(file), "--json", *given]
