"""Whether the convolutional network, or a form of it with a mistake, learns to read the test images."""

import numpy as np

from ..listings.experiments import EXPERIMENTS, mnist_test
from ..listings.labels import recognised
from .forms import Run
from .steps import plan, run

LISTING = "mnist_conv"
READS = 0.9  # of the test images a network reads that has learned
AT_ONCE = 100  # images


def learns(form, number, epochs):
    """Whether it reads nine tenths of the test images after one of its epochs, from the start of ``rng(number)``.

    The images go in as the form takes them, and the digits are compared as they are: a form that numbers the classes in
    another way reads them wrong.
    """
    experiment = EXPERIMENTS[LISTING]
    weights = tuple(experiment.start(number)[0])
    training, test = Run(form, *experiment.samples()), mnist_test()
    with np.errstate(all="ignore"):
        for _ in range(epochs):
            weights = training.epoch(weights)
            if share_read(form, weights, training.state, *test) >= READS:
                return True
    return False


def share_read(form, weights, state, X, D):
    """The share of the images whose digit a form reads right; an output that is not finite reads none.

    Parameters
    ----------
    form : Form
    weights : sequence of array
    state : dict from str to array
        What the last update left, such as a bias that the listing does not have.
    X : array, shape (N, 28, 28)
    D : array of int, shape (N,)
    """
    xs = run(plan(form.steps, ("xs",), {"X", "D"}), {"X": X, "D": D})["xs"]
    given = {**state, **dict(zip(form.weights, weights, strict=True))}
    outputs = plan(form.steps, ("y",), given.keys() | {"x"})
    right = 0
    for i in range(0, len(xs), AT_ONCE):
        y = run(outputs, {**given, "x": xs[i : i + AT_ONCE]})["y"]
        right += int((np.isfinite(y).all(axis=0) & (recognised(y.T) == D[i : i + AT_ONCE])).sum())
    return right / len(D)
