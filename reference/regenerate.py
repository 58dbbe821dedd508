"""Compute the golden files with GNU Octave, or check that the committed ones are what it computes.

python reference/regenerate.py            all but the three epochs of mnist_conv
python reference/regenerate.py --mnist    those three epochs (minutes)
python reference/regenerate.py --check    into a temporary folder, and compare; exit 1 if anything differs
python reference/regenerate.py --inputs FOLDER   only what Octave, or MATLAB, is given: run_all(FOLDER, OUTPUTS) there
python reference/regenerate.py NAME ...   only the files of these listings, such as backprop_xor

With no NAME and no --mnist, torch_layers.py and torch_networks.py beside this program compute or check PyTorch's files
as well; where there is no PyTorch, a line says that they are left out. The other files in golden/from_scratch are
results of a book's own code: see ORIGIN.md there.
"""

from deltarule.basics import process  # noqa: F401  first: Ctrl-C ends it while NumPy is loading, too

# isort: split
import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from scipy.io import savemat

from deltarule.basics.files import ReferenceFileError, write_whole
from deltarule.evidence import golden
from deltarule.evidence.golden import MNIST_SEEDS, SMALL, file_name, kept_epochs, read_golden
from deltarule.listings.experiments import EXPERIMENTS, mnist_test, mnist_training
from deltarule.programs.options import OneLineParser, positive
from deltarule.programs.terminal import delivered, take_ctrl_c

HERE = Path(__file__).resolve().parent
GOLDEN = HERE / "golden"
# Octave's results on another machine differ by the rounding of its mathematical library and BLAS. Ours, computed with
# others in another order, end within 1.4e-14 of them after the longest run; a hundred times that is rounding, too.
ROUNDING = 1e-12


def matlab_data(samples):
    """Inputs and targets as MATLAB has them: images along the last axis, targets as a column."""
    X, D = samples()
    return {"X": np.moveaxis(X, 0, -1) if X.ndim == 3 else X, "D": D.reshape(len(D), -1)}


def cell(arrays):
    """Arrays as a MATLAB cell."""
    box = np.empty((1, len(arrays)), dtype=object)
    box[0, :] = arrays
    return box


def small_input(name, seed):
    """What Octave needs to train one of the small listings."""
    experiment = EXPERIMENTS[name]
    given = {
        "epochs": np.array([kept_epochs(name)], float),
        "W": cell(experiment.start(seed)[0]),
        **matlab_data(experiment.samples),
    }
    if name == "deep_dropout":
        given |= {"masks": golden.masks(seed, experiment.epochs), "ratio": 0.2}
    return given


def mnist_input(seed, epochs):
    """What Octave needs to train mnist_conv: three batches for 0 epochs."""
    n = None if epochs else 300
    X, D = mnist_training()
    Xtest, Dtest = mnist_test()
    F, V, U = EXPERIMENTS["mnist_conv"].start(seed)[0]
    u, v = golden.probes()
    return {
        "epochs": float(epochs),
        "X": np.moveaxis(X[:n], 0, -1),
        "D": classes(D[:n]),
        "Xtest": np.moveaxis(Xtest, 0, -1),
        "Dtest": classes(Dtest),
        **{"F": F, "V": V, "U": U, "u": u, "v": v},
    }


def classes(D):
    """Digits as MATLAB's labels 1 to 10, a column."""
    return np.where(D == 0, 10, D).reshape(-1, 1).astype(float)


def jobs(mnist):
    """By file name, a function that gives Octave's input."""
    if mnist:
        return {file_name("mnist_conv_epochs", seed): (lambda seed=seed: mnist_input(seed, 3)) for seed in MNIST_SEEDS}
    small = {
        file_name(name, seed): (lambda name=name, seed=seed: small_input(name, seed))
        for name in SMALL
        for seed in EXPERIMENTS[name].octave_seeds
    }
    batches = {file_name("mnist_conv", seed): (lambda seed=seed: mnist_input(seed, 0)) for seed in MNIST_SEEDS}
    return small | batches


def write_input(file, make_input, folder, command):
    """Write what is given for one golden file into a folder."""
    name, _, seed = file.removesuffix(".mat").rpartition("_")
    savemat(Path(folder) / file, {"name": name, "seed": seed, "command": command, **make_input()})


def quoted(path):
    """A path as text in a program of MATLAB's language."""
    return "'" + str(path).replace("'", "''") + "'"


def compute(file, make_input, folder, command, running):
    """Let Octave compute one golden file into a folder; its process is in the set `running` as long as it lasts."""
    with tempfile.TemporaryDirectory() as inputs:
        write_input(file, make_input, inputs, command)
        program = f"addpath({quoted(HERE / 'octave')}); run_all({quoted(inputs)}, {quoted(folder)})"
        octave = ["octave-cli", "--no-gui", "--no-init-file", "--quiet", "--eval", program]
        how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8", "errors": "backslashreplace"}
        with subprocess.Popen(octave, **how) as process:
            running.add(process)
            _, said = process.communicate()
        running.discard(process)
    if process.returncode != 0 or not (Path(folder) / file).exists():
        raise SystemExit(f"regenerate.py: Octave failed on {file}:\n{said}")
    sys.stderr.write(f"{file}\n")


def differences(file, folder):
    """In words, where a committed golden file and the one in a folder differ by more than rounding."""
    try:
        committed = read_golden(GOLDEN / file)
    except ReferenceFileError as error:
        return [str(error)]
    computed = read_golden(Path(folder) / file)
    found = [f"{file}: {name} is in one of the two only" for name in committed.keys() ^ computed.keys()]
    for name in sorted(committed.keys() & computed.keys() - {"date", "made_by", "command"}):
        a, b = committed[name], computed[name]
        if a.dtype.kind == "f" and a.shape == b.shape:
            off, largest = abs(a - b).max(), abs(a).max()
            if not off <= ROUNDING * largest:
                found.append(f"{file}: {name} differs by {off:.1e}, its largest element is {largest:.1e}")
        elif not np.array_equal(a, b):
            found.append(f"{file}: {name} differs")
    return found


def enter_sums(folder, files):
    """Enter the SHA-256 of files just computed; others keep theirs, so that one edited by hand stays recognised."""
    path = folder / golden.SUMS
    sums = {}
    if path.exists():
        entries = (line.split() for line in path.read_text(encoding="ascii", errors="replace").splitlines())
        sums = {entry[1]: entry[0] for entry in entries if len(entry) == 2 and entry[1].isascii()}
    sums |= {file: hashlib.sha256((folder / file).read_bytes()).hexdigest() for file in files}
    lines = [f"{sums[file]}  {file}\n" for file in sorted(sums) if (folder / file).exists()]
    write_whole(path, "".join(lines).encode("ascii"))


def main():
    take_ctrl_c()
    options, files = read_options()
    command = "python reference/regenerate.py" + (" --mnist" if options.mnist else "")
    if options.inputs:
        for file, make_input in files.items():
            write_input(file, make_input, options.inputs, command)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        compute_all(files, folder, options.jobs, command)
        enter_sums(Path(folder), files)
        if options.check:
            found = [line for file in files for line in differences(file, folder)]
            said = "\n".join(found) or f"{len(files)} golden files are what Octave computes"
            code = delivered(lambda: print(said)) or int(bool(found))
        else:
            code = delivered(lambda: install(files, Path(folder)))
    return code if options.mnist or options.names else torch_files(options.check) or code


def read_options():
    """The options, and by file name what they ask to compute."""
    parser = OneLineParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mnist", action="store_true", help="the three epochs of mnist_conv instead of all else")
    parser.add_argument("--check", action="store_true", help="compare with the committed files instead of writing them")
    parser.add_argument("--inputs", type=_folder, metavar="FOLDER", help="write what Octave is given, and no more")
    parser.add_argument("--jobs", type=_jobs, default=os.cpu_count(), metavar="N", help="Octave processes at a time")
    parser.add_argument("names", nargs="*", metavar="NAME", help="listings to restrict it to")
    options = parser.parse_args()
    files = jobs(options.mnist)
    known = {file.rpartition("_")[0] for file in files}
    if unknown := sorted(set(options.names) - known):
        parser.error(f"NAME must be one of {', '.join(sorted(known))}, not {unknown[0]!r}")
    if not options.inputs and not shutil.which("octave-cli"):
        parser.error("there is no octave-cli; on Debian, apt-get install octave")
    return options, {file: make for file, make in files.items() if file.rpartition("_")[0] in (options.names or known)}


def _folder(text):
    if not os.path.isdir(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a folder")
    return text


def _jobs(text):
    return positive("jobs", text, 1024)


def compute_all(files, folder, jobs, command):
    """Let Octave compute the files into a folder, several at a time."""
    running, work = set(), []
    with ThreadPoolExecutor(jobs) as pool:
        try:
            for file, make in files.items():
                work.append(pool.submit(compute, file, make, folder, command, running))
            for done in work:
                done.result()
        finally:  # when one fails, or a signal ends this program, be it before all are given to the pool
            pool.shutdown(wait=False, cancel_futures=True)
            while not all(done.done() for done in work):
                for process in list(running):
                    process.kill()  # of SIGTERM, Octave writes a file
                time.sleep(0.05)


def torch_files(check):
    """Let PyTorch compute its golden files, or check them; the exit code. Where there is no PyTorch, say so."""
    programs = ("torch_layers.py", "torch_networks.py")
    if importlib.util.find_spec("torch") is None:
        again = " and ".join(f"`python reference/{name} --check`" for name in programs)
        said = f"PyTorch's files are left out: there is no PyTorch; with it, {again} compare them"
        return delivered(lambda: print(said))
    given = ["--check"] if check else []
    codes = [subprocess.run([sys.executable, str(HERE / name), *given], check=False).returncode for name in programs]
    return next(filter(None, codes), 0)


def install(files, folder):
    """Put the computed files in the place of the committed ones, and enter their sums."""
    GOLDEN.mkdir(exist_ok=True)
    for file in files:
        write_whole(GOLDEN / file, (folder / file).read_bytes())
    enter_sums(GOLDEN, files)


if __name__ == "__main__":
    sys.exit(main())
