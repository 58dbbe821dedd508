"""Which of the other networks a study can train, and on what: the one table of them."""

from dataclasses import dataclass

import numpy as np

from ..models.experiments import EXPERIMENTS, Experiment

WITHIN = 0.1  # of its target is an output that is right, where a script asks for nothing else


@dataclass(frozen=True)
class ModelExperiment:
    """What a study trains of one of these networks; start number k is drawn as ``--seed k`` of its script draws it.

    Attributes
    ----------
    experiment : deltarule.models.experiments.Experiment
    """

    experiment: Experiment
    hidden = None  # its layers are those of the document
    random = False

    @property
    def epochs(self):
        """As many as the script trains."""
        return self.experiment.epochs

    @property
    def tested(self):
        """Whether it is judged by its error on test samples, which then is its one output, with a target of 0."""
        return self.experiment.error is not None

    @property
    def within(self):
        """How near to their targets the script asks its outputs to be."""
        return self.experiment.accepted if self.tested else WITHIN

    def samples(self):
        """The inputs, and the targets as rows; where it is tested what the one output stands for, and its target."""
        if self.tested:
            return np.zeros((1, 1)), np.zeros((1, 1))
        X, D = self.experiment.samples()
        return X, D.reshape(len(D), -1)

    def start(self, seed, hidden=None):
        """Starting weights, and the stream as it stands behind them."""
        return self.experiment.start(seed)

    def scaled(self, weights, scale):
        """The weights, the matrices, which have capitals, times `scale`; what normalises or is added stays."""
        named = zip(self.experiment.names, weights, strict=True)
        return tuple(scale * W if name[0].isupper() else W for name, W in named)

    def shapes(self, hidden=None):
        """Shapes of the weights."""
        return tuple(self.experiment.shapes.values())


MODELS = {
    name: ModelExperiment(EXPERIMENTS[name])
    for name in (
        "rnn_xor", "batch_norm_depth", "deep_sigmoid", "lstm_adding", "gru_adding", "attention_reversal",
        "attention_placeless", "relation_dots", "row_dots", "gcn_karate",
    )
}  # fmt: skip
"""By name. Those that draw nothing in training, have a target or a bound of their own, and do not multiply rounding."""
