"""What the programs that let PyTorch compute golden files have in common: tensors, optimisers, the files, --check."""

import argparse
import io
import sys

import numpy as np
from regenerate import enter_sums

from deltarule.basics.files import ReferenceFileError, write_whole
from deltarule.evidence.archives import as_kept, off, read_archive
from deltarule.programs.options import OneLineParser
from deltarule.programs.terminal import delivered, take_ctrl_c

try:
    import torch
except ImportError:
    torch = None

INSTALL = "there is no PyTorch; pip install torch==2.13.0"
ROUNDING = 1e-12  # relative to the largest element: another build of PyTorch adds in another order


def parameter(a):
    """An array as a tensor that gets a gradient."""
    return torch.tensor(a, dtype=torch.float64, requires_grad=True)


def optimizer(name, parameters, lr, epsilon=1e-7):
    """PyTorch's optimiser of a name of the notes."""
    optimizers = {
        "SGD": lambda: torch.optim.SGD(parameters, lr=lr),
        "Momentum": lambda: torch.optim.SGD(parameters, lr=lr, momentum=0.9),
        "Nesterov": lambda: torch.optim.SGD(parameters, lr=lr, momentum=0.9, nesterov=True),
        "AdaGrad": lambda: torch.optim.Adagrad(parameters, lr=lr, eps=epsilon),
        "RMSprop": lambda: torch.optim.RMSprop(parameters, lr=lr, alpha=0.99, eps=epsilon),
        "Adam": lambda: torch.optim.Adam(parameters, lr=lr, betas=(0.9, 0.999), eps=epsilon),
    }
    return optimizers[name]()


def plain(arrays):
    """Tensors and numbers by name as arrays."""
    return {name: a.detach().numpy() if isinstance(a, torch.Tensor) else np.array(a) for name, a in arrays.items()}


def made_by(seed):
    """The entries that say what computed a file, and from which seed."""
    versions = {"torch": torch.__version__, "numpy": np.__version__, "python": sys.version.split()[0], "seed": seed}
    return {f"made_by.{name}": np.array(str(value)) for name, value in versions.items()}


def kept(arrays):
    """Tensors and numbers by name as a golden file keeps them."""
    return as_kept(plain(arrays))


def differences(file, committed, found):
    """In words, where two files differ by more than rounding."""
    said = [f"{name} is in one of the two only" for name in sorted(committed.keys() ^ found.keys())]
    for name in sorted(committed.keys() & found.keys()):
        if name.startswith("made_by."):
            continue
        if committed[name].dtype.kind == "f" and not name.endswith("next_rand"):
            by = off(found[name], committed[name])
            if not by <= ROUNDING:
                said.append(f"{name} differs by {by:.1e} of its largest element")
        elif not np.array_equal(committed[name], found[name]):
            said.append(f"{name} differs")
    return [f"{file.name}: {line}" for line in said]


def check(files):
    """Say whether the committed files are what is computed; the exit code."""
    said = []
    for file, compute in files.items():
        try:
            said += differences(file, read_archive(file, "it is to be computed"), compute())
        except ReferenceFileError as error:
            said.append(str(error))
    what = next(iter(files)).name if len(files) == 1 else f"{len(files)} golden files"
    words = "\n".join(said) or f"{what}: what PyTorch {torch.__version__} computes"
    return delivered(lambda: print(words)) or int(bool(said))


def install(files):
    """Put the files in their place, and enter their sums."""
    for file, compute in files.items():
        packed = io.BytesIO()
        np.savez_compressed(packed, **compute())
        file.parent.mkdir(exist_ok=True)
        write_whole(file, packed.getvalue())
        enter_sums(file.parent, [file.name])
        sys.stderr.write(f"{file.name}\n")


def main(doc, files, names=None):
    """Compute files, or compare the committed ones with what is computed; the exit code.

    Parameters
    ----------
    doc : str
        The program's docstring.
    files : dict from pathlib.Path to callable
        By file, what gives its entries.
    names : dict from str to list of pathlib.Path, optional
        The files of each name that the command line may restrict it to.
    """
    take_ctrl_c()
    parser = OneLineParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with the committed files instead of writing them")
    if names is not None:
        parser.add_argument("names", nargs="*", metavar="NAME", help="scripts to restrict it to")
    options = parser.parse_args()
    asked = getattr(options, "names", [])
    if unknown := sorted(set(asked) - (names or {}).keys()):
        parser.error(f"NAME must be one of {', '.join(names)}, not {unknown[0]!r}")
    if torch is None:
        parser.error(INSTALL)
    torch.set_num_threads(1)
    files = {file: files[file] for name in asked for file in names[name]} or files
    return check(files) if options.check else delivered(lambda: install(files))
