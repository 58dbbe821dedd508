"""What this wing trains: the networks, data, optimisers and lengths of each run, as the from-scratch book has them.

This is the only table of them: scripts, judges and tests read it. The golden files that it names are in
``reference/golden/from_scratch``, and ORIGIN.md there says how they came about.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from .. import data
from ..basics.progress import progress
from .convnet import SimpleConvNet
from .multi_layer import MultiLayerNet
from .search import RANGES, Settings, split, trial
from .training import Trainer
from .two_layer import TwoLayerNet

TRAINED = 8000  # of the 10,000 images; the others are for testing


def mnist(train=TRAINED, test=None, images=False):
    """The data of an experiment.

    Parameters
    ----------
    train : int
        How many of the first 8,000 of the package's images to train on.
    test : int, optional
        How many of its last 2,000 to test on; all when None.
    images : bool
        Whether a sample is an image (1, 28, 28), or its 784 pixels row by row.

    Returns
    -------
    x_train, t_train, x_test, t_test : arrays
        Pixels from 0 to 1 in float64, and digits.
    """
    X, D = data.mnist()
    x = X[:, None] if images else X.reshape(len(X), -1)
    end = None if test is None else TRAINED + test
    return x[:train], D[:train], x[TRAINED:end], D[TRAINED:end]


@dataclass(frozen=True)
class Candidate:
    """A network that an experiment trains, beside others on the same batches or alone.

    Attributes
    ----------
    name : str
        What tells it from the others; empty where it is alone.
    network : callable
        ``network(rng=rng)`` makes it.
    optimizer : str or callable
        A name of `OPTIMIZERS`; or what makes an optimiser, called with `optimizer_param`.
    optimizer_param : dict
        What the optimiser takes.
    """

    name: str
    network: Callable
    optimizer: str | Callable = "SGD"
    optimizer_param: dict = field(default_factory=lambda: {"lr": 0.01})


@dataclass(frozen=True)
class Experiment:
    """What a script trains in one run.

    Attributes
    ----------
    golden : tuple of str
        The golden file, without its seed, and what the names of the run's entries begin with.
    candidates : tuple of Candidate
        The networks, drawn in this order from one stream, which then draws the batches for all of them.
    iterations : int
    batch : int
        Samples of a batch.
    train : int
        Samples trained on, the first ones of 8,000.
    evaluated : int or None
        The accuracies recorded once an epoch are those of so many samples, at most; of all when None.
    images : bool
        Whether samples are images (1, 28, 28).
    recorded : dict
        By the golden file's name of an entry, what it is: an attribute of `Trainer`, or a key of `VALUES`. ``{name}``
        stands for the candidate's.
    kept : dict
        By a golden file's beginning of names, the number of iterations after which the parameters are kept.
    """

    golden: tuple
    candidates: tuple
    iterations: int
    batch: int = 100
    train: int = TRAINED
    evaluated: int | None = None
    images: bool = False
    recorded: dict = field(default_factory=dict)
    kept: dict = field(default_factory=dict)

    def samples(self):
        """x_train, t_train, x_test, t_test: all 2,000 of the test."""
        return mnist(self.train, images=self.images)


@dataclass(frozen=True)
class Trained:
    """What came out of an experiment.

    Attributes
    ----------
    trainers : dict of Trainer
        By the candidates' names; each has its network and the lists that it recorded, which end where it `diverged`.
    kept : dict of dict
        By number of iterations, copies of the parameters of the first candidate.
    rng : stream
        As it stands behind the last draw.
    """

    trainers: dict
    kept: dict
    rng: object


def train(experiment, seed, samples=None, *, name="train"):
    """Train the networks of an experiment.

    Parameters
    ----------
    experiment : Experiment
    seed : int, or stream
        Of ``numpy.random.RandomState``; or what draws instead of it.
    samples : tuple of arrays, optional
        x_train, t_train, x_test, t_test in place of the experiment's own.
    name : str
        What stands before the progress bar.

    Returns
    -------
    Trained
    """
    rng = np.random.RandomState(seed) if isinstance(seed, int | np.integer) else seed
    samples = experiment.samples() if samples is None else samples
    networks = [candidate.network(rng=rng) for candidate in experiment.candidates]
    trainers = {
        candidate.name: _trainer(experiment, candidate, network, samples, rng)
        for candidate, network in zip(experiment.candidates, networks, strict=True)
    }
    first, kept = next(iter(trainers.values())), {}
    with progress(name, experiment.iterations, "batch") as bar:
        for i in range(1, experiment.iterations + 1):
            batch = first.draw()
            for trainer in trainers.values():
                trainer.attempt(batch)
            if i in experiment.kept.values():
                kept[i] = {key: W.copy() for key, W in first.network.params.items()}
            bar.update(1)
    return Trained(trainers, kept, rng)


def _trainer(experiment, candidate, network, samples, rng):
    optimizer, param = candidate.optimizer, candidate.optimizer_param
    if not isinstance(optimizer, str):
        optimizer, param = optimizer(**param), None
    return Trainer(
        network, *samples, mini_batch_size=experiment.batch, iterations=experiment.iterations, optimizer=optimizer,
        optimizer_param=param, evaluate_sample_num_per_epoch=experiment.evaluated, rng=rng,
    )  # fmt: skip


def _accuracies(trainer):
    """Those of all samples at the end."""
    network = trainer.network
    return network.accuracy(trainer.x_train, trainer.t_train), network.accuracy(trainer.x_test, trainer.t_test)


def _both_losses(trainer):
    """A row for each iteration: as in training before it, and as in use after it."""
    return np.transpose([trainer.batch_loss_list, trainer.train_loss_list])


VALUES = {"accuracies": _accuracies, "both losses": _both_losses}
"""What is recorded that is no list of a trainer."""


def entries(experiment, trained):
    """What a golden file holds of an experiment, from what came out of it here.

    Parameters
    ----------
    experiment : Experiment
    trained : Trained

    Returns
    -------
    dict of dict
        By the beginning of names, ``"decay_"`` and ``"decay_at100_"``, the arrays by the rest of the name. It draws
        ``next_rand``, and so ends the use of the stream.
    """
    _, run = experiment.golden
    found = {"next_rand": trained.rng.rand()}
    for name, trainer in trained.trainers.items():
        for entry, what in experiment.recorded.items():
            value = VALUES[what](trainer) if what in VALUES else getattr(trainer, what)
            found[entry.format(name=name)] = np.array(value)
    if len(trained.trainers) == 1:
        found |= _parameters(trainer.network)
    return {run: found} | {run: trained.kept[i] for run, i in experiment.kept.items()}


def _parameters(network):
    """All that a network has learned: the parameters, and the running averages of batch normalisation."""
    averages = {
        f"{name}_{which}": getattr(layer, which)
        for name, layer in network.layers.items()
        for which in ("running_mean", "running_var")
        if hasattr(layer, which)
    }
    return network.params | averages


FIVE = partial(MultiLayerNet, 784, [100] * 4, 10)  # chapter 6 compares on these: four hidden layers, and the output
SEVEN = partial(MultiLayerNet, 784, [100] * 6, 10)  # overfits 300 images
SCALES = tuple(np.logspace(0, -4, 16))  # of the weights, for the sixteen comparisons of batch normalisation
SCALE = SCALES[4]  # the one of the golden file
RATES = {"SGD": 0.01, "Momentum": 0.01, "Nesterov": 0.01, "AdaGrad": 0.01, "RMSprop": 0.01, "Adam": 0.001}
LISTS = {name: name for name in ("train_acc_list", "test_acc_list")}


def _two_layer_net(run, activation):
    candidate = Candidate("", partial(TwoLayerNet, 784, 50, 10, activation=activation), optimizer_param={"lr": 0.1})
    return Experiment(
        ("a_two_layer", run), (candidate,), 200, recorded={"train_loss_list": "train_loss_list", **LISTS}
    )  # fmt: skip


def _with(name, network, rate=None):
    """A network with an optimiser at its usual rate."""
    return Candidate(name, network, name, {"lr": rate or RATES[name]})


def _compared(part, run, *candidates):
    """A hundred iterations of networks beside each other, or of one alone."""
    recorded = {"loss_{name}": "train_loss_list"} if len(candidates) > 1 else {
        "loss": "train_loss_list", "acc_train_test": "accuracies",
    }  # fmt: skip
    return Experiment((part, run), candidates, 100, 128, recorded=recorded)


def batch_norm(scale, iterations=191):
    """A network with batch normalisation and one without, from normal weights times a number, on 1,000 images."""
    networks = {
        "bn_": partial(MultiLayerNet, 784, [100] * 5, 10, weight_init_std=scale, use_batchnorm=True),
        "": partial(MultiLayerNet, 784, [100] * 5, 10, weight_init_std=scale),
    }
    return Experiment(
        ("d_batchnorm", "script_"), tuple(Candidate(name, network) for name, network in networks.items()), iterations,
        train=1000, recorded={"{name}train_acc": "train_acc_list"},
    )  # fmt: skip


def _overfitting(golden, network, iterations, loss, kept):
    return Experiment(
        golden, (Candidate("", network),), iterations, train=300, recorded={loss: "train_loss_list", **LISTS}, kept=kept
    )


@dataclass(frozen=True)
class Search:
    """The book's random search: everything from one stream, one trial after the other.

    Attributes
    ----------
    golden : tuple of str
        As for `Experiment`.
    settings : Settings
    trials : int
    samples : int
        The first ones of the 8,000.
    """

    golden: tuple
    settings: Settings
    trials: int
    samples: int


SEARCH = Search(
    ("k_hyper", ""), Settings(RANGES, {"input_size": 784, "hidden_size_list": [100] * 6, "output_size": 10}), 3, 500
)


def search(experiment, seed, trials=None):
    """Do the book's random search.

    Parameters
    ----------
    experiment : Search
    seed : int
    trials : int, optional
        How many; as many as the experiment has when None.

    Returns
    -------
    trials : list of Trial
    data : tuple of arrays
        As `split` returns it.
    rng : stream
        As it stands behind the last draw.
    """
    rng, settings = np.random.RandomState(seed), experiment.settings
    x, t, _, _ = mnist(experiment.samples)
    data = split(x, t, settings.validation_rate, rng=rng)
    found = [trial(number, settings, data, rng) for number in range(experiment.trials if trials is None else trials)]
    return found, data, rng


def search_entries(trials, data, rng):
    """What the golden file holds of the random search, from what `search` returns; by the beginning of the names."""
    found = {
        "next_rand": rng.rand(),
        "val_acc": np.array([each.val_acc_list for each in trials]),
        "train_acc": np.array([each.train_acc_list for each in trials]),
        "lr_decay": np.array([(each.values["lr"], each.values["weight_decay_lambda"]) for each in trials]),
        "first_train_labels": data[1][:20],
    }
    return {"": found}


EXPERIMENTS = {
    "two_layer_net": {"sigmoid": _two_layer_net("ch04_", "sigmoid"), "relu": _two_layer_net("ch05_", "relu")},
    "optimizers_on_mnist": {
        **{name: _compared("b_optimizers", f"{name}_", _with(name, FIVE)) for name in RATES if name != "Nesterov"},
        "Nesterov": _compared("b_optimizers", "NesterovUpstream_", _with("Nesterov", FIVE)),
        "compare": _compared(
            "b_optimizers", "compare_", *(_with(name, FIVE) for name in ("SGD", "Momentum", "AdaGrad", "Adam"))
        ),
    },
    "starting_weights_on_mnist": {
        **{
            name: _compared(
                "c_sigmoid_xavier", f"{name}_",
                _with(name, partial(FIVE, activation="sigmoid", weight_init_std="xavier")),
            )
            for name in ("SGD", "Adam")
        },
        "compare": _compared(
            "c_sigmoid_xavier", "compare_",
            *(
                Candidate(name, partial(FIVE, weight_init_std=scale))
                for name, scale in (("std_0.01", 0.01), ("Xavier", "xavier"), ("He", "he"))
            ),
        ),
    },
    "batch_norm": {
        "alone": Experiment(
            ("d_batchnorm", ""),
            (_with("Adam", partial(MultiLayerNet, 784, [100] * 5, 10, use_batchnorm=True)),), 100, train=1000,
            recorded={
                "loss_train_mode_before__loss_in_use_after": "both losses", "acc_train_test": "accuracies",
            },
        ),
        "compare": batch_norm(SCALE),
    },
    "overfitting": {
        "plain": _overfitting(("e_overfit_decay", "plain_"), SEVEN, 601, "loss", {"plain_at100_": 100}),
        "decay": _overfitting(
            ("e_overfit_decay", "decay_"), partial(SEVEN, weight_decay_lambda=0.1), 601, "loss", {"decay_at100_": 100}
        ),
        "dropout": _overfitting(
            ("f_dropout", ""), partial(SEVEN, use_dropout=True, dropout_ratio=0.2), 903, "loss_in_use_after",
            {"at30_": 30},
        ),
    },
    "simple_convnet": {
        "train": Experiment(
            ("g_convnet", ""), (_with("Adam", SimpleConvNet),), 30, train=500, evaluated=1000, images=True,
            recorded={"loss": "train_loss_list", **LISTS, "acc_train500_test2000": "accuracies"},
        ),
    },
}  # fmt: skip
"""By script and run."""
