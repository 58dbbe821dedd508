"""The experiments of the other networks as the tests take them: golden files of PyTorch, and their starts."""

from runs import ROOT

from deltarule.evidence import networks
from deltarule.models.experiments import EXPERIMENTS

GOLDEN = ROOT / "reference" / "golden"
TOLERANCE = networks.TOLERANCE["cpu"]


def off_torch(name, seed):
    """How far the weights after the script's whole run are from PyTorch's, relative to the largest."""
    experiment = EXPERIMENTS[name]
    weights, rng = experiment.start(seed)
    weights = experiment.train(weights, rng=rng)
    return networks.judge(GOLDEN, name, seed, dict(zip(experiment.names, weights, strict=True)))["deviation"]
