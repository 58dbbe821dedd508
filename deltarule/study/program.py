"""The study script: sweeps over settings, with progress, files that a later run goes on from, and figures."""

import argparse
import itertools
import json
import math
import signal
import sys
import time
import warnings
from concurrent.futures import BrokenExecutor
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ..basics.files import ReferenceFileError, locked, write_whole
from ..basics.process import SIGNALS
from ..programs.language import asked_for, translator
from ..programs.options import OneLineParser, add_language, device, figure_file, output_file, positive
from ..programs.tables import table
from ..programs.terminal import complain, delivered, progress, status, take_ctrl_c
from . import EVERY, FORMATS, ROUTINES, Settings, chunks, error_curves, nothing, numbers, read, write
from .schedule import MOST_WEIGHTS

SAVED = 10  # seconds between two writings of the file
FAN = 200  # starts whose error curves are drawn
LOST = 1  # exit code when a process was killed


def main(doc):
    """Read the options, train, print the table; the exit code.

    It is 0 when all is done, 2 for an option that cannot be, 1 when a process was lost, and 128 and the number of the
    signal, 130 for Ctrl-C, when one ended the work. Then what is done is printed, and written to the file.
    """
    take_ctrl_c()
    form, language = argparse.RawDescriptionHelpFormatter, asked_for(sys.argv[1:])
    parser = OneLineParser(description=doc, formatter_class=form, language=language)
    add_options(parser)
    options = parser.parse_args()
    settings = sweep(parser, options)
    if options.resume and not options.out:
        parser.error("argument --resume: name the file to go on from with --out")
    if not options.out:
        return studied(options, [nothing(each) for each in settings])
    try:
        with locked(options.out):
            return studied(options, begun(parser, options, settings))
    except BlockingIOError as error:
        parser.error(f"argument --out: {options.out}: {error.strerror}")


def begun(parser, options, settings):
    """The outcomes that the file of ``--out`` has so far; one line and exit 2 where it may not be gone on from."""
    if not options.out.exists():
        return [nothing(each) for each in settings]
    if not options.resume:
        parser.error(f"argument --out: {options.out} exists; --resume goes on from it")
    return resumed(parser, options.out, settings)


def studied(options, outcomes):
    """Train what is missing from the outcomes, print them and write them; the exit code."""
    ended, reason = worked(options, outcomes)
    status()  # clears a progress bar whose drawing a signal cut short
    done = any(len(outcome.starts) for outcome in outcomes)

    def deliver():
        try:
            report(options, outcomes)
        finally:
            if options.out:
                save(options.out, outcomes)

    code = delivered(deliver) if done else 0
    if ended:
        complain(f"{reason}; {'what is done is above' if done else 'nothing is done'}" + _kept(options, done))
    return code or ended


def _kept(options, done):
    """What the file has of it, to be said when the work was ended."""
    return ", and in the file" if options.out and done else ""


def add_options(parser):
    """The options of the script."""
    parser.add_argument("routine", choices=ROUTINES, metavar="ROUTINE", help=", ".join(ROUTINES))
    parser.add_argument("--starts", type=int, default=1000, metavar="N", help="how many; 1000")
    parser.add_argument(
        "--first", type=int, default=0, metavar="N", help="the number of the first, which is its seed; 0"
    )
    parser.add_argument("--hidden", type=int, nargs="+", default=[None], metavar="N", help="hidden nodes in a layer")
    parser.add_argument("--alpha", type=float, nargs="+", default=[None], metavar="X", help="learning rate")
    parser.add_argument("--scale", type=float, nargs="+", default=[1.0], metavar="X", help="factor to the weights; 1.0")
    parser.add_argument("--epochs", type=int, metavar="N", help="the longest a start is trained; as the script")
    parser.add_argument(
        "--within", type=float, metavar="X", help="how near the targets; as the script, or 0.5: right side"
    )
    parser.add_argument("--every", type=int, default=EVERY, metavar="N", help="epochs between two looks; 10")
    parser.add_argument("--chunk", type=_chunk, metavar="N", help="starts trained at once; as many as the caches take")
    parser.add_argument("--jobs", type=_jobs, default=1, metavar="N", help="processes; more than 1 needs joblib")
    parser.add_argument("--device", type=device, default="cpu", metavar="{cpu,gpu}", help="where to compute")
    parser.add_argument("--out", type=_file, metavar="FILE", help="write the outcomes: FILE.npz or FILE.csv")
    parser.add_argument("--resume", action="store_true", help="go on from the file of --out")
    parser.add_argument("--plot", type=figure_file, metavar="FILE", help="draw the rates, epochs and failures")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    add_language(parser)


def _chunk(text):
    return positive("chunk", text, 10**6)


def _jobs(text):
    return positive("jobs", text, 1024)


def _file(text):
    path = Path(text)
    if path.suffix not in FORMATS:
        raise argparse.ArgumentTypeError(f"{text!r} must end in .npz or .csv")
    return output_file(text)


def sweep(parser, options):
    """The settings of each combination; one line and exit 2 for what does not make one."""
    try:
        numbers(options.starts, options.first)
        if options.jobs > 1 and not find_spec("joblib"):
            raise ValueError("more than one process needs joblib, which is not installed: pip install joblib")
        combinations = itertools.product(options.hidden, options.alpha, options.scale)
        fixed = {"epochs": options.epochs, "within": options.within, "every": options.every}
        several = (Settings(options.routine, hidden=h, alpha=a, scale=x, **fixed) for h, a, x in combinations)
        settings = list(dict.fromkeys(several))  # each once, as a file has it
        for each in settings:
            check_size(each, min(options.chunk or 1, options.starts))
        return settings
    except ValueError as error:
        parser.error(str(error))


def check_size(settings, chunk):
    """ValueError where the networks of a chunk take more memory than a machine has."""
    weights = sum(map(math.prod, settings.experiment.shapes(settings.hidden)))
    if chunk * weights > MOST_WEIGHTS:
        most = max(1, MOST_WEIGHTS // weights)
        raise ValueError(f"chunk must be at most {most} for networks of {weights:,} weights, not {chunk}")


def resumed(parser, path, settings):
    """The outcomes that a file has of these settings; one line and exit 2 if it is damaged or has some of others."""
    try:
        outcomes = {outcome.settings: outcome for outcome in read(path)}
    except ReferenceFileError as error:
        parser.error(f"argument --resume: {error}")
    others = [str(each) for each in outcomes if each not in settings]
    if others:
        parser.error(f"argument --resume: {path} is of another study: {'; '.join(others)}")
    return [outcomes.get(each, nothing(each)) for each in settings]


class Stopped(KeyboardInterrupt):
    """A signal has ended the work."""


def _stop(signum, frame):
    raise Stopped(signum)


@contextmanager
def stopping():
    """Let the signals that end programs raise `Stopped`; one that is ignored, as under nohup, stays so."""
    taken = [s for s in SIGNALS if s == signal.SIGINT or signal.getsignal(s) is not signal.SIG_IGN]
    before = {s: signal.signal(s, _stop) for s in taken}
    try:
        yield
    finally:
        for s, handler in before.items():
            signal.signal(s, handler)


def worked(options, outcomes):
    """Do the work, or as much of it as there is time for, which is then in `outcomes`.

    Returns
    -------
    code : int
        0 when all is done; else the exit code that says why not.
    reason : str
    """
    try:
        with stopping(), warnings.catch_warnings():  # joblib's, that there was work left: that is what signals are for
            warnings.filterwarnings("ignore", r"\d+ tasks (which were still|have been successfully)", UserWarning)
            work(options, outcomes)
    except Stopped as stopped:
        (signum,) = stopped.args
        return 128 + signum, SIGNALS[signum]
    except BrokenExecutor:
        return LOST, "a process that trained was killed"
    return 0, ""


def missing_from(outcome, wanted):
    """The starts that are wanted and not in an outcome, ascending."""
    if not len(outcome.starts):
        return wanted  # a range, which takes no memory
    return np.setdiff1d(np.arange(wanted.start, wanted.stop), outcome.starts, assume_unique=True)


def work(options, outcomes):
    """Train the starts that are missing; `outcomes` grow with each chunk."""
    wanted = numbers(options.starts, options.first)
    missing = [missing_from(outcome, wanted) for outcome in outcomes]
    saved = time.perf_counter()
    with progress("study", sum(map(len, missing)), "start") as bar:
        for k, starts in enumerate(missing):
            parts = []
            how = {"chunk": options.chunk, "jobs": options.jobs, "device": options.device}
            try:
                with closing(chunks(outcomes[k].settings, starts, **how)) as coming:
                    for part in coming:
                        parts.append(part)
                        bar.update(len(part.starts))
                        if options.out and time.perf_counter() - saved > SAVED:
                            outcomes[k], parts = outcomes[k].joined(parts), []
                            saved_meanwhile(options.out, outcomes)
                            saved = time.perf_counter()
            finally:
                outcomes[k] = outcomes[k].joined(parts)


def saved_meanwhile(path, outcomes):
    """Write the file; where that fails, say so and go on: there may be room again when the work is done."""
    try:
        save(path, outcomes)
    except OSError as error:
        complain(f"{path}: {error.strerror}; the work goes on")


def save(path, outcomes):
    """Write the file, whole."""
    write_whole(path, write(outcomes, path.suffix))


def report(options, outcomes):
    """Print what came out, and draw it if asked to."""
    if options.json:
        print(json.dumps([record(outcome) for outcome in outcomes if len(outcome.starts)]))
    else:
        print(text(options, [outcome for outcome in outcomes if len(outcome.starts)]))
    if options.plot:
        from ..programs import figures

        studied = [outcome for outcome in outcomes if len(outcome.starts)]
        curves = [error_curves(outcome.settings, outcome.starts[:FAN]) for outcome in studied]
        marks, errors = curves[0][0], [errors for _, errors in curves]
        figures.show_or_save(figures.study(studied, marks, errors), options.plot)


def record(outcome):
    """An outcome as what JSON takes."""
    low, high = outcome.interval()
    return {
        "settings": vars(outcome.settings),
        "starts": len(outcome.starts),
        "converged": outcome.converged,
        "interval": [low, high],
        "epochs": quartiles(outcome),
        "failed": outcome.failed.tolist(),
        "groups": [{"outputs": list(ends), "starts": count} for ends, count in outcome.groups()],
    }


def quartiles(outcome):
    """Of the epochs that those which converged took; None if there are none."""
    took = outcome.epochs[outcome.epochs > 0]
    return np.percentile(took, [25, 50, 75]).tolist() if len(took) else None


def text(options, outcomes):
    """The table of rates, and of each combination the failed starts and where they ended."""
    _ = translator(options.language)
    heads = ["hidden", "alpha", "scale", "starts", "converged", "rate", "95 % interval", "epochs: median", "quartiles"]
    rows, between = [list(map(_, heads))], _("{low} to {high}")
    for outcome in outcomes:
        s = outcome.settings
        low, high = outcome.interval()
        took = quartiles(outcome)
        rows.append(
            [
                "-" if s.hidden is None else str(s.hidden),
                _("book's") if s.alpha is None else f"{s.alpha:g}",
                f"{s.scale:g}",
                str(len(outcome.starts)),
                str(outcome.converged),
                f"{outcome.converged / len(outcome.starts):.2%}",
                between.format(low=f"{low:.2%}", high=f"{high:.2%}"),
                f"{took[1]:.0f}" if took else "-",
                between.format(low=f"{took[0]:.0f}", high=f"{took[2]:.0f}") if took else "-",
            ]
        )
    s = outcomes[0].settings
    title = _("{routine}: every output within {within} of its target by {epochs} epochs")
    if s.of_networks:
        title = _("{routine}: {share} of the test images recognised by {epochs} iterations")
    if s.tested:
        title = _("{routine}: an error of at most {within} on the test samples by {epochs} epochs")
    known = {"routine": s.routine, "within": f"{s.within:g}", "share": f"{1 - s.within:.4g}", "epochs": s.epochs}
    lines = [title.format(**known), "", table(rows)]
    for outcome in outcomes:
        if len(outcome.failed):
            lines += ["", *_failures(outcome, _)]
    return "\n".join(lines)


def _failures(outcome, _, shown=8):
    s = outcome.settings
    given = [name for name in ("hidden", "alpha", "scale") if getattr(s, name) is not None]
    head = ", ".join(f"{name} {getattr(s, name):g}" for name in given)
    seeds = " ".join(map(str, outcome.failed[:shown]))
    more = " ..." if len(outcome.failed) > shown else ""
    what = _("not converged ({settings}), {n} starts, by seed: {seeds}")
    yield what.format(settings=head, n=len(outcome.failed), seeds=f"{seeds}{more}")
    groups = outcome.groups()
    for ends, count in groups[:shown]:
        if len(ends) <= 8:
            yield "  " + _("{n} ended at {ends}").format(n=count, ends=" ".join(f"{y:.1f}" for y in ends))
    if len(groups) > shown:
        yield "  " + _("and {n} more ends").format(n=len(groups) - shown)
