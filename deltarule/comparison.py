"""The run of all scripts: each in a process of its own, their JSON in one table."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from .script import OneLineParser, add_options, environment, interrupted, table

SCRIPTS = (
    "delta_sgd",
    "delta_batch",
    "delta_minibatch",
    "delta_xor",
    "sgd_vs_batch",
    "backprop_xor",
    "backprop_mmt",
    "backprop_ce",
    "ce_vs_sse",
    "multi_class",
    "real_multi_class",
    "deep_relu",
    "deep_dropout",
    "mnist_conv",
    "plot_features",
)


def main(file, doc):
    """Read the options, run the scripts beside `file`, print the table, and exit with the verdict."""
    signal.signal(signal.SIGINT, interrupted)
    parser = OneLineParser(description=doc)
    add_options(parser)
    options = parser.parse_args()
    folder = Path(file).resolve().parent
    records = [run(folder, name, options) for name in SCRIPTS]
    if options.plot is not None:
        from . import figures

        curves = {record["script"]: record["curves"] for record in records if record.get("curves")}
        figures.show_or_save(figures.all_curves(curves), options.plot)
    if options.json:
        print(json.dumps({"scripts": records, "environment": environment()}))
    else:
        print(table([["script", "numbers as printed", "converged", "seconds", "verdict"], *map(row, records)]))
    sys.exit(any(record["verdict"] != "pass" for record in records))


def run(folder, name, options):
    """One script's JSON record; a script that gives none has the verdict "error" and says why on stderr."""
    command = [sys.executable, str(folder / f"{name}.py"), "--json"]
    if options.seed is not None:
        command += ["--seed", str(options.seed)]
    if options.epochs is not None:
        command += ["--epochs", str(options.epochs)]
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{name} ({SCRIPTS.index(name) + 1} of {len(SCRIPTS)}) \x1b[K")
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    if done.returncode not in (0, 1) or not done.stdout:
        sys.stderr.write(done.stderr)
        return {"script": name, "verdict": "error", "seconds": seconds}
    return dict(json.loads(done.stdout), seconds=seconds)


def row(record):
    """A record as a row of the table."""
    judged = [reference for reference in record.get("references", ()) if reference["judged"]]
    matched = [match for reference in judged for match in reference["matched"]]
    return [
        record["script"],
        f"{sum(matched)} of {len(matched)}" if matched else "-",
        {True: "yes", False: "no", None: "-"}[record.get("converged")],
        f"{record['seconds']:.2f}",
        record["verdict"] if record["verdict"] == "pass" else record["verdict"].upper(),
    ]
