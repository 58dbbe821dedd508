"""Many starts trained at once, each with its own count of epochs."""

from dataclasses import dataclass

import numpy as np

from .. import matlab
from ..basics.arrays import namespace, on_cpu
from ..basics.devices import to_device
from ..basics.networks import Networks
from . import models, networks
from .outcome import Outcome, nothing
from .starts import starting_weights

MASKS = 1  # seed of the masks of dropout, which all starts share
CURVE = 100  # epochs of which the error is kept


@dataclass(frozen=True)
class Group:
    """Networks in training.

    Attributes
    ----------
    starts : array of int64, shape (n,)
        The numbers of their starts.
    ages : array of int64, shape (n,)
        How many epochs each has been trained.
    state : tuple of Networks
        Their weights, and then the momenta where they are kept. A single network is there twice, since `Networks`
        takes two.
    """

    starts: np.ndarray
    ages: np.ndarray
    state: tuple

    def __len__(self):
        return len(self.starts)

    def those(self, chosen):
        """The networks of which `chosen`, an array of bool, is true."""
        places = np.flatnonzero(chosen)
        columns = namespace(self.state[0]).asarray(np.resize(places, max(2, len(places))))
        state = tuple(Networks(W.values.take(columns, axis=-1)) for W in self.state)
        return Group(self.starts[places], self.ages[places], state)


def together(groups):
    """One group of the networks of all the groups."""
    starts, ages = (np.concatenate([getattr(group, name) for group in groups]) for name in ("starts", "ages"))
    state = tuple(
        Networks(np.concatenate([W.values[..., : len(group)] for W, group in zip(matrices, groups, strict=True)], -1))
        for matrices in zip(*(group.state for group in groups), strict=True)
    )
    return Group(starts, ages, state).those(np.ones(len(starts)))


class Trainer:
    """Trains groups of a study, and looks at what they answer.

    Parameters
    ----------
    settings : Settings
    device : {"cpu", "gpu"}
        Where; a GPU takes CuPy.
    """

    def __init__(self, settings, device="cpu"):
        self.settings = settings
        self.experiment = settings.experiment
        self.X, self.D = self.experiment.samples()
        self.targets = self.D.reshape(len(self.D), -1)
        self.device = device
        self.X, self.D = to_device(device, self.X, self.D)
        self.options = {} if settings.alpha is None else {"alpha": settings.alpha}
        self.rng = matlab.rng(MASKS)

    def begun(self, starts):
        """The group of some starts, before their first epoch."""
        weights = starting_weights(self.settings, starts)
        state = [Networks(values) for values in to_device(self.device, *(W.values for W in weights))]
        if self.settings.keeps_momentum:
            state += [0 * W for W in state]
        n = len(starts)
        return Group(np.asarray(starts, dtype=np.int64), np.zeros(n, dtype=np.int64), tuple(state)).those(np.ones(n))

    def trained(self, group, epochs):
        """The group after so many more epochs."""
        n, state = len(self.experiment.layers), group.state
        for _ in range(epochs):
            momenta = {"momenta": state[n:]} if self.settings.keeps_momentum else {}
            state = self.experiment.epoch(state[:n], self.X, self.D, self.rng, **self.options, **momenta)
        return Group(group.starts, group.ages + epochs, state)

    def outputs(self, group):
        """What each network of the group answers, an array of shape (n, N, outputs) on the CPU."""
        n = len(self.experiment.layers)
        y = self.experiment.forward(*group.state[:n], self.X)
        return on_cpu(y.values).transpose(2, 0, 1)[: len(group)]

    def ended(self, group):
        """The outcome of those that have converged or had their last epoch, and the group of the others."""
        s = self.settings
        y = self.outputs(group)
        last = group.ages == s.epochs
        converged = (abs(y - self.targets) <= s.within).all(axis=(1, 2)) & (last | (group.ages % s.every == 0))
        done = converged | last
        epochs = np.where(converged, group.ages, 0)[done]
        outcome = Outcome(s, group.starts[done], epochs, y[done])
        return outcome, group.those(~done) if done.any() else group


def train(settings, older, new, fewest=0, device="cpu"):
    """Train networks until no more than `fewest` of them are left.

    Each is looked at after every `settings.every` epochs of its own, and after its last one.

    Parameters
    ----------
    settings : Settings
    older : list of Group
        Networks in training, each of them for a multiple of `settings.every` epochs.
    new : sequence of int
        The starts to train with them.
    fewest : int
    device : {"cpu", "gpu"}

    Returns
    -------
    outcome : Outcome
        Of those that converged, or had their last epoch.
    left : Group

    Notes
    -----
    Networks of different ages are trained and looked at together, since the ages differ by multiples of
    `settings.every`. Where the number of epochs is not a multiple of it, those that have had their last epoch are
    looked at on the way.
    """
    if settings.of_networks:
        return networks.train(settings, new, device), ()
    if settings.of_models:
        return models.train(settings, new, device), ()
    _keep_freed_memory()
    trainer = Trainer(settings, device)
    group = together([*older, trainer.begun(new)] if len(new) else older)
    rest = settings.epochs % settings.every
    outcomes = [nothing(settings)]
    while len(group) > fewest:
        for epochs in (rest, settings.every - rest):
            if epochs and len(group):
                outcome, group = trainer.ended(trainer.trained(group, epochs))
                outcomes.append(outcome)
    return outcomes[0].joined(outcomes[1:]), group


def _keep_freed_memory():
    """Let the C library keep freed memory for the next array, where it is glibc.

    It returns to the system what is larger than anything freed before, up to 32 MiB: every array of an epoch would be
    mapped, zeroed and unmapped again, which takes as long as computing it. Freeing a large block once teaches it.
    """
    np.empty(2**25 - 2**16, dtype=np.uint8)


def error_curves(settings, starts):
    """How the error of some starts goes down.

    Parameters
    ----------
    settings : Settings
    starts : sequence of int

    Returns
    -------
    epochs : array, shape (m,)
        Some 100 of the epochs, evenly spread on a logarithmic scale.
    errors : array, shape (starts, m)
        The mean of the squared errors of all outputs, after each of them.
    """
    if settings.of_networks:
        return networks.error_curves(settings, starts)
    if settings.of_models:
        return models.error_curves(settings, starts)
    trainer = Trainer(settings)
    group = trainer.begun(starts)
    marks = np.unique(np.geomspace(1, settings.epochs, CURVE).round().astype(int))
    errors = []
    for epochs in np.diff(marks, prepend=0):
        group = trainer.trained(group, epochs)
        errors.append(((trainer.outputs(group) - trainer.targets) ** 2).mean(axis=(1, 2)))
    return marks, np.array(errors).T
