"""The experiments of the other networks as the tests take them: golden files of PyTorch, and their starts."""

import numpy as np
from runs import ROOT

from deltarule.evidence.from_scratch import as_kept
from deltarule.models.experiments import EXPERIMENTS

FOLDER = ROOT / "reference" / "golden" / "networks"
TOLERANCE = 1e-12  # relative to the largest weight


def golden(name, seed):
    """PyTorch's weights after the whole run of a script, by name."""
    with np.load(FOLDER / f"{name}_{seed}.npz", allow_pickle=False) as held:
        return {entry: held[entry] for entry in held.files if not entry.startswith("made_by.")}


def off(found, kept):
    """The largest difference between arrays by name and those of a golden file, relative to the largest element."""
    found = as_kept(found)
    assert found.keys() == kept.keys()
    assert all(np.isfinite(a).all() and found[name].shape == a.shape for name, a in kept.items())
    largest = max(abs(a).max() for name, a in kept.items() if not name.endswith(("__sum_norm", "__shape")))
    return max(
        abs(found[name] - a).max() / (abs(a).max() if name.endswith("__sum_norm") else largest)
        for name, a in kept.items()
    )


def off_torch(name, seed):
    """How far the weights after the script's whole run are from PyTorch's."""
    experiment = EXPERIMENTS[name]
    weights = experiment.train(experiment.start(seed)[0])
    return off(dict(zip(experiment.names, weights, strict=True)), golden(name, seed))
