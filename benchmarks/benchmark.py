"""How long it takes: this package, plain NumPy, PyTorch and GNU Octave at the same work, interleaved.

Each measurement is a process of its own; the rounds are interleaved, so that a slow moment of the machine falls on all.
"""

from deltarule.basics import process  # noqa: F401  first: Ctrl-C ends it while NumPy is loading, too

# isort: split
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from deltarule import backprop_xor, data, matlab, mnist_conv
from deltarule.basics.files import write_whole
from deltarule.listings.experiments import EXPERIMENTS
from deltarule.programs import children
from deltarule.programs.environment import environment
from deltarule.programs.options import OneLineParser, output_file, positive
from deltarule.programs.tables import table
from deltarule.programs.terminal import delivered, status, take_ctrl_c

FORMS = ("matmul", "fft", "direct")
OPERATIONS = 3 * 8000 * 2 * (2 * 400 * 81 * 20 + 3 * 2000 * 100)  # of the products in three epochs of mnist_conv
SCRIPTS = tuple(name for name, e in EXPERIMENTS.items() if e.routine is not mnist_conv)
OTHERS = (
    "softmax_classifier", "rnn_xor", "lstm_adding", "gru_adding", "rnn_adding", "batch_norm_depth",
    "attention_reversal", "transformer_parity", "relation_dots", "gcn_karate", "rbm_bars", "rbm_digits",
    "glorot_digits", "gan_gaussian", "unet_digits", "MLP", "stack",
)  # fmt: skip
HERE = Path(__file__).resolve()


@dataclass
class Contestant:
    """One way to do a piece of work.

    Attributes
    ----------
    label : str
    command : list of str
        A program that does it; when its output ends with JSON, the seconds are those it gives there, else those from
        its start to its end.
    missing : str
        What it needs and does not find; empty if it can run.
    rounds : int, optional
        How often to measure it, when that is not as often as the others.
    """

    label: str
    command: list
    missing: str = ""
    rounds: int | None = None


def groups(folder):
    """The benchmarks: by title, the contestants, ours first.

    Parameters
    ----------
    folder : path
        The folder of the project.
    """
    torch = "" if find_spec("torch") else "PyTorch (pip install torch)"
    octave = "" if shutil.which("octave-cli") else "GNU Octave (octave-cli)"
    found = {}
    for dtype in ("float64", "float32"):
        found[f"mnist_conv, three epochs, {dtype}"] = [
            Contestant("deltarule", _here("mnist", dtype)),
            Contestant(
                "PyTorch", [sys.executable, f"{folder}/benchmarks/torch_mnist_conv.py", "--dtype", dtype], torch
            ),
            Contestant("one product of as many operations", _here("product", dtype)),
        ]
    found["mnist_conv, one batch of 100 images, float64"] = [
        *(Contestant(f"deltarule, {form}", _here("mnist", "float64", 100, 1, form)) for form in FORMS),
        Contestant(
            "plain NumPy, image by image", [sys.executable, f"{folder}/benchmarks/plain.py", "mnist_conv"], rounds=1
        ),
        Contestant("GNU Octave, image by image", _here("octave", folder), octave),
    ]
    for name in SCRIPTS:
        found[f"{name}, the whole script"] = [
            Contestant("deltarule", [sys.executable, f"{folder}/scripts/{name}.py"]),
            Contestant("plain NumPy", [sys.executable, f"{folder}/benchmarks/plain.py", name]),
        ]
    found["1,000 networks of backprop_xor, 1,000 epochs"] = [
        Contestant("at once", _here("networks", 1000, 1000)),
        Contestant("one after the other", _here("alone", 1000, 1000)),
    ]
    found |= of_the_notes(folder, torch)
    found |= of_the_others(folder, torch)
    gpu = _gpu_missing()
    for dtype in ("float64", "float32"):
        found[f"GPU: mnist_conv, 8,000 images three times, {dtype}"] = [
            Contestant("GPU", _here("mnist", dtype, 8000, 3, "auto", "gpu"), gpu),
            Contestant("CPU", _here("mnist", dtype), gpu),
        ]
    found["GPU: 100,000 networks of backprop_xor, 100 epochs"] = [
        Contestant("GPU", _here("networks", 100_000, 100, "gpu"), gpu),
        Contestant("CPU", _here("networks", 100_000, 100), gpu),
    ]
    for form in FORMS:
        found[f"GPU: mnist_conv, 1,000 images, {form}, float64"] = [
            Contestant("GPU", _here("mnist", "float64", 1000, 1, form, "gpu"), gpu),
            Contestant("CPU", _here("mnist", "float64", 1000, 1, form), gpu),
        ]
    return found


def of_the_notes(folder, torch):
    """The benchmarks of the from-scratch notes' networks."""
    program = [sys.executable, f"{folder}/benchmarks/notes_networks.py"]
    other = [sys.executable, f"{folder}/benchmarks/torch_notes_networks.py"]
    titles = {
        "two_layer": "TwoLayerNet, 500 steps of 100 images",
        "multi_layer": "MultiLayerNet of four hidden layers, 300 steps of 128 images",
        "convnet": "SimpleConvNet, 20 steps of 100 images",
    }
    found = {}
    for name, title in titles.items():
        for dtype in ("float64", "float32"):
            as_printed = [Contestant("as printed", [*program, "printed", name, dtype])] if name == "convnet" else []
            found[f"{title}, {dtype}"] = [
                Contestant("deltarule", [*program, "ours", name, dtype]),
                *as_printed,
                Contestant("PyTorch", [*other, name, dtype], torch),
            ]
    found["numerical gradient of TwoLayerNet, 79,520 losses of 3 images"] = [
        Contestant("many at a time", [*program, "numerical", "batched"]),
        Contestant("one after the other", [*program, "numerical", "plain"], rounds=1),
    ]
    return found


def of_the_others(folder, torch):
    """The benchmarks of the other networks."""
    names = {f"{name}, training": name for name in OTHERS}
    return {
        title: [
            Contestant("deltarule", [sys.executable, f"{folder}/benchmarks/other_networks.py", name]),
            Contestant("PyTorch", [sys.executable, f"{folder}/benchmarks/torch_other_networks.py", name], torch),
        ]
        for title, name in names.items()
    }


def _here(function, *arguments):
    """A process that runs one of the functions below."""
    return [sys.executable, str(HERE), function, *map(str, arguments)]


def _gpu_missing():
    if not find_spec("cupy"):
        return "CuPy"
    import cupy

    try:
        cupy.cuda.runtime.getDeviceCount()
    except RuntimeError as error:
        return f"a GPU ({error})"
    return ""


def measure(contestant):
    """The seconds of one run, and what else is known of it: the processor time, and what the program says."""
    began = time.perf_counter(), _processor_time()
    done = children.run(contestant.command)
    seconds, cpu = time.perf_counter() - began[0], _processor_time() - began[1]
    if done.returncode not in (0, 1):
        raise SystemExit(f"benchmark.py: {' '.join(contestant.command)} failed:\n{done.stderr}")
    last = done.stdout.strip().rpartition("\n")[2]
    said = json.loads(last) if last.startswith("{") else {"cpu": cpu} if cpu else {}
    return said.pop("seconds", seconds), said


def _processor_time():
    """The processor time of all programs that have ended, where the system tells; 0 where not."""
    try:
        import resource
    except ImportError:
        return 0
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(doc):
    """Read the options, measure, print the tables; the exit code."""
    take_ctrl_c()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a script is compiled when it first runs, and not each time
    parser = OneLineParser(prog="benchmark.py", description=doc)
    parser.add_argument("--rounds", type=_rounds, default=5, metavar="N", help="measurements of each; 5")
    parser.add_argument("--only", default="", metavar="TEXT", help="the benchmarks with this in their title")
    parser.add_argument("--out", type=output_file, metavar="FILE", help="write the measurements as JSON")
    options = parser.parse_args()
    found = groups(HERE.parent.parent)
    wanted = {title: contestants for title, contestants in found.items() if options.only in title}
    if not wanted:
        parser.error(f"argument --only: no title has {options.only!r}; they are {', '.join(map(repr, found))}")
    return delivered(lambda: deliver(wanted, options))


def deliver(wanted, options):
    """Measure, and print each table as soon as it is there."""
    on_gpu = any(each.label == "GPU" and not each.missing for contestants in wanted.values() for each in contestants)
    where = environment("gpu" if on_gpu else "cpu")
    result = {"date": time.strftime("%Y-%m-%d"), "environment": where, "benchmarks": {}}
    for title, contestants in wanted.items():
        result["benchmarks"][title] = run(title, contestants, options.rounds)
        print(text(title, result["benchmarks"][title]), flush=True)
    print(result["date"] + "".join(f", {key} {value}" for key, value in result["environment"].items()))
    if options.out:
        write_whole(options.out, (json.dumps(result, indent=1) + "\n").encode())


def _rounds(text):
    return positive("rounds", text, 10**6)


def run(title, contestants, rounds):
    """Measure the contestants in turn, as many rounds; a dict for each."""
    measured = {c.label: {"missing": c.missing} if c.missing else {"seconds": []} for c in contestants}
    for k in range(rounds):
        for contestant in contestants:
            if contestant.missing or k >= (contestant.rounds or rounds):
                continue
            status(f"{title}: {contestant.label}, round {k + 1} of {rounds}")
            seconds, said = measure(contestant)
            found = measured[contestant.label]
            found["seconds"].append(seconds)
            if "cpu" in said:
                found.setdefault("cpu", []).append(said.pop("cpu"))
            found |= said
    status()
    return measured


def text(title, measured):
    """A table: median, spread and ratio to the first contestant, and by name what was not there.

    Where the processor time is known of all, its median, least and ratio stand beside.
    """
    there = [found for found in measured.values() if "missing" not in found]
    kinds = ["seconds", "cpu"] if there and all("cpu" in found for found in there) else ["seconds"]
    names = {"seconds": ["median", "least", "most", "ratio"], "cpu": ["processor", "least", "most", "ratio"]}
    rows = [[title, *(name for kind in kinds for name in names[kind]), "peak memory"]]
    for label, found in measured.items():
        if "missing" in found:
            blank = [""] * (len(rows[0]) - 3)
            rows.append([label, "skipped", *blank, f"needs {found['missing']}"])
            continue
        peak = f"{found['megabytes']:.0f} MB" if "megabytes" in found else ""
        rows.append([label, *(cell for kind in kinds for cell in _spread(found[kind], there[0][kind])), peak])
    return table(rows) + "\n"


def _spread(seconds, first):
    """Median, least, most, and the ratio of the median to that of the first contestant's seconds."""
    middle = statistics.median(seconds)
    return [*(f"{s:.3f} s" for s in (middle, min(seconds), max(seconds))), f"{middle / statistics.median(first):.2f}"]


def _on(device, *arrays):
    if device == "cpu":
        return arrays
    import cupy

    return tuple(cupy.asarray(a) for a in arrays)


def _finish(device):
    """Wait for what the GPU still computes."""
    if device == "gpu":
        import cupy

        cupy.cuda.Stream.null.synchronize()


def mnist(dtype="float64", images=8000, epochs=3, form="auto", device="cpu"):
    """Train mnist_conv; an epoch of one batch before, so that what is made once does not count."""
    X, D = (a[: int(images)] for a in data.mnist())
    X, *start = _on(device, *(a.astype(dtype) for a in (X, *EXPERIMENTS["mnist_conv"].start()[0])))
    (D,) = _on(device, D)
    size = min(100, len(X))
    mnist_conv(*start, X[:size], D[:size], form=form, batch_size=size)
    _finish(device)
    began = time.perf_counter(), time.process_time()
    weights = start
    for _ in range(int(epochs)):
        weights = mnist_conv(*weights, X, D, form=form, batch_size=size)
    _finish(device)
    return {"seconds": time.perf_counter() - began[0], "cpu": time.process_time() - began[1], **_megabytes()}


def networks(count, epochs, device="cpu"):
    """Train many networks of backprop_xor at once."""
    rng = matlab.rng(1)
    weights = 2 * rng.rand(int(count), 4, 3) - 1, 2 * rng.rand(int(count), 1, 4) - 1
    X, D, *weights = _on(device, *data.xor(), *weights)
    weights = backprop_xor(*weights, X, D)
    _finish(device)
    began = time.perf_counter()
    for _ in range(int(epochs)):
        weights = backprop_xor(*weights, X, D)
    _finish(device)
    return {"seconds": time.perf_counter() - began, **_megabytes()}


def alone(count, epochs):
    """How long as many networks of backprop_xor take one after the other: one of them, times their number."""
    rng = matlab.rng(1)
    weights = 2 * rng.rand(4, 3) - 1, 2 * rng.rand(1, 4) - 1
    X, D = data.xor()
    weights = backprop_xor(*weights, X, D)
    began = time.perf_counter()
    for _ in range(int(epochs)):
        weights = backprop_xor(*weights, X, D)
    return {"seconds": (time.perf_counter() - began) * int(count)}


def product(dtype="float64"):
    """How long the BLAS takes for as many operations as mnist_conv's, in products of two large matrices."""
    n = 3000
    A = np.random.default_rng(1).standard_normal((n, n)).astype(dtype)
    A @ A
    began = time.perf_counter(), time.process_time()
    for _ in range(2):
        A @ A
    as_many = OPERATIONS / (2 * 2 * n**3)
    return {"seconds": (time.perf_counter() - began[0]) * as_many, "cpu": (time.process_time() - began[1]) * as_many}


def octave(folder):
    """One batch of mnist_conv by the project's M-file."""
    from scipy.io import savemat

    X, D = (a[:100] for a in data.mnist())
    F, V, U = EXPERIMENTS["mnist_conv"].start()[0]
    with tempfile.TemporaryDirectory() as inputs:
        file = Path(inputs) / "batch.mat"
        classes = np.where(D == 0, 10, D).reshape(-1, 1).astype(float)
        savemat(file, {"X": np.moveaxis(X, 0, -1), "D": classes, "F": F, "V": V, "U": U})
        program = (
            f"addpath('{folder}/reference/octave'); load('{file}'); tic; "
            "mnist_conv(F, V, U, X, D, 0.01, 0.95, 100); printf('%.6f', toc)"
        )
        command = ["octave-cli", "--no-gui", "--no-init-file", "--quiet", "--eval", program]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="backslashreplace", check=True)
    return {"seconds": float(done.stdout)}


def _megabytes():
    """The most memory this process has taken, where the system tells."""
    try:
        import resource
    except ImportError:
        return {}
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return {"megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit}


WORK: dict[str, Callable] = {
    "mnist": mnist,
    "networks": networks,
    "alone": alone,
    "product": product,
    "octave": octave,
}
"""The functions that `_here` runs."""

if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in WORK:
        take_ctrl_c()
        print(json.dumps(WORK[sys.argv[1]](*sys.argv[2:])))
    else:
        sys.exit(main(__doc__))
