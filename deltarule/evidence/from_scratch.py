"""Results of the from-scratch book's own code, in ``reference/golden/from_scratch``: read, and held against ours.

What each file holds, how it was made and why the tolerances are what they are stands in ``ORIGIN.md`` beside them.
"""

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..basics.arrays import on_cpu
from .archives import SHORTENED, as_kept, off, read_archive

FOLDER = "from_scratch"  # in reference/golden
TORCH = "torch.npz"  # PyTorch's results, in the same folder
SEEDS = (1, 2)
SEEDLESS = "h_paths"  # the paths of the optimisers, which draw nothing
RUNS = {
    "a_two_layer": ("ch04_", "ch05_"),
    "b_optimizers": (
        *("SGD_", "Momentum_", "Nesterov_", "NesterovUpstream_", "AdaGrad_", "RMSprop_", "Adam_"),
        "compare_",
    ),
    "c_sigmoid_xavier": ("SGD_", "Adam_", "compare_"),
    "d_batchnorm": ("", "script_"),
    "e_overfit_decay": ("decay_at100_", "decay_", "plain_at100_", "plain_"),
    "f_dropout": ("", "at30_"),
    "g_convnet": ("", "check_"),
    "h_paths": ("",),
    "i_gradient_check": ("ch04_", "ch05_"),
    "j_activations": ("sigmoid_", "ReLU_", "tanh_"),
    "k_hyper": ("",),
    "l_layers": ("",),
}
"""By file, without its seed, what the names of each run's entries begin with."""

TOLERANCE = 1e-9  # relative to the largest element
RMSPROP_TOLERANCE = 1e-4  # relative, too: chaotic at this rate, another BLAS moves the book's own results by 3e-7
NUMERICAL_TOLERANCE = 1e-7  # absolute: of central differences, which divide the rounding of a loss by 2e-4
BIAS_TOLERANCE = 1e-10  # absolute: of biases below batch normalisation, whose gradient is nothing but rounding
# compared exactly: accuracies, counts, digits, shapes, copies, and what shows that as many numbers were drawn
EXACT = re.compile(
    r"next_rand$|__shape$|(^|_)acc($|_)|_counts30_|^first_train_labels$|^col2im_of_ones|^im2col_5__every97$"
)


class Deviation(NamedTuple):
    """How far our numbers are from one entry of a golden file.

    Attributes
    ----------
    entry : str
    deviation : float
        The largest difference: relative to the entry's largest element, or as it is where the tolerance is absolute.
        Infinite where a number is missing, not finite, or one too many.
    tolerance : float
        The most that it may be.
    """

    entry: str
    deviation: float
    tolerance: float

    @property
    def right(self):
        """Whether it is within the tolerance."""
        return self.deviation <= self.tolerance


def file_name(part, seed):
    """The name of a golden file; the paths of the optimisers need no seed."""
    return f"{part}.npz" if part == SEEDLESS else f"{part}_seed{seed}.npz"


def read_golden(path):
    """What a golden file holds.

    Parameters
    ----------
    path : path

    Returns
    -------
    dict from str to array

    Raises
    ------
    ReferenceFileError
        If the file is missing, damaged, no NumPy archive, or not the one that was recorded (its SHA-256 is not the one
        in SHA256SUMS beside it). The message names the file and what restores it.
    """
    path = Path(path)
    remedy = f"`git checkout {path.name}` in its folder restores it"
    if path.name == TORCH:
        remedy = "`python reference/torch_layers.py` computes it again"
    return read_archive(path, remedy)


def tolerance(part, entry):
    """The most that an entry of a file may differ by, and whether that is absolute.

    Returns
    -------
    float
    bool
        False if it is relative to the largest element.
    """
    if EXACT.search(entry):
        return 0.0, True
    if part == "d_batchnorm" and re.fullmatch("b[1-5]", entry):
        return BIAS_TOLERANCE, True
    if "numerical_" in entry or "mean_abs_diff_" in entry:
        return NUMERICAL_TOLERANCE, True
    return RMSPROP_TOLERANCE if entry.startswith("RMSprop_") else TOLERANCE, False


def entries_of(part, run, golden):
    """Those entries of a golden file that belong to a run, and to no other whose name begins alike.

    Parameters
    ----------
    part : str
        The file, without its seed: ``"b_optimizers"``.
    run : str
        What the names of the run's entries begin with: ``"Adam_"``; ``""`` where they begin with nothing.
    golden : dict from str to array

    Returns
    -------
    dict from str to array
        Their names without that beginning.
    """
    runs = sorted(RUNS[part], key=len, reverse=True)  # "decay_at100_" comes before "decay_"
    whose = {entry: next(r for r in runs if entry.startswith(r)) for entry in golden}
    return {entry[len(run) :]: golden[entry] for entry in golden if whose[entry] == run}


def deviations(part, run, found, golden):
    """How far a run of ours is from that of the book's code, entry by entry.

    Parameters
    ----------
    part, run, golden
        As `entries_of`.
    found : dict from str to array
        By name, without what `run` adds to it, all that the golden file has of the run: parameters, lists,
        ``"next_rand"``. Big arrays are whole.

    Returns
    -------
    list of Deviation
        In the order of the file.

    Raises
    ------
    ValueError
        If `found` has what the file has not.
    """
    theirs = entries_of(part, run, golden)
    whole = {name: on_cpu(a) for name, a in found.items() if name in theirs}  # the file has some big arrays whole
    ours = as_kept({name: a for name, a in found.items() if name not in whole}) | whole
    if unknown := sorted(ours.keys() - theirs.keys()):
        raise ValueError(f"found has {unknown[0]!r}, which the golden file {part} has not for the run {run!r}")
    result = []
    for name, kept in theirs.items():
        most, absolute = tolerance(part, run + name)
        if absolute and name.endswith("__sum_norm"):  # of n elements, each off by so much in either direction
            most *= float(np.sqrt(np.prod(theirs[name.replace("__sum_norm", "__shape")])))
        difference = off(ours[name], kept, absolute) if name in ours else float("inf")
        result.append(Deviation(run + name, difference, most))
    return result


def worst(found):
    """The worst of several deviations: the one that is the largest part of its tolerance."""
    return max(found, key=lambda d: (d.deviation / d.tolerance if d.tolerance else 0) if d.right else np.inf)


def judge(folder, seed, runs, *, partly=False):
    """How far what a script computed is from the same of the book's code.

    Parameters
    ----------
    folder : path
        ``reference/golden``.
    seed : int or None
        The seed of ``RandomState``; of `SEEDLESS` it makes no difference.
    runs : dict from (str, str) to dict
        By file and run, as in `RUNS`: what `deviations` takes for it.
    partly : bool
        Whether what the file has beside these is not looked at; without it, it counts as wrong.

    Returns
    -------
    dict or None
        ``entry``, ``deviation`` and ``tolerance`` of the worst entry, and how many ``entries`` there were; None when
        there are no runs, or the book's code made none of one of them.

    Raises
    ------
    ReferenceFileError
        As `read_golden`.
    ValueError
        As `deviations`.
    """
    if not all(run in RUNS.get(part, ()) and (part == SEEDLESS or seed in SEEDS) for part, run in runs):
        return None
    found = []
    for (part, run), arrays in runs.items():
        compared = deviations(part, run, arrays, read_golden(Path(folder) / FOLDER / file_name(part, seed)))
        found += [d for d in compared if not partly or SHORTENED.sub("", d.entry[len(run) :]) in arrays]
    return {**worst(found)._asdict(), "entries": len(found)} if found else None
