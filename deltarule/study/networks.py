"""The networks of the from-scratch notes in a study: one start after the other, each looked at on the test images."""

import numpy as np

from ..basics.devices import to_device
from ..layers.network import Diverged
from ..layers.training import Trainer
from .outcome import Outcome

CURVE = 50  # iterations after which the error is measured


def train(settings, starts, device="cpu"):
    """Train starts one after the other, each until it has converged or had its last iteration.

    A start has converged when so many of the 2,000 test images are recognised that the share is within
    `settings.within` of 1; one whose numbers are no longer finite recognises none.

    Parameters
    ----------
    settings : Settings
    starts : sequence of int
    device : {"cpu", "gpu"}

    Returns
    -------
    Outcome
    """
    data = to_device(device, *settings.experiment.data())
    found = [_looked_at(settings, int(start), data, device) for start in starts]
    epochs, shares = np.array(found).reshape(-1, 2).T
    return Outcome(settings, np.array(starts, dtype=np.int64), epochs.astype(np.int64), shares.reshape(-1, 1, 1))


def _looked_at(settings, start, data, device):
    """The iteration at whose end a start was found to have converged, or 0, and the share recognised then."""
    share = 0.0
    for i, network in _iterations(settings, start, data, device):
        if network is None:
            return 0, 0.0
        if i % settings.every == 0 or i == settings.epochs:
            share = network.accuracy(*data[2:])
            if 1 - share <= settings.within:
                return i, share
    return 0, share


def _iterations(settings, start, data, device):
    """The network of a start after each iteration, with its number; None, and the end, where it has diverged."""
    trainer = _trainer(settings, start, data, device)
    network = trainer.network
    for i in range(1, settings.epochs + 1):
        batch = trainer.draw()
        try:
            trainer.update(network.gradient(trainer.x_train[batch], trainer.t_train[batch]))
        except Diverged:
            yield i, None
            return
        yield i, network


def _trainer(settings, start, data, device):
    """The trainer of a start, before its first iteration."""
    experiment = settings.experiment
    network, rng = experiment.begun(start, settings.hidden)
    scaled = (W * settings.scale if key[0] == "W" else W for key, W in network.params.items())
    network.params = dict(zip(network.params, to_device(device, *scaled), strict=True))
    alpha = experiment.alpha if settings.alpha is None else settings.alpha
    return Trainer(
        network, *data[:2], mini_batch_size=experiment.batch, optimizer=experiment.optimizer,
        optimizer_param={"lr": alpha}, rng=rng,
    )  # fmt: skip


def error_curves(settings, starts):
    """How the share of test images that are not recognised goes down.

    Parameters
    ----------
    settings : Settings
    starts : sequence of int

    Returns
    -------
    iterations : array, shape (m,)
        Some 50, evenly spread on a logarithmic scale.
    errors : array, shape (starts, m)
        1 from where a start has diverged.
    """
    marks = np.unique(np.geomspace(1, settings.epochs, CURVE).round().astype(int))
    data = settings.experiment.data()
    errors = np.ones((len(starts), len(marks)))
    for row, start in zip(errors, starts, strict=True):
        for i, network in _iterations(settings, int(start), data, "cpu"):
            if network is not None and i in marks:
                row[np.searchsorted(marks, i)] = 1 - network.accuracy(*data[2:])
    return marks, errors
