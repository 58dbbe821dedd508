"""PyTorch's weights for the scripts of the other networks, in ``reference/golden/networks``: read and compared.

``reference/torch_networks.py`` writes a file for each script that trains and for each of `SEEDS`: the weights after the
script's whole run, from the same start. Big arrays are kept as `deltarule.evidence.archives.as_kept` has it.
"""

from pathlib import Path

import numpy as np

from ..basics.arrays import on_cpu
from ..models.experiments import EXPERIMENTS
from .archives import as_kept, read_archive

FOLDER = "networks"  # in reference/golden
SEEDS = ("default", 1, 2)
MADE_BY = "made_by."  # how the names of what a file tells of itself begin
NOT_RUN = [name for name, experiment in EXPERIMENTS.items() if not experiment.seeds]  # in full by PyTorch
TOLERANCE = {"cpu": 1e-12, "gpu": 1e-10}  # relative to the largest weight; a GPU adds in another order


def file_name(name, seed):
    """The name of the golden file of a script.

    Examples
    --------
    >>> file_name("softmax_classifier", "default")
    'softmax_classifier_default.npz'
    """
    return f"{name}_{seed}.npz"


def read_golden(path):
    """The arrays in a golden file, as `as_kept` has them; what it tells of itself is left out.

    Raises
    ------
    ReferenceFileError
        If the file is missing, damaged, or not the one that was recorded; the message names it and what computes it.
    """
    path = Path(path)
    held = read_archive(path, f"`python reference/torch_networks.py {path.stem.rpartition('_')[0]}` computes it again")
    return {name: a for name, a in held.items() if not name.startswith(MADE_BY)}


def deviation(ours, golden):
    """The largest difference between arrays and those of a golden file, relative to the largest of its elements.

    Parameters
    ----------
    ours : dict from str to array
        Whole, by the names of the file.
    golden : dict from str to array
        As `read_golden` gives them.

    Returns
    -------
    float
        Infinite where there is no array, or one is missing, one too many or of another shape, or has an element that is
        not finite. Sum and norm of a big array are relative to the norm, since the rounding of so many elements comes
        together in them.
    """
    ours = as_kept({name: on_cpu(a) for name, a in ours.items()})
    same = golden and ours.keys() == golden.keys() and all(ours[name].shape == golden[name].shape for name in ours)
    if not same or not all(np.isfinite(a).all() for a in (*ours.values(), *golden.values())):
        return float("inf")
    elements = [abs(a).max(initial=0) for name, a in golden.items() if not name.endswith(("__sum_norm", "__shape"))]
    found = 0.0
    for name, a in golden.items():
        difference = float(abs(ours[name] - a).max(initial=0))
        if difference and name.endswith("__shape"):
            return float("inf")
        largest = abs(a[1]) if name.endswith("__sum_norm") else max(elements)
        found = max(found, difference / largest if largest else difference and float("inf"))
    return float(found)


def judge(folder, name, seed, weights, device="cpu"):
    """How far the weights of a script are from those that PyTorch ends with.

    Parameters
    ----------
    folder : path
        ``reference/golden``.
    name : str
        The script.
    seed : int or "default"
    weights : dict from str to array
        By the names of the file, after the script's whole run.
    device : {"cpu", "gpu"}
        Where they were computed.

    Returns
    -------
    dict or None
        ``deviation`` and ``tolerance``; None from a seed that PyTorch did not run, or of one of
        `NOT_RUN`.

    Raises
    ------
    ReferenceFileError
        As `read_golden`.
    """
    if seed not in SEEDS or name in NOT_RUN:
        return None
    golden = read_golden(Path(folder) / FOLDER / file_name(name, seed))
    return {"deviation": deviation(weights, golden), "tolerance": TOLERANCE[device]}
