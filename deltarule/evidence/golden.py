"""Reference results computed by GNU Octave, in ``reference/golden``: what was computed, read and compared."""

import hashlib
from io import BytesIO
from pathlib import Path

import numpy as np

from .. import matlab
from ..basics.files import ReferenceFileError
from ..basics.functions import cross_entropy, dropout, sum_squared_error
from ..listings.convnet import mnist_conv
from ..listings.experiments import EXPERIMENTS, mnist_training

REBUILD = "python reference/regenerate.py"
SUMS = "SHA256SUMS"
SMALL = tuple(name for name, e in EXPERIMENTS.items() if e.octave_seeds and name != "mnist_conv")
MNIST_SEEDS = EXPERIMENTS["mnist_conv"].octave_seeds
# weights agree with Octave's when they differ by no more, relative to the largest; a GPU adds in another order
OCTAVE_TOLERANCE = {"cpu": 1e-12, "gpu": 1e-10}


def kept_epochs(name):
    """The epochs after which Octave's weights are kept, the last one of the script's training included."""
    epochs = EXPERIMENTS[name].epochs
    return [epoch for epoch in (1, 10, 100, 1000) if epoch < epochs] + [epochs]


def trained(name, seed):
    """Train as the script does; yields (epoch, weights) after each epoch of which Octave's weights are kept."""
    experiment = EXPERIMENTS[name]
    X, D = experiment.samples()
    weights, rng = experiment.start(seed)
    kept = kept_epochs(name)
    for epoch in range(1, experiment.epochs + 1):
        weights = experiment.epoch(weights, X, D, rng)
        if epoch in kept:
            yield epoch, weights


def file_name(name, seed):
    """The name of a golden file."""
    return f"{name}_{seed}.mat"


def rebuild(file):
    """The command that computes a golden file."""
    return f"{REBUILD} --mnist" if file.startswith("mnist_conv_epochs") else REBUILD


def masks(seed, epochs):
    """The nodes that deep_dropout keeps, epoch by epoch, as its script draws them.

    Returns
    -------
    array of uint8, shape (nodes, 3, samples, epochs)
        1 for a node kept.
    """
    _, rng = EXPERIMENTS["deep_dropout"].start(seed)
    layer = np.ones((20, 1))
    kept = np.empty((epochs, 5, 3, 20), dtype=np.uint8)
    for mask in kept.reshape(-1, 20):
        mask[:] = dropout(layer, 0.2, rng)[:, 0] != 0
    return kept.T


def probes():
    """Two vectors, u (2000, 1) and v (100, 1): W5 u and v' W5 stand for W5, since a change to an element moves both.

    Their elements lie in (1, 2): one near 0 would hide a change to the weights it multiplies.
    """
    rng = matlab.rng(100)
    return 1 + rng.rand(2000, 1), 1 + rng.rand(100, 1)


def mnist_summary(W1, W5, Wo):
    """The weights of mnist_conv as golden files keep them."""
    u, v = probes()
    return {"W1": W1, "W5_u": W5 @ u, "v_W5": v.T @ W5, "Wo": Wo}


def mnist_after_batches(seed, batches):
    """The weights of mnist_conv after the first batches of its first epoch."""
    X, D = mnist_training()
    n = 100 * batches
    weights, _ = EXPERIMENTS["mnist_conv"].start(seed)
    return mnist_conv(*weights, X[:n], D[:n])


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
        If the file is missing, damaged, no MATLAB file, or not the one that Octave wrote (its SHA-256 is not the one
        in SHA256SUMS beside it, or it holds another run). The message names the file and the command that computes it.
    """
    path = Path(path)
    remedy = f"`{rebuild(path.name)}` computes it again"
    held = _arrays(path, summed_content(path, remedy), remedy)
    run = "_".join(str(held[key].ravel()[0]) for key in ("name", "seed") if key in held and held[key].size)
    if run != path.stem:
        raise ReferenceFileError(f"{path}: holds {run or 'no run of a listing'}, not {path.stem}; {remedy}")
    return held


def summed_content(path, remedy):
    """The bytes of a file whose SHA-256 is the one in SHA256SUMS beside it, or a `ReferenceFileError`.

    Parameters
    ----------
    path : Path
    remedy : str
        What to do where it is missing or another, in words.
    """
    try:
        content = path.read_bytes()
        sums = (path.parent / SUMS).read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise ReferenceFileError(f"{error.filename}: {error.strerror}; {remedy}") from error
    if f"{hashlib.sha256(content).hexdigest()}  {path.name}\n" not in sums:
        raise ReferenceFileError(f"{path}: edited or damaged: its SHA-256 is not the one in {SUMS}; {remedy}")
    return content


def _arrays(path, content, remedy):
    """The arrays in the bytes of a MATLAB file."""
    from scipy.io import loadmat  # here, since it takes longer to import than a small listing to train

    try:
        held = loadmat(BytesIO(content), mat_dtype=True)
    except Exception as error:  # loadmat does not say what it raises for a file it cannot read
        raise ReferenceFileError(f"{path}: not a MATLAB file that can be read: {error}; {remedy}") from error
    return {name: a for name, a in held.items() if not name.startswith("__")}


def deviation(ours, golden):
    """The largest difference between two lists of weights, relative to the largest weight.

    Infinite if anything on either side is not a finite number.

    Raises
    ------
    ValueError
        If their shapes differ.
    """
    for a, b in zip(ours, golden, strict=True):
        if a.shape != b.shape:
            raise ValueError(f"weights of shape {a.shape} are compared with {b.shape}")
    if not all(np.isfinite(a).all() for a in (*ours, *golden)):
        return float("inf")
    largest = max(abs(b).max() for b in golden)
    return float(max(abs(a - b).max() for a, b in zip(ours, golden, strict=True)) / largest)


def weights_at(golden, epoch):
    """The weights in a golden file: after an epoch, or at the ``"start"``."""
    when = "start" if epoch == "start" else f"epoch_{epoch}"
    names = [f"W{k}_{when}" for k in range(1, 5) if f"W{k}_{when}" in golden]
    if not names:
        raise ReferenceFileError(f"a golden file has no weights W1_{when}; `{REBUILD}` computes it again")
    return [golden[name] for name in names]


def judge(folder, name, seed, epochs, weights):
    """How far weights are from those that Octave ended with after the same run of a script.

    Returns
    -------
    dict or None
        ``{"deviation": float}``, relative to the largest weight; None when Octave made no such run.

    Raises
    ------
    ReferenceFileError
        As `read_golden`.
    """
    if name == "mnist_conv" and seed in MNIST_SEEDS and epochs == EXPERIMENTS[name].epochs:
        golden = read_golden(Path(folder) / file_name("mnist_conv_epochs", seed))
        ours = mnist_summary(*weights)
        return {"deviation": max(deviation([ours[key]], [golden[f"{key}_epoch_{epochs}"]]) for key in ours)}
    if name in SMALL and seed in EXPERIMENTS[name].octave_seeds and epochs in kept_epochs(name):
        golden = read_golden(Path(folder) / file_name(name, seed))
        return {"deviation": deviation(weights, weights_at(golden, epochs))}
    return None


def errors(folder, name, seed):
    """Octave's error after each epoch of which its weights are kept: pairs of epoch and the script's cost.

    Raises
    ------
    ReferenceFileError
        As `read_golden`.
    """
    experiment = EXPERIMENTS[name]
    golden = read_golden(Path(folder) / file_name(name, seed))
    X, D = experiment.samples()
    cost = cross_entropy if name == "backprop_ce" else sum_squared_error
    return [(epoch, float(cost(D, experiment.forward(*weights_at(golden, epoch), X)))) for epoch in kept_epochs(name)]
