"""The run of all scripts: each in a process of its own, their JSON in one table, a page, or beside an earlier run."""

import json
import sys
import time
from pathlib import Path

from ..basics import functions
from ..basics.files import ReferenceFileError, write_whole
from ..evidence import gradients
from ..evidence.errata import read_errata
from ..evidence.textbook import read_functions
from ..listings.experiments import EXPERIMENTS
from . import children, drift, summary
from .environment import environment
from .options import OneLineParser, add_options, output_file
from .terminal import complain, delivered, status, take_ctrl_c


def main(file, doc):
    """Read the options, run the scripts beside `file`, and print the table.

    Returns
    -------
    int
        The exit code: 0 when every script passed, 1 when not, 2 when something could not be written.
    """
    take_ctrl_c()
    options, saved = read_options(file, doc)
    folder = Path(file).resolve().parent
    result = {
        "scripts": [run(folder, name, options) for name in EXPERIMENTS],
        "functions": function_records(reference_folder(file) / "textbook.toml"),
        "environment": environment(options.device),
    }
    return delivered(lambda: deliver(result, saved, options, reference_folder(file))) or int(not passed(result))


def reference_folder(file):
    """``reference/``, beside the folder of the scripts."""
    return Path(file).resolve().parent.parent / "reference"


def read_options(file, doc):
    """The options, and the earlier run to compare with, if one is named; what cannot be used ends it with exit 2."""
    parser = OneLineParser(description=doc)
    add_options(parser)
    parser.add_argument(
        "--html", metavar="FILE", type=output_file, help="write one page with tables, curves and figures"
    )
    parser.add_argument("--against", metavar="FILE", type=Path, help="JSON of an earlier run: print the drift from it")
    options = parser.parse_args()
    if options.html:
        try:
            read_errata(reference_folder(file) / "errata.toml")
        except ReferenceFileError as error:
            parser.error(str(error))
    return options, read_saved(parser, options.against) if options.against else None


def deliver(result, saved, options, reference):
    """Print the table or JSON, and write the files that are asked for."""
    print(json.dumps(result) if options.json else summary.text(result))
    if saved and not options.json:
        print(f"\n{drift.drift_text(result, saved)}")
    if options.plot is not None:
        from . import figures  # here, since matplotlib takes long to import

        drawn = [record for record in result["scripts"] if record.get("curves")]
        runs = {record["script"]: (record["measured"], record["curves"]) for record in drawn}
        figures.show_or_save(
            figures.all_curves("The error curves of the listings", runs, linear=options.linear), options.plot
        )
    if options.html:
        from . import page

        write_whole(options.html, page.page(result, reference).encode())


def passed(result):
    """Whether every script passed and every printed value of a function is met."""
    functions = all(entry.get("matched") and all(entry["matched"]) for entry in result["functions"])
    return functions and all(record["verdict"] == "pass" for record in result["scripts"])


def read_saved(parser, path):
    """The JSON of an earlier run; one line on stderr and exit 2 if it is not that."""
    try:
        with path.open("rb") as file:
            content = file.read(drift.LARGEST_FILE + 1)
        if len(content) > drift.LARGEST_FILE:
            raise ValueError(f"it is longer than {drift.LARGEST_FILE} bytes")
        saved = json.loads(content)
        drift.check_run(saved)
    except OSError as error:
        parser.error(f"argument --against: {path}: {error.strerror}")
    except (ValueError, RecursionError) as error:
        parser.error(f"argument --against: {path}: not what compare.py --json prints: {drift.printable(str(error))}")
    return saved


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


def run(folder, name, options):
    """One script's JSON record; a script that gives none has the verdict "error" and says why on stderr."""
    status(f"{name} ({list(EXPERIMENTS).index(name) + 1} of {len(EXPERIMENTS)})")
    started = time.perf_counter()
    done = children.run(command(folder, name, options))
    record = {"script": name, "seconds": time.perf_counter() - started}
    status()
    if sys.stderr is not None:
        sys.stderr.write(done.stderr)
    record["gradient_error"] = gradients.experiment_error(EXPERIMENTS[name])
    if done.returncode not in (0, 1) or not done.stdout:
        return {**record, "verdict": "error"}
    record = {**json.loads(done.stdout), **record}
    return {**record, "verdict": "fail"} if gradient_missed(name, record["gradient_error"]) else record


def gradient_missed(name, error):
    """Whether a gradient error fails the script; deep_dropout's slope is not the derivative, as the listing has it."""
    return name != "deep_dropout" and not error <= gradients.GRADIENT_TOLERANCE


def command(folder, name, options):
    """The command that runs a script with the same options, and prints JSON."""
    asked = ["--device", options.device, "--dtype", options.dtype]
    for option in ("seed", "epochs"):
        value = getattr(options, option)
        asked += [] if value is None else [f"--{option}", str(value)]
    return [sys.executable, str(folder / f"{name}.py"), "--json", *asked]
