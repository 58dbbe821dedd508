"""The run of all scripts: each in a process of its own, their JSON in one table, a page, or beside an earlier run."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from .references import ReferenceFileError, read_functions
from .script import OneLineParser, add_options, environment, interrupted, output_file, reported, table, write_whole

# Each script, and which of `gradients.CHECKS` holds for the body of its loop
SCRIPTS = {
    "delta_sgd": "delta_sgd",
    "delta_batch": "delta_sgd",
    "delta_minibatch": "delta_sgd",
    "delta_xor": "delta_sgd",
    "sgd_vs_batch": "delta_sgd",
    "backprop_xor": "backprop_xor",
    "backprop_mmt": "backprop_xor",
    "backprop_ce": "backprop_ce",
    "ce_vs_sse": "backprop_ce",
    "multi_class": "multi_class",
    "real_multi_class": "multi_class",
    "deep_relu": "deep_relu",
    "deep_dropout": "deep_dropout",
    "mnist_conv": "mnist_conv",
    "plot_features": "mnist_conv",
}
GRADIENT = 1e-7  # largest error of a gradient by central differences
LISTED_SLOPE = "deep_dropout takes its slope as the listing has it, which is not the derivative: shown, not judged."


def main(file, doc):
    """Read the options, run the scripts beside `file`, print the table, and exit with the verdict."""
    signal.signal(signal.SIGINT, interrupted)
    parser = OneLineParser(description=doc)
    add_options(parser)
    parser.add_argument(
        "--html", metavar="FILE", type=output_file, help="write one page with tables, curves and figures"
    )
    parser.add_argument("--against", metavar="FILE", type=Path, help="JSON of an earlier run: print the drift from it")
    options = parser.parse_args()
    saved = read_saved(parser, options.against) if options.against else None

    folder = Path(file).resolve().parent
    if options.html:
        from .errata import read_errata

        try:
            read_errata(folder.parent / "reference" / "errata.toml")
        except ReferenceFileError as error:
            parser.error(str(error))
    records = [run(folder, name, options) for name in SCRIPTS]
    try:
        functions = printed_functions(folder.parent / "reference" / "textbook.toml")
    except ReferenceFileError as error:
        sys.stderr.write(f"compare: {error}\n")
        functions = [{"error": str(error)}]
    result = {"scripts": records, "functions": functions, "environment": environment(options.device)}
    with reported():
        if options.json:
            print(json.dumps(result))
        else:
            print(text(result))
            if saved:
                from . import report

                print(f"\n{report.drift_text(result, saved)}")
        if options.plot is not None:
            from . import figures

            curves = {record["script"]: record["curves"] for record in records if record.get("curves")}
            figures.show_or_save(figures.all_curves(curves), options.plot)
        if options.html:
            from . import report

            write_whole(options.html, report.page(result, folder.parent / "reference").encode())
    missed = not all(all(entry.get("matched", [False])) for entry in functions)
    sys.exit(missed or any(record["verdict"] != "pass" for record in records))


def read_saved(parser, path):
    """The JSON of an earlier run; one line on stderr and exit 2 if it is none."""
    try:
        saved = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        parser.error(f"argument --against: {path}: {error.strerror}")
    except ValueError as error:
        parser.error(f"argument --against: {path}: not JSON: {error}")
    if not isinstance(saved, dict) or not {"scripts", "environment"} <= saved.keys():
        parser.error(f"argument --against: {path}: not what compare.py --json prints")
    return saved


def printed_functions(path):
    """The printed values of functions, each with which of its digits ours gives."""
    from . import functions, gradients

    ours = {"sigmoid": functions.sigmoid, "half_squared_error": gradients.half_squared_error}
    found = read_functions(path)
    unknown = {reference.function for reference in found} - ours.keys()
    if unknown:
        raise ReferenceFileError(f"{path}: [[functions]] has {sorted(unknown)}; it takes {sorted(ours)}")
    return [
        {
            "function": reference.function,
            "printed": list(reference.printed),
            "matched": reference.matched(ours[reference.function]),
            "source": reference.source,
        }
        for reference in found
    ]


def function_line(entries):
    """In one line, how many of the printed values of functions ours gives."""
    matched = [match for entry in entries for match in entry.get("matched", [])]
    names = dict.fromkeys(entry["function"] for entry in entries if "function" in entry)
    return f"functions ({', '.join(names)}): {sum(matched)} of {len(matched)} numbers as printed"


def run(folder, name, options):
    """One script's JSON record; a script that gives none has the verdict "error" and says why on stderr."""
    from . import gradients

    command = [sys.executable, str(folder / f"{name}.py"), "--json"]
    command += ["--device", options.device, "--dtype", options.dtype]
    if options.seed is not None:
        command += ["--seed", str(options.seed)]
    if options.epochs is not None:
        command += ["--epochs", str(options.epochs)]
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{name} ({list(SCRIPTS).index(name) + 1} of {len(SCRIPTS)}) \x1b[K")
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    gradient = float(gradients.CHECKS[SCRIPTS[name]](1))
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    sys.stderr.write(done.stderr)
    if done.returncode not in (0, 1) or not done.stdout:
        return {"script": name, "verdict": "error", "seconds": seconds, "gradient_error": gradient}
    record = dict(json.loads(done.stdout), seconds=seconds, gradient_error=gradient)
    if not gradient <= GRADIENT and name != "deep_dropout":
        record["verdict"] = "fail"
    return record


def text(result):
    """The table of the scripts, and what is printed below it."""
    rows = [HEADINGS, *map(row, result["scripts"])]
    return f"{table(rows)}\n\n{function_line(result['functions'])}\n{LISTED_SLOPE}"


HEADINGS = ["script", "from Octave", "as printed", "gradient error", "converged", "seconds", "verdict"]


def row(record):
    """A record as a row of the table."""
    judged = [reference for reference in record.get("references", ()) if reference["judged"]]
    matched = [match for reference in judged for match in reference["matched"]]
    octave = record.get("octave") or {}
    return [
        record["script"],
        "missing" if "error" in octave else f"{octave['deviation']:.1e}" if octave else "-",
        f"{sum(matched)} of {len(matched)}" if matched else "-",
        f"{record['gradient_error']:.1e}",
        {True: "yes", False: "no", None: "-"}[record.get("converged")],
        f"{record['seconds']:.2f}",
        record["verdict"] if record["verdict"] == "pass" else record["verdict"].upper(),
    ]
