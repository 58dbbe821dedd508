"""Ten sigmoid layers learn five digits with batch normalisation, and not without, from the same start (primer)."""

import sys

import numpy as np

from deltarule.basics.arrays import on_cpu
from deltarule.models import batch_norm, batch_norm_forward, deep_sigmoid, deep_sigmoid_forward
from deltarule.models.experiments import EXPERIMENTS
from deltarule.programs.networks_run import start

run = start(__file__, __doc__, epochs=200, alpha=0.1)
experiment = EXPERIMENTS["batch_norm_depth"]

X, D = run.to_device(*experiment.samples())
W = run.start_weights(**experiment.draw(run.rng, **experiment.shapes))
V = [a for name, a in zip(experiment.names, W, strict=True) if name[0] == "W"]  # without gamma and beta
losses = {
    "with batch normalisation": lambda: -np.log(batch_norm_forward(*W, X)[D == 1]).mean(),
    "without": lambda: -np.log(deep_sigmoid_forward(*V, X)[D == 1]).mean(),
}
for _ in run.count(measured="loss, -ln of the right class", **losses):
    W = batch_norm(*W, X, D, alpha=run.options.alpha)
    V = deep_sigmoid(*V, X, D, alpha=run.options.alpha)

y, y_plain = on_cpu(batch_norm_forward(*W, X)), on_cpu(deep_sigmoid_forward(*V, X))
rows = [["digit", "with batch normalisation", "output", "without", "output"]]
for n in range(5):
    taken = [text for outputs in (y, y_plain) for text in (str(outputs[n].argmax() + 1), f"{outputs[n, n]:.4f}")]
    rows.append([str(n + 1), *taken])


def draw(figures):
    return figures.with_and_without(run.caption, y, y_plain, run.curves, linear=run.options.linear)


holds = (y.diagonal() >= 0.9).all() and not (y_plain.diagonal() >= 0.9).any()
criterion = "every digit given to its class with at least 0.9, and without batch normalisation none"
found, weights = {"outputs": y, "outputs without": y_plain}, dict(zip(experiment.names, W, strict=True))
sys.exit(run.finish(found, rows=rows, weights=weights, holds=holds, criterion=criterion, draw=draw))
