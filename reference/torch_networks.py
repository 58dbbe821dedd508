"""Compute the weights that PyTorch ends with after the scripts of the other networks: files in golden/networks.

python reference/torch_networks.py            writes all of them: a file for each script that trains and each seed
python reference/torch_networks.py --check    compares instead; exit 1 if anything differs
python reference/torch_networks.py NAME ...   only those of these scripts, such as softmax_classifier

Needs PyTorch, which the package does not: `pip install torch==2.13.0`. All is float64, from the script's own start:
data and weights drawn from MATLAB's stream. Of `deltarule` nothing is used but that stream, the data sets and the table
of experiments; gradients are autograd's. Big arrays are kept as ORIGIN.md in golden/from_scratch says.
"""

from deltarule.basics import process  # noqa: F401  first: Ctrl-C ends it while NumPy is loading, too

# isort: split
import sys
from functools import partial
from pathlib import Path

import numpy as np
from torch_files import kept, made_by, main, parameter, torch
from torch_models import TRAININGS

from deltarule import matlab
from deltarule.evidence import networks

F = torch and torch.nn.functional
FOLDER = Path(__file__).resolve().parent / "golden" / networks.FOLDER
SCRIPTS = {}
"""By script, what trains as it does: ``train(rng)`` returns the weights by their names, out of a seed's stream."""


def script(train):
    """Enter a function of the name of its script."""
    SCRIPTS[train.__name__] = train
    return train


def descend(cost, weights, alpha, steps):
    """Plain gradient descent: for each step k, W = W - alpha dcost(k)/dW."""
    for k in range(steps):
        for W in weights:
            W.grad = None
        cost(k).backward()
        with torch.no_grad():
            for W in weights:
                W -= alpha * W.grad


@script
def softmax_classifier(rng):
    """1,000 epochs of three images, one at a time, by the cross-entropy of a linear layer's scores."""
    X = np.hstack([np.ones((3, 1)), rng.randn(3, 4)])
    W = 2 * rng.rand(3, 5) - 1
    W[:, 0] = np.log([0.36, 0.62, 0.02]) - W[:, 1:] @ X[1, 1:]
    W, X, labels = parameter(W), torch.tensor(X), torch.arange(3)

    def cost(k):
        n = k % 3
        return F.cross_entropy(F.linear(X[n : n + 1], W), labels[n : n + 1])

    descend(cost, [W], 0.1, 3_000)
    return {"W": W}


SCRIPTS |= TRAININGS


def computed(name, seed):
    """The entries of the file of a script and a seed."""
    return made_by(seed) | kept(SCRIPTS[name](matlab.rng(seed)))


FILES = {name: [FOLDER / networks.file_name(name, seed) for seed in networks.SEEDS] for name in SCRIPTS}

if __name__ == "__main__":
    files = {
        file: partial(computed, name, seed)
        for name, of_script in FILES.items()
        for file, seed in zip(of_script, networks.SEEDS, strict=True)
    }
    sys.exit(main(__doc__, files, FILES))
