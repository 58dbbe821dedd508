"""What two options change in training, over many starts, and how far mnist_conv gets from 100 others:

python reference/measure_options.py [momenta] [dropout_slopes] [mnist_starts]

The slope of deep_dropout, as listed and exact: epochs until every output is within 0.1 of its target (with all nodes
kept), over 100 starts, which share their masks. Momentum of backprop_mmt, zeroed in each epoch and kept: the share of
1,000 starts that have learned XOR after 10,000 epochs, and the epochs they took.
"""

from deltarule.basics import process  # noqa: F401  first: Ctrl-C ends it while NumPy is loading, too

# isort: split
import sys

import numpy as np
from scipy.stats import binomtest

from deltarule import (
    backprop_mmt,
    data,
    deep_dropout,
    deep_dropout_forward,
    matlab,
    mnist_conv,
    mnist_conv_forward,
    multi_layer_forward,
)
from deltarule.listings.experiments import EXPERIMENTS, mnist_test, mnist_training
from deltarule.listings.labels import accuracy
from deltarule.programs.terminal import take_ctrl_c

EVERY = 50  # epochs between two looks


def epochs_to_converge(step, forward, weights, D, epochs):
    """For each network, the first look at which it had converged; 0 for those that had not by the end."""
    first = np.zeros(len(weights[0]), dtype=int)
    state = weights
    for epoch in range(1, epochs + 1):
        state = step(*state)
        if epoch % EVERY == 0:
            close = (abs(forward(*state[: len(weights)]) - D) <= 0.1).all(axis=(-2, -1))
            first[(first == 0) & close] = epoch
    return first


def line(label, first):
    """Rate with its Wilson interval, and the median of the epochs of those that converged."""
    n, converged = len(first), int((first > 0).sum())
    interval = binomtest(converged, n).proportion_ci(method="wilson")
    print(
        f"{label:20}{converged} of {n} [{interval.low:.1%}, {interval.high:.1%}], "
        f"median {np.median(first[first > 0]):.0f} epochs",
        flush=True,
    )


def dropout_slopes(starts=100, epochs=20_000):
    X, D = data.digits()
    for slope in ("listing", "exact"):
        rng = matlab.rng(1)
        weights = tuple(2 * rng.rand(starts, *shape) - 1 for shape in ((20, 25), (20, 20), (20, 20), (5, 20)))
        masks = matlab.rng(2)
        line(
            f"slope {slope}",
            epochs_to_converge(
                lambda *W, slope=slope, masks=masks: deep_dropout(*W, X, D, rng=masks, slope=slope),
                lambda *W: deep_dropout_forward(*W, X),
                weights,
                D,
                epochs,
            ),
        )


def momenta(starts=1000, epochs=10_000):
    X, D = data.xor()
    rng = matlab.rng(1)
    W1, W2 = 2 * rng.rand(starts, 4, 3) - 1, 2 * rng.rand(starts, 1, 4) - 1

    def kept(W1, W2, m1=0 * W1, m2=0 * W2):
        return backprop_mmt(W1, W2, X, D, momenta=(m1, m2))

    for label, step in (("zeroed", lambda W1, W2: backprop_mmt(W1, W2, X, D)), ("kept", kept)):
        line(
            f"momentum {label}",
            epochs_to_converge(step, lambda *W: multi_layer_forward(*W, X), (W1, W2), D[:, None], epochs),
        )


def mnist_starts(starts=100):
    """The accuracy of mnist_conv after its three epochs, from seeds 0 on."""
    X, D = mnist_training()
    Xtest, Dtest = mnist_test()
    found = []
    for seed in range(starts):
        weights, _ = EXPERIMENTS["mnist_conv"].start(seed)
        for _ in range(3):
            weights = mnist_conv(*weights, X, D)
        found.append(accuracy(Dtest, mnist_conv_forward(*weights, Xtest)))
    reached = sum(right >= 0.9 for right in found)
    interval = binomtest(reached, starts).proportion_ci(method="wilson")
    low, first, middle, third, high = np.percentile(found, [0, 25, 50, 75, 100])
    print(
        f"mnist_conv: at least 90 % by {reached} of {starts} [{interval.low:.1%}, {interval.high:.1%}]; accuracy "
        f"{low:.4f} to {high:.4f}, median {middle:.4f}, quartiles {first:.4f} and {third:.4f}"
    )


if __name__ == "__main__":
    take_ctrl_c()
    for name in sys.argv[1:] or ("momenta", "dropout_slopes", "mnist_starts"):
        {"momenta": momenta, "dropout_slopes": dropout_slopes, "mnist_starts": mnist_starts}[name]()
