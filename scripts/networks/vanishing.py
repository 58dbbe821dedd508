"""How much of an error arrives some steps or layers before: what is said of it, and what is (primer, RNN and LSTM)."""

import sys

import numpy as np

from deltarule import data
from deltarule.basics.arrays import on_cpu
from deltarule.models.experiments import DEPTHS, IN_DEPTH, IN_TIME, distant_steps
from deltarule.programs.networks_run import start

run = start(__file__, __doc__)
STEPS = [5, 10, 20, 29]  # before the last
SAID = {name: "arrives" if "LSTM" in name or "normalisation" in name else "lost" for name in (*IN_TIME, *IN_DEPTH)}
NOT_SO = ["RNN, 8 nodes, start 1", "LSTM, forget gate + 0"]


def shares(experiment, errors, samples, end):
    """Medians over a hundred starts of the errors, relative to the one at the end."""
    found = on_cpu(errors(*run.to_device(*experiment.drawn(run.rng, 100)), *run.to_device(*samples)))
    return np.median(found / found[:, end, None], axis=0)


times = {name: shares(*both, distant_steps(), 0) for name, both in IN_TIME.items()}
layers = {}
for name, (networks, deltas) in IN_DEPTH.items():
    layers[name] = {n: shares(network, deltas, data.digits(), -1) for n, network in networks.items()}

found = {name: share[STEPS] for name, share in times.items()}
found |= {name: np.array([share[n][0] for n in DEPTHS]) for name, share in layers.items()}
lost = {name: "lost" if x[-1] < 0.01 else "arrives" if x[-1] >= 0.01 else "not finite" for name, x in found.items()}
rows = [["share of the error", *(f"{k} steps" for k in STEPS), "said", "measured"]]
rows += [[name, *(f"{x:.2g}" for x in found[name]), SAID[name], lost[name]] for name in times]
rows.append(["share of the delta", "", *(f"{n} layers" for n in DEPTHS), "", ""])
rows += [[name, "", *(f"{x:.2g}" for x in found[name]), SAID[name], lost[name]] for name in layers]
holds = [name for name in found if SAID[name] != lost[name]] == NOT_SO
criterion = "a hundredth arrives as it is said, but for the RNN of 8 nodes and the LSTM whose forget gate has + 0"
drawn = run.caption, times, layers
sys.exit(run.finish(found, rows=rows, holds=holds, criterion=criterion, draw=lambda figures: figures.arriving(*drawn)))
