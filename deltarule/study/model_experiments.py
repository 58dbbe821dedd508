"""Which of the other networks a study can train, and on what: the one table of them."""

from dataclasses import dataclass

from ..models.experiments import EXPERIMENTS, Experiment


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

    def samples(self):
        """The inputs, and the targets as rows."""
        X, D = self.experiment.samples()
        return X, D.reshape(len(D), -1)

    def start(self, seed, hidden=None):
        """Starting weights, and the stream as it stands behind them."""
        return self.experiment.start(seed)

    def scaled(self, weights, scale):
        """The weights, the matrices W times `scale`; what normalises or is added stays."""
        named = zip(self.experiment.names, weights, strict=True)
        return tuple(scale * W if name[0] == "W" else W for name, W in named)

    def shapes(self, hidden=None):
        """Shapes of the weights."""
        return tuple(self.experiment.shapes.values())


MODELS = {name: ModelExperiment(EXPERIMENTS[name]) for name in ("rnn_xor", "batch_norm_depth", "deep_sigmoid")}
"""By name. Those whose every output has a target."""
