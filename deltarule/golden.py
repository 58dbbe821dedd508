"""Reference results computed by GNU Octave, in ``reference/golden``: what was computed, read and compared."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import convnet, data, deep, mat, matlab, multi_layer, single_layer
from .classifier import multi_class, multi_class_forward
from .functions import cross_entropy, dropout, sum_squared_error
from .references import ReferenceFileError

REBUILD = "python reference/regenerate.py"
SUMS = "SHA256SUMS"


@dataclass(frozen=True)
class Golden:
    """One small listing that Octave trains as well.

    Attributes
    ----------
    routine, forward : callable
        The listing and its forward pass.
    data : callable
    shapes : tuple
        Of the weights, in the order in which they are drawn.
    seeds : tuple
        The script's own and two more.
    epochs : int
        As many as the script trains.
    """

    routine: object
    forward: object
    data: object
    shapes: tuple
    seeds: tuple
    epochs: int

    @property
    def kept(self):
        """After which epochs weights are kept."""
        return [epoch for epoch in (1, 10, 100, 1000) if epoch < self.epochs] + [self.epochs]

    def start(self, seed):
        """Starting weights, as the script draws them, and the stream behind them."""
        rng = matlab.rng(seed)
        return tuple(2 * rng.rand(*shape) - 1 for shape in self.shapes), rng

    def train(self, seed):
        """Train as the script does; yields (epoch, weights) after each epoch of `kept`."""
        X, D = self.data()
        weights, rng = self.start(seed)
        options = {"rng": rng} if self.routine is deep.deep_dropout else {}
        for epoch in range(1, self.epochs + 1):
            weights = self.routine(*weights, X, D, **options)
            weights = weights if isinstance(weights, tuple) else (weights,)
            if epoch in self.kept:
                yield epoch, weights


_LAYER = single_layer.single_layer_forward
_XOR = ((4, 3), (1, 4))
_DEEP = ((20, 25), (20, 20), (20, 20), (5, 20))
_DEFAULT = ("default", 1, 2)

LISTINGS = {
    "delta_sgd": Golden(single_layer.delta_sgd, _LAYER, data.linear, ((1, 3),), _DEFAULT, 10_000),
    "delta_batch": Golden(single_layer.delta_batch, _LAYER, data.linear, ((1, 3),), _DEFAULT, 40_000),
    "delta_minibatch": Golden(single_layer.delta_minibatch, _LAYER, data.linear, ((1, 3),), _DEFAULT, 20_000),
    "delta_xor": Golden(single_layer.delta_sgd, _LAYER, data.xor, ((1, 3),), _DEFAULT, 40_000),
    "backprop_xor": Golden(multi_layer.backprop_xor, multi_layer.multi_layer_forward, data.xor, _XOR, _DEFAULT, 10_000),
    "backprop_mmt": Golden(multi_layer.backprop_mmt, multi_layer.multi_layer_forward, data.xor, _XOR, _DEFAULT, 10_000),
    "backprop_ce": Golden(multi_layer.backprop_ce, multi_layer.multi_layer_forward, data.xor, _XOR, _DEFAULT, 10_000),
    "multi_class": Golden(multi_class, multi_class_forward, data.digits, ((50, 25), (5, 50)), (3, 1, 2), 10_000),
    "deep_relu": Golden(deep.deep_relu, deep.deep_relu_forward, data.digits, _DEEP, _DEFAULT, 10_000),
    "deep_dropout": Golden(deep.deep_dropout, deep.deep_dropout_forward, data.digits, _DEEP, _DEFAULT, 20_000),
}
MNIST_SEEDS = (1, 2, 3)


def file_name(name, seed):
    """The name of a golden file."""
    return f"{name}_{seed}.mat"


def rebuild(file):
    """The command that makes a golden file anew."""
    return f"{REBUILD} --mnist" if file.startswith("mnist_conv_epochs") else REBUILD


def masks(seed, epochs):
    """The nodes that deep_dropout keeps, epoch by epoch, as its script draws them.

    Returns
    -------
    array of uint8, shape (nodes, 3, samples, epochs)
        1 for a node kept.
    """
    _, rng = LISTINGS["deep_dropout"].start(seed)
    layer = np.ones((20, 1))
    kept = np.empty((epochs, 5, 3, 20), dtype=np.uint8)
    for mask in kept.reshape(-1, 20):
        mask[:] = dropout(layer, 0.2, rng)[:, 0] != 0
    return kept.T


def mnist_start(seed):
    """Starting weights of mnist_conv, as its script draws them."""
    rng = matlab.rng(seed)
    W1 = 0.01 * rng.randn(9, 9, 20)
    W5 = (2 * rng.rand(100, 2000) - 1) * np.sqrt(6) / np.sqrt(360 + 2000)
    Wo = (2 * rng.rand(10, 100) - 1) * np.sqrt(6) / np.sqrt(10 + 100)
    return W1, W5, Wo


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


def mnist_train(seed, batches):
    """The weights of mnist_conv after the first batches of its first epoch."""
    X, D = data.mnist()
    n = 100 * batches
    return convnet.mnist_conv(*mnist_start(seed), X[:n], D[:n])


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
        in SHA256SUMS beside it, or it holds another run). It is named, with the command that makes it anew.
    """
    path = Path(path)
    anew = f"`{rebuild(path.name)}` makes it anew"
    try:
        content = path.read_bytes()
        sums = (path.parent / SUMS).read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise ReferenceFileError(f"{error.filename}: {error.strerror}; {anew}") from error
    if f"{hashlib.sha256(content).hexdigest()}  {path.name}\n" not in sums:
        raise ReferenceFileError(f"{path}: edited or damaged: its SHA-256 is not the one in {SUMS}; {anew}")
    try:
        held = mat.read(content)
    except mat.MatError as error:
        raise ReferenceFileError(f"{path}: no MATLAB file: {error}; {anew}") from error
    run = "_".join(str(held[key].ravel()[0]) for key in ("name", "seed") if key in held and held[key].size)
    if run != path.stem:
        raise ReferenceFileError(f"{path}: foreign: it holds {run or 'no run of ours'}; {anew}")
    return held


def deviation(ours, golden):
    """The largest difference between two lists of weights, relative to the largest weight.

    Raises
    ------
    ValueError
        If their shapes differ.
    """
    for a, b in zip(ours, golden, strict=True):
        if a.shape != b.shape:
            raise ValueError(f"weights of shape {a.shape} are compared with {b.shape}")
    largest = max(abs(b).max() for b in golden)
    return max(float(abs(a - b).max()) for a, b in zip(ours, golden, strict=True)) / largest


def weights_at(golden, epoch):
    """The weights in a golden file: after an epoch, or at the ``"start"``."""
    when = "start" if epoch == "start" else f"epoch_{epoch}"
    names = [f"W{k}_{when}" for k in range(1, 5) if f"W{k}_{when}" in golden]
    if not names:
        raise ReferenceFileError(f"a golden file has no weights W1_{when}; `{REBUILD}` makes it anew")
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
    if name == "mnist_conv" and seed in MNIST_SEEDS and epochs == 3:
        golden = read_golden(Path(folder) / file_name("mnist_conv_epochs", seed))
        ours = mnist_summary(*weights)
        return {"deviation": max(deviation([ours[key]], [golden[f"{key}_epoch_3"]]) for key in ours)}
    if name in LISTINGS and seed in LISTINGS[name].seeds and epochs in LISTINGS[name].kept:
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
    listing = LISTINGS[name]
    golden = read_golden(Path(folder) / file_name(name, seed))
    X, D = listing.data()
    cost = cross_entropy if name == "backprop_ce" else sum_squared_error
    return [(epoch, float(cost(D, listing.forward(*weights_at(golden, epoch), X)))) for epoch in listing.kept]
