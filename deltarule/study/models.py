"""The other networks in a study: many starts are trained together, along a leading axis of the weights."""

import numpy as np

from ..basics.arrays import namespace, on_cpu
from ..basics.devices import to_device
from .outcome import Outcome

CURVE = 100  # epochs of which the error is kept


def train(settings, starts, device="cpu"):
    """Train starts together, each until it has converged or had its last epoch.

    Parameters
    ----------
    settings : Settings
    starts : sequence of int
    device : {"cpu", "gpu"}

    Returns
    -------
    Outcome
    """
    starts = np.array(starts, dtype=np.int64)
    targets = settings.experiment.samples()[1]
    epochs, outputs = np.zeros(len(starts), dtype=np.int64), np.zeros((len(starts), *targets.shape))
    left = np.arange(len(starts))
    training = _Training(settings, starts, device)
    for epoch in range(1, settings.epochs + 1):
        training.epoch()
        if epoch % settings.every and epoch != settings.epochs:
            continue
        outputs[left] = training.outputs()
        done = (abs(outputs[left] - targets) <= settings.within).all(axis=(1, 2))
        epochs[left[done]] = epoch
        left = left[~done]
        if not len(left):
            break
        training.keep(~done)
    return Outcome(settings, starts, epochs, outputs)


def error_curves(settings, starts):
    """How the mean squared error of all outputs goes down.

    Parameters
    ----------
    settings : Settings
    starts : sequence of int

    Returns
    -------
    epochs : array, shape (m,)
        Some 100 of the epochs, evenly spread on a logarithmic scale.
    errors : array, shape (starts, m)
    """
    marks = np.unique(np.geomspace(1, settings.epochs, CURVE).round().astype(int))
    targets, errors = settings.experiment.samples()[1], []
    training = _Training(settings, starts, "cpu")
    for epochs in np.diff(marks, prepend=0):
        for _ in range(epochs):
            training.epoch()
        errors.append(((training.outputs() - targets) ** 2).mean(axis=(1, 2)))
    return marks, np.array(errors).T


class _Training:
    """Networks in training along a leading axis.

    Parameters
    ----------
    settings : Settings
    starts : sequence of int
    device : {"cpu", "gpu"}
    """

    def __init__(self, settings, starts, device):
        self.experiment = settings.experiment.experiment
        weights = [np.stack(W) for W in zip(*map(settings.start, starts), strict=True)]
        self.X, self.D, *self.weights = to_device(device, *self.experiment.samples(), *weights)
        self.options = {} if settings.alpha is None else {"alpha": settings.alpha}

    def epoch(self):
        """One epoch of all."""
        learning = {**self.experiment.learning(self.weights), **self.options}
        self.weights = self.experiment.epoch(self.weights, self.X, self.D, learning)

    def outputs(self):
        """What each answers, an array of shape (networks, N, outputs) on the CPU."""
        return on_cpu(self.experiment.outputs(self.weights, self.X))

    def keep(self, chosen):
        """Go on with those of which `chosen`, an array of bool, is true."""
        places = namespace(self.weights[0]).asarray(np.flatnonzero(chosen))
        self.weights = [W.take(places, axis=0) for W in self.weights]
