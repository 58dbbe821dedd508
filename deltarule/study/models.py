"""The other networks in a study: many starts are trained together, along a leading axis of the weights."""

from functools import reduce
from itertools import chain
from operator import and_

import numpy as np

from ..basics.arrays import namespace, on_cpu
from ..basics.devices import to_device
from .outcome import Outcome

CURVE = 100  # epochs of which the error is kept
LOOKED_AT = 16  # networks that answer for their test samples at once, which takes some MiB each


def train(settings, starts, device="cpu"):
    """Train starts together, each until it has converged or had its last epoch.

    One whose weights are no longer finite has not converged; its outputs are those of the last look, or 1 before any.

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
    epochs, outputs = np.zeros(len(starts), dtype=np.int64), np.ones((len(starts), *targets.shape))
    training = _Training(settings, starts, device)
    for epoch in chain(range(settings.every, settings.epochs, settings.every), [settings.epochs]):
        training.until(epoch)
        if not len(training.left):
            break
        outputs[training.left] = y = training.outputs()
        done = (abs(y - targets) <= settings.within).all(axis=(1, 2))
        epochs[training.left[done]] = epoch
        training.keep(~done)
    return Outcome(settings, starts, epochs, outputs)


def error_curves(settings, starts):
    """How the mean squared error of all outputs goes down, or that on the test samples where these are judged.

    Parameters
    ----------
    settings : Settings
    starts : sequence of int

    Returns
    -------
    epochs : array, shape (m,)
        Some 100 of the epochs, evenly spread on a logarithmic scale.
    errors : array, shape (starts, m)
        1 from where the weights of a start are no longer finite.
    """
    marks = np.unique(np.geomspace(1, settings.epochs, CURVE).round().astype(int))
    targets, errors = settings.experiment.samples()[1], np.ones((len(starts), len(marks)))
    training = _Training(settings, starts, "cpu")
    for k, epoch in enumerate(marks):
        training.until(epoch)
        if not len(training.left):
            break
        off = abs(training.outputs() - targets)
        errors[training.left, k] = (off if settings.tested else off**2).mean(axis=(1, 2))
    return marks, errors


class _Training:
    """Networks in training along a leading axis.

    Parameters
    ----------
    settings : Settings
    starts : sequence of int
    device : {"cpu", "gpu"}

    Attributes
    ----------
    left : array of int
        The places, among all starts, of those that are still in training.
    age : int
        How many epochs they have been trained.
    """

    def __init__(self, settings, starts, device):
        self.experiment, self.tested = settings.experiment.experiment, settings.tested
        weights = [np.stack(W) for W in zip(*map(settings.start, starts), strict=True)]
        self.X, self.D, *self.weights = to_device(device, *self.experiment.samples(), *weights)
        self.test = to_device(device, *self.experiment.test()) if self.tested else ()
        self.learning = self.experiment.learning(self.weights) | _rate(self.experiment, settings.alpha)
        self.left, self.age = np.arange(len(starts)), 0

    def until(self, epoch):
        """Train on until the end of an epoch, as long as any is left; one that diverges is left out from then on."""
        while self.age < epoch and len(self.left):
            self.age += 1
            with np.errstate(over="ignore", invalid="ignore"):
                self.weights = self.experiment.epoch(self.weights, self.X, self.D, self.learning)
            if not (finite := self._finite()).all():
                self.keep(finite)

    def _finite(self):
        """Of each network whether all its weights are finite."""
        isfinite = namespace(self.weights[0]).isfinite
        return on_cpu(reduce(and_, (isfinite(W).all(axis=tuple(range(1, W.ndim))) for W in self.weights)))

    def outputs(self):
        """What each answers, an array of shape (networks, N, outputs) on the CPU."""
        if not self.tested:
            return on_cpu(self.experiment.outputs(self.weights, self.X))
        few = [[W[k : k + LOOKED_AT] for W in self.weights] for k in range(0, len(self.left), LOOKED_AT)]
        errors = [on_cpu(self.experiment.tested(weights, *self.test)) for weights in few]
        return np.concatenate(errors).reshape(-1, 1, 1)

    def keep(self, chosen):
        """Go on with those of which `chosen`, an array of bool, is true."""
        places = namespace(self.weights[0]).asarray(np.flatnonzero(chosen))
        self.left = self.left[chosen]
        self.weights = [W.take(places, axis=0) for W in self.weights]
        if adam := self.learning.get("optimizer"):
            for kept in (adam.m, adam.v):  # what it remembers of each
                kept.update({name: a.take(places, axis=0) for name, a in kept.items()})


def _rate(experiment, alpha):
    """What a training takes for another learning rate than the script's, if it is not None."""
    if alpha is None:
        return {}
    return {"optimizer": experiment.optimizer(lr=alpha)} if experiment.optimizer else {"alpha": alpha}
