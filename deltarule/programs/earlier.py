"""The earlier run that ``compare --against`` names: JSON of compare, a file of weights, or a folder of such files.

Each becomes what ``compare --json`` prints, as far as it goes.
"""

import json
from pathlib import Path

import numpy as np

from ..evidence import golden
from ..listings.experiments import EXPERIMENTS
from . import parts, weight_files
from .options import NOTES_CHOICES
from .parts import FROM_SCRATCH, LISTINGS, NETWORKS

TOLD = ("seed", "generator", "epochs", "iterations", "dtype", "loaded")  # what a file of weights may tell of its run
LARGEST_FILE = 256 << 20  # bytes of the JSON of a run
CHOICES = ("alpha", "beta", "ratio", "hidden", "batch_size", *NOTES_CHOICES)
SEEDS = {FROM_SCRATCH: 1, NETWORKS: "default"}  # of every script of the part that draws
QUANTITIES = {"quantities": range(5), "weights": range(1, 5)}
AXES = {LISTINGS: {"outputs": (2,), "weights": (2, 3)}, **dict.fromkeys(parts.FOLDERS, QUANTITIES)}
"""By part, how many axes the arrays of a script's record may have."""


def read(path, seed=None):
    """An earlier run.

    Parameters
    ----------
    path : path
        JSON that compare wrote, in UTF-8 or UTF-16; a .mat or .npz of a script's ``--save`` or of ``reference/octave``;
        or a folder of these.
    seed : int or "default", optional
        The seed of this run, None for each script's own: of a folder, the files of other seeds are left out.

    Returns
    -------
    dict
        As ``compare --json`` prints it. ``whole`` says whether it is of all scripts; what a file of weights does not
        tell is not there, and its environment is None.

    Raises
    ------
    OSError, ValueError, RecursionError
        If it cannot be read, or is not that; the message says why.
    """
    path = Path(path)
    if path.is_dir():
        return _of_folder(path, seed)
    if path.suffix in weight_files.KINDS:
        return _of_weights([record(weight_files.read(path))])
    with path.open("rb") as file:
        content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise ValueError(f"it is longer than {LARGEST_FILE} bytes")
    saved = json.loads(content)  # which finds out by itself whether these bytes are UTF-8 or UTF-16
    check_run(saved)
    return {**saved, "whole": True}


def _of_weights(records):
    return {"scripts": records, "environment": None, "whole": False}


def _of_folder(folder, seed):
    """The files of weights in a folder that are of the listings' runs from this seed."""
    files = sorted(file for file in folder.iterdir() if file.suffix in weight_files.KINDS)
    records = [record(weight_files.read(file)) for file in files]
    wanted = [each for each in records if each.get("seed") == (_own_seed(each["script"]) if seed is None else seed)]
    wanted = [each for each in wanted if each.get("epochs") != 0]  # the first batches of mnist_conv
    names = [each["script"] for each in wanted]
    if not names:
        raise ValueError("it has no files of weights, .mat or .npz, of runs from this seed")
    if len(set(names)) < len(names):
        raise ValueError(f"it has two files of {next(name for name in names if names.count(name) > 1)}")
    return _of_weights(wanted)


def _own_seed(name):
    """The seed that a script has without options."""
    return EXPERIMENTS[name].seed if name in EXPERIMENTS else SEEDS[parts.folder_of(name)]


def record(held):
    """What a file of weights tells of the run of a script.

    Parameters
    ----------
    held : deltarule.programs.weight_files.Held

    Returns
    -------
    dict
        As a script's JSON: ``script``, ``weights``, and what else the file tells of the run.

    Raises
    ------
    ValueError
        If the file does not say which listing's weights it holds.
    """
    variables = held.variables
    name = variables.get("listing", variables.get("name"))
    if name == "mnist_conv_epochs":  # the golden file of its three epochs
        name = "mnist_conv"
    if not isinstance(name, str) or name not in parts.names():
        raise ValueError(
            f"it must have a variable listing that says which it is of, such as 'backprop_xor', not {name!r}"
        )
    if "listing" not in variables:
        return {"script": name, **_of_octave(variables)}
    choices = {choice: variables[choice] for choice in CHOICES if choice in variables}
    told = {field: variables[field] for field in TOLD if field in variables}
    beside = {*weight_files.BESIDE, *CHOICES}
    axes = 2 if name in EXPERIMENTS else 1
    arrays = {each: np.array(a, ndmin=axes) for each, a in variables.items() if each not in beside}
    weights = {each: a for each, a in arrays.items() if a.dtype.kind in "iuf"}
    return {"script": name, **told, **({"choices": choices} if choices else {}), "weights": weights}


def _of_octave(variables):
    """What a file that ``reference/octave`` saved tells, of the last epoch after which it kept the weights."""
    seed, epochs = str(variables.get("seed", "default")), int(np.max(variables.get("epochs", 0)))
    if f"W5_u_epoch_{epochs}" in variables:
        weights = {name: variables[f"{name}_epoch_{epochs}"] for name in ("W1", "W5_u", "v_W5", "Wo")}
    elif f"W1_epoch_{epochs}" in variables:
        kept = golden.weights_at({key: a for key, a in variables.items() if key.endswith(f"_epoch_{epochs}")}, epochs)
        names = ["W"] if len(kept) == 1 else [f"W{k}" for k in range(1, len(kept) + 1)]
        weights = dict(zip(names, kept, strict=True))
    else:
        weights = {}
    told = {"seed": int(seed) if seed.isdecimal() else seed, "epochs": epochs}
    return {**told, "generator": "twister", "dtype": "float64", "weights": weights}


def check_run(saved):
    """ValueError, which says why, unless `saved` has the form of what ``compare.py --json`` prints."""
    if not isinstance(saved, dict) or not isinstance(saved.get("environment"), dict):
        raise ValueError("it has no environment")
    records = saved.get("scripts")
    if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
        raise ValueError("it has no list of scripts")
    names = [each.get("script") for each in records]
    if not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        raise ValueError("each of its scripts must have a name of its own")
    for each in records:
        fields = next((fields for part, fields in AXES.items() if part == each.get("part")), AXES[LISTINGS])
        for field, axes in fields.items():
            arrays = each.get(field, {})
            if not isinstance(arrays, dict) or not all(
                _axes(a, field == "quantities") in axes for a in arrays.values()
            ):
                raise ValueError(f"the {field} of {each['script']!r} must be arrays of numbers, by name")


def _axes(rows, truths=False):
    """The axes of nested lists of numbers or null, 0 for one of these; -1 for anything else."""
    a = np.empty((), dtype=object)
    a[()] = rows
    a = np.array(rows, dtype=object) if isinstance(rows, list) else a
    kinds = {int, float, type(None), *([bool] if truths else [])}
    return a.ndim if a.size and {type(x) for x in a.ravel()} <= kinds else -1
