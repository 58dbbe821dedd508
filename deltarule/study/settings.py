"""What a study trains: a listing, and the numbers that may differ from its script's."""

from dataclasses import dataclass, replace
from functools import partial

from ..basics import checks
from ..listings.deep import deep_dropout
from ..listings.experiments import EXPERIMENTS
from .model_experiments import MODELS, WITHIN
from .network_experiments import NETWORKS

EVERY = 10  # epochs between two looks at the outputs
KEPT_MOMENTUM = "backprop_mmt_kept"
LARGEST = {"epochs": 10**9, "every": 10**9, "hidden": 10**4}

_BOOK = (
    "delta_sgd", "delta_batch", "delta_minibatch", "backprop_xor", "backprop_mmt", "backprop_ce", "multi_class",
    "deep_relu", "deep_dropout",
)  # fmt: skip
ROUTINES = {name: EXPERIMENTS[name] for name in _BOOK} | {
    KEPT_MOMENTUM: EXPERIMENTS["backprop_mmt"],
    "deep_dropout_exact": replace(EXPERIMENTS["deep_dropout"], routine=partial(deep_dropout, slope="exact")),
    **NETWORKS,
    **MODELS,
}
"""By name, the experiments that are studied: the book's, two with one thing changed, networks of other documents."""


@dataclass(frozen=True)
class Settings:
    """What is studied.

    Attributes
    ----------
    routine : str
        One of `ROUTINES`. ``backprop_mmt_kept`` keeps its momentum across epochs, ``deep_dropout_exact`` takes the
        derivative in place of the listing's slope. Of the networks of the from-scratch notes an epoch is an iteration,
        one batch, and the one output is the share of the test images that are recognised, its target 1. Of the other
        networks, `scale` is that of the matrices alone; the one output of those that have test samples is their
        error on these, its target 0.
    epochs : int, optional
        The longest a start is trained; the script's number when None.
    hidden : int, optional
        Hidden nodes in each hidden layer; the book's number when None.
    alpha : float, optional
        Learning rate; the book's when None.
    scale : float
        The starting weights are the script's, uniform in [-1, 1], times this.
    within : float, optional
        A start has converged when every output is this close to its target, in (0, 0.5]; 0.5 asks for the right side
        only. When None it is the script's criterion: 0.1 but for networks that have test samples.
    every : int
        Epochs between two looks: a start counts as converged at the first look that finds it so.

    Raises
    ------
    ValueError, TypeError
        If the routine is unknown, or a number is of the wrong type or out of range. The message names the argument.
    """

    routine: str
    epochs: int | None = None
    hidden: int | None = None
    alpha: float | None = None
    scale: float = 1.0
    within: float | None = None
    every: int = EVERY

    def __post_init__(self):
        experiment = ROUTINES[checks.choice("routine", self.routine, ROUTINES)]
        if self.hidden is not None and experiment.hidden is None:
            why = "whose layers are those of the document" if self.of_models else "which has no hidden layer"
            raise ValueError(f"hidden must be None for {self.routine}, {why}, not {self.hidden!r}")
        plain = {"epochs": experiment.epochs, "hidden": experiment.hidden}  # Python's own numbers, as files take them
        for name, most in LARGEST.items():
            if getattr(self, name) is not None:
                plain[name] = checks.count(name, getattr(self, name), most)
        for name in ("alpha", "scale"):
            if getattr(self, name) is not None:
                plain[name] = checks.rate(name, getattr(self, name))
        own = experiment.within if self.of_models else WITHIN
        plain["within"] = own if self.within is None else checks.number("within", self.within)
        if not 0 < plain["within"] <= 0.5:
            raise ValueError(f"within must be above 0 and at most 0.5, the right side, not {self.within!r}")
        for name, value in plain.items():
            object.__setattr__(self, name, value)

    @property
    def experiment(self):
        """The listing, and what it trains on."""
        return ROUTINES[self.routine]

    @property
    def keeps_momentum(self):
        """Whether the momentum is kept across epochs."""
        return self.routine == KEPT_MOMENTUM

    @property
    def of_networks(self):
        """Whether it is a network of the from-scratch notes that is trained."""
        return self.routine in NETWORKS

    @property
    def of_models(self):
        """Whether it is one of the other networks that is trained."""
        return self.routine in MODELS

    @property
    def tested(self):
        """Whether its one output is the error of one of the other networks on its test samples."""
        return self.of_models and self.experiment.tested

    def start(self, number):
        """The starting weights of one start, a tuple of arrays."""
        weights, _ = self.experiment.start(int(number), self.hidden)
        if self.of_models:
            return self.experiment.scaled(weights, self.scale)
        return tuple(self.scale * W for W in weights)
