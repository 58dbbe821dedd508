"""What the scripts share: options, the stream, progress, the table and the verdict."""

import argparse
import contextlib
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np

from . import matlab
from .arrays import on_cpu
from .references import ReferenceFileError, read_textbook, same_digits

CLOSE = 0.1  # an output has converged when it lies so near its target
# weights are Octave's when they lie so near, relative to the largest; a GPU adds up in another order
OCTAVE = {"cpu": 1e-12, "gpu": 1e-10}


def start(file, doc, *, epochs, seed="default", convolution=False):
    """Read a script's options and return its `Run`.

    Parameters
    ----------
    file : str
        The script's ``__file__``; its name is the listing's, and ``reference/`` lies beside its folder.
    doc : str
        The script's docstring; its first line is the title.
    epochs : int
        Epochs of training unless ``--epochs`` says otherwise.
    seed : int or "default"
        Seed of MATLAB's stream unless ``--seed`` says otherwise.
    convolution : bool
        Whether there is an option ``--convolution``, the form to give to `deltarule.mnist_conv`.

    Returns
    -------
    Run

    Raises
    ------
    SystemExit
        With code 2 and one line on stderr for a bad option or an unreadable reference file, 0 for ``--help``.
    """
    signal.signal(signal.SIGINT, interrupted)
    parser = OneLineParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    if convolution:
        from .convolution import FORMS

        parser.add_argument("--convolution", choices=FORMS, default="auto", help="how the convolution is computed")
    options = parser.parse_args()
    options.epochs = epochs if options.epochs is None else options.epochs
    options.seed = seed if options.seed is None else options.seed
    try:
        return Run(Path(file), doc.partition("\n")[0], options)
    except ReferenceFileError as error:
        parser.error(str(error))


class OneLineParser(argparse.ArgumentParser):
    """A parser that says what is wrong with an option in one line, and exits with 2."""

    def error(self, message):
        """One line on stderr, exit 2."""
        self.exit(2, f"{self.prog}: {message}\n")


def add_options(parser):
    """The options every script has."""
    parser.add_argument("--seed", type=_seed, metavar="N", help="seed of MATLAB's stream, or 'default'")
    parser.add_argument("--epochs", type=_epochs, metavar="N", help="epochs of training")
    parser.add_argument(
        "--plot", nargs="?", const="", type=figure_file, metavar="FILE", help="draw a figure: in FILE, or in a window"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--device", type=device, default="cpu", metavar="{cpu,gpu}", help="where to compute")
    parser.add_argument(
        "--dtype", choices=["float64", "float32"], default="float64", help="float32 is compared, but not judged"
    )


def device(text):
    """Checked before the training; a GPU needs CuPy and a driver that finds one."""
    if text not in OCTAVE:
        raise argparse.ArgumentTypeError(f"{text!r} is no device; it takes 'cpu' or 'gpu'")
    if text == "gpu":
        try:
            import cupy

            cupy.cuda.runtime.getDeviceCount()
        except ImportError:
            raise argparse.ArgumentTypeError(
                "there is no CuPy; pip install 'deltarule[cuda12]', or cuda11 or cuda13, as the GPU's driver has it"
            ) from None
        except RuntimeError as error:
            raise argparse.ArgumentTypeError(f"CuPy finds no GPU: {error}") from None
    return text


def _seed(text):
    try:
        seed = text if text == "default" else int(text)
        matlab.rng(seed)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no seed; {error}") from None
    return seed


def _epochs(text):
    try:
        epochs = int(text)
    except ValueError:
        epochs = 0
    if epochs < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of epochs; it takes an integer above 0")
    return epochs


def figure_file(text):
    """The name of a figure's file, checked before the training, not after it."""
    from . import figures

    reason = figures.cannot_draw(text)
    if reason:
        raise argparse.ArgumentTypeError(reason)
    return str(output_file(text)) if text else text


def output_file(text):
    """The name of a file to write, checked before the work, not after it."""
    path = Path(text)
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {str(path.parent)!r} to write it to")
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is a folder; it takes the name of a file")
    if not os.access(path.parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"{text!r} cannot be written: its folder is read-only")
    return path


def interrupted(signum, frame):
    """On Ctrl-C: one line on stderr, exit 130."""
    sys.stderr.write(f"\n{Path(sys.argv[0]).name}: interrupted\n")
    raise SystemExit(130)


@contextlib.contextmanager
def reported():
    """What is printed and written in here arrives, or one line on stderr names what could not be written; exit 2.

    Where the reader of standard output has gone, as ``head`` does, it ends in silence with 141, as other programs do.
    """
    try:
        yield
        print(end="", flush=True)
    except OSError as error:
        if error.filename is None:  # standard output: what is left in it would be tried, and fail, once more at the end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise SystemExit(141) from None
        sys.stderr.write(f"{Path(sys.argv[0]).name}: {error.filename or 'standard output'}: {error.strerror}\n")
        raise SystemExit(2) from None


class Run:
    """One run of a script: what was asked for, what came out, and the verdict."""

    def __init__(self, file, title, options):
        self.name = file.stem
        self.title = title
        self.options = options
        self.rng = matlab.rng(options.seed)
        self.folder = file.resolve().parent.parent / "reference"
        self.references = read_textbook(self.folder / "textbook.toml").get(self.name, [])
        self.curves = {}
        self.started = time.perf_counter()

    def place(self, *arrays):
        """The arrays where ``--device`` and in the dtype that ``--dtype`` asks for; integers stay integers."""
        placed = [a.astype(self.options.dtype, copy=False) if a.dtype.kind == "f" else a for a in arrays]
        if self.options.device == "cpu":
            return placed
        import cupy

        return [cupy.asarray(a) for a in placed]

    def epochs(self, **errors):
        """Count the epochs from 1, with progress on stderr where a run takes seconds.

        Parameters
        ----------
        **errors : callable
            By label, what gives the error at the moment. They are called after some 100 of the epochs, evenly
            spread on a logarithmic scale, and only when a figure or JSON is asked for.

        Yields
        ------
        int
        """
        total = self.options.epochs
        wanted = self.options.json or self.options.plot is not None
        marks = set(np.unique(np.geomspace(1, total, 100).round().astype(int)).tolist()) if wanted else ()
        self.curves = {label: [] for label in errors} if wanted else {}
        with Progress(self.name, total) as progress:
            for epoch in range(1, total + 1):
                yield epoch
                if epoch in marks:
                    for label, error in errors.items():
                        self.curves[label].append((epoch, float(error())))
                progress.show(epoch)

    def finish(self, X, D, y, *, weights=(), converged=None, criterion=f"every output within {CLOSE} of its target"):
        """Print inputs, targets, outputs, references and the verdict, draw what was asked for, and exit.

        Parameters
        ----------
        X : array, shape (N, inputs) or (N, rows, columns)
        D : array, shape (N,) or (N, outputs)
        y : array, shape (N, outputs), or a dict of such arrays by heading
            Outputs; references are held against the first.
        weights : sequence of arrays
            The trained weights, to be held against Octave's.
        converged : bool, optional
            Whether the training converged, by `criterion`; None to judge all outputs by the default one.
        criterion : str
            The criterion in words.
        """
        X, D = on_cpu(X), on_cpu(D).reshape(len(D), -1)
        outputs = {label: on_cpu(y) for label, y in (y if isinstance(y, dict) else {"output": y}).items()}
        if converged is None:
            converged = all(close(D, y) for y in outputs.values())
        quantities = {"output": next(iter(outputs.values()))}
        rows = (image_rows if X.ndim == 3 else vector_rows)(X, D, outputs, self.references)
        record = {"targets": D.tolist(), "outputs": {label: y.tolist() for label, y in outputs.items()}}
        self._conclude(rows, quantities, record, weights, converged, criterion)

    def finish_digits(self, D, y, *, weights=(), shown=10, least=0.9, draw=None):
        """Print how many digits were recognised, references and the verdict, draw what was asked for, and exit.

        Parameters
        ----------
        D : array of int, shape (N,)
            The digits.
        y : array, shape (N, 10)
            Class probabilities in MATLAB's order 1, 2, ..., 9, 0.
        weights : sequence of arrays
            The trained weights, to be held against Octave's.
        shown : int
            How many of the digits to print.
        least : float
            The accuracy from which on the training counts as converged.
        draw : callable, optional
            Makes the figure out of `deltarule.figures`; None for the error curves.
        """
        D, y = on_cpu(D), on_cpu(y)
        digits, right = recognised(y), accuracy(D, y)
        rows = [["test image", "target", "output"]]
        rows += [[str(k + 1), str(D[k]), str(digits[k])] for k in range(min(shown, len(D)))]
        rows += [["...", "", ""], [f"all {len(D)}", "accuracy", f"{right:.4f}"]]
        rows += [["", reference.label, reference.printed[0]] for reference in self.references]
        record = {"accuracy": right, "digits": digits.tolist(), "outputs": {"output": y[:shown].tolist()}}
        criterion = f"at least {least:.0%} of the digits recognised"
        self._conclude(rows, {"accuracy": right}, record, weights, right >= least, criterion, draw)

    def _conclude(self, rows, quantities, record, weights, converged, criterion, draw=None):
        seconds = time.perf_counter() - self.started
        judged = [judge(reference, quantities, self.options) for reference in self.references]
        missed = any(reference["judged"] and not all(reference["matched"]) for reference in judged)
        weights = [on_cpu(W) for W in weights]
        octave = self._octave(weights) if self.options.json else None
        near = octave is None or octave.get("deviation", 1) <= OCTAVE[self.options.device]
        passed = bool(converged) and not missed and (near or self.options.dtype == "float32")
        if self.options.json:
            import json  # here, as are others that few runs need: a small listing trains in less time than they load

            record = {
                "script": self.name,
                "seed": self.options.seed,
                "epochs": self.options.epochs,
                "device": self.options.device,
                "dtype": self.options.dtype,
                **record,
                "curves": self.curves,
                "references": judged,
                "octave": octave,
                "weights": _digest(weights),
                "converged": bool(converged),
                "criterion": criterion,
                "verdict": "pass" if passed else "fail",
                "seconds": seconds,
                "environment": environment(self.options.device),
            }
            lines = [json.dumps(record)]
        else:
            where = [name for name in (self.options.dtype, self.options.device) if name not in ("float64", "cpu")]
            lines = [
                f"{self.name}: {self.title}",
                ", ".join([f"seed {self.options.seed}", f"{self.options.epochs} epochs", *where, f"{seconds:.2f} s"]),
                "",
                table(rows),
                "",
                *(f"reference  {reference['sentence']}" for reference in judged),
                f"converged  {'yes' if converged else 'no'}: {criterion}",
                f"verdict    {'pass' if passed else 'FAIL'}",
            ]
        with reported():
            print("\n".join(lines))  # before the figure, so that it is there if that cannot be written
            if self.options.plot is not None:
                self._draw(draw)
        sys.exit(0 if passed else 1)

    def _octave(self, weights):
        """The deviation from Octave's weights, or why it cannot be told; None for a run that Octave did not make."""
        from . import golden

        try:
            return golden.judge(self.folder / "golden", self.name, self.options.seed, self.options.epochs, weights)
        except ReferenceFileError as error:
            sys.stderr.write(f"{self.name}: {error}\n")
            return {"error": str(error)}

    def _draw(self, draw):
        from . import figures

        figure = draw(figures) if draw else figures.error_curves(self.name, self.curves)
        figures.show_or_save(figure, self.options.plot)


def _digest(weights):
    """The SHA-256 of the bytes of all weights, by which two runs are known to be identical; None if there are none."""
    import hashlib

    return hashlib.sha256(b"".join(W.tobytes() for W in weights)).hexdigest() if weights else None


def close(D, y):
    """Whether every output lies within `CLOSE` of its target.

    Examples
    --------
    >>> close(np.array([0.0, 1.0]), np.array([0.05, 0.95]))
    True
    """
    return bool((abs(D.reshape(y.shape) - y) <= CLOSE).all())


def recognised(y):
    """The digits (N,) of class probabilities (N, 10), whose classes are 1, 2, ..., 9, 0."""
    return (y.argmax(axis=1) + 1) % 10


def accuracy(D, y):
    """The share of digits D (N,) that the class probabilities y (N, 10) recognise."""
    return float((recognised(y) == D).mean())


def judge(reference, quantities, options):
    """A reference held against our numbers: what matched, whether it counts, and a sentence that says so."""
    values = reference.values(quantities)
    matched = [same_digits(value, printed) for value, printed in zip(values, reference.printed, strict=True)]
    judged = reference.judges(options.seed, options.epochs) and options.dtype == "float64"
    if judged:
        verdict = f"{sum(matched)} of {len(matched)} numbers as printed"
    elif reference.seed == "unknown":
        verdict = "from a start that was not published: shown, not judged"
    else:
        verdict = f"for seed {reference.seed} and {reference.epochs} epochs in float64: shown, not judged"
    return {
        "label": reference.label,
        "source": reference.source,
        "printed": list(reference.printed),
        "values": values,
        "matched": matched,
        "judged": judged,
        "sentence": f"{verdict} ({reference.source})",
    }


def vector_rows(X, D, outputs, references):
    """The table of a script whose samples are short vectors and whose network has one output."""
    rows = [["input", "target", *outputs, *(reference.label for reference in references)]]
    for k, x in enumerate(X):
        ours = [f"{y[k, 0]:.4f}" for y in outputs.values()]
        rows.append([" ".join(f"{a:g}" for a in x), f"{D[k, 0]:g}", *ours, *printed(references, k + 1, 1)])
    return rows


def image_rows(X, D, outputs, references):
    """The table of a script whose samples are 5 x 5 images: a picture, and beside it a line for each class."""
    rows = [["input", "class", "target", *outputs, *(reference.label for reference in references)]]
    for k, image in enumerate(X):
        for c, line in enumerate(image):
            picture = "".join("#" if pixel else "." for pixel in line)
            ours = [f"{y[k, c]:.4f}" for y in outputs.values()]
            rows.append([picture, str(c + 1), f"{D[k, c]:g}", *ours, *printed(references, k + 1, c + 1)])
        rows.append([""] * len(rows[0]))
    return rows[:-1]


def printed(references, sample, output):
    """What each reference prints for one output of one sample, or nothing."""
    places = [dict(zip(reference.at, reference.printed, strict=True)) for reference in references]
    return [place.get((sample, output), "") for place in places]


def table(rows):
    """Rows of strings as lines of text, the first column to the left and the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *others in rows:
        cells = [first.ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def environment(device="cpu"):
    """What the numbers were computed with."""
    import platform

    import scipy

    gpu = {}
    if device == "gpu":
        import cupy

        gpu = {"cupy": cupy.__version__, "gpu": cupy.cuda.runtime.getDeviceProperties(0)["name"].decode()}
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "blas": _blas(),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        **_threads(),
        **gpu,
    }


def _threads():
    """What says how many threads the BLAS may take."""
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"usable cores": usable, **{name: os.environ[name] for name in names if name in os.environ}}


def _blas():
    """The BLAS that NumPy was built with, as it says itself."""
    try:
        blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    except TypeError:  # NumPy below 1.25 only prints it
        return "unknown"
    return f"{blas['name']} {blas['version']}"


def _cpu():
    """The processor's name: Linux tells it in a file, other systems where Python asks."""
    import platform

    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"


class Progress:
    """A line on stderr that is drawn over again, when stderr is a terminal and the work takes over a second."""

    def __init__(self, name, total, what="epoch"):
        self.name = name
        self.total = total
        self.what = what
        self.started = time.perf_counter()
        self.due = self.started + 1 if sys.stderr.isatty() else float("inf")
        self.drawn = False

    def __enter__(self):
        return self

    def show(self, done):
        """Draw the line if it is due: at most ten times a second."""
        now = time.perf_counter()
        if now < self.due:
            return
        self.due = now + 0.1
        self.drawn = True
        left = (now - self.started) / done * (self.total - done)
        bar = ("#" * (30 * done // self.total)).ljust(30, ".")
        sys.stderr.write(f"\r{self.name} [{bar}] {self.what} {done} of {self.total}, {left:.0f} s left \x1b[K")
        sys.stderr.flush()

    def __exit__(self, *exception):
        if self.drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def write_whole(path, content):
    """Write bytes to a file that appears whole or not at all.

    Raises
    ------
    OSError
        If it cannot be written; `path` is its filename.
    """
    path = Path(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        part.unlink(missing_ok=True)
